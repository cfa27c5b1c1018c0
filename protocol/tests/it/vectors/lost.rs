//! The statement of a restarted counselor's program that it has lost a chat, and the statements that a seeker
//! rejects.

use ed25519_dalek::{Signer, SigningKey};
use hamsa_protocol::{
    crypto::keys::{SIGNATURE_LEN, SignKey},
    objects::{RunId, TicketId},
    session::handshake::{is_lost, lost_message},
};
use serde_json::{Value, json};

use super::{cast::Cast, tape::hex};

/// The run that has the chat.
pub(crate) const SPEAKING: RunId = [0x0f; 16];
/// The run that has lost it.
const LATER: RunId = [0x1f; 16];

pub(crate) fn lost(cast: &Cast, ticket: TicketId, attempt: u32) -> Value {
    let said = |by: &SignKey, attempt, run: RunId| {
        let message = lost_message(&cast.id, &ticket, attempt, &run);
        let signature = SigningKey::from_bytes(&by.to_bytes()).sign(&message);
        [signature.to_bytes().as_slice(), &run].concat()
    };
    let believed = |speaking: &RunId, body: &[u8]| {
        is_lost(
            &cast.id,
            &ticket,
            attempt,
            &cast.identity.public(),
            speaking,
            body,
        )
    };
    let body = said(&cast.identity, attempt, LATER);
    assert!(believed(&SPEAKING, &body));

    let swapped = [&body[..SIGNATURE_LEN], &[0x2f; 16]].concat();
    let refused = [
        (
            "the run that speaks with her says it",
            SPEAKING,
            said(&cast.identity, attempt, SPEAKING),
        ),
        ("nobody has spoken with her yet", RunId::default(), body.clone()),
        (
            "of another attempt",
            SPEAKING,
            said(&cast.identity, attempt - 1, LATER),
        ),
        (
            "signed by somebody else",
            SPEAKING,
            said(&cast.root, attempt, LATER),
        ),
        ("the run is not the one that was signed", SPEAKING, swapped),
        ("without a run", SPEAKING, body[..SIGNATURE_LEN].to_vec()),
        ("a byte behind the run", SPEAKING, [&body[..], &[0]].concat()),
        ("empty", SPEAKING, Vec::new()),
    ]
    .map(|(why, speaking, body)| {
        assert!(!believed(&speaking, &body), "{why}");
        json!({ "why": why, "speaking": hex(&speaking), "body": hex(&body) })
    });
    json!({
        "speaking": hex(&SPEAKING),
        "run": hex(&LATER),
        "message": hex(&lost_message(&cast.id, &ticket, attempt, &LATER)),
        "body": hex(&body),
        "refused": refused,
    })
}
