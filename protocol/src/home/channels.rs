//! Live channels: two rings of cells in memory, known by the hashes of their tokens only.

use std::collections::{BTreeMap, BTreeSet};

use super::LinkId;
use crate::{
    chat::CELL_LEN,
    planted::{self, Bug},
    time::Millis,
    tokens,
    wire::ChannelOpening,
};

/// Cells a direction holds: the window of a chat, so that an honest pair never sees "full" for long.
pub const RING: u64 = crate::chat::WINDOW;
/// Most channels of a home: with full rings they would need 2 GiB, so cells have a limit of their own.
pub const MAX_CHANNELS: usize = 4_096;
/// Most cells in memory, all channels together: 128 MiB.
pub const MAX_CELLS: usize = 65_536;
/// Most live channels that were opened over one link: a desk has up to three chats and their earlier attempts.
pub const MAX_CHANNELS_PER_LINK: usize = 16;
/// A channel on which nobody listens goes after this long, in milliseconds: 10 minutes, several times what a
/// client needs to come back.
pub const CHANNEL_IDLE_MS: u64 = 600_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Seeker,
    Counselor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Put,
    Listen,
}

type ChannelId = u64;

struct Ring {
    put: [u8; 32],
    listen: [u8; 32],
    base: u64,
    cells: BTreeMap<u64, Vec<u8>>,
    listener: Option<(LinkId, [u8; 32])>,
    closed: bool,
}

impl Ring {
    fn move_base(&mut self, to: u64) -> usize {
        // A listener cannot skip what no putter could have sent.
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
    alone_since: Option<Millis>,
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
}

/// What becomes of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PutResult {
    /// In memory; new, or known before.
    Stored,
    /// No room.
    Full,
    /// No such channel.
    Gone,
}

/// A cell for a listener.
pub(super) struct Delivery {
    pub(super) link: LinkId,
    pub(super) token: [u8; 32],
    pub(super) index: u64,
    pub(super) cell: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Channels {
    next: ChannelId,
    channels: BTreeMap<ChannelId, Channel>,
    by_token: BTreeMap<[u8; 32], (ChannelId, Side, Use)>,
    cells: usize,
}

impl Channels {
    pub(super) fn len(&self) -> usize {
        self.channels.len()
    }

    /// Makes a channel, or finds it. `false`: not possible.
    pub(super) fn open(
        &mut self,
        link: LinkId,
        token: &[u8; 32],
        opening: &ChannelOpening,
        now: Millis,
    ) -> bool {
        let (seeker, counselor) = (&opening.from_seeker, &opening.from_counselor);
        let all = [
            (seeker.put, Side::Seeker, Use::Put),
            (seeker.listen, Side::Seeker, Use::Listen),
            (counselor.put, Side::Counselor, Use::Put),
            (counselor.listen, Side::Counselor, Use::Listen),
        ];
        // Only who holds a token of it can make a channel, or learn that it is there.
        let hash = tokens::hash(token);
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
        if taken
            || different.len() != all.len()
            || self.channels.len() >= MAX_CHANNELS
            || mine >= MAX_CHANNELS_PER_LINK
        {
            return false;
        }
        let ring = |lane: &crate::wire::Lane| Ring {
            put: lane.put,
            listen: lane.listen,
            base: lane.start,
            cells: BTreeMap::new(),
            listener: None,
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

    pub(super) fn put(
        &mut self,
        token: &[u8; 32],
        index: u64,
        cell: Vec<u8>,
    ) -> (PutResult, Option<Delivery>) {
        let room = self.cells < MAX_CELLS;
        let Some(ring) = self.ring(token, Use::Put) else {
            return (PutResult::Gone, None);
        };
        if index < ring.base || ring.cells.contains_key(&index) {
            return (PutResult::Stored, None);
        }
        if planted::is(Bug::RingOverwrites) && ring.cells.len() >= 12 {
            ring.cells.pop_first();
        }
        if index - ring.base >= RING || !room || cell.len() != CELL_LEN {
            return (PutResult::Full, None);
        }
        let delivery = ring.listener.map(|(link, token)| Delivery {
            link,
            token,
            index,
            cell: cell.clone(),
        });
        if delivery.is_some() && planted::is(Bug::CursorMovedEarly) {
            return (PutResult::Stored, delivery);
        }
        ring.cells.insert(index, cell);
        self.cells += 1;
        (PutResult::Stored, delivery)
    }

    /// Listens from `index` on; gives what is there. An unknown token gives nothing.
    pub(super) fn listen(&mut self, link: LinkId, token: &[u8; 32], index: u64) -> Vec<Delivery> {
        let Some(ring) = self.ring(token, Use::Listen) else {
            return Vec::new();
        };
        ring.listener = Some((link, *token));
        let dropped = ring.move_base(index);
        let deliveries = ring
            .cells
            .range(index..)
            .map(|(index, cell)| Delivery {
                link,
                token: *token,
                index: *index,
                cell: cell.clone(),
            })
            .collect();
        self.cells -= dropped;
        if let Some((id, ..)) = self.by_token.get(&tokens::hash(token))
            && let Some(channel) = self.channels.get_mut(id)
        {
            channel.alone_since = None;
        }
        deliveries
    }

    pub(super) fn acknowledge(&mut self, token: &[u8; 32], below: u64) {
        if let Some(ring) = self.ring(token, Use::Listen) {
            let dropped = ring.move_base(below);
            self.cells -= dropped;
        }
    }

    /// A side lets go; when both have, the channel goes.
    pub(super) fn close(&mut self, token: &[u8; 32], now: Millis) {
        if let Some(ring) = self.ring(token, Use::Listen) {
            ring.closed = true;
            ring.listener = None;
        }
        let Some((id, ..)) = self.by_token.get(&tokens::hash(token)).copied() else {
            return;
        };
        let both = self.channels.get_mut(&id).is_some_and(|channel| {
            if !channel.watched() {
                channel.alone_since.get_or_insert(now);
            }
            channel.from_seeker.closed && channel.from_counselor.closed
        });
        if both {
            self.remove(id);
        }
    }

    pub(super) fn link_closed(&mut self, link: LinkId, now: Millis) {
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

    /// Drops channels on which nobody listens; gives how many.
    pub(super) fn expire(&mut self, now: Millis) -> usize {
        let alone = |channel: &Channel| {
            channel
                .alone_since
                .is_some_and(|since| now.since(since) >= CHANNEL_IDLE_MS)
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

    fn remove(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.remove(&id) {
            for ring in [&channel.from_seeker, &channel.from_counselor] {
                self.by_token.remove(&ring.put);
                self.by_token.remove(&ring.listen);
                self.cells -= ring.cells.len();
            }
        }
    }

    fn ring(&mut self, token: &[u8; 32], wanted: Use) -> Option<&mut Ring> {
        let (id, side, purpose) = self.by_token.get(&tokens::hash(token)).copied()?;
        if purpose != wanted {
            return None;
        }
        self.channels.get_mut(&id).map(|channel| channel.ring(side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Lane;

    const NOW: Millis = Millis(0);
    const LINK: LinkId = LinkId(1);

    fn token(number: u8) -> [u8; 32] {
        [number; 32]
    }

    fn opening(first: u8) -> ChannelOpening {
        let lane = |put, listen| Lane {
            put: tokens::hash(&token(put)),
            listen: tokens::hash(&token(listen)),
            start: 0,
        };
        ChannelOpening {
            from_seeker: lane(first, first + 1),
            from_counselor: lane(first + 2, first + 3),
        }
    }

    fn open() -> Channels {
        let mut channels = Channels::default();
        assert!(channels.open(LINK, &token(1), &opening(0), NOW));
        channels
    }

    fn put(channels: &mut Channels, index: u64) -> PutResult {
        channels.put(&token(0), index, vec![0; CELL_LEN]).0
    }

    #[test]
    fn opening_is_idempotent_and_needs_a_token() {
        let mut channels = open();
        assert!(channels.open(LinkId(2), &token(3), &opening(0), NOW));
        assert_eq!(channels.len(), 1);
        assert!(
            !channels.open(LINK, &token(9), &opening(20), NOW),
            "without a token of it"
        );
        let mut crossed = opening(40);
        crossed.from_seeker.put = opening(0).from_seeker.put;
        assert!(
            !channels.open(LINK, &token(41), &crossed, NOW),
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
        channels.acknowledge(&token(1), 10);
        assert_eq!(put(&mut channels, RING), PutResult::Stored);
        assert_eq!(put(&mut channels, 3), PutResult::Stored, "acknowledged before");
        assert_eq!(
            channels.listen(LINK, &token(1), 10).len(),
            usize::try_from(RING).unwrap() - 10 + 1
        );
        assert_eq!(channels.cells, usize::try_from(RING).unwrap() - 10 + 1);
    }

    #[test]
    fn only_the_right_token_puts_or_listens() {
        let mut channels = open();
        assert_eq!(channels.put(&token(1), 0, vec![0; CELL_LEN]).0, PutResult::Gone);
        assert_eq!(put(&mut channels, 0), PutResult::Stored);
        assert!(channels.listen(LINK, &token(0), 0).is_empty());
        assert!(channels.listen(LINK, &token(9), 0).is_empty());
        assert_eq!(channels.listen(LINK, &token(1), 0).len(), 1);
        let (_, delivery) = channels.put(&token(0), 1, vec![1; CELL_LEN]);
        assert_eq!(delivery.map(|delivery| delivery.index), Some(1));
    }

    #[test]
    fn a_channel_goes_when_both_let_go_or_nobody_listens() {
        let mut channels = open();
        put(&mut channels, 0);
        channels.close(&token(1), NOW);
        assert_eq!(channels.len(), 1);
        channels.close(&token(3), NOW);
        assert_eq!(
            (channels.len(), channels.cells, channels.by_token.len()),
            (0, 0, 0)
        );

        let mut channels = open();
        channels.listen(LINK, &token(1), 0);
        assert_eq!(channels.expire(Millis(CHANNEL_IDLE_MS)), 0);
        channels.link_closed(LINK, Millis(5));
        assert_eq!(channels.expire(Millis(CHANNEL_IDLE_MS)), 0);
        assert_eq!(channels.expire(Millis(CHANNEL_IDLE_MS + 5)), 1);
    }
}
