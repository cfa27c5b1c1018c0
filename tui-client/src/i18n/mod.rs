//! The languages of the faces: what is said, and which language a face speaks.

mod language;

pub(crate) use language::{chosen, is_yes, language};
