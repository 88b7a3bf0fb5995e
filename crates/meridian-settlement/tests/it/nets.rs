//! Nets and offsets.

use meridian_settlement::{Obligation, bilateral, funding, multilateral, offset};
use meridian_terms::{Bic, Currency, Ratio};
use proptest::prelude::*;

const BICS: [&str; 5] = ["ALFARUMM", "BETAINBB", "GAMAIRTH", "DELTKZKA", "EPSIAZ22"];
const CURRENCIES: [Currency; 3] = [Currency::RUB, Currency::INR, Currency::IRR];

fn bic(which: usize) -> Bic {
    Bic::parse(BICS[which]).unwrap()
}

fn obligations() -> impl Strategy<Value = Vec<Obligation>> {
    let row = (0..5_usize, 1..5_usize, 0..1_000_000_i128, 0..3_usize);
    proptest::collection::vec(row, 0..60).prop_map(|rows| {
        let obligation = |(from, step, amount, currency): (usize, usize, i128, usize)| Obligation {
            from: bic(from),
            to: bic((from + step) % 5),
            amount,
            currency: CURRENCIES[currency],
        };
        rows.into_iter().map(obligation).collect()
    })
}

proptest! {
    #[test]
    fn the_nets_of_every_currency_sum_to_zero(all in obligations()) {
        let nets = multilateral(&all).unwrap();
        for positions in nets.values() {
            prop_assert_eq!(positions.values().sum::<i128>(), 0);
        }
        // What is left bilaterally nets to the same positions, and each step takes no more funding than the one before.
        let left = bilateral(&all).unwrap();
        for (currency, positions) in &multilateral(&left).unwrap() {
            for (who, net) in positions {
                prop_assert_eq!(nets[currency][who], *net);
            }
        }
        for need in funding(&all).unwrap().values() {
            prop_assert!(need.multilateral <= need.bilateral && need.bilateral <= need.gross);
        }
    }

    #[test]
    fn an_offset_keeps_the_sums_and_turns_no_position_round(all in obligations(), rupees in 1..500_i128) {
        let nets = multilateral(&all).unwrap();
        let rate = Ratio::new(rupees, 100).unwrap();
        let (swaps, left) = offset(&nets, Currency::RUB, Currency::INR, &rate).unwrap();
        for (currency, positions) in &left {
            prop_assert_eq!(positions.values().sum::<i128>(), 0);
            for (who, net) in positions {
                let before = nets[currency][who];
                prop_assert!(net.abs() <= before.abs() && (*net == 0 || net.signum() == before.signum()));
            }
        }
        for swap in swaps {
            prop_assert!(swap.gives.minor() > 0 && swap.takes.minor() > 0 && swap.one != swap.other);
        }
    }
}

#[test]
fn two_dealers_that_stand_opposite_fund_only_the_difference() {
    let owe = |from, to, amount, currency| Obligation { from: bic(from), to: bic(to), amount, currency };
    // ALFA is to receive 1,000.00 roubles and to pay 900.00 rupees; BETA the other way round; GAMA is in between.
    let all = [
        owe(2, 0, 100_000, Currency::RUB),
        owe(1, 2, 100_000, Currency::RUB),
        owe(0, 2, 90_000, Currency::INR),
        owe(2, 1, 90_000, Currency::INR),
    ];
    let rate = Ratio::parse_decimal("0.95").unwrap();
    let nets = multilateral(&all).unwrap();
    let (swaps, left) = offset(&nets, Currency::RUB, Currency::INR, &rate).unwrap();
    assert_eq!(swaps.len(), 1);
    assert_eq!(
        (swaps[0].gives.to_string(), swaps[0].takes.to_string()),
        ("RUB 947.36".into(), "INR 899.99".into())
    );
    assert_eq!((left[&Currency::RUB][&bic(0)], left[&Currency::INR][&bic(0)]), (5_264, -1));
    assert_eq!(left[&Currency::RUB][&bic(2)], 0);
}
