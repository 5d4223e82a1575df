//! The signed index: names, versions, package, policy (docs/protocol.md §2).

pub mod borrowed;
pub mod key;
mod resource;
pub mod schema;
mod wire;

pub use borrowed::{Borrowed, Listing};
pub use key::{HEXPM_PUBLIC_KEY, PrivateKey, PublicKey};
pub use schema::{Names, Package, Policy, Versions};

use bytes::Bytes;
use prost::Message as _;

use crate::{
    error::{Code, Error, Result},
    gzip,
};

/// What every resource of the index is, inside gzip.
#[derive(Clone, PartialEq, prost::Message)]
struct Signed {
    #[prost(bytes = "bytes", optional, tag = "1")]
    payload: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    signature: Option<Bytes>,
}

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
pub fn decode<R: Resource>(payload: &[u8], origin: Option<Origin<'_>>) -> Result<R> {
    let resource = R::decode(payload).map_err(wire::Broken::from)?;
    expect(origin, resource.origin())?;
    resource.check()?;
    Ok(resource)
}

/// The same, without a copy of anything.
///
/// # Errors
/// `protocol`, `bad_origin`.
pub fn borrow<'a, R: Borrowed<'a>>(payload: &'a [u8], origin: Option<Origin<'_>>) -> Result<R> {
    let resource = R::read(payload)?;
    expect(origin, resource.origin())?;
    resource.check()?;
    Ok(resource)
}

fn expect(expected: Option<Origin<'_>>, actual: Origin<'_>) -> Result<()> {
    let Some(expected) = expected else { return Ok(()) };
    same("repository", expected.repository, actual.repository)?;
    same("name", expected.name.unwrap_or_default(), actual.name.unwrap_or_default())
}

fn same(what: &str, expected: &str, actual: &str) -> Result<()> {
    if expected == actual {
        return Ok(());
    }
    // Signed, but by whom it may have been made to name anything.
    let actual: String = actual.chars().take(200).collect();
    Err(Error::new(
        Code::BadOrigin,
        format!("The registry resource is of {what} {actual:?}, but {expected:?} was asked for"),
    )
    .with(|d| (d.expected, d.actual) = (Some(expected.to_owned()), Some(actual))))
}

/// Signs a payload: gzip(protobuf Signed), ready to serve. The same payload and key give the same bytes.
///
/// # Errors
/// `protocol` where signing fails.
pub fn sign(payload: &[u8], key: &PrivateKey) -> Result<Vec<u8>> {
    let signature = key.sign(payload)?;
    let signed = Signed { payload: Some(Bytes::copy_from_slice(payload)), signature: Some(signature.into()) };
    gzip::compress(&signed.encode_to_vec())
}

/// Inflates a resource (to `limit` bytes at the most), verifies its signature and gives the payload. With `None` for the key the signature is not checked (`repo_verify => false`).
///
/// # Errors
/// `too_large`, `protocol`, `bad_signature`.
pub fn verify(resource: &[u8], key: Option<&PublicKey>, limit: u64) -> Result<Bytes> {
    let inflated = gzip::inflate(resource, Some(limit))
        .map_err(|fault| fault.error("The registry resource", Code::Protocol))?;
    let unreadable = || Error::new(Code::Protocol, "The registry resource is no signed payload");
    let signed = Signed::decode(Bytes::from(inflated)).map_err(|_| unreadable())?;
    let payload = signed.payload.ok_or_else(unreadable)?;
    match key {
        // One error for all: a reply tells its sender nothing of what was wrong with it.
        Some(key) if !key.verifies(&payload, &signed.signature.unwrap_or_default()) => {
            Err(Error::new(Code::BadSignature, "The registry resource is not signed by the expected key"))
        }
        _ => Ok(payload),
    }
}
