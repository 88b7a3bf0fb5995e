//! Assessment: what goods cost to land, every lawful way side by side, every figure explained.
//!
//! ```text
//!  price -> customs value -> duty on one basis -> remedies -> excise -> VAT -> fee
//!           Incoterm,        ordinary,            anti-dumping,          [policy] of the pack says what goes into
//!           freight,         preference, quota,   countervailing,        the next tax and how each is rounded
//!           exchange rate    suspension, relief   safeguard, additional
//! ```
//! Every basis that is lawful becomes a [`Choice`] with its waterfall; what would be lawful with something more is
//! `missed`; what cannot be computed is a [`Need`]. Nothing unknown counts as zero.

mod basis;
mod stack;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use meridian_terms::{Country, Currency, Day, Decimal, HsCode, Money, Ratio, Refusal};

use crate::duty::condition::Effect;
use crate::duty::{Facts, Need, Quantities};
use crate::measure::Kind;
use crate::pack::Pack;

pub use value::Incoterm;

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
    /// The delivery term of the price; none: the price and what is added are as the law asks.
    pub incoterm: Option<Incoterm>,
    /// Carriage to the border.
    pub freight: Option<Money>,
    /// Insurance to the border.
    pub insurance: Option<Money>,
    /// Carriage behind the border, shown separately, in a price delivered inland.
    pub inland: Option<Money>,
    /// Net mass in kilograms.
    pub net_kg: Option<Decimal>,
    /// Other quantities by unit.
    pub quantities: BTreeMap<String, Decimal>,
    /// Values beside the price, by name: `retail price`, `steel content`.
    pub bases: BTreeMap<String, Money>,
    /// Where they are imported, below the union whose tariff it is; none: the pack's territory.
    pub territory: Option<Country>,
    /// The day the law is read for.
    pub day: Option<Day>,
    /// The day whose knowledge of the law is asked for; none: today's.
    pub known: Option<Day>,
    /// Additional codes declared.
    pub additional_codes: BTreeSet<String>,
    /// Codes of the documents presented.
    pub documents: BTreeSet<String>,
    /// Quotas known to be exhausted or closed, by order number.
    pub closed_quotas: BTreeSet<String>,
    /// The programme claimed, for a sentence that lists duties by programme.
    pub programme: Option<String>,
    /// Takes measures of every area, whatever the origin: to compare with tools that list a whole measure set.
    pub any_area: bool,
}

impl Item {
    /// Goods with nothing else declared.
    #[must_use]
    pub fn new(code: HsCode, origin: Country, price: Money) -> Self {
        Self {
            code,
            origin,
            has_proof: false,
            price,
            incoterm: None,
            freight: None,
            insurance: None,
            inland: None,
            net_kg: None,
            quantities: BTreeMap::new(),
            bases: BTreeMap::new(),
            territory: None,
            day: None,
            known: None,
            additional_codes: BTreeSet::new(),
            documents: BTreeSet::new(),
            closed_quotas: BTreeSet::new(),
            programme: None,
            any_area: false,
        }
    }
}

/// A row of the waterfall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is: `customs value`, `duty`, `anti-dumping duty`, `excise`, `VAT`, `customs fee`.
    pub name: &'static str,
    /// What it is taken of; none for a figure that stands by itself.
    pub base: Option<Money>,
    /// The law's own sentence.
    pub sentence: String,
    /// The declared facts and rates that went in.
    pub inputs: Vec<String>,
    /// How the figure comes about.
    pub working: String,
    /// The exact figure in minor units.
    pub exact: Ratio,
    /// The rounded figure.
    pub amount: Money,
    /// Where it is written, and how far it can be relied on.
    pub reference: String,
}

/// A lawful way to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// `ordinary`, the agreement's name, a quota's number, or a suspension's title.
    pub basis: String,
    /// What kind of basis it is.
    pub kind: Kind,
    /// The waterfall.
    pub rows: Vec<Row>,
    /// Duties, taxes and fee together.
    pub total: Money,
    /// The customs value and the total.
    pub landed: Money,
    /// What it rests on that is not decided here: a quota's balance.
    pub remarks: Vec<String>,
}

/// A prohibition, control or surveillance that touches the goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The measure's title.
    pub title: String,
    /// Its kind.
    pub kind: Kind,
    /// How it came out: `Allowed`, `Refused`, or `NotApplicable`.
    pub effect: Effect,
    /// Why.
    pub why: String,
    /// Documents any of which would satisfy it.
    pub wanted: Vec<String>,
    /// The legal act.
    pub regulation: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Every lawful way, cheapest first; the ordinary one first among equals.
    pub choices: Vec<Choice>,
    /// Why the first is the best.
    pub why: String,
    /// Ways that would be lawful with what is missing.
    pub missed: Vec<String>,
    /// What is missing to compute one.
    pub needs: Vec<Need>,
    /// What an officer should know and no figure shows.
    pub remarks: Vec<String>,
    /// Controls of the measure set.
    pub controls: Vec<Checked>,
}

/// Assesses goods under a pack. `rates` gives minor units of the customs currency for one major unit of a currency on
/// the day; the pack's own rates stand in for what it does not name.
///
/// # Errors
/// `tariff.no_line` when the pack has no line for the code; `tariff.no_rate` when a price cannot be converted;
/// `tariff.incoterm` when the delivery term asks for a figure that is not given.
pub fn assess(pack: &Pack, item: &Item, rates: &BTreeMap<Currency, Ratio>) -> Result<Assessment, Refusal> {
    let line = pack.line(&item.code).ok_or_else(|| {
        Refusal::new("tariff.no_line", format!("{} is no line of {}", item.code, pack.name))
            .rule("an unknown rate is unknown, never zero")
            .next("correct the code, or import the full tariff into the pack")
    })?;
    let known = rates_on(pack, item.day, rates);
    let value = value::customs_value(pack, item, &known)?;
    let mut named = item.quantities.clone();
    if let Some(net_kg) = item.net_kg {
        named.entry("kg".into()).or_insert(net_kg);
    }
    let quantities = Quantities::of(&named)?;
    let bases = value::bases(item, &known)?;
    let mut facts = Facts {
        value: value.exact,
        quantities: &quantities,
        rates: &known,
        bases: &bases,
        day: item.day,
        ordinary: None,
        programme: item.programme.as_deref(),
    };
    let mut found = basis::gather(pack, item, line, &facts)?;
    if let Some(ordinary) = found.bases.iter().find(|basis| basis.kind == Kind::Ordinary) {
        facts.ordinary = ordinary.duty.amount(&facts).ok();
    }
    let mut choices = Vec::new();
    for basis in std::mem::take(&mut found.bases) {
        match stack::waterfall(pack, line, item, &facts, &value, &basis, &found)? {
            Ok(choice) => choices.push(choice),
            Err(need) => found.need(need),
        }
    }
    choices.sort_by_key(|choice| (choice.total.minor(), choice.kind));
    let why = why(&choices);
    Ok(Assessment {
        choices,
        why,
        missed: found.missed,
        needs: found.needs,
        remarks: found.remarks,
        controls: found.controls,
    })
}

/// Minor units for one major unit of every currency on a day: the caller's rates before the pack's.
fn rates_on(pack: &Pack, day: Option<Day>, given: &BTreeMap<Currency, Ratio>) -> BTreeMap<Currency, Ratio> {
    let own = pack.rates.keys().filter_map(|currency| Some((*currency, pack.rate(*currency, day)?.rate)));
    let mut known: BTreeMap<Currency, Ratio> = own.collect();
    known.extend(given.iter().map(|(currency, rate)| (*currency, *rate)));
    known
}

fn why(choices: &[Choice]) -> String {
    let Some(best) = choices.first() else { return "no lawful way can be computed".into() };
    let ordinary = choices.iter().find(|choice| choice.kind == Kind::Ordinary);
    let ways = choices.len();
    match ordinary {
        _ if ways == 1 => "the only lawful way that can be computed".into(),
        Some(ordinary) if ordinary.total.minor() > best.total.minor() => {
            let saved = Money::new(ordinary.total.minor() - best.total.minor(), best.total.currency());
            format!("lowest of {ways} lawful ways, {saved} below the ordinary one")
        }
        _ => format!("lowest of {ways} lawful ways"),
    }
}
