//! One attempt of a ticket: the counselors that it is sealed to, and which answers are valid.

use crate::{
    client::directory::{Directory, OnDuty},
    crypto::{
        keys::HelplineId,
        random::{self, Random},
    },
    objects::{ObjectHash, TicketId},
    session::{
        handshake::Established,
        ticket::{self, Intake, Sealed, UrgencyPayment, WRAPS},
    },
    time::Unix,
};

pub(super) struct Attempt {
    pub(super) number: u32,
    pub(super) sealed: Sealed,
    /// What its card pays for urgency.
    pub(super) urgency: UrgencyPayment,
    to: Vec<OnDuty>,
}

impl Attempt {
    /// Seals to at most eight of the counselors on duty, in random order. Counselors that have not had the ticket come
    /// first; in each group, those that speak the seeker's language do. `None` when it cannot be sealed to any.
    pub(super) fn seal(
        helpline: &HelplineId,
        ticket: TicketId,
        number: u32,
        mut on_duty: Vec<OnDuty>,
        earlier: Option<&Self>,
        (intake, urgency): (&Intake, &UrgencyPayment),
        random: &mut Random,
    ) -> Option<Self> {
        random::shuffle(random, &mut on_duty);
        on_duty.sort_by_key(|duty| {
            let speaks = duty.certificate.languages.contains(&intake.language);
            let had = earlier.is_some_and(|attempt| attempt.sealed_to(&duty.duty.hash()));
            // The order matters only without room for all: widening must then reach other counselors.
            (had, !speaks)
        });
        on_duty.truncate(WRAPS);
        let duties: Vec<_> = on_duty.iter().map(|duty| &duty.duty).collect();
        let sealed = ticket::seal(helpline, ticket, number, &duties, (intake, urgency), random).ok()?;
        Some(Self {
            number,
            sealed,
            urgency: urgency.clone(),
            to: on_duty,
        })
    }

    pub(super) fn sealed_to(&self, duty: &ObjectHash) -> bool {
        self.to.iter().any(|known| known.duty.hash() == *duty)
    }

    /// Whether there is room for another counselor.
    pub(super) fn has_room(&self) -> bool {
        self.to.len() < WRAPS
    }

    /// Accepts a message 2 that names a duty this attempt was sealed to. The proven key must be that of the duty, and
    /// the roster must carry the counselor now.
    pub(super) fn accept(
        &self,
        message_2: &[u8],
        directory: &Directory,
        now: Unix,
    ) -> Option<(Established, OnDuty)> {
        let established = self.sealed.waiting.finish(message_2).ok()?;
        let counselor = self.to.iter().find(|duty| duty.duty.hash() == established.duty)?;
        let proven = counselor.duty.x == established.counselor;
        let stands = directory.in_force(now) && directory.stands(counselor, now);
        (proven && stands).then(|| (established, counselor.clone()))
    }
}
