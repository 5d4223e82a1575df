//! Signing up, in and out; cookies and forms.

use super::{Time, mails, next_mail, path};
use crate::{
    browser::{Browser, ORIGIN, goes_to},
    fixture::{Registry, options},
};
use hexide_server::MailSubject;

#[tokio::test]
async fn signing_up_in_and_out_again() {
    let registry = Registry::start().await;
    let mut browser = Browser::new(registry.port);
    assert_eq!(goes_to(&browser.get("/account").await), (303, "/account/sign-in?next=%2Faccount"));
    browser.sign_up("carol").await;
    let page = browser.get("/account").await.text();
    assert!(page.contains("carol@example.com") && page.contains("Firefox"), "{page}");
    let out = browser.submit("/account", "/account/sign-out", &[]).await;
    assert_eq!(goes_to(&out), (303, "/account/sign-in?notice=signed-out"));
    assert_eq!(browser.get("/account").await.status, 303, "signed out");
    for login in ["carol", "Carol", "carol@example.com"] {
        let mut another = Browser::new(registry.port);
        assert_eq!(goes_to(&another.sign_in(login, "correct horse").await), (303, "/account"), "{login}");
        assert_eq!(another.get("/account").await.status, 200);
    }
    let taken = [("username", "carol"), ("email", "nonsense"), ("password", "short")];
    let refused = browser.submit("/account/sign-up", "/account/sign-up", &taken).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("The password should be at least 8 character(s)."), "{}", refused.text());
    assert!(refused.text().contains("The e-mail address has invalid format."));
    assert!(!refused.text().contains("value=\"short\""), "a password is not shown again");
    registry.server.stop().await;
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_are_told_apart_by_nothing() {
    let registry = Registry::start().await;
    Browser::new(registry.port).sign_up("carol").await;
    let mut browser = Browser::new(registry.port);
    let mut pages = Vec::new();
    // alice has no password at all.
    for login in ["carol", "nobody", "alice"] {
        let reply = browser.sign_in(login, "wrong password").await;
        assert_eq!(reply.status, 422);
        pages.push(reply.text().replace(login, "LOGIN"));
    }
    assert!(pages[0] == pages[1] && pages[1] == pages[2], "{pages:?}");
    let forgot = async |login: &str| {
        let mut browser = Browser::new(registry.port);
        let reply = browser.submit("/password/forgot", "/password/forgot", &[("login", login)]).await;
        (reply.status, reply.text())
    };
    assert_eq!(forgot("carol").await, forgot("nobody").await);
    registry.server.stop().await;
}

#[tokio::test]
async fn forms_of_strangers_are_refused() {
    let registry = Registry::start().await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let mut other = Browser::new(registry.port);
    other.sign_up("mallory").await;
    let (csrf, foreign) = (browser.csrf("/account").await, other.csrf("/account").await);
    let table: [(Option<&str>, Option<&str>); 7] = [
        (Some(ORIGIN), None),
        (Some(ORIGIN), Some("")),
        (Some(ORIGIN), Some(&foreign)),
        (Some("http://evil.example"), Some(&csrf)),
        (Some("http://localhost:1"), Some(&csrf)),
        (Some("null"), Some(&csrf)),
        (None, Some(&csrf)),
    ];
    for path in [
        "/account/sign-in",
        "/account/sign-up",
        "/account/sign-in/code",
        "/account/sign-out",
        "/account/password",
        "/account/sessions/browser",
        "/account/sessions/program",
        "/account/keys/revoke",
        "/account/two-factor/on",
        "/account/two-factor/off",
        "/account/confirm",
        "/password/forgot",
        "/password/reset",
        "/oauth/device",
        "/oauth/device/decide",
    ] {
        for (origin, csrf) in &table {
            let fields: Vec<_> = csrf.iter().map(|csrf| ("csrf", *csrf)).collect();
            let reply = browser.post_as(path, *origin, &fields).await;
            assert_eq!(reply.status, 403, "{path} from {origin:?} with {csrf:?}");
        }
    }
    assert_eq!(browser.get("/account").await.status, 200, "still signed in");
    registry.server.stop().await;
}

#[tokio::test]
async fn the_cookie_is_for_the_server_alone_and_changes_with_each_step() {
    let mut options = options();
    options.public_url = Some("https://hex.example.com".to_owned());
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    let before = browser.get("/account/sign-in").await;
    let set = before.header("set-cookie").unwrap().to_owned();
    for part in ["__Host-hexide=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(browser.get("/").await.header("set-cookie").is_none(), "no page without a form needs one");
    let planted = browser.cookie.clone();
    let csrf = browser.csrf("/account/sign-up").await;
    let fields = [
        ("csrf", csrf.as_str()),
        ("username", "carol"),
        ("email", "c@example.com"),
        ("password", "correct horse"),
    ];
    let made = browser.post_as("/account/sign-up", Some("https://hex.example.com"), &fields).await;
    assert_eq!(goes_to(&made), (303, "/account"));
    assert!(made.header("set-cookie").unwrap().contains("; Secure"));
    assert_ne!(browser.cookie, planted, "a secret that somebody else may know is replaced");
    let mut thief = Browser { cookie: planted, ..Browser::new(registry.port) };
    assert_eq!(thief.get("/account").await.status, 303, "and opens nothing");
    registry.server.stop().await;

    let registry = Registry::start().await;
    let plain = Browser::new(registry.port).get("/account/sign-in").await;
    assert!(!plain.header("set-cookie").unwrap().contains("Secure"), "over http it would be lost");
    registry.server.stop().await;
}

#[tokio::test]
async fn a_session_ends_in_its_time() {
    let (time, options) = Time::start();
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    time.pass(30 * 24 * 3600 - 1);
    assert_eq!(browser.get("/account").await.status, 200);
    time.pass(1);
    assert_eq!(browser.get("/account").await.status, 303);
    registry.server.stop().await;
}

#[tokio::test]
async fn guessing_passwords_has_an_end_for_each_account_and_each_address() {
    let (time, options) = Time::start();
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let mut guesser = Browser::new(registry.port);
    for _ in 0..10 {
        assert_eq!(guesser.sign_in("carol", "wrong password").await.status, 422);
    }
    let refused = guesser.sign_in("carol", "correct horse").await;
    assert_eq!(refused.status, 429, "the right one neither");
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=900).contains(&wait) && refused.text().contains("Try again in"), "{}", refused.text());
    assert_eq!(guesser.sign_in("dave", "wrong password").await.status, 422, "another account");
    time.pass(wait);
    assert_eq!(guesser.sign_in("carol", "correct horse").await.status, 303);
    let mut guesser = Browser::new(registry.port);
    for each in 0..59 {
        assert_ne!(guesser.sign_in(&format!("user{each}"), "wrong password").await.status, 429, "{each}");
    }
    assert_eq!(guesser.sign_in("nobody", "wrong password").await.status, 429, "too many from one address");
    registry.server.stop().await;
}

#[tokio::test]
async fn where_addresses_are_confirmed_nobody_signs_in_before() {
    let mut options = options();
    options.confirm_email = true;
    let mut mails = mails(&mut options);
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    let fields = [("username", "carol"), ("email", "carol@example.com"), ("password", "correct horse")];
    let made = browser.submit("/account/sign-up", "/account/sign-up", &fields).await;
    assert!(made.status == 200 && made.text().contains("carol@example.com"), "{}", made.text());
    assert_eq!(browser.get("/account").await.status, 303);
    let early = browser.sign_in("carol", "correct horse").await;
    assert!(early.status == 422 && early.text().contains("Confirm your e-mail address"), "{}", early.text());
    let mail = next_mail(&mut mails).await;
    assert_eq!(mail.subject, MailSubject::Confirmation);
    let page = path(&mail);
    assert_eq!(browser.get(&page).await.status, 200);
    assert_eq!(browser.sign_in("carol", "correct horse").await.status, 422, "programs open links, too");
    let token = page.split_once("token=").unwrap().1;
    let done = browser.submit(&page, "/account/confirm", &[("token", token)]).await;
    assert_eq!(goes_to(&done), (303, "/account/sign-in?notice=confirmed"));
    assert_eq!(browser.sign_in("carol", "correct horse").await.status, 303);
    assert_eq!(browser.get(&page).await.status, 404, "once");
    registry.server.stop().await;
}
