//! The parties, and what they signed.

use std::time::Duration;

use hamsa_protocol::{
    crypto::{
        kem::KemSecret,
        keys::{DhSecret, HelplineId, NodePeer, RootKey, SignKey},
    },
    objects::{
        Certificate, CertificateRequest, CertifiedRole, Delegation, Descriptor, Duty, DutyEntry, DutySecrets,
        Entrances, Entry, HelplineAddress, Lend, LocalTexts, MailKey, MailKeySecrets, Roster, Serial,
        Settings, Signed, address::Route,
    },
    session::ticket::Intake,
    time::Unix,
};
use zeroize::Zeroizing;

/// The day of all vectors.
pub(crate) const NOW: Unix = Unix(1_790_000_000);

pub(crate) struct Cast {
    pub(crate) root: SignKey,
    pub(crate) identity: SignKey,
    pub(crate) operator: SignKey,
    pub(crate) lender: SignKey,
    pub(crate) home_x: DhSecret,
    pub(crate) duty_secrets: DutySecrets,
    pub(crate) mail_secrets: MailKeySecrets,
    pub(crate) root_key: RootKey,
    pub(crate) id: HelplineId,
}

impl Cast {
    pub(crate) fn new() -> Self {
        let root = SignKey::from_bytes(&[0x11; 32]);
        let root_key = RootKey(root.public());
        Self {
            root,
            identity: SignKey::from_bytes(&[0x22; 32]),
            operator: SignKey::from_bytes(&[0x33; 32]),
            lender: SignKey::from_bytes(&[0x34; 32]),
            home_x: DhSecret::from_bytes(&[0x44; 32]),
            duty_secrets: DutySecrets {
                x: DhSecret::from_bytes(&[0x55; 32]),
                kem: KemSecret::from_seed(Zeroizing::new(core::array::from_fn(|n| u8::try_from(n).unwrap()))),
            },
            mail_secrets: MailKeySecrets {
                x: DhSecret::from_bytes(&[0x56; 32]),
                kem: KemSecret::from_seed(Zeroizing::new([0x57; 64])),
            },
            id: root_key.helpline(),
            root_key,
        }
    }

    pub(crate) fn peer() -> NodePeer {
        NodePeer([0x66; 32])
    }

    pub(crate) fn delegation(&self) -> Signed<Delegation> {
        let delegation = Delegation {
            home_peer: Self::peer(),
            home_x: self.home_x.public(),
            op_pk: self.operator.public().to_bytes(),
            not_before: NOW,
            expires: NOW + Duration::from_secs(90 * 86_400),
        };
        Signed::sign(delegation, &self.root, &self.id).unwrap()
    }

    pub(crate) fn certificate(&self) -> Signed<Certificate> {
        let certificate = Certificate {
            serial: Serial([1, 2, 3, 4, 5, 6, 7, 8]),
            id_pk: self.identity.public().to_bytes(),
            pseudonym: "نور Nour".parse().unwrap(),
            languages: vec!["fr".parse().unwrap(), "ar".parse().unwrap()],
            role: CertifiedRole::Supervisor,
            not_before: NOW,
            expires: NOW + Duration::from_secs(180 * 86_400),
        };
        Signed::sign(certificate, &self.root, &self.id).unwrap()
    }

    pub(crate) fn duty(&self) -> Signed<Duty> {
        let duty = self
            .duty_secrets
            .duty(self.certificate().serial, NOW, Duration::from_secs(12 * 3_600));
        Signed::sign(duty, &self.identity, &self.id).unwrap()
    }

    pub(crate) fn mail_key(&self) -> Signed<MailKey> {
        let key =
            self.mail_secrets
                .mail_key(self.certificate().serial, NOW, Duration::from_secs(14 * 86_400));
        Signed::sign(key, &self.identity, &self.id).unwrap()
    }

    pub(crate) fn settings() -> Settings {
        Settings {
            chats_at_once: 2,
            texts: vec![LocalTexts {
                language: "fr".parse().unwrap(),
                hours: "9 h – 18 h".into(),
                confidentiality: "Nous ne gardons rien.".into(),
                danger: String::new(),
                legal: String::new(),
                services: String::new(),
            }],
            ..Settings::named("Association A".parse().unwrap())
        }
    }

    pub(crate) fn roster(&self) -> Signed<Roster> {
        let roster = Roster {
            version: 300,
            issued: NOW,
            expires: NOW + Duration::from_secs(7 * 86_400),
            certificates: vec![self.certificate().hash()],
            delegations: vec![self.delegation().hash()],
            revoked: vec![Serial([9; 8])],
            settings: Settings::hash(&Self::settings().encode().unwrap()),
            entries: self.entrances().list.hash(),
        };
        Signed::sign(roster, &self.root, &self.id).unwrap()
    }

    /// An entry that another association lends, with its consent, and one of the own.
    pub(crate) fn entrances(&self) -> Entrances {
        let entry = |peer, association| Entry {
            address: "/dns4/entry.example.org/tcp/443/ws".into(),
            peer,
            association,
        };
        let name = "Association B".parse().ok();
        let lend = Lend::give(
            &self.lender,
            self.id,
            name.clone(),
            NOW,
            Duration::from_secs(400 * 86_400),
        )
        .unwrap();
        let entries = vec![entry(lend.entry, name), entry(NodePeer([0x77; 32]), None)];
        let mut entrances = Entrances::sign(entries, &self.root).unwrap();
        entrances.lends.push(lend);
        entrances
    }

    pub(crate) fn descriptor(&self) -> Signed<Descriptor> {
        let descriptor = Descriptor {
            op_pk: self.operator.public().to_bytes(),
            version: 1_790_000_000_123,
            issued: NOW,
            expires: NOW + Duration::from_secs(86_400),
            roster_version: 300,
            entries: self
                .entrances()
                .list
                .entries
                .iter()
                .map(|entry| entry.peer)
                .collect(),
            duties: vec![DutyEntry {
                serial: self.certificate().serial,
                languages: self.certificate().languages.clone(),
                hash: self.duty().hash(),
            }],
        };
        Signed::sign(descriptor, &self.operator, &self.id).unwrap()
    }

    pub(crate) fn request(&self) -> Signed<CertificateRequest> {
        let request = CertificateRequest {
            id_pk: self.identity.public().to_bytes(),
            made: NOW,
        };
        Signed::sign(request, &self.identity, &CertificateRequest::HELPLINE).unwrap()
    }

    pub(crate) fn address(&self) -> HelplineAddress {
        let route = |address: &str, entry| Route {
            entry_address: address.into(),
            entry: NodePeer([entry; 32]),
            home: Self::peer(),
        };
        let routes = vec![
            route("/ip4/203.0.113.5/tcp/4310", 0x77),
            route("/dns4/entry.example.org/tcp/443/ws", 0x78),
        ];
        HelplineAddress::sign(&self.root, routes).unwrap()
    }

    pub(crate) fn intake() -> Intake {
        Intake {
            language: "ar".parse().unwrap(),
            urgent: true,
        }
    }
}
