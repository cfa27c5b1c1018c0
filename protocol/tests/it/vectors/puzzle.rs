//! Puzzles, and the first number that solves each.

use hamsa_protocol::crypto::{
    puzzle::{Priced, Puzzle, SEED_LEN, Search, Seed, Step},
    tokens::Token,
};
use serde_json::{Value, json};

use super::{cast::Cast, tape::hex};

pub(crate) fn puzzles(cast: &Cast) -> Value {
    let of = |(priced, step): (Priced, u8)| {
        let (seed, token) = (Seed([0x5e; SEED_LEN]), Token([0xa1; 32]).hash());
        let step = Step::try_from(step).unwrap();
        let puzzle = Puzzle::new(&cast.id, &cast.home_x.public(), seed, priced, token);
        let nonce = Search::new(puzzle, step).run(u32::MAX).unwrap();
        assert!(puzzle.is_solved(nonce, step) && (0..nonce).all(|before| !puzzle.is_solved(before, step)));
        json!({
            "seed": hex(&seed.0),
            "priced": priced.byte(),
            "token_hash": hex(&token.0),
            "step": u8::from(step),
            "nonce": nonce,
        })
    };
    let each = [
        (Priced::Ticket, 1),
        (Priced::Deposit, 3),
        (Priced::Survey, 5),
        (Priced::Ticket, 8),
    ];
    Value::Array(each.map(of).into())
}
