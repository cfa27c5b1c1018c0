//! The home's machine under records of any content from several links, honest ones among them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use ed25519_dalek::{Signer, SigningKey};
use hamsa_protocol::{
    crypto::{
        hash,
        keys::SIGNATURE_LEN,
        tokens::{self, ChannelTokens, Direction, Token, TokenHash},
    },
    home::{
        CHANNEL_IDLE, CLAIM, Home, LINK_SILENT, LinkId, MAX_CHANNELS_PER_LINK, MAX_TICKETS_PER_LINK, NewLink,
        SMALL_SUM, SURVEY_MONTHS_MAX, Survey, TICKET_ALONE, Via, memory::MemoryStore,
    },
    machine::{Machine, Output},
    objects::{Bytes, TicketId, postcard_decode, postcard_encode},
    session::{chat::CELL_LEN, handshake::MESSAGE_2_LEN, home_link::login_message, ticket::Sealed},
    time::{Now, Tick, Unix, millis},
    wire::{
        Assembler, ChannelOpening, DepositPosting, Kind, Lane, Posting, RECORD_LEN, Receipt, Record,
        ReplyPosting, ShownTicket, split,
    },
};

use super::{
    helpline::{START, helpline, later, seeded},
    input::Input,
    mail::{CORRESPONDENCE, mail_key},
};

/// The seeker reads her mail with it.
const READ: [u8; 32] = [0xb5; 32];
/// Links at once.
const LINKS: usize = 4;

/// Three tickets with two bodies each, the same in every run.
static TICKETS: LazyLock<Vec<[Sealed; 2]>> = LazyLock::new(|| {
    (0..3_u8)
        .map(|number| {
            let id = TicketId([number; 32]);
            let seed = 50 + u64::from(number);
            [helpline().seal(id, 0, seed), helpline().seal(id, 1, seed + 10)]
        })
        .collect()
});

/// What the harness knows.
struct World {
    home: Home,
    now: Now,
    wake: Option<Tick>,
    /// Links that stand, each in a place of its own.
    links: [Option<LinkId>; LINKS],
    next_link: u64,
    receipts: BTreeMap<TicketId, Receipt>,
    /// Highest claim that was granted, and to whom.
    granted: BTreeMap<TicketId, (u64, LinkId)>,
    /// What was ever put, by listen token and index: each cell is one byte, repeated.
    cells: BTreeMap<([u8; 32], u64), BTreeSet<u8>>,
    roster_version: u64,
    tickets: usize,
    /// Links over which a survey was counted, ever.
    surveyed: BTreeSet<LinkId>,
    pieces: BTreeMap<LinkId, Assembler>,
}

/// Runs the operations in `data`.
pub fn home(data: &[u8]) {
    let known = helpline();
    let mut input = Input::new(data);
    let mut world = World {
        home: Home::new(
            known.home_config(),
            Box::new(MemoryStore::new()),
            seeded(1),
            START,
        ),
        now: START,
        wake: None,
        links: [None; LINKS],
        next_link: 1,
        receipts: BTreeMap::new(),
        granted: BTreeMap::new(),
        cells: BTreeMap::new(),
        roster_version: 0,
        tickets: 0,
        surveyed: BTreeSet::new(),
        pieces: BTreeMap::new(),
    };
    if !input.one_in(8) {
        install(&mut world, 1, true);
    }
    while !input.is_empty() {
        operate(&mut input, &mut world);
        drain(&mut world);
        check(&mut world);
    }
    // Everybody leaves, and time passes: nothing is left.
    for place in 0..LINKS {
        close(&mut world, place);
    }
    drain(&mut world);
    for _ in 0..3 {
        world.now = later(world.now, millis(TICKET_ALONE.max(CHANNEL_IDLE) + CLAIM));
        world.home.handle_timeout(world.now);
        drain(&mut world);
    }
    let counts = world.home.counts();
    assert_eq!(
        (
            counts.links,
            counts.desks,
            counts.duties,
            counts.tickets,
            counts.channels
        ),
        (0, 0, 0, 0, 0),
        "an empty home keeps nothing"
    );
}

fn operate(input: &mut Input<'_>, world: &mut World) {
    let place = input.below(LINKS);
    let Some(link) = world.links[place] else {
        return open(world, place);
    };
    let record = match input.byte() % 30 {
        0 => return close(world, place),
        1 => return wait(world, u64::from(input.short())),
        2 => return wait(world, millis(LINK_SILENT)),
        3 => {
            let version = u64::from(input.byte() % 8);
            return install(world, version, !input.one_in(4));
        }
        4 if input.byte() < 8 => return world.home.stop(world.now),
        4 | 5 => arbitrary(input),
        6 => login(link, input),
        7 => Record::new(Kind::PublishDuty).body(helpline().duty.encoded().to_vec()),
        8 => Record::new(Kind::WithdrawDuty),
        9 | 10 => return post(input, world, link),
        11 => Record::new([Kind::Withdraw, Kind::Hold, Kind::Reject][input.below(3)])
            .token(owner(input))
            .ack(input.number()),
        12 | 13 => Record::new(Kind::Claim)
            .token([input.byte() % 4; 32])
            .index(u64::from(input.byte() % 3)),
        14 | 15 => answer(input, world),
        16 | 17 => open_channel(input),
        18 | 19 => put(input, world),
        20 => Record::new(Kind::Listen)
            .token(channel(input).listen(direction(input)).0)
            .index(input.number()),
        21 => Record::new(Kind::Ack)
            .token(channel(input).listen(direction(input)).0)
            .ack(input.number()),
        22 => Record::new(Kind::Close).token(channel(input).listen(direction(input)).0),
        24 => Record::new(Kind::PublishMailKey).body(mail_key()),
        25 => return deposit(input, world, link),
        26 => return reply(input, world, link),
        27 => Record::new([Kind::Mails, Kind::FetchMail, Kind::MailClaim][input.below(3)])
            .token(mail_token(input)),
        28 => Record::new(Kind::Read).token(READ),
        29 => Record::new(Kind::MailKeys).index(input.number()),
        23 => survey(input),
        _ => Record::new([Kind::Describe, Kind::Duties, Kind::Settings, Kind::Heartbeat][input.below(4)])
            .index(input.number()),
    };
    let record = record.request(u32::from(input.byte()));
    world.home.handle_record(link, record, world.now);
}

fn open(world: &mut World, place: usize) {
    let link = LinkId(world.next_link);
    world.next_link += 1;
    world.links[place] = Some(link);
    world.pieces.insert(link, Assembler::default());
    world.home.handle_connected(
        link,
        NewLink {
            hash: hash_of(link),
            via: Via(0),
        },
        world.now,
    );
}

fn hash_of(link: LinkId) -> [u8; 32] {
    hash::sha256(&[&link.0.to_be_bytes()])
}

fn close(world: &mut World, place: usize) {
    if let Some(link) = world.links[place].take() {
        world.pieces.remove(&link);
        world.home.handle_disconnected(link, world.now);
    }
}

fn wait(world: &mut World, milliseconds: u64) {
    world.now = later(world.now, milliseconds);
    world.home.handle_timeout(world.now);
}

fn install(world: &mut World, version: u64, with_counselor: bool) {
    let known = helpline();
    let roster = known.roster_of(version, with_counselor);
    let entrances = known.entrances();
    let standing = world
        .home
        .install(&roster, &known.settings, &entrances, world.now);
    // Days may have passed in this run: an expired roster is refused and changes nothing.
    if let Ok(standing) = standing {
        world.roster_version = world.roster_version.max(version);
        assert_eq!(standing, world.roster_version, "a version never goes down");
    }
    assert_eq!(world.home.roster_version(), world.roster_version);
}

/// Any record at all, its token one of those that mean something.
fn arbitrary(input: &mut Input<'_>) -> Record {
    let kinds: Vec<Kind> = (0..=u8::MAX)
        .filter_map(|kind| {
            let mut bytes = vec![0; RECORD_LEN];
            bytes[0] = kind;
            Record::decode(&bytes).ok().map(|record| record.kind)
        })
        .collect();
    let kind = kinds[input.below(kinds.len())];
    let token = match input.byte() % 4 {
        0 => input.array(),
        1 => [input.byte() % 4; 32],
        2 => owner(input),
        _ => channel(input).listen(direction(input)).0,
    };
    let size = usize::from(input.byte());
    Record {
        more: input.one_in(2),
        ..Record::new(kind)
            .token(token)
            .index(input.number())
            .ack(input.number())
            .body(input.take(size).to_vec())
    }
}

fn login(link: LinkId, input: &mut Input<'_>) -> Record {
    let known = helpline();
    let serial = known.certificate.serial;
    let message = login_message(&known.id, &known.delegation.home_x, &hash_of(link), &serial.0);
    let mut signature: [u8; SIGNATURE_LEN] = SigningKey::from_bytes(&known.identity().to_bytes())
        .sign(&message)
        .to_bytes();
    if input.byte() < 32 {
        input.damage(&mut signature);
    }
    let certificate = known.certificate.encoded();
    let length = u16::try_from(certificate.len()).unwrap_or_default();
    Record::new(Kind::Login).body([&length.to_be_bytes(), certificate, &signature].concat())
}

/// A seeker's secret at this home: three of them, each of her own ticket, and one of nobody.
fn owner(input: &mut Input<'_>) -> [u8; 32] {
    [0xa0 | (input.byte() % 4); 32]
}

fn post(input: &mut Input<'_>, world: &mut World, link: LinkId) {
    let (number, attempt) = (input.below(3), input.below(2));
    let sealed = &TICKETS[number][attempt];
    let id = TicketId([u8::try_from(number).unwrap_or_default(); 32]);
    let attempt = u32::try_from(attempt).unwrap_or_default();
    let slot = tokens::answer_slot(
        &helpline().id,
        &sealed.secret,
        attempt,
        &helpline().delegation.home_x,
    );
    let mut body = sealed.body.clone();
    let mut token = [0xa0 | u8::try_from(number).unwrap_or_default(); 32];
    let mut receipt = world.receipts.get(&id).copied();
    match input.byte() {
        0..16 => token = owner(input),
        16..32 => {
            input.damage(body.as_mut_slice());
        }
        32..48 => {
            receipt = Some(Receipt {
                order: input.number(),
                issued: Unix(input.number()),
                mac: input.array(),
            })
        }
        48..64 => receipt = None,
        _ => {}
    }
    let posting = Posting {
        ticket: id,
        attempt,
        slot: slot.hash(),
        receipt,
        body: Bytes(body),
    };
    let lost = input.byte();
    let request = u32::from(input.byte());
    for (part, record) in split(Kind::Post, request, token, &postcard_encode(&posting))
        .into_iter()
        .enumerate()
    {
        // Now and then a part is missing.
        if usize::from(lost) != part {
            world.home.handle_record(link, record, world.now);
        }
    }
}

fn survey(input: &mut Input<'_>) -> Record {
    let mut body: Vec<u8> = (0..3).map(|_| input.byte() % 3).collect();
    if input.one_in(4) {
        input.damage(&mut body);
    }
    Record::new(Kind::Survey).body(body)
}

/// The name of the one deposit there is, or of none.
fn mail_token(input: &mut Input<'_>) -> [u8; 32] {
    if input.one_in(4) {
        input.array()
    } else {
        CORRESPONDENCE.id.0
    }
}

fn deposit(input: &mut Input<'_>, world: &mut World, link: LinkId) {
    let home_x = &helpline().delegation.home_x;
    let secret = zeroize::Zeroizing::new(CORRESPONDENCE.secret);
    let mut posting = DepositPosting {
        write: tokens::mail_write(&helpline().id, &secret, home_x).hash(),
        read: Token(READ).hash(),
        body: Bytes(CORRESPONDENCE.deposit.clone()),
    };
    if input.one_in(8) {
        posting.read = TokenHash(input.array());
    }
    let request = u32::from(input.byte());
    for record in split(Kind::Deposit, request, [0; 32], &postcard_encode(&posting)) {
        world.home.handle_record(link, record, world.now);
    }
}

fn reply(input: &mut Input<'_>, world: &mut World, link: LinkId) {
    let home_x = &helpline().delegation.home_x;
    let secret = zeroize::Zeroizing::new(CORRESPONDENCE.secret);
    let mut token = tokens::mail_write(&helpline().id, &secret, home_x).0;
    if input.one_in(4) {
        token = input.array();
    }
    let posting = ReplyPosting {
        read: Token(READ).hash(),
        object: Bytes(CORRESPONDENCE.reply.clone()),
    };
    let request = u32::from(input.byte());
    for record in split(Kind::Reply, request, token, &postcard_encode(&posting)) {
        world.home.handle_record(link, record, world.now);
    }
}

fn answer(input: &mut Input<'_>, world: &World) -> Record {
    let (number, attempt) = (input.below(3), input.below(2));
    let sealed = &TICKETS[number][attempt];
    let id = TicketId([u8::try_from(number).unwrap_or_default(); 32]);
    let attempt = u32::try_from(attempt).unwrap_or_default();
    let slot = tokens::answer_slot(
        &helpline().id,
        &sealed.secret,
        attempt,
        &helpline().delegation.home_x,
    );
    let claim = match input.byte() {
        0..64 => input.number(),
        _ => world.granted.get(&id).map_or(1, |(claim, _)| *claim),
    };
    let length = if input.byte() < 16 {
        input.below(MESSAGE_2_LEN)
    } else {
        MESSAGE_2_LEN
    };
    let body = [id.0.as_slice(), &vec![input.byte(); length]].concat();
    Record::new(Kind::Answer).token(slot.0).ack(claim).body(body)
}

/// Tokens of one of two channels.
fn channel(input: &mut Input<'_>) -> ChannelTokens {
    let known = helpline();
    ChannelTokens::derive(
        &known.id,
        &zeroize::Zeroizing::new([input.byte() % 2; 32]),
        &known.delegation.home_x,
    )
}

fn direction(input: &mut Input<'_>) -> Direction {
    if input.one_in(2) {
        Direction::FromSeeker
    } else {
        Direction::FromCounselor
    }
}

fn open_channel(input: &mut Input<'_>) -> Record {
    let tokens = channel(input);
    let lane = |direction, start| Lane {
        put: tokens.put(direction).hash(),
        listen: tokens.listen(direction).hash(),
        start,
    };
    let mut opening = ChannelOpening {
        from_seeker: lane(Direction::FromSeeker, input.number()),
        from_counselor: lane(Direction::FromCounselor, input.number()),
    };
    match input.byte() {
        0..16 => opening.from_seeker.put = opening.from_counselor.put,
        16..32 => opening.from_counselor.listen = TokenHash(input.array()),
        _ => {}
    }
    Record::new(Kind::Open)
        .token(tokens.listen(direction(input)).0)
        .body(postcard_encode(&opening))
}

fn put(input: &mut Input<'_>, world: &mut World) -> Record {
    let (tokens, direction) = (channel(input), direction(input));
    let index = input.number();
    let length = if input.byte() < 16 {
        input.below(CELL_LEN)
    } else {
        CELL_LEN
    };
    let byte = input.byte();
    if length == CELL_LEN {
        let listen = tokens.listen(direction);
        world.cells.entry((listen.0, index)).or_default().insert(byte);
    }
    let cell = vec![byte; length];
    Record::new(Kind::Put)
        .token(tokens.put(direction).0)
        .index(index)
        .body(cell)
}

fn drain(world: &mut World) {
    let drained = world.home.drain();
    world.wake = drained.wake;
    let mut closed = false;
    for output in drained.links {
        match output {
            Output::Send { peer: link, record } => {
                let standing = world.links.contains(&Some(link));
                assert!(standing, "{record:?} for a link that is gone");
                assert_eq!(Record::decode(&record.encode()).as_ref(), Ok(&record));
                heard(world, link, &record);
            }
            Output::Disconnect { peer } => {
                if let Some(place) = world.links.iter().position(|known| *known == Some(peer)) {
                    close(world, place);
                    closed = true;
                }
            }
            output => panic!("{output:?}"),
        }
    }
    if closed {
        drain(world);
    }
}

fn heard(world: &mut World, link: LinkId, record: &Record) {
    match record.kind {
        // A claim of mail has no number.
        Kind::Granted if record.token == CORRESPONDENCE.id.0 => {}
        Kind::Granted => {
            let id = TicketId(record.token);
            let before = world.granted.insert(id, (record.ack, link));
            if let Some((claim, holder)) = before {
                let same = record.ack == claim && holder == link;
                assert!(same || record.ack > claim, "one claim at a time");
            }
        }
        Kind::Counted => assert!(world.surveyed.insert(link), "one survey on each link"),
        Kind::Posted => {
            let receipt = postcard_decode(&record.body).expect("a receipt");
            world.receipts.insert(TicketId(record.token), receipt);
        }
        Kind::Cell => {
            assert_eq!(record.body.len(), CELL_LEN);
            let put = world.cells.get(&(record.token, record.index));
            let put = put.expect("somebody put it, in this direction, at this index");
            assert!(
                put.iter()
                    .any(|byte| record.body.iter().all(|other| other == byte))
            );
        }
        Kind::Head
        | Kind::DutyPage
        | Kind::SettingsText
        | Kind::Ticket
        | Kind::MailKeyPage
        | Kind::Mail
        | Kind::Letter => {
            let pieces = world.pieces.get_mut(&link).expect("a link has its pieces");
            let whole = pieces.take(record).expect("parts in order");
            match (record.kind, &whole) {
                (Kind::Mail, Some(mail)) => assert_eq!(mail.as_slice(), CORRESPONDENCE.deposit.as_slice()),
                (Kind::Letter, Some(letter)) => {
                    assert_eq!(letter.as_slice(), CORRESPONDENCE.reply.as_slice())
                }
                _ => {}
            }
            if let (Kind::Ticket, Some(ticket)) = (record.kind, whole) {
                let shown: ShownTicket = postcard_decode(&ticket).expect("a ticket");
                assert!(shown.paid.is_none(), "nobody is asked to pay here");
            }
        }
        _ => {}
    }
}

fn check(world: &mut World) {
    let counts = world.home.counts();
    let open: BTreeSet<_> = world.links.iter().flatten().collect();
    assert_eq!(counts.links, open.len());
    assert!(counts.desks <= counts.links && counts.duties <= 1);
    assert!(
        counts.tickets <= 3.min(MAX_TICKETS_PER_LINK * usize::try_from(world.next_link).unwrap_or_default())
    );
    assert!(counts.channels <= 2.min(MAX_CHANNELS_PER_LINK));
    let survey = world.home.survey();
    assert_eq!(Survey::decode(&survey.encode()).as_ref(), Some(survey));
    let told = survey.told(Unix(u64::MAX));
    assert!(told.len() <= 3 * SURVEY_MONTHS_MAX);
    for sum in told.iter().flat_map(|told| [told.yes, told.no]).flatten() {
        let counted = u32::try_from(world.surveyed.len()).unwrap_or(u32::MAX);
        assert!((SMALL_SUM..=counted).contains(&sum), "a sum of {sum}");
    }
    // A ticket that went and comes again is another one, and its claims begin anew.
    if counts.tickets < world.tickets {
        world.granted.clear();
    }
    world.tickets = counts.tickets;
    let due = world.wake;
    assert!(
        counts.links == 0 || due.is_some(),
        "a home with links looks after them"
    );
}
