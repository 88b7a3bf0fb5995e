//! What has happened in settlement. Where money moved, the ledger's event is inside: one record, all or nothing.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger as ledger;
use meridian_terms::{Bic, Currency, Day, Moment, Money};

use crate::{Circuit, Class, Correction, Entry, Instruction, Policy, Stage, Tier, Trade, WindowId};

/// A fact: what [`crate::apply`] applies and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// A circuit was opened or changed.
    CircuitOpened {
        /// Which.
        circuit: Box<Circuit>,
        /// When.
        at: Moment,
        /// When its first window closes by itself.
        due: Option<Moment>,
        /// Its clearing account, where it is new.
        opened: Option<ledger::Event>,
    },
    /// A sub-cap was set.
    SubCapSet {
        /// Whose.
        participant: Bic,
        /// How much.
        most: Money,
    },
    /// A holder's money lies on a participant's account.
    KeptWith {
        /// Whose.
        holder: String,
        /// On whose account.
        participant: Bic,
    },
    /// A policy was set.
    PolicySet {
        /// Whose.
        participant: Bic,
        /// Of which class.
        class: Class,
        /// What.
        policy: Policy,
    },
    /// A window closed and the next opened.
    Closed {
        /// Which closed.
        window: WindowId,
        /// When.
        at: Moment,
        /// When it is settled by itself; none has nothing to settle or waits for the operator.
        settle_at: Option<Moment>,
        /// When the next closes by itself.
        next_due: Option<Moment>,
    },
    /// A window could not be settled yet and is tried again.
    Postponed {
        /// Which.
        window: WindowId,
        /// When.
        until: Moment,
    },
    /// The settlement agent is asked to settle a window. Without instructions it is settled: there was nothing to pay.
    SettlementAsked {
        /// Which.
        window: WindowId,
        /// What is asked, all of it; what was accepted before stays accepted.
        instructions: Vec<Instruction>,
        /// Gross and net of the window in minor units, where there was nothing to pay and this settles it.
        netted: Option<(i128, i128)>,
    },
    /// The settlement agent has settled an instruction.
    InstructionSettled {
        /// Of which window.
        window: WindowId,
        /// Which.
        instruction: u128,
        /// When those that waited for it are asked again if unanswered; nothing where others are still open.
        released_until: Option<Moment>,
        /// Where the window stands now.
        stage: Stage,
        /// Gross and net of the window in minor units, where this settles it.
        netted: Option<(i128, i128)>,
    },
    /// The settlement agent has refused an instruction.
    InstructionRefused {
        /// Of which window.
        window: WindowId,
        /// Which.
        instruction: u128,
        /// Its reason code.
        reason: String,
        /// Where the window stands now.
        stage: Stage,
    },
    /// The settlement agent was silent and is asked again; nothing is assumed.
    Chased {
        /// Of which window.
        window: WindowId,
        /// Which.
        instruction: u128,
        /// Until when this asking waits.
        until: Moment,
    },
    /// A payment waits for cover (PDNG).
    Queued(Entry),
    /// Payments became final.
    Released {
        /// When.
        at: Moment,
        /// How.
        tier: Tier,
        /// Which.
        entries: Vec<Entry>,
        /// The postings.
        posted: ledger::Event,
    },
    /// Payments waited in vain (AM04).
    Expired {
        /// When.
        at: Moment,
        /// Which.
        ids: Vec<u128>,
    },
    /// The payer took a payment back.
    Withdrawn {
        /// Which.
        id: u128,
    },
    /// A party stated a trade; its mirror is awaited.
    TradeStated(Trade),
    /// A trade lapsed without its mirror.
    TradeLapsed {
        /// Which.
        id: u128,
    },
    /// The settlement agent's balances were compared with ours.
    Reconciled {
        /// Which currency.
        currency: Currency,
        /// For which day.
        day: Day,
        /// Where they differ.
        breaks: BTreeMap<Bic, Break>,
    },
    /// A correction was proposed.
    CorrectionProposed(Correction),
    /// A correction was approved by a second person and booked.
    Corrected {
        /// Which.
        id: u128,
        /// Who approved.
        by: String,
        /// The posting.
        posted: ledger::Event,
    },
}

/// A balance on which hub and settlement agent do not agree, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Break {
    /// What should stand there: cover, less what is committed but not settled.
    pub expected: i128,
    /// What the agent reports; nothing where it reports no such account.
    pub reported: Option<i128>,
}
