//! Byte arrays longer than serde's own arrays, refused when the length differs.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Exactly `N` bytes on the heap; encoded as a length and the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes<const N: usize>(pub Box<[u8; N]>);

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bytes({N})")
    }
}

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_slice())
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<const N: usize>;
        impl<const N: usize> de::Visitor<'_> for Visitor<N> {
            type Value = Bytes<N>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{N} bytes")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                let array: [u8; N] = bytes
                    .try_into()
                    .map_err(|_| E::invalid_length(bytes.len(), &self))?;
                Ok(Bytes(Box::new(array)))
            }
        }
        deserializer.deserialize_bytes(Visitor::<N>)
    }
}
