//! What has happened becomes state. Cannot fail: everything was decided before.

use std::collections::BTreeMap;

use meridian_pay::{self as pay, Notice};
use meridian_terms::{Moment, Uetr};

use crate::decide::examined_until;
use crate::{
    Backing, Customs, CustomsWord, Deal, DealId, Dispute, Event, EvidenceKind, Mishap, Remedy, Stage,
    Standing, State, UndertakingId,
};

/// Applies an event; what falls due is put in the payer's bank's mailbox.
pub fn apply(state: &mut State, pay: &mut pay::State, event: &Event) {
    match event {
        Event::Signed { contract, screened, .. } => {
            let deal = Deal {
                contract: (**contract).clone(),
                screened: screened.clone(),
                route: None,
                landed: None,
                reviews: BTreeMap::new(),
                obligations: Vec::new(),
                forecast: BTreeMap::new(),
                undertakings: BTreeMap::new(),
                customs: Customs::NotLodged,
                mishaps: Vec::new(),
                dispute: None,
                documents: BTreeMap::new(),
                evidence: Vec::new(),
                stage: Stage::Signed,
            };
            state.deals.insert(contract.id.clone(), deal);
        }
        Event::RouteChosen(id, route, _) => with(state, id, |deal| deal.route = Some(route.clone())),
        Event::Assessed { deal, rows, pack, .. } => {
            with(state, deal, |deal| deal.landed = Some((rows.clone(), pack.clone())));
        }
        Event::Controlled(id, reviewed, _) => {
            with(state, id, |deal| drop(deal.reviews.insert(reviewed.side, reviewed.clone())));
        }
        Event::Issued(id, undertaking, _) => {
            with(state, id, |deal| {
                drop(deal.undertakings.insert(undertaking.id.clone(), (**undertaking).clone()))
            });
        }
        Event::PresentedUnder { deal: id, undertaking, found, at } => {
            let backing = if found.is_empty() {
                Backing::Examined { until: examined_until(*at) }
            } else {
                Backing::Discrepant(found.clone())
            };
            back(state, id, undertaking, backing);
        }
        Event::Discrepant { deal: id, undertaking, found, .. } => {
            back(state, id, undertaking, Backing::Discrepant(found.clone()));
        }
        Event::Honoured { deal: id, undertaking, waived, due, at } => {
            back(state, id, undertaking, Backing::Honoured { at: *at, waived: *waived });
            fall_due(state, pay, id, due, *at);
        }
        Event::GivenBack(id, undertaking, _) => back(state, id, undertaking, Backing::Open),
        Event::Demanded { deal: id, undertaking, obligation, at } => {
            with(state, id, |deal| {
                let issuer = deal.undertakings.get_mut(undertaking).map(|one| {
                    one.backing = Backing::Honoured { at: *at, waived: false };
                    one.issuer.clone()
                });
                if let (Some(issuer), Some(owed)) = (issuer, deal.obligations.get_mut(*obligation as usize)) {
                    owed.payer_agent = issuer;
                }
            });
            tell_due(state, pay, id, &[*obligation], *at);
        }
        Event::Lodged(id, lodgement, at) => {
            with(state, id, |deal| deal.customs = Customs::Lodged(lodgement.clone()));
            let facts = BTreeMap::from([
                ("deal".to_owned(), id.to_string()),
                ("reference".to_owned(), lodgement.reference.clone()),
            ]);
            if let Some(customs) = state.deals.get(id).map(|deal| deal.contract.customs.clone()) {
                pay.tell(&customs, *at, Notice::Word { kind: "deal.declaration_lodged".into(), facts });
            }
        }
        Event::CustomsSaid { deal: id, word, remedy, at } => {
            with(state, id, |deal| hear(deal, word, *at));
            remedy_applies(state, pay, id, remedy, *at);
        }
        Event::Reported { deal: id, mishap, by, remedy, at } => {
            with(state, id, |deal| {
                deal.mishaps.push((*at, mishap.clone()));
                if let Mishap::Disputed(reason) = mishap {
                    deal.dispute =
                        Some(Dispute { by: by.clone(), reason: reason.clone(), since: *at, offer: None });
                }
            });
            remedy_applies(state, pay, id, remedy, *at);
        }
        Event::Offered { deal: id, cut, by, .. } => with(state, id, |deal| {
            if let Some(dispute) = &mut deal.dispute {
                dispute.offer = Some((by.clone(), *cut));
            }
        }),
        Event::Agreed { deal: id, remedy, at } => {
            with(state, id, |deal| deal.dispute = None);
            remedy_applies(state, pay, id, remedy, *at);
        }
        Event::Undertaken(id, obligations, _) => with(state, id, |deal| {
            deal.obligations.clone_from(obligations);
            for owed in obligations {
                let sum = deal
                    .forecast
                    .entry(owed.kind)
                    .or_insert_with(|| meridian_terms::Money::zero(owed.amount.currency()));
                *sum = sum.checked_add(owed.amount).unwrap_or(*sum);
            }
            deal.stage = Stage::Underway;
        }),
        Event::Presented { deal: id, evidence, due, remedy, at } => {
            with(state, id, |deal| {
                deal.evidence.push((*at, evidence.clone()));
                match (evidence.kind, std::mem::take(&mut deal.customs)) {
                    (EvidenceKind::DeclarationAccepted, Customs::Lodged(lodgement)) => {
                        deal.customs = Customs::Accepted(lodgement);
                    }
                    (EvidenceKind::CustomsReleased, _) => deal.customs = Customs::Released,
                    (_, customs) => deal.customs = customs,
                }
            });
            // Damages come off before what is left falls due.
            remedy_applies(state, pay, id, remedy, *at);
            fall_due(state, pay, id, due, *at);
        }
        Event::Filed { deal: id, name, digest, .. } => with(state, id, |deal| {
            deal.documents.insert(name.clone(), *digest);
        }),
        Event::Cancelled { deal: id, reason, remedy, at } => {
            remedy_applies(state, pay, id, remedy, *at);
            with(state, id, |deal| deal.stage = Stage::Cancelled { reason: reason.clone() });
        }
        Event::Lapsed(lapsed, at) => {
            for (id, position) in lapsed {
                with(state, id, |deal| lapse(deal, *position, *at));
                close_if_settled(state, id);
            }
        }
        Event::UndertakingExpired { deal: id, undertaking, lapsed, at } => {
            back(state, id, undertaking, Backing::Expired(*at));
            with(state, id, |deal| lapsed.iter().for_each(|position| lapse(deal, *position, *at)));
            close_if_settled(state, id);
        }
        Event::Idle => {}
    }
}

fn back(state: &mut State, id: &DealId, undertaking: &UndertakingId, backing: Backing) {
    with(state, id, |deal| {
        if let Some(one) = deal.undertakings.get_mut(undertaking) {
            one.backing = backing;
        }
    });
}

fn hear(deal: &mut Deal, word: &CustomsWord, at: Moment) {
    let customs = std::mem::take(&mut deal.customs);
    deal.customs = match (word, customs) {
        (CustomsWord::Assess(_), Customs::Accepted(lodgement)) => {
            let by = deal.contract.customs.clone();
            let (document, digest) = (lodgement.reference.clone(), lodgement.digest);
            let kind = EvidenceKind::DutyAssessed;
            deal.evidence.push((at, crate::Evidence { kind, by, document, digest }));
            Customs::Assessed(lodgement)
        }
        (CustomsWord::Hold(reason), Customs::Accepted(lodgement)) => {
            Customs::Held { lodgement, reason: reason.clone(), assessed: false }
        }
        (CustomsWord::Hold(reason), Customs::Assessed(lodgement)) => {
            Customs::Held { lodgement, reason: reason.clone(), assessed: true }
        }
        (CustomsWord::Lift(_), Customs::Held { lodgement, assessed: true, .. }) => {
            Customs::Assessed(lodgement)
        }
        (CustomsWord::Lift(_), Customs::Held { lodgement, .. }) => Customs::Accepted(lodgement),
        (CustomsWord::Refuse(reason), _) => Customs::Refused(reason.clone()),
        (_, customs) => customs,
    };
}

/// Cuts first, so that nothing falls due with an old amount; a cut to nothing lapses.
fn remedy_applies(state: &mut State, pay: &mut pay::State, id: &DealId, remedy: &Remedy, at: Moment) {
    let mut owed_from = 0;
    with(state, id, |deal| {
        for (position, amount) in &remedy.cut {
            if let Some(owed) = deal.obligations.get_mut(*position as usize) {
                owed.amount = *amount;
            }
            if amount.is_zero() {
                lapse(deal, *position, at);
            }
        }
        owed_from = deal.obligations.len();
        deal.obligations.extend(remedy.owed.iter().cloned());
    });
    let new = (owed_from..owed_from + remedy.owed.len()).filter_map(|position| u32::try_from(position).ok());
    tell_due(state, pay, id, &new.collect::<Vec<_>>(), at);
    fall_due(state, pay, id, &remedy.due, at);
    close_if_settled(state, id);
}

/// Planned obligations fall due, and their payers' banks are told.
fn fall_due(state: &mut State, pay: &mut pay::State, id: &DealId, due: &[u32], at: Moment) {
    let mut fell = Vec::new();
    with(state, id, |deal| {
        for position in due {
            if let Some(owed) = deal.obligations.get_mut(*position as usize)
                && owed.standing == Standing::Planned
            {
                owed.standing = Standing::Due { since: at };
                fell.push(*position);
            }
        }
    });
    tell_due(state, pay, id, &fell, at);
}

fn lapse(deal: &mut Deal, position: u32, at: Moment) {
    if let Some(owed) = deal.obligations.get_mut(position as usize) {
        owed.standing = Standing::Lapsed { at };
    }
}

/// Sees what happens to payments: one that cites an obligation takes it in flight, pays it, or lets it go.
pub fn observe(state: &mut State, event: &pay::Event) {
    match event {
        pay::Event::Reserved(_) | pay::Event::Queued(_) => {
            let Some(asked) = event.started() else { return };
            let cited = asked.document.as_deref().and_then(|document| {
                let (deal, position) = state.cited(document)?;
                Some((deal.contract.id.clone(), u32::try_from(position).ok()?))
            });
            if let Some(cited) = cited {
                state.in_flight.insert(asked.uetr, cited);
                move_obligation(state, asked.uetr, |since| Standing::InFlight { uetr: asked.uetr, since });
            }
        }
        pay::Event::Committed { uetr, at, .. } => {
            move_obligation(state, *uetr, |_| Standing::Paid { uetr: *uetr, at: *at });
            if let Some((id, _)) = state.in_flight.remove(uetr) {
                close_if_settled(state, &id);
            }
        }
        pay::Event::Rejected { uetr, .. } => {
            move_obligation(state, *uetr, |since| Standing::Due { since });
            state.in_flight.remove(uetr);
        }
        _ => {}
    }
}

fn with(state: &mut State, id: &DealId, change: impl FnOnce(&mut Deal)) {
    if let Some(deal) = state.deals.get_mut(id) {
        let before = deal.deadline();
        change(deal);
        let after = deal.deadline();
        if before != after {
            before.map(|at| state.deadlines.remove(&(at, id.clone())));
            state.deadlines.extend(after.map(|at| (at, id.clone())));
        }
    }
}

fn move_obligation(state: &mut State, uetr: Uetr, next: impl FnOnce(Moment) -> Standing) {
    let Some((id, position)) = state.in_flight.get(&uetr).cloned() else { return };
    with(state, &id, |deal| {
        if let Some(obligation) = deal.obligations.get_mut(position as usize)
            && let Standing::Due { since } | Standing::InFlight { since, .. } = obligation.standing
        {
            obligation.standing = next(since);
        }
    });
}

fn close_if_settled(state: &mut State, id: &DealId) {
    with(state, id, |deal| {
        if deal.stage == Stage::Underway && deal.is_settled() {
            deal.stage = Stage::Settled;
        }
    });
}

fn tell_due(state: &State, pay: &mut pay::State, id: &DealId, due: &[u32], at: Moment) {
    let Some(deal) = state.deals.get(id) else { return };
    for obligation in due.iter().filter_map(|position| deal.obligations.get(*position as usize)) {
        let facts = BTreeMap::from([
            ("document".to_owned(), deal.citation(obligation)),
            ("amount".to_owned(), obligation.amount.to_string()),
            ("payer".to_owned(), obligation.payer.name.clone()),
            ("payer_country".to_owned(), obligation.payer.country.to_string()),
            ("payee".to_owned(), obligation.payee.name.clone()),
            ("payee_country".to_owned(), obligation.payee.country.to_string()),
            ("payee_account".to_owned(), obligation.payee_account.clone()),
            ("payee_agent".to_owned(), obligation.payee_agent.to_string()),
            ("kind".to_owned(), obligation.kind.word().to_owned()),
        ]);
        pay.tell(&obligation.payer_agent, at, Notice::Word { kind: "deal.payout_due".into(), facts });
    }
}
