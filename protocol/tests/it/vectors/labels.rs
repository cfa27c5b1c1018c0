//! Names of people and associations: which are valid in an object, how they are written, and what typed text
//! becomes. Texts that cannot be checked by eye are in hex.

use hamsa_protocol::objects::{LABEL_LETTERS_MAX, LABEL_MAX, Label, postcard_decode, postcard_encode};
use serde_json::{Value, json};

use super::tape::hex;

pub(crate) fn labels() -> Value {
    json!({ "letters": LABEL_LETTERS_MAX, "bytes": LABEL_MAX, "names": names(), "typed": typed(), "refused": refused() })
}

/// A letter with two marks: one letter of six bytes.
const MARKED: &str = "ش\u{64e}\u{651}";

fn names() -> Vec<Value> {
    [
        ("three bytes", "Ilo".to_owned()),
        ("French", "Association Démocratique des Femmes d'ici".to_owned()),
        ("Arabic", "الجمعية المغربية لمساعدة النساء ضحايا العنف".to_owned()),
        ("Tifinagh", "ⵜⴰⵎⵙⵙⵓⵏⵜ ⵏ ⵜⵎⵖⴰⵔⵉⵏ ⵉ ⵜⵉⵡⵉⵙⵉ ⴷ ⵓⵎⵙⵜⴰⵏ".to_owned()),
        ("a joiner between letters", "می\u{200c}خواهم".to_owned()),
        ("most letters, of one byte", "n".repeat(48)),
        ("most letters and most bytes", "𞤀".repeat(48)),
        ("most bytes, with marks", MARKED.repeat(32)),
    ]
    .into_iter()
    .map(|(why, name)| {
        let label = Label::try_from(name.clone()).unwrap();
        let encoded = postcard_encode(&label);
        assert_eq!(postcard_decode::<Label>(&encoded), Some(label), "{why}");
        json!({ "why": why, "name": name, "encoded": hex(&encoded) })
    })
    .collect()
}

fn typed() -> Vec<Value> {
    [
        (
            "decomposed, with a byte order mark and a line end",
            "\u{feff}E\u{301}coute \r\n",
        ),
        ("marks of direction", "\u{200f}أنصت\u{202c}"),
        ("a joiner that joins nothing", "Nour\u{200d}"),
        ("a joiner that joins", "می\u{200c}خواهم"),
        ("a variation selector", "❤\u{fe0f} Nour"),
        ("a soft hyphen", "Nou\u{ad}r"),
    ]
    .into_iter()
    .map(|(why, typed)| {
        let name: Label = typed.parse().unwrap();
        json!({ "why": why, "typed": hex(typed.as_bytes()), "name": name.as_str() })
    })
    .collect()
}

fn refused() -> Vec<Value> {
    [
        ("empty", String::new()),
        ("a letter too many", "é".repeat(49)),
        ("too many bytes", MARKED.repeat(33)),
        ("a space before it", " Nour".to_owned()),
        ("a space behind it", "Nour\u{a0}".to_owned()),
        ("two lines", "Nour\nSalma".to_owned()),
        ("a control character", "Nour\u{85}".to_owned()),
        ("decomposed", "E\u{301}coute".to_owned()),
        ("begins with a mark", "\u{651}ش".to_owned()),
        ("a byte order mark", "\u{feff}Nour".to_owned()),
        ("a zero-width space", "No\u{200b}ur".to_owned()),
        ("a mark of direction", "No\u{2066}ur\u{2069}".to_owned()),
        ("the Arabic letter mark", "أن\u{61c}صت".to_owned()),
        ("a variation selector", "❤\u{fe0f}".to_owned()),
        ("a line separator", "Nour\u{2028}Salma".to_owned()),
        ("the empty Braille cell", "Nour\u{2800}Salma".to_owned()),
        ("an annotation", "Nour\u{fffb}".to_owned()),
        ("a replacement mark", "\u{fffd}coute".to_owned()),
        ("a joiner at the end", "Nour\u{200d}".to_owned()),
        ("a joiner at the beginning", "\u{200c}Nour".to_owned()),
        ("a joiner beside a space", "Nour \u{200d}Salma".to_owned()),
        ("two joiners", "No\u{200d}\u{200d}ur".to_owned()),
    ]
    .into_iter()
    .map(|(why, text)| {
        let encoded = postcard_encode(&text);
        assert_eq!(postcard_decode::<Label>(&encoded), None, "{why}");
        json!({ "why": why, "encoded": hex(&encoded) })
    })
    .collect()
}
