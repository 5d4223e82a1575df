//! Owners, keys and users.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use hexide_server::{Clock, Moment};
use serde_json::json;

use crate::{
    fixture::{Registry, add_user, call_as, metadata, options, publish_as, tarball},
    http_client::send,
};

#[tokio::test]
async fn a_maintainer_publishes_but_does_not_choose_owners() {
    let registry = Registry::start().await;
    let bob = add_user(&registry.server, "bob").await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let put = async |key: &str, who: &str, body: &str| {
        call_as(registry.port, key, "PUT", &format!("/api/packages/foo/owners/{who}"), body).await
    };
    assert_eq!(put(&registry.key, "bob", r#"{"level":"maintainer"}"#).await.status, 204);
    assert_eq!(publish_as(registry.port, &bob, &tarball(&metadata("foo", "1.1.0"))).await.status, 201);
    assert_eq!(put(&bob, "bob", r#"{"level":"full"}"#).await.status, 403);
    let demoted = put(&registry.key, "alice", r#"{"level":"maintainer"}"#).await;
    assert_eq!(demoted.status, 422, "nobody could choose owners then");
    let removed = registry.call("DELETE", "/api/packages/foo/owners/alice", "").await;
    assert_eq!(removed.json()["errors"]["username"], "cannot remove last owner of package");
    assert_eq!(
        put(&registry.key, "bob", r#"{"level":"wrong"}"#).await.json()["errors"],
        json!({"level": "is invalid"})
    );
    assert_eq!(
        put(&registry.key, "bob%40example.com", r#"{"level":"full","transfer":true}"#).await.status,
        204
    );
    let owners = registry.get("/api/packages/foo/owners").await.json();
    assert_eq!((owners.as_array().unwrap().len(), &owners[0]["username"]), (1, &json!("bob")));
    assert_eq!(put(&registry.key, "alice", "{}").await.status, 403, "given away");
    registry.server.stop().await;
}

#[tokio::test]
async fn a_key_reaches_no_further_than_its_permissions() {
    let registry = Registry::start().await;
    for name in ["foo", "bar"] {
        registry.publish(&tarball(&metadata(name, "1.0.0"))).await;
    }
    let key = async |permissions: &str| {
        let body = format!("{{\"name\":\"k\",\"permissions\":{permissions}}}");
        registry.call("POST", "/api/keys", &body).await.json()["secret"].as_str().unwrap().to_owned()
    };
    let read = key(r#"[{"domain":"api","resource":"read"}]"#).await;
    let write = key(r#"[{"domain":"api","resource":"write"}]"#).await;
    let package = key(r#"[{"domain":"package","resource":"foo"}]"#).await;
    let repository = key(r#"[{"domain":"repository","resource":"hexpm"}]"#).await;
    let table = [
        (&read, "GET", "/api/users/me", 200),
        (&read, "POST", "/api/keys", 401),
        (&read, "DELETE", "/api/keys", 401),
        (&read, "DELETE", "/api/packages/foo/releases/1.0.0/retire", 401),
        (&read, "GET", "/api/auth?domain=api&resource=read", 200),
        (&read, "GET", "/api/auth?domain=api&resource=write", 401),
        (&write, "GET", "/api/users/me", 200),
        (&write, "DELETE", "/api/packages/foo/releases/1.0.0/retire", 204),
        (&package, "DELETE", "/api/packages/foo/releases/1.0.0/retire", 204),
        (&package, "DELETE", "/api/packages/bar/releases/1.0.0/retire", 401),
        (&package, "GET", "/api/users/me", 401),
        (&package, "GET", "/api/auth?domain=package&resource=hexpm/foo", 200),
        (&repository, "GET", "/api/auth?domain=repository&resource=hexpm", 200),
        (&repository, "GET", "/api/auth?domain=repository&resource=acme", 401),
        (&repository, "GET", "/api/users/me", 401),
    ];
    for (key, method, path, status) in table {
        let reply = call_as(registry.port, key, method, path, "{\"name\":\"x\"}").await;
        assert_eq!(reply.status, status, "{method} {path}");
    }
    let refused = publish_as(registry.port, &package, &tarball(&metadata("bar", "1.1.0"))).await;
    assert_eq!(refused.json()["message"], "key not authorized for this action");
    assert_eq!(publish_as(registry.port, &package, &tarball(&metadata("foo", "1.1.0"))).await.status, 201);
    let taken = r#"{"name":"k","permissions":[{"domain":"package","resource":"nosuch"}]}"#;
    let refused = registry.call("POST", "/api/keys", taken).await;
    assert_eq!(refused.json()["errors"]["permissions"]["resource"], "you do not have access to this package");
    registry.server.stop().await;
}

#[tokio::test]
async fn a_key_ends_when_it_is_revoked_or_its_time_is_over() {
    let now = Arc::new(AtomicI64::new(1_700_000_000_000_000));
    let shared = Arc::clone(&now);
    let mut options = options();
    options.clock = Clock::new(move || Moment(shared.load(Ordering::SeqCst)));
    let registry = Registry::with(options).await;
    let until = Moment(now.load(Ordering::SeqCst) + 60_000_000).rfc3339();
    let body = format!("{{\"name\":\"brief\",\"revoke_at\":\"{until}\"}}");
    let made = registry.call("POST", "/api/keys", &body).await;
    let brief = made.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(call_as(registry.port, &brief, "GET", "/api/users/me", "").await.status, 200);
    now.fetch_add(61_000_000, Ordering::SeqCst);
    let over = call_as(registry.port, &brief, "GET", "/api/users/me", "").await;
    assert_eq!((over.status, &over.json()["message"]), (401, &json!("API key revoked")));
    let keys = registry.call("GET", "/api/keys", "").await.json();
    let names: Vec<_> = keys.as_array().unwrap().iter().map(|key| key["name"].clone()).collect();
    assert_eq!(names, [json!("first")]);
    let all = registry.call("DELETE", "/api/keys", "").await;
    assert_eq!((all.status, &all.json()["name"]), (200, &json!("first")));
    assert_eq!(registry.call("GET", "/api/keys", "").await.json()["message"], "API key revoked");
    registry.server.stop().await;
}

#[tokio::test]
async fn secrets_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options();
    options.data_dir = hexide_server::DataDir::Path(folder.path().to_owned());
    let registry = Registry::with(options).await;
    let user = r#"{"username":"carol","email":"carol@example.com","password":"correct horse battery"}"#;
    assert_eq!(registry.call("POST", "/api/users", user).await.status, 201);
    let key = registry.key.clone();
    registry.server.stop().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(&key) && !holds("correct horse battery"), "{}", path.display());
    }
}

#[tokio::test]
async fn a_user_without_a_mail_server_is_active_at_once_and_passwords_need_leave() {
    let registry = Registry::start().await;
    let headers = [("user-agent", "t"), ("content-type", "application/x-www-form-urlencoded")];
    let form = b"username=Carol&email=carol%40example.com&password=correct+horse";
    let made = send(registry.port, "POST", "/api/users", &headers, form).await;
    assert_eq!((made.status, &made.json()["username"]), (201, &json!("carol")));
    let taken = send(registry.port, "POST", "/api/users", &headers, form).await;
    assert_eq!(taken.json()["errors"], json!({"username": "has already been taken"}));
    // carol:correct horse
    let basic = [("user-agent", "t"), ("authorization", "Basic Y2Fyb2w6Y29ycmVjdCBob3JzZQ==")];
    let refused = send(registry.port, "GET", "/api/users/me", &basic, b"").await;
    assert_eq!(refused.status, 401, "HTTP Basic is off unless asked for");
    registry.server.stop().await;
    let mut options = options();
    options.basic_auth = true;
    let registry = Registry::with(options).await;
    send(registry.port, "POST", "/api/users", &headers, form).await;
    assert_eq!(send(registry.port, "GET", "/api/users/me", &basic, b"").await.status, 200);
    registry.server.stop().await;
}

#[tokio::test]
async fn a_user_is_found_by_name_and_by_an_address_that_is_confirmed() {
    let mut options = options();
    options.confirm_email = true;
    let registry = Registry::with(options).await;
    let newman = r#"{"username":"newman","email":"n@example.com","password":"correct horse"}"#;
    assert_eq!(registry.call("POST", "/api/users", newman).await.status, 201);
    let get = async |name: &str| registry.call("GET", &format!("/api/users/{name}"), "").await;
    for (name, status) in [("newman", 200), ("n@example.com", 404), ("nobody@example.com", 404)] {
        assert_eq!(get(name).await.status, status, "{name}");
    }
    registry.server.confirm_user("newman").await.unwrap();
    for name in ["newman", "n@example.com", "n%40example.com"] {
        assert_eq!(get(name).await.json()["username"], json!("newman"), "{name}");
    }
    registry.server.stop().await;
}
