//! What the engine says, taken into the model. Nothing here is a key and nothing leads to a command.

use hamsa_client::{
    api::{ChatOver, CounselorEvent, EndedBy, ErrorReport, LinkState, MessageState, OffReason, Words},
    names::ErrorCode,
};
use hamsa_protocol::session::chat::FIRST_ID;

use super::model::{
    ChatStage, ChatTab, Confirmation, DeskLine, DeskModel, DeskNotice, DutyState, Mode, SealedMessage,
};
use crate::{
    composer::Composer,
    i18n::Text::*,
    shared::{Author, of_one_link, of_the_way},
};

/// Takes in what the engine said.
pub(super) fn on_event(model: &mut DeskModel, event: CounselorEvent) {
    let now = model.now;
    match event {
        CounselorEvent::Unlocked {
            pseudonym,
            association,
            certificate_ends,
        } => {
            model.pseudonym = pseudonym;
            model.association = association.or_else(|| model.association.take());
            model.certificate_ends = certificate_ends;
        }
        CounselorEvent::OnDuty => model.duty = DutyState::On,
        CounselorEvent::OffDuty {
            reason: OffReason::Break,
        } => model.duty = DutyState::Break,
        CounselorEvent::OffDuty { reason } => {
            model.taking = false;
            model.duty = DutyState::Off(Some(reason));
        }
        CounselorEvent::Desk { waiting, urgent } => {
            (model.waiting, model.urgent) = (waiting, urgent);
            model.taking &= waiting > 0;
        }
        CounselorEvent::Chat {
            chat,
            language,
            urgent,
            text,
            number,
            ..
        } => on_chat(model, &chat, language, urgent, (number, text)),
        CounselorEvent::Message {
            chat,
            id,
            text,
            number,
        } => {
            if let Some(chat) = model.chat_by_id(&chat) {
                // They have come.
                chat.forget(ErrorCode::NoWords);
                chat.add(DeskLine::received(id, text, Some(number)), now);
            }
        }
        CounselorEvent::Pace {
            chat,
            pause,
            no_details,
        } => on_pace(model, &chat, pause, no_details),
        CounselorEvent::State { chat, id, state } => on_state(model, &chat, &id, state),
        CounselorEvent::Mail {
            mail,
            text,
            returning,
        } => on_mail(model, mail, text, returning),
        CounselorEvent::MailAnswered { mail } => on_mail_answered(model, &mail),
        CounselorEvent::Link { state } => on_link(model, state),
        CounselorEvent::Ended { chat, by, reason } => on_ended(model, &chat, by, reason),
        // The error that follows says it in words.
        CounselorEvent::SplitView { .. } => {}
        CounselorEvent::Error(report) => on_error(model, report),
    }
}

/// What was in the way is not in the way any more.
fn on_link(model: &mut DeskModel, state: LinkState) {
    model.link = state;
    let of_the_way = matches!(&model.notice, Some(DeskNotice::Error(report)) if of_the_way(report.code));
    if state == LinkState::Connected && of_the_way {
        model.notice = None;
    }
}

fn on_error(model: &mut DeskModel, report: ErrorReport) {
    // What is said of a chat stands in that chat, and nowhere else.
    let about = report.chat.clone().and_then(|id| model.chat_by_id(&id));
    if let Some(chat) = about {
        chat.notice = Some(DeskNotice::Error(report));
        return;
    }
    // An attempt of before, which failed beside the link that stands.
    if model.link == LinkState::Connected && of_one_link(report.code) {
        return;
    }
    // These say nothing about what was asked.
    let asked = !matches!(report.code, ErrorCode::SplitView | ErrorCode::OlderRoster);
    model.taking &= !asked;
    if asked && model.duty == DutyState::Asked {
        model.duty = DutyState::Off(None);
    }
    model.notice = Some(DeskNotice::Error(report));
}

fn on_mail(model: &mut DeskModel, id: String, text: Words, returning: bool) {
    // It was said to be answered, and waits all the same.
    if let Some(known) = model.mails.iter_mut().find(|known| known.id == id) {
        known.gone = false;
        return;
    }
    model.mails.push(SealedMessage {
        id,
        text,
        returning,
        answered: None,
        gone: false,
        blurred: true,
        too_long: false,
        composer: Composer::default(),
    });
}

fn on_chat(
    model: &mut DeskModel,
    id: &str,
    language: String,
    urgent: bool,
    (number, first): (Option<u64>, Words),
) {
    model.taking = false;
    let known = model.chats.iter().position(|chat| chat.id == id);
    let at = known.unwrap_or(model.chats.len());
    if known.is_some() {
        on_chat_again(model, at, urgent);
    } else {
        let place = model.chat_number();
        let mut chat = ChatTab::new(id.to_owned(), place, language, urgent);
        chat.began = model.now.map(|now| now.run);
        model.chats.push(chat);
    }
    let now = model.now;
    if let Some(chat) = model.chats.get_mut(at).filter(|_| !first.0.is_empty()) {
        chat.add(DeskLine::received(FIRST_ID.to_owned(), first, number), now);
    }
    look_at(model, at);
}

/// The ticket of a lost seeker came back to this desk: the chat goes on where it stands.
fn on_chat_again(model: &mut DeskModel, at: usize, urgent: bool) {
    if let Some(chat) = model.chats.get_mut(at) {
        chat.notice = Some(DeskNotice::Text(DeskChatAgain));
        // What was written is still there. It goes on after a key, not by the letters that are under way.
        if chat.ended() {
            chat.stage = ChatStage::Fresh;
            chat.over_at = None;
        }
        chat.urgent = urgent;
        // The seeker's wishes are told anew.
        (chat.paused, chat.no_details) = (false, false);
    }
}

/// Shows a chat, unless another one is being written in.
fn look_at(model: &mut DeskModel, at: usize) {
    let busy = model
        .chats
        .iter()
        .enumerate()
        .any(|(number, chat)| number == model.selected && number != at && !chat.ended());
    if !busy {
        model.selected = at;
        if matches!(model.mode, Mode::Command | Mode::Write) {
            model.rest();
        }
    }
}

/// The seeker's wishes stand beside the chat as long as they hold; what is new is said in that chat.
fn on_pace(model: &mut DeskModel, id: &str, pause: bool, no_details: bool) {
    let Some(chat) = model.chat_by_id(id) else {
        return;
    };
    let told = match (chat.paused == pause, chat.no_details == no_details) {
        (false, _) if pause => Some(DeskPaceToldPause),
        (_, false) if no_details => Some(DeskPaceToldNoDetails),
        (false, _) => Some(DeskPaceToldOn),
        (_, false) => Some(DeskPaceToldDetails),
        (true, true) => None,
    };
    (chat.paused, chat.no_details) = (pause, no_details);
    if let Some(told) = told {
        chat.notice = Some(DeskNotice::Text(told));
    }
}

fn on_state(model: &mut DeskModel, chat: &str, id: &str, state: MessageState) {
    if let Some(chat) = model.chat_by_id(chat) {
        for line in chat.lines.iter_mut().rev() {
            // Only forward: a late word about an earlier step must not take a tick away.
            if line.who == Author::Me && line.id == id && line.state < Some(state) {
                line.state = Some(state);
            }
        }
    } else if let Some(mail) = model.mails.iter_mut().find(|mail| mail.id == chat) {
        mail.answered = Some(state);
    }
}

fn on_mail_answered(model: &mut DeskModel, id: &str) {
    let there = |mail: &SealedMessage| mail.id == id && !mail.gone;
    let Some(at) = model.mails.iter().position(there) else {
        return;
    };
    let Some(mail) = model.mails.get_mut(at) else {
        return;
    };
    mail.gone = true;
    let begun = !mail.composer.is_blank();
    // It may be being read: the words stay until the page is turned, the begun reply too.
    let key = if begun { DeskMailGoneBegun } else { DeskMailGone };
    model.notice = Some(DeskNotice::Mail(key, at + 1));
}

/// The draft stays where it was written, and letters go on to mean nothing else. A question about this chat goes.
fn on_ended(model: &mut DeskModel, id: &str, by: EndedBy, reason: ChatOver) {
    let now = model.now;
    let Some(chat) = model.chat_by_id(id) else {
        // A ticket that was to become a chat.
        model.taking = false;
        return;
    };
    chat.over_at = now.map(|now| now.run);
    chat.stage = ChatStage::Ended {
        by,
        reason,
        throwing: false,
    };
    let asked = match &model.mode {
        Mode::Confirm(Confirmation::End(about) | Confirmation::Block(about)) => about == id,
        Mode::Transfer(about, _) => about == id,
        _ => false,
    };
    if asked {
        model.rest();
    }
}
