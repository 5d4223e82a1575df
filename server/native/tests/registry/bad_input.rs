//! What strangers may send: it is refused, and the next request is answered as ever.

use std::time::Duration;

use hexide_core::{etf, tarball::Limits};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    fixture::{Registry, metadata, options, tarball, unchecked_tarball, with_content},
    http_client::{parse, raw, send},
};

#[tokio::test]
async fn bytes_that_are_no_request_do_not_hurt() {
    let mut options = options();
    options.limits.read_timeout = Duration::from_millis(300);
    let registry = Registry::with(options).await;
    let upload = |rest: &str| {
        format!(
            "POST /api/publish HTTP/1.1\r\nhost: x\r\nuser-agent: t\r\nauthorization: {}\r\n{rest}",
            registry.key
        )
    };
    let many_headers: String = (0..500).map(|n| format!("x-{n}: y\r\n")).collect();
    let table: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("garbage", b"\x00\x01\x02\r\n\r\n".to_vec(), &[400]),
        ("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), &[400]),
        ("half a head", b"GET / HTTP/1.1\r\nhost:".to_vec(), &[]),
        ("half a body", upload("content-length: 100\r\n\r\nabc").into_bytes(), &[408]),
        ("a chunk that lies", upload("transfer-encoding: chunked\r\n\r\nzz\r\n").into_bytes(), &[400]),
        ("two lengths", upload("content-length: 1\r\ncontent-length: 2\r\n\r\nab").into_bytes(), &[400]),
        ("too many headers", format!("GET / HTTP/1.1\r\nhost: x\r\n{many_headers}\r\n").into_bytes(), &[431]),
        (
            "a huge address",
            format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000)).into_bytes(),
            &[414, 431],
        ),
    ];
    for (what, bytes, statuses) in table {
        let status = parse(&raw(registry.port, &bytes).await, "HEAD").map(|response| response.status);
        assert_eq!(status.is_some(), !statuses.is_empty(), "{what}: {status:?}");
        assert!(status.is_none_or(|status| statuses.contains(&status)), "{what}: {status:?}");
        assert_eq!(registry.get("/api/packages").await.status, 200, "after {what}");
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_its_place() {
    let mut options = options();
    options.limits.read_timeout = Duration::from_millis(300);
    options.limits.connections = 1;
    let registry = Registry::with(options).await;
    // Text that does not shrink, more of it than the system's buffers hold.
    let mut noise = 0x9e37_79b9_u32;
    let content = (0..8 << 20).map(|_| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        noise.to_le_bytes()[0]
    });
    let big = with_content(&metadata("foo", "1.0.0"), content.collect());
    assert_eq!(registry.publish(&big).await.status, 201);
    let mut stalled = TcpStream::connect(("127.0.0.1", registry.port)).await.unwrap();
    let ask = b"GET /repo/tarballs/foo-1.0.0.tar HTTP/1.1\r\nhost: x\r\nuser-agent: t\r\n\r\n";
    stalled.write_all(ask).await.unwrap();
    // The one place there is must come free; the helper waits for it, and gives up at its deadline.
    assert_eq!(registry.get("/api/packages").await.status, 200);
    drop(stalled);
    registry.server.stop().await;
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413_claimed_or_sent() {
    let mut options = options();
    options.limits.body = 10_000;
    let registry = Registry::with(options).await;
    let too_much = vec![b'x'; 20_000];
    let headers = [("user-agent", "t"), ("authorization", registry.key.as_str())];
    assert_eq!(send(registry.port, "POST", "/api/publish", &headers, &too_much).await.status, 413);
    let head = format!(
        "POST /api/publish HTTP/1.1\r\nhost: x\r\nuser-agent: t\r\nauthorization: {}\r\nconnection: close\r\n",
        registry.key
    );
    let claimed = format!("{head}expect: 100-continue\r\ncontent-length: 99999999999\r\n\r\n");
    assert_eq!(parse(&raw(registry.port, claimed.as_bytes()).await, "HEAD").unwrap().status, 413);
    let chunk = format!("{:x}\r\n{}\r\n", 5000, "y".repeat(5000));
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}{chunk}{chunk}0\r\n\r\n");
    assert_eq!(parse(&raw(registry.port, chunked.as_bytes()).await, "HEAD").unwrap().status, 413);
    registry.server.stop().await;
}

#[tokio::test]
async fn tarballs_that_lie_are_refused_and_leave_nothing() {
    let mut options = options();
    options.limits.package = Limits { tarball: Some(1 << 20), contents: Some(1 << 20) };
    let registry = Registry::with(options).await;
    let good = tarball(&metadata("foo", "1.0.0"));
    let bomb = with_content(&metadata("foo", "1.0.0"), vec![0; 8 << 20]);
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let checksum = good.windows(8).position(|window| window == b"CHECKSUM").unwrap() + 512;
    let mut other_checksum = good.clone();
    other_checksum[checksum] = if good[checksum] == b'0' { b'1' } else { b'0' };
    let table = [
        ("nothing", Vec::new()),
        ("garbage", b"garbage".repeat(1000)),
        ("zeros", vec![0; 10_240]),
        ("a bomb", bomb),
        ("a flipped bit", flipped),
        ("another checksum", other_checksum),
        ("half of one", good[..good.len() / 2].to_vec()),
        ("metadata that does not parse", unchecked_tarball("{<<\"name\">>,")),
        (
            "metadata without a name",
            unchecked_tarball(&metadata("foo", "1.0.0").replace("<<\"name\">>", "<<\"nome\">>")),
        ),
    ];
    for (what, bytes) in table {
        let refused = registry.publish(&bytes).await;
        assert_eq!(refused.status, 422, "{what}: {}", refused.text());
        assert!(refused.json()["errors"].is_object(), "{what}");
    }
    assert_eq!(registry.get("/api/packages").await.json(), json!([]));
    let blobs = registry.server.info().data_dir.join("blobs");
    assert_eq!(std::fs::read_dir(blobs).unwrap().count(), 0, "no blob was written");
    assert_eq!(registry.publish(&unchecked_tarball(&metadata("foo", "1.0.0"))).await.status, 201);
    registry.server.stop().await;
}

#[tokio::test]
async fn data_that_does_not_parse_is_a_bad_request() {
    let registry = Registry::start().await;
    let deep = "[".repeat(100_000);
    let table: Vec<(&str, &str, Vec<u8>, u16)> = vec![
        ("broken JSON", "application/json", b"{".to_vec(), 400),
        ("JSON that is no object", "application/json", b"[1]".to_vec(), 400),
        ("deep JSON", "application/json", deep.into_bytes(), 400),
        ("no UTF-8", "application/json", b"{\"name\":\"\xff\"}".to_vec(), 400),
        ("no term", "application/vnd.hex+erlang", b"\x83".to_vec(), 400),
        (
            "a term with a claimed length",
            "application/vnd.hex+erlang",
            b"\x83l\xff\xff\xff\xff".to_vec(),
            400,
        ),
        ("a compressed term", "application/vnd.hex+erlang", b"\x83P\x00\x00\xff\xff\x78\x9c".to_vec(), 400),
        ("a reference", "application/vnd.hex+erlang", b"\x83Z\x00\x01s\x04node\x00".to_vec(), 400),
        (
            "a term that is no map",
            "application/vnd.hex+erlang",
            etf::encode(&etf::from_json(&json!([1]))),
            400,
        ),
        ("another format", "text/xml", b"<x/>".to_vec(), 415),
        ("nothing", "application/json", Vec::new(), 422),
        ("a form", "application/x-www-form-urlencoded", b"a[b][c][d][e][f][g][h][i][j]=1&[]=2".to_vec(), 422),
    ];
    for (what, kind, body, status) in table {
        let headers = [
            ("user-agent", "t"),
            ("accept", "application/json"),
            ("authorization", registry.key.as_str()),
            ("content-type", kind),
        ];
        let reply = send(registry.port, "POST", "/api/keys", &headers, &body).await;
        assert_eq!(reply.status, status, "{what}: {}", reply.text());
        assert_eq!(reply.json()["status"], status, "{what}");
    }
    registry.server.stop().await;
}

#[tokio::test]
async fn addresses_lead_nowhere_but_to_what_is_published() {
    let registry = Registry::start().await;
    registry.publish(&tarball(&metadata("foo", "1.0.0"))).await;
    let paths = [
        "/repo/tarballs/..%2f..%2fregistry.db",
        "/repo/tarballs/foo-1.0.0.tar%2f..%2f..",
        "/repo/tarballs/foo-..%2f..%2fprivate_key.pem.tar",
        "/repo/tarballs/foo-1.0.0",
        "/repo/tarballs/foo.tar",
        "/repo/packages/..",
        "/repo/docs/foo-1.0.0.tar.gz",
        "/api/repos/nosuch/packages",
        "/api/packages/foo/releases/%27%20OR%201=1",
        "/api/packages/foo%27--",
        "/blobs/hexpm",
        "/private_key.pem",
    ];
    for path in paths {
        assert_eq!(registry.get(path).await.status, 404, "{path}");
    }
    for path in ["/repo/repos/nosuch/packages/foo", "/repo/repos/nosuch/names"] {
        assert_eq!(registry.get(path).await.status, 403, "{path}: as if it were private");
    }
    assert_eq!(registry.get("/repo/repos/hexpm/packages/foo").await.status, 200, "by its name, too");
    assert_eq!(registry.get("/api/repos/hexpm/packages/foo").await.status, 200, "by its name, too");
    registry.server.stop().await;
}
