//! Origin: a bill of materials asked by form, the verdict as the tree of the rule.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use meridian_people::Act;
use meridian_tariff::origin::{
    Base, Bill, Finding, Judgement, Material, Operations, Standing, Transport, Verdict,
};
use meridian_terms::{Country, Decimal, HsCode};

use super::asked::{Asked, Choice};
use super::assess::with_unstated;
use super::pages::Frame;
use super::tariff::{chosen, territories};
use super::{html, missing, office};
use crate::{Service, Tariff};

/// Materials a form has room for.
const MATERIALS: usize = 6;

pub(crate) async fn page(
    State(service): State<Service>,
    Query(asked): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let asked = Asked(asked);
    let Some((territory, tariff)) = chosen(&service.oracles, &asked) else {
        return missing("This hub has no tariff.");
    };
    let answered = asked.stated("code").zip(asked.stated("origin")).map(|_| Answer::of(tariff, &asked));
    let (refused, answer) = match answered {
        None => (None, None),
        Some(Ok(answer)) => (None, Some(answer)),
        Some(Err(why)) => (Some(why), None),
    };
    let titled = |id: &str| {
        let known = tariff.tables.protocols.agreement(id);
        known.map_or_else(|| id.to_owned(), |(agreement, _)| agreement.title.clone())
    };
    let agreements = tariff.tables.protocols.ids().map(|id| (id.to_owned(), titled(id)));
    html(&OriginPage {
        frame: Frame::of(&service),
        territories: territories(&service.oracles, territory),
        agreements: asked.choices("agreement", agreements),
        wholly_obtained: yes_or_no(&asked, "wholly_obtained"),
        drawback: yes_or_no(&asked, "drawback"),
        under_control: yes_or_no(&asked, "under_control"),
        altered: yes_or_no(&asked, "altered"),
        all_operations: yes_or_no(&asked, "all_operations"),
        materials: (1..=MATERIALS).map(|number| MaterialShown::of(&asked, number)).collect(),
        refused,
        answer,
        asked,
    })
}

fn yes_or_no(asked: &Asked, key: &str) -> Vec<Choice> {
    with_unstated(asked, key, "not stated", ["yes", "no"])
}

#[derive(Template)]
#[template(path = "origin.html")]
struct OriginPage {
    frame: Frame,
    asked: Asked,
    territories: Vec<Choice>,
    agreements: Vec<Choice>,
    wholly_obtained: Vec<Choice>,
    drawback: Vec<Choice>,
    under_control: Vec<Choice>,
    altered: Vec<Choice>,
    all_operations: Vec<Choice>,
    materials: Vec<MaterialShown>,
    refused: Option<String>,
    answer: Option<Answer>,
}

struct MaterialShown {
    number: usize,
    name: String,
    code: String,
    standings: Vec<Choice>,
    country: String,
    value: String,
    kg: String,
    proof: String,
}

impl MaterialShown {
    fn of(asked: &Asked, number: usize) -> Self {
        let text = |what: &str| asked.text(&format!("m{number}_{what}"));
        let words = ["wholly obtained", "originating", "not originating"];
        Self {
            number,
            name: text("name"),
            code: text("code"),
            standings: with_unstated(asked, &format!("m{number}_standing"), "not stated", words),
            country: text("country"),
            value: text("value"),
            kg: text("kg"),
            proof: text("proof"),
        }
    }
}

struct Answer {
    verdict: &'static str,
    agreement: String,
    is_illustrative: bool,
    rules: Vec<(String, String)>,
    shortfalls: Vec<(String, String, String)>,
    needs: Vec<String>,
    remarks: Vec<String>,
    tree: Branch,
}

/// A node of the tree with those below it.
#[derive(Template)]
#[template(path = "branch.html")]
struct Branch {
    outcome: &'static str,
    class: &'static str,
    condition: String,
    have: String,
    need: String,
    missing: Vec<String>,
    tolerated: String,
    children: Vec<Branch>,
}

impl Branch {
    fn of(finding: &Finding) -> Self {
        let outcome = finding.outcome.word();
        // Lines are counted from one for people.
        let tolerated: Vec<String> = finding.tolerated.iter().map(|line| (line + 1).to_string()).collect();
        Self {
            outcome,
            class: match outcome {
                "met" => "met",
                "not met" => "unmet",
                _ => "open",
            },
            condition: finding.condition.clone(),
            have: finding.have.clone(),
            need: finding.need.clone(),
            missing: finding.missing.iter().cloned().collect(),
            tolerated: tolerated.join(", "),
            children: finding.children.iter().map(Self::of).collect(),
        }
    }
}

impl Answer {
    fn of(tariff: &Tariff, asked: &Asked) -> Result<Self, String> {
        let protocols = &tariff.tables.protocols;
        let agreement = asked.stated("agreement").or_else(|| protocols.ids().next());
        let agreement =
            agreement.ok_or("agreement: this tariff's pack has no agreement with rules of origin")?;
        let bill = bill(asked)?;
        let Judgement { verdict, tree } =
            protocols.judge(agreement, &bill, asked.stated("kind")).map_err(|refusal| refusal.to_string())?;
        let rows = protocols.rules_for(agreement, &bill.code);
        let provisions = protocols.agreement(agreement);
        let (word, shortfalls, needs) = match verdict {
            Verdict::Qualifies => ("qualifies", Vec::new(), Vec::new()),
            Verdict::Fails(shortfalls) => ("fails", shortfalls, Vec::new()),
            Verdict::Unknown(facts) => ("unknown", Vec::new(), facts.into_iter().collect()),
        };
        Ok(Self {
            verdict: word,
            agreement: provisions.map_or_else(|| agreement.to_owned(), |(known, _)| known.title.clone()),
            is_illustrative: provisions.is_some_and(|(_, is_illustrative)| is_illustrative)
                || rows.iter().any(|row| row.is_illustrative),
            rules: rows.iter().map(|row| (row.rule.to_string(), row.source.clone())).collect(),
            remarks: rows.iter().flat_map(|row| row.remarks.clone()).collect(),
            shortfalls: shortfalls.into_iter().map(|leaf| (leaf.leaf, leaf.have, leaf.need)).collect(),
            needs,
            tree: Branch::of(&tree),
        })
    }
}

/// The bill of materials as the form states it; what is left out is unknown.
fn bill(asked: &Asked) -> Result<Bill, String> {
    let code = asked.read("code", HsCode::parse)?.ok_or("code: which product?")?;
    let country = asked.read("origin", Country::parse)?.ok_or("origin: of which country?")?;
    let mut bill = Bill::new(code, country);
    bill.wholly_obtained = asked.answer("wholly_obtained");
    let measures = [
        ("ex_works", Base::ExWorks),
        ("fob", Base::FreeOnBoard),
        ("net_cost", Base::NetCost),
        ("product_kg", Base::Weight),
    ];
    for (key, base) in measures {
        if let Some(figure) = figure(asked, key)? {
            bill.measures.insert(base, figure);
        }
    }
    for number in 1..=MATERIALS {
        bill.materials.extend(material(asked, number)?);
    }
    bill.operations = Operations {
        done: asked.words("operations").into_iter().collect(),
        complete: asked.answer("all_operations") == Some(true),
        ..Operations::default()
    };
    bill.drawback = asked.answer("drawback");
    let through = asked.words("through");
    let (under_customs_control, altered) = (asked.answer("under_control"), asked.answer("altered"));
    let evidence = asked.words("evidence");
    if !through.is_empty() || under_customs_control.is_some() || altered.is_some() || !evidence.is_empty() {
        let countries = through.iter().map(|code| Country::parse(code));
        bill.transport = Some(Transport {
            through: countries.collect::<Result<_, _>>().map_err(|refusal| format!("through: {refusal}"))?,
            under_customs_control,
            altered,
            evidence: evidence.into_iter().collect(),
        });
    }
    Ok(bill)
}

fn material(asked: &Asked, number: usize) -> Result<Option<Material>, String> {
    let key = |what: &str| format!("m{number}_{what}");
    let is_there =
        ["name", "code", "standing", "value"].iter().any(|what| asked.stated(&key(what)).is_some());
    if !is_there {
        return Ok(None);
    }
    let standing = match asked.stated(&key("standing")) {
        Some("wholly obtained") => Standing::WhollyObtained,
        Some("originating") => Standing::Originating,
        Some("not originating") => Standing::NonOriginating,
        _ => Standing::Unstated,
    };
    let name = asked.stated(&key("name")).map_or_else(|| format!("material {number}"), str::to_owned);
    let mut material = Material::new(name, standing);
    material.code = asked.read(&key("code"), HsCode::parse)?;
    material.country = asked.read(&key("country"), Country::parse)?;
    material.proof = asked.stated(&key("proof")).map(str::to_owned);
    material.value = figure(asked, &key("value"))?;
    material.weight_kg = figure(asked, &key("kg"))?;
    Ok(Some(material))
}

/// A value or mass: zero or more.
fn figure(asked: &Asked, key: &str) -> Result<Option<Decimal>, String> {
    match asked.decimal(key)? {
        Some(figure) if figure.is_negative() => {
            Err(format!("{}: {figure} is below zero", key.replace('_', " ")))
        }
        figure => Ok(figure),
    }
}
