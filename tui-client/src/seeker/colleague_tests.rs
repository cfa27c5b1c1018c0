//! A colleague is to go on: the question, its answers, and when it is taken back.

use super::*;

#[test]
fn consent_to_a_colleague_is_never_what_enter_does_by_itself() {
    let mut bench = bench();
    bench.talking();
    bench.event(SeekerEvent::TransferAsked {
        to: "Salma".to_owned(),
    });
    bench.control('y');
    assert_eq!(bench.press(KeyCode::Enter), [], "the first choice is: not now");
    bench.control('y');
    assert_eq!(
        bench.press(KeyCode::Char('2')),
        [SeekerEffect::Tell(SeekerCommand::Agree)]
    );
    bench.event(SeekerEvent::TransferAsked {
        to: "Salma".to_owned(),
    });
    bench.control('y');
    assert_eq!(
        bench.press(KeyCode::Char('3')),
        [SeekerEffect::Tell(SeekerCommand::Decline)]
    );
}

#[test]
fn a_question_that_is_taken_back_is_not_answered() {
    let mut bench = bench();
    bench.talking();
    bench.event(SeekerEvent::TransferAsked {
        to: "Salma".to_owned(),
    });
    bench.control('y');
    bench.event(SeekerEvent::TransferGone);
    assert!(bench.draw().contains("The question about a colleague is gone"));
    for key in ['1', '2', '3'] {
        assert_eq!(bench.press(KeyCode::Char(key)), []);
    }
    assert_eq!((&bench.model.asked, &bench.model.passed), (&None, &None));
}
