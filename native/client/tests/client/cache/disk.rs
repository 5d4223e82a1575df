//! The files: private, bounded, whole or none.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use futures::future::join_all;
use hexide_client::repo;
use hexide_core::Code;
use tempfile::TempDir;

use crate::{
    cache::fixture::{
        KEY, as_usual, caching, files, key, mode, name_of, names, offline, online, packages, replies, tagged,
    },
    common::{Peer, client_with},
};

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
