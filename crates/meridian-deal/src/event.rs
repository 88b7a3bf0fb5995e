//! What has happened to deals.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Moment;

use crate::{Contract, DealId, Evidence, Obligation, RouteChoice, Screened, WaterfallRow};

/// A fact: what [`crate::apply`] applies and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// Signed, everybody clear.
    Signed {
        /// The contract.
        contract: Box<Contract>,
        /// Who was screened, under which list.
        screened: Vec<Screened>,
        /// When.
        at: Moment,
    },
    /// The way was chosen.
    RouteChosen(DealId, RouteChoice, Moment),
    /// The landed cost was computed.
    Assessed {
        /// Which deal.
        deal: DealId,
        /// The figures.
        rows: Vec<WaterfallRow>,
        /// The pack.
        pack: String,
        /// When.
        at: Moment,
    },
    /// What is owed was agreed.
    Undertaken(DealId, Vec<Obligation>, Moment),
    /// Evidence was accepted; these obligations (by position) fell due.
    Presented {
        /// Which deal.
        deal: DealId,
        /// What happened.
        evidence: Evidence,
        /// Positions in the deal's obligations.
        due: Vec<u32>,
        /// When.
        at: Moment,
    },
    /// A document was filed.
    Filed {
        /// Which deal.
        deal: DealId,
        /// Its name.
        name: String,
        /// BLAKE3 of it.
        digest: [u8; 32],
        /// By whom.
        by: String,
        /// When.
        at: Moment,
    },
    /// Called off.
    Cancelled {
        /// Which deal.
        deal: DealId,
        /// Why.
        reason: String,
        /// When.
        at: Moment,
    },
    /// Obligations whose expiry came before their evidence.
    Lapsed(Vec<(DealId, u32)>, Moment),
    /// Nothing was due.
    Idle,
}
