//! The embedded registry.

use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use hexide_core::{Code, Error, Result};
use hexide_server::{
    CreatedUser, DataDir, Info, Mail, MailSubject, Mailbox, Network, NewUser, OAuth, Options, Server,
};
use rustler::{
    Encoder, Env, LocalPid, NifMap, OwnedEnv, Resource, ResourceArc, Term, types::erlang_option::ErlOption,
};
use tokio::sync::RwLock;

use crate::{
    job::{self, Done},
    runtime,
    term::{self, Typed},
};

mod atoms {
    rustler::atoms! {
        url, api_url, repo_url, docs_url, address, port, data_dir, public_key, fingerprint, repository,
        username, key, hexide_mail, subject, to, link, password_reset, confirmation
    }
}

/// What `hexide_server` passes on; its type documents the fields.
#[derive(NifMap)]
struct Given {
    data_dir: ErlOption<String>,
    blobs: ErlOption<String>,
    address: String,
    port: u16,
    repository: String,
    public_url: ErlOption<String>,
    confirm_email: bool,
    basic_auth: bool,
    oauth_interval: ErlOption<u32>,
    oauth_access_lifetime: ErlOption<u64>,
    trusted_proxies: Vec<String>,
}

impl Given {
    fn options(self, owner: LocalPid) -> Result<Options> {
        let address: IpAddr = self.address.parse().map_err(|_| {
            Error::new(Code::BadConfig, format!("`{}` is no IP address", self.address))
                .with(|d| d.key = Some("address".to_owned()))
        })?;
        let data_dir = Option::<String>::from(self.data_dir);
        let trusted_proxies = self.trusted_proxies.iter().map(|text| network(text));
        let mut oauth = OAuth::default();
        if let Some(seconds) = self.oauth_interval.into() {
            oauth.interval = seconds;
        }
        if let Some(seconds) = self.oauth_access_lifetime.into() {
            oauth.access_lifetime = Duration::from_secs(seconds);
        }
        let data_dir = data_dir.map_or(DataDir::Temporary, |folder| DataDir::Path(PathBuf::from(folder)));
        Ok(Options {
            blobs: self.blobs.into(),
            address,
            port: self.port,
            repository: self.repository,
            public_url: self.public_url.into(),
            confirm_email: self.confirm_email,
            basic_auth: self.basic_auth,
            oauth,
            trusted_proxies: trusted_proxies.collect::<Result<_>>()?,
            mailbox: mailbox(owner),
            ..Options::new(data_dir, runtime::cpu())
        })
    }
}

fn network(text: &str) -> Result<Network> {
    text.parse().map_err(|_| {
        Error::new(Code::BadConfig, format!("`{text}` is neither an IP address nor a network"))
            .with(|d| d.key = Some("trusted_proxies".to_owned()))
    })
}

/// Mails become messages to the process that owns the registry: `{hexide_mail, Map}`.
fn mailbox(owner: LocalPid) -> Mailbox {
    Mailbox::new(move |mail| {
        // Nobody reads the mails of a registry whose owner has gone.
        let _ = OwnedEnv::new().send_and_clear(&owner, |env| (atoms::hexide_mail(), letter(env, &mail)));
    })
}

fn letter<'a>(env: Env<'a>, mail: &Mail) -> Term<'a> {
    let subject = match mail.subject {
        MailSubject::PasswordReset => atoms::password_reset(),
        MailSubject::Confirmation => atoms::confirmation(),
    };
    term::map(
        env,
        &[
            (atoms::subject(), subject.encode(env)),
            (atoms::username(), term::text(env, &mail.username)),
            (atoms::to(), term::text(env, &mail.to)),
            (atoms::link(), term::text(env, &mail.link)),
        ],
    )
}

/// A registry that runs; it ends when it is stopped or when Erlang forgets it.
struct Registry {
    info: Info,
    server: Arc<RwLock<Option<Server>>>,
}

#[rustler::resource_impl]
impl Resource for Registry {}

fn stopped() -> Error {
    Error::new(Code::Io, "the registry was stopped")
}

#[rustler::nif]
fn server_start(env: Env<'_>, given: Given) -> Term<'_> {
    let owner = env.pid();
    job::start(env, move |_| async move {
        let server = hexide_server::start(given.options(owner)?).await?;
        let info = server.info().clone();
        Ok(ResourceArc::new(Registry { info, server: Arc::new(RwLock::new(Some(server))) }))
    })
}

#[rustler::nif]
fn server_info<'a>(env: Env<'a>, registry: ResourceArc<Registry>) -> Term<'a> {
    let info = &registry.info;
    term::map(
        env,
        &[
            (atoms::url(), term::text(env, &info.url)),
            (atoms::api_url(), term::text(env, &info.api_url)),
            (atoms::repo_url(), term::text(env, &info.repo_url)),
            (atoms::docs_url(), term::text(env, &info.docs_url)),
            (atoms::address(), term::text(env, &info.address.to_string())),
            (atoms::port(), info.port.encode(env)),
            (atoms::data_dir(), term::text(env, &info.data_dir.to_string_lossy())),
            (atoms::public_key(), term::text(env, &info.public_key)),
            (atoms::fingerprint(), term::text(env, &info.fingerprint)),
            (atoms::repository(), term::text(env, &info.repository)),
        ],
    )
}

#[rustler::nif]
fn server_add_user(
    env: Env<'_>,
    registry: ResourceArc<Registry>,
    username: String,
    email: String,
    password: ErlOption<String>,
) -> Term<'_> {
    let server = Arc::clone(&registry.server);
    job::start(env, |_| async move {
        let user = NewUser { username, email, password: password.into() };
        let server = server.read().await;
        server.as_ref().ok_or_else(stopped)?.add_user(user).await.map(Created)
    })
}

/// A user that was made, with a key that is not shown again.
struct Created(CreatedUser);

impl Encoder for Created {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let CreatedUser { username, key } = &self.0;
        term::map(
            env,
            &[(atoms::username(), term::text(env, username)), (atoms::key(), term::text(env, key))],
        )
    }
}

#[rustler::nif]
fn server_confirm_user(env: Env<'_>, registry: ResourceArc<Registry>, username: String) -> Term<'_> {
    let server = Arc::clone(&registry.server);
    job::start(env, |_| async move {
        let server = server.read().await;
        server.as_ref().ok_or_else(stopped)?.confirm_user(&username).await.map(|()| Done)
    })
}

#[rustler::nif]
fn server_add_organization(
    env: Env<'_>,
    registry: ResourceArc<Registry>,
    name: String,
    admin: String,
) -> Term<'_> {
    let server = Arc::clone(&registry.server);
    job::start(env, |_| async move {
        let server = server.read().await;
        server.as_ref().ok_or_else(stopped)?.add_organization(&name, &admin).await.map(|()| Done)
    })
}

/// Approves a device, as the person would on the page.
#[rustler::nif]
fn server_approve_device(
    env: Env<'_>,
    registry: ResourceArc<Registry>,
    user_code: String,
    username: String,
) -> Term<'_> {
    let server = Arc::clone(&registry.server);
    job::start(env, |_| async move {
        let server = server.read().await;
        server.as_ref().ok_or_else(stopped)?.approve_device(&user_code, &username).await.map(|()| Done)
    })
}

/// Switches two-factor on; gives the secret that makes the codes.
#[rustler::nif]
fn server_enable_totp(env: Env<'_>, registry: ResourceArc<Registry>, username: String) -> Term<'_> {
    let server = Arc::clone(&registry.server);
    job::start(env, |_| async move {
        let server = server.read().await;
        server.as_ref().ok_or_else(stopped)?.enable_totp(&username).await.map(Typed)
    })
}

#[rustler::nif]
fn server_stop(env: Env<'_>, registry: ResourceArc<Registry>) -> Term<'_> {
    let server = Arc::clone(&registry.server);
    job::start(env, |_| async move {
        if let Some(server) = server.write().await.take() {
            server.stop().await;
        }
        Ok(Done)
    })
}
