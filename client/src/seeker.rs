//! The seeker's engine.

use hamsa_protocol::objects::HelplineAddress;

use crate::api::{Handle, SeekerHandle};

/// Starts an engine for one visit. Must be called inside a tokio runtime.
#[must_use]
pub fn start(address: HelplineAddress) -> SeekerHandle {
    let _ = address;
    let (commands, _) = tokio::sync::mpsc::channel(64);
    let (_, events) = tokio::sync::mpsc::channel(64);
    Handle { commands, events }
}
