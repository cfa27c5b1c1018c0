//! How many files, sockets included, this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of open files to what the system allows this process, and tells what it is now.
/// A limit that cannot be raised stays: the program goes on with less.
#[must_use]
pub fn raise_open_files() -> usize {
    let before = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: before.maximum,
        maximum: before.maximum,
    };
    let now = match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => before.maximum,
        Err(_) => before.current,
    };
    // No limit at all: what an integer holds.
    now.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_what_the_system_allows() {
        let files = raise_open_files();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert_eq!(
            limit
                .current
                .map_or(usize::MAX, |files| files.try_into().unwrap()),
            files
        );
        assert_eq!(raise_open_files(), files, "a second time changes nothing");
    }
}
