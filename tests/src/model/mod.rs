//! An exhaustive model of one ticket and its chat at small size: one seeker, two desks, two homes, three messages,
//! with loss, crashes of homes and desks, a home lost for good, and fail over.
//!
//! It is smaller than the machines and says what they must do: post, claim, answer, accept, hold, put, fetch,
//! show, acknowledge, open again. Order on the way is free, so a duplicate is a fetch that happens again and a
//! delay is an action that happens later. [`Flaw`] makes each rule's twin, which must be found wrong.
//!
//! Safety is checked by stateright in every state; [`reach`] then checks that from every state, when nothing
//! fails any more, everything said can still be received.

pub mod reach;

use stateright::{Checker, Expectation, Model, Property};

/// A rule that is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flaw {
    /// None: the protocol as it is.
    #[default]
    None,
    /// A desk says that its face has shown what its machine has.
    ShownRead,
    /// A seeker counts as received what the desk's machine has.
    ReceivedAcked,
    /// A desk shows again what it showed in an earlier attempt.
    NoDedup,
    /// A desk takes cells as they come.
    NoOrder,
    /// A home grants a claim while another stands.
    TwoClaims,
    /// A seeker takes an answer while she talks.
    TwoAnswers,
    /// A seeker tells no home that she has an answer.
    NoHold,
    /// What a home says it has leaves the outbox.
    OutboxDropped,
    /// What was not received is forgotten when the ticket opens again.
    ReopenForgets,
    /// Cells go to one home only, whatever becomes of it.
    NoFailOver,
}

/// How often what may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Faults {
    /// Messages of the seeker; no fault, but what everything is multiplied by.
    pub messages: u8,
    /// Records lost on the way.
    pub drops: u8,
    /// Crashes of homes.
    pub homes: u8,
    /// Homes that never come back; the last one does not crash for good.
    pub lost: u8,
    /// Crashes of desks.
    pub desks: u8,
    /// Times that a seeker opens her ticket again although her counselor is there.
    pub silences: u8,
}

/// The model and its parameters.
#[derive(Clone, Copy, Debug)]
pub struct Chat {
    /// What may go wrong.
    pub faults: Faults,
    /// Which rule is left out.
    pub flaw: Flaw,
}

/// How a ticket stands at a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// For anybody.
    Open,
    /// By these desks, a bit each; more than one is a flaw.
    Claimed(u8),
    /// By this desk, in this run of its program.
    Answered(u8, u8),
    /// The seeker has an answer.
    Held,
}

/// A home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Home {
    down: bool,
    lost: bool,
    /// Attempt and how it stands.
    ticket: Option<(u8, Standing)>,
    /// Cells of the channel of `ring_of`.
    ring: u8,
    ring_of: u8,
}

/// A chat at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeskChat {
    attempt: u8,
    early: u8,
    /// Everything below was decrypted …
    read: u8,
    /// … and below this shown.
    shown: u8,
}

/// A desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Desk {
    run: u8,
    chat: Option<DeskChat>,
    /// What this run has shown.
    seen: u8,
}

/// Everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State {
    attempt: u8,
    /// The desk she talks with, and which run of it.
    talk: Option<(u8, u8)>,
    /// First message of this attempt.
    base: u8,
    /// Everything below the desk's machine has …
    acked: u8,
    /// … and below this its face has shown.
    received: u8,
    /// What each home is believed to have.
    puts: [u8; 2],
    gone: u8,
    hold_due: [bool; 2],
    answers: u8,
    homes: [Home; 2],
    desks: [Desk; 2],
    /// An acknowledgement on its way: attempt, what the machine has, and what was shown.
    ack: Option<(u8, u8, u8)>,
    shown: u8,
    doubled: bool,
    disorder: bool,
    left: Faults,
}

/// What can happen; homes and desks by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The ticket reaches a home.
    Post(u8),
    /// A home grants a desk's claim.
    Claim(u8, u8),
    /// A desk's answer reaches the home of its claim.
    Answer(u8, u8),
    /// A claim or an answer runs out of time.
    Expire(u8),
    /// The seeker sees the answer at a home.
    See(u8),
    /// A hold reaches a home.
    Hold(u8),
    /// A cell reaches a home.
    Put(u8, u8),
    /// Her desk gets a cell from a home; as often as it likes.
    Fetch(u8, u8),
    /// A desk's face takes the next.
    Show(u8),
    /// A desk sends an acknowledgement.
    Acknowledge(u8),
    /// It arrives.
    Acknowledged,
    /// She notices that a link is dead, and what was put there counts as not put.
    Relink(u8),
    /// She opens her ticket again: her counselor is not there.
    Reopen,
    /// A home that crashed is back.
    Back(u8),
    /// A hold is lost.
    DropHold(u8),
    /// A cell is lost on the way to a home.
    DropPut(u8, u8),
    /// An acknowledgement is lost.
    DropAcknowledgement,
    /// A home crashes.
    CrashHome(u8),
    /// A home crashes for good.
    LoseHome(u8),
    /// A desk crashes and is started again.
    CrashDesk(u8),
    /// She opens her ticket again although her counselor is there.
    Silence,
}

const fn bit(message: u8) -> u8 {
    1 << message
}

impl Chat {
    fn start(self) -> State {
        State {
            attempt: 0,
            talk: None,
            base: 0,
            acked: 0,
            received: 0,
            puts: [0; 2],
            gone: 0,
            hold_due: [false; 2],
            answers: 0,
            homes: [Home::default(); 2],
            desks: [Desk::default(); 2],
            ack: None,
            shown: 0,
            doubled: false,
            disorder: false,
            left: self.faults,
        }
    }

    /// Everything that is no fault.
    fn progress(self, actions: &mut Vec<Action>) {
        for one in 0..2 {
            actions.extend([
                Action::Post(one),
                Action::Expire(one),
                Action::See(one),
                Action::Hold(one),
                Action::Show(one),
                Action::Acknowledge(one),
                Action::Relink(one),
                Action::Back(one),
            ]);
            actions.extend((0..2).flat_map(|desk| [Action::Claim(one, desk), Action::Answer(one, desk)]));
            actions
                .extend((0..self.faults.messages).flat_map(|m| [Action::Put(one, m), Action::Fetch(one, m)]));
        }
        actions.extend([Action::Acknowledged, Action::Reopen]);
    }

    fn faults(self, actions: &mut Vec<Action>) {
        for one in 0..2 {
            actions.extend([
                Action::DropHold(one),
                Action::CrashHome(one),
                Action::LoseHome(one),
                Action::CrashDesk(one),
            ]);
            actions.extend((0..self.faults.messages).map(|m| Action::DropPut(one, m)));
        }
        actions.extend([Action::DropAcknowledgement, Action::Silence]);
    }

    /// The state after an action; `None` when it cannot happen or changes nothing.
    fn step(self, before: &State, action: Action) -> Option<State> {
        let mut state = *before;
        self.apply(&mut state, action)?;
        let state = state.canonical();
        (state != *before).then_some(state)
    }

    fn apply(self, s: &mut State, action: Action) -> Option<()> {
        match action {
            Action::Post(h) => {
                let (attempt, waiting) = (s.attempt, s.talk.is_none());
                let home = up(s, h)?;
                let new = home.ticket.is_none_or(|(known, _)| known < attempt);
                if !waiting || !new {
                    return None;
                }
                home.ticket = Some((attempt, Standing::Open));
            }
            Action::Claim(h, d) => {
                let home = up(s, h)?;
                let (attempt, standing) = home.ticket?;
                let claims = match standing {
                    Standing::Open => bit(d),
                    Standing::Claimed(others) if self.flaw == Flaw::TwoClaims => others | bit(d),
                    _ => return None,
                };
                home.ticket = Some((attempt, Standing::Claimed(claims)));
            }
            Action::Answer(h, d) => {
                let run = desk(s, d)?.run;
                let home = up(s, h)?;
                let (attempt, standing) = home.ticket?;
                if standing != Standing::Claimed(bit(d)) {
                    return None;
                }
                // A desk that talks in a later attempt answers none before it.
                let answered = Standing::Answered(d, run);
                let later = s
                    .desks
                    .get(usize::from(d))?
                    .chat
                    .is_some_and(|chat| chat.attempt > attempt);
                if later {
                    return None;
                }
                let home = up(s, h)?;
                home.ticket = Some((attempt, answered));
                let base = s.base;
                let desk = desk(s, d)?;
                if desk.chat.is_none_or(|chat| chat.attempt != attempt) {
                    desk.chat = Some(DeskChat {
                        attempt,
                        early: 0,
                        read: base,
                        shown: base,
                    });
                }
            }
            Action::Expire(h) => {
                let home = up(s, h)?;
                let (attempt, standing) = home.ticket?;
                if !matches!(standing, Standing::Claimed(_) | Standing::Answered(..)) {
                    return None;
                }
                home.ticket = Some((attempt, Standing::Open));
            }
            Action::See(h) => {
                let (attempt, talking) = (s.attempt, s.talk.is_some());
                let (of, standing) = up(s, h)?.ticket?;
                let Standing::Answered(d, run) = standing else {
                    return None;
                };
                // While she talks she holds whatever is answered, also an attempt that was replaced.
                if of != attempt && !talking {
                    return None;
                }
                let hold = self.flaw != Flaw::NoHold;
                if talking && self.flaw != Flaw::TwoAnswers {
                    *s.hold_due.get_mut(usize::from(h))? = hold;
                } else if of == attempt && s.talk != Some((d, run)) {
                    s.talk = Some((d, run));
                    // Two are wrong already: more would only be more states.
                    s.answers = s.answers.saturating_add(1).min(2);
                    s.hold_due = [hold; 2];
                    s.puts = [0; 2];
                }
            }
            Action::Hold(h) => {
                let due = s.hold_due.get_mut(usize::from(h)).filter(|due| **due)?;
                *due = false;
                let home = s.homes.get_mut(usize::from(h))?;
                if let Some((attempt, _)) = home.ticket.filter(|_| !home.down) {
                    home.ticket = Some((attempt, Standing::Held));
                }
            }
            Action::Put(h, m) | Action::DropPut(h, m) => {
                let arrives = matches!(action, Action::Put(..));
                self.put(s, h, m, arrives)?;
            }
            Action::Fetch(h, m) => self.fetch(s, h, m)?,
            Action::Show(d) => self.show(s, d)?,
            Action::Acknowledge(d) => {
                let chat = desk(s, d)?.chat?;
                let shown = if self.flaw == Flaw::ShownRead {
                    chat.read
                } else {
                    chat.shown
                };
                let news = chat.read > s.acked || shown > s.received;
                if s.ack.is_some() || !news || chat.attempt != s.attempt {
                    return None;
                }
                s.ack = Some((chat.attempt, chat.read, shown));
            }
            Action::Acknowledged => {
                let (attempt, read, shown) = s.ack.take()?;
                if s.talk.is_some() && attempt == s.attempt {
                    s.acked = s.acked.max(read);
                    let shown = if self.flaw == Flaw::ReceivedAcked {
                        s.acked
                    } else {
                        shown
                    };
                    s.received = s.received.max(shown);
                }
            }
            Action::Relink(h) => {
                // A link is dead when something was lost on it.
                let (attempt, seeker) = (s.attempt, s.puts.get(usize::from(h)).copied()?);
                let home = s.homes.get(usize::from(h))?;
                let there = if home.ring_of == attempt { home.ring } else { 0 };
                if seeker & !there == 0 || self.flaw == Flaw::NoFailOver {
                    return None;
                }
                *s.puts.get_mut(usize::from(h))? = 0;
            }
            Action::Reopen | Action::Silence => {
                let (d, run) = s.talk?;
                let there = desk(s, d)?.run == run;
                if there != (action == Action::Silence) {
                    return None;
                }
                if there {
                    s.left.silences = s.left.silences.checked_sub(1)?;
                }
                s.attempt += 1;
                s.talk = None;
                s.base = if self.flaw == Flaw::ReopenForgets {
                    self.faults.messages
                } else {
                    s.received
                };
                // What the last desk had and did not show is said again.
                s.acked = s.base;
                s.puts = [0; 2];
                s.hold_due = [false; 2];
                s.answers = 0;
                s.gone = 0;
                s.ack = None;
            }
            Action::Back(h) => {
                let home = s.homes.get_mut(usize::from(h))?;
                if !home.down || home.lost {
                    return None;
                }
                home.down = false;
            }
            Action::DropHold(h) => {
                s.left.drops = s.left.drops.checked_sub(1)?;
                let due = s.hold_due.get_mut(usize::from(h)).filter(|due| **due)?;
                *due = false;
            }
            Action::DropAcknowledgement => {
                s.left.drops = s.left.drops.checked_sub(1)?;
                s.ack.take()?;
            }
            Action::CrashHome(h) => {
                s.left.homes = s.left.homes.checked_sub(1)?;
                crash(s, h, false)?;
            }
            Action::LoseHome(h) => {
                s.left.lost = s.left.lost.checked_sub(1)?;
                crash(s, h, true)?;
            }
            Action::CrashDesk(d) => {
                s.left.desks = s.left.desks.checked_sub(1)?;
                for home in &mut s.homes {
                    // Its link is gone: what it claimed is open again.
                    if let Some((attempt, Standing::Claimed(holder))) = home.ticket
                        && holder == bit(d)
                    {
                        home.ticket = Some((attempt, Standing::Open));
                    }
                }
                let desk = desk(s, d)?;
                *desk = Desk {
                    run: desk.run + 1,
                    ..Desk::default()
                };
            }
        }
        Some(())
    }

    fn put(self, s: &mut State, h: u8, m: u8, arrives: bool) -> Option<()> {
        let attempt = s.attempt;
        s.talk?;
        let elsewhere = s.puts.get(usize::from(1 - h))? & bit(m) != 0;
        if m < s.acked.max(s.base) || s.gone & bit(m) != 0 || (elsewhere && self.flaw == Flaw::NoFailOver) {
            return None;
        }
        let puts = s.puts.get(usize::from(h))?;
        if puts & bit(m) != 0 {
            return None;
        }
        if !arrives {
            s.left.drops = s.left.drops.checked_sub(1)?;
        }
        let home = up(s, h)?;
        if home.ring_of != attempt {
            home.ring_of = attempt;
            home.ring = 0;
        }
        if arrives {
            home.ring |= bit(m);
        }
        *s.puts.get_mut(usize::from(h))? |= bit(m);
        if arrives && self.flaw == Flaw::OutboxDropped {
            s.gone |= bit(m);
        }
        Some(())
    }

    fn fetch(self, s: &mut State, h: u8, m: u8) -> Option<()> {
        let (d, run) = s.talk?;
        let attempt = s.attempt;
        let home = *up(s, h)?;
        if home.ring_of != attempt || home.ring & bit(m) == 0 {
            return None;
        }
        let desk = desk(s, d)?;
        let chat = desk
            .chat
            .as_mut()
            .filter(|chat| chat.attempt == attempt && desk.run == run)?;
        if self.flaw == Flaw::NoOrder {
            if m < chat.read {
                return None;
            }
            // It takes this one now and whatever comes later when it comes.
            chat.read = m + 1;
            chat.shown = chat.shown.max(m);
            return Some(());
        }
        if m < chat.read {
            return None;
        }
        chat.early |= bit(m);
        while chat.early & bit(chat.read) != 0 {
            chat.early &= !bit(chat.read);
            chat.read += 1;
        }
        Some(())
    }

    fn show(self, s: &mut State, d: u8) -> Option<()> {
        let anybody = s.shown;
        let desk = desk(s, d)?;
        let chat = desk.chat.as_mut().filter(|chat| chat.shown < chat.read)?;
        let m = chat.shown;
        chat.shown += 1;
        let known = desk.seen & bit(m) != 0;
        if known && self.flaw != Flaw::NoDedup {
            return Some(());
        }
        let skipped = (0..m).any(|earlier| {
            // Earlier words that this run has not shown and nobody else did either.
            (desk.seen | anybody) & bit(earlier) == 0
        });
        desk.seen |= bit(m);
        s.doubled |= known;
        s.disorder |= skipped;
        s.shown |= bit(m);
        Some(())
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn done(self, state: &State) -> bool {
        let settled =
            |home: &Home| home.down || home.ticket.is_none_or(|(_, standing)| standing == Standing::Held);
        state.received == self.faults.messages && state.homes.iter().all(settled)
    }
}

fn up(state: &mut State, home: u8) -> Option<&mut Home> {
    state.homes.get_mut(usize::from(home)).filter(|home| !home.down)
}

fn desk(state: &mut State, desk: u8) -> Option<&mut Desk> {
    state.desks.get_mut(usize::from(desk))
}

impl State {
    /// Homes are alike, and so are desks: of the four states that differ only in their numbers, one is looked at.
    fn canonical(self) -> Self {
        let homes = self.swap_homes();
        let (desks, both) = (self.swap_desks(), homes.swap_desks());
        self.min(homes).min(desks).min(both)
    }

    fn swap_homes(mut self) -> Self {
        self.homes.reverse();
        self.puts.reverse();
        self.hold_due.reverse();
        self
    }

    fn swap_desks(mut self) -> Self {
        self.desks.reverse();
        self.talk = self.talk.map(|(desk, run)| (1 - desk, run));
        for home in &mut self.homes {
            home.ticket = home.ticket.map(|(attempt, standing)| {
                let standing = match standing {
                    Standing::Claimed(claims) => Standing::Claimed((claims & 1) << 1 | claims >> 1),
                    Standing::Answered(desk, run) => Standing::Answered(1 - desk, run),
                    other => other,
                };
                (attempt, standing)
            });
        }
        self
    }
}

/// A home's memory is gone, and every link with it.
fn crash(state: &mut State, h: u8, lost: bool) -> Option<()> {
    let other = state.homes.get(usize::from(1 - h))?;
    if lost && other.lost {
        return None;
    }
    let home = up(state, h)?;
    *home = Home {
        down: true,
        lost,
        ..Home::default()
    };
    *state.puts.get_mut(usize::from(h))? = 0;
    *state.hold_due.get_mut(usize::from(h))? = false;
    Some(())
}

impl Model for Chat {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.start()]
    }

    fn actions(&self, _: &State, actions: &mut Vec<Action>) {
        self.progress(actions);
        self.faults(actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.step(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("what is received was shown", |_, state: &State| {
                (0..state.received).all(|message| state.shown & bit(message) != 0)
            }),
            Property::always("nothing is shown twice by one run", |_, state: &State| {
                !state.doubled
            }),
            Property::always("words are shown in order", |_, state: &State| !state.disorder),
            Property::always("a home grants one claim at a time", |_, state: &State| {
                let claims = |home: &Home| match home.ticket {
                    Some((_, Standing::Claimed(claims))) => claims.count_ones(),
                    _ => 0,
                };
                state.homes.iter().all(|home| claims(home) <= 1)
            }),
            Property::always("a seeker takes one answer per attempt", |_, state: &State| {
                state.answers <= 1
            }),
            Property::sometimes("everything said is received", |model: &Self, state: &State| {
                state.received == model.faults.messages
            }),
        ]
    }
}

/// A check and its size.
#[derive(Debug)]
pub struct Checked {
    /// States, each once.
    pub states: usize,
    /// States in which nothing is left to do.
    pub done: usize,
    /// Properties that do not hold, by name.
    pub violated: Vec<&'static str>,
    /// A state without a way to the end.
    pub stuck: Option<State>,
}

/// The name of the property that [`reach`] checks.
pub const DRAINS: &str = "when faults stop, everything said can still be acknowledged";
const ONE: Faults = Faults { messages: 1, ..NONE };
const TWO: Faults = Faults { messages: 2, ..NONE };
const NONE: Faults = Faults {
    messages: 3,
    drops: 0,
    homes: 0,
    lost: 0,
    desks: 0,
    silences: 0,
};
/// What `cargo test` checks: three messages with a crash; two with a loss as well; one that opens again.
pub const SMALL: [Faults; 3] = [
    Faults { homes: 1, ..NONE },
    Faults {
        messages: 2,
        drops: 1,
        homes: 1,
        ..NONE
    },
    Faults {
        messages: 1,
        silences: 1,
        ..NONE
    },
];
/// What `hamsa-model` checks besides.
pub const FULL: [Faults; 4] = [
    Faults {
        drops: 1,
        homes: 1,
        ..NONE
    },
    Faults {
        messages: 2,
        drops: 1,
        lost: 1,
        homes: 1,
        ..NONE
    },
    Faults {
        messages: 2,
        desks: 1,
        ..NONE
    },
    Faults {
        messages: 2,
        silences: 1,
        ..NONE
    },
];
/// Each rule that is left out, the size at which that is looked at, and the property that then does not hold.
pub const TWINS: [(Flaw, Faults, &str); 10] = [
    (Flaw::ShownRead, ONE, "what is received was shown"),
    (Flaw::ReceivedAcked, ONE, "what is received was shown"),
    (
        Flaw::NoDedup,
        Faults { silences: 1, ..ONE },
        "nothing is shown twice by one run",
    ),
    (Flaw::NoOrder, TWO, "words are shown in order"),
    (Flaw::TwoClaims, ONE, "a home grants one claim at a time"),
    (Flaw::TwoAnswers, ONE, "a seeker takes one answer per attempt"),
    (Flaw::NoHold, ONE, DRAINS),
    (Flaw::OutboxDropped, Faults { homes: 1, ..ONE }, DRAINS),
    (
        Flaw::ReopenForgets,
        Faults { silences: 1, ..ONE },
        "what is received was shown",
    ),
    (Flaw::NoFailOver, Faults { drops: 1, ..ONE }, DRAINS),
];

/// Checks everything: properties by stateright, then the way to the end.
#[must_use]
pub fn check(model: Chat) -> Checked {
    let always = |property: &Property<Chat>| matches!(property.expectation, Expectation::Always);
    let safety: Vec<_> = model.properties().into_iter().filter(always).collect();
    let found = model.checker().threads(2).spawn_bfs().join().discoveries();
    let mut violated: Vec<_> = safety
        .iter()
        .map(|property| property.name)
        .filter(|name| found.contains_key(name))
        .collect();
    let reach = reach::walk(model);
    if reach.stuck.is_some() {
        violated.push(DRAINS);
    }
    Checked {
        states: reach.states,
        done: reach.done,
        violated,
        stuck: reach.stuck,
    }
}
