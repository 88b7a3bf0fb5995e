//! The cases page: the queue on the left, the most pressing first, and the case at hand on the right, with what was hit and
//! why, what is known of the listed one, and everything an officer does a key away.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use meridian_access::Session;
use meridian_node::Hub;
use meridian_node::office::Matter;
use meridian_people::{Act, PersonId, Proposal};
use meridian_screening::casework::{self, CaseId, Decision, GoodGuyKey, RecordedHit, Standing};
use meridian_terms::{Day, Moment, Refusal, Uetr};
use serde::Deserialize;

use super::alignment::draw;
use super::door::{may_look, who};
use super::office::{Told, Who, act_as, proposed_or_done};
use super::pages::{Frame, time};
use super::{html, missing};
use crate::{Bureau, Problem, Service};

pub(crate) async fn queue(
    State(service): State<Service>,
    Query(told): Query<Told>,
    headers: HeaderMap,
) -> Response {
    show(service, None, told, headers).await
}

pub(crate) async fn case(
    State(service): State<Service>,
    Path(id): Path<u64>,
    Query(told): Query<Told>,
    headers: HeaderMap,
) -> Response {
    show(service, Some(CaseId(id)), told, headers).await
}

async fn show(service: Service, id: Option<CaseId>, told: Told, headers: HeaderMap) -> Response {
    if let Err(response) = may_look(&service, &headers, Act::LookCases).await {
        return response;
    }
    // In the example anybody looks and nobody acts.
    let session = match &service.door {
        Some(_) => match who(&service, &headers).await {
            Ok(session) => Some(session),
            Err(response) => return response,
        },
        None => None,
    };
    let (frame, now, bureau) = (Frame::of(&service), service.node.clock().now(), service.bureau.clone());
    let page = service.node.read(move |hub| {
        let known = id.is_none_or(|id| hub.cases.case(id).is_some());
        known.then(|| CasesPage::of(frame, hub, session.as_ref(), id, told.refused, &bureau, now))
    });
    match page.await {
        Ok(Some(page)) => html(&page),
        Ok(None) => missing("There is no such case."),
        Err(error) => Problem::from(error).into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct Worked {
    form: String,
    act: String,
    case: u64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    field: usize,
    #[serde(default)]
    hit: usize,
    #[serde(default)]
    until: String,
}

pub(crate) async fn act(
    State(service): State<Service>,
    headers: HeaderMap,
    Form(asked): Form<Worked>,
) -> Response {
    let id = CaseId(asked.case);
    let key = match asked.act.as_str() {
        "good-guy" => {
            let (field, hit) = (asked.field, asked.hit);
            let found = service.node.read(move |hub| {
                let field = hub.cases.case(id)?.record.fields.get(field)?;
                let hit = field.hits.get(hit)?;
                let (list, id, entry) = (hit.list.clone(), hit.id.clone(), hit.entry);
                Some(GoodGuyKey { party: field.asked.fingerprint(), list, id, entry })
            });
            match found.await {
                Ok(key) => key,
                Err(error) => return Problem::from(error).into_response(),
            }
        }
        _ => None,
    };
    let page = format!("/cases/{}", asked.case);
    let command = |by: PersonId| {
        let (text, name) = (asked.text.trim().to_owned(), by.0.clone());
        let command = match asked.act.as_str() {
            "take" => casework::Command::Take { case: id, by: name },
            "note" => casework::Command::Note { case: id, text, by: name },
            "release" => casework::Command::Propose {
                case: id,
                outcome: casework::Outcome::Release,
                why: text,
                by: name,
            },
            "refuse" => casework::Command::Refuse { case: id, why: text, by: name },
            "good-guy" => {
                let gone =
                    || Refusal::new("http.no_hit", "the case has no such hit").next("open the page again");
                // Good through the day named.
                let until = Day::parse(&asked.until)?.plus(1).start();
                casework::Command::ProposeGoodGuy { key: key.ok_or_else(gone)?, until, why: text, by: name }
            }
            other => {
                return Err(
                    Refusal::new("http.act_unknown", format!("{other:?}")).next("use the forms of the page")
                );
            }
        };
        Ok(proposed_or_done(Matter::Case(command), by))
    };
    act_as(&service, &headers, &asked.form, &page, command).await
}

struct QueueRow {
    id: u64,
    is_chosen: bool,
    subject: String,
    what: String,
    due: String,
    class: &'static str,
    owner: String,
    standing: &'static str,
    best: String,
}

struct HitRow {
    number: usize,
    list: String,
    id: String,
    matched: String,
    score: String,
    percent: u32,
    line_percent: u32,
    is_exact: bool,
    picture: String,
    also: Vec<String>,
    listed: Vec<(&'static str, String)>,
}

struct FieldRow {
    number: usize,
    field: String,
    asked: String,
    normalised: String,
    unavailable: String,
    hits: Vec<HitRow>,
}

struct Awaiting {
    proposal: u64,
    digest: String,
    words: String,
    by: String,
    is_own: bool,
    may_decide: bool,
}

struct ListRow {
    name: String,
    published: String,
    entries: u64,
    digest: String,
}

struct CaseShown {
    id: u64,
    subject: String,
    link: String,
    standing: &'static str,
    class: &'static str,
    is_open: bool,
    can_release: bool,
    since: String,
    due: String,
    due_class: &'static str,
    owner: String,
    facts: Vec<(&'static str, String)>,
    fields: Vec<FieldRow>,
    clear: Vec<String>,
    awaiting: Vec<Awaiting>,
    lists: Vec<ListRow>,
    algorithm: String,
    line: String,
    is_stale: bool,
    is_test: bool,
    file: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage {
    frame: Frame,
    who: Option<Who>,
    refused: Option<String>,
    queue: Vec<QueueRow>,
    done: Vec<QueueRow>,
    case: Option<CaseShown>,
    chain: String,
    in_a_quarter: String,
}

/// How many cases that are done the page lists.
const DONE: usize = 30;

impl CasesPage {
    fn of(
        frame: Frame,
        hub: &Hub,
        session: Option<&Session>,
        wanted: Option<CaseId>,
        refused: Option<String>,
        bureau: &Bureau,
        now: Moment,
    ) -> Self {
        let open = hub.cases.queue();
        let chosen = wanted.or_else(|| open.first().map(|(id, _)| *id));
        let row = |(id, case): (CaseId, &casework::Case)| {
            let (due, class) = left(case.due, now);
            let best = case.record.fields.iter().flat_map(|field| &field.hits).map(|hit| hit.score).max();
            QueueRow {
                id: id.0,
                is_chosen: Some(id) == chosen,
                subject: subject(&case.record.subject),
                what: hit_names(case),
                due: if case.is_open() { due } else { time(case.since) },
                class: if case.is_open() { class } else { "" },
                owner: case.owner.clone().unwrap_or_default(),
                standing: case.word(),
                best: best.map_or_else(|| "?".into(), decimal),
            }
        };
        let done = hub.cases.cases().rev().filter(|(_, case)| !case.is_open()).take(DONE).map(row).collect();
        let who = session.map(|session| Who::of(hub, session));
        let case = chosen.and_then(|id| {
            let case = hub.cases.case(id)?;
            Some(CaseShown::of(hub, id, case, session, who.as_ref(), bureau, now))
        });
        let (links, head) = hub.cases.head();
        Self {
            frame,
            who,
            refused,
            queue: open.into_iter().map(row).collect(),
            done,
            case,
            chain: format!("{links} links, head {}", &blake3::Hash::from(head).to_hex()[..12]),
            in_a_quarter: now.day().plus(90).to_string(),
        }
    }
}

impl CaseShown {
    fn of(
        hub: &Hub,
        id: CaseId,
        case: &casework::Case,
        session: Option<&Session>,
        who: Option<&Who>,
        bureau: &Bureau,
        now: Moment,
    ) -> Self {
        let record = &case.record;
        let (due, due_class) = left(case.due, now);
        let uetr = record.subject.strip_prefix("payment ").and_then(|text| Uetr::parse(text).ok());
        let is_exact = record.fields.iter().flat_map(|field| &field.hits).any(|hit| hit.is_exact);
        let is_stale = hub.cases.lists() != Some(record.lists_digest);
        let (hit, clear): (Vec<_>, Vec<_>) =
            record.fields.iter().enumerate().partition(|(_, field)| field.decision != Decision::Clear);
        let fields = hit.into_iter().map(|(number, field)| FieldRow {
            number,
            field: field_name(&field.field).to_owned(),
            asked: field.asked.text(),
            normalised: field.normalised.clone(),
            unavailable: field.unavailable.clone(),
            hits: field
                .hits
                .iter()
                .enumerate()
                .map(|(number, hit)| hit_row(number, hit, &field.normalised, record.hit_from, bureau))
                .collect(),
        });
        let awaiting = hub.people.open_proposals().filter_map(|proposal| {
            let words = match Matter::of(proposal)? {
                Matter::Case(casework::Command::Propose { case, why, .. }) if case == id => {
                    format!("Release: {why}")
                }
                Matter::Case(casework::Command::ProposeGoodGuy { key, until, why, .. })
                    if record.fields.iter().any(|field| field.asked.fingerprint() == key.party) =>
                {
                    format!("Not {} {} until {}: {why}", key.list, key.id, until.day())
                }
                _ => return None,
            };
            Some(awaiting(proposal, words, session, who))
        });
        Self {
            id: id.0,
            subject: subject(&record.subject),
            link: uetr.map_or_else(String::new, |uetr| format!("/payments/{uetr}")),
            standing: case.word(),
            class: match case.standing {
                Standing::Held => "due",
                Standing::Proposed(_) => "underway",
                _ if case.word() == "refused" => "refused",
                _ => "committed",
            },
            is_open: case.is_open(),
            can_release: matches!(case.standing, Standing::Held)
                && !is_exact
                && !is_stale
                && record.decision() == Decision::Hit,
            since: time(case.since),
            due: if case.is_open() { due } else { String::new() },
            due_class,
            owner: case.owner.clone().unwrap_or_else(|| "nobody".into()),
            facts: uetr.map_or_else(Vec::new, |uetr| payment_facts(hub, uetr)),
            fields: fields.collect(),
            clear: clear
                .into_iter()
                .map(|(_, field)| format!("{}: {}", field_name(&field.field), field.asked.text()))
                .collect(),
            awaiting: awaiting.collect(),
            lists: record
                .lists
                .iter()
                .map(|list| ListRow {
                    name: list.name.clone(),
                    published: list.published.to_string(),
                    entries: list.entries,
                    digest: blake3::Hash::from(list.digest).to_hex()[..12].to_owned(),
                })
                .collect(),
            algorithm: record.algorithm.clone(),
            line: decimal(record.hit_from),
            is_stale,
            is_test: record.is_test,
            file: case
                .file
                .iter()
                .rev()
                .map(|entry| {
                    let by = if entry.by.is_empty() { "screening" } else { entry.by.as_str() };
                    (time(entry.at), by.to_owned(), entry.words.clone())
                })
                .collect(),
        }
    }
}

fn awaiting(proposal: &Proposal, words: String, session: Option<&Session>, who: Option<&Who>) -> Awaiting {
    let is_own = session.is_some_and(|session| session.person == proposal.by);
    Awaiting {
        proposal: proposal.id.0,
        digest: blake3::Hash::from(proposal.digest()).to_hex().to_string(),
        words,
        by: proposal.by.to_string(),
        is_own,
        may_decide: !is_own && who.is_some_and(|who| who.approves(proposal.act)),
    }
}

fn hit_row(number: usize, hit: &RecordedHit, asked: &str, line: u32, bureau: &Bureau) -> HitRow {
    HitRow {
        number,
        list: hit.list.clone(),
        id: hit.id.clone(),
        matched: hit.matched.clone(),
        score: decimal(hit.score),
        percent: hit.score / 10,
        line_percent: line / 10,
        is_exact: hit.is_exact,
        picture: draw(&hit.why, asked, &hit.matched),
        also: hit.also.iter().map(|(what, adds)| format!("{what} {adds:+}")).collect(),
        listed: bureau.listed(&hit.list, &hit.id),
    }
}

/// What an officer wants to know of the payment before deciding.
fn payment_facts(hub: &Hub, uetr: Uetr) -> Vec<(&'static str, String)> {
    let Some(payment) = hub.pay.payment(uetr) else { return Vec::new() };
    let asked = &payment.instruction;
    let stands = match payment.stage.is_undecided() {
        true => "in flight: it goes no further until it is decided".to_owned(),
        false if payment.stage.word() == "refused" => {
            "refused at once; released, it passes when its agent sends it again".to_owned()
        }
        false => payment.stage.word().to_owned(),
    };
    vec![
        ("Stands", stands),
        ("From", format!("{}, {} ({})", asked.debtor.name, asked.debtor.country, asked.debtor_agent)),
        ("To", format!("{}, {} ({})", asked.creditor.name, asked.creditor.country, asked.creditor_agent)),
        ("Amount", format!("{} leaves, {} arrives", asked.source, asked.target)),
        ("Pays", asked.document.clone().unwrap_or_else(|| "no document cited".into())),
        ("Remittance", asked.remittance.clone()),
        ("Priority", format!("{:?}", asked.priority)),
    ]
}

fn hit_names(case: &casework::Case) -> String {
    let hits = case.record.fields.iter().filter(|field| field.decision != Decision::Clear);
    hits.map(|field| field.asked.text()).next().unwrap_or_default()
}

/// A subject as people say it; a UETR by its first eight digits.
fn subject(text: &str) -> String {
    match text.strip_prefix("payment ") {
        Some(uetr) => format!("Payment {}", uetr.get(..8).unwrap_or(uetr)),
        None => {
            let mut letters = text.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}

/// A field of a message in words; the element's own name where there are none.
fn field_name(field: &str) -> &str {
    match field {
        "Dbtr" => "Debtor",
        "Cdtr" => "Creditor",
        "RmtInf" => "Remittance",
        "Agts" => "Agents' BICs",
        other => other,
    }
}

/// How long is left until somebody should have decided, and how pressing that is.
fn left(due: Moment, now: Moment) -> (String, &'static str) {
    let minutes = due.since(now).0 / 60_000_000;
    let told = |minutes: i64| match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    };
    match minutes {
        ..0 => (format!("{} over", told(-minutes)), "over"),
        0..15 => (told(minutes), "soon"),
        _ => (told(minutes), ""),
    }
}

fn decimal(score: u32) -> String {
    format!("{}.{:03}", score / 1000, score % 1000)
}
