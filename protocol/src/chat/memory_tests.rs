//! What of an old epoch is left in the memory of this process after the switch. Needles are kept masked, so that
//! the search does not find itself.

#![cfg(target_os = "linux")]

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use super::{tests::*, *};
use crate::{noise::watched, testing::seeded};

/// A secret, masked.
struct Needle {
    name: &'static str,
    masked: [u8; 32],
}

const MASK: u8 = 0xa5;

impl Needle {
    fn new(name: &'static str, secret: &[u8; 32]) -> Self {
        let mut masked = [0; 32];
        for (to, from) in masked.iter_mut().zip(secret) {
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
                    .get(*at..*at + 32)
                    .is_some_and(|window| window.iter().zip(&self.masked).all(|(a, b)| *a == b ^ MASK))
            })
            .count()
    }
}

/// How often each needle stands in the writable memory of this process.
fn search(needles: &[Needle]) -> Vec<(&'static str, usize)> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut found: Vec<_> = needles.iter().map(|needle| (needle.name, 0)).collect();
    // One buffer for all regions, wiped after each, so that a hit in it is not a hit of the next search.
    let mut buffer: Vec<u8> = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (range, _) = line.split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (
            u64::from_str_radix(from, 16).unwrap(),
            u64::from_str_radix(to, 16).unwrap(),
        );
        // No test maps this much; it would be a reservation of the allocator.
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
            // The region that holds the buffer: what was copied of it before stands in it twice.
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

/// Writes over the part of the stack that finished calls have left.
#[inline(never)]
fn write_over_stack() -> u8 {
    let filler = [0x5c_u8; 256 * 1_024];
    std::hint::black_box(&filler);
    filler[17]
}

/// Made in a frame of its own: what unoptimised code leaves in this test's frame is not what a program keeps.
#[inline(never)]
fn boxed_pair() -> Box<(Chat, Chat)> {
    Box::new(pair(12))
}

fn epoch_of(chat: &Chat, chain: &'static str, hash: &'static str) -> [Needle; 2] {
    [
        Needle::new(chain, chat.epoch.chain.as_ref().unwrap()),
        Needle::new(hash, &chat.epoch.hash),
    ]
}

#[test]
fn after_a_switch_none_of_our_copies_of_the_old_epoch_is_left() {
    let mut chats = boxed_pair();
    let (seeker, counselor) = (&mut chats.0, &mut chats.1);
    let mut random = seeded(120);
    watched::start(MASK);
    let own_random = Needle::new("r of chain_0", seeker.own_random.as_ref().unwrap());
    for (chat, number) in [(&mut *seeker, 1), (&mut *counselor, 2)] {
        chat.say(format!("m{number}"), Zeroizing::new("x".to_owned()), Millis(1))
            .unwrap();
    }
    carry(seeker, counselor, &mut random, Millis(1));
    assert_eq!(seeker.epoch(), 0);
    let [chain, hash] = epoch_of(seeker, "chain_0", "h_0");
    // The control: what is alive is found, or the search would prove nothing.
    let alive = search(&[chain, hash]);
    assert!(
        alive.iter().all(|(_, count)| *count >= 2),
        "both ends have them: {alive:?}"
    );
    let [chain, hash] = epoch_of(seeker, "chain_0", "h_0");

    let traffic: Vec<Needle> = watched::stop()
        .into_iter()
        .map(|masked| Needle {
            name: "a key that a cipher had",
            masked,
        })
        .collect();
    assert!(traffic.len() > 4, "{} keys were seen", traffic.len());
    carry(seeker, counselor, &mut random, Millis(HEAL_AFTER_MS + 1));
    carry(seeker, counselor, &mut random, Millis(HEAL_AFTER_MS + 100));
    assert_eq!((seeker.epoch(), counselor.epoch()), (1, 1));
    assert!(counselor.next.is_none(), "the old reading key is gone too");
    let [new_chain, _] = epoch_of(seeker, "chain_1", "h_1");
    write_over_stack();

    let gone = search(&[own_random, chain]);
    assert!(gone.iter().all(|(_, count)| *count == 0), "{gone:?}");
    assert!(
        search(&[new_chain]).iter().all(|(_, count)| *count >= 2),
        "the new one is alive"
    );
    // What snow keeps in buffers of its own and drops unwiped; docs/threat-model.md names it.
    let keys: usize = search(&traffic).into_iter().map(|(_, count)| count).sum();
    println!(
        "left by snow: h_0 {} times, of {} keys of ciphers {keys}",
        search(&[hash])[0].1,
        traffic.len()
    );
}
