//! A counselor's mail: the mail keys, and the sealed messages that they open.
//!
//! Homes name the messages that wait. An unknown message is fetched once, from one home, and tried with all keys. An
//! answer of a colleague is told, also if it came while there was no link. No home alone can keep a message from being
//! answered: it counts as answered when every home in reach that ever named it says so.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::{
    Counselor, Event, Standing,
    context::DeskContext,
    replies::{NOWHERE, ReplyStep, Replying},
};
use crate::{
    client::copies::MailCopy,
    crypto::{hash, keys::DhPublic},
    limits::{MAIL_DAYS, MAIL_NAMES, MAX_DEPOSITS_PER_DAY},
    objects::{HomeIndex, MAIL_KEY_LIFE_MAX, MailKey, MailKeySecrets, Signed, postcard_encode},
    session::mail::{Card, DepositId, OpenedDeposit, open_deposit},
    time::{Now, Tick, Unix},
    wire::{ClientMessage, HomeMessage, Refusal},
};

/// A new mail key is made when none is valid for this much longer: 7 days, so that a counselor who comes
/// once a week always has one.
const MAIL_KEY_LEFT: Duration = Duration::from_secs(7 * 86_400);
/// Most mail keys that are kept, the newest: one is made each week, and each is needed for four weeks.
pub const MAIL_KEYS_MAX: usize = 8;
/// A home that refused is asked again after this pause.
const AGAIN: Duration = Duration::from_secs(5);

/// A home has this long to bring a message before another home is asked too: enough for 16 KiB over 8 kbit/s. A home
/// that lies could otherwise withhold a message that an honest one has as well.
const FETCH_PATIENCE: Duration = Duration::from_secs(20);
/// After this long the home itself is asked again.
const FETCH_AGAIN: Duration = Duration::from_secs(60);
/// A message is held back this long while an earlier one of the same visit may still come: as long as one home has to
/// bring it.
pub(super) const ORDER_PATIENCE: Duration = FETCH_PATIENCE;
/// Most messages of one home that are named, that are for other counselors, or that are open on the desk; each is
/// counted separately. An honest home can hold one day's worth for each day that a message is kept, and for the day
/// that has begun. A home that lies could name any number, and seal any number to the mail keys, which are public. What
/// other homes bring is not affected.
pub(super) const MAILS_PER_HOME: usize = MAX_DEPOSITS_PER_DAY * (MAIL_DAYS as usize + 1);

/// A mail key with its secrets.
pub type KeptMailKey = (Signed<MailKey>, MailKeySecrets);

pub(super) struct Letter {
    pub(super) opened: OpenedDeposit,
    /// The homes in reach where it lies.
    pub(super) homes: BTreeSet<HomeIndex>,
    /// The homes where it ever lay.
    pub(super) named: BTreeSet<HomeIndex>,
    /// Of these, the homes that say that it no longer waits there.
    pub(super) gone_at: BTreeSet<HomeIndex>,
    /// Homes that said that a colleague is answering it, and since when.
    pub(super) refused: BTreeMap<HomeIndex, Tick>,
    /// The home that brought it.
    pub(super) from: HomeIndex,
    /// It counts as answered: every home in reach says so.
    pub(super) gone: bool,
    /// This program has answered it.
    pub(super) replied: bool,
}

impl Letter {
    fn new(opened: OpenedDeposit, homes: BTreeSet<HomeIndex>, from: HomeIndex) -> Self {
        Self {
            opened,
            named: homes.clone(),
            homes,
            gone_at: BTreeSet::new(),
            refused: BTreeMap::new(),
            from,
            gone: false,
            replied: false,
        }
    }

    fn event(&self, mail: DepositId) -> Event {
        let card = &self.opened.card;
        Event::Mail {
            mail,
            text: Zeroizing::new(card.text.clone()),
            returning: card.returning,
        }
    }
}

/// Which message it is, and of whom: the return key, and the number in the visit.
type VisitNumber = ([u8; 32], u16);

fn part_of(card: &Card) -> VisitNumber {
    (card.return_x.0, card.number)
}

/// A message that a home was asked for.
#[derive(Clone, Copy)]
struct Fetching {
    request: u32,
    id: DepositId,
    since: Tick,
}

#[derive(Default)]
pub(super) struct DeskMailbox {
    /// The state of the mail key at this home.
    key: Option<MailCopy>,
    /// Whether the messages were asked for on this link.
    asked: bool,
    /// The messages that were named since then.
    pub(super) listed: BTreeSet<DepositId>,
    /// All of them were named.
    complete: bool,
    fetching: Option<Fetching>,
}

/// Everything about mail.
#[derive(Default)]
pub(super) struct DeskMail {
    keys: Vec<KeptMailKey>,
    /// The keys are in the vault, so that seekers may seal to them.
    kept: bool,
    pub(super) homes: BTreeMap<HomeIndex, DeskMailbox>,
    pub(super) letters: BTreeMap<DepositId, Letter>,
    /// Those that have come, by their authors.
    came: BTreeSet<VisitNumber>,
    /// Those that were not told yet, and since when.
    untold: BTreeMap<(VisitNumber, DepositId), Tick>,
    /// Each with the home that brought it.
    pub(super) not_ours: BTreeMap<DepositId, HomeIndex>,
    pub(super) wanted: BTreeMap<DepositId, BTreeSet<HomeIndex>>,
    pub(super) replies: Vec<Replying>,
    pub(super) ids: BTreeSet<(DepositId, String)>,
}

impl DeskMail {
    /// Every home that has a part in a reply.
    pub(super) fn reply_homes(&self) -> BTreeSet<HomeIndex> {
        self.replies
            .iter()
            .flat_map(|reply| reply.copies.homes())
            .collect()
    }

    /// The roster no longer carries this home: what it keeps does not count as a copy.
    pub(super) fn home_dropped(&mut self, home: HomeIndex) {
        self.home_down(home);
        for reply in &mut self.replies {
            reply.copies.home_dropped(home);
        }
    }

    pub(super) fn home_down(&mut self, home: HomeIndex) {
        self.homes.remove(&home);
        for homes in self.wanted.values_mut() {
            homes.remove(&home);
        }
        self.wanted.retain(|_, homes| !homes.is_empty());
        for letter in self.letters.values_mut() {
            letter.homes.remove(&home);
        }
        for reply in &mut self.replies {
            reply.copies.home_down(home);
            if matches!(reply.step, ReplyStep::Claiming(at, ..) if at == home) {
                reply.step = ReplyStep::Fresh;
            }
            // The claim ended with the link.
            reply.claimed.remove(&home);
            reply.granted.remove(&home);
            reply.stubborn.remove(&home);
        }
    }

    /// Whether no reply is in flight.
    pub(super) fn drained(&self) -> bool {
        self.replies.iter().all(|reply| reply.told)
    }

    pub(super) fn poll_timeout(&self, now: Tick) -> Option<Tick> {
        let mut due = Vec::new();
        for reply in &self.replies {
            if let ReplyStep::Claiming(_, _, until) = reply.step {
                due.push(until);
            }
            if !reply.told {
                due.extend(reply.nowhere.map(|at| at + NOWHERE));
            }
            due.extend(reply.copies.poll_timeout(reply.told));
        }
        due.extend(self.untold.values().map(|since| *since + ORDER_PATIENCE));
        for mail in self.homes.values() {
            due.extend(mail.key.and_then(MailCopy::again));
            if let Some(fetching) = mail.fetching {
                due.push(fetching.since + FETCH_PATIENCE);
                due.push(fetching.since + FETCH_AGAIN);
            }
        }
        due.into_iter().filter(|at| *at > now).min()
    }

    /// Whether a sealed message that this run of the program has opened names this return key.
    pub(super) fn knows(&self, return_x: &DhPublic) -> bool {
        let mut letters = self.letters.values();
        letters.any(|letter| letter.opened.card.return_x == *return_x)
    }

    #[cfg(test)]
    pub(super) fn fill_letters(&mut self, from: HomeIndex, opened: impl Iterator<Item = OpenedDeposit>) {
        let letter = |opened: OpenedDeposit| (opened.id, Letter::new(opened, BTreeSet::from([from]), from));
        self.letters.extend(opened.map(letter));
    }

    /// A message came, and is told in its turn.
    pub(super) fn arrives(
        &mut self,
        opened: OpenedDeposit,
        homes: BTreeSet<HomeIndex>,
        from: HomeIndex,
        now: Tick,
    ) {
        let (id, part) = (opened.id, part_of(&opened.card));
        self.came.insert(part);
        self.untold.insert((part, id), now);
        self.letters.insert(id, Letter::new(opened, homes, from));
    }

    /// How many messages named by this home are still to be fetched.
    fn wanted_of(&self, home: HomeIndex) -> usize {
        let homes = self.wanted.values();
        homes.filter(|homes| homes.contains(&home)).count()
    }

    pub(super) fn newest(&self, now: Unix) -> Option<&KeptMailKey> {
        let valid = self.keys.iter().filter(|(key, _)| key.valid_at(now).is_ok());
        valid.max_by_key(|(key, _)| key.expires)
    }
}

impl Counselor {
    /// Mail keys of earlier runs, as they were kept.
    pub fn take_mail_keys(&mut self, keys: Vec<KeptMailKey>) {
        let serial = self.ctx.certificate.serial;
        self.mail.keys = keys;
        self.mail.keys.retain(|(key, _)| key.serial == serial);
        self.mail.kept = true;
    }

    /// The mail keys, to be kept sealed.
    #[must_use]
    pub fn mail_keys(&self) -> &[KeptMailKey] {
        &self.mail.keys
    }

    /// The mail keys are stored and survive a crash: from now on homes may hand them out.
    pub fn mail_keys_kept(&mut self, now: Now) {
        self.ctx.now = now;
        self.mail.kept = true;
        self.work();
    }
}

impl DeskMail {
    pub(super) fn work(&mut self, ctx: &mut DeskContext) {
        let on_duty = ctx.desks(Standing::OnDuty);
        for (home, mail) in &mut self.homes {
            // Homes do not tell a counselor off duty of new messages: ask again afterwards.
            mail.asked &= on_duty.contains(home);
        }
        for home in on_duty {
            self.publish_mail_key(ctx, home);
            self.ask_for_mail(ctx, home);
        }
        for position in 0..self.replies.len() {
            self.step_reply(ctx, position);
        }
        self.put_replies(ctx);
        self.judge_replies(ctx);
        self.tell_letters(ctx);
    }

    // ── mail keys ──

    /// Makes a new key when the newest is old, and deletes keys that no message can need any more.
    pub(super) fn renew_mail_keys(&mut self, ctx: &mut DeskContext) {
        let now = ctx.now.unix;
        let before = self.keys.len();
        self.keys.retain(|(key, _)| key.needed_at(now));
        let mut changed = before != self.keys.len();
        if self.newest(now + MAIL_KEY_LEFT).is_none() {
            let secrets = MailKeySecrets::generate(&mut ctx.random);
            let key = secrets.mail_key(ctx.certificate.serial, now, MAIL_KEY_LIFE_MAX);
            match Signed::sign(key, &ctx.identity, &ctx.helpline) {
                Ok(key) => {
                    self.keys.push((key, secrets));
                    changed = true;
                    // The new key is published also over links that are already up.
                    for mail in self.homes.values_mut() {
                        mail.key = None;
                    }
                }
                Err(error) => ctx.emit(Event::BadObject(error)),
            }
        }
        while self.keys.len() > MAIL_KEYS_MAX {
            self.keys.remove(0);
        }
        if changed {
            self.kept = false;
            ctx.emit(Event::MailKeysChanged);
        }
    }

    fn publish_mail_key(&mut self, ctx: &mut DeskContext, home: HomeIndex) {
        if !self.kept {
            return;
        }
        let state = self.homes.get(&home).and_then(|mail| mail.key);
        let due = state.is_none_or(|key| key.is_due(ctx.now.tick));
        let Some((key, secrets)) = self.newest(ctx.now.unix).filter(|_| due) else {
            return;
        };
        let ek = secrets.kem.public();
        let key = postcard_encode(&(key.encoded(), ek.as_bytes().as_slice()));
        let publish = ClientMessage::PublishMailKey { key };
        let request = ctx.links.ask(home, publish, ctx.now);
        self.homes.entry(home).or_default().key = Some(MailCopy::Asked(request));
    }

    // ── messages ──

    fn ask_for_mail(&mut self, ctx: &mut DeskContext, home: HomeIndex) {
        let mail = self.homes.entry(home).or_default();
        if !core::mem::replace(&mut mail.asked, true) {
            mail.listed.clear();
            mail.complete = false;
            ctx.links.ask(
                home,
                ClientMessage::Mails {
                    after: DepositId([0; 32]),
                },
                ctx.now,
            );
        }
        let now = ctx.now.tick;
        let waits = |fetching: &Fetching, patience: Duration| now.since(fetching.since) < patience;
        mail.fetching = mail.fetching.filter(|fetching| waits(fetching, FETCH_AGAIN));
        if mail.fetching.is_some() {
            return;
        }
        let others: BTreeSet<DepositId> = self
            .homes
            .values()
            .filter_map(|mail| mail.fetching)
            .filter(|fetching| waits(fetching, FETCH_PATIENCE))
            .map(|fetching| fetching.id)
            .collect();
        let next = self
            .wanted
            .iter()
            .find(|(id, homes)| homes.contains(&home) && !others.contains(id))
            .map(|(id, _)| *id);
        if let Some(id) = next {
            let fetch = ClientMessage::FetchMail { deposit: id };
            let request = ctx.links.ask(home, fetch, ctx.now);
            let since = ctx.now.tick;
            self.homes.entry(home).or_default().fetching = Some(Fetching { request, id, since });
        }
    }

    /// Handles a message about mail; `false` if it is about something else.
    pub(super) fn take_message(
        &mut self,
        ctx: &mut DeskContext,
        home: HomeIndex,
        request: u32,
        message: &HomeMessage,
    ) -> bool {
        if !ctx.serves(home) {
            return false;
        }
        match message {
            HomeMessage::MailKeyKept {} => self.key_is(home, request, MailCopy::Kept),
            HomeMessage::MailNames { names } => {
                self.take_names(ctx, home, request, names);
                true
            }
            HomeMessage::MailGone { deposit } => {
                self.take_gone(ctx, home, request, *deposit);
                true
            }
            HomeMessage::Replied { .. } => self.reply_is(ctx, home, request, MailCopy::Kept),
            HomeMessage::Granted { .. } => self.take_claim(ctx, home, request, None),
            HomeMessage::Refused { reason, .. } => {
                let reason = *reason;
                let refused = MailCopy::Refused(reason, Some(ctx.now.tick + AGAIN));
                self.take_claim(ctx, home, request, Some(reason))
                    || self.reply_is(ctx, home, request, refused)
                    || self.key_is(
                        home,
                        request,
                        // A newer key of this counselor lies there, made by another program with another vault.
                        if reason == Refusal::Stale {
                            MailCopy::Kept
                        } else {
                            refused
                        },
                    )
                    || self.fetch_failed(home, request)
            }
            _ => false,
        }
    }

    fn key_is(&mut self, home: HomeIndex, request: u32, at: MailCopy) -> bool {
        match self.homes.get_mut(&home) {
            Some(mail) if mail.key == Some(MailCopy::Asked(request)) => {
                mail.key = Some(at);
                true
            }
            _ => false,
        }
    }

    fn fetch_failed(&mut self, home: HomeIndex, request: u32) -> bool {
        let Some(mail) = self.homes.get_mut(&home) else {
            return false;
        };
        let Some(fetching) = mail.fetching.filter(|fetching| fetching.request == request) else {
            return false;
        };
        mail.fetching = None;
        self.not_there(home, fetching.id);
        true
    }

    /// A message cannot be had from this home.
    fn not_there(&mut self, home: HomeIndex, id: DepositId) {
        if let Some(homes) = self.wanted.get_mut(&id) {
            homes.remove(&home);
            if homes.is_empty() {
                self.wanted.remove(&id);
            }
        }
    }

    fn take_names(&mut self, ctx: &mut DeskContext, home: HomeIndex, request: u32, names: &[u8]) {
        let names: Vec<DepositId> = names
            .chunks_exact(32)
            .filter_map(|name| name.try_into().ok().map(DepositId))
            .collect();
        let listed = &mut self.homes.entry(home).or_default().listed;
        for id in &names {
            if listed.len() < MAILS_PER_HOME {
                listed.insert(*id);
            }
        }
        let full = listed.len() >= MAILS_PER_HOME;
        let mut wanted = self.wanted_of(home);
        for id in &names {
            if self.letters.contains_key(id) {
                self.waits_at(ctx, home, *id);
            } else if !self.not_ours.contains_key(id) && wanted < MAILS_PER_HOME {
                wanted += usize::from(self.wanted.entry(*id).or_default().insert(home));
            }
        }
        if request == 0 {
            return;
        }
        // A home that names more than it can hold is not asked for the rest.
        if let Some(last) = names.last().filter(|_| names.len() >= MAIL_NAMES && !full) {
            ctx.links
                .ask(home, ClientMessage::Mails { after: *last }, ctx.now);
            return;
        }
        // The last page. What this home named before and names no longer was answered meanwhile.
        let mail = self.homes.entry(home).or_default();
        mail.complete = true;
        let listed = core::mem::take(&mut mail.listed);
        let letters = self.letters.iter();
        let over: Vec<DepositId> = letters
            .filter(|(id, letter)| letter.named.contains(&home) && !listed.contains(id))
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            self.gone_at(ctx, home, id);
        }
    }

    /// A home names a message that is on the desk.
    fn waits_at(&mut self, ctx: &mut DeskContext, home: HomeIndex, id: DepositId) {
        let Some(letter) = self.letters.get_mut(&id) else {
            return;
        };
        letter.homes.insert(home);
        letter.named.insert(home);
        letter.gone_at.remove(&home);
        if letter.gone && !letter.replied {
            // The homes that said that it was answered are not the only ones that had it.
            letter.gone = false;
            if !self.untold.contains_key(&(part_of(&letter.opened.card), id)) {
                ctx.emit(letter.event(id));
            }
        }
    }

    /// Tells what has come: the messages of one visit in the order in which they were written. One whose earlier part may
    /// still come waits for it, for a while.
    fn tell_letters(&mut self, ctx: &mut DeskContext) {
        if self.untold.is_empty() {
            return;
        }
        let listing = |mail: &DeskMailbox| mail.asked && !mail.complete;
        let may_come = !self.wanted.is_empty() || self.homes.values().any(listing);
        let mut waits = None;
        let untold: Vec<_> = self.untold.iter().map(|(key, since)| (*key, *since)).collect();
        for (key, since) in untold {
            let ((author, number), id) = key;
            let Some(letter) = self.letters.get(&id).filter(|letter| !letter.gone) else {
                continue;
            };
            let first = number <= 1 || self.came.contains(&(author, number - 1));
            let held = may_come && !first && ctx.now.tick.since(since) < ORDER_PATIENCE;
            // The later parts wait with it.
            if held || waits == Some(author) {
                waits = Some(author);
                continue;
            }
            ctx.emit(letter.event(id));
            self.untold.remove(&key);
        }
    }

    /// A home says that a message no longer waits there. The message counts as answered when all homes in reach that
    /// ever named it say so. Otherwise a home that lies could hide a message that lies at an honest one.
    fn gone_at(&mut self, ctx: &mut DeskContext, home: HomeIndex, id: DepositId) {
        let desks = ctx.homes.iter();
        let reached: BTreeSet<HomeIndex> = desks
            .filter(|(home, desk)| ctx.serves(**home) && !matches!(desk.standing, Standing::Refused(..)))
            .map(|(home, _)| *home)
            .collect();
        let Some(letter) = self.letters.get_mut(&id) else {
            return;
        };
        letter.homes.remove(&home);
        if letter.named.contains(&home) {
            letter.gone_at.insert(home);
        }
        let gone = |home: &HomeIndex| letter.gone_at.contains(home) || !reached.contains(home);
        if !letter.gone_at.is_empty() && letter.named.iter().all(gone) {
            self.is_gone(ctx, id);
        }
    }

    /// The message no longer waits. Replies that are not sealed yet fail. A sealed reply of this counselor stays in
    /// flight.
    fn is_gone(&mut self, ctx: &mut DeskContext, id: DepositId) {
        let Some(letter) = self.letters.get_mut(&id).filter(|letter| !letter.gone) else {
            return;
        };
        letter.gone = true;
        let untold = self.untold.contains_key(&(part_of(&letter.opened.card), id));
        if letter.replied || untold {
            return;
        }
        ctx.emit(Event::MailAnswered { mail: id });
        while let Some(position) = self.replies.iter().position(|reply| reply.mail == id) {
            self.fail_reply(ctx, position, Refusal::Taken);
        }
    }

    fn take_gone(&mut self, ctx: &mut DeskContext, home: HomeIndex, request: u32, id: DepositId) {
        if self.fetch_failed(home, request) {
            return;
        }
        self.not_there(home, id);
        // It was answered while it was being fetched.
        if let Some(mail) = self.homes.get_mut(&home)
            && mail.fetching.is_some_and(|fetching| fetching.id == id)
        {
            mail.fetching = None;
        }
        self.gone_at(ctx, home, id);
    }

    pub(super) fn take_mail(&mut self, ctx: &mut DeskContext, home: HomeIndex, request: u32, body: &[u8]) {
        let Some(mail) = self.homes.get_mut(&home) else {
            return;
        };
        let Some(fetching) = mail.fetching.filter(|fetching| fetching.request == request) else {
            return;
        };
        let id = fetching.id;
        mail.fetching = None;
        if self.letters.contains_key(&id) || self.not_ours.contains_key(&id) {
            // Another home was faster.
            return;
        }
        if hash::sha256(&[body]) != id.0 {
            // Not the message that was asked for. Another home may have it.
            self.not_there(home, id);
            return;
        }
        let homes = self.wanted.remove(&id).unwrap_or_default();
        match open_deposit(&ctx.helpline, body, self.keys.iter()) {
            Some(opened) => {
                let brought = self.letters.values();
                if brought.filter(|letter| letter.from == home).count() >= MAILS_PER_HOME {
                    return;
                }
                self.arrives(opened, homes, home, ctx.now.tick);
            }
            None => {
                let not_ours = &mut self.not_ours;
                if not_ours.values().filter(|from| **from == home).count() >= MAILS_PER_HOME {
                    // A forgotten name only costs another fetch, if the message is named again.
                    not_ours.retain(|_, from| *from != home);
                }
                not_ours.insert(id, home);
            }
        }
    }
}
