//! The whole house: its machines in a virtual world, and the real binaries.

// Tests may stop at the first surprise; the lints know a test by this.
#![cfg(test)]

mod attacks;
mod bad_input;
mod claims;
mod classifier;
mod clocks;
mod closed;
mod corpora;
mod dumps;
mod faults;
mod first_words;
mod flood;
mod forged;
mod garbage;
mod idle;
mod json_face;
mod keys;
mod lend;
mod letters;
mod mail;
mod model;
mod nonces;
mod notebook;
mod one_at_a_time;
mod operator;
mod outputs;
mod paste;
mod price;
mod processes;
mod queue;
mod reliability;
mod rosters;
mod screen;
mod screens;
mod secrecy;
mod seeker_keys;
mod shown;
mod simulation;
mod store;
mod strangers;
mod structure;
mod survey;
mod talk;
mod terminals;
mod text_door;
mod together;
mod ways_out;
mod witness;
