//! Logins: what every answer of the server means, how long is waited, and what is never done twice.

use std::{
    future,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::common::{Answer, Peer, client, client_with, config, json, nobody, reply};
use hexide_client::{
    Config, Progress, Report,
    api::oauth::{self, Device, Poll},
};
use hexide_core::{Code, Error};
use serde_json::{Value, json as value};
use tokio::time::timeout;

const TOKENS: &str = r#"{"access_token":"s3cret-access","refresh_token":"s3cret-refresh","expires_in":1800,
    "scope":"api:read","token_type":"bearer"}"#;

const PENDING: &str = r#"{"error":"authorization_pending","error_description":"not yet"}"#;

/// A login whose server allows a question a second.
fn device(expires_in: u64) -> Device {
    Device {
        device_code: "s3cret-code".to_owned().into(),
        user_code: "ABCD".to_owned(),
        verification_uri: "https://hex.test/device".to_owned(),
        verification_uri_complete: None,
        expires_in,
        interval: 1,
    }
}

/// The failure of a refresh that the server answers so.
async fn failure(status: u16, body: &'static str) -> Error {
    let peer = Peer::start(move |_, _| json(status, body)).await;
    let mut error = oauth::refresh(&client(&peer.base()), &"s3cret-refresh".into()).await.unwrap_err();
    error.message = error.message.replace(&peer.base(), "BASE");
    error
}

#[tokio::test]
async fn requests_name_the_configured_client_and_carry_no_other_credential() {
    let peer = Peer::start(|_, request| match request.target.as_str() {
        "/api/oauth/device_authorization" => json(
            200,
            r#"{"device_code":"d","user_code":"ABCD","verification_uri":"https://hex.test/device","expires_in":600}"#,
        ),
        _ => json(200, TOKENS),
    })
    .await;
    let client = client_with(Config {
        oauth_client_id: "our-client".to_owned(),
        api_key: Some("s3cret-key".into()),
        api_otp: Some("123456".into()),
        ..config(&peer.base())
    });
    let device = oauth::start(&client, "api", None).await.unwrap();
    assert_eq!(device.interval, 5, "the standard's interval where the server names none");
    oauth::refresh(&client, &"s3cret-refresh".into()).await.unwrap();
    oauth::exchange(&client, "api:read").await.unwrap();
    oauth::revoke(&client, &"s3cret-access".into()).await.unwrap();
    let id = "our-client";
    let expected = [
        ("device_authorization", value!({"client_id": id, "scope": "api"})),
        (
            "token",
            value!({"client_id": id, "grant_type": "refresh_token", "refresh_token": "s3cret-refresh"}),
        ),
        (
            "token",
            value!({
                "client_id": id, "grant_type": "client_credentials", "client_secret": "s3cret-key",
                "scope": "api:read",
            }),
        ),
        ("revoke", value!({"client_id": id, "token": "s3cret-access"})),
    ];
    let arrived = peer.arrived();
    assert_eq!(arrived.len(), expected.len());
    for (request, (endpoint, body)) in arrived.iter().zip(expected) {
        assert_eq!((request.method.as_str(), &request.target), ("POST", &format!("/api/oauth/{endpoint}")));
        assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), body);
        assert_eq!(request.header("authorization"), None, "{endpoint}");
        assert_eq!(request.header("x-hex-otp"), None, "{endpoint}");
    }
}

#[tokio::test]
async fn only_a_key_is_exchanged_for_a_token() {
    let mut config = config("http://127.0.0.1:1");
    for key in [None, Some("Bearer a-token"), Some("eyJhbGciOi.eyJhdWQi.c2ln")] {
        config.api_key = key.map(Into::into);
        let error = oauth::exchange(&client_with(config.clone()), "api").await.unwrap_err();
        assert_eq!((error.code, error.details.key.as_deref()), (Code::BadConfig, Some("api_key")));
        assert!(!error.message.contains("token"), "{error}");
    }
}

#[tokio::test]
async fn failures_of_oauth_become_codes_whatever_their_status() {
    let table = [
        (403, r#"{"error":"access_denied"}"#, Code::Forbidden, "access_denied"),
        (400, r#"{"error":"expired_token"}"#, Code::Unauthorized, "expired_token"),
        (400, r#"{"error":"invalid_grant"}"#, Code::Unauthorized, "invalid_grant"),
        (401, r#"{"error":"invalid_client"}"#, Code::BadConfig, "invalid_client"),
        (400, r#"{"error":"invalid_client"}"#, Code::BadConfig, "invalid_client"),
        (400, r#"{"error":"invalid_scope"}"#, Code::Invalid, "invalid_scope"),
        (400, r#"{"error":"unsupported_grant_type"}"#, Code::Protocol, "unsupported_grant_type"),
        (400, r#"{"error":"invalid_request"}"#, Code::Invalid, "invalid_request"),
        (500, r#"{"error":"server_error"}"#, Code::Server, "server_error"),
    ];
    for (status, body, code, reason) in table {
        let error = failure(status, body).await;
        assert_eq!((error.code, error.details.reason.as_deref()), (code, Some(reason)), "{body}");
        assert_eq!(error.details.status, Some(status), "{body}");
        let key = (code == Code::BadConfig).then_some("oauth_client_id");
        assert_eq!(error.details.key.as_deref(), key, "{body}");
    }
}

#[tokio::test]
async fn failures_say_what_the_server_said() {
    let error =
        failure(400, r#"{"error":"invalid_grant","error_description":"Refresh token was used"}"#).await;
    insta::assert_snapshot!(error.message, @"127.0.0.1 answered 400 to BASE/api/oauth/token: Refresh token was used");
    let error = failure(401, r#"{"error":"invalid_client","error_description":"Unknown client."}"#).await;
    insta::assert_snapshot!(error.message, @"127.0.0.1 answered 401 to BASE/api/oauth/token: Unknown client");
    let error = failure(404, r#"{"message":"Page not found"}"#).await;
    assert_eq!((error.code, error.details.reason), (Code::NotFound, None));
    insta::assert_snapshot!(error.message, @"BASE/api/oauth/token does not exist: this registry has no browser login; use an API key");
}

#[tokio::test]
async fn a_key_that_cannot_be_exchanged_is_the_keys_fault() {
    let peer =
        Peer::start(|_, _| json(401, r#"{"error":"invalid_client","error_description":"Invalid API key"}"#))
            .await;
    let config = Config { api_key: Some("s3cret-key".into()), ..config(&peer.base()) };
    let error = oauth::exchange(&client_with(config), "api").await.unwrap_err();
    assert_eq!((error.code, error.details.key), (Code::Unauthorized, None));
    assert_eq!(error.details.reason.as_deref(), Some("invalid_client"));
}

#[tokio::test]
async fn an_error_field_elsewhere_in_the_api_is_no_login_failure() {
    let peer = Peer::start(|_, _| json(400, r#"{"error":"access_denied"}"#)).await;
    let error = hexide_client::api::package::get(&client(&peer.base()), "pa").await.unwrap_err();
    assert_eq!((error.code, error.details.reason), (Code::Invalid, None));
}

#[tokio::test]
async fn one_question_tells_the_three_answers_apart() {
    let peer = Peer::start(|n, _| match n {
        0 => json(400, PENDING),
        1 => json(400, r#"{"error":"slow_down"}"#),
        _ => json(200, TOKENS),
    })
    .await;
    let client = client(&peer.base());
    let mut shown = Vec::new();
    for _ in 0..3 {
        let poll = oauth::poll(&client, &"s3cret-code".into()).await.unwrap();
        assert!(!format!("{poll:?}").contains("s3cret"), "{poll:?}");
        shown.push(serde_json::to_value(poll).unwrap());
    }
    assert_eq!(shown[0], value!({"status": "pending", "tokens": null}));
    assert_eq!(shown[1], value!({"status": "slow_down", "tokens": null}));
    assert_eq!(shown[2]["status"], "approved");
    assert_eq!(shown[2]["tokens"]["refresh_token"], "s3cret-refresh");
}

#[tokio::test]
async fn waiting_outlives_a_broken_connection_and_a_failing_server_and_reports_each_question() {
    let peer = Peer::start(|n, _| match n {
        0 => json(400, PENDING),
        1 => Answer::Bytes(Vec::new()),
        2 => reply(503, &[], ""),
        _ => json(200, TOKENS),
    })
    .await;
    let reports = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&reports);
    let progress = Progress::new(move |report: Report| into.lock().unwrap().push(report));
    let begun = Instant::now();
    let tokens = oauth::wait(&client(&peer.base()), &device(60), Some(&progress)).await.unwrap();
    assert_eq!(tokens.access_token.expose(), "s3cret-access");
    assert!(begun.elapsed() >= Duration::from_secs(4), "a question a second, and none at once");
    assert_eq!(peer.arrived().len(), 4);
    let reports = reports.lock().unwrap();
    assert_eq!(reports.len(), 4);
    assert!(reports.iter().all(|report| report.phase == "approval" && report.total == Some(60)));
}

#[tokio::test]
async fn waiting_ends_with_the_users_refusal() {
    let peer = Peer::start(|_, _| json(403, r#"{"error":"access_denied"}"#)).await;
    let error = oauth::wait(&client(&peer.base()), &device(60), None).await.unwrap_err();
    assert_eq!((error.code, error.details.reason.as_deref()), (Code::Forbidden, Some("access_denied")));
    peer.only();
}

#[tokio::test]
async fn waiting_ends_with_the_code() {
    let peer = Peer::start(|_, _| json(400, PENDING)).await;
    let error = oauth::wait(&client(&peer.base()), &device(2), None).await.unwrap_err();
    assert_eq!((error.code, error.details.reason.as_deref()), (Code::Unauthorized, Some("expired_token")));
    insta::assert_snapshot!(error.message, @"The login was not approved within 2 seconds");
    peer.only();
    let error = oauth::wait(&client(&nobody().await), &device(2), None).await.unwrap_err();
    assert_eq!(error.code, Code::Connect, "what kept the question from being asked");
}

#[tokio::test]
async fn a_wait_that_is_given_up_asks_no_more() {
    let peer = Peer::start(|_, _| Answer::Hang(Vec::new())).await;
    let client = client(&peer.base());
    let device = device(60);
    let asked = async {
        while peer.arrived().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        ended = oauth::wait(&client, &device, None) => panic!("nobody answered, and it ended: {ended:?}"),
        () = asked => {}
    }
    // Longer than until the next question.
    timeout(Duration::from_millis(1500), future::pending::<()>()).await.unwrap_err();
    peer.only();
}

/// Whether the server took the token is not known then: using it again could end the whole session.
#[tokio::test]
async fn a_token_is_never_used_twice() {
    for answer in
        ["", "HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n"]
    {
        let peer = Peer::start(move |_, _| Answer::Bytes(answer.as_bytes().to_vec())).await;
        let mut config = config(&peer.base());
        config.retries = 5;
        config.api_key = Some("the-key".into());
        let client = client_with(config);
        oauth::refresh(&client, &"s3cret-refresh".into()).await.unwrap_err();
        peer.only();
        oauth::exchange(&client, "api").await.unwrap_err();
        assert_eq!(peer.arrived().len(), 2, "{answer}");
    }
}

#[tokio::test]
async fn what_a_terminal_or_browser_should_not_get_is_refused() {
    let table = [
        ("ABCD", "file:///etc/passwd", "https://hex.test/a"),
        ("ABCD", "--new-window", "https://hex.test/a"),
        ("ABCD", "https://hex.test/a", "javascript:alert(1)"),
        ("AB\\u001b[2J", "https://hex.test/a", "https://hex.test/a"),
        ("", "https://hex.test/a", "https://hex.test/a"),
        ("ABCD", "https://hex.test/\\u001b[2J", "https://hex.test/a"),
        ("ABCD", "https://hex.test/a", "https://hex.test/a\\nhttps://other.test"),
    ];
    for (code, page, complete) in table {
        let body = format!(
            r#"{{"device_code":"d","user_code":"{code}","verification_uri":"{page}",
            "verification_uri_complete":"{complete}","expires_in":600,"interval":5}}"#
        );
        let peer = Peer::start(move |_, _| json(200, &body)).await;
        let error = oauth::start(&client(&peer.base()), "api", None).await.unwrap_err();
        assert_eq!(error.code, Code::Protocol, "{code} {page} {complete}");
    }
}

#[tokio::test]
async fn tokens_in_an_unexpected_shape_do_not_show_in_the_failure() {
    for body in [
        r#""s3cret-access""#,
        r#"{"access_token":"s3cret-access","expires_in":"s3cret-refresh"}"#,
        r#"{"access_token":["s3cret-access"],"expires_in":1}"#,
        r#"{"access_token":"s3cret-access","refresh_token":"s3cret-refresh"}"#,
        r#"{"access_token":"s3cret-access""#,
        r#"s3cret-access"#,
    ] {
        let error = failure(200, body).await;
        assert_eq!(error.code, Code::Protocol, "{body}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }
    insta::assert_snapshot!(
        failure(200, r#"{"access_token":"s3cret-access"}"#).await.message,
        @"POST BASE/api/oauth/token answered JSON that makes no sense: missing field `expires_in` at line 1 column 32"
    );
}

#[tokio::test]
async fn approval_is_not_confused_with_a_server_that_echoes_codes() {
    let peer = Peer::start(|_, _| json(200, r#"{"error":"authorization_pending"}"#)).await;
    let error = oauth::poll(&client(&peer.base()), &"s3cret-code".into()).await.unwrap_err();
    assert_eq!(error.code, Code::Protocol);
    let peer = Peer::start(|_, _| json(400, TOKENS)).await;
    let outcome = oauth::poll(&client(&peer.base()), &"s3cret-code".into()).await;
    assert!(!matches!(outcome, Ok(Poll::Approved(_))));
}
