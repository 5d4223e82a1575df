//! What distinguishes one transport from another, and how one is built.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use hexide_core::{Code, Error, Result};
use reqwest::{NoProxy, Proxy, redirect};
use secrecy::{ExposeSecret, SecretString};

use super::roots;
use crate::config::Config;

/// Reached without proxy whatever the settings say: a proxy's loopback is not ours.
const LOOPBACK: &str = "127.0.0.0/8,::1,localhost";

/// What `localhost` is (RFC 6761, section 6.3); the port is that of the address.
const HERE: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// The settings that a connection depends on. No credential of the API or a repository is among them.
#[derive(Clone)]
pub(crate) struct Settings {
    http_proxy: Option<SecretString>,
    https_proxy: Option<SecretString>,
    no_proxy: Option<String>,
    cacerts_path: Option<PathBuf>,
    unsafe_https: bool,
    connect_timeout: Duration,
}

impl Settings {
    /// The transport settings within `config`.
    ///
    /// # Errors
    /// `bad_config` where a proxy is no usable address.
    pub(crate) fn of(config: &Config) -> Result<Self> {
        let settings = Self {
            http_proxy: config.http_proxy.clone(),
            https_proxy: config.https_proxy.clone(),
            no_proxy: config.no_proxy.clone(),
            cacerts_path: config.cacerts_path.clone(),
            unsafe_https: config.unsafe_https,
            connect_timeout: config.connect_timeout,
        };
        settings.proxies()?;
        Ok(settings)
    }

    /// Builds the HTTP client; reads certificate files, so call it off the workers.
    ///
    /// # Errors
    /// `bad_config`, `tls`.
    pub(super) fn build(&self) -> Result<reqwest::Client> {
        // The environment's proxies are switched off before the configured ones are added.
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            // Secrets may go to it in clear text, so its name means this machine whatever a resolver says.
            .resolve_to_addrs("localhost", &HERE)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(Duration::from_secs(30))
            .tls_danger_accept_invalid_certs(self.unsafe_https);
        for proxy in self.proxies()? {
            builder = builder.proxy(proxy);
        }
        if let (false, Some(roots)) = (self.unsafe_https, roots::trusted(self.cacerts_path.as_deref())?) {
            builder = builder.tls_certs_only(roots);
        }
        builder
            .build()
            .map_err(|error| Error::new(Code::Tls, format!("The HTTP client cannot be set up: {error}")))
    }

    fn proxies(&self) -> Result<Vec<Proxy>> {
        let exceptions = match &self.no_proxy {
            Some(list) => format!("{LOOPBACK},{list}"),
            None => LOOPBACK.to_owned(),
        };
        let mut proxies = Vec::new();
        for (key, address) in [("http_proxy", &self.http_proxy), ("https_proxy", &self.https_proxy)] {
            let Some(address) = address else { continue };
            let address = proxy_address(key, address.expose_secret())?;
            let proxy = if key == "http_proxy" { Proxy::http(address) } else { Proxy::https(address) };
            // The library's own message would repeat the address, which may hold a password.
            let proxy = proxy.map_err(|_| bad_proxy(key))?;
            proxies.push(proxy.no_proxy(NoProxy::from_string(&exceptions)));
        }
        Ok(proxies)
    }
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        let text = |secret: &Option<SecretString>| secret.as_ref().map(|s| s.expose_secret().to_owned());
        text(&self.http_proxy) == text(&other.http_proxy)
            && text(&self.https_proxy) == text(&other.https_proxy)
            && self.no_proxy == other.no_proxy
            && self.cacerts_path == other.cacerts_path
            && self.unsafe_https == other.unsafe_https
            && self.connect_timeout == other.connect_timeout
    }
}

fn proxy_address(key: &str, text: &str) -> Result<url::Url> {
    // `HOST:PORT` alone is customary in this setting.
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(url),
        _ => Err(bad_proxy(key)),
    }
}

fn bad_proxy(key: &str) -> Error {
    Error::new(Code::BadConfig, format!("{key} is no address of an http or https proxy"))
        .with(|d| d.key = Some(key.to_owned()))
}
