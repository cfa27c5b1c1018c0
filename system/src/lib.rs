//! What the programs ask of the operating system, written once.
//!
//! - [`harden`]: no core files, no look into the memory, no swap for secrets, files for their owner only.
//! - [`whole`]: files that are written whole or not at all, and never over a file that is not ours.
//! - [`clock`]: the wall clock, and one that never jumps.
//! - [`raise_open_files`]: as many sockets as the system allows.
//! - [`locale`]: whether the locale of this process names UTF-8.
//! - [`read`](mod@read): files that are read with an end, and nothing that is none.
//! - [`output`]: lines for stdout and stderr that do not panic when the reader is gone.
//!
//! It knows nothing of Hamsa: no keys, no paths, no words.

#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod clock;
mod harden;
pub mod locale;
mod open_files;
pub mod output;
pub mod read;
pub mod whole;

pub use harden::{Unprotected, harden, keep_in_memory};
pub use open_files::raise_open_files;
