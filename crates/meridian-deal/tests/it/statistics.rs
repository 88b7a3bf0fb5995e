//! Every figure against a second computation, made straight from the list of events.

use std::collections::BTreeMap;

use meridian_deal::{DealId, Event, Flow, Month, Statistics};
use meridian_ledger as ledger;
use meridian_pay::{self as pay, Instruction, Legs, Participant, Reservation, Role};
use meridian_terms::{Bic, Country, Currency, Day, Micros, Moment, Money, Ratio, Rounding, Uetr};
use proptest::prelude::*;

use crate::world::{Terms, World, bic};

/// A payment of the list: who, how much, when committed, if it was, and whether it cites the deal's goods.
#[derive(Debug, Clone)]
struct Paid {
    from: usize,
    to: usize,
    /// Whether each side uses its own currency, or the corridor's third one.
    national: (bool, bool),
    source: i64,
    target: i64,
    day: i32,
    committed: bool,
    cites: bool,
}

const BANKS: [(&str, &str, Currency); 4] = [
    ("XMALINBB", "IN", Currency::INR),
    ("XVOLRUMM", "RU", Currency::RUB),
    ("XCASIRTH", "IR", Currency::IRR),
    ("XSTEKZKA", "KZ", Currency::KZT),
];

fn paid() -> impl Strategy<Value = Paid> {
    let money = 1..1_000_000_000_i64;
    let who = 0..BANKS.len();
    (who.clone(), who, any::<(bool, bool)>(), money.clone(), money, 0..1_000_i32, any::<(bool, bool)>())
        .prop_map(|(from, to, national, source, target, day, (committed, cites))| Paid {
            from,
            to,
            national,
            source,
            target,
            day,
            committed,
            cites,
        })
}

impl Paid {
    fn source(&self) -> Money {
        let currency = if self.national.0 { BANKS[self.from].2 } else { Currency::AED };
        Money::new(i128::from(self.source), currency)
    }

    fn target(&self) -> Money {
        let currency = if self.national.1 { BANKS[self.to].2 } else { Currency::AED };
        Money::new(i128::from(self.target), currency)
    }

    fn at(&self) -> Moment {
        Day::parse("2024-06-01").unwrap().plus(self.day).start().plus(Micros::hours(7))
    }
}

fn country(place: usize) -> Country {
    Country::parse(BANKS[place].1).unwrap()
}

fn national(country: Country) -> Option<Currency> {
    BANKS.iter().find(|(_, code, _)| *code == country.as_str()).map(|(.., currency)| *currency)
}

/// Illustrative worth of a unit.
fn worth(currency: Currency) -> Option<Ratio> {
    let text = match currency.code() {
        "INR" => "0.042531",
        "RUB" => "0.045683",
        "IRR" => "0.0000029694",
        "AED" => "1",
        _ => return None,
    };
    Ratio::parse_decimal(text).ok()
}

fn instruction(number: usize, paid: &Paid, deal: &World) -> Instruction {
    let owed = &deal.deal().obligations[0];
    let bank = |place: usize| bic(BANKS[place].0);
    Instruction {
        uetr: Uetr::from_bits(0x4000_8000_0000_0000_0000 | (number as u128 + 1) << 90),
        source: paid.source(),
        target: paid.target(),
        debtor_agent: bank(paid.from),
        creditor_agent: bank(paid.to),
        document: paid.cites.then(|| deal.deal().citation(owed)),
        ..deal.clone().instruction("advance")
    }
}

fn fold(payments: &[Paid], world: &World) -> Statistics {
    let nothing = || ledger::Event::Transferred { at: Moment::EPOCH, entries: Vec::new() };
    let mut statistics = Statistics::default();
    let (contract, at) = (Box::new(world.deal().contract.clone()), world.at);
    let id = contract.id.clone();
    statistics.observe_deal(&Event::Signed { contract, screened: Vec::new(), at });
    statistics.observe_deal(&Event::Undertaken(id, world.deal().obligations.clone(), at));
    let mut number = 0;
    let mut observe = |event: pay::Event| {
        number += 1;
        statistics.observe(&event, number);
    };
    for (place, (bank, _, _)) in BANKS.iter().enumerate() {
        let participant = Participant {
            bic: Bic::parse(bank).unwrap(),
            name: (*bank).into(),
            country: country(place),
            role: Role::Bank,
            key: [0; 32],
            is_suspended: false,
        };
        observe(pay::Event::Admitted { participant, opened: nothing() });
    }
    for (number, paid) in payments.iter().enumerate() {
        let instruction = instruction(number, paid, world);
        let (uetr, at) = (instruction.uetr, paid.at());
        let legs =
            Legs::within(instruction.debtor_agent.clone(), instruction.creditor_agent.clone(), paid.source());
        let reservation = Reservation {
            instruction,
            at,
            legs,
            deadline: at,
            list: [0; 32],
            attempt: 0,
            fee: Money::zero(paid.target().currency()),
            reserved: nothing(),
        };
        observe(pay::Event::Reserved(Box::new(reservation)));
        if paid.committed {
            observe(pay::Event::Committed {
                uetr,
                at,
                is_blocked: false,
                posted: Some(nothing()),
                concluded: None,
            });
        } else {
            observe(pay::Event::Rejected {
                uetr,
                at,
                reason: "AC04".into(),
                is_expiry: false,
                voided: Some(nothing()),
                concluded: None,
            });
        }
    }
    statistics
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_figure_equals_a_second_computation(payments in proptest::collection::vec(paid(), 0..120)) {
        let world = World::agreed(&Terms::default());
        prop_assert!(world.deal.deal(&DealId("D".into())).is_some());
        let statistics = fold(&payments, &world);
        let committed = || payments.iter().filter(|paid| paid.committed);
        let across = || committed().filter(|paid| paid.from != paid.to);

        let share = statistics.national_currency(national);
        let own = |paid: &&Paid| paid.national == (true, true);
        prop_assert_eq!(share, (across().filter(own).count() as u64, across().count() as u64));

        for (place, _) in BANKS.iter().enumerate() {
            for year in 2024..=2027 {
                let mut expected: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
                for paid in across().filter(|paid| i32::from(paid.at().day().year()) == year) {
                    if paid.from == place {
                        expected.entry(paid.source().currency()).or_default().0 += paid.source().minor();
                    }
                    if paid.to == place {
                        expected.entry(paid.target().currency()).or_default().1 += paid.target().minor();
                    }
                }
                let year = u32::try_from(year).unwrap();
                prop_assert_eq!(statistics.turnover(country(place), year), expected);
            }
        }

        for (flow, _) in statistics.committed.iter() {
            let sum = |year: i16| -> i128 {
                let same = |paid: &&Paid| {
                    let own = Flow {
                        from: country(paid.from), to: country(paid.to),
                        source: paid.source().currency(), target: paid.target().currency(),
                    };
                    own == *flow && paid.at().day().year() == year
                };
                committed().filter(same).map(|paid| paid.source().minor()).sum()
            };
            let expected = (sum(2024) > 0).then(|| Ratio::new(sum(2025), sum(2024)).unwrap());
            prop_assert_eq!(statistics.growth(flow, 2025), expected);
        }

        // The parts over chapters and the whole agree; goods are in their chapter and nowhere else.
        let whole: i128 = committed().map(|paid| paid.source().minor()).sum();
        prop_assert_eq!(statistics.cells().map(|(_, sums)| sums.source).sum::<i128>(), whole);
        prop_assert_eq!(statistics.months().map(|(.., sums)| sums.source).sum::<i128>(), whole);
        let nuts: i128 = committed().filter(|paid| paid.cites).map(|paid| paid.source().minor()).sum();
        let of_chapter = statistics.cells().filter(|(cell, _)| cell.chapter == Some(8));
        prop_assert_eq!(of_chapter.map(|(_, sums)| sums.source).sum::<i128>(), nuts);
        for (cell, sums) in statistics.cells() {
            prop_assert!(sums.payments > 0 && sums.first_event <= sums.last_event);
            let in_cell = committed().filter(|paid| Month::of(paid.at()) == cell.month).count() as u64;
            prop_assert!(sums.payments <= in_cell);
        }

        let shares = statistics.national_share(national, worth);
        for ((one, other), share) in shares {
            let of_pair = || across().filter(|paid| {
                let pair = [country(paid.from), country(paid.to)];
                pair.contains(&one) && pair.contains(&other)
            });
            prop_assert_eq!(share.payments.1, of_pair().count() as u64);
            prop_assert_eq!(share.payments.0, of_pair().filter(own).count() as u64);
            // Rounded flow by flow; the whole is within half a hundredth for each flow.
            let exact = of_pair().filter_map(|paid| {
                let minor = paid.source().minor();
                let unit = Ratio::whole(10_i128.pow(u32::from(paid.source().currency().exponent())));
                worth(paid.source().currency())?.checked_mul(&Ratio::whole(100))?.checked_div(&unit)?.times(minor, Rounding::HalfUp)
            }).sum::<i128>();
            let flows = of_pair().count() as i128;
            prop_assert!((share.value.1 - exact).abs() <= flows + 1, "{} against {exact}", share.value.1);
        }
    }
}
