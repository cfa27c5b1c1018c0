//! Records: all that passes over a home link after its handshake. All have one size.
//!
//! A record on the wire is one Noise transport message of [`UNIT`] bytes, so that an entry that forwards it
//! sees neither its kind nor its length. Plaintext, big-endian:
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 1 | kind |
//! | 1 | 1 | flags: bit 0 = more fragments of this object follow |
//! | 2 | 4 | request: chosen by the client, repeated in the answer |
//! | 6 | 32 | token |
//! | 38 | 8 | index |
//! | 46 | 8 | ack |
//! | 54 | 2 | length of the body |
//! | 56 | 8 | zeros |
//! | 64 | 2,048 | body, then zeros |
//!
//! Objects larger than a body are fragmented over several records: `index` is the number of the fragment, `ack` the
//! object's length.

pub(crate) mod fragment;
mod message;
mod messages;
mod pages;

pub use fragment::{Assembler, split};
pub use message::{
    Answers, ChannelOpening, DepositPosting, Lane, Posting, Prices, Receipt, Refusal, ReplyPosting,
    ShownTicket, Terms,
};
pub use messages::{ClientMessage, HomeMessage};
pub use pages::{KeySlot, read_key_page, read_page};

/// Bytes of a record's header.
pub const HEADER_LEN: usize = 64;
/// Bytes of a record's body.
pub const BODY_LEN: usize = 2_048;
/// Bytes of a record before encryption.
pub const RECORD_LEN: usize = HEADER_LEN + BODY_LEN;
/// Bytes of everything on a home link: a record and its tag. Handshake messages are padded to the same size.
pub const UNIT: usize = RECORD_LEN + crate::crypto::noise::TAG_LEN;

/// Flag: more fragments of this object follow.
const MORE: u8 = 1;

/// The table of all kinds of records: name, byte, and the name in traces.
macro_rules! record_kinds {
    ($($(#[$doc:meta])+ $kind:ident = $byte:literal, $name:literal;)+) => {
        /// Kind of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])+ $kind = $byte,)+
        }

        impl Kind {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$kind),+];

            const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($byte => Some(Self::$kind),)+
                    _ => None,
                }
            }

            /// A short name for traces and the demo.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }
    };
}

record_kinds! {
    /// Client: requests roster and descriptor. Answer: [`Kind::Head`].
    Describe = 1, "describe";
    /// Client: requests duties of page `index`. Answer: [`Kind::DutyPage`].
    Duties = 2, "duties";
    /// Client: requests the settings. Answer: [`Kind::SettingsText`].
    Settings = 3, "settings";
    /// Client: keepalive, every 15 s. Answer: [`Kind::Beat`].
    Heartbeat = 4, "heartbeat";
    /// Counselor: certificate ‖ signature over the link. Answer: [`Kind::LoggedIn`] or [`Kind::Refused`].
    Login = 5, "login";
    /// Counselor: publishes a duty. Answer: [`Kind::OnDuty`] or [`Kind::Refused`].
    PublishDuty = 6, "publish_duty";
    /// Counselor: withdraws the duty. Answer: [`Kind::OffDuty`].
    WithdrawDuty = 7, "withdraw_duty";
    /// Seeker: a [`Posting`], `token` = the seeker's secret at this home. Answer: [`Kind::Posted`] or
    /// [`Kind::Refused`].
    Post = 8, "post";
    /// Seeker: withdraws the ticket of `token`. No answer.
    Withdraw = 9, "withdraw";
    /// Seeker: hides the ticket of `token`, attempt `index`; its place is kept. No answer.
    Hold = 10, "hold";
    /// Seeker: the answer with claim number `ack` is invalid; the ticket of `token` opens again. No answer.
    Reject = 11, "reject";
    /// Counselor: claims the ticket `token`, attempt `index`. Answer: [`Kind::Granted`] or [`Kind::Refused`].
    Claim = 12, "claim";
    /// Counselor: message 2 into the slot `token`, with claim number `ack`; body = ticket id ‖ message 2.
    /// Answer, now or later: [`Kind::Refused`].
    Answer = 13, "answer";
    /// Either: opens a channel, or finds it open; body = [`ChannelOpening`]. Answer: [`Kind::Opened`].
    Open = 14, "open";
    /// Either: a cell for `token` at `index`. Answer: [`Kind::Stored`], [`Kind::Full`] or [`Kind::Gone`].
    Put = 15, "put";
    /// Either: listens on `token` from `index` on. Cells come as [`Kind::Cell`]. A home answers nothing, so that an
    /// unknown token looks the same.
    Listen = 16, "listen";
    /// Either: the home may drop everything below `ack` of the listen token. No answer.
    Ack = 17, "ack";
    /// Either: the home may drop the channel of this listen token. No answer.
    Close = 18, "close";
    /// Counselor: publishes a mail key and the KEM key it names. Answer: [`Kind::MailKeyKept`] or
    /// [`Kind::Refused`].
    PublishMailKey = 19, "publish_mail_key";
    /// Seeker: requests mail keys of page `index`. Answer: [`Kind::MailKeyPage`].
    MailKeys = 20, "mail_keys";
    /// Seeker: a [`DepositPosting`]. Answer: [`Kind::Deposited`] or [`Kind::Refused`].
    Deposit = 21, "deposit";
    /// Counselor on duty: requests names of deposits after `token`. Answer: [`Kind::MailNames`].
    Mails = 22, "mails";
    /// Counselor on duty: requests the deposit `token`. Answer: [`Kind::Mail`] or [`Kind::MailGone`].
    FetchMail = 23, "fetch_mail";
    /// Counselor: `index` 0 claims the deposit `token` for a reply; answer: [`Kind::Granted`] or [`Kind::Refused`].
    /// `index` 1 releases the claim; no answer.
    MailClaim = 24, "mail_claim";
    /// Counselor: a [`ReplyPosting`], `token` = write token. Answer: [`Kind::Replied`] or [`Kind::Refused`].
    Reply = 25, "reply";
    /// Seeker: requests the replies that `token` reads. Answer: [`Kind::Letter`] …, then [`Kind::ReadEnd`].
    Read = 26, "read";
    /// Seeker: the three [`Answers`] at the end. Answer: [`Kind::Counted`] or [`Kind::Refused`].
    Survey = 27, "survey";
    /// Counselor: the chat of ticket `token`, attempt `index`, was lost here; body = signature and run. No answer.
    Lost = 30, "lost";
    /// Seeker: the puzzle for what the token hash `token` names is solved by `index`; body = [`Terms`]. No answer.
    Pay = 31, "pay";
    /// Counselor: the chat of ticket `token`, which this counselor answered here, was abuse. No answer.
    Abuse = 32, "abuse";

    /// Home: roster and descriptor.
    Head = 64, "head";
    /// Home: eight slots of certificate and duty.
    DutyPage = 65, "duty_page";
    /// Home: the settings.
    SettingsText = 66, "settings_text";
    /// Home: `index` = roster version, `ack` = descriptor version.
    Beat = 67, "beat";
    /// Home: the login is valid.
    LoggedIn = 68, "logged_in";
    /// Home: the duty stands here.
    OnDuty = 69, "on_duty";
    /// Home: no duty of this counselor stands here; body = [`Refusal`] code, empty if the counselor withdrew the
    /// duty.
    OffDuty = 70, "off_duty";
    /// Home: the ticket is queued; body = [`Receipt`], `index` = how many are before it, at most.
    Posted = 71, "posted";
    /// Home: `index` = how many are before the ticket now, at most; body = a new [`Receipt`].
    Place = 72, "place";
    /// Home, to the seeker: message 2; `index` = attempt, `ack` = claim number.
    Answered = 73, "answered";
    /// Home, to a desk: a [`ShownTicket`]; the order is by arrival.
    Ticket = 74, "ticket";
    /// Home, to a desk: the ticket `token` is no longer open.
    TicketGone = 75, "ticket_gone";
    /// Home: the claim was granted; `ack` = claim number.
    Granted = 76, "granted";
    /// Home: refused; body = [`Refusal`] code.
    Refused = 77, "refused";
    /// Home: the channel is open.
    Opened = 78, "opened";
    /// Home: cell `index` is in memory.
    Stored = 79, "stored";
    /// Home: cell `index` was refused, because the ring is full.
    Full = 80, "full";
    /// Home: there is no such channel, or no longer.
    Gone = 81, "gone";
    /// Home: a cell at `index` for the listen token.
    Cell = 82, "cell";
    /// Home: this node stops; retry later or at another home.
    Bye = 83, "bye";
    /// Home: the mail key is on disk.
    MailKeyKept = 84, "mail_key_kept";
    /// Home: eight slots of certificate, mail key and KEM key; a page with an empty slot is the last.
    MailKeyPage = 85, "mail_key_page";
    /// Home: the deposit `token` is on disk.
    Deposited = 86, "deposited";
    /// Home, to desks on duty: names of deposits; also without a request when one comes.
    MailNames = 87, "mail_names";
    /// Home, to a desk: the deposit `token`.
    Mail = 88, "mail";
    /// Home, to desks on duty: the deposit `token` is answered, or not there.
    MailGone = 89, "mail_gone";
    /// Home: a reply to the deposit `token` is on disk.
    Replied = 90, "replied";
    /// Home: a reply.
    Letter = 91, "letter";
    /// Home: no more replies.
    ReadEnd = 92, "read_end";
    /// Home, to a desk: the ticket `token`, attempt `index`, is held by an answer of this desk.
    Yours = 94, "yours";
    /// Home, to the seeker: [`Kind::Lost`] as the counselor sent it.
    LostBy = 95, "lost_by";
    /// Home: the answers are counted in the sums of the month.
    Counted = 96, "counted";
    /// Home, to desks: `index` 0: the links of the seeker of ticket `token` have been silent; 1: one has spoken again.
    Living = 97, "living";
}

/// A record before encryption.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The kind.
    pub kind: Kind,
    /// More fragments of this object follow.
    pub more: bool,
    /// Chosen by the client, repeated in the answer; 0 without a request.
    pub request: u32,
    /// A token, ticket id or zeros.
    pub token: [u8; 32],
    /// Its meaning depends on the kind.
    pub index: u64,
    /// Its meaning depends on the kind.
    pub ack: u64,
    /// At most [`BODY_LEN`] bytes.
    pub body: Vec<u8>,
}

impl core::fmt::Debug for Record {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            formatter,
            "{:?}(index {}, ack {}, {} bytes)",
            self.kind,
            self.index,
            self.ack,
            self.body.len()
        )
    }
}

/// The bytes are not a record of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not [`RECORD_LEN`] bytes.
    #[error("expected a record of {RECORD_LEN} bytes, got {0}")]
    Length(usize),
    /// An unknown kind.
    #[error("expected a kind of record that this version knows, got {0}")]
    Kind(u8),
    /// Unknown flags, a length beyond the body, or padding that is not zero.
    #[error("expected a record in its only form, got stray bits")]
    Form,
}

impl Record {
    /// A record of `kind` and nothing else.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            more: false,
            request: 0,
            token: [0; 32],
            index: 0,
            ack: 0,
            body: Vec::new(),
        }
    }

    /// With a request number.
    #[must_use]
    pub const fn request(mut self, request: u32) -> Self {
        self.request = request;
        self
    }

    /// With a token.
    #[must_use]
    pub const fn token(mut self, token: [u8; 32]) -> Self {
        self.token = token;
        self
    }

    /// With an index.
    #[must_use]
    pub const fn index(mut self, index: u64) -> Self {
        self.index = index;
        self
    }

    /// With an ack.
    #[must_use]
    pub const fn ack(mut self, ack: u64) -> Self {
        self.ack = ack;
        self
    }

    /// With a body. Bytes beyond [`BODY_LEN`] are a bug of the caller and are cut off.
    #[must_use]
    pub fn body(mut self, mut body: Vec<u8>) -> Self {
        debug_assert!(body.len() <= BODY_LEN, "a body of {} bytes", body.len());
        body.truncate(BODY_LEN);
        self.body = body;
        self
    }

    /// As a fragment of an object: `part` gives all fields but kind and token.
    #[must_use]
    fn part(self, part: Self) -> Self {
        Self {
            kind: self.kind,
            token: self.token,
            ..part
        }
    }

    /// The [`RECORD_LEN`] bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(RECORD_LEN + crate::crypto::noise::TAG_LEN);
        bytes.push(self.kind as u8);
        bytes.push(if self.more { MORE } else { 0 });
        bytes.extend_from_slice(&self.request.to_be_bytes());
        bytes.extend_from_slice(&self.token);
        bytes.extend_from_slice(&self.index.to_be_bytes());
        bytes.extend_from_slice(&self.ack.to_be_bytes());
        bytes.extend_from_slice(&u16::try_from(self.body.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.resize(HEADER_LEN, 0);
        bytes.extend_from_slice(&self.body);
        bytes.resize(RECORD_LEN, 0);
        bytes
    }

    /// Decodes [`RECORD_LEN`] bytes.
    ///
    /// # Errors
    /// [`RecordError`] when they are not the one encoding of a record.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() != RECORD_LEN {
            return Err(RecordError::Length(bytes.len()));
        }
        let mut rest = bytes;
        let [kind, flags] = take::<2>(&mut rest)?;
        let record = Self {
            kind: Kind::from_byte(kind).ok_or(RecordError::Kind(kind))?,
            more: flags == MORE,
            request: u32::from_be_bytes(take(&mut rest)?),
            token: take(&mut rest)?,
            index: u64::from_be_bytes(take(&mut rest)?),
            ack: u64::from_be_bytes(take(&mut rest)?),
            body: Vec::new(),
        };
        let length = usize::from(u16::from_be_bytes(take(&mut rest)?));
        let zeros: [u8; 8] = take(&mut rest)?;
        let (body, padding) = rest.split_at_checked(length).ok_or(RecordError::Form)?;
        if flags & !MORE != 0 || zeros != [0; 8] || padding.iter().any(|byte| *byte != 0) {
            return Err(RecordError::Form);
        }
        Ok(Self {
            body: body.to_vec(),
            ..record
        })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], RecordError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(RecordError::Form)?;
    *rest = tail;
    Ok(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_the_published_ones() {
        assert_eq!((HEADER_LEN, BODY_LEN, UNIT), (64, 2_048, 2_128));
        assert_eq!(Record::new(Kind::Beat).encode().len(), RECORD_LEN);
    }

    #[test]
    fn every_kind_round_trips() {
        for kind in Kind::ALL.iter().copied() {
            let record = Record {
                more: true,
                ..Record::new(kind).request(7).token([3; 32]).index(9).ack(11)
            }
            .body(vec![1, 2, 3]);
            assert_eq!(Record::decode(&record.encode()), Ok(record));
        }
    }

    #[test]
    fn there_is_one_encoding() {
        let good = Record::new(Kind::Put).body(vec![9; 5]).encode();
        for position in [1, 56, 63, RECORD_LEN - 1] {
            let mut stray = good.clone();
            stray[position] |= 2;
            assert_eq!(Record::decode(&stray), Err(RecordError::Form), "at {position}");
        }
        let mut unknown = good.clone();
        unknown[0] = 200;
        assert_eq!(Record::decode(&unknown), Err(RecordError::Kind(200)));
        assert_eq!(
            Record::decode(&good[1..]),
            Err(RecordError::Length(RECORD_LEN - 1))
        );
        let mut long = good;
        long[54] = 0xff;
        assert_eq!(Record::decode(&long), Err(RecordError::Form));
    }

    proptest::proptest! {
        #[test]
        fn decoding_never_panics_and_is_canonical(
            body in proptest::collection::vec(proptest::num::u8::ANY, 0..=BODY_LEN),
            bent in proptest::collection::vec((0..RECORD_LEN, proptest::num::u8::ANY), 0..3),
        ) {
            // A valid record with up to two bytes changed. Some results are valid records too, most are not.
            let good = Record::new(Kind::Put).index(9).body(body);
            let mut bytes = good.encode();
            for (position, byte) in bent {
                bytes[position] ^= byte;
            }
            if let Ok(record) = Record::decode(&bytes) {
                proptest::prop_assert_eq!(record.encode(), bytes);
            } else {
                proptest::prop_assert_ne!(good.encode(), bytes);
            }
        }
    }
}
