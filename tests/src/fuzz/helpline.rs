//! One helpline with one home and one counselor, the same in every run, for targets that need real keys.

use std::{sync::LazyLock, time::Duration};

use ed25519_dalek::{Signer, SigningKey};
use hamsa_protocol::{
    crypto::{
        keys::{DhSecret, HelplineId, NodePeer, RootKey, SignKey},
        puzzle::{SEED_LEN, Seed, Step},
        random::Random,
    },
    home::HomeConfig,
    objects::{
        Certificate, CertifiedRole, Delegation, Descriptor, Duty, DutyEntry, DutySecrets, Entrances, Entry,
        HelplineAddress, Lend, LocalTexts, Roster, Serial, Settings, Signed, TicketId, address::Route,
    },
    session::ticket::{self, Intake, Opened, Sealed, UrgencyPayment},
    time::{Now, Tick, Unix},
    wire::Prices,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// Wall clock of every run.
pub(super) const TODAY: Unix = Unix(1_790_000_000);
/// Both clocks at the start of every run.
pub(super) const START: Now = Now {
    tick: Tick(1_000),
    unix: TODAY,
};
/// The ticket of every run.
pub(super) const TICKET: TicketId = TicketId([7; 32]);

/// Milliseconds later.
pub(super) const fn later(now: Now, milliseconds: u64) -> Now {
    Now {
        tick: Tick(now.tick.0.saturating_add(milliseconds)),
        unix: Unix(now.unix.0.saturating_add(milliseconds / 1_000)),
    }
}

pub(super) fn seeded(seed: u64) -> Random {
    Box::new(ChaCha20Rng::seed_from_u64(seed))
}

/// Everything that is always the same.
pub(super) struct Helpline {
    root: [u8; 32],
    identity: [u8; 32],
    operator: [u8; 32],
    home_x: [u8; 32],
    shift: [u8; 32],
    seed: [u8; 64],
    pub(super) id: HelplineId,
    pub(super) root_key: RootKey,
    pub(super) delegation: Signed<Delegation>,
    pub(super) certificate: Signed<Certificate>,
    pub(super) duty: Signed<Duty>,
    pub(super) roster: Signed<Roster>,
    pub(super) settings: Vec<u8>,
    pub(super) address: HelplineAddress,
}

static HELPLINE: LazyLock<Helpline> = LazyLock::new(Helpline::make);

/// The helpline.
pub(super) fn helpline() -> &'static Helpline {
    &HELPLINE
}

/// Nothing is asked of strangers.
const FREE: Prices = Prices {
    seed: Seed([0; SEED_LEN]),
    steps: [Step::FREE; 3],
};

/// The key of the entry that another association lends.
pub(super) fn lender() -> SignKey {
    SignKey::from_bytes(&[0x1e; 32])
}

/// One entry of another association, with its consent.
fn entrances(root: &SignKey) -> Entrances {
    let helpline = RootKey(root.public()).helpline();
    let lend =
        Lend::give(&lender(), helpline, None, TODAY, Duration::from_secs(40 * 86_400)).expect("a consent");
    let entry = Entry {
        address: "/ip4/203.0.113.5/tcp/4310".into(),
        peer: lend.entry,
        association: Some("Association B".parse().expect("a name")),
    };
    let mut entrances = Entrances::sign(vec![entry], root).expect("an entry list");
    entrances.lends.push(lend);
    entrances
}

impl Helpline {
    fn make() -> Self {
        let mut random = seeded(0x4853_414d_4148);
        let root = SignKey::generate(&mut random);
        let (identity, operator) = (SignKey::generate(&mut random), SignKey::generate(&mut random));
        let home_x = DhSecret::generate(&mut random);
        let secrets = DutySecrets::generate(&mut random);
        let root_key = RootKey(root.public());
        let id = root_key.helpline();
        let delegation = Delegation {
            home_peer: NodePeer([3; 32]),
            home_x: home_x.public(),
            op_pk: operator.public().to_bytes(),
            not_before: TODAY,
            expires: TODAY + Duration::from_secs(80 * 86_400),
        };
        let delegation = Signed::sign(delegation, &root, &id).expect("a delegation");
        let certificate = Certificate {
            serial: Serial([5; 8]),
            id_pk: identity.public().to_bytes(),
            pseudonym: "Nour".parse().expect("a pseudonym"),
            languages: vec![
                "fr".parse().expect("a language"),
                "ar".parse().expect("a language"),
            ],
            role: CertifiedRole::Counselor,
            not_before: TODAY,
            expires: TODAY + Duration::from_secs(100 * 86_400),
        };
        let certificate = Signed::sign(certificate, &root, &id).expect("a certificate");
        let duty = secrets.duty(certificate.serial, TODAY, Duration::from_secs(40_000));
        let duty = Signed::sign(duty, &identity, &id).expect("a duty");
        let settings = Settings {
            chats_at_once: 3,
            texts: vec![LocalTexts {
                language: "fr".parse().expect("a language"),
                hours: "9 h – 18 h".into(),
                confidentiality: String::new(),
                danger: String::new(),
                legal: String::new(),
                services: String::new(),
            }],
            ..Settings::named("Association A".parse().expect("a name"))
        };
        let settings = settings.encode().expect("settings");
        let roster = Roster {
            version: 1,
            issued: TODAY,
            expires: TODAY + Duration::from_secs(7 * 86_400),
            certificates: vec![certificate.hash()],
            delegations: vec![delegation.hash()],
            revoked: Vec::new(),
            settings: Settings::hash(&settings),
            entries: entrances(&root).list.hash(),
        };
        let roster = Signed::sign(roster, &root, &id).expect("a roster");
        let route = Route {
            entry_address: "/ip4/203.0.113.5/tcp/4310".into(),
            entry: NodePeer([4; 32]),
            home: NodePeer([3; 32]),
        };
        Self {
            root: *root.to_bytes(),
            identity: *identity.to_bytes(),
            operator: *operator.to_bytes(),
            home_x: *home_x.to_bytes(),
            shift: *secrets.x.to_bytes(),
            seed: **secrets.kem.seed(),
            id,
            root_key,
            delegation,
            certificate,
            duty,
            roster,
            settings,
            address: HelplineAddress::sign(&root, vec![route]).expect("an address"),
        }
    }

    pub(super) fn root(&self) -> SignKey {
        SignKey::from_bytes(&self.root)
    }

    pub(super) fn identity(&self) -> SignKey {
        SignKey::from_bytes(&self.identity)
    }

    pub(super) fn operator(&self) -> SignKey {
        SignKey::from_bytes(&self.operator)
    }

    pub(super) fn home_x(&self) -> DhSecret {
        DhSecret::from_bytes(&self.home_x)
    }

    /// The secrets of the duty.
    pub(super) fn secrets(&self) -> DutySecrets {
        DutySecrets {
            x: DhSecret::from_bytes(&self.shift),
            kem: hamsa_protocol::crypto::kem::KemSecret::from_seed(zeroize::Zeroizing::new(self.seed)),
        }
    }

    /// A roster as the association would publish it next, with or without the counselor.
    pub(super) fn roster_of(&self, version: u64, with_counselor: bool) -> Vec<u8> {
        let roster = Roster {
            version,
            revoked: if with_counselor {
                Vec::new()
            } else {
                vec![self.certificate.serial]
            },
            ..(*self.roster).clone()
        };
        let roster = Signed::sign(roster, &self.root(), &self.id).expect("a roster");
        roster.encoded().to_vec()
    }

    /// The entry list, with the consent of the entry in it.
    pub(super) fn entrances(&self) -> Entrances {
        entrances(&self.root())
    }

    /// A head as the home would give it.
    pub(super) fn head(&self, roster: &[u8], version: u64, on_duty: bool) -> Vec<u8> {
        let duty = DutyEntry {
            serial: self.certificate.serial,
            languages: self.certificate.languages.clone(),
            hash: self.duty.hash(),
        };
        let descriptor = Descriptor {
            op_pk: self.delegation.op_pk,
            version,
            issued: TODAY,
            expires: TODAY + Duration::from_secs(86_400),
            roster_version: 1,
            entries: vec![NodePeer(lender().public().to_bytes())],
            duties: if on_duty { vec![duty] } else { Vec::new() },
        };
        let descriptor = Signed::sign(descriptor, &self.operator(), &self.id).expect("a descriptor");
        let entrances = self.entrances();
        let lends: Vec<&[u8]> = entrances.lends.iter().map(Signed::encoded).collect();
        let list = entrances.list.encoded();
        hamsa_protocol::objects::postcard_encode(&(roster, descriptor.encoded(), list, lends, FREE))
    }

    /// A page with the counselor's duty, as the home would give it.
    pub(super) fn page(&self) -> Vec<u8> {
        let mut slot = hamsa_protocol::objects::postcard_encode(&(
            self.certificate.encoded().to_vec(),
            self.duty.encoded().to_vec(),
        ));
        let mut page = u16::try_from(slot.len()).expect("a slot").to_be_bytes().to_vec();
        page.append(&mut slot);
        page.resize(
            hamsa_protocol::limits::DUTIES_PER_PAGE * hamsa_protocol::wire::BODY_LEN,
            0,
        );
        page
    }

    pub(super) fn home_config(&self) -> HomeConfig {
        HomeConfig {
            root: self.root_key,
            delegation: self.delegation.clone(),
            operator: self.operator(),
            receipt_key: zeroize::Zeroizing::new([9; 32]),
            boot: 1,
            descriptor_floor: 0,
        }
    }

    /// What a card says.
    pub(super) fn intake() -> Intake {
        Intake {
            language: "fr".parse().expect("a language"),
            urgent: true,
        }
    }

    /// A ticket sealed to the counselor.
    pub(super) fn seal(&self, ticket: TicketId, attempt: u32, seed: u64) -> Sealed {
        ticket::seal(
            &self.id,
            ticket,
            attempt,
            &[&self.duty],
            (&Self::intake(), &UrgencyPayment::default()),
            &mut seeded(seed),
        )
        .expect("a ticket")
    }

    /// The same ticket as the counselor sees it.
    pub(super) fn open(&self, ticket: TicketId, attempt: u32, sealed: &Sealed) -> Opened {
        ticket::open(
            &self.id,
            ticket,
            attempt,
            &sealed.body,
            &self.duty,
            &self.secrets(),
        )
        .expect("an open ticket")
    }
}

/// What `Signed::sign` does, for any bytes: `signature ‖ body`.
pub(super) fn sign_raw(name: &str, key: &SignKey, helpline: &HelplineId, body: &[u8]) -> Vec<u8> {
    let message = [b"HP1/", name.as_bytes(), &[0], &helpline.0, body].concat();
    let signature = SigningKey::from_bytes(&key.to_bytes()).sign(&message);
    [signature.to_bytes().as_slice(), body].concat()
}
