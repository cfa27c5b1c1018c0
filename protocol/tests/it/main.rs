//! What the crate promises to the outside: that docs/protocol.md says the same as the code.

mod law;
