//! The one place that decides which secret a request carries.
//!
//! A secret belongs to one origin: scheme, host and port. The API key and the two-factor code go to the
//! API's origin with API requests, the repository key to the repository's origin with repository
//! requests, and nothing goes anywhere else (docs/protocol.md §6). A request that asks for or returns tokens
//! has its secrets in its body: it goes to the API's origin, carries none besides, and its body is never
//! sent to another origin (see the transport's redirects).

use std::sync::Arc;

use hexide_core::{Code, Error, Result};
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    address::{is_loopback, same_origin},
    config::Config,
    redaction::{self, Redaction},
};

const OTP: HeaderName = HeaderName::from_static("x-hex-otp");

/// What a request is for. One host may serve both, so the origin alone does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The HTTP API.
    Api,
    /// The OAuth part of the API. Secrets are in the bodies of requests and replies, none in a header.
    Grant,
    /// The repository.
    Repository,
}

/// How a secret is presented (docs/protocol.md §3, "Authorization").
#[derive(Clone, Debug)]
pub enum Credential {
    /// A key, sent as it is.
    ApiKey(SecretString),
    /// An OAuth token, sent as `Bearer TOKEN`.
    Bearer(SecretString),
}

impl Credential {
    /// Tells an OAuth token (`Bearer …`, or a JSON Web Token) from a key.
    #[must_use]
    pub fn from_text(secret: &SecretString) -> Self {
        let text = secret.expose_secret();
        match text.strip_prefix("Bearer ") {
            Some(token) => Self::Bearer(SecretString::from(token.to_owned())),
            // Every JSON Web Token begins with the base64 of `{"`, and has three parts.
            None if text.starts_with("eyJ") && text.split('.').count() == 3 => Self::Bearer(secret.clone()),
            None => Self::ApiKey(secret.clone()),
        }
    }

    fn secret(&self) -> &SecretString {
        match self {
            Self::ApiKey(secret) | Self::Bearer(secret) => secret,
        }
    }

    fn header(&self, key: &str) -> Result<HeaderValue> {
        match self {
            Self::ApiKey(secret) => sensitive(secret.expose_secret(), key),
            Self::Bearer(secret) => sensitive(&format!("Bearer {}", secret.expose_secret()), key),
        }
    }
}

/// The secrets of a client, each with the origin it belongs to.
#[derive(Clone, Debug)]
pub struct Credentials {
    api: Arc<Url>,
    api_key: Option<Credential>,
    api_otp: Option<SecretString>,
    repository: Arc<Url>,
    repo_key: Option<Credential>,
    /// What the addresses of proxies hold.
    proxies: Vec<SecretString>,
}

impl Credentials {
    /// Takes the secrets of `config`; the addresses are those of its `api_url` and `repo_url`.
    #[must_use]
    pub fn new(config: &Config, api: Arc<Url>, repository: Arc<Url>) -> Self {
        Self {
            api,
            api_key: config.api_key.as_ref().map(Credential::from_text),
            api_otp: config.api_otp.clone(),
            repository,
            repo_key: config.repo_key.as_ref().map(Credential::from_text),
            proxies: [&config.http_proxy, &config.https_proxy]
                .into_iter()
                .flatten()
                .flat_map(redaction::of_proxy)
                .collect(),
        }
    }

    /// The headers that a request to `url` carries for this purpose; none where the origin is not the
    /// one the secrets belong to.
    ///
    /// # Errors
    /// `bad_config` where a secret would travel in clear text to another machine, or is no header value.
    pub fn headers(&self, purpose: Purpose, url: &Url) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        let (home, home_key, credential, credential_key) = match purpose {
            Purpose::Grant => {
                check_secure(url, "api_url")?;
                return Ok(headers);
            }
            Purpose::Api => (&self.api, "api_url", &self.api_key, "api_key"),
            Purpose::Repository => (&self.repository, "repo_url", &self.repo_key, "repo_key"),
        };
        if !same_origin(home, url) {
            return Ok(headers);
        }
        if let Some(credential) = credential {
            headers.insert(AUTHORIZATION, credential.header(credential_key)?);
        }
        if let (Purpose::Api, Some(otp)) = (purpose, &self.api_otp) {
            headers.insert(OTP, sensitive(otp.expose_secret(), "api_otp")?);
        }
        if !headers.is_empty() {
            check_secure(url, home_key)?;
        }
        Ok(headers)
    }

    /// What hides our secrets, and the one `sent` in the body, where a peer repeats them.
    pub(crate) fn redaction<'a>(&'a self, sent: Option<&'a SecretString>) -> Redaction<'a> {
        let keys = [&self.api_key, &self.repo_key].into_iter().flatten().map(Credential::secret);
        Redaction::of(keys.chain(&self.api_otp).chain(&self.proxies).chain(sent))
    }
}

/// Refuses to send a secret in clear text to another machine.
///
/// # Errors
/// `bad_config` that names the setting `key`.
pub(crate) fn check_secure(url: &Url, key: &str) -> Result<()> {
    if url.scheme() == "https" || is_loopback(url) {
        return Ok(());
    }
    let message = format!("{key} is plain http, so a secret would travel in clear text; use https");
    Err(Error::new(Code::BadConfig, message).with(|d| d.key = Some(key.to_owned())))
}

fn sensitive(text: &str, key: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::new(Code::BadConfig, format!("{key} contains characters that no header may carry"))
            .with(|d| d.key = Some(key.to_owned()))
    })?;
    value.set_sensitive(true);
    Ok(value)
}
