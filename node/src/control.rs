//! The operator's socket: one JSON line in, one out, in the node's own directory and for its owner only.

use std::{
    fmt, io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    time::Duration,
};

use hamsa_protocol::home::{SMALL_SUM, Told};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    time::timeout,
};

use crate::{files, store::Overview};

const NAME: &str = "control.sock";
/// Longest line that either side accepts, in bytes.
const LINE_MAX: u64 = 256 * 1_024;
/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an operator's command asks of a running node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// How it stands.
    Status,
    /// Take delegation and publication from the directory again; the answer is the status.
    Reload,
    /// Ask a partner whether it is an entry for this home's helpline.
    Lend {
        /// Its peer id.
        peer: String,
    },
    /// Take a partner that was written into the configuration.
    Partner {
        /// `MULTIADDR/p2p/PEER`.
        address: String,
    },
}

/// How a node stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// What it is called.
    pub peer: String,
    /// Where it listens.
    pub listen: Vec<String>,
    /// What it does.
    pub roles: Vec<String>,
    /// Its partners.
    pub partners: Vec<PartnerState>,
    /// Version of the roster it serves; 0 before the first.
    pub roster_version: u64,
    /// The entries of other associations that its roster names.
    #[serde(default)]
    pub entries: Vec<EntryState>,
    /// Tickets and cells taken into memory since the start.
    pub stored: u64,
    /// Things whose time ran out since the start.
    pub expired: u64,
    /// Requests and streams refused since the start.
    pub refused: u64,
    /// Links with people now.
    #[serde(default)]
    pub links: usize,
    /// Duties that stand here.
    #[serde(default)]
    pub duties: usize,
    /// Tickets now.
    #[serde(default)]
    pub tickets: usize,
    /// Live channels now.
    #[serde(default)]
    pub channels: usize,
    /// Sealed messages that wait, by expiry day.
    #[serde(default)]
    pub mail: Overview,
    /// What may be told of the answers to the three questions: months that are over.
    #[serde(default)]
    pub survey: Vec<SurveyRow>,
    /// What is doubtful about this machine's clock, and what to do; nothing when it is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// The consent that was asked for, in base32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lend: Option<String>,
    /// What went wrong with the last request, if anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How many said yes or no to one question in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyRow {
    /// `2026-10`.
    pub month: String,
    /// `heard`, `step` or `safer`.
    pub question: String,
    /// How many said yes; nothing when they are fewer than [`SMALL_SUM`].
    pub yes: Option<u32>,
    /// How many said no; as with `yes`.
    pub no: Option<u32>,
}

impl From<Told> for SurveyRow {
    fn from(told: Told) -> Self {
        Self {
            month: told.month.to_string(),
            question: told.question.name().to_owned(),
            yes: told.yes,
            no: told.no,
        }
    }
}

/// `2026-10: 12 felt heard, fewer than 10 did not`.
impl fmt::Display for SurveyRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many =
            |sum: Option<u32>| sum.map_or_else(|| format!("fewer than {SMALL_SUM}"), |sum| sum.to_string());
        let said = match self.question.as_str() {
            "heard" => "felt heard",
            "step" => "knew a next step",
            "safer" => "felt a little safer",
            other => other,
        };
        let (month, yes, no) = (&self.month, many(self.yes), many(self.no));
        write!(formatter, "{month}: {yes} {said}, {no} did not")
    }
}

/// A partner, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerState {
    /// What it is called.
    pub peer: String,
    /// Whether it can be used now.
    pub connected: bool,
}

/// An entry of another association, as this home hands it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryState {
    /// What it is called.
    pub peer: String,
    /// Whose it is, as the root says.
    pub association: String,
    /// Until when its consent counts, in seconds since 1970; nothing when there is none.
    pub consent_ends: Option<u64>,
    /// Whether its consent counts now. If not, people who come by it are told that their path is not split.
    pub consents: bool,
}

/// A path to the socket that is short enough for the system, however deep the directory lies.
fn short(folder: &std::fs::File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd()))
}

/// Listens. The caller MUST hold the lock: so an existing socket is that of a dead process.
///
/// # Errors
/// When the system does not let it.
pub fn listen(directory: &Path) -> io::Result<UnixListener> {
    let folder = files::open_folder(directory).map_err(io::Error::other)?;
    let path = short(&folder);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(listener)
}

/// Why a node gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No process listens.
    #[error("the node in {0} does not run; start it with `hamsa-node run --dir {0}`")]
    NotRunning(String),
    /// A process listens and does not answer in time.
    #[error(
        "the node in {0} runs but gives no answer (waited {limit} s); look at its log and at the load of this machine, \
         and start the node again if that lasts",
        limit = PATIENCE.as_secs()
    )]
    NoAnswer(String),
    /// The system refused, or the answer is invalid.
    #[error("could not ask the node in {directory}: {source}")]
    Io {
        /// Its directory.
        directory: String,
        /// Why.
        source: io::Error,
    },
}

impl AskError {
    /// The value of `state` in JSON; a node that answers is `running`.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self {
            Self::NotRunning(_) => "not_running",
            Self::NoAnswer(_) => "no_answer",
            Self::Io { .. } => "unknown",
        }
    }

    /// As an error, unless the node does not run: such a node takes what lies in its directory when it starts.
    ///
    /// # Errors
    /// [`AskError::NoAnswer`], [`AskError::Io`].
    pub fn unless_not_running(self) -> Result<(), Self> {
        match self {
            Self::NotRunning(_) => Ok(()),
            other => Err(other),
        }
    }
}

/// Asks a running node.
///
/// # Errors
/// [`AskError`].
pub async fn ask(directory: &Path, request: &Request) -> Result<NodeStatus, AskError> {
    let name = || directory.display().to_string();
    let failed = |source| AskError::Io {
        directory: name(),
        source,
    };
    let folder = files::open_folder(directory).map_err(|error| failed(io::Error::other(error)))?;
    let talk = async {
        let mut stream = UnixStream::connect(short(&folder)).await?;
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        stream.write_all(&line).await?;
        read_line(&mut stream).await.map_err(|error| match error.kind() {
            // Closed without an answer.
            io::ErrorKind::UnexpectedEof => io::ErrorKind::TimedOut.into(),
            _ => error,
        })
    };
    let answer = timeout(PATIENCE, talk)
        .await
        .unwrap_or_else(|late| Err(late.into()));
    match answer {
        Ok(answer) => serde_json::from_slice(&answer).map_err(|error| {
            failed(io::Error::other(format!(
                "its answer is not understood, is it of another version? ({error})"
            )))
        }),
        Err(error) => Err(match error.kind() {
            // A socket that a killed process left behind refuses.
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => AskError::NotRunning(name()),
            io::ErrorKind::TimedOut
            | io::ErrorKind::WouldBlock
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset => AskError::NoAnswer(name()),
            _ => failed(error),
        }),
    }
}

/// Reads the request of a connection.
pub(crate) async fn read_request(stream: &mut UnixStream) -> Option<Request> {
    let line = timeout(PATIENCE, read_line(stream)).await.ok()?.ok()?;
    serde_json::from_slice(&line).ok()
}

/// Writes the answer.
pub(crate) async fn write_answer(stream: &mut UnixStream, status: &NodeStatus) {
    let mut line = serde_json::to_vec(status).unwrap_or_default();
    line.push(b'\n');
    // A client that is gone needs no answer.
    let _ = timeout(PATIENCE, stream.write_all(&line)).await;
}

async fn read_line(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut reader = BufReader::new(stream.take(LINE_MAX));
    reader.read_until(b'\n', &mut line).await?;
    if line.ends_with(b"\n") {
        Ok(line)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survey_row_as_text_and_as_json() {
        let row = |question: &str, yes, no| SurveyRow {
            month: "2026-10".into(),
            question: question.into(),
            yes,
            no,
        };
        for (row, text) in [
            (
                row("heard", Some(12), None),
                "2026-10: 12 felt heard, fewer than 10 did not",
            ),
            (
                row("step", None, Some(10)),
                "2026-10: fewer than 10 knew a next step, 10 did not",
            ),
            (
                row("safer", Some(31), Some(11)),
                "2026-10: 31 felt a little safer, 11 did not",
            ),
        ] {
            assert_eq!(row.to_string(), text);
        }
        assert_eq!(
            serde_json::to_string(&row("heard", Some(12), None)).unwrap(),
            r#"{"month":"2026-10","question":"heard","yes":12,"no":null}"#
        );
    }
}
