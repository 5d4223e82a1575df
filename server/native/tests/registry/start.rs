//! Starting and stopping: what goes wrong is said clearly, and nothing is left behind.

use std::{net::TcpListener, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use hexide_core::{Code, Error};
use hexide_server::{DataDir, Options, StartError, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    fixture::{Registry, metadata, options, tarball},
    http_client::DEADLINE,
};

fn at(path: &Path) -> Options {
    let mut options = options();
    options.data_dir = DataDir::Path(path.to_owned());
    options
}

async fn refusal(options: Options) -> (StartError, Error) {
    let refused = async |options| match start(options).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    };
    let error = refused(options.clone()).await;
    (error, refused(options).await.into())
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = options();
    options.port = taken.local_addr().unwrap().port();
    let (error, converted) = refusal(options.clone()).await;
    assert!(matches!(error, StartError::Listen { .. }));
    assert_eq!(converted.code, Code::Connect);
    assert!(converted.message.contains(&format!("127.0.0.1:{}", options.port)), "{converted}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let (error, converted) = refusal(at(&file.join("data"))).await;
    assert!(matches!(error, StartError::Folder { .. }), "{error}");
    assert_eq!(converted.code, Code::Io);
    assert_eq!(converted.details.path.as_deref(), file.join("data").to_str());
}

#[tokio::test]
async fn a_damaged_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::with(at(folder.path())).await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    registry.server.stop().await;
    let database = folder.path().join("registry.db");
    let whole = std::fs::read(&database).unwrap();
    let mut scratched = whole.clone();
    for byte in &mut scratched[4096..8192] {
        *byte = 0xa5;
    }
    for (what, content) in [("garbage", vec![b'x'; 5000]), ("a scratched page", scratched)] {
        std::fs::write(&database, &content).unwrap();
        let (error, converted) = refusal(at(folder.path())).await;
        assert!(matches!(error, StartError::Database { .. }), "{what}: {error}");
        assert_eq!(converted.code, Code::Io, "{what}");
        assert!(
            converted.message.contains("registry.db") && converted.message.contains("damaged"),
            "{converted}"
        );
        assert_eq!(std::fs::read(&database).unwrap(), content, "{what}");
    }
    std::fs::write(&database, whole).unwrap();
    let server = start(at(folder.path())).await.expect("it was only refused");
    server.stop().await;
}

#[tokio::test]
async fn a_damaged_key_is_refused_and_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for content in [&b"no key"[..], b"\xff\xfe", b""] {
        std::fs::write(folder.path().join("private_key.pem"), content).unwrap();
        let (error, converted) = refusal(at(folder.path())).await;
        assert!(matches!(error, StartError::Key { .. }), "{error}");
        assert!(converted.message.contains("private_key.pem"), "{converted}");
        assert_eq!(std::fs::read(folder.path().join("private_key.pem")).unwrap(), content);
    }
}

#[tokio::test]
async fn one_folder_serves_one_server_and_one_repository() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(at(folder.path())).await.unwrap();
    let (error, _) = refusal(at(folder.path())).await;
    assert!(matches!(error, StartError::InUse { .. }), "{error}");
    server.stop().await;
    let mut other = at(folder.path());
    other.repository = "acme".to_owned();
    let (error, converted) = refusal(other).await;
    assert_eq!(converted.code, Code::BadConfig);
    assert!(error.to_string().contains("\"hexpm\"") && error.to_string().contains("\"acme\""), "{error}");
}

#[tokio::test]
async fn passwords_are_not_taken_from_afar() {
    let mut options = options();
    options.basic_auth = true;
    options.address = "0.0.0.0".parse().unwrap();
    let (_, converted) = refusal(options).await;
    assert_eq!(converted.code, Code::BadConfig);
}

#[tokio::test]
async fn a_restart_keeps_the_key_and_the_packages() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::with(at(folder.path())).await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let (key, index) = (registry.server.info().public_key, registry.get("/repo/packages/foo").await.body);
    registry.server.stop().await;
    let mode = |file: &str| std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("private_key.pem"), mode("registry.db")), (0o600, 0o600), "for the owner's eyes only");
    let server = start(at(folder.path())).await.unwrap();
    assert_eq!(server.info().public_key, key);
    let headers = [("user-agent", "t")];
    let again =
        crate::http_client::send(server.info().port, "GET", "/repo/packages/foo", &headers, b"").await;
    assert_eq!(again.body, index, "the same state gives the same bytes");
    assert_eq!(mode("registry.db-wal"), 0o600);
    server.stop().await;
    let temporary = start(options()).await.unwrap();
    let mode = std::fs::metadata(temporary.info().data_dir).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
    temporary.stop().await;
}

#[tokio::test]
async fn stopping_releases_everything_even_while_a_connection_hangs() {
    let mut options = options();
    options.limits.stop_grace = Duration::from_millis(200);
    let registry = Registry::with(options).await;
    let info = registry.server.info();
    // A request that never ends: its body is announced and does not come.
    let mut hanging = tokio::net::TcpStream::connect(("127.0.0.1", info.port)).await.unwrap();
    let head = format!(
        "POST /api/publish HTTP/1.1\r\nhost: x\r\nuser-agent: t\r\nauthorization: {}\r\ncontent-length: 9\r\n\r\nab",
        registry.key
    );
    hanging.write_all(head.as_bytes()).await.unwrap();
    let mut idle = tokio::net::TcpStream::connect(("127.0.0.1", info.port)).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    idle.read_exact(&mut [0; 12]).await.unwrap();
    tokio::time::timeout(DEADLINE, registry.server.stop()).await.expect("an end in time");
    assert!(!info.data_dir.exists(), "the temporary folder is gone");
    TcpListener::bind(("127.0.0.1", info.port)).expect("the port is free");
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(DEADLINE, hanging.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the hanging connection is closed");
}

#[tokio::test]
async fn dropping_stops_too() {
    let registry = Registry::start().await;
    let info = registry.server.info();
    drop(registry);
    let gone = async {
        while info.data_dir.exists() || TcpListener::bind(("127.0.0.1", info.port)).is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(DEADLINE, gone).await.expect("everything is released in time");
}

#[tokio::test]
async fn a_tarball_that_cannot_be_stored_is_not_published() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::with(at(folder.path())).await;
    let (blobs, aside) = (folder.path().join("blobs"), folder.path().join("aside"));
    std::fs::rename(&blobs, &aside).unwrap();
    std::fs::write(&blobs, "in the way").unwrap();
    let failed = registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    assert_eq!(
        (failed.status, &failed.json()["message"]),
        (500, &serde_json::json!("Internal server error"))
    );
    assert_eq!(registry.get("/api/packages/foo").await.status, 404);
    std::fs::remove_file(&blobs).unwrap();
    std::fs::rename(&aside, &blobs).unwrap();
    assert_eq!(registry.publish(&tarball(&metadata("foo", "1.0.0"))).await.status, 201);
    std::fs::remove_dir_all(&blobs).unwrap();
    assert_eq!(registry.get("/repo/tarballs/foo-1.0.0.tar").await.status, 500, "lost, and said so");
    assert_eq!(registry.get("/repo/packages/foo").await.status, 200, "the rest is served");
    registry.server.stop().await;
}

#[tokio::test]
async fn a_publisher_who_waits_to_be_asked_is_asked() {
    let registry = Registry::start().await;
    let tarball = tarball(&metadata("foo", "1.0.0"));
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", registry.port)).await.unwrap();
    let head = format!(
        "POST /api/publish HTTP/1.1\r\nhost: x\r\nuser-agent: t\r\nauthorization: {}\r\nconnection: close\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        registry.key,
        tarball.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    let asked = tokio::time::timeout(DEADLINE, stream.read_exact(&mut go_on)).await;
    asked.expect("an answer in time").unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&tarball).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 201 "), "{}", String::from_utf8_lossy(&answer));
    registry.server.stop().await;
}
