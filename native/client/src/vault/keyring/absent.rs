//! The keyring of a build without one.

use hexide_core::{Code, Error, Result};

use super::super::Secret;

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
    Error::new(Code::Io, "hexide was compiled without support for keyrings")
        .with(|details| details.reason = Some("keyring_left_out".to_owned()))
}
