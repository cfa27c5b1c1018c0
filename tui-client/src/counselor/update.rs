//! One message in, the model changed, effects out. The rule that matters: a letter typed into a chat is a word
//! and nothing else. Commands want ^K or Esc first, or a screen without a chat.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use hamsa_client::api::{CounselorCommand, CounselorEvent, MessageState, Words};

use super::model::{
    Author, ChatStage, ChatTab, Confirmation, DeskLine, DeskModel, DeskNotice, DutyState, LockState, Mode,
};
use crate::{composer::Composer, i18n::Text::*, keyboard};

/// Rows moved by PageUp and PageDown.
const PAGE: usize = 10;
/// Most bytes of a passphrase typed to unlock; longer is a paste that went to the wrong place.
const PASSPHRASE_MAX: usize = 1_024;

/// What reaches the screen.
#[derive(Debug)]
pub(crate) enum DeskMsg {
    /// A key.
    Key(KeyEvent),
    /// A paste, in one piece.
    Paste(String),
    /// Letters came that are no UTF-8, and are missing.
    NotText,
    /// The engine spoke.
    Event(CounselorEvent),
    /// The engine stopped.
    EngineStopped,
    /// No key was touched for long.
    Idle,
    /// Whether the passphrase opened the vault.
    Unlocked(bool),
}

/// What the screen wants done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DeskEffect {
    /// Tell the engine.
    Tell(CounselorCommand),
    /// Try this passphrase on the vault.
    TryPassphrase(Words),
    /// Leave the screen.
    Leave,
}

/// What acts at every moment, also while the keys under way are swallowed. None of them says or answers anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shortcut {
    /// Lock the screen.
    Lock,
    /// Towards the way out.
    Out,
    /// To the commands.
    Commands,
    /// To the help.
    Help,
}

/// What this key does at every moment, on a Latin and on an Arabic layout.
pub(crate) fn way(key: &KeyEvent) -> Option<Shortcut> {
    if key.code == KeyCode::F(1) {
        return Some(Shortcut::Help);
    }
    match keyboard::control(key)? {
        'l' => Some(Shortcut::Lock),
        'q' | 'c' => Some(Shortcut::Out),
        'k' => Some(Shortcut::Commands),
        'g' => Some(Shortcut::Help),
        _ => None,
    }
}

/// Whether this key locks the screen, from wherever it is.
pub(crate) fn is_lock(key: &KeyEvent) -> bool {
    way(key) == Some(Shortcut::Lock)
}

/// Does what `msg` asks. The engine is told when the screen was locked or opened by it.
pub(crate) fn update(model: &mut DeskModel, msg: DeskMsg) -> Vec<DeskEffect> {
    let before = model.locked();
    let mut effects = apply(model, msg);
    let locked = model.locked();
    if locked != before {
        effects.push(DeskEffect::Tell(CounselorCommand::ScreenLocked { locked }));
    }
    effects
}

fn apply(model: &mut DeskModel, msg: DeskMsg) -> Vec<DeskEffect> {
    match msg {
        DeskMsg::Key(key) if key.kind == KeyEventKind::Release => {}
        DeskMsg::Key(key) => return on_key(model, key),
        DeskMsg::Paste(text) => on_paste(model, &text),
        DeskMsg::NotText => model.notice = Some(DeskNotice::Text(DeskNotText)),
        DeskMsg::Event(event) => super::events::on_event(model, event),
        DeskMsg::EngineStopped => {
            model.engine = false;
            model.duty = DutyState::Off(None);
        }
        DeskMsg::Idle if !model.locked() => model.mode = Mode::Locked(LockState::Quiet),
        DeskMsg::Unlocked(true) if model.locked() => model.rest(),
        DeskMsg::Unlocked(false) if model.locked() => model.mode = Mode::Locked(LockState::Refused),
        DeskMsg::Idle | DeskMsg::Unlocked(_) => {}
    }
    Vec::new()
}

/// Asks before leaving, whatever is open: for a way out that came while nothing else acts.
pub(crate) fn ask_to_leave(model: &mut DeskModel) {
    if !model.locked() {
        model.mode = Mode::Confirm(Confirmation::Leave);
    }
}

/// Opens what came by itself and waits for Enter: a chat that takes no letters yet, or the line for the passphrase.
pub(crate) fn open_what_waits(model: &mut DeskModel, key: &KeyEvent) {
    if key.code != KeyCode::Enter {
        return;
    }
    let fresh = model
        .chat()
        .is_some_and(|chat| matches!(chat.stage, ChatStage::Fresh));
    match model.mode {
        Mode::Write if fresh => open_chat(model),
        Mode::Locked(LockState::Quiet | LockState::Refused) => {
            model.mode = Mode::Locked(LockState::Asking(Words(String::new())));
        }
        _ => {}
    }
}

fn on_paste(model: &mut DeskModel, text: &str) {
    let line = text.lines().next().unwrap_or_default();
    match &mut model.mode {
        Mode::Transfer(_, input) => {
            input.insert(line);
        }
        Mode::Locked(LockState::Asking(passphrase)) => {
            if passphrase.0.len() + line.len() <= PASSPHRASE_MAX {
                passphrase.0.push_str(line);
            }
        }
        Mode::Mails(at) => {
            let at = *at;
            if let Some(mail) = model.mails.get_mut(at).filter(|mail| mail.writable()) {
                mail.too_long = !mail.composer.insert(text);
            }
        }
        Mode::Write => {
            if let Some(chat) = model.chat_mut().filter(|chat| chat.writable())
                && !chat.composer.insert(text)
            {
                chat.notice = Some(DeskNotice::Text(DeskTooLong));
            }
        }
        Mode::Command | Mode::Confirm(_) | Mode::Help(_) | Mode::Locked(_) => {}
    }
}

fn on_key(model: &mut DeskModel, key: KeyEvent) -> Vec<DeskEffect> {
    if model.locked() {
        return on_locked_key(model, key);
    }
    if key.code != KeyCode::Esc
        && let Some(ChatStage::Ended { throwing, .. }) = model.chat_mut().map(|chat| &mut chat.stage)
    {
        *throwing = false;
    }
    match way(&key) {
        Some(Shortcut::Lock) => model.mode = Mode::Locked(LockState::Quiet),
        Some(Shortcut::Out) if model.would_lose() => ask_to_leave(model),
        Some(Shortcut::Out) => return vec![DeskEffect::Tell(CounselorCommand::Exit), DeskEffect::Leave],
        Some(Shortcut::Commands) => model.mode = Mode::Command,
        Some(Shortcut::Help) => model.mode = Mode::Help(0),
        None if keyboard::control(&key) == Some('b') => blur(model),
        None => return on_mode_key(model, key),
    }
    Vec::new()
}

fn on_mode_key(model: &mut DeskModel, key: KeyEvent) -> Vec<DeskEffect> {
    match &mut model.mode {
        Mode::Command => on_command_key(model, key),
        Mode::Write => on_write_key(model, key),
        Mode::Confirm(question) => {
            let question = question.clone();
            on_answer(model, question, key)
        }
        Mode::Transfer(..) => on_transfer_key(model, key),
        Mode::Mails(at) => {
            let at = *at;
            on_mail_key(model, at, key)
        }
        Mode::Help(from) => {
            match key.code {
                KeyCode::Down | KeyCode::PageDown => *from = from.saturating_add(1),
                KeyCode::Up | KeyCode::PageUp => *from = from.saturating_sub(1),
                _ => model.rest(),
            }
            Vec::new()
        }
        Mode::Locked(_) => Vec::new(),
    }
}

/// Shows or hides the words on the screen.
fn blur(model: &mut DeskModel) {
    match model.mode {
        Mode::Mails(at) => {
            if let Some(mail) = model.mails.get_mut(at) {
                mail.blurred = !mail.blurred;
            }
        }
        Mode::Command | Mode::Write => {
            if let Some(chat) = model.chat_mut() {
                chat.blurred = !chat.blurred;
            }
        }
        Mode::Confirm(_) | Mode::Transfer(..) | Mode::Help(_) | Mode::Locked(_) => {}
    }
}

fn on_locked_key(model: &mut DeskModel, key: KeyEvent) -> Vec<DeskEffect> {
    let Mode::Locked(lock) = &mut model.mode else {
        return Vec::new();
    };
    match (&mut *lock, key.code) {
        (LockState::Quiet | LockState::Refused, KeyCode::Enter) => {
            *lock = LockState::Asking(Words(String::new()))
        }
        (LockState::Asking(passphrase), KeyCode::Enter) => {
            let passphrase = std::mem::replace(passphrase, Words(String::new()));
            *lock = LockState::Trying;
            return vec![DeskEffect::TryPassphrase(passphrase)];
        }
        (LockState::Asking(_), KeyCode::Esc) => *lock = LockState::Quiet,
        (LockState::Asking(passphrase), KeyCode::Backspace) => {
            passphrase.0.pop();
        }
        (LockState::Asking(passphrase), KeyCode::Char(c))
            if !key.modifiers.contains(KeyModifiers::CONTROL) && passphrase.0.len() < PASSPHRASE_MAX =>
        {
            passphrase.0.push(c);
        }
        _ => {}
    }
    Vec::new()
}

fn on_command_key(model: &mut DeskModel, key: KeyEvent) -> Vec<DeskEffect> {
    let running = model
        .chat()
        .filter(|chat| !chat.ended())
        .map(|chat| chat.id.clone());
    // What was said last was read, or is said again.
    model.notice = None;
    match (keyboard::letter(&key), running) {
        (Some('n'), _) => return take_next(model),
        (Some('b'), _) => return tell(CounselorCommand::Break),
        (Some('o'), _) => {
            let command = match model.duty {
                DutyState::Off(_) => {
                    model.duty = DutyState::Asked;
                    CounselorCommand::OnDuty
                }
                DutyState::Asked | DutyState::On | DutyState::Break => CounselorCommand::OffDuty,
            };
            return tell(command);
        }
        (Some('e'), Some(chat)) => model.mode = Mode::Confirm(Confirmation::End(chat)),
        (Some('x'), Some(chat)) => model.mode = Mode::Confirm(Confirmation::Block(chat)),
        (Some('t'), Some(chat)) => model.mode = Mode::Transfer(chat, Composer::default()),
        (Some('m'), _) => match model.next_mail(None, true) {
            Some(first) => model.mode = Mode::Mails(first),
            None => model.notice = Some(DeskNotice::Text(DeskNoMail)),
        },
        (Some('c'), _) => close_ended(model),
        (Some('d'), _) => model.drawer = !model.drawer,
        (Some('?'), _) => model.mode = Mode::Help(0),
        (Some(digit @ '1'..='9'), _) => {
            let number = digit.to_digit(10).unwrap_or_default();
            if let Some(at) = model.chats.iter().position(|chat| chat.number == number) {
                model.selected = at;
            }
        }
        (Some(_), _) => {}
        (None, _) => match key.code {
            KeyCode::Down | KeyCode::Tab => step(model, true),
            KeyCode::Up | KeyCode::BackTab => step(model, false),
            KeyCode::PageUp | KeyCode::PageDown => scroll(model, key.code),
            KeyCode::Enter => {
                open_chat(model);
                model.rest();
            }
            KeyCode::Esc => model.rest(),
            _ => {}
        },
    }
    Vec::new()
}

/// Take next, unless the answer to the last one is still out: Enter twice must not take two people.
fn take_next(model: &mut DeskModel) -> Vec<DeskEffect> {
    if !matches!(model.duty, DutyState::On | DutyState::Break) {
        model.notice = Some(DeskNotice::Text(DeskNotOnDuty));
        return Vec::new();
    }
    if model.waiting == 0 {
        model.notice = Some(DeskNotice::Text(DeskNobodyWaits));
        return Vec::new();
    }
    if model.taking {
        return Vec::new();
    }
    model.taking = true;
    tell(CounselorCommand::TakeNext)
}

/// A chat that takes no letters (not opened yet, behind the blur, over) lets nothing act but what leads on from it.
fn on_write_key(model: &mut DeskModel, key: KeyEvent) -> Vec<DeskEffect> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let arabic = model.arabic;
    let writable = model.chat().is_some_and(ChatTab::writable);
    match key.code {
        KeyCode::Esc if writable => model.mode = Mode::Command,
        KeyCode::Esc => throw_away(model),
        KeyCode::Tab => step(model, true),
        KeyCode::BackTab => step(model, false),
        KeyCode::PageUp | KeyCode::PageDown => scroll(model, key.code),
        KeyCode::Enter if !alt && writable => return say(model),
        KeyCode::Enter if !alt => open_chat(model),
        code if writable => {
            if let Some(chat) = model.chat_mut() {
                let fits = chat.composer.edit(code, control, alt, arabic);
                chat.notice = (!fits).then_some(DeskNotice::Text(DeskTooLong));
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Esc twice where a draft was kept that cannot be sent any more.
fn throw_away(model: &mut DeskModel) {
    if let Some(chat) = model.chat_mut().filter(|chat| chat.keeps_draft())
        && let ChatStage::Ended { throwing, .. } = &mut chat.stage
    {
        // The second press throws it away.
        *throwing = !*throwing;
        if !*throwing {
            chat.composer = Composer::default();
        }
    }
}

fn say(model: &mut DeskModel) -> Vec<DeskEffect> {
    // An engine that stopped is said on the desk's line as long as it is so.
    let engine = model.engine;
    let (id, now) = (model.message_id(), model.now);
    let sends = |chat: &&mut ChatTab| engine && chat.writable() && !chat.composer.is_blank();
    let Some(chat) = model.chat_mut().filter(sends) else {
        return Vec::new();
    };
    let text = chat.composer.take();
    chat.scroll = 0;
    chat.notice = None;
    let name = chat.id.clone();
    let line = DeskLine {
        who: Author::Me,
        id: id.clone(),
        text: text.clone(),
        state: Some(MessageState::Written),
        number: None,
        shown: true,
        at: None,
    };
    chat.add(line, now);
    tell(CounselorCommand::Say { chat: name, id, text })
}

fn tell(command: CounselorCommand) -> Vec<DeskEffect> {
    vec![DeskEffect::Tell(command)]
}

fn on_answer(model: &mut DeskModel, question: Confirmation, key: KeyEvent) -> Vec<DeskEffect> {
    // Only `y`: Enter is what a hand does by itself.
    let letter = keyboard::letter(&key);
    if letter != Some('y') {
        if key.code == KeyCode::Esc || letter == Some('n') {
            model.rest();
        }
        return Vec::new();
    }
    match question {
        Confirmation::Leave => vec![DeskEffect::Tell(CounselorCommand::Exit), DeskEffect::Leave],
        Confirmation::End(chat) => end(model, &chat, CounselorCommand::End { chat: chat.clone() }),
        Confirmation::Block(chat) => end(model, &chat, CounselorCommand::Block { chat: chat.clone() }),
    }
}

/// Tells the engine to end this chat, if it is not over meanwhile.
fn end(model: &mut DeskModel, chat: &str, command: CounselorCommand) -> Vec<DeskEffect> {
    model.mode = Mode::Command;
    let runs = model.chat_by_id(chat).is_some_and(|chat| !chat.ended());
    if runs { tell(command) } else { Vec::new() }
}

fn on_transfer_key(model: &mut DeskModel, key: KeyEvent) -> Vec<DeskEffect> {
    let arabic = model.arabic;
    let Mode::Transfer(chat, input) = &mut model.mode else {
        return Vec::new();
    };
    match key.code {
        KeyCode::Esc => model.rest(),
        KeyCode::Enter => {
            let to = input.text().trim().to_owned();
            let chat = std::mem::take(chat);
            model.rest();
            if let Some(about) = model.chat_by_id(&chat).filter(|_| !to.is_empty()) {
                about.notice = Some(DeskNotice::Text(DeskTransferAsked));
                return tell(CounselorCommand::Transfer { chat, to });
            }
        }
        code => {
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            input.edit(code, control, false, arabic);
        }
    }
    Vec::new()
}

fn on_mail_key(model: &mut DeskModel, at: usize, key: KeyEvent) -> Vec<DeskEffect> {
    let id = model.message_id();
    let arabic = model.arabic;
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let Some(mail) = model.mails.get_mut(at) else {
        model.rest();
        return Vec::new();
    };
    match key.code {
        KeyCode::Esc => model.rest(),
        KeyCode::PageDown | KeyCode::Tab => turn(model, at, true),
        KeyCode::PageUp | KeyCode::BackTab => turn(model, at, false),
        KeyCode::Enter if !alt && mail.blurred => mail.blurred = false,
        _ if !mail.writable() => {}
        KeyCode::Enter if !alt => {
            if !mail.composer.is_blank() {
                mail.answered = Some(MessageState::Written);
                let (mail, text) = (mail.id.clone(), mail.composer.take());
                return tell(CounselorCommand::Reply { mail, id, text });
            }
        }
        code => {
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            mail.too_long = !mail.composer.edit(code, control, alt, arabic);
        }
    }
    Vec::new()
}

fn turn(model: &mut DeskModel, at: usize, forth: bool) {
    match model.next_mail(Some(at), forth) {
        Some(next) => model.mode = Mode::Mails(next),
        None => model.rest(),
    }
}

fn open_chat(model: &mut DeskModel) {
    if let Some(chat) = model.chat_mut() {
        chat.open();
    }
}

fn step(model: &mut DeskModel, forth: bool) {
    let count = model.chats.len();
    if count > 0 {
        model.selected = (model.selected + if forth { 1 } else { count - 1 }) % count;
    }
}

fn scroll(model: &mut DeskModel, code: KeyCode) {
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
fn close_ended(model: &mut DeskModel) {
    if model.chat().is_some_and(|chat| chat.ended()) {
        model.chats.remove(model.selected);
        model.selected = model.selected.min(model.chats.len().saturating_sub(1));
        model.notice = Some(DeskNotice::Text(DeskFiveMinutes));
    }
}

#[cfg(test)]
#[path = "update_tests.rs"]
pub(crate) mod tests;
