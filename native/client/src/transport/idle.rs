//! Noticing a silent peer.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// A limit on the time without any byte moving. Clones share the clock.
#[derive(Clone, Debug)]
pub(super) struct Idle {
    limit: Duration,
    moved: Arc<Mutex<Instant>>,
}

/// Nothing moved for longer than the limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Silent;

impl Idle {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, moved: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Something moved just now.
    pub(super) fn touch(&self) {
        self.goes_on(Duration::ZERO);
    }

    /// Something moves now and, out of our sight, for that long.
    pub(super) fn goes_on(&self, length: Duration) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + length;
    }

    fn deadline(&self) -> Instant {
        let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        // A limit past the end of time is a year: the runtime's timer cannot count further.
        moved.checked_add(self.limit.min(Duration::from_secs(31_536_000))).unwrap_or(moved)
    }

    /// Waits for `work` as long as something moves.
    pub(super) async fn watch<T>(&self, work: impl Future<Output = T>) -> Result<T, Silent> {
        self.touch();
        tokio::pin!(work);
        loop {
            let deadline = self.deadline();
            tokio::select! {
                biased;
                result = &mut work => return Ok(result),
                () = sleep_until(deadline) => if self.deadline() <= Instant::now() { return Err(Silent) },
            }
        }
    }
}
