//! What a node must not forget: the number of its starts, the sums of the survey, the last known hour, and what its
//! association gave it.

use std::{collections::BTreeMap, path::PathBuf};

use hamsa_protocol::{
    crypto::keys::{RootKey, VerifyKey},
    home::Survey,
    objects::{Delegation, ROSTER_AHEAD, Roster, RosterId, Signed, postcard_decode, postcard_encode},
    time::Unix,
};
use serde::{Deserialize, Serialize};

use crate::{
    clock::{HOUR, Verdict, judge},
    directory::{DirectoryError, NodeDirectory},
    files::{self, FileBefore},
    publication::Publication,
};

/// The file of what a home served last.
const SERVED: &str = "publication.served";

/// What must survive a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeState {
    /// Number of starts.
    pub boot: u32,
    /// No descriptor with a higher version was ever signed. A running node writes one that it has not come to yet.
    pub descriptor: u64,
    /// Of each association that this node was a home of, by its root's key: the highest roster that counted here.
    pub rosters: BTreeMap<[u8; 32], RosterId>,
}

impl NodeState {
    /// The highest roster of a root that counted here.
    #[must_use]
    pub fn highest(&self, root: &RootKey) -> Option<RosterId> {
        self.rosters.get(&root.0.to_bytes()).copied()
    }

    /// From now on no lower roster of this root counts.
    pub fn raise(&mut self, root: &RootKey, roster: RosterId) {
        let kept = self.rosters.entry(root.0.to_bytes()).or_insert(roster);
        if kept.order < roster.order {
            *kept = roster;
        }
    }

    /// Whether a roster of this root may count here: it is not ahead of the clock, not lower than the highest one, and not
    /// another one of the same order. The highest one binds whatever the clock says: it was not ahead when it was kept, so
    /// a clock that says so now was set back.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn check_roster(
        &self,
        root: &RootKey,
        roster: &Signed<Roster>,
        now: Unix,
    ) -> Result<(), DirectoryError> {
        let ahead = roster.issued > now + ROSTER_AHEAD;
        if ahead || !roster.order().plausible_at(now) {
            return Err(DirectoryError::RosterAhead {
                dated: roster.issued.max(Unix(roster.version / 1_000)),
                wall: now,
            });
        }
        let offered = roster.id();
        let Some(kept) = self.highest(root) else {
            return Ok(());
        };
        if offered.splits(&kept) {
            return Err(DirectoryError::RosterSplit(kept.order));
        }
        let (offered, kept) = (offered.order, kept.order);
        match offered < kept {
            false => Ok(()),
            true if kept.plausible_at(now) => Err(DirectoryError::RosterOlder { offered, kept }),
            true => Err(DirectoryError::ClockBehindRoster {
                offered,
                kept,
                dated: Unix(kept.version / 1_000),
                wall: now,
            }),
        }
    }
}

/// The file of a delegation.
pub(crate) fn delegation_bytes(root: &RootKey, delegation: &Signed<Delegation>) -> Vec<u8> {
    [root.0.to_bytes().as_slice(), delegation.encoded()].concat()
}

impl NodeDirectory {
    /// Stores a delegation by the root.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn write_delegation(
        &self,
        root: &RootKey,
        delegation: &Signed<Delegation>,
    ) -> Result<(), DirectoryError> {
        let _changing = self.change()?;
        self.put_delegation(root, delegation)
    }

    /// Under the lock.
    fn put_delegation(&self, root: &RootKey, delegation: &Signed<Delegation>) -> Result<(), DirectoryError> {
        let bytes = delegation_bytes(root, delegation);
        Ok(files::write_whole(&self.file("delegation"), &bytes, 0o600)?)
    }

    /// The root and its delegation of this node, if there is one; expired or not.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn delegation(&self) -> Result<Option<(RootKey, Signed<Delegation>)>, DirectoryError> {
        let path = self.file("delegation");
        let Some(bytes) = files::read_if_there(&path)? else {
            return Ok(None);
        };
        let wrong = |reason: String| DirectoryError::Delegation {
            path: path.clone(),
            reason,
        };
        let (root, encoded) = bytes
            .split_first_chunk::<32>()
            .ok_or_else(|| wrong("it is cut off".into()))?;
        let root = RootKey(VerifyKey::from_bytes(root).map_err(|error| wrong(error.to_string()))?);
        let delegation = Signed::<Delegation>::verify(encoded, &root.0, &root.helpline())
            .map_err(|error| wrong(error.to_string()))?;
        if delegation.home_peer != self.identity()?.peer() || delegation.home_x != self.home_key()?.public() {
            return Err(wrong("it is for another node".into()));
        }
        Ok(Some((root, delegation)))
    }

    /// Stores what an association published, unless its roster is refused.
    ///
    /// # Errors
    /// [`DirectoryError`]; nothing was changed.
    pub fn write_publication(&self, publication: &Publication, now: Unix) -> Result<(), DirectoryError> {
        let _changing = self.change()?;
        let mut state = self.state()?;
        // A node that did not run since does not have the last one in its state. A damaged one is replaced.
        if let Ok(Some(last)) = self.publication() {
            state.raise(&last.root, last.roster.id());
        }
        state.check_roster(&publication.root, &publication.roster, now)?;
        publication
            .roster
            .valid_at(now)
            .map_err(|error| DirectoryError::Publication {
                path: self.file("publication"),
                reason: error.into(),
            })?;
        let own = self.identity()?.peer();
        if let Some(delegation) = publication
            .delegations
            .iter()
            .find(|delegation| delegation.home_peer == own)
        {
            self.put_delegation(&publication.root, delegation)?;
        }
        Ok(files::write_whole(
            &self.file("publication"),
            &publication.encode(),
            0o600,
        )?)
    }

    /// Takes a publication out again that a running home refused: what lay there before lies there again.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub(crate) fn take_back(&self, before: FileBefore, refused: &Publication) -> Result<(), DirectoryError> {
        let _changing = self.change()?;
        Ok(before.put_back(&refused.encode())?)
    }

    /// What was published last, if anything was.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn publication(&self) -> Result<Option<Publication>, DirectoryError> {
        self.publication_in("publication")
    }

    /// What this home served last. It counts at a start where what lies in `publication` is refused.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub(crate) fn served(&self) -> Result<Option<Publication>, DirectoryError> {
        self.publication_in(SERVED)
    }

    /// Keeps what this home serves.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub(crate) fn write_served(&self, publication: &[u8]) -> Result<(), DirectoryError> {
        Ok(files::write_whole(&self.file(SERVED), publication, 0o600)?)
    }

    fn publication_in(&self, name: &str) -> Result<Option<Publication>, DirectoryError> {
        let path = self.file(name);
        let Some(bytes) = files::read_if_there(&path)? else {
            return Ok(None);
        };
        let publication =
            Publication::decode(&bytes).map_err(|reason| DirectoryError::Publication { path, reason })?;
        Ok(Some(publication))
    }

    /// What must survive a restart.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn state(&self) -> Result<NodeState, DirectoryError> {
        let path = self.file("state");
        match files::read_if_there(&path)? {
            None => Ok(NodeState::default()),
            Some(bytes) => postcard_decode(&bytes).ok_or(DirectoryError::State(path)),
        }
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn write_state(&self, state: &NodeState) -> Result<(), DirectoryError> {
        Ok(files::write_whole(
            &self.file("state"),
            &postcard_encode(state),
            0o600,
        )?)
    }

    /// The sums of the three questions. A damaged file is put aside, and the sums start from zero.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn survey(&self) -> Result<Survey, DirectoryError> {
        let path = self.file("survey");
        let Some(bytes) = files::read_if_there(&path)? else {
            return Ok(Survey::default());
        };
        if let Some(survey) = Survey::decode(&bytes) {
            return Ok(survey);
        }
        let aside = files::put_aside(&path)?;
        tracing::error!(
            "{} is damaged: the sums of the three questions begin anew. It was put aside as {}; if there is a copy, stop this node, put the copy back and start it again. Check this disk",
            path.display(),
            aside.display()
        );
        Ok(Survey::default())
    }

    /// Keeps them.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn write_survey(&self, survey: &Survey) -> Result<(), DirectoryError> {
        Ok(files::write_whole(&self.file("survey"), &survey.encode(), 0o600)?)
    }

    /// Whether the sums can be read, without touching them.
    pub(crate) fn check_survey(&self) -> Result<(), String> {
        let path = self.file("survey");
        let bytes = files::read_if_there(&path).map_err(|error| error.to_string())?;
        if bytes.is_none_or(|bytes| Survey::decode(&bytes).is_some()) {
            return Ok(());
        }
        Err(format!(
            "{} is damaged: put back a copy of it, or else its sums begin anew at the next start",
            path.display()
        ))
    }

    /// Where the last known hour is kept.
    #[must_use]
    pub(crate) fn clock(&self) -> PathBuf {
        self.file("clock")
    }

    /// The hour in which this node last knew the date. An invalid file counts as missing.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub(crate) fn kept_hour(&self) -> Result<Option<Unix>, DirectoryError> {
        let bytes = files::read_if_there(&self.clock())?;
        let hours = bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse::<u64>().ok());
        Ok(hours.map(|hours| Unix(hours.saturating_mul(HOUR))))
    }

    /// Keeps the hour of this moment.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub(crate) fn keep_hour(&self, now: Unix) -> Result<(), DirectoryError> {
        let text = format!("{}\n", now.0 / HOUR);
        Ok(files::write_whole(&self.clock(), text.as_bytes(), 0o600)?)
    }

    /// Judges this machine's wall clock by the hour that was kept.
    ///
    /// # Errors
    /// [`DirectoryError::ClockBehind`].
    pub(crate) fn judge_clock(&self, wall: Unix) -> Result<Verdict, DirectoryError> {
        let verdict = judge(self.kept_hour()?, wall);
        match verdict {
            Verdict::Behind(kept) => Err(DirectoryError::ClockBehind {
                wall,
                kept,
                path: self.clock(),
            }),
            Verdict::Right | Verdict::Ahead(_) => Ok(verdict),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hamsa_protocol::{
        crypto::keys::SignKey,
        objects::{Entrances, Settings},
    };

    use super::*;

    const NOW: Unix = Unix(1_800_000_000);
    const DAY: u64 = 86_400;

    /// What an association with this root publishes at this time.
    fn publication(root: u8, at: Unix) -> Publication {
        let root = SignKey::from_bytes(&[root; 32]);
        let settings = Settings::named("A".parse().unwrap()).encode().unwrap();
        let entrances = Entrances::sign(Vec::new(), &root).unwrap();
        let roster = Roster {
            version: at.0 * 1_000,
            issued: at,
            expires: at + Duration::from_secs(7 * DAY),
            certificates: Vec::new(),
            delegations: Vec::new(),
            revoked: Vec::new(),
            settings: Settings::hash(&settings),
            entries: entrances.list.hash(),
        };
        let key = RootKey(root.public());
        Publication {
            root: key,
            roster: Signed::sign(roster, &root, &key.helpline()).unwrap(),
            settings,
            entrances,
            delegations: Vec::new(),
        }
    }

    /// A node that ran with what was published at this time.
    fn ran(root: u8, at: Unix) -> (tempfile::TempDir, NodeDirectory) {
        let folder = tempfile::tempdir().unwrap();
        let directory = NodeDirectory::init(folder.path(), &[], "n").unwrap();
        let published = publication(root, at);
        directory.write_publication(&published, at).unwrap();
        let mut state = directory.state().unwrap();
        state.raise(&published.root, published.roster.id());
        directory.write_state(&state).unwrap();
        (folder, directory)
    }

    #[test]
    fn a_clock_that_was_set_back_lets_no_lower_roster_in() {
        let (folder, directory) = ran(1, NOW);
        // The clock of the root as well: the roster is not ahead of anything.
        for days in [2, 3, 400] {
            let then = Unix(NOW.0 - days * DAY);
            let lower = publication(1, then);
            let error = directory.write_publication(&lower, then).unwrap_err().to_string();
            for words in [
                "The clock was set back",
                "2027-01-15",
                "delete `state` and `publication`",
            ] {
                assert!(error.contains(words), "{error}");
            }
            // Nor where one of the two files is gone.
            for file in ["state", "publication"] {
                let bytes = std::fs::read(folder.path().join(file)).unwrap();
                std::fs::remove_file(folder.path().join(file)).unwrap();
                assert!(
                    directory.write_publication(&lower, then).is_err(),
                    "without {file}"
                );
                std::fs::write(folder.path().join(file), bytes).unwrap();
            }
        }
        // What the sentence says: where the clock was wrong before, it is a way out.
        for file in ["state", "publication"] {
            std::fs::remove_file(folder.path().join(file)).unwrap();
        }
        let then = Unix(NOW.0 - 3 * DAY);
        directory.write_publication(&publication(1, then), then).unwrap();
    }

    #[test]
    fn each_root_has_its_own_highest_roster() {
        let (_folder, directory) = ran(1, NOW);
        // Another association takes the node over, and its rosters are lower.
        let other = publication(2, Unix(NOW.0 - DAY / 2));
        directory.write_publication(&other, NOW).unwrap();
        let mut state = directory.state().unwrap();
        state.raise(&other.root, other.roster.id());
        directory.write_state(&state).unwrap();
        // The first one's is still known.
        let older = publication(1, Unix(NOW.0 - 60));
        let refused = directory.write_publication(&older, NOW);
        assert!(
            matches!(refused, Err(DirectoryError::RosterOlder { .. })),
            "{refused:?}"
        );
        directory
            .write_publication(&publication(1, NOW + Duration::from_secs(1)), NOW)
            .unwrap();
    }

    #[test]
    fn survey_is_secret_and_a_damaged_file_is_put_aside() {
        use std::os::unix::fs::MetadataExt;

        let folder = tempfile::tempdir().unwrap();
        let directory = NodeDirectory::init(folder.path(), &[], "n").unwrap();
        assert_eq!(directory.survey().unwrap(), Survey::default());
        // One month, with 300 who felt heard.
        let bytes = [1, 1, 0xac, 2, 0, 0, 0, 0, 0];
        let survey = Survey::decode(&bytes).unwrap();
        directory.write_survey(&survey).unwrap();
        let path = folder.path().join("survey");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(directory.survey().unwrap(), survey);
        assert_eq!(directory.check_survey(), Ok(()));
        // Twice, so that the second does not take the place of the first.
        for (number, damaged) in [&bytes[1..], b""].into_iter().enumerate() {
            std::fs::write(&path, damaged).unwrap();
            assert!(
                directory
                    .check_survey()
                    .unwrap_err()
                    .contains("survey is damaged")
            );
            assert_eq!(directory.survey().unwrap(), Survey::default());
            assert!(!path.exists());
            let aside = folder.path().join(format!("survey.damaged-{}", number + 1));
            assert_eq!(std::fs::read(aside).unwrap(), damaged);
        }
        // What cannot be read at all is no reason to begin anew.
        std::fs::create_dir(&path).unwrap();
        assert!(directory.survey().unwrap_err().to_string().contains("survey"));
    }
}
