//! Card administration by the hub's people, and schemes and merchants that screening holds.

use std::collections::BTreeSet;

use meridian_cards as cards;
use meridian_node::office::{Command as Office, Matter};
use meridian_node::{Command, Event, Hub, Record, merchant_subject, scheme_subject};
use meridian_people::{Person, PersonId, Proposal, Role};
use meridian_register::{self as register, Instrument, InstrumentId, Status};
use meridian_screening::casework;
use meridian_screening::{ListSet, Policy, Question, import_csv};
use meridian_terms::{Country, Currency, Day, Micros, Moment, Money, Refusal, Window};

struct World {
    hub: Hub,
    at: Moment,
    lists: ListSet,
}

fn day() -> Day {
    Day::parse("2026-03-20").unwrap()
}

fn lists(rows: &str) -> ListSet {
    let csv = format!("id,kind,name,aliases\n{rows}");
    ListSet::of(vec![import_csv("WATCH", day(), csv.as_bytes()).unwrap()])
}

fn scheme(id: &str, name: &str, country: &str, currency: Currency) -> cards::Scheme {
    cards::Scheme {
        id: cards::SchemeId::parse(id).unwrap(),
        name: name.into(),
        country: Country::parse(country).unwrap(),
        currency,
        institutions: BTreeSet::new(),
        is_suspended: false,
    }
}

fn link() -> cards::LinkKey {
    let id = |id| cards::SchemeId::parse(id).unwrap();
    cards::LinkKey { acquirer: id("VOLGA"), issuer: id("GANGA") }
}

fn table() -> cards::Table {
    cards::Table::new([cards::Range {
        prefix: "999900".into(),
        scheme: cards::SchemeId::parse("GANGA").unwrap(),
        institution: "920001".into(),
        valid: Window::new(Day::from_number(0), None).unwrap(),
        lengths: (16, 16),
        check: cards::CheckDigit::None,
        billing: Currency::INR,
        stand_in: None,
    }])
    .unwrap()
}

fn request(acceptor_name: &str) -> cards::Request {
    cards::Request {
        key: cards::Key {
            sent: "0320093000".into(),
            stan: 1,
            institution: "910001".into(),
            rrn: "000000000001".into(),
            terminal: "TERM0001".into(),
        },
        flow: cards::Flow::Single,
        kind: cards::Kind::Purchase,
        service: cards::Service::Pos,
        card: cards::Tokeniser::new([7; 32]).card("9999000000000001").unwrap(),
        amount: Money::new(500, Currency::RUB),
        has_pin: false,
        processing_code: "000000".into(),
        local_time: "123000".into(),
        local_date: "0320".into(),
        category: "5411".into(),
        entry_mode: "051".into(),
        condition: "00".into(),
        acceptor: "SHOP1".into(),
        acceptor_name: acceptor_name.into(),
    }
}

impl World {
    /// A hub with an instrument, lists and people of every role but one's own.
    fn new() -> Self {
        let lists =
            lists("L-1,organisation,Zarubezh Card System,\nL-2,organisation,Krasny Proletariy Trading,\n");
        let mut world =
            Self { hub: Hub::default(), at: Moment::parse("2026-03-20T09:00:00Z").unwrap(), lists };
        let digest = world.lists.digest();
        world.done(Command::Pay(meridian_pay::Command::PutListInForce(digest)));
        let instrument = Instrument {
            id: InstrumentId("A".into()),
            title: "Agreement on cards".into(),
            kind: meridian_register::Kind::Agreement,
            signed: None,
            in_force: Some(Window::new(Day::parse("2026-01-01").unwrap(), None).unwrap()),
            parties: ["RU", "IN"].map(|code| Country::parse(code).unwrap()).into(),
            groupings: [].into(),
            source: "invented".into(),
            status: Status::Illustrative,
        };
        world.done(Command::Register(register::Command::Enter(instrument)));
        let people = [("amina", Role::Operator), ("boris", Role::Treasurer), ("carla", Role::Compliance)];
        let people = people.map(|(id, role)| Person {
            id: PersonId(id.into()),
            name: id.into(),
            roles: [role].into(),
            credential: [1; 32],
            is_suspended: false,
        });
        world.done(Command::Office(Office::Found(people.to_vec())));
        world
    }

    fn ask(&mut self, command: &Command) -> Result<Event, Refusal> {
        self.at = self.at.plus(Micros(1));
        let event = self.hub.decide(command, self.at)?;
        self.hub.apply(&Record { at: self.at, actor: "test".into(), event: event.clone() });
        Ok(event)
    }

    fn done(&mut self, command: Command) -> Event {
        self.ask(&command).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"))
    }

    fn alone(&mut self, matter: &Matter, by: &str) -> Result<Event, Refusal> {
        let by = PersonId(by.into());
        self.ask(&Command::Office(Office::Do { matter: Box::new(matter.clone()), by }))
    }

    /// One proposes, another approves.
    fn two(&mut self, matter: &Matter, first: &str, second: &str) -> Result<Event, Refusal> {
        let propose = Office::Propose { matter: Box::new(matter.clone()), by: PersonId(first.into()) };
        self.ask(&Command::Office(propose))?;
        let open = self.hub.people.open_proposals().last().unwrap();
        let (proposal, digest) = (open.id, Proposal::digest(open));
        let approve =
            |by: &str| Command::Office(Office::Approve { proposal, digest, by: PersonId(by.into()) });
        assert!(self.ask(&approve(first)).is_err(), "{first} approved alone: {matter:?}");
        self.ask(&approve(second))
    }

    fn screened(&self, subject: &str, name: &str) -> casework::Record {
        casework::Record::of(
            subject,
            &[("name", Question::from(name))],
            &self.lists,
            &Policy::default(),
            day(),
        )
    }

    fn admit(&mut self, scheme: cards::Scheme) -> Result<Event, Refusal> {
        let record = self.screened(&scheme_subject(&scheme.id), &scheme.name);
        self.done(Command::Screened(Box::new(record), None));
        let admit = cards::Command::Admit { scheme: Box::new(scheme), most: 1_000_000 };
        self.two(&Matter::Card(admit), "amina", "carla")
    }

    fn with_schemes() -> Self {
        let mut world = Self::new();
        world.admit(scheme("VOLGA", "Example Volga Card", "RU", Currency::RUB)).unwrap();
        world.admit(scheme("GANGA", "Example Ganga Card", "IN", Currency::INR)).unwrap();
        world
    }
}

#[test]
fn card_administration_is_the_peoples_and_takes_whom_the_table_says() {
    let mut world = World::with_schemes();
    let stop = || cards::Stop::Acceptor("910001".into(), "SHOP1".into());
    let shut = cards::Command::ShutLink { key: link(), by: String::new() };
    let open = Matter::OpenCardLink {
        key: link(),
        instrument: InstrumentId("A".into()),
        services: [cards::Service::Pos].into(),
    };
    let direct = [
        cards::Command::PutTable(Box::new(table())),
        cards::Command::SetStop(stop(), true),
        cards::Command::ProposeLink {
            key: link(),
            instrument: "A".into(),
            in_force: Window::new(day(), None).unwrap(),
            services: [cards::Service::Pos].into(),
            by: "amina".into(),
        },
        cards::Command::Admit {
            scheme: Box::new(scheme("VOLGA", "Example Volga Card", "RU", Currency::RUB)),
            most: 1,
        },
    ];
    for command in direct {
        let refused = world.ask(&Command::Card(command.clone())).unwrap_err();
        assert_eq!(refused.code, "office.wants_people", "{command:?}");
    }
    let rows: [(Matter, &str, &str, &str); 4] = [
        (open.clone(), "amina", "boris", "boris"),
        (Matter::Card(cards::Command::PutTable(Box::new(table()))), "amina", "boris", "carla"),
        (Matter::Card(cards::Command::SetStop(stop(), false)), "amina", "carla", "boris"),
        (
            Matter::Card(cards::Command::Admit {
                scheme: Box::new(scheme("VOLGA", "Example Volga Card", "RU", Currency::RUB)),
                most: 5,
            }),
            "amina",
            "carla",
            "boris",
        ),
    ];
    for (matter, first, second, not_first) in &rows {
        assert_eq!(world.alone(matter, first).unwrap_err().code, "people.takes_two", "{matter:?}");
        let other = world.two(matter, not_first, second).unwrap_err();
        assert_eq!(other.code, "people.no_right", "{matter:?}");
        world.two(matter, first, second).unwrap_or_else(|refusal| panic!("{matter:?}: {refusal}"));
    }
    let is_open = |world: &World| {
        world
            .hub
            .cards
            .links()
            .any(|(key, known)| *key == link() && known.is_open(cards::Service::Pos, day()))
    };
    assert!(is_open(&world));
    assert!(
        world
            .hub
            .register
            .resting_on(&InstrumentId("A".into()))
            .any(|one| { one.subject == register::Subject::Schemes("GANGA".into(), "VOLGA".into()) })
    );
    // Stopping takes one, and whoever may not stop does not.
    world.alone(&Matter::Card(cards::Command::SetStop(stop(), true)), "boris").unwrap();
    world.alone(&Matter::Card(shut), "carla").unwrap();
    assert!(!is_open(&world));
    // An instrument that is not in the register opens nothing.
    let nowhere = Matter::OpenCardLink {
        key: link(),
        instrument: InstrumentId("nowhere".into()),
        services: [cards::Service::Pos].into(),
    };
    assert!(world.two(&nowhere, "amina", "boris").unwrap_err().code.starts_with("register."));
    world.hub.check().unwrap();
}

#[test]
fn a_scheme_that_is_not_clear_is_not_admitted_and_one_that_is_held_later_passes_nothing() {
    let mut world = World::with_schemes();
    // Not screened, then screened and listed.
    let listed = || scheme("ZCS", "Zarubezh Card System", "RU", Currency::RUB);
    let admit = Matter::Card(cards::Command::Admit { scheme: Box::new(listed()), most: 1 });
    assert_eq!(world.two(&admit, "amina", "carla").unwrap_err().code, "screening.not_screened");
    assert_eq!(world.admit(listed()).unwrap_err().code, "screening.held");

    let open = Matter::OpenCardLink {
        key: link(),
        instrument: InstrumentId("A".into()),
        services: [cards::Service::Pos].into(),
    };
    world.two(&open, "amina", "boris").unwrap();
    world.two(&Matter::Card(cards::Command::PutTable(Box::new(table()))), "amina", "boris").unwrap();
    // Another list names the acquirer's scheme: it is screened again, and nothing of it passes any more.
    world.lists = lists("L-3,organisation,Example Volga Card,\n");
    let put = meridian_pay::Command::PutListInForce(world.lists.digest());
    let refused = world.two(&Matter::Pay(put.clone()), "amina", "carla").unwrap_err();
    assert_eq!(refused.code, "people.no_right", "an operator approves lists and proposes none");
    world.two(&Matter::Pay(put), "carla", "amina").unwrap();
    let subject = scheme_subject(&cards::SchemeId::parse("VOLGA").unwrap());
    let record = world.screened(&subject, "Example Volga Card");
    world.done(Command::Screened(Box::new(record), None));
    let ask = cards::Command::Ask {
        from: cards::SchemeId::parse("VOLGA").unwrap(),
        request: Box::new(request("Invented shop")),
        route: Err(cards::Unroutable::Unknown),
        table: world.hub.cards.table().1,
    };
    let said = world.done(Command::Card(ask));
    let Some(cards::Event::Declined { response, refusal, .. }) = said.card() else { panic!("{said:?}") };
    assert_eq!((response.to_string().as_str(), refusal.code.as_ref()), ("62", "cards.stopped"));
}

#[test]
fn a_merchant_that_is_not_clear_is_declined_under_a_case_and_one_that_is_clear_is_not() {
    let mut world = World::with_schemes();
    let ask = |world: &World, name: &str| {
        Command::Card(cards::Command::Ask {
            from: cards::SchemeId::parse("VOLGA").unwrap(),
            request: Box::new(request(name)),
            route: Err(cards::Unroutable::Unknown),
            table: world.hub.cards.table().1,
        })
    };
    let name = "Krasny Proletariy Trading";
    let asked = ask(&world, name);
    let record = world.screened(&merchant_subject(&request(name)), name);
    let said = world.done(Command::Screened(Box::new(record), Some(Box::new(asked))));
    let Some(cards::Event::Declined { response, .. }) = said.card() else { panic!("{said:?}") };
    assert_eq!(response.to_string().as_str(), "62");
    assert_eq!(said.case_links().len(), 1, "the case and the decline are one record");
    assert_eq!(world.hub.cases.queue().len(), 1);
    // The next shop is asked on its own merits: here, nobody issues the card.
    let mut other = request("Invented shop");
    other.key.stan = 2;
    let asked = Command::Card(cards::Command::Ask {
        from: cards::SchemeId::parse("VOLGA").unwrap(),
        request: Box::new(other),
        route: Err(cards::Unroutable::Unknown),
        table: world.hub.cards.table().1,
    });
    let said = world.done(asked);
    let Some(cards::Event::Declined { refusal, .. }) = said.card() else { panic!("{said:?}") };
    assert_eq!(refusal.code, "cards.unknown_card");
}

#[test]
fn the_cases_chain_shows_what_was_changed_in_a_journal() {
    let mut world = World::with_schemes();
    let record = world.screened("scheme ZCS", "Zarubezh Card System");
    let event = world.done(Command::Screened(Box::new(record), None));
    let mut chain = casework::Chain::default();
    let mut follow = |event: &Event| event.case_links().into_iter().try_for_each(|link| chain.follow(link));
    assert!(follow(&event).is_err(), "a chain does not begin in the middle");
    let (links, _) = world.hub.cases.head();
    assert_eq!(links, 4, "lists in force, two schemes cleared, one held");
}
