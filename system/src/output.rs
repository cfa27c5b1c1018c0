//! Lines for people and programs whose reader may be gone: a pipe that closed, a terminal that was hung up, a full
//! disk. `println!` panics then; these do not.

use std::{
    io::{self, IsTerminal, Write},
    sync::Once,
};

use crate::locale;

/// A line on stdout.
///
/// # Errors
/// When nothing takes it. What goes on without a reader drops this with a `let _`.
pub fn say(line: &str) -> io::Result<()> {
    mind_letters(line);
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush())
}

/// A line on stderr. A reader that is gone misses it.
pub fn complain(line: &str) {
    let mut out = io::stderr().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Says once, before a text that goes to a terminal, that its letters may look wrong: the text has more than ASCII,
/// and the locale does not name UTF-8. In ASCII, which every terminal shows.
pub fn mind_letters(text: &str) {
    static SAID: Once = Once::new();
    if text.is_ascii() || !io::stdout().is_terminal() {
        return;
    }
    SAID.call_once(|| {
        if let Some(setting) = locale::not_utf8() {
            complain(&format!(
                "the locale of this terminal does not name UTF-8 ({setting}): letters may look wrong or be missing; \
                 LC_ALL=C.UTF-8 before the command sets it"
            ));
        }
    });
}

/// Whether this is the answer of an output whose reader is gone.
#[must_use]
pub fn reader_is_gone(error: &io::Error) -> bool {
    // A terminal that was hung up answers with an input/output error.
    error.kind() == io::ErrorKind::BrokenPipe || error.raw_os_error() == Some(EIO)
}

/// `EIO` on every system that Hamsa is built for.
const EIO: i32 = 5;

/// Stderr for a log: a line that nothing takes is dropped, and the program goes on.
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
