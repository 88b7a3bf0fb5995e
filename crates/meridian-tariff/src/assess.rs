//! Assessment: what goods cost to land, every lawful way side by side, every figure explained.

use std::collections::BTreeMap;

use meridian_terms::{Country, Currency, Decimal, HsCode, Money, Ratio, Refusal, Rounding};

use crate::duty::{Facts, Need};
use crate::pack::Pack;

/// Goods as declared.
#[derive(Debug, Clone)]
pub struct Item {
    /// Their code in the importing tariff.
    pub code: HsCode,
    /// Where they are from, legally.
    pub origin: Country,
    /// Whether a valid proof of origin is presented.
    pub has_proof: bool,
    /// Their price.
    pub price: Money,
    /// Carriage to the border not in the price; part of the customs value.
    pub freight: Option<Money>,
    /// Net mass.
    pub net_kg: Decimal,
    /// Other quantities by unit.
    pub quantities: BTreeMap<String, Decimal>,
}

/// A row of the waterfall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is: `customs value`, `duty`, `VAT`, `customs fee`.
    pub name: &'static str,
    /// The law's own sentence.
    pub sentence: String,
    /// How the figure comes about.
    pub working: String,
    /// The rounded figure.
    pub amount: Money,
    /// Where it is written, and how far it can be relied on.
    pub reference: String,
}

/// A lawful way to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// `ordinary` or the agreement's name.
    pub basis: String,
    /// The waterfall.
    pub rows: Vec<Row>,
    /// Duty, VAT and fee together.
    pub total: Money,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Every lawful way, cheapest first.
    pub choices: Vec<Choice>,
    /// Ways that would be lawful with what is missing.
    pub missed: Vec<String>,
    /// What is missing to compute one.
    pub needs: Vec<Need>,
}

/// Customs duties and taxes are rounded to the minor unit, halves up.
const ROUNDING: Rounding = Rounding::HalfUp;

/// Assesses goods under a pack. `rates` gives minor units of the customs currency for one major unit of a currency on
/// the day; the pack's own rates stand in for what it does not name.
///
/// # Errors
/// `tariff.no_line` when the pack has no line for the code; `tariff.no_rate` when a price cannot be converted.
pub fn assess(pack: &Pack, item: &Item, rates: &BTreeMap<Currency, Ratio>) -> Result<Assessment, Refusal> {
    let line = pack.line(&item.code).ok_or_else(|| {
        Refusal::new("tariff.no_line", format!("{} is no line of {}", item.code, pack.name))
            .rule("an unknown rate is unknown, never zero")
            .next("correct the code, or import the full tariff into the pack")
    })?;
    let mut known = pack.rates.clone();
    known.extend(rates.iter().map(|(currency, rate)| (*currency, *rate)));
    let value = customs_value(pack, item, &known)?;
    let mut named = item.quantities.clone();
    named.insert("kg".into(), item.net_kg);
    let quantities = crate::duty::Quantities::of(&named)?;
    let bases = BTreeMap::new();
    let facts = Facts { value: Ratio::whole(value.amount.minor()), quantities: &quantities, rates: &known, bases: &bases, day: None, ordinary: None, programme: None };
    let mut assessment = Assessment { choices: Vec::new(), missed: Vec::new(), needs: Vec::new() };
    let ordinary_reference = format!("{}, ordinary rate, {}; {}", pack.name, line.status, line.source);
    let mut bases = vec![("ordinary".to_owned(), line.duty.clone(), ordinary_reference)];
    if let Some(preference) = pack.preference(&item.code, item.origin) {
        if item.has_proof {
            let reference = format!("{}, {}", preference.agreement, preference.status);
            bases.push((preference.agreement.clone(), preference.duty.clone(), reference));
        } else {
            assessment.missed.push(format!("{}: needs a proof of origin", preference.agreement));
        }
    }
    for (basis, duty, reference) in bases {
        match duty.amount(&facts) {
            Err(need) => assessment.needs.push(need),
            Ok(exact) => {
                let rounded = exact
                    .round(ROUNDING)
                    .ok_or_else(|| Refusal::new("tariff.range", "the duty does not fit"))?;
                let duty_row = Row {
                    name: "duty",
                    sentence: duty.to_string(),
                    working: format!(
                        "{duty} of {}, {} kg: exactly {}",
                        value.amount,
                        item.net_kg,
                        decimal(&exact, pack)
                    ),
                    amount: Money::new(rounded, pack.currency),
                    reference,
                };
                assessment.choices.push(choice(pack, line.vat, &value, duty_row, basis)?);
            }
        }
    }
    assessment.choices.sort_by_key(|choice| choice.total.minor());
    Ok(assessment)
}

/// The transaction value with carriage to the border (WTO Customs Valuation Agreement, article 1 and 8.2).
fn customs_value(pack: &Pack, item: &Item, rates: &BTreeMap<Currency, Ratio>) -> Result<Row, Refusal> {
    let convert = |money: Money| -> Result<Ratio, Refusal> {
        let no_rate = || {
            Refusal::new("tariff.no_rate", format!("no rate of {} for {}", money.currency(), pack.name))
                .next("give the day's rate of exchange")
        };
        let rate = rates.get(&money.currency()).ok_or_else(no_rate)?;
        money.amount().to_ratio().checked_mul(rate).ok_or_else(no_rate)
    };
    let price = convert(item.price)?;
    let freight = item.freight.map(convert).transpose()?.unwrap_or(Ratio::ZERO);
    let exact =
        price.checked_add(&freight).ok_or_else(|| Refusal::new("tariff.range", "the value does not fit"))?;
    let rounded =
        exact.round(ROUNDING).ok_or_else(|| Refusal::new("tariff.range", "the value does not fit"))?;
    let with = item.freight.map(|freight| format!(" and carriage {freight}")).unwrap_or_default();
    Ok(Row {
        name: "customs value",
        sentence: "transaction value with carriage to the border".into(),
        working: format!("price {}{with}, converted", item.price),
        amount: Money::new(rounded, pack.currency),
        reference: "WTO Customs Valuation Agreement, articles 1 and 8.2; exchange rates illustrative".into(),
    })
}

fn choice(pack: &Pack, vat: Decimal, value: &Row, duty: Row, basis: String) -> Result<Choice, Refusal> {
    let fee = Money::from_decimal(&pack.fee, pack.currency)?;
    let taxable = value.amount.checked_add(duty.amount)?;
    let share = vat.to_ratio().checked_div(&Ratio::whole(100)).unwrap_or(Ratio::ZERO);
    let tax = taxable.times(&share, ROUNDING)?;
    let total = duty.amount.checked_add(tax)?.checked_add(fee)?;
    let vat_row = Row {
        name: "VAT",
        sentence: format!("{vat} % of value and duty"),
        working: format!("{vat} % of {taxable}"),
        amount: tax,
        reference: format!("{}, {}", pack.name, pack.taxes_status),
    };
    let fee_row = Row {
        name: "customs fee",
        sentence: "for each declaration".into(),
        working: "fixed".into(),
        amount: fee,
        reference: format!("{}, {}", pack.name, pack.taxes_status),
    };
    Ok(Choice { basis, rows: vec![value.clone(), duty, vat_row, fee_row], total })
}

fn decimal(exact: &Ratio, pack: &Pack) -> String {
    let major = exact.checked_div(&Ratio::whole(10_i128.pow(u32::from(pack.currency.exponent()))));
    major.map_or_else(|| exact.to_string(), |major| major.to_string())
}
