//! A real change of the UN's list, and parties in flight while it happens.

use meridian_screening::{Delta, InFlight, ListSet, Policy, Question, Verdict, import_un, rescreen, screen};

#[test]
fn the_uns_list_of_2025_11_becomes_that_of_2026_02() {
    let Some(folder) = meridian_testdata::find("screening/lists/un") else { return };
    let load = |file: &str| import_un(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    let (old, new) = (load("un_consolidated_2025-11.xml"), load("un_consolidated_2026-02-27.xml"));
    assert_eq!((old.entries.len(), new.entries.len()), (1_000, 1_003));
    let today = new.published;
    let (before, after) = (ListSet::of(vec![old]), ListSet::of(vec![new]));
    let delta = Delta::between(&before, &after);
    assert_eq!((delta.added.len(), delta.removed.len()), (4, 1), "{delta:?}");
    // In flight: the four by their names, written otherwise, among people nobody looks for.
    let others = ["Anna Petrova", "Rajesh Kumar Verma", "Primer Trading LLC", "Giorgi Maisuradze"];
    let added: Vec<String> = delta
        .added
        .iter()
        .map(|(list, id)| after.entry(list, id).unwrap().primary().to_lowercase())
        .collect();
    let in_flight: Vec<InFlight> = others
        .iter()
        .map(|name| Question::from(*name))
        .chain(added.iter().map(Question::from))
        .map(|question| InFlight { party: question.fingerprint(), question })
        .collect();
    let policy = Policy::default();
    let found = rescreen(&delta, &after, &in_flight, &policy, today);
    for name in &added {
        let party = Question::from(name).fingerprint();
        let one = found.iter().find(|one| one.party == party);
        assert!(one.is_some_and(|one| matches!(one.verdict, Verdict::Hit(_))), "{name} was not found");
    }
    for name in others {
        assert!(found.iter().all(|one| one.party != Question::from(name).fingerprint()), "{name}");
    }
    // The delta's answer is the whole's answer: whoever the whole finds anew, the delta has found.
    for party in &in_flight {
        let anew = screen(&before, party.question.clone(), &policy.clone().oldest(365), today)
            == Verdict::Clear
            && screen(&after, party.question.clone(), &policy, today) != Verdict::Clear;
        assert!(!anew || found.iter().any(|one| one.party == party.party));
    }
}
