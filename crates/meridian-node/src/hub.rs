//! The hub: every book in one state, so that one record can hold what several of them agree on.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Refusal};
use {meridian_cards as cards, meridian_deal as deal, meridian_ledger as ledger, meridian_pay as pay};

/// Every book of the hub. Same journal, same hub, same hash.
#[derive(Debug, Clone, Default, BorshSerialize, BorshDeserialize)]
pub struct Hub {
    /// The money.
    pub ledger: ledger::State,
    /// Participants, links, rates, payments, mailboxes.
    pub pay: pay::State,
    /// Card schemes, their transactions, totals and disputes.
    pub cards: cards::State,
    /// Deals.
    pub deal: deal::State,
    /// Counts and sums over all that has happened.
    pub statistics: deal::Statistics,
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
    /// To cards.
    Card(cards::Command),
}

/// What has happened in the hub.
#[expect(clippy::large_enum_variant, reason = "an event is moved once, from the decision into its group")]
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// To payments, and with them to the ledger.
    Pay(pay::Event),
    /// To deals.
    Deal(deal::Event),
    /// To cards, and with them to the ledger.
    Card(cards::Event),
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
                // What payments already know, they answer themselves; the deal is asked about new ones only.
                let is_new = self.pay.payment(instruction.uetr).is_none();
                match deal::allows(&self.deal, instruction) {
                    Err(refusal) if is_new => {
                        Ok(Event::Pay(pay::Event::Refused { instruction: instruction.clone(), at, refusal }))
                    }
                    _ => {
                        let command = pay::Command::Submit(instruction.clone(), clearance.clone());
                        pay::decide(&self.pay, &self.ledger, &command, at).map(Event::Pay)
                    }
                }
            }
            Command::Pay(command) => pay::decide(&self.pay, &self.ledger, command, at).map(Event::Pay),
            Command::Deal(command) => deal::decide(&self.deal, &self.pay, command, at).map(Event::Deal),
            Command::Card(command) => cards::decide(&self.cards, &self.ledger, command, at).map(Event::Card),
        }
    }

    /// Applies a record. Replay runs this alone, so that tomorrow's caps, tariffs or lists never rewrite yesterday.
    pub fn apply(&mut self, record: &Record) {
        match &record.event {
            Event::Pay(event) => {
                pay::apply(&mut self.pay, &mut self.ledger, event);
                self.statistics.observe(&self.deal, event, self.events + 1);
                deal::observe(&mut self.deal, event);
            }
            Event::Deal(event) => {
                self.statistics.observe_deal(&self.deal, event);
                deal::apply(&mut self.deal, &mut self.pay, event);
            }
            Event::Card(event) => cards::apply(&mut self.cards, &mut self.ledger, event),
        }
        self.events += 1;
        self.last_at = record.at;
    }

    /// The earliest moment at which time itself has something to say.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let books = [self.pay.next_deadline(), self.deal.next_deadline(), self.cards.next_deadline()];
        books.into_iter().chain([self.ledger.next_deadline()]).flatten().min()
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
            if cap.most.is_some_and(|most| cap.used > most) {
                return Err(format!("cap {key:?} is exceeded: {cap:?}"));
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
        self.cards.check(&self.ledger)
    }
}
