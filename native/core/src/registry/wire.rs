//! A protobuf message walked where it lies: fields are borrowed from it, nothing is copied.
//!
//! What each field may look like is prost's own reading of it, so that a walk takes what prost takes.

use std::str::Utf8Error;

use prost::{
    bytes::Buf as _,
    encoding::{self, DecodeContext, WireType},
};

use crate::error::{Code, Error};

/// Why a message is not what its schema says: it does not matter. An error that takes no room lets a walk stay
/// in registers, which made it three times as fast.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken;

impl From<Broken> for Error {
    fn from(_: Broken) -> Self {
        Error::new(Code::Protocol, "The payload of the registry resource does not decode")
    }
}

impl From<prost::DecodeError> for Broken {
    fn from(_: prost::DecodeError) -> Self {
        Broken
    }
}

impl From<Utf8Error> for Broken {
    fn from(_: Utf8Error) -> Self {
        Broken
    }
}

type Result<T> = std::result::Result<T, Broken>;

/// What is left of a message.
pub(super) struct Message<'a>(&'a [u8]);

/// The key of a field: its tag and the form of its value.
pub(super) type Key = (u32, WireType);

impl<'a> Message<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The key of the next field, whose value must be taken or skipped before the next call.
    // Not a call each: there are 60,000 fields to walk, most of them a few bytes long.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<Option<Key>> {
        match *self.0 {
            [] => Ok(None),
            // Nearly every key: one byte, of a tag that there is.
            [key @ 0x08..0x80, ref rest @ ..] => {
                self.0 = rest;
                let form = WireType::try_from(u64::from(key & 7))?;
                Ok(Some((u32::from(key >> 3), form)))
            }
            _ => Ok(Some(encoding::decode_key(&mut self.0)?)),
        }
    }

    /// Bytes, or a message.
    #[inline(always)]
    pub(super) fn bytes(&mut self, (_, form): Key) -> Result<&'a [u8]> {
        if form != WireType::LengthDelimited {
            return Err(Broken);
        }
        let length = match *self.0 {
            [length @ 0..0x80, ref rest @ ..] => {
                self.0 = rest;
                usize::from(length)
            }
            _ => usize::try_from(encoding::decode_varint(&mut self.0)?).map_err(|_| Broken)?,
        };
        let (value, rest) = self.0.split_at_checked(length).ok_or(Broken)?;
        self.0 = rest;
        Ok(value)
    }

    pub(super) fn text(&mut self, key: Key) -> Result<&'a str> {
        Ok(str::from_utf8(self.bytes(key)?)?)
    }

    /// Appends the numbers of a repeated field, packed or not.
    pub(super) fn numbers(&mut self, (_, form): Key, numbers: &mut Vec<i32>) -> Result<()> {
        Ok(encoding::int32::merge_repeated(form, numbers, &mut self.0, DecodeContext::default())?)
    }

    /// The same of a field whose numbers have no sign.
    pub(super) fn unsigned_numbers(&mut self, (_, form): Key, numbers: &mut Vec<u32>) -> Result<()> {
        Ok(encoding::uint32::merge_repeated(form, numbers, &mut self.0, DecodeContext::default())?)
    }

    pub(super) fn flag(&mut self, (_, form): Key) -> Result<bool> {
        let mut value = false;
        encoding::bool::merge(form, &mut value, &mut self.0, DecodeContext::default())?;
        Ok(value)
    }

    /// Merges a message that is read into a value of its own.
    pub(super) fn merge<M: prost::Message>(&mut self, (_, form): Key, message: &mut M) -> Result<()> {
        Ok(encoding::message::merge(form, message, &mut self.0, DecodeContext::default())?)
    }

    /// Passes over a field that nobody asks for. (prost bounds how deep groups in it may nest.)
    pub(super) fn skip(&mut self, (tag, form): Key) -> Result<()> {
        Ok(encoding::skip_field(form, tag, &mut self.0, DecodeContext::default())?)
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
