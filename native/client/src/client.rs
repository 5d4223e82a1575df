//! A client: a configuration, the secrets in their place, and a share in the transport.

use std::{fmt, sync::Arc};

use crate::cpu_budget::CpuBudget;
use hexide_core::{Code, Error, Result};
use http::HeaderValue;
use url::Url;

use crate::{
    cache::Cache,
    config::Config,
    credentials::Credentials,
    transport::{Settings, Transport},
};

/// A client of one API and one repository. Cheap to make, cheaper to clone: connections are shared by all
/// clients with the same transport settings.
#[derive(Clone)]
pub struct Client {
    pub(crate) config: Arc<Config>,
    pub(crate) cpu: CpuBudget,
    pub(crate) api: Arc<Url>,
    pub(crate) repository: Arc<Url>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) transport: Arc<Transport>,
    pub(crate) cache: Option<Arc<Cache>>,
}

impl Client {
    /// A client with these settings, whose CPU-bound work draws on `cpu`. Touches no network and no file.
    ///
    /// # Errors
    /// `bad_config`.
    pub fn new(config: Config, cpu: CpuBudget) -> Result<Self> {
        let api = Arc::new(base("api_url", &config.api_url)?);
        let repository = Arc::new(base("repo_url", &config.repo_url)?);
        let credentials = Arc::new(Credentials::new(&config, Arc::clone(&api), Arc::clone(&repository)));
        let user_agent = user_agent(config.user_agent_fragment.as_deref())?;
        let transport = Transport::shared(Settings::of(&config)?);
        let cache = cache(&config);
        Ok(Self { config: Arc::new(config), cpu, api, repository, credentials, user_agent, transport, cache })
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Runs CPU-bound work within the budget.
    pub(crate) async fn compute<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce() -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.cpu
            .run(work)
            .await
            .unwrap_or_else(|_| Err(Error::new(Code::Protocol, "Reading the reply failed inside hexide")))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.config).finish_non_exhaustive()
    }
}

fn base(key: &'static str, text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        Error::new(Code::BadConfig, format!("{key} {why}")).with(|d| d.key = Some(key.to_owned()))
    };
    let url = Url::parse(text).map_err(|_| wrong("is no web address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must hold no user name or password; credentials have their own settings"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must hold no query and no fragment"));
    }
    Ok(url)
}

/// Where replies are kept. What came from a peer that nobody knows is not.
fn cache(config: &Config) -> Option<Arc<Cache>> {
    let folder = config.cache_dir.as_deref().filter(|_| !config.unsafe_https)?;
    let limit = config.cache_max_size.unwrap_or(u64::MAX);
    (limit > 0).then(|| Cache::shared(folder, limit))
}

fn user_agent(fragment: Option<&str>) -> Result<HeaderValue> {
    let version = env!("CARGO_PKG_VERSION");
    let text = match fragment {
        Some(fragment) => format!("hexide/{version} ({fragment})"),
        None => format!("hexide/{version}"),
    };
    HeaderValue::from_str(&text).map_err(|_| {
        Error::new(Code::BadConfig, "user_agent_fragment contains characters that no header may carry")
            .with(|d| d.key = Some("user_agent_fragment".to_owned()))
    })
}
