//! Randomness as the machines see it: given by the caller, so that a run can be replayed.
//!
//! A program gives the operating system's generator, and a simulator gives a seeded one. No machine keeps a
//! generator whose state would reveal what it drew before.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A source of secret randomness.
pub type Random = Box<dyn CryptoRng + Send>;

/// `N` fresh bytes, wiped when dropped.
pub fn secret<const N: usize>(random: &mut Random) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    random.fill_bytes(bytes.as_mut());
    bytes
}

/// `N` fresh bytes that will be public.
pub fn public<const N: usize>(random: &mut Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill_bytes(&mut bytes);
    bytes
}

/// A number below `bound`, without bias; 0 for a bound of 0.
pub fn below(random: &mut Random, bound: usize) -> usize {
    let Ok(bound) = u64::try_from(bound) else {
        return 0;
    };
    if bound == 0 {
        return 0;
    }
    // Rejection sampling: numbers above the last whole multiple of `bound` would favour the small ones.
    let limit = u64::MAX - (u64::MAX % bound);
    loop {
        let draw = random.next_u64();
        if draw < limit {
            return usize::try_from(draw % bound).unwrap_or(0);
        }
    }
}

/// Puts `items` in a random order (Fisher–Yates).
pub fn shuffle<T>(random: &mut Random, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        let other = below(random, last + 1);
        items.swap(last, other);
    }
}
