//! Tickets: a seeker's request, sealed to the counselors on duty. It waits at homes that cannot read it.
//!
//! | bytes | part |
//! |---|---|
//! | 8 × 1,168 | wraps: `ct (1,088) ‖ Noise_Npsk0(t) (80)` |
//! | 272 | card: `AEAD(HKDF(t, "HP1/card"), intake ‖ urgency payment, padded to 256)` |
//! | 1,232 | message 1 of the live handshake |
//!
//! There are always eight wraps in random order. Unused ones are real encapsulations to keys that are thrown away,
//! so that a home does not learn how many counselors were chosen.

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use crate::{
    crypto::envelope::{WRAP_LEN, WRAPS},
    limits::TICKET_LEN,
};
use crate::{
    crypto::{
        aead::{self, TAG_LEN},
        envelope::{unwrap, wrap},
        hash::{self, Secret},
        kdf,
        kem::KemSecret,
        keys::{DhSecret, HelplineId},
        noise::HandshakeFailed,
        puzzle::{Puzzle, Seed, Step},
        random::{self, Random},
    },
    objects::{Duty, DutySecrets, Language, ObjectHash, RosterId, Signed, TicketId},
    session::handshake::{self, Binding, MESSAGE_1_LEN, Waiting},
    wire::Terms,
};

/// Bytes of a card before sealing: 149 are used at most, and the rest is room for what a desk must know before it answers.
const INTAKE_LEN: usize = 256;
/// Most seeds in a card: as many homes as a roster may have.
pub const URGENCY_SEEDS_MAX: usize = 8;
/// Bytes of a card.
pub const CARD_LEN: usize = INTAKE_LEN + TAG_LEN;
const _: () = assert!(TICKET_LEN == WRAPS * WRAP_LEN + CARD_LEN + MESSAGE_1_LEN);

/// What a desk must know before it answers. No words: they are the first message of the chat.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// The preferred language.
    pub language: Language,
    /// The seeker's answer to "are you in danger now".
    pub urgent: bool,
}

impl fmt::Debug for Intake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Intake(sealed)")
    }
}

/// What urgency costs: a solution of [`Puzzle::urgent`]. Every card has it once its ticket was paid for, whether it says
/// urgent or not, so that a home that counts and measures learns nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgencyPayment {
    /// The seeds under which homes took the payment for the ticket; none before one did.
    pub seeds: Vec<Seed>,
    /// The solution.
    pub nonce: u64,
}

/// How far the payment in a card goes, as a desk has found it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrgencyPaid {
    seeds: Vec<Seed>,
    step: Step,
}

impl UrgencyPaid {
    /// One attempt, and none where nothing was paid.
    fn find(helpline: &HelplineId, ticket: TicketId, payment: UrgencyPayment) -> Self {
        let UrgencyPayment { seeds, nonce } = payment;
        let step = if seeds.is_empty() {
            Step::FREE
        } else {
            Puzzle::urgent(helpline, &ticket.0, &seeds).reached(nonce)
        };
        Self { seeds, step }
    }

    /// Whether it is as much as was paid for the ticket at a home that took it on these terms; `None`: for nothing.
    #[must_use]
    pub fn covers(&self, terms: Option<&Terms>) -> bool {
        terms.is_none_or(|terms| {
            terms.step.is_free() || (self.step >= terms.step && self.seeds.contains(&terms.seed))
        })
    }
}

/// The ticket could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No duty to seal to, or more duties than wraps.
    #[error("expected 1 to {WRAPS} duties to seal to, got {0}")]
    Duties(usize),
    /// A handshake could not be started.
    #[error(transparent)]
    Handshake(#[from] HandshakeFailed),
}

/// The ticket was not sealed to this duty, or is damaged. Both look the same to a counselor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ticket is not sealed to this duty")]
pub struct NotForUs;

/// A sealed ticket as its author keeps it.
pub struct Sealed {
    /// What is posted.
    pub body: Box<[u8; TICKET_LEN]>,
    /// The ticket's secret t, for the answer slots.
    pub secret: Secret,
    /// The handshake that waits for an answer.
    pub waiting: Waiting,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sealed(secret)")
    }
}

/// A ticket as a counselor it was sealed to sees it.
pub struct Opened {
    /// What the card says.
    pub intake: Intake,
    /// What was paid for its urgency; nothing where the seeker is not in danger.
    pub urgency: UrgencyPaid,
    /// The ticket's secret t.
    pub secret: Secret,
    binding: Binding,
    message_1: Vec<u8>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Opened(secret)")
    }
}

impl Opened {
    /// Answers: message 2 and the counselor's end of the chat.
    ///
    /// # Errors
    /// [`HandshakeFailed`] when message 1 is damaged.
    pub fn answer(
        &self,
        duty: &Signed<Duty>,
        secrets: &DutySecrets,
        roster: RosterId,
        random: &mut Random,
    ) -> Result<(Vec<u8>, handshake::Established), HandshakeFailed> {
        let psk0 = handshake::psk0(&self.binding.helpline, &self.secret);
        handshake::respond(
            &self.binding,
            &psk0,
            &self.message_1,
            duty,
            secrets,
            roster,
            random,
        )
    }
}

/// Seals an intake, and what was paid for its urgency, to the given duties.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    helpline: &HelplineId,
    ticket: TicketId,
    attempt: u32,
    duties: &[&Signed<Duty>],
    (intake, urgency): (&Intake, &UrgencyPayment),
    random: &mut Random,
) -> Result<Sealed, SealError> {
    if duties.is_empty() || duties.len() > WRAPS {
        return Err(SealError::Duties(duties.len()));
    }
    let secret: Secret = random::secret(random);
    let mut wraps = Vec::with_capacity(WRAPS);
    for duty in duties {
        let kem = duty.kem().map_err(|_| HandshakeFailed)?;
        let prologue = wrap_prologue(helpline, ticket, attempt, &duty.hash());
        wraps.push(wrap(&prologue, &duty.x, &kem, &secret, random)?);
    }
    while wraps.len() < WRAPS {
        let (x, kem) = (
            DhSecret::generate(random).public(),
            KemSecret::generate(random).public(),
        );
        let prologue = wrap_prologue(helpline, ticket, attempt, &ObjectHash(random::public(random)));
        wraps.push(wrap(&prologue, &x, &kem, &secret, random)?);
    }
    random::shuffle(random, &mut wraps);

    let mut body = wraps.concat();
    let card = crate::objects::postcard_encode(&(intake, urgency));
    let card = seal_card(helpline, ticket, attempt, &body, &secret, &card)?;
    body.extend_from_slice(&card);
    let binding = Binding {
        helpline: *helpline,
        ticket,
        attempt,
        sealed_hash: hash::sha256(&[&body]),
    };
    let (waiting, message_1) = Waiting::start(binding, handshake::psk0(helpline, &secret), random)?;
    body.extend_from_slice(&message_1);
    let body = body.into_boxed_slice().try_into().map_err(|_| HandshakeFailed)?;
    Ok(Sealed {
        body,
        secret,
        waiting,
    })
}

/// Tries all wraps of a ticket with the keys of one duty.
///
/// # Errors
/// [`NotForUs`].
pub fn open(
    helpline: &HelplineId,
    ticket: TicketId,
    attempt: u32,
    body: &[u8; TICKET_LEN],
    duty: &Signed<Duty>,
    secrets: &DutySecrets,
) -> Result<Opened, NotForUs> {
    let (wraps, rest) = body.split_at_checked(WRAPS * WRAP_LEN).ok_or(NotForUs)?;
    let (card, message_1) = rest.split_at_checked(CARD_LEN).ok_or(NotForUs)?;
    let prologue = wrap_prologue(helpline, ticket, attempt, &duty.hash());
    let secret = wraps
        .chunks_exact(WRAP_LEN)
        .find_map(|wrap| unwrap(wrap, &prologue, &secrets.x, &secrets.kem))
        .ok_or(NotForUs)?;
    let (intake, payment) = open_card(helpline, ticket, attempt, wraps, &secret, card).ok_or(NotForUs)?;
    let urgency = if intake.urgent {
        UrgencyPaid::find(helpline, ticket, payment)
    } else {
        UrgencyPaid::default()
    };
    let binding = Binding {
        helpline: *helpline,
        ticket,
        attempt,
        sealed_hash: hash::sha256(&[wraps, card]),
    };
    Ok(Opened {
        intake,
        urgency,
        secret,
        binding,
        message_1: message_1.to_vec(),
    })
}

fn wrap_prologue(helpline: &HelplineId, ticket: TicketId, attempt: u32, duty: &ObjectHash) -> Vec<u8> {
    [
        b"HP1/wrap".as_slice(),
        &helpline.0,
        &ticket.0,
        &attempt.to_be_bytes(),
        &duty.0,
    ]
    .concat()
}

fn card_key(helpline: &HelplineId, secret: &Secret) -> Secret {
    kdf::hkdf(helpline, &[], secret.as_slice(), &[b"HP1/card"])
}

fn card_context(helpline: &HelplineId, ticket: TicketId, attempt: u32, wraps: &[u8]) -> Vec<u8> {
    [
        helpline.0.as_slice(),
        &ticket.0,
        &attempt.to_be_bytes(),
        &hash::sha256(&[wraps]),
    ]
    .concat()
}

/// The key is used once, because t is fresh for every body. Therefore the nonce is zero.
fn seal_card(
    helpline: &HelplineId,
    ticket: TicketId,
    attempt: u32,
    wraps: &[u8],
    secret: &Secret,
    said: &[u8],
) -> Result<Vec<u8>, SealError> {
    let length = u16::try_from(said.len()).map_err(|_| HandshakeFailed)?;
    let mut card = Vec::with_capacity(CARD_LEN);
    card.extend_from_slice(&length.to_be_bytes());
    card.extend_from_slice(said);
    card.resize(INTAKE_LEN, 0);
    let context = card_context(helpline, ticket, attempt, wraps);
    let tag = aead::seal(&card_key(helpline, secret), [0; 12], &context, &mut card).ok_or(HandshakeFailed)?;
    card.extend_from_slice(&tag);
    Ok(card)
}

fn open_card(
    helpline: &HelplineId,
    ticket: TicketId,
    attempt: u32,
    wraps: &[u8],
    secret: &Secret,
    card: &[u8],
) -> Option<(Intake, UrgencyPayment)> {
    let (text, tag) = card.split_last_chunk::<TAG_LEN>()?;
    let mut text = Zeroizing::new(text.to_vec());
    let context = card_context(helpline, ticket, attempt, wraps);
    aead::open(&card_key(helpline, secret), [0; 12], &context, &mut text, tag)?;
    let (length, rest) = text.split_first_chunk::<2>()?;
    let (said, padding) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    if padding.iter().any(|byte| *byte != 0) {
        return None;
    }
    let said: (Intake, UrgencyPayment) = crate::objects::postcard_decode(said)?;
    (said.1.seeds.len() <= URGENCY_SEEDS_MAX).then_some(said)
}
