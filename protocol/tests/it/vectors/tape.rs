//! Randomness that leaves a trace.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use hamsa_protocol::crypto::random::Random;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};

#[derive(Clone, Default)]
pub(crate) struct Tape(Arc<Mutex<Vec<u8>>>);

impl Tape {
    pub(crate) fn hex(&self) -> String {
        hex(&self.0.lock().unwrap())
    }
}

struct Recorder {
    inner: ChaCha20Rng,
    tape: Tape,
}

impl TryRng for Recorder {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("HP1 draws bytes, and numbers of 64 bits")
    }

    /// A number is eight bytes, little-endian.
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.inner.fill_bytes(out);
        self.tape.0.lock().unwrap().extend_from_slice(out);
        Ok(())
    }
}

impl TryCryptoRng for Recorder {}

pub(crate) fn recorded(seed: u64) -> (Random, Tape) {
    let tape = Tape::default();
    let recorder = Recorder {
        inner: ChaCha20Rng::seed_from_u64(seed),
        tape: tape.clone(),
    };
    (Box::new(recorder), tape)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Without the zeros at its end.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    &bytes[..end]
}
