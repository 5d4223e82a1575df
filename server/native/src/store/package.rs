//! Repositories, packages and finding them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Moment,
    store::{Retirement, User},
};

/// A repository: the public one, or an organization's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its name, as in signed resources.
    pub name: String,
    /// Whether everybody may read it.
    pub public: bool,
    /// When it was made.
    pub inserted_at: Moment,
}

/// Names a package.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackageId {
    /// The repository.
    pub repository: String,
    /// The package.
    pub name: String,
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
    /// Rises with every change of any of this.
    pub generation: i64,
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
