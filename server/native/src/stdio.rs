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

use std::{
    io::{self, Read, Write},
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, mpsc as blocking},
    thread,
    time::Duration,
};

use hexide_core::{
    Code, Error, Result,
    etf::{self, from_json},
    term::Term,
};
use hexide_server::{DataDir, Mail, MailSubject, Mailbox, NewUser, OAuth, Options, Server, start};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    task::JoinSet,
    time::timeout,
};
use tracing::Level;

use crate::log;

/// The longest frame that is taken.
const LONGEST: u32 = 1 << 20;
/// Frames that may wait for their reader before lines of the log are left out.
const WAITING: usize = 1024;
/// How long the end may take: for requests under way, and for what was said last to be read.
const END: Duration = Duration::from_secs(8);
const LAST_WORDS: Duration = Duration::from_secs(1);

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

/// A struct as a map with atoms for its fields, those that are set. The atoms are names of this program's own.
fn fields(value: &impl Serialize) -> Term {
    let Ok(Value::Object(fields)) = serde_json::to_value(value) else { return Term::Map(Vec::new()) };
    let set = fields.into_iter().filter(|(_, value)| !value.is_null());
    Term::Map(set.map(|(name, value)| (Term::Atom(name), from_json(&value))).collect())
}

fn failure(error: &Error) -> Term {
    let Term::Map(mut details) = fields(&error.details) else { return Term::atom("internal") };
    details.push((Term::atom("message"), Term::binary(error.message.as_str())));
    Term::Tuple(vec![Term::atom(error.code.name()), Term::Map(details)])
}

/// The frames of standard input, until that closes.
fn frames() -> mpsc::Receiver<Vec<u8>> {
    let (send, frames) = mpsc::channel(16);
    // A thread of its own: reading cannot be called off.
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(frame) = read(&mut input)
            && send.blocking_send(frame).is_ok()
        {}
    });
    frames
}

fn read(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = Vec::new();
    input.take(length.into()).read_to_end(&mut frame)?;
    if frame.len() < length as usize { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(frame) }
}

/// The way out; clones share it. Nobody who tells something waits for it to be read.
#[derive(Clone)]
struct Out {
    frames: blocking::Sender<Said>,
    waiting: Arc<()>,
}

enum Said {
    /// A frame; that it waits is counted by its share.
    Frame(Vec<u8>, Arc<()>),
    /// Nothing more comes: tell when all was written.
    Last(tokio::sync::oneshot::Sender<()>),
}

impl Out {
    fn open() -> Self {
        let (frames, said) = blocking::channel::<Said>();
        thread::spawn(move || {
            let mut output = io::stdout().lock();
            for said in said {
                match said {
                    Said::Frame(frame, _waiting) => {
                        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes();
                        let written = output.write_all(&length).and_then(|()| output.write_all(&frame));
                        if written.and_then(|()| output.flush()).is_err() {
                            break;
                        }
                    }
                    Said::Last(told) => {
                        let _ = told.send(());
                        break;
                    }
                }
            }
        });
        Self { frames, waiting: Arc::default() }
    }

    fn say(&self, parts: Vec<Term>) {
        // Where nobody reads any more, the end is near.
        let _ = self.frames.send(Said::Frame(etf::encode(&Term::Tuple(parts)), Arc::clone(&self.waiting)));
    }

    fn reply(&self, id: i64, result: Result<Option<Term>>) {
        let result = match result {
            Ok(None) => Term::atom("ok"),
            Ok(Some(value)) => Term::Tuple(vec![Term::atom("ok"), value]),
            Err(error) => Term::Tuple(vec![Term::atom("error"), failure(&error)]),
        };
        self.say(vec![Term::atom("reply"), Term::Integer(id), result]);
    }

    fn mail(&self, mail: &Mail) {
        let subject = match mail.subject {
            MailSubject::PasswordReset => "password_reset",
            MailSubject::Confirmation => "confirmation",
        };
        let letter = [
            ("subject", Term::atom(subject)),
            ("username", Term::binary(mail.username.as_str())),
            ("to", Term::binary(mail.to.as_str())),
            ("link", Term::binary(mail.link.as_str())),
        ];
        let letter = letter.into_iter().map(|(name, value)| (Term::atom(name), value));
        self.say(vec![Term::atom("mail"), Term::Map(letter.collect())]);
    }

    fn log(&self, level: Level, line: String) {
        if Arc::strong_count(&self.waiting) > WAITING {
            return;
        }
        let level = match level {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            _ => "debug",
        };
        self.say(vec![Term::atom("log"), Term::atom(level), Term::binary(line)]);
    }

    /// Waits until all was written, for a moment at most.
    async fn close(self) {
        let (told, written) = tokio::sync::oneshot::channel();
        if self.frames.send(Said::Last(told)).is_ok() {
            let _ = timeout(LAST_WORDS, written).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_longer_than_allowed_is_not_read() {
        let mut input = &[0xff, 0xff, 0xff, 0xff, 131][..];
        assert_eq!(read(&mut input).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_frame_that_ends_early_is_none() {
        let mut input = &[0, 0, 0, 2, 131][..];
        assert_eq!(read(&mut input).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_frame_that_is_no_request_is_refused_without_showing_it() {
        let term = Term::Map(vec![(Term::atom("password"), Term::binary("hunter2"))]);
        let message = request(&etf::encode(&term)).err().unwrap();
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn details_that_are_not_set_are_left_out() {
        let error = Error::new(Code::Invalid, "no").with(|details| details.key = Some("port".to_owned()));
        let expected = Term::Tuple(vec![
            Term::atom("invalid"),
            Term::Map(vec![
                (Term::atom("key"), Term::binary("port")),
                (Term::atom("message"), Term::binary("no")),
            ]),
        ]);
        assert_eq!(failure(&error), expected);
    }
}
