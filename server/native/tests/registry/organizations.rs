//! Organizations: who may do what in them, and that they always keep an admin.

use std::collections::BTreeMap;

use hexide_core::Code;
use serde_json::{Value, json};

use crate::{
    fixture::{Registry, add_user, call_as, metadata, options, tarball},
    http_client::{Response, send},
};

/// A registry with the organization acme: alice administers it, wendy writes, rita reads; mallory is no
/// member.
pub struct Acme {
    pub registry: Registry,
    pub keys: BTreeMap<&'static str, String>,
}

impl Acme {
    pub async fn start() -> Self {
        Self::with(options()).await
    }

    pub async fn with(options: hexide_server::Options) -> Self {
        let registry = Registry::with(options).await;
        registry.server.add_organization("acme", "alice").await.expect("an organization");
        let mut keys = BTreeMap::from([("alice", registry.key.clone())]);
        for (name, role) in [("wendy", Some("write")), ("rita", Some("read")), ("mallory", None)] {
            keys.insert(name, add_user(&registry.server, name).await);
            if let Some(role) = role {
                let member = json!({"name": name, "role": role}).to_string();
                let added = registry.call("POST", "/api/orgs/acme/members", &member).await;
                assert_eq!(added.status, 200, "{}", added.text());
            }
        }
        Self { registry, keys }
    }

    pub async fn call(&self, who: &str, method: &str, path: &str, body: &str) -> Response {
        call_as(self.registry.port, self.key(who), method, path, body).await
    }

    /// The key of a user, or what was given as one.
    pub fn key<'a>(&'a self, who: &'a str) -> &'a str {
        self.keys.get(who).map_or(who, String::as_str)
    }

    /// Makes a key with those permissions and gives its secret.
    pub async fn make_key(&self, who: &str, path: &str, permissions: Value) -> String {
        let body = json!({"name": "k", "permissions": permissions}).to_string();
        let made = self.call(who, "POST", path, &body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["secret"].as_str().unwrap().to_owned()
    }

    /// Publishes to the private repository.
    pub async fn publish(&self, who: &str, tarball: &[u8]) -> Response {
        self.send(who, "POST", "/api/repos/acme/publish?replace=true", tarball).await
    }

    pub async fn send(&self, who: &str, method: &str, path: &str, body: &[u8]) -> Response {
        let headers =
            [("user-agent", "test/1"), ("accept", "application/json"), ("authorization", self.key(who))];
        send(self.registry.port, method, path, &headers, body).await
    }
}

fn permission(domain: &str, resource: Option<&str>) -> Value {
    json!([{"domain": domain, "resource": resource}])
}

#[tokio::test]
async fn each_role_does_what_it_may_and_no_more() {
    let acme = Acme::start().await;
    let of_all = acme.make_key("alice", "/api/orgs/acme/keys", permission("api", None)).await;
    let reading = acme.make_key("alice", "/api/orgs/acme/keys", permission("api", Some("read"))).await;
    assert_eq!(acme.publish("alice", &tarball(&metadata("priv", "1.0.0"))).await.status, 201);
    let retire = "/api/repos/acme/packages/priv/releases/1.0.0/retire";
    let repository_key = r#"{"name":"r","permissions":[{"domain":"repository","resource":"acme"}]}"#;
    let whole_key = r#"{"name":"w"}"#;
    let member = r#"{"role":"read"}"#;
    // alice, wendy (write), rita (read), mallory (none), the organization's key, its key for reading
    let table = [
        ("GET", "/api/orgs/acme", "", [200, 200, 200, 404, 200, 200]),
        ("GET", "/api/orgs/acme/members", "", [200, 200, 200, 404, 200, 200]),
        ("GET", "/api/orgs/acme/members/rita", "", [200, 200, 200, 404, 200, 200]),
        ("GET", "/api/orgs/acme/members/mallory", "", [404, 404, 404, 404, 404, 404]),
        ("GET", "/api/orgs/acme/audit-logs", "", [200, 200, 200, 404, 200, 200]),
        ("GET", "/api/orgs/acme/keys", "", [200, 200, 200, 404, 200, 200]),
        ("GET", "/api/repos/acme", "", [200, 200, 200, 404, 200, 200]),
        ("GET", "/api/repos/acme/packages", "", [200, 200, 200, 404, 200, 200]),
        ("GET", "/api/repos/acme/packages/priv/owners", "", [200, 200, 200, 404, 200, 200]),
        ("POST", retire, r#"{"reason":"other"}"#, [204, 204, 403, 404, 204, 401]),
        ("DELETE", retire, "", [204, 204, 403, 404, 204, 401]),
        ("POST", "/api/orgs/acme", r#"{"seats":50}"#, [200, 403, 403, 404, 200, 401]),
        ("POST", "/api/orgs/acme/members", r#"{"name":"nobody"}"#, [422, 403, 403, 404, 422, 401]),
        ("POST", "/api/orgs/acme/members/rita", member, [200, 403, 403, 404, 200, 401]),
        ("DELETE", "/api/orgs/acme/members/nobody", "", [404, 403, 403, 404, 404, 401]),
        ("PUT", "/api/repos/acme/packages/priv/owners/alice", "{}", [204, 403, 403, 404, 204, 401]),
        ("DELETE", "/api/repos/acme/packages/priv/owners/nobody", "", [404, 403, 403, 404, 404, 401]),
        ("POST", "/api/orgs/acme/keys", repository_key, [201, 201, 403, 404, 201, 401]),
        ("POST", "/api/orgs/acme/keys", whole_key, [201, 403, 403, 404, 201, 401]),
        ("DELETE", "/api/orgs/acme/keys/nosuch", "", [404, 404, 403, 404, 404, 401]),
    ];
    let who = ["alice", "wendy", "rita", "mallory", &of_all, &reading];
    for (method, path, body, statuses) in table {
        for (who, status) in who.into_iter().zip(statuses) {
            let reply = acme.call(who, method, path, body).await;
            assert_eq!(reply.status, status, "{who} {method} {path}: {}", reply.text());
        }
        let nobody = [("user-agent", "test/1"), ("content-type", "application/json")];
        let reply = send(acme.registry.port, method, path, &nobody, body.as_bytes()).await;
        let expected = if method == "GET" || path.starts_with("/api/orgs") { 404 } else { 401 };
        assert_eq!(reply.status, expected, "nobody {method} {path}");
    }
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn there_are_never_more_members_than_seats() {
    let acme = Acme::start().await;
    let seats = async |body: &str| acme.call("alice", "POST", "/api/orgs/acme", body).await;
    for body in [r#"{"seats":2}"#, r#"{"seats":-1}"#, r#"{"seats":"many"}"#, "{}"] {
        let refused = seats(body).await;
        let sentence = json!("number of seats cannot be less than number of members");
        assert_eq!((refused.status, &refused.json()["errors"]), (422, &sentence), "{body}");
    }
    assert_eq!(seats(r#"{"seats":3}"#).await.json()["seats"], 3);
    let add = async |body: &str| acme.call("alice", "POST", "/api/orgs/acme/members", body).await;
    let refused = add(r#"{"name":"mallory","role":"read"}"#).await;
    assert_eq!(refused.json()["errors"], "not enough seats to add member");
    assert_eq!(seats(r#"{"seats":"4"}"#).await.status, 200);
    let again = add(r#"{"name":"rita","role":"admin"}"#).await;
    assert_eq!(again.json()["errors"], json!({"user_id": "is already member"}));
    let wrong = add(r#"{"name":"mallory","role":"owner"}"#).await;
    assert_eq!(wrong.json()["errors"], json!({"role": "is invalid"}));
    let unknown = add(r#"{"name":"nobody"}"#).await;
    assert_eq!(unknown.json()["errors"], json!({"name": "unknown user"}));
    let added = add(r#"{"name":"mallory@example.com"}"#).await.json();
    assert_eq!((&added["username"], &added["role"]), (&json!("mallory"), &json!("read")));
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn the_last_admin_stays() {
    let acme = Acme::start().await;
    let role = async |who: &str, member: &str, role: &str| {
        let body = json!({"role": role}).to_string();
        acme.call(who, "POST", &format!("/api/orgs/acme/members/{member}"), &body).await
    };
    let refused = role("alice", "alice", "write").await;
    assert_eq!((refused.status, &refused.json()["errors"]), (422, &json!("cannot demote last admin member")));
    let refused = acme.call("alice", "DELETE", "/api/orgs/acme/members/alice", "").await;
    let sentence = json!("cannot remove the last eligible administrator");
    assert_eq!((refused.status, &refused.json()["errors"]), (422, &sentence));
    assert_eq!(role("alice", "alice", "admin").await.status, 200, "nothing changes");
    assert_eq!(role("alice", "wendy", "admin").await.status, 200);
    assert_eq!(role("alice", "alice", "read").await.status, 200, "another one is there");
    assert_eq!(role("alice", "rita", "admin").await.status, 403);
    let mine = acme.call("alice", "GET", "/api/users/me", "").await.json();
    assert_eq!(mine["organizations"], json!([{"name": "acme", "role": "read"}]));
    assert_eq!(acme.call("wendy", "DELETE", "/api/orgs/acme/members/alice", "").await.status, 204);
    assert_eq!(acme.call("alice", "GET", "/api/orgs/acme", "").await.status, 404);
    assert_eq!(role("wendy", "wendy", "read").await.status, 422);
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn who_is_taken_out_keeps_nothing() {
    let acme = Acme::start().await;
    acme.publish("wendy", &tarball(&metadata("priv", "1.0.0"))).await;
    let owner = "/api/repos/acme/packages/priv/owners/wendy";
    assert_eq!(acme.call("alice", "PUT", owner, "{}").await.status, 204);
    let fetching = acme.make_key("wendy", "/api/keys", permission("repository", Some("acme"))).await;
    assert_eq!(acme.send(&fetching, "GET", "/repo/repos/acme/packages/priv", b"").await.status, 200);
    let shown = async || acme.call("alice", "GET", "/api/repos/acme/packages/priv", "").await.json();
    assert_eq!(shown().await["owners"][0]["username"], "wendy");
    acme.call("alice", "DELETE", "/api/orgs/acme/members/wendy", "").await;
    assert_eq!(acme.send(&fetching, "GET", "/repo/repos/acme/packages/priv", b"").await.status, 403);
    assert_eq!(acme.publish("wendy", &tarball(&metadata("priv", "1.1.0"))).await.status, 404);
    let mine = acme.call("wendy", "GET", "/api/users/me", "").await.json();
    assert_eq!((&mine["organizations"], &mine["packages"]), (&json!([]), &json!([])));
    let owners = acme.call("alice", "GET", "/api/repos/acme/packages/priv/owners", "").await.json();
    assert_eq!(owners, json!([]));
    assert_eq!(shown().await["owners"], json!([]));
    // Nor does ownership come back with the membership.
    let back = r#"{"name":"wendy","role":"read"}"#;
    assert_eq!(acme.call("alice", "POST", "/api/orgs/acme/members", back).await.status, 200);
    assert_eq!(acme.publish("wendy", &tarball(&metadata("priv", "1.1.0"))).await.status, 403);
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn an_organizations_key_stands_for_it_alone() {
    let acme = Acme::start().await;
    let key = acme.make_key("alice", "/api/orgs/acme/keys", permission("api", None)).await;
    assert_eq!(acme.publish(&key, &tarball(&metadata("priv", "1.0.0"))).await.status, 201);
    let release = acme.call(&key, "GET", "/api/repos/acme/packages/priv/releases/1.0.0", "").await.json();
    assert_eq!(release["publisher"], Value::Null, "no user did it");
    let public = acme.send(&key, "POST", "/api/publish", &tarball(&metadata("foo", "1.0.0"))).await;
    assert_eq!(public.status, 403, "a public package needs a user to own it");
    for path in ["/api/users/me", "/api/users/me/audit-logs", "/api/keys"] {
        assert_eq!(acme.call(&key, "GET", path, "").await.status, 404, "{path}");
    }
    assert_eq!(acme.call(&key, "GET", "/api/orgs", "").await.json()[0]["name"], "acme");
    let repositories = acme.call(&key, "GET", "/api/repos", "").await.json();
    let names: Vec<&Value> = repositories.as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["hexpm", "acme"]);
    let own = acme.call(&key, "GET", "/api/auth?domain=api&resource=write", "").await.json();
    assert_eq!(own["key"]["owner"], json!({"name": "acme", "type": "organization"}));
    acme.registry.server.add_organization("other", "mallory").await.unwrap();
    assert_eq!(acme.call(&key, "GET", "/api/orgs/other", "").await.status, 404);
    let log = acme.call("rita", "GET", "/api/orgs/acme/audit-logs", "").await.json();
    let actions: Vec<&str> =
        log.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    let member = "organization.member.add";
    assert_eq!(actions, ["release.publish", "key.generate", member, member, "organization.create"]);
    assert_eq!(log[1]["params"]["organization"]["name"], "acme");
    assert_eq!(acme.call("wendy", "DELETE", "/api/orgs/acme/keys/k", "").await.status, 200);
    let over = acme.call(&key, "GET", "/api/orgs/acme", "").await;
    assert_eq!((over.status, &over.json()["message"]), (401, &json!("API key revoked")));
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn keys_are_made_only_for_what_their_owner_reaches() {
    let acme = Acme::start().await;
    acme.publish("alice", &tarball(&metadata("priv", "1.0.0"))).await;
    acme.registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    acme.registry.server.add_organization("other", "mallory").await.unwrap();
    let no_repository = "you do not have access to this repository";
    let no_package = "you do not have access to this package";
    let (own, of_acme) = ("/api/keys", "/api/orgs/acme/keys");
    let table = [
        ("rita", own, "repository", Some("acme"), None),
        ("rita", own, "docs", Some("acme"), None),
        ("rita", own, "repositories", None, None),
        ("rita", own, "repository", Some("hexpm"), None),
        ("rita", own, "repository", Some("other"), Some(no_repository)),
        ("rita", own, "docs", Some("other"), Some(no_repository)),
        ("rita", own, "package", Some("acme/priv"), Some(no_package)),
        ("wendy", own, "package", Some("acme/priv"), None),
        ("wendy", own, "package", Some("acme/nosuch"), Some(no_package)),
        ("wendy", own, "package", Some("foo"), Some(no_package)),
        ("alice", own, "package", Some("foo"), None),
        ("mallory", own, "repository", Some("acme"), Some(no_repository)),
        ("mallory", own, "package", Some("acme/priv"), Some(no_package)),
        ("alice", own, "api", Some("admin"), Some("invalid resource for given domain")),
        ("alice", own, "repositories", Some("acme"), Some("invalid resource for given domain")),
        ("alice", of_acme, "repository", Some("acme"), None),
        ("alice", of_acme, "docs", Some("acme"), None),
        ("alice", of_acme, "package", Some("acme/priv"), None),
        ("alice", of_acme, "repository", Some("hexpm"), Some(no_repository)),
        ("alice", of_acme, "repository", Some("other"), Some(no_repository)),
        ("alice", of_acme, "package", Some("hexpm/foo"), Some(no_package)),
    ];
    for (who, path, domain, resource, refusal) in table {
        let body = json!({"name": "k", "permissions": permission(domain, resource)}).to_string();
        let reply = acme.call(who, "POST", path, &body).await;
        let errors = refusal.map(|why| json!({"permissions": {"resource": why}}));
        let place = format!("{who} {path} {domain} {resource:?}: {}", reply.text());
        assert_eq!(reply.status, if refusal.is_some() { 422 } else { 201 }, "{place}");
        assert_eq!(reply.json().get("errors"), errors.as_ref(), "{place}");
    }
    acme.registry.server.stop().await;
}

#[tokio::test]
async fn an_organization_needs_a_name_of_its_own_and_an_admin() {
    let acme = Acme::start().await;
    let table = [
        ("acme", "alice", Code::Invalid),
        ("hexpm", "alice", Code::Invalid),
        ("ab", "alice", Code::Invalid),
        ("with-dash", "alice", Code::Invalid),
        ("../x", "alice", Code::Invalid),
        ("stdlib", "alice", Code::Invalid),
        ("fine", "nobody", Code::NotFound),
    ];
    for (name, admin, code) in table {
        let refused = acme.registry.server.add_organization(name, admin).await.expect_err(name);
        assert_eq!(refused.code, code, "{name}");
    }
    acme.registry.server.stop().await;
    let mut options = options();
    options.confirm_email = true;
    let acme = Acme::with(options).await;
    let user = r#"{"username":"newman","email":"n@example.com","password":"correct horse"}"#;
    assert_eq!(acme.call("alice", "POST", "/api/users", user).await.status, 201);
    let refused = acme.call("alice", "POST", "/api/orgs/acme/members", r#"{"name":"newman"}"#).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    acme.registry.server.confirm_user("newman").await.unwrap();
    let added = acme.call("alice", "POST", "/api/orgs/acme/members", r#"{"name":"newman"}"#).await;
    assert_eq!(added.status, 200);
    acme.registry.server.stop().await;
}
