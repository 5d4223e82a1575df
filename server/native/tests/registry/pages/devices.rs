//! The page where a person signs a program in.

use super::Time;
use crate::{
    browser::{Browser, goes_to, hidden},
    fixture::Registry,
    http_client::send,
};

/// Starts the device flow over the API and gives the codes.
async fn device(registry: &Registry, name: &str) -> (String, String) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", "b9721cf5-be2f-4a65-bfa5-141698b4b9cf")
        .append_pair("scope", "api repositories")
        .append_pair("name", name)
        .finish();
    let headers = [("user-agent", "t"), ("content-type", "application/x-www-form-urlencoded")];
    let reply =
        send(registry.port, "POST", "/api/oauth/device_authorization", &headers, body.as_bytes()).await;
    let reply = reply.json();
    let text = |key: &str| reply[key].as_str().unwrap().to_owned();
    assert!(text("verification_uri_complete").contains("/oauth/device?user_code="), "{reply}");
    (text("device_code"), text("user_code"))
}

async fn poll(registry: &Registry, device_code: &str) -> (u16, serde_json::Value) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        .append_pair("client_id", "b9721cf5-be2f-4a65-bfa5-141698b4b9cf")
        .append_pair("device_code", device_code)
        .finish();
    let headers = [("user-agent", "t"), ("content-type", "application/x-www-form-urlencoded")];
    let reply = send(registry.port, "POST", "/api/oauth/token", &headers, body.as_bytes()).await;
    (reply.status, reply.json())
}

#[tokio::test]
async fn a_device_is_approved_or_refused_by_a_person_and_revoked_again() {
    let registry = Registry::start().await;
    let mut browser = Browser::new(registry.port);
    let (code, user_code) = device(&registry, "<b>laptop</b>\"").await;
    let asked = browser.get(&format!("/oauth/device?user_code={user_code}")).await;
    let next = format!("/account/sign-in?next=%2Foauth%2Fdevice%3Fuser_code%3D{user_code}");
    assert_eq!(goes_to(&asked), (303, next.as_str()), "who is not signed in comes back with the code");
    browser.sign_up("carol").await;
    let filled = browser.get(&format!("/oauth/device?user_code={user_code}")).await.text();
    assert!(filled.contains(&format!("value=\"{user_code}\"")) && !filled.contains("Approve"), "{filled}");
    let spelled = format!("{} {}", &user_code[..4].to_lowercase(), &user_code[4..]);
    let shown = browser.submit("/oauth/device", "/oauth/device", &[("user_code", &spelled)]).await.text();
    assert!(shown.contains("rebar3") && shown.contains("127.0.0.1") && shown.contains("(api)"), "{shown}");
    assert!(shown.contains("&lt;b&gt;laptop&lt;/b&gt;&quot;") && !shown.contains("<b>laptop"), "{shown}");
    assert_eq!(poll(&registry, &code).await.1["error"], "authorization_pending", "looking is not approving");
    let decide = async |browser: &mut Browser, user_code: &str, decision: &str| {
        let fields = [("user_code", user_code), ("decision", decision)];
        browser.submit("/oauth/device", "/oauth/device/decide", &fields).await
    };
    assert_eq!(decide(&mut browser, &user_code, "").await.status, 400);
    assert!(decide(&mut browser, &user_code, "approve").await.text().contains("is signed in"));
    assert_eq!(decide(&mut browser, &user_code, "deny").await.status, 422, "decided already");
    let mut tokens = poll(&registry, &code).await;
    if tokens.1["error"] == "slow_down" {
        let (code, user_code) = device(&registry, "laptop").await;
        decide(&mut browser, &user_code, "approve").await;
        tokens = poll(&registry, &code).await;
    }
    assert_eq!(tokens.0, 200, "{}", tokens.1);
    let token = format!("Bearer {}", tokens.1["access_token"].as_str().unwrap());
    let me = async || {
        let headers = [("user-agent", "t"), ("authorization", token.as_str())];
        send(registry.port, "GET", "/api/users/me", &headers, b"").await.status
    };
    assert_eq!(me().await, 200);

    let (denied, user_code) = device(&registry, "another").await;
    assert!(decide(&mut browser, &user_code, "deny").await.text().contains("was refused"));
    assert_eq!(poll(&registry, &denied).await.1["error"], "access_denied");

    let page = browser.get("/account").await.text();
    let programs = page.split_once("id=\"programs\"").unwrap().1.split_once("id=\"browsers\"").unwrap().0;
    let id = hidden(programs, "id");
    let mut mallory = Browser::new(registry.port);
    mallory.sign_up("mallory").await;
    let foreign = mallory.submit("/account", "/account/sessions/program", &[("id", &id)]).await;
    assert_eq!((foreign.status, me().await), (404, 200), "nobody ends the session of another");
    let ended = browser.submit("/account", "/account/sessions/program", &[("id", &id)]).await;
    assert_eq!(goes_to(&ended), (303, "/account?notice=program#programs"));
    assert_eq!(me().await, 401);
    registry.server.stop().await;
}

#[tokio::test]
async fn codes_of_devices_expire_and_cannot_be_guessed_for_long() {
    let (time, options) = Time::start();
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let (_, user_code) = device(&registry, "laptop").await;
    let enter = async |browser: &mut Browser, code: &str| {
        browser.submit("/oauth/device", "/oauth/device", &[("user_code", code)]).await
    };
    assert_eq!(enter(&mut browser, &user_code).await.status, 200);
    time.pass(601);
    let over = enter(&mut browser, &user_code).await;
    assert_eq!(over.status, 422);
    assert!(over.text().contains("too old"), "{}", over.text());
    time.pass(900);
    for _ in 0..20 {
        assert_eq!(enter(&mut browser, "BBBBBBBB").await.status, 422);
    }
    assert_eq!(enter(&mut browser, "BBBBBBBB").await.status, 429);
    let decide = [("user_code", "BBBBBBBB"), ("decision", "approve")];
    let around = browser.submit("/oauth/device", "/oauth/device/decide", &decide).await;
    assert_eq!(around.status, 429, "the other form is no way around");
    registry.server.stop().await;
}
