//! Who may see what: servers that record everything they receive, and a look through all of it.
//!
//! Every secret of these tests contains `s3cret`, so that one search finds any of them anywhere.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::{Arc, Mutex};

use common::{Answer, Arrived, Peer, client_with, config, json, reply};
use hexide_client::{
    Client, Config,
    api::{
        auth, docs, key, oauth, organization,
        organization::Role,
        owner,
        owner::Level,
        package,
        package::Search,
        release,
        release::{Reason, Retirement},
        user,
    },
    credentials::{Credential, Credentials},
    repo,
};
use hexide_core::{Code, Error};
use tokio::{io::AsyncReadExt, net::TcpListener};

const KEY: &str = "s3cret-key";
const TOKEN: &str = "Bearer s3cret-token";
const OTP: &str = "s3cret-otp";
const REPO_KEY: &str = "s3cret-repo-key";

/// A configuration with every secret there is.
fn with_secrets(api: &str, repository: &str) -> Config {
    let mut config = config(api);
    config.repo_url = format!("{repository}/repo");
    config.api_key = Some(KEY.into());
    config.api_otp = Some(OTP.into());
    config.repo_key = Some(REPO_KEY.into());
    config
}

/// An operation of the API whose request carries its secrets in headers, by its method.
const API: [&str; 20] = [
    "GET search",
    "GET package",
    "GET release",
    "GET owners",
    "GET keys",
    "GET me",
    "GET orgs",
    "GET members",
    "GET auth",
    "GET log",
    "PUT owner",
    "DELETE owner",
    "DELETE release",
    "DELETE key",
    "DELETE member",
    "POST publish",
    "POST docs",
    "POST retire",
    "POST key",
    "POST member",
];

/// The operations of the repository.
const REPOSITORY: [&str; 6] = ["names", "versions", "package", "tarball", "docs", "public_key"];

/// The operations whose secret is in the body.
const BODY: [&str; 5] = ["register", "poll", "refresh", "exchange", "revoke"];

async fn run(client: &Client, operation: &str) -> Result<(), Error> {
    let (c, retirement) = (client, Retirement { reason: Reason::Other, message: None });
    let tarball = || bytes::Bytes::from_static(b"tarball");
    match operation {
        "GET search" => package::search(c, &Search::default()).await.map(drop),
        "GET package" => package::get(c, "pa").await.map(drop),
        "GET release" => release::get(c, "pa", "1.0.0").await.map(drop),
        "GET owners" => owner::list(c, "pa").await.map(drop),
        "GET keys" => key::list(c).await.map(drop),
        "GET me" => user::me(c).await.map(drop),
        "GET orgs" => organization::list(c).await.map(drop),
        "GET members" => organization::members(c, "acme").await.map(drop),
        "GET auth" => auth::test(c, "api", None).await.map(drop),
        "GET log" => organization::audit_log(c, "acme", None).await.map(drop),
        "PUT owner" => owner::add(c, "pa", "bob", Level::Full, false).await,
        "DELETE owner" => owner::remove(c, "pa", "bob").await,
        "DELETE release" => release::revert(c, "pa", "1.0.0").await,
        "DELETE key" => key::remove(c, "ci").await,
        "DELETE member" => organization::remove_member(c, "acme", "bob").await,
        "POST publish" => release::publish(c, tarball(), false, None).await.map(drop),
        "POST docs" => docs::publish(c, "pa", "1.0.0", tarball(), None).await.map(drop),
        "POST retire" => release::retire(c, "pa", "1.0.0", &retirement).await,
        "POST key" => key::add(c, "ci", &[], None).await.map(drop),
        "POST member" => organization::add_member(c, "acme", "bob", Role::Read).await.map(drop),
        "names" => repo::names(c, None).await.map(drop),
        "versions" => repo::versions(c, None).await.map(drop),
        "package" => repo::package(c, "pa", None).await.map(drop),
        "tarball" => repo::tarball(c, "pa", "1.0.0", Some([0; 32]), None).await.map(drop),
        "docs" => repo::docs(c, "pa", "1.0.0", None).await.map(drop),
        "public_key" => repo::public_key(c).await.map(drop),
        "register" => user::register(c, "alice", &"s3cret-password".into(), "a@b.test").await.map(drop),
        "poll" => oauth::poll(c, &"s3cret-device-code".into()).await.map(drop),
        "refresh" => oauth::refresh(c, &"s3cret-refresh".into()).await.map(drop),
        "exchange" => oauth::exchange(c, "api").await.map(drop),
        "revoke" => oauth::revoke(c, &"s3cret-revoked".into()).await,
        other => unreachable!("{other}"),
    }
}

/// Everything that arrived in a request, as one text.
fn whole(request: &Arrived) -> String {
    format!("{request:?} {}", String::from_utf8_lossy(&request.body))
}

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
    let operations: Vec<_> = API.iter().chain(&REPOSITORY).chain(&BODY).copied().collect();
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
    let operations: Vec<_> = API.iter().chain(&REPOSITORY).chain(&BODY).copied().collect();
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

/// A server that says what it was told.
fn echo(request: &Arrived) -> Answer {
    let told = whole(request).replace(['"', '\\', '\n', '\r'], " ");
    let body = format!(
        r#"{{"message":"{told}","error":"{told}","error_description":"{told}",
        "errors":{{"field":["{told}"],"{told}":{{"deep":"{told}"}}}}}}"#
    );
    json(422, &body)
}

#[tokio::test]
async fn a_failure_does_not_repeat_what_the_server_repeats() {
    let peer = Peer::start(|_, request| echo(request)).await;
    let client = client_with(with_secrets(&peer.base(), &peer.base()));
    for operation in API.iter().chain(&REPOSITORY).chain(&BODY) {
        let error = run(&client, operation).await.unwrap_err();
        let shown = format!("{error} {error:?} {}", serde_json::to_string(&error.details).unwrap());
        assert!(!shown.contains("s3cret"), "{operation}: {shown}");
        assert!(shown.contains("[REDACTED]"), "{operation}: {shown}");
    }
}

#[tokio::test]
async fn no_address_that_a_server_redirects_to_shows_a_secret() {
    let table = ["http://other.test/s3cret-key", "ftp://s3cret-key@other.test/", "/s3cret-key?s3cret-otp"];
    for location in table {
        let peer = Peer::start(move |_, _| reply(308, &[("location", location)], "")).await;
        let client = client_with(with_secrets(&peer.base(), &peer.base()));
        for operation in ["POST publish", "DELETE release", "GET package"] {
            if let Err(error) = run(&client, operation).await {
                assert!(!format!("{error} {error:?}").contains("s3cret"), "{location}: {error:?}");
            }
        }
    }
}

#[tokio::test]
async fn no_secret_shows_in_debug_output() {
    let mut shown = Vec::new();
    for key in [KEY, TOKEN, "eyJs3cret.eyJh.c2"] {
        let mut config = with_secrets("http://127.0.0.1:1", "http://127.0.0.1:1");
        config.api_key = Some(key.into());
        config.http_proxy = Some("http://user:s3cret-proxy@127.0.0.1:1".into());
        config.https_proxy = Some("http://user:s3cret-proxy@127.0.0.1:1".into());
        let base: url::Url = "http://127.0.0.1:1".parse().unwrap();
        let credentials = Credentials::new(&config, base.clone(), base.clone());
        shown.push(format!("{:?}", Credential::from_text(&key.into())));
        shown.push(format!("{credentials:?} {credentials:#?}"));
        let headers = credentials.headers(hexide_client::credentials::Purpose::Api, &base).unwrap();
        assert_eq!(headers.len(), 2);
        shown.push(format!("{headers:?}"));
        let client = client_with(config.clone());
        for operation in API.iter().chain(&REPOSITORY).chain(&BODY) {
            shown.push(format!("{:?}", run(&client, operation).await.unwrap_err()));
        }
        shown.push(format!("{config:?} {config:#?} {client:?}"));
    }
    let leaks: Vec<_> = shown.iter().filter(|text| text.contains("s3cret")).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[test]
fn a_setting_that_is_refused_does_not_show_its_secret() {
    let base = Config::default();
    let wrong = [
        Config { api_url: "https://alice:s3cret@hex.test".to_owned(), ..base.clone() },
        Config { repo_url: "https://alice:s3cret@hex.test".to_owned(), ..base.clone() },
        Config { http_proxy: Some("socks5://alice:s3cret@127.0.0.1:1".into()), ..base.clone() },
        Config { https_proxy: Some("http://alice:s3cret@:99999".into()), ..base.clone() },
    ];
    for config in wrong {
        let error = Client::new(config, common::cpu()).unwrap_err();
        assert_eq!(error.code, Code::BadConfig);
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }
    let broken = Config { api_key: Some("s3cret\nkey".into()), ..config("http://127.0.0.1:1") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(package::get(&client_with(broken), "pa")).unwrap_err();
    assert_eq!((error.code, error.details.key.as_deref()), (Code::BadConfig, Some("api_key")));
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
}
