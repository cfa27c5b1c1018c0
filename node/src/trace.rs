//! Trace events: what a node sees of each piece that passes, for the demo and for tests.

/// One piece that passed a node. It identifies no person: an entry sees sizes, a home sees records of unknown clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// Seen as a home; else as an entry.
    pub home: bool,
    /// Which link, or which forwarded stream, counted since the node started.
    pub link: u64,
    /// Towards the home; else towards the client.
    pub inbound: bool,
    /// Bytes on the wire.
    pub bytes: usize,
    /// What the record is; empty at an entry, which cannot know.
    pub kind: &'static str,
    /// First bytes of the token; zeros at an entry.
    pub token: [u8; 4],
    /// The record's index; 0 at an entry.
    pub index: u64,
}
