//! The line that is written: logical text and a caret that moves by grapheme. It draws nothing and sends nothing;
//! a paste only ever adds text, whatever keys hide in it. What is sent is what was typed, byte for byte.

use crossterm::event::KeyCode;
use hamsa_client::api::Words;
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    keyboard::latin,
    text::{Strategy, starts_right},
};

/// Most bytes of one message, as the chat takes it (16 KiB of UTF-8).
pub const MESSAGE_MAX: usize = 16 * 1_024;

/// Text being written. It is wiped when it is dropped, like any words of a person.
#[derive(Debug)]
pub struct Composer {
    text: Words,
    /// Byte offset of the caret, always at the edge of a grapheme.
    caret: usize,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            text: empty(),
            caret: 0,
        }
    }
}

/// Room for the longest message at once: text that grows would leave copies behind that are not wiped.
fn empty() -> Words {
    Words(String::with_capacity(MESSAGE_MAX))
}

impl Composer {
    /// What stands there, in logical order.
    pub(crate) fn text(&self) -> &str {
        &self.text.0
    }

    /// Does what an editing key says; `false` where a letter did not fit.
    pub fn edit(&mut self, code: KeyCode, control: bool, alt: bool, arabic: Strategy) -> bool {
        match code {
            KeyCode::Enter => return self.insert("\n"),
            KeyCode::Char(c) if control => return self.line_editor(latin(c)),
            KeyCode::Char(c) if !control && !alt => return self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace if control || alt => self.backspace_word(),
            KeyCode::Backspace => self.backspace(),
            KeyCode::Delete => self.delete(),
            KeyCode::Left if control || alt => self.word_left(arabic),
            KeyCode::Right if control || alt => self.word_right(arabic),
            KeyCode::Left => self.left(arabic),
            KeyCode::Right => self.right(arabic),
            KeyCode::Home => self.home(),
            KeyCode::End => self.end(),
            _ => {}
        }
        true
    }

    /// What a letter does together with Ctrl, as at a shell; `false` where something did not fit. ^H is what some terminals
    /// send for Backspace, ^J what some send for Alt+Enter.
    fn line_editor(&mut self, letter: char) -> bool {
        match letter {
            'a' => self.home(),
            'e' => self.end(),
            'h' => self.backspace(),
            'j' => return self.insert("\n"),
            'u' => self.delete_to_home(),
            'w' => self.backspace_word(),
            _ => {}
        }
        true
    }

    /// What stands before and after the caret.
    pub fn halves(&self) -> (&str, &str) {
        self.text
            .0
            .split_at_checked(self.caret)
            .unwrap_or((&self.text.0, ""))
    }

    /// Whether there is nothing to send.
    pub fn is_blank(&self) -> bool {
        self.text.0.trim().is_empty()
    }

    /// Adds text at the caret; gives false, and changes nothing, when it would not fit.
    pub fn insert(&mut self, text: &str) -> bool {
        // A terminal gives a pasted line break as a carriage return.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text: String = text
            .chars()
            .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
            .collect();
        if self.text.0.len() + text.len() > MESSAGE_MAX {
            return false;
        }
        self.text.0.insert_str(self.caret, &text);
        self.caret += text.len();
        // A combining mark joins what stands before it: go to the end of the grapheme it made.
        let edge = self.edges().find(|edge| *edge >= self.caret);
        self.caret = edge.unwrap_or(self.text.0.len());
        true
    }

    /// Removes the grapheme before the caret.
    pub(crate) fn backspace(&mut self) {
        let before = self.previous();
        self.text.0.replace_range(before..self.caret, "");
        self.caret = before;
    }

    /// Removes the grapheme after the caret.
    pub(crate) fn delete(&mut self) {
        let after = self.next();
        self.text.0.replace_range(self.caret..after, "");
    }

    /// One grapheme back in logical order.
    pub(crate) fn back(&mut self) {
        self.caret = self.previous();
    }

    /// One grapheme on in logical order.
    pub(crate) fn forth(&mut self) {
        self.caret = self.next();
    }

    /// One grapheme to the left, as the eye sees it.
    pub(crate) fn left(&mut self, arabic: Strategy) {
        if self.runs_left(arabic) {
            self.forth()
        } else {
            self.back()
        }
    }

    /// One grapheme to the right, as the eye sees it.
    pub(crate) fn right(&mut self, arabic: Strategy) {
        if self.runs_left(arabic) {
            self.back()
        } else {
            self.forth()
        }
    }

    /// One word to the left, as the eye sees it.
    pub(crate) fn word_left(&mut self, arabic: Strategy) {
        self.caret = if self.runs_left(arabic) {
            self.word_after()
        } else {
            self.word_before()
        };
    }

    /// One word to the right, as the eye sees it.
    pub(crate) fn word_right(&mut self, arabic: Strategy) {
        self.caret = if self.runs_left(arabic) {
            self.word_before()
        } else {
            self.word_after()
        };
    }

    /// Removes the word before the caret.
    pub(crate) fn backspace_word(&mut self) {
        let before = self.word_before();
        self.text.0.replace_range(before..self.caret, "");
        self.caret = before;
    }

    /// Removes what stands before the caret in its line.
    fn delete_to_home(&mut self) {
        let before = self.line_start();
        self.text.0.replace_range(before..self.caret, "");
        self.caret = before;
    }

    fn line_start(&self) -> usize {
        self.halves().0.rfind('\n').map_or(0, |at| at + 1)
    }

    /// To the start of the line.
    pub(crate) fn home(&mut self) {
        self.caret = self.line_start();
    }

    /// To the end of the line.
    pub(crate) fn end(&mut self) {
        let after = self
            .halves()
            .1
            .find('\n')
            .unwrap_or(self.text.0.len() - self.caret);
        self.caret += after;
    }

    /// Takes everything out, exactly as it was typed.
    pub fn take(&mut self) -> Words {
        self.caret = 0;
        std::mem::replace(&mut self.text, empty())
    }

    /// Whether the line of the caret is drawn from right to left.
    fn runs_left(&self, arabic: Strategy) -> bool {
        let lines = self.halves().0.split('\n').count();
        arabic.moves_right() && starts_right(self.text.0.split('\n').take(lines))
    }

    /// The start of the word before the caret.
    fn word_before(&self) -> usize {
        let words = self.halves().0.split_word_bound_indices();
        let mut words = words.filter(|(_, word)| !word.trim().is_empty());
        words.next_back().map_or(0, |(at, _)| at)
    }

    /// The end of the word after the caret.
    fn word_after(&self) -> usize {
        let words = self.halves().1.split_word_bound_indices();
        let mut words = words.filter(|(_, word)| !word.trim().is_empty());
        words
            .next()
            .map_or(self.text.0.len(), |(at, word)| self.caret + at + word.len())
    }

    fn edges(&self) -> impl Iterator<Item = usize> + '_ {
        self.text
            .0
            .grapheme_indices(true)
            .map(|(at, _)| at)
            .chain([self.text.0.len()])
    }

    fn previous(&self) -> usize {
        self.edges()
            .take_while(|edge| *edge < self.caret)
            .last()
            .unwrap_or(0)
    }

    fn next(&self) -> usize {
        self.edges()
            .find(|edge| *edge > self.caret)
            .unwrap_or(self.text.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphemes_are_removed_whole() {
        let mut composer = Composer::default();
        assert!(composer.insert("سَلام 👩‍👧 e\u{301}"));
        composer.backspace();
        assert_eq!(composer.text(), "سَلام 👩‍👧 ");
        composer.back();
        composer.backspace();
        assert_eq!(composer.text(), "سَلام  ");
        composer.home();
        composer.delete();
        assert_eq!(composer.text(), "لام  ");
    }

    #[test]
    fn the_control_keys_of_a_shell_edit_the_line_on_both_layouts() {
        let mut composer = Composer::default();
        let control = |composer: &mut Composer, c: char| {
            assert!(composer.edit(KeyCode::Char(c), true, false, Strategy::default()));
        };
        assert!(composer.insert("first\nje suis là"));
        control(&mut composer, 'w');
        assert_eq!(composer.text(), "first\nje suis ");
        control(&mut composer, 'a');
        assert_eq!(composer.halves(), ("first\n", "je suis "));
        // The key of `e` on an Arabic layout.
        control(&mut composer, 'ث');
        control(&mut composer, 'h');
        assert_eq!(composer.text(), "first\nje suis");
        control(&mut composer, 'u');
        assert_eq!(composer.halves(), ("first\n", ""));
        // At the start of a line there is nothing before it in the line.
        control(&mut composer, 'u');
        assert_eq!(composer.text(), "first\n");
    }

    #[test]
    fn a_paste_adds_text_and_hidden_keys_do_nothing() {
        let mut composer = Composer::default();
        assert!(composer.insert("a\r\nb\rc\u{1b}[31m\u{0}"));
        assert_eq!(composer.text(), "a\nb\nc[31m");
        assert!(!composer.insert(&"x".repeat(MESSAGE_MAX)));
        assert_eq!(composer.take().0, "a\nb\nc[31m");
        assert!(composer.is_blank());
    }

    #[test]
    fn arrows_go_where_the_eye_expects_and_words_are_whole() {
        let mut composer = Composer::default();
        composer.insert("un deux, trois");
        composer.word_left(Strategy::Visual);
        assert_eq!(composer.halves(), ("un deux, ", "trois"));
        composer.backspace_word();
        composer.backspace_word();
        assert_eq!(composer.text(), "un trois");
        composer.word_right(Strategy::Visual);
        assert_eq!(composer.halves(), ("un trois", ""));

        let mut composer = Composer::default();
        composer.insert("ok\nسلام كيف");
        composer.right(Strategy::Visual);
        assert_eq!(composer.halves(), ("ok\nسلام كي", "ف"));
        composer.left(Strategy::Visual);
        composer.word_right(Strategy::Visual);
        assert_eq!(composer.halves(), ("ok\nسلام ", "كيف"));
        composer.word_left(Strategy::Visual);
        assert_eq!(composer.halves(), ("ok\nسلام كيف", ""));
        composer.home();
        composer.right(Strategy::Visual);
        assert_eq!(composer.halves(), ("ok", "\nسلام كيف"));
        composer.left(Strategy::Visual);
        assert_eq!(composer.halves(), ("o", "k\nسلام كيف"));
    }

    #[test]
    fn what_was_typed_is_what_is_sent() {
        for words in [
            "سَلَامٌ (3) ok @nour",
            "ⴰⵣⵓⵍ, ⵎⴰⵏⵉⵎⴽ",
            "wa7d 3afak\n\tli9a",
            "👩\u{200d}👧 لا\u{200f}!",
        ] {
            let mut composer = Composer::default();
            for grapheme in words.graphemes(true) {
                assert!(composer.insert(grapheme));
            }
            assert_eq!(composer.take().0, words);
        }
    }

    #[test]
    fn writing_leaves_no_copies_behind() {
        let mut composer = Composer::default();
        let room = composer.text().as_ptr();
        assert!(composer.insert(&"م".repeat(MESSAGE_MAX / 2)));
        assert_eq!(composer.text().as_ptr(), room);
    }

    #[test]
    fn home_and_end_stay_on_their_line() {
        let mut composer = Composer::default();
        composer.insert("un\ndeux");
        composer.home();
        assert_eq!(composer.halves(), ("un\n", "deux"));
        composer.end();
        assert_eq!(composer.halves(), ("un\ndeux", ""));
    }
}
