//! What homes ask for a ticket or a sealed message, and what was paid.
//!
//! A puzzle is solved outside the machine, because it may take seconds. One is solved at a time. A home that asks again and
//! again is not paid for ever.

use std::collections::BTreeMap;

use super::{context::SeekerContext, event::Event};
use crate::{
    crypto::{
        keys::DhPublic,
        puzzle::{Priced, Puzzle, Step},
        tokens::TokenHash,
    },
    objects::HomeIndex,
    wire::{ClientMessage, Prices, Terms},
};

/// Most puzzles that are solved for one home in a visit: each step once for a ticket, and as many again.
const PAYMENTS_PER_HOME: u32 = 16;

/// A puzzle to be solved outside.
#[derive(Clone, Copy, Debug)]
pub struct Toll {
    /// For [`super::Seeker::solved`].
    pub number: u64,
    /// What is to be solved.
    pub puzzle: Puzzle,
    /// How much is asked.
    pub step: Step,
}

struct Solving {
    number: u64,
    home: HomeIndex,
    token: TokenHash,
    terms: Terms,
}

/// What is asked at each home, and what was paid there.
#[derive(Default)]
pub(super) struct Payments {
    prices: BTreeMap<HomeIndex, Prices>,
    paid: BTreeMap<(HomeIndex, Priced, TokenHash), Terms>,
    solved: BTreeMap<HomeIndex, u32>,
    solving: Option<Solving>,
    numbers: u64,
}

impl Payments {
    /// A home has told its prices.
    pub(super) fn take_prices(&mut self, home: HomeIndex, prices: Prices) {
        self.prices.insert(home, prices);
    }
}

impl SeekerContext {
    /// Whether a request about `token` may be sent to this home: nothing is asked, or enough was paid. If not, a puzzle
    /// begins to be solved.
    pub(super) fn may_ask(
        &mut self,
        home: HomeIndex,
        home_x: &DhPublic,
        priced: Priced,
        token: TokenHash,
    ) -> bool {
        let Some(prices) = self.payments.prices.get(&home) else {
            return true;
        };
        let (step, seed) = (prices.step(priced), prices.seed);
        let paid = self.payments.paid.get(&(home, priced, token));
        if step.is_free() || paid.is_some_and(|terms| terms.step >= step) {
            return true;
        }
        if self.payments.solving.is_some() {
            return false;
        }
        let solved = self.payments.solved.entry(home).or_default();
        if *solved >= PAYMENTS_PER_HOME {
            // The home refuses, and the request is made again after its pause.
            return true;
        }
        *solved += 1;
        self.payments.numbers += 1;
        let number = self.payments.numbers;
        let terms = Terms { priced, step, seed };
        self.payments.solving = Some(Solving {
            number,
            home,
            token,
            terms,
        });
        let puzzle = Puzzle::new(&self.helpline, home_x, seed, priced, token);
        self.emit(Event::Solve(Toll { number, puzzle, step }));
        false
    }

    /// This home wants more for a request: it is paid again.
    pub(super) fn more_asked(&mut self, home: HomeIndex, prices: Prices) {
        self.payments.take_prices(home, prices);
        self.payments.paid.retain(|(other, ..), _| *other != home);
    }

    /// A puzzle was solved: tells the home, if this is the one that is wanted.
    pub(super) fn take_solution(&mut self, number: u64, nonce: u64) {
        let wanted = |solving: &mut Solving| solving.number == number;
        let Some(solving) = self.payments.solving.take_if(wanted) else {
            return;
        };
        let Solving {
            home, token, terms, ..
        } = solving;
        self.payments.paid.insert((home, terms.priced, token), terms);
        let terms = Some(terms);
        self.links.send(home, ClientMessage::Pay { token, nonce, terms });
    }
}
