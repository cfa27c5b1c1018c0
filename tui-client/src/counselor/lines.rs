//! Lines from a reader with a bound: one that is too long is skipped to its end and told, never gathered.

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// Most bytes of a line: a message of 16 KiB in any encoding of it, and then some.
pub(crate) const LINE_MAX: usize = 64 * 1_024;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// A line without its end. Bytes that are no UTF-8 are replaced.
    Line(String),
    /// A line beyond [`LINE_MAX`]; it is gone.
    TooLong,
}

/// Reads lines. What was half read stays here, so that a caller may drop the future and ask again.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    half: Vec<u8>,
    skipping: bool,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// Over a reader.
    pub(crate) const fn new(reader: R) -> Self {
        Self {
            reader,
            half: Vec::new(),
            skipping: false,
        }
    }

    /// The next line; `None` at the end.
    pub(crate) async fn next(&mut self) -> std::io::Result<Option<Read>> {
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

fn line(bytes: Vec<u8>) -> Read {
    let mut text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
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
}
