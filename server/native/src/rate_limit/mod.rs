//! How often somebody may do something: so many times in each window of time.
//!
//! Windows are fixed and start at multiples of their length, as on hexpm (recorded: `x-ratelimit-reset`
//! is a whole minute). So nothing outlives its window, and the table is emptied at once when the next one
//! begins.

mod attempts;
mod throttle;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

pub use attempts::Attempts;
pub use throttle::Throttle;

use crate::clock::{Clock, Moment};

/// How many keys are counted in one window. Keys come from outside: the table must not grow with them.
const KEPT: usize = 16_384;

/// What is left to a key after a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How many times a window allows.
    pub limit: u32,
    /// How many of them are left in this one.
    pub remaining: u32,
    /// When the next window begins.
    pub reset: Moment,
}

/// The window holds no more for that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// How many times a window allows.
    pub limit: u32,
    /// When the next window begins.
    pub reset: Moment,
    /// How long that is from now; whole seconds, at least one.
    pub retry_after: Duration,
}

/// A limit and what was counted against it, by key: an address, the number of a user, a name.
pub struct RateLimit {
    limit: u32,
    window: i64,
    clock: Clock,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    /// The number of the window that was counted last.
    window: i64,
    counts: HashMap<String, u32>,
}

impl RateLimit {
    /// Allows each key `limit` times in a window (of whole seconds, at least one).
    #[must_use]
    pub fn new(limit: u32, window: Duration, clock: Clock) -> Self {
        let window = i64::try_from(window.as_secs()).unwrap_or(i64::MAX).max(1);
        Self { limit, window, clock, table: Mutex::default() }
    }

    /// Counts one more for that key.
    ///
    /// # Errors
    /// [`Refused`] where the limit was reached before; a refused check counts for nothing.
    pub fn check(&self, key: &str) -> Result<Allowance, Refused> {
        self.count(key, 1)
    }

    /// What a check would find, without counting: where only failures count, this is asked first and
    /// [`check`](Self::check) is called for each failure.
    ///
    /// # Errors
    /// [`Refused`] where the limit is reached.
    pub fn look(&self, key: &str) -> Result<Allowance, Refused> {
        self.count(key, 0)
    }

    fn count(&self, key: &str, more: u32) -> Result<Allowance, Refused> {
        let now = self.clock.now();
        let window = now.seconds().div_euclid(self.window);
        let next = window.saturating_add(1).saturating_mul(self.window);
        let reset = Moment(next.saturating_mul(1_000_000));
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that is set back must not let the counts of a later window stand in its way for long.
        if table.window != window {
            *table = Table { window, counts: HashMap::new() };
        }
        let count = table.counts.get(key).copied().unwrap_or(0);
        let full = count == 0 && more > 0 && table.counts.len() >= KEPT && !table.make_room(self.limit);
        if full || count >= self.limit {
            let seconds = u64::try_from(next - now.seconds()).unwrap_or(1).max(1);
            return Err(Refused { limit: self.limit, reset, retry_after: Duration::from_secs(seconds) });
        }
        let count = count.saturating_add(more);
        if more > 0 {
            table.counts.insert(key.to_owned(), count);
        }
        Ok(Allowance { limit: self.limit, remaining: self.limit.saturating_sub(count), reset })
    }
}

impl Table {
    /// Forgets the keys with the lowest counts, at least half of them, but none that has reached the limit:
    /// making up keys must not buy anybody a new start. `false` where nothing could be forgotten.
    fn make_room(&mut self, limit: u32) -> bool {
        let mut counts: Vec<u32> = self.counts.values().copied().collect();
        let middle = counts.len() / 2;
        let (_, median, _) = counts.select_nth_unstable(middle);
        let median = *median;
        self.counts.retain(|_, count| *count >= limit || *count > median);
        self.counts.len() < KEPT
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use super::*;

    /// A limit of three a minute and the seconds its clock shows.
    fn three() -> (RateLimit, Arc<AtomicI64>) {
        let seconds = Arc::new(AtomicI64::new(1_700_000_045));
        let shown = Arc::clone(&seconds);
        let clock = Clock::new(move || Moment(shown.load(Ordering::SeqCst) * 1_000_000));
        (RateLimit::new(3, Duration::from_secs(60), clock), seconds)
    }

    #[test]
    fn each_key_has_its_own_allowance_until_the_window_ends() {
        let (limit, seconds) = three();
        let left = |key| limit.check(key).map(|allowance| allowance.remaining);
        assert_eq!([left("a"), left("a"), left("a"), left("b")], [Ok(2), Ok(1), Ok(0), Ok(2)]);
        let reset = Moment(1_700_000_100_000_000);
        let refused = Refused { limit: 3, reset, retry_after: Duration::from_secs(55) };
        assert_eq!(limit.check("a"), Err(refused));
        seconds.store(1_700_000_099, Ordering::SeqCst);
        assert_eq!(limit.check("a").unwrap_err().retry_after, Duration::from_secs(1));
        seconds.store(1_700_000_100, Ordering::SeqCst);
        assert_eq!(left("a"), Ok(2), "a new window");
    }

    #[test]
    fn looking_counts_nothing() {
        let (limit, _) = three();
        for _ in 0..5 {
            assert_eq!(limit.look("a").map(|allowance| allowance.remaining), Ok(3));
        }
        for _ in 0..3 {
            assert!(limit.check("a").is_ok());
        }
        assert!(limit.look("a").is_err());
    }

    #[test]
    fn made_up_keys_neither_grow_the_table_nor_free_who_was_refused() {
        let (limit, _) = three();
        for _ in 0..3 {
            limit.check("guilty").unwrap();
        }
        for key in 0..3 * KEPT {
            assert!(limit.check(&key.to_string()).is_ok());
        }
        assert!(limit.table.lock().unwrap().counts.len() <= KEPT);
        assert!(limit.check("guilty").is_err());
    }

    #[test]
    fn a_table_full_of_refused_keys_refuses_newcomers() {
        let (limit, seconds) = three();
        for key in 0..KEPT {
            for _ in 0..3 {
                limit.check(&key.to_string()).unwrap();
            }
        }
        assert!(limit.check("new").is_err());
        assert!(limit.check("0").is_err());
        assert_eq!(limit.table.lock().unwrap().counts.len(), KEPT);
        seconds.fetch_add(60, Ordering::SeqCst);
        assert!(limit.check("new").is_ok());
    }
}
