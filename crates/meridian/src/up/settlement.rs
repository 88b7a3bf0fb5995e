//! The day's settlement: banks of one country pay each other, some of them more than they have; the queue is released by a
//! plan where the order of its lines releases nothing; windows close at their cut-offs and settle at their agents.

use std::collections::BTreeMap;

use meridian_node::{Done, Event, Hub, plan};
use meridian_pay::Priority;
use meridian_settlement::{self as settlement, Model, Progress, Side, Stage, Tier, Window, WindowId};
use meridian_terms::{Bic, Country, Currency, Micros, Money, Party};
use serde_json::{Value, json};

use super::day::{Day, Order};
use super::participant::{Payment, expect};
use super::story::{Seen, Step as Scene};

/// How many mornings the banks pay each other.
const MORNINGS: u64 = 4;

/// How many payments a bank sends each other one of its country in a morning.
const EACH: u64 = 3;

/// How many spans of nine hours are waited for the last window to settle: the longest holidays are five days.
const LONGEST: usize = 24;

/// Payments of one morning that their banks cannot cover: from, to, tenths of a million. The first of each bank goes out of
/// their circle and is more than it has, so that nothing in order of the lines can go.
const QUEUE: [(&str, &str, i128); 16] = [
    ("XDONRUMM", "XASTRUMM", 620),
    ("XURARUMM", "XASTRUMM", 540),
    ("XKAMRUMM", "XVOLRUMM", 480),
    ("XKAMRUMM", "XDONRUMM", 75),
    ("XDONRUMM", "XKAMRUMM", 81),
    ("XDONRUMM", "XURARUMM", 46),
    ("XKAMRUMM", "XURARUMM", 47),
    ("XURARUMM", "XKAMRUMM", 22),
    ("XKAMRUMM", "XURARUMM", 51),
    ("XKAMRUMM", "XDONRUMM", 91),
    ("XDONRUMM", "XURARUMM", 89),
    ("XDONRUMM", "XKAMRUMM", 60),
    ("XURARUMM", "XKAMRUMM", 20),
    ("XURARUMM", "XKAMRUMM", 74),
    ("XDONRUMM", "XVOLRUMM", 73),
    ("XKAMRUMM", "XDONRUMM", 62),
];

/// Runs the day's settlement; what the queue's release came to.
pub(crate) async fn run(day: &mut Day<'_>) -> Result<Value, String> {
    let banks = banks(day)?;
    let mut paid = 0;
    for morning in 0..MORNINGS {
        for ((_, currency), names) in &banks {
            for pair in 0..EACH {
                paid += pay_each_other(day, names, *currency, (morning, pair)).await?;
            }
        }
        day.wait(Micros::hours(24));
        day.participants.settle().await?;
    }
    day.narrate(
        "settlement",
        Scene::Window,
        format!(
            "On {MORNINGS} mornings banks of {} countries send each other {paid} payments, which fall into the open windows.",
            banks.len()
        ),
    );
    let released = gridlock(day).await?;
    // Every window closes at its cut-off and settles when its agent works, over weekends and holidays.
    for _ in 0..LONGEST {
        day.wait(Micros::hours(9));
        day.participants.settle().await?;
        let is_open = day.node.read(|hub| used(hub).any(|(_, window)| window.stage != Stage::Settled));
        if !is_open.await.map_err(|error| error.to_string())? {
            break;
        }
    }
    let told = day.node.read(|hub| (told(hub), widest(hub).map(|(id, _)| *id)));
    let (told, widest) = told.await.map_err(|error| error.to_string())?;
    if let Some(id) = widest {
        let facts = json!({"currency": id.currency.code(), "window": id.number});
        let seen = Seen::such(move |event| match event {
            Event::Settle(settlement::Event::Closed { window, .. }, ..)
            | Event::Settle(settlement::Event::SettlementAsked { window, .. }, ..)
            | Event::Settle(settlement::Event::InstructionSettled { window, .. }, ..) => *window == id,
            _ => false,
        });
        day.story.show(Scene::Window, "a window closes, its agent is instructed and settles it", facts, seen);
    }
    for words in told {
        day.narrate("settlement", Scene::Window, words);
    }
    Ok(released)
}

/// The banks of each country that holds cover in its own currency, in order of BIC.
fn banks(day: &Day<'_>) -> Result<BTreeMap<(Country, Currency), Vec<String>>, String> {
    let mut banks: BTreeMap<(Country, Currency), Vec<String>> = BTreeMap::new();
    let patient: Vec<&str> = QUEUE.iter().map(|(from, ..)| *from).collect();
    for entry in &day.corridor.file.participant {
        let country = Country::parse(&entry.country).map_err(|refusal| refusal.to_string())?;
        let Some(currency) = meridian_deal::national_currency(country) else { continue };
        let holds = entry.cover.iter().any(|cover| cover.starts_with(currency.code()));
        // Those whose payments will wait keep out of the mornings' trade.
        if entry.role == "bank" && holds && !patient.contains(&entry.bic.as_str()) {
            banks.entry((country, currency)).or_default().push(entry.bic.clone());
        }
    }
    banks.values_mut().for_each(|names| names.sort());
    banks.retain(|_, names| names.len() > 1);
    Ok(banks)
}

/// Every bank pays every other one of its country; how many payments that were.
async fn pay_each_other(
    day: &mut Day<'_>,
    names: &[String],
    currency: Currency,
    round: (u64, u64),
) -> Result<usize, String> {
    let mut sent = 0;
    for from in names {
        for to in names.iter().filter(|to| *to != from) {
            let amount = amount(&format!("{from} {to} {} {}", round.0, round.1), currency);
            let told = send(day, from, to, amount, Priority::High).await?;
            expect(told, "pay another bank")?;
            sent += 1;
        }
    }
    day.participants.settle().await?;
    Ok(sent)
}

/// Between ten thousand and a million units of the currency, derived from a name (illustrative).
fn amount(name: &str, currency: Currency) -> Money {
    let digest = blake3::hash(name.as_bytes());
    let drawn = digest.as_bytes()[..4].iter().fold(0_i128, |sum, byte| sum << 8 | i128::from(*byte));
    let units = 10_000 + drawn % 990_000;
    let scale = 10_i128.pow(u32::from(currency.exponent()));
    // Dirhams, manats and yuan are worth about twenty roubles each.
    let worth = if matches!(currency.code(), "AED" | "AZN" | "CNY") { 20 } else { 1 };
    Money::new(units * scale / worth, currency)
}

async fn send(
    day: &mut Day<'_>,
    from: &str,
    to: &str,
    amount: Money,
    priority: Priority,
) -> Result<super::participant::Told, String> {
    let party = |of: &str| -> Result<Party, String> {
        let country = Bic::parse(of).map_err(|refusal| refusal.to_string())?.country();
        Ok(Party { name: format!("Customer of {of} (example)"), country, lei: None, address: None })
    };
    let payment = Payment {
        document: None,
        debtor: party(from)?,
        creditor: party(to)?,
        creditor_account: format!("{}-0002", &to[..4]),
        creditor_agent: Bic::parse(to).map_err(|refusal| refusal.to_string())?,
        target: amount,
        source: None,
    };
    let order = |reply| Order::PayAs { payment: Box::new(payment), priority, reply };
    day.participants.told(from, order).await
}

/// A queue that stands still however its lines are worked off, and the plan that releases it.
async fn gridlock(day: &mut Day<'_>) -> Result<Value, String> {
    let known = |bic: &str| day.corridor.file.participant.iter().any(|entry| entry.bic == bic);
    if !QUEUE.iter().all(|(from, to, _)| known(from) && known(to)) {
        return Ok(Value::Null);
    }
    for (from, to, tenths) in QUEUE {
        let amount = Money::new(tenths * 10_000_000, Currency::RUB);
        let told = send(day, from, to, amount, Priority::Norm).await?;
        expect(told, "queue a payment")?;
    }
    let standing = day.node.read(|hub| {
        let snapshot = hub.settlement.snapshot(&hub.ledger, Currency::RUB).ok()?;
        let queue = &snapshot.queue;
        let best = settlement::best(queue, settlement::usual_steps(queue), 0);
        let values = [settlement::heads(queue), settlement::fifo(queue), settlement::greedy(queue)]
            .map(|one| one.value());
        Some((snapshot.ids.len(), queue.value(), values, best.bound))
    });
    let standing = standing.await.map_err(|error| error.to_string())?;
    let (waiting, value, [heads, fifo, greedy], bound) = standing.ok_or("the queue cannot be read")?;
    let money = |minor: i128| Money::new(minor, Currency::RUB).to_string();
    day.narrate(
        "settlement",
        Scene::Window,
        format!(
            "{waiting} payments of {} wait for cover at three banks (PDNG). As funds allow {} of it can go, in order of the lines {}, greedily out of order {}.",
            money(value), money(heads), money(fifo), money(greedy)
        ),
    );
    let node = day.node.clone();
    let planned = tokio::task::spawn_blocking(move || plan(&node, Currency::RUB)).await;
    let planned = planned.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let (tier, settled, released) = match planned {
        Some(Done {
            event: Event::Settle(settlement::Event::Released { tier, entries, .. }, ..), ..
        }) => {
            let value = entries.iter().flat_map(|entry| &entry.movements).map(|one| one.amount.minor()).sum();
            (tier, entries.len(), value)
        }
        _ => (Tier::Funds, 0, 0_i128),
    };
    let how = if tier == Tier::Optimised { "A plan made beside the writer" } else { "The greedy release" };
    day.narrate(
        "settlement",
        Scene::Window,
        format!(
            "{how} settles {settled} of them, {}, at once and as one event; no bank ends below zero, and split payments could reach {} at most.",
            money(released), money(bound)
        ),
    );
    day.participants.settle().await?;
    let facts = json!({
        "currency": "RUB", "waiting": waiting, "value": money(value),
        "as_funds_allow": money(heads), "fifo": money(fifo), "greedy": money(greedy),
        "released": money(released), "released_payments": settled, "tier": tier_word(tier), "bound": money(bound),
    });
    if tier == Tier::Optimised {
        let seen = Seen::such(|event| {
            matches!(event, Event::Settle(settlement::Event::Released { tier: Tier::Optimised, .. }, ..))
        });
        day.story.show(
            Scene::Window,
            "a queue in gridlock released by a plan, as one event",
            facts.clone(),
            seen,
        );
    }
    Ok(facts)
}

const fn tier_word(tier: Tier) -> &'static str {
    match tier {
        Tier::Funds => "funds",
        Tier::Gridlock => "gridlock",
        Tier::Greedy => "greedy",
        Tier::Optimised => "optimised",
    }
}

pub(crate) const fn model_word(model: Model) -> &'static str {
    match model {
        Model::Gross => "gross",
        Model::BilateralNet => "bilateral",
        Model::MultilateralNet => "multilateral",
    }
}

/// Windows that something fell into.
fn used(hub: &Hub) -> impl Iterator<Item = (&WindowId, &Window)> {
    hub.settlement.windows().filter(|(_, window)| window.commitments > 0)
}

/// What netting saved of a window's gross, in tenths of a per cent, rounded down.
fn saved(window: &Window) -> i128 {
    let gross = window.gross();
    ((gross - window.funding(window.model)) * 1000).checked_div(gross).unwrap_or(0)
}

fn tenths(saved: i128) -> String {
    format!("{}.{}", saved / 10, saved % 10)
}

/// Least, lower and upper tenth, middle and most of sorted savings.
fn distribution(mut of: Vec<i128>) -> Option<[i128; 5]> {
    of.sort_unstable();
    let last = of.len().checked_sub(1)?;
    Some([0, last / 10, last / 2, last * 9 / 10, last].map(|place| of[place]))
}

/// The settled window with the most participants, of those the one with the most commitments, the last among equals.
fn widest(hub: &Hub) -> Option<(&WindowId, &Window)> {
    let settled = used(hub).filter(|(_, window)| window.stage == Stage::Settled);
    settled.max_by_key(|(id, window)| (window.nets.len(), window.commitments, **id))
}

/// The settled windows in sentences.
fn told(hub: &Hub) -> Vec<String> {
    let mut words = Vec::new();
    let settled: Vec<_> = used(hub).filter(|(_, window)| window.stage == Stage::Settled).collect();
    if let Some((id, window)) = widest(hub) {
        let nets: Vec<String> =
            window.nets.iter().map(|(bic, net)| format!("{bic} {}", Money::new(*net, id.currency))).collect();
        words.push(format!(
            "Window {} of {} closed with {} commitments of {}; its nets: {}.",
            id.number,
            id.currency,
            window.commitments,
            Money::new(window.gross(), id.currency),
            nets.join(", ")
        ));
        let agent = hub.settlement.circuit(id.currency).map(|circuit| circuit.agent.to_string());
        let through = window.instructions.iter().filter(|one| one.from == Side::Hub).count();
        words.push(format!(
            "{} has settled it by {} instructions (pacs.009, answered ACSC): {} paid in first, then {} paid out; statements (camt.053) lie in the mailboxes.",
            agent.unwrap_or_default(),
            window.instructions.len(),
            window.instructions.len() - through,
            through
        ));
    }
    let netted = settled.iter().filter(|(_, window)| window.model != Model::Gross);
    if let Some(five) = distribution(netted.map(|(_, window)| saved(window)).collect()) {
        let [least, low, middle, high, most] = five.map(tenths);
        words.push(format!(
            "Liquidity saved against gross over {} windows that net: from {least} to {most} % (tenths and middle: {low}, {middle}, {high} %).",
            settled.iter().filter(|(_, window)| window.model != Model::Gross).count()
        ));
    }
    words
}

/// Everything about settlement for the report; `released` is what [`run`] came to.
pub(crate) fn report(hub: &Hub, currencies: Vec<Value>, released: Value) -> Value {
    let windows: Vec<Value> = used(hub)
        .map(|(id, window)| {
            let amount = |minor: i128| Money::new(minor, id.currency).to_string();
            let nets: BTreeMap<&str, String> =
                window.nets.iter().map(|(bic, net)| (bic.as_str(), amount(*net))).collect();
            let accepted =
                window.instructions.iter().filter(|one| one.progress == Progress::Accepted).count();
            json!({
                "currency": id.currency.code(), "number": id.number, "stage": window.stage.word(),
                "model": model_word(window.model), "opened_at": window.opened_at.to_string(),
                "closed_at": window.closed_at.map(|at| at.to_string()), "commitments": window.commitments,
                "gross": amount(window.gross()), "funded": amount(window.funding(window.model)),
                "saved_percent": tenths(saved(window)), "nets": nets,
                "instructions": window.instructions.len(), "accepted": accepted,
            })
        })
        .collect();
    let mut of: BTreeMap<Currency, Vec<i128>> = BTreeMap::new();
    for (id, window) in used(hub).filter(|(_, window)| window.stage == Stage::Settled) {
        of.entry(id.currency).or_default().push(saved(window));
    }
    let row = |name: &str, of: Vec<i128>| {
        let windows = of.len();
        distribution(of).map(|five| {
            let [least, low, middle, high, most] = five.map(tenths);
            json!({"over": name, "windows": windows, "min": least, "p10": low, "p50": middle, "p90": high, "max": most})
        })
    };
    let netting = |currency: &Currency| {
        hub.settlement.circuit(*currency).is_some_and(|circuit| circuit.model != Model::Gross)
    };
    let all: Vec<i128> =
        of.iter().filter(|(currency, _)| netting(currency)).flat_map(|(_, of)| of).copied().collect();
    let mut saved_rows: Vec<Value> =
        of.into_iter().filter_map(|(currency, of)| row(currency.code(), of)).collect();
    saved_rows.extend(row("all that net", all));
    let overall: BTreeMap<&str, String> = hub
        .statistics
        .netted
        .iter()
        .filter(|(_, (gross, _))| *gross > 0)
        .map(|(currency, (gross, net))| (currency.code(), tenths((gross - net) * 1000 / gross)))
        .collect();
    json!({
        "currencies": currencies, "windows": windows, "saved_percent": saved_rows,
        "saved_percent_of_all_value": overall, "queue": released,
        "still_waiting": hub.settlement.waiting().count(),
    })
}
