//! What a registry is started with.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use crate::{
    clock::Clock,
    mail::Mailbox,
    wire::{Limits, Network},
};

/// Where everything is kept: the database, the key pair and, by default, the blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataDir {
    /// This folder; made where it is missing.
    Path(PathBuf),
    /// A fresh folder that is removed when the server ends.
    Temporary,
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
    pub fn new(data_dir: DataDir) -> Self {
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
            limits: Limits::default(),
            clock: Clock::system(),
            mailbox: Mailbox::log(),
        }
    }
}

/// How programs are signed in.
#[derive(Clone, Debug)]
pub struct OAuth {
    /// The programs that may ask.
    pub clients: Vec<OAuthClient>,
    /// How many seconds a device must let pass before it asks again; 0 lets it ask at will.
    pub interval: u32,
    /// How long a person has to approve a device.
    pub device_lifetime: Duration,
    /// How long an access token is in force.
    pub access_lifetime: Duration,
    /// How long a session lives on without being renewed.
    pub refresh_lifetime: Duration,
    /// How many sessions a user may have; beyond it the oldest end.
    pub sessions: usize,
}

/// A program that may ask for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthClient {
    /// What it sends as `client_id`.
    pub id: String,
    /// What people know it as.
    pub name: String,
}

impl Default for OAuth {
    /// The programs, times and numbers of hex.pm.
    fn default() -> Self {
        let client = |id: &str, name: &str| OAuthClient { id: id.to_owned(), name: name.to_owned() };
        Self {
            clients: vec![
                client("b9721cf5-be2f-4a65-bfa5-141698b4b9cf", "rebar3"),
                client("78ea6566-89fd-481e-a1d6-7d9d78eacca8", "Mix"),
            ],
            interval: 5,
            device_lifetime: Duration::from_secs(600),
            access_lifetime: Duration::from_secs(1800),
            refresh_lifetime: Duration::from_secs(30 * 24 * 3600),
            sessions: 5,
        }
    }
}

impl OAuth {
    /// The program of that id.
    #[must_use]
    pub fn client(&self, id: &str) -> Option<&OAuthClient> {
        self.clients.iter().find(|client| client.id == id)
    }
}
