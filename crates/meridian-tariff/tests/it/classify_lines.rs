//! Classification help over a small nomenclature and over the whole Harmonized System.

use meridian_tariff::classify::{Entry, Index};

fn entry(code: &str, depth: u8, text: &str) -> Entry {
    Entry { code: code.to_owned(), depth, text: text.to_owned(), is_declarable: code.len() >= 6 }
}

fn small() -> Index {
    let entries = vec![
        entry("08", 0, "Edible fruit and nuts; peel of citrus fruit or melons"),
        entry("0802", 1, "Other nuts, fresh or dried, whether or not shelled or peeled"),
        entry("", 2, "Pistachios"),
        entry("080251", 3, "In shell"),
        entry("080252", 3, "Shelled"),
        entry(
            "0804",
            1,
            "Dates, figs, pineapples, avocados, guavas, mangoes and mangosteens, fresh or dried",
        ),
        entry("080410", 2, "Dates"),
        entry("84", 0, "Nuclear reactors, boilers, machinery and mechanical appliances; parts thereof"),
        entry("8413", 1, "Pumps for liquids, whether or not fitted with a measuring device"),
        entry("841370", 2, "Other centrifugal pumps"),
        entry("841391", 2, "Parts of pumps"),
    ];
    Index::build(entries, &[("fistashki", "pistachio")])
}

#[test]
fn the_path_is_searched_and_shown() {
    let index = small();
    let rows = [
        ("pistachios in shell", "080251"),
        ("shelled pistachio", "080252"),
        ("date", "080410"),
        ("centrifugal pump", "841370"),
        ("pump parts", "841391"),
        ("fistashki shelled", "080252"),
        ("8413.91", "841391"),
    ];
    for (question, code) in rows {
        let found = index.search(question, 3);
        assert_eq!(found.first().map(|found| found.code.as_str()), Some(code), "{question}: {found:?}");
        let path = &found[0].path;
        assert!(path.len() >= 3 && path.last().unwrap().0 == code, "{path:?}");
    }
    assert!(index.search("zeppelin", 3).is_empty());
    assert!(index.search("the of and", 3).is_empty());
}

#[test]
fn every_subheading_of_the_harmonized_system_finds_itself_by_code() {
    let Some(path) = meridian_testdata::find("tariff/hs2022_comtrade.csv") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let mut entries = Vec::new();
    for line in text.lines().skip(1) {
        // section,hscode,description,parent,level: descriptions may be quoted.
        let mut fields = line.splitn(3, ',');
        let (_, code, rest) =
            (fields.next(), fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let description = rest.trim_start_matches('"').rsplitn(3, ',').last().unwrap_or_default();
        let depth = match code.len() {
            2 => 0,
            4 => 1,
            6 => 2,
            _ => continue,
        };
        entries.push(entry(code, depth, description));
    }
    let codes: Vec<String> =
        entries.iter().filter(|entry| entry.is_declarable).map(|entry| entry.code.clone()).collect();
    assert!(codes.len() > 5_000, "{} subheadings", codes.len());
    let index = Index::build(entries, &[]);
    for code in codes.iter().step_by(50) {
        assert_eq!(index.search(code, 1)[0].code, *code);
    }
    let found = index.search("pistachios shelled", 3);
    assert_eq!(found[0].code, "080252", "{found:?}");
}

#[test]
fn a_packs_lines_stand_under_the_path_their_descriptions_tell_and_their_codes_make() {
    let lines = "code,description,duty,status,source\n\
        0802,\"Other nuts\",,official,x\n\
        080251,In shell,5 %,official,x\n\
        0902100001,Tea > Green tea > In packings up to 3 kg,10 %,official,x\n\
        0902100009,Tea > Green tea > Other,10 %,official,x\n\
        0902300009,Tea > Black tea > Other,10 %,official,x\n";
    let head = "name = \"N\"\nterritory = \"RU\"\ncurrency = \"RUB\"\nfee = \"0\"\ntaxes_status = \"none\"\n";
    let files = std::collections::BTreeMap::from([
        ("lines.csv".to_owned(), lines.as_bytes().to_vec()),
        ("pack.toml".to_owned(), head.as_bytes().to_vec()),
    ]);
    let index = Index::of_pack(&meridian_tariff::pack::Pack::load(&files).unwrap());
    let path = |question: &str| {
        let found = index.search(question, 1).remove(0);
        let told: Vec<String> = found.path.into_iter().map(|(_, text)| text).collect();
        format!("{}: {}", found.code, told.join(" / "))
    };
    assert_eq!(path("shell nuts"), "080251: Other nuts / In shell");
    assert_eq!(path("black tea"), "0902300009: Tea / Black tea / Other");
    assert_eq!(path("green packings"), "0902100001: Tea / Green tea / In packings up to 3 kg");
    // A line with others below it is no candidate.
    assert!(index.search("nuts", 9).iter().all(|found| found.code != "0802"));
}
