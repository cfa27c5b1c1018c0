//! What both client roles share: their side of the home links, and what they believe of the helpline.

pub(crate) mod copies;
pub mod directory;
pub(crate) mod home_links;
pub use home_links::{LinkState, ProvenLink};

/// The [`Machine`](crate::machine::Machine) of a client role, written once: both take an input and give outputs in one
/// way. A role has `on_connected`, `on_disconnected`, `on_record`, `on_timeout`, `work`, `poll_chats` and `next_timeout`.
macro_rules! client_machine {
    ($role:ty, $event:ty) => {
        impl Machine for $role {
            type Peer = HomeIndex;
            type Link = ProvenLink;
            type Event = $event;

            fn handle(&mut self, input: Input<HomeIndex, ProvenLink>, now: Now) {
                self.ctx.now = now;
                match input {
                    Input::Connected { peer, link } => self.on_connected(peer, link),
                    Input::Disconnected { peer } => self.on_disconnected(peer),
                    Input::Record { peer, record } => self.on_record(peer, record),
                    Input::Timeout => self.on_timeout(),
                }
                self.work();
            }

            fn poll_output(&mut self) -> Output<HomeIndex, $event> {
                if let Some(output) = self.ctx.links.poll_output() {
                    return output;
                }
                if let Some(event) = self.ctx.events.pop_front() {
                    return Output::Event(event);
                }
                self.poll_chats();
                let event = self.ctx.events.pop_front();
                self.work();
                if let Some(event) = event.or_else(|| self.ctx.events.pop_front()) {
                    return Output::Event(event);
                }
                // The chats may have made records.
                let last = self.ctx.links.poll_output();
                last.unwrap_or_else(|| Output::Sleep(self.next_timeout()))
            }
        }
    };
}
pub(crate) use client_machine;
