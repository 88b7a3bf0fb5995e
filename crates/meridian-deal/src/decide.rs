//! What would happen: one event, or the first refusal in order of precedence. Changes nothing.

mod backing;
mod border;
mod trouble;

pub(crate) use backing::examined_until;

use meridian_pay::{self as pay, Verdict};
use meridian_terms::{Moment, Money, Refusal};

use crate::refusal::{self as no, refuse};
use crate::{
    Backing, Command, Contract, Deal, DealId, Event, Evidence, EvidenceKind, Kind, Mishap, Obligation,
    Remedy, Reviewed, Ruling, Screened, Side, Stage, Standing, State,
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
        Command::Control(id, reviewed) => control(state, id, reviewed, at),
        Command::Issue { deal, undertaking, by } => backing::issue(open(state, deal)?, undertaking, by, at),
        Command::PresentUnder { deal, undertaking, by } => {
            backing::present(open(state, deal)?, undertaking, by, at)
        }
        Command::Examine { deal, undertaking, found, by } => {
            backing::examine(open(state, deal)?, undertaking, found, by, at)
        }
        Command::Waive { deal, undertaking, by } => backing::waive(open(state, deal)?, undertaking, by, at),
        Command::GiveBack { deal, undertaking, by } => {
            backing::give_back(open(state, deal)?, undertaking, by, at)
        }
        Command::Demand { deal, undertaking, obligation, by } => {
            backing::demand(open(state, deal)?, undertaking, obligation, by, at)
        }
        Command::Lodge { deal, lodgement, by } => border::lodge(underway(state, deal)?, lodgement, by, at),
        Command::Customs { deal, word, by } => border::say(underway(state, deal)?, word, by, at),
        Command::Report { deal, mishap, by } => trouble::report(underway(state, deal)?, mishap, by, at),
        Command::Offer { deal, cut, by } => trouble::offer(underway(state, deal)?, *cut, by, at),
        Command::Agree { deal, by } => trouble::agree(underway(state, deal)?, by, at),
        Command::Undertake(id, obligations) => undertake(state, id, obligations, at),
        Command::Present(id, evidence) => present(underway(state, id)?, evidence, at),
        Command::File { deal, name, digest, by } => {
            open(state, deal)?;
            Ok(Event::Filed { deal: deal.clone(), name: name.clone(), digest: *digest, by: by.clone(), at })
        }
        Command::Cancel { deal, reason, by } => trouble::cancel(open(state, deal)?, reason, by, at),
        Command::Tick => Ok(tick(state, at)),
    }
}

/// Whether a payment may cite what it cites: the obligation is due, and the payment pays exactly it. A payment
/// that cites no deal is none of ours.
///
/// # Errors
/// `deal.citation_unknown`, `deal.not_due`, `deal.disputed`, `deal.other_terms`.
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
    if deal.dispute.is_some() && obligation.kind == Kind::Goods {
        return Err(refuse(no::DISPUTED, document));
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
    for one in screened {
        if Some(one.list) != pay.list_in_force() {
            return Err(refuse(no::STALE_LIST, one.name.clone()));
        }
        if one.verdict != Verdict::Clear {
            let detail = if one.why.is_empty() {
                one.name.clone()
            } else {
                format!("{}: {}", one.name, one.why.join("; "))
            };
            return Err(refuse(no::NOT_CLEAR, detail));
        }
    }
    let insurer = contract.insurance.as_ref().map(|insurance| &insurance.insurer.name);
    let people = [&contract.seller.name, &contract.buyer.name].into_iter();
    for name in people.chain(insurer).chain(&contract.conveyances) {
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

fn underway<'a>(state: &'a State, id: &DealId) -> Result<&'a Deal, Refusal> {
    let deal = find(state, id)?;
    match deal.stage {
        Stage::Underway => Ok(deal),
        _ => Err(refuse(no::WRONG_STAGE, deal.stage.word())),
    }
}

fn control(state: &State, id: &DealId, reviewed: &Reviewed, at: Moment) -> Result<Event, Refusal> {
    let deal = open(state, id)?;
    let country = match reviewed.side {
        Side::Export => deal.contract.seller.country,
        Side::Import => deal.contract.buyer.country,
    };
    if country != reviewed.country {
        let detail = format!("{} asked, {} concerned", reviewed.country, country);
        return Err(refuse(no::NOT_CONTROLLED, detail));
    }
    Ok(Event::Controlled(id.clone(), reviewed.clone(), at))
}

fn undertake(state: &State, id: &DealId, obligations: &[Obligation], at: Moment) -> Result<Event, Refusal> {
    let deal = open(state, id)?;
    if deal.stage != Stage::Signed {
        return Err(refuse(no::WRONG_STAGE, deal.stage.word()));
    }
    for side in [Side::Export, Side::Import] {
        match deal.ruling(side) {
            None => return Err(refuse(no::NOT_CONTROLLED, format!("{} side not asked", side.word()))),
            Some(Ruling::Refused) => return Err(refuse(no::NOT_CONTROLLED, format!("{} side", side.word()))),
            Some(Ruling::Needed | Ruling::Satisfied) => {}
        }
    }
    backing::covers(deal, obligations)?;
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

fn present(deal: &Deal, evidence: &Evidence, at: Moment) -> Result<Event, Refusal> {
    let contract = &deal.contract;
    let ruled = |side| match deal.ruling(side) {
        Some(Ruling::Satisfied) => Ok(()),
        ruling => {
            let said = ruling.map_or("not asked", Ruling::word);
            Err(refuse(no::NOT_CONTROLLED, format!("{} side: {said}", side.word())))
        }
    };
    let speaks = match evidence.kind {
        EvidenceKind::Signed => &contract.buyer_bank,
        EvidenceKind::Loaded | EvidenceKind::BorderCrossed | EvidenceKind::Arrived => &contract.carrier,
        EvidenceKind::DeclarationAccepted | EvidenceKind::DutyAssessed | EvidenceKind::CustomsReleased => {
            &contract.customs
        }
    };
    if evidence.kind == EvidenceKind::Loaded {
        ruled(Side::Export)?;
    }
    if deal.has(evidence.kind) {
        return Err(refuse(no::EVIDENCE_TWICE, evidence.kind.word()));
    }
    if deal.mishaps.iter().any(|(_, mishap)| *mishap == Mishap::Lost) {
        return Err(refuse(no::LOST, evidence.kind.word()));
    }
    let travels = matches!(evidence.kind, EvidenceKind::BorderCrossed | EvidenceKind::Arrived);
    if travels && !deal.has(EvidenceKind::Loaded) {
        return Err(refuse(no::TOO_EARLY, evidence.kind.word()));
    }
    if evidence.by != *speaks {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{} on {}", evidence.by, evidence.kind.word())));
    }
    border::allows(deal, evidence.kind, at)?;
    if evidence.kind == EvidenceKind::CustomsReleased {
        ruled(Side::Import)?;
    }
    let remedy = match evidence.kind {
        EvidenceKind::Arrived => trouble::late(deal, at)?,
        _ => Remedy::default(),
    };
    let due = falling_due(deal, evidence.kind, at);
    Ok(Event::Presented { deal: contract.id.clone(), evidence: evidence.clone(), due, remedy, at })
}

/// Planned obligations, by position, that this evidence makes due: in time, and not waiting for a credit's documents.
fn falling_due(deal: &Deal, kind: EvidenceKind, at: Moment) -> Vec<u32> {
    let is_backed = |owed: &Obligation| {
        let backing = owed.backed_by.as_ref().and_then(|id| deal.undertakings.get(id));
        backing.is_none_or(|one| !one.waits_for_documents() && !matches!(one.backing, Backing::Expired(_)))
    };
    let falls = |owed: &Obligation| {
        owed.trigger == kind && owed.standing == Standing::Planned && at < owed.expires && is_backed(owed)
    };
    positions(deal, falls)
}

fn positions(deal: &Deal, which: impl Fn(&Obligation) -> bool) -> Vec<u32> {
    let found = deal.obligations.iter().enumerate().filter(|(_, owed)| which(owed));
    found.filter_map(|(position, _)| u32::try_from(position).ok()).collect()
}

/// What time has to say: an undertaking's deadline first, then obligations whose expiry has come.
fn tick(state: &State, at: Moment) -> Event {
    if let Some(event) = state.due(at).find_map(|deal| backing::deadline(deal, at)) {
        return event;
    }
    let mut lapsed = Vec::new();
    for deal in state.due(at) {
        let expired = |owed: &Obligation| owed.standing == Standing::Planned && owed.expires <= at;
        lapsed.extend(
            positions(deal, expired).into_iter().map(|position| (deal.contract.id.clone(), position)),
        );
    }
    if lapsed.is_empty() { Event::Idle } else { Event::Lapsed(lapsed, at) }
}
