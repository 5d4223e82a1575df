//! The one HTTP client: what every request goes through.
//!
//! One [`Transport`] exists per distinct set of transport settings, in a small process-wide cache; no
//! credential is part of its key. Redirects, retries, limits and the cache are ours, the connections are
//! reqwest's.

mod attempt;
mod cached;
mod failure;
mod idle;
mod redirect;
mod retry;
mod roots;
mod send;
mod settings;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use crate::cpu_budget::CpuBudget;
use bytes::Bytes;
use hexide_core::Result;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::SecretString;
use tokio::{
    runtime::{self, Handle},
    sync::OnceCell,
};
use url::Url;

pub(crate) use retry::wait_asked_for;
pub(crate) use settings::Settings;

use crate::{credentials::Purpose, progress::Progress, recent::Recent};

/// The transports that a process uses.
static TRANSPORTS: Recent<Transport> = Recent::new();

/// Connections under one set of transport settings; built on first use.
pub struct Transport {
    settings: Settings,
    http: Mutex<Option<(runtime::Id, Http)>>,
}

/// A client of the library underneath. Its connections live and die with the runtime they were made on,
/// so another runtime gets another one.
type Http = Arc<OnceCell<reqwest::Client>>;

impl Transport {
    /// The transport for these settings, made where the cache has none.
    pub(crate) fn shared(settings: Settings) -> Arc<Self> {
        let new = Self { settings, http: Mutex::default() };
        TRANSPORTS.shared(new, |one, other| one.settings == other.settings)
    }

    /// The HTTP client, built off the workers: certificate files are read for it.
    async fn http(&self, cpu: &CpuBudget) -> Result<reqwest::Client> {
        let here = self.here();
        let build = || async {
            let settings = self.settings.clone();
            cpu.run(move || settings.build()).await.unwrap_or_else(|_| Err(failure::setup()))
        };
        here.get_or_try_init(build).await.cloned()
    }

    /// The place of the HTTP client of the current runtime.
    fn here(&self) -> Http {
        let runtime = Handle::current().id();
        let mut http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        match http.as_ref().filter(|(id, _)| *id == runtime) {
            Some((_, known)) => Arc::clone(known),
            None => {
                let (_, new) = http.insert((runtime, Http::default()));
                Arc::clone(new)
            }
        }
    }
}

/// A request as an operation states it; credentials and user agent are added on sending.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) purpose: Purpose,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) accept: HeaderValue,
    pub(crate) if_none_match: Option<String>,
    /// Whether its reply may be kept for later.
    pub(crate) kept: bool,
    /// When the kept reply was fetched that answers where nothing changed, in seconds since 1970.
    pub(crate) cached_at: Option<u64>,
    pub(crate) body: Option<Body>,
    /// The secret in the body, which no failure may repeat.
    pub(crate) secret: Option<SecretString>,
    /// Largest reply that is taken, in bytes.
    pub(crate) limit: u64,
    pub(crate) progress: Option<Progress>,
    /// What the progress is about.
    pub(crate) item: Option<String>,
}

/// The body of a request. It may hold a password or a token, so `Debug` shows its size only.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) content_type: HeaderValue,
    pub(crate) bytes: Bytes,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}

/// A complete reply. Its body may hold a new key or token, so `Debug` does not show it.
pub(crate) struct Reply {
    pub(crate) method: Method,
    /// The address that answered, without query.
    pub(crate) url: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, url, status) = (&self.method, &self.url, self.status.as_u16());
        write!(f, "Reply({method} {url}: {status}, {} bytes)", self.body.len())
    }
}

impl Reply {
    /// A header as text; absent where it is not text.
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

#[cfg(test)]
mod tests;
