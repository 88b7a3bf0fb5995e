//! A generated year of payments and deals: what statistics say equals a second computation over the exported payments.
//!
//! Small by default. `MERIDIAN_YEAR=1000000` makes it a million payments and 50,000 deals in its second year, and tells how
//! long the answer takes from a cold start.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use meridian_deal::{
    self as deal, Contract, DealId, Evidence, EvidenceKind, Goods, Incoterm, Kind, Obligation, Remedies,
    Reviewed, RouteChoice, Ruling, Screened, Side, Standing, Treasury, WaterfallRow,
};
use meridian_journal::{FileJournal, LogSettings};
use meridian_node::{Clock, Command, Decider, Event, Log, Node, NodeSettings, Waiting};
use meridian_pay::{
    self as pay, Answer, AnswerStatus, Bearer, Clearance, Fixed, Instruction, LinkKey, Participant, Priority,
    QuoteRequest, RateCard, RateKey, Role, Verdict,
};
use meridian_terms::{
    Bic, Country, Currency, Day, Decimal, HsCode, Micros, Moment, Money, Party, Ratio, Uetr, Window,
};
use serde_json::Value;

use crate::bank::run;

const LIST: [u8; 32] = [5; 32];
const COUNTRIES: [(&str, &str, i64); 8] = [
    ("AE", "AED", 1_000_000),
    ("AM", "AMD", 9_593),
    ("AZ", "AZN", 2_160_300),
    ("CN", "CNY", 513_930),
    ("IN", "INR", 42_531),
    ("IR", "IRR", 3),
    ("KZ", "KZT", 7_126),
    ("RU", "RUB", 45_683),
];
const LINES: [&str; 6] = ["0802510000", "0902300009", "1001990000", "3901201000", "7208380000", "8429519900"];

fn bic(text: &str) -> Bic {
    Bic::parse(text).unwrap()
}

fn bank(country: usize) -> Bic {
    bic(&format!("XBNK{}BB", COUNTRIES[country].0))
}

fn customs(country: usize) -> Bic {
    bic(&format!("XCUS{}BB", COUNTRIES[country].0))
}

fn country(place: usize) -> Country {
    Country::parse(COUNTRIES[place].0).unwrap()
}

fn currency(place: usize) -> Currency {
    Currency::parse(COUNTRIES[place].1).unwrap()
}

fn party(name: &str, place: usize) -> Party {
    Party { name: name.into(), country: country(place), lei: None, address: None }
}

/// A hub that decides on a journal without a node's threads, and the randomness of its world.
struct World {
    decider: Decider,
    log: Log,
    clock: Clock,
    random: u64,
    sent: u128,
    asked: usize,
}

impl World {
    fn new(data: &Path, start: Moment) -> Self {
        let mut journal = Box::new(FileJournal::open(data, LogSettings::default()).unwrap());
        let clock = Clock::script(start);
        let settings = NodeSettings { witness_every: 0, ..NodeSettings::default() };
        let (decider, lease, end) = Decider::start(journal.as_mut(), clock.clone(), &settings).unwrap();
        let log = Log::new(journal, lease, end);
        Self { decider, log, clock, random: 0x5eed_0f0a_u64, sent: 0, asked: 0 }
    }

    fn next(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    fn place(&mut self) -> usize {
        usize::try_from(self.next(COUNTRIES.len() as u64)).unwrap()
    }

    fn ask(&mut self, command: Command) -> Event {
        self.decider.tick();
        let done = self.decider.ask("generator".into(), &command).unwrap();
        self.asked += 1;
        if self.asked.is_multiple_of(2_000) {
            self.write();
        }
        done.event
    }

    fn write(&mut self) {
        if let Some(batch) = self.decider.batch().unwrap() {
            self.log.write(Waiting { batches: vec![batch], releases: Vec::new() }).unwrap();
        }
    }

    fn pays(&mut self, command: pay::Command) -> pay::Event {
        let event = self.ask(Command::Pay(command));
        event.pay().cloned().unwrap_or_else(|| panic!("{event:?}"))
    }

    fn deals(&mut self, command: deal::Command) {
        self.ask(Command::Deal(command));
    }

    fn found(&mut self) {
        let admit = |bic: Bic, name: &str, place: usize, role, currencies| pay::Command::Admit {
            participant: Participant {
                bic,
                name: name.into(),
                country: country(place),
                role,
                key: [0; 32],
                is_suspended: false,
            },
            currencies,
        };
        let settings = pay::Settings { memory: Micros::days(2), ..pay::Settings::default() };
        self.pays(pay::Command::Configure(settings));
        let mut funded = Vec::new();
        for place in 0..COUNTRIES.len() {
            let mut own = vec![currency(place)];
            own.extend(Some(Currency::AED).filter(|aed| *aed != currency(place)));
            funded.extend(own.iter().map(|currency| (bank(place), *currency)));
            self.pays(admit(bank(place), "Bank", place, Role::Bank, own));
            self.pays(admit(customs(place), "Customs", place, Role::Customs, Vec::new()));
        }
        let all: Vec<Currency> = (0..COUNTRIES.len()).map(currency).collect();
        funded.extend(all.iter().map(|currency| (bic("XFXPAEAD"), *currency)));
        self.pays(admit(bic("XFXPAEAD"), "Provider", 0, Role::FxProvider, all.clone()));
        self.pays(admit(bic("XCARIRTH"), "Carrier", 5, Role::Carrier, Vec::new()));
        for (number, (participant, currency)) in funded.into_iter().enumerate() {
            let amount = Money::new(1_000_000_000_000_000_000, currency);
            self.pays(pay::Command::Fund { participant, amount, reference: number as u128 + 1 });
        }
        self.pays(pay::Command::PutListInForce(LIST));
        let today = self.clock.now().day();
        for a in 0..COUNTRIES.len() {
            for b in a + 1..COUNTRIES.len() {
                let key = LinkKey::between(country(a), country(b));
                let in_force = Window::new(today, None).unwrap();
                let instrument = "Agreement".into();
                self.pays(pay::Command::ProposeLink { key, instrument, in_force, by: "A".into() });
                self.pays(pay::Command::ApproveLink { key, by: "B".into() });
            }
        }
        let now = self.clock.now();
        for (a, from) in all.iter().enumerate() {
            for (b, to) in all.iter().enumerate().filter(|(b, _)| *b != a) {
                let card = RateCard {
                    base: Ratio::new(i128::from(COUNTRIES[a].2), i128::from(COUNTRIES[b].2)).unwrap(),
                    valid: Window::new(now, None).unwrap(),
                    tiers: Vec::new(),
                    agents: BTreeMap::new(),
                    most: i128::MAX / 1_000_000_000,
                };
                let key = RateKey { provider: bic("XFXPAEAD"), from: *from, to: *to };
                self.pays(pay::Command::PublishRate(key, card));
            }
        }
    }

    /// A payment of `target`, out of `source`, from one country's bank to another's; how it ends.
    fn pay(
        &mut self,
        (from, to): (usize, usize),
        source: Currency,
        target: Money,
        document: Option<String>,
        ends: u64,
    ) {
        self.sent += 1;
        let bits = (self.sent << 80) | 0x4000_8000_0000_0000_0000;
        let (source, quote) = if source == target.currency() {
            (target, None)
        } else {
            let request = QuoteRequest {
                id: bits,
                agent: bank(from),
                from: source,
                to: target.currency(),
                fixed: Fixed::Target,
                amount: target,
                creditor_agent: None,
                bearer: Bearer::Shared,
                own_charge: None,
            };
            match self.pays(pay::Command::AskQuotes(request)) {
                pay::Event::Quoted { quotes, .. } => (quotes[0].source, Some(quotes[0].id)),
                other => panic!("{other:?}"),
            }
        };
        let uetr = Uetr::from_bits(bits);
        let instruction = Instruction {
            uetr,
            message_id: format!("M{}", self.sent),
            end_to_end_id: format!("E{}", self.sent),
            priority: Priority::Norm,
            accepted_at: self.clock.now(),
            source,
            target,
            quote,
            debtor: party("Buyer", from),
            debtor_account: "B".into(),
            debtor_agent: bank(from),
            creditor_agent: bank(to),
            creditor: party("Seller", to),
            creditor_account: "S".into(),
            bearer: Bearer::Shared,
            charges: Vec::new(),
            intermediaries: Vec::new(),
            purpose: None,
            document,
            remittance: String::new(),
        };
        let verdict = if ends == 0 { Verdict::Hit { case: 1 } } else { Verdict::Clear };
        let submit = pay::Command::Submit(Box::new(instruction), Clearance { list: LIST, verdict });
        match self.pays(submit) {
            pay::Event::Reserved(_) => {}
            pay::Event::Refused { .. } if ends == 0 => return,
            other => panic!("{other:?}"),
        }
        let status = if ends == 1 { AnswerStatus::Rejected("AC04".into()) } else { AnswerStatus::Accepted };
        self.pays(pay::Command::Answer(Answer { uetr, by: bank(to), status }));
    }

    /// A payment that cites no deal: mostly in both national currencies, sometimes in a third, sometimes refused.
    fn ordinary(&mut self) {
        let (from, mut to) = (self.place(), self.place());
        if to == from {
            to = (to + 1) % COUNTRIES.len();
        }
        let is_national = self.next(100) < 70;
        let ends = self.next(25);
        let minor = i128::from(self.next(90_000_000) + 10_000);
        let (source, target) = if is_national {
            (currency(from), Money::new(minor, currency(to)))
        } else {
            (Currency::AED, Money::new(minor / 40 + 1, Currency::AED))
        };
        self.pay((from, to), source, target, None, ends);
    }

    /// Signed, routed, assessed, controlled, undertaken.
    fn sign(&mut self, number: u64) -> (DealId, usize, usize) {
        let (seller, mut buyer) = (self.place(), self.place());
        if buyer == seller {
            buyer = (buyer + 3) % COUNTRIES.len();
        }
        let (id, own) = (DealId(format!("D{number}")), currency(seller));
        let lines = 1 + self.next(2);
        let goods: Vec<Goods> = (0..lines)
            .map(|_| Goods {
                hs: HsCode::parse(LINES[usize::try_from(self.next(6)).unwrap()]).unwrap(),
                description: "Goods".into(),
                net_kg: Decimal::whole(20_000),
                value: Money::new(i128::from(self.next(9_000_000) + 100_000), own),
                origin: country(seller),
            })
            .collect();
        let price = goods.iter().fold(Money::zero(own), |sum, line| sum.checked_add(line.value).unwrap());
        let contract = Contract {
            id: id.clone(),
            signed_at: self.clock.now(),
            seller: party("Seller", seller),
            buyer: party("Buyer", buyer),
            seller_bank: bank(seller),
            seller_account: "S".into(),
            buyer_bank: bank(buyer),
            buyer_account: "B".into(),
            carrier: bic("XCARIRTH"),
            customs: customs(buyer),
            treasury: Treasury { party: party("Treasury", buyer), account: "T".into(), agent: bank(buyer) },
            incoterm: Incoterm::Fca,
            named_place: "Somewhere".into(),
            goods,
            price,
            documents: Vec::new(),
            conveyances: Vec::new(),
            insurance: None,
            remedies: Remedies::default(),
        };
        let clear =
            |name: &str| Screened { name: name.into(), list: LIST, verdict: Verdict::Clear, why: Vec::new() };
        let screened = ["Seller", "Buyer", "Bank", "Customs", "Carrier"].map(clear).to_vec();
        self.deals(deal::Command::Sign(Box::new(contract.clone()), screened));
        let minutes = u32::try_from(self.next(20_000) + 5_000).unwrap();
        let route = RouteChoice {
            nodes: Vec::new(),
            metres: 1_000_000,
            minutes_p50: minutes,
            minutes_p90: minutes * 12 / 10,
            freight: price,
            co2e_grams: 0,
            estimated_percent: 0,
        };
        self.deals(deal::Command::ChooseRoute(id.clone(), route));
        let basis = if self.next(3) == 0 { "preference" } else { "ordinary" };
        let row = WaterfallRow {
            name: "duty".into(),
            sentence: String::new(),
            working: String::new(),
            amount: price,
            reference: format!("generated; basis: {basis}"),
        };
        self.deals(deal::Command::Assess { deal: id.clone(), rows: vec![row], pack: "generated".into() });
        for (side, place) in [(Side::Export, seller), (Side::Import, buyer)] {
            let (pack, reasons) = ("generated".into(), Vec::new());
            let reviewed =
                Reviewed { side, country: country(place), pack, ruling: Ruling::Satisfied, reasons };
            self.deals(deal::Command::Control(id.clone(), reviewed));
        }
        let parts = price.split(&[20, 50, 30]).unwrap();
        let stages = [
            ("advance", EvidenceKind::Signed),
            ("loaded", EvidenceKind::Loaded),
            ("arrived", EvidenceKind::Arrived),
        ];
        let owed = stages.into_iter().zip(parts).map(|((name, trigger), amount)| Obligation {
            name: name.into(),
            kind: Kind::Goods,
            payer: contract.buyer.clone(),
            payer_agent: bank(buyer),
            payee: contract.seller.clone(),
            payee_account: "S".into(),
            payee_agent: bank(seller),
            amount,
            trigger,
            expires: contract.signed_at.plus(Micros::days(200)),
            backed_by: None,
            standing: Standing::Planned,
        });
        self.deals(deal::Command::Undertake(id.clone(), owed.collect()));
        (id, seller, buyer)
    }

    /// Evidence, and the payment it makes due.
    fn show(&mut self, (id, seller, buyer): &(DealId, usize, usize), kind: EvidenceKind) {
        let by = if kind == EvidenceKind::Signed { bank(*buyer) } else { bic("XCARIRTH") };
        let evidence = Evidence { kind, by, document: "d".into(), digest: [1; 32] };
        self.deals(deal::Command::Present(id.clone(), evidence));
        let due = self.decider.hub().deal.deal(id).unwrap();
        let owed = due.obligations.iter().find(|owed| owed.trigger == kind).unwrap();
        let (document, amount) = (Some(due.citation(owed)), owed.amount);
        self.pay((*buyer, *seller), currency(*buyer), amount, document, 2);
    }

    /// Everybody takes their letters.
    fn acknowledge(&mut self) {
        let waiting: Vec<(Bic, u64)> =
            self.decider.hub().pay.mailboxes().map(|(bic, mailbox)| (bic.clone(), mailbox.last)).collect();
        for (by, upto) in waiting {
            self.pays(pay::Command::Acknowledge { by, upto });
        }
    }
}

/// When what is shown of which deal; the number keeps moments apart.
type Agenda = BTreeMap<(Moment, u64), ((DealId, usize, usize), EvidenceKind)>;

/// Two years: a quarter of the payments and deals in the first, all of them in the second.
fn generate(data: &Path, payments: u64, deals: u64) {
    let start = Day::parse("2025-01-01").unwrap().start();
    let mut world = World::new(data, start);
    world.found();
    let year = Micros::days(365).0;
    let mut agenda: Agenda = BTreeMap::new();
    let mut signed = 0;
    for (number, (count, of_deals)) in [(payments / 4, deals / 4), (payments, deals)].into_iter().enumerate()
    {
        // Three of a deal's payments are of the count.
        let (ordinary, begin) =
            (count - of_deals * 3, start.plus(Micros(year * i64::try_from(number).unwrap())));
        let every = (ordinary / of_deals).max(1);
        for slot in 0..ordinary {
            let at =
                begin.plus(Micros(year / i64::try_from(ordinary).unwrap() * i64::try_from(slot).unwrap()));
            world.clock.forward(at.since(world.clock.now()));
            while agenda.first_key_value().is_some_and(|((due, _), _)| *due <= at) {
                let ((due, of), (deal, kind)) = agenda.pop_first().unwrap();
                world.show(&deal, kind);
                if kind == EvidenceKind::Loaded {
                    let taken = Micros::hours(i64::try_from(world.next(500) + 100).unwrap());
                    agenda.insert((due.plus(taken), of), (deal, EvidenceKind::Arrived));
                }
            }
            if slot % every == 0 {
                signed += 1;
                let deal = world.sign(signed);
                world.show(&deal, EvidenceKind::Signed);
                agenda.insert((at.plus(Micros::hours(30)), signed), (deal, EvidenceKind::Loaded));
            }
            world.ordinary();
            if slot % 1_000 == 0 {
                world.acknowledge();
            }
        }
    }
    world.write();
    world.decider.hub().check().unwrap();
}

/// Sums of one flow in one month, from the exported rows.
#[derive(Default, Clone, Copy)]
struct Sum {
    payments: u64,
    left: i128,
    arrived: i128,
}

/// `12345.67` as minor units, whatever the exponent.
fn minor(text: &str) -> i128 {
    text.replace('.', "").parse().unwrap()
}

/// Minor units as the export writes them: all of the generator's currencies have two decimals.
fn major(minor: i128) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// Four places, a tie away from zero, with no zeros at the end beyond what the figure shows.
fn four(part: i128, whole: i128) -> String {
    let doubled = part * 20_000;
    let scaled = (doubled.abs() + whole) / (2 * whole);
    let sign = if part < 0 && scaled > 0 { "-" } else { "" };
    format!("{sign}{}.{:04}", scaled / 10_000, scaled % 10_000)
}

/// By month, from, to, source currency, target currency.
type Flow = (String, String, String, String);

/// Sums by month and flow, and payments by country pair.
type Independent = (BTreeMap<(String, Flow), Sum>, BTreeMap<(String, String), u64>);

fn independent(csv: &str) -> Independent {
    let (mut months, mut stopped) = (BTreeMap::<_, Sum>::new(), BTreeMap::new());
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let [at, outcome, reason, from, to, source, source_currency, target, target_currency] =
        ["at", "outcome", "reason", "from", "to", "source", "source_currency", "target", "target_currency"]
            .map(column);
    for row in reader.records() {
        let row = row.unwrap();
        let cell = |place: usize| row[place].to_owned();
        if &row[outcome] != "committed" {
            *stopped.entry((cell(outcome), cell(reason))).or_default() += 1;
            continue;
        }
        let flow = (cell(from), cell(to), cell(source_currency), cell(target_currency));
        let sum = months.entry((row[at][..7].to_owned(), flow)).or_default();
        sum.payments += 1;
        sum.left += minor(&row[source]);
        sum.arrived += minor(&row[target]);
    }
    (months, stopped)
}

fn rows<'a>(document: &'a Value, table: &str) -> &'a Vec<Value> {
    document[table].as_array().unwrap()
}

fn text(row: &Value, column: &str) -> String {
    row[column].as_str().unwrap_or("").to_owned()
}

#[test]
fn statistics_of_a_generated_year_equal_a_second_computation_over_its_exported_payments() {
    let asked: u64 = std::env::var("MERIDIAN_YEAR").ok().map_or(2_000, |count| count.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let begun = Instant::now();
    generate(&data, asked, asked / 20);
    eprintln!("generated in {:?}", begun.elapsed());
    if asked > 100_000 {
        // A node's keeper follows the journal and keeps the view.
        let journal = FileJournal::open_trusting(&data, LogSettings::default()).unwrap();
        let (node, writer) = Node::start(Box::new(journal), Clock::System, NodeSettings::default()).unwrap();
        while !std::fs::read_dir(&data)
            .unwrap()
            .any(|file| file.unwrap().file_name().to_string_lossy().starts_with("view-statistics"))
        {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        node.stop();
        writer.join().unwrap().unwrap();
        eprintln!("a node has started and kept its view after {:?}", begun.elapsed());
    }
    let begun = Instant::now();
    let (code, answer, told) = run(&["statistics", "data", "--json"], directory.path(), "");
    eprintln!("answered in {:?}: {told}", begun.elapsed());
    assert_eq!(code, 0, "{told}");
    let said: Value = serde_json::from_str(&answer).unwrap();
    let (code, _, told) =
        run(&["export", "data", "--table", "payments", "--out", "payments.csv"], directory.path(), "");
    assert_eq!(code, 0, "{told}");
    let csv = std::fs::read_to_string(directory.path().join("payments.csv")).unwrap();
    let (months, stopped) = independent(&csv);
    let committed: u64 = months.values().map(|sum| sum.payments).sum();
    assert!(committed > asked, "{committed} committed of {asked} and a quarter");

    // Turnover by month and flow, every row.
    let told: BTreeMap<(String, Flow), (u64, String, String)> = rows(&said, "months")
        .iter()
        .map(|row| {
            let flow = (text(row, "from"), text(row, "to"), text(row, "source"), text(row, "target"));
            let sums = (row["payments"].as_u64().unwrap(), text(row, "left"), text(row, "arrived"));
            ((text(row, "month"), flow), sums)
        })
        .collect();
    let expected: BTreeMap<_, _> = months
        .iter()
        .map(|(key, sum)| (key.clone(), (sum.payments, major(sum.left), major(sum.arrived))))
        .collect();
    assert_eq!(told, expected);

    // Turnover by country, year and currency, across borders.
    let mut turnover: BTreeMap<(String, u64, String), (i128, i128)> = BTreeMap::new();
    for ((month, (from, to, source, target)), sum) in months.iter().filter(|((_, flow), _)| flow.0 != flow.1)
    {
        let year: u64 = month[..4].parse().unwrap();
        turnover.entry((from.clone(), year, source.clone())).or_default().0 += sum.left;
        turnover.entry((to.clone(), year, target.clone())).or_default().1 += sum.arrived;
    }
    let told: BTreeMap<_, _> = rows(&said, "countries")
        .iter()
        .map(|row| {
            let key = (text(row, "country"), row["year"].as_u64().unwrap(), text(row, "currency"));
            (key, (text(row, "paid_out"), text(row, "taken_in")))
        })
        .collect();
    let expected: BTreeMap<_, _> =
        turnover.into_iter().map(|(key, (out, into))| (key, (major(out), major(into)))).collect();
    assert_eq!(told, expected);

    // Growth of each flow, year on year.
    let mut years: BTreeMap<(Flow, u64), i128> = BTreeMap::new();
    for ((month, flow), sum) in &months {
        *years.entry((flow.clone(), month[..4].parse().unwrap())).or_default() += sum.left;
    }
    let mut grown = 0;
    for row in rows(&said, "growth") {
        let flow = (text(row, "from"), text(row, "to"), text(row, "source"), text(row, "target"));
        let year = row["year"].as_u64().unwrap();
        let now = years[&(flow.clone(), year)];
        assert_eq!(text(row, "left"), major(now));
        match years.get(&(flow, year - 1)) {
            Some(before) => {
                grown += 1;
                assert_eq!(text(row, "growth"), four(now - before, *before), "{row}");
            }
            None => assert!(row["growth"].is_null(), "{row}"),
        }
    }
    assert!(grown > 50, "{grown} flows have a year before");

    // The share in both national currencies, by pair.
    let own = |country: &str| COUNTRIES.iter().find(|(code, ..)| *code == country).unwrap().1;
    let mut shares: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for ((_, (from, to, source, target)), sum) in months.iter().filter(|((_, flow), _)| flow.0 != flow.1) {
        let share = shares.entry(format!("{}-{}", from.min(to), from.max(to))).or_default();
        let is_own = source == own(from) && target == own(to);
        *share = (share.0 + if is_own { sum.payments } else { 0 }, share.1 + sum.payments);
    }
    let told: BTreeMap<_, _> = rows(&said, "national")
        .iter()
        .map(|row| {
            let counts = (row["payments_national"].as_u64().unwrap(), row["payments"].as_u64().unwrap());
            assert_eq!(text(row, "share"), four(counts.0.into(), counts.1.into()));
            (text(row, "pair"), counts)
        })
        .collect();
    assert_eq!(told, shares);

    // Why payments did not happen.
    let told: BTreeMap<_, _> = rows(&said, "refusals")
        .iter()
        .map(|row| ((text(row, "what"), text(row, "reason")), row["payments"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, stopped);

    // A figure opens exactly the events it is made of.
    let row = &rows(&said, "chapters")[0];
    let (code, events, _) =
        run(&["statistics", "data", "--events", &text(row, "events")], directory.path(), "");
    assert_eq!(code, 0);
    assert_eq!(events.lines().count() as u64, row["payments"].as_u64().unwrap());
}
