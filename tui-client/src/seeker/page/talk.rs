//! The talk, the waiting room, closed hours, and what the counselor asks.

use hamsa_client::api::CounselorState;

use super::{
    super::{
        model::{Overlay, Screen},
        texts::{clean, one_line},
    },
    Action, Page, PageBuilder, Para,
};

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
        if model.ended.is_some() {
            page.status.push(self.texts.say(self.why()));
            if model.writing() && !model.words.is_blank() {
                page.status.push(self.texts.say("seek-ended-draft"));
            }
            page.choices
                .push(self.choice("seek-go-on", Action::Go(Screen::Over)));
            return page;
        }
        if let Some(asked) = &model.asked {
            page.status.push(self.transfer(asked));
            page.status.push(self.texts.say("seek-asked-key"));
        }
        if let Some(desk) = model.desk.filter(|_| model.counselor.is_some()) {
            let name = model.counselor.as_deref().unwrap_or_default();
            let key = match desk {
                CounselorState::Locked => Some("seek-counselor-locked"),
                CounselorState::Asking => Some("seek-counselor-asking"),
                CounselorState::Here => None,
            };
            page.status
                .extend(key.map(|key| self.texts.with(key, &[("name", name)])));
        }
        if model.paused && model.counselor.is_some() {
            page.status.push(self.texts.say("seek-pace-paused"));
        }
        if model.counselor.is_none() {
            page.status.extend(self.waiting());
            page.choices.extend(self.topics().take(3));
        }
        page.choices
            .push(self.choice("seek-menu-title", Action::Open(Overlay::Menu)));
        if model.asked.is_some() && self.texts.lines() {
            page.choices
                .push(self.choice("seek-asked-open", Action::Open(Overlay::Asked)));
        }
        page
    }

    pub(super) fn place(&self) -> String {
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
    pub(super) fn waiting(&self) -> Vec<String> {
        let (model, texts) = (self.model, self.texts);
        if let Some(hours) = &model.closed {
            let gone = model.reopened.then(|| texts.say("seek-wait-gone"));
            let mut said: Vec<String> = gone.into_iter().collect();
            said.push(texts.say("seek-closed-nobody"));
            said.extend(self.hours(hours.as_deref()));
            said.push(texts.say(if model.unread {
                "seek-closed-unread"
            } else {
                "seek-closed-menu"
            }));
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
        let urgent = (model.urgent && model.ahead.is_some()).then(|| texts.say("seek-urgent-waits"));
        [again, urgent, Some(place), Some(texts.say("seek-wait-more"))]
            .into_iter()
            .flatten()
            .collect()
    }

    pub(super) fn hours(&self, told: Option<&str>) -> Option<String> {
        let hours = self.texts.association(&self.model.texts, |texts| &texts.hours);
        let hours = hours.or_else(|| told.map(clean))?;
        Some(self.texts.with("seek-closed-hours", &[("hours", &hours)]))
    }

    pub(super) fn closed(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-closed-title",
            &[],
            &[
                ("seek-closed-leave", Action::Go(Screen::Leave)),
                ("seek-closed-wait", Action::Go(Screen::Talk)),
                ("seek-read-shelf", Action::Open(Overlay::Shelf)),
                ("seek-end", Action::Open(Overlay::End)),
            ],
        );
        if self.model.unread {
            page.choices.remove(0);
            page.paras.push(self.say("seek-error-nobody-reads"));
        }
        if self.model.reopened {
            page.paras.push(Para::Strong(self.texts.say("seek-wait-gone")));
        }
        let told = self.model.closed.as_ref().and_then(Option::as_deref);
        page.paras.extend(self.hours(told).map(Para::Say));
        page.paras.push(self.say("seek-closed-kept"));
        page
    }

    pub(super) fn transfer(&self, to: &str) -> String {
        let name = self.model.counselor.as_deref().unwrap_or_default();
        self.texts
            .with("seek-asked-transfer", &[("name", name), ("colleague", to)])
    }

    pub(super) fn asked(&self) -> Page<'a> {
        let Some(to) = &self.model.asked else {
            return self.simple(
                "seek-asked-title",
                &["seek-asked-gone"],
                &[("seek-back", Action::Close)],
            );
        };
        let mut page = self.simple(
            "seek-asked-title",
            &["seek-asked-transfer-means", "seek-asked-free"],
            &[
                ("seek-asked-later", Action::Close),
                ("seek-asked-yes", Action::Agree),
                ("seek-asked-no", Action::Decline),
            ],
        );
        page.paras.insert(0, Para::Strong(self.transfer(to)));
        page
    }

    /// What came in several lines at once. The face says it back before it asks.
    pub(super) fn pasted(&self) -> Page<'a> {
        let mut page = self.simple(
            "seek-pasted-title",
            &[],
            &[
                ("seek-pasted-send", Action::SendPasted),
                ("seek-pasted-drop", Action::Close),
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
}
