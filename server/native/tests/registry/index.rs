//! `names` and `versions`: whatever happened before, they are what the database says now.

use std::path::Path;

use hexide_core::registry::{self, Names, Origin, PublicKey, Versions};
use hexide_server::{DataDir, Options};

use crate::fixture::{Registry, metadata, options, tarball};

fn at(path: &Path) -> Options {
    let mut options = options();
    options.data_dir = DataDir::Path(path.to_owned());
    options
}

/// The bytes of both, and what they list: each package with its versions, a retired one with a `!`.
async fn listed(registry: &Registry) -> ([Vec<u8>; 2], Vec<String>) {
    let origin = Some(Origin { repository: "hexpm", name: None });
    let key = PublicKey::from_pem(&registry.server.info().public_key).unwrap();
    let [names, versions] = [registry.get("/repo/names").await, registry.get("/repo/versions").await];
    let verified = |body: &[u8]| registry::verify(body, Some(&key), 1 << 24).expect("a verified index");
    let resource: Versions = registry::decode(&verified(&versions.body), origin).unwrap();
    let lines = resource.packages.iter().map(|package| {
        let version = |(at, version): (i32, &String)| {
            let mark = if package.retired.contains(&at) { "!" } else { "" };
            format!(" {version}{mark}")
        };
        let versions: String = (0_i32..).zip(&package.versions).map(version).collect();
        format!("{}{versions}", package.name)
    });
    let lines: Vec<String> = lines.collect();
    let named: Names = registry::decode(&verified(&names.body), origin).unwrap();
    let named: Vec<&str> = named.packages.iter().map(|entry| entry.name.as_str()).collect();
    let of_versions: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(named, of_versions);
    ([names.body, versions.body], lines)
}

#[tokio::test]
async fn after_every_change_the_index_is_what_a_fresh_start_would_build() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::with(at(folder.path())).await;
    let publish = async |name: &str, version: &str| {
        let published = registry.publish(&tarball(&metadata(name, version))).await;
        assert!([200, 201].contains(&published.status), "{name} {version}: {}", published.text());
    };
    let call = async |method: &str, path: &str, body: &str| {
        assert_eq!(registry.call(method, path, body).await.status, 204, "{method} {path}");
    };
    assert_eq!(listed(&registry).await.1, [""; 0]);
    publish("banana", "1.0.0").await;
    assert_eq!(listed(&registry).await.1, ["banana 1.0.0"]);
    publish("cherry", "0.1.0").await;
    publish("apple", "2.0.0-rc.1").await;
    assert_eq!(listed(&registry).await.1, ["apple 2.0.0-rc.1", "banana 1.0.0", "cherry 0.1.0"]);
    publish("banana", "1.10.0").await;
    publish("banana", "1.9.0").await;
    call("POST", "/api/packages/banana/releases/1.9.0/retire", r#"{"reason":"invalid"}"#).await;
    assert_eq!(listed(&registry).await.1, ["apple 2.0.0-rc.1", "banana 1.0.0 1.9.0! 1.10.0", "cherry 0.1.0"]);
    // One goes and another one comes between two reads: the number of packages stays the same.
    call("DELETE", "/api/packages/apple/releases/2.0.0-rc.1", "").await;
    publish("date", "1.0.0").await;
    assert_eq!(listed(&registry).await.1, ["banana 1.0.0 1.9.0! 1.10.0", "cherry 0.1.0", "date 1.0.0"]);
    // The same name again is another package.
    call("DELETE", "/api/packages/cherry/releases/0.1.0", "").await;
    publish("cherry", "0.2.0").await;
    call("DELETE", "/api/packages/banana/releases/1.9.0/retire", "").await;
    call("DELETE", "/api/packages/banana/releases/1.10.0", "").await;
    let (grown, lines) = listed(&registry).await;
    assert_eq!(lines, ["banana 1.0.0 1.9.0", "cherry 0.2.0", "date 1.0.0"]);

    registry.server.stop().await;
    let server = hexide_server::start(at(folder.path())).await.expect("the server starts");
    let fresh = Registry { port: server.info().port, key: registry.key, server };
    let (built, _) = listed(&fresh).await;
    assert_eq!(grown, built);
    fresh.server.stop().await;
}
