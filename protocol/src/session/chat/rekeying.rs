//! When a new epoch is requested, answered and begun. The handshake itself is in `ratchet`.

use zeroize::Zeroizing;

use super::{
    Chat,
    cell::{Cell, CellKind},
    ratchet::{
        self, EpochOverlap, EpochUsage, Party, PendingRatchet, RATCHET_AGAIN, RATCHET_ASKS_MAX,
        RATCHET_GIVE_UP, RATCHET_UNHEARD, RatchetInitiator,
    },
};
use crate::{crypto::random::Random, limits::WINDOW, time::Tick};

impl Chat {
    /// Does what needs randomness: requests a ratchet step when one is due, and answers a pending request. It is
    /// called after every other input, and costs nothing when nothing is due.
    pub fn ratchet(&mut self, random: &mut Random, now: Tick) {
        if self.ended || self.peer_ended || self.flying() >= WINDOW {
            return;
        }
        match &self.party {
            Party::Seeker { own, counselor } => {
                if self.ask_due(now).is_none_or(|due| due > now) {
                    return;
                }
                if let Ok((asked, body)) = RatchetInitiator::start(&self.epoch, own, counselor, random) {
                    let (index, at) = (self.next_out, now);
                    self.asking.push(PendingRatchet { asked, index, at });
                    self.send(CellKind::Heal, body, now);
                }
            }
            Party::Counselor {
                own,
                seeker: Some(seeker),
            } if self.next.is_none() => {
                let Some(message) = self.asked_by_peer.take() else {
                    return;
                };
                // An invalid request gets no answer. The limits then stop the data.
                if let Ok((body, next)) = ratchet::answer(&self.epoch, own, seeker, &message, random) {
                    self.old = EpochOverlap::until(self.next_in, self.next_out);
                    self.send(CellKind::Healed, body, now);
                    self.transport.wipe_outgoing();
                    self.next = Some(next.transport);
                    self.epoch.replace(next.hash, next.chain);
                    self.used = EpochUsage::default();
                    self.pump(now);
                }
            }
            Party::Counselor { .. } => {}
        }
    }

    /// When the next ratchet request is due, if one may be sent at all.
    pub(super) fn ask_due(&self, now: Tick) -> Option<Tick> {
        let seeker = matches!(self.party, Party::Seeker { .. });
        // `Finished` waits behind queued messages, and these may wait for a new epoch.
        let waits = self.messages.iter().any(|message| message.cells.is_none());
        let live = !self.ended && !self.peer_ended && (self.end_wanted.is_none() || waits);
        let asks = seeker;
        if !asks || !live || self.epoch.chain.is_none() || self.flying() >= WINDOW {
            return None;
        }
        match self.asking.last() {
            None => self.used.ratchet_due(now),
            // A request that is not acknowledged may still arrive. Another one would only fill a slow link.
            Some(last) => {
                let again = self.asking.len() < RATCHET_ASKS_MAX && self.peer_acked > last.index;
                again.then(|| last.at + RATCHET_AGAIN)
            }
        }
    }

    /// When the seeker stops waiting for an answer although cells arrive. Then these cells, or some of them, do not
    /// come from the counselor's machine.
    #[must_use]
    pub fn give_up_due(&self) -> Option<Tick> {
        let (first, last) = (self.asking.first()?, self.asking.last()?);
        let heard = self.peer_acked > last.index;
        let patience = if heard { RATCHET_GIVE_UP } else { RATCHET_UNHEARD };
        let live = !self.ended && !self.peer_ended && self.end_wanted.is_none();
        live.then(|| first.at + patience)
    }

    pub(super) fn take_healed(&mut self, body: &[u8]) {
        let Party::Seeker { own, counselor } = &self.party else {
            return;
        };
        let answered = |asking: &PendingRatchet| asking.asked.finish(&self.epoch, own, counselor, body).ok();
        let Some(next) = self.asking.iter().find_map(answered) else {
            return;
        };
        // Both directions switch at once: the seeker's next cell is of the new epoch, and so is the counselor's.
        self.transport = next.transport;
        self.epoch.replace(next.hash, next.chain);
        self.asking.clear();
        self.used = EpochUsage::default();
        self.heard = 0;
    }

    /// Opens the next cell. If it is the first of the next epoch, the old keys are dropped.
    pub(super) fn open(&mut self, cell: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let answered = self.next.is_some();
        if (!answered || self.old.read(self.next_in))
            && let Ok(plaintext) = self.transport.open(cell)
        {
            let late = |cell: Cell| answered && !self.old.allow(cell.ack);
            if !Cell::decode(&plaintext).is_some_and(late) {
                return Some(plaintext);
            }
            // An attacker wrote it. The seeker's own cell of this index may still be of either epoch.
            self.transport.close_again();
            return None;
        }
        let plaintext = self.next.as_mut()?.open(cell).ok()?;
        self.transport = self.next.take()?;
        self.heard = 0;
        Some(plaintext)
    }
}
