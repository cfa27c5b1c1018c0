//! The world of a client's machine, seeker or counselor: homes that it knows by number, what it wants of them, and the other
//! end of a chat.

use hamsa_protocol::{
    client::ProvenLink,
    crypto::tokens::{self, ChannelTokens},
    machine::{Machine, Output},
    objects::{HomeIndex, TicketId},
    session::{
        chat::{Beginning, Chat, Role, Seen, Status},
        handshake::Established,
    },
    time::{Now, Tick, millis},
    wire::{Kind, RECORD_LEN, Record, split},
};

use super::{
    helpline::{START, helpline, later, seeded},
    input::Input,
};

/// Homes, all with the one delegation there is: a client knows them by number.
pub(super) const HOMES: usize = 3;
/// Steps in a row that a machine may want at one moment.
const HASTY_MAX: u32 = 50;

/// A machine and its homes.
pub(super) struct Homes<M> {
    pub(super) machine: M,
    pub(super) now: Now,
    /// When the machine wants to be woken.
    pub(super) wake: Option<Tick>,
    up: [bool; HOMES],
    /// Homes whose link the machine wants closed; what it still says to them is lost.
    closing: [bool; HOMES],
    /// What the machine sent last to each home and has no answer yet.
    pub(super) asked: [Vec<Record>; HOMES],
    roster: Vec<u8>,
    /// Links there ever were.
    links: u64,
}

impl<M> Homes<M> {
    pub(super) fn new(machine: M) -> Self {
        Self {
            machine,
            now: START,
            wake: None,
            up: [false; HOMES],
            closing: [false; HOMES],
            asked: Default::default(),
            roster: helpline().roster_of(1, true),
            links: 0,
        }
    }

    /// The oldest question at this home.
    pub(super) fn next_asked(&mut self, home: usize) -> Option<Record> {
        (!self.asked[home].is_empty()).then(|| self.asked[home].remove(0))
    }

    /// What a home answers to every client, truthfully or nearly so.
    pub(super) fn answer(
        &mut self,
        asked: &Record,
        twist: u8,
        on_duty: bool,
        input: &mut Input<'_>,
    ) -> Option<Vec<Record>> {
        let known = helpline();
        let (kind, body) = match asked.kind {
            Kind::Describe => {
                if twist % 16 == 1 {
                    self.roster = known.roster_of(u64::from(input.byte() % 4), !input.one_in(4));
                }
                (Kind::Head, known.head(&self.roster, u64::from(twist), on_duty))
            }
            Kind::Duties => (Kind::DutyPage, known.page()),
            Kind::Settings => (Kind::SettingsText, known.settings.clone()),
            Kind::Heartbeat => {
                return Some(vec![
                    Record::new(Kind::Beat).index(input.number()).ack(input.number()),
                ]);
            }
            Kind::Open => return Some(vec![Record::new(Kind::Opened).token(asked.token)]),
            Kind::Put => {
                let kind = [Kind::Stored, Kind::Stored, Kind::Full, Kind::Gone][usize::from(twist % 4)];
                return Some(vec![Record::new(kind).token(asked.token).index(asked.index)]);
            }
            _ => return None,
        };
        Some(split(kind, asked.request, [0; 32], &body))
    }

    /// Any record at all, now and then with what the machine waits for in it.
    pub(super) fn arbitrary(
        &self,
        home: usize,
        input: &mut Input<'_>,
        ticket: impl FnOnce(&mut Input<'_>) -> [u8; 32],
    ) -> Record {
        let mut bytes = vec![0; RECORD_LEN];
        loop {
            bytes[0] = input.byte();
            if input.is_empty() {
                bytes[0] = 67;
            }
            if Record::decode(&bytes).is_ok() {
                break;
            }
        }
        let mut record = Record::decode(&bytes).expect("it was one just now");
        let asked = self.asked[home].first();
        record.token = match input.byte() % 3 {
            0 => input.array(),
            1 => asked.map_or([0; 32], |asked| asked.token),
            _ => ticket(input),
        };
        record.request = asked
            .map_or(0, |asked| asked.request)
            .wrapping_add(u32::from(input.byte() % 2));
        record.more = input.one_in(4);
        record.index = input.number();
        record.ack = input.number();
        let size = usize::from(input.byte());
        record.body = input.take(size).to_vec();
        record
    }
}

/// A world around the machine of a client.
pub(super) trait ClientWorld {
    type Client: Machine<Peer = HomeIndex, Link = ProvenLink>;

    fn homes(&mut self) -> &mut Homes<Self::Client>;

    fn on_event(&mut self, event: <Self::Client as Machine>::Event);

    /// Looks at what was sent to a home; tells whether it is a question that the home may answer.
    fn on_sent(&mut self, _home: usize, _record: &Record) -> bool {
        true
    }

    /// Makes a link; tells whether there was none.
    fn up(&mut self, home: usize) -> bool {
        let homes = self.homes();
        let fresh = !core::mem::replace(&mut homes.up[home], true);
        if fresh {
            homes.links += 1;
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&homes.links.to_be_bytes());
            let delegation = helpline().delegation.clone();
            let link = ProvenLink { delegation, hash };
            homes.machine.handle_connected(HomeIndex(home), link, homes.now);
        }
        fresh
    }

    fn down(&mut self, home: usize) {
        let homes = self.homes();
        if core::mem::take(&mut homes.up[home]) {
            homes.asked[home].clear();
            homes.machine.handle_disconnected(HomeIndex(home), homes.now);
        }
    }

    fn wait(&mut self, milliseconds: u64) {
        self.homes().now = later(self.homes().now, milliseconds);
        for step in 0.. {
            assert!(
                step < HASTY_MAX,
                "wants to be woken at a moment that is over, again and again"
            );
            let homes = self.homes();
            homes.machine.handle_timeout(homes.now);
            self.drain();
            let homes = self.homes();
            if homes.wake.is_none_or(|due| due > homes.now.tick) {
                break;
            }
        }
    }

    /// To the very moment that the machine asked for.
    fn wait_until_due(&mut self) {
        let homes = self.homes();
        if let Some(due) = homes.wake {
            let milliseconds = due.since(homes.now.tick);
            self.wait(millis(milliseconds));
        }
    }

    /// A home without a link cannot speak; the machine is asked all the same, and must not mind.
    fn send(&mut self, home: usize, record: Record) {
        let homes = self.homes();
        homes.machine.handle_record(HomeIndex(home), record, homes.now);
    }

    fn drain(&mut self) {
        loop {
            let homes = self.homes();
            match homes.machine.poll_output() {
                Output::Suspect { peer } => assert!(homes.up[peer.0], "a doubt about a home without a link"),
                Output::Disconnect { peer } => homes.closing[peer.0] = true,
                Output::Send { peer, record } => {
                    assert!(homes.up[peer.0], "{record:?} to a home without a link");
                    assert_eq!(Record::decode(&record.encode()).as_ref(), Ok(&record));
                    if !homes.closing[peer.0] && self.on_sent(peer.0, &record) {
                        let asked = &mut self.homes().asked[peer.0];
                        asked.push(record);
                        let excess = asked.len().saturating_sub(64);
                        asked.drain(..excess);
                    }
                }
                Output::Event(event) => self.on_event(event),
                Output::Sleep(wake) => {
                    homes.wake = wake;
                    let closing = core::mem::take(&mut homes.closing);
                    if closing == [false; HOMES] {
                        return;
                    }
                    for (home, _) in closing.iter().enumerate().filter(|(_, closing)| **closing) {
                        self.down(home);
                    }
                }
            }
        }
    }
}

/// The other end of a chat, and its tokens at every home.
pub(super) fn other_end(
    ticket: TicketId,
    established: Established,
    role: Role,
    seed: u64,
    now: Tick,
) -> (Chat, ChannelTokens) {
    let known = helpline();
    let channels = tokens::channels(&known.id, &established.handshake_hash);
    let tokens = ChannelTokens::derive(&known.id, &channels, &known.delegation.home_x);
    let beginning = Beginning {
        helpline: known.id,
        ticket,
        established,
        role,
        seen: Seen::default(),
        status: Status::default(),
        extra: Vec::new(),
    };
    (Chat::new(beginning, &mut seeded(seed), now), tokens)
}
