//! Which certificate authorities are trusted.

use std::path::Path;

use hexide_core::{Code, Error, Result};
use reqwest::Certificate;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Where the systems that keep their authorities in one file keep it.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/opt/etc/ssl/certs/ca-certificates.crt",
];

/// On other systems the platform's own verifier is asked, which needs no file.
#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
const BUNDLES: &[&str] = &[];

/// The only authorities to trust: those in the file at `path`, else those of the system's bundle.
/// `None` leaves the decision to the platform's verifier. (It is not asked on systems with bundles,
/// because there it would follow `SSL_CERT_FILE` of the environment.)
///
/// # Errors
/// `bad_config` where the file at `path` cannot be read or holds no certificate.
pub(super) fn trusted(path: Option<&Path>) -> Result<Option<Vec<Certificate>>> {
    if let Some(path) = path {
        let pem = std::fs::read(path).map_err(|error| unusable(path, &error.to_string()))?;
        let roots = certificates(&pem);
        if roots.is_empty() {
            return Err(unusable(path, "it holds no PEM certificate"));
        }
        return Ok(Some(roots));
    }
    if BUNDLES.is_empty() {
        return Ok(None);
    }
    // Without any bundle nothing is trusted, and a handshake says so.
    let mut found = BUNDLES.iter().filter_map(|path| std::fs::read(path).ok()).map(|pem| certificates(&pem));
    Ok(Some(found.find(|roots| !roots.is_empty()).unwrap_or_default()))
}

/// The usable certificates of a PEM bundle: one that does not parse must not cost the others.
fn certificates(pem: &[u8]) -> Vec<Certificate> {
    CertificateDer::pem_slice_iter(pem)
        .filter_map(|der| der.ok())
        .filter(|der| RootCertStore::empty().add(der.clone()).is_ok())
        .filter_map(|der| Certificate::from_der(&der).ok())
        .collect()
}

fn unusable(path: &Path, why: &str) -> Error {
    let path = path.display().to_string();
    Error::new(Code::BadConfig, format!("cacerts_path {path} cannot be used: {why}")).with(|d| {
        d.key = Some("cacerts_path".to_owned());
        d.path = Some(path);
    })
}
