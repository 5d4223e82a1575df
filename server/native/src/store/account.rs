//! Users, keys and what they did.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Moment,
    store::{PrincipalId, StoreError},
};

/// Who does something.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user, or the organization whose key was shown.
    pub principal: PrincipalId,
    /// The client, for the audit log.
    pub user_agent: String,
}

impl Actor {
    /// A user.
    #[must_use]
    pub fn of_user(user_id: i64, user_agent: String) -> Self {
        Self { principal: PrincipalId::User(user_id), user_agent }
    }

    /// The number of the user.
    ///
    /// # Errors
    /// `Forbidden` for an organization: it does nothing that takes a person.
    pub fn user_id(&self) -> Result<i64, StoreError> {
        self.principal.user().ok_or(StoreError::Forbidden)
    }
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

/// One thing that a key may be used for (docs/protocol.md §3).
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
    /// Its name, unique among the owner's keys in force.
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
