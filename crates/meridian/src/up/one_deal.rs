//! `meridian deal run`: one deal, offline, from contract to payout, with the reason of every step.
//!
//! The deal lives in a hub of its own on this machine, with the participants, lists, tariffs and network of a corridor
//! directory; its journal goes with the answer. What refuses the deal refuses it for the same reason as in a running hub.

use std::path::{Path, PathBuf};

use meridian_deal::{DealId, Standing};
use meridian_node::{Clock, Hub};
use serde_json::{Value, json};

use super::day::{Day, Participants, Step};
use super::deals::DealsFile;
use super::hosted::{Corridor, Hosted};
use super::story::Story;
use crate::answer::Answer;
use crate::corridor_file::parse_toml;
use crate::rules::to_hex;
use crate::{boot, office};

/// Deals, offline.
///
/// Example: meridian deal run examples/north-south/deals.toml --id PISTACHIO-1
#[derive(clap::Args)]
pub struct DealArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// One deal from contract to payout, every step with its reasons
    ///
    /// Example: meridian deal run deal.toml --corridor examples/north-south
    Run(RunArgs),
}

#[derive(clap::Args)]
struct RunArgs {
    /// The deal: a [[deal]] as in the example's deals.toml
    file: PathBuf,
    /// Which of the file's deals, where it holds several
    #[arg(long)]
    id: Option<String>,
    /// The corridor's directory; without it examples/north-south, or the example built in
    #[arg(long)]
    corridor: Option<PathBuf>,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs `meridian deal`.
pub fn run(args: &DealArgs) -> Answer {
    let What::Run(args) = &args.what;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Answer::Wrong(error.to_string()),
    };
    runtime.block_on(go(args)).unwrap_or_else(Answer::Wrong)
}

async fn go(args: &RunArgs) -> Result<Answer, String> {
    let deals = chosen(args)?;
    let corridor = Corridor::read(args.corridor.as_deref())?;
    let directory = tempfile::tempdir().map_err(|error| format!("a directory for the journal: {error}"))?;
    let listener =
        tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
    let clock = Clock::script(corridor.start);
    let hub = Hosted::start(&corridor, directory.path(), clock.clone(), listener)?;
    let (url, node) = (format!("http://{}", hub.address), hub.node.clone());
    boot::set_up(&node, &corridor.file, &boot::desk(&corridor.file, corridor.lists.clone())).await?;
    office::found(&node, &corridor.file, None).await?;
    office::open_links(&node, &corridor.file).await?;
    let admitted = node.read(|hub| hub.pay.participants().map(|one| one.bic.clone()).collect());
    let admitted = admitted.await.map_err(|error| error.to_string())?;
    let participants = Participants::start(&corridor.file, &admitted, &url, &clock)?;
    let mut day = Day {
        corridor: &corridor,
        deals: &deals,
        data: directory.path(),
        hub: Some(hub),
        node: node.clone(),
        clock,
        participants,
        progress: indicatif::ProgressBar::hidden(),
        steps: Vec::new(),
        story: Story::default(),
        cards: None,
        before: None,
    };
    day.publish_rates().await?;
    day.steps.clear();
    let refusal = day.run_deal(&deals.deal[0]).await.err();
    let id = DealId(deals.deal[0].id.clone());
    let steps = std::mem::take(&mut day.steps);
    let deal =
        node.read(move |hub| hub.check().map(|()| shown(hub, &id))).await.map_err(|e| e.to_string())??;
    if let Some(hub) = day.hub.take() {
        hub.stop().await?;
    }
    tell(&deal, &steps, refusal.as_deref(), args.json);
    Ok(if refusal.is_some() { Answer::Refused } else { Answer::Done })
}

/// The file's one deal, or the one that is asked for.
fn chosen(args: &RunArgs) -> Result<DealsFile, String> {
    let name = args.file.display().to_string();
    let text = std::fs::read_to_string(Path::new(&args.file))
        .map_err(|error| crate::trouble::trouble(&args.file, &error))?;
    let mut deals: DealsFile = parse_toml(&name, &text)?;
    let ids: Vec<String> = deals.deal.iter().map(|entry| entry.id.clone()).collect();
    if let Some(id) = &args.id {
        deals.deal.retain(|entry| entry.id == *id);
    }
    match deals.deal.as_mut_slice() {
        [one] => one.kill_on_arrival = false,
        _ => return Err(format!("{name}: choose one deal with --id, of: {}", ids.join(", "))),
    }
    Ok(deals)
}

/// How the deal ended.
fn shown(hub: &Hub, id: &DealId) -> Value {
    let Some(deal) = hub.deal.deal(id) else {
        return json!({"id": id.0, "stage": "not signed"});
    };
    let contract = &deal.contract;
    let obligations: Vec<Value> = deal
        .obligations
        .iter()
        .map(|owed| {
            let uetr = match &owed.standing {
                Standing::Paid { uetr, .. } => Some(uetr.to_string()),
                _ => None,
            };
            json!({"name": owed.name, "kind": owed.kind.word(), "amount": owed.amount.to_string(),
                   "standing": owed.standing.word(), "uetr": uetr})
        })
        .collect();
    json!({
        "id": contract.id.0, "stage": deal.stage.word(), "price": contract.price.to_string(),
        "seller": contract.seller.name, "buyer": contract.buyer.name,
        "incoterm": contract.incoterm.word(), "place": contract.named_place,
        "route": deal.route.as_ref().map(|route| json!({
            "nodes": route.nodes, "km": route.metres / 1000, "freight": route.freight.to_string(),
            "minutes": {"p50": route.minutes_p50, "p90": route.minutes_p90},
            "estimated_percent": route.estimated_percent,
        })),
        "landed": deal.landed.iter().flat_map(|(rows, _)| rows).map(|row| json!({
            "name": row.name, "sentence": row.sentence, "working": row.working, "amount": row.amount.to_string(),
            "reference": row.reference,
        })).collect::<Vec<_>>(),
        "screened": deal.screened.iter().map(|one| json!({
            "name": one.name, "list_version": to_hex(&one.list),
        })).collect::<Vec<_>>(),
        "obligations": obligations,
    })
}

fn tell(deal: &Value, steps: &[Step], refusal: Option<&str>, as_json: bool) {
    if as_json {
        let steps: Vec<Value> =
            steps.iter().map(|step| json!({"at": step.at, "part": step.part, "words": step.words})).collect();
        let mut document = json!({"deal": deal, "steps": steps});
        if let Some(refusal) = refusal {
            document["refusal"] = json!(refusal);
        }
        println!("{document}");
        return;
    }
    for step in steps {
        let at = step.at.get(..16).unwrap_or(&step.at).replace('T', " ");
        println!("{at}  {}", step.words);
    }
    for owed in deal["obligations"].as_array().into_iter().flatten() {
        let text = |key: &str| owed[key].as_str().unwrap_or("");
        println!("{:>16}  {:<14} {:<10} {}", "", text("name"), text("standing"), text("amount"));
    }
    if let Some(refusal) = refusal {
        println!("refused: {refusal}");
    }
}
