//! Live channels: two rings of cells in memory, known only by the hashes of their tokens.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use super::LinkId;
use crate::{
    crypto::tokens::{Token, TokenHash},
    session::chat::CELL_LEN,
    time::Tick,
    wire::ChannelOpening,
};

/// Cells that a direction holds: the window of a chat, so that an honest pair never sees "full" for long.
pub const RING: u64 = crate::limits::WINDOW;
/// Most channels of a home: with full rings they would need 2 GiB, so cells have a limit of their own.
pub const MAX_CHANNELS: usize = 4_096;
/// Most cells in memory, all channels together: 128 MiB.
pub const MAX_CELLS: usize = 65_536;
/// Most live channels that were opened over one link: a desk has up to three chats, each with earlier attempts.
pub const MAX_CHANNELS_PER_LINK: usize = 16;
/// Most cells in memory of all channels that were opened over one link: four chats with both rings full, and a desk has
/// up to three. This is a quarter of what its channels could hold: it takes 64 links or more to fill a home.
pub const MAX_CELLS_PER_LINK: usize = 1_024;
/// A channel without a listener is dropped after this long: several times what a client needs to reconnect.
pub const CHANNEL_IDLE: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Seeker,
    Counselor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ChannelUse {
    Put,
    Listen,
}

type ChannelId = u64;

struct Ring {
    put: TokenHash,
    listen: TokenHash,
    base: u64,
    cells: BTreeMap<u64, Vec<u8>>,
    listener: Option<(LinkId, Token)>,
    /// The last listener, even if its link is gone.
    heard: Option<LinkId>,
    closed: bool,
}

impl Ring {
    fn move_base(&mut self, to: u64) -> usize {
        // A listener cannot skip beyond what a sender could have put.
        let to = to.min(self.base.saturating_add(RING));
        if to <= self.base {
            return 0;
        }
        self.base = to;
        let kept = self.cells.split_off(&to);
        core::mem::replace(&mut self.cells, kept).len()
    }
}

struct Channel {
    from_seeker: Ring,
    from_counselor: Ring,
    opener: LinkId,
    alone_since: Option<Tick>,
}

impl Channel {
    fn ring(&mut self, side: Side) -> &mut Ring {
        match side {
            Side::Seeker => &mut self.from_seeker,
            Side::Counselor => &mut self.from_counselor,
        }
    }

    fn watched(&self) -> bool {
        self.from_seeker.listener.is_some() || self.from_counselor.listener.is_some()
    }

    fn cells(&self) -> usize {
        self.from_seeker.cells.len() + self.from_counselor.cells.len()
    }

    /// Whether two different links have listened, one on each side. One party with one link cannot do this.
    fn shared(&self) -> bool {
        let (one, other) = (self.from_seeker.heard, self.from_counselor.heard);
        one.is_some() && other.is_some() && one != other
    }
}

/// The outcome of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PutResult {
    /// In memory, or known before.
    Stored,
    /// No room.
    Full,
    /// No such channel.
    Gone,
}

/// A cell for a listener.
pub(super) struct Delivery {
    pub(super) link: LinkId,
    pub(super) token: Token,
    pub(super) index: u64,
    pub(super) cell: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Channels {
    next: ChannelId,
    channels: BTreeMap<ChannelId, Channel>,
    by_token: BTreeMap<TokenHash, (ChannelId, Side, ChannelUse)>,
    cells: usize,
    /// Cells by the link that opened their channel; no entry for zero.
    held: BTreeMap<LinkId, usize>,
}

impl Channels {
    pub(super) fn len(&self) -> usize {
        self.channels.len()
    }

    /// Whether this link listens to a channel whose other side is such a link.
    pub(super) fn listens_beside(&self, link: LinkId, such: impl Fn(LinkId) -> bool) -> bool {
        self.channels.values().any(|channel| {
            match (channel.from_seeker.listener, channel.from_counselor.listener) {
                (Some((one, _)), Some((other, _))) => {
                    one == link && such(other) || other == link && such(one)
                }
                _ => false,
            }
        })
    }

    /// Makes a channel, or finds it; `false` if it is not possible.
    pub(super) fn open(&mut self, link: LinkId, token: Token, opening: &ChannelOpening, now: Tick) -> bool {
        let (seeker, counselor) = (&opening.from_seeker, &opening.from_counselor);
        let all = [
            (seeker.put, Side::Seeker, ChannelUse::Put),
            (seeker.listen, Side::Seeker, ChannelUse::Listen),
            (counselor.put, Side::Counselor, ChannelUse::Put),
            (counselor.listen, Side::Counselor, ChannelUse::Listen),
        ];
        // Only the holder of a listen token can make a channel, or learn that it exists.
        let hash = token.hash();
        if hash != seeker.listen && hash != counselor.listen {
            return false;
        }
        let known: BTreeSet<_> = all
            .iter()
            .map(|(hash, side, purpose)| {
                let found = self.by_token.get(hash);
                found
                    .filter(|(_, s, p)| s == side && p == purpose)
                    .map(|(id, ..)| *id)
            })
            .collect();
        if known.len() == 1 && known.iter().all(Option::is_some) {
            return true;
        }
        let different: BTreeSet<_> = all.iter().map(|(hash, ..)| *hash).collect();
        let taken = all.iter().any(|(hash, ..)| self.by_token.contains_key(hash));
        let mine = self
            .channels
            .values()
            .filter(|channel| channel.opener == link)
            .count();
        if taken || different.len() != all.len() || mine >= MAX_CHANNELS_PER_LINK {
            return false;
        }
        if self.channels.len() >= MAX_CHANNELS && !self.let_go(|_, _| true) {
            return false;
        }
        let ring = |lane: &crate::wire::Lane| Ring {
            put: lane.put,
            listen: lane.listen,
            base: lane.start,
            cells: BTreeMap::new(),
            listener: None,
            heard: None,
            closed: false,
        };
        let id = self.next;
        self.next += 1;
        for (hash, side, purpose) in all {
            self.by_token.insert(hash, (id, side, purpose));
        }
        let channel = Channel {
            from_seeker: ring(seeker),
            from_counselor: ring(counselor),
            opener: link,
            alone_since: Some(now),
        };
        self.channels.insert(id, channel);
        true
    }

    pub(super) fn put(&mut self, token: Token, index: u64, cell: Vec<u8>) -> (PutResult, Option<Delivery>) {
        let Some((id, side)) = self.find(token, ChannelUse::Put) else {
            return (PutResult::Gone, None);
        };
        if self.cells >= MAX_CELLS {
            // This only makes room. If there is still none, the result below says so.
            self.let_go(|other, channel| other != id && channel.cells() > 0);
        }
        let room = self.cells < MAX_CELLS;
        let Some(channel) = self.channels.get_mut(&id) else {
            return (PutResult::Gone, None);
        };
        let opener = channel.opener;
        let share = self
            .held
            .get(&opener)
            .is_none_or(|held| *held < MAX_CELLS_PER_LINK);
        let ring = channel.ring(side);
        if let Some(known) = ring.cells.get(&index) {
            // A party that puts other bytes here has the sender's token. Nothing is overwritten, and "stored" would be
            // false.
            let same = *known == cell;
            return (if same { PutResult::Stored } else { PutResult::Full }, None);
        }
        if index < ring.base {
            return (PutResult::Stored, None);
        }
        if index - ring.base >= RING || !room || !share || cell.len() != CELL_LEN {
            return (PutResult::Full, None);
        }
        let delivery = ring.listener.map(|(link, token)| Delivery {
            link,
            token,
            index,
            cell: cell.clone(),
        });
        ring.cells.insert(index, cell);
        self.cells += 1;
        *self.held.entry(opener).or_default() += 1;
        (PutResult::Stored, delivery)
    }

    /// Listens from `index` on; returns the cells that are there. An unknown token returns none.
    pub(super) fn listen(&mut self, link: LinkId, token: Token, index: u64) -> Vec<Delivery> {
        let Some((id, side)) = self.find(token, ChannelUse::Listen) else {
            return Vec::new();
        };
        let Some(channel) = self.channels.get_mut(&id) else {
            return Vec::new();
        };
        channel.alone_since = None;
        let opener = channel.opener;
        let ring = channel.ring(side);
        ring.listener = Some((link, token));
        ring.heard = Some(link);
        let dropped = ring.move_base(index);
        let deliveries = ring
            .cells
            .range(index..)
            .map(|(index, cell)| Delivery {
                link,
                token,
                index: *index,
                cell: cell.clone(),
            })
            .collect();
        self.forget(opener, dropped);
        deliveries
    }

    pub(super) fn acknowledge(&mut self, token: Token, below: u64) {
        if let Some((id, side)) = self.find(token, ChannelUse::Listen)
            && let Some(channel) = self.channels.get_mut(&id)
        {
            let dropped = channel.ring(side).move_base(below);
            let opener = channel.opener;
            self.forget(opener, dropped);
        }
    }

    /// Bytes of all cells, or of those in channels that this link opened.
    pub(super) fn bytes(&self, opener: Option<LinkId>) -> usize {
        let held = |opener| self.held.get(&opener).copied().unwrap_or_default();
        opener.map_or(self.cells, held) * CELL_LEN
    }

    /// Drops the oldest channel with cells to which nobody listens, and only one link ever has; `false` if there is none.
    pub(super) fn shed_abandoned(&mut self) -> bool {
        self.let_go(|_, channel| !channel.watched() && channel.cells() > 0)
    }

    /// Drops the channels that this link opened, but for those to which such a link listens.
    pub(super) fn shed(&mut self, opener: LinkId, such: impl Fn(LinkId) -> bool) {
        let spared = |ring: &Ring| ring.listener.is_some_and(|(listener, _)| such(listener));
        let dropped: Vec<ChannelId> = self
            .channels
            .iter()
            .filter(|(_, channel)| channel.opener == opener)
            .filter(|(_, channel)| !spared(&channel.from_seeker) && !spared(&channel.from_counselor))
            .map(|(id, _)| *id)
            .collect();
        for id in dropped {
            self.remove(id);
        }
    }

    /// One side closes. When both have closed, the channel is removed.
    pub(super) fn close(&mut self, token: Token, now: Tick) {
        let Some((id, side)) = self.find(token, ChannelUse::Listen) else {
            return;
        };
        let both = self.channels.get_mut(&id).is_some_and(|channel| {
            let ring = channel.ring(side);
            ring.closed = true;
            ring.listener = None;
            if !channel.watched() {
                channel.alone_since.get_or_insert(now);
            }
            channel.from_seeker.closed && channel.from_counselor.closed
        });
        if both {
            self.remove(id);
        }
    }

    pub(super) fn link_closed(&mut self, link: LinkId, now: Tick) {
        for channel in self.channels.values_mut() {
            for side in [Side::Seeker, Side::Counselor] {
                let ring = channel.ring(side);
                ring.listener = ring.listener.filter(|(listener, _)| *listener != link);
            }
            if !channel.watched() {
                channel.alone_since.get_or_insert(now);
            }
        }
    }

    /// Drops channels without a listener; returns how many.
    pub(super) fn expire(&mut self, now: Tick) -> usize {
        let alone = |channel: &Channel| {
            channel
                .alone_since
                .is_some_and(|since| now.since(since) >= CHANNEL_IDLE)
        };
        let old: Vec<_> = self
            .channels
            .iter()
            .filter(|(_, channel)| alone(channel))
            .map(|(id, _)| *id)
            .collect();
        for id in &old {
            self.remove(*id);
        }
        old.len()
    }

    /// A limit is reached: drops the oldest channel on which only one link ever listened, if `may` allows it. In an
    /// honest chat both sides have listened within seconds. A client that loses its channel this way opens it again
    /// when it gets "gone".
    fn let_go(&mut self, may: impl Fn(ChannelId, &Channel) -> bool) -> bool {
        let mut channels = self.channels.iter();
        let found = channels.find(|(id, channel)| !channel.shared() && may(**id, channel));
        let Some(id) = found.map(|(id, _)| *id) else {
            return false;
        };
        self.remove(id);
        true
    }

    fn remove(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.remove(&id) {
            for ring in [&channel.from_seeker, &channel.from_counselor] {
                self.by_token.remove(&ring.put);
                self.by_token.remove(&ring.listen);
            }
            self.forget(channel.opener, channel.cells());
        }
    }

    fn forget(&mut self, opener: LinkId, cells: usize) {
        self.cells -= cells;
        if let Some(held) = self.held.get_mut(&opener) {
            *held -= cells;
            if *held == 0 {
                self.held.remove(&opener);
            }
        }
    }

    fn find(&self, token: Token, wanted: ChannelUse) -> Option<(ChannelId, Side)> {
        let (id, side, purpose) = self.by_token.get(&token.hash()).copied()?;
        (purpose == wanted).then_some((id, side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{time::millis, wire::Lane};

    const NOW: Tick = Tick(0);
    const LINK: LinkId = LinkId(1);

    fn token(number: u8) -> Token {
        Token([number; 32])
    }

    fn opening(first: u8) -> ChannelOpening {
        let lane = |put, listen| Lane {
            put: token(put).hash(),
            listen: token(listen).hash(),
            start: 0,
        };
        ChannelOpening {
            from_seeker: lane(first, first + 1),
            from_counselor: lane(first + 2, first + 3),
        }
    }

    fn open() -> Channels {
        let mut channels = Channels::default();
        assert!(channels.open(LINK, token(1), &opening(0), NOW));
        channels
    }

    fn put(channels: &mut Channels, index: u64) -> PutResult {
        channels.put(token(0), index, vec![0; CELL_LEN]).0
    }

    #[test]
    fn opening_is_idempotent_and_needs_a_token() {
        let mut channels = open();
        assert!(channels.open(LinkId(2), token(3), &opening(0), NOW));
        assert_eq!(channels.len(), 1);
        assert!(
            !channels.open(LINK, token(9), &opening(20), NOW),
            "without a token of it"
        );
        let mut crossed = opening(40);
        crossed.from_seeker.put = opening(0).from_seeker.put;
        assert!(
            !channels.open(LINK, token(41), &crossed, NOW),
            "with a token of another channel"
        );
    }

    #[test]
    fn a_full_ring_says_so_and_room_comes_back_with_acknowledgement() {
        let mut channels = open();
        for index in 0..RING {
            assert_eq!(put(&mut channels, index), PutResult::Stored);
        }
        assert_eq!(put(&mut channels, RING), PutResult::Full);
        assert_eq!(put(&mut channels, 0), PutResult::Stored, "again is not twice");
        channels.acknowledge(token(1), 10);
        assert_eq!(put(&mut channels, RING), PutResult::Stored);
        assert_eq!(put(&mut channels, 3), PutResult::Stored, "acknowledged before");
        assert_eq!(
            channels.listen(LINK, token(1), 10).len(),
            usize::try_from(RING).unwrap() - 10 + 1
        );
        assert_eq!(channels.cells, usize::try_from(RING).unwrap() - 10 + 1);
    }

    #[test]
    fn only_the_right_token_puts_or_listens() {
        let mut channels = open();
        assert_eq!(channels.put(token(1), 0, vec![0; CELL_LEN]).0, PutResult::Gone);
        assert_eq!(put(&mut channels, 0), PutResult::Stored);
        assert!(channels.listen(LINK, token(0), 0).is_empty());
        assert!(channels.listen(LINK, token(9), 0).is_empty());
        assert_eq!(channels.listen(LINK, token(1), 0).len(), 1);
        let (_, delivery) = channels.put(token(0), 1, vec![1; CELL_LEN]);
        assert_eq!(delivery.map(|delivery| delivery.index), Some(1));
    }

    #[test]
    fn a_channel_goes_when_both_release_it_or_neither_end_listens() {
        let mut channels = open();
        put(&mut channels, 0);
        channels.close(token(1), NOW);
        assert_eq!(channels.len(), 1);
        channels.close(token(3), NOW);
        assert_eq!(
            (channels.len(), channels.cells, channels.by_token.len()),
            (0, 0, 0)
        );

        let mut channels = open();
        channels.listen(LINK, token(1), 0);
        assert_eq!(channels.expire(Tick(millis(CHANNEL_IDLE))), 0);
        channels.link_closed(LINK, Tick(5));
        assert_eq!(channels.expire(Tick(millis(CHANNEL_IDLE))), 0);
        assert_eq!(channels.expire(Tick(millis(CHANNEL_IDLE) + 5)), 1);
    }

    #[test]
    fn other_bytes_at_a_taken_index_are_refused() {
        let mut channels = open();
        let put = |channels: &mut Channels, byte| channels.put(token(0), 0, vec![byte; CELL_LEN]).0;
        assert_eq!(put(&mut channels, 1), PutResult::Stored);
        assert_eq!(put(&mut channels, 2), PutResult::Full);
        assert_eq!(put(&mut channels, 1), PutResult::Stored, "the same again");
        let there = channels.listen(LINK, token(1), 0);
        assert_eq!(there.len(), 1);
        assert!(there[0].cell.iter().all(|byte| *byte == 1));
    }

    /// A token of a channel, by number.
    fn many(channel: u32, part: u8) -> Token {
        let mut token = [0xee; 32];
        token[..4].copy_from_slice(&channel.to_be_bytes());
        token[4] = part;
        Token(token)
    }

    fn open_many(channels: &mut Channels, link: LinkId, channel: u32) -> bool {
        let lane = |put, listen| Lane {
            put: many(channel, put).hash(),
            listen: many(channel, listen).hash(),
            start: 0,
        };
        let opening = ChannelOpening {
            from_seeker: lane(0, 1),
            from_counselor: lane(2, 3),
        };
        channels.open(link, many(channel, 1), &opening, NOW)
    }

    fn listen_many(channels: &mut Channels, link: LinkId, channel: u32, part: u8) {
        channels.listen(link, many(channel, part), 0);
    }

    /// Fills the rings of a channel as far as possible; returns how many cells were stored.
    fn fill(channels: &mut Channels, channel: u32) -> usize {
        let mut stored = 0;
        for part in [0, 2] {
            for index in 0..RING {
                let (result, _) = channels.put(many(channel, part), index, vec![0; CELL_LEN]);
                stored += usize::from(result == PutResult::Stored);
            }
        }
        stored
    }

    #[test]
    fn strangers_with_many_links_do_not_keep_two_people_out() {
        let mut channels = Channels::default();
        let mut number = 0;
        let mut most = 0;
        // 80 anonymous links, each with as many channels and cells as it gets, and a listener on every side.
        for link in (100..180).map(LinkId) {
            let mut stored = 0;
            for _ in 0..MAX_CHANNELS_PER_LINK {
                assert!(open_many(&mut channels, link, number));
                listen_many(&mut channels, link, number, 1);
                listen_many(&mut channels, link, number, 3);
                stored += fill(&mut channels, number);
                number += 1;
            }
            assert_eq!(stored, MAX_CELLS_PER_LINK);
            most = most.max(channels.cells);
        }
        assert!(most <= MAX_CELLS, "{most} cells");
        // A seeker and a counselor come, and everything that fits their windows is taken.
        assert!(open_many(&mut channels, LINK, number));
        listen_many(&mut channels, LINK, number, 1);
        listen_many(&mut channels, LinkId(2), number, 3);
        assert_eq!(fill(&mut channels, number), 2 * usize::try_from(RING).unwrap());
        // Their channel is not dropped for the channels of others.
        for other in 0..2 {
            assert!(open_many(&mut channels, LinkId(200), number + 1 + other));
            fill(&mut channels, number + 1 + other);
        }
        assert_eq!(
            channels.put(many(number, 0), 0, vec![0; CELL_LEN]).0,
            PutResult::Stored
        );
        assert_eq!(
            channels.listen(LINK, many(number, 1), 0).len(),
            usize::try_from(RING).unwrap()
        );

        // The counters agree with the channels.
        let there: usize = channels.channels.values().map(Channel::cells).sum();
        assert_eq!(channels.cells, there);
        assert_eq!(channels.held.values().sum::<usize>(), there);
        let ids: Vec<_> = channels.channels.keys().copied().collect();
        for id in ids {
            channels.remove(id);
        }
        assert!(channels.cells == 0 && channels.held.is_empty() && channels.by_token.is_empty());
    }

    #[test]
    fn empty_channels_of_strangers_do_not_keep_two_people_out() {
        let mut channels = Channels::default();
        // An existing channel, of two peers in a chat.
        assert!(open_many(&mut channels, LINK, 0));
        listen_many(&mut channels, LINK, 0, 1);
        listen_many(&mut channels, LinkId(2), 0, 3);
        for number in 1..=u32::try_from(MAX_CHANNELS + 10).unwrap() {
            let link = LinkId(1_000 + u64::from(number) / 16);
            assert!(open_many(&mut channels, link, number), "{number}");
        }
        assert_eq!(channels.len(), MAX_CHANNELS);
        assert_eq!(
            channels.put(many(0, 0), 0, vec![0; CELL_LEN]).0,
            PutResult::Stored
        );
        // When all channels are in use there is no room, and opening fails.
        for (id, channel) in &mut channels.channels {
            channel.from_seeker.heard = Some(LinkId(10_000 + id));
            channel.from_counselor.heard = Some(LinkId(90_000 + id));
        }
        assert!(!open_many(&mut channels, LinkId(5), 1_000_000));
    }
}
