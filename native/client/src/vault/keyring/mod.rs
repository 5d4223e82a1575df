//! The keyring of the operating system: the Secret Service of the session on Linux and its kin, the
//! Keychain on macOS. A build without the feature `keyring` has none.

use std::{future::Future, time::Duration};

use hexide_core::{Code, Error, Result};

use super::Secret;

#[cfg(not(feature = "keyring"))]
mod absent;
#[cfg(all(feature = "keyring", target_os = "macos"))]
mod keychain;
#[cfg(all(feature = "keyring", not(target_os = "macos")))]
mod secret_service;

#[cfg(not(feature = "keyring"))]
use absent as system;
#[cfg(all(feature = "keyring", target_os = "macos"))]
use keychain as system;
#[cfg(all(feature = "keyring", not(target_os = "macos")))]
use secret_service as system;

/// The name that all our entries stand under.
pub const SERVICE: &str = "hexide";

/// How long the system may take: a person may have to type the password of the keyring first.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The keyring of a session. Nothing is connected until something is asked.
///
/// Each function gives up with `timeout` after the given patience, and fails with `io` and the reason
/// `no_keyring` where there is none, `keyring_locked` where it stays locked, `keyring_left_out` in a build without.
#[derive(Clone, Debug)]
pub struct Keyring {
    bus: Option<String>,
    patience: Duration,
}

impl Keyring {
    /// The keyring behind this address of a session bus, as D-Bus writes addresses; macOS needs none.
    #[must_use]
    pub fn new(bus: Option<String>, patience: Duration) -> Self {
        Self { bus, patience }
    }

    /// Keeps a secret under an account's name, in the place of an older one.
    ///
    /// # Errors
    /// See [`Keyring`].
    pub async fn put(&self, account: &str, secret: &Secret) -> Result<()> {
        self.within(system::put(self.bus.as_deref(), account, secret)).await
    }

    /// The secret kept under an account's name.
    ///
    /// # Errors
    /// `not_found` where nothing is kept; see [`Keyring`].
    pub async fn get(&self, account: &str) -> Result<Secret> {
        self.within(system::get(self.bus.as_deref(), account)).await?.ok_or_else(|| {
            Error::new(Code::NotFound, format!("the keyring holds no secret of {account}"))
                .with(|d| d.reason = Some("not_in_keyring".to_owned()))
        })
    }

    /// Forgets what is kept under an account's name; nothing kept is as good.
    ///
    /// # Errors
    /// See [`Keyring`].
    pub async fn forget(&self, account: &str) -> Result<()> {
        self.within(system::forget(self.bus.as_deref(), account)).await
    }

    async fn within<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::time::timeout(self.patience, work).await.unwrap_or_else(|_| {
            let waited = self.patience;
            Err(Error::new(Code::Timeout, format!("the keyring did not answer within {waited:?}"))
                .with(|d| d.reason = Some("keyring_locked".to_owned())))
        })
    }
}

#[cfg(feature = "keyring")]
fn no_keyring(why: impl Into<String>) -> Error {
    Error::new(Code::Io, why).with(|d| d.reason = Some("no_keyring".to_owned()))
}

#[cfg(all(test, feature = "keyring", not(target_os = "macos")))]
mod tests;
