//! Notices to ISO 20022 messages. This and `inbound` are the only code that knows both worlds.

mod account;
mod participant;
mod settlement;

use std::collections::BTreeMap;

use meridian_iso20022::{Draft, refusal};
use meridian_terms::{Bic, Moment, Money, Party, Refusal, Uetr};

use crate::{Instruction, Notice, Outgoing, Priority};

pub use participant::{
    write_agent_answer, write_answer, write_payment, write_recall, write_recall_answer, write_report_request,
    write_resolution, write_resolution_answer, write_return, write_status_request,
};

/// A notice as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// An ISO 20022 message.
    Message {
        /// Its identifier: `pacs.008.001.08`.
        kind: String,
        /// The document.
        xml: String,
    },
    /// The hub's own kind of notice.
    Word {
        /// `deal.payout_due`, `pay.quotes`...
        kind: String,
        /// Its facts.
        facts: BTreeMap<String, String>,
    },
}

/// Writes a letter of `to`'s mailbox; its number makes the message id.
///
/// # Errors
/// `iso20022.malformed` when what the hub knows does not make a valid message: a broken invariant of our own.
pub fn write(outgoing: &Outgoing, number: u64, hub: &str, to: &Bic) -> Result<Written, Refusal> {
    let head = Head { message_id: format!("{hub}-{to}-{number}"), at: outgoing.at, hub, to };
    let draft = match &outgoing.notice {
        Notice::Pay(instruction) => pacs008(&head, instruction),
        Notice::Status { uetr, message_id, end_to_end_id, status, reason, detail } => {
            let original = Original { uetr: *uetr, message_id, end_to_end_id };
            pacs002(&head, &original, status, reason.as_deref(), detail.as_deref())
        }
        Notice::Booked { holder, uetr, amount, reference } => {
            account::camt054(&head, holder, *uetr, *amount, reference)
        }
        Notice::Verify { id, request, account } => account::acmt023(&head, *id, request, account),
        Notice::Verified { request, agent, account, outcome } => {
            account::acmt024(&head, request, agent.as_ref(), account, outcome)
        }
        Notice::Report(report) => account::camt05x(&head, report),
        Notice::Instruct { window, instruction } => settlement::pacs009(&head, *window, instruction),
        Notice::ChaseInstruction { window, instruction } => settlement::pacs028(&head, *window, instruction),
        Notice::Chase { uetr, message_id, end_to_end_id } => {
            pacs028(&head, &Original { uetr: *uetr, message_id, end_to_end_id })
        }
        Notice::Recall { uetr, reason } => camt056(&head, *uetr, reason),
        Notice::RecallRefused { uetr, reason } => camt029(&head, *uetr, reason),
        Notice::Returned { uetr, amount, reason } => pacs004(&head, *uetr, *amount, reason),
        Notice::Quotes(quotes) => {
            let fact = |quote: &crate::Quote| {
                (quote.id.to_string(), format!("{} for {}", quote.source, quote.target))
            };
            return Ok(Written::Word { kind: "pay.quotes".into(), facts: quotes.iter().map(fact).collect() });
        }
        Notice::Word { kind, facts } => {
            return Ok(Written::Word { kind: kind.clone(), facts: facts.clone() });
        }
    };
    let kind = draft.message().to_owned();
    // What the hub tells came in through a schema, or is the hub's own.
    let xml = draft.write_known().map_err(|violations| refusal(&violations))?;
    Ok(Written::Message { kind, xml })
}

struct Head<'a> {
    message_id: String,
    at: Moment,
    hub: &'a str,
    to: &'a Bic,
}

struct Original<'a> {
    uetr: Uetr,
    message_id: &'a str,
    end_to_end_id: &'a str,
}

fn start(message: &str, head: &Head<'_>, body: &str) -> Draft {
    let mut draft = Draft::new(message).unwrap_or_else(|| panic!("the tables have no {message}"));
    draft.set(&format!("{body}/GrpHdr/MsgId"), short(&head.message_id));
    draft.set(&format!("{body}/GrpHdr/CreDtTm"), iso_moment(head.at));
    draft
}

/// At most 35 characters, the end kept: that is where the number stands.
fn short(text: &str) -> String {
    let skip = text.chars().count().saturating_sub(35);
    text.chars().skip(skip).collect()
}

/// Milliseconds are as fine as the schemas' time goes in practice.
fn iso_moment(at: Moment) -> String {
    let whole = Moment::from_micros(at.micros() / 1000 * 1000);
    whole.to_string()
}

/// To the creditor agent: what arrives is the settlement amount.
fn pacs008(head: &Head<'_>, instruction: &Instruction) -> Draft {
    let mut draft = start("pacs.008.001.08", head, "FIToFICstmrCdtTrf");
    fill_payment(&mut draft, instruction, head.at, instruction.target, None);
    draft
}

fn fill_payment(
    draft: &mut Draft,
    asked: &Instruction,
    at: Moment,
    settled: Money,
    instructed: Option<Money>,
) {
    let group = "FIToFICstmrCdtTrf/GrpHdr";
    draft.set(&format!("{group}/NbOfTxs"), "1");
    draft.set(&format!("{group}/SttlmInf/SttlmMtd"), "CLRG");
    let tx = |path: &str| format!("FIToFICstmrCdtTrf/CdtTrfTxInf/{path}");
    draft.set(&tx("PmtId/EndToEndId"), &asked.end_to_end_id);
    draft.set(&tx("PmtId/UETR"), asked.uetr.to_string());
    draft.set(
        &tx("PmtTpInf/InstrPrty"),
        match asked.priority {
            Priority::High => "HIGH",
            Priority::Norm => "NORM",
        },
    );
    draft.set_amount(&tx("IntrBkSttlmAmt"), settled);
    draft.set(&tx("IntrBkSttlmDt"), at.day().to_string());
    draft.set(&tx("AccptncDtTm"), iso_moment(asked.accepted_at));
    if let Some(instructed) = instructed.filter(|instructed| instructed.currency() != settled.currency()) {
        draft.set_amount(&tx("InstdAmt"), instructed);
    }
    draft.set(&tx("ChrgBr"), asked.bearer.code());
    for (number, charge) in asked.charges.iter().enumerate() {
        draft.set_amount(&tx(&format!("ChrgsInf[{}]/Amt", number + 1)), charge.amount);
        draft.set(&tx(&format!("ChrgsInf[{}]/Agt/FinInstnId/BICFI", number + 1)), charge.agent.as_str());
    }
    for (number, agent) in asked.intermediaries.iter().take(3).enumerate() {
        draft.set(&tx(&format!("IntrmyAgt{}/FinInstnId/BICFI", number + 1)), agent.as_str());
    }
    party(draft, &tx("Dbtr"), &asked.debtor);
    account_at(draft, &tx("DbtrAcct"), &asked.debtor_account);
    draft.set(&tx("DbtrAgt/FinInstnId/BICFI"), asked.debtor_agent.as_str());
    draft.set(&tx("CdtrAgt/FinInstnId/BICFI"), asked.creditor_agent.as_str());
    party(draft, &tx("Cdtr"), &asked.creditor);
    account_at(draft, &tx("CdtrAcct"), &asked.creditor_account);
    draft.set_some(&tx("Purp/Cd"), asked.purpose.as_deref());
    if !asked.remittance.is_empty() {
        draft.set(&tx("RmtInf/Ustrd"), &asked.remittance);
    }
    let quote = asked.quote.map(|quote| format!("QUOTE:{quote}"));
    let document = asked.document.as_ref().map(|document| format!("DOCUMENT:{document}"));
    for (number, note) in quote.into_iter().chain(document).enumerate() {
        draft.set(&tx(&format!("RmtInf/Strd/AddtlRmtInf[{}]", number + 1)), note);
    }
}

fn party(draft: &mut Draft, path: &str, party: &Party) {
    draft.set(&format!("{path}/Nm"), &party.name);
    if let Some(lei) = &party.lei {
        draft.set(&format!("{path}/Id/OrgId/LEI"), lei.as_str());
    }
    match &party.address {
        Some(address) => {
            draft.set_some(&format!("{path}/PstlAdr/StrtNm"), address.street.as_deref());
            draft.set_some(&format!("{path}/PstlAdr/PstCd"), address.post_code.as_deref());
            if !address.town.is_empty() {
                draft.set(&format!("{path}/PstlAdr/TwnNm"), &address.town);
            }
            draft.set(&format!("{path}/PstlAdr/Ctry"), address.country.as_str());
            for (number, line) in address.lines.iter().enumerate() {
                draft.set(&format!("{path}/PstlAdr/AdrLine[{}]", number + 1), line);
            }
        }
        None => {
            draft.set(&format!("{path}/PstlAdr/Ctry"), party.country.as_str());
        }
    }
}

fn account_at(draft: &mut Draft, path: &str, account: &str) {
    if meridian_terms::Iban::parse(account).is_ok() {
        draft.set(&format!("{path}/Id/IBAN"), account);
    } else if !account.is_empty() {
        draft.set(&format!("{path}/Id/Othr/Id"), account);
    }
}

fn pacs002(
    head: &Head<'_>,
    original: &Original<'_>,
    status: &str,
    reason: Option<&str>,
    detail: Option<&str>,
) -> Draft {
    let mut draft = start("pacs.002.001.10", head, "FIToFIPmtStsRpt");
    let tx = |path: &str| format!("FIToFIPmtStsRpt/TxInfAndSts/{path}");
    draft.set(&tx("OrgnlGrpInf/OrgnlMsgId"), original.message_id);
    draft.set(&tx("OrgnlGrpInf/OrgnlMsgNmId"), "pacs.008.001.08");
    draft.set(&tx("OrgnlEndToEndId"), original.end_to_end_id);
    draft.set(&tx("OrgnlUETR"), original.uetr.to_string());
    draft.set(&tx("TxSts"), status);
    draft.set_some(&tx("StsRsnInf/Rsn/Cd"), reason);
    if let Some(detail) = detail {
        // 105 characters a line.
        let text: Vec<char> = detail.chars().collect();
        for (number, line) in text.chunks(105).enumerate() {
            draft.set(&tx(&format!("StsRsnInf/AddtlInf[{}]", number + 1)), line.iter().collect::<String>());
        }
    }
    draft
}

fn pacs028(head: &Head<'_>, original: &Original<'_>) -> Draft {
    let mut draft = start("pacs.028.001.03", head, "FIToFIPmtStsReq");
    draft.set("FIToFIPmtStsReq/TxInf/OrgnlGrpInf/OrgnlMsgId", original.message_id);
    draft.set("FIToFIPmtStsReq/TxInf/OrgnlGrpInf/OrgnlMsgNmId", "pacs.008.001.08");
    draft.set("FIToFIPmtStsReq/TxInf/OrgnlEndToEndId", original.end_to_end_id);
    draft.set("FIToFIPmtStsReq/TxInf/OrgnlUETR", original.uetr.to_string());
    draft
}

fn pacs004(head: &Head<'_>, uetr: Uetr, amount: Money, reason: &str) -> Draft {
    let mut draft = start("pacs.004.001.09", head, "PmtRtr");
    draft.set("PmtRtr/GrpHdr/NbOfTxs", "1");
    draft.set("PmtRtr/GrpHdr/SttlmInf/SttlmMtd", "CLRG");
    draft.set("PmtRtr/TxInf/RtrId", short(&head.message_id));
    draft.set("PmtRtr/TxInf/OrgnlUETR", uetr.to_string());
    draft.set_amount("PmtRtr/TxInf/RtrdIntrBkSttlmAmt", amount);
    draft.set("PmtRtr/TxInf/IntrBkSttlmDt", head.at.day().to_string());
    draft.set("PmtRtr/TxInf/RtrRsnInf/Rsn/Cd", reason);
    draft
}

fn assignment(draft: &mut Draft, body: &str, head: &Head<'_>) {
    draft.set(&format!("{body}/Assgnmt/Id"), short(&head.message_id));
    draft.set(&format!("{body}/Assgnmt/Assgnr/Agt/FinInstnId/BICFI"), head.hub);
    draft.set(&format!("{body}/Assgnmt/Assgne/Agt/FinInstnId/BICFI"), head.to.as_str());
    draft.set(&format!("{body}/Assgnmt/CreDtTm"), iso_moment(head.at));
}

fn camt056(head: &Head<'_>, uetr: Uetr, reason: &str) -> Draft {
    let mut draft =
        Draft::new("camt.056.001.08").unwrap_or_else(|| panic!("the tables have no camt.056.001.08"));
    assignment(&mut draft, "FIToFIPmtCxlReq", head);
    draft.set("FIToFIPmtCxlReq/Undrlyg/TxInf/OrgnlUETR", uetr.to_string());
    draft.set("FIToFIPmtCxlReq/Undrlyg/TxInf/CxlRsnInf/Rsn/Cd", reason);
    draft
}

fn camt029(head: &Head<'_>, uetr: Uetr, reason: &str) -> Draft {
    let mut draft =
        Draft::new("camt.029.001.09").unwrap_or_else(|| panic!("the tables have no camt.029.001.09"));
    assignment(&mut draft, "RsltnOfInvstgtn", head);
    draft.set("RsltnOfInvstgtn/Sts/Conf", "RJCR");
    draft.set("RsltnOfInvstgtn/CxlDtls/TxInfAndSts/OrgnlUETR", uetr.to_string());
    draft.set("RsltnOfInvstgtn/CxlDtls/TxInfAndSts/TxCxlSts", "RJCR");
    draft.set("RsltnOfInvstgtn/CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Cd", reason);
    draft
}
