//! The Keychain of macOS. Its calls block while it asks the user, so they run on the blocking pool.

use hexide_core::{Code, Error, Result};
use keyring::v1::{Entry, Error as Failure};
use secrecy::{ExposeSecret, SecretBox};
use tokio::sync::Mutex;

use super::{super::Secret, SERVICE, no_keyring};

/// One call at a time: a prompt that nobody answers holds one thread, not one for every try.
static TURN: Mutex<()> = Mutex::const_new(());

pub async fn put(_: Option<&str>, account: &str, secret: &Secret) -> Result<()> {
    let secret: Secret = SecretBox::new(Box::new(secret.expose_secret().clone()));
    ask(account, move |entry| entry.set_secret(secret.expose_secret())).await
}

pub async fn get(_: Option<&str>, account: &str) -> Result<Option<Secret>> {
    ask(account, |entry| match entry.get_secret() {
        Ok(secret) => Ok(Some(SecretBox::new(Box::new(secret)))),
        Err(Failure::NoEntry) => Ok(None),
        Err(failure) => Err(failure),
    })
    .await
}

pub async fn forget(_: Option<&str>, account: &str) -> Result<()> {
    ask(account, |entry| match entry.delete_credential() {
        Ok(()) | Err(Failure::NoEntry) => Ok(()),
        Err(failure) => Err(failure),
    })
    .await
}

async fn ask<T, Work>(account: &str, work: Work) -> Result<T>
where
    T: Send + 'static,
    Work: FnOnce(&Entry) -> keyring::v1::Result<T> + Send + 'static,
{
    let turn = TURN.lock().await;
    let account = account.to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        let answer = Entry::new(SERVICE, &account).and_then(|entry| work(&entry));
        drop(turn);
        answer
    });
    let answer = asked.await.map_err(|_| Error::new(Code::Internal, "the keyring's call panicked"))?;
    answer.map_err(|failure| match failure {
        Failure::NoDefaultStore => no_keyring("the Keychain cannot be reached"),
        Failure::NoStorageAccess(_) => Error::new(Code::Io, "the Keychain stayed locked")
            .with(|d| d.reason = Some("keyring_locked".to_owned())),
        // Its text may quote what was found.
        _ => Error::new(Code::Io, "the Keychain failed"),
    })
}
