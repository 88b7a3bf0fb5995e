//! How much a participant may ask: so many requests a second, and so many at once.
//!
//! What is over the limit is refused before it costs anything: [`Limits::look`] is asked as soon as a request's head says
//! who sent it, before its body is read and its signature verified. Only a request whose signature stood is counted
//! ([`Limits::admit`]), so nobody can use up another's share by writing another's name.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use meridian_terms::{Bic, Refusal, Retry};

use crate::Problem;

/// How many requests of one participant may be under way, its waits for letters among them, unless set otherwise.
const AT_ONCE: usize = 256;

/// How long a refusal for asking too much is held back: a client that only repeats itself is slowed to ten requests a
/// second on each of its connections, and costs nothing while it waits.
pub(crate) const HELD_BACK: Duration = Duration::from_millis(100);

/// Limits for each participant.
pub struct Limits {
    per_second: u32,
    own: BTreeMap<Bic, u32>,
    at_once: usize,
    shares: Mutex<BTreeMap<Bic, Share>>,
    shed: Shed,
}

/// What one participant has asked.
struct Share {
    /// Thousandths of a request left.
    left: u64,
    at: Instant,
    under_way: Arc<AtomicUsize>,
}

/// How many requests were refused, by reason.
#[derive(Default)]
struct Shed {
    too_many: AtomicU64,
    at_once: AtomicU64,
}

/// A request's place among those under way; given back when it is dropped.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Limits {
    /// So many requests a second, and at once after a pause as many as two seconds bring. No rate is bounded at 0.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self {
            per_second,
            own: BTreeMap::new(),
            at_once: AT_ONCE,
            shares: Mutex::default(),
            shed: Shed::default(),
        }
    }

    /// This participant has a rate of its own.
    #[must_use]
    pub fn with(mut self, who: Bic, per_second: u32) -> Self {
        self.own.insert(who, per_second);
        self
    }

    /// So many requests of one participant under way at once, instead of 256.
    #[must_use]
    pub const fn at_once(mut self, most: usize) -> Self {
        self.at_once = most;
        self
    }

    /// Whether a request of this participant would be refused now; counts nothing.
    ///
    /// # Errors
    /// `http.too_many`, `http.too_many_at_once`, status 429.
    pub fn look(&self, who: &Bic) -> Result<(), Problem> {
        self.measure(who, |_| ())
    }

    /// One more request.
    ///
    /// # Errors
    /// As [`Limits::look`].
    pub fn admit(&self, who: &Bic) -> Result<Place, Problem> {
        self.measure(who, |share| {
            share.left = share.left.saturating_sub(1_000);
            share.under_way.fetch_add(1, Ordering::Relaxed);
            Place(Arc::clone(&share.under_way))
        })
    }

    /// How many requests were refused since the start: for their rate, and for being too many at once.
    #[must_use]
    pub fn shed(&self) -> (u64, u64) {
        (self.shed.too_many.load(Ordering::Relaxed), self.shed.at_once.load(Ordering::Relaxed))
    }

    fn measure<R>(&self, who: &Bic, then: impl FnOnce(&mut Share) -> R) -> Result<R, Problem> {
        let rate = self.own.get(who).copied().unwrap_or(self.per_second);
        let full = u64::from(rate.saturating_mul(2)) * 1_000;
        let now = Instant::now();
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        // A name nobody has signed with yet leaves nothing behind when it is only looked at.
        let mut new = Share { left: full, at: now, under_way: Arc::default() };
        let share = match shares.get_mut(who) {
            Some(share) => share,
            None => &mut new,
        };
        if share.under_way.load(Ordering::Relaxed) >= self.at_once {
            self.shed.at_once.fetch_add(1, Ordering::Relaxed);
            return Err(refused("http.too_many_at_once", format!("{} requests are under way", self.at_once)));
        }
        let millis = u64::try_from(now.duration_since(share.at).as_millis()).unwrap_or(u64::MAX);
        if millis > 0 {
            share.left = share.left.saturating_add(millis.saturating_mul(u64::from(rate))).min(full);
            share.at = now;
        }
        if rate > 0 && share.left < 1_000 {
            self.shed.too_many.fetch_add(1, Ordering::Relaxed);
            return Err(refused("http.too_many", format!("more than {rate} requests a second")));
        }
        let answer = then(share);
        // Somebody's first request: its place holds on to the new share.
        if Arc::strong_count(&new.under_way) > 1 {
            shares.insert(who.clone(), new);
        }
        Ok(answer)
    }
}

fn refused(code: &'static str, what: String) -> Problem {
    let refusal = Refusal::new(code, what)
        .rule("each participant has its share")
        .next("send it again after a second")
        .retry(Retry::AfterAMoment);
    Problem::with_status(&refusal, StatusCode::TOO_MANY_REQUESTS)
}
