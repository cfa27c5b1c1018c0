//! Mail at a home: what the records say, over the shelves that keep it.

use super::{
    Home, LinkId,
    desks::window,
    mail_store::{Asked, Kept, MAX_DEPOSITS_PER_LINK, MAX_READS_PER_LINK, Taken},
};
use crate::{
    objects::{MailKey, Signed, postcard_decode},
    session::mail::{DepositId, OnMail},
    wire::{DepositPosting, Kind, Record, Refusal, ReplyPosting},
};

impl Home {
    pub(super) fn publish_mail_key(&mut self, link: LinkId, record: &Record) {
        let taken = self
            .check_mail_key(link, &record.body)
            .and_then(|on_mail| self.shelves.take_key(asked(link, record), on_mail));
        match taken {
            Ok(Taken::Known) => self.answer_kept(&asked(link, record), Kept::Key),
            Ok(Taken::Pending) => {}
            Err(reason) => self.refuse(link, record, reason),
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

    pub(super) fn mail_keys(&mut self, link: LinkId, record: &Record) {
        let roster = self.publication.as_ref().map(|publication| &*publication.roster);
        let page = self.shelves.key_page(record.index, roster, self.now.unix);
        self.send_object(link, Kind::MailKeyPage, record.request, [0; 32], &page);
    }

    pub(super) fn deposit(&mut self, link: LinkId, record: &Record) {
        let Some(state) = self.links.get_mut(&link) else {
            return;
        };
        let posting = match state.pieces.take(record) {
            Ok(None) => return,
            Ok(Some(bytes)) => postcard_decode::<DepositPosting>(&bytes),
            Err(_) => None,
        };
        let Some(posting) = posting else {
            return self.refuse(link, record, Refusal::Malformed);
        };
        if state.deposits >= MAX_DEPOSITS_PER_LINK {
            return self.refuse(link, record, Refusal::Busy);
        }
        if let Err(reason) = self.roster() {
            return self.refuse(link, record, reason);
        }
        let asked = asked(link, record);
        match self.shelves.take_deposit(asked, &posting, self.now) {
            Ok(taken) => {
                if let Some(state) = self.links.get_mut(&link) {
                    state.deposits += 1;
                }
                if taken == Taken::Known {
                    let id = crate::crypto::hash::sha256(&[posting.body.0.as_slice()]);
                    self.answer_kept(&asked, Kept::Deposit(DepositId(id)));
                }
            }
            Err(reason) => self.refuse(link, record, reason),
        }
    }

    /// Names deposits to a desk on duty.
    pub(super) fn mails(&mut self, link: LinkId, record: &Record) {
        if !self.duties.has_link(link) {
            return self.refuse(link, record, Refusal::Login);
        }
        let names = Record::new(Kind::MailNames)
            .request(record.request)
            .body(self.shelves.names(record.token));
        self.send(link, names);
    }

    pub(super) fn fetch_mail(&mut self, link: LinkId, record: &Record) {
        if !self.duties.has_link(link) {
            return self.refuse(link, record, Refusal::Login);
        }
        match self.shelves.body(&DepositId(record.token)) {
            Some(body) => {
                self.send_object(link, Kind::Mail, record.request, record.token, body.as_slice());
            }
            None => {
                let gone = Record::new(Kind::MailGone).request(record.request);
                self.send(link, gone.token(record.token));
            }
        }
    }

    pub(super) fn claim_mail(&mut self, link: LinkId, record: &Record) {
        if !self.is_desk(link) {
            return self.refuse(link, record, Refusal::Login);
        }
        match record.index {
            0 => {}
            1 => return self.shelves.release(link, &DepositId(record.token)),
            _ => return self.refuse(link, record, Refusal::Malformed),
        }
        match self.shelves.claim(link, &DepositId(record.token), self.now.tick) {
            Ok(()) => {
                let granted = Record::new(Kind::Granted).request(record.request);
                self.send(link, granted.token(record.token));
            }
            Err(reason) => self.refuse(link, record, reason),
        }
    }

    pub(super) fn reply(&mut self, link: LinkId, record: &Record) {
        if !self.is_desk(link) {
            return self.refuse(link, record, Refusal::Login);
        }
        let Some(state) = self.links.get_mut(&link) else {
            return;
        };
        let posting = match state.pieces.take(record) {
            Ok(None) => return,
            Ok(Some(bytes)) => postcard_decode::<ReplyPosting>(&bytes),
            Err(_) => None,
        };
        let Some(posting) = posting else {
            return self.refuse(link, record, Refusal::Malformed);
        };
        let id = posting.object.0.first_chunk::<32>().copied().map(DepositId);
        let asked = asked(link, record);
        match self.shelves.take_reply(asked, &record.token, posting, self.now) {
            Ok(Taken::Known) => self.answer_kept(&asked, Kept::Reply(id.unwrap_or(DepositId([0; 32])))),
            Ok(Taken::Pending) => {}
            Err(reason) => self.refuse(link, record, reason),
        }
    }

    /// An unknown token, an empty box and a wrong token are answered alike.
    pub(super) fn read_mail(&mut self, link: LinkId, record: &Record) {
        let Some(state) = self.links.get_mut(&link) else {
            return;
        };
        if state.reads >= MAX_READS_PER_LINK {
            return self.refuse(link, record, Refusal::Busy);
        }
        state.reads += 1;
        match self.shelves.read(&record.token) {
            Ok(letters) => {
                for letter in letters {
                    self.send_object(link, Kind::Letter, record.request, [0; 32], letter.0.as_slice());
                }
                self.send(link, Record::new(Kind::ReadEnd).request(record.request));
            }
            Err(reason) => self.refuse(link, record, reason),
        }
    }

    /// What waits is made durable, then acknowledged: all that came together at once.
    pub(super) fn commit_mail(&mut self) {
        for (asked, result) in self.shelves.commit() {
            match result {
                Ok(kept) => {
                    self.stored += 1;
                    self.answer_kept(&asked, kept);
                    self.tell_desks(asked.link, kept);
                }
                Err(reason) => {
                    let record = Record::new(Kind::Refused)
                        .request(asked.request)
                        .token(asked.token)
                        .index(asked.index);
                    self.refuse(asked.link, &record, reason);
                }
            }
        }
    }

    fn answer_kept(&mut self, asked: &Asked, kept: Kept) {
        let (kind, token) = match kept {
            Kept::Key => (Kind::MailKeyKept, [0; 32]),
            Kept::Deposit(id) => (Kind::Deposited, id.0),
            Kept::Reply(id) => (Kind::Replied, id.0),
        };
        let answer = Record::new(kind).request(asked.request).token(token);
        self.send(asked.link, answer);
    }

    fn tell_desks(&mut self, author: LinkId, kept: Kept) {
        let record = match kept {
            Kept::Deposit(id) if self.shelves.waits(&id) => Record::new(Kind::MailNames).body(id.0.to_vec()),
            Kept::Reply(id) => Record::new(Kind::MailGone).token(id.0),
            Kept::Key | Kept::Deposit(_) => return,
        };
        for link in self.duties.links().into_iter().filter(|link| *link != author) {
            self.send(link, record.clone());
        }
    }

    fn is_desk(&self, link: LinkId) -> bool {
        self.links.get(&link).is_some_and(|state| state.desk.is_some())
    }
}

const fn asked(link: LinkId, record: &Record) -> Asked {
    Asked {
        link,
        request: record.request,
        token: record.token,
        index: record.index,
    }
}

#[cfg(test)]
mod tests;
