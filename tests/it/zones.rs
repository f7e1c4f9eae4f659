//! Trigger times on the days on which clocks change: every zone of the tz database, every change from 2020 to 2035,
//! against a model that only walks the minutes and looks at the clock (faults T7).

use hotelbot::domain::hotel::Window;
use hotelbot::domain::schedule::anchors::Point;
use hotelbot::domain::schedule::moments::moment;
use hotelbot::domain::schedule::windows::{Hours, Settled};
use hotelbot::domain::trigger::{Anchor, IfMissed, Offset, Otherwise, Side, When};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{self, TimeZone};
use std::time::Duration;

const DAY: i64 = 24 * 60;
/// Minutes before and after a change that the model knows.
const REACH: i64 = 5 * DAY;
/// Anchors, in minutes from the change.
const ANCHORS: [i64; 12] = [-3000, -1500, -1470, -1440, -180, -90, -30, -1, 0, 10, 75, 1500];

/// What the clock shows in each minute around one change, as minutes since 1970 by that clock.
struct Walk {
    start: i64,
    shows: Vec<i64>,
}

impl Walk {
    fn around(zone: &TimeZone, change: Timestamp) -> Self {
        let start = change.as_second().div_euclid(60) - REACH;
        let shows = (start..start + 2 * REACH).map(|minute| minute + offset_minutes(zone, minute)).collect();
        Self { start, shows }
    }

    fn shows(&self, minute: i64) -> i64 {
        self.shows[usize::try_from(minute - self.start).expect("within reach")]
    }

    /// The first minute in which the clock shows this, or more if it never shows it.
    fn first(&self, shown: i64) -> i64 {
        let place = self.shows.iter().position(|shows| *shows >= shown).expect("within reach");
        self.start + i64::try_from(place).expect("small")
    }

    /// The first minute from there, by steps of one, that is allowed.
    fn walk(&self, from: i64, step: i64, allowed: impl Fn(i64) -> bool) -> i64 {
        let mut minute = from;
        while !allowed(self.shows(minute).rem_euclid(DAY)) {
            minute += step;
        }
        minute
    }
}

fn offset_minutes(zone: &TimeZone, minute: i64) -> i64 {
    let at = Timestamp::from_second(minute * 60).expect("in range");
    i64::from(zone.to_offset(at).seconds()).div_euclid(60)
}

fn instant(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).expect("in range")
}

fn time(minute_of_day: i64) -> Time {
    let minute = minute_of_day.rem_euclid(DAY);
    let small = |number: i64| i8::try_from(number).expect("small");
    Time::new(small(minute / 60), small(minute % 60), 0, 0).expect("a time")
}

fn date(shown: i64) -> Date {
    let midnight = Timestamp::from_second(shown.div_euclid(DAY) * DAY * 60).expect("in range");
    midnight.to_zoned(TimeZone::UTC).date()
}

fn when(side: Side, by: Option<Offset>, at: Option<Time>) -> When {
    When {
        side,
        anchor: Anchor::Arrival,
        by,
        at,
        only_between: None,
        days: Vec::new(),
        otherwise: Otherwise::Later,
        if_missed: IfMissed::Skip,
    }
}

/// One change of a zone's clocks, and how many cases were compared.
struct Night<'z> {
    name: &'z str,
    zone: &'z TimeZone,
    walk: Walk,
    change: i64,
    cases: u64,
}

impl Night<'_> {
    fn compare(&mut self, what: &When, anchor: Point, expected: i64) {
        let found = moment(self.zone, what, anchor);
        self.cases += 1;
        assert_eq!(found, Some(instant(expected)), "{} {} {what:?} {anchor:?}", self.name, instant(self.change));
    }

    /// Clock times next to the change, before and after it, and two far from it.
    fn times(&self) -> Vec<i64> {
        let (before, after) = (self.walk.shows(self.change - 1) + 1, self.walk.shows(self.change));
        let near = [before - 1, before, before + 15, (before + after) / 2, after - 1, after, after + 15];
        near.into_iter().chain([0, 12 * 60]).map(|shown| shown.rem_euclid(DAY)).collect()
    }

    fn moments(&mut self) {
        for anchor in ANCHORS.map(|minutes| self.change + minutes) {
            let shown = self.walk.shows(anchor);
            let point = Point::Instant(instant(anchor));
            // Hours pass.
            for hours in [3i64, 24] {
                let by = Some(Offset::Elapsed(Duration::from_secs(hours.unsigned_abs() * 3600)));
                self.compare(&when(Side::After, by, None), point, anchor + hours * 60);
                self.compare(&when(Side::Before, by, None), point, anchor - hours * 60);
            }
            // Days keep the clock time.
            for (side, days) in [(Side::After, 1), (Side::After, 2), (Side::Before, -1)] {
                let expected = self.walk.first(shown + days * DAY);
                self.compare(&when(side, Some(Offset::Days(days.abs())), None), point, expected);
            }
            for clock in self.times() {
                let midnight = shown.div_euclid(DAY) * DAY;
                // Days lead to the clock time on that day.
                for (side, days) in [(Side::After, 0), (Side::After, 1), (Side::Before, -1)] {
                    let expected = self.walk.first(midnight + days * DAY + clock);
                    self.compare(&when(side, Some(Offset::Days(days.abs())), Some(time(clock))), point, expected);
                }
                // A clock time alone is the next one, or the one before.
                let each = || (-2..=2).map(|days| self.walk.first(midnight + days * DAY + clock));
                let next = each().filter(|minute| *minute >= anchor).min().expect("there is one");
                let last = each().filter(|minute| *minute <= anchor).max().expect("there is one");
                self.compare(&when(Side::After, None, Some(time(clock))), point, next);
                self.compare(&when(Side::Before, None, Some(time(clock))), point, last);
            }
        }
    }

    /// Anchors that are days: the middle of a stay, each day in house.
    fn days(&mut self) {
        let shown = self.walk.shows(self.change);
        let times = self.times();
        for (day, clock) in (-1..=1).flat_map(|day| times.iter().map(move |clock| (day, *clock))) {
            let midnight = shown.div_euclid(DAY) * DAY + day * DAY;
            let point = Point::Day(date(midnight), None);
            let expected = self.walk.first(midnight + clock);
            self.compare(&when(Side::On, None, Some(time(clock))), point, expected);
        }
    }

    /// Quiet hours and windows whose edges lie at the change.
    fn windows(&mut self) {
        let times = self.times();
        for (start, end) in [(21 * 60, times[3]), (times[3], 12 * 60), (times[1], times[6]), (21 * 60, 9 * 60)] {
            let inside = |minute: i64| (minute - start).rem_euclid(DAY) < (end - start).rem_euclid(DAY);
            let window = Window { start: time(start), end: time(end) };
            for moment in ANCHORS.map(|minutes| self.change + minutes) {
                let quiet = when(Side::On, None, None);
                let hours = Hours::new(self.zone.clone(), &quiet, Some(window));
                let expected = self.walk.walk(moment, 1, |minute| !inside(minute));
                self.settles(&hours, moment, expected, window);
                for (otherwise, step) in [(Otherwise::Later, 1), (Otherwise::Earlier, -1)] {
                    let only = When { only_between: Some(window), otherwise, ..when(Side::On, None, None) };
                    let hours = Hours::new(self.zone.clone(), &only, None);
                    let expected = self.walk.walk(moment, step, inside);
                    self.settles(&hours, moment, expected, window);
                }
            }
        }
    }

    fn settles(&mut self, hours: &Hours<'_>, moment: i64, expected: i64, window: Window) {
        let found = match hours.settle(instant(moment)) {
            Settled::Stays => Some(instant(moment)),
            Settled::Moved(due, _) => Some(due),
            Settled::Skipped(_) => None,
        };
        self.cases += 1;
        assert_eq!(found, Some(instant(expected)), "{} {} {window:?}", self.name, instant(moment));
    }
}

/// Compares every kind of trigger around every change of a zone's clocks.
fn compare_zone(name: &str, years: std::ops::Range<i16>) -> u64 {
    let zone = TimeZone::get(name).expect("a zone of the database");
    let begin = |year| Date::new(year, 1, 1).expect("a date").to_zoned(TimeZone::UTC).expect("in range").timestamp();
    let (first, last) = (begin(years.start), begin(years.end));
    let changes: Vec<Timestamp> =
        zone.following(first).map(|change| change.timestamp()).take_while(|at| *at < last).collect();
    let mut cases = 0;
    for change in changes {
        let minute = change.as_second().div_euclid(60);
        let before = offset_minutes(&zone, minute - 1);
        if before == offset_minutes(&zone, minute) {
            continue;
        }
        let walk = Walk::around(&zone, change);
        let mut night = Night { name, zone: &zone, walk, change: minute, cases: 0 };
        night.moments();
        night.days();
        night.windows();
        cases += night.cases;
    }
    cases
}

#[test]
fn times_around_clock_changes_agree_with_a_walk_by_minutes() {
    // One of each kind: north and south, half an hour, two hours, at midnight, on Saturday, with a Ramadan pause.
    let zones = [
        ("Europe/Berlin", 2024..2027),
        ("America/New_York", 2024..2026),
        ("Australia/Lord_Howe", 2024..2026),
        ("Antarctica/Troll", 2024..2026),
        ("Africa/Cairo", 2024..2026),
        ("America/Scoresbysund", 2023..2026),
        ("America/Santiago", 2024..2026),
        ("Africa/Casablanca", 2024..2026),
        ("Asia/Beirut", 2024..2026),
        ("Pacific/Chatham", 2024..2026),
    ];

    let cases: u64 = zones.into_iter().map(|(name, years)| compare_zone(name, years)).sum();

    assert!(cases > 20_000, "{cases}");
}

#[test]
#[ignore = "takes minutes; `tests/run long`"]
fn every_zone_and_every_clock_change_agrees_with_a_walk_by_minutes() {
    let names: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
    assert!(names.len() > 400, "the whole database is there: {}", names.len());

    let cases: u64 = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let names = &names;
                scope.spawn(move || {
                    names.iter().skip(worker).step_by(4).map(|name| compare_zone(name, 2020..2036)).sum::<u64>()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("agrees")).sum()
    });

    assert!(cases > 1_000_000, "{cases}");
}

#[test]
fn the_model_itself_sees_a_missing_and_a_doubled_hour() {
    let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
    let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
    let minute = |text: &str| at(text).as_second().div_euclid(60);
    let shown = |text: &str| minute(text);

    let spring = Walk::around(&berlin, at("2026-03-29T01:00:00Z"));
    let autumn = Walk::around(&berlin, at("2026-10-25T01:00:00Z"));

    assert_eq!(spring.first(shown("2026-03-29T02:30:00Z")), minute("2026-03-29T01:00:00Z"));
    assert_eq!(autumn.first(shown("2026-10-25T02:30:00Z")), minute("2026-10-25T00:30:00Z"));
}
