//! Secrets at rest: sealed under a password, or in the keyring of the operating system.

use hexide_client::vault::{
    Secret,
    keyring::{Keyring, PATIENCE},
    sealed::{self, Cost, Sealed},
};
use rustler::{Binary, Decoder, Encoder, Env, NifMap, NifResult, Term, types::erlang_option::ErlOption};
use secrecy::{ExposeSecret, SecretBox};

use crate::{
    job::{self, Done},
    term,
};

/// A binary that is wiped when its job is done with it.
struct SecretBinary(Secret);

impl<'a> Decoder<'a> for SecretBinary {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        Ok(Self(SecretBox::new(Box::new(term.decode::<Binary<'_>>()?.as_slice().to_vec()))))
    }
}

impl Encoder for SecretBinary {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        term::binary(env, self.0.expose_secret())
    }
}

/// A few bytes that are no secret.
struct Bytes(Vec<u8>);

impl<'a> Decoder<'a> for Bytes {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        Ok(Self(term.decode::<Binary<'_>>()?.as_slice().to_vec()))
    }
}

impl Encoder for Bytes {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        term::binary(env, &self.0)
    }
}

/// A sealed secret as a map.
#[derive(NifMap)]
struct SealedMap {
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: Bytes,
    nonce: Bytes,
    data: Bytes,
}

impl From<Sealed> for SealedMap {
    fn from(Sealed { cost: Cost { memory, passes, lanes }, salt, nonce, data }: Sealed) -> Self {
        Self { memory, passes, lanes, salt: Bytes(salt), nonce: Bytes(nonce), data: Bytes(data) }
    }
}

impl From<SealedMap> for Sealed {
    fn from(SealedMap { memory, passes, lanes, salt, nonce, data }: SealedMap) -> Self {
        Self { cost: Cost { memory, passes, lanes }, salt: salt.0, nonce: nonce.0, data: data.0 }
    }
}

#[rustler::nif]
fn vault_seal(env: Env<'_>, secret: SecretBinary, password: SecretBinary, account: String) -> Term<'_> {
    job::compute(env, move || sealed::seal(&secret.0, &password.0, &account).map(SealedMap::from))
}

#[rustler::nif]
fn vault_open(env: Env<'_>, sealed: SealedMap, password: SecretBinary, account: String) -> Term<'_> {
    job::compute(env, move || sealed::open(&sealed.into(), &password.0, &account).map(SecretBinary))
}

#[rustler::nif]
fn keyring_put(env: Env<'_>, bus: ErlOption<String>, account: String, secret: SecretBinary) -> Term<'_> {
    let keyring = Keyring::new(bus.into(), PATIENCE);
    job::start(env, |_| async move { keyring.put(&account, &secret.0).await.map(|()| Done) })
}

#[rustler::nif]
fn keyring_get(env: Env<'_>, bus: ErlOption<String>, account: String) -> Term<'_> {
    let keyring = Keyring::new(bus.into(), PATIENCE);
    job::start(env, |_| async move { keyring.get(&account).await.map(SecretBinary) })
}

#[rustler::nif]
fn keyring_forget(env: Env<'_>, bus: ErlOption<String>, account: String) -> Term<'_> {
    let keyring = Keyring::new(bus.into(), PATIENCE);
    job::start(env, |_| async move { keyring.forget(&account).await.map(|()| Done) })
}
