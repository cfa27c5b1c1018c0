//! Who gets a place when places are short, without a socket, a clock or a task.
//!
//! Below half of all places nobody is refused and nobody makes room: two thousand people may share one address of a
//! mobile provider. Above it each source has a share. A place that *waits* carries nothing yet (a handshake, a
//! connection without a stream, a stream without a target): it makes room for others. A place in use never does.
//!
//! Where no place is ever in use (handshakes, streams without a target), strangers go beyond their share as long as places
//! are free: all of them make room for the first who comes from elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
    time::Instant,
};

use crate::{limits::WAIT_UNDER_PRESSURE, source::PeerSource};

/// A source never has to do with fewer places: a household, and a connection beside one that is silent.
const LEAST: usize = 4;
/// However many sources there are, the share of one is not below this part of all places: a carrier's address stands
/// for many people.
const LEAST_PART: usize = 64;
/// What the sources without an address of their own have together, as a part of all places.
const UNNAMED_PART: usize = 4;

/// One place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PlaceId(u64);

/// See the module. `T` is what is needed to end the holder of a place that makes room.
#[derive(Debug)]
pub(crate) struct Shares<T> {
    places: usize,
    /// Whether a place can come in use. If not, it is left before.
    used: bool,
    /// Places that strangers leave to partners.
    reserve: usize,
    /// Partners there are, with a place or without.
    known: usize,
    next: u64,
    held: HashMap<PlaceId, HeldPlace<T>>,
    sources: HashMap<PeerSource, Holding>,
    /// Sources with a place, by kind, and places of strangers.
    partners: usize,
    strangers: usize,
    held_by_strangers: usize,
    /// Strangers' sources by how many of their places wait.
    most: BTreeSet<(usize, PeerSource)>,
    /// Strangers' places that wait, the longest first.
    longest: BTreeMap<u64, PlaceId>,
}

#[derive(Debug)]
struct HeldPlace<T> {
    source: PeerSource,
    tag: T,
    /// How many streams or the like it carries; it waits while there is none.
    uses: usize,
    /// Its turn among those that wait, and since when it does.
    turn: u64,
    since: Instant,
}

#[derive(Debug, Default)]
struct Holding {
    held: usize,
    waiting: BTreeMap<u64, PlaceId>,
}

enum Room {
    Free,
    Of(PlaceId),
    None,
}

impl<T> Shares<T> {
    pub(crate) fn new(places: usize) -> Self {
        Self {
            places,
            used: true,
            reserve: 0,
            known: 0,
            next: 0,
            held: HashMap::new(),
            sources: HashMap::new(),
            partners: 0,
            strangers: 0,
            held_by_strangers: 0,
            most: BTreeSet::new(),
            longest: BTreeMap::new(),
        }
    }

    /// Places that only wait.
    pub(crate) fn waiting(places: usize) -> Self {
        Self {
            used: false,
            ..Self::new(places)
        }
    }

    /// From now on strangers leave so many places to so many partners; at most half of all.
    pub(crate) fn reserve(&mut self, places: usize, partners: usize) {
        self.reserve = places.min(self.places / 2);
        self.known = partners;
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// A place for a newcomer, which waits, and what was said of the place that made room for it, if one did.
    /// Nothing: there is no room.
    pub(crate) fn enter(&mut self, source: PeerSource, tag: T, now: Instant) -> Option<(PlaceId, Option<T>)> {
        let shed = match self.room(source, now) {
            Room::Free => None,
            Room::Of(place) => self.leave(place),
            Room::None => return None,
        };
        let id = PlaceId(self.next);
        let holding = self.sources.entry(source).or_default();
        holding.held += 1;
        let first = holding.held == 1;
        if source.is_partner() {
            self.partners += usize::from(first);
        } else {
            self.strangers += usize::from(first);
            self.held_by_strangers += 1;
        }
        let place = HeldPlace {
            source,
            tag,
            uses: 0,
            turn: self.next,
            since: now,
        };
        self.held.insert(id, place);
        self.wait(source, self.next, id);
        self.next += 1;
        Some((id, shed))
    }

    /// Gives a place back. A second time does nothing.
    pub(crate) fn leave(&mut self, id: PlaceId) -> Option<T> {
        let place = self.held.remove(&id)?;
        if place.uses == 0 {
            self.wait_no_more(place.source, place.turn);
        }
        let partner = place.source.is_partner();
        self.held_by_strangers -= usize::from(!partner);
        if let Some(holding) = self.sources.get_mut(&place.source) {
            holding.held -= 1;
            if holding.held == 0 {
                self.sources.remove(&place.source);
                let kind = if partner {
                    &mut self.partners
                } else {
                    &mut self.strangers
                };
                *kind -= 1;
            }
        }
        Some(place.tag)
    }

    /// The place has one more use. A place in use is not evicted for a newcomer.
    pub(crate) fn use_more(&mut self, id: PlaceId) {
        if let Some(place) = self.held.get_mut(&id) {
            place.uses += 1;
            if place.uses == 1 {
                let (source, turn) = (place.source, place.turn);
                self.wait_no_more(source, turn);
            }
        }
    }

    /// It carries one thing less, and waits again after the last.
    pub(crate) fn use_less(&mut self, id: PlaceId, now: Instant) {
        if let Some(place) = self.held.get_mut(&id) {
            place.uses -= 1;
            if place.uses == 0 {
                (place.turn, place.since) = (self.next, now);
                let source = place.source;
                self.wait(source, self.next, id);
                self.next += 1;
            }
        }
    }

    fn room(&self, source: PeerSource, now: Instant) -> Room {
        let pressed = self.held.len() >= self.places / 2;
        let own = self.sources.get(&source);
        let held = own.map_or(0, |own| own.held);
        let strangers_full = self.held_by_strangers >= self.places - self.reserve;
        let free = self.held.len() < self.places && (source.is_partner() || !strangers_full);
        let yields = !self.used && !source.is_partner();
        if pressed && held >= self.share(source) && !(free && yields) {
            // Among those of one source nobody can be told from another, but who begins says something soon.
            let own = own.and_then(|own| own.waiting.values().next());
            return own.map_or(Room::None, |place| Room::Of(*place));
        }
        if free {
            return Room::Free;
        }
        let waiting = own.map_or(0, |own| own.waiting.len());
        if let Some((most, biggest)) = self.most.last()
            && *most > waiting + 1
            && let Some(place) = self.sources.get(biggest).and_then(|b| b.waiting.values().next())
        {
            return Room::Of(*place);
        }
        let longest = self.longest.values().next();
        let longest = longest.and_then(|id| Some((*id, self.held.get(id)?.since)));
        match longest {
            Some((place, since)) if now.duration_since(since) >= WAIT_UNDER_PRESSURE => Room::Of(place),
            _ => Room::None,
        }
    }

    /// How many places a source may hold under pressure. One share more than there are sources: a newcomer finds room.
    fn share(&self, source: PeerSource) -> usize {
        let new = usize::from(!self.sources.contains_key(&source));
        if source.is_partner() {
            // No other one can come, and strangers leave it half.
            if self.known == 1 {
                return self.places / 2;
            }
            return self.places / (self.partners + new + usize::from(self.strangers > 0) + 1);
        }
        let all = self.places / (self.partners + 1);
        let least = if source == PeerSource::Unnamed {
            all / UNNAMED_PART
        } else {
            self.places / LEAST_PART
        };
        (all / (self.strangers + new + 1)).max(least).max(LEAST)
    }

    fn wait(&mut self, source: PeerSource, turn: u64, id: PlaceId) {
        self.count(source, |waiting| {
            waiting.insert(turn, id);
        });
        if !source.is_partner() {
            self.longest.insert(turn, id);
        }
    }

    fn wait_no_more(&mut self, source: PeerSource, turn: u64) {
        self.count(source, |waiting| {
            waiting.remove(&turn);
        });
        self.longest.remove(&turn);
    }

    /// Changes what waits of a source, and its rank by that.
    fn count(&mut self, source: PeerSource, change: impl FnOnce(&mut BTreeMap<u64, PlaceId>)) {
        let Some(holding) = self.sources.get_mut(&source) else {
            return;
        };
        let before = holding.waiting.len();
        change(&mut holding.waiting);
        if !source.is_partner() {
            self.most.remove(&(before, source));
            if !holding.waiting.is_empty() {
                self.most.insert((holding.waiting.len(), source));
            }
        }
    }
}

#[cfg(test)]
mod tests;
