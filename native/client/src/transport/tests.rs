use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::{Body, Reply, Request};
use crate::credentials::Purpose;

#[test]
fn neither_a_request_nor_a_reply_shows_its_body_or_secret() {
    let body = Bytes::from_static(b"{\"token\":\"s3cret\"}");
    let request = Request {
        purpose: Purpose::Grant,
        method: Method::POST,
        url: "https://hex.test/api/oauth/token".parse().unwrap(),
        accept: HeaderValue::from_static("*/*"),
        if_none_match: None,
        kept: false,
        cached_at: None,
        body: Some(Body { content_type: HeaderValue::from_static("application/json"), bytes: body.clone() }),
        secret: Some("s3cret".into()),
        limit: 1,
        progress: None,
        item: None,
    };
    let reply = Reply {
        method: Method::POST,
        url: request.url.to_string(),
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body,
    };
    let shown = format!("{request:?} {reply:?}");
    assert!(shown.contains("oauth/token") && shown.contains("18 bytes"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
}
