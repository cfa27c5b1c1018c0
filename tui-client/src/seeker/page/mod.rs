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
    model::{Line, Model, Over, Step},
    notebook::Leaf,
    texts::{Texts, Tongue, clean},
};
use crate::script::Strategy;

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
    Line(&'a Line),
    /// Room.
    Gap,
}

/// What a choice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Do {
    /// Speak this language.
    Speak(Tongue),
    /// Go on from the safety page.
    Consent,
    /// Help information without a talk.
    Refuse,
    /// Go to a place.
    Go(Step),
    /// Lay something over the place.
    Open(Over),
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
    Turn(Leaf),
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
    pub(crate) does: Do,
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
pub(crate) fn page<'a>(model: &'a Model, texts: &Texts) -> Page<'a> {
    let build = Build { model, texts };
    match model.top() {
        Some(over) => build.over(over),
        None => build.step(),
    }
}

/// The link in words.
pub(crate) fn link(model: &Model, texts: &Texts) -> String {
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

struct Build<'a, 't> {
    model: &'a Model,
    texts: &'t Texts,
}

impl<'a> Build<'a, '_> {
    fn say(&self, key: &str) -> Para<'a> {
        Para::Say(self.texts.say(key))
    }

    fn says(&self, keys: &[&str]) -> Vec<Para<'a>> {
        keys.iter().map(|key| self.say(key)).collect()
    }

    fn choice(&self, key: &str, does: Do) -> Choice {
        Choice {
            label: self.texts.say(key),
            row: None,
            does,
        }
    }

    fn simple(&self, title: &str, says: &[&str], choices: &[(&str, Do)]) -> Page<'a> {
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
    const fn details(&self) -> (&'static str, Do) {
        if self.model.no_details {
            ("seek-pace-details", Do::NoDetails(false))
        } else {
            ("seek-pace-no-details", Do::NoDetails(true))
        }
    }

    fn step(&self) -> Page<'a> {
        match self.model.step {
            Step::Language => self.languages(),
            Step::Safety => self.safety(),
            Step::Refused => self.refused(),
            Step::Danger => self.with_hours(self.simple(
                "seek-danger-title",
                &["seek-danger-ask", "seek-danger-why"],
                &[
                    ("seek-danger-skip", Do::Go(Step::First)),
                    ("seek-danger-yes", Do::Danger(true)),
                    ("seek-danger-no", Do::Danger(false)),
                ],
            )),
            Step::InDanger => {
                let mut page = self.in_danger();
                let on = if self.model.closed.is_some() && self.model.ended.is_none() {
                    Step::Closed
                } else {
                    Step::Talk
                };
                page.choices = vec![self.choice("seek-go-on", Do::Go(on))];
                page.status.push(self.urgent());
                page
            }
            Step::First => self.with_hours(self.simple(
                "seek-first-title",
                &["seek-first-ask", "seek-first-sealed", "seek-first-pace"],
                &[
                    ("seek-first-skip", Do::Ask),
                    ("seek-read-shelf", Do::Open(Over::Shelf)),
                    self.details(),
                ],
            )),
            Step::Talk => self.talk(),
            Step::Closed => self.closed(),
            Step::Leave => {
                let mut page = self.simple(
                    "seek-leave-title",
                    &["seek-leave-ask", "seek-leave-phrase"],
                    &[("seek-back", Do::Go(Step::Closed))],
                );
                if !self.model.letter.is_blank() {
                    page.choices.insert(0, self.choice("seek-leave-send", Do::Send));
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
            Step::Left => self.left(),
            Step::Return => {
                let mut page = self.simple(
                    "seek-return-title",
                    &["seek-return-ask", "seek-return-watch"],
                    &[
                        ("seek-back", Do::Go(Step::Safety)),
                        ("seek-mail-talk", Do::Go(Step::Danger)),
                    ],
                );
                if self.model.returning {
                    page.status.push(self.texts.say("seek-return-looking"));
                }
                page
            }
            Step::Over => self.ended(),
        }
    }

    fn over(&self, over: Over) -> Page<'a> {
        match over {
            Over::Languages => self.languages(),
            Over::Calibrate => self.calibrate(),
            Over::Practice => self.simple(
                "seek-practice-title",
                &["seek-practice-now", "seek-practice-empty", "seek-practice-back"],
                &[("seek-back", Do::Close)],
            ),
            // Nothing at all: that is what is practised.
            Over::Practiced => Page::default(),
            Over::Menu => self.menu(),
            Over::Shelf => {
                let mut page = self.simple("seek-read-shelf", &[], &[]);
                if self.model.asked_for && self.model.ended.is_none() {
                    page.paras.push(self.say("seek-read-place"));
                }
                page.choices = self.topics().collect();
                page.choices.push(self.choice("seek-back", Do::Close));
                page
            }
            Over::Reading(topic) => self.reading(topic),
            Over::Help => self.help(),
            Over::End => self.simple(
                "seek-end-title",
                &["seek-end-ask"],
                &[("seek-end-no", Do::Close), ("seek-end-yes", Do::End)],
            ),
            Over::PhraseBefore => Page {
                whole: true,
                ..self.simple(
                    "seek-phrase-title",
                    &[
                        "seek-phrase-what",
                        "seek-phrase-lost",
                        "seek-phrase-found",
                        "seek-phrase-where",
                    ],
                    &[("seek-phrase-make", Do::Keep), ("seek-phrase-not", Do::Close)],
                )
            },
            Over::PhraseMaking => self.simple(
                "seek-phrase-title",
                &["seek-phrase-making"],
                &[("seek-back", Do::Close)],
            ),
            Over::PhraseShown => self.phrase(),
            Over::PhraseBack => self.simple(
                "seek-phrase-title",
                &["seek-phrase-type"],
                &[("seek-phrase-see", Do::Close)],
            ),
            Over::PhraseKept => self.simple(
                "seek-phrase-title",
                &["seek-phrase-right"],
                &[("seek-go-on", Do::Close)],
            ),
            Over::Asked => self.asked(),
            Over::Pasted => self.pasted(),
            Over::Mails => self.mails(),
            Over::Questions(at) => self.questions(at),
            Over::Survey => self.survey(),
            Over::Notebook(leaf) => self.notebook(leaf),
        }
    }
}
