//! When a new epoch is asked for, answered and begun; the handshake itself is in `healing`.

use zeroize::Zeroizing;

use super::{
    Chat,
    cell::{Cell, CellKind},
    ratchet::{
        self, EpochOverlap, EpochUsage, HEAL_AGAIN, HEAL_ASKS_MAX, HEAL_GIVE_UP, HEAL_UNHEARD, Party,
        PendingRatchet, RatchetInitiator,
    },
};
use crate::{crypto::random::Random, limits::WINDOW, time::Tick};

impl Chat {
    /// Does what needs randomness: asks for a new epoch when one is due, answers when one was asked for. It is
    /// called after every other input and costs nothing when there is nothing to do.
    pub fn heal(&mut self, random: &mut Random, now: Tick) {
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
                // A message that is none gets no answer; the limits then stop the data.
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

    /// When a new epoch is to be asked for, if it may be at all.
    pub(super) fn ask_due(&self, now: Tick) -> Option<Tick> {
        let seeker = matches!(self.party, Party::Seeker { .. });
        // An end in peace waits behind words, and they may wait for a new epoch.
        let waits = self.messages.iter().any(|message| message.cells.is_none());
        let live = !self.ended && !self.peer_ended && (self.end_wanted.is_none() || waits);
        let asks = seeker;
        if !asks || !live || self.epoch.chain.is_none() || self.flying() >= WINDOW {
            return None;
        }
        match self.asking.last() {
            None => self.used.heal_due(now),
            // While it is not acknowledged it may still arrive: asking again would only fill a slow line.
            Some(last) => {
                let again = self.asking.len() < HEAL_ASKS_MAX && self.peer_acked > last.index;
                again.then(|| last.at + HEAL_AGAIN)
            }
        }
    }

    /// When the seeker stops waiting for a new epoch that nobody makes, though cells come: it is not the counselor's
    /// machine that writes them, or not only.
    #[must_use]
    pub fn give_up_due(&self) -> Option<Tick> {
        let (first, last) = (self.asking.first()?, self.asking.last()?);
        let heard = self.peer_acked > last.index;
        let patience = if heard { HEAL_GIVE_UP } else { HEAL_UNHEARD };
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
        // Both directions at once: her next cell is of the new epoch, and so is the counselor's.
        self.transport = next.transport;
        self.epoch.replace(next.hash, next.chain);
        self.asking.clear();
        self.used = EpochUsage::default();
        self.heard = 0;
    }

    /// Opens the next cell, with the keys of the next epoch if it is the first of it: then the old ones go.
    pub(super) fn open(&mut self, cell: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let answered = self.next.is_some();
        if (!answered || self.old.read(self.next_in))
            && let Ok(plaintext) = self.transport.open(cell)
        {
            let late = |cell: Cell| answered && !self.old.allow(cell.ack);
            if !Cell::decode(&plaintext).is_some_and(late) {
                return Some(plaintext);
            }
            // A thief's. The seeker's own cell of this index may still be of either epoch.
            self.transport.close_again();
            return None;
        }
        let plaintext = self.next.as_mut()?.open(cell).ok()?;
        self.transport = self.next.take()?;
        self.heard = 0;
        Some(plaintext)
    }
}
