//! Redirects: which are followed, and what they never carry.

use std::sync::{Arc, Mutex};

use crate::common::{Peer, client, client_with, config, json, package, reply};
use hexide_client::{Client, api};
use hexide_core::Code;

fn with_secrets(base: &str) -> Client {
    let mut config = config(base);
    config.api_key = Some("the-key".into());
    config.api_otp = Some("123456".into());
    config.repo_key = Some("the-repo-key".into());
    client_with(config)
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_its_secrets() {
    let peer = Peer::start(|n, _| match n {
        0 => reply(302, &[("location", "/elsewhere")], ""),
        _ => package(),
    })
    .await;
    api::package::get(&with_secrets(&peer.base()), "pa").await.unwrap();
    let arrived = peer.arrived();
    assert_eq!(arrived[1].target, "/elsewhere");
    assert_eq!(arrived[1].header("authorization"), Some("the-key"));
    assert_eq!(arrived[1].header("x-hex-otp"), Some("123456"));
}

#[tokio::test]
async fn a_redirect_to_another_origin_carries_no_secret() {
    let other = Peer::start(|_, _| package()).await;
    let target = format!("http://user:password@{}/there", other.address);
    let home = Peer::start(move |_, _| reply(307, &[("location", &target)], "")).await;
    api::package::get(&with_secrets(&home.base()), "pa").await.unwrap();
    assert_eq!(home.only().header("authorization"), Some("the-key"));
    let arrived = other.only();
    assert_eq!(arrived.header("authorization"), None);
    assert_eq!(arrived.header("x-hex-otp"), None);
}

#[tokio::test]
async fn a_redirect_away_and_back_home_carries_no_secret() {
    let home_address = Arc::new(Mutex::new(String::new()));
    let back = Arc::clone(&home_address);
    let other = Peer::start(move |_, _| reply(302, &[("location", &back.lock().unwrap())], "")).await;
    let target = format!("{}/there", other.base());
    let home = Peer::start(move |n, _| match n {
        0 => reply(302, &[("location", &target)], ""),
        _ => package(),
    })
    .await;
    *home_address.lock().unwrap() = format!("{}/back", home.base());
    api::package::get(&with_secrets(&home.base()), "pa").await.unwrap();
    let arrived = home.arrived();
    assert_eq!(arrived[1].target, "/back");
    assert_eq!(arrived[1].header("authorization"), None);
}

#[tokio::test]
async fn redirects_without_end_end() {
    let peer = Peer::start(|_, _| reply(302, &[("location", "/again")], "")).await;
    let error = api::package::get(&client(&peer.base()), "pa").await.unwrap_err();
    assert_eq!(error.code, Code::Protocol);
    assert_eq!(peer.arrived().len(), 6, "the first request and five redirects");
}

#[tokio::test]
async fn a_redirected_change_is_not_turned_into_a_question() {
    for status in [301, 302, 303] {
        let peer = Peer::start(move |_, _| reply(status, &[("location", "/there")], "")).await;
        let error = api::release::revert(&client(&peer.base()), "pa", "1.0.0").await.unwrap_err();
        assert_eq!(error.code, Code::Protocol, "{status}");
        peer.only();
    }
}

#[tokio::test]
async fn a_body_is_sent_again_within_the_origin_only() {
    let peer = Peer::start(|n, _| match n {
        0 => reply(308, &[("location", "/there")], ""),
        _ => json(201, r#"{"version":"1.0.0"}"#),
    })
    .await;
    api::release::publish(&client(&peer.base()), "tarball".into(), false, None).await.unwrap();
    assert_eq!(peer.arrived()[1].method, "POST");
    assert_eq!(peer.arrived()[1].body, b"tarball");

    let other = Peer::start(|_, _| json(201, r#"{"version":"1.0.0"}"#)).await;
    let target = other.base();
    let home = Peer::start(move |_, _| reply(307, &[("location", &target)], "")).await;
    let error =
        api::release::publish(&client(&home.base()), "tarball".into(), false, None).await.unwrap_err();
    assert_eq!(error.code, Code::Protocol);
    assert!(other.arrived().is_empty(), "the tarball must not go elsewhere");
}

#[tokio::test]
async fn a_redirect_to_no_web_address_is_refused() {
    for location in ["file:///etc/passwd", "http://", "ftp://127.0.0.1/"] {
        let peer = Peer::start(move |_, _| reply(302, &[("location", location)], "")).await;
        let error = api::package::get(&client(&peer.base()), "pa").await.unwrap_err();
        assert_eq!(error.code, Code::Protocol, "{location}");
    }
}
