//! Passwords: forgotten and changed.

use super::{Time, mails, next_mail, path};
use crate::{
    browser::{Browser, goes_to},
    fixture::Registry,
    http_client::send,
};
use hexide_server::MailSubject;

#[tokio::test]
async fn a_forgotten_password_is_set_anew_once_and_signs_everybody_out() {
    let (time, mut options) = Time::start();
    let mut mails = mails(&mut options);
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let ask = async |login: &str| {
        let headers = [("user-agent", "t"), ("accept", "application/json")];
        let reply = send(registry.port, "POST", &format!("/api/users/{login}/reset"), &headers, b"").await;
        assert_eq!((reply.status, reply.body), (204, Vec::new()), "{login}");
    };
    ask("nobody").await;
    ask("carol").await;
    let first = next_mail(&mut mails).await;
    assert_eq!((first.subject, first.to.as_str()), (MailSubject::PasswordReset, "carol@example.com"));
    assert!(!format!("{first:?}").contains("token"), "{first:?}");
    ask("carol%40example.com").await;
    let second = next_mail(&mut mails).await;
    let mut stranger = Browser::new(registry.port);
    assert_eq!(stranger.get(&path(&first)).await.status, 404, "a newer link ends the older one");
    let page = path(&second);
    assert!(stranger.get(&page).await.text().contains("carol"));
    let token = page.split_once("token=").unwrap().1;
    let set = async |browser: &mut Browser, password: &str| {
        browser
            .submit("/password/forgot", "/password/reset", &[("token", token), ("password", password)])
            .await
    };
    assert_eq!(set(&mut stranger, "short").await.status, 422);
    assert_eq!(
        goes_to(&set(&mut stranger, "another horse").await),
        (303, "/account/sign-in?notice=password")
    );
    assert_eq!(set(&mut stranger, "third horse").await.status, 404, "once");
    assert_eq!(browser.get("/account").await.status, 303, "signed out everywhere");
    assert_eq!(stranger.sign_in("carol", "correct horse").await.status, 422);
    assert_eq!(stranger.sign_in("carol", "another horse").await.status, 303);

    time.pass(3600);
    ask("carol").await;
    let late = path(&next_mail(&mut mails).await);
    time.pass(3600);
    assert_eq!(stranger.get(&late).await.status, 404, "an hour is over");
    let headers = [("user-agent", "t"), ("accept", "application/json")];
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(send(registry.port, "POST", "/api/users/nobody/reset", &headers, b"").await.status);
    }
    assert_eq!(statuses, [204, 204, 204, 204, 204, 429]);
    registry.server.stop().await;
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let registry = Registry::start().await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let mut elsewhere = Browser::new(registry.port);
    elsewhere.sign_in("carol", "correct horse").await;
    let change = async |browser: &mut Browser, current: &str, new: &str| {
        browser.submit("/account", "/account/password", &[("current", current), ("new", new)]).await
    };
    let wrong = change(&mut browser, "wrong password", "another horse").await;
    assert!(wrong.status == 422 && wrong.text().contains("The password is wrong."), "{}", wrong.text());
    assert_eq!(change(&mut browser, "correct horse", "short").await.status, 422);
    let done = change(&mut browser, "correct horse", "another horse").await;
    assert_eq!(goes_to(&done), (303, "/account?notice=password"));
    assert_eq!((browser.get("/account").await.status, elsewhere.get("/account").await.status), (200, 303));
    assert_eq!(elsewhere.sign_in("carol", "another horse").await.status, 303);
    registry.server.stop().await;
}
