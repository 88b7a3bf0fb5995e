//! Messages as participants send them: what a bank's own gateway would write.

use meridian_iso20022::{Draft, refusal};
use meridian_terms::{Bic, Currency, Day, Moment, Money, Refusal, Uetr};

use super::{account_at, fill_payment, iso_moment, short};
use crate::{Fault, Instruction, QuoteId, ResolutionId, ResolutionRequest};

fn draft(message: &str) -> Draft {
    Draft::new(message).unwrap_or_else(|| panic!("the tables have no {message}"))
}

fn started(message: &str, body: &str, message_id: &str, at: Moment) -> Draft {
    let mut draft = draft(message);
    draft.set(&format!("{body}/GrpHdr/MsgId"), short(message_id));
    draft.set(&format!("{body}/GrpHdr/CreDtTm"), iso_moment(at));
    draft
}

fn written(draft: &Draft) -> Result<String, Refusal> {
    draft.write().map_err(|violations| refusal(&violations))
}

/// A pacs.008 as a debtor agent sends it: what leaves is the settlement amount, what arrives the instructed one.
///
/// # Errors
/// `iso20022.malformed` when the instruction does not make a valid message.
pub fn write_payment(instruction: &Instruction, at: Moment) -> Result<String, Refusal> {
    let mut draft = started("pacs.008.001.08", "FIToFICstmrCdtTrf", &instruction.message_id, at);
    fill_payment(&mut draft, instruction, at, instruction.source, Some(instruction.target));
    written(&draft)
}

/// A pacs.002 as a creditor agent sends it.
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_answer(
    message_id: &str,
    at: Moment,
    uetr: Uetr,
    status: &str,
    reason: Option<&str>,
) -> Result<String, Refusal> {
    let mut draft = started("pacs.002.001.10", "FIToFIPmtStsRpt", message_id, at);
    draft.set("FIToFIPmtStsRpt/TxInfAndSts/OrgnlUETR", uetr.to_string());
    draft.set("FIToFIPmtStsRpt/TxInfAndSts/TxSts", status);
    draft.set_some("FIToFIPmtStsRpt/TxInfAndSts/StsRsnInf/Rsn/Cd", reason);
    written(&draft)
}

/// A pacs.002 as a settlement agent sends it, to the pacs.009 of this UETR.
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_agent_answer(
    message_id: &str,
    at: Moment,
    uetr: Uetr,
    status: &str,
    reason: Option<&str>,
) -> Result<String, Refusal> {
    let mut draft = started("pacs.002.001.10", "FIToFIPmtStsRpt", message_id, at);
    let tx = |path: &str| format!("FIToFIPmtStsRpt/TxInfAndSts/{path}");
    draft.set(&tx("OrgnlGrpInf/OrgnlMsgId"), "NOTPROVIDED");
    draft.set(&tx("OrgnlGrpInf/OrgnlMsgNmId"), "pacs.009.001.08");
    draft.set(&tx("OrgnlUETR"), uetr.to_string());
    draft.set(&tx("TxSts"), status);
    draft.set_some(&tx("StsRsnInf/Rsn/Cd"), reason);
    written(&draft)
}

/// A pacs.028: how does this payment stand?
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_status_request(message_id: &str, at: Moment, uetr: Uetr) -> Result<String, Refusal> {
    let mut draft = started("pacs.028.001.03", "FIToFIPmtStsReq", message_id, at);
    draft.set("FIToFIPmtStsReq/TxInf/OrgnlUETR", uetr.to_string());
    written(&draft)
}

/// A pacs.004 as a creditor agent sends it; `amount` is what leaves it.
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_return(
    message_id: &str,
    at: Moment,
    uetr: Uetr,
    amount: Money,
    (reason, fault, quote): (&str, Fault, Option<QuoteId>),
) -> Result<String, Refusal> {
    let mut draft = started("pacs.004.001.09", "PmtRtr", message_id, at);
    draft.set("PmtRtr/GrpHdr/NbOfTxs", "1");
    draft.set("PmtRtr/GrpHdr/SttlmInf/SttlmMtd", "CLRG");
    draft.set("PmtRtr/TxInf/RtrId", short(message_id));
    draft.set("PmtRtr/TxInf/OrgnlUETR", uetr.to_string());
    draft.set_amount("PmtRtr/TxInf/RtrdIntrBkSttlmAmt", amount);
    draft.set("PmtRtr/TxInf/IntrBkSttlmDt", at.day().to_string());
    draft.set("PmtRtr/TxInf/RtrRsnInf/Rsn/Cd", reason);
    let fault = match fault {
        Fault::Source => "FAULT:SOURCE",
        Fault::Destination => "FAULT:DESTINATION",
    };
    draft.set("PmtRtr/TxInf/RtrRsnInf/AddtlInf[1]", fault);
    if let Some(quote) = quote {
        draft.set("PmtRtr/TxInf/RtrRsnInf/AddtlInf[2]", format!("QUOTE:{quote}"));
    }
    written(&draft)
}

fn case(message: &str, body: &str, message_id: &str, at: Moment, (from, hub): (&Bic, &str)) -> Draft {
    let mut draft = draft(message);
    draft.set(&format!("{body}/Assgnmt/Id"), short(message_id));
    draft.set(&format!("{body}/Assgnmt/Assgnr/Agt/FinInstnId/BICFI"), from.as_str());
    draft.set(&format!("{body}/Assgnmt/Assgne/Agt/FinInstnId/BICFI"), hub);
    draft.set(&format!("{body}/Assgnmt/CreDtTm"), iso_moment(at));
    draft
}

/// A camt.056: the debtor agent asks for a payment back.
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_recall(
    message_id: &str,
    at: Moment,
    ends: (&Bic, &str),
    uetr: Uetr,
    reason: &str,
) -> Result<String, Refusal> {
    let mut draft = case("camt.056.001.08", "FIToFIPmtCxlReq", message_id, at, ends);
    draft.set("FIToFIPmtCxlReq/Undrlyg/TxInf/OrgnlUETR", uetr.to_string());
    draft.set("FIToFIPmtCxlReq/Undrlyg/TxInf/CxlRsnInf/Rsn/Cd", reason);
    written(&draft)
}

/// A camt.029: the creditor agent will not give it back.
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_recall_answer(
    message_id: &str,
    at: Moment,
    ends: (&Bic, &str),
    uetr: Uetr,
    reason: &str,
) -> Result<String, Refusal> {
    let mut draft = case("camt.029.001.09", "RsltnOfInvstgtn", message_id, at, ends);
    draft.set("RsltnOfInvstgtn/Sts/Conf", "RJCR");
    draft.set("RsltnOfInvstgtn/CxlDtls/TxInfAndSts/OrgnlUETR", uetr.to_string());
    draft.set("RsltnOfInvstgtn/CxlDtls/TxInfAndSts/TxCxlSts", "RJCR");
    draft.set("RsltnOfInvstgtn/CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Cd", reason);
    written(&draft)
}

fn verification(message: &str, body: &str, message_id: &str, at: Moment, (from, hub): (&Bic, &str)) -> Draft {
    let mut draft = draft(message);
    draft.set(&format!("{body}/Assgnmt/MsgId"), short(message_id));
    draft.set(&format!("{body}/Assgnmt/CreDtTm"), iso_moment(at));
    draft.set(&format!("{body}/Assgnmt/Assgnr/Agt/FinInstnId/BICFI"), from.as_str());
    draft.set(&format!("{body}/Assgnmt/Assgne/Agt/FinInstnId/BICFI"), hub);
    draft
}

/// An acmt.023: is there such an account, and whose is it?
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_resolution(request: &ResolutionRequest, at: Moment, hub: &str) -> Result<String, Refusal> {
    let ends = (&request.by, hub);
    let mut draft = verification("acmt.023.001.03", "IdVrfctnReq", &request.message_id, at, ends);
    draft.set("IdVrfctnReq/Vrfctn/Id", &request.reference);
    let about = "IdVrfctnReq/Vrfctn/PtyAndAcctId";
    draft.set_some(&format!("{about}/Pty/Nm"), request.name.as_deref());
    if let Some(account) = &request.account {
        account_at(&mut draft, &format!("{about}/Acct"), account);
    }
    if let Some(proxy) = &request.proxy {
        draft.set(&format!("{about}/Acct/Prxy/Tp/Cd"), &proxy.kind);
        draft.set(&format!("{about}/Acct/Prxy/Id"), &proxy.value);
    }
    draft.set_some(&format!("{about}/Agt/FinInstnId/BICFI"), request.agent.as_ref().map(Bic::as_str));
    written(&draft)
}

/// An acmt.024: the account's agent's answer; `name` is whose the account is, `reason` why not.
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_resolution_answer(
    message_id: &str,
    at: Moment,
    ends: (&Bic, &str),
    id: ResolutionId,
    name: Option<&str>,
    reason: Option<&str>,
) -> Result<String, Refusal> {
    let mut draft = verification("acmt.024.001.03", "IdVrfctnRpt", message_id, at, ends);
    draft.set("IdVrfctnRpt/Rpt/OrgnlId", id.to_string());
    draft.set("IdVrfctnRpt/Rpt/Vrfctn", if reason.is_none() { "true" } else { "false" });
    draft.set_some("IdVrfctnRpt/Rpt/Rsn/Cd", reason);
    draft.set_some("IdVrfctnRpt/Rpt/UpdtdPtyAndAcctId/Pty/Nm", name);
    written(&draft)
}

/// A camt.060: a report of the day so far, or a statement of a day that is over.
///
/// # Errors
/// `iso20022.malformed`.
pub fn write_report_request(
    message_id: &str,
    at: Moment,
    by: &Bic,
    currency: Currency,
    day: Option<Day>,
) -> Result<String, Refusal> {
    let mut draft = started("camt.060.001.05", "AcctRptgReq", message_id, at);
    let wanted = if day.is_some() { "camt.053.001.08" } else { "camt.052.001.08" };
    draft.set("AcctRptgReq/RptgReq/ReqdMsgNmId", wanted);
    draft.set("AcctRptgReq/RptgReq/Acct/Id/Othr/Id", format!("{by}-{currency}-cover"));
    draft.set("AcctRptgReq/RptgReq/Acct/Ccy", currency.code());
    draft.set("AcctRptgReq/RptgReq/AcctOwnr/Agt/FinInstnId/BICFI", by.as_str());
    if let Some(day) = day {
        draft.set("AcctRptgReq/RptgReq/RptgPrd/FrToDt/FrDt", day.to_string());
        draft.set("AcctRptgReq/RptgReq/RptgPrd/Tp", "ALLL");
    }
    written(&draft)
}
