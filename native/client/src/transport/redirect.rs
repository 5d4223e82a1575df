//! Which redirects are followed (docs/protocol.md §6).

use hexide_core::Result;
use http::{Method, StatusCode, header::LOCATION};
use url::Url;

use super::{Reply, failure};
use crate::address::{public_url, same_origin};

/// How many redirects in a row are followed.
pub(super) const MOST: usize = 5;

/// Where `reply` redirects to; `None` where it is no redirect.
///
/// # Errors
/// `protocol` for one that must not be followed: from https to http, to no web address, or one that
/// would turn a change into a mere question or take its body to another origin.
pub(super) fn target(reply: &Reply, method: &Method, from: &Url) -> Result<Option<Url>> {
    let keeps_method = match reply.status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => false,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        _ => return Ok(None),
    };
    let refused = |why: &str| Err(failure::senseless(why, &reply.url));
    let Some(location) = reply.header(LOCATION) else {
        return refused("the peer redirects without saying where to");
    };
    let Ok(mut to) = from.join(location) else {
        return refused("the peer redirects to something that is no address");
    };
    if !matches!(to.scheme(), "http" | "https") || to.host().is_none() {
        return refused("the peer redirects to something that is no web address");
    }
    // User information would become an authorization of the peer's choice.
    let _ = to.set_username("");
    let _ = to.set_password(None);
    if from.scheme() == "https" && to.scheme() == "http" {
        return refused(&format!(
            "the peer redirects from https to {}, which is not secure",
            public_url(&to)
        ));
    }
    let only_asks = *method == Method::GET || *method == Method::HEAD;
    let sent_again = keeps_method && same_origin(from, &to);
    if !only_asks && !sent_again {
        return refused(&format!("the peer redirects a {method} to {}; set that address", public_url(&to)));
    }
    Ok(Some(to))
}
