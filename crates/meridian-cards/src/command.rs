//! What cards can be asked.

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Currency, Day, Money, Window};

use crate::clearing::Presentment;
use crate::{
    Disputant, DisputeStep, FeeKey, FeeRule, Key, LinkKey, RangeKey, Rate, RateKey, Request, Response, Role,
    Scheme, SchemeId, Service, Settings, Stop, Table, Totals, TransactionId, Unroutable,
};

/// A question to [`crate::decide`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Set the spans of time.
    Configure(Settings),
    /// Admit a scheme, or change what is known of one. Its position account may fall to `most` minor units below zero
    /// (its net debit cap, secured by its cover).
    Admit {
        /// Which.
        scheme: Box<Scheme>,
        /// Net debit cap.
        most: i128,
    },
    /// Admit a provider of exchange, with a position in each of these currencies, each with its cap.
    AdmitProvider {
        /// Its name, as its other accounts have it.
        provider: String,
        /// Currencies and caps.
        currencies: Vec<(Currency, i128)>,
    },
    /// The settlement agent confirms that real money has come in for a scheme (`reference` names its notice; the same
    /// notice counts once).
    Fund {
        /// Whose cover.
        scheme: SchemeId,
        /// How much.
        amount: Money,
        /// The agent's notice.
        reference: u128,
    },
    /// One person proposes to open a link.
    ProposeLink {
        /// Which cards where.
        key: LinkKey,
        /// On which instrument, as cited.
        instrument: String,
        /// When that is in force.
        in_force: Window<Day>,
        /// For which services.
        services: BTreeSet<Service>,
        /// Who proposes.
        by: String,
    },
    /// Another person approves it.
    ApproveLink {
        /// Which.
        key: LinkKey,
        /// Who.
        by: String,
    },
    /// Shut a link: nothing new passes; what is under way finishes.
    ShutLink {
        /// Which.
        key: LinkKey,
        /// Who.
        by: String,
    },
    /// Put a routing table in force.
    PutTable(Box<Table>),
    /// Publish a rate; it stands beside earlier ones, and the last published of those in force is used.
    PublishRate(RateKey, Rate),
    /// Set what a kind of transaction costs.
    SetFees(FeeKey, FeeRule),
    /// Stop a card, merchant or institution, or let it go again.
    SetStop(Stop, bool),
    /// A scheme's switch signed on or off, or its line came or went.
    SetSession {
        /// Whose.
        scheme: SchemeId,
        /// Whether requests may be sent to it.
        is_up: bool,
    },
    /// A request of an acquirer's switch (0100, 0200, and repeats).
    Ask {
        /// Whose link it came on.
        from: SchemeId,
        /// What is asked.
        request: Box<Request>,
        /// Where the card belongs by the routing table.
        route: Result<(SchemeId, RangeKey), Unroutable>,
        /// Of which version that table was.
        table: u64,
    },
    /// An issuer's answer (0110, 0210).
    Answer {
        /// Whose link it came on.
        from: SchemeId,
        /// To which request.
        id: TransactionId,
        /// Field 39.
        response: Response,
        /// Field 38.
        approval: String,
    },
    /// A request that could not be handed to the issuer's switch at all.
    Undelivered(TransactionId),
    /// An acquirer's advice (0120, 0220): completes what was held, or tells what was approved without asking.
    Advise {
        /// Whose link it came on.
        from: SchemeId,
        /// What was done. Where it completes, `original` names what was held.
        request: Box<Request>,
        /// Field 90.
        original: Option<Key>,
        /// Field 38.
        approval: String,
        /// Where the card belongs.
        route: Result<(SchemeId, RangeKey), Unroutable>,
        /// By which table.
        table: u64,
    },
    /// An acquirer's reversal (0400, 0420, and repeats).
    Reverse {
        /// Whose link it came on.
        from: SchemeId,
        /// Field 90 with fields 37 and 41: what is reversed.
        original: Key,
        /// Field 95: how much still stands, in the transaction's currency; nothing for all of it.
        remaining: Option<Money>,
    },
    /// A scheme acknowledged an advice (0130, 0230, 0430).
    AcknowledgeAdvice {
        /// Who.
        by: SchemeId,
        /// Its number.
        number: u64,
        /// Field 39.
        response: Response,
    },
    /// A record of an acquirer's clearing file.
    Present {
        /// Whose file.
        from: SchemeId,
        /// Its name.
        file: String,
        /// The record's line.
        line: u32,
        /// The record.
        presentment: Box<Presentment>,
    },
    /// A scheme's totals of a day (0500, 0502, 0520).
    Reconcile {
        /// Whose.
        scheme: SchemeId,
        /// In which role.
        role: Role,
        /// Which day.
        day: Day,
        /// What it counted.
        theirs: Box<Totals>,
    },
    /// Move every position into cover: the window.
    Settle {
        /// Names the window; the same one settles once.
        window: u64,
    },
    /// A step of a dispute.
    Dispute {
        /// Who.
        by: Disputant,
        /// About which transaction.
        transaction: TransactionId,
        /// What.
        step: DisputeStep,
    },
    /// Let time say what it has to say.
    Tick,
}
