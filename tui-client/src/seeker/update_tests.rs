use hamsa_client::{
    api::{ErrorReport, LinkState, SeekerEvent, Words},
    names::ErrorCode,
};

use super::{super::tests::Bench, *};
use crate::i18n::{Locale, Text};

#[path = "colleague_tests.rs"]
mod colleague;
#[path = "letter_tests.rs"]
mod letters;
#[path = "pace_tests.rs"]
mod pace;
#[path = "survey_tests.rs"]
mod survey;

fn bench() -> Bench {
    Bench::new(Locale::English, 80, 24)
}

#[test]
fn a_phrase_matches_without_capitals_accents_and_blanks() {
    assert!(same_words("Été  forêt", " ete\tforet "));
    assert!(same_words("e\u{301}te", "été"));
    assert!(!same_words("un deux", "deux un"));
    assert!(!same_words("un deux", "un"));
}

#[test]
fn digits_of_every_keyboard_choose() {
    assert_eq!(
        ['1', '٣', '۹', 'x', '0'].map(number),
        [Some(0), Some(2), Some(8), None, None]
    );
}

#[test]
fn ways_out_menu_and_help_work_on_an_arabic_layout() {
    let mut bench = bench();
    bench.draw();
    for (key, over) in [
        ('ن', Overlay::Menu),
        ('ل', Overlay::Help),
        ('م', Overlay::Languages),
    ] {
        bench.control(key);
        assert_eq!(bench.model.top(), Some(over));
        bench.press(KeyCode::Esc);
    }
    bench.press(KeyCode::Char('؟'));
    assert_eq!(bench.model.top(), Some(Overlay::Help));
    bench.press(KeyCode::Esc);
    bench.press(KeyCode::Char('ح'));
    assert_eq!(bench.model.top(), Some(Overlay::Practice));
    bench.press(KeyCode::Esc);
    for key in ['ء', 'ؤ'] {
        assert_eq!(bench.control(key), quick_exit());
    }
}

#[test]
fn from_consent_to_the_waiting_room_with_first_words() {
    let mut bench = bench();
    bench.draw();
    bench.press(KeyCode::Enter);
    assert_eq!(bench.model.screen, Screen::Danger);
    // The request does not wait for words.
    let asked = bench.press(KeyCode::Char('2'));
    let start = SeekerCommand::Start {
        language: "en".to_owned(),
        urgent: true,
        text: "".into(),
    };
    assert_eq!(asked, [SeekerEffect::Tell(start)]);
    assert_eq!(bench.model.screen, Screen::InDanger);
    bench.event(SeekerEvent::Waiting { ahead: Some(0) });
    assert!(bench.draw().contains("Urgent requests go first"));
    bench.press(KeyCode::Enter);
    assert_eq!(bench.model.screen, Screen::Talk);
    bench.types("il va");
    let said = bench.press(KeyCode::Enter);
    let words = SeekerCommand::Say {
        id: "s1".to_owned(),
        text: "il va".into(),
    };
    assert_eq!(said, [SeekerEffect::Tell(words)]);
    assert_eq!(bench.press(KeyCode::Enter), [], "Enter twice asks once");
}

#[test]
fn first_words_may_be_none_but_not_too_many() {
    let mut bench = bench();
    bench.model.go(Screen::First);
    bench.take(SeekerMsg::Paste("x".repeat(FIRST_WORDS_MAX + 1)));
    assert_eq!(bench.press(KeyCode::Enter), []);
    assert_eq!(
        bench.model.notice,
        Some(SeekerNotice::Long(Text::SeekFirstTooLong, 1_901, 1_900))
    );
    assert_eq!(bench.model.screen, Screen::First, "and nothing is lost");
    let asked = bench.choose(Action::Ask);
    assert!(
        matches!(asked.as_slice(), [SeekerEffect::Tell(SeekerCommand::Start { text, .. })] if text.0.is_empty())
    );
}

#[test]
fn on_a_small_screen_consent_comes_after_the_last_line_was_seen() {
    let mut bench = Bench::new(Locale::French, 40, 15);
    for _ in 0..10 {
        bench.draw();
        if bench.model.drawn.below == 0 {
            break;
        }
        bench.press(KeyCode::Enter);
        assert_eq!(bench.model.screen, Screen::Safety);
    }
    assert!(bench.draw().contains("J'ai compris"));
    bench.press(KeyCode::Enter);
    assert_eq!(bench.model.screen, Screen::Danger);
}

#[test]
fn no_key_and_no_click_consents_while_it_says_read_on() {
    let ways: [fn(&mut Bench) -> SeekerMsg; 3] = [
        |_| SeekerMsg::Key(KeyCode::Char('1').into()),
        |_| SeekerMsg::Key(KeyCode::Char('١').into()),
        |bench| {
            let screen = bench.draw();
            let row = screen.lines().position(|row| row.contains("Lire la suite"));
            SeekerMsg::Click(9, u16::try_from(row.unwrap()).unwrap())
        },
    ];
    for way in ways {
        let mut bench = Bench::new(Locale::French, 40, 15);
        bench.draw();
        let msg = way(&mut bench);
        bench.take(msg);
        assert_eq!(bench.model.screen, Screen::Safety);
        assert!(bench.model.scroll > 0, "it was read on");
    }
}

#[test]
fn no_choice_and_no_sentence_is_shown_by_half() {
    // A list that could stand in the empty room above it is shown.
    let mut bench = Bench::new(Locale::French, 40, 15);
    bench.choose(Action::Open(Overlay::Shelf));
    let screen = bench.draw();
    assert!(screen.contains("Avant une plainte"), "{screen}");
    // A choice of two rows has both or none.
    bench.choose(Action::Close);
    for _ in 0..6 {
        let screen = bench.draw();
        let half = screen.contains("Lire plus");
        assert_eq!(half, screen.contains("combien de temps"), "{screen}");
        bench.press(KeyCode::Down);
    }
    // What is said under a talk is said whole.
    let mut bench = Bench::new(Locale::English, 40, 15);
    bench.talking();
    bench.event(SeekerEvent::Message {
        number: 0,
        id: "c".to_owned(),
        text: "a\nb\nc\nd\ne\nf\ng".into(),
    });
    bench.event(SeekerEvent::Reopened);
    let screen = bench.draw();
    let begun = screen.contains("You can write more");
    assert_eq!(begun, screen.contains("read with the first."), "{screen}");
    assert!(screen.contains("had not arrived is sent again."), "{screen}");
    // So are the name of the counselor, and what went wrong.
    bench.event(SeekerEvent::Answered {
        association: "Association of women A".to_owned(),
        pseudonym: "Nour".to_owned(),
    });
    bench.event(SeekerEvent::Error(hamsa_client::api::ErrorReport::new(
        hamsa_client::names::ErrorCode::EntryImpostor,
        String::new(),
        String::new(),
    )));
    let screen = bench.draw();
    let one_row = screen.replace('\n', " ");
    assert!(
        one_row.contains("verified counselor of Association of women A"),
        "{screen}"
    );
    assert!(
        one_row.contains("Check the address with the association."),
        "{screen}"
    );
}

#[test]
fn whoever_has_no_language_yet_can_read_the_way_out() {
    let mut bench = bench();
    bench.model.screen = Screen::Language;
    let screen = bench.draw();
    let first = screen.lines().next().unwrap();
    assert!(
        first.contains("Ctrl+X partir") && first.contains("leave"),
        "{first}"
    );
}

#[test]
fn a_list_of_languages_does_not_open_over_itself() {
    let mut bench = bench();
    bench.model.screen = Screen::Language;
    assert!(!bench.draw().contains("^L"));
    bench.control('l');
    assert!(bench.model.overlays.is_empty());
    let mut small = Bench::new(Locale::French, 25, 4);
    small.model.screen = Screen::Language;
    assert!(small.draw().contains("Ctrl+X partir"), "in a small window too");
}

#[test]
fn in_an_empty_talk_the_choices_stand_above_the_composer() {
    let mut bench = bench();
    bench.talking();
    let screen = bench.draw();
    let row = |words: &str| screen.lines().position(|row| row.contains(words)).unwrap();
    assert_eq!(row("What you can do here") + 2, row("›"), "{screen}");
}

#[test]
fn a_paste_sends_nothing_and_chooses_nothing() {
    let mut bench = bench();
    assert_eq!(bench.take(SeekerMsg::Paste("1\r".to_owned())), []);
    assert_eq!(bench.model.screen, Screen::Safety);
    bench.talking();
    assert_eq!(bench.take(SeekerMsg::Paste("un\rdeux\r\n\u{18}".to_owned())), []);
    assert_eq!(bench.model.words.text(), "un\ndeux\n");
}

#[test]
fn letters_are_words_whatever_page_an_event_would_like() {
    let mut bench = bench();
    bench.talking();
    bench.types("3");
    bench.event(SeekerEvent::TransferAsked {
        to: "Salma".to_owned(),
    });
    bench.types("1 y 2");
    assert_eq!(bench.model.words.text(), "31 y 2");
    bench.control('y');
    bench.press(KeyCode::Char('2'));
    assert_eq!(bench.model.asked, None);
}

#[test]
fn a_way_that_fails_beside_another_is_not_said() {
    let mut bench = bench();
    bench.talking();
    for state in [LinkState::Reconnecting, LinkState::Connected] {
        bench.event(SeekerEvent::Link { state });
        bench.event(SeekerEvent::Error(ErrorReport::new(
            ErrorCode::HomeGone,
            String::new(),
            String::new(),
        )));
        assert_eq!(bench.model.notice.is_some(), state == LinkState::Reconnecting);
    }
}

#[test]
fn an_end_in_the_middle_of_a_word_leads_nowhere_by_itself() {
    let mut bench = bench();
    bench.talking();
    bench.types("je vou");
    bench.event(SeekerEvent::Ended {
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::EndReason::Finished,
    });
    for c in "lais 9".chars() {
        assert_eq!(bench.press(KeyCode::Char(c)), []);
    }
    assert_eq!(bench.model.screen, Screen::Talk, "the words stay in sight");
    assert_eq!(bench.press(KeyCode::Enter), []);
    assert_eq!(
        bench.model.screen,
        Screen::Talk,
        "letters are words, and go nowhere"
    );
    assert_eq!(bench.model.words.text(), "je voulais 9");
    assert!(bench.draw().contains("was not sent"));
    bench.press(KeyCode::Tab);
    assert_eq!(bench.press(KeyCode::Enter), []);
    assert_eq!(bench.model.screen, Screen::Over);
    assert!(bench.draw().contains("was not sent"));
}

#[test]
fn an_answer_does_not_close_what_is_read() {
    let mut bench = bench();
    bench.verified();
    bench.choose(Action::Go(Screen::First));
    bench.choose(Action::Ask);
    bench.choose(Action::Open(Overlay::Shelf));
    bench.event(SeekerEvent::Answered {
        association: "A".to_owned(),
        pseudonym: "Nour".to_owned(),
    });
    assert_eq!(bench.model.top(), Some(Overlay::Shelf));
    assert!(bench.draw().contains("Esc takes you to her"));
    bench.press(KeyCode::Esc);
    let screen = bench.draw();
    assert!(screen.contains("Nour"));
    // In the talk itself nothing calls back.
    assert!(!screen.contains("Esc takes you to her"), "{screen}");
}

#[test]
fn the_key_back_to_the_talk_goes_all_the_way() {
    let mut bench = bench();
    bench.talking();
    bench.choose(Action::Open(Overlay::Shelf));
    bench.choose(Action::Open(Overlay::Reading(
        super::super::screen::Topic::Tonight,
    )));
    bench.press(KeyCode::Esc);
    assert_eq!(bench.model.top(), Some(Overlay::Shelf), "uncalled, one page back");
    bench.choose(Action::Open(Overlay::Reading(
        super::super::screen::Topic::Tonight,
    )));
    bench.event(SeekerEvent::Message {
        number: 0,
        id: "c".to_owned(),
        text: "salam".into(),
    });
    assert!(bench.draw().contains("Esc takes you to her words"));
    bench.press(KeyCode::Esc);
    assert!(bench.model.overlays.is_empty());
    assert!(bench.draw().contains("salam"));
}

#[test]
fn new_words_are_announced_above_older_ones() {
    let mut bench = Bench::new(Locale::English, 40, 15);
    bench.talking();
    let say = |bench: &mut Bench, text: &str| {
        bench.event(SeekerEvent::Message {
            number: 0,
            id: text.to_owned(),
            text: text.into(),
        });
        bench.draw();
    };
    for number in 0..20 {
        say(&mut bench, &format!("word {number}"));
    }
    assert_eq!(bench.model.notice, None, "what is in sight needs no announcement");
    bench.press(KeyCode::PageUp);
    say(&mut bench, "the newest");
    let screen = bench.draw();
    assert!(
        screen.contains("The counselor wrote") && !screen.contains("the newest"),
        "{screen}"
    );
    assert!(screen.lines().last().unwrap().contains("Esc back"), "{screen}");
    bench.press(KeyCode::Esc);
    let screen = bench.draw();
    assert!(
        screen.contains("the newest") && !screen.contains("The counselor wrote"),
        "{screen}"
    );
}

/// Much came at once, or more than fits: it is read from where the unread begins, and what was not in a frame is not told
/// as shown.
#[test]
fn what_does_not_fit_is_shown_from_where_the_unread_begins() {
    let mut bench = Bench::new(Locale::English, 80, 24);
    bench.talking();
    bench.draw();
    for number in 1..=30 {
        let text = if number == 30 {
            "a long story ".repeat(400)
        } else {
            format!("word {number}.")
        };
        bench.event(SeekerEvent::Message {
            number,
            id: number.to_string(),
            text: text.as_str().into(),
        });
    }
    let screen = bench.draw();
    assert!(
        screen.contains("word 1.") && !screen.contains("long story"),
        "{screen}"
    );
    let told = bench.told.clone();
    assert_eq!(told.first(), Some(&SeekerCommand::Shown { number: 1 }));
    assert!(told.len() < 20, "{} in one frame", told.len());
    assert!(bench.draw().contains("word 1."), "and it stays there");
    for _ in 0..40 {
        bench.press(KeyCode::PageDown);
        bench.draw();
    }
    assert_eq!(bench.told.len(), 30, "every one was in a frame");
    assert!(bench.draw().contains("long story"));
}

#[test]
fn practice_empties_the_screen_only() {
    let mut bench = bench();
    bench.choose(Action::Open(Overlay::Practice));
    assert_eq!(bench.control('x'), [SeekerEffect::Blank]);
    assert_eq!(
        bench.control('x').first(),
        Some(&SeekerEffect::Clear),
        "the second one is meant"
    );
}

#[test]
fn keys_pressed_before_a_page_do_not_consent_on_it() {
    let mut bench = bench();
    bench.choose(Action::Refuse);
    // Both in one piece, as a slow line brings them: nothing was drawn between them.
    bench.press(KeyCode::Char('2'));
    assert_eq!(bench.press(KeyCode::Enter), []);
    assert_eq!(bench.model.screen, Screen::Safety);
    bench.choose(Action::Open(Overlay::PhraseBefore));
    assert_eq!(bench.press(KeyCode::Char('1')), []);
    bench.draw();
    assert_eq!(
        bench.press(KeyCode::Char('1')),
        [SeekerEffect::Tell(SeekerCommand::Keep)]
    );
}

#[test]
fn arabic_begins_with_the_question_how_it_is_drawn() {
    let begins = |locale, told| {
        let mut model = SeekerModel::new(locale);
        model.ask_for_letters(told);
        model.top()
    };
    assert_eq!(begins(Some(Locale::Arabic), false), Some(Overlay::Calibrate));
    assert_eq!(begins(Some(Locale::Arabic), true), None, "somebody said it");
    assert_eq!(begins(Some(Locale::French), false), None);
    assert_eq!(begins(None, false), None, "it is asked with the language");
}

#[test]
fn any_key_comes_back_from_the_practised_screen() {
    for c in ['k', 'l', 'g'] {
        let mut bench = bench();
        bench.choose(Action::Open(Overlay::Practice));
        bench.control('x');
        bench.control(c);
        assert_eq!(
            bench.model.notice,
            Some(SeekerNotice::Text(Text::SeekPracticeDone))
        );
        assert!(bench.model.overlays.is_empty(), "^{c}");
    }
}

#[test]
fn states_go_forward_also_of_first_words() {
    let mut bench = bench();
    bench.choose(Action::Go(Screen::First));
    bench.types("a");
    bench.press(KeyCode::Enter);
    bench.event(SeekerEvent::Waiting { ahead: Some(1) });
    assert_eq!(bench.model.lines[0].state, Some(MessageState::Written));
    bench.types("b");
    bench.press(KeyCode::Enter);
    for state in [MessageState::Received, MessageState::AtNode] {
        let id = "s1".to_owned();
        bench.event(SeekerEvent::State { id, state });
    }
    assert_eq!(bench.model.lines[1].state, Some(MessageState::Received));
    // Another counselor is given the first words again; that one has read them stays true.
    for state in [
        MessageState::AtNode,
        MessageState::Received,
        MessageState::Written,
    ] {
        let id = FIRST_ID.to_owned();
        bench.event(SeekerEvent::State { id, state });
    }
    assert_eq!(bench.model.lines[0].state, Some(MessageState::Received));
}

#[test]
fn the_language_changes_within_a_word() {
    let mut bench = bench();
    bench.talking();
    bench.types("sala");
    bench.control('l');
    bench.press(KeyCode::Char('2'));
    assert_eq!(
        bench.model.top(),
        Some(Overlay::Calibrate),
        "asked once, with Arabic"
    );
    bench.model.arabic = crate::text::Strategy::Off;
    let drawn = bench.press(KeyCode::Char('1'));
    assert_eq!(
        (drawn, bench.texts.arabic()),
        (vec![], crate::text::Strategy::Visual)
    );
    bench.types("m");
    assert_eq!(bench.model.words.text(), "salam");
    assert!(bench.draw().contains("Ctrl+X"));
    assert_eq!(bench.model.locale, Locale::Arabic);
}

#[test]
fn the_terminals_backspace_never_opens_help() {
    let mut bench = bench();
    bench.talking();
    bench.types("ab");
    bench.control('h');
    assert_eq!(bench.model.words.text(), "a");
    bench.control('j');
    bench.types("b");
    assert_eq!(bench.model.words.text(), "a\nb");
}

#[test]
fn a_click_acts_on_its_row_only() {
    let mut bench = bench();
    let rows: Vec<String> = bench.draw().lines().map(str::to_owned).collect();
    let row = rows.iter().position(|row| row.contains("Try Ctrl+X")).unwrap();
    assert_eq!(bench.take(SeekerMsg::Click(5, 2)), []);
    bench.take(SeekerMsg::Click(9, u16::try_from(row).unwrap()));
    assert_eq!(bench.model.top(), Some(Overlay::Practice));
}

fn error(bench: &mut Bench, code: hamsa_client::names::ErrorCode) {
    bench.event(SeekerEvent::Error(hamsa_client::api::ErrorReport::new(
        code,
        String::new(),
        String::new(),
    )));
}

#[test]
fn refused_words_stand_in_the_composer_again() {
    let mut bench = bench();
    bench.talking();
    bench.types("a");
    bench.press(KeyCode::Enter);
    error(&mut bench, hamsa_client::names::ErrorCode::QueueFull);
    assert!(bench.model.lines.is_empty());
    assert_eq!(bench.model.words.text(), "a", "nothing is typed twice");
    assert!(bench.draw().contains("Too many messages wait"));
    // Where something else is being written already, it is marked instead.
    bench.press(KeyCode::Enter);
    bench.types("b");
    error(&mut bench, hamsa_client::names::ErrorCode::QueueFull);
    assert_eq!(bench.model.words.text(), "b");
    assert_eq!(bench.model.lines[0].state, Some(MessageState::Failed));
    assert!(bench.draw().contains("✗ not delivered"));
}

#[test]
fn a_question_of_the_counselor_ends_with_the_talk() {
    let mut bench = bench();
    bench.talking();
    bench.event(SeekerEvent::TransferAsked {
        to: "Salma".to_owned(),
    });
    bench.choose(Action::End);
    assert_eq!(bench.model.asked, None);
    assert!(!bench.draw().contains("^Y"));
    bench.control('k');
    assert!(!bench.draw().contains("Answer what the counselor asks"));
}

#[test]
fn a_place_is_promised_only_where_there_is_one() {
    let mut bench = bench();
    let promised = |bench: &mut Bench| {
        bench.choose(Action::Open(Overlay::Shelf));
        let promised = bench.draw().contains("Your place is kept");
        bench.choose(Action::Close);
        promised
    };
    assert!(!promised(&mut bench), "before she asked");
    bench.talking();
    assert!(promised(&mut bench));
    bench.choose(Action::End);
    assert!(!promised(&mut bench), "after the end");
}

#[test]
fn nothing_of_others_steers_the_terminal() {
    let evil = "\u{1b}[2J\u{9b}1m\u{202e}x\u{7}\n\u{1b}]0;t\u{7}".to_owned();
    let mut bench = bench();
    bench.talking();
    bench.event(SeekerEvent::Answered {
        association: evil.clone(),
        pseudonym: evil.clone(),
    });
    bench.event(SeekerEvent::Message {
        number: 0,
        id: "c".to_owned(),
        text: Words(evil.clone()),
    });
    bench.event(SeekerEvent::TransferAsked { to: evil.clone() });
    bench.event(SeekerEvent::Error(hamsa_client::api::ErrorReport::new(
        hamsa_client::names::ErrorCode::Stopped,
        evil.clone(),
        evil.clone(),
    )));
    let mut screens = bench.draw();
    bench.event(SeekerEvent::Mail {
        mail: evil.clone(),
        text: Words(evil.clone()),
        date: evil.clone(),
    });
    bench.model.open(Overlay::Mails);
    screens.push_str(&bench.draw());
    let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!screens.chars().any(bad), "{screens}");
}

#[test]
fn after_a_transfer_each_message_keeps_its_author() {
    let mut bench = bench();
    bench.talking();
    let text = || Words("salam".to_owned());
    let id = || "c".to_owned();
    bench.event(SeekerEvent::Message {
        number: 0,
        id: id(),
        text: text(),
    });
    bench.event(SeekerEvent::TransferAsked {
        to: "Salma".to_owned(),
    });
    bench.control('y');
    assert_eq!(
        bench.press(KeyCode::Char('2')),
        [SeekerEffect::Tell(SeekerCommand::Agree)]
    );
    let screen = bench.draw();
    assert!(
        screen.contains("Salma first. Nobody has taken") && screen.contains("Nour · 21:07"),
        "{screen}"
    );
    bench.event(SeekerEvent::Answered {
        association: "A".to_owned(),
        pseudonym: "Salma".to_owned(),
    });
    bench.event(SeekerEvent::Message {
        number: 0,
        id: id(),
        text: text(),
    });
    let screen = bench.draw();
    for wanted in [
        "Nour · 21:07",
        "Salma · 21:07",
        "Salma · verified",
        "Another counselor",
    ] {
        assert!(screen.contains(wanted), "{wanted} on\n{screen}");
    }
}
