//! How much a participant may ask: a bucket of requests that fills at a steady rate.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::http::StatusCode;
use meridian_terms::{Bic, Refusal, Retry};

use crate::Problem;

/// Limits for each participant.
pub struct Limits {
    per_second: u32,
    burst: u32,
    buckets: Mutex<BTreeMap<Bic, Bucket>>,
}

struct Bucket {
    /// Thousandths of a request left.
    left: u64,
    at: Instant,
}

impl Limits {
    /// So many requests a second, and at once after a pause as many as two seconds bring. Nothing is bounded at 0.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self { per_second, burst: per_second.saturating_mul(2), buckets: Mutex::default() }
    }

    /// One more request.
    ///
    /// # Errors
    /// `http.too_many`, status 429.
    pub fn admit(&self, who: &Bic) -> Result<(), Problem> {
        if self.per_second == 0 {
            return Ok(());
        }
        let now = Instant::now();
        let full = u64::from(self.burst) * 1_000;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(who.clone()).or_insert(Bucket { left: full, at: now });
        let millis = u64::try_from(now.duration_since(bucket.at).as_millis()).unwrap_or(u64::MAX);
        if millis > 0 {
            let gained = millis.saturating_mul(u64::from(self.per_second));
            bucket.left = bucket.left.saturating_add(gained).min(full);
            bucket.at = now;
        }
        if bucket.left >= 1_000 {
            bucket.left -= 1_000;
            return Ok(());
        }
        let refusal =
            Refusal::new("http.too_many", format!("more than {} requests a second", self.per_second))
                .rule("each participant has its share")
                .next("send it again after a second")
                .retry(Retry::AfterAMoment);
        Err(Problem::with_status(&refusal, StatusCode::TOO_MANY_REQUESTS))
    }
}
