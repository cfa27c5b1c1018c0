//! What is to be said: a file of lines, each by one of the two.

use hamsa_client::api::Words;

/// One of the two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Person {
    /// The one who looks for help.
    Seeker,
    /// The one who answers.
    Counselor,
}

impl Person {
    /// The one on the other side.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Seeker => Self::Counselor,
            Self::Counselor => Self::Seeker,
        }
    }

    /// As it stands in a script and in the transcript.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Seeker => "seeker",
            Self::Counselor => "counselor",
        }
    }
}

/// One line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Who says it.
    pub(crate) by: Person,
    /// What.
    pub(crate) text: Words,
}

/// Most lines of a script: the demo is for looking at, not for load.
const LINES_MAX: usize = 10_000;

/// Why a script was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScriptError {
    /// Not one of the two people.
    #[error("line {0}: expected `seeker: words`, `counselor: words` or a `#` comment")]
    Speaker(usize),
    /// Nothing to say.
    #[error("line {0}: there are no words after the name")]
    Empty(usize),
    /// More than a message may have.
    #[error("line {line}: {bytes} bytes are too long for one message, at most {max}")]
    Long {
        /// The line.
        line: usize,
        /// Its bytes.
        bytes: usize,
        /// The most.
        max: usize,
    },
    /// Nothing at all.
    #[error("the script says nothing; write lines such as `seeker: salam`")]
    Nothing,
    /// Too many lines.
    #[error("the script has more than {LINES_MAX} lines")]
    Lines,
}

/// Reads a script.
pub(crate) fn parse(text: &str) -> Result<Vec<Said>, ScriptError> {
    let mut said = Vec::new();
    for (number, line) in text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
    {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let (name, words) = line.split_once(':').ok_or(ScriptError::Speaker(number))?;
        let by = match name.trim() {
            "seeker" => Person::Seeker,
            "counselor" => Person::Counselor,
            _ => return Err(ScriptError::Speaker(number)),
        };
        // One blank after the colon is the script's; whatever else stands there is hers.
        let words = words.strip_prefix(' ').unwrap_or(words);
        if words.trim().is_empty() {
            return Err(ScriptError::Empty(number));
        }
        let max = crate::composer::MESSAGE_MAX;
        if words.len() > max {
            return Err(ScriptError::Long {
                line: number,
                bytes: words.len(),
                max,
            });
        }
        if said.len() == LINES_MAX {
            return Err(ScriptError::Lines);
        }
        said.push(Said {
            by,
            text: words.into(),
        });
    }
    if said.is_empty() {
        Err(ScriptError::Nothing)
    } else {
        Ok(said)
    }
}

/// Lines of one person in a row: they are sent without waiting, so that their order is worth checking.
pub(crate) fn turns(said: &[Said]) -> impl Iterator<Item = &[Said]> {
    said.chunk_by(|a, b| a.by == b.by)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(by: Person, text: &str) -> Said {
        Said {
            by,
            text: text.into(),
        }
    }

    #[test]
    fn lines_keep_their_bytes_and_comments_are_left_out() {
        let script = "\u{feff}# one\nseeker: سلام: 3afak \n\n  # two\r\ncounselor:  x\r\n";
        let expected = [said(Person::Seeker, "سلام: 3afak "), said(Person::Counselor, " x")];
        assert_eq!(parse(script).unwrap(), expected);
    }

    #[test]
    fn mistakes_name_the_line() {
        assert_eq!(parse("seeker: a\nnobody: b"), Err(ScriptError::Speaker(2)));
        assert_eq!(parse("a"), Err(ScriptError::Speaker(1)));
        assert_eq!(parse("counselor:  "), Err(ScriptError::Empty(1)));
        assert_eq!(parse("# a\n"), Err(ScriptError::Nothing));
        let long = format!("seeker: {}", "x".repeat(16_385));
        assert_eq!(
            parse(&long),
            Err(ScriptError::Long {
                line: 1,
                bytes: 16_385,
                max: 16_384
            })
        );
    }

    #[test]
    fn turns_are_runs_of_one_person() {
        let lines = parse("seeker: a\nseeker: b\ncounselor: c\nseeker: d").unwrap();
        let lengths: Vec<_> = turns(&lines).map(<[Said]>::len).collect();
        assert_eq!(lengths, [2, 1, 1]);
    }

    #[test]
    fn the_example_is_a_script() {
        let example = include_str!("../../../docs/demo-script.txt");
        assert!(parse(example).unwrap().len() >= 10);
    }
}
