//! The shift: login and duty at every home, breaks, and what ends a duty against the counselor's will.

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
    /// Another program of this counselor withdrew the duty here.
    Withdrawn,
    /// Refused, or taken back by the home; when to retry, and why. The word of one home says nothing about another.
    Refused(Tick, Refusal),
}

pub(super) struct HomeDesk {
    pub(super) hash: [u8; 32],
    pub(super) home_x: DhPublic,
    pub(super) standing: Standing,
    /// Request number of the login or duty that was sent last.
    pub(super) asked: u32,
    /// How many chats of an earlier run this home has named since the duty was sent.
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

    /// Whether the home has said that it does not hold the duty, for a reason that concerns the counselor. A home
    /// without a roster may have one soon.
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

    /// Withdraws the duty at every home that holds it. Where it is still being published, it is withdrawn when the home
    /// confirms it.
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

    /// Whether a home has a part in the shift: a home that the roster does not carry has none.
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
        // A duty in flight may stand at any moment, and must be withdrawn too.
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
        // The secrets of a shift are deleted when its last chat has ended. Those of an earlier run are kept until the
        // shift begins.
        let over = self.wanted == Wanted::Off && self.off_due.is_none() && self.chats.is_empty();
        if over && core::mem::take(&mut self.shift_used) {
            self.shift = None;
            self.events.push_back(Event::ShiftEnded);
        }
    }

    /// The counselor is off duty when no home in reach holds the duty and each of them has said so.
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
        // While a home is asked again, its last answer still counts: `refused_since` stays.
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
            // Another program of this counselor withdrew it.
            None => {
                self.fall(OffReason::Elsewhere);
                // The next shift needs new keys, or that of the other program would still be the later one. Chats have
                // their own copies of the keys.
                self.shift = None;
            }
        }
    }

    /// The reason of the most recent refusal.
    fn refused_with(&self) -> Option<Refusal> {
        let said = self.homes.values().filter_map(|desk| match desk.standing {
            Standing::Refused(again, reason) => Some((again, reason)),
            _ => None,
        });
        said.max_by_key(|(again, _)| *again).map(|(_, reason)| reason)
    }

    /// Whether homes say that the association revoked the certificate, and the roster does not.
    fn homes_alone(&self) -> bool {
        let roster = self.links.directory().roster();
        let taken = roster.is_some_and(|roster| roster.revoked.contains(&self.certificate.serial));
        self.refused_with() == Some(Refusal::Revoked) && !taken
    }

    /// The time until which a home out of reach may still hold or take the duty, and a roster may still confirm what
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

    /// The duty ends against the counselor's will.
    pub(super) fn fall(&mut self, reason: OffReason) {
        let was_on = self.wanted != Wanted::Off || self.on_duty_told;
        self.wanted = Wanted::Off;
        self.off_due = None;
        self.on_duty_told = false;
        self.desk.clear();
        self.taking = None;
        self.withdraw_everywhere();
        // The counselor is still logged in there, and may finish the open chats.
        for desk in self.homes.values_mut() {
            if desk.standing == Standing::Withdrawn {
                desk.standing = Standing::In;
            }
        }
        if was_on {
            self.events.push_back(Event::OffDuty(reason));
        }
    }

    /// The association revoked the certificate, as its roster says: the chats end. Only the roster can cause this, no
    /// home.
    pub(super) fn end_revoked(&mut self) {
        let chats: Vec<_> = self.chats.keys().copied().collect();
        for chat in chats {
            self.finish(chat, EndedBy::Helpline, ChatOver::Said(EndReason::Revoked));
        }
    }

    /// Changes the standing from `from` to `to`; `false` if it was another one.
    pub(super) fn stand(&mut self, home: HomeIndex, from: Standing, to: Standing) -> bool {
        let desk = self.homes.get_mut(&home).filter(|desk| desk.standing == from);
        desk.map(|desk| desk.standing = to).is_some()
    }

    /// A home says that it does not hold the duty. This concerns that home alone and ends nothing elsewhere.
    pub(super) fn take_off_duty(&mut self, home: HomeIndex, request: u32, reason: Option<Refusal>) {
        let (now, wanted) = (self.now.tick, self.wanted);
        let Some(desk) = self.homes.get_mut(&home) else {
            return;
        };
        desk.standing = match (reason, desk.standing) {
            (Some(reason), _) => Standing::Refused(now + DUTY_AGAIN, reason),
            (None, Standing::Withdrawing(asked)) if asked == request => Standing::In,
            // The answer to a withdrawal that is void.
            (None, _) if request != 0 => return,
            (None, Standing::Publishing | Standing::OnDuty) if wanted == Wanted::On => Standing::Withdrawn,
            (None, Standing::Publishing | Standing::OnDuty) => Standing::In,
            (None, other) => other,
        };
        self.forget_offers(home);
    }

    /// The offers of this home are void.
    pub(super) fn forget_offers(&mut self, home: HomeIndex) {
        self.desk.home_gone(home);
        for talk in self.chats.values_mut() {
            talk.newer.remove(&home);
        }
    }
}
