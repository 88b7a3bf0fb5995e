//! The border: declarations lodged, assessed, held, refused; what release waits for.

use meridian_terms::{Bic, Moment, Money, Refusal};

use super::positions;
use crate::refusal::{self as no, refuse};
use crate::{
    Backing, Charge, Customs, CustomsWord, Deal, Event, EvidenceKind, Form, Lodgement, Obligation, Remedy,
    Standing,
};

pub(super) fn lodge(deal: &Deal, lodgement: &Lodgement, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    let contract = &deal.contract;
    if deal.customs != Customs::NotLodged {
        return Err(standing(&deal.customs));
    }
    if ![&contract.buyer_bank, &contract.carrier].contains(&by) {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{by} on the declaration")));
    }
    let before_arrival = !deal.has(EvidenceKind::BorderCrossed);
    let lodgement = Lodgement { before_arrival, ..lodgement.clone() };
    Ok(Event::Lodged(contract.id.clone(), lodgement, at))
}

pub(super) fn say(deal: &Deal, word: &CustomsWord, by: &Bic, at: Moment) -> Result<Event, Refusal> {
    let contract = &deal.contract;
    let fits = match (word, &deal.customs) {
        (CustomsWord::Assess(_), Customs::Accepted(_))
        | (CustomsWord::Hold(_) | CustomsWord::Inspect(_), Customs::Accepted(_) | Customs::Assessed(_))
        | (CustomsWord::Lift(_) | CustomsWord::Inspect(_), Customs::Held { .. }) => true,
        (CustomsWord::Refuse(_), customs) => {
            !matches!(customs, Customs::NotLodged | Customs::Released | Customs::Refused(_))
        }
        _ => false,
    };
    if *by != contract.customs {
        return Err(refuse(no::NOT_THEIR_WORD, format!("{by} for {}", contract.customs)));
    }
    if !fits {
        return Err(standing(&deal.customs));
    }
    let remedy = match word {
        CustomsWord::Assess(charges) => assessed(deal, charges, at)?,
        CustomsWord::Refuse(_) => refused(deal),
        CustomsWord::Hold(_) | CustomsWord::Lift(_) | CustomsWord::Inspect(_) => Remedy::default(),
    };
    Ok(Event::CustomsSaid { deal: contract.id.clone(), word: word.clone(), remedy, at })
}

/// What customs assessed is what is owed: obligations planned for its kinds take its figures and fall due, kinds it did
/// not name lapse, kinds nobody planned are owed from now on.
fn assessed(deal: &Deal, charges: &[Charge], at: Moment) -> Result<Remedy, Refusal> {
    let mut remedy = Remedy::default();
    let mut open: Vec<&Charge> = Vec::new();
    for charge in charges {
        let twice = open.iter().any(|other| other.kind == charge.kind);
        let strange = open.first().is_some_and(|first| first.amount.currency() != charge.amount.currency());
        if !charge.kind.is_owed_to_customs() || charge.amount.is_negative() || twice || strange {
            return Err(refuse(no::CHARGE_CURRENCY, format!("{} {}", charge.kind.word(), charge.amount)));
        }
        open.push(charge);
    }
    for (position, owed) in deal.obligations.iter().enumerate() {
        if !owed.kind.is_owed_to_customs() || owed.standing != Standing::Planned {
            continue;
        }
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let charged = open.iter().position(|charge| charge.kind == owed.kind);
        let amount = match charged {
            Some(place) => open.remove(place).amount,
            None => Money::zero(owed.amount.currency()),
        };
        if amount != owed.amount {
            remedy.cut.push((position, amount));
        }
        if !amount.is_zero() {
            remedy.due.push(position);
        }
    }
    for charge in open.into_iter().filter(|charge| !charge.amount.is_zero()) {
        remedy.owed.push(owed_to_customs(deal, charge, at));
    }
    Ok(remedy)
}

fn owed_to_customs(deal: &Deal, charge: &Charge, at: Moment) -> Obligation {
    let contract = &deal.contract;
    let (payer, payer_agent) = match contract.incoterm.import_duty() {
        crate::Bearer::Seller => (contract.seller.clone(), contract.seller_bank.clone()),
        crate::Bearer::Buyer => (contract.buyer.clone(), contract.buyer_bank.clone()),
    };
    Obligation {
        name: format!("{}-assessed", charge.kind.word()),
        kind: charge.kind,
        payer,
        payer_agent,
        payee: contract.treasury.party.clone(),
        payee_account: contract.treasury.account.clone(),
        payee_agent: contract.treasury.agent.clone(),
        amount: charge.amount,
        trigger: EvidenceKind::DutyAssessed,
        expires: Moment::from_micros(i64::MAX),
        backed_by: None,
        standing: Standing::Due { since: at },
    }
}

/// Goods that may not come in owe no duty.
fn refused(deal: &Deal) -> Remedy {
    let open = |owed: &Obligation| {
        owed.kind.is_owed_to_customs() && matches!(owed.standing, Standing::Planned | Standing::Due { .. })
    };
    let nothing = |position: u32| {
        let currency = deal.obligations[position as usize].amount.currency();
        (position, Money::zero(currency))
    };
    Remedy { cut: positions(deal, open).into_iter().map(nothing).collect(), ..Remedy::default() }
}

/// What the customs authority's own evidence waits for.
pub(super) fn allows(deal: &Deal, kind: EvidenceKind, at: Moment) -> Result<(), Refusal> {
    match (kind, &deal.customs) {
        (EvidenceKind::DeclarationAccepted, Customs::Lodged(_)) => Ok(()),
        (EvidenceKind::CustomsReleased, Customs::Assessed(_)) => release(deal, at),
        // Assessment comes with its figures, not as bare evidence.
        (
            EvidenceKind::DeclarationAccepted | EvidenceKind::DutyAssessed | EvidenceKind::CustomsReleased,
            customs,
        ) => Err(standing(customs)),
        _ => Ok(()),
    }
}

fn release(deal: &Deal, at: Moment) -> Result<(), Refusal> {
    let unpaid = |owed: &&Obligation| {
        owed.kind.is_owed_to_customs()
            && matches!(owed.standing, Standing::Planned | Standing::Due { .. } | Standing::InFlight { .. })
    };
    let mut owed = deal.obligations.iter().filter(unpaid);
    if let Some(first) = owed.next() {
        let sum = owed.map(|owed| owed.amount).try_fold(first.amount, Money::checked_add)?;
        let secures = |one: &&crate::Undertaking| {
            one.form == Form::Guarantee
                && one.beneficiary == deal.contract.customs
                && one.backing == Backing::Open
                && at < one.expires
                && one.limit.currency() == sum.currency()
                && one.limit.minor() >= sum.minor()
        };
        if !deal.undertakings.values().any(|one| secures(&one)) {
            return Err(refuse(no::DUTY_UNPAID, format!("{} {}", first.name, first.amount)));
        }
    }
    let missing = deal.contract.documents.iter().find(|name| !deal.documents.contains_key(*name));
    missing.map_or(Ok(()), |name| Err(refuse(no::DOCUMENT_MISSING, name.clone())))
}

fn standing(customs: &Customs) -> Refusal {
    refuse(no::CUSTOMS_STANDING, customs.word())
}
