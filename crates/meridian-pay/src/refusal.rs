//! Why payments are refused, in order of precedence.

use meridian_terms::{Refusal, Retry};

/// A reason: code, what happened, rule, next step, ISO external status reason, whether a retry can help.
pub(crate) type Row = (&'static str, &'static str, &'static str, &'static str, Option<&'static str>, Retry);

macro_rules! rows {
    ($($name:ident: $code:literal, $what:literal, $rule:literal, $next:literal, $iso:expr, $retry:ident;)*) => {
        $(pub(crate) const $name: Row = ($code, $what, $rule, $next, $iso, Retry::$retry);)*
        /// Every code of this crate, in order of precedence, with what it says and the ISO reason.
        pub const CODES: &[(&str, &str, &str, Option<&str>)] = &[$(($code, $what, $next, $iso)),*];
    };
}

rows! {
    KNOWN: "pay.known", "this payment came before in another message", "a payment is re-sent in the message it came in",
        "re-send the first message to hear its status again", Some("DU03"), Never;
    OTHER_CONTENT: "pay.other_content", "another payment has this UETR", "a UETR names one payment for ever",
        "use a new UETR for a new payment", Some("DU03"), Never;
    MESSAGE_ID_REUSED: "pay.message_id_reused", "something else came in a message of this id",
        "a message id names one message", "use a new message id", Some("DU01"), Never;
    UNKNOWN_PARTICIPANT: "pay.unknown_participant", "no participant has this BIC", "only admitted participants take part",
        "correct the BIC, or ask the operator to admit the participant", Some("AGNT"), Never;
    WRONG_ROLE: "pay.wrong_role", "this participant has another role", "roles are fixed at admission",
        "let the right participant ask", Some("AGNT"), Never;
    SUSPENDED: "pay.suspended", "a participant is suspended", "a suspended participant starts nothing new",
        "wait until the operator lifts the suspension", Some("AG11"), SameRequest;
    LINK_SHUT: "pay.link_shut", "the link between the countries is shut",
        "a link opens only when two people cite an instrument in force",
        "ask the operator to open the link on a legal instrument", Some("AG01"), SameRequest;
    SCREENING_UNAVAILABLE: "pay.screening_unavailable", "no screening verdict under the list in force",
        "screening fails closed", "send it again after a moment", Some("AB08"), AfterAMoment;
    SCREENING_STALE: "pay.screening_stale", "the screening verdict is of another list than the one in force",
        "screening fails closed", "send it again: it will be screened under the new list", Some("AB08"), AfterAMoment;
    NOT_PROCESSED: "pay.not_processed", "the payment is not processed", "not disclosed",
        "ask the hub with the reference; send it again in a new message when the hub says so", Some("MS03"), SameRequest;
    TOO_OLD: "pay.too_old", "the acceptance time lies too far back", "settings: oldest acceptance",
        "accept it from the debtor again and send it at once", Some("TM01"), Never;
    PURPOSE_MISSING: "pay.purpose_missing", "the payment names no purpose", "the country's eligible purposes",
        "give the ISO purpose code", Some("RR05"), Never;
    PURPOSE_NOT_ELIGIBLE: "pay.purpose_not_eligible", "the country does not let this purpose pass",
        "the country's eligible purposes", "ask the operator which purposes are eligible", Some("AG01"), Never;
    DOCUMENT_MISSING: "pay.document_missing", "the payment cites no deal, invoice or declaration",
        "the country's eligible purposes", "cite the document it pays", Some("RR05"), Never;
    BELOW_LEAST: "pay.below_least", "the amount is too low", "the country's eligible purposes and fees",
        "send more", Some("AM06"), Never;
    ABOVE_MOST: "pay.above_most", "the amount is above what the country lets pass at once",
        "the country's eligible purposes", "send less", Some("AM02"), Never;
    AMOUNT_NOT_POSITIVE: "pay.amount_not_positive", "the amount is not above zero", "a payment moves money",
        "send an amount above zero", Some("AM01"), Never;
    QUOTE_MISSING: "pay.quote_missing", "a payment across currencies needs a quote", "rates are binding before money moves",
        "ask for quotes first", Some("AB04"), Never;
    QUOTE_UNKNOWN: "pay.quote_unknown", "there is no such quote", "rates are binding before money moves",
        "ask for quotes again", Some("AB04"), Never;
    QUOTE_OTHER_AGENT: "pay.quote_other_agent", "the quote was given to another agent", "a quote binds towards one agent",
        "ask for a quote of your own", Some("AB04"), Never;
    QUOTE_USED: "pay.quote_used", "the quote was used by another payment", "a quote is good for one payment",
        "ask for quotes again", Some("AB04"), Never;
    QUOTE_EXPIRED: "pay.quote_expired", "QUOTE_EXPIRED: the quote no longer binds", "settings: life of a quote",
        "ask for quotes again and send it in a new message", Some("AB04"), SameRequest;
    QUOTE_MISMATCH: "pay.quote_mismatch", "RATE_MISMATCH: the amounts are not those quoted",
        "a payment carries the quoted amounts", "send the amounts of the quote", Some("AB04"), Never;
    QUOTE_NEEDLESS: "pay.quote_needless", "a payment within one currency has two equal amounts and no quote",
        "conversion happens only at a quote", "send the same amount on both sides", Some("AM03"), Never;
    INTERMEDIARY_OTHER: "pay.intermediary_other", "the settlement access agents are not the provider's",
        "a provider names the agents it keeps its money with", "leave them out, or name those of the quote", Some("RC11"), Never;
    CAP_EXCEEDED: "pay.cap_exceeded", "a cap would be exceeded", "caps hold for what is reserved and committed",
        "send less, or wait for the next window", Some("AM23"), SameRequest;
    NO_RATE: "pay.no_rate", "no provider quotes this pair for this amount", "only published rates are quoted",
        "ask for another amount or pair, or later", Some("CURR"), SameRequest;
    RATE_ARBITRAGE: "pay.rate_arbitrage", "the rates would let money grow in a circle",
        "a provider's rates are consistent round every loop", "correct this rate or the others of the loop", None, Never;
    RATE_NOT_POSITIVE: "pay.rate_not_positive", "the rate is not above zero", "a rate exchanges money for money",
        "publish a rate above zero", None, Never;
    REQUEST_REUSED: "pay.request_reused", "another request for quotes had this id", "an id names one request",
        "use a new id for a new request", Some("DU01"), Never;
    PROXY_TAKEN: "pay.proxy_taken", "another agent has entered this proxy", "a proxy stands for one account",
        "let the agent that entered it take it out first", Some("DUPL"), Never;
    PROXY_UNKNOWN: "pay.proxy_unknown", "nobody has entered this proxy", "a proxy is entered by the account's agent",
        "correct it, or let the account's agent enter it", Some("BE23"), Never;
    RESOLUTION_UNKNOWN: "pay.resolution_unknown", "no question has this id", "an answer names the question (OrgnlId)",
        "copy Vrfctn/Id of the acmt.023", Some("AG09"), Never;
    RESOLUTION_ANSWERED: "pay.resolution_answered", "the question was answered before", "one answer, in time",
        "nothing: the first answer, or the deadline, stands", None, Never;
    UNKNOWN_PAYMENT: "pay.unknown_payment", "no payment has this UETR", "answers name a payment received",
        "correct the UETR; a payment never received is answered AG09", Some("AG09"), Never;
    NOT_YOURS: "pay.not_yours", "this payment is between other agents", "only its own agents act on a payment",
        "let the right agent act", Some("AG01"), Never;
    WRONG_STAGE: "pay.wrong_stage", "the payment is not at the stage for this", "the life of a payment, in the crate's picture",
        "ask for its status", None, Never;
    HIGH_FORBIDS_ACWP: "pay.high_forbids_acwp", "a HIGH payment is accepted or rejected at once",
        "HIGH forbids ACWP", "answer ACCC or RJCT", Some("TM01"), Never;
    NOT_OVERDUE: "pay.not_overdue", "the creditor agent may still answer", "operators conclude only what every chase has left unanswered",
        "wait for the chases to end", None, AfterAMoment;
    TWO_PEOPLE: "pay.two_people", "two different people and their evidence are needed", "nobody moves money alone",
        "let two people sign, with the reference of what shows it", None, Never;
    REVERSAL_NOT_AGREED: "pay.reversal_not_agreed", "the provider has not agreed to the original rate",
        "a return goes at a quote, or at the original rate where the provider agrees", "ask for a quote for the way back", Some("AB04"), Never;
    NO_ACCOUNT: "pay.no_account", "there is no such account", "participants have accounts in the currencies they were admitted with",
        "ask for a currency of your own", Some("AC01"), Never;
    LINK_SAME_PERSON: "pay.link_same_person", "the same person proposed it", "two people open a link",
        "let another person approve", None, Never;
    LINK_UNKNOWN: "pay.link_unknown", "nobody has proposed this link", "a link is proposed, then approved",
        "propose it first, citing an instrument", None, Never;
    LINK_INSTRUMENT: "pay.link_instrument", "no instrument is cited", "a link rests on a cited instrument",
        "cite the treaty, agreement or decision", None, Never;
    LINK_ENDED: "pay.link_ended", "the instrument is no longer in force", "a link rests on an instrument in force",
        "propose it again on an instrument in force", None, Never;
    PARTICIPANT_EXISTS: "pay.participant_exists", "a participant with this BIC is admitted", "a BIC names one participant",
        "use another BIC", None, Never;
    NO_SUCH_MESSAGE: "pay.no_such_message", "there is no message of this number yet",
        "a mailbox is acknowledged as far as it reaches", "acknowledge what was fetched", None, Never;
}

/// The refusal of a row, with the actual values.
pub(crate) fn refuse(row: Row, detail: impl Into<String>) -> Refusal {
    let (code, what, rule, next, iso, retry) = row;
    let detail = detail.into();
    let what = if detail.is_empty() { what.to_owned() } else { format!("{what}: {detail}") };
    let refusal = Refusal::new(code, what).rule(rule).next(next).retry(retry);
    match iso {
        Some(iso) => refusal.iso(iso),
        None => refusal,
    }
}
