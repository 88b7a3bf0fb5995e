//! Statistics from the journal alone: what has been committed, in which currencies, between whom.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_pay as pay;
use meridian_terms::{Bic, Country, Currency, Uetr};

/// A flow of committed payments, from one country and currency to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Flow {
    /// The debtor agent's country.
    pub from: Country,
    /// The creditor agent's country.
    pub to: Country,
    /// What left.
    pub source: Currency,
    /// What arrived.
    pub target: Currency,
}

/// Counts and sums, folded from payment events in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Statistics {
    countries: BTreeMap<Bic, Country>,
    in_flight: BTreeMap<Uetr, (Flow, i128, i128)>,
    /// Committed payments: how many, source minor units, target minor units.
    pub committed: BTreeMap<Flow, (u64, i128, i128)>,
    /// Refused on arrival, by code.
    pub refused: BTreeMap<String, u64>,
    /// Rejected after reservation, by ISO reason.
    pub rejected: BTreeMap<String, u64>,
}

impl Statistics {
    /// Takes the next payment event into account.
    pub fn observe(&mut self, event: &pay::Event) {
        match event {
            pay::Event::Admitted { participant, .. } => {
                self.countries.insert(participant.bic.clone(), participant.country);
            }
            pay::Event::Reserved(reservation) => {
                let asked = &reservation.instruction;
                let country = |bic| self.countries.get(bic).copied();
                if let (Some(from), Some(to)) = (country(&asked.debtor_agent), country(&asked.creditor_agent))
                {
                    let (source, target) = (asked.source.currency(), asked.target.currency());
                    let flow = Flow { from, to, source, target };
                    self.in_flight.insert(asked.uetr, (flow, asked.source.minor(), asked.target.minor()));
                }
            }
            pay::Event::Committed { uetr, .. } => {
                if let Some((flow, source, target)) = self.in_flight.remove(uetr) {
                    let sums = self.committed.entry(flow).or_default();
                    *sums = (sums.0 + 1, sums.1 + source, sums.2 + target);
                }
            }
            pay::Event::Rejected { uetr, reason, .. } => {
                self.in_flight.remove(uetr);
                *self.rejected.entry(reason.clone()).or_default() += 1;
            }
            pay::Event::Refused { refusal, .. } => {
                *self.refused.entry(refusal.code.to_string()).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Of the payments that crossed a border: how many settled in the national currencies of both sides, and how
    /// many there were. `national` tells a country's own currency.
    #[must_use]
    pub fn national_currency(&self, national: impl Fn(Country) -> Option<Currency>) -> (u64, u64) {
        let mut both = 0;
        let mut all = 0;
        for (flow, (count, _, _)) in self.committed.iter().filter(|(flow, _)| flow.from != flow.to) {
            all += count;
            if national(flow.from) == Some(flow.source) && national(flow.to) == Some(flow.target) {
                both += count;
            }
        }
        (both, all)
    }
}
