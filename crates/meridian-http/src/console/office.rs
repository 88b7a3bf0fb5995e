//! The office page: what awaits another person, links, the register, caps, people, the audit; and the forms that act.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use meridian_access::{Session, Token};
use meridian_node::office::{Command as Office, Matter};
use meridian_node::{AskError, Command, Hub};
use meridian_pay::{self as pay, CapKey, LinkKey};
use meridian_people::{self as people, Act, Outcome, PersonId, ProposalId};
use meridian_register::{self as register, InstrumentId, Standing};
use meridian_terms::{Bic, Country, Currency, Day, Moment, Money, Refusal, Window};
use serde::Deserialize;

use super::html;
use super::pages::{Frame, time};
use crate::{Problem, Service};

const COOKIE_NAME: &str = "meridian";
/// How many acts the page shows.
const AUDIT: usize = 200;

/// The signed-in person of a request; a redirect to the door where there is none.
async fn who(service: &Service, headers: &HeaderMap) -> Result<Session, Response> {
    let out = || Redirect::to("/login").into_response();
    let door = service.door.clone().ok_or_else(out)?;
    let token = token(headers).ok_or_else(out)?;
    let now = service.node.clock().now();
    let session = service.node.read(move |hub| door.session(&hub.people, &token, now)).await;
    session.map_err(|error| Problem::from(error).into_response())?.ok_or_else(out)
}

fn token(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    let of = |cookie: &str| cookie.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('=').map(Token::brought);
    cookies.split(';').find_map(of)
}

/// Whether a page may be looked at: always in the example on loopback, otherwise by whoever is signed in with the right.
pub(crate) async fn may_look(service: &Service, headers: &HeaderMap, act: Act) -> Result<(), Response> {
    if service.is_example || service.door.is_none() {
        return Ok(());
    }
    let session = who(service, headers).await?;
    let asked = service.node.read(move |hub| people::may(&hub.people, &session.person, act)).await;
    asked
        .map_err(|error| Problem::from(error).into_response())?
        .map_err(|refusal| Problem::from(refusal).into_response())
}

#[derive(Deserialize)]
pub(crate) struct SignIn {
    name: String,
    password: String,
    code: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    refused: Option<String>,
}

pub(crate) async fn login_page(State(service): State<Service>) -> Response {
    html(&LoginPage { frame: Frame::of(&service), refused: None })
}

pub(crate) async fn login(State(service): State<Service>, Form(asked): Form<SignIn>) -> Response {
    let Some(door) = service.door.clone() else {
        return Redirect::to("/").into_response();
    };
    let now = service.node.clock().now();
    let book = match service.node.read(|hub| hub.people.clone()).await {
        Ok(book) => book,
        Err(error) => return Problem::from(error).into_response(),
    };
    // Argon2 takes its time on purpose: not on a thread that serves others.
    let entered = tokio::task::spawn_blocking(move || {
        door.enter(&book, &asked.name, &asked.password, &asked.code, now)
    });
    match entered.await {
        Ok(Ok(entry)) => {
            let secure = if service.public_url.starts_with("https") { "; Secure" } else { "" };
            let cookie =
                format!("{COOKIE_NAME}={}; Path=/; HttpOnly; SameSite=Strict{secure}", entry.token.as_str());
            ([(SET_COOKIE, cookie)], Redirect::to("/office")).into_response()
        }
        Ok(Err(refusal)) => {
            let page = LoginPage { frame: Frame::of(&service), refused: Some(refusal.to_string()) };
            (StatusCode::FORBIDDEN, html(&page)).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct FormToken {
    form: String,
}

pub(crate) async fn logout(
    State(service): State<Service>,
    headers: HeaderMap,
    Form(asked): Form<FormToken>,
) -> Response {
    if let (Ok(session), Some(door), Some(token)) =
        (who(&service, &headers).await, service.door.clone(), token(&headers))
        && session.form.as_str() == asked.form
    {
        door.leave(&token);
    }
    let cookie = format!("{COOKIE_NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    ([(SET_COOKIE, cookie)], Redirect::to("/login")).into_response()
}

#[derive(Deserialize)]
pub(crate) struct Told {
    refused: Option<String>,
}

pub(crate) async fn page(
    State(service): State<Service>,
    Query(told): Query<Told>,
    headers: HeaderMap,
) -> Response {
    let session = match who(&service, &headers).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let (frame, now) = (Frame::of(&service), service.node.clock().now());
    match service.node.read(move |hub| OfficePage::of(frame, hub, &session, told.refused, now)).await {
        Ok(page) => html(&page),
        Err(error) => Problem::from(error).into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct Decision {
    form: String,
    proposal: u64,
    digest: String,
    decision: String,
}

pub(crate) async fn decide(
    State(service): State<Service>,
    headers: HeaderMap,
    Form(asked): Form<Decision>,
) -> Response {
    let command = |by: PersonId| -> Result<Office, Refusal> {
        let proposal = ProposalId(asked.proposal);
        if asked.decision == "withdraw" {
            return Ok(Office::Withdraw { proposal, by });
        }
        let malformed =
            |_| Refusal::new("http.digest_malformed", "the proposal's digest").next("open the page again");
        let digest = blake3::Hash::from_hex(&asked.digest).map_err(malformed)?.into();
        Ok(Office::Approve { proposal, digest, by })
    };
    act_as(&service, &headers, &asked.form, command).await
}

#[derive(Deserialize)]
pub(crate) struct Acted {
    form: String,
    act: String,
    #[serde(default)]
    a: String,
    #[serde(default)]
    b: String,
    #[serde(default)]
    instrument: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    participant: String,
    #[serde(default)]
    most: String,
    #[serde(default)]
    person: String,
}

impl Acted {
    fn matter(&self) -> Result<Matter, Refusal> {
        let countries =
            || -> Result<[Country; 2], Refusal> { Ok([Country::parse(&self.a)?, Country::parse(&self.b)?]) };
        let day = |text: &str| (!text.is_empty()).then(|| Day::parse(text)).transpose();
        let person = || PersonId(self.person.clone());
        Ok(match self.act.as_str() {
            "open-link" => Matter::OpenLink {
                countries: countries()?,
                instrument: InstrumentId(self.instrument.clone()),
            },
            "shut-link" => {
                let [a, b] = countries()?;
                let (key, in_flight) = (LinkKey::between(a, b), pay::InFlight::Finish);
                Matter::Pay(pay::Command::ShutLink { key, by: String::new(), in_flight })
            }
            "amend" => {
                let in_force = match day(&self.from)? {
                    Some(from) => Some(Window::new(from, day(&self.until)?)?),
                    None => None,
                };
                let (instrument, source) = (InstrumentId(self.instrument.clone()), self.source.clone());
                Matter::Register(register::Command::Amend { instrument, in_force, source })
            }
            "set-cap" => {
                let malformed = || {
                    Refusal::new("http.amount_malformed", format!("{:?}", self.most))
                        .next("write it like INR 900000000.00")
                };
                let (currency, amount) = self.most.split_once(' ').ok_or_else(malformed)?;
                let most = Money::parse(amount, Currency::parse(currency)?)?;
                let key = CapKey::Participant(Bic::parse(&self.participant)?, most.currency());
                Matter::Pay(pay::Command::SetCap { key, most: Some(most.minor()), alarm_percent: 80 })
            }
            "suspend-person" => Matter::Person(people::Command::Suspend(person(), true)),
            "restore-person" => Matter::Person(people::Command::Suspend(person(), false)),
            other => {
                return Err(Refusal::new("http.act_unknown", format!("{other:?}"))
                    .next("use the forms of the office"));
            }
        })
    }
}

pub(crate) async fn act(
    State(service): State<Service>,
    headers: HeaderMap,
    Form(asked): Form<Acted>,
) -> Response {
    let command = |by: PersonId| -> Result<Office, Refusal> {
        let matter = Box::new(asked.matter()?);
        let takes_two = matter.act().is_some_and(|act| act.right().persons == people::Persons::Two);
        Ok(if takes_two { Office::Propose { matter, by } } else { Office::Do { matter, by } })
    };
    act_as(&service, &headers, &asked.form, command).await
}

/// Asks the office as the signed-in person; the page is shown again, with the refusal where there is one.
async fn act_as(
    service: &Service,
    headers: &HeaderMap,
    form: &str,
    command: impl FnOnce(PersonId) -> Result<Office, Refusal>,
) -> Response {
    let session = match who(service, headers).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    if session.form.as_str() != form {
        let refusal = Refusal::new("http.form_forged", "the form is not one of this session")
            .rule("every form carries the session's own token")
            .next("open the page again");
        return Problem::with_status(&refusal, StatusCode::FORBIDDEN).into_response();
    }
    let actor = session.person.0.clone();
    let done = match command(session.person) {
        Ok(command) => service.node.ask(&actor, Command::Office(command)).await.map(|_| ()),
        Err(refusal) => Err(AskError::Refused(refusal)),
    };
    match done {
        Ok(()) => Redirect::to("/office").into_response(),
        Err(AskError::Refused(refusal)) => {
            let told: String = refusal.to_string().bytes().map(escaped).collect();
            Redirect::to(&format!("/office?refused={told}")).into_response()
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// A byte as it stands in a query (RFC 3986, 2.1).
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

struct Who {
    name: String,
    roles: String,
    form: String,
}

struct OpenRow {
    id: u64,
    act: &'static str,
    words: String,
    by: String,
    at: String,
    expires: String,
    digest: String,
    short: String,
    is_own: bool,
}

struct LinkRow {
    between: String,
    instrument: String,
    people: String,
    standing: &'static str,
    class: &'static str,
}

struct InstrumentRow {
    id: String,
    title: String,
    source: String,
    status: &'static str,
    in_force: String,
    standing: &'static str,
    class: &'static str,
    resting: Vec<String>,
}

struct CapRow {
    on: String,
    used: String,
    most: String,
}

struct PersonRow {
    id: String,
    name: String,
    roles: String,
    is_suspended: bool,
}

struct ActRow {
    at: String,
    words: String,
    by: String,
    outcome: String,
}

#[derive(Template)]
#[template(path = "office.html")]
struct OfficePage {
    frame: Frame,
    who: Who,
    refused: Option<String>,
    open: Vec<OpenRow>,
    links: Vec<LinkRow>,
    instruments: Vec<InstrumentRow>,
    caps: Vec<CapRow>,
    people: Vec<PersonRow>,
    audit: Vec<ActRow>,
}

impl OfficePage {
    fn of(frame: Frame, hub: &Hub, session: &Session, refused: Option<String>, now: Moment) -> Self {
        let today = now.day();
        let person = hub.people.person(&session.person);
        let who = Who {
            name: person.map_or_else(|| session.person.0.clone(), |one| one.name.clone()),
            roles: person.map(roles).unwrap_or_default(),
            form: session.form.as_str().to_owned(),
        };
        let open = hub.people.open_proposals().map(|one| {
            let digest = blake3::Hash::from(one.digest()).to_hex().to_string();
            OpenRow {
                id: one.id.0,
                act: one.act.word(),
                words: one.words.clone(),
                by: one.by.to_string(),
                at: time(one.at),
                expires: time(one.expires),
                short: digest[..12].to_owned(),
                digest,
                is_own: one.by == session.person,
            }
        });
        let links = hub.pay.links().map(|(key, link)| {
            let lapsed = matches!(
                hub.register.standing(&InstrumentId(link.instrument.clone()), today),
                Standing::Lapsed | Standing::NotYet
            );
            let (standing, class) = match (link.is_open(today), lapsed) {
                (true, false) => ("open", "committed"),
                (true, true) => ("shut: its instrument is not in force", "refused"),
                (false, _) => ("shut", "refused"),
            };
            let approved = link.approved_by.as_deref().unwrap_or("nobody yet");
            LinkRow {
                between: key.to_string(),
                instrument: link.instrument.clone(),
                people: format!("proposed by {}, approved by {approved}", link.proposed_by),
                standing,
                class,
            }
        });
        let instruments = hub.register.instruments().map(|one| {
            let standing = hub.register.standing(&one.id, today);
            InstrumentRow {
                id: one.id.to_string(),
                title: one.title.clone(),
                source: one.source.clone(),
                status: one.status.word(),
                in_force: one.in_force.map_or_else(
                    || "not yet".to_owned(),
                    |window| match window.until() {
                        Some(until) => format!("{} to {until}", window.from()),
                        None => format!("since {}", window.from()),
                    },
                ),
                standing: standing.word(),
                class: if standing == Standing::InForce { "committed" } else { "refused" },
                resting: hub.register.resting_on(&one.id).map(|one| one.subject.to_string()).collect(),
            }
        });
        let caps = hub.pay.caps().map(|(key, cap)| CapRow {
            on: format!("{key:?}"),
            used: cap.used.to_string(),
            most: cap.most.map_or_else(|| "-".to_owned(), |most| most.to_string()),
        });
        let everybody = hub.people.people().map(|one| PersonRow {
            id: one.id.to_string(),
            name: one.name.clone(),
            roles: roles(one),
            is_suspended: one.is_suspended,
        });
        let sees_audit = people::may(&hub.people, &session.person, Act::LookAudit).is_ok();
        let audit = if sees_audit { audit(&hub.people) } else { Vec::new() };
        Self {
            frame,
            who,
            refused,
            open: open.collect(),
            links: links.collect(),
            instruments: instruments.collect(),
            caps: caps.collect(),
            people: everybody.collect(),
            audit,
        }
    }
}

/// The newest acts: one-person acts and proposals with what became of them.
fn audit(book: &people::State) -> Vec<ActRow> {
    let proposals = book.proposals().map(|one| {
        let outcome = match &one.outcome {
            Outcome::Done { by, at } => format!("approved by {by} at {}", time(*at)),
            other => other.word().to_owned(),
        };
        (one.at, ActRow { at: time(one.at), words: one.words.clone(), by: one.by.to_string(), outcome })
    });
    let alone = book.done_alone().map(|one| {
        let row = ActRow {
            at: time(one.at),
            words: one.words.clone(),
            by: one.by.to_string(),
            outcome: "done".into(),
        };
        (one.at, row)
    });
    let mut all: Vec<(Moment, ActRow)> = proposals.chain(alone).collect();
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all.into_iter().take(AUDIT).map(|(_, row)| row).collect()
}

fn roles(person: &people::Person) -> String {
    person.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ")
}
