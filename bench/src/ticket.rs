//! Tickets, and the puzzle that is asked for them.

use std::time::Duration;

use hamsa_protocol::{
    crypto::{
        keys::{DhPublic, HelplineId, RootKey, SignKey},
        puzzle::{Priced, Puzzle, STEP_MAX, Search, Seed, Step},
        tokens::TokenHash,
    },
    objects::{Duty, DutySecrets, Serial, Signed, TicketId},
    session::ticket::{self, Intake, UrgencyPayment},
    time::Unix,
};

use crate::{Work, seeded};

const TICKET: TicketId = TicketId([7; 32]);

fn helpline() -> (HelplineId, SignKey) {
    let key = SignKey::generate(&mut seeded(1));
    (RootKey(key.public()).helpline(), key)
}

fn duty(number: u8, helpline: &HelplineId, key: &SignKey) -> (Signed<Duty>, DutySecrets) {
    let secrets = DutySecrets::generate(&mut seeded(u64::from(number)));
    let duty = secrets.duty(Serial([number; 8]), Unix(1), Duration::from_secs(9));
    (Signed::sign(duty, key, helpline).unwrap(), secrets)
}

fn card() -> (Intake, UrgencyPayment) {
    let intake = Intake {
        language: "ar".parse().unwrap(),
        urgent: false,
    };
    (intake, UrgencyPayment::default())
}

pub(crate) fn seal() -> Work {
    let (helpline, key) = helpline();
    let duties = [2, 3].map(|number| duty(number, &helpline, &key).0);
    let mut random = seeded(9);
    let (intake, payment) = card();
    Box::new(move || {
        let [one, other] = &duties;
        ticket::seal(
            &helpline,
            TICKET,
            0,
            &[one, other],
            (&intake, &payment),
            &mut random,
        )
        .unwrap();
    })
}

pub(crate) fn open_in_vain() -> Work {
    let (helpline, key) = helpline();
    let [(theirs, _), (ours, secrets)] = [2, 3].map(|number| duty(number, &helpline, &key));
    let (intake, payment) = card();
    let sealed = ticket::seal(
        &helpline,
        TICKET,
        0,
        &[&theirs],
        (&intake, &payment),
        &mut seeded(9),
    )
    .unwrap();
    Box::new(move || {
        let opened = ticket::open(&helpline, TICKET, 0, &sealed.body, &ours, &secrets);
        assert!(opened.is_err(), "it is for another desk");
    })
}

pub(crate) fn puzzle_attempt() -> Work {
    let (helpline, _) = helpline();
    let puzzle = Puzzle::new(
        &helpline,
        &DhPublic([5; 32]),
        Seed([6; 16]),
        Priced::Ticket,
        TokenHash([7; 32]),
    );
    let mut search = Search::new(puzzle, Step::try_from(STEP_MAX).unwrap());
    Box::new(move || {
        let _ = search.run(1);
    })
}
