//! What each operation sends: method, path, headers, body.

use crate::common::{client_with, config, cpu};
use hexide_client::{
    Client, Config,
    api::{
        auth, docs, key,
        key::Permission,
        organization,
        organization::Role,
        owner,
        owner::Level,
        package,
        package::Search,
        release,
        release::{Reason, Retirement},
        user,
    },
    repo,
};
use hexide_core::{Code, Result};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

/// Runs `operation` against a server that answers `reply`, and gives the one request that arrived.
async fn sent<T>(
    reply: ResponseTemplate,
    change: impl FnOnce(&mut Config),
    operation: impl AsyncFnOnce(&Client) -> Result<T>,
) -> Request {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(reply).mount(&server).await;
    let mut config = config(&server.uri());
    config.api_key = Some("the-key".into());
    config.repo_key = Some("the-repo-key".into());
    change(&mut config);
    operation(&client_with(config)).await.unwrap();
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn nothing() -> ResponseTemplate {
    ResponseTemplate::new(204)
}

fn answer(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// Method, path with query, and JSON body.
fn line(request: &Request) -> (String, Value) {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let body =
        if request.body.is_empty() { Value::Null } else { serde_json::from_slice(&request.body).unwrap() };
    (format!("{} {}{query}", request.method, request.url.path()), body)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

/// The line and body of the request that an operation sends.
macro_rules! sends {
    ($reply:expr, $operation:expr) => {
        line(&sent($reply, |_| {}, $operation).await)
    };
}

fn retirement(message: &str) -> Retirement {
    Retirement { reason: Reason::Security, message: Some(message.to_owned()) }
}

#[tokio::test]
async fn every_api_request_says_who_asks_for_what() {
    let request =
        sent(answer(json!({"name": "pa"})), |_| {}, async |client| package::get(client, "pa").await).await;
    assert_eq!(header(&request, "authorization"), Some("the-key"));
    assert_eq!(header(&request, "accept"), Some("application/vnd.hex+json, application/json;q=0.9"));
    let user_agent = format!("hexide/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(header(&request, "user-agent"), Some(user_agent.as_str()));
    assert_eq!(header(&request, "x-hex-otp"), None);
    assert_eq!(header(&request, "accept-encoding"), None, "a compressed reply could not be bounded");
}

#[tokio::test]
async fn the_fragment_stands_in_the_user_agent() {
    let change = |config: &mut Config| config.user_agent_fragment = Some("rebar3/3.19".to_owned());
    let request =
        sent(answer(json!({"name": "pa"})), change, async |client| package::get(client, "pa").await).await;
    let user_agent = format!("hexide/{} (rebar3/3.19)", env!("CARGO_PKG_VERSION"));
    assert_eq!(header(&request, "user-agent"), Some(user_agent.as_str()));
}

#[tokio::test]
async fn a_two_factor_code_goes_with_api_requests() {
    let change = |config: &mut Config| config.api_otp = Some("123456".into());
    let request = sent(nothing(), change, async |client| release::revert(client, "pa", "1.0.0").await).await;
    assert_eq!(header(&request, "x-hex-otp"), Some("123456"));
}

#[tokio::test]
async fn an_oauth_token_is_a_bearer_and_a_key_is_not() {
    for (secret, sent_as) in [
        ("0123456789abcdef", "0123456789abcdef"),
        ("Bearer abc", "Bearer abc"),
        ("eyJhbGciOi.eyJhdWQi.c2ln", "Bearer eyJhbGciOi.eyJhdWQi.c2ln"),
    ] {
        let change = |config: &mut Config| config.api_key = Some(secret.into());
        let request = sent(answer(json!([])), change, async |client| key::list(client).await).await;
        assert_eq!(header(&request, "authorization"), Some(sent_as));
    }
}

#[tokio::test]
async fn packages() {
    let one = || answer(json!({"name": "pa"}));
    let line = sends!(one(), async |c| package::get(c, "pa").await);
    assert_eq!(line, ("GET /api/packages/pa".to_owned(), Value::Null));
    let line = sends!(answer(json!([])), async |c| package::search(c, &Search::default()).await);
    assert_eq!(line.0, "GET /api/packages");
    let search = Search {
        query: Some("name:a b&c".to_owned()),
        sort: Some("name".to_owned()),
        page: Some(2),
        per_page: Some(100),
    };
    let line = sends!(answer(json!([])), async |c| package::search(c, &search).await);
    assert_eq!(line.0, "GET /api/packages?search=name%3Aa+b%26c&sort=name&page=2&per_page=100");
    let line = sends!(answer(json!([])), async |c| package::audit_log(c, "pa", Some(3)).await);
    assert_eq!(line.0, "GET /api/packages/pa/audit-logs?page=3");
}

#[tokio::test]
async fn publishing_always_says_whether_to_replace() {
    for (replace, target) in [(false, "replace=false"), (true, "replace=true")] {
        let request = sent(
            answer(json!({"version": "1.0.0"})),
            |_| {},
            async |client| release::publish(client, "tarball".into(), replace, None).await,
        )
        .await;
        assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/api/publish"));
        assert_eq!(request.url.query(), Some(target));
        assert_eq!(request.body, b"tarball");
        assert_eq!(header(&request, "content-type"), Some("application/octet-stream"));
        assert_eq!(header(&request, "content-length"), Some("7"));
        assert_eq!(header(&request, "transfer-encoding"), None);
    }
}

#[tokio::test]
async fn releases() {
    let line = sends!(answer(json!({"version": "1.0.0"})), async |c| release::get(c, "pa", "1.0.0").await);
    assert_eq!(line, ("GET /api/packages/pa/releases/1.0.0".to_owned(), Value::Null));
    let line = sends!(nothing(), async |c| release::revert(c, "pa", "1.0.0-rc.1").await);
    assert_eq!(line, ("DELETE /api/packages/pa/releases/1.0.0-rc.1".to_owned(), Value::Null));
    let broken = retirement("Broken, use 2.0");
    let line = sends!(nothing(), async |c| release::retire(c, "pa", "1.0.0", &broken).await);
    let body = json!({"reason": "security", "message": "Broken, use 2.0"});
    assert_eq!(line, ("POST /api/packages/pa/releases/1.0.0/retire".to_owned(), body));
    let line = sends!(nothing(), async |c| release::unretire(c, "pa", "1.0.0").await);
    assert_eq!(line, ("DELETE /api/packages/pa/releases/1.0.0/retire".to_owned(), Value::Null));
    let line = sends!(nothing(), async |c| release::retire_all(c, "pa", &broken, false).await);
    let body = json!({"reason": "security", "message": "Broken, use 2.0", "replace": false});
    assert_eq!(line, ("POST /api/packages/pa/retire".to_owned(), body));
}

#[tokio::test]
async fn documentation() {
    let reply = ResponseTemplate::new(201).insert_header("location", "https://docs.test/pa.tar.gz");
    let request = sent(
        reply,
        |_| {},
        async |client| {
            let published = docs::publish(client, "pa", "1.0.0", "docs".into(), None).await?;
            assert_eq!(published.location.as_deref(), Some("https://docs.test/pa.tar.gz"));
            Ok(())
        },
    )
    .await;
    assert_eq!(
        (request.method.as_str(), request.url.path()),
        ("POST", "/api/packages/pa/releases/1.0.0/docs")
    );
    assert_eq!(request.body, b"docs");
    let line = sends!(nothing(), async |c| docs::revert(c, "pa", "1.0.0").await);
    assert_eq!(line, ("DELETE /api/packages/pa/releases/1.0.0/docs".to_owned(), Value::Null));
}

#[tokio::test]
async fn owners() {
    let line = sends!(answer(json!([])), async |c| owner::list(c, "pa").await);
    assert_eq!(line, ("GET /api/packages/pa/owners".to_owned(), Value::Null));
    let one = answer(json!({"username": "bob"}));
    let line = sends!(one, async |c| owner::get(c, "pa", "bob").await);
    assert_eq!(line, ("GET /api/packages/pa/owners/bob".to_owned(), Value::Null));
    let line = sends!(nothing(), async |c| owner::add(c, "pa", "bob@example.com", Level::Full, true).await);
    let body = json!({"level": "full", "transfer": true});
    assert_eq!(line, ("PUT /api/packages/pa/owners/bob%40example.com".to_owned(), body));
    let line = sends!(nothing(), async |c| owner::add(c, "pa", "bob", Level::Maintainer, false).await);
    assert_eq!(line.1, json!({"level": "maintainer", "transfer": false}));
    let line = sends!(nothing(), async |c| owner::remove(c, "pa", "bob").await);
    assert_eq!(line, ("DELETE /api/packages/pa/owners/bob".to_owned(), Value::Null));
}

#[tokio::test]
async fn keys() {
    let key = || answer(json!({"name": "ci"}));
    let line = sends!(answer(json!([])), async |c| key::list(c).await);
    assert_eq!(line, ("GET /api/keys".to_owned(), Value::Null));
    let line = sends!(key(), async |c| key::get(c, "my laptop/1").await);
    assert_eq!(line, ("GET /api/keys/my%20laptop%2F1".to_owned(), Value::Null));
    let line = sends!(key(), async |c| key::add(c, "ci", &[], None).await);
    assert_eq!(line, ("POST /api/keys".to_owned(), json!({"name": "ci"})));
    let permissions = [Permission { domain: "api".to_owned(), resource: Some("read".to_owned()) }];
    let line = sends!(key(), async |c| key::add(c, "ci", &permissions, Some("2030-01-01T00:00:00Z")).await);
    let body = json!({
        "name": "ci",
        "permissions": [{"domain": "api", "resource": "read"}],
        "revoke_at": "2030-01-01T00:00:00Z",
    });
    assert_eq!(line.1, body);
    let line = sends!(key(), async |c| key::remove(c, "ci").await);
    assert_eq!(line, ("DELETE /api/keys/ci".to_owned(), Value::Null));
    let line = sends!(answer(json!([])), async |c| key::remove_all(c).await);
    assert_eq!(line, ("DELETE /api/keys".to_owned(), Value::Null));
}

#[tokio::test]
async fn users() {
    let one = || answer(json!({"username": "alice"}));
    let line =
        sends!(one(), async |c| user::register(c, "alice", &"s3cret".into(), "alice@example.com").await);
    let body = json!({"username": "alice", "password": "s3cret", "email": "alice@example.com"});
    assert_eq!(line, ("POST /api/users".to_owned(), body));
    let line = sends!(one(), async |c| user::me(c).await);
    assert_eq!(line.0, "GET /api/users/me");
    let line = sends!(one(), async |c| user::get(c, "alice").await);
    assert_eq!(line.0, "GET /api/users/alice");
    let line = sends!(answer(json!([])), async |c| user::audit_log(c, None).await);
    assert_eq!(line.0, "GET /api/users/me/audit-logs");
    let line = sends!(nothing(), async |c| user::reset_password(c, "alice@example.com").await);
    assert_eq!(line, ("POST /api/users/alice%40example.com/reset".to_owned(), Value::Null));
}

#[tokio::test]
async fn organizations_and_members() {
    let one = || answer(json!({"name": "acme"}));
    let member = || answer(json!({"username": "bob"}));
    let line = sends!(answer(json!([])), async |c| organization::list(c).await);
    assert_eq!(line.0, "GET /api/orgs");
    let line = sends!(one(), async |c| organization::get(c, "acme").await);
    assert_eq!(line.0, "GET /api/orgs/acme");
    let line = sends!(one(), async |c| organization::update(c, "acme", 7).await);
    assert_eq!(line, ("POST /api/orgs/acme".to_owned(), json!({"seats": 7})));
    let line = sends!(answer(json!([])), async |c| organization::members(c, "acme").await);
    assert_eq!(line.0, "GET /api/orgs/acme/members");
    let line = sends!(member(), async |c| organization::member(c, "acme", "bob@example.com").await);
    assert_eq!(line.0, "GET /api/orgs/acme/members/bob%40example.com");
    let line = sends!(member(), async |c| organization::add_member(c, "acme", "bob", Role::Read).await);
    let body = json!({"name": "bob", "role": "read"});
    assert_eq!(line, ("POST /api/orgs/acme/members".to_owned(), body));
    let line = sends!(member(), async |c| organization::set_role(c, "acme", "bob", Role::Admin).await);
    assert_eq!(line, ("POST /api/orgs/acme/members/bob".to_owned(), json!({"role": "admin"})));
    let line = sends!(nothing(), async |c| organization::remove_member(c, "acme", "bob").await);
    assert_eq!(line, ("DELETE /api/orgs/acme/members/bob".to_owned(), Value::Null));
    let line = sends!(answer(json!([])), async |c| organization::audit_log(c, "acme", Some(2)).await);
    assert_eq!(line.0, "GET /api/orgs/acme/audit-logs?page=2");
}

#[tokio::test]
async fn what_credentials_may_do() {
    let request =
        sent(answer(json!({})), |_| {}, async |c| auth::test(c, "repository", Some("acme")).await).await;
    assert_eq!(line(&request).0, "GET /api/auth?domain=repository&resource=acme");
    assert_eq!(header(&request, "authorization"), Some("the-key"));
    let line = sends!(nothing(), async |c| auth::test(c, "api", None).await);
    assert_eq!(line.0, "GET /api/auth?domain=api");
}

#[tokio::test]
async fn organizations_have_their_own_paths() {
    let package = async |c: &Client| package::get(c, "pa").await.map(drop);
    let keys = async |c: &Client| key::list(c).await.map(drop);
    let one = || answer(json!({"name": "pa"}));
    let organization = |config: &mut Config| config.api_organization = Some("acme".to_owned());
    assert_eq!(sent(one(), organization, package).await.url.path(), "/api/repos/acme/packages/pa");
    assert_eq!(sent(answer(json!([])), organization, keys).await.url.path(), "/api/orgs/acme/keys");
    let repository = |config: &mut Config| config.api_repository = Some("acme".to_owned());
    assert_eq!(sent(one(), repository, package).await.url.path(), "/api/repos/acme/packages/pa");
    assert_eq!(sent(answer(json!([])), repository, keys).await.url.path(), "/api/keys");
    let public = |config: &mut Config| {
        config.api_repository = Some("hexpm".to_owned());
        config.api_organization = Some("acme".to_owned());
    };
    assert_eq!(sent(one(), public, package).await.url.path(), "/api/packages/pa");
}

#[tokio::test]
async fn the_repository_gets_its_own_key_and_no_code() {
    let change = |config: &mut Config| {
        config.api_otp = Some("123456".into());
        config.repo_organization = Some("acme".to_owned());
    };
    let reply = ResponseTemplate::new(200).set_body_string("docs");
    let request = sent(reply, change, async |c| repo::docs(c, "pa", "1.0.0", None).await).await;
    assert_eq!(request.url.path(), "/repo/repos/acme/docs/pa-1.0.0.tar.gz");
    assert_eq!(header(&request, "authorization"), Some("the-repo-key"));
    assert_eq!(header(&request, "x-hex-otp"), None);
}

#[tokio::test]
async fn what_would_be_a_step_in_the_path_is_refused_before_it_is_sent() {
    let client = client_with(config("http://127.0.0.1:1"));
    for name in ["", ".", ".."] {
        assert_eq!(package::get(&client, name).await.unwrap_err().code, Code::Invalid);
    }
    for (name, version) in [("../pa", "1.0.0"), ("PA", "1.0.0"), ("pa", "../1"), ("pa", ""), ("pa", "1/2")] {
        let error = repo::tarball(&client, name, version, Some([0; 32]), None).await.unwrap_err();
        assert!(matches!(error.code, Code::Invalid | Code::BadVersion), "{name} {version}: {error}");
    }
}

#[test]
fn a_secret_is_not_sent_in_clear_text_to_another_machine() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut config = crate::common::config("http://127.0.0.1:1");
    config.api_url = "http://192.0.2.1/api".to_owned();
    config.repo_url = "http://192.0.2.1".to_owned();
    config.api_key = Some("the-key".into());
    config.repo_key = Some("the-repo-key".into());
    let client = client_with(config);
    let errors = runtime.block_on(async {
        [
            package::get(&client, "pa").await.map(drop).unwrap_err(),
            repo::docs(&client, "pa", "1.0.0", None).await.map(drop).unwrap_err(),
            user::register(&client, "a", &"the-key".into(), "a@b").await.map(drop).unwrap_err(),
        ]
    });
    for (error, key) in errors.iter().zip(["api_url", "repo_url", "api_url"]) {
        assert_eq!((error.code, error.details.key.as_deref()), (Code::BadConfig, Some(key)));
        assert!(!error.message.contains("the-key") && !error.message.contains("the-repo-key"));
    }
}

#[test]
fn a_wrong_setting_is_named() {
    let base = crate::common::config("http://127.0.0.1:1");
    let wrong = [
        ("api_url", Config { api_url: "hex.pm/api".to_owned(), ..base.clone() }),
        ("api_url", Config { api_url: "https://user:pw@hex.pm/api".to_owned(), ..base.clone() }),
        ("repo_url", Config { repo_url: "file:///tmp".to_owned(), ..base.clone() }),
        ("repo_url", Config { repo_url: "https://repo.test/?a".to_owned(), ..base.clone() }),
        ("http_proxy", Config { http_proxy: Some("socks5://127.0.0.1:1".into()), ..base.clone() }),
        ("https_proxy", Config { https_proxy: Some("http://".into()), ..base.clone() }),
        ("user_agent_fragment", Config { user_agent_fragment: Some("a\nb".into()), ..base.clone() }),
    ];
    for (key, config) in wrong {
        let error = Client::new(config, cpu()).unwrap_err();
        assert_eq!((error.code, error.details.key.as_deref()), (Code::BadConfig, Some(key)));
    }
}

#[test]
fn no_secret_shows_in_debug_output() {
    let mut config = crate::common::config("http://127.0.0.1:1");
    config.api_key = Some("s3cret-key".into());
    config.api_otp = Some("s3cret-otp".into());
    config.repo_key = Some("s3cret-repo".into());
    config.http_proxy = Some("http://user:s3cret-proxy@127.0.0.1:1".into());
    let shown = format!("{:?} {:?}", config.clone(), client_with(config));
    assert!(!shown.contains("s3cret"), "{shown}");
}
