//! Random sequences of keys and events, held against an oracle that knows only what was drawn and when.

use hamsa_client::api::Words;
use proptest::prelude::*;

use super::*;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    Key(KeyCode),
    Control(char),
    Paste,
    Wait(u64),
    Chat(u8, bool),
    Ended(u8),
    Message(u8),
    Mail(u8),
    MailAnswered(u8),
    Duty(bool),
    Idle,
    Unlocked(bool),
    Resize(u16, u16),
    Error,
    /// No frame for what comes next: the machine is busy.
    Blind,
}

fn act() -> impl Strategy<Value = Act> {
    let letters = prop::sample::select(vec![
        'n', 'c', 'o', 'e', 'y', 'b', 'm', 't', 'd', 'x', '1', '2', '?', 'ى', 'غ', 'a',
    ]);
    let keys = prop::sample::select(vec![
        KeyCode::Enter,
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::PageUp,
        KeyCode::Backspace,
        KeyCode::F(1),
    ]);
    let waits = prop::sample::select(vec![1, 90, 499, 500, 700, 3_000]);
    let sizes = prop::sample::select(vec![(20, 5), (29, 24), (40, 15), (80, 24), (120, 40)]);
    prop_oneof![
        10 => letters.prop_map(|c| Act::Key(KeyCode::Char(c))),
        5 => keys.prop_map(Act::Key),
        3 => prop::sample::select(vec!['k', 'b', 'q', 'c', 'l', 'h', 'ن']).prop_map(Act::Control),
        1 => Just(Act::Paste),
        6 => waits.prop_map(Act::Wait),
        3 => (0..3_u8, any::<bool>()).prop_map(|(chat, urgent)| Act::Chat(chat, urgent)),
        3 => (0..3_u8).prop_map(Act::Ended),
        1 => (0..3_u8).prop_map(Act::Message),
        1 => (0..2_u8).prop_map(Act::Mail),
        1 => (0..2_u8).prop_map(Act::MailAnswered),
        1 => any::<bool>().prop_map(Act::Duty),
        1 => Just(Act::Idle),
        2 => any::<bool>().prop_map(Act::Unlocked),
        2 => sizes.prop_map(|(width, height)| Act::Resize(width, height)),
        1 => Just(Act::Error),
        1 => Just(Act::Blind),
    ]
}

/// What keys can change: the words of every draft, what is hidden, and the meaning.
type Snapshot = (
    DeskMeaning,
    Vec<(String, String, bool)>,
    Vec<(String, String, bool)>,
);

fn snapshot(model: &DeskModel) -> Snapshot {
    let chats = model.chats.iter().map(|chat| {
        let text = chat.composer.text().to_owned();
        (chat.id.clone(), text, chat.blurred)
    });
    let mails = model.mails.iter().map(|mail| {
        let text = mail.composer.text().to_owned();
        (mail.id.clone(), text, mail.blurred)
    });
    (meaning(model), chats.collect(), mails.collect())
}

/// The oracle: what the person could have read, and since when in peace.
struct Oracle {
    /// The meaning of the last frame.
    read: DeskMeaning,
    /// The person did not make the present meaning, and no pause has passed: since the last key or the frame.
    pause: Option<Option<Instant>>,
    /// Since when commands were asked for by an explicit key; without a chat they need none.
    commands: bool,
    /// There is no frame of what keys mean: none at all yet, or only one that was too small for it.
    unseen: bool,
    /// No frame was ever seen.
    first: bool,
}

fn drafts_of(snapshot: &Snapshot) -> impl Iterator<Item = &(String, String, bool)> {
    snapshot.1.iter().chain(&snapshot.2)
}

impl Oracle {
    /// A frame is there to be read.
    fn frame(&mut self, meaning: DeskMeaning, whole: bool, now: Instant) {
        let first = std::mem::take(&mut self.first);
        self.unseen = !whole;
        if !whole {
            self.pause = Some(None);
            return;
        }
        self.read = meaning;
        if first {
            self.pause = None;
        } else if self.pause == Some(None) {
            self.pause = Some(Some(now));
        }
    }

    /// Whether a key now may do more than open a way.
    fn may_act(&mut self, now: Instant) -> bool {
        match self.pause {
            None => true,
            Some(since) => {
                let rested = since.is_some_and(|since| now.duration_since(since) >= PAUSE);
                self.pause = if rested { None } else { Some(since.map(|_| now)) };
                false
            }
        }
    }

    fn check_key(
        &mut self,
        act: &Act,
        before: &Snapshot,
        after: &Snapshot,
        effects: &[DeskEffect],
        now: Instant,
    ) -> Result<(), TestCaseError> {
        let control = match act {
            Act::Control('ن') => Some('k'),
            Act::Control(c) => Some(*c),
            _ => None,
        };
        let is_way = matches!(control, Some('k' | 'q' | 'c' | 'l')) || matches!(act, Act::Key(KeyCode::F(1)));
        let enter = matches!(act, Act::Key(KeyCode::Enter));
        let may = self.may_act(now);
        let ended_pause = !may && self.pause.is_none();
        if !may {
            // Only a lock says something, or the way out where no question could be read; no draft changes; the blur opens
            // for Enter after the pause alone.
            let out = self.unseen && matches!(control, Some('q' | 'c'));
            let tells = effects.iter().all(|effect| match effect {
                DeskEffect::Tell(CounselorCommand::ScreenLocked { .. }) => true,
                DeskEffect::Tell(CounselorCommand::Exit) | DeskEffect::Leave => out,
                _ => false,
            });
            prop_assert!(tells, "{:?} acted at {:?}: {:?}", act, before.0, effects);
            let texts = |snapshot: &Snapshot| -> Vec<String> {
                drafts_of(snapshot).map(|draft| draft.1.clone()).collect()
            };
            prop_assert_eq!(texts(before), texts(after));
            let opens = ended_pause && enter;
            prop_assert!(
                is_way || opens || before == after,
                "{:?} acted at {:?}",
                act,
                before.0
            );
        }
        for effect in effects {
            let DeskEffect::Tell(command) = effect else {
                continue;
            };
            prop_assert!(
                before.0 == self.read
                    || matches!(
                        command,
                        CounselorCommand::ScreenLocked { .. } | CounselorCommand::Exit
                    ),
                "{:?} was done at {:?}, and {:?} was read",
                command,
                before.0,
                self.read
            );
            match (command, &before.0) {
                (CounselorCommand::Say { chat, .. }, DeskMeaning::Write(Some(shown))) => {
                    prop_assert!(*chat == shown.id && shown.entered && !shown.blurred && !shown.over);
                }
                (CounselorCommand::Reply { mail, .. }, DeskMeaning::Mail(Some((shown, false, true)))) => {
                    prop_assert_eq!(mail, shown);
                }
                (CounselorCommand::End { chat }, DeskMeaning::Confirm(Confirmation::End(about), _))
                | (CounselorCommand::Block { chat }, DeskMeaning::Confirm(Confirmation::Block(about), _)) => {
                    prop_assert_eq!(chat, about);
                }
                (CounselorCommand::Transfer { chat, .. }, DeskMeaning::Transfer(about)) => {
                    prop_assert_eq!(chat, about);
                }
                (
                    CounselorCommand::TakeNext
                    | CounselorCommand::OnDuty
                    | CounselorCommand::OffDuty
                    | CounselorCommand::Break,
                    DeskMeaning::Command(chat, _),
                ) => prop_assert!(
                    self.commands || chat.is_none(),
                    "{:?} without an explicit key",
                    command
                ),
                (CounselorCommand::ScreenLocked { locked: true }, _) => prop_assert_eq!(control, Some('l')),
                (CounselorCommand::Exit, DeskMeaning::Confirm(Confirmation::Leave, _)) => {
                    let yes = matches!(act, Act::Key(KeyCode::Char('y' | 'غ')));
                    let yes = yes || ((may || self.unseen) && matches!(control, Some('q' | 'c')));
                    prop_assert!(yes);
                }
                // Where nothing would be lost, the way out asks nothing that could not be read.
                (CounselorCommand::Exit, _) => {
                    prop_assert!((may || self.unseen) && matches!(control, Some('q' | 'c')));
                }
                (command, meaning) => prop_assert!(false, "{:?} at {:?}", command, meaning),
            }
        }
        // A draft changes only where it was read that letters go there.
        for draft in drafts_of(before) {
            let now = drafts_of(after).find(|(id, ..)| *id == draft.0);
            let Some(now) = now else {
                // Closed with `c`.
                prop_assert!(matches!(act, Act::Key(KeyCode::Char('c' | 'ؤ'))) && self.commands && may);
                continue;
            };
            if now.1 != draft.1 {
                let here = match &before.0 {
                    DeskMeaning::Write(Some(shown)) => {
                        let thrown = shown.over && *act_code(act) == KeyCode::Esc && now.1.is_empty();
                        shown.id == draft.0 && ((shown.entered && !shown.blurred && !shown.over) || thrown)
                    }
                    DeskMeaning::Mail(Some((id, false, true))) => *id == draft.0,
                    _ => false,
                };
                prop_assert!(
                    here && before.0 == self.read && may,
                    "{:?} wrote at {:?}",
                    act,
                    before.0
                );
            }
            if draft.2 && !now.2 {
                prop_assert!(enter || control == Some('b'), "{:?} opened the blur", act);
            }
        }
        // What the person made of a frame that was read needs no frame of its own.
        if before.0 == self.read {
            self.read = after.0.clone();
        }
        let was = matches!(before.0, DeskMeaning::Command(..));
        let is = matches!(after.0, DeskMeaning::Command(..));
        self.commands = is
            && (self.commands && was
                || control == Some('k')
                || *act_code(act) == KeyCode::Esc && may
                || matches!(before.0, DeskMeaning::Confirm(..)));
        Ok(())
    }
}

fn act_code(act: &Act) -> &KeyCode {
    match act {
        Act::Key(code) => code,
        _ => &KeyCode::Null,
    }
}

fn play(early: bool, acts: Vec<Act>) -> Result<(), TestCaseError> {
    let mut bench = if early { Bench::new() } else { on_duty() };
    let mut blind = false;
    let mut oracle = Oracle {
        read: meaning(&bench.screen.model),
        pause: early.then_some(None),
        commands: false,
        unseen: early,
        first: early,
    };
    for (number, act) in (1_u64..).zip(acts) {
        let id = |prefix: &str, at: u8| format!("{prefix}{at}");
        let msg = match &act {
            Act::Key(code) => DeskMsg::Key((*code).into()),
            Act::Control(c) => DeskMsg::Key(KeyEvent::new(KeyCode::Char(*c), KeyModifiers::CONTROL)),
            Act::Paste => DeskMsg::Paste("ny\r".into()),
            Act::Wait(ms) => {
                bench.wait(*ms);
                continue;
            }
            Act::Blind => {
                blind = true;
                continue;
            }
            Act::Resize(width, height) => {
                bench.size = (*width, *height);
                bench.draw();
                oracle.frame(meaning(&bench.screen.model), bench.whole(), bench.now);
                continue;
            }
            Act::Chat(at, urgent) => DeskMsg::Event(chat(&id("k", *at), *urgent)),
            Act::Ended(at) => DeskMsg::Event(ended(&id("k", *at))),
            Act::Message(at) => DeskMsg::Event(CounselorEvent::Message {
                number,
                chat: id("k", *at),
                id: id("s", *at),
                text: "words".into(),
            }),
            Act::Mail(at) => DeskMsg::Event(CounselorEvent::Mail {
                mail: id("m", *at),
                text: Words("words".into()),
                returning: false,
            }),
            Act::MailAnswered(at) => DeskMsg::Event(CounselorEvent::MailAnswered { mail: id("m", *at) }),
            Act::Duty(true) => DeskMsg::Event(CounselorEvent::OnDuty),
            Act::Duty(false) => DeskMsg::Event(CounselorEvent::OffDuty {
                reason: hamsa_client::api::OffReason::Elsewhere,
            }),
            Act::Idle => DeskMsg::Idle,
            Act::Unlocked(opened) => DeskMsg::Unlocked(*opened),
            Act::Error => DeskMsg::Event(CounselorEvent::Error(hamsa_client::api::ErrorReport::new(
                hamsa_client::names::ErrorCode::Stopped,
                String::new(),
                String::new(),
            ))),
        };
        let key = matches!(act, Act::Key(_) | Act::Control(_) | Act::Paste);
        let before = snapshot(&bench.screen.model);
        let effects = bench.take(msg);
        let after = snapshot(&bench.screen.model);
        if key {
            oracle.check_key(&act, &before, &after, &effects, bench.now)?;
        } else {
            for draft in drafts_of(&before) {
                prop_assert!(
                    drafts_of(&after).any(|now| now.0 == draft.0 && now.1 == draft.1),
                    "an event changed a draft"
                );
            }
            for effect in &effects {
                let lock = matches!(effect, DeskEffect::Tell(CounselorCommand::ScreenLocked { .. }));
                prop_assert!(lock, "an event led to {:?}", effect);
            }
            if before.0 != after.0 {
                oracle.pause = Some(None);
                oracle.commands &= matches!(after.0, DeskMeaning::Command(..));
            }
        }
        if effects.contains(&DeskEffect::Leave) {
            return Ok(());
        }
        if !std::mem::take(&mut blind) {
            // What a frame of this size looks like matters to no key: only resizes are drawn in full here.
            let drawn = DeskFrame {
                whole: bench.whole(),
                ..DeskFrame::default()
            };
            bench.screen.drawn(&drawn, bench.now);
            oracle.frame(meaning(&bench.screen.model), drawn.whole, bench.now);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No letter reaches another chat, acts as a command or answers what could not have been read; drafts stay.
    #[test]
    fn no_key_acts_on_what_was_not_read(early in any::<bool>(), acts in prop::collection::vec(act(), 1..40)) {
        play(early, acts)?;
    }
}
