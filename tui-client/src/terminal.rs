//! The terminal, borrowed and given back: one guard for every way out.
//!
//! However a face ends (in peace, by an error, a panic, SIGTERM, SIGINT, SIGHUP), the alternate screen is cleared
//! first, then left, then the terminal is as it was. After that nothing reaches it any more, whatever is still
//! drawn: a half-drawn chat must not land in the scrollback.

use std::{
    io::{self, IsTerminal, Stdout, Write},
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use crossterm::{
    cursor::{MoveTo, Show},
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste},
    execute,
    terminal::{
        Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
    },
};
use hamsa_system::output;
use ratatui::{Terminal, backend::CrosstermBackend};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcsetattr,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};

/// Whether the terminal is ours now.
static OURS: AtomicBool = AtomicBool::new(false);
/// How the terminal was before it gave single keys to a plain face.
static LINES: Mutex<Option<Termios>> = Mutex::new(None);
/// Whether clicks come to us instead of to the terminal.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Empties a screen and what was scrolled off it. In this order: some terminals keep a cleared screen as scrolled
/// off, so that must go last.
pub(crate) const WIPE: &str = "\x1b[H\x1b[2J\x1b[3J";
/// Empties a screen only.
pub(crate) const BLANK: &str = "\x1b[H\x1b[2J";
/// Tell of buttons and the wheel, with places as numbers. Not of each move: nothing here needs it, and a hand on the
/// mouse must not stand before the way out.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
/// The panic hook is set once for the process.
static HOOK: Once = Once::new();
/// SIGABRT, which tokio has no name for.
pub const ABORT: SignalKind = SignalKind::from_raw(6);
/// After a signal the terminal is given back at once; the rest of the program has this long to end by itself.
const GRACE: Duration = Duration::from_secs(3);

/// Stdout as long as the terminal is ours; after that, nothing.
#[derive(Debug)]
pub struct OwnedStdout(Stdout);

impl Write for OwnedStdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if OURS.load(Ordering::SeqCst) {
            self.0.write(bytes)
        } else {
            Ok(bytes.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if OURS.load(Ordering::SeqCst) {
            self.0.flush()
        } else {
            Ok(())
        }
    }
}

/// Holds the terminal; dropping it gives the terminal back.
#[derive(Debug)]
pub struct Guard {
    terminal: Terminal<CrosstermBackend<OwnedStdout>>,
    watcher: JoinHandle<()>,
}

impl Guard {
    /// Takes the terminal. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When there is none, with the faces that need none.
    pub fn enter() -> anyhow::Result<Self> {
        if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
            bail!("this is no terminal: add --plain for text line by line, or --json for a program");
        }
        if dumb() {
            bail!("this terminal does not take a full screen (TERM=dumb): add --plain for text line by line");
        }
        hook();
        crate::input::prompt::hand_over_signals();
        enable_raw_mode().context("the terminal does not take single keys")?;
        OURS.store(true, Ordering::SeqCst);
        let entered = execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            Clear(ClearType::All)
        );
        let terminal = entered.and_then(|()| Terminal::new(CrosstermBackend::new(OwnedStdout(io::stdout()))));
        match terminal {
            Ok(terminal) => Ok(Self {
                terminal,
                watcher: tokio::spawn(watch()),
            }),
            Err(error) => {
                give_back();
                Err(error).context("the terminal does not take a full screen: add --plain")
            }
        }
    }

    /// Takes clicks too. A terminal without a mouse does not mind.
    pub(crate) fn take_mouse(&mut self) {
        MOUSE.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        let _ = out.write_all(MOUSE_ON.as_bytes()).and_then(|()| out.flush());
    }

    /// Where to draw.
    pub const fn terminal(&mut self) -> &mut Terminal<CrosstermBackend<OwnedStdout>> {
        &mut self.terminal
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
        self.watcher.abort();
    }
}

/// Whatever panics, the terminal is given back first.
fn hook() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let lines = give_lines_back();
            if OURS.load(Ordering::SeqCst) || lines {
                give_back();
                // The usual report could quote words; this one cannot.
                output::complain("hamsa stopped by a mistake of its own. Nothing was saved.");
            } else {
                before(panic);
            }
        }));
    });
}

/// A terminal that gives single keys to a plain face, and is otherwise left as it is: no other screen, no colours, the
/// cursor where it is. Dropping it gives lines back.
#[derive(Debug)]
pub(crate) struct Single(JoinHandle<()>);

impl Single {
    /// Takes single keys. Neither ^C nor ^Z act by themselves any more: they would leave the words on the screen.
    ///
    /// # Errors
    /// When the terminal does not have them.
    pub(crate) fn enter() -> anyhow::Result<Self> {
        hook();
        crate::input::prompt::hand_over_signals();
        let refused = "the terminal does not take single keys";
        let stdin = io::stdin();
        let before = tcgetattr(&stdin).context(refused)?;
        let mut single = before.clone();
        single
            .local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN);
        single
            .input_modes
            .remove(InputModes::ICRNL | InputModes::INLCR | InputModes::IXON);
        single.special_codes[SpecialCodeIndex::VMIN] = 1;
        single.special_codes[SpecialCodeIndex::VTIME] = 0;
        *LINES.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        let guard = Self(tokio::spawn(watch()));
        tcsetattr(&stdin, OptionalActions::Now, &single).context(refused)?;
        let _ = execute!(io::stdout(), EnableBracketedPaste);
        Ok(guard)
    }
}

impl Drop for Single {
    fn drop(&mut self) {
        self.0.abort();
        give_lines_back();
    }
}

/// A terminal that gives whole lines and, where asked, does not show what is typed. Dropping it gives the terminal
/// back as it was.
#[derive(Debug)]
pub(crate) struct Quiet(());

impl Quiet {
    /// Takes the echo away if `hidden`.
    ///
    /// # Errors
    /// When the terminal does not have it.
    pub(crate) fn enter(hidden: bool) -> io::Result<Self> {
        if hidden {
            hook();
            let stdin = io::stdin();
            let before = tcgetattr(&stdin)?;
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            quiet.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG);
            let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
            lines.get_or_insert(before);
            drop(lines);
            tcsetattr(&stdin, OptionalActions::Now, &quiet)?;
        }
        Ok(Self(()))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(before) = LINES.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
        }
    }
}

/// Gives lines back, if keys were taken.
fn give_lines_back() -> bool {
    let before = LINES.lock().unwrap_or_else(PoisonError::into_inner).take();
    let taken = before.is_some();
    if let Some(before) = before {
        let _ = execute!(io::stdout(), DisableBracketedPaste);
        drop_input();
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
    taken
}

/// Clears, then gives the terminal back. Safe to call twice and from anywhere.
pub(crate) fn give_back() {
    let mut out = io::stdout();
    if OURS.swap(false, Ordering::SeqCst) {
        if MOUSE.swap(false, Ordering::SeqCst) {
            let _ = execute!(out, DisableMouseCapture);
        }
        // A terminal that is gone takes none of this, and needs none of it.
        let _ = execute!(
            out,
            Clear(ClearType::All),
            MoveTo(0, 0),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
        drop_input();
        let _ = disable_raw_mode();
    }
}

/// Keys under way were meant for a face: they must not reach the shell and its history.
pub(crate) fn drop_input() {
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
}

/// Whether the terminal is ours now.
pub(crate) fn ours() -> bool {
    OURS.load(Ordering::SeqCst)
}

/// Whether the terminal says that it can do nothing but lines.
pub(crate) fn dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Empties what is shown, and what was scrolled off it, at once, past every buffer.
pub(crate) fn wipe() {
    tell(WIPE);
}

/// Empties what is shown, as [`wipe`] does, and nothing else.
pub(crate) fn blank() {
    tell(BLANK);
}

fn tell(sequence: &str) {
    if ours() {
        let mut out = io::stdout();
        let _ = out.write_all(sequence.as_bytes()).and_then(|()| out.flush());
    }
}

/// Gives the terminal back with nothing on it: neither what we drew, nor the line that started us, nor what was
/// scrolled off before.
pub(crate) fn vanish() {
    give_back();
    let mut out = io::stdout();
    let _ = out.write_all(WIPE.as_bytes()).and_then(|()| out.flush());
}

async fn wait(kind: SignalKind) -> Option<()> {
    match signal(kind) {
        Ok(mut signal) => signal.recv().await,
        Err(_) => std::future::pending().await,
    }
}

/// Resolves when the process is told to stop, with the exit status for it.
pub(crate) async fn stop() -> i32 {
    tokio::select! {
        _ = wait(SignalKind::terminate()) => 143,
        _ = wait(SignalKind::interrupt()) => 130,
        _ = wait(SignalKind::hangup()) => 129,
        _ = wait(SignalKind::quit()) => 131,
        _ = wait(ABORT) => 134,
    }
}

async fn watch() {
    // Being stopped would leave the words on the screen, so it is not followed.
    let stay = async {
        while wait(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))
            .await
            .is_some()
        {}
        std::future::pending::<()>().await;
    };
    let code = tokio::select! {
        code = stop() => code,
        () = stay => return,
    };
    give_back();
    give_lines_back();
    tokio::time::sleep(GRACE).await;
    std::process::exit(code);
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Duration};

    use tokio::time::{Instant, sleep};

    use super::*;

    /// Longest wait for a screen on a loaded machine.
    const PATIENCE: Duration = Duration::from_secs(60);
    const WORDS: &str = "words-of-a-person";

    /// Not a test by itself: it is run inside a terminal by the next one.
    #[tokio::test]
    #[ignore = "wants a terminal, and panics"]
    async fn panics_on_a_screen() {
        let mut guard = Guard::enter().unwrap();
        guard.take_mouse();
        let screen = guard.terminal();
        screen
            .draw(|frame| frame.render_widget(WORDS, frame.area()))
            .unwrap();
        crossterm::event::read().unwrap();
        panic!("{WORDS}");
    }

    #[tokio::test]
    async fn a_panic_gives_the_terminal_back_without_a_word() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("socket");
        let shell = "env PS1='ready$ ' HISTFILE= bash --norc --noprofile";
        let size = ["-x", "100", "-y", "30"];
        tmux(
            &socket,
            &[&["-f", "/dev/null", "new-session", "-d"], &size[..], &[shell]].concat(),
        )
        .await;
        until(&socket, "ready$").await;
        let program = std::env::current_exe().unwrap();
        let run = format!(
            "{} --ignored --exact terminal::tests::panics_on_a_screen --nocapture; stty -a | grep -o ' icanon'",
            program.display()
        );
        tmux(&socket, &["send-keys", "-l", &run]).await;
        tmux(&socket, &["send-keys", "Enter"]).await;
        until(&socket, WORDS).await;
        tmux(&socket, &["send-keys", "x"]).await;
        until(&socket, " icanon\n").await;
        let everything = tmux(&socket, &["capture-pane", "-p", "-S", "-"]).await;
        let alternate = tmux(
            &socket,
            &["display-message", "-p", "#{alternate_on}#{mouse_any_flag}"],
        )
        .await;
        tmux(&socket, &["kill-server"]).await;
        assert!(everything.contains("a mistake of its own"), "{everything}");
        assert!(!everything.contains(WORDS), "{everything}");
        assert_eq!(alternate.trim(), "00");
    }

    async fn until(socket: &Path, words: &str) {
        let start = Instant::now();
        loop {
            let screen = tmux(socket, &["capture-pane", "-p"]).await;
            if screen.contains(words) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "waited for {words} on\n{screen}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn tmux(socket: &Path, command: &[&str]) -> String {
        let output = tokio::process::Command::new("tmux")
            .arg("-S")
            .arg(socket)
            .args(command)
            .env_remove("TMUX")
            .output()
            .await
            .expect("tmux: install it to run this test");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
