//! The puzzle: what a stranger pays for what costs others, without a name.
//!
//! A solution is a number for which a memory-hard function of the challenge is small enough. Finding one takes as many
//! attempts as the step asks, on the average; checking one takes a single attempt. A challenge is bound to the helpline,
//! the home, a seed of the home, and the token that is paid for, so that a solution is of use once and at one home.
//!
//! The function is Argon2id, with so little memory that a home checks a solution in 0.1 ms at most.

use core::{fmt, time::Duration};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::crypto::{
    hash,
    keys::{DhPublic, HelplineId},
    tokens::TokenHash,
};

/// Memory of one attempt, in KiB: 0.06 ms on a server's core, and more than a graphics card gives each of its threads
/// from its fast memory.
pub const PUZZLE_MEMORY_KIB: u32 = 128;
/// Passes of one attempt.
pub const PUZZLE_PASSES: u32 = 1;
/// Bytes of a home's seed.
pub const SEED_LEN: usize = 16;
/// A seed lives this long, and once more as the last one. Solutions cannot be stored up for longer than twice this time;
/// an old phone has time for hundreds.
pub const SEED_LIFE: Duration = Duration::from_secs(5 * 60);
/// Attempts that the first step takes on the average: 10 ms on an old phone, unnoticed.
pub const FIRST_STEP_ATTEMPTS: u64 = 16;
/// The highest step, of 2,048 attempts on the average: in a browser on a five-year-old phone (six times slower than a
/// server's core) 1.2 s on the average, and 5 s in one case of a hundred.
pub const STEP_MAX: u8 = 8;

/// The seed of a home. It changes every few minutes, so that solutions cannot be stored up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seed(pub [u8; SEED_LEN]);

/// What a payment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Priced {
    /// A new ticket.
    Ticket,
    /// A sealed message.
    Deposit,
    /// Answers to the three questions.
    Survey,
}

impl Priced {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ticket, Self::Deposit, Self::Survey];

    /// Its number on the wire.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ticket => 0,
            Self::Deposit => 1,
            Self::Survey => 2,
        }
    }
}

/// How much is asked: 0 is nothing, and each step asks twice as much as the one before.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "u8", into = "u8")]
pub struct Step(u8);

/// A step beyond [`STEP_MAX`]: nobody may ask so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a step of at most {STEP_MAX}, got {0}")]
pub struct StepError(u8);

impl TryFrom<u8> for Step {
    type Error = StepError;
    fn try_from(step: u8) -> Result<Self, StepError> {
        if step <= STEP_MAX {
            Ok(Self(step))
        } else {
            Err(StepError(step))
        }
    }
}

impl From<Step> for u8 {
    fn from(step: Step) -> Self {
        step.0
    }
}

impl Step {
    /// Nothing is asked.
    pub const FREE: Self = Self(0);

    /// Whether nothing is asked.
    #[must_use]
    pub const fn is_free(self) -> bool {
        self.0 == 0
    }

    /// The next higher step; the highest stays.
    #[must_use]
    pub const fn up(self) -> Self {
        if self.0 < STEP_MAX { Self(self.0 + 1) } else { self }
    }

    /// The next lower step; the lowest stays.
    #[must_use]
    pub const fn down(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// How many attempts it takes on the average.
    #[must_use]
    pub const fn attempts(self) -> u64 {
        match self.0.checked_sub(1) {
            None => 0,
            Some(doublings) => FIRST_STEP_ATTEMPTS << doublings,
        }
    }

    const fn takes(self, value: u64) -> bool {
        match u64::MAX.checked_div(self.attempts()) {
            None => true,
            Some(most) => value <= most,
        }
    }
}

/// What is to be solved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Puzzle([u8; 32]);

impl fmt::Debug for Puzzle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Puzzle")
    }
}

impl Puzzle {
    /// The puzzle that pays at the home with this link key for what `token` names.
    #[must_use]
    pub fn new(helpline: &HelplineId, home: &DhPublic, seed: Seed, priced: Priced, token: TokenHash) -> Self {
        Self(hash::sha256(&[
            b"HP1/puzzle",
            &helpline.0,
            &home.0,
            &seed.0,
            &[priced.byte()],
            &token.0,
        ]))
    }

    /// The puzzle that makes a ticket count as urgent: a second solution, under the seeds of the first. It names its ticket,
    /// so that it is of use for no other.
    #[must_use]
    pub fn urgent(helpline: &HelplineId, ticket: &[u8; 32], seeds: &[Seed]) -> Self {
        let seeds: Vec<u8> = seeds.iter().flat_map(|seed| seed.0).collect();
        Self(hash::sha256(&[b"HP1/urgent", &helpline.0, ticket, &seeds]))
    }

    /// The highest step that `nonce` solves. One attempt.
    #[must_use]
    pub fn reached(&self, nonce: u64) -> Step {
        let value = Evaluation::new(*self).value(nonce);
        let solved = |step: &Step| value.is_some_and(|value| step.takes(value));
        (1..=STEP_MAX)
            .map(Step)
            .take_while(solved)
            .last()
            .unwrap_or_default()
    }

    /// Whether `nonce` solves it. One attempt.
    #[must_use]
    pub fn is_solved(&self, nonce: u64, step: Step) -> bool {
        step.is_free()
            || Evaluation::new(*self)
                .value(nonce)
                .is_some_and(|value| step.takes(value))
    }
}

/// A search that is done in slices, so that whoever runs it can stop, or let others have their turn.
pub struct Search {
    attempts: Evaluation,
    step: Step,
    next: u64,
}

impl Search {
    /// A search from the first number on. The challenge is new each time, so everybody may begin with 0.
    #[must_use]
    pub fn new(puzzle: Puzzle, step: Step) -> Self {
        Self {
            attempts: Evaluation::new(puzzle),
            step,
            next: 0,
        }
    }

    /// Makes at most so many attempts; the nonce when one of them solves the puzzle.
    pub fn run(&mut self, attempts: u32) -> Option<u64> {
        for _ in 0..attempts {
            let nonce = self.next;
            self.next = self.next.wrapping_add(1);
            if self
                .attempts
                .value(nonce)
                .is_some_and(|value| self.step.takes(value))
            {
                return Some(nonce);
            }
        }
        None
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Search")
    }
}

/// The function, with its memory.
struct Evaluation {
    salt: [u8; 32],
    function: Option<Argon2<'static>>,
    memory: Vec<Block>,
}

impl Evaluation {
    fn new(puzzle: Puzzle) -> Self {
        let params = Params::new(PUZZLE_MEMORY_KIB, PUZZLE_PASSES, 1, Some(size_of::<u64>())).ok();
        let blocks = params.as_ref().map_or(0, Params::block_count);
        Self {
            salt: puzzle.0,
            function: params.map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params)),
            memory: vec![Block::default(); blocks],
        }
    }

    fn value(&mut self, nonce: u64) -> Option<u64> {
        let mut value = [0; size_of::<u64>()];
        let function = self.function.as_ref()?;
        function
            .hash_password_into_with_memory(&nonce.to_be_bytes(), &self.salt, &mut value, &mut self.memory)
            .ok()?;
        Some(u64::from_be_bytes(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn puzzle(byte: u8) -> Puzzle {
        Puzzle::new(
            &HelplineId([1; 32]),
            &DhPublic([2; 32]),
            Seed([3; SEED_LEN]),
            Priced::Ticket,
            TokenHash([byte; 32]),
        )
    }

    fn step(number: u8) -> Step {
        Step::try_from(number).unwrap()
    }

    #[test]
    fn a_solution_is_found_and_counts_for_its_puzzle_alone() {
        let found: Vec<_> = (0..32)
            .map(|byte| Search::new(puzzle(byte), step(1)).run(u32::MAX).unwrap())
            .collect();
        for (byte, nonce) in (0..).zip(&found) {
            assert!(puzzle(byte).is_solved(*nonce, step(1)));
        }
        let elsewhere = |(byte, nonce): (u8, &u64)| puzzle(byte + 100).is_solved(*nonce, step(1));
        let by_chance = (0..).zip(&found).filter(|one| elsewhere(*one)).count();
        assert!(by_chance < 10, "2 of 32 are expected, got {by_chance}");
        let attempts: u64 = found.iter().map(|nonce| nonce + 1).sum();
        assert!(
            (200..1_200).contains(&attempts),
            "512 are expected, got {attempts}"
        );
    }

    #[test]
    fn a_search_in_slices_finds_the_same() {
        let whole = Search::new(puzzle(7), step(2)).run(u32::MAX);
        let mut slices = Search::new(puzzle(7), step(2));
        let sliced = core::iter::repeat_with(|| slices.run(5)).find_map(|found| found);
        assert_eq!(sliced, whole);
    }

    #[test]
    fn the_step_of_a_solution_is_the_highest_that_it_solves() {
        let helpline = HelplineId([1; 32]);
        let seeds = [Seed([3; SEED_LEN]), Seed([4; SEED_LEN])];
        let puzzle = Puzzle::urgent(&helpline, &[5; 32], &seeds);
        for nonce in 0..64 {
            let highest = (1..=STEP_MAX).rfind(|number| puzzle.is_solved(nonce, step(*number)));
            assert_eq!(u8::from(puzzle.reached(nonce)), highest.unwrap_or(0));
        }
        let nonce = Search::new(puzzle, step(3)).run(u32::MAX).unwrap();
        assert!(puzzle.reached(nonce) >= step(3));
        let others = [
            Puzzle::urgent(&HelplineId([9; 32]), &[5; 32], &seeds),
            Puzzle::urgent(&helpline, &[9; 32], &seeds),
            Puzzle::urgent(&helpline, &[5; 32], &seeds[..1]),
        ];
        assert!(others.iter().all(|other| *other != puzzle));
    }

    #[test]
    fn steps_double_and_end() {
        assert_eq!(Step::FREE.attempts(), 0);
        assert!(puzzle(0).is_solved(0, Step::FREE));
        let all: Vec<_> = (1..=STEP_MAX).map(|number| step(number).attempts()).collect();
        assert_eq!(all, [16, 32, 64, 128, 256, 512, 1_024, 2_048]);
        assert_eq!(step(STEP_MAX).up(), step(STEP_MAX));
        assert_eq!(Step::FREE.down(), Step::FREE);
        assert!(Step::try_from(STEP_MAX + 1).is_err());
    }

    #[test]
    fn every_part_of_a_challenge_counts() {
        let (helpline, home) = (HelplineId([1; 32]), DhPublic([2; 32]));
        let (seed, token) = (Seed([3; SEED_LEN]), TokenHash([4; 32]));
        let all = [
            Puzzle::new(&helpline, &home, seed, Priced::Ticket, token),
            Puzzle::new(&HelplineId([9; 32]), &home, seed, Priced::Ticket, token),
            Puzzle::new(&helpline, &DhPublic([9; 32]), seed, Priced::Ticket, token),
            Puzzle::new(&helpline, &home, Seed([9; SEED_LEN]), Priced::Ticket, token),
            Puzzle::new(&helpline, &home, seed, Priced::Deposit, token),
            Puzzle::new(&helpline, &home, seed, Priced::Ticket, TokenHash([9; 32])),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| other != one));
        }
    }
}
