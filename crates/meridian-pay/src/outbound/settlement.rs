//! To a settlement agent: pacs.009 and, after silence, pacs.028.

use meridian_iso20022::Draft;
use meridian_settlement::{Instruction, Side, WindowId};
use meridian_terms::Uetr;

use super::{Head, start};
use crate::agents::reference;

/// One movement between two accounts that the agent keeps: a participant's, or the hub's own.
pub(super) fn pacs009(head: &Head<'_>, window: WindowId, instruction: &Instruction) -> Draft {
    let mut draft = start("pacs.009.001.08", head, "FICdtTrf");
    draft.set("FICdtTrf/GrpHdr/NbOfTxs", "1");
    draft.set("FICdtTrf/GrpHdr/SttlmInf/SttlmMtd", "CLRG");
    let tx = |path: &str| format!("FICdtTrf/CdtTrfTxInf/{path}");
    draft.set(&tx("PmtId/InstrId"), format!("{:032x}", instruction.id));
    draft.set(&tx("PmtId/EndToEndId"), reference(window));
    draft.set(&tx("PmtId/UETR"), Uetr::from_bits(instruction.id).to_string());
    draft.set_amount(&tx("IntrBkSttlmAmt"), instruction.amount);
    draft.set(&tx("IntrBkSttlmDt"), instruction.value_date.to_string());
    let bic = |side: &Side| match side {
        Side::Participant(bic) => bic.to_string(),
        Side::Hub => head.hub.to_owned(),
    };
    draft.set(&tx("Dbtr/FinInstnId/BICFI"), bic(&instruction.from));
    draft.set(&tx("Cdtr/FinInstnId/BICFI"), bic(&instruction.to));
    draft
}

/// What became of an instruction?
pub(super) fn pacs028(head: &Head<'_>, window: WindowId, instruction: &Instruction) -> Draft {
    let mut draft = start("pacs.028.001.03", head, "FIToFIPmtStsReq");
    let tx = |path: &str| format!("FIToFIPmtStsReq/TxInf/{path}");
    draft.set(&tx("OrgnlGrpInf/OrgnlMsgId"), "NOTPROVIDED");
    draft.set(&tx("OrgnlGrpInf/OrgnlMsgNmId"), "pacs.009.001.08");
    draft.set(&tx("OrgnlInstrId"), format!("{:032x}", instruction.id));
    draft.set(&tx("OrgnlEndToEndId"), reference(window));
    draft.set(&tx("OrgnlUETR"), Uetr::from_bits(instruction.id).to_string());
    draft
}
