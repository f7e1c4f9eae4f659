//! `triggers simulate`: a virtual clock over the stays of a file or of the database. Nothing is sent or saved.

mod reading;
mod screen;
mod stays;

use super::check::read;
use crate::args::Since;
use crate::args::triggers::Simulate;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::words;
use hotelbot::config::{LoadedHotel, LoadedTriggers};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::ReservationId;
use hotelbot::domain::simulate::{Event, Happens, Past, Scene, Story, simulate};
use hotelbot::domain::stay::Reservation;
use hotelbot::domain::trigger::TriggerSet;
use jiff::{Timestamp, ToSpan};
use screen::{Run, Told};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// A hotel with its triggers and its stays.
struct Hotelful {
    hotel: Arc<Hotel>,
    set: TriggerSet,
    stays: Vec<(Reservation, Past)>,
}

/// Runs the clock and tells what it saw.
pub async fn run(args: Simulate, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let (hotels, triggers) = read(&settings, &desk.global.hotel)?;
    if hotels.is_empty() {
        return Err(Failure::wrong("there is no hotel in `hotels/`").hint("Run `hotelbot hotels add`").into());
    }
    let now = desk.now();
    let hotelfuls = match &args.file {
        Some(path) => vec![from_file(path, hotels, triggers, &args, now)?],
        None => stays::from_database(&settings, hotels, triggers, &args, desk).await?,
    };
    let mut run = Run::new(args.reservation.as_deref());
    for hotelful in &hotelfuls {
        let (from, to) = span(&args, &hotelful.hotel, now);
        let events = stays::events(args.events.as_deref(), &hotelful.hotel)?;
        if let Some(note) = strangers(&events, &hotelful.stays) {
            desk.printer.note(&note);
        }
        let scene =
            Scene { hotel: &hotelful.hotel, set: &hotelful.set, stays: hotelful.stays.clone(), events, from, to };
        let story: Story = simulate(&scene, &reading::read);
        run.add(Told { hotel: hotelful.hotel.clone(), stays: hotelful.stays.len(), from, story });
    }
    desk.printer.report(&run.finish())?;
    Ok(Exit::Done)
}

fn from_file(
    path: &std::path::Path,
    mut hotels: Vec<LoadedHotel>,
    mut triggers: LoadedTriggers,
    args: &Simulate,
    now: Timestamp,
) -> anyhow::Result<Hotelful> {
    if hotels.len() > 1 {
        let flags: Vec<String> = hotels.iter().map(|loaded| format!("`--hotel {}`", loaded.hotel.id)).collect();
        let message = "a file holds the stays of one hotel, and there are several";
        return Err(Failure::wrong(message).hint(format!("Add {}", flags.join(" or "))).into());
    }
    let hotel = Arc::new(hotels.remove(0).hotel);
    let set = triggers.sets.remove(&hotel.id).unwrap_or_default();
    let (from, _) = span(args, &hotel, now);
    let stays = stays::from_file(path, &hotel, from)?;
    Ok(Hotelful { hotel, set, stays })
}

/// Events of stays that are not there do nothing; most likely an id is misspelt.
fn strangers(events: &[Event], stays: &[(Reservation, Past)]) -> Option<String> {
    let known = stays.iter().map(|(stay, _)| &stay.booking.id);
    let created = events.iter().filter(|event| matches!(event.what, Happens::Created(_)));
    let known: HashSet<&ReservationId> = known.chain(created.map(|event| &event.reservation)).collect();
    let strange: BTreeSet<&str> =
        events.iter().map(|event| &event.reservation).filter(|id| !known.contains(id)).map(|id| id.as_str()).collect();
    let first = strange.first()?;
    let count = words::count(strange.len(), "reservation that is", "reservations that are");
    Some(format!(
        "note: the events speak of {count} not there: {}{}",
        words::one_line(first),
        if strange.len() > 1 { ", …" } else { "" }
    ))
}

/// The first and the last instant, in the hotel's time. A day without a clock time begins at midnight as the first and
/// is included as the last.
fn span(args: &Simulate, hotel: &Hotel, now: Timestamp) -> (Timestamp, Timestamp) {
    let zone = hotel.time_zone();
    let from = args.from.map_or(now, |from| from.instant(now, &zone));
    let to = match args.to {
        Some(Since::Local(day)) if day.time() == jiff::civil::Time::midnight() => {
            let next = day.checked_add(1.day()).unwrap_or(day);
            let end = Since::Local(next).instant(now, &zone);
            end.checked_sub(1.nanosecond()).unwrap_or(end)
        }
        Some(to) => to.instant(now, &zone),
        None => Timestamp::MAX,
    };
    (from, to)
}
