//! The seeker's own pace: a pause, and no details.

use super::*;
use crate::i18n::Text;

fn pace(pause: bool, no_details: bool) -> SeekerEffect {
    SeekerEffect::Tell(SeekerCommand::Pace { pause, no_details })
}

fn talking() -> Bench {
    let mut bench = bench();
    bench.model.asked_for = true;
    bench.model.go(Screen::Talk);
    answered(&mut bench);
    bench
}

fn answered(bench: &mut Bench) {
    bench.take(SeekerMsg::Event(SeekerEvent::Answered {
        association: "Association A".to_owned(),
        pseudonym: "Nour".to_owned(),
    }));
}

#[test]
fn a_pause_is_two_keys_away_and_words_end_it() {
    let mut bench = talking();
    bench.take(SeekerMsg::Key(KeyEvent::new(
        KeyCode::Char('k'),
        KeyModifiers::CONTROL,
    )));
    assert_eq!(bench.press(KeyCode::Char('2')), [pace(true, false)]);
    assert!(bench.draw().contains("You asked for a pause."));
    bench.types("i can go on");
    let said = bench.press(KeyCode::Enter);
    assert!(matches!(
        said.as_slice(),
        [SeekerEffect::Tell(SeekerCommand::Say { .. })]
    ));
    assert!(!bench.draw().contains("You asked for a pause."));
}

#[test]
fn the_seeker_ends_a_talk_without_words() {
    let mut bench = talking();
    bench.choose(Action::Pause(true));
    bench.take(SeekerMsg::Key(KeyEvent::new(
        KeyCode::Char('k'),
        KeyModifiers::CONTROL,
    )));
    assert!(bench.draw().contains("End the pause"));
    assert_eq!(bench.press(KeyCode::Char('2')), [pace(false, false)]);
    assert!(bench.draw().contains("The pause is over."));
}

#[test]
fn no_details_holds_for_each_counselor_of_the_visit() {
    let mut bench = bench();
    bench.model.go(Screen::First);
    bench.types("salam");
    assert_eq!(bench.choose(Action::NoDetails(true)), [pace(false, true)]);
    assert_eq!(bench.model.first.text(), "salam", "what she writes stays");
    assert!(bench.draw().contains("no questions about details"));
    assert!(bench.draw().contains("You can ask me about details again"));
    bench.press(KeyCode::Enter);
    assert!(bench.model.no_details);
    bench.choose(Action::Pause(true));
    assert_eq!(bench.choose(Action::NoDetails(false)), [pace(true, false)]);
    bench.choose(Action::NoDetails(true));
    bench.choose(Action::Again);
    assert!(bench.model.no_details && !bench.model.paused);
}

#[test]
fn an_answer_moves_no_number_of_the_menu() {
    let mut bench = bench();
    bench.model.asked_for = true;
    bench.model.go(Screen::Talk);
    bench.choose(Action::Open(Overlay::Menu));
    let choices = |bench: &Bench| -> Vec<Action> {
        let page = page(&bench.model, &bench.texts);
        page.choices.iter().map(|choice| choice.does).collect()
    };
    let before = choices(&bench);
    answered(&mut bench);
    assert_eq!(choices(&bench), before);
    assert!(before.len() < 10, "every one has a digit");
}

#[test]
fn a_wish_without_an_engine_is_not_said_to_be_told() {
    let mut bench = talking();
    bench.take(SeekerMsg::EngineStopped);
    for does in [Action::Pause(true), Action::NoDetails(true), Action::Survey] {
        assert_eq!(bench.choose(does), []);
        assert_eq!(
            bench.model.notice,
            Some(SeekerNotice::Text(Text::SeekEngineStopped))
        );
    }
    assert!(!bench.model.paused && !bench.model.no_details);
    assert_eq!(bench.model.survey, SurveyStatus::Kept);
}
