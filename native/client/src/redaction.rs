//! Takes our secrets out of what a peer says, before anybody sees, keeps or shortens it.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use hexide_core::Error;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

/// What is shorter than this is no secret, and hiding it would only garble a message.
const TELLING: usize = 6;

const HIDDEN: &str = "[REDACTED]";

/// The secrets that a peer was told, or may have been.
pub(crate) struct Redaction<'a> {
    secrets: Vec<&'a str>,
}

impl<'a> Redaction<'a> {
    /// Hides these. The longest go first: one may be part of another.
    pub(crate) fn of(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let secrets = secrets.into_iter().map(ExposeSecret::expose_secret);
        let mut secrets: Vec<_> = secrets.filter(|secret| secret.len() >= TELLING).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// Whether one of them is in there.
    pub(crate) fn occurs_in(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        self.secrets.iter().any(|secret| text.contains(secret))
    }

    /// Takes the secrets out of a text.
    pub(crate) fn text(&self, text: &mut String) {
        for secret in &self.secrets {
            if text.contains(secret) {
                *text = text.replace(secret, HIDDEN);
            }
        }
    }

    /// Takes them out of every text within a value; parsed JSON is never deep enough to matter.
    pub(crate) fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Object(fields) => {
                let old = std::mem::take(fields);
                fields.extend(old.into_iter().map(|(mut name, mut value)| {
                    self.text(&mut name);
                    self.value(&mut value);
                    (name, value)
                }));
            }
            _ => {}
        }
    }

    /// Takes them out of a failure: its message and whatever it says besides.
    pub(crate) fn error(&self, mut error: Error) -> Error {
        self.text(&mut error.message);
        let details = &mut *error.details;
        let texts = [
            &mut details.url,
            &mut details.reason,
            &mut details.path,
            &mut details.key,
            &mut details.expected,
            &mut details.actual,
        ];
        texts.into_iter().flatten().for_each(|text| self.text(text));
        details.errors.iter_mut().for_each(|errors| self.value(errors));
        error
    }
}

/// What of a proxy's address is secret: the password, and how a request says it to the proxy (RFC 7617).
/// A name without a password is often a token.
pub(crate) fn of_proxy(address: &SecretString) -> Vec<SecretString> {
    let text = address.expose_secret();
    // `HOST:PORT` alone is customary, and what stands before a colon would be taken for a scheme.
    let address = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let Ok(url) = Url::parse(&address) else { return Vec::new() };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let name = decoded(url.username());
    let secret = url.password().unwrap_or(url.username()).to_owned();
    if secret.is_empty() {
        return Vec::new();
    }
    let password = url.password().map(decoded).unwrap_or_default();
    // Without the padding, which not every program writes.
    let basic = STANDARD_NO_PAD.encode(format!("{name}:{password}"));
    [decoded(&secret), secret, basic].into_iter().map(SecretString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_password_is_hidden_in_every_form_that_a_proxy_sees() {
        for (address, forms) in [
            ("http://joe:p%40ssword@127.0.0.1:1", ["p@ssword", "p%40ssword", "am9lOnBAc3N3b3Jk"]),
            ("http://sometoken@127.0.0.1:1", ["sometoken", "sometoken", "c29tZXRva2VuOg"]),
            ("joe:password@127.0.0.1:1", ["password", "password", "am9lOnBhc3N3b3Jk"]),
        ] {
            let secrets = of_proxy(&address.into());
            let shown: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
            assert_eq!(shown, forms, "{address}");
        }
        assert!(of_proxy(&"http://127.0.0.1:1".into()).is_empty());
    }

    #[test]
    fn a_secret_within_another_leaves_no_rest() {
        let secrets = ["secret".into(), "my secret key".into()];
        let mut text = "it was my secret key".to_owned();
        Redaction::of(&secrets).text(&mut text);
        assert_eq!(text, "it was [REDACTED]");
    }
}
