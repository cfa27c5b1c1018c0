//! Hamsa's network: the only crate that names libp2p types, and none of them is in its public face.
//!
//! A client has a [`Dialer`]: it listens nowhere, speaks one protocol and asks an entry node for a stream to a home.
//! An association has a [`Node`]: it forwards streams to its partners (entry) and takes streams (home).
//! What is said inside a stream is no matter of this crate: it moves bytes and knows neither records nor tickets.

mod address;
mod answer;
mod behaviour;
mod command;
mod connections;
mod dialer;
mod driver;
mod ending;
mod entry;
mod failure;
mod handler;
mod identity;
mod inbound;
mod keepalive;
mod lend;
mod limits;
mod node;
mod partners;
mod permit;
mod pieces;
mod places;
mod protocols;
mod proxied;
mod shared;
mod shares;
mod source;
mod splice;
mod start;
mod stream;
mod tcp;
mod transport;
mod types;

pub use address::{NodeAddress, NodeAddressError, parse_peer, peer_text};
pub use dialer::Dialer;
pub use failure::DialError;
pub use hamsa_protocol::crypto::keys::NodePeer;
pub use identity::NodeIdentity;
pub use lend::Lender;
pub use limits::Limits;
pub use node::{Incoming, Node, NodeConfig};
pub use proxied::{TrustedProxy, TrustedProxyError};
pub use start::{NodeStartError, free_port};
pub use stream::{Passed, Stream};
pub use types::{HomeStream, NodeCounts, PartnerStatus};

/// Filter directives that silence the libraries below: their events carry the addresses of people.
/// A program that shows `tracing` events adds these to its filter, whatever the operator asks for.
pub const QUIET: &[&str] = &[
    "libp2p_core=off",
    "libp2p_dns=off",
    "libp2p_identity=off",
    "libp2p_noise=off",
    "libp2p_swarm=off",
    "libp2p_tcp=off",
    "libp2p_websocket=off",
    "libp2p_yamux=off",
    "multistream_select=off",
    "yamux=off",
    "soketto=off",
    "hickory_net=off",
    "hickory_proto=off",
    "hickory_resolver=off",
];
