//! Where a request comes from.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};

use crate::{
    app::App,
    wire::{ClientAddress, Peer},
};

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Requester {
    /// The address of the client.
    pub ip: String,
    /// What limits count it as: its address, or its network.
    pub counted_as: String,
    /// What it calls itself.
    pub user_agent: String,
}

impl FromRequestParts<Arc<App>> for Requester {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(requester(parts, app))
    }
}

/// Where a request comes from.
pub fn requester(parts: &Parts, app: &App) -> Requester {
    let address = client_address(parts, app);
    let (ip, counted_as) = (address.ip.to_string(), address.limit_key());
    Requester { ip, counted_as, user_agent: user_agent(&parts.headers) }
}

/// What the client calls itself.
pub fn user_agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    agent.unwrap_or_default().chars().take(255).collect()
}

/// The address a request comes from.
pub fn client_address(parts: &Parts, app: &App) -> ClientAddress {
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let peer = parts.extensions.get::<Peer>().map_or(unknown, |peer| peer.0.ip());
    ClientAddress::of(peer, &parts.headers, &app.trusted_proxies)
}
