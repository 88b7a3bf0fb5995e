//! What has happened to deals.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Moment, Money};

use crate::{
    Contract, CustomsWord, DealId, Discrepancy, Evidence, Lodgement, Mishap, Obligation, Remedy, Reviewed,
    RouteChoice, Screened, Undertaking, UndertakingId, WaterfallRow,
};

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
        /// What the contract says of it besides: damages for a late arrival.
        remedy: Remedy,
        /// When.
        at: Moment,
    },
    /// The controls of one side have ruled.
    Controlled(DealId, Reviewed, Moment),
    /// A bank has given its word.
    Issued(DealId, Box<Undertaking>, Moment),
    /// Documents were presented under a credit: examined until a moment, or discrepant at once.
    PresentedUnder {
        /// Which deal.
        deal: DealId,
        /// Which credit.
        undertaking: UndertakingId,
        /// What the hub can see is wrong.
        found: Vec<Discrepancy>,
        /// When.
        at: Moment,
    },
    /// The issuer found the documents not to comply.
    Discrepant {
        /// Which deal.
        deal: DealId,
        /// Which credit.
        undertaking: UndertakingId,
        /// What it found.
        found: Vec<Discrepancy>,
        /// When.
        at: Moment,
    },
    /// The credit will be paid: its documents comply, its issuer was silent, or discrepancies are waived.
    Honoured {
        /// Which deal.
        deal: DealId,
        /// Which credit.
        undertaking: UndertakingId,
        /// Whether discrepancies were waived.
        waived: bool,
        /// Obligations that fall due with it, by position.
        due: Vec<u32>,
        /// When.
        at: Moment,
    },
    /// The documents were given back.
    GivenBack(DealId, UndertakingId, Moment),
    /// A standby or guarantee was called: its issuer owes the obligation now.
    Demanded {
        /// Which deal.
        deal: DealId,
        /// Which undertaking.
        undertaking: UndertakingId,
        /// Which obligation, by position.
        obligation: u32,
        /// When.
        at: Moment,
    },
    /// The declaration was lodged.
    Lodged(DealId, Lodgement, Moment),
    /// Customs has spoken.
    CustomsSaid {
        /// Which deal.
        deal: DealId,
        /// What.
        word: CustomsWord,
        /// Obligations cut, new, and due by it.
        remedy: Remedy,
        /// When.
        at: Moment,
    },
    /// Something went wrong, and this is what the contract says of the money.
    Reported {
        /// Which deal.
        deal: DealId,
        /// What.
        mishap: Mishap,
        /// Who says so.
        by: Bic,
        /// What happens to the money.
        remedy: Remedy,
        /// When.
        at: Moment,
    },
    /// An offer to end a dispute.
    Offered {
        /// Which deal.
        deal: DealId,
        /// How much comes off the price.
        cut: Money,
        /// Which side's bank.
        by: Bic,
        /// When.
        at: Moment,
    },
    /// The dispute is over.
    Agreed {
        /// Which deal.
        deal: DealId,
        /// What happens to the money.
        remedy: Remedy,
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
        /// What happens to the money.
        remedy: Remedy,
        /// When.
        at: Moment,
    },
    /// Obligations whose expiry came before their evidence.
    Lapsed(Vec<(DealId, u32)>, Moment),
    /// An undertaking's expiry came first; what it backed lapses with it.
    UndertakingExpired {
        /// Which deal.
        deal: DealId,
        /// Which undertaking.
        undertaking: UndertakingId,
        /// Obligations it backed that are not due, by position.
        lapsed: Vec<u32>,
        /// When.
        at: Moment,
    },
    /// Nothing was due.
    Idle,
}
