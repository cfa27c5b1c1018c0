//! What this program prints. A reader that is gone or slow neither ends nor delays the program.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use tracing_subscriber::fmt::MakeWriter;

/// Lines of the log that wait for its reader; more are dropped and counted. About 1 MiB.
const LOG_QUEUE: usize = 4_096;
/// How long the end of the program waits for the last lines of the log.
const LAST_LINES: Duration = Duration::from_millis(500);
/// Pause before a full queue is tried again.
const FULL_PAUSE: Duration = Duration::from_millis(5);

/// Prints a line of the result.
///
/// # Errors
/// When the line could not be written: the command fails, because its result was not delivered.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    hamsa_system::output::mind_letters(line);
    let mut out = io::stdout().lock();
    writeln!(out, "{}", seen(line))
        .and_then(|()| out.flush())
        .context("could not write to stdout")
}

/// Prints a line for the operator. When it cannot be written, there is no other place to say so.
pub(crate) fn warn(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", seen(line));
}

/// A line as a terminal may have it: a name from a file or an argument is no command for the terminal.
fn seen(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_control() && c != '\n' && c != '\t' {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}

enum LogPiece {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

/// The log: lines go to a thread of their own, which alone waits for standard error.
#[derive(Clone)]
pub(crate) struct LogQueue {
    pieces: SyncSender<LogPiece>,
    dropped: Arc<AtomicU64>,
}

impl LogQueue {
    /// Starts its thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (pieces, inbox) = sync_channel(LOG_QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let lost = Arc::clone(&dropped);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_log(out, &inbox, &lost))?;
        Ok(Self { pieces, dropped })
    }

    /// Waits a moment for what was logged before.
    pub(crate) fn flush(&self) {
        let end = Instant::now() + LAST_LINES;
        let (done, written) = sync_channel(1);
        let mut piece = LogPiece::Flush(done);
        // A full queue may have room in a moment.
        while let Err(TrySendError::Full(back)) = self.pieces.try_send(piece) {
            if Instant::now() >= end {
                return;
            }
            piece = back;
            thread::park_timeout(FULL_PAUSE);
        }
        let _ = written.recv_timeout(end.saturating_duration_since(Instant::now()));
    }
}

fn write_log(mut out: impl Write, inbox: &Receiver<LogPiece>, dropped: &AtomicU64) {
    while let Ok(piece) = inbox.recv() {
        // A named pipe may get another reader after one is gone: each line is tried.
        match piece {
            LogPiece::Line(line) => {
                let lost = dropped.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    let _ = writeln!(
                        out,
                        "{lost} lines of this log were dropped: its reader was too slow"
                    );
                }
                let _ = out.write_all(&line).and_then(|()| out.flush());
            }
            LogPiece::Flush(done) => drop(done.send(())),
        }
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = LogLine;

    fn make_writer(&'a self) -> LogLine {
        LogLine { log: self.clone() }
    }
}

/// One event of the log; the library writes each with one call.
pub(crate) struct LogLine {
    log: LogQueue,
}

impl Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.log.pieces.try_send(LogPiece::Line(bytes.to_vec())) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.log.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Takes a line only when the test lets it, and then tells the test.
    struct Stopped {
        go: Receiver<()>,
        out: Sender<String>,
    }

    impl Write for Stopped {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.go.recv();
            let _ = self.out.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn no_control_character_reaches_a_terminal() {
        assert_eq!(seen("a\u{1b}]0;b\u{7}\n\tÉ█"), "a\\u{1b}]0;b\\u{7}\n\tÉ█");
    }

    #[test]
    fn a_stalled_reader_delays_nothing_and_lost_lines_are_counted() {
        let ((let_go, go), (out, lines)) = (channel(), channel());
        let log = LogQueue::start(Stopped { go, out }).unwrap();
        // One is in the writer's hands, a queue is full, the others are dropped.
        for _ in 0..2 * LOG_QUEUE {
            log.make_writer().write_all(b"line\n").unwrap();
        }
        drop(let_go);
        log.flush();
        // A line after a loss tells of it.
        log.make_writer().write_all(b"line\n").unwrap();
        drop(log);
        let all: String = lines.iter().collect();
        assert!(all.contains(" lines of this log were dropped"), "{}", all.len());
        assert!(all.matches("line\n").count() <= LOG_QUEUE + 2);
    }
}
