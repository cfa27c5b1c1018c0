//! The one encoding of an object: postcard, closed and canonical.

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroize;

/// Encodes a closed postcard object.
#[must_use]
pub fn postcard_encode<T: Serialize>(value: &T) -> Vec<u8> {
    // Writing into a growing vector has no error of its own, and none of our types refuses to be written.
    postcard::to_allocvec(value).unwrap_or_default()
}

/// Decodes one. Trailing bytes are refused, and so is every encoding but the one that [`postcard_encode`] gives:
/// postcard by itself takes numbers that are written longer than they need be.
#[must_use]
pub fn postcard_decode<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, []) = postcard::take_from_bytes::<T>(bytes).ok()? else {
        return None;
    };
    let mut again = postcard_encode(&value);
    let same = again == bytes;
    // What is decoded here may be somebody's first words.
    again.zeroize();
    same.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_encoding() {
        let object = (5_u64, [1_u8; 4]);
        let bytes = postcard_encode(&object);
        assert_eq!(postcard_decode(&bytes), Some(object));
        // The same number, written longer than it need be.
        let longer = [&[0x85, 0x00], &bytes[1..]].concat();
        assert_eq!(
            postcard::from_bytes(&longer),
            Ok(object),
            "postcard alone takes it"
        );
        assert_eq!(postcard_decode::<(u64, [u8; 4])>(&longer), None);
        assert_eq!(
            postcard_decode::<(u64, [u8; 4])>(&[&bytes[..], &[0]].concat()),
            None
        );
    }
}
