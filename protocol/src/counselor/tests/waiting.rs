//! A waiting seeker: before the first counselor, after a counselor is lost, and when none comes.

use super::*;
use crate::{
    crypto::kem::KemSecret, limits::DUTY_ALONE, objects::DutySecrets, seeker::CLOSED_PATIENCE, time::millis,
};

impl Table {
    /// Restarts the counselor's program, with the keys of its shift.
    fn starts_again(&mut self, who: usize) {
        for home in 0..HOMES {
            self.disconnect(who, home);
        }
        let (now, root) = (self.moment(), RootKey(self.root.public()));
        let desk = &self.desks[&who];
        let shift = desk.shift.keys.as_ref().map(|(duty, secrets)| {
            let secrets = DutySecrets {
                x: DhSecret::from_bytes(&secrets.x.to_bytes()),
                kem: KemSecret::from_seed(secrets.kem.seed().clone()),
            };
            (duty.clone(), secrets)
        });
        let identity = SignKey::from_bytes(&desk.ctx.identity.to_bytes());
        let certificate = desk.ctx.certificate.clone();
        let again = Counselor::new(root, identity, certificate, shift, seeded(77), now);
        self.desks.insert(who, again);
        for home in 0..HOMES {
            self.connect(who, home);
        }
        self.desk(who, Counselor::on_duty);
    }
}

#[test]
fn a_waiting_seeker_is_told_when_the_helpline_closes_and_opens() {
    let mut table = Table::new();
    table.asks();
    assert_eq!(table.stands, [Stands::Waiting]);
    table.desk(NOUR, Counselor::off_duty);
    table.pass(millis(CLOSED_PATIENCE) - 1_000);
    assert_eq!(table.stands, [Stands::Waiting], "she may come back in a moment");
    table.pass(60_000);
    assert_eq!(table.stands, [Stands::Waiting, Stands::Closed], "once");
    table.desk(NOUR, Counselor::on_duty);
    table.pass(5_000);
    assert_eq!(
        table.stands,
        [Stands::Waiting, Stands::Closed, Stands::Open, Stands::Waiting]
    );
    // The keys of the new shift are different: the ticket is sealed to them.
    table.pass(10_000);
    table.desk(NOUR, Counselor::take_next);
    assert_eq!(table.stands.last(), Some(&Stands::Answered));
}

#[test]
fn a_break_of_a_moment_is_not_told() {
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_break);
    table.pass(1_500);
    table.desk(NOUR, Counselor::take_break);
    table.pass(20_000);
    assert_eq!(table.stands, [Stands::Waiting]);
}

#[test]
fn a_chat_lost_by_the_counselor_is_told_also_over_new_links() {
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    assert_eq!(table.stands.last(), Some(&Stands::Answered));
    for home in 0..HOMES {
        table.disconnect(SEEKER, home);
        table.connect(SEEKER, home);
    }
    table.pass(1_000);
    table.starts_again(NOUR);
    table.pass(5_000);
    assert_eq!(
        table
            .stands
            .iter()
            .filter(|stands| **stands == Stands::Reopened)
            .count(),
        1,
        "long before a counselor counts as silent: {:?}",
        table.stands
    );
}

#[test]
fn a_new_counselor_gets_all_words_of_a_long_chat() {
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    let said = 2 * crate::limits::QUEUE_MAX;
    for number in 0..said {
        table.says(SEEKER, &format!("m{number}"));
        if number % 20 == 19 {
            table.pass(1_000);
        }
    }
    table.pass(5_000);
    let times = |table: &Table, id: &str| table.shown.iter().filter(|(_, shown)| shown == id).count();
    assert_eq!(times(&table, &format!("m{}", said - 1)), 1);
    table.starts_again(NOUR);
    table.pass(10_000);
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    let now = table.moment();
    table.seeker.resend(now);
    table.settle();
    table.pass(60_000);
    for number in 0..said {
        assert_eq!(times(&table, &format!("m{number}")), 2, "m{number}");
    }
}

#[test]
fn open_and_closed_are_told_before_the_intake_and_on_change() {
    let mut table = Table::new();
    table.seeker.expect_homes(HOMES);
    table.pass(60_000);
    assert_eq!(
        table.stands,
        [],
        "it was told that somebody is there, and that is so"
    );
    table.desk(NOUR, Counselor::off_duty);
    table.pass(millis(CLOSED_PATIENCE) - 1_000);
    assert_eq!(table.stands, [], "the counselor may come back in a moment");
    table.pass(2_000);
    assert_eq!(table.stands, [Stands::Closed]);
    assert_eq!(
        table.sealed,
        [true],
        "whose key lies at the homes can read a message"
    );
    table.desk(NOUR, Counselor::on_duty);
    table.pass(60_000);
    assert_eq!(table.stands, [Stands::Closed, Stands::Open]);
    table.desk(NOUR, Counselor::off_duty);
    table.pass(60_000);
    assert_eq!(table.stands, [Stands::Closed, Stands::Open, Stands::Closed]);
    // A ticket of closed hours is told `Closed`, at once and only once.
    table.asks();
    table.pass(60_000);
    assert_eq!(
        table.stands,
        [Stands::Closed, Stands::Open, Stands::Closed, Stands::Closed]
    );
}

#[test]
fn neither_an_empty_home_nor_a_lost_link_means_closed() {
    let mut table = Table::new();
    table.seeker.expect_homes(HOMES);
    // Only one home holds the counselor's duty.
    table.disconnect(NOUR, 1);
    table.pass(2 * millis(DUTY_ALONE));
    table.disconnect(SEEKER, 0);
    table.pass(millis(DUTY_ALONE) / 2);
    table.connect(SEEKER, 0);
    table.pass(10_000);
    table.disconnect(SEEKER, 1);
    table.pass(2 * millis(DUTY_ALONE));
    assert_eq!(table.stands, []);
}

#[test]
fn a_closed_helpline_is_told_as_soon_as_it_is_verified() {
    let mut table = Table::new();
    let root = *table.seeker.directory().root();
    table.desk(NOUR, Counselor::off_duty);
    table.pass(4_000);
    for home in 0..HOMES {
        table.disconnect(SEEKER, home);
    }
    let now = table.moment();
    table.seeker = Seeker::new(root, seeded(9), now);
    table.seeker.expect_homes(HOMES);
    table.stands.clear();
    for home in 0..HOMES {
        table.connect(SEEKER, home);
    }
    table.pass(500);
    assert_eq!(table.stands, [Stands::Closed]);
}
