//! Brackets and other paired signs, mirrored where they stand in right-to-left words (Bidi_Mirroring_Glyph of the
//! Unicode Character Database, the pairs that people type).

/// Pairs whose halves are each other's mirror.
const PAIRS: [(char, char); 59] = [
    ('(', ')'),
    ('<', '>'),
    ('[', ']'),
    ('{', '}'),
    ('«', '»'),
    ('‹', '›'),
    ('⁅', '⁆'),
    ('⁽', '⁾'),
    ('₍', '₎'),
    ('∈', '∋'),
    ('∉', '∌'),
    ('∊', '∍'),
    ('∕', '⧵'),
    ('∼', '∽'),
    ('≃', '⋍'),
    ('≒', '≓'),
    ('≔', '≕'),
    ('≤', '≥'),
    ('≦', '≧'),
    ('≨', '≩'),
    ('≪', '≫'),
    ('≮', '≯'),
    ('≰', '≱'),
    ('≲', '≳'),
    ('≴', '≵'),
    ('≶', '≷'),
    ('≺', '≻'),
    ('≼', '≽'),
    ('⊂', '⊃'),
    ('⊄', '⊅'),
    ('⊆', '⊇'),
    ('⊏', '⊐'),
    ('⊑', '⊒'),
    ('⊢', '⊣'),
    ('⋐', '⋑'),
    ('⋖', '⋗'),
    ('⋘', '⋙'),
    ('⌈', '⌉'),
    ('⌊', '⌋'),
    ('\u{2329}', '\u{232a}'),
    ('❨', '❩'),
    ('❬', '❭'),
    ('❮', '❯'),
    ('❰', '❱'),
    ('❲', '❳'),
    ('❴', '❵'),
    ('⟦', '⟧'),
    ('⟨', '⟩'),
    ('⟪', '⟫'),
    ('⦃', '⦄'),
    ('⦅', '⦆'),
    ('⩽', '⩾'),
    ('〈', '〉'),
    ('《', '》'),
    ('「', '」'),
    ('『', '』'),
    ('【', '】'),
    ('（', '）'),
    ('［', '］'),
];

/// A grapheme whose first character is turned round where it has a mirror.
pub(super) fn mirrored(grapheme: &str) -> impl Iterator<Item = char> {
    grapheme
        .chars()
        .enumerate()
        .map(|(at, c)| if at == 0 { mirror(c) } else { c })
}

fn mirror(c: char) -> char {
    PAIRS
        .iter()
        .find_map(|(left, right)| {
            if c == *left {
                Some(*right)
            } else {
                (c == *right).then_some(*left)
            }
        })
        .unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_of_a_mirror_is_the_sign_itself() {
        for (left, right) in PAIRS {
            assert_eq!((mirror(left), mirror(right)), (right, left));
            let width = super::super::width::width;
            assert_eq!(width(&left.to_string()), width(&right.to_string()), "{left}");
        }
        assert_eq!(mirrored("(\u{301}").collect::<String>(), ")\u{301}");
        assert_eq!(mirror('a'), 'a');
    }
}
