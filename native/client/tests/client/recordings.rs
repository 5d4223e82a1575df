//! Genuine replies of hexpm, as recorded, through the operations that would have got them.
//!
//! What matters most of them is also in `replies.rs`, in words of this project's own.

use std::{fs, path::Path};

use crate::common::{client_with, config};
use hexide_client::{
    Client,
    api::{
        auth, docs, key,
        oauth::{self, Poll},
        organization,
        organization::Role,
        owner,
        owner::Level,
        package,
        package::Search,
        release,
        release::{Reason, Retirement},
        user,
    },
    repo,
};
use hexide_core::{Code, Error, registry::Package};
use serde::Serialize;
use serde_json::Value;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/data/hexpm");

/// The recorded exchanges.
fn exchanges() -> Vec<Value> {
    let text = fs::read_to_string(Path::new(FOLDER).join("api.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A server that gives the recorded reply to everything.
async fn replaying(exchange: &Value) -> MockServer {
    let response = &exchange["response"];
    let mut reply = ResponseTemplate::new(u16::try_from(response["status"].as_u64().unwrap()).unwrap());
    let body = match &response["body"] {
        Value::Null => Vec::new(),
        body if body.get("json").is_some() => serde_json::to_vec(&body["json"]).unwrap(),
        body if body.get("text").is_some() => body["text"].as_str().unwrap().into(),
        body => base64(body["base64"].as_str().unwrap()),
    };
    reply = reply.set_body_bytes(body);
    for header in response["headers"].as_array().unwrap() {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        // The server here writes its own framing.
        if !matches!(name, "content-length" | "transfer-encoding" | "connection" | "date" | "server") {
            reply = reply.insert_header(name, value);
        }
    }
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(reply).mount(&server).await;
    server
}

fn base64(text: &str) -> Vec<u8> {
    let sextet = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').map(sextet).collect();
    let groups = digits.chunks(4).flat_map(|group| {
        let word =
            group.iter().fold(0_u32, |word, six| word << 6 | u32::from(*six)) << (6 * (4 - group.len()));
        word.to_be_bytes()[1..group.len()].to_vec()
    });
    groups.collect()
}

/// What an operation gave, as a caller sees it.
type Outcome = Result<Value, Error>;

fn shown<T: Serialize>(outcome: Result<T, Error>) -> Outcome {
    outcome.map(|value| serde_json::to_value(value).unwrap())
}

/// Calls the operation that would have sent the recorded request; `None` where none would.
async fn call(client: &Client, method: &str, path: &str) -> Option<Outcome> {
    let decode = |segment| percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
    let segments: Vec<_> = path.strip_prefix("/api/")?.split('/').map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let retirement = Retirement { reason: Reason::Other, message: None };
    let c = client;
    let tarball = || bytes::Bytes::from_static(b"tarball");
    Some(match (method, segments.as_slice()) {
        ("GET", ["packages"]) => shown(package::search(c, &Search::default()).await),
        ("GET", ["packages", p]) => shown(package::get(c, p).await),
        ("GET", ["packages", p, "audit-logs"]) => shown(package::audit_log(c, p, None).await),
        ("POST", ["publish"] | ["packages", _, "releases"]) => {
            shown(release::publish(c, tarball(), false, None).await)
        }
        ("GET", ["packages", p, "releases", v]) => shown(release::get(c, p, v).await),
        ("DELETE", ["packages", p, "releases", v]) => shown(release::revert(c, p, v).await),
        ("POST", ["packages", p, "releases", v, "retire"]) => {
            shown(release::retire(c, p, v, &retirement).await)
        }
        ("DELETE", ["packages", p, "releases", v, "retire"]) => shown(release::unretire(c, p, v).await),
        ("POST", ["packages", p, "retire"]) => shown(release::retire_all(c, p, &retirement, true).await),
        ("POST", ["packages", p, "releases", v, "docs"]) => {
            shown(docs::publish(c, p, v, tarball(), None).await)
        }
        ("DELETE", ["packages", p, "releases", v, "docs"]) => shown(docs::revert(c, p, v).await),
        ("GET", ["packages", p, "owners"]) => shown(owner::list(c, p).await),
        ("GET", ["packages", p, "owners", u]) => shown(owner::get(c, p, u).await),
        ("PUT", ["packages", p, "owners", u]) => shown(owner::add(c, p, u, Level::Full, false).await),
        ("DELETE", ["packages", p, "owners", u]) => shown(owner::remove(c, p, u).await),
        ("GET", ["keys"]) => shown(key::list(c).await),
        ("POST", ["keys"]) => shown(key::add(c, "ci", &[], None).await),
        ("DELETE", ["keys"]) => shown(key::remove_all(c).await),
        ("GET", ["keys", k]) => shown(key::get(c, k).await),
        ("DELETE", ["keys", k]) => shown(key::remove(c, k).await),
        ("POST", ["users"]) => shown(user::register(c, "alice", &"s3cret".into(), "a@example.com").await),
        ("GET", ["users", "me"]) => shown(user::me(c).await),
        ("GET", ["users", "me", "audit-logs"]) => shown(user::audit_log(c, None).await),
        ("GET", ["auth"]) => shown(auth::test(c, "repository", Some("acmecorp")).await),
        ("GET", ["orgs"]) => shown(organization::list(c).await),
        ("GET", ["orgs", o]) => shown(organization::get(c, o).await),
        ("POST", ["orgs", o]) => shown(organization::update(c, o, 2).await),
        ("GET", ["orgs", o, "members"]) => shown(organization::members(c, o).await),
        ("POST", ["orgs", o, "members"]) => shown(organization::add_member(c, o, "bob", Role::Read).await),
        ("POST", ["orgs", o, "members", u]) => shown(organization::set_role(c, o, u, Role::Write).await),
        ("DELETE", ["orgs", o, "members", u]) => shown(organization::remove_member(c, o, u).await),
        ("POST", ["orgs", _, "keys"]) => shown(key::add(c, "ci", &[], None).await),
        ("GET", ["users", u]) => shown(user::get(c, u).await),
        _ => return None,
    })
}

/// Whether the reply is in a form the client asks for.
fn is_json_or_empty(exchange: &Value) -> bool {
    let headers = exchange["response"]["headers"].as_array().unwrap();
    let kind = headers.iter().find(|header| header[0] == "content-type").map(|header| &header[1]);
    kind.is_none_or(|kind| kind.as_str().unwrap().contains("json"))
}

/// Everything in `sent` must be in `shown`, with the same value.
fn assert_kept(path: &str, sent: &Value, shown: &Value) {
    match (sent, shown) {
        (Value::Object(sent), Value::Object(shown)) => {
            for (name, value) in sent {
                let path = format!("{path}.{name}");
                assert_kept(&path, value, shown.get(name).unwrap_or_else(|| panic!("{path} is lost")));
            }
        }
        (Value::Array(sent), Value::Array(shown)) => {
            assert_eq!(sent.len(), shown.len(), "{path}");
            sent.iter().zip(shown).for_each(|(sent, shown)| assert_kept(path, sent, shown));
        }
        _ => assert_eq!(sent, shown, "{path}"),
    }
}

fn code_of(status: u64) -> Option<Code> {
    match status {
        200..=299 => None,
        401 => Some(Code::Unauthorized),
        403 => Some(Code::Forbidden),
        404 => Some(Code::NotFound),
        429 => Some(Code::RateLimited),
        500..=599 => Some(Code::Server),
        _ => Some(Code::Invalid),
    }
}

#[tokio::test]
async fn every_recorded_reply_is_understood_and_nothing_of_it_is_lost() {
    let exchanges = exchanges();
    let mut understood = 0;
    for exchange in &exchanges {
        let (request, n) = (&exchange["request"], &exchange["n"]);
        let (method, path) = (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
        let path = path.split('?').next().unwrap();
        let status = exchange["response"]["status"].as_u64().unwrap();
        // Formats and conditions that the client never asks for.
        if !is_json_or_empty(exchange) && status < 400 || status == 304 {
            continue;
        }
        let server = replaying(exchange).await;
        let mut config = config(&server.uri());
        if let ["", "api", "orgs", organization, "keys", ..] = path.split('/').collect::<Vec<_>>()[..] {
            config.api_organization = Some(organization.to_owned());
        }
        let client = client_with(config);
        let Some(outcome) = call(&client, method, path).await else { continue };
        understood += 1;

        let sent = server.received_requests().await.unwrap().remove(0);
        let same_place = sent.url.path() == path || path.ends_with("/releases");
        assert!(same_place && sent.method == method, "n {n}: {} {}", sent.method, sent.url);

        let body = &exchange["response"]["body"]["json"];
        match (code_of(status), outcome) {
            (None, Ok(shown)) if shown.is_null() => {}
            (None, Ok(shown)) if body.is_null() => {
                let headers = exchange["response"]["headers"].as_array().unwrap();
                let location = headers.iter().find(|header| header[0] == "location").unwrap();
                assert_eq!(shown["location"], location[1], "n {n}");
            }
            (None, Ok(shown)) => assert_kept(&format!("n {n}"), body, &shown),
            (Some(_), Err(error)) if body["errors"]["inserted_at"].is_string() => {
                assert_eq!(error.code, Code::AlreadyPublished, "n {n}");
            }
            (Some(Code::Unauthorized), Err(error)) => {
                let challenges = exchange["response"]["headers"].to_string();
                let expected = if challenges.contains("totp_required") {
                    Code::OtpRequired
                } else if challenges.contains("invalid_totp") {
                    Code::OtpInvalid
                } else {
                    Code::Unauthorized
                };
                assert_eq!(error.code, expected, "n {n}");
            }
            (Some(code), Err(error)) => {
                assert_eq!((error.code, error.details.status.map(u64::from)), (code, Some(status)), "n {n}");
                assert_eq!(error.details.errors.unwrap_or_default(), body["errors"], "n {n}");
            }
            (expected, outcome) => panic!("n {n}: expected {expected:?}, got {outcome:?}"),
        }
    }
    assert!(understood >= 120, "only {understood} of {} were understood", exchanges.len());
    eprintln!("{understood} of {} recorded replies", exchanges.len());
}

/// Calls the operation that would have sent the recorded request about tokens; `None` where none would.
async fn call_oauth(client: &Client, path: &str, body: &Value) -> Option<Outcome> {
    let text = |field: &str| body[field].as_str().unwrap_or_default();
    let secret = |field: &str| text(field).into();
    Some(match (path, text("grant_type")) {
        ("/api/oauth/device_authorization", _) => {
            shown(oauth::start(client, text("scope"), body["name"].as_str()).await)
        }
        ("/api/oauth/revoke", _) => shown(oauth::revoke(client, &secret("token")).await),
        ("/api/oauth/token", "refresh_token") => {
            shown(oauth::refresh(client, &secret("refresh_token")).await)
        }
        ("/api/oauth/token", "client_credentials") => shown(oauth::exchange(client, text("scope")).await),
        ("/api/oauth/token", "urn:ietf:params:oauth:grant-type:device_code") => {
            oauth::poll(client, &secret("device_code")).await.map(|poll| match poll {
                Poll::Approved(tokens) => serde_json::to_value(tokens).unwrap(),
                Poll::Pending => "authorization_pending".into(),
                Poll::SlowDown => "slow_down".into(),
            })
        }
        // A grant that no operation asks for.
        ("/api/oauth/token", _) => shown(oauth::refresh(client, &secret("refresh_token")).await),
        _ => return None,
    })
}

#[tokio::test]
async fn every_recorded_login_is_asked_for_alike_and_understood() {
    let exchanges = exchanges();
    let mut understood = 0;
    for exchange in &exchanges {
        let (request, n) = (&exchange["request"], &exchange["n"]);
        let asked = &request["body"]["json"];
        if !asked.is_object() || !is_json_or_empty(exchange) {
            continue;
        }
        let server = replaying(exchange).await;
        let mut config = config(&server.uri());
        config.api_key = asked["client_secret"].as_str().or(Some("unused")).map(Into::into);
        config.api_otp = Some("123456".into());
        if let Some(id) = asked["client_id"].as_str() {
            config.oauth_client_id = id.to_owned();
        }
        let path = request["path"].as_str().unwrap();
        let Some(outcome) = call_oauth(&client_with(config), path, asked).await else { continue };
        understood += 1;

        let sent = server.received_requests().await.unwrap().remove(0);
        assert_eq!((sent.url.path(), sent.method.as_str()), (path, "POST"), "n {n}");
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        if asked["grant_type"] != "password" {
            assert_eq!(&body, asked, "n {n}");
        }
        for header in ["authorization", "x-hex-otp"] {
            assert!(!sent.headers.contains_key(header), "n {n}: {header}");
        }

        let told = &exchange["response"]["body"]["json"];
        let expected = match told["error"].as_str() {
            Some("invalid_grant") => Code::Unauthorized,
            Some("unsupported_grant_type") => Code::Protocol,
            _ => Code::Invalid,
        };
        match outcome {
            Ok(shown) if shown.is_string() => assert_eq!(shown, told["error"], "n {n}"),
            Ok(shown) if shown.is_null() => assert!(told.is_null(), "n {n}"),
            Ok(shown) => assert_kept(&format!("n {n}"), told, &shown),
            Err(error) => {
                assert_eq!(error.code, expected, "n {n}");
                assert_eq!(error.details.reason.as_deref(), told["error"].as_str(), "n {n}");
                assert_eq!(error.details.status, Some(400), "n {n}");
            }
        }
    }
    assert!(understood >= 13, "only {understood} of {} were understood", exchanges.len());
}

#[tokio::test]
async fn recorded_registry_resources_verify_with_the_recorded_key_and_no_other() {
    let exchanges = exchanges();
    let pem = fs::read_to_string(Path::new(FOLDER).join("public.pem")).unwrap();
    let mut read = 0;
    for exchange in &exchanges {
        let path = exchange["request"]["path"].as_str().unwrap();
        if exchange["response"]["status"] != 200 || exchange["response"]["body"]["base64"].is_null() {
            continue;
        }
        let server = replaying(exchange).await;
        let mut config = config(&server.uri());
        config.repo_public_key = Some(pem.clone());
        let client = client_with(config.clone());
        match path.strip_prefix("/repo/") {
            Some("names") => drop(repo::names(&client, None).await.unwrap()),
            Some("versions") => {
                let versions = repo::versions(&client, None).await.unwrap().value.unwrap();
                assert_eq!(versions.packages[0].name, "pa");
            }
            Some("packages/pa") => {
                let package: Package = repo::package(&client, "pa", None).await.unwrap().value.unwrap();
                assert_eq!(package.releases.len(), 2);
                let error = repo::package(&client, "pb", None).await.unwrap_err();
                assert_eq!(error.code, Code::BadOrigin);
                config.repo_name = "other".to_owned();
                let error = repo::package(&client_with(config), "pa", None).await.unwrap_err();
                assert_eq!(error.code, Code::BadOrigin);
            }
            _ => continue,
        }
        read += 1;
    }
    assert!(read >= 2, "{read}");
}
