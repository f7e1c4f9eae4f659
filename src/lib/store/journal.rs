//! What people look at: chats, messages, turns, what failed, and how much waits. Reads only, except what a command
//! of support changes about one chat or one row.

use super::chats::ConversationRow;
use super::messages::MessageRow;
use super::{Result, Store, Tx, instant, micros, read_document, read_hotel, read_uuid};
use crate::domain::conversation::{Conversation, Mode};
use crate::domain::ids::{ChatId, HotelId, TurnId};
use crate::domain::message::Message;
use crate::domain::understanding::{Reading, Sentiment, Understanding};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;

/// A chat on a list.
#[derive(Clone, Debug)]
pub struct ChatSummary {
    /// Whose.
    pub hotel: HotelId,
    /// As it is now.
    pub conversation: Conversation,
    /// When something last happened in it.
    pub last_at: Timestamp,
    /// The last message's words.
    pub last_text: Option<String>,
    /// How the guest's last understood message was read.
    pub sentiment: Option<Sentiment>,
}

/// A message with its hotel and the rule that caused it.
#[derive(Clone, Debug)]
pub struct JournalMessage {
    /// Whose.
    pub hotel: HotelId,
    /// Where the channel delivers.
    pub address: String,
    /// The profile name, untrusted.
    pub guest: Option<String>,
    /// The message.
    pub message: Message,
    /// The turn it belongs to.
    pub turn: Option<TurnId>,
    /// The rule of that turn.
    pub rule: Option<String>,
    /// The reader's confidence.
    pub confidence: Option<f64>,
    /// Why it was refused, cancelled or is uncertain.
    pub note: Option<String>,
}

/// A decided turn.
#[derive(Clone, Debug)]
pub struct TurnSummary {
    /// Which.
    pub id: TurnId,
    /// When.
    pub at: Timestamp,
    /// The rule that answered.
    pub rule: String,
    /// Its grounds.
    pub reasons: Vec<String>,
    /// What plain code read in the guest's words.
    pub reading: Option<Reading>,
    /// What the model read.
    pub understanding: Option<Understanding>,
    /// Or why there is none.
    pub why_not: Option<String>,
    /// The prompt and its version.
    pub prompt: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// HTTP calls.
    pub calls: i64,
    /// Tokens: from the cache, anew, written.
    pub tokens: (i64, i64, i64),
    /// Millionths of a US dollar.
    pub cost_micro_usd: i64,
    /// From question to end.
    pub latency_ms: i64,
    /// What went wrong on the way.
    pub detail: Option<String>,
}

/// Which chats to list.
#[derive(Clone, Debug, Default)]
pub struct ChatFilter {
    /// Only these hotels; empty means all.
    pub hotels: Vec<HotelId>,
    /// Only where somebody waits.
    pub waiting: bool,
    /// Only where something happened since.
    pub since: Option<Timestamp>,
    /// The most rows.
    pub limit: i64,
}

#[derive(sqlx::FromRow)]
struct SummaryRow {
    #[sqlx(flatten)]
    conversation: ConversationRow,
    last_at: i64,
    last_text: Option<String>,
    last_sentiment: Option<String>,
}

#[derive(sqlx::FromRow)]
struct JournalRow {
    #[sqlx(flatten)]
    message: MessageRow,
    address: String,
    guest: Option<String>,
    turn_id: Option<String>,
    rule: Option<String>,
    confidence: Option<f64>,
    note: Option<String>,
}

#[derive(sqlx::FromRow)]
struct TurnRow {
    turn_id: String,
    at: i64,
    rule: String,
    reasons: String,
    reading: Option<String>,
    understanding: Option<String>,
    why_not: Option<String>,
    prompt: Option<String>,
    model: Option<String>,
    calls: i64,
    hit_tokens: i64,
    miss_tokens: i64,
    output_tokens: i64,
    cost_micro_usd: i64,
    latency_ms: i64,
    detail: Option<String>,
}

impl Store {
    /// Chats, those in which somebody waits first, then the latest.
    pub async fn chats(&self, filter: &ChatFilter) -> Result<Vec<ChatSummary>> {
        const CHATS: super::Sql = sql!(
            "SELECT c.hotel_id, c.chat_id, c.guest_id, c.address, c.mode, c.mode_since, c.mode_until, c.mode_why,
                    c.waiting_since, c.reruns, g.name, g.language, g.consent, g.consent_at, c.last_at,
                    (SELECT m.text FROM messages m WHERE m.hotel_id = c.hotel_id AND m.chat_id = c.chat_id
                     ORDER BY m.at DESC, m.message_id DESC LIMIT 1) AS last_text,
                    (SELECT m.sentiment FROM messages m WHERE m.hotel_id = c.hotel_id AND m.chat_id = c.chat_id
                       AND m.sentiment IS NOT NULL ORDER BY m.at DESC, m.message_id DESC LIMIT 1) AS last_sentiment
             FROM chats c JOIN guests g ON g.hotel_id = c.hotel_id AND g.guest_id = c.guest_id
             WHERE ($1 = '[]' OR c.hotel_id IN (SELECT value FROM "
            {lite: "json_each($1)", pg: "jsonb_array_elements_text($1::jsonb)"}
            ")) AND ($2 = 0 OR c.waiting_since IS NOT NULL) AND c.last_at >= $3
               AND EXISTS (SELECT 1 FROM messages m WHERE m.chat_id = c.chat_id AND m.hotel_id = c.hotel_id)
             ORDER BY CASE WHEN c.waiting_since IS NULL THEN 1 ELSE 0 END, c.waiting_since, c.last_at DESC, c.chat_id
             LIMIT $4"
        );
        let hotels = super::batch(&filter.hotels)?;
        let since = filter.since.map_or(0, micros);
        let rows: Vec<SummaryRow> = on_read!(self, CHATS, |q, c| sqlx::query_as(q)
            .bind(&hotels)
            .bind(i64::from(filter.waiting))
            .bind(since)
            .bind(filter.limit)
            .fetch_all(c)
            .await?);
        rows.into_iter()
            .map(|row| {
                Ok(ChatSummary {
                    hotel: read_hotel(&row.conversation.hotel_id)?,
                    conversation: row.conversation.read()?,
                    last_at: instant(row.last_at)?,
                    last_text: row.last_text,
                    sentiment: row.last_sentiment.as_deref().and_then(Sentiment::parse),
                })
            })
            .collect()
    }

    /// The chats that a person's words can mean: an id, an address, or the digits of a phone.
    pub async fn find_chats(&self, words: &str, hotels: &[HotelId]) -> Result<Vec<(HotelId, Conversation)>> {
        const FIND: super::Sql = sql!(
            "SELECT DISTINCT c.hotel_id, c.chat_id, c.guest_id, c.address, c.mode, c.mode_since, c.mode_until, c.mode_why,
                    c.waiting_since, c.reruns, g.name, g.language, g.consent, g.consent_at
             FROM chats c
             JOIN guests g ON g.hotel_id = c.hotel_id AND g.guest_id = c.guest_id
             JOIN aliases a ON a.hotel_id = c.hotel_id AND a.chat_id = c.chat_id
             WHERE (c.chat_id = $1 OR a.address = $1 OR a.address = $2)
               AND ($3 = '[]' OR c.hotel_id IN (SELECT value FROM "
            {lite: "json_each($3)", pg: "jsonb_array_elements_text($3::jsonb)"}
            "))
             ORDER BY c.hotel_id, c.chat_id"
        );
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        let hotels = super::batch(hotels)?;
        let rows: Vec<ConversationRow> = on_read!(self, FIND, |q, c| sqlx::query_as(q)
            .bind(words)
            .bind(format!("{digits}@c.us"))
            .bind(&hotels)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(|row| Ok((read_hotel(&row.hotel_id)?, row.read()?))).collect()
    }

    /// The messages of one chat since an instant, oldest first; with more than `limit`, the newest.
    pub async fn chat_messages(
        &self,
        hotel: &HotelId,
        chat: ChatId,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<JournalMessage>> {
        const MESSAGES: super::Sql = sql!(
            "SELECT * FROM (
               SELECT m.hotel_id, m.message_id, m.chat_id, COALESCE(m.provider_id, o.provider_id) AS provider_id,
                      m.direction, m.author, m.origin, m.text, m.at, m.language, m.sentiment, m.turn_id, m.confidence, o.state AS delivery, o.note, c.address,
                      g.name AS guest, t.rule
               FROM messages m
               JOIN chats c ON c.hotel_id = m.hotel_id AND c.chat_id = m.chat_id
               JOIN guests g ON g.hotel_id = c.hotel_id AND g.guest_id = c.guest_id
               LEFT JOIN outbox o ON o.hotel_id = m.hotel_id AND o.message_id = m.message_id
               LEFT JOIN turns t ON t.hotel_id = m.hotel_id AND t.turn_id = m.turn_id
               WHERE m.hotel_id = $1 AND m.chat_id = $2 AND m.at >= $3
               ORDER BY m.at DESC, m.message_id DESC LIMIT $4) AS newest
             ORDER BY at, message_id"
        );
        let rows: Vec<JournalRow> = on_read!(self, MESSAGES, |q, c| sqlx::query_as(q)
            .bind(hotel.as_str())
            .bind(chat.to_string())
            .bind(micros(since))
            .bind(limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(JournalRow::read).collect()
    }

    /// Messages of many hotels since an instant, oldest first, for following.
    pub async fn messages_since(
        &self,
        hotels: &[HotelId],
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<JournalMessage>> {
        const SINCE: super::Sql = sql!(
            "SELECT m.hotel_id, m.message_id, m.chat_id, COALESCE(m.provider_id, o.provider_id) AS provider_id,
                    m.direction, m.author, m.origin, m.text, m.at, m.language, m.sentiment, m.turn_id, m.confidence, o.state AS delivery, o.note, c.address,
                    g.name AS guest, t.rule
             FROM messages m
             JOIN chats c ON c.hotel_id = m.hotel_id AND c.chat_id = m.chat_id
             JOIN guests g ON g.hotel_id = c.hotel_id AND g.guest_id = c.guest_id
             LEFT JOIN outbox o ON o.hotel_id = m.hotel_id AND o.message_id = m.message_id
             LEFT JOIN turns t ON t.hotel_id = m.hotel_id AND t.turn_id = m.turn_id
             WHERE m.at >= $1 AND ($2 = '[]' OR m.hotel_id IN (SELECT value FROM "
            {lite: "json_each($2)", pg: "jsonb_array_elements_text($2::jsonb)"}
            "))
             ORDER BY m.at, m.message_id LIMIT $3"
        );
        let hotels = super::batch(hotels)?;
        let rows: Vec<JournalRow> = on_read!(self, SINCE, |q, c| sqlx::query_as(q)
            .bind(micros(since))
            .bind(&hotels)
            .bind(limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(JournalRow::read).collect()
    }

    /// The turns of a chat, newest first.
    pub async fn turns(&self, hotel: &HotelId, chat: ChatId, limit: i64) -> Result<Vec<TurnSummary>> {
        const TURNS: super::Sql = sql!(
            "SELECT turn_id, at, rule, reasons, reading, understanding, why_not, prompt, model, calls, hit_tokens, miss_tokens,
                    output_tokens, cost_micro_usd, latency_ms, detail
             FROM turns WHERE hotel_id = $1 AND chat_id = $2 ORDER BY at DESC, turn_id DESC LIMIT $3"
        );
        let rows: Vec<TurnRow> = on_read!(self, TURNS, |q, c| sqlx::query_as(q)
            .bind(hotel.as_str())
            .bind(chat.to_string())
            .bind(limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(TurnRow::read).collect()
    }

    /// Silences the bot in a chat, or hands it back; nobody waits any more after handing back. A turn that is being
    /// decided meanwhile is void, because it was decided about the chat as it was: it is taken and decided anew.
    pub async fn set_mode(&self, hotel: HotelId, chat: ChatId, mode: Mode, at: Timestamp) -> Result<()> {
        self.write(move |tx| async move { set_mode(tx, &hotel, chat, mode, at).await }.boxed()).await
    }
}

/// See [`Store::set_mode`].
pub(super) async fn set_mode(tx: &mut Tx, hotel: &HotelId, chat: ChatId, mode: Mode, at: Timestamp) -> Result<()> {
    const SET: super::Sql = sql!(
        "UPDATE chats SET mode = $3, mode_since = $4, mode_until = $5, mode_why = $6, last_at = $7,
               epoch = epoch + 1, lease_by = NULL, lease_until = NULL,
               waiting_since = CASE WHEN $3 = 'bot' THEN NULL ELSE waiting_since END
             WHERE hotel_id = $1 AND chat_id = $2"
    );
    const CANCEL: super::Sql = sql!(
        "UPDATE outbox SET state = 'cancelled', rank = 25, note = 'handed off by command'
             WHERE hotel_id = $1 AND chat_id = $2 AND state = 'planned' AND author = 'bot'"
    );
    let (word, since, until, why) = super::chats::mode_columns(mode);
    on_tx!(tx, SET, |q, c| sqlx::query(q)
        .bind(hotel.as_str())
        .bind(chat.to_string())
        .bind(word)
        .bind(since)
        .bind(until)
        .bind(why)
        .bind(micros(at))
        .execute(c)
        .await?
        .rows_affected());
    if mode != Mode::Bot {
        on_tx!(tx, CANCEL, |q, c| sqlx::query(q)
            .bind(hotel.as_str())
            .bind(chat.to_string())
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(())
}

impl JournalRow {
    fn read(self) -> Result<JournalMessage> {
        Ok(JournalMessage {
            hotel: read_hotel(&self.message.hotel_id)?,
            address: self.address,
            guest: self.guest,
            message: self.message.read()?,
            turn: self.turn_id.as_deref().map(read_uuid).transpose()?.map(TurnId),
            rule: self.rule,
            confidence: self.confidence,
            note: self.note,
        })
    }
}

impl TurnRow {
    fn read(self) -> Result<TurnSummary> {
        Ok(TurnSummary {
            id: TurnId(read_uuid(&self.turn_id)?),
            at: instant(self.at)?,
            rule: self.rule,
            reasons: read_document(&self.reasons)?,
            reading: self.reading.as_deref().map(read_document).transpose()?,
            understanding: self.understanding.as_deref().map(read_document).transpose()?,
            why_not: self.why_not,
            prompt: self.prompt,
            model: self.model,
            calls: self.calls,
            tokens: (self.hit_tokens, self.miss_tokens, self.output_tokens),
            cost_micro_usd: self.cost_micro_usd,
            latency_ms: self.latency_ms,
            detail: self.detail,
        })
    }
}
