//! Counting with an end: a permit gives its place back when it is dropped, on every path.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How many of something there are now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gauge(Arc<AtomicUsize>);

impl Gauge {
    /// How many now.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// One more, if that is not over the limit.
    pub(crate) fn take(&self, limit: usize) -> Option<Permit> {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        // Made before the check, so that a refusal gives the place back too.
        let permit = Permit(Arc::clone(&self.0));
        (before < limit).then_some(permit)
    }

    /// One more, in any case: for what is balanced and not limited.
    pub(crate) fn add(&self) -> Permit {
        self.0.fetch_add(1, Ordering::Relaxed);
        Permit(Arc::clone(&self.0))
    }
}

/// One counted place.
#[derive(Debug)]
pub(crate) struct Permit(Arc<AtomicUsize>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_place_is_given_back() {
        let gauge = Gauge::default();
        let one = gauge.take(1);
        assert!(one.is_some());
        assert!(gauge.take(1).is_none());
        assert_eq!(gauge.count(), 1);
        drop(one);
        assert_eq!(gauge.count(), 0);
        assert!(gauge.take(1).is_some());
    }
}
