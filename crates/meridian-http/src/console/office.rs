//! The office page: what awaits another person, links, the register, caps, people, the audit; and the forms that act.

use std::collections::BTreeSet;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use meridian_access::Session;
use meridian_cards as cards;
use meridian_node::office::{Command as Office, Matter};
use meridian_node::{AskError, Command, Hub};
use meridian_pay::{self as pay, CapKey, LinkKey};
use meridian_people::{self as people, Act, Outcome, Person, PersonId, ProposalId, Role};
use meridian_register::{self as register, InstrumentId, Standing};
use meridian_terms::{Bic, Country, Currency, Day, Moment, Money, Refusal, Window};
use serde::Deserialize;

pub(crate) use super::door::may_look;
use super::door::who;
use super::html;
use super::pages::{Frame, time};
use crate::{Problem, Service};

/// How many acts the page shows.
const AUDIT: usize = 200;

#[derive(Deserialize)]
pub(crate) struct Told {
    pub(super) refused: Option<String>,
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
    let wanted = service.bureau.wanted();
    match service.node.read(move |hub| OfficePage::of(frame, hub, &session, told.refused, &wanted, now)).await
    {
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
    /// Where the form stands.
    #[serde(default)]
    page: String,
}

pub(crate) async fn decide(
    State(service): State<Service>,
    headers: HeaderMap,
    Form(asked): Form<Decision>,
) -> Response {
    let command = |by: PersonId| -> Result<Office, Refusal> {
        let proposal = ProposalId(asked.proposal);
        match asked.decision.as_str() {
            "withdraw" => return Ok(Office::Withdraw { proposal, by }),
            "decline" => return Ok(Office::Decline { proposal, by }),
            _ => {}
        }
        let malformed =
            |_| Refusal::new("http.digest_malformed", "the proposal's digest").next("open the page again");
        let digest = blake3::Hash::from_hex(&asked.digest).map_err(malformed)?.into();
        Ok(Office::Approve { proposal, digest, by })
    };
    let page = if asked.page.starts_with("/cases") { asked.page.as_str() } else { "/office" };
    act_as(&service, &headers, &asked.form, page, command).await
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
    #[serde(default)]
    name: String,
    /// Roles, by word, apart by spaces.
    #[serde(default)]
    roles: String,
    /// A credential's fingerprint, or a wanted matter's digest.
    #[serde(default)]
    digest: String,
    #[serde(default)]
    institution: String,
}

/// 32 bytes as 64 hexadecimal digits.
fn digest(text: &str) -> Result<[u8; 32], Refusal> {
    blake3::Hash::from_hex(text.trim()).map(Into::into).map_err(|_| {
        Refusal::new("http.digest_malformed", format!("{text:?}"))
            .next("copy the 64 hexadecimal digits that meridian person printed")
    })
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
            "open-card-link" => Matter::OpenCardLink {
                key: self.card_link()?,
                instrument: InstrumentId(self.instrument.clone()),
                services: [cards::Service::Pos, cards::Service::Atm, cards::Service::Ecommerce].into(),
            },
            "shut-card-link" => {
                Matter::Card(cards::Command::ShutLink { key: self.card_link()?, by: String::new() })
            }
            "stop-merchant" | "lift-merchant" => {
                let stop = cards::Stop::Acceptor(self.institution.clone(), self.name.trim().to_owned());
                Matter::Card(cards::Command::SetStop(stop, self.act == "stop-merchant"))
            }
            "suspend-participant" | "restore-participant" => {
                let bic = Bic::parse(&self.participant)?;
                Matter::Pay(pay::Command::Suspend(bic, self.act == "suspend-participant"))
            }
            "admit-person" => {
                let role = |word: &str| {
                    Role::parse(word).ok_or_else(|| {
                        let words: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
                        Refusal::new("http.role_unknown", format!("{word:?}"))
                            .next(format!("use {}", words.join(", ")))
                    })
                };
                let roles = self.roles.split([' ', ',']).filter(|word| !word.is_empty());
                Matter::Person(people::Command::Admit(Person {
                    id: person(),
                    name: self.name.clone(),
                    roles: roles.map(role).collect::<Result<_, _>>()?,
                    credential: digest(&self.digest)?,
                    is_suspended: false,
                }))
            }
            "rotate-credential" => Matter::Person(people::Command::Rotate(person(), digest(&self.digest)?)),
            "suspend-person" => Matter::Person(people::Command::Suspend(person(), true)),
            "restore-person" => Matter::Person(people::Command::Suspend(person(), false)),
            other => {
                return Err(Refusal::new("http.act_unknown", format!("{other:?}"))
                    .next("use the forms of the office"));
            }
        })
    }

    fn card_link(&self) -> Result<cards::LinkKey, Refusal> {
        let (issuer, acquirer) = (cards::SchemeId::parse(&self.a)?, cards::SchemeId::parse(&self.b)?);
        Ok(cards::LinkKey { acquirer, issuer })
    }
}

/// BLAKE3 of a matter that the configuration asks for: what its button names.
fn named(matter: &Matter) -> String {
    blake3::hash(&borsh::to_vec(matter).unwrap_or_default()).to_hex().to_string()
}

pub(crate) async fn act(
    State(service): State<Service>,
    headers: HeaderMap,
    Form(asked): Form<Acted>,
) -> Response {
    let wanted = service.bureau.wanted();
    let matter = match asked.act.as_str() {
        "wanted" => wanted.into_iter().find(|matter| named(matter) == asked.digest).ok_or_else(|| {
            Refusal::new("http.not_wanted", "the configuration does not ask for this any more")
                .next("open the page again")
        }),
        _ => asked.matter(),
    };
    // Whoever is let in is screened first: the case, or the clearance, is in the journal before anybody proposes it.
    if let Ok(matter) = &matter
        && let Err(response) = vetted(&service, &headers, matter).await
    {
        return response;
    }
    act_as(&service, &headers, &asked.form, "/office", |by| Ok(proposed_or_done(matter?, by))).await
}

/// What takes two is proposed, what takes one is done.
pub(crate) fn proposed_or_done(matter: Matter, by: PersonId) -> Office {
    let takes_two = matter.act().is_some_and(|act| act.right().persons == people::Persons::Two);
    let matter = Box::new(matter);
    if takes_two { Office::Propose { matter, by } } else { Office::Do { matter, by } }
}

async fn vetted(service: &Service, headers: &HeaderMap, matter: &Matter) -> Result<(), Response> {
    let session = who(service, headers).await?;
    let Some(record) = service.bureau.vet(matter) else { return Ok(()) };
    let command = Command::Screened(Box::new(record), None);
    service
        .node
        .ask(&session.person.0, command)
        .await
        .map(drop)
        .map_err(|error| Problem::from(error).into_response())
}

/// Asks the office as the signed-in person; the page is shown again, with the refusal where there is one.
pub(crate) async fn act_as(
    service: &Service,
    headers: &HeaderMap,
    form: &str,
    page: &str,
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
    service.bureau.acted.notify_one();
    match done {
        Ok(()) => Redirect::to(page).into_response(),
        Err(AskError::Refused(refusal)) => {
            let told: String = refusal.to_string().bytes().map(escaped).collect();
            Redirect::to(&format!("{page}?refused={told}")).into_response()
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// A byte as it stands in a query (RFC 3986, 2.1).
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// The signed-in person, as a page greets them.
pub(crate) struct Who {
    pub(super) name: String,
    pub(super) roles: String,
    pub(super) form: String,
    does: BTreeSet<Act>,
    approves: BTreeSet<Act>,
}

impl Who {
    pub(super) fn of(hub: &Hub, session: &Session) -> Self {
        let person = hub.people.person(&session.person);
        let holds =
            |roles: &[Role]| person.is_some_and(|one| one.roles.iter().any(|role| roles.contains(role)));
        let of = |side: fn(&Act) -> &'static [Role]| {
            Act::ALL.iter().copied().filter(|act| holds(side(act))).collect()
        };
        Self {
            name: person.map_or_else(|| session.person.0.clone(), |one| one.name.clone()),
            roles: person.map(roles).unwrap_or_default(),
            form: session.form.as_str().to_owned(),
            does: of(|act| act.right().does),
            approves: of(|act| act.right().approves),
        }
    }

    /// Whether they do or propose an act of this word.
    pub(super) fn does(&self, word: &str) -> bool {
        self.does.iter().any(|act| act.word() == word)
    }

    pub(super) fn approves(&self, act: Act) -> bool {
        self.approves.contains(&act)
    }
}

struct WantedRow {
    digest: String,
    act: &'static str,
    words: String,
    may: bool,
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
    may_decide: bool,
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
    wanted: Vec<WantedRow>,
    open: Vec<OpenRow>,
    card_links: Vec<LinkRow>,
    links: Vec<LinkRow>,
    instruments: Vec<InstrumentRow>,
    caps: Vec<CapRow>,
    people: Vec<PersonRow>,
    audit: Vec<ActRow>,
}

impl OfficePage {
    fn of(
        frame: Frame,
        hub: &Hub,
        session: &Session,
        refused: Option<String>,
        wanted: &[Matter],
        now: Moment,
    ) -> Self {
        let today = now.day();
        let who = Who::of(hub, session);
        let wanted = wanted.iter().filter_map(|matter| {
            let act = matter.act()?;
            Some(WantedRow {
                digest: named(matter),
                act: act.word(),
                words: matter.words(),
                may: who.does(act.word()),
            })
        });
        let wanted = wanted.collect();
        let card_links = hub.cards.links().map(|(key, link)| {
            let is_open = [cards::Service::Pos, cards::Service::Atm, cards::Service::Ecommerce]
                .into_iter()
                .any(|service| link.is_open(service, today));
            let approved = link.approved_by.as_deref().unwrap_or("nobody yet");
            LinkRow {
                between: key.to_string(),
                instrument: link.instrument.clone(),
                people: format!("proposed by {}, approved by {approved}", link.proposed_by),
                standing: if is_open { "open" } else { "shut" },
                class: if is_open { "committed" } else { "refused" },
            }
        });
        let card_links = card_links.collect();
        // Each sees what concerns them; whoever answers for the audit sees it all.
        let sees_audit = people::may(&hub.people, &session.person, Act::LookAudit).is_ok();
        let concerns =
            |one: &&people::Proposal| sees_audit || who.does(one.act.word()) || who.approves(one.act);
        let open = hub.people.open_proposals().filter(concerns).map(|one| {
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
                may_decide: one.by != session.person && who.approves(one.act),
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
        let audit = if sees_audit { audit(&hub.people) } else { Vec::new() };
        let open: Vec<OpenRow> = open.collect();
        Self {
            frame,
            who,
            refused,
            wanted,
            card_links,
            open,
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
            Outcome::Declined { by, at } => format!("declined by {by} at {}", time(*at)),
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
    let visits = book.visits().map(|one| {
        let row = ActRow {
            at: time(one.at),
            words: one.visit.word().to_owned(),
            by: one.by.to_string(),
            outcome: String::new(),
        };
        (one.at, row)
    });
    let mut all: Vec<(Moment, ActRow)> = proposals.chain(alone).chain(visits).collect();
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all.into_iter().take(AUDIT).map(|(_, row)| row).collect()
}

fn roles(person: &people::Person) -> String {
    person.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ")
}
