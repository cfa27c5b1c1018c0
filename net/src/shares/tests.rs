use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn address(number: u8) -> PeerSource {
    PeerSource::Address([number; 16])
}

fn partner(number: u8) -> PeerSource {
    PeerSource::Partner([number; 16])
}

/// A crowd of one source, each in use or waiting; gives how many got a place.
fn crowd(shares: &mut Shares<u8>, source: PeerSource, many: usize, in_use: bool, now: Instant) -> usize {
    let mut entered = 0;
    for _ in 0..many {
        if let Some((id, None)) = shares.enter(source, 0, now) {
            entered += 1;
            if in_use {
                shares.use_more(id);
            }
        }
    }
    entered
}

#[test]
fn two_thousand_behind_one_address_are_served() {
    let mut shares = Shares::new(16_384);
    assert_eq!(crowd(&mut shares, address(1), 2_000, true, Instant::now()), 2_000);
}

#[test]
fn under_pressure_one_source_leaves_room() {
    let mut shares = Shares::new(100);
    let now = Instant::now();
    assert_eq!(crowd(&mut shares, address(1), 1_000, true, now), 50);
    assert_eq!(crowd(&mut shares, address(2), 1_000, true, now), 33);
    // A person who comes now finds a place, and so does the next.
    for person in 3..10 {
        assert_eq!(crowd(&mut shares, address(person), 1, true, now), 1);
    }
}

#[test]
fn two_silent_sources_close_nothing_to_newcomers() {
    let mut shares = Shares::new(100);
    let now = Instant::now();
    for attacker in [1, 2] {
        crowd(&mut shares, address(attacker), 1_060, false, now);
    }
    // A hundred people, each from an address of their own: who waits makes room for all of them.
    let now = now + WAIT_UNDER_PRESSURE;
    let mut shed = 0;
    for person in 10..110 {
        let (id, other) = shares.enter(address(person), 0, now).unwrap();
        shed += usize::from(other.is_some());
        shares.use_more(id);
    }
    assert_eq!((shares.len(), shed), (100, 83));
    // All are in use now: nobody is cut for another one.
    assert!(shares.enter(address(200), 0, now).is_none());
}

#[test]
fn the_source_with_most_that_wait_makes_room_first() {
    let mut shares = Shares::new(8);
    let now = Instant::now();
    let (first, _) = shares.enter(address(1), 1, now).unwrap();
    for tag in [2, 3, 4] {
        shares.enter(address(2), tag, now).unwrap();
    }
    for person in 3..7 {
        shares.enter(address(person), 10 + person, now).unwrap();
    }
    // The longest of address 2, not the first of all, and then again, until nobody has more than the newcomer would.
    let shed = |shares: &mut Shares<u8>, person| shares.enter(address(person), 9, now).map(|(_, shed)| shed);
    assert_eq!(shed(&mut shares, 20), Some(Some(2)));
    assert_eq!(shed(&mut shares, 21), Some(Some(3)));
    assert_eq!(shed(&mut shares, 22), None);
    // After some seconds without a word the longest of all goes.
    let later = now + WAIT_UNDER_PRESSURE;
    assert_eq!(shares.enter(address(23), 9, later).unwrap().1, Some(1));
    assert_eq!(shares.leave(first), None);
}

#[test]
fn beyond_its_share_a_source_replaces_its_own() {
    let mut shares = Shares::new(16);
    let now = Instant::now();
    for tag in 0..8 {
        shares.enter(address(1), tag, now).unwrap();
    }
    // An honest person behind the address of an attacker gets in, for the one that has been silent longest.
    let (id, shed) = shares.enter(address(1), 99, now).unwrap();
    assert_eq!(shed, Some(0));
    shares.use_more(id);
    for tag in 1..8 {
        assert_eq!(shares.enter(address(1), 50, now).unwrap().1, Some(tag));
    }
    assert_eq!(
        shares.enter(address(1), 50, now).unwrap().1,
        Some(50),
        "never the one in use"
    );
}

#[test]
fn a_place_waits_again_after_its_last_use() {
    let mut shares = Shares::new(4);
    let now = Instant::now();
    let (id, _) = shares.enter(address(1), 1, now).unwrap();
    shares.use_more(id);
    shares.use_more(id);
    shares.use_less(id, now);
    for tag in 2..5 {
        shares.enter(address(1), tag, now).unwrap();
    }
    assert_eq!(shares.enter(address(1), 5, now).unwrap().1, Some(2));
    shares.use_less(id, now);
    for tag in [3, 4, 5, 1] {
        assert_eq!(shares.enter(address(1), 6, now).unwrap().1, Some(tag));
    }
}

#[test]
fn strangers_leave_the_reserve_to_partners() {
    let mut shares = Shares::new(100);
    let now = Instant::now();
    shares.reserve(1_000, 2);
    let strangers: usize = (0..200)
        .map(|n| crowd(&mut shares, address(n), 10, true, now))
        .sum();
    assert_eq!(strangers, 50, "half is the most that can be kept");
    assert_eq!(crowd(&mut shares, partner(1), 1_000, true, now), 33);
    assert_eq!(
        crowd(&mut shares, partner(2), 10, true, now),
        10,
        "the other is not starved"
    );
}

#[test]
fn one_partner_alone_has_half_at_most_under_pressure() {
    let mut shares = Shares::new(100);
    let now = Instant::now();
    assert_eq!(crowd(&mut shares, partner(1), 1_000, true, now), 50);
    assert_eq!(crowd(&mut shares, partner(2), 1_000, true, now), 33);
    assert!(crowd(&mut shares, address(1), 1_000, true, now) > 0);
}

#[test]
fn a_lone_partner_has_half_where_strangers_come_too() {
    let mut shares = Shares::new(100);
    let now = Instant::now();
    shares.reserve(100, 1);
    assert_eq!(crowd(&mut shares, address(1), 10, true, now), 10);
    assert_eq!(crowd(&mut shares, partner(1), 1_000, true, now), 50);
    // Strangers have the other half, and a partner that is added later its share.
    let strangers: usize = (2..8)
        .map(|n| crowd(&mut shares, address(n), 10, true, now))
        .sum();
    assert_eq!(strangers, 40);
}

#[test]
fn a_sole_source_may_have_all_handshakes() {
    let mut shares = Shares::waiting(100);
    shares.reserve(16, 1);
    let now = Instant::now();
    // A carrier's address at a moment when everybody comes: none of them is cut for another one.
    assert_eq!(crowd(&mut shares, address(1), 84, false, now), 84);
    // A newcomer of another source finds room at once, and so does the next one of the crowd.
    for person in 2..30 {
        let (_, shed) = shares.enter(address(person), 1, now).unwrap();
        assert_eq!(shed, Some(0));
    }
    assert_eq!(shares.enter(address(1), 0, now).unwrap().1, Some(0));
    assert!(shares.len() == 84, "what is left to partners is left");
    // Not where a place may come in use, and so be had for hours.
    let mut shares = Shares::new(100);
    assert_eq!(crowd(&mut shares, address(1), 84, false, now), 50);
}

#[test]
fn an_onion_class_has_a_quarter_however_many_others_there_are() {
    let mut shares = Shares::new(1_024);
    let now = Instant::now();
    let others: usize = (0..100)
        .map(|n| crowd(&mut shares, address(n), 6, true, now))
        .sum();
    assert!(others >= 512);
    assert_eq!(crowd(&mut shares, PeerSource::Unnamed, 1_000, true, now), 256);
}

#[derive(Clone, Debug)]
enum Step {
    Enter(u8),
    Partner(u8),
    Use(usize),
    Rest(usize),
    Leave(usize),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_u8..5).prop_map(Step::Enter),
        1 => (0_u8..2).prop_map(Step::Partner),
        3 => (0_usize..64).prop_map(Step::Use),
        2 => (0_usize..64).prop_map(Step::Rest),
        2 => (0_usize..64).prop_map(Step::Leave),
        1 => (0_u64..4).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..200)
}

/// Whoever holds a place, as a list: slow and plain.
#[derive(Clone, Copy, Debug)]
struct Holder {
    id: PlaceId,
    tag: u32,
    source: PeerSource,
    uses: usize,
    since: Instant,
}

fn waiting(holders: &[Holder], source: PeerSource) -> usize {
    holders
        .iter()
        .filter(|h| h.source == source && h.uses == 0)
        .count()
}

/// What MUST hold of one newcomer, whatever the order of what came before.
fn judge(
    shares: &Shares<u32>,
    before: &[Holder],
    source: PeerSource,
    shed: Option<Option<&Holder>>,
    now: Instant,
) {
    let pressed = before.len() >= shares.places / 2;
    let strangers = before.iter().filter(|h| !h.source.is_partner()).count();
    match shed {
        Some(None) => {}
        Some(Some(other)) => {
            assert!(pressed, "below half nobody makes room");
            assert_eq!(other.uses, 0, "what is in use is never cut");
            assert!(!other.source.is_partner() || other.source == source);
            let waited = now.duration_since(other.since) >= WAIT_UNDER_PRESSURE;
            let bigger = waiting(before, other.source) > waiting(before, source);
            assert!(other.source == source || bigger || waited);
            let longer = before.iter().filter(|h| h.source == other.source && h.uses == 0);
            assert!(
                longer.into_iter().all(|h| h.since >= other.since),
                "the longest goes"
            );
        }
        None => {
            assert!(pressed, "below half nobody is refused");
            assert_eq!(
                waiting(before, source) * usize::from(before.len() < shares.places - shares.reserve),
                0
            );
            let held = before.iter().filter(|h| h.source == source).count();
            let full = before.len() == shares.places || strangers == shares.places - shares.reserve;
            if held == 0 && !source.is_partner() {
                assert!(
                    full,
                    "a source without a place is refused only when there is none"
                );
                let mut others = before.iter().filter(|h| !h.source.is_partner());
                assert!(others.all(|h| h.uses > 0 || waiting(before, h.source) < 2));
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_comes_the_rule_holds(
        places in 1_usize..24, reserve in 0_usize..12, used in any::<bool>(), steps in steps()
    ) {
        let mut shares = if used { Shares::new(places) } else { Shares::waiting(places) };
        shares.reserve(reserve, 2);
        let mut now = Instant::now();
        let mut holders: Vec<Holder> = Vec::new();
        for (tag, step) in (0_u32..).zip(steps) {
            let some = |n: usize| n % holders.len().max(1);
            match step {
                Step::Enter(n) | Step::Partner(n) => {
                    let source = if matches!(step, Step::Enter(_)) { address(n) } else { partner(n) };
                    let source = if source == address(4) { PeerSource::Unnamed } else { source };
                    let before = holders.clone();
                    let entered = shares.enter(source, tag, now);
                    let shed = entered.map(|(_, shed)| shed);
                    let other = shed.map(|shed| shed.map(|tag| before.iter().find(|h| h.tag == tag).unwrap()));
                    judge(&shares, &before, source, other, now);
                    if let Some((id, shed)) = entered {
                        holders.retain(|h| Some(h.tag) != shed);
                        holders.push(Holder { id, tag, source, uses: 0, since: now });
                    }
                }
                Step::Use(_) if !used => {}
                Step::Use(n) => {
                    let at = some(n);
                    if let Some(holder) = holders.get_mut(at) {
                        shares.use_more(holder.id);
                        holder.uses += 1;
                    }
                }
                Step::Rest(n) => {
                    let at = some(n);
                    if let Some(holder) = holders.get_mut(at).filter(|h| h.uses > 0) {
                        shares.use_less(holder.id, now);
                        holder.uses -= 1;
                        holder.since = now;
                    }
                }
                Step::Leave(n) if !holders.is_empty() => {
                    let gone = holders.remove(n % holders.len());
                    prop_assert_eq!(shares.leave(gone.id), Some(gone.tag));
                    prop_assert_eq!(shares.leave(gone.id), None);
                }
                Step::Leave(_) => {}
                Step::Wait(seconds) => now += Duration::from_secs(seconds),
            }
            prop_assert!(holders.len() <= places && shares.len() == holders.len());
            let strangers = holders.iter().filter(|h| !h.source.is_partner());
            prop_assert!(strangers.clone().count() <= places - reserve.min(places / 2));
            prop_assert_eq!(shares.longest.len(), strangers.filter(|h| h.uses == 0).count());
        }
        for holder in holders {
            shares.leave(holder.id);
        }
        prop_assert!(shares.sources.is_empty() && shares.most.is_empty() && shares.longest.is_empty());
        prop_assert_eq!((shares.partners, shares.strangers, shares.held_by_strangers), (0, 0, 0));
    }
}
