//! Terms into bytes.

use super::{VERSION, tag};
use crate::term::Term;

/// Encodes one term as `erlang:term_to_binary(Term, [{minor_version, 2}])` does, a map's pairs in the order
/// given.
///
/// What no Erlang node can hold does not fail but changes: an atom of more than 255 characters becomes a
/// binary, a float that is not finite the atom `undefined`.
#[must_use]
pub fn encode(term: &Term) -> Vec<u8> {
    let mut out = vec![VERSION];
    put(&mut out, term);
    out
}

fn put(out: &mut Vec<u8>, term: &Term) {
    match term {
        Term::Integer(value) => put_integer(out, *value),
        Term::Float(value) if value.is_finite() => {
            out.push(tag::NEW_FLOAT);
            out.extend_from_slice(&value.to_be_bytes());
        }
        Term::Float(_) => put_atom(out, "undefined"),
        Term::Atom(name) => put_atom(out, name),
        Term::Binary(bytes) => put_binary(out, bytes),
        Term::String(text) => {
            let chars: Vec<i64> = text.chars().map(|char| u32::from(char).into()).collect();
            put_list(out, &chars, |char| Some(*char), |out, char| put_integer(out, *char));
        }
        Term::List(terms) => {
            let small = |term: &Term| if let Term::Integer(value) = term { Some(*value) } else { None };
            put_list(out, terms, small, put);
        }
        Term::Tuple(terms) => {
            if let Ok(arity) = u8::try_from(terms.len()) {
                out.extend_from_slice(&[tag::SMALL_TUPLE, arity]);
            } else {
                out.push(tag::LARGE_TUPLE);
                put_length(out, terms.len());
            }
            for term in terms {
                put(out, term);
            }
        }
        Term::Map(pairs) => {
            out.push(tag::MAP);
            put_length(out, pairs.len());
            for (key, value) in pairs {
                put(out, key);
                put(out, value);
            }
        }
    }
}

/// Lengths beyond 32 bits would take more memory than a body may ever have.
fn put_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

fn put_integer(out: &mut Vec<u8>, value: i64) {
    if let Ok(small) = u8::try_from(value) {
        out.extend_from_slice(&[tag::SMALL_INTEGER, small]);
    } else if let Ok(middle) = i32::try_from(value) {
        out.push(tag::INTEGER);
        out.extend_from_slice(&middle.to_be_bytes());
    } else {
        let magnitude = value.unsigned_abs().to_le_bytes();
        let used = magnitude.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        out.extend_from_slice(&[tag::SMALL_BIG, u8::try_from(used).unwrap_or(8), u8::from(value < 0)]);
        out.extend(magnitude.iter().take(used));
    }
}

fn put_atom(out: &mut Vec<u8>, name: &str) {
    if name.chars().count() > 255 {
        put_binary(out, name.as_bytes());
    } else if let Ok(length) = u8::try_from(name.len()) {
        out.extend_from_slice(&[tag::SMALL_ATOM_UTF8, length]);
        out.extend_from_slice(name.as_bytes());
    } else {
        // 255 characters of UTF-8 are 1020 bytes at most.
        out.push(tag::ATOM_UTF8);
        out.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(name.as_bytes());
    }
}

fn put_binary(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(tag::BINARY);
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// A list; one of bytes alone (up to 65,535 of them) has a short form of its own.
fn put_list<T>(
    out: &mut Vec<u8>,
    items: &[T],
    integer: impl Fn(&T) -> Option<i64>,
    put: impl Fn(&mut Vec<u8>, &T),
) {
    if items.is_empty() {
        out.push(tag::NIL);
        return;
    }
    if let Ok(length) = u16::try_from(items.len()) {
        let bytes: Option<Vec<u8>> =
            items.iter().map(|item| integer(item).and_then(|value| u8::try_from(value).ok())).collect();
        if let Some(bytes) = bytes {
            out.push(tag::STRING);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&bytes);
            return;
        }
    }
    out.push(tag::LIST);
    put_length(out, items.len());
    for item in items {
        put(out, item);
    }
    out.push(tag::NIL);
}
