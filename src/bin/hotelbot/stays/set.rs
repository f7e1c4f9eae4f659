//! `stays set`: a person knows better than the source.

use super::view::{StayView, day};
use super::{find, messages, teller};
use crate::args::stays::Set;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::stay::{Booking, Reservation};
use hotelbot::domain::stay_change::ByHand;
use hotelbot::flow::stays::Replanned;
use jiff::SignedDuration;
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;

/// A clock may be a little ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// The longest name of a room.
const LONGEST: usize = 64;

#[derive(Serialize)]
struct Done {
    stay: StayView,
    changed: bool,
    dry_run: bool,
    messages: Replanned,
    #[serde(skip)]
    text: String,
}

impl Report for Done {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Sets it, with everything that follows.
pub async fn run(args: Set, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let (hotel, row) = find(&args.id, &store, desk).await?;
    let by_hand = by_hand(&args, &hotel, &row.reservation, desk)?;
    let (hotel, id) = (Arc::new(hotel), row.reservation.booking.id.clone());
    let set = teller(&store, desk).set(hotel.clone(), id, by_hand, args.dry_run).await?;
    let Some((changed, replanned)) = set else {
        return Err(Failure::new(Exit::Conflict, "the reservation has just gone away").into());
    };
    let before = changed.before.as_ref().unwrap_or(&row.reservation);
    let differences = differences(before, &changed.after, &hotel, desk);
    let text = text(&args, &differences, replanned);
    desk.printer.report(&Done {
        stay: StayView::of_reservation(&hotel, &changed.after, desk),
        changed: !differences.is_empty(),
        dry_run: args.dry_run,
        messages: replanned,
        text,
    })?;
    Ok(Exit::Done)
}

fn by_hand(args: &Set, hotel: &Hotel, before: &Reservation, desk: &Desk) -> Result<ByHand, Failure> {
    let now = desk.now();
    let at = args.at.map(|at| at.instant(now, &hotel.time_zone()));
    if at.is_some_and(|at| at > now.saturating_add(AHEAD).unwrap_or(now)) {
        return Err(Failure::wrong("`--at` lies in the future: a status is set when it is so"));
    }
    let arrival = args.arrival.unwrap_or(before.booking.arrival);
    let departure = args.departure.unwrap_or(before.booking.departure);
    let backwards = arrival.time.zip(departure.time).is_some_and(|(arrives, departs)| departs < arrives);
    if departure.date < arrival.date || departure.date == arrival.date && backwards {
        let (arrival, departure) = (day(arrival), day(departure));
        return Err(Failure::wrong(format!("the departure, {departure}, would be before the arrival, {arrival}")));
    }
    let room = args.room.as_deref().map(words::one_line);
    if room.as_ref().is_some_and(|room| room.trim().is_empty() || room.chars().count() > LONGEST) {
        return Err(Failure::wrong(format!("a room's name has 1 to {LONGEST} characters")));
    }
    Ok(ByHand { status: args.status, at, arrival: args.arrival, departure: args.departure, room, room_type: None })
}

/// Field, before, after.
fn differences(
    before: &Reservation,
    after: &Reservation,
    hotel: &Hotel,
    desk: &Desk,
) -> Vec<(&'static str, String, String)> {
    let (now, zone) = (desk.now(), hotel.time_zone());
    let at = |at: Option<jiff::Timestamp>| at.map_or_else(|| "-".to_owned(), |at| words::moment(at, now, &zone));
    let room = |booking: &Booking| booking.room.as_deref().map_or_else(|| "-".to_owned(), words::one_line);
    let all = [
        ("status", before.booking.status.to_string(), after.booking.status.to_string()),
        ("checked in", at(before.history.checked_in_at), at(after.history.checked_in_at)),
        ("checked out", at(before.history.checked_out_at), at(after.history.checked_out_at)),
        ("arrival", day(before.booking.arrival), day(after.booking.arrival)),
        ("departure", day(before.booking.departure), day(after.booking.departure)),
        ("room", room(&before.booking), room(&after.booking)),
    ];
    all.into_iter().filter(|(_, before, after)| before != after).collect()
}

fn text(args: &Set, differences: &[(&str, String, String)], replanned: Replanned) -> String {
    let id = words::one_line(&args.id);
    if differences.is_empty() {
        return format!("{id} is so already; nothing to change\n");
    }
    let mut text = format!("{} {id}\n", if args.dry_run { "Would change" } else { "Changed" });
    for (field, before, after) in differences {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {field}: {before} -> {after}");
    }
    text + &messages(replanned)
}
