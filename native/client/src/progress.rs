//! How long work tells how far it is.

use std::{fmt, sync::Arc};

use serde::Serialize;

/// One step of progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What is being done: `upload`, `download` (both in bytes), `fetch` (in items), or waiting for an
    /// `approval` (in seconds).
    pub phase: &'static str,
    /// How much is done.
    pub done: u64,
    /// How much there is, where that is known.
    pub total: Option<u64>,
    /// What it is done to, such as `NAME-VERSION`.
    pub item: Option<String>,
}

/// A cheap, clonable reporter. It is called on Tokio workers, so it must not block.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(Report) + Send + Sync>);

impl Progress {
    /// A reporter that hands every report to `receive`.
    pub fn new(receive: impl Fn(Report) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    /// Reports one step.
    pub fn report(&self, report: Report) {
        (self.0)(report);
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
