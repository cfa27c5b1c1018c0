//! Keys, signed objects, settings, the address, and files between people.

use hamsa_protocol::{
    crypto::{
        fingerprint::fingerprint,
        keys::{DhSecret, SignKey},
    },
    objects::{CertificateFile, LendFile, Object, ObjectHash, Settings, Signed},
};
use serde_json::{Value, json};

use super::{cast::Cast, tape::hex};

pub(crate) fn keys(cast: &Cast) -> Value {
    let sign = |key: &SignKey| json!({ "secret": hex(key.to_bytes().as_slice()), "public": hex(&key.public().to_bytes()) });
    let dh =
        |key: &DhSecret| json!({ "secret": hex(key.to_bytes().as_slice()), "public": hex(&key.public().0) });
    let kem = &cast.duty_secrets.kem;
    json!({
        "root": sign(&cast.root),
        "identity": sign(&cast.identity),
        "operator": sign(&cast.operator),
        "lender": sign(&cast.lender),
        "home_x": dh(&cast.home_x),
        "duty_x": dh(&cast.duty_secrets.x),
        "mail_x": dh(&cast.mail_secrets.x),
        "mail_kem": { "seed": hex(cast.mail_secrets.kem.seed().as_slice()), "ek": hex(cast.mail_secrets.kem.public().as_bytes()) },
        "duty_kem": { "seed": hex(kem.seed().as_slice()), "ek": hex(kem.public().as_bytes()) },
        "helpline": hex(&cast.id.0),
    })
}

fn signed<T: Object>(object: &Signed<T>, by: &str, fields: Value) -> Value {
    json!({ "signed_by": by, "fields": fields, "encoded": hex(object.encoded()), "hash": hex(&object.hash().0) })
}

pub(crate) fn objects(cast: &Cast) -> Value {
    let (delegation, certificate, duty) = (cast.delegation(), cast.certificate(), cast.duty());
    let (roster, descriptor, request) = (cast.roster(), cast.descriptor(), cast.request());
    let (mail_key, entrances) = (cast.mail_key(), cast.entrances());
    let lend = &entrances.lends[0];
    let hashes = |hashes: &[ObjectHash]| hashes.iter().map(|hash| hex(&hash.0)).collect::<Vec<_>>();
    let languages = |languages: &[hamsa_protocol::objects::Language]| {
        languages
            .iter()
            .map(|language| language.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    json!({
        "delegation": signed(&delegation, "root", json!({
            "home_peer": hex(&delegation.home_peer.0),
            "home_x": hex(&delegation.home_x.0),
            "op_pk": hex(&delegation.op_pk),
            "not_before": delegation.not_before.0,
            "expires": delegation.expires.0,
        })),
        "certificate": signed(&certificate, "root", json!({
            "serial": hex(&certificate.serial.0),
            "id_pk": hex(&certificate.id_pk),
            "pseudonym": certificate.pseudonym.as_str(),
            "languages": languages(&certificate.languages),
            "role": 1,
            "not_before": certificate.not_before.0,
            "expires": certificate.expires.0,
        })),
        "roster": signed(&roster, "root", json!({
            "version": roster.version,
            "issued": roster.issued.0,
            "expires": roster.expires.0,
            "certificates": hashes(&roster.certificates),
            "delegations": hashes(&roster.delegations),
            "revoked": roster.revoked.iter().map(|serial| hex(&serial.0)).collect::<Vec<_>>(),
            "settings": hex(&roster.settings.0),
            "entries": hex(&roster.entries.0),
        })),
        "entries": signed(&entrances.list, "root", json!({
            "entries": entrances.list.entries.iter().map(|entry| json!({
                "address": entry.address,
                "peer": hex(&entry.peer.0),
                "association": entry.association.as_ref().map(|name| name.as_str().to_owned()),
            })).collect::<Vec<_>>(),
        })),
        "lend": signed(lend, "lender", json!({
            "entry": hex(&lend.entry.0),
            "helpline": hex(&lend.helpline.0),
            "name": lend.name.as_ref().map(|name| name.as_str().to_owned()),
            "not_before": lend.not_before.0,
            "expires": lend.expires.0,
        })),
        "duty": signed(&duty, "identity", json!({
            "serial": hex(&duty.serial.0),
            "x": hex(&duty.x.0),
            "ek": hex(duty.ek.0.as_slice()),
            "not_before": duty.not_before.0,
            "expires": duty.expires.0,
        })),
        "descriptor": signed(&descriptor, "operator", json!({
            "op_pk": hex(&descriptor.op_pk),
            "version": descriptor.version,
            "issued": descriptor.issued.0,
            "expires": descriptor.expires.0,
            "roster_version": descriptor.roster_version,
            "entries": descriptor.entries.iter().map(|peer| hex(&peer.0)).collect::<Vec<_>>(),
            "duties": descriptor.duties.iter().map(|duty| json!({
                "serial": hex(&duty.serial.0),
                "languages": languages(&duty.languages),
                "hash": hex(&duty.hash.0),
            })).collect::<Vec<_>>(),
        })),
        "mail_key": signed(&mail_key, "identity", json!({
            "serial": hex(&mail_key.serial.0),
            "x": hex(&mail_key.x.0),
            "ek_hash": hex(&mail_key.ek_hash),
            "not_before": mail_key.not_before.0,
            "expires": mail_key.expires.0,
        })),
        "request": signed(&request, "identity, for the helpline of 32 zeros", json!({
            "id_pk": hex(&request.id_pk),
            "made": request.made.0,
        })),
    })
}

pub(crate) fn settings() -> Value {
    let settings = Cast::settings();
    let encoded = settings.encode().unwrap();
    json!({
        "fields": {
            "name": settings.name.as_str(),
            "chats_at_once": settings.chats_at_once,
            "texts": settings.texts.iter().map(|texts| json!({
                "language": texts.language.as_str(),
                "hours": texts.hours,
                "confidentiality": texts.confidentiality,
                "danger": texts.danger,
                "legal": texts.legal,
                "services": texts.services,
            })).collect::<Vec<_>>(),
        },
        "encoded": hex(&encoded),
        "hash": hex(&Settings::hash(&encoded).0),
    })
}

pub(crate) fn address(cast: &Cast) -> Value {
    let address = cast.address();
    json!({
        "root": hex(&address.root.0.to_bytes()),
        "routes": address.routes.iter().map(|route| json!({
            "entry_address": route.entry_address,
            "entry": hex(&route.entry.0),
            "home": hex(&route.home.0),
        })).collect::<Vec<_>>(),
        "text": address.to_string(),
        "fingerprint": fingerprint(&address.root),
    })
}

pub(crate) fn files(cast: &Cast) -> Value {
    let file = CertificateFile {
        address: cast.address(),
        certificate: cast.certificate(),
    };
    let lend = LendFile {
        address: "/dns4/entry.example.org/tcp/443/ws".into(),
        lend: cast.entrances().lends[0].clone(),
    };
    json!({
        "request": cast.request().to_text(),
        "certificate": file.to_string(),
        "lend": lend.to_string(),
    })
}
