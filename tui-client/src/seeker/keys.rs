//! Every key of the seeker's screen, once: the help page shows them all, the bar at the bottom the ones of the
//! moment.

use super::{
    model::{Model, Over},
    texts::Texts,
};

/// A key.
pub(crate) struct Key {
    /// How it is written, or the sentence that says how.
    press: &'static str,
    /// What it does.
    pub(crate) name: &'static str,
    /// Whether the bar shows it now.
    now: fn(&Model) -> bool,
}

impl Key {
    /// How it is written on her keyboard.
    pub(crate) fn press(&self, texts: &Texts) -> String {
        if self.press.starts_with("seek-") {
            texts.say(self.press)
        } else {
            self.press.to_owned()
        }
    }
}

/// All; the first ones are shown first where there is little room.
pub(crate) const ALL: [Key; 13] = [
    Key {
        press: "^X",
        name: "seek-key-exit",
        // It stands on the first line of every screen already.
        now: |_| false,
    },
    Key {
        press: "seek-press-enter",
        name: "seek-key-send",
        now: |model| model.writing(),
    },
    Key {
        press: "seek-press-enter",
        name: "seek-key-choose",
        now: |model| !model.writing(),
    },
    Key {
        press: "^Y",
        name: "seek-key-asked",
        now: |model| model.asked.is_some() && model.top() != Some(Over::Asked),
    },
    Key {
        press: "^L",
        name: "seek-key-language",
        now: |model| model.top() != Some(Over::Languages),
    },
    Key {
        press: "^K",
        name: "seek-key-menu",
        now: |model| model.top() != Some(Over::Menu),
    },
    Key {
        press: "seek-press-esc",
        name: "seek-key-back",
        now: |model| !model.over.is_empty(),
    },
    Key {
        press: "Tab",
        name: "seek-key-focus",
        now: |model| model.input().is_some(),
    },
    Key {
        press: "F1",
        name: "seek-key-help",
        now: |model| model.top() != Some(Over::Help),
    },
    Key {
        press: "^J",
        name: "seek-key-newline",
        now: |model| model.writing(),
    },
    Key {
        press: "↑ ↓",
        name: "seek-key-mark",
        now: |model| !model.writing(),
    },
    Key {
        press: "1–9",
        name: "seek-key-number",
        now: |_| false,
    },
    Key {
        press: "PgUp PgDn",
        name: "seek-key-scroll",
        now: |model| model.drawn.more(),
    },
];

/// The keys of the moment, each in one piece, so that a narrow screen leaves whole ones out.
pub(crate) fn now(model: &Model, texts: &Texts) -> Vec<String> {
    ALL.iter()
        .filter(|key| (key.now)(model))
        .map(|key| {
            // Nothing of a notebook is sent to anybody.
            let name = match key.name {
                "seek-key-send" if model.notebook.is_some() => "seek-key-go-on",
                name => name,
            };
            format!("{} {}", key.press(texts), texts.say(name))
        })
        .collect()
}
