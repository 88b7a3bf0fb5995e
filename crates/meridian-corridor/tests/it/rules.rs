//! Rules, one case each, on networks small enough to work out by hand.

use meridian_corridor::{
    Excluded, LegKind, Load, Network, Planner, Question, Refused, forecast, forecast_by,
};

use crate::world::{LINKS, ask, ids, network, question, tables};

fn link(id: &str, ends: &str, mode: &str, gauge: &str, hours: u32, rest: &str) -> String {
    format!("{id},{ends},{mode},{gauge},,50,published,{hours},published,100,published,{rest},test\n")
}

/// Nothing between rate and source: it leaves at once, always, and takes everything.
const PLAIN: &str = ",,,published,,,,,,,";

#[test]
fn a_missed_cut_off_waits_for_the_next_ship() {
    let weekly = ",scheduled,,published,mon,18:00,12,,,,";
    let network = network(&link("S", "A,B", "sea", "", 10, weekly), &[]);
    // 2026-03-23 is a Monday; the cut-off is at six in the morning.
    for (ready, wait_hours) in [("2026-03-23T06:00:00Z", 12), ("2026-03-23T06:01:00Z", 7 * 24 + 12 - 1)] {
        let found = ask(&network, &question("A", "B", ready));
        let leg = &found.routes[0].legs[0];
        assert_eq!(leg.wait.div_euclid(60), wait_hours, "{ready}");
        assert_eq!(leg.minutes, leg.wait + 600);
    }
}

#[test]
fn a_connection_missed_in_the_simulation_costs_a_week() {
    // Seven hours of dwell on average before a ship that leaves every Monday; it is often missed by a few hours.
    let rows = link("R", "A,B", "road", "", 4, PLAIN)
        + &link("S", "B,C", "sea", "", 10, ",scheduled,,published,mon,18:00,0,,,,");
    let network = network(&rows, &[]);
    let found = ask(&network, &question("A", "C", "2026-03-23T07:30:00Z"));
    let times = forecast_by(&found.routes[0], 4000, 7, Some(48 * 60)).known;
    assert!((50..600).contains(&times.missed_per_mille), "{times:?}");
    assert_eq!(
        u32::from(times.on_time_per_mille.unwrap()) + u32::from(times.missed_per_mille),
        1000,
        "{times:?}"
    );
    assert!(times.p90 >= times.p50 && times.p50 == found.routes[0].minutes);
}

#[test]
fn a_guess_builds_no_interval() {
    let guessed = "D,,,20,15,estimated,estimated,guess\n";
    let table = format!(
        "procedure,train,months,mean_hours,sd_hours,sd_status,status,source\n{}",
        guessed.replacen("D,", "T,", 1)
    );
    let rows = link("R", "A,B", "road", "", 4, PLAIN) + &link("S", "B,C", "sea", "", 10, PLAIN);
    let network = network(&rows, &[("dwells.csv", &table)]);
    let found = ask(&network, &question("A", "C", "2026-03-23T07:30:00Z"));
    let times = forecast(&found.routes[0], 2000, 7);
    assert_eq!(times.known.p10, times.known.p90);
    assert!(times.assumed.p10 < times.assumed.p90);
    assert_eq!(times.estimated_minutes, 20 * 60);
    assert!(found.routes[0].estimated_percent > 0);
}

#[test]
fn a_closed_season_is_waited_for_or_refused_with_its_reason() {
    let network = network(&link("V", "A,B", "river", "", 10, ",,,published,,,,,12-07,03-25,"), &[]);
    let found = ask(&network, &question("A", "B", "2026-03-20T12:00:00Z"));
    let legs = &found.routes[0].legs;
    assert_eq!(legs[0].kind, LegKind::Season);
    assert_eq!(legs[0].minutes, (4 * 24 + 12) * 60);
    let found = ask(&network, &question("A", "B", "2026-01-20T12:00:00Z"));
    assert!(found.routes.is_empty());
    assert_eq!(found.excluded[0], Excluded::NoWay);
    assert!(matches!(&found.excluded[1], Excluded::TooLate { link, .. } if link == "V"));
}

#[test]
fn what_a_link_does_not_take_is_said_in_words() {
    let cases = [
        ("max_tonnes=24", "1xTEU:26t", "at most 24 t"),
        ("no=reefer", "reefer", "no power"),
        ("no=dangerous", "class 3", "no dangerous goods"),
        ("permit=RU-ROAD", "1xTEU", "needs permit RU-ROAD"),
    ];
    for (limits, what, words) in cases {
        let network =
            network(&link("R", "A,B", "road", "", 10, &format!(",,,published,,,,,,,{limits}")), &[]);
        let mut question = question("A", "B", "2026-03-20T00:00:00Z");
        match what {
            "reefer" => question.load.is_reefer = true,
            "class 3" => question.load.dangerous = Some("3".into()),
            load => question.load = Load::parse(load).unwrap(),
        }
        let found = ask(&network, &question);
        assert!(found.routes.is_empty(), "{limits}");
        let told: Vec<String> = found.excluded.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|line| line.contains(words)), "{told:?}");
        question.load = Load::parse("1xTEU:20t").unwrap();
        question.load.permits.insert("RU-ROAD".into());
        assert_eq!(ask(&network, &question).routes.len(), 1, "{limits}");
    }
}

const SERVICES: &str = "id,operator,vessel,from,to,mode,pattern,departures_per_week,departures_status,km,km_status,hours,hours_status,\
usd_per_teu,cost_status,capacity_teu,source\n";

#[test]
fn a_refused_vessel_and_a_full_ship_carry_nothing() {
    let services = format!(
        "{SERVICES}S,Line One,MV Volga,A,B,sea,headway,7,published,50,published,10,published,100,published,20,test\n"
    );
    let network = network(&link("R", "B,C", "road", "", 10, PLAIN), &[("services.csv", &services)]);
    let mut question = question("A", "B", "2026-03-20T00:00:00Z");
    assert_eq!(ask(&network, &question).routes.len(), 1);
    question.refused = Refused::from([("mv volga".to_owned(), "UN list, vessel 3".to_owned())]);
    let found = ask(&network, &question);
    assert!(found.routes.is_empty());
    assert!(
        matches!(&found.excluded[1], Excluded::Refused { name, reason, .. } if name == "MV Volga" && reason == "UN list, vessel 3")
    );
    question.refused.clear();
    question.load = Load::feu(11);
    let found = ask(&network, &question);
    assert!(
        matches!(&found.excluded[1], Excluded::Limit { what, .. } if what.contains("20 TEU")),
        "{:?}",
        found.excluded
    );
}

#[test]
fn weight_breaks_and_storage_steps_are_paid_as_the_tables_say() {
    let rates = "id,per,up_to_tonnes,usd_per_km,usd,status,source
r,TEU,24,0.15,,published,test
r,TEU,,0.18,,published,test
r,FEU,,0.24,,published,test
";
    let storage =
        "node,after_days,usd_per_teu_day,status,source\nB,0,10,published,test\nB,1,30,published,test\n";
    let rows = "R,A,B,road,,,100,published,4,published,,published,r,,,published,,,,,,,,test\n".to_owned()
        + &link("S", "B,C", "sea", "", 10, ",headway,3.5,published,,,,,,,");
    let network = network(&rows, &[("rates.csv", rates), ("storage.csv", storage)]);
    for (load, freight, stored) in [
        ("1xTEU:24t", 1500, 4000),
        ("1xTEU:25t", 1800, 4000),
        ("1xFEU", 2400, 8000),
        ("3xTEU:20t", 4500, 12000),
    ] {
        let question =
            Question { load: Load::parse(load).unwrap(), ..question("A", "C", "2026-03-20T00:00:00Z") };
        let found = ask(&network, &question);
        let cents = |id: &str| found.routes[0].legs.iter().find(|leg| leg.id == id).unwrap().cents;
        assert_eq!(cents("R"), freight, "{load}");
        // Six hours of dwell and a mean wait of a day: two days are begun, at ten and at thirty dollars.
        assert_eq!(cents("storage at B"), stored, "{load}");
    }
}

#[test]
fn a_through_document_saves_the_national_declaration() {
    let documents = "id,modes,countries,hours,usd,status,source\nTIR,road,IR;AZ,1,7,published,test\n";
    let rows = link("R", "B,C", "road", "", 4, PLAIN);
    let network = network(&rows, &[("documents.csv", documents)]);
    let mut question = question("B", "C", "2026-03-20T00:00:00Z");
    let found = ask(&network, &question);
    assert_eq!(found.routes.iter().map(ids).collect::<Vec<_>>(), [vec!["BD", "TIR", "R"]]);
    question.load.without_documents.insert("TIR".into());
    assert_eq!(ask(&network, &question).routes.iter().map(ids).collect::<Vec<_>>(), [vec!["BD", "ND", "R"]]);
}

#[test]
fn block_trains_and_months_have_their_own_dwell() {
    let dwells = "procedure,train,months,mean_hours,sd_hours,status,source\nBR,block,,3,1,published,test\nBR,,7-8,30,9,published,test\n";
    let network = network(&link("R", "B,C", "rail", "1435", 4, PLAIN), &[("dwells.csv", dwells)]);
    let mut question = question("B", "C", "2026-05-20T00:00:00Z");
    let hours = |question: &Question<'_>| ask(&network, question).routes[0].legs[0].minutes / 60;
    assert_eq!(hours(&question), 10);
    question.load.train = meridian_corridor::Train::Block;
    assert_eq!(hours(&question), 3);
    question.load.train = meridian_corridor::Train::Wagons;
    question.depart = crate::world::moment("2026-07-20T00:00:00Z");
    // Forty days later it is September and the border is quick again: both ways to begin are answers.
    let found = ask(&network, &question);
    assert_eq!(found.routes.first().map(|route| route.legs[0].minutes / 60), Some(30));
}

#[test]
fn departures_across_a_window_tell_when_to_ship() {
    let network = network(&link("S", "A,B", "sea", "", 10, ",scheduled,,published,mon,18:00,12,,,,"), &[]);
    let question = question("A", "B", "2026-03-20T00:00:00Z");
    let found = Planner::new(&network, &question).departures(&question, 5);
    let hours: Vec<u32> = found.iter().map(|(_, plan)| plan.routes[0].minutes / 60).collect();
    assert_eq!(hours, [100, 76, 52, 28, 172]);
}

/// Broken tables, and where the problem is said to be.
#[test]
fn a_broken_pack_is_refused_by_file_row_and_column() {
    let good = link("R", "A,B", "road", "", 4, PLAIN);
    let cases = [
        ("links.csv", good.replace("A,B", "A,Z"), "links.csv:2:3: no node Z"),
        ("links.csv", good.replace(",50,", ",fifty,"), "links.csv:2:7: \"fifty\" is not a number"),
        ("links.csv", good.replace(",50,", ",-50,"), "links.csv:2:7: below zero"),
        ("links.csv", good.replace("road,", "train,"), "links.csv:2:4: use sea"),
        ("links.csv", good.replace("road,", "rail,"), "links.csv:2:5: a railway has a gauge"),
        ("links.csv", good.replace(",published,4", ",guessed,4"), "links.csv:2:8: \"guessed\""),
        ("links.csv", good.replace(",test", ","), "links.csv:2:24: empty"),
        ("links.csv", good.clone() + &good, "links.csv:3:1: R stands twice"),
        (
            "links.csv",
            good.replace("A,B", "A,F").replace(",50,", ",20,"),
            "links.csv:2:7: 20 km is shorter than the great circle",
        ),
        ("links.csv", good.replace(",,test", ",colour=red,test"), "links.csv:2:23: \"colour=red\""),
    ];
    for (file, rows, words) in cases {
        let mut tables = tables("", &[]);
        tables.insert(file.to_owned(), format!("{LINKS}{rows}").into_bytes());
        let problems = Network::load(&tables).unwrap_err();
        assert!(
            problems.iter().any(|problem| problem.to_string().starts_with(words)),
            "{words}: {problems:?}"
        );
    }
    let mut tables = tables(&good, &[]);
    tables.remove("emissions.csv");
    let problems = Network::load(&tables).unwrap_err();
    assert_eq!(problems[0].to_string(), "emissions.csv:1:1: the file is missing; add it");
}
