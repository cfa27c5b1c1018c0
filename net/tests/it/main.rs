//! The network layer over real sockets of the loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, also in its helpers"
)]

mod address;
mod forward;
mod partners;
mod proxied;
mod refusal;
mod shares;
mod silence;
mod support;
