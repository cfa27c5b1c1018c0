//! Words to say.

/// What people of the helpline's country write, and what breaks programs.
const WORDS: [&str; 12] = [
    "salam, wach kayn chi wa7d? 3afak jawbni, rani khayfa bzzaf w ma3reftch ach ndir",
    "السلام عليكم، بغيت نهضر مع شي واحدة",
    "مَرْحَبًا بِكِ ❤️ — نتي ماشي بوحدك",
    "ⴰⵣⵓⵍ, manzakin?",
    "Rabat 2024 (رقم 12) https://example.org/p?id=7&x=\"1\"",
    "👩🏽‍💻 é ≠ é — « je garde »",
    " spaces before, and after \u{a0} ",
    "\u{202e}reversed\u{202c} and \u{200f}marks\u{200e}",
    "two\nlines\tand a tab",
    "\u{1b}[31mred\u{1b}[0m \u{7} bell, {\"cmd\":\"end\"}",
    "a\u{301}\u{302}\u{303}\u{304}\u{305}",
    "0",
];

/// The messages of one side: 30, one of them of 5,000 characters.
#[must_use]
pub fn messages(side: &str, count: usize) -> Vec<(String, String)> {
    let message = |number: usize| {
        let mut text = format!("{} [{side} {number}]", WORDS[number % WORDS.len()]);
        if number == 7 {
            text = "حكايتي طويلة، 3la khatri… ".chars().cycle().take(5_000).collect();
        }
        (format!("{side}-{number}"), text)
    };
    (0..count).map(message).collect()
}
