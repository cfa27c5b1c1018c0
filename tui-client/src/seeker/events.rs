//! What the engine says, put into the model. No event leads away from what is being written or read, and
//! none leaves a page on which a key under way would mean something grave.

use hamsa_client::{
    api::{
        CounselorState, EndReason, EndedBy, ErrorReport, LinkState, MessageState, SeekerEvent, SurveyState,
    },
    names::ErrorCode,
};
use hamsa_protocol::session::chat::FIRST_ID;

use super::{
    model::{
        HelplineDuty, QueuePlace, SealedReply, SeekerLine, SeekerModel, SeekerNotice, SurveyStatus,
        VisitStage,
    },
    screen::{Overlay, Screen},
};
use crate::{
    i18n::Text::{self, *},
    shared::{Author, of_one_link, of_the_way},
};

/// The id under which the engine tells how far the sealed message came.
const LETTER: &str = "leave";

/// Takes one event in.
pub(super) fn on_event(model: &mut SeekerModel, event: SeekerEvent) {
    match event {
        SeekerEvent::Verified {
            association, texts, ..
        } => {
            on_association(model, association);
            model.texts = texts;
        }
        SeekerEvent::Closed { until, .. } => {
            model.duty = HelplineDuty::Closed(until);
            model.on_counselor_gone();
            // A screen stays and says how to go on: what is about to be written there must not become a choice.
            if model.by_lines && model.screen == Screen::Talk && model.overlays.is_empty() {
                model.go(Screen::Closed);
            }
        }
        SeekerEvent::Path { split, .. } => model.split = Some(split),
        SeekerEvent::Survey { state } => on_survey(model, state),
        SeekerEvent::Waiting { ahead } => {
            model.place = ahead.map_or(QueuePlace::Hidden, QueuePlace::Ahead);
            on_open(model);
        }
        SeekerEvent::Answered {
            association,
            pseudonym,
        } => {
            on_association(model, association);
            on_answered(model, pseudonym);
        }
        SeekerEvent::Message { id, text, number } => {
            model.add(Author::Peer, id, text, None);
            if let Some(line) = model.lines.last_mut() {
                line.unshown = Some(number);
            }
            if !model.overlays.is_empty() || model.scroll > 0 {
                call(model, SeekNewWords, SeekNewWordsPlain);
            }
        }
        SeekerEvent::State { id, state } => on_state(model, &id, state),
        SeekerEvent::Link { state } => on_link(model, state),
        // Away from the question while the phrase was made: it is dropped unseen.
        SeekerEvent::Phrase { .. } if model.top() != Some(Overlay::PhraseMaking) => {}
        SeekerEvent::Phrase { words } => {
            model.phrase = Some(words);
            model.overlays.pop();
            model.open(Overlay::PhraseShown);
        }
        SeekerEvent::Mail { mail, text, date } => on_reply(model, SealedReply { id: mail, text, date }),
        SeekerEvent::TransferAsked { to } => model.asked = Some(to),
        SeekerEvent::TransferGone => {
            if model.asked.take().is_some() {
                model.notice = Some(SeekerNotice::Text(SeekAskedGone));
            }
        }
        // No page depends on it.
        SeekerEvent::Sealed { .. } | SeekerEvent::Puzzle { .. } => {}
        SeekerEvent::Open => on_open(model),
        SeekerEvent::Counselor { state } => {
            if let VisitStage::Talking { desk, .. } = &mut model.stage {
                *desk = Some(state).filter(|state| *state != CounselorState::Here);
            }
        }
        SeekerEvent::Reopened => on_reopened(model),
        SeekerEvent::Ended { by, reason } => on_ended(model, by, reason),
        // The error that follows says it in words.
        SeekerEvent::SplitView { .. } => {}
        SeekerEvent::Error(report) => on_error(model, report),
    }
}

fn on_association(model: &mut SeekerModel, name: String) {
    if !name.trim().is_empty() {
        model.association = Some(name);
    }
}

fn on_survey(model: &mut SeekerModel, state: SurveyState) {
    if model.survey == SurveyStatus::Sending {
        model.survey = match state {
            SurveyState::Counted => SurveyStatus::Counted,
            // What was answered since may still be sent.
            SurveyState::Failed if std::mem::take(&mut model.survey_before) => SurveyStatus::Kept,
            SurveyState::Failed => SurveyStatus::Failed,
        };
    }
}

fn on_answered(model: &mut SeekerModel, pseudonym: String) {
    let other = |line: &SeekerLine| line.name.as_ref().is_some_and(|name| *name != pseudonym);
    let other = model.lines.iter().any(other);
    // What is being written was meant for the one before: the seeker sends it, not a running key.
    if model.answered.as_ref().is_some_and(|before| *before != pseudonym) {
        model.hand += 1;
    }
    model.answered = Some(pseudonym.clone());
    model.on_answered(pseudonym);
    on_open(model);
    if matches!(model.screen, Screen::Left | Screen::Return) {
        model.forget_phrase_typed();
        to_the_talk(model);
        letter_to_words(model);
    }
    if !model.overlays.is_empty() {
        call(model, SeekAnswered, SeekAnsweredNote);
    } else if other {
        model.notice = Some(SeekerNotice::Text(SeekAnsweredOther));
    }
}

fn on_link(model: &mut SeekerModel, state: LinkState) {
    model.link = Some(state);
    // What was in the way is not in the way any more.
    if state == LinkState::Connected
        && matches!(&model.notice, Some(SeekerNotice::Error(report)) if of_the_way(report.code))
    {
        model.notice = None;
    }
}

fn on_reply(model: &mut SeekerModel, reply: SealedReply) {
    model.add_mail(reply);
    model.returned();
    if model.screen == Screen::Return && model.overlays.is_empty() {
        model.open(Overlay::Mails);
    } else {
        model.notice = Some(SeekerNotice::Text(SeekMailCame));
    }
}

/// A counselor is on duty after all.
fn on_open(model: &mut SeekerModel) {
    let before = std::mem::replace(&mut model.duty, HelplineDuty::Open);
    if !matches!(before, HelplineDuty::Closed(_)) {
        return;
    }
    if !matches!(model.screen, Screen::Talk | Screen::Closed | Screen::Leave) {
        return;
    }
    if model.screen != Screen::Talk {
        to_the_talk(model);
    }
    letter_to_words(model);
}

/// The place below changes; what lies over it does not.
fn to_the_talk(model: &mut SeekerModel) {
    model.screen = Screen::Talk;
    if model.overlays.is_empty() {
        model.fresh();
    }
}

/// The sealed message that is being written becomes a draft of the talk; it is not sent by itself. What only repeats
/// words that wait already is not written twice, and what is on its way sealed is not either.
fn letter_to_words(model: &mut SeekerModel) {
    if model.letter.is_blank() || model.left == Some(MessageState::Written) {
        return;
    }
    let text = model.letter.take();
    if text == model.waiting_words() {
        return;
    }
    if model.words.insert(&text.0) {
        model.notice = Some(SeekerNotice::Text(SeekOpened));
    } else {
        model.letter.insert(&text.0);
    }
}

fn on_state(model: &mut SeekerModel, id: &str, state: MessageState) {
    if id == LETTER {
        model.left = Some(state);
        if matches!(state, MessageState::AtNode | MessageState::Received) {
            model.letter.take();
        }
        return;
    }
    let mine = model
        .lines
        .iter_mut()
        .rev()
        .find(|line| line.who == Author::Me && line.id == id);
    if let Some(line) = mine {
        // After a reopening a message may honestly be at the node again; what was received or failed stays.
        let settled = matches!(line.state, Some(MessageState::Received | MessageState::Failed));
        if !settled || state > MessageState::AtNode {
            line.state = Some(state);
        }
    }
}

fn on_reopened(model: &mut SeekerModel) {
    model.hand += 1;
    model.on_counselor_gone();
    model.asked = None;
    model.reopened = true;
    model.passed = None;
    model.place = QueuePlace::Unknown;
}

fn on_ended(model: &mut SeekerModel, by: EndedBy, reason: EndReason) {
    if !model.asked_for || model.ended() {
        return;
    }
    let at_talk = model.screen == Screen::Talk && !model.by_lines;
    model.end(by, reason, at_talk);
    // The place with the words stays: the end is said there, and the next key only leads on from it.
    if matches!(model.screen, Screen::Talk | Screen::Closed) {
        model.screen = Screen::Talk;
        model.selected = 0;
    }
    if !model.overlays.is_empty() {
        call(model, SeekEndedNotice, SeekEndedNoticePlain);
    }
}

/// Says that something is in the talk, and which key leads there: but not while a note would be in its way.
fn call(model: &mut SeekerModel, back: Text, here: Text) {
    let note = model.writes_note() || model.holds_note();
    model.notice = Some(SeekerNotice::Text(if note { here } else { back }));
}

fn on_error(model: &mut SeekerModel, report: ErrorReport) {
    // An attempt of before, which failed beside the link that stands.
    if model.link == Some(LinkState::Connected) && of_one_link(report.code) {
        return;
    }
    if report.code == ErrorCode::NoMail {
        model.returned();
    }
    model.unread |= report.code == ErrorCode::NobodyReads;
    if report.code == ErrorCode::NoMail && model.screen == Screen::Return && model.overlays.is_empty() {
        // That is an answer, not a mistake.
        model.open(Overlay::Mails);
        return;
    }
    // A split view changes nothing of what the person does.
    if !of_the_way(report.code) && report.code != ErrorCode::SplitView {
        if model.top() == Some(Overlay::PhraseMaking) {
            model.close();
        }
        model.returning = false;
        let letter = model.screen == Screen::Left && model.left == Some(MessageState::Written);
        match report.code {
            // The one before is still on its way; nothing is known against it.
            ErrorCode::LeaveBusy => {}
            _ if letter => model.left = Some(MessageState::Failed),
            ErrorCode::TooLong
            | ErrorCode::QueueFull
            | ErrorCode::BadId
            | ErrorCode::DuplicateId
            | ErrorCode::Over => refused_line(model),
            _ => {}
        }
    }
    model.notice = Some(SeekerNotice::Error(report));
}

/// The engine did not take the newest message. Its words go back to the composer, so that nothing is typed twice;
/// where something stands there already, or nothing can be seen there, they are marked.
fn refused_line(model: &mut SeekerModel) {
    let refused = |line: &SeekerLine| line.who == Author::Me && line.state == Some(MessageState::Written);
    let Some(at) = model.lines.iter().rposition(refused) else {
        return;
    };
    let sent = model.lines.get(at).is_some_and(|line| line.id != FIRST_ID);
    if sent && model.words.is_blank() && !model.by_lines {
        let line = model.lines.remove(at);
        model.words.take();
        model.words.insert(&line.text.0);
    } else if let Some(line) = model.lines.get_mut(at) {
        line.state = Some(MessageState::Failed);
    }
}
