//! Why deals refuse, in order of precedence.

use meridian_terms::Refusal;

pub(crate) type Row = (&'static str, &'static str, &'static str, &'static str, Option<&'static str>);

macro_rules! rows {
    ($($name:ident: $code:literal, $what:literal, $rule:literal, $next:literal, $iso:expr;)*) => {
        $(pub(crate) const $name: Row = ($code, $what, $rule, $next, $iso);)*
        /// Every code of this crate, in order of precedence, with what it says, the next step and the ISO reason.
        pub const CODES: &[(&str, &str, &str, Option<&str>)] = &[$(($code, $what, $next, $iso)),*];
    };
}

rows! {
    EXISTS: "deal.exists", "a deal has this id", "an id names one deal", "choose another id", None;
    UNKNOWN: "deal.unknown", "no deal has this id", "commands name a deal signed before", "correct the id", None;
    WRONG_STAGE: "deal.wrong_stage", "the deal is not at the stage for this", "the picture of the crate",
        "look at the deal's timeline", None;
    NOT_CLEAR: "deal.not_clear", "a party, bank, carrier or vessel is not clear", "only clear passes",
        "replace it, or let compliance decide the case", Some("RR04");
    STALE_LIST: "deal.stale_list", "somebody was screened under another list than the one in force",
        "screening fails closed", "screen again", Some("RR04");
    NOT_SCREENED: "deal.not_screened", "somebody in the contract was not screened", "screening fails closed",
        "screen every name of the contract", Some("RR04");
    PRICE: "deal.price", "the goods' values do not add up to the price", "a contract adds up", "correct the values", None;
    GOODS_SUM: "deal.goods_sum", "the obligations for goods do not add up to the price", "a price is paid once",
        "correct the payment plan", None;
    NAME_TWICE: "deal.name_twice", "two obligations have one name", "a payment cites one obligation",
        "name them differently", None;
    NOT_CONTROLLED: "deal.not_controlled", "the controls of one side have not been asked about the goods, or refuse them",
        "goods control fails closed", "ask the controls of both sides; supply the licence or certificate they name", Some("RR04");
    UNDERTAKING_EXISTS: "deal.undertaking_exists", "an undertaking of this deal has this id", "an id names one undertaking",
        "choose another id", None;
    UNDERTAKING_UNKNOWN: "deal.undertaking_unknown", "the deal has no such undertaking", "what backs an obligation was issued before",
        "let the bank issue it first", None;
    UNDERTAKING_LIMIT: "deal.undertaking_limit", "the undertaking does not cover what it is to back",
        "limit, currency and expiry cover every obligation it backs", "raise or prolong it, or back less", None;
    UNDERTAKING_FORM: "deal.undertaking_form", "an undertaking of this form is not used so",
        "credits are drawn by documents, standbys and guarantees by demand, promises by the evidence", "see the undertaking's form", None;
    UNDERTAKING_STANDING: "deal.undertaking_standing", "the undertaking is not where this can happen",
        "UCP 600, articles 14 to 16", "look at the undertaking", None;
    NOT_DEMANDABLE: "deal.not_demandable", "the obligation is not due and unpaid past its grace, or the undertaking does not back it",
        "a demand states that the applicant has failed to pay", "wait, or look at its payment", None;
    EVIDENCE_TWICE: "deal.evidence_twice", "this has been presented before", "a thing happens once", "nothing", None;
    LOST: "deal.lost", "the goods were reported lost", "what is lost travels no further", "nothing", None;
    TOO_EARLY: "deal.too_early", "the goods were not loaded yet", "a journey begins with loading", "present the loading first", None;
    NOT_THEIR_WORD: "deal.not_their_word", "this participant has no standing to say so",
        "the carrier speaks of the journey, customs of the declaration", "let the right participant present it", None;
    CUSTOMS_STANDING: "deal.customs_standing", "the declaration is not where this can happen", "the picture of customs.rs",
        "look at the declaration", None;
    CHARGE_CURRENCY: "deal.charge_currency", "a charge is not owed to customs, or in another currency than its like",
        "duty, excise, VAT and fees in the importing country's currency", "correct the charges", None;
    DUTY_UNPAID: "deal.duty_unpaid", "duty, VAT or fees are not paid", "customs release waits for its money or a guarantee",
        "pay what is due to customs, or secure it by a guarantee", None;
    DOCUMENT_MISSING: "deal.document_missing", "a required document has not been presented",
        "the contract's list of documents", "present it before release", None;
    NOTHING_SHORT: "deal.nothing_short", "nothing is missing of this line", "a short delivery is less than was sold",
        "correct the line or the quantity", None;
    NO_DISPUTE: "deal.no_dispute", "there is no such dispute or offer", "one side offers, the other agrees", "look at the deal", None;
    IN_FLIGHT: "deal.in_flight", "a payment for the goods is on its way", "money is counted when it has arrived or not",
        "say it again after a moment", None;
    CITATION_UNKNOWN: "deal.citation_unknown", "the payment cites an obligation that is not there",
        "a citation names deal and obligation", "correct the citation: deal/<id>/<name>", Some("RR09");
    NOT_DUE: "deal.not_due", "the obligation is not due", "an obligation is paid after its evidence, once, before its expiry",
        "wait for its evidence, or look at its payment", Some("RR09");
    DISPUTED: "deal.disputed", "the goods are disputed", "nothing is paid for goods in dispute", "wait until both sides agree",
        Some("RR09");
    OTHER_TERMS: "deal.other_terms", "the payment's banks, account or amount are not the obligation's",
        "a payout pays exactly what is owed to whom it is owed", "send exactly the obligation's terms", Some("AM09");
}

pub(crate) fn refuse(row: Row, detail: impl Into<String>) -> Refusal {
    let (code, what, rule, next, iso) = row;
    let detail = detail.into();
    let what = if detail.is_empty() { what.to_owned() } else { format!("{what}: {detail}") };
    let refusal = Refusal::new(code, what).rule(rule).next(next);
    match iso {
        Some(iso) => refusal.iso(iso),
        None => refusal,
    }
}
