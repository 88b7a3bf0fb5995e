//! Where time comes from: the machine's clock, or a script's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use meridian_terms::{Micros, Moment};

/// A source of time. The writer asks it once for each command and never lets it run backwards.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock, UTC.
    System,
    /// A script's clock: it stands still until the script moves it.
    Script(Arc<AtomicI64>),
}

impl Clock {
    /// A script's clock that shows `start`.
    #[must_use]
    pub fn script(start: Moment) -> Self {
        Self::Script(Arc::new(AtomicI64::new(start.micros())))
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Self::Script(shown) => Moment::from_micros(shown.load(Ordering::SeqCst)),
        }
    }

    /// Moves a script's clock forward; the machine's clock moves by itself.
    pub fn forward(&self, span: Micros) {
        if let Self::Script(shown) = self {
            shown.fetch_add(span.0.max(0), Ordering::SeqCst);
        }
    }
}
