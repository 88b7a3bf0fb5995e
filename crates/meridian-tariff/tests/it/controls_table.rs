//! Controls, one row each: what moves, what it carries, what comes out.

use std::collections::BTreeSet;

use meridian_tariff::controls::{
    Certificate, CertificateKind, CertificateStatus, CertifiedGoods, Control, ControlKind, Controls,
    Direction, Document, Licence, LicenceBook, LicenceCommand, LicenceId, Movement, Outcome, apply, decide,
};
use meridian_terms::{Country, Day, HsCode, Moment, Quantity, Window};

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn code(text: &str) -> HsCode {
    HsCode::parse(text).unwrap()
}

fn control(id: &str, kind: ControlKind, direction: Direction, prefix: &str, documents: &[&str]) -> Control {
    Control {
        id: id.to_owned(),
        kind,
        direction,
        codes: vec![code(prefix)],
        except: Vec::new(),
        origins: BTreeSet::new(),
        destinations: BTreeSet::new(),
        end_uses: BTreeSet::new(),
        exempt_uses: BTreeSet::new(),
        documents: documents.iter().map(|&name| name.to_owned()).collect(),
        issued_by: "an authority".to_owned(),
        checked: "by number".to_owned(),
        validity: Window::new(day("2025-01-01"), None).unwrap(),
        rule: "an act".to_owned(),
        is_illustrative: true,
    }
}

fn controls() -> Controls {
    let mut dual = control("dual", ControlKind::DualUse, Direction::Export, "8413", &["export licence"]);
    dual.destinations = BTreeSet::from([country("IR")]);
    dual.end_uses = BTreeSet::from(["nuclear".to_owned()]);
    let mut ban = control("ban", ControlKind::Prohibition, Direction::Import, "0802", &[]);
    ban.origins = BTreeSet::from([country("XK")]);
    let mut household = control(
        "conformity",
        ControlKind::Conformity,
        Direction::Import,
        "8516",
        &["conformity declaration"],
    );
    household.exempt_uses = BTreeSet::from(["own use".to_owned()]);
    household.except = vec![code("851690")];
    Controls::new(vec![
        control(
            "phyto",
            ControlKind::Phytosanitary,
            Direction::Import,
            "0802",
            &["phytosanitary certificate"],
        ),
        dual,
        ban,
        household,
    ])
    .unwrap()
}

fn movement(direction: Direction, goods: &str, origin: &str, destination: &str) -> Movement {
    Movement {
        direction,
        code: code(goods),
        origin: country(origin),
        destination: country(destination),
        end_use: None,
        day: day("2026-03-20"),
        quantity: Some(Quantity::parse("20 t").unwrap()),
        documents: Vec::new(),
    }
}

fn certificate() -> Certificate {
    Certificate {
        kind: CertificateKind::Phytosanitary,
        number: "IR-2026-000123".to_owned(),
        hub_message: None,
        status: CertificateStatus::Issued,
        issuer: "Plant Protection Organization".to_owned(),
        issued: day("2026-03-10"),
        valid_until: Some(day("2026-04-10")),
        consignor: "Kerman Pistachio Co".to_owned(),
        consignee: "Volga Foods".to_owned(),
        exporting_country: country("IR"),
        importing_country: country("RU"),
        point_of_entry: Some("Astrakhan".to_owned()),
        transport: None,
        goods: vec![CertifiedGoods {
            description: "Pistachio nuts in shell".to_owned(),
            scientific_name: Some("Pistacia vera".to_owned()),
            code: Some(code("080251")),
            origin: country("IR"),
            quantity: Quantity::parse("20000 kg").unwrap(),
            packages: "800 bags".to_owned(),
        }],
        treatments: Vec::new(),
        additional_declarations: Vec::new(),
        is_signed: true,
    }
}

#[test]
fn controls_look_at_line_direction_country_and_end_use() {
    let controls = controls();
    let book = LicenceBook::default();
    let pistachios = movement(Direction::Import, "0802510000", "IR", "RU");
    let pump = movement(Direction::Export, "841370", "RU", "IR");
    let oven = movement(Direction::Import, "851660", "CN", "RU");
    let rows = [
        (pistachios.clone(), Outcome::Needed, "needs: phytosanitary certificate"),
        (Movement { direction: Direction::Export, ..pistachios.clone() }, Outcome::Satisfied, ""),
        (Movement { origin: country("XK"), ..pistachios.clone() }, Outcome::Refused, "may not cross"),
        (Movement { day: day("2024-12-31"), ..pistachios }, Outcome::Satisfied, ""),
        (pump.clone(), Outcome::Needed, "end use"),
        (Movement { end_use: Some("water supply".to_owned()), ..pump.clone() }, Outcome::Satisfied, ""),
        (
            Movement { end_use: Some("nuclear".to_owned()), ..pump.clone() },
            Outcome::Needed,
            "needs: export licence",
        ),
        (Movement { destination: country("IN"), ..pump }, Outcome::Satisfied, ""),
        (oven.clone(), Outcome::Needed, "needs: conformity declaration"),
        (Movement { end_use: Some("own use".to_owned()), ..oven.clone() }, Outcome::Satisfied, ""),
        (Movement { code: code("851690"), ..oven }, Outcome::Satisfied, ""),
    ];
    for (movement, outcome, why) in rows {
        let review = controls.review(&movement, &book);
        assert_eq!(review.outcome, outcome, "{movement:?} {review:?}");
        assert!(review.answers.iter().any(|answer| answer.why.contains(why)) || why.is_empty(), "{review:?}");
    }
}

#[test]
fn no_certificate_lifts_a_prohibition() {
    let mut banned = movement(Direction::Import, "080251", "XK", "RU");
    let mut paper = certificate();
    paper.goods[0].origin = country("XK");
    banned.documents = vec![Document::Certificate(Box::new(paper))];
    let review = controls().review(&banned, &LicenceBook::default());
    assert_eq!(review.outcome, Outcome::Refused);
    let phyto = review.answers.iter().find(|answer| answer.control == "phyto").unwrap();
    assert_eq!(phyto.outcome, Outcome::Satisfied, "the certificate is good, and the goods are still refused");
}

#[test]
fn a_certificate_serves_when_every_field_fits() {
    type Spoil = fn(&mut Certificate);
    let rows: [(Spoil, &str); 9] = [
        (|_| {}, ""),
        (|paper| paper.status = CertificateStatus::Withdrawn, "withdrawn"),
        (|paper| paper.issued = day("2026-03-21"), "after the declaration"),
        (|paper| paper.valid_until = Some(day("2026-03-19")), "valid until 2026-03-19"),
        (|paper| paper.importing_country = country("KZ"), "made out to KZ"),
        (|paper| paper.goods[0].code = Some(code("0801")), "covers no"),
        (
            |paper| paper.goods[0].quantity = Quantity::parse("19999 kg").unwrap(),
            "covers 19.999 t, 20 t moves",
        ),
        (|paper| paper.goods[0].scientific_name = None, "goods[0].scientific_name"),
        (|paper| paper.is_signed = false, "signature"),
    ];
    for (spoil, objection) in rows {
        let mut paper = certificate();
        spoil(&mut paper);
        let mut goods = movement(Direction::Import, "0802510000", "IR", "RU");
        goods.documents = vec![Document::Certificate(Box::new(paper))];
        let review = controls().review(&goods, &LicenceBook::default());
        let expected = if objection.is_empty() { Outcome::Satisfied } else { Outcome::Needed };
        assert_eq!(review.outcome, expected, "{objection}: {review:?}");
        assert!(review.answers[0].why.contains(objection), "{review:?}");
    }
}

#[test]
fn a_licence_is_drawn_down_and_restored() {
    let id = LicenceId::new("EL-7").unwrap();
    let mut book = LicenceBook::default();
    let licence = Licence {
        id: id.clone(),
        document: "export licence".to_owned(),
        holder: "Pump Works".to_owned(),
        codes: vec![code("8413")],
        destinations: vec![country("IR")],
        end_use: Some("nuclear".to_owned()),
        quantity: Quantity::parse("30 t").unwrap(),
        validity: Window::new(day("2026-01-01"), Some(day("2027-01-01"))).unwrap(),
    };
    let draw = |declaration: &str, quantity: &str| LicenceCommand::Draw {
        id: id.clone(),
        declaration: declaration.to_owned(),
        quantity: Quantity::parse(quantity).unwrap(),
    };
    let rows = [
        (draw("D1", "1 t"), "2026-03-20", Err("licence.unknown")),
        (LicenceCommand::Issue(licence.clone()), "2026-03-20", Ok("30 t")),
        (LicenceCommand::Issue(licence), "2026-03-20", Err("licence.exists")),
        (draw("D1", "12500 kg"), "2026-03-20", Ok("17.5 t")),
        (draw("D1", "1 t"), "2026-03-20", Err("licence.drawn_before")),
        (draw("D2", "17.6 t"), "2026-03-20", Err("licence.exhausted")),
        (draw("D2", "0 t"), "2026-03-20", Err("licence.quantity")),
        (draw("D2", "1 m3"), "2026-03-20", Err("quantity.dimension")),
        (draw("D2", "17.5 t"), "2027-01-01", Err("licence.outside_validity")),
        (draw("D2", "17.5 t"), "2026-12-31", Ok("0.0 t")),
        (
            LicenceCommand::Restore { id: id.clone(), declaration: "D9".to_owned() },
            "2026-12-31",
            Err("licence.not_drawn"),
        ),
        (
            LicenceCommand::Restore { id: id.clone(), declaration: "D1".to_owned() },
            "2026-12-31",
            Ok("12.5 t"),
        ),
        (LicenceCommand::Revoke(id.clone()), "2026-12-31", Ok("12.5 t")),
        (draw("D3", "1 t"), "2026-12-31", Err("licence.revoked")),
    ];
    for (command, on, expected) in rows {
        match (decide(&book, &command, Moment::parse(&format!("{on}T10:00:00Z")).unwrap()), expected) {
            (Ok(event), Ok(left)) => {
                let bytes = borsh::to_vec(&event).unwrap();
                apply(&mut book, &borsh::from_slice(&bytes).unwrap());
                assert_eq!(book.left(&id).unwrap(), Quantity::parse(left).unwrap(), "{command:?}");
            }
            (Err(refusal), Err(code)) => assert_eq!(refusal.code, code),
            (answer, _) => panic!("{command:?}: {answer:?}"),
        }
    }
}

#[test]
fn a_movement_under_licence_is_cleared_within_its_quantity() {
    let id = LicenceId::new("EL-8").unwrap();
    let mut book = LicenceBook::default();
    let licence = Licence {
        id: id.clone(),
        document: "export licence".to_owned(),
        holder: "Pump Works".to_owned(),
        codes: vec![code("8413")],
        destinations: vec![country("IR")],
        end_use: Some("nuclear".to_owned()),
        quantity: Quantity::parse("20 t").unwrap(),
        validity: Window::new(day("2026-01-01"), None).unwrap(),
    };
    let at = Moment::parse("2026-03-20T10:00:00Z").unwrap();
    let event = decide(&book, &LicenceCommand::Issue(licence), at).unwrap();
    apply(&mut book, &event);
    let mut pump = movement(Direction::Export, "841370", "RU", "IR");
    pump.end_use = Some("nuclear".to_owned());
    pump.documents = vec![Document::Licence(id)];
    assert_eq!(controls().review(&pump, &book).outcome, Outcome::Satisfied);
    pump.quantity = Some(Quantity::parse("20001 kg").unwrap());
    let review = controls().review(&pump, &book);
    assert_eq!(review.outcome, Outcome::Needed);
    assert!(review.answers[0].why.contains("20 t left"), "{review:?}");
}

#[test]
fn a_table_that_contradicts_itself_is_refused() {
    let twice = vec![
        control("x", ControlKind::Other, Direction::Import, "01", &["paper"]),
        control("x", ControlKind::Other, Direction::Import, "02", &["paper"]),
    ];
    assert_eq!(Controls::new(twice).unwrap_err().code, "control.twice");
    let soft_ban = vec![control("x", ControlKind::Prohibition, Direction::Import, "01", &["paper"])];
    assert_eq!(Controls::new(soft_ban).unwrap_err().code, "control.contradiction");
}
