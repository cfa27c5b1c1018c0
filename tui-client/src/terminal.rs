//! The terminal, borrowed and given back: one guard for every way out.
//!
//! However a face ends (in peace, by an error, a panic, SIGTERM, SIGINT, SIGHUP), the alternate screen is cleared
//! first, then left, then the terminal is as it was. After that nothing reaches it any more, whatever is still
//! drawn: a half-drawn chat must not land in the scrollback. What is typed is neither echoed nor left for the shell as
//! long as anything of ours may still read, from the first passphrase to the end of the process.
//!
//! A terminal that takes nothing (a frozen line) holds neither a way out nor a signal: what waits for it gives up then.

use std::{
    ffi::OsStr,
    fmt,
    fs::{File, OpenOptions},
    io::{self, IsTerminal, Write},
    os::{
        fd::AsFd,
        unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    },
    sync::{
        Arc, LazyLock, Mutex, Once, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use crossterm::{
    cursor::{MoveTo, Show},
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste},
    queue,
    terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen},
};
use hamsa_system::output;
use ratatui::{Terminal, backend::CrosstermBackend};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    io::Errno,
    termios::{
        InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush,
        tcgetattr, tcgetsid, tcsetattr, ttyname,
    },
};
use signal_hook::{
    consts::{SIGABRT, SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    flag, low_level,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};
use zeroize::Zeroizing;

use crate::input::prompt;

/// Whether the terminal is ours now.
static OURS: AtomicBool = AtomicBool::new(false);
/// How the terminal was before anything of ours took its keys or its echo.
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
/// Mark a paste as one.
const PASTES_ON: &[u8] = b"\x1b[?2004h";
/// Mark it no more.
const PASTES_OFF: &[u8] = b"\x1b[?2004l";
/// Whether a plain face has pastes marked.
static PASTES: AtomicBool = AtomicBool::new(false);
/// The panic hook is set once for the process.
static HOOK: Once = Once::new();
/// SIGABRT, which tokio has no name for.
pub const ABORT: SignalKind = SignalKind::from_raw(6);
/// After a signal the screen is given back at once; the rest of the program has this long to end by itself.
const GRACE: Duration = Duration::from_secs(3);

/// How long a sequence that clears or gives back waits for a terminal that takes nothing.
const LAST_WORD: Duration = Duration::from_millis(200);
/// A face that has not taken a way out by then is held by its output. Well below [`GRACE`].
pub(crate) const STUCK: Duration = Duration::from_millis(500);
/// How often a write that waits for the terminal looks whether somebody wants out. Nothing looks while nothing is written.
const LOOK: Duration = Duration::from_millis(20);
/// Room for a frame: a buffer that grows would leave copies of words behind.
const FRAME: usize = 64 * 1_024;
/// Whether the way out waits to be read: nothing waits for the terminal before it.
static EXIT_WAITS: LazyLock<watch::Sender<bool>> = LazyLock::new(watch::Sender::default);
/// The signal that told us to stop; 0 while there was none.
static STOPPED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Stdout as long as the terminal is ours; after that, nothing. What a terminal did not take when somebody wanted out
/// goes first the next time, so that no sequence is ever cut.
pub struct OwnedStdout(Zeroizing<Vec<u8>>);

impl fmt::Debug for OwnedStdout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OwnedStdout")
    }
}

impl Write for OwnedStdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ours() {
            self.0.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if ours() {
            return send(tty()?, &mut self.0, |_| hurried());
        }
        self.0.clear();
        Ok(())
    }
}

/// Shows what is typed, for a plain face.
#[derive(Debug, Default)]
pub(crate) struct Echo(());

impl Write for Echo {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        send(tty()?, &mut Zeroizing::new(bytes.to_vec()), |_| hurried())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal, opened anew: a write to it never waits by itself, and the shell's own descriptor stays as it is.
fn tty() -> io::Result<&'static File> {
    static TTY: OnceLock<File> = OnceLock::new();
    if let Some(tty) = TTY.get() {
        return Ok(tty);
    }
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let open = |path: &OsStr| {
        let mut options = OpenOptions::new();
        options
            .write(true)
            .custom_flags(flags.try_into().unwrap_or_default());
        options.open(path)
    };
    let stdout = io::stdout();
    // Only of the terminal that this session has is the session known; and it may be another user's.
    let opened = if tcgetsid(&stdout).is_ok() {
        open(OsStr::new("/dev/tty"))
    } else {
        let named = ttyname(&stdout, Vec::new()).map_err(io::Error::from);
        named.and_then(|name| open(OsStr::from_bytes(name.as_bytes())))
    };
    let tty = opened.or_else(|_| Ok::<_, io::Error>(File::from(stdout.as_fd().try_clone_to_owned()?)))?;
    Ok(TTY.get_or_init(|| tty))
}

/// Sends these bytes; what was not taken when it was `enough` stays in them.
fn send(to: impl AsFd, bytes: &mut Vec<u8>, enough: impl Fn(Duration) -> bool) -> io::Result<()> {
    let begun = Instant::now();
    let mut sent = 0;
    let result = loop {
        let left = bytes.get(sent..).unwrap_or_default();
        if left.is_empty() {
            break Ok(());
        }
        match rustix::io::write(&to, left) {
            Ok(count) => sent += count,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) if enough(begun.elapsed()) => break Err(io::ErrorKind::WouldBlock.into()),
            Err(Errno::AGAIN) => {
                let look = Timespec {
                    tv_sec: 0,
                    tv_nsec: LOOK.subsec_nanos().into(),
                };
                // Whatever it says, the next write tells.
                let _ = poll(&mut [PollFd::new(&to, PollFlags::OUT)], Some(&look));
            }
            Err(error) => break Err(error.into()),
        }
    };
    bytes.drain(..sent);
    result
}

/// Says whether the way out waits to be read, as a key.
pub(crate) fn exit_waits(waits: bool) {
    EXIT_WAITS.send_replace(waits);
}

/// Whether somebody wants out: nothing waits for the terminal then.
pub(crate) fn hurried() -> bool {
    *EXIT_WAITS.borrow() || stopped().is_some()
}

/// Resolves when somebody wants out, for what may wait long for an output.
pub(crate) async fn hurry() {
    let mut exit = EXIT_WAITS.subscribe();
    tokio::select! {
        _ = exit.wait_for(|waits| *waits) => {}
        _ = stop() => {}
    }
}

/// Resolves when somebody wanted out for so long that a face must be held by its output.
pub(crate) async fn stuck() {
    loop {
        hurry().await;
        tokio::time::sleep(STUCK).await;
        if hurried() {
            return;
        }
    }
}

/// The exit status for the signal that told us to stop, if one did.
pub(crate) fn stopped() -> Option<i32> {
    match STOPPED.load(Ordering::SeqCst) {
        0 => None,
        number => Some(128 + i32::try_from(number).unwrap_or_default()),
    }
}

/// Ends the process if a signal told us to, with its status. Everything was said by then.
pub(crate) fn end_as_told() {
    if let Some(code) = stopped() {
        input_back();
        low_level::exit(code);
    }
}

/// Holds the terminal; dropping it gives the terminal back.
#[derive(Debug)]
pub struct Guard {
    /// Given back first.
    _screen: ScreenGuard,
    terminal: Terminal<CrosstermBackend<OwnedStdout>>,
    keys: Single,
}

/// Dropping it gives the screen back.
#[derive(Debug)]
struct ScreenGuard(());

impl Drop for ScreenGuard {
    fn drop(&mut self) {
        screen_back();
    }
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
        let keys = Single(tokio::spawn(obey_signals()));
        take_input(Termios::make_raw).context("the terminal does not take single keys")?;
        let guard = ScreenGuard(());
        OURS.store(true, Ordering::SeqCst);
        let mut screen = OwnedStdout(Zeroizing::new(Vec::with_capacity(FRAME)));
        let entered = queue!(
            screen,
            EnterAlternateScreen,
            EnableBracketedPaste,
            Clear(ClearType::All)
        );
        let terminal = entered.and_then(|()| Terminal::new(CrosstermBackend::new(screen)));
        Ok(Self {
            terminal: terminal.context("the terminal does not take a full screen: add --plain")?,
            _screen: guard,
            keys,
        })
    }

    /// Takes clicks too. A terminal without a mouse does not mind.
    pub(crate) fn take_mouse(&mut self) {
        MOUSE.store(true, Ordering::SeqCst);
        tell(MOUSE_ON);
    }

    /// Where to draw.
    pub const fn terminal(&mut self) -> &mut Terminal<CrosstermBackend<OwnedStdout>> {
        &mut self.terminal
    }

    /// Gives the screen back. What is still typed is neither echoed nor left for the shell until the rest is dropped.
    pub(crate) fn leave(self) -> Single {
        self.keys
    }
}

/// Whatever panics, the terminal is given back first.
fn hook() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let screen = screen_back();
            if input_back() || screen {
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
        let single = |single: &mut Termios| {
            single
                .local_modes
                .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN);
            single
                .input_modes
                .remove(InputModes::ICRNL | InputModes::INLCR | InputModes::IXON);
            single.special_codes[SpecialCodeIndex::VMIN] = 1;
            single.special_codes[SpecialCodeIndex::VTIME] = 0;
        };
        let guard = Self(tokio::spawn(obey_signals()));
        take_input(single).context("the terminal does not take single keys")?;
        PASTES.store(true, Ordering::SeqCst);
        say_bytes(PASTES_ON.into());
        Ok(guard)
    }
}

impl Drop for Single {
    fn drop(&mut self) {
        self.0.abort();
        input_back();
    }
}

/// Whole lines that are not shown, until [`input_back`].
///
/// # Errors
/// When the terminal does not have them.
pub(crate) fn quiet() -> io::Result<()> {
    hook();
    set_input(|quiet| {
        quiet.local_modes.remove(LocalModes::ECHO);
        quiet.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG);
    })
}

/// Takes the keys for a face, from whoever has them; those that came before were meant for none.
fn take_input(change: impl FnOnce(&mut Termios)) -> io::Result<()> {
    prompt::hand_over();
    set_input(change)?;
    drop_input();
    Ok(())
}

/// Changes how the terminal was before anything of ours took it.
fn set_input(change: impl FnOnce(&mut Termios)) -> io::Result<()> {
    let stdin = io::stdin();
    let now = tcgetattr(&stdin)?;
    let mut taken = {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.get_or_insert(now).clone()
    };
    change(&mut taken);
    Ok(tcsetattr(&stdin, OptionalActions::Now, &taken)?)
}

/// Gives keys and echo back, if they were taken. What was typed and not read is gone.
pub(crate) fn input_back() -> bool {
    let before = LINES.lock().unwrap_or_else(PoisonError::into_inner).take();
    let taken = before.is_some();
    if let Some(before) = before {
        if PASTES.swap(false, Ordering::SeqCst) {
            say_bytes(PASTES_OFF.into());
        }
        drop_input();
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
    taken
}

/// Clears, then gives the screen back; the keys are still ours. Safe to call twice and from anywhere.
fn screen_back() -> bool {
    let taken = OURS.swap(false, Ordering::SeqCst);
    if taken {
        let mut bytes = Vec::new();
        if MOUSE.swap(false, Ordering::SeqCst) {
            let _ = queue!(bytes, DisableMouseCapture);
        }
        let _ = queue!(
            bytes,
            Clear(ClearType::All),
            MoveTo(0, 0),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
        say_bytes(bytes);
    }
    taken
}

/// Sends a sequence past every buffer. A terminal that is gone or frozen takes none of it, and needs none of it.
fn say_bytes(mut bytes: Vec<u8>) {
    if let Ok(tty) = tty() {
        let _ = send(tty, &mut bytes, |waited| waited >= LAST_WORD);
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
        say_bytes(sequence.into());
    }
}

/// Gives the screen back with nothing on it: neither what we drew, nor the line that started us, nor what was
/// scrolled off before.
pub(crate) fn vanish() {
    screen_back();
    say_bytes(WIPE.into());
}

async fn wait(kind: SignalKind) -> Option<()> {
    match signal(kind) {
        Ok(mut signal) => signal.recv().await,
        Err(_) => std::future::pending().await,
    }
}

/// Resolves when the process is told to stop, with the exit status for it.
pub(crate) async fn stop() -> i32 {
    know_signals();
    if let Some(code) = stopped() {
        return code;
    }
    tokio::select! {
        _ = wait(SignalKind::terminate()) => 143,
        _ = wait(SignalKind::interrupt()) => 130,
        _ = wait(SignalKind::hangup()) => 129,
        _ = wait(SignalKind::quit()) => 131,
        _ = wait(ABORT) => 134,
    }
}

/// From now on [`stopped`] knows of a signal, even while nothing of ours is polled.
fn know_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGABRT] {
            let number = usize::try_from(signal).unwrap_or_default();
            let _ = flag::register_usize(signal, Arc::clone(&STOPPED), number);
        }
    });
}

async fn obey_signals() {
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
    screen_back();
    tokio::time::sleep(GRACE).await;
    input_back();
    // Past every buffer: one that a frozen terminal did not take would hold the end.
    low_level::exit(code);
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Duration};

    use tokio::time::{Instant, sleep};

    use super::*;

    /// Longest wait for a screen on a loaded machine.
    const PATIENCE: Duration = Duration::from_secs(60);
    const WORDS: &str = "words-of-a-person";

    #[test]
    fn a_frozen_terminal_holds_no_way_out_and_loses_nothing() {
        use std::io::Read;
        let (mut screen, terminal) = io::pipe().unwrap();
        rustix::io::ioctl_fionbio(&terminal, true).unwrap();
        let mut bytes = vec![b'a'; 1 << 20];
        let looks = AtomicUsize::new(0);
        let enough = |_| looks.fetch_add(1, Ordering::SeqCst) > 1;
        let given_up = send(&terminal, &mut bytes, enough).unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::WouldBlock);
        assert!(!bytes.is_empty() && bytes.len() < 1 << 20);
        // What was not taken is first when it takes something again.
        bytes.push(b'z');
        let reader = std::thread::spawn(move || {
            let mut read = Vec::new();
            screen.read_to_end(&mut read).map(|_| read)
        });
        send(&terminal, &mut bytes, |_| false).unwrap();
        drop(terminal);
        let read = reader.join().unwrap().unwrap();
        assert_eq!((read.len(), read.last()), ((1 << 20) + 1, Some(&b'z')));
    }

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
