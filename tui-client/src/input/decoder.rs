//! Bytes of a terminal, made into keys, clicks and pastes. No thread, no terminal, no clock: bytes come with the time
//! they came at, and [`Decoder::deadline`] says when a silence will mean something.
//!
//! Three rules matter most:
//! - **Nothing in a paste is a key**, whatever its bytes are: no Enter, no number, no Escape.
//! - **A paste has an end**: its mark, or a silence, whichever comes first; what is too long is not gathered.
//! - **The way out is always seen.** Outside of a paste it works at its byte, in the middle of any other sequence too.
//!   Inside of one, it works when nothing comes after it: a key that is pressed comes alone, a byte hidden in a text
//!   has the rest of the text behind it.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use zeroize::{Zeroize, Zeroizing};

use super::{
    NOT_TEXT,
    reader::READ,
    sequence::{self, SequenceMeaning},
};
use crate::composer::MESSAGE_MAX;

/// A paste that was opened and not closed ends when nothing came for this long. A slow link pauses for less, and
/// a person who types into it sees the letters after that.
pub(crate) const PASTE_PAUSE: Duration = Duration::from_secs(1);
/// The way out inside of a paste counts when nothing comes after it for this long: far more than what lies between two
/// bytes of one text, far less than the 200 ms that the way out may take.
pub(crate) const KEY_PAUSE: Duration = Duration::from_millis(50);
/// An escape byte alone is the key when nothing comes after it for this long; a terminal writes a sequence at once.
const ESC_PAUSE: Duration = Duration::from_millis(50);
/// A sequence that began is given up after this long: a packet of it may be late, and half of one must not be typed.
const SEQUENCE_PAUSE: Duration = Duration::from_millis(500);
/// Enter waits this long for letters behind it: then it was a pasted line break. No hand is that fast.
const ENTER_PAUSE: Duration = Duration::from_millis(20);
/// What comes this soon after a paste belongs to it: it was ready to be read already.
const BURST_PAUSE: Duration = Duration::from_millis(5);
/// More letters than this at once come from no hand.
const BURST: usize = 32;
/// Most bytes gathered of a paste. Line breaks may come as two bytes, so what is cut here is still too long for any
/// message, and is refused as such.
pub(crate) const PASTE_MAX: usize = 2 * (MESSAGE_MAX + 1);
/// Most bytes of a sequence that is kept; those we know are shorter than half of it.
const SEQUENCE_MAX: usize = 48;
/// Room for the letters of one read: text that grows would leave copies behind that are not wiped.
const RUN_ROOM: usize = 2 * READ;
/// The end of a paste.
const PASTE_CLOSES: &[u8] = b"\x1b[201~";

const ESC: u8 = 0x1b;

/// Makes events of bytes.
pub(crate) struct Decoder {
    /// Whether a key is the way out.
    is_exit: fn(&KeyEvent) -> bool,
    /// A sequence or a letter that is not whole yet.
    half: Vec<u8>,
    /// Whether an escape stands before the letter: Alt is held.
    alt: bool,
    /// Letters that may be keys or a paste without marks.
    run: Zeroizing<String>,
    /// Whether what came just before these was a paste.
    burst: bool,
    /// A paste with marks, while it is open.
    paste: Option<Paste>,
    /// Whether bytes came that are no UTF-8, and this was not told yet.
    strange: bool,
    /// Whether letters are missing among these, or in the paste that they belong to.
    torn: bool,
    /// When the last byte came.
    last: Instant,
}

/// A paste while it comes in.
struct Paste {
    text: Zeroizing<Vec<u8>>,
    /// Bytes of its closing mark that were seen.
    mark: usize,
    /// A byte that may be the way out, and when it came.
    exit: Option<(u8, Instant)>,
}

impl Decoder {
    /// A decoder that knows which key is the way out.
    pub(crate) fn new(is_exit: fn(&KeyEvent) -> bool, now: Instant) -> Self {
        Self {
            is_exit,
            half: Vec::with_capacity(SEQUENCE_MAX),
            alt: false,
            run: Zeroizing::new(String::with_capacity(RUN_ROOM)),
            burst: false,
            paste: None,
            strange: false,
            torn: false,
            last: now,
        }
    }

    /// Takes what was read at once.
    pub(crate) fn feed(&mut self, bytes: &[u8], now: Instant, out: &mut Vec<Event>) {
        // A paste without marks may come in several pieces.
        self.burst &= now.saturating_duration_since(self.last) < BURST_PAUSE;
        self.torn &= self.burst || !self.run.is_empty();
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            // What is nothing but letters goes in at once: a megabyte must not delay the way out.
            let letters = self.letters(rest);
            if letters > 0 {
                rest = rest.get(letters..).unwrap_or_default();
                continue;
            }
            rest = after;
            match &mut self.paste {
                None => self.take(*byte, out),
                Some(paste) => match paste.take(*byte, now, self.is_exit) {
                    None => {}
                    Some(pasted) => {
                        self.paste = None;
                        // A text may have the mark in it: what stands behind it at once is no key either.
                        self.burst = true;
                        out.extend(pasted);
                    }
                },
            }
        }
        self.last = now;
        if !self.run_may_go_on() {
            self.flush(out);
        }
        // Once for everything that was read at once.
        if std::mem::take(&mut self.strange) {
            out.push(NOT_TEXT);
        }
    }

    /// When a silence means something; `None` while everything is decided.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if let Some(paste) = &self.paste {
            return Some(match paste.exit {
                Some((_, since)) => since + KEY_PAUSE,
                None => self.last + PASTE_PAUSE,
            });
        }
        let half = match self.half.as_slice() {
            [] => None,
            [ESC] => Some(ESC_PAUSE),
            _ => Some(SEQUENCE_PAUSE),
        };
        let run = (!self.run.is_empty()).then_some(ENTER_PAUSE);
        half.into_iter().chain(run).min().map(|pause| self.last + pause)
    }

    /// Nothing has come until now.
    pub(crate) fn silence(&mut self, now: Instant, out: &mut Vec<Event>) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        if let Some(mut paste) = self.paste.take() {
            // The way out: what was pasted is dropped.
            match paste.exit {
                Some((byte, _)) => out.push(Event::Key(sequence::control(byte))),
                None => out.extend(paste.end()),
            }
            return;
        }
        if !self.run.is_empty() {
            self.flush(out);
            return;
        }
        match self.half.as_slice() {
            [ESC] => out.push(Event::Key(KeyCode::Esc.into())),
            [ESC, letter @ (b'[' | b'O')] => {
                let key = KeyEvent::new(KeyCode::Char(char::from(*letter)), KeyModifiers::ALT);
                out.push(Event::Key(key));
            }
            // Half of a sequence: the rest of it is lost.
            [ESC, ..] | [] => {}
            // Half of a letter.
            _ => {
                self.torn |= !self.run.is_empty();
                out.push(NOT_TEXT);
            }
        }
        self.half.clear();
        self.alt = false;
    }

    /// Takes the letters and line breaks that `bytes` begin with; gives how many bytes they were.
    fn letters(&mut self, bytes: &[u8]) -> usize {
        // 0xc2 begins the control characters of ISO 6429 too; they are looked at one by one.
        let plain = |byte: &u8| *byte >= 0x20 && !matches!(byte, 0x7f | 0xc2) || b"\r\n\t".contains(byte);
        let end = bytes.iter().position(|byte| !plain(byte)).unwrap_or(bytes.len());
        let bytes = bytes.get(..end).unwrap_or_default();
        if let Some(paste) = &mut self.paste {
            return paste.letters(bytes);
        }
        if !self.half.is_empty() || self.alt {
            return 0;
        }
        let text = match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                core::str::from_utf8(valid).unwrap_or_default()
            }
        };
        self.run.push_str(text);
        text.len()
    }

    /// Takes one byte outside of a paste with marks.
    fn take(&mut self, byte: u8, out: &mut Vec<Event>) {
        match self.half.as_slice() {
            [] => self.begin(byte, out),
            [ESC, ..] => self.sequence(byte, out),
            _ => self.letter(byte, out),
        }
    }

    /// The first byte of something.
    fn begin(&mut self, byte: u8, out: &mut Vec<Event>) {
        match byte {
            ESC => {
                self.flush(out);
                self.alt = false;
                self.half.push(byte);
            }
            b'\r' | b'\n' | b'\t' | 0x20..=0x7e => self.add(char::from(byte), out),
            // The first byte of a letter of two to four (RFC 3629, 4).
            0xc2..=0xf4 => self.half.push(byte),
            0x80.. => self.no_letter(),
            byte => {
                self.flush(out);
                self.press(sequence::control(byte), out);
            }
        }
    }

    /// A byte that is not UTF-8.
    fn no_letter(&mut self) {
        self.alt = false;
        self.strange = true;
        self.torn = true;
    }

    /// A letter that is whole.
    fn add(&mut self, c: char, out: &mut Vec<Event>) {
        if self.alt {
            self.flush(out);
            self.press(sequence::letter(c), out);
        } else {
            self.run.push(c);
        }
    }

    fn press(&mut self, mut key: KeyEvent, out: &mut Vec<Event>) {
        if std::mem::take(&mut self.alt) {
            key.modifiers |= KeyModifiers::ALT;
        }
        out.push(Event::Key(key));
    }

    /// A byte after the first of a letter.
    fn letter(&mut self, byte: u8, out: &mut Vec<Event>) {
        if !matches!(byte, 0x80..=0xbf) {
            self.half.clear();
            self.no_letter();
            return self.begin(byte, out);
        }
        self.half.push(byte);
        let whole = match core::str::from_utf8(&self.half) {
            Ok(text) => text.chars().next(),
            // More of it must come.
            Err(error) if error.error_len().is_none() => return,
            Err(_) => None,
        };
        self.half.clear();
        match whole {
            Some(c) if !c.is_control() => self.add(c, out),
            // A key of eight bits, which no face uses.
            Some(_) => self.alt = false,
            None => self.no_letter(),
        }
    }

    /// A byte after an escape.
    fn sequence(&mut self, byte: u8, out: &mut Vec<Event>) {
        let meaning = match (self.half.as_slice(), byte) {
            // Twice: the first was the key.
            ([ESC], ESC) => {
                out.push(Event::Key(KeyCode::Esc.into()));
                return;
            }
            ([ESC], b'[' | b'O') => {
                self.half.push(byte);
                return;
            }
            ([ESC], byte) => {
                self.half.clear();
                self.alt = true;
                return self.begin(byte, out);
            }
            // No sequence goes on with a control character: it is a key, the way out among them.
            (_, ..0x20) => {
                self.half.clear();
                return self.begin(byte, out);
            }
            ([ESC, b'[', b'M', bytes @ ..], byte) => {
                let &[first, second] = bytes else {
                    self.half.push(byte);
                    return;
                };
                sequence::old_mouse(&[first, second, byte])
            }
            (_, 0x7f..) => {
                self.half.clear();
                return self.begin(byte, out);
            }
            ([ESC, b'O', ..], byte) => sequence::ss3(byte),
            ([ESC, b'[', b'['], byte) => sequence::console(byte),
            ([ESC, b'['], b'[' | b'M') => {
                self.half.push(byte);
                return;
            }
            (half, 0x20..=0x3f) => {
                // A longer one means nothing to us, but its end is still its end.
                if half.len() < SEQUENCE_MAX {
                    self.half.push(byte);
                }
                return;
            }
            (half, last) if half.len() < SEQUENCE_MAX => {
                sequence::csi(half.get(2..).unwrap_or_default(), last)
            }
            _ => SequenceMeaning::Nothing,
        };
        self.half.clear();
        match meaning {
            SequenceMeaning::Event(event) => out.push(event),
            SequenceMeaning::PasteOpens => self.paste = Some(Paste::new()),
            SequenceMeaning::Nothing => {}
        }
    }

    /// Whether what comes next decides what these letters are: Enter with nothing behind it yet, half a letter.
    fn run_may_go_on(&self) -> bool {
        let letters = self.half.first().is_some_and(|byte| *byte != ESC);
        !self.burst && !self.is_burst() && (self.run.ends_with(['\r', '\n']) || letters)
    }

    /// Whether these letters came from no hand: too many at once, or a line break with letters behind it.
    fn is_burst(&self) -> bool {
        let after_break = || self.run.trim_start_matches(|c| c != '\r' && c != '\n').chars();
        self.run.chars().nth(BURST).is_some() || after_break().any(|c| c != '\r' && c != '\n')
    }

    /// Decides what the letters were.
    fn flush(&mut self, out: &mut Vec<Event>) {
        if self.run.is_empty() {
            return;
        }
        self.burst |= self.is_burst();
        if self.burst && self.torn {
            // A text with holes is not taken: it is told instead.
        } else if self.burst {
            out.push(Event::Paste(self.run.to_string()));
        } else {
            out.extend(self.run.chars().map(|c| Event::Key(sequence::letter(c))));
        }
        self.run.zeroize();
    }

    /// Bytes of people that are held, for a check that this has an end.
    pub(super) fn held(&self) -> usize {
        let paste = self.paste.as_ref().map_or(0, |paste| paste.text.len());
        paste + self.half.len() + self.run.len()
    }
}

impl Paste {
    fn new() -> Self {
        Self {
            // At its full size from the start: a buffer that grows would leave copies behind.
            text: Zeroizing::new(Vec::with_capacity(PASTE_MAX)),
            mark: 0,
            exit: None,
        }
    }

    /// Takes bytes that are nothing but letters and line breaks; gives how many it took.
    fn letters(&mut self, bytes: &[u8]) -> usize {
        if self.mark > 0 || bytes.is_empty() {
            return 0;
        }
        self.exit = None;
        let room = PASTE_MAX - self.text.len();
        self.text.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        bytes.len()
    }

    /// Takes one byte; gives what was pasted, if anything, when this was the last of it.
    fn take(&mut self, byte: u8, now: Instant, is_exit: fn(&KeyEvent) -> bool) -> Option<Option<Event>> {
        if PASTE_CLOSES.get(self.mark) == Some(&byte) {
            self.mark += 1;
        } else {
            self.unmark();
            self.mark = usize::from(byte == ESC);
        }
        if self.mark == PASTE_CLOSES.len() {
            return Some(self.pasted());
        }
        if self.mark > 0 {
            self.exit = None;
            return None;
        }
        // Pressed again and again, the first press counts.
        let exits = byte < 0x20 && is_exit(&sequence::control(byte));
        self.exit = if exits {
            self.exit.or(Some((byte, now)))
        } else {
            None
        };
        self.keep(byte);
        None
    }

    /// What began like the closing mark was not it.
    fn unmark(&mut self) {
        for byte in PASTE_CLOSES.get(..self.mark).unwrap_or_default() {
            self.keep(*byte);
        }
        self.mark = 0;
    }

    fn keep(&mut self, byte: u8) {
        let text = byte >= 0x20 && byte != 0x7f || b"\r\n\t".contains(&byte);
        if text && self.text.len() < PASTE_MAX {
            self.text.push(byte);
        }
    }

    /// What was pasted when it ended without its mark.
    fn end(&mut self) -> Option<Event> {
        self.unmark();
        self.pasted()
    }

    fn pasted(&mut self) -> Option<Event> {
        if self.text.is_empty() {
            return None;
        }
        Some(match core::str::from_utf8(&self.text) {
            Ok(text) => Event::Paste(text.to_owned()),
            // Cut in the middle of a letter: it is too long for any message, and refused as such.
            Err(error) if error.error_len().is_none() && self.text.len() == PASTE_MAX => {
                Event::Paste(String::from_utf8_lossy(&self.text).into_owned())
            }
            Err(_) => NOT_TEXT,
        })
    }
}

/// Words of a person never reach a log.
impl std::fmt::Debug for Decoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Decoder({} bytes)", self.held())
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
