//! A protobuf message walked where it lies: fields are borrowed from it, nothing is copied.
//!
//! What each field may look like is prost's own reading of it, so that a walk takes what prost takes.

use prost::{
    bytes::Buf as _,
    encoding::{self, DecodeContext, WireType, wire_type::check_wire_type},
};

use crate::error::{Code, Error, Result};

/// What is left of a message.
pub(super) struct Message<'a>(&'a [u8]);

/// The key of a field: its tag and the form of its value.
pub(super) type Key = (u32, WireType);

impl<'a> Message<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The key of the next field, whose value must be taken or skipped before the next call.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Key>> {
        if self.0.is_empty() {
            Ok(None)
        } else {
            encoding::decode_key(&mut self.0).map(Some).map_err(damaged)
        }
    }

    /// Bytes, or a message.
    #[inline]
    pub(super) fn bytes(&mut self, (_, form): Key) -> Result<&'a [u8]> {
        check_wire_type(WireType::LengthDelimited, form).map_err(damaged)?;
        let length = encoding::decode_varint(&mut self.0).map_err(damaged)?;
        let (value, rest) = usize::try_from(length)
            .ok()
            .and_then(|length| self.0.split_at_checked(length))
            .ok_or_else(broken)?;
        self.0 = rest;
        Ok(value)
    }

    #[inline]
    pub(super) fn text(&mut self, key: Key) -> Result<&'a str> {
        str::from_utf8(self.bytes(key)?).map_err(|_| broken())
    }

    /// Appends the numbers of a repeated field, packed or not.
    pub(super) fn numbers(&mut self, (_, form): Key, numbers: &mut Vec<i32>) -> Result<()> {
        encoding::int32::merge_repeated(form, numbers, &mut self.0, DecodeContext::default()).map_err(damaged)
    }

    /// Merges a message that is read into a value of its own.
    pub(super) fn merge<M: prost::Message>(&mut self, (_, form): Key, message: &mut M) -> Result<()> {
        encoding::message::merge(form, message, &mut self.0, DecodeContext::default()).map_err(damaged)
    }

    /// Passes over a field that nobody asks for. (prost bounds how deep groups in it may nest.)
    pub(super) fn skip(&mut self, (tag, form): Key) -> Result<()> {
        encoding::skip_field(form, tag, &mut self.0, DecodeContext::default()).map_err(damaged)
    }

    /// The rest of the message, where its first field is this one, and the field's bytes.
    ///
    /// Two messages that differ in that field alone have the same rest.
    pub(super) fn split_first(&self, tag: u8) -> Result<Option<(&'a [u8], &'a [u8])>> {
        let key = tag << 3 | WireType::LengthDelimited as u8;
        let mut message = Self(self.0);
        if !message.0.starts_with(&[key]) {
            return Ok(None);
        }
        message.0.advance(1);
        let value = message.bytes((u32::from(tag), WireType::LengthDelimited))?;
        Ok(Some((value, message.0)))
    }
}

fn damaged(_: prost::DecodeError) -> Error {
    broken()
}

/// The one failure of every payload that is not what its schema says.
pub(super) fn broken() -> Error {
    Error::new(Code::Protocol, "The payload of the registry resource does not decode")
}
