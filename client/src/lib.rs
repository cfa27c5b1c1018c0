//! The headless engine of a seeker and of a counselor: it drives the machines of `hamsa-protocol` over
//! `hamsa-net`. Commands go in, events come out. It draws nothing and, for a seeker, writes nothing.

pub mod api;
pub mod counselor;
mod date;
mod device;
mod homes;
pub mod names;
mod report;
pub mod sealed;
pub mod seeker;
mod survey;
pub mod vault;

pub use device::{system_random, today};
