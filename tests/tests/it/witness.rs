//! Homes that look: the node's own network and home links, the real home machine, and a ledger of every byte that a
//! client's secrets make. A home is the only place where the records of a real client can be read; what lies on the
//! wire below is sealed once more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use hamsa_client::{system_random, today};
use hamsa_net::{Node, NodeConfig, Stream};
use hamsa_node::directory::NodeDirectory;
use hamsa_protocol::{
    crypto::{
        kem::CT_LEN,
        keys::{DhSecret, RootKey},
    },
    home::{Home, HomeConfig, LinkId, NewLink, Via, memory::MemoryStore},
    machine::{Machine, Output},
    objects::{Delegation, Signed, postcard_decode},
    session::{
        handshake::{MESSAGE_1_LEN, MESSAGE_2_LEN},
        home_link,
        ticket::CARD_LEN,
    },
    time::{Now, Tick},
    wire::{Assembler, Kind, Posting, Record, UNIT},
};
use hamsa_tests::proxy::Storm;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{mpsc, watch},
    time::{Duration, Instant, sleep_until},
};

/// Wraps of a ticket, and the bytes of each: KEM ciphertext, ephemeral key, t and tag.
const WRAPS: usize = 8;
const WRAP_LEN: usize = CT_LEN + 32 + 48;
/// One cell in so many is lost in the home before it is stored …
const LOST: u64 = 24;
/// … and at one in so many the link is cut before the client hears of it.
const CUT: u64 = 40;

/// One process of one person, as a home can tell: desks log in, seekers do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Run {
    desk: bool,
    number: u32,
}

/// Cells of one direction of one channel at one home, by index, and who brought them.
struct Lane {
    home: usize,
    owner: Run,
    cells: BTreeMap<u64, Vec<u8>>,
}

/// Everything that came from clients, over all homes, links, kills and restarts.
#[derive(Default)]
pub(crate) struct Ledger {
    /// By put token.
    lanes: BTreeMap<[u8; 32], Lane>,
    /// What must be drawn anew each time, and the message it stood in.
    drawn: BTreeMap<(&'static str, Vec<u8>), Vec<u8>>,
    /// The process of each side that runs now.
    desk: u32,
    seeker: u32,
    /// Cells that came, and of these the ones that came again, byte for byte.
    puts: u64,
    again: u64,
    postings: u64,
    answers: u64,
    handshakes: u64,
    /// Cells that were compared with the same cell at another home.
    compared: usize,
    /// A home that loses every cell from now on.
    hole: Option<usize>,
    /// What must never happen, in words.
    found: Vec<String>,
}

/// What the ledger has seen, for a test that must know that it saw enough.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) cells: usize,
    pub(crate) puts: u64,
    pub(crate) again: u64,
    pub(crate) keys: usize,
    pub(crate) runs: usize,
    pub(crate) postings: u64,
    pub(crate) answers: u64,
    pub(crate) handshakes: u64,
    /// Cells that went to two homes, of chats that can be told apart.
    pub(crate) at_two_homes: usize,
}

impl Ledger {
    fn run(&self, desk: bool) -> Run {
        let number = if desk { self.desk } else { self.seeker };
        Run { desk, number }
    }

    /// A value that is drawn for one message may stand in that message only.
    fn draw(&mut self, what: &'static str, value: &[u8], message: &[u8]) {
        let known = self
            .drawn
            .entry((what, value.to_vec()))
            .or_insert_with(|| message.to_vec());
        if known != message {
            self.found.push(format!("{what} stands in two messages"));
        }
    }

    fn handshake(&mut self, link: LinkId, home: usize, unit: &[u8]) {
        self.handshakes += 1;
        let message = [&link.0.to_be_bytes(), &home.to_be_bytes(), unit].concat();
        self.draw("a link's ephemeral key", &unit[..32], &message);
    }

    fn posting(&mut self, posting: &Posting) {
        self.postings += 1;
        let body = posting.body.0.as_slice();
        let name = [posting.ticket.0.as_slice(), &posting.attempt.to_be_bytes()].concat();
        self.draw("the number of an attempt", &name, body);
        let message = [name.as_slice(), body].concat();
        for wrap in body.chunks_exact(WRAP_LEN).take(WRAPS) {
            self.draw("a wrap's KEM ciphertext", &wrap[..CT_LEN], &message);
            self.draw("a wrap's ephemeral key", &wrap[CT_LEN..CT_LEN + 32], &message);
        }
        let card = &body[WRAPS * WRAP_LEN..][..CARD_LEN];
        self.draw("a card", card, &message);
        let message_1 = &body[WRAPS * WRAP_LEN + CARD_LEN..];
        assert_eq!(message_1.len(), MESSAGE_1_LEN);
        self.draw("message 1's ephemeral key", &message_1[..32], &message);
    }

    fn answer(&mut self, body: &[u8]) {
        self.answers += 1;
        let message_2 = &body[32..];
        assert_eq!(message_2.len(), MESSAGE_2_LEN);
        self.draw("message 2's KEM ciphertext", &message_2[..CT_LEN], body);
        self.draw("message 2's ephemeral key", &message_2[CT_LEN..CT_LEN + 32], body);
    }

    fn put(&mut self, home: usize, owner: Run, record: &Record) {
        self.puts += 1;
        let lane = self.lanes.entry(record.token).or_insert_with(|| Lane {
            home,
            owner,
            cells: BTreeMap::new(),
        });
        if lane.owner != owner {
            let (was, is) = (lane.owner, owner);
            self.found
                .push(format!("{is:?} writes under a key that {was:?} had"));
        }
        match lane.cells.get(&record.index) {
            None => {
                lane.cells.insert(record.index, record.body.clone());
            }
            Some(known) if *known == record.body => self.again += 1,
            Some(_) => self
                .found
                .push(format!("{owner:?}: other bytes at index {}", record.index)),
        }
    }

    /// Compares what a process that had one chat brought to two homes: a home has tokens of its own for each chat, so
    /// that both its lanes are of one key. Gives how many cells both have.
    fn compare(&self, owner: Run) -> (usize, Option<String>) {
        let lanes: Vec<&Lane> = self.lanes.values().filter(|lane| lane.owner == owner).collect();
        let [one, other] = lanes.as_slice() else {
            return (0, None);
        };
        if one.home == other.home {
            return (0, None);
        }
        let both = |(index, cell)| other.cells.get(index).map(|twin| (index, cell == twin));
        let twins: Vec<(&u64, bool)> = one.cells.iter().filter_map(both).collect();
        let differs = twins.iter().find(|(_, same)| !same);
        let found =
            differs.map(|(index, _)| format!("{owner:?}: other bytes at index {index} of another home"));
        (twins.len(), found)
    }
}

/// The homes of one helpline.
pub(crate) struct Witness {
    ledger: Arc<Mutex<Ledger>>,
    news: watch::Sender<u64>,
    _nodes: Vec<Node>,
}

impl Witness {
    /// Takes over the homes in these directories.
    pub(crate) async fn start(directories: &[NodeDirectory]) -> Self {
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let (news, _) = watch::channel(0);
        let mut nodes = Vec::new();
        for (number, directory) in directories.iter().enumerate() {
            let config = directory.config().unwrap();
            let mut network = NodeConfig::new(directory.identity().unwrap(), config.listen.clone());
            network.partners = config.partner_addresses().unwrap();
            let (node, mut incoming) = Node::start(network).await.unwrap();
            nodes.push(node);
            let (root, delegation) = directory.delegation().unwrap().unwrap();
            let door = Door {
                home: number,
                root,
                home_x: *directory.home_key().unwrap().to_bytes(),
                delegation,
                ledger: Arc::clone(&ledger),
                news: news.clone(),
                inbox: machine(directory),
            };
            tokio::spawn(async move {
                let mut next = 0;
                while let Some(home) = incoming.next().await {
                    next += 1;
                    tokio::spawn(door.clone().serve(LinkId(next), home.stream));
                }
            });
        }
        Self {
            ledger,
            news,
            _nodes: nodes,
        }
    }

    fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on desks that log in are another process.
    pub(crate) fn another_desk(&self) {
        self.ledger().desk += 1;
    }

    /// From now on seekers are another process.
    pub(crate) fn another_seeker(&self) {
        self.ledger().seeker += 1;
    }

    /// From now on this home loses every cell: clients bring them to another home too.
    pub(crate) fn loses_at(&self, home: usize) {
        self.ledger().hole = Some(home);
    }

    /// Cells, postings and answers so far.
    pub(crate) fn events(&self) -> u64 {
        *self.news.borrow()
    }

    /// Waits until there have been so many.
    pub(crate) async fn reaches(&self, events: u64) {
        let mut news = self.news.subscribe();
        let reached = news.wait_for(|seen| *seen >= events);
        tokio::time::timeout(hamsa_tests::cast::PATIENCE, reached)
            .await
            .expect("something more on the wire")
            .unwrap();
    }

    /// Compares what the seeker who runs now brought to two homes, where all of it was one chat. Gives how many cells
    /// both homes have.
    pub(crate) fn compare(&self) -> usize {
        let mut ledger = self.ledger();
        let seeker = ledger.run(false);
        let (cells, found) = ledger.compare(seeker);
        ledger.compared = cells;
        ledger.found.extend(found);
        cells
    }

    /// What must never happen and did, and how much was looked at.
    pub(crate) fn verdict(&self) -> (Vec<String>, Seen) {
        let ledger = self.ledger();
        let runs: BTreeSet<Run> = ledger.lanes.values().map(|lane| lane.owner).collect();
        let seen = Seen {
            cells: ledger.lanes.values().map(|lane| lane.cells.len()).sum(),
            puts: ledger.puts,
            again: ledger.again,
            keys: ledger.lanes.len(),
            runs: runs.len(),
            postings: ledger.postings,
            answers: ledger.answers,
            handshakes: ledger.handshakes,
            at_two_homes: ledger.compared,
        };
        (ledger.found.clone(), seen)
    }
}

impl Drop for Witness {
    /// A test that hangs because of what was found should say so.
    fn drop(&mut self) {
        let found = &self.ledger().found;
        if std::thread::panicking() && !found.is_empty() {
            println!("the homes have seen: {found:#?}");
        }
    }
}

enum Input {
    Opened(LinkId, [u8; 32], mpsc::Sender<Record>),
    Record(LinkId, Record),
    Closed(LinkId),
}

/// The real machine, fed as the node feeds it, over a store in memory.
fn machine(directory: &NodeDirectory) -> mpsc::Sender<Input> {
    let (root, delegation) = directory.delegation().unwrap().unwrap();
    let publication = directory.publication().unwrap().unwrap();
    let start = Instant::now();
    let now = move || Now {
        tick: Tick(u64::try_from(start.elapsed().as_millis()).unwrap()),
        unix: today(),
    };
    let config = HomeConfig {
        root,
        delegation,
        operator: directory.operator_key().unwrap(),
        receipt_key: directory.receipt_key().unwrap(),
        boot: 1,
        descriptor_floor: 0,
    };
    let mut home = Home::new(config, Box::new(MemoryStore::new()), system_random(), now());
    let (roster, entrances) = (publication.roster.encoded(), &publication.entrances);
    home.install(roster, &publication.settings, entrances, now())
        .unwrap();
    let (inbox, mut inputs) = mpsc::channel(1_024);
    tokio::spawn(async move {
        let mut links: BTreeMap<LinkId, mpsc::Sender<Record>> = BTreeMap::new();
        let mut wake = home.drain().wake;
        loop {
            let wake_at = wake.map(|at| start + Duration::from_millis(at.0 + 1));
            tokio::select! {
                input = inputs.recv() => match input {
                    None => return,
                    Some(Input::Opened(link, hash, records)) => {
                        links.insert(link, records);
                        home.handle_connected(link, NewLink { hash, via: Via(0) }, now());
                    }
                    Some(Input::Record(link, record)) => home.handle_record(link, record, now()),
                    Some(Input::Closed(link)) => {
                        links.remove(&link);
                        home.handle_disconnected(link, now());
                    }
                },
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {
                    home.handle_timeout(now());
                }
            }
            let drained = home.drain();
            wake = drained.wake;
            for output in drained.links {
                match output {
                    Output::Send { peer, record } => {
                        if let Some(records) = links.get(&peer) {
                            let _ = records.try_send(record);
                        }
                    }
                    Output::Disconnect { peer } => {
                        links.remove(&peer);
                    }
                    _ => {}
                }
            }
        }
    });
    inbox
}

/// Where links of one home come in.
#[derive(Clone)]
struct Door {
    home: usize,
    root: RootKey,
    home_x: [u8; 32],
    delegation: Signed<Delegation>,
    ledger: Arc<Mutex<Ledger>>,
    news: watch::Sender<u64>,
    inbox: mpsc::Sender<Input>,
}

/// What becomes of a record after it was seen.
enum Fate {
    Pass,
    Lose,
    Cut,
}

impl Door {
    async fn serve(self, id: LinkId, mut stream: Stream) {
        let mut unit = vec![0; UNIT];
        if stream.read_exact(&mut unit).await.is_err() {
            return;
        }
        let runs = {
            let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.handshake(id, self.home, &unit);
            [ledger.run(false), ledger.run(true)]
        };
        let (helpline, home_x) = (self.root.helpline(), DhSecret::from_bytes(&self.home_x));
        let accepted = home_link::accept(&helpline, &home_x, &self.delegation, &unit, &mut system_random());
        let (mut link, answer) = accepted.unwrap();
        if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        let (records, mut outgoing) = mpsc::channel(8_192);
        let _ = self.inbox.send(Input::Opened(id, link.hash(), records)).await;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (units, mut incoming) = mpsc::channel::<Vec<u8>>(16);
        let reading = tokio::spawn(async move {
            loop {
                let mut unit = vec![0; UNIT];
                if reader.read_exact(&mut unit).await.is_err() || units.send(unit).await.is_err() {
                    return;
                }
            }
        });
        let mut storm = Storm::new(id.0 << 8 | self.home as u64);
        let (mut desk, mut pieces) = (false, Assembler::default());
        loop {
            tokio::select! {
                unit = incoming.recv() => {
                    let Some(record) = unit.and_then(|unit| link.open(&unit).ok()) else { break };
                    desk |= record.kind == Kind::Login;
                    match self.see(runs[usize::from(desk)], &record, &mut pieces, &mut storm) {
                        Fate::Pass => { let _ = self.inbox.send(Input::Record(id, record)).await; }
                        Fate::Lose => {}
                        Fate::Cut => break,
                    }
                }
                record = outgoing.recv() => {
                    let Some(unit) = record.and_then(|record| link.seal(&record).ok()) else { break };
                    if writer.write_all(&unit).await.is_err() || writer.flush().await.is_err() {
                        break;
                    }
                }
            }
        }
        let _ = writer.shutdown().await;
        reading.abort();
        let _ = self.inbox.send(Input::Closed(id)).await;
    }

    fn see(&self, owner: Run, record: &Record, pieces: &mut Assembler, storm: &mut Storm) -> Fate {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fate = Fate::Pass;
        match record.kind {
            Kind::Put => {
                ledger.put(self.home, owner, record);
                if ledger.hole == Some(self.home) || storm.below(LOST) == 0 {
                    fate = Fate::Lose;
                } else if storm.below(CUT) == 0 {
                    fate = Fate::Cut;
                }
            }
            Kind::Answer => ledger.answer(&record.body),
            Kind::Post => match pieces.take(record).unwrap() {
                Some(posting) => ledger.posting(&postcard_decode(&posting).unwrap()),
                None => return fate,
            },
            _ => return fate,
        }
        drop(ledger);
        self.news.send_modify(|events| *events += 1);
        fate
    }
}
