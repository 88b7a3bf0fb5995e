//! ISO 20022 messages to commands. This and `outbound` are the only code that knows both worlds.
//!
//! | message | becomes |
//! |---|---|
//! | pacs.008 | an instruction to be screened and submitted |
//! | pacs.002 | the creditor agent's answer; to a pacs.009, the settlement agent's |
//! | pacs.004 | a return |
//! | pacs.028 | a question for the status |
//! | camt.056 | a recall |
//! | camt.029 | the answer to a recall |
//! | acmt.023 | a question about an account or a proxy |
//! | acmt.024 | the account's agent's answer |
//! | camt.060 | a request for a report of an account |
//! | camt.053 | a settlement agent's balances at the end of a day |
//!
//! A payment's quote and what it pays stand in structured remittance (`RmtInf/Strd/AddtlRmtInf`): `QUOTE:` with the
//! quote's id, `DOCUMENT:` with the citation. The amount that reaches the creditor agent of a payment across
//! currencies is its `InstdAmt`.

use std::collections::BTreeMap;

use meridian_iso20022::{Element, read, refusal};
use meridian_settlement::{self as settlement, AgentAnswer};
use meridian_terms::{Bic, Country, Currency, Day, Lei, Moment, Party, PostalAddress, Refusal, Uetr};

use crate::{
    Answer, AnswerStatus, Bearer, Charge, Command, Fault, Instruction, Priority, ProxyKey, QuoteId,
    RecallAnswer, ResolutionAnswer, ResolutionId, ResolutionRequest, Return,
};

/// A message, understood.
#[derive(Debug, Clone)]
pub enum Message {
    /// A payment: to be screened, then submitted.
    Payment(Box<Instruction>),
    /// Anything else about payments is a command as it stands.
    Command(Box<Command>),
    /// A settlement agent's word.
    Settlement(Box<settlement::Command>),
}

impl Message {
    /// Which payment it is about, if it is about one.
    #[must_use]
    pub fn uetr(&self) -> Option<Uetr> {
        match self {
            Self::Payment(instruction) => Some(instruction.uetr),
            Self::Settlement(_) => None,
            Self::Command(command) => match &**command {
                Command::Answer(answer) => Some(answer.uetr),
                Command::Recall { uetr, .. } | Command::AskStatus { uetr, .. } => Some(*uetr),
                Command::AnswerRecall(answer) => Some(answer.uetr),
                Command::Return(way_back) => Some(way_back.uetr),
                _ => None,
            },
        }
    }
}

/// Reads a message that `from` has signed.
///
/// # Errors
/// `iso20022.malformed` with the first violation; `iso20022.missing`; `pay.message_unknown` for a message that is
/// none of a payment's; what the terms refuse.
pub fn understand(bytes: &[u8], from: &Bic) -> Result<Message, Refusal> {
    let document = read(bytes).map_err(|violations| refusal(&violations))?;
    let body = document.root().children().next().ok_or_else(|| refusal(&[]))?;
    let name = document.message().get(..8).unwrap_or_default();
    let command = match name {
        "acmt.023" => Command::Resolve(question(body, from)?),
        "acmt.024" => Command::AnswerResolution(verification(body, from)?),
        "camt.060" => Command::AskReport {
            by: from.clone(),
            currency: Currency::parse(body.required("RptgReq/Acct/Ccy")?)?,
            day: match body.required("RptgReq/ReqdMsgNmId")?.get(..8) {
                Some("camt.053") => Some(Day::parse(body.required("RptgReq/RptgPrd/FrToDt/FrDt")?)?),
                _ => None,
            },
        },
        "pacs.008" => return Ok(Message::Payment(Box::new(payment(body)?))),
        "pacs.002" => match body.value("TxInfAndSts/OrgnlGrpInf/OrgnlMsgNmId").and_then(|name| name.get(..8))
        {
            Some("pacs.009") => return Ok(Message::Settlement(Box::new(agent_answer(body, from)?))),
            _ => Command::Answer(answer(body, from)?),
        },
        "camt.053" => return Ok(Message::Settlement(Box::new(balances(body, from)?))),
        "pacs.004" => Command::Return(way_back(body, from)?),
        "pacs.028" => Command::AskStatus { uetr: uetr(body, "TxInf/OrgnlUETR")?, by: from.clone() },
        "camt.056" => Command::Recall {
            uetr: uetr(body, "Undrlyg/TxInf/OrgnlUETR")?,
            by: from.clone(),
            reason: body.value("Undrlyg/TxInf/CxlRsnInf/Rsn/Cd").unwrap_or("NARR").to_owned(),
        },
        "camt.029" => Command::AnswerRecall(RecallAnswer {
            uetr: uetr(body, "CxlDtls/TxInfAndSts/OrgnlUETR")?,
            by: from.clone(),
            reason: body.value("CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Cd").unwrap_or("NARR").to_owned(),
        }),
        _ => {
            return Err(Refusal::new("pay.message_unknown", document.message().to_owned())
                .rule(
                    "the hub takes pacs.008, .002, .004, .028, camt.029, .053, .056, .060, acmt.023 and .024",
                )
                .next("send one of these"));
        }
    };
    Ok(Message::Command(Box::new(command)))
}

fn uetr(body: Element<'_, '_>, path: &str) -> Result<Uetr, Refusal> {
    Uetr::parse(body.required(path)?)
}

fn payment(body: Element<'_, '_>) -> Result<Instruction, Refusal> {
    let mut transactions = body.all("CdtTrfTxInf");
    let transaction = transactions.next().ok_or_else(|| refusal(&[]))?;
    if transactions.next().is_some() {
        return Err(one_at_a_time("payment"));
    }
    let source = transaction.find("IntrBkSttlmAmt").ok_or_else(|| refusal(&[]))?.amount()?;
    let target = match transaction.find("InstdAmt") {
        Some(instructed) => instructed.amount()?,
        None => source,
    };
    let (quote, document) = (noted(transaction, "QUOTE:"), noted(transaction, "DOCUMENT:"));
    let quote = quote.map(quote_id).transpose()?;
    let created = body.required("GrpHdr/CreDtTm")?;
    Ok(Instruction {
        uetr: uetr(transaction, "PmtId/UETR")?,
        message_id: body.required("GrpHdr/MsgId")?.to_owned(),
        end_to_end_id: transaction.required("PmtId/EndToEndId")?.to_owned(),
        priority: match transaction.value("PmtTpInf/InstrPrty") {
            Some("HIGH") => Priority::High,
            _ => Priority::Norm,
        },
        accepted_at: Moment::parse(transaction.value("AccptncDtTm").unwrap_or(created))?,
        source,
        target,
        quote,
        debtor: party(transaction, "Dbtr", "DbtrAgt")?,
        debtor_account: account(transaction, "DbtrAcct"),
        debtor_agent: agent(transaction, "DbtrAgt")?,
        creditor_agent: agent(transaction, "CdtrAgt")?,
        creditor: party(transaction, "Cdtr", "CdtrAgt")?,
        creditor_account: account(transaction, "CdtrAcct"),
        bearer: transaction.value("ChrgBr").and_then(Bearer::parse).unwrap_or_default(),
        charges: transaction.all("ChrgsInf").map(charge).collect::<Result<_, _>>()?,
        intermediaries: intermediaries(transaction)?,
        purpose: transaction.value("Purp/Cd").map(str::to_owned),
        document: document.map(str::to_owned),
        remittance: transaction.value("RmtInf/Ustrd").unwrap_or_default().to_owned(),
    })
}

/// What stands behind a key in structured remittance.
fn noted<'d>(transaction: Element<'d, '_>, key: &str) -> Option<&'d str> {
    let remittance = transaction.find("RmtInf")?;
    let mut notes =
        remittance.children().filter(|note| note.name() == "Strd").flat_map(|strd| strd.children());
    notes.find_map(|note| note.text().strip_prefix(key))
}

fn charge(charge: Element<'_, '_>) -> Result<Charge, Refusal> {
    let amount = charge.find("Amt").ok_or_else(|| refusal(&[]))?.amount()?;
    Ok(Charge { agent: agent(charge, "Agt")?, amount })
}

fn intermediaries(transaction: Element<'_, '_>) -> Result<Vec<Bic>, Refusal> {
    let roles = ["IntrmyAgt1", "IntrmyAgt2", "IntrmyAgt3"];
    roles
        .into_iter()
        .filter(|role| transaction.find(role).is_some())
        .map(|role| agent(transaction, role))
        .collect()
}

/// One question a message: its answer names the message.
fn question(body: Element<'_, '_>, from: &Bic) -> Result<ResolutionRequest, Refusal> {
    let mut questions = body.all("Vrfctn");
    let question = questions.next().ok_or_else(|| refusal(&[]))?;
    if questions.next().is_some() {
        return Err(one_at_a_time("question"));
    }
    let account = question.find("PtyAndAcctId/Acct");
    let proxy = account.and_then(|account| account.find("Prxy")).map(|proxy| ProxyKey {
        kind: proxy.value("Tp/Cd").or_else(|| proxy.value("Tp/Prtry")).unwrap_or_default().to_owned(),
        value: proxy.value("Id").unwrap_or_default().to_owned(),
    });
    let number = account.and_then(|account| account.value("Id/IBAN").or_else(|| account.value("Id/Othr/Id")));
    let at = question.find("PtyAndAcctId/Agt").map(|_| agent(question, "PtyAndAcctId/Agt")).transpose()?;
    Ok(ResolutionRequest {
        by: from.clone(),
        message_id: body.required("Assgnmt/MsgId")?.to_owned(),
        reference: question.required("Id")?.to_owned(),
        agent: at,
        account: number.map(str::to_owned),
        proxy,
        name: question.value("PtyAndAcctId/Pty/Nm").map(str::to_owned),
    })
}

fn verification(body: Element<'_, '_>, from: &Bic) -> Result<ResolutionAnswer, Refusal> {
    let report = body.find("Rpt").ok_or_else(|| refusal(&[]))?;
    let id = report.required("OrgnlId")?;
    let id = u128::from_str_radix(id, 16).map(ResolutionId).map_err(|_| {
        Refusal::new("pay.resolution_unknown", format!("OrgnlId {id:?}"))
            .next("copy Vrfctn/Id of the acmt.023")
            .iso("AG09")
    })?;
    Ok(ResolutionAnswer {
        id,
        by: from.clone(),
        is_verified: matches!(report.required("Vrfctn")?, "true" | "1"),
        reason: report.value("Rsn/Cd").map(str::to_owned),
        name: report.value("UpdtdPtyAndAcctId/Pty/Nm").map(str::to_owned),
    })
}

fn one_at_a_time(what: &str) -> Refusal {
    Refusal::new("pay.one_at_a_time", format!("the message holds more than one {what}"))
        .rule("one message, one answer")
        .next("send each in a message of its own")
}

fn quote_id(text: &str) -> Result<QuoteId, Refusal> {
    u128::from_str_radix(text, 16).map(QuoteId).map_err(|_| {
        Refusal::new("pay.quote_malformed", format!("{text:?}"))
            .next("send QUOTE: and the quote's 32 digits")
            .iso("AB04")
    })
}

fn agent(transaction: Element<'_, '_>, role: &str) -> Result<Bic, Refusal> {
    let bic = Bic::parse(transaction.required(&format!("{role}/FinInstnId/BICFI"))?)?;
    // Accounts are kept for institutions: a branch is its institution.
    Bic::parse(bic.institution())
}

fn account(transaction: Element<'_, '_>, role: &str) -> String {
    let iban = transaction.value(&format!("{role}/Id/IBAN"));
    iban.or_else(|| transaction.value(&format!("{role}/Id/Othr/Id"))).unwrap_or_default().to_owned()
}

/// A party needs a name; its country is its address's, or else its bank's.
fn party(transaction: Element<'_, '_>, role: &str, agent_role: &str) -> Result<Party, Refusal> {
    let party = transaction.find(role).ok_or_else(|| refusal(&[]))?;
    let name = party.value("Nm").filter(|name| !name.trim().is_empty()).ok_or_else(|| {
        Refusal::new("pay.name_missing", format!("{role} has no name"))
            .rule("a payment names who pays and who is paid")
            .next("give the name")
            .iso(if role == "Dbtr" { "RR02" } else { "RR03" })
    })?;
    let address = party.find("PstlAdr");
    let country = match address.and_then(|address| address.value("Ctry")) {
        Some(code) => Country::parse(code)?,
        None => agent(transaction, agent_role)?.country(),
    };
    let lei = party.value("Id/OrgId/LEI").map(Lei::parse).transpose()?;
    // A country alone is the party's, not an address.
    let is_more = |address: &Element<'_, '_>| address.children().any(|line| line.name() != "Ctry");
    let address = address.filter(is_more).map(|address| PostalAddress {
        street: address.value("StrtNm").map(str::to_owned),
        post_code: address.value("PstCd").map(str::to_owned),
        town: address.value("TwnNm").unwrap_or_default().to_owned(),
        country,
        lines: address.all("AdrLine").map(|line| line.text().to_owned()).collect(),
    });
    Ok(Party { name: name.to_owned(), country, lei, address })
}

fn answer(body: Element<'_, '_>, from: &Bic) -> Result<Answer, Refusal> {
    let status = match body.required("TxInfAndSts/TxSts")? {
        "ACCC" | "ACSC" => AnswerStatus::Accepted,
        "ACWP" => AnswerStatus::AcceptedPending,
        "BLCK" => AnswerStatus::Blocked,
        "RJCT" => {
            let reason = body.value("TxInfAndSts/StsRsnInf/Rsn/Cd").unwrap_or("NARR");
            AnswerStatus::Rejected(reason.to_owned())
        }
        other => {
            return Err(Refusal::new("pay.status_unknown", other.to_owned())
                .rule("a creditor agent answers ACCC, ACSC, ACWP, BLCK or RJCT")
                .next("send one of these"));
        }
    };
    Ok(Answer { uetr: uetr(body, "TxInfAndSts/OrgnlUETR")?, by: from.clone(), status })
}

/// To an instruction, by the UETR it came with.
fn agent_answer(body: Element<'_, '_>, from: &Bic) -> Result<settlement::Command, Refusal> {
    let answer = match body.required("TxInfAndSts/TxSts")? {
        "ACSC" | "ACCC" => AgentAnswer::Settled,
        "RJCT" => {
            let reason = body.value("TxInfAndSts/StsRsnInf/Rsn/Cd").unwrap_or("NARR");
            AgentAnswer::Refused(reason.to_owned())
        }
        other => {
            return Err(Refusal::new("pay.status_unknown", other.to_owned())
                .rule("a settlement agent answers ACSC or RJCT, and is asked again until it does")
                .next("send one of these once it is decided"));
        }
    };
    let instruction = uetr(body, "TxInfAndSts/OrgnlUETR")?.bits();
    Ok(settlement::Command::AgentAnswer { by: from.clone(), instruction, answer })
}

/// The closing balances of the participants' accounts, a statement each: whose an account is stands in its id, a BIC alone
/// or before a dash.
fn balances(body: Element<'_, '_>, from: &Bic) -> Result<settlement::Command, Refusal> {
    let wrong = |what: String| {
        Refusal::new("pay.balances_malformed", what)
            .rule("one day and one currency a message; a CLBD balance for each account")
            .next("send the statements of each currency in a message of their own")
    };
    let mut told = BTreeMap::new();
    let mut of: Option<(Currency, Day)> = None;
    for statement in body.all("Stmt") {
        let id = statement.required("Acct/Id/Othr/Id")?;
        let bic = Bic::parse(id.split('-').next().unwrap_or(id))?;
        let closing = statement
            .all("Bal")
            .find(|balance| balance.value("Tp/CdOrPrtry/Cd") == Some("CLBD"))
            .ok_or_else(|| wrong(format!("{id} has no CLBD")))?;
        let amount = closing.find("Amt").ok_or_else(|| refusal(&[]))?.amount()?;
        let day = match closing.value("Dt/Dt") {
            Some(day) => Day::parse(day)?,
            None => Moment::parse(closing.required("Dt/DtTm")?)?.day(),
        };
        if of.is_some_and(|known| known != (amount.currency(), day)) {
            return Err(wrong(format!("{id} is of {day} in {}", amount.currency())));
        }
        of = Some((amount.currency(), day));
        let sign = if closing.value("CdtDbtInd") == Some("DBIT") { -1 } else { 1 };
        told.insert(bic, sign * amount.minor());
    }
    let (currency, day) = of.ok_or_else(|| wrong("there is no statement in it".into()))?;
    Ok(settlement::Command::Reconcile { by: from.clone(), currency, day, balances: told })
}

fn way_back(body: Element<'_, '_>, from: &Bic) -> Result<Return, Refusal> {
    let reasons = body.find("TxInf/RtrRsnInf");
    let mut notes = reasons.into_iter().flat_map(|reason| reason.children());
    let quote = notes.find_map(|note| note.text().strip_prefix("QUOTE:")).map(quote_id).transpose()?;
    let mut notes = reasons.into_iter().flat_map(|reason| reason.children());
    let is_source = notes.any(|note| note.text() == "FAULT:SOURCE");
    Ok(Return {
        uetr: uetr(body, "TxInf/OrgnlUETR")?,
        by: from.clone(),
        fault: if is_source { Fault::Source } else { Fault::Destination },
        quote,
        reason: body.value("TxInf/RtrRsnInf/Rsn/Cd").unwrap_or("NARR").to_owned(),
    })
}
