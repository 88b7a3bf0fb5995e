//! Why settlement refuses, in order of precedence.

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
    QUEUE_MALFORMED: "settlement.queue_malformed", "this is no queue", "banks have zero or more; payments move money between two of them",
        "correct the payment or the bank it names", None, Never;
    QUEUE_TOO_LARGE: "settlement.queue_too_large", "the payments sum to too much to be weighed together",
        "a queue's payments sum to less than 2^52 minor units", "plan the queue in parts", None, Never;
    PLAN_UNSOUND: "settlement.plan_unsound", "this plan does not settle", "each payment once, every bank ends at zero or above",
        "plan again", None, Never;
    NET_RANGE: "settlement.net_range", "a net does not fit 128 bits", "positions are sums of minor units",
        "settle what there is in two windows", None, Never;
    CALENDAR_MALFORMED: "settlement.calendar_malformed", "this is no calendar", "rows: offset, weekend, hours, cut_off, holiday",
        "correct the row", None, Never;
    NO_BUSINESS_DAY: "settlement.no_business_day", "there is no business day within sixty days", "weekends and holidays of the calendar",
        "correct the calendar", None, Never;
    CIRCUIT_UNKNOWN: "settlement.circuit_unknown", "this currency does not settle here", "a currency settles once its circuit is open",
        "open a circuit for it", Some("CURR"), SameRequest;
    WINDOW_IN_USE: "settlement.window_in_use", "payments have fallen into the open window", "a window settles by one model",
        "close the window, then change the model at once", None, SameRequest;
    WINDOW_UNKNOWN: "settlement.window_unknown", "there is no such window", "windows are numbered from 1 in each currency",
        "correct the number", None, Never;
    WINDOW_OPEN: "settlement.window_open", "the window is open", "a window is closed, then settled", "close it first", None, SameRequest;
    WINDOW_ASKED: "settlement.window_asked", "the window is settled, or its settlement is under way", "a window is settled once",
        "wait for the settlement agent's answers", None, Never;
    WINDOW_ORDER: "settlement.window_order", "an earlier window is not settled", "windows of a currency settle strictly in order",
        "settle the earlier one first", None, SameRequest;
    RTGS_CLOSED: "settlement.rtgs_closed", "the settlement agent does not work now", "hours, weekends and holidays of the circuit's calendar",
        "ask again when it opens", Some("AB01"), SameRequest;
    INSTRUCTION_UNKNOWN: "settlement.instruction_unknown", "there is no such instruction", "answers name an instruction that was sent",
        "correct the reference", Some("AG09"), Never;
    NOT_THE_AGENT: "settlement.not_the_agent", "this is not the currency's settlement agent", "only the circuit's agent answers and reports",
        "let the settlement agent answer", Some("AG01"), Never;
    ANSWERED: "settlement.answered", "the instruction is not open", "an instruction is answered once; the first answer stands",
        "if the answers differ, propose a correction", None, Never;
    WAITS_ALREADY: "settlement.waits_already", "this reference waits already", "a reference names one payment for ever",
        "wait for its outcome", Some("DU03"), Never;
    MOVES_NOTHING: "settlement.moves_nothing", "this moves no money between two participants", "amounts are above zero",
        "correct the amount or the parties", Some("AM01"), Never;
    SHORT_OF_COVER: "settlement.short_of_cover", "there is not enough cover",
        "cover is prefunded; credit of a closed window counts up to the sub-cap until it is settled",
        "fund the account, or let payments wait", Some("AM04"), SameRequest;
    NOT_ITS_TURN: "settlement.not_its_turn", "earlier payments of the same payer wait", "urgent before normal, first in first out within a class",
        "fund the account, or let this payment wait too", Some("AM04"), SameRequest;
    WAITS_NOT: "settlement.waits_not", "this payment does not wait", "only a waiting payment is released or taken back",
        "ask for its status", None, Never;
    NOT_ITS_PAYER: "settlement.not_its_payer", "only the payer of a single payment takes it back", "a matched trade waits for both",
        "let the payer ask", Some("AG01"), Never;
    PLAN_MISSING: "settlement.plan_missing", "there is no plan", "optimised releases are planned beside the hub",
        "commit a proposal made from a snapshot", None, Never;
    PLAN_STALE: "settlement.plan_stale", "the plan rests on what is gone",
        "a plan holds while no payment left the queue, no urgent one joined it and nobody has less", "plan again", None, Never;
    NOTHING_TO_RELEASE: "settlement.nothing_to_release", "nothing can be released", "every bank ends at zero or above",
        "wait for funds", None, SameRequest;
    TRADE_ONE_CURRENCY: "settlement.trade_one_currency", "both sides are in one currency", "a trade exchanges two currencies",
        "submit a payment instead", Some("AM03"), Never;
    TRADE_LATE: "settlement.trade_late", "its time is over already", "a trade waits until its own deadline",
        "state it with a later deadline", Some("TM01"), Never;
    TRADE_MISMATCH: "settlement.trade_mismatch", "the two statements differ", "both parties state the same trade, mirrored",
        "agree with the other party and state it again", None, Never;
    CORRECTION_KNOWN: "settlement.correction_known", "a correction of this reference is proposed", "a reference names one correction",
        "use another reference", None, Never;
    CORRECTION_EMPTY: "settlement.correction_empty", "it moves nothing or says not why", "a correction has an amount and a reason",
        "give both", None, Never;
    CORRECTION_UNKNOWN: "settlement.correction_unknown", "nobody has proposed this correction", "a correction is proposed, then approved",
        "propose it first", None, Never;
    CORRECTION_SAME_PERSON: "settlement.correction_same_person", "the same person proposed it", "two people correct",
        "let another person approve", None, Never;
    NOTHING_DUE: "settlement.nothing_due", "no deadline has come", "time acts on deadlines", "wait", None, AfterAMoment;
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
