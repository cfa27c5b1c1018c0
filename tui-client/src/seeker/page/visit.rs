//! From the choice of a language to the last question: what frames a talk.

use hamsa_client::api::MessageState;

use crate::text::{
    Strategy,
    calibration::{Calibration, SENTENCE},
};

use super::{
    super::{
        keys,
        model::{Overlay, Screen, SurveyStatus},
        notebook::{self, NotebookPage},
        texts::Locale,
    },
    Action, Choice, Page, PageBuilder, Para, Topic,
};

impl<'a> PageBuilder<'a, '_> {
    pub(super) fn languages(&self) -> Page<'a> {
        let choices = Locale::ALL.map(|locale| Choice {
            label: locale.name(),
            row: None,
            does: Action::Speak(locale),
        });
        let mut page = self.simple("seek-language-title", &[], &[]);
        page.choices = choices.into();
        if !self.model.over.is_empty() {
            page.choices.push(self.choice("seek-back", Action::Close));
        }
        page
    }

    /// One sentence in every way of drawing it: her eyes know what this terminal does by itself.
    pub(super) fn calibrate(&self) -> Page<'a> {
        let mut page = self.simple("seek-calibrate-title", &["seek-calibrate-ask"], &[]);
        let shown = Calibration::rows().filter_map(|(number, row)| {
            Some(Choice {
                label: SENTENCE.to_owned(),
                row: Some(row.text),
                does: Action::Draw(Calibration::answer(number)?),
            })
        });
        page.choices = shown.collect();
        page.choices
            .push(self.choice("seek-calibrate-none", Action::Draw(Strategy::Off)));
        page
    }

    pub(super) fn safety(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-safe-title",
            &[],
            &[
                ("seek-safe-consent", Action::Consent),
                ("seek-safe-practice", Action::Open(Overlay::Practice)),
                ("seek-safe-danger", Action::Open(Overlay::Reading(Topic::Danger))),
                ("seek-safe-more", Action::Open(Overlay::Shelf)),
                ("seek-safe-return", Action::Go(Screen::Return)),
                ("seek-safe-refuse", Action::Refuse),
            ],
        );
        if self.model.strange_locale {
            page.paras.extend(self.says(&["seek-locale"]));
        }
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
        self.with_hours(page)
    }

    pub(super) fn refused(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-refused-title",
            &["seek-refused-fine"],
            &[
                ("seek-refused-leave", Action::Leave),
                ("seek-refused-talk", Action::Go(Screen::Safety)),
            ],
        );
        let parts = [
            self.written(|texts| &texts.danger),
            self.written(|texts| &texts.services),
            self.written(|texts| &texts.hours),
        ];
        let quotes: Vec<Para<'a>> = parts.into_iter().flatten().collect();
        page.paras.extend(self.quoted(quotes));
        page.choices.extend(self.topics());
        page
    }

    /// The page with whether somebody is on duty, once that is known, and the hours where nobody is.
    pub(super) fn with_hours(&self, mut page: Page<'a>) -> Page<'a> {
        if let Some(hours) = &self.model.closed {
            let said = [
                Some(self.texts.say("seek-closed-nobody")),
                self.hours(hours.as_deref()),
            ];
            page.status
                .push(said.into_iter().flatten().collect::<Vec<_>>().join(" "));
        } else if self.model.on_duty {
            page.status.push(self.texts.say("seek-open-now"));
        }
        page
    }

    /// What helps in danger: the association's text, or none.
    pub(super) fn in_danger(&self) -> Page<'a> {
        let mut page = self.simple(Topic::Danger.title(), Topic::Danger.lines(), &[]);
        let quotes: Vec<Para<'a>> = [
            self.written(|texts| &texts.danger),
            self.written(|texts| &texts.services),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !quotes.is_empty() {
            page.paras.push(Para::Gap);
            page.paras.extend(self.quoted(quotes));
        }
        page
    }

    /// What the "yes" did: only what the queue keeps.
    pub(super) fn urgent(&self) -> String {
        let model = self.model;
        if let Some(hours) = &model.closed {
            let said = [
                Some(self.texts.say("seek-closed-nobody")),
                self.hours(hours.as_deref()),
            ];
            return said.into_iter().flatten().collect::<Vec<_>>().join(" ");
        }
        self.texts.say(match &model.counselor {
            _ if model.ended.is_some() => self.why(),
            Some(_) => "seek-urgent-answered",
            None if model.ahead.is_some() => "seek-urgent-waits",
            None => "seek-wait-sealing",
        })
    }

    /// What the association says, under its name; or that it says nothing of this.
    fn quoted(&self, quotes: Vec<Para<'a>>) -> Vec<Para<'a>> {
        if quotes.is_empty() {
            return vec![self.say("seek-no-text")];
        }
        let by = self.association("seek-by-association", "seek-by-association-unknown");
        [Para::Strong(by)].into_iter().chain(quotes).collect()
    }

    pub(super) fn topics(&self) -> impl Iterator<Item = Choice> {
        Topic::ALL
            .map(|topic| self.choice(topic.title(), Action::Open(Overlay::Reading(topic))))
            .into_iter()
    }

    pub(super) fn reading(&self, topic: Topic) -> Page<'a> {
        let mut page = self.simple(topic.title(), topic.lines(), &[("seek-back", Action::Close)]);
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
        page.paras.extend(self.quoted(quotes));
        page
    }

    pub(super) fn help(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-help-title",
            &[],
            &[
                ("seek-back", Action::Close),
                ("seek-safe-practice", Action::Open(Overlay::Practice)),
            ],
        );
        if self.texts.lines() {
            page.paras
                .extend(self.says(&["seek-plain-write", "seek-help-plain", "seek-safe-exit-limits"]));
            page.paras.extend(self.path());
            return page;
        }
        // The first letter of a row says from which side it is read.
        let rtl = self.texts.locale().is_from_right();
        let rows = keys::ALL.iter().filter_map(|key| {
            let (press, name) = (key.press(self.texts), key.explained(self.texts)?);
            let colon = self.texts.locale().colon();
            if rtl {
                Some(format!("{name}{colon} {press}"))
            } else {
                Some(format!("{press}{colon} {name}"))
            }
        });
        page.paras.extend(rows.map(Para::Say));
        page.paras
            .extend(self.says(&["seek-help-signs", "seek-safe-exit-limits"]));
        page.paras.extend(self.path());
        page
    }

    /// Through how many associations her words go, once it is known.
    pub(super) fn path(&self) -> Option<Para<'a>> {
        let split = self.model.split?;
        Some(self.say(if split { "seek-path-two" } else { "seek-path-one" }))
    }

    pub(super) fn menu(&self) -> Page<'a> {
        let model = self.model;
        let mut page = self.simple("seek-menu-title", &[], &[]);
        let mut add = |wanted: bool, key: &str, does: Action| {
            if wanted {
                page.choices.push(self.choice(key, does));
            }
        };
        let running = model.asked_for && model.ended.is_none();
        // What leads away from a note that is not kept yet would take it from her.
        let free = !notebook::holds_note(model);
        let talking = running && model.counselor.is_some();
        add(true, "seek-back", Action::Close);
        add(
            model.asked.is_some(),
            "seek-asked-open",
            Action::Open(Overlay::Asked),
        );
        let (pause, details) = (model.paused, self.details());
        // Also while she waits, so that no number comes to mean something else when somebody answers.
        let open = running && model.closed.is_none();
        add(open && !pause, "seek-pace-pause", Action::Pause(true));
        add(open && pause, "seek-pace-go-on", Action::Pause(false));
        add(open, details.0, details.1);
        add(true, "seek-read-shelf", Action::Open(Overlay::Shelf));
        add(
            running && model.closed.is_some() && free && !model.unread,
            "seek-closed-leave",
            Action::Go(Screen::Leave),
        );
        add(
            !model.mails.is_empty(),
            "seek-mail-open",
            Action::Open(Overlay::Mails),
        );
        // Only a sealed message can be answered later: in a live talk a phrase would promise what nobody can write.
        add(
            running
                && ((model.closed.is_some() && !model.unread) || model.letter_left())
                && model.notebook.is_none(),
            "seek-phrase-open",
            Action::Open(Overlay::PhraseBefore),
        );
        add(
            talking && (model.reopened || model.passed.is_some()),
            "seek-resend",
            Action::Resend,
        );
        add(true, "seek-language-title", Action::Open(Overlay::Languages));
        let letters = model.locale.is_from_right() && !self.texts.lines();
        add(letters, "seek-calibrate-title", Action::Open(Overlay::Calibrate));
        add(true, "seek-help-title", Action::Open(Overlay::Help));
        add(
            true,
            "seek-notebook-open",
            Action::Open(Overlay::Notebook(NotebookPage::Safe)),
        );
        add(running && free, "seek-end", Action::Open(Overlay::End));
        page
    }

    /// Who ended it and why.
    pub(super) fn why(&self) -> &'static str {
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

    pub(super) fn ended(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-over-title",
            &[
                self.why(),
                "seek-over-thanks",
                "seek-over-nothing",
                "seek-over-shell",
            ],
            &[
                ("seek-over-leave", Action::Leave),
                ("seek-over-again", Action::Again),
                ("seek-read-shelf", Action::Open(Overlay::Shelf)),
                ("seek-questions-open", Action::Open(Overlay::Questions(0))),
            ],
        );
        if self.model.unsent() {
            page.paras
                .insert(1, Para::Strong(self.texts.say("seek-over-unsent")));
        }
        if self.model.left == Some(MessageState::Written) {
            page.paras
                .insert(1, Para::Strong(self.texts.say("seek-left-not-yet")));
        }
        if !self.model.lines.is_empty() {
            page.choices
                .push(self.choice("seek-over-reread", Action::Go(Screen::Talk)));
        }
        page
    }

    pub(super) fn questions(&self, at: u8) -> Page<'a> {
        let key = match at {
            0 => "seek-question-heard",
            1 => "seek-question-step",
            2 => "seek-question-safer",
            _ => return self.answered(),
        };
        let whose = if self.model.survey_before {
            "seek-survey-before"
        } else {
            "seek-questions-yours"
        };
        self.simple(
            "seek-questions-title",
            &[whose, key],
            &[
                ("seek-question-skip", Action::Answer(at, None)),
                ("seek-question-yes", Action::Answer(at, Some(true))),
                ("seek-question-no", Action::Answer(at, Some(false))),
            ],
        )
    }

    /// After the three. Keys that were meant for one more question send nothing: that is on a page of its own.
    fn answered(&self) -> Page<'a> {
        let (model, answers) = (self.model, &self.model.answers);
        let key = if answers.contains(&Some(false)) {
            "seek-questions-unsure"
        } else {
            "seek-questions-done"
        };
        let mut page = self.simple("seek-questions-title", &[key], &[("seek-back", Action::Close)]);
        if answers.iter().any(Option::is_some) && !model.survey_before {
            page.choices
                .push(self.choice("seek-survey-again", Action::Open(Overlay::Questions(0))));
            page.choices
                .push(self.choice("seek-survey-open", Action::Open(Overlay::Survey)));
        }
        page
    }

    /// Whether the association shall have them. What Enter does by itself sends nothing; what changes while she looks
    /// stands in the status, where it is said line by line too.
    pub(super) fn survey(&self) -> Page<'a> {
        let how = if self.model.split == Some(false) {
            "seek-survey-how-one"
        } else {
            "seek-survey-how"
        };
        let (says, stands, sends): (&[&str], _, _) = match self.model.survey {
            SurveyStatus::Kept => (&["seek-survey-ask", how], None, true),
            SurveyStatus::Sending => (&[], Some("seek-survey-sending"), false),
            SurveyStatus::Counted => (&[], Some("seek-survey-counted"), false),
            SurveyStatus::Failed => (&[], Some("seek-survey-failed"), true),
        };
        let mut page = self.simple("seek-questions-title", says, &[]);
        page.status.extend(stands.map(|key| self.texts.say(key)));
        if sends {
            page.choices.push(self.choice("seek-survey-keep", Action::Close));
            page.choices.push(self.choice("seek-survey-send", Action::Survey));
        } else {
            page.choices.push(self.choice("seek-back", Action::Close));
        }
        page
    }
}
