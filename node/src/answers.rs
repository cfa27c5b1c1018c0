//! AnswerQueue that wait for clients, and the one bound on their memory.
//!
//! A queue of its own bounds each link; one sum bounds all of them. What is over the sum is for the task to shed, which
//! knows who is a stranger.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use hamsa_protocol::wire::Record;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Most answers of one link: a desk is shown up to 512 tickets of 7 records when it comes on duty.
const LINK_ANSWERS: usize = 8_192;
/// Most bytes of answers of all links together: a machine of 512 MiB has room for it beside everything else.
pub(crate) const ANSWERS_MAX: usize = 64 * 1_024 * 1_024;
/// What a record takes beside its body.
const OVERHEAD: usize = 128;

/// Bytes of answers of all links together.
#[derive(Clone, Default)]
pub(crate) struct AnswerBytes(Arc<AtomicUsize>);

impl AnswerBytes {
    pub(crate) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A record that waits for its client, counted as long as it exists.
pub(crate) struct Answer {
    record: Record,
    bytes: usize,
    waiting: AnswerBytes,
}

impl Answer {
    pub(crate) const fn record(&self) -> &Record {
        &self.record
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.waiting.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// How the task ends a link.
#[derive(Clone, Default)]
pub(crate) struct Ending {
    /// What waits has a moment to leave.
    pub(crate) gently: CancellationToken,
    /// Nothing more leaves, and what waits is freed.
    pub(crate) at_once: CancellationToken,
}

/// The task's end of a link. Dropped, it ends the link gently.
pub(crate) struct AnswerQueue {
    queue: mpsc::Sender<Answer>,
    at_once: CancellationToken,
    _gently: DropGuard,
}

impl AnswerQueue {
    /// Queues a record; `false` when the queue is full or its link is gone.
    pub(crate) fn push(&self, record: Record, waiting: &AnswerBytes) -> bool {
        let bytes = record.body.len() + OVERHEAD;
        waiting.0.fetch_add(bytes, Ordering::Relaxed);
        let answer = Answer {
            record,
            bytes,
            waiting: waiting.clone(),
        };
        self.queue.try_send(answer).is_ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.capacity() == self.queue.max_capacity()
    }

    /// Ends the link at once.
    pub(crate) fn cut(&self) {
        self.at_once.cancel();
    }
}

/// Both ends of a link's queue, and how the task ends it.
pub(crate) fn queue() -> (AnswerQueue, mpsc::Receiver<Answer>, Ending) {
    let (queue, waiting) = mpsc::channel(LINK_ANSWERS);
    let ending = Ending::default();
    let answers = AnswerQueue {
        queue,
        at_once: ending.at_once.clone(),
        _gently: ending.gently.clone().drop_guard(),
    };
    (answers, waiting, ending)
}
