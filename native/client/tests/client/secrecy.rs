//! Who may see what: servers that record everything they receive, and a look through all of it.

use std::sync::{Arc, Mutex};

use crate::common::{Peer, client_with, config, json, reply};
use crate::operations::{API, BODY, KEY, OTP, REPO_KEY, REPOSITORY, TOKEN, run, whole, with_secrets};
use hexide_client::{
    Config,
    api::{oauth, package},
};
use hexide_core::Code;
use tokio::{io::AsyncReadExt, net::TcpListener};

#[tokio::test]
async fn each_secret_goes_to_its_own_origin_and_no_mirror() {
    for (secret, sent_as) in [(KEY, KEY), (TOKEN, TOKEN), ("eyJs3cret.eyJh.c2", "Bearer eyJs3cret.eyJh.c2")] {
        let api = Peer::start(|_, _| json(200, "{}")).await;
        let mirror = Peer::start(|_, _| reply(404, &[], "")).await;
        let mut config = with_secrets(&api.base(), &mirror.base());
        config.api_key = Some(secret.into());
        let client = client_with(config);
        for operation in API {
            // Most answers make no sense; what was sent is what matters.
            let _ = run(&client, operation).await;
            let request = api.arrived().pop().unwrap();
            assert!(operation.starts_with(&request.method), "{operation}: {request:?}");
            assert_eq!(request.header("authorization"), Some(sent_as), "{operation}");
            assert_eq!(request.header("x-hex-otp"), Some(OTP), "{operation}");
            assert!(!whole(&request).contains(REPO_KEY), "{operation}");
        }
        assert!(mirror.arrived().is_empty(), "an API request went to the repository");
        for operation in REPOSITORY {
            let _ = run(&client, operation).await;
            let request = mirror.arrived().pop().unwrap();
            assert_eq!(request.header("authorization"), Some(REPO_KEY), "{operation}");
            let others = whole(&request).replace(REPO_KEY, "");
            assert!(!others.contains("s3cret"), "{operation}: {others}");
        }
        assert_eq!((api.arrived().len(), mirror.arrived().len()), (API.len(), REPOSITORY.len()));
    }
}

#[tokio::test]
async fn without_a_key_of_its_own_a_repository_gets_none() {
    // On one origin, too: one host often serves both.
    let peer = Peer::start(|_, _| reply(404, &[], "")).await;
    let client = client_with(Config { repo_key: None, ..with_secrets(&peer.base(), &peer.base()) });
    for operation in REPOSITORY {
        run(&client, operation).await.unwrap_err();
    }
    for request in peer.arrived() {
        assert!(!whole(&request).contains("s3cret"), "{request:?}");
    }
}

#[tokio::test]
async fn what_is_in_a_body_is_all_that_its_request_says() {
    let api = Peer::start(|_, _| json(200, "{}")).await;
    let mirror = Peer::start(|_, _| json(200, "{}")).await;
    let client = client_with(with_secrets(&api.base(), &mirror.base()));
    for operation in BODY {
        let _ = run(&client, operation).await;
        let request = api.arrived().pop().unwrap();
        let body = String::from_utf8(request.body.clone()).unwrap();
        assert_eq!(body.matches("s3cret").count(), 1, "{operation}: {body}");
        assert!(!request.target.contains("s3cret"), "{operation}");
        if operation != "register" {
            assert!(!format!("{:?}", request.headers).contains("s3cret"), "{operation}: {request:?}");
        }
    }
    assert!(mirror.arrived().is_empty());
}

/// Every operation, redirected with every status to another port and to another name of the same machine.
#[tokio::test]
async fn no_redirect_takes_a_secret_to_another_origin() {
    let elsewhere = Peer::start(|_, _| json(200, "{}")).await;
    let other_port = elsewhere.base();
    let operations: Vec<_> = crate::operations::all().collect();
    for status in [301, 302, 303, 307, 308] {
        for operation in &operations {
            for to_other_host in [false, true] {
                let target = Arc::new(Mutex::new(format!("{other_port}/there")));
                let location = Arc::clone(&target);
                let home = Peer::start(move |n, _| match n {
                    0 => reply(status, &[("location", &location.lock().unwrap())], ""),
                    _ => json(200, "{}"),
                })
                .await;
                if to_other_host {
                    *target.lock().unwrap() = format!("http://localhost:{}/there", home.address.port());
                }
                let client = client_with(with_secrets(&home.base(), &home.base()));
                let outcome = run(&client, operation).await;
                let (first, rest) = (home.arrived().remove(0), home.arrived().split_off(1));
                assert!(whole(&first).contains("s3cret"), "{operation} carried nothing at all");
                let told = format!("{status} {operation}: {rest:?} {outcome:?}");
                assert!(rest.iter().all(|request| !whole(request).contains("s3cret")), "{told}");
                if !matches!(first.method.as_str(), "GET") {
                    assert_eq!(outcome.unwrap_err().code, Code::Protocol, "{told}");
                    assert!(rest.is_empty(), "a change must not go elsewhere: {told}");
                }
            }
        }
    }
    let arrived = elsewhere.arrived();
    assert!(arrived.len() >= 5 * 16, "questions are followed: {}", arrived.len());
    for request in arrived {
        assert_eq!(request.method, "GET");
        assert!(!whole(&request).contains("s3cret"), "{request:?}");
    }
}

#[tokio::test]
async fn no_redirect_takes_a_secret_to_another_scheme() {
    // Whoever listens there sees the first bytes of TLS, or a request in clear text.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("https://{}/there", listener.local_addr().unwrap());
    let listening = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < 2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = [0; 4096];
            let length = stream.read(&mut bytes).await.unwrap();
            seen.push(bytes[..length].to_vec());
        }
        seen
    });
    let home = Peer::start(move |_, _| reply(302, &[("location", &target)], "")).await;
    let client = client_with(with_secrets(&home.base(), &home.base()));
    run(&client, "GET package").await.unwrap_err();
    run(&client, "docs").await.unwrap_err();
    for bytes in listening.await.unwrap() {
        assert!(!bytes.is_empty());
        assert!(!String::from_utf8_lossy(&bytes).contains("s3cret"));
    }
}

/// Addresses that look local and are not, or that only a resolver could tell.
const NOT_LOOPBACK: [&str; 8] = [
    "hex.test",
    "192.0.2.1",
    "[2001:db8::1]",
    "0.0.0.0",
    "[::]",
    "localhost.hex.test",
    "127.0.0.1.hex.test",
    "localhost.",
];

/// `0.0.0.0` and the proxy would be reached, so that nothing arrives is no accident.
#[tokio::test]
async fn no_secret_leaves_the_machine_in_clear_text() {
    let peer = Peer::start(|_, _| json(200, r#"{"name":"pa"}"#)).await;
    let port = peer.address.port();
    let mut cases = 0;
    for host in NOT_LOOPBACK {
        let base = format!("http://{host}:{port}");
        let mut config = with_secrets(&base, &base);
        config.http_proxy = Some(peer.base().into());
        let only = |change: fn(&mut Config)| {
            let mut one = config.clone();
            (one.api_key, one.api_otp, one.repo_key) = (None, None, None);
            change(&mut one);
            client_with(one)
        };
        let settings = [
            (only(|config| config.api_key = Some(KEY.into())), "GET package", "api_url"),
            (only(|config| config.api_key = Some(TOKEN.into())), "POST publish", "api_url"),
            (only(|config| config.api_otp = Some(OTP.into())), "DELETE release", "api_url"),
            (only(|config| config.repo_key = Some(REPO_KEY.into())), "docs", "repo_url"),
            (only(|config| config.repo_key = Some(REPO_KEY.into())), "tarball", "repo_url"),
            (only(|config| config.api_key = Some(KEY.into())), "exchange", "api_url"),
            (only(|_| ()), "register", "api_url"),
            (only(|_| ()), "poll", "api_url"),
            (only(|_| ()), "refresh", "api_url"),
            (only(|_| ()), "revoke", "api_url"),
        ];
        for (client, operation, key) in settings {
            let error = run(&client, operation).await.unwrap_err();
            assert_eq!((error.code, error.details.key.as_deref()), (Code::BadConfig, Some(key)), "{host}");
            assert!(error.message.contains(key), "{error}");
            cases += 1;
        }
        // Whoever hands out device codes hands out tokens for them.
        let error = oauth::start(&only(|_| ()), "api", None).await.unwrap_err();
        assert_eq!(error.code, Code::BadConfig);
    }
    assert_eq!(cases, NOT_LOOPBACK.len() * 10);
    assert!(peer.arrived().is_empty(), "{:?}", peer.arrived());

    let mut config = config(&format!("http://hex.test:{port}"));
    config.http_proxy = Some(peer.base().into());
    package::get(&client_with(config), "pa").await.unwrap();
    assert!(peer.only().target.starts_with("http://hex.test"), "without secrets the proxy is asked");
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_and_told_no_secret() {
    let proxy = Peer::start(|_, _| reply(502, &[], "")).await;
    let mut config = with_secrets("https://hex.test", "https://repo.hex.test");
    config.https_proxy = Some(proxy.base().into());
    let client = client_with(config);
    let operations: Vec<_> = crate::operations::all().collect();
    for operation in &operations {
        let error = run(&client, operation).await.unwrap_err();
        assert_eq!(error.code, Code::Connect, "{operation}");
    }
    let arrived = proxy.arrived();
    assert_eq!(arrived.len(), operations.len());
    for request in arrived {
        assert_eq!(request.method, "CONNECT");
        assert!(!whole(&request).contains("s3cret"), "{request:?}");
    }
}

#[tokio::test]
async fn loopback_is_asked_without_the_proxy() {
    let proxy = Peer::start(|_, _| json(200, r#"{"name":"pa"}"#)).await;
    let home = Peer::start(|_, _| json(200, r#"{"name":"pa"}"#)).await;
    for host in ["127.0.0.1", "localhost"] {
        let base = format!("http://{host}:{}", home.address.port());
        let mut config = with_secrets(&base, &base);
        config.http_proxy = Some(proxy.base().into());
        package::get(&client_with(config), "pa").await.unwrap();
    }
    assert!(proxy.arrived().is_empty());
    assert_eq!(home.arrived().len(), 2);
}
