//! Every page, once: its title, its paragraphs, its numbered choices, what is written on it. Both faces show the
//! same pages, so that hearing them and seeing them gives the same words and the same ways.

mod leaves;
mod mail;
mod talk;
mod topic;
mod visit;

use hamsa_client::api::{AssociationTexts, LinkState, MessageState};

use super::{
    model::{SeekerLine, SeekerModel, SeekerNotice},
    screen::{Action, Overlay, Screen},
};
use crate::{
    i18n::{
        Locale,
        Text::{self, *},
        Texts,
    },
    shared::Author,
    text::{clean, one_line},
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
    /// Words of the association or of another person.
    Quote(String),
    /// One message of the talk.
    Line(&'a SeekerLine),
    /// Room.
    Gap,
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
    /// The place, in a few words.
    pub(crate) title: String,
    /// What it says.
    pub(crate) paras: Vec<Para<'a>>,
    /// What stands under it, always in sight.
    pub(crate) status: Vec<String>,
    /// What can be chosen.
    pub(crate) choices: Vec<Choice>,
    /// Whether the newest at the bottom matters, not the top.
    pub(crate) newest: bool,
    /// Whether it must have been seen to its end before its first choice counts.
    pub(crate) whole: bool,
}

/// The page that is shown.
pub(crate) fn page<'a>(model: &'a SeekerModel, texts: &Texts) -> Page<'a> {
    let build = PageBuilder { model, texts };
    match model.top() {
        Some(overlay) => build.overlay(overlay),
        None => build.screen(),
    }
}

/// The link in words.
pub(crate) fn link(model: &SeekerModel, texts: &Texts) -> String {
    let key = match (model.engine, model.link) {
        (false, _) => SeekLinkStopped,
        (_, None) => SeekLinkLooking,
        (_, Some(LinkState::Connected)) => SeekLinkConnected,
        (_, Some(LinkState::Reconnecting)) if model.association.is_none() => SeekLinkLooking,
        (_, Some(LinkState::Reconnecting)) => SeekLinkReconnecting,
        (_, Some(LinkState::Offline)) => SeekLinkOffline,
    };
    texts.say(key)
}

/// The author of a message, by name.
pub(crate) fn author(line: &SeekerLine, texts: &Texts) -> String {
    match (line.who, &line.name) {
        (Author::Me, _) => texts.say(SeekYou),
        (Author::Peer, Some(name)) => one_line(name),
        (Author::Peer, None) => texts.say(SeekCounselor),
    }
}

/// A notice as one sentence.
pub(crate) fn notice(notice: &SeekerNotice, texts: &Texts) -> String {
    match notice {
        SeekerNotice::Text(key) => texts.say(*key),
        SeekerNotice::Long(key, bytes, most) => texts.too_long(*key, *bytes, *most),
        SeekerNotice::Error(report) => texts.error(report),
        SeekerNotice::Said(said) => clean(&said.0),
    }
}

/// How far a message came: a sign and words.
pub(crate) fn state(state: MessageState, texts: &Texts) -> String {
    texts.say(match state {
        MessageState::Written => SeekSentWritten,
        MessageState::AtNode => SeekSentAtNode,
        MessageState::Received => SeekSentReceived,
        MessageState::Failed => SeekSentFailed,
    })
}

/// What the association wrote, in `locale` or the nearest language that it wrote in; `None` when it wrote nothing.
fn nearest(
    locale: Locale,
    all: &[AssociationTexts],
    part: impl Fn(&AssociationTexts) -> &String,
) -> Option<String> {
    let written = |code: &str| {
        all.iter()
            .filter(|texts| texts.language == code || (code == "ar" && texts.language == "ary"))
            .map(&part)
            .find(|text| !text.trim().is_empty())
    };
    locale
        .chain()
        .find_map(|locale| written(locale.spoken()))
        .or_else(|| all.iter().map(&part).find(|text| !text.trim().is_empty()))
        .map(|text| clean(text.trim()))
}

struct PageBuilder<'a, 't> {
    model: &'a SeekerModel,
    texts: &'t Texts,
}

impl<'a> PageBuilder<'a, '_> {
    fn say(&self, key: Text) -> Para<'a> {
        Para::Say(self.texts.say(key))
    }

    fn says(&self, keys: &[Text]) -> Vec<Para<'a>> {
        keys.iter().map(|key| self.say(*key)).collect()
    }

    fn choice(&self, key: Text, does: Action) -> Choice {
        Choice {
            label: self.texts.say(key),
            row: None,
            does,
        }
    }

    fn simple(&self, title: Text, says: &[Text], choices: &[(Text, Action)]) -> Page<'a> {
        Page {
            title: self.texts.say(title),
            paras: self.says(says),
            choices: choices
                .iter()
                .map(|(key, does)| self.choice(*key, *does))
                .collect(),
            ..Page::default()
        }
    }

    /// What the association wrote, in the language of the screen or the nearest that it wrote in.
    fn association_text(&self, part: impl Fn(&AssociationTexts) -> &String) -> Option<String> {
        nearest(self.texts.locale(), &self.model.texts, part)
    }

    fn written(&self, part: impl Fn(&AssociationTexts) -> &String) -> Option<Para<'a>> {
        self.association_text(part).map(Para::Quote)
    }

    /// The association that answers here, as far as it is proven.
    fn association(&self, key: Text, without: Text) -> String {
        self.model.association.as_ref().map_or_else(
            || self.texts.say(without),
            |name| self.texts.with(key, &[("association", name)]),
        )
    }

    /// Asks for no details, or takes that back.
    const fn details(&self) -> (Text, Action) {
        if self.model.no_details {
            (SeekPaceDetails, Action::NoDetails(false))
        } else {
            (SeekPaceNoDetails, Action::NoDetails(true))
        }
    }

    fn screen(&self) -> Page<'a> {
        match self.model.screen {
            Screen::Language => self.languages(),
            Screen::Safety => self.safety(),
            Screen::Refused => self.refused(),
            Screen::Danger => self.with_hours(self.simple(
                SeekDangerTitle,
                &[SeekDangerAsk, SeekDangerWhy],
                &[
                    (SeekDangerSkip, Action::Go(Screen::First)),
                    (SeekDangerYes, Action::Danger(true)),
                    (SeekDangerNo, Action::Danger(false)),
                ],
            )),
            Screen::InDanger => self.after_danger(),
            Screen::First => self.with_hours(self.simple(
                SeekFirstTitle,
                &[SeekFirstAsk, SeekFirstSealed, SeekFirstPace],
                &[
                    (SeekFirstSkip, Action::Ask),
                    (SeekReadShelf, Action::Open(Overlay::Shelf)),
                    self.details(),
                ],
            )),
            Screen::Talk => self.talk(),
            Screen::Closed => self.closed(),
            Screen::Leave => self.leave(),
            Screen::Left => self.left(),
            Screen::Return => self.coming_back(),
            Screen::Over => self.ended(),
        }
    }

    fn overlay(&self, overlay: Overlay) -> Page<'a> {
        match overlay {
            Overlay::Languages => self.languages(),
            Overlay::Calibrate => self.calibrate(),
            Overlay::Practice => self.simple(
                SeekPracticeTitle,
                &[SeekPracticeNow, SeekPracticeEmpty, SeekPracticeBack],
                &[(SeekBack, Action::Close)],
            ),
            // Nothing at all: that is what is practised.
            Overlay::Practiced => Page::default(),
            Overlay::Menu => self.menu(),
            Overlay::Shelf => self.shelf(),
            Overlay::Reading(topic) => self.reading(topic),
            Overlay::Help => self.help(),
            Overlay::End => self.simple(
                SeekEndTitle,
                &[SeekEndAsk],
                &[(SeekEndNo, Action::Close), (SeekEndYes, Action::End)],
            ),
            Overlay::PhraseBefore => self.phrase_before(),
            Overlay::PhraseMaking => {
                self.simple(SeekPhraseTitle, &[SeekPhraseMaking], &[(SeekBack, Action::Close)])
            }
            Overlay::PhraseShown => self.phrase(),
            Overlay::PhraseBack => self.simple(
                SeekPhraseTitle,
                &[SeekPhraseType],
                &[(SeekPhraseSee, Action::Close)],
            ),
            Overlay::PhraseKept => {
                self.simple(SeekPhraseTitle, &[SeekPhraseRight], &[(SeekGoOn, Action::Close)])
            }
            Overlay::Asked => self.asked(),
            Overlay::Pasted => self.pasted(),
            Overlay::Mails => self.mails(),
            Overlay::Questions(at) => self.questions(at),
            Overlay::Survey => self.survey(),
            Overlay::Notebook(page) => self.notebook(page),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_association_speaks_in_the_nearest_language() {
        let texts = |language: &str, hours: &str| AssociationTexts {
            language: language.to_owned(),
            hours: hours.to_owned(),
            confidentiality: String::new(),
            danger: String::new(),
            legal: String::new(),
            services: String::new(),
        };
        let all = [texts("en", "nine"), texts("fr", "neuf"), texts("ary", " ")];
        let hours = |locale| nearest(locale, &all, |texts| &texts.hours);
        assert_eq!(hours(Locale::Arabic).as_deref(), Some("neuf"));
        assert_eq!(hours(Locale::English).as_deref(), Some("nine"));
        let only = [texts("es", "nueve")];
        let hours = nearest(Locale::French, &only, |texts| &texts.hours);
        assert_eq!(hours.as_deref(), Some("nueve"));
        assert_eq!(nearest(Locale::French, &all, |texts| &texts.legal), None);
    }
}
