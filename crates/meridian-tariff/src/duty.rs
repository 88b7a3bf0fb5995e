//! Duty expressions: what the law says about a rate, as a tree, parsed from a sentence and printed back.
//!
//! ```text
//!  duty     = variant { ";" variant }
//!  variant  = choice [ "from" season { "and" season } | "otherwise" | "for" programme { programme } ]
//!  season   = day month "to" day month                                  16 Jun to 31 Dec
//!  choice   = bounded { "or" bounded } [ ", whichever is lower" | ", whichever is higher" ]
//!  bounded  = sum { "but not less than" sum | "but not more than" sum }
//!  sum      = term { "plus" term | "minus" term }
//!  term     = "(" duty ")" | "free" | "nil"
//!           | number "%" [ "of" base ]                                  25 % of steel content
//!           | number currency [ "/" [ number ] unit ]                   41.20 EUR / 100 kg
//!           | "unit" [ number ] unit                                    a supplementary unit, no amount
//!           | "EA" | "EAR" | "ADSZ" | "ADSZR" | "ADFM" | "ADFMR"        the Meursing table's components
//!           | "entry price" | "ordinary duty" | "no change" | "note" number
//!           | "duty of each article" | "duty of" code { "/" code }
//! ```
//!
//! TARIC's `A MIN B` is a floor and `A MAX B` a cap: the words say what the bound is, not what is computed. Bounds apply
//! from left to right and bind weaker than sums.
//!
//! ```
//! use meridian_tariff::duty::{Dialect, parse};
//! let rate = parse("12,5, но не менее 0,5 евро за 1 кг", Dialect::EaeuRu)?;
//! assert_eq!(rate.to_string(), "12.5 % but not less than 0.5 EUR / kg");
//! assert_eq!(parse(&rate.to_string(), Dialect::Canonical)?, rate);
//! let capped = parse("9.00% + EA MAX 18.70% + ADSZ", Dialect::Eu)?;
//! assert_eq!(capped.to_string(), "9.00 % plus EA but not more than 18.70 % plus ADSZ");
//! # Ok::<(), meridian_tariff::duty::ParseError>(())
//! ```

mod amount;
mod canonical;
pub mod condition;
mod eaeu;
mod expression;
mod taric;
mod unit;
mod us;
mod words;

pub use amount::{Facts, Need, Quantities};
pub use eaeu::{Note, NoteRate, Start, parse_note};
pub use expression::{Base, Component, Denomination, Duty, Reference, Season};
pub use unit::Unit;
pub use words::ParseError;

/// How a sentence is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// As [`Duty`] prints itself.
    Canonical,
    /// TARIC duty sentences with TARIC's rules of validity: an expression once, in ascending order.
    Taric,
    /// The United Kingdom's published tables.
    Uk,
    /// The European Union's published tables: percent signs may be missing, the euro may be a sign.
    Eu,
    /// The EAEU's common customs tariff, in Russian.
    EaeuRu,
    /// The Harmonized Tariff Schedule of the United States.
    Us,
}

impl Dialect {
    /// The dialects by name.
    pub const ALL: [(&'static str, Self); 6] = [
        ("canonical", Self::Canonical),
        ("taric", Self::Taric),
        ("uk", Self::Uk),
        ("eu", Self::Eu),
        ("eaeu-ru", Self::EaeuRu),
        ("us", Self::Us),
    ];

    /// The dialect of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, dialect)| *dialect)
    }
}

/// Parses a sentence.
///
/// # Errors
/// [`ParseError`] with its column.
pub fn parse(sentence: &str, dialect: Dialect) -> Result<Duty, ParseError> {
    match dialect {
        Dialect::Canonical => canonical::parse(sentence),
        Dialect::Taric | Dialect::Uk | Dialect::Eu => taric::parse(sentence, dialect),
        Dialect::EaeuRu => eaeu::parse(sentence),
        Dialect::Us => us::parse(sentence),
    }
}
