//! What every page has, and what it never shows.

use hexide_server::NewUser;

use super::{code_of, mails, next_mail};
use crate::{
    browser::{Browser, ORIGIN, goes_to, hidden},
    fixture::{Registry, metadata, options, tarball},
    http_client::send,
};

#[tokio::test]
async fn every_page_forbids_scripts_framing_storing_and_foreign_forms() {
    let registry = Registry::start().await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let mut browser = Browser::new(registry.port);
    let open = [
        "/",
        "/packages/foo",
        "/packages/nosuch",
        "/nosuch",
        "/account/sign-in",
        "/account/sign-up",
        "/password/forgot",
        "/password/reset?token=x",
        "/account/confirm?token=x",
        "/account",
        "/oauth/device",
    ];
    let own = ["/account", "/account/two-factor", "/oauth/device?user_code=ABCD-EFGH", "/"];
    for (pages, signed_in) in [(&open[..], false), (&own[..], true)] {
        if signed_in {
            browser.sign_up("carol").await;
        }
        for page in pages {
            let reply = browser.get(page).await;
            let policy = reply.header("content-security-policy").unwrap();
            for rule in [
                "default-src 'none'",
                "style-src 'self'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ] {
                assert!(policy.contains(rule), "{page}: {policy}");
            }
            assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{page}: {policy}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
            ] {
                assert_eq!(reply.header(name), Some(value), "{page}");
            }
            let text = reply.text();
            assert!(!text.contains("<script") && !text.contains("style=\""), "{page}: {text}");
        }
    }
    let style = browser.get("/style.css").await;
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
    registry.server.stop().await;
}

#[tokio::test]
async fn the_documentation_of_a_stranger_shares_no_origin_with_the_pages() {
    let registry = Registry::start().await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let docs = crate::fixture::docs(&[("index.html", "<script src=\"a.js\"></script>"), ("a.js", "1")]);
    let headers = [("user-agent", "t"), ("authorization", registry.key.as_str())];
    let published =
        send(registry.port, "POST", "/api/packages/foo/releases/1.0.0/docs", &headers, &docs).await;
    assert_eq!(published.status, 201);
    let page = registry.get("/docs/foo/1.0.0/").await;
    let policy = page.header("content-security-policy").unwrap();
    let sandbox = policy.split("; ").find(|rule| rule.starts_with("sandbox")).unwrap();
    assert!(!sandbox.contains("allow-same-origin") && sandbox.contains("allow-scripts"), "{policy}");
    registry.server.stop().await;
}

#[tokio::test]
async fn what_a_package_says_of_itself_stays_text() {
    let registry = Registry::start().await;
    let hostile = "<script>alert(1)</script>' onx=\\\"";
    let text = metadata("foo", "1.0.0").replace("The package foo", hostile);
    let text = text.replace(
        "{<<\"links\">>,[]}",
        "{<<\"links\">>,[{<<\"<i>label</i>\">>,<<\"https://example.com/?a=<b>&c=\\\"\">>}]}",
    );
    assert_eq!(registry.publish(&tarball(&text)).await.status, 201);
    let retire = r#"{"reason":"other","message":"<u>gone</u>"}"#;
    registry.call("POST", "/api/packages/foo/releases/1.0.0/retire", retire).await;
    let page = registry.get("/packages/foo").await.text();
    for tag in ["<script", "<i>", "<b>", "<u>"] {
        assert!(!page.contains(tag), "{tag} in {page}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&#39; onx=&quot;"), "{page}");
    assert!(page.contains("href=\"https://example.com/?a=&lt;b&gt;&amp;c=&quot;\""), "{page}");
    let key = r#"{"name":"<script>k</script>"}"#;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let token = registry.call("POST", "/api/keys", key).await;
    assert_eq!(token.status, 201);
    let error = registry.get("/packages/%3Cscript%3E").await;
    assert!(error.status == 404 && !error.text().contains("<script"), "{}", error.text());
    let filled = browser.get("/oauth/device?user_code=%22%3E%3Cscript%3E").await.text();
    assert!(!filled.contains("<script"), "{filled}");
    let again = browser.submit("/oauth/device", "/oauth/device", &[("user_code", "\"><script>")]).await;
    assert!(again.status == 422 && !again.text().contains("<script"), "{}", again.text());
    registry.server.stop().await;
}

#[tokio::test]
async fn keys_and_sessions_are_shown_to_their_owner_and_ended_by_nobody_else() {
    let mut options = options();
    options.basic_auth = true;
    let registry = Registry::with(options).await;
    let mut carol = Browser::new(registry.port);
    carol.sign_up("carol").await;
    // carol:correct horse
    let headers = [
        ("user-agent", "t"),
        ("authorization", "Basic Y2Fyb2w6Y29ycmVjdCBob3JzZQ=="),
        ("content-type", "application/json"),
    ];
    let made =
        send(registry.port, "POST", "/api/keys", &headers, b"{\"name\":\"<script>ci</script>\"}").await;
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    let page = carol.get("/account").await.text();
    assert!(
        page.contains("&lt;script&gt;ci") && !page.contains("<script") && !page.contains(&secret),
        "{page}"
    );
    let mut mallory = Browser::new(registry.port);
    mallory.sign_up("mallory").await;
    assert!(!mallory.get("/account").await.text().contains("ci"), "only one's own keys");
    let name = [("name", "<script>ci</script>")];
    assert_eq!(mallory.submit("/account", "/account/keys/revoke", &name).await.status, 404);
    let browsers = page.split_once("id=\"browsers\"").unwrap().1;
    let id = hidden(browsers, "id");
    let foreign = mallory.submit("/account", "/account/sessions/browser", &[("id", &id)]).await;
    assert_eq!((foreign.status, carol.get("/account").await.status), (404, 200));
    assert_eq!(carol.submit("/account", "/account/keys/revoke", &name).await.status, 303);
    let key = [("user-agent", "t"), ("authorization", secret.as_str())];
    assert_eq!(send(registry.port, "GET", "/api/users/me", &key, b"").await.status, 401);
    let mut elsewhere = Browser::new(registry.port);
    elsewhere.sign_in("carol", "correct horse").await;
    assert_eq!(elsewhere.submit("/account", "/account/sessions/browser", &[("id", &id)]).await.status, 303);
    assert_eq!(carol.get("/account").await.status, 303, "signed out from elsewhere");
    registry.server.stop().await;
}

#[tokio::test]
async fn neither_cookies_nor_links_nor_codes_are_kept_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options();
    options.data_dir = hexide_server::DataDir::Path(folder.path().to_owned());
    let mut mails = mails(&mut options);
    let registry = Registry::with(options).await;
    let mut browser = Browser::new(registry.port);
    browser.sign_up("carol").await;
    let page = browser.get("/account/two-factor").await.text();
    let secret = hidden(&page, "secret");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let code = code_of(&secret, i64::try_from(now.as_secs()).unwrap());
    let csrf = hidden(&page, "csrf");
    let fields = [("csrf", csrf.as_str()), ("secret", &secret), ("code", &code)];
    let shown = browser.post_as("/account/two-factor/on", Some(ORIGIN), &fields).await.text();
    let recovery = shown.split("<li><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let headers = [("user-agent", "t"), ("accept", "application/json")];
    send(registry.port, "POST", "/api/users/carol/reset", &headers, b"").await;
    let link = next_mail(&mut mails).await.link;
    let cookie = browser.cookie.clone().unwrap();
    registry.server.stop().await;
    let kept = [
        cookie.split_once('=').unwrap().1.to_owned(),
        link.split_once("token=").unwrap().1.to_owned(),
        recovery.replace('-', ""),
        recovery,
    ];
    let mut seen = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        seen += bytes.len();
        for secret in &kept {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "{}",
                path.display()
            );
        }
    }
    assert!(seen > 0, "the database was looked at");
}

#[tokio::test]
async fn an_organization_is_made_and_its_packages_are_shown_to_members_only() {
    let registry = Registry::start().await;
    let (name, password) = ("carol".to_owned(), Some("correct horse".to_owned()));
    let carol = NewUser { email: "carol@example.com".to_owned(), username: name, password };
    let key = registry.server.add_user(carol).await.unwrap().key;
    let mut member = Browser::new(registry.port);
    member.sign_in("carol", "correct horse").await;
    let create = async |browser: &mut Browser, name: &str| {
        browser.submit("/account", "/account/organizations", &[("organization", name)]).await
    };
    let refused = create(&mut member, "<i>").await;
    assert!(
        refused.status == 422 && refused.text().contains("The name has invalid format."),
        "{}",
        refused.text()
    );
    assert_eq!(
        goes_to(&create(&mut member, "acme").await),
        (303, "/account?notice=organization#organizations")
    );
    assert_eq!(create(&mut member, "acme").await.status, 422, "taken");
    assert!(member.get("/account").await.text().contains("<strong>acme</strong> <span class=\"tag\">admin"));
    let headers = [("user-agent", "t"), ("authorization", key.as_str())];
    let private = tarball(&metadata("hidden", "1.0.0"));
    let published =
        send(registry.port, "POST", "/api/repos/acme/publish?replace=false", &headers, &private).await;
    assert_eq!(published.status, 201, "{}", published.text());
    let mut stranger = Browser::new(registry.port);
    let mut other = Browser::new(registry.port);
    other.sign_up("mallory").await;
    for page in ["/packages/acme/hidden", "/packages/acme/hidden/1.0.0"] {
        assert_eq!(member.get(page).await.status, 200, "{page}");
        for browser in [&mut stranger, &mut other] {
            let (shown, unknown) = (browser.get(page).await, browser.get("/packages/nosuch/hidden").await);
            assert_eq!((shown.status, shown.body), (404, unknown.body), "{page}");
        }
    }
    assert_eq!(member.get("/packages/acme/hidden/2.0.0").await.status, 404);
    assert_eq!(member.get("/packages/hidden").await.status, 404, "not among the public ones");
    registry.server.stop().await;
}
