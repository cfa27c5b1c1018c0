use std::time::Instant as Wall;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use futures::stream;
use hamsa_client::{
    api::{ErrorReport, LinkState, MessageState, Words},
    driver::Handle,
};
use ratatui::backend::TestBackend;

use super::{
    super::{screen::Overlay, tests::shown, update::update},
    *,
};

/// Numbers that look random and are the same at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most).unwrap()).unwrap()
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// A word that stands in everything a person says here, so that it can be looked for.
const MARK: &str = "zzsecretzz";

fn visit(
    locale: Option<Locale>,
    width: u16,
    height: u16,
) -> (SeekerLoop<TestBackend>, Terminal<TestBackend>) {
    let model = SeekerModel::new(locale);
    let texts = Texts::seeker(model.locale);
    let mut visit = SeekerLoop {
        pause: Pause::new(&model, &texts),
        // Each look at the clock is later than a pause.
        now: || {
            static LOOKS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
            let looks = LOOKS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Clock::now() + Duration::from_secs(looks)
        },
        texts,
        model,
        pending: VecDeque::new(),
        clear: |terminal: &mut Terminal<TestBackend>| terminal.backend_mut().clear().unwrap(),
        blank: |terminal: &mut Terminal<TestBackend>| terminal.backend_mut().clear().unwrap(),
        lost: || false,
        work: |_, _| (),
        answers: mpsc::channel(1),
    };
    // As if a frame had been there.
    visit.pause.drawn(Clock::now());
    (visit, Terminal::new(TestBackend::new(width, height)).unwrap())
}

fn control(c: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)
}

fn words(chance: &mut Chance) -> String {
    let more = ["", " سلام", " 👩‍👧", "\n\r", "\u{1b}[2J", " 3afak 7ayati"];
    format!("{MARK}{}", chance.one(&more))
}

fn event(chance: &mut Chance) -> SeekerEvent {
    let id = || format!("s{}", 1);
    match chance.below(15) {
        0 => SeekerEvent::Verified {
            association: words(chance),
            fingerprint: String::new(),
            texts: Vec::new(),
        },
        1 => SeekerEvent::Closed {
            opens: None,
            until: Some(words(chance)),
        },
        2 => SeekerEvent::Waiting {
            ahead: chance.one(&[None, Some(0), Some(3)]),
        },
        3 | 4 => SeekerEvent::Answered {
            association: words(chance),
            pseudonym: words(chance),
        },
        5 | 6 => SeekerEvent::Message {
            number: 0,
            id: "c".to_owned(),
            text: Words(words(chance)),
        },
        7 => SeekerEvent::State {
            id: chance.one(&[id(), "leave".to_owned(), "none".to_owned()]),
            state: chance.one(&[MessageState::AtNode, MessageState::Received, MessageState::Failed]),
        },
        8 => SeekerEvent::Link {
            state: chance.one(&[LinkState::Connected, LinkState::Reconnecting, LinkState::Offline]),
        },
        9 => SeekerEvent::Phrase {
            words: Words(format!("{MARK} b c d e f g h")),
        },
        10 => SeekerEvent::Mail {
            mail: "m".to_owned(),
            text: Words(words(chance)),
            date: "2026-11-24".to_owned(),
        },
        11 => SeekerEvent::TransferAsked { to: words(chance) },
        12 => SeekerEvent::Reopened,
        13 => SeekerEvent::Ended {
            by: hamsa_client::api::EndedBy::Peer,
            reason: hamsa_client::api::EndReason::Finished,
        },
        _ => SeekerEvent::Error(ErrorReport::new(
            chance.one(&[
                hamsa_client::names::ErrorCode::TooLong,
                hamsa_client::names::ErrorCode::NoMail,
                hamsa_client::names::ErrorCode::Stopped,
            ]),
            words(chance),
            words(chance),
        )),
    }
}

/// Anything but the way out.
fn anything(chance: &mut Chance) -> SeekerMsg {
    let codes = [
        KeyCode::Enter,
        KeyCode::Enter,
        KeyCode::Enter,
        KeyCode::Tab,
        KeyCode::Esc,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Left,
        KeyCode::Backspace,
        KeyCode::F(1),
        KeyCode::Char('1'),
        KeyCode::Char('2'),
        KeyCode::Char('3'),
        KeyCode::Char('٤'),
        KeyCode::Char('p'),
        KeyCode::Char('x'),
    ];
    match chance.below(10) {
        0..=3 => SeekerMsg::Key(chance.one(&codes).into()),
        4 => SeekerMsg::Key(control(chance.one(&['k', 'l', 'g', 'y', 'n', 'j', 'h', 'z']))),
        5 => SeekerMsg::Paste(words(chance)),
        6 => SeekerMsg::Click(
            u16::try_from(chance.below(90)).unwrap(),
            u16::try_from(chance.below(30)).unwrap(),
        ),
        7 => SeekerMsg::Wheel(chance.below(2) == 0),
        _ => SeekerMsg::Event(event(chance)),
    }
}

#[test]
fn the_way_out_empties_a_thousand_screens_first() {
    let (sender, mut inbox) = mpsc::channel(1);
    let mut slowest = Duration::ZERO;
    let mut seen = std::collections::HashSet::new();
    for seed in 1..=1_000 {
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let sizes = [(80, 24), (40, 15), (200, 60), (30, 10), (7, 3)];
        let (width, height) = chance.one(&sizes);
        let locale = chance.one(&[
            None,
            Some(Locale::French),
            Some(Locale::Arabic),
            Some(Locale::Tamazight),
        ]);
        let (mut visit, mut terminal) = visit(locale, width, height);
        for _ in 0..chance.below(50) {
            let msg = anything(&mut chance);
            // Leaving in peace is a way out as well; here it is not taken.
            visit.take(&mut terminal, &sender, msg);
            if chance.below(4) == 0 {
                let (width, height) = chance.one(&sizes);
                terminal.backend_mut().resize(width, height);
            }
            if chance.below(8) == 0 {
                visit.draw(&mut terminal).unwrap();
            }
        }
        visit.draw(&mut terminal).unwrap();
        seen.insert(format!("{:?} {:?}", visit.model.screen, visit.model.top()));
        if visit.model.top() == Some(Overlay::Practice) {
            assert!(!visit.take(&mut terminal, &sender, SeekerMsg::Key(control('x'))));
            assert_eq!(
                shown(&terminal).trim(),
                "",
                "seed {seed}: practice leaves nothing"
            );
        }
        let pressed = Wall::now();
        let effects = update(&mut visit.model, SeekerMsg::Key(control('x')), &visit.texts);
        assert_eq!(
            effects,
            [
                SeekerEffect::Clear,
                SeekerEffect::Tell(SeekerCommand::QuickExit),
                SeekerEffect::Leave
            ],
            "seed {seed}"
        );
        assert!(
            visit.take(&mut terminal, &sender, SeekerMsg::Key(control('x'))),
            "seed {seed}"
        );
        slowest = slowest.max(pressed.elapsed());
        assert_eq!(shown(&terminal).trim(), "", "seed {seed}");
        assert_eq!(visit.pending, [SeekerCommand::QuickExit], "seed {seed}");
        while inbox.try_recv().is_ok() {}
    }
    assert!(seen.len() > 40, "only {} kinds of screens were tried", seen.len());
    println!("slowest of 1,000: {slowest:?}, kinds of screens: {}", seen.len());
    assert!(slowest < Duration::from_millis(200), "{slowest:?}");
}

#[tokio::test]
async fn neither_a_flood_nor_a_stuck_engine_delays_the_way_out() {
    let (mut visit, mut terminal) = visit(Some(Locale::French), 80, 24);
    visit.model.asked_for = true;
    visit.model.go(super::super::screen::Screen::Talk);
    let (commands, inbox) = mpsc::channel(1);
    let (events_in, events) = mpsc::channel(64);
    let mut handle = Handle { commands, events };
    for _ in 0..64 {
        let text = Words(MARK.to_owned());
        let id = "c".to_owned();
        events_in
            .try_send(SeekerEvent::Message { number: 0, id, text })
            .unwrap();
    }
    let mut typed: Vec<io::Result<Event>> = Vec::new();
    for _ in 0..500 {
        typed.extend("un mot".chars().map(|c| Ok(Event::Key(KeyCode::Char(c).into()))));
        typed.push(Ok(Event::Key(KeyCode::Enter.into())));
        typed.push(Ok(Event::Resize(80, 24)));
    }
    typed.push(Ok(Event::Paste(format!("{MARK}\r\x18"))));
    typed.push(Ok(Event::Key(control('x'))));
    let keys = stream::iter(typed).chain(stream::pending());
    let out = visit.go(&mut terminal, keys, std::future::pending(), &mut handle);
    tokio::time::timeout(Duration::from_secs(20), out)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(shown(&terminal).trim(), "");
    assert_eq!(visit.pending, [SeekerCommand::QuickExit]);
    drop(inbox);
}

#[tokio::test]
async fn being_told_to_stop_is_the_way_out_too() {
    let (mut visit, mut terminal) = visit(Some(Locale::English), 80, 24);
    let (commands, _inbox) = mpsc::channel(1);
    let (_events, events) = mpsc::channel(1);
    let mut handle = Handle { commands, events };
    let keys = stream::pending();
    visit
        .go(&mut terminal, keys, std::future::ready(()), &mut handle)
        .await
        .unwrap();
    assert_eq!(shown(&terminal).trim(), "");
    assert_eq!(visit.pending, [SeekerCommand::QuickExit]);
}

#[tokio::test]
async fn the_last_command_reaches_a_slow_engine() {
    let (commands, mut inbox) = mpsc::channel(1);
    let (events_in, events) = mpsc::channel::<SeekerEvent>(1);
    commands.try_send(SeekerCommand::Resend).unwrap();
    let engine = tokio::spawn(async move {
        let mut heard = Vec::new();
        while let Some(command) = inbox.recv().await {
            heard.push(command);
        }
        drop(events_in);
        heard
    });
    let handle = Handle { commands, events };
    part(handle, VecDeque::from([SeekerCommand::QuickExit]), QUICK).await;
    assert_eq!(
        engine.await.unwrap(),
        [SeekerCommand::Resend, SeekerCommand::QuickExit]
    );
}
