//! What one lying home can do to mail, to a return, to a transfer, and to a seeker that waits.

use core::time::Duration;

use super::*;
use crate::{
    counselor::mail::ORDER_PATIENCE,
    crypto::{keys::DhPublic, tokens::TokenHash},
    limits::{COPIES_PATIENCE, MAIL_CLAIM, MAIL_NAMES},
    objects::{Bytes, postcard_encode},
    seeker::LEAVE_ID,
    session::mail::{Card, DEPOSIT_LEN, OpenedDeposit},
    time::millis,
    wire::{Assembler, DepositPosting, split},
};

const BOTH: [&[usize]; 2] = [&[0, 1], &[0, 1]];

impl Table {
    /// Delivers a record of a home to a desk.
    fn told(&mut self, who: usize, home: usize, record: &Record) {
        self.desk(who, |desk, now| {
            desk.handle_record(HomeIndex(home), record.clone(), now)
        });
    }

    /// Takes the next record of this kind from a held wire.
    fn intercepted(&mut self, wire: Wire, kind: Kind) -> Option<Record> {
        let records = self.wires.get_mut(&wire)?;
        let at = records.iter().position(|record| record.kind == kind)?;
        records.remove(at)
    }

    /// A lying home refuses the claim of a reply: it says that a colleague has the message.
    fn replies_and_is_refused_by(&mut self, liar: usize, who: usize, mail: DepositId, id: &str) {
        self.hold(&[(who, liar, true)]);
        self.replies(who, mail, id).unwrap();
        let claim = self.intercepted((who, liar, true), Kind::MailClaim).unwrap();
        let refused = Record::new(Kind::Refused)
            .request(claim.request)
            .token(claim.token);
        self.told(who, liar, &refused.body(postcard_encode(&Refusal::Taken)));
        self.release(&[(who, liar, true)]);
        self.pass(1_000);
    }

    /// Delivers the held records of one person by hand, and returns the events.
    fn events(&mut self, who: usize, home: usize) -> Vec<Event> {
        let mut events = Vec::new();
        let now = self.moment();
        let records = self.wires.remove(&(who, home, false)).unwrap_or_default();
        let desk = self.desks.get_mut(&who).unwrap();
        for record in records {
            desk.handle_record(HomeIndex(home), record, now);
            let mut drained = desk.drain();
            for (HomeIndex(home), record) in drained.records() {
                self.wires.entry((who, home, true)).or_default().push_back(record);
            }
            events.extend(drained.events);
        }
        events
    }

    fn waits_still(&self, who: usize, mail: &DepositId) -> bool {
        let letter = &self.desks[&who].mail.letters[mail];
        !letter.gone
    }
}

#[test]
fn messages_of_one_visit_are_shown_in_their_order() {
    let mut table = Table::new();
    for who in [NOUR, SALMA] {
        table.desk(who, Counselor::off_duty);
    }
    table.pass(4_000);
    table.asks();
    table.pass(4_000);
    table.seeker.expect_homes(HOMES);
    table.seeker.keep_phrase(ReturnKeys::from_bytes(&[7; 128]));
    let parts = ["one", "two", "three", "four"];
    for part in parts {
        let now = table.moment();
        let words = Zeroizing::new(part.to_owned());
        table.seeker.leave("fr".parse().unwrap(), words, now).unwrap();
        table.settle();
        table.pass(1_000);
    }
    table.desk(NOUR, |desk, now| {
        desk.expect_homes(HOMES);
        desk.on_duty(now);
    });
    table.pass(1_000);
    let letters = &table.desks[&NOUR].mail.letters;
    let text = |id: &DepositId| letters[id].opened.card.text.clone();
    // By their names they come otherwise.
    assert_ne!(letters.keys().map(text).collect::<Vec<_>>(), parts);
    let shown: Vec<String> = table.mails.iter().map(|(_, id)| text(id)).collect();
    assert_eq!(shown, parts);
}

#[test]
fn a_part_that_never_comes_holds_the_next_one_back_for_a_while() {
    let mut table = Table::new();
    let mail = table.left_message(BOTH);
    let desk = table.desks.get_mut(&NOUR).unwrap();
    let mut card = desk.mail.letters[&mail].opened.card.clone();
    table.mails.clear();
    let now = table.moment().tick;
    let desk = &mut table.desks.get_mut(&NOUR).unwrap().mail;
    let id = DepositId([7; 32]);
    card.number = 7;
    let opened = OpenedDeposit {
        id,
        card,
        secret: [0; 32].into(),
    };
    desk.arrives(opened, BTreeSet::new(), HomeIndex(0), now);
    // A home names something that it does not bring.
    desk.wanted
        .insert(DepositId([8; 32]), BTreeSet::from([HomeIndex(9)]));
    table.pass(millis(ORDER_PATIENCE) - 1_000);
    assert_eq!(table.mails, []);
    table.pass(2_000);
    assert_eq!(table.mails, [(NOUR, id)]);
}

#[test]
fn a_message_is_answered_when_every_home_says_so_and_not_before() {
    for liar in 0..HOMES {
        let mut table = Table::new();
        let mail = table.left_message(BOTH);
        let gone = Record::new(Kind::MailGone).token(mail.0);
        table.told(NOUR, liar, &gone);
        assert!(table.answered.is_empty() && table.waits_still(NOUR, &mail));
        // The same, by no longer naming it.
        table.hold(&[(NOUR, liar, true)]);
        table.told(NOUR, liar, &Record::new(Kind::MailNames).request(77));
        assert!(table.answered.is_empty() && table.waits_still(NOUR, &mail));
        table.release(&[(NOUR, liar, true)]);
        table.replies(NOUR, mail, "n1").unwrap();
        table.pass(millis(COPIES_PATIENCE) + 1_000);
        assert_eq!(table.state(NOUR, "n1"), Some(State::AtNode));
        assert_eq!(table.answered, [(SALMA, mail)]);
    }
    // When both homes say so, it counts as answered.
    let mut table = Table::new();
    let mail = table.left_message(BOTH);
    for home in 0..HOMES {
        table.told(NOUR, home, &Record::new(Kind::MailGone).token(mail.0));
    }
    assert_eq!(table.answered, [(NOUR, mail)]);
    assert_eq!(table.replies(NOUR, mail, "n1"), Err(ReplyError::Taken));
}

#[test]
fn a_message_still_held_by_a_returning_home_waits_again() {
    let mut table = Table::new();
    let mail = table.left_message(BOTH);
    table.disconnect(NOUR, 1);
    table.told(NOUR, 0, &Record::new(Kind::MailGone).token(mail.0));
    assert_eq!(table.answered, [(NOUR, mail)], "all that are reached say so");
    table.mails.clear();
    table.connect(NOUR, 1);
    table.pass(1_000);
    assert_eq!(table.mails, [(NOUR, mail)], "and it is told");
    table.replies(NOUR, mail, "n1").unwrap();
    table.pass(millis(COPIES_PATIENCE) + 1_000);
    assert_eq!(table.state(NOUR, "n1"), Some(State::AtNode));
}

#[test]
fn a_home_that_always_says_taken_does_not_block_an_answer() {
    for liar in 0..HOMES {
        let mut table = Table::new();
        let mail = table.left_message(BOTH);
        // An honest home says so while a colleague writes, so the refusal is believed for as long as a claim lasts.
        table.replies_and_is_refused_by(liar, NOUR, mail, "n1");
        assert_eq!(table.state(NOUR, "n1"), Some(State::Failed));
        assert!(table.answered.is_empty() && table.waits_still(NOUR, &mail));
        table.pass(millis(MAIL_CLAIM) / 2);
        table.replies_and_is_refused_by(liar, NOUR, mail, "n2");
        assert_eq!(table.state(NOUR, "n2"), Some(State::Failed));
        table.pass(millis(MAIL_CLAIM) / 2);
        table.replies_and_is_refused_by(liar, NOUR, mail, "n3");
        table.pass(millis(COPIES_PATIENCE));
        assert_eq!(table.state(NOUR, "n3"), Some(State::AtNode), "home {liar} lies");
    }
}

#[test]
fn a_message_refused_by_all_homes_for_long_was_answered() {
    let mut table = Table::new();
    let mail = table.left_message(BOTH);
    let since = table.moment().tick;
    let letter = table.desks.get_mut(&NOUR).unwrap().mail.letters.get_mut(&mail);
    letter
        .unwrap()
        .refused
        .extend([(HomeIndex(0), since), (HomeIndex(1), since)]);
    table.pass(millis(MAIL_CLAIM));
    let wires = [(NOUR, 0, true), (NOUR, 1, true)];
    table.hold(&wires);
    table.replies(NOUR, mail, "n1").unwrap();
    for _ in 0..HOMES {
        let (home, claim) = (0..HOMES)
            .find_map(|home| Some((home, table.intercepted(wires[home], Kind::MailClaim)?)))
            .unwrap();
        let refused = Record::new(Kind::Refused)
            .request(claim.request)
            .token(claim.token);
        table.told(NOUR, home, &refused.body(postcard_encode(&Refusal::Taken)));
    }
    assert_eq!(table.state(NOUR, "n1"), Some(State::Failed));
}

#[test]
fn a_seeker_with_a_known_phrase_counts_as_returning() {
    for (phrase, known) in [(7, true), (9, false)] {
        let mut table = Table::new();
        table.left_message(BOTH);
        let now = table.moment();
        // The seeker was waiting before this. Any phrase can be proved, and only one is known here.
        table
            .seeker
            .come_back(ReturnKeys::from_bytes(&[phrase; 128]), now);
        table.settle();
        let wires = [(NOUR, 0, false), (NOUR, 1, false)];
        table.desk(NOUR, Counselor::take_break);
        table.pass(4_000);
        table.desk(NOUR, Counselor::take_break);
        table.pass(1_000);
        // From here on, the records for Nour are delivered by hand, to see each event.
        let now = table.moment();
        table.desks.get_mut(&NOUR).unwrap().take_next(now);
        table.hold(&wires);
        table.settle();
        let mut returning = Vec::new();
        for _ in 0..20 {
            for home in 0..HOMES {
                for event in table.events(NOUR, home) {
                    if let Event::Chat { returning: told, .. } = event {
                        returning.push(told);
                    }
                }
            }
            table.pass(100);
        }
        assert_eq!(returning, [known], "phrase {phrase}");
    }
}

#[test]
fn a_transfer_must_name_another_counselor_on_duty_correctly() {
    let salma = Serial([u8::try_from(SALMA).unwrap(); 8]);
    let nour = Serial([u8::try_from(NOUR).unwrap(); 8]);
    for (serial, name, on_duty, shown) in [
        (salma, "Salma", true, true),
        (salma, "Amal", true, false),
        (salma, "Salma", false, false),
        (Serial([9; 8]), "Salma", true, false),
        (nour, "Nour", true, false),
    ] {
        let mut table = Table::new();
        table.asks();
        table.desk(NOUR, Counselor::take_next);
        table.pass(1_000);
        if on_duty {
            for home in 0..HOMES {
                table.connect(SALMA, home);
            }
            table.desk(SALMA, Counselor::on_duty);
            table.pass(1_000);
        }
        let (_, chat) = table.chats[0];
        let colleague = Colleague {
            serial,
            pseudonym: name.parse().unwrap(),
        };
        let wires = [(NOUR, 0, false), (NOUR, 1, false)];
        table.hold(&wires);
        table.desk(NOUR, |desk, now| {
            let talk = desk.chats.get_mut(&chat).unwrap();
            talk.line.ask_transfer(&colleague, now.tick);
            desk.handle_timeout(now);
        });
        table.pass(100);
        let mut declined = false;
        for _ in 0..10 {
            for home in 0..HOMES {
                let events = table.events(NOUR, home);
                declined |= events
                    .iter()
                    .any(|event| matches!(event, Event::TransferDeclined { .. }));
            }
            table.pass(100);
        }
        assert_eq!(declined, !shown, "{name} {serial:?} {on_duty}");
        let now = table.moment();
        assert_eq!(table.seeker.answer_transfer(true, now).is_ok(), shown);
    }
}

#[test]
fn closed_is_told_although_one_home_stays_silent() {
    let mut table = Table::new();
    table.desk(NOUR, Counselor::off_duty);
    table.pass(4_000);
    table.disconnect(SEEKER, 1);
    table.hold(&[(SEEKER, 1, false)]);
    table.connect(SEEKER, 1);
    let now = table.moment();
    let intake = Intake {
        language: "fr".parse().unwrap(),
        urgent: false,
    };
    table.seeker.start(intake, Zeroizing::default(), now).unwrap();
    let events = table.seeker.drain().events;
    let closed = |event: &&seeker::Event| matches!(event, seeker::Event::Closed);
    assert_eq!(events.iter().filter(closed).count(), 1);
}

#[test]
fn a_seeker_is_told_once_that_no_roster_is_published() {
    let table = Table::new();
    let root = *table.seeker.directory().root();
    let mut now = table.moment();
    let mut seeker = Seeker::new(root, seeded(9), now);
    let delegation = table.delegations[0].clone();
    seeker.handle_connected(
        HomeIndex(0),
        ProvenLink {
            delegation,
            hash: [0; 32],
        },
        now,
    );
    let intake = Intake {
        language: "fr".parse().unwrap(),
        urgent: false,
    };
    seeker.start(intake, Zeroizing::default(), now).unwrap();
    let mut told = 0;
    for _ in 0..600 {
        now.tick = now.tick + Duration::from_millis(100);
        seeker.handle_timeout(now);
        let mut asked = seeker.drain();
        for (_, asked) in asked.records() {
            let empty = match asked.kind {
                Kind::Describe => Kind::Head,
                Kind::Settings => Kind::SettingsText,
                _ => {
                    let beat = Record::new(Kind::Beat).request(asked.request);
                    seeker.handle_record(HomeIndex(0), beat, now);
                    continue;
                }
            };
            for record in split(empty, asked.request, [0; 32], &[]) {
                seeker.handle_record(HomeIndex(0), record, now);
            }
        }
        asked.events.extend(seeker.drain().events);
        for event in asked.events {
            assert!(!matches!(
                event,
                seeker::Event::Closed | seeker::Event::BadObject(_)
            ));
            told += usize::from(matches!(event, seeker::Event::NotTaken(Refusal::NoRoster)));
        }
    }
    assert_eq!(told, 1);
}

#[test]
fn a_home_that_the_roster_drops_has_no_part_in_a_chat_any_more() {
    for dropped in 0..HOMES {
        let mut table = Table::new();
        table.asks();
        table.desk(NOUR, Counselor::take_next);
        table.pass(1_000);
        let kept = 1 - dropped;
        let root = SignKey::generate(&mut seeded(1));
        let helpline = RootKey(root.public()).helpline();
        let settings = Settings {
            chats_at_once: 2,
            ..Settings::named("A".parse().unwrap())
        };
        let settings = settings.encode().unwrap();
        let known = table.seeker.directory().roster().unwrap();
        let roster = Roster {
            version: 2,
            issued: START,
            expires: START + Duration::from_secs(86_400),
            certificates: known.certificates.clone(),
            delegations: vec![table.delegations[kept].hash()],
            revoked: Vec::new(),
            settings: Settings::hash(&settings),
            entries: no_entries(&root).list.hash(),
        };
        let roster = Signed::sign(roster, &root, &helpline).unwrap();
        let now = table.moment();
        table.homes[kept]
            .install(roster.encoded(), &settings, &no_entries(&root), now)
            .unwrap();
        table.pass(20_000);
        assert_eq!(table.seeker.directory().roster().unwrap().version, 2);
        let wire = (SEEKER, dropped, true);
        table.hold(&[wire]);
        table.wires.remove(&wire);
        table.says(SEEKER, "s1");
        table.pass(5_000);
        let sent = table.wires.get(&wire).into_iter().flatten();
        let sent: Vec<Kind> = sent.map(|record| record.kind).collect();
        let beats = |kind: &Kind| matches!(kind, Kind::Heartbeat | Kind::Describe);
        assert!(sent.iter().all(beats), "to home {dropped}: {sent:?}");
        assert_eq!(table.state(SEEKER, "s1"), Some(State::Received));
    }
}

#[test]
fn a_copy_refused_as_taken_does_not_count_and_is_not_resent() {
    let mut table = Table::new();
    table.pass(1_000);
    table.desk(NOUR, Counselor::off_duty);
    table.pass(4_000);
    table.asks();
    table.pass(4_000);
    let now = table.moment();
    table.seeker.expect_homes(HOMES);
    table.seeker.keep_phrase(ReturnKeys::from_bytes(&[7; 128]));
    table.hold(&[(SEEKER, 1, true)]);
    let words = Zeroizing::new("salam".to_owned());
    table.seeker.leave("fr".parse().unwrap(), words, now).unwrap();
    table.settle();
    // A party that has the body files it at the second home before the seeker's own posting arrives.
    let mut pieces = Assembler::default();
    let coming = table.wires[&(SEEKER, 1, true)].iter();
    let whole = coming
        .filter(|record| record.kind == Kind::Deposit)
        .find_map(|record| pieces.take(record).unwrap());
    let mut posting: DepositPosting = postcard_decode(&whole.unwrap()).unwrap();
    posting.read = TokenHash([1; 32]);
    let (thief, now) = (LinkId(99), table.moment());
    table.homes[1].handle_connected(
        thief,
        NewLink {
            hash: [99; 32],
            via: Via(0),
        },
        now,
    );
    for record in split(Kind::Deposit, 1, [0; 32], &postcard_encode(&posting)) {
        table.homes[1].handle_record(thief, record, now);
    }
    table.settle();
    table.release(&[(SEEKER, 1, true)]);
    table.pass(1_000);
    assert_eq!(table.state(SEEKER, LEAVE_ID), Some(State::Written), "one copy");
    table.hold(&[(SEEKER, 1, true)]);
    table.pass(millis(COPIES_PATIENCE));
    assert_eq!(
        table.state(SEEKER, LEAVE_ID),
        Some(State::AtNode),
        "after a while"
    );
    assert!(table.intercepted((SEEKER, 1, true), Kind::Deposit).is_none());
}

fn names(from: u32, count: usize) -> Vec<Record> {
    let name = |number: u32| {
        let mut name = [0xee; 32];
        name[..4].copy_from_slice(&number.to_be_bytes());
        name
    };
    let all: Vec<[u8; 32]> = (from..).take(count).map(name).collect();
    let record = |names: &[[u8; 32]]| Record::new(Kind::MailNames).body(names.concat());
    all.chunks(MAIL_NAMES).map(record).collect()
}

#[test]
fn message_names_from_one_home_are_limited() {
    let mut table = Table::new();
    table.hold(&[(NOUR, 0, true), (NOUR, 1, true)]);
    let max = super::super::mail::MAILS_PER_HOME;
    for record in names(0, max + 1_000) {
        table.told(NOUR, 0, &record);
    }
    let counts = |table: &Table| {
        let mail = &table.desks[&NOUR].mail;
        (mail.wanted.len(), mail.homes[&HomeIndex(0)].listed.len())
    };
    assert_eq!(counts(&table), (max, max));
    // The home is not asked for more either.
    let asks = |table: &mut Table| table.intercepted((NOUR, 0, true), Kind::Mails).is_some();
    while asks(&mut table) {}
    let page = names(0, MAIL_NAMES).remove(0);
    table.told(NOUR, 0, &page.request(5));
    assert!(!asks(&mut table));
    // The room of another home is not affected.
    for record in names(1_000_000, 100) {
        table.told(NOUR, 1, &record);
    }
    assert_eq!(counts(&table).0, max + 100);
}

#[test]
fn endless_messages_of_one_home_take_no_room_of_another() {
    let max = super::super::mail::MAILS_PER_HOME;
    let mut table = Table::new();
    let bring = |table: &mut Table, home: usize, body: &[u8]| {
        let id = crate::crypto::hash::sha256(&[body]);
        table.hold(&[(NOUR, home, true)]);
        table.told(NOUR, home, &Record::new(Kind::MailNames).body(id.to_vec()));
        let fetch = table.intercepted((NOUR, home, true), Kind::FetchMail).unwrap();
        for record in split(Kind::Mail, fetch.request, id, body) {
            table.told(NOUR, home, &record);
        }
        table.release(&[(NOUR, home, true)]);
    };
    let fill = |number: usize| {
        let mut id = [0xdd; 32];
        id[..8].copy_from_slice(&number.to_be_bytes());
        DepositId(id)
    };
    let mail = &mut table.desks.get_mut(&NOUR).unwrap().mail;
    mail.not_ours
        .extend((0..max).map(|number| (fill(number), HomeIndex(0))));
    mail.not_ours.insert(fill(max), HomeIndex(1));
    bring(&mut table, 0, &vec![1; DEPOSIT_LEN]);
    let mail = &table.desks[&NOUR].mail;
    assert_eq!(mail.not_ours.len(), 2);
    assert!(mail.not_ours.contains_key(&fill(max)));

    // The home that brought too many messages gets no more of them opened; another home does.
    let mut table = Table::new();
    let opened = |number: usize| OpenedDeposit {
        id: fill(number),
        card: Card {
            language: "fr".parse().unwrap(),
            returning: false,
            number: 1,
            return_x: DhPublic([9; 32]),
            return_ek: Bytes(Box::new([0; crate::crypto::kem::EK_LEN])),
            boxes: Vec::new(),
            text: String::new(),
        },
        secret: [0; 32].into(),
    };
    let mail = &mut table.desks.get_mut(&NOUR).unwrap().mail;
    mail.fill_letters(HomeIndex(0), (0..max).map(opened));
    table.desk(NOUR, Counselor::off_duty);
    table.pass(4_000);
    table.hold(&[(NOUR, 1, false)]);
    table.asks();
    table.pass(4_000);
    let now = table.moment();
    table.seeker.keep_phrase(ReturnKeys::from_bytes(&[7; 128]));
    let words = Zeroizing::new("salam".to_owned());
    table.seeker.leave("fr".parse().unwrap(), words, now).unwrap();
    table.settle();
    table.pass(6_000);
    table.desk(NOUR, Counselor::on_duty);
    table.pass(2_000);
    assert!(table.mails.is_empty());
    table.release(&[(NOUR, 1, false)]);
    table.pass(2_000);
    assert_eq!(table.mails.len(), 1);
}

/// Each counselor holds the claim of one home and is refused at the other: one did not know yet that the first home has
/// the message too.
#[test]
fn two_counselors_who_block_each_other_may_retry_at_once() {
    let mut table = Table::new();
    let mail = table.left_message([&[0, 1], &[0, 1]]);
    let mut homes: Vec<usize> = (0..HOMES).collect();
    homes.sort_by_key(|home| table.desks[&NOUR].ctx.homes[&HomeIndex(*home)].home_x.0);
    let (first, second) = (homes[0], homes[1]);
    let named = |table: &mut Table, home, there: bool| {
        let desk = table.desks.get_mut(&SALMA).unwrap();
        let letter = desk.mail.letters.get_mut(&mail).unwrap();
        if there {
            letter.named.insert(home);
        } else {
            letter.named.remove(&home);
        }
    };
    let wires = [(NOUR, first, false), (SALMA, second, false)];
    table.hold(&wires);
    named(&mut table, HomeIndex(first), false);
    table.replies(SALMA, mail, "s1").unwrap();
    table.replies(NOUR, mail, "n1").unwrap();
    table.pass(100);
    named(&mut table, HomeIndex(first), true);
    // Both are refused before either has released its claim.
    let refusals = [(NOUR, second, false), (SALMA, first, false)];
    table.hold(&refusals);
    table.release(&wires);
    table.pass(500);
    table.release(&refusals);
    table.pass(2_000);
    for (who, id) in [(NOUR, "n1"), (SALMA, "s1")] {
        assert_eq!(table.state(who, id), Some(State::Failed), "{id}");
    }
    table.replies(NOUR, mail, "n2").unwrap();
    table.pass(2_000);
    assert_eq!(table.state(NOUR, "n2"), Some(State::AtNode));
    assert!(!table.waits_still(SALMA, &mail));
}
