//! `/api/oauth`: devices ask to be signed in and get their tokens.

use std::{sync::Arc, time::Duration};

use axum::{Extension, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    app::App,
    clock::Moment,
    identity::{
        Requester, authenticate,
        oauth::{Fresh, device_code, user_code},
        reach, scope,
    },
    secret,
    store::{Key, NewDevice, NewTokens, Refusal, SessionLimits},
    wire::{Cache, Field, HttpError, Reply, Upload, elixir},
};

const BEARER: &str = "bearer";
/// A name longer than this is no machine's.
const NAME: usize = 255;

/// What a device asks for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct DeviceQuestion {
    client_id: Field<String>,
    scope: Field<String>,
    name: Field<String>,
}

/// What a device shows, and with what it asks for its tokens.
#[derive(Serialize)]
struct DeviceAnswer<'a> {
    device_code: &'a str,
    user_code: &'a str,
    verification_uri: &'a str,
    verification_uri_complete: String,
    expires_in: u64,
    interval: u32,
}

/// What is exchanged for tokens; which of it is there depends on the grant.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenQuestion {
    /// As it was given: the refusal shows it.
    grant_type: Value,
    client_id: Field<String>,
    device_code: Field<String>,
    refresh_token: Field<String>,
    client_secret: Field<String>,
    scope: Field<String>,
}

/// Tokens (RFC 6749 §5.1).
#[derive(Serialize)]
struct TokenAnswer<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
}

impl TokenAnswer<'_> {
    fn reply(&self) -> Reply {
        Reply::ok(self).cached(Cache::Never)
    }
}

/// What is to end.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Revocation {
    token: Field<String>,
    client_id: Field<String>,
}

/// POST `/oauth/device_authorization` (RFC 8628 §3.1)
pub async fn device(
    State(app): State<Arc<App>>,
    requester: Requester,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let question: DeviceQuestion = upload.params().await?;
    let client_id = client(&app, &question.client_id)?;
    let scopes = question.scope.text().and_then(scope::parse).filter(|scopes| !scopes.is_empty());
    let scopes = scopes.ok_or_else(|| HttpError::oauth("invalid_scope", "Invalid scope"))?;
    let name = question.name.text().map(|name| name.chars().filter(|c| !c.is_control()).take(NAME).collect());
    let code = device_code()?;
    let device = NewDevice {
        client_id,
        scopes,
        name,
        user_code: user_code()?,
        code_hash: secret::hash_key(&code),
        ip: requester.ip,
        user_agent: requester.user_agent,
        expires_at: after(&app, app.oauth.device_lifetime),
    };
    let device = app.store.create_device(device).await?;
    let address = format!("{}/oauth/device", app.urls.base);
    let answer = DeviceAnswer {
        device_code: code.as_str(),
        user_code: &device.user_code,
        verification_uri: &address,
        verification_uri_complete: format!("{address}?user_code={}", device.user_code),
        expires_in: app.oauth.device_lifetime.as_secs(),
        interval: app.oauth.interval,
    };
    Ok(Reply::ok(&answer).cached(Cache::Never))
}

/// POST `/oauth/token` (RFC 6749 §3.2)
pub async fn token(
    State(app): State<Arc<App>>,
    requester: Requester,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let question: TokenQuestion = upload.params().await?;
    match question.grant_type.as_str() {
        Some("urn:ietf:params:oauth:grant-type:device_code") => device_grant(&app, &question).await,
        Some("refresh_token") => refresh_grant(&app, &question).await,
        Some("client_credentials") => key_grant(&app, &question, &requester).await,
        _ => {
            let shown = elixir::inspect(&question.grant_type);
            let shown: String = shown.chars().take(100).collect();
            let description = format!("Unsupported grant type: {shown}");
            Err(HttpError::oauth("unsupported_grant_type", description))
        }
    }
}

/// A device asks whether it is approved.
async fn device_grant(app: &App, question: &TokenQuestion) -> Result<Reply, HttpError> {
    let client_id = client(app, &question.client_id)?;
    let invalid = || HttpError::oauth("invalid_grant", "Invalid device code");
    let hash = secret::hash_key(question.device_code.text().ok_or_else(invalid)?);
    let limits = SessionLimits { interval: app.oauth.interval, most: app.oauth.sessions };
    let fresh = Pair::new(app)?;
    let granted = app.store.begin_session(hash, client_id, fresh.tokens(), limits).await?;
    let granted = granted.map_err(|refusal| match refusal {
        Refusal::Unknown | Refusal::Revoked => invalid(),
        Refusal::OtherClient => HttpError::oauth("invalid_client", "Invalid client"),
        Refusal::Pending => HttpError::oauth("authorization_pending", "Authorization pending"),
        Refusal::TooFast => HttpError::oauth("slow_down", "Polling too frequently"),
        Refusal::Expired => HttpError::oauth("expired_token", "Device code has expired"),
        Refusal::Denied => HttpError::oauth("access_denied", "Authorization denied by user"),
    })?;
    Ok(fresh.reply(app, &granted.scopes))
}

/// A session is renewed.
async fn refresh_grant(app: &App, question: &TokenQuestion) -> Result<Reply, HttpError> {
    let client_id = client(app, &question.client_id)?;
    let missing = || HttpError::oauth("invalid_grant", "Missing refresh token");
    let hash = secret::hash_key(question.refresh_token.text().ok_or_else(missing)?);
    let fresh = Pair::new(app)?;
    let granted = app.store.renew_session(hash, client_id, fresh.tokens()).await?;
    let granted = granted.map_err(|refusal| {
        let description = match refusal {
            Refusal::Revoked => "Refresh token has been revoked",
            Refusal::Expired => "Refresh token has expired",
            _ => "Invalid refresh token",
        };
        HttpError::oauth("invalid_grant", description)
    })?;
    Ok(fresh.reply(app, &granted.scopes))
}

/// A key is exchanged for a token that lives shortly.
async fn key_grant(app: &App, question: &TokenQuestion, requester: &Requester) -> Result<Reply, HttpError> {
    client(app, &question.client_id)?;
    let missing = || HttpError::oauth("invalid_request", "Missing or invalid client_secret");
    let key = secret::hash_key(question.client_secret.text().ok_or_else(missing)?);
    let caller = authenticate::by_key(app, key, requester).await.map_err(|error| match error.status {
        StatusCode::UNAUTHORIZED => HttpError::oauth("invalid_client", "Invalid API key"),
        _ => error,
    })?;
    let exceed = || HttpError::oauth("invalid_scope", "Requested scopes exceed API key permissions");
    let key = caller.key.as_ref().ok_or_else(exceed)?;
    let scopes = match &question.scope {
        Field::Absent | Field::Null => key.permissions.iter().map(scope::of_permission).collect(),
        Field::Unreadable => return Err(exceed()),
        Field::Given(wished) => scope::parse(wished).ok_or_else(exceed)?,
    };
    if scopes.is_empty() || !scopes.iter().all(|scope| covers(key, scope)) {
        return Err(exceed());
    }
    // The names of others' repositories are not to be tried out here either.
    for name in scopes.iter().filter_map(|scope| scope.strip_prefix("repository:")) {
        app.repository(Some(&caller), Some(name.to_owned())).await.map_err(|_| exceed())?;
    }
    let fresh = Fresh::access(after(app, app.oauth.access_lifetime))?;
    let granted = app.store.create_key_token((key.id, caller.id()), fresh.token, scopes).await?;
    let answer = TokenAnswer {
        access_token: fresh.text.as_str(),
        refresh_token: None,
        token_type: BEARER,
        expires_in: app.oauth.access_lifetime.as_secs(),
        scope: granted.scopes.join(" "),
    };
    Ok(answer.reply())
}

/// Whether the permissions of a key cover a scope.
fn covers(key: &Key, scope: &str) -> bool {
    let Some(wished) = scope::permission(scope) else { return false };
    // Whoever may write may do everything.
    let resource = match wished.domain.as_str() {
        "api" => Some(wished.resource.as_deref().unwrap_or("write")),
        _ => wished.resource.as_deref(),
    };
    reach(&key.permissions, &wished.domain, resource)
}

/// POST `/oauth/revoke` (RFC 7009): 200 whatever was shown.
pub async fn revoke(
    State(app): State<Arc<App>>,
    requester: Requester,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let revocation: Revocation = upload.params().await?;
    if let Some(token) = revocation.token.text() {
        let client_id = revocation.client_id.text().map(str::to_owned);
        app.store.revoke_token(secret::hash_key(token), client_id, requester.user_agent).await?;
    }
    Ok(Reply::empty().cached(Cache::Never))
}

/// The program that asks.
fn client(app: &App, id: &Field<String>) -> Result<String, HttpError> {
    let id = id.text().ok_or_else(|| HttpError::oauth("invalid_client", "Missing client_id"))?;
    if app.oauth.client(id).is_some() {
        return Ok(id.to_owned());
    }
    // hexpm looks programs up by UUID, and stumbles over anything else.
    if is_uuid(id) {
        Err(HttpError::oauth("invalid_client", "Invalid client"))
    } else {
        Err(HttpError::bad_request("Bad request"))
    }
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| part.bytes().all(|c| c.is_ascii_hexdigit()))
}

fn after(app: &App, time: Duration) -> Moment {
    let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    Moment(app.clock.now().0.saturating_add(micros))
}

/// The tokens of a session.
struct Pair {
    access: Fresh,
    refresh: Fresh,
}

impl Pair {
    fn new(app: &App) -> Result<Self, HttpError> {
        let access = Fresh::access(after(app, app.oauth.access_lifetime))?;
        let refresh = Fresh::refresh(after(app, app.oauth.refresh_lifetime))?;
        Ok(Self { access, refresh })
    }

    fn tokens(&self) -> NewTokens {
        NewTokens { access: self.access.token, refresh: self.refresh.token }
    }

    fn reply(&self, app: &App, scopes: &[String]) -> Reply {
        let answer = TokenAnswer {
            access_token: self.access.text.as_str(),
            refresh_token: Some(self.refresh.text.as_str()),
            token_type: BEARER,
            expires_in: app.oauth.access_lifetime.as_secs(),
            scope: scopes.join(" "),
        };
        answer.reply()
    }
}
