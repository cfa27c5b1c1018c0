//! What a home keeps over restarts: sealed messages, replies, and mail keys. All of it is in the store by expiry day;
//! this module holds only the index.
//!
//! A new item stays in `pending` until the store has committed it. Only then does it count: it is shown, and its
//! request is answered. Items that came together are committed together.

use core::time::Duration;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use serde::{Deserialize, Serialize};

use super::{
    HomeRequest, LinkId,
    store::{Day, ItemKind, Place, Store, StoreError},
};
use crate::{
    crypto::{
        hash,
        keys::RootKey,
        tokens::{Token, TokenHash},
    },
    limits::{
        MAIL_CLAIM, MAIL_DAYS, MAIL_KEYS_PER_PAGE, MAIL_NAMES, MAX_DEPOSITS_PER_DAY, MAX_REPLIES_PER_BOX,
    },
    objects::{Bytes, Certificate, Roster, Serial, Signed, postcard_decode, postcard_encode},
    session::mail::{DEPOSIT_LEN, DepositId, OnMail, REPLY_LEN},
    time::{Now, Tick, Unix},
    wire::{BODY_LEN, DepositPosting, Refusal, ReplyPosting},
};

/// Most deposits over one link: a visit leaves one message, or a few parts of one.
pub const MAX_DEPOSITS_PER_LINK: u32 = 4;
/// Most replies that expire on one day: 4 MiB.
pub const MAX_REPLIES_PER_DAY: usize = 1_024;
/// Most reads over one link: a visit reads once, and again after each reconnect.
pub const MAX_READS_PER_LINK: u32 = 64;
/// Most mail keys: one for each counselor a roster can list.
pub const MAX_MAIL_KEYS: usize = crate::objects::MAX_CERTIFICATES;

const DAY_SECONDS: u64 = 86_400;

#[derive(Clone)]
struct Deposit {
    day: Day,
    write: TokenHash,
    read: TokenHash,
    claim: Option<(LinkId, Tick)>,
}

impl Deposit {
    fn let_go(&mut self, link: LinkId) {
        self.claim = self.claim.filter(|(holder, _)| *holder != link);
    }
}

#[derive(Clone, Copy)]
struct Reply {
    day: Day,
    deposit: DepositId,
    write: TokenHash,
}

#[derive(Clone)]
struct KeptKey {
    place: Place,
    on_mail: OnMail,
}

/// A reply as it is encoded in the store.
#[derive(Serialize, Deserialize)]
struct KeptReply {
    /// Hash of the token that wrote it.
    write: TokenHash,
    /// Hash of the token that reads it.
    read: TokenHash,
    object: Bytes<REPLY_LEN>,
}

enum Item {
    Key(Box<KeptKey>),
    Deposit(DepositId, Deposit),
    Reply(TokenHash, [u8; 32], Reply),
}

/// An item to commit next, and the request that waits for it.
struct Pending {
    asked: HomeRequest,
    place: Place,
    what: Item,
}

/// The kind of an item that was committed.
#[derive(Clone, Copy)]
pub(super) enum Stored {
    Key,
    Deposit(DepositId),
    Reply(DepositId),
}

/// When a request is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// At once: the item was known before.
    Known,
    /// After the next commit.
    Pending,
}

pub(super) struct MailStore {
    store: Box<dyn Store>,
    /// Days are counted from the wall clock of the start and the monotonic clock. A wall clock that jumps while the
    /// node runs makes nothing expire early.
    start: Now,
    /// The time that is certain for `start`, if the wall clock of the start is doubted. Mail ages by it.
    proven: Option<Unix>,
    today: Day,
    deposits: BTreeMap<DepositId, Deposit>,
    /// By box (hash of its read token), then by name.
    replies: BTreeMap<(TokenHash, [u8; 32]), Reply>,
    answered: BTreeSet<(DepositId, TokenHash)>,
    keys: BTreeMap<Serial, KeptKey>,
    pending: Vec<Pending>,
    fault: Option<StoreError>,
}

impl MailStore {
    /// Loads what the store kept.
    pub(super) fn load(mut store: Box<dyn Store>, root: &RootKey, now: Now) -> Self {
        let places = store.places();
        let mut mail = Self {
            store,
            start: now,
            proven: None,
            today: Day(0),
            deposits: BTreeMap::new(),
            replies: BTreeMap::new(),
            answered: BTreeSet::new(),
            keys: BTreeMap::new(),
            pending: Vec::new(),
            fault: places.as_ref().err().copied(),
        };
        for place in places.unwrap_or_default() {
            match mail.store.read(&place) {
                Ok(Some(value)) => mail.found(place, &value, root, now.unix),
                Ok(None) => {}
                Err(error) => mail.fault = Some(error),
            }
        }
        mail
    }

    fn found(&mut self, place: Place, value: &[u8], root: &RootKey, now: Unix) {
        match place.kind {
            ItemKind::Deposit => {
                if let Some(posting) = postcard_decode::<DepositPosting>(value) {
                    let deposit = Deposit {
                        day: place.day,
                        write: posting.write,
                        read: posting.read,
                        claim: None,
                    };
                    self.deposits.insert(DepositId(place.key), deposit);
                }
            }
            ItemKind::Reply => {
                if let Some((kept, deposit)) = postcard_decode::<KeptReply>(value).and_then(answers) {
                    let reply = Reply {
                        day: place.day,
                        deposit,
                        write: kept.write,
                    };
                    self.answered.insert((deposit, kept.write));
                    self.replies.insert((kept.read, place.key), reply);
                }
            }
            ItemKind::MailKey => {
                let parts = postcard_decode::<(Vec<u8>, Vec<u8>, Vec<u8>)>(value);
                let on_mail = parts
                    .and_then(|(certificate, key, ek)| OnMail::verify(root, &certificate, &key, &ek, now));
                // A crash between two commits can leave an older key beside the one that counts.
                let older = |known: &KeptKey, new: &OnMail| known.on_mail.key.expires < new.key.expires;
                if let Some(on_mail) = on_mail
                    && self
                        .keys
                        .get(&on_mail.key.serial)
                        .is_none_or(|known| older(known, &on_mail))
                {
                    self.keys.insert(on_mail.key.serial, KeptKey { place, on_mail });
                }
            }
        }
    }

    /// Deposits, replies, mail keys.
    pub(super) fn len(&self) -> (usize, usize, usize) {
        (self.deposits.len(), self.replies.len(), self.keys.len())
    }

    /// The last error of the store.
    pub(super) const fn fault(&self) -> Option<StoreError> {
        self.fault
    }

    /// The wall clock of the start may be wrong; the time was at least `proven`.
    pub(super) const fn doubt_clock(&mut self, proven: Unix) {
        self.proven = Some(proven);
    }

    /// The wall clock is right.
    pub(super) const fn trust_clock(&mut self, now: Now) {
        self.start = now;
        self.proven = None;
    }

    /// The time that is certain to have come.
    pub(super) fn for_sure(&self, now: Now) -> Unix {
        self.proven.map_or(now.unix, |proven| {
            proven.plus(now.tick.since(self.start.tick).as_secs())
        })
    }

    /// The day on which new items are filed: by the wall clock of the start, so that they are kept long enough even if
    /// that clock is ahead.
    fn day(&self, now: Now) -> u32 {
        self.day_since(self.start.unix, now)
    }

    /// The day that is certain to have come: items of earlier days expire.
    fn day_for_sure(&self, now: Now) -> u32 {
        self.day_since(self.proven.unwrap_or(self.start.unix), now)
    }

    fn day_since(&self, start: Unix, now: Now) -> u32 {
        let steady = start.plus(now.tick.since(self.start.tick).as_secs());
        u32::try_from(steady.0 / DAY_SECONDS).unwrap_or(u32::MAX)
    }

    /// When the next day begins, if any item could expire with this one.
    pub(super) fn midnight(&self, now: Now) -> Option<Tick> {
        if self.len() == (0, 0, 0) {
            return None;
        }
        let next = (u64::from(self.day_for_sure(now)) + 1) * DAY_SECONDS;
        let start = self.proven.unwrap_or(self.start.unix);
        let wait = Duration::from_secs(next.saturating_sub(start.0));
        Some(self.start.tick + wait)
    }

    // ── taking ──

    /// Takes a mail key that was verified and belongs to the desk that brought it.
    pub(super) fn take_key(&mut self, asked: HomeRequest, on_mail: OnMail) -> Result<Taken, Refusal> {
        let serial = on_mail.key.serial;
        let shared = self.keys.iter().any(|(other, kept)| {
            let key = &kept.on_mail.key;
            *other != serial && (key.x == on_mail.key.x || key.ek_hash == on_mail.key.ek_hash)
        });
        if shared {
            return Err(Refusal::Duty);
        }
        match self.keys.get(&serial) {
            Some(known) if known.on_mail.key == on_mail.key => return Ok(Taken::Known),
            Some(known) if known.on_mail.key.expires >= on_mail.key.expires => return Err(Refusal::Stale),
            None if self.keys.len() >= MAX_MAIL_KEYS => return Err(Refusal::Busy),
            _ => {}
        }
        let day = u32::try_from(on_mail.key.expires.0 / DAY_SECONDS).unwrap_or(u32::MAX);
        let place = Place {
            day: Day(day),
            kind: ItemKind::MailKey,
            key: on_mail.key.hash().0,
        };
        let value = postcard_encode(&key_parts(&on_mail));
        self.put(
            asked,
            place,
            &value,
            Item::Key(Box::new(KeptKey { place, on_mail })),
        )
    }

    /// Takes a deposit.
    pub(super) fn take_deposit(
        &mut self,
        asked: HomeRequest,
        posting: &DepositPosting,
        now: Now,
    ) -> Result<Taken, Refusal> {
        let id = DepositId(hash::sha256(&[posting.body.0.as_slice()]));
        // The body alone does not prove its author: other homes and desks have it too. With other hashes, the second
        // sender would be told that a message is kept whose reply it cannot read.
        let same = |deposit: &Deposit| (deposit.write, deposit.read) == (posting.write, posting.read);
        if let Some(known) = self.deposits.get(&id) {
            return if same(known) {
                Ok(Taken::Known)
            } else {
                Err(Refusal::Taken)
            };
        }
        let other = |pending: &Pending| matches!(&pending.what, Item::Deposit(coming, deposit) if *coming == id && !same(deposit));
        if self.pending.iter().any(other) {
            return Err(Refusal::Taken);
        }
        let day = Day(self.day(now).saturating_add(MAIL_DAYS));
        let coming = self
            .pending
            .iter()
            .filter(|pending| matches!(pending.what, Item::Deposit(..)) && pending.place.day == day);
        let that_day = self
            .deposits
            .values()
            .filter(|deposit| deposit.day == day)
            .count();
        if that_day + coming.count() >= MAX_DEPOSITS_PER_DAY {
            return Err(Refusal::Full);
        }
        let place = Place {
            day,
            kind: ItemKind::Deposit,
            key: id.0,
        };
        let deposit = Deposit {
            day,
            write: posting.write,
            read: posting.read,
            claim: None,
        };
        self.put(
            asked,
            place,
            &postcard_encode(posting),
            Item::Deposit(id, deposit),
        )
    }

    /// Takes a reply, written with `token`.
    pub(super) fn take_reply(
        &mut self,
        asked: HomeRequest,
        token: Token,
        posting: ReplyPosting,
        now: Now,
    ) -> Result<Taken, Refusal> {
        let write = token.hash();
        let mut kept = KeptReply {
            write,
            read: posting.read,
            object: posting.object,
        };
        let id = answers_of(&kept).ok_or(Refusal::Malformed)?;
        if let Some(deposit) = self.deposits.get(&id) {
            if deposit.write != write {
                return Err(Refusal::Taken);
            }
            // The author of the deposit alone decides where its replies are read.
            kept.read = deposit.read;
        } else if kept.read == TokenHash([0; 32]) {
            // The replier left the box to the deposit, which is not here any more: no phrase would ever find the reply.
            return Err(Refusal::Malformed);
        }
        let name = hash::sha256(&[&kept.read.0, kept.object.0.as_slice()]);
        if self.replies.contains_key(&(kept.read, name)) {
            return Ok(Taken::Known);
        }
        let day = Day(self.day(now).saturating_add(MAIL_DAYS));
        let that_day = self.replies.values().filter(|reply| reply.day == day).count();
        let in_box = self.letters(&kept.read).count();
        let coming = self
            .pending
            .iter()
            .filter(|pending| matches!(pending.what, Item::Reply(..)))
            .count();
        if that_day + coming >= MAX_REPLIES_PER_DAY || in_box + coming >= MAX_REPLIES_PER_BOX {
            return Err(Refusal::Full);
        }
        let place = Place {
            day,
            kind: ItemKind::Reply,
            key: name,
        };
        let reply = Reply {
            day,
            deposit: id,
            write,
        };
        let value = postcard_encode(&kept);
        self.put(asked, place, &value, Item::Reply(kept.read, name, reply))
    }

    fn put(&mut self, asked: HomeRequest, place: Place, value: &[u8], what: Item) -> Result<Taken, Refusal> {
        self.store.put(&place, value).map_err(|error| {
            self.fault = Some(error);
            refusal(error)
        })?;
        self.pending.push(Pending { asked, place, what });
        Ok(Taken::Pending)
    }

    /// Commits the pending items; returns the answer for each request.
    pub(super) fn commit(&mut self) -> Vec<(HomeRequest, Result<Stored, Refusal>)> {
        if self.pending.is_empty() {
            return Vec::new();
        }
        let committed = self.store.commit();
        self.fault = committed.err();
        let pending = core::mem::take(&mut self.pending);
        let mut answers = Vec::with_capacity(pending.len());
        for Pending { asked, place, what } in pending {
            let answer = match committed {
                Ok(()) => Ok(self.keep(what)),
                Err(error) => {
                    // The sender is told that the item is not kept, so it should not be. If the disk refuses this too,
                    // the item stays there as ciphertext until its day.
                    let _ = self.store.remove(&place);
                    Err(refusal(error))
                }
            };
            answers.push((asked, answer));
        }
        answers
    }

    fn keep(&mut self, what: Item) -> Stored {
        match what {
            Item::Key(kept) => {
                if let Some(old) = self.keys.insert(kept.on_mail.key.serial, *kept) {
                    self.drop_key(&old.place);
                }
                Stored::Key
            }
            Item::Deposit(id, deposit) => {
                self.deposits.entry(id).or_insert(deposit);
                Stored::Deposit(id)
            }
            Item::Reply(read, name, reply) => {
                self.answered.insert((reply.deposit, reply.write));
                self.replies.insert((read, name), reply);
                Stored::Reply(reply.deposit)
            }
        }
    }

    // ── giving out ──

    /// Page `number` of the mail keys of counselors that `roster` lists: eight slots of one record each,
    /// `length u16 ‖ certificate, mail key, KEM key ‖ zeros`. A page with an empty slot is the last.
    pub(super) fn key_page(&self, number: u64, roster: Option<&Roster>, now: Unix) -> Vec<u8> {
        let skip = usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_mul(MAIL_KEYS_PER_PAGE);
        let listed = |kept: &&KeptKey| {
            let certificate = &kept.on_mail.certificate;
            stands(roster, certificate) && kept.on_mail.key.valid_at(now).is_ok()
        };
        let mut page = Vec::with_capacity(MAIL_KEYS_PER_PAGE * BODY_LEN);
        for kept in self
            .keys
            .values()
            .filter(listed)
            .skip(skip)
            .take(MAIL_KEYS_PER_PAGE)
        {
            let mut slot = postcard_encode(&key_parts(&kept.on_mail));
            page.extend_from_slice(&u16::try_from(slot.len()).unwrap_or_default().to_be_bytes());
            slot.resize(BODY_LEN - 2, 0);
            page.append(&mut slot);
        }
        page.resize(MAIL_KEYS_PER_PAGE * BODY_LEN, 0);
        page
    }

    /// Drops the mail keys of counselors that the roster does not list.
    pub(super) fn keep_listed(&mut self, roster: &Roster) {
        let unlisted: Vec<Serial> = self
            .keys
            .iter()
            .filter(|(_, kept)| !stands(Some(roster), &kept.on_mail.certificate))
            .map(|(serial, _)| *serial)
            .collect();
        for serial in unlisted {
            if let Some(kept) = self.keys.remove(&serial) {
                self.drop_key(&kept.place);
            }
        }
    }

    /// Removes a key from the store. It no longer counts, whether the disk forgets it now or on its day.
    fn drop_key(&mut self, place: &Place) {
        if let Err(error) = self.store.remove(place).and_then(|()| self.store.commit()) {
            self.fault = Some(error);
        }
    }

    /// Names of unanswered deposits after `last`.
    pub(super) fn names(&self, last: DepositId) -> Vec<u8> {
        let after = (Bound::Excluded(last), Bound::Unbounded);
        let open = self
            .deposits
            .range(after)
            .filter(|(id, deposit)| !self.is_answered(id, deposit));
        open.take(MAIL_NAMES).flat_map(|(id, _)| id.0).collect()
    }

    /// Whether a deposit is here and not answered.
    pub(super) fn waits(&self, id: &DepositId) -> bool {
        let deposit = self.deposits.get(id);
        deposit.is_some_and(|deposit| !self.is_answered(id, deposit))
    }

    fn is_answered(&self, id: &DepositId, deposit: &Deposit) -> bool {
        self.answered.contains(&(*id, deposit.write))
    }

    /// Whether a deposit is here.
    pub(super) fn has(&self, id: &DepositId) -> bool {
        self.deposits.contains_key(id)
    }

    /// The sealed body of a deposit.
    pub(super) fn body(&mut self, id: &DepositId) -> Option<Box<[u8; DEPOSIT_LEN]>> {
        let place = Place {
            day: self.deposits.get(id)?.day,
            kind: ItemKind::Deposit,
            key: id.0,
        };
        let value = self.store.read(&place).ok()??;
        Some(postcard_decode::<DepositPosting>(&value)?.body.0)
    }

    /// A counselor claims a deposit for an answer. No counselor can have claimed a deposit that is not here.
    pub(super) fn claim(&mut self, link: LinkId, id: &DepositId, now: Tick) -> Result<(), Refusal> {
        if self.deposits.contains_key(id) && !self.waits(id) {
            return Err(Refusal::Taken);
        }
        let Some(deposit) = self.deposits.get_mut(id) else {
            return Ok(());
        };
        match deposit.claim {
            Some((holder, until)) if holder != link && until > now => Err(Refusal::Taken),
            _ => {
                deposit.claim = Some((link, now + MAIL_CLAIM));
                Ok(())
            }
        }
    }

    /// Releases a claim.
    pub(super) fn release(&mut self, link: LinkId, id: &DepositId) {
        if let Some(deposit) = self.deposits.get_mut(id) {
            deposit.let_go(link);
        }
    }

    pub(super) fn link_closed(&mut self, link: LinkId) {
        for deposit in self.deposits.values_mut() {
            deposit.let_go(link);
        }
    }

    fn letters(&self, read: &TokenHash) -> impl Iterator<Item = (&[u8; 32], &Reply)> {
        let range = (*read, [0; 32])..=(*read, [0xff; 32]);
        self.replies.range(range).map(|((_, name), reply)| (name, reply))
    }

    /// The replies that `token` reads; none for an unknown token.
    pub(super) fn read(&mut self, token: Token) -> Result<Vec<Bytes<REPLY_LEN>>, Refusal> {
        let read = token.hash();
        let places: Vec<Place> = self
            .letters(&read)
            .map(|(name, reply)| Place {
                day: reply.day,
                kind: ItemKind::Reply,
                key: *name,
            })
            .collect();
        let mut letters = Vec::with_capacity(places.len());
        for place in places {
            let value = self.store.read(&place).map_err(|error| {
                self.fault = Some(error);
                refusal(error)
            })?;
            letters.extend(
                value
                    .and_then(|value| postcard_decode::<KeptReply>(&value))
                    .map(|kept| kept.object),
            );
        }
        Ok(letters)
    }

    /// Forgets the days that are over; returns how many items expired.
    pub(super) fn expire(&mut self, now: Now) -> usize {
        let today = Day(self.day_for_sure(now));
        if today <= self.today {
            return 0;
        }
        let before = self.deposits.len() + self.replies.len() + self.keys.len();
        self.deposits.retain(|_, deposit| deposit.day >= today);
        self.replies.retain(|_, reply| reply.day >= today);
        self.keys.retain(|_, kept| kept.place.day >= today);
        self.answered = self
            .replies
            .values()
            .map(|reply| (reply.deposit, reply.write))
            .collect();
        match self.store.forget_before(today) {
            Ok(_) => self.today = today,
            // Retried at the next sweep.
            Err(error) => self.fault = Some(error),
        }
        before - (self.deposits.len() + self.replies.len() + self.keys.len())
    }
}

fn key_parts(on_mail: &OnMail) -> (&[u8], &[u8], &[u8]) {
    (
        on_mail.certificate.encoded(),
        on_mail.key.encoded(),
        on_mail.kem.as_bytes(),
    )
}

fn stands(roster: Option<&Roster>, certificate: &Signed<Certificate>) -> bool {
    roster.is_some_and(|roster| roster.lists(&certificate.hash(), certificate.serial))
}

fn answers_of(kept: &KeptReply) -> Option<DepositId> {
    kept.object.0.first_chunk::<32>().map(|id| DepositId(*id))
}

fn answers(kept: KeptReply) -> Option<(KeptReply, DepositId)> {
    let id = answers_of(&kept)?;
    Some((kept, id))
}

const fn refusal(error: StoreError) -> Refusal {
    match error {
        StoreError::Full => Refusal::Full,
        StoreError::Damaged(_) | StoreError::Unavailable => Refusal::Disk,
    }
}
