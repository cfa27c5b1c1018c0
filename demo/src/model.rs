//! What the demo's screen stands on: two people, two nodes, one sentence. It knows no engine and no terminal.

use std::collections::VecDeque;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use hamsa::face::{Composer, Strategy, Text};
use hamsa_client::api::{
    ChatOver, CounselorCommand, CounselorEvent, EndReason, LinkState, MessageState, SeekerCommand,
    SeekerEvent, Words,
};
use hamsa_node::TraceEvent;

use crate::{
    script::Speaker,
    tally::{Tally, row},
    view::DrawnLines,
    world::{ANSWERS, PASSES, PSEUDONYM},
};

/// Rows kept per node: as many as the tallest screen shows.
const ROWS_MAX: usize = 200;
/// Lines kept per person.
const LINES_MAX: usize = 500;

/// One message on one side.
#[derive(Debug)]
pub(crate) struct DemoLine {
    /// The sender.
    pub(crate) by: Speaker,
    /// The sender's id.
    pub(crate) id: String,
    /// The words.
    pub(crate) text: Words,
    /// How far it came, on the sender's side.
    pub(crate) state: Option<MessageState>,
    /// The engine's number of a message that came and was not shown yet.
    pub(crate) new: Option<u64>,
}

/// One person's half of the screen.
#[derive(Debug)]
pub(crate) struct DemoSide {
    /// What was said, as this side knows it.
    pub(crate) lines: Vec<DemoLine>,
    /// What is being written.
    pub(crate) composer: Composer,
    /// The link.
    pub(crate) link: LinkState,
    /// Whether the chat is open on this side.
    pub(crate) open: bool,
    /// Whether it is over, or the engine is.
    pub(crate) over: bool,
    count: u64,
}

impl Default for DemoSide {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            composer: Composer::default(),
            link: LinkState::Reconnecting,
            open: false,
            over: false,
            count: 0,
        }
    }
}

impl DemoSide {
    fn add(&mut self, line: DemoLine) {
        self.lines.push(line);
        if self.lines.len() > LINES_MAX {
            self.lines.remove(0);
        }
    }

    fn state(&mut self, id: &str, state: MessageState) {
        for line in self
            .lines
            .iter_mut()
            .rev()
            .filter(|line| line.id == id && line.state < Some(state))
        {
            line.state = Some(state);
        }
    }
}

/// The sentence at the bottom: a key and its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Strip {
    /// Key of the text.
    pub(crate) key: Text,
    /// Its variables.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// The screen.
#[derive(Debug)]
pub(crate) struct DemoModel {
    /// The side that gets the keys.
    pub(crate) focus: Speaker,
    /// How Arabic is drawn.
    pub(crate) arabic: Strategy,
    /// The seeker's half.
    pub(crate) seeker: DemoSide,
    /// The counselor's half.
    pub(crate) counselor: DemoSide,
    /// The chat, once there is one.
    pub(crate) chat: Option<String>,
    /// Tickets that wait.
    pub(crate) waiting: u32,
    /// What the entry saw last.
    pub(crate) entry_rows: VecDeque<String>,
    /// What the home saw last.
    pub(crate) home_rows: VecDeque<String>,
    /// All they saw, counted.
    pub(crate) tally: Tally,
    /// What just happened.
    pub(crate) strip: Strip,
    /// What an engine reported last.
    pub(crate) error: Option<String>,
    /// Whether the way is split between two associations, once known.
    pub(crate) split: Option<bool>,
    /// Whether each engine has stopped.
    pub(crate) stopped: (bool, bool),
    taking: bool,
    started: bool,
}

/// What reaches the screen.
#[derive(Debug)]
pub(crate) enum DemoMsg {
    /// A key.
    Key(KeyEvent),
    /// A paste.
    Paste(String),
    /// Letters came that are no UTF-8, and are missing.
    NotText,
    /// The seeker's engine; `None` when it stopped.
    Seeker(Option<SeekerEvent>),
    /// The counselor's engine; `None` when it stopped.
    Counselor(Option<CounselorEvent>),
    /// A node.
    Trace(TraceEvent),
}

/// What the screen wants done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DemoEffect {
    /// Tell the seeker's engine.
    Seeker(SeekerCommand),
    /// Tell the counselor's engine.
    Counselor(CounselorCommand),
    /// Leave.
    Leave,
}

impl Default for DemoModel {
    fn default() -> Self {
        Self {
            arabic: Strategy::default(),
            focus: Speaker::Seeker,
            seeker: DemoSide::default(),
            counselor: DemoSide::default(),
            chat: None,
            waiting: 0,
            entry_rows: VecDeque::new(),
            home_rows: VecDeque::new(),
            tally: Tally::default(),
            strip: Strip {
                key: Text::DemoWaitHome,
                variables: Vec::new(),
            },
            error: None,
            split: None,
            stopped: (false, false),
            taking: false,
            started: false,
        }
    }
}

impl DemoModel {
    /// Does what `msg` asks.
    pub(crate) fn update(&mut self, msg: DemoMsg) -> Vec<DemoEffect> {
        match msg {
            DemoMsg::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
            DemoMsg::Key(key) => self.on_key(key),
            DemoMsg::NotText => {
                self.tell(Text::DeskNotText, &[]);
                Vec::new()
            }
            DemoMsg::Paste(text) => {
                self.side(self.focus).composer.insert(&text);
                Vec::new()
            }
            DemoMsg::Trace(event) => {
                self.on_trace(&event);
                Vec::new()
            }
            DemoMsg::Seeker(event) => {
                self.on_seeker(event);
                Vec::new()
            }
            DemoMsg::Counselor(event) => self.on_counselor(event),
        }
    }

    /// A frame is on the screen; what of it the engines are told.
    pub(crate) fn drawn(&mut self, drawn: &DrawnLines) -> Vec<DemoEffect> {
        let shown = |side: &mut DemoSide, lines: &[usize]| -> Vec<u64> {
            let new = |at: &usize| side.lines.get_mut(*at)?.new.take();
            lines.iter().filter_map(new).collect()
        };
        let seeker = shown(&mut self.seeker, &drawn.seeker).into_iter();
        let counselor = shown(&mut self.counselor, &drawn.counselor).into_iter();
        let seeker = seeker.map(|number| DemoEffect::Seeker(SeekerCommand::Shown { number }));
        let counselor = counselor.map(|number| DemoEffect::Counselor(CounselorCommand::Shown { number }));
        seeker.chain(counselor).collect()
    }

    /// One person's half.
    pub(crate) const fn side(&mut self, person: Speaker) -> &mut DemoSide {
        match person {
            Speaker::Seeker => &mut self.seeker,
            Speaker::Counselor => &mut self.counselor,
        }
    }

    fn on_key(&mut self, key: KeyEvent) -> Vec<DemoEffect> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('q') if control => return vec![DemoEffect::Leave],
            KeyCode::Char('x') if control => return self.quick_exit(),
            KeyCode::Tab | KeyCode::BackTab => self.focus = self.focus.other(),
            KeyCode::Char('n') if !control && self.focus == Speaker::Counselor && self.chat.is_none() => {
                if self.waiting > 0 && !std::mem::replace(&mut self.taking, true) {
                    return vec![DemoEffect::Counselor(CounselorCommand::TakeNext)];
                }
            }
            // Without a chat there is nothing the counselor could write into.
            _ if self.focus == Speaker::Counselor && self.chat.is_none() => {}
            KeyCode::Enter if !key.modifiers.contains(KeyModifiers::ALT) => return self.say(),
            code => {
                let alt = key.modifiers.contains(KeyModifiers::ALT);
                let arabic = self.arabic;
                let composer = &mut self.side(self.focus).composer;
                composer.edit(code, control, alt, arabic);
            }
        }
        Vec::new()
    }

    /// The quick exit: the seeker's side is empty at once.
    fn quick_exit(&mut self) -> Vec<DemoEffect> {
        if self.seeker.over {
            return Vec::new();
        }
        self.seeker = DemoSide {
            over: true,
            ..DemoSide::default()
        };
        self.focus = Speaker::Counselor;
        self.tell(Text::DemoLeft, &[]);
        vec![DemoEffect::Seeker(SeekerCommand::QuickExit)]
    }

    fn say(&mut self) -> Vec<DemoEffect> {
        let focus = self.focus;
        let chat = self.chat.clone();
        let side = self.side(focus);
        if side.composer.is_blank() || side.over {
            return Vec::new();
        }
        side.count += 1;
        let id = format!("{}{}", focus.name().get(..1).unwrap_or_default(), side.count);
        let text = side.composer.take();
        side.add(DemoLine {
            by: focus,
            id: id.clone(),
            text: text.clone(),
            state: Some(MessageState::Written),
            new: None,
        });
        match (focus, chat) {
            (Speaker::Seeker, _) => vec![DemoEffect::Seeker(SeekerCommand::Say { id, text })],
            (Speaker::Counselor, Some(chat)) => {
                vec![DemoEffect::Counselor(CounselorCommand::Say { chat, id, text })]
            }
            (Speaker::Counselor, None) => Vec::new(),
        }
    }

    fn on_trace(&mut self, event: &TraceEvent) {
        self.tally.add(event);
        let rows = if event.home {
            &mut self.home_rows
        } else {
            &mut self.entry_rows
        };
        rows.push_back(row(event));
        if rows.len() > ROWS_MAX {
            rows.pop_front();
        }
        let bytes = event.bytes.to_string();
        match (event.home, event.kind) {
            (false, _) => self.tell(Text::DemoStripEntry, &[("name", PASSES), ("bytes", &bytes)]),
            (true, "post" | "ticket") => self.tell(Text::DemoStripHomeTicket, &[("name", ANSWERS)]),
            (true, "put" | "cell") => self.tell(Text::DemoStripHomeCell, &[("name", ANSWERS)]),
            (true, "heartbeat" | "beat") => self.tell(Text::DemoStripHomeBeat, &[]),
            (true, _) => {}
        }
    }

    fn on_seeker(&mut self, event: Option<SeekerEvent>) {
        let Some(event) = event else {
            self.stopped.0 = true;
            self.seeker.over = true;
            return;
        };
        if self.seeker.over {
            // After the quick exit the seeker's side shows nothing more.
            return;
        }
        match event {
            SeekerEvent::Path { split, .. } => self.split = Some(split),
            SeekerEvent::Waiting { .. } => self.tell(Text::DemoStripWaiting, &[]),
            SeekerEvent::Answered {
                association,
                pseudonym,
            } => {
                self.seeker.open = true;
                self.tell(
                    Text::DemoStripAnswered,
                    &[("name", &pseudonym), ("association", &association)],
                );
            }
            SeekerEvent::Message { id, text, number } => {
                self.seeker.add(DemoLine {
                    by: Speaker::Counselor,
                    id,
                    text,
                    state: None,
                    new: Some(number),
                });
                self.tell(Text::DemoStripSaidCounselor, &[]);
            }
            SeekerEvent::State { id, state } => {
                self.seeker.state(&id, state);
                if state == MessageState::Received {
                    self.tell(Text::DemoStripReceived, &[]);
                }
            }
            SeekerEvent::Link { state } => self.seeker.link = state,
            SeekerEvent::Ended { .. } => {
                self.seeker.over = true;
                self.tell(Text::DemoStripEnded, &[]);
            }
            SeekerEvent::Error(report) => self.error = Some(format!("{} {}", report.message, report.advice)),
            _ => {}
        }
    }

    fn on_counselor(&mut self, event: Option<CounselorEvent>) -> Vec<DemoEffect> {
        let Some(event) = event else {
            self.stopped.1 = true;
            self.counselor.over = true;
            return Vec::new();
        };
        match event {
            CounselorEvent::OnDuty if !std::mem::replace(&mut self.started, true) => {
                self.tell(Text::DemoStripDuty, &[("name", PSEUDONYM)]);
                let start = SeekerCommand::Start {
                    language: "fr".into(),
                    urgent: false,
                    text: Words(String::new()),
                };
                return vec![DemoEffect::Seeker(start)];
            }
            CounselorEvent::Desk { waiting, .. } => {
                self.waiting = waiting;
                // The demo shows a talk: its counselor takes the ticket without a key.
                if waiting > 0 && self.chat.is_none() && !std::mem::replace(&mut self.taking, true) {
                    return vec![DemoEffect::Counselor(CounselorCommand::TakeNext)];
                }
            }
            CounselorEvent::Chat { chat, .. } => {
                self.chat = Some(chat);
                self.counselor.open = true;
                self.taking = false;
                self.tell(Text::DemoStripTaken, &[]);
            }
            CounselorEvent::Message { id, text, number, .. } => {
                self.counselor.add(DemoLine {
                    by: Speaker::Seeker,
                    id,
                    text,
                    state: None,
                    new: Some(number),
                });
                self.tell(Text::DemoStripSaidSeeker, &[]);
            }
            CounselorEvent::State { id, state, .. } => {
                self.counselor.state(&id, state);
                if state == MessageState::Received {
                    self.tell(Text::DemoStripReceived, &[]);
                }
            }
            CounselorEvent::Link { state } => self.counselor.link = state,
            CounselorEvent::Ended { reason, .. } => {
                self.counselor.over = true;
                let left = reason == ChatOver::Said(EndReason::LeftQuickly);
                self.tell(
                    if left {
                        Text::DeskEndedLeftQuickly
                    } else {
                        Text::DemoStripEnded
                    },
                    &[],
                );
            }
            CounselorEvent::Error(report) => {
                self.taking = false;
                self.error = Some(format!("{} {}", report.message, report.advice));
            }
            _ => {}
        }
        Vec::new()
    }

    fn tell(&mut self, key: Text, variables: &[(&'static str, &str)]) {
        let variables = variables
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        self.strip = Strip { key, variables };
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
pub(crate) mod tests;
