//! What is shown to people and logs holds no secret: failures, and what `Debug` prints.

use std::sync::Arc;

use crate::common::{Answer, Arrived, Peer, client_with, config, json, reply};
use crate::operations::{KEY, TOKEN, run, whole, with_secrets};
use hexide_client::{
    Client, Config,
    api::package,
    credentials::{Credential, Credentials, Purpose},
};
use hexide_core::Code;

/// A server that says what it was told.
fn echo(request: &Arrived) -> Answer {
    let told = whole(request).replace(['"', '\\', '\n', '\r'], " ");
    let body = format!(
        r#"{{"message":"{told}","error":"{told}","error_description":"{told}",
        "errors":{{"field":["{told}"],"{told}":{{"deep":"{told}"}}}}}}"#
    );
    json(422, &body)
}

#[tokio::test]
async fn a_failure_does_not_repeat_what_the_server_repeats() {
    let peer = Peer::start(|_, request| echo(request)).await;
    let client = client_with(with_secrets(&peer.base(), &peer.base()));
    for operation in crate::operations::all() {
        let error = run(&client, operation).await.unwrap_err();
        let shown = format!("{error} {error:?} {}", serde_json::to_string(&error.details).unwrap());
        assert!(!shown.contains("s3cret"), "{operation}: {shown}");
        assert!(shown.contains("[REDACTED]"), "{operation}: {shown}");
    }
}

#[tokio::test]
async fn no_address_that_a_server_redirects_to_shows_a_secret() {
    let table = ["http://other.test/s3cret-key", "ftp://s3cret-key@other.test/", "/s3cret-key?s3cret-otp"];
    for location in table {
        let peer = Peer::start(move |_, _| reply(308, &[("location", location)], "")).await;
        let client = client_with(with_secrets(&peer.base(), &peer.base()));
        for operation in ["POST publish", "DELETE release", "GET package"] {
            if let Err(error) = run(&client, operation).await {
                assert!(!format!("{error} {error:?}").contains("s3cret"), "{location}: {error:?}");
            }
        }
    }
}

#[tokio::test]
async fn no_secret_shows_in_debug_output() {
    let mut shown = Vec::new();
    for key in [KEY, TOKEN, "eyJs3cret.eyJh.c2"] {
        let mut config = with_secrets("http://127.0.0.1:1", "http://127.0.0.1:1");
        config.api_key = Some(key.into());
        config.http_proxy = Some("http://user:s3cret-proxy@127.0.0.1:1".into());
        config.https_proxy = Some("http://user:s3cret-proxy@127.0.0.1:1".into());
        let base: Arc<url::Url> = Arc::new("http://127.0.0.1:1".parse().unwrap());
        let credentials = Credentials::new(&config, Arc::clone(&base), Arc::clone(&base));
        shown.push(format!("{:?}", Credential::from_text(&key.into())));
        shown.push(format!("{credentials:?} {credentials:#?}"));
        let headers = credentials.headers(Purpose::Api, &base).unwrap();
        assert_eq!(headers.len(), 2);
        shown.push(format!("{headers:?}"));
        let client = client_with(config.clone());
        for operation in crate::operations::all() {
            shown.push(format!("{:?}", run(&client, operation).await.unwrap_err()));
        }
        shown.push(format!("{config:?} {config:#?} {client:?}"));
    }
    let leaks: Vec<_> = shown.iter().filter(|text| text.contains("s3cret")).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[test]
fn a_setting_that_is_refused_does_not_show_its_secret() {
    let base = config("http://127.0.0.1:1");
    let wrong = [
        Config { api_url: "https://alice:s3cret@hex.test".to_owned(), ..base.clone() },
        Config { repo_url: "https://alice:s3cret@hex.test".to_owned(), ..base.clone() },
        Config { http_proxy: Some("socks5://alice:s3cret@127.0.0.1:1".into()), ..base.clone() },
        Config { https_proxy: Some("http://alice:s3cret@:99999".into()), ..base.clone() },
    ];
    for config in wrong {
        let shown = format!("{config:?}");
        assert!(!shown.contains("s3cret") && shown.contains("repo_name"), "{shown}");
        let error = Client::new(config, crate::common::cpu()).unwrap_err();
        assert_eq!(error.code, Code::BadConfig);
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }
    let broken = Config { api_key: Some("s3cret\nkey".into()), ..config("http://127.0.0.1:1") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(package::get(&client_with(broken), "pa")).unwrap_err();
    assert_eq!((error.code, error.details.key.as_deref()), (Code::BadConfig, Some("api_key")));
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
}
