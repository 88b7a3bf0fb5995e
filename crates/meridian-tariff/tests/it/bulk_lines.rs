//! Bulk prices as the full assessment does, whatever the line.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use meridian_tariff::bulk::{Columns, Pricer};
use meridian_tariff::import::{Layout, Settings, import};
use meridian_tariff::pack::Pack;
use meridian_terms::Decimal;
use proptest::prelude::*;

const COLUMNS: &str =
    "line,code,origin,territory,value,currency,net_kg,gross_kg,qty1,unit1,qty2,unit2,date\n";

/// A small pack with every shape of rate, notes by day and territory, dated exchange rates and bands of fees.
fn small() -> Pack {
    let files = [
        (
            "pack.toml",
            "name = \"small\"\nterritory = \"RU\"\ncurrency = \"RUB\"\nfee = \"0\"\nvat_percent = \"22\"\ntaxes_status = \"a test\"\n",
        ),
        (
            "lines.csv",
            "code,description,duty,vat_percent,unit,status,source\n\
            0101210000,a,free,,,official,x\n0101291000,b,7.5 %,10,,official,x\n0201100001,c,15 % but not less than 0.15 EUR / kg,,,official,x\n\
            1701131015,d,140 USD / 1000 kg,,,official,x\n2203000100,e,0.018 EUR / l,,,official,x\n2208201200,f,1.5 EUR / l pure alcohol,,,official,x\n\
            6403400000,g,1.25 EUR / pairs,,,official,x\n8703221091,h,\"15 % or 12.5 % but not less than 0.6 EUR / cm3, whichever is lower\",,,official,x\n\
            9403105100,i,10 % plus 0.06 EUR / kg,,,official,x\n9403,j,5 % from 1 Jan to 30 Jun; 6 % otherwise,,,official,x\n\
            9613100000,k,3.5 EUR / doz,,,official,x\n0405,l,10 % minus 1 EUR / 100 kg but not more than 2 EUR / kg gross,,,official,x\n",
        ),
        (
            "measures.csv",
            "measure,kind,title,code,territory,from,until,from_act,duty,status\n\
            n1,ordinary,note 1,0101291000,RU,,,,5 %,official\nn2,ordinary,note 2,0201100001,,2026-01-01,2026-07-01,,0 %,official\n\
            n3,ordinary,note 3,1701131015,,2025-01-01,2027-01-01,an act,0 %,official\nn4,ordinary,note 4,2203000100,,,,,note 114,official\n\
            n5,ordinary,note 5,9403105100,KZ,2026-02-01,2026-03-01,,3 %,official\np,preference,pref,0201100001,,,,,free,official\n",
        ),
        (
            "rates.csv",
            "currency,rate,from,status\nEUR,92.1045,2026-01-01,x\nEUR,93.5,2026-03-01,x\nUSD,80.40,,x\nINR,0.931,,x\n",
        ),
        ("fees.csv", "name,up_to,amount,status\nfee,200000,1067,x\nfee,450000,2134,x\nfee,,4269.55,x\n"),
    ];
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    Pack::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn line() -> impl Strategy<Value = String> {
    let codes = prop::sample::select(vec![
        "0101210000",
        "0101291000",
        "0201100001",
        "1701131015",
        "2203000100",
        "2208201200",
        "6403400000",
        "8703221091",
        "9403105100",
        "9403999999",
        "9613100000",
        "0405101100",
        "9999",
        "x",
    ]);
    let value = prop_oneof![4 => (0_i64..100_000_000_000).prop_map(|minor| format!("{}.{:02}", minor / 100, minor % 100)), 1 => "[0-9]{1,7}", 1 => Just("12.345".to_owned()), 1 => Just("abc".to_owned()), 1 => Just(String::new())];
    let quantity = prop_oneof![5 => (0_i64..100_000_000).prop_map(|grams| format!("{}.{:03}", grams / 1000, grams % 1000)), 1 => Just(String::new()), 1 => Just("-1".to_owned())];
    let unit = prop::sample::select(vec![
        "kg",
        "l",
        "% vol",
        "pcs",
        "pairs",
        "cm3",
        "doz",
        "lb",
        "шт",
        "nonsense",
        "",
        "hl",
        "l pure alcohol",
    ]);
    let date = prop::sample::select(vec![
        "2026-02-15",
        "2026-03-01",
        "2026-06-30",
        "2026-07-01",
        "2025-12-31",
        "",
        "2026-02-30",
        "20260301",
    ]);
    (
        codes,
        prop::sample::select(vec!["CN", "DE", "ZZ", "cn"]),
        prop::sample::select(vec!["RU", "KZ", "", "QQ"]),
        value,
        prop::sample::select(vec!["RUB", "EUR", "USD", "INR", "XXX"]),
        quantity.clone(),
        quantity.clone(),
        (quantity.clone(), unit.clone()),
        (quantity, unit),
        date,
    )
        .prop_map(|(code, origin, territory, value, currency, net, gross, (q1, u1), (q2, u2), date)| {
            format!(
                "7,{code},{origin},{territory},{value},{currency},{net},{gross},{q1},{u1},{q2},{u2},{date}\n"
            )
        })
}

proptest! {
    #![proptest_config(crate::seeded(6_000))]

    #[test]
    fn the_short_way_and_the_long_way_agree(line in line()) {
        static PACK: LazyLock<Pack> = LazyLock::new(small);
        static PRICER: LazyLock<Pricer<'static>> = LazyLock::new(|| Pricer::new(&PACK, Columns::read(COLUMNS).unwrap()));
        let (pricer, mut short) = (&*PRICER, Vec::new());
        pricer.price(line.as_bytes(), &mut short);
        let long = pricer.price_assessed(line.as_bytes());
        prop_assert_eq!(String::from_utf8(short).unwrap(), String::from_utf8(long).unwrap(), "{}", line);
    }
}

#[test]
fn most_lines_take_the_short_way() {
    let pack = small();
    let pricer = Pricer::new(&pack, Columns::read(COLUMNS).unwrap());
    let mut out = Vec::new();
    let block = "1,0101291000,CN,RU,1000.00,RUB,10,11,,,,,2026-03-01\n\
        2,0101291000,CN,KZ,1000.00,EUR,10,11,,,,,2026-03-01\n\
        \"3,\"\"a\"\"\",0201100001,CN,,1000.00,RUB,250.5,300,,,,,2026-07-01\r\n\
        4,8703221091,CN,RU,1000000,RUB,1500,,1600,cm3,1,pcs,2026-02-01\n\
        \n\
        5,1701131015,CN,RU,1000,RUB,100,,,,,,2026-03-01\n\
        6,8703221091,CN,RU,1000000,RUB,1500,,,,1,pcs,2026-02-01";
    let tally = pricer.price(block.as_bytes(), &mut out);
    assert_eq!((tally.lines, tally.refused, tally.open, tally.assessed), (6, 1, 1, 1));
    let told: Vec<&str> = std::str::from_utf8(&out).unwrap().lines().collect();
    // 5 % into Russia, VAT 10 % of 1,050; 7.5 % of 93,500.00 into Kazakhstan.
    assert_eq!(told[0], "1,0101291000,ordinary,1000.00,50.00,0.00,0.00,105.00,1067.00,1222.00,ok,");
    assert_eq!(told[1], "2,0101291000,ordinary,93500.00,7012.50,0.00,0.00,10051.25,1067.00,18130.75,ok,");
    // 0.15 x 250.5 x 93.50 = 3,513.2625 is above 15 % of 1,000.
    assert_eq!(
        told[2],
        "\"3,\"\"a\"\"\",0201100001,ordinary,1000.00,3513.26,0.00,0.00,992.92,1067.00,5573.18,ok,"
    );
    // 12.5 % = 125,000 and 0.6 x 1,600 x 92.1045 = 88,420.32.
    assert_eq!(
        told[3],
        "4,8703221091,ordinary,1000000.00,125000.00,0.00,0.00,247500.00,4269.55,376769.55,ok,"
    );
    assert!(
        told[4].starts_with("5,1701131015,ordinary,1000.00,1125.60,")
            && told[4].ends_with(",open,needs: date of entry into force: an act")
    );
    assert_eq!(told[5], "6,8703221091,,,,,,,,,refused,needs: cm3");
}

/// Ten thousand lines of the whole EAEU tariff, both ways.
#[test]
fn the_whole_tariff_is_priced_the_same_both_ways() {
    let Some(path) = meridian_testdata::find("tariff/eaeu_common_customs_tariff.csv") else { return };
    let tariff = std::fs::read(path).unwrap();
    let notes =
        std::fs::read(meridian_testdata::find("tariff/eaeu_tariff_notes_2025-09-21.csv").unwrap()).unwrap();
    let settings = Settings { vat: Some(Decimal::parse("22").unwrap()), ..Settings::default() };
    let mut imported = import(Layout::Eaeu, &[("t.csv", &tariff), ("n.csv", &notes)], &settings).unwrap();
    imported.files.insert("rates.csv".into(), b"currency,rate\nEUR,92.10\nUSD,80.4055\n".to_vec());
    let pack = Pack::load(&imported.files).unwrap();
    let pricer = Pricer::new(&pack, Columns::read(COLUMNS).unwrap());
    let (mut short, mut seed) = (Vec::new(), 1_u64);
    let mut tally = meridian_tariff::bulk::Tally::default();
    for (number, line) in pack.lines().enumerate() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let draw = |shift: u32, below: u64| (seed >> shift) % below;
        let (value, kg, many) = (draw(20, 100_000_000), draw(30, 10_000_000), draw(40, 5_000));
        let unit = ["pcs", "pairs", "l", "m2", "cm3", "l pure alcohol"][(seed >> 60) as usize % 6];
        let row = format!(
            "{number},{},CN,{},{}.{:02},{},{}.{:03},,{many},{unit},,,2026-0{}-15\n",
            line.code,
            ["RU", "KZ"][(seed >> 50) as usize % 2],
            value / 100,
            value % 100,
            ["RUB", "EUR"][(seed >> 52) as usize % 2],
            kg / 1000,
            kg % 1000,
            1 + draw(54, 9)
        );
        tally.add(pricer.price(row.as_bytes(), &mut short));
        if number % 3 == 0 {
            let mut again = Vec::new();
            pricer.price(row.as_bytes(), &mut again);
            assert_eq!(again, pricer.price_assessed(row.as_bytes()), "{row}");
        }
    }
    println!("{tally:?}");
    assert!(tally.assessed < tally.lines / 5 + 2_000, "{tally:?}");
}
