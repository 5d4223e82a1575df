//! The 512-byte header block of a tar entry (POSIX ustar, with the older forms on reading).

use crate::error::{Code, Error, Result};

/// Everything in a tar is padded to blocks of this size.
pub(super) const BLOCK: usize = 512;

/// 2000-01-01, the time of every entry that is written (docs/protocol.md §1).
const MTIME: u64 = 946_684_800;

/// Type flags (POSIX, and GNU's letters).
pub(super) mod flag {
    pub(in crate::tarball) const FILE: u8 = b'0';
    pub(in crate::tarball) const OLD_FILE: u8 = 0;
    pub(in crate::tarball) const HARD_LINK: u8 = b'1';
    pub(in crate::tarball) const CONTIGUOUS_FILE: u8 = b'7';
    pub(in crate::tarball) const SYMLINK: u8 = b'2';
    pub(in crate::tarball) const CHARACTER_DEVICE: u8 = b'3';
    pub(in crate::tarball) const BLOCK_DEVICE: u8 = b'4';
    pub(in crate::tarball) const DIRECTORY: u8 = b'5';
    pub(in crate::tarball) const FIFO: u8 = b'6';
    pub(in crate::tarball) const PAX: u8 = b'x';
    pub(in crate::tarball) const PAX_GLOBAL: u8 = b'g';
    pub(in crate::tarball) const GNU_SPARSE: u8 = b'S';
    pub(in crate::tarball) const GNU_LONG_NAME: u8 = b'L';
    pub(in crate::tarball) const GNU_LONG_TARGET: u8 = b'K';
}

/// Offset and length of a field.
#[derive(Clone, Copy)]
struct Field(usize, usize);

const NAME: Field = Field(0, 100);
const MODE: Field = Field(100, 8);
const UID: Field = Field(108, 8);
const GID: Field = Field(116, 8);
const SIZE: Field = Field(124, 12);
const TIME: Field = Field(136, 12);
const CHECKSUM: Field = Field(148, 8);
const TYPE: Field = Field(156, 1);
const TARGET: Field = Field(157, 100);
const MAGIC: Field = Field(257, 8);
const DEVICE_MAJOR: Field = Field(329, 8);
const DEVICE_MINOR: Field = Field(337, 8);
const PREFIX: Field = Field(345, 155);
/// Where the `star` variant says so, its prefix is shorter.
const STAR_PREFIX: Field = Field(345, 131);
const STAR_TRAILER: Field = Field(508, 4);

/// The longest name and the longest prefix, in bytes.
pub(super) const NAME_LENGTH: usize = NAME.1;
pub(super) const PREFIX_LENGTH: usize = PREFIX.1;

/// What is written into a header; the text is ASCII and fits its field.
#[derive(Clone, Copy, Default)]
pub(super) struct Fields<'a> {
    pub(super) name: &'a [u8],
    pub(super) prefix: &'a [u8],
    pub(super) target: &'a [u8],
    /// With the bits of the file's type, as the reference implementation has it.
    pub(super) mode: u32,
    pub(super) size: u64,
    pub(super) flag: u8,
}

/// Builds the block, byte for byte as the reference implementation does.
///
/// # Errors
/// `too_large` where the size has more than eleven octal digits.
pub(super) fn build(fields: &Fields<'_>) -> Result<[u8; BLOCK]> {
    let mut block = [0; BLOCK];
    put(&mut block, NAME, fields.name);
    put_octal(&mut block, MODE, u64::from(fields.mode))?;
    put_octal(&mut block, UID, 0)?;
    put_octal(&mut block, GID, 0)?;
    put_octal(&mut block, SIZE, fields.size)?;
    put_octal(&mut block, TIME, MTIME)?;
    put(&mut block, TYPE, &[fields.flag]);
    put(&mut block, TARGET, fields.target);
    put(&mut block, MAGIC, b"ustar\x0000");
    put_octal(&mut block, DEVICE_MAJOR, 0)?;
    put_octal(&mut block, DEVICE_MINOR, 0)?;
    put(&mut block, PREFIX, fields.prefix);
    let (sum, _) = checksums(&block);
    put_octal(&mut block, CHECKSUM, sum)?;
    Ok(block)
}

fn put(block: &mut [u8; BLOCK], Field(start, length): Field, bytes: &[u8]) {
    let room = block.iter_mut().skip(start).take(length);
    for (there, byte) in room.zip(bytes) {
        *there = *byte;
    }
}

fn put_octal(block: &mut [u8; BLOCK], field: Field, number: u64) -> Result<()> {
    let digits = format!("{number:0width$o}", width = field.1 - 1);
    if digits.len() >= field.1 {
        let limit = (1 << (3 * (field.1 - 1))) - 1;
        return Err(Error::new(Code::TooLarge, "A number does not fit into the header of a tar archive")
            .with(|d| d.limit = Some(limit)));
    }
    put(block, field, digits.as_bytes());
    Ok(())
}

/// The sum of all bytes, the checksum's own taken as spaces: unsigned, and signed as some old tars had it.
fn checksums(block: &[u8; BLOCK]) -> (u64, i64) {
    let own = CHECKSUM.0..CHECKSUM.0 + CHECKSUM.1;
    block.iter().enumerate().fold((0, 0), |(unsigned, signed), (index, byte)| {
        let byte = if own.contains(&index) { b' ' } else { *byte };
        (unsigned + u64::from(byte), signed + i64::from(byte.cast_signed()))
    })
}

/// What was read from a header, before long names are applied.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) name: Vec<u8>,
    pub(super) target: Vec<u8>,
    pub(super) mode: u32,
    pub(super) size: u64,
    pub(super) flag: u8,
}

/// Reads a block.
///
/// # Errors
/// `bad_tarball` where the checksum is wrong or a number makes no sense.
pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Header> {
    let sum = get_number(block, CHECKSUM)?;
    let (unsigned, signed) = checksums(block);
    if sum != unsigned && i64::try_from(sum) != Ok(signed) {
        return Err(damaged("the checksum of a header is wrong"));
    }
    let prefix = match get(block, MAGIC) {
        [b'u', b's', b't', b'a', b'r', 0, ..] if get(block, STAR_TRAILER) == b"tar\0" => {
            get_text(block, STAR_PREFIX)
        }
        [b'u', b's', b't', b'a', b'r', 0, ..] => get_text(block, PREFIX),
        _ => &[],
    };
    let name = get_text(block, NAME);
    let separator: &[u8] = if prefix.is_empty() || name.is_empty() { b"" } else { b"/" };
    Ok(Header {
        name: [prefix, separator, name].concat(),
        target: get_text(block, TARGET).to_vec(),
        // Only permissions leave this crate; more bits than these are another tool's business.
        mode: u32::try_from(get_number(block, MODE)? & 0o7777).unwrap_or_default(),
        size: get_number(block, SIZE)?,
        flag: get(block, TYPE).first().copied().unwrap_or_default(),
    })
}

fn damaged(why: &str) -> Error {
    Error::new(Code::BadTarball, format!("The tar archive is damaged: {why}"))
}

fn get(block: &[u8; BLOCK], Field(start, length): Field) -> &[u8] {
    block.get(start..start + length).unwrap_or_default()
}

/// Text up to a zero byte or the end of its field.
fn get_text(block: &[u8; BLOCK], field: Field) -> &[u8] {
    get(block, field).split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits among spaces and zero bytes, or GNU's binary form (first bit set).
fn get_number(block: &[u8; BLOCK], field: Field) -> Result<u64> {
    let bytes = get(block, field);
    let overflow = || damaged("a number in a header is too large");
    if let [first, rest @ ..] = bytes
        && first & 0x80 != 0
    {
        if first & 0x40 != 0 {
            return Err(damaged("a number in a header is negative"));
        }
        return rest.iter().try_fold(u64::from(first & 0x3f), |number, byte| {
            number.checked_mul(256).map(|n| n | u64::from(*byte)).ok_or_else(overflow)
        });
    }
    bytes.iter().filter(|byte| !matches!(byte, b' ' | 0)).try_fold(0_u64, |number, byte| match byte {
        b'0'..=b'7' => number.checked_mul(8).map(|n| n | u64::from(byte - b'0')).ok_or_else(overflow),
        _ => Err(damaged("a number in a header is not octal")),
    })
}
