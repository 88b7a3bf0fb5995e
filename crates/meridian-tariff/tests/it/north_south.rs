//! The tables of the North-South corridor load without a fault, and say that they are an illustration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use meridian_tariff::Tables;
use meridian_tariff::controls::{Controls, Direction, LicenceBook, Movement, Outcome};
use meridian_tariff::origin::{Protocols, Rule};
use meridian_tariff::quota::{Command, State, apply, decide};
use meridian_terms::{Country, Day, HsCode, Moment};

fn pack(country: &str) -> BTreeMap<String, Vec<u8>> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/north-south/tariff").join(country);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())).collect()
}

fn table(country: &str, name: &str) -> Vec<u8> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/north-south/tariff").join(country);
    std::fs::read(folder.join(name)).unwrap()
}

#[test]
fn every_table_loads_and_is_marked_illustrative() {
    for country in ["RU", "KZ", "AM", "IR", "IN"] {
        let tables = Tables::load(&pack(country)).unwrap_or_else(|faults| panic!("{country}: {faults:#?}"));
        assert!(tables.protocols.rules().iter().all(|rule| rule.is_illustrative));
        assert!(
            !tables.controls.rows().is_empty()
                && tables.controls.rows().iter().all(|row| row.is_illustrative)
        );
        assert!(tables.certificates.iter().any(|source| source.country.as_str() == "IR"));
        assert!(tables.proofs.iter().all(|(agreement, ..)| tables.protocols.agreement(agreement).is_some()));
        let mut state = State::default();
        for row in tables.quotas {
            assert!(tables.protocols.agreement(&row.agreement).is_some());
            let event = decide(&state, &Command::Open(row.quota), Moment::EPOCH).unwrap();
            apply(&mut state, &event);
        }
    }
}

#[test]
fn an_agreement_answers_to_the_title_preferences_cite() {
    let tables = Tables::load(&pack("RU")).unwrap();
    let cited = "Free trade agreement EAEU-Iran of 25 December 2023";
    assert_eq!(tables.protocols.agreement(cited), tables.protocols.agreement("eaeu-iran"));
    assert!(!tables.protocols.rules_for(cited, &HsCode::parse("080251").unwrap()).is_empty());
    let preferences = String::from_utf8(table("RU", "preferences.csv")).unwrap();
    assert!(preferences.contains(cited), "the pack's preferences cite it");
}

#[test]
fn the_narrowest_range_gives_the_rule() {
    let protocols = Protocols::load(&table("RU", "agreements.csv"), &table("RU", "origin.csv")).unwrap();
    let rule = |code: &str| {
        let rules = protocols.rules_for("eaeu-iran", &HsCode::parse(code).unwrap());
        rules.iter().map(|row| row.rule.to_string()).collect::<Vec<_>>().join(" | ")
    };
    assert_eq!(rule("8703231940"), "RVC(build-down FOB) >= 50%");
    assert_eq!(rule("870421"), "CTH and VALUE(all) <= 50% EXW");
    assert_eq!(rule("0802510000"), "WO(06-08)");
    for chapter in (1..=97).filter(|chapter| *chapter != 77) {
        let code = format!("{chapter:02}01");
        assert!(!rule(&code).is_empty() || chapter == 9, "chapter {chapter} has no rule");
    }
}

#[test]
fn goods_of_the_corridor_need_their_certificates() {
    let day = Day::parse("2026-03-20").unwrap();
    let rows = [
        ("RU", Direction::Import, "0802510000", "IR", "RU", Outcome::Needed),
        ("RU", Direction::Import, "0804100000", "IR", "RU", Outcome::Needed),
        ("RU", Direction::Import, "0902100001", "IN", "RU", Outcome::Needed),
        ("RU", Direction::Import, "9403", "IR", "RU", Outcome::Satisfied),
        ("IR", Direction::Import, "1001990000", "RU", "IR", Outcome::Needed),
        ("IR", Direction::Import, "4407110000", "RU", "IR", Outcome::Needed),
        ("IR", Direction::Import, "2208601100", "RU", "IR", Outcome::Refused),
        ("IR", Direction::Import, "2207200000", "RU", "IR", Outcome::Satisfied),
        ("RU", Direction::Export, "8413701000", "RU", "IR", Outcome::Needed),
    ];
    for (country, direction, code, origin, destination, outcome) in rows {
        let controls = Controls::load(&table(country, "controls.csv")).unwrap();
        let movement = Movement {
            direction,
            code: HsCode::parse(code).unwrap(),
            origin: Country::parse(origin).unwrap(),
            destination: Country::parse(destination).unwrap(),
            end_use: None,
            day,
            quantity: None,
            documents: Vec::new(),
        };
        assert_eq!(controls.review(&movement, &LicenceBook::default()).outcome, outcome, "{country} {code}");
    }
}

/// file, header and row, and the column at fault.
#[test]
fn faults_are_told_by_file_row_and_column() {
    const AGREEMENTS: &str = "agreement,title,parties,tolerance,cumulation,zone,cumulation_needs_proof,insufficient,transport,drawback_banned,standard_value_content,source,status\n";
    const ORIGIN: &str = "agreement,codes,product,rule,text,source,status\n";
    let good = "x,,IR;RU,01-97 10% EXW,none,,no,,,no,,,official\n";
    let rows = [
        (
            format!("{AGREEMENTS}{good}"),
            format!("{ORIGIN}x,01,,CTH or,,,official\n"),
            "origin.csv:2:rule: origin.sentence: column 7",
        ),
        (
            format!("{AGREEMENTS}{good}"),
            format!("{ORIGIN}x,01,,CTH,,,official\nx,02-0301,,CTH,,,official\n"),
            "origin.csv:3:codes: origin.range",
        ),
        (
            format!("{AGREEMENTS}{good}"),
            format!("{ORIGIN}y,01,,CTH,,,official\n"),
            "origin.csv:2:agreement: origin.agreement_unknown",
        ),
        (
            format!("{AGREEMENTS}{good}"),
            format!("{ORIGIN}x,01,,CTH,,,draft\n"),
            "origin.csv:2:status: sheet.status",
        ),
        (
            format!("{AGREEMENTS}{good}"),
            format!("{ORIGIN}x,01,,,Do as you like.,,official\n"),
            "origin.csv:2:text: origin.prose: column 1",
        ),
        (
            format!("{AGREEMENTS}{good}"),
            "agreement,codes\n".to_owned(),
            "origin.csv:1:product: sheet.column_missing",
        ),
        (
            format!("{AGREEMENTS}x,,IR;XX,,none,,no,,,no,,,official\n"),
            ORIGIN.to_owned(),
            "agreements.csv:2:parties: country.unknown",
        ),
        (
            format!("{AGREEMENTS}x,,IR,1% EXW,none,,no,,,no,,,official\n"),
            ORIGIN.to_owned(),
            "agreements.csv:2:tolerance: origin.tolerance",
        ),
        (
            format!("{AGREEMENTS}x,,IR,,none,,perhaps,,,no,,,official\n"),
            ORIGIN.to_owned(),
            "agreements.csv:2:cumulation_needs_proof: sheet.yes_or_no",
        ),
    ];
    for (agreements, origin, told) in rows {
        let faults = Protocols::load(agreements.as_bytes(), origin.as_bytes()).unwrap_err();
        assert!(faults.iter().any(|fault| fault.to_string().starts_with(told)), "{told}: {faults:#?}");
    }
    let controls = "control,kind,direction,codes,except,origins,destinations,end_uses,exempt_uses,documents,issued_by,checked,from,until,rule,status\n\
        a,prohibition,import,01,,,,,,paper,,,2026-01-01,,act,official\na,licence,sideways,,,,,,,,,,2026-01-01,2025-01-01,,official\n";
    let faults = Controls::load(controls.as_bytes()).unwrap_err();
    let told: Vec<String> = faults.iter().map(|fault| format!("{}:{}", fault.row, fault.column)).collect();
    assert_eq!(told, ["2:documents", "3:direction", "3:codes", "3:until", "3:rule"]);
}

#[test]
fn the_shipped_bill_qualifies_by_change_of_heading_with_tolerance() {
    let rule = Rule::parse("CTH or RVC(build-down FOB) >= 50%").unwrap();
    let protocols = Protocols::load(&table("RU", "agreements.csv"), &table("RU", "origin.csv")).unwrap();
    let rows = protocols.rules_for("eaeu-iran", &HsCode::parse("841370").unwrap());
    assert_eq!(rows[0].rule, rule);
}
