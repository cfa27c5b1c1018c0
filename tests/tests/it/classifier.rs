//! What a classifier learns from the records that pass an entry. It is trained on the first half of a talk and asked
//! about the second; the home's eyes give the truth. By size it must do no better than somebody who sees nothing and
//! always says the commonest kind. What timing tells is measured and printed; docs/threat-model.md has the figures.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    time::Instant,
};

use hamsa_node::{Sight, run::start};
use hamsa_protocol::wire::UNIT;
use hamsa_tests::cast::{Helpline, Plan};
use tokio::sync::mpsc;

use crate::talk::exchange;

/// A record that passed: what it was, and what an entry could see of it.
#[derive(Clone, Copy)]
struct Passed {
    kind: &'static str,
    inbound: bool,
    bytes: usize,
    at: Instant,
}

/// How often the commonest kind of a feature's training half is right in the other half.
fn accuracy<F: Eq + Hash>(records: &[Passed], feature: impl Fn(&[Passed], usize) -> F) -> f64 {
    let half = records.len() / 2;
    let mut counts: HashMap<F, BTreeMap<&str, usize>> = HashMap::new();
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, record) in records.iter().enumerate().take(half) {
        *counts
            .entry(feature(records, at))
            .or_default()
            .entry(record.kind)
            .or_default() += 1;
        *all.entry(record.kind).or_default() += 1;
    }
    let commonest = |counts: &BTreeMap<&'static str, usize>| {
        counts.iter().max_by_key(|(_, n)| **n).map(|(kind, _)| *kind)
    };
    let right = (half..records.len()).filter(|at| {
        let guess = counts.get(&feature(records, *at)).unwrap_or(&all);
        commonest(guess) == Some(records[*at].kind)
    });
    let (right, asked) = (right.count(), records.len() - half);
    f64::from(u32::try_from(right).unwrap()) / f64::from(u32::try_from(asked).unwrap())
}

/// The pause before a record, in powers of two of a millisecond.
fn pause(records: &[Passed], at: usize) -> u32 {
    let before = at
        .checked_sub(1)
        .map_or(records[at].at, |before| records[before].at);
    let millis = records[at].at.duration_since(before).as_millis();
    u128::BITS - millis.leading_zeros()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sizes_tell_nothing_about_kinds() {
    let plan = Plan {
        run: false,
        ..Plan::default()
    };
    let helpline = Helpline::found(plan).await;
    let (seen, mut sights) = mpsc::channel::<Sight>(65_536);
    let (home_seen, mut home_sights) = mpsc::channel::<Sight>(65_536);
    let home = start(&helpline.homes[0].dir, Some(home_seen)).await.unwrap();
    let entry = start(&helpline.entries[0].dir, Some(seen)).await.unwrap();
    let records = tokio::spawn(async move {
        let mut records = Vec::new();
        while let Some(Sight {
            kind, inbound, bytes, ..
        }) = home_sights.recv().await
        {
            records.push(Passed {
                kind,
                inbound,
                bytes,
                at: Instant::now(),
            });
        }
        records
    });

    let (counselor, seeker, chat) = helpline.chat().await;
    // A talk: each answers when she has read, words short and long.
    for turn in 0..40 {
        let one = vec![(format!("s-{turn}"), "salam ".repeat(1 + turn * 17 % 400))];
        let other = vec![(format!("c-{turn}"), "مرحبا ".repeat(1 + turn * 29 % 300))];
        exchange((&counselor, &seeker, &chat), &one, &[]).await;
        exchange((&counselor, &seeker, &chat), &[], &other).await;
    }
    seeker.face.exit().await;
    counselor.face.exit().await;
    entry.shutdown().await;
    home.shutdown().await;

    let mut passed = 0;
    while let Some(sight) = sights.recv().await {
        passed += sight.bytes;
    }
    let records = records.await.unwrap();
    assert!(records.len() > 300, "{} records", records.len());
    // The entry saw these records and the two handshake units of each link, and nothing of another size.
    assert_eq!(passed % UNIT, 0);
    assert!(passed / UNIT >= records.len());

    let blind = accuracy(&records, |_, _| ());
    let size = accuracy(&records, |records, at| records[at].bytes);
    let direction = accuracy(&records, |records, at| records[at].inbound);
    let timing = accuracy(&records, |records, at| {
        let before = at.checked_sub(1).map(|before| records[before].inbound);
        (records[at].inbound, before, pause(records, at))
    });
    println!(
        "{} records: always the commonest kind {blind:.2}, by size {size:.2}, by direction {direction:.2}, by direction and pause {timing:.2}",
        records.len()
    );
    assert!(
        (size - blind).abs() < f64::EPSILON,
        "by size {size}, blind {blind}"
    );
}
