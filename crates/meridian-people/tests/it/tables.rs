//! Refusals, a row each.

use meridian_people::{Act, CODES, Command, PersonId, ProposalId, Role, State, apply, decide};
use meridian_terms::{Micros, Moment, Refusal};

use crate::rights::{office, person};

fn id(name: &str) -> PersonId {
    PersonId(name.into())
}

fn ask(state: &State, command: &Command) -> Refusal {
    decide(state, command, Moment::EPOCH.plus(Micros::hours(1))).unwrap_err()
}

#[test]
fn every_refusal_has_its_row() {
    let mut state = office();
    let propose = |act, by: &str| Command::Propose { act, words: "w".into(), matter: vec![1], by: id(by) };
    let event = decide(&state, &propose(Act::SetCap, "everything"), Moment::EPOCH).unwrap();
    apply(&mut state, &event);
    let digest: [u8; 32] = state.proposal(ProposalId(1)).unwrap().digest();
    let approve =
        |digest, number, by: &str| Command::Approve { proposal: ProposalId(number), digest, by: id(by) };
    let withdraw = |number, by: &str| Command::Withdraw { proposal: ProposalId(number), by: id(by) };
    let mut withdrawn = state.clone();
    let event = decide(&withdrawn, &withdraw(1, "everything"), Moment::EPOCH).unwrap();
    apply(&mut withdrawn, &event);
    let mut without = state.clone();
    apply(&mut without, &meridian_people::Event::Suspended(id("auditor"), true, Moment::EPOCH));
    let mut two = State::default();
    let founders = vec![person("a", [Role::Operator]), person("b", [Role::Compliance])];
    let event = decide(&two, &Command::Found(founders.clone()), Moment::EPOCH).unwrap();
    apply(&mut two, &event);
    let look = |by: &str| Command::Do { act: Act::Look, words: "w".into(), by: id(by) };
    let rows = [
        (&state, Command::Found(founders.clone()), "people.founded"),
        (&State::default(), Command::Found(founders[..1].to_vec()), "people.too_few"),
        (&state, look("stranger"), "people.unknown"),
        (&without, look("auditor"), "people.suspended"),
        (&state, Command::Do { act: Act::ShutLink, words: "w".into(), by: id("analyst") }, "people.no_right"),
        (
            &state,
            Command::Do { act: Act::SetCap, words: "w".into(), by: id("treasurer") },
            "people.takes_two",
        ),
        (&state, propose(Act::ShutLink, "operator"), "people.takes_one"),
        (&state, approve(digest, 9, "treasurer"), "people.no_proposal"),
        (&withdrawn, approve(digest, 1, "treasurer"), "people.not_open"),
        (&state, approve([0; 32], 1, "treasurer"), "people.other_matter"),
        (&state, approve(digest, 1, "everything"), "people.same_person"),
        (&state, withdraw(1, "treasurer"), "people.not_yours"),
        (&two, Command::Suspend(id("b"), true), "people.last_one"),
    ];
    for (state, command, expected) in &rows {
        let refusal = ask(state, command);
        assert_eq!(refusal.code, *expected, "{command:?}");
        assert!(!refusal.next.is_empty());
    }
    let codes: Vec<&str> = CODES.iter().map(|(code, ..)| *code).collect();
    assert_eq!(codes, rows.iter().map(|(_, _, code)| *code).collect::<Vec<_>>());
}

#[test]
fn a_proposal_expires_and_dies_with_its_author() {
    let mut state = office();
    let command =
        Command::Propose { act: Act::SetCap, words: "w".into(), matter: vec![1], by: id("treasurer") };
    let event = decide(&state, &command, Moment::EPOCH).unwrap();
    apply(&mut state, &event);
    let digest = state.proposal(ProposalId(1)).unwrap().digest();
    let approve = Command::Approve { proposal: ProposalId(1), digest, by: id("operator") };
    let late = state.next_deadline().unwrap();
    assert!(decide(&state, &approve, late.minus(Micros(1))).is_ok());
    assert_eq!(decide(&state, &approve, late).unwrap_err().code, "people.not_open");
    let mut orphaned = state.clone();
    let suspend = decide(&state, &Command::Suspend(id("treasurer"), true), Moment::EPOCH).unwrap();
    apply(&mut orphaned, &suspend);
    assert_eq!(decide(&orphaned, &approve, Moment::EPOCH).unwrap_err().code, "people.suspended");
    let event = decide(&state, &Command::Tick, late).unwrap();
    apply(&mut state, &event);
    assert_eq!(state.open_proposals().count(), 0);
    assert_eq!(state.next_deadline(), None);
}
