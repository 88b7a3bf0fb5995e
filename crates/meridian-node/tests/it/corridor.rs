//! A hub with four rouble banks, one in rupees, an exchange between them and two settlement agents, driven by hand.

use meridian_journal::{Batch, Position};
use meridian_node::{Clock, Command, Decider, Event, Hub, NodeSettings, Record};
use meridian_pay::{
    self as pay, Answer, AnswerStatus, Bearer, Clearance, Fixed, Instruction, LinkKey, Notice, Participant,
    Priority, QuoteRequest, RateCard, RateKey, Role, Verdict,
};
use meridian_settlement::{
    self as settlement, AgentAnswer, Calendar, Circuit, Class, Model, Policy, WindowId,
};
use meridian_terms::{
    Bic, Country, Currency, Day, Micros, Moment, Money, Party, Ratio, Refusal, Uetr, Window,
};

pub(crate) const BANKS: [&str; 4] = ["ALFARUMM", "BETARUMM", "GAMARUMM", "DELTRUMM"];
pub(crate) const MUMBAI: &str = "MUMBINBB";
pub(crate) const EXCHANGE: &str = "EXCHRUMM";
pub(crate) const RUB_AGENT: &str = "CBRFRUMM";
pub(crate) const INR_AGENT: &str = "RBISINBB";
pub(crate) const LIST: [u8; 32] = [1; 32];

pub(crate) fn bic(text: &str) -> Bic {
    Bic::parse(text).unwrap()
}

pub(crate) fn rub(minor: i128) -> Money {
    Money::new(minor, Currency::RUB)
}

pub(crate) fn window(currency: Currency, number: u64) -> WindowId {
    WindowId { currency, number }
}

pub(crate) struct Corridor {
    pub(crate) decider: Decider,
    pub(crate) clock: Clock,
    /// Everything that happened.
    pub(crate) past: Vec<Record>,
    /// The same as the journal has it.
    pub(crate) batches: Vec<Batch>,
    number: u128,
}

impl Corridor {
    /// Everybody is admitted and funded with so much; both currencies settle by this model, by hours of a weekday.
    pub(crate) fn new(model: Model, cover: i128) -> Self {
        let clock = Clock::script(Moment::parse("2026-03-18T09:00:00Z").unwrap());
        let settings = NodeSettings { witness_every: 0, ..NodeSettings::default() };
        let decider = Decider::on((Hub::default(), Position(0)), clock.clone(), &settings);
        let mut world = Self { decider, clock, past: Vec::new(), batches: Vec::new(), number: 0 };
        let all = BANKS.iter().map(|name| (*name, Role::Bank, vec![Currency::RUB]));
        let others = [
            (MUMBAI, Role::Bank, vec![Currency::INR]),
            (EXCHANGE, Role::FxProvider, vec![Currency::RUB, Currency::INR]),
            (RUB_AGENT, Role::SettlementAgent, Vec::new()),
            (INR_AGENT, Role::SettlementAgent, Vec::new()),
        ];
        for (name, role, currencies) in all.chain(others) {
            let participant = Participant {
                bic: bic(name),
                name: name.into(),
                country: Country::parse(&name[4..6]).unwrap(),
                role,
                key: [7; 32],
                is_suspended: false,
            };
            world.pay(pay::Command::Admit { participant, currencies: currencies.clone() });
            for currency in currencies.into_iter().filter(|_| cover > 0) {
                world.fund(name, Money::new(cover, currency));
            }
        }
        let key = LinkKey::between(Country::parse("RU").unwrap(), Country::parse("IN").unwrap());
        let in_force = Window::new(Day::parse("2026-01-01").unwrap(), None).unwrap();
        let instrument = "An invented agreement".to_owned();
        world.pay(pay::Command::ProposeLink { key, instrument, in_force, by: "first".into() });
        world.pay(pay::Command::ApproveLink { key, by: "second".into() });
        world.pay(pay::Command::PutListInForce(LIST));
        let rate = RateCard {
            base: Ratio::new(11, 10).unwrap(),
            valid: Window::new(world.now(), None).unwrap(),
            tiers: Vec::new(),
            agents: std::collections::BTreeMap::new(),
            most: 1_000_000,
        };
        let key = RateKey { provider: bic(EXCHANGE), from: Currency::RUB, to: Currency::INR };
        world.pay(pay::Command::PublishRate(key, rate));
        for (currency, agent) in [(Currency::RUB, RUB_AGENT), (Currency::INR, INR_AGENT)] {
            let calendar = "offset,1970-01-01,+00:00\nweekend,1970-01-01,Saturday Sunday\nhours,08:00,18:00\ncut_off,17:00";
            let circuit = Circuit {
                currency,
                agent: bic(agent),
                model,
                calendar: Calendar::parse(calendar).unwrap(),
                patience: Micros::minutes(10),
            };
            world.settle(settlement::Command::OpenCircuit(circuit)).unwrap();
        }
        world
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    pub(crate) fn hub(&self) -> &Hub {
        self.decider.hub()
    }

    /// As the writer does it: time first, then the command, then what of the queue can go by it.
    pub(crate) fn ask(&mut self, command: Command) -> Result<Event, Refusal> {
        self.decider.tick();
        let decided = self.decider.ask("test".into(), &command).map(|done| done.event);
        self.end_batch();
        decided
    }

    fn end_batch(&mut self) {
        if let Some(batch) = self.decider.batch().unwrap() {
            let (records, _): (Vec<Record>, Option<[u8; 32]>) = borsh::from_slice(&batch.body).unwrap();
            self.past.extend(records);
            self.batches.push(batch);
        }
        self.hub().check().unwrap();
    }

    pub(crate) fn pass(&mut self, minutes: i64) {
        self.clock.forward(Micros::minutes(minutes));
        self.decider.tick();
        self.end_batch();
    }

    pub(crate) fn pay(&mut self, command: pay::Command) -> Event {
        self.ask(Command::Pay(command)).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    pub(crate) fn settle(&mut self, command: settlement::Command) -> Result<Event, Refusal> {
        self.ask(Command::Settle(command))
    }

    pub(crate) fn fund(&mut self, name: &str, amount: Money) {
        self.number += 1;
        let reference = self.number;
        self.pay(pay::Command::Fund { participant: bic(name), amount, reference });
    }

    pub(crate) fn lets_wait(&mut self, name: &str, minutes: i64) {
        for class in [Class::Urgent, Class::Normal] {
            let policy = Policy::Wait(Micros::minutes(minutes));
            self.settle(settlement::Command::SetPolicy { participant: bic(name), class, policy }).unwrap();
        }
    }

    /// Submits a payment; its UETR, and how it stands.
    pub(crate) fn sends(&mut self, from: &str, to: &str, minor: i128, priority: Priority) -> (Uetr, String) {
        self.submits(from, to, (rub(minor), rub(minor)), None, priority)
    }

    /// Submits roubles that arrive as rupees, at a quote.
    pub(crate) fn exchanges(&mut self, from: &str, minor: i128) -> (Uetr, String) {
        self.number += 1;
        let request = QuoteRequest {
            id: self.number,
            agent: bic(from),
            from: Currency::RUB,
            to: Currency::INR,
            fixed: Fixed::Source,
            amount: rub(minor),
            creditor_agent: Some(bic(MUMBAI)),
            bearer: Bearer::default(),
            own_charge: None,
        };
        let Event::Pay(pay::Event::Quoted { quotes, .. }) = self.pay(pay::Command::AskQuotes(request)) else {
            panic!("no quote")
        };
        let amounts = (quotes[0].source, quotes[0].target);
        self.submits(from, MUMBAI, amounts, Some(quotes[0].id), Priority::Norm)
    }

    fn submits(
        &mut self,
        from: &str,
        to: &str,
        (source, target): (Money, Money),
        quote: Option<pay::QuoteId>,
        priority: Priority,
    ) -> (Uetr, String) {
        self.number += 1;
        let uetr = Uetr::from_bits(u128::from_be_bytes(
            blake3::hash(&self.number.to_be_bytes()).as_bytes()[..16].try_into().unwrap(),
        ));
        let party = |of: &str| Party {
            name: format!("Customer of {of}"),
            country: bic(of).country(),
            lei: None,
            address: None,
        };
        let instruction = Instruction {
            uetr,
            message_id: format!("M-{}", self.number),
            end_to_end_id: format!("E-{}", self.number),
            priority,
            accepted_at: self.now(),
            source,
            target,
            quote,
            debtor: party(from),
            debtor_account: "1".into(),
            debtor_agent: bic(from),
            creditor_agent: bic(to),
            creditor: party(to),
            creditor_account: "2".into(),
            bearer: Bearer::default(),
            charges: Vec::new(),
            intermediaries: Vec::new(),
            purpose: None,
            document: None,
            remittance: String::new(),
        };
        let clearance = Clearance { list: self.hub().pay.list_in_force().unwrap(), verdict: Verdict::Clear };
        self.pay(pay::Command::Submit(Box::new(instruction), clearance));
        (uetr, self.stage(uetr))
    }

    /// A payment's stage, with its reason where it ended badly.
    pub(crate) fn stage(&self, uetr: Uetr) -> String {
        let stage = &self.hub().pay.payment(uetr).unwrap().stage;
        match stage.status() {
            ("RJCT", Some(reason)) => format!("{} {reason}", stage.word()),
            _ => stage.word().to_owned(),
        }
    }

    pub(crate) fn answers(&mut self, uetr: Uetr, status: AnswerStatus) {
        let by = self.hub().pay.payment(uetr).unwrap().instruction.creditor_agent.clone();
        self.pay(pay::Command::Answer(Answer { uetr, by, status }));
    }

    pub(crate) fn agent_says(
        &mut self,
        currency: Currency,
        instruction: u128,
        answer: AgentAnswer,
    ) -> Result<Event, Refusal> {
        let by = bic(if currency == Currency::RUB { RUB_AGENT } else { INR_AGENT });
        self.settle(settlement::Command::AgentAnswer { by, instruction, answer })
    }

    pub(crate) fn balance(&self, name: &str) -> i128 {
        let mut own = self
            .hub()
            .ledger
            .accounts()
            .iter()
            .filter(|one| one.participant == name && one.currency == Currency::RUB);
        own.next().map_or(0, |account| account.balance().minor())
    }

    /// Every letter of a mailbox as its message, each written and so checked against its schema.
    pub(crate) fn letters(&self, name: &str) -> Vec<(String, String)> {
        let mailbox = self.hub().pay.mailbox(&bic(name)).unwrap();
        let written = mailbox.waiting.iter().map(|(number, letter)| {
            match pay::outbound::write(letter, *number, "XMERIRMM", &bic(name)).unwrap() {
                pay::outbound::Written::Message { kind, xml } => (kind, xml),
                pay::outbound::Written::Word { kind, .. } => (kind, String::new()),
            }
        });
        written.collect()
    }

    /// Instructions that lie in an agent's mailbox.
    pub(crate) fn instructed(&self, name: &str) -> Vec<settlement::Instruction> {
        let mailbox = self.hub().pay.mailbox(&bic(name)).unwrap();
        let notices = mailbox.waiting.values().filter_map(|letter| match &letter.notice {
            Notice::Instruct { instruction, .. } => Some((**instruction).clone()),
            _ => None,
        });
        notices.collect()
    }
}
