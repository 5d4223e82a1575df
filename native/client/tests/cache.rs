//! Replies kept on disk: what they save, to whom they are given, and that they are believed no more than others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use common::{Answer, Arrived, Peer, client_with, config, json, nobody, reply};
use futures::future::join_all;
use hexide_client::{
    Client, Config,
    api::{self, owner, package::Search, release, user},
    repo,
};
use hexide_core::{
    Code,
    registry::{self, Names, PrivateKey},
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

/// A configuration with a cache in that folder, which trusts [`KEY`].
fn caching(base: &str, folder: &TempDir) -> Config {
    let mut config = config(base);
    config.repo_public_key = Some(KEY.public_key().unwrap().to_pem());
    config.cache_dir = Some(folder.path().join("cache"));
    config
}

fn online(peer: &Peer, folder: &TempDir) -> Client {
    client_with(caching(&peer.base(), folder))
}

/// The same client without a network, which opens no socket.
fn offline(peer: &Peer, folder: &TempDir, change: impl FnOnce(&mut Config)) -> Client {
    let mut config = caching(&peer.base(), folder);
    config.offline = true;
    change(&mut config);
    client_with(config)
}

fn as_usual(_: &mut Config) {}

fn key(text: &'static str) -> impl FnOnce(&mut Config) {
    move |config| config.api_key = Some(text.into())
}

fn names(key: &PrivateKey) -> Vec<u8> {
    let names = Names { repository: "hexpm".to_owned(), ..Names::default() };
    registry::sign(&registry::encode(&names), key).unwrap()
}

/// The reply to a request that knows this ETag, and to one that does not.
fn tagged(request: &Arrived, etag: &str, headers: &str, body: &[u8]) -> Answer {
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
async fn packages() -> Peer {
    Peer::start(|_, request| {
        let name = request.header("authorization").map_or("nobody", |key| key.trim_end_matches("-key"));
        let body = format!(r#"{{"name":"{name}"}}"#);
        tagged(request, "\"1\"", "content-type: application/json\r\n", body.as_bytes())
    })
    .await
}

/// All files of the cache but its salt.
fn files(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(replies(folder)).map(|entries| entries.map(|entry| entry.unwrap().path()));
    entries.map(|paths| paths.filter(|path| !path.ends_with("salt")).collect()).unwrap_or_default()
}

fn replies(folder: &TempDir) -> PathBuf {
    folder.path().join("cache/replies-1")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn name_of(client: &Client) -> Result<String, Code> {
    api::package::get(client, "pa").await.map(|package| package.name).map_err(|error| error.code)
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let (peer, folder) = (packages().await, TempDir::new().unwrap());
    for _ in 0..2 {
        assert_eq!(name_of(&online(&peer, &folder)).await.unwrap(), "nobody");
    }
    let asked: Vec<_> = peer.arrived().iter().map(|r| r.header("if-none-match").map(str::to_owned)).collect();
    assert_eq!(asked, [None, Some("\"1\"".to_owned())]);
}

#[tokio::test]
async fn what_changed_takes_the_place_of_what_was_kept() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|n, request| {
        let headers = "content-type: application/json\r\n";
        tagged(request, &format!("\"{n}\""), headers, format!(r#"{{"name":"v{n}"}}"#).as_bytes())
    })
    .await;
    assert_eq!(name_of(&online(&peer, &folder)).await.unwrap(), "v0");
    assert_eq!(name_of(&online(&peer, &folder)).await.unwrap(), "v1");
    assert_eq!(name_of(&offline(&peer, &folder, as_usual)).await.unwrap(), "v1");
    assert_eq!(files(&folder).len(), 1);
}

#[tokio::test]
async fn without_a_network_everything_that_readers_need_is_answered_from_the_cache() {
    let folder = TempDir::new().unwrap();
    let tarball = b"a tarball".to_vec();
    let checksum: [u8; 32] = Sha256::digest(&tarball).into();
    let peer = Peer::start(move |_, request| {
        let path = request.target.split('?').next().unwrap();
        let of_json =
            |text: &str| tagged(request, "\"1\"", "content-type: application/json\r\n", text.as_bytes());
        match path {
            "/repo/names" => tagged(request, "\"1\"", "", &names(&KEY)),
            "/repo/tarballs/pa-1.0.0.tar" => tagged(request, "\"1\"", "", &tarball),
            "/repo/docs/pa-1.0.0.tar.gz" => tagged(request, "\"1\"", "", b"docs"),
            "/api/packages/pa" => of_json(r#"{"name":"pa"}"#),
            "/api/packages/pa/releases/1.0.0" => of_json(r#"{"version":"1.0.0"}"#),
            _ => of_json("[]"),
        }
    })
    .await;
    let check = async |client: Client| {
        repo::names(&client, None).await.unwrap();
        repo::tarball(&client, "pa", "1.0.0", Some(checksum), None).await.unwrap();
        repo::docs(&client, "pa", "1.0.0", None).await.unwrap();
        api::package::get(&client, "pa").await.unwrap();
        release::get(&client, "pa", "1.0.0").await.unwrap();
        owner::list(&client, "pa").await.unwrap();
        let search = Search { query: Some("words".to_owned()), page: Some(1), ..Search::default() };
        api::package::search(&client, &search).await.unwrap();
        client
    };
    check(online(&peer, &folder)).await;
    let before = peer.arrived().len();
    let client = check(offline(&peer, &folder, as_usual)).await;

    // Each address is its own.
    let search = Search { query: Some("words".to_owned()), page: Some(2), ..Search::default() };
    let missed = api::package::search(&client, &search).await.unwrap_err();
    assert_eq!(missed.code, Code::Offline);
    assert!(missed.message.contains("/api/packages would have to be asked"), "{missed}");
    assert!(missed.message.contains("nothing of it is cached"), "{missed}");
    let unchanged = repo::names(&client, Some("\"1\"")).await.unwrap();
    assert_eq!((unchanged.value, unchanged.etag.as_deref()), (None, Some("\"1\"")));
    assert_eq!(peer.arrived().len(), before, "nothing was sent");
}

#[tokio::test]
async fn what_belongs_to_an_account_is_never_kept() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, _| json(200, r#"{"username":"alice"}"#)).await;
    let client = {
        let mut config = caching(&peer.base(), &folder);
        key("alices-key")(&mut config);
        client_with(config)
    };
    user::me(&client).await.unwrap();
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
    let asked = user::me(&offline(&peer, &folder, key("alices-key"))).await.unwrap_err();
    assert_eq!(asked.code, Code::Offline);
}

#[tokio::test]
async fn one_login_never_sees_what_another_was_told() {
    let (peer, folder) = (packages().await, TempDir::new().unwrap());
    let alice = {
        let mut config = caching(&peer.base(), &folder);
        key("alices-key")(&mut config);
        client_with(config)
    };
    assert_eq!(name_of(&alice).await.unwrap(), "alices");
    assert_eq!(name_of(&offline(&peer, &folder, key("alices-key"))).await.unwrap(), "alices");
    for other in [offline(&peer, &folder, key("bobs-key")), offline(&peer, &folder, as_usual)] {
        assert_eq!(name_of(&other).await, Err(Code::Offline));
    }
    // What anybody is told, everybody may see, but not in place of what was said to oneself.
    name_of(&online(&peer, &folder)).await.unwrap();
    assert_eq!(name_of(&offline(&peer, &folder, key("bobs-key"))).await.unwrap(), "nobody");
    assert_eq!(name_of(&offline(&peer, &folder, key("alices-key"))).await.unwrap(), "alices");
    let before = peer.arrived().len();
    // Nor does a server learn which version of its reply another has.
    let mut config = caching(&peer.base(), &folder);
    key("bobs-key")(&mut config);
    name_of(&client_with(config)).await.unwrap();
    assert_eq!(peer.arrived()[before].header("if-none-match"), None);
}

#[tokio::test]
async fn a_reply_that_repeats_a_secret_is_not_written_down() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, _| json(200, r#"{"name":"pa","html_url":"s3cret-key"}"#)).await;
    let mut config = caching(&peer.base(), &folder);
    key("s3cret-key")(&mut config);
    name_of(&client_with(config)).await.unwrap();
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_session_finds_its_own_under_its_next_token() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, _| json(200, r#"{"name":"private"}"#)).await;
    let session = |token: &'static str, login: &'static str| {
        move |config: &mut Config| {
            config.api_key = Some(format!("Bearer {token}").into());
            config.cache_login = Some(login.to_owned());
        }
    };
    let mut config = caching(&peer.base(), &folder);
    session("first", "alice")(&mut config);
    name_of(&client_with(config)).await.unwrap();
    assert_eq!(name_of(&offline(&peer, &folder, session("second", "alice"))).await.unwrap(), "private");
    assert_eq!(name_of(&offline(&peer, &folder, session("second", "bob"))).await, Err(Code::Offline));
    let without_token = |config: &mut Config| config.cache_login = Some("alice".to_owned());
    assert_eq!(name_of(&offline(&peer, &folder, without_token)).await, Err(Code::Offline));
}

#[tokio::test]
async fn a_damaged_file_is_as_none() {
    let (peer, folder) = (packages().await, TempDir::new().unwrap());
    name_of(&online(&peer, &folder)).await.unwrap();
    let [file] = <[PathBuf; 1]>::try_from(files(&folder)).unwrap();
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    for damaged in [&whole[..whole.len() / 2], &[], &changed] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(name_of(&offline(&peer, &folder, as_usual)).await, Err(Code::Offline));
        name_of(&online(&peer, &folder)).await.unwrap();
        assert_eq!(peer.arrived().last().unwrap().header("if-none-match"), None);
        assert_eq!(fs::read(&file).unwrap().len(), whole.len(), "it is whole again");
    }
}

/// What somebody who can write in the cache would leave: unsigned, but whole. Here it got in while nothing
/// was verified.
async fn tampered(folder: &TempDir) -> Peer {
    let peer = Peer::start(|n, request| {
        let bytes = if n == 0 { names(&PrivateKey::generate().unwrap()) } else { names(&KEY) };
        tagged(request, "\"1\"", "", &bytes)
    })
    .await;
    let mut careless = caching(&peer.base(), folder);
    careless.repo_verify = false;
    repo::names(&client_with(careless), None).await.unwrap();
    peer
}

#[tokio::test]
async fn a_kept_index_is_verified_again_without_a_network() {
    let folder = TempDir::new().unwrap();
    let peer = tampered(&folder).await;
    let refused = repo::names(&offline(&peer, &folder, as_usual), None).await.unwrap_err();
    assert_eq!(refused.code, Code::BadSignature);
}

#[tokio::test]
async fn a_kept_index_that_does_not_verify_is_asked_for_anew() {
    let folder = TempDir::new().unwrap();
    let peer = tampered(&folder).await;
    repo::names(&online(&peer, &folder), None).await.unwrap();
    let asked: Vec<_> = peer.arrived().iter().map(|r| r.header("if-none-match").is_some()).collect();
    assert_eq!(asked, [false, true, false]);
    repo::names(&offline(&peer, &folder, as_usual), None).await.unwrap();
}

#[tokio::test]
async fn what_does_not_verify_takes_no_place() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|n, _| match n {
        0 => tagged(&Arrived::default(), "\"1\"", "", &names(&KEY)),
        1 => tagged(&Arrived::default(), "\"2\"", "", &names(&PrivateKey::generate().unwrap())),
        _ => reply(200, &[("content-type", "text/html")], "<h1>Pay for this network</h1>"),
    })
    .await;
    repo::names(&online(&peer, &folder), None).await.unwrap();
    for code in [Code::BadSignature, Code::Protocol] {
        assert_eq!(repo::names(&online(&peer, &folder), None).await.unwrap_err().code, code);
        repo::names(&offline(&peer, &folder, as_usual), None).await.unwrap();
    }
}

#[tokio::test]
async fn a_kept_tarball_must_have_the_checksum_and_a_size_that_is_allowed() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, request| tagged(request, "\"1\"", "", b"a tarball")).await;
    let fetch = async |client: Client, checksum: [u8; 32]| {
        repo::tarball(&client, "pa", "1.0.0", Some(checksum), None).await.map_err(|error| error.code)
    };
    let checksum = Sha256::digest(b"a tarball").into();
    fetch(online(&peer, &folder), checksum).await.unwrap();
    fetch(offline(&peer, &folder, as_usual), checksum).await.unwrap();
    assert_eq!(fetch(offline(&peer, &folder, as_usual), [0; 32]).await, Err(Code::BadChecksum));
    let strict = |config: &mut Config| config.tarball_max_size = Some(8);
    assert_eq!(fetch(offline(&peer, &folder, strict), checksum).await, Err(Code::Offline));
    let mut config = caching(&peer.base(), &folder);
    strict(&mut config);
    assert_eq!(fetch(client_with(config), checksum).await, Err(Code::TooLarge));
}

#[tokio::test]
async fn what_is_gone_is_gone_from_the_cache() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|n, request| match n {
        0 => tagged(request, "\"1\"", "content-type: application/json\r\n", br#"{"name":"pa"}"#),
        1 => reply(503, &[], ""),
        _ => json(404, r#"{"message":"Page not found"}"#),
    })
    .await;
    name_of(&online(&peer, &folder)).await.unwrap();
    assert_eq!(name_of(&online(&peer, &folder)).await, Err(Code::Server));
    assert_eq!(name_of(&offline(&peer, &folder, as_usual)).await.unwrap(), "pa");
    assert_eq!(name_of(&online(&peer, &folder)).await, Err(Code::NotFound));
    assert_eq!(name_of(&offline(&peer, &folder, as_usual)).await, Err(Code::Offline));
}

#[tokio::test]
async fn a_redirected_reply_is_kept_under_the_address_that_was_asked() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, request| match request.target.as_str() {
        "/repo/names" => reply(302, &[("location", "/elsewhere")], ""),
        _ => tagged(request, "\"1\"", "", &names(&KEY)),
    })
    .await;
    for _ in 0..2 {
        repo::names(&online(&peer, &folder), None).await.unwrap();
    }
    assert_eq!(peer.arrived().last().unwrap().header("if-none-match"), Some("\"1\""));
    repo::names(&offline(&peer, &folder, as_usual), None).await.unwrap();
}

#[tokio::test]
async fn what_must_not_be_stored_is_not() {
    let folder = TempDir::new().unwrap();
    let headers = "content-type: application/json\r\ncache-control: private, no-store\r\n";
    let peer = Peer::start(move |_, request| tagged(request, "\"1\"", headers, br#"{"name":"pa"}"#)).await;
    name_of(&online(&peer, &folder)).await.unwrap();
    let mut unsure = caching(&peer.base(), &folder);
    unsure.unsafe_https = true;
    repo::docs(&client_with(unsure), "pa", "1.0.0", None).await.unwrap();
    let mut none = caching(&peer.base(), &folder);
    none.cache_max_size = Some(0);
    repo::docs(&client_with(none), "pa", "1.0.0", None).await.unwrap();
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn only_this_user_may_read_the_cache() {
    let (peer, folder) = (packages().await, TempDir::new().unwrap());
    name_of(&online(&peer, &folder)).await.unwrap();
    let mut config = caching(&peer.base(), &folder);
    key("a-key")(&mut config);
    repo::docs(&client_with(config.clone()), "pa", "1.0.0", None).await.unwrap();
    config.repo_key = Some("a-repo-key".into());
    repo::docs(&client_with(config), "pa", "1.0.0", None).await.unwrap();
    assert_eq!(files(&folder).len(), 3);
    assert_eq!(mode(&replies(&folder)), 0o700);
    assert_eq!(mode(&folder.path().join("cache")), 0o700);
    for file in files(&folder).into_iter().chain([replies(&folder).join("salt")]) {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
    // A folder that others may write in is closed before anything of it is used.
    fs::set_permissions(replies(&folder), fs::Permissions::from_mode(0o777)).unwrap();
    name_of(&offline(&peer, &folder, as_usual)).await.unwrap();
    assert_eq!(mode(&replies(&folder)), 0o700);
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_fails_nothing() {
    let (peer, folder) = (packages().await, TempDir::new().unwrap());
    fs::write(folder.path().join("cache"), "no folder").unwrap();
    assert_eq!(name_of(&online(&peer, &folder)).await.unwrap(), "nobody");
    // Nor does a link to somewhere else count as the cache's own folder.
    fs::remove_file(folder.path().join("cache")).unwrap();
    fs::create_dir_all(folder.path().join("cache")).unwrap();
    fs::create_dir(folder.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), replies(&folder)).unwrap();
    assert_eq!(name_of(&online(&peer, &folder)).await.unwrap(), "nobody");
    assert_eq!(fs::read_dir(folder.path().join("elsewhere")).unwrap().count(), 0);
}

#[tokio::test]
async fn the_oldest_goes_when_the_cache_is_full() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, request| match request.target.contains("huge") {
        true => tagged(request, "\"1\"", "", &[0; 3000]),
        false => tagged(request, "\"1\"", "", &[0; 700]),
    })
    .await;
    let client = |offline| {
        let mut config = caching(&peer.base(), &folder);
        config.cache_max_size = Some(8000);
        config.offline = offline;
        client_with(config)
    };
    for n in 0..20 {
        repo::docs(&client(false), &format!("pa{n}"), "1.0.0", None).await.unwrap();
        // Files of one moment have no order.
        for (age, file) in by_age(&folder).into_iter().rev().enumerate() {
            let then = SystemTime::now() - Duration::from_secs(u64::try_from(age).unwrap());
            fs::File::options().write(true).open(file).unwrap().set_modified(then).unwrap();
        }
        let total: u64 = files(&folder).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
        assert!(total <= 8000, "{total} bytes after {n}");
    }
    assert!(files(&folder).len() > 5);
    repo::docs(&client(true), "pa19", "1.0.0", None).await.unwrap();
    repo::docs(&client(true), "pa16", "1.0.0", None).await.unwrap();
    repo::docs(&client(true), "pa0", "1.0.0", None).await.unwrap_err();
    // What would push out half of the others is not kept at all.
    let before: BTreeSet<_> = files(&folder).into_iter().collect();
    repo::docs(&client(false), "huge", "1.0.0", None).await.unwrap();
    assert_eq!(files(&folder).into_iter().collect::<BTreeSet<_>>(), before);
}

fn by_age(folder: &TempDir) -> Vec<PathBuf> {
    let mut files = files(folder);
    files.sort_by_key(|file| fs::metadata(file).unwrap().modified().unwrap());
    files
}

#[tokio::test]
async fn many_at_once_never_see_half_a_reply() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, request| tagged(request, "\"1\"", "", &names(&KEY))).await;
    let clients: Vec<_> = (0..20)
        .map(|n| {
            let mut config = caching(&peer.base(), &folder);
            config.cache_max_size = Some(8000 + n % 3);
            client_with(config)
        })
        .collect();
    for outcome in join_all(clients.iter().map(|client| repo::names(client, None))).await {
        outcome.unwrap();
    }
    assert_eq!(files(&folder).len(), 1, "nothing temporary is left");
}

#[tokio::test]
async fn without_a_folder_there_is_no_cache() {
    let peer = packages().await;
    let client = client_with(config(&peer.base()));
    for _ in 0..2 {
        name_of(&client).await.unwrap();
    }
    assert!(peer.arrived().iter().all(|request| request.header("if-none-match").is_none()));
    let mut config = config(&nobody().await);
    config.offline = true;
    let missed = api::package::get(&client_with(config), "pa").await.unwrap_err();
    assert_eq!(missed.code, Code::Offline);
}
