//! What single sequences of a terminal mean, as xterm, its many heirs, rxvt and the Linux console send them. Only
//! what the faces use: keys with their modifiers, the left button, the wheel, focus, and where a paste begins.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};

/// What a sequence asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SequenceMeaning {
    /// Something happened.
    Event(Event),
    /// What follows is a paste.
    PasteOpens,
    /// Nothing that anybody here uses.
    Nothing,
}

impl From<Option<Event>> for SequenceMeaning {
    fn from(event: Option<Event>) -> Self {
        event.map_or(Self::Nothing, Self::Event)
    }
}

/// A key that is a control character.
pub(super) fn control(byte: u8) -> KeyEvent {
    let letter = |first: u8, byte: u8| KeyCode::Char(char::from(first + byte));
    let (code, modifiers) = match byte {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x1b => (KeyCode::Esc, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => (KeyCode::Char(' '), KeyModifiers::CONTROL),
        1..=0x1a => (letter(b'a', byte - 1), KeyModifiers::CONTROL),
        // As xterm's heirs have it: ^\ is ^4, and so on.
        0x1c..=0x1f => (letter(b'4', byte - 0x1c), KeyModifiers::CONTROL),
        _ => (KeyCode::Null, KeyModifiers::NONE),
    };
    KeyEvent::new(code, modifiers)
}

/// A key that is a letter, a line break or a tabulator.
pub(super) fn letter(c: char) -> KeyEvent {
    match c {
        '\r' | '\t' | '\n' => control(c as u8),
        c if c.is_uppercase() => KeyEvent::new(KeyCode::Char(c), KeyModifiers::SHIFT),
        c => KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
    }
}

/// `ESC O` and one letter.
pub(super) fn ss3(last: u8) -> SequenceMeaning {
    let code = match last {
        b'M' => Some(KeyCode::Enter),
        last => arrow(last),
    };
    code.map(|code| Event::Key(code.into())).into()
}

/// `ESC [ [` and one letter: F1 to F5 of the Linux console.
pub(super) fn console(last: u8) -> SequenceMeaning {
    let key = matches!(last, b'A'..=b'E').then(|| KeyCode::F(1 + last - b'A'));
    key.map(|code| Event::Key(code.into())).into()
}

/// Three bytes after `ESC [ M`: the oldest way to tell of a mouse.
pub(super) fn old_mouse(bytes: &[u8]) -> SequenceMeaning {
    let &[button, column, row] = bytes else {
        return SequenceMeaning::Nothing;
    };
    let [button, column, row] = [button, column, row].map(|byte| u32::from(byte).checked_sub(32));
    mouse(button, column, row).into()
}

/// `ESC [`, numbers, one letter (ECMA-48, 5.4).
pub(super) fn csi(body: &[u8], last: u8) -> SequenceMeaning {
    if let Some(body) = body.strip_prefix(b"<") {
        let [button, column, row] = Parameters::read(body).map_or([None; 3], |numbers| numbers.firsts());
        let pressed = last == b'M';
        return pressed.then(|| mouse(button, column, row)).flatten().into();
    }
    let Some(numbers) = Parameters::read(body) else {
        return SequenceMeaning::Nothing;
    };
    let [first, second, third] = numbers.firsts();
    let code = match (last, first) {
        (b'~', Some(200)) => return SequenceMeaning::PasteOpens,
        // xterm's modifyOtherKeys: 27, modifiers, letter.
        (b'~', Some(27)) => third.and_then(code_point),
        (b'~', Some(number)) => numbered(number),
        (b'u', Some(number)) => code_point(number),
        // The button comes as in the oldest way here, the place as a number.
        (b'M', Some(button)) => return mouse(button.checked_sub(32), second, third).into(),
        (b'I', None) => return SequenceMeaning::Event(Event::FocusGained),
        (b'O', None) => return SequenceMeaning::Event(Event::FocusLost),
        (b'Z', _) => Some(KeyCode::BackTab),
        // With another number first this tells where the cursor is, which was not asked.
        (b'R', first) if first != Some(1) => None,
        (last, _) => arrow(last),
    };
    let (modifiers, kind) = numbers.modifiers();
    let shift = if last == b'Z' {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    let key = code.map(|code| KeyEvent {
        code,
        modifiers: modifiers | shift,
        kind,
        state: KeyEventState::NONE,
    });
    key.map(Event::Key).into()
}

fn arrow(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(1 + last - b'P'),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    let key = |number: u32| u8::try_from(number).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => key(number - 10),
        17..=21 => key(number - 11),
        23..=24 => key(number - 12),
        _ => None,
    }
}

/// A letter told by its number. The numbers that kitty gives to keys without a letter are no letters.
fn code_point(number: u32) -> Option<KeyCode> {
    match char::from_u32(number)? {
        '\r' | '\u{e046}' => Some(KeyCode::Enter),
        '\t' => Some(KeyCode::Tab),
        '\u{1b}' => Some(KeyCode::Esc),
        '\u{7f}' | '\u{8}' => Some(KeyCode::Backspace),
        '\u{e000}'..='\u{f8ff}' => None,
        c if c.is_control() => None,
        c => Some(KeyCode::Char(c)),
    }
}

/// The left button going down, or one step of the wheel. Columns and rows count from 1.
fn mouse(button: Option<u32>, column: Option<u32>, row: Option<u32>) -> Option<Event> {
    let from_zero = |number: Option<u32>| u16::try_from(number?.checked_sub(1)?).ok();
    // Shift, Alt and Control are told in the button's number, and do not matter.
    let kind = match button? & !0b1_1100 {
        0 => MouseEventKind::Down(MouseButton::Left),
        64 => MouseEventKind::ScrollUp,
        65 => MouseEventKind::ScrollDown,
        _ => return None,
    };
    Some(Event::Mouse(MouseEvent {
        kind,
        column: from_zero(column)?,
        row: from_zero(row)?,
        modifiers: KeyModifiers::NONE,
    }))
}

/// The numbers of a sequence, between semicolons; each may have a part after a colon.
struct Parameters<'a>(&'a str);

impl<'a> Parameters<'a> {
    /// `None` when there is anything else in it.
    fn read(body: &'a [u8]) -> Option<Self> {
        let numbers = body
            .iter()
            .all(|byte| byte.is_ascii_digit() || b";:".contains(byte));
        core::str::from_utf8(body).ok().filter(|_| numbers).map(Self)
    }

    /// The first three, without what stands after a colon.
    fn firsts(&self) -> [Option<u32>; 3] {
        let mut numbers = self.0.split(';').map(|part| part.split(':').next()?.parse().ok());
        std::array::from_fn(|_| numbers.next().flatten())
    }

    /// What was held down with the key, and whether it went down or up: a sum of bits and one, then a kind.
    fn modifiers(&self) -> (KeyModifiers, KeyEventKind) {
        let mut parts = self.0.split(';').nth(1).unwrap_or_default().split(':');
        let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
        let held = number().unwrap_or(1).saturating_sub(1);
        let kind = match number() {
            Some(2) => KeyEventKind::Repeat,
            Some(3) => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        };
        let all = [
            (1, KeyModifiers::SHIFT),
            (2, KeyModifiers::ALT),
            (4, KeyModifiers::CONTROL),
            (8, KeyModifiers::SUPER),
        ];
        let held = all.into_iter().filter(|(bit, _)| held & bit != 0);
        (held.map(|(_, modifier)| modifier).collect(), kind)
    }
}
