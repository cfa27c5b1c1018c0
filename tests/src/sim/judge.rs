//! The judge of a run: sees what is said, shown and told to people, and every record at a home's door, and
//! notes what must not happen. It knows no machine from the inside.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hamsa_protocol_planted::{
    home::{CLAIM, LinkId, RECEIPT_LIFE},
    objects::{ObjectError, TicketId, postcard_decode},
    session::chat::State,
    time::Tick,
    wire::{Kind, Receipt, Record},
};

use super::{letters::Letters, trace::hash};

/// The number in the id of a seeker's first words: it stands before all others.
pub const FIRST: &str = "!first";

/// One start of one person's client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process {
    /// Index among the people.
    pub person: usize,
    /// Counts her starts.
    pub start: u32,
}

/// What must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Words are gone: called received and never shown, or neither received nor failed in the end.
    Lost,
    /// Shown twice by one process.
    Duplicated,
    /// Shown after later words of the same person.
    Reordered,
    /// An invariant of the protocol does not hold.
    Broken,
}

/// What the judge found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which kind.
    pub wrong: Wrong,
    /// When.
    pub at: Tick,
    /// What, without words of people.
    pub what: String,
}

/// Where words are shown: by a client, and at a desk in the chat of a ticket. A seeker who agrees to be passed on
/// has a new ticket with new keys, and nobody can tell that it is hers: should the colleague not come and the first
/// counselor take it, what she had not acknowledged stands in the new chat too.
type Place = (Process, Option<TicketId>);

struct Message {
    from: Process,
    text: u64,
    said: Tick,
    shown: Vec<Place>,
    state: Option<State>,
}

struct Grant {
    link: LinkId,
    attempt: u64,
    claim: u64,
    at: Tick,
    over: bool,
}

/// What is known of a home since it started.
#[derive(Default)]
struct Door {
    /// Posts on their way: ticket, attempt, whether they came with a receipt.
    posts: BTreeMap<(LinkId, u32), (TicketId, u32, bool)>,
    attempts: BTreeMap<TicketId, u32>,
    grants: BTreeMap<TicketId, Grant>,
    /// The highest order given to a ticket that came without a receipt.
    last_order: u64,
}

/// See the module.
#[derive(Default)]
pub struct Judge {
    messages: BTreeMap<String, Message>,
    last_shown: HashMap<(Place, String), String>,
    doors: BTreeMap<usize, Door>,
    orders: BTreeMap<(usize, TicketId), (u64, Tick)>,
    /// Tickets that a counselor called abuse at a home: their places may be gone.
    blocked: BTreeSet<(usize, TicketId)>,
    cells: HashMap<(Process, usize, [u8; 32], u64), u64>,
    talking: BTreeMap<Process, bool>,
    /// The ticket that each client posted last.
    tickets: BTreeMap<Process, TicketId>,
    lies: bool,
    /// Sealed messages.
    pub letters: Letters,
    findings: Vec<Finding>,
    shown: u64,
    /// Cells that came to a home's door again.
    pub again: u64,
}

impl Judge {
    /// What was found.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Messages shown to people.
    #[must_use]
    pub const fn shown_count(&self) -> u64 {
        self.shown
    }

    /// Notes something that must not happen.
    pub fn note(&mut self, wrong: Wrong, at: Tick, what: String) {
        self.findings.push(Finding { wrong, at, what });
    }

    // ── people ──

    /// Words were taken by a machine. An id is `STREAM-NUMBER`, the number with zeros in front.
    pub fn said(&mut self, from: Process, id: &str, text: &str, now: Tick) {
        let message = Message {
            from,
            text: hash(text.as_bytes()),
            said: now,
            shown: Vec::new(),
            state: None,
        };
        self.messages.insert(id.to_owned(), message);
    }

    /// Something about a sealed message.
    pub(super) fn found<T>(&mut self, at: Tick, result: Result<T, (Wrong, String)>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err((wrong, what)) => {
                self.note(wrong, at, what);
                None
            }
        }
    }

    /// Words were shown, at a desk in the chat of `chat`.
    pub fn showed(&mut self, at: Process, chat: Option<TicketId>, id: &str, text: &str, now: Tick) {
        self.shown += 1;
        let Some(message) = self.messages.get_mut(id) else {
            self.note(Wrong::Broken, now, format!("{id} was shown and never said"));
            return;
        };
        let (whole, again) = (
            message.text == hash(text.as_bytes()),
            message.shown.contains(&(at, chat)),
        );
        message.shown.push((at, chat));
        if !whole {
            self.note(Wrong::Lost, now, format!("{id} was shown with other words"));
        }
        if again {
            self.note(Wrong::Duplicated, now, format!("{id} was shown twice by {at:?}"));
            return;
        }
        let stream = id.rsplit_once('-').map_or(id, |(stream, _)| stream).to_owned();
        let first = format!("{stream}-{FIRST}");
        let unshown = |first: &Message| !first.shown.contains(&(at, chat));
        if self.messages.get(&first).is_some_and(unshown) {
            let what = format!("{id} was shown by {at:?} without the first words");
            self.note(Wrong::Lost, now, what);
        }
        let last = self.last_shown.entry(((at, chat), stream)).or_default();
        if last.as_str() > id {
            let what = format!("{id} was shown after {last} by {at:?}");
            self.note(Wrong::Reordered, now, what);
        } else {
            id.clone_into(last);
        }
    }

    /// A machine told how far a message came.
    pub fn stated(&mut self, at: Process, id: &str, state: State, now: Tick) {
        let Some(message) = self.messages.get_mut(id) else {
            self.note(
                Wrong::Broken,
                now,
                format!("a state of {id}, which was never said"),
            );
            return;
        };
        // First words go again to each counselor who answers.
        let again = id.ends_with(FIRST) && state == State::Written;
        let before = message.state.replace(state);
        let shown = !message.shown.is_empty();
        if message.from != at {
            self.note(Wrong::Broken, now, format!("a state of {id} in another process"));
        } else if before == Some(State::Received) && !again {
            self.note(
                Wrong::Broken,
                now,
                format!("{id} was received and then {state:?}"),
            );
        } else if state == State::Received && !shown {
            self.note(
                Wrong::Lost,
                now,
                format!("{id} is called received and was shown to nobody"),
            );
        }
    }

    /// A seeker took an answer.
    pub fn answered(&mut self, at: Process, now: Tick) {
        if self.talking.insert(at, true) == Some(true) {
            self.note(Wrong::Broken, now, format!("{at:?} took a second answer"));
        }
    }

    /// A seeker who took an answer told so many homes in the same breath.
    pub fn held(&mut self, at: Process, held: usize, now: Tick) {
        if held == 0 {
            self.note(
                Wrong::Broken,
                now,
                format!("{at:?} took an answer and told no home"),
            );
        }
    }

    /// A seeker's chat is over, or her ticket open again.
    pub fn parted(&mut self, at: Process) {
        self.talking.insert(at, false);
    }

    /// A client refused what a home showed: only a home that lies shows such things, or a clock that is wrong.
    pub fn bad_object(&mut self, now: Tick, error: &ObjectError) {
        if !self.lies {
            self.note(Wrong::Broken, now, format!("an object was refused: {error}"));
        }
    }

    /// From now on a home lies, or a clock is wrong from the start.
    pub const fn expect_lies(&mut self) {
        self.lies = true;
    }

    /// The ticket that this client posted last: another one than before when she was passed on.
    pub fn ticket(&self, of: Process) -> Option<TicketId> {
        self.tickets.get(&of).copied()
    }

    /// Whether these words were said by then.
    pub fn said_by(&self, id: &str, then: Tick) -> bool {
        self.messages.get(id).is_some_and(|message| message.said <= then)
    }

    /// Ids of a process's words that were said by then and are neither received nor failed.
    pub fn open(&self, of: Process, then: Tick) -> impl Iterator<Item = (&str, Option<State>)> {
        self.messages
            .iter()
            .filter(move |(_, message)| message.from == of && message.said <= then)
            .filter(|(_, message)| !matches!(message.state, Some(State::Received | State::Failed)))
            .map(|(id, message)| (id.as_str(), message.state))
    }

    // ── the doors of homes ──

    /// A home started: what it held in memory is gone.
    pub fn home_started(&mut self, home: usize) {
        let last_order = self.doors.get(&home).map_or(0, |door| door.last_order);
        let door = Door {
            last_order,
            ..Door::default()
        };
        self.doors.insert(home, door);
    }

    /// A link is gone, or may not claim any more.
    pub fn link_closed(&mut self, home: usize, link: LinkId) {
        if let Some(door) = self.doors.get_mut(&home) {
            for grant in door.grants.values_mut().filter(|grant| grant.link == link) {
                grant.over = true;
            }
            door.posts.retain(|(other, _), _| *other != link);
        }
    }

    /// A home took a new roster, which may take claims back.
    pub fn installed(&mut self, home: usize) {
        if let Some(door) = self.doors.get_mut(&home) {
            for grant in door.grants.values_mut() {
                grant.over = true;
            }
        }
    }

    /// A record reaches a home.
    pub fn to_home(&mut self, home: usize, link: LinkId, from: Process, record: &Record, now: Tick) {
        match record.kind {
            Kind::Put => {
                let body = hash(&record.body);
                let key = (from, home, record.token, record.index);
                let known = self.cells.insert(key, body);
                self.again += u64::from(known.is_some());
                if known.is_some_and(|known| known != body) {
                    let what = format!("cell {} of {from:?} was encrypted twice", record.index);
                    self.note(Wrong::Broken, now, what);
                }
            }
            Kind::Post if record.index == 0 => {
                if let Some((ticket, attempt, receipt)) = peek_posting(&record.body) {
                    self.tickets.insert(from, ticket);
                    let door = self.doors.entry(home).or_default();
                    door.posts
                        .insert((link, record.request), (ticket, attempt, receipt));
                }
            }
            Kind::Abuse => {
                self.blocked.insert((home, TicketId(record.token)));
            }
            Kind::Reject | Kind::Withdraw | Kind::Hold => self.installed(home),
            _ => {}
        }
    }

    /// A record leaves a home.
    pub fn from_home(&mut self, home: usize, link: LinkId, record: &Record, now: Tick) {
        match record.kind {
            Kind::Posted => self.posted(home, link, record, now),
            // Claims of tickets count from one; a sealed message is granted without a number.
            Kind::Granted if record.ack > 0 => self.granted(home, link, record, now),
            _ => {}
        }
    }

    fn posted(&mut self, home: usize, link: LinkId, record: &Record, now: Tick) {
        let door = self.doors.entry(home).or_default();
        let Some((ticket, attempt, receipt)) = door.posts.remove(&(link, record.request)) else {
            return;
        };
        let new = door.attempts.insert(ticket, attempt).is_none();
        // A ticket that had died here counts its claims from one again.
        if let Some(grant) = door.grants.get_mut(&ticket) {
            grant.claim = 0;
        }
        let Some(order) = postcard_decode::<Receipt>(&record.body).map(|receipt| receipt.order) else {
            return;
        };
        if new && !receipt {
            if order <= door.last_order {
                let what = format!("home {home} put a new ticket before older ones");
                self.note(Wrong::Broken, now, what);
            } else {
                door.last_order = order;
            }
        }
    }

    /// A seeker reads her place: it stays the same as long as she waits.
    pub fn place(&mut self, home: usize, record: &Record, now: Tick) {
        let Some(receipt) = postcard_decode::<Receipt>(&record.body) else {
            return;
        };
        let ticket = TicketId(record.token);
        let told = self.orders.insert((home, ticket), (receipt.order, now));
        // A home that failed while its receipt was not renewed gives a new place.
        let counted = |told: &(u64, Tick)| now.since(told.1) < RECEIPT_LIFE / 2;
        if told
            .filter(|_| !self.blocked.contains(&(home, ticket)))
            .filter(counted)
            .is_some_and(|(order, _)| order != receipt.order)
        {
            self.note(
                Wrong::Broken,
                now,
                format!("home {home} moved a ticket that waits"),
            );
        }
    }

    fn granted(&mut self, home: usize, link: LinkId, record: &Record, now: Tick) {
        let door = self.doors.entry(home).or_default();
        let ticket = TicketId(record.token);
        let current = door.attempts.get(&ticket).map(|attempt| u64::from(*attempt));
        let stale = current.is_some_and(|attempt| attempt != record.index);
        let twice = door.grants.get(&ticket).is_some_and(|grant| {
            let stands = !grant.over && grant.attempt == record.index && now.since(grant.at) < CLAIM;
            grant.link != link && (grant.claim == record.ack || stands)
        });
        let grant = Grant {
            link,
            attempt: record.index,
            claim: record.ack,
            at: now,
            over: false,
        };
        door.grants.insert(ticket, grant);
        if stale {
            let what = format!(
                "home {home} granted attempt {} of a ticket at {current:?}",
                record.index
            );
            self.note(Wrong::Broken, now, what);
        }
        if twice {
            let what = format!("home {home} granted claim {} of one ticket twice", record.ack);
            self.note(Wrong::Broken, now, what);
        }
    }
}

/// Ticket, attempt, and whether a receipt is there, from the first part of a posting.
fn peek_posting(part: &[u8]) -> Option<(TicketId, u32, bool)> {
    let (id, rest) = part.split_first_chunk::<32>()?;
    let (attempt, rest) = postcard_varint(rest)?;
    let (_, rest) = rest.split_first_chunk::<32>()?;
    Some((TicketId(*id), attempt, rest.first() == Some(&1)))
}

fn postcard_varint(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0_u32;
    for (shift, byte) in bytes.iter().take(5).enumerate() {
        value |= u32::from(byte & 0x7f) << (7 * shift);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(shift + 1..)?));
        }
    }
    None
}
