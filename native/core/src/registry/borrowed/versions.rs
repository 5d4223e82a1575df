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
    /// The versions, oldest first; each is UTF-8.
    pub fn versions(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut message = Message::new(self.entry);
        std::iter::from_fn(move || {
            // Nothing here fails: all of it was read before.
            while let Ok(Some(key)) = message.next() {
                match key.0 {
                    VERSIONS => return message.bytes(key).ok(),
                    _ => message.skip(key).ok()?,
                }
            }
            None
        })
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
