//! What a home asks of strangers under pressure: how much, of whom, and who is next.
//!
//! Each kind of request has a flow that a home takes without asking anything. Once it is used up, a puzzle is asked, and
//! its step follows the pressure, slowly and up to a cap. Whoever paid and finds no room waits in a lobby: the lobby keeps
//! only who asked, and for how much, and room that comes is kept for the best of those who still ask. So effort buys
//! admission and nothing else; a place in the queue is by arrival.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use super::{Via, verdicts::Verdicts};
use crate::{
    crypto::{
        keys::{DhPublic, HelplineId},
        puzzle::{Priced, Puzzle, SEED_LIFE, Seed, Step},
        random::{self, Random},
        tokens::TokenHash,
    },
    time::{Tick, millis},
    wire::{Prices, Terms},
};

/// Least time between two moves of a step: a short burst must not make the next person pay for it.
pub const STEP_PAUSE: Duration = Duration::from_secs(10);
/// No room is kept in the lobby for who has not asked for this long: three times a client's pause.
pub(super) const LOBBY_ASKS: Duration = Duration::from_secs(15);
/// Whoever asks again within this time comes before those who came later: longer than a client pauses that was refused
/// again and again (60 s), so that who has waited longest is not forgotten.
pub(super) const LOBBY_KEPT: Duration = Duration::from_secs(75);
/// Most who wait in the lobby for one kind at one entry: 64 bytes each.
pub const LOBBY_MAX: usize = 256;
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

/// Not now. Whoever has paid what is asked here waits, and asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Denied(pub(super) Prices);

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
    seed: Seed,
    /// The step without what counselors' verdicts had put on the price then.
    effort: Step,
    until: Tick,
    /// Somebody was admitted for it: it is remembered, so that it does not count again.
    spent: bool,
}

struct Asking {
    via: Via,
    /// What was paid, without what counselors' verdicts put on top: nobody stands before others because of these.
    step: Step,
    /// When it asked first, among all who ask.
    number: u64,
    last: Tick,
}

impl Asking {
    /// Whether room is kept for it.
    fn asks(&self, now: Tick) -> bool {
        now.since(self.last) < LOBBY_ASKS
    }
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
    /// Entries that had no room for this kind when somebody asked last. Who waits there stands before nobody else.
    full: BTreeSet<(Priced, Via)>,
    asked: u64,
    /// What counselors said of those who came by an entry.
    pub(super) verdicts: Verdicts,
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
            full: BTreeSet::new(),
            asked: 0,
            verdicts: Verdicts::default(),
        }
    }

    /// What is asked now of those who come by this entry: what the pressure asks of all, and on top of it what
    /// counselors' verdicts do of these.
    pub(super) fn prices(&self, via: Via) -> Prices {
        let more = self.verdicts.steps(via);
        let step = |priced| {
            let step = self.meters.get(&priced).map_or(Step::FREE, |meter| meter.step);
            (0..more).fold(step, |step, _| step.up())
        };
        Prices {
            seed: self.seed,
            steps: Priced::ALL.map(step),
        }
    }

    /// Takes a payment; `false` if it is none. Seed, price and replay are checked first: none of them costs anything to
    /// speak of. A client that sends a false solution is to be cut off: an honest one never does.
    pub(super) fn pay(&mut self, via: Via, token: TokenHash, nonce: u64, terms: Terms, now: Tick) -> bool {
        self.turn_seed(now);
        let Terms { priced, step, seed } = terms;
        let known = seed == self.seed || Some(seed) == self.last_seed;
        let enough = !step.is_free() && step >= self.prices(via).step(priced);
        let paid = self.paid.get(&(priced, token));
        // A client pays anew when the seed has turned, what is asked then. What it paid last counts, also where it was more
        // before: both must know the same terms.
        let newer = |paid: &Paid| match paid.seed == seed {
            true => paid.step < step,
            false => paid.seed != self.seed,
        };
        let better = paid.is_none_or(|paid| !paid.spent && newer(paid));
        if known && better && !enough {
            // The price rose meanwhile. The client takes this for what it paid, so nothing else may count.
            self.paid.remove(&(priced, token));
        }
        if !known || !enough || !better {
            // It came too late, or adds nothing: the request that follows is told what to solve.
            return true;
        }
        let solved = Puzzle::new(&self.helpline, &self.home, seed, priced, token).is_solved(nonce, step);
        if solved {
            let paid = Paid {
                step,
                seed,
                effort: self.effort(via, priced, step),
                until: now + 2 * SEED_LIFE,
                spent: false,
            };
            self.paid.insert((priced, token), paid);
            self.bound_payments();
        }
        solved
    }

    /// What of a payment is no counselor's verdict. At the highest step a verdict puts nothing on top, so nothing is taken.
    fn effort(&self, via: Via, priced: Priced, paid: Step) -> Step {
        let pressure = self.meters.get(&priced).map_or(Step::FREE, |meter| meter.step);
        let on_top = u8::from(self.prices(via).step(priced)).saturating_sub(pressure.into());
        (0..on_top).fold(paid, |step, _| step.down())
    }

    /// On which terms this ticket was paid for, as far as it is remembered.
    pub(super) fn terms(&self, owner: TokenHash) -> Option<Terms> {
        let priced = Priced::Ticket;
        let Paid { step, seed, .. } = *self.paid.get(&(priced, owner))?;
        Some(Terms { priced, step, seed })
    }

    /// Forgets the least payment, and of these the oldest, where there are too many.
    fn bound_payments(&mut self) {
        if self.paid.len() > PAYMENTS_MAX {
            let least = self.paid.iter().min_by_key(|(_, paid)| (paid.step, paid.until));
            let least = least.map(|(key, _)| *key);
            least.map(|key| self.paid.remove(&key));
        }
    }

    /// Whether a newcomer may come in by this entry, where there is room for `room` more. It is in when
    /// [`Self::admitted`] is called.
    pub(super) fn admit(
        &mut self,
        priced: Priced,
        token: TokenHash,
        (via, room): (Via, usize),
        now: Tick,
    ) -> Result<(), Denied> {
        self.turn_seed(now);
        let key = (priced, token);
        if room == 0 {
            self.full.insert((priced, via));
        } else {
            self.full.remove(&(priced, via));
        }
        let paid = self.paid.get(&key).filter(|paid| !paid.spent);
        let (paid, effort) = paid.map_or_else(Default::default, |paid| (paid.step, paid.effort));
        let mut left = 0;
        if let Some(meter) = self.meters.get_mut(&priced) {
            meter.refill(&flow(priced), now);
            left = usize::try_from(meter.left).unwrap_or(usize::MAX);
            if left == 0 && paid >= meter.step {
                meter.pressed = true;
                meter.review(now);
            }
            meter.unpaid |= paid < meter.step;
        }
        let prices = self.prices(via);
        if paid < prices.step(priced) {
            return Err(Denied(prices));
        }
        if self.before(key, effort, now) >= room.min(left) {
            self.wait(key, via, effort, now);
            return Err(Denied(prices));
        }
        Ok(())
    }

    /// A newcomer is in: what was paid is spent, and the flow has one less.
    pub(super) fn admitted(&mut self, priced: Priced, token: TokenHash) {
        let key = (priced, token);
        self.lobby.remove(&key);
        if let Some(paid) = self.paid.get_mut(&key) {
            paid.spent = true;
        }
        if let Some(meter) = self.meters.get_mut(&priced) {
            meter.left = meter.left.saturating_sub(1);
        }
    }

    /// How many who wait in the lobby come before this one.
    fn before(&self, key: (Priced, TokenHash), paid: Step, now: Tick) -> usize {
        let number = self.lobby.get(&key).map_or(self.asked, |asking| asking.number);
        let before = |(other, asking): &(&(Priced, TokenHash), &Asking)| {
            other.0 == key.0
                && **other != key
                && asking.asks(now)
                && !self.full.contains(&(other.0, asking.via))
                && (asking.step > paid || (asking.step == paid && asking.number < number))
        };
        self.lobby.iter().filter(before).count()
    }

    fn wait(&mut self, key: (Priced, TokenHash), via: Via, paid: Step, now: Tick) {
        let asked = &mut self.asked;
        let asking = self.lobby.entry(key).or_insert_with(|| {
            *asked += 1;
            Asking {
                via,
                step: paid,
                number: *asked - 1,
                last: now,
            }
        });
        (asking.via, asking.step, asking.last) = (via, paid, now);
        let same = |(other, asking): &(&(Priced, TokenHash), &Asking)| other.0 == key.0 && asking.via == via;
        if self.lobby.iter().filter(same).count() > LOBBY_MAX {
            let last = self
                .lobby
                .iter()
                .filter(same)
                .min_by_key(|(_, asking)| (asking.step, core::cmp::Reverse(asking.number)))
                .map(|(key, _)| *key);
            last.map(|key| self.lobby.remove(&key));
        }
    }

    /// The seed turns by time, also where nobody looked at it meanwhile.
    pub(super) fn turn_seed(&mut self, now: Tick) {
        if now >= self.seed_until {
            let seed = Seed(random::public(&mut self.random));
            let last = core::mem::replace(&mut self.seed, seed);
            self.last_seed = (now < self.seed_until + SEED_LIFE).then_some(last);
            self.seed_until = now + SEED_LIFE;
        }
    }

    /// Does what is due.
    pub(super) fn expire(&mut self, now: Tick) {
        self.turn_seed(now);
        self.verdicts.expire(now);
        self.paid.retain(|_, paid| paid.until > now);
        self.lobby.retain(|_, asking| now.since(asking.last) < LOBBY_KEPT);
        for (priced, meter) in &mut self.meters {
            meter.refill(&flow(*priced), now);
            let full = &self.full;
            let waits = |(other, asking): (&(Priced, TokenHash), &Asking)| {
                other.0 == *priced && asking.asks(now) && !full.contains(&(other.0, asking.via))
            };
            let waits = self.lobby.iter().any(waits);
            meter.pressed |= waits;
            meter.review(now);
        }
    }

    /// Whether something is still asked, or waits: the home must go on looking at it.
    pub(super) fn is_busy(&self) -> bool {
        !self.lobby.is_empty()
            || self.verdicts.is_busy()
            || self.meters.values().any(|meter| !meter.step.is_free())
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
        assert!(tolls.pay(Via(0), token, nonce, Terms { priced, step, seed }, now));
    }

    fn ask(tolls: &mut Tolls, number: u64, room: usize, now: Tick) -> Result<(), Denied> {
        tolls.admit(Priced::Ticket, token(number), (Via(0), room), now)?;
        tolls.admitted(Priced::Ticket, token(number));
        Ok(())
    }

    /// As if the highest step had been paid.
    fn paid(tolls: &mut Tolls, number: u64, now: Tick) {
        let paid = Paid {
            step: Step::try_from(crate::crypto::puzzle::STEP_MAX).unwrap(),
            seed: tolls.seed,
            effort: Step::try_from(crate::crypto::puzzle::STEP_MAX).unwrap(),
            until: now + SEED_LIFE,
            spent: false,
        };
        tolls.paid.insert((Priced::Ticket, token(number)), paid);
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
        let Err(Denied(prices)) = ask(&mut tolls, 999, PLENTY, Tick(1)) else {
            panic!("a puzzle is asked");
        };
        assert_eq!(u8::from(prices.step(Priced::Ticket)), 1);
        assert!(prices.step(Priced::Deposit).is_free(), "each kind for itself");
        pay(&mut tolls, token(999), prices, Tick(2));
        assert!(ask(&mut tolls, 999, PLENTY, Tick(2)).is_err());
        let later = Tick(millis(TICKET_EVERY));
        assert!(ask(&mut tolls, 998, PLENTY, later).is_err());
        assert_eq!(ask(&mut tolls, 999, PLENTY, later), Ok(()));
    }

    #[test]
    fn a_step_moves_once_in_its_pause_up_to_the_cap_and_back() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        let (mut before, mut most) = (0, 0);
        for second in 1..=150 {
            let now = Tick(second * 1_000);
            for number in second * 1_000..second * 1_000 + 40 {
                paid(&mut tolls, number, now);
                let _ = ask(&mut tolls, number, PLENTY, now);
            }
            tolls.expire(now);
            let step = u8::from(tolls.prices(Via(0)).step(Priced::Ticket));
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
            tolls.prices(Via(0)).step(Priced::Ticket).is_free(),
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
            assert!(ask(&mut tolls, 1_000 + second, PLENTY, now).is_err());
            tolls.expire(now);
            assert_eq!(u8::from(tolls.prices(Via(0)).step(Priced::Ticket)), 1, "{second}");
        }
        tolls.expire(Tick(120_000));
        assert!(tolls.prices(Via(0)).step(Priced::Ticket).is_free());
    }

    #[test]
    fn false_late_and_repeated_payments_buy_nothing() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        let Err(Denied(prices)) = ask(&mut tolls, 999, PLENTY, Tick(1)) else {
            panic!("a puzzle is asked");
        };
        let (priced, seed, step) = (Priced::Ticket, prices.seed, prices.step(Priced::Ticket));
        let puzzle = Puzzle::new(&LINE, &HOME, seed, priced, token(999));
        let wrong = (0..).find(|nonce| !puzzle.is_solved(*nonce, step)).unwrap();
        let terms = Terms { priced, step, seed };
        assert!(!tolls.pay(Via(0), token(999), wrong, terms, Tick(1)));
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
    fn a_payment_is_spent_once_and_free_ones_are_none() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        paid(&mut tolls, 999, Tick(0));
        let later = Tick(10 * millis(TICKET_EVERY));
        assert_eq!(ask(&mut tolls, 999, PLENTY, later), Ok(()));
        assert!(ask(&mut tolls, 999, PLENTY, later).is_err(), "it is spent");
        let (priced, step, seed) = (Priced::Ticket, Step::FREE, tolls.seed);
        let before = tolls.paid.len();
        assert!(tolls.pay(Via(0), token(5), 0, Terms { priced, step, seed }, later));
        assert_eq!(tolls.paid.len(), before, "nothing was paid");
    }

    #[test]
    fn a_verdict_prices_one_entry_and_puts_nobody_first() {
        let mut tolls = tolls();
        let (here, there, nour) = (Via(0), Via(1), crate::objects::Serial([1; 8]));
        assert!(tolls.verdicts.take(nour, here, Tick(0)));
        assert_eq!(u8::from(tolls.prices(here).step(Priced::Ticket)), 1);
        assert!(tolls.prices(there).step(Priced::Ticket).is_free());
        let ask =
            |tolls: &mut Tolls, number, via| tolls.admit(Priced::Ticket, token(number), (via, 1), Tick(1));
        let Err(Denied(prices)) = ask(&mut tolls, 1, here) else {
            panic!("a puzzle is asked");
        };
        assert_eq!(ask(&mut tolls, 2, there), Ok(()));
        // Two wait for a place: what the verdict made one of them pay is no effort.
        assert!(
            tolls
                .admit(Priced::Ticket, token(2), (there, 0), Tick(2))
                .is_err()
        );
        pay(&mut tolls, token(1), prices, Tick(3));
        tolls.full.clear();
        assert!(ask(&mut tolls, 1, here).is_err(), "the other one was first");
        assert_eq!(ask(&mut tolls, 2, there), Ok(()));
        tolls.expire(Tick(700_000));
        assert!(tolls.prices(here).step(Priced::Ticket).is_free());
    }

    #[test]
    fn both_sides_know_the_terms_after_the_seed_has_turned() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        let Err(Denied(first)) = ask(&mut tolls, 999, 0, Tick(1)) else {
            panic!("a puzzle is asked");
        };
        assert_eq!(tolls.terms(token(999)), None);
        pay(&mut tolls, token(999), first, Tick(2));
        tolls.turn_seed(Tick(millis(SEED_LIFE)));
        let next = Prices {
            seed: tolls.seed,
            ..first
        };
        for (prices, seed) in [(next, next.seed), (first, next.seed)] {
            pay(&mut tolls, token(999), prices, Tick(millis(SEED_LIFE)));
            assert_eq!(tolls.terms(token(999)).map(|terms| terms.seed), Some(seed));
        }
    }

    #[test]
    fn both_know_the_terms_where_the_price_moved_with_the_seed() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        let Err(Denied(first)) = ask(&mut tolls, 999, 0, Tick(1)) else {
            panic!("a puzzle is asked");
        };
        let more = |steps: u8| Prices {
            steps: first.steps.map(|step| (0..steps).fold(step, |step, _| step.up())),
            ..first
        };
        pay(&mut tolls, token(999), more(2), Tick(2));
        let turned = Tick(millis(SEED_LIFE));
        tolls.turn_seed(turned);
        let seed = tolls.seed;
        // Less is asked under the new seed: what was paid last counts, for both.
        pay(&mut tolls, token(999), Prices { seed, ..more(0) }, turned);
        let terms = tolls.terms(token(999)).unwrap();
        assert_eq!((terms.seed, terms.step), (seed, first.step(Priced::Ticket)));
        // More was asked than the client knew: neither counts, and it is told what to pay.
        pay(&mut tolls, token(998), more(0), turned);
        tolls.meters.get_mut(&Priced::Ticket).unwrap().step = 3.try_into().unwrap();
        pay(&mut tolls, token(998), Prices { seed, ..more(1) }, turned);
        assert_eq!(tolls.terms(token(998)), None);
    }

    #[test]
    fn a_verdict_is_no_effort_at_the_cap_or_when_it_is_over() {
        let mut tolls = tolls();
        let (here, nour) = (Via(0), crate::objects::Serial([1; 8]));
        let cap = Step::try_from(crate::crypto::puzzle::STEP_MAX).unwrap();
        assert!(tolls.verdicts.take(nour, here, Tick(0)));
        for (pressure, effort) in [(0, 0), (2, 2), (cap.into(), cap.into())] {
            tolls.meters.get_mut(&Priced::Ticket).unwrap().step = pressure.try_into().unwrap();
            let prices = tolls.prices(here);
            let priced = Priced::Ticket;
            let asked = prices.step(priced);
            assert_eq!(u8::from(tolls.effort(here, priced, asked)), effort);
        }
        // It was paid for under a verdict, and waits when that is over.
        tolls.meters.get_mut(&Priced::Ticket).unwrap().step = 1.try_into().unwrap();
        let prices = tolls.prices(here);
        pay(&mut tolls, token(1), prices, Tick(1));
        tolls.verdicts = Verdicts::default();
        assert!(ask(&mut tolls, 1, 0, Tick(2)).is_err());
        assert_eq!(u8::from(tolls.lobby[&(Priced::Ticket, token(1))].step), 1);
    }

    #[test]
    fn who_is_back_after_a_pause_is_as_early_as_before() {
        let mut tolls = tolls();
        for (number, at) in [(1, 0), (2, 55_000)] {
            paid(&mut tolls, number, Tick(at));
            assert!(ask(&mut tolls, number, 0, Tick(at)).is_err());
        }
        tolls.expire(Tick(60_000));
        // She paused as long as a client does at most; nobody kept room for her meanwhile.
        assert!(ask(&mut tolls, 1, 0, Tick(60_000)).is_err());
        assert!(ask(&mut tolls, 2, 1, Tick(61_000)).is_err());
        assert_eq!(ask(&mut tolls, 1, 1, Tick(61_000)), Ok(()));
        assert_eq!(ask(&mut tolls, 2, 1, Tick(61_000)), Ok(()));
        paid(&mut tolls, 3, Tick(70_000));
        assert!(ask(&mut tolls, 3, 0, Tick(70_000)).is_err());
        paid(&mut tolls, 4, Tick(90_000));
        assert_eq!(ask(&mut tolls, 4, 1, Tick(90_000)), Ok(()), "no room is kept");
    }

    #[test]
    fn a_full_entry_keeps_nobody_out_at_another() {
        let mut tolls = tolls();
        for number in 0..400 {
            paid(&mut tolls, number, Tick(0));
            let here = (Via(0), 0);
            assert!(tolls.admit(Priced::Ticket, token(number), here, Tick(0)).is_err());
        }
        assert_eq!(tolls.lobby.len(), LOBBY_MAX);
        let there = (Via(1), 1);
        assert_eq!(tolls.admit(Priced::Ticket, token(999), there, Tick(1)), Ok(()));
    }

    #[test]
    fn more_effort_goes_first_and_the_rest_by_arrival() {
        let mut tolls = tolls();
        crowd(&mut tolls, 0, Tick(0));
        let Err(Denied(first)) = ask(&mut tolls, 999, PLENTY, Tick(1)) else {
            panic!("a puzzle is asked");
        };
        for number in [901, 902] {
            pay(&mut tolls, token(number), first, Tick(1));
            assert!(ask(&mut tolls, number, 0, Tick(1)).is_err());
        }
        let more = Prices {
            steps: first.steps.map(Step::up),
            ..first
        };
        pay(&mut tolls, token(903), more, Tick(2));
        assert!(ask(&mut tolls, 903, 0, Tick(2)).is_err());
        let later = Tick(5_000);
        assert!(ask(&mut tolls, 902, 1, later).is_err());
        assert!(ask(&mut tolls, 901, 1, later).is_err());
        assert_eq!(ask(&mut tolls, 903, 1, later), Ok(()));
        assert!(ask(&mut tolls, 902, 1, later).is_err());
        assert_eq!(ask(&mut tolls, 901, 1, later), Ok(()));
    }
}
