//! Cells: what the two ends of a chat send to each other. All have one size.
//!
//! Plaintext of [`PLAIN_LEN`] bytes, big-endian:
//! `kind u8 ‖ status u8 ‖ ack u64 ‖ shown u64 ‖ length u16 ‖ body ‖ zeros`.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    crypto::noise::TAG_LEN,
    objects::{Label, Serial},
    wire::fragment::{self, Joined},
};

/// Bytes of an encrypted cell: exactly the body of one record.
pub const CELL_LEN: usize = crate::wire::BODY_LEN;
/// Bytes of a cell before encryption.
pub const PLAIN_LEN: usize = CELL_LEN - TAG_LEN;
/// Bytes before the body.
const HEAD_LEN: usize = 1 + 1 + 8 + 8 + 2;
/// Most bytes of a cell's body.
pub const CELL_BODY_MAX: usize = PLAIN_LEN - HEAD_LEN;

/// Kind of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum CellKind {
    /// The first cell each way: 32 random bytes, then a seeker's ratchet key and extra bytes, or a counselor's run.
    Hello = 1,
    /// A fragment of a message.
    Data = 2,
    /// An acknowledgement alone, or a keepalive.
    Ack = 3,
    /// The chat ends; body = reason.
    End = 4,
    /// The seeker's ratchet request; see [`super::ratchet`].
    Heal = 5,
    /// The counselor's answer to it. The counselor's next cell is of the new epoch.
    Healed = 6,
    /// The counselor's transfer request; body = [`Colleague`].
    AskTransfer = 7,
    /// The seeker's answer: 1 yes, 0 no.
    AnswerTransfer = 8,
    /// The seeker's pace; body = [`Pace`].
    Pace = 9,
}

/// A cell in plaintext.
pub(super) struct Cell {
    pub(super) kind: CellKind,
    /// Status of the sender.
    pub(super) status: Status,
    /// First index that the sender lacks.
    pub(super) ack: u64,
    /// Every message whose last cell is below this index was shown by the sender's face.
    pub(super) shown: u64,
    pub(super) body: Zeroizing<Vec<u8>>,
}

impl Cell {
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(PLAIN_LEN));
        bytes.push(self.kind as u8);
        bytes.push(self.status as u8);
        bytes.extend_from_slice(&self.ack.to_be_bytes());
        bytes.extend_from_slice(&self.shown.to_be_bytes());
        let length = u16::try_from(self.body.len().min(CELL_BODY_MAX)).unwrap_or_default();
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(self.body.get(..usize::from(length)).unwrap_or_default());
        bytes.resize(PLAIN_LEN, 0);
        bytes
    }

    /// `None` for an unknown kind and for an invalid encoding. The index of such a cell counts as received; its
    /// content is ignored.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (&[kind, status], rest) = bytes.split_first_chunk()?;
        let (ack, rest) = rest.split_first_chunk::<8>()?;
        let (shown, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (body, padding) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        if bytes.len() != PLAIN_LEN || padding.iter().any(|byte| *byte != 0) {
            return None;
        }
        let kind = match kind {
            1 => CellKind::Hello,
            2 => CellKind::Data,
            3 => CellKind::Ack,
            4 => CellKind::End,
            5 => CellKind::Heal,
            6 => CellKind::Healed,
            7 => CellKind::AskTransfer,
            8 => CellKind::AnswerTransfer,
            9 => CellKind::Pace,
            _ => return None,
        };
        Some(Self {
            kind,
            status: Status::decode(status),
            ack: u64::from_be_bytes(*ack),
            shown: u64::from_be_bytes(*shown),
            body: Zeroizing::new(body.to_vec()),
        })
    }
}

/// The counselor's status. It rides in cells that are sent anyway, at most [`super::CELL_HEARTBEAT`] after it
/// changed. It never makes a cell: a home must not see when a screen is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Status {
    /// The counselor reads.
    #[default]
    Here = 0,
    /// The counselor's screen is locked: words arrive and are not read.
    Locked = 1,
    /// The counselor is asking a colleague.
    Asking = 2,
}

impl Status {
    /// An unknown status of a later version decodes as `Here`: it must hide nothing that this version could show.
    const fn decode(byte: u8) -> Self {
        match byte {
            1 => Self::Locked,
            2 => Self::Asking,
            _ => Self::Here,
        }
    }
}

/// The seeker's wish how the talk should go. It is sent again to every counselor of the visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// The seeker needs a pause. The seeker's next words end it.
    pub pause: bool,
    /// The seeker does not want to be asked for details.
    pub no_details: bool,
}

impl Pace {
    const PAUSE: u8 = 1;
    const NO_DETAILS: u8 = 2;

    /// One byte: bit 0 = pause, bit 1 = no details.
    pub(super) const fn encode(self) -> u8 {
        let pause = if self.pause { Self::PAUSE } else { 0 };
        let no_details = if self.no_details { Self::NO_DETAILS } else { 0 };
        pause | no_details
    }

    /// Unknown bits of a later version are ignored. The known bits still count.
    pub(super) const fn decode(byte: u8) -> Self {
        Self {
            pause: byte & Self::PAUSE != 0,
            no_details: byte & Self::NO_DETAILS != 0,
        }
    }
}

/// A colleague to whom a chat may be transferred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// The colleague's certificate.
    pub serial: Serial,
    /// The name seekers see.
    pub pseudonym: Label,
}

/// Most bytes of a message's text.
pub const MESSAGE_MAX: usize = 16 * 1_024;
/// Most bytes of a message's id.
pub const MESSAGE_ID_MAX: usize = 64;
/// The id of a seeker's first words: the first message of every chat. It is said with no words too.
pub const FIRST_ID: &str = "first";
/// Most bytes of first words. They fill one cell at most, as none do: no home can count what was written.
pub const FIRST_WORDS_MAX: usize = 1_900;
const _: () = assert!(2 + FIRST_ID.len() + FIRST_WORDS_MAX <= CELL_BODY_MAX);
/// Flag of the fragment that begins a message.
const FIRST: u8 = 1;
/// Flag of the fragment that ends a message.
const LAST: u8 = 2;

/// Most bytes of a message in one cell, after its flags.
const PART_MAX: usize = CELL_BODY_MAX - 1;

/// How many cells a message takes.
pub(super) fn count(id: &str, text: &[u8]) -> u64 {
    fragment::count(1 + id.len() + text.len(), PART_MAX)
}

/// Fragments a message into bodies of data cells: `flags ‖ fragment`. The fragments together are
/// `length of id u8 ‖ id ‖ text`.
pub(super) fn cut(id: &str, text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut stream = Zeroizing::new(Vec::with_capacity(1 + id.len() + text.len()));
    stream.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
    stream.extend_from_slice(id.as_bytes());
    stream.extend_from_slice(text);
    fragment::cut(&stream, PART_MAX)
        .map(|part| {
            let first = if part.number == 0 { FIRST } else { 0 };
            let last = if part.last { LAST } else { 0 };
            let mut body = Zeroizing::new(Vec::with_capacity(1 + part.bytes.len()));
            body.push(first | last);
            body.extend_from_slice(part.bytes);
            body
        })
        .collect()
}

/// Reassembles messages. Cells come in order, so one message at most is incomplete.
#[derive(Default)]
pub(super) struct Reassembly(Option<Joined>);

impl Reassembly {
    /// Takes the body of a data cell; gives id and text when a message is complete. An invalid fragment drops the
    /// message that was begun.
    pub(super) fn take(&mut self, body: &[u8]) -> Option<(String, Zeroizing<String>)> {
        let (&flags, part) = body.split_first()?;
        let begun = self.0.take();
        let begun = if flags & FIRST != 0 {
            Some(Joined::default())
        } else {
            begun
        };
        let message = begun?.join(part, 1 + MESSAGE_ID_MAX + MESSAGE_MAX)?;
        if flags & LAST == 0 {
            self.0 = Some(message);
            return None;
        }
        let stream = message.into_bytes();
        let (&length, rest) = stream.split_first()?;
        let (id, text) = rest.split_at_checked(usize::from(length))?;
        if id.is_empty() || id.len() > MESSAGE_ID_MAX || text.len() > MESSAGE_MAX {
            return None;
        }
        let id = core::str::from_utf8(id).ok()?.to_owned();
        Some((id, Zeroizing::new(core::str::from_utf8(text).ok()?.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_one_size_and_one_form() {
        let cell = Cell {
            kind: CellKind::Data,
            status: Status::Locked,
            ack: 7,
            shown: 5,
            body: Zeroizing::new(vec![1; 99]),
        };
        let mut bytes = cell.encode();
        assert_eq!(bytes.len(), PLAIN_LEN);
        let back = Cell::decode(&bytes).unwrap();
        assert_eq!((back.kind, back.status), (CellKind::Data, Status::Locked));
        assert_eq!((back.ack, back.shown, back.body.len()), (7, 5, 99));
        bytes[1] = 77;
        assert_eq!(Cell::decode(&bytes).unwrap().status, Status::Here);
        bytes[PLAIN_LEN - 1] = 1;
        assert!(Cell::decode(&bytes).is_none(), "padding is zero");
    }

    #[test]
    fn messages_of_any_length_round_trip() {
        for length in [0, 1, 2, 2_005, 2_006, 2_007, 2_008, 2_020, 5_000, MESSAGE_MAX] {
            let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
            let parts = cut("id-1", text.as_bytes());
            assert_eq!(
                count("id-1", text.as_bytes()),
                u64::try_from(parts.len()).unwrap()
            );
            let mut joiner = Reassembly::default();
            let mut whole = None;
            for part in &parts {
                assert!(whole.is_none());
                whole = joiner.take(part);
            }
            let (id, back) = whole.unwrap();
            assert_eq!((id.as_str(), back.as_str()), ("id-1", text.as_str()));
        }
    }

    #[test]
    fn parts_without_a_beginning_and_endless_ones_are_dropped() {
        let mut joiner = Reassembly::default();
        assert!(joiner.take(&[LAST, 1, b'a', b'b']).is_none());
        assert!(joiner.take(&[]).is_none());
        for _ in 0..20 {
            assert!(joiner.take(&[[FIRST].as_slice(), &[1; 100]].concat()).is_none());
        }
        let mut part = vec![0];
        part.resize(CELL_BODY_MAX, 1);
        for _ in 0..20 {
            assert!(joiner.take(&part).is_none());
        }
        assert!(
            joiner
                .0
                .is_none_or(|begun| begun.len() <= 1 + MESSAGE_ID_MAX + MESSAGE_MAX)
        );
    }
}
