//! The headless engine of a seeker and of a counselor: it drives the machines of `hamsa-protocol` over
//! `hamsa-net`. Commands go in, events come out. It draws nothing and, for a seeker, writes nothing.

pub mod api;
mod date;
pub mod driver;
pub mod names;
mod report;
pub mod sealed;
pub mod session;
pub mod vault;

pub use driver::{system_random, today};
