//! What operators do, and who may.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::Role;

macro_rules! acts {
    ($($name:ident $word:literal $doc:literal;)*) => {
        /// A kind of thing an operator does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
        pub enum Act {
            $(#[doc = $doc] $name,)*
        }

        impl Act {
            /// Every act.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its word, stable: `open-link`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

acts! {
    AdmitPerson "admit-person" "Admit a person, or give one other roles.";
    SuspendPerson "suspend-person" "Suspend a person: at once, by one.";
    RestorePerson "restore-person" "Lift a person's suspension.";
    RotateCredential "rotate-credential" "Another credential for a person.";
    AdmitParticipant "admit-participant" "Admit a participant, or give it another key.";
    SuspendParticipant "suspend-participant" "Suspend a participant: at once, by one.";
    RestoreParticipant "restore-participant" "Lift a participant's suspension.";
    OpenLink "open-link" "Open a link between countries or schemes on a cited instrument.";
    ShutLink "shut-link" "Shut a link: at once, by one.";
    PutRoutes "put-routes" "Put a card routing table in force.";
    StopCards "stop-cards" "Stop a card, merchant or institution: at once, by one.";
    LiftStop "lift-stop" "Let a stopped card, merchant or institution go again.";
    SetCap "set-cap" "Bound what a participant, provider, country or pair may use.";
    Fund "fund" "Confirm that real money has come in or gone out.";
    RunWindow "run-window" "Close a settlement window before its time, or abort it.";
    CorrectSettlement "correct-settlement" "Correct a settlement by a new entry.";
    PutListInForce "put-list-in-force" "Put a watch list in force.";
    WorkCase "work-case" "Take a case of screening, note, ask.";
    ReleaseHold "release-hold" "Release what screening holds, or clear a name for a while.";
    RefuseHold "refuse-hold" "Refuse what screening holds: by one.";
    GrantLicence "grant-licence" "Enter a licence for controlled goods.";
    EnterInstrument "enter-instrument" "Enter or amend an instrument or membership of the register.";
    ChangeSettings "change-settings" "Spans, bounds and packs of the corridor.";
    Look "look" "Look at deals, payments, positions, routes and statistics.";
    LookCases "look-cases" "Look at cases of screening: what was hit, and why.";
    LookAudit "look-audit" "Look at the audit: every act, by whom and when.";
    Export "export" "Export the journal and statistics.";
}

/// How many people an act takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persons {
    /// One who has the right.
    One,
    /// One who proposes and another who approves.
    Two,
}

/// A row of [`RIGHTS`].
#[derive(Debug, Clone, Copy)]
pub struct Right {
    /// What.
    pub act: Act,
    /// How many people it takes.
    pub persons: Persons,
    /// Which roles do it, or propose it.
    pub does: &'static [Role],
    /// Which roles approve it; empty where one person suffices.
    pub approves: &'static [Role],
}

const fn one(act: Act, does: &'static [Role]) -> Right {
    Right { act, persons: Persons::One, does, approves: &[] }
}

const fn two(act: Act, does: &'static [Role], approves: &'static [Role]) -> Right {
    Right { act, persons: Persons::Two, does, approves }
}

use Role::{Analyst, Auditor, Compliance, Customs, Operator, Treasurer};

/// Who may do what. Whatever stops something takes one person, whatever lets something through takes two: stopping must
/// be quick, and letting through must be seen by another.
pub const RIGHTS: &[Right] = &[
    two(Act::AdmitPerson, &[Operator], &[Operator, Compliance]),
    one(Act::SuspendPerson, &[Operator, Compliance]),
    two(Act::RestorePerson, &[Operator], &[Operator, Compliance]),
    two(Act::RotateCredential, &[Operator], &[Operator, Compliance]),
    two(Act::AdmitParticipant, &[Operator], &[Operator, Compliance]),
    one(Act::SuspendParticipant, &[Operator, Treasurer, Compliance]),
    two(Act::RestoreParticipant, &[Operator], &[Compliance]),
    two(Act::OpenLink, &[Operator], &[Treasurer, Compliance]),
    one(Act::ShutLink, &[Operator, Treasurer, Compliance]),
    two(Act::PutRoutes, &[Operator], &[Operator, Treasurer]),
    one(Act::StopCards, &[Operator, Treasurer, Compliance]),
    two(Act::LiftStop, &[Operator], &[Treasurer, Compliance]),
    two(Act::SetCap, &[Treasurer], &[Treasurer, Operator]),
    two(Act::Fund, &[Treasurer], &[Treasurer, Operator]),
    two(Act::RunWindow, &[Treasurer], &[Treasurer, Operator]),
    two(Act::CorrectSettlement, &[Treasurer], &[Treasurer, Operator]),
    two(Act::PutListInForce, &[Compliance], &[Compliance, Operator]),
    one(Act::WorkCase, &[Compliance]),
    two(Act::ReleaseHold, &[Compliance], &[Compliance]),
    one(Act::RefuseHold, &[Compliance]),
    two(Act::GrantLicence, &[Compliance, Customs], &[Compliance]),
    two(Act::EnterInstrument, &[Operator, Customs], &[Compliance]),
    two(Act::ChangeSettings, &[Operator], &[Operator, Treasurer]),
    one(Act::Look, &[Operator, Treasurer, Compliance, Customs, Analyst, Auditor]),
    one(Act::LookCases, &[Compliance, Auditor]),
    one(Act::LookAudit, &[Compliance, Auditor]),
    one(Act::Export, &[Analyst, Auditor]),
];

impl Act {
    /// Who may do it.
    #[must_use]
    pub fn right(self) -> &'static Right {
        RIGHTS.iter().find(|right| right.act == self).unwrap_or_else(|| panic!("{} has no row", self.word()))
    }
}
