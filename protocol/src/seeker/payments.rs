//! What homes ask for a ticket or a sealed message, and what was paid. Urgency costs what the ticket did, once more.
//!
//! A puzzle is solved outside the machine, because it may take seconds. One is solved at a time. A home that asks again and
//! again is not paid for ever.

use std::collections::BTreeMap;

use super::{context::SeekerContext, event::Event};
use crate::{
    crypto::{
        keys::DhPublic,
        puzzle::{Priced, Puzzle, SEED_LIFE, Seed, Step},
        tokens::TokenHash,
    },
    objects::{HomeIndex, TicketId},
    session::ticket::UrgencyPayment,
    time::Tick,
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
    pays: Pays,
}

/// What a solution pays for.
enum Pays {
    /// A request at a home.
    Request(HomeIndex, TokenHash, Terms),
    /// The urgency of the ticket, under these seeds.
    Urgency(TicketId, Vec<Seed>),
}

/// What is asked at each home, and what was paid there.
#[derive(Default)]
pub(super) struct Payments {
    /// And when they were told: a seed does not live long.
    prices: BTreeMap<HomeIndex, (Prices, Tick)>,
    paid: BTreeMap<(HomeIndex, Priced, TokenHash), Terms>,
    solved: BTreeMap<HomeIndex, u32>,
    solving: Option<Solving>,
    numbers: u64,
}

impl Payments {
    /// A home has told its prices.
    pub(super) fn take_prices(&mut self, home: HomeIndex, prices: Prices, now: Tick) {
        self.prices.insert(home, (prices, now));
    }

    /// On which terms something was paid for at a home.
    pub(super) fn terms(&self, home: HomeIndex, priced: Priced, token: TokenHash) -> Option<Terms> {
        self.paid.get(&(home, priced, token)).copied()
    }

    /// As if this had been paid.
    #[cfg(test)]
    pub(super) fn pays(&mut self, home: HomeIndex, token: TokenHash, terms: Terms) {
        self.paid.insert((home, terms.priced, token), terms);
    }

    /// What must be paid for a request about this token, as far as the home has told lately.
    fn asked(&self, home: HomeIndex, priced: Priced, token: TokenHash, now: Tick) -> Option<Terms> {
        let (prices, _) = self
            .prices
            .get(&home)
            .filter(|(_, told)| now.since(*told) < SEED_LIFE)?;
        let (step, seed) = (prices.step(priced), prices.seed);
        let enough = |paid: &Terms| paid.step >= step && paid.seed == seed;
        let paid = self.paid.get(&(home, priced, token)).is_some_and(enough);
        (!step.is_free() && !paid).then_some(Terms { priced, step, seed })
    }
}

impl SeekerContext {
    /// Nothing is paid any more where its home has no link, or what was to be paid for is gone. Urgency has no home.
    pub(super) fn forget_payment(&mut self, unwanted: impl FnOnce(Option<HomeIndex>, Priced) -> bool) {
        let forgotten = self.payments.solving.take_if(|solving| match &solving.pays {
            Pays::Request(home, _, terms) => unwanted(Some(*home), terms.priced),
            Pays::Urgency(..) => unwanted(None, Priced::Ticket),
        });
        if forgotten.is_some() {
            self.emit(Event::StopSolving);
        }
    }

    /// Whether a request about `token` may be sent to this home: nothing is asked, or enough was paid. If not, a puzzle
    /// begins to be solved.
    pub(super) fn may_ask(
        &mut self,
        home: HomeIndex,
        home_x: &DhPublic,
        priced: Priced,
        token: TokenHash,
    ) -> bool {
        let Some(terms) = self.payments.asked(home, priced, token, self.now.tick) else {
            return true;
        };
        // Urgency waits for the ticket: whatever is solved for it begins anew.
        let request = |solving: &Solving| matches!(solving.pays, Pays::Request(..));
        if self.payments.solving.as_ref().is_some_and(request) {
            return false;
        }
        let solved = self.payments.solved.entry(home).or_default();
        if *solved >= PAYMENTS_PER_HOME {
            // The home refuses, and the request is made again after its pause.
            return true;
        }
        *solved += 1;
        let puzzle = Puzzle::new(&self.helpline, home_x, terms.seed, priced, token);
        self.solve(Pays::Request(home, token, terms), puzzle, terms.step);
        false
    }

    /// Pays for the urgency of the ticket as much as for the ticket, unless another puzzle is being solved. Whoever says to be
    /// in no danger does so too: otherwise a home could tell by the time who does.
    pub(super) fn pay_for_urgency(&mut self, ticket: TicketId, seeds: Vec<Seed>, step: Step) {
        if self.payments.solving.is_none() {
            let puzzle = Puzzle::urgent(&self.helpline, &ticket.0, &seeds);
            self.solve(Pays::Urgency(ticket, seeds), puzzle, step);
        }
    }

    fn solve(&mut self, pays: Pays, puzzle: Puzzle, step: Step) {
        self.payments.numbers += 1;
        let number = self.payments.numbers;
        self.payments.solving = Some(Solving { number, pays });
        self.emit(Event::Solve(Toll { number, puzzle, step }));
    }

    /// A home has refused a request for its price. Whether there is something to pay now: if not, the request waits and is
    /// made again.
    pub(super) fn more_asked(
        &mut self,
        home: HomeIndex,
        priced: Priced,
        token: TokenHash,
        prices: Prices,
    ) -> bool {
        let now = self.now.tick;
        self.payments.take_prices(home, prices, now);
        let made = self.payments.solved.get(&home).copied().unwrap_or_default();
        self.payments.asked(home, priced, token, now).is_some() && made < PAYMENTS_PER_HOME
    }

    /// A puzzle was solved: tells the home, if this is the one that is wanted; gives what pays for the urgency of a ticket.
    pub(super) fn take_solution(&mut self, number: u64, nonce: u64) -> Option<(TicketId, UrgencyPayment)> {
        let wanted = |solving: &mut Solving| solving.number == number;
        match self.payments.solving.take_if(wanted)?.pays {
            Pays::Urgency(ticket, seeds) => Some((ticket, UrgencyPayment { seeds, nonce })),
            Pays::Request(home, token, terms) => {
                // Without its link the payment would be lost: it is made anew.
                if self.links.is_up(home) {
                    self.payments.paid.insert((home, terms.priced, token), terms);
                    let terms = Some(terms);
                    self.links.send(home, ClientMessage::Pay { token, nonce, terms });
                }
                None
            }
        }
    }
}
