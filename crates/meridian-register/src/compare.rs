//! What changes between two registers, or between two days of one.

use meridian_terms::Day;

use crate::{InstrumentId, Reliance, Standing, State};

/// Something whose basis stands differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The instrument.
    pub instrument: InstrumentId,
    /// How it stood.
    pub before: Standing,
    /// How it stands.
    pub after: Standing,
    /// What rests on it, on either side.
    pub resting: Vec<Reliance>,
}

/// Every instrument that stands differently, and what rests on it: `before` asked for one day, `after` for another. The
/// same register twice says what a day brings; an amended copy says what an amendment would.
#[must_use]
pub fn compare(before: (&State, Day), after: (&State, Day)) -> Vec<Change> {
    let mut names: Vec<&InstrumentId> =
        before.0.instruments.keys().chain(after.0.instruments.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter_map(|id| {
            let stood = before.0.standing(id, before.1);
            let stands = after.0.standing(id, after.1);
            let mut resting: Vec<Reliance> =
                before.0.resting_on(id).chain(after.0.resting_on(id)).cloned().collect();
            resting.sort();
            resting.dedup();
            (stood != stands).then(|| Change {
                instrument: id.clone(),
                before: stood,
                after: stands,
                resting,
            })
        })
        .collect()
}
