//! What the fields of a condition are for one reservation at one moment.

use super::anchors::check_in_at;
use super::facts::{Facts, Given};
use crate::domain::hotel::Hotel;
use crate::domain::stay::{Reservation, ReservationStatus};
use crate::domain::trigger::{Field, Value};
use jiff::Timestamp;
use jiff::civil::Date;

/// From where a condition is judged: with the facts of the moment of looking, as of the due moment.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The hotel in force.
    pub hotel: &'a Hotel,
    /// The reservation as it stands.
    pub reservation: &'a Reservation,
    /// What is known of the guest; `None` while planning, when it may still change.
    pub facts: Option<&'a Facts>,
    /// The due moment.
    pub as_of: Timestamp,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Nothing, a value, or several (tags, the ways a VIP level can be read): a test passes if one of them does.
    Now(Vec<Value>),
    /// It may be another one by the moment of sending.
    Later,
}

impl Known {
    fn word(word: Option<&String>) -> Self {
        Known::Now(
            word.filter(|word| !word.trim().is_empty()).map(|word| Value::Word(word.clone())).into_iter().collect(),
        )
    }

    fn number(number: Option<f64>) -> Self {
        Known::Now(number.map(Value::Number).into_iter().collect())
    }

    fn flag(flag: bool) -> Self {
        Known::Now(vec![Value::Flag(flag)])
    }
}

/// What a field holds. While planning, only what the reservation itself says is known: whoever changes it plans anew.
/// Its status may still become a later one, and tags and `custom` fields may be set by answers.
pub fn value(field: &Field, view: &View<'_>) -> Known {
    of_reservation(field, view).unwrap_or_else(|| match view.facts {
        Some(facts) => Known::Now(of_facts(field, view, facts)),
        None => Known::Later,
    })
}

fn of_reservation(field: &Field, view: &View<'_>) -> Option<Known> {
    let booking = &view.reservation.booking;
    Some(match field {
        Field::Status => return status(view),
        Field::RoomType => Known::word(booking.room_type.as_ref()),
        Field::Room => Known::word(booking.room.as_ref()),
        Field::RatePlan => Known::word(booking.rate_plan.as_ref()),
        Field::Source => Known::word(booking.source.as_ref()),
        Field::Country => Known::word(booking.country.as_ref()),
        Field::Nights => Known::number(Some(count(view.reservation.nights()))),
        Field::Adults => Known::number(booking.adults.map(f64::from)),
        Field::Children => Known::number(booking.children.map(f64::from)),
        Field::LeadTime => Known::number(lead_time(view)),
        Field::HoursToCheckOut => {
            Known::number(Some(seconds(view.as_of, view.reservation.departs_at(view.hotel)) / 3600.0))
        }
        Field::HoursSinceCheckIn => return hours_since_check_in(view),
        Field::Vip => Known::Now(vip(booking.vip.as_deref())),
        Field::BirthdayInStay => Known::Now(birthday(view).map(Value::Flag).into_iter().collect()),
        _ => return None,
    })
}

fn of_facts(field: &Field, view: &View<'_>, facts: &Facts) -> Vec<Value> {
    let booking = &view.reservation.booking;
    let known = match field {
        Field::Language => {
            let language = facts.language.or(booking.language);
            return language.map(|language| Value::Word(language.to_string())).into_iter().collect();
        }
        Field::Tag => return booking.tags.iter().chain(&facts.tags).cloned().map(Value::Word).collect(),
        Field::Answered(question) => return facts.answered.get(question).map(given).unwrap_or_default(),
        Field::Custom(key) => Known::word(facts.custom.get(key).or_else(|| booking.custom.get(key))),
        Field::Returning => Known::flag(facts.earlier_stays > 0),
        Field::Stays => Known::number(Some(f64::from(facts.earlier_stays))),
        Field::LastSentiment => Known::word(facts.last_sentiment.map(|read| read.to_string()).as_ref()),
        Field::WorstSentimentInStay => Known::word(facts.worst_sentiment.map(|read| read.to_string()).as_ref()),
        Field::Score => Known::number(facts.score),
        Field::OpenAlert => Known::flag(facts.open_alert),
        Field::OptedOut => Known::flag(facts.opted_out),
        Field::Sent(trigger) => Known::flag(facts.sent.contains(trigger)),
        Field::AiEnabled => Known::flag(view.hotel.ai.enabled),
        _ => return Vec::new(),
    };
    match known {
        Known::Now(values) => values,
        Known::Later => Vec::new(),
    }
}

/// What was reported or, at hotels that assume, what holds at the due moment. While planning, a promised or running stay
/// may still become another.
fn status(view: &View<'_>) -> Option<Known> {
    use ReservationStatus::{Cancelled, CheckedOut, NoShow};
    let status = view.reservation.status_at(view.hotel, view.as_of);
    let settled = view.facts.is_some() || matches!(status, Cancelled | CheckedOut | NoShow);
    settled.then(|| Known::word(Some(&status.to_string())))
}

/// From the booking to the planned arrival, in seconds; no value if nobody said when it was booked.
fn lead_time(view: &View<'_>) -> Option<f64> {
    let booked_at = view.reservation.booking.booked_at?;
    Some(seconds(booked_at, view.reservation.arrives_at(view.hotel)))
}

fn hours_since_check_in(view: &View<'_>) -> Option<Known> {
    let since = check_in_at(view.reservation, view.hotel).filter(|at| *at <= view.as_of);
    let settled = view.facts.is_some() || since.is_some();
    settled.then(|| Known::number(since.map(|since| seconds(since, view.as_of) / 3600.0)))
}

/// A level is a word and a yes; a no is only that.
fn vip(level: Option<&str>) -> Vec<Value> {
    match level.map(str::trim).filter(|level| !level.is_empty()) {
        None => Vec::new(),
        Some(level) => match super::conditions::flag_word(level) {
            Some(flag) => vec![Value::Flag(flag)],
            None => vec![Value::Word(level.to_owned()), Value::Flag(true)],
        },
    }
}

/// Whether the birthday lies between arrival and departure day, both included; that of 29 February is kept on the 28th
/// in years without one. No value if the birthday is not known.
fn birthday(view: &View<'_>) -> Option<bool> {
    let booking = &view.reservation.booking;
    let born = booking.birthday?;
    let (arrival, departure) = (booking.arrival.date, booking.departure.date);
    let in_year = |year| {
        let day = Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, born.month(), 28));
        day.is_ok_and(|day| arrival <= day && day <= departure)
    };
    Some((arrival.year()..=departure.year()).any(in_year))
}

fn given(given: &Given) -> Vec<Value> {
    let word = given.answer.as_ref().map(|answer| Value::Word(answer.to_string()));
    let values: Vec<Value> = word.into_iter().chain(given.score.map(Value::Number)).collect();
    // A free answer has neither, but it was given.
    if values.is_empty() { vec![Value::Flag(true)] } else { values }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "nights are far below the 2^52 an f64 holds exactly")]
fn count(number: i64) -> f64 {
    number as f64
}
