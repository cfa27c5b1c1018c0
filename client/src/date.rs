//! Dates as people and programs read them: ISO 8601, UTC.

use hamsa_protocol::time::{Unix, civil};

const DAY_SECONDS: u64 = 86_400;
/// Last second of the year 9999: what lies behind it has no ISO date of this form.
const LAST: u64 = 253_402_300_799;

/// `2026-11-25T01:27:33Z`.
pub(crate) fn iso(at: Unix) -> String {
    let at = at.0.min(LAST);
    let (year, month, day) = civil(at / DAY_SECONDS);
    let second = at % DAY_SECONDS;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_764_034_053, "2025-11-25T01:27:33Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(iso(Unix(unix)), text);
        }
    }
}
