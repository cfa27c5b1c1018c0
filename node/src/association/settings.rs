//! `settings.toml`: name, hours and texts of the association.

use std::{collections::BTreeMap, fmt::Display, path::Path};

use hamsa_protocol::{
    objects::{LocalTexts, Settings},
    text::{prose, word},
};
use serde::{Deserialize, Deserializer, de::Error};

use super::{Association, AssociationError, label};
use crate::files;

/// Its name in the association's directory.
const SETTINGS: &str = "settings.toml";

/// `settings.toml`, as the association writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    name: Option<String>,
    chats_at_once: Option<u8>,
    #[serde(default)]
    texts: BTreeMap<String, TextsFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TextsFile {
    hours: ShownText,
    confidentiality: ShownText,
    danger: ShownText,
    legal: ShownText,
    services: ShownText,
}

/// Text that seekers are shown.
#[derive(Debug, Default)]
struct ShownText(String);

impl<'de> Deserialize<'de> for ShownText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(D::Error::custom(
                "a letter was lost here and a replacement mark (U+FFFD) stands for it; write the letter again, and save the file as UTF-8",
            ));
        }
        Ok(Self(prose(&text)))
    }
}

/// Stores the settings of the association: those in a file of the operator, if they are right.
///
/// # Errors
/// [`AssociationError`]; what is wrong with the file names that file.
pub fn settings(path: &Path, file: &Path) -> Result<(), AssociationError> {
    let (_changing, association) = Association::change(path)?;
    let text = files::read_given_text(file)?;
    association.read_settings(file, &text)?.encode()?;
    files::write_whole(&path.join(SETTINGS), text.as_bytes(), 0o600)?;
    Ok(())
}

impl Association {
    /// The settings to publish; only the name where the association wrote none.
    pub(super) fn settings(&self) -> Result<Settings, AssociationError> {
        let path = self.path.join(SETTINGS);
        match files::read_if_there(&path)? {
            Some(bytes) => self.read_settings(&path, &files::as_text(&path, &bytes)?),
            None => Ok(Settings::named(label(&self.file.name)?)),
        }
    }

    /// `path`: where the text comes from.
    fn read_settings(&self, path: &Path, text: &str) -> Result<Settings, AssociationError> {
        let wrong = |reason: &dyn Display| AssociationError::Settings {
            path: path.to_owned(),
            reason: reason.to_string(),
        };
        let reader = toml::Deserializer::parse(text).map_err(|error| wrong(&error))?;
        let file: SettingsFile = serde_path_to_error::deserialize(reader)
            .map_err(|error| wrong(&format!("at `{}`: {}", error.path(), error.inner())))?;
        let texts = file
            .texts
            .into_iter()
            .map(|(language, texts)| {
                Ok(LocalTexts {
                    language: word(&language)
                        .unwrap_or_default()
                        .parse()
                        .map_err(|error| AssociationError::Value(format!("texts.{language}: {error}")))?,
                    hours: texts.hours.0,
                    confidentiality: texts.confidentiality.0,
                    danger: texts.danger.0,
                    legal: texts.legal.0,
                    services: texts.services.0,
                })
            })
            .collect::<Result<Vec<_>, AssociationError>>()?;
        let name = file.name.as_deref().unwrap_or(&self.file.name);
        let settings = Settings {
            texts,
            ..Settings::named(label(name)?)
        };
        Ok(Settings {
            chats_at_once: file.chats_at_once.unwrap_or(settings.chats_at_once),
            ..settings
        })
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
