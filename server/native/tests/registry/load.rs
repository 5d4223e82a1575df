//! Many at the same time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hexide_core::registry::{self, Origin, PublicKey, Versions};

use crate::{
    fixture::{Registry, metadata, publish_as, tarball},
    http_client::send,
};

const PACKAGES: usize = 12;
const RELEASES: usize = 4;

fn versions(body: &[u8], key: &PublicKey) -> Versions {
    let payload = registry::verify(body, Some(key), 1 << 24).expect("a verified index");
    registry::decode(&payload, Some(Origin { repository: "hexpm", name: None })).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_whole_and_growing_states_while_many_publish() {
    let registry = Registry::start().await;
    let port = registry.port;
    let key = PublicKey::from_pem(&registry.server.info().public_key).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for _ in 0..3 {
        let (key, done) = (key.clone(), Arc::clone(&done));
        readers.push(tokio::spawn(async move {
            let (mut before, mut reads) = (0, 0);
            while !done.load(Ordering::SeqCst) {
                let reply = send(port, "GET", "/repo/versions", &[("user-agent", "t")], b"").await;
                let index = versions(&reply.body, &key);
                let count: usize = index.packages.iter().map(|package| package.versions.len()).sum();
                assert!(count >= before, "a release vanished: {count} after {before}");
                before = count;
                // What the index lists can be had.
                if let Some(package) = index.packages.last() {
                    let path = format!("/repo/tarballs/{}-{}.tar", package.name, package.versions[0]);
                    assert_eq!(send(port, "GET", &path, &[("user-agent", "t")], b"").await.status, 200);
                }
                reads += 1;
            }
            reads
        }));
    }
    let mut publishers = Vec::new();
    for package in 0..PACKAGES {
        let key = registry.key.clone();
        publishers.push(tokio::spawn(async move {
            for release in 0..RELEASES {
                let tarball = tarball(&metadata(&format!("pkg_{package}"), &format!("1.{release}.0")));
                assert_eq!(publish_as(port, &key, &tarball).await.status, 201);
            }
        }));
    }
    for publisher in publishers {
        publisher.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    let index = versions(&registry.get("/repo/versions").await.body, &key);
    assert_eq!(index.packages.len(), PACKAGES);
    assert!(index.packages.iter().all(|package| package.versions.len() == RELEASES));
    registry.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_publish_the_same_release_one_makes_it() {
    let registry = Registry::start().await;
    let (port, tarball) = (registry.port, tarball(&metadata("foo", "1.0.0")));
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (key, tarball) = (registry.key.clone(), tarball.clone());
        tasks.push(tokio::spawn(async move {
            let headers = [("user-agent", "t"), ("authorization", key.as_str())];
            send(port, "POST", "/api/publish?replace=false", &headers, &tarball).await.status
        }));
    }
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422, 422, 422, 422, 422, 422, 422]);
    registry.server.stop().await;
}
