//! Dates with their time zone, as RFC 9557 writes them: `2026-11-25T18:30:00+01:00[Africa/Casablanca]`.

use hamsa_protocol::text::typed_number;
use jiff::{
    Timestamp, ZonedDateTime,
    fmt::temporal::{Pieces, PiecesOffset},
    tz::TimeZone,
};

use super::error::NotebookError;

/// The time zone of this device; UTC where it has none.
pub(crate) fn zone() -> TimeZone {
    TimeZone::try_system().unwrap_or(TimeZone::UTC)
}

/// A moment in `zone`, to the second.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned_datetime(zone.clone());
    zoned.round(jiff::Unit::Second).unwrap_or(zoned).to_string()
}

/// What was typed: a day, or a day and a time, in `zone` or in the zone that it names. A day stays a day: no time
/// is made up.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<String, NotebookError> {
    let text = typed_number(text);
    let text = text.as_str();
    let pieces = Pieces::parse(text).map_err(|_| NotebookError::Date)?;
    let named = pieces.to_time_zone().map_err(|_| NotebookError::Date)?;
    if named.is_some() && pieces.time().is_some() {
        let zoned: ZonedDateTime = text.parse().map_err(|_| NotebookError::Date)?;
        return Ok(zoned.to_string());
    }
    let zone = match (named, pieces.offset()) {
        (Some(named), _) => named,
        (None, Some(PiecesOffset::Zulu)) => TimeZone::UTC,
        (None, Some(offset)) => TimeZone::fixed(offset.to_numeric_offset()),
        (None, None) => zone.clone(),
    };
    let Some(time) = pieces.time() else {
        let name = zone
            .iana_name()
            .map_or_else(String::new, |name| format!("[{name}]"));
        return Ok(format!("{}{name}", pieces.date()));
    };
    let zoned = pieces
        .date()
        .to_datetime(time)
        .to_zoned_datetime(zone)
        .map_err(|_| NotebookError::Date)?;
    Ok(zoned.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_their_zone_and_no_time_is_made_up() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let parse = |text: &str| parse(text, &zone);
        assert_eq!(
            parse("2026-11-25 18:30").unwrap(),
            "2026-11-25T18:30:00+01:00[+01:00]"
        );
        assert_eq!(
            parse("2026-11-25T18:30:05Z").unwrap(),
            "2026-11-25T18:30:05+00:00[UTC]"
        );
        assert_eq!(
            parse("2026-11-25T18:30-05:00").unwrap(),
            "2026-11-25T18:30:00-05:00[-05:00]"
        );
        assert_eq!(parse(" 2026-11-25 ").unwrap(), "2026-11-25");
        assert_eq!(parse("\u{200f}٢٠٢٦-١١-٢٥\r").unwrap(), "2026-11-25");
        assert_eq!(
            parse("۲۰۲۶-۱۱-۲۵ ۱۸:۳۰").unwrap(),
            "2026-11-25T18:30:00+01:00[+01:00]"
        );
        let utc = super::parse("2026-11-25", &TimeZone::UTC).unwrap();
        assert_eq!(utc, "2026-11-25[UTC]");
        for bad in ["", "yesterday", "2026-13-01", "25/11/2026", "2026-11-25 25:00"] {
            assert!(matches!(parse(bad), Err(NotebookError::Date)), "{bad}");
        }
    }

    #[test]
    fn a_moment_is_told_to_the_second() {
        let at = Timestamp::from_millisecond(1_800_000_000_400).unwrap();
        assert_eq!(moment(at, &TimeZone::UTC), "2027-01-15T08:00:00+00:00[UTC]");
    }
}
