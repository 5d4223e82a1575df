//! Replies of the API before they are written: data, and how long it may be kept (docs/protocol.md §3,
//! "Caching").

use axum::{body::Body, response::Response};
use bytes::Bytes;
use hexide_core::hex;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{clock::Moment, shelf::Weighed, wire::Format};

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
    /// The value of `cache-control`.
    #[must_use]
    pub fn header(self) -> HeaderValue {
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
    body: Content,
    cache: Cache,
    headers: Vec<(HeaderName, String)>,
    etag: bool,
}

#[derive(Clone, Debug)]
enum Content {
    Nothing,
    Data(Value),
    Rendered(Rendered),
}

/// Data, written.
#[derive(Clone, Debug)]
struct Rendered {
    format: Format,
    bytes: Bytes,
    etag: Option<String>,
}

impl Rendered {
    fn new(data: &Value, format: Format, tagged: bool) -> Self {
        // Of the data, not of its format: one tag for all formats, as on hexpm, and unquoted.
        let text = (tagged || format == Format::Json).then(|| Bytes::from(data.to_string()));
        let etag = text.as_ref().filter(|_| tagged).map(|text| {
            let digest: [u8; 32] = Sha256::digest(text).into();
            hex::lower(&digest).chars().take(32).collect()
        });
        let bytes = match (format, text) {
            (Format::Json, Some(text)) => text,
            _ => format.render(data),
        };
        Self { format, bytes, etag }
    }
}

impl Reply {
    fn new(status: StatusCode, body: Content) -> Self {
        Self { status, body, cache: Cache::Private, headers: Vec::new(), etag: false }
    }
    fn with_data(status: StatusCode, data: &impl Serialize) -> Self {
        match serde_json::to_value(data) {
            Ok(data) => Self::new(status, Content::Data(data)),
            Err(error) => {
                tracing::error!(%error, "a reply could not be written");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, Content::Nothing)
            }
        }
    }
    /// 200 with data.
    pub fn ok(data: &impl Serialize) -> Self {
        Self::with_data(StatusCode::OK, data)
    }
    /// 200 without data.
    pub fn empty() -> Self {
        Self::new(StatusCode::OK, Content::Nothing)
    }
    /// 201 with data, and where it is found from now on.
    pub fn created(data: &impl Serialize, location: String) -> Self {
        Self::with_data(StatusCode::CREATED, data).header(header::LOCATION, location)
    }
    /// 201 without data.
    pub fn created_at(location: String) -> Self {
        Self::new(StatusCode::CREATED, Content::Nothing).header(header::LOCATION, location)
    }
    /// 204.
    pub fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Content::Nothing)
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

    /// With its data written in that format already, for whoever keeps it.
    #[must_use]
    pub fn rendered(mut self, format: Format) -> Self {
        if let Content::Data(data) = &self.body {
            self.body = Content::Rendered(Rendered::new(data, format, self.etag));
        }
        self
    }

    /// Writes it in that format, for a request with that head.
    #[must_use]
    pub fn write(self, format: Format, request: &HeaderMap) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, self.cache.header());
        headers.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        let Rendered { format, bytes, etag } = match self.body {
            Content::Nothing => return response,
            Content::Data(data) => Rendered::new(&data, format, self.etag),
            Content::Rendered(rendered) => rendered,
        };
        if let Some(tag) = etag {
            if let Ok(value) = HeaderValue::from_str(&tag) {
                headers.insert(header::ETAG, value);
            }
            if tag_matches(request, &tag) {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                return response;
            }
        }
        format.send(&mut response, bytes);
        response
    }
}

impl Weighed for Reply {
    fn bytes(&self) -> usize {
        match &self.body {
            Content::Rendered(rendered) => rendered.bytes.len(),
            Content::Data(_) | Content::Nothing => 0,
        }
    }
}

/// Whether `if-none-match` names this tag; quotes and the mark of weakness do not count.
pub fn tag_matches(request: &HeaderMap, tag: &str) -> bool {
    let bare = |text: &str| text.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    let tags = request.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(',')).map(bare).any(|known| known == "*" || known == bare(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

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
