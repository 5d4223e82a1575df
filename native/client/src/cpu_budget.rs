//! The budget of threads that CPU-bound work may occupy.
//!
//! Busy native threads compete with the schedulers of the node they live in, so all CPU-bound work
//! there draws on one budget. It runs on Tokio's blocking pool, never on its workers. A thread that has
//! finished one piece of work takes the next that waits at once: between many small ones nobody has to be
//! woken.

use std::{
    collections::VecDeque,
    fmt,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{runtime::Handle, sync::oneshot};

/// A share in the budget. Clones share it.
#[derive(Clone, Debug)]
pub struct CpuBudget {
    threads: Arc<Mutex<Threads>>,
}

/// The threads of a budget, and what waits for one, the oldest first. Where something waits none is free.
struct Threads {
    free: usize,
    waiting: VecDeque<Waiting>,
}

type Work = Box<dyn FnOnce() + Send>;

/// Work, and the runtime on whose blocking pool it may run.
struct Waiting {
    work: Work,
    runtime: Handle,
}

/// One thread of the budget, taken until this is dropped.
#[derive(Debug)]
pub struct Thread(CpuBudget);

/// Why CPU-bound work gave no result: it panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

impl CpuBudget {
    /// A budget of that many threads at once.
    #[must_use]
    pub fn new(threads: NonZeroUsize) -> Self {
        let threads = Threads { free: threads.get(), waiting: VecDeque::new() };
        Self { threads: Arc::new(Mutex::new(threads)) }
    }

    /// All cores but one, and at least one.
    #[must_use]
    pub fn for_this_machine() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::new(NonZeroUsize::new(cores - 1).unwrap_or(NonZeroUsize::MIN))
    }

    fn threads(&self) -> MutexGuard<'_, Threads> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread of the budget, where one is free: for whoever brings the thread.
    #[must_use]
    pub fn free_thread(&self) -> Option<Thread> {
        let mut threads = self.threads();
        threads.free = threads.free.checked_sub(1)?;
        Some(Thread(self.clone()))
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
        let (answer, result) = oneshot::channel();
        let work: Work = Box::new(move || {
            if !answer.is_closed() {
                // Whoever asked may be gone by now.
                let _ = answer.send(work());
            }
        });
        let runtime = Handle::current();
        let room = {
            let mut threads = self.threads();
            match threads.free.checked_sub(1) {
                Some(left) => {
                    threads.free = left;
                    Some(work)
                }
                None => {
                    threads.waiting.push_back(Waiting { work, runtime: runtime.clone() });
                    None
                }
            }
        };
        if let Some(work) = room {
            let thread = Thread(self.clone());
            runtime.spawn_blocking(move || thread.work(work));
        }
        result.await.map_err(|_| Panicked)
    }
}

impl Thread {
    /// Does this, and whatever waits by then.
    fn work(self, first: Work) {
        let mut next = Some(first);
        while let Some(work) = next {
            // The panic was reported where it arose; who asked sees that there is no answer.
            let _ = catch_unwind(AssertUnwindSafe(work));
            next = self.0.threads().waiting.pop_front().map(|waiting| waiting.work);
        }
    }
}

impl Drop for Thread {
    /// Gives the thread to what has waited longest.
    fn drop(&mut self) {
        let next = {
            let mut threads = self.0.threads();
            let next = threads.waiting.pop_front();
            if next.is_none() {
                threads.free += 1;
            }
            next
        };
        if let Some(Waiting { work, runtime }) = next {
            let thread = Thread(self.0.clone());
            runtime.spawn_blocking(move || thread.work(work));
        }
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("free", &self.free).field("waiting", &self.waiting.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            atomic::{AtomicUsize, Ordering},
            mpsc,
        },
        time::Duration,
    };

    use super::*;

    fn budget(threads: usize) -> CpuBudget {
        CpuBudget::new(NonZeroUsize::new(threads).unwrap())
    }

    #[tokio::test]
    async fn no_more_threads_work_than_there_are() {
        let budget = budget(2);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = (0..50).map(|number| {
            let (budget, running, most) = (budget.clone(), running.clone(), most.clone());
            tokio::spawn(async move {
                let work = move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(1));
                    running.fetch_sub(1, Ordering::SeqCst);
                    number
                };
                assert_eq!(budget.run(work).await, Ok(number));
            })
        });
        for work in work.collect::<Vec<_>>() {
            work.await.unwrap();
        }
        assert!(most.load(Ordering::SeqCst) <= 2);
        // A thread comes back just after its last answer.
        let came_back = (0..10_000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            budget.threads().free == 2
        });
        assert!(came_back, "{budget:?}");
    }

    #[tokio::test]
    async fn what_waits_begins_when_a_thread_that_was_lent_comes_back() {
        let budget = budget(1);
        let lent = budget.free_thread().unwrap();
        assert!(budget.free_thread().is_none());
        let waiting = tokio::spawn({
            let budget = budget.clone();
            async move { budget.run(|| 7).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(budget.threads().waiting.len(), 1);
        drop(lent);
        assert_eq!(waiting.await.unwrap(), Ok(7));
        assert!(budget.run(|| ()).await.is_ok());
    }

    #[tokio::test]
    async fn a_panic_costs_its_own_work_alone() {
        let budget = budget(1);
        assert_eq!(budget.run(|| panic!("as the test asked")).await, Err::<(), _>(Panicked));
        assert_eq!(budget.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_never_begins() {
        let budget = budget(1);
        let lent = budget.free_thread().unwrap();
        let (began, beginning) = mpsc::channel::<()>();
        let waiting = tokio::spawn({
            let budget = budget.clone();
            async move { budget.run(move || began.send(())).await }
        });
        tokio::task::yield_now().await;
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        drop(lent);
        assert_eq!(budget.run(|| 2).await, Ok(2));
        assert_eq!(beginning.recv(), Err(mpsc::RecvError), "it was dropped without having sent");
    }
}
