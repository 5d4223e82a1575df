//! Clients with a cache, peers whose replies have ETags, and a look at the files.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use hexide_client::{Client, Config, api};
use hexide_core::{
    Code,
    registry::{self, Names, PrivateKey},
};
use tempfile::TempDir;

use crate::common::{Answer, Arrived, Peer, client_with, config, reply};

pub static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

/// A configuration with a cache in that folder, which trusts [`KEY`].
pub fn caching(base: &str, folder: &TempDir) -> Config {
    let mut config = config(base);
    config.repo_public_key = Some(KEY.public_key().unwrap().to_pem());
    config.cache_dir = Some(folder.path().join("cache"));
    config
}

pub fn online(peer: &Peer, folder: &TempDir) -> Client {
    client_with(caching(&peer.base(), folder))
}

/// The same client without a network, which opens no socket.
pub fn offline(peer: &Peer, folder: &TempDir, change: impl FnOnce(&mut Config)) -> Client {
    let mut config = caching(&peer.base(), folder);
    config.offline = true;
    change(&mut config);
    client_with(config)
}

pub fn as_usual(_: &mut Config) {}

pub fn key(text: &'static str) -> impl FnOnce(&mut Config) {
    move |config| config.api_key = Some(text.into())
}

pub fn names(key: &PrivateKey) -> Vec<u8> {
    let names = Names { repository: "hexpm".to_owned(), ..Names::default() };
    registry::sign(&registry::encode(&names), key).unwrap()
}

/// The reply to a request that knows this ETag, and to one that does not.
pub fn tagged(request: &Arrived, etag: &str, headers: &str, body: &[u8]) -> Answer {
    if request.header("if-none-match") == Some(etag) {
        return reply(304, &[("etag", etag)], "");
    }
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\netag: {etag}\r\n{headers}content-length: {length}\r\n\r\n"
    );
    Answer::Bytes([head.as_bytes(), body].concat())
}

/// A peer that answers everything with a package that is named after who asks.
pub async fn packages() -> Peer {
    Peer::start(|_, request| {
        let name = request.header("authorization").map_or("nobody", |key| key.trim_end_matches("-key"));
        let body = format!(r#"{{"name":"{name}"}}"#);
        tagged(request, "\"1\"", "content-type: application/json\r\n", body.as_bytes())
    })
    .await
}

/// All files of the cache but its salt.
pub fn files(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(replies(folder)).map(|entries| entries.map(|entry| entry.unwrap().path()));
    entries.map(|paths| paths.filter(|path| !path.ends_with("salt")).collect()).unwrap_or_default()
}

pub fn replies(folder: &TempDir) -> PathBuf {
    folder.path().join("cache/replies-1")
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub async fn name_of(client: &Client) -> Result<String, Code> {
    api::package::get(client, "pa").await.map(|package| package.name).map_err(|error| error.code)
}
