//! Lines from a reader with a bound: one that is too long is skipped to its end and told, never gathered. Where a
//! person may be at the other end, lines that come at once are a paste.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use hamsa_client::api::Words;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use crate::terminal;

/// Most bytes of a line: a message of 16 KiB in any encoding of it, and then some.
pub(crate) const LINE_MAX: usize = 64 * 1_024;
/// A line that comes this soon after another came from no hand: the terminal has it ready when the first is read.
const BURST: Duration = Duration::from_millis(30);

/// Most lines that are read ahead while nobody takes what is said.
const AHEAD: usize = 64;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// A line without its end.
    Line(String),
    /// A line, or a paste, that is not UTF-8; it is gone.
    NotText,
    /// A line beyond `LINE_MAX` bytes; it is gone.
    TooLong,
    /// Several lines at once: a paste, of which nothing was meant as a command.
    Paste(Words),
    /// The way out, as a key; or the terminal is gone.
    Exit,
}

/// What makes the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// A program behind a pipe, which answers what it has read.
    Program,
    /// A person, whose line is seen only when it is whole.
    Lines,
    /// A person, letter by letter: it is known when a line was begun.
    Keys,
}

/// Where lines come from.
pub trait LineReader: Send {
    /// The next; `None` at the end. Dropping this and asking again loses nothing.
    fn next(&mut self) -> impl Future<Output = std::io::Result<Option<Read>>> + Send;

    /// Resolves when the way out waits to be read, as a key or as a line that `is_out` knows, or when a signal told us to
    /// stop. Nothing that is asked for with [`Self::next`] is lost.
    fn out(&mut self, _is_out: fn(&str) -> bool) -> impl Future<Output = ()> + Send {
        terminal::hurry()
    }

    /// Something is about to be said: it must not stand in the middle of what is typed.
    fn pause(&mut self) {}

    /// When the first letter of the line that was read last came, where that can be seen.
    fn begun(&self) -> Option<Instant> {
        None
    }

    /// What may be at the other end.
    fn hand(&self) -> Hand {
        Hand::Program
    }

    /// It was said.
    fn resume(&mut self) {}

    /// Whether what is typed is not to be seen.
    fn hide(&mut self, _hidden: bool) {}
}

/// Reads lines. What was half read stays here, so that a caller may drop the future and ask again.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    half: Vec<u8>,
    skipping: bool,
    /// What was read ahead, for a way out in it.
    ahead: VecDeque<std::io::Result<Option<Read>>>,
    /// Whether a person may type these.
    person: bool,
    /// Lines of what may be a paste.
    gathered: Vec<Words>,
    /// Why nothing of it is taken.
    refused: Option<Read>,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// Over a reader.
    pub const fn new(reader: R) -> Self {
        Self {
            reader,
            half: Vec::new(),
            skipping: false,
            ahead: VecDeque::new(),
            person: false,
            gathered: Vec::new(),
            refused: None,
        }
    }

    /// Over a terminal that gives whole lines.
    pub(crate) fn of_a_person(reader: R) -> Self {
        let mut lines = Self::new(reader);
        lines.person = true;
        lines
    }

    /// One line; `None` at the end.
    async fn one(&mut self) -> std::io::Result<Option<Read>> {
        match self.ahead.pop_front() {
            Some(read) => read,
            None => self.read().await,
        }
    }

    async fn read(&mut self) -> std::io::Result<Option<Read>> {
        loop {
            let available = self.reader.fill_buf().await?;
            if available.is_empty() {
                if std::mem::take(&mut self.skipping) {
                    return Ok(Some(Read::TooLong));
                }
                let rest = std::mem::take(&mut self.half);
                return Ok((!rest.is_empty()).then(|| line(rest)));
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let piece = available
                .get(..end.unwrap_or(available.len()))
                .unwrap_or_default();
            if self.half.len() + piece.len() > LINE_MAX {
                self.skipping = true;
                self.half.clear();
            } else if !self.skipping {
                self.half.extend_from_slice(piece);
            }
            let used = end.map_or(available.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                if std::mem::take(&mut self.skipping) {
                    return Ok(Some(Read::TooLong));
                }
                return Ok(Some(line(std::mem::take(&mut self.half))));
            }
        }
    }
}

impl<R: AsyncBufRead + Unpin + Send> LineReader for Lines<R> {
    fn hand(&self) -> Hand {
        if self.person { Hand::Lines } else { Hand::Program }
    }

    async fn out(&mut self, is_out: fn(&str) -> bool) {
        let ahead = async {
            while self.ahead.len() < AHEAD {
                let read = self.read().await;
                let out = match &read {
                    Ok(Some(Read::Line(line))) => is_out(line.trim()),
                    Ok(Some(_)) => false,
                    Ok(None) | Err(_) => true,
                };
                self.ahead.push_back(read);
                if out {
                    return;
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            () = ahead => {}
            () = terminal::hurry() => {}
        }
    }

    async fn next(&mut self) -> std::io::Result<Option<Read>> {
        if !self.person {
            return self.one().await;
        }
        loop {
            let begun = !self.gathered.is_empty() || self.refused.is_some();
            let read = if begun {
                match tokio::time::timeout(BURST, self.one()).await {
                    Ok(read) => read?,
                    Err(_) => break,
                }
            } else {
                self.one().await?
            };
            match read {
                Some(Read::Line(line)) => self.gathered.push(Words(line)),
                // What follows at once belongs to it, and is no line of its own.
                Some(other) => self.refused = self.refused.take().or(Some(other)),
                None if begun => break,
                None => return Ok(None),
            }
            let bytes: usize = self.gathered.iter().map(|line| line.0.len() + 1).sum();
            if bytes > LINE_MAX {
                self.refused = Some(Read::TooLong);
                self.gathered.truncate(1);
            }
        }
        let mut lines = std::mem::take(&mut self.gathered);
        if let Some(refused) = self.refused.take() {
            return Ok(Some(refused));
        }
        if let [line] = lines.as_mut_slice() {
            return Ok(Some(Read::Line(std::mem::take(&mut line.0))));
        }
        let lines: Vec<&str> = lines.iter().map(|line| line.0.as_str()).collect();
        Ok(Some(Read::Paste(Words(lines.join("\n")))))
    }
}

fn line(bytes: Vec<u8>) -> Read {
    let Ok(mut text) = String::from_utf8(bytes) else {
        return Read::NotText;
    };
    if text.ends_with('\r') {
        text.pop();
    }
    Read::Line(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_come_whole_and_long_ones_are_skipped() {
        let long = "x".repeat(LINE_MAX + 1);
        let input = format!("a\r\n{long}\nسلام\nend");
        // A tiny buffer makes every line come in pieces.
        let mut lines = Lines::new(tokio::io::BufReader::with_capacity(3, input.as_bytes()));
        let mut read = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            read.push(line);
        }
        let line = |text: &str| Read::Line(text.to_owned());
        assert_eq!(read, [line("a"), Read::TooLong, line("سلام"), line("end")]);
    }

    #[tokio::test]
    async fn lines_that_are_not_utf8_are_refused_without_replacement() {
        use tokio::io::AsyncWriteExt;
        let latin = b"> il me fait peur\n> \xe7a fait mal\n> encore\n";
        let mut lines = Lines::new(latin.as_slice());
        let line = |text: &str| Some(Read::Line(text.to_owned()));
        assert_eq!(lines.next().await.unwrap(), line("> il me fait peur"));
        assert_eq!(lines.next().await.unwrap(), Some(Read::NotText));
        assert_eq!(lines.next().await.unwrap(), line("> encore"));
        // Of a paste nothing is taken, wherever in it the letter stands.
        let (mut hand, input) = tokio::io::duplex(1 << 10);
        let mut lines = Lines::of_a_person(tokio::io::BufReader::new(input));
        for paste in [b"\xe7a\n1\nx\n".as_slice(), b"1\n\xe7a\nx\n"] {
            hand.write_all(paste).await.unwrap();
            assert_eq!(lines.next().await.unwrap(), Some(Read::NotText));
            hand.write_all(b"1\n").await.unwrap();
            assert_eq!(lines.next().await.unwrap(), line("1"));
        }
    }

    #[tokio::test]
    async fn pasted_text_is_one_paste_and_typed_text_is_lines() {
        use tokio::io::AsyncWriteExt;
        let (mut hand, input) = tokio::io::duplex(1 << 18);
        let mut lines = Lines::of_a_person(tokio::io::BufReader::new(input));
        hand.write_all(b"> un\n1\nx\n").await.unwrap();
        let paste = Read::Paste(Words("> un\n1\nx".to_owned()));
        assert_eq!(lines.next().await.unwrap(), Some(paste));
        for line in ["1", "x"] {
            hand.write_all(format!("{line}\n").as_bytes()).await.unwrap();
            assert_eq!(lines.next().await.unwrap(), Some(Read::Line(line.to_owned())));
        }
        // Asked again in the middle of it, nothing is lost.
        hand.write_all(b"un\n").await.unwrap();
        assert!(tokio::time::timeout(BURST / 2, lines.next()).await.is_err());
        hand.write_all(b"deux\n").await.unwrap();
        let paste = Read::Paste(Words("un\ndeux".to_owned()));
        assert_eq!(lines.next().await.unwrap(), Some(paste));
        // Too much of it is told, and gone.
        hand.write_all("ligne\n".repeat(LINE_MAX / 4).as_bytes())
            .await
            .unwrap();
        assert_eq!(lines.next().await.unwrap(), Some(Read::TooLong));
        hand.write_all(b"fin\n").await.unwrap();
        drop(hand);
        assert_eq!(lines.next().await.unwrap(), Some(Read::Line("fin".to_owned())));
        assert_eq!(lines.next().await.unwrap(), None);
    }
}
