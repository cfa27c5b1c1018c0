//! The network layer over real sockets of the loopback.

mod address;
mod forward;
mod partners;
mod refusal;
mod support;
