//! When things go wrong: late, short, lost, disputed; and what the contract says of the money then.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Decimal, Moment, Money, Ratio, Refusal, Rounding};

use crate::{Contract, Deal, EvidenceKind, Kind, Obligation, Standing};

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Mishap {
    /// A line arrived with less than was sold: the carrier's word.
    Short {
        /// Which line, from 0.
        line: u16,
        /// What arrived, in kilograms net.
        delivered_kg: Decimal,
    },
    /// The goods are lost: the carrier's word.
    Lost,
    /// A side disputes the goods: nothing more is paid for them until both agree.
    Disputed(String),
}

impl Mishap {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Short { .. } => "short delivery",
            Self::Lost => "loss",
            Self::Disputed(_) => "dispute",
        }
    }
}

/// A dispute that is open: nothing is paid for the goods.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Dispute {
    /// Which side's bank raised it.
    pub by: Bic,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Moment,
    /// The price cut one side has offered to end it, and whose bank did.
    pub offer: Option<(Bic, Money)>,
}

/// What happens to the money: obligations cut to another amount (zero lapses them), others newly due.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Remedy {
    /// Position and new amount.
    pub cut: Vec<(u32, Money)>,
    /// Owed from now on, due at once.
    pub owed: Vec<Obligation>,
    /// Planned obligations that fall due at once, by position.
    pub due: Vec<u32>,
}

/// Liquidated damages: thousandths of the price for each day begun after the latest arrival, up to the most agreed.
/// Rounded half up, in the price's currency.
pub(crate) fn late_damages(contract: &Contract, arrived: Moment) -> Result<Money, Refusal> {
    let zero = Money::zero(contract.price.currency());
    let Some(latest) = contract.remedies.latest_arrival.filter(|latest| arrived > *latest) else {
        return Ok(zero);
    };
    let micros_a_day = meridian_terms::Micros::DAY.0;
    let days = (arrived.since(latest).0 + micros_a_day - 1) / micros_a_day;
    let per_mille = i128::from(days) * i128::from(contract.remedies.late_per_mille_a_day);
    let per_mille = per_mille.min(i128::from(contract.remedies.late_per_mille_most));
    contract.price.times(&Ratio::new(per_mille, 1_000)?, Rounding::HalfUp)
}

/// The part of a line's value that did not arrive. Rounded half up.
pub(crate) fn short_value(
    contract: &Contract,
    line: u16,
    delivered_kg: &Decimal,
) -> Option<Result<Money, Refusal>> {
    let goods = contract.goods.get(usize::from(line))?;
    let missing = goods
        .net_kg
        .checked_sub(delivered_kg)
        .filter(|missing| !missing.is_negative() && !missing.is_zero())?;
    let share = missing.to_ratio().checked_div(&goods.net_kg.to_ratio())?;
    Some(goods.value.times(&share, Rounding::HalfUp))
}

/// Takes `cut` off the price: first off what is not paid yet, last milestone first; the rest comes back from the seller,
/// who never gives back more than it got.
pub(crate) fn price_cut(deal: &Deal, cut: Money, name: &str, at: Moment) -> Result<Remedy, Refusal> {
    let mut remedy = Remedy::default();
    let mut left = cut;
    for (position, owed) in deal.obligations.iter().enumerate().rev() {
        let open = matches!(owed.standing, Standing::Planned | Standing::Due { .. });
        if owed.kind == Kind::Goods && open && !left.is_zero() {
            let off = if owed.amount.minor() < left.minor() { owed.amount } else { left };
            left = left.checked_sub(off)?;
            remedy.cut.push((u32::try_from(position).unwrap_or(u32::MAX), owed.amount.checked_sub(off)?));
        }
    }
    let paid = paid_for_goods(deal)?;
    let back = if paid.minor() < left.minor() { paid } else { left };
    if !back.is_zero() {
        remedy.owed.push(refund(deal, back, name, at));
    }
    Ok(remedy)
}

/// The goods are lost. Before the risk has passed, nothing more is owed for them and what was paid comes back; after it,
/// the price stays owed (CISG, article 66) and falls due, and the insurer pays whoever bore the risk.
pub(crate) fn loss(deal: &Deal, at: Moment) -> Result<Remedy, Refusal> {
    let contract = &deal.contract;
    let risk_passed = deal.has(contract.incoterm.risk_passes_on());
    let mut remedy = Remedy::default();
    for (position, owed) in deal.obligations.iter().enumerate() {
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let nothing = Money::zero(owed.amount.currency());
        match (&owed.standing, owed.kind) {
            (Standing::Planned, Kind::Goods) if risk_passed => remedy.due.push(position),
            (Standing::Planned | Standing::Due { .. }, Kind::Goods) if !risk_passed => {
                remedy.cut.push((position, nothing))
            }
            (Standing::Planned, kind) if kind != Kind::Goods => remedy.cut.push((position, nothing)),
            _ => {}
        }
    }
    let paid = paid_for_goods(deal)?;
    if !risk_passed && !paid.is_zero() {
        remedy.owed.push(refund(deal, paid, "refund-loss", at));
    }
    if deal.has(EvidenceKind::Loaded)
        && let Some(insurance) = &contract.insurance
    {
        let (payee, account, agent) = if risk_passed { buyer(deal) } else { seller(deal) };
        remedy.owed.push(Obligation {
            name: "insurance-claim".into(),
            kind: Kind::Claim,
            payer: insurance.insurer.clone(),
            payer_agent: insurance.agent.clone(),
            payee,
            payee_account: account,
            payee_agent: agent,
            amount: insurance.sum,
            trigger: EvidenceKind::Loaded,
            expires: Moment::from_micros(i64::MAX),
            backed_by: None,
            standing: Standing::Due { since: at },
        });
    }
    Ok(remedy)
}

/// What has been paid for the goods, less what has come back or must.
pub(crate) fn paid_for_goods(deal: &Deal) -> Result<Money, Refusal> {
    deal.obligations.iter().try_fold(Money::zero(deal.contract.price.currency()), |sum, owed| {
        match (&owed.standing, owed.kind) {
            (Standing::Paid { .. } | Standing::InFlight { .. }, Kind::Goods) => sum.checked_add(owed.amount),
            (Standing::Paid { .. } | Standing::InFlight { .. } | Standing::Due { .. }, Kind::Refund) => {
                sum.checked_sub(owed.amount)
            }
            _ => Ok(sum),
        }
    })
}

pub(crate) fn refund(deal: &Deal, amount: Money, name: &str, at: Moment) -> Obligation {
    let (payee, payee_account, payee_agent) = buyer(deal);
    Obligation {
        name: name.to_owned(),
        kind: Kind::Refund,
        payer: deal.contract.seller.clone(),
        payer_agent: deal.contract.seller_bank.clone(),
        payee,
        payee_account,
        payee_agent,
        amount,
        trigger: EvidenceKind::Signed,
        expires: Moment::from_micros(i64::MAX),
        backed_by: None,
        standing: Standing::Due { since: at },
    }
}

fn buyer(deal: &Deal) -> (meridian_terms::Party, String, Bic) {
    let contract = &deal.contract;
    (contract.buyer.clone(), contract.buyer_account.clone(), contract.buyer_bank.clone())
}

fn seller(deal: &Deal) -> (meridian_terms::Party, String, Bic) {
    let contract = &deal.contract;
    (contract.seller.clone(), contract.seller_account.clone(), contract.seller_bank.clone())
}
