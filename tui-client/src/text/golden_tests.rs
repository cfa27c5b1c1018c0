//! What each strategy sends to the terminal, kept as files to be read by people who know the scripts.
//! `UPDATE=1 cargo test -p hamsa golden` writes them again.

use std::{fs, path::Path};

use super::{Sanitized, Strategy, compose, rows, width};

const TEXTS: [(&str, &str); 15] = [
    (
        "arabic",
        "السلام عليكم، كيف دايرة اليوم؟ أنا هنا، خذي وقتك. كلامك كيبقى بيناتنا.",
    ),
    ("harakat", "سَلَامٌ عَلَيْكُمْ وَرَحْمَةُ اللَّهِ"),
    ("lam alef", "لا بأس، الآن أو لأيام، إلى الإمام"),
    ("arabic with latin", "كنستعمل Instagram و WhatsApp بزاف"),
    ("latin with arabic", "Il a écrit « سلام عليكم » puis il est parti"),
    ("brackets", "هو (صديق سابق) قال [كل شيء] {لا} <نعم> «طبعا»"),
    ("digits", "وقع هذا يوم 25/11/2026 على 18:30، 3 مرات، ٤٥ درهم"),
    ("date", "آخر أجل هو 2026-12-09، ومن بعد (06-12-34)"),
    ("link", "الرابط: https://example.org/p/12?a=b&c=/ شوفيه"),
    ("account", "الحساب @nour_22 و #hamsa و +212600000000"),
    (
        "arabizi",
        "kayn chi wa7d kayhddni b tsawri, 3afak 9oli liya ach ndir",
    ),
    ("tifinagh", "ⴰⵣⵓⵍ, ⵎⴰⵏⵉⵎⴽ ⵜⴳⵉⴷ? (ⵜⴰⵎⴰⵣⵉⵖⵜ) 12"),
    ("emoji", "سلام 👩\u{200d}👧 شكرا ❤\u{fe0f} ok 👍🏽"),
    (
        "hostile",
        "a\u{1b}[31m\u{202e}bc\u{2066}سلام\u{0}\u{9b}2J\u{200b}d",
    ),
    ("lines", "أولا\n\n(2)\nthird\tline"),
];

fn screen(strategy: Strategy, most: u16) -> String {
    let mut screen = String::new();
    for (name, text) in TEXTS {
        screen.push_str(&format!("{name}\n"));
        for row in rows(&Sanitized::text(text), most, strategy) {
            let padded = row.padded(usize::from(most));
            let blanks = " ".repeat(usize::from(most) - width(&padded));
            screen.push_str(&format!("|{padded}{blanks}|\n"));
        }
        let middle = text.char_indices().nth(9).map_or(text.len(), |(at, _)| at);
        let (before, after) = text.split_at(middle);
        let (column, row) = compose(before, after, most, strategy).1;
        screen.push_str(&format!(
            "caret after nine letters: column {column}, row {row}\n\n"
        ));
    }
    screen
}

#[test]
fn golden_screens_are_as_they_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text/golden");
    for strategy in Strategy::ALL {
        for most in [40, 80] {
            let path = folder.join(format!("{strategy}-{most}.txt"));
            let screen = screen(strategy, most);
            if std::env::var_os("UPDATE").is_some() {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&path, &screen).unwrap();
            }
            let kept = fs::read_to_string(&path).unwrap_or_default();
            assert!(kept == screen, "{} differs:\n{screen}", path.display());
        }
    }
}
