//! Interoperability with clatter, an implementation that shares no code with snow, in both roles: the same bytes,
//! the same hash, the same transport keys and the same rekeying. One difference is intended: clatter accepts
//! low-order points, and HP1 refuses them.

use clatter::{
    Handshaker, KeyPair, NqHandshake,
    bytearray::{ByteArray, SensitiveByteArray},
    crypto::{cipher::ChaChaPoly, dh::X25519, hash::Sha256},
    error::DhResult,
    handshakepattern::{HandshakePattern, noise_kk, noise_n, noise_nx, noise_x},
    traits::{CryptoComponent, Dh, Rng},
};

use super::*;
use crate::testing::seeded;

type Clatter = NqHandshake<X25519, ChaChaPoly, Sha256>;

const PROLOGUE: &[u8] = b"HP1/test prologue";
const PSK0: [u8; 32] = [0xa0; 32];
const PSK2: [u8; 32] = [0xa2; 32];
const STATIC: [u8; 32] = [0x51; 32];
const STATIC_I: [u8; 32] = [0x52; 32];

/// Whether the pattern has one message and no answer.
fn one_way(pattern: Pattern) -> bool {
    matches!(pattern, Pattern::NPsk0 | Pattern::XPsk0)
}

fn pair(secret: [u8; 32]) -> KeyPair<[u8; 32], SensitiveByteArray<[u8; 32]>> {
    let public = DhSecret::from_bytes(&secret).public().0;
    KeyPair::new(public, SensitiveByteArray::from_slice(&secret))
}

/// The secrets behind the end's own static key, and behind the one it knows of the other.
fn statics(pattern: Pattern, initiator: bool) -> (Option<[u8; 32]>, Option<[u8; 32]>) {
    match (pattern, initiator) {
        (Pattern::KkPsk0Psk2, true) => (Some(STATIC_I), Some(STATIC)),
        (Pattern::KkPsk0Psk2, false) => (Some(STATIC), Some(STATIC_I)),
        (Pattern::XPsk0, true) => (Some(STATIC_I), Some(STATIC)),
        (Pattern::NPsk0, true) => (None, Some(STATIC)),
        (_, true) => (None, None),
        (_, false) => (Some(STATIC), None),
    }
}

fn theirs(pattern: Pattern, initiator: bool, ephemeral: [u8; 32]) -> Clatter {
    let (shape, psks): (HandshakePattern, &[[u8; 32]]) = match pattern {
        Pattern::Nx => (noise_nx(), &[]),
        Pattern::NPsk0 => (noise_n().add_psks(&[0], "Npsk0"), &[PSK0]),
        Pattern::NxPsk0Psk2 => (noise_nx().add_psks(&[0, 2], "NXpsk0+psk2"), &[PSK0, PSK2]),
        Pattern::KkPsk0Psk2 => (noise_kk().add_psks(&[0, 2], "KKpsk0+psk2"), &[PSK0, PSK2]),
        Pattern::XPsk0 => (noise_x().add_psks(&[0], "Xpsk0"), &[PSK0]),
    };
    let (own, known) = statics(pattern, initiator);
    let (own, known) = (own.map(pair), known.map(|secret| pair(secret).public));
    let mut end = Clatter::new(
        shape,
        PROLOGUE,
        initiator,
        own,
        Some(pair(ephemeral)),
        known,
        None,
    )
    .unwrap();
    for psk in psks {
        end.push_psk(psk);
    }
    end
}

fn ours(pattern: Pattern, initiator: bool, ephemeral: [u8; 32]) -> Handshake {
    let (local, remote) = statics(pattern, initiator);
    let local = local.map(|secret| DhSecret::from_bytes(&secret));
    let remote = remote.map(|secret| DhSecret::from_bytes(&secret).public());
    let start = Start {
        pattern,
        prologue: PROLOGUE,
        local: local.as_ref(),
        remote: remote.as_ref(),
        psk0: (pattern != Pattern::Nx).then_some(&PSK0),
    };
    let ephemeral = Zeroizing::new(ephemeral);
    if initiator {
        Handshake::initiator_with(&start, ephemeral).unwrap()
    } else {
        Handshake::responder_with(&start, ephemeral).unwrap()
    }
}

/// Either implementation, at one end.
enum End {
    Ours(Handshake),
    Theirs(Clatter),
}

impl End {
    fn write(&mut self, payload: &[u8]) -> Vec<u8> {
        match self {
            Self::Ours(end) => end.write(payload).unwrap(),
            Self::Theirs(end) => {
                let mut buffer = vec![0; 65_535];
                let length = end.write_message(payload, &mut buffer).unwrap();
                buffer[..length].to_vec()
            }
        }
    }

    fn read(&mut self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ours(end) => end.read(message).unwrap().to_vec(),
            Self::Theirs(end) => {
                let mut buffer = vec![0; 65_535];
                let length = end.read_message(message, &mut buffer).unwrap();
                buffer[..length].to_vec()
            }
        }
    }
}

/// Runs a handshake; gives every message, and both ends afterwards.
fn run(pattern: Pattern, mut initiator: End, mut responder: End) -> (Vec<Vec<u8>>, End, End) {
    let mut messages = vec![initiator.write(b"first payload")];
    assert_eq!(responder.read(&messages[0]), b"first payload");
    if !one_way(pattern) {
        // As in a live chat: the second psk is known only after message 1.
        for end in [&mut initiator, &mut responder] {
            if let (End::Ours(end), Pattern::NxPsk0Psk2 | Pattern::KkPsk0Psk2) = (end, pattern) {
                end.set_psk2(&PSK2).unwrap();
            }
        }
        messages.push(responder.write(b"second payload, longer"));
        assert_eq!(initiator.read(&messages[1]), b"second payload, longer");
    }
    (messages, initiator, responder)
}

const PATTERNS: [Pattern; 5] = [
    Pattern::Nx,
    Pattern::NPsk0,
    Pattern::NxPsk0Psk2,
    Pattern::KkPsk0Psk2,
    Pattern::XPsk0,
];

#[test]
fn both_implementations_write_the_same_bytes_in_either_role() {
    for pattern in PATTERNS {
        let (a, b) = ([0x11; 32], [0x22; 32]);
        let all_ours = run(
            pattern,
            End::Ours(ours(pattern, true, a)),
            End::Ours(ours(pattern, false, b)),
        )
        .0;
        let we_begin = run(
            pattern,
            End::Ours(ours(pattern, true, a)),
            End::Theirs(theirs(pattern, false, b)),
        )
        .0;
        let they_begin = run(
            pattern,
            End::Theirs(theirs(pattern, true, a)),
            End::Ours(ours(pattern, false, b)),
        )
        .0;
        assert_eq!(all_ours, we_begin, "{}", pattern.name());
        assert_eq!(all_ours, they_begin, "{}", pattern.name());
        // A comparison of two empty lists would pass too.
        assert_eq!(all_ours.len(), if one_way(pattern) { 1 } else { 2 });
    }
}

#[test]
fn transport_and_rekeying_agree_in_both_directions() {
    for pattern in PATTERNS {
        for we_begin in [true, false] {
            let (first, second) = if we_begin {
                (
                    End::Ours(ours(pattern, true, [1; 32])),
                    End::Theirs(theirs(pattern, false, [2; 32])),
                )
            } else {
                (
                    End::Theirs(theirs(pattern, true, [1; 32])),
                    End::Ours(ours(pattern, false, [2; 32])),
                )
            };
            let (_, first, second) = run(pattern, first, second);
            let (End::Ours(ours), End::Theirs(theirs)) = (if we_begin {
                (first, second)
            } else {
                (second, first)
            }) else {
                unreachable!()
            };
            let (hash, mut ours) = ours.finish().unwrap();
            let mut theirs = theirs.finalize().unwrap();
            assert_eq!(hash, *theirs.get_handshake_hash(), "{}", pattern.name());
            let one_way = one_way(pattern);
            for round in 0..4_u8 {
                // The initiator's direction, then the other. Each key is used for one cell, as in a chat.
                if we_begin || !one_way {
                    let sealed = ours.seal(&[round; 40]).unwrap();
                    assert_eq!(theirs.receive_vec(&sealed).unwrap(), [round; 40]);
                    ours.rekey_outgoing();
                    theirs.rekey_receiver().unwrap();
                }
                if !we_begin || !one_way {
                    let sealed = theirs.send_vec(&[round; 41]).unwrap();
                    assert_eq!(*ours.open(&sealed).unwrap(), [round; 41]);
                    ours.rekey_incoming();
                    theirs.rekey_sender().unwrap();
                }
            }
        }
    }
}

#[test]
fn another_prologue_or_psk_or_key_is_no_handshake() {
    let start = |prologue, psk0, remote| Start {
        pattern: Pattern::NPsk0,
        prologue,
        local: None,
        remote,
        psk0,
    };
    let right = DhSecret::from_bytes(&STATIC).public();
    let wrong = DhSecret::from_bytes(&[0x52; 32]).public();
    let other = [0xa1; 32];
    let opens = |start: &Start<'_>| {
        let mut ours = Handshake::initiator(start, &mut seeded(1)).unwrap();
        let message = ours.write(b"t").unwrap();
        let mut buffer = vec![0; 1_000];
        theirs(Pattern::NPsk0, false, [9; 32])
            .read_message(&message, &mut buffer)
            .is_ok()
    };
    assert!(opens(&start(PROLOGUE, Some(&PSK0), Some(&right))));
    assert!(!opens(&start(b"HP1/other", Some(&PSK0), Some(&right))));
    assert!(!opens(&start(PROLOGUE, Some(&other), Some(&right))));
    assert!(!opens(&start(PROLOGUE, Some(&PSK0), Some(&wrong))));
}

/// Points whose multiples are all zero on every X25519 key (RFC 7748 section 6.1; the list of cr.yp.to/ecdh.html).
fn low_order_points() -> Vec<[u8; 32]> {
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]
    .iter()
    .map(|hex| {
        data_encoding::HEXLOWER
            .decode(hex.as_bytes())
            .unwrap()
            .try_into()
            .unwrap()
    })
    .collect()
}

#[test]
fn a_low_order_ephemeral_or_static_key_ends_the_handshake() {
    for point in low_order_points() {
        // From an initiator: message 1 of NX has no agreement in it, message 2 has.
        let mut responder = ours(Pattern::Nx, false, [3; 32]);
        responder.read(&point).unwrap();
        assert!(responder.write(b"").is_err());
        // clatter continues with a key that is publicly known, so the refusal of the point matters.
        let mut buffer = vec![0; 1_000];
        let mut other = theirs(Pattern::Nx, false, [3; 32]);
        other.read_message(&point, &mut buffer).unwrap();
        assert!(other.write_message(b"", &mut buffer).is_ok());

        // From a responder.
        let mut initiator = ours(Pattern::Nx, true, [4; 32]);
        initiator.write(b"").unwrap();
        let mut message = point.to_vec();
        message.resize(32 + 48 + TAG_LEN, 0);
        assert!(initiator.read(&message).is_err());

        // As the key that a ticket would be sealed to.
        let start = Start {
            pattern: Pattern::NPsk0,
            prologue: PROLOGUE,
            local: None,
            remote: Some(&DhPublic(point)),
            psk0: Some(&PSK0),
        };
        let sealed = Handshake::initiator(&start, &mut seeded(1)).and_then(|mut end| end.write(b"t"));
        assert!(sealed.is_err());
    }
}

/// What an attacker without any key computes when both its public keys are zero: every agreement is zero.
#[derive(Clone)]
struct NoKey;

impl CryptoComponent for NoKey {
    fn name() -> &'static str {
        "25519"
    }
}

impl Dh for NoKey {
    type PrivateKey = SensitiveByteArray<[u8; 32]>;
    type PubKey = [u8; 32];
    type Output = SensitiveByteArray<[u8; 32]>;

    fn genkey_rng<R: Rng>(_: &mut R) -> DhResult<KeyPair<Self::PubKey, Self::PrivateKey>> {
        Ok(KeyPair::new([0; 32], SensitiveByteArray::new([0; 32])))
    }

    fn pubkey(_: &Self::PrivateKey) -> Self::PubKey {
        [0; 32]
    }

    fn dh(_: &Self::PrivateKey, _: &Self::PubKey) -> DhResult<Self::Output> {
        Ok(SensitiveByteArray::new([0; 32]))
    }
}

/// Without the refusal this message 2 would be accepted, as clatter's own initiator shows.
#[test]
fn a_responder_without_any_key_cannot_pose_with_the_zero_point() {
    let forge = |first: &[u8]| {
        let mut forger = NqHandshake::<NoKey, ChaChaPoly, Sha256>::new(
            noise_nx(),
            PROLOGUE,
            false,
            Some(KeyPair::new([0; 32], SensitiveByteArray::new([0; 32]))),
            None,
            None,
            None,
        )
        .unwrap();
        let mut buffer = vec![0; 1_000];
        forger.read_message(first, &mut buffer).unwrap();
        let length = forger.write_message(b"trust me", &mut buffer).unwrap();
        buffer[..length].to_vec()
    };
    let mut fooled = End::Theirs(theirs(Pattern::Nx, true, [4; 32]));
    let first = fooled.write(b"");
    assert_eq!(fooled.read(&forge(&first)), b"trust me");

    let mut initiator = ours(Pattern::Nx, true, [4; 32]);
    let first = initiator.write(b"").unwrap();
    assert!(initiator.read(&forge(&first)).is_err());
}
