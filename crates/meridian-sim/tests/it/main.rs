//! Worlds hold with their protections, break without any one of them, and are the same again.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use meridian_sim::{Failure, Protections, run};

const WHOLE: Protections = Protections { fsync: true, fence: true, dedupe: true, deadline: true, caps: true };

/// The first of 2,000 seeds that breaks.
fn first_broken(protections: Protections) -> Box<Failure> {
    let broken = (0..2_000).find_map(|seed| run(seed, protections).err());
    broken.expect("2,000 worlds without this protection break no law: the laws do not see it")
}

/// It breaks by the law of what is missing, holds with everything in place, and breaks the same way again.
fn breaks(protections: Protections, laws: &[&str]) {
    let failure = first_broken(protections);
    assert!(laws.iter().any(|law| failure.broke.contains(law)), "{failure}");
    assert_eq!(run(failure.seed, protections).unwrap_err(), failure);
    run(failure.seed, WHOLE).unwrap();
}

#[test]
fn a_stretch_of_worlds_holds() {
    let (mut cuts, mut terms, mut acknowledged) = (0, 0, 0);
    let (mut queued, mut released, mut instructions) = (0, 0, 0);
    for seed in 0..400 {
        let seen = run(seed, WHOLE).unwrap_or_else(|failure| panic!("{failure}"));
        cuts += seen.power_cuts;
        terms += seen.terms;
        acknowledged += seen.acknowledged;
        (queued, released) = (queued + seen.queued, released + seen.released);
        instructions += seen.instructions;
    }
    // These worlds are not idle ones.
    assert!(cuts > 400 && terms > 1_200 && acknowledged > 4_000, "{cuts} {terms} {acknowledged}");
    assert!(queued > 0 && released > 0 && instructions > 0, "{queued} {released} {instructions}");
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in [3, 77, 4_711] {
        assert_eq!(run(seed, WHOLE).unwrap(), run(seed, WHOLE).unwrap());
    }
}

#[test]
fn a_medium_that_ignores_sync_is_noticed() {
    breaks(Protections { fsync: false, ..WHOLE }, &["was acknowledged, the log ends", "was acknowledged"]);
}

#[test]
fn a_store_that_ignores_terms_is_noticed() {
    breaks(Protections { fence: false, ..WHOLE }, &["does not know it", "somebody else wrote"]);
}

#[test]
fn payments_sent_again_under_new_references_are_noticed() {
    breaks(Protections { dedupe: false, ..WHOLE }, &["is paid twice"]);
}

#[test]
fn time_that_gets_no_turn_is_noticed() {
    breaks(Protections { deadline: false, ..WHOLE }, &["has passed"]);
}

#[test]
fn caps_that_are_not_set_are_noticed() {
    breaks(Protections { caps: false, ..WHOLE }, &["its cap is"]);
}
