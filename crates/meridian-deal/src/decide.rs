//! What would happen: one event, or the first refusal in order of precedence. Changes nothing.

use meridian_pay::{self as pay, Verdict};
use meridian_terms::{Moment, Money, Refusal};

use crate::refusal::{self as no, refuse};
use crate::{
    Command, Contract, Deal, DealId, Event, Evidence, EvidenceKind, Kind, Obligation, Screened, Stage,
    Standing, State,
};

/// Decides a command at a moment; `pay` tells which watch list is in force.
///
/// # Errors
/// The first refusal in order of precedence.
pub fn decide(state: &State, pay: &pay::State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Sign(contract, screened) => sign(state, pay, contract, screened, at),
        Command::ChooseRoute(id, route) => {
            open(state, id)?;
            Ok(Event::RouteChosen(id.clone(), route.clone(), at))
        }
        Command::Assess { deal, rows, pack } => {
            open(state, deal)?;
            Ok(Event::Assessed { deal: deal.clone(), rows: rows.clone(), pack: pack.clone(), at })
        }
        Command::Undertake(id, obligations) => undertake(state, id, obligations, at),
        Command::Present(id, evidence) => present(state, id, evidence, at),
        Command::File { deal, name, digest, by } => {
            open(state, deal)?;
            Ok(Event::Filed { deal: deal.clone(), name: name.clone(), digest: *digest, by: by.clone(), at })
        }
        Command::Cancel { deal, reason } => {
            open(state, deal)?;
            Ok(Event::Cancelled { deal: deal.clone(), reason: reason.clone(), at })
        }
        Command::Tick => Ok(lapse(state, at)),
    }
}

/// Whether a payment may cite what it cites: the obligation is due, and the payment pays exactly it. A payment
/// that cites no deal is none of ours.
///
/// # Errors
/// `deal.citation_unknown`, `deal.not_due`, `deal.other_terms`.
pub fn allows(state: &State, instruction: &pay::Instruction) -> Result<(), Refusal> {
    let Some(document) = instruction.document.as_deref().filter(|document| document.starts_with("deal/"))
    else {
        return Ok(());
    };
    let (deal, position) = state.cited(document).ok_or_else(|| refuse(no::CITATION_UNKNOWN, document))?;
    let obligation = &deal.obligations[position];
    if !matches!(obligation.standing, Standing::Due { .. }) {
        return Err(refuse(no::NOT_DUE, format!("{document} is {}", obligation.standing.word())));
    }
    let owed = (&obligation.payer_agent, &obligation.payee_agent, obligation.amount);
    let paid = (&instruction.debtor_agent, &instruction.creditor_agent, instruction.target);
    if owed != paid || obligation.payee_account != instruction.creditor_account {
        return Err(refuse(no::OTHER_TERMS, format!("{document}: {} owed, {} sent", owed.2, paid.2)));
    }
    Ok(())
}

fn sign(
    state: &State,
    pay: &pay::State,
    contract: &Contract,
    screened: &[Screened],
    at: Moment,
) -> Result<Event, Refusal> {
    if state.deals.contains_key(&contract.id) {
        return Err(refuse(no::EXISTS, contract.id.0.clone()));
    }
    for name in [&contract.seller.name, &contract.buyer.name] {
        if !screened.iter().any(|one| one.name == *name) {
            return Err(refuse(no::NOT_SCREENED, name.clone()));
        }
    }
    for bic in [&contract.seller_bank, &contract.buyer_bank, &contract.carrier, &contract.customs] {
        let name = pay.participant(bic).map(|participant| &participant.name);
        let is_screened = name.is_some_and(|name| screened.iter().any(|one| one.name == *name));
        if !is_screened {
            return Err(refuse(no::NOT_SCREENED, bic.as_str()));
        }
    }
    for one in screened {
        if Some(one.list) != pay.list_in_force() {
            return Err(refuse(no::STALE_LIST, one.name.clone()));
        }
        if one.verdict != Verdict::Clear {
            return Err(refuse(no::NOT_CLEAR, one.name.clone()));
        }
    }
    let values = contract
        .goods
        .iter()
        .try_fold(Money::zero(contract.price.currency()), |sum, line| sum.checked_add(line.value))?;
    if values != contract.price {
        return Err(refuse(no::PRICE, format!("{values} against {}", contract.price)));
    }
    Ok(Event::Signed { contract: Box::new(contract.clone()), screened: screened.to_vec(), at })
}

fn find<'a>(state: &'a State, id: &DealId) -> Result<&'a Deal, Refusal> {
    state.deals.get(id).ok_or_else(|| refuse(no::UNKNOWN, id.0.clone()))
}

fn open<'a>(state: &'a State, id: &DealId) -> Result<&'a Deal, Refusal> {
    let deal = find(state, id)?;
    match deal.stage {
        Stage::Signed | Stage::Underway => Ok(deal),
        _ => Err(refuse(no::WRONG_STAGE, deal.stage.word())),
    }
}

fn undertake(state: &State, id: &DealId, obligations: &[Obligation], at: Moment) -> Result<Event, Refusal> {
    let deal = open(state, id)?;
    if deal.stage != Stage::Signed {
        return Err(refuse(no::WRONG_STAGE, deal.stage.word()));
    }
    for (position, obligation) in obligations.iter().enumerate() {
        if obligations[..position].iter().any(|earlier| earlier.name == obligation.name) {
            return Err(refuse(no::NAME_TWICE, obligation.name.clone()));
        }
    }
    let price = deal.contract.price;
    let goods = obligations.iter().filter(|obligation| obligation.kind == Kind::Goods);
    let sum = goods.map(|o| o.amount).try_fold(Money::zero(price.currency()), Money::checked_add)?;
    if sum != price {
        return Err(refuse(no::GOODS_SUM, format!("{sum} against {price}")));
    }
    let planned =
        obligations.iter().map(|o| Obligation { standing: Standing::Planned, ..o.clone() }).collect();
    Ok(Event::Undertaken(id.clone(), planned, at))
}

fn present(state: &State, id: &DealId, evidence: &Evidence, at: Moment) -> Result<Event, Refusal> {
    let deal = find(state, id)?;
    if deal.stage != Stage::Underway {
        return Err(refuse(no::WRONG_STAGE, deal.stage.word()));
    }
    if deal.evidence.iter().any(|(_, earlier)| earlier.kind == evidence.kind) {
        return Err(refuse(no::EVIDENCE_TWICE, evidence.kind.word()));
    }
    let contract = &deal.contract;
    let speaks = match evidence.kind {
        EvidenceKind::Signed => &contract.buyer_bank,
        EvidenceKind::Loaded | EvidenceKind::BorderCrossed | EvidenceKind::Arrived => &contract.carrier,
        EvidenceKind::DeclarationAccepted | EvidenceKind::CustomsReleased => &contract.customs,
    };
    if evidence.by != *speaks {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{} on {}", evidence.by, evidence.kind.word())));
    }
    if evidence.kind == EvidenceKind::CustomsReleased {
        let unpaid =
            |o: &&Obligation| o.kind.is_owed_to_customs() && !matches!(o.standing, Standing::Paid { .. });
        if let Some(owed) = deal.obligations.iter().find(unpaid) {
            return Err(refuse(no::DUTY_UNPAID, format!("{} {}", owed.name, owed.amount)));
        }
        if let Some(missing) = contract.documents.iter().find(|name| !deal.documents.contains_key(*name)) {
            return Err(refuse(no::DOCUMENT_MISSING, missing.clone()));
        }
    }
    let falls_due = |(_, o): &(usize, &Obligation)| {
        o.trigger == evidence.kind && o.standing == Standing::Planned && at < o.expires
    };
    let due = deal.obligations.iter().enumerate().filter(falls_due);
    let due = due.filter_map(|(position, _)| u32::try_from(position).ok()).collect();
    Ok(Event::Presented { deal: id.clone(), evidence: evidence.clone(), due, at })
}

fn lapse(state: &State, at: Moment) -> Event {
    let mut lapsed = Vec::new();
    for (id, deal) in &state.deals {
        for (position, obligation) in deal.obligations.iter().enumerate() {
            if obligation.standing == Standing::Planned && obligation.expires <= at {
                lapsed.extend(u32::try_from(position).map(|position| (id.clone(), position)));
            }
        }
    }
    if lapsed.is_empty() { Event::Idle } else { Event::Lapsed(lapsed, at) }
}
