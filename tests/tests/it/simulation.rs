//! The machines of everybody on a virtual clock. A failure names its seed; the same seed gives the same run.

use hamsa_protocol_planted::{
    counselor::OffReason,
    planted::plant,
    seeker::LinkState,
    session::chat::{EndedBy, Pace, State, Status},
    wire::Refusal,
};
use hamsa_tests::sim::{
    CounselorSeat, Fault, Faults, Person, SeekerSeat, World, planted, queue,
    scenario::{self, Options},
};

fn words(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| match number % 4 {
            0 => format!("salam {number}, kayn chi wa7d kayhddni"),
            1 => format!("السلام عليكم {number}"),
            2 => format!("{number} ").repeat(1_200),
            _ => String::new(),
        })
        .collect()
}

fn seeker(world: &World, person: usize) -> &SeekerSeat {
    match &world.people[person] {
        Person::Seeker(seat) => seat,
        Person::Counselor(_) => panic!("{person} is a counselor"),
    }
}

fn counselor(world: &World, person: usize) -> &CounselorSeat {
    match &world.people[person] {
        Person::Counselor(seat) => seat,
        Person::Seeker(_) => panic!("{person} is a seeker"),
    }
}

fn assert_whole(world: &World, seed: u64) {
    let report = world.report();
    assert!(report.findings.is_empty(), "seed {seed}: {:?}", report.findings);
}

/// Everything she said is at one counselor or another, byte for byte.
fn assert_arrived(world: &World, her: usize, said: &[String], seed: u64) {
    let seats: Vec<_> = world
        .people
        .iter()
        .filter_map(|person| match person {
            Person::Counselor(seat) => Some(seat),
            Person::Seeker(_) => None,
        })
        .collect();
    assert!(
        seeker(world, her).content(),
        "seed {seed}: {:?} {:?}",
        seeker(world, her)
            .states
            .iter()
            .filter(|(_, s)| **s != hamsa_protocol_planted::session::chat::State::Received)
            .collect::<Vec<_>>(),
        seeker(world, her).machine
    );
    for (number, text) in said.iter().enumerate() {
        let id = seeker(world, her).id(number);
        let shown = seats
            .iter()
            .flat_map(|seat| seat.chats.values().flatten())
            .any(|(known, words)| *known == id && words == text);
        assert!(shown, "seed {seed}: {id} was received but not shown");
    }
}

#[test]
fn words_arrive_once_in_order_and_both_sides_are_told() {
    let mut world = World::new(1, 1, Faults::default());
    let nour = world.add_counselor("Nour", &["fr", "ar"]);
    let said = words(30);
    let her = world.add_seeker("ar", said.clone(), 100);
    assert!(world.run(60_000, |world| seeker(world, her).content()));
    assert_whole(&world, 1);
    assert_arrived(&world, her, &said, 1);
    assert_eq!(seeker(&world, her).answered, ["Nour"]);
    let chat = counselor(&world, nour).order.clone();
    assert_eq!(
        chat.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(),
        [format!("salam {her}")]
    );
    assert!(world.run(30_000, |world| seeker(world, her).shown.len() == 30));
}

#[test]
fn closed_is_told_and_a_counselor_who_comes_later_answers() {
    let mut world = World::new(2, 1, Faults::default());
    let her = world.add_seeker("ar", words(2), 100);
    assert!(world.run(20_000, |world| seeker(world, her).closed == 1));
    world.add_counselor("Nour", &["ar"]);
    assert!(world.run(60_000, |world| seeker(world, her).content()));
    assert_whole(&world, 2);
}

#[test]
fn two_counselors_never_have_one_seeker() {
    for seed in 0..20 {
        let mut world = World::new(seed, 2, Faults::default());
        let desks = [
            world.add_counselor("Nour", &["ar"]),
            world.add_counselor("Amal", &["ar"]),
        ];
        let seekers: Vec<_> = (0..3).map(|_| world.add_seeker("ar", words(5), 300)).collect();
        assert!(
            world.run(120_000, |world| seekers
                .iter()
                .all(|her| seeker(world, *her).content())),
            "seed {seed}"
        );
        assert_whole(&world, seed);
        for her in &seekers {
            assert_eq!(seeker(&world, *her).answered.len(), 1);
        }
        let shown: usize = desks
            .iter()
            .map(|desk| counselor(&world, *desk).order.len())
            .sum();
        assert_eq!(shown, seekers.len(), "seed {seed}: a chat was shown at two desks");
    }
}

#[test]
fn a_home_that_forgets_gives_back_the_places() {
    let mut world = World::new(3, 1, Faults::default());
    let seekers: Vec<_> = (0..3)
        .map(|_| {
            let her = world.add_seeker("ar", Vec::new(), 1_000);
            world.run(5_000, |_| false);
            her
        })
        .collect();
    // Somebody must be on duty for tickets to be sealed; she takes nothing yet.
    let nour = world.add_counselor("Nour", &["ar"]);
    if let Person::Counselor(seat) = &mut world.people[nour] {
        seat.eager = false;
    }
    assert!(world.run(60_000, |world| {
        seekers.iter().all(|her| !seeker(world, *her).places.is_empty())
    }));
    let places = |world: &World| -> Vec<_> {
        seekers
            .iter()
            .map(|her| *seeker(world, *her).places.last().unwrap())
            .collect()
    };
    let before = places(&world);
    world.crash_home(0, 3_000);
    world.run(20_000, |_| false);
    assert_eq!(counselor(&world, nour).desk.0, 3, "all three are there again");
    assert_eq!(places(&world), before);
    assert_whole(&world, 3);
}

#[test]
fn queues_are_fair_to_who_lives_and_to_other_entries() {
    for seed in 0..3 {
        let found = queue::findings(seed);
        assert!(found.is_empty(), "seed {seed}: {found:?}");
    }
}

#[test]
fn who_comes_too_late_for_a_place_waits_at_the_old_one() {
    let mut world = World::new(31, 1, Faults::default());
    let nour = world.add_counselor("Nour", &["ar"]);
    if let Person::Counselor(seat) = &mut world.people[nour] {
        seat.eager = false;
    }
    let people: Vec<usize> = (0..6)
        .map(|_| {
            let person = world.add_seeker("ar", words(2), 100);
            world.run(30_000, |world| !seeker(world, person).places.is_empty());
            person
        })
        .collect();
    let (slow, quick) = people.split_at(3);
    for person in slow {
        world.mute_person(*person, 12_000);
    }
    let take = |world: &mut World| {
        world.act(nour, |person, now| match person {
            Person::Counselor(seat) => seat.machine.take_next(now),
            Person::Seeker(_) => unreachable!(),
        });
        world.run(500, |_| false);
    };
    // The three who are slow keep the places for five seconds; then the others are taken by themselves.
    (0..3).for_each(|_| take(&mut world));
    assert!(counselor(&world, nour).live.is_empty());
    assert!(world.run(8_000, |world| counselor(world, nour).live.len() == 3));
    let answered = |world: &World, people: &[usize], times| {
        people
            .iter()
            .all(|person| seeker(world, *person).answered.len() == times)
    };
    assert!(answered(&world, quick, 1));
    let crowded = world.run(15_000, |world| counselor(world, nour).live.len() > 3);
    assert!(!crowded, "more chats than the association allows");
    for person in slow {
        let seat = seeker(&world, *person);
        assert_eq!((seat.reopened, seat.ended), (1, None));
    }
    world.act(nour, |person, now| match person {
        Person::Counselor(seat) => seat.end_chats(0, now),
        Person::Seeker(_) => unreachable!(),
    });
    world.run(6_000, |_| false);
    (0..3).for_each(|_| take(&mut world));
    assert!(world.run(20_000, |world| answered(world, slow, 2)));
    assert!(world.run(20_000, |world| {
        slow.iter().all(|person| seeker(world, *person).content())
    }));
    assert_whole(&world, 31);
}

#[test]
fn a_broken_link_is_said_and_mended_and_costs_no_words() {
    let mut world = World::new(4, 1, Faults::default());
    world.add_counselor("Nour", &["ar"]);
    let said = words(40);
    let her = world.add_seeker("ar", said.clone(), 500);
    assert!(world.run(30_000, |world| seeker(world, her).shown.len() > 3));
    world.crash_home(0, 10_000);
    assert!(world.run(120_000, |world| seeker(world, her).content()));
    assert_eq!(
        seeker(&world, her).links,
        [
            LinkState::Connected,
            LinkState::Reconnecting,
            LinkState::Connected
        ]
    );
    assert_arrived(&world, her, &said, 4);
    assert_whole(&world, 4);
}

#[test]
fn a_revocation_is_told_to_both_and_the_counselor_takes_nothing() {
    let mut world = World::new(5, 2, Faults::default());
    let nour = world.add_counselor("Nour", &["ar"]);
    let her = world.add_seeker("ar", words(3), 500);
    assert!(world.run(30_000, |world| seeker(world, her).content()));
    world.revoke(nour);
    assert!(world.run(60_000, |world| seeker(world, her).ended.is_some()
        && counselor(world, nour).off.is_some()));
    assert_eq!(seeker(&world, her).ended, Some(EndedBy::Helpline));
    assert_eq!(
        counselor(&world, nour).off,
        Some(OffReason::Home(Refusal::Revoked))
    );
    let other = world.add_seeker("ar", Vec::new(), 500);
    assert!(world.run(30_000, |world| seeker(world, other).closed == 1));
    assert_eq!(counselor(&world, nour).desk, (0, 0));
    assert_whole(&world, 5);
}

#[test]
fn a_vanished_counselor_is_replaced_and_unreceived_words_resent() {
    let mut world = World::new(6, 1, Faults::default());
    let nour = world.add_counselor("Nour", &["ar"]);
    let amal = world.add_counselor("Amal", &["fr"]);
    let her = world.add_seeker("ar", words(60), 1_000);
    assert!(world.run(60_000, |world| seeker(world, her).shown.len() > 3));
    let gone = if seeker(&world, her).answered == ["Nour"] {
        nour
    } else {
        amal
    };
    world.crash_person(gone, 3_600_000);
    assert!(world.run(120_000, |world| seeker(world, her).reopened == 1));
    assert!(
        world.run(240_000, |world| seeker(world, her).content()),
        "{:?}",
        seeker(&world, her).machine
    );
    assert_whole(&world, 6);
}

#[test]
fn a_restarted_counselor_is_back_in_the_chat_within_seconds() {
    let mut world = World::new(7, 2, Faults::default());
    let nour = world.add_counselor("Nour", &["ar"]);
    let her = world.add_seeker("ar", words(80), 500);
    assert!(world.run(60_000, |world| seeker(world, her).shown.len() > 3));
    // A colleague comes on duty who takes whatever is open; the chat is not for her.
    world.add_counselor("Amal", &["ar"]);
    world.run(5_000, |_| false);
    let before = seeker(&world, her).shown.len();
    world.crash_person(nour, 1_000);
    assert!(
        world.run(10_000, |world| seeker(world, her).answered.len() == 2),
        "{:?}",
        seeker(&world, her).machine
    );
    assert_eq!(seeker(&world, her).answered, ["Nour", "Nour"]);
    assert_eq!(seeker(&world, her).reopened, 1);
    assert!(world.run(120_000, |world| seeker(world, her).content()));
    assert!(
        seeker(&world, her).shown.len() > before,
        "what the new run says counts from one and is shown"
    );
    assert_whole(&world, 7);
}

#[test]
fn a_transfer_with_consent_uses_new_keys_and_loses_no_words() {
    for (seed, agrees) in [(8, true), (9, false)] {
        let mut world = World::new(seed, 2, Faults::default());
        let nour = world.add_counselor("Nour", &["ar"]);
        let said = words(60);
        let her = world.add_seeker("ar", said.clone(), 500);
        assert!(world.run(60_000, |world| seeker(world, her).shown.len() > 3));
        let amal = world.add_counselor("Amal", &["ar"]);
        world.run(5_000, |_| false);
        let chat = counselor(&world, nour).order[0].0;
        world.transfer(nour, &chat, "Amal").unwrap();
        assert!(world.run(5_000, |world| seeker(world, her).transfer_asked == 1));
        world.answer_transfer(her, agrees).unwrap();
        assert!(world.run(120_000, |world| seeker(world, her).content()));
        world.run(1_000, |_| false);
        assert_arrived(&world, her, &said, seed);
        assert_whole(&world, seed);
        let answered: &[&str] = if agrees { &["Nour", "Amal"] } else { &["Nour"] };
        assert_eq!(seeker(&world, her).answered, answered);
        assert_eq!(counselor(&world, nour).ended.len(), usize::from(agrees));
        let colleague = &counselor(&world, amal).order;
        assert_eq!(colleague.len(), usize::from(agrees));
        assert!(
            colleague.iter().all(|(ticket, _)| *ticket != chat),
            "a new ticket"
        );
    }
}

#[test]
fn a_question_whose_colleague_has_gone_is_taken_back() {
    let mut world = World::new(12, 2, Faults::default());
    let nour = world.add_counselor("Nour", &["ar"]);
    let said = words(200);
    let her = world.add_seeker("ar", said.clone(), 500);
    assert!(world.run(60_000, |world| seeker(world, her).shown.len() > 3));
    let amal = world.add_counselor("Amal", &["ar"]);
    world.run(5_000, |_| false);
    let chat = counselor(&world, nour).order[0].0;
    world.transfer(nour, &chat, "Amal").unwrap();
    assert!(world.run(5_000, |world| seeker(world, her).transfer_asked == 1));
    world.crash_person(amal, 3_600_000);
    assert!(world.run(120_000, |world| seeker(world, her).transfer_gone == 1));
    assert!(world.answer_transfer(her, true).is_err(), "nothing is asked");
    assert!(world.run(180_000, |world| seeker(world, her).content()));
    assert_eq!(seeker(&world, her).answered, ["Nour"]);
    assert_eq!(seeker(&world, her).reopened, 0);
    assert_whole(&world, 12);
    assert_arrived(&world, her, &said, 12);
}

/// She need not ask for it twice: not of who takes her chat over, and not of a colleague.
/// A counselor is called away and her screen locks: the talk stands, nobody counts as gone, and when she is back
/// everything is there.
#[test]
fn a_desk_that_is_locked_for_an_hour_ends_no_chat() {
    const HOUR: u64 = 3_600_000;
    let mut world = World::new(17, 2, Faults::default());
    let nour = world.add_counselor("Nour", &["ar"]);
    let said = words(100);
    let her = world.add_seeker("ar", said.clone(), 30_000);
    assert!(world.run(60_000, |world| seeker(world, her).states.len() == 2));
    world.run(15_000, |_| false);
    world.close_eyes(nour, HOUR);
    let known = |world: &World, state: State| {
        let states = seeker(world, her).states.values();
        states.filter(|known| **known == state).count()
    };
    let received = known(&world, State::Received);
    assert!(world.run(20_000, |world| seeker(world, her).statuses == [Status::Locked]));
    world.run(HOUR - 60_000, |_| false);
    assert_eq!(known(&world, State::Received), received, "nobody has read");
    assert_eq!(
        known(&world, State::Received) + known(&world, State::AtNode),
        said.len() + 1,
        "the first words too"
    );
    assert_eq!(seeker(&world, her).reopened, 0);
    assert_eq!(seeker(&world, her).answered, ["Nour"]);
    assert!(counselor(&world, nour).ended.is_empty());
    assert_eq!(world.put_again(), 0, "nothing is sent twice for it");
    assert!(world.run(120_000, |world| seeker(world, her).content()));
    assert_eq!(seeker(&world, her).statuses, [Status::Locked, Status::Here]);
    assert_whole(&world, 17);
    assert_arrived(&world, her, &said, 17);
}

#[test]
fn what_a_desk_had_and_did_not_show_is_said_to_the_next() {
    let mut world = World::new(18, 1, Faults::default());
    let nour = world.add_counselor("Nour", &["ar"]);
    let said = words(10);
    let her = world.add_seeker("ar", said.clone(), 2_000);
    assert!(world.run(60_000, |world| seeker(world, her).talks));
    world.close_eyes(nour, 600_000);
    world.run(20_000, |_| false);
    world.crash_person(nour, 3_600_000);
    world.add_counselor("Amal", &["ar"]);
    assert!(world.run(180_000, |world| seeker(world, her).content()));
    assert_eq!(seeker(&world, her).answered, ["Nour", "Amal"]);
    assert_whole(&world, 18);
    assert_arrived(&world, her, &said, 18);
}

#[test]
fn the_pace_of_a_seeker_is_told_to_every_later_counselor() {
    let mut world = World::new(10, 2, Faults::default());
    let nour = world.add_counselor("Nour", &["ar"]);
    let her = world.add_seeker("ar", words(80), 2_000);
    assert!(world.run(60_000, |world| seeker(world, her).shown.len() > 3));
    let chat = counselor(&world, nour).order[0].0;
    let wish = |pause| Pace {
        pause,
        no_details: true,
    };
    assert_eq!(counselor(&world, nour).paces.get(&chat), None);
    world.act(her, |person, now| {
        let Person::Seeker(seat) = person else {
            panic!("she seeks")
        };
        seat.machine.set_pace(wish(true), now);
    });
    assert!(world.run(1_000, |world| counselor(world, nour).paces.get(&chat)
        == Some(&wish(true))));
    // Her next words end the pause, and nothing else.
    assert!(world.run(3_000, |world| counselor(world, nour).paces.get(&chat)
        == Some(&wish(false))));
    let amal = world.add_counselor("Amal", &["ar"]);
    world.run(5_000, |_| false);
    world.transfer(nour, &chat, "Amal").unwrap();
    assert!(world.run(5_000, |world| seeker(world, her).transfer_asked == 1));
    world.answer_transfer(her, true).unwrap();
    assert!(world.run(30_000, |world| counselor(world, amal).order.len() == 1));
    let next = counselor(&world, amal).order[0].0;
    assert!(world.run(1_000, |world| counselor(world, amal).paces.get(&next)
        == Some(&wish(false))));
    world.crash_person(amal, 3_600_000);
    assert!(world.run(90_000, |world| seeker(world, her).answered.len() == 3));
    assert!(world.run(1_000, |world| counselor(world, nour).paces.get(&next)
        == Some(&wish(false))));
    assert_whole(&world, 10);
}

/// The short version of the scoreboard's first line.
#[test]
fn nothing_is_lost_doubled_or_out_of_order_whatever_breaks() {
    let faults = Faults::new(&[
        (Fault::Break, 8_000),
        (Fault::Stall, 15_000),
        (Fault::Crash, 40_000),
        (Fault::Freeze, 60_000),
    ]);
    for seed in 100..160 {
        let homes = usize::try_from(1 + seed % 3).unwrap();
        let mut world = World::new(seed, homes, faults.clone());
        world.add_counselor("Nour", &["ar"]);
        world.add_counselor("Amal", &["fr"]);
        let said = words(40);
        let her = world.add_seeker("ar", said.clone(), 1_500);
        world.run(120_000, |world| seeker(world, her).content());
        world.calm();
        let done = world.run(300_000, |world| seeker(world, her).content());
        assert_whole(&world, seed);
        assert!(
            done,
            "seed {seed}: not drained five minutes after the last fault: {:?}",
            seeker(&world, her).machine
        );
        assert_arrived(&world, her, &said, seed);
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let faults = Faults::new(&[
        (Fault::Break, 5_000),
        (Fault::Stall, 9_000),
        (Fault::Crash, 20_000),
        (Fault::Freeze, 30_000),
    ]);
    let run = || {
        let mut world = World::new(77, 2, faults.clone());
        world.add_counselor("Nour", &["ar"]);
        let her = world.add_seeker("ar", words(20), 1_000);
        world.run(90_000, |_| false);
        (world.report(), seeker(&world, her).shown.clone())
    };
    assert_eq!(run(), run());
}

/// Seeds that once showed something: 60 words that were said after an end and waited for ever, 274 a ticket that was forgotten, 410 a sealed message that one home kept back,
/// 3819 words that went with a chat when its seeker was passed on, 5040 an answer that no home had a box for, 22253 a
/// counselor whom one home's contradiction sent off duty for good, 63149 and 78986 a seeker who took an answer that
/// her own newer ticket had just made void, 95608 two whose claims to one message stood in each other's way; and of the
/// judge, who looked too early, 61906 and 68971.
#[test]
fn what_was_found_stays_mended() {
    for seed in [
        60, 274, 410, 3_819, 5_040, 22_253, 61_906, 63_149, 68_971, 78_986, 95_608,
    ] {
        let findings = scenario::run(seed, Options::default()).report.findings;
        assert!(findings.is_empty(), "hamsa-sim --trace {seed}: {findings:?}");
    }
}

/// Whoever acknowledges and cannot heal is not the counselor. The seeker asks again, words wait at the limit, and then
/// she opens her ticket again: they go on in a chat with other keys.
#[test]
fn an_epoch_that_is_not_healed_ends_with_the_ticket_open_again() {
    plant(planted::named("heal-not-answered"));
    let mut world = World::new(77, 1, Faults::default());
    world.add_counselor("Nour", &["ar"]);
    let said = words(40);
    let her = world.add_seeker("ar", said.clone(), 10_000);
    let blocked = world.run(290_000, |world| seeker(world, her).reopened > 0);
    assert!(!blocked, "not before words have waited for long");
    assert!(seeker(&world, her).shown.is_empty() || seeker(&world, her).talks);
    let opened = world.run(60_000, |world| seeker(world, her).reopened > 0);
    plant(None);
    assert!(opened, "words would wait for ever");
    assert!(world.run(300_000, |world| seeker(world, her).content()));
    assert_arrived(&world, her, &said, 77);
}
