//! Why cards are refused, in order of precedence, and what field 39 then says.

use meridian_terms::{Refusal, Retry};

use crate::Response;

/// A reason: code, what happened, rule, next step, field 39 where a switch is answered, whether a retry can help.
pub(crate) type Row = (&'static str, &'static str, &'static str, &'static str, Option<&'static str>, Retry);

macro_rules! rows {
    ($($name:ident: $code:literal, $what:literal, $rule:literal, $next:literal, $response:expr, $retry:ident;)*) => {
        $(pub(crate) const $name: Row = ($code, $what, $rule, $next, $response, Retry::$retry);)*
        /// Every code of this crate, in order of precedence, with what it says and the response code a switch gets.
        pub const CODES: &[(&str, &str, &str, Option<&str>)] = &[$(($code, $what, $next, $response)),*];
    };
}

rows! {
    KNOWN: "cards.known", "this request was answered", "fields 7, 11, 32, 37 and 41 name one transaction",
        "take the answer it had", None, Never;
    IN_PROGRESS: "cards.in_progress", "this request is with the issuer", "fields 7, 11, 32, 37 and 41 name one transaction",
        "wait for the answer", Some("09"), AfterAMoment;
    OTHER_CONTENT: "cards.other_content", "another transaction has this name",
        "fields 7, 11, 32, 37 and 41 name one transaction", "use a new trace number", Some("94"), Never;
    TABLE_STALE: "cards.table_stale", "the route is of another routing table than the one in force",
        "a route is taken under the table in force", "route it again", Some("96"), AfterAMoment;
    UNKNOWN_SCHEME: "cards.unknown_scheme", "no scheme has this name", "only admitted schemes take part",
        "correct the name, or ask the operator to admit it", Some("92"), Never;
    REVERSED_BEFORE: "cards.reversed_before", "its reversal came before it", "what was reversed does not happen",
        "start a new transaction", Some("12"), Never;
    WRONG_INSTITUTION: "cards.wrong_institution", "the link does not speak for this acquirer",
        "a scheme's institutions are fixed at admission", "send it on its own scheme's link", Some("58"), Never;
    SUSPENDED: "cards.suspended", "a scheme is suspended", "a suspended scheme starts nothing new",
        "wait until the operator lifts the suspension", Some("91"), SameRequest;
    STOPPED: "cards.stopped", "card, merchant or institution is stopped", "the operator's stop list",
        "contact the hub's compliance desk with the retrieval reference", Some("62"), SameRequest;
    UNKNOWN_CARD: "cards.unknown_card", "no issuer for the card", "the routing table in force",
        "let the issuing scheme supply its ranges", Some("15"), SameRequest;
    AMBIGUOUS_CARD: "cards.ambiguous_card", "two issuers claim the card", "the hub does not guess",
        "let the schemes agree on their ranges", Some("92"), SameRequest;
    EXPIRED_RANGE: "cards.expired_range", "the card's range is not in use", "the routing table in force",
        "let the issuing scheme supply its ranges", Some("15"), SameRequest;
    INVALID_CARD: "cards.invalid_card", "the card number is wrong", "the range's lengths and check digit",
        "correct the number", Some("14"), Never;
    ON_US: "cards.on_us", "the card is of the acquirer's own scheme", "what is at home stays at home",
        "answer it in the own scheme", Some("92"), Never;
    LINK_SHUT: "cards.link_shut", "the link between the schemes is shut for this service",
        "a link opens only when two people cite an instrument in force",
        "ask the operator to open the link on a legal instrument", Some("57"), SameRequest;
    INVALID_AMOUNT: "cards.invalid_amount", "the amount does not fit", "money moves above zero, inquiries move none",
        "correct the amount", Some("13"), Never;
    NO_RATE: "cards.no_rate", "no rate is in force for the currencies", "amounts convert at dated rates only",
        "wait until a rate is published", Some("96"), SameRequest;
    ISSUER_DOWN: "cards.issuer_down", "the issuer's switch is not signed on", "settings: stand-in rules of the range",
        "try again later", Some("91"), SameRequest;
    STAND_IN_LIMIT: "cards.stand_in_limit", "the stand-in rules do not allow it", "the issuer's stand-in rules",
        "try again when the issuer's switch is back", Some("61"), SameRequest;
    MONEY: "cards.money", "the ledger refuses", "net debit caps hold for what is reserved and posted",
        "raise the cap, or settle first", Some("91"), SameRequest;
    UNKNOWN_TRANSACTION: "cards.unknown_transaction", "no transaction has this name", "answers name what was asked",
        "correct fields 7, 11, 32, 37 and 41", Some("25"), Never;
    NOT_YOURS: "cards.not_yours", "this transaction is between other schemes", "only its own schemes act on a transaction",
        "let the right scheme act", Some("25"), Never;
    ALREADY_ANSWERED: "cards.already_answered", "the issuer has answered this before", "the first answer counts",
        "nothing", None, Never;
    NOTHING_TO_REVERSE: "cards.nothing_to_reverse", "the transaction does not stand", "only what stands is reversed",
        "nothing", Some("21"), Never;
    ALREADY_REVERSED: "cards.already_reversed", "it is reversed so far already", "a reversal counts once",
        "nothing", Some("00"), Never;
    NOT_HELD: "cards.not_held", "nothing is held for it", "only what is held is completed",
        "check the original data elements", Some("25"), Never;
    NO_ADVICE: "cards.no_advice", "no such advice is waiting", "an advice is acknowledged once", "nothing", None, Never;
    APPROVAL_DIFFERS: "cards.approval_differs", "the approval code is another", "a record carries the code it was given",
        "correct the record", None, Never;
    OVER_AMOUNT: "cards.over_amount", "more than is held", "completion is for at most what was approved",
        "ask for the difference in a new transaction", Some("13"), Never;
    PRESENTED_BEFORE: "cards.presented_before", "it was presented before", "a transaction is presented once",
        "nothing", None, Never;
    SAME_SESSION: "cards.same_session", "the session is so already", "a session comes and goes", "nothing", None, Never;
    DAY_OPEN: "cards.day_open", "answers or advices of the day are under way", "a day is compared when nothing of it is under way",
        "ask again after a moment", Some("09"), AfterAMoment;
    SETTLED_BEFORE: "cards.settled_before", "this window was settled", "a window settles once", "nothing", None, Never;
    DISPUTE_STEP: "cards.dispute_step", "the dispute is not at the stage for this",
        "the life of a dispute, in the crate's picture", "look at the dispute", None, Never;
    CAP_BELOW_USE: "cards.cap_below_use", "the cap would be below what is used", "net debit caps hold at every moment",
        "settle first, or set a higher cap", None, SameRequest;
    LINK_SAME_PERSON: "cards.link_same_person", "the same person proposed it", "two people open a link",
        "let another person approve", None, Never;
    LINK_UNKNOWN: "cards.link_unknown", "nobody has proposed this link", "a link is proposed, then approved",
        "propose it first, citing an instrument", None, Never;
    LINK_INSTRUMENT: "cards.link_instrument", "no instrument is cited", "a link rests on a cited instrument",
        "cite the treaty, agreement or decision", None, Never;
    RANGE: "cards.range", "this is no range", "a prefix is 6 to 11 digits, a number 12 to 19, a range stands once from a day",
        "correct the table", None, Never;
    RATE_NOT_POSITIVE: "cards.rate_not_positive", "the rate is not above zero", "a rate exchanges money for money",
        "publish a rate above zero", None, Never;
    UNKNOWN_PROVIDER: "cards.unknown_provider", "no provider has this name", "only admitted providers give rates",
        "admit the provider first", None, Never;
}

/// The refusal of a row, with the actual values.
pub(crate) fn refuse(row: Row, detail: impl Into<String>) -> Refusal {
    let (code, what, rule, next, _, retry) = row;
    let detail = detail.into();
    let what = if detail.is_empty() { what.to_owned() } else { format!("{what}: {detail}") };
    Refusal::new(code, what).rule(rule).next(next).retry(retry)
}

/// What a switch is answered (field 39) when it is refused so: the row's response, 96 where it has none.
#[must_use]
pub fn response_to(refusal: &Refusal) -> Response {
    let row = CODES.iter().find(|(code, ..)| *code == refusal.code);
    row.and_then(|(.., response)| response.and_then(Response::parse)).unwrap_or(Response::MALFUNCTION)
}
