//! Desks at a home: logins, duties, and the notice that a chat was lost.

use std::collections::BTreeSet;

use super::{Home, HomeRequest, LinkId};
use crate::{
    crypto::keys::SIGNATURE_LEN,
    objects::{Certificate, Duty, ObjectError, Serial, Signed, TicketId},
    session::home_link,
    wire::{HomeMessage, Refusal},
};

pub(super) fn window(error: ObjectError) -> Refusal {
    match error {
        ObjectError::NotYet(_) => Refusal::NotYet,
        _ => Refusal::Expired,
    }
}

impl Home {
    pub(super) fn login(&mut self, request: HomeRequest, proof: &[u8]) {
        let link = request.link;
        match self.check_login(link, proof) {
            Ok(certificate) => {
                if let Some(state) = self.links.get_mut(&link) {
                    state.desk = Some(certificate);
                }
                self.answer(request, HomeMessage::LoggedIn {});
            }
            Err(reason) => self.refuse(request, reason),
        }
    }

    /// Body: length of the certificate u16 ‖ certificate ‖ signature.
    fn check_login(&self, link: LinkId, body: &[u8]) -> Result<Signed<Certificate>, Refusal> {
        let (length, rest) = body.split_first_chunk::<2>().ok_or(Refusal::Malformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (certificate, signature) = rest.split_at_checked(length).ok_or(Refusal::Malformed)?;
        let signature: &[u8; SIGNATURE_LEN] = signature.try_into().map_err(|_| Refusal::Malformed)?;
        let roster = self.roster()?;
        let certificate = Signed::<Certificate>::verify(certificate, &self.config.root.0, &self.helpline)
            .map_err(|_| Refusal::NotListed)?;
        if roster.revoked.contains(&certificate.serial) {
            return Err(Refusal::Revoked);
        }
        certificate.valid_at(self.now.unix).map_err(window)?;
        if !roster.lists(&certificate.hash(), certificate.serial) {
            return Err(Refusal::NotListed);
        }
        let state = self.links.get(&link).ok_or(Refusal::Login)?;
        let message = home_link::login_message(
            &self.helpline,
            &self.config.delegation.home_x,
            &state.hash,
            &certificate.serial.0,
        );
        let key = certificate.identity().map_err(|_| Refusal::Login)?;
        key.verify(&message, signature).map_err(|_| Refusal::Login)?;
        Ok(certificate)
    }

    pub(super) fn publish_duty(&mut self, request: HomeRequest, duty: &[u8]) {
        let link = request.link;
        match self.check_duty(link, duty) {
            Ok(changed) => {
                self.answer(request, HomeMessage::OnDuty {});
                if let Some(replaced) = changed {
                    // Another program of this counselor has the shift now. Otherwise the earlier one would wait for
                    // tickets for ever.
                    for other in replaced {
                        self.send(other, HomeMessage::OffDuty { reason: None });
                    }
                    self.describe_anew();
                }
                let open = self.tickets.open();
                self.told
                    .on_duty(link, open.into_iter().map(|(order, id)| (id, order)).collect());
                let held = self.serial_of(link).map(|serial| self.tickets.held_by(serial));
                for (ticket, attempt) in held.into_iter().flatten() {
                    let attempt = u64::from(attempt);
                    self.send(link, HomeMessage::Yours { ticket, attempt });
                }
            }
            Err(reason) => self.refuse(request, reason),
        }
    }

    pub(super) fn serial_of(&self, link: LinkId) -> Option<Serial> {
        self.links
            .get(&link)?
            .desk
            .as_ref()
            .map(|certificate| certificate.serial)
    }

    /// A restarted desk has lost a chat. Its seeker is told, and believes only the signature.
    pub(super) fn lost(&mut self, request: HomeRequest, ticket: &TicketId, attempt: u64, proof: &[u8]) {
        let Some(serial) = self.serial_of(request.link) else {
            return self.refuse(request, Refusal::Login);
        };
        for seeker in self.tickets.links_held_by(ticket, serial) {
            let told = HomeMessage::LostBy {
                ticket: *ticket,
                attempt,
                proof: proof.to_vec(),
            };
            self.send(seeker, told);
        }
    }

    /// A chat was abuse, says the counselor whose answer holds the ticket. What comes by the same entry costs more for a
    /// while. The ticket is gone, as if its seeker had withdrawn it: so a verdict counts once.
    pub(super) fn take_verdict(&mut self, request: HomeRequest, ticket: &TicketId) {
        let Some(serial) = self.serial_of(request.link) else {
            return self.refuse(request, Refusal::Login);
        };
        let now = self.now.tick;
        if let Some(via) = self.tickets.answered_by(ticket, serial)
            && self.tolls.verdicts.take(serial, via, now)
        {
            self.tickets.spend(ticket, now);
        }
    }

    fn check_duty(&mut self, link: LinkId, body: &[u8]) -> Result<Option<BTreeSet<LinkId>>, Refusal> {
        self.roster()?;
        let certificate = self
            .links
            .get(&link)
            .and_then(|state| state.desk.clone())
            .ok_or(Refusal::Login)?;
        let key = certificate.identity().map_err(|_| Refusal::Login)?;
        let duty = Signed::<Duty>::verify(body, &key, &self.helpline).map_err(|_| Refusal::Duty)?;
        if duty.serial != certificate.serial {
            return Err(Refusal::Duty);
        }
        duty.valid_at(self.now.unix).map_err(window)?;
        self.duties.publish(link, &certificate, duty)
    }

    pub(super) fn withdraw_duty(&mut self, request: HomeRequest) {
        let link = request.link;
        let serial = self
            .links
            .get(&link)
            .and_then(|state| state.desk.as_ref())
            .map(|desk| desk.serial);
        if let Some(links) = serial.and_then(|serial| self.duties.withdraw(serial)) {
            for other in links.into_iter().filter(|other| *other != link) {
                self.send(other, HomeMessage::OffDuty { reason: None });
            }
            self.describe_anew();
        }
        self.answer(request, HomeMessage::OffDuty { reason: None });
    }
}
