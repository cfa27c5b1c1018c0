//! The talk, the waiting room, closed hours, and what the counselor asks.

use hamsa_client::api::CounselorState;

use super::{
    super::{
        model::{HelplineDuty, QueuePlace, VisitStage},
        screen::{Action, Overlay, Screen},
    },
    Page, PageBuilder, Para,
};
use crate::{
    i18n::Text::*,
    text::{clean, one_line},
};

/// Homes tell places up to this one as they are, and others as the upper end of a step.
const EXACT: u32 = 5;

impl<'a> PageBuilder<'a, '_> {
    pub(super) fn talk(&self) -> Page<'a> {
        let model = self.model;
        let mut page = Page {
            title: self.place(),
            newest: true,
            ..Page::default()
        };
        for line in &model.lines {
            page.paras.push(Para::Line(line));
        }
        if model.ended() {
            page.status.push(self.texts.say(self.why()));
            if model.writing() && !model.words.is_blank() {
                page.status.push(self.texts.say(SeekEndedDraft));
            }
            page.choices.push(self.choice(SeekGoOn, Action::Go(Screen::Over)));
            return page;
        }
        if let Some(asked) = &model.asked {
            page.status.push(self.transfer(asked));
            page.status.push(self.texts.say(SeekAskedKey));
        }
        if let VisitStage::Talking { counselor, desk, .. } = &model.stage {
            let name = counselor.as_str();
            let key = match desk {
                Some(CounselorState::Locked) => Some(SeekCounselorLocked),
                Some(CounselorState::Asking) => Some(SeekCounselorAsking),
                Some(CounselorState::Here) | None => None,
            };
            page.status
                .extend(key.map(|key| self.texts.with(key, &[("name", name)])));
        }
        if model.paused && model.counselor().is_some() {
            page.status.push(self.texts.say(SeekPacePaused));
        }
        if model.counselor().is_none() {
            page.status.extend(self.waiting());
            page.choices.extend(self.topics().take(3));
        }
        page.choices
            .push(self.choice(SeekMenuTitle, Action::Open(Overlay::Menu)));
        if model.asked.is_some() && self.texts.lines() {
            page.choices
                .push(self.choice(SeekAskedOpen, Action::Open(Overlay::Asked)));
        }
        page
    }

    pub(super) fn place(&self) -> String {
        let model = self.model;
        match (model.counselor(), &model.association) {
            (Some(name), Some(association)) => self
                .texts
                .with(SeekTalkWith, &[("name", name), ("association", association)]),
            (Some(name), None) => one_line(name),
            (None, _) if model.ended() => self.texts.say(SeekOverTitle),
            (None, _) => self.texts.say(SeekWaitTitle),
        }
    }

    /// The place in the queue, or why there is none; never a promise.
    pub(super) fn waiting(&self) -> Vec<String> {
        let (model, texts) = (self.model, self.texts);
        if let HelplineDuty::Closed(hours) = &model.duty {
            let gone = model.reopened.then(|| texts.say(SeekWaitGone));
            let mut said: Vec<String> = gone.into_iter().collect();
            said.push(texts.say(SeekClosedNobody));
            said.extend(self.hours(hours.as_deref()));
            said.push(texts.say(if model.unread {
                SeekClosedUnread
            } else {
                SeekClosedMenu
            }));
            return said;
        }
        let place = match model.place {
            QueuePlace::Unknown => texts.say(SeekWaitSealing),
            QueuePlace::Hidden => texts.say(SeekWaitBusy),
            QueuePlace::Ahead(0) => texts.say(SeekWaitNext),
            QueuePlace::Ahead(ahead) => {
                let text = if ahead > EXACT {
                    SeekWaitAheadMost
                } else {
                    SeekWaitAhead
                };
                texts.with(text, &[("ahead", &ahead.to_string())])
            }
        };
        let again = match &model.passed {
            Some(to) => Some(texts.with(SeekWaitPassed, &[("colleague", to)])),
            None => model.reopened.then(|| texts.say(SeekWaitReopened)),
        };
        let urgent = (model.urgent && model.place != QueuePlace::Unknown).then(|| texts.say(SeekUrgentWaits));
        [again, urgent, Some(place), Some(texts.say(SeekWaitMore))]
            .into_iter()
            .flatten()
            .collect()
    }

    pub(super) fn hours(&self, told: Option<&str>) -> Option<String> {
        let hours = self.association_text(|texts| &texts.hours);
        let hours = hours.or_else(|| told.map(clean))?;
        Some(self.texts.with(SeekClosedHours, &[("hours", &hours)]))
    }

    pub(super) fn closed(&self) -> Page<'a> {
        let mut page = self.simple(
            SeekClosedTitle,
            &[],
            &[
                (SeekClosedLeave, Action::Go(Screen::Leave)),
                (SeekClosedWait, Action::Go(Screen::Talk)),
                (SeekReadShelf, Action::Open(Overlay::Shelf)),
                (SeekEnd, Action::Open(Overlay::End)),
            ],
        );
        if self.model.unread {
            page.choices.remove(0);
            page.paras.push(self.say(SeekErrorNobodyReads));
        }
        if self.model.reopened {
            page.paras.push(Para::Strong(self.texts.say(SeekWaitGone)));
        }
        let told = match &self.model.duty {
            HelplineDuty::Closed(hours) => hours.as_deref(),
            HelplineDuty::Unknown | HelplineDuty::Open => None,
        };
        page.paras.extend(self.hours(told).map(Para::Say));
        page.paras.push(self.say(SeekClosedKept));
        page
    }

    pub(super) fn transfer(&self, to: &str) -> String {
        let name = self.model.counselor().unwrap_or_default();
        self.texts
            .with(SeekAskedTransfer, &[("name", name), ("colleague", to)])
    }

    pub(super) fn asked(&self) -> Page<'a> {
        let Some(to) = &self.model.asked else {
            return self.simple(SeekAskedTitle, &[SeekAskedGone], &[(SeekBack, Action::Close)]);
        };
        let mut page = self.simple(
            SeekAskedTitle,
            &[SeekAskedTransferMeans, SeekAskedFree],
            &[
                (SeekAskedLater, Action::Close),
                (SeekAskedYes, Action::Agree),
                (SeekAskedNo, Action::Decline),
            ],
        );
        page.paras.insert(0, Para::Strong(self.transfer(to)));
        page
    }

    /// What came in several lines at once. The face says it back before it asks.
    pub(super) fn pasted(&self) -> Page<'a> {
        let sends = self.model.pasted_can_go();
        let mut page = self.simple(SeekPastedTitle, &[], &[]);
        if sends {
            page.choices.push(self.choice(SeekPastedSend, Action::SendPasted));
        }
        page.choices.push(self.choice(SeekPastedDrop, Action::Close));
        let text = self.model.pasted.as_ref().map_or("", |text| &text.0);
        let lines = text.lines().count().to_string();
        page.paras = vec![
            Para::Quote(clean(text)),
            Para::Say(self.texts.with(SeekPastedLines, &[("lines", &lines)])),
        ];
        if sends {
            page.paras.push(self.say(SeekPastedNotSent));
        } else {
            // The chat ended meanwhile: what is new stands in the status, where it is said line by line too.
            page.status.push(self.texts.say(SeekPastedOver));
        }
        page
    }
}
