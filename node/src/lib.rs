//! `hamsa-node`: a node of an association, in the roles of entry and home, and the association's own commands.
//!
//! The logic of a home is the machine in `hamsa-protocol`; an entry forwards by `hamsa-net`. This crate adds a directory,
//! a socket for the operator, and a process.

// A print that panics would end a task: see `output`.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

mod answers;
pub mod association;
mod checks;
mod clock;
mod clock_watch;
pub mod commands;
pub mod config;
pub mod control;
pub mod directory;
mod files;
mod keeper;
mod keys;
mod lending;
mod link_server;
mod output;
pub mod publication;
pub mod run;

pub mod state;
pub mod store;
mod task;
mod trace;

pub use trace::TraceEvent;
