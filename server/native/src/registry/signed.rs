//! A signed resource.

use bytes::Bytes;
use hexide_core::{
    hex,
    registry::{self, PrivateKey, Resource},
};
use sha2::{Digest, Sha256};

use crate::shelf::Weighed;

/// A signed resource, ready to be served.
#[derive(Clone, Debug)]
pub struct Signed {
    /// gzip(protobuf `Signed`).
    pub bytes: Bytes,
    /// Its tag, without quotes.
    pub etag: String,
}

impl Signed {
    /// Signs a resource. (RSA PKCS#1 v1.5 signatures are deterministic, so the tag is a hash of the bytes.)
    ///
    /// # Errors
    /// Where the key does not sign.
    pub fn new<R: Resource>(resource: &R, key: &PrivateKey) -> hexide_core::Result<Self> {
        let bytes = registry::sign(&registry::encode(resource), key)?;
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let etag = hex::lower(&digest).chars().take(32).collect();
        Ok(Self { bytes: Bytes::from(bytes), etag })
    }
}

impl Weighed for Signed {
    fn bytes(&self) -> usize {
        self.bytes.len()
    }
}
