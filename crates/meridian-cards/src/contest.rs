//! The steps of a dispute, decided.

use meridian_ledger::{self as ledger, AccountId, Transfer};
use meridian_terms::{Moment, Money, Refusal};

use crate::authorise::find;
use crate::bill::{Numbering, fee_account, position_account};
use crate::decide::chain;
use crate::dispute::{Disputant, Dispute, DisputeStage, DisputeStep};
use crate::refusal::{self as no, refuse};
use crate::{Bill, Event, Kind, Opening, Role, Stage, State, Transaction, TransactionId};

/// A step, if it is that side's turn and the ledger can move the money.
pub(crate) fn step(
    state: &State,
    money: &ledger::State,
    by: &Disputant,
    id: TransactionId,
    step: &DisputeStep,
    at: Moment,
) -> Result<Event, Refusal> {
    let transaction = find(state, id)?;
    let (Some(opening), Some(request), Some(bill)) =
        (&transaction.opening, &transaction.request, &transaction.bill)
    else {
        return Err(refuse(no::DISPUTE_STEP, transaction.stage.word()));
    };
    let role = match by {
        Disputant::Arbiter => None,
        Disputant::Scheme(scheme) if *scheme == opening.parties.issuer => Some(Role::Issuer),
        Disputant::Scheme(scheme) if *scheme == opening.parties.acquirer => Some(Role::Acquirer),
        Disputant::Scheme(scheme) => return Err(refuse(no::NOT_YOURS, scheme.as_str())),
    };
    let deadline = at.plus(state.settings.dispute);
    let contest = Contest { money, id, transaction, opening, kind: request.kind, at };
    let open = state.disputes.get(&id);
    let wrong = || {
        let stage = open.map_or("none", |dispute| dispute.stage.word());
        refuse(no::DISPUTE_STEP, stage)
    };
    match (step, role, open.map(|dispute| dispute.stage)) {
        (DisputeStep::ChargeBack { amount, reason }, Some(Role::Issuer), None) => {
            let stands = bill.amounts.transaction;
            let fits = amount.currency() == stands.currency()
                && amount.minor() > 0
                && amount.minor() <= stands.minor();
            if transaction.stage != Stage::Posted || request.kind.is_credit() {
                return Err(refuse(no::DISPUTE_STEP, transaction.stage.word()));
            }
            if !fits {
                return Err(refuse(no::INVALID_AMOUNT, format!("{amount} of {stands}")));
            }
            let disputed = without_fees(&bill.scaled(*amount));
            let dispute = Dispute {
                transaction: id,
                bill: disputed,
                reason: reason.clone(),
                stage: DisputeStage::ChargedBack { deadline },
            };
            contest.moved(dispute, Some(Role::Issuer), b'k', None)
        }
        (DisputeStep::Represent, Some(Role::Acquirer), Some(DisputeStage::ChargedBack { .. })) => {
            contest.next(open, DisputeStage::Represented { deadline }, Some(Role::Acquirer), b'l', None)
        }
        (DisputeStep::Arbitrate, Some(Role::Issuer), Some(DisputeStage::Represented { .. })) => {
            contest.next(open, DisputeStage::Arbitration { deadline }, None, b'm', None)
        }
        (DisputeStep::Rule { winner, fee }, None, Some(DisputeStage::Arbitration { .. })) => {
            let gets = (*winner == Role::Issuer).then_some(Role::Issuer);
            contest.next(open, DisputeStage::Closed { winner: *winner }, gets, b'n', Some((*winner, *fee)))
        }
        (DisputeStep::Accept, Some(Role::Acquirer), Some(DisputeStage::ChargedBack { .. })) => {
            contest.next(open, DisputeStage::Closed { winner: Role::Issuer }, None, b'o', None)
        }
        (DisputeStep::Accept, Some(Role::Issuer), Some(DisputeStage::Represented { .. })) => {
            contest.next(open, DisputeStage::Closed { winner: Role::Acquirer }, None, b'o', None)
        }
        _ => Err(wrong()),
    }
}

struct Contest<'a> {
    money: &'a ledger::State,
    id: TransactionId,
    transaction: &'a Transaction,
    opening: &'a Opening,
    kind: Kind,
    at: Moment,
}

impl Contest<'_> {
    fn next(
        &self,
        open: Option<&Dispute>,
        stage: DisputeStage,
        gets: Option<Role>,
        step: u8,
        fee: Option<(Role, Money)>,
    ) -> Result<Event, Refusal> {
        let Some(dispute) = open else { return Err(refuse(no::DISPUTE_STEP, "none")) };
        self.moved(Dispute { stage, ..dispute.clone() }, gets, step, fee)
    }

    /// The step's movements: the disputed amount to whoever gets it, the fee from the loser to the hub.
    fn moved(
        &self,
        dispute: Dispute,
        gets: Option<Role>,
        step: u8,
        fee: Option<(Role, Money)>,
    ) -> Result<Event, Refusal> {
        let amounts = &dispute.bill.amounts;
        let mut legs = Vec::new();
        let mut moved = (0, 0);
        if let Some(gets) = gets {
            let way = dispute.bill.legs(&self.opening.parties, self.kind);
            legs.extend(way.into_iter().take(2).map(|leg| match gets {
                Role::Acquirer => leg,
                Role::Issuer => crate::Leg { from: leg.to, to: leg.from, amount: leg.amount },
            }));
            let sign = if gets == Role::Acquirer { 1 } else { -1 };
            moved = (sign * amounts.acquirer.minor(), -sign * amounts.issuer.minor());
        }
        if let Some((winner, fee)) = fee.filter(|(_, fee)| fee.minor() > 0) {
            let parties = &self.opening.parties;
            let (loser, owes): (AccountId, &mut i128) = match winner {
                Role::Issuer => (position_account(parties.acquirer.as_str(), fee.currency()), &mut moved.0),
                Role::Acquirer => (position_account(parties.issuer.as_str(), fee.currency()), &mut moved.1),
            };
            *owes -= fee.minor();
            legs.push(crate::Leg { from: loser, to: fee_account(fee.currency()), amount: fee });
        }
        let numbering = Numbering { id: self.id, round: self.transaction.round };
        let transfers: Vec<Transfer> = numbering.step(step, &legs);
        let posted = chain(self.money, transfers, self.at)?;
        Ok(Event::Disputed { dispute: Box::new(dispute), at: self.at, moved, posted })
    }
}

/// Interchange and scheme fees are not part of what is disputed.
fn without_fees(bill: &Bill) -> Bill {
    let nothing = |of: Money| Money::zero(of.currency());
    let mut bill = *bill;
    bill.fees.interchange = nothing(bill.fees.interchange);
    bill.fees.interchange_issuer = nothing(bill.fees.interchange_issuer);
    bill.fees.acquirer = nothing(bill.fees.acquirer);
    bill.fees.issuer = nothing(bill.fees.issuer);
    bill
}
