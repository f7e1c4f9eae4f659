//! Times and lengths as people read them.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// `45s`, `4m`, `6m 37s`, `2h 5m`, `3d`: the two largest units, the second only where it matters.
pub fn span(length: Duration) -> String {
    let seconds = length.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |large: u64, unit: &str, small: u64, below: &str| {
        if small == 0 { format!("{large}{unit}") } else { format!("{large}{unit} {small}{below}") }
    };
    match seconds {
        0 if !length.is_zero() => format!("{}ms", length.as_millis()),
        0..60 => format!("{seconds}s"),
        60..600 => two(minutes, "m", seconds % 60, "s"),
        600..3_600 => format!("{minutes}m"),
        3_600..86_400 => two(hours, "h", minutes % 60, "m"),
        _ => format!("{days}d"),
    }
}

/// How long since; zero if it lies ahead.
pub fn since(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(at)).unwrap_or(Duration::ZERO)
}

/// `now`, `45s ago`, `2m ago`, `3d ago`: one unit is enough for a list.
pub fn ago(now: Timestamp, at: Timestamp) -> String {
    match waiting(since(now, at)).as_str() {
        "0s" => "now".to_owned(),
        length => format!("{length} ago"),
    }
}

/// `45s`, `4m`, `2h`, `3d`: one unit.
pub fn waiting(length: Duration) -> String {
    match length.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// RFC 3339 with the zone's offset, for machines.
pub fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.display_with_offset(zone.to_offset(at)).to_string()
}

/// `18:24:31`, in the hotel's time.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// `14:02`, or `9 Jul 21:14` when it is not today, in the hotel's time.
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (then, today) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let form = if then.date() == today.date() { "%H:%M" } else { "%-d %b %H:%M" };
    then.strftime(form).to_string()
}

/// A length added to an instant; saturates.
pub fn after(at: Timestamp, length: Duration) -> Timestamp {
    SignedDuration::try_from(length).ok().and_then(|length| at.checked_add(length).ok()).unwrap_or(Timestamp::MAX)
}

/// Guests' words on one line of a terminal: nothing invisible, no line breaks.
pub fn one_line(text: &str) -> String {
    hotelbot::domain::script::visible(text).replace('\t', " ").trim_end().replace('\n', " ↵ ")
}

/// `1 hotel`, `3 hotels`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// Dollars of a model's cost.
pub fn dollars(micro_usd: i64) -> String {
    format!("${:.4}", micro_usd as f64 / 1_000_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_the_units_that_matter() {
        for (seconds, text) in
            [(0, "0s"), (45, "45s"), (397, "6m 37s"), (600, "10m"), (7_500, "2h 5m"), (7_200, "2h"), (300_000, "3d")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        assert_eq!(span(Duration::from_millis(250)), "250ms");
    }

    #[test]
    fn a_time_of_another_day_says_which() {
        let zone = TimeZone::get("Europe/Moscow").expect("a zone");
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let now = at("2025-07-12T12:00:00Z");

        assert_eq!(moment(at("2025-07-12T11:02:00Z"), now, &zone), "14:02");
        assert_eq!(moment(at("2025-07-09T18:14:00Z"), now, &zone), "9 Jul 21:14");
        assert_eq!(stamp(now, &zone), "2025-07-12T15:00:00+03:00");
    }

    #[test]
    fn a_guests_words_cannot_move_the_cursor() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc\t\u{202e}d\n"), "a[2Jb ↵ c d");
    }
}
