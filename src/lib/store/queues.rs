//! The inbox and the outbox as people see them: what waits, what failed, and what a person decides about a row; and
//! how much of it each hotel has.

use super::chats::{ConversationRow, mode_columns};
use super::{Result, Store, Tx, batch, instant, instant_opt, micros, read_document, read_hotel, read_uuid};
use crate::domain::conversation::{Conversation, Mode};
use crate::domain::ids::{ChatId, HotelId, InboxId, MessageId, OutboxId};
use crate::domain::message::{Author, Delivery, Origin};
use crate::domain::received::Received;
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Which rows to list.
#[derive(Clone, Debug, Default)]
pub struct QueueFilter {
    /// Only these hotels; empty means all.
    pub hotels: Vec<HotelId>,
    /// Only these states; empty means all.
    pub states: Vec<&'static str>,
    /// The most rows.
    pub limit: i64,
}

/// One event as it came in.
#[derive(Clone, Debug)]
pub struct InboxRow {
    /// Whose.
    pub hotel: HotelId,
    /// Which.
    pub id: InboxId,
    /// `guest`, `staff`, `status`, `unreadable` and so on.
    pub kind: String,
    /// `available`, `completed`, `quarantined`, `failed` or `discarded`.
    pub state: String,
    /// Its conversation, when it belongs to one.
    pub chat: Option<ChatId>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was done with.
    pub done_at: Option<Timestamp>,
    /// What it was understood as.
    pub received: Received,
    /// As it came, at most 64 KiB.
    pub raw: String,
    /// Why it is where it is.
    pub note: Option<String>,
}

/// One message on its way out.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Whose.
    pub hotel: HotelId,
    /// Which.
    pub id: OutboxId,
    /// The message of the conversation.
    pub message: MessageId,
    /// Its conversation.
    pub chat: ChatId,
    /// Where it goes.
    pub address: String,
    /// The reason to write.
    pub intent: String,
    /// The words.
    pub text: String,
    /// Bot or staff.
    pub author: Author,
    /// What caused it.
    pub origin: Origin,
    /// How far it got.
    pub state: Delivery,
    /// When it was planned.
    pub created_at: Timestamp,
    /// Not before.
    pub due_at: Timestamp,
    /// Useless after.
    pub expires_at: Timestamp,
    /// Tries that surely did not send.
    pub attempts: i64,
    /// The channel's id, once it has one.
    pub provider_id: Option<String>,
    /// Why it is where it is.
    pub note: Option<String>,
}

/// What waits in one hotel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    /// Rows of the inbox that are not done.
    pub inbox: i64,
    /// When the oldest of them came.
    pub inbox_oldest: Option<Timestamp>,
    /// Rows that nobody could read.
    pub quarantined: i64,
    /// What the channel warned of and nobody has looked at: the account's quota, a guest's block.
    pub warnings: i64,
    /// Rows that could not be handled.
    pub failed: i64,
    /// Messages not yet handed to the channel.
    pub planned: i64,
    /// When the oldest of them was planned.
    pub planned_oldest: Option<Timestamp>,
    /// Messages of which nobody knows whether they left.
    pub unknown: i64,
    /// Guests who wait for a person.
    pub waiting: i64,
    /// Since when the first of them waits.
    pub waiting_since: Option<Timestamp>,
    /// When something last happened in any chat.
    pub last_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct InboxColumns {
    hotel_id: String,
    inbox_id: String,
    kind: String,
    state: String,
    chat_id: Option<String>,
    received_at: i64,
    done_at: Option<i64>,
    event: String,
    raw: String,
    note: Option<String>,
}

#[derive(sqlx::FromRow)]
struct OutboxColumns {
    hotel_id: String,
    outbox_id: String,
    message_id: String,
    chat_id: String,
    address: String,
    intent: String,
    text: String,
    author: String,
    origin: String,
    state: String,
    created_at: i64,
    due_at: i64,
    expires_at: i64,
    attempts: i64,
    provider_id: Option<String>,
    note: Option<String>,
}

/// An id in a batch.
#[derive(Serialize)]
struct IdRow<'a> {
    hotel: &'a str,
    id: String,
}

impl Store {
    /// Rows of the inbox, the newest first.
    pub async fn inbox_rows(&self, filter: &QueueFilter) -> Result<Vec<InboxRow>> {
        const ROWS_OF: super::Sql = sql!(
            "SELECT hotel_id, inbox_id, kind, state, chat_id, received_at, done_at, event, raw, note
             FROM inbox
             WHERE ($1 = '[]' OR hotel_id IN (SELECT value FROM "
            {lite: "json_each($1)", pg: "jsonb_array_elements_text($1::jsonb)"}
            ")) AND ($2 = '[]' OR state IN (SELECT value FROM "
            {lite: "json_each($2)", pg: "jsonb_array_elements_text($2::jsonb)"}
            "))
             ORDER BY seq DESC LIMIT $3"
        );
        let (hotels, states) = (batch(&filter.hotels)?, batch(&filter.states)?);
        let rows: Vec<InboxColumns> = on_read!(self, ROWS_OF, |q, c| sqlx::query_as(q)
            .bind(&hotels)
            .bind(&states)
            .bind(filter.limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(InboxColumns::read).collect()
    }

    /// The rows of the inbox that an id, or the end of one, can mean; at most `limit`.
    pub async fn find_inbox(&self, words: &str, hotels: &[HotelId], limit: i64) -> Result<Vec<InboxRow>> {
        const FIND: super::Sql = sql!(
            "SELECT hotel_id, inbox_id, kind, state, chat_id, received_at, done_at, event, raw, note
             FROM inbox
             WHERE inbox_id LIKE $1 AND ($2 = '[]' OR hotel_id IN (SELECT value FROM "
            {lite: "json_each($2)", pg: "jsonb_array_elements_text($2::jsonb)"}
            "))
             ORDER BY seq DESC LIMIT $3"
        );
        let Some(ending) = ending(words) else { return Ok(Vec::new()) };
        let hotels = batch(hotels)?;
        let rows: Vec<InboxColumns> =
            on_read!(self, FIND, |q, c| sqlx::query_as(q).bind(&ending).bind(&hotels).bind(limit).fetch_all(c).await?);
        rows.into_iter().map(InboxColumns::read).collect()
    }

    /// Rows of the outbox, the newest first.
    pub async fn outbox_rows(&self, filter: &QueueFilter) -> Result<Vec<OutboxRow>> {
        const ROWS_OF: super::Sql = sql!(
            "SELECT hotel_id, outbox_id, message_id, chat_id, address, intent, text, author, origin, state, created_at,
                    due_at, expires_at, attempts, provider_id, note
             FROM outbox
             WHERE ($1 = '[]' OR hotel_id IN (SELECT value FROM "
            {lite: "json_each($1)", pg: "jsonb_array_elements_text($1::jsonb)"}
            ")) AND ($2 = '[]' OR state IN (SELECT value FROM "
            {lite: "json_each($2)", pg: "jsonb_array_elements_text($2::jsonb)"}
            "))
             ORDER BY created_at DESC, outbox_id DESC LIMIT $3"
        );
        let (hotels, states) = (batch(&filter.hotels)?, batch(&filter.states)?);
        let rows: Vec<OutboxColumns> = on_read!(self, ROWS_OF, |q, c| sqlx::query_as(q)
            .bind(&hotels)
            .bind(&states)
            .bind(filter.limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(OutboxColumns::read).collect()
    }

    /// The rows of the outbox that an id, or the end of one, can mean; at most `limit`.
    pub async fn find_outbox(&self, words: &str, hotels: &[HotelId], limit: i64) -> Result<Vec<OutboxRow>> {
        const FIND: super::Sql = sql!(
            "SELECT hotel_id, outbox_id, message_id, chat_id, address, intent, text, author, origin, state, created_at,
                    due_at, expires_at, attempts, provider_id, note
             FROM outbox
             WHERE (outbox_id LIKE $1 OR message_id LIKE $1) AND ($2 = '[]' OR hotel_id IN (SELECT value FROM "
            {lite: "json_each($2)", pg: "jsonb_array_elements_text($2::jsonb)"}
            "))
             ORDER BY created_at DESC, outbox_id DESC LIMIT $3"
        );
        let Some(ending) = ending(words) else { return Ok(Vec::new()) };
        let hotels = batch(hotels)?;
        let rows: Vec<OutboxColumns> =
            on_read!(self, FIND, |q, c| sqlx::query_as(q).bind(&ending).bind(&hotels).bind(limit).fetch_all(c).await?);
        rows.into_iter().map(OutboxColumns::read).collect()
    }

    /// The chats whose id ends like this; at most ten.
    pub async fn chats_ending(&self, words: &str, hotels: &[HotelId]) -> Result<Vec<(HotelId, Conversation)>> {
        const ENDING: super::Sql = sql!(
            "SELECT c.hotel_id, c.chat_id, c.guest_id, c.address, c.mode, c.mode_since, c.mode_until, c.mode_why,
                    c.waiting_since, c.reruns, g.name, g.language, g.consent, g.consent_at
             FROM chats c JOIN guests g ON g.hotel_id = c.hotel_id AND g.guest_id = c.guest_id
             WHERE c.chat_id LIKE $1 AND ($2 = '[]' OR c.hotel_id IN (SELECT value FROM "
            {lite: "json_each($2)", pg: "jsonb_array_elements_text($2::jsonb)"}
            "))
             ORDER BY c.hotel_id, c.chat_id LIMIT 10"
        );
        let Some(ending) = ending(words) else { return Ok(Vec::new()) };
        let hotels = batch(hotels)?;
        let rows: Vec<ConversationRow> =
            on_read!(self, ENDING, |q, c| sqlx::query_as(q).bind(&ending).bind(&hotels).fetch_all(c).await?);
        rows.into_iter().map(|row| Ok((read_hotel(&row.hotel_id)?, row.read()?))).collect()
    }

    /// Lets rows that failed be handled once more. Returns how many there were.
    pub async fn retry_inbox(&self, rows: Vec<(HotelId, InboxId)>, now: Timestamp) -> Result<u64> {
        self.write(move |tx| async move { retry_inbox(tx, &rows, now).await }.boxed()).await
    }

    /// Closes rows that nobody will handle. Returns how many there were.
    pub async fn discard_inbox(&self, rows: Vec<(HotelId, InboxId)>, note: String, now: Timestamp) -> Result<u64> {
        const DISCARD: super::Sql = sql!(
            "UPDATE inbox SET state = 'discarded', done_at = $2, note = $3 FROM " ROWS
            " WHERE inbox.hotel_id = r.value->>'hotel' AND inbox.inbox_id = r.value->>'id'
               AND inbox.state IN ('quarantined', 'failed')"
        );
        self.write(move |tx| {
            async move {
                let json = ids(rows.iter().map(|(hotel, id)| (hotel, id.to_string())))?;
                Ok(on_tx!(tx, DISCARD, |q, c| sqlx::query(q)
                    .bind(&json)
                    .bind(micros(now))
                    .bind(&note)
                    .execute(c)
                    .await?
                    .rows_affected()))
            }
            .boxed()
        })
        .await
    }

    /// Plans messages once more that were refused, cancelled or are uncertain. A person has decided that an uncertain
    /// one did not arrive. Returns how many there were.
    pub async fn retry_outbox(&self, rows: Vec<(HotelId, OutboxId)>, now: Timestamp, until: Timestamp) -> Result<u64> {
        // The new send gets a new id from the channel; what is still said about the old one must not count for it.
        const RETRY: super::Sql = sql!(
            "UPDATE outbox SET state = 'planned', rank = 0, due_at = $2, expires_at = $3, attempts = 0, retried = 0,
               sending_by = NULL, provider_id = NULL, note = 'retried by command'
             FROM " ROWS
            " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id'
               AND outbox.state IN ('refused', 'cancelled', 'unknown')"
        );
        self.write(move |tx| {
            async move {
                let json = ids(rows.iter().map(|(hotel, id)| (hotel, id.to_string())))?;
                Ok(on_tx!(tx, RETRY, |q, c| sqlx::query(q)
                    .bind(&json)
                    .bind(micros(now))
                    .bind(micros(until))
                    .execute(c)
                    .await?
                    .rows_affected()))
            }
            .boxed()
        })
        .await
    }

    /// Takes back messages that have not left, and closes uncertain ones. Returns how many there were.
    pub async fn cancel_outbox(&self, rows: Vec<(HotelId, OutboxId)>) -> Result<u64> {
        const CANCEL: super::Sql = sql!(
            "UPDATE outbox SET state = 'cancelled', rank = 25, note = 'cancelled by command' FROM " ROWS
            " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id'
               AND outbox.state IN ('planned', 'unknown')"
        );
        self.write(move |tx| {
            async move {
                let json = ids(rows.iter().map(|(hotel, id)| (hotel, id.to_string())))?;
                Ok(on_tx!(tx, CANCEL, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected()))
            }
            .boxed()
        })
        .await
    }

    /// What waits in each hotel; hotels with nothing at all are not there.
    pub async fn workloads(&self) -> Result<BTreeMap<HotelId, Workload>> {
        const INBOX: super::Sql = sql!(
            "SELECT hotel_id, CASE kind WHEN 'warning' THEN kind ELSE state END, COUNT(*), MIN(received_at) FROM inbox
             WHERE state IN ('available', 'quarantined', 'failed') GROUP BY 1, 2 ORDER BY 1, 2"
        );
        const OUTBOX: super::Sql = sql!(
            "SELECT hotel_id, state, COUNT(*), MIN(created_at) FROM outbox
             WHERE state IN ('planned', 'unknown') GROUP BY hotel_id, state ORDER BY hotel_id, state"
        );
        const CHATS: super::Sql = sql!(
            "SELECT hotel_id, COUNT(waiting_since), MIN(waiting_since), MAX(last_at) FROM chats
             GROUP BY hotel_id ORDER BY hotel_id"
        );
        let mut loads: BTreeMap<HotelId, Workload> = BTreeMap::new();
        let counted: Vec<(String, String, i64, i64)> =
            on_read!(self, INBOX, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        let planned: Vec<(String, String, i64, i64)> =
            on_read!(self, OUTBOX, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        for (hotel, state, count, oldest) in counted.into_iter().chain(planned) {
            loads.entry(read_hotel(&hotel)?).or_default().count(&state, count, instant(oldest)?);
        }
        let chats: Vec<(String, i64, Option<i64>, Option<i64>)> =
            on_read!(self, CHATS, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        for (hotel, waiting, since, last_at) in chats {
            let load = loads.entry(read_hotel(&hotel)?).or_default();
            load.waiting = waiting;
            load.waiting_since = instant_opt(since)?;
            load.last_at = instant_opt(last_at)?;
        }
        Ok(loads)
    }
}

impl Workload {
    fn count(&mut self, state: &str, count: i64, oldest: Timestamp) {
        match state {
            "available" => (self.inbox, self.inbox_oldest) = (count, Some(oldest)),
            "quarantined" => self.quarantined = count,
            "warning" => self.warnings = count,
            "failed" => self.failed = count,
            "planned" => (self.planned, self.planned_oldest) = (count, Some(oldest)),
            "unknown" => self.unknown = count,
            _ => {}
        }
    }
}

/// A row of a chat is found by its chat's due time, so that is set as well.
async fn retry_inbox(tx: &mut Tx, rows: &[(HotelId, InboxId)], now: Timestamp) -> Result<u64> {
    const RETRY: super::Sql = sql!(
        "UPDATE inbox SET state = 'available', due_at = $2, done_at = NULL, note = NULL FROM " ROWS
        " WHERE inbox.hotel_id = r.value->>'hotel' AND inbox.inbox_id = r.value->>'id' AND inbox.state = 'failed'"
    );
    const WAKE: super::Sql = sql!(
        "UPDATE chats SET due_at = COALESCE(chats.due_at, $2) FROM " ROWS
        " JOIN inbox i ON i.hotel_id = r.value->>'hotel' AND i.inbox_id = r.value->>'id'
         WHERE chats.hotel_id = i.hotel_id AND chats.chat_id = i.chat_id AND i.state = 'available'"
    );
    let json = ids(rows.iter().map(|(hotel, id)| (hotel, id.to_string())))?;
    let retried =
        on_tx!(tx, RETRY, |q, c| sqlx::query(q).bind(&json).bind(micros(now)).execute(c).await?.rows_affected());
    on_tx!(tx, WAKE, |q, c| sqlx::query(q).bind(&json).bind(micros(now)).execute(c).await?.rows_affected());
    Ok(retried)
}

fn ids<'a>(rows: impl Iterator<Item = (&'a HotelId, String)>) -> Result<String> {
    let rows: Vec<IdRow<'a>> = rows.map(|(hotel, id)| IdRow { hotel: hotel.as_str(), id }).collect();
    batch(&rows)
}

/// The pattern for ids that end like this. `None` for what no id ends like: fewer than four letters say too little,
/// and a `%` would mean every row.
fn ending(words: &str) -> Option<String> {
    let words = words.to_ascii_lowercase();
    let is_part = words.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    (is_part && (4..=36).contains(&words.len())).then(|| format!("%{words}"))
}

impl InboxColumns {
    fn read(self) -> Result<InboxRow> {
        Ok(InboxRow {
            hotel: read_hotel(&self.hotel_id)?,
            id: InboxId(read_uuid(&self.inbox_id)?),
            kind: self.kind,
            state: self.state,
            chat: self.chat_id.as_deref().map(read_uuid).transpose()?.map(ChatId),
            received_at: instant(self.received_at)?,
            done_at: instant_opt(self.done_at)?,
            received: read_document(&self.event)?,
            raw: self.raw,
            note: self.note,
        })
    }
}

impl OutboxColumns {
    fn read(self) -> Result<OutboxRow> {
        let corrupt = |word: &str| super::StoreError::Corrupt(format!("`{word}` is no word of an outbox row"));
        Ok(OutboxRow {
            hotel: read_hotel(&self.hotel_id)?,
            id: OutboxId(read_uuid(&self.outbox_id)?),
            message: MessageId(read_uuid(&self.message_id)?),
            chat: ChatId(read_uuid(&self.chat_id)?),
            address: self.address,
            intent: self.intent,
            text: self.text,
            author: Author::parse(&self.author).ok_or_else(|| corrupt(&self.author))?,
            origin: Origin::parse(&self.origin).ok_or_else(|| corrupt(&self.origin))?,
            state: Delivery::parse(&self.state).ok_or_else(|| corrupt(&self.state))?,
            created_at: instant(self.created_at)?,
            due_at: instant(self.due_at)?,
            expires_at: instant(self.expires_at)?,
            attempts: self.attempts,
            provider_id: self.provider_id,
            note: self.note,
        })
    }
}

/// A person answers in a chat: they lead it from now on, what the bot planned is taken back, nobody waits. A turn that
/// is being decided meanwhile is void, or it would talk over them.
pub(super) async fn staff_leads(tx: &mut Tx, hotel: &HotelId, chat: ChatId, mode: Mode) -> Result<()> {
    const LEAD: super::Sql = sql!(
        "UPDATE chats SET mode = $3, mode_since = $4, mode_until = $5, mode_why = $6, waiting_since = NULL,
           epoch = epoch + 1, lease_by = NULL, lease_until = NULL
         WHERE hotel_id = $1 AND chat_id = $2"
    );
    const CANCEL: super::Sql = sql!(
        "UPDATE outbox SET state = 'cancelled', rank = 25, note = 'staff_wrote'
         WHERE hotel_id = $1 AND chat_id = $2 AND state = 'planned' AND author = 'bot'"
    );
    let (word, since, until, why) = mode_columns(mode);
    let (hotel, chat) = (hotel.as_str(), chat.to_string());
    on_tx!(tx, LEAD, |q, c| sqlx::query(q)
        .bind(hotel)
        .bind(&chat)
        .bind(word)
        .bind(since)
        .bind(until)
        .bind(why)
        .execute(c)
        .await?
        .rows_affected());
    on_tx!(tx, CANCEL, |q, c| sqlx::query(q).bind(hotel).bind(&chat).execute(c).await?.rows_affected());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn only_the_end_of_an_id_is_looked_for() {
        assert_eq!(ending("A1B2c3d4").as_deref(), Some("%a1b2c3d4"));
        for words in ["", "abc", "%", "ab%d", "zzzz", "_____", &"a".repeat(37)] {
            assert_eq!(ending(words), None, "{words}");
        }
    }
}
