//! What a telling does to a reservation: a pure comparison of what is known with what is told.
//!
//! A source (a file, a PMS) is compared with what the *same source told before*, not with what is believed: only what
//! the source changed is taken over. What a person set by hand therefore holds until the source says something new
//! about it, and telling the same again changes nothing.

use super::hotel::Hotel;
use super::ids::GuestId;
use super::stay::{Booking, History, Phone, PlannedDay, Reservation, ReservationStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Parts of a booking that a source may not speak of: a file without the column, a webhook without the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// `guest_name`
    GuestName,
    /// `phone`
    Phone,
    /// `status`
    Status,
    /// `room_type`
    RoomType,
    /// `room`
    Room,
    /// `rate_plan`
    RatePlan,
    /// `source`
    Source,
    /// `language`
    Language,
    /// `email`
    Email,
    /// `country`
    Country,
    /// `adults`
    Adults,
    /// `children`
    Children,
    /// `vip`
    Vip,
    /// `tags`
    Tags,
    /// `birthday`
    Birthday,
    /// `booked_at`
    BookedAt,
}

/// What a source does not speak of: what is known of it stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untold {
    /// Parts that are not told.
    pub parts: BTreeSet<Part>,
    /// Keys of `custom` that are told to be empty; keys neither here nor in the booking stay as they are.
    pub emptied: BTreeSet<String>,
}

/// What a source told about one reservation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The reservation as told; the untold parts hold nothing.
    pub booking: Booking,
    /// See [`Untold`].
    pub untold: Untold,
    /// When the status was reached, if the source says so.
    pub status_at: Option<Timestamp>,
    /// The source's own time of this telling: something older than what is known is not taken.
    pub as_of: Option<Timestamp>,
}

impl Told {
    /// A telling that speaks of everything.
    pub fn whole(booking: Booking) -> Self {
        Self { booking, untold: Untold::default(), status_at: None, as_of: None }
    }
}

/// A reservation as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// What is believed.
    pub reservation: Reservation,
    /// What the source told last, if that differs from what is believed.
    pub told: Option<Booking>,
    /// The source's own time of what it told last.
    pub as_of: Option<Timestamp>,
}

impl Known {
    fn told(&self) -> &Booking {
        self.told.as_ref().unwrap_or(&self.reservation.booking)
    }
}

/// Who tells, and when.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// Whose reservations.
    pub hotel: &'a Hotel,
    /// A word of `pms.kind`, or `manual`.
    pub by: &'a str,
    /// Now.
    pub at: Timestamp,
    /// The hotel's first import: what is told is silent about the past.
    pub first: bool,
}

/// What becomes of a reservation when it is told: `None` if the source says that it is older than what is known.
pub fn tell(known: Option<&Known>, told: &Told, guest: GuestId, telling: &Telling<'_>) -> Option<Known> {
    match known {
        None => Some(begin(told, guest, telling)),
        Some(known) if is_older(known, told) => None,
        Some(known) => Some(go_on(known, told, guest, telling)),
    }
}

fn is_older(known: &Known, told: &Told) -> bool {
    matches!((known.as_of, told.as_of), (Some(known), Some(told)) if told < known)
}

fn begin(told: &Told, guest: GuestId, telling: &Telling<'_>) -> Known {
    let booking = told.booking.clone();
    let mut history = History::begun(telling.at);
    let reservation = |history| Reservation {
        booking: booking.clone(),
        guest,
        history,
        told_by: telling.by.to_owned(),
        synced_at: telling.at,
        silent_before: telling.first.then(|| after(telling.at)),
    };
    let plan = reservation(history.clone());
    let (arrives, departs) = (plan.arrives_at(telling.hotel), plan.departs_at(telling.hotel));
    // Nobody told when it happened, and it did before it became known: the planned instant is nearest to the truth.
    let guessed = match booking.status {
        ReservationStatus::CheckedIn => arrives.min(telling.at),
        ReservationStatus::CheckedOut => departs.min(telling.at),
        _ => telling.at,
    };
    reach(&mut history, booking.status, told.status_at.unwrap_or(guessed).min(telling.at));
    Known { reservation: reservation(history), told: None, as_of: told.as_of }
}

/// The first import is silent about everything up to now, its own telling included.
fn after(at: Timestamp) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_micros(1)).unwrap_or(at)
}

fn go_on(known: &Known, told: &Told, guest: GuestId, telling: &Telling<'_>) -> Known {
    let told_now = completed(told, known.told());
    let mut booking = known.reservation.booking.clone();
    take_over(&mut booking, known.told(), &told_now);
    // A clock that is ahead of ours tells nothing about the future.
    let status_at = told.status_at.map(|at| at.min(telling.at));
    let mut reservation = changed(&known.reservation, booking, telling.at, status_at);
    reservation.guest = guest;
    reservation.told_by = telling.by.to_owned();
    reservation.synced_at = telling.at;
    let differs = told_now != reservation.booking;
    Known { reservation, told: differs.then_some(told_now), as_of: told.as_of.or(known.as_of) }
}

/// The phone after a telling, and whether the source's word on it is as before.
pub fn phone_after<'a>(known: Option<&'a Known>, told: &'a Told) -> (&'a Phone, bool) {
    match known {
        None => (&told.booking.phone, false),
        Some(known) if told.untold.parts.contains(&Part::Phone) => (&known.reservation.booking.phone, true),
        Some(known) => (&told.booking.phone, known.told().phone == told.booking.phone),
    }
}

/// What a person sets by hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByHand {
    /// Where it stands.
    pub status: Option<ReservationStatus>,
    /// When that was so; now, if nothing is said.
    pub at: Option<Timestamp>,
    /// Another arrival.
    pub arrival: Option<PlannedDay>,
    /// Another departure.
    pub departure: Option<PlannedDay>,
    /// Another room.
    pub room: Option<String>,
    /// Another class of room.
    pub room_type: Option<String>,
}

/// What becomes of a reservation when a person changes it. The source's word stays as it was told.
pub fn set(known: &Known, by_hand: &ByHand, at: Timestamp) -> Known {
    let mut booking = known.reservation.booking.clone();
    booking.status = by_hand.status.unwrap_or(booking.status);
    booking.arrival = by_hand.arrival.unwrap_or(booking.arrival);
    booking.departure = by_hand.departure.unwrap_or(booking.departure);
    booking.room = by_hand.room.clone().or(booking.room);
    booking.room_type = by_hand.room_type.clone().or(booking.room_type);
    let told = known.told().clone();
    let reservation = changed(&known.reservation, booking, at, by_hand.at);
    let differs = told != reservation.booking;
    Known { reservation, told: differs.then_some(told), as_of: known.as_of }
}

/// Whether two states are the same but for when they were told.
pub fn is_same(one: &Reservation, other: &Reservation) -> bool {
    one.booking == other.booking
        && one.guest == other.guest
        && one.history == other.history
        && one.silent_before == other.silent_before
}

fn changed(before: &Reservation, booking: Booking, at: Timestamp, status_at: Option<Timestamp>) -> Reservation {
    let mut history = before.history.clone();
    grow(&mut history, &before.booking, &booking, at);
    if before.booking.status != booking.status {
        reach(&mut history, booking.status, status_at.unwrap_or(at));
    } else if let Some(status_at) = status_at {
        correct(&mut history, booking.status, status_at);
    }
    Reservation { booking, history, ..before.clone() }
}

/// Changes of one instant are one change, and what changes at the instant it became known was never otherwise.
fn grow(history: &mut History, before: &Booking, after: &Booking, at: Timestamp) {
    let other =
        |before: &Option<String>, after: &Option<String>| before.is_some() && after.is_some() && before != after;
    let number = |before: Option<u32>, after: Option<u32>| before.is_some() && after.is_some() && before != after;
    let dates = before.arrival != after.arrival || before.departure != after.departure;
    let persons = number(before.adults, after.adults) || number(before.children, after.children);
    if (dates || persons || other(&before.room_type, &after.room_type)) && at != history.known_at {
        once(&mut history.changed, at);
    }
    if other(&before.room, &after.room) && at != history.known_at {
        once(&mut history.moved, at);
    }
}

fn once(instants: &mut Vec<Timestamp>, at: Timestamp) {
    if instants.last() != Some(&at) {
        instants.push(at);
    }
}

/// A status is reached: what it takes back is forgotten, so that a reverted check-in or an undone cancellation leaves
/// no trace that a message could go by.
fn reach(history: &mut History, status: ReservationStatus, at: Timestamp) {
    use ReservationStatus::{Cancelled, CheckedIn, CheckedOut, Confirmed, NoShow, Tentative};
    let checked_in_at = history.checked_in_at;
    (history.checked_out_at, history.cancelled_at, history.no_show_at) = (None, None, None);
    match status {
        Tentative | Confirmed => history.checked_in_at = None,
        // Back from a check-out: the guest came when the guest came.
        CheckedIn => history.checked_in_at = checked_in_at.or(Some(at)),
        CheckedOut => history.checked_out_at = Some(at),
        Cancelled => history.cancelled_at = Some(at),
        NoShow => history.no_show_at = Some(at),
    }
}

/// The same status with another instant: a correction.
fn correct(history: &mut History, status: ReservationStatus, at: Timestamp) {
    match status {
        ReservationStatus::Tentative | ReservationStatus::Confirmed => {}
        ReservationStatus::CheckedIn => history.checked_in_at = Some(at),
        ReservationStatus::CheckedOut => history.checked_out_at = Some(at),
        ReservationStatus::Cancelled => history.cancelled_at = Some(at),
        ReservationStatus::NoShow => history.no_show_at = Some(at),
    }
}

macro_rules! parts {
    ($($field:ident: $part:ident),+ $(,)?) => {
        /// What the source tells now, with what it told before where it is silent.
        fn completed(told: &Told, before: &Booking) -> Booking {
            let mut now = told.booking.clone();
            $(if told.untold.parts.contains(&Part::$part) {
                now.$field = before.$field.clone();
            })+
            for (key, value) in &before.custom {
                if !told.untold.emptied.contains(key) {
                    now.custom.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
            now
        }

        /// Takes over what the source changed.
        fn take_over(booking: &mut Booking, before: &Booking, now: &Booking) {
            $(if before.$field != now.$field {
                booking.$field = now.$field.clone();
            })+
            if before.arrival != now.arrival {
                booking.arrival = now.arrival;
            }
            if before.departure != now.departure {
                booking.departure = now.departure;
            }
            booking.custom = now.custom.clone();
        }
    };
}
parts!(
    guest_name: GuestName,
    phone: Phone,
    status: Status,
    room_type: RoomType,
    room: Room,
    rate_plan: RatePlan,
    source: Source,
    language: Language,
    email: Email,
    country: Country,
    adults: Adults,
    children: Children,
    vip: Vip,
    tags: Tags,
    birthday: Birthday,
    booked_at: BookedAt,
);

#[cfg(test)]
#[path = "stay_change_tests.rs"]
mod tests;
