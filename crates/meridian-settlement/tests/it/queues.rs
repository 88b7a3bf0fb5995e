//! What of a queue settles: beside slow and obvious implementations, and beside every subset of small queues.

use meridian_settlement::{Class, Plan, Queue, Waiting, best, fifo, greedy, heads};
use proptest::prelude::*;

type Row = (usize, usize, i128, bool);

fn queue(liquidity: Vec<i128>, rows: &[Row]) -> Queue {
    let banks = liquidity.len();
    let waiting = |(from, step, amount, is_urgent): &Row| Waiting {
        from: from % banks,
        to: (from + 1 + step % (banks - 1)) % banks,
        amount: *amount,
        class: if *is_urgent { Class::Urgent } else { Class::Normal },
    };
    Queue::new(liquidity, rows.iter().map(waiting).collect()).unwrap()
}

fn any_queue(banks: usize, payments: usize) -> impl Strategy<Value = Queue> {
    let liquidity = proptest::collection::vec(prop_oneof![2 => Just(0_i128), 1 => 0..200_i128], banks);
    let rows = prop_oneof![Just(0.0), Just(0.2)].prop_flat_map(move |urgent| {
        let row = (0..banks, 0..banks, 1..150_i128, proptest::bool::weighted(urgent));
        proptest::collection::vec(row, 0..payments)
    });
    (liquidity, rows).prop_map(|(liquidity, rows)| queue(liquidity, &rows))
}

/// What a bank would end with if these payments settled, summed afresh each time.
fn ends(queue: &Queue, settled: &[usize], bank: usize) -> i128 {
    let moved = |place: &usize| {
        let payment = &queue.payments()[*place];
        i128::from(payment.to == bank) * payment.amount - i128::from(payment.from == bank) * payment.amount
    };
    queue.liquidity()[bank] + settled.iter().map(moved).sum::<i128>()
}

fn in_line(queue: &Queue, bank: usize) -> Vec<usize> {
    let of = |class: Class| {
        let places = queue.payments().iter().enumerate();
        places
            .filter(move |(_, payment)| payment.from == bank && payment.class == class)
            .map(|(place, _)| place)
    };
    of(Class::Urgent).chain(of(Class::Normal)).collect()
}

/// Slow: of all ways to cut every bank's own line somewhere, the one that keeps most; cuts shrink one at a time and
/// everything is summed again after each.
fn slow_fifo(queue: &Queue) -> Vec<usize> {
    let banks = queue.liquidity().len();
    let mut lines: Vec<Vec<usize>> = (0..banks).map(|bank| in_line(queue, bank)).collect();
    loop {
        let settled: Vec<usize> = lines.concat();
        // The last short bank gives way first here, the other way round than in the real one.
        let Some(short) = (0..banks).rev().find(|bank| ends(queue, &settled, *bank) < 0) else {
            let mut settled = settled;
            settled.sort_unstable();
            return settled;
        };
        lines[short].pop();
    }
}

/// Slow: the documented sentences of `greedy`, one scan over everything at each.
fn slow_greedy(queue: &Queue) -> Vec<usize> {
    let kept = slow_fifo(queue);
    let mut settled: Vec<usize> = (0..queue.payments().len()).collect();
    let banks = queue.liquidity().len();
    loop {
        let mut shortest: Option<(i128, usize)> = None;
        for bank in 0..banks {
            let end = ends(queue, &settled, bank);
            if end < 0 && shortest.is_none_or(|(least, _)| end < least) {
                shortest = Some((end, bank));
            }
        }
        let Some((end, bank)) = shortest else { break };
        let own = |class: Class| {
            let mut own: Vec<usize> = settled
                .iter()
                .copied()
                .filter(|place| {
                    let payment = &queue.payments()[*place];
                    payment.from == bank && payment.class == class && !kept.contains(place)
                })
                .collect();
            own.sort_by_key(|place| (queue.payments()[*place].amount, std::cmp::Reverse(*place)));
            own
        };
        let candidates =
            Some(own(Class::Normal)).filter(|own| !own.is_empty()).unwrap_or_else(|| own(Class::Urgent));
        let fitting = candidates.iter().find(|place| queue.payments()[**place].amount >= -end);
        let amount = |place: &usize| queue.payments()[*place].amount;
        let largest = candidates.iter().find(|place| amount(place) == amount(candidates.last().unwrap()));
        let drop = *fitting.or(largest).unwrap();
        settled.retain(|place| *place != drop);
    }
    loop {
        let before = settled.len();
        for class in [Class::Urgent, Class::Normal] {
            for (place, payment) in queue.payments().iter().enumerate() {
                let is_new = payment.class == class && !settled.contains(&place);
                if is_new && ends(queue, &settled, payment.from) >= payment.amount {
                    settled.push(place);
                }
            }
        }
        if settled.len() == before {
            settled.sort_unstable();
            return settled;
        }
    }
}

/// Slow: any head that its bank can pay is paid, one at a time, the last bank first.
fn slow_heads(queue: &Queue) -> Vec<usize> {
    let banks = queue.liquidity().len();
    let mut settled: Vec<usize> = Vec::new();
    loop {
        let head = (0..banks).rev().find_map(|bank| {
            let head = in_line(queue, bank).into_iter().find(|place| !settled.contains(place))?;
            (ends(queue, &settled, bank) >= queue.payments()[head].amount).then_some(head)
        });
        match head {
            Some(place) => settled.push(place),
            None => {
                settled.sort_unstable();
                return settled;
            }
        }
    }
}

/// The most value of any subset, urgent value first.
fn exhaustive(queue: &Queue) -> (i128, i128) {
    let count = queue.payments().len();
    let sound = (0..1_usize << count).filter_map(|bits| {
        let settled: Vec<usize> = (0..count).filter(|place| bits >> place & 1 == 1).collect();
        Plan::of(queue, settled).ok()
    });
    sound.map(|plan| (urgent(queue, &plan), plan.value())).max().unwrap()
}

fn urgent(queue: &Queue, plan: &Plan) -> i128 {
    let settled = plan.settled().iter().map(|place| &queue.payments()[*place]);
    settled.filter(|payment| payment.class == Class::Urgent).map(|payment| payment.amount).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_tier_agrees_with_a_slow_one(queue in any_queue(5, 40)) {
        prop_assert_eq!(heads(&queue).settled().to_vec(), slow_heads(&queue));
        prop_assert_eq!(fifo(&queue).settled().to_vec(), slow_fifo(&queue));
        prop_assert_eq!(greedy(&queue).settled().to_vec(), slow_greedy(&queue));
    }

    #[test]
    fn each_tier_settles_no_less_than_the_one_before(queue in any_queue(6, 60)) {
        let (heads, fifo, greedy) = (heads(&queue), fifo(&queue), greedy(&queue));
        let best = best(&queue, 20_000, 7);
        prop_assert!(heads.settled().iter().all(|place| fifo.settled().contains(place)));
        prop_assert!(fifo.settled().iter().all(|place| greedy.settled().contains(place)));
        prop_assert!((urgent(&queue, &best.plan), best.plan.value()) >= (urgent(&queue, &greedy), greedy.value()));
        prop_assert!(best.plan.value() <= best.bound && best.bound <= queue.value());
        for plan in [&heads, &fifo, &greedy, &best.plan] {
            prop_assert!(plan.balances().iter().all(|balance| *balance >= 0));
            for bank in 0..queue.liquidity().len() {
                prop_assert_eq!(plan.balances()[bank], ends(&queue, plan.settled(), bank));
            }
        }
    }

    #[test]
    fn no_plan_of_a_small_queue_passes_the_best_of_all_subsets_nor_that_the_bound(queue in any_queue(4, 11)) {
        let most = exhaustive(&queue);
        let found = best(&queue, 20_000, 1);
        prop_assert!((urgent(&queue, &found.plan), found.plan.value()) <= most);
        prop_assert!(most.1 <= found.bound);
    }

    #[test]
    fn the_same_seed_and_steps_give_the_same_plan(queue in any_queue(6, 80), seed in 0..100_u64) {
        prop_assert_eq!(best(&queue, 30_000, seed), best(&queue, 30_000, seed));
    }
}

/// A queue like a market's: few banks make most payments, amounts vary a thousandfold, cover is a share of what each
/// bank would have to fund if everything settled at once.
fn market(banks: usize, payments: usize, cover_percent: i128, seed: u64) -> Queue {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut roll = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut waiting = Vec::new();
    let mut nets = vec![0_i128; banks];
    while waiting.len() < payments {
        let mut bank = || ((roll() % banks as u64) * (roll() % 1_000) / 1_000) as usize;
        let (from, to) = (bank(), bank());
        let amount = (1 + i128::from(roll() % 100)) * 10_i128.pow((roll() % 4) as u32);
        if from != to {
            nets[from] -= amount;
            nets[to] += amount;
            waiting.push(Waiting { from, to, amount, class: Class::Normal });
        }
    }
    let liquidity = nets.iter().map(|net| (-net).max(0) * cover_percent / 100).collect();
    Queue::new(liquidity, waiting).unwrap()
}

/// A search, not a proof: over many small queues it settles nearly all of what the best subsets would.
#[test]
fn the_search_finds_nearly_all_there_is_in_small_queues() {
    let (mut found, mut most) = (0, 0);
    for seed in 1..=60 {
        let queue = market(5, 12, 20, seed);
        found += best(&queue, 20_000, 1).plan.value();
        most += exhaustive(&queue).1;
    }
    println!("{found} of {most}");
    assert!(found * 100 >= most * 95);
}

#[test]
fn where_cover_is_scarce_the_search_settles_most_of_what_split_payments_could() {
    println!("cover  FIFO  greedy  best   of what split payments could settle");
    for cover_percent in [75, 50, 25, 10] {
        let queue = market(20, 600, cover_percent, 3);
        let found = best(&queue, 150_000, 1);
        let share = |value: i128| value * 1_000 / found.bound;
        let (fifo, greedy) = (fifo(&queue), greedy(&queue));
        println!(
            "{cover_percent:>4} %  {:>4}  {:>5}  {:>5}",
            share(fifo.value()),
            share(greedy.value()),
            share(found.plan.value())
        );
        assert!(found.plan.value() >= greedy.value() && greedy.value() >= fifo.value());
        assert!(share(found.plan.value()) >= 900);
    }
}

#[test]
fn with_the_cover_a_net_settlement_takes_everything_settles() {
    let queue = market(20, 600, 100, 5);
    assert_eq!(fifo(&queue).settled().len(), 600);
    let found = best(&queue, 10_000, 1);
    assert_eq!((found.plan.value(), found.bound), (queue.value(), queue.value()));
}

#[test]
fn a_malformed_queue_or_an_unsound_plan_is_refused() {
    let pay = |from, to, amount| Waiting { from, to, amount, class: Class::Normal };
    let rows: [(Vec<i128>, Vec<Waiting>, &str); 6] = [
        (vec![-1, 0], vec![], "settlement.queue_malformed"),
        (vec![0, 0], vec![pay(0, 1, 0)], "settlement.queue_malformed"),
        (vec![0, 0], vec![pay(1, 1, 5)], "settlement.queue_malformed"),
        (vec![0, 0], vec![pay(0, 2, 5)], "settlement.queue_malformed"),
        (vec![0, 0], vec![pay(0, 1, 1 << 52)], "settlement.queue_too_large"),
        (vec![i128::MAX, 0], vec![pay(0, 1, 7)], ""),
    ];
    for (liquidity, payments, code) in rows {
        let told =
            Queue::new(liquidity, payments).err().map_or(String::new(), |refusal| refusal.code.into_owned());
        assert_eq!(told, code);
    }
    let queue = Queue::new(vec![i128::MAX - 100, 0], vec![pay(0, 1, 7), pay(1, 0, 8)]).unwrap();
    assert_eq!(best(&queue, 1_000, 1).plan.value(), 7);
    for settled in [vec![1], vec![0, 0], vec![2]] {
        assert_eq!(Plan::of(&queue, settled).unwrap_err().code, "settlement.plan_unsound");
    }
}

#[test]
fn urgent_payments_come_first_and_the_oldest_of_equals() {
    let pay = |to, amount, class| Waiting { from: 0, to, amount, class };
    let rows = vec![
        pay(1, 90, Class::Normal),
        pay(1, 60, Class::Urgent),
        pay(2, 30, Class::Normal),
        pay(2, 30, Class::Normal),
    ];
    let queue = Queue::new(vec![90, 0, 0], rows).unwrap();
    assert_eq!(fifo(&queue).settled(), [1]);
    assert_eq!(greedy(&queue).settled(), [1, 2]);
    assert_eq!(best(&queue, 10_000, 1).plan.settled(), [1, 2]);
}
