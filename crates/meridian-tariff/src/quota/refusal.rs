//! Why the quota book refuses, in order of precedence.

use meridian_terms::{Refusal, Retry};

/// The reasons, in the order in which [`super::decide`] looks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// No such quota.
    QuotaUnknown,
    /// The quota is open already.
    QuotaExists,
    /// The request was made before.
    RequestExists,
    /// No such request.
    RequestUnknown,
    /// The quantity is not above zero, or too large to share out exactly.
    QuantityOutOfRange,
    /// The quota does not cover the day of acceptance.
    OutsidePeriod,
    /// The day may not be allocated yet.
    TooEarly,
    /// An earlier day waits to be allocated.
    EarlierDayWaits,
    /// Nothing waits on that day.
    NothingDue,
    /// More would be returned than was granted.
    ReturnAboveGrant,
}

impl Denial {
    /// Every reason, in order of precedence.
    pub const ALL: [Self; 10] = [
        Self::QuotaUnknown,
        Self::QuotaExists,
        Self::RequestExists,
        Self::RequestUnknown,
        Self::QuantityOutOfRange,
        Self::OutsidePeriod,
        Self::TooEarly,
        Self::EarlierDayWaits,
        Self::NothingDue,
        Self::ReturnAboveGrant,
    ];

    /// The refusal's stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// Code, what happened, the rule, the next step, whether a retry can help.
    const fn row(self) -> (&'static str, &'static str, &'static str, &'static str, Retry) {
        match self {
            Self::QuotaUnknown => {
                ("quota.unknown", "no such quota", "", "use an open order number", Retry::Never)
            }
            Self::QuotaExists => (
                "quota.exists",
                "the quota is open already",
                "",
                "open the next period under its own number",
                Retry::Never,
            ),
            Self::RequestExists => (
                "quota.request_exists",
                "the request was made before",
                "one request per declaration line",
                "ask for its grant",
                Retry::Never,
            ),
            Self::RequestUnknown => (
                "quota.request_unknown",
                "no such request",
                "",
                "use the id the request was made under",
                Retry::Never,
            ),
            Self::QuantityOutOfRange => (
                "quota.quantity",
                "not a quantity",
                "above zero, at most 10^18 units",
                "correct the quantity",
                Retry::Never,
            ),
            Self::OutsidePeriod => (
                "quota.outside_period",
                "outside the quota period",
                "SI 2020/1432 regulation 12: the date of acceptance decides",
                "declare in the period",
                Retry::Never,
            ),
            Self::TooEarly => (
                "quota.too_early",
                "too early to allocate",
                "no earlier than the first working day after acceptance",
                "allocate from that day on",
                Retry::SameRequest,
            ),
            Self::EarlierDayWaits => (
                "quota.earlier_day_waits",
                "an earlier day waits",
                "days are allocated in order",
                "allocate the earlier day first",
                Retry::SameRequest,
            ),
            Self::NothingDue => {
                ("quota.nothing_due", "nothing to allocate", "", "allocate a day with requests", Retry::Never)
            }
            Self::ReturnAboveGrant => (
                "quota.return_above_grant",
                "more than was granted",
                "",
                "return at most the grant",
                Retry::Never,
            ),
        }
    }

    pub(crate) fn refusal(self, what: &str) -> Refusal {
        let (code, told, rule, next, retry) = self.row();
        Refusal::new(code, format!("{told}: {what}")).rule(rule).next(next).retry(retry)
    }
}
