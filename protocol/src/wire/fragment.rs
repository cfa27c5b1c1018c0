//! What is larger than its carrier: fragmented by the sender and reassembled by the receiver, with a bound on each
//! step. [`cut`] and [`Joined`] serve every carrier. [`split`] and [`Assembler`] are those of objects in records; the
//! messages of a chat in its cells are in `session::chat::cell`.

use zeroize::Zeroizing;

use super::{BODY_LEN, Kind, Record};

/// Most bytes of any object on a home link: settings are the largest.
pub(crate) const OBJECT_MAX: usize = crate::objects::SETTINGS_MAX;
/// Most objects that one link may have incomplete at once. A client needs one; an answer may overlap the next.
const IN_PIECES_MAX: usize = 4;

/// A fragment of something larger.
pub(crate) struct Fragment<'a> {
    /// Counted from zero.
    pub(crate) number: u64,
    pub(crate) last: bool,
    pub(crate) bytes: &'a [u8],
}

/// How many fragments of at most `most` bytes hold `length` bytes. Nothing is one empty fragment.
pub(crate) fn count(length: usize, most: usize) -> u64 {
    u64::try_from(length.div_ceil(most).max(1)).unwrap_or(u64::MAX)
}

/// Fragments of `most` bytes each; the last one may be shorter.
pub(crate) fn cut(whole: &[u8], most: usize) -> impl Iterator<Item = Fragment<'_>> {
    let count = count(whole.len(), most);
    let chunks = whole.chunks(most).chain(whole.is_empty().then_some(whole));
    (0..).zip(chunks).map(move |(number, bytes)| Fragment {
        number,
        last: number + 1 == count,
        bytes,
    })
}

/// What came so far of something larger, in order. It is wiped when it is dropped: it may be a person's words.
#[derive(Default)]
pub(crate) struct Joined(Zeroizing<Vec<u8>>);

impl Joined {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// With the next fragment; `None` when that would be more than `max` bytes.
    pub(crate) fn join(mut self, fragment: &[u8], max: usize) -> Option<Self> {
        let length = self.len() + fragment.len();
        if length > max {
            return None;
        }
        if length > self.0.capacity() {
            // A vector that grows by itself leaves its old bytes in freed memory.
            let mut wider = Zeroizing::new(Vec::with_capacity(length.next_power_of_two()));
            wider.extend_from_slice(&self.0);
            self.0 = wider;
        }
        self.0.extend_from_slice(fragment);
        Some(self)
    }

    pub(crate) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

/// Fragments `object` into records that carry its parts in order.
#[must_use]
pub fn split(kind: Kind, request: u32, token: [u8; 32], object: &[u8]) -> Vec<Record> {
    let length = u64::try_from(object.len()).unwrap_or(u64::MAX);
    let record = |fragment: Fragment<'_>| Record {
        more: !fragment.last,
        ..Record::new(kind)
            .request(request)
            .token(token)
            .index(fragment.number)
            .ack(length)
            .body(fragment.bytes.to_vec())
    };
    cut(object, BODY_LEN).map(record).collect()
}

/// The fragments do not make an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// A fragment came out of order, or twice.
    #[error("expected part {expected} of an object, got part {got}")]
    Order {
        /// The number that was next.
        expected: u64,
        /// The number that came.
        got: u64,
    },
    /// Not as long as announced, or longer than any object.
    #[error("expected an object of at most {OBJECT_MAX} bytes that is as long as it says")]
    Length,
    /// Too many incomplete objects at once.
    #[error("expected at most {IN_PIECES_MAX} objects in pieces at once")]
    TooMany,
}

/// Reassembles objects. Memory is bounded by the bytes that really came.
#[derive(Default)]
pub struct Assembler {
    open: Vec<Piece>,
}

struct Piece {
    kind: Kind,
    request: u32,
    next: u64,
    length: u64,
    joined: Joined,
}

impl Assembler {
    /// Bytes of objects that are not whole yet.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.open.iter().map(|piece| piece.joined.len()).sum()
    }

    /// Takes one fragment; gives the object after the last one.
    ///
    /// # Errors
    /// `PartError`; this object is dropped, and others go on.
    pub fn take(&mut self, part: &Record) -> Result<Option<Vec<u8>>, PartError> {
        let position = self
            .open
            .iter()
            .position(|piece| piece.kind == part.kind && piece.request == part.request);
        let mut piece = match position {
            Some(position) => self.open.swap_remove(position),
            None if self.open.len() >= IN_PIECES_MAX => return Err(PartError::TooMany),
            None => Piece {
                kind: part.kind,
                request: part.request,
                next: 0,
                length: part.ack,
                joined: Joined::default(),
            },
        };
        if part.index != piece.next {
            return Err(PartError::Order {
                expected: piece.next,
                got: part.index,
            });
        }
        if piece.length != part.ack {
            return Err(PartError::Length);
        }
        let most = usize::try_from(piece.length).map_or(OBJECT_MAX, |length| length.min(OBJECT_MAX));
        piece.joined = piece.joined.join(&part.body, most).ok_or(PartError::Length)?;
        piece.next += 1;
        if part.more {
            // Every fragment but the last is full: an endless stream of empty ones would cost time for nothing.
            if part.body.len() != BODY_LEN {
                return Err(PartError::Length);
            }
            self.open.push(piece);
            return Ok(None);
        }
        let mut object = piece.joined.into_bytes();
        if u64::try_from(object.len()) == Ok(piece.length) {
            Ok(Some(core::mem::take(&mut *object)))
        } else {
            Err(PartError::Length)
        }
    }
}

impl core::fmt::Debug for Assembler {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Assembler({} in pieces)", self.open.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(records: &[Record]) -> Result<Option<Vec<u8>>, PartError> {
        let mut assembler = Assembler::default();
        let mut last = None;
        for record in records {
            last = assembler.take(record)?;
        }
        Ok(last)
    }

    #[test]
    fn any_length_round_trips() {
        for length in [0, 1, BODY_LEN - 1, BODY_LEN, BODY_LEN + 1, 14_000, OBJECT_MAX] {
            let object: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let records = split(Kind::Head, 3, [0; 32], &object);
            assert_eq!(records.len(), length.div_ceil(BODY_LEN).max(1));
            assert_eq!(join(&records), Ok(Some(object)));
        }
    }

    #[test]
    fn disorder_and_lies_about_length_are_refused() {
        let records = split(Kind::Head, 3, [0; 32], &[7; 5_000]);
        assert_eq!(join(&records[1..]), Err(PartError::Order { expected: 0, got: 1 }));
        let twice = [records[0].clone(), records[0].clone()];
        assert_eq!(join(&twice), Err(PartError::Order { expected: 1, got: 0 }));
        let mut short = records.clone();
        for record in &mut short {
            record.ack = 4_999;
        }
        assert_eq!(join(&short), Err(PartError::Length));
        let huge = Record {
            more: true,
            ..Record::new(Kind::Head).ack(u64::MAX).body(vec![0; 10])
        };
        assert_eq!(join(&[huge]), Err(PartError::Length));
    }

    #[test]
    fn a_link_cannot_keep_many_objects_open() {
        let mut assembler = Assembler::default();
        for request in 0..4 {
            assert_eq!(
                assembler.take(&split(Kind::Post, request, [0; 32], &[1; 3_000])[0]),
                Ok(None)
            );
        }
        assert_eq!(
            assembler.take(&split(Kind::Post, 9, [0; 32], &[1; 3_000])[0]),
            Err(PartError::TooMany)
        );
    }
}
