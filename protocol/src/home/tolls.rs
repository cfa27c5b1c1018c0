//! What a home asks of strangers under pressure: how much, of whom, and who is next.
//!
//! Each kind of request has a flow that a home takes without asking anything. Once it is used up, a puzzle is asked, and
//! its step follows the pressure, slowly and up to a cap. Whoever paid and finds no room waits in a lobby: the lobby keeps
//! only who asked, and for how much, and room that comes is kept for the best of those who still ask. So effort buys
//! admission and nothing else; a place in the queue is by arrival.

use core::time::Duration;
use std::collections::BTreeMap;

use crate::{
    crypto::{
        keys::{DhPublic, HelplineId},
        puzzle::{Priced, Puzzle, Seed, Step},
        random::{self, Random},
        tokens::TokenHash,
    },
    time::{Tick, millis},
    wire::{Prices, Terms},
};

/// A seed lives this long, and once more as the last one. Solutions cannot be stored up for longer than twice this time;
/// an old phone has time for hundreds.
pub const SEED_LIFE: Duration = Duration::from_secs(5 * 60);
/// Least time between two moves of a step: a short burst must not make the next person pay for it.
pub const STEP_PAUSE: Duration = Duration::from_secs(10);
/// Who waits in the lobby and has not asked for this long is gone: three times a client's pause.
pub(super) const LOBBY_ASKS: Duration = Duration::from_secs(15);
/// Most who wait in the lobby: 64 bytes each.
pub const LOBBY_MAX: usize = 1_024;
/// Most payments that are remembered, so that a link can come back and none counts twice: 64 bytes each.
pub const PAYMENTS_MAX: usize = 16_384;

/// What is taken without a puzzle.
struct Flow {
    /// So many at once.
    burst: u32,
    /// Then one each time.
    every: Duration,
}

/// Tickets that come in at once for nothing: as many people as ask in the worst minutes of a large helpline.
const FREE_TICKETS: u32 = 64;
/// Then one each time: 480 in a minute fill the queue, and no helpline answers as many.
const TICKET_EVERY: Duration = Duration::from_millis(125);
/// Sealed messages that come in at once for nothing.
const FREE_DEPOSITS: u32 = 16;
/// Then one each time: 180 in an hour are more than the nights of a large helpline bring.
const DEPOSIT_EVERY: Duration = Duration::from_secs(20);
/// Answers to the three questions that are counted at once for nothing.
const FREE_SURVEYS: u32 = 16;
/// Then one each time: they come as chats end.
const SURVEY_EVERY: Duration = Duration::from_secs(5);

const fn flow(priced: Priced) -> Flow {
    let (burst, every) = match priced {
        Priced::Ticket => (FREE_TICKETS, TICKET_EVERY),
        Priced::Deposit => (FREE_DEPOSITS, DEPOSIT_EVERY),
        Priced::Survey => (FREE_SURVEYS, SURVEY_EVERY),
    };
    Flow { burst, every }
}

/// Why somebody is not admitted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// Solve this first.
    Effort(Prices),
    /// Enough was paid; there is no room yet.
    Wait,
}

struct Meter {
    step: Step,
    /// When the step was looked at last: an idle home's may move at once.
    moved: Option<Tick>,
    /// Whether the flow was used up since then.
    pressed: bool,
    /// Whether somebody asked since then who had not paid. It keeps the first step and raises none, so that those who
    /// never pay neither come in between two crowds nor make others pay more.
    unpaid: bool,
    left: u32,
    refilled: Tick,
}

impl Meter {
    const fn new(flow: &Flow, now: Tick) -> Self {
        Self {
            step: Step::FREE,
            moved: None,
            pressed: false,
            unpaid: false,
            left: flow.burst,
            refilled: now,
        }
    }

    fn refill(&mut self, flow: &Flow, now: Tick) {
        let every = millis(flow.every);
        let came = millis(now.since(self.refilled)) / every;
        self.refilled = Tick(self.refilled.0 + came * every);
        let left = u64::from(self.left) + came;
        self.left = u32::try_from(left).map_or(flow.burst, |left| left.min(flow.burst));
    }

    fn review(&mut self, now: Tick) {
        if self.moved.is_some_and(|moved| now.since(moved) < STEP_PAUSE) {
            return;
        }
        if !self.pressed && self.step.is_free() {
            return;
        }
        let down = self.step.down();
        self.step = if self.pressed {
            self.step.up()
        } else if self.unpaid && down.is_free() {
            self.step
        } else {
            down
        };
        (self.pressed, self.unpaid) = (false, false);
        self.moved = Some(now);
    }
}

struct Paid {
    step: Step,
    until: Tick,
}

struct Asking {
    step: Step,
    /// When it asked first, among all who ask.
    number: u64,
    last: Tick,
}

/// What is asked, what was paid, and who waits for room.
pub(super) struct Tolls {
    helpline: HelplineId,
    home: DhPublic,
    random: Random,
    seed: Seed,
    last_seed: Option<Seed>,
    seed_until: Tick,
    meters: BTreeMap<Priced, Meter>,
    paid: BTreeMap<(Priced, TokenHash), Paid>,
    lobby: BTreeMap<(Priced, TokenHash), Asking>,
    asked: u64,
}

impl Tolls {
    pub(super) fn new(helpline: HelplineId, home: DhPublic, mut random: Random, now: Tick) -> Self {
        let meter = |priced| (priced, Meter::new(&flow(priced), now));
        Self {
            helpline,
            home,
            seed: Seed(random::public(&mut random)),
            random,
            last_seed: None,
            seed_until: now + SEED_LIFE,
            meters: Priced::ALL.map(meter).into(),
            paid: BTreeMap::new(),
            lobby: BTreeMap::new(),
            asked: 0,
        }
    }

    /// What is asked now; `more` steps on top of the pressure.
    pub(super) fn prices(&self, more: u8) -> Prices {
        let step = |priced| {
            let step = self.meters.get(&priced).map_or(Step::FREE, |meter| meter.step);
            (0..more).fold(step, |step, _| step.up())
        };
        Prices {
            seed: self.seed,
            steps: Priced::ALL.map(step),
        }
    }

    /// Takes a payment; `false` if it is none. Seed and replay are checked first: neither costs anything to speak of. A
    /// client that sends a false solution is to be cut off: an honest one never does.
    pub(super) fn pay(&mut self, token: TokenHash, nonce: u64, terms: Terms, now: Tick) -> bool {
        let Terms { priced, step, seed } = terms;
        let known = seed == self.seed || Some(seed) == self.last_seed;
        let better = self
            .paid
            .get(&(priced, token))
            .is_none_or(|paid| paid.step < step);
        if !known || !better || self.paid.len() >= PAYMENTS_MAX {
            // It came too late, or adds nothing: the request that follows is told what to solve.
            return true;
        }
        let solved = Puzzle::new(&self.helpline, &self.home, seed, priced, token).is_solved(nonce, step);
        if solved {
            let until = now + 2 * SEED_LIFE;
            self.paid.insert((priced, token), Paid { step, until });
        }
        solved
    }

    /// Whether a newcomer may come in, where there is room for `room` more; `more` steps on top of the pressure.
    pub(super) fn admit(
        &mut self,
        priced: Priced,
        token: TokenHash,
        room: usize,
        more: u8,
        now: Tick,
    ) -> Result<(), Denied> {
        let key = (priced, token);
        let paid = self.paid.get(&key).map_or(Step::FREE, |paid| paid.step);
        let Some(meter) = self.meters.get_mut(&priced) else {
            return Err(Denied::Wait);
        };
        meter.refill(&flow(priced), now);
        let room = room.min(usize::try_from(meter.left).unwrap_or(usize::MAX));
        if room == 0 {
            meter.pressed = true;
            meter.review(now);
        }
        let prices = self.prices(more);
        if paid < prices.step(priced) {
            if let Some(meter) = self.meters.get_mut(&priced) {
                meter.unpaid = true;
            }
            return Err(Denied::Effort(prices));
        }
        if self.before(key, paid) >= room {
            self.wait(key, paid, now);
            return Err(Denied::Wait);
        }
        self.lobby.remove(&key);
        if let Some(meter) = self.meters.get_mut(&priced) {
            meter.left = meter.left.saturating_sub(1);
        }
        Ok(())
    }

    /// How many who wait in the lobby come before this one.
    fn before(&self, key: (Priced, TokenHash), paid: Step) -> usize {
        let number = self.lobby.get(&key).map_or(self.asked, |asking| asking.number);
        let before = |(other, asking): &(&(Priced, TokenHash), &Asking)| {
            other.0 == key.0
                && **other != key
                && (asking.step > paid || (asking.step == paid && asking.number < number))
        };
        self.lobby.iter().filter(before).count()
    }

    fn wait(&mut self, key: (Priced, TokenHash), paid: Step, now: Tick) {
        let asked = &mut self.asked;
        let asking = self.lobby.entry(key).or_insert_with(|| {
            *asked += 1;
            Asking {
                step: paid,
                number: *asked - 1,
                last: now,
            }
        });
        asking.step = paid;
        asking.last = now;
        if self.lobby.len() > LOBBY_MAX {
            let last = self
                .lobby
                .iter()
                .min_by_key(|(_, asking)| (asking.step, core::cmp::Reverse(asking.number)))
                .map(|(key, _)| *key);
            last.map(|key| self.lobby.remove(&key));
        }
    }

    /// Does what is due.
    pub(super) fn expire(&mut self, now: Tick) {
        if now >= self.seed_until {
            let seed = Seed(random::public(&mut self.random));
            self.last_seed = Some(core::mem::replace(&mut self.seed, seed));
            self.seed_until = now + SEED_LIFE;
        }
        self.paid.retain(|_, paid| paid.until > now);
        self.lobby.retain(|_, asking| now.since(asking.last) < LOBBY_ASKS);
        for (priced, meter) in &mut self.meters {
            meter.refill(&flow(*priced), now);
            let waits = self.lobby.keys().any(|(other, _)| other == priced);
            meter.pressed |= waits;
            meter.review(now);
        }
    }

    /// Whether something is still asked, or waits: the home must go on looking at it.
    pub(super) fn is_busy(&self) -> bool {
        !self.lobby.is_empty() || self.meters.values().any(|meter| !meter.step.is_free())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crypto::puzzle::Search, testing::seeded};

    const HOME: DhPublic = DhPublic([2; 32]);
    const LINE: HelplineId = HelplineId([1; 32]);
    const PLENTY: usize = 1_000;

    fn tolls() -> Tolls {
        Tolls::new(LINE, HOME, seeded(5), Tick(0))
    }

    fn token(number: u64) -> TokenHash {
        let mut token = [0; 32];
        token[..8].copy_from_slice(&number.to_be_bytes());
        TokenHash(token)
    }

    /// Solves and pays what is asked.
    fn pay(tolls: &mut Tolls, token: TokenHash, prices: Prices, now: Tick) {
        let (priced, seed) = (Priced::Ticket, prices.seed);
        let step = prices.step(priced);
        let nonce = Search::new(Puzzle::new(&LINE, &HOME, seed, priced, token), step)
            .run(u32::MAX)
            .unwrap();
        assert!(tolls.pay(token, nonce, Terms { priced, step, seed }, now));
    }

    fn ask(tolls: &mut Tolls, number: u64, room: usize, now: Tick) -> Result<(), Denied> {
        tolls.admit(Priced::Ticket, token(number), room, 0, now)
    }

    /// As many strangers as come in for nothing.
    fn crowd(tolls: &mut Tolls, from: u64, now: Tick) -> u64 {
        (from..)
            .take_while(|number| ask(tolls, *number, PLENTY, now).is_ok())
            .count() as u64
    }

    #[test]
    fn a_quiet_home_asks_nothing_and_a_crowd_pays_at_once() {
        let mut tolls = tolls();
        assert_eq!(crowd(&mut tolls, 0, Tick(0)), u64::from(FREE_TICKETS));
        let Err(Denied::Effort(prices)) = ask(&mut tolls, 999, PLENTY, Tick(1)) else {
            panic!("a puzzle is asked");
        };
        assert_eq!(u8::from(prices.step(Priced::Ticket)), 1);
        assert!(prices.step(Priced::Deposit).is_free(), "each kind for itself");
        pay(&mut tolls, token(999), prices, Tick(2));
        assert_eq!(
            ask(&mut tolls, 999, PLENTY, Tick(2)),
            Err(Denied::Wait),
            "no room yet"
        );
        let later = Tick(millis(TICKET_EVERY));
        assert!(matches!(
            ask(&mut tolls, 998, PLENTY, later),
            Err(Denied::Effort(_))
        ));
        assert_eq!(ask(&mut tolls, 999, PLENTY, later), Ok(()));
    }

    #[test]
    fn a_step_moves_once_in_its_pause_up_to_the_cap_and_back() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        let (mut before, mut most) = (0, 0);
        for second in 1..=150 {
            let now = Tick(second * 1_000);
            for number in 0..40 {
                let _ = ask(&mut tolls, second * 1_000 + number, 0, now);
            }
            tolls.expire(now);
            let step = u8::from(tolls.prices(0).step(Priced::Ticket));
            assert!(
                step == before || (step == before + 1 && second % 10 <= 1),
                "{second}: {step}"
            );
            (before, most) = (step, most.max(step));
        }
        assert_eq!(most, crate::crypto::puzzle::STEP_MAX);
        for second in 151..=260 {
            tolls.expire(Tick(second * 1_000));
        }
        assert!(
            tolls.prices(0).step(Priced::Ticket).is_free(),
            "the price goes with the pressure"
        );
        assert!(!tolls.is_busy());
    }

    #[test]
    fn who_never_pays_keeps_the_first_step_and_no_more() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        for second in 1..=100 {
            let now = Tick(second * 1_000);
            assert!(matches!(
                ask(&mut tolls, 1_000 + second, PLENTY, now),
                Err(Denied::Effort(_))
            ));
            tolls.expire(now);
            assert_eq!(u8::from(tolls.prices(0).step(Priced::Ticket)), 1, "{second}");
        }
        tolls.expire(Tick(120_000));
        assert!(tolls.prices(0).step(Priced::Ticket).is_free());
    }

    #[test]
    fn false_late_and_repeated_payments_buy_nothing() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        let Err(Denied::Effort(prices)) = ask(&mut tolls, 999, PLENTY, Tick(1)) else {
            panic!("a puzzle is asked");
        };
        let (priced, seed, step) = (Priced::Ticket, prices.seed, prices.step(Priced::Ticket));
        let puzzle = Puzzle::new(&LINE, &HOME, seed, priced, token(999));
        let wrong = (0..).find(|nonce| !puzzle.is_solved(*nonce, step)).unwrap();
        assert!(!tolls.pay(token(999), wrong, Terms { priced, step, seed }, Tick(1)));
        pay(&mut tolls, token(999), prices, Tick(1));
        let last = millis(SEED_LIFE);
        tolls.expire(Tick(last));
        pay(&mut tolls, token(1_000), prices, Tick(last));
        tolls.expire(Tick(2 * last));
        let paid = tolls.paid.len();
        pay(&mut tolls, token(1_001), prices, Tick(2 * last));
        assert_eq!(
            tolls.paid.len(),
            paid,
            "a seed counts while it stands, and once more"
        );
    }

    #[test]
    fn more_effort_goes_first_and_the_rest_by_arrival() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        let Err(Denied::Effort(first)) = ask(&mut tolls, 999, PLENTY, Tick(1)) else {
            panic!("a puzzle is asked");
        };
        for number in [901, 902] {
            pay(&mut tolls, token(number), first, Tick(1));
            assert_eq!(ask(&mut tolls, number, 0, Tick(1)), Err(Denied::Wait));
        }
        let more = tolls.prices(1);
        pay(&mut tolls, token(903), more, Tick(2));
        assert_eq!(ask(&mut tolls, 903, 0, Tick(2)), Err(Denied::Wait));
        let later = Tick(5_000);
        assert_eq!(ask(&mut tolls, 902, 1, later), Err(Denied::Wait));
        assert_eq!(ask(&mut tolls, 901, 1, later), Err(Denied::Wait));
        assert_eq!(ask(&mut tolls, 903, 1, later), Ok(()));
        assert_eq!(ask(&mut tolls, 902, 1, later), Err(Denied::Wait));
        assert_eq!(ask(&mut tolls, 901, 1, later), Ok(()));
    }
}
