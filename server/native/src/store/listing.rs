//! What the signed resources are made of.

use crate::{
    clock::Moment,
    store::{Requirement, Retirement},
};

/// What `names` and `versions` are made of: everything, or what changed after a generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Its generation.
    pub generation: i64,
    /// The packages, by name.
    pub packages: Vec<ListedPackage>,
    /// How many packages the repository has, changed or not: from it follows whether any is gone.
    pub count: usize,
}

/// One package of a [`Listing`].
#[derive(Clone, Debug, PartialEq)]
pub struct ListedPackage {
    /// Its name.
    pub name: String,
    /// When it last changed.
    pub updated_at: Moment,
    /// Its versions, oldest first, and whether each is retired.
    pub versions: Vec<(String, bool)>,
}

/// Everything that a package's resource is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageIndex {
    /// Its generation.
    pub generation: i64,
    /// The releases, oldest version first.
    pub releases: Vec<IndexedRelease>,
}

/// One release of a [`PackageIndex`].
#[derive(Clone, Debug, PartialEq)]
pub struct IndexedRelease {
    /// The version.
    pub version: String,
    /// SHA-256 over version, metadata and contents.
    pub inner_checksum: Vec<u8>,
    /// SHA-256 of the tarball.
    pub outer_checksum: Vec<u8>,
    /// Why it is retired.
    pub retirement: Option<Retirement>,
    /// What it depends on, by name.
    pub requirements: Vec<Requirement>,
    /// When it was published.
    pub published_at: Moment,
}
