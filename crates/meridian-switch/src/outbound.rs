//! Events to ISO 8583.

use meridian_cards::{
    Advice, AdviceKind, Flow, Opening, Outcome, Request, Response, Role, Totals, Transaction, conversion_rate,
};
use meridian_iso8583::{Draft, Message};
use meridian_terms::{Currency, Day, Moment, Money};

use crate::ResponseMap;
use crate::inbound::only;

/// What passes from acquirer to issuer as it is. Private fields do not: they mean other things there.
const PASSED: [u16; 28] = [
    2, 3, 4, 7, 11, 12, 13, 14, 18, 19, 22, 23, 25, 26, 32, 35, 37, 41, 42, 43, 45, 49, 53, 54, 55, 102, 103,
    104,
];

/// Field 7: month, day and time in UTC.
pub(crate) fn transmission(at: Moment) -> String {
    let day = at.day();
    let seconds = at.since(day.start()).0 / 1_000_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{:02}{:02}{hours:02}{minutes:02}{:02}", day.month(), day.of_month(), seconds % 60)
}

/// Fields 15 and 16.
pub(crate) fn month_day(day: Day) -> String {
    format!("{:02}{:02}", day.month(), day.of_month())
}

fn n12(amount: Money) -> String {
    format!("{:012}", amount.minor())
}

fn number(currency: Currency) -> String {
    format!("{:03}", currency.number())
}

/// The request as the issuer gets it: settlement and billing amounts with their rates, the hub as forwarder. The PIN
/// block is set by who can translate it.
pub(crate) fn request(message: &Message<'_>, opening: &Opening, hub: &str) -> Draft {
    let draft = only(message, &PASSED).with_mti(message.mti().as_str());
    settlement(draft, opening).set(33, hub).set(100, opening.institution.as_str())
}

fn settlement(draft: Draft, opening: &Opening) -> Draft {
    let draft = draft.set(15, month_day(opening.day));
    if opening.bill.is_nothing() {
        return draft;
    }
    amounts(draft, &opening.bill.amounts, opening.at.day())
}

fn amounts(draft: Draft, amounts: &meridian_cards::Amounts, rated: Day) -> Draft {
    let mut draft = draft
        .set(5, n12(amounts.issuer))
        .set(50, number(amounts.issuer.currency()))
        .set(6, n12(amounts.billing))
        .set(51, number(amounts.billing.currency()));
    let rates = [(9, &amounts.settlement_rate), (10, &amounts.billing_rate)];
    for (field, rate) in rates {
        if let Some(written) = conversion_rate(rate) {
            draft = draft.set(field, written);
        }
    }
    draft.set(16, month_day(rated))
}

/// What a request's answer says: response, approval code, day, and what the acquirer gets.
pub(crate) fn outcome(
    answer: Draft,
    outcome: &Outcome,
    opening: Option<&Opening>,
    map: &ResponseMap,
) -> Draft {
    let mut answer = answer.set(39, map.outgoing(outcome.response));
    if !outcome.approval.is_empty() {
        answer = answer.set(38, format!("{:<6}", outcome.approval));
    }
    if let Some(opening) = opening {
        let amounts = &opening.bill.amounts;
        answer = answer.set(15, month_day(opening.day));
        if amounts.acquirer != amounts.transaction {
            answer = answer.set(5, n12(amounts.acquirer)).set(50, number(amounts.acquirer.currency()));
        }
    }
    answer
}

/// The answer to a request of which only the book still knows: after a restart.
pub(crate) fn answer_from_book(request: &Request) -> Draft {
    let mti = match request.flow {
        Flow::Single => "0210",
        Flow::Dual => "0110",
    };
    keys(Draft::new(mti), request)
        .set(3, request.processing_code.as_str())
        .set(4, n12(request.amount))
        .set(49, number(request.amount.currency()))
}

fn keys(draft: Draft, request: &Request) -> Draft {
    let key = &request.key;
    let mut draft =
        draft.set(7, key.sent.as_str()).set(11, format!("{:06}", key.stan)).set(32, key.institution.as_str());
    for (field, width, value) in [
        (37, 12, &key.rrn),
        (41, 8, &key.terminal),
        (42, 15, &request.acceptor),
        (43, 40, &request.acceptor_name),
    ] {
        if !value.is_empty() {
            draft = draft.set(field, format!("{value:<width$}"));
        }
    }
    let plain = [
        (12, &request.local_time),
        (13, &request.local_date),
        (18, &request.category),
        (22, &request.entry_mode),
        (25, &request.condition),
    ];
    for (field, value) in plain {
        if !value.is_empty() {
            draft = draft.set(field, value.as_str());
        }
    }
    draft
}

/// An advice to an issuer. Its trace number is its number in the queue, so that the acknowledgement finds it again, also
/// after a restart. `account` is the card number where the switch still has it.
pub(crate) fn advice(
    advice: &Advice,
    transaction: &Transaction,
    account: Option<&str>,
    is_repeat: bool,
    hub: &str,
    now: Moment,
) -> Option<Draft> {
    let (request, opening) = (transaction.request.as_ref()?, transaction.opening.as_ref()?);
    let original_class = if request.flow == Flow::Single { '2' } else { '1' };
    let class = match &advice.kind {
        AdviceKind::Reversal { .. } => '4',
        AdviceKind::Approved => original_class,
        AdviceKind::Completed => '2',
    };
    let mti = format!("0{class}2{}", u8::from(is_repeat));
    let mut draft = keys(Draft::new(&mti), request)
        .set(3, request.processing_code.as_str())
        .set(7, transmission(now))
        .set(11, format!("{:06}", trace_number(advice.number)))
        .set(33, hub)
        .set(49, number(request.amount.currency()))
        .set(100, opening.institution.as_str());
    if let Some(account) = account {
        draft = draft.set(2, account);
    }
    let key = &request.key;
    let elements =
        format!("0{original_class}00{:06}{:0>10}{:0>11}{:0>11}", key.stan, key.sent, key.institution, hub);
    draft = draft.set(90, elements);
    let bill = match &advice.kind {
        AdviceKind::Reversal { remaining: None, .. } => opening.bill,
        // A partial reversal carries the whole amount and, in field 95, what still stands.
        AdviceKind::Reversal { remaining: Some(remaining), .. } => {
            let stands = &remaining.amounts;
            draft = draft.set(95, format!("{}{}{:0>18}", n12(stands.transaction), n12(stands.issuer), 0));
            opening.bill
        }
        _ => advice.bill,
    };
    draft = amounts(draft.set(4, n12(bill.amounts.transaction)), &bill.amounts, opening.at.day());
    if let Some(outcome) = transaction.outcome.as_ref().filter(|outcome| !outcome.approval.is_empty()) {
        draft = draft.set(38, format!("{:<6}", outcome.approval));
    }
    Some(draft.set(15, month_day(advice.day)))
}

/// The trace number of an advice.
pub(crate) const fn trace_number(advice: u64) -> u64 {
    advice % 1_000_000
}

/// Our totals in the answer to a reconciliation, with the verdict in field 66: 1 in balance, 2 out of balance.
pub(crate) fn reconciliation(answer: Draft, ours: &Totals, is_equal: bool, role: Role) -> Draft {
    totals(answer, ours, role).set(66, if is_equal { "1" } else { "2" })
}

/// Fields 74 to 81, 86 to 89 and 97. The net is a credit (C) to whoever is to get it.
pub(crate) fn totals(draft: Draft, totals: &Totals, role: Role) -> Draft {
    let net = match role {
        Role::Acquirer => totals.net(),
        Role::Issuer => -totals.net(),
    };
    let counts = [
        (74, totals.credits.count),
        (75, totals.credit_reversals.count),
        (76, totals.debits.count),
        (77, totals.debit_reversals.count),
        (78, 0),
        (79, 0),
        (80, totals.inquiries),
        (81, totals.authorisations),
    ];
    let amounts = [
        (86, totals.credits.amount),
        (87, totals.credit_reversals.amount),
        (88, totals.debits.amount),
        (89, totals.debit_reversals.amount),
    ];
    let draft =
        counts.into_iter().fold(draft, |draft, (field, count)| draft.set(field, format!("{count:010}")));
    let draft = amounts.into_iter().fold(draft, |draft, (field, sum)| draft.set(field, format!("{sum:016}")));
    draft.set(97, format!("{}{:016}", if net < 0 { 'D' } else { 'C' }, net.abs()))
}

/// A network management message (0800) with this information code in field 70.
pub(crate) fn network(code: &str, stan: u64, now: Moment) -> Draft {
    Draft::new("0800").set(7, transmission(now)).set(11, format!("{:06}", stan % 1_000_000)).set(70, code)
}

/// What of the issuer's answer passes on to the acquirer: additional response data, balances, chip data.
pub(crate) const FROM_ISSUER: [u16; 3] = [44, 54, 55];

/// What a refused message's answer says.
pub(crate) fn refused(answer: Draft, response: Response, map: &ResponseMap) -> Draft {
    answer.set(39, map.outgoing(response))
}
