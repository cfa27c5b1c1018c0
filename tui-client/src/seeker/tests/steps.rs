//! How a visit comes from page to page: keys, and what the engine says.

use crossterm::event::KeyCode;
use hamsa_client::{
    api::{EndReason, EndedBy, ErrorReport, LinkState, MessageState, SeekerCommand, SeekerEvent},
    names::ErrorCode,
};
use hamsa_protocol::session::chat::FIRST_ID;

use super::{
    super::{
        message::{SeekerEffect, SeekerMsg},
        screen::{Action, Overlay, Screen, Topic},
    },
    Bench,
};
use crate::i18n::Locale;

/// Eight words that are no phrase of anybody.
pub(super) const WRONG: &str = "un deux trois quatre cinq six sept huit";
/// Eight words that are one.
pub(super) const PHRASE: &str = "abaisser bagage cabine dauphin échelle fable gagner habitude";

pub(super) fn closed(bench: &mut Bench) {
    bench.verified();
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
}

pub(super) fn open(bench: &mut Bench) {
    bench.verified();
    bench.event(SeekerEvent::Open);
}

pub(super) fn reads(bench: &mut Bench, topic: Topic) {
    bench.verified();
    bench.choose(Action::Open(Overlay::Reading(topic)));
}

pub(super) fn asks_in_closed_hours(bench: &mut Bench) {
    closed(bench);
    bench.choose(Action::Danger(false));
    bench.types(bench.said().first);
    bench.press(KeyCode::Enter);
}

pub(super) fn leaves_a_message(bench: &mut Bench) {
    asks_in_closed_hours(bench);
    bench.choose(Action::Go(Screen::Leave));
    bench.press(KeyCode::Enter);
    reaches(bench, "leave", MessageState::AtNode);
}

pub(super) fn phrase(bench: &mut Bench) {
    leaves_a_message(bench);
    bench.choose(Action::Open(Overlay::PhraseBefore));
    bench.choose(Action::Keep);
    bench.event(SeekerEvent::Phrase { words: PHRASE.into() });
}

pub(super) fn types_back(bench: &mut Bench) {
    phrase(bench);
    bench.choose(Action::Open(Overlay::PhraseBack));
    bench.types(PHRASE);
    bench.press(KeyCode::Enter);
}

pub(super) fn no_phrase(bench: &mut Bench) {
    closed(bench);
    bench.choose(Action::Go(Screen::Return));
    bench.types(WRONG);
    bench.press(KeyCode::Enter);
    bench.event(SeekerEvent::Error(ErrorReport::new(
        ErrorCode::BadPhrase,
        "x",
        "y",
    )));
}

/// With the phrase, for the answer to the sealed message.
pub(super) fn comes_back(bench: &mut Bench) {
    open(bench);
    bench.choose(Action::Go(Screen::Return));
    bench.types(PHRASE);
    bench.press(KeyCode::Enter);
    bench.event(SeekerEvent::Mail {
        mail: "m".to_owned(),
        text: bench.said().answer.into(),
        date: "2026-11-24".to_owned(),
    });
}

pub(super) fn in_danger(bench: &mut Bench) {
    open(bench);
    bench.choose(Action::Danger(true));
    bench.event(SeekerEvent::Waiting { ahead: Some(0) });
}

pub(super) fn waits_without_a_word(bench: &mut Bench) {
    in_danger(bench);
    bench.choose(Action::Go(Screen::Talk));
}

pub(super) fn without_a_word(bench: &mut Bench) {
    waits_without_a_word(bench);
    answers(bench, "Salma");
}

pub(super) fn waits(bench: &mut Bench) {
    comes_back(bench);
    bench.choose(Action::Danger(false));
    bench.choose(Action::NoDetails(true));
    bench.types(bench.said().first);
    bench.press(KeyCode::Enter);
    stands_in_the_queue(bench);
}

pub(super) fn waits_with_more(bench: &mut Bench) {
    waits(bench);
    says(bench, bench.said().more);
}

pub(super) fn answered(bench: &mut Bench) {
    waits_with_more(bench);
    answers(bench, "Nour");
    reaches(bench, FIRST_ID, MessageState::Received);
    reaches(bench, "s1", MessageState::Received);
}

pub(super) fn greeted(bench: &mut Bench) {
    answered(bench);
    hears(bench, 0, bench.said().hello);
}

pub(super) fn writes_two_lines(bench: &mut Bench) {
    let [first, second] = bench.said().talk;
    bench.types(first);
    bench.control('j');
    bench.types(second);
}

pub(super) fn received(bench: &mut Bench) {
    greeted(bench);
    writes_two_lines(bench);
    bench.press(KeyCode::Enter);
    reaches(bench, "s2", MessageState::Received);
}

pub(super) fn mixed(bench: &mut Bench) {
    received(bench);
    hears(bench, 1, bench.said().mixed);
}

pub(super) fn cut_off(bench: &mut Bench) {
    mixed(bench);
    says(bench, bench.said().broken);
    bench.event(SeekerEvent::Link {
        state: LinkState::Reconnecting,
    });
}

pub(super) fn to_nobody(bench: &mut Bench) {
    cut_off(bench);
    bench.event(SeekerEvent::Link {
        state: LinkState::Connected,
    });
    says(bench, bench.said().gone);
    for id in ["s3", "s4"] {
        reaches(bench, id, MessageState::AtNode);
    }
}

/// What the counselor had not received is sent again.
pub(super) fn opened_again(bench: &mut Bench) {
    to_nobody(bench);
    bench.event(SeekerEvent::Reopened);
    for id in ["s3", "s4"] {
        reaches(bench, id, MessageState::Written);
    }
    stands_in_the_queue(bench);
}

pub(super) fn is_next_counselors(bench: &mut Bench) {
    answers(bench, "Amal");
    for id in ["s3", "s4"] {
        reaches(bench, id, MessageState::Received);
    }
}

pub(super) fn pauses(bench: &mut Bench) {
    opened_again(bench);
    is_next_counselors(bench);
    bench.control('k');
    bench.choose(Action::Pause(true));
}

pub(super) fn asked(bench: &mut Bench) {
    pauses(bench);
    asks_for_salma(bench);
}

pub(super) fn agrees(bench: &mut Bench) {
    asked(bench);
    bench.control('y');
    bench.choose(Action::Agree);
    bench.event(SeekerEvent::Waiting { ahead: Some(0) });
}

pub(super) fn passed_on(bench: &mut Bench) {
    agrees(bench);
    answers(bench, "Salma");
}

pub(super) fn over(bench: &mut Bench) {
    passed_on(bench);
    bench.choose(Action::End);
}

pub(super) fn questions(bench: &mut Bench, answers: &[Option<bool>]) {
    over(bench);
    bench.choose(Action::Open(Overlay::Questions(0)));
    for (at, answer) in (0..).zip(answers) {
        bench.choose(Action::Answer(at, *answer));
    }
}

pub(super) fn unsure(bench: &mut Bench) {
    questions(bench, &[Some(true), None, Some(false)]);
}

pub(super) fn sends_answers(bench: &mut Bench) {
    unsure(bench);
    bench.choose(Action::Open(Overlay::Survey));
    bench.choose(Action::Survey);
}

/// A talk in which the counselor has not read everything, and the seeker writes.
pub(super) fn talk(bench: &mut Bench) {
    bench.talking();
    hears(bench, 0, bench.said().hello);
    let words = [bench.said().first, bench.said().talk[0]];
    for (words, state) in words
        .into_iter()
        .zip([MessageState::Received, MessageState::AtNode])
    {
        let id = says(bench, words);
        reaches(bench, &id, state);
    }
    bench.take(SeekerMsg::Paste(words[0].to_owned()));
}

/// Three seekers wait, one for each language, in the order of [`said::ALL`](super::said::ALL).
fn stands_in_the_queue(bench: &mut Bench) {
    let ahead = Some(match bench.model.locale {
        Locale::French => 0,
        Locale::Arabic => 1,
        _ => 2,
    });
    bench.event(SeekerEvent::Waiting { ahead });
}

pub(super) fn answers(bench: &mut Bench, pseudonym: &str) {
    bench.event(SeekerEvent::Answered {
        association: "Association A".to_owned(),
        pseudonym: pseudonym.to_owned(),
    });
}

fn hears(bench: &mut Bench, number: u64, words: &str) {
    bench.event(SeekerEvent::Message {
        number,
        id: format!("c{number}"),
        text: words.into(),
    });
    // A frame has shown them before anything else happens.
    bench.draw();
}

/// Sends words; gives their id.
fn says(bench: &mut Bench, words: &str) -> String {
    bench.types(words);
    let effects = bench.press(KeyCode::Enter);
    let [SeekerEffect::Tell(SeekerCommand::Say { id, .. })] = effects.as_slice() else {
        panic!("expected words, got {effects:?}");
    };
    id.clone()
}

pub(super) fn reaches(bench: &mut Bench, id: &str, state: MessageState) {
    bench.event(SeekerEvent::State {
        id: id.to_owned(),
        state,
    });
}

pub(super) fn asks_for_salma(bench: &mut Bench) {
    bench.event(SeekerEvent::TransferAsked {
        to: "Salma".to_owned(),
    });
}

pub(super) fn ended(bench: &mut Bench, by: EndedBy, reason: EndReason) {
    bench.event(SeekerEvent::Ended { by, reason });
}
