//! Fuzz targets: plain functions that take any bytes and assert what must hold.
//!
//! The same functions run in two places: `fuzz/` gives them to libFuzzer, and the test `corpora` gives them every
//! file of `tests/corpus/<target>/` and every seed of `SEEDS`, in each `cargo test`. A file that once broke
//! something stays in the corpus under a name that begins with `regression-`.
//!
//! Some targets parse bytes, some damage handshakes, some read the bytes as a sequence of operations on a
//! machine. Short inputs mean something in all of them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here is what a fuzzer is there to find"
)]

mod bytes;
mod cells;
mod chats;
mod counselor;
mod handshakes;
mod helpline;
mod home;
mod homes;
mod input;
mod mail;
#[cfg(feature = "programs")]
mod programs;
mod seeds;
mod seeker;

pub use bytes::{address, files, kem_key, messages, objects, parts, record, settings, texts};
pub use cells::cells;
pub use chats::chats;
pub use counselor::counselor;
pub use handshakes::{home_link, live_finish, ticket_open};
pub use home::home;
pub use mail::{mail, phrase};
#[cfg(feature = "programs")]
pub use programs::{commands, config, keys, layout, node_address, publication, vault};
pub use seeds::seeds;
pub use seeker::seeker;

/// What a target is: a name, which is also its folder, and the function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("record", record),
    ("parts", parts),
    ("address", address),
    ("files", files),
    ("objects", objects),
    ("messages", messages),
    ("settings", settings),
    ("texts", texts),
    ("kem_key", kem_key),
    ("ticket_open", ticket_open),
    ("live_finish", live_finish),
    ("home_link", home_link),
    ("phrase", phrase),
    ("mail", mail),
    ("cells", cells),
    ("chats", chats),
    ("home", home),
    ("seeker", seeker),
    ("counselor", counselor),
    #[cfg(feature = "programs")]
    ("vault", vault),
    #[cfg(feature = "programs")]
    ("config", config),
    #[cfg(feature = "programs")]
    ("publication", publication),
    #[cfg(feature = "programs")]
    ("commands", commands),
    #[cfg(feature = "programs")]
    ("node_address", node_address),
    #[cfg(feature = "programs")]
    ("layout", layout),
    #[cfg(feature = "programs")]
    ("keys", keys),
];
