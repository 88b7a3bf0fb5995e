//! Settlement: queues released in tiers, in time and in value, beside what split payments could settle.

use std::time::{Duration, Instant};

use meridian_settlement::{Class, Queue, Search, Waiting, best, fifo, greedy, usual_steps};

use crate::{Figure, Setting, best_of};

pub(crate) fn run(_: &Setting) -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    for cover_percent in [75, 50, 25, 10] {
        let queue = market(30, 2_000, cover_percent)?;
        let found = best(&queue, usual_steps(&queue), 1);
        let what = format!("2,000 payments, 30 banks, cover {cover_percent} % of the net: value settled");
        let of = |value: i128| share(value, queue.value());
        figures.push(
            Figure::new(what, of(found.plan.value()), "%")
                .beside("FIFO gridlock resolution", of(fifo(&queue).value()))
                .beside("greedy", of(greedy(&queue).value()))
                .beside("the bound: payments could be split", of(found.bound)),
        );
    }
    let queue = market(30, 2_000, 25)?;
    let relax = best_of(3, Duration::from_millis(50), || drop(Search::new(&queue, 0, 1)));
    figures.push(Figure::new("greedy plan and relaxation, 2,000 payments", relax * 1e3, "ms"));
    figures.push(timed("search, 2,000 payments, 30 banks", &queue, relax));
    let large = market(200, 20_000, 50)?;
    let relax = best_of(1, Duration::from_millis(1), || drop(Search::new(&large, 0, 1)));
    figures.push(timed("search, 20,000 payments, 200 banks", &large, relax));
    Ok(figures)
}

fn timed(what: &str, queue: &Queue, relax: f64) -> Figure {
    let start = Instant::now();
    let found = best(queue, usual_steps(queue), 1);
    let took = start.elapsed().as_secs_f64() * 1e3;
    let share = share(found.plan.value(), found.bound);
    Figure::new(format!("{what}: {share:.1} % of the bound"), took, "ms")
        .beside("greedy plan and relaxation", relax * 1e3)
}

#[expect(clippy::cast_precision_loss, reason = "a per cent for people")]
fn share(value: i128, of: i128) -> f64 {
    value as f64 * 100.0 / of as f64
}

/// A queue like a market's: few banks make most payments, amounts vary over four powers of ten, cover is a share of what
/// each bank would have to fund if everything settled at once.
fn market(banks: usize, payments: usize, cover_percent: i128) -> Result<Queue, String> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or(0) % bound
    };
    let mut waiting = Vec::new();
    let mut nets = vec![0_i128; banks];
    while waiting.len() < payments {
        let from = roll(banks) * roll(1_000) / 1_000;
        let to = roll(banks) * roll(1_000) / 1_000;
        let power = 10_i128.pow(u32::try_from(roll(4)).unwrap_or(0));
        let amount = i128::try_from(roll(1_000) + 1).unwrap_or(1) * power;
        if from != to {
            nets[from] -= amount;
            nets[to] += amount;
            waiting.push(Waiting { from, to, amount, class: Class::Normal });
        }
    }
    let cover = nets.iter().map(|net| (-net).max(0) * cover_percent / 100).collect();
    Queue::new(cover, waiting).map_err(|refusal| refusal.to_string())
}
