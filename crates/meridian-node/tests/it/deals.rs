//! Laws over random deals, events, delays and crashes: every payout happens once, only on its evidence, never after its
//! expiry, every currency sums to zero, and a restart is a replay.
//!
//! A crash drops the hub and whatever was not durable; the next hub is what the journal makes. The laws are checked over the
//! journal's records by a second, simpler reading of them, not by the books.

use std::collections::BTreeMap;

use meridian_deal::{
    self as deal, Contract, DealId, Evidence, EvidenceKind, Goods, Incoterm, Kind, Mishap, Obligation,
    Remedies, Reviewed, Ruling, Screened, Side, Standing, Treasury,
};
use meridian_journal::{Journal, Lease, MemoryJournal, Position};
use meridian_node::{Clock, Command, Decider, Event, NodeSettings, Record, read_records};
use meridian_pay::{
    self as pay, Answer, AnswerStatus, Bearer, Clearance, Fixed, Instruction, LinkKey, Participant, Priority,
    QuoteRequest, RateCard, RateKey, Role, Verdict,
};
use meridian_terms::{
    Bic, Country, Currency, Decimal, HsCode, Micros, Moment, Money, Party, Ratio, Refusal, Uetr, Window,
};
use proptest::prelude::*;

const LIST: [u8; 32] = [5; 32];
/// Obligations of a deal: their part of the price, and what makes them due.
const PLAN: [(&str, i128, EvidenceKind); 3] = [
    ("advance", 200_000, EvidenceKind::Signed),
    ("loaded", 500_000, EvidenceKind::Loaded),
    ("arrived", 300_000, EvidenceKind::Arrived),
];
const SHOWN: [EvidenceKind; 4] =
    [EvidenceKind::Signed, EvidenceKind::Loaded, EvidenceKind::BorderCrossed, EvidenceKind::Arrived];

/// What may happen next.
#[derive(Debug, Clone)]
enum Step {
    Sign(u8),
    Show(u8, usize),
    /// A bank pays an obligation, under one of a few UETRs: some are repeats, some compete.
    Pay(u8, usize, u8),
    /// A refund, where one is owed.
    Refund(u8),
    Answer(u8, usize, u8, bool),
    Cancel(u8),
    Lose(u8),
    Wait(u16),
    /// What was decided becomes durable.
    Write,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let (deal, place, attempt) = (0..3_u8, 0..PLAN.len(), 0..2_u8);
    prop_oneof![
        3 => deal.clone().prop_map(Step::Sign),
        6 => (deal.clone(), 0..SHOWN.len()).prop_map(|(deal, kind)| Step::Show(deal, kind)),
        8 => (deal.clone(), place.clone(), attempt.clone()).prop_map(|(d, o, a)| Step::Pay(d, o, a)),
        1 => deal.clone().prop_map(Step::Refund),
        8 => (deal.clone(), place, attempt, prop::bool::weighted(0.8))
            .prop_map(|(d, o, a, yes)| Step::Answer(d, o, a, yes)),
        1 => deal.clone().prop_map(Step::Cancel),
        1 => deal.prop_map(Step::Lose),
        3 => (1..200_u16).prop_map(Step::Wait),
        4 => Just(Step::Write),
        2 => Just(Step::Crash),
    ]
}

fn bic(text: &str) -> Bic {
    Bic::parse(text).unwrap()
}

fn party(name: &str, country: &str) -> Party {
    Party { name: name.into(), country: Country::parse(country).unwrap(), lei: None, address: None }
}

fn id(deal: u8) -> DealId {
    DealId(format!("D{deal}"))
}

fn inr(minor: i128) -> Money {
    Money::new(minor, Currency::INR)
}

fn uetr(deal: u8, obligation: &str, attempt: u8) -> Uetr {
    let digest = blake3(format!("{deal} {obligation} {attempt}").as_bytes());
    Uetr::from_bits(digest)
}

/// Sixteen bytes that only this text has, as near as a test needs.
fn blake3(text: &[u8]) -> u128 {
    text.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash: u128, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

struct World {
    journal: MemoryJournal,
    lease: Lease,
    end: Position,
    decider: Decider,
    clock: Clock,
    /// The hub's hash as of the end of the journal.
    durable: [u8; 32],
    sent: u32,
}

fn settings() -> NodeSettings {
    NodeSettings { witness_every: 2, ..NodeSettings::default() }
}

impl World {
    fn new() -> Self {
        let clock = Clock::script(Moment::parse("2026-03-20T00:00:00Z").unwrap());
        let mut journal = MemoryJournal::default();
        let (decider, lease, end) = Decider::start(&mut journal, clock.clone(), &settings()).unwrap();
        let mut world = Self { journal, lease, end, decider, clock, durable: [0; 32], sent: 0 };
        world.found();
        world.write();
        world
    }

    fn ask(&mut self, command: Command) -> Result<Event, Refusal> {
        self.decider.tick();
        self.decider.ask("test".into(), &command).map(|done| done.event)
    }

    fn pays(&mut self, command: pay::Command) -> Result<pay::Event, Refusal> {
        let event = self.ask(Command::Pay(command))?;
        Ok(event.pay().cloned().unwrap_or_else(|| panic!("{event:?}")))
    }

    fn found(&mut self) {
        let people = [
            ("XSELINBB", "IN", Role::Bank, vec![Currency::INR]),
            ("XBUYRUMM", "RU", Role::Bank, vec![Currency::RUB, Currency::INR]),
            ("XFXPRUMM", "RU", Role::FxProvider, vec![Currency::RUB, Currency::INR]),
            ("XCARRUMM", "RU", Role::Carrier, Vec::new()),
            ("XCUSRUMM", "RU", Role::Customs, Vec::new()),
        ];
        let settings = pay::Settings { memory: Micros::days(3_650), ..pay::Settings::default() };
        self.pays(pay::Command::Configure(settings)).unwrap();
        for (number, (code, country, role, currencies)) in people.into_iter().enumerate() {
            let participant = Participant {
                bic: bic(code),
                name: code.into(),
                country: Country::parse(country).unwrap(),
                role,
                key: [0; 32],
                is_suspended: false,
            };
            self.pays(pay::Command::Admit { participant, currencies: currencies.clone() }).unwrap();
            for currency in currencies {
                let reference = (number as u128 + 1) << 16 | u128::from(currency == Currency::INR);
                let amount = Money::new(1_000_000_000, currency);
                self.pays(pay::Command::Fund { participant: bic(code), amount, reference }).unwrap();
            }
        }
        self.pays(pay::Command::PutListInForce(LIST)).unwrap();
        let (key, now) = (
            LinkKey::between(Country::parse("IN").unwrap(), Country::parse("RU").unwrap()),
            self.clock.now(),
        );
        let in_force = Window::new(now.day(), None).unwrap();
        let instrument = "Agreement".into();
        self.pays(pay::Command::ProposeLink { key, instrument, in_force, by: "A".into() }).unwrap();
        self.pays(pay::Command::ApproveLink { key, by: "B".into() }).unwrap();
        // No circle ends above where it began: 1.07 there, 0.93 back.
        for (from, to, hundredths) in
            [(Currency::RUB, Currency::INR, 107), (Currency::INR, Currency::RUB, 93)]
        {
            let valid = Window::new(now, None).unwrap();
            let (tiers, agents, most) = (Vec::new(), BTreeMap::new(), i128::MAX / 1_000_000);
            let card = RateCard { base: Ratio::new(hundredths, 100).unwrap(), valid, tiers, agents, most };
            let key = RateKey { provider: bic("XFXPRUMM"), from, to };
            self.pays(pay::Command::PublishRate(key, card)).unwrap();
        }
    }

    fn sign(&mut self, number: u8) -> Result<(), Refusal> {
        let (deal, now) = (id(number), self.clock.now());
        let contract = Contract {
            id: deal.clone(),
            signed_at: now,
            seller: party("Seller", "IN"),
            buyer: party("Buyer", "RU"),
            seller_bank: bic("XSELINBB"),
            seller_account: "S".into(),
            buyer_bank: bic("XBUYRUMM"),
            buyer_account: "B".into(),
            carrier: bic("XCARRUMM"),
            customs: bic("XCUSRUMM"),
            treasury: Treasury {
                party: party("Treasury", "RU"),
                account: "T".into(),
                agent: bic("XBUYRUMM"),
            },
            incoterm: Incoterm::Fca,
            named_place: "Mumbai".into(),
            goods: vec![Goods {
                hs: HsCode::parse("0902300009").unwrap(),
                description: "Tea".into(),
                net_kg: Decimal::whole(1_000),
                value: inr(1_000_000),
                origin: Country::parse("IN").unwrap(),
            }],
            price: inr(1_000_000),
            documents: Vec::new(),
            conveyances: Vec::new(),
            insurance: None,
            remedies: Remedies::default(),
        };
        let names = ["Seller", "Buyer", "XSELINBB", "XBUYRUMM", "XCARRUMM", "XCUSRUMM"];
        let clear =
            |name: &str| Screened { name: name.into(), list: LIST, verdict: Verdict::Clear, why: Vec::new() };
        let owed = PLAN.map(|(name, amount, trigger)| Obligation {
            name: name.into(),
            kind: Kind::Goods,
            payer: contract.buyer.clone(),
            payer_agent: contract.buyer_bank.clone(),
            payee: contract.seller.clone(),
            payee_account: "S".into(),
            payee_agent: contract.seller_bank.clone(),
            amount: inr(amount),
            trigger,
            expires: now.plus(Micros::days(20)),
            backed_by: None,
            standing: Standing::Planned,
        });
        self.ask(Command::Deal(deal::Command::Sign(Box::new(contract), names.map(clear).to_vec())))?;
        for (side, country) in [(Side::Export, "IN"), (Side::Import, "RU")] {
            let country = Country::parse(country).unwrap();
            let (pack, ruling, reasons) = ("p".into(), Ruling::Satisfied, Vec::new());
            let reviewed = Reviewed { side, country, pack, ruling, reasons };
            self.ask(Command::Deal(deal::Command::Control(deal.clone(), reviewed)))?;
        }
        self.ask(Command::Deal(deal::Command::Undertake(deal, owed.to_vec()))).map(drop)
    }

    /// A payment of an obligation: quoted, submitted as the hub's routes do, its deal asked first.
    fn pay(
        &mut self,
        (number, name): (u8, &str),
        payer: &str,
        payee: &str,
        target: Money,
        attempt: u8,
    ) -> Result<(), Refusal> {
        self.sent += 1;
        let uetr = uetr(number, name, attempt);
        let own = if target.currency() == Currency::INR { Currency::RUB } else { Currency::INR };
        let request = QuoteRequest {
            id: u128::from(self.sent),
            agent: bic(payer),
            from: own,
            to: target.currency(),
            fixed: Fixed::Target,
            amount: target,
            creditor_agent: None,
            bearer: Bearer::Shared,
            own_charge: None,
        };
        let pay::Event::Quoted { quotes, .. } = self.pays(pay::Command::AskQuotes(request))? else {
            return Ok(());
        };
        let instruction = Instruction {
            uetr,
            message_id: format!("M{}", self.sent),
            end_to_end_id: "E".into(),
            priority: Priority::Norm,
            accepted_at: self.clock.now(),
            source: quotes[0].source,
            target,
            quote: Some(quotes[0].id),
            debtor: party("x", "RU"),
            debtor_account: "x".into(),
            debtor_agent: bic(payer),
            creditor_agent: bic(payee),
            creditor: party("x", "IN"),
            creditor_account: "S".into(),
            bearer: Bearer::Shared,
            charges: Vec::new(),
            intermediaries: Vec::new(),
            purpose: None,
            document: Some(format!("deal/{}/{name}", id(number))),
            remittance: String::new(),
        };
        let clearance = Clearance { list: LIST, verdict: Verdict::Clear };
        match self.pays(pay::Command::Submit(Box::new(instruction), clearance))? {
            pay::Event::Refused { refusal, .. } => Err(refusal),
            _ => Ok(()),
        }
    }

    fn refund(&mut self, number: u8) -> Result<(), Refusal> {
        let owed = self.decider.hub().deal.deal(&id(number)).and_then(|deal| {
            let due = |owed: &&Obligation| {
                owed.kind == Kind::Refund && matches!(owed.standing, Standing::Due { .. })
            };
            deal.obligations.iter().find(due).map(|owed| (owed.name.clone(), owed.amount))
        });
        let Some((name, amount)) = owed else { return Ok(()) };
        // The seller pays its own currency back: no exchange.
        self.sent += 1;
        let instruction = Instruction {
            uetr: uetr(number, &name, 0),
            message_id: format!("M{}", self.sent),
            end_to_end_id: "E".into(),
            priority: Priority::Norm,
            accepted_at: self.clock.now(),
            source: amount,
            target: amount,
            quote: None,
            debtor: party("x", "IN"),
            debtor_account: "x".into(),
            debtor_agent: bic("XSELINBB"),
            creditor_agent: bic("XBUYRUMM"),
            creditor: party("x", "RU"),
            creditor_account: "B".into(),
            bearer: Bearer::Shared,
            charges: Vec::new(),
            intermediaries: Vec::new(),
            purpose: None,
            document: Some(format!("deal/{}/{name}", id(number))),
            remittance: String::new(),
        };
        let clearance = Clearance { list: LIST, verdict: Verdict::Clear };
        let uetr = instruction.uetr;
        self.pays(pay::Command::Submit(Box::new(instruction), clearance))?;
        let answer = Answer { uetr, by: bic("XBUYRUMM"), status: AnswerStatus::Accepted };
        self.pays(pay::Command::Answer(answer)).map(drop)
    }

    fn take(&mut self, step: &Step) -> Result<(), Refusal> {
        match step {
            Step::Sign(number) => self.sign(*number),
            Step::Show(number, kind) => {
                let kind = SHOWN[*kind];
                let by = if kind == EvidenceKind::Signed { bic("XBUYRUMM") } else { bic("XCARRUMM") };
                let evidence = Evidence { kind, by, document: "d".into(), digest: [1; 32] };
                self.ask(Command::Deal(deal::Command::Present(id(*number), evidence))).map(drop)
            }
            Step::Pay(number, place, attempt) => {
                let (name, amount, _) = PLAN[*place];
                self.pay((*number, name), "XBUYRUMM", "XSELINBB", inr(amount), *attempt)
            }
            Step::Refund(number) => self.refund(*number),
            Step::Answer(number, place, attempt, accepts) => {
                let status = match accepts {
                    true => AnswerStatus::Accepted,
                    false => AnswerStatus::Rejected("AC04".into()),
                };
                let answer =
                    Answer { uetr: uetr(*number, PLAN[*place].0, *attempt), by: bic("XSELINBB"), status };
                self.pays(pay::Command::Answer(answer)).map(drop)
            }
            Step::Cancel(number) => {
                let (deal, reason, by) = (id(*number), "test".into(), bic("XBUYRUMM"));
                self.ask(Command::Deal(deal::Command::Cancel { deal, reason, by })).map(drop)
            }
            Step::Lose(number) => {
                let (deal, mishap, by) = (id(*number), Mishap::Lost, bic("XCARRUMM"));
                self.ask(Command::Deal(deal::Command::Report { deal, mishap, by })).map(drop)
            }
            Step::Wait(hours) => {
                self.clock.forward(Micros::hours(i64::from(*hours)));
                self.decider.tick();
                Ok(())
            }
            Step::Write => {
                self.write();
                Ok(())
            }
            Step::Crash => {
                self.crash();
                Ok(())
            }
        }
    }

    fn write(&mut self) {
        if let Some(batch) = self.decider.batch().unwrap() {
            self.end = self.journal.append(&self.lease, self.end, &[batch]).unwrap();
        }
        self.durable = self.decider.hub().hash();
    }

    /// Whatever was not durable is gone; another hub is made of the journal.
    fn crash(&mut self) {
        let (decider, lease, end) =
            Decider::start(&mut self.journal, self.clock.clone(), &settings()).unwrap();
        assert_eq!(end, self.end);
        assert_eq!(decider.hub().hash(), self.durable, "a restart is a replay");
        (self.decider, self.lease) = (decider, lease);
    }

    fn records(&mut self) -> Vec<Record> {
        let batches = self.journal.read_from(Position(0), usize::MAX).unwrap();
        batches.iter().flat_map(|batch| read_records(batch).unwrap()).collect()
    }
}

/// What happened to payments by an event, whichever book it is of.
fn payments(event: &Event) -> Vec<&pay::Event> {
    match event {
        Event::Pay(event) => vec![event],
        Event::Settle(_, events) => events.iter().collect(),
        Event::All(events) => events.iter().flat_map(payments).collect(),
        _ => Vec::new(),
    }
}

/// The laws, over the journal's records.
fn laws(records: &[Record], world: &World) -> Result<usize, TestCaseError> {
    let mut evidence: BTreeMap<(DealId, EvidenceKind), Moment> = BTreeMap::new();
    let mut owed: BTreeMap<String, Obligation> = BTreeMap::new();
    let mut reserved: BTreeMap<Uetr, (String, Moment)> = BTreeMap::new();
    let mut paid: BTreeMap<String, usize> = BTreeMap::new();
    for record in records {
        match &record.event {
            Event::Deal(deal::Event::Undertaken(deal, obligations, _)) => {
                owed.extend(obligations.iter().map(|one| (format!("deal/{deal}/{}", one.name), one.clone())));
            }
            Event::Deal(deal::Event::Presented { deal, evidence: shown, at, .. }) => {
                let earlier = evidence.insert((deal.clone(), shown.kind), *at);
                prop_assert!(earlier.is_none(), "{} of {deal} was shown twice", shown.kind.word());
            }
            _ => {}
        }
        for event in payments(&record.event) {
            match event {
                pay::Event::Reserved(reservation) => {
                    let document = reservation.instruction.document.clone().unwrap();
                    // An obligation has at most one payment on its way, and none once it is paid.
                    let twice = reserved.values().any(|(other, _)| *other == document);
                    prop_assert!(!twice && !paid.contains_key(&document), "{document} is paid twice at once");
                    reserved.insert(reservation.instruction.uetr, (document, reservation.at));
                }
                pay::Event::Rejected { uetr, .. } => drop(reserved.remove(uetr)),
                pay::Event::Committed { uetr, .. } => {
                    let (document, at) = reserved.remove(uetr).expect("committed without a reservation");
                    *paid.entry(document.clone()).or_default() += 1;
                    if let Some(one) = owed.get(&document) {
                        let deal = DealId(document.split('/').nth(1).unwrap().into());
                        let shown = evidence.get(&(deal.clone(), one.trigger)).copied();
                        // After a loss behind the point where the risk passes, the rest of the price falls due by it.
                        let lost = records.iter().any(|record| matches!(&record.event,
                        Event::Deal(deal::Event::Reported { deal: of, mishap: Mishap::Lost, .. }) if *of == deal));
                        match shown {
                            Some(shown) => {
                                prop_assert!(lost || shown <= at, "{document} was paid before its evidence");
                                prop_assert!(
                                    lost || shown < one.expires,
                                    "{document} was paid though it had expired"
                                );
                            }
                            None => prop_assert!(lost, "{document} was paid without evidence"),
                        }
                    }
                }
                _ => {}
            }
        }
    }
    for deal in world.decider.hub().deal.deals() {
        for one in &deal.obligations {
            let times = paid.get(&deal.citation(one)).copied().unwrap_or(0);
            let expected = usize::from(matches!(one.standing, Standing::Paid { .. }));
            prop_assert_eq!(times, expected, "{} stands {}", deal.citation(one), one.standing.word());
        }
    }
    Ok(paid.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn payouts_happen_once_on_their_evidence_across_crashes(
        steps in proptest::collection::vec(step(), 20..140),
    ) {
        let mut world = World::new();
        for step in &steps {
            // A refusal is an answer; what matters is what has happened.
            drop(world.take(step));
            world.decider.hub().check().map_err(TestCaseError::fail)?;
        }
        world.write();
        world.crash();
        let records = world.records();
        laws(&records, &world)?;
    }
}

/// The random worlds do pay: a law over nothing would hold too.
#[test]
fn a_deal_is_paid_across_a_crash_at_every_step() {
    let journey = |number| {
        let mut steps = vec![Step::Sign(number)];
        for (place, (_, _, kind)) in PLAN.iter().enumerate() {
            let shown = SHOWN.iter().position(|known| known == kind).unwrap();
            steps.extend([
                Step::Show(number, shown),
                Step::Pay(number, place, 0),
                Step::Answer(number, place, 0, true),
            ]);
        }
        steps
    };
    let steps = journey(0);
    for crashed in 0..steps.len() {
        let mut world = World::new();
        for (number, step) in steps.iter().enumerate() {
            world.take(step).unwrap();
            if number == crashed {
                // Lost before it was durable: done again. Durable: still there.
                world.crash();
                world.take(step).unwrap();
            }
            world.write();
            if number == crashed {
                world.crash();
            }
        }
        let records = world.records();
        assert_eq!(laws(&records, &world).unwrap(), PLAN.len(), "crashed at {:?}", steps[crashed]);
        assert!(world.decider.hub().deal.deal(&id(0)).unwrap().is_settled());
    }
}
