//! A client's side of its home links, the same for a seeker and a counselor: the directory, keepalives, and the
//! state of the links.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use crate::{
    client::directory::{Directory, RosterNews},
    crypto::keys::{DhPublic, RootKey},
    limits::{DUTY_ALONE, HEARTBEAT},
    machine::Output,
    objects::{Delegation, HomeIndex, ObjectError, Roster, Signed, SplitView},
    time::{Now, Tick, part},
    wire::{Assembler, ClientMessage, HomeMessage, Kind, Prices, Record, split},
};

/// An answer that is out for longer than this means "reconnecting".
const SLOW: Duration = Duration::from_secs(4);
/// A link that says nothing for this long while something is asked is dead.
const DEAD: Duration = Duration::from_secs(20);
/// Without any link for this long it is called "offline".
const OFFLINE: Duration = Duration::from_secs(20);
/// Records in flight that do not lengthen the patience with a silent link. Each further one adds half of the time
/// of an answer: a burst on a slow link (a ticket has six records) must not make the link suspect.
const BURST: u64 = 2;
/// Pause before asking again for what a home did not have.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// What the handshake of a link proved.
pub struct ProvenLink {
    /// The root's delegation of the home.
    pub delegation: Signed<Delegation>,
    /// The handshake hash, which a login signs.
    pub hash: [u8; 32],
}

/// An order to the driver of a link.
enum Order {
    Send(Record),
    Suspect,
    Disconnect,
}

/// State of all links together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// A home answers.
    Connected,
    /// No home answers at the moment.
    Reconnecting,
    /// There was no link for a while.
    Offline,
}

/// A change that the role's machine should know.
#[derive(Debug)]
pub(crate) enum DirectoryEvent {
    /// There is a new highest roster.
    Roster,
    /// Two rosters of one order were shown.
    Split(Box<SplitView>),
    /// The settings came.
    Settings,
    /// The duties of a home are known (again).
    Duties,
    /// A home told what it asks of strangers now.
    Prices(HomeIndex, Prices),
    /// The state of the links changed.
    Link(LinkState),
    /// A home showed an invalid object.
    Refused(ObjectError),
}

/// What came from a home, for the role's machine.
pub(crate) enum Received {
    /// A message, with the number of the request that it answers; 0 without a request.
    Message(u32, HomeMessage),
    /// A complete ticket.
    Ticket(Vec<u8>),
    /// A complete page of mail keys, and the request that it answers.
    MailKeys(u32, Vec<u8>),
    /// A complete sealed message, and the request that it answers.
    Mail(u32, Vec<u8>),
    /// A complete reply, and the request that it answers.
    Reply(u32, Vec<u8>),
}

/// Since when a cell is unanswered, at each home that has such a cell.
pub(crate) type Unanswered = BTreeMap<HomeIndex, Tick>;

struct HomeLink {
    home_x: DhPublic,
    pieces: Assembler,
    /// When the last record came.
    heard: Tick,
    /// Records sent since then.
    sent: u64,
    /// How long the slowest of the last answers took; `None` before the first answer over this link.
    answer_took: Option<Duration>,
    /// A missed answer was reported in this silence.
    suspected: bool,
    /// Pending requests.
    asked: BTreeMap<u32, Tick>,
    heartbeat_due: Tick,
    describe_due: Option<Tick>,
    describing: bool,
    pages_left: u64,
    settings_asked: bool,
    loaded: bool,
    /// The home said that nothing is published there yet.
    bare: bool,
}

impl HomeLink {
    fn new(home_x: DhPublic, now: Tick) -> Self {
        Self {
            home_x,
            pieces: Assembler::default(),
            heard: now,
            sent: 0,
            answer_took: None,
            suspected: false,
            asked: BTreeMap::new(),
            heartbeat_due: now + HEARTBEAT,
            describe_due: None,
            describing: false,
            pages_left: 0,
            settings_asked: false,
            loaded: false,
            bare: false,
        }
    }

    /// A record came. The time that answers take rises at once, and falls by at most an eighth with each answer.
    fn hear(&mut self, record: &Record, now: Tick) {
        if !record.more
            && let Some(at) = self.asked.remove(&record.request)
        {
            let before = self.answer_took.unwrap_or_default();
            self.answer_took = Some(now.since(at).max(before - part(before, 8)));
        }
        self.heard = now;
        self.sent = 0;
        self.suspected = false;
    }

    /// When the link is suspected if nothing comes until then. A link without an answer so far is not suspected:
    /// the speed of its line is unknown.
    fn suspect_due(&self, cell: Option<Tick>) -> Option<Tick> {
        let took = self.answer_took.filter(|_| !self.suspected)?;
        let asked = self.asked.values().copied().chain(cell).min()?;
        let burst = u32::try_from(self.sent.saturating_sub(BURST)).unwrap_or(u32::MAX);
        let burst = part(took, 2).saturating_mul(burst);
        let patience = SLOW.max(2 * took).saturating_add(burst).min(DEAD);
        Some(asked.max(self.heard) + patience)
    }
}

/// All home links of a client.
pub(crate) struct HomeLinks {
    directory: Directory,
    up: BTreeMap<HomeIndex, HomeLink>,
    outputs: VecDeque<(HomeIndex, Order)>,
    news: VecDeque<DirectoryEvent>,
    next_request: u32,
    state: Option<LinkState>,
    /// Since when at least one link is up, or none is.
    since: Tick,
    /// Homes without a link whose last duties still count, and since when the link is down.
    gone: BTreeMap<HomeIndex, Tick>,
}

impl HomeLinks {
    pub(crate) fn new(root: RootKey, now: Now) -> Self {
        Self {
            directory: Directory::new(root),
            up: BTreeMap::new(),
            outputs: VecDeque::new(),
            news: VecDeque::new(),
            next_request: 1,
            state: None,
            since: now.tick,
            gone: BTreeMap::new(),
        }
    }

    pub(crate) const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Takes the roster that counted last in an earlier run.
    pub(crate) fn remember_roster(&mut self, roster: Signed<Roster>, now: Now) {
        self.directory.remember(roster, now.unix);
    }

    /// Homes with a link that the roster carries, and their keys.
    pub(crate) fn usable(&self) -> Vec<(HomeIndex, DhPublic)> {
        let carried = self.up.iter().filter(|(home, _)| self.directory.carries(**home));
        carried.map(|(home, link)| (*home, link.home_x)).collect()
    }

    /// Whether a link with this home stands.
    pub(crate) fn is_up(&self, home: HomeIndex) -> bool {
        self.up.contains_key(&home)
    }

    /// Homes with a link that the roster does not carry, or not any more.
    pub(crate) fn dropped(&self) -> Vec<HomeIndex> {
        let homes = self.up.keys().copied();
        homes.filter(|home| !self.directory.carries(*home)).collect()
    }

    /// Whether every home with a link said that nothing is published there yet.
    pub(crate) fn all_bare(&self) -> bool {
        !self.up.is_empty() && self.up.values().all(|link| link.bare)
    }

    /// Whether a home that the roster carries has sent its duties.
    pub(crate) fn any_loaded(&self) -> bool {
        let mut up = self.up.iter();
        up.any(|(home, link)| link.loaded && self.directory.carries(*home))
    }

    /// Whether every home with a link has sent its duties.
    pub(crate) fn all_loaded(&self) -> bool {
        !self.up.is_empty() && self.up.values().all(|link| link.loaded)
    }

    /// Since when at least one link is up.
    pub(crate) fn up_since(&self) -> Option<Tick> {
        (!self.up.is_empty()).then_some(self.since)
    }

    pub(crate) fn link_up(&mut self, home: HomeIndex, delegation: Signed<Delegation>, now: Now) {
        if self.up.is_empty() {
            self.since = now.tick;
        }
        let link = HomeLink::new(delegation.home_x, now.tick);
        self.directory.met(home, delegation);
        self.gone.remove(&home);
        self.up.insert(home, link);
        self.describe(home, now);
    }

    pub(crate) fn link_down(&mut self, home: HomeIndex, now: Now) {
        // Drop what is queued for this link: on the next one a record would be out of order, and a disconnect would
        // end it.
        self.outputs.retain(|(peer, _)| *peer != home);
        if self.up.remove(&home).is_some() {
            self.gone.insert(home, now.tick);
            if self.up.is_empty() {
                self.since = now.tick;
            }
        }
    }

    /// The home has no room for what came by this entry: another one is tried.
    pub(crate) fn try_other_entry(&mut self, home: HomeIndex) {
        self.outputs.push_back((home, Order::Suspect));
    }

    /// Sends without expecting an answer.
    pub(crate) fn send(&mut self, home: HomeIndex, message: ClientMessage) {
        self.send_record(home, message.record());
    }

    /// Sends an object in fragments of this `kind`.
    pub(crate) fn send_object(
        &mut self,
        home: HomeIndex,
        kind: Kind,
        token: [u8; 32],
        object: &[u8],
        now: Now,
    ) -> u32 {
        let request = self.request(home, now);
        for record in split(kind, request, token, object) {
            self.send_record(home, record);
        }
        request
    }

    fn send_record(&mut self, home: HomeIndex, record: Record) {
        if let Some(link) = self.up.get_mut(&home) {
            link.sent = link.sent.saturating_add(1);
            self.outputs.push_back((home, Order::Send(record)));
        }
    }

    /// Allocates a request number; its answer is pending at `home`.
    fn request(&mut self, home: HomeIndex, now: Now) -> u32 {
        let request = self.next_request;
        self.next_request = self.next_request.wrapping_add(1).max(1);
        if let Some(link) = self.up.get_mut(&home) {
            link.asked.insert(request, now.tick);
        }
        request
    }

    /// Sends a request. Its answer has the same request number.
    pub(crate) fn ask(&mut self, home: HomeIndex, message: ClientMessage, now: Now) -> u32 {
        let request = self.request(home, now);
        self.send_record(home, message.record().request(request));
        request
    }

    pub(crate) fn handle_record(&mut self, home: HomeIndex, record: Record, now: Now) -> Option<Received> {
        let link = self.up.get_mut(&home)?;
        link.hear(&record, now.tick);
        let request = record.request;
        match HomeMessage::read(record)? {
            HomeMessage::Head { head } => {
                let head = self.assemble(home, &head)?;
                let result = self.take_head(home, &head, now);
                self.taken(home, result, now);
            }
            HomeMessage::DutyPage { page } => {
                let page = self.assemble(home, &page)?;
                self.take_page(home, &page, now);
            }
            HomeMessage::SettingsText { settings } => {
                let settings = self.assemble(home, &settings)?;
                let result = self.directory.take_settings(&settings);
                let result = result.map(|()| self.news.push_back(DirectoryEvent::Settings));
                self.taken(home, result, now);
            }
            HomeMessage::Beat { roster, descriptor } => {
                let known = self.directory.roster().map_or(0, |roster| roster.version);
                if roster > known || descriptor > self.directory.descriptor_version(home) {
                    self.describe(home, now);
                } else if roster == known {
                    self.ask_settings(home, now);
                }
            }
            HomeMessage::Bye {} => self.outputs.push_back((home, Order::Disconnect)),
            HomeMessage::Ticket { posting, .. } => {
                return self.assemble(home, &posting).map(Received::Ticket);
            }
            HomeMessage::MailKeyPage { page } => {
                return self
                    .assemble(home, &page)
                    .map(|page| Received::MailKeys(request, page));
            }
            HomeMessage::Mail { mail, .. } => {
                return self
                    .assemble(home, &mail)
                    .map(|mail| Received::Mail(request, mail));
            }
            HomeMessage::Letter { reply } => {
                return self
                    .assemble(home, &reply)
                    .map(|reply| Received::Reply(request, reply));
            }
            message => return Some(Received::Message(request, message)),
        }
        None
    }

    /// Takes a fragment; gives the object after the last one. A home that sends invalid fragments is disconnected.
    fn assemble(&mut self, home: HomeIndex, part: &Record) -> Option<Vec<u8>> {
        let whole = self.up.get_mut(&home)?.pieces.take(part);
        whole.unwrap_or_else(|_| {
            self.outputs.push_back((home, Order::Disconnect));
            None
        })
    }

    fn taken(&mut self, home: HomeIndex, result: Result<(), ObjectError>, now: Now) {
        if let Err(error) = result {
            self.news.push_back(DirectoryEvent::Refused(error));
            self.described(home, Some(now.tick + ASK_AGAIN), now);
        }
    }

    fn describe(&mut self, home: HomeIndex, now: Now) {
        let Some(link) = self.up.get_mut(&home) else {
            return;
        };
        if link.describing {
            // What changes while an answer is pending is requested after it.
            link.describe_due.get_or_insert(now.tick);
            return;
        }
        link.describing = true;
        link.describe_due = None;
        self.ask(home, ClientMessage::Describe {}, now);
    }

    fn take_head(&mut self, home: HomeIndex, head: &[u8], now: Now) -> Result<(), ObjectError> {
        let news = self.directory.take_head(home, head, now.unix)?;
        if let Some(link) = self.up.get_mut(&home) {
            link.bare = news.is_none();
        }
        let Some(news) = news else {
            self.described(home, Some(now.tick + ASK_AGAIN), now);
            return Ok(());
        };
        self.news.push_back(DirectoryEvent::Prices(home, news.prices));
        if let Some(split) = news.split {
            self.news.push_back(DirectoryEvent::Split(Box::new(split)));
        }
        if news.roster == RosterNews::Higher {
            self.news.push_back(DirectoryEvent::Roster);
            // A home that brings a roster may withhold its settings. Therefore each home is asked for them once
            // more.
            for link in self.up.values_mut() {
                link.settings_asked = false;
            }
        }
        // Ask nothing more of a home whose own descriptor is invalid.
        let pages = news.pages?;
        if news.roster != RosterNews::Other {
            self.ask_settings(home, now);
        }
        if let Some(link) = self.up.get_mut(&home) {
            link.pages_left = pages;
        }
        if pages == 0 {
            self.loaded(home, now);
        }
        for page in 0..pages {
            self.ask(home, ClientMessage::Duties { page }, now);
        }
        Ok(())
    }

    /// Asks a home for the settings that the roster names, once for each roster.
    fn ask_settings(&mut self, home: HomeIndex, now: Now) {
        if self.directory.roster().is_some()
            && self.directory.settings().is_none()
            && let Some(link) = self.up.get_mut(&home)
            && !core::mem::replace(&mut link.settings_asked, true)
        {
            self.ask(home, ClientMessage::Settings {}, now);
        }
    }

    fn take_page(&mut self, home: HomeIndex, page: &[u8], now: Now) {
        let Some(link) = self.up.get_mut(&home) else {
            return;
        };
        // A page without a request.
        let Some(left) = link.pages_left.checked_sub(1) else {
            return;
        };
        link.pages_left = left;
        self.directory.take_page(home, page, left == 0, now.unix);
        if left == 0 {
            self.loaded(home, now);
        }
    }

    fn loaded(&mut self, home: HomeIndex, now: Now) {
        if let Some(link) = self.up.get_mut(&home) {
            link.loaded = true;
        }
        self.news.push_back(DirectoryEvent::Duties);
        self.described(home, None, now);
    }

    fn described(&mut self, home: HomeIndex, again: Option<Tick>, now: Now) {
        let Some(link) = self.up.get_mut(&home) else {
            return;
        };
        link.describing = false;
        if let Some(at) = again {
            link.describe_due = Some(at);
        }
        if link.describe_due.is_some_and(|due| due <= now.tick) {
            self.describe(home, now);
        }
    }

    /// Handles the deadlines that have passed.
    pub(crate) fn handle_timeout(&mut self, unanswered: &Unanswered, now: Now) {
        let mut dead = Vec::new();
        let mut due = Vec::new();
        for (home, link) in &mut self.up {
            let silent = now.tick.since(link.heard);
            let oldest = link.asked.values().min().copied();
            if silent >= DEAD && oldest.is_some_and(|at| now.tick.since(at) >= DEAD) {
                dead.push(*home);
            } else if link
                .suspect_due(unanswered.get(home).copied())
                .is_some_and(|at| at <= now.tick)
            {
                link.suspected = true;
                self.outputs.push_back((*home, Order::Suspect));
            }
            if link.heartbeat_due <= now.tick {
                link.heartbeat_due = now.tick + HEARTBEAT;
                due.push((*home, false));
            }
            if !link.describing && link.describe_due.is_some_and(|at| at <= now.tick) {
                due.push((*home, true));
            }
        }
        for (home, describe) in due {
            if describe {
                self.describe(home, now);
            } else {
                self.ask(home, ClientMessage::Heartbeat {}, now);
            }
        }
        for home in dead {
            self.outputs.push_back((home, Order::Disconnect));
        }
        let directory = &mut self.directory;
        let before = self.gone.len();
        self.gone.retain(|home, since| {
            let counts = now.tick.since(*since) < DUTY_ALONE;
            if !counts {
                directory.forget_duties(*home);
            }
            counts
        });
        if before != self.gone.len() {
            self.news.push_back(DirectoryEvent::Duties);
        }
        self.judge(unanswered, now);
    }

    /// Reports the state of the links when it changed.
    pub(crate) fn judge(&mut self, unanswered: &Unanswered, now: Now) {
        let slow = |at: Tick| now.tick.since(at) >= SLOW;
        let answers =
            |link: &HomeLink| !link.asked.values().any(|at| slow(*at)) || now.tick.since(link.heard) < SLOW;
        let state = if self.up.is_empty() {
            if now.tick.since(self.since) >= OFFLINE {
                LinkState::Offline
            } else {
                LinkState::Reconnecting
            }
        } else if self.up.values().any(answers) && !unanswered.values().any(|at| slow(*at)) {
            LinkState::Connected
        } else {
            LinkState::Reconnecting
        };
        // "Reconnecting" before the first connection would be confusing; "offline" is not.
        let first = self.state.is_none() && state == LinkState::Reconnecting;
        if self.state != Some(state) && !first {
            self.state = Some(state);
            self.news.push_back(DirectoryEvent::Link(state));
        }
    }

    pub(crate) fn poll_timeout(&self, unanswered: &Unanswered, now: Tick) -> Option<Tick> {
        let mut due: Vec<Tick> = self.gone.values().map(|since| *since + DUTY_ALONE).collect();
        if self.up.is_empty() {
            if self.state != Some(LinkState::Offline) {
                due.push(self.since + OFFLINE);
            }
            return due.into_iter().min();
        }
        // Return these even if they have passed, because an input may have come between them and the timeout. Each
        // is used up when its timeout is handled.
        due.extend(self.up.values().map(|link| link.heartbeat_due));
        let surely = due.iter().min().copied();
        for (home, link) in &self.up {
            due.extend(link.suspect_due(unanswered.get(home).copied()));
            if !link.describing {
                due.extend(link.describe_due);
            }
            for at in link.asked.values() {
                due.extend([*at + SLOW, *at + DEAD, link.heard + DEAD]);
            }
        }
        due.extend(unanswered.values().map(|at| *at + SLOW));
        due.into_iter().filter(|at| *at > now).chain(surely).min()
    }

    pub(crate) fn poll_output<E>(&mut self) -> Option<Output<HomeIndex, E>> {
        let (peer, order) = self.outputs.pop_front()?;
        Some(match order {
            Order::Send(record) => Output::Send { peer, record },
            Order::Suspect => Output::Suspect { peer },
            Order::Disconnect => Output::Disconnect { peer },
        })
    }

    pub(crate) fn poll_news(&mut self) -> Option<DirectoryEvent> {
        self.news.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::millis;

    fn link() -> HomeLink {
        let home_x = crate::crypto::keys::DhSecret::generate(&mut crate::testing::seeded(1)).public();
        HomeLink::new(home_x, Tick(0))
    }

    fn answered(link: &mut HomeLink, asked: u64, heard: u64) {
        link.asked.insert(9, Tick(asked));
        link.hear(&Record::new(Kind::Beat).request(9), Tick(heard));
    }

    #[test]
    fn a_missed_answer_is_suspected_once_for_each_silence() {
        let mut link = link();
        answered(&mut link, 0, 100);
        assert_eq!(link.suspect_due(None), None, "nothing is asked");
        let cell = Some(Tick(10_000));
        assert_eq!(link.suspect_due(cell), Some(Tick(10_000 + millis(SLOW))));
        link.suspected = true;
        assert_eq!(link.suspect_due(cell), None);
        // Any record ends the silence, also one that is not an answer.
        link.hear(&Record::new(Kind::Cell), Tick(15_000));
        assert_eq!(link.suspect_due(cell), Some(Tick(15_000 + millis(SLOW))));
    }

    #[test]
    fn a_slow_line_is_given_its_time() {
        let mut link = link();
        link.asked.insert(1, Tick(0));
        assert_eq!(link.suspect_due(None), None, "nobody knows how slow it is");
        // 8 kbit/s with 2 s each way: an answer takes 8 s, and the deadline is twice that.
        answered(&mut link, 0, 8_200);
        link.asked.clear();
        link.asked.insert(2, Tick(20_000));
        assert_eq!(link.suspect_due(None), Some(Tick(20_000 + 16_400)));
        // With the six records of a ticket on top, the deadline is that of a dead link.
        link.sent = 6;
        assert_eq!(link.suspect_due(None), Some(Tick(20_000 + millis(DEAD))));
        // A line that became faster counts as such after some answers.
        for _ in 0..30 {
            answered(&mut link, 30_000, 30_100);
        }
        link.asked.clear();
        assert_eq!(
            link.suspect_due(Some(Tick(40_000))),
            Some(Tick(40_000 + millis(SLOW)))
        );
    }
}
