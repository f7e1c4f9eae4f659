//! `hotelbot stays`: reservations, as they were told and as they went. One file a verb.

mod by_answers;
mod import;
mod list;
mod set;
mod show;
mod view;

pub use by_answers::{ByAnswers, by_answers};
pub use view::StayView;

use crate::args::stays::Stays;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use hotelbot::config::Settings;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::ReservationId;
use hotelbot::flow::replan;
use hotelbot::flow::stays::{Replanned, Teller};
use hotelbot::gateways::green_api::address_of_phone;
use hotelbot::store::reservations::StayRow;
use hotelbot::store::{Store, StoreError};
use std::sync::Arc;

/// Runs one verb.
pub async fn run(verb: Stays, desk: &Desk) -> Outcome {
    match verb {
        Stays::List(args) => list::run(args, desk).await,
        Stays::Show(args) => show::run(args, desk).await,
        Stays::Set(args) => set::run(args, desk).await,
        Stays::Import(args) => import::run(args, desk).await,
    }
}

/// The database, to look at stays or at what follows from them: what was interrupted is brought to its end before, so
/// that nobody sees half of a file, or half of an apply.
pub async fn store(settings: &Settings, desk: &Desk) -> anyhow::Result<Store> {
    let store = desk.store(settings).await?;
    finish(&store, desk).await?;
    Ok(store)
}

/// Brings open imports and applies to their end; also those that another program is at, and then both do it.
pub async fn finish(store: &Store, desk: &Desk) -> anyhow::Result<()> {
    let unfinished = store.unfinished_imports().await?;
    if !unfinished.is_empty() {
        let progress = desk.printer.progress("Finishing an import that was interrupted");
        let hotels = store.hotels_in_force().await?;
        for known in hotels.iter().filter(|known| unfinished.iter().any(|import| import.hotel == known.hotel.id)) {
            teller(store, desk).finish(&known.hotel, None).await?;
        }
        progress.finish_and_clear();
    }
    replan_all(store, desk).await?;
    teller(store, desk).sweep().await?;
    Ok(())
}

/// Plans the stays anew of every hotel that has some left.
pub async fn replan_all(store: &Store, desk: &Desk) -> Result<(), StoreError> {
    let open = store.open_replans().await?;
    if open.is_empty() {
        return Ok(());
    }
    let progress = desk.printer.progress("Planning messages");
    let watch = |stays| progress.set_message(format!("Planning messages: {stays} stays so far"));
    for open in open {
        replan::finish(store, &desk.clock(), &open.hotel, &watch).await?;
    }
    progress.finish_and_clear();
    Ok(())
}

/// How many stays are still to be planned anew; a database that does not answer knows of none.
pub async fn left_to_replan(store: &Store) -> i64 {
    store.open_replans().await.unwrap_or_default().iter().map(|open| open.left).sum()
}

/// What was applied is in force, and was not carried to its end.
pub fn in_force_but(left: i64, error: &StoreError) -> Failure {
    let left = crate::words::count(usize::try_from(left).unwrap_or(0), "stay is", "stays are");
    Failure::new(Exit::Unavailable, format!("it is in force, but {left} still to be planned anew"))
        .because(hotelbot::flow::chain(error))
        .hint("Nothing is lost: `hotelbot stays list` plans the rest, and a running daemon does")
}

/// Tells stays to the database from the command line, with everything that follows.
pub fn teller(store: &Store, desk: &Desk) -> Teller {
    Teller::new(store.clone(), Arc::new(desk.clock()), Arc::new(address_of_phone))
}

/// The one reservation that an id means, with its hotel.
async fn find(id: &str, store: &Store, desk: &Desk) -> anyhow::Result<(Hotel, StayRow)> {
    let hotels = desk.hotels(store).await?;
    let shown = crate::words::one_line(id);
    let mut found = store.find_stays(&ReservationId::from(id.trim()), &desk.global.hotel).await?;
    found.retain(|row| hotels.iter().any(|known| known.hotel.id == row.hotel));
    if found.len() > 1 {
        let flags: Vec<String> = found.iter().map(|row| format!("`--hotel {}`", row.hotel)).collect();
        let failure = Failure::wrong(format!("`{shown}` means a reservation of {} hotels", found.len()));
        return Err(failure.hint(format!("Say whose: add {}", flags.join(" or "))).into());
    }
    let row = found.pop().ok_or_else(|| {
        Failure::wrong(format!("there is no reservation `{shown}`"))
            .hint("Run `hotelbot stays list` to see them, `hotelbot stays import` to take them from a file")
    })?;
    let hotel = desk.hotel(store, &row.hotel).await?.hotel;
    Ok((hotel, row))
}

/// What a change did to messages that were to be sent; nothing is said about nothing.
fn messages(replanned: Replanned) -> String {
    let parts: Vec<String> =
        [(replanned.planned, "planned"), (replanned.moved, "moved"), (replanned.cancelled, "taken back")]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
    if parts.is_empty() { String::new() } else { format!("Messages: {}\n", parts.join(", ")) }
}
