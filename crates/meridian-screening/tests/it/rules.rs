//! The thirteen rules that must hold, each a test that fails when it is broken.

use std::collections::BTreeSet;

use meridian_screening::casework::{
    self, CaseId, Command, Decision, Event, GoodGuyKey, Outcome, Record, State, apply, decide, payer_reason,
    replay, verify,
};
use meridian_screening::{
    ALWAYS, Expected, Freshness, HIT_FROM, Identifier, IdentifierKind, InFlight, Kind, Manifest, Owned,
    Ownership, Policy, Question, Sets, Strength, Verdict, imo_check_digit_holds, rescreen, screen,
    screen_down_to, screen_text,
};
use meridian_terms::{Bic, Micros, Moment};

use crate::{entry, list, today, un};

fn hits(verdict: Verdict) -> Vec<meridian_screening::Hit> {
    match verdict {
        Verdict::Hit(hits) => hits,
        other => panic!("{other:?} is no hit"),
    }
}

fn noon() -> Moment {
    Moment::parse("2026-03-20T12:00:00Z").unwrap()
}

/// Everybody of a list of `count` people.
fn people(count: usize) -> Vec<meridian_screening::Entry> {
    (0..count)
        .map(|number| entry(&format!("P{number}"), Kind::Person, &format!("Zorvan Number{number}")))
        .collect()
}

#[test]
fn rule_1_a_missing_empty_short_or_shrunken_list_is_not_taken_into_force() {
    let policy = Policy::default();
    let nothing = meridian_screening::ListSet::default();
    assert!(matches!(screen(&nothing, "Anna Petrova", &policy, today()), Verdict::Unavailable(_)));
    assert!(matches!(screen(&un(vec![]), "Anna Petrova", &policy, today()), Verdict::Unavailable(_)));
    let mut manifest = Manifest::default();
    manifest.require(ALWAYS, Expected { least_entries: 50, ..Expected::default() });
    let code = |fetched| manifest.accept(None, fetched, None).map(|_| ()).unwrap_err().code;
    assert_eq!(code(vec![]), "screening.list_missing");
    assert_eq!(code(vec![list("OFAC-SDN", people(60))]), "screening.list_missing");
    assert_eq!(code(vec![list("UN", vec![])]), "screening.list_empty");
    assert_eq!(code(vec![list("UN", people(49))]), "screening.list_short");
    let in_force = manifest.accept(None, vec![list("UN", people(100))], None).unwrap();
    let shrunken = manifest.accept(Some(&in_force), vec![list("UN", people(89))], None).unwrap_err();
    assert_eq!(shrunken.code, "screening.list_shrunken");
    assert!(manifest.accept(Some(&in_force), vec![list("UN", people(90))], None).is_ok());
    // A list nobody required is still never empty.
    let also =
        manifest.accept(None, vec![list("UN", people(60)), list("OFAC-SDN", vec![])], None).unwrap_err();
    assert_eq!(also.code, "screening.list_empty");
}

#[test]
fn rule_2_an_old_list_alarms_and_then_holds_everything() {
    let (manifest, fetched) = (Manifest::default(), noon());
    let after = |hours| manifest.freshness("UN", fetched, fetched.plus(Micros::hours(hours)));
    assert_eq!((after(24), after(25), after(48), after(49)), {
        use Freshness::{Alarm, Expired, Fresh};
        (Fresh, Alarm, Alarm, Expired)
    });
    let lists = un(people(3));
    assert_eq!(screen(&lists, "Anna Petrova", &Policy::default(), today().plus(2)), Verdict::Clear);
    let old = screen(&lists, "Anna Petrova", &Policy::default(), today().plus(3));
    assert!(matches!(old, Verdict::Unavailable(why) if why.contains("2026-03-20")));
}

#[test]
fn rule_3_what_cannot_be_answered_is_held() {
    let lists = un(people(3));
    let unread = ('\u{10000}'..'\u{1FFFF}')
        .find(|letter| letter.is_alphabetic() && any_ascii::any_ascii_char(*letter).is_empty())
        .map_or_else(|| "\u{E000}".to_owned(), |letter| format!("Anna {letter}{letter}"));
    let long = "Anna ".repeat(250);
    let many = "a b c d e f g h i j k l m n o p ".repeat(5);
    for name in ["", "  ", "---", "\u{E000}\u{E001}", unread.as_str(), long.as_str(), many.as_str()] {
        let verdict = screen(&lists, name, &Policy::default(), today());
        assert!(matches!(verdict, Verdict::Unavailable(_)), "{name:?}: {verdict:?}");
    }
    let too_long = "word ".repeat(3_000);
    assert!(matches!(screen_text(&lists, &too_long, &Policy::default(), today()), Verdict::Unavailable(_)));
    // A time-out at the rim becomes a held case, and nobody can release what was not answered.
    let mut state = in_force(&lists);
    let question = Question::from("Anna Petrova");
    let record = Record::unavailable("pay-1", "Dbtr", &question, "no answer within 50 ms", &lists, today());
    assert_eq!(record.decision(), Decision::Unavailable);
    step(&mut state, &Command::Screened(Box::new(record)));
    assert_eq!(state.may_settle("pay-1").unwrap_err().code, "screening.held");
    let refused = decide(&state, &propose(CaseId(1), Outcome::Release, "amina"), noon()).unwrap_err();
    assert_eq!(refused.code, "screening.not_screened");
    // A record of nothing is no clearance.
    let empty = Record::of::<Question>("pay-2", &[], &lists, &Policy::default(), today());
    assert_eq!(empty.decision(), Decision::Unavailable);
}

fn in_force(lists: &meridian_screening::ListSet) -> State {
    let mut state = State::default();
    step(&mut state, &Command::PutListsInForce { digest: lists.digest() });
    state
}

fn step(state: &mut State, command: &Command) -> casework::Link {
    let event = decide(state, command, noon()).unwrap();
    apply(state, &event)
}

fn propose(case: CaseId, outcome: Outcome, by: &str) -> Command {
    Command::Propose { case, outcome, why: "another date of birth".into(), by: by.into() }
}

fn approve(case: CaseId, by: &str) -> Command {
    Command::Approve { case, by: by.into() }
}

fn recorded(subject: &str, name: &str, lists: &meridian_screening::ListSet) -> Record {
    Record::of(subject, &[("Dbtr", Question::from(name))], lists, &Policy::default(), today())
}

fn screened(subject: &str, name: &str, lists: &meridian_screening::ListSet) -> Command {
    Command::Screened(Box::new(recorded(subject, name, lists)))
}

#[test]
fn rule_4_a_swap_of_lists_stops_everything_cleared_under_the_old_ones_until_it_is_screened_again() {
    let old = un(people(3));
    let mut with_new = people(3);
    with_new.push(entry("NEW", Kind::Person, "Viktor Examplov"));
    let new = un(with_new);
    assert_ne!(old.digest(), new.digest());
    let mut state = in_force(&old);
    step(&mut state, &screened("pay-1", "Viktor Examplov", &old));
    step(&mut state, &screened("pay-2", "Anna Petrova", &old));
    assert!(state.may_settle("pay-1").is_ok());
    step(&mut state, &Command::PutListsInForce { digest: new.digest() });
    assert_eq!(state.may_settle("pay-1").unwrap_err().code, "screening.lists_not_in_force");
    assert_eq!(state.stale(), ["pay-1", "pay-2"]);
    // A record made under the old lists no longer enters.
    let late = decide(&state, &screened("pay-3", "Anna Petrova", &old), noon()).unwrap_err();
    assert_eq!(late.code, "screening.lists_not_in_force");
    step(&mut state, &screened("pay-1", "Viktor Examplov", &new));
    step(&mut state, &screened("pay-2", "Anna Petrova", &new));
    assert_eq!(state.may_settle("pay-1").unwrap_err().code, "screening.held");
    assert!(state.may_settle("pay-2").is_ok());
    assert!(state.stale().is_empty());
    // The delta finds the same without asking everybody against everything.
    let delta = meridian_screening::Delta::between(&old, &new);
    let ask =
        |name: &str| InFlight { party: Question::from(name).fingerprint(), question: Question::from(name) };
    let in_flight = [ask("Anna Petrova"), ask("EXAMPLOV, Viktor")];
    let found = rescreen(&delta, &new, &in_flight, &Policy::default(), today());
    assert_eq!(found.iter().map(|one| one.party).collect::<Vec<_>>(), [in_flight[1].party]);
    let old_now = rescreen(&delta, &new, &in_flight, &Policy::default(), today().plus(9));
    assert!(old_now.len() == 2 && old_now.iter().all(|one| matches!(one.verdict, Verdict::Unavailable(_))));
}

#[test]
fn rule_5_every_hit_counts_and_a_good_guy_entry_explains_one_pair_for_a_time() {
    let mut homonyms = people(2);
    homonyms.extend((0..130).map(|number| entry(&format!("H{number}"), Kind::Person, "Viktor Examplov")));
    let lists = un(homonyms.clone());
    assert_eq!(hits(screen(&lists, "Viktor Examplov", &Policy::default(), today())).len(), 130);

    let lists = un(vec![entry("E1", Kind::Person, "Viktor Examplov")]);
    let mut state = in_force(&lists);
    step(&mut state, &screened("pay-1", "Viktor Exemplov", &lists));
    let question = Question::from("Viktor Exemplov");
    let print = lists.entry("UN", "E1").unwrap().fingerprint();
    let key = GoodGuyKey { party: question.fingerprint(), list: "UN".into(), id: "E1".into(), entry: print };
    let until = noon().plus(Micros::days(90));
    let good = |until, by: &str| Command::ProposeGoodGuy {
        key: key.clone(),
        until,
        why: "passport seen".into(),
        by: by.into(),
    };
    let too_long = decide(&state, &good(noon().plus(Micros::days(400)), "amina"), noon()).unwrap_err();
    assert_eq!(too_long.code, "screening.term");
    step(&mut state, &good(until, "amina"));
    // Proposed is not approved, and whoever proposes cannot approve, however the name is written.
    let again = |state: &State, at| decide(state, &screened("pay-2", "Viktor Exemplov", &lists), at).unwrap();
    assert!(matches!(again(&state, noon()), Event::Held { .. }));
    let alone = Command::ApproveGoodGuy { key: key.clone(), by: "Amina ".into() };
    assert_eq!(decide(&state, &alone, noon()).unwrap_err().code, "screening.same_person");
    step(&mut state, &Command::ApproveGoodGuy { key: key.clone(), by: "boris".into() });
    assert!(matches!(again(&state, noon()), Event::Cleared { good_guys, .. } if good_guys == [key.clone()]));
    assert!(matches!(again(&state, until), Event::Held { .. }), "it has expired");
    // Another party, or the same entry changed, is another pair.
    let other = decide(&state, &screened("pay-3", "Viktor Examplow", &lists), noon()).unwrap();
    assert!(matches!(other, Event::Held { .. }));
    let mut changed = entry("E1", Kind::Person, "Viktor Examplov");
    changed.name("Victor Exampler", Strength::Weak);
    let newer = un(vec![changed]);
    step(&mut state, &Command::PutListsInForce { digest: newer.digest() });
    let after = decide(&state, &screened("pay-4", "Viktor Exemplov", &newer), noon()).unwrap();
    assert!(matches!(after, Event::Held { .. }), "the entry has changed");
    // Nobody writes an entry for a pair that was never a hit.
    let unseen = GoodGuyKey { id: "E9".into(), ..key };
    let refused = decide(
        &state,
        &Command::ProposeGoodGuy { key: unseen, until, why: "so".into(), by: "amina".into() },
        noon(),
    );
    assert_eq!(refused.unwrap_err().code, "screening.no_such_hit");
}

#[test]
fn rule_5_a_same_number_is_never_explained_away_nor_released() {
    let mut listed = entry("B1", Kind::Organisation, "Examplebank");
    listed.identifiers.extend(Identifier::new(IdentifierKind::Bic, "EXBKRUMM"));
    let lists = un(vec![listed]);
    let mut question = Question::from("Some Other Bank");
    question.identifiers.extend(Identifier::new(IdentifierKind::Bic, "EXBKRUMMXXX"));
    let record = Record::of("pay-1", &[("DbtrAgt", question)], &lists, &Policy::default(), today());
    let mut state = in_force(&lists);
    step(&mut state, &Command::Screened(Box::new(record)));
    let release = decide(&state, &propose(CaseId(1), Outcome::Release, "amina"), noon()).unwrap_err();
    assert_eq!(release.code, "screening.blocked");
    step(&mut state, &propose(CaseId(1), Outcome::Reject, "amina"));
    step(&mut state, &approve(CaseId(1), "boris"));
    assert_eq!(state.may_settle("pay-1").unwrap_err().code, "screening.rejected");
    assert_eq!(payer_reason(casework::Denial::Rejected), payer_reason(casework::Denial::Held));
}

#[test]
fn rule_6_case_punctuation_legal_form_and_order_make_no_difference() {
    // Apple missed "SIS d.o.o." because the list wrote "SIS DOO" (OFAC enforcement release of 2019-11-25).
    let lists = un(vec![
        entry("1", Kind::Organisation, "SIS DOO"),
        entry("2", Kind::Person, "EXAMPLOV, Viktor Petrovich"),
        entry("3", Kind::Organisation, "Open Joint Stock Company Zavod Primer"),
    ]);
    for name in
        ["SIS d.o.o.", "sis d.o.o", "S.I.S. DOO", "Sis", "viktor petrovich examplov", "Zavod-Primer, OAO"]
    {
        hits(screen(&lists, name, &Policy::default(), today()));
    }
    assert_eq!(screen(&lists, "Sit-In Catering", &Policy::default(), today()), Verdict::Clear);
}

#[test]
fn rule_7_half_owned_by_blocked_persons_is_blocked() {
    let listed = BTreeSet::from(["X".to_owned(), "Y".to_owned()]);
    let mut graph = Ownership::default();
    graph.add("X", "A", Some(2_500)).unwrap();
    graph.add("Y", "A", Some(2_500)).unwrap();
    assert!(matches!(graph.of("A", &listed), Owned::Blocked { total: 5_000, .. }));
    assert!(matches!(graph.of("nobody knows", &listed), Owned::Unknown { .. }));
}

#[test]
fn rule_8_the_imo_number_outranks_the_name_and_is_compared_as_written() {
    assert!(imo_check_digit_holds("9187629") && !imo_check_digit_holds("9187628"));
    let mut ark = entry("V1", Kind::Vessel, "ARK");
    ark.name("DOVER STAR", Strength::Strong); // a former name
    ark.identifiers.extend(Identifier::new(IdentifierKind::Imo, "IMO 9187628")); // fails its check digit, as listed
    let mut owner = entry("C1", Kind::Organisation, "Primer Shipping");
    owner.identifiers.extend(Identifier::new(IdentifierKind::CompanyImo, "5342883"));
    let lists = un(vec![ark, owner, entry("V2", Kind::Vessel, "NEPTUNE PRIDE")]);
    let ask = |name: &str, imo: &str| {
        let mut question = Question::from(name);
        question.kind = Kind::Vessel;
        question.identifiers.extend(Identifier::new(IdentifierKind::Imo, imo));
        screen(&lists, question, &Policy::default(), today())
    };
    let renamed = hits(ask("NEPTUNE PRIDE", "9187628"));
    assert!(renamed[0].is_exact && renamed[0].id == "V1" && renamed[1].id == "V2" && !renamed[1].is_exact);
    assert_eq!(ask("Blue Whale", "5342883"), Verdict::Clear, "a company's number is not a ship's");
    assert!(!hits(ask("Dover Star", "9000003"))[0].is_exact);
}

#[test]
fn rule_9_bic_by_institution_and_branch_and_lei_as_written() {
    let mut bank = entry("B1", Kind::Organisation, "Examplebank");
    bank.identifiers.extend(Identifier::new(IdentifierKind::Bic, "EXBKRUMM"));
    bank.identifiers.extend(Identifier::new(IdentifierKind::Lei, "253400WSS48YWMBUA688"));
    let mut branch = entry("B2", Kind::Organisation, "Other Bank, Tehran branch");
    branch.identifiers.extend(Identifier::new(IdentifierKind::Bic, "OTBKIRTH001"));
    let lists = un(vec![bank, branch]);
    let ask = |kind, value: &str| {
        let mut question = Question::from("Nobody in particular");
        question.identifiers.extend(Identifier::new(kind, value));
        matches!(screen(&lists, question, &Policy::default(), today()), Verdict::Hit(_))
    };
    use IdentifierKind::{Bic, Lei, Tax};
    for (kind, value, is_hit) in [
        (Bic, "EXBKRUMM", true),
        (Bic, "EXBKRUMMXXX", true),
        (Bic, "EXBKRUMM123", true),
        (Bic, "EXBKRUM2", false),
        (Bic, "OTBKIRTH001", true),
        (Bic, "OTBKIRTH", true),
        (Bic, "OTBKIRTH002", false),
        (Lei, "253400wss48ywmbua688", true),
        (Lei, "253400WSS48YWMBUA689", false),
        (Tax, "253400WSS48YWMBUA688", false),
    ] {
        assert_eq!(ask(kind, value), is_hit, "{kind:?} {value}");
    }
}

#[test]
fn rule_10_free_text_fires_on_names_that_tell_and_on_numbers() {
    let mut card = entry("1", Kind::Organisation, "Communities Action Relief Department");
    card.name("CARD", Strength::Weak);
    let mut vessel = entry("2", Kind::Vessel, "MIKE");
    vessel.identifiers.extend(Identifier::new(IdentifierKind::Imo, "9187629"));
    let mut wallet = entry("3", Kind::Person, "Viktor Examplov");
    wallet.identifiers.extend(Identifier::new(IdentifierKind::Wallet, "TE3mCcPULjPUE7ykX7RArDPAhyahoy3d2j"));
    let lists = un(vec![card, vessel, wallet, entry("4", Kind::Organisation, "Zarubezhstroi")]);
    let ask = |text: &str| screen_text(&lists, text, &Policy::default(), today());
    for text in [
        "payment by card, thanks Mike",
        "invoice 9187620 of 2026 for the card terminal",
        "Viktor and Examplo Ltd: steel pipes, contract nine",
    ] {
        assert_eq!(ask(text), Verdict::Clear, "{text}");
    }
    for text in [
        "goods shipped on MV Mike IMO 9187629 to Bandar Abbas",
        "for the account of Mr Examplov Viktor, contract 7",
        "USDT to TE3mCcPULjPUE7ykX7RArDPAhyahoy3d2j",
        "supplied by ZARUBEZHSTROI under contract 12",
    ] {
        hits(ask(text));
    }
    // As the whole field the short name counts.
    hits(screen(&lists, "Mike", &Policy::default(), today()));
    hits(screen(&lists, "CARD", &Policy::default(), today()));
}

#[test]
fn rule_9_ports_and_countries_are_asked_too() {
    let code = |text: &str| meridian_terms::Country::parse(text).unwrap();
    let port = meridian_terms::Place::parse("KPNAM").unwrap();
    let embargo = [code("KP"), code("CU")];
    let text = "sugar, origin Cuba, shipped via Niger; Cubase licence";
    assert_eq!(
        meridian_screening::embargoed(&[code("IN")], &[port], text, &embargo),
        [code("CU"), code("KP")]
    );
    assert!(meridian_screening::embargoed(&[code("IN")], &[], "Cubase licence", &embargo).is_empty());
}

#[test]
fn rule_11_the_record_replays_and_the_chain_shows_any_change() {
    let lists = un(vec![
        entry("E1", Kind::Person, "Viktor Examplov"),
        entry("E2", Kind::Person, "Sher Mohammad Akhund"),
    ]);
    let record = recorded("pay-1", "Виктор Экзамплов", &lists);
    assert_eq!(record.decision(), Decision::Hit);
    assert_eq!(record.lists[0].name, "UN");
    assert!(!record.fields[0].hits[0].why.is_empty());
    assert_eq!(record.fields[0].normalised, "viktor ekzamplov");
    replay(&record, &lists, &Policy::default()).unwrap();
    let mut forged = record.clone();
    forged.fields[0].decision = Decision::Clear;
    forged.fields[0].hits.clear();
    assert_eq!(replay(&forged, &lists, &Policy::default()).unwrap_err().code, "screening.replay_differs");
    assert_eq!(
        replay(&record, &un(people(1)), &Policy::default()).unwrap_err().code,
        "screening.replay_lists"
    );

    let mut state = State::default();
    let mut links = vec![step(&mut state, &Command::PutListsInForce { digest: lists.digest() })];
    links.push(step(&mut state, &Command::Screened(Box::new(record))));
    links.push(step(&mut state, &propose(CaseId(1), Outcome::Release, "amina")));
    let alone = decide(&state, &approve(CaseId(1), "AMINA"), noon()).unwrap_err();
    assert_eq!(alone.code, "screening.same_person");
    links.push(step(&mut state, &approve(CaseId(1), "boris")));
    assert!(state.may_settle("pay-1").is_ok());
    assert_eq!(verify(&links).unwrap(), state.head().1);
    let mut replayed = State::default();
    for link in &links {
        apply(&mut replayed, &link.event);
    }
    assert_eq!(replayed, state);
    let broken = |links: &[casework::Link]| verify(links).unwrap_err().code == "screening.audit_broken";
    let mut missing = links.clone();
    missing.remove(2);
    let mut changed = links.clone();
    if let Event::Proposed { by, .. } = &mut changed[2].event {
        *by = "carol".into();
    }
    assert!(broken(&missing) && broken(&changed));
}

#[test]
fn rule_12_the_line_decides_in_whole_thousandths_and_is_part_of_the_record() {
    let lists = un(vec![entry("E1", Kind::Person, "Viktor Petrovich Examplov")]);
    let policy = Policy::default();
    let all = hits(screen_down_to(&lists, "Viktor Examplow", &policy, today(), 1));
    let score = all[0].score;
    let at = |hit_from| {
        let mut moved = policy.clone();
        moved.hit_from = hit_from;
        screen(&lists, "Viktor Examplow", &moved, today())
    };
    assert!(matches!(at(score), Verdict::Hit(_)) && at(score + 1) == Verdict::Clear);
    assert_eq!(recorded("pay-1", "Viktor Examplow", &lists).hit_from, HIT_FROM);
    // What else is known ranks a hit, and never takes a name that is alike below the line.
    let mut entry = entry("E2", Kind::Person, "Anna Primerova");
    entry.births.extend(meridian_screening::Birth::parse("1962"));
    entry.gender = meridian_screening::Gender::parse("Female");
    entry.countries.extend(meridian_screening::country("Russia"));
    let lists = un(vec![entry]);
    let mut question = Question::from("Anna Primerova");
    question.birth = meridian_screening::Birth::parse("1999-01-31");
    question.gender = meridian_screening::Gender::parse("m");
    question.countries.extend(meridian_screening::country("IN"));
    question.kind = Kind::Vessel;
    let against = hits(screen(&lists, question.clone(), &policy, today()));
    assert!(against[0].score >= HIT_FROM && against[0].score < 1000 && against[0].qualifiers.len() == 4);
}

#[test]
fn rule_13_sets_of_lists_only_grow_and_the_uns_is_in_every_one() {
    let (a, b) = (Bic::parse("SABRRUMM").unwrap(), Bic::parse("SBININBB").unwrap());
    let mut sets = Sets::default();
    assert_eq!(sets.of(&[&a], "RU"), BTreeSet::from([ALWAYS.to_owned()]));
    sets.add_for_participant(&b, "OFAC-SDN");
    sets.add_for_leg("DE", "EU");
    assert_eq!(sets.of(&[&a], "RU").len(), 1);
    assert_eq!(sets.of(&[&a, &b], "DE").len(), 3);
    let lists = meridian_screening::ListSet::of(vec![
        list("UN", people(2)),
        list("OFAC-SDN", vec![entry("X", Kind::Organisation, "Bank Primer")]),
    ]);
    let base = Policy::default();
    let domestic = sets.policy(&base, &[&a], &["RU"]);
    let abroad = sets.policy(&base, &[&a, &b], &["RU", "IN"]);
    assert_eq!(screen(&lists, "Bank Primer", &domestic, today()), Verdict::Clear);
    hits(screen(&lists, "Bank Primer", &abroad, today()));
    hits(screen(&lists, "Zorvan Number1", &domestic, today()));
    // A leg whose list is not loaded cannot be answered; a policy on top of a policy keeps what was there.
    let missing = sets.policy(&base, &[&a], &["DE"]);
    assert!(matches!(screen(&lists, "Anna Petrova", &missing, today()), Verdict::Unavailable(_)));
    let narrowed = sets.policy(&abroad, &[&a], &["RU"]);
    hits(screen(&lists, "Bank Primer", &narrowed, today()));
}
