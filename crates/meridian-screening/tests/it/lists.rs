//! Importers: real files of OFAC and the UN; hand-made samples in the published form for the EU and the UK, whose real
//! files were not at hand.

use meridian_screening::{
    Gender, Identifier, IdentifierKind, Kind, OfacFiles, Strength, import, import_eu, import_ofac_csv,
    import_ofac_xml, import_uk, import_un,
};
use meridian_terms::Country;

use crate::today;

#[test]
fn the_uns_list_as_published() {
    let Some(folder) = meridian_testdata::find("screening/lists/un") else { return };
    let bytes = std::fs::read(folder.join("un_consolidated_2026-02-27.xml")).unwrap();
    let list = import_un(&bytes).unwrap();
    assert_eq!((list.name.as_str(), list.published.to_string().as_str()), ("UN", "2026-02-27"));
    assert_eq!(list.entries.len(), 1_003);
    let first = list.entries.iter().find(|entry| entry.id == "6907993").unwrap();
    assert_eq!(
        (first.primary(), first.kind, first.gender),
        ("ERIC BADEGE", Kind::Person, Some(Gender::Male))
    );
    assert_eq!(first.countries, [Country::parse("CD").unwrap()]);
    assert_eq!(first.births[0].first.to_string(), "1971-01-01");
    let has = |test: fn(&meridian_screening::Entry) -> bool| {
        list.entries.iter().filter(|entry| test(entry)).count()
    };
    assert!(has(|entry| entry.names.iter().any(|name| name.strength == Strength::Weak)) > 100);
    assert!(has(|entry| entry.identifiers.iter().any(|id| id.kind == IdentifierKind::Passport)) > 100);
    assert!(has(|entry| !entry.births.is_empty()) > 500);
    assert!(
        has(|entry| entry
            .names
            .iter()
            .any(|name| name.text.chars().any(|c| ('\u{600}'..'\u{700}').contains(&c))))
            > 200
    );
}

#[test]
fn ofacs_list_as_published() {
    let Some(folder) = meridian_testdata::find("screening/lists") else { return };
    let read = |file: &str| std::fs::read(folder.join(file)).unwrap();
    let (primary, aliases) = (read("ofac-2023-01/sdn.csv"), read("ofac-2025-12/alt.csv"));
    let comments = read("ofac-2025-12/sdn_comments.csv");
    let files = OfacFiles { primary: &primary, aliases: &aliases, comments: &comments };
    let list = import_ofac_csv("OFAC-SDN", today(), files).unwrap();
    assert_eq!(list.entries.len(), 11_443);
    let count = |kind| list.entries.iter().filter(|entry| entry.kind == kind).count();
    assert_eq!((count(Kind::Person), count(Kind::Vessel), count(Kind::Aircraft)), (5_890, 685, 293));
    let of = |kind| {
        list.entries.iter().flat_map(|entry| &entry.identifiers).filter(move |id| id.kind == kind).count()
    };
    for (kind, least) in [
        (IdentifierKind::Imo, 600),
        (IdentifierKind::CompanyImo, 50),
        (IdentifierKind::Tax, 1_000),
        (IdentifierKind::Passport, 700),
        (IdentifierKind::Wallet, 150),
        (IdentifierKind::Mmsi, 50),
        (IdentifierKind::Bic, 20),
    ] {
        assert!(of(kind) >= least, "{kind:?}: {}", of(kind));
    }
    let bank = list.entries.iter().find(|entry| entry.id == "306").unwrap();
    assert_eq!(bank.primary(), "BANCO NACIONAL DE CUBA");
    let weak = bank.names.iter().find(|name| name.text == "BNC").unwrap();
    assert_eq!(weak.strength, Strength::Weak);
    assert!(bank.names.iter().any(|name| name.text == "NATIONAL BANK OF CUBA"));

    let (primary, aliases) =
        (read("ofac-consolidated-2025-12/cons_prim.csv"), read("ofac-consolidated-2025-12/cons_alt.csv"));
    let files = OfacFiles { primary: &primary, aliases: &aliases, comments: &[] };
    let list = import_ofac_csv("OFAC-CONS", today(), files).unwrap();
    assert_eq!(list.entries.len(), 442);
    assert_eq!(list.entries[0].primary(), "Ismail Abdul Salah HANIYA");
}

#[test]
fn ofacs_xml_form() {
    let xml = r#"<?xml version="1.0"?><sdnList xmlns="http://tempuri.org/sdnList.xsd">
      <publshInformation><Publish_Date>03/19/2026</Publish_Date><Record_Count>2</Record_Count></publshInformation>
      <sdnEntry><uid>1</uid><firstName>Viktor</firstName><lastName>EXAMPLOV</lastName><sdnType>Individual</sdnType>
        <programList><program>TEST</program></programList>
        <idList><id><uid>5</uid><idType>Gender</idType><idNumber>Male</idNumber></id>
          <id><uid>6</uid><idType>Passport</idType><idNumber>AB 123456</idNumber><idCountry>Russia</idCountry></id></idList>
        <akaList><aka><uid>2</uid><type>a.k.a.</type><category>weak</category><lastName>VITYA &amp; CO</lastName></aka></akaList>
        <nationalityList><nationality><uid>3</uid><country>Russia</country></nationality></nationalityList>
        <dateOfBirthList><dateOfBirthItem><uid>4</uid><dateOfBirth>10 Dec 1948</dateOfBirth></dateOfBirthItem></dateOfBirthList>
      </sdnEntry>
      <sdnEntry><uid>7</uid><lastName>ARK</lastName><sdnType>Vessel</sdnType>
        <idList><id><uid>8</uid><idType>Vessel Registration Identification</idType><idNumber>IMO 9187629</idNumber></id></idList>
        <vesselInfo><vesselFlag>Iran</vesselFlag></vesselInfo></sdnEntry></sdnList>"#;
    let list = import_ofac_xml("OFAC-SDN", xml.as_bytes()).unwrap();
    assert_eq!(list.published.to_string(), "2026-03-19");
    let [person, ship] = list.entries.as_slice() else { panic!("{:?}", list.entries) };
    assert_eq!((person.primary(), person.gender), ("Viktor EXAMPLOV", Some(Gender::Male)));
    assert_eq!((person.names[1].text.as_str(), person.names[1].strength), ("VITYA & CO", Strength::Weak));
    assert_eq!(person.births[0].first.to_string(), "1948-12-10");
    assert_eq!(ship.identifiers, [Identifier::new(IdentifierKind::Imo, "9187629").unwrap()]);
    assert_eq!(ship.countries, [Country::parse("IR").unwrap()]);
    assert_eq!(
        import("sdn", today(), xml.as_bytes()).unwrap(),
        import_ofac_xml("sdn", xml.as_bytes()).unwrap()
    );
    assert_eq!(import_ofac_xml("X", &xml.as_bytes()[..900]).unwrap_err().code, "screening.list_malformed");
}

#[test]
fn the_eus_form() {
    let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
      <export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-03-18T12:00:00.000+01:00" globalFileId="1">
      <sanctionEntity designationDetails="" euReferenceNumber="EU.1.1" logicalId="13">
        <regulation programme="TEST"/><subjectType code="person" classificationCode="P"/>
        <nameAlias firstName="Viktor" lastName="Examplov" wholeName="Viktor Examplov" gender="M" strong="true" logicalId="1"/>
        <nameAlias firstName="" lastName="" wholeName="Виктор Экзамплов" strong="true" logicalId="2"/>
        <nameAlias wholeName="Vitya" strong="false" logicalId="3"/>
        <citizenship countryIso2Code="RU"/><citizenship countryIso2Code="00"/>
        <birthdate circa="false" birthdate="1937-04-28" year="1937"/>
        <birthdate circa="true" year="1940"/>
        <identification number="123 456" identificationTypeCode="passport"/>
      </sanctionEntity></export>"#;
    let list = import_eu(xml.as_bytes()).unwrap();
    assert_eq!((list.name.as_str(), list.published.to_string().as_str()), ("EU", "2026-03-18"));
    let entry = &list.entries[0];
    assert_eq!((entry.id.as_str(), entry.kind, entry.names.len()), ("EU.1.1", Kind::Person, 3));
    assert_eq!(entry.names[2].strength, Strength::Weak);
    assert_eq!((entry.countries.len(), entry.births.len()), (1, 2));
    assert_eq!(entry.identifiers, [Identifier::new(IdentifierKind::Passport, "123456").unwrap()]);
    assert_eq!(import("eu", today(), xml.as_bytes()).unwrap(), list);
}

#[test]
fn the_uks_form() {
    let xml = r#"<?xml version="1.0" encoding="utf-8"?><Designations><DateGenerated>18/03/2026</DateGenerated>
      <Designation><UniqueID>TST0001</UniqueID><OFSIGroupID>1</OFSIGroupID>
        <Names><Name><Name1>Vitya</Name1><Name6>Examplov</Name6><NameType>Alias</NameType></Name>
          <Name><Name1>Viktor</Name1><Name6>Examplov</Name6><NameType>Primary Name</NameType></Name></Names>
        <NonLatinNames><NonLatinName><NameNonLatinScript>Виктор Экзамплов</NameNonLatinScript></NonLatinName></NonLatinNames>
        <RegimeName>Test regime</RegimeName><IndividualEntityShip>Individual</IndividualEntityShip>
        <IndividualDetails><Individual><DOBs><DOB>dd/mm/1964</DOB></DOBs><Nationalities><Nationality>Russia</Nationality></Nationalities>
          <PassportDetails><Passport><PassportNumber>AB1</PassportNumber></Passport></PassportDetails>
          <Genders><Gender>Male</Gender></Genders></Individual></IndividualDetails></Designation>
      <Designation><UniqueID>TST0002</UniqueID><Names><Name><Name6>ARK</Name6><NameType>Primary Name</NameType></Name></Names>
        <IndividualEntityShip>Ship</IndividualEntityShip>
        <ShipDetails><Ship><IMONumbers><IMONumber>9187629</IMONumber></IMONumbers></Ship></ShipDetails></Designation></Designations>"#;
    let list = import_uk(today(), xml.as_bytes()).unwrap();
    assert_eq!(list.published.to_string(), "2026-03-18");
    let [person, ship] = list.entries.as_slice() else { panic!("{:?}", list.entries) };
    assert_eq!((person.primary(), person.names.len(), person.kind), ("Viktor Examplov", 3, Kind::Person));
    assert_eq!(person.births[0].last.to_string(), "1964-12-31");
    assert_eq!((ship.kind, ship.identifiers[0].value.as_str()), (Kind::Vessel, "9187629"));
    assert_eq!(import("uk", today(), xml.as_bytes()).unwrap(), list);
}

#[test]
fn plain_tables() {
    let csv = "# TEST\nid,kind,name,aliases,weak_aliases,birth,country,identifiers\n\
               1,person,Viktor Examplov,Виктор Экзамплов|V. Examplov,Vitya,1962-05,RU,PASSPORT:AB 1|IMO:9187629\n";
    let list = import("plain", today(), csv.as_bytes()).unwrap();
    assert!(list.is_test);
    let entry = &list.entries[0];
    assert_eq!((entry.names.len(), entry.identifiers.len()), (4, 2));
    assert_eq!(entry.births[0].last.to_string(), "1962-05-31");
    let tsv = "a-1\tPerson\tViktor Examplov\tprimary\tx\na-1\tPerson\tVitya\tweak\tx\nb-2\tVessel\tARK\n";
    let list = import("rows", today(), tsv.as_bytes()).unwrap();
    assert_eq!((list.entries.len(), list.entries[0].names[1].strength), (2, Strength::Weak));
    for (bad, place) in [
        ("id,kind,name\n1,person,\n", "2:1"),
        ("kind,name\nperson,x\n", "no column id"),
        ("a\tb\n", "1:1"),
        ("id,name,birth\n1,x,someday\n", "2:3"),
        ("<html></html>", "none of the known forms"),
    ] {
        let refusal = import("bad", today(), bad.as_bytes()).unwrap_err();
        assert_eq!(refusal.code, "screening.list_malformed");
        assert!(refusal.what.contains(place), "{refusal}");
    }
}
