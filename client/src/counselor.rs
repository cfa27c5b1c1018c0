//! The counselor's engine: her machine, her links, her vault, and the commands and events of a face.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use hamsa_protocol::{
    counselor::{Counselor, Event, ReplyError},
    crypto::keys::SignKey,
    machine::{Machine, Output},
    objects::{HomeIndex, TicketId},
    session::{chat::Status, mail::DepositId},
    time::Millis,
    wire::Refusal,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use zeroize::Zeroizing;

use crate::{
    api::{CounselorCommand, CounselorEvent, CounselorHandle, Handle, Words},
    device::{Clock, system_random},
    homes::{Heard, Homes, Trouble},
    names::{self, ErrorCode},
    report,
    seeker::{link_state, mail_id, message_state},
    vault::{UnlockedVault, VaultError},
};

/// Commands and events that may wait for the other side.
const QUEUE: usize = 64;
/// How long the last words may take when the face leaves.
const DRAIN: Duration = Duration::from_secs(5);
/// Hex digits of a chat's id: eight bytes of its ticket, which is random.
const CHAT_ID_LEN: usize = 16;

/// Starts an engine for one shift. Must be called inside a tokio runtime.
#[must_use]
pub fn start(vault: UnlockedVault) -> CounselorHandle {
    let (commands, inbox) = mpsc::channel(QUEUE);
    let (outbox, events) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        let clock = Clock::new();
        match Homes::start(vault.address(), &clock) {
            Ok(homes) => Engine::new(vault, clock, homes, inbox, outbox).run().await,
            Err(error) => {
                // The face is told, then the events end.
                let _ = outbox.send(CounselorEvent::Error(report::dial(error))).await;
            }
        }
    });
    Handle { commands, events }
}

struct Engine {
    vault: UnlockedVault,
    machine: Counselor,
    clock: Clock,
    homes: Homes,
    commands: mpsc::Receiver<CounselorCommand>,
    events: mpsc::Sender<CounselorEvent>,
    ready: VecDeque<CounselorEvent>,
    chats: BTreeMap<String, TicketId>,
    mails: BTreeMap<String, DepositId>,
    troubles: Vec<Option<Trouble>>,
    /// When the machine wants to be woken.
    wake: Option<Millis>,
    leaving: Option<Instant>,
    /// The face has let its end of the commands go.
    alone: bool,
}

impl Engine {
    fn new(
        mut vault: UnlockedVault,
        clock: Clock,
        homes: Homes,
        commands: mpsc::Receiver<CounselorCommand>,
        events: mpsc::Sender<CounselorEvent>,
    ) -> Self {
        let certificate = vault.certificate().clone();
        let unlocked = CounselorEvent::Unlocked {
            pseudonym: certificate.pseudonym.as_str().to_owned(),
            association: None,
            certificate_ends: certificate.expires.0,
        };
        let identity = SignKey::from_bytes(&vault.identity().to_bytes());
        let shift = vault.take_duty();
        let (root, count) = (vault.address().root, vault.address().homes().len());
        let mut machine = Counselor::new(root, identity, certificate, shift, system_random(), clock.now());
        machine.take_mail_keys(vault.take_mail_keys());
        machine.expect_homes(count);
        Self {
            machine,
            vault,
            clock,
            homes,
            commands,
            events,
            ready: VecDeque::from([unlocked]),
            chats: BTreeMap::new(),
            mails: BTreeMap::new(),
            troubles: vec![None; count],
            wake: None,
            leaving: None,
            alone: false,
        }
    }

    async fn run(mut self) {
        let events = self.events.clone();
        loop {
            let full = self.drain().await;
            if self
                .leaving
                .is_some_and(|until| until <= Instant::now() || self.machine.drained())
            {
                break;
            }
            let wake = self.wake.map(|at| self.clock.instant(at));
            let wake = [wake, self.leaving].into_iter().flatten().min();
            tokio::select! {
                command = self.commands.recv(), if !self.alone => self.obey(command),
                heard = self.homes.next() => match heard {
                    Some(heard) => self.hear(heard),
                    None => break,
                },
                room = events.reserve(), if full => {
                    if room.is_err() && self.leaving.is_none() {
                        self.leave();
                    }
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {
                    let now = self.clock.now();
                    self.machine.handle_timeout(now);
                }
            }
        }
        self.drain().await;
        self.homes.stop().await;
    }

    fn obey(&mut self, command: Option<CounselorCommand>) {
        let now = self.clock.now();
        self.alone = command.is_none();
        // While the engine drains, it takes no command but what was shown.
        if self.leaving.is_some() && !matches!(command, Some(CounselorCommand::Shown { .. })) {
            return;
        }
        let result = match command {
            Some(CounselorCommand::OnDuty) => {
                self.machine.on_duty(now);
                Ok(())
            }
            Some(CounselorCommand::OffDuty) => {
                self.machine.off_duty(now);
                Ok(())
            }
            Some(CounselorCommand::Break) => {
                self.machine.take_break(now);
                Ok(())
            }
            Some(CounselorCommand::TakeNext) => {
                self.machine.take_next(now);
                Ok(())
            }
            Some(CounselorCommand::Say { chat, id, text }) => match self.chats.get(&chat) {
                Some(ticket) => {
                    let text = Zeroizing::new(text.0.clone());
                    self.machine.say(ticket, id, text, now).map_err(report::say)
                }
                None => Err(no_chat()),
            },
            Some(CounselorCommand::End { chat }) => match self.chats.get(&chat) {
                Some(ticket) if self.machine.end(ticket, now) => Ok(()),
                _ => Err(no_chat()),
            },
            Some(CounselorCommand::Transfer { chat, to }) => match self.chats.get(&chat) {
                Some(ticket) => self.machine.transfer(ticket, &to, now).map_err(report::transfer),
                None => Err(no_chat()),
            },
            Some(CounselorCommand::Reply { mail, id, text }) => match self.mails.get(&mail) {
                Some(deposit) => {
                    let text = Zeroizing::new(text.0.clone());
                    self.machine.reply(*deposit, id, text, now).map_err(report::reply)
                }
                None => Err(report::reply(ReplyError::NoMail)),
            },
            Some(CounselorCommand::Shown { number }) => {
                self.machine.shown(number, now);
                Ok(())
            }
            Some(CounselorCommand::ScreenLocked { locked }) => {
                self.machine
                    .set_status(if locked { Status::Locked } else { Status::Here });
                Ok(())
            }
            Some(CounselorCommand::Exit) | None => {
                self.leave();
                Ok(())
            }
        };
        if let Err(error) = result {
            self.ready.push_back(CounselorEvent::Error(error));
        }
    }

    /// Withdraws the duty. Chats that were not ended are not: their seekers are given to a colleague.
    fn leave(&mut self) {
        self.machine.off_duty(self.clock.now());
        self.leaving = Some(Instant::now() + DRAIN);
    }

    fn hear(&mut self, heard: Heard) {
        let now = self.clock.now();
        match heard {
            Heard::Up { home, link, .. } => {
                self.trouble(home, None);
                self.machine.handle_connected(home, link, now);
            }
            Heard::Record { home, record } => self.machine.handle_record(home, record, now),
            Heard::Down { home } => self.machine.handle_disconnected(home, now),
            Heard::Failed { home, trouble } => self.trouble(home, Some(trouble)),
        }
    }

    fn trouble(&mut self, home: HomeIndex, trouble: Option<Trouble>) {
        let Some(known) = self.troubles.get_mut(home.0) else {
            return;
        };
        let news = *known != trouble;
        known.clone_from(&trouble);
        let unproven = matches!(trouble, Some(Trouble::Unproven(_)));
        let everywhere = self.troubles.iter().all(Option::is_some);
        if let Some(trouble) = trouble
            && news
            && (unproven || everywhere)
        {
            self.ready
                .push_back(CounselorEvent::Error(report::trouble(&trouble)));
        }
    }

    /// Sends what the machine wants sent and shows what it wants shown; `true` when the face has no room.
    async fn drain(&mut self) -> bool {
        loop {
            self.drain_machine().await;
            let Some(event) = self.ready.pop_front() else {
                return false;
            };
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(event)) => {
                    self.ready.push_front(event);
                    return true;
                }
                // The face is gone: the machine goes on until it is settled.
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    self.ready.clear();
                    if self.leaving.is_none() {
                        self.leave();
                    }
                }
            }
        }
    }

    /// The keys of a shift live in the vault as long as it does, mail keys as long as a message may lie. Homes
    /// hand out no mail key that a crash could lose.
    fn keep(&mut self, event: &Event) -> Result<(), VaultError> {
        match (event, self.machine.shift()) {
            (Event::ShiftBegan, Some((duty, secrets))) => self.vault.keep_duty(duty, secrets),
            (Event::ShiftEnded, _) => self.vault.forget_duty(),
            (Event::MailKeysChanged, _) => {
                self.vault.keep_mail_keys(self.machine.mail_keys())?;
                self.machine.mail_keys_kept(self.clock.now());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn drain_machine(&mut self) {
        loop {
            let dead = match self.machine.poll_output() {
                Output::Send { peer, record } => (!self.homes.send(peer, record)).then_some(peer),
                Output::Suspect { peer } => {
                    self.homes.suspect(peer);
                    None
                }
                Output::Disconnect { peer } => Some(peer),
                Output::Event(event) => {
                    let kept = self.keep(&event);
                    let shown = self.show(event);
                    self.ready.extend(shown);
                    if let Err(error) = kept {
                        self.ready.push_back(CounselorEvent::Error(report::vault(&error)));
                    }
                    None
                }
                Output::Sleep(wake) => {
                    self.wake = wake;
                    break;
                }
            };
            if let Some(home) = dead {
                self.homes.disconnect(home).await;
                self.machine.handle_disconnected(home, self.clock.now());
            }
        }
        self.homes.learn(self.vault.address(), self.machine.directory());
    }

    fn show(&mut self, event: Event) -> Option<CounselorEvent> {
        Some(match event {
            Event::ShiftBegan | Event::ShiftEnded | Event::MailKeysChanged => return None,
            Event::OnDuty => CounselorEvent::OnDuty,
            Event::OffDuty(reason) => CounselorEvent::OffDuty {
                reason: names::off_duty_reason(reason).to_owned(),
            },
            Event::Desk { waiting, urgent } => CounselorEvent::Desk { waiting, urgent },
            Event::Chat {
                chat,
                intake,
                returning,
            } => {
                let id = chat_id(&chat);
                self.chats.insert(id.clone(), chat);
                CounselorEvent::Chat {
                    chat: id,
                    language: intake.language.as_str().to_owned(),
                    urgent: intake.urgent,
                    text: Words(intake.text.clone()),
                    returning,
                }
            }
            Event::Message {
                chat,
                number,
                id,
                text,
            } => CounselorEvent::Message {
                number,
                chat: chat_id(&chat),
                id,
                text: Words(text.to_string()),
            },
            Event::Pace { chat, pace } => CounselorEvent::Pace {
                chat: chat_id(&chat),
                pause: pace.pause,
                no_details: pace.no_details,
            },
            Event::State { chat, id, state } => CounselorEvent::State {
                chat: chat_id(&chat),
                id,
                state: message_state(state),
            },
            Event::Link(state) => CounselorEvent::Link {
                state: link_state(state),
            },
            Event::Ended { chat, by, reason } => {
                let id = chat_id(&chat);
                self.chats.remove(&id);
                CounselorEvent::Ended {
                    chat: id,
                    by: names::counselor_ended_by(by).to_owned(),
                    reason: names::counselor_ended_reason(reason).to_owned(),
                }
            }
            Event::TransferDeclined { chat } => CounselorEvent::Error(report::other(
                ErrorCode::TransferDeclined,
                &format!(
                    "in chat {} she would rather stay with you, or her program does not know that colleague yet",
                    chat_id(&chat)
                ),
                "Go on with her, or ask again later.",
            )),
            Event::NobodyWaits => CounselorEvent::Error(report::other(
                ErrorCode::NobodyWaits,
                "nobody waits whom you could take",
                "Stay on duty; the desk tells you.",
            )),
            Event::Enough { max } => CounselorEvent::Error(report::other(
                ErrorCode::Enough,
                &format!("your association allows {max} at once, and you have as many"),
                "End one first.",
            )),
            Event::BadObject(error) => CounselorEvent::Error(report::object(&error)),
            Event::Mail {
                mail,
                text,
                returning,
            } => {
                let id = mail_id(&mail.0);
                self.mails.insert(id.clone(), mail);
                CounselorEvent::Mail {
                    mail: id,
                    text: Words(text.to_string()),
                    returning,
                }
            }
            Event::MailAnswered { mail } => CounselorEvent::MailAnswered {
                mail: mail_id(&mail.0),
            },
            Event::MailState { mail, id, state } => CounselorEvent::State {
                chat: mail_id(&mail.0),
                id,
                state: message_state(state),
            },
            Event::NotReplied(Refusal::Taken) => CounselorEvent::Error(report::other(
                ErrorCode::Taken,
                "a colleague is answering this message, or has answered it",
                "Take the next. If this one still waits in five minutes, answer it then.",
            )),
            Event::NotReplied(reason) => CounselorEvent::Error(report::refusal(reason)),
        })
    }
}

fn chat_id(ticket: &TicketId) -> String {
    let mut id = String::with_capacity(CHAT_ID_LEN);
    for byte in ticket.0.iter().take(CHAT_ID_LEN / 2) {
        id.push_str(&format!("{byte:02x}"));
    }
    id
}

fn no_chat() -> crate::api::ErrorReport {
    report::other(
        ErrorCode::NoChat,
        "there is no such chat",
        "Look at the list of chats: it may have ended.",
    )
}
