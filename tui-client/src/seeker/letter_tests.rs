//! Closed hours: a sealed message, its phrase, and what becomes of both when a counselor comes.

use super::*;
use crate::i18n::Text;

#[test]
fn closed_hours_leave_the_composer_alone() {
    let mut bench = bench();
    bench.choose(Action::Go(Screen::First));
    bench.choose(Action::Ask);
    bench.types("je");
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    assert_eq!(bench.model.screen, Screen::Talk);
    assert!(bench.draw().contains("Nobody is on duty"));
}

#[test]
fn words_without_a_reader_become_the_sealed_message() {
    let mut bench = bench();
    bench.choose(Action::Go(Screen::First));
    bench.types("il va tout publier");
    bench.press(KeyCode::Enter);
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    bench.choose(Action::Go(Screen::Closed));
    bench.press(KeyCode::Enter);
    assert_eq!(bench.model.letter.text(), "il va tout publier");
    let left = bench.press(KeyCode::Enter);
    assert!(matches!(
        left.as_slice(),
        [SeekerEffect::Tell(SeekerCommand::Leave { .. })]
    ));
    assert_eq!(
        bench.model.letter.text(),
        "il va tout publier",
        "kept until a node has it"
    );
    bench.event(SeekerEvent::State {
        id: "leave".to_owned(),
        state: MessageState::AtNode,
    });
    assert!(bench.model.letter.is_blank());
    assert!(bench.draw().contains("2026-12-09"));
}

#[test]
fn an_answer_makes_the_letter_words_and_sends_nothing() {
    let mut bench = bench();
    bench.choose(Action::Go(Screen::First));
    bench.choose(Action::Ask);
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    bench.choose(Action::Go(Screen::Closed));
    bench.press(KeyCode::Enter);
    bench.types("salam");
    bench.event(SeekerEvent::Answered {
        association: "A".to_owned(),
        pseudonym: "Nour".to_owned(),
    });
    assert_eq!(
        (bench.model.screen, bench.model.words.text()),
        (Screen::Talk, "salam")
    );
}

#[test]
fn a_phrase_is_forgotten_when_it_was_typed_back_or_refused() {
    let mut bench = bench();
    bench.talking();
    for keep in [true, false] {
        bench.choose(Action::Open(Overlay::PhraseBefore));
        assert_eq!(
            bench.choose(Action::Keep),
            [SeekerEffect::Tell(SeekerCommand::Keep)]
        );
        bench.event(SeekerEvent::Phrase {
            words: "un deux trois quatre cinq six sept huit".into(),
        });
        bench.draw();
        if keep {
            bench.press(KeyCode::Enter);
            bench.types("un deux");
            bench.press(KeyCode::Enter);
            assert!(bench.model.phrase.is_some(), "wrong once is not lost");
            bench.types("Un deux trois quatre cinq six sept huit");
            bench.press(KeyCode::Enter);
            assert_eq!(bench.model.top(), Some(Overlay::PhraseKept));
            bench.press(KeyCode::Enter);
        } else {
            bench.press(KeyCode::Esc);
        }
        assert!(bench.model.phrase.is_none());
    }
    bench.event(SeekerEvent::Phrase { words: "x".into() });
    assert!(
        bench.model.phrase.is_none(),
        "one that nobody asked for is not kept"
    );
}

#[test]
fn a_phrase_is_offered_only_where_it_can_be_answered() {
    let offered = |bench: &mut Bench| {
        bench.control('k');
        let offered = bench.draw().contains("A phrase to come back with");
        bench.control('k');
        offered
    };
    let mut bench = bench();
    bench.talking();
    assert!(!offered(&mut bench), "nobody can write to her after a live talk");
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    assert!(offered(&mut bench), "she can leave a sealed message");
    bench.event(SeekerEvent::Waiting { ahead: Some(0) });
    assert!(!offered(&mut bench));
    for (state, wanted) in [
        (MessageState::Written, true),
        (MessageState::AtNode, true),
        (MessageState::Failed, false),
    ] {
        bench.event(SeekerEvent::State {
            id: "leave".to_owned(),
            state,
        });
        assert_eq!(offered(&mut bench), wanted, "{state:?}");
    }
}

/// First words, then no counselor on duty, then the page of a sealed message.
fn at_the_letter(bench: &mut Bench) {
    bench.choose(Action::Go(Screen::First));
    bench.types("salam");
    bench.press(KeyCode::Enter);
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    bench.choose(Action::Go(Screen::Leave));
}

fn left(bench: &mut Bench, state: MessageState) {
    bench.event(SeekerEvent::State {
        id: "leave".to_owned(),
        state,
    });
}

#[test]
fn a_too_long_sealed_message_stays() {
    let mut bench = bench();
    at_the_letter(&mut bench);
    bench.take(SeekerMsg::Paste("x".repeat(MAIL_TEXT_MAX)));
    assert_eq!(bench.press(KeyCode::Enter), []);
    assert_eq!(bench.model.screen, Screen::Leave);
    assert!(bench.draw().contains("too long for one sealed message"));
    // Should the engine say so, it says it of the letter.
    bench.model.letter.take();
    bench.types("x");
    bench.press(KeyCode::Enter);
    error(&mut bench, hamsa_client::names::ErrorCode::TooLong);
    assert_eq!(bench.model.left, Some(MessageState::Failed));
    assert_eq!(bench.model.lines[0].state, Some(MessageState::Written));
}

#[test]
fn leaving_is_not_offered_while_a_sealed_message_is_in_flight() {
    let mut bench = bench();
    at_the_letter(&mut bench);
    bench.press(KeyCode::Enter);
    let offered = |bench: &Bench| {
        page(&bench.model, &bench.texts)
            .choices
            .iter()
            .any(|choice| choice.does == Action::Leave)
    };
    assert!(!offered(&bench));
    assert!(bench.draw().contains("If you leave now, it may be lost"));
    // Nor is it written a second time.
    bench.choose(Action::Go(Screen::Talk));
    bench.choose(Action::Go(Screen::Leave));
    assert_eq!(bench.model.screen, Screen::Left);
    bench.choose(Action::End);
    assert!(bench.draw().contains("If you leave now, it may be lost"));
    bench.choose(Action::Go(Screen::Left));
    left(&mut bench, MessageState::AtNode);
    assert!(offered(&bench));
    assert!(!bench.draw().contains("it may be lost"));
}

#[test]
fn a_second_sealed_message_too_early_is_said_of_itself() {
    let mut bench = bench();
    at_the_letter(&mut bench);
    bench.press(KeyCode::Enter);
    error(&mut bench, hamsa_client::names::ErrorCode::LeaveBusy);
    assert_eq!(
        bench.model.left,
        Some(MessageState::Written),
        "the first is still on its way"
    );
    assert!(bench.draw().contains("Your message before is still on its way"));
}

#[test]
fn a_kept_phrase_is_not_offered_again() {
    let mut bench = bench();
    at_the_letter(&mut bench);
    bench.press(KeyCode::Enter);
    left(&mut bench, MessageState::AtNode);
    assert!(bench.draw().contains("create it now"));
    bench.choose(Action::Open(Overlay::PhraseBefore));
    bench.choose(Action::Keep);
    let phrase = "un deux trois quatre cinq six sept huit";
    bench.event(SeekerEvent::Phrase { words: phrase.into() });
    bench.choose(Action::Open(Overlay::PhraseBack));
    bench.types(phrase);
    bench.press(KeyCode::Enter);
    bench.press(KeyCode::Enter);
    let screen = bench.draw();
    assert_eq!(bench.model.screen, Screen::Left);
    assert!(
        !screen.contains("create it now") && !screen.contains("A phrase to come back with"),
        "{screen}"
    );
    assert!(screen.contains("Come back with your phrase"), "{screen}");
}

#[test]
fn a_typed_phrase_stays_until_it_is_known() {
    let mut bench = bench();
    bench.model.go(Screen::Return);
    bench.types("abandon abilty");
    let words = Words("abandon abilty".to_owned());
    assert_eq!(
        bench.press(KeyCode::Enter),
        [SeekerEffect::Tell(SeekerCommand::Return { words })]
    );
    error(&mut bench, hamsa_client::names::ErrorCode::BadPhrase);
    assert!(
        bench.draw().contains("› abandon abilty"),
        "one wrong letter is not eight new words"
    );
    bench.press(KeyCode::Enter);
    error(&mut bench, hamsa_client::names::ErrorCode::NoMail);
    assert!(bench.model.typed.is_blank() && bench.model.phrase_kept);
    bench.choose(Action::Go(Screen::Return));
    bench.types("abandon");
    bench.choose(Action::Go(Screen::Safety));
    assert!(bench.model.typed.is_blank(), "nor longer than she is there");
}

#[test]
fn a_lost_counselor_is_told_in_closed_hours_too() {
    let mut bench = bench();
    bench.talking();
    bench.event(SeekerEvent::Reopened);
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    bench.choose(Action::Go(Screen::Closed));
    assert_eq!(bench.model.screen, Screen::Closed);
    assert!(bench.draw().contains("The counselor is not reachable any more"));
    bench.choose(Action::Go(Screen::Talk));
    let screen = bench.draw();
    assert!(
        screen.contains("The counselor is not reachable any more"),
        "{screen}"
    );
    assert!(screen.contains("Nobody is on duty"), "{screen}");
}

#[test]
fn unsent_first_words_wait_in_the_composer() {
    let mut bench = bench();
    bench.model.go(Screen::First);
    bench.types("il va");
    let asked = bench.choose(Action::Ask);
    assert!(
        matches!(asked.as_slice(), [SeekerEffect::Tell(SeekerCommand::Start { text, .. })] if text.0.is_empty())
    );
    assert_eq!(bench.model.words.text(), "il va");
    assert!(bench.model.lines.is_empty(), "and they are not said to be sent");
}

#[test]
fn a_letter_that_only_repeats_what_waits_is_not_written_twice() {
    let mut bench = bench();
    at_the_letter(&mut bench);
    assert_eq!(bench.model.letter.text(), "salam");
    bench.event(SeekerEvent::Waiting { ahead: Some(0) });
    assert!(bench.model.words.is_blank() && bench.model.letter.is_blank());
    assert_eq!(bench.model.notice, None);
    // What was added to it stays, from the page beside it too; and reading goes on.
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    bench.choose(Action::Go(Screen::Leave));
    bench.types(" 3afak");
    bench.choose(Action::Go(Screen::Closed));
    bench.choose(Action::Open(Overlay::Menu));
    bench.press(KeyCode::Down);
    bench.event(SeekerEvent::Waiting { ahead: Some(0) });
    assert_eq!(bench.model.selected, 1, "the marked choice stays marked");
    assert_eq!(bench.model.words.text(), "salam 3afak");
    assert_eq!(bench.model.notice, Some(SeekerNotice::Text(Text::SeekOpened)));
}

#[test]
fn a_failed_sealed_message_survives_an_answer() {
    let mut bench = bench();
    at_the_letter(&mut bench);
    bench.types(" 3afak");
    bench.press(KeyCode::Enter);
    left(&mut bench, MessageState::Failed);
    bench.event(SeekerEvent::Answered {
        association: "A".to_owned(),
        pseudonym: "Nour".to_owned(),
    });
    assert_eq!(
        (bench.model.screen, bench.model.words.text()),
        (Screen::Talk, "salam 3afak")
    );
}

#[test]
fn a_counselor_after_the_sealed_message_is_shown() {
    let mut bench = bench();
    bench.choose(Action::Go(Screen::First));
    bench.types("salam");
    bench.press(KeyCode::Enter);
    bench.event(SeekerEvent::Closed {
        until: None,
        opens: None,
    });
    bench.choose(Action::Go(Screen::Closed));
    bench.press(KeyCode::Enter);
    bench.press(KeyCode::Enter);
    assert_eq!(bench.model.screen, Screen::Left);
    bench.event(SeekerEvent::State {
        id: "leave".to_owned(),
        state: MessageState::AtNode,
    });
    bench.choose(Action::Go(Screen::Leave));
    assert!(bench.model.letter.is_blank(), "what was left is not left again");
    bench.choose(Action::Go(Screen::Left));
    bench.event(SeekerEvent::Waiting { ahead: Some(0) });
    assert_eq!(bench.model.screen, Screen::Left, "she reads on");
    bench.event(SeekerEvent::Answered {
        association: "A".to_owned(),
        pseudonym: "Nour".to_owned(),
    });
    assert!(bench.draw().contains("Nour · verified"));
}
