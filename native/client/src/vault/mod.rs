//! How secrets are kept at rest: sealed under a password, or in the keyring of the operating system.

pub mod keyring;
pub mod sealed;

use secrecy::SecretBox;

/// A secret of any bytes. It is wiped when dropped and never shown.
pub type Secret = SecretBox<Vec<u8>>;
