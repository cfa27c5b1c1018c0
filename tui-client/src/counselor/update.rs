//! One message in, the model changed, effects out. The rule that matters: a letter typed into a chat is a word
//! and nothing else. Commands want ^K or Esc first, or a screen without a chat.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use hamsa_client::api::{CounselorCommand, CounselorEvent, MessageState, Words};

use super::{
    composer::Composer,
    model::{Duty, Line, Lock, Mode, Model, Notice, Question, Who},
};

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

/// Whether this key locks the screen, from wherever it is.
pub(crate) fn is_lock(key: &KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('l')
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
            super::events::on_event(model, event);
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
    if is_lock(&key) {
        model.mode = Mode::Locked(Lock::Quiet);
        return Vec::new();
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
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
        KeyCode::Char('m') => match model.next_mail(None, true) {
            Some(first) => model.mode = Mode::Mails(first),
            None => model.notice = Some(Notice::Text("desk-no-mail")),
        },
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
        KeyCode::Backspace if control || alt => composer.backspace_word(),
        KeyCode::Backspace => composer.backspace(),
        KeyCode::Delete => composer.delete(),
        KeyCode::Left if control || alt => composer.word_left(),
        KeyCode::Right if control || alt => composer.word_right(),
        KeyCode::Left => composer.left(),
        KeyCode::Right => composer.right(),
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
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            edit(input, code, control, false);
        }
    }
    Vec::new()
}

fn on_mail_key(model: &mut Model, at: usize, key: KeyEvent) -> Vec<Effect> {
    let id = model.message_id();
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let Some(mail) = model.mails.get_mut(at) else {
        model.rest();
        return Vec::new();
    };
    match key.code {
        KeyCode::Esc => model.rest(),
        KeyCode::PageDown | KeyCode::Tab => turn(model, at, true),
        KeyCode::PageUp | KeyCode::BackTab => turn(model, at, false),
        KeyCode::Enter if !alt && mail.gone => model.notice = Some(Notice::Text("desk-mail-gone")),
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

fn turn(model: &mut Model, at: usize, forth: bool) {
    match model.next_mail(Some(at), forth) {
        Some(next) => model.mode = Mode::Mails(next),
        None => model.rest(),
    }
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

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
