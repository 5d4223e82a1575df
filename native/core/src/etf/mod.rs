//! The External Term Format of Erlang: the subset that the Hex API speaks.
//!
//! The format is described in the ERTS reference manual, "External Term Format". Left out are compressed
//! terms, funs, pids, references, ports, bit strings and improper lists: nothing of Hex has them, and what
//! decodes them has been attacked through them (CVE-2026-21619).

mod decode;
mod encode;
mod json;

pub use decode::{MAX_TERMS, decode};
pub use encode::encode;
pub use json::{from_json, to_json};

/// The first byte of every encoded term.
const VERSION: u8 = 131;

/// The tags of the subset.
mod tag {
    pub(super) const NEW_FLOAT: u8 = 70;
    pub(super) const SMALL_INTEGER: u8 = 97;
    pub(super) const INTEGER: u8 = 98;
    pub(super) const FLOAT: u8 = 99;
    pub(super) const ATOM: u8 = 100;
    pub(super) const SMALL_TUPLE: u8 = 104;
    pub(super) const LARGE_TUPLE: u8 = 105;
    pub(super) const NIL: u8 = 106;
    pub(super) const STRING: u8 = 107;
    pub(super) const LIST: u8 = 108;
    pub(super) const BINARY: u8 = 109;
    pub(super) const SMALL_BIG: u8 = 110;
    pub(super) const LARGE_BIG: u8 = 111;
    pub(super) const SMALL_ATOM: u8 = 115;
    pub(super) const MAP: u8 = 116;
    pub(super) const ATOM_UTF8: u8 = 118;
    pub(super) const SMALL_ATOM_UTF8: u8 = 119;
}
