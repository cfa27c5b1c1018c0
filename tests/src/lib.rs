//! What the tests of the whole house share: a simulator that runs everybody's machines on a virtual clock, the real
//! binaries as processes, a hostile client, a proxy that makes bad weather between them, and the fuzz targets.

#[cfg(feature = "programs")]
pub mod attack;
pub mod cast;
pub mod fuzz;
pub mod model;
pub mod proxy;
pub mod sim;
pub mod store;

use std::io::Write;

/// Prints a line. `println!` panics when the reader of the pipe is gone (`hamsa-sim --list-planted | head -1`); here the
/// line is lost, and the exit status stays what it is.
pub fn print_line(line: impl core::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
