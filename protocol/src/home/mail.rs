//! Mail at a home: the requests, on top of the mail store.

use super::{
    Home, HomeRequest, LinkId,
    desks::window,
    mail_items::Stored,
    mail_store::{MAX_DEPOSITS_PER_LINK, MAX_READS_PER_LINK, Settled, Taken},
};
use crate::{
    crypto::{hash::sha256, puzzle::Priced, tokens::Token},
    limits::MAX_DEPOSITS_PER_DAY,
    objects::{MailKey, Signed, postcard_decode},
    session::mail::{DepositId, OnMail},
    time::Now,
    wire::{DepositPosting, HomeMessage, Kind, Record, Refusal, ReplyPosting},
};

impl Home {
    pub(super) fn publish_mail_key(&mut self, request: HomeRequest, key: &[u8]) {
        let taken = self
            .check_mail_key(request.link, key)
            .and_then(|on_mail| self.mail.take_key(request, on_mail, self.now.tick));
        match taken {
            Ok(Taken::Known) => self.answer_kept(request, Stored::Key),
            Ok(Taken::Pending) => {}
            Err(reason) => self.refuse(request, reason),
        }
    }

    /// Body: the mail key and the KEM key it names.
    fn check_mail_key(&self, link: LinkId, body: &[u8]) -> Result<OnMail, Refusal> {
        self.roster()?;
        let desk = self.links.get(&link).and_then(|state| state.desk.clone());
        let certificate = desk.ok_or(Refusal::Login)?;
        let (key, ek) = postcard_decode::<(Vec<u8>, Vec<u8>)>(body).ok_or(Refusal::Malformed)?;
        let identity = certificate.identity().map_err(|_| Refusal::Login)?;
        let key = Signed::<MailKey>::verify(&key, &identity, &self.helpline).map_err(|_| Refusal::Duty)?;
        if key.serial != certificate.serial {
            return Err(Refusal::Duty);
        }
        key.valid_at(self.now.unix).map_err(window)?;
        let kem = key.kem(&ek).map_err(|_| Refusal::Duty)?;
        Ok(OnMail {
            certificate,
            key,
            kem,
        })
    }

    pub(super) fn mail_keys(&mut self, request: HomeRequest, page: u64) {
        let roster = self.publication.as_ref().map(|publication| &*publication.roster);
        let page = self.mail.key_page(page, roster, self.now.unix);
        self.send_object(request, Kind::MailKeyPage, [0; 32], &page);
    }

    pub(super) fn deposit(&mut self, request: HomeRequest, part: &Record) {
        let Some(posting) = self.assemble::<DepositPosting>(request, part) else {
            return;
        };
        let Some((deposits, via)) = self
            .links
            .get(&request.link)
            .map(|state| (state.deposits, state.via))
        else {
            return;
        };
        if deposits >= MAX_DEPOSITS_PER_LINK {
            return self.refuse(request, Refusal::Busy);
        }
        if let Err(reason) = self.roster() {
            return self.refuse(request, reason);
        }
        let id = DepositId(sha256(&[posting.body.0.as_slice()]));
        let share = self.share(MAX_DEPOSITS_PER_DAY);
        let newcomer = !self.mail.has(&id);
        if newcomer {
            let room = self.mail.room(via, share, self.now);
            if let Err(reason) = self.admit(Priced::Deposit, posting.write, (via, room)) {
                return self.refuse(request, if room == 0 { Refusal::Full } else { reason });
            }
        }
        match self.mail.take_deposit(request, &posting, (via, share), self.now) {
            Ok(taken) => {
                if newcomer {
                    self.tolls.admitted(Priced::Deposit, posting.write);
                }
                if let Some(state) = self.links.get_mut(&request.link) {
                    state.deposits += 1;
                }
                if taken == Taken::Known {
                    self.answer_kept(request, Stored::Deposit(id));
                }
            }
            Err(reason) => self.refuse(request, reason),
        }
    }

    /// Names deposits to a desk on duty.
    pub(super) fn mails(&mut self, request: HomeRequest, after: DepositId) {
        if !self.duties.has_link(request.link) {
            return self.refuse(request, Refusal::Login);
        }
        let names = self.mail.names(after);
        self.answer(request, HomeMessage::MailNames { names });
    }

    pub(super) fn fetch_mail(&mut self, request: HomeRequest, id: &DepositId) {
        if !self.duties.has_link(request.link) {
            return self.refuse(request, Refusal::Login);
        }
        match self.mail.ask_for_body(request, *id, self.now.tick) {
            Ok(true) => {}
            Ok(false) => self.answer(request, HomeMessage::MailGone { deposit: *id }),
            Err(reason) => self.refuse(request, reason),
        }
    }

    pub(super) fn claim_mail(&mut self, request: HomeRequest, id: &DepositId, release: u64) {
        if !self.is_desk(request.link) {
            return self.refuse(request, Refusal::Login);
        }
        match release {
            0 => {}
            1 => return self.mail.release(request.link, id),
            _ => return self.refuse(request, Refusal::Malformed),
        }
        match self.mail.claim(request.link, id, self.now.tick) {
            Ok(()) => {
                let (token, attempt, claim) = (Token(id.0), 0, 0);
                let granted = HomeMessage::Granted {
                    token,
                    attempt,
                    claim,
                };
                self.answer(request, granted);
            }
            Err(reason) => self.refuse(request, reason),
        }
    }

    pub(super) fn reply(&mut self, request: HomeRequest, write: Token, part: &Record) {
        if !self.is_desk(request.link) {
            return self.refuse(request, Refusal::Login);
        }
        let Some(posting) = self.assemble::<ReplyPosting>(request, part) else {
            return;
        };
        let id = posting.object.0.first_chunk::<32>().copied().map(DepositId);
        match self.mail.take_reply(request, write, posting, self.now) {
            Ok(Taken::Known) => self.answer_kept(request, Stored::Reply(id.unwrap_or(DepositId([0; 32])))),
            Ok(Taken::Pending) => {}
            Err(reason) => self.refuse(request, reason),
        }
    }

    /// An unknown token, an empty box and a wrong token are answered alike.
    pub(super) fn read_mail(&mut self, request: HomeRequest, read: Token) {
        let Some(state) = self.links.get_mut(&request.link) else {
            return;
        };
        if state.reads >= MAX_READS_PER_LINK {
            return self.refuse(request, Refusal::Busy);
        }
        state.reads += 1;
        match self.mail.ask_for_letters(request, read, self.now.tick) {
            Ok(true) => {}
            Ok(false) => self.answer(request, HomeMessage::ReadEnd {}),
            Err(reason) => self.refuse(request, reason),
        }
    }

    /// The store has something to say: answers the requests that waited for it.
    pub fn handle_stored(&mut self, now: Now) {
        self.now = now;
        self.settle_mail();
    }

    /// Answers the requests whose operations the store has done.
    pub(super) fn settle_mail(&mut self) {
        while let Some(settled) = self.mail.settle(self.now.tick) {
            self.tell_settled(settled);
        }
    }

    /// Refuses requests that have waited too long for the disk.
    pub(super) fn give_up_late(&mut self) {
        for settled in self.mail.give_up_late(self.now.tick) {
            self.tell_settled(settled);
        }
    }

    fn tell_settled(&mut self, settled: Settled) {
        match settled {
            Settled::Kept(asked, kept) => {
                self.stored += 1;
                let author = asked.first().map(|request| request.link);
                for request in asked {
                    self.answer_kept(request, kept);
                }
                self.tell_desks(author, kept);
            }
            Settled::Refused(asked, reason) => {
                for request in asked {
                    self.refuse(request, reason);
                }
            }
            Settled::Body(request, id, Some(body)) => {
                self.send_object(request, Kind::Mail, id.0, body.as_slice());
            }
            Settled::Body(request, deposit, None) => {
                self.answer(request, HomeMessage::MailGone { deposit });
            }
            Settled::Letters(request, letters) => {
                for letter in letters {
                    self.send_object(request, Kind::Letter, [0; 32], letter.0.as_slice());
                }
                self.answer(request, HomeMessage::ReadEnd {});
            }
        }
    }

    fn answer_kept(&mut self, request: HomeRequest, kept: Stored) {
        let answer = match kept {
            Stored::Key => HomeMessage::MailKeyKept {},
            Stored::Deposit(id) => HomeMessage::Deposited { deposit: id },
            Stored::Reply(id) => HomeMessage::Replied { deposit: id },
        };
        self.answer(request, answer);
    }

    fn tell_desks(&mut self, author: Option<LinkId>, kept: Stored) {
        let id = match kept {
            Stored::Deposit(id) if self.mail.waits(&id) => id,
            Stored::Reply(id) => id,
            Stored::Key | Stored::Deposit(_) => return,
        };
        let desks = self.duties.links();
        for link in desks.into_iter().filter(|link| Some(*link) != author) {
            self.told.mail(link, id);
        }
    }

    /// Tells a desk which of these messages wait, and which are answered.
    pub(super) fn tell_mail(&mut self, desk: LinkId, changed: &[DepositId]) {
        let (wait, answered): (Vec<DepositId>, Vec<DepositId>) =
            changed.iter().partition(|id| self.mail.waits(id));
        if !wait.is_empty() {
            let names = wait.iter().flat_map(|id| id.0).collect();
            self.send(desk, HomeMessage::MailNames { names });
        }
        for deposit in answered {
            self.send(desk, HomeMessage::MailGone { deposit });
        }
    }

    fn is_desk(&self, link: LinkId) -> bool {
        self.links.get(&link).is_some_and(|state| state.desk.is_some())
    }
}

#[cfg(test)]
mod tests;
