//! What the association says of itself: name, hours, texts, limits. No local text is built into Hamsa. It comes
//! from here, by a hash in the root's roster.

use serde::{Deserialize, Serialize};

use super::{Label, Language, ObjectError};
use crate::{crypto::hash, objects::ObjectHash};

/// Most bytes of encoded settings: 16 records.
pub const SETTINGS_MAX: usize = 32 * 1_024;
/// Most bytes of one text.
pub const TEXT_MAX: usize = 2_000;
/// Most languages with texts.
pub(crate) const TEXT_LANGUAGES_MAX: usize = 6;
/// Most chats a counselor may have at once, whatever the association says.
pub const CHATS_MAX: u8 = 3;

/// Texts in one language; an empty one is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalTexts {
    /// The language.
    pub language: Language,
    /// Opening hours.
    pub hours: String,
    /// Who reads, how long it is kept, the limits of confidentiality.
    pub confidentiality: String,
    /// What to do in danger.
    pub danger: String,
    /// What to know before a complaint.
    pub legal: String,
    /// Local services.
    pub services: String,
}

/// A helpline's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The association's name.
    pub name: Label,
    /// Chats at once per counselor, 1 to 3.
    pub chats_at_once: u8,
    /// Texts by language, the association's own language first.
    pub texts: Vec<LocalTexts>,
}

impl Settings {
    /// Settings with a name and nothing else.
    #[must_use]
    pub const fn named(name: Label) -> Self {
        Self {
            name,
            chats_at_once: 1,
            texts: Vec::new(),
        }
    }

    /// Encodes the settings.
    ///
    /// # Errors
    /// [`ObjectError::Rule`] or [`ObjectError::Length`].
    pub fn encode(&self) -> Result<Vec<u8>, ObjectError> {
        self.check()?;
        let bytes = postcard::to_allocvec(self).map_err(|_| ObjectError::Shape("settings"))?;
        if bytes.len() > SETTINGS_MAX {
            return Err(ObjectError::Length {
                name: "settings",
                max: SETTINGS_MAX,
                got: bytes.len(),
            });
        }
        Ok(bytes)
    }

    /// Takes bytes whose hash is in a verified roster.
    ///
    /// # Errors
    /// [`ObjectError::Signature`] when the hash differs; the others when the bytes are not settings.
    pub fn verify(bytes: &[u8], hash: &ObjectHash) -> Result<Self, ObjectError> {
        if bytes.len() > SETTINGS_MAX {
            return Err(ObjectError::Length {
                name: "settings",
                max: SETTINGS_MAX,
                got: bytes.len(),
            });
        }
        if Self::hash(bytes) != *hash {
            return Err(ObjectError::Signature("settings"));
        }
        let settings: Self = crate::objects::postcard_decode(bytes).ok_or(ObjectError::Shape("settings"))?;
        settings.check()?;
        Ok(settings)
    }

    /// The hash that the roster carries.
    #[must_use]
    pub fn hash(bytes: &[u8]) -> ObjectHash {
        ObjectHash(hash::sha256(&[b"HP1/settings\0", bytes]))
    }

    fn check(&self) -> Result<(), ObjectError> {
        let rule = |expected| {
            Err(ObjectError::Rule {
                name: "settings",
                expected,
            })
        };
        if !(1..=CHATS_MAX).contains(&self.chats_at_once) {
            return rule("1 to 3 chats at once");
        }
        if self.texts.len() > TEXT_LANGUAGES_MAX {
            return rule("texts in at most 6 languages");
        }
        for (number, texts) in self.texts.iter().enumerate() {
            let before = self.texts.iter().take(number);
            if before.into_iter().any(|other| other.language == texts.language) {
                return rule("the texts of a language once");
            }
            for text in [
                &texts.hours,
                &texts.confidentiality,
                &texts.danger,
                &texts.legal,
                &texts.services,
            ] {
                if text.len() > TEXT_MAX {
                    return rule("texts of at most 2,000 bytes each");
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_one_set_of_texts() {
        let texts = |language: &str| LocalTexts {
            language: language.parse().unwrap(),
            hours: String::new(),
            confidentiality: String::new(),
            danger: String::new(),
            legal: String::new(),
            services: String::new(),
        };
        let mut settings = Settings::named("A".parse().unwrap());
        settings.texts = vec![texts("fr"), texts("ar")];
        assert!(settings.encode().is_ok());
        settings.texts.push(texts("fr"));
        assert!(settings.encode().is_err());
    }
}
