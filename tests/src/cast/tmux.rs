//! A real terminal of a test's own: a tmux server with one window and one shell, nobody's configuration in it.

use std::{
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::{
    process::Command,
    time::{Instant, sleep},
};

use super::PATIENCE;

/// How often the screen is looked at: tmux has no way to say that it changed.
const LOOK: Duration = Duration::from_millis(10);
/// Between many letters at once and the next key: without it they look like a paste that ends in a line break, which
/// presses no Enter.
const HAND: Duration = Duration::from_millis(40);
/// Longer than the faces rest after a page that came by itself (500 ms without a key), with room for a frame that a busy
/// machine draws late.
const PAUSE: Duration = Duration::from_millis(700);
/// A key that means nothing in any face, and counts as a key all the same.
const NOTHING: &str = "F12";
/// Begins what tmux says of how letters look, up to an `m`.
const ATTRIBUTES: &str = "\u{1b}[";
/// Between a key that nobody waits for and the next one, to a program that is traced on a machine that is busy.
const APART: Duration = Duration::from_millis(200);
/// What the shell writes when it waits.
pub const PROMPT: &str = "ready$";

/// The terminal. It is gone when this is dropped.
pub struct Tmux {
    directory: TempDir,
    /// The server, once it was stopped.
    frozen: OnceLock<Pid>,
}

impl Tmux {
    /// A window of this size with a shell in it.
    ///
    /// # Panics
    /// When there is no tmux.
    pub async fn open(width: u16, height: u16) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("hamsa-tmux-")
            .tempdir()
            .expect("a temporary directory");
        let tmux = Self {
            directory,
            frozen: OnceLock::new(),
        };
        let (width, height) = (width.to_string(), height.to_string());
        let shell = format!("env PS1='{PROMPT} ' HISTFILE= bash --norc --noprofile");
        let new = [
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &width,
            "-y",
            &height,
            &shell,
        ];
        tmux.run(&new).await;
        tmux.sees(PROMPT).await;
        tmux
    }

    /// Types text, letter for letter, and pauses as a hand does.
    pub async fn types(&self, text: &str) {
        self.run(&["send-keys", "-l", text]).await;
        sleep(HAND).await;
    }

    /// Presses keys by their tmux names, such as `Enter` or `C-x`.
    pub async fn press(&self, keys: &[&str]) {
        let mut command = vec!["send-keys"];
        command.extend(keys);
        self.run(&command).await;
    }

    /// Sends bytes as they are, as a terminal could.
    pub async fn sends(&self, bytes: &[u8]) {
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut command = vec!["send-keys", "-H"];
        command.extend(bytes.iter().map(String::as_str));
        self.run(&command).await;
    }

    /// Pastes a file, bracketed where the program asked for it and where `marked` says so.
    ///
    /// # Panics
    /// When the path is no text.
    pub async fn pastes_file(&self, path: &Path, marked: bool) {
        let path = path.to_str().expect("a path of ours");
        self.run(&["load-buffer", path]).await;
        let paste = if marked { "-p" } else { "-r" };
        self.run(&["paste-buffer", paste]).await;
    }

    /// Pastes text as a terminal does, bracketed where the program asked for it; line ends and everything else stay
    /// as they are.
    ///
    /// # Panics
    /// When the text cannot be handed over.
    pub async fn pastes(&self, text: &str) {
        // A file, because a command line takes neither a long text nor every byte.
        let file = self.directory.path().join("paste");
        std::fs::write(&file, text).expect("a file to paste from");
        self.run(&["load-buffer", file.to_str().expect("a path of letters")])
            .await;
        self.run(&["paste-buffer", "-p", "-r"]).await;
    }

    /// From now on, writes every byte that programs write to this terminal into a file, before anything is made
    /// of it.
    ///
    /// # Panics
    /// When the path has strange letters.
    pub async fn records(&self, file: &Path) {
        let command = format!("cat > '{}'", file.to_str().expect("a path of letters"));
        self.run(&["pipe-pane", "-O", &command]).await;
    }

    /// Another size.
    pub async fn resize(&self, width: u16, height: u16) {
        let (width, height) = (width.to_string(), height.to_string());
        self.run(&["resize-window", "-x", &width, "-y", &height]).await;
    }

    /// What is on the screen now.
    pub async fn screen(&self) -> String {
        self.run(&["capture-pane", "-p"]).await
    }

    /// What is on the screen and what was scrolled off it.
    pub async fn everything(&self) -> String {
        self.run(&["capture-pane", "-p", "-S", "-"]).await
    }

    /// A fact such as `alternate_on`.
    pub async fn fact(&self, name: &str) -> String {
        let asked = format!("#{{{name}}}");
        self.run(&["display-message", "-p", &asked])
            .await
            .trim()
            .to_owned()
    }

    /// Waits until the screen is as wanted; gives it.
    ///
    /// # Panics
    /// When it does not become so.
    pub async fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen().await;
            if wanted(&screen) {
                return screen;
            }
            assert!(start.elapsed() < PATIENCE, "waited for {what} on\n{screen}");
            sleep(LOOK).await;
        }
    }

    /// Waits until these words are on the screen; gives it.
    pub async fn sees(&self, words: &str) -> String {
        self.until(words, |screen| screen.contains(words)).await
    }

    /// Whether the seeker's screen says that it takes no key yet, because its page came by itself. That sentence is the
    /// only one at the bottom that is bold, in every language.
    pub async fn pauses(&self) -> bool {
        let screen = self.run(&["capture-pane", "-p", "-e"]).await;
        let bottom = screen.trim_end().rfind('\n').unwrap_or_default();
        let first = screen.get(bottom..).and_then(first_letter);
        first.is_some_and(|first| bold(screen.get(..bottom + first).unwrap_or_default()))
    }

    /// Does what somebody does whose page came by itself: reads it, touches no key meanwhile, and then presses one that
    /// may be swallowed. From here on keys act, also those on what is offered beside the words, of which no sentence on
    /// the screen tells. Only a page that is there is waited out: what comes later pauses again.
    ///
    /// This is the one place that sleeps out the pause, because the pause is silence: no event ends it.
    ///
    /// # Panics
    /// When the pause does not end.
    pub async fn after_the_pause(&self) {
        let start = Instant::now();
        loop {
            sleep(PAUSE).await;
            self.press(&[NOTHING]).await;
            let pressed = Instant::now();
            while pressed.elapsed() < PAUSE {
                if !self.pauses().await {
                    // The next key is one of its own: a program that is slow would read both at once, as a paste.
                    sleep(APART).await;
                    return;
                }
                sleep(LOOK).await;
            }
            assert!(start.elapsed() < PATIENCE, "the pause does not end");
        }
    }

    /// The shell's process.
    ///
    /// # Panics
    /// When tmux has none.
    pub async fn shell(&self) -> Pid {
        let pid = self.fact("pane_pid").await.parse().ok();
        pid.and_then(Pid::from_raw).expect("a shell")
    }

    /// The program that the shell runs now.
    ///
    /// # Panics
    /// When it runs none.
    pub async fn program(&self) -> Pid {
        let shell = self.shell().await.as_raw_nonzero();
        let children =
            std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap_or_default();
        let pid = children
            .split_whitespace()
            .next()
            .and_then(|pid| pid.parse().ok());
        pid.and_then(Pid::from_raw).expect("a running program")
    }

    /// Takes nothing any more of what programs write to this terminal; what the system keeps for it is full then.
    ///
    /// # Panics
    /// When the terminal cannot be opened.
    pub async fn freezes(&self) {
        let (server, tty) = (self.fact("pid").await, self.fact("pane_tty").await);
        let server = server.parse().ok().and_then(Pid::from_raw).expect("a server");
        Self::signal(server, Signal::STOP);
        self.frozen.set(server).expect("it froze once");
        let status = PathBuf::from(format!("/proc/{}/stat", server.as_raw_nonzero()));
        while !std::fs::read_to_string(&status).is_ok_and(|stat| stat.contains(") T ")) {
            sleep(LOOK).await;
        }
        let mut terminal = std::fs::OpenOptions::new()
            .write(true)
            .custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed())
            .open(tty)
            .expect("the terminal");
        while terminal.write(&[0; 1]).is_ok() {}
    }

    /// Sends a signal to a process of this terminal.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn signal(pid: Pid, signal: Signal) {
        kill_process(pid, signal).expect("it runs");
    }

    /// Waits until a process is gone.
    ///
    /// # Panics
    /// When it stays.
    pub async fn gone(pid: Pid) {
        let path = PathBuf::from(format!("/proc/{}", pid.as_raw_nonzero()));
        let start = Instant::now();
        while alive(&path) {
            assert!(start.elapsed() < PATIENCE, "{} stays", path.display());
            sleep(LOOK).await;
        }
    }

    async fn run(&self, command: &[&str]) -> String {
        let output = Command::new("tmux")
            .arg("-S")
            .arg(self.socket())
            .args(command)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .output()
            .await
            .expect("tmux: install it to run these tests");
        assert!(
            output.status.success(),
            "tmux {command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("socket")
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        if let Some(server) = self.frozen.get() {
            let _ = kill_process(*server, Signal::CONT);
        }
        let _ = std::process::Command::new("tmux")
            .arg("-S")
            .arg(self.socket())
            .arg("kill-server")
            .stderr(std::process::Stdio::null())
            .status();
    }
}

/// Where the first letter stands that one sees.
fn first_letter(row: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = row.get(at..)?.trim_start();
        at = row.len() - rest.len();
        match rest.strip_prefix(ATTRIBUTES) {
            Some(after) => at = row.len() - after.split_once('m')?.1.len(),
            None => return (!rest.is_empty()).then_some(at),
        }
    }
}

/// Whether what stands behind this is bold. tmux says only where attributes change, also from row to row.
fn bold(before: &str) -> bool {
    let changes = before.split(ATTRIBUTES).skip(1);
    let numbers = changes.filter_map(|part| Some(part.split_once('m')?.0.split(';')));
    numbers.flatten().fold(false, |bold, number| match number {
        "" | "0" | "22" => false,
        "1" => true,
        _ => bold,
    })
}

/// A zombie is gone for everybody but its parent.
fn alive(path: &Path) -> bool {
    let stat = std::fs::read_to_string(path.join("stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_some_and(|state| !state.starts_with('Z'))
}

#[cfg(test)]
mod tests {
    use super::{bold, first_letter};

    #[test]
    fn bold_at_the_bottom_is_seen() {
        let first = |row| first_letter(row).is_some_and(|at| bold(&row[..at]));
        assert!(first("\n  \u{1b}[1m\u{1b}[7m  New page"));
        assert!(first("\u{1b}[0;1mNew page"));
        assert!(!first("\u{1b}[1m  \u{1b}[0m\u{1b}[2mEnter"));
        assert!(!first("Enter \u{1b}[1m^K"));
        assert!(!first("\u{1b}[1m  "));
    }
}
