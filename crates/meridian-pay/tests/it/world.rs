//! A corridor of two countries for tests: banks, providers, an open link, a list in force. Every message that comes
//! into a mailbox is written and so validated against its schema; every event is checked against the laws.

use std::collections::BTreeMap;

use meridian_iso20022::read;
use meridian_ledger as ledger;
use meridian_pay::*;
use meridian_settlement as settlement;
use meridian_terms::*;

pub const LIST: [u8; 32] = [7; 32];
pub const HUB: &str = "XHUBRUMM";
/// Debtor agent's bank in Mumbai, creditor agent's in Astrakhan, and their neighbours.
pub const MUMBAI: &str = "XMUMINBB";
pub const DELHI: &str = "XDELINBB";
pub const VOLGA: &str = "XVOLRUMM";
pub const MOSCOW: &str = "XMOSRUMM";
pub const EXCHANGE: &str = "XFXARUMM";
pub const RIVAL: &str = "XFXBINBB";

pub fn bic(text: &str) -> Bic {
    Bic::parse(text).unwrap()
}

pub fn country(text: &str) -> Country {
    Country::parse(text).unwrap()
}

pub fn inr(text: &str) -> Money {
    Money::parse(text, Currency::INR).unwrap()
}

pub fn rub(text: &str) -> Money {
    Money::parse(text, Currency::RUB).unwrap()
}

#[derive(Clone)]
pub struct World {
    pub state: State,
    pub settlement: settlement::State,
    pub money: ledger::State,
    pub now: Moment,
    pub number: u128,
    /// How far each mailbox has been read by [`World::letters`].
    read: BTreeMap<Bic, u64>,
    /// Whether each letter is written as its ISO message.
    pub writes: bool,
}

impl World {
    /// Nobody and nothing.
    pub fn empty() -> Self {
        Self {
            state: State::default(),
            settlement: settlement::State::default(),
            money: ledger::State::default(),
            now: Moment::parse("2026-03-20T09:00:00Z").unwrap(),
            number: 0,
            read: BTreeMap::new(),
            writes: true,
        }
    }

    /// The corridor: open, funded, with two providers quoting INR to RUB.
    pub fn new() -> Self {
        let mut world = Self::empty();
        let participants = [
            (MUMBAI, "IN", Role::Bank, vec![Currency::INR]),
            (DELHI, "IN", Role::Bank, vec![Currency::INR]),
            (VOLGA, "RU", Role::Bank, vec![Currency::RUB]),
            (MOSCOW, "RU", Role::Bank, vec![Currency::RUB]),
            (EXCHANGE, "RU", Role::FxProvider, vec![Currency::INR, Currency::RUB]),
            (RIVAL, "IN", Role::FxProvider, vec![Currency::INR, Currency::RUB]),
        ];
        for (name, land, role, currencies) in participants {
            let participant = Participant {
                bic: bic(name),
                name: format!("Institution {name}"),
                country: country(land),
                role,
                key: [1; 32],
                is_suspended: false,
            };
            world.does(Command::Admit { participant, currencies });
        }
        world.does(Command::PutListInForce(LIST));
        world.open_link();
        for (name, amount) in [
            (MUMBAI, inr("1000000.00")),
            (DELHI, inr("1000000.00")),
            (VOLGA, rub("1000000.00")),
            (MOSCOW, rub("1000000.00")),
            (EXCHANGE, inr("1000000.00")),
            (EXCHANGE, rub("1000000.00")),
            (RIVAL, inr("1000000.00")),
            (RIVAL, rub("1000000.00")),
        ] {
            world.fund(name, amount);
        }
        world.publish(EXCHANGE, Currency::INR, Currency::RUB, "1.0600");
        world.publish(EXCHANGE, Currency::RUB, Currency::INR, "0.9300");
        world.publish(RIVAL, Currency::INR, Currency::RUB, "1.0500");
        world
    }

    pub fn next(&mut self) -> u128 {
        self.number += 1;
        self.number
    }

    pub fn fund(&mut self, name: &str, amount: Money) {
        let reference = self.next();
        self.does(Command::Fund { participant: bic(name), amount, reference });
    }

    pub fn open_link(&mut self) {
        let key = LinkKey::between(country("IN"), country("RU"));
        let in_force =
            Window::new(Day::parse("2026-01-01").unwrap(), Some(Day::parse("2027-01-01").unwrap())).unwrap();
        let instrument = "Agreement on settlements in national currencies, article 3".to_owned();
        self.does(Command::ProposeLink { key, instrument, in_force, by: "Amina".into() });
        self.does(Command::ApproveLink { key, by: "Boris".into() });
    }

    pub fn publish(&mut self, provider: &str, from: Currency, to: Currency, rate: &str) {
        self.does(Command::PublishRate(RateKey { provider: bic(provider), from, to }, card(self.now, rate)));
    }

    /// Decides, applies, checks the laws; the event or the refusal.
    pub fn ask(&mut self, command: Command) -> Result<Event, Refusal> {
        let event = decide(&self.state, &self.settlement, &self.money, &command, self.now)?;
        self.happens(&event);
        Ok(event)
    }

    pub fn does(&mut self, command: Command) -> Event {
        self.ask(command).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    pub fn refused(&mut self, command: Command) -> Refusal {
        match self.ask(command) {
            Ok(event) => panic!("not refused: {event:?}"),
            Err(refusal) => refusal,
        }
    }

    pub fn happens(&mut self, event: &Event) {
        apply(&mut self.state, &mut self.settlement, &mut self.money, event);
        self.check();
        if self.writes {
            self.write_new_letters();
        }
    }

    /// The clock moves on and every deadline that comes is acted on when it comes.
    pub fn pass(&mut self, span: Micros) -> Vec<Event> {
        let end = self.now.plus(span);
        let mut events = Vec::new();
        while let Some(due) = self.state.next_deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            events.push(self.does(Command::Tick));
        }
        self.now = end;
        events
    }

    /// The state and the ledger as a snapshot keeps them.
    pub fn restart(&mut self) {
        self.state = borsh::from_slice(&borsh::to_vec(&self.state).unwrap()).unwrap();
        self.money = borsh::from_slice(&borsh::to_vec(&self.money).unwrap()).unwrap();
    }

    /// A quote for a target amount, from the best provider.
    pub fn quote(&mut self, target: Money) -> Quote {
        self.quotes(Fixed::Target, target)[0].clone()
    }

    pub fn quotes(&mut self, fixed: Fixed, amount: Money) -> Vec<Quote> {
        let request = self.request(MUMBAI, Currency::INR, Currency::RUB, fixed, amount);
        match self.does(Command::AskQuotes(request)) {
            Event::Quoted { quotes, .. } => quotes,
            event => panic!("{event:?}"),
        }
    }

    pub fn request(
        &mut self,
        agent: &str,
        from: Currency,
        to: Currency,
        fixed: Fixed,
        amount: Money,
    ) -> QuoteRequest {
        QuoteRequest {
            id: self.next(),
            agent: bic(agent),
            from,
            to,
            fixed,
            amount,
            creditor_agent: None,
            bearer: Bearer::Shared,
            own_charge: None,
        }
    }

    /// Rupees from Mumbai, roubles to Volga, at a fresh quote.
    pub fn across(&mut self, target: &str) -> Instruction {
        let quote = self.quote(rub(target));
        Instruction {
            source: quote.source,
            target: quote.target,
            quote: Some(quote.id),
            ..self.instruction(rub(target))
        }
    }

    /// An instruction within one currency, from Moscow to Volga unless changed.
    pub fn within(&mut self, amount: &str) -> Instruction {
        Instruction { debtor_agent: bic(MOSCOW), ..self.instruction(rub(amount)) }
    }

    fn instruction(&mut self, target: Money) -> Instruction {
        let number = self.next();
        let party = |name: &str, land: &str| Party {
            name: name.into(),
            country: country(land),
            lei: None,
            address: None,
        };
        Instruction {
            uetr: Uetr::from_bits(number << 8),
            message_id: format!("M-{number}"),
            end_to_end_id: format!("E-{number}"),
            priority: Priority::High,
            accepted_at: self.now,
            source: target,
            target,
            quote: None,
            debtor: party("Malabar Spices", "IN"),
            debtor_account: "IN-1".into(),
            debtor_agent: bic(MUMBAI),
            creditor_agent: bic(VOLGA),
            creditor: party("Volga Machines", "RU"),
            creditor_account: "RU-1".into(),
            bearer: Bearer::Shared,
            charges: Vec::new(),
            intermediaries: Vec::new(),
            purpose: Some("GDDS".into()),
            document: Some("invoice/2026-17".into()),
            remittance: "Invoice 17".into(),
        }
    }

    pub fn submit(&mut self, instruction: &Instruction) -> Result<Event, Refusal> {
        self.ask(Command::Submit(Box::new(instruction.clone()), clear()))
    }

    /// Submitted and reserved.
    pub fn sends(&mut self, instruction: &Instruction) -> Uetr {
        match self.submit(instruction).unwrap() {
            Event::Reserved(_) => instruction.uetr,
            event => panic!("not reserved: {event:?}"),
        }
    }

    /// Submitted and refused on its merits.
    pub fn is_refused(&mut self, instruction: &Instruction) -> Refusal {
        match self.submit(instruction).unwrap() {
            Event::Refused { refusal, .. } => refusal,
            event => panic!("not refused: {event:?}"),
        }
    }

    pub fn answers(&mut self, uetr: Uetr, by: &str, status: AnswerStatus) -> Event {
        self.does(Command::Answer(Answer { uetr, by: bic(by), status }))
    }

    pub fn commits(&mut self, instruction: &Instruction) -> Uetr {
        let uetr = self.sends(instruction);
        let event = self.answers(uetr, instruction.creditor_agent.as_str(), AnswerStatus::Accepted);
        assert!(matches!(event, Event::Committed { .. }), "{event:?}");
        uetr
    }

    pub fn stage(&self, uetr: Uetr) -> &'static str {
        self.state.payment(uetr).unwrap().stage.word()
    }

    /// Posted balance and what could be paid out, minor units.
    pub fn cover(&self, name: &str, currency: Currency) -> (i128, i128) {
        let account = self.money.account(ledger::AccountId::of(name, currency, ledger::Kind::Cover)).unwrap();
        (account.balance().minor(), account.available().minor())
    }

    /// What has come into a mailbox since it was last looked at, in a word each: `pacs.002 ACCC`, `camt.054 -1.00`.
    pub fn letters(&mut self, name: &str) -> Vec<String> {
        let (owner, from) = (bic(name), self.read.get(&bic(name)).copied().unwrap_or(0));
        let Some(mailbox) = self.state.mailbox(&owner) else { return Vec::new() };
        let new: Vec<(u64, Outgoing)> =
            mailbox.waiting.range(from + 1..).map(|(number, letter)| (*number, letter.clone())).collect();
        self.read.insert(owner, mailbox.last);
        new.iter().map(|(_, letter)| word(&letter.notice)).collect()
    }

    /// A letter's ISO message.
    pub fn xml(&self, name: &str, number: u64) -> String {
        let owner = bic(name);
        let letter = &self.state.mailbox(&owner).unwrap().waiting[&number];
        match outbound::write(letter, number, HUB, &owner).unwrap() {
            outbound::Written::Message { xml, .. } => xml,
            outbound::Written::Word { kind, .. } => panic!("{kind}"),
        }
    }

    pub fn last_xml(&self, name: &str) -> String {
        self.xml(name, self.state.mailbox(&bic(name)).unwrap().last)
    }

    fn write_new_letters(&mut self) {
        for participant in self.state.participants() {
            let mailbox = self.state.mailbox(&participant.bic).unwrap();
            // The last few are enough: this runs after every event.
            for (number, letter) in mailbox.waiting.iter().rev().take(6) {
                match outbound::write(letter, *number, HUB, &participant.bic).unwrap() {
                    outbound::Written::Message { kind, xml } => {
                        assert_eq!(read(xml.as_bytes()).unwrap().message(), kind);
                    }
                    outbound::Written::Word { kind, .. } => assert!(kind.starts_with("pay."), "{kind}"),
                }
            }
        }
    }

    /// Money is neither made nor lost; nobody is below its cover; no cap is exceeded; what is reserved belongs to a
    /// payment in flight that has a live deadline; whatever is not final has a deadline.
    pub fn check(&self) {
        assert!(self.money.imbalance().is_empty(), "{:?}", self.money.imbalance());
        for account in self.money.accounts().iter().filter(|account| account.kind == ledger::Kind::Cover) {
            assert!(account.available().minor() >= 0, "{} {}", account.participant, account.available());
        }
        for (key, cap) in self.state.caps() {
            assert!(cap.is_kept(), "{key}: {cap:?}");
        }
        let mut reserved = 0;
        for payment in self.state.payments() {
            assert_eq!(payment.stage.is_final(), payment.stage.deadline().is_none(), "{payment:?}");
            if payment.stage.is_reserved() {
                reserved += payment.legs.as_ref().unwrap().legs.len();
            }
        }
        assert_eq!(
            reserved,
            self.money.all_pending().count(),
            "a leg without its payment, or without its other leg"
        );
    }
}

pub fn card(now: Moment, rate: &str) -> RateCard {
    RateCard {
        base: Ratio::parse_decimal(rate).unwrap(),
        valid: Window::new(now, Some(now.plus(Micros::days(30)))).unwrap(),
        tiers: Vec::new(),
        agents: BTreeMap::new(),
        most: 1_000_000_000,
    }
}

pub fn clear() -> Clearance {
    Clearance { list: LIST, verdict: Verdict::Clear }
}

fn word(notice: &Notice) -> String {
    match notice {
        Notice::Pay(_) => "pacs.008".into(),
        Notice::Status { status, reason, .. } => {
            format!("pacs.002 {status} {}", reason.as_deref().unwrap_or_default()).trim_end().to_owned()
        }
        Notice::Booked { amount, .. } => format!("camt.054 {amount}"),
        Notice::Verify { .. } => "acmt.023".into(),
        Notice::Verified { outcome, .. } => {
            let detail = outcome.reason.as_ref().or(outcome.name.as_ref());
            format!("acmt.024 {} {}", outcome.is_verified, detail.map_or("", String::as_str))
                .trim_end()
                .to_owned()
        }
        Notice::Report(report) => if report.is_statement { "camt.053" } else { "camt.052" }.into(),
        Notice::Instruct { instruction, .. } => format!("pacs.009 {}", instruction.amount),
        Notice::Chase { .. } | Notice::ChaseInstruction { .. } => "pacs.028".into(),
        Notice::Recall { reason, .. } => format!("camt.056 {reason}"),
        Notice::RecallRefused { reason, .. } => format!("camt.029 {reason}"),
        Notice::Returned { amount, .. } => format!("pacs.004 {amount}"),
        Notice::Quotes(_) => "quotes".into(),
        Notice::Word { kind, .. } => kind.clone(),
    }
}
