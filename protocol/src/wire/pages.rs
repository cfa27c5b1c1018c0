//! Pages of duties and of mail keys: slots of one record each.

use serde::{Serialize, de::DeserializeOwned};

use super::BODY_LEN;
use crate::{
    limits::{DUTIES_PER_PAGE, MAIL_KEYS_PER_PAGE},
    objects::postcard_decode,
};

/// The certificates and duties of a page, as they came and unverified.
#[must_use]
pub fn read_page(page: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    slots(page, DUTIES_PER_PAGE)
}

/// A certificate, a mail key and its KEM key, as they came and unverified.
pub type KeySlot = (Vec<u8>, Vec<u8>, Vec<u8>);

/// The slots of a page, and whether it is the last.
#[must_use]
pub fn read_key_page(page: &[u8]) -> (Vec<KeySlot>, bool) {
    let keys = slots(page, MAIL_KEYS_PER_PAGE);
    let last = keys.len() < MAIL_KEYS_PER_PAGE;
    (keys, last)
}

fn slots<T: Serialize + DeserializeOwned>(page: &[u8], most: usize) -> Vec<T> {
    let slot = |slot: &[u8]| {
        let (length, rest) = slot.split_first_chunk::<2>()?;
        let encoded = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
        postcard_decode(encoded)
    };
    let slots = page.chunks_exact(BODY_LEN).take(most);
    slots.filter_map(slot).collect()
}
