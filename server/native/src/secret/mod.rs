//! Randomness, API keys and passwords; one-time codes are in [`totp`].

pub mod totp;

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use aws_lc_rs::rand;
use hexide_core::hex;
use sha2::{Digest, Sha256};

/// The system gave no randomness, or a password could not be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no randomness")]
pub struct NoSecret;

/// That many random bytes, in lower-case hex.
///
/// # Errors
/// [`NoSecret`].
pub fn random_hex<const BYTES: usize>() -> Result<String, NoSecret> {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes).map_err(|_| NoSecret)?;
    Ok(hex::lower(&bytes))
}

/// What is kept of an API key's secret. A plain SHA-256 is enough: a secret is 128 random bits, which
/// nobody can search through, so there is nothing for a slow hash to slow down (a password is another
/// matter), and the database finds the key by it.
#[must_use]
pub fn hash_key(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Hashes a password (argon2id). Takes tens of milliseconds and 19 MiB: run it on the CPU budget.
///
/// # Errors
/// [`NoSecret`].
pub fn hash_password(password: &str) -> Result<String, NoSecret> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| NoSecret)?;
    Ok(hash.to_string())
}

/// Whether the password is the hashed one. As slow as hashing, also where there is no hash: the time
/// taken must not tell whether a user exists.
#[must_use]
pub fn password_matches(password: &str, hash: Option<&str>) -> bool {
    match hash.and_then(|hash| PasswordHash::new(hash).ok()) {
        Some(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        None => {
            drop(hash_password(password));
            false
        }
    }
}
