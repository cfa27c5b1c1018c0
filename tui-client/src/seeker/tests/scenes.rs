//! Every page of the seeker's screen, and everything that can lie over one, each reached as a visit reaches it.
//!
//! Those of a visit are what `tests/tests/it/screens` sees on a real terminal, with the same words and names.

use crossterm::event::KeyCode;
use hamsa_client::{
    api::{EndReason, EndedBy, ErrorReport, LinkState, SeekerEvent, SurveyState, Words},
    names::ErrorCode,
};

use super::{
    super::{
        message::{NotebookAnswer, SeekerMsg},
        screen::{Action, NotebookPage, Overlay, Screen, Topic},
    },
    Bench,
    steps::{
        PHRASE, WRONG, agrees, answered, answers, asked, asks_for_salma, asks_in_closed_hours, closed,
        comes_back, cut_off, ended, greeted, in_danger, is_next_counselors, leaves_a_message, mixed,
        no_phrase, open, opened_again, over, passed_on, pauses, phrase, questions, reads, received,
        sends_answers, talk, to_nobody, types_back, unsure, waits, waits_with_more, waits_without_a_word,
        without_a_word, writes_two_lines,
    },
};
use crate::i18n::{Locale, Texts};

/// A name, and what leads there.
pub(super) type Scene = (&'static str, fn(&mut Bench));

/// All of them.
pub(super) fn scenes() -> impl Iterator<Item = Scene> {
    [
        BEFORE_WRITING.as_slice(),
        CLOSED_HOURS.as_slice(),
        WAITING.as_slice(),
        TALK.as_slice(),
        TALK_WITH_A_DRAFT.as_slice(),
        END.as_slice(),
        NOTEBOOK.as_slice(),
    ]
    .into_iter()
    .flatten()
    .copied()
}

const BEFORE_WRITING: [Scene; 26] = [
    ("language", |bench| {
        // The language is not known yet.
        bench.model.locale = Locale::default();
        bench.texts = Texts::seeker(Locale::default());
        bench.model.screen = Screen::Language;
    }),
    ("which row reads right", |bench| {
        bench.model.screen = Screen::Language;
        bench.choose(Action::Speak(Locale::Arabic));
        bench.texts = Texts::seeker(Locale::Arabic);
    }),
    ("safety before the helpline answered", |_| {}),
    ("safety", Bench::verified),
    ("safety, nobody on duty", closed),
    ("safety, on duty", open),
    ("practice", |bench| {
        bench.verified();
        bench.choose(Action::Open(Overlay::Practice));
    }),
    ("practised", |bench| {
        bench.choose(Action::Open(Overlay::Practice));
        bench.control('x');
    }),
    ("practice done", |bench| {
        closed(bench);
        bench.choose(Action::Open(Overlay::Practice));
        bench.control('x');
        bench.press(KeyCode::Enter);
    }),
    ("not now", |bench| {
        bench.verified();
        bench.choose(Action::Refuse);
    }),
    ("shelf", |bench| {
        bench.verified();
        bench.choose(Action::Open(Overlay::Shelf));
    }),
    ("reading about a counselor", |bench| {
        reads(bench, Topic::Counselor)
    }),
    ("reading about proof", |bench| reads(bench, Topic::Proof)),
    ("reading about tonight", |bench| reads(bench, Topic::Tonight)),
    ("reading about a device", |bench| reads(bench, Topic::Device)),
    ("reading before a complaint", |bench| {
        reads(bench, Topic::Complaint)
    }),
    ("reading in danger", |bench| reads(bench, Topic::Danger)),
    ("reading about services", |bench| reads(bench, Topic::Services)),
    ("reading about who reads", |bench| {
        reads(bench, Topic::Confidentiality)
    }),
    ("reading what nobody wrote", |bench| {
        bench.model.open(Overlay::Reading(Topic::Services));
    }),
    ("help", |bench| {
        closed(bench);
        bench.press(KeyCode::F(1));
    }),
    ("menu before a talk", |bench| {
        closed(bench);
        bench.control('k');
    }),
    ("danger", |bench| bench.model.go(Screen::Danger)),
    ("first words", |bench| {
        bench.model.go(Screen::First);
        let first = bench.said().first.to_owned();
        bench.take(SeekerMsg::Paste(first));
    }),
    ("no helpline", |bench| {
        bench.event(SeekerEvent::Error(ErrorReport::new(
            ErrorCode::EntryRefused,
            "x",
            "y",
        )));
    }),
    ("an error", |bench| {
        bench.event(SeekerEvent::Error(ErrorReport::new(
            ErrorCode::EntryImpostor,
            "x",
            "y",
        )));
    }),
];

const CLOSED_HOURS: [Scene; 22] = [
    ("danger, nobody on duty", |bench| {
        closed(bench);
        bench.choose(Action::Consent);
    }),
    ("first words, nobody on duty", |bench| {
        closed(bench);
        bench.choose(Action::Consent);
        bench.choose(Action::Danger(false));
    }),
    ("first words written, nobody on duty", |bench| {
        closed(bench);
        bench.choose(Action::Consent);
        bench.choose(Action::Danger(false));
        bench.types(bench.said().first);
    }),
    ("nobody on duty", asks_in_closed_hours),
    ("waiting, nobody on duty", |bench| {
        asks_in_closed_hours(bench);
        bench.choose(Action::Go(Screen::Talk));
    }),
    ("menu, nobody on duty", |bench| {
        asks_in_closed_hours(bench);
        bench.choose(Action::Go(Screen::Talk));
        bench.control('k');
    }),
    ("sealed message", |bench| {
        asks_in_closed_hours(bench);
        bench.choose(Action::Go(Screen::Leave));
    }),
    ("sealed message on its way", |bench| {
        asks_in_closed_hours(bench);
        bench.choose(Action::Go(Screen::Leave));
        bench.press(KeyCode::Enter);
    }),
    ("sealed message kept", leaves_a_message),
    ("before a phrase", |bench| {
        leaves_a_message(bench);
        bench.choose(Action::Open(Overlay::PhraseBefore));
    }),
    ("phrase", phrase),
    ("phrase to be typed back", |bench| {
        phrase(bench);
        bench.choose(Action::Open(Overlay::PhraseBack));
    }),
    ("phrase typed back", |bench| {
        phrase(bench);
        bench.choose(Action::Open(Overlay::PhraseBack));
        bench.types(WRONG);
    }),
    ("phrase typed back wrong", |bench| {
        phrase(bench);
        bench.choose(Action::Open(Overlay::PhraseBack));
        bench.types(WRONG);
        bench.press(KeyCode::Enter);
    }),
    ("phrase typed back right", types_back),
    ("sealed message and phrase kept", |bench| {
        types_back(bench);
        bench.choose(Action::Close);
    }),
    ("coming back", |bench| {
        closed(bench);
        bench.choose(Action::Go(Screen::Return));
    }),
    ("coming back, typed", |bench| {
        closed(bench);
        bench.choose(Action::Go(Screen::Return));
        bench.types(WRONG);
    }),
    ("coming back with no phrase", no_phrase),
    ("coming back, choices", |bench| {
        no_phrase(bench);
        bench.press(KeyCode::Tab);
    }),
    ("answer found", comes_back),
    ("no answer yet", |bench| {
        open(bench);
        bench.choose(Action::Go(Screen::Return));
        bench.types(PHRASE);
        bench.press(KeyCode::Enter);
        bench.event(SeekerEvent::Error(ErrorReport::new(ErrorCode::NoMail, "x", "y")));
    }),
];

const WAITING: [Scene; 16] = [
    ("danger, on duty", |bench| {
        comes_back(bench);
        bench.choose(Action::Go(Screen::Danger));
    }),
    ("first words, on duty", |bench| {
        comes_back(bench);
        bench.choose(Action::Danger(false));
    }),
    ("no details asked", |bench| {
        comes_back(bench);
        bench.choose(Action::Danger(false));
        bench.press(KeyCode::Tab);
        bench.choose(Action::NoDetails(true));
    }),
    ("in danger", |bench| {
        bench.verified();
        bench.choose(Action::Danger(true));
    }),
    ("in danger, waiting", in_danger),
    ("waiting without a word", waits_without_a_word),
    ("waiting room", waits),
    ("waiting room, more words", waits_with_more),
    ("waiting room, choices", |bench| {
        waits_with_more(bench);
        bench.press(KeyCode::Tab);
    }),
    ("waiting room, all busy, reading", |bench| {
        bench.verified();
        bench.choose(Action::Go(Screen::First));
        bench.choose(Action::Ask);
        bench.event(SeekerEvent::Waiting { ahead: None });
        bench.choose(Action::Open(Overlay::Reading(Topic::Proof)));
    }),
    ("waiting room, all busy", |bench| {
        waits(bench);
        bench.event(SeekerEvent::Waiting { ahead: None });
    }),
    ("waiting room, one before", |bench| {
        waits(bench);
        bench.event(SeekerEvent::Waiting { ahead: Some(1) });
    }),
    ("waiting room, two before", |bench| {
        waits(bench);
        bench.event(SeekerEvent::Waiting { ahead: Some(2) });
    }),
    ("waiting room, next", |bench| {
        waits_with_more(bench);
        bench.event(SeekerEvent::Waiting { ahead: Some(0) });
    }),
    ("menu in the waiting room", |bench| {
        waits_with_more(bench);
        bench.control('k');
    }),
    ("answered in the menu", |bench| {
        waits_with_more(bench);
        bench.control('k');
        answers(bench, "Nour");
    }),
];

const TALK: [Scene; 18] = [
    ("talk without a word", without_a_word),
    ("talk, answered", answered),
    ("talk, greeted", greeted),
    ("talk, writing", |bench| {
        greeted(bench);
        writes_two_lines(bench);
    }),
    ("talk, received", received),
    ("talk in both directions", mixed),
    ("talk, older words", |bench| {
        mixed(bench);
        bench.draw();
        bench.press(KeyCode::PageUp);
    }),
    ("menu in this talk", |bench| {
        mixed(bench);
        bench.control('k');
    }),
    ("talk cut off", cut_off),
    ("talk to nobody", to_nobody),
    ("talk opened again", opened_again),
    ("talk with the next counselor", |bench| {
        opened_again(bench);
        is_next_counselors(bench);
    }),
    ("a pause", pauses),
    ("a transfer asked in a pause", asked),
    ("transfer question", |bench| {
        asked(bench);
        bench.control('y');
    }),
    ("passed on, waiting", agrees),
    ("passed on", passed_on),
    ("menu after a transfer", |bench| {
        passed_on(bench);
        bench.control('k');
    }),
];

/// What comes from elsewhere while the seeker writes.
const TALK_WITH_A_DRAFT: [Scene; 10] = [
    ("talk", talk),
    ("talk, reconnecting", |bench| {
        talk(bench);
        bench.event(SeekerEvent::Link {
            state: LinkState::Reconnecting,
        });
    }),
    ("menu in a talk", |bench| {
        talk(bench);
        bench.control('k');
    }),
    ("language in a talk", |bench| {
        talk(bench);
        bench.control('l');
    }),
    ("help in a talk", |bench| {
        talk(bench);
        bench.press(KeyCode::F(1));
    }),
    ("transfer asked", |bench| {
        talk(bench);
        asks_for_salma(bench);
    }),
    ("transfer answered", |bench| {
        talk(bench);
        asks_for_salma(bench);
        bench.control('y');
    }),
    ("counselor gone", |bench| {
        talk(bench);
        bench.event(SeekerEvent::Reopened);
    }),
    ("ended by the counselor, with a draft", |bench| {
        talk(bench);
        bench.take(SeekerMsg::Paste("…".to_owned()));
        ended(bench, EndedBy::Peer, EndReason::Finished);
    }),
    ("stopped, with a draft", |bench| {
        talk(bench);
        ended(bench, EndedBy::Helpline, EndReason::Revoked);
        bench.press(KeyCode::Enter);
    }),
];

const END: [Scene; 13] = [
    ("end question", |bench| {
        passed_on(bench);
        bench.control('k');
        bench.choose(Action::Open(Overlay::End));
    }),
    ("over", over),
    ("first question", |bench| questions(bench, &[])),
    ("second question", |bench| questions(bench, &[Some(true)])),
    ("third question", |bench| questions(bench, &[Some(true), None])),
    ("questions done", |bench| {
        questions(bench, &[Some(true), None, Some(true)]);
    }),
    ("questions done, unsure", unsure),
    ("shall the association have them", |bench| {
        unsure(bench);
        bench.choose(Action::Open(Overlay::Survey));
    }),
    ("answers counted", |bench| {
        sends_answers(bench);
        bench.event(SeekerEvent::Survey {
            state: SurveyState::Counted,
        });
    }),
    ("answers not counted", |bench| {
        sends_answers(bench);
        bench.event(SeekerEvent::Survey {
            state: SurveyState::Failed,
        });
    }),
    ("talk read once more", |bench| {
        over(bench);
        bench.choose(Action::Go(Screen::Talk));
    }),
    ("ended by the counselor", |bench| {
        without_a_word(bench);
        ended(bench, EndedBy::Peer, EndReason::Finished);
    }),
    ("over, ended by the counselor", |bench| {
        without_a_word(bench);
        ended(bench, EndedBy::Peer, EndReason::Finished);
        bench.press(KeyCode::Enter);
    }),
];

const NOTEBOOK: [Scene; 4] = [
    ("notebook asked", |bench| {
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
    }),
    ("notebook place", |bench| {
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
        bench.choose(Action::Notebook(true));
        bench.types("/media/k/list");
    }),
    ("notebook passphrase", |bench| {
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
        bench.choose(Action::Notebook(true));
        bench.choose(Action::Turn(NotebookPage::Passphrase));
        bench.types("quatre mots");
    }),
    ("notebook", |bench| {
        bench.choose(Action::Open(Overlay::Notebook(NotebookPage::Safe)));
        bench.choose(Action::Notebook(false));
        bench.choose(Action::Turn(NotebookPage::Busy));
        let words = [bench.said().first, bench.said().talk[0]];
        let entries = words.map(|words| Words(words.to_owned())).into();
        let said = Some(Words("2026-11-25".to_owned()));
        bench.take(SeekerMsg::Notebook(NotebookAnswer::Opened(entries, said)));
    }),
];
