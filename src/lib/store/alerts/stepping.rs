//! What people and the ladder do to an alert.

use super::Counts;
use super::rows::{AlertRow, save};
use crate::domain::alert::{Act, Alert, Step};
use crate::domain::ids::{AlertId, ChatId, HotelId};
use crate::store::{Result, Sql, Store, Tx, batch, micros, read_uuid, touchpoints};
use crate::{on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;

/// What became of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Stepped {
    /// The alert as it is now.
    pub alert: Alert,
    /// Whether the step changed it; otherwise somebody was earlier.
    pub news: bool,
}

#[derive(Serialize)]
struct InChat<'a> {
    hotel: &'a str,
    chat: String,
}

/// The chat of an alert, held as a turn holds it.
const CHAT: Sql = sql!(
    "SELECT c.chat_id FROM alerts a JOIN chats c ON c.chat_id = a.chat_id AND c.hotel_id = a.hotel_id
     WHERE a.alert_id = $1 AND a.hotel_id = $2 "
    {lite: "", pg: "FOR NO KEY UPDATE OF c"}
);
const ONE: Sql = sql!(
    "SELECT a.hotel_id, a.alert_id, a.number, a.chat_id, a.topic, a.severity, a.label, a.confidence, a.reason, a.state,
            a.level, a.evidence, a.words, a.language, a.phase, a.reservation_id, a.department, a.suggested_reply,
            a.raised_at, a.next_at, a.acknowledged_at, a.acknowledged_by, a.acknowledged_how, a.resolved_at,
            a.resolved_by, a.resolved_how, a.updated_at
     FROM alerts a WHERE a.alert_id = $1 AND a.hotel_id = $2"
);
/// Who looked after the last matter of a chat has also answered its guest, by words or by deeds.
const NOBODY_WAITS: Sql = sql!(
    "UPDATE chats SET waiting_since = NULL
     WHERE hotel_id = $1 AND chat_id = $2 AND waiting_since <= $3
       AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.chat_id = chats.chat_id AND a.hotel_id = chats.hotel_id
                       AND a.state <> 'resolved')"
);

/// Takes, ends or escalates an alert, with all that follows: an end is the moment of triggers that wait for it. `None` when
/// there is no such alert.
pub async fn step(tx: &mut Tx, hotel: &HotelId, id: AlertId, step: Step, act: Act) -> Result<Option<Stepped>> {
    let key = id.to_string();
    let chat: Option<String> =
        on_tx!(tx, CHAT, |q, c| sqlx::query_scalar(q).bind(&key).bind(hotel.as_str()).fetch_optional(c).await?);
    let Some(chat) = chat else { return Ok(None) };
    let chat = ChatId(read_uuid(&chat)?);
    let mut counts = Counts::lock(tx, hotel).await?;
    let row: AlertRow = on_tx!(tx, ONE, |q, c| sqlx::query_as(q).bind(&key).bind(hotel.as_str()).fetch_one(c).await?);
    let (mut alert, at) = (row.read()?, act.at);
    if !alert.step(step, act) {
        return Ok(Some(Stepped { alert, news: false }));
    }
    save(tx, std::iter::once(&alert)).await?;
    match step {
        Step::Acknowledge => counts.acknowledged += 1,
        Step::Resolve => counts.resolved += 1,
        Step::Escalate => {}
    }
    counts.write(tx, hotel).await?;
    if step == Step::Resolve {
        after_the_end(tx, hotel, chat, at).await?;
    }
    Ok(Some(Stepped { alert, news: true }))
}

async fn after_the_end(tx: &mut Tx, hotel: &HotelId, chat: ChatId, at: Timestamp) -> Result<()> {
    on_tx!(tx, NOBODY_WAITS, |q, c| sqlx::query(q)
        .bind(hotel.as_str())
        .bind(chat.to_string())
        .bind(micros(at))
        .execute(c)
        .await?
        .rows_affected());
    let chats = batch(&[InChat { hotel: hotel.as_str(), chat: chat.to_string() }])?;
    for (hotel, stays) in touchpoints::stays_of_chats(tx, &chats).await? {
        touchpoints::replan_after_words(tx, &hotel, &stays, at).await?;
    }
    Ok(())
}

impl Store {
    /// Takes or ends an alert in a transaction of its own: see [`step`].
    pub async fn step_alert(&self, hotel: HotelId, id: AlertId, what: Step, act: Act) -> Result<Option<Stepped>> {
        self.write(move |tx| async move { step(tx, &hotel, id, what, act).await }.boxed()).await
    }
}
