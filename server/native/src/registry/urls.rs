//! Where things are found.

use crate::store::PackageId;

/// The addresses under which things are found.
#[derive(Clone, Debug)]
pub struct Urls {
    /// Without a slash at the end.
    pub base: String,
    /// The default repository: its things are found without naming it.
    pub repository: String,
}

impl Urls {
    /// The API.
    #[must_use]
    pub fn api(&self) -> String {
        format!("{}/api", self.base)
    }
    /// The repository.
    #[must_use]
    pub fn repo(&self) -> String {
        format!("{}/repo", self.base)
    }
    /// Whether everybody may see that repository: it is the default one.
    #[must_use]
    pub fn is_public(&self, repository: &str) -> bool {
        repository == self.repository
    }
    /// The documentation site.
    #[must_use]
    pub fn docs(&self) -> String {
        format!("{}/docs", self.base)
    }
    /// A package in the API.
    #[must_use]
    pub fn package(&self, id: &PackageId) -> String {
        if id.repository == self.repository {
            format!("{}/packages/{}", self.api(), id.name)
        } else {
            format!("{}/repos/{}/packages/{}", self.api(), id.repository, id.name)
        }
    }
    /// The page of a package, for people.
    #[must_use]
    pub fn page(&self, id: &PackageId) -> String {
        if self.is_public(&id.repository) {
            format!("{}/packages/{}", self.base, id.name)
        } else {
            format!("{}/packages/{}/{}", self.base, id.repository, id.name)
        }
    }
    /// The archive of a release's documentation.
    #[must_use]
    pub fn docs_archive(&self, id: &PackageId, version: &str) -> String {
        let repo = self.repo();
        if id.repository == self.repository {
            format!("{repo}/docs/{}-{version}.tar.gz", id.name)
        } else {
            format!("{repo}/repos/{}/docs/{}-{version}.tar.gz", id.repository, id.name)
        }
    }
}
