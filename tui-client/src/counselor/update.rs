//! One message in, the model changed, effects out. The rule that matters: a letter typed into a chat is a word
//! and nothing else. Commands want ^K or Esc first, or a screen without a chat.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use hamsa_client::api::{CounselorCommand, CounselorEvent, MessageState, Words};

use super::composer::Composer;
use super::model::{Chat, Duty, Line, Lock, Mail, Mode, Model, Notice, Question, Who};

/// Rows moved by PageUp and PageDown.
const PAGE: usize = 10;
/// Most bytes of a passphrase typed to unlock; longer is a paste that went to the wrong place.
const PASSPHRASE_MAX: usize = 1_024;

/// What reaches the screen.
#[derive(Debug)]
pub(crate) enum Msg {
    /// A key.
    Key(KeyEvent),
    /// A paste, in one piece.
    Paste(String),
    /// The engine spoke.
    Event(CounselorEvent),
    /// The engine stopped.
    EngineStopped,
    /// Nobody touched a key for long.
    Idle,
    /// Whether the passphrase opened the vault.
    Unlocked(bool),
}

/// What the screen wants done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Tell the engine.
    Tell(CounselorCommand),
    /// Try this passphrase on the vault.
    TryPassphrase(Words),
    /// Leave the screen.
    Leave,
}

/// Does what `msg` asks.
pub(crate) fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
        Msg::Key(key) => on_key(model, key),
        Msg::Paste(text) => {
            on_paste(model, &text);
            Vec::new()
        }
        Msg::Event(event) => {
            on_event(model, event);
            Vec::new()
        }
        Msg::EngineStopped => {
            model.engine = false;
            model.duty = Duty::Off("unknown".to_owned());
            model.notice = Some(Notice::Text("desk-engine-stopped"));
            Vec::new()
        }
        Msg::Idle => {
            if !model.locked() {
                model.mode = Mode::Locked(Lock::Quiet);
            }
            Vec::new()
        }
        Msg::Unlocked(opened) => {
            if model.locked() {
                if opened {
                    model.rest();
                } else {
                    model.mode = Mode::Locked(Lock::Refused);
                }
            }
            Vec::new()
        }
    }
}

fn on_paste(model: &mut Model, text: &str) {
    let fits = match &mut model.mode {
        Mode::Transfer(input) => input.insert(text.lines().next().unwrap_or_default()),
        Mode::Locked(Lock::Asking(passphrase)) => {
            let line = text.lines().next().unwrap_or_default();
            if passphrase.0.len() + line.len() <= PASSPHRASE_MAX {
                passphrase.0.push_str(line);
            }
            true
        }
        Mode::Mails(at) => model
            .mails
            .get_mut(*at)
            .is_none_or(|mail| mail.composer.insert(text)),
        Mode::Write => model.chat_mut().is_none_or(|chat| chat.composer.insert(text)),
        Mode::Command | Mode::Confirm(_) | Mode::Help | Mode::Locked(_) => true,
    };
    if !fits {
        model.notice = Some(Notice::Text("desk-too-long"));
    }
}

fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if model.locked() {
        return on_locked_key(model, key);
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('l') => {
                model.mode = Mode::Locked(Lock::Quiet);
                return Vec::new();
            }
            KeyCode::Char('q') => {
                if !model.engine || !model.any_running() {
                    return vec![Effect::Tell(CounselorCommand::Exit), Effect::Leave];
                }
                model.mode = Mode::Confirm(Question::Leave);
                return Vec::new();
            }
            KeyCode::Char('k') => {
                model.mode = Mode::Command;
                return Vec::new();
            }
            KeyCode::Char('b') => {
                if let Some(chat) = model.chat_mut() {
                    chat.blurred = !chat.blurred;
                }
                model.rest();
                return Vec::new();
            }
            KeyCode::Char('h') => {
                model.mode = Mode::Help;
                return Vec::new();
            }
            _ => {}
        }
    }
    match &mut model.mode {
        Mode::Command => on_command_key(model, key),
        Mode::Write => on_write_key(model, key),
        Mode::Confirm(question) => {
            let question = *question;
            on_answer(model, question, key)
        }
        Mode::Transfer(_) => on_transfer_key(model, key),
        Mode::Mails(at) => {
            let at = *at;
            on_mail_key(model, at, key)
        }
        Mode::Help => {
            model.rest();
            Vec::new()
        }
        Mode::Locked(_) => Vec::new(),
    }
}

fn on_locked_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Mode::Locked(lock) = &mut model.mode else {
        return Vec::new();
    };
    match (&mut *lock, key.code) {
        (Lock::Quiet | Lock::Refused, KeyCode::Enter) => *lock = Lock::Asking(Words(String::new())),
        (Lock::Asking(passphrase), KeyCode::Enter) => {
            let passphrase = std::mem::replace(passphrase, Words(String::new()));
            *lock = Lock::Trying;
            return vec![Effect::TryPassphrase(passphrase)];
        }
        (Lock::Asking(_), KeyCode::Esc) => *lock = Lock::Quiet,
        (Lock::Asking(passphrase), KeyCode::Backspace) => {
            passphrase.0.pop();
        }
        (Lock::Asking(passphrase), KeyCode::Char(c))
            if !key.modifiers.contains(KeyModifiers::CONTROL) && passphrase.0.len() < PASSPHRASE_MAX =>
        {
            passphrase.0.push(c);
        }
        _ => {}
    }
    Vec::new()
}

fn on_command_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let running = model
        .chat()
        .filter(|chat| chat.ended.is_none())
        .map(|chat| chat.id.clone());
    match key.code {
        KeyCode::Char('n') => return take_next(model),
        KeyCode::Char('b') => return vec![Effect::Tell(CounselorCommand::Break)],
        KeyCode::Char('o') => {
            let command = match model.duty {
                Duty::Off(_) => {
                    model.duty = Duty::Asked;
                    CounselorCommand::OnDuty
                }
                Duty::Asked | Duty::On | Duty::Break => CounselorCommand::OffDuty,
            };
            return vec![Effect::Tell(command)];
        }
        KeyCode::Char('e') if running.is_some() => model.mode = Mode::Confirm(Question::End),
        KeyCode::Char('t') if running.is_some() => model.mode = Mode::Transfer(Composer::default()),
        KeyCode::Char('m') if !model.mails.is_empty() => model.mode = Mode::Mails(0),
        KeyCode::Char('m') => model.notice = Some(Notice::Text("desk-no-mail")),
        KeyCode::Char('c') => close_ended(model),
        KeyCode::Char('d') => model.drawer = !model.drawer,
        KeyCode::Char('?') | KeyCode::F(1) => model.mode = Mode::Help,
        KeyCode::Char(digit @ '1'..='9') => {
            let number = digit.to_digit(10).unwrap_or_default();
            if let Some(at) = model.chats.iter().position(|chat| chat.number == number) {
                model.selected = at;
            }
        }
        KeyCode::Down | KeyCode::Tab => step(model, true),
        KeyCode::Up | KeyCode::BackTab => step(model, false),
        KeyCode::PageUp | KeyCode::PageDown => scroll(model, key.code),
        KeyCode::Enter | KeyCode::Esc => {
            reveal(model);
            model.rest();
        }
        _ => {}
    }
    Vec::new()
}

/// Take next, unless the answer to the last one is still out: Enter twice must not take two people.
fn take_next(model: &mut Model) -> Vec<Effect> {
    if !matches!(model.duty, Duty::On | Duty::Break) {
        model.notice = Some(Notice::Text("desk-not-on-duty"));
        return Vec::new();
    }
    if model.waiting == 0 {
        model.notice = Some(Notice::Text("desk-nobody-waits"));
        return Vec::new();
    }
    if model.taking {
        return Vec::new();
    }
    model.taking = true;
    model.notice = Some(Notice::Text("desk-taking"));
    vec![Effect::Tell(CounselorCommand::TakeNext)]
}

fn on_write_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    match key.code {
        KeyCode::Esc => model.mode = Mode::Command,
        KeyCode::F(1) => model.mode = Mode::Help,
        KeyCode::Tab => {
            step(model, true);
            model.rest();
        }
        KeyCode::BackTab => {
            step(model, false);
            model.rest();
        }
        KeyCode::PageUp | KeyCode::PageDown => scroll(model, key.code),
        KeyCode::Enter if !alt => return say(model),
        code => {
            let fits = model
                .chat_mut()
                .is_none_or(|chat| edit(&mut chat.composer, code, control, alt));
            if !fits {
                model.notice = Some(Notice::Text("desk-too-long"));
            }
        }
    }
    Vec::new()
}

/// The editing keys all composers share; false when something did not fit.
pub(crate) fn edit(composer: &mut Composer, code: KeyCode, control: bool, alt: bool) -> bool {
    match code {
        KeyCode::Enter => return composer.insert("\n"),
        KeyCode::Char(c) if !control && !alt => return composer.insert(c.encode_utf8(&mut [0; 4])),
        KeyCode::Backspace => composer.backspace(),
        KeyCode::Delete => composer.delete(),
        KeyCode::Left => composer.back(),
        KeyCode::Right => composer.forth(),
        KeyCode::Home => composer.home(),
        KeyCode::End => composer.end(),
        _ => {}
    }
    true
}

fn say(model: &mut Model) -> Vec<Effect> {
    if !model.engine {
        model.notice = Some(Notice::Text("desk-engine-stopped"));
        return Vec::new();
    }
    let id = model.message_id();
    let Some(chat) = model.chat_mut() else {
        return Vec::new();
    };
    if chat.composer.is_blank() {
        return Vec::new();
    }
    if chat.ended.is_some() {
        model.notice = Some(Notice::Text("desk-chat-over"));
        return Vec::new();
    }
    let text = chat.composer.take();
    chat.scroll = 0;
    let name = chat.id.clone();
    chat.add(Line {
        who: Who::Me,
        id: id.clone(),
        text: text.clone(),
        state: Some(MessageState::Written),
    });
    model.notice = None;
    vec![Effect::Tell(CounselorCommand::Say { chat: name, id, text })]
}

fn on_answer(model: &mut Model, question: Question, key: KeyEvent) -> Vec<Effect> {
    // Only `y`: Enter is what a hand does by itself.
    let yes = matches!(key.code, KeyCode::Char('y' | 'Y')) && !key.modifiers.contains(KeyModifiers::CONTROL);
    let no = matches!(key.code, KeyCode::Esc | KeyCode::Char('n' | 'N'));
    if !yes {
        if no {
            model.rest();
        }
        return Vec::new();
    }
    match question {
        Question::Leave => vec![Effect::Tell(CounselorCommand::Exit), Effect::Leave],
        Question::End => {
            let name = model
                .chat()
                .filter(|chat| chat.ended.is_none())
                .map(|chat| chat.id.clone());
            model.mode = Mode::Command;
            name.map(|chat| Effect::Tell(CounselorCommand::End { chat }))
                .into_iter()
                .collect()
        }
    }
}

fn on_transfer_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let chat = model.chat().map(|chat| chat.id.clone());
    let Mode::Transfer(input) = &mut model.mode else {
        return Vec::new();
    };
    match key.code {
        KeyCode::Esc => model.rest(),
        KeyCode::Enter => {
            let to = input.text().trim().to_owned();
            model.rest();
            if let (Some(chat), false) = (chat, to.is_empty()) {
                model.notice = Some(Notice::Text("desk-transfer-asked"));
                return vec![Effect::Tell(CounselorCommand::Transfer { chat, to })];
            }
        }
        code => {
            edit(input, code, key.modifiers.contains(KeyModifiers::CONTROL), true);
            if let KeyCode::Char(c) = code
                && !key.modifiers.contains(KeyModifiers::CONTROL)
            {
                input.insert(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
    Vec::new()
}

fn on_mail_key(model: &mut Model, at: usize, key: KeyEvent) -> Vec<Effect> {
    let id = model.message_id();
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let last = model.mails.len().saturating_sub(1);
    let Some(mail) = model.mails.get_mut(at) else {
        model.rest();
        return Vec::new();
    };
    match key.code {
        KeyCode::Esc => model.rest(),
        KeyCode::PageDown | KeyCode::Tab => model.mode = Mode::Mails(if at >= last { 0 } else { at + 1 }),
        KeyCode::PageUp | KeyCode::BackTab => model.mode = Mode::Mails(at.checked_sub(1).unwrap_or(last)),
        KeyCode::Enter if !alt => {
            if !mail.composer.is_blank()
                && !matches!(mail.answered, Some(state) if state != MessageState::Failed)
            {
                mail.answered = Some(MessageState::Written);
                let (mail, text) = (mail.id.clone(), mail.composer.take());
                return vec![Effect::Tell(CounselorCommand::Reply { mail, id, text })];
            }
        }
        code => {
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            if !edit(&mut mail.composer, code, control, alt) {
                model.notice = Some(Notice::Text("desk-too-long"));
            }
        }
    }
    Vec::new()
}

fn reveal(model: &mut Model) {
    if let Some(chat) = model.chat_mut() {
        chat.blurred = false;
    }
}

fn step(model: &mut Model, forth: bool) {
    let count = model.chats.len();
    if count > 0 {
        model.selected = (model.selected + if forth { 1 } else { count - 1 }) % count;
    }
}

fn scroll(model: &mut Model, code: KeyCode) {
    if let Some(chat) = model.chat_mut() {
        // Ten rows per line of text is more than any message has on a usable width; the view clamps it.
        let most = chat.lines.len().saturating_mul(PAGE);
        chat.scroll = match code {
            KeyCode::PageUp => chat.scroll.saturating_add(PAGE).min(most),
            _ => chat.scroll.saturating_sub(PAGE),
        };
    }
}

/// Takes an ended chat off the screen; its words are wiped with it.
fn close_ended(model: &mut Model) {
    if model.chat().is_some_and(|chat| chat.ended.is_some()) {
        model.chats.remove(model.selected);
        model.selected = model.selected.min(model.chats.len().saturating_sub(1));
        model.notice = Some(Notice::Text("desk-five-minutes"));
    }
}

fn on_event(model: &mut Model, event: CounselorEvent) {
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
        CounselorEvent::OnDuty => model.duty = Duty::On,
        CounselorEvent::OffDuty { reason } if reason == "break" => model.duty = Duty::Break,
        CounselorEvent::OffDuty { reason } => {
            model.taking = false;
            model.notice = Some(Notice::Text(off_duty_text(&reason)));
            model.duty = Duty::Off(reason);
        }
        CounselorEvent::Desk { waiting, urgent } => (model.waiting, model.urgent) = (waiting, urgent),
        CounselorEvent::Chat {
            chat,
            language,
            urgent,
            text,
        } => on_chat(model, chat, language, urgent, text),
        CounselorEvent::Message { chat, id, text } => {
            let shown = !model.locked()
                && model
                    .chat()
                    .is_some_and(|shown| shown.id == chat && !shown.blurred);
            if let Some(chat) = model.chat_by_id(&chat) {
                chat.add(Line {
                    who: Who::Seeker,
                    id,
                    text,
                    state: None,
                });
                if !shown {
                    chat.unread = chat.unread.saturating_add(1);
                }
            }
        }
        CounselorEvent::State { chat, id, state } => on_state(model, &chat, &id, state),
        CounselorEvent::Mail {
            mail,
            text,
            returning,
        } => {
            let composer = Composer::default();
            model.mails.push(Mail {
                id: mail,
                text,
                returning,
                answered: None,
                composer,
            });
        }
        CounselorEvent::Link { state } => model.link = state,
        CounselorEvent::Ended { chat, by, reason } => on_ended(model, &chat, by, reason),
        CounselorEvent::Error(report) => {
            model.taking = false;
            if model.duty == Duty::Asked {
                model.duty = Duty::Off("unknown".to_owned());
            }
            model.notice = Some(Notice::Error(report));
        }
    }
}

fn on_chat(model: &mut Model, id: String, language: String, urgent: bool, text: Words) {
    model.taking = false;
    model.notice = Some(Notice::Text(if urgent {
        "desk-chat-urgent"
    } else {
        "desk-chat-new"
    }));
    if model.chat_by_id(&id).is_some() {
        return;
    }
    let number = model.chat_number();
    let mut chat = Chat {
        id,
        number,
        language,
        urgent,
        blurred: urgent,
        lines: Vec::new(),
        unread: 0,
        ended: None,
        composer: Composer::default(),
        scroll: 0,
    };
    if !text.0.is_empty() {
        chat.add(Line {
            who: Who::Seeker,
            id: String::new(),
            text,
            state: None,
        });
        chat.unread = 1;
    }
    // She is not torn out of the chat she writes in.
    let busy = model.chat().is_some_and(|chat| chat.ended.is_none());
    model.chats.push(chat);
    if !busy {
        model.selected = model.chats.len() - 1;
        if matches!(model.mode, Mode::Command | Mode::Write) {
            model.rest();
        }
    }
}

fn on_state(model: &mut Model, chat: &str, id: &str, state: MessageState) {
    if let Some(chat) = model.chat_by_id(chat) {
        for line in chat.lines.iter_mut().rev() {
            // Only forward: a late word about an earlier step must not take a tick away.
            if line.who == Who::Me && line.id == id && line.state < Some(state) {
                line.state = Some(state);
            }
        }
    } else if let Some(mail) = model.mails.iter_mut().find(|mail| mail.id == chat) {
        mail.answered = Some(state);
    }
}

fn on_ended(model: &mut Model, id: &str, by: String, reason: String) {
    let text = match reason.as_str() {
        "left_quickly" => "desk-ended-left-quickly",
        "taken" => "desk-ended-taken",
        "gone" => "desk-ended-gone",
        "revoked" | "expired" => "desk-ended-certificate",
        "transferred" => "desk-ended-transferred",
        _ if by == "you" => "desk-ended-you",
        _ => "desk-ended-seeker",
    };
    model.taking = false;
    model.notice = Some(Notice::Text(text));
    let shown = model.chat().is_some_and(|chat| chat.id == id);
    if let Some(chat) = model.chat_by_id(id) {
        chat.ended = Some((by, reason));
    }
    if shown
        && matches!(
            model.mode,
            Mode::Write | Mode::Confirm(Question::End) | Mode::Transfer(_)
        )
    {
        model.mode = Mode::Command;
    }
}

/// The sentence for why she is off duty.
pub(crate) fn off_duty_text(reason: &str) -> &'static str {
    match reason {
        "asked" => "desk-off-asked",
        "revoked" => "desk-off-revoked",
        "expired" => "desk-off-expired",
        "not_yet_valid" => "desk-off-not-yet",
        _ => "desk-off-unknown",
    }
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
