//! What the crate promises to the outside: that docs/protocol.md says the same as the code.

// Marked, so that helpers count as tests where the lints make a difference.
#[cfg(test)]
mod law;
#[cfg(test)]
mod source;
#[cfg(test)]
mod vectors;
