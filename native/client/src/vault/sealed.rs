//! Secrets sealed under a password: a key derived by Argon2id (RFC 9106), then AES-256-GCM.
//!
//! The costs of the derivation are kept beside what they protect, so that they may grow without making
//! older secrets unreadable. All of it is outside data when it is read: nothing is computed or allocated
//! beyond the bounds here.
//!
//! Sealing and opening occupy one core and the memory of [`Cost::DEFAULT`] for a good part of a second:
//! run them within the CPU budget.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand,
};
use hexide_core::{Code, Error, Result};
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use zeroize::{Zeroize, Zeroizing};

use super::Secret;

const KEY: usize = 32;
const NONCE: usize = 12;
const TAG: usize = 16;
/// What RFC 9106 recommends.
const SALT: usize = 16;

/// The longest salt that is believed, in bytes.
const MAX_SALT: usize = 64;
/// The longest secret, in bytes: keys and tokens have hundreds.
pub const MAX_SECRET: usize = 64 * 1024;

/// What deriving a key costs, for us and for whoever guesses passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes: how many cores can share the work.
    pub lanes: u32,
}

impl Cost {
    /// What secrets are sealed with: the memory and passes that RFC 9106 recommends where memory is
    /// scarce, several times OWASP's least. One lane, since only one core works here.
    pub const DEFAULT: Self = Self { memory: 64 * 1024, passes: 3, lanes: 1 };

    /// The most that is spent on opening, a few seconds. A file that asks for more is not ours.
    pub const MOST: Self = Self { memory: 256 * 1024, passes: 16, lanes: 16 };

    fn params(self) -> Result<Params> {
        let most = Self::MOST;
        if self.memory > most.memory || self.passes > most.passes || self.lanes > most.lanes {
            return Err(damaged("its costs are beyond reason"));
        }
        Params::new(self.memory, self.passes, self.lanes, Some(KEY))
            .map_err(|_| damaged("its costs make no sense"))
    }
}

/// A sealed secret. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The costs that it was sealed with.
    pub cost: Cost,
    /// The salt of the derivation.
    pub salt: Vec<u8>,
    /// The nonce of the cipher, 12 bytes.
    pub nonce: Vec<u8>,
    /// The encrypted secret and then its tag of 16 bytes.
    pub data: Vec<u8>,
}

/// Seals a secret. Only the same password and account open it: bound to its account, it cannot be passed
/// off as another's.
///
/// # Errors
/// `too_large` beyond [`MAX_SECRET`], `io` where the system gives no memory or randomness.
pub fn seal(secret: &Secret, password: &Secret, account: &str) -> Result<Sealed> {
    seal_with(secret, password, account, Cost::DEFAULT, random::<SALT>()?.to_vec(), random()?)
}

fn seal_with(
    secret: &Secret,
    password: &Secret,
    account: &str,
    cost: Cost,
    salt: Vec<u8>,
    nonce: [u8; NONCE],
) -> Result<Sealed> {
    let secret = secret.expose_secret();
    if secret.len() > MAX_SECRET {
        return Err(Error::new(Code::TooLarge, "the secret is too long to be sealed")
            .with(|d| d.limit = u64::try_from(MAX_SECRET).ok()));
    }
    let key = derive(password, &salt, cost)?;
    // Room for the tag too: growing would leave a copy of the secret behind.
    let mut data = Zeroizing::new(Vec::with_capacity(secret.len() + TAG));
    data.extend_from_slice(secret);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(account), &mut *data)
        .map_err(|_| Error::new(Code::Internal, "the secret could not be sealed"))?;
    Ok(Sealed { cost, salt, nonce: nonce.to_vec(), data: std::mem::take(&mut *data) })
}

/// Opens a sealed secret.
///
/// # Errors
/// `unauthorized` with the reason `wrong_password` where the password or the account is another, or a
/// byte was changed: the cipher cannot tell these apart. `bad_config` where the parts have not the sizes
/// that they must have, or ask for more than [`Cost::MOST`]. `io` where the system gives no memory.
pub fn open(sealed: &Sealed, password: &Secret, account: &str) -> Result<Secret> {
    let Sealed { cost, salt, nonce, data } = sealed;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged("its nonce is not 12 bytes"))?;
    if !(TAG..=MAX_SECRET + TAG).contains(&data.len()) {
        return Err(damaged("its data has an impossible length"));
    }
    if salt.len() > MAX_SALT {
        return Err(damaged("its salt is too long"));
    }
    let key = derive(password, salt, *cost)?;
    let mut opened: Secret = SecretBox::new(Box::new(data.clone()));
    let buffer = opened.expose_secret_mut();
    let length = key.open_in_place(nonce, Aad::from(account), buffer).map_err(|_| wrong_password())?.len();
    buffer.truncate(length);
    Ok(opened)
}

fn derive(password: &Secret, salt: &[u8], cost: Cost) -> Result<LessSafeKey> {
    let params = cost.params()?;
    let mut memory = Memory::new(params.block_count())?;
    let mut key = Zeroizing::new([0; KEY]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.expose_secret(), salt, &mut *key, &mut memory.0)
        .map_err(|_| damaged("its salt is too short"))?;
    UnboundKey::new(&AES_256_GCM, &*key)
        .map(LessSafeKey::new)
        .map_err(|_| Error::new(Code::Internal, "the derived key has not the size that the cipher takes"))
}

/// The memory of the derivation: wiped, because the key can be computed from what is left in it.
struct Memory(Vec<Block>);

impl Memory {
    /// Asks instead of aborting: a node may have little left.
    fn new(blocks: usize) -> Result<Self> {
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(blocks)
            .map_err(|_| Error::new(Code::Io, "the system gives too little memory to derive a key"))?;
        memory.resize(blocks, Block::new());
        Ok(Self(memory))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes).map_err(|_| Error::new(Code::Io, "the system gives no randomness"))?;
    Ok(bytes)
}

fn damaged(what: &str) -> Error {
    Error::new(Code::BadConfig, format!("the sealed secret is damaged: {what}"))
}

fn wrong_password() -> Error {
    Error::new(Code::Unauthorized, "the password is not the one that this secret was sealed with")
        .with(|d| d.reason = Some("wrong_password".to_owned()))
}

#[cfg(test)]
mod tests;
