//! How many requests a client may make, by the clock.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use hexide_server::{Clock, Moment};
use serde_json::json;

use crate::{
    fixture::{Registry, add_user, metadata, options, tarball},
    http_client::{Response, send},
};

/// A registry behind a proxy on this machine and one at 10.0.0.1, at 50 seconds past a minute.
async fn behind_proxies() -> (Registry, Arc<AtomicI64>) {
    trusting(&["127.0.0.1", "10.0.0.0/8"]).await
}

async fn trusting(proxies: &[&str]) -> (Registry, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(1_700_000_090_000_000));
    let shown = Arc::clone(&now);
    let mut options = options();
    options.clock = Clock::new(move || Moment(shown.load(Ordering::SeqCst)));
    options.trusted_proxies = proxies.iter().map(|text| text.parse().unwrap()).collect();
    (Registry::with(options).await, now)
}

async fn get(port: u16, forwarded: &str, more: &[(&str, &str)]) -> Response {
    let mut headers = vec![("user-agent", "test/1"), ("accept", "application/json")];
    if !forwarded.is_empty() {
        headers.push(("x-forwarded-for", forwarded));
    }
    headers.extend_from_slice(more);
    send(port, "GET", "/api/packages", &headers, b"").await
}

fn told(reply: &Response) -> (u16, Option<&str>, Option<&str>, Option<&str>) {
    let header = |name| reply.header(name);
    let (limit, remaining) = (header("x-ratelimit-limit"), header("x-ratelimit-remaining"));
    (reply.status, limit, remaining, header("x-ratelimit-reset"))
}

#[tokio::test]
async fn an_address_has_a_hundred_requests_a_minute() {
    let (registry, now) = behind_proxies().await;
    let port = registry.port;
    let first = get(port, "9.9.9.9", &[]).await;
    assert_eq!(told(&first), (200, Some("100"), Some("99"), Some("1700000100")));
    let tag = first.header("etag").unwrap().to_owned();
    let unchanged = get(port, "9.9.9.9", &[("if-none-match", &tag)]).await;
    assert_eq!(told(&unchanged), (304, Some("100"), Some("98"), Some("1700000100")), "these count, too");
    for _ in 2..100 {
        get(port, "9.9.9.9", &[]).await;
    }
    let refused = get(port, "9.9.9.9", &[]).await;
    assert_eq!(told(&refused), (429, Some("100"), Some("0"), Some("1700000100")));
    assert_eq!(refused.header("retry-after"), Some("10"));
    let sentence = "API rate limit exceeded for IP 9.9.9.9";
    assert_eq!(refused.json(), json!({"message": sentence, "status": 429}));
    let terms = get(port, "9.9.9.9", &[("accept", "application/vnd.hex+erlang")]).await;
    assert_eq!(terms.status, 429);
    assert_eq!(get(port, "9.9.9.8", &[]).await.status, 200, "another address");
    assert_eq!(get(port, "", &[]).await.header("x-ratelimit-limit"), None, "this machine");
    now.fetch_add(10_000_000, Ordering::SeqCst);
    assert_eq!(told(&get(port, "9.9.9.9", &[]).await), (200, Some("100"), Some("99"), Some("1700000160")));
    registry.server.stop().await;
}

#[tokio::test]
async fn a_refused_request_does_nothing() {
    let (registry, _) = behind_proxies().await;
    let key = registry.key.clone();
    let headers = [("user-agent", "t"), ("authorization", key.as_str()), ("x-forwarded-for", "9.9.9.9")];
    for _ in 0..500 {
        let reply = send(registry.port, "GET", "/api/repos", &headers, b"").await;
        assert_eq!(reply.status, 200);
    }
    let body = tarball(&metadata("foo", "1.0.0"));
    let refused = send(registry.port, "POST", "/api/publish", &headers, &body).await;
    assert_eq!(refused.status, 429);
    assert!(refused.json()["message"].as_str().unwrap().starts_with("API rate limit exceeded for user "));
    assert_eq!(registry.get("/api/packages/foo").await.status, 404);
    // The repository is fetched from in bulk: no limit there.
    let fetched = send(registry.port, "GET", "/repo/names", &headers, b"").await;
    assert_eq!((fetched.status, fetched.header("x-ratelimit-limit")), (200, None));
    registry.server.stop().await;
}

#[tokio::test]
async fn users_and_organizations_are_counted_wherever_they_are() {
    let (registry, _) = behind_proxies().await;
    let port = registry.port;
    let bob = add_user(&registry.server, "bob").await;
    registry.server.add_organization("acme", "alice").await.unwrap();
    let made = registry.call("POST", "/api/orgs/acme/keys", r#"{"name":"ci"}"#).await;
    let acme = made.json()["secret"].as_str().unwrap().to_owned();
    let left = async |forwarded: &str, key: &str| {
        let reply = get(port, forwarded, &[("authorization", key)]).await;
        (reply.status, reply.header("x-ratelimit-remaining").map(str::to_owned))
    };
    let some = |status: u16, remaining: &str| (status, Some(remaining.to_owned()));
    assert_eq!(left("9.9.9.1", &registry.key).await, some(200, "499"));
    assert_eq!(left("9.9.9.2", &registry.key).await, some(200, "498"), "of one user");
    assert_eq!(left("9.9.9.1", &bob).await, some(200, "499"), "of another");
    assert_eq!(left("9.9.9.1", &acme).await, some(200, "499"), "of an organization");
    assert_eq!(left("9.9.9.1", "no such key").await, some(401, "99"), "of the address");
    assert_eq!(left("9.9.9.1", "another guess").await, some(401, "98"));
    assert_eq!(left("", &registry.key).await, (200, None));
    registry.server.stop().await;
}

#[tokio::test]
async fn nobody_gets_more_by_making_up_addresses() {
    let (registry, _) = behind_proxies().await;
    let port = registry.port;
    for number in 0..100 {
        let reply = get(port, &format!("1.2.3.{number}, 9.9.9.9, 10.0.0.1"), &[]).await;
        assert_eq!(reply.status, 200);
    }
    assert_eq!(get(port, "4.4.4.4, 9.9.9.9, 10.0.0.1", &[]).await.status, 429);
    assert_eq!(get(port, "127.0.0.1, 9.9.9.9", &[]).await.status, 429);
    registry.server.stop().await;
    // Where no proxy is known, the header is not believed, but tells that there is one.
    let (registry, _) = trusting(&[]).await;
    for number in 0..100 {
        assert_eq!(get(registry.port, &format!("9.9.9.{number}"), &[]).await.status, 200);
    }
    let refused = get(registry.port, "9.9.9.200", &[]).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["message"], "API rate limit exceeded for IP 127.0.0.1");
    registry.server.stop().await;
}

#[tokio::test]
async fn what_is_asked_through_a_proxy_is_not_counted_as_the_proxys() {
    let (registry, _) = behind_proxies().await;
    let reset = async |forwarded: &str| {
        let headers = [("user-agent", "t"), ("accept", "application/json"), ("x-forwarded-for", forwarded)];
        send(registry.port, "POST", "/api/users/nobody/reset", &headers, b"").await.status
    };
    for number in 1..=5 {
        assert_eq!(reset(&format!("2001:db8:0:1::{number}")).await, 204);
    }
    assert_eq!(reset("2001:db8:0:1::6").await, 429, "one customer has a whole network of addresses");
    assert_eq!(reset("2001:db8:0:2::1").await, 204, "another");
    registry.server.stop().await;
}

#[tokio::test]
async fn the_last_use_of_a_key_shows_the_clients_address() {
    let (registry, _) = behind_proxies().await;
    let key = registry.key.clone();
    get(registry.port, "9.9.9.9, 10.0.0.1", &[("authorization", &key)]).await;
    let headers = [("user-agent", "test/1"), ("authorization", key.as_str()), ("x-forwarded-for", "9.9.9.9")];
    let keys = send(registry.port, "GET", "/api/keys", &headers, b"").await.json();
    assert_eq!(keys[0]["last_use"]["ip"], "9.9.9.9");
    registry.server.stop().await;
}
