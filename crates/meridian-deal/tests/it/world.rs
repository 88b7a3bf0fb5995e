//! A small corridor: two banks, a carrier, customs and an insurer's bank in one country, one deal, real payments over a
//! real ledger.

use meridian_deal::{
    self as deal, Charge, Command, Contract, Customs, CustomsWord, Deal, DealId, Event, Evidence,
    EvidenceKind, Form, Goods, Incoterm, Insurance, Kind, Lodgement, Obligation, Remedies, Reviewed, Ruling,
    Screened, Side, Standing, State, Treasury, Undertaking, UndertakingId,
};
use meridian_ledger as ledger;
use meridian_pay::{
    self as pay, Answer, AnswerStatus, Clearance, Instruction, Participant, Priority, Role, Verdict,
};
use meridian_terms::{
    Bic, Country, Currency, Day, Decimal, HsCode, Micros, Moment, Money, Party, Refusal, Uetr,
};

pub(crate) const LIST: [u8; 32] = [5; 32];

pub(crate) fn bic(text: &str) -> Bic {
    Bic::parse(text).unwrap()
}

pub(crate) fn seller_bank() -> Bic {
    bic("XSELRUMM")
}

pub(crate) fn buyer_bank() -> Bic {
    bic("XBUYRUMM")
}

pub(crate) fn carrier() -> Bic {
    bic("XCARRUMM")
}

pub(crate) fn customs() -> Bic {
    bic("XCUSRUMM")
}

pub(crate) fn insurer_bank() -> Bic {
    bic("XINSRUMM")
}

pub(crate) fn rub(minor: i128) -> Money {
    Money::new(minor, Currency::RUB)
}

pub(crate) fn party(name: &str) -> Party {
    Party { name: name.into(), country: Country::parse("RU").unwrap(), lei: None, address: None }
}

pub(crate) fn start() -> Moment {
    Day::parse("2026-03-20").unwrap().start()
}

pub(crate) const PRICE: i128 = 1_000_000;

/// What the deal of a test is made of.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) incoterm: Incoterm,
    pub(crate) remedies: Remedies,
    pub(crate) insured: bool,
    /// Which form backs the payment on loading, if one does.
    pub(crate) backing: Option<Form>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { incoterm: Incoterm::Fca, remedies: Remedies::default(), insured: false, backing: None }
    }
}

pub(crate) fn contract(terms: &Terms) -> Contract {
    Contract {
        id: DealId("D".into()),
        signed_at: start(),
        seller: party("Seller (example)"),
        buyer: party("Buyer (example)"),
        seller_bank: seller_bank(),
        seller_account: "S".into(),
        buyer_bank: buyer_bank(),
        buyer_account: "B".into(),
        carrier: carrier(),
        customs: customs(),
        treasury: Treasury { party: party("Treasury (example)"), account: "T".into(), agent: seller_bank() },
        incoterm: terms.incoterm,
        named_place: "Astrakhan".into(),
        goods: vec![Goods {
            hs: HsCode::parse("0802510000").unwrap(),
            description: "Pistachios".into(),
            net_kg: Decimal::whole(1_000),
            value: rub(PRICE),
            origin: Country::parse("IR").unwrap(),
        }],
        price: rub(PRICE),
        documents: vec!["certificate".into()],
        conveyances: vec!["MV Example".into()],
        insurance: terms.insured.then(|| Insurance {
            insurer: party("Insurer (example)"),
            agent: insurer_bank(),
            sum: rub(PRICE * 11 / 10),
            certificate: "insurance certificate".into(),
        }),
        remedies: terms.remedies.clone(),
    }
}

pub(crate) fn credit(form: Form) -> Undertaking {
    Undertaking {
        id: UndertakingId("U1".into()),
        form,
        issuer: buyer_bank(),
        beneficiary: seller_bank(),
        limit: rub(500_000),
        expires: start().plus(Micros::days(60)),
        documents: if form == Form::DocumentaryCredit { vec!["bill of lading".into()] } else { Vec::new() },
        backing: deal::Backing::Open,
    }
}

/// Advance 20 %, 50 % on loading, 30 % on arrival, freight on loading, duty when assessed.
pub(crate) fn plan(terms: &Terms) -> Vec<Obligation> {
    let owe = |name: &str, kind, amount, trigger, backed_by: Option<UndertakingId>| Obligation {
        name: name.into(),
        kind,
        payer: party("Buyer (example)"),
        payer_agent: buyer_bank(),
        payee: party("Seller (example)"),
        payee_account: "S".into(),
        payee_agent: seller_bank(),
        amount: rub(amount),
        trigger,
        expires: start().plus(Micros::days(60)),
        backed_by,
        standing: Standing::Planned,
    };
    let backing = terms.backing.map(|_| UndertakingId("U1".into()));
    vec![
        owe("advance", Kind::Goods, 200_000, EvidenceKind::Signed, None),
        owe("loaded", Kind::Goods, 500_000, EvidenceKind::Loaded, backing),
        owe("arrived", Kind::Goods, 300_000, EvidenceKind::Arrived, None),
        owe("freight", Kind::Freight, 70_000, EvidenceKind::Loaded, None),
        owe("duty", Kind::Duty, 50_000, EvidenceKind::DutyAssessed, None),
    ]
}

/// The three books, and the moment.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) deal: State,
    pub(crate) pay: pay::State,
    pub(crate) settlement: meridian_settlement::State,
    pub(crate) ledger: ledger::State,
    pub(crate) at: Moment,
    sent: u8,
}

impl World {
    /// Participants with cover, a list in force, nothing signed.
    pub(crate) fn new() -> Self {
        let mut world = Self {
            deal: State::default(),
            pay: pay::State::default(),
            settlement: meridian_settlement::State::default(),
            ledger: ledger::State::default(),
            at: start(),
            sent: 0,
        };
        let people = [
            (seller_bank(), Role::Bank),
            (buyer_bank(), Role::Bank),
            (insurer_bank(), Role::Bank),
            (carrier(), Role::Carrier),
            (customs(), Role::Customs),
        ];
        for (number, (bic, role)) in people.into_iter().enumerate() {
            let participant = Participant {
                bic: bic.clone(),
                name: bic.as_str().into(),
                country: Country::parse("RU").unwrap(),
                role,
                key: [0; 32],
                is_suspended: false,
            };
            let currencies = if role == Role::Bank { vec![Currency::RUB] } else { Vec::new() };
            world.pays(&pay::Command::Admit { participant, currencies }).unwrap();
            if role == Role::Bank {
                let reference = number as u128 + 1;
                let amount = rub(10_000_000);
                world.pays(&pay::Command::Fund { participant: bic, amount, reference }).unwrap();
            }
        }
        let settings = pay::Settings { memory: Micros::days(3650), ..world.pay.settings().clone() };
        world.pays(&pay::Command::Configure(settings)).unwrap();
        world.pays(&pay::Command::PutListInForce(LIST)).unwrap();
        world
    }

    /// Signed, controlled, undertaken.
    pub(crate) fn agreed(terms: &Terms) -> Self {
        let mut world = Self::new();
        world.ask(&world.signing(terms)).unwrap();
        for side in [Side::Export, Side::Import] {
            world.control(side, Ruling::Satisfied).unwrap();
        }
        if let Some(form) = terms.backing {
            let (undertaking, by) = (Box::new(credit(form)), buyer_bank());
            world.ask(&Command::Issue { deal: DealId("D".into()), undertaking, by }).unwrap();
        }
        world.ask(&Command::Undertake(DealId("D".into()), plan(terms))).unwrap();
        world
    }

    pub(crate) fn signing(&self, terms: &Terms) -> Command {
        let contract = contract(terms);
        let mut names = vec![contract.seller.name.clone(), contract.buyer.name.clone(), "MV Example".into()];
        names.extend(self.pay.participants().map(|participant| participant.name.clone()));
        names.extend(contract.insurance.as_ref().map(|insurance| insurance.insurer.name.clone()));
        let screened = |name| Screened { name, list: LIST, verdict: Verdict::Clear, why: Vec::new() };
        Command::Sign(Box::new(contract), names.into_iter().map(screened).collect())
    }

    pub(crate) fn control(&mut self, side: Side, ruling: Ruling) -> Result<Event, Refusal> {
        let country = Country::parse("RU").unwrap();
        let reviewed = Reviewed { side, country, pack: "p".into(), ruling, reasons: Vec::new() };
        self.ask(&Command::Control(DealId("D".into()), reviewed))
    }

    /// Asks the deal, at a moment of its own.
    pub(crate) fn ask(&mut self, command: &Command) -> Result<Event, Refusal> {
        self.at = self.at.plus(Micros(1));
        let event = deal::decide(&self.deal, &self.pay, command, self.at)?;
        deal::apply(&mut self.deal, &mut self.pay, &event);
        self.laws();
        Ok(event)
    }

    /// Asks payments; deals see what comes of it.
    pub(crate) fn pays(&mut self, command: &pay::Command) -> Result<pay::Event, Refusal> {
        self.at = self.at.plus(Micros(1));
        let event = pay::decide(&self.pay, &self.settlement, &self.ledger, command, self.at)?;
        pay::apply(&mut self.pay, &mut self.settlement, &mut self.ledger, &event);
        deal::observe(&mut self.deal, &event);
        self.laws();
        Ok(event)
    }

    /// What holds after every event.
    fn laws(&self) {
        assert!(self.ledger.imbalance().is_empty(), "a currency does not sum to zero");
    }

    pub(crate) fn show(&mut self, kind: EvidenceKind) -> Result<Event, Refusal> {
        let by = match kind {
            EvidenceKind::Signed => buyer_bank(),
            EvidenceKind::Loaded | EvidenceKind::BorderCrossed | EvidenceKind::Arrived => carrier(),
            _ => customs(),
        };
        let evidence = Evidence { kind, by, document: "d".into(), digest: [1; 32] };
        self.ask(&Command::Present(DealId("D".into()), evidence))
    }

    pub(crate) fn lodge(&mut self) -> Result<Event, Refusal> {
        let lodgement = Lodgement {
            reference: "R".into(),
            digest: [2; 32],
            before_arrival: false,
            authorised_trader: false,
        };
        self.ask(&Command::Lodge { deal: DealId("D".into()), lodgement, by: buyer_bank() })
    }

    pub(crate) fn customs_says(&mut self, word: CustomsWord) -> Result<Event, Refusal> {
        self.ask(&Command::Customs { deal: DealId("D".into()), word, by: customs() })
    }

    pub(crate) fn assess(&mut self, minor: i128) -> Result<Event, Refusal> {
        self.customs_says(CustomsWord::Assess(vec![Charge { kind: Kind::Duty, amount: rub(minor) }]))
    }

    pub(crate) fn file(&mut self, name: &str) {
        let file =
            Command::File { deal: DealId("D".into()), name: name.into(), digest: [3; 32], by: "x".into() };
        self.ask(&file).unwrap();
    }

    pub(crate) fn wait(&mut self, span: Micros) {
        self.at = self.at.plus(span);
        while self.deal.next_deadline().is_some_and(|deadline| deadline <= self.at) {
            let event = self.ask(&Command::Tick).unwrap();
            assert_ne!(event, Event::Idle, "a deadline has come and nothing happens");
        }
    }

    pub(crate) fn deal(&self) -> &Deal {
        self.deal.deal(&DealId("D".into())).unwrap()
    }

    pub(crate) fn standing(&self, name: &str) -> &'static str {
        self.deal()
            .obligations
            .iter()
            .find(|owed| owed.name == name)
            .map_or("missing", |owed| owed.standing.word())
    }

    pub(crate) fn amount(&self, name: &str) -> i128 {
        self.deal().obligations.iter().find(|owed| owed.name == name).map_or(-1, |owed| owed.amount.minor())
    }

    /// The payment that would pay an obligation, exactly.
    pub(crate) fn instruction(&mut self, name: &str) -> Instruction {
        self.sent += 1;
        let deal = self.deal();
        let owed = deal.obligations.iter().find(|owed| owed.name == name).unwrap().clone();
        Instruction {
            document: Some(deal.citation(&owed)),
            debtor: owed.payer.clone(),
            debtor_account: "B".into(),
            debtor_agent: owed.payer_agent.clone(),
            creditor_agent: owed.payee_agent.clone(),
            creditor: owed.payee.clone(),
            creditor_account: owed.payee_account.clone(),
            ..instruction(self.sent, owed.amount, self.at)
        }
    }

    /// Pays an obligation with a normal payment; the answer is what the creditor agent says.
    pub(crate) fn pay(&mut self, name: &str, status: AnswerStatus) -> Result<(), Refusal> {
        let uetr = self.send(name)?;
        let by = self.pay.payment(uetr).unwrap().instruction.creditor_agent.clone();
        self.pays(&pay::Command::Answer(Answer { uetr, by, status })).map(|_| ())
    }

    /// Sends the payment of an obligation; both legs are reserved, nobody has answered.
    pub(crate) fn send(&mut self, name: &str) -> Result<Uetr, Refusal> {
        let instruction = self.instruction(name);
        deal::allows(&self.deal, &instruction)?;
        let uetr = instruction.uetr;
        let clearance = Clearance { list: LIST, verdict: Verdict::Clear };
        match self.pays(&pay::Command::Submit(Box::new(instruction), clearance))? {
            pay::Event::Refused { refusal, .. } => Err(refusal),
            _ => Ok(uetr),
        }
    }

    /// Net received by the seller's customer for goods: paid to the seller less what came back.
    pub(crate) fn kept_by_seller(&self) -> i128 {
        let paid = |owed: &&Obligation| matches!(owed.standing, Standing::Paid { .. });
        let signed = |owed: &Obligation| match owed.kind {
            Kind::Goods => owed.amount.minor(),
            Kind::Refund => -owed.amount.minor(),
            _ => 0,
        };
        self.deal().obligations.iter().filter(paid).map(signed).sum()
    }

    /// The journey up to and with a stage, paying what falls due.
    pub(crate) fn travel(&mut self, upto: EvidenceKind) {
        for kind in EvidenceKind::ALL {
            if self.deal().has(kind) {
                continue;
            }
            match kind {
                EvidenceKind::DeclarationAccepted if self.deal().customs == Customs::NotLodged => {
                    self.lodge().unwrap();
                    self.show(kind).unwrap();
                }
                EvidenceKind::DutyAssessed => drop(self.assess(50_000).unwrap()),
                EvidenceKind::CustomsReleased => {
                    self.file("certificate");
                    self.show(kind).unwrap();
                }
                _ => drop(self.show(kind).unwrap()),
            }
            self.pay_all();
            if kind == upto {
                return;
            }
            self.wait(Micros::days(2));
        }
    }

    /// Pays everything that is due.
    pub(crate) fn pay_all(&mut self) {
        let due = |owed: &&Obligation| matches!(owed.standing, Standing::Due { .. });
        let names: Vec<String> =
            self.deal().obligations.iter().filter(due).map(|owed| owed.name.clone()).collect();
        for name in names {
            self.pay(&name, AnswerStatus::Accepted).unwrap();
        }
    }
}

fn instruction(number: u8, amount: Money, at: Moment) -> Instruction {
    let mut bytes = [number; 16];
    bytes[6] = 0x40 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    Instruction {
        uetr: Uetr::from_bits(u128::from_be_bytes(bytes)),
        message_id: format!("M{number}"),
        end_to_end_id: format!("E{number}"),
        priority: Priority::Norm,
        accepted_at: at,
        source: amount,
        target: amount,
        quote: None,
        debtor: party("x"),
        debtor_account: "x".into(),
        debtor_agent: buyer_bank(),
        creditor_agent: seller_bank(),
        creditor: party("x"),
        creditor_account: "x".into(),
        purpose: None,
        document: None,
        remittance: String::new(),
        bearer: pay::Bearer::Shared,
        charges: Vec::new(),
        intermediaries: Vec::new(),
    }
}
