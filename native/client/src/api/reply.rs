//! What a reply means: the one road from HTTP statuses to errors, and from JSON to values.

use hexide_core::{Code, Error, Result};
use http::{
    StatusCode,
    header::{CONTENT_TYPE, WWW_AUTHENTICATE},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};

use crate::{
    credentials::Purpose,
    redaction::Redaction,
    transport::{Reply, wait_asked_for},
};

/// How much of a server's own text goes into a message.
const LONGEST_TEXT: usize = 500;

/// How deep field errors are followed; the genuine ones are nested twice at the most.
const DEEPEST: usize = 8;

/// Takes a reply that is a success (or "not modified"), and makes an error of any other
/// (docs/protocol.md §3, "Errors", "Authorization", "Two-factor").
///
/// # Errors
/// Every code that a status stands for.
pub(crate) fn check(purpose: Purpose, reply: &Reply, redaction: &Redaction<'_>) -> Result<()> {
    let status = reply.status;
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(());
    }
    let mut body: Option<Value> =
        if is_json(reply.header(CONTENT_TYPE)) { serde_json::from_slice(&reply.body).ok() } else { None };
    // Before anything is shortened: the half of a secret would not be known for one.
    body.iter_mut().for_each(|body| redaction.value(body));
    let granting = purpose == Purpose::Grant;
    let errors = body.as_ref().and_then(|body| body.get("errors")).filter(|errors| !errors.is_null());
    let reason =
        body.as_ref().and_then(|body| body.get("error")).and_then(Value::as_str).filter(|_| granting);
    let code = match reason {
        Some(reason) => grant_code(reason).unwrap_or_else(|| code(purpose, reply, errors)),
        None => code(purpose, reply, errors),
    };
    Err(Error::new(code, message(purpose, reply, code, body.as_ref(), errors)).with(|d| {
        d.status = Some(status.as_u16());
        d.reason = reason.map(plain);
        d.key = (granting && code == Code::BadConfig).then(|| "oauth_client_id".to_owned());
        d.url = Some(reply.url.clone());
        d.errors = errors.cloned();
        d.retry_after = match code {
            Code::RateLimited | Code::Server => wait_asked_for(&reply.headers),
            _ => None,
        };
    }))
}

fn code(purpose: Purpose, reply: &Reply, errors: Option<&Value>) -> Code {
    match reply.status.as_u16() {
        401 if challenged(purpose, reply, "totp_required") => Code::OtpRequired,
        401 if challenged(purpose, reply, "invalid_totp") => Code::OtpInvalid,
        401 => Code::Unauthorized,
        // The repository host answers 403 for what does not exist (docs/protocol.md §2).
        403 => match purpose {
            Purpose::Api | Purpose::Grant => Code::Forbidden,
            Purpose::Repository => Code::NotFound,
        },
        404 | 410 => Code::NotFound,
        408 => Code::Timeout,
        413 => Code::TooLarge,
        422 if wants_replace(errors) => Code::AlreadyPublished,
        429 => Code::RateLimited,
        400..500 => Code::Invalid,
        500..600 => Code::Server,
        _ => Code::Protocol,
    }
}

/// Whether the API says this about the two-factor code (docs/protocol.md §3, "Two-factor"). A reply may hold
/// several challenges. A repository, which never gets a code, cannot ask for one.
fn challenged(purpose: Purpose, reply: &Reply, error: &str) -> bool {
    let challenges = reply.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let parameters = challenges.flat_map(|challenge| challenge.split([',', ' ']));
    let mut errors = parameters.filter_map(|parameter| parameter.trim().strip_prefix("error="));
    purpose == Purpose::Api && errors.any(|found| found.trim_matches('"') == error)
}

/// What a failure of OAuth means (RFC 6749 section 5.2, RFC 8628 section 3.5), whatever its status.
fn grant_code(reason: &str) -> Option<Code> {
    match reason {
        "access_denied" => Some(Code::Forbidden),
        "expired_token" | "invalid_grant" => Some(Code::Unauthorized),
        "invalid_client" | "unauthorized_client" => Some(Code::BadConfig),
        "invalid_scope" => Some(Code::Invalid),
        "unsupported_grant_type" | "unsupported_response_type" | "unsupported_token_type" => {
            Some(Code::Protocol)
        }
        _ => None,
    }
}

/// Whether the field errors say that the release exists (seen: n 25 of the recordings).
fn wants_replace(errors: Option<&Value>) -> bool {
    let field = errors.and_then(|errors| errors.get("inserted_at")).and_then(Value::as_str);
    field.is_some_and(|text| text.contains("must include the --replace flag"))
}

fn message(
    purpose: Purpose,
    reply: &Reply,
    code: Code,
    body: Option<&Value>,
    errors: Option<&Value>,
) -> String {
    let status = reply.status.as_u16();
    let url = &reply.url;
    if purpose == Purpose::Repository && code == Code::NotFound {
        return format!("{url} does not exist, or may not be seen with these credentials (status {status})");
    }
    let mut fields = Vec::new();
    if let Some(errors) = errors {
        flatten(&mut Vec::new(), errors, &mut fields);
    }
    let said = |key: &str| body.and_then(|body| body.get(key)).and_then(Value::as_str);
    // OAuth's failures have names of their own.
    let text = said("message").or_else(|| said("error_description")).or_else(|| said("error"));
    let host = host(url);
    match (code, text) {
        (Code::NotFound, _) if purpose == Purpose::Grant => {
            format!("{url} does not exist: this registry has no browser login; use an API key")
        }
        (Code::AlreadyPublished, _) => {
            "This version is published already; replacing it has to be asked for".to_owned()
        }
        (_, _) if !fields.is_empty() => format!("{host} refused the request: {}", plain(&fields.join("; "))),
        (Code::NotFound, _) if body.is_some() => format!("{url} does not exist, or may not be seen"),
        (_, Some(text)) => format!("{host} answered {status} to {url}: {}", plain(text)),
        (_, None) => {
            let kind = content_type(reply);
            format!(
                "{url} answered {status} with {kind} and no message; is it the address of a Hex registry?"
            )
        }
    }
}

/// Field errors as `field.field text`, whatever their nesting; they may also be one plain string.
fn flatten<'a>(path: &mut Vec<&'a str>, errors: &'a Value, into: &mut Vec<String>) {
    match errors {
        Value::Object(fields) if path.len() < DEEPEST => {
            for (name, value) in fields {
                path.push(name);
                flatten(path, value, into);
                path.pop();
            }
        }
        Value::Array(values) if path.len() < DEEPEST => {
            // A list has no names; its depth counts all the same.
            path.push("");
            values.iter().for_each(|value| flatten(path, value, into));
            path.pop();
        }
        Value::Null => {}
        value => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let names: Vec<_> = path.iter().copied().filter(|name| !name.is_empty()).collect();
            into.push(if names.is_empty() { text } else { format!("{} {text}", names.join(".")) });
        }
    }
}

/// A server's text within a sentence of ours: one line, bounded, without its full stop.
fn plain(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_TEXT).collect();
    text.trim().trim_end_matches('.').to_owned()
}

fn host(url: &str) -> String {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| "The server".to_owned())
}

/// Whether a content type is one of the API's JSON types.
pub(crate) fn is_json(content_type: Option<&str>) -> bool {
    let kind = content_type.and_then(|text| text.split(';').next()).map(str::trim).unwrap_or_default();
    kind.eq_ignore_ascii_case("application/json") || kind.eq_ignore_ascii_case("application/vnd.hex+json")
}

/// The content type for a message. A long one is none, and is not shortened either: a piece of a secret
/// that is repeated there would not be known for one.
fn content_type(reply: &Reply) -> String {
    let kind = reply.header(CONTENT_TYPE).filter(|kind| kind.len() <= LONGEST_TEXT);
    kind.map_or_else(|| "no content type".to_owned(), plain)
}

/// The failure of a successful reply that is not JSON.
pub(crate) fn not_json(reply: &Reply) -> Error {
    let (url, status, kind) = (&reply.url, reply.status.as_u16(), content_type(reply));
    let message =
        format!("{url} answered {status} with {kind} where JSON was expected; is it a Hex registry?");
    senseless(reply, message)
}

/// Reads the JSON of a reply.
///
/// # Errors
/// `protocol`.
pub(crate) fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T> {
    serde_json::from_slice(&reply.body).map_err(|error| {
        let why = shape(&error);
        senseless(reply, format!("{} {} answered JSON that makes no sense: {why}", reply.method, reply.url))
    })
}

/// What is wrong with JSON, without its content: a reply may hold a secret, in an unexpected place, too.
fn shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // These two name our own fields and nothing of the reply.
    if text.starts_with("missing field") || text.starts_with("duplicate field") {
        return text;
    }
    let what = match error.classify() {
        Category::Data => "a value of another type than expected",
        Category::Eof => "it ends too early",
        Category::Syntax | Category::Io => "it is no JSON",
    };
    format!("{what} at line {} column {}", error.line(), error.column())
}

fn senseless(reply: &Reply, message: String) -> Error {
    Error::new(Code::Protocol, message).with(|d| {
        d.status = Some(reply.status.as_u16());
        d.url = Some(reply.url.clone());
    })
}
