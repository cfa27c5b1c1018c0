//! Every key of the seeker's screen, once: the help page shows them all, the bar at the bottom the ones of the
//! moment.

use super::{
    model::{Model, Over},
    texts::Texts,
    view::Drawn,
};

/// A key.
pub(crate) struct Key {
    /// How it is written, or the sentence that says how.
    press: &'static str,
    /// What it does.
    name: &'static str,
    /// Whether the bar shows it now.
    now: fn(&Model, &Drawn) -> bool,
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

    /// What it does, with where it does it: on the help page a key stands with all its meanings. `None` where the row
    /// before says it too.
    pub(crate) fn explained(&self, texts: &Texts) -> Option<String> {
        Some(texts.say(match self.name {
            "seek-key-send" => "seek-help-send",
            "seek-key-choose" => "seek-help-choose",
            "seek-key-read-on" => "seek-help-read-on",
            "seek-key-scroll" => "seek-help-scroll",
            "seek-key-focus" => "seek-help-focus",
            "seek-key-write" => return None,
            name => name,
        }))
    }
}

/// All; the first ones are shown first where there is little room. What leads out of a page and on in it comes before
/// what can be reached in another way.
pub(crate) const ALL: [Key; 15] = [
    Key {
        press: "^X",
        name: "seek-key-exit",
        // It stands on the first line of every screen already.
        now: |_, _| false,
    },
    Key {
        press: "seek-press-enter",
        name: "seek-key-send",
        // After the end it leads on from an empty line only.
        now: |model, _| model.writing() && (model.ended.is_none() || model.words.is_blank()),
    },
    Key {
        press: "seek-press-enter",
        name: "seek-key-choose",
        now: |model, _| !model.writing(),
    },
    Key {
        press: "^Y",
        name: "seek-key-asked",
        now: |model, _| model.asked.is_some() && model.top() != Some(Over::Asked),
    },
    Key {
        press: "PgDn",
        name: "seek-key-read-on",
        // Where Enter reads on, or where the way back needs the room, the sign at the edge has to do.
        now: |model, drawn| {
            let room = !model.writing() || model.over.is_empty();
            drawn.below > 0 && !drawn.newest && !drawn.reads_on && room
        },
    },
    Key {
        press: "seek-press-esc",
        name: "seek-key-back",
        // In a talk it leads back to the newest words.
        now: |model, drawn| !model.over.is_empty() || (drawn.newest && drawn.below > 0),
    },
    Key {
        press: "Tab",
        name: "seek-key-focus",
        now: |model, _| model.writing(),
    },
    Key {
        press: "Tab",
        name: "seek-key-write",
        now: |model, _| model.input().is_some() && !model.writing(),
    },
    Key {
        press: "^K",
        name: "seek-key-menu",
        now: |model, _| model.top() != Some(Over::Menu),
    },
    Key {
        press: "PgUp PgDn",
        name: "seek-key-scroll",
        now: |_, drawn| drawn.newest && drawn.more(),
    },
    Key {
        press: "^L",
        name: "seek-key-language",
        now: |model, _| !model.choosing_a_language(),
    },
    Key {
        press: "F1",
        name: "seek-key-help",
        now: |model, _| model.top() != Some(Over::Help),
    },
    Key {
        press: "^J",
        name: "seek-key-newline",
        now: |model, _| model.writing(),
    },
    Key {
        press: "↑ ↓",
        name: "seek-key-mark",
        now: |model, _| !model.writing(),
    },
    Key {
        press: "1–9",
        name: "seek-key-number",
        now: |_, _| false,
    },
];

/// The keys of the moment, each in one piece, so that a narrow screen leaves whole ones out.
pub(crate) fn now(model: &Model, drawn: &Drawn, texts: &Texts) -> Vec<String> {
    ALL.iter()
        .filter(|key| (key.now)(model, drawn))
        .map(|key| {
            // Nothing of a notebook is sent to anybody.
            let name = match key.name {
                "seek-key-send" if model.notebook.is_some() || model.ended.is_some() => "seek-key-go-on",
                name => name,
            };
            format!("{} {}", key.press(texts), texts.say(name))
        })
        .collect()
}
