//! Every setting of a client, resolved by the caller: the defaults are in the table of `hexide_config`. Nothing here
//! reads the environment.

use std::{fmt, path::PathBuf, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::address::public_url;

/// The settings of a client. Sizes are bytes; `None` for a size is no limit.
///
/// `Debug` shows what tells one client from another, and no text that a secret may have got into: a
/// password within an address is refused, but only once a client is made.
#[derive(Clone)]
pub struct Config {
    /// API key, or an OAuth token (then sent as `Bearer`). Goes to the origin of `api_url` only.
    pub api_key: Option<SecretString>,
    /// Two-factor code. Goes to the origin of `api_url` only.
    pub api_otp: Option<SecretString>,
    /// Organization whose keys are managed; its repository is meant where `api_repository` is not set.
    pub api_organization: Option<String>,
    /// Repository that API paths are about; `None` and `hexpm` are the public one.
    pub api_repository: Option<String>,
    /// Base of the HTTP API.
    pub api_url: String,
    /// Key of the repository. Goes to the origin of `repo_url` only.
    pub repo_key: Option<SecretString>,
    /// Name of the repository, which signed resources must carry.
    pub repo_name: String,
    /// Organization whose private repository is read, under `/repos/ORG`.
    pub repo_organization: Option<String>,
    /// PEM of the key that signs the repository.
    pub repo_public_key: Option<String>,
    /// Base of the repository.
    pub repo_url: String,
    /// Whether signatures of the repository are verified.
    pub repo_verify: bool,
    /// Whether resources must name the repository and package that were asked for.
    pub repo_verify_origin: bool,
    /// Largest package tarball.
    pub tarball_max_size: Option<u64>,
    /// Largest inflated contents of a package tarball.
    pub tarball_max_uncompressed_size: Option<u64>,
    /// Largest documentation tarball.
    pub docs_tarball_max_size: Option<u64>,
    /// Largest inflated contents of a documentation tarball.
    pub docs_tarball_max_uncompressed_size: Option<u64>,
    /// Proxy for `http://` addresses; a secret, since its userinfo may hold a password.
    pub http_proxy: Option<SecretString>,
    /// Proxy for `https://` addresses.
    pub https_proxy: Option<SecretString>,
    /// Hosts, domains and networks that are reached without proxy, comma-separated. Loopback always is.
    pub no_proxy: Option<String>,
    /// PEM file of the only certificate authorities to trust, in place of the platform's.
    pub cacerts_path: Option<PathBuf>,
    /// Whether certificates are *not* verified.
    pub unsafe_https: bool,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long the peer may be silent, and how long a wait before another try may be. A request with
    /// all its repetitions may take 40 times as long.
    pub timeout: Duration,
    /// How often an idempotent request is tried again.
    pub retries: u32,
    /// How many requests bulk work has in flight at once.
    pub http_concurrency: usize,
    /// What stands in parentheses in the user agent.
    pub user_agent_fragment: Option<String>,
    /// Client id under which a login asks for tokens; registries know their clients by it.
    pub oauth_client_id: String,
    /// Folder in which replies are kept for use without a network; `None` keeps none.
    pub cache_dir: Option<PathBuf>,
    /// Most bytes of all replies that are kept; `None` is no limit.
    pub cache_max_size: Option<u64>,
    /// Who `api_key` signs in, where that is a token which changes while the login stays.
    pub cache_login: Option<String>,
    /// Whether any use of the network is refused: what was kept answers.
    pub offline: bool,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |text: &str| Url::parse(text).map_or_else(|_| "(no address)".to_owned(), |url| public_url(&url));
        f.debug_struct("Config")
            .field("api_url", &shown(&self.api_url))
            .field("api_key", &self.api_key)
            .field("api_organization", &self.api_organization)
            .field("api_repository", &self.api_repository)
            .field("repo_url", &shown(&self.repo_url))
            .field("repo_key", &self.repo_key)
            .field("repo_name", &self.repo_name)
            .field("repo_organization", &self.repo_organization)
            .finish_non_exhaustive()
    }
}
