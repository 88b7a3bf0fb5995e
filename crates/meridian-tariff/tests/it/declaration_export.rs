//! A declaration assembled, refused field by field, and written three ways.

use meridian_tariff::declaration::{
    Charge, Declaration, DocumentReference, Goods, Procedure, Shipment, Trader,
};
use meridian_terms::{Country, Currency, Day, HsCode, Money, Quantity, Ratio};

fn trader(name: &str, country: &str) -> Trader {
    Trader {
        name: name.to_owned(),
        number: Some("1234567890".to_owned()),
        address: "1 Port Road".to_owned(),
        country: Country::parse(country).unwrap(),
    }
}

fn goods(code: &str, price: &str) -> Goods {
    Goods {
        code: HsCode::parse(code).unwrap(),
        description: "Pistachios \"Akbari\" <in shell> & salted".to_owned(),
        origin: Country::parse("IR").unwrap(),
        packages: "800 bags".to_owned(),
        gross: Quantity::parse("20400 kg").unwrap(),
        net: Quantity::parse("20 t").unwrap(),
        supplementary: None,
        price: Money::parse(price, Currency::USD).unwrap(),
        preference: Some("EAEU-Iran".to_owned()),
        documents: vec![DocumentReference {
            kind: "CT-3".to_owned(),
            number: "0012345".to_owned(),
            day: Day::parse("2026-03-18").unwrap(),
        }],
        charges: vec![Charge {
            kind: "import duty".to_owned(),
            base: "customs value".to_owned(),
            rate: "5%".to_owned(),
            amount: Money::parse("100.01", Currency::RUB).unwrap(),
        }],
    }
}

fn shipment() -> Shipment {
    Shipment {
        reference: "MER-1\u{1}\n\\".to_owned(),
        procedure: Procedure::Import,
        day: Day::parse("2026-03-20").unwrap(),
        office: "10311010".to_owned(),
        exporter: trader("Kerman Pistachio Co", "IR"),
        consignee: trader("Volga Foods", "RU"),
        declarant: trader("Caspian Brokers", "RU"),
        from: Country::parse("IR").unwrap(),
        to: Country::parse("RU").unwrap(),
        delivery_terms: "CPT Astrakhan".to_owned(),
        transport: "sea, MV Caspian Star".to_owned(),
        added_to_value: Money::parse("1000.00", Currency::RUB).unwrap(),
        rate: Ratio::parse_decimal("80.5").unwrap(),
        goods: vec![goods("0802510000", "100.00"), goods("0804100000", "200.01")],
    }
}

#[test]
fn freight_is_split_by_price_to_the_last_kopeck() {
    let declaration = Declaration::assemble(shipment()).unwrap();
    let values: Vec<String> = declaration.lines().iter().map(|line| line.customs_value.to_string()).collect();
    // 100 * 80.5 = 8050.00 and 200.01 * 80.5 = 16100.805, half up 16100.81. 1000 split 10000 : 20001 is 333.32 and
    // 666.67, and the kopeck left over goes to the first line.
    assert_eq!(values, ["RUB 8383.33", "RUB 16767.48"]);
    assert_eq!(declaration.customs_value().to_string(), "RUB 25150.81");
    assert_eq!(declaration.charges().to_string(), "RUB 200.02");
}

#[test]
fn json_carries_every_character_back() {
    let declaration = Declaration::assemble(shipment()).unwrap();
    let read: serde_json::Value = serde_json::from_str(&declaration.to_json()).unwrap();
    assert_eq!(read["reference"], "MER-1\u{1}\n\\");
    assert_eq!(read["lines"][0]["description"], "Pistachios \"Akbari\" <in shell> & salted");
    assert_eq!(read["lines"][1]["customs_value"], "16767.48");
    assert_eq!(read["lines"][0]["documents"][0]["kind"], "CT-3");
}

#[test]
fn xml_and_html_escape_what_would_be_markup() {
    let declaration = Declaration::assemble(shipment()).unwrap();
    let escaped = "Pistachios &quot;Akbari&quot; &lt;in shell&gt; &amp; salted";
    for text in [declaration.to_xml(), declaration.to_html()] {
        assert!(text.contains(escaped), "{text}");
        assert!(
            !text.contains('\u{1}') && text.contains('\u{fffd}'),
            "a control character has no place in markup"
        );
        assert!(!text.contains("<in shell>"));
    }
    let xml = declaration.to_xml();
    let opened = xml.matches("<line>").count();
    assert_eq!((opened, xml.matches("</line>").count()), (2, 2));
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<declaration>\n"));
    assert!(xml.ends_with("</declaration>\n"));
}

#[test]
fn faults_are_named_by_their_path() {
    type Spoil = fn(&mut Shipment);
    let rows: [(Spoil, &str); 10] = [
        (|facts| facts.office = " ".to_owned(), "office: is empty"),
        (|facts| facts.exporter.address.clear(), "exporter.address: is empty"),
        (|facts| facts.to = facts.from, "to: is the country of dispatch"),
        (|facts| facts.goods.clear(), "goods: no line"),
        (
            |facts| facts.goods[1].code = HsCode::parse("0804").unwrap(),
            "goods[1].code: a declaration needs at least 6 digits",
        ),
        (
            |facts| facts.goods[0].gross = Quantity::parse("19 t").unwrap(),
            "goods[0].gross: is less than the net mass",
        ),
        (|facts| facts.goods[0].documents.clear(), "goods[0].preference: is claimed without a document"),
        (|facts| facts.goods[0].price = Money::parse("1.00", Currency::EUR).unwrap(), "several currencies"),
        (
            |facts| facts.goods[0].documents[0].day = Day::parse("2026-03-21").unwrap(),
            "documents[0]: is dated after",
        ),
        (
            |facts| facts.goods[0].charges[0].amount = Money::parse("1.00", Currency::EUR).unwrap(),
            "goods[0].charges",
        ),
    ];
    for (spoil, fault) in rows {
        let mut facts = shipment();
        spoil(&mut facts);
        let refusal = Declaration::assemble(facts).unwrap_err();
        assert_eq!(refusal.code, "declaration.invalid");
        assert!(refusal.what.contains(fault), "{fault} not in {}", refusal.what);
    }
}
