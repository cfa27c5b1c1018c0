//! The shift: login and duty at every home, breaks, and what ends a duty against her will.

use core::time::Duration;

use super::{
    Counselor,
    event::{ChatOver, Event, OffReason},
};
use crate::{
    crypto::keys::DhPublic,
    limits::DUTY_ALONE,
    objects::HomeIndex,
    session::{
        chat::{EndReason, EndedBy},
        home_link,
    },
    time::{Now, Tick},
    wire::{ClientMessage, Refusal},
};

/// Keys of an earlier run are used again when they are valid for at least this long, in seconds.
pub(super) const SHIFT_LEFT_SECONDS: u64 = 3_600;

/// A login or duty that a home refused for now is tried again after this long.
pub(super) const DUTY_AGAIN: Duration = Duration::from_secs(10);

/// Where every home in reach has refused a duty, another one may still answer: she is told after this long, in
/// milliseconds. As long as "nobody is on duty" waits.
const ANOTHER_HOME: Duration = Duration::from_secs(3);

/// A home that takes her duty back because of a new roster tells its version within a second, and hands it out when it is
/// asked: what it said before is not believed for this long.
const ROSTER_FOLLOWS: Duration = Duration::from_secs(3);

/// Homes have this long to confirm that a duty is withdrawn.
const OFF_DUTY: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Off,
    On,
    Break,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing sent on this link.
    Fresh,
    /// Login sent.
    LoggingIn,
    /// Logged in, no duty here.
    In,
    /// Duty sent.
    Publishing,
    /// The duty stands here.
    OnDuty,
    /// Withdrawal sent, with its request number.
    Withdrawing(u32),
    /// Another program of hers took it back here.
    Withdrawn,
    /// Refused, or taken back by the home; when to try again, and why. What one home says is no other home's word.
    Refused(Tick, Refusal),
}

pub(super) struct HomeDesk {
    pub(super) hash: [u8; 32],
    pub(super) home_x: DhPublic,
    pub(super) standing: Standing,
    /// Request number of the login or duty that was sent last.
    pub(super) asked: u32,
    /// How many chats of an earlier run it has named since the duty was sent.
    pub(super) yours: usize,
}

impl HomeDesk {
    pub(super) const fn new(hash: [u8; 32], home_x: DhPublic) -> Self {
        Self {
            hash,
            home_x,
            standing: Standing::Fresh,
            asked: 0,
            yours: 0,
        }
    }

    /// Whether it has said that it does not hold her duty, for a reason that is about her: a home that has no roster yet
    /// may have one soon.
    const fn says_no(&self) -> bool {
        match self.standing {
            Standing::Withdrawn => true,
            Standing::Refused(_, reason) => !matches!(reason, Refusal::NoRoster | Refusal::Busy),
            _ => false,
        }
    }
}

impl Counselor {
    pub(super) fn withdraw(&mut self, wanted: Wanted, now: Now) {
        self.now = now;
        self.wanted = wanted;
        self.desk.clear();
        self.withdraw_everywhere();
        self.off_due = Some(now.tick + OFF_DUTY);
        self.work();
    }

    /// ReplyCopy every home that holds her duty. One that is just taking it is told when it has.
    fn withdraw_everywhere(&mut self) {
        let holds =
            |(home, desk): (&HomeIndex, &HomeDesk)| (desk.standing == Standing::OnDuty).then_some(*home);
        let homes: Vec<HomeIndex> = self.homes.iter().filter_map(holds).collect();
        for home in homes {
            self.withdraw_at(home);
        }
    }

    pub(super) fn withdraw_at(&mut self, home: HomeIndex) {
        let request = self.links.ask(home, ClientMessage::WithdrawDuty {}, self.now);
        if let Some(desk) = self.homes.get_mut(&home) {
            desk.standing = Standing::Withdrawing(request);
        }
    }

    /// Whether a home has a part in her shift: not one that the roster does not carry.
    pub(super) fn serves(&self, home: HomeIndex) -> bool {
        let directory = self.links.directory();
        directory.roster().is_none() || directory.carries(home)
    }

    pub(super) fn work_duty(&mut self) {
        let now = self.now;
        self.judge_duty();
        if self.wanted == Wanted::On {
            let homes: Vec<HomeIndex> = self.homes.keys().copied().collect();
            for home in homes {
                self.step_duty(home);
            }
        }
        let standing = self.homes.values().any(|desk| desk.standing == Standing::OnDuty);
        if self.wanted == Wanted::On && standing && !self.on_duty_told {
            self.on_duty_told = true;
            self.events.push_back(Event::OnDuty);
        }
        // What is being published may stand any moment, and must be withdrawn too.
        let stands = |desk: &HomeDesk| {
            matches!(
                desk.standing,
                Standing::OnDuty | Standing::Publishing | Standing::Withdrawing(_)
            )
        };
        let standing = self.homes.values().any(stands);
        if self.off_due.is_some_and(|due| due <= now.tick || !standing) && self.wanted != Wanted::On {
            self.off_due = None;
            self.on_duty_told = false;
            let reason = if self.wanted == Wanted::Break {
                OffReason::Break
            } else {
                OffReason::Asked
            };
            self.events.push_back(Event::OffDuty(reason));
        }
        // The secrets of a shift go when its last chat has ended. Those of an earlier run wait for her to begin.
        let over = self.wanted == Wanted::Off && self.off_due.is_none() && self.chats.is_empty();
        if over && core::mem::take(&mut self.shift_used) {
            self.shift = None;
            self.events.push_back(Event::ShiftEnded);
        }
    }

    /// She is off duty when no home in reach holds her duty and each of them has said so.
    fn judge_duty(&mut self) {
        let homes: Vec<&HomeDesk> = self
            .homes
            .iter()
            .filter(|(home, _)| self.serves(**home))
            .map(|(_, desk)| desk)
            .collect();
        let takes = |desk: &&HomeDesk| {
            matches!(
                desk.standing,
                Standing::In | Standing::Publishing | Standing::OnDuty
            )
        };
        if self.wanted != Wanted::On || homes.iter().any(takes) {
            self.refused_since = None;
            return;
        }
        // One that is asked again keeps its word until it has answered.
        if homes.is_empty() || !homes.into_iter().all(HomeDesk::says_no) {
            return;
        }
        let now = self.now.tick;
        self.refused_since.get_or_insert(now);
        if self.fall_due().is_some_and(|due| due > now) {
            return;
        }
        let alone = self.homes_alone();
        self.refused_since = None;
        match self.refused_with() {
            Some(_) if alone => self.fall(OffReason::HomesAlone),
            Some(Refusal::Expired) if self.certificate.valid_at(self.now.unix).is_ok() => {
                self.fall(OffReason::ShiftOver);
            }
            Some(reason) => self.fall(OffReason::Home(reason)),
            // Another program of hers took it back.
            None => {
                self.fall(OffReason::Elsewhere);
                // When she begins again here she begins anew, or the other would still be the later one. Chats have their
                // own copies of its keys.
                self.shift = None;
            }
        }
    }

    /// What the home said that refused her duty last.
    fn refused_with(&self) -> Option<Refusal> {
        let said = self.homes.values().filter_map(|desk| match desk.standing {
            Standing::Refused(again, reason) => Some((again, reason)),
            _ => None,
        });
        said.max_by_key(|(again, _)| *again).map(|(_, reason)| reason)
    }

    /// Whether homes say that the association took her certificate back, and its roster does not.
    fn homes_alone(&self) -> bool {
        let roster = self.links.directory().roster();
        let taken = roster.is_some_and(|roster| roster.revoked.contains(&self.certificate.serial));
        self.refused_with() == Some(Refusal::Revoked) && !taken
    }

    /// Until when a home that is not in reach may still hold her duty, or take it, and a roster may come that says what
    /// the homes say.
    pub(super) fn fall_due(&self) -> Option<Tick> {
        let since = self.refused_since?;
        let wait = match (self.homes.len() < self.homes_expected, self.on_duty_told) {
            (false, _) => Duration::ZERO,
            (true, false) => ANOTHER_HOME,
            (true, true) => DUTY_ALONE,
        };
        let roster = if self.homes_alone() {
            ROSTER_FOLLOWS
        } else {
            Duration::ZERO
        };
        Some(since + wait.max(roster))
    }

    fn step_duty(&mut self, home: HomeIndex) {
        if !self.serves(home) {
            return;
        }
        let Some(desk) = self.homes.get_mut(&home) else {
            return;
        };
        match desk.standing {
            Standing::Fresh => {
                let serial = self.certificate.serial;
                let message = home_link::login_message(&self.helpline, &desk.home_x, &desk.hash, &serial.0);
                let signature = self.identity.sign(&message);
                let certificate = self.certificate.encoded();
                let length = u16::try_from(certificate.len()).unwrap_or_default();
                let proof = [length.to_be_bytes().as_slice(), certificate, &signature].concat();
                desk.standing = Standing::LoggingIn;
                desk.asked = self.links.ask(home, ClientMessage::Login { proof }, self.now);
            }
            Standing::In => {
                let Some((duty, _)) = &self.shift else { return };
                desk.standing = Standing::Publishing;
                desk.yours = 0;
                let duty = duty.encoded().to_vec();
                desk.asked = self
                    .links
                    .ask(home, ClientMessage::PublishDuty { duty }, self.now);
            }
            _ => {}
        }
    }

    /// The duty ends against her will.
    pub(super) fn fall(&mut self, reason: OffReason) {
        let was_on = self.wanted != Wanted::Off || self.on_duty_told;
        self.wanted = Wanted::Off;
        self.off_due = None;
        self.on_duty_told = false;
        self.desk.clear();
        self.taking = None;
        self.withdraw_everywhere();
        // She is logged in there, and may finish what she has.
        for desk in self.homes.values_mut() {
            if desk.standing == Standing::Withdrawn {
                desk.standing = Standing::In;
            }
        }
        if was_on {
            self.events.push_back(Event::OffDuty(reason));
        }
    }

    /// The association took her certificate back, as its roster says: her chats end. No home can say that.
    pub(super) fn end_revoked(&mut self) {
        let chats: Vec<_> = self.chats.keys().copied().collect();
        for chat in chats {
            self.finish(chat, EndedBy::Helpline, ChatOver::Said(EndReason::Revoked));
        }
    }

    /// Goes from one standing to the next; `false` if it was another one.
    pub(super) fn stand(&mut self, home: HomeIndex, from: Standing, to: Standing) -> bool {
        let desk = self.homes.get_mut(&home).filter(|desk| desk.standing == from);
        desk.map(|desk| desk.standing = to).is_some()
    }

    /// A home says that it does not hold her duty. That is its own standing and ends nothing elsewhere.
    pub(super) fn take_off_duty(&mut self, home: HomeIndex, request: u32, reason: Option<Refusal>) {
        let (now, wanted) = (self.now.tick, self.wanted);
        let Some(desk) = self.homes.get_mut(&home) else {
            return;
        };
        desk.standing = match (reason, desk.standing) {
            (Some(reason), _) => Standing::Refused(now + DUTY_AGAIN, reason),
            (None, Standing::Withdrawing(asked)) if asked == request => Standing::In,
            // The answer to a withdrawal that counts no more.
            (None, _) if request != 0 => return,
            (None, Standing::Publishing | Standing::OnDuty) if wanted == Wanted::On => Standing::Withdrawn,
            (None, Standing::Publishing | Standing::OnDuty) => Standing::In,
            (None, other) => other,
        };
        self.forget_offers(home);
    }

    /// What a home offers counts no more.
    pub(super) fn forget_offers(&mut self, home: HomeIndex) {
        self.desk.home_gone(home);
        for talk in self.chats.values_mut() {
            talk.newer.remove(&home);
        }
    }
}
