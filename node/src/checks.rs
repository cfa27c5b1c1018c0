//! What `check` reports beside the files themselves: modes that let other users change them, and settings that `run` would
//! refuse or that no client could use.

use std::os::unix::fs::MetadataExt;

use crate::{
    config::{Config, ip_of},
    directory::NodeDirectory,
    files,
};

/// Bits of a mode that let others write.
const OTHERS_WRITE: u32 = 0o022;

/// What is wrong there, in words.
pub(crate) fn surroundings(directory: &NodeDirectory) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, mode) in [
        (directory.path().to_owned(), 700),
        (directory.file("node.toml"), 600),
    ] {
        let open = std::fs::metadata(&path).is_ok_and(|there| there.mode() & OTHERS_WRITE != 0);
        if open {
            let path = path.display();
            wrong.push(format!(
                "{path} can be changed by other users of this machine; run `chmod {mode} {path}`"
            ));
        }
    }
    wrong.extend(
        files::try_to_write(directory.path())
            .err()
            .map(|error| error.to_string()),
    );
    if let Ok(config) = directory.config() {
        let path = directory.file("node.toml");
        let unusable = unusable(&config).into_iter();
        wrong.extend(unusable.map(|reason| format!("{}: {reason}", path.display())));
    }
    wrong
}

/// Settings of a configuration with which no client could reach or use the node.
fn unusable(config: &Config) -> Vec<String> {
    let mut wrong = Vec::new();
    if config.listen.is_empty() {
        wrong.push("`listen` is empty: nobody can reach this node".to_owned());
    }
    if config.roles.is_empty() {
        wrong
            .push("`roles` is empty: this node does nothing; give it \"entry\", \"home\" or both".to_owned());
    }
    for listen in config
        .listen
        .iter()
        .filter(|listen| ip_of(listen.trim()).is_none())
    {
        wrong.push(format!(
            "`listen` has {listen}, and a node listens at an IP address, as /ip4/0.0.0.0/tcp/4310; a name belongs into `announce`"
        ));
    }
    let nowhere = |announce: &&String| ip_of(announce.trim()).is_some_and(|ip| ip.is_unspecified());
    for announce in config.announce.iter().filter(nowhere) {
        wrong.push(format!(
            "`announce` has {announce}, where nobody can reach this node; write its address or name"
        ));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn what_others_can_change_or_nobody_can_use_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let directory = NodeDirectory::init(folder.path(), &[], "n").unwrap();
        assert_eq!(surroundings(&directory), Vec::<String>::new());
        let config = directory.file("node.toml");
        fs::set_permissions(&config, fs::Permissions::from_mode(0o666)).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        fs::write(
            &config,
            "listen = [\"/dns4/a.example/tcp/1\"]\nroles = []\nannounce = [\"/ip4/0.0.0.0/tcp/1\", \"/ip6/::/tcp/1\"]",
        )
        .unwrap();
        let wrong = surroundings(&directory);
        let found = |words: &str| {
            assert!(
                wrong.iter().any(|line| line.contains(words)),
                "{words}: {wrong:#?}"
            )
        };
        for words in [
            "chmod 700",
            "chmod 600",
            "a.example",
            "`roles` is empty",
            "/ip4/0.0.0.0/",
            "/ip6/::/",
        ] {
            found(words);
        }
        assert_eq!(wrong.len(), 6, "{wrong:#?}");
        fs::write(&config, "listen = []").unwrap();
        assert!(surroundings(&directory).join("").contains("`listen` is empty"));
    }
}
