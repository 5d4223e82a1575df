//! The RSA keys of a registry.

use crate::error::Result;

/// The key that signs a registry.
pub struct PrivateKey {}

/// The key that verifies a registry.
#[derive(Clone)]
pub struct PublicKey {}

impl PrivateKey {
    /// Makes a 2048-bit key.
    ///
    /// # Errors
    /// `protocol` where the system gives no randomness.
    pub fn generate() -> Result<Self> {
        unimplemented!()
    }
    /// Reads a PEM key (PKCS#8 or PKCS#1).
    ///
    /// # Errors
    /// `bad_config`.
    pub fn from_pem(_pem: &str) -> Result<Self> {
        unimplemented!()
    }
    /// Writes it as PKCS#8 PEM.
    ///
    /// # Errors
    /// `protocol`.
    pub fn to_pem(&self) -> Result<String> {
        unimplemented!()
    }
    /// Its public half.
    ///
    /// # Errors
    /// `protocol`.
    pub fn public_key(&self) -> Result<PublicKey> {
        unimplemented!()
    }
}

impl PublicKey {
    /// Reads a PEM key (`BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`).
    ///
    /// # Errors
    /// `bad_config`.
    pub fn from_pem(_pem: &str) -> Result<Self> {
        unimplemented!()
    }
    /// Writes it as `BEGIN PUBLIC KEY`.
    #[must_use]
    pub fn to_pem(&self) -> String {
        unimplemented!()
    }
    /// `SHA256:…`: base64 of the SHA-256 of the key's SSH wire form.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        unimplemented!()
    }
}
