//! The live handshake `Noise_NXpsk0+psk2` with ML-KEM-768, seeker to counselor.
//!
//! Message 1 (1,232 bytes, part of the ticket): `e (32) ‖ AEAD(ek)`; psk0 from the ticket's secret.
//! Message 2 (1,264 bytes): `ct (1,088) ‖ e (32) ‖ AEAD(s) (48) ‖ AEAD(SHA256(Duty) ‖ roster) (96)`, the roster by its
//! [`RosterId`]; psk2 from the KEM. Prologue: `"HP1/live" ‖ HID ‖ ticket id ‖ attempt ‖ SHA256(all wraps ‖ card)`.

use zeroize::Zeroizing;

use crate::{
    crypto::{
        hash::Secret,
        kdf,
        kem::{CT_LEN, EK_LEN, KemPublic, KemSecret, KemUse},
        keys::{DhPublic, HelplineId, SIGNATURE_LEN, VerifyKey},
        noise::{Handshake, HandshakeFailed, Pattern, Start, TAG_LEN, Transport},
        random::{self, Random},
    },
    objects::{Duty, DutySecrets, ObjectHash, ROSTER_ID_LEN, RosterId, RunId, Signed, TicketId},
};

/// Bytes of message 1.
pub const MESSAGE_1_LEN: usize = 32 + EK_LEN + TAG_LEN;
/// Bytes of message 2.
pub const MESSAGE_2_LEN: usize = CT_LEN + 32 + 48 + 32 + ROSTER_ID_LEN + TAG_LEN;

/// What both ends bind the handshake to.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The helpline.
    pub helpline: HelplineId,
    /// The ticket.
    pub ticket: TicketId,
    /// Its attempt.
    pub attempt: u32,
    /// SHA-256 over all wraps and the card.
    pub sealed_hash: [u8; 32],
}

impl Binding {
    fn prologue(&self) -> Vec<u8> {
        let attempt = self.attempt.to_be_bytes();
        [
            b"HP1/live".as_slice(),
            &self.helpline.0,
            &self.ticket.0,
            &attempt,
            &self.sealed_hash,
        ]
        .concat()
    }
}

/// Both ends after the handshake.
pub struct Established {
    /// The keys of both directions.
    pub(crate) transport: Transport,
    /// The handshake hash h_0. It is secret, because both psks are mixed into it.
    pub handshake_hash: Secret,
    /// The counselor's static key, as it was proven.
    pub counselor: DhPublic,
    /// Hash of the duty that the counselor named.
    pub duty: ObjectHash,
    /// The roster that counts for the counselor. Another one of the same order as the seeker's is a split view. Nothing
    /// follows from another order: a new roster takes a moment to be everywhere.
    pub roster: RosterId,
}

secret_debug!(Established);

/// The seeker's end between message 1 and message 2. A forged message 2 does no harm: each try starts from the same
/// message 1 again, so that the valid message 2 still works.
pub struct Waiting {
    binding: Binding,
    psk0: Secret,
    ephemeral: Zeroizing<[u8; 32]>,
    kem: KemSecret,
}

impl Waiting {
    /// Starts the handshake; gives message 1.
    ///
    /// # Errors
    /// [`HandshakeFailed`] when snow refuses its parameters, which the types exclude.
    pub fn start(
        binding: Binding,
        psk0: Secret,
        random: &mut Random,
    ) -> Result<(Self, Vec<u8>), HandshakeFailed> {
        let waiting = Self {
            binding,
            psk0,
            ephemeral: random::secret(random),
            kem: KemSecret::generate(random),
        };
        let (_, message_1) = waiting.replay()?;
        Ok((waiting, message_1))
    }

    /// Reads a message 2.
    ///
    /// # Errors
    /// [`HandshakeFailed`]. Nothing changed, and another message 2 may come.
    pub fn finish(&self, message_2: &[u8]) -> Result<Established, HandshakeFailed> {
        if message_2.len() != MESSAGE_2_LEN {
            return Err(HandshakeFailed);
        }
        let (ct, message) = message_2.split_first_chunk::<CT_LEN>().ok_or(HandshakeFailed)?;
        let (mut handshake, _) = self.replay()?;
        handshake.set_psk2(&self.kem.decapsulate(KemUse::Live, ct))?;
        let payload = handshake.read(message)?;
        let counselor = handshake.remote_static().ok_or(HandshakeFailed)?;
        let (duty, rest) = payload.split_first_chunk::<32>().ok_or(HandshakeFailed)?;
        let (roster, []) = RosterId::read(rest).ok_or(HandshakeFailed)? else {
            return Err(HandshakeFailed);
        };
        let (hash, transport) = handshake.finish()?;
        Ok(Established {
            transport,
            handshake_hash: Zeroizing::new(hash),
            counselor,
            duty: ObjectHash(*duty),
            roster,
        })
    }

    fn replay(&self) -> Result<(Handshake, Vec<u8>), HandshakeFailed> {
        let prologue = self.binding.prologue();
        let start = Start {
            pattern: Pattern::NxPsk0Psk2,
            prologue: &prologue,
            local: None,
            remote: None,
            psk0: Some(&self.psk0),
        };
        let mut handshake = Handshake::initiator_with(&start, self.ephemeral.clone())?;
        let message_1 = handshake.write(self.kem.public().as_bytes())?;
        Ok((handshake, message_1))
    }
}

secret_debug!(Waiting);

/// The counselor's end: reads message 1 and writes message 2. Every home gets the same bytes.
///
/// # Errors
/// [`HandshakeFailed`] when message 1 is not the ticket's, or its KEM key is invalid.
pub fn respond(
    binding: &Binding,
    psk0: &Secret,
    message_1: &[u8],
    duty: &Signed<Duty>,
    secrets: &DutySecrets,
    roster: RosterId,
    random: &mut Random,
) -> Result<(Vec<u8>, Established), HandshakeFailed> {
    if message_1.len() != MESSAGE_1_LEN {
        return Err(HandshakeFailed);
    }
    let prologue = binding.prologue();
    let start = Start {
        pattern: Pattern::NxPsk0Psk2,
        prologue: &prologue,
        local: Some(&secrets.x),
        remote: None,
        psk0: Some(psk0),
    };
    let mut handshake = Handshake::responder(&start, random)?;
    let ek = handshake.read(message_1)?;
    let ek = KemPublic::from_bytes(&ek).map_err(|_| HandshakeFailed)?;
    let (ct, psk2) = ek.encapsulate(KemUse::Live, random);
    handshake.set_psk2(&psk2)?;
    let payload = [duty.hash().0.as_slice(), &roster.to_bytes()].concat();
    let mut message_2 = ct.to_vec();
    message_2.extend_from_slice(&handshake.write(&payload)?);
    let (hash, transport) = handshake.finish()?;
    let established = Established {
        transport,
        handshake_hash: Zeroizing::new(hash),
        counselor: secrets.x.public(),
        duty: duty.hash(),
        roster,
    };
    Ok((message_2, established))
}

/// What a counselor signs when its program was restarted and has lost a chat:
/// `"HP1/lost\0" ‖ HID ‖ ticket ‖ attempt (u32) ‖ run`. `run` names this run of the program. The statement counts
/// for one attempt, and only for the seeker of that attempt.
#[must_use]
pub fn lost_message(helpline: &HelplineId, ticket: &TicketId, attempt: u32, run: &RunId) -> Vec<u8> {
    [
        b"HP1/lost\0".as_slice(),
        &helpline.0,
        &ticket.0,
        &attempt.to_be_bytes(),
        run,
    ]
    .concat()
}

/// Whether `body` (`signature ‖ run`) proves, by the counselor's own key, that a run other than `speaking` does not
/// have the chat. A home can have such a statement signed for any ticket before it is answered. The run that
/// answers then is the one that signed, so the statement does not count against it.
#[must_use]
pub fn is_lost(
    helpline: &HelplineId,
    ticket: &TicketId,
    attempt: u32,
    counselor: &VerifyKey,
    speaking: &RunId,
    body: &[u8],
) -> bool {
    let Some((signature, run)) = body.split_first_chunk::<SIGNATURE_LEN>() else {
        return false;
    };
    let Ok(run) = RunId::try_from(run) else {
        return false;
    };
    // All zero: the counselor's hello has not come, and its run is unknown.
    let other = *speaking != RunId::default() && run != *speaking;
    let message = lost_message(helpline, ticket, attempt, &run);
    other && counselor.verify(&message, signature).is_ok()
}

/// psk0 of the live handshake, from a ticket's secret.
#[must_use]
pub fn psk0(helpline: &HelplineId, ticket_secret: &Secret) -> Secret {
    kdf::hkdf(helpline, &[], ticket_secret.as_slice(), &[b"HP1/psk0"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::keys::{RootKey, SignKey},
        testing::seeded,
    };

    #[test]
    fn a_chat_is_lost_by_another_run_of_the_same_counselor_only() {
        let mut random = seeded(1);
        let helpline = RootKey(SignKey::generate(&mut random).public()).helpline();
        let [nour, amal] = [1, 2].map(|_| SignKey::generate(&mut random));
        let (ticket, attempt) = (TicketId([7; 32]), 3);
        let said = |by: &SignKey, run: RunId| {
            let signature = by.sign(&lost_message(&helpline, &ticket, attempt, &run));
            [signature.as_slice(), &run].concat()
        };
        let lost = |speaking: RunId, attempt, body: &[u8]| {
            is_lost(&helpline, &ticket, attempt, &nour.public(), &speaking, body)
        };
        let (earlier, later) = ([1; 16], [2; 16]);
        assert!(lost(earlier, attempt, &said(&nour, later)));
        assert!(!lost(earlier, attempt, &said(&nour, earlier)), "it has the chat");
        assert!(
            !lost(RunId::default(), attempt, &said(&nour, later)),
            "who speaks is not known"
        );
        assert!(!lost(earlier, attempt, &said(&amal, later)), "another counselor");
        assert!(
            !lost(earlier, attempt + 1, &said(&nour, later)),
            "another attempt"
        );
        let mut moved = said(&nour, earlier);
        moved.truncate(SIGNATURE_LEN);
        moved.extend_from_slice(&later);
        assert!(!lost(earlier, attempt, &moved), "the run is signed");
        assert!(!lost(earlier, attempt, &said(&nour, later)[..SIGNATURE_LEN]));
    }
}
