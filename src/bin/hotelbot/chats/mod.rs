//! `hotelbot chats`: read, follow and take over conversations. One file a verb.

mod act;
mod alarms;
mod explain;
mod list;
pub mod message;
mod show;
mod tail;

pub use explain::{read_here, reading};

use crate::args::chats::Chats;
use crate::desk::Desk;
use crate::fail::{Failure, Outcome};
use hotelbot::domain::conversation::Conversation;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::HotelId;
use hotelbot::store::Store;
use jiff::tz::TimeZone;

/// Runs one verb.
pub async fn run(verb: Chats, desk: &Desk) -> Outcome {
    match verb {
        Chats::List(args) => list::run(args, desk).await,
        Chats::Show(args) => show::run(args, desk).await,
        Chats::Tail(args) => tail::run(args, desk).await,
        Chats::Explain(args) => explain::run(args, desk).await,
        Chats::Send(args) => act::send(args, desk).await,
        Chats::Handoff(args) => act::handoff(args, desk).await,
        Chats::Resume(args) => act::resume(args, desk).await,
    }
}

/// One conversation, found by what a person typed.
pub struct Found {
    /// Whose.
    pub hotel: HotelId,
    /// The hotel's definition, if it is still in force.
    pub in_force: Option<Hotel>,
    /// As it is now.
    pub conversation: Conversation,
}

impl Found {
    /// The hotel's zone; UTC for a hotel no longer in force.
    pub fn zone(&self) -> TimeZone {
        self.in_force.as_ref().map_or(TimeZone::UTC, Hotel::time_zone)
    }

    /// How the guest is shown.
    pub fn guest(&self, desk: &Desk) -> String {
        desk.guests().address(self.conversation.address.as_str())
    }
}

/// The one conversation that these words mean.
pub async fn find(words: &str, store: &Store, desk: &Desk) -> anyhow::Result<Found> {
    let in_force = desk.hotels(store).await?;
    let scope = &desk.global.hotel;
    let mut found = store.find_chats(words.trim(), scope).await?;
    if found.is_empty() {
        found = store.chats_ending(words.trim(), scope).await?;
    }
    if found.len() > 1 {
        return Err(ambiguous(words, &found).into());
    }
    let (hotel, conversation) = found.pop().ok_or_else(|| unknown(words))?;
    let in_force = in_force.into_iter().find(|known| known.hotel.id == hotel).map(|known| known.hotel);
    Ok(Found { hotel, in_force, conversation })
}

fn unknown(words: &str) -> Failure {
    Failure::wrong(format!("there is no conversation `{}`", crate::words::one_line(words)))
        .hint("Run `hotelbot chats list` to see them; an id, its end or a phone will do")
}

fn ambiguous(words: &str, found: &[(HotelId, Conversation)]) -> Failure {
    let words = crate::words::one_line(words);
    let mut hotels: Vec<&HotelId> = found.iter().map(|(hotel, _)| hotel).collect();
    hotels.dedup();
    let failure = Failure::wrong(format!("`{words}` means {} conversations", found.len()));
    if hotels.len() < found.len() {
        let ids: Vec<String> = found.iter().map(|(_, conversation)| format!("`{}`", conversation.id)).collect();
        return failure.hint(format!("Say which: {}", ids.join(", ")));
    }
    let flags: Vec<String> = hotels.iter().map(|hotel| format!("`--hotel {hotel}`")).collect();
    failure.hint(format!("Say whose: add {}", flags.join(" or ")))
}
