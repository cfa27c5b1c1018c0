//! What must hold for any bytes whatever: for a fuzzer, and for the tests that replay what it found.

use super::{Sanitized, Strategy, compose, cut, one_row, rows, sanitize, width};

/// Sanitizes `bytes` and lays them out in every way; the first two bytes choose widths and the place of the
/// caret.
///
/// # Errors
/// The sentence that does not hold; never the text itself.
pub fn text(bytes: &[u8]) -> Result<(), &'static str> {
    let (head, rest) = bytes.split_first_chunk::<2>().unwrap_or((&[20, 0], bytes));
    let [most, caret] = *head;
    let words = String::from_utf8_lossy(rest);
    let harmless = Sanitized::text(&words);
    let line = Sanitized::line(&words);
    holds(!harmless.chars().any(obeyed), "a control character came through")?;
    holds(!line.contains('\n'), "a line is one line")?;
    holds(
        Sanitized::text(&harmless) == harmless,
        "harmless text stays as it is",
    )?;
    holds(harmless.len() <= sanitize::TEXT_MAX, "a text has an end")?;
    holds(line.len() <= sanitize::LINE_MAX, "a line has an end")?;
    let columns = usize::from(most);
    holds(width(&cut(&line, columns)) <= columns, "a cut line fits")?;
    let mut at = words.len() * usize::from(caret) / 255;
    while !words.is_char_boundary(at) {
        at -= 1;
    }
    let (before, after) = words.split_at_checked(at).unwrap_or((&words, ""));
    for strategy in Strategy::ALL {
        let most = u16::from(most).max(1);
        let columns = usize::from(most);
        for row in rows(&harmless, most, strategy) {
            holds(width(&row.text) <= columns, "a row fits")?;
            holds(row.columns <= columns, "a row is counted to fit")?;
            holds(!row.text.chars().any(drawn_wrong), "a row obeys nobody")?;
        }
        let (rows, (column, row)) = compose(before, after, most, strategy);
        holds(usize::from(row) < rows.len(), "the caret is in a row")?;
        holds(column < most, "the caret is between the edges")?;
        for row in rows {
            holds(width(&row) <= columns, "a row that is written fits")?;
            holds(
                !row.chars().any(drawn_wrong),
                "a row that is written obeys nobody",
            )?;
        }
        holds(
            !one_row(&line, strategy).text.chars().any(drawn_wrong),
            "one row obeys nobody",
        )?;
    }
    Ok(())
}

fn obeyed(c: char) -> bool {
    c.is_control() && c != '\n'
}

fn drawn_wrong(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

const fn holds(truth: bool, sentence: &'static str) -> Result<(), &'static str> {
    if truth { Ok(()) } else { Err(sentence) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_hold(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(text(&bytes), Ok(()));
        }

        #[test]
        fn any_characters_hold(head in any::<[u8; 2]>(), words in "\\PC{0,60}", arabic in "[\u{600}-\u{6ff} a(\n]{0,60}") {
            let mut bytes = head.to_vec();
            bytes.extend(words.bytes().chain(arabic.bytes()));
            prop_assert_eq!(text(&bytes), Ok(()));
        }
    }
}
