//! What programs read that a person, or a disk, may have broken.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use hamsa_client::{
    api::{CounselorCommand, SeekerCommand},
    vault,
};
use hamsa_net::{NodeAddress, parse_peer, peer_text};
use hamsa_node::{config::Config, publication::Publication};
use hamsa_protocol::{crypto::hash, objects::postcard_encode};

use super::{
    helpline::{TODAY, helpline},
    input::Input,
};

const PASSPHRASE: &str = "une phrase";
/// Bytes under a vault's seal.
const PLAIN_LEN: usize = 65_536 - hamsa_client::sealed::OVERHEAD;
/// Little memory, so that a run takes a millisecond: KiB.
const MEMORY_KIB: u32 = 8;

/// A vault: any bytes, bytes with a right checksum, and any contents under a right seal. Whatever comes of it,
/// the file is not touched.
pub fn vault(data: &[u8]) {
    let mut input = Input::new(data);
    let bytes = match input.byte() % 4 {
        0 => input.rest().to_vec(),
        1 => {
            let mut bytes = sealed(&contents(&[]), false);
            let damaged = bytes.len() - 32;
            input.damage(&mut bytes[..damaged]);
            // An honest head asks for 64 MiB or less; one that asks for a gibibyte is tried in the crate's tests.
            bytes[9..21].copy_from_slice(&numbers());
            with_sum(&bytes[..damaged])
        }
        2 => sealed(input.rest(), true),
        _ => sealed(&contents(input.rest()), false),
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vault");
    std::fs::write(&path, &bytes).expect("a file");
    let opened = vault::open(&path, PASSPHRASE, TODAY);
    if let Ok(vault) = &opened {
        assert_eq!(vault.identity().to_bytes(), helpline().identity().to_bytes());
    } else {
        assert_eq!(
            std::fs::read(&path).expect("it is there"),
            bytes,
            "what cannot be opened stays as it is"
        );
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
    if let Err(error) = opened {
        assert!(!error.to_string().is_empty());
    }
}

/// Identity and certificate as they are kept, then what the fuzzer says about a shift.
fn contents(shift: &[u8]) -> Vec<u8> {
    let known = helpline();
    let file = hamsa_protocol::objects::CertificateFile {
        address: known.address.clone(),
        certificate: known.certificate.clone(),
    };
    let mut contents = known.identity().to_bytes().to_vec();
    contents.extend(postcard_encode(&Some(file.to_string())));
    contents.extend(if shift.is_empty() { &[0] } else { shift });
    contents
}

fn numbers() -> Vec<u8> {
    [MEMORY_KIB, 1, 1].map(u32::to_be_bytes).concat()
}

/// A vault with these contents, and with `loose` a length before them that the contents choose themselves.
fn sealed(contents: &[u8], loose: bool) -> Vec<u8> {
    let (salt, nonce) = ([1; 16], [2; 24]);
    let params = Params::new(MEMORY_KIB, 1, 1, Some(32)).expect("parameters");
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(PASSPHRASE.as_bytes(), &salt, &mut key)
        .expect("a key");
    let mut bytes = [b"HAMSAVLT".as_slice(), &[3], &numbers(), &salt, &nonce].concat();
    let length = u16::try_from(contents.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut plain = if loose { Vec::new() } else { length.to_vec() };
    plain.extend_from_slice(contents);
    plain.resize(PLAIN_LEN, 0);
    let tag = XChaCha20Poly1305::new(&key.into())
        .encrypt_inout_detached(&nonce.into(), &bytes, plain.as_mut_slice().into())
        .expect("a seal");
    bytes.extend_from_slice(&plain);
    bytes.extend_from_slice(&tag);
    with_sum(&bytes)
}

fn with_sum(bytes: &[u8]) -> Vec<u8> {
    [bytes, &hash::sha256(&[bytes])].concat()
}

/// `node.toml`: an error names the file and is no longer than a person reads; what is taken is taken again.
pub fn config(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    match Config::parse(Path::new("node.toml"), text) {
        Ok(config) => {
            assert!(config.partner_addresses().is_ok());
            let written = toml::to_string(&config).expect("a configuration can be written");
            assert_eq!(Config::parse(Path::new("node.toml"), &written).ok(), Some(config));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// What an association published.
pub fn publication(data: &[u8]) {
    let whole = [b"hamsa-publication:1\n".as_slice(), data].concat();
    for bytes in [data, &whole] {
        if let Ok(publication) = Publication::decode(bytes) {
            assert_eq!(publication.encode(), bytes, "a publication has one encoding");
        }
    }
}

/// A line of the json face, for either role.
pub fn commands(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    if let Ok(command) = serde_json::from_str::<SeekerCommand>(text) {
        let again = serde_json::to_string(&command).expect("a command can be written");
        assert_eq!(serde_json::from_str::<SeekerCommand>(&again).ok(), Some(command));
    }
    if let Ok(command) = serde_json::from_str::<CounselorCommand>(text) {
        let again = serde_json::to_string(&command).expect("a command can be written");
        assert_eq!(
            serde_json::from_str::<CounselorCommand>(&again).ok(),
            Some(command)
        );
    }
}

/// Addresses of nodes and names of peers, as people type them.
pub fn node_address(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    if let Ok(address) = text.parse::<NodeAddress>() {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
    if let Ok(peer) = parse_peer(text) {
        assert_eq!(parse_peer(&peer_text(&peer)), Ok(peer));
    }
}

/// Words of somebody else on a terminal: made harmless, folded, shaped and put in order.
pub fn layout(data: &[u8]) {
    assert_eq!(hamsa::text::check::text(data), Ok(()));
}

/// What a terminal sends: keys, pastes, and the way out in the middle of all of it.
pub fn keys(data: &[u8]) {
    assert_eq!(hamsa::input::check::bytes(data), Ok(()));
}
