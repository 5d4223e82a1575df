//! CPU-bound work: on Tokio's blocking pool, never on its workers, and a bounded number at once.

use std::{num::NonZeroUsize, sync::Arc, thread::available_parallelism};

use tokio::{sync::Semaphore, task::spawn_blocking};

/// Turns at computing. Clones share them.
#[derive(Clone, Debug)]
pub struct Computing(Arc<Semaphore>);

/// Why a computation gave no result: it panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

impl Computing {
    /// That many computations at once; the rest wait for their turn.
    #[must_use]
    pub fn new(at_once: NonZeroUsize) -> Self {
        Self(Arc::new(Semaphore::new(at_once.get())))
    }

    /// As many at once as the machine has cores.
    #[must_use]
    pub fn for_this_machine() -> Self {
        Self::new(available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    /// Computes something. When the returned future is dropped before its turn came, nothing is computed.
    ///
    /// # Errors
    /// [`Panicked`]; the panic itself was reported where it arose.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let turn = Arc::clone(&self.0).acquire_owned().await.map_err(|_| Panicked)?;
        let work = move || {
            // Held to the end of the work, also where nobody waits for it any more.
            let _turn = turn;
            work()
        };
        spawn_blocking(work).await.map_err(|_| Panicked)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    fn computing(at_once: usize) -> Computing {
        Computing::new(NonZeroUsize::new(at_once).unwrap())
    }

    #[tokio::test]
    async fn no_more_work_is_done_at_once_than_allowed() {
        let computing = computing(2);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = (0..50).map(|number| {
            let (computing, running, most) = (computing.clone(), running.clone(), most.clone());
            tokio::spawn(async move {
                let work = move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                    number
                };
                assert_eq!(computing.run(work).await, Ok(number));
            })
        });
        for work in work.collect::<Vec<_>>() {
            work.await.unwrap();
        }
        assert!(most.load(Ordering::SeqCst) <= 2);
    }

    #[tokio::test]
    async fn a_panic_costs_its_own_work_alone() {
        let computing = computing(1);
        assert_eq!(computing.run(|| panic!("as the test asked")).await, Err::<(), _>(Panicked));
        assert_eq!(computing.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_never_begins() {
        let computing = computing(1);
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (started, has_started) = oneshot::channel();
        let busy = tokio::spawn({
            let computing = computing.clone();
            async move {
                let work = move || {
                    started.send(()).unwrap();
                    released.recv()
                };
                computing.run(work).await
            }
        });
        has_started.await.unwrap();
        let (began, beginning) = std::sync::mpsc::channel::<()>();
        let waiting = tokio::spawn({
            let computing = computing.clone();
            async move { computing.run(move || began.send(())).await }
        });
        tokio::task::yield_now().await;
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        release.send(()).unwrap();
        assert!(busy.await.unwrap().is_ok());
        assert!(beginning.recv().is_err(), "it was dropped without having sent");
    }
}
