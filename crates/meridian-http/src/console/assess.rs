//! Assessing goods: a declaration's line asked by form, every lawful way answered side by side.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use meridian_people::Act;
use meridian_tariff::assess::{self, Assessment, Incoterm, Item, assess};
use meridian_tariff::controls::{Direction, Document, LicenceBook, Movement, Outcome};
use meridian_tariff::duty::condition::Effect;
use meridian_tariff::proof::{Claim, Proof, ProofKind, check};
use meridian_terms::{Country, Currency, Day, HsCode, Quantity, Unit};

use super::asked::{Asked, Choice, doubt, encoded};
use super::pages::Frame;
use super::tariff::{chosen, territories};
use super::waterfall::{RowShown, waterfall};
use super::{html, missing, office};
use crate::{Service, Tariff};

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
    let today = service.node.clock().now().day();
    let answered = asked.stated("code").zip(asked.stated("price")).map(|_| answer(tariff, &asked, today));
    let (refused, answer) = match answered {
        None => (None, None),
        Some(Ok(answer)) => (None, Some(answer)),
        Some(Err(why)) => (Some(why), None),
    };
    html(&AssessPage {
        frame: Frame::of(&service),
        territories: territories(&service.oracles, territory),
        currencies: currencies(tariff, &asked, "currency"),
        freight_currencies: currencies(tariff, &asked, "freight_currency"),
        incoterms: with_unstated(&asked, "incoterm", "not stated", Incoterm::ALL.map(|(letters, _)| letters)),
        proofs: with_unstated(&asked, "proof", "none", PROOFS),
        line: line_told(tariff, &asked),
        day: asked.stated("day").map_or_else(|| today.to_string(), str::to_owned),
        origin_link: format!("/tariff/origin{}", asked.with("territory", territory)),
        refused,
        answer,
        asked,
    })
}

const PROOFS: [&str; 6] = ["CT-3", "Form A", "EUR.1", "declaration", "statement", "importer's knowledge"];

/// The currencies a tariff has rates of, its own first.
fn currencies(tariff: &Tariff, asked: &Asked, key: &str) -> Vec<Choice> {
    let own = tariff.pack.currency;
    let others = tariff.pack.rates.keys().copied().filter(|known| *known != own);
    asked.choices(key, std::iter::once(own).chain(others).map(|one| (one.to_string(), one.to_string())))
}

pub(super) fn with_unstated<const N: usize>(
    asked: &Asked,
    key: &str,
    unstated: &str,
    words: [&str; N],
) -> Vec<Choice> {
    let words = words.into_iter().map(|word| (word.to_owned(), word.to_owned()));
    asked.choices(key, std::iter::once((String::new(), unstated.to_owned())).chain(words))
}

fn line_told(tariff: &Tariff, asked: &Asked) -> String {
    let line = HsCode::parse(&asked.text("code")).ok();
    let line = line.as_ref().and_then(|code| tariff.pack.line(code));
    line.map_or_else(String::new, |line| format!("{}: {}", line.code, line.description))
}

#[derive(Template)]
#[template(path = "assess.html")]
struct AssessPage {
    frame: Frame,
    asked: Asked,
    territories: Vec<Choice>,
    currencies: Vec<Choice>,
    freight_currencies: Vec<Choice>,
    incoterms: Vec<Choice>,
    proofs: Vec<Choice>,
    line: String,
    day: String,
    origin_link: String,
    refused: Option<String>,
    answer: Option<Answer>,
}

/// What was found, for the page.
struct Answer {
    why: String,
    options: Vec<Way>,
    missed: Vec<String>,
    needs: Vec<String>,
    remarks: Vec<String>,
    proof: Vec<String>,
    controls: Vec<ControlShown>,
    is_illustrative: bool,
}

struct Way {
    basis: String,
    kind: &'static str,
    total: String,
    landed: String,
    picture: String,
    rows: Vec<RowShown>,
    remarks: Vec<String>,
}

struct ControlShown {
    name: String,
    kind: String,
    outcome: &'static str,
    why: String,
    documents: String,
    issued_by: String,
    rule: String,
    doubt: &'static str,
}

fn answer(tariff: &Tariff, asked: &Asked, today: Day) -> Result<Answer, String> {
    let mut item = item(tariff, asked, today)?;
    let (has_proof, proof) = proof(tariff, asked, &item)?;
    item.has_proof = has_proof;
    let found = assess(&tariff.pack, &item, &BTreeMap::new()).map_err(|refusal| refusal.to_string())?;
    let widest = found.choices.iter().map(|choice| choice.landed.minor()).max().unwrap_or(0);
    let options: Vec<Way> = found.choices.iter().map(|choice| Way::of(choice, widest)).collect();
    let mut told = Answer {
        is_illustrative: options.iter().flat_map(|way| &way.rows).any(|row| row.doubt == "illustrative"),
        controls: measures_checked(&found),
        why: found.why,
        options,
        missed: found.missed,
        needs: found
            .needs
            .iter()
            .map(|need| need.to_string().trim_start_matches("needs: ").to_owned())
            .collect(),
        remarks: found.remarks,
        proof,
    };
    told.controls.extend(reviewed(tariff, asked, &item));
    Ok(told)
}

impl Way {
    fn of(choice: &assess::Choice, widest: i128) -> Self {
        Self {
            basis: choice.basis.clone(),
            kind: choice.kind.word(),
            total: choice.total.to_string(),
            landed: choice.landed.to_string(),
            picture: waterfall(choice, widest),
            rows: choice.rows.iter().map(RowShown::of).collect(),
            remarks: choice.remarks.clone(),
        }
    }
}

/// The goods as the form declares them.
fn item(tariff: &Tariff, asked: &Asked, today: Day) -> Result<Item, String> {
    let own = tariff.pack.currency;
    let currency = asked.read("currency", Currency::parse)?.unwrap_or(own);
    let carriage = asked.read("freight_currency", Currency::parse)?.unwrap_or(own);
    let code = asked.read("code", HsCode::parse)?.ok_or("code: which goods?")?;
    let origin = asked.read("origin", Country::parse)?.ok_or("origin: from which country?")?;
    let price = asked.money("price", currency)?.ok_or("price: how much?")?;
    let mut item = Item::new(code, origin, price);
    item.incoterm = asked.read("incoterm", Incoterm::parse)?;
    item.freight = asked.money("freight", carriage)?;
    item.insurance = asked.money("insurance", carriage)?;
    item.inland = asked.money("inland", carriage)?;
    item.net_kg = asked.decimal("net_kg")?;
    if let Some(gross) = asked.decimal("gross_kg")? {
        item.quantities.insert("kg gross".to_owned(), gross);
    }
    for stated in asked.words("quantities") {
        let wrong =
            || format!("quantities: {stated:?}; write unit=amount; unit=amount, like cm3=1600; pcs=1");
        let (unit, amount) = stated.split_once('=').ok_or_else(wrong)?;
        let amount = meridian_terms::Decimal::parse(amount.trim()).map_err(|_| wrong())?;
        item.quantities.insert(unit.trim().to_owned(), amount);
    }
    item.territory = asked.read("into", Country::parse)?;
    item.day = Some(asked.read("day", Day::parse)?.unwrap_or(today));
    item.additional_codes = asked.words("additional_codes").into_iter().collect();
    item.documents = asked.words("documents").into_iter().collect();
    item.closed_quotas = asked.words("closed_quotas").into_iter().collect();
    Ok(item)
}

/// Whether the preference may be claimed with the proof presented, and what is to be said of it.
fn proof(tariff: &Tariff, asked: &Asked, item: &Item) -> Result<(bool, Vec<String>), String> {
    let Some(name) = asked.stated("proof") else { return Ok((false, Vec::new())) };
    let kind = ProofKind::parse(name).ok_or_else(|| format!("proof: {name:?} is no kind of proof"))?;
    let protocols = &tariff.tables.protocols;
    let grants = |agreement: &str| {
        let known = protocols.agreement(agreement);
        known.is_none_or(|(agreement, _)| agreement.parties.contains(&item.origin))
    };
    let rules = tariff.tables.proofs.iter().filter(|(agreement, ..)| grants(agreement));
    let rules: Vec<_> = rules.map(|(_, rules, _)| rules.clone()).collect();
    if rules.is_empty() {
        let told = "the pack does not say what it asks of a proof: taken as presented, not checked";
        return Ok((true, vec![told.to_owned()]));
    }
    let presented = item.day.ok_or("day: when?")?;
    let Some(issued) = asked.read("proof_issued", Day::parse)? else {
        return Ok((false, vec![format!("{name}: needs the day it was issued")]));
    };
    let given = Proof {
        kind,
        number: asked.stated("proof_number").map(str::to_owned),
        issuer: asked.stated("proof_issuer").map(str::to_owned),
        origin: item.origin,
        issued,
        is_retrospective: asked.answer("retrospective") == Some(true),
        covers: vec![item.code.clone()],
        exporter: String::new(),
    };
    let claim = Claim {
        code: item.code.clone(),
        origin: item.origin,
        exported: asked.read("exported", Day::parse)?,
        presented,
        value: Some(item.price),
    };
    let objections = check(&given, &claim, &rules);
    let told = objections.iter().map(|objection| format!("{name}: {}", objection.words())).collect();
    Ok((objections.is_empty(), told))
}

/// Controls of the measure set.
fn measures_checked(found: &Assessment) -> Vec<ControlShown> {
    let of = |check: &assess::Checked| ControlShown {
        name: check.title.clone(),
        kind: check.kind.word().to_owned(),
        outcome: match check.effect {
            Effect::Refused => "refused",
            Effect::NotApplicable => "does not apply",
            Effect::Apply | Effect::Allowed => "satisfied",
        },
        why: check.why.clone(),
        documents: check.wanted.join(" or "),
        issued_by: String::new(),
        rule: check.regulation.clone(),
        doubt: "",
    };
    found.controls.iter().map(of).collect()
}

/// Controls of the pack's own table: which paper, issued by whom, checked how.
fn reviewed(tariff: &Tariff, asked: &Asked, item: &Item) -> Vec<ControlShown> {
    let Some(day) = item.day else { return Vec::new() };
    let papers = item.documents.iter();
    let movement = Movement {
        direction: Direction::Import,
        code: item.code.clone(),
        origin: item.origin,
        destination: item.territory.unwrap_or(tariff.pack.territory),
        end_use: asked.stated("end_use").map(str::to_owned),
        day,
        quantity: item.net_kg.map(|net| Quantity::new(net, Unit::Kilogram)),
        documents: papers
            .map(|kind| Document::Reference { kind: kind.clone(), number: "as stated".into() })
            .collect(),
    };
    let review = tariff.tables.controls.review(&movement, &LicenceBook::default());
    let told = review.answers.into_iter().map(|answer| ControlShown {
        kind: answer.kind.name().replace('_', " "),
        outcome: match answer.outcome {
            Outcome::Satisfied => "satisfied",
            Outcome::Needed => "needed",
            Outcome::Refused => "refused",
        },
        documents: answer.documents.join(" or "),
        issued_by: [answer.issued_by, answer.checked]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
        doubt: if answer.is_illustrative { "illustrative" } else { doubt([answer.rule.as_str()]) },
        name: answer.control,
        why: answer.why,
        rule: answer.rule,
    });
    told.collect()
}

impl Answer {
    fn is_forbidden(&self) -> bool {
        self.controls.iter().any(|control| control.outcome == "refused")
    }
}

impl AssessPage {
    /// Where a code is looked up.
    fn look_up_link(&self) -> String {
        format!(
            "/tariff?territory={}&q={}",
            encoded(&self.asked.text("territory")),
            encoded(&self.asked.text("code"))
        )
    }
}
