//! Audit logs.

use serde::Serialize;
use serde_json::Value;

use crate::store::LogEntry;

/// A line of an audit log.
#[derive(Clone, Debug, Serialize)]
pub struct ShownEntry {
    action: String,
    user_agent: String,
    params: Value,
}

/// The lines of an audit log.
pub fn log(entries: Vec<LogEntry>) -> Vec<ShownEntry> {
    let shown = entries.into_iter().map(|entry| ShownEntry {
        action: entry.action,
        user_agent: entry.user_agent,
        params: entry.params,
    });
    shown.collect()
}
