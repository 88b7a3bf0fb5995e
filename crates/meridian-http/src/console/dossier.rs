//! What a deal's timeline opens besides payments: its screening, its declaration, its shipment; and a payment's entries in
//! the ledger.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use meridian_deal::{Customs, Deal, DealId, EvidenceKind, Standing};
use meridian_journal::{Journal, Position};
use meridian_ledger::{AccountId, Phase, TransferId};
use meridian_node::{Event, Hub, entries_of, position_at, read_records};
use meridian_pay::{self as pay, Verdict};
use meridian_people::Act;
use meridian_terms::{Micros, Moment, Uetr};

use super::pages::{Frame, time};
use super::{html, missing, office};
use crate::{ListAge, Problem, Service};

/// Reads a deal's page from the hub.
async fn of_deal<P: Template + Send + 'static>(
    service: Service,
    headers: HeaderMap,
    id: String,
    look: impl FnOnce(Frame, &Deal, &Hub) -> P + Send + 'static,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let frame = Frame::of(&service);
    let page =
        service.node.read(move |hub| hub.deal.deal(&DealId(id)).map(|deal| look(frame, deal, hub))).await;
    match page {
        Ok(Some(page)) => html(&page),
        Ok(None) => missing("There is no such deal."),
        Err(error) => Problem::from(error).into_response(),
    }
}

struct VerdictRow {
    name: String,
    verdict: &'static str,
    list: String,
    is_in_force: bool,
    why: String,
}

#[derive(Template)]
#[template(path = "screening.html")]
struct ScreeningPage {
    frame: Frame,
    id: String,
    at: String,
    verdicts: Vec<VerdictRow>,
    lists: Vec<ListAge>,
}

pub(crate) async fn screening(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let lists = (service.lists)();
    of_deal(service, headers, id, move |frame, deal, hub| {
        let in_force = hub.pay.list_in_force();
        let row = |one: &meridian_deal::Screened| VerdictRow {
            name: one.name.clone(),
            verdict: match one.verdict {
                Verdict::Clear => "clear",
                Verdict::Hit { .. } => "hit",
                Verdict::Unavailable => "unavailable",
            },
            list: blake3::Hash::from(one.list).to_hex().to_string(),
            is_in_force: in_force == Some(one.list),
            why: one.why.join("; "),
        };
        ScreeningPage {
            frame,
            id: deal.contract.id.0.clone(),
            at: time(deal.contract.signed_at),
            verdicts: deal.screened.iter().map(row).collect(),
            lists,
        }
    })
    .await
}

struct ChargeRow {
    kind: &'static str,
    forecast: String,
    owed: String,
    standing: &'static str,
    link: String,
}

struct ReviewRow {
    side: &'static str,
    country: String,
    pack: String,
    ruling: &'static str,
    reasons: Vec<String>,
}

#[derive(Template)]
#[template(path = "declaration.html")]
struct DeclarationPage {
    frame: Frame,
    id: String,
    standing: &'static str,
    reason: String,
    reference: String,
    digest: String,
    before_arrival: bool,
    authority: String,
    steps: Vec<(String, &'static str, String)>,
    charges: Vec<ChargeRow>,
    reviews: Vec<ReviewRow>,
    documents: Vec<(String, String)>,
    licences: Vec<(String, String, String)>,
}

pub(crate) async fn declaration(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    of_deal(service, headers, id, DeclarationPage::of).await
}

impl DeclarationPage {
    fn of(frame: Frame, deal: &Deal, hub: &Hub) -> Self {
        let contract = &deal.contract;
        let (lodgement, reason) = match &deal.customs {
            Customs::Lodged(lodgement) | Customs::Accepted(lodgement) | Customs::Assessed(lodgement) => {
                (Some(lodgement), String::new())
            }
            Customs::Held { lodgement, reason, .. } => (Some(lodgement), reason.clone()),
            Customs::Refused(reason) => (None, reason.clone()),
            Customs::NotLodged | Customs::Released => (None, String::new()),
        };
        // Once it is released, the evidence of its acceptance still names it.
        let accepted =
            deal.evidence.iter().find(|(_, one)| one.kind == EvidenceKind::DutyAssessed).map(|(_, one)| one);
        let reference = lodgement.map(|one| one.reference.clone());
        let reference = reference.or_else(|| accepted.map(|one| one.document.clone()));
        let digest = lodgement.map(|one| one.digest).or_else(|| accepted.map(|one| one.digest));
        let is_customs = |kind| {
            matches!(
                kind,
                EvidenceKind::DeclarationAccepted
                    | EvidenceKind::DutyAssessed
                    | EvidenceKind::CustomsReleased
            )
        };
        let said = deal.evidence.iter().filter(|(_, one)| is_customs(one.kind));
        let charge = |owed: &meridian_deal::Obligation| ChargeRow {
            kind: owed.kind.word(),
            forecast: deal.forecast.get(&owed.kind).map(ToString::to_string).unwrap_or_default(),
            owed: owed.amount.to_string(),
            standing: owed.standing.word(),
            link: match owed.standing {
                Standing::Paid { uetr, .. } | Standing::InFlight { uetr, .. } => format!("/payments/{uetr}"),
                _ => String::new(),
            },
        };
        let begins = format!("{}/", contract.id);
        let licences = hub.licences.drawn(&begins).map(|(licence, line, quantity)| {
            (licence.as_str().to_owned(), line.to_owned(), quantity.to_string())
        });
        Self {
            frame,
            id: contract.id.0.clone(),
            standing: deal.customs.word(),
            reason,
            reference: reference.unwrap_or_else(|| "none yet".into()),
            digest: digest.map(|digest| blake3::Hash::from(digest).to_hex().to_string()).unwrap_or_default(),
            before_arrival: lodgement.is_some_and(|one| one.before_arrival),
            authority: contract.customs.to_string(),
            steps: said.map(|(at, one)| (time(*at), one.kind.word(), one.document.clone())).collect(),
            charges: deal
                .obligations
                .iter()
                .filter(|owed| owed.kind.is_owed_to_customs())
                .map(charge)
                .collect(),
            reviews: deal
                .reviews
                .values()
                .map(|review| ReviewRow {
                    side: review.side.word(),
                    country: review.country.to_string(),
                    pack: review.pack.clone(),
                    ruling: review.ruling.word(),
                    reasons: review.reasons.clone(),
                })
                .collect(),
            documents: deal
                .documents
                .iter()
                .map(|(name, digest)| (name.clone(), blake3::Hash::from(*digest).to_hex().to_string()))
                .collect(),
            licences: licences.collect(),
        }
    }
}

struct ReachedRow {
    what: &'static str,
    at: String,
    after: String,
    by: String,
    document: String,
    digest: String,
}

#[derive(Template)]
#[template(path = "shipment.html")]
struct ShipmentPage {
    frame: Frame,
    id: String,
    nodes: Vec<String>,
    km: u64,
    days: String,
    co2e_kg: u64,
    estimated_percent: u8,
    conveyances: String,
    reached: Vec<ReachedRow>,
    expected: Vec<(&'static str, String)>,
    mishaps: Vec<(String, &'static str)>,
    map: String,
}

pub(crate) async fn shipment(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let map = service.map.clone();
    of_deal(service, headers, id, move |frame, deal, _| {
        let ways: Vec<Vec<String>> = deal.route.iter().map(|route| route.nodes.clone()).collect();
        ShipmentPage::of(frame, deal, map(&ways))
    })
    .await
}

impl ShipmentPage {
    fn of(frame: Frame, deal: &Deal, map: String) -> Self {
        let route = deal.route.as_ref();
        let loaded =
            deal.evidence.iter().find(|(_, one)| one.kind == EvidenceKind::Loaded).map(|(at, _)| *at);
        let is_of_the_journey =
            |kind| matches!(kind, EvidenceKind::Loaded | EvidenceKind::BorderCrossed | EvidenceKind::Arrived);
        let reached = deal.evidence.iter().filter(|(_, one)| is_of_the_journey(one.kind));
        let reached = reached.map(|(at, one)| ReachedRow {
            what: one.kind.word(),
            at: time(*at),
            after: loaded.map(|loaded| hours(at.since(loaded))).unwrap_or_default(),
            by: one.by.to_string(),
            document: one.document.clone(),
            digest: blake3::Hash::from(one.digest).to_hex()[..16].to_owned(),
        });
        let planned = loaded.zip(route).filter(|_| !deal.has(EvidenceKind::Arrived));
        let expected = planned.map(|(loaded, route)| {
            let at = |minutes: u32| time(loaded.plus(Micros::minutes(i64::from(minutes))));
            vec![("half of such journeys", at(route.minutes_p50)), ("nine in ten", at(route.minutes_p90))]
        });
        Self {
            frame,
            id: deal.contract.id.0.clone(),
            nodes: route.map(|route| route.nodes.clone()).unwrap_or_default(),
            km: route.map_or(0, |route| route.metres / 1000),
            days: route.map(meridian_deal::RouteChoice::days).unwrap_or_default(),
            co2e_kg: route.map_or(0, |route| route.co2e_grams / 1000),
            estimated_percent: route.map_or(0, |route| route.estimated_percent),
            conveyances: deal.contract.conveyances.join(", "),
            reached: reached.collect(),
            expected: expected.unwrap_or_default(),
            mishaps: deal.mishaps.iter().map(|(at, mishap)| (time(*at), mishap.word())).collect(),
            map,
        }
    }
}

/// `9 d 14 h`.
fn hours(span: Micros) -> String {
    let whole = span.0 / Micros::hours(1).0;
    format!("{} d {} h", whole / 24, whole % 24)
}

struct EntryRow {
    batch: u64,
    at: String,
    what: &'static str,
    debit: String,
    credit: String,
    amount: String,
    transfer: String,
}

#[derive(Template)]
#[template(path = "entries.html")]
struct EntriesPage {
    frame: Frame,
    uetr: String,
    entries: Vec<EntryRow>,
}

/// The entries a payment made, from the journal: from its reception until both legs are posted or voided, or to the journal's
/// end where it came back or is still on its way.
pub(crate) async fn entries(
    State(service): State<Service>,
    Path(uetr): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let Ok(uetr) = Uetr::parse(&uetr) else { return missing("That is not a UETR.") };
    let Some(open) = service.statistics.journal.clone() else {
        return missing("This hub does not read its journal for pages; use meridian export.");
    };
    let known = service.node.read(move |hub| {
        let since = hub.pay.payment(uetr).map(|payment| (payment.received_at, payment.stage.word()))?;
        let names = hub.ledger.accounts().iter().map(|account| {
            let name = format!("{} {} ({})", account.participant, account.currency, account.kind.word());
            (account.id, name)
        });
        Some((since, names.collect::<BTreeMap<_, _>>()))
    });
    let ((since, stage), names) = match known.await {
        Ok(Some(known)) => known,
        Ok(None) => return missing("There is no such payment."),
        Err(error) => return Problem::from(error).into_response(),
    };
    let read = tokio::task::spawn_blocking(move || rows(open()?.as_mut(), (uetr, stage), since, &names));
    match read.await.map_err(|error| error.to_string()).and_then(|rows| rows) {
        Ok(entries) => html(&EntriesPage { frame: Frame::of(&service), uetr: uetr.to_string(), entries }),
        Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, why).into_response(),
    }
}

fn rows(
    journal: &mut dyn Journal,
    (uetr, stage): (Uetr, &str),
    since: Moment,
    names: &BTreeMap<AccountId, String>,
) -> Result<Vec<EntryRow>, String> {
    let name = |id: &AccountId| names.get(id).cloned().unwrap_or_else(|| format!("{:032x}", id.0));
    let mut rows = Vec::new();
    // What was reserved for it, so that its posting and voiding are known.
    let mut reserved: BTreeMap<TransferId, (AccountId, AccountId)> = BTreeMap::new();
    let mut at = position_at(journal, since)?;
    loop {
        let batches = journal.read_from(at, 1024 * 1024).map_err(|error| error.to_string())?;
        if batches.is_empty() {
            return Ok(rows);
        }
        for batch in batches {
            for record in read_records(&batch)? {
                for entry in entries_of(&record.event) {
                    let transfer = &entry.transfer;
                    let (what, accounts) = match transfer.phase {
                        Phase::PostPending(of) => ("posted", reserved.get(&of).copied()),
                        Phase::VoidPending(of) => ("voided", reserved.get(&of).copied()),
                        _ if transfer.reference != uetr.bits() => continue,
                        Phase::Pend { .. } => {
                            reserved.insert(transfer.id, (transfer.debit, transfer.credit));
                            ("reserved", Some((transfer.debit, transfer.credit)))
                        }
                        _ => ("posted at once", Some((transfer.debit, transfer.credit))),
                    };
                    let Some((debit, credit)) = accounts else { continue };
                    rows.push(EntryRow {
                        batch: batch.position.0,
                        at: time(record.at),
                        what,
                        debit: name(&debit),
                        credit: name(&credit),
                        amount: entry.amount.to_string(),
                        transfer: format!("{:032x}", transfer.id.0),
                    });
                }
                if is_over(&record.event, uetr, stage) {
                    return Ok(rows);
                }
            }
            at = Position(batch.position.0 + 1);
        }
    }
}

/// Whether nothing more has come of a payment that stands at a stage.
fn is_over(event: &Event, of: Uetr, stage: &str) -> bool {
    match event {
        Event::Once(_, event) => is_over(event, of, stage),
        Event::All(events) => events.iter().any(|event| is_over(event, of, stage)),
        Event::Settle(_, payments) => {
            payments.iter().any(|event| is_over(&Event::Pay(event.clone()), of, stage))
        }
        Event::Pay(pay::Event::Committed { uetr, .. }) => *uetr == of && stage == "committed",
        Event::Pay(pay::Event::Rejected { uetr, .. }) => *uetr == of,
        Event::Pay(pay::Event::Refused { instruction, .. }) => instruction.uetr == of,
        _ => false,
    }
}
