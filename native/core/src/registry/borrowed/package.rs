//! The releases of a package.

use super::{
    super::{
        Origin,
        resource::ReleaseRules,
        schema::{RetirementStatus, SecurityAdvisory, Timestamp},
        wire::Message,
    },
    Borrowed,
};
use crate::error::Result;

/// The releases of one package. What only few of them have is owned.
#[derive(Debug, Default)]
pub struct Package<'a> {
    /// The repository.
    pub repository: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Oldest first.
    pub releases: Vec<Release<'a>>,
    /// What releases depend on; those in a row that depend on the same share one.
    pub dependency_lists: Vec<Vec<Dependency<'a>>>,
    /// Security advisories.
    pub advisories: Vec<SecurityAdvisory>,
}

/// One release of a [`Package`].
#[derive(Debug, Default)]
pub struct Release<'a> {
    /// The version.
    pub version: &'a str,
    /// SHA-256, 32 bytes.
    pub inner_checksum: &'a [u8],
    /// SHA-256 of the tarball, 32 bytes.
    pub outer_checksum: Option<&'a [u8]>,
    /// Which of `dependency_lists` is its own.
    pub dependencies: usize,
    /// Set where it is retired.
    pub retired: Option<RetirementStatus>,
    /// Indexes into the package's advisories.
    pub advisory_indexes: Vec<u32>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
}

/// A dependency of a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dependency<'a> {
    /// Package name.
    pub package: &'a str,
    /// Version requirement.
    pub requirement: &'a str,
    /// Whether it is optional.
    pub optional: Option<bool>,
    /// The OTP application, where it differs from the package.
    pub app: Option<&'a str>,
    /// The repository, where it is another one.
    pub repository: Option<&'a str>,
}

impl<'a> Release<'a> {
    /// Reads a release, whose dependencies are appended to the list that is empty, as they are written.
    fn read(bytes: &'a [u8], dependencies: &mut Vec<&'a [u8]>) -> Result<Self> {
        let mut release = Self::default();
        let mut message = Message::new(bytes);
        while let Some(key) = message.next()? {
            match key.0 {
                1 => release.version = message.text(key)?,
                2 => release.inner_checksum = message.bytes(key)?,
                3 => dependencies.push(message.bytes(key)?),
                4 => message.merge(key, release.retired.get_or_insert_default())?,
                5 => release.outer_checksum = Some(message.bytes(key)?),
                6 => message.unsigned_numbers(key, &mut release.advisory_indexes)?,
                7 => message.merge(key, release.published_at.get_or_insert_default())?,
                _ => message.skip(key)?,
            }
        }
        Ok(release)
    }
}

impl<'a> Dependency<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut dependency = Self::default();
        let mut message = Message::new(bytes);
        while let Some(key) = message.next()? {
            match key.0 {
                1 => dependency.package = message.text(key)?,
                2 => dependency.requirement = message.text(key)?,
                3 => dependency.optional = Some(message.flag(key)?),
                4 => dependency.app = Some(message.text(key)?),
                5 => dependency.repository = Some(message.text(key)?),
                _ => message.skip(key)?,
            }
        }
        Ok(dependency)
    }
}

impl<'a> Borrowed<'a> for Package<'a> {
    fn read(payload: &'a [u8]) -> Result<Self> {
        let mut resource = Self::default();
        // Of this release, and of the one before: most depend on the same.
        let (mut dependencies, mut before) = (Vec::new(), Vec::new());
        let mut message = Message::new(payload);
        while let Some(key) = message.next()? {
            match key.0 {
                1 => {
                    dependencies.clear();
                    let mut release = Release::read(message.bytes(key)?, &mut dependencies)?;
                    let lists = &mut resource.dependency_lists;
                    if lists.is_empty() || dependencies != before {
                        let list = dependencies.iter().map(|bytes| Dependency::read(bytes));
                        lists.push(list.collect::<Result<_>>()?);
                        std::mem::swap(&mut dependencies, &mut before);
                    }
                    release.dependencies = lists.len() - 1;
                    resource.releases.push(release);
                }
                2 => resource.name = message.text(key)?,
                3 => resource.repository = message.text(key)?,
                4 => {
                    let mut advisory = SecurityAdvisory::default();
                    message.merge(key, &mut advisory)?;
                    resource.advisories.push(advisory);
                }
                _ => message.skip(key)?,
            }
        }
        Ok(resource)
    }

    fn origin(&self) -> Origin<'a> {
        Origin { repository: self.repository, name: Some(self.name) }
    }

    fn check(&self) -> Result<()> {
        let rules = ReleaseRules { package: self.name, advisories: self.advisories.len() };
        self.releases.iter().try_for_each(|release| {
            rules.check(release.inner_checksum, release.outer_checksum, &release.advisory_indexes)
        })
    }
}
