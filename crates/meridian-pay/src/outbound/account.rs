//! What is said about accounts: acmt.023 and acmt.024, camt.052, camt.053 and camt.054.

use meridian_iso20022::Draft;
use meridian_terms::{Bic, Currency, Money, Uetr};

use super::{Head, account_at, iso_moment, short, start};
use crate::{Booking, Outcome, Report, ResolutionId, ResolutionRequest};

fn blank(message: &str) -> Draft {
    Draft::new(message).unwrap_or_else(|| panic!("the tables have no {message}"))
}

/// `Assgnmt` of the acmt messages: the hub passes on in its own name.
fn assigned(message: &str, body: &str, head: &Head<'_>) -> Draft {
    let mut draft = blank(message);
    draft.set(&format!("{body}/Assgnmt/MsgId"), short(&head.message_id));
    draft.set(&format!("{body}/Assgnmt/CreDtTm"), iso_moment(head.at));
    draft.set(&format!("{body}/Assgnmt/Assgnr/Agt/FinInstnId/BICFI"), head.hub);
    draft.set(&format!("{body}/Assgnmt/Assgne/Agt/FinInstnId/BICFI"), head.to.as_str());
    draft
}

/// To the account's agent: is it there, and whose is it? The name asked about is not told: the agent says whose the
/// account is, and the hub compares.
pub(super) fn acmt023(
    head: &Head<'_>,
    id: ResolutionId,
    request: &ResolutionRequest,
    account: &str,
) -> Draft {
    let mut draft = assigned("acmt.023.001.03", "IdVrfctnReq", head);
    draft.set("IdVrfctnReq/Vrfctn/Id", id.to_string());
    account_at(&mut draft, "IdVrfctnReq/Vrfctn/PtyAndAcctId/Acct", account);
    draft.set("IdVrfctnReq/Vrfctn/PtyAndAcctId/Agt/FinInstnId/BICFI", head.to.as_str());
    draft.set("IdVrfctnReq/Assgnmt/Cretr/Agt/FinInstnId/BICFI", request.by.as_str());
    draft
}

/// To whoever asked: verified or not, and why; the name as it may be seen, the account behind a proxy.
pub(super) fn acmt024(
    head: &Head<'_>,
    request: &ResolutionRequest,
    agent: Option<&Bic>,
    account: &str,
    outcome: &Outcome,
) -> Draft {
    let mut draft = assigned("acmt.024.001.03", "IdVrfctnRpt", head);
    draft.set("IdVrfctnRpt/OrgnlAssgnmt/MsgId", &request.message_id);
    draft.set("IdVrfctnRpt/Rpt/OrgnlId", &request.reference);
    draft.set("IdVrfctnRpt/Rpt/Vrfctn", if outcome.is_verified { "true" } else { "false" });
    draft.set_some("IdVrfctnRpt/Rpt/Rsn/Cd", outcome.reason.as_deref());
    if outcome.is_verified {
        let known = "IdVrfctnRpt/Rpt/UpdtdPtyAndAcctId";
        draft.set_some(&format!("{known}/Pty/Nm"), outcome.name.as_deref());
        account_at(&mut draft, &format!("{known}/Acct"), account);
        draft.set_some(&format!("{known}/Agt/FinInstnId/BICFI"), agent.map(Bic::as_str));
    }
    draft
}

pub(super) fn camt054(
    head: &Head<'_>,
    holder: &str,
    uetr: Option<Uetr>,
    amount: Money,
    reference: &str,
) -> Draft {
    let mut draft = start("camt.054.001.08", head, "BkToCstmrDbtCdtNtfctn");
    let within = |path: &str| format!("BkToCstmrDbtCdtNtfctn/Ntfctn/{path}");
    draft.set(&within("Id"), short(&head.message_id));
    named(&mut draft, &within("Acct"), holder, amount.currency());
    entry(&mut draft, &within("Ntry"), uetr, amount, reference, head.at);
    draft
}

/// camt.053 for a day that is over, camt.052 for the day so far.
pub(super) fn camt05x(head: &Head<'_>, report: &Report) -> Draft {
    let (message, body, one, pages) = if report.is_statement {
        ("camt.053.001.08", "BkToCstmrStmt", "Stmt", "StmtPgntn")
    } else {
        ("camt.052.001.08", "BkToCstmrAcctRpt", "Rpt", "RptPgntn")
    };
    let mut draft = start(message, head, body);
    let within = |path: &str| format!("{body}/{one}/{path}");
    draft.set(&within("Id"), short(&head.message_id));
    draft.set(&within(&format!("{pages}/PgNb")), report.page.to_string());
    draft.set(&within(&format!("{pages}/LastPgInd")), if report.is_last { "true" } else { "false" });
    draft.set(&within("CreDtTm"), iso_moment(head.at));
    draft.set(&within("FrToDt/FrDtTm"), iso_moment(report.from));
    draft.set(&within("FrToDt/ToDtTm"), iso_moment(report.until));
    named(&mut draft, &within("Acct"), &report.holder, report.currency);
    let balances = if report.is_statement {
        vec![("OPBD", report.opening, report.from), ("CLBD", report.closing, report.until)]
    } else {
        vec![
            ("OPBD", report.opening, report.from),
            ("ITBD", report.closing, report.until),
            ("ITAV", report.available, report.until),
        ]
    };
    for (number, (kind, minor, at)) in balances.into_iter().enumerate() {
        let balance = |path: &str| within(&format!("Bal[{}]/{path}", number + 1));
        draft.set(&balance("Tp/CdOrPrtry/Cd"), kind);
        signed(&mut draft, &balance("Amt"), &balance("CdtDbtInd"), Money::new(minor, report.currency));
        // A closing balance is of the day that has ended, not of the first moment of the next.
        let at = if kind == "CLBD" { at.minus(meridian_terms::Micros(1)) } else { at };
        draft.set(&balance("Dt/DtTm"), iso_moment(at));
    }
    for (number, booking) in report.bookings.iter().enumerate() {
        let Booking { at, minor, uetr, reference } = booking;
        let amount = Money::new(*minor, report.currency);
        entry(&mut draft, &within(&format!("Ntry[{}]", number + 1)), *uetr, amount, reference, *at);
    }
    draft
}

fn named(draft: &mut Draft, path: &str, holder: &str, currency: Currency) {
    draft.set(&format!("{path}/Id/Othr/Id"), format!("{holder}-{currency}-cover"));
    draft.set(&format!("{path}/Ccy"), currency.code());
}

fn signed(draft: &mut Draft, amount: &str, indicator: &str, money: Money) {
    draft.set_amount(amount, Money::new(money.minor().abs(), money.currency()));
    draft.set(indicator, if money.is_negative() { "DBIT" } else { "CRDT" });
}

fn entry(
    draft: &mut Draft,
    path: &str,
    uetr: Option<Uetr>,
    amount: Money,
    reference: &str,
    at: meridian_terms::Moment,
) {
    let within = |rest: &str| format!("{path}/{rest}");
    signed(draft, &within("Amt"), &within("CdtDbtInd"), amount);
    draft.set(&within("Sts/Cd"), "BOOK");
    draft.set(&within("BookgDt/DtTm"), iso_moment(at));
    draft.set(&within("BkTxCd/Domn/Cd"), "PMNT");
    draft.set(&within("BkTxCd/Domn/Fmly/Cd"), if amount.is_negative() { "ICDT" } else { "RCDT" });
    draft.set(&within("BkTxCd/Domn/Fmly/SubFmlyCd"), "XBCT");
    match uetr {
        Some(uetr) => {
            draft.set(&within("NtryDtls/TxDtls/Refs/EndToEndId"), reference);
            draft.set(&within("NtryDtls/TxDtls/Refs/UETR"), uetr.to_string());
        }
        None => {
            draft.set(&within("AcctSvcrRef"), short(reference));
        }
    }
}
