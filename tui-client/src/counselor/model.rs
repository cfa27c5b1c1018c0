//! The state of the counselor's screen: the duty, the desk in two numbers, the chats. No terminal, no clock,
//! no engine. Words of people are kept as [`Words`], which are wiped when dropped and never printed.

use std::time::Duration;

use hamsa_client::{
    api::{ChatOver, EndReason, EndedBy, ErrorReport, LinkState, MessageState, OffReason, Refusal, Words},
    names::ErrorCode,
};

pub(crate) use crate::shared::Author;
use crate::{composer::Composer, i18n::Text, text::Strategy};

/// Lines kept per chat. A long shift must not grow without bound; the oldest go first.
const LINES_MAX: usize = 2_000;

/// Whether tickets may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DutyState {
    /// Not asked for yet, or not known why; or ended, and why.
    Off(Option<OffReason>),
    /// Asked, no home has said yes yet.
    Asked,
    /// On duty.
    On,
    /// On duty, nothing new for now.
    Break,
}

/// What the clocks show. The loop of a screen brings it; without it nothing has a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeskTime {
    /// On the wall, in this place.
    pub(crate) wall: jiff::civil::Time,
    /// Since the desk was opened, by a clock that nobody sets.
    pub(crate) run: Duration,
}

/// One message.
#[derive(Debug)]
pub(crate) struct DeskLine {
    /// The author.
    pub(crate) who: Author,
    /// The sender's id.
    pub(crate) id: String,
    /// The words, untouched; they are sanitized where they are drawn.
    pub(crate) text: Words,
    /// How far it came; only for a message of this face.
    pub(crate) state: Option<MessageState>,
    /// The engine's number of a message that came, to say that it was shown.
    pub(crate) number: Option<u64>,
    /// Whether the first row of it was in a frame, or its line was written.
    pub(crate) shown: bool,
    /// When it came or was said.
    pub(crate) at: Option<jiff::civil::Time>,
}

impl DeskLine {
    /// A message of the seeker.
    pub(crate) const fn received(id: String, text: Words, number: Option<u64>) -> Self {
        Self {
            who: Author::Peer,
            id,
            text,
            state: None,
            number,
            shown: false,
            at: None,
        }
    }
}

/// How far a chat is on the desk.
#[derive(Debug)]
pub(crate) enum ChatStage {
    /// It came by an event, and was not opened with a key of its own: it takes no letters.
    Fresh,
    /// It was opened.
    Open,
    /// It is over.
    Ended {
        /// What ended it.
        by: EndedBy,
        /// Why.
        reason: ChatOver,
        /// Whether Esc was pressed once to throw the draft away.
        throwing: bool,
    },
}

/// One chat.
#[derive(Debug)]
pub(crate) struct ChatTab {
    /// The engine's name for it.
    pub(crate) id: String,
    /// The number on screen, given once.
    pub(crate) number: u32,
    /// The seeker's language.
    pub(crate) language: String,
    /// The seeker's own answer.
    pub(crate) urgent: bool,
    /// Whether the seeker needs a pause.
    pub(crate) paused: bool,
    /// Whether the seeker wants no questions about details.
    pub(crate) no_details: bool,
    /// Whether the words are hidden behind the blur.
    pub(crate) blurred: bool,
    /// What was said.
    pub(crate) lines: Vec<DeskLine>,
    /// How far it is.
    pub(crate) stage: ChatStage,
    /// What is to be said about this chat.
    pub(crate) notice: Option<DeskNotice>,
    /// What is being written in it.
    pub(crate) composer: Composer,
    /// Rows scrolled up from the newest.
    pub(crate) scroll: usize,
    /// When it began, and when it ended, both since the desk was opened.
    pub(crate) began: Option<Duration>,
    /// As above.
    pub(crate) over_at: Option<Duration>,
}

impl ChatTab {
    /// A chat that came by an event: empty, and closed to letters.
    pub(crate) fn new(id: String, number: u32, language: String, urgent: bool) -> Self {
        Self {
            id,
            number,
            language,
            urgent,
            paused: false,
            no_details: false,
            blurred: urgent,
            lines: Vec::new(),
            stage: ChatStage::Fresh,
            notice: None,
            composer: Composer::default(),
            scroll: 0,
            began: None,
            over_at: None,
        }
    }

    /// How long it has lasted, as `hh:mm`.
    pub(crate) fn length(&self, now: Option<DeskTime>) -> Option<String> {
        let until = self.over_at.or(now.map(|now| now.run))?;
        let minutes = until.checked_sub(self.began?)?.as_secs() / 60;
        Some(format!("{:02}:{:02}", minutes / 60, minutes % 60))
    }

    /// Whether letters are words of this chat now.
    pub(crate) const fn writable(&self) -> bool {
        self.opened() && !self.blurred
    }

    /// Whether it was opened and runs.
    pub(crate) const fn opened(&self) -> bool {
        matches!(self.stage, ChatStage::Open)
    }

    /// Whether it is over.
    pub(crate) const fn ended(&self) -> bool {
        matches!(self.stage, ChatStage::Ended { .. })
    }

    /// The words are shown, and letters are words of this chat from here on.
    pub(crate) fn open(&mut self) {
        self.blurred = false;
        if matches!(self.stage, ChatStage::Fresh) {
            self.stage = ChatStage::Open;
        }
    }

    /// How many of the seeker's messages were not shown yet.
    pub(crate) fn unread(&self) -> usize {
        let new = |line: &&DeskLine| line.who == Author::Peer && !line.shown;
        self.lines.iter().filter(new).count()
    }

    /// Notes that a message of the seeker was shown. Gives its number if it is new and has one.
    pub(crate) fn show(&mut self, at: usize) -> Option<Option<u64>> {
        let new = |line: &&mut DeskLine| line.who == Author::Peer && !line.shown;
        let line = self.lines.get_mut(at).filter(new)?;
        line.shown = true;
        Some(line.number)
    }

    /// Whether words stand here that were never sent and cannot be sent now.
    pub(crate) fn keeps_draft(&self) -> bool {
        self.ended() && !self.composer.is_blank()
    }

    /// What is true of this chat and wants to be read, in one sentence.
    pub(crate) fn told(&self) -> Option<DeskNotice> {
        if let ChatStage::Ended { by, reason, .. } = &self.stage {
            return Some(DeskNotice::Text(ended_text(*by, *reason)));
        }
        if self.opened() {
            return self.notice.clone();
        }
        let fresh = if self.urgent {
            Text::DeskChatUrgent
        } else {
            Text::DeskChatNew
        };
        // That the seeker is in danger is said until the words were looked at.
        let notice = self.notice.clone().filter(|_| !(self.urgent && self.blurred));
        notice.or(Some(DeskNotice::Text(fresh)))
    }

    /// What was reported so is not true any more.
    pub(crate) fn forget(&mut self, code: ErrorCode) {
        if matches!(&self.notice, Some(DeskNotice::Error(report)) if report.code == code) {
            self.notice = None;
        }
    }

    /// Adds a line and forgets the oldest beyond the bound.
    pub(crate) fn add(&mut self, line: DeskLine, now: Option<DeskTime>) {
        self.lines.push(DeskLine {
            at: now.map(|now| now.wall),
            ..line
        });
        if self.lines.len() > LINES_MAX {
            self.lines.remove(0);
        }
    }
}

/// A sealed message from closed hours.
#[derive(Debug)]
pub(crate) struct SealedMessage {
    /// The engine's name for it.
    pub(crate) id: String,
    /// The words.
    pub(crate) text: Words,
    /// Whether its author says that this is a return.
    pub(crate) returning: bool,
    /// How far the reply came.
    pub(crate) answered: Option<MessageState>,
    /// A colleague has answered it. It keeps its number, so that no number comes to mean another message.
    pub(crate) gone: bool,
    /// Whether the words are hidden behind the blur. A sealed message opens like this.
    pub(crate) blurred: bool,
    /// Whether what is being written did not fit.
    pub(crate) too_long: bool,
    /// What is being written.
    pub(crate) composer: Composer,
}

impl SealedMessage {
    /// Whether letters are words of a reply now.
    pub(crate) fn writable(&self) -> bool {
        let open = matches!(self.answered, None | Some(MessageState::Failed));
        !self.blurred && !self.gone && open
    }
}

/// What is to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// End this chat, and no other.
    End(String),
    /// End this chat because it is abuse, and no other.
    Block(String),
    /// Leave while chats run.
    Leave,
}

/// What the keys mean now.
#[derive(Debug)]
pub(crate) enum Mode {
    /// Letters are commands: there is no chat at all, or ^K or Esc was pressed.
    Command,
    /// Letters are words where the chat that is shown takes them, and nothing where it does not.
    Write,
    /// A question waits for `y`.
    Confirm(Confirmation),
    /// Asks for a colleague's pseudonym, to transfer this chat and no other.
    Transfer(String, Composer),
    /// The sealed messages; the number of the one shown.
    Mails(usize),
    /// Help over everything, from this row on.
    Help(usize),
    /// Nothing of any chat is on screen.
    Locked(LockState),
}

/// How far unlocking is.
#[derive(Debug)]
pub(crate) enum LockState {
    /// One line, nothing else.
    Quiet,
    /// The passphrase is typed; only its presence is shown.
    Asking(Words),
    /// The vault is being tried.
    Trying,
    /// It did not open.
    Refused,
}

/// One sentence at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeskNotice {
    /// One of our own texts.
    Text(Text),
    /// One of our own texts about the sealed message of this number.
    Mail(Text, usize),
    /// What the engine reported.
    Error(ErrorReport),
    /// What the engine reported of the chat of this number, which is not the one that is shown.
    Chat(u32, ErrorReport),
}

/// The screen.
#[derive(Debug)]
pub(crate) struct DeskModel {
    /// The counselor's pseudonym, once the vault was read.
    pub(crate) pseudonym: String,
    /// The counselor's association, once known.
    pub(crate) association: Option<String>,
    /// Unix seconds when the certificate ends; 0 before it is known.
    pub(crate) certificate_ends: u64,
    /// The duty.
    pub(crate) duty: DutyState,
    /// The links.
    pub(crate) link: LinkState,
    /// Tickets that could be taken.
    pub(crate) waiting: u32,
    /// Of these urgent.
    pub(crate) urgent: u32,
    /// `take next` was sent and no chat came yet.
    pub(crate) taking: bool,
    /// Chats in the order they came.
    pub(crate) chats: Vec<ChatTab>,
    /// Which chat is shown.
    pub(crate) selected: usize,
    /// Sealed messages.
    pub(crate) mails: Vec<SealedMessage>,
    /// What the keys mean.
    pub(crate) mode: Mode,
    /// The last sentence about the desk itself. What is said of a chat stands in the chat.
    pub(crate) notice: Option<DeskNotice>,
    /// Whether the right column shows as a drawer where there is no room for it.
    pub(crate) drawer: bool,
    /// How Arabic is drawn.
    pub(crate) arabic: Strategy,
    /// Whether the engine still runs.
    pub(crate) engine: bool,
    /// Whether keys under way are swallowed, and the key that ends that too.
    pub(crate) pausing: bool,
    /// What the clocks show.
    pub(crate) now: Option<DeskTime>,
    next_message: u64,
    next_chat: u32,
}

impl Default for DeskModel {
    fn default() -> Self {
        Self {
            pseudonym: String::new(),
            association: None,
            certificate_ends: 0,
            duty: DutyState::Off(None),
            link: LinkState::Reconnecting,
            waiting: 0,
            urgent: 0,
            taking: false,
            chats: Vec::new(),
            selected: 0,
            mails: Vec::new(),
            mode: Mode::Command,
            notice: None,
            drawer: false,
            arabic: Strategy::default(),
            engine: true,
            pausing: false,
            now: None,
            next_message: 0,
            next_chat: 0,
        }
    }
}

impl DeskModel {
    /// How many sealed messages wait for an answer, those being answered here included.
    pub(crate) fn mails_there(&self) -> usize {
        self.mails.iter().filter(|mail| !mail.gone).count()
    }

    /// The next sealed message after `at`, or the one before, round and round; `None` when there is none.
    pub(crate) fn next_mail(&self, at: Option<usize>, forth: bool) -> Option<usize> {
        let there: Vec<usize> = (0..self.mails.len())
            .filter(|at| self.mails.get(*at).is_some_and(|mail| !mail.gone))
            .collect();
        let next = if forth {
            there
                .iter()
                .find(|number| at.is_none_or(|at| **number > at))
                .or(there.first())
        } else {
            there
                .iter()
                .rfind(|number| at.is_none_or(|at| **number < at))
                .or(there.last())
        };
        next.copied()
    }

    /// The chat that is shown.
    pub(crate) fn chat(&self) -> Option<&ChatTab> {
        self.chats.get(self.selected)
    }

    /// The chat that is shown.
    pub(crate) fn chat_mut(&mut self) -> Option<&mut ChatTab> {
        self.chats.get_mut(self.selected)
    }

    /// A chat by the engine's name.
    pub(crate) fn chat_by_id(&mut self, id: &str) -> Option<&mut ChatTab> {
        self.chats.iter_mut().find(|chat| chat.id == id)
    }

    /// Whether a chat runs.
    pub(crate) fn any_running(&self) -> bool {
        self.chats.iter().any(|chat| !chat.ended())
    }

    /// Whether nothing of any chat may be shown.
    pub(crate) const fn locked(&self) -> bool {
        matches!(self.mode, Mode::Locked(_))
    }

    /// An id for a message of this face, unique in the run.
    pub(crate) fn message_id(&mut self) -> String {
        self.next_message += 1;
        format!("c{}", self.next_message)
    }

    /// A number for a chat, never used again.
    pub(crate) const fn chat_number(&mut self) -> u32 {
        self.next_chat += 1;
        self.next_chat
    }

    /// What letters mean when nothing special is asked. Without a chat there is nothing that they could be words of.
    pub(crate) fn rest(&mut self) {
        self.mode = if self.chats.is_empty() {
            Mode::Command
        } else {
            Mode::Write
        };
    }

    /// Whether words that were written would be lost by leaving.
    pub(crate) fn any_draft(&self) -> bool {
        let chats = self.chats.iter().map(|chat| &chat.composer);
        let mails = self.mails.iter().map(|mail| &mail.composer);
        chats.chain(mails).any(|composer| !composer.is_blank())
    }

    /// Whether leaving gives something back or throws something away.
    pub(crate) fn would_lose(&self) -> bool {
        self.engine && (self.any_running() || self.any_draft())
    }

    /// New messages, and in how many chats.
    pub(crate) fn unread(&self) -> (usize, usize) {
        let counts = self.chats.iter().map(ChatTab::unread).filter(|count| *count > 0);
        counts.fold((0, 0), |(messages, chats), count| (messages + count, chats + 1))
    }

    /// What is true of the desk now and wants to be read. Most of it is read from the state, so that it goes when it
    /// is true no more.
    pub(crate) fn told(&self) -> Option<DeskNotice> {
        if !self.engine {
            return Some(DeskNotice::Text(Text::DeskEngineStopped));
        }
        let holds = |notice: &&DeskNotice| match notice {
            DeskNotice::Text(Text::DeskNotOnDuty) => matches!(self.duty, DutyState::Off(_)),
            DeskNotice::Text(Text::DeskNobodyWaits) => self.waiting == 0,
            DeskNotice::Text(Text::DeskNoMail) => self.mails_there() == 0,
            DeskNotice::Text(_) | DeskNotice::Mail(..) | DeskNotice::Error(_) | DeskNotice::Chat(..) => true,
        };
        if let Some(notice) = self.notice.as_ref().filter(holds) {
            return Some(notice.clone());
        }
        if let Some(elsewhere) = self.told_elsewhere() {
            return Some(elsewhere);
        }
        match self.duty {
            DutyState::Off(Some(reason)) => Some(DeskNotice::Text(off_duty_text(reason))),
            _ if self.taking => Some(DeskNotice::Text(Text::DeskTaking)),
            _ => None,
        }
    }

    /// What was reported of a chat that is not shown, as long as it stands in that chat.
    fn told_elsewhere(&self) -> Option<DeskNotice> {
        let others = self.chats.iter().enumerate();
        let mut others = others.filter(|(at, _)| *at != self.selected);
        others.find_map(|(_, chat)| match chat.told() {
            Some(DeskNotice::Error(report)) => Some(DeskNotice::Chat(chat.number, report)),
            _ => None,
        })
    }
}

/// The sentence for how a chat ended.
const fn ended_text(by: EndedBy, reason: ChatOver) -> Text {
    match (reason, by) {
        (ChatOver::Said(EndReason::LeftQuickly), _) => Text::DeskEndedLeftQuickly,
        (ChatOver::Taken, _) => Text::DeskEndedTaken,
        (ChatOver::Gone, _) => Text::DeskEndedGone,
        (ChatOver::Said(EndReason::Revoked), _) => Text::DeskEndedCertificate,
        (ChatOver::Said(EndReason::Transferred), _) => Text::DeskEndedTransferred,
        (_, EndedBy::You) => Text::DeskEndedYou,
        _ => Text::DeskEndedSeeker,
    }
}

/// The text for the reason of being off duty.
const fn off_duty_text(reason: OffReason) -> Text {
    match reason {
        OffReason::Asked => Text::DeskOffAsked,
        OffReason::Home(Refusal::Revoked) => Text::DeskOffRevoked,
        OffReason::Home(Refusal::Expired) => Text::DeskOffExpired,
        OffReason::Home(Refusal::NotYet) => Text::DeskOffNotYet,
        OffReason::HomesAlone => Text::DeskOffHomesAlone,
        OffReason::ShiftOver => Text::DeskOffShiftOver,
        OffReason::Elsewhere => Text::DeskOffElsewhere,
        OffReason::Break | OffReason::Home(_) => Text::DeskOffUnknown,
    }
}
