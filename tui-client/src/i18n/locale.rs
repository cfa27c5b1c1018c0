//! The languages of a screen.

/// A language of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// French: the first of the menu.
    #[default]
    French,
    /// Arabic script: Darija wording, Standard where Darija has no settled word.
    Arabic,
    /// English.
    English,
    /// Tamazight in Latin letters.
    TamazightLatin,
    /// Tamazight in Tifinagh.
    Tamazight,
}

/// The texts of one face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Catalog {
    /// Of the seeker's pages.
    Seeker,
    /// Of the desk and of the demo.
    Desk,
    /// Of the notebook, and of every command before it has a face.
    Commands,
}

impl Locale {
    /// All, in the order of the menu.
    pub(crate) const ALL: [Self; 5] = [
        Self::French,
        Self::Arabic,
        Self::English,
        Self::TamazightLatin,
        Self::Tamazight,
    ];
    /// Those in which every text stands.
    pub(crate) const WHOLE: [Self; 3] = [Self::French, Self::Arabic, Self::English];

    /// What `--lang` takes and what counselors' certificates carry.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::Arabic => "ar",
            Self::English => "en",
            Self::TamazightLatin => "zgh-latn",
            Self::Tamazight => "zgh",
        }
    }

    /// The locale of a code as people type it; `None` when there is none.
    pub(crate) fn of(code: &str) -> Option<Self> {
        let code = code.to_ascii_lowercase().replace('_', "-");
        match code.as_str() {
            "ary" => Some(Self::Arabic),
            "tzm" | "ber" => Some(Self::TamazightLatin),
            _ => Self::ALL.into_iter().find(|locale| locale.code() == code),
        }
    }

    /// Its name in itself, with its "in part" while some of its texts are shown in another language.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::French => "Français",
            Self::Arabic => "العربية (الدارجة)",
            Self::English => "English",
            Self::TamazightLatin => "Tamaziɣt (kra)",
            Self::Tamazight => "ⵜⴰⵎⴰⵣⵉⵖⵜ (ⴽⵔⴰ)",
        }
    }

    /// The source of its texts; `None` where it has none.
    pub(super) const fn source(self, catalog: Catalog) -> Option<&'static str> {
        Some(match (self, catalog) {
            (Self::French, Catalog::Seeker) => include_str!("locales/fr-seeker.ftl"),
            (Self::French, Catalog::Desk) => include_str!("locales/fr-desk.ftl"),
            (Self::French, Catalog::Commands) => concat!(
                include_str!("locales/fr-notebook.ftl"),
                include_str!("locales/fr-command.ftl")
            ),
            (Self::Arabic, Catalog::Seeker) => include_str!("locales/ar-seeker.ftl"),
            (Self::Arabic, Catalog::Desk) => include_str!("locales/ar-desk.ftl"),
            (Self::Arabic, Catalog::Commands) => concat!(
                include_str!("locales/ar-notebook.ftl"),
                include_str!("locales/ar-command.ftl")
            ),
            (Self::English, Catalog::Seeker) => include_str!("locales/en-seeker.ftl"),
            (Self::English, Catalog::Desk) => include_str!("locales/en-desk.ftl"),
            (Self::English, Catalog::Commands) => concat!(
                include_str!("locales/en-notebook.ftl"),
                include_str!("locales/en-command.ftl")
            ),
            (Self::TamazightLatin, Catalog::Seeker) => include_str!("locales/zgh-latn-seeker.ftl"),
            (Self::Tamazight, Catalog::Seeker) => include_str!("locales/zgh-seeker.ftl"),
            (Self::TamazightLatin | Self::Tamazight, _) => return None,
        })
    }

    /// The code that counselors' certificates carry: a script is no language.
    pub(crate) const fn spoken(self) -> &'static str {
        match self {
            Self::TamazightLatin | Self::Tamazight => "zgh",
            other => other.code(),
        }
    }

    /// Whether it is written from the right.
    pub(crate) const fn is_from_right(self) -> bool {
        matches!(self, Self::Arabic)
    }

    /// A colon as its rows have it; French, and what falls back to it, puts a space before.
    pub(crate) const fn colon(self) -> &'static str {
        match self {
            Self::Arabic | Self::English => ":",
            Self::French | Self::TamazightLatin | Self::Tamazight => "\u{a0}:",
        }
    }

    /// It, and where to look for a text that it does not have. English, the last, has all of them.
    pub(crate) fn chain(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |locale| match locale {
            Self::English => None,
            Self::French => Some(Self::English),
            Self::Arabic | Self::TamazightLatin | Self::Tamazight => Some(Self::French),
        })
    }
}
