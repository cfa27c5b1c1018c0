//! What the seeker's screen stands on. No terminal, no clock, no engine: time and size are told to it. Words of
//! people are kept as [`Words`], which are wiped when dropped and never printed.

use hamsa_client::api::{
    AssociationTexts, CounselorState, EndReason, EndedBy, ErrorReport, LinkState, MessageState,
    SeekerCommand, Words,
};

use super::screen::{Action, NotebookPage, Overlay, Screen};
pub(crate) use crate::shared::Author;
use crate::{
    composer::Composer,
    i18n::{Locale, Text},
    text::Strategy,
};
use ratatui::layout::{Position, Rect};

/// Lines kept of a talk; the oldest go first.
const LINES_MAX: usize = 2_000;
/// Sealed replies kept; more than fit one mailbox.
const MAILS_MAX: usize = 64;

/// One message.
#[derive(Debug)]
pub(crate) struct SeekerLine {
    /// The author.
    pub(crate) who: Author,
    /// The counselor's pseudonym at that time; a talk may have passed through several hands.
    pub(crate) name: Option<String>,
    /// The engine's number of a counselor's message whose first row no frame has shown yet.
    pub(crate) unshown: Option<u64>,
    /// The sender's id.
    pub(crate) id: String,
    /// The words, untouched; they are sanitized where they are drawn.
    pub(crate) text: Words,
    /// How far it came; only for a message of this face.
    pub(crate) state: Option<MessageState>,
    /// Hours and minutes on this device; empty when it does not know.
    pub(crate) time: String,
}

/// A sealed reply.
#[derive(Debug)]
pub(crate) struct SealedReply {
    /// The engine's name for it.
    pub(crate) id: String,
    /// The words.
    pub(crate) text: Words,
    /// The date the replier wrote.
    pub(crate) date: String,
}

/// What became of the answers to the three questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SurveyStatus {
    /// Not sent.
    #[default]
    Kept,
    /// On their way.
    Sending,
    /// The association has counted them.
    Counted,
    /// Nothing says that they arrived.
    Failed,
}

/// One sentence under the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SeekerNotice {
    /// One of our own texts.
    Text(Text),
    /// What does not fit, with its bytes and the most that do.
    Long(Text, usize, usize),
    /// What the engine reported.
    Error(ErrorReport),
    /// What the notebook said.
    Said(Words),
}

/// What arrow keys and Enter move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Focus {
    /// The words being written, on pages that have them.
    #[default]
    Words,
    /// The numbered choices.
    Choices,
}

/// A notebook while its pages are open. Everything of it is wiped when they are left.
#[derive(Debug)]
pub(crate) struct OpenNotebook {
    /// Whether it is to be made.
    pub(crate) new: bool,
    pub(super) path: Words,
    pub(super) passphrase: Words,
    /// What is in it, as sentences.
    pub(crate) entries: Vec<Words>,
    /// The page that set the disk to work.
    pub(super) asked: NotebookPage,
    /// A note that was begun and left.
    pub(super) draft: Words,
}

/// What was drawn.
#[derive(Debug, Default)]
pub(crate) struct SeekerFrame {
    /// Rows of the text above the window.
    pub(crate) above: usize,
    /// Rows of the text below the window.
    pub(crate) below: usize,
    /// Rows of the window; 0 when the page was not drawn yet.
    pub(crate) page: usize,
    /// Whether the page was drawn, not only that there is no room for it.
    pub(crate) whole: bool,
    /// The counselor's messages whose first row stands in the frame.
    pub(crate) shown: Vec<u64>,
    /// Rows that the window stands above the newest, because the unread begins there.
    pub(crate) unread: Option<usize>,
    /// Whether the newest at the bottom matters, not the top.
    pub(crate) newest: bool,
    /// Whether the first choice reads on, until the end was in sight.
    pub(crate) reads_on: bool,
    pub(super) targets: Vec<(Rect, Action)>,
}

impl SeekerFrame {
    /// What a click there means.
    pub(crate) fn at(&self, column: u16, row: u16) -> Option<Action> {
        let place = Position::new(column, row);
        let hit = self.targets.iter().find(|(area, _)| area.contains(place));
        hit.map(|(_, does)| *does)
    }

    /// Whether there is text outside the window.
    pub(crate) const fn more(&self) -> bool {
        self.above > 0 || self.below > 0
    }
}

/// How far a visit is.
#[derive(Debug, Default)]
pub(crate) enum VisitStage {
    /// No counselor is in the chat.
    #[default]
    Waiting,
    /// A counselor is in the chat.
    Talking {
        /// The counselor's pseudonym.
        counselor: String,
        /// What the counselor is doing, where that is worth a sentence.
        desk: Option<CounselorState>,
    },
    /// The chat is over.
    Ended {
        /// Which end ended it.
        by: EndedBy,
        /// Why.
        reason: EndReason,
        /// The counselor of the chat, if there was one.
        counselor: Option<String>,
        /// Whether letters stay words, unsent, until an explicit key leads on: the chat ended while the seeker could
        /// write.
        writes_on: bool,
    },
}

/// The place of a ticket in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum QueuePlace {
    /// Not known yet.
    #[default]
    Unknown,
    /// The helpline does not say how many are before.
    Hidden,
    /// So many are before.
    Ahead(u32),
}

/// Whether a counselor of the helpline is on duty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum HelplineDuty {
    /// Not known yet.
    #[default]
    Unknown,
    /// At least one is.
    Open,
    /// None is; with the opening hours if the association wrote them.
    Closed(Option<String>),
}

/// The screen.
#[derive(Debug, Default)]
pub(crate) struct SeekerModel {
    /// Language of the screen.
    pub(crate) locale: Locale,
    /// A place of a visit.
    pub(crate) screen: Screen,
    /// What lies over it, the last on top.
    pub(crate) overlays: Vec<Overlay>,
    /// What keys move.
    pub(crate) focus: Focus,
    /// Which choice is marked.
    pub(crate) selected: usize,
    /// Rows scrolled: from the top of a text, from the newest of a talk.
    pub(crate) scroll: usize,
    /// What was last drawn, for the mouse and the end of long texts.
    pub(crate) drawn: SeekerFrame,
    /// Hours and minutes now.
    pub(crate) time: String,
    /// The last day a sealed message left now is kept, ISO 8601.
    pub(crate) expires: String,
    /// The link; `None` before anything is known.
    pub(crate) link: Option<LinkState>,
    /// Whether two associations' nodes are on the way.
    pub(crate) split: Option<bool>,
    /// The association, once it is proven.
    pub(crate) association: Option<String>,
    /// What it says of itself.
    pub(crate) texts: Vec<AssociationTexts>,
    /// The seeker's own answer.
    pub(crate) urgent: bool,
    /// Whether a counselor was asked for in this talk.
    pub(crate) asked_for: bool,
    /// How far the visit is.
    pub(crate) stage: VisitStage,
    /// The place in the queue.
    pub(crate) place: QueuePlace,
    /// Whether a counselor is on duty.
    pub(crate) duty: HelplineDuty,
    /// Whether the helpline said that no counselor can read a sealed message.
    pub(crate) unread: bool,
    /// The counselor that answered last, also after that counselor is gone.
    pub(crate) answered: Option<String>,
    /// Counts the counselors that came and went, see `pause`.
    pub(crate) hand: u32,
    /// Whether the page came by itself and running keys do not act on it yet.
    pub(crate) pausing: bool,
    /// Whether the same holds for what is offered beside the words.
    pub(crate) offers_pausing: bool,
    /// The colleague to whom the seeker agreed to be passed on.
    pub(crate) passed: Option<String>,
    /// Whether an earlier counselor's talk was reopened, so that "send again" means something.
    pub(crate) reopened: bool,
    /// What was said.
    pub(crate) lines: Vec<SeekerLine>,
    /// What is written in the talk.
    pub(crate) words: Composer,
    /// The first words.
    pub(crate) first: Composer,
    /// The sealed message.
    pub(crate) letter: Composer,
    /// How far it came.
    pub(crate) left: Option<MessageState>,
    /// The phrase that is typed, to return or to confirm.
    pub(crate) typed: Composer,
    /// The phrase that was made; gone once it was typed back.
    pub(crate) phrase: Option<Words>,
    /// Whether the phrase is known to be kept: it was typed back, or the visit began with it.
    pub(crate) phrase_kept: bool,
    /// Sealed replies.
    pub(crate) mails: Vec<SealedReply>,
    /// Whether a phrase was sent and its answer is awaited.
    pub(crate) returning: bool,
    /// Whether a pause was asked for, which the next words end.
    pub(crate) paused: bool,
    /// Whether no details were asked for.
    pub(crate) no_details: bool,
    /// The colleague to whom the counselor asks to pass the chat on, while that is not answered.
    pub(crate) asked: Option<String>,
    /// What was pasted into the plain face, while the question about it is open.
    pub(crate) pasted: Option<Words>,
    /// The answers to the three questions; they leave this screen only on a choice.
    pub(crate) answers: [Option<bool>; 3],
    /// What became of those that were sent.
    pub(crate) survey: SurveyStatus,
    /// Those that were sent were others: the questions were answered again. No one is counted twice in one run.
    pub(crate) survey_before: bool,
    /// The notebook, while its pages are open.
    pub(crate) notebook: Option<OpenNotebook>,
    /// Whether keys are lines: then nothing stands in a composer until it is sent.
    pub(crate) by_lines: bool,
    /// Whether this face can take a passphrase without showing it.
    pub(crate) hides: bool,
    /// The last sentence.
    pub(crate) notice: Option<SeekerNotice>,
    /// Whether it is known how this terminal draws Arabic, or need not be.
    pub(crate) calibrated: bool,
    /// Whether the locale of this terminal does not name UTF-8: said before anything is written.
    pub(crate) strange_locale: bool,
    /// How Arabic is drawn.
    pub(crate) arabic: Strategy,
    /// Whether the engine still runs.
    pub(crate) engine: bool,
    next_message: u64,
}

impl SeekerModel {
    /// A screen that begins with the choice of a language, or after it when one was asked for.
    pub(crate) fn new(locale: Option<Locale>) -> Self {
        Self {
            locale: locale.unwrap_or_default(),
            screen: locale.map_or(Screen::Language, |_| Screen::Safety),
            hides: true,
            engine: true,
            ..Self::default()
        }
    }

    /// The counselor's pseudonym, while a counselor is in the chat or where the chat has ended with one.
    pub(crate) fn counselor(&self) -> Option<&str> {
        match &self.stage {
            VisitStage::Waiting => None,
            VisitStage::Talking { counselor, .. } => Some(counselor),
            VisitStage::Ended { counselor, .. } => counselor.as_deref(),
        }
    }

    /// Whether the chat is over.
    pub(crate) const fn ended(&self) -> bool {
        matches!(self.stage, VisitStage::Ended { .. })
    }

    /// Whether no counselor is on duty.
    pub(crate) const fn closed(&self) -> bool {
        matches!(self.duty, HelplineDuty::Closed(_))
    }

    /// Whether the page of the chat takes words.
    const fn chat_writes(&self) -> bool {
        match self.stage {
            VisitStage::Waiting | VisitStage::Talking { .. } => true,
            VisitStage::Ended { writes_on, .. } => writes_on,
        }
    }

    /// Whether what was pasted can still be sent: the chat may have ended while that was asked.
    pub(crate) const fn pasted_can_go(&self) -> bool {
        self.overlays.len() > 1 || !matches!(self.screen, Screen::Talk) || self.chat_writes()
    }

    /// A counselor is in the chat.
    pub(crate) fn on_answered(&mut self, pseudonym: String) {
        self.asked = None;
        match &mut self.stage {
            VisitStage::Ended { counselor, .. } => *counselor = Some(pseudonym),
            VisitStage::Waiting | VisitStage::Talking { .. } => {
                self.stage = VisitStage::Talking {
                    counselor: pseudonym,
                    desk: None,
                }
            }
        }
    }

    /// The counselor is not in the chat any more.
    pub(crate) fn on_counselor_gone(&mut self) {
        match &mut self.stage {
            VisitStage::Ended { counselor, .. } => *counselor = None,
            VisitStage::Waiting | VisitStage::Talking { .. } => self.stage = VisitStage::Waiting,
        }
    }

    /// The chat is over.
    pub(crate) fn end(&mut self, by: EndedBy, reason: EndReason, writes_on: bool) {
        self.asked = None;
        self.stage = VisitStage::Ended {
            by,
            reason,
            counselor: self.counselor().map(str::to_owned),
            writes_on,
        };
    }

    /// Begins with the question which row of Arabic reads right, if the language is written so and nothing has said it.
    pub(crate) fn ask_for_letters(&mut self, told: bool) {
        if self.locale.is_from_right() && self.screen != Screen::Language && !told {
            self.open(Overlay::Calibrate);
        }
    }

    /// Goes to a place; what lay over the old one is gone.
    pub(crate) fn go(&mut self, screen: Screen) {
        // A draft that was left behind is shown where it was written.
        if let VisitStage::Ended { writes_on, .. } = &mut self.stage {
            *writes_on = screen == Screen::Talk && !self.words.is_blank();
        }
        self.forget_phrase_typed();
        self.screen = screen;
        self.overlays.clear();
        self.phrase = None;
        self.pasted = None;
        self.forget_notebook();
        self.fresh();
    }

    /// Puts something over the place.
    pub(crate) fn open(&mut self, overlay: Overlay) {
        self.overlays.push(overlay);
        self.fresh();
    }

    /// Takes the uppermost away. The call back to the talk is not said any more in the talk.
    pub(crate) fn close(&mut self) {
        self.overlays.pop();
        if self.called() && self.overlays.is_empty() {
            self.notice = None;
        }
        if !self.overlays.contains(&Overlay::PhraseShown) {
            self.phrase = None;
        }
        if !self.overlays.contains(&Overlay::Pasted) {
            self.pasted = None;
        }
        self.forget_notebook();
        self.fresh();
    }

    /// Whether a sentence says that one key leads back to the talk.
    pub(crate) fn called(&self) -> bool {
        matches!(
            self.notice,
            Some(SeekerNotice::Text(
                Text::SeekAnswered | Text::SeekNewWords | Text::SeekEndedNotice
            ))
        )
    }

    /// Nothing of a notebook stays behind its pages.
    fn forget_notebook(&mut self) {
        let open = self
            .overlays
            .iter()
            .any(|over| matches!(over, Overlay::Notebook(_)));
        if !open && self.notebook.take().is_some() {
            self.typed.take();
        }
    }

    /// A page begins at its top, with its first choice marked and, where there is one, the caret in the words.
    pub(crate) fn fresh(&mut self) {
        self.focus = Focus::Words;
        self.selected = 0;
        self.scroll = 0;
        self.drawn = SeekerFrame::default();
    }

    /// The uppermost thing over the place.
    pub(crate) fn top(&self) -> Option<Overlay> {
        self.overlays.last().copied()
    }

    /// What is written on this page, if anything is.
    pub(crate) const fn input(&self) -> Option<&Composer> {
        match (self.overlays.as_slice().last(), self.screen) {
            (Some(Overlay::PhraseBack), _) | (None, Screen::Return) => Some(&self.typed),
            (Some(Overlay::Notebook(leaf)), _) if leaf.writes() => Some(&self.typed),
            (Some(_), _) => None,
            (None, Screen::First) => Some(&self.first),
            (None, Screen::Leave) => Some(&self.letter),
            (None, Screen::Talk) if self.chat_writes() => Some(&self.words),
            (None, _) => None,
        }
    }

    /// What is written on this page, if anything is.
    pub(crate) const fn input_mut(&mut self) -> Option<&mut Composer> {
        match (self.overlays.as_slice().last(), self.screen) {
            (Some(Overlay::PhraseBack), _) | (None, Screen::Return) => Some(&mut self.typed),
            (Some(Overlay::Notebook(leaf)), _) if leaf.writes() => Some(&mut self.typed),
            (Some(_), _) => None,
            (None, Screen::First) => Some(&mut self.first),
            (None, Screen::Leave) => Some(&mut self.letter),
            (None, Screen::Talk) if self.chat_writes() => Some(&mut self.words),
            (None, _) => None,
        }
    }

    /// Whether this page is a list of languages.
    pub(crate) fn choosing_a_language(&self) -> bool {
        self.top() == Some(Overlay::Languages)
            || (self.screen == Screen::Language && self.overlays.is_empty())
    }

    /// Whether letters are words now.
    pub(crate) fn writing(&self) -> bool {
        self.input().is_some() && self.focus == Focus::Words
    }

    /// Whether what is written now is not to be seen.
    pub(crate) fn hidden(&self) -> bool {
        matches!(self.top(), Some(Overlay::Notebook(leaf)) if leaf.hides())
    }

    /// Adds a line and forgets the oldest beyond the bound.
    pub(crate) fn add(&mut self, who: Author, id: String, text: Words, state: Option<MessageState>) {
        let name = self
            .counselor()
            .filter(|_| who == Author::Peer)
            .map(str::to_owned);
        self.lines.push(SeekerLine {
            who,
            name,
            unshown: None,
            id,
            text,
            state,
            time: self.time.clone(),
        });
        if self.lines.len() > LINES_MAX {
            self.lines.remove(0);
        }
    }

    /// Takes off the list what the last frame has shown, and says it to the engine, once for each message.
    pub(crate) fn shown(&mut self) -> Vec<SeekerCommand> {
        if let Some(rows) = self.drawn.unread.take() {
            self.scroll = rows;
        }
        let drawn = &self.drawn.shown;
        let lines = self.lines.iter_mut();
        lines
            .filter(|line| line.unshown.is_some_and(|number| drawn.contains(&number)))
            .filter_map(|line| line.unshown.take())
            .map(|number| SeekerCommand::Shown { number })
            .collect()
    }

    /// Keeps a sealed reply; one that is there already is not shown twice.
    pub(crate) fn add_mail(&mut self, mail: SealedReply) {
        if self.mails.len() < MAILS_MAX && !self.mails.iter().any(|known| known.id == mail.id) {
            self.mails.push(mail);
        }
    }

    /// Whether something unsent would be lost by leaving. A letter that only repeats what waits with the
    /// place is not.
    pub(crate) fn unsent(&self) -> bool {
        let letter = !self.letter.is_blank() && self.left != Some(MessageState::Written);
        !self.words.is_blank() || (letter && self.letter.text() != self.waiting_words().0)
    }

    /// The words that were typed are a phrase: it is kept, and they need not stand on the screen any more.
    pub(crate) fn returned(&mut self) {
        if std::mem::take(&mut self.returning) {
            self.phrase_kept = true;
        }
        self.forget_phrase_typed();
    }

    /// The words of a phrase do not stand on the page of the return longer than they are needed.
    pub(crate) fn forget_phrase_typed(&mut self) {
        if self.screen == Screen::Return && self.notebook.is_none() {
            self.typed.take();
        }
    }

    /// The words that no counselor has yet, one under the other.
    pub(crate) fn waiting_words(&self) -> Words {
        let waiting = self
            .lines
            .iter()
            .filter(|line| line.who == Author::Me && line.state != Some(MessageState::Received))
            .map(|line| line.text.0.as_str());
        Words(waiting.collect::<Vec<_>>().join("\n"))
    }

    /// Whether a sealed message is in flight or kept.
    pub(crate) fn letter_left(&self) -> bool {
        self.left.is_some_and(|state| state != MessageState::Failed)
    }

    /// An id for a message of this face, unique in the run.
    pub(crate) fn message_id(&mut self) -> String {
        self.next_message += 1;
        format!("s{}", self.next_message)
    }

    /// Whether the page on which a note is written is open, or the disk has that note.
    pub(crate) fn writes_note(&self) -> bool {
        let has = |page| self.overlays.contains(&Overlay::Notebook(page));
        let asked = |book: &OpenNotebook| book.asked == NotebookPage::Note;
        has(NotebookPage::Note) || (has(NotebookPage::Busy) && self.notebook.as_ref().is_some_and(asked))
    }

    /// Whether there is a note that is not kept yet.
    pub(crate) fn holds_note(&self) -> bool {
        let began = |book: &OpenNotebook| !book.draft.0.trim().is_empty();
        self.notebook.as_ref().is_some_and(began) || (self.writes_note() && !self.typed.is_blank())
    }
}
