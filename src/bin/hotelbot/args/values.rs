//! Values as they are typed: durations, and numbers with bounds.

use std::time::Duration;

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
    fn time_neither_stands_still_nor_runs_backwards() {
        for text in ["0", "-1", "NaN", "inf", "1e9", "fast"] {
            assert!(time_scale(text).is_err(), "{text}");
        }
        assert_eq!(time_scale("60"), Ok(60.0));
    }
}
