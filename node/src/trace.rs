//! What a node sees of what passes: for the demo, and for whoever wants to check.

/// One piece that passed a node. It names nobody: an entry sees sizes, a home sees records of people it does not
/// know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// Seen as a home; else as an entry.
    pub home: bool,
    /// Which link, or which forwarded stream, counted since the node started.
    pub link: u64,
    /// Towards the home; else towards the person.
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
