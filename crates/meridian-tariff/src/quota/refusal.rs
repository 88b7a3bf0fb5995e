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
        match self {
            Self::QuotaUnknown => "quota.unknown",
            Self::QuotaExists => "quota.exists",
            Self::RequestExists => "quota.request_exists",
            Self::RequestUnknown => "quota.request_unknown",
            Self::QuantityOutOfRange => "quota.quantity",
            Self::OutsidePeriod => "quota.outside_period",
            Self::TooEarly => "quota.too_early",
            Self::EarlierDayWaits => "quota.earlier_day_waits",
            Self::NothingDue => "quota.nothing_due",
            Self::ReturnAboveGrant => "quota.return_above_grant",
        }
    }

    pub(crate) fn refusal(self, what: &str) -> Refusal {
        let (told, rule, next, retry) = match self {
            Self::QuotaUnknown => ("no such quota", "", "use an open order number", Retry::Never),
            Self::QuotaExists => {
                ("the quota is open already", "", "open the next period under its own number", Retry::Never)
            }
            Self::RequestExists => (
                "the request was made before",
                "one request per declaration line",
                "ask for its grant",
                Retry::Never,
            ),
            Self::RequestUnknown => {
                ("no such request", "", "use the id the request was made under", Retry::Never)
            }
            Self::QuantityOutOfRange => {
                ("not a quantity", "above zero, at most 10^18 units", "correct the quantity", Retry::Never)
            }
            Self::OutsidePeriod => (
                "outside the quota period",
                "SI 2020/1432 regulation 12: the date of acceptance decides",
                "declare in the period",
                Retry::Never,
            ),
            Self::TooEarly => (
                "too early to allocate",
                "no earlier than the first working day after acceptance",
                "allocate from that day on",
                Retry::SameRequest,
            ),
            Self::EarlierDayWaits => (
                "an earlier day waits",
                "days are allocated in order",
                "allocate the earlier day first",
                Retry::SameRequest,
            ),
            Self::NothingDue => ("nothing to allocate", "", "allocate a day with requests", Retry::Never),
            Self::ReturnAboveGrant => ("more than was granted", "", "return at most the grant", Retry::Never),
        };
        Refusal::new(self.code(), format!("{told}: {what}")).rule(rule).next(next).retry(retry)
    }
}
