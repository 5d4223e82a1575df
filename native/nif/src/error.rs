//! Failures as terms: `{error, {Code, Details}}`.

use hexide_core::{Code, Error};
use rustler::{Atom, Encoder, Env, Term};

use crate::term::{self, Typed};

mod atoms {
    rustler::atoms! { ok, error, message, status, errors, url, retry_after, path, key, limit, expected, actual, reason }
}

/// A failure on its way to Erlang: the code, and a map of the message and what applies besides.
pub struct Failure<'e>(pub &'e Error);

impl Encoder for Failure<'_> {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let Error { code, message, details } = self.0;
        let text = |text: &Option<String>| text.as_deref().map(|text| term::text(env, text));
        let pairs = [
            (atoms::message(), Some(term::text(env, message))),
            (atoms::status(), details.status.map(|status| status.encode(env))),
            (atoms::errors(), details.errors.as_ref().map(|errors| Typed(errors).encode(env))),
            (atoms::url(), text(&details.url)),
            (atoms::retry_after(), details.retry_after.map(|seconds| seconds.encode(env))),
            (atoms::path(), text(&details.path)),
            (atoms::key(), text(&details.key)),
            (atoms::limit(), details.limit.map(|bytes| bytes.encode(env))),
            (atoms::expected(), text(&details.expected)),
            (atoms::actual(), text(&details.actual)),
            (atoms::reason(), text(&details.reason)),
        ];
        let present: Vec<_> = pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        (atoms::error(), (atom(env, *code), term::map(env, &present))).encode(env)
    }
}

/// The code as an atom. The list is closed, so this makes no atom from outside data.
fn atom(env: Env<'_>, code: Code) -> Atom {
    term::atom(env, code.name()).unwrap_or_else(|_| atoms::error())
}

/// Every code there is, so that a test can demand a sentence for each.
#[rustler::nif]
fn error_codes(env: Env<'_>) -> Vec<Atom> {
    Code::ALL.iter().map(|code| atom(env, *code)).collect()
}

/// The result of a NIF that answers at once: `{ok, Value}` or `{error, {Code, Details}}`.
pub fn outcome<'a, T>(
    env: Env<'a>,
    result: hexide_core::Result<T>,
    encode: impl FnOnce(T) -> Term<'a>,
) -> Term<'a> {
    match result {
        Ok(value) => (atoms::ok(), encode(value)).encode(env),
        Err(error) => Failure(&error).encode(env),
    }
}
