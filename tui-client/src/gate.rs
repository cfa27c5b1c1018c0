//! The pause after a frame that came by itself.
//!
//! A person types while the screen changes: a chat ends, a question appears, the screen locks. The keys under way were
//! meant for the old frame. The gate swallows them: keys act again only after [`PAUSE`] without a key since the new
//! frame was drawn, and the key that ends the pause is swallowed too. What always acts (the ways out, lock, help) is
//! looked at before the gate, by its face. No clock and no terminal: the time comes in as an argument.

use std::time::{Duration, Instant};

/// How long no key may come before keys act again: longer than the gap between two letters of a slow typist, and
/// shorter than reading the new sentence takes.
pub(crate) const PAUSE: Duration = Duration::from_millis(500);

/// Whether keys act. `M` is what keys mean on the present frame: the page, the chat, the question, as far as a key
/// could act on it. Two frames of one meaning need no pause: words that arrive in the chat that is shown change nothing
/// about where a letter goes.
#[derive(Debug)]
pub(crate) struct Gate<M> {
    meaning: M,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Keys act.
    Open,
    /// The meaning changed by itself, and no frame has shown it yet.
    Undrawn,
    /// Shown; the last key, or the frame, came at this time.
    Quiet(Instant),
}

impl<M: PartialEq> Gate<M> {
    /// Open, with the meaning of the first frame.
    pub(crate) const fn new(meaning: M) -> Self {
        Self {
            meaning,
            state: State::Open,
        }
    }

    /// A key of the person has acted: whatever keys mean now, the person chose it.
    pub(crate) fn chosen(&mut self, meaning: M) {
        self.meaning = meaning;
    }

    /// Something else than the person acted. The gate closes where keys mean something new.
    pub(crate) fn changed(&mut self, meaning: M) {
        if self.meaning != meaning {
            self.meaning = meaning;
            self.state = State::Undrawn;
        }
    }

    /// A frame with the present meaning is on the screen.
    pub(crate) fn drawn(&mut self, now: Instant) {
        if self.state == State::Undrawn {
            self.state = State::Quiet(now);
        }
    }

    /// Whether a key, a paste or a click that came now may act.
    pub(crate) fn admits(&mut self, now: Instant) -> bool {
        match self.state {
            State::Open => return true,
            State::Undrawn => {}
            State::Quiet(since) if now.saturating_duration_since(since) >= PAUSE => self.state = State::Open,
            State::Quiet(_) => self.state = State::Quiet(now),
        }
        false
    }

    /// Whether the next key will be swallowed; a face shows it.
    pub(crate) fn closed(&self) -> bool {
        self.state != State::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn keys_act_while_nothing_changes_by_itself() {
        let start = Instant::now();
        let mut gate = Gate::new(1);
        assert!(gate.admits(start));
        gate.chosen(2);
        gate.changed(2);
        assert!(gate.admits(start));
    }

    #[test]
    fn keys_under_way_are_swallowed_until_a_pause() {
        let start = Instant::now();
        let mut gate = Gate::new(1);
        gate.changed(2);
        assert!(!gate.admits(at(start, 10_000)), "nothing was drawn yet");
        gate.drawn(start);
        for ms in [100, 599, 1_098, 1_597] {
            assert!(!gate.admits(at(start, ms)), "499 ms are no pause");
        }
        assert!(
            !gate.admits(at(start, 2_097)),
            "the key that ends the pause is swallowed"
        );
        assert!(gate.admits(at(start, 2_098)));
    }

    #[test]
    fn a_second_change_closes_it_again() {
        let start = Instant::now();
        let mut gate = Gate::new(1);
        gate.changed(2);
        gate.drawn(start);
        assert!(!gate.admits(at(start, 600)));
        gate.changed(3);
        assert!(gate.closed());
        gate.drawn(at(start, 700));
        assert!(!gate.admits(at(start, 1_100)));
    }

    #[test]
    fn a_change_back_still_needs_the_pause() {
        let start = Instant::now();
        let mut gate = Gate::new(1);
        gate.changed(2);
        gate.changed(1);
        gate.drawn(start);
        assert!(!gate.admits(at(start, 1)));
    }
}
