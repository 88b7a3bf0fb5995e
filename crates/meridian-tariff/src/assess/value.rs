//! The customs value: the price, with what the law adds to it or takes from it.

use std::collections::BTreeMap;

use meridian_terms::{Currency, Money, Ratio, Refusal, Rounding};

use super::{Item, Row};
use crate::pack::Pack;
use crate::policy::{Carry, ValueBasis};

/// Delivery terms (ICC Incoterms 2020).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Incoterm {
    /// Ex works.
    Exw,
    /// Free carrier.
    Fca,
    /// Free alongside ship.
    Fas,
    /// Free on board.
    Fob,
    /// Cost and freight.
    Cfr,
    /// Carriage paid to.
    Cpt,
    /// Cost, insurance and freight.
    Cif,
    /// Carriage and insurance paid to.
    Cip,
    /// Delivered at place.
    Dap,
    /// Delivered at place unloaded.
    Dpu,
    /// Delivered duty paid.
    Ddp,
}

impl Incoterm {
    /// Every term by its letters.
    pub const ALL: [(&'static str, Self); 11] = [
        ("EXW", Self::Exw),
        ("FCA", Self::Fca),
        ("FAS", Self::Fas),
        ("FOB", Self::Fob),
        ("CFR", Self::Cfr),
        ("CPT", Self::Cpt),
        ("CIF", Self::Cif),
        ("CIP", Self::Cip),
        ("DAP", Self::Dap),
        ("DPU", Self::Dpu),
        ("DDP", Self::Ddp),
    ];

    /// The term of its letters.
    ///
    /// # Errors
    /// `tariff.incoterm`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let found = Self::ALL.iter().find(|(letters, _)| letters.eq_ignore_ascii_case(text));
        found.map(|(_, term)| *term).ok_or_else(|| {
            Refusal::new("tariff.incoterm", format!("{text:?} is no delivery term"))
                .rule("Incoterms 2020")
                .next("use one of EXW FCA FAS FOB CFR CPT CIF CIP DAP DPU DDP")
        })
    }

    fn letters(self) -> &'static str {
        Self::ALL.iter().find(|(_, term)| *term == self).map_or("EXW", |(letters, _)| letters)
    }

    /// Whether the price holds the main carriage, and the insurance.
    fn holds(self) -> (bool, bool) {
        match self {
            Self::Exw | Self::Fca | Self::Fas | Self::Fob => (false, false),
            Self::Cfr | Self::Cpt => (true, false),
            Self::Cif | Self::Cip | Self::Dap | Self::Dpu | Self::Ddp => (true, true),
        }
    }
}

/// The transaction value with what article 8 adds (WTO Customs Valuation Agreement, articles 1 and 8.2). The row's exact
/// figure is what duties are computed from: the rounded one, unless the pack carries exact figures.
pub(super) fn customs_value(
    pack: &Pack,
    item: &Item,
    rates: &BTreeMap<Currency, Ratio>,
) -> Result<Row, Refusal> {
    let too_large = || Refusal::new("tariff.range", "the value does not fit");
    let mut exact = converted(pack, item.price, rates)?;
    let mut inputs = vec![format!("price {}", item.price)];
    let mut working = format!("price {}", item.price);
    for (sign, name, amount) in adjustments(pack, item)? {
        let part = converted(pack, amount, rates)?;
        exact = if sign == '+' { exact.checked_add(&part) } else { exact.checked_sub(&part) }
            .ok_or_else(too_large)?;
        working.push_str(&format!(" {} {name} {amount}", if sign == '+' { "and" } else { "less" }));
        inputs.push(format!("{name} {amount}"));
    }
    let mut sources = Vec::new();
    for currency in [Some(item.price), item.freight, item.insurance, item.inland]
        .into_iter()
        .flatten()
        .map(|money| money.currency())
    {
        if currency == pack.currency || sources.iter().any(|(known, _)| *known == currency) {
            continue;
        }
        let told = match pack.rate(currency, item.day) {
            Some(rate) if rates.get(&currency) == Some(&rate.rate) => {
                let from = rate.from.map_or(String::new(), |from| format!(" of {from}"));
                let status =
                    if rate.status.is_empty() { String::new() } else { format!(", {}", rate.status) };
                format!("rate {currency} {}{from}{status}", rate.written)
            }
            _ => format!("rate {currency} as given"),
        };
        sources.push((currency, told));
    }
    if !sources.is_empty() {
        working.push_str(", converted");
    }
    let told: Vec<String> = sources.into_iter().map(|(_, told)| told).collect();
    let rates_told = if told.is_empty() { String::new() } else { format!("; {}", told.join("; ")) };
    inputs.extend(told);
    if exact < Ratio::ZERO {
        return Err(Refusal::new("tariff.negative_value", "the customs value is below zero")
            .next("correct the price or what is taken from it"));
    }
    let rounded = exact.round(Rounding::HalfUp).ok_or_else(too_large)?;
    if pack.policy.carry == Carry::Rounded {
        exact = Ratio::whole(rounded);
    }
    let sentence = match pack.policy.value_basis {
        ValueBasis::Cif => "transaction value with carriage and insurance to the border",
        ValueBasis::Fob => "transaction value free on board",
    };
    let term = item.incoterm.map_or(String::new(), |term| format!(", {}", term.letters()));
    Ok(Row {
        name: "customs value",
        base: None,
        sentence: sentence.into(),
        inputs,
        working: format!("{working}{term}"),
        exact,
        amount: Money::new(rounded, pack.currency),
        reference: format!("WTO Customs Valuation Agreement, articles 1 and 8.2{rates_told}"),
    })
}

/// What is added to the price or taken from it.
fn adjustments(pack: &Pack, item: &Item) -> Result<Vec<(char, &'static str, Money)>, Refusal> {
    let mut found = Vec::new();
    let Some(term) = item.incoterm else {
        // No term: the declarant says what is to be added.
        found.extend(item.freight.map(|freight| ('+', "carriage", freight)));
        found.extend(item.insurance.map(|insurance| ('+', "insurance", insurance)));
        found.extend(item.inland.map(|inland| ('-', "inland carriage", inland)));
        return Ok(found);
    };
    let missing = |what: &str| {
        let told = format!("a price {} needs the {what} for the customs value", term.letters());
        Refusal::new("tariff.incoterm", told)
            .rule("Incoterms 2020; WTO Customs Valuation Agreement, article 8.2")
            .next(format!("declare the {what}, if only as zero"))
    };
    let (carriage, insurance) = term.holds();
    match pack.policy.value_basis {
        ValueBasis::Cif => {
            if !carriage {
                found.push(('+', "carriage", item.freight.ok_or_else(|| missing("carriage to the border"))?));
            }
            if !insurance {
                found.push(('+', "insurance", item.insurance.unwrap_or(Money::zero(item.price.currency()))));
            }
        }
        ValueBasis::Fob => {
            if carriage {
                found.push(('-', "carriage", item.freight.ok_or_else(|| missing("carriage in the price"))?));
            }
            if insurance {
                found.extend(item.insurance.map(|insurance| ('-', "insurance", insurance)));
            }
        }
    }
    found.retain(|(_, _, amount)| !amount.is_zero());
    if term >= Incoterm::Dap {
        found.extend(item.inland.map(|inland| ('-', "inland carriage", inland)));
    }
    if term == Incoterm::Ddp && item.inland.is_none() {
        return Err(missing("carriage, duties and taxes behind the border, shown separately as inland"));
    }
    Ok(found)
}

/// Values beside the price, in minor units of the customs currency.
pub(super) fn bases(
    item: &Item,
    rates: &BTreeMap<Currency, Ratio>,
) -> Result<BTreeMap<String, Ratio>, Refusal> {
    item.bases.iter().map(|(name, value)| Ok((name.clone(), ratio(*value, rates)?))).collect()
}

fn converted(pack: &Pack, money: Money, rates: &BTreeMap<Currency, Ratio>) -> Result<Ratio, Refusal> {
    ratio(money, rates).map_err(|refusal| refusal.rule(format!("the rates of {}", pack.name)))
}

fn ratio(money: Money, rates: &BTreeMap<Currency, Ratio>) -> Result<Ratio, Refusal> {
    let no_rate = || {
        Refusal::new("tariff.no_rate", format!("no rate of {}", money.currency()))
            .next("give the day's rate of exchange")
    };
    let rate = rates.get(&money.currency()).ok_or_else(no_rate)?;
    money.amount().to_ratio().checked_mul(rate).ok_or_else(no_rate)
}
