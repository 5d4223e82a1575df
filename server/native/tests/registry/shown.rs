//! What is kept of a package, written or located: after every change it is another one, in every format.

use serde_json::json;

use crate::{
    fixture::{Registry, add_user, docs, metadata, tarball},
    http_client::{Response, send},
};

const PACKAGE: &str = "/api/packages/foo";
const FORMATS: [&str; 3] = ["application/json", "application/vnd.hex+erlang", "application/vnd.hex+elixir"];

async fn get(registry: &Registry, format: &str, known: &str) -> Response {
    let headers = [("user-agent", "test/1"), ("accept", format), ("if-none-match", known)];
    send(registry.port, "GET", PACKAGE, &headers, b"").await
}

fn tag(shown: &Response) -> String {
    shown.header("etag").expect("a tag").to_owned()
}

#[tokio::test]
async fn after_every_change_a_package_is_shown_anew() {
    let registry = Registry::start().await;
    add_user(&registry.server, "bob").await;
    for version in ["1.0.0", "1.1.0"] {
        registry.publish(&tarball(&metadata("foo", version))).await;
    }
    let archive = docs(&[("index.html", "<p>foo</p>")]);
    let changes: [(&str, &str, &[u8], u16); 9] = [
        ("POST", "/releases/1.1.0/retire", br#"{"reason":"invalid"}"#, 204),
        ("DELETE", "/releases/1.1.0/retire", b"", 204),
        ("POST", "/releases/1.0.0/docs", &archive, 201),
        ("DELETE", "/releases/1.0.0/docs", b"", 204),
        ("POST", "/retire", br#"{"reason":"renamed"}"#, 204),
        ("PUT", "/owners/bob", b"{}", 204),
        ("DELETE", "/owners/bob", b"", 204),
        ("DELETE", "/releases/1.1.0", b"", 204),
        ("PUT", "/owners/bob", br#"{"transfer":true}"#, 204),
    ];
    let mut before = String::new();
    for (method, path, body, status) in changes {
        for format in FORMATS {
            let shown = get(&registry, format, &before).await;
            assert_eq!(shown.status, 200, "before {method} {path}, as {format}");
            assert_eq!(get(&registry, format, &tag(&shown)).await.status, 304);
        }
        before = tag(&get(&registry, FORMATS[0], "").await);
        let headers = [
            ("user-agent", "test/1"),
            ("accept", "application/json"),
            ("authorization", &registry.key),
            ("content-type", "application/json"),
        ];
        let changed = send(registry.port, method, &format!("{PACKAGE}{path}"), &headers, body).await;
        assert_eq!(changed.status, status, "{method} {path}: {}", changed.text());
    }
    let last = get(&registry, FORMATS[0], &before).await.json();
    assert_eq!(last["owners"].as_array().map(Vec::len), Some(1));
    assert_eq!(last["owners"][0]["username"], "bob");
    assert_eq!(last["latest_version"], "1.0.0");
    assert_eq!(last["retirements"]["1.0.0"], json!({"reason": "renamed", "message": null}));
}

#[tokio::test]
async fn a_package_that_is_gone_is_not_shown_any_more_and_comes_back_as_another() {
    let registry = Registry::start().await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    assert_eq!(get(&registry, FORMATS[0], "").await.json()["latest_version"], "1.0.0");
    assert_eq!(registry.call("DELETE", "/api/packages/foo/releases/1.0.0", "").await.status, 204);
    assert_eq!(get(&registry, FORMATS[0], "").await.status, 404);
    registry.publish(&tarball(&metadata("foo", "0.9.0"))).await;
    assert_eq!(get(&registry, FORMATS[0], "").await.json()["latest_version"], "0.9.0");
}

#[tokio::test]
async fn a_tarball_is_fetched_as_it_is_now() {
    let path = "/repo/tarballs/foo-1.0.0.tar";
    let registry = Registry::start().await;
    assert_eq!(registry.get(path).await.status, 404);
    let first = metadata("foo", "1.0.0");
    let mut tags = Vec::new();
    for text in [first.clone(), first.replace("The package foo", "Something else"), first] {
        let published = tarball(&text);
        registry.publish(&published).await;
        for _ in 0..2 {
            let fetched = registry.get(path).await;
            assert_eq!(fetched.body, published);
            tags.push(tag(&fetched));
        }
    }
    assert!(tags[0] == tags[1] && tags[1] != tags[2] && tags[3] != tags[4] && tags[4] == tags[0], "{tags:?}");
    assert_eq!(registry.call("DELETE", "/api/packages/foo/releases/1.0.0", "").await.status, 204);
    assert_eq!(registry.get(path).await.status, 404);
}
