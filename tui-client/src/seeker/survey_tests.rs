//! The three answers leave the screen on a choice only.

use hamsa_client::api::SurveyState;

use super::*;

fn told(state: SurveyState) -> SeekerMsg {
    SeekerMsg::Event(SeekerEvent::Survey { state })
}

/// Answers with these keys; the last page of the questions is there.
fn answers(bench: &mut Bench, keys: [char; 3]) {
    bench.choose(Action::Open(Overlay::Questions(0)));
    for key in keys {
        assert_eq!(bench.press(KeyCode::Char(key)), []);
    }
}

#[test]
fn the_three_answers_are_sent_on_a_choice_only() {
    let mut bench = bench();
    bench.model.go(Screen::Over);
    // Enter all the way skips, and sends nothing.
    answers(&mut bench, ['1', '1', '1']);
    assert!(!bench.draw().contains("Let the association have them"));
    assert_eq!(bench.press(KeyCode::Enter), []);
    // Nor does one key pressed again and again.
    for key in ['1', '2', '3'] {
        bench.choose(Action::Open(Overlay::Questions(0)));
        for _ in 0..12 {
            let effects = bench.press(KeyCode::Char(key));
            let sent =
                |effect: &SeekerEffect| matches!(effect, SeekerEffect::Tell(SeekerCommand::Survey { .. }));
            assert!(!effects.iter().any(sent), "{key}");
            bench.draw();
        }
        bench.model.go(Screen::Over);
    }
    answers(&mut bench, ['2', '1', '3']);
    bench.press(KeyCode::Char('3'));
    assert!(bench.draw().contains("Would you like to share your answers"));
    assert_eq!(bench.press(KeyCode::Enter), []);
    assert!(bench.model.overlays.is_empty(), "and she is back where she was");
    answers(&mut bench, ['2', '1', '3']);
    bench.press(KeyCode::Char('3'));
    let survey = SeekerEffect::Tell(SeekerCommand::Survey {
        answers: [Some(true), None, Some(false)],
    });
    assert_eq!(bench.press(KeyCode::Char('2')), std::slice::from_ref(&survey));
    assert!(bench.draw().contains("They are being sent."));
    assert_eq!(bench.press(KeyCode::Char('2')), [], "once");
    bench.take(told(SurveyState::Failed));
    assert!(bench.draw().contains("No word came that they were counted."));
    assert_eq!(bench.press(KeyCode::Char('2')), [survey]);
    bench.take(told(SurveyState::Counted));
    assert!(bench.draw().contains("They are counted. Thank you."));
    assert!(!bench.draw().contains("Send my answers"));
}

#[test]
fn answers_in_flight_fail_when_the_engine_stops() {
    let mut bench = bench();
    bench.model.go(Screen::Over);
    answers(&mut bench, ['2', '2', '2']);
    bench.press(KeyCode::Char('3'));
    bench.press(KeyCode::Char('2'));
    assert_eq!(bench.model.survey, SurveyStatus::Sending);
    bench.take(SeekerMsg::EngineStopped);
    assert_eq!(bench.model.survey, SurveyStatus::Failed);
}

#[test]
fn no_answer_is_counted_twice_in_one_run() {
    let mut bench = bench();
    let send = |bench: &mut Bench| {
        bench.model.go(Screen::Over);
        answers(bench, ['2', '2', '2']);
        bench.press(KeyCode::Char('3'));
        bench.press(KeyCode::Char('2'))
    };
    assert_eq!(send(&mut bench).len(), 1);
    // Another talk, while they are on their way.
    bench.choose(Action::Again);
    bench.model.go(Screen::Over);
    bench.choose(Action::Open(Overlay::Questions(0)));
    assert!(bench.draw().contains("These stay on this screen."));
    answers(&mut bench, ['3', '3', '3']);
    assert!(!bench.draw().contains("Let the association have them"));
    // They did not arrive: then these may go.
    bench.take(told(SurveyState::Failed));
    assert_eq!(send(&mut bench).len(), 1);
    bench.take(told(SurveyState::Counted));
    bench.model.go(Screen::Over);
    answers(&mut bench, ['3', '3', '3']);
    assert!(!bench.draw().contains("counted. Thank you"));
    assert!(!bench.draw().contains("Let the association have them"));
}
