//! Rows older than their hotel keeps them, deleted in small steps so that nobody waits behind one.
//!
//! What stays: guests with what they asked for (STOP is never forgotten), chats, reservations; everything that has not
//! ended: what waits in the inbox, what is planned, on its way or uncertain, the message of an open question, and alerts
//! that nobody resolved. The message of a question that was answered stays as a row without words, because the answer
//! refers to it.

use super::{Result, Store, Tx, batch, instant, micros, read_document, read_hotel};
use crate::domain::hotel::Hotel;
use crate::domain::ids::HotelId;
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;

/// What is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// What was written and sent.
    Messages,
    /// What was decided about it.
    Turns,
    /// What came in, as it came.
    Events,
    /// Matters of guests that ended, with who was told of them.
    Alerts,
}

/// From when on rows of each hotel are kept. A hotel that is not in it keeps everything.
pub type KeptSince = HashMap<HotelId, Timestamp>;

/// Where a sweep over rows in the order of their age stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    order: i64,
    id: String,
}

/// One step of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Rows that are gone, or without words.
    pub forgotten: u64,
    /// Where the next step begins; `None` at the end.
    pub next: Option<Place>,
}

#[derive(Serialize)]
struct Old {
    hotel: String,
    id: String,
}

/// Hotel, id, place in the order, age.
type Row = (String, String, i64, i64);

const OLD_MESSAGES: super::Sql = sql!(
    "SELECT hotel_id, message_id, at, at FROM messages
     WHERE at < $1 AND (at, message_id) > ($2, $3) ORDER BY at, message_id LIMIT $4"
);
const OLD_TURNS: super::Sql = sql!(
    "SELECT hotel_id, turn_id, at, at FROM turns
     WHERE at < $1 AND (at, turn_id) > ($2, $3) ORDER BY at, turn_id LIMIT $4"
);
const OLD_ALERTS: super::Sql = sql!(
    "SELECT hotel_id, alert_id, updated_at, updated_at FROM alerts
     WHERE updated_at < $1 AND (updated_at, alert_id) > ($2, $3) ORDER BY updated_at, alert_id LIMIT $4"
);
/// By the order of receipt, which has an index; the first young one ends the sweep.
const OLD_EVENTS: super::Sql = sql!(
    "SELECT hotel_id, inbox_id, seq, received_at FROM inbox
     WHERE seq > $2 AND $1 > 0 AND $3 = $3 ORDER BY seq LIMIT $4"
);

const DELETE_SENDS: super::Sql = sql!(
    "DELETE FROM outbox WHERE (outbox_id, hotel_id) IN (
       SELECT o.outbox_id, o.hotel_id FROM " ROWS
    " JOIN outbox o ON o.hotel_id = r.value->>'hotel' AND o.message_id = r.value->>'id'
       WHERE o.state NOT IN ('planned', 'sending', 'unknown')
         AND NOT EXISTS (SELECT 1 FROM questions q WHERE q.hotel_id = o.hotel_id AND q.message_id = o.message_id))"
);
const DELETE_MESSAGES: super::Sql = sql!(
    "DELETE FROM messages WHERE (message_id, hotel_id) IN (
       SELECT m.message_id, m.hotel_id FROM " ROWS
    " JOIN messages m ON m.hotel_id = r.value->>'hotel' AND m.message_id = r.value->>'id'
       WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.hotel_id = m.hotel_id AND o.message_id = m.message_id)
         AND NOT EXISTS (SELECT 1 FROM questions q WHERE q.hotel_id = m.hotel_id AND q.message_id = m.message_id)
         AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = m.hotel_id AND i.inbox_id = m.message_id
                         AND i.state = 'available'))"
);
/// Of messages with a question only those whose questions are all closed, and which left our hands.
const CLEAR_MESSAGES: super::Sql = sql!(
    "UPDATE messages SET text = '', quotes = NULL FROM " ROWS
    " WHERE messages.hotel_id = r.value->>'hotel' AND messages.message_id = r.value->>'id' AND messages.text <> ''
        AND EXISTS (SELECT 1 FROM questions q
                    WHERE q.hotel_id = messages.hotel_id AND q.message_id = messages.message_id)
        AND NOT EXISTS (SELECT 1 FROM questions q WHERE q.hotel_id = messages.hotel_id
                        AND q.message_id = messages.message_id AND q.state = 'open')
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.hotel_id = messages.hotel_id
                        AND o.message_id = messages.message_id AND o.state IN ('planned', 'sending', 'unknown'))"
);
const CLEAR_SENDS: super::Sql = sql!(
    "UPDATE outbox SET text = '', choices = NULL, media = NULL, quotes = NULL FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.message_id = r.value->>'id' AND outbox.text <> ''
        AND EXISTS (SELECT 1 FROM messages m
                    WHERE m.hotel_id = outbox.hotel_id AND m.message_id = outbox.message_id AND m.text = '')"
);
const DELETE_TURNS: super::Sql = sql!(
    "DELETE FROM turns WHERE (turn_id, hotel_id) IN (SELECT r.value->>'id', r.value->>'hotel' FROM " ROWS ")"
);
const DELETE_NOTICES: super::Sql = sql!(
    "DELETE FROM notices WHERE (notice_id, hotel_id) IN (
       SELECT n.notice_id, n.hotel_id FROM " ROWS
    " JOIN alerts a ON a.hotel_id = r.value->>'hotel' AND a.alert_id = r.value->>'id'
       JOIN notices n ON n.hotel_id = a.hotel_id AND n.alert_id = a.alert_id WHERE a.state = 'resolved')"
);
const DELETE_EVIDENCE: super::Sql = sql!(
    "DELETE FROM alert_evidence WHERE (alert_id, turn_id, hotel_id) IN (
       SELECT e.alert_id, e.turn_id, e.hotel_id FROM " ROWS
    " JOIN alerts a ON a.hotel_id = r.value->>'hotel' AND a.alert_id = r.value->>'id'
       JOIN alert_evidence e ON e.hotel_id = a.hotel_id AND e.alert_id = a.alert_id WHERE a.state = 'resolved')"
);
const DELETE_ALERTS: super::Sql = sql!(
    "DELETE FROM alerts WHERE state = 'resolved'
       AND (alert_id, hotel_id) IN (SELECT r.value->>'id', r.value->>'hotel' FROM " ROWS ")"
);
const DELETE_EVENTS: super::Sql = sql!(
    "DELETE FROM inbox WHERE state <> 'available'
       AND (inbox_id, hotel_id) IN (SELECT r.value->>'id', r.value->>'hotel' FROM " ROWS ")"
);

impl Store {
    /// Every hotel that ever was in force: what a hotel that left has kept is forgotten too.
    pub async fn hotels_ever(&self) -> Result<Vec<Hotel>> {
        const EVERY: super::Sql = sql!("SELECT definition FROM hotels ORDER BY hotel_id");
        let all: Vec<String> = on_read!(self, EVERY, |q, c| sqlx::query_scalar(q).fetch_all(c).await?);
        all.iter().map(|definition| read_document(definition)).collect()
    }

    /// When the oldest message of a hotel that still has words was written.
    pub async fn oldest_message(&self, hotel: &HotelId) -> Result<Option<Timestamp>> {
        const OLDEST: super::Sql =
            sql!("SELECT at FROM messages WHERE hotel_id = $1 AND text <> '' ORDER BY at, message_id LIMIT 1");
        let at: Option<i64> =
            on_read!(self, OLDEST, |q, c| sqlx::query_scalar(q).bind(hotel.as_str()).fetch_optional(c).await?);
        at.map(instant).transpose()
    }

    /// Looks at the next rows, at most so many, and forgets those that are too old.
    pub async fn forget(&self, what: What, kept: &KeptSince, from: Place, most: i64) -> Result<Step> {
        let Some(latest) = kept.values().max().map(|at| micros(*at)) else { return Ok(Step::default()) };
        let rows = self.oldest(what, latest, &from, most).await?;
        let whole = i64::try_from(rows.len()).is_ok_and(|count| count == most);
        let next = rows.last().filter(|_| whole).map(|(_, id, order, _)| Place { order: *order, id: id.clone() });
        let is_end = rows.last().is_none_or(|(_, _, _, at)| *at >= latest);
        let next = next.filter(|_| !is_end);
        let old = too_old(rows, kept)?;
        if old.is_empty() {
            return Ok(Step { forgotten: 0, next });
        }
        let old = batch(&old)?;
        let forgotten = self.write(move |tx| async move { delete(tx, what, &old).await }.boxed()).await?;
        Ok(Step { forgotten, next })
    }

    async fn oldest(&self, what: What, before: i64, from: &Place, most: i64) -> Result<Vec<Row>> {
        let statement = match what {
            What::Messages => OLD_MESSAGES,
            What::Turns => OLD_TURNS,
            What::Events => OLD_EVENTS,
            What::Alerts => OLD_ALERTS,
        };
        Ok(on_read!(self, statement, |q, c| sqlx::query_as(q)
            .bind(before)
            .bind(from.order)
            .bind(&from.id)
            .bind(most)
            .fetch_all(c)
            .await?))
    }
}

fn too_old(rows: Vec<Row>, kept: &KeptSince) -> Result<Vec<Old>> {
    let mut old = Vec::new();
    for (hotel, id, _, at) in rows {
        let since = kept.get(&read_hotel(&hotel)?);
        if since.is_some_and(|since| at < micros(*since)) {
            old.push(Old { hotel, id });
        }
    }
    Ok(old)
}

async fn delete(tx: &mut Tx, what: What, old: &str) -> Result<u64> {
    let statements: &[super::Sql] = match what {
        What::Messages => &[DELETE_SENDS, DELETE_MESSAGES, CLEAR_MESSAGES, CLEAR_SENDS],
        What::Turns => &[DELETE_TURNS],
        What::Events => &[DELETE_EVENTS],
        What::Alerts => &[DELETE_NOTICES, DELETE_EVIDENCE, DELETE_ALERTS],
    };
    let mut forgotten = 0;
    for (number, statement) in statements.iter().enumerate() {
        let rows = on_tx!(tx, *statement, |q, c| sqlx::query(q).bind(old).execute(c).await?.rows_affected());
        // A message counts once, and what was sent for it not at all; an alert likewise.
        let counts = match what {
            What::Messages => number == 1 || number == 2,
            What::Turns | What::Events => true,
            What::Alerts => number == 2,
        };
        forgotten += if counts { rows } else { 0 };
    }
    Ok(forgotten)
}
