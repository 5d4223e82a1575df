//! Browsers: who is signed in there, and what a form must show to be believed.
//!
//! A browser has one secret of 32 random bytes in a cookie; the store knows its hash once somebody is
//! signed in. Before that it stands for nobody, and it is replaced when somebody signs in, so a secret
//! that was planted is worth nothing. The token in every form is an HMAC keyed with the secret: only
//! pages made for that browser hold it, and it does not give the secret away.

use std::sync::Arc;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use axum::extract::FromRequestParts;
use hexide_core::hex;
use http::{HeaderMap, header, request::Parts};
use zeroize::Zeroizing;

use crate::{
    app::App,
    clock::Moment,
    identity::{client_address, user_agent},
    pages::{Page, PageError, Reader, frame, html::Html},
    secret::{self, NoSecret},
    store::{Actor, BrowserSession, NewBrowserSession, Stage, User},
    wire::HttpError,
};

/// How long a browser stays signed in.
const SIGNED_IN: i64 = 30 * 24 * 3600;
/// How long the two-factor code may take.
const AWAITS_CODE: i64 = 10 * 60;
/// That a session was seen is written at most once in so many seconds.
const SEEN_EVERY: i64 = 60;

/// A browser that asks for a page.
pub struct Visit {
    /// Where it stands, where the password was right at least.
    pub session: Option<BrowserSession>,
    /// Its address.
    pub ip: String,
    /// What limits count it as: its address, or its network.
    pub counted_as: String,
    /// What it calls itself.
    pub user_agent: String,
    secret: Zeroizing<String>,
    fresh: bool,
    secure: bool,
}

impl Visit {
    /// The browser behind a request.
    ///
    /// # Errors
    /// 500 where the store fails or there is no randomness.
    pub async fn of(parts: &Parts, app: &App) -> Result<Self, HttpError> {
        let secure = app.urls.base.starts_with("https:");
        let address = client_address(parts, app);
        let (ip, counted_as) = (address.ip.to_string(), address.limit_key());
        let user_agent = user_agent(&parts.headers);
        let Some(secret) = cookie(&parts.headers, cookie_name(secure)) else {
            let secret = Zeroizing::new(secret::random_hex::<32>()?);
            return Ok(Self { session: None, ip, counted_as, user_agent, secret, fresh: true, secure });
        };
        let session = app.store.browser_session(secret::hash_key(&secret)).await?;
        if let Some(session) = &session
            && (app.clock.now().seconds_since(session.seen_at) >= SEEN_EVERY || session.ip != ip)
        {
            app.store.browser_seen(session.id, ip.clone()).await?;
        }
        Ok(Self { session, ip, counted_as, user_agent, secret, fresh: false, secure })
    }

    /// The token of this browser's forms.
    #[must_use]
    pub fn csrf(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        hex::lower(hmac::sign(&key, b"form").as_ref())
    }

    /// Whether that is the token.
    #[must_use]
    pub fn holds(&self, csrf: &str) -> bool {
        verify_slices_are_equal(self.csrf().as_bytes(), csrf.as_bytes()).is_ok()
    }

    /// The user who is signed in.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.session.as_ref().filter(|session| session.stage == Stage::SignedIn).map(|session| &session.user)
    }

    /// The session of the user who is signed in.
    ///
    /// # Errors
    /// Sends whoever is not to the page for it, and from there to `next`.
    pub fn signed_in(&self, next: &str) -> Result<&BrowserSession, PageError> {
        let session = self.session.as_ref().filter(|session| session.stage == Stage::SignedIn);
        session.ok_or_else(|| {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
            PageError::from(Page::see(&format!("/account/sign-in?{query}")))
        })
    }

    /// The user who is signed in, as the store knows actors.
    #[must_use]
    pub fn actor(&self, session: &BrowserSession) -> Actor {
        Actor::of_user(session.user.id, self.user_agent.clone())
    }

    /// A page for this browser, with forms.
    #[must_use]
    pub fn page(&self, title: &str, body: &Html) -> Page {
        let page = self.text_page(title, body);
        if self.fresh { page.with_cookie(self.set_cookie(&self.secret, SIGNED_IN)) } else { page }
    }

    /// A page without forms of its own: it gives a stranger's browser no secret.
    #[must_use]
    pub fn text_page(&self, title: &str, body: &Html) -> Page {
        let csrf = self.csrf();
        let reader = match self.user() {
            Some(user) => Reader::User { username: &user.username, csrf: &csrf },
            None => Reader::Guest,
        };
        Page::ok(frame(title, reader, body))
    }

    /// Signs a user in, or notes that the password was right, under a new secret; then leads on.
    ///
    /// # Errors
    /// 500.
    pub async fn enter(&self, app: &App, user_id: i64, stage: Stage, next: &str) -> Result<Page, PageError> {
        if let Some(session) = &self.session {
            // What the browser was signed in as ends here, too.
            let ended = app.store.end_browser_session(session.user.id, session.id).await;
            drop(ended);
        }
        let secret = Zeroizing::new(secret::random_hex::<32>().map_err(HttpError::from)?);
        let lasts = if stage == Stage::SignedIn { SIGNED_IN } else { AWAITS_CODE };
        let session = NewBrowserSession {
            user_id,
            secret_hash: secret::hash_key(&secret),
            stage,
            user_agent: self.user_agent.clone(),
            ip: self.ip.clone(),
            ends_at: Moment(app.clock.now().0.saturating_add(lasts * 1_000_000)),
        };
        app.store.create_browser_session(session).await?;
        Ok(Page::see(next).with_cookie(self.set_cookie(&secret, lasts)))
    }

    /// Signs out, and leads on.
    ///
    /// # Errors
    /// 500.
    pub async fn leave(&self, app: &App, next: &str) -> Result<Page, PageError> {
        if let Some(session) = &self.session {
            app.store.end_browser_session(session.user.id, session.id).await?;
        }
        Ok(Page::see(next).with_cookie(self.set_cookie("", 0)))
    }

    fn set_cookie(&self, value: &str, seconds: i64) -> String {
        let name = cookie_name(self.secure);
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

/// Browsers keep a cookie of the first name from being set by a neighbour under the same domain, but
/// take it over https only.
fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-hexide" } else { "hexide" }
}

/// The secret in the cookie, where it has the form of one.
fn cookie(headers: &HeaderMap, name: &str) -> Option<Zeroizing<String>> {
    let values = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    let formed = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    formed.then(|| Zeroizing::new(value.to_owned()))
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        Ok(Self::of(parts, app).await?)
    }
}

impl From<NoSecret> for PageError {
    fn from(error: NoSecret) -> Self {
        HttpError::from(error).into()
    }
}
