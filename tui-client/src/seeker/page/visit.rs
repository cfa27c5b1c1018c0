//! From the choice of a language to the last question: what frames a talk.

use hamsa_client::api::{EndReason, EndedBy, MessageState};

use super::{
    super::{
        keys,
        model::{HelplineDuty, QueuePlace, SurveyStatus, VisitStage},
        screen::{Action, NotebookPage, Overlay, Screen, Topic},
    },
    Choice, Page, PageBuilder, Para,
};
use crate::{
    i18n::{
        Locale,
        Text::{self, *},
    },
    text::{
        Strategy,
        calibration::{Calibration, SENTENCE},
    },
};

impl<'a> PageBuilder<'a, '_> {
    pub(super) fn languages(&self) -> Page<'a> {
        let choices = Locale::ALL.map(|locale| Choice {
            label: locale.name().to_owned(),
            row: None,
            does: Action::Speak(locale),
        });
        let mut page = self.simple(SeekLanguageTitle, &[], &[]);
        page.choices = choices.into();
        if !self.model.overlays.is_empty() {
            page.choices.push(self.choice(SeekBack, Action::Close));
        }
        page
    }

    /// One sentence in every way of drawing it: the eye knows what this terminal does by itself.
    pub(super) fn calibrate(&self) -> Page<'a> {
        let mut page = self.simple(SeekCalibrateTitle, &[SeekCalibrateAsk], &[]);
        let shown = Calibration::rows().filter_map(|(number, row)| {
            Some(Choice {
                label: SENTENCE.to_owned(),
                row: Some(row.text),
                does: Action::Draw(Calibration::answer(number)?),
            })
        });
        page.choices = shown.collect();
        page.choices
            .push(self.choice(SeekCalibrateNone, Action::Draw(Strategy::Off)));
        page
    }

    pub(super) fn safety(&self) -> Page<'a> {
        let mut page = self.simple(
            SeekSafeTitle,
            &[],
            &[
                (SeekSafeConsent, Action::Consent),
                (SeekSafePractice, Action::Open(Overlay::Practice)),
                (SeekSafeDanger, Action::Open(Overlay::Reading(Topic::Danger))),
                (SeekSafeMore, Action::Open(Overlay::Shelf)),
                (SeekSafeReturn, Action::Go(Screen::Return)),
                (SeekSafeRefuse, Action::Refuse),
            ],
        );
        if self.model.strange_locale {
            page.paras.extend(self.says(&[SeekLocale]));
        }
        page.paras.push(Para::Strong(
            self.association(SeekSafeHello, SeekSafeHelloUnknown),
        ));
        page.paras.extend(self.says(&[
            SeekSafeDangerNow,
            SeekSafeWatched,
            SeekSafeLimits,
            SeekSafeSpy,
            SeekSafeAnonymous,
            SeekSafeSaved,
            SeekSafeReads,
            SeekSafeExit,
            SeekSafeExitLimits,
        ]));
        page.whole = true;
        self.with_hours(page)
    }

    pub(super) fn refused(&self) -> Page<'a> {
        let mut page = self.simple(
            SeekRefusedTitle,
            &[SeekRefusedFine],
            &[
                (SeekRefusedLeave, Action::Leave),
                (SeekRefusedTalk, Action::Go(Screen::Safety)),
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

    /// The page with whether a counselor is on duty, once that is known, and the hours where none is.
    pub(super) fn with_hours(&self, mut page: Page<'a>) -> Page<'a> {
        if let HelplineDuty::Closed(hours) = &self.model.duty {
            page.status.push(self.closed_until(hours.as_deref()));
        } else if self.model.duty == HelplineDuty::Open {
            page.status.push(self.texts.say(SeekOpenNow));
        }
        page
    }

    /// That no counselor is on duty, with the hours where they are known.
    fn closed_until(&self, hours: Option<&str>) -> String {
        let hours = self.hours(hours).map(|hours| format!(" {hours}"));
        self.texts.say(SeekClosedNobody) + &hours.unwrap_or_default()
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

    /// After the answer that there is danger now.
    pub(super) fn after_danger(&self) -> Page<'a> {
        let mut page = self.in_danger();
        let on = if self.model.closed() && !self.model.ended() {
            Screen::Closed
        } else {
            Screen::Talk
        };
        page.choices = vec![self.choice(SeekGoOn, Action::Go(on))];
        page.status.push(self.urgent());
        page
    }

    /// What can be read.
    pub(super) fn shelf(&self) -> Page<'a> {
        let mut page = self.simple(SeekReadShelf, &[], &[]);
        if self.model.asked_for && !self.model.ended() {
            page.paras.push(self.say(SeekReadPlace));
        }
        page.choices = self.topics().collect();
        page.choices.push(self.choice(SeekBack, Action::Close));
        page
    }

    /// What the "yes" did: only what the queue keeps.
    pub(super) fn urgent(&self) -> String {
        let model = self.model;
        if let HelplineDuty::Closed(hours) = &model.duty {
            return self.closed_until(hours.as_deref());
        }
        self.texts.say(match model.counselor() {
            _ if model.ended() => self.why(),
            Some(_) => SeekUrgentAnswered,
            None if model.place != QueuePlace::Unknown => SeekUrgentWaits,
            None => SeekWaitSealing,
        })
    }

    /// What the association says, under its name; or that it says nothing of this.
    fn quoted(&self, quotes: Vec<Para<'a>>) -> Vec<Para<'a>> {
        if quotes.is_empty() {
            return vec![self.say(SeekNoText)];
        }
        let by = self.association(SeekByAssociation, SeekByAssociationUnknown);
        [Para::Strong(by)].into_iter().chain(quotes).collect()
    }

    pub(super) fn topics(&self) -> impl Iterator<Item = Choice> {
        Topic::ALL
            .map(|topic| self.choice(topic.title(), Action::Open(Overlay::Reading(topic))))
            .into_iter()
    }

    pub(super) fn reading(&self, topic: Topic) -> Page<'a> {
        let mut page = self.simple(topic.title(), topic.lines(), &[(SeekBack, Action::Close)]);
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
            SeekHelpTitle,
            &[],
            &[
                (SeekBack, Action::Close),
                (SeekSafePractice, Action::Open(Overlay::Practice)),
            ],
        );
        if self.texts.lines() {
            page.paras
                .extend(self.says(&[SeekPlainWrite, SeekHelpPlain, SeekSafeExitLimits]));
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
        page.paras.extend(self.says(&[SeekHelpSigns, SeekSafeExitLimits]));
        page.paras.extend(self.path());
        page
    }

    /// Through how many associations the words go, once it is known.
    pub(super) fn path(&self) -> Option<Para<'a>> {
        let split = self.model.split?;
        Some(self.say(if split { SeekPathTwo } else { SeekPathOne }))
    }

    pub(super) fn menu(&self) -> Page<'a> {
        let model = self.model;
        let mut page = self.simple(SeekMenuTitle, &[], &[]);
        let mut add = |wanted: bool, key: Text, does: Action| {
            if wanted {
                page.choices.push(self.choice(key, does));
            }
        };
        let running = model.asked_for && !model.ended();
        // What leads away from a note that is not kept yet would lose it.
        let free = !model.holds_note();
        let talking = running && model.counselor().is_some();
        add(true, SeekBack, Action::Close);
        add(model.asked.is_some(), SeekAskedOpen, Action::Open(Overlay::Asked));
        let (pause, details) = (model.paused, self.details());
        // Also in the queue, so that no number comes to mean something else with the answer.
        let open = running && !model.closed();
        add(open && !pause, SeekPacePause, Action::Pause(true));
        add(open && pause, SeekPaceGoOn, Action::Pause(false));
        add(open, details.0, details.1);
        add(true, SeekReadShelf, Action::Open(Overlay::Shelf));
        add(
            running && model.closed() && free && !model.unread,
            SeekClosedLeave,
            Action::Go(Screen::Leave),
        );
        add(
            !model.mails.is_empty(),
            SeekMailOpen,
            Action::Open(Overlay::Mails),
        );
        // Only a sealed message can be answered later: in a live talk a phrase would promise what cannot be written.
        add(
            running && ((model.closed() && !model.unread) || model.letter_left()) && model.notebook.is_none(),
            SeekPhraseOpen,
            Action::Open(Overlay::PhraseBefore),
        );
        add(
            talking && (model.reopened || model.passed.is_some()),
            SeekResend,
            Action::Resend,
        );
        add(true, SeekLanguageTitle, Action::Open(Overlay::Languages));
        let letters = model.locale.is_from_right() && !self.texts.lines();
        add(letters, SeekCalibrateTitle, Action::Open(Overlay::Calibrate));
        add(true, SeekHelpTitle, Action::Open(Overlay::Help));
        add(
            true,
            SeekNotebookOpen,
            Action::Open(Overlay::Notebook(NotebookPage::Safe)),
        );
        add(running && free, SeekEnd, Action::Open(Overlay::End));
        page
    }

    /// The text for what ended the chat and why.
    pub(super) fn why(&self) -> Text {
        let VisitStage::Ended { by, reason, .. } = &self.model.stage else {
            return SeekEndedYou;
        };
        match (by, reason) {
            (_, EndReason::Revoked) => SeekEndedRevoked,
            (_, EndReason::Transferred) => SeekEndedTransferred,
            (EndedBy::You, _) => SeekEndedYou,
            (EndedBy::Peer, _) => SeekEndedCounselor,
            (EndedBy::Helpline, _) => SeekEndedHelpline,
        }
    }

    pub(super) fn ended(&self) -> Page<'a> {
        let mut page = self.simple(
            SeekOverTitle,
            &[self.why(), SeekOverThanks, SeekOverNothing, SeekOverShell],
            &[
                (SeekOverLeave, Action::Leave),
                (SeekOverAgain, Action::Again),
                (SeekReadShelf, Action::Open(Overlay::Shelf)),
                (SeekQuestionsOpen, Action::Open(Overlay::Questions(0))),
            ],
        );
        if self.model.unsent() {
            page.paras.insert(1, Para::Strong(self.texts.say(SeekOverUnsent)));
        }
        if self.model.left == Some(MessageState::Written) {
            page.paras.insert(1, Para::Strong(self.texts.say(SeekLeftNotYet)));
        }
        if !self.model.lines.is_empty() {
            page.choices
                .push(self.choice(SeekOverReread, Action::Go(Screen::Talk)));
        }
        page
    }

    pub(super) fn questions(&self, at: u8) -> Page<'a> {
        let key = match at {
            0 => SeekQuestionHeard,
            1 => SeekQuestionStep,
            2 => SeekQuestionSafer,
            _ => return self.answered(),
        };
        let whose = if self.model.survey_before {
            SeekSurveyBefore
        } else {
            SeekQuestionsYours
        };
        self.simple(
            SeekQuestionsTitle,
            &[whose, key],
            &[
                (SeekQuestionSkip, Action::Answer(at, None)),
                (SeekQuestionYes, Action::Answer(at, Some(true))),
                (SeekQuestionNo, Action::Answer(at, Some(false))),
            ],
        )
    }

    /// After the three. Keys that were meant for one more question send nothing: that is on a page of its own.
    fn answered(&self) -> Page<'a> {
        let (model, answers) = (self.model, &self.model.answers);
        let key = if answers.contains(&Some(false)) {
            SeekQuestionsUnsure
        } else {
            SeekQuestionsDone
        };
        let mut page = self.simple(SeekQuestionsTitle, &[key], &[(SeekBack, Action::Close)]);
        if answers.iter().any(Option::is_some) && !model.survey_before {
            page.choices
                .push(self.choice(SeekSurveyAgain, Action::Open(Overlay::Questions(0))));
            page.choices
                .push(self.choice(SeekSurveyOpen, Action::Open(Overlay::Survey)));
        }
        page
    }

    /// Whether the association shall have them. What Enter does by itself sends nothing; what changes meanwhile
    /// stands in the status, where it is said line by line too.
    pub(super) fn survey(&self) -> Page<'a> {
        let how = if self.model.split == Some(false) {
            SeekSurveyHowOne
        } else {
            SeekSurveyHow
        };
        let (says, stands, sends): (&[Text], _, _) = match self.model.survey {
            SurveyStatus::Kept => (&[SeekSurveyAsk, how], None, true),
            SurveyStatus::Sending => (&[], Some(SeekSurveySending), false),
            SurveyStatus::Counted => (&[], Some(SeekSurveyCounted), false),
            SurveyStatus::Failed => (&[], Some(SeekSurveyFailed), true),
        };
        let mut page = self.simple(SeekQuestionsTitle, says, &[]);
        page.status.extend(stands.map(|key| self.texts.say(key)));
        if sends {
            page.choices.push(self.choice(SeekSurveyKeep, Action::Close));
            page.choices.push(self.choice(SeekSurveySend, Action::Survey));
        } else {
            page.choices.push(self.choice(SeekBack, Action::Close));
        }
        page
    }
}
