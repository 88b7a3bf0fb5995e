//! The tree of a duty, and how it is printed.

use std::fmt;

use meridian_terms::{Currency, Day, Decimal};

use super::unit::Unit;

/// A duty expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Duty {
    /// A percentage of a base.
    Percent {
        /// Per cent.
        rate: Decimal,
        /// Of what.
        of: Base,
    },
    /// An amount for so many of a unit: `0.5 EUR / kg`, `4 EUR / 100 pcs`.
    PerUnit {
        /// Major units.
        amount: Decimal,
        /// Of which money.
        currency: Denomination,
        /// For how many; above zero.
        per: Decimal,
        /// Of what.
        unit: Unit,
    },
    /// An amount whatever the goods: `1.000 EUR`.
    Fixed {
        /// Major units.
        amount: Decimal,
        /// Of which money.
        currency: Denomination,
    },
    /// All of them together.
    Sum(Vec<Duty>),
    /// The first less the second.
    Difference(Box<Duty>, Box<Duty>),
    /// The first, but not less than the second.
    Floor(Box<Duty>, Box<Duty>),
    /// The first, but not more than the second.
    Cap(Box<Duty>, Box<Duty>),
    /// Whichever is lower.
    Lower(Vec<Duty>),
    /// Whichever is higher.
    Higher(Vec<Duty>),
    /// By the day of the year; no season means every day the others leave.
    Seasonal(Vec<(Vec<Season>, Duty)>),
    /// By the programme the goods are claimed under: `Free (AU, CL) 22.5% (E)`.
    ByProgramme(Vec<(Vec<String>, Duty)>),
    /// A component of the Meursing table, by the goods' composition.
    Agricultural(Component),
    /// By the price the goods enter at, in the entry price table.
    EntryPrice,
    /// As written elsewhere.
    Reference(Reference),
    /// No duty is due, said as such (`NIHIL`).
    Nil,
    /// No amount: only the unit quantities are declared in.
    Unit {
        /// In how many at a time.
        per: Decimal,
        /// The unit.
        unit: Unit,
    },
}

/// What a percentage is taken of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    /// The customs value.
    CustomsValue,
    /// A value declared beside it, by name: `retail price`, `steel content`.
    Named(String),
}

/// Money a duty is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denomination {
    /// A currency.
    Money(Currency),
    /// TARIC's unit of account `XEM`; no rate of it is published any more.
    Xem,
}

impl Denomination {
    pub(super) fn of(code: &str) -> Option<Self> {
        Currency::parse(code).ok().map(Self::Money)
    }
}

/// The components of the Meursing table (Council Regulation (EC) No 3448/93): agricultural component, additional duty on
/// sugar and on flour, each also reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// `EA`.
    Agricultural,
    /// `EAR`.
    AgriculturalReduced,
    /// `ADSZ`.
    Sugar,
    /// `ADSZR`.
    SugarReduced,
    /// `ADFM`.
    Flour,
    /// `ADFMR`.
    FlourReduced,
}

impl Component {
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("EA", Self::Agricultural),
        ("EAR", Self::AgriculturalReduced),
        ("ADSZ", Self::Sugar),
        ("ADSZR", Self::SugarReduced),
        ("ADFM", Self::Flour),
        ("ADFMR", Self::FlourReduced),
    ];

    /// TARIC's abbreviation.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("EA", |(code, _)| code)
    }

    /// The component of an abbreviation in any case.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(code, _)| code.eq_ignore_ascii_case(word)).map(|(_, known)| *known)
    }
}

/// Where a duty is written that a sentence only points to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The duty provided in the applicable subheading.
    Ordinary,
    /// What the column says elsewhere does not change.
    NoChange,
    /// Each article of a set pays its own.
    EachArticle,
    /// One of these subheadings, as printed.
    Subheadings(Vec<String>),
    /// A note to the tariff.
    Note(u32),
}

/// Days of the year, both included; may run over its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Season {
    /// Month and day it begins.
    pub from: (u8, u8),
    /// Month and day it ends.
    pub to: (u8, u8),
}

pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Season {
    /// Whether a day falls in it.
    #[must_use]
    pub fn holds(&self, day: Day) -> bool {
        let here = (day.month(), day.of_month());
        if self.from <= self.to {
            self.from <= here && here <= self.to
        } else {
            here >= self.from || here <= self.to
        }
    }

    /// A month by its English name or a beginning of it of three letters or more.
    pub(super) fn month(word: &str) -> Option<u8> {
        const NAMES: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let found = NAMES.iter().zip(1_u8..).find(|(name, _)| word.len() >= 3 && name.starts_with(word));
        found.map(|(_, month)| month)
    }

    /// The last day a month has in some year.
    pub(super) fn last_day(month: u8) -> u8 {
        match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// Whether a month has such a day in some year.
    pub(super) fn is_day(month: u8, day: u8) -> bool {
        (1..=Self::last_day(month)).contains(&day)
    }
}

impl fmt::Display for Season {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let month = |month: u8| MONTHS.get(usize::from(month.saturating_sub(1))).copied().unwrap_or("Jan");
        write!(f, "{} {} to {} {}", self.from.1, month(self.from.0), self.to.1, month(self.to.0))
    }
}

impl fmt::Display for Denomination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(currency) => write!(f, "{currency}"),
            Self::Xem => f.write_str("XEM"),
        }
    }
}

impl Duty {
    /// A percentage of the customs value.
    #[must_use]
    pub fn percent(rate: Decimal) -> Self {
        Self::Percent { rate, of: Base::CustomsValue }
    }

    /// Nothing to pay.
    #[must_use]
    pub fn free() -> Self {
        Self::percent(Decimal::ZERO)
    }

    /// How tightly the outermost part binds: lists 0, choices 1, bounds 2, sums 3, terms 4.
    fn binding(&self) -> u8 {
        match self {
            Self::Seasonal(_) | Self::ByProgramme(_) => 0,
            Self::Lower(_) | Self::Higher(_) => 1,
            Self::Floor(..) | Self::Cap(..) => 2,
            Self::Sum(_) | Self::Difference(..) => 3,
            _ => 4,
        }
    }

    /// Prints a part, in parentheses unless it binds at least as tightly as asked.
    fn part(&self, f: &mut fmt::Formatter<'_>, at_least: u8) -> fmt::Result {
        if self.binding() >= at_least { write!(f, "{self}") } else { write!(f, "({self})") }
    }

    /// Every figure that stands in the sentence, in order; how many of a unit included.
    #[must_use]
    pub fn figures(&self) -> Vec<Decimal> {
        let all = |parts: &[Self]| parts.iter().flat_map(Self::figures).collect();
        match self {
            Self::Percent { rate, .. } => vec![*rate],
            Self::PerUnit { amount, per, .. } => vec![*amount, *per],
            Self::Fixed { amount, .. } => vec![*amount],
            Self::Sum(parts) | Self::Lower(parts) | Self::Higher(parts) => all(parts),
            Self::Difference(first, second) | Self::Floor(first, second) | Self::Cap(first, second) => {
                let mut figures = first.figures();
                figures.extend(second.figures());
                figures
            }
            Self::Seasonal(seasons) => seasons.iter().flat_map(|(_, duty)| duty.figures()).collect(),
            Self::ByProgramme(programmes) => programmes.iter().flat_map(|(_, duty)| duty.figures()).collect(),
            Self::Unit { per, .. } => vec![*per],
            Self::Agricultural(_) | Self::EntryPrice | Self::Reference(_) | Self::Nil => Vec::new(),
        }
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = |f: &mut fmt::Formatter<'_>, per: &Decimal, unit: &Unit| {
            if *per == Decimal::ONE { write!(f, "{unit}") } else { write!(f, "{per} {unit}") }
        };
        // The first part of a sum or bound may be another of its kind: they are read from the left.
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str, at_least: u8| {
            for (number, part) in parts.iter().enumerate() {
                if number > 0 {
                    write!(f, " {word} ")?;
                }
                let is_sum = matches!(part, Self::Sum(_));
                let first_difference = number == 0 && matches!(part, Self::Difference(..));
                part.part(f, if at_least == 4 && first_difference && !is_sum { 3 } else { at_least })?;
            }
            Ok(())
        };
        match self {
            Self::Percent { rate, of: Base::CustomsValue } => write!(f, "{rate} %"),
            Self::Percent { rate, of: Base::Named(base) } => write!(f, "{rate} % of {base}"),
            Self::PerUnit { amount, currency, per, unit } => {
                write!(f, "{amount} {currency} / ")?;
                units(f, per, unit)
            }
            Self::Fixed { amount, currency } => write!(f, "{amount} {currency}"),
            Self::Sum(parts) => list(f, parts, "plus", 4),
            Self::Difference(from, less) => {
                from.part(f, 3)?;
                f.write_str(" minus ")?;
                less.part(f, 4)
            }
            Self::Floor(rate, least) => {
                rate.part(f, 2)?;
                f.write_str(" but not less than ")?;
                least.part(f, 3)
            }
            Self::Cap(rate, most) => {
                rate.part(f, 2)?;
                f.write_str(" but not more than ")?;
                most.part(f, 3)
            }
            Self::Lower(parts) => list(f, parts, "or", 2).and_then(|()| f.write_str(", whichever is lower")),
            Self::Higher(parts) => {
                list(f, parts, "or", 2).and_then(|()| f.write_str(", whichever is higher"))
            }
            Self::Seasonal(variants) => {
                for (number, (seasons, duty)) in variants.iter().enumerate() {
                    f.write_str(if number == 0 { "" } else { "; " })?;
                    duty.part(f, 1)?;
                    match seasons.as_slice() {
                        [] => f.write_str(" otherwise")?,
                        [first, rest @ ..] => {
                            write!(f, " from {first}")?;
                            rest.iter().try_for_each(|season| write!(f, " and {season}"))?;
                        }
                    }
                }
                Ok(())
            }
            Self::ByProgramme(variants) => {
                for (number, (programmes, duty)) in variants.iter().enumerate() {
                    f.write_str(if number == 0 { "" } else { "; " })?;
                    duty.part(f, 1)?;
                    write!(f, " for {}", programmes.join(" "))?;
                }
                Ok(())
            }
            Self::Agricultural(component) => f.write_str(component.code()),
            Self::EntryPrice => f.write_str("entry price"),
            Self::Reference(Reference::Ordinary) => f.write_str("ordinary duty"),
            Self::Reference(Reference::NoChange) => f.write_str("no change"),
            Self::Reference(Reference::EachArticle) => f.write_str("duty of each article"),
            Self::Reference(Reference::Subheadings(codes)) => write!(f, "duty of {}", codes.join("/")),
            Self::Reference(Reference::Note(number)) => write!(f, "note {number}"),
            Self::Nil => f.write_str("nil"),
            Self::Unit { per, unit } => {
                f.write_str("unit ")?;
                units(f, per, unit)
            }
        }
    }
}
