//! A home's machine with two links and one channel.

use std::time::Duration;

use hamsa_protocol::{
    crypto::tokens::Token,
    home::{Home, HomeConfig, LinkId, NewLink, Via, memory::MemoryStore},
    machine::Machine,
    objects::{Entrances, Roster, Settings, Signed},
    session::chat::CELL_LEN,
    time::{Now, Tick},
    wire::{ChannelOpening, ClientMessage, Kind, Lane},
};
use zeroize::Zeroizing;

use crate::{
    Work,
    link::{KnownHome, TODAY},
    seeded,
};

const NOW: Now = Now {
    tick: Tick(1_000),
    unix: TODAY,
};
const SEEKER: LinkId = LinkId(1);
const DESK: LinkId = LinkId(2);

/// A home with a roster and two links.
fn home() -> Home {
    let known = KnownHome::new();
    let settings = Settings::named("Association A".parse().unwrap())
        .encode()
        .unwrap();
    let entrances = Entrances::sign(Vec::new(), &known.root).unwrap();
    let roster = Roster {
        version: 1,
        issued: TODAY,
        expires: TODAY + Duration::from_secs(7 * 86_400),
        certificates: Vec::new(),
        delegations: vec![known.delegation.hash()],
        revoked: Vec::new(),
        settings: Settings::hash(&settings),
        entries: entrances.list.hash(),
    };
    let roster = Signed::sign(roster, &known.root, &known.helpline).unwrap();
    let config = HomeConfig {
        root: known.root_key,
        delegation: known.delegation,
        operator: known.operator,
        receipt_key: Zeroizing::new([8; 32]),
        boot: 1,
        descriptor_floor: 0,
    };
    let mut home = Home::new(config, Box::new(MemoryStore::new()), seeded(2), NOW);
    home.install(roster.encoded(), &settings, &entrances, NOW)
        .unwrap();
    for link in [SEEKER, DESK] {
        let hash = [u8::try_from(link.0).unwrap(); 32];
        home.handle_connected(link, NewLink { hash, via: Via(0) }, NOW);
    }
    home.drain();
    home
}

pub(crate) fn pass_a_cell() -> Work {
    let mut home = home();
    let [put, listen, their_put, their_listen] = [1, 2, 3, 4].map(|byte| Token([byte; 32]));
    let lane = |put: Token, listen: Token| Lane {
        put: put.hash(),
        listen: listen.hash(),
        start: 0,
    };
    let opening = ChannelOpening {
        from_seeker: lane(put, listen),
        from_counselor: lane(their_put, their_listen),
    };
    for (link, token) in [(SEEKER, their_listen), (DESK, listen)] {
        let opening = Some(opening);
        let open = ClientMessage::Open { token, opening };
        home.handle_record(link, open.record().request(1), NOW);
    }
    let hears = ClientMessage::Listen { listen, from: 0 };
    home.handle_record(DESK, hears.record(), NOW);
    home.drain();
    let mut index = 0;
    Box::new(move || {
        let cell = vec![0x5c; CELL_LEN];
        let put = ClientMessage::Put { put, index, cell };
        home.handle_record(SEEKER, put.record(), NOW);
        let mut sent = home.drain();
        let cells = sent
            .records()
            .filter(|(link, record)| (*link, record.kind) == (DESK, Kind::Cell));
        assert_eq!(cells.count(), 1);
        index += 1;
        let ack = ClientMessage::Ack { listen, below: index };
        home.handle_record(DESK, ack.record(), NOW);
        home.drain();
    })
}
