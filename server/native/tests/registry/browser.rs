//! A browser, as far as the pages need one: it keeps its cookie and sends forms as they were shown.

use crate::http_client::{Response, send};

pub const ORIGIN: &str = "http://localhost";

/// A browser of its own.
pub struct Browser {
    pub port: u16,
    pub cookie: Option<String>,
}

impl Browser {
    pub fn new(port: u16) -> Self {
        Self { port, cookie: None }
    }

    pub async fn get(&mut self, path: &str) -> Response {
        let cookie = self.cookie.clone().unwrap_or_default();
        let headers = [("user-agent", "Mozilla/5.0 Firefox/120.0"), ("cookie", &cookie)];
        let reply = send(self.port, "GET", path, &headers, b"").await;
        self.remember(&reply);
        reply
    }

    /// Sends a form with that token and origin.
    pub async fn post_as(&mut self, path: &str, origin: Option<&str>, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let cookie = self.cookie.clone().unwrap_or_default();
        let mut headers = vec![
            ("user-agent", "Mozilla/5.0 Firefox/120.0"),
            ("cookie", cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let reply = send(self.port, "POST", path, &headers, body.as_bytes()).await;
        self.remember(&reply);
        reply
    }

    /// Opens the page of a form, fills it in and sends it there.
    pub async fn submit(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        let csrf = self.csrf(page).await;
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        self.post_as(path, Some(ORIGIN), &fields).await
    }

    pub async fn csrf(&mut self, page: &str) -> String {
        let shown = self.get(page).await;
        hidden(&shown.text(), "csrf")
    }

    fn remember(&mut self, reply: &Response) {
        if let Some(set) = reply.header("set-cookie") {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
    }

    /// Signs a new user up, and so in.
    pub async fn sign_up(&mut self, name: &str) {
        let email = format!("{name}@example.com");
        let fields = [("username", name), ("email", &email), ("password", "correct horse")];
        let reply = self.submit("/account/sign-up", "/account/sign-up", &fields).await;
        assert_eq!(goes_to(&reply), (303, "/account"), "{}", reply.text());
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Response {
        let fields = [("login", name), ("password", password), ("next", "/account")];
        self.submit("/account/sign-in", "/account/sign-in", &fields).await
    }
}

/// The value of the first hidden field of that name.
pub fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&start).unwrap_or_else(|| panic!("no {name} in {page}")).1;
    rest.split('"').next().unwrap().to_owned()
}

pub fn goes_to(reply: &Response) -> (u16, &str) {
    (reply.status, reply.header("location").unwrap_or_default())
}
