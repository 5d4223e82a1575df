//! Every operation of the client with every secret there is, for the tests of who sees them.
//!
//! Every secret contains `s3cret`, so that one search finds any of them anywhere.

use hexide_client::{
    Client, Config,
    api::{
        auth, docs, key, oauth, organization,
        organization::Role,
        owner,
        owner::Level,
        package,
        package::Search,
        release,
        release::{Reason, Retirement},
        user,
    },
    repo,
};
use hexide_core::Error;

use crate::common::{Arrived, config};

pub const KEY: &str = "s3cret-key";
pub const TOKEN: &str = "Bearer s3cret-token";
pub const OTP: &str = "s3cret-otp";
pub const REPO_KEY: &str = "s3cret-repo-key";

/// A configuration with every secret there is.
pub fn with_secrets(api: &str, repository: &str) -> Config {
    let mut config = config(api);
    config.repo_url = format!("{repository}/repo");
    config.api_key = Some(KEY.into());
    config.api_otp = Some(OTP.into());
    config.repo_key = Some(REPO_KEY.into());
    config
}

/// An operation of the API whose request carries its secrets in headers, by its method.
pub const API: [&str; 20] = [
    "GET search",
    "GET package",
    "GET release",
    "GET owners",
    "GET keys",
    "GET me",
    "GET orgs",
    "GET members",
    "GET auth",
    "GET log",
    "PUT owner",
    "DELETE owner",
    "DELETE release",
    "DELETE key",
    "DELETE member",
    "POST publish",
    "POST docs",
    "POST retire",
    "POST key",
    "POST member",
];

/// The operations of the repository.
pub const REPOSITORY: [&str; 6] = ["names", "versions", "package", "tarball", "docs", "public_key"];

/// The operations whose secret is in the body.
pub const BODY: [&str; 5] = ["register", "poll", "refresh", "exchange", "revoke"];

pub async fn run(client: &Client, operation: &str) -> Result<(), Error> {
    let (c, retirement) = (client, Retirement { reason: Reason::Other, message: None });
    let tarball = || bytes::Bytes::from_static(b"tarball");
    match operation {
        "GET search" => package::search(c, &Search::default()).await.map(drop),
        "GET package" => package::get(c, "pa").await.map(drop),
        "GET release" => release::get(c, "pa", "1.0.0").await.map(drop),
        "GET owners" => owner::list(c, "pa").await.map(drop),
        "GET keys" => key::list(c).await.map(drop),
        "GET me" => user::me(c).await.map(drop),
        "GET orgs" => organization::list(c).await.map(drop),
        "GET members" => organization::members(c, "acme").await.map(drop),
        "GET auth" => auth::test(c, "api", None).await.map(drop),
        "GET log" => organization::audit_log(c, "acme", None).await.map(drop),
        "PUT owner" => owner::add(c, "pa", "bob", Level::Full, false).await,
        "DELETE owner" => owner::remove(c, "pa", "bob").await,
        "DELETE release" => release::revert(c, "pa", "1.0.0").await,
        "DELETE key" => key::remove(c, "ci").await,
        "DELETE member" => organization::remove_member(c, "acme", "bob").await,
        "POST publish" => release::publish(c, tarball(), false, None).await.map(drop),
        "POST docs" => docs::publish(c, "pa", "1.0.0", tarball(), None).await.map(drop),
        "POST retire" => release::retire(c, "pa", "1.0.0", &retirement).await,
        "POST key" => key::add(c, "ci", &[], None).await.map(drop),
        "POST member" => organization::add_member(c, "acme", "bob", Role::Read).await.map(drop),
        "names" => repo::names(c, None).await.map(drop),
        "versions" => repo::versions(c, None).await.map(drop),
        "package" => repo::package(c, "pa", None).await.map(drop),
        "tarball" => repo::tarball(c, "pa", "1.0.0", Some([0; 32]), None).await.map(drop),
        "docs" => repo::docs(c, "pa", "1.0.0", None).await.map(drop),
        "public_key" => repo::public_key(c).await.map(drop),
        "register" => user::register(c, "alice", &"s3cret-password".into(), "a@b.test").await.map(drop),
        "poll" => oauth::poll(c, &"s3cret-device-code".into()).await.map(drop),
        "refresh" => oauth::refresh(c, &"s3cret-refresh".into()).await.map(drop),
        "exchange" => oauth::exchange(c, "api").await.map(drop),
        "revoke" => oauth::revoke(c, &"s3cret-revoked".into()).await,
        other => unreachable!("{other}"),
    }
}

/// Everything that arrived in a request, as one text.
pub fn whole(request: &Arrived) -> String {
    format!("{request:?} {}", String::from_utf8_lossy(&request.body))
}

/// The names of all operations.
pub fn all() -> impl Iterator<Item = &'static str> {
    API.into_iter().chain(REPOSITORY).chain(BODY)
}
