//! The signed index: names, versions, package, policy.

pub mod key;
pub mod schema;

pub use key::{PrivateKey, PublicKey};
pub use schema::{Names, Package, Policy, Versions};

use crate::error::Result;

/// What was asked for: a resource must say the same of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The repository.
    pub repository: &'a str,
    /// The package or policy; `None` for names and versions.
    pub name: Option<&'a str>,
}

/// A payload of the index.
pub trait Resource: prost::Message + Default {
    /// The origin that the payload names.
    fn origin(&self) -> Origin<'_>;

    /// Checks what the schema cannot: every index within bounds.
    ///
    /// # Errors
    /// `protocol`.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// Encodes a payload. (Then [`sign`] it.)
#[must_use]
pub fn encode<R: Resource>(resource: &R) -> Vec<u8> {
    resource.encode_to_vec()
}

/// Decodes a verified payload and checks that it is what was asked for; `None` skips that check (`repo_verify_origin => false`).
///
/// # Errors
/// `protocol`, `bad_origin`.
pub fn decode<R: Resource>(_payload: &[u8], _origin: Option<Origin<'_>>) -> Result<R> {
    unimplemented!()
}

/// Signs a payload: gzip(protobuf Signed), ready to serve.
///
/// # Errors
/// `protocol` where signing fails.
pub fn sign(_payload: &[u8], _key: &PrivateKey) -> Result<Vec<u8>> {
    unimplemented!()
}

/// Inflates a resource (to `limit` bytes at the most), verifies its signature and gives the payload. With `None` for the key the signature is not checked (`repo_verify => false`).
///
/// # Errors
/// `too_large`, `protocol`, `bad_signature`.
pub fn verify(_resource: &[u8], _key: Option<&PublicKey>, _limit: u64) -> Result<Vec<u8>> {
    unimplemented!()
}
