//! What a registry is started with.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use hexide_core::tarball;
use hexide_cpu::CpuBudget;

use crate::{client_address::Network, clock::Clock, mail::Mailbox, oauth::OAuth};

/// Where everything is kept: the database, the key pair and, by default, the blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataDir {
    /// This folder; made where it is missing.
    Path(PathBuf),
    /// A fresh folder that is removed when the server ends.
    Temporary,
}

/// What one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request body; more is answered with 413.
    pub body: usize,
    /// A package tarball and what its contents inflate to.
    pub package: tarball::Limits,
    /// A documentation tarball and what it inflates to.
    pub docs: tarball::Limits,
    /// How long the head of a request, and each next piece of its body, may take to arrive, and each piece
    /// of a reply to be taken.
    pub read_timeout: Duration,
    /// How long a whole body may take to arrive.
    pub body_timeout: Duration,
    /// How long requests in flight may go on after [`Server::stop`](crate::Server::stop).
    pub stop_grace: Duration,
    /// Open connections; further ones wait.
    pub connections: usize,
    /// Tarballs that are taken in at the same time; further ones wait.
    pub uploads: usize,
    /// Bytes of unpacked documentation kept in memory.
    pub docs_cache: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 20_000_000,
            package: tarball::Limits::default(),
            docs: tarball::Limits::default(),
            read_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(600),
            stop_grace: Duration::from_secs(5),
            connections: 1024,
            uploads: 8,
            docs_cache: 256 << 20,
        }
    }
}

/// How a registry is to be.
#[derive(Clone)]
pub struct Options {
    /// Where its data is kept.
    pub data_dir: DataDir,
    /// URL of the object store that holds tarballs and documentation (S3, GCS, Azure; with the feature
    /// `cloud`); its query holds the store's settings, such as `?aws_region=…&aws_access_key_id=…`.
    /// `None`: the folder `blobs` of the data folder.
    pub blobs: Option<String>,
    /// The address to listen on: loopback unless told otherwise.
    pub address: IpAddr,
    /// The port; 0 takes any that is free.
    pub port: u16,
    /// The name inside the signed resources.
    pub repository: String,
    /// How clients reach the server, where that is not `http://ADDRESS:PORT`.
    pub public_url: Option<String>,
    /// Whether a fresh user must first be confirmed ([`Server::confirm_user`](crate::Server::confirm_user)).
    pub confirm_email: bool,
    /// Whether username and password are taken (HTTP Basic). Only on loopback: the password would travel
    /// in clear.
    pub basic_auth: bool,
    /// How programs are signed in through a browser.
    pub oauth: OAuth,
    /// The proxies whose `x-forwarded-for` is believed; with none the peer is the client.
    pub trusted_proxies: Vec<Network>,
    /// The threads that CPU-bound work may occupy.
    pub cpu: CpuBudget,
    /// What one request may take.
    pub limits: Limits,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where mails go: links to set a new password and to confirm addresses. To the log by default.
    pub mailbox: Mailbox,
}

impl fmt::Debug for Options {
    /// Without the settings of the object store: credentials are among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blobs = self.blobs.as_deref().and_then(|url| url.split('?').next());
        f.debug_struct("Options")
            .field("data_dir", &self.data_dir)
            .field("blobs", &blobs)
            .field("address", &self.address)
            .field("port", &self.port)
            .field("repository", &self.repository)
            .field("public_url", &self.public_url)
            .field("confirm_email", &self.confirm_email)
            .field("basic_auth", &self.basic_auth)
            .field("oauth", &self.oauth)
            .field("trusted_proxies", &self.trusted_proxies)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// A registry named `hexpm` on a free loopback port, whose users are active at once.
    #[must_use]
    pub fn new(data_dir: DataDir, cpu: CpuBudget) -> Self {
        Self {
            data_dir,
            blobs: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            repository: "hexpm".to_owned(),
            public_url: None,
            confirm_email: false,
            basic_auth: false,
            oauth: OAuth::default(),
            trusted_proxies: Vec::new(),
            cpu,
            limits: Limits::default(),
            clock: Clock::system(),
            mailbox: Mailbox::log(),
        }
    }
}
