//! What the register knows, and what it answers.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Day, Refusal, Window};

use crate::refusal::{self as no, refuse};
use crate::{Instrument, InstrumentId, Membership, Reliance, Standing};

/// Every entry, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(crate) instruments: BTreeMap<InstrumentId, Instrument>,
    pub(crate) memberships: BTreeSet<Membership>,
    pub(crate) reliances: BTreeSet<Reliance>,
}

impl State {
    /// An instrument.
    #[must_use]
    pub fn instrument(&self, id: &InstrumentId) -> Option<&Instrument> {
        self.instruments.get(id)
    }

    /// Every instrument, by name.
    pub fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.instruments.values()
    }

    /// Every membership, by grouping and country.
    pub fn memberships(&self) -> impl Iterator<Item = &Membership> {
        self.memberships.iter()
    }

    /// How an instrument stands on a day.
    #[must_use]
    pub fn standing(&self, id: &InstrumentId, day: Day) -> Standing {
        match self.instruments.get(id) {
            None => Standing::Unknown,
            Some(instrument) => standing(instrument.in_force, day),
        }
    }

    /// What is in force on a day.
    pub fn in_force(&self, day: Day) -> impl Iterator<Item = &Instrument> {
        self.instruments().filter(move |one| standing(one.in_force, day) == Standing::InForce)
    }

    /// Whether a country is a member of a grouping on a day.
    #[must_use]
    pub fn is_member(&self, country: Country, grouping: &str, day: Day) -> bool {
        let is = |one: &&Membership| one.country == country && one.grouping == grouping;
        self.memberships.iter().filter(is).any(|one| one.validity.contains(day))
    }

    /// Who is bound by an instrument on a day: its parties, and the members of its groupings on that day.
    #[must_use]
    pub fn bound(&self, instrument: &Instrument, day: Day) -> BTreeSet<Country> {
        let through = self
            .memberships
            .iter()
            .filter(|one| instrument.groupings.contains(&one.grouping) && one.validity.contains(day))
            .map(|one| one.country);
        instrument.parties.iter().copied().chain(through).collect()
    }

    /// What rests on an instrument.
    pub fn resting_on<'a>(&'a self, id: &'a InstrumentId) -> impl Iterator<Item = &'a Reliance> {
        self.reliances.iter().filter(move |reliance| reliance.instrument == *id)
    }

    /// Everything that rests on something.
    pub fn reliances(&self) -> impl Iterator<Item = &Reliance> {
        self.reliances.iter()
    }

    /// The days on which something between two countries may rest on an instrument, when that includes `day`.
    ///
    /// # Errors
    /// `register.unknown`, `register.not_bound`, `register.not_in_force`.
    pub fn basis(
        &self,
        id: &InstrumentId,
        countries: [Country; 2],
        day: Day,
    ) -> Result<Window<Day>, Refusal> {
        let instrument = self.instruments.get(id).ok_or_else(|| refuse(no::UNKNOWN, id.to_string()))?;
        let bound = self.bound(instrument, day);
        if let Some(stranger) = countries.iter().find(|country| !bound.contains(country)) {
            return Err(refuse(no::NOT_BOUND, format!("{stranger} by {id}")));
        }
        match instrument.in_force {
            Some(window) if window.contains(day) => Ok(window),
            _ => {
                let standing = standing(instrument.in_force, day).word();
                Err(refuse(no::NOT_IN_FORCE, format!("{id} on {day}: {standing}")))
            }
        }
    }
}

pub(crate) fn standing(in_force: Option<Window<Day>>, day: Day) -> Standing {
    match in_force {
        None => Standing::NotYet,
        Some(window) if window.contains(day) => Standing::InForce,
        Some(window) if day < window.from() => Standing::NotYet,
        Some(_) => Standing::Lapsed,
    }
}
