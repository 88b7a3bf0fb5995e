//! The console's tariff and corridor pages, over a real socket, from the North-South corridor's own tables.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use meridian_corridor::{Network, Overlay};
use meridian_http::{Corridor, Oracles, Tariff};
use meridian_tariff::Tables;
use meridian_tariff::pack::Pack;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::hub::{Hub, journal, start};

fn files(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/north-south").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let named = entries.filter(|entry| entry.path().is_file());
    named.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())).collect()
}

pub fn oracles() -> Oracles {
    let tariff = |territory: &str| {
        let files = files(&format!("tariff/{territory}"));
        Tariff::new(Pack::load(&files).unwrap(), Tables::load(&files).unwrap())
    };
    let network = Network::load(&files("corridor")).unwrap();
    let overlays = files("corridor/overlays").into_iter().map(|(name, bytes)| {
        let overlay = Overlay::load(&name, &bytes, &network).unwrap();
        (name.trim_end_matches(".csv").to_owned(), overlay)
    });
    Oracles {
        tariffs: ["RU", "KZ"]
            .into_iter()
            .map(|territory| (territory.to_owned(), tariff(territory)))
            .collect(),
        corridor: Some(Corridor { overlays: overlays.collect(), network: network.into() }),
    }
}

async fn hub() -> (tempfile::TempDir, Hub) {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |service, _| service.oracles = Arc::new(oracles())).await;
    (directory, hub)
}

/// Status, and the body as it came.
pub async fn get(hub: &Hub, path: &str) -> (u16, String) {
    let mut socket = tokio::net::TcpStream::connect(hub.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// The words of a page, without its markup and with single spaces.
fn words(page: &str) -> String {
    let mut text = String::new();
    let mut is_markup = false;
    for character in page.chars() {
        match character {
            '<' => is_markup = true,
            '>' => {
                is_markup = false;
                text.push(' ');
            }
            other if !is_markup => text.push(other),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
pub fn says(page: &str, wanted: &[&str]) {
    let words = words(page);
    for one in wanted {
        assert!(words.contains(one), "{one:?} is not in\n{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_found_by_its_words_with_its_path_as_a_candidate() {
    let (_directory, hub) = hub().await;
    let (status, page) = get(&hub, "/tariff?territory=RU&q=shelled+pistachios").await;
    assert_eq!(status, 200);
    says(&page, &["0802520000 5 %", "Pistachios, shelled", "never a verdict", "found by pistach"]);
    // The line that holds both words stands before the one that holds one.
    assert!(page.find("0802520000").unwrap() < page.find("0802510000").unwrap());
    // A preference that ships as an illustration says so.
    says(&page, &["Free trade agreement EAEU-Iran of 25 December 2023 illustrative"]);
    let (_, page) = get(&hub, "/tariff?territory=RU&q=0902").await;
    says(&page, &["0902300009", "12.5 % but not less than 0.25 EUR / kg"]);
    let (_, page) = get(&hub, "/tariff?territory=RU&q=zeppelin").await;
    says(&page, &["No line of"]);
    let (_, page) = get(&hub, "/tariff?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!page.contains("<script>alert"), "what was asked is shown as text");
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_are_assessed_with_every_way_side_by_side_and_its_waterfall_drawn() {
    let (_directory, hub) = hub().await;
    let asked = "/tariff/assess?territory=RU&code=0902300009&origin=IR&price=10000.00&currency=USD&net_kg=2000&day=2026-03-20";
    // 10 000 USD at 80.40 are 804 000 roubles; 12.5 % of it is 100 500, the least of 0.25 EUR a kilogram at 92.10 is 46 050.
    let (status, page) = get(&hub, asked).await;
    assert_eq!(status, 200);
    says(&page, &["RUB 804000.00", "RUB 100500.00", "the only lawful way", "needs a proof of origin"]);
    assert_eq!(page.matches("<svg class=\"fall\"").count(), 1);
    // With a proof the agreement's way stands beside the ordinary one and is chosen; it is marked for what it is.
    let proven = "&proof=CT-3&proof_number=7&proof_issued=2026-03-10&exported=2026-03-12\
                  &proof_issuer=Iran+Chamber+of+Commerce,+Industries,+Mines+and+Agriculture";
    let (_, page) = get(&hub, &format!("{asked}{proven}")).await;
    assert_eq!(page.matches("<svg class=\"fall\"").count(), 2);
    says(&page, &["lowest of 2 lawful ways", "illustrative", "chosen", "Legal reference", "RUB 0.00"]);
    // VAT of 10 % is taken of value and duty: 80 400 on the one way, 90 450 on the other.
    says(&page, &["RUB 80400.00", "RUB 90450.00"]);
    // A proof that ran out is no proof, and the page says why.
    let (_, page) = get(&hub, &format!("{asked}{}", proven.replace("2026-03-10", "2024-03-10"))).await;
    says(&page, &["CT-3: it was valid until 2025-03-10", "the only lawful way"]);
    // What the duty needs and nobody declared is asked for, never taken as zero.
    let (_, page) = get(&hub, &asked.replace("&net_kg=2000", "")).await;
    says(&page, &["Needed to compute more: kg"]);
    // A paper that the controls ask for, and one that is there.
    says(&page, &["ru-phyto-tea", "needed", "phytosanitary certificate"]);
    let (_, page) = get(&hub, &format!("{asked}&documents=phytosanitary+certificate")).await;
    says(&page, &["ru-phyto-tea phytosanitary illustrative satisfied"]);
    let (_, page) = get(&hub, "/tariff/assess?territory=RU&code=0902300009&origin=IR&price=abc").await;
    says(&page, &["price:"]);
    let (_, page) = get(&hub, "/tariff/assess?territory=RU&code=9999999999&origin=IR&price=1").await;
    says(&page, &["tariff.no_line"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn origin_is_judged_as_a_tree_with_what_it_has_and_needs() {
    let (_directory, hub) = hub().await;
    let asked = "/tariff/origin?territory=RU&agreement=eaeu-iran&code=0902300009&origin=IR&ex_works=980.00&fob=1000.00\
                 &m1_name=leaf&m1_code=090240&m1_standing=not+originating&m1_country=IN&m1_value=450.00\
                 &operations=blending&all_operations=yes&drawback=no&through=AZ&under_control=yes&altered=no\
                 &evidence=through+bill+of+lading";
    let (status, page) = get(&hub, asked).await;
    assert_eq!(status, 200);
    // (1000 - 450) / 1000 is 55 %, and the illustration asks for 50 %.
    says(
        &page,
        &["qualifies under Free trade agreement EAEU-Iran", "illustrative", "55.00%", "at least 50%"],
    );
    let (_, page) = get(&hub, &asked.replace("450.00", "600.00")).await;
    says(&page, &["fails under", "What stood in the way", "40.00%", "at least 50%"]);
    assert!(page.contains("<li class=\"unmet\">"));
    let (_, page) = get(&hub, &asked.replace("&m1_value=450.00", "")).await;
    says(&page, &["unknown under", "It cannot be told until these are stated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_is_charted_and_a_route_told_with_what_rests_on_estimates() {
    let (_directory, hub) = hub().await;
    let (status, page) = get(&hub, "/corridor?from=INNSA&to=RUMOW&depart=2026-03-20").await;
    assert_eq!(status, 200);
    says(&page, &["none beaten by another", "fastest", "cheapest", "of the time (", "if the estimates hold"]);
    let routes = page.matches("<tr id=\"route-").count();
    assert!(routes > 1);
    let chart = &page[page.find("class=\"chart\"").unwrap()..page.find("class=\"bear\"").unwrap()];
    assert_eq!(chart.matches("<circle class=\"dot").count(), routes, "a dot for each way");
    assert_eq!(page.matches("class=\"map for-").count(), 2);
    // A bound that only some bear makes the others faint in chart and table.
    let days: Vec<f64> = page
        .split("data-values=\"")
        .skip(1)
        .map(|row| row.split(',').next().unwrap().parse().unwrap())
        .collect();
    let fastest = days.iter().copied().fold(f64::MAX, f64::min);
    let bearing = days.iter().filter(|days| **days <= fastest.ceil()).count();
    let (_, page) =
        get(&hub, &format!("/corridor?from=INNSA&to=RUMOW&depart=2026-03-20&most_days={}", fastest.ceil()))
            .await;
    assert_eq!(page.matches("class=\"faint\"").count(), routes - bearing);
    // By name, and no way at all with the reason.
    let (_, named) = get(&hub, "/corridor?from=INNSA&to=Moscow&depart=2026-03-20").await;
    assert!(named.contains("none beaten"), "{}", words(&named));
    let (_, page) = get(&hub, "/corridor?from=INNSA&to=RUMOW&depart=2026-03-20&avoid=sea").await;
    says(&page, &["There is no way", "was avoided as asked (sea)"]);
    let (_, page) = get(&hub, "/corridor?from=INNSA&to=Nowhere").await;
    says(&page, &["Nowhere is no place of this network"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overlay_switched_on_shows_what_goes_and_comes_for_a_box_and_for_a_year() {
    let (_directory, hub) = hub().await;
    let ask = |overlay: &str| {
        format!("/corridor?from=IRTHR&to=RUMOW&depart=2026-03-20&avoid=road&overlay={overlay}&flow=30000")
    };
    // Today wagons end at the port of Anzali; with the railway a ship and two transfers go, and the gauge changes where the
    // line's own gauge has it change.
    let (_, page) = get(&hub, &ask("rasht-astara-1520")).await;
    says(&page, &["gauge change at Rasht", "gone: transfer", "A year of 30000 TEU", "box-hours"]);
    let (_, page) = get(&hub, &ask("rasht-astara-1435")).await;
    says(&page, &["ways are gone", "gauge change at Astara"]);
    assert!(!words(&page).contains("gauge change at Rasht"));
    // What changes nothing says so.
    let (_, page) = get(&hub, &ask("lagan-ferry").replace("IRTHR", "INNSA").replace("RUMOW", "INMUN")).await;
    says(&page, &["Nothing: every way is as it was"]);
    let (status, page) = get(&hub, &ask("no-such")).await;
    assert_eq!(status, 200);
    says(&page, &["there is no what-if no-such"]);
    let (status, svg) = get(&hub, "/corridor/map.svg?from=INNSA&to=RUMOW&depart=2026-03-20&width=390").await;
    assert!(status == 200 && svg.starts_with("<svg") && svg.contains("viewBox=\"0 0 390 "));
    let (status, json) = get(&hub, "/corridor/routes.geojson?from=INNSA&to=RUMOW&depart=2026-03-20").await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((status, json["type"].as_str()), (200, Some("FeatureCollection")));
    let (status, _) = get(&hub, "/corridor/map.svg?from=INNSA&to=Nowhere").await;
    assert_eq!(status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_without_tariff_and_network_has_no_such_pages() {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |_, _| ()).await;
    for path in ["/tariff", "/tariff/assess", "/tariff/origin", "/corridor"] {
        assert_eq!(get(&hub, path).await.0, 404, "{path}");
    }
    let (_, page) = get(&hub, "/").await;
    assert!(!page.contains("href=\"/tariff\""));
}
