//! A seeker's mail: leaving a sealed message, and reading replies with a phrase.
//!
//! ```text
//!   leave                mail keys known        a home has it on disk     a second one has, or none came
//!  ──────► wanted ──────────────────► sealed ──────────────────► kept ──────────────────────► "at node"
//!             no valid mail key ──► failed       all refuse ─► failed
//! ```
//!
//! Homes that could not be reached get the message later, while the visit lasts.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::{
    Seeker,
    context::SeekerContext,
    event::{Event, LeaveError, NotLeft},
};
use crate::{
    client::copies::{MailCopies, MailCopy},
    crypto::{
        hash::{self, Secret},
        keys::{DhPublic, HelplineId},
        phrase::{PROOF_LEN, ReturnKeys},
        puzzle::Priced,
        random,
        tokens::{self, TokenHash},
    },
    limits::{MAIL_COPIES, MAX_REPLIES_PER_BOX},
    objects::{Bytes, HomeIndex, Language, ObjectHash, Serial, postcard_encode},
    session::{
        chat::State,
        handshake::Established,
        mail::{
            Card, MAIL_BOXES_MAX, MAIL_TEXT_MAX, MailBox, OnMail, SealedDeposit, open_reply, seal_deposit,
        },
        ticket::WRAPS,
    },
    time::{Now, Tick},
    wire::{ClientMessage, DepositPosting, HomeMessage, Kind, Refusal},
};

/// The id under which states of a sealed message are told.
pub const LEAVE_ID: &str = "leave";
/// Homes that do not answer are waited for this long before a message is sealed or "no mail" is told.
const HOMES_PATIENCE: Duration = Duration::from_secs(5);
/// A home that refused is asked again after this long.
const AGAIN: Duration = Duration::from_secs(5);
/// How many different letters of one home are examined in one visit. One half is for what can lie there when the seeker
/// comes, the other for what arrives during the visit. A home that lies could send any number.
const LETTERS_PER_HOME: usize = 2 * MAX_REPLIES_PER_BOX;
/// How many pages of mail keys are fetched from one home: as many as it can have.
const PAGES_MAX: u64 = 8;

struct Leaving {
    language: Language,
    /// Which message of the visit it is.
    number: u16,
    /// Wiped when the message is sealed.
    text: Zeroizing<String>,
    since: Tick,
    sealed: Option<SealedDeposit>,
    /// The mailbox of the replies. It belongs to the phrase that the message was sealed with, even if another phrase
    /// came later.
    mailbox: Secret,
    copies: MailCopies,
    told: bool,
}

impl Leaving {
    /// Hash of the token that writes replies to it at this home.
    fn write(&self, ctx: &SeekerContext, home: HomeIndex) -> Option<TokenHash> {
        let (_, home_x) = ctx.links.usable().into_iter().find(|(of, _)| *of == home)?;
        Some(tokens::mail_write(&ctx.helpline, &self.sealed.as_ref()?.secret, &home_x).hash())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inbox {
    Unread,
    Asked(u32),
    Read,
    Refused(Tick),
}

struct SeekerMailbox {
    page: Option<(u64, u32)>,
    keys_loaded: bool,
    mailbox: Inbox,
    /// Different letters that this home has brought in this visit.
    letters: usize,
}

impl Default for SeekerMailbox {
    fn default() -> Self {
        Self {
            page: None,
            keys_loaded: false,
            mailbox: Inbox::Unread,
            letters: 0,
        }
    }
}

struct Reading {
    since: Tick,
    seen: BTreeSet<[u8; 32]>,
    found: bool,
    none_told: bool,
    failure_told: bool,
}

/// Everything about mail in one visit.
#[derive(Default)]
pub(super) struct SeekerMail {
    keys: Option<ReturnKeys>,
    returned: bool,
    keys_wanted: bool,
    known: BTreeMap<ObjectHash, OnMail>,
    homes: BTreeMap<HomeIndex, SeekerMailbox>,
    leaving: Vec<Leaving>,
    /// Messages that were left with these keys in this visit.
    count: u16,
    reading: Option<Reading>,
    /// What was told of whether a sealed message could be read.
    sealed_told: Option<bool>,
}

impl SeekerMail {
    /// No counselor is on duty: a message may be left soon. The keys are fetched again, because a counselor on duty
    /// since the last fetch may have published one.
    pub(super) fn closed(&mut self) {
        self.keys_wanted = true;
        self.ask_keys_again();
    }

    /// A counselor is on duty, or another ticket begins: what was told of sealed messages no longer counts.
    pub(super) const fn opened(&mut self) {
        self.sealed_told = None;
    }

    fn ask_keys_again(&mut self) {
        for mail in self.homes.values_mut() {
            mail.keys_loaded = false;
        }
    }

    /// Whether no message is in flight.
    pub(super) fn settled(&self) -> bool {
        self.leaving.iter().all(|leaving| leaving.told)
    }

    pub(super) fn home_down(&mut self, home: HomeIndex) {
        if let Some(mail) = self.homes.get_mut(&home) {
            mail.page = None;
            mail.mailbox = Inbox::Unread;
        }
        for leaving in &mut self.leaving {
            leaving.copies.home_down(home);
        }
    }

    /// The roster no longer carries this home: what it keeps does not count as a copy.
    pub(super) fn home_dropped(&mut self, home: HomeIndex) {
        self.home_down(home);
        for leaving in &mut self.leaving {
            leaving.copies.home_dropped(home);
        }
    }

    /// The proof for the first cell, if the seeker came back with a phrase.
    pub(super) fn proof(
        &self,
        helpline: &HelplineId,
        duty: &DhPublic,
        established: &Established,
    ) -> Option<[u8; PROOF_LEN]> {
        let keys = self.keys.as_ref().filter(|_| self.returned)?;
        keys.prove(helpline, duty, &established.handshake_hash)
    }

    pub(super) fn poll_timeout(&self, now: Tick) -> Option<Tick> {
        let mut due = Vec::new();
        for leaving in &self.leaving {
            if leaving.sealed.is_none() {
                due.push(leaving.since + HOMES_PATIENCE);
            }
            due.extend(leaving.copies.poll_timeout(leaving.told));
        }
        if let Some(reading) = &self.reading {
            due.push(reading.since + HOMES_PATIENCE);
            for mail in self.homes.values() {
                if let Inbox::Refused(until) = mail.mailbox {
                    due.push(until);
                }
            }
        }
        due.into_iter().filter(|at| *at > now).min()
    }
}

impl Seeker {
    /// Whether a phrase was made or returned with in this visit.
    #[must_use]
    pub const fn has_phrase(&self) -> bool {
        self.mail.keys.is_some()
    }

    /// A phrase was made in this visit: replies will be sealed to it.
    pub fn keep_phrase(&mut self, keys: ReturnKeys) {
        self.mail.keys = Some(keys);
        self.mail.count = 0;
        self.mail.returned = false;
    }

    /// The seeker came back with a phrase. Its replies are fetched from all homes. A chat that begins later tells the
    /// counselor, and no other party, that the seeker was here before.
    pub fn come_back(&mut self, keys: ReturnKeys, now: Now) {
        self.ctx.now = now;
        self.mail.keys = Some(keys);
        self.mail.count = 0;
        self.mail.returned = true;
        for mail in self.mail.homes.values_mut() {
            mail.mailbox = Inbox::Unread;
            mail.letters = 0;
        }
        self.mail.reading = Some(Reading {
            since: now.tick,
            seen: BTreeSet::new(),
            found: false,
            none_told: false,
            failure_told: false,
        });
        self.work();
    }

    /// Leaves a sealed message. Its state is told under [`LEAVE_ID`].
    ///
    /// # Errors
    /// [`LeaveError`]; nothing was taken.
    pub fn leave(&mut self, language: Language, text: Zeroizing<String>, now: Now) -> Result<(), LeaveError> {
        self.ctx.now = now;
        check_message(&text)?;
        let mailbox = match &self.mail.keys {
            Some(keys) => keys.mailbox.clone(),
            None => return Err(LeaveError::NoPhrase),
        };
        if !self.mail.settled() {
            return Err(LeaveError::Already);
        }
        if self.mail.standing_keys(&self.ctx).is_empty() {
            self.mail.ask_keys_again();
        }
        self.mail.count = self.mail.count.saturating_add(1);
        self.mail.leaving.push(Leaving {
            language,
            number: self.mail.count,
            text,
            since: now.tick,
            sealed: None,
            mailbox,
            copies: MailCopies::default(),
            told: false,
        });
        SeekerMail::tell_left(&mut self.ctx, State::Written);
        self.work();
        Ok(())
    }
}

impl SeekerMail {
    fn tell_left(ctx: &mut SeekerContext, state: State) {
        ctx.emit(Event::State {
            id: LEAVE_ID.to_owned(),
            state,
        });
    }

    pub(super) fn work(&mut self, ctx: &mut SeekerContext) {
        self.fetch_keys(ctx);
        self.seal_message(ctx);
        self.post_messages(ctx);
        self.judge_messages(ctx);
        self.read_boxes(ctx);
        self.judge_reading(ctx);
    }

    /// Handles a message about mail; `false` if it is about something else.
    pub(super) fn take_message(
        &mut self,
        ctx: &mut SeekerContext,
        home: HomeIndex,
        request: u32,
        message: &HomeMessage,
    ) -> bool {
        match message {
            HomeMessage::Deposited { deposit } => {
                let now = ctx.now.tick;
                for leaving in &mut self.leaving {
                    let its = leaving
                        .sealed
                        .as_ref()
                        .is_some_and(|sealed| sealed.id == *deposit);
                    if its && leaving.copies.has(home) {
                        leaving.copies.set(home, MailCopy::Kept, now);
                    }
                }
                true
            }
            HomeMessage::ReadEnd {} => {
                if let Some(mail) = self.homes.get_mut(&home)
                    && mail.mailbox == Inbox::Asked(request)
                {
                    mail.mailbox = Inbox::Read;
                }
                true
            }
            HomeMessage::Refused { reason, .. } => self.take_refusal(ctx, home, request, *reason),
            _ => false,
        }
    }

    fn take_refusal(
        &mut self,
        ctx: &mut SeekerContext,
        home: HomeIndex,
        request: u32,
        reason: Refusal,
    ) -> bool {
        let again = ctx.now.tick + AGAIN;
        for leaving in &mut self.leaving {
            if leaving.copies.is_asked(home, request) {
                if let Refusal::Effort(prices) = reason {
                    let write = leaving.write(ctx, home);
                    let pays =
                        write.is_some_and(|write| ctx.more_asked(home, Priced::Deposit, write, prices));
                    let until = if pays { ctx.now.tick } else { again };
                    leaving.copies.set(home, MailCopy::Waits(until), ctx.now.tick);
                    return true;
                }
                // Another party has filed this message there first, with its own tokens. That copy does not count, and
                // a retry cannot succeed.
                let again = (reason != Refusal::Taken).then_some(again);
                leaving
                    .copies
                    .set(home, MailCopy::Refused(reason, again), ctx.now.tick);
                return true;
            }
        }
        let Some(mail) = self.homes.get_mut(&home) else {
            return false;
        };
        if mail.mailbox != Inbox::Asked(request) {
            return false;
        }
        mail.mailbox = Inbox::Refused(again);
        if let Some(reading) = &mut self.reading
            && !core::mem::replace(&mut reading.failure_told, true)
        {
            ctx.emit(Event::NotTaken(reason));
        }
        true
    }

    // ── mail keys ──

    fn fetch_keys(&mut self, ctx: &mut SeekerContext) {
        let wanted = self.keys_wanted || self.leaving.iter().any(|l| l.sealed.is_none());
        if !wanted {
            return;
        }
        for (home, _) in ctx.links.usable() {
            let mail = self.homes.entry(home).or_default();
            if mail.keys_loaded || mail.page.is_some() {
                continue;
            }
            let request = ctx.links.ask(home, ClientMessage::MailKeys { page: 0 }, ctx.now);
            mail.page = Some((0, request));
        }
    }

    pub(super) fn take_key_page(
        &mut self,
        ctx: &mut SeekerContext,
        home: HomeIndex,
        request: u32,
        page: &[u8],
    ) {
        let Some(mail) = self.homes.get_mut(&home) else {
            return;
        };
        let Some((number, _)) = mail.page.filter(|(_, asked)| *asked == request) else {
            return;
        };
        let (keys, last) = crate::wire::read_key_page(page);
        let root = *ctx.links.directory().root();
        for (certificate, key, ek) in keys {
            if let Some(on_mail) = OnMail::verify(&root, &certificate, &key, &ek, ctx.now.unix) {
                self.known.insert(on_mail.key.hash(), on_mail);
            }
        }
        mail.page = None;
        if last || number + 1 >= PAGES_MAX {
            mail.keys_loaded = true;
        } else {
            let next = ClientMessage::MailKeys { page: number + 1 };
            mail.page = Some((number + 1, ctx.links.ask(home, next, ctx.now)));
        }
    }

    /// The newest key of each counselor that could read a message. Two keys that share a half are both left out: one of
    /// them is a copy.
    fn standing_keys(&self, ctx: &SeekerContext) -> Vec<&OnMail> {
        let now = ctx.now.unix;
        let mut newest: BTreeMap<Serial, &OnMail> = BTreeMap::new();
        if !ctx.links.directory().in_force(now) {
            return Vec::new();
        }
        for on_mail in self.known.values() {
            let stands = on_mail.key.valid_at(now).is_ok()
                && ctx.links.directory().certified(&on_mail.certificate, now);
            let newer = newest
                .get(&on_mail.key.serial)
                .is_none_or(|known| known.key.expires < on_mail.key.expires);
            if stands && newer {
                newest.insert(on_mail.key.serial, on_mail);
            }
        }
        let shared = |one: &OnMail| {
            let same = |other: &&&OnMail| other.key.x == one.key.x || other.key.ek_hash == one.key.ek_hash;
            newest.values().filter(same).count() > 1
        };
        newest.values().copied().filter(|one| !shared(one)).collect()
    }

    /// The counselors to seal to: those that speak the language of the message first, otherwise at random.
    fn readers(&self, ctx: &mut SeekerContext, language: &Language) -> Vec<OnMail> {
        let mut readers: Vec<OnMail> = self.standing_keys(ctx).into_iter().cloned().collect();
        random::shuffle(&mut ctx.random, &mut readers);
        readers.sort_by_key(|on_mail| !on_mail.certificate.languages.contains(language));
        readers.truncate(WRAPS);
        readers
    }

    /// In closed hours, tells whether a message could be left. "Yes" is told as soon as one key is known. "No" is told
    /// when every home in use has told its keys and none is valid.
    pub(super) fn tell_sealed(&mut self, ctx: &mut SeekerContext) {
        let usable = ctx.links.usable();
        let loaded = |home: &HomeIndex| self.homes.get(home).is_some_and(|mail| mail.keys_loaded);
        let all = !usable.is_empty() && usable.iter().all(|(home, _)| loaded(home));
        let readable = !self.standing_keys(ctx).is_empty();
        if (readable || all) && self.sealed_told != Some(readable) {
            self.sealed_told = Some(readable);
            ctx.emit(Event::Sealed(readable));
        }
    }

    // ── leaving ──

    fn seal_message(&mut self, ctx: &mut SeekerContext) {
        let Some(position) = self.leaving.iter().position(|l| l.sealed.is_none()) else {
            return;
        };
        let usable = ctx.links.usable();
        let loaded = |home: &HomeIndex| self.homes.get(home).is_some_and(|mail| mail.keys_loaded);
        let known = usable.iter().filter(|(home, _)| loaded(home)).count();
        let Some(leaving) = self.leaving.get_mut(position) else {
            return;
        };
        let patient = ctx.now.tick.since(leaving.since) >= HOMES_PATIENCE;
        let all = known == usable.len() && (patient || known >= ctx.homes_expected());
        if known == 0 || !(all || patient) {
            return;
        }
        let (language, text) = (leaving.language.clone(), core::mem::take(&mut leaving.text));
        let number = leaving.number;
        let readers = self.readers(ctx, &language);
        let Some(keys) = &self.keys else { return };
        let boxes = usable.iter().take(MAIL_BOXES_MAX).map(|(_, home)| MailBox {
            home: *home,
            read: tokens::mail_read(&ctx.helpline, &keys.mailbox, home).hash(),
        });
        let card = Card {
            language,
            returning: self.returned,
            number,
            return_x: keys.x.public(),
            return_ek: Bytes(Box::new(*keys.kem.public().as_bytes())),
            boxes: boxes.collect(),
            text: text.as_str().to_owned(),
        };
        let readers: Vec<&OnMail> = readers.iter().collect();
        match seal_deposit(&ctx.helpline, &readers, &card, &mut ctx.random) {
            Ok(sealed) => {
                if let Some(leaving) = self.leaving.get_mut(position) {
                    leaving.mailbox = keys.mailbox.clone();
                    leaving.sealed = Some(sealed);
                }
            }
            // The length was checked when the message was taken, so the cause is that there is no counselor to seal to.
            Err(_) => self.fail_message(ctx, position, NotLeft::NobodyReads),
        }
    }

    fn fail_message(&mut self, ctx: &mut SeekerContext, position: usize, reason: NotLeft) {
        self.leaving.remove(position);
        Self::tell_left(ctx, State::Failed);
        ctx.emit(Event::NotLeft(reason));
    }

    /// Posts every message at every home that does not have it.
    fn post_messages(&mut self, ctx: &mut SeekerContext) {
        let now = ctx.now.tick;
        for (home, home_x) in ctx.links.usable() {
            for leaving in &mut self.leaving {
                let Some(sealed) = &leaving.sealed else { continue };
                if !leaving.copies.is_due(home, now) {
                    continue;
                }
                let write = tokens::mail_write(&ctx.helpline, &sealed.secret, &home_x).hash();
                if !ctx.may_ask(home, &home_x, Priced::Deposit, write) {
                    continue;
                }
                let posting = DepositPosting {
                    write,
                    read: tokens::mail_read(&ctx.helpline, &leaving.mailbox, &home_x).hash(),
                    body: Bytes(sealed.body.clone()),
                };
                let posting = postcard_encode(&posting);
                let request = ctx
                    .links
                    .send_object(home, Kind::Deposit, [0; 32], &posting, ctx.now);
                leaving.copies.set(home, MailCopy::Asked(request), now);
            }
        }
    }

    fn judge_messages(&mut self, ctx: &mut SeekerContext) {
        let usable: Vec<HomeIndex> = ctx.links.usable().into_iter().map(|(home, _)| home).collect();
        let wanted = MAIL_COPIES.min(ctx.homes_expected()).max(1);
        let mut arrived = 0;
        let mut refused = None;
        for (position, leaving) in self.leaving.iter_mut().enumerate() {
            if leaving.told || leaving.sealed.is_none() {
                continue;
            }
            if leaving.copies.enough(wanted, ctx.now.tick) {
                leaving.told = true;
                arrived += 1;
            } else if let Some(reason) = leaving.copies.refused_by(&usable) {
                refused = Some((position, reason));
            }
        }
        for _ in 0..arrived {
            Self::tell_left(ctx, State::AtNode);
        }
        if let Some((position, reason)) = refused {
            self.fail_message(ctx, position, NotLeft::Refused(reason));
        }
    }

    // ── reading ──

    fn read_boxes(&mut self, ctx: &mut SeekerContext) {
        let (Some(_), Some(keys)) = (&self.reading, &self.keys) else {
            return;
        };
        for (home, home_x) in ctx.links.usable() {
            let mail = self.homes.entry(home).or_default();
            match mail.mailbox {
                Inbox::Unread => {}
                Inbox::Refused(until) if until <= ctx.now.tick => {}
                _ => continue,
            }
            let token = tokens::mail_read(&ctx.helpline, &keys.mailbox, &home_x);
            let request = ctx.links.ask(home, ClientMessage::Read { read: token }, ctx.now);
            mail.mailbox = Inbox::Asked(request);
        }
    }

    pub(super) fn take_letter(
        &mut self,
        ctx: &mut SeekerContext,
        home: HomeIndex,
        request: u32,
        object: &[u8],
    ) {
        let (Some(reading), Some(keys), Some(mail)) =
            (&mut self.reading, &self.keys, self.homes.get_mut(&home))
        else {
            return;
        };
        if mail.mailbox != Inbox::Asked(request) {
            return;
        }
        // The same reply lies at several homes.
        let name = hash::sha256(&[object]);
        let again = reading.seen.contains(&name);
        if !again {
            if mail.letters >= LETTERS_PER_HOME {
                return;
            }
            mail.letters += 1;
            reading.seen.insert(name);
        }
        if again {
            return;
        }
        let directory = ctx.links.directory();
        let Some(reply) = open_reply(directory.root(), keys, object) else {
            return;
        };
        let listed = directory
            .roster()
            .is_some_and(|roster| roster.lists(&reply.certificate.hash(), reply.certificate.serial));
        reading.found = true;
        ctx.emit(if listed {
            Event::Mail {
                mail: hash::sha256(&[object]),
                pseudonym: reply.certificate.pseudonym.as_str().to_owned(),
                text: reply.text,
                date: reply.date,
            }
        } else {
            Event::MailRefused
        });
    }

    fn judge_reading(&mut self, ctx: &mut SeekerContext) {
        let usable = ctx.links.usable();
        let read = |home: &HomeIndex| {
            let mail = self.homes.get(home);
            mail.is_some_and(|mail| mail.mailbox == Inbox::Read)
        };
        let all = !usable.is_empty() && usable.iter().all(|(home, _)| read(home));
        let every = usable.len() >= ctx.homes_expected();
        let Some(reading) = &mut self.reading else {
            return;
        };
        let patient = ctx.now.tick.since(reading.since) >= HOMES_PATIENCE;
        if all && (every || patient) && !reading.found && !reading.none_told {
            reading.none_told = true;
            ctx.emit(Event::NoMail);
        }
    }
}

/// Checks the words of a message before they are taken.
///
/// # Errors
/// [`LeaveError::TooLong`] or [`LeaveError::Empty`].
pub const fn check_message(text: &str) -> Result<(), LeaveError> {
    if text.len() > MAIL_TEXT_MAX {
        return Err(LeaveError::TooLong {
            max: MAIL_TEXT_MAX,
            got: text.len(),
        });
    }
    if text.is_empty() {
        return Err(LeaveError::Empty);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
