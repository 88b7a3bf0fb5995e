//! The two-person rule over random histories.

use std::collections::BTreeMap;

use meridian_people::{Act, Command, Event, PersonId, Persons, ProposalId, Role, State, apply, decide};
use meridian_terms::{Micros, Moment};
use proptest::prelude::*;

use crate::rights::office;

#[derive(Debug, Clone)]
enum Step {
    Propose(usize, usize),
    Approve(u64, usize),
    Withdraw(u64, usize),
    Decline(u64, usize),
    Do(usize, usize),
    Suspend(usize, bool),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..7_usize;
    prop_oneof![
        (0..Act::ALL.len(), who.clone()).prop_map(|(act, who)| Step::Propose(act, who)),
        (1..12_u64, who.clone()).prop_map(|(id, who)| Step::Approve(id, who)),
        (1..12_u64, who.clone()).prop_map(|(id, who)| Step::Withdraw(id, who)),
        (1..12_u64, who.clone()).prop_map(|(id, who)| Step::Decline(id, who)),
        (0..Act::ALL.len(), who.clone()).prop_map(|(act, who)| Step::Do(act, who)),
        (who, any::<bool>()).prop_map(|(who, suspended)| Step::Suspend(who, suspended)),
        (0..96_i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever is asked in whatever order: no two-person act is done but by two different people with the right roles,
    /// neither suspended at that moment, each proposal at most once; and somebody can always admit people.
    #[test]
    fn a_two_person_act_is_never_done_by_one(steps in proptest::collection::vec(step(), 1..80)) {
        let mut state: State = office();
        let names: Vec<PersonId> = state.people().map(|person| person.id.clone()).collect();
        let mut proposed: BTreeMap<ProposalId, (Act, PersonId)> = BTreeMap::new();
        let mut at = Moment::EPOCH;
        for step in steps {
            let command = match step {
                Step::Propose(act, who) => {
                    Command::Propose { act: Act::ALL[act], words: String::new(), matter: vec![9], by: names[who].clone() }
                }
                Step::Approve(id, who) => {
                    let digest = state.proposal(ProposalId(id)).map_or([0; 32], meridian_people::Proposal::digest);
                    Command::Approve { proposal: ProposalId(id), digest, by: names[who].clone() }
                }
                Step::Withdraw(id, who) => Command::Withdraw { proposal: ProposalId(id), by: names[who].clone() },
                Step::Decline(id, who) => Command::Decline { proposal: ProposalId(id), by: names[who].clone() },
                Step::Do(act, who) => Command::Do { act: Act::ALL[act], words: String::new(), by: names[who].clone() },
                Step::Suspend(who, suspended) => Command::Suspend(names[who].clone(), suspended),
                Step::Wait(hours) => {
                    at = at.plus(Micros::hours(hours));
                    Command::Tick
                }
            };
            let Ok(event) = decide(&state, &command, at) else { continue };
            let holds = |state: &State, who: &PersonId, roles: &[Role]| {
                state.person(who).is_some_and(|one| !one.is_suspended && one.roles.iter().any(|role| roles.contains(role)))
            };
            match &event {
                Event::Proposed(proposal) => {
                    prop_assert_eq!(proposal.act.right().persons, Persons::Two);
                    prop_assert!(proposed.insert(proposal.id, (proposal.act, proposal.by.clone())).is_none());
                }
                Event::Approved { proposal, by, .. } => {
                    let (act, first) = proposed.remove(proposal).unwrap();
                    prop_assert!(first != *by);
                    prop_assert!(holds(&state, by, act.right().approves) && holds(&state, &first, act.right().does));
                }
                Event::Withdrawn(id, _) => drop(proposed.remove(id)),
                Event::Declined { proposal, by, .. } => {
                    let (act, first) = proposed.remove(proposal).unwrap();
                    prop_assert!(first != *by && holds(&state, by, act.right().approves));
                }
                Event::Expired(ids, _) => ids.iter().for_each(|id| drop(proposed.remove(id))),
                Event::Did { act, by, .. } => {
                    prop_assert_eq!(act.right().persons, Persons::One);
                    prop_assert!(holds(&state, by, act.right().does));
                }
                _ => {}
            }
            apply(&mut state, &event);
            let active = |role| state.people().filter(|one| !one.is_suspended && one.roles.contains(&role)).count();
            prop_assert!(active(Role::Operator) >= 1);
        }
    }
}
