//! Who is asking, and what the credentials reach (docs/protocol.md §3, "Authorization").

use crate::{
    store::{Actor, Key, PackageId, Permission, Principal, PrincipalId, User},
    wire::HttpError,
};

/// Somebody with valid credentials, whether or not the account is active.
#[derive(Clone, Debug)]
pub struct AnyCaller {
    /// For whom the credentials stand: a user, or an organization.
    pub principal: Principal,
    /// The key that was shown, or that the token was got with; `None` with a password, which reaches
    /// everything, and with the token of a session.
    pub key: Option<Key>,
    /// What the token reaches that was shown; `None` without one.
    pub scopes: Option<Vec<Permission>>,
    /// The client.
    pub user_agent: String,
}

/// Somebody with valid credentials and an active account. (An organization is always active.)
#[derive(Clone, Debug)]
pub struct Caller(pub AnyCaller);

/// Anybody; but credentials that are shown must be valid.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<AnyCaller>);

impl Visitor {
    /// Who it is, where it is known.
    #[must_use]
    pub fn caller(&self) -> Option<&AnyCaller> {
        self.0.as_ref()
    }
}

/// What a request needs of a key.
#[derive(Clone, Copy, Debug)]
pub enum Need<'a> {
    /// To read what is the caller's own.
    Read,
    /// To change what is the caller's own.
    Write,
    /// To change a package.
    Package(&'a PackageId),
    /// To see a private package in the API.
    View(&'a PackageId),
    /// To fetch from a private repository.
    Fetch(&'a str),
}

impl AnyCaller {
    /// The caller, as the store knows actors.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { principal: self.id(), user_agent: self.user_agent.clone() }
    }

    /// The number of the user or the organization.
    #[must_use]
    pub fn id(&self) -> PrincipalId {
        self.principal.id()
    }

    /// The user.
    ///
    /// # Errors
    /// 404 for an organization: what is a user's own does not exist for it.
    pub fn user(&self) -> Result<&User, HttpError> {
        match &self.principal {
            Principal::User(user) => Ok(user),
            Principal::Organization(_) => Err(HttpError::not_found()),
        }
    }

    /// Whether the account is active.
    #[must_use]
    pub fn is_active(&self) -> bool {
        match &self.principal {
            Principal::User(user) => user.confirmed,
            Principal::Organization(_) => true,
        }
    }

    /// Refuses a key or token whose permissions do not reach.
    ///
    /// # Errors
    /// 401.
    pub fn demand(&self, need: Need<'_>) -> Result<(), HttpError> {
        let package =
            |id: &PackageId| self.reaches("package", Some(&format!("{}/{}", id.repository, id.name)));
        let reaches = match need {
            Need::Read => self.reaches("api", Some("read")),
            Need::Write => self.reaches("api", Some("write")),
            Need::Package(id) => self.reaches("api", Some("write")) || package(id),
            Need::View(id) => self.reaches("api", Some("read")) || package(id),
            Need::Fetch(repository) => self.reaches("repository", Some(repository)),
        };
        if reaches { Ok(()) } else { Err(HttpError::unauthorized("key not authorized for this action")) }
    }

    /// Whether the permissions of the key and of the token cover that resource of that domain.
    #[must_use]
    pub fn reaches(&self, domain: &str, resource: Option<&str>) -> bool {
        let held = [self.key.as_ref().map(|key| &key.permissions), self.scopes.as_ref()];
        held.into_iter().flatten().all(|permissions| reach(permissions, domain, resource))
    }
}

/// Whether permissions cover that resource of that domain.
#[must_use]
pub fn reach(permissions: &[Permission], domain: &str, resource: Option<&str>) -> bool {
    permissions.iter().any(|held| match (domain, held.domain.as_str()) {
        ("api", "api") => match (held.resource.as_deref(), resource) {
            (None, _) | (Some("write"), Some("read")) => true,
            (held, wanted) => held == wanted,
        },
        ("repository", "repositories") => true,
        (wanted, known) => wanted == known && held.resource.as_deref() == resource,
    })
}
