//! What was made of packages that were asked for lately, and what else is kept up to a number of bytes.

use std::hash::Hash;

use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle, EntryAction, EntryResult, PlaceholderGuard},
};

/// What an entry takes beside what was made, about, in bytes.
const ENTRY: usize = 400;

/// How many bytes an entry has, about: so many names are remembered beyond what is kept that what is asked for
/// again is known as such.
const USUAL: usize = 4096;

/// What somebody has read before, read again.
#[derive(Clone, Debug, PartialEq)]
pub enum Again<T> {
    /// It has not changed.
    Same,
    /// It has.
    Changed(T),
}

impl<T> Again<T> {
    /// What is made of it where it has changed.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Again<U> {
        match self {
            Self::Same => Again::Same,
            Self::Changed(read) => Again::Changed(make(read)),
        }
    }
}

/// What is made, and takes memory.
pub trait Weighed: Clone {
    /// How much, in bytes.
    fn bytes(&self) -> usize;
}

/// What was made of something.
#[derive(Clone, Debug)]
pub struct Made<T> {
    /// The generation of what it was made of.
    pub generation: i64,
    /// What was made.
    pub value: T,
}

/// What was made last, and in which epoch of the store that was known to be up to date.
#[derive(Clone, Debug)]
struct Kept<T> {
    epoch: u64,
    made: Made<T>,
}

impl<T: Weighed> Weighed for Kept<T> {
    fn bytes(&self) -> usize {
        self.made.value.bytes()
    }
}

/// Weighs entries by their bytes.
#[derive(Clone, Debug)]
pub struct ByBytes {
    /// What each takes beside its own bytes.
    entry: usize,
    /// What none exceeds. More would not be kept at all.
    most: usize,
}

impl<K, V: Weighed> Weighter<K, V> for ByBytes {
    fn weight(&self, _: &K, value: &V) -> u64 {
        u64::try_from(value.bytes().saturating_add(self.entry).min(self.most)).unwrap_or(u64::MAX)
    }
}

/// Keeps values up to a number of bytes.
pub type Bounded<K, V> = Cache<K, V, ByBytes>;

/// How much of a cache is for what is asked for again and again. The rest is for what was asked for last: else
/// hardly anything new would find a place in a cache that is full.
const FREQUENT: f64 = 0.5;

/// A cache of that many bytes, whose entries take so many beside their own. A value that is larger than half of it
/// counts as half.
pub fn bounded<K: Eq + Hash, V: Weighed>(budget: usize, entry: usize) -> Bounded<K, V> {
    let by_bytes = ByBytes { entry, most: (budget / 2).max(1) };
    let (usual, bytes) = (budget / USUAL, u64::try_from(budget).unwrap_or(u64::MAX));
    // Undivided: of a budget that is dealt out in shares a large value would find none that holds it.
    let options = OptionsBuilder::new()
        .shards(1)
        .hot_allocation(FREQUENT)
        .estimated_items_capacity(usual)
        .weight_capacity(bytes)
        .build();
    match options {
        Ok(options) => {
            Cache::with_options(options, by_bytes, DefaultHashBuilder::default(), DefaultLifecycle::default())
        }
        // Only where a capacity is left out.
        Err(_) => Cache::with_weighter(usual, bytes, by_bytes),
    }
}

/// Keeps what was asked for lately, up to a number of bytes: what is asked for again stays. What many ask for at
/// the same time is made once; the others wait for the result.
#[derive(Debug)]
pub struct Shelf<K, T> {
    kept: Bounded<K, Kept<T>>,
}

/// Where something is being made, and what is put there at the end: what there was before, until something takes
/// its place. So it stays where nothing can be made, and where whoever asked goes away.
struct Place<'a, K: Eq + Hash, T: Weighed> {
    guard: Option<Guard<'a, K, T>>,
    kept: Option<Kept<T>>,
}

type Guard<'a, K, T> =
    PlaceholderGuard<'a, K, Kept<T>, ByBytes, DefaultHashBuilder, DefaultLifecycle<K, Kept<T>>>;

impl<K: Eq + Hash, T: Weighed> Drop for Place<'_, K, T> {
    fn drop(&mut self) {
        if let (Some(guard), Some(kept)) = (self.guard.take(), self.kept.take()) {
            // It comes back where the place is gone, and is dropped.
            drop(guard.insert(kept));
        }
    }
}

impl<K: Clone + Eq + Hash, T: Weighed> Shelf<K, T> {
    /// One of that many bytes.
    pub fn new(budget: usize) -> Self {
        Self { kept: bounded(budget, ENTRY) }
    }

    /// What was made, where it is known to be up to date in this epoch of the store. Else what `make` makes
    /// (given the generation of what was made before), or that again; `None` where there is nothing to make
    /// it of.
    ///
    /// # Errors
    /// Those of `make`.
    pub async fn get<E, Making>(
        &self,
        key: &K,
        epoch: u64,
        make: impl FnOnce(Option<i64>) -> Making,
    ) -> Result<Option<T>, E>
    where
        Making: Future<Output = Result<Option<Again<Made<T>>>, E>>,
    {
        // Most are up to date: they are read at the same time, and nobody waits.
        if let Some(kept) = self.kept.get(key).filter(|kept| kept.epoch >= epoch) {
            return Ok(Some(kept.made.value));
        }
        let up_to_date = |_: &K, kept: &mut Kept<T>| {
            if kept.epoch >= epoch {
                EntryAction::Retain(kept.made.value.clone())
            } else {
                EntryAction::ReplaceWithGuard
            }
        };
        let mut place = loop {
            match self.kept.entry_async(key, up_to_date).await {
                EntryResult::Retained(value) => return Ok(Some(value)),
                EntryResult::Vacant(guard) => break Place { guard: Some(guard), kept: None },
                EntryResult::Replaced(guard, kept) => break Place { guard: Some(guard), kept: Some(kept) },
                // Neither was asked for.
                EntryResult::Removed(..) | EntryResult::Timeout => {}
            }
        };
        let known = place.kept.as_ref().map(|kept| kept.made.generation);
        let again = make(known).await?;
        let before = place.kept.take();
        let made = match (again, before) {
            (Some(Again::Changed(made)), _) | (Some(Again::Same), Some(Kept { made, .. })) => made,
            // Names that do not exist must not fill the shelf.
            (None | Some(Again::Same), _) => return Ok(None),
        };
        let value = made.value.clone();
        place.kept = Some(Kept { epoch, made });
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    const BYTES: usize = 1000;

    /// Something of a kilobyte.
    #[derive(Clone, Debug, PartialEq)]
    struct Sample(i64);

    impl Weighed for Sample {
        fn bytes(&self) -> usize {
            BYTES
        }
    }

    type Shelf = super::Shelf<usize, Sample>;

    /// Asks in an epoch, when what there is to make it of has that generation.
    async fn get(shelf: &Shelf, key: usize, epoch: u64, generation: i64) -> Option<Sample> {
        let make = async |known| {
            let made = Made { generation, value: Sample(generation) };
            let again = if known == Some(generation) { Again::Same } else { Again::Changed(made) };
            Ok::<_, Infallible>(Some(again))
        };
        shelf.get(&key, epoch, make).await.unwrap()
    }

    async fn nothing(shelf: &Shelf, key: usize, epoch: u64) -> Option<Sample> {
        shelf.get(&key, epoch, async |_| Ok::<_, Infallible>(None)).await.unwrap()
    }

    fn holds(shelf: &Shelf, key: usize) -> bool {
        shelf.kept.contains_key(&key)
    }

    #[tokio::test]
    async fn what_changed_is_made_anew_and_nobody_looks_before_the_epoch_changed() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        assert_eq!(get(&shelf, 0, 1, 3).await, Some(Sample(3)));
        assert_eq!(get(&shelf, 0, 1, 4).await, Some(Sample(3)), "no change without an epoch");
        assert_eq!(get(&shelf, 0, 2, 3).await, Some(Sample(3)));
        assert_eq!(get(&shelf, 0, 3, 4).await, Some(Sample(4)));
        // One who read the epoch before somebody else did.
        assert_eq!(get(&shelf, 0, 2, 4).await, Some(Sample(4)));
    }

    #[tokio::test]
    async fn what_cannot_be_made_leaves_what_there_was() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        get(&shelf, 0, 1, 1).await;
        assert_eq!(shelf.get(&0, 2, async |_| Err("broken")).await, Err("broken"));
        assert_eq!(get(&shelf, 0, 1, 2).await, Some(Sample(1)));
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_what_there_was() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        get(&shelf, 0, 1, 1).await;
        let never = shelf.get(&0, 2, |_| std::future::pending::<Result<_, Infallible>>());
        assert!(futures::FutureExt::now_or_never(never).is_none());
        assert_eq!(get(&shelf, 0, 1, 2).await, Some(Sample(1)));
    }

    #[tokio::test]
    async fn what_many_ask_for_at_the_same_time_is_made_once() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        let made = std::sync::atomic::AtomicI64::new(0);
        let make = async |_| {
            tokio::task::yield_now().await;
            let value = Sample(made.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
            Ok::<_, Infallible>(Some(Again::Changed(Made { generation: 1, value })))
        };
        let all = futures::future::join_all((0..10).map(|_| shelf.get(&0, 1, make))).await;
        assert_eq!(all, vec![Ok(Some(Sample(0))); 10]);
    }

    #[tokio::test]
    async fn what_alone_exceeds_the_budget_is_kept_until_something_else_is() {
        let shelf = Shelf::new(BYTES / 2);
        for key in 0..100 {
            get(&shelf, key, 1, 1).await;
            assert!(holds(&shelf, key), "{key}");
            assert!(shelf.kept.len() <= 2, "{key}");
        }
    }

    #[tokio::test]
    async fn what_is_gone_takes_no_room_nor_does_what_never_was() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        get(&shelf, 0, 1, 1).await;
        assert_eq!(nothing(&shelf, 0, 2).await, None);
        assert_eq!(nothing(&shelf, 1, 2).await, None);
        assert_eq!((shelf.kept.len(), shelf.kept.weight()), (0, 0));
    }

    #[tokio::test]
    async fn what_fits_stays_and_more_never_takes_more_than_the_budget() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        for key in 0..50 {
            get(&shelf, key, 1, 1).await;
        }
        for key in 0..50 {
            assert!(holds(&shelf, key), "{key}");
        }
        for key in 50..5000 {
            get(&shelf, key, 1, 1).await;
        }
        assert!(shelf.kept.len() <= 100);
        assert!(holds(&shelf, 4999));
    }

    #[tokio::test]
    async fn what_is_asked_for_again_and_again_is_never_given_away() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        get(&shelf, 0, 1, 1).await;
        for key in 1..1000 {
            get(&shelf, key, 1, 1).await;
            get(&shelf, 0, 1, 1).await;
            assert!(holds(&shelf, 0), "after {key}");
        }
    }
}
