//! What a face says to the engine and what the engine says to a face.
//!
//! These types are the contract of the json face: one object per line, stable English keys. A field may be
//! added, never renamed or removed. Words of people travel here in clear, so no type of this module prints
//! its words in `Debug`.

use std::fmt;

use hamsa_protocol::objects::SplitView;
pub use hamsa_protocol::{
    client::LinkState,
    counselor::{ChatOver, OffReason},
    session::chat::{EndReason, EndedBy, State as MessageState, Status as CounselorState},
    wire::Refusal,
};
use serde::{Deserialize, Serialize};

use crate::names::{ErrorCode, serialize};

/// Words of a person. `Debug` tells only their length.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(pub String);

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Words({} bytes)", self.0.len())
    }
}

impl Words {
    /// The text, wiped when it is dropped.
    #[must_use]
    pub fn into_text(mut self) -> zeroize::Zeroizing<String> {
        zeroize::Zeroizing::new(std::mem::take(&mut self.0))
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// What a seeker's face asks of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case", deny_unknown_fields)]
pub enum SeekerCommand {
    /// Ask for a counselor. Sent once, after the person has read the first screen.
    Start {
        /// Language code, such as `fr`, `ar` or `en`.
        language: String,
        /// The seeker's own answer to "are you in danger now".
        #[serde(default)]
        urgent: bool,
        /// First words, at most [`FIRST_WORDS_MAX`](hamsa_protocol::session::chat::FIRST_WORDS_MAX) bytes; may be empty.
        /// How far they came is told as `state` with the id `first`.
        #[serde(default = "no_words")]
        text: Words,
    },
    /// Say something. Before `answered` it queues.
    Say {
        /// The face's own id of this message; unique in the run.
        id: String,
        /// The words, at most 16 KiB of UTF-8.
        text: Words,
    },
    /// Set the pace of the chat, for the present counselor and each later one. A message ends a pause.
    Pace {
        /// The seeker needs a pause.
        #[serde(default)]
        pause: bool,
        /// The seeker does not want to be asked for details.
        #[serde(default)]
        no_details: bool,
    },
    /// Send again to a new counselor what an earlier one had already received.
    Resend,
    /// Make a phrase to come back with.
    Keep,
    /// Leave a sealed message in closed hours. A phrase is made first if there is none; how far the message
    /// came is told as `state` with the id `leave`.
    Leave {
        /// Language code.
        language: String,
        /// The words, at most [`MAIL_TEXT_MAX`](hamsa_protocol::session::mail::MAIL_TEXT_MAX) bytes.
        text: Words,
    },
    /// Come back with the words of a phrase.
    Return {
        /// The eight words, separated by spaces.
        words: Words,
    },
    /// Agree to the transfer that was asked last.
    Agree,
    /// Decline what was asked last.
    Decline,
    /// Submit the answers to the three questions at the end, unlinkable with the chat and with each other. At any time,
    /// with a chat or without. The outcome is told as `survey`. While one is on its way another is ignored. After one was
    /// counted none is sent; nor are three skips.
    Survey {
        /// Whether the seeker felt heard, knows a next step, and feels safer; `null` is skipped.
        answers: [Option<bool>; 3],
    },
    /// End the chat in peace; the engine stays.
    End,
    /// The face has shown this message: the first row of it was in a drawn frame, or its line was written without an
    /// error. Until then the message is not `received` for its sender.
    #[serde(skip)]
    Shown {
        /// [`SeekerEvent::Message::number`].
        number: u64,
    },
    /// Drain for at most 5 s and stop.
    Exit,
    /// Stop at once: the counselor is told with one last cell, keys are wiped.
    QuickExit,
}

/// What the engine tells a seeker's face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SeekerEvent {
    /// The helpline proved its key.
    Verified {
        /// Name from the association's signed settings.
        association: String,
        /// Twelve words of the root key.
        fingerprint: String,
        /// What the association says in its signed settings, in every language it wrote.
        texts: Vec<AssociationTexts>,
    },
    /// No counselor is on duty. Told as soon as it is known, before `start` too, and again when it changes.
    Closed {
        /// Opening hours as the association wrote them, if it did: in the language of `start` or `leave` where it has
        /// them, else in the first in which it has.
        until: Option<String>,
        /// When a counselor is on duty again, ISO 8601 in UTC; `None` while the association's settings have no hours that a
        /// program can read.
        opens: Option<String>,
    },
    /// A counselor is on duty. Told as soon as it is known, and again after `closed`.
    Open,
    /// After `closed`: whether a sealed message can be left, because a counselor has a key to read it; again when
    /// it changes.
    Sealed {
        /// Whether it can.
        possible: bool,
    },
    /// The way the words take; again at every change.
    Path {
        /// Peer id of the entry node.
        entry: String,
        /// Peer id of the home node.
        home: String,
        /// Whether two different associations' nodes are on the way.
        split: bool,
    },
    /// The ticket waits.
    Waiting {
        /// How many tickets are before this one; `None` if the home does not say.
        ahead: Option<u32>,
    },
    /// A counselor answered and proved the certified key.
    Answered {
        /// Name of the association.
        association: String,
        /// The counselor's pseudonym.
        pseudonym: String,
    },
    /// What the counselor is doing. Before the first of these it is `here`.
    Counselor {
        /// The state.
        state: CounselorState,
    },
    /// Words from the counselor.
    Message {
        /// Counts the messages of this run, for [`SeekerCommand::Shown`].
        #[serde(skip)]
        number: u64,
        /// The sender's id.
        id: String,
        /// The words.
        text: Words,
    },
    /// How far a message of this side came.
    State {
        /// The id that the face gave, `first` or `leave`.
        id: String,
        /// The state.
        state: MessageState,
    },
    /// How the link stands.
    Link {
        /// The state.
        state: LinkState,
    },
    /// A phrase was made.
    Phrase {
        /// Eight words.
        words: Words,
    },
    /// A sealed reply was found.
    Mail {
        /// Its id.
        mail: String,
        /// The words.
        text: Words,
        /// The date the replier wrote, ISO 8601.
        date: String,
    },
    /// The counselor asks to pass the chat on.
    TransferAsked {
        /// Pseudonym of the colleague.
        to: String,
    },
    /// That colleague is not on duty any more: there is nothing to answer.
    TransferGone,
    /// The counselor is gone. The ticket waits again at its old place.
    Reopened,
    /// The chat is over.
    Ended {
        /// By [`seeker_ended_by`](crate::names::seeker_ended_by).
        #[serde(serialize_with = "serialize::seeker_ended_by")]
        by: EndedBy,
        /// By [`seeker_ended_reason`](crate::names::seeker_ended_reason).
        #[serde(serialize_with = "serialize::seeker_ended_reason")]
        reason: EndReason,
    },
    /// The helpline asks this program for an effort first, because many ask at once. Nothing is to be done.
    Puzzle {
        /// The state.
        state: PuzzleState,
    },
    /// What became of the answers to the three questions.
    Survey {
        /// The state.
        state: SurveyState,
    },
    /// Two different rosters of one version are in use. An error of the code `split_view` follows, in words. A chat goes on.
    SplitView {
        /// The version.
        version: u64,
        /// The one that counts here, and the other one.
        rosters: [RosterEvidence; 2],
    },
    /// Something went wrong.
    Error(ErrorReport),
}

/// What a counselor's face asks of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case", deny_unknown_fields)]
pub enum CounselorCommand {
    /// Begin the shift: publish a duty at every home.
    OnDuty,
    /// End the shift: the duty is withdrawn, running chats go on.
    OffDuty,
    /// No new tickets for now; running chats go on. Again to come back.
    Break,
    /// Take the next ticket in order.
    TakeNext,
    /// Say something.
    Say {
        /// The chat.
        chat: String,
        /// The face's own id of this message.
        id: String,
        /// The words.
        text: Words,
    },
    /// End a chat in peace.
    End {
        /// The chat.
        chat: String,
    },
    /// End a chat that is abuse, at once. The homes are told, and what comes by the same entry costs more for some minutes.
    Block {
        /// The chat.
        chat: String,
    },
    /// Ask the seeker to agree to a colleague.
    Transfer {
        /// The chat.
        chat: String,
        /// Pseudonym of the colleague.
        to: String,
    },
    /// Answer a sealed message.
    Reply {
        /// The mail.
        mail: String,
        /// The face's own id.
        id: String,
        /// The words, at most [`REPLY_TEXT_MAX`](hamsa_protocol::session::mail::REPLY_TEXT_MAX) bytes; more in a
        /// second reply.
        text: Words,
    },
    /// The face has shown this message: the first row of it was in a drawn frame, or its line was written without an
    /// error. Until then the message is not `received` for its sender.
    #[serde(skip)]
    Shown {
        /// [`CounselorEvent::Message::number`].
        number: u64,
    },
    /// The screen was locked, or opened again. The seekers are told in the next cell that goes anyway, 15 s later at most.
    ScreenLocked {
        /// Whether nothing of any chat is on the screen.
        locked: bool,
    },
    /// Drain for at most 5 s and stop.
    Exit,
}

/// What the engine tells a counselor's face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum CounselorEvent {
    /// The vault is open.
    Unlocked {
        /// The counselor's pseudonym.
        pseudonym: String,
        /// Name of the association, once known.
        association: Option<String>,
        /// Unix seconds when the certificate ends.
        certificate_ends: u64,
    },
    /// At least one home holds the duty.
    OnDuty,
    /// No home holds the duty.
    OffDuty {
        /// By [`off_duty_reason`](crate::names::off_duty_reason).
        #[serde(serialize_with = "serialize::off_duty_reason")]
        reason: OffReason,
    },
    /// How many tickets wait, of those that this counselor can open.
    Desk {
        /// All of them.
        waiting: u32,
        /// Of these, how many say they are in danger.
        urgent: u32,
    },
    /// A chat began.
    Chat {
        /// Its id.
        chat: String,
        /// The seeker's language.
        language: String,
        /// The seeker's own answer.
        urgent: bool,
        /// The first words, if they have come and were not shown before in this run.
        text: Words,
        /// Of the first words, for [`CounselorCommand::Shown`].
        #[serde(skip)]
        number: Option<u64>,
        /// Whether the seeker proved, to this counselor only, an earlier visit: that one of the sealed messages that this
        /// run of the program has opened is from the same seeker.
        returning: bool,
    },
    /// Words from the seeker.
    Message {
        /// Counts the messages of this run, for [`CounselorCommand::Shown`].
        #[serde(skip)]
        number: u64,
        /// The chat.
        chat: String,
        /// The sender's id.
        id: String,
        /// The words.
        text: Words,
    },
    /// How the seeker wants the talk to go from now on.
    Pace {
        /// The chat.
        chat: String,
        /// A pause: no answer is expected.
        pause: bool,
        /// No questions for details.
        no_details: bool,
    },
    /// How far a message of this side came.
    State {
        /// The chat (or the mail).
        chat: String,
        /// The id that the face gave.
        id: String,
        /// The state.
        state: MessageState,
    },
    /// A sealed message waits. It comes again, with the same id, when a home comes back where it still waits after
    /// others said that it was answered.
    Mail {
        /// Its id.
        mail: String,
        /// The words.
        text: Words,
        /// Whether its author claims to have come back with a phrase of an earlier visit. Nothing proves it.
        returning: bool,
    },
    /// A sealed message waits no more: a colleague has answered it, or its time is over.
    MailAnswered {
        /// Its id.
        mail: String,
    },
    /// How the links stand, all homes together.
    Link {
        /// The state.
        state: LinkState,
    },
    /// A chat is over.
    Ended {
        /// The chat.
        chat: String,
        /// By [`counselor_ended_by`](crate::names::counselor_ended_by).
        #[serde(serialize_with = "serialize::counselor_ended_by")]
        by: EndedBy,
        /// By [`counselor_ended_reason`](crate::names::counselor_ended_reason).
        #[serde(serialize_with = "serialize::counselor_ended_reason")]
        reason: ChatOver,
    },
    /// Two different rosters of one version are in use. An error of the code `split_view` follows, in words. Chats go on.
    SplitView {
        /// The chat whose seeker named the other one; `None` if a home has shown it.
        chat: Option<String>,
        /// The version.
        version: u64,
        /// The one that counts here, and the other one.
        rosters: [RosterEvidence; 2],
    },
    /// Something went wrong.
    Error(ErrorReport),
}

/// A roster of a split view, as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RosterEvidence {
    /// SHA-256 of its body, 64 hex digits.
    pub hash: String,
    /// `signature ‖ body` in hex; `None` if only its hash was said.
    pub signed: Option<String>,
}

impl RosterEvidence {
    /// The roster that counts here, and the other one.
    #[must_use]
    pub fn of(split: &SplitView) -> [Self; 2] {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let own = Self {
            hash: hex(&split.own.hash().0),
            signed: Some(hex(split.own.encoded())),
        };
        let other = Self {
            hash: hex(&split.other.hash.0),
            signed: split.proof.as_ref().map(|proof| hex(proof.encoded())),
        };
        [own, other]
    }
}

/// What an association says of itself in one language, from its signed settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssociationTexts {
    /// Language code.
    pub language: String,
    /// Opening hours.
    pub hours: String,
    /// Who reads, how long it is kept, the limits of confidentiality.
    pub confidentiality: String,
    /// What to do in danger, with the local services the association vouches for.
    pub danger: String,
    /// What to know before a complaint.
    pub legal: String,
    /// Local services.
    pub services: String,
}

/// The state of a puzzle that a home asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PuzzleState {
    /// It is being solved.
    Solving,
    /// It is solved, and the request goes on.
    Solved,
    /// It is wanted no more.
    Dropped,
}

/// What became of a survey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyState {
    /// A home has counted it, now or before; or there was nothing to count.
    Counted,
    /// No home said within 20 s that it counted. It is not tried again by itself; the face may.
    Failed,
}

/// An error as a person needs it: what happened, then what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    /// Stable code for programs and translations.
    pub code: ErrorCode,
    /// What happened, in English.
    pub message: String,
    /// What to do next, in English.
    pub advice: String,
    /// The limit that was passed, in bytes of UTF-8 (of `too_long`), or the number that was expected (of `bad_phrase`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// What came, in the same unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
    /// The chat of a counselor that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
}

impl ErrorReport {
    /// A report without measures.
    pub fn new(code: ErrorCode, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            advice: advice.into(),
            limit: None,
            length: None,
            chat: None,
        }
    }

    /// The same about this chat.
    #[must_use]
    pub(crate) fn about(mut self, chat: &str) -> Self {
        self.chat = Some(chat.to_owned());
        self
    }
}

impl From<ErrorReport> for SeekerEvent {
    fn from(report: ErrorReport) -> Self {
        Self::Error(report)
    }
}

impl From<ErrorReport> for CounselorEvent {
    fn from(report: ErrorReport) -> Self {
        Self::Error(report)
    }
}

fn no_words() -> Words {
    Words(String::new())
}
