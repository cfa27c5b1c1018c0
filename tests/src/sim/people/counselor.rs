//! The counselors of the simulator: what they do, and what they saw.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use hamsa_protocol_planted::{
    counselor::{Counselor, Event as DeskEvent, OffReason, ReplyError},
    crypto::{
        kem::{KemSecret, SEED_LEN},
        keys::{DhSecret, RootKey, SignKey},
    },
    objects::{Certificate, Duty, DutySecrets, MailKey, MailKeySecrets, Roster, Serial, Signed, TicketId},
    session::{
        chat::{EndedBy, FIRST_ID, Pace, SayError, State, Status},
        mail::DepositId,
    },
    time::{Now, Tick},
};
use zeroize::Zeroizing;

use super::{
    FIRST_WORDS, Feed, counted,
    eyes::{Eyes, Unseen},
    first_id, told,
};
use crate::sim::{
    judge::{Judge, Process, Wrong},
    seeded,
};

/// A counselor takes the next this long after the desk says that somebody waits, in milliseconds.
const TAKE_PAUSE_MS: u64 = 500;

/// While somebody waits she looks again this often, in milliseconds.
const LOOK_AGAIN_MS: u64 = 5_000;

/// After so many messages of a seeker a counselor who passes her chats on asks for it.
const PASS_AFTER: usize = 20;

/// After so many messages a counselor who blocks her chats does so.
const BLOCK_AFTER: usize = 40;

/// So long after homes took her off duty a counselor has read it and says that she is there, in milliseconds.
const ON_AGAIN_MS: u64 = 10_000;

/// What a counselor's vault keeps of a shift: its duty, the key and the seed of its KEM.
type KeptShift = (Signed<Duty>, [u8; 32], Zeroizing<[u8; SEED_LEN]>);

/// What a counselor's vault keeps of a mail key.
type KeptMail = (Signed<MailKey>, [u8; 32], Zeroizing<[u8; SEED_LEN]>);

/// A counselor, and what she saw since her client was started.
pub struct CounselorSeat {
    /// Her machine.
    pub machine: Counselor,
    /// Which client of the world it is.
    pub process: Process,
    root: RootKey,
    identity: [u8; 32],
    certificate: Signed<Certificate>,
    seed: u64,
    kept: Option<KeptShift>,
    kept_mail: Vec<KeptMail>,
    kept_roster: Option<Signed<Roster>>,
    /// Sealed messages: name, words, whether their author came back.
    pub mail: Vec<(DepositId, String, bool)>,
    /// Of these, what she was told is answered.
    pub mail_gone: BTreeSet<DepositId>,
    /// The last state of each of her replies.
    pub replied: BTreeMap<String, State>,
    /// Tickets whose seekers proved that they were here before.
    pub returning: BTreeSet<TicketId>,
    pub(super) take_at: Option<Tick>,
    /// Homes took her off duty for no reason of hers: when she says again that she is there, as the face tells her.
    pub(super) on_again_at: Option<Tick>,
    pub(super) reads_from: Tick,
    /// Words that the other machine had, perhaps unseen, when their chat ended.
    adrift: BTreeSet<String>,
    pub(super) feed: Feed<DeskEvent>,
    pub(super) eyes: Eyes,
    /// Whether she takes tickets by herself.
    pub eager: bool,
    /// Whether she answers sealed messages by herself; how many homes the address names.
    pub answers_mail: Option<usize>,
    letters: u32,
    /// Asks in the middle of each of her chats whether this colleague may go on.
    pub passes_to: Option<String>,
    /// Blocks each of her chats in the middle of it.
    pub blocks: bool,
    /// How many homes the helpline's address names.
    homes: usize,
    /// Chats, each with what the seeker said in it: id and words.
    pub chats: BTreeMap<TicketId, Vec<(String, String)>>,
    /// Tickets in the order she began to talk.
    pub order: Vec<(TicketId, String)>,
    /// Chats that are open.
    pub live: BTreeSet<TicketId>,
    /// How the seekers want their talks to go.
    pub paces: BTreeMap<TicketId, Pace>,
    replies: BTreeMap<TicketId, (u32, u32)>,
    /// The last state of each of her messages.
    pub states: BTreeMap<(TicketId, String), State>,
    /// How many of them are neither received nor failed: asked with every step of the world.
    waiting: usize,
    /// Waiting and urgent, as told last.
    pub desk: (u32, u32),
    /// Why her duty ended, if it did.
    pub off: Option<OffReason>,
    /// Why chats ended.
    pub ended: Vec<(TicketId, EndedBy)>,
}

impl CounselorSeat {
    pub(in crate::sim) fn new(
        root: RootKey,
        person: usize,
        identity: [u8; 32],
        certificate: Signed<Certificate>,
        (seed, homes): (u64, usize),
        now: Now,
    ) -> Self {
        let key = SignKey::from_bytes(&identity);
        let mut machine = Counselor::new(root, key, certificate.clone(), None, seeded(seed), now);
        machine.expect_homes(homes);
        machine.on_duty(now);
        Self {
            machine,
            process: Process { person, start: 0 },
            root,
            identity,
            certificate,
            seed,
            kept: None,
            kept_mail: Vec::new(),
            kept_roster: None,
            mail: Vec::new(),
            mail_gone: BTreeSet::new(),
            replied: BTreeMap::new(),
            returning: BTreeSet::new(),
            take_at: None,
            on_again_at: None,
            reads_from: now.tick,
            adrift: BTreeSet::new(),
            feed: Feed::default(),
            eyes: Eyes::default(),
            eager: true,
            answers_mail: None,
            letters: 0,
            passes_to: None,
            blocks: false,
            homes,
            chats: BTreeMap::new(),
            order: Vec::new(),
            live: BTreeSet::new(),
            paces: BTreeMap::new(),
            replies: BTreeMap::new(),
            states: BTreeMap::new(),
            waiting: 0,
            desk: (0, 0),
            off: None,
            ended: Vec::new(),
        }
    }

    /// Takes the next, when it is time to.
    pub(in crate::sim) fn look(&mut self, now: Now) {
        if self.eyes.closed(now.tick) {
            return;
        }
        if self.on_again_at.is_some_and(|at| at <= now.tick) {
            self.on_again_at = None;
            self.machine.on_duty(now);
        }
        if self.take_at.is_some_and(|at| at <= now.tick) {
            self.take_at =
                (self.desk.0 > 0 && self.eager).then(|| now.tick + Duration::from_millis(LOOK_AGAIN_MS));
            self.machine.take_next(now);
        }
    }

    pub(in crate::sim) fn serial(&self) -> Serial {
        self.certificate.serial
    }

    /// Whether all her words are received, or said to have failed.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.waiting == 0
    }

    /// Her words that are neither received nor failed, in chats that are open.
    pub fn open(&self) -> impl Iterator<Item = (TicketId, String)> {
        let open = self.states.iter().filter(|(_, state)| !told(**state, false));
        open.map(|((chat, id), _)| (*chat, id.clone()))
            .filter(|(chat, id)| self.live.contains(chat) && !self.adrift.contains(id))
    }

    /// Her client dies; what it had kept is the shift.
    pub(in crate::sim) fn crash(&mut self, now: Now) {
        self.process.start += 1;
        self.seed = self.seed.wrapping_add(1);
        let shift = self.kept.as_ref().map(|(duty, x, seed)| {
            let secrets = DutySecrets {
                x: DhSecret::from_bytes(x),
                kem: KemSecret::from_seed(seed.clone()),
            };
            (duty.clone(), secrets)
        });
        let key = SignKey::from_bytes(&self.identity);
        self.machine = Counselor::new(
            self.root,
            key,
            self.certificate.clone(),
            shift,
            seeded(self.seed),
            now,
        );
        let mail = self.kept_mail.iter().map(|(key, x, seed)| {
            let secrets = MailKeySecrets {
                x: DhSecret::from_bytes(x),
                kem: KemSecret::from_seed(seed.clone()),
            };
            (key.clone(), secrets)
        });
        self.machine.take_mail_keys(mail.collect());
        if let Some(roster) = self.kept_roster.clone() {
            self.machine.remember_roster(roster);
        }
        self.machine.expect_homes(self.homes);
        self.machine.on_duty(now);
        // A new process: what the old one showed is gone with it.
        self.chats.clear();
        self.live.clear();
        self.paces.clear();
        self.replies.clear();
        self.mail.clear();
        self.mail_gone.clear();
        self.states.clear();
        self.waiting = 0;
        self.eyes.forget();
        self.take_at = None;
        self.on_again_at = None;
        self.desk = (0, 0);
        self.reads_from = now.tick;
        self.feed = Feed::default();
    }

    /// Ends every chat in which she has answered at least `least` messages.
    pub fn end_chats(&mut self, least: u32, now: Now) {
        let done = |chat: &TicketId| self.replies.get(chat).is_some_and(|(_, count)| *count >= least);
        let chats: Vec<_> = self.live.iter().filter(|chat| done(chat)).copied().collect();
        for chat in chats {
            self.machine.end(&chat, now);
        }
    }

    /// Her screen is locked until then.
    pub(super) fn lock(&mut self, until: Tick) {
        self.eyes.close(until);
        self.machine.set_status(Status::Locked);
    }

    /// Whether the chat of this message of hers is over.
    pub(super) fn adrift(&self, id: &str) -> bool {
        let own = self.states.keys().find(|(_, own)| own == id);
        self.adrift.contains(id) || own.is_some_and(|(chat, _)| !self.live.contains(chat))
    }

    /// She sees what her face has, and answers it.
    pub(super) fn open_eyes(&mut self, now: Now, judge: &mut Judge, lines: &mut Vec<String>) {
        if self.eyes.closed(now.tick) {
            return;
        }
        self.machine.set_status(Status::Here);
        while let Some(message) = self.eyes.see(now.tick) {
            let Unseen {
                number,
                chat,
                id,
                text,
            } = message;
            let first = id == FIRST_ID;
            let id = if first {
                first_id(text.trim_start_matches(FIRST_WORDS))
            } else {
                id
            };
            judge.showed(self.process, chat, &id, &text, now.tick);
            lines.push(format!("is shown {id}, {} bytes", text.len()));
            self.machine.shown(number, now);
            let Some(chat) = chat.filter(|_| !first) else {
                continue;
            };
            self.chats.entry(chat).or_default().push((id.clone(), text));
            self.reply(chat, &id, now, judge);
            self.pass_on(chat, now);
            if self.blocks
                && self
                    .chats
                    .get(&chat)
                    .is_some_and(|said| said.len() == BLOCK_AFTER)
            {
                lines.push(format!("blocks {chat:?}"));
                self.machine.block(&chat, now);
            }
        }
    }

    pub(super) fn see(&mut self, event: DeskEvent, now: Now, judge: &mut Judge, lines: &mut Vec<String>) {
        match event {
            DeskEvent::ShiftBegan => {
                self.kept = self
                    .machine
                    .shift()
                    .map(|(duty, secrets)| (duty.clone(), *secrets.x.to_bytes(), secrets.kem.seed().clone()));
                lines.push("begins her shift".to_owned());
            }
            DeskEvent::Desk { waiting, urgent } => {
                self.desk = (waiting, urgent);
                lines.push(format!("sees {waiting} waiting"));
                if waiting > 0 && self.eager {
                    self.take_at
                        .get_or_insert(now.tick + Duration::from_millis(TAKE_PAUSE_MS));
                }
            }
            DeskEvent::Chat {
                chat,
                text,
                number,
                returning,
                ..
            } => {
                if returning {
                    self.returning.insert(chat);
                }
                lines.push(format!("has the chat {chat:?}"));
                self.live.insert(chat);
                self.order.push((chat, text.to_string()));
                self.chats.entry(chat).or_default();
                if let Some(number) = number {
                    self.eyes.give(Unseen {
                        number,
                        chat: Some(chat),
                        id: FIRST_ID.to_owned(),
                        text: text.to_string(),
                    });
                }
            }
            DeskEvent::Message {
                chat,
                number,
                id,
                text,
            } => {
                self.eyes.give(Unseen {
                    number,
                    chat: Some(chat),
                    id,
                    text: text.to_string(),
                });
            }
            DeskEvent::Pace { chat, pace } => {
                lines.push("is told how it shall go".to_owned());
                self.paces.insert(chat, pace);
            }
            DeskEvent::State { chat, id, state } => {
                judge.stated(self.process, &id, state, now.tick);
                lines.push(format!("sees {id} {state:?}"));
                let before = self.states.insert((chat, id), state);
                self.waiting = counted(self.waiting, before, state, !self.live.contains(&chat));
            }
            DeskEvent::Ended { chat, by, reason } => {
                lines.push(format!("sees the end of {chat:?} by {by:?}, {reason:?}"));
                self.live.remove(&chat);
                // The same ticket may come back: what its first chat left so stays so.
                let left = |((of, _), state): &(&(TicketId, String), &State)| {
                    *of == chat && **state == State::AtNode
                };
                let left = self.states.iter().filter(left).map(|((_, id), _)| id.clone());
                self.adrift.extend(left.collect::<Vec<_>>());
                let open = |((chat, _), state): &(&(TicketId, String), &State)| {
                    !told(**state, !self.live.contains(chat))
                };
                self.waiting = self.states.iter().filter(open).count();
                self.ended.push((chat, by));
                if self.desk.0 > 0 && self.eager {
                    self.take_at
                        .get_or_insert(now.tick + Duration::from_millis(TAKE_PAUSE_MS));
                }
            }
            DeskEvent::OffDuty(reason) => {
                lines.push(format!("is off duty: {reason:?}"));
                self.off = Some(reason);
                if reason == OffReason::HomesAlone {
                    self.on_again_at = Some(now.tick + Duration::from_millis(ON_AGAIN_MS));
                }
            }
            DeskEvent::BadObject(error) => {
                judge.bad_object(now.tick, &error);
                lines.push(format!("refused an object: {error}"));
            }
            DeskEvent::RosterChanged => self.kept_roster = self.machine.directory().roster().cloned(),
            // The root of the simulator signs no two rosters of a version, and nobody lies about it.
            DeskEvent::SplitView { .. } => {
                judge.note(Wrong::Broken, now.tick, "a desk sees a split view".to_owned());
            }
            DeskEvent::OnDuty => {
                self.off = None;
                lines.push("is on duty".to_owned());
            }
            DeskEvent::MailKeysChanged => {
                let keep = |(key, secrets): &(Signed<MailKey>, MailKeySecrets)| {
                    (key.clone(), *secrets.x.to_bytes(), secrets.kem.seed().clone())
                };
                self.kept_mail = self.machine.mail_keys().iter().map(keep).collect();
                self.machine.mail_keys_kept(now);
            }
            DeskEvent::Mail {
                mail,
                text,
                returning,
            } => {
                lines.push(format!("reads a sealed message, {} bytes", text.len()));
                if self.mail_gone.remove(&mail) {
                    // A home came back where it still waits.
                    return;
                }
                if self.mail.iter().any(|(known, ..)| *known == mail) {
                    let what = "a counselor saw a sealed message twice".to_owned();
                    judge.note(Wrong::Duplicated, now.tick, what);
                }
                self.mail.push((mail, text.to_string(), returning));
                if let Some(homes) = self.answers_mail {
                    let shown = judge.letters.shown(self.process, &text);
                    if let Some(phrase) = judge.found(now.tick, shown) {
                        self.answer_mail(mail, phrase, homes, now, judge);
                    }
                }
            }
            DeskEvent::MailAnswered { mail } => {
                lines.push("is told that a sealed message is answered".to_owned());
                self.mail_gone.insert(mail);
            }
            DeskEvent::MailState { id, state, .. } => {
                lines.push(format!("sees her reply {id} {state:?}"));
                judge.letters.reply_stated(&id, state);
                self.replied.insert(id, state);
            }
            DeskEvent::Link(state) => lines.push(format!("is {state:?}")),
            _ => {}
        }
    }

    /// She answers a sealed message.
    pub(in crate::sim) fn answer_mail(
        &mut self,
        mail: DepositId,
        phrase: u8,
        homes: usize,
        now: Now,
        judge: &mut Judge,
    ) {
        let id = format!("m{}.{}.{}", self.process.person, self.process.start, self.letters);
        self.letters += 1;
        let text = format!("answer {id}");
        self.machine.expect_homes(homes);
        match self
            .machine
            .reply(mail, id.clone(), Zeroizing::new(text.clone()), now)
        {
            Ok(()) => judge.letters.answered(self.process, mail, phrase, &id, &text),
            Err(ReplyError::Taken | ReplyError::NoMail) => {}
            Err(error) => {
                let what = format!("an answer to a sealed message was not taken: {error}");
                judge.note(Wrong::Broken, now.tick, what);
            }
        }
    }

    /// In the middle of a chat she asks once whether a colleague may go on.
    fn pass_on(&mut self, chat: TicketId, now: Now) {
        let Some(colleague) = self.passes_to.clone() else {
            return;
        };
        let said = self.chats.get(&chat).map_or(0, Vec::len);
        // She may not be on duty, or gone: then nobody is asked, and the chat goes on.
        if said == PASS_AFTER {
            let _ = self.machine.transfer(&chat, &colleague, now);
        }
    }

    /// She answers every message with one of her own.
    fn reply(&mut self, chat: TicketId, to: &str, now: Now, judge: &mut Judge) {
        let next = u32::try_from(self.replies.len()).unwrap_or(u32::MAX);
        let (number, count) = self.replies.entry(chat).or_insert((next, 0));
        let id = format!(
            "c{}.{}.{number}-{count:05}",
            self.process.person, self.process.start
        );
        let text = format!("re {to}");
        match self
            .machine
            .say(&chat, id.clone(), Zeroizing::new(text.clone()), now)
        {
            Ok(()) => {
                *count += 1;
                judge.said(self.process, &id, &text, now.tick);
            }
            Err(SayError::Over | SayError::QueueFull) => {}
            Err(error) => {
                let what = format!("a counselor's words were not taken: {error}");
                judge.note(Wrong::Broken, now.tick, what);
            }
        }
    }
}
