//! Bytes into terms.

use std::collections::HashSet;

use super::{VERSION, tag};
use crate::{
    error::{Code, Error, Result},
    term::{MAX_DEPTH, Term},
};

/// How many terms one may hold, all levels together. An encoded term can be a single byte where one in memory
/// takes dozens, so a large body must not become a heap dozens of times its size.
pub const MAX_TERMS: usize = 1 << 20;

/// Decodes one term. A list of small integers stays a list, whichever way it was encoded.
///
/// Memory is bounded: nothing is allocated from a length that the input claims, and it holds [`MAX_TERMS`] at
/// most.
///
/// # Errors
/// `protocol` where the bytes are cut short, go on after the term, nest deeper than [`MAX_DEPTH`], hold what
/// is no data (a fun, pid, reference, port, bit string), are compressed, have an integer beyond 64 bits, an
/// improper list, a key twice in one map, or more than [`MAX_TERMS`] terms.
pub fn decode(bytes: &[u8]) -> Result<Term> {
    let mut reader = Reader { rest: bytes, depth: 0, terms: 0 };
    match reader.byte()? {
        VERSION => {}
        other => return Err(bad(format!("begins with byte {other} instead of {VERSION}"))),
    }
    let term = reader.term()?;
    if reader.rest.is_empty() { Ok(term) } else { Err(bad("goes on after its end")) }
}

fn bad(reason: impl std::fmt::Display) -> Error {
    Error::new(Code::Protocol, format!("the Erlang term {reason}"))
}

struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
    /// How many were read so far.
    terms: usize,
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(|| bad("is cut short"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| bad("is cut short"))?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn length8(&mut self) -> Result<usize> {
        self.byte().map(usize::from)
    }

    fn length16(&mut self) -> Result<usize> {
        self.array().map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    fn length32(&mut self) -> Result<usize> {
        let length = self.array().map(u32::from_be_bytes)?;
        usize::try_from(length).map_err(|_| bad("is cut short"))
    }

    fn count(&mut self, terms: usize) -> Result<()> {
        self.terms = self.terms.saturating_add(terms);
        if self.terms > MAX_TERMS { Err(bad(format!("holds more than {MAX_TERMS} terms"))) } else { Ok(()) }
    }

    fn term(&mut self) -> Result<Term> {
        self.count(1)?;
        match self.byte()? {
            tag::SMALL_INTEGER => self.byte().map(|value| Term::Integer(value.into())),
            tag::INTEGER => self.array().map(|bytes| Term::Integer(i32::from_be_bytes(bytes).into())),
            tag::SMALL_BIG => self.length8().and_then(|length| self.big(length)),
            tag::LARGE_BIG => self.length32().and_then(|length| self.big(length)),
            tag::NEW_FLOAT => self.array().and_then(|bytes| finite(f64::from_be_bytes(bytes))),
            tag::FLOAT => self.old_float(),
            tag::ATOM => self.length16().and_then(|length| self.latin1_atom(length)),
            tag::SMALL_ATOM => self.length8().and_then(|length| self.latin1_atom(length)),
            tag::ATOM_UTF8 => self.length16().and_then(|length| self.utf8_atom(length)),
            tag::SMALL_ATOM_UTF8 => self.length8().and_then(|length| self.utf8_atom(length)),
            tag::BINARY => {
                let length = self.length32()?;
                Ok(Term::Binary(self.bytes(length)?.to_vec()))
            }
            tag::STRING => {
                let length = self.length16()?;
                self.count(length)?;
                let elements = self.bytes(length)?.iter().map(|&byte| Term::Integer(byte.into()));
                Ok(Term::List(elements.collect()))
            }
            tag::NIL => Ok(Term::List(Vec::new())),
            tag::LIST => self.length32().and_then(|length| self.nested(|reader| reader.list(length))),
            tag::SMALL_TUPLE => self.length8().and_then(|arity| self.nested(|reader| reader.tuple(arity))),
            tag::LARGE_TUPLE => self.length32().and_then(|arity| self.nested(|reader| reader.tuple(arity))),
            tag::MAP => self.length32().and_then(|size| self.nested(|reader| reader.map(size))),
            80 => Err(bad("is compressed, which is not accepted")),
            77 => Err(bad("holds a bit string, which is not accepted")),
            112 | 113 | 117 => Err(bad("holds a fun, which is not accepted")),
            other => Err(bad(format!("holds something with tag {other}, which is not accepted"))),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Term>) -> Result<Term> {
        if self.depth == MAX_DEPTH {
            return Err(bad(format!("nests deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let term = read(self);
        self.depth -= 1;
        term
    }

    fn big(&mut self, length: usize) -> Result<Term> {
        let negative = self.byte()? != 0;
        let bytes = self.bytes(length)?;
        let (low, high) = bytes.split_at_checked(8).unwrap_or((bytes, &[]));
        let magnitude = low.iter().rev().fold(0_i128, |value, &byte| value << 8 | i128::from(byte));
        let value = i64::try_from(if negative { -magnitude } else { magnitude });
        match value {
            Ok(value) if high.iter().all(|&byte| byte == 0) => Ok(Term::Integer(value)),
            _ => Err(bad("holds an integer that does not fit into 64 bits")),
        }
    }

    /// 31 bytes of decimal text, padded with zero bytes: what nodes of long ago sent.
    fn old_float(&mut self) -> Result<Term> {
        let text = self.array::<31>()?;
        let text = std::str::from_utf8(&text).unwrap_or_default().trim_end_matches('\0');
        finite(text.trim_start().parse().map_err(|_| bad("holds a float that is none"))?)
    }

    fn latin1_atom(&mut self, length: usize) -> Result<Term> {
        atom(self.bytes(length)?.iter().copied().map(char::from).collect())
    }

    fn utf8_atom(&mut self, length: usize) -> Result<Term> {
        let name = std::str::from_utf8(self.bytes(length)?);
        atom(name.map_err(|_| bad("holds an atom that is not UTF-8"))?.to_owned())
    }

    fn list(&mut self, length: usize) -> Result<Term> {
        let elements = self.terms(length)?;
        if self.byte()? == tag::NIL { Ok(Term::List(elements)) } else { Err(bad("holds an improper list")) }
    }

    fn tuple(&mut self, arity: usize) -> Result<Term> {
        self.terms(arity).map(Term::Tuple)
    }

    fn terms(&mut self, count: usize) -> Result<Vec<Term>> {
        let mut terms = Vec::new();
        for _ in 0..count {
            terms.push(self.term()?);
        }
        Ok(terms)
    }

    fn map(&mut self, size: usize) -> Result<Term> {
        let mut pairs = Vec::new();
        let mut keys = HashSet::new();
        for _ in 0..size {
            let before = self.rest;
            let key = self.term()?;
            let encoded = before.get(..before.len() - self.rest.len());
            if !keys.insert(encoded) {
                return Err(bad("holds a map with the same key twice"));
            }
            pairs.push((key, self.term()?));
        }
        Ok(Term::Map(pairs))
    }
}

fn finite(value: f64) -> Result<Term> {
    if value.is_finite() { Ok(Term::Float(value)) } else { Err(bad("holds a float that is not finite")) }
}

fn atom(name: String) -> Result<Term> {
    if name.chars().count() > 255 {
        return Err(bad("holds an atom of more than 255 characters"));
    }
    Ok(Term::Atom(name))
}
