//! The Erlang External Term Format: the subset that the Hex API speaks.

use serde_json::Value;

use crate::{error::Result, term::Term};

/// Decodes one term.
///
/// # Errors
/// `protocol`.
pub fn decode(_bytes: &[u8]) -> Result<Term> {
    unimplemented!()
}

/// Encodes one term.
#[must_use]
pub fn encode(_term: &Term) -> Vec<u8> {
    unimplemented!()
}

/// The term as JSON: `nil`, `null` and `undefined` become null, atoms and binaries text.
///
/// # Errors
/// `protocol` where it has no JSON form (a tuple, bytes that are not UTF-8).
pub fn to_json(_term: &Term) -> Result<Value> {
    unimplemented!()
}

/// JSON as a term: null becomes the atom `nil`, text and keys binaries.
#[must_use]
pub fn from_json(_value: &Value) -> Term {
    unimplemented!()
}
