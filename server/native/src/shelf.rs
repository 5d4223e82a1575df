//! What was made of packages that were asked for lately.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// What an entry takes beside what was made, about, in bytes.
const ENTRY: usize = 400;

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

/// What was made last, and in which epoch of the store that was known to be up to date. Whoever holds the lock
/// makes it anew; the others wait for the result.
type Slot<T> = Arc<tokio::sync::Mutex<Option<(u64, Made<T>)>>>;

/// Keeps what was asked for lately, up to a number of bytes. When half of that is filled the older half
/// makes room: what is asked for again stays.
#[derive(Debug)]
pub struct Shelf<K, T> {
    budget: usize,
    halves: Mutex<Halves<K, T>>,
}

#[derive(Debug)]
struct Halves<K, T> {
    recent: HashMap<K, Entry<T>>,
    older: HashMap<K, Entry<T>>,
    /// Of `recent`.
    bytes: usize,
}

#[derive(Debug)]
struct Entry<T> {
    slot: Slot<T>,
    bytes: usize,
}

impl<K: Clone + Eq + Hash, T: Weighed> Shelf<K, T> {
    /// One of that many bytes.
    pub fn new(budget: usize) -> Self {
        let halves = Halves { recent: HashMap::new(), older: HashMap::new(), bytes: 0 };
        Self { budget, halves: Mutex::new(halves) }
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
        let slot = self.slot(key);
        let mut kept = slot.lock().await;
        if let Some((_, made)) = kept.as_ref().filter(|(checked, _)| *checked >= epoch) {
            return Ok(Some(made.value.clone()));
        }
        let known = kept.as_ref().map(|(_, made)| made.generation);
        let made = match (make(known).await?, kept.take()) {
            (Some(Again::Changed(made)), _) => {
                self.weigh(key, made.value.bytes());
                made
            }
            (Some(Again::Same), Some((_, made))) => made,
            // Names that do not exist must not fill the shelf.
            (None | Some(Again::Same), _) => {
                self.forget(key);
                return Ok(None);
            }
        };
        let value = made.value.clone();
        *kept = Some((epoch, made));
        Ok(Some(value))
    }

    fn slot(&self, key: &K) -> Slot<T> {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = halves.recent.get(key) {
            return Arc::clone(&entry.slot);
        }
        if halves.bytes > self.budget / 2 {
            halves.older = std::mem::take(&mut halves.recent);
            halves.bytes = 0;
        }
        let entry = halves.older.remove(key).unwrap_or_else(|| Entry { slot: Slot::default(), bytes: 0 });
        let slot = Arc::clone(&entry.slot);
        halves.bytes = halves.bytes.saturating_add(entry.bytes.saturating_add(ENTRY));
        halves.recent.insert(key.clone(), entry);
        slot
    }

    fn forget(&self, key: &K) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = halves.recent.remove(key) {
            halves.bytes = halves.bytes.saturating_sub(entry.bytes.saturating_add(ENTRY));
        }
    }

    fn weigh(&self, key: &K, bytes: usize) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = halves.recent.get_mut(key) else { return };
        let before = std::mem::replace(&mut entry.bytes, bytes);
        halves.bytes = halves.bytes.saturating_add(bytes).saturating_sub(before);
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
        let halves = shelf.halves.lock().unwrap();
        halves.recent.contains_key(&key) || halves.older.contains_key(&key)
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
    async fn what_is_gone_takes_no_room_nor_does_what_never_was() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        get(&shelf, 0, 1, 1).await;
        assert_eq!(nothing(&shelf, 0, 2).await, None);
        assert_eq!(nothing(&shelf, 1, 2).await, None);
        let halves = shelf.halves.lock().unwrap();
        assert_eq!((halves.recent.len(), halves.bytes), (0, 0));
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
        let halves = shelf.halves.lock().unwrap();
        assert!(halves.recent.len() + halves.older.len() <= 102);
        assert!(halves.recent.contains_key(&4999));
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
