//! Publishing and reading packages.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use hexide_core::registry::{self, PublicKey, Versions};
use hexide_server::{Clock, Moment};
use serde_json::{Value, json};

use crate::{
    fixture::{
        Registry, add_user, call_as, metadata, options, publish_as, tarball, with_content, with_requirements,
    },
    http_client::send,
};

const HOUR: i64 = 3_600_000_000;

#[tokio::test]
async fn what_may_not_be_published_is_refused_by_field() {
    let registry = Registry::start().await;
    let good = metadata("foo", "1.0.0");
    let table = [
        ("<<\"foo\">>}.\n{<<\"req", "<<\"Foo\">>}.\n{<<\"req", json!({"name": "has invalid format"})),
        (
            "<<\"foo\">>}.\n{<<\"req",
            "<<\"f\">>}.\n{<<\"req",
            json!({"name": "should be at least 2 character(s)"}),
        ),
        ("<<\"foo\">>}.\n{<<\"req", "<<\"stdlib\">>}.\n{<<\"req", json!({"name": "is reserved"})),
        ("1.0.0", "1.0.0+build", json!({"version": "build number not allowed"})),
        ("1.0.0", "1.0", json!({"version": "is invalid SemVer"})),
        ("Apache-2.0", "Apache 2", json!({"meta": {"licenses": "invalid license \"Apache 2\""}})),
        ("[<<\"Apache-2.0\">>]", "[]", json!({"meta": {"licenses": "can't be blank"}})),
        ("The package foo", "", json!({"meta": {"description": "can't be blank"}})),
        ("[<<\"src/a.erl\">>]", "[]", json!({"meta": {"files": "can't be blank"}})),
        (
            "{<<\"links\">>,[]}",
            "{<<\"links\">>,[{<<\"x\">>,<<\"javascript:alert(1)\">>}]}",
            json!({"meta": {"links": "invalid link \"javascript:alert(1)\""}}),
        ),
        (
            "{<<\"requirements\">>,[]}",
            "{<<\"requirements\">>,[{<<\"bar\">>,[{<<\"app\">>,<<\"bar\">>},{<<\"optional\">>,false},\
             {<<\"requirement\">>,<<\"~> one\">>}]}]}",
            json!({"requirements": {"bar": "invalid requirement: \"~> one\""}}),
        ),
    ];
    for (from, to, errors) in table {
        assert!(good.contains(from), "{from}");
        let refused = registry.publish(&tarball(&good.replace(from, to))).await;
        assert_eq!((refused.status, &refused.json()["errors"]), (422, &errors), "{to}");
    }
    assert_eq!(registry.get("/api/packages").await.json(), json!([]));
    assert_eq!(registry.publish(&tarball(&good)).await.status, 201);
    for license in ["LicenseRef-House", "MIT"] {
        let version = if license == "MIT" { "1.0.1" } else { "1.0.2" };
        let text = metadata("foo", version).replace("Apache-2.0", license);
        assert_eq!(registry.publish(&tarball(&text)).await.status, 201, "{license}");
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn a_requirement_must_name_a_package_that_is_here() {
    let registry = Registry::start().await;
    let on_foo = "{<<\"foo\">>,[{<<\"app\">>,<<\"foo\">>},{<<\"optional\">>,true},\
                  {<<\"requirement\">>,<<\"~> 1.0\">>}]}";
    let bar = tarball(&with_requirements("bar", "1.0.0", on_foo));
    let refused = registry.publish(&bar).await;
    assert_eq!(
        refused.json()["errors"]["requirements"]["foo"],
        "package does not exist in repository \"hexpm\""
    );
    assert_eq!(registry.get("/api/packages/bar").await.status, 404);
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    assert_eq!(registry.publish(&bar).await.status, 201);
    let shown = registry.get("/api/packages/bar/releases/1.0.0").await.json();
    assert_eq!(
        shown["requirements"],
        json!({"foo": {"app": "foo", "optional": true, "requirement": "~> 1.0"}})
    );
    registry.server.stop().await;
}

#[tokio::test]
async fn releases_may_be_changed_for_an_hour_and_new_packages_for_a_day() {
    let now = Arc::new(AtomicI64::new(1_700_000_000_000_000));
    let mut options = options();
    let shared = Arc::clone(&now);
    options.clock = Clock::new(move || Moment(shared.load(Ordering::SeqCst)));
    let registry = Registry::with(options).await;
    let publish = async |version: &str, content: &str| {
        registry.publish(&with_content(&metadata("foo", version), content.as_bytes().to_vec())).await
    };
    assert_eq!(publish("1.0.0", "a").await.status, 201);
    now.fetch_add(23 * HOUR, Ordering::SeqCst);
    assert_eq!(publish("1.0.0", "b").await.status, 200, "the package is new");
    now.fetch_add(2 * HOUR, Ordering::SeqCst);
    let refused = publish("1.0.0", "c").await;
    assert_eq!(refused.status, 422);
    let sentence = "can only modify a release up to one hour after publication";
    assert_eq!(refused.json()["errors"]["inserted_at"], sentence);
    assert_eq!(publish("1.1.0", "a").await.status, 201);
    now.fetch_add(HOUR - 1_000_000, Ordering::SeqCst);
    assert_eq!(publish("1.1.0", "b").await.status, 200, "the release is new");
    now.fetch_add(2_000_000, Ordering::SeqCst);
    assert_eq!(publish("1.1.0", "c").await.status, 422);
    let refused = registry.call("DELETE", "/api/packages/foo/releases/1.1.0", "").await;
    let sentence = "can only delete a release up to one hour after publication";
    assert_eq!((refused.status, &refused.json()["errors"]["inserted_at"]), (422, &json!(sentence)));
    registry.server.stop().await;
}

#[tokio::test]
async fn a_package_shows_its_latest_stable_release() {
    let registry = Registry::start().await;
    for version in ["1.9.0", "1.10.0", "2.0.0-rc.1"] {
        let text = metadata("foo", version).replace("The package foo", &format!("As of {version}"));
        assert_eq!(registry.publish(&tarball(&text)).await.status, 201);
    }
    let shown = registry.get("/api/packages/foo").await.json();
    let versions: Vec<&Value> = shown["releases"].as_array().unwrap().iter().map(|r| &r["version"]).collect();
    assert_eq!(versions, ["2.0.0-rc.1", "1.10.0", "1.9.0"], "as versions, not as text");
    assert_eq!(shown["latest_version"], "2.0.0-rc.1");
    assert_eq!(shown["latest_stable_version"], "1.10.0");
    assert_eq!(shown["meta"]["description"], "As of 1.10.0");
    assert_eq!(shown["configs"]["rebar.config"], "{foo, \"1.10.0\"}");
    assert_eq!(registry.call("DELETE", "/api/packages/foo/releases/1.10.0", "").await.status, 204);
    let shown = registry.get("/api/packages/foo").await.json();
    assert_eq!(shown["meta"]["description"], "As of 1.9.0", "what is gone speaks no more");
    let index: Versions = versions_resource(&registry).await;
    assert_eq!(index.packages[0].versions, ["1.9.0", "2.0.0-rc.1"], "oldest first");
    registry.server.stop().await;
}

async fn versions_resource(registry: &Registry) -> Versions {
    let key = PublicKey::from_pem(&registry.server.info().public_key).unwrap();
    let payload = registry::verify(&registry.get("/repo/versions").await.body, Some(&key), 1 << 20).unwrap();
    registry::decode(&payload, None).unwrap()
}

#[tokio::test]
async fn packages_are_found_by_every_field() {
    let registry = Registry::start().await;
    let mixed = metadata("mixed_up", "1.0.0")
        .replace("rebar3", "mix")
        .replace("The package mixed_up", "Parses 100% of it")
        + "{<<\"extra\">>,[{<<\"type\">>,<<\"nerves\">>},{<<\"list\">>,[<<\"a\">>,<<\"b\">>]}]}.\n";
    for text in [metadata("foo", "1.0.0"), metadata("food", "1.0.0"), mixed] {
        assert_eq!(registry.publish(&tarball(&text)).await.status, 201);
    }
    let on_foo = "{<<\"foo\">>,[{<<\"app\">>,<<\"foo\">>},{<<\"optional\">>,false},\
                  {<<\"requirement\">>,<<\"~> 1.0\">>}]}";
    registry.publish(&tarball(&with_requirements("needs", "1.0.0", on_foo))).await;
    let table: [(&str, &[&str]); 18] = [
        ("search=foo", &["foo", "food"]),
        ("search=fo", &[]),
        ("search=parses", &["mixed_up"]),
        ("search=100%25%20parses", &["mixed_up"]),
        ("search=%25%25%25", &[]),
        ("search=name:foo", &["foo"]),
        ("search=name:foo*", &["foo", "food"]),
        ("search=name:hexpm/foo", &["foo"]),
        ("search=name:mixed*%20build_tool:mix", &["mixed_up"]),
        ("search=build_tool:rebar3", &["foo", "food", "needs"]),
        ("search=description:%22parses%20100%22", &["mixed_up"]),
        ("search=depends:foo", &["needs"]),
        ("search=depends:hexpm:foo", &["needs"]),
        ("search=updated_after:2020-01-01", &["foo", "food", "mixed_up", "needs"]),
        ("search=updated_after:2100-01-01T00:00:00Z", &[]),
        ("search=extra:type,nerves", &["mixed_up"]),
        ("search=extra:list,[b]", &["mixed_up"]),
        ("per_page=2&page=2&sort=name", &["mixed_up", "needs"]),
    ];
    for (query, expected) in table {
        let found = registry.get(&format!("/api/packages?{query}")).await.json();
        let names: Vec<&str> =
            found.as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{query}");
    }
    let newest = registry.get("/api/packages?sort=inserted_at&per_page=1").await.json();
    assert_eq!(newest[0]["name"], "needs");
    registry.server.stop().await;
}

#[tokio::test]
async fn tags_say_when_nothing_changed() {
    let registry = Registry::start().await;
    for name in ["foo", "other"] {
        registry.publish(&tarball(&metadata(name, "1.0.0"))).await;
    }
    let paths = [
        "/api/packages/foo",
        "/api/packages",
        "/api/packages/foo/releases/1.0.0",
        "/repo/packages/foo",
        "/repo/names",
        "/repo/versions",
        "/repo/tarballs/foo-1.0.0.tar",
    ];
    let conditional = async |path: &str, tag: &str| {
        let headers = [("user-agent", "test/1"), ("if-none-match", tag)];
        send(registry.port, "GET", path, &headers, b"").await.status
    };
    let mut tags = Vec::new();
    for path in paths {
        let tag = registry.get(path).await.header("etag").expect("a tag").to_owned();
        assert_eq!(conditional(path, &tag).await, 304, "{path}");
        assert_eq!(conditional(path, "\"other\"").await, 200, "{path}");
        tags.push(tag);
    }
    let other = registry.get("/repo/packages/other").await.body;
    let retirement = r#"{"reason":"security","message":"do not use"}"#;
    assert_eq!(
        registry.call("POST", "/api/packages/foo/releases/1.0.0/retire", retirement).await.status,
        204
    );
    for (path, tag) in paths.iter().zip(&tags).filter(|(path, _)| !path.contains("tarballs")) {
        assert_eq!(conditional(path, tag).await, 200, "{path} changed");
    }
    assert_eq!(conditional(paths[6], &tags[6]).await, 304, "the tarball did not change");
    assert_eq!(registry.get("/repo/packages/other").await.body, other, "nor did another package");
    registry.server.stop().await;
}

#[tokio::test]
async fn retiring_a_package_leaves_marks_that_are_there_unless_told_to_replace_them() {
    let registry = Registry::start().await;
    for version in ["1.0.0", "1.1.0"] {
        registry.publish(&tarball(&metadata("foo", version))).await;
    }
    let one = r#"{"reason":"security","message":"first"}"#;
    registry.call("POST", "/api/packages/foo/releases/1.0.0/retire", one).await;
    let all = r#"{"reason":"deprecated","message":"use bar"}"#;
    assert_eq!(registry.call("POST", "/api/packages/foo/retire", all).await.status, 204);
    let marks = registry.get("/api/packages/foo").await.json()["retirements"].clone();
    assert_eq!(marks["1.0.0"], json!({"reason": "security", "message": "first"}));
    assert_eq!(marks["1.1.0"], json!({"reason": "deprecated", "message": "use bar"}));
    let all = r#"{"reason":"renamed","message":"now bar","replace":true}"#;
    registry.call("POST", "/api/packages/foo/retire", all).await;
    let marks = registry.get("/api/packages/foo").await.json()["retirements"].clone();
    assert_eq!(marks["1.0.0"]["reason"], "renamed");
    let index = versions_resource(&registry).await;
    assert_eq!(index.packages[0].retired, [0, 1]);
    for (message, sentence) in [
        ("no", "should be at least 3 character(s)"),
        (&"x".repeat(141), "should be at most 140 character(s)"),
    ] {
        let body = json!({"reason": "other", "message": message}).to_string();
        let refused = registry.call("POST", "/api/packages/foo/releases/1.0.0/retire", &body).await;
        assert_eq!(refused.json()["errors"]["retirement"]["message"], sentence);
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn only_owners_change_a_package() {
    let registry = Registry::start().await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let mallory = add_user(&registry.server, "mallory").await;
    let refused = publish_as(registry.port, &mallory, &tarball(&metadata("foo", "1.1.0"))).await;
    assert_eq!(refused.status, 403);
    let retire = "/api/packages/foo/releases/1.0.0/retire";
    let attempts = [
        ("DELETE", "/api/packages/foo/releases/1.0.0", ""),
        ("POST", retire, r#"{"reason":"other"}"#),
        ("DELETE", retire, ""),
        ("POST", "/api/packages/foo/retire", r#"{"reason":"other"}"#),
        ("PUT", "/api/packages/foo/owners/mallory", "{}"),
        ("DELETE", "/api/packages/foo/owners/alice", ""),
        ("POST", "/api/packages/foo/releases/1.0.0/docs", "x"),
        ("DELETE", "/api/packages/foo/releases/1.0.0/docs", ""),
    ];
    for (method, path, body) in attempts {
        let refused = call_as(registry.port, &mallory, method, path, body).await;
        let message = refused.json()["message"].clone();
        assert_eq!(
            (refused.status, message),
            (403, json!("account not authorized for this action")),
            "{path}"
        );
    }
    let shown = registry.get("/api/packages/foo").await.json();
    assert_eq!((shown["releases"].as_array().unwrap().len(), &shown["retirements"]), (1, &json!({})));
    registry.server.stop().await;
}

#[tokio::test]
async fn a_registry_of_another_name_signs_under_it_and_may_build_on_hexpm() {
    let mut options = options();
    options.repository = "house".to_owned();
    let registry = Registry::with(options).await;
    let on = |repository: &str| {
        format!(
            "{{<<\"foo\">>,[{{<<\"app\">>,<<\"foo\">>}},{{<<\"optional\">>,false}},\
             {{<<\"repository\">>,<<\"{repository}\">>}},{{<<\"requirement\">>,<<\"~> 1.0\">>}}]}}"
        )
    };
    for (repository, status) in [("hexpm", 201), ("house", 422), ("elsewhere", 422)] {
        let reply = registry.publish(&tarball(&with_requirements("bar", "1.0.0", &on(repository)))).await;
        assert_eq!(reply.status, status, "{repository}: {}", reply.text());
    }
    let index = versions_resource(&registry).await;
    assert_eq!(index.repository, "house");
    let key = PublicKey::from_pem(&registry.server.info().public_key).unwrap();
    let resource = registry.get("/repo/packages/bar").await.body;
    let payload = registry::verify(&resource, Some(&key), 1 << 20).unwrap();
    let package: registry::Package = registry::decode(&payload, None).unwrap();
    let dependency = &package.releases[0].dependencies[0];
    assert_eq!(dependency.repository.as_deref(), Some("hexpm"));
    assert_eq!(registry.get("/api/repos").await.json()[0]["name"], "house");
    assert_eq!(registry.get("/api/repos/house").await.json()["name"], "house");
    assert_eq!(registry.get("/api/repos/hexpm").await.status, 404);
    assert_eq!(registry.get("/api/repos/house/packages/bar").await.json()["repository"], "house");
    registry.server.stop().await;
}
