//! What the crate promises to the outside: that docs/protocol.md says the same as the code, that its vectors hold, and
//! that the documents lead to what exists.

// Marked, so that helpers count as tests where the lints make a difference.
#[cfg(test)]
mod law;
#[cfg(test)]
mod links;
#[cfg(test)]
mod source;
#[cfg(test)]
mod vectors;
