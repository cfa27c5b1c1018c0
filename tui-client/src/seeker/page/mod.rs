//! Every page, once: its title, its paragraphs, its numbered choices, what is written on it. Both faces show the
//! same pages, so that a person who hears them and a person who sees them have the same words and the same ways.

mod leaves;
mod mail;
mod talk;
mod topic;
mod visit;

use hamsa_client::api::{AssociationTexts, LinkState, MessageState};

pub(crate) use topic::Topic;

use super::{
    model::{Overlay, Screen, SeekerLine, SeekerModel},
    notebook::NotebookPage,
    texts::{Locale, Texts, clean},
};
use crate::text::Strategy;

/// One paragraph.
#[derive(Debug)]
pub(crate) enum Para<'a> {
    /// A sentence of ours.
    Say(String),
    /// A sentence to see first.
    Strong(String),
    /// A row of Latin words that keeps its place from the left in every language.
    Row(String),
    /// Words of the association or of somebody else.
    Quote(String),
    /// One message of the talk.
    Line(&'a SeekerLine),
    /// Room.
    Gap,
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
    /// Answer whether she is in danger.
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
    /// Make a notebook, or open one: she said that it is safe.
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

/// A choice.
#[derive(Debug)]
pub(crate) struct Choice {
    /// What it says.
    pub(crate) label: String,
    /// A row that is to be drawn as it stands, in place of the label.
    pub(crate) row: Option<String>,
    /// What it does.
    pub(crate) does: Action,
}

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Page<'a> {
    /// Where she is, in a few words.
    pub(crate) title: String,
    /// What it says.
    pub(crate) paras: Vec<Para<'a>>,
    /// What stands under it, always in sight.
    pub(crate) status: Vec<String>,
    /// What she can do.
    pub(crate) choices: Vec<Choice>,
    /// Whether the newest at the bottom matters, not the top.
    pub(crate) newest: bool,
    /// Whether it must have been seen to its end before its first choice counts.
    pub(crate) whole: bool,
}

/// The page she is on.
pub(crate) fn page<'a>(model: &'a SeekerModel, texts: &Texts) -> Page<'a> {
    let build = PageBuilder { model, texts };
    match model.top() {
        Some(over) => build.over(over),
        None => build.step(),
    }
}

/// The link in words.
pub(crate) fn link(model: &SeekerModel, texts: &Texts) -> String {
    let key = match (model.engine, model.link) {
        (false, _) => "seek-link-stopped",
        (_, None) => "seek-link-looking",
        (_, Some(LinkState::Connected)) => "seek-link-connected",
        (_, Some(LinkState::Reconnecting)) if model.association.is_none() => "seek-link-looking",
        (_, Some(LinkState::Reconnecting)) => "seek-link-reconnecting",
        (_, Some(LinkState::Offline)) => "seek-link-offline",
    };
    texts.say(key)
}

/// How far a message came: a sign and words.
pub(crate) fn state(state: MessageState, texts: &Texts) -> String {
    texts.say(match state {
        MessageState::Written => "seek-sent-written",
        MessageState::AtNode => "seek-sent-at-node",
        MessageState::Received => "seek-sent-received",
        MessageState::Failed => "seek-sent-failed",
    })
}

struct PageBuilder<'a, 't> {
    model: &'a SeekerModel,
    texts: &'t Texts,
}

impl<'a> PageBuilder<'a, '_> {
    fn say(&self, key: &str) -> Para<'a> {
        Para::Say(self.texts.say(key))
    }

    fn says(&self, keys: &[&str]) -> Vec<Para<'a>> {
        keys.iter().map(|key| self.say(key)).collect()
    }

    fn choice(&self, key: &str, does: Action) -> Choice {
        Choice {
            label: self.texts.say(key),
            row: None,
            does,
        }
    }

    fn simple(&self, title: &str, says: &[&str], choices: &[(&str, Action)]) -> Page<'a> {
        Page {
            title: self.texts.say(title),
            paras: self.says(says),
            choices: choices
                .iter()
                .map(|(key, does)| self.choice(key, *does))
                .collect(),
            ..Page::default()
        }
    }

    fn written(&self, part: impl Fn(&AssociationTexts) -> &String) -> Option<Para<'a>> {
        self.texts.association(&self.model.texts, part).map(Para::Quote)
    }

    /// Who answers here, as far as it is proven.
    fn association(&self, key: &str, without: &str) -> String {
        self.model.association.as_ref().map_or_else(
            || self.texts.say(without),
            |name| self.texts.with(key, &[("association", name)]),
        )
    }

    /// Asks for no details, or takes that back.
    const fn details(&self) -> (&'static str, Action) {
        if self.model.no_details {
            ("seek-pace-details", Action::NoDetails(false))
        } else {
            ("seek-pace-no-details", Action::NoDetails(true))
        }
    }

    fn step(&self) -> Page<'a> {
        match self.model.step {
            Screen::Language => self.languages(),
            Screen::Safety => self.safety(),
            Screen::Refused => self.refused(),
            Screen::Danger => self.with_hours(self.simple(
                "seek-danger-title",
                &["seek-danger-ask", "seek-danger-why"],
                &[
                    ("seek-danger-skip", Action::Go(Screen::First)),
                    ("seek-danger-yes", Action::Danger(true)),
                    ("seek-danger-no", Action::Danger(false)),
                ],
            )),
            Screen::InDanger => {
                let mut page = self.in_danger();
                let on = if self.model.closed.is_some() && self.model.ended.is_none() {
                    Screen::Closed
                } else {
                    Screen::Talk
                };
                page.choices = vec![self.choice("seek-go-on", Action::Go(on))];
                page.status.push(self.urgent());
                page
            }
            Screen::First => self.with_hours(self.simple(
                "seek-first-title",
                &["seek-first-ask", "seek-first-sealed", "seek-first-pace"],
                &[
                    ("seek-first-skip", Action::Ask),
                    ("seek-read-shelf", Action::Open(Overlay::Shelf)),
                    self.details(),
                ],
            )),
            Screen::Talk => self.talk(),
            Screen::Closed => self.closed(),
            Screen::Leave => {
                let mut page = self.simple(
                    "seek-leave-title",
                    &["seek-leave-ask", "seek-leave-phrase"],
                    &[("seek-back", Action::Go(Screen::Closed))],
                );
                if !self.model.letter.is_blank() {
                    page.choices
                        .insert(0, self.choice("seek-leave-send", Action::Send));
                    if self.texts.lines() {
                        page.paras.push(Para::Quote(clean(self.model.letter.text())));
                    }
                }
                page.paras.insert(
                    1,
                    Para::Say(
                        self.texts
                            .with("seek-leave-until", &[("date", &self.model.expires)]),
                    ),
                );
                page
            }
            Screen::Left => self.left(),
            Screen::Return => {
                let mut page = self.simple(
                    "seek-return-title",
                    &["seek-return-ask", "seek-return-watch"],
                    &[
                        ("seek-back", Action::Go(Screen::Safety)),
                        ("seek-mail-talk", Action::Go(Screen::Danger)),
                    ],
                );
                if self.model.returning {
                    page.status.push(self.texts.say("seek-return-looking"));
                }
                page
            }
            Screen::Over => self.ended(),
        }
    }

    fn over(&self, over: Overlay) -> Page<'a> {
        match over {
            Overlay::Languages => self.languages(),
            Overlay::Calibrate => self.calibrate(),
            Overlay::Practice => self.simple(
                "seek-practice-title",
                &["seek-practice-now", "seek-practice-empty", "seek-practice-back"],
                &[("seek-back", Action::Close)],
            ),
            // Nothing at all: that is what is practised.
            Overlay::Practiced => Page::default(),
            Overlay::Menu => self.menu(),
            Overlay::Shelf => {
                let mut page = self.simple("seek-read-shelf", &[], &[]);
                if self.model.asked_for && self.model.ended.is_none() {
                    page.paras.push(self.say("seek-read-place"));
                }
                page.choices = self.topics().collect();
                page.choices.push(self.choice("seek-back", Action::Close));
                page
            }
            Overlay::Reading(topic) => self.reading(topic),
            Overlay::Help => self.help(),
            Overlay::End => self.simple(
                "seek-end-title",
                &["seek-end-ask"],
                &[("seek-end-no", Action::Close), ("seek-end-yes", Action::End)],
            ),
            Overlay::PhraseBefore => Page {
                whole: true,
                ..self.simple(
                    "seek-phrase-title",
                    &[
                        "seek-phrase-what",
                        "seek-phrase-lost",
                        "seek-phrase-found",
                        "seek-phrase-where",
                    ],
                    &[
                        ("seek-phrase-make", Action::Keep),
                        ("seek-phrase-not", Action::Close),
                    ],
                )
            },
            Overlay::PhraseMaking => self.simple(
                "seek-phrase-title",
                &["seek-phrase-making"],
                &[("seek-back", Action::Close)],
            ),
            Overlay::PhraseShown => self.phrase(),
            Overlay::PhraseBack => self.simple(
                "seek-phrase-title",
                &["seek-phrase-type"],
                &[("seek-phrase-see", Action::Close)],
            ),
            Overlay::PhraseKept => self.simple(
                "seek-phrase-title",
                &["seek-phrase-right"],
                &[("seek-go-on", Action::Close)],
            ),
            Overlay::Asked => self.asked(),
            Overlay::Pasted => self.pasted(),
            Overlay::Mails => self.mails(),
            Overlay::Questions(at) => self.questions(at),
            Overlay::Survey => self.survey(),
            Overlay::Notebook(leaf) => self.notebook(leaf),
        }
    }
}
