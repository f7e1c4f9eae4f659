//! `stays show`

use super::by_answers::{ByAnswers, by_answers};
use super::find;
use super::view::{StayView, day};
use crate::args::stays::Show;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::stay::Booking;
use hotelbot::store::reservations::StayRow;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    stay: StayView,
    /// Fields that a person set to something else than the source told, with what the source told.
    set_by_hand: Vec<ByHand>,
    by_answers: ByAnswers,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct ByHand {
    field: &'static str,
    told: Option<String>,
}

impl Report for Shown {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Shows one reservation.
pub async fn run(args: Show, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let (hotel, row) = find(&args.id, &store, desk).await?;
    let stay = StayView::of(&hotel, &row, desk);
    let set_by_hand = by_hand(&row.reservation.booking, row.told.as_ref());
    let id = &row.reservation.booking.id;
    let by_answers = by_answers(&store, &hotel, id, desk.now()).await?.remove(id).unwrap_or_default();
    let mut text = text(&hotel, &row, &stay, &set_by_hand, desk);
    for (name, value) in by_answers.lines() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:11} {value}");
    }
    desk.printer.report(&Shown { stay, set_by_hand, by_answers, text })?;
    Ok(Exit::Done)
}

/// Where what is believed differs from what was told.
fn by_hand(booking: &Booking, told: Option<&Booking>) -> Vec<ByHand> {
    let Some(told) = told else { return Vec::new() };
    let fields = [
        ("status", booking.status == told.status, Some(told.status.to_string())),
        ("arrival", booking.arrival == told.arrival, Some(day(told.arrival))),
        ("departure", booking.departure == told.departure, Some(day(told.departure))),
        ("room", booking.room == told.room, told.room.clone()),
        ("room_type", booking.room_type == told.room_type, told.room_type.clone()),
    ];
    fields.into_iter().filter(|(_, same, _)| !same).map(|(field, _, told)| ByHand { field, told }).collect()
}

fn text(hotel: &Hotel, row: &StayRow, view: &StayView, by_hand: &[ByHand], desk: &Desk) -> String {
    let (booking, history) = (&row.reservation.booking, &row.reservation.history);
    let (now, zone) = (desk.now(), hotel.time_zone());
    let mut text = format!("{}, {}\n", words::one_line(&view.reservation_id), view.hotel);
    let mut fact = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:11} {value}");
    };
    let nights = words::count(usize::try_from(view.nights).unwrap_or(0), "night", "nights");
    fact("status", view.status.to_owned());
    fact("arrival", day(booking.arrival));
    fact("departure", format!("{}, {nights}", day(booking.departure)));
    fact("guest", format!("{}  {}", view.guest_name.as_deref().unwrap_or("-"), view.guest));
    fact(
        "phone",
        match (view.phone_is, &view.phone) {
            ("missing", _) => "missing: this guest gets no message".to_owned(),
            ("unclear", Some(phone)) => format!("{phone}, unclear: this guest gets no message"),
            (_, phone) => phone.clone().unwrap_or_default(),
        },
    );
    let persons = |count: Option<u32>| count.map(|count| count.to_string());
    let optional = [
        ("room", booking.room.clone()),
        ("room type", booking.room_type.clone()),
        ("adults", persons(booking.adults)),
        ("children", persons(booking.children)),
        ("language", view.language.clone()),
        ("country", booking.country.clone()),
        ("source", booking.source.clone()),
        ("vip", booking.vip.clone()),
        ("tags", Some(booking.tags.join(", ")).filter(|tags| !tags.is_empty())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            fact(name, words::one_line(&value));
        }
    }
    for (key, value) in &booking.custom {
        fact(&format!("custom.{}", words::one_line(key)), words::one_line(value));
    }
    for field in by_hand {
        let told = field.told.as_deref().map_or_else(|| "none".to_owned(), words::one_line);
        fact("by hand", format!("{}; the source told {told}", field.field));
    }
    let at = |at: Timestamp| words::moment(at, now, &zone);
    fact("told", format!("by {}, last {}", row.reservation.told_by, at(row.reservation.synced_at)));
    fact("known", at(history.known_at));
    for (name, instants) in [("changed", &history.changed), ("moved", &history.moved)] {
        if let Some(last) = instants.last() {
            fact(name, format!("{}, last {}", words::count(instants.len(), "time", "times"), at(*last)));
        }
    }
    for (name, instant) in [
        ("checked in", history.checked_in_at),
        ("checked out", history.checked_out_at),
        ("cancelled", history.cancelled_at),
        ("no-show", history.no_show_at),
    ] {
        if let Some(instant) = instant {
            fact(name, at(instant));
        }
    }
    text
}
