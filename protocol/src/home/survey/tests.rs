use core::time::Duration;

use super::*;
use crate::{
    crypto::keys::{DhSecret, NodePeer, RootKey, SignKey},
    home::{HomeConfig, LinkId, NewLink, Via, memory::MemoryStore},
    machine::Machine,
    objects::{Delegation, Roster, Settings, Signed},
    testing::{no_entries, seeded},
    time::Tick,
    wire::{Kind, Record},
};

/// 2026-10-31T23:59:58Z.
const OCTOBER: Unix = Unix(1_793_491_198);
/// Two seconds later.
const NOVEMBER: Unix = Unix(1_793_491_200);
const MONTH_SECONDS: u64 = 31 * 86_400;

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

const fn from(hash: [u8; 32]) -> NewLink {
    NewLink { hash, via: Via(0) }
}

fn moment(unix: Unix) -> Now {
    Now {
        tick: Tick((unix.0 - OCTOBER.0) * 1_000),
        unix,
    }
}

fn home(published: bool) -> Home {
    let mut random = seeded(1);
    let (root, operator) = (SignKey::generate(&mut random), SignKey::generate(&mut random));
    let helpline = RootKey(root.public()).helpline();
    let delegation = Delegation {
        home_peer: NodePeer([2; 32]),
        home_x: DhSecret::generate(&mut random).public(),
        op_pk: operator.public().to_bytes(),
        not_before: OCTOBER,
        expires: OCTOBER + Duration::from_secs(80 * 86_400),
    };
    let delegation = Signed::sign(delegation, &root, &helpline).unwrap();
    let settings = Settings::named("A".parse().unwrap()).encode().unwrap();
    let roster = Roster {
        version: 1,
        issued: OCTOBER,
        expires: OCTOBER + Duration::from_secs(30 * 86_400),
        certificates: Vec::new(),
        delegations: vec![delegation.hash()],
        revoked: Vec::new(),
        settings: Settings::hash(&settings),
        entries: no_entries(&root).list.hash(),
    };
    let config = HomeConfig {
        root: RootKey(root.public()),
        delegation,
        operator,
        receipt_key: [3; 32].into(),
        boot: 1,
        descriptor_floor: 0,
    };
    let store = Box::new(MemoryStore::new());
    let mut home = Home::new(config, store, seeded(2), moment(OCTOBER));
    if published {
        let roster = Signed::sign(roster, &root, &helpline).unwrap();
        home.install(roster.encoded(), &settings, &no_entries(&root), moment(OCTOBER))
            .unwrap();
    }
    home
}

/// The answer to a survey over this link, which may be new: nothing, or a refusal.
fn survey(home: &mut Home, link: u64, body: &[u8], at: Unix) -> Option<Refusal> {
    let link = LinkId(link);
    if !home.links.contains_key(&link) {
        home.handle_connected(link, from([0; 32]), moment(at));
    }
    let record = Record::new(Kind::Survey).request(7).body(body.to_vec());
    home.handle_record(link, record, moment(at));
    let mut drained = home.drain();
    let records = drained.records().map(|(_, record)| record);
    let answers: Vec<_> = records.filter(|record| record.request == 7).collect();
    assert_eq!(answers.len(), 1, "one answer");
    match answers[0].kind {
        Kind::Refused => Some(postcard_decode(&answers[0].body).unwrap()),
        kind => {
            assert_eq!((kind, answers[0].body.len()), (Kind::Counted, 0));
            None
        }
    }
}

/// Yes and no of each question of a month.
fn sums(survey: &Survey, at: Unix) -> [(u32, u32); 3] {
    let sums = survey.0.get(&Month::of(at)).copied().unwrap_or_default();
    sums.map(|sum| (sum.yes, sum.no))
}

fn counted(answers: impl IntoIterator<Item = [Option<bool>; 3]>, at: Unix) -> Survey {
    let mut survey = Survey::default();
    for answer in answers {
        survey.count(at, Answers(answer));
    }
    survey
}

#[test]
fn a_home_counts_each_answer_of_one_survey_on_each_link() {
    let mut home = home(true);
    assert_eq!(survey(&mut home, 1, &[1, 2, 0], OCTOBER), None);
    assert_eq!(survey(&mut home, 2, &[1, 1, 2], OCTOBER), None);
    assert_eq!(survey(&mut home, 1, &[1, 1, 1], OCTOBER), Some(Refusal::Busy));
    assert_eq!(sums(home.survey(), OCTOBER), [(2, 0), (1, 1), (0, 1)]);
    // Two seconds later it is another month.
    assert_eq!(survey(&mut home, 3, &[2, 0, 0], NOVEMBER), None);
    assert_eq!(sums(home.survey(), OCTOBER), [(2, 0), (1, 1), (0, 1)]);
    assert_eq!(sums(home.survey(), NOVEMBER), [(0, 1), (0, 0), (0, 0)]);
    assert_eq!(home.counts().stored, 0, "no number tells of it");
}

#[test]
fn three_skips_are_answered_and_leave_nothing() {
    let mut home = home(true);
    assert_eq!(survey(&mut home, 1, &[0, 0, 0], OCTOBER), None);
    assert_eq!(*home.survey(), Survey::default());
}

#[test]
fn what_is_no_survey_is_refused_and_takes_the_turn_of_none() {
    let mut home = home(true);
    for wrong in [&[1, 2, 3][..], &[1, 2], &[1, 2, 0, 0], &[]] {
        assert_eq!(survey(&mut home, 1, wrong, OCTOBER), Some(Refusal::Malformed));
    }
    assert_eq!(*home.survey(), Survey::default());
    assert_eq!(survey(&mut home, 1, &[1, 0, 0], OCTOBER), None);
}

#[test]
fn a_home_without_a_valid_roster_counts_nothing() {
    let mut without = home(false);
    let refused = survey(&mut without, 1, &[1, 1, 1], OCTOBER);
    assert_eq!(refused, Some(Refusal::NoRoster));
    let mut late = home(true);
    let refused = survey(
        &mut late,
        1,
        &[1, 1, 1],
        OCTOBER + Duration::from_secs(40 * 86_400),
    );
    assert_eq!(refused, Some(Refusal::NoRoster));
    for home in [without, late] {
        assert_eq!(*home.survey(), Survey::default());
    }
}

#[test]
fn only_past_months_and_sums_of_at_least_ten_are_told() {
    let mut survey = counted((0..10).map(|_| [YES, NO, YES]), OCTOBER);
    for _ in 0..9 {
        survey.count(OCTOBER, Answers([NO, None, None]));
    }
    assert_eq!(survey.told(OCTOBER), [], "it is not over");
    let month = Month::of(OCTOBER);
    let row = |question, yes, no| Told {
        month,
        question,
        yes,
        no,
    };
    let expected = [
        row(Question::Heard, Some(10), None),
        row(Question::Step, None, Some(10)),
        row(Question::Safer, Some(10), None),
    ];
    assert_eq!(survey.told(NOVEMBER), expected);
    assert_eq!(month.to_string(), "2026-10");
    survey.count(OCTOBER, Answers([NO, None, None]));
    assert_eq!(survey.told(NOVEMBER)[0], row(Question::Heard, Some(10), Some(10)));
    // Nothing is published of the present month, and of a month with few answers not even that there were any.
    for _ in 0..9 {
        survey.count(NOVEMBER, Answers([YES, NO, YES]));
    }
    assert_eq!(survey.told(NOVEMBER).len(), 3);
    assert_eq!(
        survey.told(NOVEMBER + Duration::from_secs(MONTH_SECONDS)).len(),
        3
    );
}

#[test]
fn the_oldest_months_go() {
    let mut survey = Survey::default();
    let at = |month: u64| OCTOBER + Duration::from_secs(month * MONTH_SECONDS);
    for month in 0..30 {
        survey.count(at(month), Answers([YES, None, None]));
        assert!(survey.0.len() <= SURVEY_MONTHS_MAX);
    }
    assert_eq!(survey.0.len(), SURVEY_MONTHS_MAX);
    assert_eq!(sums(&survey, at(29))[0], (1, 0));
    assert_eq!(sums(&survey, at(0))[0], (0, 0));
}

#[test]
fn sums_stop_at_their_end() {
    let full = Sum {
        yes: u32::MAX,
        no: u32::MAX - 1,
    };
    let mut survey = Survey(BTreeMap::from([(Month::of(OCTOBER), [full; 3])]));
    for answer in [YES, NO, NO] {
        survey.count(OCTOBER, Answers([answer; 3]));
    }
    assert_eq!(sums(&survey, OCTOBER), [(u32::MAX, u32::MAX); 3]);
}

#[test]
fn sums_outlive_a_restart_and_only_their_own_bytes_are_taken() {
    let mut first = home(true);
    for link in 0..12 {
        assert_eq!(survey(&mut first, link, &[1, 2, 0], OCTOBER), None);
    }
    let bytes = first.survey().encode();
    let mut second = home(true);
    second.remember_survey(Survey::decode(&bytes).unwrap());
    assert_eq!(second.survey(), first.survey());
    assert_eq!(survey(&mut second, 1, &[1, 0, 0], OCTOBER), None);
    assert_eq!(sums(second.survey(), OCTOBER), [(13, 0), (0, 12), (0, 0)]);
    assert_eq!(second.survey_told(moment(OCTOBER)), []);
    assert_eq!(second.survey_told(moment(NOVEMBER)).len(), 2);

    assert_eq!(Survey::decode(&[]), None);
    assert_eq!(Survey::decode(&[bytes.as_slice(), &[0]].concat()), None);
    for length in 0..bytes.len() {
        assert_eq!(Survey::decode(&bytes[..length]), None);
    }
    let month = |month| (Month(month), [Sum::default(); 3]);
    let encode = |months: Vec<(Month, [Sum; 3])>| postcard_encode(&months);
    assert!(Survey::decode(&encode((0..24).map(month).collect())).is_some());
    assert_eq!(Survey::decode(&encode((0..25).map(month).collect())), None);
    assert_eq!(Survey::decode(&encode(vec![month(2), month(1)])), None);
    assert_eq!(Survey::decode(&encode(vec![month(1), month(1)])), None);
    assert!(Survey::decode(&encode(vec![month(96_359)])).is_some());
    assert_eq!(Survey::decode(&encode(vec![month(96_360)])), None);
}

#[test]
fn a_doubted_clock_ends_no_month() {
    let mut home = home(true);
    home.doubt_clock(OCTOBER);
    for link in 0..10 {
        // One second has passed, and the wall clock says that it is the next month.
        let now = Now {
            tick: Tick(1_000),
            unix: NOVEMBER + Duration::from_secs(5),
        };
        home.handle_connected(LinkId(link), from([0; 32]), now);
        let record = Record::new(Kind::Survey).request(7).body(vec![1, 0, 0]);
        home.handle_record(LinkId(link), record, now);
        assert_eq!(home.survey_told(now), []);
    }
    assert_eq!(sums(home.survey(), OCTOBER)[0], (10, 0));
    assert_eq!(home.survey_told(moment(NOVEMBER)).len(), 1);
}

#[test]
fn months_follow_the_calendar() {
    for (unix, month) in [
        (0, "1970-01"),
        (951_782_399, "2000-02"),
        (951_868_800, "2000-03"),
        (1_709_251_199, "2024-02"),
        (1_709_251_200, "2024-03"),
        (1_798_761_599, "2026-12"),
        (1_798_761_600, "2027-01"),
        (253_402_300_799, "9999-12"),
        (u64::MAX, "9999-12"),
    ] {
        assert_eq!(Month::of(Unix(unix)).to_string(), month, "{unix}");
    }
}

#[test]
fn nothing_shows_the_sums_by_accident() {
    let survey = counted([[YES, NO, None]], OCTOBER);
    assert_eq!(format!("{survey:?}"), "Survey(1 months)");
}
