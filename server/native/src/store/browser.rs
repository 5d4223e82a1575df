//! Browsers that are signed in, and the links that are mailed to people.

use crate::{clock::Moment, store::User};

/// How far a browser has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the two-factor code is still to come.
    AwaitsCode,
    /// Signed in.
    SignedIn,
}

/// A browser of a user. Its secret is not kept, only the secret's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserSession {
    /// Its number.
    pub id: i64,
    /// The user.
    pub user: User,
    /// How far it has come.
    pub stage: Stage,
    /// What the browser calls itself.
    pub user_agent: String,
    /// The address it was last seen at.
    pub ip: String,
    /// When it was made.
    pub inserted_at: Moment,
    /// When it was last seen, to the minute.
    pub seen_at: Moment,
}

/// A session to be made.
#[derive(Clone, Debug)]
pub struct NewBrowserSession {
    /// The user.
    pub user_id: i64,
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
    /// How far it has come.
    pub stage: Stage,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Its address.
    pub ip: String,
    /// When it ends.
    pub ends_at: Moment,
}

/// What a mailed link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To set a new password.
    Reset,
    /// To confirm the e-mail address.
    Confirm,
}

impl Purpose {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Confirm => "confirm",
        }
    }
}

/// A link to be mailed. Only the hash of its token is kept.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// Whom it is for.
    pub user_id: i64,
    /// What it is good for; an older link of the same purpose ends.
    pub purpose: Purpose,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// When it ends.
    pub ends_at: Moment,
}
