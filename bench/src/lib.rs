//! What Hamsa does most, each as a piece of work that can be repeated: for instruction counts and for times.
//!
//! All randomness is seeded, so that the same work is done in every run. Nothing here is shipped.

#![allow(
    clippy::unwrap_used,
    reason = "made-up input that is valid; a wrong one must stop the measurement"
)]

mod chat;
mod home;
mod link;
mod ticket;

use hamsa_protocol::crypto::random::Random;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// Does the work once more.
pub type Work = Box<dyn FnMut()>;

/// How often the work of one [`Case::make`] may be repeated.
pub const RUNS_MAX: u32 = 200;

/// A piece of work.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name in the baseline.
    pub name: &'static str,
    /// What is done once.
    pub what: &'static str,
    /// How often it is repeated for a count: cheap work more often, so that the start of a program weighs little.
    pub runs: u32,
    /// Prepares it.
    pub make: fn() -> Work,
}

/// All of them.
pub const CASES: &[Case] = &[
    Case {
        name: "cell",
        what: "a message of one cell: made, sealed, opened, shown to the chat, both keys renewed",
        runs: 100,
        make: chat::cell,
    },
    Case {
        name: "record",
        what: "a record with a cell: encoded and decoded",
        runs: RUNS_MAX,
        make: link::record,
    },
    Case {
        name: "unit",
        what: "a record with a cell over a home link: sealed and opened",
        runs: 100,
        make: link::unit,
    },
    Case {
        name: "link",
        what: "the handshake of a home link, both ends, with the delegation verified",
        runs: 10,
        make: link::handshake,
    },
    Case {
        name: "ticket_seal",
        what: "a ticket sealed to two duties",
        runs: 5,
        make: ticket::seal,
    },
    Case {
        name: "ticket_open",
        what: "a ticket that is for another desk, tried with all wraps",
        runs: 5,
        make: ticket::open_in_vain,
    },
    Case {
        name: "home",
        what: "two records at a home: a cell is put and given on, and acknowledged",
        runs: 100,
        make: home::pass_a_cell,
    },
    Case {
        name: "puzzle",
        what: "one attempt at a puzzle",
        runs: 20,
        make: ticket::puzzle_attempt,
    },
];

fn seeded(seed: u64) -> Random {
    Box::new(ChaCha20Rng::seed_from_u64(seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_work_can_be_repeated() {
        for case in CASES {
            assert!(case.runs <= RUNS_MAX, "{}", case.name);
            let mut work = (case.make)();
            let often = if case.runs < 50 { 2 } else { RUNS_MAX };
            for _ in 0..often {
                work();
            }
        }
    }
}
