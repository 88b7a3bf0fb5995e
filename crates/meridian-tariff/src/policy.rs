//! How a territory stacks and rounds: policy of the pack, never of the program.

use meridian_terms::{Ratio, Refusal, Rounding};

/// Whether the figures of one tax go into the next as they were rounded or exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carry {
    /// Each tax is rounded, and the rounded figure is the base of the next.
    Rounded,
    /// Only what is shown is rounded (the United Kingdom's calculator).
    Exact,
}

/// What the customs value includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueBasis {
    /// Carriage and insurance to the border of the territory (most countries).
    Cif,
    /// Free on board at the place of export (the United States, Canada, Australia).
    Fob,
}

/// Stacking order and rounding.
///
/// ```
/// use meridian_tariff::policy::Policy;
/// use meridian_terms::Rounding;
/// let uk: toml::Table = "carry = 'exact'\nalcohol_rounding = 'toward_zero'".parse().unwrap();
/// assert_eq!(Policy::read(&uk)?.alcohol, Rounding::TowardZero);
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What goes into the next tax.
    pub carry: Carry,
    /// How a tax line is rounded to the minor unit.
    pub rounding: Rounding,
    /// How duty by alcohol is rounded.
    pub alcohol: Rounding,
    /// What the customs value includes.
    pub value_basis: ValueBasis,
    /// Whether safeguard duty is charged on goods inside a quota.
    pub safeguard_in_quota: bool,
    /// Whether fees are part of the base of VAT.
    pub vat_on_fees: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            carry: Carry::Rounded,
            rounding: Rounding::HalfUp,
            alcohol: Rounding::HalfUp,
            value_basis: ValueBasis::Cif,
            safeguard_in_quota: false,
            vat_on_fees: false,
        }
    }
}

impl Policy {
    /// Reads `[policy]` of `pack.toml`; what is not there keeps its default.
    ///
    /// # Errors
    /// `policy.unknown` for a key or a word that means nothing here.
    pub fn read(table: &toml::Table) -> Result<Self, Refusal> {
        let mut policy = Self::default();
        for (key, value) in table {
            let unknown = || {
                Refusal::new("policy.unknown", format!("[policy] {key} = {value}")).next(
                    "use carry, rounding, alcohol_rounding, value_basis, safeguard_in_quota, vat_on_fees",
                )
            };
            let word = value.as_str().unwrap_or_default();
            match key.as_str() {
                "carry" if word == "rounded" => policy.carry = Carry::Rounded,
                "carry" if word == "exact" => policy.carry = Carry::Exact,
                "rounding" => policy.rounding = rounding(word).ok_or_else(unknown)?,
                "alcohol_rounding" => policy.alcohol = rounding(word).ok_or_else(unknown)?,
                "value_basis" if word == "CIF" => policy.value_basis = ValueBasis::Cif,
                "value_basis" if word == "FOB" => policy.value_basis = ValueBasis::Fob,
                "safeguard_in_quota" => policy.safeguard_in_quota = value.as_bool().ok_or_else(unknown)?,
                "vat_on_fees" => policy.vat_on_fees = value.as_bool().ok_or_else(unknown)?,
                _ => return Err(unknown()),
            }
        }
        Ok(policy)
    }

    /// What one tax line comes to, in minor units.
    #[must_use]
    pub fn line(&self, exact: &Ratio, by_alcohol: bool) -> Option<i128> {
        exact.round(if by_alcohol { self.alcohol } else { self.rounding })
    }

    /// What tax lines come to together: of exact lines the sum is rounded once, of rounded ones it is their sum.
    #[must_use]
    pub fn total(&self, lines: &[(Ratio, i128)]) -> Option<i128> {
        match self.carry {
            Carry::Rounded => lines.iter().try_fold(0_i128, |sum, (_, rounded)| sum.checked_add(*rounded)),
            Carry::Exact => {
                let sum = lines.iter().try_fold(Ratio::ZERO, |sum, (exact, _)| sum.checked_add(exact))?;
                sum.round(self.rounding)
            }
        }
    }
}

fn rounding(word: &str) -> Option<Rounding> {
    Some(match word {
        "half_up" => Rounding::HalfUp,
        "half_even" => Rounding::HalfEven,
        "half_down" => Rounding::HalfDown,
        "toward_zero" => Rounding::TowardZero,
        "away_from_zero" => Rounding::AwayFromZero,
        "floor" => Rounding::Floor,
        "ceiling" => Rounding::Ceiling,
        _ => return None,
    })
}
