//! What was made of packages that were asked for lately.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// What an entry takes beside what was made, about, in bytes.
const ENTRY: usize = 400;

/// What is made, and takes memory.
pub trait Weighed: Clone {
    /// How much, in bytes.
    fn bytes(&self) -> usize;
}

/// What was made last, with the generation it is of. Whoever holds the lock makes it anew; the others wait for
/// the result.
type Slot<T> = Arc<tokio::sync::Mutex<Option<(i64, T)>>>;

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

    /// What was made of that generation or a later one. Where nothing was, what `make` makes, with the
    /// generation it is of; `None` where that makes nothing.
    ///
    /// # Errors
    /// Those of `make`.
    pub async fn get<E>(
        &self,
        key: &K,
        generation: i64,
        make: impl Future<Output = Result<Option<(i64, T)>, E>>,
    ) -> Result<Option<T>, E> {
        let slot = self.slot(key);
        let mut made = slot.lock().await;
        if let Some((_, kept)) = made.as_ref().filter(|(of, _)| *of >= generation) {
            return Ok(Some(kept.clone()));
        }
        let Some((of, fresh)) = make.await? else { return Ok(None) };
        *made = Some((of, fresh.clone()));
        self.weigh(key, fresh.bytes());
        Ok(Some(fresh))
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
    struct Made(i64);

    impl Weighed for Made {
        fn bytes(&self) -> usize {
            BYTES
        }
    }

    async fn get(shelf: &Shelf<usize, Made>, key: usize, generation: i64) -> Option<Made> {
        let make = async { Ok::<_, Infallible>(Some((generation, Made(generation)))) };
        shelf.get(&key, generation, make).await.unwrap()
    }

    async fn holds(shelf: &Shelf<usize, Made>, key: usize) -> bool {
        shelf.get(&key, 1, async { Ok::<_, Infallible>(None) }).await.unwrap().is_some()
    }

    #[tokio::test]
    async fn only_a_later_generation_is_made_anew() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        assert_eq!(get(&shelf, 0, 3).await, Some(Made(3)));
        assert_eq!(get(&shelf, 0, 2).await, Some(Made(3)));
        assert_eq!(get(&shelf, 0, 4).await, Some(Made(4)));
    }

    #[tokio::test]
    async fn what_cannot_be_made_leaves_what_there_was() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        get(&shelf, 0, 1).await;
        assert_eq!(shelf.get(&0, 2, async { Err("broken") }).await, Err("broken"));
        assert_eq!(get(&shelf, 0, 1).await, Some(Made(1)));
    }

    #[tokio::test]
    async fn what_fits_stays_and_more_never_takes_more_than_the_budget() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        for key in 0..50 {
            get(&shelf, key, 1).await;
        }
        for key in 0..50 {
            assert!(holds(&shelf, key).await, "{key}");
        }
        for key in 50..5000 {
            get(&shelf, key, 1).await;
        }
        let halves = shelf.halves.lock().unwrap();
        assert!(halves.recent.len() + halves.older.len() <= 102);
        assert!(halves.recent.contains_key(&4999));
    }

    #[tokio::test]
    async fn what_is_asked_for_again_and_again_is_never_given_away() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        get(&shelf, 0, 1).await;
        for key in 1..1000 {
            get(&shelf, key, 1).await;
            assert!(holds(&shelf, 0).await, "after {key}");
        }
    }
}
