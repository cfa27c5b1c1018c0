//! The session of a counselor: one shift.

use std::collections::BTreeMap;

use hamsa_protocol::{
    client::directory::Directory,
    counselor::{Counselor, Event, KeptMailKey, ReplyError},
    crypto::{
        kem::KemSecret,
        keys::{DhSecret, SignKey},
        random::Random,
    },
    objects::{
        Certificate, Duty, DutySecrets, HelplineAddress, MailKeySecrets, Roster, Signed, SplitView, TicketId,
    },
    session::{chat::Status, mail::DepositId, ticket::Intake},
    time::Now,
};

use super::{DRAIN, LinkPath, Session, SessionRole, SessionState, short_id};
use crate::{
    api::{CounselorCommand, CounselorEvent, ErrorReport, RosterEvidence, Words},
    report,
};

/// The session of a counselor.
pub type CounselorSession = Session<CounselorRole>;

/// What a counselor begins a shift with.
pub struct CounselorCredentials {
    /// The helpline.
    pub address: HelplineAddress,
    /// The counselor's certificate.
    pub certificate: Signed<Certificate>,
    /// The key that it certifies.
    pub identity: SignKey,
    /// The shift that was kept, if it still runs.
    pub shift: Option<(Signed<Duty>, DutySecrets)>,
    /// The mail keys that were kept and may still be needed.
    pub mail_keys: Vec<KeptMailKey>,
    /// The highest roster that counted in an earlier run.
    pub roster: Option<Signed<Roster>>,
}

/// Keys that a counselor's session wants sealed outside, so that they outlive a crash.
pub enum CounselorEffect {
    /// Keep the keys of this shift. Gives [`CounselorOutcome::ShiftSealed`].
    KeepShift(Box<(Signed<Duty>, DutySecrets)>),
    /// Delete the keys of the shift. Gives [`CounselorOutcome::ShiftSealed`].
    ForgetShift,
    /// Keep these mail keys and no others. Gives [`CounselorOutcome::MailKeysSealed`]. Homes hand out a mail key only
    /// after that: a crash must not lose it.
    KeepMailKeys(Vec<KeptMailKey>),
    /// Keep this roster, so that no lower one counts in a later run. Gives [`CounselorOutcome::RosterKept`].
    KeepRoster(Box<Signed<Roster>>),
    /// Keep the evidence of a split view. Gives [`CounselorOutcome::RosterKept`].
    KeepEvidence {
        /// The version.
        version: u64,
        /// Both rosters.
        rosters: [RosterEvidence; 2],
    },
}

/// What came of an effect.
pub enum CounselorOutcome {
    /// The keys of the shift were kept or deleted.
    ShiftSealed(Result<(), ErrorReport>),
    /// The mail keys were kept.
    MailKeysSealed(Result<(), ErrorReport>),
    /// A roster, or the evidence of a split view, was kept.
    RosterKept(Result<(), ErrorReport>),
}

/// What a counselor's session has beside what every session has.
pub struct CounselorRole {
    machine: Counselor,
    chats: BTreeMap<String, TicketId>,
    mails: BTreeMap<String, DepositId>,
}

impl CounselorSession {
    /// A new shift, or one that is taken up again.
    #[must_use]
    pub fn new(credentials: CounselorCredentials, random: Random, now: Now) -> Self {
        let (address, certificate) = (credentials.address, credentials.certificate);
        let unlocked = CounselorEvent::Unlocked {
            pseudonym: certificate.pseudonym.as_str().to_owned(),
            association: None,
            certificate_ends: certificate.expires.0,
        };
        let (identity, shift) = (credentials.identity, credentials.shift);
        let mut machine = Counselor::new(address.root, identity, certificate, shift, random, now);
        machine.take_mail_keys(credentials.mail_keys);
        if let Some(roster) = credentials.roster {
            machine.remember_roster(roster);
        }
        machine.expect_homes(address.homes().len());
        let role = CounselorRole {
            machine,
            chats: BTreeMap::new(),
            mails: BTreeMap::new(),
        };
        let mut session = Self::with_role(role, &address, now);
        session.state.emit(unlocked);
        session
    }
}

impl SessionRole for CounselorRole {
    type Machine = Counselor;
    type Command = CounselorCommand;
    type Event = CounselorEvent;
    type Effect = CounselorEffect;
    type Outcome = CounselorOutcome;

    fn machine(&mut self) -> &mut Counselor {
        &mut self.machine
    }

    fn directory(&self) -> &Directory {
        self.machine.directory()
    }

    fn is_settled(&self) -> bool {
        self.machine.drained()
    }

    fn is_shown(command: &CounselorCommand) -> bool {
        matches!(command, CounselorCommand::Shown { .. })
    }

    fn path_event(_: &LinkPath) -> Option<CounselorEvent> {
        None
    }

    fn on_command(
        &mut self,
        command: CounselorCommand,
        state: &mut SessionState<Self>,
    ) -> Result<(), ErrorReport> {
        let (machine, now) = (&mut self.machine, state.now);
        let ticket = |chat: &String| self.chats.get(chat).ok_or_else(report::no_chat);
        match command {
            CounselorCommand::OnDuty => machine.on_duty(now),
            CounselorCommand::OffDuty => machine.off_duty(now),
            CounselorCommand::Break => machine.take_break(now),
            CounselorCommand::TakeNext => machine.take_next(now),
            CounselorCommand::Say { chat, id, text } => {
                report::not_empty(&text.0).map_err(|error| error.about(&chat))?;
                let said = machine.say(ticket(&chat)?, id, text.into_text(), now);
                return said.map_err(|error| report::say(error).about(&chat));
            }
            CounselorCommand::End { chat } => {
                return machine
                    .end(ticket(&chat)?, now)
                    .then_some(())
                    .ok_or_else(report::no_chat);
            }
            CounselorCommand::Block { chat } => {
                return machine
                    .block(ticket(&chat)?, now)
                    .then_some(())
                    .ok_or_else(report::no_chat);
            }
            CounselorCommand::Transfer { chat, to } => {
                return machine
                    .transfer(ticket(&chat)?, &to, now)
                    .map_err(|error| report::transfer(error).about(&chat));
            }
            CounselorCommand::Reply { mail, id, text } => {
                report::not_empty(&text.0)?;
                let deposit = self.mails.get(&mail).ok_or(ReplyError::NoMail);
                let replied = deposit.and_then(|mail| machine.reply(*mail, id, text.into_text(), now));
                return replied.map_err(report::reply);
            }
            CounselorCommand::Shown { number } => machine.shown(number, now),
            CounselorCommand::ScreenLocked { locked } => {
                machine.set_status(if locked { Status::Locked } else { Status::Here });
            }
            CounselorCommand::Exit => self.leave(state),
        }
        Ok(())
    }

    fn on_outcome(&mut self, outcome: CounselorOutcome, state: &mut SessionState<Self>) {
        match outcome {
            CounselorOutcome::MailKeysSealed(Ok(())) => self.machine.mail_keys_kept(state.now),
            CounselorOutcome::ShiftSealed(Ok(())) | CounselorOutcome::RosterKept(Ok(())) => {}
            CounselorOutcome::ShiftSealed(Err(report))
            | CounselorOutcome::MailKeysSealed(Err(report))
            | CounselorOutcome::RosterKept(Err(report)) => state.emit(report),
        }
    }

    fn on_event(&mut self, event: Event, state: &mut SessionState<Self>) {
        let effect = match event {
            Event::ShiftBegan => self.keep_shift(),
            Event::ShiftEnded => Some(CounselorEffect::ForgetShift),
            Event::MailKeysChanged => Some(self.keep_mail_keys()),
            Event::RosterChanged => self.keep_roster(),
            Event::SplitView { chat, split } => Some(split_view(chat, &split, state)),
            event => {
                let event = self.counselor_event(event);
                return state.events.extend(event);
            }
        };
        state.effects.extend(effect);
    }

    /// Withdraws the duty. Chats go on for a colleague: their seekers wait again at their old place.
    fn leave(&mut self, state: &mut SessionState<Self>) {
        self.machine.off_duty(state.now);
        state.leave_within(DRAIN);
    }
}

impl CounselorRole {
    fn keep_shift(&self) -> Option<CounselorEffect> {
        let (duty, secrets) = self.machine.shift()?;
        let (x, kem) = copy(&secrets.x, &secrets.kem);
        let shift = (duty.clone(), DutySecrets { x, kem });
        Some(CounselorEffect::KeepShift(Box::new(shift)))
    }

    fn keep_mail_keys(&self) -> CounselorEffect {
        let keys = self.machine.mail_keys().iter().map(|(key, secrets)| {
            let (x, kem) = copy(&secrets.x, &secrets.kem);
            (key.clone(), MailKeySecrets { x, kem })
        });
        CounselorEffect::KeepMailKeys(keys.collect())
    }

    fn keep_roster(&self) -> Option<CounselorEffect> {
        let roster = self.machine.directory().roster()?.clone();
        Some(CounselorEffect::KeepRoster(Box::new(roster)))
    }

    fn chat_began(
        &mut self,
        chat: TicketId,
        intake: &Intake,
        (number, text): (Option<u64>, &str),
        returning: bool,
    ) -> CounselorEvent {
        let id = short_id(&chat.0);
        self.chats.insert(id.clone(), chat);
        CounselorEvent::Chat {
            chat: id,
            language: intake.language.as_str().to_owned(),
            urgent: intake.urgent,
            text: Words(text.to_owned()),
            number,
            returning,
        }
    }

    fn mail_came(&mut self, mail: DepositId, text: &str, returning: bool) -> CounselorEvent {
        let id = short_id(&mail.0);
        self.mails.insert(id.clone(), mail);
        CounselorEvent::Mail {
            mail: id,
            text: Words(text.to_owned()),
            returning,
        }
    }

    fn counselor_event(&mut self, event: Event) -> Option<CounselorEvent> {
        Some(match event {
            Event::ShiftBegan
            | Event::ShiftEnded
            | Event::MailKeysChanged
            | Event::RosterChanged
            | Event::SplitView { .. } => return None,
            Event::OnDuty => CounselorEvent::OnDuty,
            Event::OffDuty(reason) => CounselorEvent::OffDuty { reason },
            Event::Desk { waiting, urgent } => CounselorEvent::Desk { waiting, urgent },
            Event::Chat {
                chat,
                intake,
                text,
                number,
                returning,
            } => self.chat_began(chat, &intake, (number, &text), returning),
            Event::NoWords { chat } => report::no_words(&short_id(&chat.0)).into(),
            Event::Message {
                chat,
                number,
                id,
                text,
            } => CounselorEvent::Message {
                number,
                chat: short_id(&chat.0),
                id,
                text: Words(text.to_string()),
            },
            Event::Pace { chat, pace } => CounselorEvent::Pace {
                chat: short_id(&chat.0),
                pause: pace.pause,
                no_details: pace.no_details,
            },
            Event::State { chat, id, state } => CounselorEvent::State {
                chat: short_id(&chat.0),
                id,
                state,
            },
            Event::Link(state) => CounselorEvent::Link { state },
            Event::Ended { chat, by, reason } => {
                let id = short_id(&chat.0);
                self.chats.remove(&id);
                CounselorEvent::Ended { chat: id, by, reason }
            }
            Event::TransferDeclined { chat } => report::transfer_declined(&short_id(&chat.0)).into(),
            Event::NobodyWaits => report::nobody_waits().into(),
            Event::Enough { max } => report::enough(max).into(),
            Event::BadObject(error) => report::object(&error).into(),
            Event::Mail {
                mail,
                text,
                returning,
            } => self.mail_came(mail, &text, returning),
            Event::MailAnswered { mail } => CounselorEvent::MailAnswered {
                mail: short_id(&mail.0),
            },
            Event::MailState { mail, id, state } => CounselorEvent::State {
                chat: short_id(&mail.0),
                id,
                state,
            },
            Event::NotReplied(reason) => report::not_replied(reason).into(),
        })
    }
}

/// Tells of a split view; gives the effect that keeps its evidence.
fn split_view(
    chat: Option<TicketId>,
    split: &SplitView,
    state: &mut SessionState<CounselorRole>,
) -> CounselorEffect {
    let (version, rosters) = (split.other.order.version, RosterEvidence::of(split));
    state.emit(CounselorEvent::SplitView {
        chat: chat.map(|chat| short_id(&chat.0)),
        version,
        rosters: rosters.clone(),
    });
    state.emit(report::split_view_at_desk(split.proof.is_some()));
    CounselorEffect::KeepEvidence { version, rosters }
}

fn copy(x: &DhSecret, kem: &KemSecret) -> (DhSecret, KemSecret) {
    let x = DhSecret::from_bytes(&x.to_bytes());
    (x, KemSecret::from_seed(kem.seed().clone()))
}
