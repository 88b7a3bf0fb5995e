//! Why casework refuses, in order of precedence.

use meridian_terms::{Refusal, Retry};

/// The reasons, in the order in which [`super::decide`] looks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// No lists are in force.
    NoLists,
    /// The record names other lists than those in force.
    ListsNotInForce,
    /// The subject was never screened.
    NotScreened,
    /// There is no such case.
    CaseUnknown,
    /// The case is done.
    CaseDone,
    /// The subject is held.
    Held,
    /// The subject was rejected.
    Rejected,
    /// A number is the same: two people cannot release it either.
    Blocked,
    /// There is no proposal to approve or decline.
    NotProposed,
    /// Somebody has proposed already.
    AlreadyProposed,
    /// The one who proposed cannot approve.
    SamePerson,
    /// The case is on this person's desk already.
    AlreadyYours,
    /// No reason is given.
    NoReason,
    /// A good-guy entry ends after now, and within a year.
    Term,
    /// There is no such good-guy entry.
    GoodGuyUnknown,
    /// No hit on record is between this party and this entry.
    NoSuchHit,
}

/// Every code, in order of precedence: code, reason in words, next step.
pub const CODES: [(Denial, &str, &str, &str); 16] = [
    (Denial::NoLists, "screening.no_lists", "no lists are in force", "put lists in force"),
    (
        Denial::ListsNotInForce,
        "screening.lists_not_in_force",
        "screened under other lists than those in force",
        "screen again under the lists in force",
    ),
    (Denial::NotScreened, "screening.not_screened", "there is no record of a screening", "screen it"),
    (Denial::CaseUnknown, "screening.case_unknown", "there is no such case", "correct the number"),
    (Denial::CaseDone, "screening.case_done", "the case is done", "nothing: it stands"),
    (Denial::Held, "screening.held", "the subject is held", "wait until two people have decided"),
    (Denial::Rejected, "screening.rejected", "the subject was rejected", "nothing: it stands"),
    (
        Denial::Blocked,
        "screening.blocked",
        "a number on the list is the same",
        "reject it; only another list can change this",
    ),
    (Denial::NotProposed, "screening.not_proposed", "nothing is proposed", "propose first"),
    (
        Denial::AlreadyProposed,
        "screening.already_proposed",
        "somebody has proposed already",
        "approve or decline that first",
    ),
    (
        Denial::SamePerson,
        "screening.same_person",
        "whoever proposes cannot approve",
        "let a second person approve",
    ),
    (Denial::AlreadyYours, "screening.already_yours", "the case is on your desk already", "go on with it"),
    (Denial::NoReason, "screening.no_reason", "no reason is given", "say why, for the file"),
    (Denial::Term, "screening.term", "the end is not within a year after now", "choose an end within a year"),
    (Denial::GoodGuyUnknown, "screening.good_guy_unknown", "there is no such entry", "propose it first"),
    (
        Denial::NoSuchHit,
        "screening.no_such_hit",
        "no case on record has this hit, or its number is the same",
        "take the key from a case",
    ),
];

impl Denial {
    /// The refusal in the one shape.
    #[must_use]
    pub fn refusal(self, detail: &str) -> Refusal {
        let (_, code, what, next) = CODES[self as usize];
        let retry = match self {
            Self::ListsNotInForce | Self::Held | Self::NotScreened | Self::NoLists => Retry::SameRequest,
            _ => Retry::Never,
        };
        Refusal::new(code, format!("{what}: {detail}"))
            .rule("screening: order of precedence")
            .next(next)
            .retry(retry)
    }

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        CODES[self as usize].1
    }
}

/// What the payer's side may be told of a refusal: ISO 20022 external reason MS03, "reason has not been specified by
/// agent", whichever it was. Text that tips off is itself an offence in most of the corridor's countries.
#[must_use]
pub const fn payer_reason(_: Denial) -> &'static str {
    "MS03"
}
