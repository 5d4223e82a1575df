//! The resources of packages that were asked for lately.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{registry::Signed, store::PackageId};

/// What an entry takes beside the resource in it, about, in bytes.
const ENTRY: usize = 400;

/// The last built state of one package's resource, with its generation. Whoever holds the lock builds; the
/// others wait for the result.
pub type Slot = Arc<tokio::sync::Mutex<Option<(i64, Signed)>>>;

/// Keeps what was asked for lately, up to a number of bytes. When half of that is filled the older half
/// makes room: what is asked for again stays.
#[derive(Debug)]
pub struct Shelf {
    budget: usize,
    halves: Mutex<Halves>,
}

#[derive(Debug, Default)]
struct Halves {
    recent: HashMap<PackageId, Entry>,
    older: HashMap<PackageId, Entry>,
    /// Of `recent`.
    bytes: usize,
}

#[derive(Debug, Default)]
struct Entry {
    slot: Slot,
    bytes: usize,
}

impl Shelf {
    /// One of that many bytes.
    pub fn new(budget: usize) -> Self {
        Self { budget, halves: Mutex::default() }
    }

    /// The slot of a package.
    pub fn slot(&self, id: &PackageId) -> Slot {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = halves.recent.get(id) {
            return Arc::clone(&entry.slot);
        }
        if halves.bytes > self.budget / 2 {
            halves.older = std::mem::take(&mut halves.recent);
            halves.bytes = 0;
        }
        let entry = halves.older.remove(id).unwrap_or_default();
        let slot = Arc::clone(&entry.slot);
        halves.bytes = halves.bytes.saturating_add(entry.bytes.saturating_add(ENTRY));
        halves.recent.insert(id.clone(), entry);
        slot
    }

    /// Notes how large the resource of a package is now.
    pub fn weigh(&self, id: &PackageId, bytes: usize) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = halves.recent.get_mut(id) else { return };
        let before = std::mem::replace(&mut entry.bytes, bytes);
        halves.bytes = halves.bytes.saturating_add(bytes).saturating_sub(before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: usize = 1000;

    fn id(number: usize) -> PackageId {
        PackageId { repository: "hexpm".to_owned(), name: format!("package_{number}") }
    }

    async fn put(shelf: &Shelf, number: usize) {
        let signed = Signed { bytes: vec![0; BYTES].into(), etag: String::new() };
        *shelf.slot(&id(number)).lock().await = Some((1, signed));
        shelf.weigh(&id(number), BYTES);
    }

    async fn holds(shelf: &Shelf, number: usize) -> bool {
        shelf.slot(&id(number)).lock().await.is_some()
    }

    #[tokio::test]
    async fn what_fits_stays_and_more_never_takes_more_than_the_budget() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        for number in 0..50 {
            put(&shelf, number).await;
        }
        for number in 0..50 {
            assert!(holds(&shelf, number).await, "{number}");
        }
        for number in 50..5000 {
            put(&shelf, number).await;
        }
        let halves = shelf.halves.lock().unwrap();
        assert!(halves.recent.len() + halves.older.len() <= 102);
        assert!(halves.recent.contains_key(&id(4999)));
    }

    #[tokio::test]
    async fn what_is_asked_for_again_and_again_is_never_given_away() {
        let shelf = Shelf::new(100 * (BYTES + ENTRY));
        put(&shelf, 0).await;
        for number in 1..1000 {
            put(&shelf, number).await;
            assert!(holds(&shelf, 0).await, "after {number}");
        }
    }
}
