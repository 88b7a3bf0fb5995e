//! Fees and who bears them (`ChrgBr`, `ChrgsInf`).
//!
//! A fee is what the creditor agent keeps of what reaches it; its formula belongs to a country and a currency. The hub
//! moves only interbank amounts: it computes the fee so that both sides know beforehand what the creditor is credited.
//!
//! | borne by | the debtor fixes what it sends, X | the debtor fixes what is credited, N |
//! |---|---|---|
//! | both (SHAR) | source X, target X r, credited target - fee | target N + fee, credited N |
//! | debtor (DEBT) | target X r + fee, source what that costs, credited X r | target N + fee, credited N |
//! | creditor (CRED) | source X - own charge, target source r, credited target - fee | target N, credited N - fee |
//!
//! Source: Nexus, fees and amounts; 100 SGD at 3.5 is MYR 350.00, a fee of 2.24 leaves 347.76.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Currency, Money, Ratio, Refusal, Rounding};

use crate::Fixed;
use crate::rate::{source_for, target_for};
use crate::refusal::{self as no, refuse};

/// Who bears the charges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Bearer {
    /// Each side its own agent's.
    #[default]
    Shared,
    /// The debtor all of them.
    Debtor,
    /// The creditor all of them.
    Creditor,
}

impl Bearer {
    /// The ISO code: SHAR, DEBT, CRED.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shared => "SHAR",
            Self::Debtor => "DEBT",
            Self::Creditor => "CRED",
        }
    }

    /// The bearer with this code; SLEV (as the service level says) is shared.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "SHAR" | "SLEV" => Some(Self::Shared),
            "DEBT" => Some(Self::Debtor),
            "CRED" => Some(Self::Creditor),
            _ => None,
        }
    }
}

/// A charge that an agent takes, as a message tells it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Charge {
    /// Who takes it.
    pub agent: Bic,
    /// How much; may be nothing.
    pub amount: Money,
}

/// A country's formula for what its creditor agents keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Fee {
    /// In every case, minor units.
    pub nominal: i128,
    /// And this many hundredths of a per cent of what arrives; below 10,000.
    pub basis_points: u32,
    /// But never more than this, minor units.
    pub most: Option<i128>,
}

impl Fee {
    /// No fee.
    pub const NONE: Self = Self { nominal: 0, basis_points: 0, most: None };

    /// The fee on what arrives, the fraction rounded half up.
    ///
    /// # Errors
    /// `money.range`.
    pub fn on(&self, arrives: Money) -> Result<Money, Refusal> {
        let share = Ratio::new(i128::from(self.basis_points), 10_000)?;
        let variable = arrives.times(&share, Rounding::HalfUp)?;
        let fee = Money::new(self.nominal, arrives.currency()).checked_add(variable)?;
        let most = self.most.unwrap_or(fee.minor());
        Ok(Money::new(fee.minor().min(most), arrives.currency()))
    }

    /// The least that must arrive for `credited` to be left.
    ///
    /// # Errors
    /// `money.range`; `pay.below_least` for a formula that leaves nothing.
    pub fn gross_for(&self, credited: Money) -> Result<Money, Refusal> {
        let left = Ratio::new(10_000 - i128::from(self.basis_points.min(10_000)), 10_000)?;
        if left <= Ratio::ZERO {
            return Err(refuse(no::BELOW_LEAST, "the fee takes everything"));
        }
        let whole = credited.checked_add(Money::new(self.nominal, credited.currency()))?;
        let mut gross = whole.times(&left.inverse()?, Rounding::Ceiling)?;
        if let Some(most) = self.most {
            let capped = credited.checked_add(Money::new(most, credited.currency()))?;
            gross = if capped.minor() < gross.minor() { capped } else { gross };
        }
        // Rounding half up may be one unit off either way.
        let step = Money::new(1, credited.currency());
        let leaves = |gross: Money| gross.checked_sub(self.on(gross)?);
        while leaves(gross)?.minor() < credited.minor() {
            gross = gross.checked_add(step)?;
        }
        while gross.minor() > credited.minor()
            && leaves(gross.checked_sub(step)?)?.minor() >= credited.minor()
        {
            gross = gross.checked_sub(step)?;
        }
        Ok(gross)
    }
}

/// What a payment would move and leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amounts {
    /// Leaves the debtor agent.
    pub(crate) source: Money,
    /// Reaches the creditor agent.
    pub(crate) target: Money,
    /// What of it the creditor agent keeps.
    pub(crate) fee: Money,
    /// What the creditor is credited.
    pub(crate) credited: Money,
}

/// The algebra of the table above.
pub(crate) fn amounts(
    fixed: Fixed,
    amount: Money,
    bearer: Bearer,
    own_charge: Option<Money>,
    rate: &Ratio,
    (from, to): (Currency, Currency),
    fee: &Fee,
) -> Result<Amounts, Refusal> {
    let (source, target) = match (fixed, bearer) {
        (Fixed::Source, Bearer::Shared) => (amount, target_for(amount, rate, to)?),
        (Fixed::Source, Bearer::Debtor) => {
            let target = fee.gross_for(target_for(amount, rate, to)?)?;
            (source_for(target, rate, from)?, target)
        }
        (Fixed::Source, Bearer::Creditor) => {
            let source = amount.checked_sub(own_charge.unwrap_or(Money::zero(from)))?;
            (source, target_for(source, rate, to)?)
        }
        (Fixed::Target, Bearer::Shared | Bearer::Debtor) => {
            let target = fee.gross_for(amount)?;
            (source_for(target, rate, from)?, target)
        }
        (Fixed::Target, Bearer::Creditor) => (source_for(amount, rate, from)?, amount),
    };
    let kept = fee.on(target)?;
    Ok(Amounts { source, target, fee: kept, credited: target.checked_sub(kept)? })
}
