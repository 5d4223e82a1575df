//! Documentation: published, hosted, followed to the latest, taken away.

use crate::{
    fixture::{Registry, docs, metadata, options, tarball},
    http_client::{Response, send},
    oauth::{pass, with_clock},
};

async fn publish(registry: &Registry, version: &str, archive: &[u8]) -> Response {
    let path = format!("/api/packages/foo/releases/{version}/docs");
    let headers = [("user-agent", "t"), ("accept", "application/json"), ("authorization", &registry.key)];
    send(registry.port, "POST", &path, &headers, archive).await
}

#[tokio::test]
async fn documentation_is_hosted_by_version_and_follows_the_latest() {
    let registry = Registry::start().await;
    for version in ["1.0.0", "1.1.0", "2.0.0-rc.1"] {
        registry.publish(&tarball(&metadata("foo", version))).await;
    }
    let page = |text: &str| docs(&[("index.html", text), ("api/index.html", "api"), ("dist/app.js", "x()")]);
    for version in ["1.0.0", "1.1.0", "2.0.0-rc.1"] {
        let published = publish(&registry, version, &page(version)).await;
        assert_eq!(published.status, 201);
        let location = published.header("location").unwrap();
        assert_eq!(location, format!("{}/docs/foo-{version}.tar.gz", registry.server.info().repo_url));
    }
    let table = [
        ("/docs/foo/1.0.0/", 200, "1.0.0", "text/html; charset=utf-8"),
        ("/docs/foo/1.0.0/index.html", 200, "1.0.0", "text/html; charset=utf-8"),
        ("/docs/foo/", 200, "1.1.0", "text/html; charset=utf-8"),
        ("/docs/foo/dist/app.js", 200, "x()", "text/javascript; charset=utf-8"),
        ("/docs/foo/2.0.0-rc.1/api/", 200, "api", "text/html; charset=utf-8"),
    ];
    for (path, status, text, kind) in table {
        let reply = registry.get(path).await;
        assert_eq!((reply.status, reply.text().as_str()), (status, text), "{path}");
        assert_eq!(reply.header("content-type"), Some(kind), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("connect-src 'none'") && policy.contains("form-action 'none'"), "{policy}");
    }
    let redirects = [
        ("/docs/foo", "/docs/foo/"),
        ("/docs/foo/1.0.0", "/docs/foo/1.0.0/"),
        ("/docs/foo/1.0.0/api", "/docs/foo/1.0.0/api/"),
    ];
    for (path, to) in redirects {
        assert_eq!(registry.get(path).await.header("location"), Some(to), "{path}");
    }
    let missing = [
        "/docs/foo/9.9.9/",
        "/docs/foo/none.html",
        "/docs/nosuch/",
        "/docs/foo/1.0.0/../../../registry.db",
        "/docs/foo/1.0.0/%2e%2e/%2e%2e/private_key.pem",
    ];
    for path in missing {
        assert_eq!(registry.get(path).await.status, 404, "{path}");
    }
    let archive = registry.get("/repo/docs/foo-1.0.0.tar.gz").await;
    assert_eq!((archive.status, archive.body), (200, page("1.0.0")));
    let shown = registry.get("/api/packages/foo").await.json();
    assert_eq!(shown["docs_html_url"], format!("{}/foo/", registry.server.info().docs_url));
    let taken = registry.call("DELETE", "/api/packages/foo/releases/1.1.0/docs", "").await;
    assert_eq!(taken.status, 204);
    assert_eq!(registry.get("/docs/foo/").await.text(), "1.0.0");
    assert_eq!(registry.get("/docs/foo/1.1.0/").await.status, 404);
    registry.server.stop().await;
}

#[tokio::test]
async fn documentation_that_cannot_be_hosted_is_refused() {
    let mut options = options();
    options.limits.docs.contents = Some(100_000);
    let registry = Registry::with(options).await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let bomb = docs(&[("index.html", &" ".repeat(1_000_000))]);
    let mut cut = docs(&[("index.html", "hello")]);
    cut.truncate(cut.len() - 10);
    for (what, archive) in [("garbage", b"garbage".to_vec()), ("a bomb", bomb), ("a cut one", cut)] {
        let refused = publish(&registry, "1.0.0", &archive).await;
        assert_eq!(refused.status, 422, "{what}");
        let sentence = refused.json()["errors"]["tar"].as_str().unwrap().to_owned();
        assert!(sentence.starts_with("tarball error, "), "{what}: {sentence}");
    }
    assert_eq!(publish(&registry, "9.9.9", &docs(&[("index.html", "x")])).await.status, 404);
    assert_eq!(registry.get("/api/packages/foo/releases/1.0.0").await.json()["has_docs"], false);
    registry.server.stop().await;
}

#[tokio::test]
async fn replaced_documentation_is_served_at_once() {
    let mut options = options();
    // So small that every archive pushes the others out.
    options.limits.docs_cache = 1;
    let registry = Registry::with(options).await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    for text in ["first", "second"] {
        assert_eq!(publish(&registry, "1.0.0", &docs(&[("index.html", text)])).await.status, 201);
        assert_eq!(registry.get("/docs/foo/1.0.0/").await.text(), text);
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn a_release_that_is_replaced_keeps_its_documentation_retirement_and_first_moment() {
    let (options, clock) = with_clock();
    let registry = Registry::with(options).await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    publish(&registry, "1.0.0", &docs(&[("index.html", "kept")])).await;
    let path = "/api/packages/foo/releases/1.0.0";
    let retire = r#"{"reason":"deprecated","message":"use bar"}"#;
    registry.call("POST", &format!("{path}/retire"), retire).await;
    let before = registry.get(path).await.json();
    pass(&clock, 60);
    let other = metadata("foo", "1.0.0").replace("The package foo", "Something else");
    assert_eq!(registry.publish(&tarball(&other)).await.status, 200);
    let after = registry.get(path).await.json();
    for kept in ["inserted_at", "retirement", "has_docs"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(after["retirement"]["reason"], "deprecated");
    for changed in ["checksum", "updated_at"] {
        assert_ne!(after[changed], before[changed], "{changed}");
    }
    assert_eq!(registry.get("/docs/foo/1.0.0/").await.text(), "kept");
    registry.server.stop().await;
}

#[tokio::test]
async fn the_page_of_a_package_shows_text_as_text() {
    let registry = Registry::start().await;
    let text = metadata("foo", "1.0.0").replace("The package foo", "<script>alert(1)</script>");
    registry.publish(&tarball(&text)).await;
    let url = registry.get("/api/packages/foo/releases/1.0.0").await.json()["html_url"].clone();
    let path = url.as_str().unwrap().strip_prefix(&registry.server.info().url).unwrap().to_owned();
    let page = registry.get(&path).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.text().contains("&lt;script&gt;") && !page.text().contains("<script>"), "{}", page.text());
    assert!(registry.get("/").await.text().contains(&registry.server.info().fingerprint));
    for path in ["/packages/nosuch", "/packages/foo/9.9.9"] {
        assert_eq!(registry.get(path).await.status, 404, "{path}");
    }
    registry.server.stop().await;
}
