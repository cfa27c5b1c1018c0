//! The places of a visit, what lies over them, and what a choice does.

use crate::{i18n::Locale, text::Strategy};

/// A place of a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Screen {
    /// The choice of a language.
    #[default]
    Language,
    /// What Hamsa can and cannot protect.
    Safety,
    /// Help information without a talk.
    Refused,
    /// The question whether there is danger now.
    Danger,
    /// The danger was confirmed: what the association says for that.
    InDanger,
    /// First words, or none.
    First,
    /// The queue and the talk: one place, so that nothing that was written moves away with the answer.
    Talk,
    /// No counselor is on duty.
    Closed,
    /// A sealed message is written.
    Leave,
    /// The sealed message is on its way or kept.
    Left,
    /// The phrase of an earlier visit is typed.
    Return,
    /// It is over.
    Over,
}

/// What lies over a place; leaving it leads back there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// Other languages.
    Languages,
    /// Which rendering of Arabic reads right on this terminal.
    Calibrate,
    /// The way out, to be tried.
    Practice,
    /// The way out was tried: an empty screen.
    Practiced,
    /// Everything that can be done here.
    Menu,
    /// What can be read.
    Shelf,
    /// One text.
    Reading(Topic),
    /// Every key.
    Help,
    /// Whether to end the talk.
    End,
    /// What a phrase is, before it is made.
    PhraseBefore,
    /// The phrase is being made.
    PhraseMaking,
    /// The phrase, once.
    PhraseShown,
    /// It is typed back.
    PhraseBack,
    /// It was right.
    PhraseKept,
    /// What the counselor asked.
    Asked,
    /// What was pasted into the plain face.
    Pasted,
    /// The sealed replies.
    Mails,
    /// Three questions at the end; which one.
    Questions(u8),
    /// Whether the association shall have the answers.
    Survey,
    /// A page of the notebook.
    Notebook(NotebookPage),
}

/// What can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// What a counselor can do with you.
    Counselor,
    /// Keeping proof safely.
    Proof,
    /// Small steps for tonight.
    Tonight,
    /// A device that may be watched.
    Device,
    /// Before a complaint.
    Complaint,
    /// What helps in danger, by the association.
    Danger,
    /// Local services and hours, by the association.
    Services,
    /// What is read by whom, and how long it is kept.
    Confidentiality,
}

impl Topic {
    /// All, in the order of the shelf.
    pub(crate) const ALL: [Self; 8] = [
        Self::Counselor,
        Self::Proof,
        Self::Tonight,
        Self::Device,
        Self::Complaint,
        Self::Danger,
        Self::Services,
        Self::Confidentiality,
    ];
}

/// A page of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotebookPage {
    /// What it is, and whether it is safe.
    Safe,
    /// Where its file is, or shall be.
    Path,
    /// Its passphrase.
    Passphrase,
    /// A new passphrase once more.
    Again,
    /// The disk is at work.
    Busy,
    /// What is in it.
    List,
    /// Words to keep.
    Note,
    /// A file to keep.
    File,
}

impl NotebookPage {
    /// Whether something is typed on it.
    pub(crate) const fn writes(self) -> bool {
        matches!(self, Self::Path | Self::Note | Self::File) || self.hides()
    }

    /// Whether what is typed is not to be seen.
    pub(crate) const fn hides(self) -> bool {
        matches!(self, Self::Passphrase | Self::Again)
    }
}

/// What a choice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Speak this language.
    Speak(Locale),
    /// Go on from the safety page.
    Consent,
    /// Help information without a talk.
    Refuse,
    /// Go to a place.
    Go(Screen),
    /// Lay something over the place.
    Open(Overlay),
    /// Take the uppermost away.
    Close,
    /// Answer whether there is danger.
    Danger(bool),
    /// Skip first words and ask for a counselor.
    Ask,
    /// Send the sealed message as it stands.
    Send,
    /// Send what was pasted.
    SendPasted,
    /// End the talk.
    End,
    /// Make a phrase.
    Keep,
    /// Say yes to what was asked.
    Agree,
    /// Say no to what was asked.
    Decline,
    /// Send again what an earlier counselor had.
    Resend,
    /// Ask for a pause, or end it.
    Pause(bool),
    /// Ask for no details, or take that back.
    NoDetails(bool),
    /// Make a notebook, or open one: it was said to be safe.
    Notebook(bool),
    /// Go to a page of the notebook.
    Turn(NotebookPage),
    /// Answer one of the three questions.
    Answer(u8, Option<bool>),
    /// Send the three answers.
    Survey,
    /// Begin again.
    Again,
    /// Draw Arabic in this way from now on.
    Draw(Strategy),
    /// Leave in peace.
    Leave,
}
