//! What deals can be asked.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_pay::Verdict;
use meridian_terms::{Bic, Money};

use crate::{
    Contract, CustomsWord, DealId, Evidence, Lodgement, Mishap, Obligation, Reviewed, RouteChoice,
    Undertaking, UndertakingId, WaterfallRow,
};

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
    /// The controls of one side were asked about the goods.
    Control(DealId, Reviewed),
    /// A bank gives its word.
    Issue {
        /// Which deal.
        deal: DealId,
        /// The undertaking.
        undertaking: Box<Undertaking>,
        /// Which bank.
        by: Bic,
    },
    /// The beneficiary presents the documents of a credit that are filed in the deal.
    PresentUnder {
        /// Which deal.
        deal: DealId,
        /// Under which credit.
        undertaking: UndertakingId,
        /// Whose bank presents.
        by: Bic,
    },
    /// The issuer has examined: nothing found, or what was.
    Examine {
        /// Which deal.
        deal: DealId,
        /// Which credit.
        undertaking: UndertakingId,
        /// What is wrong with the documents; empty when they comply.
        found: Vec<String>,
        /// The issuer.
        by: Bic,
    },
    /// The issuer, having asked the applicant, waives the discrepancies.
    Waive {
        /// Which deal.
        deal: DealId,
        /// Which credit.
        undertaking: UndertakingId,
        /// The issuer.
        by: Bic,
    },
    /// The issuer gives the documents back; they may be presented again.
    GiveBack {
        /// Which deal.
        deal: DealId,
        /// Which credit.
        undertaking: UndertakingId,
        /// The issuer.
        by: Bic,
    },
    /// The beneficiary demands payment under a standby or guarantee: an obligation is due and unpaid.
    Demand {
        /// Which deal.
        deal: DealId,
        /// Under which undertaking.
        undertaking: UndertakingId,
        /// Which obligation, by name.
        obligation: String,
        /// The beneficiary.
        by: Bic,
    },
    /// The declaration is lodged.
    Lodge {
        /// Which deal.
        deal: DealId,
        /// What was lodged.
        lodgement: Lodgement,
        /// By whom: the buyer's bank or the carrier, for the declarant.
        by: Bic,
    },
    /// Customs says something other than acceptance and release.
    Customs {
        /// Which deal.
        deal: DealId,
        /// What.
        word: CustomsWord,
        /// Who says so.
        by: Bic,
    },
    /// Something went wrong.
    Report {
        /// Which deal.
        deal: DealId,
        /// What.
        mishap: Mishap,
        /// Who says so.
        by: Bic,
    },
    /// One side offers to end a dispute by a price cut (zero for none).
    Offer {
        /// Which deal.
        deal: DealId,
        /// How much comes off the price.
        cut: Money,
        /// Which side's bank.
        by: Bic,
    },
    /// The other side agrees.
    Agree {
        /// Which deal.
        deal: DealId,
        /// Which side's bank.
        by: Bic,
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
    /// Called off before loading; what is not paid lapses, and an advance comes back unless it is forfeit.
    Cancel {
        /// Which deal.
        deal: DealId,
        /// Why.
        reason: String,
        /// Which side's bank.
        by: Bic,
    },
    /// Time has passed: planned obligations whose expiry has come lapse, undertakings expire, silence becomes consent.
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
    /// Which list and entry it is like, and why, for whoever signs; empty when clear.
    pub why: Vec<String>,
}
