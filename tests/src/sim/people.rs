//! The people of the simulator: what they do, and what they saw.

use std::collections::{BTreeMap, BTreeSet};

use hamsa_protocol::{
    chat::State,
    counselor::{Counselor, Event as DeskEvent, OffReason},
    kem::{KemSecret, SEED_LEN},
    keys::{DhSecret, RootKey, SignKey},
    mail::DepositId,
    objects::{Certificate, Delegation, DutySecrets, MailKey, MailKeySecrets, Serial, Signed},
    seeker::{EndedBy, Event, LinkState, NotLeft, Output, Seeker},
    ticket::{Intake, TicketId},
    time::{Millis, Moment, Unix},
    wire::Record,
};
use zeroize::Zeroizing;

use super::{Report, seeded};

/// A counselor takes the next this long after the desk says that somebody waits, in milliseconds.
const TAKE_PAUSE_MS: u64 = 500;

/// Anybody with a client.
pub enum Person {
    /// She looks for help.
    Seeker(Box<SeekerSeat>),
    /// She answers.
    Counselor(Box<CounselorSeat>),
}

/// A seeker, her words and what she saw.
pub struct SeekerSeat {
    /// Her machine.
    pub machine: Seeker,
    messages: Vec<String>,
    pause: u64,
    next: usize,
    next_at: Option<Millis>,
    /// The last state of each of her messages.
    pub states: BTreeMap<String, State>,
    /// What the counselors said, in the order it was shown: id and words.
    pub shown: Vec<(String, String)>,
    /// Places in the queue, as they were told.
    pub places: Vec<Option<u32>>,
    /// Pseudonyms of those who answered.
    pub answered: Vec<String>,
    /// How often the ticket was opened again.
    pub reopened: u32,
    /// Nobody on duty, as it was told.
    pub closed: u32,
    /// How the links stood.
    pub links: Vec<LinkState>,
    /// How it ended.
    pub ended: Option<EndedBy>,
    /// How often she was asked whether a colleague may go on.
    pub transfer_asked: u32,
    /// Replies to sealed messages: words and date.
    pub mail: Vec<(String, Unix)>,
    /// How often she was told that there is no mail.
    pub no_mail: u32,
    /// Why a sealed message was not left.
    pub not_left: Option<NotLeft>,
    broken: Vec<String>,
}

/// What a counselor's vault keeps of a shift: its duty, the key and the seed of its KEM.
type KeptShift = (
    Signed<hamsa_protocol::objects::Duty>,
    [u8; 32],
    Zeroizing<[u8; SEED_LEN]>,
);

/// What a counselor's vault keeps of a mail key.
type KeptMail = (Signed<MailKey>, [u8; 32], Zeroizing<[u8; SEED_LEN]>);

/// A counselor, and what she saw since her client was started.
pub struct CounselorSeat {
    /// Her machine.
    pub machine: Counselor,
    root: RootKey,
    identity: [u8; 32],
    certificate: Signed<Certificate>,
    seed: u64,
    kept: Option<KeptShift>,
    kept_mail: Vec<KeptMail>,
    /// Sealed messages: name, words, whether their author came back.
    pub mail: Vec<(DepositId, String, bool)>,
    /// The last state of each of her replies.
    pub replied: BTreeMap<String, State>,
    /// Tickets whose seekers proved that they were here before.
    pub returning: BTreeSet<TicketId>,
    take_at: Option<Millis>,
    /// Whether she takes tickets by herself.
    pub eager: bool,
    /// Chats, each with what the seeker said in it: id and words.
    pub chats: BTreeMap<TicketId, Vec<(String, String)>>,
    /// Tickets in the order she began to talk.
    pub order: Vec<(TicketId, String)>,
    live: BTreeSet<TicketId>,
    replies: BTreeMap<TicketId, u32>,
    /// The last state of each of her messages.
    pub states: BTreeMap<(TicketId, String), State>,
    /// Waiting and urgent, as told last.
    pub desk: (u32, u32),
    /// Why her duty ended, if it did.
    pub off: Option<OffReason>,
    /// Why chats ended.
    pub ended: Vec<(TicketId, EndedBy)>,
    shown: u64,
    said: u64,
    broken: Vec<String>,
}

impl Person {
    pub(super) fn seeker(
        root: RootKey,
        language: &str,
        messages: Vec<String>,
        pause: u64,
        seed: u64,
        now: Moment,
    ) -> Self {
        let mut machine = Seeker::new(root, seeded(seed), now);
        let mut broken = Vec::new();
        match language.parse() {
            Ok(language) => {
                let intake = Intake {
                    language,
                    urgent: false,
                    text: "salam".to_owned(),
                };
                if let Err(error) = machine.start(intake, now) {
                    broken.push(error.to_string());
                }
            }
            Err(error) => broken.push(format!("{error}")),
        }
        Self::Seeker(Box::new(SeekerSeat {
            machine,
            messages,
            pause,
            next: 0,
            next_at: Some(now.tick + pause),
            states: BTreeMap::new(),
            shown: Vec::new(),
            places: Vec::new(),
            answered: Vec::new(),
            reopened: 0,
            closed: 0,
            links: Vec::new(),
            ended: None,
            transfer_asked: 0,
            mail: Vec::new(),
            no_mail: 0,
            not_left: None,
            broken,
        }))
    }

    pub(super) fn counselor(
        root: RootKey,
        identity: [u8; 32],
        certificate: Signed<Certificate>,
        seed: u64,
        now: Moment,
    ) -> Self {
        let key = SignKey::from_bytes(&identity);
        let mut machine = Counselor::new(root, key, certificate.clone(), None, seeded(seed), now);
        machine.on_duty(now);
        Self::Counselor(Box::new(CounselorSeat {
            machine,
            root,
            identity,
            certificate,
            seed,
            kept: None,
            kept_mail: Vec::new(),
            mail: Vec::new(),
            replied: BTreeMap::new(),
            returning: BTreeSet::new(),
            take_at: None,
            eager: true,
            chats: BTreeMap::new(),
            order: Vec::new(),
            live: BTreeSet::new(),
            replies: BTreeMap::new(),
            states: BTreeMap::new(),
            desk: (0, 0),
            off: None,
            ended: Vec::new(),
            shown: 0,
            said: 0,
            broken: Vec::new(),
        }))
    }

    pub(super) fn link_up(
        &mut self,
        home: usize,
        delegation: Signed<Delegation>,
        hash: [u8; 32],
        now: Moment,
    ) {
        match self {
            Self::Seeker(seat) => seat.machine.link_up(home, delegation, now),
            Self::Counselor(seat) => seat.machine.link_up(home, delegation, hash, now),
        }
    }

    pub(super) fn link_down(&mut self, home: usize, now: Moment) {
        match self {
            Self::Seeker(seat) => seat.machine.link_down(home, now),
            Self::Counselor(seat) => seat.machine.link_down(home, now),
        }
    }

    pub(super) fn handle_record(&mut self, home: usize, record: Record, now: Moment) {
        match self {
            Self::Seeker(seat) => seat.machine.handle_record(home, record, now),
            Self::Counselor(seat) => seat.machine.handle_record(home, record, now),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Millis> {
        let (machine, own) = match self {
            Self::Seeker(seat) => (seat.machine.poll_timeout(), seat.next_at),
            Self::Counselor(seat) => (seat.machine.poll_timeout(), seat.take_at),
        };
        machine.into_iter().chain(own).min()
    }

    pub(super) fn describe(&self) -> String {
        match self {
            Self::Seeker(seat) => format!("{:?}", seat.machine),
            Self::Counselor(seat) => format!("{:?}", seat.machine),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Moment) {
        match self {
            Self::Seeker(seat) => {
                seat.machine.handle_timeout(now);
                seat.speak(now);
            }
            Self::Counselor(seat) => {
                seat.machine.handle_timeout(now);
                if seat.take_at.is_some_and(|at| at <= now.tick) {
                    seat.take_at = None;
                    seat.machine.take_next(now);
                }
            }
        }
    }

    /// Sees what there is to see, and gives what must be sent.
    pub(super) fn drain(&mut self, now: Moment) -> Vec<Output> {
        let mut outputs = Vec::new();
        match self {
            Self::Seeker(seat) => {
                while let Some(event) = seat.machine.poll_event() {
                    seat.see(event);
                }
                while let Some(output) = seat.machine.poll_output() {
                    outputs.push(output);
                }
            }
            Self::Counselor(seat) => {
                while let Some(event) = seat.machine.poll_event() {
                    seat.see(event, now);
                }
                while let Some(output) = seat.machine.poll_output() {
                    outputs.push(output);
                }
            }
        }
        outputs
    }

    pub(super) fn count(&self, report: &mut Report) {
        match self {
            Self::Seeker(seat) => {
                report.said += u64::try_from(seat.next).unwrap_or_default();
                report.shown += u64::try_from(seat.shown.len()).unwrap_or_default();
                report.broken.extend(seat.broken.iter().cloned());
            }
            Self::Counselor(seat) => {
                report.said += seat.said;
                report.shown += seat.shown;
                report.broken.extend(seat.broken.iter().cloned());
            }
        }
    }
}

impl SeekerSeat {
    /// Whether everything she had to say was said and received.
    #[must_use]
    pub fn content(&self) -> bool {
        self.next == self.messages.len() && self.states.values().all(|state| *state == State::Received)
    }

    fn speak(&mut self, now: Moment) {
        if self.next_at.is_none_or(|at| at > now.tick) {
            return;
        }
        self.next_at = Some(now.tick + self.pause);
        let Some(text) = self.messages.get(self.next) else {
            self.next_at = None;
            return;
        };
        let id = format!("s{:05}", self.next);
        match self.machine.say(id, Zeroizing::new(text.clone()), now) {
            Ok(()) => self.next += 1,
            // Full for the moment; she tries again.
            Err(hamsa_protocol::chat::SayError::QueueFull) => {}
            Err(error) => self
                .broken
                .push(format!("a seeker's words were not taken: {error}")),
        }
    }

    fn see(&mut self, event: Event) {
        match event {
            Event::Message { id, text } => {
                if self.shown.iter().any(|(known, _)| *known == id) {
                    self.broken.push(format!("the seeker saw {id} twice"));
                }
                self.shown.push((id, text.to_string()));
            }
            Event::State { id, state } => {
                let before = self.states.insert(id.clone(), state);
                if before == Some(State::Received) {
                    self.broken.push(format!("{id} was received and then {state:?}"));
                }
            }
            Event::Waiting(ahead) => self.places.push(ahead),
            Event::Answered { pseudonym } => self.answered.push(pseudonym),
            Event::Reopened => self.reopened += 1,
            Event::Closed => self.closed += 1,
            Event::Link(state) => self.links.push(state),
            Event::Ended { by, .. } => self.ended = Some(by),
            Event::BadObject(error) => self.broken.push(format!("the seeker refused an object: {error}")),
            Event::TransferAsked { .. } => self.transfer_asked += 1,
            Event::Mail { text, date, .. } => self.mail.push((text.to_string(), date)),
            Event::NoMail => self.no_mail += 1,
            Event::NotLeft(reason) => self.not_left = Some(reason),
            Event::Verified | Event::NotTaken(_) | Event::MailRefused => {}
        }
    }
}

impl CounselorSeat {
    pub(super) fn serial(&self) -> Serial {
        self.certificate.serial
    }

    /// Her client dies; what it had kept is the shift.
    pub(super) fn crash(&mut self, now: Moment) {
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
        self.machine.on_duty(now);
        // A new process: what the old one showed is gone with it.
        self.chats.clear();
        self.live.clear();
        self.states.clear();
        self.mail.clear();
        self.take_at = None;
    }

    fn see(&mut self, event: DeskEvent, now: Moment) {
        match event {
            DeskEvent::ShiftBegan => {
                self.kept = self
                    .machine
                    .shift()
                    .map(|(duty, secrets)| (duty.clone(), *secrets.x.to_bytes(), secrets.kem.seed().clone()));
            }
            DeskEvent::Desk { waiting, urgent } => {
                self.desk = (waiting, urgent);
                if waiting > 0 && self.eager {
                    self.take_at.get_or_insert(now.tick + TAKE_PAUSE_MS);
                }
            }
            DeskEvent::Chat {
                chat,
                intake,
                returning,
            } => {
                if returning {
                    self.returning.insert(chat);
                }
                self.live.insert(chat);
                self.order.push((chat, intake.text.clone()));
                self.chats.entry(chat).or_default();
            }
            DeskEvent::Message { chat, id, text } => {
                let shown = self.chats.entry(chat).or_default();
                if let Some((last, _)) = shown.last()
                    && *last >= id
                {
                    self.broken.push(format!("a counselor saw {id} after {last}"));
                }
                shown.push((id.clone(), text.to_string()));
                self.shown += 1;
                // She answers every message with one of her own.
                let number = self.replies.entry(chat).or_default();
                *number += 1;
                let reply = format!("c{:x}-{number:05}", self.seed);
                match self
                    .machine
                    .say(&chat, reply, Zeroizing::new(format!("re {id}")), now)
                {
                    Ok(()) => self.said += 1,
                    Err(hamsa_protocol::chat::SayError::Over | hamsa_protocol::chat::SayError::QueueFull) => {
                    }
                    Err(error) => self
                        .broken
                        .push(format!("a counselor's words were not taken: {error}")),
                }
            }
            DeskEvent::State { chat, id, state } => {
                self.states.insert((chat, id), state);
            }
            DeskEvent::Ended { chat, by, .. } => {
                self.live.remove(&chat);
                self.ended.push((chat, by));
                if self.desk.0 > 0 && self.eager {
                    self.take_at.get_or_insert(now.tick + TAKE_PAUSE_MS);
                }
            }
            DeskEvent::OffDuty(reason) => self.off = Some(reason),
            DeskEvent::BadObject(error) => {
                self.broken
                    .push(format!("a counselor refused an object: {error}"));
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
                if self.mail.iter().any(|(known, ..)| *known == mail) {
                    self.broken
                        .push("a counselor saw a sealed message twice".to_owned());
                }
                self.mail.push((mail, text.to_string(), returning));
            }
            DeskEvent::MailState { id, state, .. } => {
                self.replied.insert(id, state);
            }
            DeskEvent::NotReplied(_)
            | DeskEvent::ShiftEnded
            | DeskEvent::OnDuty
            | DeskEvent::Link(_)
            | DeskEvent::TransferDeclined { .. }
            | DeskEvent::NobodyWaits
            | DeskEvent::Enough { .. } => {}
        }
    }
}
