//! A page on its way to a browser, and the one place that gives pages their headers.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{computing::Panicked, pages, rate_limit::Refused, store::StoreError, wire::HttpError};

/// A page, or where to go for one.
#[derive(Clone, Debug)]
pub struct Page {
    status: StatusCode,
    html: String,
    headers: Vec<(HeaderName, String)>,
}

impl Page {
    /// 200 with that HTML.
    #[must_use]
    pub fn ok(html: String) -> Self {
        Self { status: StatusCode::OK, html, headers: Vec::new() }
    }

    /// 303: to be read there.
    #[must_use]
    pub fn see(path: &str) -> Self {
        let headers = vec![(header::LOCATION, path.to_owned())];
        Self { status: StatusCode::SEE_OTHER, html: String::new(), headers }
    }

    /// With another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With a cookie.
    #[must_use]
    pub fn with_cookie(mut self, cookie: String) -> Self {
        self.headers.push((header::SET_COOKIE, cookie));
        self
    }
}

/// What holds for every page.
fn guard(headers: &mut HeaderMap) {
    let fixed = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, pages::POLICY),
        (header::CACHE_CONTROL, "no-store"),
        // Addresses hold codes. (With `no-referrer` browsers would hide the origin of forms, too.)
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = self.html.into_response();
        *response.status_mut() = self.status;
        guard(response.headers_mut());
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// A page instead of the one that was wanted; boxed to keep `Result` small.
#[derive(Clone, Debug)]
pub struct PageError(Box<Page>);

impl PageError {
    /// The page for an error.
    #[must_use]
    pub fn new(status: StatusCode, message: &str) -> Self {
        Page::ok(pages::registry::error(status, message)).with_status(status).into()
    }
}

impl From<Page> for PageError {
    fn from(page: Page) -> Self {
        Self(Box::new(page))
    }
}

impl From<HttpError> for PageError {
    fn from(error: HttpError) -> Self {
        Self::new(error.status, &error.message)
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        HttpError::from(error).into()
    }
}

impl From<Panicked> for PageError {
    fn from(error: Panicked) -> Self {
        HttpError::from(error).into()
    }
}

impl From<Refused> for PageError {
    fn from(refused: Refused) -> Self {
        let message = format!("Too many attempts. Try again in {}.", spoken(refused.retry_after));
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, &message);
        error.0.headers.push((header::RETRY_AFTER, refused.retry_after.as_secs().to_string()));
        error
    }
}

/// A time to wait, as people say it, rounded up.
fn spoken(wait: Duration) -> String {
    match wait.as_secs() {
        0..=1 => "a second".to_owned(),
        seconds @ 2..=90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        (*self.0).into_response()
    }
}
