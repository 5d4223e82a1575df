//! To whom a reply is given again.

use std::path::PathBuf;

use hexide_client::{Config, api::user};
use hexide_core::Code;
use tempfile::TempDir;

use crate::{
    cache::fixture::{as_usual, caching, files, key, name_of, offline, online, packages},
    common::{Peer, client_with, json},
};

#[tokio::test]
async fn what_belongs_to_an_account_is_never_kept() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, _| json(200, r#"{"username":"alice"}"#)).await;
    let client = {
        let mut config = caching(&peer.base(), &folder);
        key("alices-key")(&mut config);
        client_with(config)
    };
    user::me(&client).await.unwrap();
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
    let asked = user::me(&offline(&peer, &folder, key("alices-key"))).await.unwrap_err();
    assert_eq!(asked.code, Code::Offline);
}

#[tokio::test]
async fn one_login_never_sees_what_another_was_told() {
    let (peer, folder) = (packages().await, TempDir::new().unwrap());
    let alice = {
        let mut config = caching(&peer.base(), &folder);
        key("alices-key")(&mut config);
        client_with(config)
    };
    assert_eq!(name_of(&alice).await.unwrap(), "alices");
    assert_eq!(name_of(&offline(&peer, &folder, key("alices-key"))).await.unwrap(), "alices");
    for other in [offline(&peer, &folder, key("bobs-key")), offline(&peer, &folder, as_usual)] {
        assert_eq!(name_of(&other).await, Err(Code::Offline));
    }
    // What anybody is told, everybody may see, but not in place of what was said to oneself.
    name_of(&online(&peer, &folder)).await.unwrap();
    assert_eq!(name_of(&offline(&peer, &folder, key("bobs-key"))).await.unwrap(), "nobody");
    assert_eq!(name_of(&offline(&peer, &folder, key("alices-key"))).await.unwrap(), "alices");
    let before = peer.arrived().len();
    // Nor does a server learn which version of its reply another has.
    let mut config = caching(&peer.base(), &folder);
    key("bobs-key")(&mut config);
    name_of(&client_with(config)).await.unwrap();
    assert_eq!(peer.arrived()[before].header("if-none-match"), None);
}

#[tokio::test]
async fn a_session_finds_its_own_under_its_next_token() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, _| json(200, r#"{"name":"private"}"#)).await;
    let session = |token: &'static str, login: &'static str| {
        move |config: &mut Config| {
            config.api_key = Some(format!("Bearer {token}").into());
            config.cache_login = Some(login.to_owned());
        }
    };
    let mut config = caching(&peer.base(), &folder);
    session("first", "alice")(&mut config);
    name_of(&client_with(config)).await.unwrap();
    assert_eq!(name_of(&offline(&peer, &folder, session("second", "alice"))).await.unwrap(), "private");
    assert_eq!(name_of(&offline(&peer, &folder, session("second", "bob"))).await, Err(Code::Offline));
    let without_token = |config: &mut Config| config.cache_login = Some("alice".to_owned());
    assert_eq!(name_of(&offline(&peer, &folder, without_token)).await, Err(Code::Offline));
}

#[tokio::test]
async fn a_reply_that_repeats_a_secret_is_not_written_down() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::start(|_, _| json(200, r#"{"name":"pa","html_url":"s3cret-key"}"#)).await;
    let mut config = caching(&peer.base(), &folder);
    key("s3cret-key")(&mut config);
    name_of(&client_with(config)).await.unwrap();
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
}
