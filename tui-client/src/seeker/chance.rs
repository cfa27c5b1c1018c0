//! For tests that leave it to chance what the engine says.

use hamsa_client::api::{ErrorReport, MessageState, SeekerEvent, SurveyState, Words};
use proptest::prelude::*;

/// A counselor answers.
pub(super) fn answered(name: &str) -> SeekerEvent {
    SeekerEvent::Answered {
        association: "A".to_owned(),
        pseudonym: name.to_owned(),
    }
}

/// The counselor ends the chat.
pub(super) fn ended() -> SeekerEvent {
    SeekerEvent::Ended {
        by: hamsa_client::api::EndedBy::Peer,
        reason: hamsa_client::api::EndReason::Finished,
    }
}

/// Whatever the engine may say.
pub(super) fn event() -> impl Strategy<Value = SeekerEvent> {
    let error = |code| SeekerEvent::Error(ErrorReport::new(code, String::new(), String::new()));
    let closed = SeekerEvent::Closed {
        until: None,
        opens: None,
    };
    let words = || Words("un deux".to_owned());
    prop::sample::select(vec![
        answered("Nour"),
        answered("Salma"),
        ended(),
        ended(),
        closed,
        SeekerEvent::Open,
        SeekerEvent::Waiting { ahead: Some(1) },
        SeekerEvent::Reopened,
        SeekerEvent::TransferAsked {
            to: "Salma".to_owned(),
        },
        SeekerEvent::TransferAsked {
            to: "Hind".to_owned(),
        },
        SeekerEvent::TransferGone,
        SeekerEvent::Phrase { words: words() },
        SeekerEvent::Mail {
            mail: "m".to_owned(),
            text: words(),
            date: String::new(),
        },
        SeekerEvent::Message {
            number: 1,
            id: "c".to_owned(),
            text: words(),
        },
        SeekerEvent::Survey {
            state: SurveyState::Counted,
        },
        SeekerEvent::State {
            id: "leave".to_owned(),
            state: MessageState::AtNode,
        },
        SeekerEvent::State {
            id: "leave".to_owned(),
            state: MessageState::Failed,
        },
        error(hamsa_client::names::ErrorCode::NoMail),
        error(hamsa_client::names::ErrorCode::NobodyReads),
        error(hamsa_client::names::ErrorCode::Over),
    ])
}
