//! The hub: every book in one state, so that one record can hold what several of them agree on.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_screening::casework;
use meridian_tariff::controls::LicenceBook;
use meridian_terms::{Moment, Refusal, Retry};

use crate::office::{self, card_operators, operators, wants_people};
use crate::{Key, Outcome, Requests};
use crate::{goods, shipments};
use {meridian_cards as cards, meridian_deal as deal, meridian_ledger as ledger, meridian_pay as pay};
use {meridian_people as people, meridian_register as register, meridian_settlement as settlement};

/// Every book of the hub. Same journal, same hub, same hash.
#[derive(Debug, Clone, Default, BorshSerialize, BorshDeserialize)]
pub struct Hub {
    /// The money.
    pub ledger: ledger::State,
    /// Participants, links, rates, payments, mailboxes.
    pub pay: pay::State,
    /// Settlement windows, and the queue for cover.
    pub settlement: settlement::State,
    /// Card schemes, their transactions, totals and disputes.
    pub cards: cards::State,
    /// Deals.
    pub deal: deal::State,
    /// The hub's own people, and what awaits another of them.
    pub people: people::State,
    /// Instruments, and what rests on them.
    pub register: register::State,
    /// Cases of screening: what is held, who released it, and why.
    pub cases: casework::State,
    /// Licences for goods under control, and what was drawn from them.
    pub licences: LicenceBook,
    /// Goods under way.
    pub shipments: meridian_corridor::shipment::State,
    /// Counts and sums over all that has happened.
    pub statistics: deal::Statistics,
    /// Requests that carried an idempotency key, and what became of them.
    pub requests: Requests,
    /// How many events made it.
    pub events: u64,
    /// The moment of the last one.
    pub last_at: Moment,
}

/// A question to the hub.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// To payments.
    Pay(pay::Command),
    /// To deals.
    Deal(deal::Command),
    /// Any of them, once: the same key again gets the same answer.
    Once(Key, Box<Command>),
    /// To cards.
    Card(cards::Command),
    /// To settlement.
    Settle(settlement::Command),
    /// To the office: what operators do, under the table of rights.
    Office(office::Command),
    /// To licences, and with them to a deal's controls.
    Goods(goods::Command),
    /// To shipments.
    Shipment(Box<shipments::Command>),
    /// To the register directly: its first entries, from the signed configuration, while the hub has no people.
    Register(register::Command),
    /// Names that are not clear: the record of their screening, and what was asked with them.
    Screened(Box<casework::Record>, Option<Box<Command>>),
}

/// What has happened in the hub.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// To payments, and with them to the ledger.
    Pay(pay::Event),
    /// To deals.
    Deal(deal::Event),
    /// What a request with an idempotency key did.
    Once(Key, Box<Event>),
    /// A request with an idempotency key was refused; the same key again is refused the same way.
    Refused(Key, Refusal),
    /// A request came again and is answered as before; nothing happened.
    Again(Key),
    /// To cards, and with them to the ledger.
    Card(cards::Event),
    /// To settlement, and with it to the ledger; and what it means for payments that waited: one record.
    Settle(settlement::Event, Vec<pay::Event>),
    /// What people did, and what happened by it: one record.
    Office(office::Done),
    /// To the register.
    Register(register::Event),
    /// To the people's book.
    People(people::Event),
    /// To the cases of screening, with its place in their chain.
    Case(Box<casework::Link>),
    /// To several books: one record.
    All(Vec<Event>),
    /// To licences, and with them to a deal: one record.
    Goods(goods::Done),
    /// To a shipment, and to the deal that heard of it.
    Shipment(Box<shipments::Done>),
}

impl Event {
    /// The event of payments in it, if there is one.
    #[must_use]
    pub fn pay(&self) -> Option<&pay::Event> {
        match self {
            Self::Pay(event) => Some(event),
            Self::All(events) => events.iter().find_map(Self::pay),
            Self::Once(_, event) => event.pay(),
            _ => None,
        }
    }

    /// The event of cards in it, if there is one.
    #[must_use]
    pub fn card(&self) -> Option<&cards::Event> {
        match self {
            Self::Card(event) => Some(event),
            Self::All(events) => events.iter().find_map(Self::card),
            Self::Once(_, event) => event.card(),
            _ => None,
        }
    }

    /// The links of the cases' chain in it, in their order.
    #[must_use]
    pub fn case_links(&self) -> Vec<&casework::Link> {
        match self {
            Self::Case(link) => vec![link],
            Self::All(events) => events.iter().flat_map(Self::case_links).collect(),
            Self::Office(done) => done.effects.iter().flat_map(Self::case_links).collect(),
            Self::Once(_, event) => event.case_links(),
            _ => Vec::new(),
        }
    }
}

/// An event as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Record {
    /// When the writer decided it.
    pub at: Moment,
    /// Who asked: a participant's BIC, an operator's name, `clock` for deadlines.
    pub actor: String,
    /// What happened.
    pub event: Event,
}

impl Hub {
    /// Decides a command at a moment; changes nothing.
    ///
    /// # Errors
    /// The first refusal in the order of the book that is asked. A payment that a deal does not allow is an event
    /// like every payment refused on its merits.
    pub fn decide(&self, command: &Command, at: Moment) -> Result<Event, Refusal> {
        match command {
            Command::Pay(pay::Command::Submit(instruction, clearance)) => {
                // What payments already know, they answer themselves; the rest are asked about new attempts only.
                let allowed = deal::allows(&self.deal, instruction)
                    .and_then(|()| self.link_stands_for(instruction, at));
                let clearance = &self.with_others_cases(instruction, clearance);
                match (allowed, self.pay.attempt(instruction)) {
                    (Err(refusal), Some(attempt)) => {
                        let instruction = instruction.clone();
                        Ok(Event::Pay(pay::Event::Refused { instruction, at, refusal, attempt }))
                    }
                    _ => {
                        let command = pay::Command::Submit(instruction.clone(), clearance.clone());
                        self.decide_pay(&command, at).map(Event::Pay)
                    }
                }
            }
            Command::Screened(record, asked) => self.decide_screened(record, asked.as_deref(), at),
            Command::Pay(command) => match operators(command).filter(|_| self.has_people()) {
                Some(act) => Err(wants_people(act)),
                None => match command {
                    pay::Command::PutListInForce(digest) => self.lists_in_force(*digest, at).map(Event::All),
                    command => self.decide_pay(command, at).map(Event::Pay),
                },
            },
            Command::Settle(command) => self.decide_settlement(command, at),
            Command::Register(_) if self.has_people() => Err(wants_people(people::Act::EnterInstrument)),
            Command::Register(command) => register::decide(&self.register, command, at).map(Event::Register),
            Command::Office(command) => self.decide_office(command, at).map(Event::Office),
            Command::Deal(command) => {
                let event = deal::decide(&self.deal, &self.pay, command, at)?;
                let licences = self.given_back(&event);
                Ok(match licences.is_empty() {
                    true => Event::Deal(event),
                    false => Event::Goods(goods::Done { licences, deal: Some(event) }),
                })
            }
            Command::Goods(command) => self.decide_goods(command, at).map(Event::Goods),
            Command::Shipment(command) => {
                self.decide_shipment(command, at).map(|done| Event::Shipment(Box::new(done)))
            }
            Command::Once(key, command) => match self.requests.answer(key)? {
                Some(_) => Ok(Event::Again(key.clone())),
                None => match self.decide(command, at) {
                    Ok(event) => Ok(Event::Once(key.clone(), Box::new(event))),
                    Err(refusal) if refusal.retry == Retry::AfterAMoment => Err(refusal),
                    Err(refusal) => Ok(Event::Refused(key.clone(), refusal)),
                },
            },
            Command::Card(command) => match card_operators(command).filter(|_| self.has_people()) {
                Some(act) => Err(wants_people(act)),
                None => match self.blocks_card(command, at) {
                    Some(declined) => Ok(declined),
                    None => cards::decide(&self.cards, &self.ledger, command, at).map(Event::Card),
                },
            },
        }
    }

    /// Asks payments, which stand on settlement and the ledger.
    ///
    /// # Errors
    /// As [`pay::decide`].
    pub(crate) fn decide_pay(&self, command: &pay::Command, at: Moment) -> Result<pay::Event, Refusal> {
        pay::decide(&self.pay, &self.settlement, &self.ledger, command, at)
    }

    /// Whether operators' commands go through the office.
    #[must_use]
    pub fn has_people(&self) -> bool {
        self.people.people().next().is_some()
    }

    /// A payment of a participant or for a deal that is held itself is held with it.
    fn with_others_cases(
        &self,
        instruction: &pay::Instruction,
        clearance: &pay::Clearance,
    ) -> pay::Clearance {
        match self.blocked_with(instruction) {
            Some(case) if clearance.verdict == pay::Verdict::Clear => {
                pay::Clearance { verdict: pay::Verdict::Hit { case: case.0 }, ..clearance.clone() }
            }
            _ => clearance.clone(),
        }
    }

    fn link_stands_for(&self, instruction: &pay::Instruction, at: Moment) -> Result<(), Refusal> {
        let country = |bic| self.pay.participant(bic).map(|participant| participant.country);
        match (country(&instruction.debtor_agent), country(&instruction.creditor_agent)) {
            (Some(from), Some(to)) if from != to => self.link_stands([from, to], at),
            _ => Ok(()),
        }
    }

    /// Applies a record. Replay runs this alone, so that tomorrow's caps, tariffs or lists never rewrite yesterday.
    pub fn apply(&mut self, record: &Record) {
        self.events += 1;
        self.last_at = record.at;
        self.requests.forget(record.at);
        self.apply_event(&record.event, record.at);
    }

    fn apply_event(&mut self, event: &Event, at: Moment) {
        match event {
            Event::Pay(event) => self.apply_pay(event),
            Event::Settle(event, payments) => {
                self.apply_settlement(event, at);
                payments.iter().for_each(|event| self.apply_pay(event));
            }
            Event::Once(key, event) => {
                self.requests.keep(key, at, Outcome::Done { event_number: self.events });
                self.apply_event(event, at);
            }
            Event::Refused(key, refusal) => self.requests.keep(key, at, Outcome::Refused(refusal.clone())),
            Event::Again(_) => {}
            Event::Deal(event) => {
                self.statistics.observe_deal(event);
                deal::apply(&mut self.deal, &mut self.pay, event);
            }
            Event::Card(event) => {
                cards::apply(&mut self.cards, &mut self.ledger, event);
                self.observe_cards(event, at);
            }
            Event::Register(event) => register::apply(&mut self.register, event),
            Event::People(event) => people::apply(&mut self.people, event),
            Event::Case(link) => {
                let made = casework::apply(&mut self.cases, &link.event);
                assert!(made == **link, "link {} of the cases' chain does not follow", link.number);
            }
            Event::All(events) => events.iter().for_each(|event| self.apply_event(event, at)),
            Event::Shipment(done) => {
                meridian_corridor::shipment::apply(&mut self.shipments, &done.shipment);
                if let shipments::Heard::Evidence(event) = &done.heard {
                    self.apply_event(&Event::Deal(event.clone()), at);
                }
            }
            Event::Goods(done) => {
                done.licences
                    .iter()
                    .for_each(|event| meridian_tariff::controls::apply(&mut self.licences, event));
                if let Some(event) = &done.deal {
                    self.apply_event(&Event::Deal(event.clone()), at);
                }
            }
            Event::Office(done) => {
                people::apply(&mut self.people, &done.people);
                done.effects.iter().for_each(|effect| self.apply_event(effect, at));
            }
        }
    }

    fn apply_pay(&mut self, event: &pay::Event) {
        pay::apply(&mut self.pay, &mut self.settlement, &mut self.ledger, event);
        self.statistics.observe(event, self.events);
        deal::observe(&mut self.deal, event);
    }

    /// The earliest moment at which time itself has something to say.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let books = [self.pay.next_deadline(), self.deal.next_deadline(), self.cards.next_deadline()];
        let more =
            [self.ledger.next_deadline(), self.people.next_deadline(), self.settlement.next_deadline()];
        books.into_iter().chain(more).flatten().min()
    }

    /// What time has to say now: one event for one deadline, or nothing.
    ///
    /// # Panics
    /// When a deadline cannot be acted on: a broken invariant of our own.
    #[must_use]
    pub fn tick(&self, at: Moment) -> Option<Event> {
        let due = |deadline: Option<Moment>| deadline.is_some_and(|deadline| deadline <= at);
        let decided = if due(self.pay.next_deadline()) {
            self.decide(&Command::Pay(pay::Command::Tick), at)
        } else if due(self.deal.next_deadline()) {
            self.decide(&Command::Deal(deal::Command::Tick), at)
        } else if due(self.cards.next_deadline()) {
            self.decide(&Command::Card(cards::Command::Tick), at)
        } else if due(self.settlement.next_deadline()) {
            self.decide(&Command::Settle(settlement::Command::Tick), at)
        } else if due(self.people.next_deadline()) {
            self.decide(&Command::Office(office::Command::Tick), at)
        } else {
            return None;
        };
        match decided {
            Ok(event) => Some(event),
            Err(refusal) => panic!("a deadline could not be acted on: {refusal}"),
        }
    }

    /// BLAKE3 over the hub's canonical bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        borsh::to_writer(&mut hasher, self).unwrap_or_else(|error| panic!("hashing cannot fail: {error}"));
        hasher.finalize().into()
    }

    /// The laws that hold after every event; the first that does not, in words.
    ///
    /// # Errors
    /// Which law, with the values.
    pub fn check(&self) -> Result<(), String> {
        if let Some((currency, sum)) = self.ledger.imbalance().into_iter().next() {
            return Err(format!("{currency} sums to {sum}, not to zero"));
        }
        for account in self.ledger.accounts() {
            let b = account.balances;
            if let Some(line) = account.limits.credit_line
                && b.debits_posted + b.debits_pending > b.credits_posted + line
            {
                return Err(format!("{} {} is below its credit line", account.participant, account.currency));
            }
        }
        for (key, cap) in self.pay.caps() {
            if !cap.is_kept() {
                return Err(format!("cap {key} is exceeded: {cap:?}"));
            }
        }
        let reserved = self.pay.payments().filter(|payment| payment.stage.is_reserved());
        let legs: usize =
            reserved.map(|payment| payment.legs.as_ref().map_or(0, |legs| legs.legs.len())).sum();
        let pending = self.ledger.all_pending().filter(|pending| pending.deadline.is_none()).count();
        let cards = self.cards.reserved_legs();
        if legs + cards != pending {
            return Err(format!(
                "{legs} legs of payments and {cards} of cards in flight, {pending} reservations without a deadline"
            ));
        }
        self.cards.check(&self.ledger)?;
        pay::queue::check(&self.pay, &self.settlement)?;
        self.settlement.check(&self.ledger)
    }
}
