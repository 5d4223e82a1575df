//! Finds out who is asking (docs/protocol.md §3, "Authorization").

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::{Engine as _, engine::general_purpose::STANDARD_PAD_INDIFFERENT};
use http::{HeaderMap, HeaderName, StatusCode, header, request::Parts};

use crate::{
    app::App,
    clock::Moment,
    identity::{
        AnyCaller, Caller, Requester, Visitor, oauth,
        requester::requester,
        scope,
        second_factor::{self, Verdict},
    },
    secret,
    store::{KeyUse, Permission, Principal, TokenSource, User},
    wire::HttpError,
};

/// A last use is written at most once a minute while neither address nor client change: a key in
/// constant use must not cost a write for each request.
const USE_NOTED_EVERY: i64 = 60;

/// The code of a second factor.
const OTP: HeaderName = HeaderName::from_static("x-hex-otp");

/// What became of the credentials of a request: looked at once, by whoever asks first.
#[derive(Clone, Debug)]
pub struct Identity(pub Result<Option<AnyCaller>, HttpError>);

impl FromRequestParts<Arc<App>> for AnyCaller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        identity(parts, app).await.0?.ok_or_else(HttpError::unknown_caller)
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        let caller = AnyCaller::from_request_parts(parts, app).await?;
        if caller.is_active() { Ok(Self(caller)) } else { Err(HttpError::forbidden("email not verified")) }
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        identity(parts, app).await.0.map(Self)
    }
}

/// Looks at the credentials of a request, unless that was done before.
pub async fn identity(parts: &mut Parts, app: &App) -> Identity {
    if let Some(known) = parts.extensions.get::<Identity>() {
        return known.clone();
    }
    let identity = Identity(identify(parts, app).await);
    parts.extensions.insert(identity.clone());
    identity
}

async fn identify(parts: &Parts, app: &App) -> Result<Option<AnyCaller>, HttpError> {
    let Some(shown) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let shown = shown.to_str().map_err(|_| HttpError::unauthorized("invalid API key"))?;
    let requester = requester(parts, app);
    let scheme = shown.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    if let Some((_, credentials)) = scheme {
        let user = by_password(app, credentials).await?;
        let (user_id, principal) = (user.id, Principal::User(user));
        let user_agent = requester.user_agent;
        let caller = AnyCaller { principal, key: None, scopes: None, user_agent };
        // A password alone must not make a key that needs no second factor.
        if !parts.method.is_safe() && app.store.two_factor(user_id).await?.is_some() {
            second_factor(app, &caller, &parts.headers).await?;
        }
        return Ok(Some(caller));
    }
    match oauth::shown_token(shown) {
        Some(token) => by_token(app, parts, token, requester).await.map(Some),
        None => by_key(app, secret::hash_key(shown), &requester).await.map(Some),
    }
}

/// For whom a key in force stands.
///
/// # Errors
/// 401 where there is no such key, or it is revoked.
pub async fn by_key(app: &App, hash: [u8; 32], requester: &Requester) -> Result<AnyCaller, HttpError> {
    let found = app.store.key_by_secret(hash).await?;
    let (key, principal) = found.ok_or_else(|| HttpError::unauthorized("invalid API key"))?;
    let now = app.clock.now();
    if key.revoke_at.is_some_and(|at| at <= now) {
        return Err(HttpError::unauthorized("API key revoked"));
    }
    if let Some(usage) = worth_noting(key.last_use.as_ref(), requester, now) {
        app.store.key_used(key.id, usage).await?;
    }
    let user_agent = requester.user_agent.clone();
    Ok(AnyCaller { principal, key: Some(key), scopes: None, user_agent })
}

async fn by_token(
    app: &App,
    parts: &Parts,
    token: &str,
    requester: Requester,
) -> Result<AnyCaller, HttpError> {
    let hash = secret::hash_key(token);
    let Some(held) = app.store.access_token(hash).await? else {
        // Some clients show a key of theirs as if it were a token.
        return by_key(app, hash, &requester).await;
    };
    let scopes: Vec<Permission> = held.scopes.iter().filter_map(|scope| scope::permission(scope)).collect();
    let (session, user) = match held.source {
        TokenSource::Session(session) => *session,
        TokenSource::Key(hash) => {
            let mut caller = by_key(app, hash, &requester).await?;
            caller.scopes = Some(scopes);
            return Ok(caller);
        }
    };
    if let Some(usage) = worth_noting(session.last_use.as_ref(), &requester, app.clock.now()) {
        app.store.session_used(session.id, usage).await?;
    }
    let user_agent = requester.user_agent;
    let principal = Principal::User(user);
    let caller = AnyCaller { principal, key: None, scopes: Some(scopes), user_agent };
    // Here, and not in each route: what changes something is known by its method alone, and no route can
    // forget to ask.
    if !parts.method.is_safe() {
        second_factor(app, &caller, &parts.headers).await?;
    }
    Ok(caller)
}

/// Refuses to change anything without the second factor of the user: a stolen token alone must not
/// publish. (A key needs none: it is for machines, which have no second factor.)
async fn second_factor(app: &App, caller: &AnyCaller, headers: &HeaderMap) -> Result<(), HttpError> {
    // Nobody is asked for a code in vain.
    let reads_only = |held: &Permission| match held.domain.as_str() {
        "api" => held.resource.as_deref() == Some("read"),
        "package" => false,
        _ => true,
    };
    if caller.scopes.as_ref().is_some_and(|scopes| scopes.iter().all(reads_only)) {
        return Err(HttpError::unauthorized("key not authorized for this action"));
    }
    let user_id = caller.user()?.id;
    let code = headers.get(OTP).and_then(|code| code.to_str().ok()).filter(|code| !code.is_empty());
    let verdict = match code {
        Some(code) => second_factor::judge(app, user_id, code).await?,
        None if app.store.two_factor(user_id).await?.is_some() => {
            let message = "Two-factor authentication required. Include X-Hex-OTP header with your TOTP code.";
            return Err(challenged(message, "Bearer realm=\"hex\", error=\"totp_required\""));
        }
        None => Verdict::Off,
    };
    match verdict {
        Verdict::Right(_) => Ok(()),
        Verdict::Off => {
            Err(HttpError::forbidden("Two-factor authentication must be enabled for API write access"))
        }
        Verdict::Wrong => Err(challenged(
            "Invalid two-factor authentication code",
            "Bearer realm=\"hex\", error=\"invalid_totp\"",
        )),
        Verdict::TooMany => {
            let message = "Too many failed two-factor authentication attempts. Please try again later.";
            Err(HttpError::new(StatusCode::TOO_MANY_REQUESTS, message))
        }
    }
}

fn challenged(message: &str, challenge: &'static str) -> HttpError {
    let mut error = HttpError::unauthorized(message);
    error.challenge = Some(challenge);
    error
}

/// The use of a key or session, unless it was noted lately.
fn worth_noting(last: Option<&KeyUse>, requester: &Requester, now: Moment) -> Option<KeyUse> {
    let noted = last.is_some_and(|last| {
        last.ip == requester.ip
            && last.user_agent == requester.user_agent
            && now.seconds_since(last.used_at) < USE_NOTED_EVERY
    });
    let usage =
        || KeyUse { ip: requester.ip.clone(), user_agent: requester.user_agent.clone(), used_at: now };
    (!noted).then(usage)
}

async fn by_password(app: &App, credentials: &str) -> Result<User, HttpError> {
    let wrong = || HttpError::unauthorized("invalid username and password combination");
    if !app.basic_auth {
        return Err(HttpError::unauthorized("username and password are not taken here, use an API key"));
    }
    let decoded = STANDARD_PAD_INDIFFERENT.decode(credentials.trim()).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let (login, password) = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or_else(wrong)?;
    let found = app.store.credentials(login.to_owned()).await?;
    let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), hash));
    let password = password.to_owned();
    let matches = app.computing.run(move || secret::password_matches(&password, hash.as_deref())).await?;
    user.filter(|_| matches).ok_or_else(wrong)
}
