//! Accounts: resolution and names, proxies, settlement access agents, statements.

use meridian_iso20022::read;
use meridian_pay::*;
use meridian_terms::*;

use crate::world::*;

fn asks(world: &mut World, change: impl FnOnce(&mut ResolutionRequest)) -> Event {
    let number = world.next();
    let mut request = ResolutionRequest {
        by: bic(MUMBAI),
        message_id: format!("Q-{number}"),
        reference: "R".into(),
        agent: Some(bic(VOLGA)),
        account: Some("RU-1".into()),
        proxy: None,
        name: Some("Kerman Orchard".into()),
    };
    change(&mut request);
    // Through the wire: as written, so understood.
    let xml = outbound::write_resolution(&request, world.now, HUB).unwrap();
    let inbound::Message::Command(command) = inbound::understand(xml.as_bytes(), &request.by).unwrap() else {
        panic!()
    };
    assert_eq!(*command, Command::Resolve(request));
    world.does(*command)
}

#[test]
fn a_name_is_compared_and_shown_masked() {
    // asked | held by the agent | told
    let rows = [
        ("Kerman Orchard", Some("KERMAN ORCHARD"), "acmt.024 true Kerman Orchard"),
        ("Orchard, Kerman", Some("Kerman Orchard"), "acmt.024 true Orchard, Kerman"),
        ("Kerman Orchad", Some("Kerman Orchard"), "acmt.024 true K***** O*****"),
        ("Kerman", Some("Kerman Orchard"), "acmt.024 true K***** O*****"),
        ("Керман", Some("Kerman Orchard"), "acmt.024 true K***** O*****"),
        ("Pars Metals", Some("Kerman Orchard"), "acmt.024 false BE01"),
        ("", Some("Kerman Orchard"), "acmt.024 true K***** O*****"),
        ("Kerman", None, "acmt.024 true"),
    ];
    for (asked, held, told) in rows {
        let mut world = World::new();
        world.letters(MUMBAI);
        let name = (!asked.is_empty()).then(|| asked.to_owned());
        let Event::Resolving { id, .. } = asks(&mut world, |request| request.name = name) else { panic!() };
        assert_eq!(world.letters(VOLGA).last().unwrap(), "acmt.023");
        assert!(!world.last_xml(VOLGA).contains("Orchard"), "the agent says whose it is, it is not told");
        let ends = (&bic(VOLGA), HUB);
        let xml = outbound::write_resolution_answer("A-1", world.now, ends, id, held, None).unwrap();
        let inbound::Message::Command(command) = inbound::understand(xml.as_bytes(), &bic(VOLGA)).unwrap()
        else {
            panic!()
        };
        world.does(*command);
        assert_eq!(world.letters(MUMBAI), [told], "{asked} against {held:?}");
    }
}

#[test]
fn what_cannot_be_resolved_says_why() {
    let number = ProxyKey { kind: "MBNO".into(), value: "+7-900-1".into() };
    let mut world = World::new();
    world.letters(MUMBAI);
    let change: [(&str, Box<dyn FnOnce(&mut ResolutionRequest)>); 4] = [
        ("acmt.024 false BE23", Box::new(|request| request.proxy = Some(number.clone()))),
        ("acmt.024 false AGNT", Box::new(|request| request.agent = Some(bic("XNOBRUMM")))),
        ("acmt.024 false AGNT", Box::new(|request| request.agent = Some(bic(EXCHANGE)))),
        ("acmt.024 false RC06", Box::new(|request| request.agent = None)),
    ];
    for (told, change) in change {
        asks(&mut world, change);
        assert_eq!(world.letters(MUMBAI), [told]);
    }
    // An agent that says no, and one that says nothing.
    let Event::Resolving { id, .. } = asks(&mut world, |_| ()) else { panic!() };
    let reason = Some("AC04".to_owned());
    world.does(Command::AnswerResolution(ResolutionAnswer {
        id,
        by: bic(VOLGA),
        is_verified: false,
        reason,
        name: None,
    }));
    assert_eq!(world.letters(MUMBAI), ["acmt.024 false AC04"]);
    asks(&mut world, |_| ());
    world.pass(Micros::seconds(10));
    assert_eq!(world.letters(MUMBAI), ["acmt.024 false AB08"]);
    world.pass(Micros::minutes(20));
    assert!(world.state.resolution(id).is_none(), "it is not remembered for ever");
}

#[test]
fn a_proxy_leads_to_the_account_behind_it() {
    let mut world = World::new();
    let key = ProxyKey { kind: "MBNO".into(), value: "+7-900-1".into() };
    let proxy = Proxy { agent: bic(VOLGA), account: "RU-77".into() };
    world.does(Command::RegisterProxy(key.clone(), proxy));
    let by_proxy = |request: &mut ResolutionRequest| {
        (request.agent, request.account, request.proxy) = (None, None, Some(key.clone()));
    };
    let Event::Resolving { id, .. } = asks(&mut world, by_proxy) else { panic!() };
    assert!(world.last_xml(VOLGA).contains("RU-77"));
    let name = Some("Kerman Orchard".to_owned());
    world.does(Command::AnswerResolution(ResolutionAnswer {
        id,
        by: bic(VOLGA),
        is_verified: true,
        reason: None,
        name,
    }));
    let told = world.last_xml(MUMBAI);
    assert!(told.contains("RU-77") && told.contains(VOLGA), "{told}");
    world.does(Command::WithdrawProxy(key.clone(), bic(VOLGA)));
    world.letters(MUMBAI);
    asks(&mut world, |request| {
        (request.agent, request.account, request.proxy) = (None, None, Some(key.clone()))
    });
    assert_eq!(world.letters(MUMBAI), ["acmt.024 false BE23"]);
}

#[test]
fn a_provider_that_is_no_member_pays_through_its_access_agents() {
    let mut world = World::new();
    let (rupees, roubles) = (Currency::INR, Currency::RUB);
    world.does(Command::NameIntermediary { provider: bic(EXCHANGE), currency: rupees, agent: bic(DELHI) });
    world.does(Command::NameIntermediary { provider: bic(EXCHANGE), currency: roubles, agent: bic(MOSCOW) });
    let payment = world.across("100.00");
    let refusal = world.is_refused(&payment);
    assert_eq!(refusal.iso.as_deref(), Some("AM04"), "nothing is allotted yet: {refusal}");
    let allot = |amount, reference, comes_back| Command::Allot {
        agent: bic(MOSCOW),
        provider: bic(EXCHANGE),
        amount,
        reference,
        comes_back,
    };
    world.does(allot(rub("150.00"), 700, false));
    assert_eq!(
        world.refused(allot(rub("150.00"), 700, false)).code,
        "ledger.exists",
        "the same notice counts once"
    );
    let named = Instruction { intermediaries: vec![bic(DELHI), bic(MOSCOW)], ..world.across("100.00") };
    let wrong = Instruction { intermediaries: vec![bic(MOSCOW), bic(DELHI)], ..world.across("10.00") };
    assert_eq!(world.is_refused(&wrong).iso.as_deref(), Some("RC11"));
    world.sends(&named);
    let out = world.last_xml(VOLGA);
    let document = read(out.as_bytes()).unwrap();
    let agent = |name: &str| {
        document
            .root()
            .value(&format!("FIToFICstmrCdtTrf/CdtTrfTxInf/{name}/FinInstnId/BICFI"))
            .map(str::to_owned)
    };
    assert_eq!((agent("IntrmyAgt1").as_deref(), agent("IntrmyAgt2").as_deref()), (Some(DELHI), Some(MOSCOW)));
    for name in [DELHI, MOSCOW, EXCHANGE] {
        world.letters(name);
    }
    world.answers(named.uetr, VOLGA, AnswerStatus::Accepted);
    assert_eq!(world.letters(DELHI), ["camt.054 INR 94.34"]);
    assert_eq!(world.letters(MOSCOW), ["camt.054 RUB -100.00"]);
    assert_eq!(world.letters(EXCHANGE), ["camt.054 INR 94.34", "camt.054 RUB -100.00"]);
    let held = holder(&bic(EXCHANGE), Some(&bic(MOSCOW)));
    assert_eq!(world.cover(&held, roubles).0, rub("50.00").minor());
    assert_eq!(world.cover(EXCHANGE, roubles).0, rub("1000000.00").minor(), "its own cover is untouched");
    world.does(allot(rub("50.00"), 701, true));
    // The way back goes through the same agents.
    world.does(allot(rub("1.00"), 702, false));
    let quote = {
        let request = world.request(VOLGA, roubles, rupees, Fixed::Source, rub("100.00"));
        let Event::Quoted { quotes, .. } = world.does(Command::AskQuotes(request)) else { panic!() };
        quotes[0].clone()
    };
    let uetr = named.uetr;
    world.does(Command::Return(Return {
        uetr,
        by: bic(VOLGA),
        fault: Fault::Source,
        quote: Some(quote.id),
        reason: "CUST".into(),
    }));
    assert_eq!(world.cover(&held, roubles).0, rub("101.00").minor());
}

#[test]
fn a_statement_opens_with_what_the_day_before_closed_with() {
    let mut world = World::new();
    let payment = world.across("100.00");
    world.commits(&payment);
    world.pass(Micros::hours(24));
    let other = Instruction { accepted_at: world.now, ..world.across("200.00") };
    world.commits(&other);
    let back = Instruction {
        debtor_agent: bic(VOLGA),
        creditor_agent: bic(MOSCOW),
        accepted_at: world.now,
        ..world.within("50.00")
    };
    world.commits(&back);
    let ask = |world: &mut World, day: Option<Day>| {
        let xml = outbound::write_report_request("R-1", world.now, &bic(VOLGA), Currency::RUB, day).unwrap();
        let inbound::Message::Command(command) = inbound::understand(xml.as_bytes(), &bic(VOLGA)).unwrap()
        else {
            panic!()
        };
        world.does(*command);
        let waiting = &world.state.mailbox(&bic(VOLGA)).unwrap().waiting;
        let Notice::Report(report) = &waiting.last_key_value().unwrap().1.notice else { panic!() };
        assert_eq!(
            report.opening + report.bookings.iter().map(|booking| booking.minor).sum::<i128>(),
            report.closing
        );
        (report.opening, report.bookings.len(), report.closing)
    };
    let today = world.now.day();
    assert_eq!(ask(&mut world, Some(today.plus(-1))), (0, 2, 100_010_000));
    assert_eq!(world.letters(VOLGA).last().unwrap(), "camt.053");
    assert_eq!(ask(&mut world, None), (100_010_000, 2, 100_025_000));
    assert_eq!(world.letters(VOLGA).last().unwrap(), "camt.052");
    let text = world.last_xml(VOLGA);
    let document = read(text.as_bytes()).unwrap();
    let balances = document.root().find("BkToCstmrAcctRpt/Rpt").unwrap();
    let codes: Vec<_> =
        balances.all("Bal").map(|one| one.value("Tp/CdOrPrtry/Cd").unwrap().to_owned()).collect();
    assert_eq!(codes, ["OPBD", "ITBD", "ITAV"]);
    assert_eq!(ask(&mut world, Some(today.plus(-30))), (0, 0, 0));
}

#[test]
fn a_long_statement_comes_in_pages() {
    let mut world = World::new();
    world.writes = false;
    for _ in 0..501 {
        let payment = Instruction { accepted_at: world.now, ..world.within("1.00") };
        world.commits(&payment);
    }
    world.writes = true;
    world.letters(VOLGA);
    world.does(Command::AskReport { by: bic(VOLGA), currency: Currency::RUB, day: Some(world.now.day()) });
    assert_eq!(world.letters(VOLGA), ["camt.053", "camt.053"]);
    assert!(world.last_xml(VOLGA).contains("<PgNb>2</PgNb><LastPgInd>true</LastPgInd>"));
}
