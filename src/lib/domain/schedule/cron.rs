//! Five fields, as cron has them: minute, hour, day of the month, month, day of the week; hotel time. `*`, lists, ranges,
//! steps, English names of months and days; Sunday is 0 or 7. If both the day of the month and the day of the week are
//! limited, either is enough.

use jiff::civil::{Date, Time};

/// A schedule that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    any_day: bool,
    any_weekday: bool,
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Too few or too many fields.
    #[error("a schedule has five fields, such as `0 9 * * mon`, not {0}")]
    Fields(usize),
    /// One of them is not understood.
    #[error("`{text}` is not understood as the {field} of a schedule")]
    Field {
        /// Which.
        field: &'static str,
        /// What it says.
        text: String,
    },
}

struct Range {
    name: &'static str,
    low: u32,
    high: u32,
    words: &'static [&'static str],
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTE: Range = Range { name: "minute", low: 0, high: 59, words: &[] };
const HOUR: Range = Range { name: "hour", low: 0, high: 23, words: &[] };
const DAY: Range = Range { name: "day of the month", low: 1, high: 31, words: &[] };
const MONTH: Range = Range { name: "month", low: 1, high: 12, words: MONTHS };
const WEEKDAY: Range = Range { name: "day of the week", low: 0, high: 7, words: WEEKDAYS };

impl Cron {
    /// Reads the five fields.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else { return Err(CronError::Fields(fields.len())) };
        let weekdays = set(&WEEKDAY, weekday)?;
        Ok(Self {
            minutes: set(&MINUTE, minute)?,
            hours: set(&HOUR, hour)?,
            days: set(&DAY, day)?,
            months: set(&MONTH, month)?,
            weekdays: weekdays | (weekdays >> 7 & 1),
            any_day: day.starts_with('*'),
            any_weekday: weekday.starts_with('*'),
        })
    }

    /// Whether it has a time on this day.
    pub fn holds_on(&self, date: Date) -> bool {
        let day = has(self.days, date.day().unsigned_abs().into());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset().unsigned_abs().into());
        let either = if self.any_day || self.any_weekday { day && weekday } else { day || weekday };
        has(self.months, date.month().unsigned_abs().into()) && either
    }

    /// Its clock times on this day, in order.
    pub fn times_on(&self, date: Date) -> impl Iterator<Item = Time> {
        let hours = if self.holds_on(date) { self.hours } else { 0 };
        let minutes = self.minutes;
        (0..24i8).filter(move |hour| has(hours, u32::from(hour.unsigned_abs()))).flat_map(move |hour| {
            (0..60i8)
                .filter(move |minute| has(minutes, u32::from(minute.unsigned_abs())))
                .map(move |minute| jiff::civil::time(hour, minute, 0, 0))
        })
    }
}

fn has(set: u64, number: u32) -> bool {
    set >> number & 1 == 1
}

fn set(range: &Range, text: &str) -> Result<u64, CronError> {
    let wrong = || CronError::Field { field: range.name, text: text.chars().take(40).collect() };
    text.split(',').try_fold(0, |found, part| part_set(range, part).map(|part| found | part)).ok_or_else(wrong)
}

/// `*`, `3`, `1-5`, `*/15`, `10-40/10`; `3/5` is from 3 on.
fn part_set(range: &Range, part: &str) -> Option<u64> {
    let (span, step) = match part.split_once('/') {
        Some((span, step)) => (span, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
        None => (part, None),
    };
    let (low, high) = match span.split_once('-') {
        Some((low, high)) => (number(range, low)?, number(range, high)?),
        None if span == "*" => (range.low, range.high),
        None if step.is_some() => (number(range, span)?, range.high),
        None => (number(range, span)?, number(range, span)?),
    };
    if low > high {
        return None;
    }
    Some((low..=high).step_by(step.unwrap_or(1)).fold(0, |found, number| found | 1 << number))
}

fn number(range: &Range, text: &str) -> Option<u32> {
    let word = text.to_ascii_lowercase();
    if let Some(position) = range.words.iter().position(|known| *known == word) {
        return u32::try_from(position).ok().map(|position| position + range.low);
    }
    let digits = !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (range.low..=range.high).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn times(cron: &str, day: Date) -> Vec<Time> {
        Cron::parse(cron).unwrap_or_else(|error| panic!("{cron}: {error}")).times_on(day).collect()
    }

    #[test]
    fn a_schedule_has_the_times_cron_gives_it() {
        let monday = date(2026, 7, 13);
        let at = |hour, minute| time(hour, minute, 0, 0);
        for (cron, expected) in [
            ("0 9 * * *", vec![at(9, 0)]),
            ("30 8,18 * * mon-fri", vec![at(8, 30), at(18, 30)]),
            ("0 9 * * sun", vec![]),
            ("0 9 * * 0", vec![]),
            ("0 9 13 * *", vec![at(9, 0)]),
            ("0 9 14 * mon", vec![at(9, 0)]),
            ("0 9 14 * *", vec![]),
            ("0 9 * aug *", vec![]),
            ("*/30 9 * jul MON", vec![at(9, 0), at(9, 30)]),
            ("50/5 9 * * *", vec![at(9, 50), at(9, 55)]),
        ] {
            assert_eq!(times(cron, monday), expected, "{cron}");
        }
        assert_eq!(times("0 9 * * 7", date(2026, 7, 12)), [at(9, 0)]);
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_its_field() {
        assert_eq!(Cron::parse("0 9 * *"), Err(CronError::Fields(4)));
        for (cron, field) in [
            ("60 9 * * *", "minute"),
            ("0 24 * * *", "hour"),
            ("0 9 0 * *", "day of the month"),
            ("0 9 * 13 *", "month"),
            ("0 9 * * 8", "day of the week"),
            ("0 9 * * fri-mon", "day of the week"),
            ("*/0 9 * * *", "minute"),
            (",0 9 * * *", "minute"),
            ("+5 9 * * *", "minute"),
        ] {
            let refused = Cron::parse(cron).expect_err(cron);
            assert!(matches!(refused, CronError::Field { field: named, .. } if named == field), "{cron}: {refused}");
        }
    }
}
