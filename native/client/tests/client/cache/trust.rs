//! A kept reply is believed no more than another.

use std::path::PathBuf;

use hexide_client::{Client, Config, repo};
use hexide_core::{Code, registry::PrivateKey};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::{
    cache::fixture::{KEY, as_usual, caching, files, name_of, names, offline, online, tagged},
    common::{Arrived, Peer, client_with, reply},
};

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
