//! `meridian settle plan`: queued payments and liquidity, and what settles now.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, stdin};
use std::time::{Duration, Instant};

use clap::{Subcommand, ValueEnum};
use meridian_settlement::{Class, Plan, Queue, Search, Waiting, fifo, greedy, usual_steps};
use serde::Deserialize;
use serde_json::json;

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian settle`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// What of a queue settles now, all of it at once, with every bank at zero or above
    ///
    /// Example: meridian settle plan queue.json --method best --json
    ///
    /// QUEUE is {"liquidity": {"BANKA": 100, ..}, "payments": [{"id", "from", "to", "amount", "priority"?}, ..]} in
    /// minor units of one currency, oldest first; priority is urgent (or HIGH) or normal (or NORM, and without one).
    Plan(Ask),
}

#[derive(clap::Args)]
struct Ask {
    /// The queue, a JSON document; `-` is standard input
    queue: String,
    /// How hard to try
    #[arg(long, value_enum, default_value_t = Method::Best)]
    method: Method,
    /// Stop the search after so many milliseconds, with the best plan so far; without it, after the steps usual for
    /// the queue's size or when they take unusually long
    #[arg(long)]
    millis: Option<u64>,
    /// Where the search starts: the same seed, queue and steps give the same plan
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// First in, first out, then FIFO gridlock resolution
    Fifo,
    /// That, then out of order: remove and refill
    Greedy,
    /// The most that can be found
    Best,
}

#[derive(Deserialize)]
struct Document {
    liquidity: BTreeMap<String, i128>,
    payments: Vec<Payment>,
}

#[derive(Deserialize)]
struct Payment {
    id: String,
    from: String,
    to: String,
    amount: i128,
    #[serde(default)]
    priority: Option<String>,
}

/// Runs `meridian settle`.
pub fn run(args: Args) -> Answer {
    let Verb::Plan(ask) = args.verb;
    plan(&ask).unwrap_or_else(Answer::Wrong)
}

fn plan(ask: &Ask) -> Result<Answer, String> {
    let start = Instant::now();
    let document = read(&ask.queue)?;
    let queue = queue_of(&document).map_err(|why| format!("{}: {why}", ask.queue))?;
    let (plan, bound, steps) = match ask.method {
        Method::Fifo => (fifo(&queue), Search::new(&queue, 0, ask.seed).bound(), 0),
        Method::Greedy => (greedy(&queue), Search::new(&queue, 0, ask.seed).bound(), 0),
        Method::Best => {
            let mut search = Search::new(&queue, most_steps(ask, &queue), ask.seed);
            let most = Duration::from_millis(ask.millis.unwrap_or_else(|| usual_millis(&queue)));
            search_until(&mut search, start, most, most_steps(ask, &queue));
            let found = search.optimum();
            (found.plan, found.bound, found.steps)
        }
    };
    tell(ask, &document, &queue, &plan, bound, steps, start.elapsed());
    Ok(Answer::Done)
}

/// Searches until the steps or the time are over. A quarter of the time shows whether the steps will fit into the rest;
/// if not, they become fewer, so that the search settles down in time. On a machine fast enough the clock decides nothing.
fn search_until(search: &mut Search, start: Instant, most: Duration, most_steps: u64) {
    let begun = start.elapsed();
    let left = most.saturating_sub(begun).as_micros();
    while search.advance() {
        let taken = start.elapsed().saturating_sub(begun).as_micros();
        if taken >= left {
            return;
        }
        if taken >= left / 4 {
            let in_time = u128::from(search.steps()) * left / taken.max(1);
            search.limit(most_steps.min(u64::try_from(in_time).unwrap_or(u64::MAX)));
        }
    }
}

/// With `--millis` the clock alone decides.
fn most_steps(ask: &Ask, queue: &Queue) -> u64 {
    let usual = usual_steps(queue);
    ask.millis.map_or(usual, |millis| usual.max(millis.saturating_mul(4_000)))
}

/// When a machine is too slow for the usual steps.
fn usual_millis(queue: &Queue) -> u64 {
    let payments = u64::try_from(queue.payments().len()).unwrap_or(u64::MAX);
    (payments.saturating_mul(3) / 8).clamp(700, 8_000)
}

fn read(path: &str) -> Result<Document, String> {
    let input: Box<dyn Read> = match path {
        "-" => Box::new(stdin()),
        path => Box::new(File::open(path).map_err(|error| trouble(path, &error))?),
    };
    serde_json::from_reader(BufReader::with_capacity(1 << 16, input)).map_err(|error| {
        format!("{path}:{}:{}: {error}; see meridian settle plan --help", error.line(), error.column())
    })
}

fn queue_of(document: &Document) -> Result<Queue, String> {
    let banks: BTreeMap<&str, usize> =
        document.liquidity.keys().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
    if let Some((name, has)) = document.liquidity.iter().find(|(_, has)| **has < 0) {
        return Err(format!("liquidity of {name} is {has}; a bank has zero or more"));
    }
    let bank = |payment: &Payment, name: &str| {
        banks.get(name).copied().ok_or_else(|| {
            format!("payment {}: {name:?} has no liquidity; give it one, if only 0", payment.id)
        })
    };
    let waiting = |payment: &Payment| {
        if payment.amount <= 0 || payment.from == payment.to {
            let Payment { id, from, to, amount, .. } = payment;
            return Err(format!(
                "payment {id}: {amount} from {from} to {to} moves no money between two banks"
            ));
        }
        let class = match payment.priority.as_deref() {
            None | Some("normal" | "NORM") => Class::Normal,
            Some("urgent" | "HIGH") => Class::Urgent,
            Some(other) => {
                return Err(format!("payment {}: priority {other:?}; write urgent or normal", payment.id));
            }
        };
        Ok(Waiting {
            from: bank(payment, &payment.from)?,
            to: bank(payment, &payment.to)?,
            amount: payment.amount,
            class,
        })
    };
    let mut ids = std::collections::BTreeSet::new();
    if let Some(twice) = document.payments.iter().find(|payment| !ids.insert(payment.id.as_str())) {
        return Err(format!("payment {} is there twice", twice.id));
    }
    let payments = document.payments.iter().map(waiting).collect::<Result<Vec<_>, _>>()?;
    Queue::new(document.liquidity.values().copied().collect(), payments)
        .map_err(|refusal| refusal.to_string())
}

fn tell(ask: &Ask, document: &Document, queue: &Queue, plan: &Plan, bound: i128, steps: u64, took: Duration) {
    let queued = queue.value() - plan.value();
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if ask.json {
        let settled: Vec<&str> =
            plan.settled().iter().map(|place| document.payments[*place].id.as_str()).collect();
        let change = |(place, (name, has)): (usize, (&String, &i128))| {
            (name.clone(), number(plan.balances()[place] - has))
        };
        let net: serde_json::Map<_, _> = document.liquidity.iter().enumerate().map(change).collect();
        println!(
            "{}",
            json!({
                "settled": settled,
                "value_settled": number(plan.value()),
                "value_queued": number(queued),
                "bound": number(bound),
                "net": net,
                "millis": millis,
                "steps": steps,
            })
        );
        return;
    }
    let (all, count) = (queue.payments().len(), plan.settled().len());
    println!("{count} of {all} payments settle: {} of {}", plan.value(), queue.value());
    println!("if payments could be split, {bound} would; {queued} stays queued");
    for (place, (name, has)) in document.liquidity.iter().enumerate() {
        println!("{name:>20} {has:>16} -> {:>16}", plan.balances()[place]);
    }
    eprintln!("{millis} ms, {steps} steps");
}

/// A number of the JSON document: minor units beyond 64 bits are refused long before.
fn number(amount: i128) -> serde_json::Value {
    i64::try_from(amount).map_or_else(|_| json!(amount.to_string()), |amount| json!(amount))
}
