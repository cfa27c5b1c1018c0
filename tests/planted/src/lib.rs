//! The sources of hamsa-protocol once more, with bugs to plant, for the simulator alone.
//!
//! The build script copies them and applies the patches of this folder; see docs/decisions/0014.

#[macro_use]
pub mod planted;

include!(concat!(env!("OUT_DIR"), "/protocol/lib.rs"));
