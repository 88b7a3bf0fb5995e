//! The life of a transaction: each way through the picture in the crate's documentation.

use meridian_cards::*;
use meridian_terms::{Currency, Day, Micros, Money};

use crate::world::{World, a, b, number};

fn declined(event: Event) -> (String, String) {
    match event {
        Event::Declined { response, refusal, .. } => (refusal.code.to_string(), response.to_string()),
        other => panic!("not declined: {other:?}"),
    }
}

#[test]
fn an_approved_single_message_purchase_moves_both_currencies_and_every_fee() {
    let mut world = World::new();
    let request = world.request(1, 150_000);
    let asked = world.does(world.asking(&request, &number(1)));
    let Event::Asked { opening, .. } = &asked else { panic!("{asked:?}") };
    // 1500.00 RUB at 5123.457 is 7 685 185.50 IRR; interchange 0.9 % + 1.50, fees 0.15 % and 0.10 %.
    let amounts = opening.bill.amounts;
    assert_eq!(amounts.issuer, Money::parse("7685185.50", Currency::IRR).unwrap());
    assert_eq!(amounts.billing, amounts.issuer);
    assert_eq!(opening.bill.fees.interchange, Money::new(1_500, Currency::RUB));
    assert_eq!(world.money.all_pending().count(), 6);
    assert_eq!(world.position("ALPHA", Currency::RUB), 0);
    world.does(world.answering(&request, "00"));
    assert_eq!(world.stage(&request), "posted");
    assert_eq!(world.money.all_pending().count(), 0);
    assert_eq!(world.position("ALPHA", Currency::RUB), 150_000 - 1_500 - 225);
    assert_eq!(world.position("BETA", Currency::IRR), -768_518_550 + 7_685_186 - 768_519);
    assert_eq!(world.position("EXCHANGE", Currency::RUB), -150_000 + 1_500);
    assert_eq!(world.totals(&a(), Role::Acquirer).net(), 150_000);
    assert_eq!(world.totals(&b(), Role::Issuer).net(), 768_518_550);
}

#[test]
fn a_declined_request_holds_nothing_and_its_repeat_gets_the_same_answer() {
    let mut world = World::new();
    let request = world.request(1, 150_000);
    world.does(world.asking(&request, &number(1)));
    assert_eq!(world.ask(world.asking(&request, &number(1))).unwrap_err().code, "cards.in_progress");
    world.does(world.answering(&request, "51"));
    assert_eq!((world.stage(&request), world.money.all_pending().count()), ("declined", 0));
    assert_eq!(world.ask(world.asking(&request, &number(1))).unwrap_err().code, "cards.known");
    let outcome = world.state.transaction(request.key.id()).unwrap().outcome.clone().unwrap();
    assert_eq!((outcome.response, outcome.by), (Response::INSUFFICIENT_FUNDS, DecidedBy::Issuer));
    let other = Request { amount: Money::new(1, Currency::RUB), ..request.clone() };
    let refused = world.ask(world.asking(&other, &number(1))).unwrap_err();
    assert_eq!(
        (refused.code.as_ref(), response_to(&refused).to_string()),
        ("cards.other_content", "94".into())
    );
    assert_eq!(world.ask(world.answering(&request, "00")).unwrap_err().code, "cards.already_answered");
}

#[test]
fn what_does_not_pass_is_declined_with_its_reason_and_response() {
    // what is different | code | field 39
    type Change = fn(&mut World, &mut Request) -> String;
    let rows: [(&str, Change, &str, &str); 12] = [
        ("unknown", |_, _| "4000000000000002".into(), "cards.unknown_card", "15"),
        ("check digit", |_, _| "9999010000000004".into(), "cards.invalid_card", "14"),
        ("on us", |_, _| "8888010000000009".into(), "cards.on_us", "92"),
        (
            "zero",
            |_, request| {
                request.amount = Money::zero(Currency::RUB);
                number(1)
            },
            "cards.invalid_amount",
            "13",
        ),
        (
            "no rate",
            |_, request| {
                request.amount = Money::new(5, Currency::INR);
                number(1)
            },
            "cards.no_rate",
            "96",
        ),
        (
            "shut",
            |world, _| {
                let key = LinkKey { acquirer: a(), issuer: b() };
                world.does(Command::ShutLink { key, by: "first".into() });
                number(1)
            },
            "cards.link_shut",
            "57",
        ),
        (
            "stopped card",
            |world, request| {
                world.does(Command::SetStop(Stop::Card(request.card), true));
                number(1)
            },
            "cards.stopped",
            "62",
        ),
        (
            "stopped shop",
            |world, _| {
                world.does(Command::SetStop(Stop::Acceptor("12345".into(), "SHOP1".into()), true));
                number(1)
            },
            "cards.stopped",
            "62",
        ),
        (
            "suspended",
            |world, _| {
                let scheme = Scheme { is_suspended: true, ..world.state.scheme(&b()).unwrap().clone() };
                world.does(Command::Admit { scheme: Box::new(scheme), most: 1_000_000_000_000 });
                number(1)
            },
            "cards.suspended",
            "91",
        ),
        (
            "institution",
            |world, _| {
                let mut scheme = world.state.scheme(&a()).unwrap().clone();
                scheme.institutions.insert("777".into());
                world.does(Command::Admit { scheme: Box::new(scheme), most: 1_000_000_000_000 });
                number(1)
            },
            "cards.wrong_institution",
            "58",
        ),
        (
            "over the cap",
            |_, request| {
                request.amount = Money::new(1_000_000_000_000, Currency::RUB);
                number(1)
            },
            "cards.money",
            "91",
        ),
        (
            "down, PIN",
            |world, request| {
                world.does(Command::SetSession { scheme: b(), is_up: false });
                request.has_pin = true;
                number(1)
            },
            "cards.issuer_down",
            "91",
        ),
    ];
    for (what, change, code, response) in rows {
        let mut world = World::new();
        let mut request = world.request(1, 150_000);
        let number = change(&mut world, &mut request);
        let said = declined(world.does(world.asking(&request, &number)));
        assert_eq!(said, (code.to_owned(), response.to_owned()), "{what}");
        assert_eq!(world.money.all_pending().count(), 0, "{what}");
    }
}

#[test]
fn a_link_opens_only_when_two_people_cite_an_instrument_in_force() {
    let mut world = World::new();
    let key = LinkKey { acquirer: b(), issuer: a() };
    let propose = |instrument: &str| Command::ProposeLink {
        key: key.clone(),
        instrument: instrument.into(),
        in_force: meridian_terms::Window::new(Day::parse("2027-01-01").unwrap(), None).unwrap(),
        services: [Service::Atm].into(),
        by: "first".into(),
    };
    assert_eq!(world.ask(propose(" ")).unwrap_err().code, "cards.link_instrument");
    world.does(propose("Illustrative agreement of 2026-12-01"));
    let approve = |by: &str| Command::ApproveLink { key: key.clone(), by: by.into() };
    assert_eq!(world.ask(approve("first")).unwrap_err().code, "cards.link_same_person");
    world.does(approve("second"));
    let (_, link) = world.state.links().find(|(known, _)| **known == key).unwrap();
    assert!(!link.is_open(Service::Atm, Day::parse("2026-12-31").unwrap()));
    assert!(link.is_open(Service::Atm, Day::parse("2027-01-01").unwrap()));
    assert!(!link.is_open(Service::Pos, Day::parse("2027-01-01").unwrap()));
}

#[test]
fn no_answer_in_time_lets_go_and_queues_a_reversal_and_a_late_answer_changes_nothing() {
    let mut world = World::new();
    let request = world.request(1, 150_000);
    world.does(world.asking(&request, &number(1)));
    world.later(Micros::seconds(13));
    assert_eq!((world.stage(&request), world.money.all_pending().count()), ("timed-out", 0));
    let queue = world.state.queue(&b()).unwrap();
    assert!(matches!(queue.waiting[&1].kind, AdviceKind::Reversal { is_unanswered: true, .. }));
    let late = world.does(world.answering(&request, "00"));
    assert!(matches!(late, Event::AnsweredLate { .. }));
    assert_eq!(world.position("BETA", Currency::IRR), 0);
    // The issuer had approved: both ends count request and reversal. Had it never seen it, neither.
    let mut other = World { state: world.state.clone(), money: world.money.clone(), ..World::new() };
    world.drain("00");
    let totals = world.totals(&b(), Role::Issuer);
    assert_eq!((totals.debits.count, totals.debit_reversals.count, totals.net()), (1, 1, 0));
    other.drain("25");
    assert_eq!(other.totals(&b(), Role::Issuer), Totals::default());
    assert_eq!(world.totals(&a(), Role::Acquirer), Totals::default());
}

#[test]
fn reversals_count_once_whatever_is_repeated() {
    let mut world = World::new();
    let request = world.request(1, 150_000);
    let reverse = |remaining| Command::Reverse { from: a(), original: world_key(1), remaining };
    // Before the request: the request, should it come, is declined.
    assert!(matches!(world.does(reverse(None)), Event::ReversedUnseen { .. }));
    assert_eq!(response_to(&world.ask(reverse(None)).unwrap_err()), Response::NOT_FOUND);
    assert_eq!(world.ask(world.asking(&request, &number(1))).unwrap_err().code, "cards.reversed_before");

    let mut world = World::new();
    world.does(world.asking(&request, &number(1)));
    world.does(world.answering(&request, "00"));
    let part = Money::new(50_000, Currency::RUB);
    world.does(reverse(Some(part)));
    assert_eq!(world.position("ALPHA", Currency::RUB), 50_000 - 500 - 75);
    assert_eq!(response_to(&world.ask(reverse(Some(part))).unwrap_err()), Response::APPROVED);
    let too_much = Money::new(50_001, Currency::RUB);
    assert_eq!(response_to(&world.ask(reverse(Some(too_much))).unwrap_err()), Response::INVALID_AMOUNT);
    world.does(reverse(None));
    assert_eq!(response_to(&world.ask(reverse(None)).unwrap_err()), Response::APPROVED);
    for (name, currency) in [
        ("ALPHA", Currency::RUB),
        ("BETA", Currency::IRR),
        ("EXCHANGE", Currency::RUB),
        ("EXCHANGE", Currency::IRR),
    ] {
        assert_eq!(world.position(name, currency), 0, "{name} {currency}");
    }
    let totals = world.totals(&a(), Role::Acquirer);
    assert_eq!((totals.debits.count, totals.debit_reversals.count, totals.net()), (1, 2, 0));
    assert_eq!(world.drain("00"), 2);
    assert_eq!(world.totals(&b(), Role::Issuer).net(), 0);
}

fn world_key(stan: u32) -> Key {
    World::new().request(stan, 1).key
}

#[test]
fn a_dual_message_purchase_is_held_then_completed_for_less_or_let_go() {
    let mut world = World::new();
    let request = Request { flow: Flow::Dual, ..world.request(1, 150_000) };
    world.does(world.asking(&request, &number(1)));
    world.does(world.answering(&request, "00"));
    assert_eq!((world.stage(&request), world.money.all_pending().count()), ("held", 6));
    // Part of the hold is given up, then the rest completed for less.
    let remaining = Some(Money::new(120_000, Currency::RUB));
    world.does(Command::Reverse { from: a(), original: request.key.clone(), remaining });
    let completion = Request { amount: Money::new(130_000, Currency::RUB), ..world.request(2, 0) };
    let over = world.ask(world.advise(&completion, Some(request.key.clone()))).unwrap_err();
    assert_eq!(over.code, "cards.over_amount");
    let completion = Request { amount: Money::new(100_000, Currency::RUB), ..completion };
    world.does(world.advise(&completion, Some(request.key.clone())));
    assert_eq!((world.stage(&request), world.money.all_pending().count()), ("posted", 0));
    assert_eq!(world.position("ALPHA", Currency::RUB), 100_000 - 1_000 - 150);
    assert_eq!(
        world.ask(world.advise(&completion, Some(request.key.clone()))).unwrap_err().code,
        "cards.known"
    );
    let totals = world.totals(&a(), Role::Acquirer);
    assert_eq!((totals.authorisations, totals.debits.count, totals.net()), (1, 1, 100_000));
    world.drain("00");
    assert_eq!(world.totals(&b(), Role::Issuer).debits.count, 1);

    let other = Request { flow: Flow::Dual, ..world.request(3, 150_000) };
    world.does(world.asking(&other, &number(1)));
    world.does(world.answering(&other, "00"));
    world.later(Micros::days(8));
    assert_eq!((world.stage(&other), world.money.all_pending().count()), ("lapsed", 0));
}

#[test]
fn the_hub_stands_in_by_the_issuers_rules_and_tells_it_later() {
    let mut world = World::new();
    world.does(Command::SetSession { scheme: b(), is_up: false });
    // 7 685 185.50 IRR each; the rules allow 600 000.00 at once, 1 000 000.00 and three a day.
    let small = world.request(1, 8_000);
    let taken = world.does(world.asking(&small, &number(1)));
    assert!(matches!(&taken, Event::Taken { outcome, .. } if outcome.by == DecidedBy::StandIn), "{taken:?}");
    let rows = [(2, 8_000, "taken"), (3, 150_000, "61"), (4, 8_000, "61"), (5, 100, "taken"), (6, 100, "65")];
    for (stan, minor, expected) in rows {
        let said = match world.does(world.asking(&world.request(stan, minor), &number(1))) {
            Event::Taken { .. } => "taken".to_owned(),
            event => declined(event).1,
        };
        assert_eq!(said, expected, "{stan}");
    }
    assert_eq!(world.totals(&b(), Role::Issuer), Totals::default());
    assert_eq!(world.drain("00"), 3);
    assert_eq!(world.totals(&b(), Role::Issuer).debits.count, 3);
    assert_eq!(
        world.totals(&b(), Role::Issuer).net(),
        -world
            .state
            .activity()
            .filter(|((name, ..), _)| name == "BETA")
            .map(|(_, activity)| activity.principal)
            .sum::<i128>()
    );
}

#[test]
fn a_refund_goes_the_other_way_and_cash_pays_the_machine() {
    let mut world = World::new();
    let refund =
        Request { kind: Kind::Refund, processing_code: "200000".into(), ..world.request(1, 100_000) };
    world.does(world.asking(&refund, &number(1)));
    world.does(world.answering(&refund, "00"));
    assert_eq!(world.position("ALPHA", Currency::RUB), -100_000 - 1_050 - 150);
    let totals = world.totals(&a(), Role::Acquirer);
    assert_eq!((totals.credits.count, totals.net()), (1, -100_000));
    let mut world = World::new();
    let cash =
        Request { kind: Kind::Cash, service: Service::Atm, has_pin: true, ..world.request(1, 100_000) };
    world.does(world.asking(&cash, &number(1)));
    world.does(world.answering(&cash, "00"));
    assert_eq!(world.position("ALPHA", Currency::RUB), 100_000 + 1_050 - 150);
    let inquiry = Request { kind: Kind::Inquiry, ..world.request(2, 0) };
    world.does(world.asking(&inquiry, &number(1)));
    world.does(world.answering(&inquiry, "00"));
    assert_eq!(world.totals(&a(), Role::Acquirer).inquiries, 1);
}

#[test]
fn a_day_is_compared_when_nothing_of_it_is_under_way_and_positions_go_into_cover() {
    let mut world = World::new();
    let request = world.request(1, 150_000);
    world.does(world.asking(&request, &number(1)));
    let day = world.at.day();
    let compare =
        |scheme: SchemeId, role, theirs| Command::Reconcile { scheme, role, day, theirs: Box::new(theirs) };
    assert_eq!(world.ask(compare(b(), Role::Issuer, Totals::default())).unwrap_err().code, "cards.day_open");
    world.does(world.answering(&request, "00"));
    let mut theirs = Totals::default();
    theirs.debits.add(150_000);
    world.does(compare(a(), Role::Acquirer, theirs));
    theirs.debits.add(1);
    let differs = world.does(compare(a(), Role::Acquirer, theirs));
    assert!(matches!(differs, Event::Reconciled { ours, theirs, .. } if ours != theirs));
    // Nobody has cover yet: the window is refused as a whole.
    assert_eq!(world.ask(Command::Settle { window: 1 }).unwrap_err().code, "ledger.insufficient_funds");
    let amount = Money::new(1_000_000_000, Currency::IRR);
    world.does(Command::Fund { scheme: b(), amount, reference: 77 });
    assert_eq!(
        world.ask(Command::Fund { scheme: b(), amount, reference: 77 }).unwrap_err().code,
        "ledger.exists"
    );
    // The provider's cover is funded as a participant of payments.
    let cover = meridian_ledger::AccountId::of("EXCHANGE", Currency::RUB, meridian_ledger::Kind::Cover);
    let limits = meridian_ledger::Limits { credit_line: Some(1_000_000_000), credit_cap: None };
    let change = meridian_ledger::Command::Change(cover, meridian_ledger::Change::Limits(limits));
    let event = meridian_ledger::decide(&world.money, &change, world.at).unwrap();
    meridian_ledger::apply(&mut world.money, &event);
    world.does(Command::Settle { window: 1 });
    assert_eq!(world.state.positions(&world.money).filter(|(.., minor)| *minor != 0).count(), 0);
    assert_eq!(world.ask(Command::Settle { window: 1 }).unwrap_err().code, "cards.settled_before");
}

#[test]
fn what_ended_long_ago_is_forgotten() {
    let mut world = World::new();
    let request = world.request(1, 150_000);
    world.does(world.asking(&request, &number(1)));
    world.does(world.answering(&request, "05"));
    world.later(Micros::days(181));
    assert_eq!((world.stage(&request), world.state.next_deadline()), ("none", None));
}
