//! The Secret Service of freedesktop.org, which GNOME Keyring, KWallet and KeePassXC offer on the
//! session's bus.
//!
//! All of it is async and on the caller's runtime: dropped, it closes its connection, and the service
//! takes back the prompt that it may be showing. Secrets cross the bus encrypted. The attributes of an
//! entry are those that other programs give theirs, so that the desktop's own tools find it.

use std::collections::HashMap;

use hexide_core::{Code, Error, Result};
use secrecy::{ExposeSecret, SecretBox};
use secret_service::{EncryptionType, Error as Failure, Item, SecretService};
use zbus::connection::Builder;

use super::{super::Secret, SERVICE, no_keyring};

pub async fn put(bus: Option<&str>, account: &str, secret: &Secret) -> Result<()> {
    let service = connect(bus).await?;
    let work = async {
        let collection = service.get_default_collection().await?;
        if collection.is_locked().await? {
            collection.unlock().await?;
        }
        let label = format!("{SERVICE}: {account}");
        let secret = secret.expose_secret();
        let attributes = attributes(account);
        collection.create_item(&label, attributes, secret, true, "application/octet-stream").await?;
        Ok(())
    };
    work.await.map_err(|failure| failed(&failure))
}

pub async fn get(bus: Option<&str>, account: &str) -> Result<Option<Secret>> {
    let service = connect(bus).await?;
    let work = async {
        match entries(&service, account).await?.first() {
            Some(entry) => Ok(Some(SecretBox::new(Box::new(entry.get_secret().await?)))),
            None => Ok(None),
        }
    };
    work.await.map_err(|failure| failed(&failure))
}

pub async fn forget(bus: Option<&str>, account: &str) -> Result<()> {
    let service = connect(bus).await?;
    let work = async {
        for entry in entries(&service, account).await? {
            entry.delete().await?;
        }
        Ok(())
    };
    work.await.map_err(|failure| failed(&failure))
}

fn attributes(account: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", account)])
}

/// The entries of an account, unlocked. More than one is another program's doing.
async fn entries<'a>(service: &'a SecretService<'_>, account: &str) -> Result<Vec<Item<'a>>, Failure> {
    let found = service.search_items(attributes(account)).await?;
    for entry in &found.locked {
        entry.unlock().await?;
    }
    Ok(found.unlocked.into_iter().chain(found.locked).collect())
}

async fn connect(bus: Option<&str>) -> Result<SecretService<'static>> {
    let bus = bus.ok_or_else(|| no_keyring("there is no keyring: this session has no D-Bus"))?;
    // A secret stays on this machine, and no address may start a program.
    let local = bus.split(';').find(|address| address.starts_with("unix:"));
    let local = local
        .ok_or_else(|| no_keyring("the session's D-Bus is at no local socket, so it gets no secrets"))?;
    let builder =
        Builder::address(local).map_err(|_| no_keyring("the address of the session's D-Bus is none"))?;
    let unreachable = |_| no_keyring("there is no keyring: the session's D-Bus cannot be reached");
    let connection = builder.build().await.map_err(unreachable)?;
    SecretService::connect_with_existing(EncryptionType::Dh, connection).await.map_err(
        |failure| match failure {
            Failure::Unavailable => no_program(),
            failure => failed(&failure),
        },
    )
}

fn failed(failure: &Failure) -> Error {
    match failure {
        Failure::Locked | Failure::Prompt | Failure::PromptDisconnected => {
            Error::new(Code::Io, "the keyring stayed locked: nobody gave its password")
                .with(|d| d.reason = Some("keyring_locked".to_owned()))
        }
        Failure::NoResult => no_keyring("the keyring has no default collection to keep secrets in"),
        Failure::Zbus(zbus::Error::MethodError(name, _, _))
            if name.as_str() == "org.freedesktop.DBus.Error.ServiceUnknown" =>
        {
            no_program()
        }
        Failure::ZbusFdo(zbus::fdo::Error::ServiceUnknown(_)) => no_program(),
        failure => Error::new(Code::Io, format!("the keyring failed: {failure}")),
    }
}

fn no_program() -> Error {
    no_keyring("there is no keyring: no program offers the Secret Service on the session's D-Bus")
}
