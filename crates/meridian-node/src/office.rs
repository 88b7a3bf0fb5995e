//! The office: what operators do to the books, under the table of rights.
//!
//! An act is a command to a book, wrapped: proposed by one and approved by another, or done by one where one suffices. The
//! approval and its effect are one record, so nothing is ever approved without happening or happens without approval.
//! Once the hub has people, no operator's command reaches a book but through here.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_register::InstrumentId;
use meridian_settlement as settlement;
use meridian_terms::{Country, Moment, Refusal};
use {meridian_pay as pay, meridian_people as people, meridian_register as register};

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
    /// What kind of act it is; nothing where it is no operator's.
    #[must_use]
    pub const fn act(&self) -> Option<Act> {
        Some(match self {
            Self::OpenLink { .. } => Act::OpenLink,
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
            Self::Pay(_) | Self::Person(_) => "change the corridor's settings".to_owned(),
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
                self.effects(matter, by, None, at)?;
                Ok(alone(event))
            }
            Command::Approve { proposal, digest, by } => {
                let event =
                    ask(&people::Command::Approve { proposal: *proposal, digest: *digest, by: by.clone() })?;
                let known = self.people.proposal(*proposal);
                let known =
                    known.unwrap_or_else(|| panic!("proposal {proposal} was approved and is not there"));
                let matter: Matter = borsh::from_slice(&known.matter)
                    .unwrap_or_else(|error| panic!("proposal {proposal} cannot be read: {error}"));
                let effects = self.effects(&matter, &known.by, Some(by), at)?;
                Ok(Done { people: event, effects })
            }
            Command::Withdraw { proposal, by } => {
                ask(&people::Command::Withdraw { proposal: *proposal, by: by.clone() }).map(alone)
            }
            Command::Do { matter, by } => {
                let (act, words) = (act_of(matter)?, matter.words());
                let event = ask(&people::Command::Do { act, words, by: by.clone() })?;
                let effects = self.effects(matter, by, None, at)?;
                Ok(Done { people: event, effects })
            }
            Command::Tick => ask(&people::Command::Tick).map(alone),
        }
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
            Matter::Pay(command) => Ok(vec![Event::Pay(self.decide_pay(command, at)?)]),
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
                let rest =
                    register::Reliance { subject, instrument: instrument.clone(), clause: String::new() };
                if !self.register.reliances().any(|one| *one == rest) {
                    effects.push(Event::Register(register::Event::Rested(rest, at)));
                }
                Ok(effects)
            }
        }
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

fn act_of(matter: &Matter) -> Result<Act, Refusal> {
    matter.act().ok_or_else(|| {
        Refusal::new("office.no_act", "participants and time do this, not the hub's people")
            .rule("the table of rights")
            .next("nothing")
    })
}
