//! The repository: the signed index, verified tarballs, many at once.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use crate::common::{Answer, Arrived, Peer, client_with, config, nobody, reply};
use hexide_client::{
    Client, Config, Progress,
    repo::{self, Item, Target},
};
use hexide_core::{
    Code,
    registry::{
        self, Names, Package, Policy, PrivateKey, Resource, Versions,
        schema::{Release, VersionsEntry},
    },
    tarball::{Content, Created, Entry, Limits, create},
};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, net::TcpListener, time::timeout};

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

fn signed(resource: &impl Resource) -> Vec<u8> {
    registry::sign(&registry::encode(resource), &KEY).unwrap()
}

/// A configuration that trusts [`KEY`].
fn trusting(base: &str) -> Config {
    let mut config = config(base);
    config.repo_public_key = Some(KEY.public_key().unwrap().to_pem());
    config
}

fn bytes(body: &[u8]) -> Answer {
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\netag: \"abc\"\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Answer::Bytes([head.as_bytes(), body].concat())
}

/// A peer that serves these bytes by path below `/repo`.
async fn serving(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Peer {
    let files: BTreeMap<_, _> = files.into_iter().collect();
    Peer::start(move |_, request| match files.get(request.target.strip_prefix("/repo").unwrap()) {
        Some(body) => bytes(body),
        None => reply(404, &[], ""),
    })
    .await
}

fn package_of(name: &str, version: &str) -> Created {
    let metadata = format!(
        "{{<<\"app\">>,<<\"{name}\">>}}.\n{{<<\"build_tools\">>,[<<\"rebar3\">>]}}.\n\
         {{<<\"files\">>,[<<\"src/a.erl\">>]}}.\n{{<<\"name\">>,<<\"{name}\">>}}.\n\
         {{<<\"version\">>,<<\"{version}\">>}}.\n"
    );
    let entry = Entry {
        path: "src/a.erl".to_owned(),
        mode: 0o644,
        content: Content::File(format!("-module({name}).\n").into_bytes()),
    };
    create(metadata.as_bytes(), &[entry], Limits::default()).unwrap()
}

/// The index entry of a package with one release.
fn index_of(name: &str, version: &str, created: &Created) -> Package {
    let release = Release {
        version: version.to_owned(),
        inner_checksum: created.inner_checksum.to_vec(),
        outer_checksum: Some(created.outer_checksum.to_vec()),
        ..Release::default()
    };
    Package {
        name: name.to_owned(),
        repository: "hexpm".to_owned(),
        releases: vec![release],
        ..Package::default()
    }
}

#[tokio::test]
async fn every_resource_is_read_from_its_place() {
    let repository = "hexpm".to_owned();
    let names = Names { repository: repository.clone(), ..Names::default() };
    let versions = Versions { repository: repository.clone(), ..Versions::default() };
    let package = index_of("pa", "1.0.0", &package_of("pa", "1.0.0"));
    let policy = Policy { repository, name: "strict".to_owned(), ..Policy::default() };
    let peer = serving([
        ("/names".to_owned(), signed(&names)),
        ("/versions".to_owned(), signed(&versions)),
        ("/packages/pa".to_owned(), signed(&package)),
        ("/policies/strict".to_owned(), signed(&policy)),
    ])
    .await;
    let client = client_with(trusting(&peer.base()));
    assert_eq!(repo::names(&client, None).await.unwrap().value, Some(names));
    assert_eq!(repo::versions(&client, None).await.unwrap().value, Some(versions));
    assert_eq!(repo::policy(&client, "strict", None).await.unwrap().value, Some(policy));
    let fetched = repo::package(&client, "pa", None).await.unwrap();
    assert_eq!((fetched.value, fetched.etag.as_deref()), (Some(package), Some("\"abc\"")));
}

#[tokio::test]
async fn an_organization_has_its_own_folder_and_name() {
    let names = Names { repository: "acme".to_owned(), ..Names::default() };
    let peer = serving([("/repos/acme/names".to_owned(), signed(&names))]).await;
    let mut config = trusting(&peer.base());
    config.repo_organization = Some("acme".to_owned());
    assert_eq!(repo::names(&client_with(config), None).await.unwrap().value, Some(names));
}

#[tokio::test]
async fn an_unchanged_resource_is_not_sent_again() {
    let peer = Peer::start(|_, _| {
        Answer::Bytes(b"HTTP/1.1 304 X\r\nconnection: close\r\netag: \"abc\"\r\n\r\n".to_vec())
    })
    .await;
    let client = client_with(trusting(&peer.base()));
    let fetched = repo::package(&client, "pa", Some("\"abc\"")).await.unwrap();
    assert_eq!((fetched.value, fetched.etag.as_deref()), (None, Some("\"abc\"")));
    assert_eq!(peer.only().header("if-none-match"), Some("\"abc\""));
    // Without having been asked, it makes no sense.
    assert_eq!(repo::package(&client, "pa", None).await.unwrap_err().code, Code::Protocol);
}

#[tokio::test]
async fn a_resource_that_another_key_signed_is_refused() {
    let names = Names { repository: "hexpm".to_owned(), ..Names::default() };
    let other = PrivateKey::generate().unwrap();
    let resource = registry::sign(&registry::encode(&names), &other).unwrap();
    let peer = serving([("/names".to_owned(), resource)]).await;
    let mut config = trusting(&peer.base());
    let error = repo::names(&client_with(config.clone()), None).await.unwrap_err();
    assert_eq!(error.code, Code::BadSignature);
    assert!(error.details.url.unwrap().ends_with("/repo/names"));
    config.repo_verify = false;
    config.repo_public_key = None;
    repo::names(&client_with(config), None).await.unwrap();
}

#[tokio::test]
async fn a_resource_of_another_package_or_repository_is_refused() {
    let package = index_of("pa", "1.0.0", &package_of("pa", "1.0.0"));
    let peer = serving([
        ("/packages/pa".to_owned(), signed(&package)),
        ("/packages/pb".to_owned(), signed(&package)),
    ])
    .await;
    let mut config = trusting(&peer.base());
    let error = repo::package(&client_with(config.clone()), "pb", None).await.unwrap_err();
    assert_eq!(error.code, Code::BadOrigin);
    config.repo_name = "acme".to_owned();
    let error = repo::package(&client_with(config.clone()), "pa", None).await.unwrap_err();
    assert_eq!(error.code, Code::BadOrigin);
    config.repo_verify_origin = false;
    repo::package(&client_with(config), "pa", None).await.unwrap();
}

#[tokio::test]
async fn without_a_key_nothing_is_verified_and_so_nothing_is_asked() {
    let peer = serving([]).await;
    let mut config = config(&peer.base());
    config.repo_public_key = None;
    let error = repo::names(&client_with(config), None).await.unwrap_err();
    assert_eq!((error.code, error.details.key.as_deref()), (Code::BadConfig, Some("repo_public_key")));
    assert!(peer.arrived().is_empty());
}

#[tokio::test]
async fn a_page_in_place_of_a_tarball_is_named_as_such() {
    let peer = Peer::start(|_, _| reply(200, &[("content-type", "text/html")], "<html>")).await;
    let client = client_with(config(&peer.base()));
    let error = repo::tarball(&client, "pa", "1.0.0", Some([0; 32]), None).await.unwrap_err();
    assert_eq!(error.code, Code::Protocol);
    assert!(error.message.contains("text/html"), "{error}");
}

#[tokio::test]
async fn garbage_in_place_of_a_resource_makes_no_sense() {
    let peer = serving([("/names".to_owned(), b"<html>".to_vec())]).await;
    let error = repo::names(&client_with(trusting(&peer.base())), None).await.unwrap_err();
    assert_eq!(error.code, Code::Protocol, "{error}");
}

#[tokio::test]
async fn the_public_key_is_given_only_if_it_is_one() {
    let pem = KEY.public_key().unwrap().to_pem();
    let peer = serving([("/public_key".to_owned(), pem.clone().into_bytes())]).await;
    assert_eq!(repo::public_key(&client_with(config(&peer.base()))).await.unwrap(), pem);
    let peer = serving([("/public_key".to_owned(), b"<html>".to_vec())]).await;
    let error = repo::public_key(&client_with(config(&peer.base()))).await.unwrap_err();
    assert_eq!(error.code, Code::Protocol);
}

#[tokio::test]
async fn a_tarball_with_another_checksum_than_the_locked_one_is_refused() {
    let created = package_of("pa", "1.0.0");
    let peer = serving([("/tarballs/pa-1.0.0.tar".to_owned(), created.tarball.clone())]).await;
    let client = client_with(config(&peer.base()));
    let locked = Some(created.outer_checksum);
    let tarball = repo::tarball(&client, "pa", "1.0.0", locked, None).await.unwrap();
    assert_eq!(tarball, created.tarball);
    let error = repo::tarball(&client, "pa", "1.0.0", Some([0xab; 32]), None).await.unwrap_err();
    assert_eq!(error.code, Code::BadChecksum);
    assert_eq!(error.details.expected, Some("ab".repeat(32)));
    assert_eq!(error.details.actual.map(|text| text.len()), Some(64));
}

#[tokio::test]
async fn without_a_locked_checksum_the_registry_has_it() {
    let created = package_of("pa", "1.0.0");
    let other = package_of("pa", "2.0.0");
    let peer = serving([
        ("/packages/pa".to_owned(), signed(&index_of("pa", "1.0.0", &created))),
        ("/tarballs/pa-1.0.0.tar".to_owned(), created.tarball.clone()),
    ])
    .await;
    let client = client_with(trusting(&peer.base()));
    repo::tarball(&client, "pa", "1.0.0", None, None).await.unwrap();
    let error = repo::tarball(&client, "pa", "2.0.0", None, None).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound, "{error}");

    let peer = serving([
        ("/packages/pa".to_owned(), signed(&index_of("pa", "1.0.0", &created))),
        ("/tarballs/pa-1.0.0.tar".to_owned(), other.tarball),
    ])
    .await;
    let client = client_with(trusting(&peer.base()));
    let error = repo::tarball(&client, "pa", "1.0.0", None, None).await.unwrap_err();
    assert_eq!(error.code, Code::BadChecksum);
}

#[tokio::test]
async fn a_download_reports_up_to_its_total() {
    let created = package_of("pa", "1.0.0");
    let size = u64::try_from(created.tarball.len()).unwrap();
    let peer = serving([("/tarballs/pa-1.0.0.tar".to_owned(), created.tarball)]).await;
    let reports = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&reports);
    let progress = Progress::new(move |report| sink.lock().unwrap().push(report));
    let client = client_with(config(&peer.base()));
    let locked = Some(created.outer_checksum);
    repo::tarball(&client, "pa", "1.0.0", locked, Some(progress)).await.unwrap();
    let reports = reports.lock().unwrap();
    let last = reports.last().unwrap();
    assert_eq!((last.phase, last.done, last.total), ("download", size, Some(size)));
    assert_eq!(last.item.as_deref(), Some("pa-1.0.0"));
}

/// A repository with these packages at 1.0.0, all verifiable.
async fn repository(names: &[&str]) -> (Peer, Client) {
    let files = names.iter().flat_map(|name| {
        let created = package_of(name, "1.0.0");
        let index = signed(&index_of(name, "1.0.0", &created));
        [(format!("/packages/{name}"), index), (format!("/tarballs/{name}-1.0.0.tar"), created.tarball)]
    });
    let peer = serving(files).await;
    let client = client_with(trusting(&peer.base()));
    (peer, client)
}

fn item(name: &str, version: &str) -> Item {
    Item { name: name.to_owned(), version: version.to_owned(), outer_checksum: None }
}

#[tokio::test]
async fn many_come_in_the_order_asked_and_one_failure_costs_only_itself() {
    let (peer, client) = repository(&["pa", "pb", "pc"]).await;
    let mut wrong = item("pb", "1.0.0");
    wrong.outer_checksum = Some([1; 32]);
    let items = vec![
        item("pc", "1.0.0"),
        item("pa", "9.9.9"),
        wrong,
        item("nosuch", "1.0.0"),
        item("../pa", "1.0.0"),
        item("pa", "1.0.0"),
    ];
    let reports = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&reports);
    let progress = Progress::new(move |report| sink.lock().unwrap().push((report.done, report.total)));
    let results = repo::fetch_many(&client, items, Target::Memory, Some(2), Some(progress)).await;
    let codes: Vec<_> = results.iter().map(|result| result.as_ref().err().map(|error| error.code)).collect();
    let expected = [
        None,
        Some(Code::NotFound),
        Some(Code::BadChecksum),
        Some(Code::NotFound),
        Some(Code::Invalid),
        None,
    ];
    assert_eq!(codes, expected);
    let first = results[0].as_ref().unwrap();
    assert_eq!((first.name.as_str(), first.version.as_str()), ("pc", "1.0.0"));
    assert_eq!(first.tarball.as_deref(), Some(&package_of("pc", "1.0.0").tarball[..]));
    assert_eq!(*reports.lock().unwrap(), (1..=6).map(|done| (done, Some(6))).collect::<Vec<_>>());
    let asked = peer.arrived().into_iter().filter(|request| request.target.ends_with("/packages/pa"));
    assert_eq!(asked.count(), 1, "a package is looked up once, however many of its releases are asked for");
}

#[tokio::test]
async fn many_are_written_or_unpacked_into_a_folder() {
    let (_peer, client) = repository(&["pa", "pb"]).await;
    let folder = TempDir::new().unwrap();
    let items = || vec![item("pa", "1.0.0"), item("pb", "1.0.0")];

    let target = Target::Folder(folder.path().join("cache"));
    let results = repo::fetch_many(&client, items(), target, None, None).await;
    let path = results[1].as_ref().unwrap().path.clone().unwrap();
    assert_eq!(path, folder.path().join("cache/pb-1.0.0.tar"));
    assert_eq!(fs::read(path).unwrap(), package_of("pb", "1.0.0").tarball);

    for _ in 0..2 {
        let target = Target::Unpack(folder.path().join("deps"));
        let results = repo::fetch_many(&client, items(), target, None, None).await;
        let path = results[0].as_ref().unwrap().path.clone().unwrap();
        assert_eq!(fs::read_to_string(path.join("src/a.erl")).unwrap(), "-module(pa).\n");
        assert!(path.join("hex_metadata.config").exists());
    }
    let names = |path: &Path| fs::read_dir(path).unwrap().count();
    assert_eq!((names(&folder.path().join("cache")), names(&folder.path().join("deps"))), (2, 2));
}

#[tokio::test]
async fn many_means_that_many_at_once_and_no_more() {
    const AT_ONCE: usize = 3;
    let created = package_of("pa", "1.0.0");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let body = created.tarball;
    let server = tokio::spawn(async move {
        let mut waiting = Vec::new();
        // Nobody is answered before all who may ask at once have asked.
        for _ in 0..AT_ONCE {
            let (mut stream, _) = listener.accept().await.unwrap();
            Arrived::read(&mut stream).await.unwrap();
            waiting.push(stream);
        }
        let more = timeout(Duration::from_millis(100), listener.accept()).await.is_ok();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        for _ in 0..AT_ONCE {
            let mut stream = waiting.remove(0);
            stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
            tokio::spawn(async move { while Arrived::read(&mut stream).await.is_some() {} });
        }
        more
    });
    let items = vec![Item { outer_checksum: Some(created.outer_checksum), ..item("pa", "1.0.0") }; 9];
    let mut config = config(&base);
    config.http_concurrency = AT_ONCE;
    let client = client_with(config);
    let fetching = tokio::spawn(async move {
        repo::fetch_many(&client, items, Target::Memory, None, None).await;
    });
    let more = timeout(Duration::from_secs(30), server).await.expect("too few asked at once").unwrap();
    assert!(!more, "too many asked at once");
    fetching.abort();
}

#[tokio::test]
async fn a_repository_that_is_down_fails_every_item() {
    let client = client_with(trusting(&nobody().await));
    let items = vec![item("pa", "1.0.0"), item("pb", "1.0.0")];
    for result in repo::fetch_many(&client, items, Target::Memory, None, None).await {
        assert_eq!(result.unwrap_err().code, Code::Connect);
    }
}

#[tokio::test]
async fn an_index_as_large_as_a_public_registrys_is_read_whole() {
    let packages = (0..20_000).map(|number| VersionsEntry {
        name: format!("package_{number}"),
        versions: (0..=number % 20).map(|minor| format!("{}.{minor}.0", number % 7)).collect(),
        ..VersionsEntry::default()
    });
    let index = Versions { packages: packages.collect(), repository: "hexpm".to_owned() };
    let peer = serving([("/versions".to_owned(), signed(&index))]).await;
    let versions = repo::versions(&client_with(trusting(&peer.base())), None).await.unwrap().value.unwrap();
    assert!(versions == index, "something is lost among {} packages", versions.packages.len());
}
