//! Everything that deciding about a taken chat needs.

use super::claims::KeyRow;
use super::{Claim, ConversationRow};
use crate::domain::asking::OpenQuestion;
use crate::domain::conversation::Conversation;
use crate::domain::ids::{ChatId, HotelId, InboxId};
use crate::domain::message::Message;
use crate::domain::received::Received;
use crate::store::{Result, Sql, Store, batch, instant, messages, questions, read_document, read_hotel, read_uuid};
use crate::{on_read, sql};
use jiff::Timestamp;
use std::collections::HashMap;

/// Everything needed to decide about a taken chat.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The taking.
    pub claim: Claim,
    /// As it is now.
    pub conversation: Conversation,
    /// What waits, in the order of receipt.
    pub waiting: Vec<Waiting>,
    /// The last messages before those that wait, oldest first.
    pub recent: Vec<Message>,
    /// The questions that wait for an answer, or did lately; the newest first.
    pub questions: Vec<OpenQuestion>,
    /// How often this turn was decided anew because more came.
    pub reruns: i64,
}

/// One row that waits in a chat.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The order of receipt.
    pub seq: i64,
    /// The row, and the message of the same id.
    pub id: InboxId,
    /// When it came.
    pub received_at: Timestamp,
    /// What it is.
    pub received: Received,
}

/// How many earlier messages a decision sees.
const RECENT: i64 = 32;
/// How many waiting messages one turn takes: more wait for the next.
const WAITING: i64 = 50;

impl Store {
    /// What deciding about these chats at this instant needs.
    pub async fn gather(&self, claims: Vec<Claim>, now: Timestamp) -> Result<Vec<Gathered>> {
        let keys: Vec<KeyRow<'_>> = claims.iter().map(KeyRow::of).collect();
        let keys = batch(&keys)?;
        let mut conversations = self.conversations(&keys).await?;
        let mut waiting = self.waiting(&keys).await?;
        let mut recent = messages::recent(self, &keys, RECENT).await?;
        let mut questions = questions::of_chats(self, &keys, now).await?;
        Ok(claims
            .into_iter()
            .filter_map(|claim| {
                let key = (claim.hotel.clone(), claim.chat);
                let (conversation, reruns) = conversations.remove(&key)?;
                Some(Gathered {
                    conversation,
                    reruns,
                    waiting: waiting.remove(&key).unwrap_or_default(),
                    recent: recent.remove(&key).unwrap_or_default(),
                    questions: questions.remove(&key).unwrap_or_default(),
                    claim,
                })
            })
            .collect())
    }

    async fn conversations(&self, keys: &str) -> Result<HashMap<(HotelId, ChatId), (Conversation, i64)>> {
        const CONVERSATIONS: Sql = sql!(
            "SELECT c.hotel_id, c.chat_id, c.guest_id, c.address, c.mode, c.mode_since, c.mode_until, c.mode_why,
                    c.waiting_since, c.reruns, g.name, g.language, g.consent, g.consent_at
             FROM " ROWS
            " JOIN chats c ON c.hotel_id = r.value->>'hotel' AND c.chat_id = r.value->>'chat'
             JOIN guests g ON g.hotel_id = c.hotel_id AND g.guest_id = c.guest_id"
        );
        let rows: Vec<ConversationRow> =
            on_read!(self, CONVERSATIONS, |q, c| sqlx::query_as(q).bind(keys).fetch_all(c).await?);
        rows.into_iter()
            .map(|row| {
                let hotel = read_hotel(&row.hotel_id)?;
                let reruns = row.reruns;
                let conversation = row.read()?;
                Ok(((hotel, conversation.id), (conversation, reruns)))
            })
            .collect()
    }

    async fn waiting(&self, keys: &str) -> Result<HashMap<(HotelId, ChatId), Vec<Waiting>>> {
        const WAITING_ROWS: Sql = sql!(
            "SELECT i.hotel_id, i.chat_id, i.seq, i.inbox_id, i.received_at, i.event
             FROM " ROWS
            {lite: "JOIN inbox i ON i.seq IN", pg: "CROSS JOIN LATERAL"}
            " (SELECT " {lite: "w.seq", pg: "w.*"} " FROM inbox w
               WHERE w.hotel_id = r.value->>'hotel' AND w.chat_id = r.value->>'chat' AND w.state = 'available'
               ORDER BY w.seq LIMIT $2)"
            {lite: "", pg: " AS i"}
            " ORDER BY i.seq"
        );
        let rows: Vec<(String, String, i64, String, i64, String)> =
            on_read!(self, WAITING_ROWS, |q, c| sqlx::query_as(q).bind(keys).bind(WAITING).fetch_all(c).await?);
        let mut waiting: HashMap<(HotelId, ChatId), Vec<Waiting>> = HashMap::new();
        for (hotel, chat, seq, id, at, event) in rows {
            waiting.entry((read_hotel(&hotel)?, ChatId(read_uuid(&chat)?))).or_default().push(Waiting {
                seq,
                id: InboxId(read_uuid(&id)?),
                received_at: instant(at)?,
                received: read_document(&event)?,
            });
        }
        Ok(waiting)
    }
}
