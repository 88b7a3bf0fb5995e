//! Half-open ranges of time.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::Refusal;

/// `[from, until)`: the start belongs to it, the end does not; without an end it stays open.
///
/// ```
/// use meridian_terms::{Day, Window};
/// let in_force = Window::new(Day::parse("2025-05-15")?, None)?;
/// assert!(in_force.contains(Day::parse("2026-03-20")?));
/// assert!(!in_force.contains(Day::parse("2025-05-14")?));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Window<T> {
    from: T,
    until: Option<T>,
}

impl<T: Copy + Ord + std::fmt::Debug> Window<T> {
    /// From `from`, until just before `until`.
    ///
    /// # Errors
    /// `window.empty` when `until` is not after `from`.
    pub fn new(from: T, until: Option<T>) -> Result<Self, Refusal> {
        match until {
            Some(end) if end <= from => {
                Err(Refusal::new("window.empty", format!("[{from:?}, {end:?}) is empty"))
                    .rule("a window's end lies after its start")
                    .next("exchange or correct the two ends"))
            }
            _ => Ok(Self { from, until }),
        }
    }

    /// The first instant in it.
    #[must_use]
    pub const fn from(&self) -> T {
        self.from
    }

    /// The first instant no longer in it, if it ends.
    #[must_use]
    pub const fn until(&self) -> Option<T> {
        self.until
    }

    /// Whether `instant` lies in it.
    #[must_use]
    pub fn contains(&self, instant: T) -> bool {
        self.from <= instant && self.until.is_none_or(|end| instant < end)
    }

    /// Whether the two share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_before_end = |a: &Self, b: &Self| b.until.is_none_or(|end| a.from < end);
        starts_before_end(self, other) && starts_before_end(other, self)
    }
}
