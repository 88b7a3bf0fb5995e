//! What has happened becomes state. Cannot fail: everything was decided before.

use std::collections::BTreeMap;

use meridian_pay::{self as pay, Notice};
use meridian_terms::{Moment, Uetr};

use crate::{Deal, DealId, Event, Stage, Standing, State};

/// Applies an event; what falls due is put in the payer's bank's mailbox.
pub fn apply(state: &mut State, pay: &mut pay::State, event: &Event) {
    match event {
        Event::Signed { contract, screened, .. } => {
            let deal = Deal {
                contract: (**contract).clone(),
                screened: screened.clone(),
                route: None,
                landed: None,
                obligations: Vec::new(),
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
        Event::Undertaken(id, obligations, _) => with(state, id, |deal| {
            deal.obligations.clone_from(obligations);
            deal.stage = Stage::Underway;
        }),
        Event::Presented { deal: id, evidence, due, at } => {
            with(state, id, |deal| {
                deal.evidence.push((*at, evidence.clone()));
                for position in due {
                    if let Some(obligation) = deal.obligations.get_mut(*position as usize) {
                        obligation.standing = Standing::Due { since: *at };
                    }
                }
            });
            tell_due(state, pay, id, due, *at);
        }
        Event::Filed { deal: id, name, digest, .. } => with(state, id, |deal| {
            deal.documents.insert(name.clone(), *digest);
        }),
        Event::Cancelled { deal: id, reason, at } => with(state, id, |deal| {
            deal.stage = Stage::Cancelled { reason: reason.clone() };
            for obligation in deal.obligations.iter_mut().filter(|o| o.standing == Standing::Planned) {
                obligation.standing = Standing::Lapsed { at: *at };
            }
        }),
        Event::Lapsed(lapsed, at) => {
            for (id, position) in lapsed {
                with(state, id, |deal| {
                    if let Some(obligation) = deal.obligations.get_mut(*position as usize) {
                        obligation.standing = Standing::Lapsed { at: *at };
                    }
                });
                close_if_settled(state, id);
            }
        }
        Event::Idle => {}
    }
}

/// Sees what happens to payments: one that cites an obligation takes it in flight, pays it, or lets it go.
pub fn observe(state: &mut State, event: &pay::Event) {
    match event {
        pay::Event::Reserved(reservation) => {
            let asked = &reservation.instruction;
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
        change(deal);
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
