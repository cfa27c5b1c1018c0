//! Writes the files of a running node in a thread of its own: a slow disk must not make the machine's task wait.

use std::{
    sync::mpsc::{Sender, SyncSender, channel, sync_channel},
    time::Duration,
};

use hamsa_protocol::{home::Survey, time::Unix};
use tokio::{sync::oneshot, time::timeout};

use crate::{
    directory::{DirectoryError, NodeDirectory},
    state::NodeState,
};

/// Writes that may wait: about three an hour come, so that a disk has to hang for hours before one is left out.
const WAITING: usize = 16;
/// How long a node that stops waits for what it still writes: less than the 5 s that it may take.
const LAST_WRITES: Duration = Duration::from_secs(3);

/// What is written.
pub(crate) enum KeptFile {
    State(NodeState),
    /// The same, and whoever asked waits for it.
    StateNow(NodeState, Sender<Result<(), DirectoryError>>),
    Survey(Survey),
    Hour(Unix),
    /// The bytes of a publication that counts now.
    Served(Vec<u8>),
    /// Nothing: all before it is written.
    Written(oneshot::Sender<()>),
}

impl KeptFile {
    fn write(self, directory: &NodeDirectory) -> Result<(), DirectoryError> {
        match self {
            Self::State(state) => directory.write_state(&state),
            Self::StateNow(state, done) => {
                let _ = done.send(directory.write_state(&state));
                Ok(())
            }
            Self::Survey(survey) => directory.write_survey(&survey),
            Self::Hour(hour) => directory.keep_hour(hour),
            Self::Served(publication) => directory.write_served(&publication),
            Self::Written(done) => {
                let _ = done.send(());
                Ok(())
            }
        }
    }
}

/// The way to the thread.
pub(crate) struct Keeper(SyncSender<KeptFile>);

impl Keeper {
    pub(crate) fn start(directory: NodeDirectory) -> std::io::Result<Self> {
        let (jobs, todo) = sync_channel::<KeptFile>(WAITING);
        let run = move || {
            for file in todo {
                if let Err(error) = file.write(&directory) {
                    tracing::error!("{error}");
                }
            }
        };
        std::thread::Builder::new().name("state".into()).spawn(run)?;
        Ok(Self(jobs))
    }

    /// Has it written soon.
    pub(crate) fn keep(&self, file: KeptFile) {
        if self.0.try_send(file).is_err() {
            tracing::error!(
                "the disk of this node's directory does not answer: its state is not written. Check this disk"
            );
        }
    }

    /// Has it written before it returns, behind all that waits. Only a new roster is worth that the task waits for the
    /// disk: which one is the highest must be kept before it counts.
    pub(crate) fn keep_now(&self, state: NodeState) -> Result<(), DirectoryError> {
        let (done, written) = channel();
        let _ = self.0.send(KeptFile::StateNow(state, done));
        // Without the thread nothing was written, and so nothing may count.
        written.recv().unwrap_or(Err(DirectoryError::Stopped))
    }

    /// Returns when all before it is written, or the disk has had its time.
    pub(crate) fn written(&self) -> impl Future<Output = ()> + use<> {
        let (done, written) = oneshot::channel();
        self.keep(KeptFile::Written(done));
        async {
            let _ = timeout(LAST_WRITES, written).await;
        }
    }
}
