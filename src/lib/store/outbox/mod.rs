//! The outbox: what goes out, never twice. `sending` is durable before the call; what is uncertain afterwards is
//! looked up in the channel's own records, never repeated blindly.
//!
//! * `taking`: planned messages are looked at once more and marked as being sent.
//! * `outcomes`: what calls to the channel ended in.
//! * `uncertain`: rows of which nobody knows whether they left.

mod outcomes;
mod taking;
mod uncertain;

pub(super) use outcomes::record_outcomes;
pub use outcomes::{Became, Outcome};
pub(super) use taking::take_for_sending;
pub use taking::{Candidate, TakeForSending, Verdict};
pub use uncertain::{UNCERTAIN, Uncertain};

use crate::domain::ids::{HotelId, OutboxId};
use crate::sql;
use crate::store::Sql;
use serde::Serialize;

/// The reason of a message that was not sent in time: its guest waits for a person.
pub const EXPIRED: &str = "expired";

/// A guest whose answer will not arrive waits for a person.
const GUEST_WAITS: Sql = sql!(
    "UPDATE chats SET waiting_since = COALESCE(chats.waiting_since, o.created_at)
     FROM " ROWS
    ", outbox o
     WHERE r.value->>'waits' = 'yes' AND o.hotel_id = r.value->>'hotel' AND o.outbox_id = r.value->>'id'
       AND o.state IN ('refused', 'cancelled') AND o.author = 'bot' AND o.origin IN ('reply', 'template')
       AND chats.hotel_id = o.hotel_id AND chats.chat_id = o.chat_id"
);

#[derive(Serialize)]
struct IdRow<'a> {
    hotel: &'a str,
    id: String,
    why: Option<&'a str>,
    waits: &'static str,
}

fn id_row<'a>(hotel: &'a HotelId, id: OutboxId, why: Option<&'a str>) -> IdRow<'a> {
    let waits = if why == Some(EXPIRED) { "yes" } else { "no" };
    IdRow { hotel: hotel.as_str(), id: id.to_string(), why, waits }
}
