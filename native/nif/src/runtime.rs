//! The one Tokio runtime of the library, its limits, and the CPU budget.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc, LazyLock, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use hexide_client::CpuBudget;
use hexide_core::{Code, Error, Result};
use rustler::{Decoder, NifResult, Term};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::fields::Fields;

/// The limits that the application environment may change, read once when the library is loaded.
pub struct Limits {
    /// Threads for CPU-bound work of all kinds; 0 is all cores but one.
    cpu_threads: usize,
    /// Tokio's workers. They only wait, so one or two serve thousands of requests.
    workers: usize,
    /// Jobs that run at once.
    max_jobs: usize,
    /// Jobs that may wait for their turn beyond that.
    max_queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { cpu_threads: 0, workers: 1, max_jobs: 1024, max_queue: 8192 }
    }
}

impl<'a> Decoder<'a> for Limits {
    /// A map of those that are not the default.
    fn decode(map: Term<'a>) -> NifResult<Self> {
        let (fields, default) = (Fields(map), Self::default());
        Ok(Self {
            cpu_threads: fields.optional("cpu_threads")?.unwrap_or(default.cpu_threads),
            workers: fields.optional("workers")?.unwrap_or(default.workers),
            max_jobs: fields.optional("max_jobs")?.unwrap_or(default.max_jobs),
            max_queue: fields.optional("max_queue")?.unwrap_or(default.max_queue),
        })
    }
}

static LIMITS: OnceLock<Limits> = OnceLock::new();

/// Sets the limits. A second load of the library in the same node keeps the first ones, since the
/// runtime they made lives on.
pub fn configure(limits: Limits) -> bool {
    let _ = LIMITS.set(limits);
    true
}

fn limits() -> &'static Limits {
    LIMITS.get_or_init(Limits::default)
}

static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(limits().workers.clamp(1, 64))
        .thread_name("hexide")
        .enable_all()
        .build()
});

static CPU: LazyLock<CpuBudget> = LazyLock::new(|| {
    NonZeroUsize::new(limits().cpu_threads).map_or_else(CpuBudget::for_this_machine, CpuBudget::new)
});

/// The runtime.
///
/// # Errors
/// `io` when the system gives no threads.
pub fn handle() -> Result<&'static Runtime> {
    RUNTIME
        .as_ref()
        .map_err(|error| Error::new(Code::Io, format!("no worker threads could be started: {error}")))
}

/// The CPU budget.
pub fn cpu() -> CpuBudget {
    CPU.clone()
}

static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(limits().max_jobs)));
static PENDING: AtomicUsize = AtomicUsize::new(0);

/// A place among the jobs, running or waiting. Dropping it frees the place.
pub struct Place(());

impl Place {
    /// Takes a place, unless the queue is full.
    ///
    /// # Errors
    /// `busy`.
    pub fn take() -> Result<Self> {
        let most = limits().max_jobs.saturating_add(limits().max_queue);
        let place = Place(());
        if PENDING.fetch_add(1, Ordering::Relaxed) >= most {
            return Err(Error::new(Code::Busy, format!("{most} jobs are running or waiting already")));
        }
        Ok(place)
    }

    /// The turn to run, where it is free at once.
    pub fn turn_now(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&TURNS).try_acquire_owned().ok()
    }

    /// Waits for the turn to run.
    ///
    /// # Errors
    /// Never in practice: the semaphore is never closed.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&TURNS)
            .acquire_owned()
            .await
            .map_err(|_| Error::new(Code::Busy, "no further jobs are taken"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        PENDING.fetch_sub(1, Ordering::Relaxed);
    }
}
