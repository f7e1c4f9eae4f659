//! Whom the bot wrote to first, and who answered.

use super::{Result, Sql, Store, Tx, batch, instant_opt, micros};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{ChatId, HotelId};
use crate::domain::number_health::{self, NumberSeen};
use crate::{on_read, on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;

const SEEN: Sql = sql!(
    "SELECT CAST(COALESCE(SUM(CASE WHEN c.opened_at >= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS today,
            CAST(COUNT(*) AS BIGINT) AS lately, CAST(COUNT(c.written_at) AS BIGINT) AS answered,
            (SELECT h.line_ailed_at FROM hotels h WHERE h.hotel_id = $1) AS ailed_at
     FROM chats c WHERE c.hotel_id = $1 AND c.opened_at >= $3"
);
/// Whoever counts exactly holds the hotel's row until the new contact is made.
const LOCK: Sql = sql!(
    "SELECT hotel_id FROM hotels WHERE hotel_id = $1 "
    {lite: "", pg: "FOR NO KEY UPDATE"}
);
const OPENED: Sql = sql!(
    "UPDATE chats SET opened_at = $2 FROM " ROWS
    " WHERE chats.hotel_id = r.value->>'hotel' AND chats.chat_id = r.value->>'chat'
       AND chats.opened_at IS NULL AND chats.written_at IS NULL"
);

type SeenRow = (i64, i64, i64, Option<i64>);

impl Store {
    /// What is known of a hotel's number.
    pub async fn number_seen(&self, hotel: &Hotel, now: Timestamp) -> Result<NumberSeen> {
        let (day, lately) = number_health::since(hotel, now);
        let row: SeenRow = on_read!(self, SEEN, |q, c| sqlx::query_as(q)
            .bind(hotel.id.as_str())
            .bind(micros(day))
            .bind(micros(lately))
            .fetch_one(c)
            .await?);
        read(row)
    }
}

/// The same within a transaction.
pub(super) async fn seen(tx: &mut Tx, hotel: &Hotel, now: Timestamp) -> Result<NumberSeen> {
    let (day, lately) = number_health::since(hotel, now);
    let row: SeenRow = on_tx!(tx, SEEN, |q, c| sqlx::query_as(q)
        .bind(hotel.id.as_str())
        .bind(micros(day))
        .bind(micros(lately))
        .fetch_one(c)
        .await?);
    read(row)
}

/// From now until the end of the transaction nobody else makes new contacts of this hotel.
pub(super) async fn lock(tx: &mut Tx, hotel: &HotelId) -> Result<()> {
    let _: Option<String> =
        on_tx!(tx, LOCK, |q, c| sqlx::query_scalar(q).bind(hotel.as_str()).fetch_optional(c).await?);
    Ok(())
}

/// The first words to these chats are planned; what a guest began is left out.
pub(super) async fn opened(tx: &mut Tx, hotel: &HotelId, chats: &[ChatId], now: Timestamp) -> Result<()> {
    #[derive(Serialize)]
    struct Row<'a> {
        hotel: &'a str,
        chat: String,
    }
    if chats.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row<'_>> = chats.iter().map(|chat| Row { hotel: hotel.as_str(), chat: chat.to_string() }).collect();
    let json = batch(&rows)?;
    on_tx!(tx, OPENED, |q, c| sqlx::query(q).bind(&json).bind(micros(now)).execute(c).await?.rows_affected());
    Ok(())
}

fn read((today, lately, answered, ailed_at): SeenRow) -> Result<NumberSeen> {
    Ok(NumberSeen { today, lately, answered, ailed_at: instant_opt(ailed_at)? })
}
