//! Answers that wait for clients, and the bounds on their memory.
//!
//! Each link has a queue with a bound, and all queues together have one. Cells leave before everything else. What a link is
//! told without having asked is given by the machine only while the queue is short; a queue that was too long says when it
//! is short again. A stranger's next request is not taken while answers wait. A desk, or a seeker in a chat with one, goes
//! on sending. The task decides which link is a stranger's.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use hamsa_protocol::wire::{Kind, Record};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Most bytes that may wait for one link: the rings of a desk's three chats, twice as they move to other channels, and room
/// for what it asked.
const LINK_MAX: usize = 2 * 1_024 * 1_024;
/// Bytes that may wait for a stranger while its next request is taken: about 32 records. A client that asks and does not
/// read is not asked further: its own network fills instead of this node's memory.
const WAITING_MAX: usize = 64 * 1_024;
/// A link is told what it has not asked for while fewer bytes wait for it: about one ticket, so that what it asked waits
/// for no more than that.
const TOLD_MAX: usize = 16 * 1_024;
/// It is told again when fewer wait: the next is on its way before the line is idle.
const TOLD_AGAIN: usize = TOLD_MAX / 2;
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

/// A record in the queue of a link, counted among those of all links as long as it exists.
struct QueuedRecord {
    record: Record,
    bytes: usize,
    waiting: AnswerBytes,
}

impl Drop for QueuedRecord {
    fn drop(&mut self) {
        self.waiting.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The records that wait for one link. An empty queue holds no memory: ten thousand links have nothing to say.
#[derive(Default)]
struct RecordLanes {
    cells: VecDeque<QueuedRecord>,
    others: VecDeque<QueuedRecord>,
    /// One of the ends is gone.
    closed: bool,
}

impl RecordLanes {
    fn next(&mut self) -> Option<QueuedRecord> {
        let lane = match self.cells.is_empty() {
            true => &mut self.others,
            false => &mut self.cells,
        };
        let next = lane.pop_front();
        if lane.is_empty() {
            *lane = VecDeque::new();
        }
        next
    }
}

/// What both ends of a link's queue know.
struct QueueState {
    lanes: Mutex<RecordLanes>,
    /// Something was queued, or the task has let go.
    changed: Notify,
    /// Bytes that wait.
    bytes: AtomicUsize,
    /// The machine holds back what the link is told, until the queue says that it is short again.
    held_back: AtomicBool,
    /// So much waits that it matters whose link it is.
    crowded: AtomicBool,
    stranger: AtomicBool,
}

impl QueueState {
    /// Nothing panics while it holds the lock.
    fn lanes(&self) -> MutexGuard<'_, RecordLanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }

    /// Ends the holding back if the queue is short; whether this ended it.
    fn end_holding_back(&self) -> bool {
        self.bytes() < TOLD_AGAIN && self.held_back.swap(false, Ordering::SeqCst)
    }
}

/// A record on its way to its client, counted as long as it exists.
pub(crate) struct Answer {
    queued: QueuedRecord,
    link: Arc<QueueState>,
}

impl Answer {
    pub(crate) const fn record(&self) -> &Record {
        &self.queued.record
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.link.bytes.fetch_sub(self.queued.bytes, Ordering::SeqCst);
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
    link: Arc<QueueState>,
    at_once: CancellationToken,
    _gently: DropGuard,
}

impl AnswerQueue {
    /// Queues a record; `false` when the queue is full or its link is gone.
    pub(crate) fn push(&self, record: Record, waiting: &AnswerBytes) -> bool {
        let bytes = record.body.len() + OVERHEAD;
        let mut lanes = self.link.lanes();
        if lanes.closed || self.link.bytes() + bytes > LINK_MAX {
            return false;
        }
        let lane = match is_of_a_chat(record.kind) {
            true => &mut lanes.cells,
            false => &mut lanes.others,
        };
        waiting.0.fetch_add(bytes, Ordering::Relaxed);
        self.link.bytes.fetch_add(bytes, Ordering::SeqCst);
        lane.push_back(QueuedRecord {
            record,
            bytes,
            waiting: waiting.clone(),
        });
        drop(lanes);
        self.link.changed.notify_one();
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.link.bytes() == 0
    }

    /// Whether what the link is told must wait. Then its other end says when it need not any more.
    pub(crate) fn holds_back(&self) -> bool {
        if self.link.bytes() < TOLD_MAX {
            return false;
        }
        self.link.held_back.store(true, Ordering::SeqCst);
        // The other end may have emptied the queue before it could see that.
        !self.link.end_holding_back()
    }

    /// Asks whether the link is a stranger's, once each time so much waits that it matters.
    pub(crate) fn judge(&self, is_stranger: impl FnOnce() -> bool) {
        if self.link.bytes() >= WAITING_MAX && !self.link.crowded.swap(true, Ordering::Relaxed) {
            self.link.stranger.store(is_stranger(), Ordering::Relaxed);
        }
    }

    /// Ends the link at once.
    pub(crate) fn cut(&self) {
        self.at_once.cancel();
    }
}

impl Drop for AnswerQueue {
    fn drop(&mut self) {
        self.link.lanes().closed = true;
        self.link.changed.notify_one();
    }
}

/// Of a running chat. These overtake everything else; a client sends nothing about a channel before it has its `Opened`.
const fn is_of_a_chat(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Opened | Kind::Stored | Kind::Full | Kind::Gone | Kind::Cell
    )
}

/// What the queue of a link has now.
enum Queued {
    Answer(Answer),
    Nothing,
    Closed,
}

/// The link's end of its queue.
pub(crate) struct AnswerReceiver {
    link: Arc<QueueState>,
}

impl AnswerReceiver {
    /// The next answer; `None` when the task has let go of the link.
    pub(crate) async fn next(&mut self) -> Option<Answer> {
        loop {
            match self.queued() {
                Queued::Answer(answer) => return Some(answer),
                Queued::Closed => return None,
                // A change since this look is kept for the only one who waits.
                Queued::Nothing => self.link.changed.notified().await,
            }
        }
    }

    fn queued(&self) -> Queued {
        let mut lanes = self.link.lanes();
        match lanes.next() {
            Some(queued) => Queued::Answer(Answer {
                queued,
                link: Arc::clone(&self.link),
            }),
            None if lanes.closed => Queued::Closed,
            None => Queued::Nothing,
        }
    }

    /// Whether the task must hear that what the link is told need not wait any more.
    pub(crate) fn has_room_again(&self) -> bool {
        self.link.end_holding_back()
    }

    /// Whether the client's next request may be taken.
    pub(crate) fn takes_requests(&self) -> bool {
        if self.link.bytes() < WAITING_MAX {
            self.link.crowded.store(false, Ordering::Relaxed);
            return true;
        }
        !self.link.stranger.load(Ordering::Relaxed)
    }
}

impl Drop for AnswerReceiver {
    fn drop(&mut self) {
        self.link.lanes().closed = true;
        // What has not left is freed, and no longer waits.
        while let Queued::Answer(left) = self.queued() {
            drop(left);
        }
    }
}

/// Both ends of a link's queue, and how the task ends it. What waits is bounded in bytes, by [`AnswerQueue::push`] and
/// the budget of the home.
pub(crate) fn queue() -> (AnswerQueue, AnswerReceiver, Ending) {
    let link = Arc::new(QueueState {
        lanes: Mutex::default(),
        changed: Notify::new(),
        bytes: AtomicUsize::new(0),
        held_back: AtomicBool::new(false),
        crowded: AtomicBool::new(false),
        stranger: AtomicBool::new(true),
    });
    let outgoing = AnswerReceiver {
        link: Arc::clone(&link),
    };
    let ending = Ending::default();
    let answers = AnswerQueue {
        link,
        at_once: ending.at_once.clone(),
        _gently: ending.gently.clone().drop_guard(),
    };
    (answers, outgoing, ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: usize = WAITING_MAX / OVERHEAD;

    #[tokio::test]
    async fn a_stranger_waits_and_a_desk_goes_on() {
        for stranger in [true, false] {
            let waiting = AnswerBytes::default();
            let (answers, mut outgoing, _ending) = queue();
            for _ in 0..2 * RECORDS {
                assert!(answers.push(Record::new(Kind::Head), &waiting));
                answers.judge(|| stranger);
            }
            assert_eq!(outgoing.takes_requests(), !stranger);
            assert_eq!(waiting.bytes(), 2 * RECORDS * OVERHEAD);
            for _ in 0..=RECORDS {
                outgoing.next().await.unwrap();
            }
            assert!(outgoing.takes_requests());
            drop(outgoing);
            drop(answers);
            assert_eq!(waiting.bytes(), 0, "what does not leave is not counted");
        }
    }

    #[tokio::test]
    async fn cells_overtake_and_a_full_queue_ends() {
        let waiting = AnswerBytes::default();
        let (answers, mut outgoing, _ending) = queue();
        let ticket = Record::new(Kind::Ticket).body(vec![0; 2_000]);
        while answers.push(ticket.clone(), &waiting) {
            assert!(waiting.bytes() <= LINK_MAX);
        }
        assert!(LINK_MAX - waiting.bytes() < 2_000 + OVERHEAD);
        for _ in 0..2 {
            outgoing.next().await.unwrap();
        }
        assert!(answers.push(Record::new(Kind::Cell), &waiting));
        assert_eq!(outgoing.next().await.unwrap().record().kind, Kind::Cell);
        // What waits may still leave when the task has let go.
        drop(answers);
        while let Some(answer) = outgoing.next().await {
            assert_eq!(answer.record().kind, Kind::Ticket);
        }
        assert_eq!(waiting.bytes(), 0);
    }

    #[tokio::test]
    async fn what_is_told_waits_until_the_queue_is_short() {
        let waiting = AnswerBytes::default();
        let (answers, mut outgoing, _ending) = queue();
        assert!(!answers.holds_back());
        while !answers.holds_back() {
            assert!(answers.push(Record::new(Kind::Ticket).body(vec![0; 2_000]), &waiting));
        }
        let mut left = waiting.bytes();
        assert!((TOLD_MAX..TOLD_MAX + 2_000 + OVERHEAD).contains(&left));
        while !outgoing.has_room_again() {
            assert!(left >= TOLD_AGAIN, "it must be said");
            outgoing.next().await.unwrap();
            left = waiting.bytes();
        }
        assert!(!outgoing.has_room_again(), "it is said once");
        assert!(!answers.holds_back());
    }
}
