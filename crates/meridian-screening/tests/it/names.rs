//! Names that are one, and names that are not: tables by script.

use meridian_screening::{HIT_FROM, Lexicon, Name, score};

#[test]
fn one_name_in_many_hands() {
    for (a, b) in [
        // Transliteration.
        ("Сергей Лавров", "Sergey Lavrov"),
        ("Щербаков Юрий", "Yuriy Shcherbakov"),
        ("Խաչատրյան Արամ", "Aram Khachatryan"),
        ("გიორგი ჭავჭავაძე", "Giorgi Chavchavadze"),
        ("नरेन्द्र मोदी", "Narendra Modi"),
        ("राजेश शर्मा", "Rajesh Sharma"),
        ("محمد رضا رحیمی", "Mohammad Reza Rahimi"),
        ("عبدالرحمان احمد", "Abdul Rahman Ahmad"),
        ("عبد الله", "Abdullah"),
        ("نورالدین", "Nur al-Din"),
        ("گلبدین حکمتیار", "Gulbuddin Hekmatyar"),
        ("چوہدری شجاعت حسین", "Chaudhry Shujaat Hussain"),
        ("ﻤﺤﻤﺪ ﻛﺮﻴﻢ", "Muhammad Karim"),
        ("قاسم سلیمانی", "Qassem Soleimani"),
        ("علي\u{200c}رضا", "Alireza"),
        ("Ҡасым Тоҡаев", "Kassym Tokayev"),
        // Spelling, joining, order, marks.
        ("Petrović, Željko", "Zeljko Petrovich"),
        ("Jean-Claude Juncker", "JeanClaude Juncker"),
        ("Schmidt Hans-Peter", "Hans Peter Schmitt"),
        ("Müller Jürgen", "Muller Jurgen"),
        ("Ali Akbar Velayati", "Velayati, A. Akbar"),
        ("Usama bin Ladin", "Osama bin Laden"),
        ("Dr. Ivan Primerov", "PRIMEROV Ivan"),
        // Companies.
        ("Primer Trading L.L.C.", "PRIMER TRADING LIMITED LIABILITY COMPANY"),
        ("ООО \"Ромашка\"", "Romashka LLC"),
        ("Primer Aktiengesellschaft", "Primer AG"),
        ("The Primer Group", "Primer Group"),
        ("شرکت پارس", "Pars Company"),
    ] {
        let (points, why) = score(a, b, None);
        assert!(points >= HIT_FROM, "{a} / {b}: {points} {why:?}");
        let (back, _) = score(b, a, None);
        assert!(back >= HIT_FROM, "{b} / {a}: {back}");
    }
}

#[test]
fn two_names_alike_in_part() {
    for (a, b) in [
        ("Anna Petrova", "Boris Petrov"),
        ("Mohammad Ahmadi", "Mohammad Karimi"),
        ("محمد احمدی", "Mohammad Karimi"),
        ("Primer of Boston, Inc.", "Primer of Chicago, Inc."),
        ("Volga Bank AG", "Neva Bank AG"),
        ("Giorgi Maisuradze", "Giorgi Kapanadze"),
        ("गीता शर्मा", "Rajesh Sharma"),
        ("Government of Estonia", "Ministry of Finance"),
        ("Ali", "Olga"),
        ("Hannibal Barca", "Hannibal"),
    ] {
        let (points, why) = score(a, b, None);
        assert!(points < HIT_FROM, "{a} / {b}: {points} {why:?}");
    }
}

#[test]
fn a_lexicon_joins_what_no_sound_does() {
    let lexicon = Lexicon::import("bill, william, билл => Q1\nпётр, peter => Q2\n".as_bytes()).unwrap();
    let (without, _) = score("Bill Primer", "William Primer", None);
    let (with, why) = score("Bill Primer", "William Primer", Some(&lexicon));
    assert!(without < HIT_FROM && with >= HIT_FROM, "{without} {with} {why:?}");
    assert!(Lexicon::import(b"").is_err() && Lexicon::import(b"no arrow\n").is_err());
}

#[test]
fn readings_of_a_name() {
    let count = |text: &str| Name::readings(text).len();
    assert_eq!(count("Anna Petrova"), 1);
    assert_eq!(count("Al-Qa'ida/Islamic Army"), 3);
    assert_eq!(count("Primer A/S"), 1);
    assert_eq!(count("Anna Petrova (Анна Петрова)"), 3);
    assert_eq!(count("Primer (Schweiz) AG"), 1);
}

mod laws {
    use meridian_screening::score;
    use proptest::prelude::*;

    proptest! {
        /// A name is itself, whatever it is.
        #[test]
        fn a_name_is_itself(name in "[A-Za-z]{2,9}( [A-Za-z]{2,9}){0,4}") {
            prop_assert_eq!(score(&name, &name, None).0, 1000);
        }

        /// Case and punctuation between words make no difference; nothing panics, nothing leaves the scale.
        #[test]
        fn any_text_is_scored(a in "\\PC{0,40}", b in "\\PC{0,40}") {
            let (points, _) = score(&a, &b, None);
            prop_assert!(points <= 1000);
            prop_assert_eq!(score(&a, &b, None).0, points);
        }

        /// The order of words makes no difference.
        #[test]
        fn order_makes_no_difference(words in proptest::collection::vec("[a-z]{4,9}", 2..5)) {
            let there = words.join(" ");
            let back = words.iter().rev().cloned().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(score(&there, &back, None).0, 1000);
        }
    }
}
