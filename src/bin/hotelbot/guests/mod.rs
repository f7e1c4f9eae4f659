//! `hotelbot guests`: who the guests are. One file a verb.

mod list;
mod merge;
mod show;
mod view;

use crate::args::guests::Guests;
use crate::desk::Desk;
use crate::fail::{Failure, Outcome};
use crate::words;
use hotelbot::store::Store;
use hotelbot::store::guests::GuestRecord;

/// Runs one verb.
pub async fn run(verb: Guests, desk: &Desk) -> Outcome {
    match verb {
        Guests::List(args) => list::run(args, desk).await,
        Guests::Show(args) => show::run(args, desk).await,
        Guests::Merge(args) => merge::run(args, desk).await,
    }
}

/// The one guest that these words mean.
async fn find(text: &str, store: &Store, desk: &Desk) -> anyhow::Result<GuestRecord> {
    desk.hotels(store).await?;
    let shown = words::one_line(text);
    let mut found = store.find_guests(text.trim(), &desk.global.hotel).await?;
    if found.len() > 1 {
        let mut hotels: Vec<&str> = found.iter().map(|guest| guest.hotel.as_str()).collect();
        hotels.dedup();
        let failure = Failure::wrong(format!("`{shown}` means {} guests", found.len()));
        let hint = if hotels.len() == found.len() {
            let flags: Vec<String> = hotels.iter().map(|hotel| format!("`--hotel {hotel}`")).collect();
            format!("Say whose: add {}", flags.join(" or "))
        } else {
            let ids: Vec<String> = found.iter().map(|guest| format!("`{}`", guest.id)).collect();
            format!("Say which: {}", ids.join(", "))
        };
        return Err(failure.hint(hint).into());
    }
    let unknown = || {
        Failure::wrong(format!("there is no guest `{shown}`"))
            .hint("Run `hotelbot guests list` to see them; an id, its end or a phone will do")
    };
    Ok(found.pop().ok_or_else(unknown)?)
}
