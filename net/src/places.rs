//! [`Shares`] between tasks: a place gives itself back when it is dropped, on every path.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Instant,
};

use crate::{
    connections::lock,
    shares::{PlaceId, Shares},
    source::PeerSource,
};

/// Places of one kind.
#[derive(Debug)]
pub(crate) struct Places<T>(Arc<Mutex<Shares<T>>>);

impl<T> Places<T> {
    pub(crate) fn new(places: usize) -> Self {
        Self(Arc::new(Mutex::new(Shares::new(places))))
    }

    /// See [`Shares::waiting`].
    pub(crate) fn waiting(places: usize) -> Self {
        Self(Arc::new(Mutex::new(Shares::waiting(places))))
    }

    /// See [`Shares::reserve`].
    pub(crate) fn reserve(&self, places: usize, partners: usize) {
        lock(&self.0).reserve(places, partners);
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.0).len()
    }

    /// A place, and what was said of the one that made room: its holder MUST be ended. Nothing: there is no room.
    pub(crate) fn enter(&self, source: PeerSource, tag: T) -> Option<(PlaceGuard<T>, Option<T>)> {
        let (id, shed) = lock(&self.0).enter(source, tag, Instant::now())?;
        let shares = Arc::clone(&self.0);
        Some((PlaceGuard { shares, id }, shed))
    }

    /// A place that is in use from the beginning to its end.
    pub(crate) fn take(&self, source: PeerSource, tag: T) -> Option<PlaceGuard<T>> {
        let mut shares = lock(&self.0);
        let (id, _none_waits) = shares.enter(source, tag, Instant::now())?;
        shares.use_more(id);
        drop(shares);
        let shares = Arc::clone(&self.0);
        Some(PlaceGuard { shares, id })
    }
}

/// One place.
pub(crate) struct PlaceGuard<T> {
    shares: Arc<Mutex<Shares<T>>>,
    id: PlaceId,
}

impl<T> PlaceGuard<T> {
    /// While the returned guard lives, the place is in use and is not evicted for a newcomer.
    pub(crate) fn in_use(&self) -> PlaceUse<T> {
        lock(&self.shares).use_more(self.id);
        PlaceUse {
            shares: Arc::clone(&self.shares),
            id: self.id,
        }
    }
}

impl<T> fmt::Debug for PlaceGuard<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PlaceGuard")
    }
}

impl<T> Drop for PlaceGuard<T> {
    fn drop(&mut self) {
        // What was said of it is dropped outside of the lock.
        let _tag = lock(&self.shares).leave(self.id);
    }
}

/// See [`PlaceGuard::in_use`].
pub(crate) struct PlaceUse<T> {
    shares: Arc<Mutex<Shares<T>>>,
    id: PlaceId,
}

impl<T> Drop for PlaceUse<T> {
    fn drop(&mut self) {
        lock(&self.shares).use_less(self.id, Instant::now());
    }
}
