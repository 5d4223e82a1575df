//! The nouns of the store.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Moment;

/// A repository: the public one, or an organization's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its name, as in signed resources.
    pub name: String,
    /// Whether everybody may read it.
    pub public: bool,
}

/// Names a package.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackageId {
    /// The repository.
    pub repository: String,
    /// The package.
    pub name: String,
}

/// Names a release.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseId {
    /// Its package.
    pub package: PackageId,
    /// Its version.
    pub version: String,
}

/// Who does something.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user.
    pub user_id: i64,
    /// The client, for the audit log.
    pub user_agent: String,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub id: i64,
    /// The unique name.
    pub username: String,
    /// The unique e-mail address.
    pub email: String,
    /// The name in full.
    pub full_name: Option<String>,
    /// Whether the account is active.
    pub confirmed: bool,
    /// When it was made.
    pub inserted_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// The name in full.
    pub full_name: Option<String>,
    /// The password, hashed.
    pub password_hash: Option<String>,
    /// Whether it is active at once.
    pub confirmed: bool,
}

/// One thing that a key may be used for (protocol.md §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// `api`, `package`, `repository`, `repositories` or `docs`.
    pub domain: String,
    /// `read` or `write` of `api`, `REPOSITORY/PACKAGE`, a repository; `None` is all.
    pub resource: Option<String>,
}

/// When and from where a key was last used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The address of the client.
    pub ip: String,
    /// What the client calls itself.
    pub user_agent: String,
    /// When.
    pub used_at: Moment,
}

/// An API key. Its secret is not kept, only the secret's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its number.
    pub id: i64,
    /// Its name, unique among the user's keys in force.
    pub name: String,
    /// What it may be used for.
    pub permissions: Vec<Permission>,
    /// When it ends, or ended.
    pub revoke_at: Option<Moment>,
    /// Its last use.
    pub last_use: Option<KeyUse>,
    /// When it was made.
    pub inserted_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The name that is wished.
    pub name: String,
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
    /// What it may be used for.
    pub permissions: Vec<Permission>,
    /// When it ends.
    pub revoke_at: Option<Moment>,
}

/// What a package says of itself, taken from its latest release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PackageMeta {
    /// One paragraph.
    pub description: Option<String>,
    /// SPDX identifiers.
    pub licenses: Vec<String>,
    /// Labelled links.
    pub links: Vec<(String, String)>,
    /// Data of other tools.
    pub extra: Option<Value>,
}

/// A package with its releases and owners.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Its name.
    pub id: PackageId,
    /// What it says of itself.
    pub meta: PackageMeta,
    /// When it was first published.
    pub inserted_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// The releases, newest version first.
    pub releases: Vec<ReleaseSummary>,
    /// The owners, oldest first.
    pub owners: Vec<Owner>,
}

/// A release, as its package lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseSummary {
    /// The version.
    pub version: String,
    /// The OTP application.
    pub app: String,
    /// When it was published.
    pub inserted_at: Moment,
    /// Whether it has documentation.
    pub has_docs: bool,
    /// Why it is retired.
    pub retirement: Option<Retirement>,
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

/// The reasons for which a release is retired (protocol.md §3).
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

/// What an owner may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Everything.
    Full,
    /// Publish, but not change the owners.
    Maintainer,
}

impl Level {
    /// The level of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "full" => Some(Self::Full),
            "maintainer" => Some(Self::Maintainer),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Maintainer => "maintainer",
        }
    }
}

/// An owner of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: User,
    /// The level.
    pub level: Level,
}

/// One condition of a search; a package must meet all of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Words anywhere: in the name, or all of them in the description.
    Text(String),
    /// The name; `*` stands for anything.
    Name(String),
    /// The name of the repository.
    Repository(String),
    /// Words of the description.
    Description(String),
    /// Depends on that package.
    Depends(String),
    /// Built with that tool.
    BuildTool(String),
    /// Changed after that moment.
    UpdatedAfter(Moment),
    /// Has that value at that path of its extra metadata.
    Extra(Vec<String>, Value),
}

/// The order of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    Name,
    /// Newest package first.
    InsertedAt,
    /// Last changed first.
    UpdatedAt,
}

/// Which packages are wanted.
#[derive(Clone, Debug)]
pub struct Search {
    /// The repository.
    pub repository: String,
    /// The conditions.
    pub filters: Vec<Filter>,
    /// The order.
    pub sort: Sort,
    /// The page, from 1.
    pub page: u32,
    /// Packages a page.
    pub per_page: u32,
}

/// One line of an audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// What was done: `release.publish`, `owner.add`, …
    pub action: String,
    /// The client.
    pub user_agent: String,
    /// What it was done to.
    pub params: Value,
}

/// Everything that `names` and `versions` are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Its generation.
    pub generation: i64,
    /// The packages, by name.
    pub packages: Vec<ListedPackage>,
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
