//! The table of roles and operations, written out once more by hand: `1` does it alone, `p` proposes, `a` approves, `b`
//! both. Whoever changes the rights changes this table knowingly.

use std::collections::BTreeSet;

use meridian_people::{Act, Command, Event, Person, PersonId, Role, State, apply, decide};
use meridian_terms::Moment;

const TABLE: &str = "
act                  operator treasurer compliance customs analyst auditor
admit-person             b        .         a         .       .       .
suspend-person           1        .         1         .       .       .
restore-person           b        .         a         .       .       .
rotate-credential        b        .         a         .       .       .
admit-participant        b        .         a         .       .       .
suspend-participant      1        1         1         .       .       .
restore-participant      p        .         a         .       .       .
open-link                p        a         a         .       .       .
shut-link                1        1         1         .       .       .
put-routes               b        a         .         .       .       .
stop-cards               1        1         1         .       .       .
lift-stop                p        a         a         .       .       .
set-cap                  a        b         .         .       .       .
fund                     a        b         .         .       .       .
run-window               a        b         .         .       .       .
correct-settlement       a        b         .         .       .       .
put-list-in-force        a        .         b         .       .       .
work-case                .        .         1         .       .       .
release-hold             .        .         b         .       .       .
refuse-hold              .        .         1         .       .       .
grant-licence            .        .         b         p       .       .
enter-instrument         p        .         a         p       .       .
change-settings          b        a         .         .       .       .
look                     1        1         1         1       1       1
look-cases               .        .         1         .       .       1
look-audit               .        .         1         .       .       1
export                   .        .         .         .       1       1
";

pub(crate) fn person(id: &str, roles: impl IntoIterator<Item = Role>) -> Person {
    let roles: BTreeSet<Role> = roles.into_iter().collect();
    Person { id: PersonId(id.into()), name: id.into(), roles, credential: [7; 32], is_suspended: false }
}

/// One person of each role, and somebody with all of them to propose and approve against.
pub(crate) fn office() -> State {
    let mut people: Vec<Person> = Role::ALL.into_iter().map(|role| person(role.word(), [role])).collect();
    people.push(person("everything", Role::ALL));
    let mut state = State::default();
    let event = decide(&state, &Command::Found(people), Moment::EPOCH).unwrap();
    apply(&mut state, &event);
    state
}

fn propose(state: &mut State, act: Act, by: &str) -> Option<(meridian_people::ProposalId, [u8; 32])> {
    let command = Command::Propose { act, words: "w".into(), matter: vec![1], by: PersonId(by.into()) };
    let event = decide(state, &command, Moment::EPOCH).ok()?;
    apply(state, &event);
    let Event::Proposed(proposal) = event else { return None };
    Some((proposal.id, proposal.digest()))
}

#[test]
fn each_role_can_do_what_it_must_and_nothing_else() {
    let mut rows = TABLE.trim().lines();
    let roles: Vec<&str> = rows.next().unwrap().split_whitespace().skip(1).collect();
    let mut seen = 0;
    for row in rows {
        let mut cells = row.split_whitespace();
        let word = cells.next().unwrap();
        let act = *Act::ALL.iter().find(|act| act.word() == word).unwrap_or_else(|| panic!("no act {word}"));
        seen += 1;
        for (role, expected) in roles.iter().zip(cells) {
            let mut state = office();
            let by = PersonId((*role).into());
            let alone =
                decide(&state, &Command::Do { act, words: "w".into(), by: by.clone() }, Moment::EPOCH)
                    .is_ok();
            let proposes = propose(&mut state, act, role).is_some();
            let mut state = office();
            let approves = propose(&mut state, act, "everything").is_some_and(|(proposal, digest)| {
                decide(&state, &Command::Approve { proposal, digest, by }, Moment::EPOCH).is_ok()
            });
            let found = match (alone, proposes, approves) {
                (true, false, false) => "1",
                (false, true, false) => "p",
                (false, false, true) => "a",
                (false, true, true) => "b",
                (false, false, false) => ".",
                mixed => panic!("{role} on {word}: {mixed:?}"),
            };
            assert_eq!(found, expected, "{role} on {word}");
        }
    }
    assert_eq!(seen, Act::ALL.len(), "an act has no row");
}
