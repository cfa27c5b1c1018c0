//! Lines for people and programs whose reader may be gone: a pipe that closed, a terminal that was hung up, a full
//! disk. `println!` panics then; these do not.

use std::io::{self, Write};

/// A line on stdout.
///
/// # Errors
/// When nothing takes it. What goes on without a reader drops this with a `let _`.
pub fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush())
}

/// A line on stderr. A reader that is gone misses it.
pub fn complain(line: &str) {
    let mut out = io::stderr().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
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
