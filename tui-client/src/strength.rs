//! Whether a new passphrase is good enough, and one that is. Only new vaults and notebooks ask: what exists, opens.

use zxcvbn::{Score, feedback::Warning, zxcvbn};

/// Least score of a new passphrase: what the estimate calls safe against an attacker who has the file and tries fast, with
/// Argon2id making each try slow besides.
const SCORE_MIN: Score = Score::Three;
/// Words of a passphrase that is offered: 66 bits.
const WORDS: usize = 6;
/// Bits of a word's number: the list has 2,048 words.
const WORD_BITS: u16 = 0x7ff;

/// Fewer digits than these, and nothing else, are a telephone number or a date: few enough to try them all.
const DIGITS_MIN: usize = 16;
/// What is tried first where Hamsa is used, beside what the estimate knows.
const KNOWN_HERE: &[&str] = &[
    "motdepasse",
    "passe",
    "secret",
    "bonjour",
    "maroc",
    "morocco",
    "maghrib",
    "rabat",
    "casablanca",
    "casa",
    "marrakech",
    "tanger",
    "agadir",
    "meknes",
    "oujda",
    "salam",
    "bismillah",
    "inchallah",
    "hamdoulilah",
    "mohamed",
    "mohammed",
    "ahmed",
    "fatima",
    "khadija",
    "hamsa",
    "كلمة",
    "السر",
    "كلمةالسر",
    "المرور",
    "كلمةالمرور",
    "سري",
    "المغرب",
    "الرباط",
    "مراكش",
    "طنجة",
    "السلامعليكم",
    "بسمالله",
    "انشاءالله",
    "الحمدلله",
    "محمد",
    "احمد",
    "فاطمة",
    "خديجة",
    "مرحبا",
];
/// Keys of a French and of an Arabic keyboard, with what the same keys are on an American one; and the Arabic alphabet in
/// its order, with letters that follow each other.
const LAYOUTS: [(&str, &str); 3] = [
    ("azqwmAZQWM&é\"'(-è_çà", "qwaz;QWAZ:1234567890"),
    (
        "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظ",
        "qwertyuiop[]asdfghjkl;'zxcvnm,./",
    ),
    ("اأبتثجحخدذرزسشصضطظعغفقكلمن", "aabcdefghijklmnopqrstuvwxy"),
];

/// Why a passphrase is too weak. It never names the passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakness {
    /// Many people have it, or one like it.
    Common,
    /// Keys that stand side by side.
    Keyboard,
    /// The same again and again.
    Repeated,
    /// `abc`, `123`.
    Sequence,
    /// A date or a year.
    Date,
    /// A name.
    Name,
    /// One word.
    Word,
    /// Too little of anything.
    Short,
}

impl Weakness {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 8] = [
        Self::Common,
        Self::Keyboard,
        Self::Repeated,
        Self::Sequence,
        Self::Date,
        Self::Name,
        Self::Word,
        Self::Short,
    ];

    /// A stable name, for its sentences.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Keyboard => "keyboard",
            Self::Repeated => "repeated",
            Self::Sequence => "sequence",
            Self::Date => "date",
            Self::Name => "name",
            Self::Word => "word",
            Self::Short => "short",
        }
    }
}

impl From<Warning> for Weakness {
    fn from(warning: Warning) -> Self {
        match warning {
            Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
                Self::Keyboard
            }
            Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Self::Repeated,
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword => Self::Common,
            Warning::SequencesLikeAbcAreEasyToGuess => Self::Sequence,
            Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Self::Date,
            Warning::AWordByItselfIsEasyToGuess => Self::Word,
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess => Self::Name,
        }
    }
}

/// Why a passphrase is too weak; `None` when it is good. The estimate knows English and an American keyboard: so it is also
/// asked about the same without blanks, and about the same keys on that keyboard. The worst answer counts.
pub(crate) fn weakness(passphrase: &str) -> Option<Weakness> {
    let joined: String = passphrase
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    let moved = LAYOUTS.map(|(from, to)| moved(&joined, from, to));
    let forms = [passphrase, &joined]
        .into_iter()
        .chain(moved.iter().map(String::as_str));
    let estimates = forms.map(|form| zxcvbn(form, KNOWN_HERE));
    let worst = estimates.min_by_key(zxcvbn::Entropy::guesses)?;
    if worst.score() < SCORE_MIN {
        let why = worst.feedback().and_then(|feedback| feedback.warning());
        return Some(why.map_or(Weakness::Short, Into::into));
    }
    let few = joined.chars().count() < DIGITS_MIN && joined.chars().all(char::is_numeric);
    few.then_some(Weakness::Short)
}

/// The same keys on another keyboard, or the same places in another alphabet.
fn moved(text: &str, from: &str, to: &str) -> String {
    let other = |letter| {
        let pair = from.chars().zip(to.chars()).find(|(here, _)| *here == letter);
        pair.map_or(letter, |(_, there)| there)
    };
    text.chars().map(other).collect()
}

/// Random words of the list that phrases use, to choose from.
pub(crate) fn offered() -> Option<String> {
    let list = bip39::Language::French.word_list();
    let mut random = [0_u8; 2 * WORDS];
    getrandom::fill(&mut random).ok()?;
    let words = random.as_chunks::<2>().0.iter().map(|pair| {
        let number = u16::from_be_bytes(*pair) & WORD_BITS;
        list.get(usize::from(number)).copied()
    });
    let words: Option<Vec<&str>> = words.collect();
    // The list has accents as characters of their own; composed, they are what a keyboard gives.
    words.map(|words| hamsa_protocol::text::name(&words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_ones_have_a_reason_and_good_ones_pass() {
        for (weak, why) in [
            ("", Weakness::Short),
            ("a", Weakness::Short),
            ("12345678", Weakness::Common),
            ("password1", Weakness::Common),
            ("azertyuiop", Weakness::Common),
            ("nour2024", Weakness::Date),
            ("qwertyqwerty", Weakness::Repeated),
            ("aaaaaaaaaaaa", Weakness::Repeated),
            ("bcdefghijk", Weakness::Sequence),
            ("٠٦٦١٨٣٧٢٩٤", Weakness::Short),
        ] {
            assert_eq!(weakness(weak), Some(why), "{weak}");
        }
        for weak in [
            "14.03.1987",
            "06 12 34 56 78",
            "azertyuiopqsdfghjklm",
            "ضصثقفغعهخحجد",
            "أبتثجحخدذرزسشصضطظعغفق",
            "محمد محمد محمد",
            "mot de passe",
            "Mot de passe 1",
            "كلمة السر",
            "Maroc2026!",
            "السلام عليكم",
            "Casablanca-2025",
        ] {
            assert!(weakness(weak).is_some(), "{weak}");
        }
        for good in [
            "correct horse battery staple atlas",
            "léna a été là hier",
            "a lantern, seven figs and the long way home",
            "une phrase, عربية too",
        ] {
            assert_eq!(weakness(good), None, "{good}");
        }
        let offered = offered().unwrap();
        assert_eq!(offered.split(' ').count(), WORDS);
        assert_eq!(weakness(&offered), None);
    }
}
