//! Versions: what many packages list alike is read once.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{
    super::{
        Origin,
        wire::{Broken, Message},
    },
    Borrowed, Listing, invalid,
};
use crate::error::Result;

/// Every version of every package of a repository.
#[derive(Debug, Default)]
pub struct Versions<'a> {
    /// The repository.
    pub repository: &'a str,
    /// Each package's name, and which of `lists` is its own.
    pub packages: Vec<(&'a str, usize)>,
    /// What packages list; those that list the same share one.
    pub lists: Vec<Listed<'a>>,
}

/// What a package lists. It is read once to check it and again by who wants it: that costs less than the
/// memory to keep what was read.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    entry: &'a [u8],
    /// The name, where it stands behind something else.
    name: Option<&'a str>,
    has_retired: bool,
    has_advisories: bool,
    sound: bool,
}

/// The tags of an entry of versions.
const NAME: u32 = 1;
const VERSIONS: u32 = 2;
const RETIRED: u32 = 3;
const WITH_ADVISORIES: u32 = 5;

impl<'a> Listed<'a> {
    /// Gives the versions, oldest first, each after its index among the `texts`. A text is UTF-8; with an
    /// index that was not given before, the next one, it is a new one.
    pub fn versions(&self, texts: &mut Texts<'a>, each: &mut dyn FnMut(usize, &'a [u8])) {
        let mut message = Message::new(self.entry);
        // Nothing here fails: all of it was read before.
        while let Ok(Some(key)) = message.next() {
            let read = match key.0 {
                VERSIONS => message.bytes(key).map(|text| each(texts.index(text), text)),
                _ => message.skip(key),
            };
            if read.is_err() {
                break;
            }
        }
    }

    /// Indexes into the versions of the retired ones.
    #[must_use]
    pub fn retired(&self) -> Vec<i32> {
        if self.has_retired { self.numbers(RETIRED) } else { Vec::new() }
    }

    /// Indexes into the versions of those with security advisories.
    #[must_use]
    pub fn with_advisories(&self) -> Vec<i32> {
        if self.has_advisories { self.numbers(WITH_ADVISORIES) } else { Vec::new() }
    }

    fn numbers(&self, tag: u32) -> Vec<i32> {
        let mut numbers = Vec::new();
        let mut message = Message::new(self.entry);
        while let Ok(Some(key)) = message.next() {
            let read = if key.0 == tag { message.numbers(key, &mut numbers) } else { message.skip(key) };
            if read.is_err() {
                break;
            }
        }
        numbers
    }

    fn read(entry: &'a [u8]) -> Result<Self> {
        let (mut name, mut versions, mut indexes) = (None, 0, Vec::new());
        let (mut has_retired, mut has_advisories) = (false, false);
        // Where all is ASCII, every text in it is, too.
        let ascii = entry.is_ascii();
        let mut message = Message::new(entry);
        while let Some(key) = message.next()? {
            match key.0 {
                NAME => name = Some(message.text(key)?),
                VERSIONS => {
                    if ascii {
                        message.bytes(key)?;
                    } else {
                        message.text(key)?;
                    }
                    versions += 1;
                }
                RETIRED | WITH_ADVISORIES => {
                    *(if key.0 == RETIRED { &mut has_retired } else { &mut has_advisories }) = true;
                    message.numbers(key, &mut indexes)?;
                }
                _ => message.skip(key)?,
            }
        }
        let sound = indexes.iter().all(|index| usize::try_from(*index).is_ok_and(|index| index < versions));
        Ok(Self { entry, name, has_retired, has_advisories, sound })
    }
}

/// The different texts among versions: most packages have the same few. One may be there twice, since what is
/// known already is looked up among the recent ones alone.
#[derive(Debug)]
pub struct Texts<'a> {
    all: Vec<&'a [u8]>,
    /// By hash: the [`ends`] of a text, and its index. Of two that want the same place the later one has it.
    recent: Vec<(u64, usize)>,
}

impl Default for Texts<'_> {
    fn default() -> Self {
        Self { all: Vec::new(), recent: vec![(0, usize::MAX); Self::RECENT] }
    }
}

impl<'a> Texts<'a> {
    /// Enough for the versions that most packages have, and no more than a core keeps at hand.
    const RECENT: usize = 2048;

    fn index(&mut self, text: &'a [u8]) -> usize {
        let Some(ends) = ends(text) else { return self.add(text) };
        // The upper bits of the product are those that every byte has a say in.
        let mixed = (ends ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        let place = usize::try_from(mixed).unwrap_or_default() % Self::RECENT;
        if let Some((known, index)) = self.recent.get(place)
            && *known == ends
            && self.all.get(*index).is_some_and(|other| same(other, text))
        {
            return *index;
        }
        let index = self.add(text);
        if let Some(place) = self.recent.get_mut(place) {
            *place = (ends, index);
        }
        index
    }

    fn add(&mut self, text: &'a [u8]) -> usize {
        self.all.push(text);
        self.all.len() - 1
    }
}

/// The first and the last four bytes, where there are as many: of a text of at most eight bytes all of it.
fn ends(text: &[u8]) -> Option<u64> {
    let (first, last) = (text.first_chunk()?, text.last_chunk()?);
    Some(u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32)
}

/// Whether texts with the same [`ends`] are the same. Most are short, and their length decides.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && (one.len() <= 8 || one == other)
}

impl<'a> Borrowed<'a> for Versions<'a> {
    fn read(payload: &'a [u8]) -> Result<Self> {
        let mut resource = Self::default();
        // Growing step by step costs as much as reading; entries of hex.pm have 57 bytes.
        let expected = payload.len() / 48;
        resource.packages.reserve(expected);
        // Which list was read from which bytes: all of an entry but its name, which comes first wherever a
        // registry wrote it.
        let hashing = DefaultHashBuilder::default();
        let mut known = HashTable::<usize>::with_capacity(expected / 2);
        let mut message = Message::new(payload);
        while let Some(key) = message.next()? {
            match key.0 {
                1 => {
                    let entry = message.bytes(key)?;
                    let (name, rest) = Message::new(entry).split_first(1)?.unwrap_or((b"", entry));
                    let name = str::from_utf8(name).map_err(Broken::from)?;
                    let lists = &mut resource.lists;
                    let bytes = |list: usize| lists.get(list).map_or(&b""[..], |listed| listed.entry);
                    let hash = hashing.hash_one(rest);
                    let list = match known.find(hash, |list| bytes(*list) == rest) {
                        Some(list) => *list,
                        None => {
                            let list = lists.len();
                            known.insert_unique(hash, list, |list| hashing.hash_one(bytes(*list)));
                            lists.push(Listed::read(rest)?);
                            list
                        }
                    };
                    let later = lists.get(list).and_then(|listed| listed.name);
                    resource.packages.push((later.unwrap_or(name), list));
                }
                2 => resource.repository = message.text(key)?,
                _ => message.skip(key)?,
            }
        }
        Ok(resource)
    }

    fn origin(&self) -> Origin<'a> {
        Origin { repository: self.repository, name: None }
    }

    /// Every index into a package's versions must be one of them.
    fn check(&self) -> Result<()> {
        match self.lists.iter().position(|listed| !listed.sound) {
            None => Ok(()),
            Some(unsound) => {
                let package = self.packages.iter().find(|(_, list)| *list == unsound);
                let name = package.map_or("", |(name, _)| name);
                Err(invalid(name, "points at a version that it does not list"))
            }
        }
    }
}

impl<'a> Listing<'a> for Versions<'a> {
    fn keep(&mut self, wanted: &dyn Fn(&str) -> bool) {
        self.packages.retain(|(name, _)| wanted(name));
    }
}
