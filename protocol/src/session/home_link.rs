//! The home link: `Noise_NX` inside a forwarded stream, then records.
//!
//! Both handshake messages are padded to [`UNIT`] bytes, so that an entry that forwards them sees one size from the
//! first byte to the last. Message 1: `e (32) ‖ zeros`. Message 2:
//! `e (32) ‖ AEAD(home_x) (48) ‖ AEAD(length ‖ delegation ‖ zeros)`. Prologue: `"HP1/home" ‖ HID ‖ home peer`. The
//! home proves its static key by the root's delegation in the payload. The client stays anonymous.

use crate::{
    crypto::{
        keys::{DhPublic, DhSecret, HelplineId, NodePeer, RootKey},
        noise::{Handshake, HandshakeFailed, Pattern, Start, TAG_LEN, Transport},
        random::Random,
    },
    objects::{Delegation, ObjectError, Signed},
    time::Unix,
    wire::{Record, RecordError, UNIT},
};

/// Bytes of message 1's payload: what is left of a unit after the ephemeral key.
const PAYLOAD_1_LEN: usize = UNIT - 32;
/// Bytes of message 2's payload: what is left after e, s and two tags.
const PAYLOAD_2_LEN: usize = UNIT - 32 - 48 - TAG_LEN;

/// Why a link failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The handshake failed, or a unit is damaged.
    #[error("the other end does not speak the home link: {0}")]
    Handshake(#[from] HandshakeFailed),
    /// The node showed no delegation of the helpline's root, or an invalid one.
    #[error("the node cannot prove that it speaks for this helpline: {0}")]
    Delegation(#[from] ObjectError),
    /// The delegation is for another node or another key.
    #[error("the node shows the delegation of another node")]
    OtherNode,
    /// The unit was decrypted and is not a valid record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

fn prologue(helpline: &HelplineId, home: &NodePeer) -> Vec<u8> {
    [b"HP1/home".as_slice(), &helpline.0, &home.0].concat()
}

/// The client's end, between its two messages.
pub struct Dialing {
    handshake: Handshake,
    root: RootKey,
    home: NodePeer,
}

impl Dialing {
    /// Starts a link with `home`; gives the first unit.
    ///
    /// # Errors
    /// [`LinkError::Handshake`] when snow refuses its parameters, which the types exclude.
    pub fn start(root: RootKey, home: NodePeer, random: &mut Random) -> Result<(Self, Vec<u8>), LinkError> {
        let prologue = prologue(&root.helpline(), &home);
        let start = Start {
            pattern: Pattern::Nx,
            prologue: &prologue,
            local: None,
            remote: None,
            psk0: None,
        };
        let mut handshake = Handshake::initiator(&start, random)?;
        let unit = handshake.write(&[0; PAYLOAD_1_LEN])?;
        Ok((
            Self {
                handshake,
                root,
                home,
            },
            unit,
        ))
    }

    /// Takes the home's unit: the delegation must be the root's, for this peer and this key, valid now.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn finish(mut self, unit: &[u8], now: Unix) -> Result<(Link, Signed<Delegation>), LinkError> {
        if unit.len() != UNIT {
            return Err(HandshakeFailed.into());
        }
        let payload = self.handshake.read(unit)?;
        let home_x = self.handshake.remote_static().ok_or(HandshakeFailed)?;
        let (length, rest) = payload.split_first_chunk::<2>().ok_or(HandshakeFailed)?;
        let encoded = rest
            .get(..usize::from(u16::from_be_bytes(*length)))
            .ok_or(HandshakeFailed)?;
        let delegation = Signed::<Delegation>::verify(encoded, &self.root.0, &self.root.helpline())?;
        delegation.valid_at(now)?;
        if delegation.home_peer != self.home || delegation.home_x != home_x {
            return Err(LinkError::OtherNode);
        }
        let (hash, transport) = self.handshake.finish()?;
        Ok((Link { transport, hash }, delegation))
    }
}

impl core::fmt::Debug for Dialing {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Dialing")
    }
}

/// The home's end: takes a client's first unit, gives its own.
///
/// # Errors
/// [`LinkError::Handshake`].
pub fn accept(
    helpline: &HelplineId,
    home_x: &DhSecret,
    delegation: &Signed<Delegation>,
    unit: &[u8],
    random: &mut Random,
) -> Result<(Link, Vec<u8>), LinkError> {
    let prologue = prologue(helpline, &delegation.home_peer);
    let start = Start {
        pattern: Pattern::Nx,
        prologue: &prologue,
        local: Some(home_x),
        remote: None,
        psk0: None,
    };
    let mut handshake = Handshake::responder(&start, random)?;
    if unit.len() != UNIT {
        return Err(HandshakeFailed.into());
    }
    handshake.read(unit)?;
    let encoded = delegation.encoded();
    let mut payload = u16::try_from(encoded.len())
        .map_err(|_| HandshakeFailed)?
        .to_be_bytes()
        .to_vec();
    payload.extend_from_slice(encoded);
    payload.resize(PAYLOAD_2_LEN, 0);
    let answer = handshake.write(&payload)?;
    let (hash, transport) = handshake.finish()?;
    Ok((Link { transport, hash }, answer))
}

/// One end of an open link: seals records into units, and opens units.
#[derive(Debug)]
pub struct Link {
    transport: Transport,
    hash: [u8; 32],
}

impl Link {
    /// The link's handshake hash, which a login signs.
    #[must_use]
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Encrypts a record into a unit.
    ///
    /// # Errors
    /// [`LinkError::Handshake`] when the 2^64 nonces are used up.
    pub fn seal(&mut self, record: &Record) -> Result<Vec<u8>, LinkError> {
        Ok(self.transport.seal(&record.encode())?)
    }

    /// Decrypts a unit into a record. An error ends the link, because units come in order or not at all.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn open(&mut self, unit: &[u8]) -> Result<Record, LinkError> {
        if unit.len() != UNIT {
            return Err(HandshakeFailed.into());
        }
        Ok(Record::decode(&self.transport.open(unit)?)?)
    }
}

/// What a counselor's client signs to log in. It is bound to this helpline, this home's link key and this link, so
/// that it cannot be replayed.
#[must_use]
pub fn login_message(helpline: &HelplineId, home_x: &DhPublic, link: &[u8; 32], serial: &[u8; 8]) -> Vec<u8> {
    [b"HP1/login\0".as_slice(), &helpline.0, &home_x.0, link, serial].concat()
}
