//! Closed hours: a message that waits at the homes, its answer, and a phrase that brings somebody back. The
//! machines of everybody on a virtual clock, with virtual disks.

use hamsa_protocol_planted::{
    crypto::phrase::ReturnKeys,
    home::{memory::StoreStep, store::StoreError},
    seeker::{LeaveError, NotLeft},
    session::{
        chat::State,
        mail::{DepositId, REPLY_TEXT_MAX},
    },
    wire::Refusal,
};
use hamsa_tests::sim::{CounselorSeat, Faults, Person, SeekerSeat, World};
use zeroize::Zeroizing;

/// Long after any test has ended.
const FOR_GOOD: u64 = 1_000_000_000;
const WORDS: &str = "chno ndir? سمحي ليا، ما كاين حد";

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

fn duty(world: &mut World, person: usize, on: bool) {
    world.act(person, |who, now| match who {
        Person::Counselor(seat) if on => seat.machine.on_duty(now),
        Person::Counselor(seat) => seat.machine.off_duty(now),
        Person::Seeker(_) => panic!("{person} is a seeker"),
    });
}

fn leave(world: &mut World, person: usize, keys: ReturnKeys, text: &str) -> Result<(), LeaveError> {
    let left = world.act(person, |who, now| match who {
        Person::Seeker(seat) => {
            seat.machine.expect_homes(2);
            seat.machine.keep_phrase(keys);
            let text = Zeroizing::new(text.to_owned());
            seat.machine.leave("ar".parse().unwrap(), text, now)
        }
        Person::Counselor(_) => panic!("{person} is a counselor"),
    });
    left.unwrap()
}

fn come_back(world: &mut World, keys: ReturnKeys) -> usize {
    let her = world.add_seeker("ar", Vec::new(), 1_000);
    world.act(her, |who, now| {
        if let Person::Seeker(seat) = who {
            seat.machine.expect_homes(2);
            seat.machine.come_back(keys, now);
        }
    });
    her
}

fn reply(world: &mut World, person: usize, mail: DepositId, id: &str, text: &str) {
    world.act(person, |who, now| match who {
        Person::Counselor(seat) => {
            seat.machine.expect_homes(2);
            let text = Zeroizing::new(text.to_owned());
            seat.machine.reply(mail, id.to_owned(), text, now).unwrap();
        }
        Person::Seeker(_) => panic!("{person} is a seeker"),
    });
}

fn left(world: &World, her: usize) -> Option<State> {
    seeker(world, her).states.get("leave").copied()
}

fn phrase(number: u8) -> ReturnKeys {
    ReturnKeys::from_bytes(&[number; 128])
}

/// Counselors who were on duty once, so that messages can be sealed to them, and are not any more.
fn closed(seed: u64, counselors: &[&str]) -> (World, Vec<usize>, usize) {
    let mut world = World::new(seed, 2, Faults::default());
    let desks: Vec<usize> = counselors
        .iter()
        .map(|name| world.add_counselor(name, &["ar"]))
        .collect();
    world.run(10_000, |_| false);
    for desk in &desks {
        duty(&mut world, *desk, false);
    }
    world.run(5_000, |_| false);
    let her = world.add_seeker("ar", Vec::new(), 1_000);
    assert!(world.run(20_000, |world| seeker(world, her).closed == 1));
    (world, desks, her)
}

#[test]
fn a_message_outlives_a_home_and_the_phrase_reads_its_answer() {
    let (mut world, desks, her) = closed(1, &["Nour"]);
    let nour = desks[0];
    leave(&mut world, her, phrase(1), WORDS).unwrap();
    assert_eq!(left(&world, her), Some(State::Written));
    assert!(world.run(20_000, |world| left(world, her) == Some(State::AtNode)));
    assert!(seeker(&world, her).machine.has_phrase());
    for home in 0..2 {
        assert_eq!(world.disk(home).unwrap().len(), 2, "a mail key and a message");
    }

    // One home is lost for good, the other one loses its memory.
    world.crash_home(0, FOR_GOOD);
    world.crash_home(1, 5_000);
    world.run(10_000, |_| false);
    duty(&mut world, nour, true);
    assert!(world.run(30_000, |world| !counselor(world, nour).mail.is_empty()));
    let (mail, text, returning) = counselor(&world, nour).mail[0].clone();
    assert_eq!((text.as_str(), returning), (WORDS, false));
    let before = world.now().unix;
    reply(&mut world, nour, mail, "r1", "marhba bik");
    assert!(world.run(30_000, |world| {
        counselor(world, nour).replied.get("r1") == Some(&State::AtNode)
    }));
    // The answer survives that home's next crash too.
    world.crash_home(1, 1_000);

    let again = come_back(&mut world, phrase(1));
    assert!(world.run(30_000, |world| !seeker(world, again).mail.is_empty()));
    let (text, date) = seeker(&world, again).mail[0].clone();
    assert_eq!(text, "marhba bik");
    assert!(date >= before && date <= world.now().unix);
    // She asked for somebody too, and that counselor, nobody else, knows that she was here before.
    assert!(world.run(30_000, |world| counselor(world, nour).order.len() == 2));
    let seat = counselor(&world, nour);
    assert_eq!(seat.returning.len(), 1, "the first seeker's visit was no return");
    assert_eq!(seeker(&world, again).no_mail, 0);

    let stranger = come_back(&mut world, phrase(2));
    assert!(world.run(30_000, |world| seeker(world, stranger).no_mail == 1));
    assert!(seeker(&world, stranger).mail.is_empty());
    assert!(world.report().broken.is_empty(), "{:?}", world.report().broken);
}

#[test]
fn a_message_is_at_both_homes_and_each_desk_sees_it_once() {
    let (mut world, desks, her) = closed(2, &["Nour", "Amal"]);
    leave(&mut world, her, phrase(1), WORDS).unwrap();
    assert!(world.run(20_000, |world| left(world, her) == Some(State::AtNode)));
    for desk in &desks {
        duty(&mut world, *desk, true);
    }
    assert!(world.run(30_000, |world| {
        desks.iter().all(|desk| !counselor(world, *desk).mail.is_empty())
    }));
    let mail = counselor(&world, desks[0]).mail[0].0;
    // Both press the key in the same moment: one of them answers.
    reply(&mut world, desks[0], mail, "nour", "first");
    reply(&mut world, desks[1], mail, "amal", "second");
    world.run(30_000, |_| false);
    let states = [
        counselor(&world, desks[0]).replied.get("nour"),
        counselor(&world, desks[1]).replied.get("amal"),
    ];
    assert!(
        states.contains(&Some(&State::AtNode)) && states.contains(&Some(&State::Failed)),
        "{states:?}"
    );
    // A second part by the one who answered goes without asking.
    let winner = usize::from(states[1] == Some(&State::AtNode));
    reply(
        &mut world,
        desks[winner],
        mail,
        "part 2",
        &"x".repeat(REPLY_TEXT_MAX),
    );
    world.run(10_000, |_| false);
    assert_eq!(
        counselor(&world, desks[winner]).replied.get("part 2"),
        Some(&State::AtNode)
    );

    // A colleague who comes later is not shown what is answered; one who crashed sees nothing twice.
    let late = world.add_counselor("Salma", &["ar"]);
    world.crash_person(desks[winner], 1_000);
    world.run(30_000, |_| false);
    assert!(counselor(&world, late).mail.is_empty());
    assert!(counselor(&world, desks[winner]).mail.is_empty());

    let again = come_back(&mut world, phrase(1));
    assert!(world.run(30_000, |world| seeker(world, again).mail.len() == 2));
    // Both homes show both: each is read once. A line that breaks makes her read again, and see nothing new.
    world.break_links_of(again);
    world.run(30_000, |_| false);
    assert_eq!(seeker(&world, again).mail.len(), 2);
    assert!(world.report().broken.is_empty(), "{:?}", world.report().broken);
}

#[test]
fn a_home_that_was_down_gets_the_message_from_a_seeker_online() {
    let (mut world, desks, her) = closed(3, &["Nour"]);
    world.crash_home(1, 60_000);
    leave(&mut world, her, phrase(1), WORDS).unwrap();
    // Nobody is left hanging: one copy is said to be one home's after a while.
    assert!(world.run(30_000, |world| left(world, her) == Some(State::AtNode)));
    assert_eq!(world.disk(1).unwrap().len(), 1, "only the mail key");
    assert!(world.run(90_000, |world| world.disk(1).unwrap().len() == 2));
    // Now the first is lost. The card does not name the second, but that one knows where she reads.
    world.crash_home(0, FOR_GOOD);
    duty(&mut world, desks[0], true);
    assert!(world.run(30_000, |world| !counselor(world, desks[0]).mail.is_empty()));
    let mail = counselor(&world, desks[0]).mail[0].0;
    reply(&mut world, desks[0], mail, "r1", "marhba");
    assert!(world.run(30_000, |world| {
        counselor(world, desks[0]).replied.get("r1") == Some(&State::AtNode)
    }));
    let again = come_back(&mut world, phrase(1));
    assert!(world.run(60_000, |world| !seeker(world, again).mail.is_empty()));
    assert!(world.report().broken.is_empty(), "{:?}", world.report().broken);
}

#[test]
fn what_cannot_be_left_is_said_with_its_reason() {
    // Nobody was ever on duty: nobody could read it.
    let mut world = World::new(4, 2, Faults::default());
    let her = world.add_seeker("ar", Vec::new(), 1_000);
    assert!(world.run(20_000, |world| seeker(world, her).closed == 1));
    assert_eq!(
        leave(&mut world, her, phrase(1), &"x".repeat(4_097)),
        Err(LeaveError::TooLong {
            max: 4_096,
            got: 4_097
        })
    );
    assert_eq!(leave(&mut world, her, phrase(1), ""), Err(LeaveError::Empty));
    leave(&mut world, her, phrase(1), WORDS).unwrap();
    assert!(world.run(20_000, |world| left(world, her) == Some(State::Failed)));
    assert_eq!(seeker(&world, her).not_left, Some(NotLeft::NobodyReads));

    // Both disks are full; one of them is mended.
    let (mut world, _, her) = closed(5, &["Nour"]);
    for home in 0..2 {
        world
            .disk(home)
            .unwrap()
            .fail(StoreStep::Put, Some(StoreError::Full));
    }
    leave(&mut world, her, phrase(1), WORDS).unwrap();
    assert_eq!(leave(&mut world, her, phrase(1), WORDS), Err(LeaveError::Already));
    assert!(world.run(20_000, |world| left(world, her) == Some(State::Failed)));
    assert_eq!(
        seeker(&world, her).not_left,
        Some(NotLeft::Refused(Refusal::Full))
    );
    world.disk(0).unwrap().fail(StoreStep::Put, None);
    leave(&mut world, her, phrase(1), WORDS).unwrap();
    assert!(world.run(30_000, |world| left(world, her) == Some(State::AtNode)));

    // The reply of somebody who is revoked meanwhile is not shown as one of a counselor.
    let (mut world, desks, her) = closed(6, &["Nour"]);
    leave(&mut world, her, phrase(1), WORDS).unwrap();
    assert!(world.run(20_000, |world| left(world, her) == Some(State::AtNode)));
    duty(&mut world, desks[0], true);
    assert!(world.run(30_000, |world| !counselor(world, desks[0]).mail.is_empty()));
    let mail = counselor(&world, desks[0]).mail[0].0;
    reply(&mut world, desks[0], mail, "r1", "marhba");
    world.run(10_000, |_| false);
    world.revoke(desks[0]);
    let again = come_back(&mut world, phrase(1));
    world.run(30_000, |_| false);
    assert!(seeker(&world, again).mail.is_empty());
    // Her mail key is handed out no more either.
    assert!(world.disk(0).unwrap().len() == 2, "the message and its answer");
}
