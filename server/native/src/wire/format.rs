//! The formats that the API speaks, and which of them a request asks for (docs/protocol.md §3, "Formats").

use axum::{body::Body, response::Response};
use bytes::Bytes;
use hexide_core::etf;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

use crate::wire::elixir;

/// The formats of replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl Format {
    /// Writes data.
    #[must_use]
    pub fn render(self, data: &Value) -> Bytes {
        Bytes::from(match self {
            Self::Json => data.to_string().into_bytes(),
            Self::Erlang => etf::encode(&etf::from_json(data)),
            Self::Elixir => elixir::inspect(data).into_bytes(),
        })
    }

    /// Puts what was [`render`](Self::render)ed into a reply.
    pub fn send(self, response: &mut Response, rendered: Bytes) {
        let kind = match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Erlang => "application/vnd.hex+erlang; charset=utf-8",
            Self::Elixir => "application/vnd.hex+elixir; charset=utf-8",
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        *response.body_mut() = Body::from(rendered);
    }
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
}
