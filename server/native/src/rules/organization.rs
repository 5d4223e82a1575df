//! What an organization can have.

use hexide_core::name;
use serde_json::{Value, json};

/// How many members an organization may have at first.
pub const SEATS: u32 = 100;

/// Refuses a name that no organization can have.
///
/// # Errors
/// The errors by field.
pub fn check(name: &str) -> Result<(), Value> {
    let refuse = |why: &str| Err(json!({"name": why}));
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        refuse("has invalid format")
    } else if name.len() < 3 {
        refuse("should be at least 3 character(s)")
    } else if name.len() > 255 {
        refuse("should be at most 255 character(s)")
    } else if name == "hexpm" || name::is_reserved(name) {
        refuse("is reserved")
    } else {
        Ok(())
    }
}
