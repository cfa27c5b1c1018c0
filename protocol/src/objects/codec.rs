//! The one encoding of an object: postcard, closed and canonical.

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroize;

/// Encodes a closed postcard object.
#[must_use]
pub fn postcard_encode<T: Serialize>(value: &T) -> Vec<u8> {
    // Writing into a growing vector cannot fail, and none of our types refuses to be encoded.
    postcard::to_allocvec(value).unwrap_or_default()
}

/// Decodes one. Trailing bytes are refused, and so is every encoding except that of [`postcard_encode`]: postcard
/// itself accepts numbers with an overlong encoding.
#[must_use]
pub fn postcard_decode<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, []) = postcard::take_from_bytes::<T>(bytes).ok()? else {
        return None;
    };
    let mut again = postcard_encode(&value);
    let same = again == bytes;
    // Wipe the copy: the value may be the sealed message of a seeker.
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
        // The same number in an overlong encoding.
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
