//! The values that a node hands out.

use hamsa_protocol::crypto::keys::NodePeer;

use crate::stream::Stream;

/// A stream for this home, from a client somewhere behind an entry.
#[derive(Debug)]
pub struct HomeStream {
    /// The client's bytes.
    pub stream: Stream,
    /// The node whose entry it came by: a partner, or this node.
    pub entry: NodePeer,
}

/// Whether a partner can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnerStatus {
    /// Who.
    pub peer: NodePeer,
    /// Connected, answering, and counting us as a partner too.
    pub connected: bool,
}

/// How much of everything there is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeCounts {
    /// Inbound connections that are shaking hands.
    pub pending_connections: usize,
    /// Connections of clients.
    pub connections: usize,
    /// Connections with partners.
    pub partner_connections: usize,
    /// Streams that have not named their target.
    pub half_open: usize,
    /// Forward streams to partners, from their target to their end.
    pub forwarded: usize,
    /// Streams of this home.
    pub home_streams: usize,
    /// Streams refused since the start.
    pub refused: u64,
    /// Connections refused since the start because of a limit.
    pub limited: u64,
}
