//! The quota book's rules, one row each.

use meridian_tariff::quota::{
    Bar, Calendar, Command, Denial, Event, Quota, QuotaId, RequestId, Standing, State, apply, decide,
};
use meridian_terms::{Day, Moment, Refusal, Window};

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn id(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

fn number(text: &str) -> QuotaId {
    QuotaId::new(text).unwrap()
}

/// Opens a quota of 1,000 kg for 2026 unless told otherwise.
fn open(state: &mut State, name: &str, volume: i128, linked: &[&str]) {
    let year = Window::new(day("2026-01-01"), Some(day("2027-01-01"))).unwrap();
    let mut quota = Quota::new(number(name), "kg", volume, year);
    quota.linked = linked.iter().map(|name| number(name)).collect();
    run(state, &Command::Open(quota), "2025-12-01").unwrap();
}

fn run(state: &mut State, command: &Command, on: &str) -> Result<Event, Refusal> {
    let event = decide(state, command, Moment::parse(&format!("{on}T08:00:00Z")).unwrap())?;
    apply(state, &event);
    Ok(event)
}

fn ask(state: &mut State, name: &str, quota: &str, quantity: i128, accepted: &str) -> Result<Event, Refusal> {
    let command = Command::Request { id: id(name), quota: number(quota), quantity, accepted: day(accepted) };
    run(state, &command, accepted)
}

fn allocate(state: &mut State, on: &str, today: &str) -> Result<Event, Refusal> {
    run(state, &Command::Allocate(day(on)), today)
}

/// volume | requests of one day | grants.
const SHARES: [(i128, &str, &str); 8] = [
    (1000, "A 300, B 700", "A 300, B 700"),
    (1000, "A 300, B 699", "A 300, B 699"),
    (1000, "A 900, B 600", "A 600, B 400"),
    (100, "A 1, B 1, C 1", "A 1, B 1, C 1"),
    // 10 * 10 / 30 = 3.33 each; one unit is left for the lowest id.
    (10, "A 10, B 10, C 10", "A 4, B 3, C 3"),
    // 7 * 5 / 10 = 3.5, 3 * 5 / 10 = 1.5: equal remainders, the lower id takes the unit.
    (5, "A 7, B 3", "A 4, B 1"),
    // 2/3 of a unit for B beats 1/3 for A.
    (1, "A 1, B 2", "A 0, B 1"),
    (7, "A 1000000000000000000, B 1", "A 7, B 0"),
];

#[test]
fn a_day_is_split_in_proportion_and_never_beyond_the_balance() {
    for (volume, requests, grants) in SHARES {
        let mut state = State::default();
        open(&mut state, "05.1", volume, &[]);
        for request in requests.split(", ") {
            let (name, quantity) = request.split_once(' ').unwrap();
            ask(&mut state, name, "05.1", quantity.parse().unwrap(), "2026-03-17").unwrap();
        }
        allocate(&mut state, "2026-03-17", "2026-03-18").unwrap();
        for grant in grants.split(", ") {
            let (name, quantity) = grant.split_once(' ').unwrap();
            assert_eq!(state.granted(&id(name)), Some(quantity.parse().unwrap()), "{requests}");
        }
    }
}

#[test]
fn the_first_three_days_of_january_are_one() {
    let mut state = State::default();
    open(&mut state, "05.1", 100, &[]);
    // 3 January 2026 is a Saturday: the three days count on Monday the fifth.
    for (name, accepted) in [("A", "2026-01-01"), ("B", "2026-01-02"), ("C", "2026-01-03")] {
        ask(&mut state, name, "05.1", 100, accepted).unwrap();
    }
    assert_eq!(allocate(&mut state, "2026-01-03", "2026-01-06").unwrap_err().code, Denial::NothingDue.code());
    allocate(&mut state, "2026-01-05", "2026-01-06").unwrap();
    let grants: Vec<_> = ["A", "B", "C"].iter().map(|name| state.granted(&id(name)).unwrap()).collect();
    assert_eq!(grants, [34, 33, 33]);
    // 3 January 2028 is a Monday: it is its own day.
    assert_eq!(Calendar::default().counts_on(day("2028-01-01")), day("2028-01-03"));
    assert_eq!(Calendar::default().counts_on(day("2028-01-04")), day("2028-01-04"));
}

#[test]
fn a_day_waits_for_the_next_working_day_and_for_the_days_before_it() {
    let mut state = State::default();
    let holidays = [day("2026-03-23")].into();
    run(&mut state, &Command::Observe(Calendar { holidays }), "2026-01-01").unwrap();
    open(&mut state, "05.1", 100, &[]);
    ask(&mut state, "A", "05.1", 10, "2026-03-20").unwrap();
    ask(&mut state, "B", "05.1", 10, "2026-03-24").unwrap();
    // Friday's requests: not at the weekend, not on Monday's holiday, but on Tuesday.
    for today in ["2026-03-20", "2026-03-21", "2026-03-23"] {
        assert_eq!(allocate(&mut state, "2026-03-20", today).unwrap_err().code, Denial::TooEarly.code());
    }
    let later = allocate(&mut state, "2026-03-24", "2026-03-25").unwrap_err();
    assert_eq!(later.code, Denial::EarlierDayWaits.code());
    allocate(&mut state, "2026-03-20", "2026-03-24").unwrap();
    allocate(&mut state, "2026-03-24", "2026-03-25").unwrap();
    assert_eq!(state.balance(&number("05.1")), Some(80));
}

#[test]
fn linked_quotas_deduct_from_each_other() {
    let mut state = State::default();
    open(&mut state, "05.main", 100, &[]);
    open(&mut state, "05.sub", 60, &["05.main"]);
    ask(&mut state, "A", "05.sub", 80, "2026-03-17").unwrap();
    ask(&mut state, "B", "05.main", 80, "2026-03-17").unwrap();
    allocate(&mut state, "2026-03-17", "2026-03-18").unwrap();
    let granted = |name| state.granted(&id(name)).unwrap();
    // 160 of 100 in the main quota; a grant from either takes from both, so the sub-quota's 60 bounds them all.
    assert_eq!(granted("A") + granted("B"), 60);
    assert_eq!((state.balance(&number("05.sub")), state.balance(&number("05.main"))), (Some(0), Some(40)));
    assert_eq!(state.standing(&number("05.sub")), Some(Standing::Exhausted));
}

#[test]
fn a_return_opens_the_balance_again() {
    let mut state = State::default();
    open(&mut state, "05.1", 100, &[]);
    ask(&mut state, "A", "05.1", 100, "2026-03-17").unwrap();
    allocate(&mut state, "2026-03-17", "2026-03-18").unwrap();
    assert_eq!(state.standing(&number("05.1")), Some(Standing::Exhausted));
    ask(&mut state, "B", "05.1", 10, "2026-03-18").unwrap();
    allocate(&mut state, "2026-03-18", "2026-03-19").unwrap();
    assert_eq!(state.granted(&id("B")), Some(0), "nothing is granted after exhaustion");
    run(&mut state, &Command::Return { id: id("A"), quantity: 15 }, "2026-03-20").unwrap();
    assert_eq!(state.standing(&number("05.1")), Some(Standing::Open));
    ask(&mut state, "C", "05.1", 10, "2026-03-20").unwrap();
    allocate(&mut state, "2026-03-20", "2026-03-23").unwrap();
    assert_eq!(state.granted(&id("C")), Some(10));
    assert_eq!(state.standing(&number("05.1")), Some(Standing::Critical), "95 of 100 used");
    let over = run(&mut state, &Command::Return { id: id("A"), quantity: 86 }, "2026-03-23").unwrap_err();
    assert_eq!(over.code, Denial::ReturnAboveGrant.code());
}

#[test]
fn a_halted_quota_keeps_its_requests_waiting() {
    let mut state = State::default();
    open(&mut state, "05.1", 100, &[]);
    ask(&mut state, "A", "05.1", 10, "2026-03-17").unwrap();
    run(&mut state, &Command::Halt(number("05.1"), Bar::Blocked), "2026-03-17").unwrap();
    assert_eq!(state.standing(&number("05.1")), Some(Standing::Blocked));
    assert_eq!(allocate(&mut state, "2026-03-17", "2026-03-18").unwrap_err().code, Denial::NothingDue.code());
    run(&mut state, &Command::Resume(number("05.1")), "2026-03-18").unwrap();
    allocate(&mut state, "2026-03-17", "2026-03-18").unwrap();
    assert_eq!(state.granted(&id("A")), Some(10));
}

#[test]
fn what_cannot_be_asked_is_refused_by_name() {
    let mut state = State::default();
    open(&mut state, "05.1", 100, &[]);
    ask(&mut state, "A", "05.1", 10, "2026-03-17").unwrap();
    let rows = [
        (ask(&mut state, "B", "05.9", 10, "2026-03-17"), Denial::QuotaUnknown),
        (ask(&mut state, "A", "05.1", 10, "2026-03-17"), Denial::RequestExists),
        (ask(&mut state, "B", "05.1", 0, "2026-03-17"), Denial::QuantityOutOfRange),
        (ask(&mut state, "B", "05.1", i128::MAX, "2026-03-17"), Denial::QuantityOutOfRange),
        (ask(&mut state, "B", "05.1", 1, "2027-01-01"), Denial::OutsidePeriod),
        (
            run(&mut state, &Command::Return { id: id("Z"), quantity: 1 }, "2026-03-18"),
            Denial::RequestUnknown,
        ),
        (
            run(&mut state, &Command::Return { id: id("A"), quantity: 1 }, "2026-03-18"),
            Denial::ReturnAboveGrant,
        ),
        (run(&mut state, &Command::Resume(number("05.9")), "2026-03-18"), Denial::QuotaUnknown),
    ];
    for (answer, denial) in rows {
        assert_eq!(answer.unwrap_err().code, denial.code());
    }
    let codes: std::collections::BTreeSet<&str> = Denial::ALL.iter().map(|denial| denial.code()).collect();
    assert_eq!(codes.len(), Denial::ALL.len(), "every reason has a code of its own");
}
