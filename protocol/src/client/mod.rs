//! What both client roles share: their side of the home links, and what they believe of the helpline.

pub mod directory;
pub(crate) mod home_links;
pub use home_links::{LinkState, ProvenLink};
