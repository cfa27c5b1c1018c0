//! The whole logic of a home: links, tickets, channels and mail. It has no socket, clock or file; the `node` crate
//! drives it.
//!
//! Contract: [`Machine`]; the commands of its operator are [`Home::install`] and [`Home::stop`]. It never waits for the
//! disk: when its store has done something, the driver says so by [`Home::handle_stored`]. What a link is told without
//! having asked is given only while the driver has room for it: [`Home::handle_room`].
//!
//! A home cannot see words, names, the languages of seekers, or addresses. It holds hashes of tokens and ciphertext, in
//! memory only. Sealed mail is kept in the given store until it expires.

mod budget;
mod channels;
mod desks;
mod disk_queue;
mod duties;
mod entrances;
mod mail;
mod mail_items;
mod mail_store;
pub mod memory;
mod requests;
pub mod store;
mod survey;
mod tickets;
mod told;
mod tolls;
mod verdicts;

use core::{convert::Infallible, time::Duration};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use channels::Channels;
pub use channels::{CHANNEL_IDLE, MAX_CELLS, MAX_CELLS_PER_LINK, MAX_CHANNELS, MAX_CHANNELS_PER_LINK, RING};
pub use disk_queue::{DISK_PATIENCE, MAX_DISK_BYTES, MAX_DISK_OPS};
use duties::Duties;
pub use entrances::LEND_AGAIN;
use mail_store::MailStore;
pub use mail_store::{MAX_DEPOSITS_PER_LINK, MAX_MAIL_KEYS, MAX_READS_PER_LINK, MAX_REPLIES_PER_DAY};
use store::{Store, StoreError};
pub use survey::{MAX_SURVEYS_PER_LINK, Month, Question, SMALL_SUM, SURVEY_MONTHS_MAX, Survey, Told};
use tickets::Tickets;
pub use tickets::{
    ANSWER, ATTEMPT_EVERY, ATTEMPTS_AT_ONCE, CLAIM, MAX_HELD, MAX_LEFT, MAX_SPENT, MAX_TICKETS_PER_LINK,
    PLACE_STEPS, RECEIPT_FREE, RECEIPT_LIFE, RECEIPT_RENEWED, TICKET_ALONE, TICKET_SILENT,
};
use told::ToTellAll;
use tolls::{Denied, Tolls};
pub use tolls::{LOBBY_MAX, PAYMENTS_MAX, STEP_PAUSE};
pub use verdicts::{VERDICT_STAYS, VERDICT_STEPS, VERDICTS_AN_HOUR};

use crate::{
    crypto::{
        hash::Secret,
        keys::{HelplineId, RootKey, SignKey},
        puzzle::Priced,
        random::Random,
        tokens::{Token, TokenHash},
    },
    machine::{Input, Machine, Output},
    objects::{
        Certificate, DESCRIPTOR_LIFE, Delegation, Descriptor, Entrances, EntryList, Object, ObjectError,
        Roster, Settings, Signed, postcard_encode,
    },
    time::{Now, Tick, Unix},
    wire::{Assembler, ClientMessage, HomeMessage, Kind, Record, Refusal, Terms, split},
};

/// How often time limits are looked at; also how often places and versions are told.
const SWEEP: Duration = Duration::from_secs(1);
/// A descriptor is signed anew after half of its validity, so that a client always gets one with time left.
const DESCRIPTOR_RENEW: Duration = Duration::from_secs(12 * 3_600);
/// A link that says nothing for this long is dead: six heartbeats.
pub const LINK_SILENT: Duration = Duration::from_secs(90);

/// Identifies a link while it is open. The driver assigns it, and never uses it twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// The entry that a link came by: this node's own or that of a partner. The driver numbers them, and the number says
/// nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Via(pub u16);

/// What a driver knows of a new link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// The handshake hash.
    pub hash: [u8; 32],
    /// By which entry it came.
    pub via: Via,
}

/// The configuration of a home. The secrets live in the node's directory.
pub struct HomeConfig {
    /// The root key of the helpline.
    pub root: RootKey,
    /// The root's delegation for this node.
    pub delegation: Signed<Delegation>,
    /// Signs descriptors. The delegation carries its public half.
    pub operator: SignKey,
    /// The MAC key of place receipts; kept over restarts.
    pub receipt_key: Secret,
    /// How often the node was started. It grows at every start, so that new tickets queue behind old ones.
    pub boot: u32,
    /// The highest descriptor version that was ever signed, as persisted.
    pub descriptor_floor: u64,
}

/// What is in memory now, in numbers that identify no person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Links.
    pub links: usize,
    /// Desks logged in.
    pub desks: usize,
    /// Duties.
    pub duties: usize,
    /// Tickets, including held ones.
    pub tickets: usize,
    /// Live channels.
    pub channels: usize,
    /// Sealed messages on disk, including answered ones.
    pub deposits: usize,
    /// Sealed replies on disk.
    pub replies: usize,
    /// Mail keys on disk.
    pub mail_keys: usize,
    /// Tickets, cells and mail taken since the start.
    pub stored: u64,
    /// Items expired since the start.
    pub expired: u64,
    /// Requests refused since the start.
    pub refused: u64,
}

/// The fields of a request that its answer repeats.
#[derive(Clone, Copy)]
struct HomeRequest {
    link: LinkId,
    number: u32,
    token: Token,
    index: u64,
}

struct ClientLink {
    hash: [u8; 32],
    via: Via,
    pieces: Assembler,
    desk: Option<Signed<Certificate>>,
    last: Tick,
    /// Deposits taken over this link.
    deposits: u32,
    /// Boxes read over this link.
    reads: u32,
    /// Surveys counted over this link.
    surveys: u32,
}

struct InstalledRoster {
    roster: Signed<Roster>,
    settings: Vec<u8>,
    entrances: Entrances,
}

/// The home's machine.
pub struct Home {
    config: HomeConfig,
    helpline: HelplineId,
    now: Now,
    links: BTreeMap<LinkId, ClientLink>,
    /// Entries that links may come by, as far as the driver has said.
    entries: BTreeSet<Via>,
    publication: Option<InstalledRoster>,
    descriptor: Option<Signed<Descriptor>>,
    descriptor_version: u64,
    duties: Duties,
    tickets: Tickets,
    channels: Channels,
    mail: MailStore,
    survey: Survey,
    tolls: Tolls,
    told: ToTellAll,
    /// Bytes of objects of all links that are not whole yet.
    fragments: usize,
    /// Tickets taken since the start, for their order.
    arrivals: u64,
    /// Links must be told of new versions.
    beat_due: bool,
    next_sweep: Tick,
    outputs: VecDeque<Output<LinkId, Infallible>>,
    stored: u64,
    expired: u64,
    refused: u64,
}

impl Home {
    /// Starts without a roster: every request but `describe` and `heartbeat` is refused until [`Self::install`]. Items
    /// that `store` kept are loaded.
    #[must_use]
    pub fn new(config: HomeConfig, store: Box<dyn Store>, random: Random, now: Now) -> Self {
        let helpline = config.root.helpline();
        Self {
            helpline,
            tolls: Tolls::new(helpline, config.delegation.home_x, random, now.tick),
            mail: MailStore::load(store, &config.root, now),
            descriptor_version: config.descriptor_floor,
            config,
            now,
            links: BTreeMap::new(),
            entries: BTreeSet::new(),
            publication: None,
            descriptor: None,
            duties: Duties::default(),
            tickets: Tickets::default(),
            channels: Channels::default(),
            survey: Survey::default(),
            told: ToTellAll::default(),
            fragments: 0,
            arrivals: 0,
            beat_due: false,
            next_sweep: now.tick + SWEEP,
            outputs: VecDeque::new(),
            stored: 0,
            expired: 0,
            refused: 0,
        }
    }

    /// The wall clock may be ahead: only `proven` is certain as the time of the start. From now on mail ages by the
    /// proven time. New mail is filed by the wall clock, and so is kept too long rather than too short.
    pub const fn doubt_clock(&mut self, proven: Unix) {
        self.mail.doubt_clock(proven);
    }

    /// The wall clock is right: ends [`Self::doubt_clock`].
    pub const fn trust_clock(&mut self, now: Now) {
        self.now = now;
        self.mail.trust_clock(now);
    }

    /// Takes a roster, its settings and its entry list, verified against the root; returns the version of the installed
    /// roster. A lower one changes nothing; the same one changes only the consents. Logins that the roster no longer
    /// carries are told and dropped.
    ///
    /// # Errors
    /// [`ObjectError`]; nothing changed.
    pub fn install(
        &mut self,
        roster: &[u8],
        settings: &[u8],
        entrances: &Entrances,
        now: Now,
    ) -> Result<u64, ObjectError> {
        self.now = now;
        let roster = Signed::<Roster>::verify(roster, &self.config.root.0, &self.helpline)?;
        roster.valid_at(now.unix)?;
        Settings::verify(settings, &roster.settings)?;
        let (root, list) = (&self.config.root, entrances.list.encoded());
        Signed::<EntryList>::verify_named(list, root, &self.helpline, &roster.entries)?;
        if let Some(standing) = &self.publication {
            if standing.roster.order() > roster.order() {
                return Ok(standing.roster.version);
            }
            if standing.roster.id().splits(&roster.id()) {
                return Err(ObjectError::Split(Roster::NAME));
            }
        }
        let version = roster.version;
        self.mail.keep_listed(&roster, now.tick);
        for link in self.duties.keep_listed(&roster) {
            self.tickets.release(link, now.tick);
        }
        let fallen: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(_, state)| {
                let desk = state.desk.as_ref();
                desk.is_some_and(|certificate| !roster.lists(&certificate.hash(), certificate.serial))
            })
            .map(|(link, _)| *link)
            .collect();
        for link in fallen {
            if let Some(state) = self.links.get_mut(&link) {
                state.desk = None;
            }
            let reason = Some(Refusal::Revoked);
            self.send(link, HomeMessage::OffDuty { reason });
        }
        self.publication = Some(InstalledRoster {
            roster,
            settings: settings.to_vec(),
            entrances: entrances::installed(self.publication.take(), entrances, &self.helpline),
        });
        self.describe_anew();
        self.tell_changes();
        Ok(version)
    }

    /// Links may come by this entry. Where there are two, neither takes everything that a home has room for.
    pub fn know_entry(&mut self, via: Via) {
        self.entries.insert(via);
    }

    /// By which entry a link came.
    #[must_use]
    pub fn via(&self, link: LinkId) -> Option<Via> {
        self.links.get(&link).map(|state| state.via)
    }

    /// What one entry may fill of a room of `whole` places: half, where clients have another entry.
    #[must_use]
    pub fn share(&self, whole: usize) -> usize {
        if self.entries.len() > 1 { whole / 2 } else { whole }
    }

    fn on_connected(&mut self, link: LinkId, NewLink { hash, via }: NewLink) {
        self.know_entry(via);
        let state = ClientLink {
            hash,
            via,
            pieces: Assembler::default(),
            desk: None,
            last: self.now.tick,
            deposits: 0,
            reads: 0,
            surveys: 0,
        };
        self.links.insert(link, state);
    }

    fn on_record(&mut self, link: LinkId, record: Record) {
        let now = self.now;
        let Some(state) = self.links.get_mut(&link) else {
            return;
        };
        state.last = now.tick;
        let request = HomeRequest {
            link,
            number: record.request,
            token: Token(record.token),
            index: record.index,
        };
        match ClientMessage::read(record) {
            Some(message) => self.on_message(request, message),
            // A malformed body, or a message that only a home sends. An honest client sends neither.
            None => self.refuse(request, Refusal::Malformed),
        }
        self.tell_changes();
    }

    fn on_message(&mut self, request: HomeRequest, message: ClientMessage) {
        let (link, now) = (request.link, self.now.tick);
        match message {
            ClientMessage::Describe {} => self.describe(request),
            ClientMessage::Duties { page } => {
                let page = self.duties.page(page);
                self.send_object(request, Kind::DutyPage, [0; 32], &page);
            }
            ClientMessage::Settings {} => {
                let publication = self.publication.as_ref();
                let settings = publication.map(|publication| publication.settings.clone());
                self.send_object(
                    request,
                    Kind::SettingsText,
                    [0; 32],
                    &settings.unwrap_or_default(),
                );
            }
            ClientMessage::Heartbeat {} => {
                let beat = self.beat();
                self.answer(request, beat);
            }
            ClientMessage::Login { proof } => self.login(request, &proof),
            ClientMessage::PublishDuty { duty } => self.publish_duty(request, &duty),
            ClientMessage::WithdrawDuty {} => self.withdraw_duty(request),
            ClientMessage::Pay { token, nonce, terms } => self.take_payment(request, token, nonce, terms),
            ClientMessage::Post { withdraw, posting } => self.post(request, withdraw, &posting),
            ClientMessage::Withdraw { withdraw } => self.tickets.withdraw(withdraw, now),
            ClientMessage::Hold { withdraw, claim, .. } => {
                let share = self.share(MAX_HELD);
                self.tickets.hold(link, withdraw, claim, share, now);
            }
            ClientMessage::Reject { withdraw, claim } => self.tickets.reject(withdraw, claim),
            ClientMessage::Claim { ticket, attempt } => self.claim(request, &ticket, attempt),
            ClientMessage::Answer { slot, claim, answer } => {
                self.answer_ticket(request, slot, claim, &answer)
            }
            ClientMessage::Open { token, opening } => self.open(request, token, opening),
            ClientMessage::Put { put, index, cell } => self.put(request, put, index, cell),
            ClientMessage::Listen { listen, from } => {
                for delivery in self.channels.listen(link, listen, from) {
                    self.deliver(delivery);
                }
            }
            ClientMessage::Ack { listen, below } => self.channels.acknowledge(listen, below),
            ClientMessage::Close { listen } => self.channels.close(listen, now),
            ClientMessage::Lost {
                ticket,
                attempt,
                proof,
            } => self.lost(request, &ticket, attempt, &proof),
            ClientMessage::Abuse { ticket } => self.take_verdict(request, &ticket),
            ClientMessage::PublishMailKey { key } => self.publish_mail_key(request, &key),
            ClientMessage::MailKeys { page } => self.mail_keys(request, page),
            ClientMessage::Deposit { posting } => self.deposit(request, &posting),
            ClientMessage::Mails { after } => self.mails(request, after),
            ClientMessage::FetchMail { deposit } => self.fetch_mail(request, &deposit),
            ClientMessage::MailClaim { deposit, release } => {
                self.claim_mail(request, &deposit, release);
            }
            ClientMessage::Reply { write, posting } => self.reply(request, write, &posting),
            ClientMessage::Read { read } => self.read_mail(request, read),
            ClientMessage::Survey { answers, .. } => self.take_survey(request, answers),
        }
    }

    fn on_disconnected(&mut self, link: LinkId) {
        let now = self.now;
        let Some(state) = self.links.remove(&link) else {
            return;
        };
        self.fragments -= state.pieces.bytes();
        self.duties.link_closed(link, now.tick);
        self.tickets.release(link, now.tick);
        self.channels.link_closed(link, now.tick);
        self.mail.link_closed(link);
        self.told.link_closed(link);
        self.tell_changes();
    }

    fn on_timeout(&mut self) {
        let now = self.now;
        if now.tick < self.next_sweep {
            return;
        }
        self.next_sweep = now.tick + SWEEP;
        self.tolls.expire(now.tick);
        let silent = |state: &ClientLink| now.tick.since(state.last) >= LINK_SILENT;
        let dead: Vec<_> = self
            .links
            .iter()
            .filter(|(_, state)| silent(state))
            .map(|(link, _)| *link)
            .collect();
        for link in dead {
            self.outputs.push_back(Output::Disconnect { peer: link });
            self.on_disconnected(link);
        }
        let over = self.duties.expire(now);
        if !over.is_empty() {
            for (links, reason) in over {
                for link in links {
                    let reason = Some(reason);
                    self.send(link, HomeMessage::OffDuty { reason });
                }
            }
            self.describe_anew();
        }
        self.give_up_late();
        let dead = self.tickets.expire(now.tick) + self.channels.expire(now.tick) + self.mail.expire(now);
        self.expired += u64::try_from(dead).unwrap_or_default();
        if self
            .descriptor
            .as_ref()
            .is_some_and(|d| now.unix >= d.issued + DESCRIPTOR_RENEW)
        {
            self.describe_anew();
        }
        if core::mem::take(&mut self.beat_due) {
            for link in self.links.keys() {
                self.told.beat(*link);
            }
        }
        let links = &self.links;
        let heard = |link: LinkId| links.get(&link).map(|state| state.last);
        self.tickets.judge_living(heard, now.tick);
        self.tell_places();
        self.tell_changes();
    }

    /// When to wake up. An idle home without links sleeps until the descriptor must be renewed, or a day of mail ends.
    fn next_timeout(&self) -> Option<Tick> {
        let busy = !self.links.is_empty()
            || self.duties.len() > 0
            || self.tickets.len() > 0
            || self.channels.len() > 0
            || self.tolls.is_busy();
        let renew = self.descriptor.as_ref().map(|descriptor| {
            let due = (descriptor.issued + DESCRIPTOR_RENEW).0;
            self.now.tick + Duration::from_secs(due.saturating_sub(self.now.unix.0))
        });
        if busy {
            Some(self.next_sweep)
        } else {
            let due = renew.into_iter().chain(self.mail.midnight(self.now));
            due.min().map(|due| due.max(self.next_sweep))
        }
    }

    /// Tells every link that this node stops.
    pub fn stop(&mut self, now: Now) {
        self.now = now;
        let links: Vec<_> = self.links.keys().copied().collect();
        for link in links {
            self.send(link, HomeMessage::Bye {});
            self.outputs.push_back(Output::Disconnect { peer: link });
        }
    }

    /// The highest roster version installed; 0 before the first.
    #[must_use]
    pub fn roster_version(&self) -> u64 {
        self.publication
            .as_ref()
            .map_or(0, |publication| publication.roster.version)
    }

    /// The highest descriptor version signed. It is to be persisted before the polled outputs are sent.
    #[must_use]
    pub const fn descriptor_version(&self) -> u64 {
        self.descriptor_version
    }

    /// The last error of the store, if it has not worked since.
    #[must_use]
    pub const fn store_fault(&self) -> Option<StoreError> {
        self.mail.fault()
    }

    /// Numbers for `status` and metrics.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let (deposits, replies, mail_keys) = self.mail.len();
        Counts {
            deposits,
            replies,
            mail_keys,
            links: self.links.len(),
            desks: self.links.values().filter(|state| state.desk.is_some()).count(),
            duties: self.duties.len(),
            tickets: self.tickets.len(),
            channels: self.channels.len(),
            stored: self.stored,
            expired: self.expired,
            refused: self.refused,
        }
    }

    fn send_record(&mut self, link: LinkId, record: Record) {
        if self.links.contains_key(&link) {
            self.outputs.push_back(Output::Send { peer: link, record });
        }
    }

    /// Sends a message that no request asked for.
    fn send(&mut self, link: LinkId, message: HomeMessage) {
        self.send_record(link, message.record());
    }

    fn answer(&mut self, request: HomeRequest, message: HomeMessage) {
        self.send_record(request.link, message.record().request(request.number));
    }

    fn send_object(&mut self, request: HomeRequest, kind: Kind, token: [u8; 32], object: &[u8]) {
        for record in split(kind, request.number, token, object) {
            self.send_record(request.link, record);
        }
    }

    /// Takes a payment. Whoever sends a false one is cut off.
    fn take_payment(&mut self, request: HomeRequest, token: TokenHash, nonce: u64, terms: Option<Terms>) {
        let Some(terms) = terms else {
            return self.refuse(request, Refusal::Malformed);
        };
        let Some(via) = self.via(request.link) else { return };
        if !self.tolls.pay(via, token, nonce, terms, self.now.tick) {
            self.outputs.push_back(Output::Disconnect { peer: request.link });
            self.on_disconnected(request.link);
        }
    }

    /// Whether a newcomer may come in by this entry, where there is room for so many more.
    fn admit(&mut self, priced: Priced, token: TokenHash, (via, room): (Via, usize)) -> Result<(), Refusal> {
        let admitted = self.tolls.admit(priced, token, (via, room), self.now.tick);
        admitted.map_err(|Denied(prices)| Refusal::Effort(prices))
    }

    fn refuse(&mut self, request: HomeRequest, reason: Refusal) {
        self.refused += 1;
        let HomeRequest { token, index, .. } = request;
        self.answer(request, HomeMessage::Refused { token, index, reason });
    }

    fn beat(&self) -> HomeMessage {
        let descriptor = self.descriptor.as_ref();
        HomeMessage::Beat {
            roster: self.roster_version(),
            descriptor: descriptor.map_or(0, |descriptor| descriptor.version),
        }
    }

    fn describe(&mut self, request: HomeRequest) {
        let Some(via) = self.via(request.link) else { return };
        let head = match (&self.publication, &self.descriptor) {
            (Some(publication), Some(descriptor)) => {
                self.tolls.turn_seed(self.now.tick);
                let prices = self.tolls.prices(via);
                let entrances = &publication.entrances;
                let lends: Vec<&[u8]> = entrances.lends.iter().map(Signed::encoded).collect();
                let list = entrances.list.encoded();
                let (roster, descriptor) = (publication.roster.encoded(), descriptor.encoded());
                postcard_encode(&(roster, descriptor, list, lends, prices))
            }
            _ => Vec::new(),
        };
        self.send_object(request, Kind::Head, [0; 32], &head);
    }

    /// Signs a new descriptor of the present state.
    fn describe_anew(&mut self) {
        let Some(publication) = &self.publication else {
            return;
        };
        let now = self.now.unix;
        let version = (self.descriptor_version + 1).max(now.0.saturating_mul(1_000));
        let descriptor = Descriptor {
            op_pk: self.config.operator.public().to_bytes(),
            version,
            issued: now,
            expires: now + DESCRIPTOR_LIFE,
            roster_version: publication.roster.version,
            entries: publication
                .entrances
                .list
                .entries
                .iter()
                .map(|entry| entry.peer)
                .collect(),
            duties: self.duties.entries(),
        };
        // All parts were checked on arrival. If signing still fails, the old descriptor stays.
        if let Ok(signed) = Signed::sign(descriptor, &self.config.operator, &self.helpline) {
            self.descriptor_version = version;
            self.descriptor = Some(signed);
            self.beat_due = true;
        }
    }

    fn roster(&self) -> Result<&Signed<Roster>, Refusal> {
        let publication = self.publication.as_ref().ok_or(Refusal::NoRoster)?;
        publication
            .roster
            .valid_at(self.now.unix)
            .map_err(|_| Refusal::NoRoster)?;
        Ok(&publication.roster)
    }
}

impl Machine for Home {
    type Peer = LinkId;
    type Link = NewLink;
    type Event = Infallible;

    fn handle(&mut self, input: Input<LinkId, NewLink>, now: Now) {
        self.now = now;
        match input {
            Input::Connected { peer, link } => self.on_connected(peer, link),
            Input::Disconnected { peer } => self.on_disconnected(peer),
            Input::Record { peer, record } => self.on_record(peer, record),
            Input::Timeout => self.on_timeout(),
        }
    }

    fn poll_output(&mut self) -> Output<LinkId, Infallible> {
        if self.outputs.is_empty() {
            self.settle_mail();
        }
        // Told only when nothing else is to be sent.
        while self.outputs.is_empty() && self.tell_next() {}
        let next = self.outputs.pop_front();
        next.unwrap_or_else(|| Output::Sleep(self.next_timeout()))
    }
}

impl core::fmt::Debug for Home {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Home({:?})", self.counts())
    }
}
