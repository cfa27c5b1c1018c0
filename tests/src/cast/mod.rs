//! The whole house as it is installed: the real binaries as processes over loopback, driven by their command lines.
//!
//! Nothing here reaches into a process: what a test knows, it knows from exit statuses, standard output, files and
//! sockets. Every wait has an end, and a wait that fails shows what everybody said. Everything lies in one temporary
//! directory, and processes do not outlive their test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is test code: it stops at the first surprise"
)]

mod binaries;
mod face;
mod helpline;
mod host;
mod memory;
mod node;
mod people;
mod process;
mod tmux;
mod words;

use std::time::Duration;

pub use binaries::{HAMSA, NODE, program};
pub use face::Face;
pub use helpline::{ANSWERS, FORWARDS, Helpline, Plan, Ways};
pub use host::Host;
pub use memory::{Search, files_under};
pub use node::{Node, hamsa, hamsa_node};
pub use people::{Counselor, Seeker};
pub use process::{Line, Process, Ran, run};
pub use tmux::{PROMPT, Tmux};
pub use words::messages;

/// Longest wait for anything: longer than the protocol's own longest way back to a chat (claim 20 s, answer 45 s, silent
/// counselor 45 s) on two loaded cores. A test that hangs shall fail.
pub const PATIENCE: Duration = Duration::from_secs(180);
