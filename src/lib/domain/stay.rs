//! A reservation as it was promised and as it really went.

use super::hotel::Hotel;
use super::ids::{GuestId, ReservationId};
use super::message::words;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words!(
    /// Where a reservation stands.
    ReservationStatus {
        /// Not yet promised; gets no message.
        Tentative = "tentative",
        /// Promised.
        Confirmed = "confirmed",
        /// The guest is in house.
        CheckedIn = "checked_in",
        /// The guest has left.
        CheckedOut = "checked_out",
        /// Called off.
        Cancelled = "cancelled",
        /// The guest never came.
        NoShow = "no_show",
    }
);

/// A planned day, with the clock time if somebody said one. Hotel time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlannedDay {
    /// The day.
    pub date: Date,
    /// The clock time; without it the hotel's check-in or check-out time holds.
    pub time: Option<Time>,
}

impl PlannedDay {
    /// The instant in the hotel's zone. A clock time that does not exist that day is the first instant after the gap;
    /// one that exists twice is the first.
    pub fn instant(&self, hotel: &Hotel, usual: Time) -> Timestamp {
        instant(hotel, self.date, self.time.unwrap_or(usual))
    }
}

/// A clock time of a day in the hotel's zone: after a gap its first instant, of two equal ones the first.
pub fn instant(hotel: &Hotel, date: Date, time: Time) -> Timestamp {
    instant_in(&hotel.time_zone(), date, time)
}

/// The same in a zone that was looked up already.
pub fn instant_in(zone: &TimeZone, date: Date, time: Time) -> Timestamp {
    let local = date.to_datetime(time);
    let ambiguous = zone.to_ambiguous_zoned(local);
    let found = match ambiguous.offset() {
        // The gap's end is the instant at which the offset changes: the clock time read with the offset before it lies
        // after the gap by as much as it lies after the gap's start, so the change is the last one not after it.
        AmbiguousOffset::Gap { before, .. } => {
            let after = before.to_timestamp(local).and_then(|inside| inside.checked_add(SignedDuration::from_secs(1)));
            after.ok().and_then(|after| zone.preceding(after).next().map(|change| change.timestamp()))
        }
        _ => ambiguous.earlier().ok().map(|zoned| zoned.timestamp()),
    };
    found.unwrap_or(Timestamp::MIN)
}

/// What somebody told about a reservation, as it came from a file, a PMS or a person: not yet tied to a guest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// The PMS's id.
    pub id: ReservationId,
    /// As the PMS spells it; untrusted.
    pub guest_name: Option<String>,
    /// How the guest may be reached.
    pub phone: Phone,
    /// Planned arrival.
    pub arrival: PlannedDay,
    /// Planned departure.
    pub departure: PlannedDay,
    /// Where it stands.
    pub status: ReservationStatus,
    /// The class of room.
    pub room_type: Option<String>,
    /// The room itself.
    pub room: Option<String>,
    /// The rate.
    pub rate_plan: Option<String>,
    /// Who sold it.
    pub source: Option<String>,
    /// The guest's language.
    pub language: Option<super::language::Language>,
    /// The guest's address.
    pub email: Option<String>,
    /// ISO 3166 code of the guest.
    pub country: Option<String>,
    /// Persons.
    pub adults: Option<u32>,
    /// Persons.
    pub children: Option<u32>,
    /// `yes`, or a level such as `gold`.
    pub vip: Option<String>,
    /// Words of the PMS.
    pub tags: Vec<String>,
    /// The guest's birthday.
    pub birthday: Option<Date>,
    /// When it was booked.
    pub booked_at: Option<Timestamp>,
    /// Further fields of the PMS or the file, by key.
    pub custom: BTreeMap<String, String>,
}

impl Booking {
    /// Confirmed for these days; nothing else is known of it.
    pub fn bare(id: impl Into<ReservationId>, arrival: Date, departure: Date) -> Self {
        Self {
            id: id.into(),
            guest_name: None,
            phone: Phone::Missing,
            arrival: PlannedDay { date: arrival, time: None },
            departure: PlannedDay { date: departure, time: None },
            status: ReservationStatus::Confirmed,
            room_type: None,
            room: None,
            rate_plan: None,
            source: None,
            language: None,
            email: None,
            country: None,
            adults: None,
            children: None,
            vip: None,
            tags: Vec::new(),
            birthday: None,
            booked_at: None,
            custom: BTreeMap::new(),
        }
    }
}

/// How a guest may be reached, as far as it is known. An ambiguous number is marked, never guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "text")]
pub enum Phone {
    /// E.164, with the plus.
    Known(String),
    /// Something was said that is no one number; as it was said.
    Unclear(String),
    /// Nothing was said.
    Missing,
}

impl Phone {
    /// The number, if there is one.
    pub fn number(&self) -> Option<&str> {
        match self {
            Phone::Known(number) => Some(number),
            Phone::Unclear(_) | Phone::Missing => None,
        }
    }
}

/// A reservation as the database knows it: what was told, and what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// What was told last.
    pub booking: Booking,
    /// The guest it belongs to.
    pub guest: GuestId,
    /// What happened and when.
    pub history: History,
    /// Where it was told, in the order of `pms.kind`'s words, or `manual`.
    pub told_by: String,
    /// When it was last told, successfully.
    pub synced_at: Timestamp,
    /// Occurrences before this instant are passed over in silence: the hotel's first import knows only the past.
    pub silent_before: Option<Timestamp>,
}

/// What happened to a reservation and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// When it became known.
    pub known_at: Timestamp,
    /// When dates, room type or number of guests changed, in order.
    #[serde(default)]
    pub changed: Vec<Timestamp>,
    /// When the room changed, in order; the first room given is no change.
    #[serde(default)]
    pub moved: Vec<Timestamp>,
    /// The real check-in.
    pub checked_in_at: Option<Timestamp>,
    /// The real check-out.
    pub checked_out_at: Option<Timestamp>,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
    /// When it was reported that the guest did not come.
    pub no_show_at: Option<Timestamp>,
}

impl History {
    /// Nothing but that it became known.
    pub fn begun(known_at: Timestamp) -> Self {
        Self {
            known_at,
            changed: Vec::new(),
            moved: Vec::new(),
            checked_in_at: None,
            checked_out_at: None,
            cancelled_at: None,
            no_show_at: None,
        }
    }
}

impl Reservation {
    /// Planned arrival as an instant.
    pub fn arrives_at(&self, hotel: &Hotel) -> Timestamp {
        self.booking.arrival.instant(hotel, hotel.check_in_time)
    }

    /// Planned departure as an instant.
    pub fn departs_at(&self, hotel: &Hotel) -> Timestamp {
        self.booking.departure.instant(hotel, hotel.check_out_time)
    }

    /// Nights between the planned days; zero for day use.
    pub fn nights(&self) -> i64 {
        nights(self.booking.arrival.date, self.booking.departure.date)
    }

    /// Where it stands at an instant. With `assume_check_in` a confirmed guest counts as in house from the planned
    /// arrival and as gone from the planned departure, unless reported otherwise.
    pub fn status_at(&self, hotel: &Hotel, at: Timestamp) -> ReservationStatus {
        use ReservationStatus::{CheckedIn, CheckedOut, Confirmed};
        match self.booking.status {
            Confirmed | CheckedIn if hotel.assume_check_in && at >= self.departs_at(hotel) => CheckedOut,
            Confirmed if hotel.assume_check_in && at >= self.arrives_at(hotel) => CheckedIn,
            reported => reported,
        }
    }
}

/// Nights between two days; never negative.
pub fn nights(arrival: Date, departure: Date) -> i64 {
    let days = arrival.until(departure).map(|span| i64::from(span.get_days())).unwrap_or(0);
    days.max(0)
}
