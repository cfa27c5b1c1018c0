//! A chat: two machines that exchange cells over whatever brings them, in order and exactly once.
//!
//! The chat knows nothing of homes, links or clocks of its own: [`Chat::handle_cell`] takes what came,
//! [`Chat::poll_cell`] gives what must go, and a cell, once encrypted, stays the same bytes until the peer
//! acknowledges it. A line brings the cells over the homes.

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

use zeroize::{Zeroize, Zeroizing};

pub use cell::{CELL_BODY_MAX, CELL_LEN, Colleague, MESSAGE_ID_MAX, MESSAGE_MAX, PLAIN_LEN, Pace, Status};
use cell::{Cell, CellKind, Reassembly};
pub use event::{ChatEvent, EndReason, EndedBy, SayError, State, check_words};
pub(crate) use inbox::Numbers;
pub use inbox::Seen;
use inbox::Unshown;
use outbox::{Outgoing, Sent};
pub use ratchet::{
    BLOCK_AFTER, BLOCK_AFTER_CELLS, HEAL_AFTER, HEAL_AFTER_CELLS, HEAL_AGAIN, HEAL_ASKS_MAX, HEAL_GIVE_UP,
    HEAL_LEN, HEAL_UNHEARD, HEALED_LEN,
};
use ratchet::{Epoch, EpochOverlap, EpochUsage, Party, PendingRatchet};

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

/// Of these, most that data may take: the rest is for acknowledgements, without which two full windows would
/// wait for each other for ever.
pub const DATA_WINDOW: u64 = 112;
/// How long an acknowledgement waits for a cell to ride in: unnoticeable, and a burst of
/// cells gets one answer.
const ACK_DELAY: Duration = Duration::from_millis(20);
/// Least time between acknowledgements from the reserve; and from our last cell, which said the same,
/// to the answer to a cell that came again: else a home that repeats old ones fills the window with answers.
const RESERVE_PAUSE: Duration = Duration::from_secs(1);
/// With fewer cells under way than this, that words were shown is told as soon as anything else.
const SHOWN_WINDOW: u64 = 32;
/// Most bytes of a first cell's body: random, a key, and room for what later versions tell there.
const HELLO_MAX: usize = 256;

/// Which end of a chat this is.
pub enum Role {
    /// The seeker's.
    Seeker,
    /// The counselor's, with the key of the duty she answered with and the run of her program.
    Counselor(DhSecret, RunId),
}

/// What a chat begins with.
pub struct Beginning {
    /// The helpline.
    pub helpline: HelplineId,
    /// The ticket it answers.
    pub ticket: TicketId,
    /// The handshake.
    pub established: Established,
    /// Which end.
    pub role: Role,
    /// What came in earlier attempts of the same ticket.
    pub seen: Seen,
    /// How the counselor's face is; a seeker tells nothing of hers.
    pub status: Status,
    /// What a seeker adds to her first cell.
    pub extra: Vec<u8>,
}

/// One end of a chat.
pub struct Chat {
    party: Party,
    /// Reads; writes too, unless `next` does.
    transport: Transport,
    /// The counselor has answered and writes with these; the seeker's first cell with them ends the old ones.
    next: Option<Transport>,
    /// How far the old ones are still read, since she has answered.
    old: EpochOverlap,
    epoch: Epoch,
    /// Our part of chain_0, until that is known.
    own_random: Option<Secret>,
    /// The seeker has asked for a new epoch; again where a question was acknowledged and not answered.
    asking: Vec<PendingRatchet>,
    /// The counselor was asked and has not answered yet.
    asked_by_peer: Option<Zeroizing<Vec<u8>>>,
    used: EpochUsage,
    /// Cells with data that were read with the present keys.
    heard: u64,

    next_out: u64,
    peer_acked: u64,
    outbox: VecDeque<Sent>,
    fresh: VecDeque<u64>,
    messages: VecDeque<Outgoing>,
    /// Small things that go before words.
    controls: VecDeque<(CellKind, Zeroizing<Vec<u8>>)>,
    /// What the seeker wants and has not been told yet; only the last wish counts.
    pace_due: Option<Pace>,
    ids: BTreeSet<String>,
    last_cell: Tick,
    end_wanted: Option<EndReason>,
    ended: bool,
    /// Where our end went.
    end_index: Option<u64>,
    /// How our face is.
    status: Status,

    next_in: u64,
    /// Cells that came before their turn, by index and by who brought them.
    early: BTreeMap<u64, BTreeMap<HomeIndex, Vec<u8>>>,
    joiner: Reassembly,
    seen: Seen,
    unshown: Unshown,
    peer_status: Status,
    /// Who speaks at the other end; a seeker's program has one run per visit.
    source: RunId,
    ack_due: Option<Tick>,
    last_in: Tick,
    peer_ended: bool,
    /// What stood at the end of a seeker's first cell.
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

/// The body of the first cell, and who this end is.
fn first_cell(
    role: Role,
    counselor: DhPublic,
    own_random: &Secret,
    extra: &[u8],
    random: &mut Random,
) -> (Zeroizing<Vec<u8>>, Party) {
    // Room for everything: a buffer that grows leaves a copy behind that nobody wipes.
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
    /// Begins after a handshake; the first cell goes at once.
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

    /// Which way our cells go.
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

    /// The run of the counselor's program that speaks; all zero before her first cell, and at her own end.
    #[must_use]
    pub const fn source(&self) -> &RunId {
        &self.source
    }

    /// What the seeker added to her first cell, behind her healing key.
    #[must_use]
    pub fn hello_extra(&self) -> &[u8] {
        &self.hello_extra
    }

    /// First index the peer has not acknowledged.
    #[must_use]
    pub const fn peer_acked(&self) -> u64 {
        self.peer_acked
    }

    /// First index that is wanted from the peer.
    #[must_use]
    pub const fn next_in(&self) -> u64 {
        self.next_in
    }

    /// When the last new cell of the peer was read.
    #[must_use]
    pub const fn last_in(&self) -> Tick {
        self.last_in
    }

    /// Whether everything said lies at a home or with the peer. That the peer's face shows it is not waited for: it may be
    /// locked for an hour.
    #[must_use]
    pub fn drained(&self) -> bool {
        let left = |message: &Outgoing| message.state != State::Written;
        self.messages.iter().all(left) && self.outbox.iter().all(|sent| sent.at_node)
    }

    /// Whether our end has arrived and nothing of ours is due: a program may stop.
    #[must_use]
    pub fn done(&self) -> bool {
        self.end_index.is_some_and(|end| self.peer_acked > end) && self.ack_due.is_none()
    }

    /// Whether nothing can be told any more: each was shown what the other said, and knows it.
    #[must_use]
    pub fn over(&self) -> bool {
        self.done() && self.messages.is_empty() && self.unshown.len() == 0
    }

    /// How many messages the peer was not shown.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.messages.len()
    }

    /// What the face took and what it showed.
    #[must_use]
    pub fn into_seen(self) -> Seen {
        self.seen
    }

    /// Messages the peer was not shown, oldest first: for the next attempt.
    pub fn unreceived(&mut self) -> Vec<(String, Zeroizing<String>)> {
        self.messages
            .drain(..)
            .map(|message| (message.id, message.text))
            .collect()
    }

    /// Ids of messages that will not arrive: some of their cells the peer does not have. Of those it has in full nobody
    /// knows whether they will be shown; they are neither received nor lost.
    pub fn take_lost(&mut self) -> Vec<String> {
        let acked = self.peer_acked;
        let lost = |message: &Outgoing| message.cells.as_ref().is_none_or(|cells| *cells.end() >= acked);
        let left = self.messages.drain(..).filter(lost);
        left.map(|message| message.id).collect()
    }

    /// The face has shown a message that `source` said, in this attempt or an earlier one.
    pub fn shown(&mut self, source: &RunId, id: &str, now: Tick) {
        self.seen.show(source, id);
        let (unshown, seen, source) = (&mut self.unshown, &self.seen, &self.source);
        if unshown.settle(|id| seen.shown(source, id)) {
            // A face that was away and shows much at once, frame by frame, does not fill the window with it.
            let pause = if self.flying() < SHOWN_WINDOW {
                ACK_DELAY
            } else {
                RESERVE_PAUSE
            };
            self.ack_by((self.last_cell + pause).max(now + ACK_DELAY));
        }
    }

    /// How the counselor's face is from now on: the next cell that goes anyway tells it.
    pub const fn set_status(&mut self, status: Status) {
        self.status = status;
    }

    /// Takes words.
    ///
    /// # Errors
    /// [`SayError`]; nothing was taken.
    pub fn say(&mut self, id: String, text: Zeroizing<String>, now: Tick) -> Result<(), SayError> {
        check_words(&id, &text)?;
        if self.ended || self.peer_ended || self.end_wanted.is_some() {
            return Err(SayError::Over);
        }
        if self.ids.contains(&id) {
            return Err(SayError::DuplicateId);
        }
        if self.messages.len() >= QUEUE_MAX {
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

    /// Ends the chat. In peace the end waits behind words that were said; otherwise it goes before them.
    pub fn end(&mut self, reason: EndReason, now: Tick) {
        if self.ended || self.end_wanted.is_some() {
            return;
        }
        self.end_wanted = Some(reason);
        if reason != EndReason::Finished {
            // Cells are made in order: what has none is at the end.
            let first = self.messages.partition_point(|message| message.cells.is_some());
            for message in self.messages.split_off(first) {
                let (id, state) = (message.id, State::Failed);
                self.event(ChatEvent::State { id, state });
            }
        }
        self.pump(now);
    }

    /// The counselor asks whether a colleague may go on.
    pub fn ask_transfer(&mut self, colleague: &Colleague, now: Tick) {
        self.control(CellKind::AskTransfer, postcard_encode(colleague), now);
    }

    /// The seeker's answer to that.
    pub fn answer_transfer(&mut self, yes: bool, now: Tick) {
        // One at a time: a counselor who asks without end and acknowledges nothing fills no memory.
        self.controls
            .retain(|(kind, _)| *kind != CellKind::AnswerTransfer);
        self.control(CellKind::AnswerTransfer, vec![u8::from(yes)], now);
    }

    /// The seeker says how she wants the talk to go. It goes before words, and a wish that a later one replaced before it
    /// could leave is not told.
    pub fn set_pace(&mut self, pace: Pace, now: Tick) {
        self.pace_due = Some(pace);
        self.pump(now);
    }

    fn control(&mut self, kind: CellKind, body: Vec<u8>, now: Tick) {
        self.controls.push_back((kind, Zeroizing::new(body)));
        self.pump(now);
    }

    /// Takes a cell from the only one who brings any; see [`Self::handle_cell_from`].
    pub fn handle_cell(&mut self, index: u64, cell: &[u8], now: Tick) {
        self.handle_cell_from(HomeIndex(0), index, cell, now);
    }

    /// Takes a cell that `source` brought. Whatever does not decrypt changes nothing, and a source that forges
    /// keeps nobody's cells out but its own.
    pub fn handle_cell_from(&mut self, source: HomeIndex, index: u64, cell: &[u8], now: Tick) {
        if index < self.next_in {
            // The peer does not know that we have it: say so again.
            self.ack_by((self.last_cell + RESERVE_PAUSE).max(now + ACK_DELAY));
            return;
        }
        if index >= self.next_in + WINDOW || cell.len() != CELL_LEN {
            return;
        }
        // One of each source: a forged cell that came first must not keep the good one of another home out.
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

    /// Does what is due.
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
        // A sign of life that cannot leave would only fill the window with old acknowledgements.
        if silent && !self.ended && !self.peer_ended && self.flying() < DATA_WINDOW {
            if self.outbox.iter().all(|sent| sent.at_node) {
                self.send(CellKind::Ack, Zeroizing::default(), now);
            } else {
                self.last_cell = now;
            }
        }
        self.pump(now);
    }

    /// When to be woken.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Tick> {
        // With a full window no sign of life can leave: an acknowledgement of the peer is what wakes it.
        let live = !self.ended && !self.peer_ended && self.flying() < DATA_WINDOW;
        let heartbeat = live.then(|| self.last_cell + CELL_HEARTBEAT);
        let heal = self.ask_due(self.last_cell);
        [self.ack_due, heartbeat, heal].into_iter().flatten().min()
    }

    /// The next new cell to bring.
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

    /// What happened. The face has a message from here on; say [`Self::shown`] when a person could read it.
    pub fn poll_event(&mut self) -> Option<ChatEvent> {
        let event = self.events.pop_front()?;
        if let ChatEvent::Message { id, .. } = &event {
            self.seen.take(self.source, id.clone());
        }
        Some(event)
    }

    /// States that the face has not taken, for whoever closes the chat. Words it has not taken stay: they were not shown,
    /// whatever this end still sends.
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

    /// First index this machine lacks.
    fn ack(&self) -> u64 {
        self.next_in
    }

    /// Every message whose last cell is below was shown.
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
