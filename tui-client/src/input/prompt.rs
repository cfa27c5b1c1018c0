//! Questions before there is a face: one line from the terminal, shown or not. It reads standard input itself and byte
//! for byte as the terminal gives it, so that nothing is left in a buffer that the face would miss.
//!
//! After a hidden answer the terminal stays silent until a face takes its keys or the command ends: a passphrase that is
//! typed once more while the first is tried is not shown. Whatever else ends it, the terminal echoes again: ^C, ^\, ^Z,
//! SIGTERM, SIGHUP, SIGQUIT, SIGABRT, a panic.

use std::{
    fs::OpenOptions,
    io::{self, IsTerminal, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use hamsa_protocol::text;
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};
use signal_hook::{
    consts::{SIGABRT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP},
    flag, low_level,
};
use zeroize::Zeroizing;

use crate::terminal;

/// What ends a program or stops it, and would leave the terminal without echo.
const SIGNALS: [i32; 6] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGTSTP];
/// Most bytes of an answer: what a terminal gives in one line (N_TTY_BUF_SIZE of Linux).
const LINE_MAX: usize = 4_096;

/// Set while nothing of ours looks after signals: they do then what they do by themselves.
static DEFAULT: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);

/// Who looks after signals and the silent terminal after a hidden answer.
static SIGNAL_KEEPER: Mutex<Option<SignalKeeper>> = Mutex::new(None);

/// A thread: opening what the passphrase is for takes this one's whole time.
struct SignalKeeper {
    /// Closed when the keeper shall end.
    end: UnixStream,
    thread: JoinHandle<io::Result<Watch>>,
}

impl SignalKeeper {
    fn new(watch: Watch) -> io::Result<Self> {
        let (end, ended) = UnixStream::pair()?;
        let keep = move || {
            loop {
                let mut ready = [
                    PollFd::new(&ended, PollFlags::IN),
                    PollFd::new(&watch.wake, PollFlags::IN),
                ];
                match poll(&mut ready, None) {
                    Err(Errno::INTR) => continue,
                    other => other?,
                };
                let [ended, woken] = ready.map(|ready| !ready.revents().is_empty());
                if woken {
                    watch.obey("")?;
                    terminal::quiet()?;
                }
                if ended {
                    return Ok(watch);
                }
            }
        };
        let thread = thread::Builder::new().name("silence".to_owned()).spawn(keep)?;
        Ok(Self { end, thread })
    }

    /// The keeper that there is, at its end.
    fn take() -> Option<Watch> {
        let keeper = SIGNAL_KEEPER
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        drop(keeper.end);
        keeper.thread.join().ok()?.ok()
    }
}

/// A face takes the keys as they are, silent or not, and looks after signals from now on.
pub(crate) fn hand_over() {
    drop(SignalKeeper::take());
    let default = DEFAULT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(default) = default.as_ref() {
        default.store(false, Ordering::SeqCst);
    }
}

/// The command is over: the terminal is as it was before the first question.
pub(crate) fn release() {
    let watch = SignalKeeper::take();
    terminal::input_back();
    drop(watch);
}

/// A passphrase: it is not shown while it is typed.
///
/// # Errors
/// When there is no terminal, when it is gone, or when what was typed is not UTF-8.
pub(crate) fn secret(question: &str) -> io::Result<Zeroizing<String>> {
    Ok(text::passphrase(&answer(question, true)?))
}

/// A line that is shown.
///
/// # Errors
/// As [`secret`].
pub(crate) fn line(question: &str) -> io::Result<Zeroizing<String>> {
    answer(question, false)
}

/// The signals that come during one question.
struct Watch {
    came: Arc<AtomicUsize>,
    wake: UnixStream,
    default: Arc<AtomicBool>,
    ids: Vec<signal_hook::SigId>,
}

impl Watch {
    fn new() -> io::Result<Self> {
        let mut known = DEFAULT.lock().unwrap_or_else(PoisonError::into_inner);
        let default = if let Some(default) = known.as_ref() {
            Arc::clone(default)
        } else {
            // A handler stays for the life of the process: this one gives the usual effect back afterwards.
            let default = Arc::new(AtomicBool::new(true));
            for signal in SIGNALS {
                flag::register_conditional_default(signal, Arc::clone(&default))?;
            }
            *known = Some(Arc::clone(&default));
            default
        };
        let (wake, woken) = UnixStream::pair()?;
        let came = Arc::new(AtomicUsize::new(0));
        let mut ids = Vec::new();
        for signal in SIGNALS {
            let number = usize::try_from(signal).unwrap_or_default();
            // In this order: the thread that wakes finds the number.
            ids.push(flag::register_usize(signal, Arc::clone(&came), number)?);
            ids.push(low_level::pipe::register(signal, woken.try_clone()?)?);
        }
        default.store(false, Ordering::SeqCst);
        Ok(Self {
            came,
            wake,
            default,
            ids,
        })
    }

    /// Does what the signal that came does by itself, on a terminal as it was: ends the program, or stops it.
    fn obey(&self, before: &str) -> io::Result<()> {
        let _ = rustix::io::read(&self.wake, &mut [0; 64]);
        let signal = i32::try_from(self.came.swap(0, Ordering::SeqCst)).unwrap_or_default();
        // Half an answer must not become the shell's next line.
        if !terminal::input_back() {
            terminal::drop_input();
        }
        show(before);
        low_level::emulate_default_handler(signal)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.default.store(true, Ordering::SeqCst);
        for id in self.ids.drain(..) {
            low_level::unregister(id);
        }
    }
}

fn answer(question: &str, hidden: bool) -> io::Result<Zeroizing<String>> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(io::Error::other("there is no terminal"));
    }
    let watch = SignalKeeper::take().map_or_else(Watch::new, Ok)?;
    let ask = || {
        if hidden {
            return terminal::quiet();
        }
        terminal::input_back();
        Ok(())
    };
    ask()?;
    show(question);
    let mut bytes = Zeroizing::new(Vec::with_capacity(LINE_MAX));
    let mut piece = Zeroizing::new([0; LINE_MAX]);
    loop {
        let mut ready = [
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::from_borrowed_fd(watch.wake.as_fd(), PollFlags::IN),
        ];
        match poll(&mut ready, None) {
            Err(Errno::INTR) => {}
            other => {
                other?;
            }
        }
        let [typed, woken] = ready.map(|ready| !ready.revents().is_empty());
        if woken {
            watch.obey(if hidden { "\n" } else { "" })?;
            // It was stopped and goes on: the question stands there again.
            ask()?;
            bytes.clear();
            show(question);
            continue;
        }
        if !typed {
            continue;
        }
        // A terminal that gives lines gives one at most: what follows is still there for the next reader.
        let count = match rustix::io::read(&stdin, piece.as_mut_slice()) {
            Err(Errno::INTR | Errno::AGAIN) => continue,
            other => other?,
        };
        let piece = piece.get(..count).unwrap_or_default();
        let ended = count == 0 || piece.ends_with(b"\n") || bytes.len() + count > LINE_MAX;
        bytes.extend_from_slice(piece);
        if ended {
            break;
        }
    }
    if hidden {
        show("\n");
        match SignalKeeper::new(watch) {
            Ok(keeper) => *SIGNAL_KEEPER.lock().unwrap_or_else(PoisonError::into_inner) = Some(keeper),
            Err(_) => drop(terminal::input_back()),
        }
    }
    if bytes.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let text = core::str::from_utf8(&bytes).map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "what was typed is not UTF-8; set this terminal to UTF-8",
        )
    })?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Shows it on the terminal itself: stdout may lead into a file.
fn show(text: &str) {
    let tty = OpenOptions::new().write(true).open("/dev/tty");
    let _ = match tty {
        Ok(mut tty) => tty.write_all(text.as_bytes()),
        Err(_) => io::stderr().write_all(text.as_bytes()),
    };
}
