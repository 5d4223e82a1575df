//! Erlang terms as data, and their text form.

mod lexer;
mod reader;
mod writer;

use std::fmt;

pub use reader::read;
pub use writer::write;

use crate::error::{Code, Error};

/// How deep terms may nest in what is read, as text or in the External Term Format. Reading recurses, and a
/// deeper one is refused so that no input can exhaust the stack.
pub const MAX_DEPTH: usize = 64;

/// An Erlang term that holds no code, process or reference. Atoms are text here: none is ever created in a
/// node.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// An integer.
    Integer(i64),
    /// A float; only finite ones have an Erlang form.
    Float(f64),
    /// An atom, by its text.
    Atom(String),
    /// A binary.
    Binary(Vec<u8>),
    /// A string literal: a list of characters. Only text is read as this; the External Term Format gives a
    /// list.
    String(String),
    /// A proper list.
    List(Vec<Term>),
    /// A tuple.
    Tuple(Vec<Term>),
    /// A map, in the order of the source; no key occurs twice.
    Map(Vec<(Term, Term)>),
}

impl Term {
    /// A binary of this text.
    pub fn binary(text: impl Into<String>) -> Self {
        Self::Binary(text.into().into_bytes())
    }

    /// An atom of this text.
    pub fn atom(text: impl Into<String>) -> Self {
        Self::Atom(text.into())
    }
}

/// Which text is accepted (docs/protocol.md §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `metadata.config` of a package, as the reference reads it: no comments, floats, `$a`, based or grouped
    /// integers, no `\x41`; a full stop needs no space after it; reserved words are atoms; at least one term.
    /// Text that is not UTF-8 is taken as latin-1.
    Metadata,
    /// `hex.config`, as `file:consult/1` reads it, literals only: UTF-8 alone, no terms at all being fine.
    Config,
}

/// Why text could not be read, and where. What it means is the caller's to say: [`ReadError::into_error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there, as part of a sentence.
    pub message: String,
}

impl ReadError {
    /// As a failure of this kind, its message beginning with what was read (`metadata.config`).
    #[must_use]
    pub fn into_error(self, code: Code, what: &str) -> Error {
        Error::new(code, format!("{what}, {self}"))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ReadError {}

/// The words that are no atoms without quotes (OTP 25's, and those that later releases may reserve).
const RESERVED: [&str; 29] = [
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case", "catch", "cond",
    "div", "else", "end", "fun", "if", "let", "maybe", "not", "of", "or", "orelse", "receive", "rem", "try",
    "when", "xor",
];
