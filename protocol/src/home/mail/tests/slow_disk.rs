//! A disk that takes its time: nobody waits for it but those who asked, and nothing is said before it has answered.

use super::*;
use crate::home::{DISK_PATIENCE, MAX_DISK_BYTES, memory::HeldBack};

/// Lets the disk go on, and tells the home.
fn release(home: &mut Home, disk: &MemoryStore, now: Now) -> Vec<(LinkId, Record)> {
    disk.hold_back(HeldBack::Nothing);
    home.handle_stored(now);
    drain(home)
}

#[test]
fn nothing_is_said_before_the_disk_has_it_and_all_else_goes_on() {
    for held in [HeldBack::Work, HeldBack::Word] {
        let mut helpline = Helpline::new();
        let disk = MemoryStore::new();
        let mut home = helpline.home(&disk, at(0));
        helpline.on_duty(&mut home, DESK, at(0));
        disk.hold_back(held);
        leave(&mut home, SEEKER, 1, at(1));
        assert!(drain(&mut home).is_empty());
        assert_eq!(home.counts().deposits, 0);
        home.handle_record(OTHER, Record::new(Kind::Heartbeat), at(2));
        assert_eq!(kinds(&drain(&mut home), OTHER), [Kind::Beat]);
        assert!(named(&mut home, at(2)).is_empty());

        let records = release(&mut home, &disk, at(9));
        assert_eq!(kinds(&records, SEEKER), [Kind::Deposited]);
        assert_eq!(kinds(&records, DESK), [Kind::MailNames]);

        // A crash before it has spoken: the author was told nothing.
        disk.hold_back(held);
        leave(&mut home, SEEKER, 2, at(10));
        assert!(drain(&mut home).is_empty());
        drop(home);
        disk.crash();
        disk.hold_back(HeldBack::Nothing);
        let home = helpline.home(&disk, at(11));
        let kept = if held == HeldBack::Work { 1 } else { 2 };
        assert_eq!(home.counts().deposits, kept);
    }
}

#[test]
fn one_message_over_two_links_is_written_once() {
    let helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    for error in [Some(StoreError::Unavailable), None] {
        disk.hold_back(HeldBack::Work);
        leave(&mut home, SEEKER, 1, at(1));
        leave(&mut home, OTHER, 1, at(1));
        assert!(drain(&mut home).is_empty());
        disk.fail(StoreStep::Commit, error);
        let records = release(&mut home, &disk, at(2));
        let said = if error.is_some() {
            Kind::Refused
        } else {
            Kind::Deposited
        };
        assert_eq!(kinds(&records, SEEKER), [said]);
        assert_eq!(kinds(&records, OTHER), [said]);
        let kept = usize::from(error.is_none());
        assert_eq!((home.counts().deposits, disk.len()), (kept, kept));
    }
}

#[test]
fn who_waits_too_long_is_refused_and_what_is_kept_counts() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    helpline.on_duty(&mut home, DESK, at(0));
    disk.hold_back(HeldBack::Work);
    leave(&mut home, SEEKER, 1, at(0));
    home.handle_timeout(at(DISK_PATIENCE.as_secs() - 1));
    assert!(
        kinds(&drain(&mut home), SEEKER)
            .iter()
            .all(|kind| *kind == Kind::Beat)
    );
    home.handle_timeout(at(DISK_PATIENCE.as_secs()));
    let records = drain(&mut home);
    assert_eq!(kinds(&records, SEEKER), [Kind::Refused]);
    assert_eq!(reason(&records), Some(Refusal::Disk));
    assert_eq!(home.store_fault(), Some(StoreError::Late));
    home.handle_timeout(at(DISK_PATIENCE.as_secs() + 1));
    assert!(kinds(&drain(&mut home), SEEKER).is_empty(), "once");
    // Brought again while the disk still has it: not written twice.
    leave(&mut home, SEEKER, 1, at(20));
    let records = release(&mut home, &disk, at(21));
    assert_eq!(kinds(&records, SEEKER), [Kind::Deposited]);
    assert_eq!(kinds(&records, DESK), [Kind::MailNames]);
    assert_eq!((home.store_fault(), disk.len()), (None, 1));
}

#[test]
fn so_much_may_wait_and_desks_have_room_of_their_own() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    helpline.on_duty(&mut home, DESK, at(0));
    leave(&mut home, SEEKER, 0, at(0));
    drain(&mut home);
    disk.hold_back(HeldBack::Work);
    let mut taken = 0;
    let refused = loop {
        let link = LinkId(100 + u64::from(taken));
        // As slowly as no puzzle is asked.
        let now = at(20 * u64::from(taken));
        home.handle_connected(link, from([0; 32]), now);
        leave(&mut home, link, 100 + taken, now);
        if let Some(reason) = reason(&drain(&mut home)) {
            break reason;
        }
        taken += 1;
    };
    assert_eq!(refused, Refusal::Busy);
    let bytes = usize::try_from(taken).unwrap() * DEPOSIT_LEN;
    assert!(
        (MAX_DISK_BYTES - DEPOSIT_LEN..=MAX_DISK_BYTES).contains(&bytes),
        "{bytes}"
    );
    // A desk still reads and answers.
    answer(&mut home, 0, 7, WRITE, at(2_000));
    let fetch = Record::new(Kind::FetchMail).request(1).token(name(0).0);
    home.handle_record(DESK, fetch, at(2_000));
    assert!(drain(&mut home).is_empty());
    let records = release(&mut home, &disk, at(2_001));
    let desk = kinds(&records, DESK);
    assert!(
        desk.contains(&Kind::Replied) && desk.contains(&Kind::Mail),
        "{desk:?}"
    );
    let deposited = records
        .iter()
        .filter(|(_, record)| record.kind == Kind::Deposited);
    assert_eq!(deposited.count(), usize::try_from(taken).unwrap());
}

#[test]
fn what_is_read_comes_when_the_disk_has_read_it() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    helpline.on_duty(&mut home, DESK, at(0));
    leave(&mut home, SEEKER, 1, at(0));
    drain(&mut home);
    for part in 1..4 {
        answer(&mut home, 1, part, WRITE, at(0));
    }
    drain(&mut home);
    disk.hold_back(HeldBack::Work);
    home.handle_record(OTHER, Record::new(Kind::Read).request(5).token(READ), at(1));
    home.handle_record(SEEKER, Record::new(Kind::Read).request(5).token([1; 32]), at(1));
    let records = drain(&mut home);
    assert_eq!(
        kinds(&records, SEEKER),
        [Kind::ReadEnd],
        "an empty box needs no disk"
    );
    assert!(kinds(&records, OTHER).is_empty());
    let records = release(&mut home, &disk, at(2));
    let letters = kinds(&records, OTHER);
    assert_eq!((letters.len(), letters.last()), (3 * 2 + 1, Some(&Kind::ReadEnd)));
    // A disk that cannot read says so: no reply is passed over.
    disk.fail(StoreStep::Read, Some(StoreError::Unavailable));
    home.handle_record(OTHER, Record::new(Kind::Read).request(6).token(READ), at(3));
    let fetch = Record::new(Kind::FetchMail).request(1).token(name(1).0);
    home.handle_record(DESK, fetch, at(3));
    let records = drain(&mut home);
    assert_eq!(kinds(&records, OTHER), [Kind::Refused]);
    assert_eq!(kinds(&records, DESK), [Kind::Refused], "not: it is answered");
}

#[test]
fn of_two_keys_on_their_way_the_later_one_stays() {
    let mut helpline = Helpline::new();
    let disk = MemoryStore::new();
    let mut home = helpline.home(&disk, at(0));
    helpline.on_duty(&mut home, DESK, at(0));
    let keys = [0, 100, 50].map(|later| helpline.mail_key(at(later)));
    disk.hold_back(HeldBack::Work);
    for (number, (key, ek)) in (1..).zip(&keys) {
        let body = postcard_encode(&(key.encoded(), ek.as_slice()));
        let record = Record::new(Kind::PublishMailKey).request(number).body(body);
        home.handle_record(DESK, record, at(100));
    }
    let records = drain(&mut home);
    assert_eq!(
        reason(&records),
        Some(Refusal::Stale),
        "an older one than one on its way"
    );
    let records = release(&mut home, &disk, at(101));
    assert_eq!(kinds(&records, DESK), [Kind::MailKeyKept; 2]);
    drain(&mut home);
    assert_eq!(
        (home.counts().mail_keys, disk.len()),
        (1, 1),
        "the older is removed"
    );
}
