//! What has to be done to Arabic, which depends on what this terminal does by itself.
//!
//! It is chosen for one run, at the start or by the [calibration](super::calibration), and never saved.

use std::fmt;

use clap::ValueEnum;

/// What shapes Arabic letters, and what puts right-to-left words in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Strategy {
    /// We do both: for terminals that draw cell by cell, left to right (xterm, foot, Alacritty, the console).
    #[default]
    Visual,
    /// We order the words, the terminal shapes and turns each one: for those that draw runs of letters with a
    /// font engine but know nothing of paragraphs (kitty).
    Words,
    /// The terminal does both: it gets logical order (GNOME Terminal and others on VTE, Konsole, mlterm, Apple's).
    Terminal,
    /// Nothing does: logical order, nothing moved to the right; for Braille, screen readers and pipes.
    Off,
}

impl Strategy {
    /// Every one, in the order in which they are tried.
    pub const ALL: [Self; 4] = [Self::Visual, Self::Words, Self::Terminal, Self::Off];

    /// What this terminal most likely needs, by what it says of itself. The first one is only a guess: the person's
    /// own eyes decide.
    #[must_use]
    pub fn guess(variable: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(said) = Self::said(&variable) {
            return said;
        }
        let is = |name: &str, wanted: &str| variable(name).is_some_and(|value| value.starts_with(wanted));
        // Bidi came into VTE with 0.58, on by default.
        let vte = variable("VTE_VERSION").and_then(|version| version.parse::<u32>().ok());
        if vte.is_some_and(|version| version >= 5_800)
            || variable("KONSOLE_VERSION").is_some()
            || is("TERM", "mlterm")
            || is("TERM_PROGRAM", "Apple_Terminal")
        {
            Self::Terminal
        } else if is("TERM", "xterm-kitty") || variable("KITTY_WINDOW_ID").is_some() {
            Self::Words
        } else if is("TERM", "dumb") {
            Self::Off
        } else {
            Self::Visual
        }
    }

    /// Whether it was said and need not be guessed.
    #[must_use]
    pub fn told(variable: impl Fn(&str) -> Option<String>) -> bool {
        Self::said(&variable).is_some()
    }

    fn said(variable: &impl Fn(&str) -> Option<String>) -> Option<Self> {
        Self::from_str(&variable("HAMSA_ARABIC")?, false).ok()
    }

    /// Whether rows of a right-to-left paragraph stand at the right edge.
    pub(crate) const fn moves_right(self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Whether rows leave us in the order the eye reads.
    pub(super) const fn reorders(self) -> bool {
        matches!(self, Self::Visual | Self::Words)
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        formatter.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(variables: &[(&str, &str)]) -> Strategy {
        Strategy::guess(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_terminal_is_known_by_what_it_says_of_itself() {
        assert_eq!(guess(&[]), Strategy::Visual);
        assert_eq!(guess(&[("TERM", "xterm-256color")]), Strategy::Visual);
        assert_eq!(guess(&[("VTE_VERSION", "7600")]), Strategy::Terminal);
        assert_eq!(guess(&[("VTE_VERSION", "5202")]), Strategy::Visual);
        assert_eq!(guess(&[("TERM", "xterm-kitty")]), Strategy::Words);
        assert_eq!(guess(&[("TERM", "dumb")]), Strategy::Off);
        assert_eq!(
            guess(&[("VTE_VERSION", "7600"), ("HAMSA_ARABIC", "off")]),
            Strategy::Off
        );
        assert_eq!(guess(&[("HAMSA_ARABIC", "sideways")]), Strategy::Visual);
    }

    #[test]
    fn what_was_said_is_told_from_what_is_guessed() {
        let told =
            |value: &'static str| Strategy::told(|name| (name == "HAMSA_ARABIC").then(|| value.to_owned()));
        assert!(told("words") && !told("sideways"));
        assert!(!Strategy::told(|_| None));
    }

    #[test]
    fn names_go_there_and_back() {
        for strategy in Strategy::ALL {
            assert_eq!(Strategy::from_str(&strategy.to_string(), false), Ok(strategy));
        }
        assert!(Strategy::from_str("Visual", false).is_err());
    }
}
