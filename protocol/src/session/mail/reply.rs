//! Replies: one sealed object of 4,096 bytes that only the keys of the phrase open.
//!
//! | bytes | part |
//! |---|---|
//! | 32 | SHA-256 of the deposit it answers |
//! | 1,088 | `ct`, for the seeker's return KEM key |
//! | 2,976 | `Noise_Xpsk0`: `e (32) ‖ AEAD(mail key) (48) ‖ AEAD(payload padded to 2,880)` |
//!
//! The payload repeats the deposit's hash. It carries the date, and the writer's signed mail key and certificate,
//! so that the reader can verify the writer with the helpline's root alone. A home can replay an old reply, but
//! cannot make one.

use core::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, Zeroizing};

use super::{DepositId, MailError};
use crate::{
    crypto::{
        kem::{CT_LEN, KemPublic, KemUse},
        keys::{DhPublic, HelplineId, RootKey},
        noise::{Handshake, HandshakeFailed, Pattern, Start, TAG_LEN},
        phrase::ReturnKeys,
        random::Random,
    },
    limits::REPLY_LEN,
    objects::{Certificate, MailKey, MailKeySecrets, Signed},
    time::Unix,
};

/// Bytes of a reply's payload before sealing: the rest of the object.
const PAYLOAD_LEN: usize = REPLY_LEN - 32 - CT_LEN - 32 - 48 - TAG_LEN;
/// Most bytes of a reply's text: with date, mail key and certificate (at most 478) it fits a payload. A longer text
/// needs several replies.
pub const REPLY_TEXT_MAX: usize = 2_250;

#[derive(Serialize, Deserialize)]
struct Payload {
    deposit: DepositId,
    date: Unix,
    mail_key: Vec<u8>,
    certificate: Vec<u8>,
    text: String,
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// The writer of a reply.
pub struct Replier<'a> {
    /// The counselor's certificate.
    pub certificate: &'a Signed<Certificate>,
    /// The counselor's mail key.
    pub key: &'a Signed<MailKey>,
    /// The secrets of the mail key.
    pub secrets: &'a MailKeySecrets,
}

/// A reply whose writer is proven to the root. Whether the roster still carries the certificate is not checked
/// here.
pub struct OpenedReply {
    /// The deposit it answers, as the writer says.
    pub deposit: DepositId,
    /// When it was written, as the writer says.
    pub date: Unix,
    /// The writer.
    pub certificate: Signed<Certificate>,
    /// The text.
    pub text: Zeroizing<String>,
}

impl fmt::Debug for OpenedReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OpenedReply({} bytes)", self.text.len())
    }
}

/// Seals a reply to the return keys of a deposit.
///
/// # Errors
/// [`MailError`].
#[expect(
    clippy::too_many_arguments,
    reason = "the inputs of one formula; a struct would only rename them"
)]
pub fn seal_reply(
    helpline: &HelplineId,
    deposit: DepositId,
    return_x: &DhPublic,
    return_kem: &KemPublic,
    replier: &Replier<'_>,
    text: &str,
    date: Unix,
    random: &mut Random,
) -> Result<Box<[u8; REPLY_LEN]>, MailError> {
    if text.len() > REPLY_TEXT_MAX {
        return Err(MailError::TooLong {
            max: REPLY_TEXT_MAX,
            got: text.len(),
        });
    }
    let payload = Payload {
        deposit,
        date,
        mail_key: replier.key.encoded().to_vec(),
        certificate: replier.certificate.encoded().to_vec(),
        text: text.to_owned(),
    };
    let plain = pad(&payload, PAYLOAD_LEN).ok_or(HandshakeFailed)?;
    let (ct, psk0) = return_kem.encapsulate(KemUse::Mail, random);
    let prologue = prologue(helpline, &deposit);
    let start = Start {
        pattern: Pattern::XPsk0,
        prologue: &prologue,
        local: Some(&replier.secrets.x),
        remote: Some(return_x),
        psk0: Some(&psk0),
    };
    let mut object = deposit.0.to_vec();
    object.extend_from_slice(ct.as_slice());
    object.extend_from_slice(&Handshake::initiator(&start, random)?.write(&plain)?);
    Ok(object
        .into_boxed_slice()
        .try_into()
        .map_err(|_| HandshakeFailed)?)
}

/// Opens a reply with the keys of a phrase. `None` if it is for other keys, or not from a counselor of this
/// helpline.
#[must_use]
pub fn open_reply(root: &RootKey, keys: &ReturnKeys, object: &[u8]) -> Option<OpenedReply> {
    if object.len() != REPLY_LEN {
        return None;
    }
    let helpline = root.helpline();
    let (deposit, rest) = object.split_first_chunk::<32>()?;
    let deposit = DepositId(*deposit);
    let (ct, message) = rest.split_first_chunk::<CT_LEN>()?;
    let psk0 = keys.kem.decapsulate(KemUse::Mail, ct);
    let prologue = prologue(&helpline, &deposit);
    let start = Start {
        pattern: Pattern::XPsk0,
        prologue: &prologue,
        local: Some(&keys.x),
        remote: None,
        psk0: Some(&psk0),
    };
    // The responder of a one-way pattern draws no ephemeral key, so this one is never used.
    let mut handshake = Handshake::responder_with(&start, Zeroizing::new([0; 32])).ok()?;
    let plain = handshake.read(message).ok()?;
    let proven = handshake.remote_static()?;
    let mut payload: Payload = unpad(&plain)?;
    let certificate = Signed::<Certificate>::verify(&payload.certificate, &root.0, &helpline).ok()?;
    let key = Signed::<MailKey>::verify(&payload.mail_key, &certificate.identity().ok()?, &helpline).ok()?;
    let date = payload.date;
    let good = payload.deposit == deposit
        && key.x == proven
        && key.serial == certificate.serial
        && key.valid_at(date).is_ok()
        && certificate.valid_at(date).is_ok();
    good.then(|| OpenedReply {
        deposit,
        date,
        certificate,
        text: Zeroizing::new(core::mem::take(&mut payload.text)),
    })
}

fn prologue(helpline: &HelplineId, deposit: &DepositId) -> Vec<u8> {
    [b"HP1/mail".as_slice(), &helpline.0, &deposit.0].concat()
}

/// `length u16 ‖ postcard ‖ zeros`.
fn pad<T: Serialize>(value: &T, length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let plain = Zeroizing::new(crate::objects::postcard_encode(value));
    let mut padded = Zeroizing::new(Vec::with_capacity(length));
    padded.extend_from_slice(&u16::try_from(plain.len()).ok()?.to_be_bytes());
    padded.extend_from_slice(&plain);
    if padded.len() > length {
        return None;
    }
    padded.resize(length, 0);
    Some(padded)
}

pub(super) fn unpad<T: Serialize + DeserializeOwned>(padded: &[u8]) -> Option<T> {
    let (length, rest) = padded.split_first_chunk::<2>()?;
    let (value, zeros) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    if zeros.iter().any(|byte| *byte != 0) {
        return None;
    }
    crate::objects::postcard_decode(value)
}
