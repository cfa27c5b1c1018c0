//! The face for programs: one JSON object per line each way, stable English keys, nothing else on stdout.
//!
//! A message counts as shown when its line was written and flushed without an error.
//!
//! The end of stdin is `exit`. A line that is no command is answered with an error and changes nothing.

use std::{
    collections::{BTreeMap, VecDeque},
    io::Write,
    time::Duration,
};

use anyhow::{Context, bail};
use hamsa_client::{
    api::{CounselorCommand, CounselorEvent, ErrorReport, SeekerCommand, SeekerEvent},
    driver::Handle,
    names::ErrorCode,
};
use serde::{
    Serialize,
    de::{DeserializeOwned, Error as _, IgnoredAny},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use zeroize::Zeroizing;

/// Longest line that is taken, in bytes: a message of 16 KiB in which every byte is escaped, and room.
const LINE_MAX: usize = 128 * 1_024;
/// Lines that wait for the engine.
const QUEUE: usize = 16;
/// Lines that may wait to be written: answers to as many that were no commands, an event, and the first one at the end.
const UNDER_WAY: usize = QUEUE + 2;
/// When the output is gone, lines that came before are taken: until none comes for this long.
const LINE_PAUSE: Duration = Duration::from_millis(100);
/// And for no longer than this, if a program writes on.
const LAST_LINES: Duration = Duration::from_secs(1);
/// An input that is at its end at once waits so long for the first event.
const FIRST_WORD: Duration = Duration::from_secs(1);
/// How long leaving waits for the engine to drain (its own bound is 5 s).
const DRAIN: Duration = Duration::from_secs(6);
/// After `exit`, a reader that takes no line for so long is gone.
const LAST_WRITE: Duration = Duration::from_secs(3);
/// After `quick_exit`.
const QUICK_WRITE: Duration = Duration::from_secs(1);
const NOT_TAKEN: &str = "stdout does not take what is written";

/// An event of either role that can carry an error.
pub(crate) trait FaceEvent: Serialize + Send + 'static {
    /// What the engine of this role is asked.
    type Command: DeserializeOwned + Serialize + Send + 'static;

    /// The error event.
    fn error(report: ErrorReport) -> Self;

    /// What is told when this event was written, if it brought words.
    fn shown(&self) -> Option<Self::Command>;

    /// What the end of stdin asks.
    fn exit() -> Self::Command;

    /// How long a line may take after a command that is a way out; `None` after others.
    fn leaves(command: &Self::Command) -> Option<Duration>;
}

macro_rules! face_event {
    ($event:ident, $command:ident, $number:ident in $words:pat $(, $quick:ident)?) => {
        impl FaceEvent for $event {
            type Command = $command;

            fn error(report: ErrorReport) -> Self {
                Self::Error(report)
            }

            fn shown(&self) -> Option<$command> {
                match self {
                    $words => Some($command::Shown { number: *$number }),
                    _ => None,
                }
            }

            fn exit() -> $command {
                $command::Exit
            }

            fn leaves(command: &$command) -> Option<Duration> {
                match command {
                    $command::Exit => Some(LAST_WRITE),
                    $($command::$quick => Some(QUICK_WRITE),)?
                    _ => None,
                }
            }
        }
    };
}

face_event!(
    SeekerEvent,
    SeekerCommand,
    number in Self::Message { number, .. },
    QuickExit
);
face_event!(
    CounselorEvent,
    CounselorCommand,
    number in Self::Message { number, .. } | Self::Chat { number: Some(number), .. }
);

enum InputLine {
    Text(String),
    TooLong,
    NotText,
}

/// Runs until the engine has stopped. An output whose reader is gone is `exit`: what was said before is still taken
/// and brought. A reader that takes nothing holds neither a command nor the way out.
///
/// # Errors
/// When stdout does not take what is written.
pub(crate) async fn run<E: FaceEvent>(handle: Handle<E::Command, E>) -> anyhow::Result<()> {
    let Handle { commands, events } = handle;
    let (lines, inbox) = mpsc::channel(QUEUE);
    tokio::spawn(read_lines(lines));
    let (out, written) = writer()?;
    let mut face = JsonFace {
        commands,
        events,
        inbox,
        out,
        written,
        under_way: VecDeque::new(),
        leaves: None,
        moved: Instant::now(),
    };
    let Err(lost) = face.talk().await else {
        return Ok(());
    };
    face.last_lines().await;
    Err(lost)
}

struct JsonFace<E: FaceEvent> {
    commands: mpsc::Sender<E::Command>,
    events: mpsc::Receiver<E>,
    inbox: mpsc::Receiver<InputLine>,
    /// The thread that writes: a reader that takes nothing holds it and nothing else.
    out: mpsc::Sender<Vec<u8>>,
    /// What became of each line.
    written: mpsc::Receiver<std::io::Result<()>>,
    /// Lines that are being written: what is told when one is out, if it brings words.
    under_way: VecDeque<Option<E::Command>>,
    /// Once it leaves: how long a line may take.
    leaves: Option<Duration>,
    /// When the output last took a line or was given one, or `exit` was said.
    moved: Instant,
}

impl<E: FaceEvent> JsonFace<E> {
    /// Goes on until the engine has stopped.
    async fn talk(&mut self) -> anyhow::Result<()> {
        let (mut open, mut spoken) = (true, false);
        loop {
            let until = self.moved + self.leaves.unwrap_or_default();
            let takes = open && self.under_way.len() < QUEUE;
            tokio::select! {
                written = self.written.recv(), if !self.under_way.is_empty() => self.on_written(written).await?,
                event = self.events.recv(), if self.under_way.is_empty() => match event {
                    Some(event) => {
                        spoken = true;
                        self.write(&event)?;
                    }
                    None => return Ok(()),
                },
                line = self.inbox.recv(), if takes => {
                    // What comes until the engine has stopped is written, and told to be shown.
                    let command = match line {
                        Some(line) => command::<E::Command>(line),
                        None => {
                            open = false;
                            // An input that ends at once still learns whether the helpline can be reached.
                            if !spoken && let Ok(Some(event)) = timeout(FIRST_WORD, self.events.recv()).await {
                                self.write(&event)?;
                            }
                            Some(Ok(E::exit()))
                        }
                    };
                    self.on_command(command).await?;
                }
                () = sleep_until(until), if self.leaves.is_some() && !self.under_way.is_empty() => {
                    bail!(NOT_TAKEN);
                }
            }
        }
    }

    async fn on_command(&mut self, command: Option<Result<E::Command, String>>) -> anyhow::Result<()> {
        match command {
            // An engine that stopped ends its events too, and with them this face.
            Some(Ok(command)) => {
                if let Some(patience) = E::leaves(&command) {
                    self.leaves = Some(patience);
                    self.moved = Instant::now();
                }
                let _ = self.commands.send(command).await;
            }
            Some(Err(reason)) => self.write(&E::error(bad_command(&reason)))?,
            None => {}
        }
        Ok(())
    }

    /// Begins to write an event.
    fn write(&mut self, event: &E) -> anyhow::Result<()> {
        let line = line(event)?;
        // A thread that ended has said why.
        let _ = self.out.try_send(line);
        self.under_way.push_back(event.shown());
        self.moved = Instant::now();
        Ok(())
    }

    /// The line under way is out; words that it brought were shown then.
    async fn on_written(&mut self, written: Option<std::io::Result<()>>) -> anyhow::Result<()> {
        let gone = || std::io::ErrorKind::BrokenPipe.into();
        let shown = self.under_way.pop_front().flatten();
        written.unwrap_or_else(|| Err(gone())).context(NOT_TAKEN)?;
        if let Some(shown) = shown {
            let _ = self.commands.send(shown).await;
        }
        self.moved = Instant::now();
        Ok(())
    }

    /// The output is gone: what was said before is brought, and the engine ends.
    async fn last_lines(self) {
        let Self {
            commands,
            mut events,
            mut inbox,
            leaves,
            ..
        } = self;
        let last = async {
            let taking = async {
                while let Ok(Some(line)) = timeout(LINE_PAUSE, inbox.recv()).await {
                    if let Some(Ok(command)) = command::<E::Command>(line) {
                        let _ = commands.send(command).await;
                    }
                }
            };
            if leaves.is_none() {
                let _ = timeout(LAST_LINES, taking).await;
                let _ = commands.send(E::exit()).await;
            }
        };
        let drain = async { while events.recv().await.is_some() {} };
        let _ = timeout(LAST_LINES + DRAIN, async { tokio::join!(last, drain) }).await;
    }
}

/// Lines for the thread that writes, and what became of each.
type Writer = (mpsc::Sender<Vec<u8>>, mpsc::Receiver<std::io::Result<()>>);

/// A thread that writes lines to stdout.
fn writer() -> anyhow::Result<Writer> {
    let (out, mut lines) = mpsc::channel::<Vec<u8>>(UNDER_WAY);
    let (told, written) = mpsc::channel(UNDER_WAY);
    let write = move || {
        while let Some(line) = lines.blocking_recv() {
            if told.blocking_send(put(&line)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("stdout".to_owned())
        .spawn(write)
        .context("could not start")?;
    Ok((out, written))
}

/// What a line asks for, or why it is no command; nothing of an empty one.
fn command<C: DeserializeOwned + Serialize>(line: InputLine) -> Option<Result<C, String>> {
    Some(match line {
        InputLine::Text(text) if text.trim().is_empty() => return None,
        InputLine::Text(text) => parsed(&text).map_err(|error| reason(&error)),
        InputLine::TooLong => Err(format!("a line has at most {LINE_MAX} bytes")),
        InputLine::NotText => Err("a line is UTF-8".to_owned()),
    })
}

/// A command, all of whose fields are known. `deny_unknown_fields` looks at commands that have fields; one without takes
/// any, so what was read is written again and the names are compared.
fn parsed<C: DeserializeOwned + Serialize>(text: &str) -> serde_json::Result<C> {
    type Names = BTreeMap<String, IgnoredAny>;
    let command = serde_json::from_str::<C>(text)?;
    let known = Zeroizing::new(serde_json::to_vec(&command)?);
    let known = serde_json::from_slice::<Names>(&known)?;
    let given = serde_json::from_str::<Names>(text)?;
    if given.keys().all(|name| known.contains_key(name)) {
        return Ok(command);
    }
    Err(serde_json::Error::custom("unknown field"))
}

/// Prints an error of the face itself, before there is an engine.
///
/// # Errors
/// When stdout does not take it.
pub(crate) fn report(code: ErrorCode, message: &str, advice: &str) -> anyhow::Result<()> {
    let report = SeekerEvent::Error(ErrorReport::new(code, message, advice));
    put(&line(&report)?).context(NOT_TAKEN)
}

fn bad_command(reason: &str) -> ErrorReport {
    ErrorReport::new(
        ErrorCode::BadCommand,
        format!("the line is no command: {reason}"),
        "Send one JSON object per line, such as {\"cmd\":\"start\",\"language\":\"fr\"}.",
    )
}

/// Where a line is wrong, without its words: serde's own text quotes them.
fn reason(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Syntax => "it is not JSON",
        serde_json::error::Category::Eof => "it ends too early",
        _ => "its command or a field is unknown, missing or of another type",
    };
    // A whole line that means nothing has no place where it is wrong.
    match error.column() {
        0 => what.to_owned(),
        column => format!("{what} (column {column})"),
    }
}

fn line<T: Serialize>(event: &T) -> anyhow::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(event).context("an event could not be written")?;
    line.push(b'\n');
    Ok(line)
}

fn put(line: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(line).and_then(|()| out.flush())
}

async fn read_lines(lines: mpsc::Sender<InputLine>) {
    let mut input = BufReader::new(tokio::io::stdin());
    loop {
        let mut bytes = Vec::new();
        let limit = u64::try_from(LINE_MAX + 1).unwrap_or(u64::MAX);
        let read = (&mut input).take(limit).read_until(b'\n', &mut bytes).await;
        if !matches!(read, Ok(1..)) {
            return;
        }
        let line = if bytes.last() != Some(&b'\n') && bytes.len() > LINE_MAX {
            if !skip_line(&mut input).await {
                return;
            }
            InputLine::TooLong
        } else {
            String::from_utf8(bytes).map_or(InputLine::NotText, InputLine::Text)
        };
        if lines.send(line).await.is_err() {
            return;
        }
    }
}

/// Leaves out the rest of a line without keeping it; `false` at the end of the input.
async fn skip_line(input: &mut BufReader<tokio::io::Stdin>) -> bool {
    loop {
        let Ok(buffer) = input.fill_buf().await else {
            return false;
        };
        if buffer.is_empty() {
            return false;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return true;
        }
    }
}
