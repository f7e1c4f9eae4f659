//! Builders for the tests of the schedule: a hotel, a reservation and triggers with defaults, of which a test spells out
//! only what matters.

use crate::domain::hotel::{Hotel, Window};
use crate::domain::ids::{GuestId, QuestionId, TriggerId};
use crate::domain::language::Language;
use crate::domain::stay::{Booking, History, Phone, Reservation, ReservationStatus};
use crate::domain::trigger::{
    Anchor, Condition, Content, IfMissed, Kind, Offset, Once, Other, Otherwise, Policy, Question, Says, Side, Test,
    Trigger, TriggerMode, TriggerSet, Value, Variant, When,
};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// `2026-07-12T14:00:00Z` or with an offset.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// `14:00`.
pub(crate) fn clock(text: &str) -> Time {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// `21:00-09:00`.
pub(crate) fn window(text: &str) -> Window {
    let (start, end) = text.split_once('-').expect("a window has a dash");
    Window { start: clock(start), end: clock(end) }
}

pub(crate) fn language(code: &str) -> Language {
    Language::parse(code).unwrap_or_else(|| panic!("{code} is no language"))
}

/// In UTC, check-in at 14:00, check-out at 12:00, speaking English and Russian; says nothing of quiet hours.
pub(crate) fn hotel() -> Hotel {
    let hotel = crate::domain::rules::testing::hotel();
    Hotel {
        timezone: "UTC".to_owned(),
        languages: vec![language("en"), language("ru")],
        check_in_time: clock("14:00"),
        check_out_time: clock("12:00"),
        assume_check_in: false,
        quiet_hours: None,
        pms: None,
        ..hotel
    }
}

/// The same in another zone.
pub(crate) fn hotel_in(zone: &str) -> Hotel {
    Hotel { timezone: zone.to_owned(), ..hotel() }
}

/// A confirmed reservation with a number, known for long.
pub(crate) fn reservation(id: &str, arrival: &str, departure: &str) -> Reservation {
    let booking = Booking {
        guest_name: Some("Anna Berg".to_owned()),
        phone: Phone::Known("+491701234567".to_owned()),
        ..Booking::bare(id, day(arrival), day(departure))
    };
    Reservation {
        booking,
        guest: GuestId(Uuid::from_u128(7)),
        history: History::begun(at("2026-01-01T00:00:00Z")),
        told_by: "csv".to_owned(),
        synced_at: at("2026-01-01T00:00:00Z"),
        silent_before: None,
    }
}

/// The same, checked in.
pub(crate) fn checked_in(mut reservation: Reservation, when: &str) -> Reservation {
    reservation.booking.status = ReservationStatus::CheckedIn;
    reservation.history.checked_in_at = Some(at(when));
    reservation
}

/// At the anchor itself, with no window.
pub(crate) fn when(side: Side, anchor: Anchor) -> When {
    When {
        side,
        anchor,
        by: None,
        at: None,
        only_between: None,
        days: Vec::new(),
        otherwise: Otherwise::Later,
        if_missed: IfMissed::Skip,
    }
}

pub(crate) fn hours(number: u64) -> Option<Offset> {
    Some(Offset::Elapsed(HOUR * u32::try_from(number).expect("small")))
}

pub(crate) fn days(number: i64) -> Option<Offset> {
    Some(Offset::Days(number))
}

/// Says something in English and Russian to everybody.
pub(crate) fn trigger(id: &str, when: When) -> Trigger {
    Trigger {
        id: TriggerId::from(id),
        about: None,
        enabled: true,
        priority: 50,
        mode: TriggerMode::Live,
        when,
        filter: Condition::everybody(),
        once: Once::PerStay,
        says: Says::Send(content(&["en", "ru"])),
        policy: Policy::default(),
        because: None,
    }
}

/// The same as a question.
pub(crate) fn asking(mut trigger: Trigger) -> Trigger {
    trigger.says = Says::Ask(Question {
        id: QuestionId(trigger.id.0.clone()),
        content: content(&["en", "ru"]),
        kind: Kind::YesNo,
        answers: Vec::new(),
        other: Other::Classify,
        expires: HOUR * 36,
        remind: None,
    });
    trigger
}

pub(crate) fn content(languages: &[&str]) -> Content {
    let text = languages.iter().map(|code| (language(code), format!("Hello in {code}"))).collect();
    Content { variants: vec![Variant { filter: Condition::everybody(), text }], media: None }
}

pub(crate) fn set(triggers: Vec<Trigger>) -> TriggerSet {
    let triggers = triggers.into_iter().map(|trigger| (trigger.id.clone(), trigger)).collect();
    TriggerSet { policy: Policy::default(), triggers, questions: BTreeMap::new() }
}

pub(crate) fn is(field: crate::domain::trigger::Field, word: &str) -> Condition {
    Condition::Is { field, test: Test::Equals(Value::Word(word.to_owned())) }
}
