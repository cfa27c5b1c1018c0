//! A sealed message, the phrase to come back with, and the answers.

use hamsa_client::api::MessageState;

use super::{
    super::screen::{Action, Overlay, Screen},
    Page, PageBuilder, Para,
};
use crate::{
    i18n::Text::{self, *},
    text::{clean, one_line},
};

impl<'a> PageBuilder<'a, '_> {
    /// The sealed message is written.
    pub(super) fn leave(&self) -> Page<'a> {
        let mut page = self.simple(
            SeekLeaveTitle,
            &[SeekLeaveAsk, SeekLeavePhrase],
            &[(SeekBack, Action::Go(Screen::Closed))],
        );
        if !self.model.letter.is_blank() {
            page.choices.insert(0, self.choice(SeekLeaveSend, Action::Send));
            if self.texts.lines() {
                page.paras.push(Para::Quote(clean(self.model.letter.text())));
            }
        }
        page.paras.insert(
            1,
            Para::Say(self.texts.with(SeekLeaveUntil, &[("date", &self.model.expires)])),
        );
        page
    }

    /// The phrase of an earlier visit is typed.
    pub(super) fn coming_back(&self) -> Page<'a> {
        let mut page = self.simple(
            SeekReturnTitle,
            &[SeekReturnAsk, SeekReturnWatch],
            &[
                (SeekBack, Action::Go(Screen::Safety)),
                (SeekMailTalk, Action::Go(Screen::Danger)),
            ],
        );
        if self.model.returning {
            page.status.push(self.texts.say(SeekReturnLooking));
        }
        page
    }

    /// What a phrase is, before it is made.
    pub(super) fn phrase_before(&self) -> Page<'a> {
        Page {
            whole: true,
            ..self.simple(
                SeekPhraseTitle,
                &[SeekPhraseWhat, SeekPhraseLost, SeekPhraseFound, SeekPhraseWhere],
                &[(SeekPhraseMake, Action::Keep), (SeekPhraseNot, Action::Close)],
            )
        }
    }

    pub(super) fn left(&self) -> Page<'a> {
        let mut page = self.simple(SeekLeftTitle, &[], &[]);
        let date = [("date", self.model.expires.as_str())];
        page.paras = match self.model.left {
            Some(MessageState::AtNode | MessageState::Received) => {
                let answer = if self.model.phrase_kept {
                    SeekLeftComeBack
                } else {
                    SeekLeftAnswer
                };
                vec![
                    Para::Strong(self.texts.with(SeekLeftKept, &date)),
                    self.say(answer),
                ]
            }
            Some(MessageState::Failed) => vec![Para::Strong(self.texts.say(SeekLeftFailed))],
            Some(MessageState::Written) | None => {
                vec![self.say(SeekLeftSending), self.say(SeekLeftNotYet)]
            }
        };
        let mut add = |wanted: bool, key: Text, does: Action| {
            if wanted {
                page.choices.push(self.choice(key, does));
            }
        };
        let failed = self.model.left == Some(MessageState::Failed);
        add(failed, SeekLeftAgain, Action::Go(Screen::Leave));
        let phrase = !failed && !self.model.phrase_kept;
        add(phrase, SeekPhraseOpen, Action::Open(Overlay::PhraseBefore));
        add(true, SeekReadShelf, Action::Open(Overlay::Shelf));
        add(true, SeekClosedWait, Action::Go(Screen::Talk));
        // Leaving in peace waits a few seconds for it, no longer: while it is on its way that is not offered.
        let settled = !matches!(self.model.left, Some(MessageState::Written) | None);
        add(settled, SeekOverLeave, Action::Leave);
        page
    }

    pub(super) fn phrase(&self) -> Page<'a> {
        let mut page = self.simple(
            SeekPhraseTitle,
            &[SeekPhraseWrite],
            &[
                (SeekPhraseTypeback, Action::Open(Overlay::PhraseBack)),
                (SeekPhraseStop, Action::Close),
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

    pub(super) fn mails(&self) -> Page<'a> {
        let mut page = self.simple(
            SeekMailTitle,
            &[],
            &[
                (SeekMailTalk, Action::Go(Screen::Danger)),
                (SeekBack, Action::Close),
            ],
        );
        if self.model.asked_for || self.model.holds_note() {
            page.choices.remove(0);
        }
        for mail in &self.model.mails {
            page.paras.push(Para::Quote(clean(&mail.text.0)));
            // The hour is the replier's clock's, and of another place perhaps.
            let day = mail.date.split('T').next().unwrap_or_default();
            page.paras
                .push(Para::Say(self.texts.with(SeekMailDate, &[("date", day)])));
            page.paras.push(Para::Gap);
        }
        if self.model.mails.is_empty() {
            page.paras.push(self.say(SeekMailNone));
        }
        page
    }
}
