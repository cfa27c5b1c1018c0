//! What a home keeps over restarts: sealed messages, replies, and mail keys. All of it is in the store by expiry day;
//! this module holds only the index.
//!
//! A new item waits in `disk` until the store has it durably. Only then does it count: it is shown, and its request is
//! answered. What the store could not keep leaves no trace here.

use core::time::Duration;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::{
    HomeRequest, LinkId, Via,
    disk_queue::DiskQueue,
    mail_items::{Deposit, Item, KeptKey, KeptReply, Reply, Stored, answers_of, item, key_parts},
    store::{Day, ItemKind, Place, Store, StoreError, StoreOp},
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

/// Who waits for an operation of the store, and for what.
enum DiskWaiter {
    /// For an item to be kept. The same item may be brought over several links.
    Kept {
        asked: Vec<HomeRequest>,
        place: Place,
        what: Item,
    },
    /// For the body of a deposit.
    Body(Option<HomeRequest>, DepositId),
    /// For replies.
    Letters(Option<HomeRequest>),
    /// For the days before this one to be forgotten.
    Forgotten(Day),
    /// Nobody: a key that no longer counts is removed.
    Removed,
}

impl DiskWaiter {
    /// Those who asked. They wait no longer.
    fn give_up(&mut self) -> Vec<HomeRequest> {
        match self {
            Self::Kept { asked, .. } => core::mem::take(asked),
            Self::Body(asked, _) | Self::Letters(asked) => asked.take().into_iter().collect(),
            Self::Forgotten(_) | Self::Removed => Vec::new(),
        }
    }
}

/// What came of an operation, for those who asked.
pub(super) enum Settled {
    /// An item is durable.
    Kept(Vec<HomeRequest>, Stored),
    /// It is not, or cannot be read.
    Refused(Vec<HomeRequest>, Refusal),
    /// The body of a deposit; `None` if it is not on the disk any more.
    Body(HomeRequest, DepositId, Option<Box<[u8; DEPOSIT_LEN]>>),
    /// The replies of a box.
    Letters(HomeRequest, Vec<Bytes<REPLY_LEN>>),
}

/// When a request is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// At once: the item was known before.
    Known,
    /// When the disk has it.
    Pending,
}

pub(super) struct MailStore {
    disk: DiskQueue<DiskWaiter>,
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
    fault: Option<StoreError>,
}

impl MailStore {
    /// Loads what the store kept.
    pub(super) fn load(store: Box<dyn Store>, root: &RootKey, now: Now) -> Self {
        let mut disk = DiskQueue::new(store);
        let mut items = Vec::new();
        let loaded = disk.load(&mut |place, value| items.extend(item(place, &value, root, now.unix)));
        let mut mail = Self {
            disk,
            start: now,
            proven: None,
            today: Day(0),
            deposits: BTreeMap::new(),
            replies: BTreeMap::new(),
            answered: BTreeSet::new(),
            keys: BTreeMap::new(),
            fault: loaded.err(),
        };
        for item in items {
            mail.keep(item, now.tick);
        }
        mail
    }

    /// Deposits, replies, mail keys.
    pub(super) fn len(&self) -> (usize, usize, usize) {
        (self.deposits.len(), self.replies.len(), self.keys.len())
    }

    /// Bytes of what waits for the disk.
    pub(super) const fn bytes(&self) -> usize {
        self.disk.bytes()
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
        self.proven
            .map_or(now.unix, |proven| proven + now.tick.since(self.start.tick))
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
        let steady = start + now.tick.since(self.start.tick);
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
    pub(super) fn take_key(
        &mut self,
        asked: HomeRequest,
        on_mail: OnMail,
        now: Tick,
    ) -> Result<Taken, Refusal> {
        let serial = on_mail.key.serial;
        let coming = self.coming().filter_map(|item| match item {
            Item::Key(kept) => Some(&**kept),
            _ => None,
        });
        let known: Vec<&OnMail> = self
            .keys
            .values()
            .chain(coming)
            .map(|kept| &kept.on_mail)
            .collect();
        let shared = |OnMail { key, .. }: &&OnMail| {
            key.serial != serial && (key.x == on_mail.key.x || key.ek_hash == on_mail.key.ek_hash)
        };
        if known.iter().any(shared) {
            return Err(Refusal::Duty);
        }
        if self
            .keys
            .get(&serial)
            .is_some_and(|kept| kept.on_mail.key == on_mail.key)
        {
            return Ok(Taken::Known);
        }
        let mut own = known.iter().filter(|known| known.key.serial == serial).peekable();
        if own.peek().is_none() && known.len() >= MAX_MAIL_KEYS {
            return Err(Refusal::Busy);
        }
        if own.any(|known| known.key != on_mail.key && known.key.expires >= on_mail.key.expires) {
            return Err(Refusal::Stale);
        }
        let day = u32::try_from(on_mail.key.expires.0 / DAY_SECONDS).unwrap_or(u32::MAX);
        let place = Place {
            day: Day(day),
            kind: ItemKind::MailKey,
            key: on_mail.key.hash().0,
        };
        let value = postcard_encode(&key_parts(&on_mail));
        let key = Item::Key(Box::new(KeptKey { place, on_mail }));
        self.put(asked, place, value, key, now)
    }

    /// How many more messages of today this entry may bring. What was there at the start counts for every entry: by which
    /// it came is not kept.
    pub(super) fn room(&self, via: Via, share: usize, now: Now) -> usize {
        let day = Day(self.day(now).saturating_add(MAIL_DAYS));
        let coming = self.coming().filter_map(|item| match item {
            Item::Deposit(id, deposit) if !self.deposits.contains_key(id) => Some(deposit),
            _ => None,
        });
        let that_day: Vec<_> = self
            .deposits
            .values()
            .chain(coming)
            .filter(|deposit| deposit.day == day)
            .collect();
        let by_it = that_day
            .iter()
            .filter(|deposit| deposit.via.is_none_or(|other| other == via));
        let room = MAX_DEPOSITS_PER_DAY.saturating_sub(that_day.len());
        room.min(share.saturating_sub(by_it.count()))
    }

    /// Takes a deposit that came by an entry, which may fill `share` places of a day.
    pub(super) fn take_deposit(
        &mut self,
        asked: HomeRequest,
        posting: &DepositPosting,
        (via, share): (Via, usize),
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
        let coming = || {
            self.coming().filter_map(|item| match item {
                Item::Deposit(id, deposit) => Some((id, deposit)),
                _ => None,
            })
        };
        if coming().any(|(coming, deposit)| *coming == id && !same(deposit)) {
            return Err(Refusal::Taken);
        }
        let day = Day(self.day(now).saturating_add(MAIL_DAYS));
        if self.room(via, share, now) == 0 {
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
            via: Some(via),
        };
        let value = postcard_encode(posting);
        self.put(asked, place, value, Item::Deposit(id, deposit), now.tick)
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
        let coming = || {
            self.coming().filter_map(|item| match item {
                Item::Reply(read, other, reply) if *other != name => Some((read, reply)),
                _ => None,
            })
        };
        let that_day = self.replies.values().chain(coming().map(|(_, reply)| reply));
        let in_box =
            coming().filter(|(read, _)| **read == kept.read).count() + self.letters(&kept.read).count();
        if that_day.filter(|reply| reply.day == day).count() >= MAX_REPLIES_PER_DAY
            || in_box >= MAX_REPLIES_PER_BOX
        {
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
        self.put(asked, place, value, Item::Reply(kept.read, name, reply), now.tick)
    }

    /// Items that wait for the disk.
    fn coming(&self) -> impl Iterator<Item = &Item> {
        self.disk.waiting().filter_map(|waiting| match waiting {
            DiskWaiter::Kept { what, .. } => Some(what),
            _ => None,
        })
    }

    fn put(
        &mut self,
        asked: HomeRequest,
        place: Place,
        value: Vec<u8>,
        what: Item,
        now: Tick,
    ) -> Result<Taken, Refusal> {
        // The same item is on its way already: written twice, a failure of the second would take the first back.
        for waiting in self.disk.waiting_mut() {
            if let DiskWaiter::Kept {
                asked: others,
                place: known,
                ..
            } = waiting
                && *known == place
            {
                others.push(asked);
                return Ok(Taken::Pending);
            }
        }
        if !self.disk.has_room(!matches!(what, Item::Deposit(..))) {
            return Err(Refusal::Busy);
        }
        let asked = vec![asked];
        let waiting = DiskWaiter::Kept { asked, place, what };
        self.disk.submit(StoreOp::Put { place, value }, waiting, now);
        Ok(Taken::Pending)
    }

    /// What came of the next operation that the store has done.
    pub(super) fn settle(&mut self, now: Tick) -> Option<Settled> {
        loop {
            let (waiting, result) = self.disk.completed()?;
            let read = matches!(waiting, DiskWaiter::Body(..) | DiskWaiter::Letters(..));
            if !read || result.is_err() {
                self.fault = result.as_ref().err().copied();
            }
            let settled = match (waiting, result) {
                (DiskWaiter::Kept { asked, what, .. }, Ok(_)) => Settled::Kept(asked, self.keep(what, now)),
                (DiskWaiter::Body(Some(asked), id), Ok(found)) => {
                    let posting = found
                        .first()
                        .and_then(|value| postcard_decode::<DepositPosting>(value));
                    Settled::Body(asked, id, posting.map(|posting| posting.body.0))
                }
                (DiskWaiter::Letters(Some(asked)), Ok(found)) => {
                    let kept = found
                        .iter()
                        .filter_map(|value| postcard_decode::<KeptReply>(value));
                    Settled::Letters(asked, kept.map(|kept| kept.object).collect())
                }
                (DiskWaiter::Forgotten(day), Ok(_)) => {
                    self.today = day;
                    continue;
                }
                (mut waiting, Err(error)) => Settled::Refused(waiting.give_up(), refusal(error)),
                _ => continue,
            };
            return Some(settled);
        }
    }

    /// Refuses those who have waited too long for the disk. An item that it keeps after all counts from then on.
    pub(super) fn give_up_late(&mut self, now: Tick) -> Vec<Settled> {
        let mut refused = Vec::new();
        for waiting in self.disk.late(now) {
            refused.push(Settled::Refused(waiting.give_up(), refusal(StoreError::Late)));
        }
        if !refused.is_empty() {
            self.fault = Some(StoreError::Late);
        }
        refused
    }

    fn keep(&mut self, what: Item, now: Tick) -> Stored {
        match what {
            Item::Key(kept) => {
                // A crash between two operations can leave an older key beside the one that counts.
                let later = |known: &KeptKey| known.on_mail.key.expires > kept.on_mail.key.expires;
                let serial = kept.on_mail.key.serial;
                let old = if self.keys.get(&serial).is_some_and(later) {
                    Some(*kept)
                } else {
                    self.keys.insert(serial, *kept)
                };
                if let Some(old) = old {
                    self.drop_key(old.place, now);
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
    pub(super) fn keep_listed(&mut self, roster: &Roster, now: Tick) {
        let unlisted: Vec<Serial> = self
            .keys
            .iter()
            .filter(|(_, kept)| !stands(Some(roster), &kept.on_mail.certificate))
            .map(|(serial, _)| *serial)
            .collect();
        for serial in unlisted {
            if let Some(kept) = self.keys.remove(&serial) {
                self.drop_key(kept.place, now);
            }
        }
    }

    /// Removes a key from the store. It no longer counts, whether the disk forgets it now or on its day.
    fn drop_key(&mut self, place: Place, now: Tick) {
        self.disk
            .submit(StoreOp::Remove { place }, DiskWaiter::Removed, now);
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

    /// Whether a deposit is here, or on its way to the disk.
    pub(super) fn has(&self, id: &DepositId) -> bool {
        let comes = |item: &Item| matches!(item, Item::Deposit(coming, _) if coming == id);
        self.deposits.contains_key(id) || self.coming().any(comes)
    }

    /// Asks the disk for the sealed body of a deposit; `false` if the deposit is not here.
    pub(super) fn ask_for_body(
        &mut self,
        asked: HomeRequest,
        id: DepositId,
        now: Tick,
    ) -> Result<bool, Refusal> {
        let Some(deposit) = self.deposits.get(&id) else {
            return Ok(false);
        };
        let place = Place {
            day: deposit.day,
            kind: ItemKind::Deposit,
            key: id.0,
        };
        self.ask(vec![place], DiskWaiter::Body(Some(asked), id), true, now)?;
        Ok(true)
    }

    fn ask(&mut self, places: Vec<Place>, waiting: DiskWaiter, desk: bool, now: Tick) -> Result<(), Refusal> {
        if !self.disk.has_room(desk) {
            return Err(Refusal::Busy);
        }
        self.disk.submit(StoreOp::Read { places }, waiting, now);
        Ok(())
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

    /// Asks the disk for the replies that `token` reads; `false` if there are none, as for an unknown token.
    pub(super) fn ask_for_letters(
        &mut self,
        asked: HomeRequest,
        token: Token,
        now: Tick,
    ) -> Result<bool, Refusal> {
        let read = token.hash();
        let places: Vec<Place> = self
            .letters(&read)
            .map(|(name, reply)| Place {
                day: reply.day,
                kind: ItemKind::Reply,
                key: *name,
            })
            .collect();
        if places.is_empty() {
            return Ok(false);
        }
        self.ask(places, DiskWaiter::Letters(Some(asked)), false, now)?;
        Ok(true)
    }

    /// Forgets the days that are over; returns how many items expired.
    pub(super) fn expire(&mut self, now: Now) -> usize {
        let today = Day(self.day_for_sure(now));
        let forgetting =
            |waiting: &DiskWaiter| matches!(waiting, DiskWaiter::Forgotten(day) if *day >= today);
        if today <= self.today || self.disk.waiting().any(forgetting) {
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
        // If the disk refuses it, it is asked again at the next sweep.
        let forget = StoreOp::Forget { before: today };
        self.disk.submit(forget, DiskWaiter::Forgotten(today), now.tick);
        before - (self.deposits.len() + self.replies.len() + self.keys.len())
    }
}

fn stands(roster: Option<&Roster>, certificate: &Signed<Certificate>) -> bool {
    roster.is_some_and(|roster| roster.lists(&certificate.hash(), certificate.serial))
}

const fn refusal(error: StoreError) -> Refusal {
    match error {
        StoreError::Full => Refusal::Full,
        StoreError::Damaged(_) | StoreError::Unavailable | StoreError::Late => Refusal::Disk,
    }
}
