//! At which moment of a stay.

use crate::domain::hotel::Window;
use crate::domain::ids::{AnswerId, QuestionId};
use crate::domain::message::words;
use crate::domain::understanding::Sentiment;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The moment of a trigger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct When {
    /// On which side of the anchor.
    pub side: Side,
    /// What it goes by.
    pub anchor: Anchor,
    /// How far from it.
    pub by: Option<Offset>,
    /// At which clock time, hotel time.
    pub at: Option<Time>,
    /// Only in these hours, hotel time.
    pub only_between: Option<Window>,
    /// Only on these days; empty means every day.
    pub days: Vec<Day>,
    /// What a moment outside of them does.
    pub otherwise: Otherwise,
    /// What a moment does that was already past.
    pub if_missed: IfMissed,
}

words!(
    /// A day of the week.
    Day {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
);

impl Day {
    /// The day of the week of a date.
    pub fn of(date: jiff::civil::Date) -> Self {
        Day::ALL[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]
    }
}

words!(
    /// On which side of its anchor a moment lies.
    Side { /// Before it.
        Before = "before", /// After it.
        After = "after", /// At it.
        On = "on" }
);

/// What a moment goes by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The reservation became known, or its `booked_at`.
    BookingCreated,
    /// Dates, room type or number of guests changed.
    BookingChanged,
    /// Called off.
    BookingCancelled,
    /// The guest did not come.
    NoShow,
    /// Planned arrival.
    Arrival,
    /// Real check-in; the planned arrival only with `assume_check_in`.
    CheckIn,
    /// Arrival day + half the nights, rounded down; from two nights on; 11:00 unless `at` is said.
    MidStay,
    /// Every day strictly between arrival and departure day; needs `at`.
    InHouseDaily,
    /// The guest moved to another room.
    RoomChanged,
    /// Planned departure.
    CheckOut,
    /// Real departure; the planned one only with `assume_check_in`.
    CheckedOut,
    /// The guest's first message.
    FirstMessage,
    /// Each message of the guest.
    Message,
    /// A message that was read as this.
    Sentiment {
        /// The reading.
        is: Sentiment,
    },
    /// An answer to a question.
    Answer {
        /// Which question.
        of: QuestionId,
        /// Which answer; `None` is any.
        is: Option<AnswerId>,
    },
    /// An alert was resolved.
    AlertResolved,
    /// The guest has been silent since the last message or, without one, since the check-in.
    Silence,
    /// A clock of its own, hotel time, for guests in house; the occurrence is the day.
    Schedule {
        /// Five fields, as cron has them.
        cron: String,
    },
}

impl Anchor {
    /// The word in the file.
    pub fn as_str(&self) -> &'static str {
        match self {
            Anchor::BookingCreated => "booking_created",
            Anchor::BookingChanged => "booking_changed",
            Anchor::BookingCancelled => "booking_cancelled",
            Anchor::NoShow => "no_show",
            Anchor::Arrival => "arrival",
            Anchor::CheckIn => "check_in",
            Anchor::MidStay => "mid_stay",
            Anchor::InHouseDaily => "in_house_daily",
            Anchor::RoomChanged => "room_changed",
            Anchor::CheckOut => "check_out",
            Anchor::CheckedOut => "checked_out",
            Anchor::FirstMessage => "first_message",
            Anchor::Message => "message",
            Anchor::Sentiment { .. } => "sentiment",
            Anchor::Answer { .. } => "answer",
            Anchor::AlertResolved => "alert_resolved",
            Anchor::Silence => "silence",
            Anchor::Schedule { .. } => "schedule",
        }
    }
}

/// A distance in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offset {
    /// Hours and minutes: time that passes.
    Elapsed(Duration),
    /// Days and weeks: the calendar's, which keep the clock time.
    Days(i64),
}

words!(
    /// What a moment outside `only_between` and `days` does.
    Otherwise { /// Waits for the next window.
        Later = "later", /// Goes in the last minute of the window before.
        Earlier = "earlier", /// Is passed over.
        Skip = "skip" }
);

/// What a moment does that was already past when the reservation became known or the daemon was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfMissed {
    /// It is passed over.
    Skip,
    /// It goes, however late.
    Send,
    /// It goes if it is no later than this.
    Within(Duration),
}
