//! The languages of the faces: their texts, and which language a face speaks.
//!
//! The texts stand in Fluent files in `locales`. Their keys are the variants of [`Text`], which `build.rs` makes
//! from the English files.

mod language;
mod locale;
mod texts;

pub(crate) use language::{chosen, is_yes, language};
pub(crate) use locale::Catalog;
pub use locale::Locale;
pub use texts::Texts;

include!(concat!(env!("OUT_DIR"), "/text_keys.rs"));

impl Text {
    /// The key of this text.
    pub(crate) fn key(self) -> &'static str {
        KEYS.get(self as usize).map_or("", |(_, key)| key)
    }

    /// The text of a code, such as that of an error; `None` where the code is not known.
    pub(crate) fn coded(prefix: &str, code: &str) -> Option<Self> {
        let key = format!("{prefix}-{}", code.replace('_', "-"));
        KEYS.iter()
            .find(|(_, known)| *known == key)
            .map(|(text, _)| *text)
    }
}
