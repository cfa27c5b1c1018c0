//! The pause after a frame that came by itself.
//!
//! A person types while the screen changes: a chat ends, a question appears, the screen locks. The keys under way were
//! meant for the old frame. The gate swallows them: keys act again only after [`PAUSE`] without a key since the new
//! frame was drawn, and the key that ends the pause is swallowed too. What always acts (the ways out, lock, help) is
//! looked at before the gate, by its face. No clock and no terminal: the time comes in as an argument.
//!
//! What was not drawn whole is not answered: the gate is shut before the first frame, and as long as the window is too
//! small for what is asked.
//!
//! A face of single keys has a [`Gate`], a face of lines a [`LineGate`].

use std::time::{Duration, Instant};

use crate::input::Hand;

/// How long no key may come before keys act again: longer than the gap between two letters of a slow typist, and
/// shorter than reading the new sentence takes.
pub(crate) const PAUSE: Duration = Duration::from_millis(500);

/// Whether keys act. `M` is what keys mean on the present frame: the page, the chat, the question, as far as a key
/// could act on it. Two frames of one meaning need no pause: words that arrive in the chat that is shown change nothing
/// about where a letter goes.
#[derive(Debug)]
pub(crate) struct Gate<M> {
    meaning: M,
    state: GateState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GateState {
    /// No frame was drawn at all: what was typed ahead was meant for another program.
    Start,
    /// Keys act.
    Open,
    /// The meaning changed by itself, or the window became too small, and no frame has shown it whole since.
    Undrawn,
    /// Shown; the last key, or the frame, came at this time.
    Quiet(Instant),
}

impl<M: PartialEq> Gate<M> {
    /// Shut until the first frame, which will have this meaning.
    pub(crate) const fn new(meaning: M) -> Self {
        Self {
            meaning,
            state: GateState::Start,
        }
    }

    /// Open: this is what the person has before the eyes.
    pub(crate) const fn open(meaning: M) -> Self {
        Self {
            meaning,
            state: GateState::Open,
        }
    }

    /// What keys mean, as far as is known here.
    pub(crate) const fn meaning(&self) -> &M {
        &self.meaning
    }

    /// A key of the person has acted: whatever keys mean now, the person chose it.
    pub(crate) fn chosen(&mut self, meaning: M) {
        self.meaning = meaning;
    }

    /// Something else than the person acted. The gate closes where keys mean something new.
    pub(crate) fn changed(&mut self, meaning: M) {
        if self.meaning != meaning {
            self.meaning = meaning;
            // Before the first frame nobody has read anything else.
            if self.state != GateState::Start {
                self.state = GateState::Undrawn;
            }
        }
    }

    /// A frame with the present meaning is on the screen, whole.
    pub(crate) fn drawn(&mut self, now: Instant) {
        match self.state {
            GateState::Start => self.state = GateState::Open,
            GateState::Undrawn => self.state = GateState::Quiet(now),
            GateState::Open | GateState::Quiet(_) => {}
        }
    }

    /// The frame that is on the screen does not show the present meaning: the window is too small for it.
    pub(crate) const fn hidden(&mut self) {
        self.state = GateState::Undrawn;
    }

    /// Whether a key, a paste or a click that came now may act.
    pub(crate) fn admits(&mut self, now: Instant) -> bool {
        match self.state {
            GateState::Open => return true,
            GateState::Start | GateState::Undrawn => {}
            GateState::Quiet(since) if now.saturating_duration_since(since) >= PAUSE => {
                self.state = GateState::Open
            }
            GateState::Quiet(_) => self.state = GateState::Quiet(now),
        }
        false
    }

    /// Whether the next key will be swallowed.
    pub(crate) fn closed(&self) -> bool {
        self.state != GateState::Open
    }

    /// Whether that has to be seen: the key that ends a pause is swallowed, and a face says so as long as it lasts.
    pub(crate) const fn pauses(&self) -> bool {
        matches!(self.state, GateState::Undrawn | GateState::Quiet(_))
    }
}

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Something that acts at every moment: the ways out, the lock, help, what is said again.
    Way,
    /// To be sent as words.
    Words,
    /// Everything else: a number, an answer.
    Choice,
}

/// The same pause where lines are taken. A line acts on what was said before it was begun: one that was begun earlier,
/// or too soon after that to have been heard, is refused, and what it would act on is said again.
#[derive(Debug, Default)]
pub(crate) struct LineGate {
    came: Option<Came>,
}

/// Something new that came by itself, and that no line has answered yet.
#[derive(Clone, Copy, Debug)]
struct Came {
    /// When it had been said; nothing before that.
    said: Option<Instant>,
    /// Whether the line that comes next may have been begun before, where that cannot be seen.
    before: bool,
    /// Whether words go somewhere else too, not only choices.
    words: bool,
}

impl LineGate {
    /// Something else than the person changed what choices mean, and, with `words`, where words go.
    pub(crate) fn changed(&mut self, hand: Hand, words: bool) {
        // A program answers what it has read.
        if hand == Hand::Program {
            return;
        }
        let earlier = self.came;
        self.came = Some(Came {
            said: None,
            before: hand == Hand::Lines,
            words: words || earlier.is_some_and(|came| came.words),
        });
    }

    /// What is new has been said.
    pub(crate) fn said(&mut self, now: Instant) {
        if let Some(came) = &mut self.came {
            came.said.get_or_insert(now);
        }
    }

    /// A line, or a paste, that asks for nothing is whole: the next one is begun after it.
    pub(crate) const fn whole_line(&mut self) {
        if let Some(came) = &mut self.came {
            came.before = false;
        }
    }

    /// Whether a line that is whole `now` may act. `begun` is when its first letter came, where that is known. After a
    /// refusal what is new has to be said again.
    pub(crate) fn admits(&mut self, asks: Asks, begun: Option<Instant>, now: Instant) -> bool {
        let Some(came) = &mut self.came else {
            return true;
        };
        let read = |said: Instant| match begun {
            Some(begun) => begun
                .checked_duration_since(said)
                .is_some_and(|time| time >= PAUSE),
            None => !came.before && now.saturating_duration_since(said) >= PAUSE,
        };
        let read = came.said.is_some_and(read);
        came.before = false;
        if asks == Asks::Way || (asks == Asks::Words && !came.words) {
            return true;
        }
        if read {
            self.came = None;
        } else {
            came.said = None;
        }
        read
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
        let mut gate = Gate::open(1);
        assert!(gate.admits(start));
        gate.chosen(2);
        gate.changed(2);
        assert!(gate.admits(start));
    }

    #[test]
    fn keys_under_way_are_swallowed_until_a_pause() {
        let start = Instant::now();
        let mut gate = Gate::open(1);
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
        let mut gate = Gate::open(1);
        gate.changed(2);
        gate.drawn(start);
        assert!(!gate.admits(at(start, 600)));
        gate.changed(3);
        assert!(gate.closed());
        gate.drawn(at(start, 700));
        assert!(!gate.admits(at(start, 1_100)));
    }

    #[test]
    fn what_was_not_drawn_whole_is_not_answered() {
        let start = Instant::now();
        let mut gate = Gate::new(1);
        assert!(!gate.admits(at(start, 60_000)), "typed ahead");
        gate.changed(2);
        assert!(!gate.pauses(), "nothing was read before");
        gate.drawn(start);
        assert!(gate.admits(start));
        gate.hidden();
        gate.chosen(3);
        assert!(!gate.admits(at(start, 60_000)) && gate.pauses());
        gate.drawn(at(start, 60_000));
        assert!(!gate.admits(at(start, 60_500)));
        assert!(gate.admits(at(start, 60_501)));
        // Too small from the first frame on.
        let mut gate = Gate::new(1);
        gate.hidden();
        gate.drawn(start);
        assert!(!gate.admits(start));
    }

    #[test]
    fn a_line_acts_on_what_was_said_before_it_was_begun() {
        let start = Instant::now();
        let mut gate = LineGate::default();
        assert!(gate.admits(Asks::Choice, Some(start), start));
        gate.changed(Hand::Keys, false);
        assert!(gate.admits(Asks::Way, Some(start), start));
        assert!(
            gate.admits(Asks::Words, Some(start), start),
            "words go where they went"
        );
        assert!(
            !gate.admits(Asks::Choice, Some(at(start, 9_000)), at(start, 9_100)),
            "not said yet"
        );
        gate.said(at(start, 10_000));
        assert!(!gate.admits(Asks::Choice, Some(at(start, 10_499)), at(start, 20_000)));
        // It was said again.
        gate.said(at(start, 20_000));
        assert!(!gate.admits(Asks::Choice, Some(at(start, 20_100)), at(start, 20_900)));
        gate.said(at(start, 21_000));
        assert!(gate.admits(Asks::Choice, Some(at(start, 21_500)), at(start, 21_500)));
        assert!(gate.admits(Asks::Choice, Some(start), start), "once is enough");
    }

    #[test]
    fn unseen_letters_refuse_the_first_line_after_a_change() {
        let start = Instant::now();
        let mut gate = LineGate::default();
        gate.changed(Hand::Lines, true);
        gate.said(start);
        assert!(!gate.admits(Asks::Words, None, at(start, 60_000)));
        gate.said(at(start, 60_000));
        assert!(!gate.admits(Asks::Words, None, at(start, 60_400)));
        gate.said(at(start, 60_400));
        assert!(gate.admits(Asks::Words, None, at(start, 60_900)));
        // A second change before the first was answered.
        gate.changed(Hand::Lines, true);
        gate.said(start);
        gate.changed(Hand::Lines, false);
        gate.said(at(start, 1_000));
        gate.whole_line();
        assert!(
            !gate.admits(Asks::Words, None, at(start, 1_499)),
            "words were concerned by the first"
        );
        gate.changed(Hand::Program, true);
        gate.said(at(start, 2_000));
        assert!(gate.admits(Asks::Choice, None, at(start, 2_500)));
    }

    #[test]
    fn a_change_back_still_needs_the_pause() {
        let start = Instant::now();
        let mut gate = Gate::open(1);
        gate.changed(2);
        gate.changed(1);
        gate.drawn(start);
        assert!(!gate.admits(at(start, 1)));
    }
}
