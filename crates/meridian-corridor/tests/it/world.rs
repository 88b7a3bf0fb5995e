//! Small networks for tests, written as the tables a pack has.

use std::collections::BTreeMap;

use meridian_corridor::{Load, Network, Plan, Planner, Question, Route};
use meridian_terms::Moment;

/// A pack's tables, by name.
pub type Tables = BTreeMap<String, Vec<u8>>;

/// The tables every small network shares: what the network must always say.
pub const PROCEDURES: &str = "\
id,node_a,node_b,mode,kind,gauge_from,gauge_to,mean_hours,sd_hours,sd_status,usd_per_teu,status,cost_status,season_from,season_until,source
T,*,*,*,transfer,,,6,3,published,30,published,published,,,usual
G,*,*,rail,gauge,,,8,4,published,40,published,published,,,usual
BR,*,*,rail,border,,,10,5,published,50,published,published,,,usual
BD,*,*,road,border,,,4,2,published,20,published,published,,,usual
NR,*,*,rail,national_transit,,,5,2,published,25,published,published,,,usual
ND,*,*,road,national_transit,,,3,1,published,15,published,published,,,usual
";

const EMISSIONS: &str = "\
mode,traction,grams_co2e_per_teu_km,scope,status,source
sea,any,80,WTW,published,test
caspian,any,150,WTW,published,test
ferry_rail,any,300,WTW,published,test
river,any,120,WTW,published,test
rail,any,200,WTW,published,test
rail,electric,90,WTW,published,test
road,any,800,WTW,published,test
";

pub const LINKS: &str = "id,from,to,mode,gauge_mm,electrified,km,km_status,hours,hours_status,usd_per_teu,cost_status,rate,pattern,\
departures_per_week,departures_status,days,at,cut_off_hours,ice,closed_from,closed_until,limits,source\n";

/// A network of nodes `A` to `F`, near each other but for the last, with these link rows and further tables.
pub fn tables(links: &str, more: &[(&str, &str)]) -> Tables {
    let mut nodes = String::from("id,name,country,kind,latitude,longitude\n");
    for (number, id) in ["A", "B", "C", "D", "E", "F"].into_iter().enumerate() {
        let country = ["IR", "IR", "AZ", "RU", "RU", "KZ"][number];
        let kind = if id == "E" { "waypoint" } else { "junction" };
        let north = ["40.0", "40.05", "40.1", "40.15", "40.2", "40.5"][number];
        nodes.push_str(&format!("{id},{id} town,{country},{kind},{north},50.0\n"));
    }
    let mut tables = Tables::new();
    for (name, text) in [
        ("nodes.csv", nodes.as_str()),
        ("links.csv", &format!("{LINKS}{links}")),
        ("procedures.csv", PROCEDURES),
        ("emissions.csv", EMISSIONS),
    ] {
        tables.insert(name.to_owned(), text.as_bytes().to_vec());
    }
    for (name, text) in more {
        let table = tables.entry((*name).to_owned()).or_default();
        table.extend_from_slice(text.as_bytes());
    }
    tables
}

/// The network of those tables.
pub fn network(links: &str, more: &[(&str, &str)]) -> Network {
    Network::load(&tables(links, more)).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// A question for one TEU within 40 days.
pub fn question<'a>(from: &'a str, to: &'a str, depart: &str) -> Question<'a> {
    Question { within_days: 40, ..Question::new(from, to, moment(depart), Load::teu(1)) }
}

pub fn ask(network: &Network, question: &Question<'_>) -> Plan {
    Planner::new(network, question).plan(question)
}

/// A route's sums in the four criteria.
pub fn sums(route: &Route) -> [u32; 4] {
    let narrow = |value: u64| u32::try_from(value).unwrap();
    [route.minutes, u32::try_from(route.cost.minor()).unwrap(), narrow(route.grams), narrow(route.variance)]
}

pub fn front(plan: &Plan) -> Vec<[u32; 4]> {
    let mut front: Vec<_> = plan.routes.iter().map(sums).collect();
    front.sort_unstable();
    front
}

/// The ids of a route's legs.
pub fn ids(route: &Route) -> Vec<&str> {
    route.legs.iter().map(|leg| leg.id.as_str()).collect()
}
