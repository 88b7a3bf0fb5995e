//! What settlement can be asked.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger::AccountId;
use meridian_terms::{Bic, Currency, Day, Money};

use crate::{Circuit, Class, Movement, Policy, Proposal, Tier, Trade, WindowId};

/// A question to [`crate::decide`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Settle a currency by this model, at this agent, from now on. A model in use changes with the next window.
    OpenCircuit(Circuit),
    /// How much of a closed window's unsettled credit a participant may spend, by currency; nothing unless set.
    SetSubCap {
        /// Who.
        participant: Bic,
        /// How much at most, minor units.
        most: Money,
    },
    /// Somebody that is no participant by its own name (a card scheme, the hub's fees) has its real money on this
    /// participant's account at the settlement agent, and settles with it.
    KeepWith {
        /// Whose accounts of the ledger.
        holder: String,
        /// With whom.
        participant: Bic,
    },
    /// What becomes of a participant's payments short of cover.
    SetPolicy {
        /// Whose.
        participant: Bic,
        /// Of which class.
        class: Class,
        /// What.
        policy: Policy,
    },
    /// Close a currency's window; the next opens with it.
    Close(Currency),
    /// Ask the settlement agent to settle a window: the oldest that is not settled.
    Settle(WindowId),
    /// The settlement agent answers (pacs.002).
    AgentAnswer {
        /// Who answers.
        by: Bic,
        /// Which instruction.
        instruction: u128,
        /// What.
        answer: AgentAnswer,
    },
    /// Movements that are to be final together at once, or to wait if their payers' policy says so.
    Submit {
        /// Names them: a UETR's bits.
        id: u128,
        /// Whose turn comes first.
        class: Class,
        /// What is to move.
        movements: Vec<Movement>,
    },
    /// The payer takes a waiting payment back.
    Withdraw {
        /// Which.
        id: u128,
        /// Who.
        by: Bic,
    },
    /// Release what can be of a currency's queue.
    Release {
        /// Which queue.
        currency: Currency,
        /// How; [`Tier::Optimised`] needs a proposal.
        tier: Tier,
    },
    /// Commit a plan computed beside the hub.
    Commit(Proposal),
    /// A party states an FX trade.
    StateTrade(Trade),
    /// The settlement agent's balances at the end of a day (camt.053).
    Reconcile {
        /// Who reports.
        by: Bic,
        /// Which currency.
        currency: Currency,
        /// For which day.
        day: Day,
        /// What stands on each participant's account.
        balances: BTreeMap<Bic, i128>,
    },
    /// One person proposes to correct what was booked wrongly. Nothing booked is ever edited.
    ProposeCorrection(Correction),
    /// Another person approves it.
    ApproveCorrection {
        /// Which.
        id: u128,
        /// Who.
        by: String,
    },
    /// Time has passed: act on one deadline that has come.
    Tick,
}

/// The settlement agent's answer to an instruction.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum AgentAnswer {
    /// ACSC: settled, final.
    Settled,
    /// RJCT with its reason code.
    Refused(String),
}

/// A posting that sets right what was booked wrongly.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Correction {
    /// Names it.
    pub id: u128,
    /// Which account gives.
    pub debit: AccountId,
    /// Which receives.
    pub credit: AccountId,
    /// How much, above zero.
    pub amount: Money,
    /// Why, with the reference of what was wrong.
    pub reason: String,
    /// Who proposes.
    pub by: String,
}
