//! Releases.

use crate::{
    clock::Moment,
    shelf::Weighed,
    store::{PackageId, PackageMeta, User},
};

/// Names a release.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseId {
    /// Its package.
    pub package: PackageId,
    /// Its version.
    pub version: String,
}

/// A dependency of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The repository of the package.
    pub repository: String,
    /// The package.
    pub package: String,
    /// The OTP application.
    pub app: String,
    /// The version requirement.
    pub requirement: String,
    /// Whether it is optional.
    pub optional: bool,
}

/// The reasons for which a release is retired (docs/protocol.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// `other`
    Other,
    /// `invalid`
    Invalid,
    /// `security`
    Security,
    /// `deprecated`
    Deprecated,
    /// `renamed`
    Renamed,
}

impl Reason {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Other, "other"),
        (Self::Invalid, "invalid"),
        (Self::Security, "security"),
        (Self::Deprecated, "deprecated"),
        (Self::Renamed, "renamed"),
    ];

    /// The reason of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(reason, _)| reason)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(reason, _)| *reason == self).map_or("other", |(_, name)| name)
    }
}

/// Why a release is retired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retirement {
    /// The reason.
    pub reason: Reason,
    /// A message for people.
    pub message: Option<String>,
}

/// A release with all that the API shows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// Its package and version.
    pub id: ReleaseId,
    /// The OTP application.
    pub app: String,
    /// The build tools.
    pub build_tools: Vec<String>,
    /// The Elixir requirement.
    pub elixir: Option<String>,
    /// SHA-256 of the tarball.
    pub outer_checksum: Vec<u8>,
    /// What it depends on, by name.
    pub requirements: Vec<Requirement>,
    /// Why it is retired.
    pub retirement: Option<Retirement>,
    /// Whether it has documentation.
    pub has_docs: bool,
    /// Who published it.
    pub publisher: Option<User>,
    /// When it was published.
    pub inserted_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// A release to be published; its tarball is stored already.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Its package and version.
    pub id: ReleaseId,
    /// The OTP application.
    pub app: String,
    /// The build tools.
    pub build_tools: Vec<String>,
    /// The Elixir requirement.
    pub elixir: Option<String>,
    /// What it says of the package.
    pub meta: PackageMeta,
    /// What it depends on.
    pub requirements: Vec<Requirement>,
    /// SHA-256 over version, metadata and contents.
    pub inner_checksum: [u8; 32],
    /// SHA-256 of the tarball.
    pub outer_checksum: [u8; 32],
    /// The name of the blob that holds the tarball.
    pub blob: String,
    /// Whether a release of that version is to be replaced.
    pub replace: bool,
}

/// A release that was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// The release.
    pub release: Release,
    /// Whether it replaced one, and then the blob that nothing refers to now.
    pub replaced: Option<String>,
}

/// Where the tarball of a release is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTarball {
    /// The name of the blob.
    pub blob: String,
    /// Its SHA-256.
    pub outer_checksum: Vec<u8>,
}

impl Weighed for StoredTarball {
    fn bytes(&self) -> usize {
        self.blob.len() + self.outer_checksum.len()
    }
}
