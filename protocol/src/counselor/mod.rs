//! The counselor's machine: the shift, the desk, and the chats.
//!
//! Contract: [`Machine`]. After [`Output::Disconnect`] the driver closes that link and gives
//! [`Input::Disconnected`].
//!
//! A chat is shown only after the seeker's first cell: until then the seeker may have taken a colleague's answer.

mod chats;
mod claims;
mod context;
mod desk;
mod event;
mod mail;
mod replies;
mod shift;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chats::DeskChat;
use claims::Taking;
use context::DeskContext;
use desk::Desk;
pub use desk::{LONG_WAIT, URGENT_AHEAD};
pub use event::{ChatOver, Event, OffReason, TransferError};
use mail::DeskMail;
pub use mail::{KeptMailKey, MAIL_KEYS_MAX};
pub use replies::ReplyError;
use shift::{DUTY_AGAIN, HomeDesk, SHIFT_LEFT, ShiftState, Standing, Wanted};
use zeroize::Zeroizing;

pub use crate::client::LinkState;
use crate::{
    client::{
        ProvenLink, client_machine,
        directory::Directory,
        home_links::{DirectoryEvent, HomeLinks, Received, Unanswered},
    },
    crypto::{
        keys::{RootKey, SignKey},
        random::{self, Random},
    },
    machine::{Input, Machine, Output},
    objects::{Certificate, Duty, DutySecrets, HomeIndex, Label, Roster, RunId, Signed, TicketId},
    session::chat::{Colleague, EndReason, EndedBy, Numbers, SayError, Seen, Status},
    time::{Now, Tick},
    wire::{HomeMessage, Record, Refusal},
};

/// Length of a shift's keys: 12 hours, one working day with its overtime.
pub const SHIFT: Duration = Duration::from_secs(12 * 3_600);
/// Without the seeker's first cell for this long, an answer counts as lost.
pub const HELLO: Duration = Duration::from_secs(60);
/// An answer keeps a place at the desk for this long without the seeker's first cell, or for the next number of round
/// trips. Then the next person may be taken: a client that was stopped or killed keeps nobody waiting for longer.
pub const PLACE: Duration = Duration::from_secs(5);
/// See [`PLACE`]; the claim measures one round trip.
pub const PLACE_ROUND_TRIPS: u32 = 4;
/// The face has a chat at the seeker's first cell and the words behind it; without these words, so long after that cell.
pub const FIRST_WORDS: Duration = Duration::from_secs(2);
/// A counselor whose answer is followed by no words for this long is told so.
pub const WORDS: Duration = Duration::from_secs(60);
/// Without a cell of the seeker for this long, while a link is up, the seeker counts as gone.
pub const SEEKER_SILENT: Duration = Duration::from_secs(180);
/// A newer attempt of the ticket ends a chat when no cell of the seeker has come for this long: a heartbeat (15 s) and
/// slack. A seeker that has reopened the ticket sends no cell in the old chat. A home that only claims so cannot stop
/// the cells that come over other homes.
pub const REOPENED: Duration = Duration::from_secs(20);

/// The counselor's machine.
pub struct Counselor {
    ctx: DeskContext,
    shift: ShiftState,
    desk: Desk,
    desk_told: Option<(u32, u32)>,
    taking: Option<Taking>,
    chats: BTreeMap<TicketId, DeskChat>,
    /// Tickets whose seekers came too late for a place: slow, and there.
    handed_back: BTreeSet<TicketId>,
    /// Which messages of the seekers the face has taken, and which it has shown.
    seen: BTreeMap<TicketId, Seen>,
    /// The numbers by which the face refers to these messages.
    numbers: Numbers<(TicketId, String)>,
    /// The status of the face.
    status: Status,
    /// This run of the program; see [`RunId`].
    source: RunId,
    /// Tickets of chats that an earlier run had, as each home named them. When such a ticket is opened again, it is
    /// taken without being asked for.
    mine: BTreeMap<(HomeIndex, TicketId), u32>,
    mail: DeskMail,
}

impl Counselor {
    /// A counselor of the helpline of `root`. `shift`: keys of an earlier run, if they were kept.
    #[must_use]
    pub fn new(
        root: RootKey,
        identity: SignKey,
        certificate: Signed<Certificate>,
        shift: Option<(Signed<Duty>, DutySecrets)>,
        mut random: Random,
        now: Now,
    ) -> Self {
        let usable = |(duty, _): &(Signed<Duty>, DutySecrets)| {
            duty.serial == certificate.serial && duty.valid_at(now.unix + SHIFT_LEFT).is_ok()
        };
        let source = random::public(&mut random);
        Self {
            source,
            mine: BTreeMap::new(),
            shift: ShiftState::new(shift.filter(usable)),
            desk: Desk::default(),
            desk_told: None,
            taking: None,
            chats: BTreeMap::new(),
            handed_back: BTreeSet::new(),
            seen: BTreeMap::new(),
            numbers: Numbers::default(),
            status: Status::default(),
            mail: DeskMail::default(),
            ctx: DeskContext {
                helpline: root.helpline(),
                random,
                links: HomeLinks::new(root, now),
                identity,
                certificate,
                homes: BTreeMap::new(),
                homes_expected: 0,
                events: VecDeque::new(),
                now,
            },
        }
    }

    /// Takes the roster that counted last in an earlier run: no lower one counts.
    pub fn remember_roster(&mut self, roster: Signed<Roster>) {
        self.ctx.links.remember_roster(roster, self.ctx.now);
    }

    /// How many homes the helpline's address names. All of them are waited for before the duty counts as refused. Where
    /// there are two, two copies of a reply are wanted.
    pub fn expect_homes(&mut self, count: usize) {
        self.ctx.homes_expected = count;
    }

    /// What the counselor believes about the helpline.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        self.ctx.links.directory()
    }

    /// The keys of the shift, to be kept sealed.
    #[must_use]
    pub const fn shift(&self) -> Option<&(Signed<Duty>, DutySecrets)> {
        self.shift.keys.as_ref()
    }

    fn on_connected(&mut self, home: HomeIndex, link: ProvenLink) {
        self.ctx
            .homes
            .insert(home, HomeDesk::new(link.hash, link.delegation.home_x));
        self.ctx.links.link_up(home, link.delegation, self.ctx.now);
        self.connect_lines();
    }

    fn on_disconnected(&mut self, home: HomeIndex) {
        let now = self.ctx.now;
        self.ctx.homes.remove(&home);
        self.ctx.links.link_down(home, now);
        self.forget_offers(home);
        self.mail.home_down(home);
        if let Some(taking) = &mut self.taking {
            taking.asked.retain(|_, other| *other != home);
        }
        for talk in self.chats.values_mut() {
            talk.line.home_down(home, now.tick);
        }
        // Without a link the desk is unknown. The next count is told after the reconnect.
        if self.ctx.homes.is_empty() {
            self.desk_told = None;
        }
    }

    fn on_record(&mut self, home: HomeIndex, record: Record) {
        let now = self.ctx.now;
        match self.ctx.links.handle_record(home, record, now) {
            Some(Received::Message(request, message)) => self.on_message(home, request, &message),
            Some(Received::Ticket(ticket)) => self.take_ticket(home, &ticket),
            Some(Received::Mail(request, mail)) => self.mail.take_mail(&mut self.ctx, home, request, &mail),
            Some(Received::MailKeys(..) | Received::Reply(..)) | None => {}
        }
    }

    /// Begins the shift, or comes back from a break.
    pub fn on_duty(&mut self, now: Now) {
        self.ctx.now = now;
        self.shift.wanted = Wanted::On;
        self.shift.used = true;
        self.shift.off_due = None;
        // A shift that is over, or nearly, is not begun again: homes would refuse it, or it would end in minutes. Chats
        // have their own copies of its keys.
        let long = |(duty, _): &(Signed<Duty>, DutySecrets)| duty.valid_at(now.unix + SHIFT_LEFT).is_ok();
        if self.taking.is_none() && !self.shift.keys.as_ref().is_some_and(long) {
            self.shift.keys = None;
            self.desk.clear();
            for desk in self.ctx.homes.values_mut() {
                if matches!(desk.standing, Standing::OnDuty | Standing::Publishing) {
                    desk.standing = Standing::In;
                }
            }
        }
        if self.shift.keys.is_none() {
            let secrets = DutySecrets::generate(&mut self.ctx.random);
            let duty = secrets.duty(self.ctx.certificate.serial, now.unix, SHIFT);
            match Signed::sign(duty, &self.ctx.identity, &self.ctx.helpline) {
                Ok(duty) => {
                    self.shift.keys = Some((duty, secrets));
                    self.ctx.emit(Event::ShiftBegan);
                }
                Err(error) => self.ctx.emit(Event::BadObject(error)),
            }
        }
        for desk in self.ctx.homes.values_mut() {
            desk.standing = match desk.standing {
                Standing::Refused(..) => Standing::Fresh,
                Standing::Withdrawn => Standing::In,
                standing => standing,
            };
        }
        self.mail.renew_mail_keys(&mut self.ctx);
        self.work();
    }

    /// Ends the shift; running chats go on.
    pub fn off_duty(&mut self, now: Now) {
        self.withdraw(Wanted::Off, now);
    }

    /// Takes no new tickets for now. A second call ends the break.
    pub fn take_break(&mut self, now: Now) {
        if self.shift.wanted == Wanted::Break {
            self.on_duty(now);
        } else {
            self.withdraw(Wanted::Break, now);
        }
    }

    /// Takes the next ticket in order.
    pub fn take_next(&mut self, now: Now) {
        self.ctx.now = now;
        if self.has_room() {
            self.take();
        } else {
            let max = self.chats_at_once();
            self.ctx.emit(Event::Enough { max });
        }
        self.work();
    }

    fn chats_at_once(&self) -> u8 {
        let settings = self.ctx.links.directory().settings();
        settings.map_or(1, |settings| settings.chats_at_once)
    }

    /// Says something.
    ///
    /// # Errors
    /// [`SayError`]; nothing was taken. [`SayError::Over`] for a chat that is not there.
    pub fn say(
        &mut self,
        chat: &TicketId,
        id: String,
        text: Zeroizing<String>,
        now: Now,
    ) -> Result<(), SayError> {
        self.ctx.now = now;
        let talk = self.chats.get_mut(chat).filter(|talk| talk.is_open());
        let talk = talk.ok_or(SayError::Over)?;
        talk.line.say(id, text, now.tick)?;
        self.work();
        Ok(())
    }

    /// The face has shown the message with this number: the counselor could read it.
    pub fn shown(&mut self, number: u64, now: Now) {
        self.ctx.now = now;
        let Some((chat, id)) = self.numbers.take(number) else {
            return;
        };
        if let Some(seen) = self.seen.get_mut(&chat) {
            seen.show(&RunId::default(), &id);
        }
        if let Some(talk) = self.chats.get_mut(&chat) {
            talk.line.shown(&RunId::default(), &id, now.tick);
        }
        self.work();
    }

    /// Sets the status of the face. The seekers are told in cells that are sent anyway.
    pub fn set_status(&mut self, status: Status) {
        self.status = status;
        for talk in self.chats.values_mut() {
            talk.line.set_status(status);
        }
    }

    /// Ends a chat in peace; `false` if there is none.
    pub fn end(&mut self, chat: &TicketId, now: Now) -> bool {
        self.ctx.now = now;
        let open = self.chats.get(chat).is_some_and(|talk| talk.closing.is_none());
        if open {
            self.finish(*chat, EndedBy::You, ChatOver::Said(EndReason::Finished));
        }
        self.work();
        open
    }

    /// Ends a chat that is abuse, at once; `false` if there is none. Nothing more of it is shown, and the homes are told.
    pub fn block(&mut self, chat: &TicketId, now: Now) -> bool {
        self.ctx.now = now;
        let open = self.chats.get(chat).is_some_and(DeskChat::is_open);
        if open {
            self.block_chat(*chat);
        }
        self.work();
        open
    }

    /// Asks the seeker whether the colleague named `to` may go on.
    ///
    /// # Errors
    /// [`TransferError`]; nothing was asked.
    pub fn transfer(&mut self, chat: &TicketId, to: &str, now: Now) -> Result<(), TransferError> {
        self.ctx.now = now;
        let on_duty = self.ctx.links.directory().on_duty(now.unix);
        // A typed name may be in another normal form than the certified one.
        let named = to.parse::<Label>();
        let colleague = on_duty
            .into_iter()
            .map(|duty| duty.certificate)
            .find(|certificate| {
                certificate.serial != self.ctx.certificate.serial
                    && named.as_ref().is_ok_and(|named| certificate.pseudonym == *named)
            })
            .ok_or(TransferError::NoColleague)?;
        let talk = self.chats.get_mut(chat).filter(|talk| talk.is_open());
        let talk = talk.ok_or(TransferError::NoChat)?;
        let colleague = Colleague {
            serial: colleague.serial,
            pseudonym: colleague.pseudonym.clone(),
        };
        talk.line.ask_transfer(&colleague, now.tick);
        self.work();
        Ok(())
    }

    /// Whether nothing is in flight: the program may stop without losing words.
    #[must_use]
    pub fn drained(&self) -> bool {
        self.shift.off_due.is_none()
            && self.mail.drained()
            && self.chats.values().all(|talk| talk.line.chat().drained())
    }

    fn on_timeout(&mut self) {
        let now = self.ctx.now;
        for talk in self.chats.values_mut() {
            talk.line.handle_timeout(now.tick);
        }
        for desk in self.ctx.homes.values_mut() {
            if matches!(desk.standing, Standing::Refused(at, _) if at <= now.tick) {
                desk.standing = Standing::Fresh;
            }
        }
        self.ctx.links.handle_timeout(&self.unanswered(), now);
        self.open_tickets();
    }

    fn next_timeout(&self) -> Option<Tick> {
        let mut due = vec![
            self.ctx.links.poll_timeout(&self.unanswered(), self.ctx.now.tick),
            self.desk.opening_due(),
            self.shift.off_due,
            self.shift
                .fall_due(&self.ctx)
                .filter(|due| *due > self.ctx.now.tick),
            self.mail.poll_timeout(self.ctx.now.tick),
        ];
        due.extend(self.taking.as_ref().map(|taking| Some(taking.until)));
        for desk in self.ctx.homes.values() {
            if let Standing::Refused(at, _) = desk.standing {
                due.push(Some(at));
            }
        }
        for talk in self.chats.values() {
            due.push(talk.line.poll_timeout());
            due.push(Self::late_due(talk));
            due.push(talk.closing.or_else(|| self.silent_due(talk)));
            due.push(self.reopened_due(talk));
            due.push(talk.opening.as_ref().map(|opening| opening.due));
            due.push(talk.words_due());
        }
        due.into_iter().flatten().min()
    }

    fn unanswered(&self) -> Unanswered {
        let mut oldest = Unanswered::new();
        let open = self.chats.values().filter(|talk| talk.closing.is_none());
        for (home, at) in open.flat_map(|talk| talk.line.unanswered()) {
            let known = oldest.entry(home).or_insert(at);
            *known = at.min(*known);
        }
        oldest
    }

    fn connect_lines(&mut self) {
        for (home, home_x) in self.ctx.links.usable() {
            for talk in self.chats.values_mut() {
                talk.line.home_up(home, &home_x, self.ctx.now.tick);
            }
        }
    }

    /// A new roster may carry fewer homes: a dropped home has no part in anything any more.
    fn drop_homes(&mut self) {
        let dropped: BTreeSet<HomeIndex> = self
            .ctx
            .homes
            .keys()
            .copied()
            .chain(self.mail.reply_homes())
            .filter(|home| !self.ctx.serves(*home))
            .collect();
        for home in dropped {
            self.forget_offers(home);
            self.mail.home_dropped(home);
            for talk in self.chats.values_mut() {
                talk.line.home_down(home, self.ctx.now.tick);
            }
            if self
                .ctx
                .homes
                .get(&home)
                .is_some_and(|desk| desk.standing == Standing::OnDuty)
            {
                self.ctx.withdraw_at(home);
            }
        }
    }

    fn work(&mut self) {
        self.take_news();
        self.work_duty();
        self.work_taking();
        self.take_mine();
        self.work_chats();
        self.mail.work(&mut self.ctx);
        for talk in self.chats.values_mut() {
            talk.line.ratchet(&mut self.ctx.random, self.ctx.now.tick);
            while let Some((home, message)) = talk.line.poll_output() {
                self.ctx.links.send(home, message);
            }
        }
        let unanswered = self.unanswered();
        self.ctx.links.judge(&unanswered, self.ctx.now);
        self.take_news();
        self.tell_desk();
    }

    fn take_news(&mut self) {
        while let Some(news) = self.ctx.links.poll_news() {
            match news {
                DirectoryEvent::Roster => {
                    self.ctx.emit(Event::RosterChanged);
                    self.drop_homes();
                    self.connect_lines();
                    let serial = self.ctx.certificate.serial;
                    let roster = self.ctx.links.directory().roster();
                    let unlisted =
                        roster.is_some_and(|roster| !roster.lists(&self.ctx.certificate.hash(), serial));
                    // A counselor that the roster has dropped counts as revoked. One that was never listed only waits:
                    // another home may have the roster that lists the counselor, and the homes without it refuse the
                    // duty themselves.
                    let dropped = roster.is_some_and(|roster| roster.revoked.contains(&serial))
                        || self.shift.told
                        || !self.chats.is_empty();
                    if unlisted && dropped {
                        self.fall(OffReason::Home(Refusal::Revoked));
                        self.end_revoked();
                    }
                }
                DirectoryEvent::Split(split) => self.ctx.emit(Event::SplitView { chat: None, split }),
                // A desk is no stranger: nothing is asked of it.
                DirectoryEvent::Settings | DirectoryEvent::Duties | DirectoryEvent::Prices(..) => {}
                DirectoryEvent::Link(state) => self.ctx.emit(Event::Link(state)),
                DirectoryEvent::Refused(error) => self.ctx.emit(Event::BadObject(error)),
            }
        }
    }

    fn on_message(&mut self, home: HomeIndex, request: u32, message: &HomeMessage) {
        for talk in self.chats.values_mut() {
            if talk.line.handle_message(home, message, self.ctx.now.tick) {
                return;
            }
        }
        if self.mail.take_message(&mut self.ctx, home, request, message) {
            return;
        }
        match message {
            HomeMessage::LoggedIn {} => {
                self.ctx.stand(home, Standing::LoggingIn, Standing::In);
            }
            HomeMessage::OnDuty {} => {
                // The home may have said meanwhile that it does not hold the duty. Its later word counts.
                let answers = |desk: &&mut HomeDesk| {
                    desk.asked == request
                        && matches!(
                            desk.standing,
                            Standing::Publishing | Standing::Refused(..) | Standing::Withdrawn | Standing::In
                        )
                };
                let desk = self.ctx.homes.get_mut(&home).filter(answers);
                let stands = desk.map(|desk| desk.standing = Standing::OnDuty).is_some();
                if stands && (self.shift.wanted != Wanted::On || !self.ctx.serves(home)) {
                    // The counselor went off duty while this was in flight.
                    self.ctx.withdraw_at(home);
                }
                // The count is told again after each reconnect, also when it is the same.
                self.desk_told = None;
            }
            HomeMessage::OffDuty { reason } => self.take_off_duty(home, request, *reason),
            HomeMessage::TicketGone { ticket } => {
                self.desk.gone(home, ticket);
                if let Some(talk) = self.chats.get_mut(ticket) {
                    talk.newer.remove(&home);
                }
            }
            HomeMessage::Living { ticket, living } => self.desk.set_living(home, ticket, *living != 0),
            HomeMessage::Granted { claim, .. } => self.take_grant(home, request, *claim),
            HomeMessage::Yours { ticket, attempt } => self.take_yours(home, *ticket, *attempt),
            HomeMessage::Refused { token, reason, .. } => {
                self.take_refusal(home, request, TicketId(token.0), *reason)
            }
            _ => {}
        }
    }

    fn take_refusal(&mut self, home: HomeIndex, request: u32, id: TicketId, reason: Refusal) {
        if let Some(taking) = &mut self.taking
            && taking.asked.get(&request) == Some(&home)
        {
            taking.asked.remove(&request);
            return;
        }
        if let Some(talk) = self.chats.get_mut(&id) {
            talk.answered.remove(&home);
            if talk.answered.is_empty() && talk.intake.is_some() && talk.closing.is_none() {
                self.finish(id, EndedBy::Peer, ChatOver::Taken);
            }
            return;
        }
        let Some(desk) = self.ctx.homes.get_mut(&home) else {
            return;
        };
        let asked = match desk.standing {
            Standing::LoggingIn | Standing::Publishing => desk.asked,
            Standing::Withdrawing(asked) => asked,
            _ => return,
        };
        if asked == request {
            desk.standing = if reason == Refusal::Stale && desk.standing == Standing::Publishing {
                // Another program of this counselor published a later duty at that home.
                Standing::Withdrawn
            } else {
                Standing::Refused(self.ctx.now.tick + DUTY_AGAIN, reason)
            };
        }
    }
}

client_machine!(Counselor, Event);

impl core::fmt::Debug for Counselor {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            formatter,
            "Counselor({} chats, {:?})",
            self.chats.len(),
            self.directory()
        )
    }
}

#[cfg(test)]
mod tests;
