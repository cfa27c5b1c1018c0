//! The whole house: its machines in a virtual world, and the real binaries.

// Tests may stop at the first surprise; the lints know a test by this.
#![cfg(test)]

mod bad_input;
mod classifier;
mod corpora;
mod evil;
mod faults;
mod forged;
mod garbage;
mod mail;
mod operator;
mod reliability;
mod screen;
mod secrecy;
mod simulation;
mod store;
mod talk;
mod together;

/// How much of something: a little in every run of the tests, more when `HAMSA_LONG` is set.
pub(crate) fn long(short: u64, long: u64) -> u64 {
    if std::env::var_os("HAMSA_LONG").is_some() {
        long
    } else {
        short
    }
}
