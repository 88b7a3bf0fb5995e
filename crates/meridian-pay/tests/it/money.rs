//! What money does: quotes, fees, purposes, caps, returns and who bears the exchange risk.

use meridian_pay::*;
use meridian_terms::*;

use crate::world::*;

#[test]
fn the_best_offer_comes_first_and_binds() {
    let mut world = World::new();
    let quotes = world.quotes(Fixed::Source, inr("100.00"));
    let told: Vec<(String, String)> =
        quotes.iter().map(|quote| (quote.provider.to_string(), quote.target.to_string())).collect();
    assert_eq!(told, [(EXCHANGE.into(), "RUB 106.00".into()), (RIVAL.into(), "RUB 105.00".to_owned())]);
    let quotes = world.quotes(Fixed::Target, rub("106.01"));
    assert_eq!(quotes[0].source, inr("100.01"), "rounded so that the provider is never short");
    assert_eq!(quotes[0].expires, world.now.plus(Micros::seconds(600)));
    // The same request again: the same quotes, and a used one stays used.
    let request = world.request(MUMBAI, Currency::INR, Currency::RUB, Fixed::Target, rub("10.00"));
    let Event::Quoted { quotes, .. } = world.does(Command::AskQuotes(request.clone())) else { panic!() };
    let base = world.across("10.00");
    let payment = Instruction { source: quotes[0].source, quote: Some(quotes[0].id), ..base };
    world.sends(&payment);
    world.pass(Micros::seconds(5));
    let Event::Quoted { quotes: again, .. } = world.does(Command::AskQuotes(request)) else { panic!() };
    assert_eq!(again[0].expires, quotes[0].expires);
    let second = Instruction { uetr: Uetr::from_bits(3), message_id: "M-2".into(), ..payment };
    assert_eq!(world.is_refused(&second).code, "pay.quote_used");
}

#[test]
fn tiers_and_improvements_are_added_not_compounded() {
    let mut world = World::new();
    let mut improved = card(world.now, "1.0000");
    improved.tiers = vec![
        Improvement { from_minor: 10_000, basis_points: 10 },
        Improvement { from_minor: 1_000_000, basis_points: 30 },
    ];
    improved.agents.insert(bic(MUMBAI), 20);
    let key = RateKey { provider: bic(RIVAL), from: Currency::INR, to: Currency::RUB };
    world.does(Command::PublishRate(key, improved));
    world.does(Command::Suspend(bic(EXCHANGE), true));
    // source | target: base + tier + agent
    for (source, target) in [("99.99", "100.18"), ("100.00", "100.30"), ("10000.00", "10050.00")] {
        assert_eq!(world.quotes(Fixed::Source, inr(source))[0].target, rub(target), "{source}");
    }
    let beyond = world.request(MUMBAI, Currency::INR, Currency::RUB, Fixed::Source, inr("10000000.01"));
    assert_eq!(world.refused(Command::AskQuotes(beyond)).code, "pay.no_rate");
}

#[test]
fn rates_are_consistent_there_and_back_and_round_triangles() {
    let mut world = World::new();
    let publish = |world: &mut World, from, to, rate: &str| {
        let card = card(world.now, rate);
        world.ask(Command::PublishRate(RateKey { provider: bic(EXCHANGE), from, to }, card)).map(|_| ())
    };
    let (inr, rub, kzt) = (Currency::INR, Currency::RUB, Currency::KZT);
    // Improvements count: 1.06 there and 0.94 back lose, with half a per cent for one agent they gain.
    let mut improved = card(world.now, "0.9400");
    improved.agents.insert(bic(VOLGA), 50);
    let back = RateKey { provider: bic(EXCHANGE), from: rub, to: inr };
    assert_eq!(world.refused(Command::PublishRate(back, improved)).code, "pay.rate_arbitrage");
    publish(&mut world, rub, kzt, "5.80").unwrap();
    let refusal = publish(&mut world, kzt, inr, "0.1800").unwrap_err();
    assert!(refusal.what.contains("KZT to INR to RUB and back"), "{refusal}");
    publish(&mut world, kzt, inr, "0.1600").unwrap();
    assert_eq!(publish(&mut world, rub, inr, "0.9434").unwrap_err().code, "pay.rate_arbitrage");
}

#[test]
fn a_conversion_takes_two_hops_only_through_what_is_not_foreign() {
    let mut world = World::new();
    let (inr, kzt, rub) = (Currency::INR, Currency::KZT, Currency::RUB);
    world.publish(EXCHANGE, rub, kzt, "5.80");
    let request = |world: &mut World| {
        let mut request = world.request(MUMBAI, inr, kzt, Fixed::Source, Money::new(10_000, inr));
        request.creditor_agent = Some(bic(VOLGA));
        Command::AskQuotes(request)
    };
    let ask = request(&mut world);
    assert_eq!(world.refused(ask).code, "pay.no_rate", "roubles are foreign until somebody says otherwise");
    let with = |world: &World, change: &dyn Fn(&mut Settings)| {
        let mut settings = world.state.settings().clone();
        change(&mut settings);
        Command::Configure(settings)
    };
    let changes: [&dyn Fn(&mut Settings); 2] =
        [&|settings| settings.national.extend([(country("RU"), Currency::RUB)]), &|settings| {
            settings.pivots.push(Currency::RUB)
        }];
    for change in changes {
        let mut world = world.clone();
        let command = with(&world, change);
        world.does(command);
        let ask = request(&mut world);
        let Event::Quoted { quotes, .. } = world.does(ask) else { panic!() };
        assert_eq!((quotes[0].via, quotes[0].target), (Some(rub), Money::new(61_480, kzt)));
    }
}

#[test]
fn fees_follow_whoever_bears_them() {
    let sgd = Currency::parse("SGD").unwrap();
    let myr = Currency::parse("MYR").unwrap();
    let mut world = World::new();
    for (name, land, role) in
        [("XSINSGSG", "SG", Role::Bank), ("XKULMYKL", "MY", Role::Bank), ("XFXCSGSG", "SG", Role::FxProvider)]
    {
        let participant = Participant {
            bic: bic(name),
            name: name.into(),
            country: country(land),
            role,
            key: [1; 32],
            is_suspended: false,
        };
        world.does(Command::Admit { participant, currencies: vec![sgd, myr] });
    }
    let card = card(world.now, "3.5");
    world.does(Command::PublishRate(RateKey { provider: bic("XFXCSGSG"), from: sgd, to: myr }, card));
    // The published example of Nexus: 100 SGD at 3.5, a fee of 2.24 leaves 347.76. 0.49 and half a per cent is such a fee.
    let fee = Fee { nominal: 49, basis_points: 50, most: None };
    world.does(Command::SetFee(country("MY"), myr, Some(fee)));
    let money = |text: &str, currency| Money::parse(text, currency).unwrap();
    // bearer | fixed | amount | source | target | fee | credited
    let rows = [
        (Bearer::Shared, Fixed::Source, "100.00", "100.00", "350.00", "2.24", "347.76"),
        (Bearer::Shared, Fixed::Target, "347.76", "100.00", "350.00", "2.24", "347.76"),
        (Bearer::Debtor, Fixed::Source, "100.00", "100.65", "352.25", "2.25", "350.00"),
        (Bearer::Debtor, Fixed::Target, "350.00", "100.65", "352.25", "2.25", "350.00"),
        (Bearer::Creditor, Fixed::Source, "100.00", "98.50", "344.75", "2.21", "342.54"),
        (Bearer::Creditor, Fixed::Target, "350.00", "100.00", "350.00", "2.24", "347.76"),
    ];
    for (bearer, fixed, amount, source, target, kept, credited) in rows {
        let currency = if fixed == Fixed::Source { sgd } else { myr };
        let mut request = world.request("XSINSGSG", sgd, myr, fixed, money(amount, currency));
        (request.bearer, request.creditor_agent) = (bearer, Some(bic("XKULMYKL")));
        request.own_charge = Some(money("1.50", sgd));
        let Event::Quoted { quotes, .. } = world.does(Command::AskQuotes(request)) else { panic!() };
        let quote = &quotes[0];
        let found = (quote.source, quote.target, quote.fee, quote.credited);
        let wanted = (money(source, sgd), money(target, myr), money(kept, myr), money(credited, myr));
        assert_eq!(found, wanted, "{bearer:?} {fixed:?}");
    }
}

#[test]
fn the_creditor_agent_is_told_what_it_keeps() {
    let mut world = World::new();
    world.does(Command::SetFee(
        country("RU"),
        Currency::RUB,
        Some(Fee { nominal: 100, basis_points: 0, most: None }),
    ));
    let payment = Instruction { bearer: Bearer::Debtor, ..world.across("100.00") };
    world.sends(&payment);
    let out = world.last_xml(VOLGA);
    assert!(out.contains("<ChrgBr>DEBT</ChrgBr><ChrgsInf><Amt Ccy=\"RUB\">1.00</Amt>"), "{out}");
    let tiny = world.across("1.00");
    assert_eq!(world.is_refused(&tiny).iso.as_deref(), Some("AM06"));
}

#[test]
fn a_payment_reads_back_as_it_was_written() {
    let mut world = World::new();
    let charge = Charge { agent: bic(MUMBAI), amount: inr("3.00") };
    let payment = Instruction {
        bearer: Bearer::Creditor,
        charges: vec![charge],
        intermediaries: vec![bic(DELHI), bic(MOSCOW)],
        ..world.across("100.00")
    };
    let xml = outbound::write_payment(&payment, world.now).unwrap();
    let inbound::Message::Payment(read) = inbound::understand(xml.as_bytes(), &bic(MUMBAI)).unwrap() else {
        panic!()
    };
    assert_eq!(*read, payment);
}

#[test]
fn every_cap_counts_what_leaves() {
    let (rupees, roubles) = (Currency::INR, Currency::RUB);
    // cap | in minor units exactly enough for one payment of RUB 100.00 (INR 94.34)
    let rows = [
        (CapKey::Participant(bic(MUMBAI), rupees), 9_434),
        (CapKey::Country(country("IN"), rupees), 9_434),
        (CapKey::Provider(bic(EXCHANGE), roubles), 10_000),
        (CapKey::Pair(rupees, roubles), 9_434),
        (CapKey::Bilateral(bic(MUMBAI), bic(VOLGA), rupees), 9_434),
        (CapKey::NetDebit(bic(MUMBAI), rupees), 9_434),
        (CapKey::NetDebit(bic(EXCHANGE), roubles), 10_000),
    ];
    for (key, enough) in rows {
        let mut world = World::new();
        let set = |most| Command::SetCap { key: key.clone(), most: Some(most), alarm_percent: 100 };
        world.does(set(enough - 1));
        let short = world.across("100.00");
        let refusal = world.is_refused(&short);
        assert_eq!(
            (refusal.code.as_ref(), refusal.iso.as_deref()),
            ("pay.cap_exceeded", Some("AM23")),
            "{key}"
        );
        world.does(set(enough));
        for name in [MUMBAI, EXCHANGE] {
            world.letters(name);
        }
        let fits = world.across("100.00");
        world.sends(&fits);
        let alarmed =
            [MUMBAI, EXCHANGE].map(|name| world.letters(name).contains(&"pay.cap_alarm".to_owned()));
        assert_eq!(alarmed.iter().any(|alarm| *alarm), key.owner().is_some(), "{key}");
        let more = world.across("1.00");
        assert_eq!(world.is_refused(&more).code, "pay.cap_exceeded", "{key}");
        // What is rejected is given back.
        world.answers(fits.uetr, VOLGA, AnswerStatus::Rejected("AC04".into()));
        let again = world.across("100.00");
        world.sends(&again);
        // A bound set below what is used undoes nothing and lets nothing more pass.
        world.does(set(1));
        world.answers(again.uetr, VOLGA, AnswerStatus::Accepted);
        let more = world.across("1.00");
        assert_eq!(world.is_refused(&more).code, "pay.cap_exceeded", "{key}");
    }
}

#[test]
fn a_net_debit_falls_with_what_is_received_and_rises_with_what_is_returned() {
    let mut world = World::new();
    let key = CapKey::NetDebit(bic(MOSCOW), Currency::RUB);
    world.does(Command::SetCap { key: key.clone(), most: Some(10_000), alarm_percent: 0 });
    let used = |world: &World| {
        world.state.caps().find(|(known, _)| **known == key).map(|(_, cap)| cap.used).unwrap()
    };
    let out = world.within("100.00");
    world.commits(&out);
    assert_eq!(used(&world), 10_000);
    let back = Instruction { debtor_agent: bic(VOLGA), creditor_agent: bic(MOSCOW), ..world.within("60.00") };
    let uetr = world.commits(&back);
    assert_eq!(used(&world), 4_000);
    let more = world.within("60.00");
    world.commits(&more);
    let reason = "CUST".to_owned();
    let way_back = Return { uetr, by: bic(MOSCOW), fault: Fault::Source, quote: None, reason };
    assert_eq!(world.refused(Command::Return(way_back.clone())).code, "pay.cap_exceeded");
    world.does(Command::SetCap { key: key.clone(), most: Some(16_000), alarm_percent: 0 });
    world.does(Command::Return(way_back));
    assert_eq!(used(&world), 16_000);
}

#[test]
fn the_side_at_fault_bears_the_exchange_risk() {
    // The rate back has moved: 1 RUB costs the provider INR 0.93 today, INR 0.9434 when it was paid.
    for (fault, fixed, amount, leaves, arrives) in [
        (Fault::Source, Fixed::Source, rub("100.00"), rub("100.00"), inr("93.00")),
        (Fault::Destination, Fixed::Target, inr("94.34"), rub("101.45"), inr("94.34")),
    ] {
        let mut world = World::new();
        let payment = world.across("100.00");
        let uetr = world.commits(&payment);
        let before = (world.cover(VOLGA, Currency::RUB).0, world.cover(MUMBAI, Currency::INR).0);
        let request = world.request(VOLGA, Currency::RUB, Currency::INR, fixed, amount);
        let Event::Quoted { quotes, .. } = world.does(Command::AskQuotes(request)) else { panic!() };
        let other = if fault == Fault::Source { Fault::Destination } else { Fault::Source };
        let way_back = |fault| {
            let quote = Some(quotes[0].id);
            let xml =
                outbound::write_return("RT-1", world.now, uetr, leaves, ("CUST", fault, quote)).unwrap();
            let inbound::Message::Command(command) =
                inbound::understand(xml.as_bytes(), &bic(VOLGA)).unwrap()
            else {
                panic!()
            };
            *command
        };
        let (right, wrong) = (way_back(fault), way_back(other));
        assert_eq!(world.refused(wrong).code, "pay.quote_mismatch");
        world.does(right);
        let after = (world.cover(VOLGA, Currency::RUB).0, world.cover(MUMBAI, Currency::INR).0);
        assert_eq!((before.0 - after.0, after.1 - before.1), (leaves.minor(), arrives.minor()), "{fault:?}");
        assert!(world.state.quote(quotes[0].id).unwrap().is_used);
    }
}

#[test]
fn a_country_without_rules_lets_everything_pass_and_any_purpose_is_a_rule_too() {
    let rule = |direction, purpose: &str, until: Option<&str>| PurposeRule {
        country: country("RU"),
        direction,
        purpose: purpose.into(),
        needs_document: false,
        least: None,
        most: None,
        in_force: Window::new(Day::parse("2026-01-01").unwrap(), until.map(|day| Day::parse(day).unwrap()))
            .unwrap(),
        source: "Example decree".into(),
    };
    // rules | purpose | passes
    let rows: [(Vec<PurposeRule>, Option<&str>, bool); 6] = [
        (vec![], None, true),
        (vec![rule(Direction::Out, "GDDS", None)], None, true),
        (vec![rule(Direction::In, "GDDS", None)], Some("SVCS"), false),
        (vec![rule(Direction::In, "GDDS", None), rule(Direction::In, "SVCS", None)], Some("SVCS"), true),
        (vec![rule(Direction::In, "*", None)], None, true),
        (vec![rule(Direction::In, "GDDS", Some("2026-03-20"))], Some("SVCS"), true),
    ];
    for (rules, purpose, passes) in rows {
        let mut world = World::new();
        world.does(Command::PutPurposes(rules));
        let payment = Instruction { purpose: purpose.map(str::to_owned), ..world.across("10.00") };
        let event = world.submit(&payment).unwrap();
        assert_eq!(matches!(event, Event::Reserved(_)), passes, "{event:?}");
    }
}
