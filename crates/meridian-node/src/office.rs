//! The office: what operators do to the books, under the table of rights.
//!
//! An act is a command to a book, wrapped: proposed by one and approved by another, or done by one where one suffices. The
//! approval and its effect are one record, so nothing is ever approved without happening or happens without approval.
//! Once the hub has people, no operator's command reaches a book but through here.

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_register::InstrumentId;
use meridian_screening::casework;
use meridian_settlement as settlement;
use meridian_terms::{Country, Moment, Refusal};
use {
    meridian_cards as cards, meridian_pay as pay, meridian_people as people, meridian_register as register,
};

use crate::cases::{participant_subject, scheme_subject};
use crate::{Event, Hub};
use people::{Act, PersonId, ProposalId};

/// What an operator does to a book.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Matter {
    /// To payments: participants, caps, lists, settings, shutting a link.
    Pay(pay::Command),
    /// Open the link between two countries on an instrument of the register.
    OpenLink {
        /// Between which countries.
        countries: [Country; 2],
        /// On which instrument.
        instrument: InstrumentId,
    },
    /// To the register.
    Register(register::Command),
    /// To the people themselves.
    Person(people::Command),
    /// To settlement: circuits, windows, corrections.
    Settle(settlement::Command),
    /// To card schemes: schemes, routing tables, stops, fees.
    Card(cards::Command),
    /// Let cards of one scheme be used in another, on an instrument of the register.
    OpenCardLink {
        /// Which cards where.
        key: cards::LinkKey,
        /// On which instrument.
        instrument: InstrumentId,
        /// For which services.
        services: BTreeSet<cards::Service>,
    },
    /// To the cases of screening. What takes two (a release, a good-guy entry) is proposed here and approved here; the
    /// names in the command are those of the people who do it, whatever was written in it.
    Case(casework::Command),
}

/// A question to the office.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// The first people of the hub, from its signed configuration.
    Found(Vec<people::Person>),
    /// One person proposes what takes two.
    Propose {
        /// What.
        matter: Box<Matter>,
        /// Who.
        by: PersonId,
    },
    /// Another approves it, having seen what is proposed.
    Approve {
        /// Which.
        proposal: ProposalId,
        /// Digest of what they saw.
        digest: [u8; 32],
        /// Who.
        by: PersonId,
    },
    /// Whoever proposed it takes it back.
    Withdraw {
        /// Which.
        proposal: ProposalId,
        /// Who.
        by: PersonId,
    },
    /// Another person who could approve it says no.
    Decline {
        /// Which.
        proposal: ProposalId,
        /// Who.
        by: PersonId,
    },
    /// A person came to the door.
    Came {
        /// Who.
        by: PersonId,
        /// How it ended.
        visit: people::Visit,
    },
    /// One person does what takes one.
    Do {
        /// What.
        matter: Box<Matter>,
        /// Who.
        by: PersonId,
    },
    /// Proposals expire.
    Tick,
}

/// What has happened in the office, and by it in the books: one record.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Done {
    /// What people did.
    pub people: people::Event,
    /// What happened in the books by it.
    pub effects: Vec<Event>,
}

impl Matter {
    /// What a proposal is about; nothing where this version cannot read it.
    #[must_use]
    pub fn of(proposal: &people::Proposal) -> Option<Self> {
        borsh::from_slice(&proposal.matter).ok()
    }

    /// What kind of act it is; nothing where it is no operator's.
    #[must_use]
    pub const fn act(&self) -> Option<Act> {
        Some(match self {
            Self::OpenLink { .. } | Self::OpenCardLink { .. } => Act::OpenLink,
            Self::Card(command) => match card_operators(command) {
                Some(act) => act,
                None => return None,
            },
            Self::Case(command) => match command {
                casework::Command::Take { .. } | casework::Command::Note { .. } => Act::WorkCase,
                casework::Command::Propose { outcome: casework::Outcome::Release, .. }
                | casework::Command::ProposeGoodGuy { .. } => Act::ReleaseHold,
                casework::Command::Refuse { .. } | casework::Command::RevokeGoodGuy { .. } => Act::RefuseHold,
                _ => return None,
            },
            Self::Settle(command) => match crate::settling::operators(command) {
                Some(act) => act,
                None => return None,
            },
            Self::Register(_) => Act::EnterInstrument,
            Self::Person(command) => match command {
                people::Command::Admit(_) => Act::AdmitPerson,
                people::Command::Suspend(_, true) => Act::SuspendPerson,
                people::Command::Suspend(_, false) => Act::RestorePerson,
                people::Command::Rotate(..) => Act::RotateCredential,
                _ => return None,
            },
            Self::Pay(command) => match operators(command) {
                Some(act) => act,
                None => return None,
            },
        })
    }

    /// In words, for whoever approves.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::OpenLink { countries: [a, b], instrument } => {
                format!("open payments between {a} and {b} on {instrument}")
            }
            Self::Register(register::Command::Enter(instrument)) => {
                format!("enter {}: {}", instrument.id, instrument.title)
            }
            Self::Register(register::Command::Amend { instrument, in_force, source }) => {
                let days = in_force.map_or_else(
                    || "not in force".to_owned(),
                    |window| {
                        let until =
                            window.until().map_or_else(String::new, |day| format!(" until before {day}"));
                        format!("in force from {}{until}", window.from())
                    },
                );
                format!("amend {instrument}: {days} ({source})")
            }
            Self::Register(register::Command::Join(one)) => format!("{} joins {}", one.country, one.grouping),
            Self::Register(register::Command::Leave { membership, until }) => {
                format!("{} leaves {} on {until}", membership.country, membership.grouping)
            }
            Self::Register(register::Command::Rest(one)) => {
                format!("{} rests on {}", one.subject, one.instrument)
            }
            Self::Person(people::Command::Admit(person)) => {
                let roles: Vec<&str> = person.roles.iter().map(|role| role.word()).collect();
                format!("admit {} ({}) as {}", person.id, person.name, roles.join(", "))
            }
            Self::Person(people::Command::Suspend(id, true)) => format!("suspend {id}"),
            Self::Person(people::Command::Suspend(id, false)) => format!("restore {id}"),
            Self::Person(people::Command::Rotate(id, _)) => format!("another credential for {id}"),
            Self::Pay(pay::Command::SetCap { key, most, .. }) => match most {
                Some(most) => format!("cap {key:?} at {most} minor units"),
                None => format!("no cap on {key:?}"),
            },
            Self::Pay(pay::Command::Admit { participant, .. }) => {
                format!("admit participant {} ({})", participant.bic, participant.name)
            }
            Self::Pay(pay::Command::Suspend(bic, true)) => format!("suspend participant {bic}"),
            Self::Pay(pay::Command::Suspend(bic, false)) => format!("restore participant {bic}"),
            Self::Pay(pay::Command::ShutLink { key, in_flight, .. }) => {
                format!("shut the link {key}; what is in flight: {in_flight:?}")
            }
            Self::Pay(pay::Command::PutListInForce(digest)) => {
                format!("put the watch lists {} in force", blake3::Hash::from(*digest).to_hex())
            }
            Self::Settle(command) => crate::settling::words(command),
            Self::Pay(pay::Command::SetFee(country, currency, fee)) => match fee {
                Some(fee) => format!("creditor agents of {country} keep, of {currency}: {fee:?}"),
                None => format!("creditor agents of {country} keep nothing of {currency}"),
            },
            Self::Pay(pay::Command::PutPurposes(rules)) => {
                format!("put {} rules of eligible purposes in force", rules.len())
            }
            Self::OpenCardLink { key, instrument, services } => {
                let services: Vec<String> = services.iter().map(|service| format!("{service:?}")).collect();
                format!("open {key} on {instrument} for {}", services.join(", ").to_lowercase())
            }
            Self::Card(cards::Command::Admit { scheme, most }) => {
                format!(
                    "admit card scheme {} ({}), net debit at most {most} minor units",
                    scheme.id, scheme.name
                )
            }
            Self::Card(cards::Command::AdmitProvider { provider, .. }) => {
                format!("admit {provider} as provider of exchange for cards")
            }
            Self::Card(cards::Command::ShutLink { key, .. }) => format!("shut {key}"),
            Self::Card(cards::Command::PutTable(table)) => {
                format!("put a card routing table of {} ranges in force", table.ranges().count())
            }
            Self::Card(cards::Command::SetStop(stop, true)) => format!("stop {}", stopped(stop)),
            Self::Card(cards::Command::SetStop(stop, false)) => format!("let {} go again", stopped(stop)),
            Self::Card(_) => "change the settings of cards".to_owned(),
            Self::Case(casework::Command::Take { case, .. }) => format!("take case {}", case.0),
            Self::Case(casework::Command::Note { case, text, .. }) => {
                format!("note on case {}: {text}", case.0)
            }
            Self::Case(casework::Command::Propose { case, why, .. }) => {
                format!("release case {}: {why}", case.0)
            }
            Self::Case(casework::Command::Refuse { case, why, .. }) => {
                format!("refuse case {}: {why}", case.0)
            }
            Self::Case(casework::Command::ProposeGoodGuy { key, until, why, .. }) => {
                format!("clear a party of {} {} until {}: {why}", key.list, key.id, until.day())
            }
            Self::Case(casework::Command::RevokeGoodGuy { key, .. }) => {
                format!("end the good-guy entry against {} {}", key.list, key.id)
            }
            Self::Pay(_) | Self::Person(_) | Self::Case(_) => "change the corridor's settings".to_owned(),
        }
    }
}

/// Which act a command to payments is, where it is an operator's and not a participant's or time's.
pub(crate) const fn operators(command: &pay::Command) -> Option<Act> {
    Some(match command {
        pay::Command::Configure(_) => Act::ChangeSettings,
        pay::Command::Admit { .. } => Act::AdmitParticipant,
        pay::Command::Suspend(_, true) => Act::SuspendParticipant,
        pay::Command::Suspend(_, false) => Act::RestoreParticipant,
        pay::Command::ProposeLink { .. } | pay::Command::ApproveLink { .. } => Act::OpenLink,
        pay::Command::ShutLink { .. } => Act::ShutLink,
        pay::Command::PutListInForce(_) => Act::PutListInForce,
        pay::Command::SetCap { .. } => Act::SetCap,
        pay::Command::PutPurposes(_) | pay::Command::SetFee(..) => Act::ChangeSettings,
        _ => return None,
    })
}

/// Which act a command to cards is, where it is an operator's and not a scheme's, a provider's or time's.
pub(crate) const fn card_operators(command: &cards::Command) -> Option<Act> {
    Some(match command {
        cards::Command::Configure(_) | cards::Command::SetFees(..) => Act::ChangeSettings,
        cards::Command::Admit { .. } | cards::Command::AdmitProvider { .. } => Act::AdmitParticipant,
        cards::Command::ProposeLink { .. } | cards::Command::ApproveLink { .. } => Act::OpenLink,
        cards::Command::ShutLink { .. } => Act::ShutLink,
        cards::Command::PutTable(_) => Act::PutRoutes,
        cards::Command::SetStop(_, true) => Act::StopCards,
        cards::Command::SetStop(_, false) => Act::LiftStop,
        _ => return None,
    })
}

fn stopped(stop: &cards::Stop) -> String {
    match stop {
        cards::Stop::Card(_) => "a card".to_owned(),
        cards::Stop::Institution(institution) => format!("institution {institution}"),
        cards::Stop::Acceptor(institution, acceptor) => format!("merchant {acceptor} of {institution}"),
    }
}

/// Why an operator's command does not reach a book directly once the hub has people.
pub(crate) fn wants_people(act: Act) -> Refusal {
    Refusal::new("office.wants_people", format!("{} is an act of the hub's people", act.word()))
        .rule("the table of rights")
        .next("let a person with the right do or propose it")
}

impl Hub {
    /// Decides a question to the office.
    ///
    /// # Errors
    /// What the people's book refuses, then what the book concerned refuses; a proposal that could not happen now is
    /// refused when it is made.
    pub(crate) fn decide_office(&self, command: &Command, at: Moment) -> Result<Done, Refusal> {
        let ask = |command: &people::Command| people::decide(&self.people, command, at);
        let alone = |people: people::Event| Done { people, effects: Vec::new() };
        match command {
            Command::Found(people) => ask(&people::Command::Found(people.clone())).map(alone),
            Command::Propose { matter, by } => {
                let act = act_of(matter)?;
                let matter_bytes = borsh::to_vec(&**matter).unwrap_or_default();
                let words = matter.words();
                let event =
                    ask(&people::Command::Propose { act, words, matter: matter_bytes, by: by.clone() })?;
                let effects = match &**matter {
                    // A case says for itself that somebody has proposed something.
                    Matter::Case(command) => self.case_effects(&signed(command, by), at)?,
                    matter => {
                        self.effects(matter, by, None, at)?;
                        Vec::new()
                    }
                };
                Ok(Done { people: event, effects })
            }
            Command::Approve { proposal, digest, by } => {
                let event =
                    ask(&people::Command::Approve { proposal: *proposal, digest: *digest, by: by.clone() })?;
                let (matter, first) = self.proposed(*proposal);
                let effects = self.effects(&matter, &first, Some(by), at)?;
                Ok(Done { people: event, effects })
            }
            Command::Withdraw { proposal, by } => {
                let event = ask(&people::Command::Withdraw { proposal: *proposal, by: by.clone() })?;
                Ok(Done { people: event, effects: self.undone([*proposal], by, at) })
            }
            Command::Decline { proposal, by } => {
                let event = ask(&people::Command::Decline { proposal: *proposal, by: by.clone() })?;
                Ok(Done { people: event, effects: self.undone([*proposal], by, at) })
            }
            Command::Came { by, visit } => {
                ask(&people::Command::Came { by: by.clone(), visit: *visit }).map(alone)
            }
            Command::Do { matter, by } => {
                let (act, words) = (act_of(matter)?, matter.words());
                let event = ask(&people::Command::Do { act, words, by: by.clone() })?;
                let effects = self.effects(matter, by, None, at)?;
                Ok(Done { people: event, effects })
            }
            Command::Tick => {
                let event = ask(&people::Command::Tick)?;
                let nobody = PersonId("nobody in time".to_owned());
                let effects = match &event {
                    people::Event::Expired(proposals, _) => {
                        self.undone(proposals.iter().copied(), &nobody, at)
                    }
                    _ => Vec::new(),
                };
                Ok(Done { people: event, effects })
            }
        }
    }

    /// What was proposed, and by whom.
    fn proposed(&self, proposal: ProposalId) -> (Matter, PersonId) {
        let known = self.people.proposal(proposal);
        let known = known.unwrap_or_else(|| panic!("proposal {proposal} was decided and is not there"));
        let matter = borsh::from_slice(&known.matter)
            .unwrap_or_else(|error| panic!("proposal {proposal} cannot be read: {error}"));
        (matter, known.by.clone())
    }

    /// What becomes of the cases whose proposals end without approval: they are held as before.
    fn undone(
        &self,
        proposals: impl IntoIterator<Item = ProposalId>,
        by: &PersonId,
        at: Moment,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        for proposal in proposals {
            let by = by.0.clone();
            let command = match self.proposed(proposal).0 {
                Matter::Case(casework::Command::Propose { case, .. }) => {
                    casework::Command::Decline { case, by }
                }
                Matter::Case(casework::Command::ProposeGoodGuy { key, .. }) => {
                    casework::Command::RevokeGoodGuy { key, by }
                }
                _ => continue,
            };
            // Screened again in between, the case has nothing proposed any more; there is nothing to take back then.
            events.extend(casework::decide(&self.cases, &command, at));
        }
        self.cases.links(events).into_iter().map(|link| Event::Case(Box::new(link))).collect()
    }

    /// What a matter does to the books.
    fn effects(
        &self,
        matter: &Matter,
        first: &PersonId,
        second: Option<&PersonId>,
        at: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        match matter {
            Matter::Pay(pay::Command::ShutLink { key, in_flight, .. }) => {
                let command =
                    pay::Command::ShutLink { key: *key, by: first.0.clone(), in_flight: *in_flight };
                Ok(vec![Event::Pay(self.decide_pay(&command, at)?)])
            }
            Matter::Pay(pay::Command::PutListInForce(digest)) => self.lists_in_force(*digest, at),
            Matter::Pay(command) => {
                if let pay::Command::Admit { participant, .. } = command {
                    self.is_cleared(&participant_subject(&participant.bic))?;
                }
                Ok(vec![Event::Pay(self.decide_pay(command, at)?)])
            }
            Matter::Case(command) => match (command, second) {
                (casework::Command::Propose { case, .. }, Some(second)) => {
                    self.case_effects(&casework::Command::Approve { case: *case, by: second.0.clone() }, at)
                }
                (casework::Command::ProposeGoodGuy { key, .. }, Some(second)) => self.case_effects(
                    &casework::Command::ApproveGoodGuy { key: key.clone(), by: second.0.clone() },
                    at,
                ),
                (command, _) => self.case_effects(&signed(command, first), at),
            },
            Matter::Card(cards::Command::ShutLink { key, .. }) => {
                let command = cards::Command::ShutLink { key: key.clone(), by: first.0.clone() };
                Ok(vec![Event::Card(cards::decide(&self.cards, &self.ledger, &command, at)?)])
            }
            Matter::Card(command) => {
                if let cards::Command::Admit { scheme, .. } = command {
                    self.is_cleared(&scheme_subject(&scheme.id))?;
                }
                Ok(vec![Event::Card(cards::decide(&self.cards, &self.ledger, command, at)?)])
            }
            Matter::OpenCardLink { key, instrument, services } => {
                let country = |id: &cards::SchemeId| {
                    self.is_cleared(&scheme_subject(id))?;
                    self.cards.scheme(id).map(|scheme| scheme.country).ok_or_else(|| {
                        Refusal::new("office.no_scheme", format!("there is no card scheme {id}"))
                            .rule("a link joins two schemes")
                            .next("admit it first")
                    })
                };
                let countries = [country(&key.acquirer)?, country(&key.issuer)?];
                let in_force = self.register.basis(instrument, countries, at.day())?;
                let propose = cards::Command::ProposeLink {
                    key: key.clone(),
                    instrument: instrument.0.clone(),
                    in_force,
                    services: services.clone(),
                    by: first.0.clone(),
                };
                let mut effects = vec![Event::Card(cards::decide(&self.cards, &self.ledger, &propose, at)?)];
                // Whoever approves the act approves the link.
                effects.extend(
                    second.map(|second| Event::Card(cards::Event::LinkOpened(key.clone(), second.0.clone()))),
                );
                let (a, b) = (key.acquirer.to_string(), key.issuer.to_string());
                let subject = register::Subject::Schemes(a.clone().min(b.clone()), a.max(b));
                effects.extend(self.rests(subject, instrument, at));
                Ok(effects)
            }
            Matter::Settle(command) => self.effects_of_settlement(command, first, second, at),
            Matter::Register(command) => {
                Ok(vec![Event::Register(register::decide(&self.register, command, at)?)])
            }
            Matter::Person(command) => Ok(vec![Event::People(people::decide(&self.people, command, at)?)]),
            Matter::OpenLink { countries, instrument } => {
                let in_force = self.register.basis(instrument, *countries, at.day())?;
                let key = pay::LinkKey::between(countries[0], countries[1]);
                let propose = pay::Command::ProposeLink {
                    key,
                    instrument: instrument.0.clone(),
                    in_force,
                    by: first.0.clone(),
                };
                let proposed = self.decide_pay(&propose, at)?;
                let mut effects = vec![Event::Pay(proposed)];
                // Whoever approves the act approves the link: that payments ask for two names again is the same rule.
                effects.extend(
                    second.map(|second| Event::Pay(pay::Event::LinkOpened { key, by: second.0.clone() })),
                );
                let subject =
                    register::Subject::Link(countries[0].min(countries[1]), countries[0].max(countries[1]));
                effects.extend(self.rests(subject, instrument, at));
                Ok(effects)
            }
        }
    }

    /// That something rests on an instrument, unless the register says so already.
    fn rests(&self, subject: register::Subject, instrument: &InstrumentId, at: Moment) -> Option<Event> {
        let rest = register::Reliance { subject, instrument: instrument.clone(), clause: String::new() };
        let is_new = !self.register.reliances().any(|one| *one == rest);
        is_new.then_some(Event::Register(register::Event::Rested(rest, at)))
    }

    /// Whether the instrument under the link between two countries still stands today, where the register knows it: a
    /// link shuts when its instrument lapses, whatever the link itself was told when it was opened.
    ///
    /// # Errors
    /// `register.not_in_force`, `register.not_bound`.
    pub(crate) fn link_stands(&self, countries: [Country; 2], at: Moment) -> Result<(), Refusal> {
        let key = pay::LinkKey::between(countries[0], countries[1]);
        let Some((_, link)) = self.pay.links().find(|(known, _)| **known == key) else { return Ok(()) };
        let instrument = InstrumentId(link.instrument.clone());
        if self.register.instrument(&instrument).is_none() {
            return Ok(());
        }
        self.register
            .basis(&instrument, countries, at.day())
            .map(|_| ())
            .map_err(|refusal| refusal.iso("RR04"))
    }
}

/// A command to casework in the name of whoever gives it.
fn signed(command: &casework::Command, person: &PersonId) -> casework::Command {
    let mut command = command.clone();
    match &mut command {
        casework::Command::Propose { by, .. }
        | casework::Command::Take { by, .. }
        | casework::Command::Note { by, .. }
        | casework::Command::Refuse { by, .. }
        | casework::Command::ProposeGoodGuy { by, .. }
        | casework::Command::RevokeGoodGuy { by, .. }
        | casework::Command::Approve { by, .. }
        | casework::Command::Decline { by, .. }
        | casework::Command::ApproveGoodGuy { by, .. } => by.clone_from(&person.0),
        casework::Command::PutListsInForce { .. } | casework::Command::Screened(_) => {}
    }
    command
}

fn act_of(matter: &Matter) -> Result<Act, Refusal> {
    matter.act().ok_or_else(|| {
        Refusal::new("office.no_act", "participants and time do this, not the hub's people")
            .rule("the table of rights")
            .next("nothing")
    })
}
