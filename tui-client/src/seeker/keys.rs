//! Every key of the seeker's screen, once: the help page shows them all, the bar at the bottom the ones of the
//! moment.

use super::{
    model::{SeekerFrame, SeekerModel},
    screen::Overlay,
};
use crate::i18n::{Text, Texts};

/// A key.
pub(crate) struct KeyHint {
    /// How it is written.
    press: Press,
    /// What it does.
    name: Text,
    /// Whether the bar shows it now.
    now: fn(&SeekerModel, &SeekerFrame) -> bool,
}

/// How a key is written: with a sign of its own, or with its name in a language.
enum Press {
    Sign(&'static str),
    Named(Text),
}

impl KeyHint {
    /// How it is written on a keyboard of this language.
    pub(crate) fn press(&self, texts: &Texts) -> String {
        match self.press {
            Press::Sign(sign) => sign.to_owned(),
            Press::Named(name) => texts.say(name),
        }
    }

    /// What it does, with where it does it: on the help page a key stands with all its meanings. `None` where the row
    /// before says it too.
    pub(crate) fn explained(&self, texts: &Texts) -> Option<String> {
        Some(texts.say(match self.name {
            Text::SeekKeySend => Text::SeekHelpSend,
            Text::SeekKeyChoose => Text::SeekHelpChoose,
            Text::SeekKeyReadOn => Text::SeekHelpReadOn,
            Text::SeekKeyScroll => Text::SeekHelpScroll,
            Text::SeekKeyFocus => Text::SeekHelpFocus,
            Text::SeekKeyWrite => return None,
            name => name,
        }))
    }
}

/// All; the first ones are shown first where there is little room. What leads out of a page and on in it comes before
/// what can be reached in another way.
pub(crate) const ALL: [KeyHint; 15] = [
    KeyHint {
        press: Press::Sign("^X"),
        name: Text::SeekKeyExit,
        // It stands on the first line of every screen already.
        now: |_, _| false,
    },
    KeyHint {
        press: Press::Named(Text::SeekPressEnter),
        name: Text::SeekKeySend,
        // After the end it leads on from an empty line only.
        now: |model, _| model.writing() && (!model.ended() || model.words.is_blank()),
    },
    KeyHint {
        press: Press::Named(Text::SeekPressEnter),
        name: Text::SeekKeyChoose,
        now: |model, _| !model.writing(),
    },
    KeyHint {
        press: Press::Sign("^Y"),
        name: Text::SeekKeyAsked,
        now: |model, _| model.asked.is_some() && model.top() != Some(Overlay::Asked),
    },
    KeyHint {
        press: Press::Sign("PgDn"),
        name: Text::SeekKeyReadOn,
        // Where Enter reads on, or where the way back needs the room, the sign at the edge has to do.
        now: |model, drawn| {
            let room = !model.writing() || model.overlays.is_empty();
            drawn.below > 0 && !drawn.newest && !drawn.reads_on && room
        },
    },
    KeyHint {
        press: Press::Named(Text::SeekPressEsc),
        name: Text::SeekKeyBack,
        // In a talk it leads back to the newest words.
        now: |model, drawn| !model.overlays.is_empty() || (drawn.newest && drawn.below > 0),
    },
    KeyHint {
        press: Press::Sign("Tab"),
        name: Text::SeekKeyFocus,
        now: |model, _| model.writing(),
    },
    KeyHint {
        press: Press::Sign("Tab"),
        name: Text::SeekKeyWrite,
        now: |model, _| model.input().is_some() && !model.writing(),
    },
    KeyHint {
        press: Press::Sign("^K"),
        name: Text::SeekKeyMenu,
        now: |model, _| model.top() != Some(Overlay::Menu),
    },
    KeyHint {
        press: Press::Sign("PgUp PgDn"),
        name: Text::SeekKeyScroll,
        now: |_, drawn| drawn.newest && drawn.more(),
    },
    KeyHint {
        press: Press::Sign("^L"),
        name: Text::SeekKeyLanguage,
        now: |model, _| !model.choosing_a_language(),
    },
    KeyHint {
        press: Press::Sign("F1"),
        name: Text::SeekKeyHelp,
        now: |model, _| model.top() != Some(Overlay::Help),
    },
    KeyHint {
        press: Press::Sign("^J"),
        name: Text::SeekKeyNewline,
        now: |model, _| model.writing(),
    },
    KeyHint {
        press: Press::Sign("↑ ↓"),
        name: Text::SeekKeyMark,
        now: |model, _| !model.writing(),
    },
    KeyHint {
        press: Press::Sign("1–9"),
        name: Text::SeekKeyNumber,
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
                Text::SeekKeySend if model.notebook.is_some() || model.ended() => Text::SeekKeyGoOn,
                name => name,
            };
            format!("{} {}", key.press(texts), texts.say(name))
        })
        .collect()
}
