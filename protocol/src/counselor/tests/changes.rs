//! Changes during chats and waits: shifts that expire, keys that are renewed, programs, homes and rosters.

use core::time::Duration;

use super::*;
use crate::{limits::DUTY_ALONE, seeker::CLOSED_PATIENCE, time::millis};

/// Nour's second program: another person of the table.
const AGAIN: usize = 3;
const DAY: Duration = Duration::from_secs(86_400);

impl Table {
    /// Starts another program of Nour's, with the same vault and no shift yet.
    fn second_program(&mut self) {
        let (now, root) = (self.moment(), RootKey(self.root.public()));
        let desk = &self.desks[&NOUR];
        let identity = SignKey::from_bytes(&desk.ctx.identity.to_bytes());
        let certificate = desk.ctx.certificate.clone();
        let again = Counselor::new(root, identity, certificate, None, seeded(78), now);
        self.desks.insert(AGAIN, again);
        for home in 0..HOMES {
            self.connect(AGAIN, home);
        }
    }

    fn standings(&self, who: usize) -> Vec<bool> {
        let homes = self.desks[&who].ctx.homes.values();
        homes.map(|desk| desk.standing == Standing::OnDuty).collect()
    }

    fn begun(&self, who: usize) -> Option<Unix> {
        self.desks[&who].shift().map(|(duty, _)| duty.not_before)
    }
}

#[test]
fn the_program_started_last_has_the_shift_and_the_other_is_told() {
    let mut table = Table::new();
    table.second_program();
    table.desk(AGAIN, Counselor::on_duty);
    table.pass(1_000);
    assert_eq!(table.standings(AGAIN), [true, true]);
    assert_eq!(table.standings(NOUR), [false, false]);
    assert!(table.off.iter().any(|(who, _)| *who == NOUR), "{:?}", table.off);
    // The program that goes on duty again has the newer shift.
    table.desk(NOUR, Counselor::on_duty);
    table.pass(1_000);
    assert_eq!(table.standings(NOUR), [true, true]);
    assert_eq!(table.standings(AGAIN), [false, false]);
}

#[test]
fn a_replaced_program_with_an_open_chat_can_go_on_duty_again() {
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_next);
    table.pass(1_000);
    table.second_program();
    table.desk(AGAIN, Counselor::on_duty);
    table.pass(1_000);
    assert_eq!(table.off, [(NOUR, OffReason::Elsewhere)]);
    assert!(!table.desks[&NOUR].chats.is_empty());
    table.desk(NOUR, Counselor::on_duty);
    table.pass(1_000);
    assert_eq!(table.standings(NOUR), [true, true]);
    assert_eq!(table.off.last(), Some(&(AGAIN, OffReason::Elsewhere)));
}

#[test]
fn a_shift_that_runs_out_is_no_certificate_that_does() {
    let mut table = Table::new();
    for home in 0..HOMES {
        let over = Record::new(Kind::OffDuty).body(postcard_encode(&Refusal::Expired));
        table.desk(NOUR, |desk, now| desk.handle_record(HomeIndex(home), over, now));
    }
    table.pass(1_000);
    assert_eq!(table.off, [(NOUR, OffReason::ShiftOver)]);
}

#[test]
fn an_older_shift_drives_no_newer_one_out() {
    let mut table = Table::new();
    table.desk(NOUR, |desk, _| desk.expect_homes(HOMES));
    table.second_program();
    table.disconnect(NOUR, 1);
    table.desk(AGAIN, Counselor::on_duty);
    table.pass(1_000);
    assert!(
        table.off.is_empty(),
        "a home that is not in reach may hold her shift"
    );
    table.connect(NOUR, 1);
    table.pass(1_000);
    assert_eq!(table.standings(AGAIN), [true, true]);
    assert_eq!(table.standings(NOUR), [false, false]);
    assert_eq!(
        table.off,
        [(NOUR, OffReason::Elsewhere)],
        "told once, as by her own hand"
    );
}

#[test]
fn a_shift_that_is_over_is_not_begun_again() {
    let mut table = Table::new();
    let first = table.begun(NOUR);
    table.desk(NOUR, Counselor::take_break);
    table.desk(NOUR, Counselor::on_duty);
    assert_eq!(table.begun(NOUR), first, "a break is within the shift");
    table.pass(1_000);
    // Half an hour before its end, with no record in between.
    table.now += 23 * millis(DAY) / 48;
    table.desk(NOUR, Counselor::on_duty);
    table.pass(1_000);
    assert!(table.begun(NOUR) > first);
    assert_eq!(
        table.standings(NOUR),
        [true, true],
        "published where the old one stood"
    );
}

#[test]
fn a_new_mail_key_is_published_over_links_that_stand() {
    let mut table = Table::new();
    let wires: Vec<Wire> = (0..HOMES).map(|home| (NOUR, home, true)).collect();
    table.hold(&wires);
    // As if the last key had less than seven days left.
    table.desk(NOUR, |desk, now| {
        desk.take_mail_keys(Vec::new());
        desk.on_duty(now);
    });
    for wire in wires {
        let sent = &table.wires[&wire];
        let published = sent
            .iter()
            .filter(|record| record.kind == Kind::PublishMailKey && !record.more);
        assert_eq!(published.count(), 1, "{wire:?}");
    }
}

#[test]
fn a_counselor_on_duty_only_at_a_lost_home_is_not_waited_for() {
    let mut table = Table::new();
    // Nour goes off duty, and a home that still names the duty is out of reach.
    table.disconnect(SEEKER, 1);
    table.disconnect(NOUR, 1);
    table.desk(NOUR, Counselor::off_duty);
    table.pass(5_000);
    table.asks();
    table.pass(millis(CLOSED_PATIENCE) + 1_000);
    assert!(!table.stands.contains(&Stands::Closed), "its word still counts");
    table.pass(millis(DUTY_ALONE));
    assert_eq!(table.stands.last(), Some(&Stands::Closed));
}

#[test]
fn closed_is_told_only_after_the_other_home_has_had_its_time() {
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
    table.connect(SEEKER, 0);
    table.asks();
    table.pass(millis(CLOSED_PATIENCE) - 500);
    assert!(table.stands.is_empty(), "{:?}", table.stands);
    table.pass(1_000);
    assert_eq!(table.stands, [Stands::Closed], "it never came");
}

#[test]
fn after_an_outage_the_first_home_back_does_not_say_closed() {
    let mut table = Table::new();
    table.asks();
    for home in 0..HOMES {
        table.disconnect(SEEKER, home);
        table.disconnect(NOUR, home);
    }
    // The counselor's link was down as well, so the duty has expired there.
    table.pass(2 * millis(DUTY_ALONE));
    table.connect(SEEKER, 0);
    table.pass(500);
    table.connect(NOUR, 0);
    table.pass(30_000);
    assert!(!table.stands.contains(&Stands::Closed), "{:?}", table.stands);
}

#[test]
fn an_answer_counts_only_while_a_roster_is_in_force() {
    for in_force in [true, false] {
        let mut table = Table::new();
        // The duty is valid longer than the roster.
        table.publishes(
            |roster| roster.expires = START + Duration::from_secs(3_600),
            &[0, 1],
        );
        table.pass(1_000);
        table.asks();
        // The answer is in flight while the last roster expires.
        let wires: Vec<Wire> = (0..HOMES).map(|home| (SEEKER, home, false)).collect();
        table.hold(&wires);
        table.desk(NOUR, Counselor::take_next);
        if !in_force {
            table.now = 3_600_000;
        }
        let now = table.moment();
        for wire in wires {
            for record in table.wires.remove(&wire).unwrap_or_default() {
                table.seeker.handle_record(HomeIndex(wire.1), record, now);
            }
        }
        table.poll();
        assert_eq!(table.stands.contains(&Stands::Answered), in_force);
    }
}

#[test]
fn settings_that_one_home_keeps_back_come_from_another() {
    let mut table = Table::new();
    let liar = (SEEKER, 1, false);
    table.hold(&[liar]);
    let settings = Settings {
        chats_at_once: 3,
        ..Settings::named("A".parse().unwrap())
    };
    let settings = settings.encode().unwrap();
    table.settings.clone_from(&settings);
    let helpline = RootKey(table.root.public()).helpline();
    table.roster.version += 1;
    table.roster.settings = Settings::hash(&settings);
    let signed = Signed::sign(table.roster.clone(), &table.root, &helpline).unwrap();
    let now = table.moment();
    // The lying home has the new roster first, and never sends what it names.
    let mut brought = false;
    for home in [1, 0] {
        table.homes[home]
            .install(signed.encoded(), &settings, &no_entries(&table.root), now)
            .unwrap();
        for _ in 0..60 {
            table.settle();
            let records = table.wires.remove(&liar).unwrap_or_default();
            for record in records
                .into_iter()
                .filter(|record| record.kind != Kind::SettingsText)
            {
                table.seeker.handle_record(HomeIndex(1), record, table.moment());
            }
            table.pass(100);
        }
        let known = table.seeker.directory();
        assert_eq!(known.roster().map(|roster| roster.version), Some(2));
        assert!(brought || known.settings().is_none());
        brought = true;
    }
    table.pass(20_000);
    assert_eq!(
        table
            .seeker
            .directory()
            .settings()
            .map(|known| known.chats_at_once),
        Some(3)
    );
}

#[test]
fn a_lost_channel_sets_no_timeout_in_the_past() {
    let mut table = Table::new();
    table.asks();
    table.desk(NOUR, Counselor::take_next);
    table.says(SEEKER, "s1");
    table.pass(1_000);
    for home in 0..HOMES {
        table.hold(&[(SEEKER, home, false)]);
    }
    table.says(NOUR, "n1");
    let mut heard = 0;
    for home in 0..HOMES {
        // Deliver a cell, and then say at once that the channel is gone.
        for record in table.wires.remove(&(SEEKER, home, false)).unwrap_or_default() {
            let (now, cell) = (table.moment(), record.kind == Kind::Cell);
            let gone = Record::new(Kind::Gone).token(record.token);
            table.seeker.handle_record(HomeIndex(home), record, now);
            if cell {
                heard += 1;
                table.seeker.handle_record(HomeIndex(home), gone, now);
            }
        }
    }
    assert!(heard > 0);
    table.held.clear();
    for _ in 0..50 {
        table.pass(100);
        let due = table.seeker.drain().wake;
        assert!(
            due.is_none_or(|due| due > Tick(table.now)),
            "{due:?} at {}",
            table.now
        );
    }
}
