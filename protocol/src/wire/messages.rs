//! The messages of clients and homes, as types. Only here is a field bound to its slot in a record.
//!
//! Each message is one record. A `part` is a record that carries a fragment of an object; [`split`](super::split)
//! makes the fragments and [`Assembler`](super::Assembler) reassembles them.

use super::{Answers, ChannelOpening, Kind, Receipt, Record, Refusal, Terms};
use crate::{
    crypto::tokens::{Token, TokenHash},
    objects::{DepositId, TicketId, postcard_decode, postcard_encode},
};

/// A value in a slot of a record.
trait Field: Sized {
    /// What the slot holds.
    type Slot;

    /// `None` when the slot holds no such value.
    fn read(slot: Self::Slot) -> Option<Self>;

    fn write(self) -> Self::Slot;
}

macro_rules! fields {
    ($($slot:ty: $field:ty, $read:expr, $write:expr;)+) => {
        $(impl Field for $field {
            type Slot = $slot;

            fn read(slot: $slot) -> Option<Self> {
                $read(slot)
            }

            fn write(self) -> $slot {
                $write(self)
            }
        })+
    };
}

fields! {
    [u8; 32]: TicketId, |id| Some(Self(id)), |id: Self| id.0;
    [u8; 32]: DepositId, |id| Some(Self(id)), |id: Self| id.0;
    [u8; 32]: Token, |token| Some(Self(token)), |token: Self| token.0;
    [u8; 32]: TokenHash, |hash| Some(Self(hash)), |hash: Self| hash.0;
    u64: u64, Some, core::convert::identity;
    Vec<u8>: Vec<u8>, Some, core::convert::identity;
    // An unknown reason of another version is still a refusal.
    Vec<u8>: Refusal, |body: Vec<u8>| Some(postcard_decode(&body).unwrap_or(Self::Malformed)),
        |reason| postcard_encode(&reason);
    Vec<u8>: Option<Receipt>, |body: Vec<u8>| Some(postcard_decode(&body)),
        |receipt: Self| receipt.map_or_else(Vec::new, |receipt| postcard_encode(&receipt));
    Vec<u8>: Answers, |body: Vec<u8>| Self::decode(&body), |answers: Self| answers.encode();
    // `None` for an empty body, and for a reason that this version does not know.
    Vec<u8>: Option<Refusal>, |body: Vec<u8>| Some(postcard_decode(&body)),
        |reason: Self| reason.map_or_else(Vec::new, |reason| postcard_encode(&reason));
    // An invalid opening is answered like a channel that is gone.
    Vec<u8>: Option<ChannelOpening>, |body: Vec<u8>| Some(postcard_decode(&body)),
        |opening: Self| opening.map_or_else(Vec::new, |opening| postcard_encode(&opening));
    // A payment of another form buys nothing.
    Vec<u8>: Option<Terms>, |body: Vec<u8>| Some(postcard_decode(&body)),
        |terms: Self| terms.map_or_else(Vec::new, |terms| postcard_encode(&terms));
    Record: Record, Some, core::convert::identity;
}

macro_rules! slot {
    ($record:ident, part) => {
        $record
    };
    ($record:ident, body) => {
        $record.body
    };
    ($record:ident, $slot:ident) => {
        $record.$slot
    };
}

/// The messages of one direction: `Kind { field: type = slot, … }`.
macro_rules! messages {
    ($(#[$meta:meta])* $name:ident { $($kind:ident { $($field:ident: $type:ty = $slot:ident),* })+ }) => {
        $(#[$meta])*
        #[allow(missing_docs, reason = "kinds are described at `Kind`, fields in docs/protocol.md, Records")]
        pub enum $name {
            $($kind { $($field: $type),* },)+
        }

        // Tokens are secrets and bodies are words, so a log gets the kind only.
        impl core::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                formatter.write_str(match self {
                    $(Self::$kind { .. } => Kind::$kind.name(),)+
                })
            }
        }

        impl $name {
            /// The record that carries the message, without a request number.
            #[must_use]
            pub fn record(self) -> Record {
                match self {
                    $(Self::$kind { $($field),* } => Record::new(Kind::$kind)$(.$slot(Field::write($field)))*,)+
                }
            }

            /// Reads a record; `None` when it is none of these messages.
            #[must_use]
            pub fn read(record: Record) -> Option<Self> {
                match record.kind {
                    $(Kind::$kind => Some(Self::$kind { $($field: Field::read(slot!(record, $slot))?),* }),)+
                    _ => None,
                }
            }
        }
    };
}

messages! {
    /// What a client sends to a home.
    ClientMessage {
        Describe {}
        Duties { page: u64 = index }
        Settings {}
        Heartbeat {}
        Login { proof: Vec<u8> = body }
        PublishDuty { duty: Vec<u8> = body }
        WithdrawDuty {}
        Post { withdraw: Token = token, posting: Record = part }
        Withdraw { withdraw: Token = token }
        Hold { withdraw: Token = token, attempt: u64 = index, claim: u64 = ack }
        Reject { withdraw: Token = token, claim: u64 = ack }
        Claim { ticket: TicketId = token, attempt: u64 = index }
        Answer { slot: Token = token, claim: u64 = ack, answer: Vec<u8> = body }
        Open { token: Token = token, opening: Option<ChannelOpening> = body }
        Put { put: Token = token, index: u64 = index, cell: Vec<u8> = body }
        Listen { listen: Token = token, from: u64 = index }
        Ack { listen: Token = token, below: u64 = ack }
        Close { listen: Token = token }
        PublishMailKey { key: Vec<u8> = body }
        MailKeys { page: u64 = index }
        Deposit { posting: Record = part }
        Mails { after: DepositId = token }
        FetchMail { deposit: DepositId = token }
        MailClaim { deposit: DepositId = token, release: u64 = index }
        Reply { write: Token = token, posting: Record = part }
        Read { read: Token = token }
        Survey { token: Token = token, answers: Answers = body }
        Lost { ticket: TicketId = token, attempt: u64 = index, proof: Vec<u8> = body }
        Pay { token: TokenHash = token, nonce: u64 = index, terms: Option<Terms> = body }
        Abuse { ticket: TicketId = token }
    }
}

messages! {
    /// What a home sends to a client.
    HomeMessage {
        Head { head: Record = part }
        DutyPage { page: Record = part }
        SettingsText { settings: Record = part }
        Beat { roster: u64 = index, descriptor: u64 = ack }
        LoggedIn {}
        OnDuty {}
        OffDuty { reason: Option<Refusal> = body }
        Posted { ticket: TicketId = token, ahead: u64 = index, receipt: Option<Receipt> = body }
        Place { ticket: TicketId = token, ahead: u64 = index, receipt: Option<Receipt> = body }
        Answered { ticket: TicketId = token, attempt: u64 = index, claim: u64 = ack, answer: Vec<u8> = body }
        Ticket { ticket: TicketId = token, posting: Record = part }
        TicketGone { ticket: TicketId = token }
        Living { ticket: TicketId = token, living: u64 = index }
        Granted { token: Token = token, attempt: u64 = index, claim: u64 = ack }
        Refused { token: Token = token, index: u64 = index, reason: Refusal = body }
        Opened { token: Token = token }
        Stored { put: Token = token, index: u64 = index }
        Full { put: Token = token, index: u64 = index }
        Gone { token: Token = token, index: u64 = index }
        Cell { listen: Token = token, index: u64 = index, cell: Vec<u8> = body }
        Bye {}
        MailKeyKept {}
        MailKeyPage { page: Record = part }
        Deposited { deposit: DepositId = token }
        MailNames { names: Vec<u8> = body }
        Mail { deposit: DepositId = token, mail: Record = part }
        MailGone { deposit: DepositId = token }
        Replied { deposit: DepositId = token }
        Letter { reply: Record = part }
        ReadEnd {}
        Yours { ticket: TicketId = token, attempt: u64 = index }
        LostBy { ticket: TicketId = token, attempt: u64 = index, proof: Vec<u8> = body }
        Counted {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a message keeps of a record.
    fn kept(record: &Record) -> Option<(Record, String)> {
        let client = ClientMessage::read(record.clone());
        let home = HomeMessage::read(record.clone());
        assert_ne!(client.is_some(), home.is_some(), "{:?}", record.kind);
        let shown = format!("{client:?} {home:?}");
        let written = client
            .map(ClientMessage::record)
            .or(home.map(HomeMessage::record));
        written.map(|written| (written, shown))
    }

    #[test]
    fn every_kind_is_a_message_of_one_direction() {
        for kind in Kind::ALL.iter().copied() {
            let record = Record::new(kind)
                .token([0xa5; 32])
                .index(5)
                .ack(7)
                .body(vec![0, 1, 2]);
            let (written, shown) = kept(&record).expect("a message");
            assert_eq!(ClientMessage::read(record.clone()).is_some(), (kind as u8) < 64);
            // A slot that the message does not use is empty. Every other slot is unchanged.
            assert!(written.token == record.token || written.token == [0; 32]);
            assert!([record.index, 0].contains(&written.index) && [record.ack, 0].contains(&written.ack));
            let (again, _) = kept(&written).unwrap_or_else(|| (written.clone(), String::new()));
            assert_eq!(again, written, "{kind:?}");
            assert!(!shown.contains("165") && !shown.contains("a5"), "{shown}");
        }
    }
}
