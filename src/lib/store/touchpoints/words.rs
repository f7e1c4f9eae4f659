//! What guests say may be the moment of a trigger.

use super::{Mode, Planner, Rules, Who};
use crate::domain::ids::{HotelId, ReservationId};
use crate::domain::trigger::{Anchor, TriggerSet};
use crate::store::{Result, Sql, Tx, read_hotel};
use crate::{on_tx, sql};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Whether a trigger goes by what guests say, so that planning must know what they said.
pub(in crate::store) fn listens(set: &TriggerSet) -> bool {
    set.triggers.values().any(|trigger| goes_by_words(&trigger.when.anchor))
}

/// Whether an anchor is something that happens in the chat.
fn goes_by_words(anchor: &Anchor) -> bool {
    matches!(
        anchor,
        Anchor::FirstMessage
            | Anchor::Message
            | Anchor::Sentiment { .. }
            | Anchor::Answer { .. }
            | Anchor::AlertResolved
            | Anchor::Silence
    )
}

/// The same after guests of these stays said something: only where a trigger goes by what guests say.
pub(in crate::store) async fn replan_after_words(
    tx: &mut Tx,
    hotel: &HotelId,
    stays: &[ReservationId],
    now: Timestamp,
) -> Result<()> {
    let Some(rules) = Rules::of(tx, hotel).await?.filter(Rules::listens) else { return Ok(()) };
    Planner::new(&rules, now).run(tx, Who::These(stays), Mode::Write).await
}

/// The reservations of guests whose words may make something due, for a replan in the transaction of their turn: only
/// where a trigger goes by what guests say.
pub(in crate::store) async fn stays_of_chats(
    tx: &mut Tx,
    chats: &str,
) -> Result<BTreeMap<HotelId, Vec<ReservationId>>> {
    const STAYS: Sql = sql!(
        "SELECT DISTINCT v.hotel_id, v.reservation_id FROM " ROWS
        " JOIN chats c ON c.chat_id = r.value->>'chat' AND c.hotel_id = r.value->>'hotel'
         JOIN trigger_sets s ON s.hotel_id = c.hotel_id AND s.listens = 1
         JOIN reservations v ON v.guest_id = c.guest_id AND v.hotel_id = c.hotel_id
         WHERE v.status IN ('confirmed', 'checked_in', 'checked_out')"
    );
    let rows: Vec<(String, String)> = on_tx!(tx, STAYS, |q, c| sqlx::query_as(q).bind(chats).fetch_all(c).await?);
    let mut stays: BTreeMap<HotelId, Vec<ReservationId>> = BTreeMap::new();
    for (hotel, reservation) in rows {
        stays.entry(read_hotel(&hotel)?).or_default().push(ReservationId(reservation));
    }
    Ok(stays)
}
