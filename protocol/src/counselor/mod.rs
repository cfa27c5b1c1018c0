//! The counselor's machine: her shift, the desk, and her chats.
//!
//! Contract: give it **one** input (a link that came or went, a record, a command, a timeout), then drain
//! [`Counselor::poll_output`] and [`Counselor::poll_event`] until both give none, then ask
//! [`Counselor::poll_timeout`]. After [`Output::Disconnect`] the driver closes that link and says
//! [`Counselor::link_down`].
//!
//! A chat is shown only after the seeker's first cell: until then she may have taken a colleague's answer.

mod desk;
mod mail;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use zeroize::Zeroizing;

use desk::{Desk, Next, Waiting};
use mail::Mail;
pub use mail::{KeptMailKey, MAIL_KEYS_MAX, ReplyError};

use crate::{
    chat::{
        Beginning, Chat, ChatEvent, Colleague, EndReason, Role, SayError, Seen, Source, State, line::Line,
    },
    directory::Directory,
    keys::{DhPublic, DhSecret, HelplineId, RootKey, SignKey},
    link,
    links::{Heard, Links, News},
    live,
    mail::DepositId,
    objects::{Certificate, Delegation, Duty, DutySecrets, ObjectError, Signed},
    phrase,
    random::{self, Random},
    seeker::{EndedBy, LINGER_MS},
    ticket::{self, Intake, TicketId},
    time::{Millis, Moment},
    tokens,
    wire::{Kind, Posting, Record, Refusal, postcard_decode},
};

pub use crate::links::{LinkState, Output};

/// Length of a shift's keys, in seconds: 12 hours, one working day with its overtime.
pub const SHIFT_SECONDS: u64 = 12 * 3_600;
/// Keys of an earlier run are used again when they are valid for at least this long, in seconds.
const SHIFT_LEFT_SECONDS: u64 = 3_600;
/// Without the seeker's first cell for this long, an answer counts as lost, in milliseconds.
pub const HELLO_MS: u64 = 60_000;
/// Without a cell of the seeker for this long, while a link is up, she counts as gone, in milliseconds.
pub const SEEKER_SILENT_MS: u64 = 180_000;
/// A claim that no home answered is given up after this long, in milliseconds.
const TAKE_MS: u64 = 10_000;
/// A login or duty that a home refused for now is tried again after this long, in milliseconds.
const DUTY_AGAIN_MS: u64 = 10_000;
/// Homes have this long to confirm that a duty is withdrawn, in milliseconds.
const OFF_DUTY_MS: u64 = 3_000;

/// What happened, for the person.
pub enum Event {
    /// The keys of the shift are new and must be kept, sealed: see [`Counselor::shift`].
    ShiftBegan,
    /// The keys of the shift can be deleted.
    ShiftEnded,
    /// At least one home holds her duty.
    OnDuty,
    /// No home holds her duty.
    OffDuty(OffReason),
    /// How many wait, of those she could take, and how many of them say they are in danger.
    Desk {
        /// All.
        waiting: u32,
        /// Of these, in danger.
        urgent: u32,
    },
    /// A chat began.
    Chat {
        /// Its ticket.
        chat: TicketId,
        /// What the seeker said first.
        intake: Intake,
        /// Whether she proved that she was here before.
        returning: bool,
    },
    /// Words from the seeker.
    Message {
        /// The chat.
        chat: TicketId,
        /// The sender's id.
        id: String,
        /// The words.
        text: Zeroizing<String>,
    },
    /// One of her own messages came further.
    State {
        /// The chat.
        chat: TicketId,
        /// Her id.
        id: String,
        /// How far.
        state: State,
    },
    /// The links stand otherwise than before.
    Link(LinkState),
    /// A chat is over.
    Ended {
        /// The chat.
        chat: TicketId,
        /// Who ended it.
        by: EndedBy,
        /// Why.
        reason: ChatOver,
    },
    /// The seeker would rather stay.
    TransferDeclined {
        /// The chat.
        chat: TicketId,
    },
    /// Nobody waits.
    NobodyWaits,
    /// She has as many chats as the association allows.
    Enough {
        /// The limit.
        max: u8,
    },
    /// A home showed something that does not hold.
    BadObject(ObjectError),
    /// The mail keys changed and must be kept, sealed: see [`Counselor::mail_keys`]. When they are, say
    /// [`Counselor::mail_keys_kept`].
    MailKeysChanged,
    /// A sealed message that she can open.
    Mail {
        /// Its name.
        mail: DepositId,
        /// The words.
        text: Zeroizing<String>,
        /// Whether its author came back with a phrase.
        returning: bool,
    },
    /// A sealed message does not wait any more: a colleague has answered it, or its time is over.
    MailAnswered {
        /// Its name.
        mail: DepositId,
    },
    /// One of her replies came further.
    MailState {
        /// The message it answers.
        mail: DepositId,
        /// Her id.
        id: String,
        /// How far.
        state: State,
    },
    /// A reply will not arrive.
    NotReplied(Refusal),
}

/// Why a chat was not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// Nobody of that name is on duty.
    #[error("nobody of that name is on duty now")]
    NoColleague,
    /// There is no such chat.
    #[error("there is no such chat")]
    NoChat,
}

/// Why a duty ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffReason {
    /// She asked.
    Asked,
    /// A break.
    Break,
    /// A home refused it or took it back.
    Home(Refusal),
}

/// Why a chat is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatOver {
    /// As the last cell says.
    Said(EndReason),
    /// A colleague has it.
    Taken,
    /// The seeker is not there any more.
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Off,
    On,
    Break,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
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

struct HomeDesk {
    hash: [u8; 32],
    home_x: DhPublic,
    standing: Standing,
}

struct Taking {
    ticket: TicketId,
    waiting: Waiting,
    /// Homes that have not answered, by request.
    asked: BTreeMap<u32, usize>,
    until: Millis,
}

struct Talk {
    line: Line,
    attempt: u32,
    message_2: Vec<u8>,
    secret: crate::kdf::Secret,
    /// Until the seeker's first cell.
    intake: Option<Intake>,
    /// Homes where the answer lies.
    answered: BTreeSet<usize>,
    /// Homes that offer the ticket again as it was answered, with what they offer: they lost the answer, or never had
    /// it. Should the seeker not have it from another home either, she still waits.
    offered: BTreeMap<usize, Vec<u8>>,
    since: Millis,
    closing: Option<Millis>,
}

/// The machine.
pub struct Counselor {
    helpline: HelplineId,
    random: Random,
    links: Links,
    identity: SignKey,
    certificate: Signed<Certificate>,
    shift: Option<(Signed<Duty>, DutySecrets)>,
    shift_used: bool,
    wanted: Wanted,
    on_duty_told: bool,
    off_due: Option<Millis>,
    homes: BTreeMap<usize, HomeDesk>,
    desk: Desk,
    desk_told: Option<(u32, u32)>,
    taking: Option<Taking>,
    chats: BTreeMap<TicketId, Talk>,
    seen: BTreeMap<TicketId, Seen>,
    /// This run of the program; see [`Source`].
    source: Source,
    /// Tickets of chats that an earlier run had: opened again, they are taken without being asked for.
    mine: BTreeMap<TicketId, u32>,
    mail: Mail,
    events: VecDeque<Event>,
    now: Moment,
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
        now: Moment,
    ) -> Self {
        let usable = |(duty, _): &(Signed<Duty>, DutySecrets)| {
            duty.serial == certificate.serial && duty.valid_at(now.unix.plus(SHIFT_LEFT_SECONDS)).is_ok()
        };
        Self {
            helpline: root.helpline(),
            source: random::public(&mut random),
            mine: BTreeMap::new(),
            random,
            links: Links::new(root, now),
            identity,
            shift: shift.filter(usable),
            certificate,
            shift_used: false,
            wanted: Wanted::Off,
            on_duty_told: false,
            off_due: None,
            homes: BTreeMap::new(),
            desk: Desk::default(),
            desk_told: None,
            taking: None,
            chats: BTreeMap::new(),
            seen: BTreeMap::new(),
            mail: Mail::default(),
            events: VecDeque::new(),
            now,
        }
    }

    /// What she believes about the helpline.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        self.links.directory()
    }

    /// The keys of the shift, to be kept sealed.
    #[must_use]
    pub const fn shift(&self) -> Option<&(Signed<Duty>, DutySecrets)> {
        self.shift.as_ref()
    }

    /// A link with `home` stands, with its handshake hash.
    pub fn link_up(&mut self, home: usize, delegation: Signed<Delegation>, hash: [u8; 32], now: Moment) {
        self.now = now;
        let desk = HomeDesk {
            hash,
            home_x: delegation.home_x,
            standing: Standing::Fresh,
        };
        self.homes.insert(home, desk);
        self.links.link_up(home, delegation, now);
        self.connect_lines();
        self.work();
    }

    /// The link with `home` is gone.
    pub fn link_down(&mut self, home: usize, now: Moment) {
        self.now = now;
        self.homes.remove(&home);
        self.links.link_down(home, now);
        self.desk.home_gone(home);
        self.mail.home_down(home);
        if let Some(taking) = &mut self.taking {
            taking.asked.retain(|_, other| *other != home);
        }
        for talk in self.chats.values_mut() {
            talk.line.home_down(home, now.tick);
            talk.offered.remove(&home);
        }
        // What is told of the desk now is only half of it; the next count comes after the reconnect.
        if self.homes.is_empty() {
            self.desk_told = None;
        }
        self.work();
    }

    /// A record came from `home`.
    pub fn handle_record(&mut self, home: usize, record: Record, now: Moment) {
        self.now = now;
        match self.links.handle_record(home, record, now) {
            Heard::Nothing => {}
            Heard::Record(record) => self.take_record(home, &record),
            Heard::Ticket(ticket) => self.take_ticket(home, &ticket),
            Heard::Object(record, object) if record.kind == Kind::Mail => {
                self.take_mail(home, &record, &object);
            }
            Heard::Object(..) => {}
        }
        self.work();
    }

    /// Begins the shift, or comes back from a break.
    pub fn on_duty(&mut self, now: Moment) {
        self.now = now;
        self.wanted = Wanted::On;
        self.shift_used = true;
        self.off_due = None;
        if self.shift.is_none() {
            let secrets = DutySecrets::generate(&mut self.random);
            let duty = secrets.duty(self.certificate.serial, now.unix, SHIFT_SECONDS);
            match Signed::sign(duty, &self.identity, &self.helpline) {
                Ok(duty) => {
                    self.shift = Some((duty, secrets));
                    self.events.push_back(Event::ShiftBegan);
                }
                Err(error) => self.events.push_back(Event::BadObject(error)),
            }
        }
        for desk in self.homes.values_mut() {
            if let Standing::Refused(_) = desk.standing {
                desk.standing = Standing::Fresh;
            }
        }
        self.renew_mail_keys();
        self.work();
    }

    /// Ends the shift; running chats go on.
    pub fn off_duty(&mut self, now: Moment) {
        self.withdraw(Wanted::Off, now);
    }

    /// No new tickets for now; again to come back.
    pub fn take_break(&mut self, now: Moment) {
        if self.wanted == Wanted::Break {
            self.on_duty(now);
        } else {
            self.withdraw(Wanted::Break, now);
        }
    }

    fn withdraw(&mut self, wanted: Wanted, now: Moment) {
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

    /// Takes the next ticket in order.
    pub fn take_next(&mut self, now: Moment) {
        self.now = now;
        let max = self
            .links
            .directory()
            .settings()
            .map_or(1, |settings| settings.chats_at_once);
        let open = self.chats.values().filter(|talk| talk.closing.is_none()).count();
        if open + usize::from(self.taking.is_some()) >= usize::from(max) {
            self.events.push_back(Event::Enough { max });
        } else {
            self.take();
        }
        self.work();
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
        now: Moment,
    ) -> Result<(), SayError> {
        self.now = now;
        let shown = |talk: &&mut Talk| talk.closing.is_none() && talk.intake.is_none();
        let talk = self.chats.get_mut(chat).filter(shown).ok_or(SayError::Over)?;
        talk.line.say(id, text, now.tick)?;
        self.work();
        Ok(())
    }

    /// Ends a chat in peace; `false` if there is none.
    pub fn end(&mut self, chat: &TicketId, now: Moment) -> bool {
        self.now = now;
        let open = self.chats.get(chat).is_some_and(|talk| talk.closing.is_none());
        if open {
            self.finish(*chat, EndedBy::You, ChatOver::Said(EndReason::Finished));
        }
        self.work();
        open
    }

    /// Asks the seeker whether the colleague named `to` may go on.
    ///
    /// # Errors
    /// [`TransferError`]; nothing was asked.
    pub fn transfer(&mut self, chat: &TicketId, to: &str, now: Moment) -> Result<(), TransferError> {
        self.now = now;
        let on_duty = self.links.directory().on_duty(now.unix);
        let colleague = on_duty
            .into_iter()
            .map(|duty| duty.certificate)
            .find(|certificate| {
                certificate.serial != self.certificate.serial && certificate.pseudonym.as_str() == to
            })
            .ok_or(TransferError::NoColleague)?;
        let shown = |talk: &&mut Talk| talk.closing.is_none() && talk.intake.is_none();
        let talk = self
            .chats
            .get_mut(chat)
            .filter(shown)
            .ok_or(TransferError::NoChat)?;
        let colleague = Colleague {
            serial: colleague.serial,
            pseudonym: colleague.pseudonym.clone(),
        };
        talk.line.ask_transfer(&colleague, now.tick);
        self.work();
        Ok(())
    }

    /// Whether nothing is on its way: a program may stop without losing words.
    #[must_use]
    pub fn drained(&self) -> bool {
        self.off_due.is_none()
            && self.mail.drained()
            && self.chats.values().all(|talk| talk.line.chat().drained())
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.now = now;
        for talk in self.chats.values_mut() {
            talk.line.handle_timeout(now.tick);
        }
        for desk in self.homes.values_mut() {
            if matches!(desk.standing, Standing::Refused(at) if at <= now.tick) {
                desk.standing = Standing::Fresh;
            }
        }
        self.links.handle_timeout(self.waiting_since(), now);
        self.work();
    }

    /// When to be woken.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Millis> {
        let mut due = vec![
            self.links.poll_timeout(self.waiting_since(), self.now.tick),
            self.off_due,
            self.mail.poll_timeout(self.now.tick),
        ];
        due.extend(self.taking.as_ref().map(|taking| Some(taking.until)));
        for desk in self.homes.values() {
            if let Standing::Refused(at) = desk.standing {
                due.push(Some(at));
            }
        }
        for talk in self.chats.values() {
            due.push(talk.line.poll_timeout());
            due.push(talk.closing.or_else(|| self.silent_due(talk)));
        }
        due.into_iter().flatten().min()
    }

    /// What to do on the network.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.links.poll_output()
    }

    /// What to show.
    pub fn poll_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        let event = self.poll_chats();
        self.work();
        event.or_else(|| self.events.pop_front())
    }

    fn poll_chats(&mut self) -> Option<Event> {
        let ids: Vec<TicketId> = self.chats.keys().copied().collect();
        for chat in ids {
            while let Some(event) = self
                .chats
                .get_mut(&chat)
                .and_then(|talk| talk.line.poll_event(self.now.tick))
            {
                match event {
                    ChatEvent::Ready => {
                        let returning = self.returning(&chat);
                        let intake = self.chats.get_mut(&chat).and_then(|talk| talk.intake.take());
                        if let Some(intake) = intake {
                            return Some(Event::Chat {
                                chat,
                                intake,
                                returning,
                            });
                        }
                    }
                    ChatEvent::Message { id, text } => {
                        let seen = self.seen.entry(chat).or_default();
                        seen.entry(Source::default()).or_default().insert(id.clone());
                        return Some(Event::Message { chat, id, text });
                    }
                    ChatEvent::State { id, state } => return Some(Event::State { chat, id, state }),
                    ChatEvent::TransferAsked(_) => {}
                    ChatEvent::TransferAnswered(true) => {
                        self.finish(chat, EndedBy::Peer, ChatOver::Said(EndReason::Transferred));
                        if let Some(event) = self.events.pop_front() {
                            return Some(event);
                        }
                    }
                    ChatEvent::TransferAnswered(false) => return Some(Event::TransferDeclined { chat }),
                    ChatEvent::Ended(reason) => {
                        self.finish(chat, EndedBy::Peer, ChatOver::Said(reason));
                        if let Some(event) = self.events.pop_front() {
                            return Some(event);
                        }
                    }
                }
            }
        }
        None
    }

    /// Whether the seeker's first cell proves to this counselor that she was here before.
    fn returning(&self, chat: &TicketId) -> bool {
        let (Some(talk), Some((_, secrets))) = (self.chats.get(chat), &self.shift) else {
            return false;
        };
        let (chat, helpline) = (talk.line.chat(), &self.helpline);
        phrase::verify_proof(helpline, &secrets.x, chat.handshake_hash(), chat.hello_extra()).is_some()
    }

    fn waiting_since(&self) -> Option<Millis> {
        let open = self.chats.values().filter(|talk| talk.closing.is_none());
        open.filter_map(|talk| talk.line.oldest_unanswered()).min()
    }

    fn connect_lines(&mut self) {
        for (home, home_x) in self.links.usable() {
            for talk in self.chats.values_mut() {
                talk.line.home_up(home, &home_x, self.now.tick);
            }
        }
    }

    fn work(&mut self) {
        self.take_news();
        self.work_duty();
        self.work_taking();
        self.take_mine();
        self.work_chats();
        self.work_mail();
        for talk in self.chats.values_mut() {
            talk.line.heal(&mut self.random, self.now.tick);
            while let Some((home, record)) = talk.line.poll_output() {
                self.links.send(home, record);
            }
        }
        let since = self.waiting_since();
        self.links.judge(since, self.now);
        self.take_news();
        self.tell_desk();
    }

    fn take_news(&mut self) {
        while let Some(news) = self.links.poll_news() {
            match news {
                News::Roster => {
                    self.connect_lines();
                    let serial = self.certificate.serial;
                    let roster = self.links.directory().roster();
                    let unlisted =
                        roster.is_some_and(|roster| !roster.lists(&self.certificate.hash(), serial));
                    if unlisted {
                        // Dropped from the list counts as taken back; who never stood there only waits for it.
                        let dropped = roster.is_some_and(|roster| roster.revoked.contains(&serial))
                            || self.on_duty_told
                            || !self.chats.is_empty();
                        self.fall(if dropped {
                            Refusal::Revoked
                        } else {
                            Refusal::NotListed
                        });
                    }
                }
                News::Settings | News::Duties => {}
                News::Link(state) => self.events.push_back(Event::Link(state)),
                News::Refused(error) => self.events.push_back(Event::BadObject(error)),
            }
        }
    }

    // ── the shift ──

    fn work_duty(&mut self) {
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
    fn fall(&mut self, reason: Refusal) {
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

    fn take_record(&mut self, home: usize, record: &Record) {
        for talk in self.chats.values_mut() {
            if talk.line.handle_record(home, record, self.now.tick) {
                return;
            }
        }
        if self.take_mail_record(home, record) {
            return;
        }
        match record.kind {
            Kind::LoggedIn => self.stand(home, Standing::LoggingIn, Standing::In),
            Kind::OnDuty => {
                self.stand(home, Standing::Publishing, Standing::OnDuty);
                if self.wanted != Wanted::On {
                    // She went off duty while this was on its way.
                    self.links.ask(home, Record::new(Kind::WithdrawDuty), self.now);
                }
                // The count is told again after each reconnect, also when it is the same.
                self.desk_told = None;
            }
            Kind::OffDuty => self.take_off_duty(home, record),
            Kind::TicketGone => {
                let id = TicketId(record.token);
                self.desk.gone(home, &id);
                if let Some(talk) = self.chats.get_mut(&id) {
                    talk.offered.remove(&home);
                }
            }
            Kind::Granted => self.take_grant(home, record),
            Kind::Yours => self.take_yours(home, record),
            Kind::Refused => self.take_refusal(home, record),
            _ => {}
        }
    }

    fn stand(&mut self, home: usize, from: Standing, to: Standing) {
        if let Some(desk) = self.homes.get_mut(&home)
            && desk.standing == from
        {
            desk.standing = to;
        }
    }

    fn take_off_duty(&mut self, home: usize, record: &Record) {
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

    fn take_refusal(&mut self, home: usize, record: &Record) {
        let reason = postcard_decode(&record.body).unwrap_or(Refusal::Malformed);
        if let Some(taking) = &mut self.taking
            && taking.asked.remove(&record.request).is_some()
        {
            return;
        }
        let id = TicketId(record.token);
        if let Some(talk) = self.chats.get_mut(&id) {
            talk.answered.remove(&home);
            if talk.answered.is_empty() && talk.intake.is_some() && talk.closing.is_none() {
                self.finish(id, EndedBy::Peer, ChatOver::Taken);
            }
            return;
        }
        let Some(desk) = self.homes.get_mut(&home) else {
            return;
        };
        if matches!(desk.standing, Standing::LoggingIn | Standing::Publishing) {
            desk.standing = Standing::Refused(self.now.tick + DUTY_AGAIN_MS);
            // A home that has no roster yet may have one soon; the other reasons are about her.
            if !matches!(reason, Refusal::NoRoster | Refusal::Busy) && !self.on_duty_told {
                self.fall(reason);
            }
        }
    }

    // ── the desk ──

    fn take_ticket(&mut self, home: usize, ticket: &[u8]) {
        let Some(posting) = postcard_decode::<Posting>(ticket) else {
            return;
        };
        let (id, attempt) = (posting.ticket, posting.attempt);
        if let Some(talk) = self.chats.get_mut(&id) {
            if attempt == talk.attempt && talk.intake.is_some() {
                talk.offered.insert(home, ticket.to_vec());
            }
            if attempt <= talk.attempt {
                return;
            }
            // She opened her ticket again: from her side the old chat is over, also one that only lingers.
            self.finish(id, EndedBy::Peer, ChatOver::Gone);
            self.close(id);
        }
        let (Some((duty, secrets)), Wanted::On) = (&self.shift, self.wanted) else {
            return;
        };
        let order = posting.receipt.map_or(u64::MAX, |receipt| receipt.order);
        let helpline = self.helpline;
        self.desk.open(home, id, attempt, order, || {
            ticket::open(&helpline, id, attempt, &posting.body.0, duty, secrets).ok()
        });
    }

    /// A home says that a chat of this counselor stands. If this run of the program has not got it, its keys are
    /// gone: the seeker is told, so that she need not wait for the silence.
    fn take_yours(&mut self, home: usize, record: &Record) {
        let id = TicketId(record.token);
        if self.chats.contains_key(&id) || self.taking.as_ref().is_some_and(|taking| taking.ticket == id) {
            return;
        }
        let Ok(attempt) = u32::try_from(record.index) else {
            return;
        };
        let signature = self
            .identity
            .sign(&live::lost_message(&self.helpline, &id, attempt, &self.source));
        self.mine.insert(id, attempt);
        let lost = Record::new(Kind::Lost).token(id.0).index(record.index);
        self.links
            .send(home, lost.body([signature.as_slice(), &self.source].concat()));
    }

    /// Takes again what an earlier run of this program had.
    fn take_mine(&mut self) {
        if self.taking.is_some() || self.wanted != Wanted::On {
            return;
        }
        // Only a ticket that was opened again after it was lost: what a home names alone takes nobody.
        let again =
            |(id, lost): &(&TicketId, &u32)| self.desk.attempt(id).is_some_and(|attempt| attempt > **lost);
        let open = self.mine.iter().find(again).map(|(id, _)| *id);
        if let Some(id) = open
            && let Some(next) = self.desk.take(&id)
        {
            self.mine.remove(&id);
            self.claim(next);
        }
    }

    fn tell_desk(&mut self) {
        let standing = self.homes.values().any(|desk| desk.standing == Standing::OnDuty);
        let counts = self.desk.counts();
        let known = self.desk_told.is_some() || standing;
        if known && self.desk_told != Some(counts) {
            self.desk_told = Some(counts);
            let (waiting, urgent) = counts;
            self.events.push_back(Event::Desk { waiting, urgent });
        }
    }

    fn take(&mut self) {
        let Some(next) = self.desk.take_next() else {
            self.events.push_back(Event::NobodyWaits);
            return;
        };
        self.claim(next);
    }

    fn claim(&mut self, (ticket, waiting, homes): Next) {
        let mut asked = BTreeMap::new();
        for home in homes {
            let claim = Record::new(Kind::Claim)
                .token(ticket.0)
                .index(u64::from(waiting.attempt));
            asked.insert(self.links.ask(home, claim, self.now), home);
        }
        self.taking = Some(Taking {
            ticket,
            waiting,
            asked,
            until: self.now.tick + TAKE_MS,
        });
    }

    fn work_taking(&mut self) {
        let Some(taking) = &self.taking else { return };
        if taking.asked.is_empty() || taking.until <= self.now.tick {
            let answered = self.chats.contains_key(&taking.ticket);
            self.taking = None;
            // A colleague was quicker everywhere: the next one then.
            if !answered && self.wanted == Wanted::On {
                self.take();
            }
        }
    }

    fn take_grant(&mut self, home: usize, record: &Record) {
        let Some(taking) = &mut self.taking else { return };
        if taking.asked.remove(&record.request) != Some(home) {
            return;
        }
        let (ticket, attempt) = (taking.ticket, taking.waiting.attempt);
        // The home that granted this is late: a newer body lies on the desk. An answer to the older one could become a
        // chat beside it, and whoever takes the newer one would end that chat and its words.
        if self.desk.attempt(&ticket).is_some_and(|newest| newest > attempt) {
            return;
        }
        let known = self
            .chats
            .get(&ticket)
            .is_some_and(|talk| talk.attempt == attempt);
        if !known && !self.answer(ticket) {
            return;
        }
        let Some(home_x) = self.homes.get(&home).map(|desk| desk.home_x) else {
            return;
        };
        let Some(talk) = self.chats.get_mut(&ticket) else {
            return;
        };
        talk.answered.insert(home);
        let slot = tokens::answer_slot(&self.helpline, &talk.secret, attempt, &home_x);
        let body = [ticket.0.as_slice(), &talk.message_2].concat();
        let answer = Record::new(Kind::Answer).token(*slot).ack(record.ack).body(body);
        self.links.send(home, answer);
    }

    /// Makes message 2, once for all homes, and the chat that waits for the seeker's first cell.
    fn answer(&mut self, ticket: TicketId) -> bool {
        let (Some(taking), Some((duty, secrets))) = (&self.taking, &self.shift) else {
            return false;
        };
        let version = self.links.directory().roster().map_or(0, |roster| roster.version);
        let opened = &taking.waiting.opened;
        let Ok((message_2, established)) = opened.answer(duty, secrets, version, &mut self.random) else {
            return false;
        };
        let seen = self.seen.get(&ticket).cloned().unwrap_or_default();
        let beginning = Beginning {
            helpline: self.helpline,
            ticket,
            established,
            role: Role::Counselor(DhSecret::from_bytes(&secrets.x.to_bytes()), self.source),
            seen,
            extra: Vec::new(),
        };
        let chat = Chat::new(beginning, &mut self.random, self.now.tick);
        let talk = Talk {
            line: Line::new(self.helpline, chat),
            attempt: taking.waiting.attempt,
            message_2,
            secret: opened.secret.clone(),
            intake: Some(opened.intake.clone()),
            answered: BTreeSet::new(),
            since: self.now.tick,
            offered: BTreeMap::new(),
            closing: None,
        };
        // Nothing of this ticket should be left here; if it is, its words are said to have failed.
        self.finish(ticket, EndedBy::Peer, ChatOver::Gone);
        self.close(ticket);
        self.chats.insert(ticket, talk);
        self.connect_lines();
        true
    }

    // ── the chats ──

    /// When the seeker counts as gone, or as somebody else's.
    fn silent_due(&self, talk: &Talk) -> Option<Millis> {
        if talk.intake.is_some() {
            return Some(talk.since + HELLO_MS);
        }
        let up = self.links.up_since()?;
        Some(talk.line.chat().last_in().max(up) + SEEKER_SILENT_MS)
    }

    fn work_chats(&mut self) {
        let now = self.now.tick;
        let silent: Vec<_> = self
            .chats
            .iter()
            .filter(|(_, talk)| talk.closing.is_none() && self.silent_due(talk).is_some_and(|due| due <= now))
            .map(|(chat, talk)| {
                (
                    *chat,
                    if talk.intake.is_some() {
                        ChatOver::Taken
                    } else {
                        ChatOver::Gone
                    },
                )
            })
            .collect();
        for (chat, reason) in silent {
            self.finish(chat, EndedBy::Peer, reason);
        }
        let over = |talk: &Talk| {
            talk.closing
                .is_some_and(|until| until <= now || talk.line.chat().over())
        };
        let done: Vec<_> = self
            .chats
            .iter()
            .filter(|(_, talk)| over(talk))
            .map(|(chat, _)| *chat)
            .collect();
        for chat in done {
            self.close(chat);
        }
    }

    fn finish(&mut self, chat: TicketId, by: EndedBy, reason: ChatOver) {
        let now = self.now.tick;
        let Some(talk) = self.chats.get_mut(&chat).filter(|talk| talk.closing.is_none()) else {
            return;
        };
        self.events.push_back(Event::Ended { chat, by, reason });
        match reason {
            ChatOver::Said(reason) => {
                let own = if by == EndedBy::Peer {
                    EndReason::Finished
                } else {
                    reason
                };
                talk.line.end(own, now);
                talk.closing = Some(now + LINGER_MS);
            }
            // Nobody is at the other end.
            ChatOver::Taken | ChatOver::Gone => {
                let offered = core::mem::take(&mut talk.offered);
                self.close(chat);
                for (home, ticket) in offered {
                    self.take_ticket(home, &ticket);
                }
            }
        }
    }

    fn close(&mut self, chat: TicketId) {
        let Some(mut talk) = self.chats.remove(&chat) else {
            return;
        };
        for (id, state) in talk.line.take_states() {
            self.events.push_back(Event::State { chat, id, state });
        }
        for (id, _) in talk.line.take_unreceived() {
            self.events.push_back(Event::State {
                chat,
                id,
                state: State::Failed,
            });
        }
        talk.line.close();
        while let Some((home, record)) = talk.line.poll_output() {
            self.links.send(home, record);
        }
    }
}

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
