//! Every key of the seeker's screen, once: the help page shows them all, the bar at the bottom the ones of the
//! moment.

use self::Press::{Named, Sign};
use super::{
    model::{SeekerFrame, SeekerModel},
    screen::Overlay,
};
use crate::i18n::{
    Text::{self, *},
    Texts,
};

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

const fn key(press: Press, name: Text, now: fn(&SeekerModel, &SeekerFrame) -> bool) -> KeyHint {
    KeyHint { press, name, now }
}

impl KeyHint {
    /// How it is written on a keyboard of this language.
    pub(crate) fn press(&self, texts: &Texts) -> String {
        match self.press {
            Sign(sign) => sign.to_owned(),
            Named(name) => texts.say(name),
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
    // It stands on the first line of every screen already.
    key(Sign("^X"), SeekKeyExit, |_, _| false),
    // After the end it leads on from an empty line only.
    key(Named(SeekPressEnter), SeekKeySend, |model, _| {
        model.writing() && (!model.ended() || model.words.is_blank())
    }),
    key(Named(SeekPressEnter), SeekKeyChoose, |model, _| !model.writing()),
    key(Sign("^Y"), SeekKeyAsked, |model, _| {
        model.asked.is_some() && model.top() != Some(Overlay::Asked)
    }),
    // Where Enter reads on, or where the way back needs the room, the sign at the edge has to do.
    key(Sign("PgDn"), SeekKeyReadOn, |model, drawn| {
        let room = !model.writing() || model.overlays.is_empty();
        drawn.below > 0 && !drawn.newest && !drawn.reads_on && room
    }),
    // In a talk it leads back to the newest words.
    key(Named(SeekPressEsc), SeekKeyBack, |model, drawn| {
        !model.overlays.is_empty() || (drawn.newest && drawn.below > 0)
    }),
    key(Sign("Tab"), SeekKeyFocus, |model, _| model.writing()),
    key(Sign("Tab"), SeekKeyWrite, |model, _| {
        model.input().is_some() && !model.writing()
    }),
    key(Sign("^K"), SeekKeyMenu, |model, _| {
        model.top() != Some(Overlay::Menu)
    }),
    key(Sign("PgUp PgDn"), SeekKeyScroll, |_, drawn| {
        drawn.newest && drawn.more()
    }),
    key(Sign("^L"), SeekKeyLanguage, |model, _| {
        !model.choosing_a_language()
    }),
    key(Sign("F1"), SeekKeyHelp, |model, _| {
        model.top() != Some(Overlay::Help)
    }),
    key(Sign("^J"), SeekKeyNewline, |model, _| model.writing()),
    key(Sign("↑ ↓"), SeekKeyMark, |model, _| !model.writing()),
    key(Sign("1–9"), SeekKeyNumber, |_, _| false),
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
