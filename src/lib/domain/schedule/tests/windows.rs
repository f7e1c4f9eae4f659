//! Windows, days and quiet hours.

use crate::domain::hotel::Window;
use crate::domain::schedule::testing::{at, clock, hotel, set, trigger, when, window};
use crate::domain::schedule::windows::{Hours, Settled, quiet_hours};
use crate::domain::stay::instant_in;
use crate::domain::touchpoint::SkipReason;
use crate::domain::trigger::{Anchor, Day, Otherwise, Side, When};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn hours_of(only_between: &str, otherwise: Otherwise) -> When {
    let only_between = (!only_between.is_empty()).then(|| window(only_between));
    When { only_between, otherwise, ..when(Side::On, Anchor::Arrival) }
}

fn settled(when: &When, quiet: &str, moment: &str) -> String {
    let quiet = (!quiet.is_empty()).then(|| window(quiet));
    match Hours::new(TimeZone::UTC, when, quiet).settle(at(&format!("2026-07-12T{moment}:00Z"))) {
        Settled::Stays => "stays".to_owned(),
        Settled::Moved(due, reason) => format!("{} {reason}", due.strftime("%d %H:%M")),
        Settled::Skipped(reason) => format!("skip {reason}"),
    }
}

#[test]
fn a_window_holds_its_start_and_not_its_end() {
    let open = hours_of("", Otherwise::Later);
    for (moment, expected) in [
        ("20:59", "stays"),
        ("21:00", "13 09:00 quiet"),
        ("23:30", "13 09:00 quiet"),
        ("00:00", "12 09:00 quiet"),
        ("08:59", "12 09:00 quiet"),
        ("09:00", "stays"),
    ] {
        assert_eq!(settled(&open, "21:00-09:00", moment), expected, "{moment}");
    }
    let window = hours_of("10:00-20:30", Otherwise::Later);
    for (moment, expected) in [
        ("10:00", "stays"),
        ("09:59", "12 10:00 window"),
        ("20:29", "stays"),
        ("20:30", "13 10:00 window"),
        ("03:00", "12 10:00 window"),
    ] {
        assert_eq!(settled(&window, "21:00-09:00", moment), expected, "{moment}");
    }
}

#[test]
fn otherwise_speaks_of_the_window_and_quiet_hours_alone_move_later() {
    for (only_between, otherwise, moment, expected) in [
        ("10:00-20:30", Otherwise::Skip, "21:30", "skip window"),
        ("10:00-20:30", Otherwise::Skip, "12:00", "stays"),
        ("10:00-20:30", Otherwise::Earlier, "21:30", "12 20:29 window"),
        ("10:00-20:30", Otherwise::Earlier, "20:30", "12 20:29 window"),
        ("10:00-20:30", Otherwise::Earlier, "07:00", "11 20:29 window"),
        // In the window, but quiet: later, whatever `otherwise` says.
        ("10:00-23:00", Otherwise::Earlier, "22:00", "13 10:00 quiet"),
        ("10:00-23:00", Otherwise::Skip, "22:00", "13 10:00 quiet"),
        ("", Otherwise::Skip, "22:00", "13 09:00 quiet"),
        ("", Otherwise::Earlier, "22:00", "13 09:00 quiet"),
        // Outside and quiet: `otherwise` speaks, and what it finds is not quiet.
        ("10:00-23:00", Otherwise::Earlier, "23:30", "12 20:59 window"),
        ("06:00-12:00", Otherwise::Later, "12:00", "13 09:00 window"),
        // A window over midnight.
        ("18:00-02:00", Otherwise::Later, "12:00", "12 18:00 window"),
        ("18:00-02:00", Otherwise::Earlier, "12:00", "11 20:59 window"),
    ] {
        let when = hours_of(only_between, otherwise);
        assert_eq!(settled(&when, "21:00-09:00", moment), expected, "{only_between} {otherwise} {moment}");
    }
    assert_eq!(settled(&hours_of("01:00-03:00", Otherwise::Later), "", "12:00"), "13 01:00 window");
}

#[test]
fn days_are_those_on_the_clock_at_the_moment_of_sending() {
    // 12 July 2026 is a Sunday.
    let on = |days: &[Day], otherwise| When { days: days.to_vec(), ..hours_of("", otherwise) };
    for (days, otherwise, expected) in [
        (vec![Day::Sun], Otherwise::Later, "stays"),
        (vec![Day::Mon], Otherwise::Later, "13 09:00 window"),
        (vec![Day::Sat], Otherwise::Later, "18 09:00 window"),
        (vec![Day::Fri], Otherwise::Earlier, "10 20:59 window"),
        (vec![Day::Mon, Day::Tue], Otherwise::Skip, "skip window"),
    ] {
        assert_eq!(settled(&on(&days, otherwise), "21:00-09:00", "12:00"), expected, "{days:?} {otherwise}");
    }
}

#[test]
fn a_window_that_never_opens_passes_the_message_over() {
    let night = hours_of("22:00-06:00", Otherwise::Later);
    assert_eq!(settled(&night, "21:00-09:00", "23:00"), "skip quiet");
    assert_eq!(settled(&night, "21:00-09:00", "12:00"), "skip window");
}

#[test]
fn a_window_that_opens_in_the_missing_hour_opens_right_after_it() {
    let berlin = TimeZone::get("Europe/Berlin").expect("known");
    let when = hours_of("", Otherwise::Later);
    let hours = Hours::new(berlin.clone(), &when, Some(window("21:00-02:30")));

    let due = hours.next_allowed(at("2026-03-28T23:00:00+01:00")).expect("opens");

    assert_eq!(due, at("2026-03-29T03:00:00+02:00"));
    // In the doubled hour it is quiet again when the clock shows a quiet time a second time.
    assert!(!hours.is_quiet(at("2026-10-25T02:30:00+02:00")) && hours.is_quiet(at("2026-10-25T02:15:00+01:00")));
}

#[test]
fn quiet_hours_are_the_triggers_own_else_the_hotel_files_else_those_of_the_trigger_files() {
    let mut hotel = hotel();
    let mut set = set(vec![trigger("t", when(Side::On, Anchor::Arrival))]);
    set.policy.quiet_hours = Some(window("22:00-08:00"));
    let mut trigger = set.triggers[&"t".into()].clone();
    trigger.policy.quiet_hours = set.policy.quiet_hours;
    assert_eq!(quiet_hours(&hotel, &set, &trigger), Some(window("22:00-08:00")));

    hotel.quiet_hours = Some(window("23:00-07:00"));
    assert_eq!(quiet_hours(&hotel, &set, &trigger), Some(window("23:00-07:00")));

    trigger.policy.quiet_hours = Some(window("19:00-10:00"));
    assert_eq!(quiet_hours(&hotel, &set, &trigger), Some(window("19:00-10:00")));

    hotel.quiet_hours = Some(Window::NEVER);
    trigger.policy.quiet_hours = set.policy.quiet_hours;
    assert!(!Hours::of(&hotel, &set, &trigger).is_quiet(at("2026-07-12T23:30:00Z")), "the file says there are none");
}

/// The same question asked minute by minute.
struct Walk {
    zone: TimeZone,
    when: When,
    quiet: Option<Window>,
}

impl Walk {
    fn is_in(window: Window, time: jiff::civil::Time) -> bool {
        let minute = |time: jiff::civil::Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
        let length = (minute(window.end) - minute(window.start)).rem_euclid(24 * 60);
        (minute(time) - minute(window.start)).rem_euclid(24 * 60) < length
    }

    fn is_outside(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.zone.clone());
        let day = self.when.days.is_empty() || self.when.days.contains(&Day::of(local.date()));
        !day || self.when.only_between.is_some_and(|window| !Self::is_in(window, local.time()))
    }

    fn allows(&self, at: Timestamp) -> bool {
        let quiet = |window| Self::is_in(window, at.to_zoned(self.zone.clone()).time());
        !self.is_outside(at) && !self.quiet.is_some_and(quiet)
    }

    fn go(&self, from: Timestamp, step: i64) -> Option<Timestamp> {
        let minutes = (1..9 * 24 * 60).map(|minutes| from + SignedDuration::from_mins(step * minutes));
        minutes.into_iter().find(|minute| self.allows(*minute))
    }

    fn settle(&self, moment: Timestamp) -> Option<Timestamp> {
        match (self.allows(moment), self.is_outside(moment), self.when.otherwise) {
            (true, _, _) => Some(moment),
            (false, true, Otherwise::Skip) => None,
            (false, true, Otherwise::Earlier) => self.go(moment, -1),
            _ => self.go(moment, 1),
        }
    }
}

fn any_window() -> impl Strategy<Value = Option<Window>> {
    let time =
        || (0..24i8, prop::sample::select(vec![0i8, 1, 30, 59])).prop_map(|(h, m)| jiff::civil::time(h, m, 0, 0));
    prop::option::of(
        (time(), time()).prop_map(|(start, end)| Window { start, end }).prop_filter("a day", |w| w.start != w.end),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn windows_agree_with_a_walk_by_minutes(
        zone in prop::sample::select(vec!["Europe/Berlin", "Asia/Bangkok", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo"]),
        only_between in any_window(),
        quiet in any_window(),
        days in prop::sample::subsequence(Day::ALL.to_vec(), 0..7),
        otherwise in prop::sample::select(Otherwise::ALL.to_vec()),
        around in prop::sample::select(vec![(3, 29), (4, 4), (4, 24), (9, 5), (10, 3), (10, 25), (10, 29), (7, 12)]),
        minute in -2000i64..2000,
    ) {
        let zone = TimeZone::get(zone).expect("known");
        let moment = instant_in(&zone, date(2026, around.0, around.1), clock("12:00")) + SignedDuration::from_mins(minute);
        let when = When { only_between, days, otherwise, ..when(Side::On, Anchor::Arrival) };
        let walk = Walk { zone: zone.clone(), when: when.clone(), quiet };

        let found = match Hours::new(zone, &when, quiet).settle(moment) {
            Settled::Stays => Some(moment),
            Settled::Moved(due, _) => Some(due),
            Settled::Skipped(_) => None,
        };

        prop_assert_eq!(found, walk.settle(moment));
    }
}

#[test]
fn the_reason_tells_what_moved_it() {
    let when = hours_of("10:00-20:30", Otherwise::Later);
    let hours = Hours::new(TimeZone::UTC, &when, Some(window("19:00-09:00")));
    assert!(matches!(hours.settle(at("2026-07-12T22:00:00Z")), Settled::Moved(_, SkipReason::Window)));
    assert!(matches!(hours.settle(at("2026-07-12T19:30:00Z")), Settled::Moved(_, SkipReason::Quiet)));
}
