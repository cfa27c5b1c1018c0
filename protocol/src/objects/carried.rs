//! Codes that people carry from one program to another: an address, a request, a certificate, a consent.
//!
//! A code is a prefix and base32. Mail programs break it over lines and put text after it; people write a full stop or
//! a remark behind it. What the code itself is, its checksum or signature tells.

use data_encoding::BASE32_NOPAD;

use crate::text::code;

/// Most lines or groups of letters over which a code is spread: an address in groups of four letters has fewer.
const LINES_MAX: usize = 512;

/// The code that a text begins with, read by `parse`; `None` where it begins otherwise. Text after the code is ignored.
/// Of several errors, the one with the most text counts.
pub(super) fn read<T, E: Clone>(
    prefix: &str,
    text: &str,
    damaged: &E,
    parse: impl Fn(&[u8]) -> Result<T, E>,
) -> Option<Result<T, E>> {
    let (mut head, mut last) = (String::new(), None);
    for piece in text.split_whitespace().take(LINES_MAX) {
        head.push_str(&code(piece));
        let begin = head.get(..prefix.len());
        let Some(begin) = begin else {
            continue;
        };
        if !begin.eq_ignore_ascii_case(prefix) {
            return None;
        }
        let body = head.get(prefix.len()..).unwrap_or_default();
        let end = body.find(|c: char| !is_base32(c)).unwrap_or(body.len());
        let (encoded, after) = body.split_at(end);
        let bytes = BASE32_NOPAD.decode(encoded.to_ascii_uppercase().as_bytes());
        let found = bytes.map_err(|_| damaged.clone()).and_then(|bytes| parse(&bytes));
        if found.is_ok() {
            return Some(found);
        }
        last = Some(found);
        if !after.is_empty() {
            break;
        }
    }
    last
}

const fn is_base32(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '2'..='7')
}
