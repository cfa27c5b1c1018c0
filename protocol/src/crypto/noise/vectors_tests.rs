//! The published vectors of cacophony and snow, through our own primitives and, where HP1 uses the pattern,
//! through our own handshake too.

use serde_json::Value;
use snow::{
    Builder, HandshakeState,
    params::{HandshakeModifier, NoiseParams},
};

use super::*;

fn vectors() -> Vec<Value> {
    let files = [
        include_str!("../../../tests/vectors/cacophony.json"),
        include_str!("../../../tests/vectors/snow.json"),
    ];
    files
        .into_iter()
        .flat_map(|file| {
            let file: Value = serde_json::from_str(file).unwrap();
            file["vectors"].as_array().unwrap().clone()
        })
        .collect()
}

fn name(vector: &Value) -> &str {
    vector["protocol_name"].as_str().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(value.as_str().unwrap().as_bytes())
        .unwrap()
}

fn key(value: &Value) -> Option<[u8; 32]> {
    (!value.is_null()).then(|| bytes(value).try_into().unwrap())
}

fn secret(value: &Value) -> Secret {
    Zeroizing::new(key(value).unwrap_or_default())
}

/// Each payload and the message expected for it.
fn messages(vector: &Value) -> Vec<(Vec<u8>, Vec<u8>)> {
    let messages = vector["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| (bytes(&message["payload"]), bytes(&message["ciphertext"])))
        .collect()
}

fn one_way(vector: &Value) -> bool {
    let pattern = name(vector).split('_').nth(1).unwrap();
    ["N", "K", "X"].contains(&pattern.split("psk").next().unwrap())
}

/// One end with snow's own builder and our resolver, for patterns that HP1 does not name (yet).
fn end(vector: &Value, role: &str) -> HandshakeState {
    let params: NoiseParams = name(vector).parse().unwrap();
    let field = |field: &str| &vector[format!("{role}_{field}")];
    let resolver = Resolver::with_ephemeral(secret(field("ephemeral")));
    let prologue = bytes(field("prologue"));
    let (local, remote) = (key(field("static")), key(field("remote_static")));
    let psks: Vec<[u8; 32]> = field("psks")
        .as_array()
        .map_or_else(Vec::new, |psks| psks.iter().filter_map(key).collect());
    let slots = params
        .handshake
        .modifiers
        .list
        .clone()
        .into_iter()
        .filter_map(|modifier| match modifier {
            HandshakeModifier::Psk(slot) => Some(slot),
            HandshakeModifier::Fallback => None,
        });
    let slots: Vec<u8> = slots.collect();
    assert_eq!(slots.len(), psks.len());

    let mut builder = Builder::with_resolver(params, Box::new(resolver))
        .prologue(&prologue)
        .unwrap();
    if let Some(local) = &local {
        builder = builder.local_private_key(local).unwrap();
    }
    if let Some(remote) = &remote {
        builder = builder.remote_public_key(remote).unwrap();
    }
    for (slot, psk) in slots.into_iter().zip(&psks) {
        builder = builder.psk(slot, psk).unwrap();
    }
    if role == "init" {
        builder.build_initiator().unwrap()
    } else {
        builder.build_responder().unwrap()
    }
}

#[test]
fn our_primitives_make_every_published_message() {
    let vectors = vectors();
    // If a file were emptied by accident, the loop below would pass.
    assert_eq!(vectors.len(), 15);
    for vector in vectors {
        let name = name(&vector).to_owned();
        let (mut writer, mut reader) = (end(&vector, "init"), end(&vector, "resp"));
        let mut buffer = vec![0; 65_535];
        let mut messages = messages(&vector).into_iter();
        while !writer.is_handshake_finished() || !reader.is_handshake_finished() {
            let (payload, expected) = messages.next().unwrap();
            let length = writer.write_message(&payload, &mut buffer).unwrap();
            assert_eq!(buffer[..length], expected, "{name}");
            let length = reader.read_message(&expected, &mut buffer).unwrap();
            assert_eq!(buffer[..length], payload, "{name}");
            std::mem::swap(&mut writer, &mut reader);
        }
        if let Some(hash) = vector["handshake_hash"].as_str() {
            assert_eq!(
                data_encoding::HEXLOWER.encode(writer.get_handshake_hash()),
                hash,
                "{name}"
            );
        }
        let (mut writer, mut reader) = (
            writer.into_transport_mode().unwrap(),
            reader.into_transport_mode().unwrap(),
        );
        let mut count = 0;
        if one_way(&vector) {
            // After one message the ends were swapped; only the initiator goes on.
            std::mem::swap(&mut writer, &mut reader);
        }
        for (payload, expected) in messages {
            let length = writer.write_message(&payload, &mut buffer).unwrap();
            assert_eq!(buffer[..length], expected, "{name}");
            let length = reader.read_message(&expected, &mut buffer).unwrap();
            assert_eq!(buffer[..length], payload, "{name}");
            if !one_way(&vector) {
                std::mem::swap(&mut writer, &mut reader);
            }
            count += 1;
        }
        assert!(count > 0, "{name}: transport messages are part of every vector");
    }
}

#[test]
fn our_handshake_makes_the_published_messages_of_its_patterns() {
    let mut seen = Vec::new();
    for pattern in [Pattern::Nx, Pattern::NPsk0] {
        for vector in vectors().iter().filter(|vector| name(vector) == pattern.name()) {
            let end = |role: &str, initiator: bool| {
                let field = |field: &str| &vector[format!("{role}_{field}")];
                let prologue = bytes(field("prologue"));
                let local = key(field("static")).map(|key| DhSecret::from_bytes(&key));
                let remote = key(field("remote_static")).map(DhPublic);
                let psk0 = field("psks").get(0).and_then(key);
                let start = Start {
                    pattern,
                    prologue: &prologue,
                    local: local.as_ref(),
                    remote: remote.as_ref(),
                    psk0: psk0.as_ref(),
                };
                let ephemeral = secret(field("ephemeral"));
                if initiator {
                    Handshake::initiator_with(&start, ephemeral).unwrap()
                } else {
                    Handshake::responder_with(&start, ephemeral).unwrap()
                }
            };
            let (mut ours, mut theirs) = (end("init", true), end("resp", false));
            let mut messages = messages(vector).into_iter();
            let handshake = if one_way(vector) { 1 } else { 2 };
            for (payload, expected) in messages.by_ref().take(handshake) {
                assert_eq!(ours.write(&payload).unwrap(), expected);
                assert_eq!(*theirs.read(&expected).unwrap(), payload);
                std::mem::swap(&mut ours, &mut theirs);
            }
            if handshake == 1 {
                std::mem::swap(&mut ours, &mut theirs);
            }
            let (hash, mut ours) = ours.finish().unwrap();
            let (other, mut theirs) = theirs.finish().unwrap();
            assert_eq!(hash, other);
            for (payload, expected) in messages {
                assert_eq!(ours.seal(&payload).unwrap(), expected);
                assert_eq!(*theirs.open(&expected).unwrap(), payload);
                if handshake == 2 {
                    std::mem::swap(&mut ours, &mut theirs);
                }
            }
            seen.push(pattern.name());
        }
    }
    // NX of both collections, Npsk0 of cacophony.
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn one_flipped_bit_of_a_vector_is_noticed() {
    let vector = vectors()
        .into_iter()
        .find(|vector| name(vector) == Pattern::Nx.name())
        .unwrap();
    let (mut writer, mut reader) = (end(&vector, "init"), end(&vector, "resp"));
    let mut buffer = vec![0; 65_535];
    let messages = messages(&vector);
    writer.write_message(&messages[0].0, &mut buffer).unwrap();
    reader.read_message(&messages[0].1, &mut buffer).unwrap();
    let mut forged = messages[1].1.clone();
    for position in 0..forged.len() {
        forged[position] ^= 0x40;
        assert!(
            writer.read_message(&forged, &mut buffer).is_err(),
            "at {position}"
        );
        forged[position] ^= 0x40;
    }
}
