//! What of an address matters to secrets: where it leads, and what of it may be shown.

use std::borrow::Cow;

use url::{Host, Url};

/// An address fit for messages and logs: queries and user information may hold secrets.
pub(crate) fn public_url(url: &Url) -> String {
    let mut url = Cow::Borrowed(url);
    if url.query().is_some() || url.fragment().is_some() {
        let url = url.to_mut();
        url.set_query(None);
        url.set_fragment(None);
    }
    if !url.username().is_empty() || url.password().is_some() {
        let url = url.to_mut();
        // Both fail only for addresses that can have no user information.
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    url.as_str().to_owned()
}

/// Whether two addresses have the same scheme, host and port.
pub(crate) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
}

/// Whether it is this machine, whatever a resolver says.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
