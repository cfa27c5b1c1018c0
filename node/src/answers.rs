//! Answers that wait for clients, and the bounds on their memory.
//!
//! Each link has a queue with a bound, and all queues together have one. A stranger's next request is not taken while
//! answers wait. A desk, or a seeker in a chat with one, goes on sending: a burst of tickets must not hold up its cells.
//! The task decides which link is a stranger's.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use hamsa_protocol::wire::Record;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Most answers of one link: a desk is shown up to 512 tickets of 6 records when it comes on duty.
const LINK_ANSWERS: usize = 8_192;
/// Most bytes of answers of all links together: a machine of 512 MiB has room for it beside everything else.
pub(crate) const ANSWERS_MAX: usize = 64 * 1_024 * 1_024;
/// Answers that may wait for a stranger while its next request is taken. A client that asks and does not read is not
/// asked further: its own network fills instead of this node's memory.
const ANSWERS_WAITING: usize = 32;
/// What a record takes in memory beside its body, in bytes: its fields, and its place in a queue.
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
    stranger: Arc<AtomicBool>,
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

    fn len(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Asks whether the link is a stranger's, once each time so many answers wait that it matters.
    pub(crate) fn judge(&self, is_stranger: impl FnOnce() -> bool) {
        if self.len() == ANSWERS_WAITING {
            self.stranger.store(is_stranger(), Ordering::Relaxed);
        }
    }

    /// Ends the link at once.
    pub(crate) fn cut(&self) {
        self.at_once.cancel();
    }
}

/// The link's end of its queue.
pub(crate) struct AnswerReceiver {
    answers: mpsc::Receiver<Answer>,
    stranger: Arc<AtomicBool>,
}

impl AnswerReceiver {
    /// The next answer; `None` when the task has let go of the link.
    pub(crate) async fn next(&mut self) -> Option<Answer> {
        self.answers.recv().await
    }

    /// Whether the client's next request may be taken.
    pub(crate) fn takes_requests(&self) -> bool {
        self.answers.len() < ANSWERS_WAITING || !self.stranger.load(Ordering::Relaxed)
    }
}

/// Both ends of a link's queue, and how the task ends it.
pub(crate) fn queue() -> (AnswerQueue, AnswerReceiver, Ending) {
    let (queue, answers) = mpsc::channel(LINK_ANSWERS);
    let stranger = Arc::new(AtomicBool::new(true));
    let outgoing = AnswerReceiver {
        answers,
        stranger: Arc::clone(&stranger),
    };
    let ending = Ending::default();
    let answers = AnswerQueue {
        queue,
        stranger,
        at_once: ending.at_once.clone(),
        _gently: ending.gently.clone().drop_guard(),
    };
    (answers, outgoing, ending)
}

#[cfg(test)]
mod tests {
    use hamsa_protocol::wire::Kind;

    use super::*;

    #[tokio::test]
    async fn a_stranger_waits_and_a_desk_goes_on() {
        for stranger in [true, false] {
            let waiting = AnswerBytes::default();
            let (answers, mut outgoing, _ending) = queue();
            for _ in 0..2 * ANSWERS_WAITING {
                assert!(answers.push(Record::new(Kind::Ticket), &waiting));
                answers.judge(|| stranger);
            }
            assert_eq!(outgoing.takes_requests(), !stranger);
            assert_eq!(waiting.bytes(), 2 * ANSWERS_WAITING * OVERHEAD);
            for _ in 0..=ANSWERS_WAITING {
                outgoing.next().await.unwrap();
            }
            assert!(outgoing.takes_requests());
            drop(outgoing);
            assert_eq!(waiting.bytes(), 0, "what does not leave is not counted");
        }
    }
}
