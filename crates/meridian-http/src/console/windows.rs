//! The windows of every currency: which is open, which settles, its nets, what it saves; and the queue for cover.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use meridian_node::Hub;
use meridian_people::Act;
use meridian_settlement::{Class, Entry, Model, Progress, Stage, Window, WindowId};
use meridian_terms::{Money, Uetr};

use super::pages::{Frame, time};
use super::{html, office};
use crate::Service;

/// How many closed windows of a currency the page lists, newest first.
const LISTED: usize = 20;

pub(crate) async fn windows(State(service): State<Service>, headers: HeaderMap) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let frame = Frame::of(&service);
    match service.node.read(move |hub| WindowsPage::of(frame, hub)).await {
        Ok(page) => html(&page),
        Err(error) => crate::Problem::from(error).into_response(),
    }
}

struct NetRow {
    participant: String,
    net: String,
    is_negative: bool,
}

struct InstructionRow {
    words: String,
    standing: String,
}

struct WindowRow {
    number: u64,
    stage: &'static str,
    /// How the stage is coloured.
    tone: &'static str,
    why: String,
    span: String,
    commitments: u64,
    gross: String,
    funded: String,
    saved: String,
    nets: Vec<NetRow>,
    instructions: Vec<InstructionRow>,
}

struct CircuitGroup {
    currency: String,
    agent: String,
    model: &'static str,
    windows: Vec<WindowRow>,
    breaks: Vec<String>,
}

struct WaitingRow {
    short: String,
    link: String,
    class: &'static str,
    moves: String,
    since: String,
    until: String,
}

#[derive(Template)]
#[template(path = "windows.html")]
pub(crate) struct WindowsPage {
    frame: Frame,
    groups: Vec<CircuitGroup>,
    waiting: Vec<WaitingRow>,
}

impl WindowsPage {
    pub(crate) fn of(frame: Frame, hub: &Hub) -> Self {
        let groups = hub.settlement.circuits().map(|circuit| {
            let of = |(id, window): (&WindowId, &Window)| (*id, window.clone());
            let mut windows: Vec<(WindowId, Window)> =
                hub.settlement.windows().filter(|(id, _)| id.currency == circuit.currency).map(of).collect();
            windows.reverse();
            let is_shown =
                |(_, window): &&(WindowId, Window)| window.commitments > 0 || window.stage == Stage::Open;
            let breaks = hub.settlement.breaks(circuit.currency).into_iter().flat_map(|(day, breaks)| {
                breaks.iter().map(move |(bic, found)| {
                    let amount = |minor: i128| Money::new(minor, circuit.currency).to_string();
                    let reported = found.reported.map_or_else(|| "nothing".to_owned(), amount);
                    format!(
                        "{day}: {bic} should hold {}, its agent reports {reported}",
                        amount(found.expected)
                    )
                })
            });
            CircuitGroup {
                currency: circuit.currency.to_string(),
                agent: circuit.agent.to_string(),
                model: match circuit.model {
                    Model::Gross => "each payment on its own",
                    Model::BilateralNet => "one net between each two",
                    Model::MultilateralNet => "one net towards all",
                },
                windows: windows.iter().filter(is_shown).take(LISTED).map(row).collect(),
                breaks: breaks.collect(),
            }
        });
        Self {
            frame,
            groups: groups.collect(),
            waiting: hub.settlement.waiting().map(|entry| waiting(hub, entry)).collect(),
        }
    }
}

fn row((id, window): &(WindowId, Window)) -> WindowRow {
    let amount = |minor: i128| Money::new(minor, id.currency).amount().to_string();
    let (gross, funded) = (window.gross(), window.funding(window.model));
    let why = match &window.stage {
        Stage::Aborted { reason } | Stage::Failed { reason } => reason.clone(),
        _ => String::new(),
    };
    let closed = window.closed_at.map_or_else(|| "now".to_owned(), time);
    WindowRow {
        number: id.number,
        stage: window.stage.word(),
        tone: match window.stage {
            Stage::Settled => "settled",
            Stage::Aborted { .. } | Stage::Failed { .. } => "rejected",
            Stage::PendingSettlement => "sent",
            Stage::Open | Stage::Closed => "",
        },
        why,
        span: format!("{} to {closed}", time(window.opened_at)),
        commitments: window.commitments,
        gross: amount(gross),
        funded: amount(funded),
        saved: ((gross - funded) * 100)
            .checked_div(gross)
            .map_or_else(String::new, |percent| format!("{percent} %")),
        nets: window
            .nets
            .iter()
            .map(|(bic, net)| NetRow {
                participant: bic.to_string(),
                net: amount(net.abs()),
                is_negative: *net < 0,
            })
            .collect(),
        instructions: window
            .instructions
            .iter()
            .map(|one| InstructionRow {
                words: meridian_pay::agents::words(one),
                standing: match &one.progress {
                    Progress::Waiting => "held until what is paid in is there".into(),
                    Progress::Sent { until } => format!("with the agent, asked again at {}", time(*until)),
                    Progress::Accepted => "settled".into(),
                    Progress::Refused { reason } => format!("refused: {reason}"),
                },
            })
            .collect(),
    }
}

fn waiting(hub: &Hub, entry: &Entry) -> WaitingRow {
    let moves: Vec<String> =
        entry.movements.iter().map(|one| format!("{} from {} to {}", one.amount, one.from, one.to)).collect();
    let uetr = Uetr::from_bits(entry.id);
    let is_payment = uetr.bits() == entry.id && hub.pay.payment(uetr).is_some();
    let named = if is_payment { uetr.to_string() } else { format!("{:032x}", entry.id) };
    WaitingRow {
        short: named.get(..8).unwrap_or(&named).to_owned(),
        link: if is_payment { format!("/payments/{uetr}") } else { String::new() },
        class: match entry.class {
            Class::Urgent => "urgent",
            Class::Normal => "normal",
        },
        moves: moves.join("; "),
        since: time(entry.since),
        until: time(entry.until),
    }
}
