//! Which key of the keyboard was pressed, on a Latin layout and on an Arabic one.
//!
//! A command is a place on the keyboard that is labelled with its Latin letter. With an Arabic layout the same key
//! sends an Arabic letter, alone or with Ctrl where the terminal can send that. Words are never mapped.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The letters of the Arabic (101) layout and the Latin letters of the same keys. `B` is missing as two letters:
/// terminals send it as lam and alef, which are the letters of `G` and `H`.
const ARABIC: [(char, char); 26] = [
    ('ض', 'q'),
    ('ص', 'w'),
    ('ث', 'e'),
    ('ق', 'r'),
    ('ف', 't'),
    ('غ', 'y'),
    ('ع', 'u'),
    ('ه', 'i'),
    ('خ', 'o'),
    ('ح', 'p'),
    ('ش', 'a'),
    ('س', 's'),
    ('ي', 'd'),
    ('ب', 'f'),
    ('ل', 'g'),
    ('ا', 'h'),
    ('ت', 'j'),
    ('ن', 'k'),
    ('م', 'l'),
    ('ئ', 'z'),
    ('ء', 'x'),
    ('ؤ', 'c'),
    ('ر', 'v'),
    ('ﻻ', 'b'),
    ('ى', 'n'),
    ('ة', 'm'),
];

/// The Latin letter or the Western digit of the key that sent `c`, in lower case.
pub(crate) fn latin(c: char) -> char {
    let arabic = ARABIC.iter().find(|(arabic, _)| *arabic == c);
    if let Some((_, latin)) = arabic {
        return *latin;
    }
    match c {
        '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => {
            let digit = u32::from(c) & 0xf;
            char::from_digit(digit, 10).unwrap_or(c)
        }
        '؟' => '?',
        c => c.to_ascii_lowercase(),
    }
}

/// The Latin letter of a key that was pressed together with Ctrl.
pub(crate) fn control(key: &KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => Some(latin(c)),
        _ => None,
    }
}

/// The Latin letter of a key that was pressed alone.
pub(crate) fn letter(key: &KeyEvent) -> Option<char> {
    let held = KeyModifiers::CONTROL | KeyModifiers::ALT;
    match key.code {
        KeyCode::Char(c) if !key.modifiers.intersects(held) => Some(latin(c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_key_on_both_layouts() {
        for (arabic, wanted) in [('م', 'l'), ('ن', 'k'), ('ض', 'q'), ('ى', 'n'), ('غ', 'y')] {
            assert_eq!(latin(arabic), wanted);
            let key = KeyEvent::new(KeyCode::Char(arabic), KeyModifiers::CONTROL);
            assert_eq!((control(&key), letter(&key)), (Some(wanted), None));
        }
        assert_eq!(
            (latin('L'), latin('٣'), latin('۳'), latin('é')),
            ('l', '3', '3', 'é')
        );
    }

    #[test]
    fn no_key_stands_twice() {
        let mut keys: Vec<char> = ARABIC.iter().map(|(_, latin)| *latin).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), ARABIC.len());
    }
}
