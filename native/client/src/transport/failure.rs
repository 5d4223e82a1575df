//! From the HTTP library's failures to ours.

use std::{error::Error as StdError, io, time::Duration};

use hexide_core::{Code, Error};

/// What a failed exchange with `url` means.
pub(super) fn of(error: &reqwest::Error, url: &str) -> Error {
    let (code, what) = if error.is_timeout() {
        (Code::Timeout, "no connection could be made in time")
    } else if cause::<rustls::Error>(error).is_some() {
        (Code::Tls, "the connection could not be secured")
    } else if error.is_dns() {
        (Code::Connect, "the host name could not be resolved")
    } else if error.is_connect() {
        (Code::Connect, "no connection could be made")
    } else if cause::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        (Code::Protocol, "the peer's answer is not HTTP")
    } else if error.is_builder() {
        (Code::Protocol, "the request could not be made")
    } else {
        (Code::Connect, "the connection broke")
    };
    let reason = deepest(error);
    failed(code, format!("{what} ({reason})"), url)
}

/// The peer was silent for longer than allowed.
pub(super) fn silent(limit: Duration, url: &str) -> Error {
    failed(Code::Timeout, format!("nothing was heard for {} seconds", limit.as_secs_f64()), url)
}

/// The whole took longer than allowed.
pub(super) fn overdue(limit: Duration, url: &str) -> Error {
    failed(Code::Timeout, format!("the exchange took longer than {} seconds", limit.as_secs()), url)
}

/// The reply is larger than it may be.
pub(super) fn too_large(limit: u64, url: &str) -> Error {
    failed(Code::TooLarge, format!("the reply is larger than {limit} bytes"), url).with(|d| {
        d.url = Some(url.to_owned());
        d.limit = Some(limit);
    })
}

/// The peer's reply made no sense.
pub(super) fn senseless(what: &str, url: &str) -> Error {
    failed(Code::Protocol, what.to_owned(), url)
}

/// The library itself could not be set up.
pub(super) fn setup() -> Error {
    Error::new(Code::Tls, "The HTTP client cannot be set up")
}

fn failed(code: Code, what: String, url: &str) -> Error {
    Error::new(code, format!("Asking {url}: {what}")).with(|d| d.url = Some(url.to_owned()))
}

/// The cause of a certain type, wherever in the chain it stands.
fn cause<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        // An I/O error answers `source` with the source of what it wraps, not with what it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        current = match wrapped {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The innermost reason: it names no address, and so no secret.
fn deepest(error: &reqwest::Error) -> String {
    let mut current: &dyn StdError = error;
    while let Some(source) = current.source() {
        current = source;
    }
    if std::ptr::addr_eq(current, error) { "no reason given".to_owned() } else { current.to_string() }
}
