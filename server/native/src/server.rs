//! Starting and stopping a registry.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use hexide_core::{Code, Error, Result, name, registry::PrivateKey};
use serde::Serialize;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinHandle,
};

use crate::{
    app::App,
    computing::Computing,
    data_folder::DataFolder,
    identity::second_factor,
    options::Options,
    rate_limit::{Attempts, RateLimit, Throttle},
    registry::{Blobs, DocsCache, Index, Urls},
    router::router,
    rules,
    secret::{self, totp},
    shelf::Shelf,
    start_error::StartError,
    store::{Actor, NewAccount, NewKey, Permission, PrincipalId, Store, StoreError, sqlite::Sqlite},
    wire::{HttpError, listen},
};

/// How many bytes of the places of tarballs are kept: some ten thousand places.
const FETCHED: usize = 8 << 20;

/// What the audit log says of things that were done without a request.
const USER_AGENT: &str = concat!("hexide-server/", env!("CARGO_PKG_VERSION"));

/// What there is to know of a running registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Info {
    /// Its root, without a slash at the end.
    pub url: String,
    /// The base of the API.
    pub api_url: String,
    /// The base of the repository: signed resources and tarballs.
    pub repo_url: String,
    /// The base of the documentation site.
    pub docs_url: String,
    /// The address it listens on.
    pub address: IpAddr,
    /// The port it listens on.
    pub port: u16,
    /// Where its data is kept.
    pub data_dir: PathBuf,
    /// The key that verifies the signed resources, as PEM.
    pub public_key: String,
    /// The key's fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// The name inside the signed resources.
    pub repository: String,
}

/// A user to be made without a request.
#[derive(Clone)]
pub struct NewUser {
    /// The name.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// The password; without one only keys authenticate.
    pub password: Option<String>,
}

/// A user that was made, and a key that reaches the whole API.
#[derive(Clone, Serialize)]
pub struct CreatedUser {
    /// The name.
    pub username: String,
    /// The secret of the key; it is not shown again.
    pub key: String,
}

/// A running registry. Dropping it stops it, too, but nobody waits for the end then.
pub struct Server {
    app: Arc<App>,
    info: Info,
    stop: watch::Sender<bool>,
    ended: Option<JoinHandle<()>>,
}

/// Starts a registry on the runtime this is called on.
///
/// # Errors
/// [`StartError`]: the port or the folder cannot be had, the database or the key is damaged, or the
/// options contradict themselves. Nothing is left behind then but what was there before.
pub async fn start(options: Options) -> Result<Server, StartError> {
    check(&options)?;
    let address = SocketAddr::new(options.address, options.port);
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| StartError::Listen { address, source })?;
    let local = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;

    let opened = options.clone();
    let computing = Computing::for_this_machine();
    let opened = computing.run(move || open(&opened)).await;
    let (folder, key, store, blobs) = opened.map_err(|_| StartError::Broken("a panic".to_owned()))??;
    let store: Arc<dyn Store> = Arc::new(store);
    let referenced = store.referenced_blobs().await;
    let referenced = referenced.map_err(|error| StartError::Broken(format!("{error:?}")))?;
    let swept = blobs.sweep(referenced, &options.clock).await?;
    if swept > 0 {
        tracing::info!(swept, "blobs that nothing refers to were removed");
    }

    let unusable = |source| StartError::Key { path: folder.path().to_owned(), source };
    let public = key.public_key().map_err(unusable)?;
    let base = options.public_url.clone().unwrap_or_else(|| format!("http://{}", reachable(local)));
    let base = base.trim_end_matches('/').to_owned();
    let urls = Urls { base, repository: options.repository.clone() };
    let info = Info {
        url: urls.base.clone(),
        api_url: urls.api(),
        repo_url: urls.repo(),
        docs_url: urls.docs(),
        address: local.ip(),
        port: local.port(),
        data_dir: folder.path().to_owned(),
        public_key: public.to_pem(),
        fingerprint: public.fingerprint(),
        repository: options.repository.clone(),
    };
    let wrong_codes =
        RateLimit::new(second_factor::WRONG_CODES, second_factor::WINDOW, options.clock.clone());
    let app = Arc::new(App {
        index: Index::new(key, Arc::clone(&store), computing.clone()),
        store,
        shown: Shelf::new(options.limits.shown_cache),
        fetched: Shelf::new(FETCHED),
        blobs,
        docs: DocsCache::new(options.limits.docs_cache),
        attempts: Attempts::new(&options.clock),
        mailbox: options.mailbox,
        computing,
        limits: options.limits,
        uploads: Semaphore::new(options.limits.uploads.max(1)),
        repository: options.repository,
        urls,
        public_key: info.public_key.clone(),
        fingerprint: info.fingerprint.clone(),
        confirm_email: options.confirm_email,
        basic_auth: options.basic_auth,
        oauth: options.oauth,
        wrong_codes,
        throttle: Throttle::new(&options.clock),
        clock: options.clock,
        trusted_proxies: options.trusted_proxies,
    });
    let (stop, stopped) = watch::channel(false);
    let ended = tokio::spawn(run(listener, Arc::clone(&app), stopped, folder));
    Ok(Server { app, info, stop, ended: Some(ended) })
}

fn check(options: &Options) -> Result<(), StartError> {
    if options.basic_auth && !options.address.is_loopback() {
        let refusal = format!(
            "passwords would travel in clear: HTTP Basic is for loopback addresses only, not for {}",
            options.address
        );
        return Err(StartError::Options(refusal));
    }
    if !name::is_package(&options.repository) {
        let refusal = format!("{:?} is no name for a repository", options.repository);
        return Err(StartError::Options(refusal));
    }
    Ok(())
}

type Opened = (DataFolder, PrivateKey, Sqlite, Blobs);

fn open(options: &Options) -> Result<Opened, StartError> {
    let folder = DataFolder::open(&options.data_dir)?;
    let key = folder.signing_key()?;
    let path = folder.database()?;
    let store = Sqlite::open(&path, &options.repository, options.clock.clone());
    let store = store.map_err(|source| StartError::Database { path, source })?;
    let blobs = match &options.blobs {
        None => Blobs::local(&folder.blobs())?,
        Some(url) => Blobs::at_url(url)?,
    };
    Ok((folder, key, store, blobs))
}

/// The address under which a client on this machine reaches the server.
fn reachable(local: SocketAddr) -> SocketAddr {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, local.port())
}

async fn run(listener: TcpListener, app: Arc<App>, stopped: watch::Receiver<bool>, folder: DataFolder) {
    let limits = app.limits;
    listen::serve(listener, router(Arc::clone(&app)), limits, stopped).await;
    app.store.close().await;
    drop(app);
    // Removing a temporary folder takes its time.
    if tokio::task::spawn_blocking(move || drop(folder)).await.is_err() {
        tracing::error!("the data folder could not be left");
    }
}

impl Server {
    /// What there is to know of it.
    #[must_use]
    pub fn info(&self) -> Info {
        self.info.clone()
    }

    /// Makes an active user with a key that reaches the whole API: for demos, tests and the first user.
    ///
    /// # Errors
    /// `invalid` where the name or the address is taken or malformed; `io`.
    pub async fn add_user(&self, user: NewUser) -> Result<CreatedUser> {
        let NewUser { username, email, password } = user;
        let username = username.to_lowercase();
        let checked = rules::account::check(Some(&username), Some(&email), password.as_deref());
        checked.map_err(invalid)?;
        let password_hash = match password {
            None => None,
            Some(password) => {
                let hashed = self.app.computing.run(move || secret::hash_password(&password)).await;
                let hashed = hashed.map_err(|error| refused(error.into()))?;
                Some(hashed.map_err(|error| refused(error.into()))?)
            }
        };
        let user_agent = USER_AGENT.to_owned();
        let account = NewAccount { username, email, full_name: None, password_hash, confirmed: true };
        let made = self.app.store.create_user(account, user_agent.clone()).await;
        let user = made.map_err(|error| refused(error.into()))?;
        let key = secret::random_hex::<16>().map_err(|error| refused(error.into()))?;
        let new = NewKey {
            name: "first".to_owned(),
            secret_hash: secret::hash_key(&key),
            permissions: vec![Permission { domain: "api".to_owned(), resource: None }],
            revoke_at: None,
        };
        let principal = PrincipalId::User(user.id);
        let made = self.app.store.create_key(Actor::of_user(user.id, user_agent), principal, new).await;
        made.map_err(|error| refused(error.into()))?;
        Ok(CreatedUser { username: user.username, key })
    }

    /// Makes an organization with its private repository of the same name and a hundred seats.
    ///
    /// # Errors
    /// `invalid` where the name is taken or malformed; `not_found` where there is no such user; `io`.
    pub async fn add_organization(&self, name: &str, admin: &str) -> Result<()> {
        let name = name.to_lowercase();
        rules::organization::check(&name).map_err(invalid)?;
        let made = self
            .app
            .store
            .create_organization(self.actor(admin).await?, name, rules::organization::SEATS)
            .await;
        made.map(drop).map_err(|error| refused(error.into()))
    }

    /// Makes a user active, as following the link in a mail does on hexpm.
    ///
    /// # Errors
    /// `not_found`, `io`.
    pub async fn confirm_user(&self, username: &str) -> Result<()> {
        let confirmed = self.app.store.confirm_user(username.to_owned()).await;
        confirmed.map(drop).map_err(|error| refused(error.into()))
    }

    /// Approves a device for a user, as typing the user code into the page does: for demos and tests.
    ///
    /// # Errors
    /// `not_found` where there is no such user or code, `invalid` where it is too late or decided already;
    /// `io`.
    pub async fn approve_device(&self, user_code: &str, username: &str) -> Result<()> {
        self.decide_device(user_code, username, true).await
    }

    /// Refuses a device in a user's name.
    ///
    /// # Errors
    /// As [`approve_device`](Self::approve_device).
    pub async fn deny_device(&self, user_code: &str, username: &str) -> Result<()> {
        self.decide_device(user_code, username, false).await
    }

    async fn decide_device(&self, user_code: &str, username: &str, approve: bool) -> Result<()> {
        let actor = self.actor(username).await?;
        let decided = self.app.store.decide_device(actor, user_code.to_owned(), approve).await;
        decided.map(drop).map_err(|error| refused(error.into()))
    }

    /// Switches two-factor authentication on for a user, and gives the secret as authenticators take it
    /// (base32): for demos and tests.
    ///
    /// # Errors
    /// `not_found`, `io`.
    pub async fn enable_totp(&self, username: &str) -> Result<String> {
        let actor = self.actor(username).await?;
        let secret = totp::Secret::random().map_err(|error| refused(error.into()))?;
        let text = secret.text().to_string();
        self.app.store.set_totp(actor, secret).await.map_err(|error| refused(error.into()))?;
        Ok(text)
    }

    /// The user of that name, doing something without a request.
    async fn actor(&self, username: &str) -> Result<Actor> {
        let found = self.app.store.user(username.to_owned()).await.map_err(|error| refused(error.into()))?;
        let user = found.ok_or_else(|| refused(StoreError::NotFound.into()))?;
        Ok(Actor::of_user(user.id, USER_AGENT.to_owned()))
    }

    /// Stops it: no new connections, requests in flight get a bounded time, then everything is released.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(ended) = self.ended.take()
            && ended.await.is_err()
        {
            tracing::error!("the server ended with a panic");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// What was refused with those errors by field.
fn invalid(errors: Value) -> Error {
    refused(HttpError::invalid(errors))
}

/// What a request would have been told, for a caller without one.
fn refused(error: HttpError) -> Error {
    let code = match error.status.as_u16() {
        404 => Code::NotFound,
        500.. => Code::Io,
        _ => Code::Invalid,
    };
    Error::new(code, error.message).with(|details| details.errors = error.errors.map(|errors| *errors))
}
