//! Private repositories: members work in them as in the public one, and nobody else learns what is there.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use hexide_core::registry::{self, Origin, PublicKey};
use hexide_server::{Clock, Moment};
use serde_json::json;

use crate::{
    fixture::{docs, metadata, options, tarball, with_content, with_requirements},
    http_client::{Response, send},
    organizations::Acme,
};

/// What only members may see of the package, wherever it is.
const SECRET: &str = "the package very_secret";

/// Publishes acme/very_secret with documentation, and makes wendy its owner.
async fn published() -> Acme {
    let acme = Acme::start().await;
    let text = metadata("very_secret", "1.0.0").replace("The package very_secret", SECRET);
    assert_eq!(acme.publish("alice", &tarball(&text)).await.status, 201);
    let archive = docs(&[("index.html", "<h1>the package very_secret</h1>")]);
    let path = "/api/repos/acme/packages/very_secret/releases/1.0.0/docs";
    assert_eq!(acme.send("alice", "POST", path, &archive).await.status, 201);
    let owner = "/api/repos/acme/packages/very_secret/owners/wendy";
    assert_eq!(acme.call("alice", "PUT", owner, "{}").await.status, 204);
    acme
}

async fn get(acme: &Acme, key: Option<&str>, path: &str) -> Response {
    let mut headers = vec![("user-agent", "test/1"), ("accept", "application/json")];
    headers.extend(key.map(|key| ("authorization", key)));
    send(acme.registry.port, "GET", path, &headers, b"").await
}

/// Everything that can be read of the package, by its repository's name.
const PATHS: [(&str, u16); 18] = [
    ("/api/repos/NAME", 200),
    ("/api/repos/NAME/packages", 200),
    ("/api/repos/NAME/packages?search=very", 200),
    ("/api/repos/NAME/packages/very_secret", 200),
    ("/api/repos/NAME/packages/very_secret/audit-logs", 200),
    ("/api/repos/NAME/packages/very_secret/owners", 200),
    ("/api/repos/NAME/packages/very_secret/owners/wendy", 200),
    ("/api/repos/NAME/packages/very_secret/releases/1.0.0", 200),
    ("/api/repos/NAME/packages/very_secret/releases/1.0.0/docs", 302),
    ("/api/orgs/NAME", 200),
    ("/api/orgs/NAME/audit-logs", 200),
    ("/api/orgs/NAME/members", 200),
    ("/api/orgs/NAME/keys", 200),
    ("/repo/repos/NAME/names", 200),
    ("/repo/repos/NAME/versions", 200),
    ("/repo/repos/NAME/packages/very_secret", 200),
    ("/repo/repos/NAME/tarballs/very_secret-1.0.0.tar", 200),
    ("/repo/repos/NAME/docs/very_secret-1.0.0.tar.gz", 200),
];

#[tokio::test]
async fn strangers_cannot_tell_a_private_repository_from_none() {
    let acme = published().await;
    let fetching = |who: &'static str| {
        let all = json!([{"domain": "api"}, {"domain": "repositories"}]);
        acme.make_key(who, "/api/keys", all)
    };
    let (member, stranger) = (fetching("rita").await, fetching("mallory").await);
    acme.registry.server.add_organization("other", "mallory").await.unwrap();
    let others = acme.make_key("mallory", "/api/orgs/other/keys", json!([{"domain": "api"}])).await;
    for (path, status) in PATHS {
        let here = path.replace("NAME", "acme");
        let seen = get(&acme, Some(&member), &here).await;
        assert_eq!(seen.status, status, "{here}: {}", seen.text());
        for key in [None, Some(stranger.as_str()), Some(others.as_str())] {
            let hidden = get(&acme, key, &here).await;
            let nowhere = get(&acme, key, &path.replace("NAME", "nosuch")).await;
            let expected = if path.starts_with("/repo/") { 403 } else { 404 };
            assert_eq!(hidden.status, expected, "{here} {key:?}");
            assert_eq!((nowhere.status, &nowhere.body), (expected, &hidden.body), "{path} {key:?}");
            assert_eq!(nowhere.headers.len(), hidden.headers.len(), "{path} {key:?}");
        }
    }
    for path in ["/packages/NAME/very_secret", "/packages/NAME/very_secret/1.0.0"] {
        let hidden = get(&acme, None, &path.replace("NAME", "acme")).await;
        let nowhere = get(&acme, None, &path.replace("NAME", "nosuch")).await;
        assert_eq!((hidden.status, &hidden.body), (404, &nowhere.body), "{path}");
    }
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn nothing_else_shows_a_private_package() {
    let acme = published().await;
    acme.registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let paths = [
        "/",
        "/api/packages",
        "/api/packages?search=very",
        "/api/packages?search=name:acme/very*",
        "/api/packages?search=name:acme/very_secret",
        "/api/packages?search=description:secret",
        "/api/packages/very_secret",
        "/api/packages/very_secret/owners",
        "/api/packages/very_secret/audit-logs",
        "/api/repos",
        "/api/users/wendy",
        "/api/users/alice",
        "/api/packages/foo/audit-logs",
        "/api/auth?domain=package&resource=acme/very_secret",
        "/api/auth?domain=repository&resource=acme",
        "/api/auth?domain=docs&resource=acme",
        "/api/orgs",
        "/repo/names",
        "/repo/versions",
        "/repo/packages/very_secret",
        "/repo/tarballs/very_secret-1.0.0.tar",
        "/repo/docs/very_secret-1.0.0.tar.gz",
        "/repo/repos/hexpm/packages/very_secret",
        "/repo/repos/hexpm%2f..%2facme/packages/very_secret",
        "/repo/repos/acme/public_key",
        "/repo/repos/acme/installs/hex-1.x.csv",
        "/packages/very_secret",
        "/packages/very_secret/1.0.0",
        "/packages/acme/very_secret",
        "/docs/very_secret/",
        "/docs/very_secret/1.0.0/",
        "/docs/acme/very_secret/",
        "/blobs/acme/tarballs",
    ];
    for path in paths {
        for key in [None, Some(acme.key("mallory"))] {
            let reply = get(&acme, key, path).await;
            let reply = reply.text().to_lowercase();
            assert!(!reply.contains("acme") && !reply.contains("very_secret"), "{path}: {reply}");
        }
    }
    // Members see it where it belongs, and with it to whom it belongs.
    let wendy = get(&acme, Some(acme.key("rita")), "/api/users/wendy").await.json();
    assert_eq!(
        wendy["packages"][0]["url"].as_str().unwrap().split("/api/").nth(1),
        Some("repos/acme/packages/very_secret")
    );
    assert_eq!(get(&acme, Some(acme.key("rita")), "/api/packages?search=very").await.json(), json!([]));
    let shown = get(&acme, Some(acme.key("rita")), "/api/repos/acme/packages/very_secret").await;
    assert_eq!(shown.header("cache-control"), Some("private, max-age=60"));
    assert_eq!(shown.json()["docs_html_url"], json!(null), "the documentation site is for everybody");
    let config = "{:very_secret, \"~> 1.0\", organization: \"acme\"}";
    assert_eq!(shown.json()["configs"]["mix.exs"], config);
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn only_keys_for_fetching_fetch_and_only_their_repository() {
    let acme = published().await;
    acme.registry.server.add_organization("other", "rita").await.unwrap();
    let own = "/api/keys";
    let path = "/repo/repos/acme/packages/very_secret";
    let table = [
        ("rita", own, json!([{"domain": "repository", "resource": "acme"}]), 200, 403),
        ("rita", own, json!([{"domain": "repositories"}]), 200, 200),
        ("rita", own, json!([{"domain": "repository", "resource": "other"}]), 403, 200),
        ("rita", own, json!([{"domain": "api"}]), 403, 403),
        ("rita", own, json!([{"domain": "docs", "resource": "acme"}]), 403, 403),
        ("wendy", own, json!([{"domain": "package", "resource": "acme/very_secret"}]), 403, 403),
        ("mallory", own, json!([{"domain": "repositories"}]), 403, 403),
        ("alice", "/api/orgs/acme/keys", json!([{"domain": "repository", "resource": "acme"}]), 200, 403),
        ("alice", "/api/orgs/acme/keys", json!([{"domain": "api"}]), 403, 403),
    ];
    for (who, of, permissions, here, there) in table {
        let key = acme.make_key(who, of, permissions.clone()).await;
        for shown in [key.clone(), format!("Bearer {key}")] {
            let fetched = get(&acme, Some(&shown), path).await;
            assert_eq!(fetched.status, here, "{who} {permissions}");
            let other = get(&acme, Some(&shown), "/repo/repos/other/names").await;
            assert_eq!(other.status, there, "{who} {permissions}");
        }
        assert_eq!(get(&acme, Some(&key), "/repo/names").await.status, 200, "the public one is everybody's");
    }
    let key = acme.make_key("rita", own, json!([{"domain": "repository", "resource": "acme"}])).await;
    let refused = get(&acme, Some(&key), "/api/repos/acme/packages/very_secret").await;
    assert_eq!(
        (refused.status, &refused.json()["message"]),
        (401, &json!("key not authorized for this action"))
    );
    assert_eq!(get(&acme, Some(&key), "/api/repos/acme/packages").await.status, 401);
    assert_eq!(get(&acme, Some("wrong"), path).await.status, 403);
    assert_eq!(get(&acme, Some("wrong"), "/repo/names").await.status, 200);
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn private_resources_are_signed_under_their_own_name_and_point_to_the_public_one() {
    let acme = published().await;
    acme.registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let requirement = |name: &str, more: &str| {
        format!(
            "{{<<\"{name}\">>,[{{<<\"app\">>,<<\"{name}\">>}},{{<<\"optional\">>,false}},{more}\
             {{<<\"requirement\">>,<<\"~> 1.0\">>}}]}}"
        )
    };
    let of = |repository: &str| format!("{{<<\"repository\">>,<<\"{repository}\">>}},");
    let requirements = [requirement("foo", &of("hexpm")), requirement("very_secret", &of("acme"))];
    let text = with_requirements("top", "1.0.0", &requirements.join(","));
    let made = acme.publish("wendy", &tarball(&text)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(
        acme.publish("wendy", &tarball(&with_requirements("plain", "1.0.0", &requirement("foo", ""))))
            .await
            .status,
        201
    );
    let key = acme.make_key("rita", "/api/keys", json!([{"domain": "repositories"}])).await;
    let public = PublicKey::from_pem(&acme.registry.server.info().public_key).unwrap();
    let open = async |path: &str| {
        let bytes = get(&acme, Some(&key), path).await.body;
        registry::verify(&bytes, Some(&public), 1 << 20).expect("a signed resource")
    };
    let payload = open("/repo/repos/acme/packages/top").await;
    let origin = Some(Origin { repository: "acme", name: Some("top") });
    let package: registry::Package = registry::decode(&payload, origin).expect("acme's");
    let dependencies = &package.releases[0].dependencies;
    let repositories: Vec<_> =
        dependencies.iter().map(|one| (one.package.as_str(), one.repository.as_deref())).collect();
    assert_eq!(repositories, [("foo", Some("hexpm")), ("very_secret", None)]);
    let payload = open("/repo/repos/acme/packages/plain").await;
    let package: registry::Package = registry::decode(&payload, None).unwrap();
    assert_eq!(package.releases[0].dependencies[0].repository.as_deref(), Some("hexpm"));
    let origin = Some(Origin { repository: "acme", name: None });
    let names: registry::Names = registry::decode(&open("/repo/repos/acme/names").await, origin).unwrap();
    let names: Vec<&str> = names.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["plain", "top", "very_secret"]);
    let payload = open("/repo/repos/acme/versions").await;
    let versions: registry::Versions = registry::decode(&payload, origin).unwrap();
    assert_eq!(versions.packages.len(), 3);
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn what_is_required_does_not_tell_what_others_have() {
    let acme = published().await;
    acme.registry.server.add_organization("other", "mallory").await.unwrap();
    let requiring = |repository: &str, name: &str| {
        let requirement = format!(
            "{{<<\"{name}\">>,[{{<<\"app\">>,<<\"x\">>}},{{<<\"optional\">>,false}},\
             {{<<\"repository\">>,<<\"{repository}\">>}},{{<<\"requirement\">>,<<\">= 0.0.0\">>}}]}}"
        );
        tarball(&with_requirements("probe", "1.0.0", &requirement))
    };
    let attempts =
        [("mallory", "/api/publish"), ("mallory", "/api/repos/other/publish"), ("alice", "/api/publish")];
    for (who, path) in attempts {
        let there = acme.send(who, "POST", path, &requiring("acme", "very_secret")).await;
        let nowhere = acme.send(who, "POST", path, &requiring("acme", "nosuch")).await;
        assert_eq!((there.status, nowhere.status), (422, 422), "{who} {path}");
        assert_eq!(there.text(), nowhere.text().replace("nosuch", "very_secret"), "{who} {path}");
    }
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn private_releases_may_be_changed_at_any_time() {
    let now = Arc::new(AtomicI64::new(1_700_000_000_000_000));
    let shown = Arc::clone(&now);
    let mut options = options();
    options.clock = Clock::new(move || Moment(shown.load(Ordering::SeqCst)));
    let acme = Acme::with(options).await;
    let content = |text: &str| with_content(&metadata("priv", "1.0.0"), text.as_bytes().to_vec());
    assert_eq!(acme.publish("wendy", &content("a")).await.status, 201);
    now.fetch_add(365 * 24 * 3_600_000_000, Ordering::SeqCst);
    assert_eq!(acme.publish("wendy", &content("b")).await.status, 200);
    let release = "/api/repos/acme/packages/priv/releases/1.0.0";
    let retire = format!("{release}/retire");
    assert_eq!(acme.call("wendy", "POST", &retire, r#"{"reason":"other"}"#).await.status, 204);
    let all = r#"{"reason":"security","replace":true}"#;
    let whole = "/api/repos/acme/packages/priv/retire";
    assert_eq!(acme.call("wendy", "POST", whole, all).await.status, 204);
    let marks = acme.call("rita", "GET", "/api/repos/acme/packages/priv", "").await.json();
    assert_eq!(marks["retirements"]["1.0.0"]["reason"], "security");
    let archive = docs(&[("index.html", "x")]);
    assert_eq!(acme.send("wendy", "POST", &format!("{release}/docs"), &archive).await.status, 201);
    assert_eq!(acme.call("wendy", "DELETE", &format!("{release}/docs"), "").await.status, 204);
    assert_eq!(acme.call("rita", "DELETE", release, "").await.status, 403);
    assert_eq!(acme.call("wendy", "DELETE", release, "").await.status, 204);
    assert_eq!(acme.call("rita", "GET", "/api/repos/acme/packages/priv", "").await.status, 404);
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn a_private_package_need_not_say_what_it_is_nor_how_it_is_licensed() {
    let acme = Acme::start().await;
    let text = metadata("priv", "1.0.0");
    let text = text.replace("The package priv", "").replace("Apache-2.0", "All rights reserved");
    assert_eq!(acme.send("wendy", "POST", "/api/publish", &tarball(&text)).await.status, 422);
    assert_eq!(acme.publish("wendy", &tarball(&text)).await.status, 201);
    let nothing = text.replace("1.0.0", "1.1.0").replace("[<<\"All rights reserved\">>]", "[]");
    assert_eq!(acme.publish("wendy", &tarball(&nothing)).await.status, 201);
    let elsewhere = text.replace("{<<\"links\">>,[]}", "{<<\"links\">>,[{<<\"x\">>,<<\"javascript:1\">>}]}");
    assert_eq!(acme.publish("wendy", &tarball(&elsewhere)).await.status, 422, "the rest holds for all");
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn an_owner_who_only_reads_publishes_that_package() {
    let acme = published().await;
    let owner = |who: &str| format!("/api/repos/acme/packages/very_secret/owners/{who}");
    let refused = acme.call("alice", "PUT", &owner("mallory"), "{}").await;
    let sentence = "cannot add owner that is not a member of the organization";
    assert_eq!((refused.status, &refused.json()["errors"]["username"]), (422, &json!(sentence)));
    let maintainer = r#"{"level":"maintainer"}"#;
    assert_eq!(acme.call("alice", "PUT", &owner("rita"), maintainer).await.status, 204);
    assert_eq!(acme.publish("rita", &tarball(&metadata("very_secret", "1.1.0"))).await.status, 201);
    assert_eq!(acme.publish("rita", &tarball(&metadata("another", "1.0.0"))).await.status, 403);
    assert_eq!(acme.call("rita", "PUT", &owner("rita"), "{}").await.status, 403);
    for who in ["rita", "wendy"] {
        assert_eq!(acme.call("alice", "DELETE", &owner(who), "").await.status, 204, "even the last one");
    }
    assert_eq!(acme.publish("rita", &tarball(&metadata("very_secret", "1.2.0"))).await.status, 403);
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn a_key_for_one_package_publishes_that_one_only() {
    let acme = published().await;
    for name in ["foo", "bar"] {
        acme.registry.publish(&tarball(&metadata(name, "1.0.0"))).await;
    }
    let permissions = json!([{"domain": "package", "resource": "hexpm/foo"}]);
    let public = acme.make_key("alice", "/api/keys", permissions).await;
    let permissions = json!([{"domain": "package", "resource": "acme/very_secret"}]);
    let private = acme.make_key("alice", "/api/orgs/acme/keys", permissions).await;
    let table = [
        (&public, "/api/publish", "foo", 201),
        (&public, "/api/publish", "bar", 401),
        (&public, "/api/publish", "fresh", 401),
        (&public, "/api/repos/acme/publish", "foo", 401),
        (&public, "/api/repos/acme/publish", "very_secret", 401),
        (&private, "/api/repos/acme/publish", "very_secret", 201),
        (&private, "/api/repos/acme/publish", "another", 401),
        (&private, "/api/publish", "very_secret", 401),
    ];
    for (key, path, name, status) in table {
        let reply = acme.send(key, "POST", path, &tarball(&metadata(name, "2.0.0"))).await;
        assert_eq!(reply.status, status, "{path} {name}: {}", reply.text());
        if status == 401 {
            assert_eq!(reply.json()["message"], "key not authorized for this action");
        }
    }
    let path = "/api/repos/acme/packages/very_secret/releases/2.0.0";
    assert_eq!(get(&acme, Some(&private), path).await.status, 200, "it sees what it publishes");
    assert_eq!(get(&acme, Some(&public), path).await.status, 401);
    // The same name in two repositories: two packages.
    assert_eq!(acme.publish("alice", &tarball(&metadata("foo", "9.0.0"))).await.status, 201);
    let versions = acme.registry.get("/api/packages/foo").await.json()["latest_version"].clone();
    assert_eq!(versions, "2.0.0");
    acme.registry.server.stop().await;
}
