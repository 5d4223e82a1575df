//! Retries, limits, silence and nonsense, seen from a peer that is told what to do.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::common::{Answer, Peer, client, client_with, config, json, nobody, package, reply};
use hexide_client::{Client, Progress, api, repo};
use hexide_core::Code;

fn with_retries(base: &str, retries: u32) -> Client {
    let mut config = config(base);
    config.retries = retries;
    client_with(config)
}

#[tokio::test]
async fn a_question_is_repeated_after_a_gateway_failed() {
    for status in [502, 503, 504] {
        let peer = Peer::start(move |n, _| if n < 2 { reply(status, &[], "") } else { package() }).await;
        api::package::get(&with_retries(&peer.base(), 2), "pa").await.unwrap();
        assert_eq!(peer.arrived().len(), 3, "{status}");
    }
}

#[tokio::test]
async fn a_question_is_repeated_after_the_connection_broke() {
    let peer = Peer::start(|n, _| if n == 0 { Answer::Bytes(Vec::new()) } else { package() }).await;
    api::package::get(&with_retries(&peer.base(), 1), "pa").await.unwrap();
    assert_eq!(peer.arrived().len(), 2);
}

#[tokio::test]
async fn repetition_ends() {
    let peer = Peer::start(|_, _| reply(503, &[], "")).await;
    let error = api::package::get(&with_retries(&peer.base(), 1), "pa").await.unwrap_err();
    assert_eq!((error.code, error.details.status), (Code::Server, Some(503)));
    assert_eq!(peer.arrived().len(), 2);
}

#[tokio::test]
async fn a_change_is_not_repeated() {
    let peer = Peer::start(|_, _| reply(503, &[("retry-after", "0")], "")).await;
    let client = with_retries(&peer.base(), 3);
    api::release::publish(&client, "tarball".into(), false, None).await.unwrap_err();
    api::release::revert(&client, "pa", "1.0.0").await.unwrap_err();
    assert_eq!(peer.arrived().len(), 2);
}

#[tokio::test]
async fn a_failure_of_the_server_itself_is_not_repeated() {
    let peer = Peer::start(|_, _| json(500, r#"{"message":"Internal server error","status":500}"#)).await;
    let error = api::package::get(&with_retries(&peer.base(), 3), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Server);
    peer.only();
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let peer =
        Peer::start(|n, _| if n == 0 { reply(429, &[("retry-after", "1")], "") } else { package() }).await;
    let started = Instant::now();
    api::package::get(&with_retries(&peer.base(), 1), "pa").await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1), "only waited {:?}", started.elapsed());
}

#[tokio::test]
async fn a_wait_beyond_the_timeout_is_left_to_the_caller() {
    let peer = Peer::start(|_, _| reply(429, &[("retry-after", "3600")], "")).await;
    let error = api::package::get(&with_retries(&peer.base(), 3), "pa").await.unwrap_err();
    assert_eq!((error.code, error.details.retry_after), (Code::RateLimited, Some(3600)));
    peer.only();
}

#[tokio::test]
async fn the_reset_of_the_rate_limit_is_reported() {
    let reset = (SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 1000).to_string();
    let peer = Peer::start(move |_, _| {
        reply(429, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)], "")
    })
    .await;
    let error = api::package::get(&with_retries(&peer.base(), 3), "pa").await.unwrap_err();
    let wait = error.details.retry_after.unwrap();
    assert!((900..=1001).contains(&wait), "{wait}");
    peer.only();
}

#[tokio::test]
async fn a_silent_peer_is_given_up_on() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
    for said in ["", "HTTP/1.1 200 OK\r\n", half] {
        let peer = Peer::start(move |_, _| Answer::Hang(said.into())).await;
        let mut config = config(&peer.base());
        config.timeout = Duration::from_millis(200);
        let error = api::package::get(&client_with(config), "pa").await.unwrap_err();
        assert_eq!(error.code, Code::Timeout, "{said}: {error}");
    }
}

#[tokio::test]
async fn a_slow_reply_is_waited_for_as_long_as_it_moves() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    let body = format!(r#"{{"name":"pa"}}{}"#, " ".repeat(50));
    let peer = Peer::start(move |_, _| Answer::Drip(head, body.clone(), Duration::from_millis(30))).await;
    let mut config = config(&peer.base());
    config.timeout = Duration::from_millis(1500);
    let started = Instant::now();
    api::package::get(&client_with(config.clone()), "pa").await.unwrap();
    assert!(started.elapsed() > config.timeout, "too fast to show anything");
}

#[tokio::test]
async fn a_peer_that_drips_for_ever_is_given_up_on() {
    let peer = Peer::start(|_, _| {
        Answer::Drip("HTTP/1.1 200 OK\r\n\r\n", " ".repeat(100_000), Duration::from_millis(10))
    })
    .await;
    let mut config = config(&peer.base());
    config.timeout = Duration::from_millis(50);
    let error = api::package::get(&client_with(config), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Timeout, "{error}");
}

#[tokio::test]
async fn a_peer_that_takes_no_bytes_is_given_up_on() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config(&format!("http://{}", listener.local_addr().unwrap()));
    config.timeout = Duration::from_millis(200);
    let tarball = vec![7; 15 << 20];
    let client = client_with(config);
    let (error, _held) = tokio::join!(
        api::release::publish(&client, tarball.into(), false, None),
        listener.accept(), // and never read
    );
    assert_eq!(error.unwrap_err().code, Code::Timeout);
}

#[tokio::test]
async fn a_slow_upload_is_waited_for_as_long_as_it_moves() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config(&format!("http://{}", listener.local_addr().unwrap()));
    config.timeout = Duration::from_millis(1500);
    let peer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut left = 12 << 20;
        let mut buffer = vec![0; 256 << 10];
        while left > 0 {
            tokio::time::sleep(Duration::from_millis(35)).await;
            let read = tokio::io::AsyncReadExt::read(&mut stream, &mut buffer).await.unwrap();
            assert!(read > 0, "the upload was given up");
            left -= read.min(left);
        }
        let Answer::Bytes(created) = json(201, r#"{"version":"1.0.0"}"#) else { unreachable!() };
        tokio::io::AsyncWriteExt::write_all(&mut stream, &created).await.unwrap();
        stream
    };
    let (client, tarball) = (client_with(config.clone()), vec![7; 12 << 20]);
    let started = Instant::now();
    let (outcome, _held) = tokio::join!(api::release::publish(&client, tarball.into(), false, None), peer);
    outcome.unwrap();
    assert!(started.elapsed() > config.timeout, "too fast to show anything");
}

#[tokio::test]
async fn a_refusal_in_the_middle_of_an_upload_is_heard() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    let peer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        // Some of the upload, by far not all.
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut [0; 1000]).await.unwrap();
        let Answer::Bytes(refusal) = json(413, r#"{"message":"too big"}"#) else { unreachable!() };
        tokio::io::AsyncWriteExt::write_all(&mut stream, &refusal).await.unwrap();
        stream
    };
    let tarball = vec![7; 15 << 20];
    let (outcome, _held) = tokio::join!(api::release::publish(&client, tarball.into(), false, None), peer);
    let error = outcome.unwrap_err();
    assert_eq!(error.code, Code::TooLarge, "{error}");
}

#[tokio::test]
async fn half_a_body_is_no_reply() {
    let half = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{}";
    let peer = Peer::start(move |_, _| Answer::Bytes(half.into())).await;
    let error = api::package::get(&client(&peer.base()), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Connect, "{error}");
}

#[tokio::test]
async fn garbage_is_no_reply() {
    let peer = Peer::start(|_, _| Answer::Bytes(b"\x00\x01garbage\r\n\r\n".to_vec())).await;
    let error = api::package::get(&client(&peer.base()), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Protocol, "{error}");
}

#[tokio::test]
async fn a_page_for_people_is_named_as_such() {
    let peer =
        Peer::start(|_, _| reply(200, &[("content-type", "text/html; charset=utf-8")], "<html>")).await;
    let error = api::package::get(&client(&peer.base()), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Protocol);
    assert!(error.message.contains("text/html"), "{error}");
}

#[tokio::test]
async fn json_that_is_cut_or_another_thing_makes_no_sense() {
    for body in ["{\"name\":", "[]", "{}", "null", ""] {
        let peer = Peer::start(move |_, _| json(200, body)).await;
        let error = api::package::get(&client(&peer.base()), "pa").await.unwrap_err();
        assert_eq!(error.code, Code::Protocol, "{body}");
    }
}

#[tokio::test]
async fn json_too_deep_for_the_stack_makes_no_sense() {
    let peer = Peer::start(|_, _| json(200, &format!("{{\"name\":{}", "[".repeat(60_000)))).await;
    let error = api::package::get(&client(&peer.base()), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Protocol);
}

#[tokio::test]
async fn an_oversized_reply_is_not_read_to_its_end() {
    let claims = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    let endless = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(3000));
    for said in [claims.to_owned(), endless] {
        let peer = Peer::start(move |_, _| Answer::Hang(said.clone().into())).await;
        let mut config = config(&peer.base());
        config.docs_tarball_max_size = Some(2000);
        let error = repo::docs(&client_with(config), "pa", "1.0.0", None).await.unwrap_err();
        assert_eq!((error.code, error.details.limit), (Code::TooLarge, Some(2000)), "{error}");
    }
}

#[tokio::test]
async fn an_oversized_tarball_is_not_uploaded() {
    let peer = Peer::start(|_, _| json(201, "{}")).await;
    let mut config = config(&peer.base());
    config.tarball_max_size = Some(3);
    let error = api::release::publish(&client_with(config), "four".into(), false, None).await.unwrap_err();
    assert_eq!(error.code, Code::TooLarge);
    assert!(peer.arrived().is_empty());
}

#[tokio::test]
async fn a_server_that_is_down_is_a_failed_connection() {
    let error = api::package::get(&client(&nobody().await), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Connect, "{error}");
}

#[tokio::test]
async fn offline_opens_no_socket() {
    let peer = Peer::start(|_, _| package()).await;
    let mut config = config(&peer.base());
    config.offline = true;
    let error = api::package::get(&client_with(config), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Offline);
    assert!(peer.arrived().is_empty());
}

#[tokio::test]
async fn dropping_the_future_closes_the_socket() {
    let (asked, was_asked) = tokio::sync::oneshot::channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let peer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        crate::common::Arrived::read(&mut stream).await.unwrap();
        asked.send(()).unwrap();
        // The end of the stream, or a reset: both say that the other side is gone.
        tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 1]).await.unwrap_or(0)
    });
    let client = client(&base);
    let call = tokio::spawn(async move { api::package::get(&client, "pa").await });
    was_asked.await.unwrap();
    call.abort();
    let read = tokio::time::timeout(Duration::from_secs(30), peer).await.unwrap().unwrap();
    assert_eq!(read, 0);
}

#[tokio::test]
async fn an_upload_reports_every_piece_up_to_the_total() {
    let peer = Peer::start(|_, _| json(201, r#"{"version":"1.0.0"}"#)).await;
    let reports = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&reports);
    let progress = Progress::new(move |report| sink.lock().unwrap().push(report));
    let tarball = vec![7; 200_000];
    api::release::publish(&client(&peer.base()), tarball.into(), true, Some(progress)).await.unwrap();
    let done: Vec<_> = reports.lock().unwrap().iter().map(|report| (report.done, report.total)).collect();
    assert_eq!(done, [65_536, 131_072, 196_608, 200_000].map(|done| (done, Some(200_000))));
    assert_eq!(peer.only().body.len(), 200_000);
}

#[test]
fn a_connection_of_another_runtime_is_not_used() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (arrived, has_arrived) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = tokio::sync::watch::channel(false);
    let serving = runtime();
    let listener = serving.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    // Keeps its connections, and answers a second request, on whichever, when it is told to.
    serving.spawn(async move {
        let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        while let Ok((mut stream, _)) = listener.accept().await {
            let (count, arrived, mut may_go_on) = (count.clone(), arrived.clone(), may_go_on.clone());
            tokio::spawn(async move {
                while crate::common::Arrived::read(&mut stream).await.is_some() {
                    if count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1 {
                        arrived.send(()).unwrap();
                        may_go_on.wait_for(|told| *told).await.unwrap();
                    }
                    let reply =
                        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]";
                    tokio::io::AsyncWriteExt::write_all(&mut stream, reply).await.unwrap();
                }
            });
        }
    });
    let (first, second) = (runtime(), runtime());
    first.block_on(api::key::list(&client)).unwrap();
    let call = second.spawn(async move { api::key::list(&client).await });
    has_arrived.recv_timeout(Duration::from_secs(30)).unwrap();
    drop(first);
    go_on.send(true).unwrap();
    second.block_on(call).unwrap().unwrap();
}
