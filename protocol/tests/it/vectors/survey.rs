//! The three answers at the end, each choice at least once.

use hamsa_protocol::{home::Question, wire::Answers};
use serde_json::{Value, json};

use super::tape::hex;

pub(crate) fn survey() -> Value {
    let (yes, no, skipped) = (Some(true), Some(false), None);
    let said = [
        [yes, no, skipped],
        [skipped, yes, no],
        [no, skipped, yes],
        [skipped; 3],
    ];
    let told = said.map(|answers| {
        let body = Answers(answers).encode();
        assert_eq!(Answers::decode(&body), Some(Answers(answers)));
        let mut vector = json!({ "body": hex(&body) });
        for (question, answer) in Question::ALL.into_iter().zip(answers) {
            vector[question.name()] = json!(answer);
        }
        vector
    });
    let refused = [
        ("empty", &[][..]),
        ("one answer is missing", &[1, 2]),
        ("one answer too many", &[1, 2, 0, 0]),
        ("the first is beyond 2", &[3, 0, 0]),
        ("the second is beyond 2", &[0, 0xff, 0]),
        ("the third is beyond 2", &[1, 2, 4]),
    ]
    .map(|(why, body)| {
        assert_eq!(Answers::decode(body), None, "{why}");
        json!({ "why": why, "body": hex(body) })
    });
    json!({ "answers": told, "refused": refused })
}
