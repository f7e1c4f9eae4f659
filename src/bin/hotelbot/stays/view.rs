//! A reservation in JSON, and the words that the verbs share.

use crate::desk::Desk;
use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::stay::{Booking, Phone, PlannedDay, Reservation};
use hotelbot::store::reservations::StayRow;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A reservation as every verb shows it.
#[derive(Serialize)]
pub struct StayView {
    /// The PMS's id; the sibling verbs take it.
    pub reservation_id: String,
    /// Whose.
    pub hotel: String,
    /// The guest's id; `guests show` takes it.
    pub guest: String,
    /// Masked unless `--reveal` is given.
    pub guest_name: Option<String>,
    /// Masked unless `--reveal` is given; also what is no one number.
    pub phone: Option<String>,
    /// `known`, `unclear` or `missing`.
    pub phone_is: &'static str,
    /// The planned day.
    pub arrival: String,
    /// The planned day.
    pub departure: String,
    /// The planned instant.
    pub arrives_at: String,
    /// The planned instant.
    pub departs_at: String,
    /// Between the planned days.
    pub nights: i64,
    /// Where it stands now.
    pub status: &'static str,
    /// Where it stood when it was last told; another one than `status` where the hotel assumes check-ins.
    pub status_reported: &'static str,
    /// The class of room.
    pub room_type: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// ISO 3166.
    pub country: Option<String>,
    /// Persons.
    pub adults: Option<u32>,
    /// Persons.
    pub children: Option<u32>,
    /// Who sold it.
    pub source: Option<String>,
    /// `yes` or a level.
    pub vip: Option<String>,
    /// Words of the PMS.
    pub tags: Vec<String>,
    /// Further fields.
    pub custom: BTreeMap<String, String>,
    /// Who told it last.
    pub told_by: String,
    /// When.
    pub synced_at: String,
    /// What happened to it.
    pub history: HistoryView,
}

/// What happened to a reservation and when.
#[derive(Serialize)]
pub struct HistoryView {
    /// When it became known.
    pub known_at: String,
    /// When dates, class of room or number of guests changed.
    pub changed: Vec<String>,
    /// When the room changed.
    pub moved: Vec<String>,
    /// The real check-in.
    pub checked_in_at: Option<String>,
    /// The real check-out.
    pub checked_out_at: Option<String>,
    /// When it was called off.
    pub cancelled_at: Option<String>,
    /// When the guest was reported not to have come.
    pub no_show_at: Option<String>,
}

impl StayView {
    /// Of a row.
    pub fn of(hotel: &Hotel, row: &StayRow, desk: &Desk) -> Self {
        Self::of_reservation(hotel, &row.reservation, desk)
    }

    /// Of a reservation.
    pub fn of_reservation(hotel: &Hotel, reservation: &Reservation, desk: &Desk) -> Self {
        let (booking, zone) = (&reservation.booking, hotel.time_zone());
        let stamp = |at: Timestamp| words::stamp(at, &zone);
        let (phone, phone_is) = phone(booking, desk);
        let history = &reservation.history;
        Self {
            reservation_id: booking.id.to_string(),
            hotel: hotel.id.to_string(),
            guest: reservation.guest.to_string(),
            guest_name: booking.guest_name.as_deref().map(|name| desk.guests().name(name)),
            phone,
            phone_is,
            arrival: booking.arrival.date.to_string(),
            departure: booking.departure.date.to_string(),
            arrives_at: stamp(reservation.arrives_at(hotel)),
            departs_at: stamp(reservation.departs_at(hotel)),
            nights: reservation.nights(),
            status: reservation.status_at(hotel, desk.now()).as_str(),
            status_reported: booking.status.as_str(),
            room_type: booking.room_type.clone(),
            room: booking.room.clone(),
            language: booking.language.map(|language| language.to_string()),
            country: booking.country.clone(),
            adults: booking.adults,
            children: booking.children,
            source: booking.source.clone(),
            vip: booking.vip.clone(),
            tags: booking.tags.clone(),
            custom: booking.custom.clone(),
            told_by: reservation.told_by.clone(),
            synced_at: stamp(reservation.synced_at),
            history: HistoryView {
                known_at: stamp(history.known_at),
                changed: history.changed.iter().copied().map(stamp).collect(),
                moved: history.moved.iter().copied().map(stamp).collect(),
                checked_in_at: history.checked_in_at.map(stamp),
                checked_out_at: history.checked_out_at.map(stamp),
                cancelled_at: history.cancelled_at.map(stamp),
                no_show_at: history.no_show_at.map(stamp),
            },
        }
    }
}

fn phone(booking: &Booking, desk: &Desk) -> (Option<String>, &'static str) {
    match &booking.phone {
        Phone::Known(phone) => (Some(desk.guests().phone(phone)), "known"),
        Phone::Unclear(text) => (Some(desk.guests().unclear(text)), "unclear"),
        Phone::Missing => (None, "missing"),
    }
}

/// `2026-07-12`, or with the clock time if one was told.
pub fn day(planned: PlannedDay) -> String {
    match planned.time {
        Some(time) => format!("{} {}", planned.date, time.strftime("%H:%M")),
        None => planned.date.to_string(),
    }
}

/// A phone on a list: as it is, or why there is none.
pub fn phone_cell(view: &StayView) -> String {
    match view.phone_is {
        "known" => view.phone.clone().unwrap_or_default(),
        other => other.to_owned(),
    }
}
