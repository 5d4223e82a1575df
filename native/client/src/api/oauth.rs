//! OAuth 2.0: the device flow (RFC 8628), and the grants and revocation of tokens (RFC 6749, RFC 7009),
//! as far as Hex registries speak them (docs/protocol.md §3).
//!
//! None of these requests carries an authorization header, and none is tried again where the server may
//! have received it: a refresh token that is used twice is void.

use std::{collections::BTreeMap, time::Duration};

use hexide_core::{Code, Error, Result};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use tokio::time::Instant;
use url::Url;

use super::Secret;
use crate::{
    client::Client,
    credentials::{Credential, Purpose},
    progress::{Progress, Report},
    transport::Request,
};

/// The grant that asks whether a device was approved (RFC 8628, section 3.4).
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How much slower to ask when told so (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// The slowest that silence of the server makes the asking.
const SLOWEST: Duration = Duration::from_secs(60);

/// A login under way: what to show to the user, and what to ask the server with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// What the server is asked with whether the user approved. A secret.
    pub device_code: Secret,
    /// What the user enters on the page.
    pub user_code: String,
    /// The page where the user enters the code.
    pub verification_uri: String,
    /// The same with the code in it, where the server offers that.
    pub verification_uri_complete: Option<String>,
    /// Seconds until the code ends.
    pub expires_in: u64,
    /// Seconds to wait between two questions.
    #[serde(default = "usual_interval")]
    pub interval: u64,
}

/// Tokens that stand for a user, or for an API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tokens {
    /// What API requests carry.
    pub access_token: Secret,
    /// What gets the next tokens, once; absent where an API key was exchanged.
    pub refresh_token: Option<Secret>,
    /// Seconds that the access token is good for.
    pub expires_in: u64,
    /// What it may be used for, separated by blanks.
    pub scope: Option<String>,
    /// `bearer`.
    pub token_type: Option<String>,
}

/// What the server says to the question whether the user approved.
#[derive(Clone, Debug, PartialEq)]
pub enum Poll {
    /// Yes.
    Approved(Tokens),
    /// Not yet.
    Pending,
    /// Not yet, and the questions come too fast.
    SlowDown,
}

/// `status` and, where it is `approved`, `tokens`.
impl Serialize for Poll {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (status, tokens) = match self {
            Self::Approved(tokens) => ("approved", Some(tokens)),
            Self::Pending => ("pending", None),
            Self::SlowDown => ("slow_down", None),
        };
        let mut fields = serializer.serialize_struct("Poll", 2)?;
        fields.serialize_field("status", status)?;
        fields.serialize_field("tokens", &tokens)?;
        fields.end()
    }
}

/// Begins a login. `name` is what the user will see this session called.
///
/// # Errors
/// `invalid` for a scope that does not exist, `bad_config` for an unknown `oauth_client_id`, `protocol`
/// where the server's answer could not be shown to a user, and those of every request.
pub async fn start(client: &Client, scope: &str, name: Option<&str>) -> Result<Device> {
    let fields = [Some(("scope", scope)), name.map(|name| ("name", name))];
    let request = grant(client, "device_authorization", fields.into_iter().flatten(), None)?;
    let device: Device = client.ask(request).await?;
    check_shown(client, &device)?;
    Ok(device)
}

/// Asks once whether the user approved.
///
/// # Errors
/// `forbidden` where the user refused, `unauthorized` where the code ended or is unknown (both with the
/// standard's name in `reason`), `bad_config` for an unknown `oauth_client_id`, and those of every
/// request.
pub async fn poll(client: &Client, device_code: &SecretString) -> Result<Poll> {
    match token(client, &[("grant_type", DEVICE_CODE)], ("device_code", device_code)).await {
        Ok(tokens) => Ok(Poll::Approved(tokens)),
        Err(error) => match error.details.reason.as_deref() {
            Some("authorization_pending") => Ok(Poll::Pending),
            Some("slow_down") => Ok(Poll::SlowDown),
            _ => Err(error),
        },
    }
}

/// Asks as often as the server allows until the user has decided or the code ends. Failures of the
/// connection and of the server are waited out. Each question is reported, in seconds of the code's life.
///
/// # Errors
/// Those of [`poll`]; `unauthorized` with the reason `expired_token` when the time is up, or the last
/// failure where the server could not be asked then.
pub async fn wait(client: &Client, device: &Device, progress: Option<&Progress>) -> Result<Tokens> {
    let begun = Instant::now();
    let device_code = SecretString::from(device.device_code.expose().to_owned());
    let mut pace = Pace::new(device);
    let mut outcome = Ok(Poll::Pending);
    while let Some(pause) = pace.next(&outcome, begun.elapsed()) {
        tokio::time::sleep(pause).await;
        if let Some(progress) = progress {
            let (done, total) = (begun.elapsed().as_secs(), Some(device.expires_in));
            progress.report(Report { phase: "approval", done, total, item: None });
        }
        outcome = poll(client, &device_code).await;
        match outcome {
            Ok(Poll::Approved(tokens)) => return Ok(tokens),
            Err(error) if !passes(&error) => return Err(error),
            _ => {}
        }
    }
    outcome.and_then(|_| {
        let message = format!("The login was not approved within {} seconds", device.expires_in);
        Err(Error::new(Code::Unauthorized, message).with(|d| d.reason = Some("expired_token".to_owned())))
    })
}

/// Gets new tokens for a refresh token, which is void from then on.
///
/// # Errors
/// `unauthorized` with the reason `invalid_grant` where it was used, revoked or has ended; `connect` and
/// `timeout` leave open whether it is void; and those of every request.
pub async fn refresh(client: &Client, refresh_token: &SecretString) -> Result<Tokens> {
    token(client, &[("grant_type", "refresh_token")], ("refresh_token", refresh_token)).await
}

/// Gets a short-lived token for the configured API key.
///
/// # Errors
/// `bad_config` where `api_key` is no key, `invalid` for a scope beyond what the key may do,
/// `unauthorized` for a key, or a client id, that the server does not know, and those of every request.
pub async fn exchange(client: &Client, scope: &str) -> Result<Tokens> {
    let Some(Credential::ApiKey(key)) = client.config.api_key.as_ref().map(Credential::from_text) else {
        return Err(Error::new(Code::BadConfig, "api_key holds no API key that could be exchanged")
            .with(|d| d.key = Some("api_key".to_owned())));
    };
    let fields = [("grant_type", "client_credentials"), ("scope", scope)];
    let outcome = token(client, &fields, ("client_secret", &key)).await;
    // What the server calls the client's secret is the key here, so the setting is the lesser suspect.
    outcome.map_err(|error| match error.code {
        Code::BadConfig if error.details.status.is_some() => {
            Error { code: Code::Unauthorized, ..error }.with(|d| d.key = None)
        }
        _ => error,
    })
}

/// Ends the session that a token belongs to. An unknown token is no failure (RFC 7009, section 2.2).
///
/// # Errors
/// `bad_config` for an unknown `oauth_client_id`, and those of every request.
pub async fn revoke(client: &Client, token: &SecretString) -> Result<()> {
    client.call(grant(client, "revoke", [], Some(("token", token)))?).await.map(drop)
}

async fn token(client: &Client, fields: &[(&str, &str)], secret: (&str, &SecretString)) -> Result<Tokens> {
    client.ask(grant(client, "token", fields.iter().copied(), Some(secret))?).await
}

/// A request with these fields and the client id, and no credential besides.
fn grant<'a>(
    client: &'a Client,
    endpoint: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    secret: Option<(&'a str, &'a SecretString)>,
) -> Result<Request> {
    let client_id = ("client_id", client.config.oauth_client_id.as_str());
    let hidden = secret.map(|(name, secret)| (name, secret.expose_secret()));
    let body: BTreeMap<_, _> = fields.into_iter().chain([client_id]).chain(hidden).collect();
    let request = client.api(Method::POST, &["oauth", endpoint])?.json(&body)?;
    Ok(Request { purpose: Purpose::Grant, secret: secret.map(|(_, secret)| secret.clone()), ..request })
}

/// Refuses what must not be printed on a terminal or given to a browser: it comes from outside.
fn check_shown(client: &Client, device: &Device) -> Result<()> {
    // Reading an address forgives blanks and control characters, which a terminal does not.
    let plain = |address: &str| address.chars().all(|c| c.is_ascii_graphic());
    let page = |address: &str| {
        plain(address) && Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    };
    let pages = [Some(&device.verification_uri), device.verification_uri_complete.as_ref()];
    let pages = pages.into_iter().flatten().all(|address| page(address));
    let code = device.user_code.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if pages && code && !device.user_code.is_empty() {
        return Ok(());
    }
    let what = if pages { "a code that cannot be shown" } else { "an address that is no web page" };
    Err(Error::new(Code::Protocol, format!("{} answered a login with {what}", client.api))
        .with(|d| d.url = Some(client.api.to_string())))
}

fn usual_interval() -> u64 {
    5
}

/// Whether a failure says nothing about the login, so that asking again makes sense.
fn passes(error: &Error) -> bool {
    matches!(error.code, Code::Connect | Code::Timeout | Code::RateLimited | Code::Server)
}

/// When to ask next.
struct Pace {
    interval: Duration,
    life: Duration,
}

impl Pace {
    fn new(device: &Device) -> Self {
        // A server that names no pause would otherwise be asked without one.
        Self {
            interval: Duration::from_secs(device.interval.max(1)),
            life: Duration::from_secs(device.expires_in),
        }
    }

    /// The pause before the next question, after this answer; `None` where the code will have ended.
    fn next(&mut self, outcome: &Result<Poll>, elapsed: Duration) -> Option<Duration> {
        let mut pause = self.interval;
        match outcome {
            Ok(Poll::SlowDown) => {
                self.interval = self.interval.saturating_add(SLOWER);
                pause = self.interval;
            }
            // A server that does not answer in time is asked half as often (RFC 8628, section 3.5).
            Err(error) if error.code == Code::Timeout => {
                self.interval = self.interval.saturating_mul(2).min(SLOWEST.max(self.interval));
                pause = self.interval;
            }
            Err(error) => pause = pause.max(Duration::from_secs(error.details.retry_after.unwrap_or(0))),
            Ok(_) => {}
        }
        (elapsed.saturating_add(pause) < self.life).then_some(pause)
    }
}

#[cfg(test)]
mod tests;
