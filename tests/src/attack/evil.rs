//! A home that lies: the node's own network and the home link's own proof, and then whatever a test wants to claim.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use hamsa_client::{system_random, today};
use hamsa_net::{Node, NodeConfig, Stream};
use hamsa_node::{directory::NodeDirectory, publication::Publication};
use hamsa_protocol::{
    crypto::{
        keys::{DhSecret, NodePeer, RootKey, SignKey},
        puzzle::{SEED_LEN, Seed, Step},
    },
    objects::{
        Certificate, CertifiedRole, Delegation, Descriptor, Duty, DutyEntry, DutySecrets, Entrances, Entry,
        Lend, Roster, Serial, Signed, postcard_encode,
    },
    session::home_link,
    time::Unix,
    wire::{BODY_LEN, Kind, Prices, Record, UNIT, split},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::interval,
};

use super::Tally;

/// How often it is looked what callers said.
const LOOK: Duration = Duration::from_millis(100);
const DAY: Duration = Duration::from_secs(86_400);
/// Slots of a page of duties.
const SLOTS: usize = 8;

/// It asks nothing of strangers.
const FREE: Prices = Prices {
    seed: Seed([0; SEED_LEN]),
    steps: [Step::FREE; 3],
};

/// What the home claims to one caller.
#[derive(Clone)]
pub struct Claim {
    /// The roster it shows.
    pub roster: Signed<Roster>,
    /// Who signs its descriptor.
    pub operator: Arc<SignKey>,
    /// Which operator the descriptor names.
    pub named_operator: [u8; 32],
    /// Who is on duty.
    pub certificate: Signed<Certificate>,
    /// Her shift.
    pub duty: Signed<Duty>,
    /// The entry list and the consents that it shows; its descriptor chooses all of them.
    pub entrances: Entrances,
}

/// What a counselor's shift looks like, for whoever holds `identity`.
///
/// # Panics
/// When it cannot be signed.
#[must_use]
pub fn duty(root: &RootKey, certificate: &Certificate, identity: &SignKey) -> Signed<Duty> {
    let secrets = DutySecrets::generate(&mut system_random());
    let duty = secrets.duty(certificate.serial, today(), Duration::from_secs(3_600));
    Signed::sign(duty, identity, &root.helpline()).unwrap()
}

/// A counselor's certificate, signed by whoever wants to.
///
/// # Panics
/// When it cannot be signed.
#[must_use]
pub fn certificate(
    root: &RootKey,
    signer: &SignKey,
    identity: &SignKey,
    times: (Unix, Unix),
) -> Signed<Certificate> {
    let mut serial = [0; 8];
    serial.copy_from_slice(&identity.public().to_bytes()[..8]);
    let certificate = Certificate {
        serial: Serial(serial),
        id_pk: identity.public().to_bytes(),
        pseudonym: "Salma".parse().unwrap(),
        languages: vec!["ar".parse().unwrap()],
        role: CertifiedRole::Counselor,
        not_before: times.0,
        expires: times.1,
    };
    Signed::sign(certificate, signer, &root.helpline()).unwrap()
}

/// The network and the keys of an honest home, in the hands of somebody else.
pub struct Evil {
    /// The helpline's root.
    pub root: RootKey,
    /// What the association published.
    pub publication: Publication,
    /// The home's operator key.
    pub operator: Arc<SignKey>,
    claim: Arc<Mutex<Option<(usize, Claim)>>>,
    heard: Arc<Mutex<BTreeMap<usize, Vec<Kind>>>>,
    _node: Node,
}

impl Evil {
    /// Takes over the home in this directory.
    ///
    /// # Panics
    /// When it is none.
    pub async fn start(directory: &NodeDirectory) -> Self {
        let (root, delegation) = directory.delegation().unwrap().unwrap();
        let config = directory.config().unwrap();
        let mut network = NodeConfig::new(directory.identity().unwrap(), config.listen.clone());
        network.partners = config.partner_addresses().unwrap();
        let (node, mut incoming) = Node::start(network).await.unwrap();
        let evil = Self {
            root,
            publication: directory.publication().unwrap().unwrap(),
            operator: Arc::new(directory.operator_key().unwrap()),
            claim: Arc::default(),
            heard: Arc::default(),
            _node: node,
        };
        let delegation = Arc::new(delegation);
        let home_x = directory.home_key().unwrap().to_bytes();
        let (claim, heard) = (Arc::clone(&evil.claim), Arc::clone(&evil.heard));
        let settings = evil.publication.settings.clone();
        tokio::spawn(async move {
            while let Some(home) = incoming.next().await {
                let Some((number, claim)) = claim.lock().unwrap().clone() else {
                    continue;
                };
                let caller = Caller {
                    root,
                    home_x: DhSecret::from_bytes(&home_x),
                    delegation: Arc::clone(&delegation),
                    settings: settings.clone(),
                    claim,
                    number,
                    heard: Arc::clone(&heard),
                };
                tokio::spawn(caller.serve(home.stream));
            }
        });
        evil
    }

    /// What the next caller is told; `number` names her in [`Self::heard`].
    ///
    /// # Panics
    /// When a thread before has panicked.
    pub fn claim(&self, number: usize, claim: Claim) {
        *self.claim.lock().unwrap() = Some((number, claim));
    }

    /// The kinds of records that came from a caller.
    ///
    /// # Panics
    /// When a thread before has panicked.
    #[must_use]
    pub fn heard(&self, number: usize) -> Vec<Kind> {
        self.heard
            .lock()
            .unwrap()
            .get(&number)
            .cloned()
            .unwrap_or_default()
    }
}

struct Caller {
    root: RootKey,
    home_x: DhSecret,
    delegation: Arc<Signed<Delegation>>,
    settings: Vec<u8>,
    claim: Claim,
    number: usize,
    heard: Arc<Mutex<BTreeMap<usize, Vec<Kind>>>>,
}

impl Caller {
    async fn serve(self, mut stream: Stream) {
        let mut unit = vec![0; UNIT];
        if stream.read_exact(&mut unit).await.is_err() {
            return;
        }
        let helpline = self.root.helpline();
        let random = &mut system_random();
        let (mut link, answer) =
            home_link::accept(&helpline, &self.home_x, &self.delegation, &unit, random).unwrap();
        stream.write_all(&answer).await.unwrap();
        stream.flush().await.unwrap();
        while stream.read_exact(&mut unit).await.is_ok() {
            let Ok(record) = link.open(&unit) else { return };
            self.heard
                .lock()
                .unwrap()
                .entry(self.number)
                .or_default()
                .push(record.kind);
            for record in self.answer(&record) {
                let unit = link.seal(&record).unwrap();
                if stream.write_all(&unit).await.is_err() {
                    return;
                }
            }
            let _ = stream.flush().await;
        }
    }

    fn answer(&self, record: &Record) -> Vec<Record> {
        let object = |kind, bytes: &[u8]| split(kind, record.request, [0; 32], bytes);
        let claim = &self.claim;
        match record.kind {
            Kind::Describe => {
                let descriptor = self.descriptor();
                let Entrances { list, lends } = &claim.entrances;
                let lends: Vec<&[u8]> = lends.iter().map(Signed::encoded).collect();
                let list = list.encoded();
                let head =
                    postcard_encode(&(claim.roster.encoded(), descriptor.encoded(), list, lends, FREE));
                object(Kind::Head, &head)
            }
            Kind::Duties => {
                let mut slot = postcard_encode(&(claim.certificate.encoded(), claim.duty.encoded()));
                let mut page = u16::try_from(slot.len()).unwrap().to_be_bytes().to_vec();
                page.append(&mut slot);
                page.resize(SLOTS * BODY_LEN, 0);
                object(Kind::DutyPage, &page)
            }
            Kind::Settings => object(Kind::SettingsText, &self.settings),
            Kind::Heartbeat => vec![
                Record::new(Kind::Beat)
                    .request(record.request)
                    .index(claim.roster.version)
                    .ack(1),
            ],
            _ => Vec::new(),
        }
    }

    fn descriptor(&self) -> Signed<Descriptor> {
        let now = today();
        let descriptor = Descriptor {
            op_pk: self.claim.named_operator,
            version: 1,
            issued: now,
            expires: Unix(now.0 + 3_600),
            roster_version: self.claim.roster.version,
            entries: self
                .claim
                .entrances
                .list
                .entries
                .iter()
                .map(|entry| entry.peer)
                .collect(),
            duties: vec![DutyEntry {
                serial: self.claim.duty.serial,
                languages: self.claim.certificate.languages.clone(),
                hash: self.claim.duty.hash(),
            }],
        };
        Signed::sign(descriptor, &self.claim.operator, &self.root.helpline()).unwrap()
    }
}

/// A home that was broken into names a node of its own as another association's entry, to everybody who comes; without an
/// end. Who comes to that node is counted as led astray.
///
/// # Panics
/// When there is no home in this directory.
pub async fn false_entries(directory: &Path, tally: &Tally) {
    let evil = Evil::start(&NodeDirectory::open(directory).unwrap()).await;
    let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let now = today();
    let (own, helpline) = (SignKey::generate(&mut system_random()), evil.root.helpline());
    let entry = Entry {
        address: format!("/ip4/127.0.0.1/tcp/{}", trap.local_addr().unwrap().port()),
        peer: NodePeer(own.public().to_bytes()),
        association: Some("Association B".parse().unwrap()),
    };
    let mut entrances = Entrances::sign(vec![entry], &evil.operator).unwrap();
    let lend = Lend::give(&own, helpline, None, now, DAY).unwrap();
    entrances.lends.push(lend);
    let certificate = certificate(
        &evil.root,
        &evil.operator,
        &own,
        (now, Unix(now.0 + DAY.as_secs())),
    );
    let claim = Claim {
        roster: evil.publication.roster.clone(),
        operator: Arc::clone(&evil.operator),
        named_operator: evil.operator.public().to_bytes(),
        duty: duty(&evil.root, &certificate, &own),
        certificate,
        entrances,
    };
    evil.claim(0, claim);
    let (mut clock, mut heard) = (interval(LOOK), 0);
    loop {
        tokio::select! {
            _ = trap.accept() => tally.count("led astray"),
            _ = clock.tick() => {
                let now = evil.heard(0).len();
                (heard..now).for_each(|_| tally.count("records"));
                heard = now;
            }
        }
    }
}
