//! The keyring of a build without one.

use hexide_core::{Error, Result};

use super::{super::Secret, no_keyring};

pub async fn put(_: Option<&str>, _: &str, _: &Secret) -> Result<()> {
    Err(lacking())
}

pub async fn get(_: Option<&str>, _: &str) -> Result<Option<Secret>> {
    Err(lacking())
}

pub async fn forget(_: Option<&str>, _: &str) -> Result<()> {
    Err(lacking())
}

fn lacking() -> Error {
    no_keyring("hexide was compiled without support for keyrings")
}
