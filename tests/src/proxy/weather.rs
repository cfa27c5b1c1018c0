//! What a line is like, and how that changes.

use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// How a line treats what passes. The default is a good one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weather {
    /// Who calls is refused at once.
    pub refuse: bool,
    /// Each byte needs so long, in each direction.
    pub delay: Duration,
    /// Each direction takes no more than this.
    pub bytes_per_second: Option<u32>,
    /// Nothing goes to the node until this is over; nothing is lost.
    pub hold_to_node: bool,
    /// Nothing comes back from the node until this is over; nothing is lost.
    pub hold_to_caller: bool,
}

impl Weather {
    /// Nobody gets through; combine it with a cut.
    #[must_use]
    pub fn refusing() -> Self {
        Self {
            refuse: true,
            ..Self::default()
        }
    }

    /// A line that carries nothing, and does not say so.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            hold_to_node: true,
            hold_to_caller: true,
            ..Self::default()
        }
    }

    /// What is said still arrives; the answers do not come back.
    #[must_use]
    pub fn deaf() -> Self {
        Self {
            hold_to_caller: true,
            ..Self::default()
        }
    }

    /// Nothing is heard there any more; what comes from there still arrives.
    #[must_use]
    pub fn mute() -> Self {
        Self {
            hold_to_node: true,
            ..Self::default()
        }
    }

    /// A slow line.
    #[must_use]
    pub fn slow(delay: Duration) -> Self {
        Self {
            delay,
            ..Self::default()
        }
    }

    /// A narrow one.
    #[must_use]
    pub fn narrow(bits_per_second: u32) -> Self {
        Self {
            bytes_per_second: Some(bits_per_second / 8),
            ..Self::default()
        }
    }
}

/// Choices of chance that can be made again from their seed.
pub struct Storm {
    random: ChaCha20Rng,
}

impl Storm {
    /// The same seed makes the same choices.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: ChaCha20Rng::seed_from_u64(seed),
        }
    }

    /// A number below `most`.
    pub fn below(&mut self, most: u64) -> u64 {
        self.random.next_u64() % most.max(1)
    }

    /// A time between the two.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = most.saturating_sub(least).as_millis();
        least + Duration::from_millis(self.below(u64::try_from(span).unwrap_or(u64::MAX)))
    }

    /// Bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.random.fill_bytes(&mut bytes);
        bytes
    }
}
