//! The ratchet: a new handshake inside a running chat. A state that was stolen once then opens nothing more.
//!
//! `Noise_KKpsk0+psk2`, started by the seeker. The seeker's static key is of this chat only and is sent in the
//! hello. The counselor's static key is the key of its duty. psk0 comes from the chain of the old epoch, psk2 from
//! ML-KEM.
//!
//! | cell | bytes | body |
//! |---|---|---|
//! | heal | 1,264 | `e (32) ‖ AEAD(ek ‖ r_i) (1,232)` |
//! | healed | 1,168 | `ct (1,088) ‖ e (32) ‖ AEAD(r_r) (48)` |
//!
//! Prologue: `"HP1/ratchet" ‖ HID ‖ ticket ‖ n + 1 (u32) ‖ h_n`. psk0 = `HKDF(–, chain_n, "HP1/ratchet")`,
//! psk2 = KEM(ratchet), `chain_{n+1} = HKDF(chain_n, r_i ‖ r_r, "HP1/chain" ‖ h_{n+1})`.
//!
//! An attacker with the old chain cannot answer in the counselor's place, because KK needs the secret key of the
//! duty. Such an attacker cannot ask in the seeker's place either, because KK needs the seeker's secret key. An
//! attacker who breaks X25519 one day still lacks psk2.

use core::time::Duration;

use zeroize::Zeroizing;

use crate::{
    crypto::{
        hash::Secret,
        kdf,
        kem::{CT_LEN, EK_LEN, KemPublic, KemSecret, KemUse},
        keys::{DhPublic, DhSecret, HelplineId},
        noise::{Handshake, HandshakeFailed, Pattern, Start, TAG_LEN, Transport},
        random::{self, Random},
    },
    objects::TicketId,
    time::Tick,
};

/// The seeker takes a ratchet step when data has flowed in an epoch for this long: a stolen state exposes a minute of
/// words.
pub const RATCHET_AFTER: Duration = Duration::from_secs(60);
/// The seeker also ratchets after this many data cells, both ways together: a burst must expose no more than a
/// minute does.
pub const RATCHET_AFTER_CELLS: u64 = 32;
/// Without a ratchet step no more data is sent this long after the epoch's first data: time for two more attempts.
pub const BLOCK_AFTER: Duration = Duration::from_secs(180);
/// Without a ratchet step no more data is sent after this many data cells of our own: two full windows, so that an
/// honest pair on a slow link never reaches the limit.
pub const BLOCK_AFTER_CELLS: u64 = 256;
/// A ratchet request that the counselor has acknowledged and not answered for this long is sent again: an answer takes
/// one round trip. An attacker who has the epoch's state may have put a cell in its place.
pub const RATCHET_AGAIN: Duration = Duration::from_secs(30);
/// Most ratchet requests of one epoch. An attacker who replaces four in a row will not go away, and each takes 2
/// KiB of a slow link.
pub const RATCHET_ASKS_MAX: usize = 4;
/// When the first request is this old and none was answered, the seeker reopens the ticket: words have been blocked
/// for two minutes.
pub const RATCHET_GIVE_UP: Duration = Duration::from_secs(240);
/// The same for a request that was not acknowledged. A full window takes five minutes over the slowest usable line
/// (8 kbit/s); a line that needs twice that is not usable.
pub const RATCHET_UNHEARD: Duration = Duration::from_secs(600);
/// Bytes of a ratchet request.
pub const HEAL_LEN: usize = 32 + EK_LEN + 32 + TAG_LEN;
/// Bytes of the answer to a ratchet request.
pub const HEALED_LEN: usize = CT_LEN + 32 + 32 + TAG_LEN;

/// The two static keys, as this end has them.
pub(super) enum Party {
    /// The seeker's end: its key of this chat, and the proven key of the duty.
    Seeker { own: DhSecret, counselor: DhPublic },
    /// The counselor's end: the key of its duty, and the seeker's key once the hello came.
    Counselor { own: DhSecret, seeker: Option<DhPublic> },
}

/// What an epoch is bound to.
pub(super) struct Epoch {
    pub(super) helpline: HelplineId,
    pub(super) ticket: TicketId,
    pub(super) number: u32,
    /// h_n: the hash of the handshake that made this epoch.
    pub(super) hash: Secret,
    /// chain_n, once it is known.
    pub(super) chain: Option<Secret>,
}

/// A new epoch and its keys.
pub(super) struct Next {
    pub(super) transport: Transport,
    pub(super) hash: Secret,
    pub(super) chain: Secret,
}

impl Epoch {
    fn prologue(&self) -> Vec<u8> {
        let number = (self.number + 1).to_be_bytes();
        [
            b"HP1/ratchet".as_slice(),
            &self.helpline.0,
            &self.ticket.0,
            &number,
            self.hash.as_slice(),
        ]
        .concat()
    }

    pub(super) fn psk0(&self) -> Result<Secret, HandshakeFailed> {
        let chain = self.chain.as_ref().ok_or(HandshakeFailed)?;
        Ok(kdf::hkdf(
            &self.helpline,
            &[],
            chain.as_slice(),
            &[b"HP1/ratchet"],
        ))
    }

    fn next(&self, handshake: Handshake, seeker: &[u8], counselor: &[u8]) -> Result<Next, HandshakeFailed> {
        let (hash, transport) = handshake.finish()?;
        let hash = Zeroizing::new(hash);
        let chain = self.chain.as_ref().ok_or(HandshakeFailed)?;
        let ikm = Zeroizing::new([seeker, counselor].concat());
        let chain = kdf::hkdf(
            &self.helpline,
            chain.as_slice(),
            &ikm,
            &[b"HP1/chain", hash.as_slice()],
        );
        Ok(Next {
            transport,
            hash,
            chain,
        })
    }

    /// Replaces the epoch by the next one. The old secrets are wiped here.
    pub(super) fn replace(&mut self, hash: Secret, chain: Secret) {
        self.number += 1;
        self.hash = hash;
        self.chain = Some(chain);
    }
}

/// A pending ratchet request, and the index of its cell.
pub(super) struct PendingRatchet {
    pub(super) asked: RatchetInitiator,
    pub(super) index: u64,
    pub(super) at: Tick,
}

/// How far the counselor reads the old epoch after its answer. An attacker with the old keys must not continue in
/// the seeker's place.
#[derive(Clone, Copy, Default)]
pub(super) struct EpochOverlap {
    /// First index that can only be of the new epoch: the end of the seeker's window when the answer was sent.
    end: u64,
    /// Index of the answer. A peer that acknowledges it has read it, and writes in the new epoch.
    answer: u64,
}

impl EpochOverlap {
    /// The answer has index `answer`, and `next_in` is wanted from the seeker. Until the seeker has read the answer
    /// it knows no acknowledgement beyond `next_in`, and so writes at most one window more.
    pub(super) const fn until(next_in: u64, answer: u64) -> Self {
        Self {
            end: next_in + crate::limits::WINDOW,
            answer,
        }
    }

    /// Whether a cell at `index` may be of the old epoch.
    pub(super) const fn read(self, index: u64) -> bool {
        index < self.end
    }

    /// Whether a peer that has acknowledged everything below `ack` may still write in the old epoch.
    pub(super) const fn allow(self, ack: u64) -> bool {
        ack <= self.answer
    }
}

/// What the seeker keeps between a request and its answer. An invalid answer leaves it unchanged.
pub(super) struct RatchetInitiator {
    pub(super) ephemeral: Secret,
    kem: KemSecret,
    pub(super) random: Secret,
}

impl RatchetInitiator {
    /// Draws the secrets; gives the body of the request.
    pub(super) fn start(
        epoch: &Epoch,
        own: &DhSecret,
        counselor: &DhPublic,
        random: &mut Random,
    ) -> Result<(Self, Zeroizing<Vec<u8>>), HandshakeFailed> {
        let asked = Self {
            ephemeral: random::secret(random),
            kem: KemSecret::generate(random),
            random: random::secret(random),
        };
        let (_, message) = asked.replay(epoch, own, counselor)?;
        Ok((asked, Zeroizing::new(message)))
    }

    /// Takes the counselor's answer.
    pub(super) fn finish(
        &self,
        epoch: &Epoch,
        own: &DhSecret,
        counselor: &DhPublic,
        answer: &[u8],
    ) -> Result<Next, HandshakeFailed> {
        if answer.len() != HEALED_LEN {
            return Err(HandshakeFailed);
        }
        let (ct, message) = answer.split_first_chunk::<CT_LEN>().ok_or(HandshakeFailed)?;
        let (mut handshake, _) = self.replay(epoch, own, counselor)?;
        handshake.set_psk2(&self.kem.decapsulate(KemUse::Ratchet, ct))?;
        let theirs = handshake.read(message)?;
        if theirs.len() != 32 {
            return Err(HandshakeFailed);
        }
        epoch.next(handshake, self.random.as_slice(), &theirs)
    }

    fn replay(
        &self,
        epoch: &Epoch,
        own: &DhSecret,
        counselor: &DhPublic,
    ) -> Result<(Handshake, Vec<u8>), HandshakeFailed> {
        let (prologue, psk0) = (epoch.prologue(), epoch.psk0()?);
        let start = Start {
            pattern: Pattern::KkPsk0Psk2,
            prologue: &prologue,
            local: Some(own),
            remote: Some(counselor),
            psk0: Some(&psk0),
        };
        let mut handshake = Handshake::initiator_with(&start, self.ephemeral.clone())?;
        let payload =
            Zeroizing::new([self.kem.public().as_bytes().as_slice(), self.random.as_slice()].concat());
        let message = handshake.write(&payload)?;
        Ok((handshake, message))
    }
}

/// The counselor's side: reads a request and gives the body of the answer.
pub(super) fn answer(
    epoch: &Epoch,
    own: &DhSecret,
    seeker: &DhPublic,
    message: &[u8],
    random: &mut Random,
) -> Result<(Zeroizing<Vec<u8>>, Next), HandshakeFailed> {
    if message.len() != HEAL_LEN {
        return Err(HandshakeFailed);
    }
    let (prologue, psk0) = (epoch.prologue(), epoch.psk0()?);
    let start = Start {
        pattern: Pattern::KkPsk0Psk2,
        prologue: &prologue,
        local: Some(own),
        remote: Some(seeker),
        psk0: Some(&psk0),
    };
    let mut handshake = Handshake::responder(&start, random)?;
    let payload = handshake.read(message)?;
    let (ek, theirs) = payload.split_at_checked(EK_LEN).ok_or(HandshakeFailed)?;
    let ek = KemPublic::from_bytes(ek).map_err(|_| HandshakeFailed)?;
    let (ct, psk2) = ek.encapsulate(KemUse::Ratchet, random);
    handshake.set_psk2(&psk2)?;
    let ours: Secret = random::secret(random);
    let mut body = Zeroizing::new(ct.to_vec());
    body.extend_from_slice(&handshake.write(ours.as_slice())?);
    let next = epoch.next(handshake, theirs, ours.as_slice())?;
    Ok((body, next))
}

/// How much an epoch was used.
#[derive(Clone, Copy, Default)]
pub(super) struct EpochUsage {
    /// When its first data was sent or read.
    since: Option<Tick>,
    sent: u64,
    received: u64,
}

impl EpochUsage {
    pub(super) fn sent(&mut self, now: Tick) {
        self.since.get_or_insert(now);
        self.sent += 1;
    }

    pub(super) fn received(&mut self, now: Tick) {
        self.since.get_or_insert(now);
        self.received += 1;
    }

    /// When the next ratchet step is due; `None` while the epoch has no data.
    pub(super) fn ratchet_due(&self, now: Tick) -> Option<Tick> {
        let since = self.since?;
        let many = self.sent + self.received >= RATCHET_AFTER_CELLS;
        Some(if many { now } else { since + RATCHET_AFTER })
    }

    /// Whether `more` data cells would exceed the limits of the epoch.
    pub(super) fn blocked(&self, more: u64, now: Tick) -> bool {
        let old = self.since.is_some_and(|since| now.since(since) >= BLOCK_AFTER);
        old || self.sent + more > BLOCK_AFTER_CELLS
    }
}
