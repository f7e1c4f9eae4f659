//! The anchors: what of a stay a trigger goes by, how often it occurs, and under which name each time is known.
//!
//! The name holds no due time. Anchors that happen once have the empty name; days are named by their date; changes of a
//! booking or a room by the second they happened; messages, answers and alerts by their own id. So two rooms of one
//! guest that change at the same instant are one occurrence of the stay, and changes on different days are two.

use super::cron::Cron;
use super::facts::{Happening, What};
use crate::domain::hotel::Hotel;
use crate::domain::stay::{Reservation, instant_in};
use crate::domain::trigger::Anchor;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time};

/// No stay is longer for anchors that recur each day; a wrong year in a file must not make a million messages.
const LONGEST_STAY_DAYS: usize = 1000;

/// Where an anchor lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// At an instant.
    Instant(Timestamp),
    /// On a day, at the trigger's `at`; without one at this clock time, if the anchor has one.
    Day(Date, Option<Time>),
}

/// One time an anchor occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Unique within reservation and trigger, for ever.
    pub name: String,
    /// Where.
    pub point: Point,
}

impl Occurrence {
    fn once(at: Option<Timestamp>) -> Vec<Self> {
        at.map(|at| Self { name: String::new(), point: Point::Instant(at) }).into_iter().collect()
    }

    fn day(date: Date, usual: Option<Time>) -> Self {
        Self { name: date.to_string(), point: Point::Day(date, usual) }
    }
}

/// Every time an anchor occurs, as far as it is known by now.
pub fn occurrences(
    anchor: &Anchor,
    reservation: &Reservation,
    hotel: &Hotel,
    happenings: &[Happening],
) -> Vec<Occurrence> {
    let history = &reservation.history;
    match anchor {
        Anchor::BookingCreated => Occurrence::once(Some(reservation.booking.booked_at.unwrap_or(history.known_at))),
        Anchor::BookingChanged => changes(&history.changed),
        Anchor::BookingCancelled => Occurrence::once(history.cancelled_at),
        Anchor::NoShow => Occurrence::once(history.no_show_at),
        Anchor::Arrival => Occurrence::once(Some(reservation.arrives_at(hotel))),
        Anchor::CheckIn => Occurrence::once(check_in_at(reservation, hotel)),
        Anchor::MidStay => mid_stay(reservation),
        Anchor::InHouseDaily => in_house_days(reservation),
        Anchor::RoomChanged => changes(&history.moved),
        Anchor::CheckOut => Occurrence::once(Some(reservation.departs_at(hotel))),
        Anchor::CheckedOut => Occurrence::once(checked_out_at(reservation, hotel)),
        Anchor::Schedule { cron } => scheduled(cron, reservation, hotel),
        Anchor::Silence => silence(reservation, hotel, happenings),
        Anchor::FirstMessage => first_message(happenings),
        Anchor::Message | Anchor::Sentiment { .. } | Anchor::Answer { .. } | Anchor::AlertResolved => {
            happenings.iter().filter(|happening| speaks(anchor, &happening.what)).map(named).collect()
        }
    }
}

/// The real check-in; with `assume_check_in` the planned one until it is reported.
pub fn check_in_at(reservation: &Reservation, hotel: &Hotel) -> Option<Timestamp> {
    let assumed = hotel.assume_check_in.then(|| reservation.arrives_at(hotel));
    reservation.history.checked_in_at.or(assumed)
}

/// The real departure; with `assume_check_in` the planned one until it is reported.
pub fn checked_out_at(reservation: &Reservation, hotel: &Hotel) -> Option<Timestamp> {
    let assumed = hotel.assume_check_in.then(|| reservation.departs_at(hotel));
    reservation.history.checked_out_at.or(assumed)
}

fn changes(at: &[Timestamp]) -> Vec<Occurrence> {
    let named = |at: &Timestamp| Occurrence { name: at.as_second().to_string(), point: Point::Instant(*at) };
    let mut found: Vec<Occurrence> = at.iter().map(named).collect();
    found.dedup_by(|a, b| a.name == b.name);
    found
}

/// Arrival day and half the nights, rounded down; a stay of one night has no middle.
fn mid_stay(reservation: &Reservation) -> Vec<Occurrence> {
    let nights = reservation.nights();
    let middle = reservation.booking.arrival.date.checked_add((nights / 2).days());
    match middle {
        Ok(date) if nights >= 2 => {
            let usual = Some(jiff::civil::time(11, 0, 0, 0));
            vec![Occurrence { name: String::new(), point: Point::Day(date, usual) }]
        }
        _ => Vec::new(),
    }
}

/// The days strictly between arrival and departure day.
fn in_house_days(reservation: &Reservation) -> Vec<Occurrence> {
    let (arrival, departure) = (reservation.booking.arrival.date, reservation.booking.departure.date);
    let days = arrival.series(1.day()).skip(1).take_while(|day| *day < departure);
    days.take(LONGEST_STAY_DAYS).map(|day| Occurrence::day(day, None)).collect()
}

/// The first time of the schedule on each day, while the guest is in house.
fn scheduled(cron: &str, reservation: &Reservation, hotel: &Hotel) -> Vec<Occurrence> {
    let Ok(cron) = Cron::parse(cron) else { return Vec::new() };
    let zone = hotel.time_zone();
    let from = reservation.history.checked_in_at.unwrap_or_else(|| reservation.arrives_at(hotel));
    let to = reservation.history.checked_out_at.unwrap_or_else(|| reservation.departs_at(hotel));
    let (first, last) = (from.to_zoned(zone.clone()).date(), to.to_zoned(zone.clone()).date());
    let mut found = Vec::new();
    for day in first.series(1.day()).take_while(|day| *day <= last).take(LONGEST_STAY_DAYS) {
        let inside = |time| Some(instant_in(&zone, day, time)).filter(|at| from <= *at && *at < to);
        if let Some(at) = cron.times_on(day).find_map(inside) {
            found.push(Occurrence { name: day.to_string(), point: Point::Instant(at) });
        }
    }
    found
}

/// Since the last message or, without one, the check-in. An older silence was broken and is no occurrence any more.
fn silence(reservation: &Reservation, hotel: &Hotel, happenings: &[Happening]) -> Vec<Occurrence> {
    let messages = happenings.iter().filter(|happening| matches!(happening.what, What::Message { .. }));
    match messages.max_by_key(|happening| (happening.at, &happening.id)) {
        Some(last) => vec![named(last)],
        None => Occurrence::once(check_in_at(reservation, hotel)),
    }
}

fn first_message(happenings: &[Happening]) -> Vec<Occurrence> {
    let messages = happenings.iter().filter(|happening| matches!(happening.what, What::Message { .. }));
    Occurrence::once(messages.map(|happening| happening.at).min())
}

fn named(happening: &Happening) -> Occurrence {
    Occurrence { name: happening.id.clone(), point: Point::Instant(happening.at) }
}

fn speaks(anchor: &Anchor, what: &What) -> bool {
    match (anchor, what) {
        (Anchor::Message, What::Message { .. }) | (Anchor::AlertResolved, What::AlertResolved) => true,
        (Anchor::Sentiment { is }, What::Message { sentiment }) => *sentiment == Some(*is),
        (Anchor::Answer { of, is }, What::Answer { question, answer }) => {
            of == question && is.as_ref().is_none_or(|is| answer.as_ref() == Some(is))
        }
        _ => false,
    }
}
