//! The corridor asked by form: which ways there are, what a what-if changes, what somebody will bear.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use meridian_corridor::{
    Bearable, Criterion, Drawing, Load, Mode, Network, Overlay, Plan, Planner, Question, Route, Train, chart,
    chart_rows, draw_routes, geojson, wished,
};
use meridian_people::Act;
use meridian_terms::{Day, Moment};

use super::asked::{Asked, Choice, encoded};
use super::pages::Frame;
use super::ways::{Change, RouteShown};
use super::{html, missing, office};
use crate::oracles::Corridor;
use crate::{Problem, Service};

/// Labels a search may make before the page says that it stopped: some seconds at most.
const BUDGET: usize = 1_000_000;

/// Pixels across of a map for a desk and for a phone.
const DESK: u16 = 1280;
const PHONE: u16 = 390;

pub(crate) async fn page(
    State(service): State<Service>,
    Query(asked): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let ways = match ways_of_deals(&service).await {
        Ok(ways) => ways,
        Err(problem) => return problem.into_response(),
    };
    let asked = Asked(asked);
    let (frame, today) = (Frame::of(&service), service.node.clock().now().day());
    // A search takes its time: not on a thread that serves others.
    let made = tokio::task::spawn_blocking(move || {
        let corridor = service.oracles.corridor.as_ref()?;
        let answered = asked.stated("from").zip(asked.stated("to")).map(|_| {
            let asking = Asking::read(corridor, &asked, today)?;
            Ok(Answer::of(&asked, &asking, &Found::of(corridor, &asking)))
        });
        let (refused, answer) = match answered {
            None => (None, None),
            Some(Ok(answer)) => (None, Some(answer)),
            Some(Err(why)) => (Some(why), None),
        };
        let map = if answer.is_some() { String::new() } else { (service.map)(&[]) };
        Some(CorridorPage::of(frame, corridor, asked, today, ways, refused, answer, map))
    });
    match made.await {
        Ok(Some(page)) => html(&page),
        Ok(None) => missing("This hub has no network."),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The map of an answer alone, to be printed or saved.
pub(crate) async fn map(
    State(service): State<Service>,
    Query(asked): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let drawn = answered(service, asked, headers, |asked, asking, found| {
        let width = asked.read("width", str::parse::<u16>)?.unwrap_or(DESK).clamp(240, 4000);
        Ok(drawing(asking, found, width))
    });
    drawn.await.map_or_else(
        |response| response,
        |svg| ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response(),
    )
}

/// The network and the ways of an answer as GeoJSON, for other people's maps.
pub(crate) async fn lines(
    State(service): State<Service>,
    Query(asked): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let told = answered(service, asked, headers, |_, _, found| {
        let routes: Vec<&Route> = wished(found.shown()).into_iter().map(|(_, route)| route).collect();
        Ok(geojson(found.network(), &routes).to_string())
    });
    let kind = [(header::CONTENT_TYPE, "application/geo+json")];
    told.await.map_or_else(|response| response, |text| (kind, text).into_response())
}

async fn answered(
    service: Service,
    asked: Vec<(String, String)>,
    headers: HeaderMap,
    tell: impl FnOnce(&Asked, &Asking, &Found<'_>) -> Result<String, String> + Send + 'static,
) -> Result<String, Response> {
    office::may_look(&service, &headers, Act::Look).await?;
    let today = service.node.clock().now().day();
    let made = tokio::task::spawn_blocking(move || {
        let corridor = service.oracles.corridor.as_ref().ok_or("this hub has no network")?;
        let asked = Asked(asked);
        let asking = Asking::read(corridor, &asked, today)?;
        tell(&asked, &asking, &Found::of(corridor, &asking))
    });
    let told =
        made.await.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response())?;
    told.map_err(|why| (StatusCode::UNPROCESSABLE_ENTITY, why).into_response())
}

/// A question as the form states it.
pub(super) struct Asking {
    from: String,
    to: String,
    depart: Moment,
    load: Load,
    avoid: Vec<Mode>,
    avoid_countries: Vec<String>,
    epsilon_ppm: u32,
    overlays: Vec<String>,
    /// TEU a year that would take this way.
    flow: Option<u32>,
    axes: (Criterion, Criterion),
    bearable: Bearable,
}

impl Asking {
    fn read(corridor: &Corridor, asked: &Asked, today: Day) -> Result<Self, String> {
        let boxes = asked.text("boxes");
        let size = asked.stated("size").unwrap_or("TEU");
        let tonnes = asked.stated("tonnes").map_or_else(String::new, |tonnes| format!(":{tonnes}t"));
        let count = if boxes.is_empty() { "1" } else { &boxes };
        let mut load =
            Load::parse(&format!("{count}x{size}{tonnes}")).map_err(|refusal| format!("boxes: {refusal}"))?;
        load.is_reefer = asked.answer("reefer") == Some(true);
        load.dangerous = asked.stated("dangerous").map(str::to_owned);
        load.permits = asked.words("permits").into_iter().collect();
        load.train = asked.stated("train").and_then(Train::parse).unwrap_or_default();
        let (mut avoid, mut avoid_countries) = (Vec::new(), Vec::new());
        for word in asked.words("avoid") {
            match Mode::parse(&word) {
                Some(mode) => avoid.push(mode),
                None if corridor.network.nodes().iter().any(|node| node.country == word) => {
                    avoid_countries.push(word)
                }
                None => {
                    return Err(format!(
                        "avoid: {word} is neither a mode nor a country of this network; write road; IR"
                    ));
                }
            }
        }
        let unknown = asked.all("overlay").find(|name| !corridor.overlays.contains_key(*name));
        if let Some(name) = unknown {
            return Err(format!("overlay: there is no what-if {name}"));
        }
        let day = asked.read("depart", Day::parse)?.unwrap_or(today);
        Ok(Self {
            from: place(&corridor.network, asked, "from")?,
            to: place(&corridor.network, asked, "to")?,
            depart: day.start(),
            load,
            avoid,
            avoid_countries,
            epsilon_ppm: if asked.stated("tolerance") == Some("1") { 10_000 } else { 0 },
            overlays: asked.all("overlay").map(str::to_owned).collect(),
            flow: asked.read("flow", str::parse::<u32>)?,
            axes: (
                criterion(asked, "across").unwrap_or(Criterion::Days),
                criterion(asked, "up").unwrap_or(Criterion::Dollars),
            ),
            bearable: Bearable {
                days: asked.read("most_days", str::parse)?,
                dollars: asked.read("most_dollars", str::parse)?,
                kilograms: asked.read("most_kilograms", str::parse)?,
                risk: asked.read("most_risk", str::parse)?,
            },
        })
    }

    fn plan(&self, network: &Network) -> Plan {
        let countries: Vec<&str> = self.avoid_countries.iter().map(String::as_str).collect();
        let mut question = Question::new(&self.from, &self.to, self.depart, self.load.clone());
        (question.avoid, question.avoid_countries) = (&self.avoid, &countries);
        (question.epsilon_ppm, question.budget) = (self.epsilon_ppm, BUDGET);
        Planner::new(network, &question).plan(&question)
    }

    fn load_told(&self) -> String {
        let size = if self.load.size.teu() == 1 { "TEU" } else { "FEU" };
        format!("{} {size} of {} t", self.load.boxes, self.load.gross_kg / 1000)
    }
}

/// A node by its id, or by its name where one alone has it.
fn place(network: &Network, asked: &Asked, key: &str) -> Result<String, String> {
    let text = asked.stated(key).ok_or_else(|| format!("{key}: where?"))?;
    if network.node(text).is_some() {
        return Ok(text.to_owned());
    }
    let wanted = text.to_lowercase();
    let mut named = network.nodes().iter().filter(|node| node.name.to_lowercase().starts_with(&wanted));
    match (named.next(), named.next()) {
        (Some(node), None) => Ok(node.id.clone()),
        (Some(one), Some(other)) => {
            Err(format!("{key}: {text} may be {} or {}; choose from the list", one.name, other.name))
        }
        (None, _) => Err(format!("{key}: {text} is no place of this network; choose from the list")),
    }
}

const CRITERIA: [(&str, Criterion); 4] = [
    ("days", Criterion::Days),
    ("dollars", Criterion::Dollars),
    ("kilograms", Criterion::Kilograms),
    ("risk", Criterion::Risk),
];

fn criterion(asked: &Asked, key: &str) -> Option<Criterion> {
    let stated = asked.stated(key)?;
    CRITERIA.into_iter().find(|(word, _)| *word == stated).map(|(_, criterion)| criterion)
}

/// What was found, on the network as it is and under the what-ifs.
pub(super) struct Found<'a> {
    base: Plan,
    base_network: &'a Network,
    with: Option<(Network, Plan)>,
}

impl<'a> Found<'a> {
    fn of(corridor: &'a Corridor, asking: &Asking) -> Self {
        let overlays: Vec<Overlay> =
            asking.overlays.iter().filter_map(|name| corridor.overlays.get(name).cloned()).collect();
        let with = (!overlays.is_empty()).then(|| {
            let network = corridor.network.with(&overlays);
            let plan = asking.plan(&network);
            (network, plan)
        });
        Self { base: asking.plan(&corridor.network), base_network: &corridor.network, with }
    }

    /// The plan that is shown: under the what-ifs, where there are any.
    fn shown(&self) -> &Plan {
        self.with.as_ref().map_or(&self.base, |(_, plan)| plan)
    }

    fn network(&self) -> &Network {
        self.with.as_ref().map_or(self.base_network, |(network, _)| network)
    }
}

fn drawing(asking: &Asking, found: &Found<'_>, width: u16) -> String {
    let network = found.network();
    let name = |id: &str| network.node(id).map_or(id, |node| network.nodes()[node].name.as_str()).to_owned();
    let drawing = Drawing {
        title: format!("{} to {}, {}", name(&asking.from), name(&asking.to), asking.depart.day()),
        ways: wished(found.shown()),
        shipments: Vec::new(),
        width,
    };
    draw_routes(network, &drawing)
}

/// A bound somebody drags.
struct Slider {
    name: &'static str,
    label: &'static str,
    most: f64,
    value: f64,
    step: &'static str,
    column: usize,
}

/// An answer, for the page.
struct Answer {
    load: String,
    overlays: String,
    routes: Vec<RouteShown>,
    base_routes: usize,
    ways_gone: usize,
    ways_come: usize,
    chart: String,
    maps: [String; 2],
    changes: Vec<Change>,
    flow: Option<u32>,
    sliders: Vec<Slider>,
    is_truncated: bool,
    excluded: Vec<String>,
    map_link: String,
    lines_link: String,
}

impl Answer {
    fn of(asked: &Asked, asking: &Asking, found: &Found<'_>) -> Self {
        let (plan, network) = (found.shown(), found.network());
        let rows = chart_rows(plan, &asking.bearable);
        let open = asked.read("route", str::parse::<usize>).ok().flatten();
        let routes = rows.iter().zip(&plan.routes).map(|(row, route)| {
            let is_open = open == Some(row.number) || !row.wishes.is_empty();
            RouteShown::of(network, row, route, is_open, asked.with("route", &row.number.to_string()))
        });
        let (across, up) = asking.axes;
        // The dots that are filled are the answer's; what the network gives as it is stands hollow beside them.
        let beside = found.with.is_some().then_some(&found.base);
        let is_nowhere = plan.routes.is_empty();
        let drawn = |width| if is_nowhere { String::new() } else { drawing(asking, found, width) };
        let query = asked.with("width", &DESK.to_string());
        Self {
            load: asking.load_told(),
            overlays: asking.overlays.join(", "),
            routes: routes.collect(),
            base_routes: found.base.routes.len(),
            ways_gone: apart(&found.base, plan),
            ways_come: apart(plan, &found.base),
            chart: if is_nowhere { String::new() } else { chart(plan, beside, across, up, &asking.bearable) },
            maps: [drawn(DESK), drawn(PHONE)],
            changes: found.with.as_ref().map_or_else(Vec::new, |(network, with)| {
                Change::all(
                    found.base_network,
                    network,
                    &found.base,
                    with,
                    asking.load.total_teu(),
                    asking.flow,
                )
            }),
            flow: asking.flow,
            sliders: sliders(&rows, &asking.bearable),
            is_truncated: plan.is_truncated || found.base.is_truncated,
            excluded: plan.excluded.iter().map(ToString::to_string).collect(),
            map_link: format!("/corridor/map.svg{query}"),
            lines_link: format!("/corridor/routes.geojson{query}"),
        }
    }
}

/// How many ways of a plan the other has not.
fn apart(plan: &Plan, other: &Plan) -> usize {
    plan.routes.iter().filter(|route| !other.routes.contains(route)).count()
}

fn sliders(rows: &[meridian_corridor::ChartRow], bearable: &Bearable) -> Vec<Slider> {
    let bounds = [bearable.days, bearable.dollars, bearable.kilograms, bearable.risk];
    let names = ["most_days", "most_dollars", "most_kilograms", "most_risk"];
    let labels = ["days", "USD", "kg CO2e", "days of deviation"];
    let of = |column: usize| {
        let most = rows.iter().map(|row| row.values[column]).fold(0.0, f64::max).ceil();
        Slider {
            name: names[column],
            label: labels[column],
            most,
            value: bounds[column].unwrap_or(most).min(most),
            step: if column == 3 { "0.1" } else { "1" },
            column,
        }
    };
    if rows.len() < 2 { Vec::new() } else { (0..4).map(of).collect() }
}

/// A deal's way, to begin with.
struct DealWay {
    deal: String,
    words: String,
    query: String,
}

async fn ways_of_deals(service: &Service) -> Result<Vec<DealWay>, Problem> {
    let ways = service.node.read(|hub| {
        let of = |deal: &meridian_deal::Deal| {
            let route = deal.route.as_ref()?;
            let (from, to) = (route.nodes.first()?, route.nodes.last()?);
            Some(DealWay {
                deal: deal.contract.id.0.clone(),
                words: format!("{from} to {to}"),
                query: format!(
                    "?from={}&to={}&depart={}",
                    encoded(from),
                    encoded(to),
                    deal.contract.signed_at.day()
                ),
            })
        };
        hub.deal.deals().filter_map(of).collect()
    });
    Ok(ways.await?)
}

#[derive(Template)]
#[template(path = "corridor.html")]
struct CorridorPage {
    frame: Frame,
    asked: Asked,
    /// Id and name of every place.
    places: Vec<(String, String)>,
    sizes: Vec<Choice>,
    trains: Vec<Choice>,
    reefers: Vec<Choice>,
    across: Vec<Choice>,
    up: Vec<Choice>,
    overlays: Vec<Choice>,
    depart: String,
    boxes: String,
    ways: Vec<DealWay>,
    refused: Option<String>,
    answer: Option<Answer>,
    map: String,
}

impl CorridorPage {
    #[expect(clippy::too_many_arguments, reason = "a page is made of what it shows")]
    fn of(
        frame: Frame,
        corridor: &Corridor,
        asked: Asked,
        today: Day,
        ways: Vec<DealWay>,
        refused: Option<String>,
        answer: Option<Answer>,
        map: String,
    ) -> Self {
        let mut places: Vec<(String, String)> = corridor
            .network
            .nodes()
            .iter()
            .map(|node| (node.id.clone(), format!("{}, {}", node.name, node.country)))
            .collect();
        places.sort_by(|a, b| a.1.cmp(&b.1));
        let pairs = |words: &[(&str, &str)]| {
            words.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect::<Vec<_>>()
        };
        let criteria = pairs(&[
            ("days", "days"),
            ("dollars", "USD"),
            ("kilograms", "kg CO2e"),
            ("risk", "days of deviation"),
        ]);
        let mut up = asked.choices("up", criteria.clone());
        if !up.iter().any(|one| one.is_chosen) {
            up[1].is_chosen = true;
        }
        let overlay = |(name, overlay): (&String, &Overlay)| Choice {
            value: name.clone(),
            label: overlay.words.clone(),
            is_chosen: asked.all("overlay").any(|chosen| chosen == name),
        };
        Self {
            frame,
            places,
            sizes: asked.choices("size", pairs(&[("TEU", "twenty feet"), ("FEU", "forty feet")])),
            trains: asked.choices("train", pairs(&[("wagons", "single wagons"), ("block", "block train")])),
            reefers: asked.choices("reefer", pairs(&[("", "no"), ("yes", "yes")])),
            across: asked.choices("across", criteria),
            up,
            overlays: corridor.overlays.iter().map(overlay).collect(),
            depart: asked.stated("depart").map_or_else(|| today.to_string(), str::to_owned),
            boxes: asked.stated("boxes").unwrap_or("1").to_owned(),
            ways,
            refused,
            answer,
            map,
            asked,
        }
    }
}
