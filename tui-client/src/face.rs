//! What both faces share.

/// The author of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// The other end of the chat.
    Peer,
    /// The person at this face.
    Me,
}
