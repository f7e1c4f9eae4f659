//! `hotels pause` and `hotels resume`: stop and start all outgoing messages of one hotel.

use crate::args::hotels::Pause;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::ids::HotelId;
use serde::Serialize;

#[derive(Serialize)]
struct Changed {
    hotel: String,
    paused_at: Option<String>,
    reason: Option<String>,
    changed: bool,
    #[serde(skip)]
    text: String,
}

impl Report for Changed {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Stops all outgoing messages.
pub async fn pause(args: Pause, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let id = args.one.id;
    let before = desk.hotel(&store, &id).await?;
    store.pause(id.clone(), args.reason.clone(), desk.now()).await?;
    let after = desk.hotel(&store, &id).await?;
    let text = format!(
        "{id} is paused{}: messages are received, none are sent\n\nStart again: hotelbot hotels resume {id}\n",
        if before.paused_at.is_some() { " already" } else { "" }
    );
    let paused_at = after.paused_at.map(|at| words::stamp(at, &after.hotel.time_zone()));
    let changed = before.paused_at.is_none();
    desk.printer.report(&Changed { hotel: id.to_string(), paused_at, reason: args.reason, changed, text })?;
    Ok(Exit::Done)
}

/// Starts them again.
pub async fn resume(id: &HotelId, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let before = desk.hotel(&store, id).await?;
    store.resume(id.clone()).await?;
    let load = store.workloads().await?.remove(id).unwrap_or_default();
    let waiting = words::count(usize::try_from(load.planned).unwrap_or(0), "message", "messages");
    let text = match before.paused_at {
        Some(_) => format!("{id} sends again; {waiting} waiting\n"),
        None => format!("{id} was not paused; nothing was changed\n"),
    };
    let changed = before.paused_at.is_some();
    desk.printer.report(&Changed { hotel: id.to_string(), paused_at: None, reason: None, changed, text })?;
    Ok(Exit::Done)
}
