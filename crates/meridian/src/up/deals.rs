//! `deals.toml`: the example day's deals, and what route and tariff make of each.

use std::collections::BTreeMap;

use meridian_corridor::{Load, Network, Question, Route, forecast, plan};
use meridian_deal::{
    Contract, DealId, EvidenceKind, Goods, Incoterm, Kind, Obligation, Remedies, Reviewed, RouteChoice,
    Ruling, Side, Standing, Treasury, WaterfallRow,
};
use meridian_node::goods::Draw;
use meridian_tariff::Tables;
use meridian_tariff::assess::{Item, assess};
use meridian_tariff::controls::{Direction, Document, Licence, LicenceBook, LicenceEvent, Movement, Outcome};
use meridian_tariff::pack::Pack;
use meridian_terms::{
    Bic, Country, Currency, Day, Decimal, HsCode, Micros, Moment, Money, Party, Quantity, Ratio, Refusal,
    Rounding, Unit,
};
use serde::Deserialize;

use crate::boot::money;

/// `deals.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DealsFile {
    pub(crate) deal: Vec<DealEntry>,
    /// Licences that the exporting country's authority enters when a deal's goods wait for one.
    #[serde(default)]
    pub(crate) licence: Vec<LicenceEntry>,
    /// The agreement whose date the what-if moves.
    pub(crate) what_if: Option<WhatIfEntry>,
}

/// A licence, as the authority enters it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LicenceEntry {
    /// For which deal's goods it is entered.
    pub(crate) deal: String,
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) holder: String,
    pub(crate) codes: Vec<String>,
    pub(crate) destinations: Vec<String>,
    pub(crate) end_use: Option<String>,
    pub(crate) quantity: String,
    pub(crate) unit: String,
    pub(crate) from: String,
    pub(crate) until: Option<String>,
}

/// An agreement on which a country's tariff preference rests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatIfEntry {
    /// Its title, as the pack's preferences name it.
    pub(crate) title: String,
    /// Since when it is in force.
    pub(crate) from: String,
    pub(crate) parties: Vec<String>,
    pub(crate) source: String,
    /// Whose preference rests on it.
    pub(crate) country: String,
    /// Whose goods are assessed under both dates.
    pub(crate) deal: String,
}

/// The waterfall's rows, and what is owed to customs by kind.
pub(crate) type Landed = (Vec<WaterfallRow>, Vec<(Kind, Money)>);

/// A deal as its parties write it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DealEntry {
    pub(crate) id: String,
    pub(crate) seller: PartyEntry,
    pub(crate) buyer: PartyEntry,
    pub(crate) carrier: String,
    pub(crate) customs: String,
    pub(crate) treasury_bank: String,
    pub(crate) incoterm: String,
    pub(crate) place: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) teu: u32,
    pub(crate) goods: Vec<GoodsEntry>,
    pub(crate) documents: Vec<String>,
    /// The vessel or train known by name.
    pub(crate) conveyance: Option<String>,
    /// What the goods will be used for, where a control asks.
    pub(crate) end_use: Option<String>,
    pub(crate) has_proof: bool,
    /// The carrier named first, where another takes its place.
    pub(crate) first_carrier: Option<String>,
    /// What-ifs of the network under which the way is planned again, by path.
    #[serde(default)]
    pub(crate) compare: Vec<String>,
    /// Whether the hub is killed under the payment that arrival makes due.
    #[serde(default)]
    pub(crate) kill_on_arrival: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartyEntry {
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) bank: String,
    pub(crate) account: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoodsEntry {
    pub(crate) hs: String,
    pub(crate) description: String,
    pub(crate) net_kg: String,
    pub(crate) value: String,
    pub(crate) origin: String,
}

impl DealEntry {
    /// The contract.
    pub(crate) fn contract(&self, signed_at: Moment) -> Result<Contract, Refusal> {
        let mut goods = Vec::new();
        for line in &self.goods {
            goods.push(Goods {
                hs: HsCode::parse(&line.hs)?,
                description: line.description.clone(),
                net_kg: Decimal::parse(&line.net_kg)?,
                value: money(&line.value)?,
                origin: Country::parse(&line.origin)?,
            });
        }
        let zero = goods.first().map(|line| Money::zero(line.value.currency()));
        let zero = zero
            .ok_or_else(|| Refusal::new("deals.no_goods", self.id.clone()).next("name at least one line"))?;
        let price = goods.iter().try_fold(zero, |sum, line| sum.checked_add(line.value))?;
        Ok(Contract {
            id: DealId(self.id.clone()),
            signed_at,
            seller: self.seller.party()?,
            buyer: self.buyer.party()?,
            seller_bank: Bic::parse(&self.seller.bank)?,
            seller_account: self.seller.account.clone(),
            buyer_bank: Bic::parse(&self.buyer.bank)?,
            buyer_account: self.buyer.account.clone(),
            carrier: Bic::parse(&self.carrier)?,
            customs: Bic::parse(&self.customs)?,
            treasury: Treasury {
                party: Party { name: "Treasury account (example)".into(), ..self.buyer.party()? },
                account: format!("{}-TREASURY", self.customs),
                agent: Bic::parse(&self.treasury_bank)?,
            },
            incoterm: Incoterm::parse(&self.incoterm).ok_or_else(|| {
                Refusal::new("deals.incoterm", self.incoterm.clone()).next("one of Incoterms 2020")
            })?,
            named_place: self.place.clone(),
            goods,
            price,
            documents: self.documents.clone(),
            conveyances: self.conveyance.iter().cloned().collect(),
            insurance: None,
            remedies: Remedies::default(),
        })
    }

    /// The way for the goods: the fastest that costs at most three tenths more than the cheapest.
    pub(crate) fn route(&self, network: &Network, depart: Moment) -> Result<RouteChoice, String> {
        let question = Question::new(&self.from, &self.to, depart, Load::teu(self.teu));
        let found = plan(network, &question);
        let cheapest = found.routes.iter().map(|route| route.cost.minor()).min();
        let cheapest =
            cheapest.ok_or_else(|| format!("{}: no way from {} to {}", self.id, self.from, self.to))?;
        let fits = |route: &&Route| route.cost.minor() * 10 <= cheapest * 13;
        let best = found.routes.iter().find(fits).unwrap_or(&found.routes[0]).clone();
        let times = forecast(&best, 2_000, 1).known;
        Ok(RouteChoice {
            nodes: best.nodes().into_iter().map(|node| network.nodes()[node].id.clone()).collect(),
            metres: best.metres,
            minutes_p50: times.p50,
            minutes_p90: times.p90,
            freight: best.cost,
            co2e_grams: best.grams,
            estimated_percent: best.estimated_percent,
        })
    }

    /// What the goods cost to land on a day: the waterfall's rows and what is owed to customs.
    pub(crate) fn landed(
        &self,
        contract: &Contract,
        pack: &Pack,
        freight: Money,
        day: Day,
    ) -> Result<Landed, Refusal> {
        let mut rows = Vec::new();
        let mut owed: BTreeMap<&str, Money> = BTreeMap::new();
        // Freight is spread over the lines by their value.
        let values: Vec<i128> = contract.goods.iter().map(|line| line.value.minor()).collect();
        let freights = freight.split(&values)?;
        for (line, freight) in contract.goods.iter().zip(freights) {
            let item = Item {
                has_proof: self.has_proof,
                freight: Some(freight),
                day: Some(day),
                net_kg: Some(line.net_kg),
                ..Item::new(line.hs.clone(), line.origin, line.value)
            };
            let assessment = assess(pack, &item, &BTreeMap::new())?;
            let best = assessment.choices.into_iter().next().ok_or_else(|| {
                let needs: Vec<String> = assessment.needs.iter().map(ToString::to_string).collect();
                Refusal::new("tariff.needs", needs.join(", ")).next("declare what is missing")
            })?;
            for row in best.rows {
                if row.name != "customs value" {
                    // Remedies and excise are owed to the treasury as duty is.
                    let owed_as = if matches!(row.name, "VAT" | "customs fee") { row.name } else { "duty" };
                    let sum = owed.entry(owed_as).or_insert_with(|| Money::zero(pack.currency));
                    *sum = sum.checked_add(row.amount)?;
                }
                rows.push(WaterfallRow {
                    name: format!("{} ({})", row.name, line.hs),
                    sentence: row.sentence,
                    working: row.working,
                    amount: row.amount,
                    reference: format!("{}; basis: {}", row.reference, best.basis),
                });
            }
        }
        let kinds = [("duty", Kind::Duty), ("VAT", Kind::Vat), ("customs fee", Kind::Fee)];
        let owed = kinds.into_iter().filter_map(|(name, kind)| Some((kind, *owed.get(name)?)));
        Ok((rows, owed.filter(|(_, amount)| !amount.is_zero()).collect()))
    }

    /// What the controls of one side say of the goods, with the papers and licences that are there, and what of which
    /// licence that draws.
    pub(crate) fn reviewed(
        &self,
        side: Side,
        contract: &Contract,
        tables: &Tables,
        pack: &str,
        (papers, licences): (&[String], &LicenceBook),
        day: Day,
    ) -> (Reviewed, Vec<Draw>) {
        let (country, direction) = match side {
            Side::Export => (contract.seller.country, Direction::Export),
            Side::Import => (contract.buyer.country, Direction::Import),
        };
        let (mut ruling, mut reasons, mut draws) = (Ruling::Satisfied, Vec::new(), Vec::new());
        let mut licences = licences.clone();
        for (number, line) in (0..).zip(&contract.goods) {
            let movement = Movement {
                direction,
                code: line.hs.clone(),
                origin: line.origin,
                destination: contract.buyer.country,
                end_use: self.end_use.clone(),
                day,
                quantity: Some(Quantity::new(line.net_kg, Unit::Kilogram)),
                documents: papers
                    .iter()
                    .map(|kind| Document::Reference {
                        kind: kind.clone(),
                        number: format!("{} {kind}", self.id),
                    })
                    .chain(licences.licences().map(|(licence, _)| Document::Licence(licence.id.clone())))
                    .collect(),
            };
            let review = tables.controls.review(&movement, &licences);
            for answer in review.answers.iter().filter(|answer| answer.outcome == Outcome::Satisfied) {
                let serves = |licence: &&Licence| {
                    answer.documents.contains(&licence.document)
                        && licences.objections(&licence.id, &movement).is_empty()
                };
                let used =
                    licences.licences().map(|(licence, _)| licence).find(serves).map(|one| one.id.clone());
                if let (Some(licence), Some(quantity)) = (used, movement.quantity) {
                    let declaration = format!("{}/{number}", self.id);
                    let drawn = LicenceEvent::Drawn { id: licence.clone(), declaration, quantity };
                    meridian_tariff::controls::apply(&mut licences, &drawn);
                    draws.push(Draw { licence, line: number, quantity });
                }
            }
            let worst = match review.outcome {
                Outcome::Satisfied => Ruling::Satisfied,
                Outcome::Needed => Ruling::Needed,
                Outcome::Refused => Ruling::Refused,
            };
            ruling = ruling.max(worst);
            reasons.extend(
                review
                    .answers
                    .iter()
                    .map(|answer| format!("{}: {}; {}", answer.control, answer.why, answer.rule)),
            );
        }
        if ruling != Ruling::Satisfied {
            draws.clear();
        }
        (Reviewed { side, country, pack: pack.to_owned(), ruling, reasons }, draws)
    }

    /// Everything that is owed: the price by milestones, freight to the carrier, duty and taxes to the treasury.
    pub(crate) fn obligations(
        &self,
        contract: &Contract,
        freight: Money,
        owed: &[(Kind, Money)],
    ) -> Result<Vec<Obligation>, Refusal> {
        let expires = contract.signed_at.plus(Micros::days(120));
        let owe = |name: &str, kind, payee: Party, account: String, agent: Bic, amount, trigger| Obligation {
            name: name.to_owned(),
            kind,
            payer: contract.buyer.clone(),
            payer_agent: contract.buyer_bank.clone(),
            payee,
            payee_account: account,
            payee_agent: agent,
            amount,
            trigger,
            expires,
            backed_by: None,
            standing: Standing::Planned,
        };
        let parts = contract.price.split(&[20, 50, 30])?;
        let milestones = [
            ("goods-advance", EvidenceKind::Signed),
            ("goods-loaded", EvidenceKind::Loaded),
            ("goods-arrived", EvidenceKind::Arrived),
        ];
        let mut all = Vec::new();
        for ((name, trigger), amount) in milestones.into_iter().zip(parts) {
            let (seller, account) = (contract.seller.clone(), self.seller.account.clone());
            all.push(owe(name, Kind::Goods, seller, account, contract.seller_bank.clone(), amount, trigger));
        }
        let carrier = Party { name: "Carrier's account (example)".into(), ..contract.seller.clone() };
        let account = format!("{}-FREIGHT", self.carrier);
        all.push(owe(
            "freight",
            Kind::Freight,
            carrier,
            account,
            contract.seller_bank.clone(),
            freight,
            EvidenceKind::Loaded,
        ));
        for (kind, amount) in owed {
            let Treasury { party, account, agent } = contract.treasury.clone();
            all.push(owe(kind.word(), *kind, party, account, agent, *amount, EvidenceKind::DutyAssessed));
        }
        Ok(all)
    }
}

impl PartyEntry {
    fn party(&self) -> Result<Party, Refusal> {
        Ok(Party {
            name: self.name.clone(),
            country: Country::parse(&self.country)?,
            lei: None,
            address: None,
        })
    }
}

/// Freight in the seller's currency at the illustrative mid rates (AED for one unit; a dollar is 3.6729).
pub(crate) fn freight_in(
    cost: Money,
    seller: Country,
    mid: &BTreeMap<String, String>,
) -> Result<Money, Refusal> {
    let currency = meridian_deal::national_currency(seller).unwrap_or(Currency::USD);
    let unknown =
        || Refusal::new("corridor.mid", format!("no mid rate of {currency}")).next("add it to [mid]");
    let worth = Ratio::parse_decimal(mid.get(currency.code()).ok_or_else(unknown)?)?;
    let rate = Ratio::parse_decimal("3.6729")?.checked_div(&worth).ok_or_else(unknown)?;
    cost.convert(&rate, currency, Rounding::HalfUp)
}
