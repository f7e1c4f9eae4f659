//! From the anchor to the moment: `by` and `at`, over the nights on which clocks change.

use super::anchors::Point;
use crate::domain::stay::instant_in;
use crate::domain::trigger::{Offset, Side, When};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The instant a trigger means, before windows and quiet hours. `None` if there is none: a day without a clock time, or a
/// distance beyond the calendar.
///
/// * Hours and minutes pass; they may end in the second of two equal clock times.
/// * Days and weeks keep the clock time of the anchor or, with `at`, lead to that time on that day.
/// * `at` alone is the first such time at or after the anchor; with `before` the last one at or before it. `on` is read
///   as `after` here: a message is not sent before what it is about.
pub fn moment(zone: &TimeZone, when: &When, point: Point) -> Option<Timestamp> {
    match point {
        Point::Instant(anchor) => from_instant(zone, when, anchor),
        Point::Day(date, usual) => from_day(zone, when, date, usual),
    }
}

fn from_instant(zone: &TimeZone, when: &When, anchor: Timestamp) -> Option<Timestamp> {
    let local = anchor.to_zoned(zone.clone()).datetime();
    match (when.by, when.at) {
        (None, None) => Some(anchor),
        (None, Some(at)) => next_at(zone, when.side, anchor, local.date(), at),
        (Some(Offset::Elapsed(by)), _) => pass(when.side, anchor, by),
        // No day away is the anchor itself, even in the second of two equal hours.
        (Some(Offset::Days(0)), None) => Some(anchor),
        (Some(Offset::Days(days)), at) => {
            let date = shift(when.side, local.date(), days)?;
            Some(instant_in(zone, date, at.unwrap_or(local.time())))
        }
    }
}

fn from_day(zone: &TimeZone, when: &When, date: Date, usual: Option<Time>) -> Option<Timestamp> {
    let time = when.at.or(usual)?;
    match when.by {
        None => Some(instant_in(zone, date, time)),
        Some(Offset::Days(days)) => Some(instant_in(zone, shift(when.side, date, days)?, time)),
        Some(Offset::Elapsed(by)) => pass(when.side, instant_in(zone, date, time), by),
    }
}

/// The days around are looked at, too: a clock time that falls into a gap before midnight comes on the next day.
fn next_at(zone: &TimeZone, side: Side, anchor: Timestamp, date: Date, at: Time) -> Option<Timestamp> {
    let days = [date.yesterday().ok(), Some(date), date.tomorrow().ok()];
    let times = days.into_iter().flatten().map(|date| instant_in(zone, date, at));
    match side {
        Side::Before => times.filter(|time| *time <= anchor).max(),
        Side::After | Side::On => times.filter(|time| *time >= anchor).min(),
    }
}

fn pass(side: Side, anchor: Timestamp, by: std::time::Duration) -> Option<Timestamp> {
    let by = SignedDuration::try_from(by).ok()?;
    match side {
        Side::Before => anchor.checked_sub(by).ok(),
        Side::After | Side::On => anchor.checked_add(by).ok(),
    }
}

fn shift(side: Side, date: Date, days: i64) -> Option<Date> {
    let days = if side == Side::Before { days.checked_neg()? } else { days };
    date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The day an instant belongs to, hotel time.
pub fn local_date(zone: &TimeZone, at: Timestamp) -> Date {
    at.to_zoned(zone.clone()).date()
}

/// The day after; the calendar's last day has none.
pub fn next_day(date: Date) -> Option<Date> {
    date.checked_add(1.day()).ok()
}
