//! When things go wrong: reports, disputes, cancellation, lateness.

use meridian_terms::{Bic, Moment, Money, Refusal, Retry};

use crate::mishap::{late_damages, loss, paid_for_goods, price_cut, refund, short_value};
use crate::refusal::{self as no, refuse};
use crate::{Deal, Event, EvidenceKind, Kind, Mishap, Obligation, Remedy, Standing};

pub(super) fn report(deal: &Deal, mishap: &Mishap, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    let contract = &deal.contract;
    let twice = deal.mishaps.iter().any(|(_, earlier)| match (earlier, mishap) {
        (Mishap::Short { line: a, .. }, Mishap::Short { line: b, .. }) => a == b,
        (Mishap::Lost, _) => true,
        _ => false,
    });
    let speaks = match mishap {
        Mishap::Short { .. } | Mishap::Lost => contract.carrier == *by,
        Mishap::Disputed(_) => [&contract.seller_bank, &contract.buyer_bank].contains(&by),
    };
    let misplaced = match mishap {
        Mishap::Short { .. } => !deal.has(EvidenceKind::Loaded),
        Mishap::Lost => deal.has(EvidenceKind::Arrived),
        Mishap::Disputed(_) => deal.dispute.is_some(),
    };
    if twice || misplaced {
        return Err(refuse(no::EVIDENCE_TWICE, mishap.word()));
    }
    if !speaks {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{by} on a {}", mishap.word())));
    }
    nothing_in_flight(deal)?;
    let remedy = match mishap {
        Mishap::Short { line, delivered_kg } => {
            let nothing = || refuse(no::NOTHING_SHORT, format!("line {line}, {delivered_kg} kg"));
            let value = short_value(contract, *line, delivered_kg).ok_or_else(nothing)??;
            price_cut(deal, value, &format!("refund-short-{line}"), at)?
        }
        Mishap::Lost => loss(deal, at)?,
        Mishap::Disputed(_) => Remedy::default(),
    };
    Ok(Event::Reported { deal: contract.id.clone(), mishap: mishap.clone(), by: by.clone(), remedy, at })
}

pub(super) fn offer(deal: &Deal, cut: Money, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    let contract = &deal.contract;
    if deal.dispute.is_none() {
        return Err(refuse(no::NO_DISPUTE, ""));
    }
    let within =
        cut.currency() == contract.price.currency() && (0..=contract.price.minor()).contains(&cut.minor());
    if !within {
        return Err(refuse(no::PRICE, format!("{cut} off {}", contract.price)));
    }
    if ![&contract.seller_bank, &contract.buyer_bank].contains(&by) {
        return Err(refuse(no::NOT_THEIR_WORD, by.as_str()));
    }
    Ok(Event::Offered { deal: contract.id.clone(), cut, by: by.clone(), at })
}

pub(super) fn agree(deal: &Deal, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    let contract = &deal.contract;
    let offer = deal.dispute.as_ref().and_then(|dispute| dispute.offer.as_ref());
    let (offered_by, cut) = offer.ok_or_else(|| refuse(no::NO_DISPUTE, "no offer"))?;
    if offered_by == by || ![&contract.seller_bank, &contract.buyer_bank].contains(&by) {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{by} on the offer of {offered_by}")));
    }
    nothing_in_flight(deal)?;
    let number = deal.mishaps.len();
    let remedy = price_cut(deal, *cut, &format!("refund-dispute-{number}"), at)?;
    Ok(Event::Agreed { deal: contract.id.clone(), remedy, at })
}

pub(super) fn cancel(deal: &Deal, reason: &str, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    let contract = &deal.contract;
    if deal.has(EvidenceKind::Loaded) {
        return Err(refuse(no::WRONG_STAGE, "the goods are loaded"));
    }
    if ![&contract.seller_bank, &contract.buyer_bank].contains(&by) {
        return Err(refuse(no::NOT_THEIR_WORD, by.as_str()));
    }
    nothing_in_flight(deal)?;
    let open = |owed: &Obligation| matches!(owed.standing, Standing::Planned | Standing::Due { .. });
    let nothing = |position: u32| {
        let currency = deal.obligations[position as usize].amount.currency();
        (position, Money::zero(currency))
    };
    let cut = super::positions(deal, open).into_iter().map(nothing).collect();
    let mut remedy = Remedy { cut, ..Remedy::default() };
    let paid = paid_for_goods(deal)?;
    let forfeit = contract.remedies.advance_is_forfeit && *by == contract.buyer_bank;
    if !paid.is_zero() && !forfeit {
        remedy.owed.push(refund(deal, paid, "refund-advance", at));
    }
    Ok(Event::Cancelled { deal: contract.id.clone(), reason: reason.to_owned(), remedy, at })
}

/// What a late arrival costs the seller.
pub(super) fn late(deal: &Deal, at: Moment) -> Result<Remedy, Refusal> {
    let damages = late_damages(&deal.contract, at)?;
    if damages.is_zero() {
        return Ok(Remedy::default());
    }
    nothing_in_flight(deal)?;
    price_cut(deal, damages, "refund-late", at)
}

fn nothing_in_flight(deal: &Deal) -> Result<(), Refusal> {
    let flies = |owed: &&Obligation| {
        matches!(owed.kind, Kind::Goods | Kind::Refund) && matches!(owed.standing, Standing::InFlight { .. })
    };
    match deal.obligations.iter().find(flies) {
        None => Ok(()),
        Some(owed) => Err(refuse(no::IN_FLIGHT, owed.name.clone()).retry(Retry::AfterAMoment)),
    }
}
