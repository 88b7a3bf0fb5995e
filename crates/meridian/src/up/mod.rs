//! `meridian up`: the hub, its example participants over real sockets, one day, and the console.

mod cards;
mod cards_file;
mod carriage;
mod day;
mod deals;
pub(crate) mod hosted;
mod journey;
mod kill;
pub(crate) mod one_deal;
mod participant;
mod scenes;
mod settlement;
mod story;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use meridian_node::{Clock, Hub};
use meridian_screening::ListSet;
use meridian_terms::Money;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::corridor_file::CorridorFile;
use crate::{boot, office};
use day::{Day, Participants, Step, nets};
use deals::DealsFile;
pub(crate) use deals::WhatIfEntry;
use hosted::{Corridor, Hosted};
use story::Story;

/// Where the console is, unless another port is named.
const PORT: u16 = 8080;

/// Arguments of `meridian up`.
///
/// Example: meridian up --once
#[derive(clap::Args)]
pub struct Args {
    /// The corridor's directory; without it examples/north-south, or the example built in
    directory: Option<PathBuf>,
    /// Leave after the day
    #[arg(long)]
    once: bool,
    /// One JSON document about the day
    #[arg(long)]
    json: bool,
    /// Where the journal lies; without it a new directory below .meridian
    #[arg(long)]
    data: Option<PathBuf>,
    /// The console's port
    #[arg(long, default_value_t = PORT)]
    port: u16,
}

impl Default for Args {
    fn default() -> Self {
        Self { directory: None, once: false, json: false, data: None, port: PORT }
    }
}

/// Runs `meridian up`.
pub fn run(args: Args) -> Answer {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Answer::Wrong(error.to_string()),
    };
    runtime.block_on(go(&args)).unwrap_or_else(Answer::Wrong)
}

async fn go(args: &Args) -> Result<Answer, String> {
    let corridor = Corridor::read(args.directory.as_deref())?;
    let (files, file, lists) = (&corridor.files, &corridor.file, &corridor.lists);
    let deals: DealsFile = files.toml("deals.toml")?;
    for country in file.participant.iter().map(|entry| entry.country.as_str()) {
        let country = meridian_terms::Country::parse(country).map_err(|refusal| refusal.to_string())?;
        files.tariff(country)?;
    }

    let data = data_directory(args.data.as_deref())?;
    let listener = match tokio::net::TcpListener::bind(("127.0.0.1", args.port)).await {
        Ok(listener) => listener,
        Err(_) => tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?,
    };
    let clock = Clock::script(corridor.start);
    let hub = Hosted::start(&corridor, &data, clock.clone(), listener)?;
    let (url, node) = (format!("http://{}", hub.address), hub.node.clone());

    let progress = progress(deals.deal.len());
    for held in boot::set_up(&node, file, &boot::desk(file, lists.clone())).await? {
        eprintln!("{held}");
    }
    boot::open_windows(&node, "corridor.toml", file, files).await?;
    let cards: Option<cards_file::CardsFile> =
        files.get("cards.toml").is_ok().then(|| files.toml("cards.toml")).transpose()?;
    if let Some(cards) = &cards {
        cards::keep(&node, cards, &file.hub).await?;
    }
    office::found(&node, file, deals.what_if.as_ref()).await?;
    let admitted = node.read(|hub| hub.pay.participants().map(|one| one.bic.clone()).collect());
    let admitted = admitted.await.map_err(|error| error.to_string())?;
    let participants = Participants::start(file, &admitted, &url, &clock)?;
    let mut day = Day {
        corridor: &corridor,
        deals: &deals,
        data: &data,
        hub: Some(hub),
        node,
        clock,
        participants,
        progress: progress.clone(),
        steps: Vec::new(),
        story: Story::default(),
        cards: cards.as_ref(),
        before: None,
    };
    day.run().await?;
    progress.finish_and_clear();
    let released = settlement::run(&mut day).await?;
    day.the_window_nets().await?;
    day.what_if().await?;

    let story = day.story.document(&data)?;
    let (steps, node) = (std::mem::take(&mut day.steps), day.node.clone());
    let told = node.read(move |hub| {
        hub.check().map(|()| report(hub, &steps, &story, released)).map(|report| (report, steps))
    });
    let (mut report, steps) = told.await.map_err(|error| error.to_string())??;
    report["screening"] = screening(lists);
    if args.json {
        println!("{report}");
    } else {
        print_report(file, &report, &steps, &data);
    }
    if !args.once {
        eprintln!("The console: {url}  (Ctrl-C ends it)");
        tokio::signal::ctrl_c().await.map_err(|error| error.to_string())?;
    }
    match day.hub.take() {
        Some(hub) => hub.stop().await.map(|()| Answer::Done),
        None => Ok(Answer::Done),
    }
}

/// A directory of its own for each day.
fn data_directory(named: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let home = Path::new(".meridian");
    for number in 1..100_000 {
        let directory = home.join(format!("day-{number:04}"));
        if !directory.exists() {
            std::fs::create_dir_all(&directory)
                .map_err(|error| format!("{}: {error}", directory.display()))?;
            return Ok(directory);
        }
    }
    Err("too many days below .meridian; remove some, or name one with --data".into())
}

fn progress(deals: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(deals as u64);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len} deals  {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

fn hex(digest: [u8; 32]) -> String {
    blake3::Hash::from(digest).to_hex().to_string()
}

/// The watch lists of the day, and the version every decision names.
fn screening(lists: &ListSet) -> Value {
    let each = lists.lists().iter().map(|list| {
        json!({"name": list.name, "published": list.published.to_string(), "entries": list.entries.len(),
               "digest": hex(list.digest), "test_list": list.is_test})
    });
    json!({"version": hex(lists.digest()), "lists": each.collect::<Vec<_>>()})
}

fn report(hub: &Hub, steps: &[Step], story: &Value, released: Value) -> Value {
    let deals: Vec<Value> = hub
        .deal
        .deals()
        .map(|deal| {
            let contract = &deal.contract;
            let paid = deal.obligations.iter().filter(|owed| owed.standing.word() == "paid");
            let payments: Vec<Value> = paid
                .map(|owed| {
                    let uetr = match &owed.standing {
                        meridian_deal::Standing::Paid { uetr, .. } => uetr.to_string(),
                        _ => String::new(),
                    };
                    let known = meridian_terms::Uetr::parse(&uetr).ok().and_then(|uetr| hub.pay.payment(uetr));
                    let list = known.and_then(|payment| payment.cleared_under).map(hex);
                    json!({"name": owed.name, "amount": owed.amount.to_string(), "uetr": uetr, "screened_under": list})
                })
                .collect();
            json!({
                "id": contract.id.0, "stage": deal.stage.word(),
                "seller": contract.seller.name, "seller_country": contract.seller.country.as_str(),
                "buyer": contract.buyer.name, "buyer_country": contract.buyer.country.as_str(),
                "price": contract.price.to_string(), "paid": payments, "owed": deal.obligations.len(),
                "route": deal.route.as_ref().map(|route| route.nodes.clone()),
                "freight": deal.route.as_ref().map(|route| route.freight.to_string()),
                "screened": deal.screened.iter().map(|one| json!({
                    "name": one.name, "is_clear": one.verdict == meridian_pay::Verdict::Clear, "list": hex(one.list),
                })).collect::<Vec<_>>(),
                "landed": deal.landed.iter().flat_map(|(rows, _)| rows).map(|row| json!({
                    "name": row.name, "rate": row.sentence, "amount": row.amount.to_string(), "reference": row.reference,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let (both, all) = hub.statistics.national_currency(|country| hub.statistics.national(country));
    let flows = hub.statistics.committed.iter();
    let pairs: std::collections::BTreeSet<String> = flows
        .clone()
        .filter(|(flow, _)| flow.source != flow.target)
        .map(|(flow, _)| format!("{}/{}", flow.source, flow.target))
        .collect();
    let turnover: Vec<Value> = flows
        .map(|(flow, (count, source, target))| {
            json!({"from": flow.from.as_str(), "to": flow.to.as_str(), "payments": count,
                   "source": Money::new(*source, flow.source).to_string(),
                   "target": Money::new(*target, flow.target).to_string()})
        })
        .collect();
    let settlement: Vec<Value> = nets(hub)
        .into_iter()
        .map(|(currency, (gross, net, movements))| {
            json!({"currency": currency.code(), "movements": movements,
                   "gross": Money::new(gross, currency).to_string(), "net": Money::new(net, currency).to_string()})
        })
        .collect();
    let committed: u64 = hub.statistics.committed.values().map(|(count, ..)| count).sum();
    json!({
        "deals": deals,
        "payments": {
            "committed": committed,
            "refused": hub.statistics.refused,
            "rejected": hub.statistics.rejected,
            "currency_pairs": pairs,
        },
        "cards": cards::report(&hub.cards, &hub.ledger),
        "settlement": settlement::report(hub, settlement, released),
        "statistics": {"turnover": turnover, "cross_border_payments": all, "in_both_national_currencies": both},
        "story": story,
        "steps": steps.iter().map(|step| json!({"at": step.at, "part": step.part, "words": step.words})).collect::<Vec<_>>(),
        "events": hub.events,
        "state_hash": blake3::Hash::from(hub.hash()).to_hex().to_string(),
    })
}

fn print_report(file: &CorridorFile, report: &Value, steps: &[Step], data: &Path) {
    println!("{}: one day\n\nTHE STORY\n", file.name);
    story::print(&report["story"]);
    println!("EVERYTHING THAT HAPPENED\n");
    let mut part = "";
    for step in steps {
        if step.part != part {
            println!("{}{}", if part.is_empty() { "" } else { "\n" }, step.part.to_uppercase());
            part = &step.part;
        }
        let at = step.at.get(..16).unwrap_or(&step.at).replace('T', " ");
        println!("  {at}  {}", step.words);
    }
    println!("\nSETTLEMENT");
    for row in report["settlement"]["currencies"].as_array().into_iter().flatten() {
        let text = |key: &str| row[key].as_str().unwrap_or("").to_owned();
        println!(
            "  {}: {} movements, gross {}, net {}",
            text("currency"),
            row["movements"],
            text("gross"),
            text("net")
        );
    }
    for row in report["settlement"]["saved_percent"].as_array().into_iter().flatten() {
        let text = |key: &str| row[key].as_str().unwrap_or("").to_owned();
        println!(
            "  Saved against gross, {}: {} windows, {} to {} %, middle {} %",
            text("over"),
            row["windows"],
            text("min"),
            text("max"),
            text("p50")
        );
    }
    let statistics = &report["statistics"];
    println!(
        "\nSTATISTICS\n  {} payments committed; {} of {} across borders in both national currencies.",
        report["payments"]["committed"],
        statistics["in_both_national_currencies"],
        statistics["cross_border_payments"]
    );
    println!(
        "\nInstitutions are invented, preferences and exchange rates illustrative; see the example's SOURCE.md."
    );
    println!("State {} after {} events.", report["state_hash"].as_str().unwrap_or(""), report["events"]);
    println!("Check it: meridian verify {}", data.display());
}
