//! The shift: login and duty at every home, breaks, and what ends a duty against the counselor's will.

use core::time::Duration;

use super::{
    Counselor,
    context::DeskContext,
    event::{ChatOver, Event, OffReason},
};
use crate::{
    crypto::keys::DhPublic,
    limits::DUTY_ALONE,
    objects::{Duty, DutySecrets, HomeIndex, Signed},
    session::{
        chat::{EndReason, EndedBy},
        home_link,
    },
    time::{Now, Tick},
    wire::{ClientMessage, Refusal},
};

/// Keys of an earlier run are used again when they are valid for at least this long.
pub(super) const SHIFT_LEFT: Duration = Duration::from_secs(3_600);

/// A login or duty that a home refused for now is tried again after this long.
pub(super) const DUTY_AGAIN: Duration = Duration::from_secs(10);

/// Where every home in reach has refused a duty, another one may still answer: the counselor is told after this pause,
/// the same as for "no counselor is on duty".
const ANOTHER_HOME: Duration = Duration::from_secs(3);

/// A home that drops a duty because of a new roster tells the roster's version within a second, and hands it out on
/// request. Until this pause is over, its refusal is not believed.
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

/// The shift: its keys, and whether the counselor wants to be on duty.
pub(super) struct ShiftState {
    pub(super) keys: Option<(Signed<Duty>, DutySecrets)>,
    /// The keys belong to a shift that this run of the program began.
    pub(super) used: bool,
    pub(super) wanted: Wanted,
    /// `OnDuty` was told.
    pub(super) told: bool,
    pub(super) off_due: Option<Tick>,
    /// Since when every home in reach refuses the duty.
    pub(super) refused_since: Option<Tick>,
}

impl ShiftState {
    pub(super) const fn new(keys: Option<(Signed<Duty>, DutySecrets)>) -> Self {
        Self {
            keys,
            used: false,
            wanted: Wanted::Off,
            told: false,
            off_due: None,
            refused_since: None,
        }
    }

    pub(super) fn work(&mut self, ctx: &mut DeskContext, chats: bool) {
        let now = ctx.now;
        if self.wanted == Wanted::On {
            let homes: Vec<HomeIndex> = ctx.homes.keys().copied().collect();
            for home in homes {
                self.step(ctx, home);
            }
        }
        let standing = ctx.homes.values().any(|desk| desk.standing == Standing::OnDuty);
        if self.wanted == Wanted::On && standing && !self.told {
            self.told = true;
            ctx.emit(Event::OnDuty);
        }
        // A duty in flight may be published at any moment, and must be withdrawn too.
        let stands = |desk: &HomeDesk| {
            matches!(
                desk.standing,
                Standing::OnDuty | Standing::Publishing | Standing::Withdrawing(_)
            )
        };
        let standing = ctx.homes.values().any(stands);
        if self.off_due.is_some_and(|due| due <= now.tick || !standing) && self.wanted != Wanted::On {
            self.off_due = None;
            self.told = false;
            let reason = if self.wanted == Wanted::Break {
                OffReason::Break
            } else {
                OffReason::Asked
            };
            ctx.emit(Event::OffDuty(reason));
        }
        // The secrets of a shift are deleted when its last chat has ended. Those of an earlier run are kept until the
        // shift begins.
        let over = self.wanted == Wanted::Off && self.off_due.is_none() && !chats;
        if over && core::mem::take(&mut self.used) {
            self.keys = None;
            ctx.emit(Event::ShiftEnded);
        }
    }

    /// The counselor is off duty when no home in reach holds the duty and each of them has said so.
    fn judge(&mut self, ctx: &DeskContext) -> Option<OffReason> {
        let homes: Vec<&HomeDesk> = ctx
            .homes
            .iter()
            .filter(|(home, _)| ctx.serves(**home))
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
            return None;
        }
        // While a home is asked again, its last answer still counts: `refused_since` stays.
        if homes.is_empty() || !homes.into_iter().all(HomeDesk::says_no) {
            return None;
        }
        let now = ctx.now.tick;
        self.refused_since.get_or_insert(now);
        if self.fall_due(ctx).is_some_and(|due| due > now) {
            return None;
        }
        let alone = ctx.homes_alone();
        self.refused_since = None;
        Some(match ctx.refused_with() {
            Some(_) if alone => OffReason::HomesAlone,
            Some(Refusal::Expired) if ctx.certificate.valid_at(ctx.now.unix).is_ok() => OffReason::ShiftOver,
            Some(reason) => OffReason::Home(reason),
            // Another program of this counselor withdrew it.
            None => OffReason::Elsewhere,
        })
    }

    /// The time until which a home out of reach may still hold or take the duty, and a roster may still confirm what
    /// the homes say.
    pub(super) fn fall_due(&self, ctx: &DeskContext) -> Option<Tick> {
        let since = self.refused_since?;
        let wait = match (ctx.homes.len() < ctx.homes_expected, self.told) {
            (false, _) => Duration::ZERO,
            (true, false) => ANOTHER_HOME,
            (true, true) => DUTY_ALONE,
        };
        let roster = if ctx.homes_alone() {
            ROSTER_FOLLOWS
        } else {
            Duration::ZERO
        };
        Some(since + wait.max(roster))
    }

    fn step(&self, ctx: &mut DeskContext, home: HomeIndex) {
        if !ctx.serves(home) {
            return;
        }
        let Some(desk) = ctx.homes.get_mut(&home) else {
            return;
        };
        match desk.standing {
            Standing::Fresh => {
                let serial = ctx.certificate.serial;
                let message = home_link::login_message(&ctx.helpline, &desk.home_x, &desk.hash, &serial.0);
                let signature = ctx.identity.sign(&message);
                let certificate = ctx.certificate.encoded();
                let length = u16::try_from(certificate.len()).unwrap_or_default();
                let proof = [length.to_be_bytes().as_slice(), certificate, &signature].concat();
                desk.standing = Standing::LoggingIn;
                desk.asked = ctx.links.ask(home, ClientMessage::Login { proof }, ctx.now);
            }
            Standing::In => {
                let Some((duty, _)) = &self.keys else { return };
                desk.standing = Standing::Publishing;
                desk.yours = 0;
                let duty = duty.encoded().to_vec();
                desk.asked = ctx.links.ask(home, ClientMessage::PublishDuty { duty }, ctx.now);
            }
            _ => {}
        }
    }
}

impl Counselor {
    pub(super) fn work_duty(&mut self) {
        if let Some(reason) = self.shift.judge(&self.ctx) {
            self.fall(reason);
            if reason == OffReason::Elsewhere {
                // The next shift needs new keys, or that of the other program would still be the later one. Chats have
                // their own copies of the keys.
                self.shift.keys = None;
            }
        }
        self.shift.work(&mut self.ctx, !self.chats.is_empty());
    }

    pub(super) fn withdraw(&mut self, wanted: Wanted, now: Now) {
        self.ctx.now = now;
        self.shift.wanted = wanted;
        self.desk.clear();
        self.ctx.withdraw_everywhere();
        self.shift.off_due = Some(now.tick + OFF_DUTY);
        self.work();
    }

    /// The duty ends against the counselor's will.
    pub(super) fn fall(&mut self, reason: OffReason) {
        let was_on = self.shift.wanted != Wanted::Off || self.shift.told;
        self.shift.wanted = Wanted::Off;
        self.shift.off_due = None;
        self.shift.told = false;
        self.desk.clear();
        self.taking = None;
        self.ctx.withdraw_everywhere();
        // The counselor is still logged in there, and may finish the open chats.
        for desk in self.ctx.homes.values_mut() {
            if desk.standing == Standing::Withdrawn {
                desk.standing = Standing::In;
            }
        }
        if was_on {
            self.ctx.emit(Event::OffDuty(reason));
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

    /// A home says that it does not hold the duty. This concerns that home alone and ends nothing elsewhere.
    pub(super) fn take_off_duty(&mut self, home: HomeIndex, request: u32, reason: Option<Refusal>) {
        let (now, wanted) = (self.ctx.now.tick, self.shift.wanted);
        let Some(desk) = self.ctx.homes.get_mut(&home) else {
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
