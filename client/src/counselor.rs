//! The counselor's engine.

use crate::{
    api::{CounselorHandle, Handle},
    vault::UnlockedVault,
};

/// Starts an engine for one shift. Must be called inside a tokio runtime.
#[must_use]
pub fn start(vault: UnlockedVault) -> CounselorHandle {
    let _ = vault;
    let (commands, _) = tokio::sync::mpsc::channel(64);
    let (_, events) = tokio::sync::mpsc::channel(64);
    Handle { commands, events }
}
