//! What the parts of the machine share: links, randomness, events and the time of the input that is handled.

use std::collections::{BTreeSet, VecDeque};

use super::{event::Event, payments::Payments};
use crate::{
    client::home_links::HomeLinks,
    crypto::{keys::HelplineId, random::Random},
    objects::HomeIndex,
    session::chat::State,
    time::{Now, Tick},
};

pub(super) struct SeekerContext {
    pub(super) helpline: HelplineId,
    pub(super) random: Random,
    pub(super) links: HomeLinks,
    pub(super) payments: Payments,
    /// Homes that the address names; 0 where it is not known.
    pub(super) homes_named: usize,
    /// Homes that had a link in this visit.
    pub(super) homes_met: BTreeSet<HomeIndex>,
    pub(super) events: VecDeque<Event>,
    pub(super) now: Now,
}

impl SeekerContext {
    /// As many homes as the address names, or as many as were met, if these are more.
    pub(super) fn homes_expected(&self) -> usize {
        self.homes_named.max(self.homes_met.len())
    }

    /// The later of `at` and the moment when a link came up. The homes' time to answer counts from then on.
    pub(super) fn since_up(&self, at: Tick) -> Tick {
        self.links.up_since().map_or(at, |up| at.max(up))
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// The state of a message has changed.
    pub(super) fn emit_state(&mut self, id: String, state: State) {
        self.emit(Event::State { id, state });
    }

    pub(super) fn emit_states(&mut self, states: impl IntoIterator<Item = (String, State)>) {
        for (id, state) in states {
            self.emit_state(id, state);
        }
    }
}
