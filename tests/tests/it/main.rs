//! The whole house: its machines in a virtual world, and the real binaries.

// Tests may stop at the first surprise; the lints know a test by this.
#![cfg(test)]

mod classifier;
mod corpora;
mod evil;
mod faults;
mod forged;
mod mail;
mod operator;
mod secrecy;
mod simulation;
mod store;
mod talk;
