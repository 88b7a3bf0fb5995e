//! Undertakings: issued, presented under, examined, waived, demanded, expired.

use meridian_terms::{Bic, Moment, Money, Refusal};

use super::positions;
use crate::refusal::{self as no, refuse};
use crate::undertaking::{EXAMINATION, GRACE, PRESENTATION};
use crate::{
    Backing, Deal, Discrepancy, Event, EvidenceKind, Form, Obligation, Standing, Undertaking, UndertakingId,
};

pub(super) fn issue(deal: &Deal, undertaking: &Undertaking, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    if deal.undertakings.contains_key(&undertaking.id) {
        return Err(refuse(no::UNDERTAKING_EXISTS, undertaking.id.to_string()));
    }
    if undertaking.expires <= at || undertaking.limit.minor() <= 0 {
        return Err(refuse(
            no::UNDERTAKING_LIMIT,
            format!("{} until {}", undertaking.limit, undertaking.expires),
        ));
    }
    if undertaking.documents.is_empty() == (undertaking.form == Form::DocumentaryCredit) {
        let detail =
            format!("a {} that names {} documents", undertaking.form.word(), undertaking.documents.len());
        return Err(refuse(no::UNDERTAKING_FORM, detail));
    }
    if undertaking.issuer != *by {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{by} on the word of {}", undertaking.issuer)));
    }
    let issued = Undertaking { backing: Backing::Open, ..undertaking.clone() };
    Ok(Event::Issued(deal.contract.id.clone(), Box::new(issued), at))
}

/// Whether the undertakings that obligations name cover them: limit, currency, expiry, payer.
pub(super) fn covers(deal: &Deal, obligations: &[Obligation]) -> Result<(), Refusal> {
    for id in obligations.iter().filter_map(|owed| owed.backed_by.as_ref()) {
        let undertaking = known(deal, id)?;
        let backed = || obligations.iter().filter(|owed| owed.backed_by.as_ref() == Some(id));
        let mut sum = Money::zero(undertaking.limit.currency());
        for owed in backed() {
            if owed.amount.currency() != sum.currency() || owed.expires > undertaking.expires {
                return Err(refuse(no::UNDERTAKING_LIMIT, format!("{id} and {}", owed.name)));
            }
            if matches!(undertaking.form, Form::DocumentaryCredit | Form::Promise)
                && owed.payer_agent != undertaking.issuer
            {
                return Err(refuse(no::UNDERTAKING_FORM, format!("{} pays {}", owed.payer_agent, owed.name)));
            }
            sum = sum.checked_add(owed.amount)?;
        }
        if sum.minor() > undertaking.limit.minor() {
            return Err(refuse(no::UNDERTAKING_LIMIT, format!("{id}: {sum} above {}", undertaking.limit)));
        }
    }
    Ok(())
}

pub(super) fn present(deal: &Deal, id: &UndertakingId, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    let undertaking = credit(deal, id)?;
    if undertaking.backing != Backing::Open || undertaking.expires <= at {
        return Err(refuse(no::UNDERTAKING_STANDING, format!("{id} is {}", undertaking.backing.word())));
    }
    if undertaking.beneficiary != *by {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{by} under {id}")));
    }
    let missing = undertaking.documents.iter().filter(|name| !deal.documents.contains_key(*name));
    let mut found: Vec<Discrepancy> = missing.map(|name| Discrepancy::Missing(name.clone())).collect();
    let shipped = deal.evidence.iter().find(|(_, evidence)| evidence.kind == EvidenceKind::Loaded);
    if shipped.is_some_and(|(shipped, _)| shipped.plus(PRESENTATION) < at) {
        found.push(Discrepancy::LatePresentation);
    }
    let backed = deal.obligations.iter().filter(|owed| owed.backed_by.as_ref() == Some(id));
    let sum = backed
        .map(|owed| owed.amount)
        .try_fold(Money::zero(undertaking.limit.currency()), Money::checked_add)?;
    if sum.minor() > undertaking.limit.minor() {
        found.push(Discrepancy::OverLimit);
    }
    Ok(Event::PresentedUnder { deal: deal.contract.id.clone(), undertaking: id.clone(), found, at })
}

pub(super) fn examine(
    deal: &Deal,
    id: &UndertakingId,
    found: &[String],
    by: &Bic,
    at: Moment,
) -> Result<Event, Refusal> {
    let undertaking = credit(deal, id)?;
    if !matches!(undertaking.backing, Backing::Examined { .. }) {
        return Err(refuse(no::UNDERTAKING_STANDING, format!("{id} is {}", undertaking.backing.word())));
    }
    issuer_says(undertaking, by)?;
    if found.is_empty() {
        return Ok(honour(deal, undertaking, false, at));
    }
    let found = found.iter().map(|what| Discrepancy::Found(what.clone())).collect();
    Ok(Event::Discrepant { deal: deal.contract.id.clone(), undertaking: id.clone(), found, at })
}

pub(super) fn waive(deal: &Deal, id: &UndertakingId, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    let undertaking = discrepant(deal, id)?;
    issuer_says(undertaking, by)?;
    Ok(honour(deal, undertaking, true, at))
}

pub(super) fn give_back(deal: &Deal, id: &UndertakingId, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    issuer_says(discrepant(deal, id)?, by)?;
    Ok(Event::GivenBack(deal.contract.id.clone(), id.clone(), at))
}

pub(super) fn demand(
    deal: &Deal,
    id: &UndertakingId,
    obligation: &str,
    by: &Bic,
    at: Moment,
) -> Result<Event, Refusal> {
    let undertaking = known(deal, id)?;
    if !matches!(undertaking.form, Form::Standby | Form::Guarantee) {
        return Err(refuse(no::UNDERTAKING_FORM, undertaking.form.word()));
    }
    if undertaking.backing != Backing::Open || undertaking.expires <= at {
        return Err(refuse(no::UNDERTAKING_STANDING, format!("{id} is {}", undertaking.backing.word())));
    }
    let unpaid = |owed: &Obligation| {
        let is_backed = owed.backed_by.as_ref() == Some(id)
            || (owed.kind.is_owed_to_customs() && undertaking.beneficiary == deal.contract.customs);
        let is_overdue = matches!(owed.standing, Standing::Due { since } if since.plus(GRACE) <= at);
        is_backed && is_overdue && owed.amount.currency() == undertaking.limit.currency()
    };
    let position = deal.obligations.iter().position(|owed| owed.name == obligation && unpaid(owed));
    let position = position.ok_or_else(|| refuse(no::NOT_DEMANDABLE, obligation))?;
    if deal.obligations[position].amount.minor() > undertaking.limit.minor() {
        return Err(refuse(no::UNDERTAKING_LIMIT, deal.obligations[position].amount.to_string()));
    }
    if undertaking.beneficiary != *by {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{by} under {id}")));
    }
    let obligation = u32::try_from(position).unwrap_or(u32::MAX);
    Ok(Event::Demanded { deal: deal.contract.id.clone(), undertaking: id.clone(), obligation, at })
}

/// What an undertaking's deadline says: silence is consent, or it has expired.
pub(super) fn deadline(deal: &Deal, at: Moment) -> Option<Event> {
    let due = deal.undertakings.values().find(|one| one.deadline().is_some_and(|deadline| deadline <= at))?;
    if let Backing::Examined { until } = due.backing {
        return Some(honour(deal, due, false, until));
    }
    let lapses = |owed: &Obligation| {
        owed.backed_by.as_ref() == Some(&due.id)
            && owed.standing == Standing::Planned
            && matches!(due.form, Form::DocumentaryCredit | Form::Promise)
    };
    Some(Event::UndertakingExpired {
        deal: deal.contract.id.clone(),
        undertaking: due.id.clone(),
        lapsed: positions(deal, lapses),
        at,
    })
}

/// Until when the issuer of documents presented at this moment may examine them.
pub(crate) const fn examined_until(at: Moment) -> Moment {
    at.plus(EXAMINATION)
}

fn honour(deal: &Deal, undertaking: &Undertaking, waived: bool, at: Moment) -> Event {
    // What its evidence would have made due by now falls due with the documents.
    let falls = |owed: &Obligation| {
        owed.backed_by.as_ref() == Some(&undertaking.id)
            && owed.standing == Standing::Planned
            && at < owed.expires
            && deal.has(owed.trigger)
    };
    Event::Honoured {
        deal: deal.contract.id.clone(),
        undertaking: undertaking.id.clone(),
        waived,
        due: positions(deal, falls),
        at,
    }
}

fn known<'a>(deal: &'a Deal, id: &UndertakingId) -> Result<&'a Undertaking, Refusal> {
    deal.undertakings.get(id).ok_or_else(|| refuse(no::UNDERTAKING_UNKNOWN, id.to_string()))
}

fn credit<'a>(deal: &'a Deal, id: &UndertakingId) -> Result<&'a Undertaking, Refusal> {
    let undertaking = known(deal, id)?;
    match undertaking.form {
        Form::DocumentaryCredit => Ok(undertaking),
        form => Err(refuse(no::UNDERTAKING_FORM, form.word())),
    }
}

fn discrepant<'a>(deal: &'a Deal, id: &UndertakingId) -> Result<&'a Undertaking, Refusal> {
    let undertaking = credit(deal, id)?;
    match undertaking.backing {
        Backing::Discrepant(_) => Ok(undertaking),
        _ => Err(refuse(no::UNDERTAKING_STANDING, format!("{id} is {}", undertaking.backing.word()))),
    }
}

fn issuer_says(undertaking: &Undertaking, by: &Bic) -> Result<(), Refusal> {
    if undertaking.issuer == *by {
        return Ok(());
    }
    Err(refuse(no::NOT_THEIR_WORD, format!("{by} for {}", undertaking.issuer)))
}
