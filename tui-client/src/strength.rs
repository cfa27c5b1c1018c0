//! Whether a new passphrase is good enough, and one that is. Only new vaults and notebooks ask: what exists, opens.

use zxcvbn::{Score, feedback::Warning, zxcvbn};

/// Least score of a new passphrase: what the estimate calls safe against somebody who has the file and tries fast, with
/// Argon2id making each try slow besides.
const SCORE_MIN: Score = Score::Three;
/// Words of a passphrase that is offered: 66 bits.
const WORDS: usize = 6;
/// Bits of a word's number: the list has 2,048 words.
const WORD_BITS: u16 = 0x7ff;

/// Why a passphrase is too weak, in English; `None` when it is good. It never names the passphrase.
pub(crate) fn weakness(passphrase: &str) -> Option<String> {
    let estimate = zxcvbn(passphrase, &[]);
    if estimate.score() >= SCORE_MIN {
        return None;
    }
    let why = estimate.feedback().and_then(|feedback| feedback.warning());
    Some(why.map_or_else(
        || "it would be guessed too soon".to_owned(),
        |warning: Warning| warning.to_string().trim_end_matches('.').to_lowercase(),
    ))
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
        for weak in [
            "",
            "a",
            "12345678",
            "password1",
            "azertyuiop",
            "nour2024",
            "qwertyqwerty",
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
