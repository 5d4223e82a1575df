//! The address a request comes from: the peer's, or what a trusted proxy says of it.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::HeaderMap;
use ipnet::IpNet;

/// The address of the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// A network of addresses, such as that of the proxies: `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// The text is neither an address nor `ADDRESS/BITS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no IP address and no network (ADDRESS/BITS)")]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(Self).map_err(|_| NotANetwork)
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(IpNet::from(address))
    }
}

impl Network {
    /// Whether that address is one of its own.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// The address: the peer's, or the one before the first trusted proxy.
    pub ip: IpAddr,
    /// Whether it comes from this machine without any proxy between.
    pub local: bool,
}

const FORWARDED_FOR: &str = "x-forwarded-for";

impl ClientAddress {
    /// Reads it from the address of the peer and the head of the request.
    ///
    /// Each proxy appends the address it was asked from, so only what trusted proxies appended can be
    /// believed: the right-most address that is not one of theirs. From any other peer the header says
    /// only that something stands between, and then this machine is not taken for the client.
    #[must_use]
    pub fn of(peer: IpAddr, head: &HeaderMap, trusted: &[Network]) -> Self {
        let believed = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
        let mut ip = peer.to_canonical();
        let forwarded = head.contains_key(FORWARDED_FOR);
        let values = head.get_all(FORWARDED_FOR).into_iter().filter_map(|value| value.to_str().ok());
        let chain: Vec<&str> = values.flat_map(|value| value.split(',')).collect();
        for entry in chain.into_iter().rev() {
            let Some(before) = address(entry.trim()).filter(|_| believed(ip)) else { break };
            ip = before;
        }
        Self { ip, local: ip.is_loopback() && !forwarded }
    }

    /// Who is counted together in limits: an address, of version 6 the network that one customer gets.
    #[must_use]
    pub fn limit_key(&self) -> String {
        match self.ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

/// An address, as proxies write it: with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let address = bare.or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> (String, bool) {
        let mut head = HeaderMap::new();
        for value in forwarded {
            head.append(FORWARDED_FOR, http::HeaderValue::from_static(value));
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let client = ClientAddress::of(peer.parse().unwrap(), &head, &trusted);
        (client.ip.to_string(), client.local)
    }

    #[test]
    fn only_what_trusted_proxies_say_is_believed() {
        let inner = "10.0.0.0/8";
        type Line<'a> = (&'a str, &'a [&'static str], &'a [&'a str], (&'a str, bool));
        let table: [Line<'_>; 13] = [
            ("9.9.9.9", &[], &[], ("9.9.9.9", false)),
            ("9.9.9.9", &["1.1.1.1"], &[], ("9.9.9.9", false)),
            ("127.0.0.1", &[], &[], ("127.0.0.1", true)),
            ("127.0.0.1", &["1.1.1.1"], &[], ("127.0.0.1", false)),
            ("127.0.0.1", &["1.1.1.1"], &["127.0.0.1"], ("1.1.1.1", false)),
            ("127.0.0.1", &["127.0.0.1"], &["127.0.0.1"], ("127.0.0.1", false)),
            ("10.0.0.1", &["6.6.6.6, 9.9.9.9, 10.2.3.4"], &[inner], ("9.9.9.9", false)),
            ("10.0.0.1", &["6.6.6.6", "9.9.9.9,10.2.3.4"], &[inner], ("9.9.9.9", false)),
            ("10.0.0.1", &["9.9.9.9, 11.0.0.1"], &[inner], ("11.0.0.1", false)),
            ("10.0.0.1", &["9.9.9.9, nonsense, 10.0.0.2"], &[inner], ("10.0.0.2", false)),
            ("10.0.0.1", &["9.9.9.9:4711"], &[inner], ("9.9.9.9", false)),
            ("::ffff:10.0.0.1", &["[2001:db8::1]:80"], &[inner], ("2001:db8::1", false)),
            ("2001:db8::2", &["9.9.9.9"], &["2001:db8::/32", "0.0.0.0/0"], ("9.9.9.9", false)),
        ];
        for (peer, forwarded, trusted, (ip, local)) in table {
            assert_eq!(found(peer, forwarded, trusted), (ip.to_owned(), local), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn networks_end_where_their_bits_end() {
        let network: Network = "10.1.128.0/17".parse().unwrap();
        for (ip, inside) in
            [("10.1.128.0", true), ("10.1.255.255", true), ("10.1.127.255", false), ("::1", false)]
        {
            assert_eq!(network.contains(ip.parse().unwrap()), inside, "{ip}");
        }
        for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "proxy"] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork), "{text}");
        }
    }

    #[test]
    fn one_customer_of_the_newer_protocol_is_counted_once() {
        let key = |ip: &str| ClientAddress { ip: ip.parse().unwrap(), local: false }.limit_key();
        assert_eq!(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff::2"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
