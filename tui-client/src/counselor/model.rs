//! What the counselor's screen stands on: her duty, the desk in two numbers, her chats. No terminal, no clock,
//! no engine. Words of people are kept as [`Words`], which are wiped when dropped and never printed.

use hamsa_client::api::{ErrorReport, LinkState, MessageState, Words};

use super::composer::Composer;

/// Lines kept per chat. A long shift must not grow without bound; the oldest go first.
const LINES_MAX: usize = 2_000;

/// Whether tickets may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// She did not ask, or it ended; the engine's stable reason.
    Off(String),
    /// Asked, no home has said yes yet.
    Asked,
    /// On duty.
    On,
    /// On duty, nothing new for now.
    Break,
}

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The seeker.
    Seeker,
    /// The counselor herself.
    Me,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Line {
    /// Who said it.
    pub(crate) who: Who,
    /// The sender's id.
    pub(crate) id: String,
    /// The words, untouched; they are neutralised where they are drawn.
    pub(crate) text: Words,
    /// How far it came; only for her own.
    pub(crate) state: Option<MessageState>,
}

/// One chat.
#[derive(Debug)]
pub(crate) struct Chat {
    /// The engine's name for it.
    pub(crate) id: String,
    /// The number on screen, given once.
    pub(crate) number: u32,
    /// The seeker's language.
    pub(crate) language: String,
    /// The seeker's own answer.
    pub(crate) urgent: bool,
    /// Whether she needs a pause.
    pub(crate) paused: bool,
    /// Whether she wants no questions about details.
    pub(crate) no_details: bool,
    /// Whether the words are hidden behind the blur.
    pub(crate) blurred: bool,
    /// What was said.
    pub(crate) lines: Vec<Line>,
    /// How many came since she last looked.
    pub(crate) unread: u32,
    /// Who ended it and why, when it is over.
    pub(crate) ended: Option<(String, String)>,
    /// What she is writing in it.
    pub(crate) composer: Composer,
    /// Rows scrolled up from the newest.
    pub(crate) scroll: usize,
}

impl Chat {
    /// Adds a line and forgets the oldest beyond the bound.
    pub(crate) fn add(&mut self, line: Line) {
        self.lines.push(line);
        if self.lines.len() > LINES_MAX {
            self.lines.remove(0);
        }
    }
}

/// A sealed message from closed hours.
#[derive(Debug)]
pub(crate) struct Mail {
    /// The engine's name for it.
    pub(crate) id: String,
    /// The words.
    pub(crate) text: Words,
    /// Whether its author says that she was here before.
    pub(crate) returning: bool,
    /// How far her reply came.
    pub(crate) answered: Option<MessageState>,
    /// A colleague has answered it. It keeps its number, so that no number comes to mean somebody else's message.
    pub(crate) gone: bool,
    /// What she is writing.
    pub(crate) composer: Composer,
}

/// What she is asked to confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// End the chat that is shown.
    End,
    /// Leave while chats run.
    Leave,
}

/// What the keys mean now.
#[derive(Debug)]
pub(crate) enum Mode {
    /// Letters are commands: no chat is open, or she asked for it with ^K or Esc.
    Command,
    /// Letters are words.
    Write,
    /// A question waits for `y`.
    Confirm(Question),
    /// Asks for a colleague's pseudonym.
    Transfer(Composer),
    /// The sealed messages; the number of the one shown.
    Mails(usize),
    /// Help over everything.
    Help,
    /// Nothing of any chat is on screen.
    Locked(Lock),
}

/// How far unlocking is.
#[derive(Debug)]
pub(crate) enum Lock {
    /// One line, nothing else.
    Quiet,
    /// She types the passphrase; only its presence is shown.
    Asking(Words),
    /// The vault is being tried.
    Trying,
    /// It did not open.
    Refused,
}

/// One sentence at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// One of our own texts.
    Text(&'static str),
    /// What the engine reported.
    Error(ErrorReport),
}

/// The screen.
#[derive(Debug)]
pub(crate) struct Model {
    /// Her pseudonym, once the vault was read.
    pub(crate) pseudonym: String,
    /// Her association, once known.
    pub(crate) association: Option<String>,
    /// Unix seconds when her certificate ends; 0 before it is known.
    pub(crate) certificate_ends: u64,
    /// Her duty.
    pub(crate) duty: Duty,
    /// The links.
    pub(crate) link: LinkState,
    /// Tickets she could take.
    pub(crate) waiting: u32,
    /// Of these urgent.
    pub(crate) urgent: u32,
    /// `take next` was sent and no chat came yet.
    pub(crate) taking: bool,
    /// Chats in the order they came.
    pub(crate) chats: Vec<Chat>,
    /// Which chat is shown.
    pub(crate) selected: usize,
    /// Sealed messages.
    pub(crate) mails: Vec<Mail>,
    /// What the keys mean.
    pub(crate) mode: Mode,
    /// The last sentence.
    pub(crate) notice: Option<Notice>,
    /// Whether the right column shows as a drawer where there is no room for it.
    pub(crate) drawer: bool,
    /// Whether the engine still runs.
    pub(crate) engine: bool,
    next_message: u64,
    next_chat: u32,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            pseudonym: String::new(),
            association: None,
            certificate_ends: 0,
            duty: Duty::Off("asked".to_owned()),
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
            engine: true,
            next_message: 0,
            next_chat: 0,
        }
    }
}

impl Model {
    /// How many sealed messages wait for an answer, hers included.
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
    pub(crate) fn chat(&self) -> Option<&Chat> {
        self.chats.get(self.selected)
    }

    /// The chat that is shown.
    pub(crate) fn chat_mut(&mut self) -> Option<&mut Chat> {
        self.chats.get_mut(self.selected)
    }

    /// A chat by the engine's name.
    pub(crate) fn chat_by_id(&mut self, id: &str) -> Option<&mut Chat> {
        self.chats.iter_mut().find(|chat| chat.id == id)
    }

    /// Whether a chat runs.
    pub(crate) fn any_running(&self) -> bool {
        self.chats.iter().any(|chat| chat.ended.is_none())
    }

    /// Whether nothing of any chat may be shown.
    pub(crate) const fn locked(&self) -> bool {
        matches!(self.mode, Mode::Locked(_))
    }

    /// An id for a message of hers, unique in the run.
    pub(crate) fn message_id(&mut self) -> String {
        self.next_message += 1;
        format!("c{}", self.next_message)
    }

    /// A number for a chat, never used again.
    pub(crate) const fn chat_number(&mut self) -> u32 {
        self.next_chat += 1;
        self.next_chat
    }

    /// What letters mean when nothing special is asked: words where a chat can be written in, else commands.
    pub(crate) fn rest(&mut self) {
        let writable = self
            .chat()
            .is_some_and(|chat| chat.ended.is_none() && !chat.blurred);
        self.mode = if writable { Mode::Write } else { Mode::Command };
        if let Some(chat) = self.chat_mut()
            && !chat.blurred
        {
            chat.unread = 0;
        }
    }
}
