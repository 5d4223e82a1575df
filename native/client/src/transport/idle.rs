//! Noticing a silent peer.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// When bytes last moved. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Moved(Arc<Mutex<Instant>>);

impl Moved {
    /// Something moved just now.
    pub(super) fn touch(&self) {
        self.goes_on(Duration::ZERO);
    }

    /// Something moves now and, out of our sight, for that long.
    pub(super) fn goes_on(&self, length: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + length;
    }

    fn when(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A limit on the time without any byte moving, for one exchange.
#[derive(Debug)]
pub(super) struct Idle {
    limit: Duration,
    moved: Moved,
    /// One for the whole exchange: setting a timer costs more than looking at the clock.
    timer: Pin<Box<Sleep>>,
}

/// Nothing moved for longer than the limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Silent;

impl Idle {
    pub(super) fn new(limit: Duration) -> Self {
        let now = Instant::now();
        // A limit past the end of time is a year: the runtime's timer cannot count further.
        let limit = limit.min(Duration::from_secs(31_536_000));
        Self { limit, moved: Moved(Arc::new(Mutex::new(now))), timer: Box::pin(sleep_until(now + limit)) }
    }

    /// For whoever moves bytes out of our sight.
    pub(super) fn moved(&self) -> Moved {
        self.moved.clone()
    }

    /// Waits for `work` as long as something moves.
    pub(super) async fn watch<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Silent> {
        self.moved.touch();
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return Ok(result),
                () = &mut self.timer => {
                    let deadline = self.moved.when() + self.limit;
                    if deadline <= Instant::now() {
                        return Err(Silent);
                    }
                    self.timer.as_mut().reset(deadline);
                }
            }
        }
    }
}
