//! Her own pace: a pause, no details, and three answers that are hers.

use hamsa_client::api::SurveyState;

use super::*;

fn pace(pause: bool, no_details: bool) -> Effect {
    Effect::Tell(SeekerCommand::Pace { pause, no_details })
}

fn talking() -> Bench {
    let mut bench = bench();
    bench.model.asked_for = true;
    bench.model.go(Step::Talk);
    bench.take(Msg::Event(SeekerEvent::Answered {
        association: "Association A".to_owned(),
        pseudonym: "Nour".to_owned(),
    }));
    bench
}

#[test]
fn a_pause_is_two_keys_away_and_her_next_words_end_it() {
    let mut bench = talking();
    bench.take(Msg::Key(KeyEvent::new(KeyCode::Char('k'), KeyModifiers::CONTROL)));
    assert_eq!(bench.press(KeyCode::Char('2')), [pace(true, false)]);
    assert!(bench.draw().contains("You asked for a pause."));
    bench.types("i can go on");
    let said = bench.press(KeyCode::Enter);
    assert!(matches!(
        said.as_slice(),
        [Effect::Tell(SeekerCommand::Say { .. })]
    ));
    assert!(!bench.draw().contains("You asked for a pause."));
}

#[test]
fn she_can_end_it_without_a_word() {
    let mut bench = talking();
    bench.choose(Do::Pause(true));
    bench.take(Msg::Key(KeyEvent::new(KeyCode::Char('k'), KeyModifiers::CONTROL)));
    assert!(bench.draw().contains("End the pause"));
    assert_eq!(bench.press(KeyCode::Char('2')), [pace(false, false)]);
    assert!(bench.draw().contains("The pause is over."));
}

#[test]
fn no_details_can_be_asked_before_anybody_is_there_and_holds_for_everybody_after() {
    let mut bench = bench();
    bench.model.go(Step::First);
    bench.types("salam");
    assert_eq!(bench.choose(Do::NoDetails(true)), [pace(false, true)]);
    assert_eq!(bench.model.first.text(), "salam", "what she writes stays");
    assert!(bench.draw().contains("Every counselor who is with you sees it."));
    assert!(bench.draw().contains("Details may be asked again"));
    bench.press(KeyCode::Enter);
    assert!(bench.model.no_details);
    bench.choose(Do::Pause(true));
    assert_eq!(bench.choose(Do::NoDetails(false)), [pace(true, false)]);
    bench.choose(Do::NoDetails(true));
    bench.choose(Do::Again);
    assert!(bench.model.no_details && !bench.model.paused);
}

#[test]
fn nobody_who_waits_alone_is_offered_a_pause() {
    let mut bench = bench();
    bench.model.asked_for = true;
    bench.model.go(Step::Talk);
    bench.choose(Do::Open(Over::Menu));
    let screen = bench.draw();
    assert!(screen.contains("Please do not ask me for details"), "{screen}");
    assert!(!screen.contains("Ask for a pause"), "{screen}");
}

#[test]
fn the_three_answers_are_sent_only_when_she_says_so_and_once() {
    let mut bench = bench();
    bench.model.go(Step::Over);
    let answer = |bench: &mut Bench, keys: &[char]| {
        bench.choose(Do::Open(Over::Questions(0)));
        for key in keys {
            assert_eq!(bench.press(KeyCode::Char(*key)), []);
        }
    };
    // Enter all the way skips, and sends nothing.
    answer(&mut bench, &['1', '1', '1']);
    assert!(!bench.draw().contains("Send my answers"));
    assert_eq!(bench.press(KeyCode::Enter), []);
    answer(&mut bench, &['2', '1', '3']);
    assert!(bench.draw().contains("Shall the association have your answers?"));
    assert_eq!(bench.press(KeyCode::Enter), []);
    assert_eq!(bench.model.step, Step::Over);
    answer(&mut bench, &['2', '1', '3']);
    let answers = [Some(true), None, Some(false)];
    let survey = Effect::Tell(SeekerCommand::Survey { answers });
    assert_eq!(bench.press(KeyCode::Char('2')), [survey.clone()]);
    assert!(bench.draw().contains("They are being sent."));
    assert!(!bench.draw().contains("Send my answers"));
    let told = |state| Msg::Event(SeekerEvent::Survey { state });
    bench.take(told(SurveyState::Failed));
    assert!(bench.draw().contains("They could not be sent."));
    assert_eq!(bench.press(KeyCode::Char('2')), [survey]);
    bench.take(told(SurveyState::Counted));
    assert!(bench.draw().contains("They are counted. Thank you."));
    assert!(!bench.draw().contains("Send my answers"));
    // Another talk in the same run.
    bench.choose(Do::Again);
    bench.model.go(Step::Over);
    answer(&mut bench, &['2', '2', '2']);
    assert!(bench.draw().contains("Your answers of before are counted."));
    assert!(!bench.draw().contains("Send my answers"));
}
