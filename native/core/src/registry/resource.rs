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

    /// Every checksum must be a SHA-256, every index into the advisories one of them.
    fn check(&self) -> Result<()> {
        for release in &self.releases {
            let outer = release.outer_checksum.as_ref();
            if release.inner_checksum.len() != CHECKSUM_LENGTH
                || outer.is_some_and(|outer| outer.len() != CHECKSUM_LENGTH)
            {
                return Err(invalid(&self.name, "has a checksum that is no SHA-256"));
            }
            let known = |index: &u32| usize::try_from(*index).is_ok_and(|i| i < self.advisories.len());
            if !release.advisory_indexes.iter().all(known) {
                return Err(invalid(&self.name, "points at an advisory that it does not list"));
            }
        }
        Ok(())
    }
}

impl Resource for Policy {
    fn origin(&self) -> Origin<'_> {
        Origin { repository: &self.repository, name: Some(&self.name) }
    }
}
