//! `hotelbot alerts`: what needs a person, who looks after it, and its end. One file a verb.

mod act;
mod list;
mod open;
mod show;
mod view;

pub use open::Open;
pub use view::AlertLine;

use crate::args::alerts::Alerts;
use crate::desk::Desk;
use crate::fail::{Failure, Outcome};
use crate::words;
use hotelbot::domain::alert::Step;
use hotelbot::domain::hotel::Hotel;
use hotelbot::store::Store;
use hotelbot::store::alerts::AlertView;
use jiff::tz::TimeZone;

/// Runs one verb.
pub async fn run(verb: Alerts, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    match verb {
        Alerts::List(args) => list::run(args, &store, desk).await,
        Alerts::Show(args) => show::run(args, &store, desk).await,
        Alerts::Ack(args) => act::run(Step::Acknowledge, args, &store, desk).await,
        Alerts::Resolve(args) => act::run(Step::Resolve, args, &store, desk).await,
    }
}

/// One alert, found by what a person typed.
struct Found {
    view: AlertView,
    /// The hotel's definition, if it is still in force.
    hotel: Option<Hotel>,
}

impl Found {
    /// The hotel's zone; UTC for a hotel no longer in force.
    fn zone(&self) -> TimeZone {
        self.hotel.as_ref().map_or(TimeZone::UTC, Hotel::time_zone)
    }
}

async fn find(word: &str, store: &Store, desk: &Desk) -> anyhow::Result<Found> {
    let in_force = desk.hotels(store).await?;
    let word = word.trim().trim_start_matches('#');
    let mut found = store.find_alerts(word, &desk.global.hotel).await?;
    if found.len() > 1 {
        return Err(ambiguous(word, &found).into());
    }
    let view = found.pop().ok_or_else(|| unknown(word))?;
    let hotel = in_force.into_iter().map(|known| known.hotel).find(|hotel| hotel.id == view.alert.hotel);
    Ok(Found { view, hotel })
}

fn unknown(word: &str) -> Failure {
    Failure::wrong(format!("there is no alert `{}`", words::one_line(word)))
        .hint("Run `hotelbot alerts list --all` to see them; a number or an id will do")
}

fn ambiguous(word: &str, found: &[AlertView]) -> Failure {
    let flags: Vec<String> = found.iter().map(|view| format!("`--hotel {}`", view.alert.hotel)).collect();
    let hotels = words::count(found.len(), "hotel", "hotels");
    Failure::wrong(format!("{hotels} have an alert {}", words::one_line(word)))
        .hint(format!("Say whose: add {}", flags.join(" or ")))
}
