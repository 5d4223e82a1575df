//! What a session may change, and the code it must show.

use std::sync::atomic::{AtomicI64, Ordering};

use hexide_server::{Moment, totp_code};
use serde_json::json;

use crate::{
    fixture::{Registry, metadata, tarball},
    http_client::{Response, send},
    oauth::{ask, pass, poll, reads, sign_in, text, with_clock},
};

const REQUIRED: &str = "Bearer realm=\"hex\", error=\"totp_required\"";
const INVALID: &str = "Bearer realm=\"hex\", error=\"invalid_totp\"";

/// A request with a token and, where there is one, a code.
async fn call(port: u16, token: &str, code: Option<&str>, method: &str, path: &str) -> Response {
    let bearer = format!("Bearer {token}");
    let mut headers =
        vec![("user-agent", "test/1"), ("accept", "application/json"), ("authorization", &bearer)];
    headers.extend(code.map(|code| ("x-hex-otp", code)));
    let body = if method == "POST" { tarball(&metadata("foo", "1.0.0")) } else { Vec::new() };
    send(port, method, path, &headers, &body).await
}

async fn publish(port: u16, token: &str, code: Option<&str>) -> Response {
    call(port, token, code, "POST", "/api/publish?replace=true").await
}

fn code(secret: &str, clock: &AtomicI64) -> String {
    totp_code(secret, Moment(clock.load(Ordering::SeqCst))).unwrap()
}

/// The routes of the API that change something, as the router has them.
fn writing_routes() -> Vec<(&'static str, String)> {
    let source = include_str!("../../src/router.rs");
    let start = source.find("fn api(").expect("the routes of the API");
    let end = source.find("fn repository()").expect("the routes of the repository");
    let mut routes = Vec::new();
    for part in source[start..end].split(".route(").skip(1) {
        let path = part.split('"').nth(1).expect("a path");
        for (name, method) in [("post(", "POST"), ("put(", "PUT"), ("delete(", "DELETE"), ("patch(", "PATCH")]
        {
            if part.contains(name) {
                routes.push((method, path.replace(['{', '}'], "")));
            }
        }
    }
    routes
}

#[tokio::test]
async fn every_route_that_changes_something_asks_a_session_for_a_code() {
    let registry = Registry::start().await;
    let (token, _) = sign_in(&registry, "api repositories").await;
    registry.server.enable_totp("alice").await.unwrap();
    // For those who are not signed in yet.
    let open =
        ["/users", "/users/name/reset", "/oauth/device_authorization", "/oauth/token", "/oauth/revoke"];
    let routes = writing_routes();
    assert!(routes.len() > 15, "{routes:?}");
    for (method, path) in routes {
        if open.contains(&path.as_str()) {
            continue;
        }
        let refused = call(registry.port, &token, None, method, &format!("/api{path}")).await;
        let challenge = refused.header("www-authenticate");
        assert_eq!((refused.status, challenge), (401, Some(REQUIRED)), "{method} {path}: {}", refused.text());
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn a_session_without_a_second_factor_reads_and_changes_nothing() {
    let registry = Registry::start().await;
    let (token, _) = sign_in(&registry, "api").await;
    assert_eq!(reads(registry.port, &token).await, 200);
    let refused = publish(registry.port, &token, Some("123456")).await;
    let message = "Two-factor authentication must be enabled for API write access";
    assert_eq!((refused.status, refused.json()), (403, json!({"message": message, "status": 403})));
    assert_eq!(registry.get("/api/packages/foo").await.status, 404);
    registry.server.stop().await;
}

#[tokio::test]
async fn a_code_is_right_for_its_minute_and_a_half_and_as_often_as_needed() {
    let (options, clock) = with_clock();
    let registry = Registry::with(options).await;
    let (token, _) = sign_in(&registry, "api").await;
    let secret = registry.server.enable_totp("alice").await.unwrap();
    assert_eq!(publish(registry.port, &token, None).await.header("www-authenticate"), Some(REQUIRED));
    let right = code(&secret, &clock);
    assert_eq!(publish(registry.port, &token, Some(&right)).await.status, 201);
    assert_eq!(publish(registry.port, &token, Some(&right)).await.status, 200, "once more");
    pass(&clock, 90);
    let refused = publish(registry.port, &token, Some(&right)).await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some(INVALID)));
    let message = "Invalid two-factor authentication code";
    assert_eq!(refused.json(), json!({"message": message, "status": 401}));
    let log = registry.call("GET", "/api/users/me/audit-logs", "").await.json();
    let switched = log.as_array().unwrap().iter().find(|entry| entry["action"] == "security.update");
    assert_eq!(switched.unwrap()["params"]["two_factor"], true);
    assert!(!log.to_string().contains(&secret));
    registry.server.stop().await;
}

#[tokio::test]
async fn the_sixth_wrong_code_is_too_many_and_then_the_right_one_is_refused_too() {
    let (options, clock) = with_clock();
    let registry = Registry::with(options).await;
    let (token, _) = sign_in(&registry, "api").await;
    let secret = registry.server.enable_totp("alice").await.unwrap();
    for attempt in 1..=5 {
        let right = code(&secret, &clock);
        assert!(publish(registry.port, &token, Some(&right)).await.status < 300, "before {attempt}");
        assert_eq!(publish(registry.port, &token, Some("abcdef")).await.status, 401, "{attempt}");
    }
    for shown in ["abcdef", &code(&secret, &clock)] {
        let refused = publish(registry.port, &token, Some(shown)).await;
        let message = "Too many failed two-factor authentication attempts. Please try again later.";
        assert_eq!((refused.status, refused.json()), (429, json!({"message": message, "status": 429})));
    }
    assert_eq!(reads(registry.port, &token).await, 200, "reading needs no code");
    let published = registry.publish(&tarball(&metadata("bar", "1.0.0"))).await;
    assert_eq!(published.status, 201, "a key needs none");
    let (device_code, user_code) = ask(registry.port, "api").await;
    registry.server.approve_device(&user_code, "alice").await.unwrap();
    let other = text(&poll(registry.port, &device_code).await, "access_token");
    let right = code(&secret, &clock);
    assert_eq!(
        publish(registry.port, &other, Some(&right)).await.status,
        429,
        "it is the user who is refused"
    );
    pass(&clock, 600);
    let right = code(&secret, &clock);
    assert_eq!(publish(registry.port, &token, Some(&right)).await.status, 200);
    registry.server.stop().await;
}

#[tokio::test]
async fn a_token_reaches_no_further_than_its_scopes() {
    let (options, clock) = with_clock();
    let registry = Registry::with(options).await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    registry.publish(&tarball(&metadata("bar", "1.0.0"))).await;
    let secret = registry.server.enable_totp("alice").await.unwrap();
    let right = code(&secret, &clock);
    // The scope, then the statuses: reading an account, publishing foo, reverting bar (which is gone after
    // the first time), reaching hexpm.
    let table = [
        ("api", [200, 200, 204, 401]),
        ("api:write", [200, 200, 404, 401]),
        ("api:read", [200, 401, 401, 401]),
        ("repositories", [401, 401, 401, 200]),
        ("repository:hexpm", [401, 401, 401, 200]),
        ("package:hexpm/foo", [401, 200, 401, 401]),
        ("docs:acme", [401, 401, 401, 401]),
    ];
    for (scope, expected) in table {
        let (token, _) = sign_in(&registry, scope).await;
        let call = async |method, path| call(registry.port, &token, Some(&right), method, path).await.status;
        let statuses = [
            call("GET", "/api/users/me").await,
            call("POST", "/api/publish?replace=true").await,
            call("DELETE", "/api/packages/bar/releases/1.0.0").await,
            call("GET", "/api/auth?domain=repository&resource=hexpm").await,
        ];
        assert_eq!(statuses, expected, "{scope}");
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn a_password_alone_makes_no_key_where_the_second_factor_is_on() {
    let (mut options, clock) = with_clock();
    options.basic_auth = true;
    let registry = Registry::with(options).await;
    let user = br#"{"username":"carol","email":"carol@example.com","password":"correct horse"}"#;
    let json = ("content-type", "application/json");
    let made = send(registry.port, "POST", "/api/users", &[("user-agent", "t"), json], user).await;
    assert_eq!(made.status, 201);
    // carol:correct horse
    let basic = ("authorization", "Basic Y2Fyb2w6Y29ycmVjdCBob3JzZQ==");
    let make = async |code: &str| {
        let headers = [("user-agent", "t"), json, basic, ("x-hex-otp", code)];
        send(registry.port, "POST", "/api/keys", &headers, br#"{"name":"k"}"#).await
    };
    assert_eq!(make("").await.status, 201, "without a second factor");
    let secret = registry.server.enable_totp("carol").await.unwrap();
    assert_eq!(make("").await.header("www-authenticate"), Some(REQUIRED));
    assert_eq!(make("123").await.header("www-authenticate"), Some(INVALID));
    assert_eq!(make(&code(&secret, &clock)).await.status, 201);
    let headers = [("user-agent", "t"), basic];
    assert_eq!(send(registry.port, "GET", "/api/users/me", &headers, b"").await.status, 200);
    registry.server.stop().await;
}
