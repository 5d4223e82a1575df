//! Reading a tar archive as a stream: headers, long names (PAX and GNU), and the content of one entry at a time.
//!
//! What an entry means, and whether it is wanted, is for the caller to say.

use std::io::{self, Read};

use super::header::{self, BLOCK, Header, flag};
use crate::error::{Code, Error, Result};

/// The most bytes that the PAX records or the long name before one entry may have.
const MAX_LONG: u64 = 1 << 20;

/// One entry of the archive, long names applied.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) path: String,
    /// The target of a link.
    pub(super) target: String,
    pub(super) mode: u32,
    pub(super) size: u64,
    pub(super) flag: u8,
    /// Whether its content is stored with holes, under whatever type.
    pub(super) sparse: bool,
}

/// A tar archive that is read from front to back.
pub(super) struct Archive<R> {
    input: R,
    /// Bytes of the current entry that were not read yet.
    left: u64,
    /// Zeros after it.
    padding: u64,
    cut_short: bool,
}

/// What PAX and GNU headers said about the entry that follows them.
#[derive(Default)]
struct Long {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

fn damaged(why: &str) -> Error {
    Error::new(Code::BadTarball, format!("The tar archive is damaged: {why}"))
}

fn cut_short() -> Error {
    damaged("it is cut short")
}

impl<R: Read> Archive<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, left: 0, padding: 0, cut_short: false }
    }

    /// What the archive is read from.
    pub(super) fn input(&mut self) -> &mut R {
        &mut self.input
    }

    /// The next entry, or nothing at the end of the archive. What was not read of the one before is skipped.
    ///
    /// # Errors
    /// `bad_tarball`, `too_large` (a long name). Where the input itself failed, that shows as "cut short";
    /// the caller knows its input.
    pub(super) fn next(&mut self) -> Result<Option<Item>> {
        let mut long = Long::default();
        loop {
            self.skip()?;
            let Some(header) = self.header()? else { return Ok(None) };
            // POSIX: whatever size is written on these, no content follows.
            let size = match header.flag {
                flag::DIRECTORY | flag::SYMLINK | flag::HARD_LINK => 0,
                _ => header.size,
            };
            self.left = size;
            self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
            match header.flag {
                flag::PAX => long.read_pax(&self.long()?)?,
                flag::PAX_GLOBAL => {}
                flag::GNU_LONG_NAME => long.path = Some(until_zero(self.long()?)),
                flag::GNU_LONG_TARGET => long.target = Some(until_zero(self.long()?)),
                _ => return long.apply(header, size).map(Some),
            }
        }
    }

    /// The content of the current entry.
    pub(super) fn body(&mut self) -> Body<'_, R> {
        Body(self)
    }

    /// Why the content could not be read, where it could not.
    pub(super) fn failure(&self) -> Option<Error> {
        self.cut_short.then(cut_short)
    }

    fn header(&mut self) -> Result<Option<Header>> {
        let mut block = [0; BLOCK];
        self.input.read_exact(&mut block).map_err(|_| cut_short())?;
        if block != [0; BLOCK] {
            return header::parse(&block).map(Some);
        }
        // Two blocks of zeros end an archive; that the second is missing is commonly forgiven.
        match self.input.read_exact(&mut block) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(cut_short()),
            Ok(()) if block != [0; BLOCK] => Err(damaged("something follows its end")),
            _ => Ok(None),
        }
    }

    fn skip(&mut self) -> Result<()> {
        let unread = self.left.checked_add(self.padding).ok_or_else(cut_short)?;
        (self.left, self.padding) = (0, 0);
        let skipped = io::copy(&mut self.input.by_ref().take(unread), &mut io::sink());
        if skipped.is_ok_and(|skipped| skipped == unread) { Ok(()) } else { Err(cut_short()) }
    }

    fn long(&mut self) -> Result<Vec<u8>> {
        if self.left > MAX_LONG {
            return Err(Error::new(Code::TooLarge, "A name in the tar archive is longer than 1 MiB")
                .with(|d| d.limit = Some(MAX_LONG)));
        }
        let mut bytes = Vec::new();
        self.body().read_to_end(&mut bytes).map_err(|_| cut_short())?;
        Ok(bytes)
    }
}

impl<'a> Archive<&'a [u8]> {
    /// The content of the current entry, where it lies.
    ///
    /// # Errors
    /// `bad_tarball` where it is cut short.
    pub(super) fn slice(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.left).map_err(|_| cut_short())?;
        let (body, rest) = self.input.split_at_checked(length).ok_or_else(cut_short)?;
        self.input = rest;
        self.left = 0;
        Ok(body)
    }
}

/// The content of one entry. Ends where the entry ends; an archive that ends before is an error.
pub(super) struct Body<'a, R>(&'a mut Archive<R>);

impl<R: Read> Read for Body<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let archive = &mut *self.0;
        let room = usize::try_from(archive.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..room).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        match archive.input.read(buffer) {
            Ok(0) => {
                archive.cut_short = true;
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(read) => {
                archive.left -= read as u64;
                Ok(read)
            }
            Err(error) => {
                archive.cut_short = error.kind() != io::ErrorKind::Interrupted;
                Err(error)
            }
        }
    }
}

impl Long {
    /// Takes the records of a PAX header. A record says its own length, which the reference
    /// implementation writes one too small at times (see `write::record`); then its end is the next newline.
    fn read_pax(&mut self, mut records: &[u8]) -> Result<()> {
        let malformed = || damaged("a PAX header is malformed");
        while !records.is_empty() {
            let space = records.iter().position(|byte| *byte == b' ').ok_or_else(malformed)?;
            let length = records.get(..space).and_then(|digits| str::from_utf8(digits).ok());
            let length: usize = length.and_then(|digits| digits.parse().ok()).ok_or_else(malformed)?;
            let announced = length.checked_sub(1).and_then(|last| records.get(last));
            let length = if length > space && announced == Some(&b'\n') {
                length
            } else {
                records.iter().position(|byte| *byte == b'\n').ok_or_else(malformed)? + 1
            };
            let (record, rest) = records.split_at_checked(length).ok_or_else(malformed)?;
            let record = record.get(space + 1..length - 1).ok_or_else(malformed)?;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(malformed)?;
            let (key, value) = record.split_at_checked(equals).ok_or_else(malformed)?;
            self.set(key, value.get(1..).unwrap_or_default())?;
            records = rest;
        }
        Ok(())
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        // POSIX: an empty value takes back what was said before.
        let given = (!value.is_empty()).then(|| value.to_vec());
        match key {
            b"path" => self.path = given,
            b"linkpath" => self.target = given,
            b"size" => {
                let size = str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
                self.size = Some(size.ok_or_else(|| damaged("a PAX header gives no size"))?);
            }
            _ if key.starts_with(b"GNU.sparse.") => self.sparse = true,
            _ => {}
        }
        Ok(())
    }

    fn apply(self, header: Header, size: u64) -> Result<Item> {
        // Readers disagree on which of two sizes counts, so that one archive could have two contents.
        if self.size.is_some_and(|pax| pax != size) {
            return Err(damaged("an entry has two different sizes"));
        }
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes).map_err(|_| damaged("the name of an entry is not UTF-8"))
        };
        Ok(Item {
            path: text(self.path.unwrap_or(header.name))?,
            target: text(self.target.unwrap_or(header.target))?,
            mode: header.mode,
            size,
            flag: header.flag,
            sparse: self.sparse || header.flag == flag::GNU_SPARSE,
        })
    }
}

fn until_zero(mut name: Vec<u8>) -> Vec<u8> {
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    name.truncate(end);
    name
}
