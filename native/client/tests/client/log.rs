//! The log: one event a request, and no secret in any.

use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex},
};

use crate::common::{Answer, Peer, client_with, config, json, package, reply};
use hexide_client::api::{self, oauth, package::Search, user};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Notes every event and span of every level, of the libraries below, too.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(String, String)>>>);

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Log {
    fn note(&self, target: &str, record: impl FnOnce(&mut Line)) {
        let mut line = Line::default();
        record(&mut line);
        self.0.lock().unwrap().push((target.to_owned(), line.0));
    }

    /// The lines of this crate's requests.
    fn requests(&self) -> Vec<String> {
        self.of("hexide::http")
    }

    fn of(&self, wanted: &str) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        lines.iter().filter(|(target, _)| target == wanted).map(|(_, line)| line.clone()).collect()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::TRACE
    }
    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        self.note(span.metadata().target(), |line| span.record(line));
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        self.note("span", |line| values.record(line));
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        self.note(event.metadata().target(), |line| event.record(line));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn every_request_is_one_event_and_no_secret_is_in_any() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let peer = Peer::start(|n, request| match (n, request.method.as_str()) {
        (0, _) => reply(503, &[], ""),
        (1, _) => reply(302, &[("location", "/there?token=s3cret-token")], ""),
        (2, _) => package(),
        (_, "GET") => json(200, "[]"),
        _ => json(422, r#"{"message":"no"}"#),
    })
    .await;
    let mut config = config(&peer.base());
    config.api_key = Some("s3cret-key".into());
    config.api_otp = Some("s3cret-otp".into());
    config.retries = 1;
    let client = client_with(config);
    api::package::get(&client, "pa").await.unwrap();
    let search = Search { query: Some("s3cret-words".to_owned()), ..Search::default() };
    api::package::search(&client, &search).await.unwrap();
    user::register(&client, "alice", &"s3cret-password".into(), "a@example.com").await.unwrap_err();

    oauth::refresh(&client, &"s3cret-refresh".into()).await.unwrap_err();
    oauth::exchange(&client, "api").await.unwrap_err();

    let requests = log.requests();
    assert_eq!(requests.len(), 5, "{requests:?}");
    for part in ["method=GET", "/api/packages/pa", "status=200", "bytes=13", "retries=1", "ms="] {
        assert!(requests[0].contains(part), "{part} is missing: {}", requests[0]);
    }
    let all: Vec<_> = log.0.lock().unwrap().iter().map(|(_, line)| line.clone()).collect();
    let leaks: Vec<_> =
        all.iter().filter(|line| line.contains("s3cret-") && !line.contains("words")).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    assert!(requests.iter().all(|line| !line.contains("s3cret")));
}

#[tokio::test]
async fn a_reply_from_the_cache_says_when_it_was_fetched() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let folder = tempfile::TempDir::new().unwrap();
    let peer = Peer::start(|n, _| match n {
        0 => reply(200, &[("content-type", "application/json"), ("etag", "\"1\"")], r#"{"name":"pa"}"#),
        _ => reply(304, &[], ""),
    })
    .await;
    for offline in [false, false, true] {
        let mut config = config(&peer.base());
        config.cache_dir = Some(folder.path().to_owned());
        config.offline = offline;
        api::package::get(&client_with(config), "pa").await.unwrap();
    }
    let requests = log.requests();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(!requests[0].contains("cached_at"), "{}", requests[0]);
    for (line, status) in requests[1..].iter().zip(["status=304", "status=200"]) {
        assert!(line.contains(status) && line.contains("cached_at=\"20"), "{line}");
    }
}

#[tokio::test]
async fn a_message_of_the_server_is_told_without_control_characters_and_secrets() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let peer = Peer::start(|_, _| {
        Answer::Bytes(
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\nx-hex-message: update\tnow\xc2\x9b31m s3cret-key\r\ncontent-length: 2\r\n\r\n[]"
                .to_vec(),
        )
    })
    .await;
    let mut config = config(&peer.base());
    config.api_key = Some("s3cret-key".into());
    api::package::search(&client_with(config), &Search::default()).await.unwrap();
    assert_eq!(log.of("hexide::notice"), ["text=\"updatenow31m [REDACTED]\" "]);
}
