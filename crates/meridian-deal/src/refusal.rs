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
    EVIDENCE_TWICE: "deal.evidence_twice", "this has been presented before", "a thing happens once", "nothing", None;
    NOT_THEIR_WORD: "deal.not_their_word", "this participant has no standing to say so",
        "the carrier speaks of the journey, customs of the declaration", "let the right participant present it", None;
    DUTY_UNPAID: "deal.duty_unpaid", "duty, VAT or fees are not paid", "customs release waits for its money",
        "pay what is due to customs", None;
    DOCUMENT_MISSING: "deal.document_missing", "a required document has not been presented",
        "the contract's list of documents", "present it before release", None;
    CITATION_UNKNOWN: "deal.citation_unknown", "the payment cites an obligation that is not there",
        "a citation names deal and obligation", "correct the citation: deal/<id>/<name>", Some("RR09");
    NOT_DUE: "deal.not_due", "the obligation is not due", "an obligation is paid after its evidence, once, before its expiry",
        "wait for its evidence, or look at its payment", Some("RR09");
    OTHER_TERMS: "deal.other_terms", "the payment's banks or amount are not the obligation's",
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
