//! The recorded requests to hexpm are sent to this registry, and must be answered alike.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use hexide_core::registry::{self, Origin, PublicKey, Resource};
use hexide_server::{Clock, Moment, totp_code};
use serde_json::Value;

use crate::{
    fixture::{add_user, options},
    http_client::{Response, send},
    recordings::{self, Exchange, Reply, read, term},
    shape,
};

const SECTIONS: [&str; 14] = [
    "content-negotiation",
    "users",
    "publish",
    "package",
    "docs",
    "retire",
    "owners",
    "revert",
    "keys",
    "organizations",
    "oauth-device-flow",
    "erlang-term-bodies",
    "rate-limit",
    "misc",
];

/// What deliberately differs: the exchange, our status, and why.
const DIFFERENT: [(u64, u16, &str); 4] = [
    (53, 422, "documentation that is no gzip is the publisher's mistake, not the server's (hexpm: 500)"),
    (117, 403, "a private repository is fetched from with a key (that set-up's host asked for none)"),
    (161, 404, "short addresses are a service of hexpm's own site"),
    (162, 404, "short addresses are a service of hexpm's own site"),
];

/// Replies about private packages that hexpm marks as everybody's to keep.
const NOT_PUBLIC: [u64; 2] = [113, 116];

/// The keys that the recorded requests carry.
const ALICE: &str = "00000000000000000000000000000003";
const BOB: &str = "00000000000000000000000000000004";

/// The recorded user code, and the one code that was right.
const USER_CODE: &str = "USERCODE";
const OTP: &str = "111111";

/// What stands for what in the live conversation: keys, tags, tokens and codes.
type Live = HashMap<String, String>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_requests_are_answered_as_hexpm_answers_them() {
    let (api, mix) = (read("api.jsonl"), read("mix-client.jsonl"));
    let mut options = options();
    options.confirm_email = true;
    options.basic_auth = true;
    // The recorder asked twice at once, which hexpm does not mind.
    options.oauth.interval = 0;
    options.trusted_proxies = vec!["127.0.0.1".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
    // While requests are counted no minute may end.
    let stopped_at = Arc::new(AtomicI64::new(0));
    let shown = Arc::clone(&stopped_at);
    options.clock = Clock::new(move || match shown.load(Ordering::SeqCst) {
        0 => Clock::system().now(),
        moment => Moment(moment),
    });
    let server = hexide_server::start(options).await.expect("the server starts");
    let port = server.info().port;
    let key = PublicKey::from_pem(&server.info().public_key).unwrap();
    let mut live = Live::new();
    let mut differences = Vec::new();
    let mut replayed = 0;
    let mut secret = String::new();
    for exchange in &api {
        // The mailbox is a test helper of hexpm's; after it the recorded state was made off the record.
        if exchange.number == 22 {
            server.confirm_user("alice").await.unwrap();
            live.insert(ALICE.to_owned(), laptop_key(port).await);
            live.insert(BOB.to_owned(), add_user(&server, "bob").await);
            continue;
        }
        match exchange.number {
            // Test helpers of hexpm's: a person approves the device, then switches two-factor on.
            123 => {
                server.approve_device(&live[USER_CODE], "alice").await.expect("a device");
                continue;
            }
            127 => secret = server.enable_totp("alice").await.expect("a secret"),
            129 => {
                let code = totp_code(&secret, Clock::system().now()).expect("a code");
                live.insert(OTP.to_owned(), code);
            }
            99 => {
                server.add_organization("acmecorp", "alice").await.expect("an organization");
                continue;
            }
            153 => stopped_at.store(Clock::system().now().0, Ordering::SeqCst),
            // "About a hundred requests came from that address".
            155 => {
                for _ in 0..100 {
                    assert_eq!(replay(port, exchange, &live).await.status, 200);
                }
            }
            161 => stopped_at.store(0, Ordering::SeqCst),
            _ => {}
        }
        if !SECTIONS.contains(&exchange.section.as_str()) {
            continue;
        }
        let response = replay(port, exchange, &live).await;
        check(exchange, &response, &key, &mut live, &mut differences);
        replayed += 1;
    }
    for exchange in &mix {
        let response = replay(port, exchange, &live).await;
        check(exchange, &response, &key, &mut live, &mut differences);
        replayed += 1;
    }
    server.stop().await;
    assert!(differences.is_empty(), "of {replayed} replies differ:\n{}", differences.join("\n"));
    assert!(replayed > 170, "only {replayed} exchanges were replayed");
}

/// Alice's key, made as the recorder made it.
async fn laptop_key(port: u16) -> String {
    let headers = [
        ("user-agent", "mkuser.sh"),
        ("authorization", "Basic YWxpY2U6cGxhY2Vob2xkZXI="),
        ("content-type", "application/json"),
    ];
    let made = send(port, "POST", "/api/keys", &headers, br#"{"name":"laptop"}"#).await;
    made.json()["secret"].as_str().expect("a secret").to_owned()
}

async fn replay(port: u16, exchange: &Exchange, live: &Live) -> Response {
    let headers = exchange.headers.iter().filter(|(name, _)| name.as_str() != "content-length");
    let headers: Vec<(&str, String)> =
        headers.map(|(name, value)| (name.as_str(), translate(value, live))).collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = exchange.path.replacen("/cdn/", "/repo/", 1);
    let body = match std::str::from_utf8(&exchange.body) {
        Ok(text) if exchange.path.starts_with("/api/oauth/") => translate(text, live).into_bytes(),
        _ => exchange.body.clone(),
    };
    send(port, &exchange.method, &path, &headers, &body).await
}

/// The text with what was recorded replaced by what is alive.
fn translate(text: &str, live: &Live) -> String {
    live.iter().fold(text.to_owned(), |text, (recorded, live)| text.replace(recorded, live))
}

/// Notes the tokens and codes that a reply gives.
fn learn(recorded: &Value, actual: &Value, live: &mut Live) {
    for key in ["device_code", "user_code", "access_token", "refresh_token", "secret"] {
        if let (Some(recorded), Some(actual)) = (recorded[key].as_str(), actual[key].as_str()) {
            live.insert(recorded.to_owned(), actual.to_owned());
        }
    }
}

fn check(
    exchange: &Exchange,
    response: &Response,
    key: &PublicKey,
    live: &mut Live,
    differences: &mut Vec<String>,
) {
    let place = format!("{} {} {} {}", exchange.section, exchange.number, exchange.method, exchange.path);
    let from_api = exchange.section != "mix-hex-client";
    if let Some((_, status, reason)) = DIFFERENT.iter().find(|(n, _, _)| from_api && *n == exchange.number) {
        assert_eq!(response.status, *status, "{place}: {reason}");
        return;
    }
    if response.status != exchange.status {
        differences.push(format!(
            "{place}: {}, not {}: {}",
            response.status,
            exchange.status,
            response.text()
        ));
        return;
    }
    for name in ["content-type", "cache-control", "www-authenticate"] {
        let mut recorded = exchange.reply_headers.get(name).map(String::as_str);
        if name == "cache-control" && from_api && NOT_PUBLIC.contains(&exchange.number) {
            recorded = Some("private, max-age=60");
        }
        // That set-up's repository host was another program; a 304 has no body to be described.
        let described = exchange.path.starts_with("/api/") && exchange.status != 304;
        if described && response.header(name) != recorded {
            differences.push(format!("{place}: {name} is {:?}, not {recorded:?}", response.header(name)));
        }
    }
    for name in ["x-ratelimit-limit", "x-ratelimit-remaining"] {
        let recorded = exchange.reply_headers.get(name).map(String::as_str);
        if response.header(name) != recorded {
            differences.push(format!("{place}: {name} is {:?}, not {recorded:?}", response.header(name)));
        }
    }
    for name in ["etag", "location", "last-modified", "x-ratelimit-reset"] {
        if exchange.reply_headers.contains_key(name) && response.header(name).is_none() {
            differences.push(format!("{place}: no {name}"));
        }
    }
    if let (Some(recorded), Some(tag)) = (exchange.reply_headers.get("etag"), response.header("etag")) {
        live.insert(recorded.clone(), tag.to_owned());
    }
    match &exchange.reply {
        Reply::Nothing => {
            if !response.body.is_empty() {
                differences.push(format!("{place}: a body, not none: {}", response.text()));
            }
        }
        Reply::Json(recorded) => {
            let actual = response.json();
            learn(recorded, &actual, live);
            check_data(&place, recorded, &actual, exchange.status, differences);
        }
        Reply::Text(recorded) if recorded.starts_with("%{") => {
            let (expected, actual) = (shape::elixir_keys(recorded), shape::elixir_keys(&response.text()));
            if expected != actual {
                differences.push(format!("{place}: {actual:?}, not {expected:?}"));
            }
        }
        Reply::Text(_) => {}
        Reply::Bytes(recorded) if exchange.path.starts_with("/api/") => {
            check_data(&place, &term(recorded), &term(&response.body), exchange.status, differences);
        }
        Reply::Bytes(recorded) if exchange.path.contains("/tarballs/") => {
            assert_eq!(*recorded, response.body, "{place}");
        }
        Reply::Bytes(recorded) => check_resource(&place, exchange, recorded, response, key, differences),
    }
}

fn check_data(place: &str, recorded: &Value, actual: &Value, status: u16, differences: &mut Vec<String>) {
    if status >= 400 {
        if recorded != actual {
            differences.push(format!("{place}: {actual}, not {recorded}"));
        }
        return;
    }
    shape::compare(place, recorded, actual, differences);
}

/// The signed resources: what they say of each release must be the same, as the tarballs are.
fn check_resource(
    place: &str,
    exchange: &Exchange,
    recorded: &[u8],
    response: &Response,
    key: &PublicKey,
    differences: &mut Vec<String>,
) {
    let origin = |name| Some(Origin { repository: "hexpm", name });
    if exchange.path.ends_with("/versions") {
        let mut expected: registry::Versions = open(recorded, None, origin(None));
        let actual: registry::Versions = open(&response.body, Some(key), origin(None));
        // hexpm writes a retirement into `versions` at the next publish only; here it is there at once.
        for (expected, actual) in expected.packages.iter_mut().zip(&actual.packages) {
            expected.retired.clone_from(&actual.retired);
        }
        if expected != actual {
            differences.push(format!("{place}: {actual:?}, not {expected:?}"));
        }
        return;
    }
    let name = exchange.path.rsplit('/').next();
    let mut expected: registry::Package = open(recorded, None, origin(name));
    let mut actual: registry::Package = open(&response.body, Some(key), origin(name));
    for release in expected.releases.iter_mut().chain(&mut actual.releases) {
        assert!(release.published_at.take().is_some(), "{place}");
    }
    if expected != actual {
        differences.push(format!("{place}: {actual:?}, not {expected:?}"));
    }
}

fn open<R: Resource>(bytes: &[u8], key: Option<&PublicKey>, origin: Option<Origin<'_>>) -> R {
    let payload = registry::verify(bytes, key, 1 << 20).expect("a signed resource");
    registry::decode(&payload, origin).expect("a payload")
}

#[test]
fn the_recorded_error_replies_are_read_with_their_texts() {
    // The comparison above is worth nothing if the reader silently drops bodies.
    let api = recordings::read("api.jsonl");
    let errors = api.iter().filter(|exchange| exchange.status == 422);
    let with_text = errors.filter(
        |exchange| matches!(&exchange.reply, Reply::Json(body) if body["message"] == "Validation error(s)"),
    );
    assert!(with_text.count() > 15);
}
