//! Lines made of single keys, for the plain faces on a terminal. The way out works without Enter, a paste is known for
//! what it is, and a passphrase is not shown. Nothing is drawn over: what is echoed is what a terminal echoes by
//! itself, a letter where it was typed, and a blank over the last one where it was taken back.

use std::{
    io::{self, IsTerminal, Write},
    time::Instant,
};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures::{Stream, StreamExt};
use hamsa_client::api::Words;
use tokio::io::{BufReader, Stdin};
use unicode_segmentation::UnicodeSegmentation;
use zeroize::{Zeroize, Zeroizing};

use super::{
    NOT_TEXT,
    lines::{Hand, LineReader, Lines, Read},
    prompt,
    reader::{Keys, keys},
};
use crate::{
    composer::MESSAGE_MAX,
    terminal,
    text::{Sanitized, width},
};

/// Most bytes of a line that is typed: a message, and what stands before it.
const LINE_MAX: usize = MESSAGE_MAX + 16;

/// A line while it is typed.
pub(crate) struct Typing<S, W> {
    keys: S,
    echo: W,
    is_exit: fn(&KeyEvent) -> bool,
    line: Zeroizing<String>,
    /// When its first letter came.
    since: Option<Instant>,
    /// The same of the line that was read last.
    begun: Option<Instant>,
    /// Whether letters of the line are missing.
    torn: bool,
    hidden: bool,
}

impl<S, W: Write> Typing<S, W> {
    /// Over keys, with the place where they are shown.
    pub(crate) fn new(keys: S, echo: W, is_exit: fn(&KeyEvent) -> bool) -> Self {
        Self {
            keys,
            echo,
            is_exit,
            // At its full size from the start: text that grows would leave copies behind.
            line: Zeroizing::new(String::with_capacity(LINE_MAX)),
            since: None,
            begun: None,
            torn: false,
            hidden: false,
        }
    }

    /// Shows text; a terminal that is gone shows nothing more.
    fn show(&mut self, text: &str) {
        let _ = self
            .echo
            .write_all(text.as_bytes())
            .and_then(|()| self.echo.flush());
    }

    /// What was typed, and an empty line.
    fn take(&mut self) -> String {
        let line = self.line.to_string();
        self.line.zeroize();
        self.begun = self.since.take();
        line
    }

    fn on_key(&mut self, key: KeyEvent) -> Option<Option<Read>> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Some(Some(self.enter())),
            KeyCode::Char('j') if control => return Some(Some(self.enter())),
            // The end of the input, where nothing else is on the line.
            KeyCode::Char('d') if control && self.line.is_empty() => return Some(None),
            KeyCode::Char('u') if control => while self.back() {},
            KeyCode::Char('w') if control => {
                while self.line.ends_with(char::is_whitespace) && self.back() {}
                while !self.line.ends_with(char::is_whitespace) && self.back() {}
            }
            KeyCode::Char('h') if control => drop(self.back()),
            KeyCode::Backspace => drop(self.back()),
            KeyCode::Char(c) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
                if self.line.len() + c.len_utf8() > LINE_MAX {
                    return Some(Some(self.too_long()));
                }
                self.since.get_or_insert_with(Instant::now);
                self.line.push(c);
                if !self.hidden {
                    self.show(c.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {}
        }
        // Everything was taken back: the line begins anew.
        self.torn &= !self.line.is_empty();
        self.since = self.since.filter(|_| !self.line.is_empty());
        None
    }

    fn enter(&mut self) -> Read {
        self.show("\n");
        let line = self.take();
        if std::mem::take(&mut self.torn) {
            drop(Zeroizing::new(line));
            return Read::NotText;
        }
        Read::Line(line)
    }

    fn too_long(&mut self) -> Read {
        self.show("\n");
        drop(Zeroizing::new(self.take()));
        Read::TooLong
    }

    /// Takes the last grapheme back; `false` when there is none.
    fn back(&mut self) -> bool {
        let Some((at, last)) = self.line.grapheme_indices(true).next_back() else {
            return false;
        };
        let columns = width(last);
        self.line.truncate(at);
        if !self.hidden {
            let [back, over] = ["\u{8}", " "].map(|sign| sign.repeat(columns));
            self.show(&format!("{back}{over}{back}"));
        }
        true
    }

    /// One line goes on the line that is typed, and waits for Enter. More than one is a paste by itself, with what
    /// stood there before it.
    fn on_paste(&mut self, text: &Words) -> Option<Read> {
        let text = text.0.replace("\r\n", "\n").replace('\r', "\n");
        let text = Zeroizing::new(text);
        let text = text.trim_end_matches('\n');
        if self.line.len() + text.len() > LINE_MAX {
            return Some(self.too_long());
        }
        if text.contains('\n') && !self.hidden {
            self.show("\n");
            let before = Zeroizing::new(self.take());
            if std::mem::take(&mut self.torn) {
                return Some(Read::NotText);
            }
            return Some(Read::Paste(Words(format!("{}{text}", before.as_str()))));
        }
        let line = text.split('\n').next().unwrap_or_default();
        self.since.get_or_insert_with(Instant::now);
        self.line.push_str(line);
        if !self.hidden {
            let line = Sanitized::line(line);
            self.show(&line);
        }
        None
    }
}

impl<S, W> LineReader for Typing<S, W>
where
    S: Stream<Item = io::Result<Event>> + Unpin + Send,
    W: Write + Send,
{
    async fn next(&mut self) -> io::Result<Option<Read>> {
        loop {
            let read = match self.keys.next().await {
                Some(Ok(event)) if event == NOT_TEXT => {
                    self.torn = true;
                    None
                }
                Some(Ok(Event::Key(key))) if key.kind == KeyEventKind::Release => None,
                Some(Ok(Event::Key(key))) if (self.is_exit)(&key) => {
                    self.line.zeroize();
                    return Ok(Some(Read::Exit));
                }
                Some(Ok(Event::Key(key))) => match self.on_key(key) {
                    Some(read) => return Ok(read),
                    None => None,
                },
                Some(Ok(Event::Paste(text))) => self.on_paste(&Words(text)),
                Some(Ok(_)) => None,
                // The terminal is gone: leave.
                Some(Err(_)) | None => {
                    self.line.zeroize();
                    return Ok(Some(Read::Exit));
                }
            };
            if read.is_some() {
                return Ok(read);
            }
        }
    }

    fn hand(&self) -> Hand {
        Hand::Keys
    }

    fn begun(&self) -> Option<Instant> {
        self.begun
    }

    fn pause(&mut self) {
        if !self.line.is_empty() {
            self.show("\n");
        }
    }

    fn resume(&mut self) {
        if !self.line.is_empty() && !self.hidden {
            let line = Sanitized::line(&self.line);
            self.show(&line);
        }
    }

    fn hide(&mut self, hidden: bool) {
        if self.hidden != hidden {
            // Half a passphrase is never shown, and half a line is no part of one.
            self.line.zeroize();
            self.since = None;
            self.torn = false;
        }
        self.hidden = hidden;
    }
}

/// Standard input of a plain face.
pub(crate) enum LineInput {
    /// Single keys of a terminal.
    Keys {
        /// The line they make.
        typing: Typing<Keys, terminal::Echo>,
        /// Gives the terminal back.
        _guard: terminal::Single,
    },
    /// Whole lines, of a pipe or of a terminal that has nothing else.
    Lines(Lines<BufReader<Stdin>>),
}

impl LineInput {
    /// What standard input is. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the terminal does not take single keys.
    pub(crate) fn open(is_exit: fn(&KeyEvent) -> bool) -> anyhow::Result<Self> {
        let reader = || BufReader::new(tokio::io::stdin());
        if !io::stdin().is_terminal() {
            return Ok(Self::Lines(Lines::new(reader())));
        }
        if terminal::dumb() || !io::stdout().is_terminal() {
            // It echoes the lines itself.
            prompt::release();
            prompt::hand_over();
            return Ok(Self::Lines(Lines::of_a_person(reader())));
        }
        let guard = terminal::Single::enter()?;
        Ok(Self::Keys {
            typing: Typing::new(keys(is_exit)?, terminal::Echo::default(), is_exit),
            _guard: guard,
        })
    }

    /// Whether a key works without Enter.
    pub(crate) const fn single(&self) -> bool {
        matches!(self, Self::Keys { .. })
    }
}

impl LineReader for LineInput {
    fn hand(&self) -> Hand {
        match self {
            Self::Keys { typing, .. } => typing.hand(),
            Self::Lines(lines) => lines.hand(),
        }
    }

    fn begun(&self) -> Option<Instant> {
        match self {
            Self::Keys { typing, .. } => typing.begun(),
            Self::Lines(lines) => lines.begun(),
        }
    }

    async fn out(&mut self, is_out: fn(&str) -> bool) {
        match self {
            Self::Keys { typing, .. } => typing.out(is_out).await,
            Self::Lines(lines) => lines.out(is_out).await,
        }
    }

    async fn next(&mut self) -> io::Result<Option<Read>> {
        match self {
            Self::Keys { typing, .. } => typing.next().await,
            Self::Lines(lines) => lines.next().await,
        }
    }

    fn pause(&mut self) {
        if let Self::Keys { typing, .. } = self {
            typing.pause();
        }
    }

    fn resume(&mut self) {
        if let Self::Keys { typing, .. } = self {
            typing.resume();
        }
    }

    fn hide(&mut self, hidden: bool) {
        match self {
            Self::Keys { typing, .. } => typing.hide(hidden),
            // A terminal that gives whole lines echoes them itself; of a pipe nothing is seen.
            Self::Lines(lines) if lines.hand() == Hand::Lines && hidden => {
                let _ = terminal::quiet();
            }
            Self::Lines(_) => {
                terminal::input_back();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn is_exit(key: &KeyEvent) -> bool {
        key.code == KeyCode::Char('x') && key.modifiers.contains(KeyModifiers::CONTROL)
    }

    fn typing(events: Vec<Event>) -> Typing<impl Stream<Item = io::Result<Event>> + Unpin + Send, Vec<u8>> {
        let events = stream::iter(events.into_iter().map(Ok));
        Typing::new(events, Vec::new(), is_exit)
    }

    fn keys(text: &str) -> Vec<Event> {
        let code = |c| match c {
            '\r' => KeyCode::Enter,
            '\u{7f}' => KeyCode::Backspace,
            c => KeyCode::Char(c),
        };
        text.chars().map(|c| Event::Key(code(c).into())).collect()
    }

    fn control(c: char) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
    }

    fn paste(text: &str) -> Event {
        Event::Paste(text.to_owned())
    }

    fn line(text: &str) -> Option<Read> {
        Some(Read::Line(text.to_owned()))
    }

    #[tokio::test]
    async fn letters_are_shown_and_taken_back_whole() {
        let mut events = keys("سلاe\u{301}\u{7f}\u{7f}م\r");
        events.extend(keys("un deux "));
        events.extend([control('w'), control('w')]);
        events.extend(keys("x\r"));
        events.push(control('d'));
        let mut typing = typing(events);
        assert_eq!(typing.next().await.unwrap(), line("سلم"));
        assert_eq!(typing.next().await.unwrap(), line("x"));
        assert_eq!(typing.next().await.unwrap(), None);
        let shown = String::from_utf8(typing.echo).unwrap();
        assert!(
            shown.starts_with("سلاe\u{301}\u{8} \u{8}\u{8} \u{8}م\n"),
            "{shown:?}"
        );
        assert!(!shown.contains('\u{1b}'));
    }

    #[tokio::test]
    async fn the_way_out_needs_no_enter_and_leaves_nothing_of_the_line() {
        let mut events = keys("> 3afak");
        events.push(control('x'));
        let mut typing = typing(events);
        assert_eq!(typing.next().await.unwrap(), Some(Read::Exit));
        assert!(typing.line.is_empty());
        // The end of the keys is the end of the terminal.
        assert_eq!(typing.next().await.unwrap(), Some(Read::Exit));
    }

    #[tokio::test]
    async fn one_pasted_line_waits_for_enter_and_many_are_a_paste() {
        let mut events = vec![paste("> un mot\r\n")];
        events.extend(keys("!\r> a "));
        events.push(paste("b\rx\r1\r"));
        events.extend(keys("x\r"));
        let mut typing = typing(events);
        assert_eq!(typing.next().await.unwrap(), line("> un mot!"));
        let read = typing.next().await.unwrap();
        assert_eq!(read, Some(Read::Paste(Words("> a b\nx\n1".to_owned()))));
        assert_eq!(typing.next().await.unwrap(), line("x"));
    }

    #[tokio::test]
    async fn a_line_with_missing_letters_is_refused_at_its_end() {
        let mut events = keys("> j'ai ");
        events.push(NOT_TEXT);
        events.extend(keys("t\r1\r"));
        events.extend([NOT_TEXT, NOT_TEXT]);
        events.extend(keys("a\u{7f}> ok\r"));
        events.push(NOT_TEXT);
        events.extend(keys("un "));
        events.push(paste("deux\ntrois"));
        let mut typing = typing(events);
        assert_eq!(typing.next().await.unwrap(), Some(Read::NotText));
        assert_eq!(typing.next().await.unwrap(), line("1"));
        assert_eq!(typing.next().await.unwrap(), line("> ok"));
        assert_eq!(typing.next().await.unwrap(), Some(Read::NotText));
        assert!(typing.line.is_empty());
    }

    #[tokio::test]
    async fn a_passphrase_is_hidden_and_no_line_is_cut() {
        let mut events = keys("secret");
        events.push(paste(" of hers\nmore"));
        events.extend(keys("\u{7f}\r"));
        let mut hidden = typing(events);
        hidden.hide(true);
        assert_eq!(hidden.next().await.unwrap(), line("secret of her"));
        assert_eq!(hidden.echo, b"\n");

        let mut typing = typing(keys("> sala"));
        typing.pause();
        typing.resume();
        assert_eq!(typing.echo, b"", "nothing was typed yet");
        assert_eq!(typing.next().await.unwrap(), Some(Read::Exit));
        typing.line.push_str("> sala");
        typing.pause();
        typing.show("Nour: salam\n");
        typing.resume();
        assert_eq!(typing.echo, b"> sala\nNour: salam\n> sala");
    }

    #[tokio::test]
    async fn a_line_without_end_is_not_gathered() {
        let mut typing = typing(vec![
            paste(&"x".repeat(LINE_MAX)),
            Event::Key(KeyCode::Char('y').into()),
        ]);
        assert_eq!(typing.next().await.unwrap(), Some(Read::TooLong));
        assert!(typing.line.is_empty());
    }
}
