//! Errors as a person needs them: a stable code, what happened, what to do next.

use hamsa_protocol::{
    counselor::{ReplyError, TransferError},
    crypto::phrase::{NoMemory, PHRASE_WORDS, PhraseError},
    objects::ObjectError,
    seeker::{LeaveError, NotLeft, NothingAsked, StartError},
    session::{chat::SayError, home_link::LinkError, mail::MailError},
    wire::Refusal,
};

use crate::{api::ErrorReport, names::ErrorCode, session::LinkFailure};

fn report(code: ErrorCode, message: impl ToString, advice: &str) -> ErrorReport {
    ErrorReport::new(code, message.to_string(), advice)
}

/// With the limit that was passed and what came, for a face that makes its own sentence.
fn measured(report: ErrorReport, limit: usize, length: usize) -> ErrorReport {
    ErrorReport {
        limit: Some(limit),
        length: Some(length),
        ..report
    }
}

pub(crate) fn say(error: SayError) -> ErrorReport {
    let told = |code, advice| report(code, error, advice);
    match error {
        SayError::TooLong { max, got } => {
            measured(told(ErrorCode::TooLong, "Send it in several parts."), max, got)
        }
        SayError::DuplicateId => told(ErrorCode::DuplicateId, "Give each message an id of its own."),
        SayError::Id => told(ErrorCode::BadId, "Give the message an id of 1 to 64 bytes."),
        SayError::QueueFull => told(
            ErrorCode::QueueFull,
            "Wait until some of them have arrived, then send it again.",
        ),
        SayError::Over => told(
            ErrorCode::Over,
            "Nothing more can be said here. Begin again when you want to.",
        ),
    }
}

/// Refuses words that are none.
pub(crate) fn not_empty(text: &str) -> Result<(), ErrorReport> {
    if text.is_empty() {
        return Err(leave(LeaveError::Empty));
    }
    Ok(())
}

pub(crate) fn start(error: StartError) -> ErrorReport {
    match error {
        StartError::TooLong { max, got } => {
            let advice = "Begin with less; you can write the rest while you wait.";
            measured(report(ErrorCode::TooLong, error, advice), max, got)
        }
        StartError::Already => report(ErrorCode::Already, error, "Go on, or end what is there first."),
    }
}

pub(crate) fn nothing_asked(error: NothingAsked) -> ErrorReport {
    report(ErrorCode::NothingAsked, error, "Go on writing.")
}

pub(crate) fn transfer(error: TransferError) -> ErrorReport {
    let (code, advice) = match error {
        TransferError::NoColleague => (
            ErrorCode::NoColleague,
            "Name a colleague who is on duty, as seekers see her.",
        ),
        TransferError::NoChat => (ErrorCode::NoChat, "Look at the list of chats: it may have ended."),
    };
    report(code, error, advice)
}

pub(crate) fn leave(error: LeaveError) -> ErrorReport {
    let told = |code, advice| report(code, error, advice);
    match error {
        LeaveError::TooLong { max, got } => {
            let advice = "Leave it in several messages, one after the other.";
            measured(told(ErrorCode::TooLong, advice), max, got)
        }
        LeaveError::Empty => told(ErrorCode::Empty, "Write a few words first."),
        LeaveError::Already => told(
            ErrorCode::LeaveBusy,
            "Wait until it has arrived, then leave the next.",
        ),
        LeaveError::NoPhrase => told(ErrorCode::NoPhrase, "Keep a phrase first."),
    }
}

pub(crate) fn not_left(reason: NotLeft) -> ErrorReport {
    match reason {
        NotLeft::NobodyReads => report(
            ErrorCode::NobodyReads,
            "nobody at the helpline can read a sealed message at the moment",
            "Your words were not sent. Come back in the opening hours, if you can.",
        ),
        NotLeft::Refused(Refusal::Taken) => report(
            ErrorCode::NotKept,
            "no home of the helpline could keep this message for you",
            "Send it again: it is sealed anew then.",
        ),
        NotLeft::Refused(Refusal::Busy | Refusal::Effort(_)) => report(
            ErrorCode::LeaveLater,
            "no home takes this sealed message now",
            "It is not kept. Keep its words, and leave them again later, in a new run of this program.",
        ),
        NotLeft::Refused(reason) => refusal(reason),
    }
}

pub(crate) fn no_mail() -> ErrorReport {
    report(
        ErrorCode::NoMail,
        "there is no answer for these words yet",
        "Try again tomorrow, or ask for a counselor now. An answer lies here for two weeks.",
    )
}

pub(crate) fn mail_refused() -> ErrorReport {
    report(
        ErrorCode::MailRefused,
        "there is an answer of somebody whom the association does not list any more; it is not shown",
        "Ask for a counselor, or leave another message.",
    )
}

pub(crate) fn phrase(error: PhraseError) -> ErrorReport {
    let advice = match error {
        PhraseError::Count(_) => "Type all eight, with a space between them.",
        PhraseError::Unknown(_) => "Look at that word again. Accents and capital letters do not matter.",
        PhraseError::Mixed => "Type all eight in the language in which they were shown to you.",
        PhraseError::Check => "Look at the words and their order again.",
    };
    let told = report(ErrorCode::BadPhrase, error, advice);
    match error {
        PhraseError::Count(count) => measured(told, PHRASE_WORDS, count),
        _ => told,
    }
}

pub(crate) fn no_memory(error: NoMemory) -> ErrorReport {
    report(ErrorCode::NoMemory, error, "Close other programs and try again.")
}

pub(crate) fn reply(error: ReplyError) -> ErrorReport {
    match error {
        ReplyError::NoMail => report(
            ErrorCode::NoMail,
            error,
            "Look at the list of messages: it may have been answered.",
        ),
        ReplyError::Taken => report(ErrorCode::Taken, error, "Take the next."),
        ReplyError::TooLong(reason) => {
            let advice = "Answer in several parts, each with an id of its own.";
            let told = report(ErrorCode::TooLong, error, advice);
            match reason {
                MailError::TooLong { max, got } => measured(told, max, got),
                _ => told,
            }
        }
        ReplyError::Words(error) => say(error),
    }
}

pub(crate) fn language() -> ErrorReport {
    report(
        ErrorCode::BadLanguage,
        "this is no language code",
        "Use a code such as fr, ar or en.",
    )
}

pub(crate) fn object(error: &ObjectError) -> ErrorReport {
    let (code, advice) = match error {
        ObjectError::NotYet(_) | ObjectError::Expired(_) => (
            ErrorCode::Expired,
            "Check the date and time of this device. If they are right, the association has to renew what it signed.",
        ),
        ObjectError::Older(_) => (
            ErrorCode::OlderRoster,
            "It was not taken. Tell the association: it has to publish, and one of its homes may have been set back.",
        ),
        _ => (
            ErrorCode::NotTheHelpline,
            "Nothing you wrote was sent there. Check the address of the helpline with somebody you trust.",
        ),
    };
    report(code, error, advice)
}

/// For a seeker. Whether a home has shown the other roster, or the counselor has named it, is in the event beside it.
pub(crate) fn split_view() -> ErrorReport {
    report(
        ErrorCode::SplitView,
        "two different lists of the helpline's counselors are in use at once",
        "The chat can go on. If you can, ask the association by another way before you tell more.",
    )
}

/// For a counselor.
pub(crate) fn split_view_at_desk(proven: bool) -> ErrorReport {
    let (message, advice) = if proven {
        (
            "two different rosters of one version are in use, and both are signed by the association's root",
            "Chats go on. Tell the keeper of the association's root key today; the proof lies beside your vault.",
        )
    } else {
        (
            "the other side of a chat says that it has another roster of the same version",
            "Chats go on. It may be wrong. Tell the keeper of the association's root key; what is known lies beside your vault.",
        )
    };
    report(ErrorCode::SplitView, message, advice)
}

pub(crate) fn link_failure(failure: &LinkFailure) -> ErrorReport {
    match failure {
        LinkFailure::Entry(report) => report.clone(),
        LinkFailure::HomeGone => report(
            ErrorCode::HomeGone,
            "the helpline did not answer behind the entry",
            "It is tried again by itself. If it lasts, try later or ask the association.",
        ),
        LinkFailure::Unproven(LinkError::Delegation(error)) => object(error),
        LinkFailure::Unproven(error) => report(
            ErrorCode::NotTheHelpline,
            error,
            "Nothing you wrote was sent there. Check the address of the helpline with somebody you trust.",
        ),
    }
}

pub(crate) fn refusal(reason: Refusal) -> ErrorReport {
    let (code, message, advice) = match reason {
        // Effort: only where a home asks for more than a program pays.
        Refusal::Busy | Refusal::Effort(_) => (
            ErrorCode::Busy,
            "the helpline is full at the moment",
            "It is tried again by itself; stay if you can.",
        ),
        Refusal::NoRoster => (
            ErrorCode::NoRoster,
            "this helpline has not said yet who belongs to it, or what it said has expired",
            "It is tried again by itself. The association has to publish.",
        ),
        Refusal::Revoked => (
            ErrorCode::Revoked,
            "the certificate was taken back",
            "Speak to your association. Nothing more can be taken with it.",
        ),
        Refusal::Expired => (
            ErrorCode::Expired,
            "the certificate or the shift has expired",
            "Ask your association for a new certificate.",
        ),
        Refusal::NotYet => (
            ErrorCode::NotYetValid,
            "the certificate or the shift is not valid yet",
            "Check the date of this device; if it is right, wait or ask your association.",
        ),
        Refusal::NotListed => (
            ErrorCode::NotListed,
            "the association's list does not carry this certificate",
            "Ask your association to publish, or for a new certificate.",
        ),
        Refusal::Taken => (ErrorCode::Taken, "somebody else has it", "Take the next."),
        Refusal::Full => (
            ErrorCode::Full,
            "the helpline has no room for more messages today",
            "Try again tomorrow, or when somebody is on duty.",
        ),
        Refusal::Disk => (
            ErrorCode::Disk,
            "the helpline could not keep it",
            "Try again later. The association has to look after its node.",
        ),
        Refusal::Login | Refusal::Duty | Refusal::Stale | Refusal::Malformed => (
            ErrorCode::Refused,
            "the helpline refused a request of this program",
            "Update this program; if that does not help, tell the association.",
        ),
    };
    report(code, message, advice)
}

pub(crate) fn phrase_busy() -> ErrorReport {
    report(
        ErrorCode::PhraseBusy,
        "the words before are still being worked on",
        "Wait a moment, then give them again.",
    )
}

pub(crate) fn no_chat() -> ErrorReport {
    report(
        ErrorCode::NoChat,
        "there is no such chat",
        "Look at the list of chats: it may have ended.",
    )
}

pub(crate) fn no_words(chat: &str) -> ErrorReport {
    report(
        ErrorCode::NoWords,
        format!("no words have come in chat {chat} since it was answered, for a minute"),
        "The line may be bad, or nobody may be there. Wait, or end it and take the next.",
    )
    .about(chat)
}

pub(crate) fn transfer_declined(chat: &str) -> ErrorReport {
    report(
        ErrorCode::TransferDeclined,
        format!(
            "the seeker of chat {chat} stays with you: she did not agree, or that colleague is not on duty as far as her program knows"
        ),
        "Go on with her, or ask again later.",
    )
    .about(chat)
}

pub(crate) fn nobody_waits() -> ErrorReport {
    report(
        ErrorCode::NobodyWaits,
        "nobody waits whom you could take",
        "Stay on duty; the desk tells you.",
    )
}

pub(crate) fn enough(max: u8) -> ErrorReport {
    report(
        ErrorCode::Enough,
        format!("your association allows {max} at once, and you have as many"),
        "End one first.",
    )
}

pub(crate) fn not_replied(reason: Refusal) -> ErrorReport {
    match reason {
        Refusal::Taken => report(
            ErrorCode::Taken,
            "a colleague is answering this message, or has answered it",
            "Take the next. If this one still waits in five minutes, answer it then.",
        ),
        reason => refusal(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_told_in_numbers_too() {
        let too_long = say(SayError::TooLong { max: 16, got: 17 });
        assert_eq!((too_long.limit, too_long.length), (Some(16), Some(17)));
        let reply = reply(ReplyError::TooLong(MailError::TooLong { max: 2, got: 3 }));
        assert_eq!((reply.limit, reply.length), (Some(2), Some(3)));
        let count = phrase(PhraseError::Count(7));
        assert_eq!((count.limit, count.length), (Some(PHRASE_WORDS), Some(7)));
        assert_eq!((nothing_asked(NothingAsked).limit, already()), (None, None));
    }

    fn already() -> Option<usize> {
        start(StartError::Already).length
    }
}
