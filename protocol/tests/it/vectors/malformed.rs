//! Bytes that are invalid in HP1. An implementation that accepts one of them implements another protocol.

use hamsa_protocol::{
    objects::{postcard_decode, postcard_encode},
    wire::{Assembler, BODY_LEN, HEADER_LEN, Kind, RECORD_LEN, Receipt, Record},
};
use serde_json::{Value, json};

use super::tape::{hex, trimmed};

pub(crate) fn malformed(receipt: &Receipt) -> Value {
    json!({ "records": records(), "numbers": numbers(receipt), "objects": objects() })
}

/// One valid record, changed in one place each.
fn records() -> Vec<Value> {
    let good = Record::new(Kind::Put)
        .request(7)
        .token([0xaa; 32])
        .body(vec![9; 5])
        .encode();
    assert!(Record::decode(&good).is_ok());
    let bent = |position: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[position] = byte;
        bytes
    };
    [
        ("kind 0", bent(0, 0)),
        ("kind 28, behind the last of a client", bent(0, 28)),
        ("kind 93, between two of a home", bent(0, 93)),
        ("kind 98, behind the last of a home", bent(0, 98)),
        ("a flag that is none", bent(1, 2)),
        ("a flag that is none beside one that is", bent(1, 3)),
        ("the first of the eight zeros is none", bent(56, 1)),
        ("the last of the eight zeros is none", bent(63, 0x80)),
        ("a body longer than a record has room for", bent(54, 0xff)),
        ("a byte behind the body", bent(HEADER_LEN + 5, 1)),
        ("a byte too short", good[..RECORD_LEN - 1].to_vec()),
        ("a byte too long", [&good[..], &[0]].concat()),
        ("empty", Vec::new()),
    ]
    .into_iter()
    .map(|(why, bytes)| {
        assert!(Record::decode(&bytes).is_err(), "{why}");
        json!({ "why": why, "bytes": bytes.len(), "encoded": hex(trimmed(&bytes)) })
    })
    .collect()
}

/// One valid receipt, two numbers and 32 bytes, in encodings that are not canonical.
fn numbers(receipt: &Receipt) -> Vec<Value> {
    let good = postcard_encode(receipt);
    let rest = &postcard_encode(&(receipt.issued, receipt.mac))[..];
    let (last, order) = good[..good.len() - rest.len()].split_last().unwrap();
    let longer = [order, &[last | 0x80, 0], rest].concat();
    let most = [&[0xff; 9][..], &[1], rest].concat();
    assert!(
        postcard_decode::<Receipt>(&most).is_some(),
        "2^64 - 1 is a number"
    );
    [
        ("a number in a byte more than need be", longer),
        ("a number of 65 bits", [&[0xff; 9][..], &[2], rest].concat()),
        ("a number without an end", vec![0xff; 40]),
        ("a byte behind the object", [&good[..], &[0]].concat()),
        ("a byte too short", good[..good.len() - 1].to_vec()),
        ("empty", Vec::new()),
    ]
    .into_iter()
    .map(|(why, bytes)| {
        assert_eq!(postcard_decode::<Receipt>(&bytes), None, "{why}");
        json!({ "why": why, "encoded": hex(&bytes) })
    })
    .collect()
}

/// Fragments that make no object, by their headers. The last one of each is invalid.
fn objects() -> Vec<Value> {
    let part = |more, index, says, length| Record {
        more,
        ..Record::new(Kind::Head)
            .request(3)
            .index(index)
            .ack(says)
            .body(vec![7; length])
    };
    let full = |index, says| part(true, index, says, BODY_LEN);
    let too_many = 34_816;
    [
        ("begins with part 1", vec![part(false, 1, 10, 10)]),
        ("part 0 twice", vec![full(0, 5_000), full(0, 5_000)]),
        (
            "part 1 is missing",
            vec![full(0, 5_000), part(false, 2, 5_000, 904)],
        ),
        (
            "a part that is not the last is not full",
            vec![part(true, 0, 5_000, BODY_LEN - 1)],
        ),
        ("longer than it says", vec![full(0, 2_047)]),
        ("shorter than it says", vec![part(false, 0, 11, 10)]),
        (
            "says another length in part 1",
            vec![full(0, 5_000), full(1, 5_001)],
        ),
        (
            "longer than any object is",
            (0..17).map(|index| full(index, too_many)).collect(),
        ),
    ]
    .into_iter()
    .map(|(why, parts)| {
        let mut assembler = Assembler::default();
        let (last, before) = parts.split_last().unwrap();
        for part in before {
            assert_eq!(assembler.take(part), Ok(None), "{why}");
        }
        assert!(assembler.take(last).is_err(), "{why}");
        let heads: Vec<_> = parts
            .iter()
            .map(|part| hex(&part.encode()[..HEADER_LEN]))
            .collect();
        json!({ "why": why, "heads": heads })
    })
    .collect()
}
