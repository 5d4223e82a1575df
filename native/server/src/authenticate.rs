//! Who is asking, and what the credentials reach (protocol.md §3, "Authorization").

use std::{net::SocketAddr, sync::Arc};

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};

use crate::{
    app::App,
    base64,
    http_error::HttpError,
    secret,
    store::{Actor, Key, KeyUse, PackageId, User},
};

/// A last use is written at most once a minute while neither address nor client change: a key in
/// constant use must not cost a write for each request.
const USE_NOTED_EVERY: i64 = 60;

/// The address of the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// A user with valid credentials, whether or not the account is active.
#[derive(Clone, Debug)]
pub struct AnyCaller {
    /// The user.
    pub user: User,
    /// The key that was shown; `None` with a password, which reaches everything.
    pub key: Option<Key>,
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

    /// Refuses a key whose permissions do not reach.
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

    /// Whether the permissions of the key cover that resource of that domain.
    #[must_use]
    pub fn reaches(&self, domain: &str, resource: Option<&str>) -> bool {
        let Some(key) = &self.key else { return true };
        key.permissions.iter().any(|held| match (domain, held.domain.as_str()) {
            ("api", "api") => match (held.resource.as_deref(), resource) {
                (None, _) | (Some("write"), Some("read")) => true,
                (held, wanted) => held == wanted,
            },
            ("repository", "repositories") => true,
            (wanted, known) => wanted == known && held.resource.as_deref() == resource,
        })
    }
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
    let user_agent = user_agent(&parts.headers);
    let scheme = shown.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    if let Some((_, credentials)) = scheme {
        let user = by_password(app, credentials).await?;
        return Ok(Some(AnyCaller { user, key: None, user_agent }));
    }
    let found = app.store.key_by_secret(secret::hash_key(shown)).await?;
    let (key, user) = found.ok_or_else(|| HttpError::unauthorized("invalid API key"))?;
    let now = app.clock.now();
    if key.revoke_at.is_some_and(|at| at <= now) {
        return Err(HttpError::unauthorized("API key revoked"));
    }
    let ip = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_string()).unwrap_or_default();
    let usage = KeyUse { ip, user_agent: user_agent.clone(), used_at: now };
    let noted = key.last_use.as_ref().is_some_and(|last| {
        last.ip == usage.ip
            && last.user_agent == usage.user_agent
            && now.seconds_since(last.used_at) < USE_NOTED_EVERY
    });
    if !noted {
        app.store.key_used(key.id, usage).await?;
    }
    Ok(Some(AnyCaller { user, key: Some(key), user_agent }))
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
