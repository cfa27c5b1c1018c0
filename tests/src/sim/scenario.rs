//! A whole world from one number: who is there, how they talk, and everything that goes wrong at once.

use core::time::Duration;
use std::collections::BTreeMap;

use hamsa_protocol::time::millis;
use hamsa_protocol_planted::{
    crypto::random::Random,
    planted::{Bug, plant, take_broken, take_happened},
    session::chat::State,
    time::Tick,
};

use super::{
    Fault, Faults, Hit, Leave, Manner, Person, Report, Visit, World,
    judge::{Process, Wrong},
    queue, seeded,
};

/// How a run is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// A bug in all machines.
    pub planted: Option<Bug>,
    /// Keep lines for a person to read.
    pub read: bool,
}

/// What a run gave.
#[derive(Debug)]
pub struct Outcome {
    /// The numbers and what was found.
    pub report: Report,
    /// How often which fault happened.
    pub happened: BTreeMap<Fault, u64>,
    /// How many records they hit, and how.
    pub hit: BTreeMap<Hit, u64>,
    /// What else happened, and how often.
    pub seen: BTreeMap<&'static str, u64>,
    /// Milliseconds from the last fault until everything said had arrived.
    pub drained: u64,
    /// Lines, if they were asked for.
    pub lines: Vec<String>,
}

/// R4: faults stop, and after this long whoever sees herself in a chat has all her words received, in milliseconds.
const DRAIN_MS: u64 = 60_000;
/// Who talks goes on talking when nothing breaks any more: words that were said so shortly before are still on their
/// way, in milliseconds.
const ON_THE_WAY_MS: u64 = 15_000;
/// A sealed message is seen, and its answer read, in this time when nothing breaks, in milliseconds: a home is
/// asked again within seconds, and a counselor's duty begins again within half a minute.
const LETTERS_MS: u64 = 60_000;
/// Faults stop, and after this long everybody who waited visibly has been answered too: a counselor's chat with
/// a seeker who is gone ends after three minutes, and somebody may have waited for that.
const SERVED_MS: u64 = 420_000;

/// In one of so many worlds a counselor blocks her chats.
const BLOCKS: u64 = 4;
/// The small worlds of queues are played beside every so many worlds.
const QUEUES: u64 = 8;

struct Dice(Random);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        let bound = usize::try_from(bound).unwrap_or(usize::MAX);
        u64::try_from(hamsa_protocol_planted::crypto::random::below(&mut self.0, bound)).unwrap_or_default()
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }
}

fn words(dice: &mut Dice, count: u64) -> Vec<String> {
    (0..count)
        .map(|number| match dice.below(40) {
            0 => String::new(),
            1 => "السلام عليكم ".repeat(usize::try_from(dice.between(1, 200)).unwrap_or(1)),
            2 => "x".repeat(usize::try_from(dice.between(2_000, 16_384)).unwrap_or(1)),
            _ => format!("salam {number}, kayn chi wa7d kayhddni"),
        })
        .collect()
}

fn weather(dice: &mut Dice) -> Faults {
    // A calm day, a bad one, and one on which nothing works.
    let scale = [40, 15, 7].get(usize::try_from(dice.below(3)).unwrap_or_default());
    let scale = scale.copied().unwrap_or(15) * 100;
    let mut mean = |kind: Fault, times: u64| (kind, scale * times * dice.between(2, 6) / 4);
    Faults::new(&[
        mean(Fault::Break, 6),
        mean(Fault::HalfOpen, 16),
        mean(Fault::Stall, 10),
        mean(Fault::Delay, 8),
        mean(Fault::Partition, 14),
        mean(Fault::Island, 40),
        mean(Fault::Entry, 30),
        mean(Fault::Crash, 30),
        mean(Fault::Lost, 120),
        mean(Fault::Freeze, 40),
        mean(Fault::CounselorCrash, 50),
        mean(Fault::SeekerCrash, 120),
        mean(Fault::Clock, 15),
        mean(Fault::SlowFace, 10),
        mean(Fault::Locked, 20),
        mean(Fault::FullQueue, 10),
        mean(Fault::Lies, 20),
        mean(Fault::Disk, 20),
    ])
}

/// Runs the world of a seed to its end.
#[must_use]
pub fn run(seed: u64, options: Options) -> Outcome {
    plant(options.planted);
    // What another run in this thread left behind is none of ours.
    drop((take_broken(), take_happened()));
    let mut dice = Dice(seeded(seed ^ 0x5eed_0000_0000));
    let homes = usize::try_from(dice.between(1, 3)).unwrap_or(1);
    let faults = weather(&mut dice);
    let mut world = World::new(seed, homes, faults);
    if options.read {
        world.read_trace();
    }
    world.set_entries(usize::try_from(dice.between(1, 3)).unwrap_or(1));
    let names = ["Nour", "Amal", "Salma"];
    let languages = [["ar", "fr"], ["fr", "en"], ["ar", "en"]];
    // Where only one answers, an opened ticket comes back to the same desk, which must know what it has shown.
    let desks = usize::try_from(dice.between(1, 3)).unwrap_or(2);
    // One of them asks in each of her chats whether the next may go on.
    let passes = dice.one_in(3);
    for (number, (name, spoken)) in names.iter().zip(&languages).take(desks).enumerate() {
        let person = world.add_counselor(name, spoken);
        if let Some(Person::Counselor(seat)) = world.people.get_mut(person) {
            seat.answers_mail = Some(homes);
            seat.passes_to = (passes && number == 0).then(|| "Amal".to_owned());
            seat.blocks = number == 1 && seed.is_multiple_of(BLOCKS);
        }
        world.run(dice.below(3_000), |_| false);
    }
    // Never more than the desks can hold at once.
    let seekers = if desks == 1 { 3 } else { dice.between(3, 5) };
    // A long conversation shows what hours do; most are quick.
    let slow = dice.one_in(16);
    for _ in 0..seekers {
        let count = dice.between(300, 380) / seekers;
        let said = words(&mut dice, count);
        let burst = if dice.one_in(8) { 40 } else { dice.between(1, 3) };
        let span = if slow {
            1_800_000
        } else {
            dice.between(60_000, 150_000)
        };
        let manner = Manner {
            pause: (span * burst / count).max(200),
            burst: usize::try_from(burst).unwrap_or(1),
            leave: match dice.below(8) {
                0 => Leave::Quickly,
                1 => Leave::Counselor,
                2 | 3 => Leave::Never,
                _ => Leave::Peace,
            },
            visit: Visit::Talk,
            homes,
            urgent: false,
        };
        let language = ["ar", "fr", "en"].get(usize::try_from(dice.below(3)).unwrap_or_default());
        world.add_seeker_like(language.copied().unwrap_or("ar"), said, manner);
        world.run(dice.below(8_000), |_| false);
    }
    let storm = if slow {
        1_900_000
    } else {
        dice.between(120_000, 200_000)
    };
    let until = world.now().tick + Duration::from_millis(storm);
    // Somebody leaves a sealed message in the middle of it, and asks for its answer in the middle of it too.
    for number in 1..=u8::try_from(dice.between(1, 2)).unwrap_or(1) {
        world.run(dice.between(5_000, 30_000), |_| false);
        let text = format!(
            "sealed {number}, {}",
            "x".repeat(usize::try_from(dice.below(3_000)).unwrap_or(0))
        );
        world.add_visitor(Visit::Letter(number), vec![text], homes);
    }
    if dice.one_in(2) {
        world.run(dice.between(10_000, 40_000), |_| false);
        world.add_visitor(Visit::Return(1), Vec::new(), homes);
    }
    world.run(millis(until.since(world.now().tick)), World::everybody_settled);
    world.calm();
    let calm = world.now().tick;
    let quiet = world.run(DRAIN_MS, World::everybody_settled);
    if !quiet {
        world.judge_talks();
        world.run(SERVED_MS - DRAIN_MS, World::everybody_settled);
    }
    let drained = world.now().tick.since(calm);
    world.judge_end();
    let again = world.read_letters(homes);
    for what in take_broken() {
        world.judge.note(Wrong::Broken, world.tick, what.to_owned());
    }
    let mut report = world.report();
    if seed.is_multiple_of(QUEUES) {
        for finding in queue::findings(seed) {
            report.broken.push(finding.what.clone());
            report.findings.push(finding);
        }
    }
    let (letters, answers) = world.judge.letters.counts();
    let mut seen: BTreeMap<&'static str, u64> = take_happened();
    seen.extend([
        ("letters", letters),
        ("answers to letters", answers),
        ("letters answered at last", again),
    ]);
    plant(None);
    Outcome {
        report,
        happened: world.happened().clone(),
        hit: world.hit().clone(),
        seen,
        drained: millis(drained),
        lines: world.take_lines(),
    }
}

/// What people go through that a storm must not leave out; names of [`Outcome::seen`].
pub const GONE_THROUGH: [&str; 5] = ["healed", "reopened", "passed on", "letters", "answers to letters"];

impl World {
    /// Somebody who comes for mail alone.
    fn add_visitor(&mut self, visit: Visit, messages: Vec<String>, homes: usize) -> usize {
        let manner = Manner {
            pause: 200,
            visit,
            homes,
            ..Manner::default()
        };
        self.add_seeker_like("ar", messages, manner)
    }

    /// What lies at the homes is seen by a counselor and answered, and the answers are read by phrase alone. Gives how
    /// many messages were answered only after the storm.
    fn read_letters(&mut self, homes: usize) -> u64 {
        let quiet = |world: &Self| {
            let runs = |process| world.people.iter().any(|person| person.process() == process);
            let unseen = world.judge.letters.unseen(|home| world.good(home));
            unseen == 0 && !world.judge.letters.answering(runs)
        };
        if !self.run(LETTERS_MS, quiet) {
            let unseen = self.judge.letters.unseen(|home| self.good(home));
            let what = format!(
                "{unseen} sealed messages lie at an honest home and nobody sees them, or an answer is stuck"
            );
            self.judge.note(Wrong::Lost, self.tick, what);
        }
        // A message that one home says is answered comes back when a home is reached again where it waits.
        self.run(LETTERS_MS, |world| world.told_falsely().is_empty());
        let again = self.answer_rest();
        for phrase in self.judge.letters.phrases() {
            let person = self.add_visitor(Visit::Return(phrase), Vec::new(), homes);
            let reader = Process { person, start: 0 };
            let unread = |world: &Self| {
                world
                    .judge
                    .letters
                    .unread(phrase, reader, |home| world.good(home))
            };
            if !self.run(LETTERS_MS, |world| unread(world) == 0) {
                let what = format!("{} answers lie at an honest home and were not read", unread(self));
                self.judge.note(Wrong::Lost, self.tick, what);
            }
        }
        again
    }

    /// Desks that were told that a message is answered which waits at an honest home.
    fn told_falsely(&self) -> Vec<usize> {
        let told = |person: &Person| match person {
            Person::Counselor(seat) if seat.off.is_none() && seat.answers_mail.is_some() => {
                seat.mail.iter().any(|(mail, text, _)| {
                    let waits = self.judge.letters.unanswered(*mail, text, |home| self.good(home));
                    waits.is_some() && seat.mail_gone.contains(mail)
                })
            }
            _ => false,
        };
        let people = self.people.iter().enumerate();
        people
            .filter(|(_, person)| told(person))
            .map(|(number, _)| number)
            .collect()
    }

    /// A message that waits at an honest home waits on the desks too, and one of those who have it can answer it,
    /// whatever another home said of it.
    fn answer_rest(&mut self) -> u64 {
        let mut again = 0;
        let runs = |world: &Self, process| world.people.iter().any(|person| person.process() == process);
        for person in 0..self.people.len() {
            let Some(Person::Counselor(seat)) = self.people.get(person) else {
                continue;
            };
            let Some(homes) = seat.answers_mail.filter(|_| seat.off.is_none()) else {
                continue;
            };
            for (mail, text, _) in seat.mail.clone() {
                let good = |home| self.good(home);
                let Some(phrase) = self.judge.letters.unanswered(mail, &text, good) else {
                    continue;
                };
                let now = self.person_now(person);
                let Some(Person::Counselor(seat)) = self.people.get_mut(person) else {
                    continue;
                };
                if seat.mail_gone.contains(&mail) {
                    let what = format!("{person} was told that a sealed message is answered, and it is not");
                    self.judge.note(Wrong::Lost, self.tick, what);
                    continue;
                }
                seat.answer_mail(mail, phrase, homes, now, &mut self.judge);
                again += 1;
                self.drain_person(person);
                self.run(LETTERS_MS, |world| {
                    !world.judge.letters.answering(|process| runs(world, process))
                });
            }
        }
        let desks = self.people.iter().filter_map(|person| match person {
            Person::Counselor(seat) if seat.off.is_none() && seat.answers_mail.is_some() => Some(seat),
            _ => None,
        });
        let waits = |(mail, text, _): &&(_, String, bool)| {
            let good = |home| self.good(home);
            self.judge.letters.unanswered(*mail, text, good).is_some()
        };
        let waiting = desks.flat_map(|seat| seat.mail.iter().filter(waits)).count();
        if waiting > 0 {
            let what = format!("{waiting} sealed messages lie at an honest home and nobody can answer them");
            self.judge.note(Wrong::Lost, self.tick, what);
        }
        again
    }

    /// Whether nobody waits for anything any more.
    #[must_use]
    pub fn everybody_settled(&self) -> bool {
        self.people.iter().all(|person| match person {
            Person::Seeker(seat) => seat.settled(),
            Person::Counselor(seat) => seat.settled(),
        })
    }

    /// Whoever believes herself in a chat has her words received or knows that they failed.
    fn judge_talks(&mut self) {
        let then = Tick(self.tick.0.saturating_sub(ON_THE_WAY_MS));
        let talking: Vec<(Process, String)> = self
            .people
            .iter()
            .filter(|person| matches!(person, Person::Seeker(seat) if seat.has_talked(then)))
            .map(|person| (person.process(), person.describe()))
            .collect();
        let when = "a minute after the last fault";
        let there = |person: &usize| self.people.get(*person).is_some_and(|person| !person.gone());
        let untold: Vec<usize> = self.judge.letters.untold().filter(there).collect();
        for author in untold {
            let what = format!("{when} person {author} does not know how her sealed message came on");
            self.judge.note(Wrong::Lost, self.tick, what);
        }
        self.judge_open(&talking, then, when);
        for (process, open) in self.unheard(then) {
            if !self.judge.said_by(&open, then) {
                continue;
            }
            let what = format!("{when} {open} of {process:?} has not come to a seeker who is there");
            self.judge.note(Wrong::Lost, self.tick, what);
        }
    }

    /// Words of counselors in chats whose seeker believes herself in them too.
    fn unheard(&self, then: Tick) -> Vec<(Process, String)> {
        let desks = self.people.iter().filter_map(|person| match person {
            Person::Counselor(seat) => Some(seat),
            Person::Seeker(_) => None,
        });
        desks
            .flat_map(|desk| {
                let name = self.name(desk.process.person);
                let open = desk.open().filter(move |(chat, _)| {
                    self.people.iter().any(|person| match person {
                        Person::Seeker(seat) => {
                            seat.has_talked(then)
                                && seat.talks_with(&name)
                                && self.judge.ticket(seat.process) == Some(*chat)
                        }
                        Person::Counselor(_) => false,
                    })
                });
                open.map(|(_, id)| (desk.process, id))
            })
            .collect()
    }

    /// At the end everything said is received or said to have failed.
    fn judge_end(&mut self) {
        let present: Vec<(Process, String)> = self
            .people
            .iter()
            .filter(|person| !person.gone())
            .map(|person| (person.process(), person.describe()))
            .collect();
        // Who speaks once in minutes may have spoken just now.
        let then = Tick(self.tick.0.saturating_sub(ON_THE_WAY_MS));
        self.judge_open(&present, then, "at the end");
    }

    fn judge_open(&mut self, of: &[(Process, String)], then: Tick, when: &str) {
        for (process, machine) in of {
            // What the other machine had when their chat ended may have been seen or not.
            let adrift = |id: &str, state: Option<State>| {
                let person = self.people.get(process.person);
                state == Some(State::AtNode) && person.is_some_and(|person| person.adrift(id))
            };
            let open: Vec<(String, Option<State>)> = self
                .judge
                .open(*process, then)
                .filter(|(id, state)| !adrift(id, *state))
                .map(|(id, state)| (id.to_owned(), state))
                .collect();
            if let Some((first, state)) = open.first() {
                let what = format!(
                    "{when} {} messages of {process:?} are neither received nor failed, the first is {first} {state:?}: {machine}",
                    open.len()
                );
                self.judge.note(Wrong::Lost, self.tick, what);
            }
        }
    }
}
