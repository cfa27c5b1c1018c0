//! The shift: login and duty at every home, breaks, and what ends a duty against her will.

use super::{
    Counselor,
    event::{ChatOver, Event, OffReason},
};
use crate::{
    chat::EndReason,
    keys::DhPublic,
    link,
    seeker::EndedBy,
    time::{Millis, Moment},
    wire::{Kind, Record, Refusal, postcard_decode},
};

/// Keys of an earlier run are used again when they are valid for at least this long, in seconds.
pub(super) const SHIFT_LEFT_SECONDS: u64 = 3_600;

/// A login or duty that a home refused for now is tried again after this long, in milliseconds.
pub(super) const DUTY_AGAIN_MS: u64 = 10_000;

/// Homes have this long to confirm that a duty is withdrawn, in milliseconds.
const OFF_DUTY_MS: u64 = 3_000;

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
    /// Refused; when to try again.
    Refused(Millis),
}

pub(super) struct HomeDesk {
    pub(super) hash: [u8; 32],
    pub(super) home_x: DhPublic,
    pub(super) standing: Standing,
}

impl Counselor {
    pub(super) fn withdraw(&mut self, wanted: Wanted, now: Moment) {
        self.now = now;
        self.wanted = wanted;
        self.desk.clear();
        let standing: Vec<usize> = self
            .homes
            .iter()
            .filter(|(_, desk)| desk.standing == Standing::OnDuty)
            .map(|(home, _)| *home)
            .collect();
        for home in standing {
            self.links.ask(home, Record::new(Kind::WithdrawDuty), now);
        }
        self.off_due = Some(now.tick + OFF_DUTY_MS);
        self.work();
    }

    pub(super) fn work_duty(&mut self) {
        let now = self.now;
        if self.wanted == Wanted::On {
            let homes: Vec<usize> = self.homes.keys().copied().collect();
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
        let stands = |desk: &HomeDesk| matches!(desk.standing, Standing::OnDuty | Standing::Publishing);
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

    fn step_duty(&mut self, home: usize) {
        let Some(desk) = self.homes.get_mut(&home) else {
            return;
        };
        match desk.standing {
            Standing::Fresh => {
                let serial = self.certificate.serial;
                let message = link::login_message(&self.helpline, &desk.home_x, &desk.hash, &serial.0);
                let signature = self.identity.sign(&message);
                let certificate = self.certificate.encoded();
                let length = u16::try_from(certificate.len()).unwrap_or_default();
                let body = [length.to_be_bytes().as_slice(), certificate, &signature].concat();
                desk.standing = Standing::LoggingIn;
                self.links
                    .ask(home, Record::new(Kind::Login).body(body), self.now);
            }
            Standing::In => {
                let Some((duty, _)) = &self.shift else { return };
                desk.standing = Standing::Publishing;
                let body = duty.encoded().to_vec();
                self.links
                    .ask(home, Record::new(Kind::PublishDuty).body(body), self.now);
            }
            _ => {}
        }
    }

    /// The duty ends against her will.
    pub(super) fn fall(&mut self, reason: Refusal) {
        let was_on = self.wanted != Wanted::Off || self.on_duty_told;
        self.wanted = Wanted::Off;
        self.off_due = None;
        self.on_duty_told = false;
        self.desk.clear();
        self.taking = None;
        for desk in self.homes.values_mut() {
            desk.standing = Standing::Fresh;
        }
        if was_on {
            self.events.push_back(Event::OffDuty(OffReason::Home(reason)));
        }
        if reason == Refusal::Revoked {
            let chats: Vec<_> = self.chats.keys().copied().collect();
            for chat in chats {
                self.finish(chat, EndedBy::Helpline, ChatOver::Said(EndReason::Revoked));
            }
        }
    }

    pub(super) fn stand(&mut self, home: usize, from: Standing, to: Standing) {
        if let Some(desk) = self.homes.get_mut(&home)
            && desk.standing == from
        {
            desk.standing = to;
        }
    }

    pub(super) fn take_off_duty(&mut self, home: usize, record: &Record) {
        let reason: Option<Refusal> = postcard_decode(&record.body);
        self.desk.home_gone(home);
        for talk in self.chats.values_mut() {
            talk.offered.remove(&home);
        }
        if let Some(desk) = self.homes.get_mut(&home) {
            desk.standing = Standing::In;
        }
        match reason {
            Some(reason) => self.fall(reason),
            // Another client of the same counselor took it back.
            None if self.wanted == Wanted::On => self.wanted = Wanted::Off,
            None => {}
        }
        if reason.is_none() && self.off_due.is_none() && self.on_duty_told {
            self.off_due = Some(self.now.tick);
        }
    }
}
