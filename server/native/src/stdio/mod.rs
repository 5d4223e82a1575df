//! The registry on a leash: told what to do, and telling, over standard input and output.
//!
//! Each frame is its length in four bytes, big-endian, and one term in the External Term Format: what an Erlang port
//! opened with `{packet, 4}` speaks (docs/decisions/0025).
//!
//! | in | what |
//! | --- | --- |
//! | `#{id, do => start, ...}` | how the registry is to be ([`Settings`]); comes first |
//! | `#{id, do => Operation, ...}` | one of [`Operation`] |
//!
//! | out | what |
//! | --- | --- |
//! | `{reply, Id, ok \| {ok, Value} \| {error, {Code, Details}}}` | one for each that came in, in any order |
//! | `{mail, #{subject, username, to, link}}` | what is to reach a person |
//! | `{log, Level, Text}` | a line of the log |
//!
//! When standard input closes, the registry ends: whoever started it is gone. Nothing else is ever written to standard
//! output; panics go to standard error.

mod frames;

use std::{io, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use frames::{Out, fields, frames};
use hexide_core::{Code, Error, Result, etf, term::Term};
use hexide_server::{DataDir, Mailbox, NewUser, OAuth, Options, Server, start};
use serde::Deserialize;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time::timeout,
};

use crate::log;

/// How long requests under way may take at the end.
const END: Duration = Duration::from_secs(8);

/// What is asked, and the number that its reply carries.
#[derive(Deserialize)]
struct Request {
    id: i64,
    #[serde(flatten)]
    operation: Operation,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Operation {
    Start(Box<Settings>),
    AddUser { username: String, email: String, password: Option<String> },
    ConfirmUser { username: String },
    AddOrganization { name: String, admin: String },
    ApproveDevice { user_code: String, username: String },
    EnableTotp { username: String },
    Stop,
}

/// What `hexide_server` passes on; its type documents the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    data_dir: Option<PathBuf>,
    blobs: Option<String>,
    address: String,
    port: u16,
    repository: String,
    public_url: Option<String>,
    confirm_email: bool,
    basic_auth: bool,
    oauth_interval: Option<u32>,
    oauth_access_lifetime: Option<u64>,
    trusted_proxies: Vec<String>,
}

impl Settings {
    fn options(self, mailbox: Mailbox) -> Result<Options> {
        let address: IpAddr =
            self.address.parse().map_err(|_| not_valid("address", &self.address, "IP address"))?;
        let network = |text: &String| {
            text.parse().map_err(|_| not_valid("trusted_proxies", text, "IP address or network"))
        };
        let usual = OAuth::default();
        let oauth = OAuth {
            interval: self.oauth_interval.unwrap_or(usual.interval),
            access_lifetime: self.oauth_access_lifetime.map_or(usual.access_lifetime, Duration::from_secs),
            ..usual
        };
        Ok(Options {
            blobs: self.blobs,
            address,
            port: self.port,
            repository: self.repository,
            public_url: self.public_url,
            confirm_email: self.confirm_email,
            basic_auth: self.basic_auth,
            oauth,
            trusted_proxies: self.trusted_proxies.iter().map(network).collect::<Result<_>>()?,
            mailbox,
            ..Options::new(self.data_dir.map_or(DataDir::Temporary, DataDir::Path))
        })
    }
}

fn not_valid(key: &str, value: &str, what: &str) -> Error {
    Error::new(Code::BadConfig, format!("`{value}` is not a valid {what}"))
        .with(|details| details.key = Some(key.to_owned()))
}

/// Does what standard input says until that closes, `stop` is asked, or a signal ends it.
///
/// # Errors
/// A sentence, where signals cannot be waited for or a frame makes no sense.
pub async fn serve() -> Result<(), String> {
    let cannot = |error: io::Error| format!("signals cannot be waited for: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    // Ctrl-C is for whoever started this one, and reaches it by standard input.
    let _interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let (mut frames, out) = (frames(), Out::open());
    log::to({
        let out = out.clone();
        move |level, line| out.log(level, line)
    });
    let mut registry = Registry { server: None, out: out.clone(), under_way: JoinSet::new() };
    let ended = loop {
        let frame = tokio::select! {
            frame = frames.recv() => frame,
            _ = terminate.recv() => None,
        };
        match frame.map(|frame| request(&frame)) {
            None => break Ok(None),
            Some(Err(message)) => break Err(message),
            Some(Ok(Request { id, operation: Operation::Stop })) => break Ok(Some(id)),
            Some(Ok(Request { id, operation })) => registry.take(id, operation).await,
        }
    };
    if timeout(END, registry.stop()).await.is_err() {
        return Err("the registry did not end in time".to_owned());
    }
    if let Some(id) = ended? {
        out.reply(id, Ok(None));
    }
    out.close().await;
    Ok(())
}

fn request(frame: &[u8]) -> Result<Request, String> {
    let value = etf::decode(frame).and_then(|term| etf::to_json(&term));
    let value = value.map_err(|error| format!("a frame is not valid: {error}"))?;
    // Without the value: it may hold a secret.
    serde_json::from_value(value).map_err(|_| "a frame is not a valid request".to_owned())
}

struct Registry {
    server: Option<Arc<Server>>,
    out: Out,
    under_way: JoinSet<()>,
}

impl Registry {
    /// Does one thing and replies; what takes time goes on beside what comes next.
    async fn take(&mut self, id: i64, operation: Operation) {
        while self.under_way.try_join_next().is_some() {}
        let out = self.out.clone();
        match (operation, &self.server) {
            (Operation::Start(settings), None) => {
                let started = self.start(*settings).await;
                out.reply(id, started.map(Some));
            }
            (operation, Some(server)) => {
                let server = Arc::clone(server);
                self.under_way.spawn(async move { out.reply(id, done(&server, operation).await) });
            }
            (_, None) => out.reply(id, Err(Error::new(Code::Invalid, "the registry was not started"))),
        }
    }

    async fn start(&mut self, settings: Settings) -> Result<Term> {
        let out = self.out.clone();
        let mailbox = Mailbox::new(move |mail| out.mail(&mail));
        let server = start(settings.options(mailbox)?).await?;
        let info = fields(&server.info());
        self.server = Some(Arc::new(server));
        Ok(info)
    }

    async fn stop(mut self) {
        self.under_way.shutdown().await;
        // With the tasks their shares are gone.
        if let Some(server) = self.server.take().and_then(Arc::into_inner) {
            server.stop().await;
        }
    }
}

async fn done(server: &Server, operation: Operation) -> Result<Option<Term>> {
    match operation {
        Operation::AddUser { username, email, password } => {
            let made = server.add_user(NewUser { username, email, password }).await?;
            Ok(Some(fields(&made)))
        }
        Operation::ConfirmUser { username } => server.confirm_user(&username).await.map(|()| None),
        Operation::AddOrganization { name, admin } => {
            server.add_organization(&name, &admin).await.map(|()| None)
        }
        Operation::ApproveDevice { user_code, username } => {
            server.approve_device(&user_code, &username).await.map(|()| None)
        }
        Operation::EnableTotp { username } => server.enable_totp(&username).await.map(Term::binary).map(Some),
        Operation::Start(_) => Err(Error::new(Code::Invalid, "the registry was started already")),
        Operation::Stop => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_no_request_is_refused_without_showing_it() {
        let term = Term::Map(vec![(Term::atom("password"), Term::binary("hunter2"))]);
        let message = request(&etf::encode(&term)).err().unwrap();
        assert!(!message.contains("hunter2"), "{message}");
    }
}
