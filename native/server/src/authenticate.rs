//! Who is asking, and what the credentials reach (protocol.md §3, "Authorization").

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, StatusCode, header, request::Parts};

use crate::{
    app::App,
    base64,
    clock::Moment,
    http_error::HttpError,
    oauth, scope,
    second_factor::{self, Verdict},
    secret,
    store::{Actor, Key, KeyUse, PackageId, Permission, TokenSource, User},
};

/// A last use is written at most once a minute while neither address nor client change: a key in
/// constant use must not cost a write for each request.
const USE_NOTED_EVERY: i64 = 60;

/// The address of the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The code of a second factor.
const OTP: HeaderName = HeaderName::from_static("x-hex-otp");

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Requester {
    /// The address of the client.
    pub ip: String,
    /// What it calls itself.
    pub user_agent: String,
}

/// A user with valid credentials, whether or not the account is active.
#[derive(Clone, Debug)]
pub struct AnyCaller {
    /// The user.
    pub user: User,
    /// The key that was shown, or that the token was got with; `None` with a password, which reaches
    /// everything, and with the token of a session.
    pub key: Option<Key>,
    /// What the token reaches that was shown; `None` without one.
    pub scopes: Option<Vec<Permission>>,
    /// The client.
    pub user_agent: String,
}

/// A user with valid credentials and an active account.
#[derive(Clone, Debug)]
pub struct Caller(pub AnyCaller);

/// Anybody; but credentials that are shown must be valid.
#[derive(Clone, Copy, Debug)]
pub struct Visitor;

/// What a request needs of a key.
#[derive(Clone, Copy, Debug)]
pub enum Need<'a> {
    /// To read what is the caller's own.
    Read,
    /// To change what is the caller's own.
    Write,
    /// To change a package.
    Package(&'a PackageId),
}

impl AnyCaller {
    /// The caller, as the store knows actors.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { user_id: self.user.id, user_agent: self.user_agent.clone() }
    }

    /// Refuses a key or token whose permissions do not reach.
    ///
    /// # Errors
    /// 401.
    pub fn demand(&self, need: Need<'_>) -> Result<(), HttpError> {
        let reaches = match need {
            Need::Read => self.reaches("api", Some("read")),
            Need::Write => self.reaches("api", Some("write")),
            Need::Package(id) => {
                self.reaches("api", Some("write"))
                    || self.reaches("package", Some(&format!("{}/{}", id.repository, id.name)))
            }
        };
        if reaches { Ok(()) } else { Err(HttpError::unauthorized("key not authorized for this action")) }
    }

    /// Whether the permissions of the key and of the token cover that resource of that domain.
    #[must_use]
    pub fn reaches(&self, domain: &str, resource: Option<&str>) -> bool {
        let held = [self.key.as_ref().map(|key| &key.permissions), self.scopes.as_ref()];
        held.into_iter().flatten().all(|permissions| reach(permissions, domain, resource))
    }
}

/// Whether permissions cover that resource of that domain.
#[must_use]
pub fn reach(permissions: &[Permission], domain: &str, resource: Option<&str>) -> bool {
    permissions.iter().any(|held| match (domain, held.domain.as_str()) {
        ("api", "api") => match (held.resource.as_deref(), resource) {
            (None, _) | (Some("write"), Some("read")) => true,
            (held, wanted) => held == wanted,
        },
        ("repository", "repositories") => true,
        (wanted, known) => wanted == known && held.resource.as_deref() == resource,
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Requester {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(requester(parts))
    }
}

fn requester(parts: &Parts) -> Requester {
    let ip = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_string()).unwrap_or_default();
    Requester { ip, user_agent: user_agent(&parts.headers) }
}

impl FromRequestParts<Arc<App>> for AnyCaller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        let missing = || HttpError::unauthorized("missing authentication information");
        identify(parts, app).await?.ok_or_else(missing)
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        let caller = AnyCaller::from_request_parts(parts, app).await?;
        if caller.user.confirmed { Ok(Self(caller)) } else { Err(HttpError::forbidden("email not verified")) }
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        identify(parts, app).await.map(|_| Self)
    }
}

/// What the client calls itself.
pub fn user_agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    agent.unwrap_or_default().chars().take(255).collect()
}

async fn identify(parts: &Parts, app: &App) -> Result<Option<AnyCaller>, HttpError> {
    let Some(shown) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let shown = shown.to_str().map_err(|_| HttpError::unauthorized("invalid API key"))?;
    let requester = requester(parts);
    let scheme = shown.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    if let Some((_, credentials)) = scheme {
        let user = by_password(app, credentials).await?;
        return Ok(Some(AnyCaller { user, key: None, scopes: None, user_agent: requester.user_agent }));
    }
    match oauth::shown_token(shown) {
        Some(token) => by_token(app, parts, token, requester).await.map(Some),
        None => by_key(app, secret::hash_key(shown), &requester).await.map(Some),
    }
}

/// The user of a key in force.
///
/// # Errors
/// 401 where there is no such key, or it is revoked.
pub async fn by_key(app: &App, hash: [u8; 32], requester: &Requester) -> Result<AnyCaller, HttpError> {
    let found = app.store.key_by_secret(hash).await?;
    let (key, user) = found.ok_or_else(|| HttpError::unauthorized("invalid API key"))?;
    let now = app.clock.now();
    if key.revoke_at.is_some_and(|at| at <= now) {
        return Err(HttpError::unauthorized("API key revoked"));
    }
    if let Some(usage) = worth_noting(key.last_use.as_ref(), requester, now) {
        app.store.key_used(key.id, usage).await?;
    }
    Ok(AnyCaller { user, key: Some(key), scopes: None, user_agent: requester.user_agent.clone() })
}

async fn by_token(
    app: &App,
    parts: &Parts,
    token: &str,
    requester: Requester,
) -> Result<AnyCaller, HttpError> {
    let found = app.store.access_token(secret::hash_key(token)).await?;
    let held = found.ok_or_else(|| HttpError::unauthorized("invalid API key"))?;
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
    let caller = AnyCaller { user, key: None, scopes: Some(scopes), user_agent };
    // Here, and not in each route: what changes something is known by its method alone, and no route can
    // forget to ask.
    if !parts.method.is_safe() {
        second_factor(app, &caller, &parts.headers).await?;
    }
    Ok(caller)
}

/// Refuses to change anything for a session without the second factor of its user: a stolen token alone
/// must not publish. (A key needs none: it is for machines, which have no second factor.)
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
    let code = headers.get(OTP).and_then(|code| code.to_str().ok()).filter(|code| !code.is_empty());
    let verdict = match code {
        Some(code) => second_factor::judge(app, caller.user.id, code).await?,
        None if app.store.two_factor(caller.user.id).await?.is_some() => {
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
    let decoded = base64::decode(credentials.trim()).and_then(|bytes| String::from_utf8(bytes).ok());
    let (login, password) = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or_else(wrong)?;
    let found = app.store.credentials(login.to_owned()).await?;
    let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), hash));
    let password = password.to_owned();
    let matches = app.cpu.run(move || secret::password_matches(&password, hash.as_deref())).await?;
    user.filter(|_| matches).ok_or_else(wrong)
}
