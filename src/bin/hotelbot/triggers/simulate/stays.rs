//! The stays and events of a simulation, from files and from the database.

use super::Hotelful;
use crate::args::triggers::Simulate;
use crate::desk::Desk;
use crate::fail::Failure;
use crate::words;
use hotelbot::config::{LoadedHotel, LoadedTriggers, Settings};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::ReservationId;
use hotelbot::domain::simulate::{Event, Past, first_known};
use hotelbot::domain::stay::Reservation;
use hotelbot::gateways::pms::Mistake;
use hotelbot::gateways::pms::csv::{Stays, Unreadable};
use hotelbot::gateways::pms::history::read_history;
use hotelbot::gateways::pms::survey::Survey;
use jiff::Timestamp;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

/// More bytes than this are no story that anybody tells.
const LONGEST_HISTORY: u64 = 256 * 1024 * 1024;
/// So many mistakes are shown.
const MOST_SHOWN: usize = 50;

/// The stays of a file, each as its last row tells it; every mistake of the file at once.
pub fn from_file(path: &Path, hotel: &Arc<Hotel>, from: Timestamp) -> Result<Vec<(Reservation, Past)>, Failure> {
    let failure = |error| unreadable(path, error);
    let survey = Survey::take(open(path, hotel).map_err(failure)?, None).map_err(failure)?;
    if survey.bad > 0 {
        return Err(mistaken(path, &survey.mistakes, survey.further));
    }
    let told = survey.tellings(open(path, hotel).map_err(failure)?);
    told.map(|told| match told {
        Ok(told) => Ok((first_known(hotel, &told, from), Past::default())),
        Err(error) => Err(Failure::wrong(format!("`{}` cannot be read", path.display())).because(error)),
    })
    .collect()
}

fn open(path: &Path, hotel: &Arc<Hotel>) -> Result<Stays, Unreadable> {
    let file = File::open(path).map_err(Unreadable::Io)?;
    Stays::open(BufReader::with_capacity(1 << 16, file), hotel.clone())
}

fn unreadable(path: &Path, error: Unreadable) -> Failure {
    let shown = path.display();
    match error {
        Unreadable::Io(error) => Failure::wrong(format!("`{shown}` cannot be read")).because(error),
        Unreadable::NotCsv { message, fix } => Failure::wrong(format!("`{shown}`: {message}")).hint(fix),
        Unreadable::Header(mistakes) => mistaken(path, &mistakes, 0),
    }
}

fn mistaken(path: &Path, mistakes: &[Mistake], further: usize) -> Failure {
    let count = words::count(mistakes.len() + further, "mistake", "mistakes");
    let mut lines: Vec<String> = mistakes.iter().take(MOST_SHOWN).map(capitalised).collect();
    let left = mistakes.len().saturating_sub(MOST_SHOWN) + further;
    if left > 0 {
        lines.push(format!("… and {left} more"));
    }
    Failure::wrong(format!("`{}` has {count}", path.display())).because(lines.join("\n"))
}

/// The first of several causes is written with a capital; so are the others, for each is a line of its own.
fn capitalised(mistake: &Mistake) -> String {
    let text = mistake.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The events of a file that speak of this hotel.
pub fn events(path: Option<&Path>, hotel: &Hotel) -> Result<Vec<Event>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let shown = path.display();
    let wrong = |error: std::io::Error| Failure::wrong(format!("`{shown}` cannot be read")).because(error);
    if std::fs::metadata(path).map_err(wrong)?.len() > LONGEST_HISTORY {
        return Err(Failure::wrong(format!("`{shown}` is too big for a story of stays")));
    }
    let text = std::fs::read_to_string(path).map_err(wrong)?;
    read_history(&text, hotel).map_err(|mistakes| mistaken(path, &mistakes, 0))
}

/// The stays in the database, with what was sent and said before, under the triggers of the files.
pub async fn from_database(
    settings: &Settings,
    hotels: Vec<LoadedHotel>,
    mut triggers: LoadedTriggers,
    args: &Simulate,
    desk: &Desk,
) -> anyhow::Result<Vec<Hotelful>> {
    let store = crate::stays::store(settings, desk).await?;
    let now = desk.now();
    let mut found = Vec::new();
    for loaded in hotels {
        let hotel = Arc::new(loaded.hotel);
        let set = triggers.sets.remove(&hotel.id).unwrap_or_default();
        let only = args.reservation.as_deref().map(ReservationId::from);
        let stays = store.stays_with_past(&hotel, only.as_ref(), now).await?;
        if only.is_none() || !stays.is_empty() {
            found.push(Hotelful { hotel, set, stays });
        }
    }
    match args.reservation.as_deref().filter(|_| found.is_empty()) {
        Some(id) => Err(Failure::wrong(format!("there is no reservation `{}`", words::one_line(id)))
            .hint("Run `hotelbot stays list` to see them")
            .into()),
        None => Ok(found),
    }
}
