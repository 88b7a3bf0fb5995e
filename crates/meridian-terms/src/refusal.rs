//! The one refusal shape.

use std::borrow::Cow;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

/// A refusal is an answer, so it is built like one.
///
/// | part | says |
/// |---|---|
/// | `code` | stable and greppable: `pay.cap_exceeded` |
/// | `what` | what happened, with the actual values |
/// | `rule` | the clause, pack or setting that said so |
/// | `next` | what would make it pass |
/// | `iso` | the ISO 20022 external reason code, where one exists: `AM23` |
/// | `retry` | whether sending it again can help |
///
/// ```
/// use meridian_terms::{Refusal, Retry};
/// let no = Refusal::new("money.currency_mismatch", "INR 5.00 cannot be added to RUB 3.00")
///     .rule("amounts of different currencies are never added")
///     .next("convert one of them at a named rate");
/// assert_eq!(no.code, "money.currency_mismatch");
/// assert_eq!(no.retry, Retry::Never);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Refusal {
    /// Stable code, `book.reason`.
    pub code: Cow<'static, str>,
    /// What happened, with the actual values. Never text from outside that may not be told.
    pub what: String,
    /// The clause, pack or setting that said so.
    pub rule: Cow<'static, str>,
    /// What would make it pass.
    pub next: Cow<'static, str>,
    /// ISO 20022 external reason code, where one exists.
    pub iso: Option<Cow<'static, str>>,
    /// Whether sending it again can help.
    pub retry: Retry,
}

/// Whether the same request can succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Retry {
    /// The same request will always be refused.
    Never,
    /// The same request may pass once something named in `next` has changed.
    SameRequest,
    /// The same request may pass after a moment; nothing needs to change.
    AfterAMoment,
}

impl Refusal {
    /// A refusal by code and what happened; never to be retried unless [`Refusal::retry`] says otherwise.
    pub fn new(code: &'static str, what: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code),
            what: what.into(),
            rule: Cow::Borrowed(""),
            next: Cow::Borrowed(""),
            iso: None,
            retry: Retry::Never,
        }
    }

    /// Names the clause, pack or setting that said so.
    #[must_use]
    pub fn rule(mut self, rule: impl Into<Cow<'static, str>>) -> Self {
        self.rule = rule.into();
        self
    }

    /// Says what would make it pass.
    #[must_use]
    pub fn next(mut self, next: impl Into<Cow<'static, str>>) -> Self {
        self.next = next.into();
        self
    }

    /// Gives the ISO 20022 external reason code.
    #[must_use]
    pub fn iso(mut self, iso: &'static str) -> Self {
        self.iso = Some(Cow::Borrowed(iso));
        self
    }

    /// Says whether sending it again can help.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.what)?;
        if !self.rule.is_empty() {
            write!(f, " ({})", self.rule)?;
        }
        if !self.next.is_empty() {
            write!(f, "; next: {}", self.next)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
