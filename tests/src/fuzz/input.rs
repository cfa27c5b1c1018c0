//! Choices out of bytes: what a fuzzer mutates is read from front to back, and past the end everything is zero,
//! so that every file means something.

/// The bytes that are left.
pub(super) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Up to `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(length.min(self.0.len()));
        self.0 = tail;
        head
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    pub(super) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    pub(super) fn short(&mut self) -> u16 {
        u16::from_be_bytes(self.array())
    }

    /// A number below `bound`, which is at least 1 and at most 65,536.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        if bound <= 256 {
            usize::from(self.byte()) % bound
        } else {
            usize::from(self.short()) % bound
        }
    }

    /// True for one byte in `number`.
    pub(super) fn one_in(&mut self, number: u8) -> bool {
        self.byte().is_multiple_of(number)
    }

    /// A number: mostly small, now and then one of those at which arithmetic breaks.
    pub(super) fn number(&mut self) -> u64 {
        match self.byte() {
            255 => u64::MAX,
            254 => u64::MAX - 1,
            253 => 1 << 63,
            252 => u64::from(u32::MAX) + 1,
            251 => u64::from(u32::MAX),
            250 => u64::from_be_bytes(self.array()),
            249 => u64::from(self.short()),
            small => u64::from(small),
        }
    }

    /// Changes a few bytes of `bytes`; tells whether they differ now.
    pub(super) fn damage(&mut self, bytes: &mut [u8]) -> bool {
        let before = bytes.to_vec();
        for _ in 0..1 + self.below(4) {
            let position = usize::from(self.short()) % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(position) {
                *byte ^= self.byte();
            }
        }
        before != bytes
    }
}
