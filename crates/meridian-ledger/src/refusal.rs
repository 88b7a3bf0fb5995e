//! Why the ledger refuses, in order of precedence.

use meridian_terms::{Refusal, Retry};

/// The reasons, in the order in which [`crate::decide`] looks for them: the first that holds is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// The chain is empty.
    EmptyChain,
    /// The id is zero.
    IdZero,
    /// The id is known, with the same content: it was done before and its outcome stands.
    Exists,
    /// The id is known, with other content.
    ExistsWithOtherContent,
    /// The amount is not above zero.
    AmountNotPositive,
    /// Debit and credit account are the same.
    SameAccount,
    /// There is no such debit account.
    DebitAccountUnknown,
    /// There is no such credit account.
    CreditAccountUnknown,
    /// The amount's currency is not the debit account's.
    DebitCurrency,
    /// The amount's currency is not the credit account's.
    CreditCurrency,
    /// There is no such pending transfer.
    PendingUnknown,
    /// The named transfer was never pending.
    NotPending,
    /// The pending transfer was posted before.
    PendingPosted,
    /// The pending transfer was voided before.
    PendingVoided,
    /// The pending transfer has expired.
    PendingExpired,
    /// The pending transfer is between other accounts.
    PendingOtherAccounts,
    /// More than was reserved, or for a void not the amount reserved.
    PendingAmount,
    /// The deadline has passed already.
    DeadlinePassed,
    /// The debit account is frozen.
    DebitFrozen,
    /// The credit account is frozen.
    CreditFrozen,
    /// The debit account is closed.
    DebitClosed,
    /// The credit account is closed.
    CreditClosed,
    /// A balance would not fit 127 bits.
    Overflow,
    /// The debit account has not enough: posted credits and credit line, less debits posted and pending.
    InsufficientFunds,
    /// The credit account would hold more than its cap.
    CreditCap,
    /// The account exists already.
    AccountExists,
    /// There is no such account.
    AccountUnknown,
}

/// Every code of this crate, in order of precedence: code, reason in words, next step, ISO reason.
pub const CODES: [(Denial, &str, &str, &str, Option<&str>); 27] = [
    (Denial::EmptyChain, "ledger.empty_chain", "the chain holds no transfer", "send at least one", None),
    (Denial::IdZero, "ledger.id_zero", "the transfer id is zero", "choose a random or time-ordered id", None),
    (Denial::Exists, "ledger.exists", "this transfer was done before", "nothing: its outcome stands", None),
    (
        Denial::ExistsWithOtherContent,
        "ledger.exists_with_other_content",
        "another transfer has this id",
        "use a new id for a new transfer",
        Some("DU01"),
    ),
    (
        Denial::AmountNotPositive,
        "ledger.amount_not_positive",
        "the amount is not above zero",
        "send an amount above zero; to move money back, exchange the accounts",
        Some("AM01"),
    ),
    (
        Denial::SameAccount,
        "ledger.same_account",
        "debit and credit account are the same",
        "name two accounts",
        None,
    ),
    (
        Denial::DebitAccountUnknown,
        "ledger.debit_account_unknown",
        "there is no such debit account",
        "open it first, or correct participant, currency or kind",
        Some("AC02"),
    ),
    (
        Denial::CreditAccountUnknown,
        "ledger.credit_account_unknown",
        "there is no such credit account",
        "open it first, or correct participant, currency or kind",
        Some("AC03"),
    ),
    (
        Denial::DebitCurrency,
        "ledger.debit_currency",
        "the debit account has another currency",
        "debit an account of the amount's currency",
        Some("AM03"),
    ),
    (
        Denial::CreditCurrency,
        "ledger.credit_currency",
        "the credit account has another currency",
        "credit an account of the amount's currency",
        Some("AM03"),
    ),
    (
        Denial::PendingUnknown,
        "ledger.pending_unknown",
        "there is no such pending transfer",
        "reserve first, or correct the id",
        None,
    ),
    (
        Denial::NotPending,
        "ledger.not_pending",
        "the named transfer was posted at once",
        "name a pending one",
        None,
    ),
    (
        Denial::PendingPosted,
        "ledger.pending_posted",
        "the pending transfer was posted before",
        "nothing: it is final",
        None,
    ),
    (
        Denial::PendingVoided,
        "ledger.pending_voided",
        "the pending transfer was voided before",
        "reserve again under a new id",
        None,
    ),
    (
        Denial::PendingExpired,
        "ledger.pending_expired",
        "the pending transfer has expired",
        "reserve again under a new id",
        Some("AB05"),
    ),
    (
        Denial::PendingOtherAccounts,
        "ledger.pending_other_accounts",
        "the pending transfer is between other accounts",
        "name the accounts of the reservation",
        None,
    ),
    (
        Denial::PendingAmount,
        "ledger.pending_amount",
        "the amount is not within the reservation",
        "post at most what was reserved; void exactly it",
        None,
    ),
    (
        Denial::DeadlinePassed,
        "ledger.deadline_passed",
        "the deadline lies in the past",
        "give a deadline after now",
        Some("TM01"),
    ),
    (
        Denial::DebitFrozen,
        "ledger.debit_frozen",
        "the debit account is frozen",
        "compliance must release it",
        Some("AC06"),
    ),
    (
        Denial::CreditFrozen,
        "ledger.credit_frozen",
        "the credit account is frozen",
        "compliance must release it",
        Some("AC06"),
    ),
    (
        Denial::DebitClosed,
        "ledger.debit_closed",
        "the debit account is closed",
        "use an open account",
        Some("AC04"),
    ),
    (
        Denial::CreditClosed,
        "ledger.credit_closed",
        "the credit account is closed",
        "use an open account",
        Some("AC07"),
    ),
    (Denial::Overflow, "ledger.overflow", "a balance would not fit", "split the amount", None),
    (
        Denial::InsufficientFunds,
        "ledger.insufficient_funds",
        "the debit account has not enough",
        "fund the account, or wait for money to come in",
        Some("AM04"),
    ),
    (
        Denial::CreditCap,
        "ledger.credit_cap",
        "the credit account would hold more than its cap",
        "withdraw from it first, or raise its cap",
        Some("AM23"),
    ),
    (Denial::AccountExists, "ledger.account_exists", "the account exists already", "use it", None),
    (Denial::AccountUnknown, "ledger.account_unknown", "there is no such account", "open it first", None),
];

impl Denial {
    /// The refusal in the one shape, with the actual values in `detail`.
    #[must_use]
    pub fn refusal(self, detail: &str) -> Refusal {
        let (_, code, what, next, iso) = CODES[self as usize];
        let mut refusal =
            Refusal::new(code, if detail.is_empty() { what.to_owned() } else { format!("{what}: {detail}") })
                .rule("ledger: order of precedence")
                .next(next)
                .retry(match self {
                    Self::InsufficientFunds | Self::CreditCap | Self::DebitFrozen | Self::CreditFrozen => {
                        Retry::SameRequest
                    }
                    _ => Retry::Never,
                });
        if let Some(iso) = iso {
            refusal = refusal.iso(iso);
        }
        refusal
    }

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        CODES[self as usize].1
    }
}
