//! What the most important replies mean: statuses and bodies to codes and sentences.

use crate::common::{Peer, client, json, reply};
use hexide_client::{
    api::{key, package, release},
    repo,
};
use hexide_core::{Code, Error};
use serde_json::json as value;

/// The failure that reverting a release gives when the server answers this.
async fn failure(status: u16, headers: &'static [(&str, &str)], body: &'static str) -> Error {
    let peer = Peer::start(move |_, _| reply(status, headers, body)).await;
    let mut error = release::revert(&client(&peer.base()), "pa", "1.0.0").await.unwrap_err();
    error.message = error.message.replace(&peer.base(), "BASE");
    error
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];
const HEX_JSON: &[(&str, &str)] = &[("content-type", "application/vnd.hex+json")];
const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
const TOTP_REQUIRED: &[(&str, &str)] = &[
    ("content-type", "application/json"),
    ("www-authenticate", "Bearer realm=\"hex\", error=\"totp_required\""),
];
const TOTP_INVALID: &[(&str, &str)] = &[
    ("content-type", "application/json"),
    ("www-authenticate", "Bearer realm=\"hex\", error=\"invalid_totp\""),
];

#[tokio::test]
async fn statuses_become_codes_and_sentences() {
    let table = [
        (401, JSON, r#"{"message":"invalid API key"}"#, Code::Unauthorized, "invalid API key"),
        (401, TOTP_REQUIRED, r#"{"message":"code required"}"#, Code::OtpRequired, "code required"),
        (401, TOTP_INVALID, r#"{"message":"wrong code"}"#, Code::OtpInvalid, "wrong code"),
        (403, HEX_JSON, r#"{"message":"not an owner"}"#, Code::Forbidden, "not an owner"),
        (404, JSON, r#"{"message":"Page not found"}"#, Code::NotFound, "does not exist, or may not be seen"),
        (404, HTML, "<html>", Code::NotFound, "is it the address of a Hex registry?"),
        (406, HTML, "<html>", Code::Invalid, "text/html"),
        (400, JSON, r#"{"error":"x","error_description":"Bad grant"}"#, Code::Invalid, "Bad grant"),
        (400, JSON, r#"{"error":"invalid_client"}"#, Code::Invalid, "invalid_client"),
        (413, JSON, r#"{"message":"too big"}"#, Code::TooLarge, "too big"),
        (429, JSON, r#"{"message":"slow down"}"#, Code::RateLimited, "slow down"),
        (500, JSON, r#"{"message":"Internal server error"}"#, Code::Server, "Internal server error"),
        (500, JSON, "{\"message\": \"half", Code::Server, "answered 500"),
        (503, &[], "", Code::Server, "no content type"),
        (422, JSON, r#"{"message":"a\u001b[31m\nb"}"#, Code::Invalid, "a [31m b"),
    ];
    for (status, headers, body, code, says) in table {
        let error = failure(status, headers, body).await;
        assert_eq!((error.code, error.details.status), (code, Some(status)), "{body}");
        assert!(error.message.contains(says), "{error}");
        assert!(error.details.url.as_deref().unwrap().ends_with("/api/packages/pa/releases/1.0.0"));
    }
}

/// Only the API may ask for the code, since only the API is given one.
#[tokio::test]
async fn the_two_factor_challenge_is_found_in_every_form_and_nowhere_else() {
    let table = [
        (&["Bearer realm=\"hex\", error=\"totp_required\""][..], Code::OtpRequired),
        (&["Basic realm=hex", "Bearer realm=\"hex\", error=\"totp_required\""], Code::OtpRequired),
        (&["Bearer error=invalid_totp,realm=hex"], Code::OtpInvalid),
        (&["Bearer realm=\"hex\", error=\"invalid_token\""], Code::Unauthorized),
        (&["Bearer realm=\"totp_required\""], Code::Unauthorized),
        (&["Basic realm=hex"], Code::Unauthorized),
        (&[], Code::Unauthorized),
    ];
    for (challenges, code) in table {
        let headers: Vec<_> = challenges.iter().map(|text| ("www-authenticate", *text)).collect();
        let peer = Peer::start(move |_, _| reply(401, &headers, "")).await;
        let client = client(&peer.base());
        let error = release::revert(&client, "pa", "1.0.0").await.unwrap_err();
        assert_eq!(error.code, code, "{challenges:?}");
        let error = repo::docs(&client, "pa", "1.0.0", None).await.unwrap_err();
        assert_eq!(error.code, Code::Unauthorized, "{challenges:?}");
    }
}

#[tokio::test]
async fn field_errors_are_flattened_and_kept_as_sent() {
    let nested = r#"{"message":"Validation error(s)","errors":{"password":"is too short",
        "emails":{"email":"has invalid format"},"requirements":{"nosuch":"does not exist"}}}"#;
    let error = failure(422, JSON, nested).await;
    assert_eq!(error.code, Code::Invalid);
    insta::assert_snapshot!(error.message, @"127.0.0.1 refused the request: password is too short; emails.email has invalid format; requirements.nosuch does not exist");
    assert_eq!(error.details.errors.unwrap()["emails"], value!({"email": "has invalid format"}));

    let error = failure(422, JSON, r#"{"message":"x","errors":"not enough seats"}"#).await;
    insta::assert_snapshot!(error.message, @"127.0.0.1 refused the request: not enough seats");
    assert_eq!(error.details.errors, Some(value!("not enough seats")));

    let error = failure(422, JSON, r#"{"message":"x","errors":{"a":["one",{"b":"two"}]}}"#).await;
    insta::assert_snapshot!(error.message, @"127.0.0.1 refused the request: a one; a.b two");
}

#[tokio::test]
async fn an_existing_release_has_a_code_of_its_own() {
    let body = r#"{"message":"Validation error(s)","errors":
        {"inserted_at":"must include the --replace flag to update an existing release"}}"#;
    let error = failure(422, JSON, body).await;
    assert_eq!(error.code, Code::AlreadyPublished);
    let other =
        r#"{"message":"Validation error(s)","errors":{"inserted_at":"can only be modified for an hour"}}"#;
    assert_eq!(failure(422, JSON, other).await.code, Code::Invalid);
}

#[tokio::test]
async fn what_the_repository_forbids_may_not_exist() {
    for status in [403, 404] {
        let peer = Peer::start(move |_, _| reply(status, &[], "")).await;
        let error = repo::docs(&client(&peer.base()), "pa", "1.0.0", None).await.unwrap_err();
        assert_eq!((error.code, error.details.status), (Code::NotFound, Some(status)));
        assert!(error.message.contains("does not exist, or may not be seen"), "{error}");
    }
}

#[tokio::test]
async fn a_new_key_shows_to_its_maker_only() {
    let peer = Peer::start(|_, _| json(201, r#"{"name":"ci","secret":"s3cret","permissions":null}"#)).await;
    let key = key::add(&client(&peer.base()), "ci", &[], None).await.unwrap();
    assert_eq!(key.secret.as_ref().unwrap().expose(), "s3cret");
    assert!(!format!("{key:?}").contains("s3cret"));
    assert_eq!(serde_json::to_value(&key).unwrap()["secret"], "s3cret");
}

#[tokio::test]
async fn missing_and_unknown_fields_do_no_harm() {
    let body = r#"{"name":"pa","meta":{"links":null,"new":1},"releases":null,"owners":null,"new":{"a":1}}"#;
    let peer = Peer::start(move |_, _| json(200, body)).await;
    let package = package::get(&client(&peer.base()), "pa").await.unwrap();
    let shown = serde_json::to_value(&package).unwrap();
    assert_eq!(shown["latest_version"], value!(null), "an absent field is there and empty");
    assert_eq!(shown["releases"], value!([]));
    assert_eq!(shown["meta"]["links"], value!({}));
    assert!(shown.get("new").is_none());
}
