//! What each payload says of itself, and what it must keep to beyond its schema.

use super::{
    Origin, Resource,
    borrowed::invalid,
    schema::{Names, Package, Policy, Versions},
};
use crate::error::Result;

/// The length of a SHA-256 checksum in bytes.
const CHECKSUM_LENGTH: usize = 32;

impl Resource for Names {
    fn origin(&self) -> Origin<'_> {
        Origin { repository: &self.repository, name: None }
    }
}

impl Resource for Versions {
    fn origin(&self) -> Origin<'_> {
        Origin { repository: &self.repository, name: None }
    }

    /// Every index into a package's versions must be one of them.
    fn check(&self) -> Result<()> {
        for package in &self.packages {
            let known = |index: &i32| usize::try_from(*index).is_ok_and(|i| i < package.versions.len());
            if !package.retired.iter().chain(&package.with_advisories).all(known) {
                return Err(invalid(&package.name, "points at a version that it does not list"));
            }
        }
        Ok(())
    }
}

impl Resource for Package {
    fn origin(&self) -> Origin<'_> {
        Origin { repository: &self.repository, name: Some(&self.name) }
    }

    fn check(&self) -> Result<()> {
        let rules = ReleaseRules { package: &self.name, advisories: self.advisories.len() };
        self.releases.iter().try_for_each(|release| {
            let outer = release.outer_checksum.as_deref();
            rules.check(&release.inner_checksum, outer, &release.advisory_indexes)
        })
    }
}

/// What the releases of a package must keep to.
pub(super) struct ReleaseRules<'a> {
    /// The package.
    pub package: &'a str,
    /// How many advisories it has.
    pub advisories: usize,
}

impl ReleaseRules<'_> {
    /// Every checksum must be a SHA-256, every index into the advisories one of them.
    pub fn check(&self, inner: &[u8], outer: Option<&[u8]>, advisory_indexes: &[u32]) -> Result<()> {
        if inner.len() != CHECKSUM_LENGTH || outer.is_some_and(|outer| outer.len() != CHECKSUM_LENGTH) {
            return Err(invalid(self.package, "has a checksum that is no SHA-256"));
        }
        let known = |index: &u32| usize::try_from(*index).is_ok_and(|index| index < self.advisories);
        if advisory_indexes.iter().all(known) {
            Ok(())
        } else {
            Err(invalid(self.package, "points at an advisory that it does not list"))
        }
    }
}

impl Resource for Policy {
    fn origin(&self) -> Origin<'_> {
        Origin { repository: &self.repository, name: Some(&self.name) }
    }
}
