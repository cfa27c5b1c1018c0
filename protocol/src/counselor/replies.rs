//! The counselor's replies to sealed messages: claimed, sealed once, and kept at two homes.
//!
//! Before a reply, the message is claimed at every home that has it, one after the other, so that a colleague does not
//! write at the same time. A reply that fails releases its claims. A home that still refuses when an honest one would
//! have released the claim is not asked any more.

use core::time::Duration;
use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::{
    Counselor, Event, Standing,
    context::DeskContext,
    mail::{DeskMail, Letter},
};
use crate::{
    client::copies::{MailCopies, MailCopy},
    crypto::{kem::KemPublic, keys::DhPublic, tokens, tokens::TokenHash},
    limits::{MAIL_CLAIM, MAIL_COPIES},
    objects::{Bytes, HomeIndex, postcard_encode},
    session::{
        chat::{SayError, State, check_words},
        mail::{DepositId, MailError, REPLY_LEN, REPLY_TEXT_MAX, Replier, seal_reply},
    },
    time::{Now, Tick},
    wire::{ClientMessage, Kind, Refusal, ReplyPosting},
};

/// A home has this long to answer "I reply to this one".
const CLAIM_PATIENCE: Duration = Duration::from_secs(3);

/// A reply that no home in reach has a box for is given up after this long: a home that is only
/// away for a moment is back by then.
pub(super) const NOWHERE: Duration = Duration::from_secs(30);

/// Why a reply was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// There is no such message.
    #[error("there is no such message")]
    NoMail,
    /// A colleague has answered it.
    #[error("a colleague has answered this message")]
    Taken,
    /// The words are too long.
    #[error(transparent)]
    TooLong(#[from] MailError),
    /// The id is invalid, or was used before.
    #[error(transparent)]
    Words(#[from] SayError),
}

pub(super) enum ReplyStep {
    Fresh,
    Claiming(HomeIndex, u32, Tick),
    Ready,
}

pub(super) struct Replying {
    pub(super) mail: DepositId,
    pub(super) id: String,
    /// Wiped when the reply is sealed.
    pub(super) text: Zeroizing<String>,
    pub(super) step: ReplyStep,
    /// Homes that were asked: they granted the claim, or have no say.
    pub(super) claimed: BTreeSet<HomeIndex>,
    /// Of these, the homes that granted it.
    pub(super) granted: BTreeSet<HomeIndex>,
    /// Of these, the homes whose refusal is too old to be honest.
    pub(super) stubborn: BTreeSet<HomeIndex>,
    pub(super) sealed: Option<Box<[u8; REPLY_LEN]>>,
    pub(super) copies: MailCopies,
    /// Since when no home in reach has a box for the reply.
    pub(super) nowhere: Option<Tick>,
    pub(super) told: bool,
}

/// The box of a reply at a home: as the card says, or as the home knows from the deposit that lies there.
fn box_at(letter: &Letter, home: HomeIndex, home_x: &DhPublic) -> Option<TokenHash> {
    let boxes = &letter.opened.card.boxes;
    let named = boxes.iter().find(|mailbox| mailbox.home == *home_x);
    named
        .map(|mailbox| mailbox.read)
        .or_else(|| letter.homes.contains(&home).then_some(TokenHash([0; 32])))
}

impl Counselor {
    /// Answers a sealed message. The state of the reply is told with its id.
    ///
    /// # Errors
    /// [`ReplyError`]; nothing was taken.
    pub fn reply(
        &mut self,
        mail: DepositId,
        id: String,
        text: Zeroizing<String>,
        now: Now,
    ) -> Result<(), ReplyError> {
        self.ctx.now = now;
        let letter = self.mail.letters.get(&mail).ok_or(ReplyError::NoMail)?;
        if letter.gone && !letter.replied {
            return Err(ReplyError::Taken);
        }
        if text.len() > REPLY_TEXT_MAX {
            let (max, got) = (REPLY_TEXT_MAX, text.len());
            return Err(MailError::TooLong { max, got }.into());
        }
        check_words(&id, &text)?;
        if !self.mail.ids.insert((mail, id.clone())) {
            return Err(SayError::DuplicateId.into());
        }
        DeskMail::tell_reply(&mut self.ctx, mail, id.clone(), State::Written);
        self.mail.replies.push(Replying {
            mail,
            id,
            text,
            step: ReplyStep::Fresh,
            claimed: BTreeSet::new(),
            granted: BTreeSet::new(),
            stubborn: BTreeSet::new(),
            sealed: None,
            copies: MailCopies::default(),
            nowhere: None,
            told: false,
        });
        self.work();
        Ok(())
    }
}

impl DeskMail {
    fn tell_reply(ctx: &mut DeskContext, mail: DepositId, id: String, state: State) {
        ctx.emit(Event::MailState { mail, id, state });
    }

    pub(super) fn step_reply(&mut self, ctx: &mut DeskContext, position: usize) {
        // All counselors ask in the same order, that of the homes' keys. A counselor that asks the second home already
        // holds the claim at the first, so two that ask at once do not both lose.
        let mut desks = ctx.desks(Standing::In);
        desks.sort_by_key(|home| ctx.homes.get(home).map(|desk| desk.home_x.0));
        let now = ctx.now;
        let Some(reply) = self.replies.get_mut(position) else {
            return;
        };
        let Some(letter) = self.letters.get(&reply.mail) else {
            return;
        };
        match reply.step {
            ReplyStep::Fresh if letter.replied => reply.step = ReplyStep::Ready,
            ReplyStep::Fresh => {
                let unasked =
                    |home: &&HomeIndex| letter.named.contains(home) && !reply.claimed.contains(home);
                match desks.iter().find(unasked) {
                    Some(home) => {
                        let (deposit, release) = (reply.mail, 0);
                        let claim = ClientMessage::MailClaim { deposit, release };
                        let request = ctx.links.ask(*home, claim, now);
                        reply.step = ReplyStep::Claiming(*home, request, now.tick + CLAIM_PATIENCE);
                    }
                    // No home grants the claim, and one has refused it for longer than a claim lasts: the message was
                    // answered.
                    None if reply.granted.is_empty() && !reply.stubborn.is_empty() => {
                        return self.fail_reply(ctx, position, Refusal::Taken);
                    }
                    // Every home in reach that has the message has been asked. Where it does not lie, no colleague can
                    // be answering it.
                    None if !desks.is_empty() => reply.step = ReplyStep::Ready,
                    None => {}
                }
            }
            ReplyStep::Claiming(home, _, until) if until <= now.tick => {
                // A home that does not answer cannot prevent a reply.
                reply.claimed.insert(home);
                reply.step = ReplyStep::Fresh;
                return self.step_reply(ctx, position);
            }
            ReplyStep::Claiming(..) | ReplyStep::Ready => {}
        }
        if matches!(reply.step, ReplyStep::Ready) && reply.sealed.is_none() {
            self.seal_reply(ctx, position);
        }
    }

    fn seal_reply(&mut self, ctx: &mut DeskContext, position: usize) {
        if self.newest(ctx.now.unix).is_none() {
            self.renew_mail_keys(ctx);
        }
        let (Some((key, secrets)), Some(reply)) = (self.newest(ctx.now.unix), self.replies.get(position))
        else {
            return;
        };
        let mail = reply.mail;
        let Some(letter) = self.letters.get(&mail) else {
            return;
        };
        let card = &letter.opened.card;
        let Ok(kem) = KemPublic::from_bytes(card.return_ek.0.as_slice()) else {
            return;
        };
        let replier = Replier {
            certificate: &ctx.certificate,
            key,
            secrets,
        };
        let sealed = seal_reply(
            &ctx.helpline,
            reply.mail,
            &card.return_x,
            &kem,
            &replier,
            &reply.text,
            ctx.now.unix,
            &mut ctx.random,
        );
        match sealed {
            Ok(sealed) => {
                if let Some(letter) = self.letters.get_mut(&mail) {
                    letter.replied = true;
                }
                if let Some(reply) = self.replies.get_mut(position) {
                    reply.sealed = Some(sealed);
                    reply.text = Zeroizing::default();
                }
            }
            // Only an invalid return key fails here: no counselor can answer the message.
            Err(_) => self.fail_reply(ctx, position, Refusal::Malformed),
        }
    }

    pub(super) fn put_replies(&mut self, ctx: &mut DeskContext) {
        let now = ctx.now;
        for home in ctx.desks(Standing::In) {
            let Some(home_x) = ctx.homes.get(&home).map(|desk| desk.home_x) else {
                continue;
            };
            for reply in &mut self.replies {
                let Some(sealed) = &reply.sealed else { continue };
                let Some(letter) = self.letters.get(&reply.mail) else {
                    continue;
                };
                if !reply.copies.is_due(home, now.tick) {
                    continue;
                }
                let Some(read) = box_at(letter, home, &home_x) else {
                    continue;
                };
                let posting = ReplyPosting {
                    read,
                    object: Bytes(sealed.clone()),
                };
                let token = tokens::mail_write(&ctx.helpline, &letter.opened.secret, &home_x);
                let posting = postcard_encode(&posting);
                let request = ctx.links.send_object(home, Kind::Reply, token.0, &posting, now);
                reply.copies.set(home, MailCopy::Asked(request), now.tick);
            }
        }
    }

    pub(super) fn reply_is(
        &mut self,
        ctx: &mut DeskContext,
        home: HomeIndex,
        request: u32,
        at: MailCopy,
    ) -> bool {
        let now = ctx.now.tick;
        for reply in &mut self.replies {
            if reply.copies.is_asked(home, request) {
                reply.copies.set(home, at, now);
                return true;
            }
        }
        false
    }

    pub(super) fn take_claim(
        &mut self,
        ctx: &mut DeskContext,
        home: HomeIndex,
        request: u32,
        refused: Option<Refusal>,
    ) -> bool {
        let its = |reply: &Replying| matches!(reply.step, ReplyStep::Claiming(at, asked, _) if (at, asked) == (home, request));
        let Some(position) = self.replies.iter().position(its) else {
            return false;
        };
        let now = ctx.now.tick;
        let Some(reply) = self.replies.get_mut(position) else {
            return true;
        };
        if refused == Some(Refusal::Taken) {
            let Some(letter) = self.letters.get_mut(&reply.mail) else {
                return true;
            };
            letter.homes.remove(&home);
            let since = *letter.refused.entry(home).or_insert(now);
            // A colleague has begun to answer. That claim expires: a home that still refuses then has the colleague's
            // answer, or lies.
            if now.since(since) < MAIL_CLAIM {
                self.fail_reply(ctx, position, Refusal::Taken);
                return true;
            }
            reply.stubborn.insert(home);
        } else if refused.is_none() {
            reply.granted.insert(home);
            if let Some(letter) = self.letters.get_mut(&reply.mail) {
                letter.refused.remove(&home);
            }
        }
        reply.claimed.insert(home);
        reply.step = ReplyStep::Fresh;
        true
    }

    pub(super) fn fail_reply(&mut self, ctx: &mut DeskContext, position: usize, reason: Refusal) {
        if position >= self.replies.len() {
            return;
        }
        let reply = self.replies.remove(position);
        // Otherwise a colleague that asked at the same moment would be refused for as long as the claims stand.
        for home in reply.claimed {
            let (deposit, release) = (reply.mail, 1);
            let release = ClientMessage::MailClaim { deposit, release };
            ctx.links.send(home, release);
        }
        Self::tell_reply(ctx, reply.mail, reply.id, State::Failed);
        ctx.emit(Event::NotReplied(reason));
    }

    pub(super) fn judge_replies(&mut self, ctx: &mut DeskContext) {
        let desks = ctx.desks(Standing::In);
        let wanted = MAIL_COPIES.min(ctx.homes_expected.max(ctx.homes.len())).max(1);
        let mut arrived = Vec::new();
        let mut failed = None;
        for (position, reply) in self.replies.iter_mut().enumerate() {
            if reply.told || reply.sealed.is_none() {
                continue;
            }
            if reply.copies.enough(wanted, ctx.now.tick) {
                reply.told = true;
                arrived.push((reply.mail, reply.id.clone()));
                continue;
            }
            if let Some(reason) = reply.copies.refused_by(&desks) {
                failed = Some((position, reason));
            }
            // The home that had the message is gone, and no other home knows the author's box.
            let letter = self.letters.get(&reply.mail);
            let boxed = |home: &HomeIndex| {
                let x = ctx.homes.get(home).map(|desk| desk.home_x);
                letter
                    .zip(x)
                    .is_some_and(|(letter, x)| box_at(letter, *home, &x).is_some())
            };
            if reply.copies.is_empty() && !desks.is_empty() && !desks.iter().any(boxed) {
                let since = *reply.nowhere.get_or_insert(ctx.now.tick);
                if ctx.now.tick.since(since) >= NOWHERE {
                    let gone = letter.is_some_and(|letter| letter.gone);
                    failed = Some((position, if gone { Refusal::Taken } else { Refusal::Busy }));
                }
            } else {
                reply.nowhere = None;
            }
        }
        for (mail, id) in arrived {
            Self::tell_reply(ctx, mail, id, State::AtNode);
        }
        if let Some((position, reason)) = failed {
            self.fail_reply(ctx, position, reason);
        }
    }
}
