//! Devices that ask to be signed in, the sessions and tokens they get, and second factors.
//!
//! Codes and tokens are known by the SHA-256 of their text only, as keys are.

use super::{KeyUse, User};
use crate::{clock::Moment, secret::totp};

/// How far the request of a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Nobody has decided yet.
    Pending,
    /// A user has approved it; the device has not fetched its tokens yet.
    Approved,
    /// A user has refused it.
    Denied,
    /// The device has fetched its tokens.
    Spent,
    /// Nobody decided in time, or the device did not come back in time.
    Expired,
}

/// What a device asks for (RFC 8628 §3.1), to be kept.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// The program.
    pub client_id: String,
    /// What it wants to reach: `api`, `repositories`, …
    pub scopes: Vec<String>,
    /// What the machine is called, as the program says.
    pub name: Option<String>,
    /// What a person types in: eight capital letters and digits.
    pub user_code: String,
    /// SHA-256 of what the device asks with.
    pub code_hash: [u8; 32],
    /// The address it asks from.
    pub ip: String,
    /// What it calls itself.
    pub user_agent: String,
    /// When it is too late.
    pub expires_at: Moment,
}

/// The request of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRequest {
    /// Its number.
    pub id: i64,
    /// The program.
    pub client_id: String,
    /// What it wants to reach.
    pub scopes: Vec<String>,
    /// What the machine is called.
    pub name: Option<String>,
    /// What a person types in.
    pub user_code: String,
    /// The address it asked from.
    pub ip: String,
    /// What it calls itself.
    pub user_agent: String,
    /// How far it is.
    pub state: DeviceState,
    /// When it asked.
    pub inserted_at: Moment,
    /// When it is too late.
    pub expires_at: Moment,
}

/// The signed-in state of one program on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// What the machine is called.
    pub name: Option<String>,
    /// The program.
    pub client_id: String,
    /// What it may reach, as it was approved.
    pub scopes: Vec<String>,
    /// Its last use.
    pub last_use: Option<KeyUse>,
    /// When it began.
    pub inserted_at: Moment,
    /// When it ends unless it is renewed.
    pub expires_at: Moment,
}

/// An access token to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewToken {
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// When it ends.
    pub expires_at: Moment,
}

/// The tokens that a session is to have from now on.
#[derive(Clone, Copy, Debug)]
pub struct NewTokens {
    /// What requests carry.
    pub access: NewToken,
    /// What the next pair is got with.
    pub refresh: NewToken,
}

/// What holds for every session.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// How many seconds a device must let pass before it asks again.
    pub interval: u32,
    /// How many sessions a user may have.
    pub most: usize,
}

/// Why no tokens were given (RFC 6749 §5.2, RFC 8628 §3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such code or token, or it was spent.
    Unknown,
    /// It was given to another program.
    OtherClient,
    /// Nobody has decided yet.
    Pending,
    /// Nobody has decided yet, and the device asks too often.
    TooFast,
    /// It is too late.
    Expired,
    /// The user refused.
    Denied,
    /// It was replaced or revoked; whoever shows it again has the session revoked.
    Revoked,
}

/// Tokens were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What they reach, each repository by its name.
    pub scopes: Vec<String>,
}

/// What stands behind an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// A session of that user.
    Session(Box<(Session, User)>),
    /// A key: the hash of its secret.
    Key([u8; 32]),
}

/// An access token in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// What it reaches.
    pub scopes: Vec<String>,
    /// What stands behind it.
    pub source: TokenSource,
}

/// The second factor of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoFactor {
    /// What the codes are made of.
    pub secret: totp::Secret,
    /// Since when it is on.
    pub inserted_at: Moment,
}

/// A user code as it is kept: people type small letters, spaces and dashes.
#[must_use]
pub fn plain_user_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(16).collect()
}
