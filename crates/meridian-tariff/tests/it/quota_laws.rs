//! Laws of quotas: the order within a day is nothing, no balance goes below zero, nothing fair is left over.

use std::collections::BTreeMap;

use meridian_tariff::quota::{Command, Event, Quota, QuotaId, RequestId, State, apply, decide};
use meridian_terms::{Day, Moment, Window};
use proptest::prelude::*;

const DAY: &str = "2026-03-17";

fn world(volumes: &[i128], links: &[(usize, usize)]) -> State {
    let mut state = State::default();
    let year = Window::new(Day::parse("2026-01-01").unwrap(), None).unwrap();
    for (index, volume) in volumes.iter().enumerate() {
        let mut quota = Quota::new(QuotaId::new(&format!("05.{index}")).unwrap(), "kg", *volume, year);
        quota.linked = links
            .iter()
            .filter(|(later, earlier)| *later == index && *earlier < index)
            .map(|(_, earlier)| QuotaId::new(&format!("05.{earlier}")).unwrap())
            .collect();
        run(&mut state, &Command::Open(quota), DAY);
    }
    state
}

fn run(state: &mut State, command: &Command, on: &str) -> Event {
    let event = decide(state, command, Moment::parse(&format!("{on}T09:00:00Z")).unwrap()).unwrap();
    apply(state, &event);
    event
}

fn allocated(mut state: State, requests: &[(usize, usize, i128)]) -> State {
    for (name, quota, quantity) in requests {
        let id = RequestId::new(&format!("R{name:03}")).unwrap();
        let quota = QuotaId::new(&format!("05.{quota}")).unwrap();
        let accepted = Day::parse(DAY).unwrap();
        run(&mut state, &Command::Request { id, quota, quantity: *quantity, accepted }, DAY);
    }
    run(&mut state, &Command::Allocate(Day::parse(DAY).unwrap()), "2026-03-18");
    state
}

type Requests = Vec<(usize, usize, i128)>;

fn requests(quotas: usize) -> impl Strategy<Value = (Requests, Requests)> {
    let quantity = prop_oneof![1_i128..30, 1_i128..=1_000_000_000_000_000_000];
    prop::collection::vec((0..quotas, quantity), 1..12).prop_flat_map(|asked| {
        let named: Requests =
            asked.into_iter().enumerate().map(|(name, (quota, quantity))| (name, quota, quantity)).collect();
        (Just(named.clone()), Just(named).prop_shuffle())
    })
}

fn volumes() -> impl Strategy<Value = Vec<i128>> {
    prop::collection::vec(prop_oneof![1_i128..100, 1_i128..=1_000_000_000_000_000_000], 3)
}

proptest! {
    #![proptest_config(crate::seeded(600))]

    #[test]
    fn the_order_of_a_day_is_nothing(
        volumes in volumes(),
        links in prop::collection::vec((0_usize..3, 0_usize..3), 0..3),
        (one, other) in requests(3),
    ) {
        let world = world(&volumes, &links);
        prop_assert_eq!(allocated(world.clone(), &one), allocated(world, &other));
    }

    #[test]
    fn no_balance_is_overdrawn_and_no_one_gets_more_than_asked(
        volumes in volumes(),
        links in prop::collection::vec((0_usize..3, 0_usize..3), 0..3),
        (asked, _) in requests(3),
    ) {
        let state = allocated(world(&volumes, &links), &asked);
        for (index, volume) in volumes.iter().enumerate() {
            let balance = state.balance(&QuotaId::new(&format!("05.{index}")).unwrap()).unwrap();
            prop_assert!(0 <= balance && balance <= *volume);
        }
        for (name, _, quantity) in &asked {
            let granted = state.granted(&RequestId::new(&format!("R{name:03}")).unwrap()).unwrap();
            prop_assert!(0 <= granted && granted <= *quantity);
        }
    }

    #[test]
    fn grants_are_the_lesser_of_balance_and_demand_and_in_proportion(
        volumes in volumes(),
        (asked, _) in requests(3),
    ) {
        let state = allocated(world(&volumes, &[]), &asked);
        let mut demand: BTreeMap<usize, i128> = BTreeMap::new();
        let mut given: BTreeMap<usize, i128> = BTreeMap::new();
        for (name, quota, quantity) in &asked {
            *demand.entry(*quota).or_default() += quantity;
            let granted = state.granted(&RequestId::new(&format!("R{name:03}")).unwrap()).unwrap();
            *given.entry(*quota).or_default() += granted;
        }
        for (quota, demand) in &demand {
            prop_assert_eq!(given[quota], (*demand).min(volumes[*quota]));
        }
        for (name, quota, quantity) in &asked {
            let granted = state.granted(&RequestId::new(&format!("R{name:03}")).unwrap()).unwrap();
            // Never a whole unit away from the exact share.
            let exact_times_demand = quantity * volumes[*quota].min(demand[quota]);
            prop_assert!((granted * demand[quota] - exact_times_demand).abs() < demand[quota]);
        }
    }

    #[test]
    fn a_linked_quota_leaves_nothing_a_request_could_still_have(
        volumes in volumes(),
        links in prop::collection::vec((0_usize..3, 0_usize..3), 0..3),
        (asked, _) in requests(3),
    ) {
        let state = allocated(world(&volumes, &links), &asked);
        let balance = |quota: usize| state.balance(&QuotaId::new(&format!("05.{quota}")).unwrap()).unwrap();
        for (name, quota, quantity) in &asked {
            let granted = state.granted(&RequestId::new(&format!("R{name:03}")).unwrap()).unwrap();
            let linked = links.iter().filter(|(a, b)| b < a).filter_map(|(a, b)| {
                if a == quota { Some(*b) } else if b == quota { Some(*a) } else { None }
            });
            let scarcest = linked.chain([*quota]).map(balance).min().unwrap();
            prop_assert!(granted == *quantity || scarcest == 0, "{granted} of {quantity}, {scarcest} left");
        }
    }

    #[test]
    fn replaying_the_events_gives_the_same_bytes(volumes in volumes(), (asked, _) in requests(3)) {
        let mut events = Vec::new();
        let mut state = State::default();
        let year = Window::new(Day::parse("2026-01-01").unwrap(), None).unwrap();
        let mut go = |state: &mut State, command: Command, on: &str| events.push(run(state, &command, on));
        for (index, volume) in volumes.iter().enumerate() {
            go(&mut state, Command::Open(Quota::new(QuotaId::new(&format!("05.{index}")).unwrap(), "kg", *volume, year)), DAY);
        }
        for (name, quota, quantity) in &asked {
            let id = RequestId::new(&format!("R{name:03}")).unwrap();
            let quota = QuotaId::new(&format!("05.{quota}")).unwrap();
            go(&mut state, Command::Request { id, quota, quantity: *quantity, accepted: Day::parse(DAY).unwrap() }, DAY);
        }
        go(&mut state, Command::Allocate(Day::parse(DAY).unwrap()), "2026-03-18");
        let mut replayed = State::default();
        for event in &events {
            let bytes = borsh::to_vec(event).unwrap();
            let read: Event = borsh::from_slice(&bytes).unwrap();
            prop_assert_eq!(&read, event);
            apply(&mut replayed, &read);
        }
        prop_assert_eq!(borsh::to_vec(&replayed).unwrap(), borsh::to_vec(&state).unwrap());
    }
}
