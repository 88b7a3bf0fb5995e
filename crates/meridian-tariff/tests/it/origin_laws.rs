//! Laws of origin: a sentence reads back, a further fact never turns an answer round, originating material never
//! hurts, and build-down is what foreign content leaves.

use std::collections::BTreeSet;

use meridian_tariff::origin::{
    Agreement, Allowance, Base, Bill, Ceiling, Change, Codes, Cumulation, Level, Material, Materials,
    Measure, Method, Operations, OriginatingShare, Outcome, Requirement, Rule, Share, Standing, Status, Term,
    Tolerance, Transport, TransportRule, ValueContent, Verdict, compile, judge,
};
use meridian_terms::{Country, Decimal, HsCode};
use proptest::prelude::*;

fn percent() -> impl Strategy<Value = Decimal> {
    (0_i128..=1000).prop_map(|tenths| Decimal::new(tenths, 1).unwrap())
}

fn term() -> impl Strategy<Value = Term> {
    let codes = prop_oneof![
        Just(Codes::Own(Level::Heading)),
        Just(Codes::Own(Level::Chapter)),
        prop::sample::select(vec!["72", "7208", "7210", "8501", "850110"])
            .prop_map(|code| Codes::Within(vec![(code.to_owned(), code.to_owned())])),
        Just(Codes::Within(vec![("7207".to_owned(), "7210".to_owned()), ("85".to_owned(), "85".to_owned())])),
    ];
    prop_oneof![
        codes.clone().prop_map(|codes| Term { name: None, codes }),
        codes.prop_map(|codes| Term { name: Some("waste and scrap".to_owned()), codes }),
        Just(Term { name: Some("handles of base metal".to_owned()), codes: Codes::Anywhere }),
    ]
}

fn materials() -> impl Strategy<Value = Materials> {
    (prop::collection::vec(term(), 0..3), prop::collection::vec(term(), 0..2))
        .prop_map(|(only, except)| Materials { only, except })
}

fn share() -> impl Strategy<Value = Share> {
    let base = prop::sample::select(vec![Base::ExWorks, Base::FreeOnBoard, Base::NetCost, Base::Weight]);
    (percent(), base).prop_map(|(percent, of)| Share { percent, of })
}

fn allowances() -> impl Strategy<Value = Vec<Allowance>> {
    let one = (materials(), prop::option::of(share())).prop_map(|(of, at_most)| Allowance { of, at_most });
    prop::collection::vec(one, 0..2)
}

fn leaf() -> impl Strategy<Value = Rule> {
    let level =
        prop::option::of(prop::sample::select(vec![Level::Chapter, Level::Heading, Level::Subheading]));
    let measure = || prop::sample::select(vec![Measure::Value, Measure::Weight]);
    let method = prop_oneof![
        Just(Method::BuildDown),
        Just(Method::BuildUp),
        Just(Method::NetCost),
        materials().prop_map(Method::Focused)
    ];
    prop_oneof![
        Just(Rule::WhollyObtained),
        (level, prop::collection::vec(term(), 0..3), allowances())
            .prop_map(|(level, except, allow)| Rule::Change(Change { level, except, allow })),
        (prop::bool::ANY, materials(), allowances()).prop_map(|(wholly, of, allow)| {
            let status = if wholly { Status::WhollyObtained } else { Status::Originating };
            Rule::Require(Requirement { status, of, allow })
        }),
        prop::collection::vec(term(), 1..3).prop_map(Rule::From),
        (measure(), materials(), prop::bool::ANY, share())
            .prop_map(|(measure, of, each, at_most)| Rule::Ceiling(Ceiling { measure, of, each, at_most })),
        (measure(), materials(), percent()).prop_map(|(measure, of, at_least)| {
            Rule::OriginatingShare(OriginatingShare { measure, of, at_least })
        }),
        (method, prop::option::of(percent())).prop_map(|(method, at_least)| {
            let of = if method == Method::NetCost { Base::NetCost } else { Base::FreeOnBoard };
            Rule::ValueContent(ValueContent { method, of, at_least })
        }),
        materials().prop_map(Rule::NoDearerThanOriginating),
        Just(Rule::Done("weaving".to_owned())),
        Just(Rule::That("in bond".to_owned())),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Rule::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Rule::Any),
            (1_usize..3, prop::collection::vec(inner, 2..4))
                .prop_map(|(count, rules)| Rule::AtLeast(count, rules)),
        ]
    })
}

fn material() -> impl Strategy<Value = Material> {
    let code = prop::sample::select(vec!["7207", "720810", "721012", "850110", "850120", "3926", "72"]);
    let standing = prop::sample::select(vec![
        Standing::WhollyObtained,
        Standing::Originating,
        Standing::NonOriginating,
        Standing::NonOriginating,
    ]);
    let names = prop::collection::btree_map(
        prop::sample::select(vec!["waste and scrap".to_owned(), "handles of base metal".to_owned()]),
        prop::bool::ANY,
        2,
    );
    let country = prop::option::of(prop::sample::select(vec!["IR", "AM", "TR"]));
    (code, standing, 0_i128..60, 0_i128..60, names, country).prop_map(
        |(code, standing, value, weight, names, country)| {
            let mut material = Material::new("part", standing);
            material.code = Some(HsCode::parse(code).unwrap());
            material.value = Some(Decimal::whole(value));
            material.weight_kg = Some(Decimal::whole(weight));
            material.names = names;
            material.country = country.map(|code| Country::parse(code).unwrap());
            material
        },
    )
}

fn bill() -> impl Strategy<Value = Bill> {
    (prop::collection::vec(material(), 1..5), 1_i128..200, prop::bool::ANY, prop::bool::ANY).prop_map(
        |(materials, price, woven, wholly)| {
            let mut bill = Bill::new(HsCode::parse("850110").unwrap(), Country::parse("IR").unwrap());
            for base in [Base::ExWorks, Base::FreeOnBoard, Base::NetCost, Base::Weight] {
                bill.measures.insert(base, Decimal::whole(price));
            }
            bill.materials = materials;
            bill.wholly_obtained = Some(wholly);
            bill.operations = Operations { complete: true, ..Operations::default() };
            bill.operations.done.insert(if woven { "weaving" } else { "packing" }.to_owned());
            bill.facts.insert("in bond".to_owned(), woven);
            bill.transport = Some(Transport {
                through: vec![Country::parse("AZ").unwrap()],
                under_customs_control: Some(wholly),
                altered: Some(false),
                evidence: BTreeSet::from(["through bill of lading".to_owned()]),
            });
            bill.drawback = Some(false);
            bill
        },
    )
}

fn agreement() -> impl Strategy<Value = Agreement> {
    let cumulation = prop::sample::select(vec![
        Cumulation::None,
        Cumulation::Bilateral,
        Cumulation::Diagonal(BTreeSet::from([Country::parse("TR").unwrap()])),
    ]);
    (cumulation, prop::option::of(0_i128..30), prop::bool::ANY, prop::bool::ANY).prop_map(
        |(cumulation, tolerance, strict, general)| Agreement {
            id: "test".to_owned(),
            parties: BTreeSet::from([Country::parse("IR").unwrap(), Country::parse("AM").unwrap()]),
            tolerances: tolerance
                .map(|percent| Tolerance {
                    chapters: (1, 97),
                    at_most: Share { percent: Decimal::whole(percent), of: Base::ExWorks },
                })
                .into_iter()
                .collect(),
            cumulation,
            insufficient: if strict { BTreeSet::from(["packing".to_owned()]) } else { BTreeSet::new() },
            transport: strict.then(TransportRule::default),
            drawback_banned: general,
            standard_value_content: Some(Decimal::whole(40)),
            ..Agreement::default()
        },
    )
}

fn kind(verdict: &Verdict) -> Outcome {
    match verdict {
        Verdict::Qualifies => Outcome::Met,
        Verdict::Fails(_) => Outcome::NotMet,
        Verdict::Unknown(_) => Outcome::Unknown,
    }
}

/// Takes one stated fact away.
fn forget(bill: &mut Bill, which: usize) {
    let lines = bill.materials.len();
    let line = which % lines;
    match which / lines % 9 {
        0 => bill.materials[line].value = None,
        1 => bill.materials[line].weight_kg = None,
        2 => bill.materials[line].code = None,
        3 => bill.materials[line].standing = Standing::Unstated,
        4 => bill.materials[line].names.clear(),
        5 => drop(bill.measures.remove(&Base::ExWorks)),
        6 => bill.operations = Operations::default(),
        7 => bill.facts.clear(),
        _ => bill.transport = None,
    }
}

proptest! {
    #![proptest_config(crate::seeded(2000))]

    #[test]
    fn a_sentence_reads_back_to_the_same_rule(rule in rule()) {
        prop_assert_eq!(Rule::parse(&rule.to_string()).unwrap(), rule);
    }

    #[test]
    fn forgetting_a_fact_never_turns_an_answer_round(
        rule in rule(),
        full in bill(),
        agreement in agreement(),
        forgotten in prop::collection::vec(0_usize..200, 1..4),
    ) {
        let mut partial = full.clone();
        forgotten.iter().for_each(|which| forget(&mut partial, *which));
        let (whole, part) = (judge(&rule, &full, &agreement), judge(&rule, &partial, &agreement));
        if kind(&part.verdict) != Outcome::Unknown {
            prop_assert_eq!(kind(&whole.verdict), kind(&part.verdict), "{:#?}\n{:#?}", whole, part);
        }
        if let Verdict::Unknown(facts) = &part.verdict {
            prop_assert!(!facts.is_empty(), "{:#?}", part.tree);
        }
        if let Verdict::Fails(shortfalls) = &part.verdict {
            prop_assert!(!shortfalls.is_empty(), "{:#?}", part.tree);
        }
    }

    #[test]
    fn adding_wholly_obtained_material_never_loses_origin(
        rule in rule(),
        bill in bill(),
        agreement in agreement(),
        mut added in material(),
    ) {
        added.standing = Standing::WhollyObtained;
        added.country = None;
        let mut more = bill.clone();
        more.materials.push(added);
        if judge(&rule, &bill, &agreement).verdict == Verdict::Qualifies {
            let judged = judge(&rule, &more, &agreement);
            prop_assert_eq!(judged.verdict, Verdict::Qualifies, "{:#?}", judged.tree);
        }
    }

    #[test]
    fn foreign_content_and_build_down_are_two_sides_of_one_price(bill in bill(), tenths in 0_i128..=1000) {
        let most = Decimal::new(tenths, 1).unwrap();
        let rest = Decimal::new(1000 - tenths, 1).unwrap();
        let ceiling = Rule::parse(&format!("VALUE(all) <= {most}% FOB")).unwrap();
        let content = Rule::parse(&format!("RVC(build-down FOB) >= {rest}%")).unwrap();
        let agreement = Agreement::default();
        prop_assert_eq!(
            kind(&judge(&ceiling, &bill, &agreement).verdict),
            kind(&judge(&content, &bill, &agreement).verdict)
        );
    }

    #[test]
    fn no_text_panics_the_compiler(text in "(Manufacture|from|in which|all|the value|of|heading|1701|,|\\.|or|and|used|does not exceed|20%|\\(|\\)|However|may be used|:|\n\n- |weaving|combined with| ){0,30}", noise in "\\PC{0,40}") {
        for text in [&text, &noise] {
            if let Ok(compiled) = compile(text) {
                let sentence = compiled.rule.to_string();
                prop_assert_eq!(Rule::parse(&sentence).unwrap(), compiled.rule);
            }
            let _ = Rule::parse(text);
        }
    }
}
