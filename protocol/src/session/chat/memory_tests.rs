//! Which secrets of an old epoch remain in the memory of this process after the switch. Needles are kept masked, so
//! that the search does not find itself.

#![cfg(target_os = "linux")]

use core::time::Duration;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use super::{tests::*, *};
use crate::{crypto::noise::watched, testing::seeded, time::millis};

/// The second half of a secret, masked. An allocator overwrites the first 16 bytes of freed memory, so a search for
/// the whole secret would miss a key that was dropped unwiped.
struct Needle {
    name: &'static str,
    masked: [u8; HALF],
}

const HALF: usize = 16;
const MASK: u8 = 0xa5;

impl Needle {
    fn new(name: &'static str, secret: &[u8; 32]) -> Self {
        let mut masked = [0; HALF];
        for (to, from) in masked.iter_mut().zip(&secret[HALF..]) {
            *to = from ^ MASK;
        }
        Self { name, masked }
    }

    fn count_in(&self, memory: &[u8]) -> usize {
        let first = self.masked[0] ^ MASK;
        memory
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == first)
            .filter(|(at, _)| {
                memory
                    .get(*at..*at + HALF)
                    .is_some_and(|window| window.iter().zip(&self.masked).all(|(a, b)| *a == b ^ MASK))
            })
            .count()
    }
}

/// How often each needle occurs in the writable memory of this process.
fn search(needles: &[Needle]) -> Vec<(&'static str, usize)> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut found: Vec<_> = needles.iter().map(|needle| (needle.name, 0)).collect();
    // One buffer for all regions, wiped after each, so that a hit in it is not a hit of the next search. It is so
    // large that the allocator takes it from the system: in memory that was freed here it would overwrite what is
    // searched for.
    let mut buffer: Vec<u8> = Vec::with_capacity(64 << 20);
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (range, _) = line.split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (
            u64::from_str_radix(from, 16).unwrap(),
            u64::from_str_radix(to, 16).unwrap(),
        );
        // No test maps this much. It would be a reservation of the allocator.
        let length = usize::try_from(to - from).unwrap();
        if length > 512 << 20 {
            continue;
        }
        buffer.resize(length, 0);
        if memory.seek(SeekFrom::Start(from)).is_err() || memory.read_exact(&mut buffer).is_err() {
            continue;
        }
        let own = buffer.as_ptr() as u64;
        if (from..to).contains(&own) {
            // The region that holds the buffer: what was copied from before it would be found twice.
            let at = usize::try_from(own - from).unwrap();
            let end = (at + buffer.capacity()).min(length);
            buffer[at..end].fill(0);
        }
        for (needle, (_, count)) in needles.iter().zip(&mut found) {
            *count += needle.count_in(&buffer);
        }
        buffer.fill(0);
    }
    found
}

/// Overwrites the part of the stack that finished calls have left.
#[inline(never)]
fn write_over_stack() -> u8 {
    let filler = [0x5c_u8; 256 * 1_024];
    std::hint::black_box(&filler);
    filler[17]
}

/// Runs `work` far down the stack, where [`write_over_stack`] reaches all of it.
#[inline(never)]
fn deep<T>(work: impl FnOnce() -> T) -> T {
    let room = [0x5c_u8; 16 * 1_024];
    std::hint::black_box(&room);
    work()
}

/// Made in a frame of its own: what unoptimised code leaves in the frame of this test is not what a program keeps.
/// No other test of this process makes the same secrets.
#[inline(never)]
fn boxed_pair() -> Box<(Chat, Chat)> {
    Box::new(pair(0x6d65_6d6f_7279))
}

#[inline(never)]
fn needles(chat: &Chat, names: [&'static str; 3]) -> [Needle; 3] {
    let psk0 = chat.epoch.psk0().ok().unwrap();
    [
        Needle::new(names[0], chat.epoch.chain.as_ref().unwrap()),
        Needle::new(names[1], &chat.epoch.hash),
        Needle::new(names[2], &psk0),
    ]
}

/// Copies of h_0, beside ours, in a young chat: snow drops its symmetric state unwiped, and each end made its part
/// of the handshake twice.
const H_0_AT_FIRST: usize = 4;
/// Copies of psk0 when a ratchet request was answered: snow keeps psks in an array of the handshake, which it drops
/// unwiped.
const PSK_0_AT_FIRST: usize = 4;
/// Copies of each of these, and of all keys that ciphers were given, when both ends have switched. None was
/// measured, because the next handshake reuses the memory of the last. One may remain where `rekey` of snow made
/// it. Two would mean one of each end.
const LEFT: usize = 1;

#[test]
fn after_a_switch_none_of_our_copies_of_the_old_epoch_is_left() {
    let mut chats = boxed_pair();
    let (seeker, counselor) = (&mut chats.0, &mut chats.1);
    let mut random = seeded(0x6d65_6d6f);
    watched::start(MASK);
    let drawn = [
        Needle::new("r_seeker", seeker.own_random.as_ref().unwrap()),
        Needle::new("r_counselor", counselor.own_random.as_ref().unwrap()),
    ];
    // The control: live secrets are found. Otherwise the search would prove nothing.
    let alive = search(&drawn);
    assert!(alive.iter().all(|(_, count)| *count >= 1), "{alive:?}");
    for (chat, number) in [(&mut *seeker, 1), (&mut *counselor, 2)] {
        chat.say(format!("m{number}"), Zeroizing::new("x".to_owned()), Tick(1))
            .unwrap();
    }
    deep(|| carry(seeker, counselor, &mut random, Tick(1)));
    assert_eq!(seeker.epoch(), 0);
    let [chain, hash, psk0] = needles(seeker, ["chain_0", "h_0", "psk0"]);
    let epoch = [chain, hash];
    let alive = search(&epoch);
    assert!(
        alive.iter().all(|(_, count)| *count >= 2),
        "both ends have them: {alive:?}"
    );
    assert!(alive[1].1 <= 2 + H_0_AT_FIRST, "{alive:?}");
    let [chain, hash] = epoch;

    let later = Tick(millis(RATCHET_AFTER) + 1);
    let question = deep(|| {
        seeker.ratchet(&mut random, later);
        [
            Needle::new("e of the question", &seeker.asking[0].asked.ephemeral),
            Needle::new("r_i of the question", &seeker.asking[0].asked.random),
        ]
    });
    let alive = search(&question);
    assert!(alive.iter().all(|(_, count)| *count >= 1), "{alive:?}");
    // These include the last key of the old epoch with which the seeker writes and the counselor reads.
    let traffic: Vec<Needle> = watched::stop()
        .into_iter()
        .map(|masked| Needle {
            name: "a key that a cipher had",
            masked: *masked.last_chunk().unwrap(),
        })
        .collect();
    assert!(traffic.len() > 4, "{} keys were seen", traffic.len());
    let alive: usize = search(&traffic).into_iter().map(|(_, count)| count).sum();
    assert!(alive >= 4, "the keys of both ends: {alive}");

    deep(|| carry(seeker, counselor, &mut random, later));
    let psk0_at_first = search(std::slice::from_ref(&psk0))[0].1;
    assert!(psk0_at_first <= PSK_0_AT_FIRST, "psk0: {psk0_at_first} times");
    deep(|| carry(seeker, counselor, &mut random, later + Duration::from_millis(100)));
    assert_eq!((seeker.epoch(), counselor.epoch()), (1, 1));
    assert!(counselor.next.is_none(), "the old reading key is gone too");
    let [new_chain, ..] = needles(seeker, ["chain_1", "h_1", "psk0 of the next"]);
    // The generator of this test keeps a block of its output. A program draws from the system, which keeps none.
    for _ in 0..64 {
        let _: Secret = random::secret(&mut random);
    }
    write_over_stack();

    let ours: Vec<Needle> = [chain].into_iter().chain(drawn).chain(question).collect();
    let gone = search(&ours);
    assert!(gone.iter().all(|(_, count)| *count == 0), "{gone:?}");
    assert!(
        search(&[new_chain]).iter().all(|(_, count)| *count >= 2),
        "the new one is alive"
    );
    // snow keeps these in buffers of its own and drops them unwiped; see docs/threat-model.md.
    let left = search(&[hash, psk0]);
    let keys: usize = search(&traffic).into_iter().map(|(_, count)| count).sum();
    println!(
        "left by snow: {left:?}, of {} keys of ciphers {keys}",
        traffic.len()
    );
    assert!(left.iter().all(|(_, count)| *count <= LEFT), "{left:?}");
    assert!(keys <= LEFT, "keys of ciphers: {keys} times");
}
