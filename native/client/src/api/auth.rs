//! What the credentials in use may do.

use hexide_core::Result;
use http::Method;
use serde::{Deserialize, Serialize};

use crate::client::Client;

/// What the server says of credentials that may do what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The key that the request carried; absent for other credentials.
    pub key: Option<KeyInUse>,
}

/// The key that a request carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInUse {
    /// Its name.
    pub name: Option<String>,
    /// Whose it is.
    pub owner: Option<KeyOwner>,
}

/// Whose a key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyOwner {
    /// Name of the user or organization.
    pub name: String,
    /// `user` or `organization`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Asks whether the credentials reach a thing: a `domain` such as `api` or `repository`, and within it a
/// `resource` such as `write` or the name of an organization (docs/protocol.md §3).
///
/// # Errors
/// `unauthorized` where they do not; `invalid`, and those of every request.
pub async fn test(client: &Client, domain: &str, resource: Option<&str>) -> Result<Access> {
    let request = client.api(Method::GET, &["auth"])?.query(&[("domain", domain)]);
    let request = match resource {
        Some(resource) => request.query(&[("resource", resource)]),
        None => request,
    };
    let reply = client.call(request).await?;
    // Nothing is said of credentials that are no key.
    if reply.body.is_empty() { Ok(Access::default()) } else { client.read(reply, None).await }
}
