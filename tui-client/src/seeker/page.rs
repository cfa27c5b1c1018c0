//! Every page, once: its title, its paragraphs, its numbered choices, what is written on it. Both faces show the
//! same pages, so that a person who hears them and a person who sees them have the same words and the same ways.

use hamsa_client::api::{AssociationTexts, LinkState, MessageState};

use crate::{
    notebook::Sentences,
    script::{
        Strategy,
        calibration::{Calibration, SENTENCE},
    },
};

use super::{
    model::{Line, Model, Over, Step},
    notebook::{self, Leaf},
    texts::{Texts, Tongue, clean, one_line},
};

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
    /// Make a notebook, or open one: she said that it is safe.
    Notebook(bool),
    /// Go to a page of the notebook.
    Turn(Leaf),
    /// Answer one of the three questions.
    Answer(u8, Option<bool>),
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
    /// Who reads and how long it is kept.
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

    const fn title(self) -> &'static str {
        match self {
            Self::Counselor => "seek-read-counselor",
            Self::Proof => "seek-read-proof",
            Self::Tonight => "seek-read-tonight",
            Self::Device => "seek-read-device",
            Self::Complaint => "seek-read-complaint",
            Self::Danger => "seek-read-danger",
            Self::Services => "seek-read-services",
            Self::Confidentiality => "seek-read-confidentiality",
        }
    }

    const fn lines(self) -> &'static [&'static str] {
        match self {
            Self::Counselor => &[
                "seek-counselor-1",
                "seek-counselor-2",
                "seek-counselor-3",
                "seek-counselor-4",
            ],
            Self::Proof => &[
                "seek-proof-1",
                "seek-proof-2",
                "seek-proof-3",
                "seek-proof-4",
                "seek-proof-5",
                "seek-proof-6",
                "seek-proof-7",
            ],
            Self::Tonight => &[
                "seek-tonight-1",
                "seek-tonight-2",
                "seek-tonight-3",
                "seek-tonight-4",
            ],
            Self::Device => &["seek-device-1", "seek-device-2", "seek-device-3", "seek-device-4"],
            Self::Complaint => &["seek-complaint-1", "seek-complaint-2"],
            Self::Danger => &["seek-danger-general"],
            Self::Services => &[],
            Self::Confidentiality => &["seek-confidential-1", "seek-confidential-2"],
        }
    }
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

    fn step(&self) -> Page<'a> {
        match self.model.step {
            Step::Language => self.languages(),
            Step::Safety => self.safety(),
            Step::Refused => self.refused(),
            Step::Danger => self.simple(
                "seek-danger-title",
                &["seek-danger-ask", "seek-danger-why"],
                &[
                    ("seek-danger-skip", Do::Go(Step::First)),
                    ("seek-danger-yes", Do::Danger(true)),
                    ("seek-danger-no", Do::Danger(false)),
                ],
            ),
            Step::InDanger => {
                let mut page = self.reading(Topic::Danger);
                page.choices = vec![self.choice("seek-go-on", Do::Go(Step::First))];
                page
            }
            Step::First => self.simple(
                "seek-first-title",
                &["seek-first-ask", "seek-first-sealed", "seek-first-pace"],
                &[
                    ("seek-first-skip", Do::Ask),
                    ("seek-read-shelf", Do::Open(Over::Shelf)),
                ],
            ),
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

    fn languages(&self) -> Page<'a> {
        let choices = Tongue::ALL.map(|tongue| Choice {
            label: tongue.name(),
            row: None,
            does: Do::Speak(tongue),
        });
        let mut page = self.simple("seek-language-title", &[], &[]);
        page.choices = choices.into();
        if !self.model.over.is_empty() {
            page.choices.push(self.choice("seek-back", Do::Close));
        }
        page
    }

    /// One sentence in every way of drawing it: her eyes know what this terminal does by itself.
    fn calibrate(&self) -> Page<'a> {
        let mut page = self.simple("seek-calibrate-title", &["seek-calibrate-ask"], &[]);
        let shown = Calibration::rows().filter_map(|(number, row)| {
            Some(Choice {
                label: SENTENCE.to_owned(),
                row: Some(row.text),
                does: Do::Draw(Calibration::answer(number)?),
            })
        });
        page.choices = shown.collect();
        page.choices
            .push(self.choice("seek-calibrate-none", Do::Draw(Strategy::Off)));
        page
    }

    fn safety(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-safe-title",
            &[],
            &[
                ("seek-safe-consent", Do::Consent),
                ("seek-safe-practice", Do::Open(Over::Practice)),
                ("seek-safe-danger", Do::Open(Over::Reading(Topic::Danger))),
                ("seek-safe-more", Do::Open(Over::Shelf)),
                ("seek-safe-return", Do::Go(Step::Return)),
                ("seek-safe-refuse", Do::Refuse),
            ],
        );
        page.paras.push(Para::Strong(
            self.association("seek-safe-hello", "seek-safe-hello-unknown"),
        ));
        page.paras.extend(self.says(&[
            "seek-safe-danger-now",
            "seek-safe-watched",
            "seek-safe-limits",
            "seek-safe-spy",
            "seek-safe-anonymous",
            "seek-safe-saved",
            "seek-safe-reads",
            "seek-safe-exit",
            "seek-safe-exit-limits",
        ]));
        page.whole = true;
        page
    }

    fn refused(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-refused-title",
            &["seek-refused-fine"],
            &[
                ("seek-refused-leave", Do::Leave),
                ("seek-refused-talk", Do::Go(Step::Safety)),
            ],
        );
        let parts = [
            self.written(|texts| &texts.danger),
            self.written(|texts| &texts.services),
            self.written(|texts| &texts.hours),
        ];
        let before = page.paras.len();
        page.paras.extend(parts.into_iter().flatten());
        if page.paras.len() == before {
            page.paras.push(self.say("seek-no-text"));
        }
        page.choices.extend(self.topics());
        page
    }

    fn topics(&self) -> impl Iterator<Item = Choice> {
        Topic::ALL
            .map(|topic| self.choice(topic.title(), Do::Open(Over::Reading(topic))))
            .into_iter()
    }

    fn talk(&self) -> Page<'a> {
        let model = self.model;
        let mut page = Page {
            title: self.place(),
            newest: true,
            ..Page::default()
        };
        for line in &model.lines {
            page.paras.push(Para::Line(line));
        }
        if model.ended.is_some() {
            page.status.push(self.texts.say(self.why()));
            page.choices.push(self.choice("seek-go-on", Do::Go(Step::Over)));
            return page;
        }
        if let Some(asked) = &model.asked {
            page.status.push(self.transfer(asked));
            page.status.push(self.texts.say("seek-asked-key"));
        }
        if model.counselor.is_none() {
            page.status.extend(self.waiting());
            page.choices.extend(self.topics().take(3));
        }
        page.choices
            .push(self.choice("seek-menu-title", Do::Open(Over::Menu)));
        if model.asked.is_some() && self.texts.lines() {
            page.choices
                .push(self.choice("seek-asked-open", Do::Open(Over::Asked)));
        }
        page
    }

    fn place(&self) -> String {
        let model = self.model;
        match (&model.counselor, &model.association) {
            (Some(name), Some(association)) => self
                .texts
                .with("seek-talk-with", &[("name", name), ("association", association)]),
            (Some(name), None) => one_line(name),
            (None, _) if model.ended.is_some() => self.texts.say("seek-over-title"),
            (None, _) => self.texts.say("seek-wait-title"),
        }
    }

    /// Her place, or why there is none; never a promise.
    fn waiting(&self) -> Vec<String> {
        let (model, texts) = (self.model, self.texts);
        if let Some(hours) = &model.closed {
            let mut said = vec![texts.say("seek-closed-nobody")];
            said.extend(self.hours(hours.as_deref()));
            said.push(texts.say("seek-closed-menu"));
            return said;
        }
        let place = match model.ahead {
            None => texts.say("seek-wait-sealing"),
            Some(None) => texts.say("seek-wait-busy"),
            Some(Some(0)) => texts.say("seek-wait-next"),
            Some(Some(ahead)) => texts.with("seek-wait-ahead", &[("ahead", &ahead.to_string())]),
        };
        let again = match &model.passed {
            Some(to) => Some(texts.with("seek-wait-passed", &[("colleague", to)])),
            None => model.reopened.then(|| texts.say("seek-wait-reopened")),
        };
        [again, Some(place), Some(texts.say("seek-wait-more"))]
            .into_iter()
            .flatten()
            .collect()
    }

    fn hours(&self, told: Option<&str>) -> Option<String> {
        let hours = self.texts.association(&self.model.texts, |texts| &texts.hours);
        let hours = hours.or_else(|| told.map(clean))?;
        Some(self.texts.with("seek-closed-hours", &[("hours", &hours)]))
    }

    fn closed(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-closed-title",
            &[],
            &[
                ("seek-closed-leave", Do::Go(Step::Leave)),
                ("seek-closed-wait", Do::Go(Step::Talk)),
                ("seek-read-shelf", Do::Open(Over::Shelf)),
                ("seek-end", Do::Open(Over::End)),
            ],
        );
        let told = self.model.closed.as_ref().and_then(Option::as_deref);
        page.paras.extend(self.hours(told).map(Para::Say));
        page.paras.push(self.say("seek-closed-kept"));
        page
    }

    fn left(&self) -> Page<'a> {
        let mut page = self.simple("seek-left-title", &[], &[]);
        let date = [("date", self.model.expires.as_str())];
        page.paras = match self.model.left {
            Some(MessageState::AtNode | MessageState::Received) => {
                vec![
                    Para::Strong(self.texts.with("seek-left-kept", &date)),
                    self.say("seek-left-answer"),
                ]
            }
            Some(MessageState::Failed) => vec![Para::Strong(self.texts.say("seek-left-failed"))],
            Some(MessageState::Written) | None => vec![self.say("seek-left-sending")],
        };
        page.choices = vec![
            if self.model.left == Some(MessageState::Failed) {
                self.choice("seek-left-again", Do::Go(Step::Leave))
            } else {
                self.choice("seek-phrase-open", Do::Open(Over::PhraseBefore))
            },
            self.choice("seek-read-shelf", Do::Open(Over::Shelf)),
            self.choice("seek-closed-wait", Do::Go(Step::Talk)),
            self.choice("seek-over-leave", Do::Leave),
        ];
        page
    }

    /// Who ended it and why.
    fn why(&self) -> &'static str {
        let (by, reason) = self
            .model
            .ended
            .as_ref()
            .map_or(("you", ""), |(by, reason)| (by.as_str(), reason.as_str()));
        match (by, reason) {
            (_, "revoked") => "seek-ended-revoked",
            (_, "expired") => "seek-ended-expired",
            (_, "gone") => "seek-ended-gone",
            (_, "transferred") => "seek-ended-transferred",
            ("you", _) => "seek-ended-you",
            ("counselor", _) => "seek-ended-counselor",
            _ => "seek-ended-helpline",
        }
    }

    fn ended(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-over-title",
            &[
                self.why(),
                "seek-over-thanks",
                "seek-over-nothing",
                "seek-over-shell",
            ],
            &[
                ("seek-over-leave", Do::Leave),
                ("seek-over-again", Do::Again),
                ("seek-read-shelf", Do::Open(Over::Shelf)),
                ("seek-questions-open", Do::Open(Over::Questions(0))),
            ],
        );
        if self.model.unsent() {
            page.paras
                .insert(1, Para::Strong(self.texts.say("seek-over-unsent")));
        }
        if !self.model.lines.is_empty() {
            page.choices
                .push(self.choice("seek-over-reread", Do::Go(Step::Talk)));
        }
        page
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
                let mut page = self.simple("seek-read-shelf", &["seek-read-place"], &[]);
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
            Over::Notebook(leaf) => self.notebook(leaf),
        }
    }

    fn menu(&self) -> Page<'a> {
        let model = self.model;
        let mut page = self.simple("seek-menu-title", &[], &[]);
        let mut add = |wanted: bool, key: &str, does: Do| {
            if wanted {
                page.choices.push(self.choice(key, does));
            }
        };
        let running = model.asked_for && model.ended.is_none();
        let talking = running && model.counselor.is_some();
        add(true, "seek-back", Do::Close);
        add(model.asked.is_some(), "seek-asked-open", Do::Open(Over::Asked));
        add(true, "seek-read-shelf", Do::Open(Over::Shelf));
        add(
            running && model.closed.is_some(),
            "seek-closed-leave",
            Do::Go(Step::Leave),
        );
        add(!model.mails.is_empty(), "seek-mail-open", Do::Open(Over::Mails));
        add(running, "seek-phrase-open", Do::Open(Over::PhraseBefore));
        add(
            talking && (model.reopened || model.passed.is_some()),
            "seek-resend",
            Do::Resend,
        );
        add(true, "seek-language-title", Do::Open(Over::Languages));
        let letters = model.tongue.is_from_right() && !self.texts.lines();
        add(letters, "seek-calibrate-title", Do::Open(Over::Calibrate));
        add(true, "seek-safe-practice", Do::Open(Over::Practice));
        add(true, "seek-help-title", Do::Open(Over::Help));
        add(true, "seek-notebook-open", Do::Open(Over::Notebook(Leaf::Safe)));
        add(running, "seek-end", Do::Open(Over::End));
        page
    }

    fn reading(&self, topic: Topic) -> Page<'a> {
        let mut page = self.simple(topic.title(), topic.lines(), &[("seek-back", Do::Close)]);
        let mut quotes: Vec<Para<'a>> = Vec::new();
        match topic {
            Topic::Danger => {
                quotes.extend(self.written(|texts| &texts.danger));
                quotes.extend(self.written(|texts| &texts.services));
            }
            Topic::Services => {
                quotes.extend(self.written(|texts| &texts.services));
                quotes.extend(self.written(|texts| &texts.hours));
            }
            Topic::Complaint => quotes.extend(self.written(|texts| &texts.legal)),
            Topic::Confidentiality => quotes.extend(self.written(|texts| &texts.confidentiality)),
            Topic::Counselor | Topic::Proof | Topic::Tonight | Topic::Device => return page,
        }
        page.paras.push(Para::Gap);
        if quotes.is_empty() {
            page.paras.push(self.say("seek-no-text"));
        } else {
            page.paras.push(Para::Strong(
                self.association("seek-by-association", "seek-by-association-unknown"),
            ));
            page.paras.extend(quotes);
        }
        page
    }

    fn help(&self) -> Page<'a> {
        let mut page = self.simple("seek-help-title", &[], &[("seek-back", Do::Close)]);
        if self.texts.lines() {
            page.paras
                .extend(self.says(&["seek-plain-write", "seek-help-plain", "seek-safe-exit-limits"]));
            page.paras.extend(self.path());
            return page;
        }
        // The first letter of a row says from which side it is read.
        let rtl = self.texts.tongue().is_from_right();
        let rows = super::keys::ALL.iter().map(|key| {
            let (press, name) = (key.press(self.texts), self.texts.say(key.name));
            if rtl {
                format!("{name}: {press}")
            } else {
                format!("{press}: {name}")
            }
        });
        page.paras.extend(rows.map(Para::Say));
        page.paras
            .extend(self.says(&["seek-help-signs", "seek-safe-exit-limits"]));
        page.paras.extend(self.path());
        page
    }

    /// Through how many associations her words go, once it is known.
    fn path(&self) -> Option<Para<'a>> {
        let split = self.model.split?;
        Some(self.say(if split { "seek-path-two" } else { "seek-path-one" }))
    }

    fn phrase(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-phrase-title",
            &["seek-phrase-write"],
            &[
                ("seek-phrase-typeback", Do::Open(Over::PhraseBack)),
                ("seek-phrase-stop", Do::Close),
            ],
        );
        let phrase = self.model.phrase.as_ref().map_or("", |phrase| &phrase.0);
        let words: Vec<String> = phrase
            .split_whitespace()
            .enumerate()
            .map(|(at, word)| format!("{}  {}", at + 1, one_line(word)))
            .collect();
        // Heard one by one; seen in two columns, so that the smallest screen shows them all.
        let half = if self.texts.lines() {
            words.len()
        } else {
            words.len().div_ceil(2)
        };
        let (left, right) = words.split_at_checked(half).unwrap_or((&words, &[]));
        for (at, word) in left.iter().enumerate() {
            let beside = right.get(at).map_or("", String::as_str);
            page.paras
                .push(Para::Row(format!("{word:<14}{beside}").trim_end().to_owned()));
        }
        page.whole = true;
        page
    }

    fn transfer(&self, to: &str) -> String {
        let name = self.model.counselor.as_deref().unwrap_or_default();
        self.texts
            .with("seek-asked-transfer", &[("name", name), ("colleague", to)])
    }

    fn asked(&self) -> Page<'a> {
        let Some(to) = &self.model.asked else {
            return self.simple(
                "seek-asked-title",
                &["seek-asked-gone"],
                &[("seek-back", Do::Close)],
            );
        };
        let mut page = self.simple(
            "seek-asked-title",
            &["seek-asked-transfer-means", "seek-asked-free"],
            &[
                ("seek-asked-later", Do::Close),
                ("seek-asked-yes", Do::Agree),
                ("seek-asked-no", Do::Decline),
            ],
        );
        page.paras.insert(0, Para::Strong(self.transfer(to)));
        page
    }

    /// What came in several lines at once. The face says it back before it asks.
    fn pasted(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-pasted-title",
            &[],
            &[
                ("seek-pasted-send", Do::SendPasted),
                ("seek-pasted-drop", Do::Close),
            ],
        );
        let text = self.model.pasted.as_ref().map_or("", |text| &text.0);
        let lines = text.lines().count().to_string();
        page.paras = vec![
            Para::Quote(clean(text)),
            Para::Say(self.texts.with("seek-pasted-lines", &[("lines", &lines)])),
            self.say("seek-pasted-not-sent"),
        ];
        page
    }

    fn mails(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-mail-title",
            &[],
            &[("seek-mail-talk", Do::Go(Step::Danger)), ("seek-back", Do::Close)],
        );
        if self.model.asked_for {
            page.choices.remove(0);
        }
        for mail in &self.model.mails {
            page.paras.push(Para::Quote(clean(&mail.text.0)));
            // The hour is the replier's clock's, and of another place perhaps.
            let day = mail.date.split('T').next().unwrap_or_default();
            page.paras
                .push(Para::Say(self.texts.with("seek-mail-date", &[("date", day)])));
            page.paras.push(Para::Gap);
        }
        if self.model.mails.is_empty() {
            page.paras.push(self.say("seek-mail-none"));
        }
        page
    }

    fn questions(&self, at: u8) -> Page<'a> {
        let key = match at {
            0 => "seek-question-heard",
            1 => "seek-question-step",
            2 => "seek-question-safer",
            _ => {
                let unsure = self.model.answers.contains(&Some(false));
                let key = if unsure {
                    "seek-questions-unsure"
                } else {
                    "seek-questions-done"
                };
                return self.simple("seek-questions-title", &[key], &[("seek-back", Do::Close)]);
            }
        };
        self.simple(
            "seek-questions-title",
            &["seek-questions-yours", key],
            &[
                ("seek-question-skip", Do::Answer(at, None)),
                ("seek-question-yes", Do::Answer(at, Some(true))),
                ("seek-question-no", Do::Answer(at, Some(false))),
            ],
        )
    }

    fn notebook(&self, leaf: Leaf) -> Page<'a> {
        let new = self.model.notebook.as_ref().is_some_and(|book| book.new);
        let one = |one, other| if new { one } else { other };
        let back = ("seek-back", Do::Close);
        let (says, choices): (&[&str], &[(&str, Do)]) = match leaf {
            Leaf::Safe => return self.notebook_safe(),
            Leaf::List => return self.notebook_list(),
            Leaf::Path if new => (&["seek-notebook-path-new", "seek-notebook-path-name"], &[back]),
            Leaf::Path => (&["seek-notebook-path"], &[back]),
            Leaf::Passphrase => (
                one(
                    &["seek-notebook-passphrase-new", "seek-notebook-hidden"],
                    &["seek-notebook-passphrase", "seek-notebook-hidden"],
                ),
                &[back],
            ),
            Leaf::Again => (&["seek-notebook-again", "seek-notebook-hidden"], &[back]),
            Leaf::Busy => (&["seek-notebook-busy"], &[back]),
            Leaf::Note => (&["seek-notebook-note"], &[("seek-back", Do::Turn(Leaf::List))]),
            Leaf::File => (
                &["seek-notebook-file", "seek-notebook-file-stays"],
                &[("seek-back", Do::Turn(Leaf::List))],
            ),
        };
        self.simple("seek-notebook-open", says, choices)
    }

    /// What it is, in the words of the notebook itself. The first choice writes nothing.
    fn notebook_safe(&self) -> Page<'a> {
        let mut page = self.simple("seek-notebook-open", &[], &[("seek-notebook-not", Do::Close)]);
        page.paras
            .push(Para::Strong(self.texts.say("seek-notebook-only")));
        page.paras.push(self.say("seek-notebook-nobody"));
        if !self.model.hides {
            page.paras.push(self.say("seek-notebook-shown"));
            page.paras
                .push(Para::Row("hamsa notebook new --file FILE".to_owned()));
            return page;
        }
        let words = Sentences::new(notebook::language(self.model.tongue));
        let safe = words.say("notebook-safe");
        page.paras.extend(
            safe.lines()
                .map(|line| Para::Say(line.trim_start_matches(['·', ' ']).to_owned())),
        );
        page.choices
            .push(self.choice("seek-notebook-make", Do::Notebook(true)));
        page.choices
            .push(self.choice("seek-notebook-mine", Do::Notebook(false)));
        page.whole = true;
        page
    }

    fn notebook_list(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-notebook-open",
            &[],
            &[
                ("seek-notebook-note-do", Do::Turn(Leaf::Note)),
                ("seek-notebook-file-do", Do::Turn(Leaf::File)),
                ("seek-notebook-close", Do::Close),
            ],
        );
        let entries = self.model.notebook.as_ref().map_or(&[][..], |book| &book.entries);
        for entry in entries {
            page.paras.push(Para::Quote(clean(&entry.0)));
            page.paras.push(Para::Gap);
        }
        if entries.is_empty() {
            page.paras.push(self.say("seek-notebook-empty"));
        }
        page.paras.push(self.say("seek-notebook-export"));
        page.paras.push(Para::Row(
            "hamsa notebook export --file FILE --to FOLDER".to_owned(),
        ));
        page
    }
}
