//! A payment and the stages of its life.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Money, Refusal, Uetr};

use crate::{Instruction, Legs};

/// How fast a payment must be answered (`PmtTpInf/InstrPrty`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Priority {
    /// Answered within seconds or rejected by the hub.
    High,
    /// Chased when unanswered, rejected only after the last chase.
    Norm,
}

/// Who is at fault in a return, and so bears the exchange risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Fault {
    /// The sending side: exactly the target amount goes back.
    Source,
    /// The receiving side: exactly the source amount comes back.
    Destination,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Stage {
    /// Refused on arrival; nothing was reserved.
    Refused(Refusal),
    /// Short of cover, in the queue; nothing is reserved.
    Waiting {
        /// When the queue gives it up.
        until: Moment,
        /// When it is given up sooner, because its link was shut.
        unwinds: Option<Moment>,
    },
    /// Released from the queue, both legs posted; the creditor agent is told and says when it has credited.
    Settled {
        /// When both legs were posted.
        at: Moment,
        /// When it is chased.
        deadline: Moment,
    },
    /// Both legs reserved, the creditor agent asked.
    Sent {
        /// When the hub chases or rejects.
        deadline: Moment,
        /// How often it was chased.
        chases: u8,
    },
    /// The creditor agent accepts but has not credited (ACWP): both legs posted, its own term runs.
    AcceptedPending {
        /// When both legs were posted.
        at: Moment,
        /// When it is chased.
        deadline: Moment,
    },
    /// Both legs posted: final.
    Committed {
        /// When.
        at: Moment,
    },
    /// Both legs posted; the creditor agent has frozen the money (BLCK): final.
    Blocked {
        /// When.
        at: Moment,
    },
    /// Both legs voided: final.
    Rejected {
        /// When.
        at: Moment,
        /// ISO reason code: the creditor agent's, or AB05 and such when the hub's deadline passed.
        reason: String,
    },
    /// Committed, and the debtor agent asks for it back (camt.056).
    Recalled {
        /// When it was committed.
        committed_at: Moment,
        /// When silence counts as no.
        deadline: Moment,
        /// Why it is asked back.
        reason: String,
    },
    /// Returned with pacs.004: final.
    Returned {
        /// When.
        at: Moment,
        /// Why.
        reason: String,
    },
}

impl Stage {
    /// The word for people and statistics.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Waiting { .. } => "waiting",
            Self::Settled { .. } => "settled",
            Self::Sent { .. } => "sent",
            Self::AcceptedPending { .. } => "accepted-pending",
            Self::Committed { .. } => "committed",
            Self::Blocked { .. } => "blocked",
            Self::Rejected { .. } => "rejected",
            Self::Recalled { .. } => "recalled",
            Self::Returned { .. } => "returned",
        }
    }

    /// Whether money stands reserved.
    #[must_use]
    pub const fn is_reserved(&self) -> bool {
        matches!(self, Self::Sent { .. })
    }

    /// Whether no money has moved yet and still may: it is screened again when another list comes into force.
    #[must_use]
    pub const fn is_undecided(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Sent { .. })
    }

    /// Whether nothing more will happen unless somebody asks for it back.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(
            self,
            Self::Waiting { .. }
                | Self::Settled { .. }
                | Self::Sent { .. }
                | Self::AcceptedPending { .. }
                | Self::Recalled { .. }
        )
    }

    /// When payments act by themselves; the queue has a deadline of its own for what waits.
    #[must_use]
    pub const fn deadline(&self) -> Option<Moment> {
        match self {
            Self::Waiting { unwinds, .. } => *unwinds,
            Self::Sent { deadline, .. }
            | Self::Settled { deadline, .. }
            | Self::AcceptedPending { deadline, .. }
            | Self::Recalled { deadline, .. } => Some(*deadline),
            _ => None,
        }
    }

    /// The pacs.002 status and reason that tell this stage.
    #[must_use]
    pub fn status(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Refused(refusal) => ("RJCT", Some(refusal.iso.as_deref().unwrap_or("NARR"))),
            Self::Waiting { .. } | Self::Sent { .. } => ("PDNG", None),
            Self::Settled { .. } => ("ACSC", None),
            Self::AcceptedPending { .. } => ("ACWP", None),
            Self::Committed { .. } | Self::Recalled { .. } | Self::Returned { .. } => ("ACCC", None),
            Self::Blocked { .. } => ("BLCK", None),
            Self::Rejected { reason, .. } => ("RJCT", Some(reason)),
        }
    }
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Payment {
    /// What was asked.
    pub instruction: Instruction,
    /// Its legs; none when refused.
    pub legs: Option<Legs>,
    /// How many attempts under this UETR were refused before; each has legs of its own id.
    pub attempt: u8,
    /// The messages those attempts came in.
    pub earlier_messages: Vec<String>,
    /// What the creditor agent keeps of what arrives.
    pub fee: Money,
    /// When it arrived.
    pub received_at: Moment,
    /// The watch list under which it is clear.
    pub cleared_under: Option<[u8; 32]>,
    /// Where it stands.
    pub stage: Stage,
    /// Since when it has been final.
    pub final_since: Option<Moment>,
    /// Its place in the order of all commitments: a settlement window takes what was committed while it was open.
    pub commit_number: Option<u64>,
    /// When its creditor agent accepted it after the hub had rejected it: what that agent has paid out is its own loss.
    pub accepted_late: Option<Moment>,
}

impl Payment {
    /// Its reference.
    #[must_use]
    pub const fn uetr(&self) -> Uetr {
        self.instruction.uetr
    }
}
