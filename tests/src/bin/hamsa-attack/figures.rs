//! What was measured.

use std::time::Duration;

/// The value that this share of all are not above, in seconds.
pub(crate) fn share(values: &[Duration], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    let at = (values.len() as f64 * share).ceil() as usize;
    let found = values.get(at.saturating_sub(1));
    found.map_or(f64::NAN, Duration::as_secs_f64)
}

/// A value of each repetition: the one in the middle, the least and the most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    least: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |at: usize| values.get(at).copied().unwrap_or(f64::NAN);
        Self {
            median: at(values.len() / 2),
            least: at(0),
            most: at(values.len().saturating_sub(1)),
        }
    }

    /// The median and the spread, in a unit so many of which are one.
    pub(crate) fn in_units(self, units: f64) -> String {
        let of = |value: f64| {
            let value = value * units;
            if value < 10.0 {
                format!("{value:.1}")
            } else {
                format!("{value:.0}")
            }
        };
        format!("{} ({}–{})", of(self.median), of(self.least), of(self.most))
    }
}
