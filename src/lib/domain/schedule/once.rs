//! How often a guest hears one trigger.
//!
//! `per stay` and `per room` limit each occurrence, so a recurring anchor recurs. `per guest` and `every 30d` limit the
//! trigger itself, whatever the occurrence and the stay.

use super::facts::Said;
use super::limits::signed;
use crate::domain::ids::ReservationId;
use crate::domain::stay::Reservation;
use crate::domain::trigger::Once;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// Whether the guest heard it already.
pub fn is_said(once: Once, reservation: &Reservation, occurrence: &str, said: &[Said], now: Timestamp) -> bool {
    let own = |said: &Said| said.reservation == reservation.booking.id && said.occurrence == occurrence;
    said.iter().any(|said| {
        own(said)
            || match once {
                Once::PerRoom => false,
                Once::PerStay => said.occurrence == occurrence && is_same_stay(reservation, said),
                Once::PerGuest => true,
                Once::Every(time) => now.duration_since(said.at) < signed(time),
            }
    })
}

fn is_same_stay(reservation: &Reservation, said: &Said) -> bool {
    let booking = &reservation.booking;
    let own: (&ReservationId, Date, Date) = (&booking.id, booking.arrival.date, booking.departure.date);
    *own.0 == said.reservation || overlap((own.1, own.2), (said.arrival, said.departure))
}

/// Whether two stays share a night; day use counts as the night after its day. Leaving on the day the other arrives is
/// two stays.
pub fn overlap(a: (Date, Date), b: (Date, Date)) -> bool {
    a.0 < end(b) && b.0 < end(a)
}

fn end((arrival, departure): (Date, Date)) -> Date {
    let least = arrival.checked_add(1.day()).unwrap_or(arrival);
    departure.max(least)
}
