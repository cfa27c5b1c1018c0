//! One process: what it says, line by line as it comes, and how it ends.

use std::{
    ffi::OsStr,
    fmt::Write as _,
    fs,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

use super::PATIENCE;

/// Lines shown of a process when a wait fails: the end is what matters.
const SHOWN: usize = 60;
/// Characters shown of one line.
const SHOWN_WIDTH: usize = 400;

/// One line that a process said.
#[derive(Clone, Debug)]
pub struct Line {
    /// Since the process started.
    pub at: Duration,
    /// On standard error; else on standard output.
    pub error: bool,
    /// The line without its end.
    pub text: String,
    /// The line as JSON, if it is.
    pub json: Option<Value>,
}

struct Log {
    start: Instant,
    lines: Mutex<Vec<Line>>,
    /// Readers that still read.
    news: watch::Sender<usize>,
}

impl Log {
    async fn read(self: Arc<Self>, error: bool, from: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(from);
        loop {
            let mut bytes = Vec::new();
            if !matches!(lines.read_until(b'\n', &mut bytes).await, Ok(1..)) {
                break;
            }
            let text = String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned();
            let json = serde_json::from_str(&text).ok();
            let line = Line {
                at: self.start.elapsed(),
                error,
                text,
                json,
            };
            self.lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
            self.news.send_modify(|_| ());
        }
        self.news.send_modify(|readers| *readers -= 1);
    }
}

/// A process of a test. It is killed when this is dropped.
pub struct Process {
    name: String,
    pid: Pid,
    child: tokio::sync::Mutex<Child>,
    stdin: tokio::sync::Mutex<Option<ChildStdin>>,
    log: Arc<Log>,
    _readers: [JoinHandle<()>; 2],
}

impl Process {
    /// Starts a command. `name` is what it is called when something fails.
    ///
    /// # Panics
    /// When the system does not start it.
    #[must_use]
    pub fn start(name: &str, mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} did not start: {error}"));
        let id = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        let (news, _) = watch::channel(2);
        let log = Arc::new(Log {
            start: Instant::now(),
            lines: Mutex::default(),
            news,
        });
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let readers = [
            tokio::spawn(Arc::clone(&log).read(false, out)),
            tokio::spawn(Arc::clone(&log).read(true, err)),
        ];
        Self {
            name: name.to_owned(),
            pid: id.expect("a process that runs has an id"),
            stdin: tokio::sync::Mutex::new(child.stdin.take()),
            child: tokio::sync::Mutex::new(child),
            log,
            _readers: readers,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Its resident memory in kB.
    ///
    /// # Panics
    /// When it is gone.
    #[must_use]
    pub fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// All it said so far.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        self.log
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How long it has been running.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.log.start.elapsed()
    }

    /// What it said on standard error.
    #[must_use]
    pub fn errors(&self) -> String {
        let lines = self.lines().into_iter().filter(|line| line.error);
        lines.map(|line| line.text + "\n").collect()
    }

    /// Writes a line to its standard input.
    ///
    /// # Panics
    /// When it does not take it.
    pub async fn say(&self, line: &str) {
        let mut stdin = self.stdin.lock().await;
        let pipe = stdin
            .as_mut()
            .unwrap_or_else(|| panic!("{}: stdin is closed", self.name));
        let write = async {
            pipe.write_all(format!("{line}\n").as_bytes()).await?;
            pipe.flush().await
        };
        let written = timeout(PATIENCE, write).await;
        assert!(
            matches!(written, Ok(Ok(()))),
            "it takes nothing more:\n{}",
            self.story()
        );
    }

    /// Writes bytes as they are.
    ///
    /// # Panics
    /// When it does not take them.
    pub async fn feed(&self, bytes: &[u8]) {
        let mut stdin = self.stdin.lock().await;
        let pipe = stdin
            .as_mut()
            .unwrap_or_else(|| panic!("{}: stdin is closed", self.name));
        let written = timeout(PATIENCE, pipe.write_all(bytes)).await;
        assert!(
            matches!(written, Ok(Ok(()))),
            "it takes nothing more:\n{}",
            self.story()
        );
    }

    /// Ends its standard input.
    pub async fn close_stdin(&self) {
        self.stdin.lock().await.take();
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}", self.name, self.story()));
    }

    /// Waits until `find` finds something among the lines, from line number `from` on.
    ///
    /// # Panics
    /// When that takes too long, or when the process ended first.
    pub async fn find<T>(
        &self,
        what: &str,
        from: usize,
        within: Duration,
        mut find: impl FnMut(&Line) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + within;
        let mut news = self.log.news.subscribe();
        let mut next = from;
        loop {
            // Asked before looking: what comes in between wakes us again.
            let reading = *news.borrow_and_update() > 0;
            {
                let lines = self.log.lines.lock().unwrap_or_else(PoisonError::into_inner);
                while let Some(line) = lines.get(next) {
                    if let Some(found) = find(line) {
                        return found;
                    }
                    next += 1;
                }
            }
            assert!(reading, "{} ended before {what}:\n{}", self.name, self.story());
            let more = timeout_at(deadline, news.changed()).await;
            assert!(
                more.is_ok(),
                "{}: no {what} within {within:?}:\n{}",
                self.name,
                self.story()
            );
        }
    }

    /// Waits for its end, and until all it said has been read.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn exit(&self, within: Duration) -> ExitStatus {
        let ended = timeout(within, async {
            let status = self.child.lock().await.wait().await;
            let mut news = self.log.news.subscribe();
            let _ = news.wait_for(|readers| *readers == 0).await;
            status
        });
        match ended.await {
            Ok(Ok(status)) => status,
            Ok(Err(error)) => panic!("{}: {error}", self.name),
            Err(_) => panic!("{} did not end within {within:?}:\n{}", self.name, self.story()),
        }
    }

    /// Whether it still runs.
    pub async fn alive(&self) -> bool {
        matches!(self.child.lock().await.try_wait(), Ok(None))
    }

    /// What it said, for a person who looks for the reason of a failure.
    #[must_use]
    pub fn story(&self) -> String {
        let lines = self.lines();
        let mut story = format!("--- {} ({} lines)\n", self.name, lines.len());
        for line in lines.iter().skip(lines.len().saturating_sub(SHOWN)) {
            let mark = if line.error { '!' } else { ' ' };
            let text: String = line.text.chars().take(SHOWN_WIDTH).collect();
            let _ = writeln!(story, "{:>8.3}{mark} {text}", line.at.as_secs_f64());
        }
        story
    }
}

/// A command that ran to its end.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// The command itself.
    pub told: String,
}

impl Ran {
    /// Its standard output, when it succeeded.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.status.success(), "{self:#?}");
        self.out
    }

    /// That it failed with status 1, and that its error says each of `words`.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn fails(self, words: &[&str]) -> Self {
        assert_eq!(self.status.code(), Some(1), "{self:#?}");
        for word in words {
            assert!(self.err.contains(word), "expected {word:?} in {self:#?}");
        }
        self
    }
}

/// Runs a program to its end, with nothing on its standard input.
///
/// # Panics
/// When it does not end in time.
pub async fn run<A: AsRef<OsStr>>(program: &Path, args: &[A]) -> Ran {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).kill_on_drop(true);
    // The language of whoever runs the tests says nothing.
    command.env("LC_ALL", "C.UTF-8");
    let told = format!("{:?}", command.as_std());
    let output = timeout(PATIENCE, command.output())
        .await
        .unwrap_or_else(|_| panic!("{told} did not end"))
        .unwrap_or_else(|error| panic!("{told}: {error}"));
    Ran {
        status: output.status,
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        told,
    }
}
