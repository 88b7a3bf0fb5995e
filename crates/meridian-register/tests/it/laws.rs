//! Laws over random histories.

use meridian_register::{Command, Instrument, InstrumentId, Kind, Standing, State, Status, apply, decide};
use meridian_terms::{Day, Moment, Window};
use proptest::prelude::*;

use crate::tables::country;

fn window() -> impl Strategy<Value = Option<Window<Day>>> {
    proptest::option::of((0..40_i32, proptest::option::of(1..40_i32)).prop_map(|(from, length)| {
        let from = Day::from_number(from);
        Window::new(from, length.map(|length| from.plus(length))).unwrap()
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is entered and amended in whatever order: no entry goes away, and what is in force on a day is exactly
    /// what its newest dates say.
    #[test]
    fn entries_stay_and_the_newest_dates_count(history in proptest::collection::vec((0..6_u8, window()), 1..40)) {
        let mut state = State::default();
        let mut newest = std::collections::BTreeMap::new();
        for (number, in_force) in history {
            let id = InstrumentId(format!("I{number}"));
            let command = if newest.contains_key(&id) {
                Command::Amend { instrument: id.clone(), in_force, source: "s".into() }
            } else {
                Command::Enter(Instrument {
                    id: id.clone(), title: String::new(), kind: Kind::Treaty, signed: None, in_force,
                    parties: [country("IR")].into(), groupings: [].into(), source: "s".into(),
                    status: Status::Illustrative,
                })
            };
            if let Ok(event) = decide(&state, &command, Moment::EPOCH) {
                apply(&mut state, &event);
                newest.insert(id, in_force);
            }
            prop_assert_eq!(state.instruments().count(), newest.len());
        }
        for on in 0..90 {
            let on = Day::from_number(on);
            let expected: Vec<_> = newest
                .iter()
                .filter(|(_, dates)| dates.is_some_and(|dates| dates.contains(on)))
                .map(|(id, _)| id.clone())
                .collect();
            let found: Vec<_> = state.in_force(on).map(|one| one.id.clone()).collect();
            prop_assert_eq!(&found, &expected);
            for id in &found {
                prop_assert_eq!(state.standing(id, on), Standing::InForce);
            }
        }
    }
}
