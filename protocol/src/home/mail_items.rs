//! What lies in a home's store for mail: its index entries, and their bytes on the disk.

use serde::{Deserialize, Serialize};

use super::{
    LinkId, Via,
    store::{Day, ItemKind, Place},
};
use crate::{
    crypto::{keys::RootKey, tokens::TokenHash},
    objects::{Bytes, postcard_decode},
    session::mail::{DepositId, OnMail, REPLY_LEN},
    time::{Tick, Unix},
    wire::DepositPosting,
};

#[derive(Clone)]
pub(super) struct Deposit {
    pub(super) day: Day,
    pub(super) write: TokenHash,
    pub(super) read: TokenHash,
    pub(super) claim: Option<(LinkId, Tick)>,
    /// By which entry it came in this run.
    pub(super) via: Option<Via>,
}

impl Deposit {
    pub(super) fn let_go(&mut self, link: LinkId) {
        self.claim = self.claim.filter(|(holder, _)| *holder != link);
    }
}

#[derive(Clone, Copy)]
pub(super) struct Reply {
    pub(super) day: Day,
    pub(super) deposit: DepositId,
    pub(super) write: TokenHash,
}

#[derive(Clone)]
pub(super) struct KeptKey {
    pub(super) place: Place,
    pub(super) on_mail: OnMail,
}

/// A reply as it is encoded in the store.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptReply {
    /// Hash of the token that wrote it.
    pub(super) write: TokenHash,
    /// Hash of the token that reads it.
    pub(super) read: TokenHash,
    pub(super) object: Bytes<REPLY_LEN>,
}

pub(super) enum Item {
    Key(Box<KeptKey>),
    Deposit(DepositId, Deposit),
    Reply(TokenHash, [u8; 32], Reply),
}

/// The kind of an item that was committed.
#[derive(Clone, Copy)]
pub(super) enum Stored {
    Key,
    Deposit(DepositId),
    Reply(DepositId),
}

pub(super) fn key_parts(on_mail: &OnMail) -> (&[u8], &[u8], &[u8]) {
    (
        on_mail.certificate.encoded(),
        on_mail.key.encoded(),
        on_mail.kem.as_bytes(),
    )
}

pub(super) fn answers_of(kept: &KeptReply) -> Option<DepositId> {
    kept.object.0.first_chunk::<32>().map(|id| DepositId(*id))
}

pub(super) fn answers(kept: KeptReply) -> Option<(KeptReply, DepositId)> {
    let id = answers_of(&kept)?;
    Some((kept, id))
}

/// What lies in the store, decoded.
pub(super) fn item(place: Place, value: &[u8], root: &RootKey, now: Unix) -> Option<Item> {
    match place.kind {
        ItemKind::Deposit => {
            let posting = postcard_decode::<DepositPosting>(value)?;
            let deposit = Deposit {
                day: place.day,
                write: posting.write,
                read: posting.read,
                claim: None,
                via: None,
            };
            Some(Item::Deposit(DepositId(place.key), deposit))
        }
        ItemKind::Reply => {
            let (kept, deposit) = postcard_decode::<KeptReply>(value).and_then(answers)?;
            let reply = Reply {
                day: place.day,
                deposit,
                write: kept.write,
            };
            Some(Item::Reply(kept.read, place.key, reply))
        }
        ItemKind::MailKey => {
            let (certificate, key, ek) = postcard_decode::<(Vec<u8>, Vec<u8>, Vec<u8>)>(value)?;
            let on_mail = OnMail::verify(root, &certificate, &key, &ek, now)?;
            Some(Item::Key(Box::new(KeptKey { place, on_mail })))
        }
    }
}
