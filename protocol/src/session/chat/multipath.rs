//! Multipath: one chat over channels at several homes at once.
//!
//! The same channel is opened at every home that is reached. New cells go to the first home that answers. A cell
//! that the peer has not acknowledged in time is also put at all other homes, byte for byte the same, and
//! duplicates are dropped by their index. A home that dies, freezes or lies therefore costs seconds and no words.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{CELL_LEN, Chat, ChatEvent, Colleague, EndReason, Pace, SayError, State, Status};
use crate::{
    crypto::{
        hash::Secret,
        keys::{DhPublic, HelplineId},
        random::Random,
        tokens::{self, ChannelTokens, Direction},
    },
    objects::{HomeIndex, RunId},
    time::{Tick, part},
    wire::{ChannelOpening, ClientMessage, HomeMessage, Lane as Opening},
};

/// Least time before a cell goes to the other homes too.
const OVERDUE_MIN: Duration = Duration::from_secs(3);
/// Round trips of a home before its cells count as overdue.
const OVERDUE_ROUND_TRIPS: u32 = 4;
/// Round trip that is assumed before the first was measured.
const ROUND_TRIP_FIRST: Duration = Duration::from_millis(500);
/// Pause after "full" and between two tries to open a channel.
const PATH_PAUSE: Duration = Duration::from_millis(500);
/// A home is told which cells it may drop after this many of them, or after [`ACK_AFTER`].
const ACK_EVERY: u64 = 16;
/// A home is told which cells it may drop at the latest after this long.
const ACK_AFTER: Duration = Duration::from_millis(200);

/// State of the channel at a home.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PathState {
    /// Not open. Holds the time of the next try.
    Closed(Tick),
    /// Requested, and not confirmed yet.
    Asked,
    /// The home has confirmed it.
    Open,
}

/// The cells at a home that the peer has not acknowledged. Those in flight to the home are kept apart: they are
/// few, and every record looks at them.
#[derive(Default)]
struct Puts {
    /// In flight to the home, and since when.
    asked: BTreeMap<u64, Tick>,
    /// In the home's memory.
    stored: BTreeSet<u64>,
}

impl Puts {
    fn contains(&self, index: u64) -> bool {
        self.asked.contains_key(&index) || self.stored.contains(&index)
    }

    fn len(&self) -> usize {
        self.asked.len() + self.stored.len()
    }

    fn clear(&mut self) {
        self.asked.clear();
        self.stored.clear();
    }

    fn forget_below(&mut self, acked: u64) {
        forget_below(&mut self.asked, acked);
        while self.stored.first().is_some_and(|index| *index < acked) {
            self.stored.pop_first();
        }
    }
}

struct HomePath {
    tokens: ChannelTokens,
    up: bool,
    channel: PathState,
    puts: Puts,
    full_until: Option<Tick>,
    round_trip: Duration,
    acked: u64,
    ack_due: Option<Tick>,
}

impl HomePath {
    fn overdue_after(&self) -> Duration {
        OVERDUE_MIN.max(OVERDUE_ROUND_TRIPS * self.round_trip)
    }

    fn oldest_unanswered(&self) -> Option<Tick> {
        self.puts.asked.values().copied().min()
    }

    fn is_open(&self) -> bool {
        self.up && self.channel == PathState::Open
    }

    /// Whether a cell may be put here now.
    fn takes(&self, index: u64) -> bool {
        self.is_open() && self.full_until.is_none() && !self.puts.contains(index)
    }
}

/// One end of a chat and its channels. Homes are named by their index in the caller's list.
pub(crate) struct Multipath {
    helpline: HelplineId,
    chat: Chat,
    /// The secret from which the channel tokens of all epochs are derived.
    channels: Secret,
    lanes: BTreeMap<HomeIndex, HomePath>,
    /// When a cell was first put at any home.
    first_put: BTreeMap<u64, Tick>,
    outputs: VecDeque<(HomeIndex, ClientMessage)>,
    closed: bool,
}

impl Multipath {
    pub(crate) fn new(helpline: HelplineId, chat: Chat) -> Self {
        let channels = tokens::channels(&helpline, chat.handshake_hash());
        Self {
            helpline,
            chat,
            channels,
            lanes: BTreeMap::new(),
            first_put: BTreeMap::new(),
            outputs: VecDeque::new(),
            closed: false,
        }
    }

    pub(crate) const fn chat(&self) -> &Chat {
        &self.chat
    }

    /// See [`Chat::take_states`].
    pub(crate) fn take_states(&mut self) -> Vec<(String, State)> {
        self.chat.take_states()
    }

    /// See [`Chat::unreceived`].
    pub(crate) fn take_unreceived(&mut self) -> Vec<(String, zeroize::Zeroizing<String>)> {
        self.chat.unreceived()
    }

    pub(crate) fn into_chat(self) -> Chat {
        self.chat
    }

    /// A link to `home` is up. A repeated call changes nothing.
    pub(crate) fn home_up(&mut self, home: HomeIndex, home_x: &DhPublic, now: Tick) {
        let (helpline, channels) = (&self.helpline, &self.channels);
        let lane = self.lanes.entry(home).or_insert_with(|| HomePath {
            tokens: ChannelTokens::derive(helpline, channels, home_x),
            up: false,
            channel: PathState::Closed(now),
            puts: Puts::default(),
            full_until: None,
            round_trip: ROUND_TRIP_FIRST,
            acked: 0,
            ack_due: None,
        });
        if !lane.up {
            lane.up = true;
            lane.channel = PathState::Closed(now);
            lane.full_until = None;
        }
        self.work(now);
    }

    /// The link to `home` is down.
    pub(crate) fn home_down(&mut self, home: HomeIndex, now: Tick) {
        if let Some(lane) = self.lanes.get_mut(&home) {
            lane.up = false;
            lane.channel = PathState::Closed(now);
            lane.puts.clear();
            lane.ack_due = None;
        }
        self.work(now);
    }

    /// Queues a message; see [`Chat::say`].
    pub(crate) fn say(
        &mut self,
        id: String,
        text: zeroize::Zeroizing<String>,
        now: Tick,
    ) -> Result<(), SayError> {
        let result = self.chat.say(id, text, now);
        self.work(now);
        result
    }

    /// See [`Chat::ask_transfer`].
    pub(crate) fn ask_transfer(&mut self, colleague: &Colleague, now: Tick) {
        self.chat.ask_transfer(colleague, now);
        self.work(now);
    }

    /// See [`Chat::set_pace`].
    pub(crate) fn set_pace(&mut self, pace: Pace, now: Tick) {
        self.chat.set_pace(pace, now);
    }

    /// See [`Chat::answer_transfer`].
    pub(crate) fn answer_transfer(&mut self, yes: bool, now: Tick) {
        self.chat.answer_transfer(yes, now);
        self.work(now);
    }

    /// Ends the chat; see [`Chat::end`].
    pub(crate) fn end(&mut self, reason: EndReason, now: Tick) {
        self.chat.end(reason, now);
        self.work(now);
    }

    /// Ends the chat before everything that waits; see [`Chat::end_at_once`].
    pub(crate) fn end_at_once(&mut self, reason: EndReason, now: Tick) {
        self.chat.end_at_once(reason, now);
        self.work(now);
    }

    /// Handles a message of a home. Returns `false` if it does not belong to this chat.
    pub(crate) fn handle_message(&mut self, home: HomeIndex, message: &HomeMessage, now: Tick) -> bool {
        let direction = self.chat.direction();
        let Some(lane) = self.lanes.get_mut(&home) else {
            return false;
        };
        let ours = lane.tokens.put(direction);
        let theirs = lane.tokens.listen(direction.reverse());
        match message {
            HomeMessage::Opened { token } if *token == theirs => {
                if lane.channel == PathState::Asked {
                    lane.channel = PathState::Open;
                    lane.puts.clear();
                    let from = self.chat.next_in();
                    lane.acked = from;
                    lane.ack_due = None;
                    let listen = ClientMessage::Listen { listen: theirs, from };
                    self.outputs.push_back((home, listen));
                }
            }
            HomeMessage::Stored { put, index } if *put == ours => {
                if let Some(at) = lane.puts.asked.remove(index) {
                    lane.round_trip = part(lane.round_trip * 7 + now.since(at), 8);
                    lane.puts.stored.insert(*index);
                    self.chat.handle_at_node(*index);
                }
            }
            HomeMessage::Full { put, index } if *put == ours => {
                lane.puts.asked.remove(index);
                lane.puts.stored.remove(index);
                lane.full_until = Some(now + PATH_PAUSE);
            }
            HomeMessage::Gone { token, .. } if *token == ours || *token == theirs => {
                lane.channel = PathState::Closed(now + PATH_PAUSE);
                lane.puts.clear();
            }
            HomeMessage::Cell { listen, index, cell } if *listen == theirs => {
                if cell.len() == CELL_LEN {
                    self.chat.handle_cell_from(home, *index, cell, now);
                }
            }
            _ => return false,
        }
        self.work(now);
        true
    }

    /// Handles the deadlines that have passed.
    pub(crate) fn handle_timeout(&mut self, now: Tick) {
        self.chat.handle_timeout(now);
        self.work(now);
    }

    /// See [`Chat::ratchet`].
    pub(crate) fn ratchet(&mut self, random: &mut Random, now: Tick) {
        if !self.closed {
            self.chat.ratchet(random, now);
            self.work(now);
        }
    }

    /// Next deadline, if any.
    pub(crate) fn poll_timeout(&self) -> Option<Tick> {
        if self.closed {
            return None;
        }
        let mut due: Vec<Option<Tick>> = vec![self.chat.poll_timeout()];
        for lane in self.lanes.values().filter(|lane| lane.up) {
            due.push(lane.full_until);
            due.push(lane.ack_due.filter(|_| lane.is_open()));
            if let PathState::Closed(at) = lane.channel {
                due.push(Some(at));
            }
        }
        let (patience, flying) = (self.patience(), self.chat.unacknowledged().len());
        // Cells were first put in the order of their indexes, so the first one that a home lacks has waited
        // longest.
        let lacking: Vec<_> = self
            .lanes
            .values()
            .filter(|lane| lane.puts.len() < flying)
            .collect();
        let lacks = |index: &u64| lacking.iter().any(|lane| lane.takes(*index));
        let missing = self.first_put.iter().find(|(index, _)| lacks(index));
        due.push(missing.map(|(_, at)| *at + patience));
        due.into_iter().flatten().min()
    }

    /// Next message to send, and the home it goes to.
    pub(crate) fn poll_output(&mut self) -> Option<(HomeIndex, ClientMessage)> {
        self.outputs.pop_front()
    }

    /// Next event.
    pub(crate) fn poll_event(&mut self) -> Option<ChatEvent> {
        self.chat.poll_event()
    }

    /// See [`Chat::shown`].
    pub(crate) fn shown(&mut self, source: &RunId, id: &str, now: Tick) {
        self.chat.shown(source, id, now);
    }

    /// See [`Chat::set_status`].
    pub(crate) const fn set_status(&mut self, status: Status) {
        self.chat.set_status(status);
    }

    /// See [`Chat::take_lost`].
    pub(crate) fn take_lost(&mut self) -> Vec<String> {
        self.chat.take_lost()
    }

    /// Since when the oldest put is unanswered, at each home that has one.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = (HomeIndex, Tick)> {
        let lanes = self.lanes.iter();
        lanes.filter_map(|(home, lane)| lane.oldest_unanswered().map(|at| (*home, at)))
    }

    /// Closes the channels. Nothing more is sent after that.
    pub(crate) fn close(&mut self) {
        if self.closed {
            return;
        }
        self.closed = true;
        let direction = self.chat.direction().reverse();
        for (home, lane) in self.lanes.iter().filter(|(_, lane)| lane.is_open()) {
            let listen = lane.tokens.listen(direction);
            self.outputs.push_back((*home, ClientMessage::Close { listen }));
        }
    }

    /// How long a cell may be unacknowledged before the other homes get a copy.
    fn patience(&self) -> Duration {
        let open = self.lanes.values().filter(|lane| lane.is_open());
        open.map(HomePath::overdue_after).min().unwrap_or(OVERDUE_MIN)
    }

    fn work(&mut self, now: Tick) {
        if self.closed {
            return;
        }
        // Only drain the queue: `put` finds new cells among all that are unacknowledged.
        while self.chat.poll_cell().is_some() {}
        let acked = self.chat.peer_acked();
        let next_in = self.chat.next_in();
        let direction = self.chat.direction();
        forget_below(&mut self.first_put, acked);
        for (home, lane) in self.lanes.iter_mut().filter(|(_, lane)| lane.up) {
            let listen = lane.tokens.listen(direction.reverse());
            lane.puts.forget_below(acked);
            lane.full_until = lane.full_until.filter(|until| *until > now);
            if matches!(lane.channel, PathState::Closed(at) if at <= now) {
                lane.channel = PathState::Asked;
                let opening = Some(opening(&lane.tokens, direction, acked, next_in));
                let open = ClientMessage::Open {
                    token: listen,
                    opening,
                };
                self.outputs.push_back((*home, open));
            }
            if lane.channel == PathState::Open && next_in > lane.acked {
                let due = *lane.ack_due.get_or_insert(now + ACK_AFTER);
                if due <= now || next_in - lane.acked >= ACK_EVERY {
                    lane.acked = next_in;
                    lane.ack_due = None;
                    let below = next_in;
                    self.outputs
                        .push_back((*home, ClientMessage::Ack { listen, below }));
                }
            }
        }
        self.put(now);
    }

    /// The first home that answers in time, else the first home.
    fn primary(&self, now: Tick) -> Option<HomeIndex> {
        let open = || self.lanes.iter().filter(|(_, lane)| lane.is_open());
        let prompt = |lane: &HomePath| {
            lane.oldest_unanswered()
                .is_none_or(|at| now.since(at) < lane.overdue_after())
        };
        open()
            .find(|(_, lane)| prompt(lane))
            .or_else(|| open().next())
            .map(|(home, _)| *home)
    }

    fn put(&mut self, now: Tick) {
        let Some(primary) = self.primary(now) else {
            return;
        };
        let patience = self.patience();
        let direction = self.chat.direction();
        let late = |at: &Tick| now.since(*at) >= patience;
        let whole = |lane: &HomePath| lane.puts.len() == self.chat.unacknowledged().len();
        let waits = self.first_put.first_key_value().is_some_and(|(_, at)| late(at));
        // Most records change nothing here: the primary home has every cell, and no cell is overdue.
        if !waits && self.lanes.get(&primary).is_some_and(whole) {
            return;
        }
        let indexes: Vec<u64> = self.chat.unacknowledged().collect();
        for index in indexes {
            let put = |lane: &HomePath| lane.is_open() && lane.puts.contains(index);
            let somewhere = self.lanes.values().any(put);
            let first = self.first_put.get(&index);
            let overdue = first.is_some_and(late);
            for (home, lane) in &mut self.lanes {
                let wanted = overdue || (!somewhere && *home == primary);
                if !wanted || !lane.takes(index) {
                    continue;
                }
                let Some(cell) = self.chat.cell(index) else {
                    continue;
                };
                lane.puts.asked.insert(index, now);
                self.first_put.entry(index).or_insert(now);
                let put = lane.tokens.put(direction);
                let cell = cell.to_vec();
                self.outputs
                    .push_back((*home, ClientMessage::Put { put, index, cell }));
            }
        }
    }
}

/// Forgets the cells that the peer has acknowledged.
fn forget_below<T>(cells: &mut BTreeMap<u64, T>, acked: u64) {
    while cells.first_key_value().is_some_and(|(index, _)| *index < acked) {
        cells.pop_first();
    }
}

fn opening(channel: &ChannelTokens, ours: Direction, acked: u64, next_in: u64) -> ChannelOpening {
    let lane = |direction| Opening {
        put: channel.put(direction).hash(),
        listen: channel.listen(direction).hash(),
        start: if direction == ours { acked } else { next_in },
    };
    ChannelOpening {
        from_seeker: lane(Direction::FromSeeker),
        from_counselor: lane(Direction::FromCounselor),
    }
}

impl core::fmt::Debug for Multipath {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            formatter,
            "Multipath({:?}, {} homes)",
            self.chat,
            self.lanes.len()
        )
    }
}
