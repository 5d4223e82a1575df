//! The large resources of the index as they lie in their payload, for whoever only passes them on.
//!
//! [`super::schema`] owns every name and version, some 60,000 small allocations for `versions` of hex.pm;
//! here they are borrowed, and what many packages say alike is read once. Both take the same payloads.

mod package;
mod versions;

pub use package::{Dependency, Package, Release};
pub use versions::{Listed, Texts, Versions};

use super::{Origin, schema::Timestamp, wire::Message};
use crate::error::{Code, Error, Result};

/// A resource that borrows from its payload.
pub trait Borrowed<'a>: Sized {
    /// Reads a payload.
    ///
    /// # Errors
    /// `protocol`.
    fn read(payload: &'a [u8]) -> Result<Self>;

    /// The origin that the payload names.
    fn origin(&self) -> Origin<'a>;

    /// Checks what the schema cannot: every index within bounds.
    ///
    /// # Errors
    /// `protocol`.
    fn check(&self) -> Result<()>;
}

/// A resource about many packages.
pub trait Listing<'a>: Borrowed<'a> {
    /// Leaves the packages out whose names are not wanted.
    fn keep(&mut self, wanted: &dyn Fn(&str) -> bool);
}

/// Every package of a repository.
#[derive(Debug, Default, PartialEq)]
pub struct Names<'a> {
    /// The repository.
    pub repository: &'a str,
    /// Each package's name, and when it last changed.
    pub packages: Vec<(&'a str, Option<Timestamp>)>,
}

impl<'a> Borrowed<'a> for Names<'a> {
    fn read(payload: &'a [u8]) -> Result<Self> {
        let mut resource = Self::default();
        let mut message = Message::new(payload);
        while let Some(key) = message.next()? {
            match key.0 {
                1 => {
                    let (mut name, mut updated_at) = ("", None::<Timestamp>);
                    let mut entry = Message::new(message.bytes(key)?);
                    while let Some(key) = entry.next()? {
                        match key.0 {
                            1 => name = entry.text(key)?,
                            3 => entry.merge(key, updated_at.get_or_insert_default())?,
                            _ => entry.skip(key)?,
                        }
                    }
                    resource.packages.push((name, updated_at));
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

    fn check(&self) -> Result<()> {
        Ok(())
    }
}

impl<'a> Listing<'a> for Names<'a> {
    fn keep(&mut self, wanted: &dyn Fn(&str) -> bool) {
        self.packages.retain(|(name, _)| wanted(name));
    }
}

/// The failure of a package that breaks a rule of its resource.
pub(super) fn invalid(package: &str, why: &str) -> Error {
    let shown: String = package.chars().take(200).collect();
    Error::new(Code::Protocol, format!("The package {shown:?} of the registry resource {why}"))
}
