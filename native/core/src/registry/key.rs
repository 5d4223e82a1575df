//! The RSA keys of a registry.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA512},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use rustls_pki_types::pem::{PemObject as _, SectionKind};
use sha2::{Digest, Sha256};

use crate::error::{Code, Error, Result};

/// The public key that hex.pm signs its registry with (docs/protocol.md §2).
pub const HEXPM_PUBLIC_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApqREcFDt5vV21JVe2QNB
Edvzk6w36aNFhVGWN5toNJRjRJ6m4hIuG4KaXtDWVLjnvct6MYMfqhC79HAGwyF+
IqR6Q6a5bbFSsImgBJwz1oadoVKD6ZNetAuCIK84cjMrEFRkELtEIPNHblCzUkkM
3rS9+DPlnfG8hBvGi6tvQIuZmXGCxF/73hU0/MyGhbmEjIKRtG6b0sJYKelRLTPW
XgK7s5pESgiwf2YC/2MGDXjAJfpfCd0RpLdvd4eRiXtVlE9qO9bND94E7PgQ/xqZ
J1i2xWFndWa6nfFnRxZmCStCOZWYYPlaxr+FZceFbpMwzTNs4g3d4tLNUcbKAIH4
0wIDAQAB
-----END PUBLIC KEY-----
";

/// The shortest and the longest modulus in bytes: 2048 to 8192 bits.
const MODULUS_LENGTH: std::ops::RangeInclusive<usize> = 256..=1024;

/// The key that signs a registry.
pub struct PrivateKey {
    pair: rsa::KeyPair,
}

/// The key that verifies a registry.
#[derive(Clone)]
pub struct PublicKey {
    /// Ready to verify: what is computed of a modulus is kept from one resource to the next.
    verifier: ParsedPublicKey,
    /// PKCS#1 `RSAPublicKey`, in DER.
    pkcs1: Vec<u8>,
    /// X.509 `SubjectPublicKeyInfo`, in DER.
    spki: Vec<u8>,
}

impl PrivateKey {
    /// Makes a 2048-bit key.
    ///
    /// # Errors
    /// `protocol` where the system gives no randomness.
    pub fn generate() -> Result<Self> {
        let pair = rsa::KeyPair::generate(KeySize::Rsa2048)
            .map_err(|_| Error::new(Code::Protocol, "An RSA key could not be generated"))?;
        Ok(Self { pair })
    }

    /// Reads a PEM key: PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`), 2048 to 8192 bits.
    ///
    /// # Errors
    /// `bad_config`.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let refused =
            || Error::new(Code::BadConfig, "The private key is no RSA key of at least 2048 bits in PEM");
        let (kind, der) = <(SectionKind, Vec<u8>)>::from_pem_slice(pem.as_bytes()).map_err(|_| refused())?;
        let pair = match kind {
            SectionKind::PrivateKey => rsa::KeyPair::from_pkcs8(&der),
            SectionKind::RsaPrivateKey => rsa::KeyPair::from_der(&der),
            _ => return Err(refused()),
        };
        let pair = pair.map_err(|_| refused())?;
        if MODULUS_LENGTH.contains(&pair.public_modulus_len()) { Ok(Self { pair }) } else { Err(refused()) }
    }

    /// Writes it as PKCS#8 PEM.
    ///
    /// # Errors
    /// `protocol`.
    pub fn to_pem(&self) -> Result<String> {
        let der: Pkcs8V1Der<'_> = self
            .pair
            .as_der()
            .map_err(|_| Error::new(Code::Protocol, "The private key could not be written"))?;
        Ok(pem("PRIVATE KEY", der.as_ref()))
    }

    /// Its public half.
    ///
    /// # Errors
    /// `protocol`.
    pub fn public_key(&self) -> Result<PublicKey> {
        PublicKey::new(self.pair.public_key())
            .ok_or_else(|| Error::new(Code::Protocol, "The public half of the key could not be taken"))
    }

    /// Signs with RSA PKCS#1 v1.5 and SHA-512.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA512, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::new(Code::Protocol, "The resource could not be signed"))?;
        Ok(signature)
    }
}

impl fmt::Debug for PrivateKey {
    /// Shows that it is one, and nothing of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").finish_non_exhaustive()
    }
}

impl PublicKey {
    /// Reads a PEM key (`BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`), 2048 to 8192 bits.
    ///
    /// # Errors
    /// `bad_config`.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let refused =
            || Error::new(Code::BadConfig, "The public key is no RSA key of at least 2048 bits in PEM");
        // The reader of PEM knows but one label; which of the two forms it is shows in the bytes.
        let pem = pem.replace(" RSA PUBLIC KEY-----", " PUBLIC KEY-----");
        let (kind, der) = <(SectionKind, Vec<u8>)>::from_pem_slice(pem.as_bytes()).map_err(|_| refused())?;
        if kind != SectionKind::PublicKey {
            return Err(refused());
        }
        rsa::PublicKey::from_der(&der).ok().as_ref().and_then(Self::new).ok_or_else(refused)
    }

    fn new(key: &rsa::PublicKey) -> Option<Self> {
        let spki: PublicKeyX509Der<'_> = key.as_der().ok()?;
        let pkcs1 = key.as_ref().to_vec();
        let verifier = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA512, &pkcs1).ok()?;
        let key = Self { verifier, pkcs1, spki: spki.as_ref().to_vec() };
        let (modulus, _) = key.components()?;
        // A modulus whose first bit is set is written with a zero byte before it.
        let length = modulus.iter().skip_while(|byte| **byte == 0).count();
        MODULUS_LENGTH.contains(&length).then_some(key)
    }

    /// Writes it as `BEGIN PUBLIC KEY`.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem("PUBLIC KEY", &self.spki)
    }

    /// `SHA256:…`: base64 of the SHA-256 of the key's SSH wire form (RFC 4253 §6.6), without padding.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let (modulus, exponent) = self.components().unwrap_or_default();
        let mut wire = Vec::new();
        // An SSH multiple precision integer has the same bytes as a DER integer.
        for part in [&b"ssh-rsa"[..], exponent, modulus] {
            wire.extend_from_slice(&u32::try_from(part.len()).unwrap_or_default().to_be_bytes());
            wire.extend_from_slice(part);
        }
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&wire)))
    }

    /// Whether the signature is this key's over the message: RSA PKCS#1 v1.5 with SHA-512.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify_sig(message, signature).is_ok()
    }

    /// Modulus and exponent, as the integers stand in the DER: `SEQUENCE { modulus, exponent }`.
    fn components(&self) -> Option<(&[u8], &[u8])> {
        let (sequence, _) = der_value(0x30, &self.pkcs1)?;
        let (modulus, rest) = der_value(0x02, sequence)?;
        let (exponent, _) = der_value(0x02, rest)?;
        Some((modulus, exponent))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey").field(&self.fingerprint()).finish()
    }
}

/// The value of the DER element that `bytes` begin with, which must have this tag, and what follows it.
fn der_value(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, rest) = bytes.split_first_chunk::<2>()?;
    if header[0] != tag {
        return None;
    }
    let short = usize::from(header[1]);
    if short < 0x80 {
        return rest.split_at_checked(short);
    }
    let (long, rest) = rest.split_at_checked(short & 0x7f)?;
    let length = long.iter().try_fold(0_usize, |length, byte| {
        length.checked_mul(256).map(|length| length + usize::from(*byte))
    })?;
    rest.split_at_checked(length)
}

/// PEM with lines of 64 characters (RFC 7468).
fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}
