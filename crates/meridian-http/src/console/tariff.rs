//! Looking up a tariff line by words or digits: candidates with their path, never a verdict.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use meridian_people::Act;
use meridian_tariff::classify::Candidate;
use meridian_tariff::measure::Measure;
use meridian_terms::HsCode;

use super::asked::{Asked, Choice, doubt, encoded};
use super::pages::Frame;
use super::{html, missing, office};
use crate::{Oracles, Service, Tariff};

/// How many candidates are shown.
const MOST: usize = 25;

pub(crate) async fn look_up(
    State(service): State<Service>,
    Query(asked): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let goods = match goods_of_deals(&service).await {
        Ok(goods) => goods,
        Err(problem) => return problem.into_response(),
    };
    let asked = Asked(asked);
    let Some((territory, tariff)) = chosen(&service.oracles, &asked) else {
        return missing("This hub has no tariff.");
    };
    let question = asked.text("q");
    let candidates = if question.is_empty() { Vec::new() } else { tariff.index.search(&question, MOST) };
    html(&LookUpPage {
        frame: Frame::of(&service),
        territories: territories(&service.oracles, territory),
        pack: tariff.pack.name.clone(),
        lines: tariff.pack.lines().len(),
        candidates: candidates.iter().map(|found| CandidateShown::of(tariff, territory, found)).collect(),
        question,
        goods,
    })
}

/// The tariff asked for, or the first.
pub(super) fn chosen<'a>(oracles: &'a Oracles, asked: &Asked) -> Option<(&'a str, &'a Tariff)> {
    let named = asked.stated("territory").and_then(|territory| oracles.tariffs.get_key_value(territory));
    named.or_else(|| oracles.tariffs.iter().next()).map(|(territory, tariff)| (territory.as_str(), tariff))
}

pub(super) fn territories(oracles: &Oracles, chosen: &str) -> Vec<Choice> {
    let of = |(territory, tariff): (&String, &Tariff)| Choice {
        value: territory.clone(),
        label: tariff.pack.name.clone(),
        is_chosen: territory == chosen,
    };
    oracles.tariffs.iter().map(of).collect()
}

/// The goods of a deal, to begin with.
pub(super) struct DealGoods {
    pub(super) deal: String,
    pub(super) words: String,
    /// The question about them.
    pub(super) query: String,
}

async fn goods_of_deals(service: &Service) -> Result<Vec<DealGoods>, crate::Problem> {
    let goods = service.node.read(|hub| {
        let of = |deal: &meridian_deal::Deal| {
            let contract = deal.contract.clone();
            let landed = deal.route.as_ref().map(|route| route.freight);
            contract.goods.clone().into_iter().map(move |line| {
                let freight = landed.map_or_else(String::new, |freight| {
                    format!("&freight={}&freight_currency={}", freight.amount(), freight.currency())
                });
                DealGoods {
                    deal: contract.id.0.clone(),
                    words: format!(
                        "{} {} from {} to {}",
                        line.hs, line.description, line.origin, contract.buyer.country
                    ),
                    query: format!(
                        "?territory={}&code={}&origin={}&price={}&currency={}&net_kg={}&incoterm={}{freight}",
                        contract.buyer.country,
                        encoded(line.hs.as_str()),
                        line.origin,
                        line.value.amount(),
                        line.value.currency(),
                        line.net_kg,
                        contract.incoterm.word(),
                    ),
                }
            })
        };
        hub.deal.deals().flat_map(of).collect()
    });
    Ok(goods.await?)
}

#[derive(Template)]
#[template(path = "tariff.html")]
struct LookUpPage {
    frame: Frame,
    territories: Vec<Choice>,
    pack: String,
    lines: usize,
    question: String,
    candidates: Vec<CandidateShown>,
    goods: Vec<DealGoods>,
}

struct CandidateShown {
    code: String,
    path: Vec<(String, String)>,
    matched: String,
    duty: String,
    vat: String,
    unit: String,
    status: String,
    source: String,
    doubt: &'static str,
    measures: Vec<MeasureShown>,
    link: String,
}

struct MeasureShown {
    kind: &'static str,
    title: String,
    area: String,
    duty: String,
    validity: String,
    doubt: &'static str,
}

impl CandidateShown {
    fn of(tariff: &Tariff, territory: &str, found: &Candidate) -> Self {
        let code = HsCode::parse(&found.code).ok();
        let line = code.as_ref().and_then(|code| tariff.pack.line(code));
        let measures = code.iter().flat_map(|code| tariff.pack.measures_of(code));
        let (status, source) =
            line.map_or_else(Default::default, |line| (line.status.clone(), line.source.clone()));
        Self {
            link: format!("/tariff/assess?territory={}&code={}", encoded(territory), encoded(&found.code)),
            path: found.path.clone(),
            matched: found.matched.join(", "),
            duty: line
                .and_then(|line| line.duty.as_ref())
                .map_or_else(|| "by measures".into(), ToString::to_string),
            vat: line.and_then(|line| line.vat).map_or_else(String::new, |vat| format!("{vat} %")),
            unit: line.map_or_else(String::new, |line| line.unit.clone()),
            doubt: doubt([status.as_str()]),
            measures: measures.filter(|measure| measure.is_known(None)).map(MeasureShown::of).collect(),
            code: found.code.clone(),
            status,
            source,
        }
    }
}

impl MeasureShown {
    fn of(measure: &Measure) -> Self {
        let area = match (measure.area.of.is_empty(), measure.area.except.is_empty()) {
            (true, true) => "every origin".to_owned(),
            (true, false) => format!("every origin but {}", measure.area.except.join(", ")),
            (false, true) => measure.area.of.join(", "),
            (false, false) => {
                format!("{} but {}", measure.area.of.join(", "), measure.area.except.join(", "))
            }
        };
        let validity = match (&measure.from, &measure.until, &measure.from_act) {
            (None, None, None) => String::new(),
            (_, _, Some(act)) => format!("from the entry into force of {act}"),
            (from, until, None) => {
                let day = |day: &Option<meridian_terms::Day>, word: &str| {
                    day.map_or_else(String::new, |day| format!("{word} {day}"))
                };
                format!("{} {}", day(from, "from"), day(until, "until before")).trim().to_owned()
            }
        };
        Self {
            kind: measure.kind.word(),
            title: if measure.scheme.is_empty() { measure.title.clone() } else { measure.scheme.clone() },
            area,
            duty: measure.duty.as_ref().map_or_else(String::new, ToString::to_string),
            validity,
            doubt: doubt([measure.status.as_str()]),
        }
    }
}
