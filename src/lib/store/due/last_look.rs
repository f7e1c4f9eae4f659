//! Messages of triggers that wait in the outbox: looked at once more, and taken back before they left.

use super::{Decided, Due, DueRow, Ends, Fate, Lookout, by_hotel};
use crate::domain::ids::{HotelId, OutboxId, TouchpointId};
use crate::store::{Result, Sql, Tx, batch, micros, read_hotel, read_uuid, touchpoints, triggers};
use crate::{on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;

/// A message of a trigger that waits in the outbox.
#[derive(Clone, Debug)]
pub(in crate::store) struct Waiting {
    pub(in crate::store) hotel: HotelId,
    pub(in crate::store) outbox: OutboxId,
    pub(in crate::store) touchpoint: TouchpointId,
}

/// What must be known for the last look at messages that wait in the outbox, by touchpoint. A touchpoint is only here if
/// it still counts as sent.
pub(in crate::store) async fn last_looks(
    tx: &mut Tx,
    waiting: &[Waiting],
    now: Timestamp,
) -> Result<HashMap<TouchpointId, Due>> {
    const SPENT: Sql = sql!(
        "SELECT t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence, t.state, t.reason, t.due_at, t.moment,
                COALESCE(t.sent_at, t.look_at) AS look_at, t.hotel_id, v.guest_id
         FROM " ROWS
        " JOIN touchpoints t ON t.touchpoint_id = r.value->>'touchpoint' AND t.hotel_id = r.value->>'hotel'
         JOIN reservations v ON v.hotel_id = t.hotel_id AND v.reservation_id = t.reservation_id
         WHERE t.state = 'sent'"
    );
    if waiting.is_empty() {
        return Ok(HashMap::new());
    }
    let json = batch(&waiting.iter().map(WaitingRow::of).collect::<Vec<_>>())?;
    let rows: Vec<DueRow> = on_tx!(tx, SPENT, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
    let mut looks = HashMap::new();
    for (hotel, rows) in by_hotel(rows)? {
        let Some(lookout) = Lookout::open(tx, &hotel, rows.iter().map(|(guest, _)| *guest), now).await? else {
            continue;
        };
        for (guest, touchpoint) in rows {
            let id = touchpoint.id;
            looks.extend(lookout.due(guest, touchpoint, Some(id)).map(|due| (id, due)));
        }
    }
    Ok(looks)
}

#[derive(Serialize)]
struct WaitingRow<'a> {
    hotel: &'a str,
    outbox: String,
    touchpoint: String,
}

impl<'a> WaitingRow<'a> {
    fn of(waiting: &'a Waiting) -> Self {
        Self {
            hotel: waiting.hotel.as_str(),
            outbox: waiting.outbox.to_string(),
            touchpoint: waiting.touchpoint.to_string(),
        }
    }
}

/// The touchpoint is as if nothing had gone out, and is looked at again at once.
const PLANNED_AGAIN: Sql = sql!(
    "UPDATE touchpoints SET state = 'planned', look_at = $2, sent_at = NULL, changed_at = $2 FROM " ROWS
    " WHERE touchpoints.hotel_id = r.value->>'hotel' AND touchpoints.touchpoint_id = r.value->>'touchpoint'
       AND touchpoints.state = 'sent'"
);
/// Its question was seen by nobody.
const UNASK: Sql = sql!(
    "DELETE FROM questions WHERE message_id IN (
       SELECT o.message_id FROM " ROWS
    " JOIN outbox o ON o.hotel_id = r.value->>'hotel' AND o.outbox_id = r.value->>'outbox' AND o.state = 'planned')"
);
/// The row stays as a record under another intent, so that the touchpoint may speak later after all.
const TAKE_BACK: Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = $2, intent = outbox.intent || '@' || outbox.outbox_id FROM "
    ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'outbox' AND outbox.state = 'planned'"
);

/// A file that goes by itself never goes without its words.
const TAKE_BACK_FILES: Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = $2, intent = outbox.intent || '@' || outbox.outbox_id FROM "
    ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.intent = 'file:' || (r.value->>'touchpoint')
       AND outbox.state = 'planned'"
);

/// Takes messages of triggers out of the outbox before they left. Their touchpoints are planned again, to be looked at
/// now.
pub(in crate::store) async fn take_back(tx: &mut Tx, waiting: &[Waiting], note: &str, now: Timestamp) -> Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    let json = batch(&waiting.iter().map(WaitingRow::of).collect::<Vec<_>>())?;
    on_tx!(tx, PLANNED_AGAIN, |q, c| sqlx::query(q).bind(&json).bind(micros(now)).execute(c).await?.rows_affected());
    on_tx!(tx, UNASK, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    for statement in [TAKE_BACK, TAKE_BACK_FILES] {
        on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).bind(note).execute(c).await?.rows_affected());
    }
    Ok(())
}

/// Takes one message back and does with its touchpoint what was decided at the last look.
pub(in crate::store) async fn give_up(
    tx: &mut Tx,
    waiting: Waiting,
    (due, decided): (Due, Decided),
    now: Timestamp,
) -> Result<()> {
    let note = match &decided.fate {
        Fate::Skip(reason) => format!("no longer right: {reason}"),
        Fate::Wait(_) | Fate::Move(_) => "put off".to_owned(),
        _ => "no longer wanted".to_owned(),
    };
    take_back(tx, std::slice::from_ref(&waiting), &note, now).await?;
    let revision = triggers::in_force(tx, &waiting.hotel).await?.map_or(0, |(_, revision)| revision);
    let ends = Ends { decided: vec![(due, decided)] };
    ends.run(tx, &waiting.hotel, revision, now).await
}

/// The messages of triggers that wait in these chats, each `{hotel, chat}`.
pub(in crate::store) async fn waiting_in_chats(tx: &mut Tx, chats: &str) -> Result<Vec<Waiting>> {
    const WAITING: Sql = sql!(
        "SELECT o.hotel_id, o.outbox_id, o.intent FROM " ROWS
        {lite: "CROSS JOIN", pg: "JOIN"}
        " outbox o ON o.chat_id = r.value->>'chat' AND o.hotel_id = r.value->>'hotel'
         WHERE o.state = 'planned' AND o.state IN ('planned', 'sending', 'unknown') AND o.origin = 'trigger'
           AND CAST(r.value->>'cancel' AS BIGINT) = 1"
    );
    let rows: Vec<(String, String, String)> =
        on_tx!(tx, WAITING, |q, c| sqlx::query_as(q).bind(chats).fetch_all(c).await?);
    rows.into_iter()
        .filter_map(|(hotel, outbox, intent)| Some((hotel, outbox, touchpoints::of_intent(&intent)?)))
        .map(|(hotel, outbox, touchpoint)| {
            Ok(Waiting { hotel: read_hotel(&hotel)?, outbox: OutboxId(read_uuid(&outbox)?), touchpoint })
        })
        .collect()
}
