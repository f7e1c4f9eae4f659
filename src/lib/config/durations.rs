//! Durations: a number with its unit, `500ms`, `4s`, `30m`, `24h`, `365d`.

use super::diagnose::shown;
use super::fields::{Collector, word};
use super::yaml::Node;
use crate::domain::plan::spell_duration as format;
use std::time::Duration;

/// A minute.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// An hour.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// 24 hours, whatever the clocks do.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// What a field may hold, ends included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) least: Duration,
    pub(crate) most: Duration,
}

/// A duration within bounds.
pub(crate) fn duration(node: &Node, c: &mut Collector<'_>, bounds: Bounds) -> Option<Duration> {
    let word = word(node, c, "a duration such as `30m`")?;
    let value = match parse(word) {
        Ok(value) => value,
        Err(fix) => return c.error(node.span, format!("`{}` is not a duration", shown(word)), fix),
    };
    if value < bounds.least {
        return c.error(
            node.span,
            format!("`{}` is too short", shown(word)),
            format!("write at least `{}`", format(bounds.least)),
        );
    }
    if value > bounds.most {
        return c.error(
            node.span,
            format!("`{}` is too long", shown(word)),
            format!("write at most `{}`", format(bounds.most)),
        );
    }
    Some(value)
}

/// Milliseconds in each unit.
const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads `500ms`, `4s`, `30m`, `24h`, `365d`; the error is what to write instead.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err("write a whole number and its unit, such as `30m`".into());
    }
    let Some((_, milliseconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(unit_advice(number, unit));
    };
    let total = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*milliseconds));
    total.map(Duration::from_millis).ok_or_else(|| "write a smaller number".into())
}

fn unit_advice(number: &str, unit: &str) -> String {
    let meant = match unit.trim().to_lowercase().as_str() {
        "" => return format!("write the unit: `{number}s`, `{number}m`, `{number}h`"),
        "sec" | "secs" | "second" | "seconds" | "с" | "сек" | "секунд" => "s",
        "min" | "mins" | "minute" | "minutes" | "м" | "мин" | "минут" => "m",
        "hr" | "hrs" | "hour" | "hours" | "ч" | "час" | "часа" | "часов" => "h",
        "day" | "days" | "д" | "день" | "дня" | "дней" => "d",
        "s" | "m" | "h" | "d" | "ms" => unit.trim(),
        _ => return "write a whole number and ms, s, m, h or d, such as `30m`".into(),
    };
    format!("write `{number}{}`", meant.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_its_unit() {
        for (text, milliseconds) in
            [("0s", 0), ("500ms", 500), ("4s", 4000), ("30m", 1_800_000), ("365d", 31_536_000_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for (text, advice) in [
            ("3", "write the unit: `3s`, `3m`, `3h`"),
            ("3 часа", "write `3h`"),
            ("10 min", "write `10m`"),
            ("10M", "write `10m`"),
            ("-3h", "write a whole number and its unit, such as `30m`"),
            ("1e9h", "write a whole number and ms, s, m, h or d, such as `30m`"),
            ("99999999999999999999d", "write a smaller number"),
            ("99999999999999999d", "write a smaller number"),
            ("", "write a whole number and its unit, such as `30m`"),
        ] {
            assert_eq!(parse(text), Err(advice.into()), "{text}");
        }
    }

    #[test]
    fn bounds_are_named_in_the_largest_exact_unit() {
        for text in ["0s", "500ms", "90s", "4h", "60d"] {
            assert_eq!(format(parse(text).expect("valid")), text);
        }
    }
}
