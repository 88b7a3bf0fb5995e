//! What a duty comes to, exactly; what is missing is said, never taken as zero.

use std::collections::BTreeMap;
use std::fmt;

use meridian_terms::{Currency, Day, Decimal, Ratio, Refusal};

use super::expression::{Base, Component, Denomination, Duty, Reference};
use super::unit::Unit;

/// Declared quantities: net and gross mass, pieces, engine displacement, strength...
///
/// A quantity is found in any unit that measures the same: litres answer for hectolitres. Pure alcohol follows from
/// litres and strength. Net mass never stands in for gross mass or for the mass of a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quantities {
    declared: Vec<(Unit, Decimal)>,
}

impl Quantities {
    /// Quantities by the names of their units.
    ///
    /// # Errors
    /// `duty.unknown_unit`; `duty.negative_quantity`.
    pub fn of(named: &BTreeMap<String, Decimal>) -> Result<Self, Refusal> {
        let mut quantities = Self::default();
        for (name, amount) in named {
            let (unit, times) = Unit::counted(name).ok_or_else(|| {
                Refusal::new("duty.unknown_unit", format!("{name:?} is no unit of measure"))
                    .next("use a unit such as kg, kg gross, l, % vol, pcs, pairs, cm3, m2")
            })?;
            let amount = amount.checked_mul(&Decimal::whole(i128::from(times)));
            let range = || Refusal::new("duty.quantity_range", format!("{name} does not fit 128 bits"));
            quantities.declare(unit, amount.ok_or_else(range)?)?;
        }
        Ok(quantities)
    }

    /// Declares one more quantity; the last of the same unit holds.
    ///
    /// # Errors
    /// `duty.negative_quantity`.
    pub fn declare(&mut self, unit: Unit, amount: Decimal) -> Result<(), Refusal> {
        if amount.is_negative() {
            return Err(Refusal::new("duty.negative_quantity", format!("{amount} {unit}"))
                .rule("a quantity is zero or more"));
        }
        self.declared.retain(|(known, _)| *known != unit);
        self.declared.push((unit, amount));
        Ok(())
    }

    /// What was declared.
    pub fn iter(&self) -> impl Iterator<Item = (&Unit, &Decimal)> {
        self.declared.iter().map(|(unit, amount)| (unit, amount))
    }

    /// How many of a unit there are.
    ///
    /// # Errors
    /// The unit that is missing.
    pub fn amount(&self, unit: &Unit) -> Result<Ratio, Need> {
        let first = match self.measured(unit.quantity(), unit.part()) {
            Some(amount) => amount?,
            None => self.derived(unit)?,
        };
        first.checked_div(&unit.factor()).ok_or(Need::Range)
    }

    fn measured(&self, quantity: &str, part: Option<&str>) -> Option<Result<Ratio, Need>> {
        let same = |(unit, _): &&(Unit, Decimal)| unit.quantity() == quantity && unit.part() == part;
        let (unit, amount) = self.declared.iter().find(same)?;
        Some(unit.in_first(amount).ok_or(Need::Range))
    }

    fn needed(&self, quantity: &str) -> Result<Ratio, Need> {
        self.measured(quantity, None).unwrap_or_else(|| Err(Need::Quantity(quantity.to_owned())))
    }

    fn derived(&self, unit: &Unit) -> Result<Ratio, Need> {
        let times = |first: Ratio, second: Ratio| first.checked_mul(&second).ok_or(Need::Range);
        match (unit.quantity(), unit.part()) {
            ("l pure alcohol", None) => {
                // Strength and volume give the alcohol; where only one of them is known the other is what is missing.
                let (volume, strength) = (self.needed("l"), self.needed("% vol"));
                if volume.is_err() && strength.is_err() {
                    return Err(Need::Quantity(unit.name().to_owned()));
                }
                times(volume?, strength?)?.checked_div(&Ratio::whole(100)).ok_or(Need::Range)
            }
            ("kg at % sucrose", None) => times(self.needed("kg")?, self.needed("% sucrose")?),
            ("SPQ", None) => times(self.needed("SPR")?, self.alcohol()?),
            _ => Err(Need::Quantity(unit.to_string())),
        }
    }

    fn alcohol(&self) -> Result<Ratio, Need> {
        Unit::parse("l pure alcohol").map_or(Err(Need::Range), |unit| self.amount(&unit))
    }
}

/// What a duty is computed from: money in the customs currency's minor units.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Customs value in minor units.
    pub value: Ratio,
    /// Declared quantities.
    pub quantities: &'a Quantities,
    /// Minor units of the customs currency for one major unit of a currency.
    pub rates: &'a BTreeMap<Currency, Ratio>,
    /// Values beside the customs value, by name, in minor units: `retail price`, `steel content`.
    pub bases: &'a BTreeMap<String, Ratio>,
    /// The day the law is read for; seasons need it.
    pub day: Option<Day>,
    /// The duty of the applicable subheading, for a sentence that refers to it.
    pub ordinary: Option<Ratio>,
    /// The programme the goods are claimed under.
    pub programme: Option<&'a str>,
}

/// What is missing to compute a duty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A quantity in this unit.
    Quantity(String),
    /// An exchange rate of this currency.
    Rate(Currency),
    /// A rate of a unit of account.
    Account(Denomination),
    /// A value beside the customs value.
    Base(String),
    /// The day the law is read for.
    Day,
    /// The sentence names no season, or two, for this day.
    Season(Day),
    /// A component of the Meursing table.
    Meursing(Component),
    /// The table of entry prices.
    EntryPrice,
    /// The duty a reference points to.
    Reference(Reference),
    /// The programme the goods are claimed under.
    Programme,
    /// The date an act entered into force.
    EntryIntoForce(String),
    /// The figures do not fit 128 bits.
    Range,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("needs: ")?;
        match self {
            Self::Quantity(unit) => f.write_str(unit),
            Self::Rate(currency) => write!(f, "exchange rate of {currency}"),
            Self::Account(account) => write!(f, "rate of the unit of account {account}"),
            Self::Base(base) => f.write_str(base),
            Self::Day => f.write_str("the day"),
            Self::Season(day) => write!(f, "the one season {day} falls in"),
            Self::Meursing(component) => {
                write!(f, "Meursing table, component {} by the goods' additional code", component.code())
            }
            Self::EntryPrice => f.write_str("entry price table"),
            Self::Reference(Reference::Ordinary) => f.write_str("the duty of the applicable subheading"),
            Self::Reference(Reference::NoChange) => f.write_str("the duty that does not change"),
            Self::Reference(Reference::EachArticle) => f.write_str("each article declared separately"),
            Self::Reference(Reference::Subheadings(codes)) => write!(f, "the duty of {}", codes.join(" or ")),
            Self::Reference(Reference::Note(number)) => write!(f, "note {number} of the tariff"),
            Self::Programme => f.write_str("the programme the goods are claimed under"),
            Self::EntryIntoForce(act) => write!(f, "date of entry into force: {act}"),
            Self::Range => f.write_str("smaller figures"),
        }
    }
}

impl Facts<'_> {
    /// Minor units of the customs currency for an amount of money.
    ///
    /// # Errors
    /// The rate that is missing.
    pub fn convert(&self, amount: &Decimal, of: Denomination) -> Result<Ratio, Need> {
        let Denomination::Money(currency) = of else { return Err(Need::Account(of)) };
        let rate = self.rates.get(&currency).ok_or(Need::Rate(currency))?;
        amount.to_ratio().checked_mul(rate).ok_or(Need::Range)
    }
}

impl Duty {
    /// The exact duty in minor units of the customs currency; nothing is rounded here.
    ///
    /// # Errors
    /// The first thing that is missing; a missing quantity is never zero.
    pub fn amount(&self, facts: &Facts<'_>) -> Result<Ratio, Need> {
        let all = |parts: &[Self]| parts.iter().map(|part| part.amount(facts)).collect::<Result<Vec<_>, _>>();
        match self {
            Self::Percent { rate, of } => {
                let base = match of {
                    Base::CustomsValue => facts.value,
                    Base::Named(name) => *facts.bases.get(name).ok_or_else(|| Need::Base(name.clone()))?,
                };
                let share = rate.to_ratio().checked_div(&Ratio::whole(100)).ok_or(Need::Range)?;
                base.checked_mul(&share).ok_or(Need::Range)
            }
            Self::PerUnit { amount, currency, per, unit } => {
                let units = facts.quantities.amount(unit)?.checked_div(&per.to_ratio()).ok_or(Need::Range)?;
                let price = facts.convert(amount, *currency)?;
                units.checked_mul(&price).ok_or(Need::Range)
            }
            Self::Fixed { amount, currency } => facts.convert(amount, *currency),
            Self::Sum(parts) => {
                all(parts)?.iter().try_fold(Ratio::ZERO, |sum, part| sum.checked_add(part)).ok_or(Need::Range)
            }
            Self::Difference(from, less) => {
                from.amount(facts)?.checked_sub(&less.amount(facts)?).ok_or(Need::Range)
            }
            Self::Floor(rate, least) => Ok(rate.amount(facts)?.max(least.amount(facts)?)),
            Self::Cap(rate, most) => Ok(rate.amount(facts)?.min(most.amount(facts)?)),
            Self::Lower(parts) => Ok(all(parts)?.into_iter().min().unwrap_or(Ratio::ZERO)),
            Self::Higher(parts) => Ok(all(parts)?.into_iter().max().unwrap_or(Ratio::ZERO)),
            Self::Seasonal(variants) => season(variants, facts.day.ok_or(Need::Day)?)?.amount(facts),
            Self::ByProgramme(variants) => {
                let claimed = facts.programme.ok_or(Need::Programme)?;
                let holds =
                    |(programmes, _): &&(Vec<String>, Self)| programmes.iter().any(|one| one == claimed);
                variants.iter().find(holds).ok_or(Need::Programme)?.1.amount(facts)
            }
            Self::Agricultural(component) => Err(Need::Meursing(*component)),
            Self::EntryPrice => Err(Need::EntryPrice),
            Self::Reference(reference @ (Reference::Ordinary | Reference::NoChange)) => {
                facts.ordinary.ok_or_else(|| Need::Reference(reference.clone()))
            }
            Self::Reference(reference) => Err(Need::Reference(reference.clone())),
            Self::Nil | Self::Unit { .. } => Ok(Ratio::ZERO),
        }
    }
}

/// The one variant of a day. Published tables hold overlapping and missing days: those are needs, not guesses.
fn season(variants: &[(Vec<super::Season>, Duty)], day: Day) -> Result<&Duty, Need> {
    let mut holding = variants
        .iter()
        .filter(|(seasons, _)| seasons.iter().any(|season| season.holds(day)))
        .map(|(_, duty)| duty);
    let otherwise = || variants.iter().find(|(seasons, _)| seasons.is_empty()).map(|(_, duty)| duty);
    let first = holding.next().or_else(otherwise).ok_or(Need::Season(day))?;
    if holding.any(|other| other != first) { Err(Need::Season(day)) } else { Ok(first) }
}
