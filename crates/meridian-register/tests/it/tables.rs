//! Questions and answers, a row each.

use meridian_register::{
    CODES, Command, Instrument, InstrumentId, Kind, Membership, Reliance, Standing, State, Status, Subject,
    apply, compare, decide,
};
use meridian_terms::{Country, Day, Moment, Window};

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub(crate) fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn window(from: &str, until: Option<&str>) -> Window<Day> {
    Window::new(day(from), until.map(day)).unwrap()
}

fn instrument(id: &str, in_force: Option<Window<Day>>) -> Instrument {
    Instrument {
        id: InstrumentId(id.into()),
        title: format!("Example {id}"),
        kind: Kind::Agreement,
        signed: Some(day("2023-12-25")),
        in_force,
        parties: [country("IR")].into(),
        groupings: ["EAEU".into()].into(),
        source: "example".into(),
        status: Status::Illustrative,
    }
}

fn member(code: &str, from: &str) -> Membership {
    Membership {
        grouping: "EAEU".into(),
        country: country(code),
        validity: window(from, None),
        source: "example".into(),
        status: Status::Official,
    }
}

fn link(id: &str, a: &str, b: &str) -> Reliance {
    let subject = Subject::Link(country(a), country(b));
    Reliance { subject, instrument: InstrumentId(id.into()), clause: String::new() }
}

fn register() -> State {
    let mut state = State::default();
    for command in [
        Command::Enter(instrument("FTA", Some(window("2025-05-15", None)))),
        Command::Enter(instrument("OLD", Some(window("2019-10-27", Some("2025-05-15"))))),
        Command::Enter(instrument("DRAFT", None)),
        Command::Join(member("RU", "2015-01-01")),
        Command::Join(member("AM", "2015-01-02")),
        Command::Rest(link("FTA", "IR", "RU")),
    ] {
        let event = decide(&state, &command, Moment::EPOCH).unwrap();
        apply(&mut state, &event);
    }
    state
}

#[test]
fn an_instrument_stands_by_its_dates() {
    let state = register();
    for (id, on, expected) in [
        ("FTA", "2025-05-14", Standing::NotYet),
        ("FTA", "2025-05-15", Standing::InForce),
        ("OLD", "2025-05-14", Standing::InForce),
        ("OLD", "2025-05-15", Standing::Lapsed),
        ("DRAFT", "2030-01-01", Standing::NotYet),
        ("NONE", "2026-01-01", Standing::Unknown),
    ] {
        assert_eq!(state.standing(&InstrumentId(id.into()), day(on)), expected, "{id} on {on}");
    }
}

#[test]
fn a_basis_binds_both_countries_on_the_day() {
    let state = register();
    for (id, a, b, on, expected) in [
        ("FTA", "IR", "RU", "2026-03-20", "ok"),
        ("FTA", "IR", "AM", "2026-03-20", "ok"),
        ("FTA", "IR", "IN", "2026-03-20", "register.not_bound"),
        ("FTA", "IR", "RU", "2025-05-14", "register.not_in_force"),
        ("OLD", "IR", "RU", "2026-03-20", "register.not_in_force"),
        ("DRAFT", "IR", "RU", "2026-03-20", "register.not_in_force"),
        ("NONE", "IR", "RU", "2026-03-20", "register.unknown"),
        // Armenia was not yet a member on the grouping's first day.
        ("OLD", "IR", "AM", "2015-01-01", "register.not_bound"),
    ] {
        let answer = state.basis(&InstrumentId(id.into()), [country(a), country(b)], day(on));
        let said = answer.as_ref().map_or_else(|refusal| refusal.code.as_ref(), |_| "ok");
        assert_eq!(said, expected, "{id} {a}-{b} on {on}");
    }
}

#[test]
fn every_refusal_has_its_row() {
    let bare = Instrument { source: " ".into(), ..instrument("X", None) };
    let lonely = Instrument { parties: [].into(), groupings: [].into(), ..instrument("X", None) };
    let amend = |id: &str, in_force| Command::Amend {
        instrument: InstrumentId(id.into()),
        in_force,
        source: "example".into(),
    };
    let leave = |code: &str, until: &str| Command::Leave {
        membership: member(code, "2015-01-01"),
        until: day(until),
    };
    let rows = [
        (Command::Enter(bare), "register.no_source"),
        (Command::Enter(lonely), "register.nobody_bound"),
        (Command::Enter(instrument("FTA", None)), "register.exists"),
        (amend("NONE", None), "register.unknown"),
        (amend("DRAFT", None), "register.no_change"),
        (Command::Join(member("RU", "2020-01-01")), "register.member_already"),
        (leave("KZ", "2026-01-01"), "register.no_member"),
        (leave("RU", "2014-01-01"), "register.ends_before_start"),
        (Command::Rest(link("FTA", "IR", "RU")), "register.rests_already"),
        (Command::Rest(link("FTA", "CN", "IR")), "register.not_bound"),
    ];
    let state = register();
    let mut seen: Vec<String> = vec!["register.not_in_force".into()];
    for (command, expected) in rows {
        let refusal = decide(&state, &command, Moment::EPOCH).unwrap_err();
        assert_eq!(refusal.code, expected, "{command:?}");
        assert!(!refusal.next.is_empty());
        seen.push(expected.to_owned());
    }
    for (code, ..) in CODES {
        assert!(seen.iter().any(|one| one == code), "{code} has no row");
    }
}

#[test]
fn a_date_moved_by_one_day_changes_exactly_what_rests_on_it() {
    let state = register();
    let mut moved = state.clone();
    let in_force = Some(window("2025-05-16", None));
    let amend = Command::Amend { instrument: InstrumentId("FTA".into()), in_force, source: "what if".into() };
    apply(&mut moved, &decide(&state, &amend, Moment::EPOCH).unwrap());
    let on = day("2025-05-15");
    let changes = compare((&state, on), (&moved, on));
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].resting, vec![link("FTA", "IR", "RU")]);
    assert_eq!((changes[0].before, changes[0].after), (Standing::InForce, Standing::NotYet));
    assert!(compare((&state, on.plus(1)), (&moved, on.plus(1))).is_empty());
    assert!(compare((&state, on), (&state, on)).is_empty());
}
