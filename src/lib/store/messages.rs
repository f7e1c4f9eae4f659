//! Messages as they are stored, with how far each got.

use super::{Result, Sql, Store, StoreError, instant, read_hotel, read_uuid};
use crate::domain::ids::{ChatId, HotelId, MessageId, ProviderMessageId};
use crate::domain::language::Language;
use crate::domain::message::{Author, Delivery, Direction, Message, Origin};
use crate::domain::understanding::Sentiment;
use crate::{on_read, sql};
use std::collections::HashMap;

/// A message as stored, with how far it got.
#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    pub(super) hotel_id: String,
    message_id: String,
    chat_id: String,
    provider_id: Option<String>,
    direction: String,
    author: String,
    origin: String,
    text: String,
    at: i64,
    language: Option<String>,
    sentiment: Option<String>,
    delivery: Option<String>,
}

impl MessageRow {
    pub(super) fn read(self) -> Result<Message> {
        let corrupt = |word: &str| StoreError::Corrupt(format!("`{word}` is no word of a message"));
        Ok(Message {
            id: MessageId(read_uuid(&self.message_id)?),
            chat: ChatId(read_uuid(&self.chat_id)?),
            provider_id: self.provider_id.map(ProviderMessageId),
            direction: Direction::parse(&self.direction).ok_or_else(|| corrupt(&self.direction))?,
            author: Author::parse(&self.author).ok_or_else(|| corrupt(&self.author))?,
            origin: Origin::parse(&self.origin).ok_or_else(|| corrupt(&self.origin))?,
            text: self.text,
            at: instant(self.at)?,
            delivery: self.delivery.as_deref().and_then(Delivery::parse),
            language: self.language.as_deref().and_then(Language::parse),
            sentiment: self.sentiment.as_deref().and_then(Sentiment::parse),
        })
    }
}

/// The last messages of each chat that are not waiting any more, oldest first.
pub(super) async fn recent(store: &Store, keys: &str, limit: i64) -> Result<HashMap<(HotelId, ChatId), Vec<Message>>> {
    const RECENT: Sql = sql!(
        "SELECT m.hotel_id, m.message_id, m.chat_id, COALESCE(m.provider_id, o.provider_id) AS provider_id, m.direction,
                m.author, m.origin, m.text, m.at, m.language, m.sentiment, o.state AS delivery
         FROM " ROWS
        {lite: "JOIN messages m ON m.hotel_id = r.value->>'hotel' AND m.message_id IN", pg: "CROSS JOIN LATERAL"}
        " (SELECT " {lite: "l.message_id", pg: "l.*"} " FROM messages l
           WHERE l.hotel_id = r.value->>'hotel' AND l.chat_id = r.value->>'chat'
             AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = l.hotel_id AND i.inbox_id = l.message_id
                             AND i.state || '' = 'available')
           ORDER BY l.at DESC, l.message_id DESC LIMIT $2)"
        {lite: "", pg: " AS m"}
        " LEFT JOIN outbox o ON o.hotel_id = m.hotel_id AND o.message_id = m.message_id
         ORDER BY m.at, m.message_id"
    );
    let rows: Vec<MessageRow> =
        on_read!(store, RECENT, |q, c| sqlx::query_as(q).bind(keys).bind(limit).fetch_all(c).await?);
    let mut recent: HashMap<(HotelId, ChatId), Vec<Message>> = HashMap::new();
    for row in rows {
        let hotel = read_hotel(&row.hotel_id)?;
        let message = row.read()?;
        recent.entry((hotel, message.chat)).or_default().push(message);
    }
    Ok(recent)
}
