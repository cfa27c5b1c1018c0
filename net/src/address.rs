//! Node addresses as text: `MULTIADDR/p2p/PEER`. Only what the transport can dial is accepted.

use std::{fmt, str::FromStr};

use hamsa_protocol::{crypto::keys::NodePeer, text::word};
use libp2p::{Multiaddr, PeerId, identity, multiaddr::Protocol};
use thiserror::Error;

/// How a peer id of an Ed25519 key begins: identity multihash of 36 bytes, protobuf key type 1 (Ed25519), key of 32 bytes.
const PEER_HEAD: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// Why a text is not a node address or peer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NodeAddressError {
    /// Not a multiaddress at all.
    #[error("this is no node address; expected something like /ip4/192.0.2.1/tcp/4001/p2p/12D3Koo…")]
    Syntax,
    /// Blanks inside.
    #[error("a node address has no blanks inside; copy it again, on one line")]
    Blank,
    /// It does not start with a host.
    #[error("a node address starts with a host; expected /ip4, /ip6, /dns, /dns4 or /dns6")]
    Host,
    /// No TCP port after the host.
    #[error("after the host a TCP port is expected, as in /tcp/4001; other transports are not spoken")]
    Port,
    /// Something after the port that is not spoken.
    #[error("after the port only /ws may follow; secure WebSocket and relays are not spoken")]
    Tail,
    /// The peer id is missing.
    #[error("the peer id is missing; the address ends in /p2p/12D3Koo… as the node's own output shows it")]
    PeerMissing,
    /// A peer id where none belongs.
    #[error("here an address without /p2p/… is expected")]
    PeerUnexpected,
    /// Not base58 or cut short.
    #[error("this is no peer id; expected a text that starts with 12D3Koo, copied whole")]
    Peer,
    /// A peer id of another kind of key.
    #[error("this peer id is not of an Ed25519 key; expected one that starts with 12D3Koo")]
    PeerKind,
}

/// The peer id as text, `12D3Koo…`.
#[must_use]
pub fn peer_text(peer: &NodePeer) -> String {
    to_peer_id(peer).to_base58()
}

/// Reads a peer id.
///
/// # Errors
/// [`NodeAddressError::Peer`] for a text that is none, [`NodeAddressError::PeerKind`] for one of another kind of key.
pub fn parse_peer(text: &str) -> Result<NodePeer, NodeAddressError> {
    let text = word(text).ok_or(NodeAddressError::Blank)?;
    let id = PeerId::from_str(&text).map_err(|_| NodeAddressError::Peer)?;
    from_peer_id(&id).ok_or(NodeAddressError::PeerKind)
}

/// The peer id of a key.
pub(crate) fn to_peer_id(peer: &NodePeer) -> PeerId {
    let mut bytes = PEER_HEAD.to_vec();
    bytes.extend_from_slice(&peer.0);
    #[expect(
        clippy::expect_used,
        reason = "an identity multihash with its exact length always parses"
    )]
    PeerId::from_bytes(&bytes).expect("well-formed multihash")
}

/// The key of a peer id; `None` for other kinds of keys and for bytes that are not a point.
pub(crate) fn from_peer_id(id: &PeerId) -> Option<NodePeer> {
    let bytes = id.to_bytes();
    let key = bytes.strip_prefix(PEER_HEAD.as_slice())?;
    identity::ed25519::PublicKey::try_from_bytes(key).ok()?;
    key.try_into().ok().map(NodePeer)
}

/// Where a node listens, and the key that it must prove.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NodeAddress {
    /// The multiaddress without `/p2p`, for example `/dns4/entry.example.org/tcp/4001/ws`.
    pub address: String,
    /// The key that the other end must prove.
    pub peer: NodePeer,
}

impl NodeAddress {
    /// Puts an address together.
    ///
    /// # Errors
    /// [`NodeAddressError`] when the address is not one that can be dialled.
    pub fn new(address: &str, peer: NodePeer) -> Result<Self, NodeAddressError> {
        let address = dialable(address)?.to_string();
        Ok(Self { address, peer })
    }
}

impl FromStr for NodeAddress {
    type Err = NodeAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = word(text).ok_or(NodeAddressError::Blank)?;
        // The peer is cut off by hand, so that a wrong one is named as such and not as a wrong address.
        let Some((address, peer)) = text.rsplit_once("/p2p/") else {
            dialable(&text)?;
            return Err(NodeAddressError::PeerMissing);
        };
        let peer = parse_peer(peer)?;
        Self::new(address, peer)
    }
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/p2p/{}", self.address, peer_text(&self.peer))
    }
}

/// Without the address: a home may run in a private flat.
impl fmt::Debug for NodeAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NodeAddress")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// Checks the shape `host/tcp/port[/ws]`.
pub(crate) fn dialable(text: &str) -> Result<Multiaddr, NodeAddressError> {
    let text = word(text).ok_or(NodeAddressError::Blank)?;
    let address: Multiaddr = text.parse().map_err(|_| NodeAddressError::Syntax)?;
    let mut parts = address.iter();
    match parts.next() {
        Some(
            Protocol::Ip4(_) | Protocol::Ip6(_) | Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_),
        ) => {}
        _ => return Err(NodeAddressError::Host),
    }
    let Some(Protocol::Tcp(_)) = parts.next() else {
        return Err(NodeAddressError::Port);
    };
    let mut next = parts.next();
    if let Some(Protocol::Ws(path)) = &next
        && path == "/"
    {
        next = parts.next();
    }
    match next {
        None => Ok(address),
        Some(Protocol::P2p(_)) => Err(NodeAddressError::PeerUnexpected),
        Some(_) => Err(NodeAddressError::Tail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NodeIdentity;

    fn peer() -> NodePeer {
        NodeIdentity::from_secret(&[7; 32]).peer()
    }

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        for host in [
            "/ip4/192.0.2.1/tcp/4001",
            "/ip6/2001:db8::1/tcp/4001",
            "/dns/entry.example.org/tcp/4001/ws",
            "/dns4/entry.example.org/tcp/443/ws",
            "/dns6/entry.example.org/tcp/1",
        ] {
            let text = format!("{host}/p2p/{}", peer_text(&peer()));
            let address: NodeAddress = text.parse().unwrap();
            assert_eq!(address.address, host);
            assert_eq!(address.peer, peer());
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn peer_ids_are_those_of_libp2p() {
        let text = peer_text(&peer());
        assert!(text.starts_with("12D3Koo"));
        assert_eq!(parse_peer(&text), Ok(peer()));
        assert_eq!(parse_peer("12D3Koo"), Err(NodeAddressError::Peer));
        assert_eq!(
            parse_peer("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"),
            Err(NodeAddressError::PeerKind)
        );
    }

    #[test]
    fn each_mistake_is_named() {
        let peer = peer_text(&peer());
        let cases = [
            ("".to_owned(), NodeAddressError::Host),
            ("entry.example.org:4001".to_owned(), NodeAddressError::Syntax),
            (
                "/ip4/192.0.2.1/tcp/4001".to_owned(),
                NodeAddressError::PeerMissing,
            ),
            (
                "/ip4/192.0.2.1/tcp/4001/p2p/12D3".to_owned(),
                NodeAddressError::Peer,
            ),
            (
                format!("/ip4/192.0.2.1/udp/4001/quic-v1/p2p/{peer}"),
                NodeAddressError::Port,
            ),
            (
                format!("/ip4/192.0.2.1/tcp/4001/tls/ws/p2p/{peer}"),
                NodeAddressError::Tail,
            ),
            (
                format!("/ip4/192.0.2.1/tcp/4001/p2p/{peer}/p2p/{peer}"),
                NodeAddressError::PeerUnexpected,
            ),
            (format!("/unix/tmp/p2p/{peer}"), NodeAddressError::Host),
            (
                format!("/dns4/a b.example/tcp/1/p2p/{peer}"),
                NodeAddressError::Blank,
            ),
            (
                format!("/dns4/b.example/tcp/1/p2p/{} {}", &peer[..9], &peer[9..]),
                NodeAddressError::Blank,
            ),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<NodeAddress>().unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn what_other_systems_add_is_left_out() {
        let plain = format!("/ip4/192.0.2.1/tcp/4001/p2p/{}", peer_text(&peer()));
        let (a, b) = plain.split_at(30);
        for form in [
            format!("\u{feff}{plain}\r\n"),
            format!("\u{200e}{plain}\u{200f}"),
            format!("{a}\u{200b}{b}"),
            plain.replace("4001", "٤٠٠١"),
            plain.replace("4001", "۴۰۰۱"),
        ] {
            let address: NodeAddress = form.parse().unwrap();
            assert_eq!(address.to_string(), plain, "{form:?}");
        }
    }

    #[test]
    fn debug_keeps_the_host_to_itself() {
        let address = NodeAddress::new("/ip4/192.0.2.1/tcp/4001", peer()).unwrap();
        assert!(!format!("{address:?}").contains("192.0.2.1"));
    }
}
