//! What deals can be asked.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_pay::Verdict;

use crate::{Contract, DealId, Evidence, Obligation, RouteChoice, WaterfallRow};

/// A question to [`crate::decide`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// The parties have signed; everybody in the contract was screened.
    Sign(Box<Contract>, Vec<Screened>),
    /// The way is chosen.
    ChooseRoute(DealId, RouteChoice),
    /// The tariff has been asked: the waterfall, and under which pack.
    Assess {
        /// Which deal.
        deal: DealId,
        /// The figures.
        rows: Vec<WaterfallRow>,
        /// The pack and its digest.
        pack: String,
    },
    /// What is owed, all of it at once.
    Undertake(DealId, Vec<Obligation>),
    /// Something has happened to the goods.
    Present(DealId, Evidence),
    /// A document is filed under its name, by digest.
    File {
        /// Which deal.
        deal: DealId,
        /// Its name, as the contract lists it.
        name: String,
        /// BLAKE3 of it.
        digest: [u8; 32],
        /// Who files it.
        by: String,
    },
    /// Called off; what is not yet due lapses.
    Cancel {
        /// Which deal.
        deal: DealId,
        /// Why.
        reason: String,
    },
    /// Time has passed: planned obligations whose expiry has come lapse.
    Tick,
}

/// What screening said of one name, computed outside the deciding thread.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Screened {
    /// The name as written.
    pub name: String,
    /// Under which list.
    pub list: [u8; 32],
    /// What it said.
    pub verdict: Verdict,
}
