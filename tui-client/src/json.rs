//! The face for programs: one JSON object per line each way, stable English keys, nothing else on stdout.
//!
//! A message counts as shown when its line was written and flushed without an error.
//!
//! The end of stdin is `exit`. A line that is no command is answered with an error and changes nothing.

use std::{collections::BTreeMap, io::Write, time::Duration};

use anyhow::Context;
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
    time::timeout,
};
use zeroize::Zeroizing;

/// Longest line that is taken, in bytes: a message of 16 KiB in which every byte is escaped, and room.
const LINE_MAX: usize = 128 * 1_024;
/// Lines that wait for the engine.
const QUEUE: usize = 16;
/// When the output is gone, lines that came before are taken: until none comes for this long.
const LINE_PAUSE: Duration = Duration::from_millis(100);
/// And for no longer than this, if a program writes on.
const LAST_LINES: Duration = Duration::from_secs(1);
/// An input that is at its end at once waits so long for the first event.
const FIRST_WORD: Duration = Duration::from_secs(1);
/// How long leaving waits for the engine to drain (its own bound is 5 s).
const DRAIN: Duration = Duration::from_secs(6);

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
}

macro_rules! face_event {
    ($event:ident, $command:ident, $number:ident in $words:pat) => {
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
        }
    };
}

face_event!(SeekerEvent, SeekerCommand, number in Self::Message { number, .. });
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
/// and brought.
///
/// # Errors
/// When stdout does not take what is written.
pub(crate) async fn run<E: FaceEvent>(handle: Handle<E::Command, E>) -> anyhow::Result<()> {
    let Handle { commands, mut events } = handle;
    let (lines, mut inbox) = mpsc::channel(QUEUE);
    tokio::spawn(read_lines(lines));
    let (mut open, mut spoken) = (true, false);
    let lost = loop {
        let printed = tokio::select! {
            event = events.recv() => match event {
                Some(event) => {
                    spoken = true;
                    tell(&event, &commands).await
                }
                None => return Ok(()),
            },
            line = inbox.recv(), if open => match line {
                Some(line) => match command::<E::Command>(line) {
                    // An engine that stopped ends its events too, and with them this loop.
                    Some(Ok(command)) => {
                        let _ = commands.send(command).await;
                        Ok(())
                    }
                    Some(Err(reason)) => print(&E::error(bad_command(&reason))),
                    None => Ok(()),
                },
                None => {
                    open = false;
                    let mut printed = Ok(());
                    // An input that ends at once still learns whether the helpline can be reached.
                    if !spoken && let Ok(Some(event)) = timeout(FIRST_WORD, events.recv()).await {
                        printed = tell(&event, &commands).await;
                    }
                    // What comes until the engine has stopped is written, and told to be shown.
                    let _ = commands.send(E::exit()).await;
                    printed
                }
            },
        };
        if let Err(error) = printed {
            break error;
        }
    };
    let last = async {
        let taking = async {
            while let Ok(Some(line)) = timeout(LINE_PAUSE, inbox.recv()).await {
                if let Some(Ok(command)) = command::<E::Command>(line) {
                    let _ = commands.send(command).await;
                }
            }
        };
        if open {
            let _ = timeout(LAST_LINES, taking).await;
            let _ = commands.send(E::exit()).await;
        }
    };
    let drain = async { while events.recv().await.is_some() {} };
    let _ = timeout(LAST_LINES + DRAIN, async { tokio::join!(last, drain) }).await;
    Err(lost)
}

/// Writes an event; words that it brings were shown then.
async fn tell<E: FaceEvent>(event: &E, commands: &mpsc::Sender<E::Command>) -> anyhow::Result<()> {
    print(event)?;
    if let Some(shown) = event.shown() {
        let _ = commands.send(shown).await;
    }
    Ok(())
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
    print(&SeekerEvent::Error(ErrorReport::new(code, message, advice)))
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

fn print<T: Serialize>(event: &T) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(event).context("an event could not be written")?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)
        .and_then(|()| out.flush())
        .context("stdout does not take what is written")
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
