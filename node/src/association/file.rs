//! `association.toml`: what an association must not forget.

use std::path::PathBuf;

use hamsa_protocol::objects::Label;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssociationFile {
    pub(super) name: String,
    #[serde(default)]
    pub(super) roster_version: u64,
    #[serde(default)]
    pub(super) homes: Vec<HomeRow>,
    #[serde(default)]
    pub(super) entries: Vec<EntryRow>,
    #[serde(default)]
    pub(super) certificates: Vec<CertificateRow>,
}

impl AssociationFile {
    pub(super) fn named(name: &Label) -> Self {
        Self {
            name: name.to_string(),
            ..Self::default()
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HomeRow {
    pub(super) node: PathBuf,
    pub(super) delegation: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryRow {
    pub(super) address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) association: Option<String>,
    /// The consent of the entry, in base32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lend: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateRow {
    pub(super) serial: String,
    pub(super) certificate: String,
    #[serde(default)]
    pub(super) revoked: bool,
}
