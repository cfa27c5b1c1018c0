//! Back pressure between a home and its links, as a node has it.

use hamsa_protocol_planted::{home::LinkId, time::Now};

use super::World;

/// A home tells what it was not asked for while fewer records are on their way: about as many as in the programs.
pub(super) const TOLD: u32 = 8;

impl World {
    /// A home may tell the other end of a link again what it has not asked for.
    pub(super) fn has_room_again(&mut self, id: LinkId, home: usize, awake: bool) {
        if let Some(link) = self.links.get_mut(&id) {
            link.held_back = false;
        }
        let now = self.home_now(home);
        if let Some(machine) = self.homes.get_mut(home).and_then(|sim| sim.machine.as_mut()) {
            machine.handle_room(id, true, now);
        }
        // A home that is frozen says nothing now.
        if awake {
            self.drain_home(home);
        }
    }

    /// Where much is on its way, a home waits with what was not asked for.
    pub(super) fn hold_back(&mut self, home: usize, id: LinkId, now: Now) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let [_, flying] = link.flying;
        if flying >= TOLD {
            link.held_back = true;
            if let Some(machine) = self.homes.get_mut(home).and_then(|sim| sim.machine.as_mut()) {
                machine.handle_room(id, false, now);
            }
        }
    }
}
