//! The contract: who sells what to whom, on which terms, by which way.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Country, Decimal, HsCode, Moment, Money, Party};

use crate::EvidenceKind;

/// Names a deal: chosen by the parties, unique in the corridor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct DealId(pub String);

impl std::fmt::Display for DealId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The eleven rules of Incoterms 2020 (ICC publication 723E).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
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
    /// Cost, insurance and freight.
    Cif,
    /// Carriage paid to.
    Cpt,
    /// Carriage and insurance paid to.
    Cip,
    /// Delivered at place.
    Dap,
    /// Delivered at place unloaded.
    Dpu,
    /// Delivered duty paid.
    Ddp,
}

/// Which party bears a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Bearer {
    /// The seller: it is in the price.
    Seller,
    /// The buyer.
    Buyer,
}

impl Incoterm {
    const WORDS: [(&'static str, Self); 11] = [
        ("EXW", Self::Exw),
        ("FCA", Self::Fca),
        ("FAS", Self::Fas),
        ("FOB", Self::Fob),
        ("CFR", Self::Cfr),
        ("CIF", Self::Cif),
        ("CPT", Self::Cpt),
        ("CIP", Self::Cip),
        ("DAP", Self::Dap),
        ("DPU", Self::Dpu),
        ("DDP", Self::Ddp),
    ];

    /// The rule with these three letters.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(letters, _)| *letters == word).map(|(_, rule)| *rule)
    }

    /// Its three letters.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, rule)| *rule == self).map_or("?", |(letters, _)| letters)
    }

    /// Who pays the main carriage (rules A9/B9).
    #[must_use]
    pub const fn main_carriage(self) -> Bearer {
        match self {
            Self::Exw | Self::Fca | Self::Fas | Self::Fob => Bearer::Buyer,
            _ => Bearer::Seller,
        }
    }

    /// From which evidence on the buyer bears the risk of loss (rules A2, A3/B3): delivery to the carrier or on board for
    /// the E, F and C rules, arrival for the D rules.
    #[must_use]
    pub const fn risk_passes_on(self) -> EvidenceKind {
        match self {
            Self::Dap | Self::Dpu | Self::Ddp => EvidenceKind::Arrived,
            _ => EvidenceKind::Loaded,
        }
    }

    /// Who clears and pays import duty and taxes (rules A7/B7).
    #[must_use]
    pub const fn import_duty(self) -> Bearer {
        match self {
            Self::Ddp => Bearer::Seller,
            _ => Bearer::Buyer,
        }
    }
}

/// One line of goods.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Goods {
    /// Its line in the importing tariff.
    pub hs: HsCode,
    /// As the invoice describes it.
    pub description: String,
    /// Net mass in kilograms.
    pub net_kg: Decimal,
    /// Its part of the price.
    pub value: Money,
    /// Where it is from, legally.
    pub origin: Country,
}

/// Where duty and taxes are paid.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Treasury {
    /// Whose account.
    pub party: Party,
    /// Which account.
    pub account: String,
    /// At which bank.
    pub agent: Bic,
}

/// The goods are insured: who pays how much when they are lost after loading.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Insurance {
    /// Who insures.
    pub insurer: Party,
    /// Whose bank pays for it.
    pub agent: Bic,
    /// The sum insured, in the price's currency (Incoterms 2020 asks for 110 % of the price under CIF and CIP).
    pub sum: Money,
    /// The certificate, a document of the deal.
    pub certificate: String,
}

/// What the parties agreed for when things go wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Remedies {
    /// Liquidated damages for late arrival: thousandths of the price for each day begun.
    pub late_per_mille_a_day: u16,
    /// At most so many thousandths of the price.
    pub late_per_mille_most: u16,
    /// The last day of the journey's time: later is late.
    pub latest_arrival: Option<Moment>,
    /// Whether the seller keeps what was paid when the buyer calls the deal off before loading.
    pub advance_is_forfeit: bool,
}

/// What the parties agree.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Contract {
    /// Its name.
    pub id: DealId,
    /// When it was signed.
    pub signed_at: Moment,
    /// Who sells.
    pub seller: Party,
    /// Who buys.
    pub buyer: Party,
    /// The seller's bank.
    pub seller_bank: Bic,
    /// Into which account the seller is paid.
    pub seller_account: String,
    /// The buyer's bank.
    pub buyer_bank: Bic,
    /// Into which account the buyer is paid, should something come back.
    pub buyer_account: String,
    /// Whose events say where the goods are.
    pub carrier: Bic,
    /// Which authority releases them.
    pub customs: Bic,
    /// Where that authority is paid.
    pub treasury: Treasury,
    /// On which rule, named place.
    pub incoterm: Incoterm,
    /// The named place of the rule.
    pub named_place: String,
    /// What is sold; values add up to the price.
    pub goods: Vec<Goods>,
    /// The price, in the seller's currency.
    pub price: Money,
    /// Documents the buyer requires before customs release, by name.
    pub documents: Vec<String>,
    /// Vessels and other conveyances that are known by name: screened like the parties.
    pub conveyances: Vec<String>,
    /// The goods' insurance, where somebody took it.
    pub insurance: Option<Insurance>,
    /// What was agreed for when things go wrong.
    pub remedies: Remedies,
}

/// The way chosen for the goods.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RouteChoice {
    /// Place of loading and place of delivery, as the network names them, with every node between.
    pub nodes: Vec<String>,
    /// Distance in metres.
    pub metres: u64,
    /// Half of such journeys take at most so many minutes.
    pub minutes_p50: u32,
    /// Nine of ten journeys take at most so many minutes.
    pub minutes_p90: u32,
    /// What it costs.
    pub freight: Money,
    /// Grams of CO2 equivalent.
    pub co2e_grams: u64,
    /// Per cent of the answer that rests on estimates.
    pub estimated_percent: u8,
}

impl RouteChoice {
    /// How long it takes, in days to a tenth: half of journeys and nine in ten; one figure where both are the same.
    #[must_use]
    pub fn days(&self) -> String {
        let days = |minutes: u32| format!("{}.{}", minutes / 1440, minutes % 1440 * 10 / 1440);
        let (half, most) = (days(self.minutes_p50), days(self.minutes_p90));
        if half == most { format!("{half} days") } else { format!("{half} to {most} days") }
    }
}

/// One row of the landed-cost waterfall, as the tariff explained it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct WaterfallRow {
    /// What: customs value, duty, VAT, fee...
    pub name: String,
    /// The rate or sentence of law applied.
    pub sentence: String,
    /// How it was computed, in figures.
    pub working: String,
    /// The rounded figure.
    pub amount: Money,
    /// Where it is written, and whether that figure is official or illustrative.
    pub reference: String,
}
