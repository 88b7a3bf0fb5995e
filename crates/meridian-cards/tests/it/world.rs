//! Two invented schemes, a provider between them, and an open link each way.

use std::collections::BTreeSet;

use meridian_cards::*;
use meridian_ledger as ledger;
use meridian_terms::{Country, Currency, Day, Micros, Moment, Money, Ratio, Refusal, Window};

/// Scheme A acquires and settles in roubles, scheme B issues and settles in rials.
pub struct World {
    pub state: State,
    pub money: ledger::State,
    pub at: Moment,
    pub tokeniser: Tokeniser,
}

pub fn a() -> SchemeId {
    SchemeId::parse("ALPHA").unwrap()
}

pub fn b() -> SchemeId {
    SchemeId::parse("BETA").unwrap()
}

/// A card of B that passes the check digit, one more for each number.
pub fn number(of: u32) -> String {
    let body = format!("99990100{of:07}");
    (0..10).map(|digit| format!("{body}{digit}")).find(|number| luhn(number)).unwrap()
}

fn luhn(number: &str) -> bool {
    let digits = number.bytes().rev().map(|byte| u32::from(byte - b'0')).enumerate();
    digits
        .map(|(place, digit)| if place % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum::<u32>()
        % 10
        == 0
}

pub fn range(prefix: &str, scheme: &SchemeId) -> Range {
    Range {
        prefix: prefix.into(),
        scheme: scheme.clone(),
        institution: format!("9{prefix}"),
        valid: Window::new(Day::parse("2026-01-01").unwrap(), None).unwrap(),
        lengths: (16, 19),
        check: CheckDigit::Luhn,
        billing: Currency::IRR,
        stand_in: Some(StandIn {
            most: 60_000_000,
            most_a_day: 100_000_000,
            count_a_day: 3,
            ecommerce: false,
        }),
    }
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            state: State::default(),
            money: ledger::State::default(),
            at: Moment::parse("2026-11-24T09:30:00Z").unwrap(),
            tokeniser: Tokeniser::new([9; 32]),
        };
        for (id, country, currency) in [(a(), "RU", Currency::RUB), (b(), "IR", Currency::IRR)] {
            let scheme = Scheme {
                name: format!("Invented scheme {id}"),
                id: id.clone(),
                country: Country::parse(country).unwrap(),
                currency,
                institutions: BTreeSet::new(),
                is_suspended: false,
            };
            world.does(Command::Admit { scheme: Box::new(scheme), most: 1_000_000_000_000 });
            world.does(Command::SetSession { scheme: id, is_up: true });
        }
        let currencies = vec![(Currency::RUB, 1_000_000_000_000), (Currency::IRR, 1_000_000_000_000)];
        world.does(Command::AdmitProvider { provider: "EXCHANGE".into(), currencies });
        for (from, to, rate) in
            [(Currency::RUB, Currency::IRR, "5123.457"), (Currency::IRR, Currency::RUB, "0.00019")]
        {
            let valid = Window::new(Moment::parse("2026-11-24T00:00:00Z").unwrap(), None).unwrap();
            let rate = Rate { provider: "EXCHANGE".into(), rate: Ratio::parse_decimal(rate).unwrap(), valid };
            world.does(Command::PublishRate(RateKey { from, to }, rate));
        }
        let table =
            Table::new([range("999901", &b()), range("99990155", &b()), range("888801", &a())]).unwrap();
        world.does(Command::PutTable(Box::new(table)));
        let key = LinkKey { acquirer: a(), issuer: b() };
        world.does(Command::ProposeLink {
            key: key.clone(),
            instrument: "Illustrative agreement of 2026-01-15".into(),
            in_force: Window::new(Day::parse("2026-01-15").unwrap(), None).unwrap(),
            services: BTreeSet::from([Service::Pos, Service::Atm, Service::Ecommerce]),
            by: "first".into(),
        });
        world.does(Command::ApproveLink { key: key.clone(), by: "second".into() });
        for (service, kind, to_acquirer) in [
            (Service::Pos, Kind::Purchase, false),
            (Service::Atm, Kind::Cash, true),
            (Service::Pos, Kind::Refund, false),
        ] {
            let rule = FeeRule {
                interchange_points: 90,
                interchange_fixed: 150,
                interchange_to_acquirer: to_acquirer,
                acquirer_points: 15,
                issuer_points: 10,
            };
            world.does(Command::SetFees(FeeKey { link: key.clone(), service, kind }, rule));
        }
        world
    }

    /// Decides and applies; the laws hold after every event.
    pub fn ask(&mut self, command: Command) -> Result<Event, Refusal> {
        self.at = self.at.plus(Micros(1));
        let event = decide(&self.state, &self.money, &command, self.at)?;
        apply(&mut self.state, &mut self.money, &event);
        assert!(self.money.imbalance().is_empty(), "{:?}", self.money.imbalance());
        self.state.check(&self.money).unwrap();
        assert_eq!(self.money.all_pending().count(), self.state.reserved_legs());
        Ok(event)
    }

    pub fn does(&mut self, command: Command) -> Event {
        self.ask(command).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    pub fn later(&mut self, span: Micros) {
        self.at = self.at.plus(span);
        while self.state.next_deadline().is_some_and(|deadline| deadline <= self.at) {
            self.does(Command::Tick);
        }
    }

    pub fn request(&self, stan: u32, minor: i128) -> Request {
        Request {
            key: Key {
                sent: "1124093000".into(),
                stan,
                institution: "12345".into(),
                rrn: format!("632809{stan:06}"),
                terminal: "TERM0001".into(),
            },
            flow: Flow::Single,
            kind: Kind::Purchase,
            service: Service::Pos,
            card: self.tokeniser.card(&number(1)).unwrap(),
            amount: Money::new(minor, Currency::RUB),
            has_pin: false,
            processing_code: "000000".into(),
            local_time: "123000".into(),
            local_date: "1124".into(),
            category: "5411".into(),
            entry_mode: "051".into(),
            condition: "00".into(),
            acceptor: "SHOP1".into(),
            acceptor_name: "Invented shop".into(),
        }
    }

    pub fn asking(&self, request: &Request, number: &str) -> Command {
        let (table, version) = self.state.table();
        let route = table.route(number, self.at.day()).map(|range| (range.scheme.clone(), range.key()));
        Command::Ask { from: a(), request: Box::new(request.clone()), route, table: version }
    }

    pub fn answering(&self, request: &Request, response: &str) -> Command {
        Command::Answer {
            from: b(),
            id: request.key.id(),
            response: Response::parse(response).unwrap(),
            approval: "A1B2C3".into(),
        }
    }

    pub fn advise(&self, request: &Request, original: Option<Key>) -> Command {
        let (table, version) = self.state.table();
        let route = table.route(&number(1), self.at.day()).map(|range| (range.scheme.clone(), range.key()));
        let approval = "OFFLIN".into();
        Command::Advise {
            from: a(),
            request: Box::new(request.clone()),
            original,
            approval,
            route,
            table: version,
        }
    }

    pub fn stage(&self, request: &Request) -> &'static str {
        self.state.transaction(request.key.id()).map_or("none", |transaction| transaction.stage.word())
    }

    pub fn position(&self, name: &str, currency: Currency) -> i128 {
        let mut positions = self.state.positions(&self.money);
        positions.find(|(whose, of, _)| *whose == name && *of == currency).map_or(0, |(.., minor)| minor)
    }

    /// Acknowledges everything that waits for B.
    pub fn drain(&mut self, response: &str) -> usize {
        let waiting: Vec<u64> =
            self.state.queue(&b()).map(|queue| queue.waiting.keys().copied().collect()).unwrap_or_default();
        for number in &waiting {
            let response = Response::parse(response).unwrap();
            self.does(Command::AcknowledgeAdvice { by: b(), number: *number, response });
        }
        waiting.len()
    }

    pub fn totals(&self, scheme: &SchemeId, role: Role) -> Totals {
        self.state.totals(scheme, role, self.at.day())
    }
}
