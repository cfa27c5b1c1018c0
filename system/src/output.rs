//! Lines for stdout and stderr whose reader may be gone: a closed pipe, a terminal that hung up, a full disk.
//! `println!` panics then; these functions do not.

use std::{
    io::{self, IsTerminal, Write},
    sync::Once,
};

use crate::locale;

/// A line on stdout.
///
/// # Errors
/// When it could not be written. A caller that goes on without a reader ignores this with `let _`.
pub fn say(line: &str) -> io::Result<()> {
    mind_letters(line);
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush())
}

/// A line on stderr. It is lost when the reader is gone.
pub fn complain(line: &str) {
    let mut out = io::stderr().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Warns once that letters may look wrong: a text for a terminal has more than ASCII, and the locale does not name
/// UTF-8. The warning is ASCII, which every terminal shows.
pub fn mind_letters(text: &str) {
    static SAID: Once = Once::new();
    if text.is_ascii() || !io::stdout().is_terminal() {
        return;
    }
    SAID.call_once(|| {
        if let Some(setting) = locale::not_utf8() {
            complain(&format!(
                "the locale of this terminal does not name UTF-8 ({setting}): letters may look wrong or be missing; \
                 {} before the command sets it",
                locale::utf8_instead()
            ));
        }
    });
}

/// Stderr for a log: a line that cannot be written is dropped.
#[derive(Clone, Copy, Debug, Default)]
pub struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = io::stderr().flush();
        Ok(())
    }
}
