//! TLS, HTTP/2 and proxies, against local servers with a certificate authority of the test's own.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use crate::common::{Arrived, Peer, client_with, config, package, reply};
use bytes::Bytes;
use hexide_client::{Config, api};
use hexide_core::Code;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    },
    server::TlsStream,
};

/// A certificate authority and a certificate of it for one name.
struct Authority {
    folder: TempDir,
    acceptor: ServerConfig,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("ca.pem"), root.pem()).unwrap();

        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate: CertificateDer<'static> = params.signed_by(&key, &issuer).unwrap().der().clone();
        let acceptor = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        Self { folder, acceptor }
    }

    fn pem(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn speaking(&self, protocols: &[&str]) -> TlsAcceptor {
        let mut config = self.acceptor.clone();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Accepts connections and hands those whose handshake succeeds to `serve`.
async fn listen<F>(
    acceptor: TlsAcceptor,
    serve: impl Fn(TlsStream<TcpStream>) -> F + Send + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(serve(stream));
            }
        }
    });
    address
}

/// An HTTP/1.1 server behind TLS that answers every request with these bytes.
async fn http1(authority: &Authority, answer: crate::common::Answer) -> SocketAddr {
    let crate::common::Answer::Bytes(bytes) = answer else { unreachable!() };
    listen(authority.speaking(&["http/1.1"]), move |mut stream| {
        let bytes = bytes.clone();
        async move {
            Arrived::read(&mut stream).await;
            stream.write_all(&bytes).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    })
    .await
}

/// A proxy that serves CONNECT by connecting to `target`, whatever host was asked for.
async fn tunnel(target: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<Arrived>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&arrived);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(request) = Arrived::read(&mut stream).await else { continue };
            seen.lock().unwrap().push(request);
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut upstream = TcpStream::connect(target).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut upstream).await });
        }
    });
    (address, arrived)
}

fn trusting(base: &str, authority: &Authority) -> Config {
    let mut config = config(base);
    config.cacerts_path = Some(authority.pem());
    config
}

#[tokio::test]
async fn http2_is_spoken_where_the_server_can_and_its_authority_is_the_configured_one() {
    let authority = Authority::new("localhost");
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&arrived);
    let address = listen(authority.speaking(&["h2", "http/1.1"]), move |stream| {
        let seen = Arc::clone(&seen);
        async move {
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((mut request, mut respond))) = connection.accept().await {
                let seen = Arc::clone(&seen);
                // The connection has to be driven on while the body is read.
                tokio::spawn(async move {
                    let mut body = Vec::new();
                    while let Some(Ok(chunk)) = request.body_mut().data().await {
                        request.body_mut().flow_control().release_capacity(chunk.len()).unwrap();
                        body.extend_from_slice(&chunk);
                    }
                    seen.lock().unwrap().push((request.into_parts().0, body));
                    let reply = http::Response::builder().header("content-type", "application/json");
                    let mut send = respond.send_response(reply.body(()).unwrap(), false).unwrap();
                    send.send_data(Bytes::from_static(br#"{"version":"1.0.0"}"#), true).unwrap();
                });
            }
        }
    })
    .await;

    let mut config = trusting(&format!("https://localhost:{}", address.port()), &authority);
    config.api_key = Some("the-key".into());
    let client = client_with(config);
    let tarball = Bytes::from(vec![7; 300_000]);
    api::release::publish(&client, tarball.clone(), true, None).await.unwrap();
    api::release::get(&client, "pa", "1.0.0").await.unwrap();

    let arrived = arrived.lock().unwrap();
    let (publish, body) = &arrived[0];
    assert_eq!(publish.version, http::Version::HTTP_2);
    assert_eq!(publish.headers["authorization"], "the-key");
    assert_eq!(publish.headers["content-length"], "300000");
    assert_eq!(body, &tarball);
    assert_eq!(arrived[1].0.method, http::Method::GET);
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_a_tls_failure() {
    let (authority, other) = (Authority::new("localhost"), Authority::new("localhost"));
    let address = http1(&authority, package()).await;
    let base = format!("https://localhost:{}", address.port());
    for config in [trusting(&base, &other), config(&base)] {
        let error = api::package::get(&client_with(config), "pa").await.unwrap_err();
        assert_eq!(error.code, Code::Tls, "{error}");
    }
    api::package::get(&client_with(trusting(&base, &authority)), "pa").await.unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_name_is_a_tls_failure() {
    let authority = Authority::new("registry.test");
    let address = http1(&authority, package()).await;
    let base = format!("https://localhost:{}", address.port());
    let error = api::package::get(&client_with(trusting(&base, &authority)), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Tls, "{error}");
}

#[tokio::test]
async fn unsafe_https_verifies_nothing() {
    let authority = Authority::new("registry.test");
    let address = http1(&authority, package()).await;
    let mut config = config(&format!("https://localhost:{}", address.port()));
    config.unsafe_https = true;
    api::package::get(&client_with(config), "pa").await.unwrap();
}

#[tokio::test]
async fn a_peer_without_tls_is_a_tls_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let config = config(&format!("https://localhost:{port}"));
    let error = api::package::get(&client_with(config), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Tls, "{error}");
}

#[tokio::test]
async fn cacerts_without_certificates_are_a_wrong_setting() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "no certificate").unwrap();
    for path in [empty, folder.path().join("absent.pem")] {
        let mut config = config("https://localhost:1");
        config.cacerts_path = Some(path.clone());
        let error = api::package::get(&client_with(config), "pa").await.unwrap_err();
        assert_eq!(error.code, Code::BadConfig, "{error}");
        assert_eq!(error.details.key.as_deref(), Some("cacerts_path"));
    }
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_refused() {
    let plain = Peer::start(|_, _| package()).await;
    let authority = Authority::new("localhost");
    let target = plain.base();
    let address = http1(&authority, reply(302, &[("location", &target)], "")).await;
    let config = trusting(&format!("https://localhost:{}", address.port()), &authority);
    let error = api::package::get(&client_with(config), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Protocol, "{error}");
    assert!(plain.arrived().is_empty());
}

#[tokio::test]
async fn https_goes_through_the_https_proxy_whose_password_stays_with_it() {
    let authority = Authority::new("registry.test");
    let address = http1(&authority, package()).await;
    let (proxy, arrived) = tunnel(address).await;
    let mut config = trusting("https://registry.test", &authority);
    config.https_proxy = Some(format!("http://user:p%40ss@{proxy}").into());
    config.api_key = Some("the-key".into());
    api::package::get(&client_with(config), "pa").await.unwrap();
    let arrived = arrived.lock().unwrap();
    assert_eq!((arrived[0].method.as_str(), arrived[0].target.as_str()), ("CONNECT", "registry.test:443"));
    assert_eq!(arrived[0].header("proxy-authorization"), Some("Basic dXNlcjpwQHNz"));
    assert_eq!(arrived[0].header("authorization"), None, "the proxy must not see the key");
}

#[tokio::test]
async fn http_goes_through_the_http_proxy() {
    let proxy = Peer::start(|_, _| package()).await;
    let mut config = config("http://registry.test");
    // `HOST:PORT` alone is customary, too.
    config.http_proxy = Some(proxy.address.to_string().into());
    api::package::get(&client_with(config), "pa").await.unwrap();
    assert_eq!(proxy.only().target, "http://registry.test/api/packages/pa");
}

#[tokio::test]
async fn loopback_and_the_exceptions_are_reached_without_proxy() {
    let proxy = Peer::start(|_, _| package()).await;
    let home = Peer::start(|_, _| package()).await;
    for base in [home.base(), format!("http://localhost:{}", home.address.port())] {
        let mut config = config(&base);
        config.http_proxy = Some(proxy.base().into());
        api::package::get(&client_with(config), "pa").await.unwrap();
    }
    assert_eq!(home.arrived().len(), 2);

    let mut config = config("http://registry.invalid");
    config.http_proxy = Some(proxy.base().into());
    config.no_proxy = Some("example.com, .invalid".to_owned());
    let error = api::package::get(&client_with(config), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Connect, "{error}");
    assert!(proxy.arrived().is_empty());
}
