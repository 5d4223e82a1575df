//! What goes in and out of the API: the format of a reply, its caching, and the same for errors.
//!
//! Handlers give data ([`Reply`]) or an [`HttpError`]; both travel as [`Answer`] to the one place that
//! writes them in the format the request asks for (protocol.md §3, "Formats" and "Caching").

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hexide_core::etf;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    app::App, authenticate, body::Upload, clock::Moment, elixir, http_error::HttpError, page::PageError,
    secret,
};

/// The formats of replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/json`, `application/vnd.hex+json`
    Json,
    /// `application/vnd.hex+erlang`: the External Term Format
    Erlang,
    /// `application/vnd.hex+elixir`: a term as text
    Elixir,
}

/// What a request says of the format it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The format.
    pub format: Format,
    /// Whether it was named, not just covered by `*/*`.
    pub named: bool,
}

/// How long a reply may be kept, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// By everybody, for a minute.
    Public,
    /// By the client alone, for a minute.
    Private,
    /// By nobody without asking again.
    Never,
}

impl Cache {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Public => "public, max-age=60",
            Self::Private => "private, max-age=60",
            Self::Never => "max-age=0, private, must-revalidate",
        })
    }
}

/// A request that was granted.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    body: Option<Value>,
    cache: Cache,
    headers: Vec<(HeaderName, String)>,
    etag: bool,
}

impl Reply {
    fn new(status: StatusCode, body: Option<Value>) -> Self {
        Self { status, body, cache: Cache::Private, headers: Vec::new(), etag: false }
    }
    /// 200 with data.
    pub fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }
    /// 200 without data.
    pub fn empty() -> Self {
        Self::new(StatusCode::OK, None)
    }
    /// 201 with data, and where it is found from now on.
    pub fn created(body: Value, location: String) -> Self {
        Self::new(StatusCode::CREATED, Some(body)).header(header::LOCATION, location)
    }
    /// 201 without data.
    pub fn created_at(location: String) -> Self {
        Self::new(StatusCode::CREATED, None).header(header::LOCATION, location)
    }
    /// 204.
    pub fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }
    /// May be kept by that one.
    #[must_use]
    pub fn cached(mut self, cache: Cache) -> Self {
        self.cache = cache;
        self
    }
    /// With a header more; a value that is none is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
    /// Answers `if-none-match` with 304.
    #[must_use]
    pub fn with_etag(mut self) -> Self {
        self.etag = true;
        self
    }
    /// Says when the thing last changed, and answers `if-none-match` with 304.
    #[must_use]
    pub fn changed_at(self, moment: Moment) -> Self {
        self.with_etag().header(header::LAST_MODIFIED, httpdate::fmt_http_date(moment.system_time()))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        Answer::Reply(self).into_response()
    }
}

/// What a handler gives, on its way to being written.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Granted.
    Reply(Reply),
    /// Not granted.
    Error(HttpError),
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Around every route of the API: checks what holds for all requests, and writes the answer.
pub async fn negotiate(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let head = request.headers().clone();
    let Some(wanted) = accepted(&head) else {
        let mut response = page(StatusCode::NOT_ACCEPTABLE, "None of the formats asked for is spoken here.");
        response.headers_mut().insert(header::CACHE_CONTROL, Cache::Never.header());
        return response;
    };
    if !head.contains_key(header::USER_AGENT) {
        return write_error(&HttpError::bad_request("User-Agent header is required"), wanted);
    }
    if request.uri().path().contains("%00") {
        return write_error(&HttpError::bad_request("Bad request"), wanted);
    }
    let (body, expects) = (std::mem::take(request.body_mut()), head.contains_key(header::EXPECT));
    let upload = Upload::new(body, &head, app.limits);
    request.extensions_mut().insert(upload.clone());
    let (mut parts, body) = request.into_parts();
    let identity = authenticate::identity(&mut parts, &app).await;
    let caller = identity.0.as_ref().ok().and_then(Option::as_ref);
    let (usage, admitted) = app.throttle.count(authenticate::client_address(&parts, &app), caller);
    let mut response = match admitted {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refused) => refused.into_response(),
    };
    if !expects {
        upload.drain().await;
    }
    let mut response = match response.extensions_mut().remove::<Answer>() {
        Some(Answer::Reply(reply)) => write_reply(reply, wanted.format, &head),
        Some(Answer::Error(error)) => write_error(&error, wanted),
        None => response,
    };
    if let Some(usage) = usage {
        usage.write(response.headers_mut());
    }
    response
}

fn write_reply(reply: Reply, format: Format, request: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, reply.cache.header());
    headers.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    let Some(body) = reply.body else { return response };
    if reply.etag {
        // Of the data, not of its format: one tag for all formats, as on hexpm, and unquoted.
        let digest: [u8; 32] = Sha256::digest(body.to_string().as_bytes()).into();
        let tag: String = secret::hex(&digest).chars().take(32).collect();
        let known = tag_matches(request, &tag);
        if let Ok(value) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, value);
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
    }
    write_body(&mut response, &body, format);
    response
}

fn write_error(error: &HttpError, wanted: Wanted) -> Response {
    let mut response = if error.page && !wanted.named {
        page(error.status, &error.message)
    } else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = error.status;
        write_body(&mut response, &error.body(), wanted.format);
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, Cache::Never.header());
    if let Some(challenge) = error.challenge {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

fn write_body(response: &mut Response, body: &Value, format: Format) {
    let (kind, bytes) = match format {
        Format::Json => ("application/json; charset=utf-8", body.to_string().into_bytes()),
        Format::Erlang => ("application/vnd.hex+erlang; charset=utf-8", etf::encode(&etf::from_json(body))),
        Format::Elixir => ("application/vnd.hex+elixir; charset=utf-8", elixir::inspect(body).into_bytes()),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    *response.body_mut() = Body::from(bytes);
}

/// An HTML page for an error.
pub fn page(status: StatusCode, message: &str) -> Response {
    PageError::new(status, message).into_response()
}

/// Whether `if-none-match` names this tag; quotes and the mark of weakness do not count.
pub fn tag_matches(request: &HeaderMap, tag: &str) -> bool {
    let bare = |text: &str| text.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    let tags = request.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(',')).map(bare).any(|known| known == "*" || known == bare(tag))
}

/// The format that the request prefers among those spoken here; `None` where there is none.
pub fn accepted(headers: &HeaderMap) -> Option<Wanted> {
    let anything = Wanted { format: Format::Json, named: false };
    let mut values = headers.get_all(header::ACCEPT).into_iter().peekable();
    if values.peek().is_none() {
        return Some(anything);
    }
    let ranges = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut best: Option<(f32, Wanted)> = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let wanted = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "*/*" | "application/*" => Some(anything),
            kind => format_named(kind).map(|format| Wanted { format, named: true }),
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.trim().parse::<f32>().ok());
        let quality = quality.unwrap_or(1.0);
        let better = best.is_none_or(|(other, _)| quality > other);
        if let (Some(wanted), true) = (wanted, quality > 0.0 && better) {
            best = Some((quality, wanted));
        }
    }
    best.map(|(_, wanted)| wanted)
}

/// The format of a media type: `application/json`, or `application/vnd.hex[.VERSION]+FORMAT`.
pub fn format_named(kind: &str) -> Option<Format> {
    if kind == "application/json" {
        return Some(Format::Json);
    }
    let rest = kind.strip_prefix("application/vnd.hex")?;
    let (version, format) = rest.split_once('+').unwrap_or((rest, "json"));
    if !version.is_empty() && !version.starts_with('.') {
        return None;
    }
    match format {
        "json" => Some(Format::Json),
        "erlang" => Some(Format::Erlang),
        "elixir" => Some(Format::Elixir),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_format_that_is_spoken_is_chosen() {
        let table = [
            ("", Some((Format::Json, false))),
            ("*/*", Some((Format::Json, false))),
            ("application/*", Some((Format::Json, false))),
            ("application/json", Some((Format::Json, true))),
            ("Application/JSON; charset=utf-8", Some((Format::Json, true))),
            ("application/vnd.hex+json", Some((Format::Json, true))),
            ("application/vnd.hex+erlang", Some((Format::Erlang, true))),
            ("application/vnd.hex.beta+elixir", Some((Format::Elixir, true))),
            ("application/vnd.hex+erlang;q=0.9, */*", Some((Format::Json, false))),
            ("*/*;q=0.1, application/vnd.hex+erlang", Some((Format::Erlang, true))),
            ("application/vnd.hex+erlang, application/json", Some((Format::Erlang, true))),
            ("text/html, application/json;q=0.5", Some((Format::Json, true))),
            ("application/json;q=0", None),
            ("application/vnd.hexagon+erlang", None),
            ("application/vnd.hex+xml", None),
            ("text/html", None),
        ];
        for (accept, expected) in table {
            let mut headers = HeaderMap::new();
            if !accept.is_empty() {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            let wanted = accepted(&headers).map(|wanted| (wanted.format, wanted.named));
            assert_eq!(wanted, expected, "{accept}");
        }
    }

    #[test]
    fn a_tag_is_known_quoted_or_not() {
        for (known, matches) in [
            ("abc", true),
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            ("x, abc", true),
            ("*", true),
            ("ab", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(known));
            assert_eq!(tag_matches(&headers, "abc"), matches, "{known}");
        }
    }
}
