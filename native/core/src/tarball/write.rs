//! Writing a tar archive, byte-identical to the reference implementation's.

use std::io::Write;

use super::{
    Content, Entry,
    header::{self, BLOCK, Fields, NAME_LENGTH, PREFIX_LENGTH, flag},
};
use crate::error::{Code, Error, Result};

/// The type bits that the reference implementation leaves in the mode field.
const MODE_FILE: u32 = 0o100_000;
const MODE_DIRECTORY: u32 = 0o040_000;
const MODE_SYMLINK: u32 = 0o120_000;

/// What ends an archive: two blocks of zeros.
const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// An entry made ready: its header blocks are built, its content is still the caller's.
pub(super) struct Prepared<'a> {
    head: Vec<u8>,
    body: &'a [u8],
}

impl Prepared<'_> {
    /// What it takes in the archive, in bytes.
    fn size(&self) -> u64 {
        (self.head.len() + self.body.len().next_multiple_of(BLOCK)) as u64
    }
}

/// Prepares a file that is no caller's entry: mode 0644.
///
/// # Errors
/// `too_large` where the content does not fit a tar entry.
pub(super) fn file<'a>(name: &str, body: &'a [u8]) -> Result<Prepared<'a>> {
    let head = head(name, "", MODE_FILE | 0o644, body.len() as u64, flag::FILE)?;
    Ok(Prepared { head, body })
}

/// Prepares an entry.
///
/// # Errors
/// `too_large` where the content does not fit a tar entry.
pub(super) fn entry<B: AsRef<[u8]>>(entry: &Entry<B>) -> Result<Prepared<'_>> {
    let mode = entry.mode & 0o7777;
    let path = &entry.path;
    let (head, body) = match &entry.content {
        Content::File(body) => {
            let body = body.as_ref();
            (head(path, "", MODE_FILE | mode, body.len() as u64, flag::FILE)?, body)
        }
        Content::Directory => {
            (head(&format!("{path}/"), "", MODE_DIRECTORY | mode, 0, flag::DIRECTORY)?, &[][..])
        }
        Content::Symlink(target) => (head(path, target, MODE_SYMLINK | mode, 0, flag::SYMLINK)?, &[][..]),
    };
    Ok(Prepared { head, body })
}

/// The size of the whole archive in bytes.
pub(super) fn archive_size(entries: &[Prepared<'_>]) -> u64 {
    entries.iter().map(Prepared::size).sum::<u64>() + END.len() as u64
}

/// Writes the whole archive.
///
/// # Errors
/// `io` where the writer fails.
pub(super) fn archive(entries: &[Prepared<'_>], out: &mut impl Write) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::new(Code::Io, format!("The archive could not be written: {}", error.kind()))
    };
    for Prepared { head, body } in entries {
        out.write_all(head).map_err(failed)?;
        out.write_all(body).map_err(failed)?;
        let padding = body.len().next_multiple_of(BLOCK) - body.len();
        out.write_all(END.get(..padding).unwrap_or_default()).map_err(failed)?;
    }
    out.write_all(&END).map_err(failed)
}

/// The header blocks of an entry: its header, before which stands a PAX header where the name or the
/// target of a link fits no field.
fn head(name: &str, target: &str, mode: u32, size: u64, flag: u8) -> Result<Vec<u8>> {
    let mut fields = Fields { mode, size, flag, ..Fields::default() };
    let mut records = String::new();
    // The order is that of the sorted keys.
    if fits(target) {
        fields.target = target.as_bytes();
    } else {
        records.push_str(&record("linkpath", target));
    }
    if fits(name) {
        fields.name = name.as_bytes();
    } else if let Some((prefix, last)) = split(name) {
        (fields.prefix, fields.name) = (prefix.as_bytes(), last.as_bytes());
    } else {
        records.push_str(&record("path", name));
    }
    let mut head = Vec::with_capacity(BLOCK);
    if !records.is_empty() {
        let pax_name = pax_name(name);
        head.extend_from_slice(&header::build(&Fields {
            name: pax_name.as_bytes(),
            mode: MODE_FILE | 0o644,
            size: records.len() as u64,
            flag: flag::PAX,
            ..Fields::default()
        })?);
        head.extend_from_slice(records.as_bytes());
        head.resize(head.len().next_multiple_of(BLOCK), 0);
    }
    head.extend_from_slice(&header::build(&fields)?);
    Ok(head)
}

/// Whether text fits the name field of a plain header.
fn fits(text: &str) -> bool {
    text.is_ascii() && text.len() <= NAME_LENGTH
}

/// Splits a long name over the ustar prefix and the name field. The reference implementation puts
/// everything but the last segment into the prefix, and asks that segment to be shorter than its field.
fn split(name: &str) -> Option<(&str, &str)> {
    let (prefix, last) = name.trim_end_matches('/').rsplit_once('/')?;
    let splits = name.is_ascii() && last.len() < NAME_LENGTH && prefix.len() <= PREFIX_LENGTH;
    splits.then_some((prefix, last))
}

/// The name of a PAX header: `DIR/PaxHeaders.0/BASE`, without non-ASCII characters, cut to 99 bytes.
fn pax_name(name: &str) -> String {
    let trimmed = name.trim_end_matches('/');
    let base = trimmed.rsplit_once('/').map_or(trimmed, |(_, base)| base);
    // As Erlang's filename:dirname/1 has it: the directory of `a/b/` is `a/b`, that of `a` is `.`.
    let directory = name.rsplit_once('/').map_or(".", |(directory, _)| directory);
    let mut ascii: String =
        format!("{directory}/PaxHeaders.0/{base}").chars().filter(char::is_ascii).collect();
    if ascii.len() > NAME_LENGTH {
        ascii.truncate(NAME_LENGTH - 1);
    }
    ascii
}

/// One PAX record, `LENGTH KEY=VALUE\n`.
///
/// The length counts itself. The reference implementation first guesses it from the number of
/// characters and corrects it once, which is one off where the correction adds a digit; identical
/// bytes ask for the same.
fn record(key: &str, value: &str) -> String {
    let guess = key.len() + value.chars().count() + 3;
    let guess = guess + digits(guess);
    let length = digits(guess) + key.len() + value.len() + 3;
    format!("{length} {key}={value}\n")
}

fn digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}
