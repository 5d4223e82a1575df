//! The program is killed while it publishes, and started again.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hexide_core::registry::{self, Origin, PublicKey};
use hexide_server::{DataDir, Options, start};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::spawn_blocking,
    time::timeout,
};

use crate::{
    fixture::{add_user, metadata, with_content},
    http_client::{DEADLINE, parse, send},
};

const ROUNDS: usize = 8;
const PUBLISHERS: usize = 3;

/// Outer checksums that were acknowledged, and those that were asked for: by package and version.
type Seen = Arc<Mutex<HashMap<String, Vec<String>>>>;

fn options(folder: &Path) -> Options {
    Options::new(DataDir::Path(folder.to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_instant_leaves_whole_releases_only() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(options(folder.path())).await.unwrap();
    let key = add_user(&server, "alice").await;
    server.stop().await;
    let (acknowledged, asked) = (Seen::default(), Seen::default());
    let mut seed = 0x2545_f491_u64;
    for round in 0..ROUNDS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let path = folder.path().to_owned();
        let program = spawn_blocking(|| spawn(path)).await.unwrap();
        let port = program.port;
        let count = Arc::new(AtomicUsize::new(0));
        let mut publishers = Vec::new();
        for publisher in 0..PUBLISHERS {
            let shared = (Arc::clone(&acknowledged), Arc::clone(&asked), Arc::clone(&count));
            publishers.push(tokio::spawn(publish_until_killed(port, key.clone(), round, publisher, shared)));
        }
        // Any instant: after some acknowledgements, and then somewhere within the next publishes.
        let enough = usize::try_from(seed >> 33).unwrap() % 12;
        let reached = async {
            while count.load(Ordering::SeqCst) < enough {
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, reached).await.expect("publishes are acknowledged");
        tokio::time::sleep(Duration::from_micros((seed >> 20) % 20_000)).await;
        drop(program);
        for publisher in publishers {
            publisher.await.unwrap();
        }
        verify(folder.path(), &acknowledged, &asked).await;
    }
    assert!(acknowledged.lock().unwrap().len() > ROUNDS);
}

/// The program on that folder, and its port. It is killed when this is dropped.
struct Program {
    child: Child,
    port: u16,
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

fn spawn(folder: PathBuf) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hexide-server"))
        .args(["--port", "0", "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let api = lines.find(|line| line.starts_with("API")).expect("an address");
    lines.find(|line| line.starts_with("fingerprint")).expect("a fingerprint");
    let port = api.trim_end_matches("/api").rsplit(':').next().unwrap().parse().expect("a port");
    Program { child, port }
}

/// Publishes ever new releases, and one that is replaced again and again, until nobody answers.
async fn publish_until_killed(
    port: u16,
    key: String,
    round: usize,
    publisher: usize,
    (acknowledged, asked, count): (Seen, Seen, Arc<AtomicUsize>),
) {
    for number in 0.. {
        let (name, version) = if number % 3 == 2 {
            (format!("again_{publisher}"), "1.0.0".to_owned())
        } else {
            (format!("pkg_{publisher}"), format!("{round}.{number}.0"))
        };
        let content = format!("{round}-{number}").into_bytes().repeat(2000);
        let tarball = with_content(&metadata(&name, &version), content);
        let checksum = hex(&Sha256::digest(&tarball));
        let release = format!("{name}-{version}");
        asked.lock().unwrap().entry(release.clone()).or_default().push(checksum.clone());
        if try_publish(port, &key, &tarball).await.is_none() {
            return;
        }
        acknowledged.lock().unwrap().insert(release, vec![checksum]);
        count.fetch_add(1, Ordering::SeqCst);
    }
}

/// The status, where one arrived before the end.
async fn try_publish(port: u16, key: &str, tarball: &[u8]) -> Option<u16> {
    let head = format!(
        "POST /api/publish?replace=true HTTP/1.1\r\nhost: x\r\nuser-agent: t\r\nconnection: close\r\n\
         authorization: {key}\r\ncontent-length: {}\r\n\r\n",
        tarball.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(tarball).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let head_end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let response = parse(&[&answer[..head_end], b"\r\n\r\n"].concat(), "HEAD")?;
    assert!(matches!(response.status, 200 | 201), "{}", String::from_utf8_lossy(&answer));
    Some(response.status)
}

async fn verify(folder: &Path, acknowledged: &Seen, asked: &Seen) {
    let server = start(options(folder)).await.expect("it starts again");
    let info = server.info();
    let key = PublicKey::from_pem(&info.public_key).unwrap();
    let get = async |path: &str| send(info.port, "GET", path, &[("user-agent", "t")], b"").await;
    let payload = registry::verify(&get("/repo/versions").await.body, Some(&key), 1 << 24).unwrap();
    let origin = Origin { repository: "hexpm", name: None };
    let versions: registry::Versions = registry::decode(&payload, Some(origin)).unwrap();
    let mut found: HashMap<String, String> = HashMap::new();
    for package in &versions.packages {
        let resource = get(&format!("/repo/packages/{}", package.name)).await.body;
        let payload = registry::verify(&resource, Some(&key), 1 << 24).unwrap();
        let origin = Origin { repository: "hexpm", name: Some(&package.name) };
        let index: registry::Package = registry::decode(&payload, Some(origin)).unwrap();
        assert_eq!(
            index.releases.iter().map(|r| &r.version).collect::<Vec<_>>(),
            package.versions.iter().collect::<Vec<_>>()
        );
        for release in &index.releases {
            let id = format!("{}-{}", package.name, release.version);
            let tarball = get(&format!("/repo/tarballs/{id}.tar")).await;
            assert_eq!(tarball.status, 200, "{id} has no tarball");
            let checksum = hex(&Sha256::digest(&tarball.body));
            assert_eq!(Some(&checksum), release.outer_checksum.as_ref().map(|sum| hex(sum)).as_ref(), "{id}");
            assert!(asked.lock().unwrap()[&id].contains(&checksum), "{id} is nothing that was published");
            found.insert(id, checksum);
        }
    }
    for (id, checksums) in acknowledged.lock().unwrap().iter() {
        let kept = found.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
        // What replaced it may have been committed without anybody hearing of it: the order tells.
        let order = &asked.lock().unwrap()[id];
        let position = |sum: &String| order.iter().position(|known| known == sum);
        assert!(position(kept) >= position(&checksums[0]), "{id} fell back behind what was acknowledged");
    }
    server.stop().await;
    let blobs = count_files(&folder.join("blobs"));
    assert_eq!(blobs, found.len(), "every blob belongs to a release");
}

fn count_files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { count_files(&path) } else { 1 })
        .sum()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
