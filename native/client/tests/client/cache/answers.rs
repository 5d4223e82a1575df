//! What the cache saves, and what it answers without a network.

use hexide_client::{
    Client,
    api::{self, owner, package::Search, release},
    repo,
};
use hexide_core::Code;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::{
    cache::fixture::{KEY, as_usual, files, name_of, names, offline, online, packages, tagged},
    common::{Peer, client_with, config, json, nobody, reply},
};

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
