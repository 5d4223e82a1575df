//! Erlang terms as data, and their text form.

use crate::error::Result;

/// An Erlang term that holds no code, process or reference. Atoms are text here: none is ever created in a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// An atom, by its text.
    Atom(String),
    /// A binary.
    Binary(Vec<u8>),
    /// A string literal: a list of characters.
    String(String),
    /// A proper list.
    List(Vec<Term>),
    /// A tuple.
    Tuple(Vec<Term>),
    /// A map, in the order of the source.
    Map(Vec<(Term, Term)>),
}

/// Which text is accepted (protocol.md §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `metadata.config` of a package: the reference's grammar, which refuses comments.
    Metadata,
    /// `hex.config`: comments, and binaries written as integers.
    Config,
}

/// Reads terms, each ended by a full stop.
///
/// # Errors
/// `bad_metadata` with line and column in the message.
pub fn read(_text: &[u8], _dialect: Dialect) -> Result<Vec<Term>> {
    unimplemented!()
}

/// Writes one term on one line, without the full stop.
#[must_use]
pub fn write(_term: &Term) -> String {
    unimplemented!()
}
