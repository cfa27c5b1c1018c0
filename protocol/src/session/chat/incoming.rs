//! What a chat does with a decrypted cell.

use super::*;

impl Chat {
    pub(super) fn take(&mut self, index: u64, cell: Cell, now: Tick) {
        if self.epoch.chain.is_none() && cell.kind != CellKind::Hello {
            // Ignore every cell before Hello, with all that rides in it: a desk does not show such a chat, so it must not
            // show words of it, nor that its own were received.
            self.ack_soon(now);
            return;
        }
        self.acknowledged(cell.ack, cell.shown);
        self.take_status(cell.status);
        match cell.kind {
            CellKind::Hello => self.take_hello(&cell.body),
            CellKind::Heal => {
                // A request that was sent before our answer was read is of an epoch that is over.
                if matches!(self.party, Party::Counselor { .. }) && self.next.is_none() {
                    self.asked_by_peer = Some(cell.body);
                }
            }
            CellKind::Healed => self.take_healed(&cell.body),
            CellKind::AskTransfer => {
                if let Some(colleague) = postcard_decode(&cell.body) {
                    let asked = |event: &ChatEvent| matches!(event, ChatEvent::TransferAsked(_));
                    self.events.retain(|event| !asked(event));
                    self.event(ChatEvent::TransferAsked(colleague));
                }
            }
            CellKind::AnswerTransfer => {
                let answer = ChatEvent::TransferAnswered(cell.body.first() == Some(&1));
                if !self.events.contains(&answer) {
                    self.event(answer);
                }
            }
            CellKind::Pace => {
                let pace = Pace::decode(cell.body.first().copied().unwrap_or_default());
                // Replace a pace that the face has not polled: a peer that changes it without end must not fill the
                // memory.
                let waits = self.events.iter_mut().find_map(|event| match event {
                    ChatEvent::Pace(waits) => Some(waits),
                    _ => None,
                });
                match waits {
                    Some(waits) => *waits = pace,
                    None => self.event(ChatEvent::Pace(pace)),
                }
            }
            CellKind::Data => {
                // Cells of the old epoch that still arrive do not count for the epoch in which we already write.
                if self.next.is_none() {
                    self.used.received(now);
                }
                // Drop data beyond the limit: an attacker who cannot ratchet must not extend the epoch. An honest
                // peer stops at the limit.
                self.heard += 1;
                let within = self.heard <= ratchet::BLOCK_AFTER_CELLS;
                if within && let Some((id, text)) = self.joiner.take(&cell.body) {
                    self.take_message(index, id, text);
                }
            }
            CellKind::Ack => return,
            CellKind::End => {
                let reason = EndReason::from_byte(cell.body.first().copied().unwrap_or_default());
                if !core::mem::replace(&mut self.peer_ended, true) {
                    self.event(ChatEvent::Ended(reason));
                }
            }
        }
        self.ack_soon(now);
    }

    /// Takes a complete message. If the face took it in an earlier attempt and has not shown it, it is not given
    /// again, and still waits to be shown.
    pub(super) fn take_message(&mut self, index: u64, id: String, text: Zeroizing<String>) {
        let waits = |event: &ChatEvent| matches!(event, ChatEvent::Message { id: other, .. } if *other == id);
        let known = self.seen.has(&self.source, &id) || self.events.iter().any(waits);
        // An honest peer has as many that wait, and first words.
        let room = self.unshown.len() <= QUEUE_MAX;
        if self.seen.shown(&self.source, &id) || !room {
            return;
        }
        self.unshown.push(index, id.clone());
        if !known {
            self.event(ChatEvent::Message { id, text });
        }
    }

    /// Only a counselor reports a status.
    pub(super) fn take_status(&mut self, status: Status) {
        if core::mem::replace(&mut self.peer_status, status) == status
            || !matches!(self.party, Party::Seeker { .. })
        {
            return;
        }
        // Replace a status that the face has not polled, as a pace.
        let waits = self.events.iter_mut().find_map(|event| match event {
            ChatEvent::Status(waits) => Some(waits),
            _ => None,
        });
        match waits {
            Some(waits) => *waits = status,
            None => self.event(ChatEvent::Status(status)),
        }
    }

    pub(super) fn take_hello(&mut self, body: &[u8]) {
        let Some((theirs, rest)) = body.split_first_chunk::<32>() else {
            return;
        };
        // Clone, then wipe: taking the value out would leave its bytes in place.
        let Some(ours) = self.own_random.clone() else {
            return;
        };
        self.own_random.zeroize();
        let (seeker, counselor): (&[u8; 32], &[u8; 32]) = match &mut self.party {
            Party::Seeker { .. } => {
                self.source = rest.first_chunk().copied().unwrap_or_default();
                (&ours, theirs)
            }
            Party::Counselor { seeker, .. } => {
                self.hello_extra = Zeroizing::new(rest.get(32..).unwrap_or_default().to_vec());
                *seeker = rest.first_chunk::<32>().map(|key| DhPublic(*key));
                (theirs, &ours)
            }
        };
        let ikm = Zeroizing::new([seeker.as_slice(), counselor].concat());
        // Push the event before the chain is derived: moving an event into the queue copies what its stack slot
        // held before.
        self.events.push_back(ChatEvent::Ready);
        let (salt, helpline) = (self.epoch.hash.as_slice(), &self.epoch.helpline);
        self.epoch.chain = Some(kdf::hkdf(helpline, salt, &ikm, &[b"HP1/chain"]));
    }
}
