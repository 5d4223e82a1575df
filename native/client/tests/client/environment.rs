//! The environment has no effect: proxies and certificates come from the settings alone.
#![allow(clippy::disallowed_methods)] // The test has to see the environment that the client must not see.

use std::{env, process::Command};

use crate::common::{Peer, client, nobody, package};
use hexide_client::{Config, api};
use hexide_core::Code;

const CHILD: &str = "HEXIDE_TEST_CHILD";

/// Runs one test of this file again in a process of its own with a hostile environment.
fn again(test: &str, environment: &[(&str, &str)]) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("environment::{test}"), "--nocapture"])
        .env(CHILD, "1")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn proxies_of_the_environment_are_not_used() {
    if env::var_os(CHILD).is_none() {
        let nobody = nobody().await;
        let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
        let environment: Vec<_> = names.iter().map(|name| (*name, nobody.as_str())).collect();
        return again("proxies_of_the_environment_are_not_used", &environment);
    }
    let peer = Peer::start(|_, _| package()).await;
    // Not loopback by name, so that only the environment could keep it from being proxied.
    let mut config: Config = crate::common::config(&format!("http://0.0.0.0:{}", peer.address.port()));
    config.api_key = None;
    api::package::get(&crate::common::client_with(config), "pa").await.unwrap();
    api::package::get(&client(&peer.base()), "pa").await.unwrap();
    assert_eq!(peer.arrived().len(), 2);
}

/// Serves TLS with a certificate of an authority that only `SSL_CERT_FILE` names.
#[tokio::test]
async fn authorities_of_the_environment_are_not_trusted() {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, rustls::pki_types::PrivatePkcs8KeyDer};

    if env::var_os(CHILD).is_none() {
        let folder = tempfile::TempDir::new().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        std::fs::write(folder.path().join("server.der"), certificate.der()).unwrap();
        std::fs::write(folder.path().join("key.der"), key.serialize_der()).unwrap();
        let (file, folder) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
        let environment = [("SSL_CERT_FILE", file), ("SSL_CERT_DIR", folder), ("HEXIDE_TEST_FOLDER", folder)];
        return again("authorities_of_the_environment_are_not_trusted", &environment);
    }
    let folder = std::path::PathBuf::from(env::var_os("HEXIDE_TEST_FOLDER").unwrap());
    let certificate = std::fs::read(folder.join("server.der")).unwrap().into();
    let key = PrivatePkcs8KeyDer::from(std::fs::read(folder.join("key.der")).unwrap());
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(std::sync::Arc::new(server));
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    let error = api::package::get(&client(&format!("https://localhost:{port}")), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Tls, "{error}");
}
