//! Settlement windows: what was committed between two closings, and how it becomes final at the settlement agent.
//!
//! ```text
//!  OPEN --close--> CLOSED --settle--> PENDING_SETTLEMENT --all accepted--> SETTLED
//!   (the next opens   |   nothing to pay      |  |  ^
//!    in the same      +--------> SETTLED      |  |  +--settle again-- ABORTED (refused before anything was paid)
//!    event)                                   |  +------ refused ---^
//!                                             +-- refused after something was paid --> FAILED --settle again--> PENDING
//! ```

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Currency, Day, Moment, Money};

use crate::Calendar;

/// How a currency settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Model {
    /// Each commitment on its own, at once.
    Gross,
    /// What is left between each two participants, when the window closes.
    BilateralNet,
    /// What is left of each participant towards all others, when the window closes.
    MultilateralNet,
}

/// How and where one currency settles.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Circuit {
    /// The currency.
    pub currency: Currency,
    /// Its settlement agent.
    pub agent: Bic,
    /// How.
    pub model: Model,
    /// When the agent works.
    pub calendar: Calendar,
    /// How long the agent may take to answer an instruction before it is asked again.
    pub patience: meridian_terms::Micros,
}

/// Names a window: its currency and its number there, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct WindowId {
    /// Its currency.
    pub currency: Currency,
    /// Its number.
    pub number: u64,
}

/// Where a window stands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Stage {
    /// Commitments fall into it.
    Open,
    /// Its nets stand; nothing was asked of the agent yet.
    Closed,
    /// Instructions are with the agent.
    PendingSettlement,
    /// The agent has settled all of it: final.
    Settled,
    /// The agent refused before anything was paid. It is settled again, before any later window.
    Aborted {
        /// The agent's reason.
        reason: String,
    },
    /// The agent refused after something was paid. What was paid stays paid; the rest is settled again, before any
    /// later window.
    Failed {
        /// The agent's reason.
        reason: String,
    },
}

impl Stage {
    /// The word for people and reports.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::PendingSettlement => "PENDING_SETTLEMENT",
            Self::Settled => "SETTLED",
            Self::Aborted { .. } => "ABORTED",
            Self::Failed { .. } => "FAILED",
        }
    }
}

/// A window.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Window {
    /// Where it stands.
    pub stage: Stage,
    /// How it settles.
    pub model: Model,
    /// When it opened.
    pub opened_at: Moment,
    /// When it closed.
    pub closed_at: Option<Moment>,
    /// How many commitments fell into it.
    pub commitments: u64,
    /// What each participant committed to pay each other, minor units.
    pub owed: BTreeMap<(Bic, Bic), i128>,
    /// Each participant's net position, minor units: positive is to receive. They sum to zero.
    pub nets: BTreeMap<Bic, i128>,
    /// Each commitment on its own, where the currency settles gross.
    pub each: Vec<(Bic, Bic, i128)>,
    /// What the agent is asked, by number.
    pub instructions: Vec<Instruction>,
    /// When it closes by itself, or once closed is settled by itself; not at all where the calendar has no such time.
    pub due: Option<Moment>,
}

impl Window {
    pub(crate) const fn opened(model: Model, at: Moment) -> Self {
        Self {
            stage: Stage::Open,
            model,
            opened_at: at,
            closed_at: None,
            each: Vec::new(),
            due: None,
            commitments: 0,
            owed: BTreeMap::new(),
            nets: BTreeMap::new(),
            instructions: Vec::new(),
        }
    }

    /// The sum of all commitments.
    #[must_use]
    pub fn gross(&self) -> i128 {
        self.owed.values().sum()
    }

    /// What is paid in before anything is paid out, settling by this model.
    #[must_use]
    pub fn funding(&self, model: Model) -> i128 {
        match model {
            Model::Gross => self.gross(),
            Model::BilateralNet => self.left_between().values().sum(),
            Model::MultilateralNet => self.nets.values().filter(|net| **net > 0).sum(),
        }
    }

    /// What is left between each two participants, payer first.
    pub(crate) fn left_between(&self) -> BTreeMap<(Bic, Bic), i128> {
        let mut left = BTreeMap::new();
        for ((from, to), owed) in &self.owed {
            let back = self.owed.get(&(to.clone(), from.clone())).copied().unwrap_or(0);
            if *owed > back {
                left.insert((from.clone(), to.clone()), owed - back);
            }
        }
        left
    }

    pub(crate) fn commit(&mut self, from: &Bic, to: &Bic, amount: i128) {
        self.commitments += 1;
        if self.model == Model::Gross {
            self.each.push((from.clone(), to.clone(), amount));
        }
        *self.owed.entry((from.clone(), to.clone())).or_default() += amount;
        *self.nets.entry(from.clone()).or_default() -= amount;
        *self.nets.entry(to.clone()).or_default() += amount;
    }
}

/// Who an instruction moves real money from or to.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Side {
    /// A participant's account at the agent.
    Participant(Bic),
    /// The hub's own account at the agent: what net payers pay into and net receivers are paid from.
    Hub,
}

/// One payment asked of the settlement agent: a pacs.009, as plain values.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Instruction {
    /// Names it for ever; derived from currency, window and number.
    pub id: u128,
    /// Who is debited.
    pub from: Side,
    /// Who is credited.
    pub to: Side,
    /// How much, above zero.
    pub amount: Money,
    /// For value of which day.
    pub value_date: Day,
    /// Where it stands.
    pub progress: Progress,
}

/// Where an instruction stands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Progress {
    /// Held back until every payment into the hub's account is accepted, so that the hub never pays first.
    Waiting,
    /// With the agent.
    Sent {
        /// When it is asked again.
        until: Moment,
    },
    /// The agent has settled it: final.
    Accepted,
    /// The agent refused it.
    Refused {
        /// Its reason code.
        reason: String,
    },
}

/// The instructions that settle a window by its model. Payments into the hub's account first, then those out of it.
pub(crate) fn instructions(
    id: WindowId,
    window: &Window,
    value_date: Day,
    until: Moment,
) -> Vec<Instruction> {
    let mut moves: Vec<(Side, Side, i128)> = Vec::new();
    match window.model {
        Model::Gross => {
            moves.extend(
                window.each.iter().map(|(from, to, amount)| (participant(from), participant(to), *amount)),
            );
        }
        Model::BilateralNet => moves.extend(
            window
                .left_between()
                .iter()
                .map(|((from, to), amount)| (participant(from), participant(to), *amount)),
        ),
        Model::MultilateralNet => {
            let payers = window.nets.iter().filter(|(_, net)| **net < 0);
            moves.extend(payers.map(|(bic, net)| (participant(bic), Side::Hub, -net)));
            let receivers = window.nets.iter().filter(|(_, net)| **net > 0);
            moves.extend(receivers.map(|(bic, net)| (Side::Hub, participant(bic), *net)));
        }
    }
    let instruction = |(number, (from, to, amount)): (u64, (Side, Side, i128))| Instruction {
        id: instruction_id(id, number),
        progress: if from == Side::Hub { Progress::Waiting } else { Progress::Sent { until } },
        from,
        to,
        amount: Money::new(amount, id.currency),
        value_date,
    };
    (0..).zip(moves).map(instruction).collect()
}

fn participant(bic: &Bic) -> Side {
    Side::Participant(bic.clone())
}

/// Derived, so that an instruction asked twice is the same one to the agent; in the form of a UETR, which its message has.
fn instruction_id(window: WindowId, number: u64) -> u128 {
    let text = format!("settlement|{}|{}|{number}", window.currency, window.number);
    let mut first = [0; 16];
    first.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    meridian_terms::Uetr::from_bits(u128::from_be_bytes(first)).bits()
}
