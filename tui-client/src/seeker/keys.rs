//! Every key of the seeker's screen, once: the help page shows them all, the bar at the bottom the ones of the
//! moment.

use super::{
    model::{Overlay, SeekerModel},
    texts::Texts,
    view::SeekerFrame,
};

/// A key.
pub(crate) struct KeyHint {
    /// How it is written, or the sentence that says how.
    press: &'static str,
    /// What it does.
    name: &'static str,
    /// Whether the bar shows it now.
    now: fn(&SeekerModel, &SeekerFrame) -> bool,
}

impl KeyHint {
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
pub(crate) const ALL: [KeyHint; 15] = [
    KeyHint {
        press: "^X",
        name: "seek-key-exit",
        // It stands on the first line of every screen already.
        now: |_, _| false,
    },
    KeyHint {
        press: "seek-press-enter",
        name: "seek-key-send",
        // After the end it leads on from an empty line only.
        now: |model, _| model.writing() && (model.ended.is_none() || model.words.is_blank()),
    },
    KeyHint {
        press: "seek-press-enter",
        name: "seek-key-choose",
        now: |model, _| !model.writing(),
    },
    KeyHint {
        press: "^Y",
        name: "seek-key-asked",
        now: |model, _| model.asked.is_some() && model.top() != Some(Overlay::Asked),
    },
    KeyHint {
        press: "PgDn",
        name: "seek-key-read-on",
        // Where Enter reads on, or where the way back needs the room, the sign at the edge has to do.
        now: |model, drawn| {
            let room = !model.writing() || model.over.is_empty();
            drawn.below > 0 && !drawn.newest && !drawn.reads_on && room
        },
    },
    KeyHint {
        press: "seek-press-esc",
        name: "seek-key-back",
        // In a talk it leads back to the newest words.
        now: |model, drawn| !model.over.is_empty() || (drawn.newest && drawn.below > 0),
    },
    KeyHint {
        press: "Tab",
        name: "seek-key-focus",
        now: |model, _| model.writing(),
    },
    KeyHint {
        press: "Tab",
        name: "seek-key-write",
        now: |model, _| model.input().is_some() && !model.writing(),
    },
    KeyHint {
        press: "^K",
        name: "seek-key-menu",
        now: |model, _| model.top() != Some(Overlay::Menu),
    },
    KeyHint {
        press: "PgUp PgDn",
        name: "seek-key-scroll",
        now: |_, drawn| drawn.newest && drawn.more(),
    },
    KeyHint {
        press: "^L",
        name: "seek-key-language",
        now: |model, _| !model.choosing_a_language(),
    },
    KeyHint {
        press: "F1",
        name: "seek-key-help",
        now: |model, _| model.top() != Some(Overlay::Help),
    },
    KeyHint {
        press: "^J",
        name: "seek-key-newline",
        now: |model, _| model.writing(),
    },
    KeyHint {
        press: "↑ ↓",
        name: "seek-key-mark",
        now: |model, _| !model.writing(),
    },
    KeyHint {
        press: "1–9",
        name: "seek-key-number",
        now: |_, _| false,
    },
];

/// The keys of the moment, each in one piece, so that a narrow screen leaves whole ones out.
pub(crate) fn now(model: &SeekerModel, drawn: &SeekerFrame, texts: &Texts) -> Vec<String> {
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
