//! What both programs ask of the operating system, written once.
//!
//! - [`harden`]: no core files, no look into the memory, no swap for secrets, files for their owner only.
//! - [`whole`]: files that are made or replaced whole, and never in the place of a file of somebody else.
//! - [`locale`]: whether this process's terminal is said to be one of UTF-8.
//! - [`output`]: lines for stdout and stderr that cannot panic when the reader is gone.
//!
//! It knows nothing of Hamsa: no keys, no paths, no words.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod harden;
pub mod locale;
pub mod output;
pub mod whole;

pub use harden::{Unprotected, harden, keep_in_memory};
