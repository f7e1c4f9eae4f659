//! Values as they are typed: durations, and numbers with bounds.

use hotelbot::domain::stay::PlannedDay;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::time::Duration;

/// A day as a person says it, in the hotel's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// So many days from today.
    FromToday(i32),
    /// A date.
    On(Date),
}

impl Day {
    /// `2026-07-12`, `today`, `tomorrow`, `yesterday`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "today" => Ok(Day::FromToday(0)),
            "tomorrow" => Ok(Day::FromToday(1)),
            "yesterday" => Ok(Day::FromToday(-1)),
            _ => text.parse().map(Day::On).map_err(|_| "write `2026-07-12`, `today` or `tomorrow`".to_owned()),
        }
    }

    /// The date in a hotel's zone.
    pub fn date(self, now: Timestamp, zone: &TimeZone) -> Date {
        match self {
            Day::FromToday(days) => now.to_zoned(zone.clone()).date().saturating_add(days.days()),
            Day::On(date) => date,
        }
    }
}

/// An instant as a person says it: a clock time of today, a local time, or an exact instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// `15:40`: today, in the hotel's time.
    Today(Time),
    /// `2026-07-12T15:40`, in the hotel's time.
    Local(DateTime),
    /// RFC 3339.
    At(Timestamp),
}

impl Moment {
    /// Reads any of the three spellings.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Moment::At(at));
        }
        // A day by itself would be read as its midnight, which nobody means.
        let has_clock = text.contains(':');
        if let Some(local) = (has_clock && text.contains('-')).then(|| text.parse::<DateTime>().ok()).flatten() {
            return Ok(Moment::Local(local));
        }
        let clock = has_clock.then(|| text.parse::<Time>().ok()).flatten();
        clock.map(Moment::Today).ok_or_else(|| "write `15:40`, `2026-07-12T15:40` or an RFC 3339 time".to_owned())
    }

    /// The instant in a hotel's zone.
    pub fn instant(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = |local: DateTime| zone.to_timestamp(local).unwrap_or(now);
        match self {
            Moment::Today(time) => local(now.to_zoned(zone.clone()).date().to_datetime(time)),
            Moment::Local(moment) => local(moment),
            Moment::At(at) => at,
        }
    }
}

/// `2026-07-12`, or `2026-07-12T15:00` in the hotel's time.
pub fn planned_day(text: &str) -> Result<PlannedDay, String> {
    let wrong = || "write `2026-07-12` or `2026-07-12T15:00`".to_owned();
    let day = if text.len() > 10 {
        let moment: DateTime = text.parse().map_err(|_| wrong())?;
        PlannedDay { date: moment.date(), time: Some(moment.time()) }
    } else {
        PlannedDay { date: text.parse().map_err(|_| wrong())?, time: None }
    };
    if (2000..2100).contains(&day.date.year()) { Ok(day) } else { Err(wrong()) }
}

/// `800ms`, `15s`, `10m`, `2h`, `3d`, `1w`: one number and its unit.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number and a unit: `800ms`, `15s`, `10m`, `2h` or `3d`".to_owned();
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let millis: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(millis).filter(|total| *total <= LONGEST_MILLIS).map(Duration::from_millis).ok_or_else(wrong)
}

/// A century: nothing this program is asked about lies further back.
const LONGEST_MILLIS: u64 = 100 * 366 * 86_400_000;

/// How many rows to list: at least one, and not so many that a terminal or a database suffers.
pub fn limit() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=10_000)
}

/// How often to ask the model: each time costs money.
pub fn runs() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=50)
}

/// The sandbox's time scale: between a hundredth and a million.
pub fn time_scale(text: &str) -> Result<f64, String> {
    let wrong = || "write a number between 0.01 and 1000000".to_owned();
    let scale: f64 = text.parse().map_err(|_| wrong())?;
    if (0.01..=1_000_000.0).contains(&scale) { Ok(scale) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration("800ms"), Ok(Duration::from_millis(800)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for text in ["", "5", "m", "-5m", "5x", "1.5h", "99999999999999999999h", "9999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_and_moments_are_read_in_the_hotels_time() {
        let zone = TimeZone::get("Europe/Moscow").expect("a zone");
        let now: Timestamp = "2026-07-12T22:30:00Z".parse().expect("an instant");

        assert_eq!(Day::parse("tomorrow").map(|day| day.date(now, &zone).to_string()).as_deref(), Ok("2026-07-14"));
        assert_eq!(Day::parse("2026-07-12").map(|day| day.date(now, &zone).to_string()).as_deref(), Ok("2026-07-12"));
        assert!(Day::parse("12.07.2026").is_err());
        for (text, instant) in [
            ("00:40", "2026-07-12T21:40:00Z"),
            ("2026-07-12T15:40", "2026-07-12T12:40:00Z"),
            ("2026-07-12T15:40:00Z", "2026-07-12T15:40:00Z"),
        ] {
            assert_eq!(
                Moment::parse(text).map(|moment| moment.instant(now, &zone).to_string()).as_deref(),
                Ok(instant)
            );
        }
        assert!(Moment::parse("1540").is_err() && Moment::parse("2026-07-12").is_err());
        assert!(planned_day("2026-07-12T15:00").is_ok_and(|day| day.time.is_some()));
        assert!(planned_day("0026-07-12").is_err() && planned_day("soon").is_err());
    }

    #[test]
    fn time_neither_stands_still_nor_runs_backwards() {
        for text in ["0", "-1", "NaN", "inf", "1e9", "fast"] {
            assert!(time_scale(text).is_err(), "{text}");
        }
        assert_eq!(time_scale("60"), Ok(60.0));
    }
}
