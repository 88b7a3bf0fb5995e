//! Settlement in the hub: windows close and settle, the queue is released, and payments hear of it in the same record.

use meridian_terms::{Currency, Moment, Refusal};
use {meridian_cards as cards, meridian_ledger as ledger, meridian_pay as pay};
use {meridian_people as people, meridian_settlement as settlement};

use crate::office::wants_people;
use crate::tally;
use crate::{Event, Hub};
use people::{Act, PersonId};
use settlement::{Command, Tier};

/// Which act a command to settlement is, where it is an operator's and not a participant's, an agent's or time's.
pub(crate) const fn operators(command: &Command) -> Option<Act> {
    Some(match command {
        Command::OpenCircuit(_) | Command::SetSubCap { .. } | Command::KeepWith { .. } => Act::ChangeSettings,
        Command::Close(_) | Command::Settle(_) => Act::RunWindow,
        Command::ProposeCorrection(_) | Command::ApproveCorrection { .. } => Act::CorrectSettlement,
        _ => return None,
    })
}

/// In words, for whoever approves.
pub(crate) fn words(command: &Command) -> String {
    match command {
        Command::OpenCircuit(circuit) => {
            format!("settle {} at {} ({:?})", circuit.currency, circuit.agent, circuit.model)
        }
        Command::SetSubCap { participant, most } => {
            format!("let {participant} spend {most} of each closed window before it is settled")
        }
        Command::KeepWith { holder, participant } => format!("{holder} settles with {participant}"),
        Command::Close(currency) => format!("close the window of {currency} now"),
        Command::Settle(window) => format!("settle window {} of {}", window.number, window.currency),
        Command::ProposeCorrection(correction) => {
            format!(
                "correct {} from account {:032x} to {:032x}: {}",
                correction.amount, correction.debit.0, correction.credit.0, correction.reason
            )
        }
        other => format!("{other:?}"),
    }
}

impl Hub {
    /// Decides a command to settlement, and what it means for payments that waited.
    ///
    /// # Errors
    /// What settlement refuses; `office.wants_people` for operators' acts once the hub has people; for a release of
    /// payments that must be screened again first, `pay.screening_stale`.
    pub(crate) fn decide_settlement(&self, command: &Command, at: Moment) -> Result<Event, Refusal> {
        if let Some(act) = operators(command).filter(|_| self.has_people()) {
            return Err(wants_people(act));
        }
        let event = settlement::decide(&self.settlement, &self.ledger, command, at)?;
        pay::queue::may_happen(&self.pay, &event)?;
        let payments = pay::queue::follow(&self.pay, &event, at);
        Ok(Event::Settle(event, payments))
    }

    pub(crate) fn apply_settlement(&mut self, event: &settlement::Event, at: Moment) {
        pay::agents::tell_ended(&mut self.pay, &self.settlement, event, at);
        settlement::apply(&mut self.settlement, &mut self.ledger, event);
        pay::agents::tell(&mut self.pay, &self.settlement, &self.ledger, event, at);
        tally::observe_settlement(&mut self.statistics, event);
    }

    /// What cards posted between positions falls into the open windows: amounts, interchange and fees, and what was given
    /// back. Positions move into cover later ([`meridian_cards::Command::Settle`]); that moves nothing between participants.
    pub(crate) fn observe_cards(&mut self, event: &cards::Event, at: Moment) {
        let mut movements = Vec::new();
        for posted in event.money() {
            let ledger::Event::Transferred { entries, .. } = posted else { continue };
            for entry in entries {
                let is_posted = !matches!(
                    entry.transfer.phase,
                    ledger::Phase::Pend { .. } | ledger::Phase::VoidPending(_)
                );
                let side = |id| {
                    let account = self.ledger.account(id)?;
                    let is_position = matches!(account.kind, ledger::Kind::CardScheme | ledger::Kind::Fees);
                    is_position.then(|| self.settlement.settles_as(&account.participant)).flatten()
                };
                if let (true, Some(from), Some(to)) =
                    (is_posted, side(entry.transfer.debit), side(entry.transfer.credit))
                    && from != to
                {
                    movements.push(settlement::Movement { from, to, amount: entry.amount });
                }
            }
        }
        self.settlement.observe(&movements, at);
    }

    /// What people do to settlement. A correction is proposed by one and booked when another approves it.
    pub(crate) fn effects_of_settlement(
        &self,
        command: &Command,
        first: &PersonId,
        second: Option<&PersonId>,
        at: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let command = match command {
            Command::ProposeCorrection(correction) => Command::ProposeCorrection(settlement::Correction {
                by: first.0.clone(),
                ..correction.clone()
            }),
            other => other.clone(),
        };
        let event = settlement::decide(&self.settlement, &self.ledger, &command, at)?;
        let mut effects = vec![Event::Settle(event.clone(), Vec::new())];
        if let (settlement::Event::CorrectionProposed(correction), Some(second)) = (&event, second) {
            let mut after = self.settlement.clone();
            settlement::apply(&mut after, &mut self.ledger.clone(), &event);
            let approve = Command::ApproveCorrection { id: correction.id, by: second.0.clone() };
            effects.push(Event::Settle(settlement::decide(&after, &self.ledger, &approve, at)?, Vec::new()));
        }
        Ok(effects)
    }

    /// What of the queue can be final now: as funds allow, or what resolves in order of its lines; nothing where
    /// nothing can. Out of order only a plan releases ([`crate::plan`]).
    #[must_use]
    pub fn release(&self, at: Moment) -> Option<Event> {
        let tried = |currency: Currency, tier: Tier| {
            self.decide_settlement(&Command::Release { currency, tier }, at).ok()
        };
        let currencies = self.settlement.waiting_currencies();
        let tiers = [Tier::Funds, Tier::Gridlock];
        currencies
            .into_iter()
            .flat_map(|one| tiers.map(|tier| (one, tier)))
            .find_map(|(one, tier)| tried(one, tier))
    }
}
