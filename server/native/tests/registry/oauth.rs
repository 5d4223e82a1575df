//! Programs that are signed in by device code.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use hexide_core::etf;
use hexide_server::{Clock, Moment, Options};
use serde_json::{Value, json};

use crate::{
    fixture::{Registry, add_user, call_as, options},
    http_client::{Response, send},
};

pub const REBAR3: &str = "b9721cf5-be2f-4a65-bfa5-141698b4b9cf";
pub const MIX: &str = "78ea6566-89fd-481e-a1d6-7d9d78eacca8";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Options with a clock that the test sets: microseconds.
pub fn with_clock() -> (Options, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(1_700_000_000_000_000));
    let shared = Arc::clone(&now);
    let mut options = options();
    options.clock = Clock::new(move || Moment(shared.load(Ordering::SeqCst)));
    (options, now)
}

pub fn pass(clock: &AtomicI64, seconds: i64) {
    clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
}

pub async fn post(port: u16, path: &str, body: &Value) -> Response {
    let headers = [("user-agent", "test/1"), ("content-type", "application/json")];
    send(port, "POST", &format!("/api/oauth/{path}"), &headers, body.to_string().as_bytes()).await
}

/// A device asks: the device code and the user code.
pub async fn ask(port: u16, scope: &str) -> (String, String) {
    let body = json!({"client_id": REBAR3, "scope": scope, "name": "laptop"});
    let asked = post(port, "device_authorization", &body).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    (text(&asked, "device_code"), text(&asked, "user_code"))
}

pub async fn poll(port: u16, device_code: &str) -> Response {
    let body = json!({"grant_type": DEVICE_GRANT, "client_id": REBAR3, "device_code": device_code});
    post(port, "token", &body).await
}

/// Signs alice in: the access token and the refresh token.
pub async fn sign_in(registry: &Registry, scope: &str) -> (String, String) {
    let (device_code, user_code) = ask(registry.port, scope).await;
    registry.server.approve_device(&user_code, "alice").await.expect("a device");
    let granted = poll(registry.port, &device_code).await;
    assert_eq!(granted.status, 200, "{}", granted.text());
    (text(&granted, "access_token"), text(&granted, "refresh_token"))
}

pub fn text(response: &Response, key: &str) -> String {
    response.json()[key].as_str().unwrap_or_else(|| panic!("{key} in {}", response.text())).to_owned()
}

/// The status of reading with a token.
pub async fn reads(port: u16, token: &str) -> u16 {
    call_as(port, &format!("Bearer {token}"), "GET", "/api/users/me", "").await.status
}

pub fn refused(response: &Response, status: u16, error: &str, description: &str) {
    let expected = json!({"error": error, "error_description": description});
    assert_eq!((response.status, response.json()), (status, expected));
}

#[tokio::test]
async fn a_device_gets_tokens_once_it_is_approved_and_only_once() {
    let registry = Registry::start().await;
    let body = json!({"client_id": REBAR3, "scope": "api repositories", "name": "laptop"});
    let asked = post(registry.port, "device_authorization", &body).await;
    let (device_code, user_code) = (text(&asked, "device_code"), text(&asked, "user_code"));
    let address = format!("http://127.0.0.1:{}/oauth/device", registry.port);
    let expected = json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": address,
        "verification_uri_complete": format!("{address}?user_code={user_code}"),
        "expires_in": 600,
        "interval": 5,
    });
    assert_eq!(asked.json(), expected);
    let pending = poll(registry.port, &device_code).await;
    refused(&pending, 400, "authorization_pending", "Authorization pending");
    // As people type it.
    let typed = format!("{}-{} ", &user_code[..4].to_lowercase(), &user_code[4..]);
    registry.server.approve_device(&typed, "alice").await.unwrap();
    let granted = poll(registry.port, &device_code).await.json();
    assert_eq!(granted["scope"], "api:read api:write repository:hexpm");
    assert_eq!((&granted["token_type"], &granted["expires_in"]), (&json!("bearer"), &json!(1800)));
    assert_eq!(reads(registry.port, granted["access_token"].as_str().unwrap()).await, 200);
    assert_eq!(reads(registry.port, granted["refresh_token"].as_str().unwrap()).await, 401);
    let again = poll(registry.port, &device_code).await;
    refused(&again, 400, "invalid_grant", "Invalid device code");
    let again = registry.server.approve_device(&user_code, "alice").await.unwrap_err();
    assert_eq!(again.code, hexide_core::Code::Invalid);
    let unknown = registry.server.approve_device("BBBBBBBB", "alice").await.unwrap_err();
    assert_eq!(unknown.code, hexide_core::Code::NotFound);
    registry.server.stop().await;
}

#[tokio::test]
async fn a_device_that_is_refused_learns_it() {
    let registry = Registry::start().await;
    let (device_code, user_code) = ask(registry.port, "api").await;
    registry.server.deny_device(&user_code, "alice").await.unwrap();
    let denied = poll(registry.port, &device_code).await;
    refused(&denied, 403, "access_denied", "Authorization denied by user");
    registry.server.stop().await;
}

#[tokio::test]
async fn a_device_that_asks_too_often_or_too_late_is_told_so() {
    let (options, clock) = with_clock();
    let registry = Registry::with(options).await;
    let (device_code, user_code) = ask(registry.port, "api").await;
    let (late, _) = ask(registry.port, "api").await;
    // Seconds that pass before each question, and the answer.
    let table = [
        (0, "authorization_pending"),
        (3, "slow_down"),
        (3, "slow_down"),
        (4, "authorization_pending"),
        (5, "authorization_pending"),
        (0, "slow_down"),
    ];
    for (seconds, error) in table {
        pass(&clock, seconds);
        assert_eq!(poll(registry.port, &device_code).await.json()["error"], error, "{seconds}");
    }
    registry.server.approve_device(&user_code, "alice").await.unwrap();
    assert_eq!(poll(registry.port, &device_code).await.status, 200, "approved: it need not wait longer");
    pass(&clock, 600);
    let expired = poll(registry.port, &late).await;
    refused(&expired, 400, "expired_token", "Device code has expired");
    let (_, unfinished) = ask(registry.port, "api").await;
    pass(&clock, 600);
    assert!(registry.server.approve_device(&unfinished, "alice").await.is_err(), "too late");
    registry.server.stop().await;
}

#[tokio::test]
async fn requests_that_make_no_sense_get_the_errors_of_the_standard() {
    let registry = Registry::start().await;
    let (device_code, _) = ask(registry.port, "api").await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let device =
        |client: &str| json!({"grant_type": DEVICE_GRANT, "client_id": client, "device_code": device_code});
    let table = [
        ("token", json!({}), 400, "unsupported_grant_type", "Unsupported grant type: nil"),
        (
            "token",
            json!({"grant_type": "password"}),
            400,
            "unsupported_grant_type",
            "Unsupported grant type: \"password\"",
        ),
        ("token", json!({"grant_type": 1}), 400, "unsupported_grant_type", "Unsupported grant type: 1"),
        ("token", json!({"grant_type": DEVICE_GRANT}), 401, "invalid_client", "Missing client_id"),
        ("token", device(unknown), 401, "invalid_client", "Invalid client"),
        ("token", device(MIX), 401, "invalid_client", "Invalid client"),
        (
            "token",
            json!({"grant_type": DEVICE_GRANT, "client_id": MIX}),
            400,
            "invalid_grant",
            "Invalid device code",
        ),
        (
            "token",
            json!({"grant_type": "refresh_token", "client_id": MIX}),
            400,
            "invalid_grant",
            "Missing refresh token",
        ),
        (
            "token",
            json!({"grant_type": "refresh_token", "client_id": MIX, "refresh_token": "x"}),
            400,
            "invalid_grant",
            "Invalid refresh token",
        ),
        (
            "token",
            json!({"grant_type": "client_credentials", "client_id": MIX}),
            400,
            "invalid_request",
            "Missing or invalid client_secret",
        ),
        (
            "token",
            json!({"grant_type": "client_credentials", "client_id": MIX, "client_secret": "x"}),
            401,
            "invalid_client",
            "Invalid API key",
        ),
        ("device_authorization", json!({"scope": "api"}), 401, "invalid_client", "Missing client_id"),
        (
            "device_authorization",
            json!({"client_id": unknown, "scope": "api"}),
            401,
            "invalid_client",
            "Invalid client",
        ),
        (
            "device_authorization",
            json!({"client_id": MIX, "scope": "api bogus"}),
            400,
            "invalid_scope",
            "Invalid scope",
        ),
        ("device_authorization", json!({"client_id": MIX}), 400, "invalid_scope", "Invalid scope"),
    ];
    for (path, body, status, error, description) in table {
        refused(&post(registry.port, path, &body).await, status, error, description);
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn forms_and_terms_are_read_and_answered_like_json() {
    let registry = Registry::start().await;
    let form = [("user-agent", "t"), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("client_id={MIX}&scope=api+repositories");
    let asked = send(registry.port, "POST", "/api/oauth/device_authorization", &form, body.as_bytes()).await;
    let device_code = text(&asked, "device_code");
    registry.server.approve_device(&text(&asked, "user_code"), "alice").await.unwrap();
    let erlang = "application/vnd.hex+erlang";
    let headers = [("user-agent", "t"), ("content-type", erlang), ("accept", erlang)];
    let body = json!({"grant_type": DEVICE_GRANT, "client_id": MIX, "device_code": device_code});
    let body = etf::encode(&etf::from_json(&body));
    let granted = send(registry.port, "POST", "/api/oauth/token", &headers, &body).await;
    assert_eq!(granted.status, 200);
    let granted = etf::to_json(&etf::decode(&granted.body).unwrap()).unwrap();
    assert_eq!(reads(registry.port, granted["access_token"].as_str().unwrap()).await, 200);
    registry.server.stop().await;
}

#[tokio::test]
async fn programs_and_times_are_as_the_options_say() {
    let mut options = options();
    options.oauth.clients = vec![hexide_server::OAuthClient { id: "ours".into(), name: "Ours".into() }];
    options.oauth.access_lifetime = Duration::from_secs(60);
    options.oauth.device_lifetime = Duration::from_secs(90);
    options.oauth.interval = 1;
    options.oauth.sessions = 1;
    let registry = Registry::with(options).await;
    let bob = add_user(&registry.server, "bob").await;
    assert_eq!(call_as(registry.port, &bob, "GET", "/api/users/me", "").await.status, 200);
    let mut tokens = Vec::new();
    for user in ["alice", "bob", "alice"] {
        let asked =
            post(registry.port, "device_authorization", &json!({"client_id": "ours", "scope": "api"})).await;
        assert_eq!((&asked.json()["interval"], &asked.json()["expires_in"]), (&json!(1), &json!(90)));
        registry.server.approve_device(&text(&asked, "user_code"), user).await.unwrap();
        let body = json!({"grant_type": DEVICE_GRANT, "client_id": "ours", "device_code": text(&asked, "device_code")});
        let granted = post(registry.port, "token", &body).await;
        assert_eq!(granted.json()["expires_in"], 60);
        tokens.push(text(&granted, "access_token"));
    }
    let mut alive = Vec::new();
    for token in &tokens {
        alive.push(reads(registry.port, token).await);
    }
    assert_eq!(alive, [401, 200, 200], "one session each");
    let body = json!({"client_id": REBAR3, "scope": "api"});
    assert_eq!(post(registry.port, "device_authorization", &body).await.status, 401, "not in the list");
    registry.server.stop().await;
}
