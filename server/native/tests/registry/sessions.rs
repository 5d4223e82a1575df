//! Sessions and tokens: how long they last, and what ends them.

use hexide_server::DataDir;
use serde_json::{Value, json};

use crate::{
    fixture::{Registry, add_user, call_as, options},
    http_client::Response,
    oauth::{MIX, REBAR3, ask, pass, poll, post, reads, refused, sign_in, text, with_clock},
};

async fn refresh(port: u16, token: &str) -> Response {
    let body = json!({"grant_type": "refresh_token", "client_id": REBAR3, "refresh_token": token});
    post(port, "token", &body).await
}

#[tokio::test]
async fn tokens_end_by_the_clock_and_a_session_lives_on_while_it_is_renewed() {
    let (options, clock) = with_clock();
    let registry = Registry::with(options).await;
    let (access, first) = sign_in(&registry, "api").await;
    pass(&clock, 1799);
    assert_eq!(reads(registry.port, &access).await, 200);
    pass(&clock, 1);
    let over = call_as(registry.port, &format!("Bearer {access}"), "GET", "/api/users/me", "").await;
    assert_eq!((over.status, over.json()), (401, json!({"message": "invalid API key", "status": 401})));
    assert_eq!(over.header("www-authenticate"), Some("Basic realm=hex"));
    pass(&clock, 29 * 24 * 3600);
    let renewed = refresh(registry.port, &first).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    assert_eq!(reads(registry.port, &text(&renewed, "access_token")).await, 200);
    pass(&clock, 29 * 24 * 3600);
    let renewed = refresh(registry.port, &text(&renewed, "refresh_token")).await;
    assert_eq!(renewed.status, 200, "30 days count from the last renewal");
    pass(&clock, 30 * 24 * 3600);
    let over = refresh(registry.port, &text(&renewed, "refresh_token")).await;
    refused(&over, 400, "invalid_grant", "Refresh token has expired");
    registry.server.stop().await;
}

#[tokio::test]
async fn a_refresh_token_that_is_shown_twice_ends_the_session_of_whoever_has_the_new_one() {
    let registry = Registry::start().await;
    let (access, first) = sign_in(&registry, "api").await;
    let (bystander, _) = sign_in(&registry, "api").await;
    let body = json!({"grant_type": "refresh_token", "client_id": MIX, "refresh_token": first});
    let other = post(registry.port, "token", &body).await;
    refused(&other, 400, "invalid_grant", "Invalid refresh token");
    let renewed = refresh(registry.port, &first).await;
    assert_eq!(reads(registry.port, &access).await, 401, "replaced");
    let (access, second) = (text(&renewed, "access_token"), text(&renewed, "refresh_token"));
    assert_eq!(reads(registry.port, &access).await, 200);
    let reused = refresh(registry.port, &first).await;
    refused(&reused, 400, "invalid_grant", "Refresh token has been revoked");
    assert_eq!(reads(registry.port, &access).await, 401, "the session is over");
    let reused = refresh(registry.port, &second).await;
    refused(&reused, 400, "invalid_grant", "Refresh token has been revoked");
    assert_eq!(reads(registry.port, &bystander).await, 200, "another session");
    registry.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_renew_a_session_at_once_one_succeeds() {
    let registry = Registry::start().await;
    let (_, token) = sign_in(&registry, "api").await;
    let attempts = (0..8).map(|_| {
        let (port, token) = (registry.port, token.clone());
        tokio::spawn(async move { refresh(port, &token).await.status })
    });
    let mut statuses = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        statuses.push(attempt.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400, 400, 400]);
    registry.server.stop().await;
}

#[tokio::test]
async fn the_sixth_session_ends_the_first() {
    let registry = Registry::start().await;
    let mut tokens = Vec::new();
    for _ in 0..6 {
        tokens.push(sign_in(&registry, "api").await.0);
    }
    let mut alive = Vec::new();
    for token in &tokens {
        alive.push(reads(registry.port, token).await);
    }
    assert_eq!(alive, [401, 200, 200, 200, 200, 200]);
    let log = registry.call("GET", "/api/users/me/audit-logs", "").await.json();
    let count =
        |action: &str| log.as_array().unwrap().iter().filter(|entry| entry["action"] == action).count();
    assert_eq!((count("session.create"), count("session.revoke")), (6, 1));
    registry.server.stop().await;
}

#[tokio::test]
async fn revoking_a_token_ends_its_session_and_says_200_to_everything() {
    let registry = Registry::start().await;
    for which in [0, 1] {
        let (access, refresh_token) = sign_in(&registry, "api").await;
        let token = [&access, &refresh_token][which];
        for body in
            [json!({}), json!({"token": "x", "client_id": REBAR3}), json!({"token": token, "client_id": MIX})]
        {
            let answer = post(registry.port, "revoke", &body).await;
            assert_eq!((answer.status, answer.body.len()), (200, 0));
            assert_eq!(reads(registry.port, &access).await, 200, "{body}");
        }
        let body = json!({"token": token, "client_id": REBAR3});
        assert_eq!(post(registry.port, "revoke", &body).await.status, 200);
        assert_eq!(reads(registry.port, &access).await, 401);
        assert_eq!(refresh(registry.port, &refresh_token).await.status, 400);
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn a_key_is_exchanged_for_a_token_that_reaches_no_further_and_ends_with_it() {
    let (options, clock) = with_clock();
    let registry = Registry::with(options).await;
    let made = registry.call(
        "POST",
        "/api/keys",
        r#"{"name":"ci","permissions":[{"domain":"api","resource":"read"}]}"#,
    );
    let reading = text(&made.await, "secret");
    let exchange = async |key: &str, scope: Option<&str>| {
        let mut body = json!({"grant_type": "client_credentials", "client_id": REBAR3, "client_secret": key});
        if let Some(scope) = scope {
            body["scope"] = json!(scope);
        }
        post(registry.port, "token", &body).await
    };
    let granted = exchange(&reading, None).await;
    assert_eq!((granted.status, &granted.json()["scope"]), (200, &json!("api:read")));
    assert_eq!(granted.json()["refresh_token"], Value::Null);
    let token = text(&granted, "access_token");
    assert_eq!(reads(registry.port, &token).await, 200);
    for scope in ["api", "api:write", "api:read api:write", "repository:hexpm", "bogus", ""] {
        let refusal = exchange(&reading, Some(scope)).await;
        refused(&refusal, 400, "invalid_scope", "Requested scopes exceed API key permissions");
    }
    let narrow = text(&exchange(&registry.key, Some("api:read")).await, "access_token");
    let bearer = format!("Bearer {narrow}");
    let refusal = call_as(registry.port, &bearer, "POST", "/api/keys", r#"{"name":"x"}"#).await;
    assert_eq!(refusal.json()["message"], "key not authorized for this action");
    let wide = text(&exchange(&registry.key, Some("api")).await, "access_token");
    let bearer = format!("Bearer {wide}");
    let made = call_as(registry.port, &bearer, "POST", "/api/keys", r#"{"name":"x"}"#).await;
    assert_eq!(made.status, 201, "a machine has no second factor");
    assert_eq!(registry.call("DELETE", "/api/keys/ci", "").await.status, 200);
    assert_eq!(reads(registry.port, &token).await, 401, "its key is revoked");
    pass(&clock, 1800);
    assert_eq!(reads(registry.port, &wide).await, 401, "its time is over");
    registry.server.stop().await;
}

#[tokio::test]
async fn a_session_outlives_a_restart_and_neither_token_nor_code_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at_home = || {
        let mut options = options();
        options.data_dir = DataDir::Path(folder.path().to_owned());
        options
    };
    let registry = Registry::with(at_home()).await;
    let (device_code, _) = ask(registry.port, "api").await;
    let (access, refresh_token) = sign_in(&registry, "api").await;
    registry.server.stop().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for secret in [&device_code, &access, &refresh_token] {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{}", path.display());
        }
    }
    let server = hexide_server::start(at_home()).await.unwrap();
    let port = server.info().port;
    assert_eq!(reads(port, &access).await, 200);
    assert_eq!(refresh(port, &refresh_token).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_token_names_the_repositories_of_its_time_and_opens_those_of_members_only() {
    let registry = Registry::start().await;
    let bob = add_user(&registry.server, "bob").await;
    registry.server.add_organization("acme", "alice").await.unwrap();
    registry.server.add_organization("other", "bob").await.unwrap();
    let (device_code, user_code) = ask(registry.port, "api:read repositories").await;
    registry.server.approve_device(&user_code, "alice").await.unwrap();
    let granted = poll(registry.port, &device_code).await;
    assert_eq!(granted.json()["scope"], "api:read repository:hexpm repository:acme");
    let token = text(&granted, "access_token");
    let names = async |token: &str, name: &str| {
        let path = format!("/repo/repos/{name}/names");
        call_as(registry.port, &format!("Bearer {token}"), "GET", &path, "").await.status
    };
    assert_eq!((names(&token, "acme").await, names(&token, "other").await), (200, 403));
    // Asked for by name, as a thief would; approving gives no more than the user has.
    let (stranger, _) = sign_in(&registry, "repository:other").await;
    assert_eq!(names(&stranger, "other").await, 403);
    // A member later: the next renewal names it.
    let member =
        call_as(registry.port, &bob, "POST", "/api/orgs/other/members", r#"{"name":"alice","role":"read"}"#);
    assert_eq!(member.await.status, 200);
    assert_eq!(names(&token, "other").await, 403, "not with the old token");
    let renewed = refresh(registry.port, &text(&granted, "refresh_token")).await;
    assert_eq!(renewed.json()["scope"], "api:read repository:hexpm repository:acme repository:other");
    let token = text(&renewed, "access_token");
    assert_eq!(names(&token, "other").await, 200);
    let gone = call_as(registry.port, &bob, "DELETE", "/api/orgs/other/members/alice", "").await;
    assert_eq!(gone.status, 204);
    assert_eq!(names(&token, "other").await, 403, "a member no more");
    registry.server.stop().await;
}

#[tokio::test]
async fn a_key_of_an_organization_is_exchanged_for_its_own_repository_only() {
    let registry = Registry::start().await;
    registry.server.add_organization("acme", "alice").await.unwrap();
    registry.server.add_organization("other", "alice").await.unwrap();
    let body = r#"{"name":"ci","permissions":[{"domain":"repositories"}]}"#;
    let key = text(&registry.call("POST", "/api/orgs/acme/keys", body).await, "secret");
    let exchange = async |scope: &str| {
        let body = json!({"grant_type": "client_credentials", "client_id": MIX, "client_secret": key, "scope": scope});
        post(registry.port, "token", &body).await
    };
    for (scope, named) in
        [("repository:acme", "repository:acme"), ("repositories", "repository:hexpm repository:acme")]
    {
        let granted = exchange(scope).await;
        assert_eq!(granted.json()["scope"], named, "{}", granted.text());
        let bearer = format!("Bearer {}", text(&granted, "access_token"));
        let names = async |name| {
            let path = format!("/repo/repos/{name}/names");
            call_as(registry.port, &bearer, "GET", &path, "").await.status
        };
        assert_eq!((names("acme").await, names("other").await), (200, 403));
    }
    for scope in ["repository:other", "repository:nosuch", "api"] {
        let refusal = exchange(scope).await;
        refused(&refusal, 400, "invalid_scope", "Requested scopes exceed API key permissions");
    }
    registry.server.stop().await;
}
