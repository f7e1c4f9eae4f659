//! A moment in the past, as a person says it.

use super::values::duration;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A moment in the past, as a person says it: how long ago, a day, a clock time, or an exact instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Since {
    /// `15m`, `2h`, `3d`.
    Ago(Duration),
    /// `2025-07-12` or `2025-07-12T18:20`, in the hotel's local time.
    Local(DateTime),
    /// RFC 3339.
    At(Timestamp),
}

impl Since {
    /// Reads any of the three spellings.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(Since::At(instant));
        }
        if let Ok(moment) = text.parse::<DateTime>() {
            return Ok(Since::Local(moment));
        }
        if let Ok(day) = text.parse::<Date>() {
            return Ok(Since::Local(day.at(0, 0, 0, 0)));
        }
        duration(text).map(Since::Ago).map_err(|_| "write `15m`, `2h`, `2025-07-12` or an RFC 3339 time".to_owned())
    }

    /// The instant that is meant, seen now in a hotel's zone.
    pub fn instant(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Since::Ago(ago) => {
                let ago = SignedDuration::try_from(ago).unwrap_or(SignedDuration::MAX);
                now.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH)
            }
            Since::Local(moment) => zone.to_timestamp(moment).unwrap_or(Timestamp::UNIX_EPOCH),
            Since::At(instant) => instant,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_the_hotels_time() {
        let zone = TimeZone::get("Europe/Moscow").expect("a zone");
        let now: Timestamp = "2025-07-12T12:00:00Z".parse().expect("an instant");

        for (text, instant) in [
            ("15m", "2025-07-12T11:45:00Z"),
            ("2025-07-12", "2025-07-11T21:00:00Z"),
            ("2025-07-12T10:30", "2025-07-12T07:30:00Z"),
            ("2025-07-12T10:30:00+07:00", "2025-07-12T03:30:00Z"),
        ] {
            let since = Since::parse(text).expect(text);
            assert_eq!(since.instant(now, &zone).to_string(), instant, "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_moment() {
        for text in ["", "yesterday", "-5m", "5", "m", "5x", "2025-13-01", "99999999999999999999h", "9999999d"] {
            assert!(Since::parse(text).is_err(), "{text}");
        }
    }
}
