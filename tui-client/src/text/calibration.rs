//! Which of three renderings reads right? One question, asked only when Arabic is on the screen; the answer holds
//! for this run and is saved nowhere.

use super::{Row, Sanitized, Strategy, one_row};

/// One sentence that shows every mistake: letters that must join, words in order, Latin, a bracket, a number.
pub const SENTENCE: &str = "السلام عليكم (3) Hamsa";

/// The question: renderings by the number under which they are shown.
#[derive(Clone, Copy, Debug)]
pub struct Calibration;

impl Calibration {
    /// The renderings that are shown, from `1` on.
    pub const SHOWN: [Strategy; 3] = [Strategy::Visual, Strategy::Words, Strategy::Terminal];

    /// Each number with the sentence in its rendering.
    pub fn rows() -> impl Iterator<Item = (char, Row)> {
        let numbers = ['1', '2', '3'];
        numbers
            .into_iter()
            .zip(Self::SHOWN)
            .map(|(number, strategy)| (number, one_row(&Sanitized::line(SENTENCE), strategy)))
    }

    /// What a key answers: a number of a rendering, or `0` where none reads right. Any other key is no answer.
    #[must_use]
    pub fn answer(key: char) -> Option<Strategy> {
        match key {
            '1' => Some(Strategy::Visual),
            '2' => Some(Strategy::Words),
            '3' => Some(Strategy::Terminal),
            '0' => Some(Strategy::Off),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_renderings_differ_and_each_number_is_its_own() {
        let rows: Vec<_> = Calibration::rows().collect();
        assert_eq!(rows.len(), 3);
        for (at, (number, row)) in rows.iter().enumerate() {
            let strategy = Calibration::answer(*number).unwrap();
            assert_eq!(strategy, Calibration::SHOWN[at]);
            assert_eq!(*row, one_row(&Sanitized::line(SENTENCE), strategy));
            assert!(rows.iter().filter(|(_, other)| other.text == row.text).count() == 1);
        }
        assert_eq!(Calibration::answer('0'), Some(Strategy::Off));
        assert_eq!(Calibration::answer('x'), None);
    }
}
