//! Where somebody comes from, as far as limits need to know: a keyed hash of an address, in memory only.
//!
//! The key is drawn at each start and kept nowhere. No log, metric or `Debug` shows a source or its hash.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Mutex,
};

use hmac::{Hmac, KeyInit, Mac};
use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::connections::lock;

/// Half of a SHA-256: two sources of one run do not share it by chance.
type Digest = [u8; 16];

/// A source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PeerSource {
    /// An IPv4 address, or the IPv6 network of 64 bits that one customer gets.
    Address(Digest),
    /// All that come by a listener whose callers' addresses tell nothing, as an onion service has it.
    Unnamed,
    /// A partner, whatever its address.
    Partner(Digest),
}

impl PeerSource {
    pub(crate) const fn is_partner(self) -> bool {
        matches!(self, Self::Partner(_))
    }
}

impl fmt::Debug for PeerSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PeerSource")
    }
}

/// Tells sources apart.
pub(crate) struct SourceKey {
    key: Zeroizing<[u8; 32]>,
    /// Listeners whose callers' addresses tell nothing.
    unnamed: Vec<SocketAddr>,
    /// Where each partner comes from: as configured, and as it last came.
    partners: Mutex<HashMap<PeerId, [Option<PeerSource>; 2]>>,
}

impl SourceKey {
    pub(crate) fn new(key: Zeroizing<[u8; 32]>, unnamed: Vec<SocketAddr>) -> Self {
        Self {
            key,
            unnamed,
            partners: Mutex::default(),
        }
    }

    /// The source of a connection from `remote` that was accepted at `local`.
    pub(crate) fn of(&self, local: &Multiaddr, remote: &Multiaddr) -> PeerSource {
        let here = socket(local);
        let unnamed = here.is_some_and(|here| {
            let is_it = |at: &SocketAddr| {
                at.port() == here.port() && (at.ip() == here.ip() || at.ip().is_unspecified())
            };
            self.unnamed.iter().any(is_it)
        });
        match socket(remote) {
            Some(remote) if !unnamed => self.address(remote.ip()),
            _ => PeerSource::Unnamed,
        }
    }

    fn address(&self, address: IpAddr) -> PeerSource {
        PeerSource::Address(match address.to_canonical() {
            IpAddr::V4(address) => self.hash(b"4", &address.octets()),
            IpAddr::V6(address) => {
                let [network @ .., _, _, _, _, _, _, _, _] = address.octets();
                self.hash(b"6", &network)
            }
        })
    }

    /// A partner as a source.
    pub(crate) fn partner(&self, peer: &PeerId) -> PeerSource {
        PeerSource::Partner(self.hash(b"P", &peer.to_bytes()))
    }

    /// Notes the address at which a partner is dialled; a name tells no address.
    pub(crate) fn set_partner(&self, peer: PeerId, address: &Multiaddr) {
        let configured = socket(address).map(|socket| self.address(socket.ip()));
        let mut partners = lock(&self.partners);
        partners.entry(peer).or_default()[0] = configured;
    }

    /// Notes where a partner came from.
    pub(crate) fn partner_came(&self, peer: PeerId, source: PeerSource) {
        if source != PeerSource::Unnamed {
            lock(&self.partners).entry(peer).or_default()[1] = Some(source);
        }
    }

    /// Whom to expect from a source before it has proved a key: a partner, if one comes from there.
    pub(crate) fn expected(&self, source: PeerSource) -> PeerSource {
        let partners = lock(&self.partners);
        let known = partners.iter().find(|(_, from)| from.contains(&Some(source)));
        known.map_or(source, |(peer, _)| self.partner(peer))
    }

    fn hash(&self, kind: &[u8], bytes: &[u8]) -> Digest {
        let mut digest = Digest::default();
        // HMAC takes a key of any length.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.as_slice()) {
            mac.update(kind);
            mac.update(bytes);
            let whole = mac.finalize().into_bytes();
            digest.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        }
        digest
    }
}

/// The socket address that a multiaddress begins with, if it is one by number.
pub(crate) fn socket(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let host: IpAddr = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) => Some(SocketAddr::new(host, port)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SourceKey {
        let onion = "127.0.0.1:4311".parse().unwrap();
        SourceKey::new(Zeroizing::new([byte; 32]), vec![onion])
    }

    fn at(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_source_is_an_address_or_a_customers_network() {
        let (key, here) = (key(1), at("/ip4/192.0.2.200/tcp/4310"));
        let of = |remote: &str| key.of(&here, &at(remote));
        let same = [
            ("/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.1/tcp/2/ws"),
            ("/ip4/192.0.2.1/tcp/1", "/ip6/::ffff:192.0.2.1/tcp/1"),
            ("/ip6/2001:db8::1/tcp/1", "/ip6/2001:db8::ffff:2/tcp/1"),
        ];
        assert!(same.iter().all(|(a, b)| of(a) == of(b)));
        let other = [
            ("/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.2/tcp/1"),
            ("/ip6/2001:db8::1/tcp/1", "/ip6/2001:db8:0:1::1/tcp/1"),
        ];
        assert!(other.iter().all(|(a, b)| of(a) != of(b)));
    }

    #[test]
    fn an_onion_listener_is_a_class_of_its_own() {
        let key = key(1);
        let caller = at("/ip4/127.0.0.1/tcp/50000");
        let of = |local: &str| key.of(&at(local), &caller);
        assert!(of("/ip4/127.0.0.1/tcp/4311/ws") == PeerSource::Unnamed);
        assert!(of("/ip4/127.0.0.1/tcp/4310") != PeerSource::Unnamed);
    }

    #[test]
    fn the_hash_is_of_this_run_and_is_not_shown() {
        let (here, there) = (at("/ip4/192.0.2.200/tcp/1"), at("/ip4/192.0.2.1/tcp/1"));
        let (one, two) = (key(1).of(&here, &there), key(2).of(&here, &there));
        assert!(one != two);
        assert_eq!(format!("{one:?}"), "PeerSource");
    }

    #[test]
    fn a_partner_is_expected_where_it_is_or_last_came_from() {
        let (key, here) = (key(1), at("/ip4/192.0.2.200/tcp/1"));
        let peer = PeerId::random();
        let of = |remote: &str| key.of(&here, &at(remote));
        let configured = "/ip4/192.0.2.7/tcp/4310";
        key.set_partner(peer, &at(configured));
        key.partner_came(peer, of("/ip4/192.0.2.8/tcp/1"));
        for known in [configured, "/ip4/192.0.2.8/tcp/9"] {
            assert!(key.expected(of(known)) == key.partner(&peer));
        }
        let other = of("/ip4/192.0.2.9/tcp/4310");
        assert!(key.expected(other) == other);
        key.partner_came(peer, PeerSource::Unnamed);
        assert!(key.expected(PeerSource::Unnamed) == PeerSource::Unnamed);
    }
}
