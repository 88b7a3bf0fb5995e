//! Quantities with their unit.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Decimal, Refusal};

/// A unit of measure, by the word the trades use.
///
/// Units convert only inside one dimension, exactly, through [`Unit::in_base`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Unit {
    /// Kilogram.
    Kilogram,
    /// Gram.
    Gram,
    /// Tonne: 1,000 kg.
    Tonne,
    /// Litre.
    Litre,
    /// Hectolitre: 100 l.
    Hectolitre,
    /// Cubic metre: 1,000 l.
    CubicMetre,
    /// Cubic centimetre; engine displacement too.
    CubicCentimetre,
    /// Metre.
    Metre,
    /// Kilometre: 1,000 m.
    Kilometre,
    /// Square metre.
    SquareMetre,
    /// Piece.
    Piece,
    /// Pair: counted apart from pieces.
    Pair,
    /// Twenty-foot equivalent unit.
    Teu,
    /// Forty-foot container: two TEU.
    Feu,
}

impl Unit {
    const NAMES: [(Self, &'static str); 14] = [
        (Self::Kilogram, "kg"),
        (Self::Gram, "g"),
        (Self::Tonne, "t"),
        (Self::Litre, "l"),
        (Self::Hectolitre, "hl"),
        (Self::CubicMetre, "m3"),
        (Self::CubicCentimetre, "cm3"),
        (Self::Metre, "m"),
        (Self::Kilometre, "km"),
        (Self::SquareMetre, "m2"),
        (Self::Piece, "pcs"),
        (Self::Pair, "pairs"),
        (Self::Teu, "TEU"),
        (Self::Feu, "FEU"),
    ];

    /// The unit with this symbol.
    ///
    /// # Errors
    /// `unit.unknown`.
    pub fn parse(symbol: &str) -> Result<Self, Refusal> {
        Self::NAMES.iter().find(|(_, name)| *name == symbol).map(|(unit, _)| *unit).ok_or_else(|| {
            Refusal::new("unit.unknown", format!("{symbol:?} is not a unit"))
                .next("use kg, g, t, l, hl, m3, cm3, m, km, m2, pcs, pairs, TEU or FEU")
        })
    }

    /// The symbol: `kg`.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        Self::NAMES.iter().find(|(unit, _)| *unit == self).map_or("?", |(_, name)| name)
    }

    /// The base unit of the dimension, and `(mantissa, scale)`-exact size of this unit in it.
    #[must_use]
    pub fn in_base(self) -> (Self, Decimal) {
        let exact = |mantissa, scale| Decimal::new(mantissa, scale).unwrap_or(Decimal::ONE);
        match self {
            Self::Kilogram
            | Self::Litre
            | Self::Metre
            | Self::SquareMetre
            | Self::Piece
            | Self::Pair
            | Self::Teu => (self, Decimal::ONE),
            Self::Gram => (Self::Kilogram, exact(1, 3)),
            Self::Tonne => (Self::Kilogram, exact(1000, 0)),
            Self::Hectolitre => (Self::Litre, exact(100, 0)),
            Self::CubicMetre => (Self::Litre, exact(1000, 0)),
            Self::CubicCentimetre => (Self::Litre, exact(1, 3)),
            Self::Kilometre => (Self::Metre, exact(1000, 0)),
            Self::Feu => (Self::Teu, exact(2, 0)),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

/// An exact amount of a unit: `24000 kg`.
///
/// ```
/// use meridian_terms::{Quantity, Unit};
/// let load = Quantity::parse("24.5 t")?;
/// assert_eq!(load.to(Unit::Kilogram)?.to_string(), "24500.0 kg");
/// assert!(load.to(Unit::Litre).is_err());
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Quantity {
    /// How many units.
    pub amount: Decimal,
    /// Of what.
    pub unit: Unit,
}

impl Quantity {
    /// `amount` of `unit`.
    #[must_use]
    pub const fn new(amount: Decimal, unit: Unit) -> Self {
        Self { amount, unit }
    }

    /// Parses `24.5 t`.
    ///
    /// # Errors
    /// `quantity.malformed`, `decimal.malformed`, `unit.unknown`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (amount, unit) = text.split_once(' ').ok_or_else(|| {
            Refusal::new("quantity.malformed", format!("{text:?} is not a quantity"))
                .next("write it like 24.5 t")
        })?;
        Ok(Self { amount: Decimal::parse(amount)?, unit: Unit::parse(unit.trim())? })
    }

    /// The same quantity in another unit of the same dimension, exactly.
    ///
    /// # Errors
    /// `quantity.dimension` when the units do not convert; `quantity.inexact` when it would need rounding.
    pub fn to(&self, unit: Unit) -> Result<Self, Refusal> {
        let ((from_base, from_size), (to_base, to_size)) = (self.unit.in_base(), unit.in_base());
        if from_base != to_base {
            return Err(Refusal::new(
                "quantity.dimension",
                format!("{} is not measured in {unit}", self.unit),
            )
            .next("give the quantity in a unit of the same kind"));
        }
        let inexact = || Refusal::new("quantity.inexact", format!("{self} has no exact value in {unit}"));
        let base = self.amount.checked_mul(&from_size).ok_or_else(inexact)?;
        // Sizes are powers of ten (and 2 for FEU), so a few more decimals always suffice.
        let ratio = base.to_ratio().checked_div(&to_size.to_ratio()).ok_or_else(inexact)?;
        let scale = base.scale().saturating_add(4).min(30);
        let exact = ratio.to_decimal(scale, crate::Rounding::TowardZero).ok_or_else(inexact)?;
        if exact.to_ratio() != ratio {
            return Err(inexact());
        }
        let amount =
            exact.rescaled(self.amount.scale(), crate::Rounding::TowardZero).filter(|short| *short == exact);
        Ok(Self { amount: amount.unwrap_or_else(|| exact.normalized()), unit })
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit)
    }
}
