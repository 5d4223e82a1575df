//! What a process keeps to share it: the few values used last.

use std::sync::{Arc, Mutex, PoisonError};

/// How many are kept. A node speaks with few registries; tests and tools with many in turn.
const KEPT: usize = 16;

/// Recently used values, the latest last.
pub(crate) struct Recent<T>(Mutex<Vec<Arc<T>>>);

impl<T> Recent<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The kept value that is the same as this one; this one where there is none.
    pub(crate) fn shared(&self, new: T, is_same: impl Fn(&T, &T) -> bool) -> Arc<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = match values.iter().position(|kept| is_same(kept, &new)) {
            Some(index) => values.remove(index),
            None => Arc::new(new),
        };
        if values.len() >= KEPT {
            values.remove(0);
        }
        values.push(Arc::clone(&value));
        value
    }
}
