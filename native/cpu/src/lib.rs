//! The budget of threads that CPU-bound work may occupy.
//!
//! Busy native threads compete with the schedulers of the node they live in, so all CPU-bound work of
//! the client, the server and the NIF together draws on one budget. It runs on Tokio's blocking pool,
//! never on its workers.

use std::{num::NonZeroUsize, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A share in the budget. Clones share it.
#[derive(Clone, Debug)]
pub struct CpuBudget {
    permits: Arc<Semaphore>,
}

/// One thread of the budget, taken until this is dropped.
#[derive(Debug)]
pub struct Thread(#[allow(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// Why CPU-bound work gave no result: it panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

impl CpuBudget {
    /// A budget of that many threads at once.
    #[must_use]
    pub fn new(threads: NonZeroUsize) -> Self {
        Self { permits: Arc::new(Semaphore::new(threads.get())) }
    }

    /// All cores but one, and at least one.
    #[must_use]
    pub fn for_this_machine() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::new(NonZeroUsize::new(cores - 1).unwrap_or(NonZeroUsize::MIN))
    }

    /// A thread of the budget, where one is free and nobody waits for it: for whoever brings the thread.
    #[must_use]
    pub fn free_thread(&self) -> Option<Thread> {
        Arc::clone(&self.permits).try_acquire_owned().ok().map(Thread)
    }

    /// Runs `work` on a thread of the budget. When the returned future is dropped before the work
    /// began, it never runs; work that runs already goes on to its end and keeps its thread counted.
    ///
    /// # Errors
    /// [`Panicked`] when the work panicked.
    pub async fn run<T, F>(&self, work: F) -> Result<T, Panicked>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Panicked)?;
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        task.await.map_err(|_| Panicked)
    }
}
