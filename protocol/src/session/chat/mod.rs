//! A chat: two ends exchange cells, in order and exactly once, over whatever brings them.
//!
//! The chat knows no homes and no links, and reads no clock. [`Chat::handle_cell`] takes a cell that came, and
//! [`Chat::poll_cell`] gives the index of the next one to send. A cell is encrypted once and stays the same bytes
//! until the peer acknowledges it. `multipath` carries the cells over the homes.

mod cell;
mod event;
mod inbox;
mod incoming;
pub(crate) mod multipath;
mod outbox;
mod ratchet;
mod rekeying;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use cell::{
    CELL_BODY_MAX, CELL_LEN, Colleague, FIRST_ID, FIRST_WORDS_MAX, MESSAGE_ID_MAX, MESSAGE_MAX, PLAIN_LEN,
    Pace, Status,
};
use cell::{Cell, CellKind, Reassembly};
pub use event::{ChatEvent, EndReason, EndedBy, SayError, State, check_words};
pub(crate) use inbox::Numbers;
pub use inbox::Seen;
use inbox::Unshown;
use outbox::{Outgoing, Sent};
pub use ratchet::{
    BLOCK_AFTER, BLOCK_AFTER_CELLS, HEAL_LEN, HEALED_LEN, RATCHET_AFTER, RATCHET_AFTER_CELLS, RATCHET_AGAIN,
    RATCHET_ASKS_MAX, RATCHET_GIVE_UP, RATCHET_UNHEARD,
};
use ratchet::{Epoch, EpochOverlap, EpochUsage, Party, PendingRatchet};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    crypto::{
        hash::Secret,
        kdf,
        keys::{DhPublic, DhSecret, HelplineId},
        noise::Transport,
        random::{self, Random},
        tokens::Direction,
    },
    limits::{CELL_HEARTBEAT, QUEUE_MAX, WINDOW},
    objects::{HomeIndex, RunId, TicketId, postcard_decode, postcard_encode},
    session::handshake::Established,
    time::Tick,
};

/// Most cells of the window that data may take. The rest is reserved for acknowledgements: without it two full
/// windows would wait for each other for ever.
pub const DATA_WINDOW: u64 = 112;
/// How long an acknowledgement waits for a cell to ride in: unnoticeable, and a burst of
/// cells gets one answer.
const ACK_DELAY: Duration = Duration::from_millis(20);
/// Least time between acknowledgements from the reserve; and from our last cell, which said the same,
/// to the answer to a cell that came again: else a home that repeats old ones fills the window with answers.
const RESERVE_PAUSE: Duration = Duration::from_secs(1);
/// Below this many cells in flight, a change of `shown` is sent as soon as an acknowledgement would be.
const SHOWN_WINDOW: u64 = 32;
/// Most bytes of a hello's body: random bytes, a key, and room for additions of later versions.
const HELLO_MAX: usize = 256;

/// Which end of a chat this is.
pub enum Role {
    /// The seeker's end.
    Seeker,
    /// The counselor's end, with the secret key of the duty it answered with and the run of its program.
    Counselor(DhSecret, RunId),
}

/// What a chat begins with.
pub struct Beginning {
    /// The helpline.
    pub helpline: HelplineId,
    /// The ticket that the chat answers.
    pub ticket: TicketId,
    /// The completed live handshake.
    pub established: Established,
    /// Which end this is.
    pub role: Role,
    /// Messages that came in earlier attempts of the same ticket.
    pub seen: Seen,
    /// The counselor's status. A seeker reports none.
    pub status: Status,
    /// What a seeker's hello carries behind its ratchet key: the name of its roster, and the proof if it came back.
    pub extra: Vec<u8>,
}

/// One end of a chat.
pub struct Chat {
    party: Party,
    /// Keys for reading; also for writing while `next` is empty.
    transport: Transport,
    /// Keys of the next epoch. The counselor has answered a ratchet request and writes with them. The seeker's
    /// first cell under them ends the old keys.
    next: Option<Transport>,
    /// How far the counselor still reads with the old keys after its answer.
    old: EpochOverlap,
    epoch: Epoch,
    /// Our random part of chain_0, until chain_0 is known.
    own_random: Option<Secret>,
    /// Pending ratchet requests of the seeker. There are several when one was acknowledged and not answered.
    asking: Vec<PendingRatchet>,
    /// Body of a ratchet request that the counselor has not answered yet.
    asked_by_peer: Option<Zeroizing<Vec<u8>>>,
    used: EpochUsage,
    /// Data cells that were read with the present keys.
    heard: u64,

    next_out: u64,
    peer_acked: u64,
    outbox: VecDeque<Sent>,
    fresh: VecDeque<u64>,
    messages: VecDeque<Outgoing>,
    /// Control cells, which go before words.
    controls: VecDeque<(CellKind, Zeroizing<Vec<u8>>)>,
    /// The seeker's pace that is not sent yet. A later one replaces it.
    pace_due: Option<Pace>,
    ids: BTreeSet<String>,
    last_cell: Tick,
    end_wanted: Option<EndReason>,
    ended: bool,
    /// Index of our end cell.
    end_index: Option<u64>,
    /// Our status.
    status: Status,

    next_in: u64,
    /// Cells that came out of order, by index and by the home that brought them.
    early: BTreeMap<u64, BTreeMap<HomeIndex, Vec<u8>>>,
    joiner: Reassembly,
    seen: Seen,
    unshown: Unshown,
    peer_status: Status,
    /// Run of the counselor's program at the other end. A seeker's program has one run per visit and names none.
    source: RunId,
    ack_due: Option<Tick>,
    last_in: Tick,
    peer_ended: bool,
    /// What stands in a seeker's hello behind its ratchet key.
    hello_extra: Zeroizing<Vec<u8>>,

    /// Events not polled yet.
    events: VecDeque<ChatEvent>,
}

impl core::fmt::Debug for Chat {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            formatter,
            "Chat(out {}, acked {}, in {})",
            self.next_out, self.peer_acked, self.next_in
        )
    }
}

/// The body of our hello, and the static keys of this end.
fn first_cell(
    role: Role,
    counselor: DhPublic,
    own_random: &Secret,
    extra: &[u8],
    random: &mut Random,
) -> (Zeroizing<Vec<u8>>, Party) {
    // Reserve the full capacity: a buffer that grows leaves a copy behind that is not wiped.
    let mut hello = Zeroizing::new(Vec::with_capacity(HELLO_MAX));
    hello.extend_from_slice(own_random.as_slice());
    let party = match role {
        Role::Seeker => {
            let own = DhSecret::generate(random);
            hello.extend_from_slice(&own.public().0);
            hello.extend_from_slice(extra);
            Party::Seeker { own, counselor }
        }
        Role::Counselor(own, source) => {
            hello.extend_from_slice(&source);
            Party::Counselor { own, seeker: None }
        }
    };
    (hello, party)
}

impl Chat {
    /// Begins a chat after a handshake. The hello is ready to be sent at once.
    #[must_use]
    pub fn new(beginning: Beginning, random: &mut Random, now: Tick) -> Self {
        let Beginning {
            helpline,
            ticket,
            established,
            role,
            seen,
            status,
            extra,
        } = beginning;
        let own_random: Secret = random::secret(random);
        let (hello, party) = first_cell(role, established.counselor, &own_random, &extra, random);
        let epoch = Epoch {
            helpline,
            ticket,
            number: 0,
            hash: established.handshake_hash,
            chain: None,
        };
        let mut chat = Self {
            party,
            transport: established.transport,
            next: None,
            old: EpochOverlap::default(),
            epoch,
            own_random: Some(own_random),
            asking: Vec::new(),
            asked_by_peer: None,
            used: EpochUsage::default(),
            heard: 0,
            next_out: 0,
            peer_acked: 0,
            outbox: VecDeque::new(),
            fresh: VecDeque::new(),
            messages: VecDeque::new(),
            controls: VecDeque::new(),
            pace_due: None,
            ids: BTreeSet::new(),
            last_cell: now,
            end_wanted: None,
            ended: false,
            end_index: None,
            status,
            next_in: 0,
            early: BTreeMap::new(),
            joiner: Reassembly::default(),
            seen,
            unshown: Unshown::default(),
            peer_status: Status::default(),
            source: RunId::default(),
            ack_due: None,
            last_in: now,
            peer_ended: false,
            hello_extra: Zeroizing::default(),
            events: VecDeque::new(),
        };
        chat.send(CellKind::Hello, hello, now);
        chat
    }

    /// The direction of our cells.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        match self.party {
            Party::Seeker { .. } => Direction::FromSeeker,
            Party::Counselor { .. } => Direction::FromCounselor,
        }
    }

    /// The handshake hash h_n of the epoch this end writes in.
    #[must_use]
    pub(crate) const fn handshake_hash(&self) -> &Secret {
        &self.epoch.hash
    }

    /// The chain of the epoch this end writes in, once both first cells are known.
    #[must_use]
    pub const fn chain(&self) -> Option<&Secret> {
        self.epoch.chain.as_ref()
    }

    /// Number of the epoch this end writes in.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch.number
    }

    /// Run of the counselor's program, as its hello names it. All zero before that hello, and at the counselor's
    /// own end.
    #[must_use]
    pub const fn source(&self) -> &RunId {
        &self.source
    }

    /// What stands in the seeker's hello behind its ratchet key.
    #[must_use]
    pub fn hello_extra(&self) -> &[u8] {
        &self.hello_extra
    }

    /// First index that the peer has not acknowledged.
    #[must_use]
    pub const fn peer_acked(&self) -> u64 {
        self.peer_acked
    }

    /// Next index that is wanted from the peer.
    #[must_use]
    pub const fn next_in(&self) -> u64 {
        self.next_in
    }

    /// When the last new cell of the peer was read.
    #[must_use]
    pub const fn last_in(&self) -> Tick {
        self.last_in
    }

    /// Whether everything said is at a home or with the peer. Do not wait until the peer's face shows it: the face
    /// may be locked for an hour.
    #[must_use]
    pub fn drained(&self) -> bool {
        let left = |message: &Outgoing| message.state != State::Written;
        self.messages.iter().all(left) && self.outbox.iter().all(|sent| sent.at_node)
    }

    /// Whether the peer has acknowledged our end and no acknowledgement of ours is due. The program may stop then.
    #[must_use]
    pub fn done(&self) -> bool {
        self.end_index.is_some_and(|end| self.peer_acked > end) && self.ack_due.is_none()
    }

    /// Whether nothing is pending: [`Self::done`], the peer was shown all our messages, and this end has shown all
    /// of the peer's.
    #[must_use]
    pub fn over(&self) -> bool {
        self.done() && self.messages.is_empty() && self.unshown.len() == 0
    }

    /// How many of our messages the peer was not shown.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.messages.len()
    }

    /// Ids of the messages that the face took, and whether it showed them.
    #[must_use]
    pub fn into_seen(self) -> Seen {
        self.seen
    }

    /// Takes out the messages that the peer was not shown, oldest first, for the next attempt.
    pub fn unreceived(&mut self) -> Vec<(String, Zeroizing<String>)> {
        self.messages
            .drain(..)
            .map(|message| (message.id, message.text))
            .collect()
    }

    /// Ids of messages that will not arrive: the peer lacks some of their cells. Whether the peer will show a
    /// message that it has in full is unknown. Such a message is neither received nor failed.
    pub fn take_lost(&mut self) -> Vec<String> {
        let acked = self.peer_acked;
        let lost = |message: &Outgoing| message.cells.as_ref().is_none_or(|cells| *cells.end() >= acked);
        let left = self.messages.drain(..).filter(lost);
        left.map(|message| message.id).collect()
    }

    /// The face has shown a message that `source` sent, in this attempt or an earlier one.
    pub fn shown(&mut self, source: &RunId, id: &str, now: Tick) {
        self.seen.show(source, id);
        let (unshown, seen, source) = (&mut self.unshown, &self.seen, &self.source);
        if unshown.settle(|id| seen.shown(source, id)) {
            // A face that was away shows many messages at once, frame by frame. It must not fill the window with
            // acknowledgements.
            let pause = if self.flying() < SHOWN_WINDOW {
                ACK_DELAY
            } else {
                RESERVE_PAUSE
            };
            self.ack_by((self.last_cell + pause).max(now + ACK_DELAY));
        }
    }

    /// Sets the counselor's status. The next cell that is sent anyway carries it.
    pub const fn set_status(&mut self, status: Status) {
        self.status = status;
    }

    /// Queues a message.
    ///
    /// # Errors
    /// [`SayError`]; the message was not queued.
    pub fn say(&mut self, id: String, text: Zeroizing<String>, now: Tick) -> Result<(), SayError> {
        check_words(&id, &text)?;
        if self.ended || self.peer_ended || self.end_wanted.is_some() {
            return Err(SayError::Over);
        }
        if self.ids.contains(&id) {
            return Err(SayError::DuplicateId);
        }
        // First words go before all that waited: they must not take the room of one of these.
        let beside = self.messages.iter().filter(|message| message.id != FIRST_ID);
        if id != FIRST_ID && beside.count() >= QUEUE_MAX {
            return Err(SayError::QueueFull);
        }
        self.ids.insert(id.clone());
        self.event(ChatEvent::State {
            id: id.clone(),
            state: State::Written,
        });
        self.messages.push_back(Outgoing {
            id,
            text,
            cells: None,
            state: State::Written,
        });
        self.pump(now);
        Ok(())
    }

    /// Ends the chat. [`EndReason::Finished`] waits behind queued messages. Every other reason goes before them.
    pub fn end(&mut self, reason: EndReason, now: Tick) {
        if self.ended || self.end_wanted.is_some() {
            return;
        }
        if reason != EndReason::Finished {
            return self.end_at_once(reason, now);
        }
        self.end_wanted = Some(reason);
        self.pump(now);
    }

    /// Ends the chat before queued messages, which fail.
    pub fn end_at_once(&mut self, reason: EndReason, now: Tick) {
        if self.ended {
            return;
        }
        self.end_wanted = Some(reason);
        // Cells are made in order, so the messages without cells are the last ones.
        let first = self.messages.partition_point(|message| message.cells.is_some());
        for message in self.messages.split_off(first) {
            let (id, state) = (message.id, State::Failed);
            self.event(ChatEvent::State { id, state });
        }
        self.pump(now);
    }

    /// Sends the counselor's transfer request.
    pub fn ask_transfer(&mut self, colleague: &Colleague, now: Tick) {
        self.control(CellKind::AskTransfer, postcard_encode(colleague), now);
    }

    /// Sends the seeker's answer to a transfer request.
    pub fn answer_transfer(&mut self, yes: bool, now: Tick) {
        // Keep one answer only: a counselor that asks without end and acknowledges nothing must not fill the
        // memory.
        self.controls
            .retain(|(kind, _)| *kind != CellKind::AnswerTransfer);
        self.control(CellKind::AnswerTransfer, vec![u8::from(yes)], now);
    }

    /// Sets the seeker's pace. It goes before words. A pace that is replaced before it was sent is dropped.
    pub fn set_pace(&mut self, pace: Pace, now: Tick) {
        self.pace_due = Some(pace);
        self.pump(now);
    }

    fn control(&mut self, kind: CellKind, body: Vec<u8>, now: Tick) {
        self.controls.push_back((kind, Zeroizing::new(body)));
        self.pump(now);
    }

    /// Takes a cell where there is only one source; see [`Self::handle_cell_from`].
    pub fn handle_cell(&mut self, index: u64, cell: &[u8], now: Tick) {
        self.handle_cell_from(HomeIndex(0), index, cell, now);
    }

    /// Takes a cell that `source` brought. A cell that does not decrypt changes nothing. A source that forges cells
    /// blocks no cells but its own.
    pub fn handle_cell_from(&mut self, source: HomeIndex, index: u64, cell: &[u8], now: Tick) {
        if index < self.next_in {
            // The peer does not know that this end has the cell: acknowledge it again.
            self.ack_by((self.last_cell + RESERVE_PAUSE).max(now + ACK_DELAY));
            return;
        }
        if index >= self.next_in + WINDOW || cell.len() != CELL_LEN {
            return;
        }
        // Keep one cell per source: a forged cell that came first must not block the valid one of another home.
        let candidates = self.early.entry(index).or_default();
        candidates.entry(source).or_insert_with(|| cell.to_vec());
        while let Some(candidates) = self.early.remove(&self.next_in) {
            let opened = candidates.values().find_map(|cell| self.open(cell));
            let Some(plaintext) = opened else {
                break;
            };
            self.transport.rekey_incoming();
            let index = self.next_in;
            self.next_in += 1;
            self.last_in = now;
            if let Some(cell) = Cell::decode(&plaintext) {
                self.take(index, cell, now);
            }
        }
        self.pump(now);
    }

    /// A home has cell `index` in memory.
    pub fn handle_at_node(&mut self, index: u64) {
        let Some(sent) = self.outbox.iter_mut().find(|sent| sent.index == index) else {
            return;
        };
        if sent.at_node {
            return;
        }
        sent.at_node = true;
        self.move_on();
    }

    /// Handles the deadlines that have passed.
    pub fn handle_timeout(&mut self, now: Tick) {
        if self.ack_due.is_some_and(|due| due <= now) {
            let flying = self.flying();
            let reserve = flying < WINDOW && now.since(self.last_cell) >= RESERVE_PAUSE;
            if flying < DATA_WINDOW || reserve {
                self.send(CellKind::Ack, Zeroizing::default(), now);
            } else {
                self.ack_due = Some(now + RESERVE_PAUSE);
            }
        }
        let silent = now.since(self.last_cell) >= CELL_HEARTBEAT;
        // A keepalive that cannot leave would only fill the window with old acknowledgements.
        if silent && !self.ended && !self.peer_ended && self.flying() < DATA_WINDOW {
            if self.outbox.iter().all(|sent| sent.at_node) {
                self.send(CellKind::Ack, Zeroizing::default(), now);
            } else {
                self.last_cell = now;
            }
        }
        self.pump(now);
    }

    /// Next deadline, if any.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Tick> {
        // With a full data window no keepalive can leave. Only an acknowledgement of the peer makes room for it.
        let live = !self.ended && !self.peer_ended && self.flying() < DATA_WINDOW;
        let heartbeat = live.then(|| self.last_cell + CELL_HEARTBEAT);
        let ratchet = self.ask_due(self.last_cell);
        [self.ack_due, heartbeat, ratchet].into_iter().flatten().min()
    }

    /// Index of the next new cell to send.
    pub fn poll_cell(&mut self) -> Option<u64> {
        self.fresh.pop_front()
    }

    /// The bytes of a cell that the peer has not acknowledged.
    #[must_use]
    pub fn cell(&self, index: u64) -> Option<&[u8]> {
        self.outbox
            .iter()
            .find(|sent| sent.index == index)
            .map(|sent| sent.cell.as_slice())
    }

    /// Indexes of cells that the peer has not acknowledged, in order.
    pub fn unacknowledged(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.outbox.iter().map(|sent| sent.index)
    }

    /// Next event. From here on the face has taken the message; call [`Self::shown`] when a person could read it.
    pub fn poll_event(&mut self) -> Option<ChatEvent> {
        let event = self.events.pop_front()?;
        if let ChatEvent::Message { id, .. } = &event {
            self.seen.take(self.source, id.clone());
        }
        Some(event)
    }

    /// Takes out the state events that the face has not polled, for the caller that closes the chat. Messages that
    /// it has not polled stay: they were not shown, whatever this end still sends.
    pub(crate) fn take_states(&mut self) -> Vec<(String, State)> {
        let mut states = Vec::new();
        self.events.retain(|event| match event {
            ChatEvent::State { id, state } => {
                states.push((id.clone(), *state));
                false
            }
            _ => true,
        });
        states
    }

    fn event(&mut self, event: ChatEvent) {
        self.events.push_back(event);
    }

    /// First index that this end lacks.
    fn ack(&self) -> u64 {
        self.next_in
    }

    /// Every message of the peer whose last cell is below this index was shown.
    fn shown_below(&self) -> u64 {
        self.unshown.first().unwrap_or(self.next_in)
    }

    fn ack_soon(&mut self, now: Tick) {
        self.ack_by(now + ACK_DELAY);
    }

    fn ack_by(&mut self, due: Tick) {
        self.ack_due = Some(self.ack_due.map_or(due, |earlier| earlier.min(due)));
    }
}

#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod tests;
