//! A disk behind a thread of its own: protocol's [`Store`], whose caller never waits.
//!
//! The thread takes all that was submitted meanwhile, and makes it durable together. The home bounds what may be
//! submitted, so the queue has no bound of its own.

use std::{
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    time::Duration,
};

use hamsa_protocol::home::store::{Completion, Disk, OpId, Place, Store, StoreError, StoreOp, load, work};
use tokio::runtime::{Handle, RuntimeFlavor};

/// How long the load of a home waits for one item: as long as a home waits for an operation.
const PATIENCE: Duration = hamsa_protocol::home::DISK_PATIENCE;
/// How long a drop waits for the files to close: less than the 5 s that a node may take to stop. Acknowledged items are on
/// the disk already.
const CLOSING: Duration = Duration::from_secs(4);
/// How long a disk is not used before it may close what it has open.
const IDLE: Duration = Duration::from_secs(60);

/// A disk that does something when it is not used.
pub trait IdleDisk: Disk {
    /// Called when nothing was asked for a minute.
    fn on_idle(&mut self);
}

enum Job {
    Do(OpId, StoreOp),
    /// Give back every item.
    Load(Sender<Loaded>),
}

enum Loaded {
    Item(Place, Vec<u8>),
    End(Result<(), StoreError>),
}

/// A [`Store`] whose disk waits in a thread of its own. See the module.
pub struct StoreThread {
    jobs: Option<Sender<Job>>,
    completions: Receiver<Completion>,
    ended: Receiver<()>,
}

impl std::fmt::Debug for StoreThread {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StoreThread").finish_non_exhaustive()
    }
}

impl StoreThread {
    /// Starts the thread. It calls `wake` whenever something has completed.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn start(
        mut disk: impl IdleDisk + Send + 'static,
        mut wake: impl FnMut() + Send + 'static,
    ) -> io::Result<Self> {
        let (jobs, todo) = mpsc::channel();
        let (done, completions) = mpsc::channel();
        let (end, ended) = mpsc::sync_channel(1);
        let run = move || {
            loop {
                match todo.recv_timeout(IDLE) {
                    Ok(first) => {
                        // Not what comes while they are done: a slow disk would never come to its commit.
                        let batch: Vec<Job> = std::iter::once(first).chain(todo.try_iter()).collect();
                        run_jobs(&mut disk, batch, &done, &mut wake);
                    }
                    Err(RecvTimeoutError::Timeout) => disk.on_idle(),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            drop(disk);
            let _ = end.send(());
        };
        std::thread::Builder::new().name("mail".into()).spawn(run)?;
        Ok(Self {
            jobs: Some(jobs),
            completions,
            ended,
        })
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // A thread that has died completes nothing: the home refuses what takes too long.
            let _ = jobs.send(job);
        }
    }
}

fn run_jobs(disk: &mut impl Disk, jobs: Vec<Job>, done: &Sender<Completion>, wake: &mut impl FnMut()) {
    let mut loads = Vec::new();
    let operations = jobs.into_iter().filter_map(|job| match job {
        Job::Do(op, what) => Some((op, what)),
        Job::Load(answer) => {
            loads.push(answer);
            None
        }
    });
    work(disk, operations, &mut |completion| {
        let _ = done.send(completion);
        wake();
    });
    for answer in loads {
        let result = load(disk, &mut |place, value| {
            let _ = answer.send(Loaded::Item(place, value));
        });
        let _ = answer.send(Loaded::End(result));
    }
}

/// Waits without holding up the other tasks of a tokio worker.
fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        // One thread, or no tokio runtime: no worker could take the other tasks.
        _ => wait(),
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        // The thread closes what is open and lets go of the lock.
        self.jobs = None;
        let _ = waiting(|| self.ended.recv_timeout(CLOSING));
    }
}

impl Store for StoreThread {
    fn load(&mut self, found: &mut dyn FnMut(Place, Vec<u8>)) -> Result<(), StoreError> {
        let (answer, items) = mpsc::channel();
        self.send(Job::Load(answer));
        waiting(|| {
            loop {
                match items.recv_timeout(PATIENCE) {
                    Ok(Loaded::Item(place, value)) => found(place, value),
                    Ok(Loaded::End(result)) => return result,
                    Err(_) => return Err(StoreError::Late),
                }
            }
        })
    }

    fn submit(&mut self, op: OpId, what: StoreOp) {
        self.send(Job::Do(op, what));
    }

    fn completed(&mut self) -> Option<Completion> {
        self.completions.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use hamsa_protocol::home::store::{Day, ItemKind};

    use super::*;

    /// A disk that does one thing for each word that it gets, and counts its commits.
    struct SlowDisk {
        word: Receiver<()>,
        committed: Sender<()>,
    }

    impl SlowDisk {
        fn new() -> (Self, Sender<()>, Receiver<()>) {
            let (go, word) = mpsc::channel();
            let (committed, commits) = mpsc::channel();
            (Self { word, committed }, go, commits)
        }

        fn hang(&self) -> Result<(), StoreError> {
            self.word.recv().map_err(|_| StoreError::Unavailable)
        }
    }

    impl Disk for SlowDisk {
        fn places(&mut self) -> Result<Vec<Place>, StoreError> {
            Ok(Vec::new())
        }

        fn read(&mut self, _: &Place) -> Result<Option<Vec<u8>>, StoreError> {
            self.hang().map(|()| Some(vec![7]))
        }

        fn put(&mut self, _: &Place, _: &[u8]) -> Result<(), StoreError> {
            self.hang()
        }

        fn remove(&mut self, _: &Place) -> Result<(), StoreError> {
            self.hang()
        }

        fn commit(&mut self) -> Result<(), StoreError> {
            let _ = self.committed.send(());
            self.hang()
        }

        fn forget_before(&mut self, _: Day) -> Result<usize, StoreError> {
            self.hang().map(|()| 0)
        }
    }

    impl IdleDisk for SlowDisk {
        fn on_idle(&mut self) {}
    }

    fn place(number: u8) -> Place {
        Place {
            day: Day(1),
            kind: ItemKind::Deposit,
            key: [number; 32],
        }
    }

    fn put(number: u8) -> StoreOp {
        StoreOp::Put {
            place: place(number),
            value: vec![number],
        }
    }

    #[test]
    fn a_caller_never_waits_and_what_came_meanwhile_is_flushed_once() {
        let (disk, go, commits) = SlowDisk::new();
        let (wake, woken) = mpsc::channel();
        let mut store = StoreThread::start(disk, move || wake.send(()).unwrap()).unwrap();
        let done = |store: &mut StoreThread| {
            woken.recv().unwrap();
            store.completed().unwrap()
        };
        store.submit(OpId(0), put(0));
        go.send(()).unwrap();
        commits.recv().unwrap();
        // The disk is at its first commit; all this waits behind it.
        for number in 1..100 {
            store.submit(OpId(u64::from(number)), put(number));
        }
        let places = vec![place(1)];
        store.submit(OpId(100), StoreOp::Read { places });
        assert_eq!(store.completed(), None);
        // The commit, 99 items, a reading, and one commit for them all.
        for _ in 0..1 + 99 + 1 + 1 {
            go.send(()).unwrap();
        }
        assert_eq!(done(&mut store).op, OpId(0));
        let read = done(&mut store);
        assert_eq!((read.op, read.result), (OpId(100), Ok(vec![vec![7]])));
        for number in 1..100 {
            let done = done(&mut store);
            assert_eq!((done.op, done.result), (OpId(number), Ok(Vec::new())));
        }
        assert_eq!(commits.try_iter().count(), 1);
        assert_eq!(store.completed(), None);
    }

    /// Waiting for the load must not stop the other tasks of the same worker.
    #[test]
    fn a_worker_that_loads_hands_its_tasks_over() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        let (disk, go, _commits) = SlowDisk::new();
        let mut store = StoreThread::start(disk, || {}).unwrap();
        let places = vec![place(1)];
        store.submit(OpId(0), StoreOp::Read { places });
        runtime.block_on(async move {
            let loading = tokio::spawn(async move {
                // The other task is in this worker's own queue.
                let other = tokio::spawn(async move { go.send(()) });
                let result = store.load(&mut |_, _| {});
                other.await.unwrap().unwrap();
                result
            });
            assert_eq!(loading.await.unwrap(), Ok(()));
        });
    }
}
