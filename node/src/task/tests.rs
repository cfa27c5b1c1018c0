//! A disk that hangs, under a task whose links live.

use std::sync::mpsc::{Receiver, Sender, channel};

use hamsa_protocol::{
    crypto::{keys::SignKey, tokens::Token},
    home::store::{Day, Disk, ItemKind, Place, StoreError},
    objects::{Delegation, Entrances, Roster, Settings, Signed, postcard_encode},
    time::Unix,
    wire::{ChannelOpening, ClientMessage, DepositPosting, Kind, Lane, split},
};
use tokio::sync::{Semaphore, mpsc::Sender as AskedSender};

use super::*;
use crate::{
    answers::{self, AnswerReceiver, Ending},
    publication::Publication,
    store::IdleDisk,
};

/// Hangs in every write until it gets a word.
struct HangingDisk {
    asked: AskedSender<()>,
    word: Receiver<()>,
    written: Sender<ItemKind>,
}

impl HangingDisk {
    fn hang(&self) -> Result<(), StoreError> {
        let _ = self.asked.blocking_send(());
        self.word.recv().map_err(|_| StoreError::Unavailable)
    }
}

impl Disk for HangingDisk {
    fn places(&mut self) -> Result<Vec<Place>, StoreError> {
        Ok(Vec::new())
    }

    fn read(&mut self, _: &Place) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    fn put(&mut self, place: &Place, _: &[u8]) -> Result<(), StoreError> {
        self.hang()?;
        let _ = self.written.send(place.kind);
        Ok(())
    }

    fn remove(&mut self, _: &Place) -> Result<(), StoreError> {
        self.hang()
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.hang()
    }

    fn forget_before(&mut self, _: Day) -> Result<usize, StoreError> {
        Ok(0)
    }
}

impl IdleDisk for HangingDisk {
    fn on_idle(&mut self) {}
}

/// A directory with a delegation and a publication of a new association.
fn published(directory: &NodeDirectory) {
    let root = SignKey::generate(&mut system_random());
    let key = RootKey(root.public());
    let (helpline, now) = (key.helpline(), today());
    let delegation = Delegation {
        home_peer: directory.identity().unwrap().peer(),
        home_x: directory.home_key().unwrap().public(),
        op_pk: directory.operator_key().unwrap().public().to_bytes(),
        not_before: now,
        expires: now + Duration::from_secs(86_400),
    };
    let delegation = Signed::sign(delegation, &root, &helpline).unwrap();
    let settings = Settings::named("A".parse().unwrap()).encode().unwrap();
    let entrances = Entrances::sign(Vec::new(), &root).unwrap();
    let roster = Roster {
        version: 1,
        issued: now,
        expires: now + Duration::from_secs(86_400),
        certificates: Vec::new(),
        delegations: vec![delegation.hash()],
        revoked: Vec::new(),
        settings: Settings::hash(&settings),
        entries: entrances.list.hash(),
    };
    let publication = Publication {
        root: key,
        roster: Signed::sign(roster, &root, &helpline).unwrap(),
        settings,
        entrances,
        delegations: vec![delegation],
    };
    directory.write_publication(&publication, now).unwrap();
}

/// A client's end of a link, as the task that serves it has it.
struct TestLink {
    link: LinkId,
    home: HomeHandle,
    answers: AnswerReceiver,
    turns: Arc<Semaphore>,
    _ending: Ending,
}

impl TestLink {
    async fn open(home: &HomeHandle, number: u64) -> Self {
        let (answers, outgoing, ending) = answers::queue();
        let link = LinkId(number);
        let opened = TaskInput::Opened {
            link,
            hash: [0; 32],
            entry: NodePeer([1; 32]),
            answers,
        };
        assert!(home.send(opened).await);
        Self {
            link,
            home: home.clone(),
            answers: outgoing,
            turns: Arc::new(Semaphore::new(1)),
            _ending: ending,
        }
    }

    async fn send(&self, record: Record) {
        let turn = Arc::clone(&self.turns).acquire_owned().await.unwrap();
        let link = self.link;
        assert!(self.home.send(TaskInput::Record { link, record, turn }).await);
    }

    /// The next answer that is not told to all.
    async fn next(&mut self) -> Record {
        loop {
            let answer = self.answers.next().await.unwrap();
            if answer.record().kind != Kind::Beat {
                return answer.record().clone();
            }
        }
    }
}

#[tokio::test]
async fn cells_flow_while_the_disk_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let directory = NodeDirectory::init(folder.path(), &["/ip4/127.0.0.1/tcp/0".to_owned()], "n").unwrap();
    published(&directory);
    let (asked, mut hangs) = mpsc::channel(64);
    let (go, word) = channel();
    let (written, writes) = channel();
    let stored = Arc::new(Notify::new());
    let wake = Arc::clone(&stored);
    let disk = HangingDisk { asked, word, written };
    let store = StoreThread::start(disk, move || wake.notify_one()).unwrap();
    let store = (Box::new(store) as Box<dyn Store>, MailNumbers::default());
    let config = directory.config().unwrap();
    let home = start_with(directory, &config, Verdict::Right, store, stored).unwrap();

    let mut seeker = TestLink::open(&home, 1).await;
    let mut counselor = TestLink::open(&home, 2).await;
    let mut author = TestLink::open(&home, 3).await;
    let [put, listen, others_put, others_listen] = [1, 2, 3, 4].map(|number| Token([number; 32]));
    let opening = ChannelOpening {
        from_seeker: Lane {
            put: put.hash(),
            listen: others_listen.hash(),
            start: 0,
        },
        from_counselor: Lane {
            put: others_put.hash(),
            listen: listen.hash(),
            start: 0,
        },
    };
    for (link, token) in [(&mut seeker, listen), (&mut counselor, others_listen)] {
        let open = ClientMessage::Open {
            token,
            opening: Some(opening),
        };
        link.send(open.record()).await;
        assert_eq!(link.next().await.kind, Kind::Opened);
        link.send(
            ClientMessage::Listen {
                listen: token,
                from: 0,
            }
            .record(),
        )
        .await;
    }
    let posting = DepositPosting {
        write: put.hash(),
        read: listen.hash(),
        body: hamsa_protocol::objects::Bytes(vec![7; 15_504].into_boxed_slice().try_into().unwrap()),
    };
    for record in split(Kind::Deposit, 9, [0; 32], &postcard_encode(&posting)) {
        author.send(record).await;
    }
    hangs.recv().await.unwrap();

    // The disk hangs, and both sides talk.
    for index in 0..100 {
        let said = [(put, &seeker), (others_put, &counselor)];
        for (put, link) in said {
            let cell = vec![7; 2_048];
            link.send(ClientMessage::Put { put, index, cell }.record()).await;
        }
        for link in [&mut seeker, &mut counselor] {
            let mut kinds = [link.next().await.kind, link.next().await.kind];
            kinds.sort();
            let mut expected = [Kind::Stored, Kind::Cell];
            expected.sort();
            assert_eq!(kinds, expected);
        }
    }
    // The operator is answered too, and a descriptor waits for no disk.
    assert_eq!(home.counts().await.0.deposits, 0);
    assert!(writes.try_recv().is_err());

    go.send(()).unwrap();
    hangs.recv().await.unwrap();
    assert_eq!(writes.recv().unwrap(), ItemKind::Deposit);
    assert_eq!(home.counts().await.0.deposits, 0, "put, and not durable yet");
    go.send(()).unwrap();
    assert_eq!(author.next().await.kind, Kind::Deposited);
    assert_eq!(home.counts().await.0.deposits, 1);
}

#[tokio::test]
async fn a_bad_publication_ends_no_home() {
    let folder = tempfile::tempdir().unwrap();
    let directory = NodeDirectory::init(folder.path(), &["/ip4/127.0.0.1/tcp/0".to_owned()], "n").unwrap();
    published(&directory);
    let config = directory.config().unwrap();
    let start = |verdict| {
        let store = (
            Box::new(MemoryStore::new()) as Box<dyn Store>,
            MailNumbers::default(),
        );
        start_with(
            directory.clone(),
            &config,
            verdict,
            store,
            Arc::new(Notify::new()),
        )
    };
    let home = start(Verdict::Right).unwrap();
    assert_eq!(home.counts().await.1, 1);
    home.drain().await;
    std::fs::write(folder.path().join("publication"), b"bad").unwrap();
    let home = start(Verdict::Right).unwrap();
    assert_eq!(home.counts().await.1, 1, "what it served last");
    assert!(home.reload().await.is_err());
    assert_eq!(home.counts().await.1, 1);
    home.drain().await;
    // A clock in doubt is said first.
    let doubtful = start(Verdict::Ahead(today())).map(drop);
    assert!(matches!(doubtful, Err(DirectoryError::ClockAhead { .. })));
    std::fs::remove_file(folder.path().join("publication.served")).unwrap();
    let home = start(Verdict::Right).unwrap();
    assert_eq!(home.counts().await.1, 0, "without one");
}

#[test]
fn versions_set_aside_grow_little_with_starts() {
    let now = Unix(1_800_000_000);
    let ahead = versions_ahead(0, now.0);
    assert_eq!(ahead, now.0 * 1_000 + VERSION_MILLIS);
    // A thousand crashes within one second.
    let after = (0..1_000).fold(ahead, |floor, _| versions_ahead(floor, now.0));
    assert_eq!(after, ahead + 1_000 * VERSIONS);
}
