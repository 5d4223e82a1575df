//! Second factors in the browser.

use super::{Time, code_of};
use crate::{
    browser::{Browser, ORIGIN, goes_to, hidden},
    fixture::Registry,
};

#[tokio::test]
async fn a_second_factor_is_switched_on_asked_for_and_switched_off() {
    let (time, options) = Time::start();
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let page = browser.get("/account/two-factor").await.text();
    assert!(page.contains("<svg class=\"qr\""), "{page}");
    let (secret, csrf) = (hidden(&page, "secret"), hidden(&page, "csrf"));
    let on = async |browser: &mut Browser, code: &str| {
        let fields = [("csrf", csrf.as_str()), ("secret", secret.as_str()), ("code", code)];
        browser.post_as("/account/two-factor/on", Some(ORIGIN), &fields).await
    };
    let wrong = on(&mut browser, "000000").await;
    assert_eq!((wrong.status, hidden(&wrong.text(), "secret")), (422, secret.clone()), "the secret stays");
    let done = on(&mut browser, &code_of(&secret, time.now())).await;
    assert_eq!(done.status, 200);
    let shown = done.text();
    let codes: Vec<&str> =
        shown.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(codes.len(), 10, "{shown}");
    assert!(!browser.get("/account").await.text().contains(codes[0]), "shown once");

    let mut another = Browser::new(registry.port);
    let half = another.sign_in("carol", "correct horse").await;
    assert_eq!(goes_to(&half), (303, "/account/sign-in/code?next=%2Faccount"));
    assert_eq!(another.get("/account").await.status, 303, "the password alone lets nobody in");
    let enter = async |browser: &mut Browser, code: &str| {
        browser
            .submit("/account/sign-in/code", "/account/sign-in/code", &[("code", code), ("next", "/account")])
            .await
    };
    let used = enter(&mut another, &code_of(&secret, time.now())).await;
    assert_eq!(used.status, 422, "a code works once");
    time.pass(60);
    let half_cookie = another.cookie.clone();
    assert_eq!(goes_to(&enter(&mut another, &code_of(&secret, time.now())).await), (303, "/account"));
    assert_ne!(another.cookie, half_cookie);
    assert_eq!(another.get("/account").await.status, 200);

    let mut third = Browser::new(registry.port);
    third.sign_in("carol", "correct horse").await;
    let spelled = codes[3].to_uppercase().replace('-', " ");
    assert_eq!(enter(&mut third, &spelled).await.status, 303, "a recovery code, however it is typed");
    let mut fourth = Browser::new(registry.port);
    fourth.sign_in("carol", "correct horse").await;
    assert_eq!(enter(&mut fourth, codes[3]).await.status, 422, "once");
    assert!(third.get("/account").await.text().contains("Recovery codes left: 9"));

    let off = async |browser: &mut Browser, code: &str| {
        browser.submit("/account", "/account/two-factor/off", &[("code", code)]).await
    };
    assert_eq!(off(&mut browser, "000000").await.status, 422);
    time.pass(60);
    let done = off(&mut browser, &code_of(&secret, time.now())).await;
    assert_eq!(goes_to(&done), (303, "/account?notice=two-factor-off#two-factor"));
    assert_eq!(
        goes_to(&Browser::new(registry.port).sign_in("carol", "correct horse").await),
        (303, "/account")
    );
    registry.server.stop().await;
}

#[tokio::test]
async fn guessing_two_factor_codes_has_an_end() {
    let (time, options) = Time::start();
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let page = browser.get("/account/two-factor").await.text();
    let secret = hidden(&page, "secret");
    let fields =
        [("csrf", hidden(&page, "csrf")), ("secret", secret.clone()), ("code", code_of(&secret, time.now()))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let shown = browser.post_as("/account/two-factor/on", Some(ORIGIN), &fields).await.text();
    let recovery = shown.split("<li><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let mut guesser = Browser::new(registry.port);
    guesser.sign_in("carol", "correct horse").await;
    let csrf = guesser.csrf("/account/sign-in/code").await;
    let enter = async |guesser: &mut Browser, code: &str| {
        let fields = [("csrf", csrf.as_str()), ("code", code)];
        guesser.post_as("/account/sign-in/code", Some(ORIGIN), &fields).await
    };
    for _ in 0..5 {
        assert_eq!(enter(&mut guesser, "000000").await.status, 422);
    }
    time.pass(30);
    let refused = enter(&mut guesser, &code_of(&secret, time.now())).await;
    assert_eq!(refused.status, 429, "the right one neither");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(enter(&mut guesser, &recovery).await.status, 429, "nor is a recovery code spent");
    time.pass(599);
    guesser.sign_in("carol", "correct horse").await;
    let csrf = guesser.csrf("/account/sign-in/code").await;
    let fields = [("csrf", csrf.as_str()), ("code", recovery.as_str())];
    assert_eq!(guesser.post_as("/account/sign-in/code", Some(ORIGIN), &fields).await.status, 303);
    registry.server.stop().await;
}
