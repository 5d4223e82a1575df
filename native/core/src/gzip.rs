//! gzip (RFC 1952) as the Hex formats use it: exactly one member, reproducible on writing, bounded on reading.

use std::io::{self, Read};

use flate2::{Compression, Decompress, FlushDecompress, GzBuilder, Status, write::GzEncoder};
use libdeflater::{CompressionLvl, Compressor, Crc, Decompressor, crc32};

use crate::error::{Code, Error, Result};

/// The size of the trailer: CRC-32 and length.
const TRAILER: usize = 8;

/// Where the header tells the operating system.
const SYSTEM: usize = 9;

/// Flags of the header that no member has (RFC 1952 §2.3.1).
const RESERVED_FLAGS: u8 = 0b1110_0000;

/// The most that is inflated in one go rather than as a stream, in bytes.
const AT_ONCE: u64 = 16 << 20;

/// The most bytes that deflate makes of one.
const MAX_RATIO: u64 = 1032;

/// Why a stream could not be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The bytes are no gzip stream, are cut short, or their CRC is wrong.
    Corrupt,
    /// Something follows the first member.
    Trailing,
    /// More comes out than allowed; the limit in bytes.
    TooLarge(u64),
}

impl Fault {
    /// The failure for people; `what` is the thing that was read, `corrupt` the code where it is not what it should be.
    pub(crate) fn error(self, what: &str, corrupt: Code) -> Error {
        match self {
            Fault::Corrupt => Error::new(corrupt, format!("{what} is not a valid gzip stream")),
            Fault::Trailing => {
                Error::new(corrupt, format!("{what} has bytes after the end of its gzip stream"))
            }
            Fault::TooLarge(limit) => {
                Error::new(Code::TooLarge, format!("{what} inflates to more than {limit} bytes"))
                    .with(|d| d.limit = Some(limit))
            }
        }
    }
}

/// A compressor whose output depends on the input alone: no time, no name, operating system 0, and
/// zlib's own deflate at its default level, which is what the reference implementation gives
/// (docs/protocol.md §1).
pub(crate) fn encoder() -> GzEncoder<Vec<u8>> {
    GzBuilder::new().mtime(0).operating_system(0).write(Vec::new(), Compression::default())
}

/// Compresses in one go what need not be identical to anybody's bytes (documentation, the index), reproducibly all
/// the same.
///
/// # Errors
/// `io` where the compressor finds its output buffer too small, which its own bound rules out.
pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut out = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let written = compressor
        .gzip_compress(bytes, &mut out)
        .map_err(|_| Error::new(Code::Io, "compressing failed for want of room"))?;
    out.truncate(written);
    // libdeflate says that it does not know the operating system; what is written here says 0 throughout.
    if let Some(system) = out.get_mut(SYSTEM) {
        *system = 0;
    }
    Ok(out)
}

/// Inflates one member into memory; `None` is no limit.
pub(crate) fn inflate(bytes: &[u8], limit: Option<u64>) -> Result<Vec<u8>, Fault> {
    if let Some(out) = inflate_at_once(bytes, limit) {
        return Ok(out);
    }
    let mut member = Member::new(bytes, limit)?;
    let mut out = Vec::new();
    match member.read_to_end(&mut out) {
        Ok(_) => Ok(out),
        Err(_) => Err(member.fault.unwrap_or(Fault::Corrupt)),
    }
}

/// Inflates one member of at most 16 MiB by libdeflate, which is several times faster than a stream.
///
/// `None` says only that this is no case for it, or that something is wrong; [`Member`] then tells what.
/// libdeflate does not tell where it stopped reading, so that nothing follows the member is concluded: its
/// trailer stands at the very end, and nowhere is the beginning of another member. What slips through
/// are bytes that mean nothing and end in a copy of the trailer; the result is the member's content all the same.
pub(crate) fn inflate_at_once(bytes: &[u8], limit: Option<u64>) -> Option<Vec<u8>> {
    let stream = skip_header(bytes)?;
    let (deflated, trailer) = stream.split_last_chunk::<TRAILER>()?;
    let trailer = u64::from_le_bytes(*trailer);
    let claimed = trailer >> 32;
    // The claim is believed only as far as deflate could keep it.
    let possible = (deflated.len() as u64).saturating_mul(MAX_RATIO);
    if claimed > limit.unwrap_or(u64::MAX).min(AT_ONCE).min(possible) || begins_member(deflated) {
        return None;
    }
    let mut out = vec![0; usize::try_from(claimed).ok()?];
    let made = Decompressor::new().deflate_decompress(deflated, &mut out).ok()?;
    (made == out.len() && trailer == trailer_for(crc32(&out), claimed)).then_some(out)
}

/// Whether the beginning of a gzip member stands anywhere in the bytes.
fn begins_member(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, &[0x1f, 0x8b, 8])
        .any(|start| bytes.get(start + 3).is_some_and(|flags| flags & RESERVED_FLAGS == 0))
}

/// What must stand in the trailer, as a little-endian number: CRC-32 and length.
fn trailer_for(crc: u32, length: u64) -> u64 {
    // RFC 1952: the length is recorded modulo 2^32, so what is shifted out does not count.
    u64::from(crc) | length << 32
}

/// One gzip member as a reader. The end of it is reported only after CRC, length and the absence of
/// anything further have been checked.
pub(crate) struct Member<'a> {
    /// What is not inflated yet: the deflate stream and the trailer.
    input: &'a [u8],
    inflater: Decompress,
    crc: Crc,
    produced: u64,
    limit: Option<u64>,
    ended: bool,
    fault: Option<Fault>,
}

impl<'a> Member<'a> {
    /// Reads the header of the member.
    pub(crate) fn new(bytes: &'a [u8], limit: Option<u64>) -> Result<Self, Fault> {
        let input = skip_header(bytes).ok_or(Fault::Corrupt)?;
        let inflater = Decompress::new(false);
        Ok(Self { input, inflater, crc: Crc::new(), produced: 0, limit, ended: false, fault: None })
    }

    /// What stopped the reader, where it gave an error.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Inflates up to the end without keeping anything, so that CRC and length are checked.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(drop)
    }

    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        // One byte more than is left tells a stream that fits from one that does not.
        let room = self.limit.map_or(u64::MAX, |limit| (limit - self.produced).saturating_add(1));
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..room).unwrap_or_default();
        while !self.ended && !buffer.is_empty() {
            let (before_in, before_out) = (self.inflater.total_in(), self.inflater.total_out());
            let status = self
                .inflater
                .decompress(self.input, buffer, FlushDecompress::None)
                .map_err(|_| Fault::Corrupt)?;
            let consumed = usize::try_from(self.inflater.total_in() - before_in).unwrap_or(usize::MAX);
            let made = usize::try_from(self.inflater.total_out() - before_out).unwrap_or(usize::MAX);
            self.input = self.input.get(consumed..).ok_or(Fault::Corrupt)?;
            let fresh = buffer.get(..made).ok_or(Fault::Corrupt)?;
            self.crc.update(fresh);
            self.produced += fresh.len() as u64;
            if let Some(limit) = self.limit.filter(|limit| self.produced > *limit) {
                return Err(Fault::TooLarge(limit));
            }
            if matches!(status, Status::StreamEnd) {
                self.ended = true;
                self.check_trailer()?;
            }
            if made > 0 {
                return Ok(made);
            }
            if !self.ended && consumed == 0 {
                return Err(Fault::Corrupt);
            }
        }
        Ok(0)
    }

    fn check_trailer(&self) -> Result<(), Fault> {
        let (trailer, rest) = self.input.split_at_checked(TRAILER).ok_or(Fault::Corrupt)?;
        if trailer != trailer_for(self.crc.sum(), self.produced).to_le_bytes() {
            return Err(Fault::Corrupt);
        }
        if rest.is_empty() { Ok(()) } else { Err(Fault::Trailing) }
    }
}

impl Read for Member<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.step(buffer).map_err(|fault| {
            self.fault = Some(fault);
            io::Error::new(io::ErrorKind::InvalidData, "the gzip stream is corrupt or too large")
        })
    }
}

/// What follows the header of a gzip member (RFC 1952 §2.3), or nothing where it is none.
fn skip_header(bytes: &[u8]) -> Option<&[u8]> {
    let (fixed, mut rest) = bytes.split_first_chunk::<10>()?;
    let [0x1f, 0x8b, 8, flags, ..] = *fixed else { return None };
    if flags & RESERVED_FLAGS != 0 {
        return None;
    }
    if flags & 0b0100 != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // Name and comment are text ended by a zero byte.
    for flag in [0b1000, 0b1_0000] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 0b0010 != 0 { rest.get(2..) } else { Some(rest) }
}

#[cfg(test)]
mod tests;
