//! The inbox: what came in, durable before anybody is told, and each event once.

use super::{Result, Sql, Store, Tx, batch, document, instant, micros, read_document, read_hotel, read_uuid, run_all};
use crate::domain::ids::{ChatAddress, ChatId, HotelId, InboxId, ProviderMessageId};
use crate::domain::received::{Body, Received, ReceivedEvent};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use sha2::Digest;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// One event on its way into the inbox.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Whose.
    pub hotel: HotelId,
    /// The row's id; also the id of the message, when there is one.
    pub id: Uuid,
    /// Ids for a guest and a chat, should the address be new.
    pub new_guest: Uuid,
    /// See `new_guest`.
    pub new_chat: Uuid,
    /// Parsed.
    pub received: Received,
    /// As it came, at most 64 KiB.
    pub raw: String,
    /// When we got it.
    pub at: Timestamp,
    /// How long the chat must be quiet before it is answered; zero is at once.
    pub coalesce: Duration,
    /// The whole message asks for silence: nothing that the bot has on its way may overtake it.
    pub opt_out: bool,
    /// Found in the channel's journal, where bodies are flattened: a difference to the stored one means nothing.
    pub from_journal: bool,
}

/// What became of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// A new row.
    New,
    /// The same event was there already.
    Again,
}

/// A row as the event loop takes it: events that belong to no turn.
#[derive(Clone, Debug)]
pub struct WaitingEvent {
    /// Whose.
    pub hotel: HotelId,
    /// The row.
    pub id: InboxId,
    /// When it came.
    pub received_at: Timestamp,
    /// What it is.
    pub received: Received,
}

/// A batch that is asked for when its turn has come, so that what came meanwhile comes along. Asked again, it is the
/// same.
pub type Source = Arc<dyn Fn() -> Vec<Arrival> + Send + Sync>;

/// A burst is answered at the latest after this many times the quiet time, even if the guest never pauses.
const LONGEST_BURST: i32 = 4;

impl Store {
    /// Stores a batch in one transaction; the answer for each comes only when it is durable.
    pub async fn receive(&self, arrivals: Vec<Arrival>) -> Result<Vec<Stored>> {
        self.receive_late(Arc::new(move || arrivals.clone())).await
    }

    /// The same with a batch that is asked for when its turn has come.
    pub async fn receive_late(&self, arrivals: Source) -> Result<Vec<Stored>> {
        self.write_first(move |tx| async move { receive(tx, arrivals()).await }.boxed()).await
    }

    /// Ends rows that need no turn.
    pub async fn complete_rows(
        &self,
        hotel: HotelId,
        rows: Vec<InboxId>,
        note: &'static str,
        now: Timestamp,
    ) -> Result<()> {
        const COMPLETE: super::Sql = sql!(
            "UPDATE inbox SET state = 'completed', done_at = $3, note = $4
             WHERE hotel_id = $2 AND state = 'available' AND inbox_id IN (SELECT r.value->>'id' FROM " ROWS ")"
        );
        #[derive(Serialize)]
        struct Id {
            id: String,
        }
        self.write(move |tx| {
            async move {
                let ids: Vec<Id> = rows.iter().map(|row| Id { id: row.to_string() }).collect();
                let json = batch(&ids)?;
                on_tx!(tx, COMPLETE, |q, c| sqlx::query(q)
                    .bind(&json)
                    .bind(hotel.as_str())
                    .bind(micros(now))
                    .bind(note)
                    .execute(c)
                    .await?
                    .rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Events that belong to no turn (statuses, echoes, states), oldest first.
    pub async fn waiting_events(&self, now: Timestamp, limit: i64) -> Result<Vec<WaitingEvent>> {
        const WAITING: super::Sql = sql!(
            "SELECT hotel_id, inbox_id, received_at, event FROM inbox
             WHERE state = 'available' AND chat_id IS NULL AND due_at <= $1
             ORDER BY due_at, seq LIMIT $2"
        );
        let rows: Vec<(String, String, i64, String)> =
            on_read!(self, WAITING, |q, c| sqlx::query_as(q).bind(micros(now)).bind(limit).fetch_all(c).await?);
        rows.into_iter()
            .map(|(hotel, id, at, event)| {
                Ok(WaitingEvent {
                    hotel: read_hotel(&hotel)?,
                    id: InboxId(read_uuid(&id)?),
                    received_at: instant(at)?,
                    received: read_document(&event)?,
                })
            })
            .collect()
    }
}

#[derive(Serialize)]
struct Row<'a> {
    hotel: &'a str,
    id: String,
    key: Cow<'a, str>,
    kind: &'static str,
    chat: Option<String>,
    state: &'static str,
    at: i64,
    event: String,
    raw: &'a str,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct MessageRow<'a> {
    hotel: &'a str,
    id: String,
    chat: String,
    provider: &'a str,
    direction: &'static str,
    author: &'static str,
    origin: &'static str,
    text: String,
    quotes: Option<&'a str>,
    at: i64,
}

#[derive(Serialize)]
struct DueRow<'a> {
    hotel: &'a str,
    chat: String,
    at: i64,
    due: i64,
    latest: i64,
    /// When the guest wrote; a person of the hotel may have written alone.
    written: Option<i64>,
    name: Option<&'a str>,
}

const INSERT: super::Sql = sql!(
    "INSERT INTO inbox (hotel_id, inbox_id, event_key, kind, chat_id, state, received_at, due_at, event, raw, note, done_at)
     SELECT r.value->>'hotel', r.value->>'id', r.value->>'key', r.value->>'kind', r.value->>'chat', r.value->>'state',
            CAST(r.value->>'at' AS BIGINT), CAST(r.value->>'at' AS BIGINT), r.value->>'event', r.value->>'raw',
            r.value->>'note', CASE WHEN r.value->>'state' = 'completed' THEN CAST(r.value->>'at' AS BIGINT) END
     FROM " ROWS " WHERE true
     ON CONFLICT (hotel_id, event_key) DO NOTHING
     RETURNING inbox_id"
);
const INSERT_MESSAGES: super::Sql = sql!(
    "INSERT INTO messages (hotel_id, message_id, chat_id, provider_id, direction, author, origin, text, quotes, at)
     SELECT r.value->>'hotel', r.value->>'id', r.value->>'chat', r.value->>'provider', r.value->>'direction',
            r.value->>'author', r.value->>'origin', r.value->>'text', r.value->>'quotes',
            CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
);
/// A chat becomes due after its quiet time, counted anew with each message, up to a limit from the burst's start.
const MAKE_DUE: super::Sql = sql!(
    "UPDATE chats SET
       burst_from = CASE WHEN chats.due_at IS NULL THEN x.at ELSE chats.burst_from END,
       due_at = CASE WHEN chats.due_at IS NULL OR chats.burst_from IS NULL THEN x.due
                     WHEN x.due < chats.burst_from + x.latest THEN x.due
                     ELSE chats.burst_from + x.latest END,
       last_at = CASE WHEN x.at > chats.last_at THEN x.at ELSE chats.last_at END,
       written_at = COALESCE(chats.written_at, x.written)
     FROM (SELECT r.value->>'hotel' AS hotel, r.value->>'chat' AS chat, CAST(r.value->>'at' AS BIGINT) AS at,
                  CAST(r.value->>'due' AS BIGINT) AS due, CAST(r.value->>'latest' AS BIGINT) AS latest,
                  CAST(r.value->>'written' AS BIGINT) AS written
           FROM " ROWS ") AS x
     WHERE chats.hotel_id = x.hotel AND chats.chat_id = x.chat"
);
/// In one order, so that daemons that store for and commit to the same chats never wait for each other in a circle.
const LOCK_CHATS: super::Sql = sql!(
    "SELECT c.chat_id FROM " ROWS
    " JOIN chats c ON c.hotel_id = r.value->>'hotel' AND c.chat_id = r.value->>'chat'
     ORDER BY c.hotel_id, c.chat_id "
    {lite: "", pg: "FOR NO KEY UPDATE OF c"}
);
const NAME_GUESTS: super::Sql = sql!(
    "UPDATE guests SET name = x.name
     FROM (SELECT r.value->>'hotel' AS hotel, r.value->>'chat' AS chat, r.value->>'name' AS name FROM " ROWS ") AS x,
          chats
     WHERE chats.hotel_id = x.hotel AND chats.chat_id = x.chat AND x.name IS NOT NULL
       AND guests.hotel_id = chats.hotel_id AND guests.guest_id = chats.guest_id
       AND (guests.name IS NULL OR guests.name <> x.name)"
);

async fn receive(tx: &mut Tx, arrivals: Vec<Arrival>) -> Result<Vec<Stored>> {
    let arrivals: &[Arrival] = &arrivals;
    let chats = super::chats::resolve(tx, &addresses(arrivals)).await?;
    let chat_of = |arrival: &Arrival| -> Option<Uuid> {
        let address = address_of(arrival)?;
        chats.get(&(arrival.hotel.clone(), address.clone())).map(|chat| chat.0)
    };
    let new = insert_rows(tx, arrivals, &chat_of).await?;
    let fresh: Vec<&Arrival> = arrivals.iter().filter(|arrival| new.contains(&arrival.id.to_string())).collect();
    let mut statements = message_statements(&fresh, &chat_of)?;
    statements.extend(due_statements(tx, &fresh, &chat_of)?);
    run_all(tx, &statements).await?;
    keep_conflicts(tx, arrivals, &new).await?;
    Ok(arrivals
        .iter()
        .map(|arrival| if new.contains(&arrival.id.to_string()) { Stored::New } else { Stored::Again })
        .collect())
}

/// Only what a person wrote belongs to a chat's turns; everything else is an event of the instance.
fn address_of(arrival: &Arrival) -> Option<&ChatAddress> {
    match arrival.received.event {
        ReceivedEvent::Guest { .. } | ReceivedEvent::Staff { .. } => arrival.received.chat.as_ref(),
        _ => None,
    }
}

/// Each address once, with the second address and the name that any of its arrivals tells.
fn addresses(arrivals: &[Arrival]) -> Vec<super::chats::NewAddress> {
    let mut places: HashMap<(&HotelId, &ChatAddress), usize> = HashMap::new();
    let mut addresses: Vec<super::chats::NewAddress> = Vec::new();
    for arrival in arrivals {
        let Some(address) = address_of(arrival) else { continue };
        let place = *places.entry((&arrival.hotel, address)).or_insert_with(|| {
            addresses.push(super::chats::NewAddress {
                hotel: arrival.hotel.clone(),
                address: address.clone(),
                also: None,
                name: None,
                guest: arrival.new_guest,
                chat: arrival.new_chat,
                at: arrival.at,
            });
            addresses.len() - 1
        });
        let known = &mut addresses[place];
        known.also = known.also.take().or_else(|| arrival.received.also_known_as.clone());
        known.name = known.name.take().or_else(|| arrival.received.sender_name.clone());
    }
    addresses
}

async fn insert_rows(
    tx: &mut Tx,
    arrivals: &[Arrival],
    chat_of: &impl Fn(&Arrival) -> Option<Uuid>,
) -> Result<HashSet<String>> {
    let mut rows = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let (kind, state, note) = classify(&arrival.received.event);
        let kind = if arrival.opt_out { "opt_out" } else { kind };
        rows.push(Row {
            hotel: arrival.hotel.as_str(),
            id: arrival.id.to_string(),
            key: Cow::Borrowed(&arrival.received.key),
            kind,
            chat: chat_of(arrival).map(|chat| chat.to_string()),
            state,
            at: micros(arrival.at),
            event: document(&arrival.received)?,
            raw: &arrival.raw,
            note,
        });
    }
    let rows = batch(&rows)?;
    let ids: Vec<String> = on_tx!(tx, INSERT, |q, c| sqlx::query_scalar(q).bind(&rows).fetch_all(c).await?);
    Ok(ids.into_iter().collect())
}

/// The word for a row's kind, its first state, and why it ends there if it does.
fn classify(event: &ReceivedEvent) -> (&'static str, &'static str, Option<&str>) {
    match event {
        ReceivedEvent::Guest { .. } => ("guest", "available", None),
        ReceivedEvent::Staff { .. } => ("staff", "available", None),
        ReceivedEvent::Echo { .. } => ("echo", "available", None),
        ReceivedEvent::Status { .. } => ("status", "available", None),
        ReceivedEvent::Instance { .. } => ("instance", "available", None),
        ReceivedEvent::Call { .. } => ("call", "completed", Some("a call; the bot cannot talk")),
        ReceivedEvent::Warning { detail, .. } => ("warning", "quarantined", Some(detail)),
        ReceivedEvent::Ignored { why } => ("ignored", "completed", Some(why)),
        ReceivedEvent::Unreadable { why } => ("unreadable", "quarantined", Some(why)),
    }
}

fn message_statements(fresh: &[&Arrival], chat_of: &impl Fn(&Arrival) -> Option<Uuid>) -> Result<Vec<(Sql, String)>> {
    let rows: Vec<MessageRow<'_>> = fresh.iter().filter_map(|arrival| message_row(arrival, chat_of)).collect();
    if rows.is_empty() { Ok(Vec::new()) } else { Ok(vec![(INSERT_MESSAGES, batch(&rows)?)]) }
}

fn message_row<'a>(arrival: &'a Arrival, chat_of: &impl Fn(&Arrival) -> Option<Uuid>) -> Option<MessageRow<'a>> {
    let (id, body, quotes, guest) = match &arrival.received.event {
        ReceivedEvent::Guest { id, body, quotes } => (id, body, quotes, true),
        ReceivedEvent::Staff { id, body, quotes } => (id, body, quotes, false),
        _ => return None,
    };
    let word = if guest { "guest" } else { "staff" };
    Some(MessageRow {
        hotel: arrival.hotel.as_str(),
        id: arrival.id.to_string(),
        chat: chat_of(arrival)?.to_string(),
        provider: id.as_str(),
        direction: if guest { "inbound" } else { "outbound" },
        author: word,
        origin: word,
        text: shown(body),
        quotes: quotes.as_ref().map(ProviderMessageId::as_str),
        at: micros(arrival.at),
    })
}

/// PostgreSQL stores no NUL; parsing removed it from words, and this holds for whatever else is shown.
fn shown(body: &Body) -> String {
    body.display().replace('\0', "")
}

fn due_statements(
    tx: &Tx,
    fresh: &[&Arrival],
    chat_of: &impl Fn(&Arrival) -> Option<Uuid>,
) -> Result<Vec<(Sql, String)>> {
    // One row a chat: with several, the database would apply only one of them.
    let mut rows: HashMap<(HotelId, Uuid), DueRow<'_>> = HashMap::new();
    for arrival in fresh {
        let Some(chat) = chat_of(arrival) else { continue };
        let staff = matches!(arrival.received.event, ReceivedEvent::Staff { .. });
        let urgent = staff || arrival.opt_out;
        let coalesce = if urgent { Duration::ZERO } else { arrival.coalesce };
        let quiet = i64::try_from(coalesce.as_micros()).unwrap_or(i64::MAX / 8);
        let at = micros(arrival.at);
        let row = rows.entry((arrival.hotel.clone(), chat)).or_insert_with(|| DueRow {
            hotel: arrival.hotel.as_str(),
            chat: chat.to_string(),
            at,
            due: at + quiet,
            latest: quiet * i64::from(LONGEST_BURST),
            written: None,
            name: None,
        });
        row.at = row.at.max(at);
        row.due = if urgent { row.due.min(at) } else { row.due.max(at + quiet) };
        row.written = if staff { row.written } else { row.written.or(Some(at)) };
        row.name = if staff { row.name } else { arrival.received.sender_name.as_deref().or(row.name) };
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<DueRow<'_>> = rows.into_values().collect();
    let json = batch(&rows)?;
    let mut statements = Vec::with_capacity(3);
    if matches!(tx, Tx::Postgres(_)) {
        statements.push((LOCK_CHATS, json.clone()));
    }
    statements.push((MAKE_DUE, json.clone()));
    if rows.iter().any(|row| row.name.is_some()) {
        statements.push((NAME_GUESTS, json));
    }
    Ok(statements)
}

/// The same id with other words: the first one wins, the second is kept for a person to see (faults W41).
async fn keep_conflicts(tx: &mut Tx, arrivals: &[Arrival], new: &HashSet<String>) -> Result<()> {
    const STORED: super::Sql = sql!(
        "SELECT r.value->>'id', i.event FROM " ROWS
        " JOIN inbox i ON i.hotel_id = r.value->>'hotel' AND i.event_key = r.value->>'key'"
    );
    let again: HashMap<String, &Arrival> = arrivals
        .iter()
        .filter(|arrival| !arrival.from_journal && matches!(arrival.received.event, ReceivedEvent::Guest { .. }))
        .map(|arrival| (arrival.id.to_string(), arrival))
        .filter(|(id, _)| !new.contains(id))
        .collect();
    if again.is_empty() {
        return Ok(());
    }
    let keys: Vec<KeyRow<'_>> = again.iter().map(|(id, arrival)| KeyRow::of(id, arrival)).collect();
    let keys = batch(&keys)?;
    let stored: Vec<(String, String)> = on_tx!(tx, STORED, |q, c| sqlx::query_as(q).bind(&keys).fetch_all(c).await?);
    let mut conflicts = Vec::new();
    for (id, first) in stored {
        if let Some(arrival) = again.get(&id)
            && is_conflict(&read_document::<Received>(&first)?, &arrival.received)
        {
            conflicts.push(conflict_row(arrival)?);
        }
    }
    if !conflicts.is_empty() {
        let rows = batch(&conflicts)?;
        on_tx!(tx, INSERT, |q, c| sqlx::query(q).bind(&rows).execute(c).await?.rows_affected());
    }
    Ok(())
}

#[derive(Serialize)]
struct KeyRow<'a> {
    id: &'a str,
    hotel: &'a str,
    key: &'a str,
}

impl<'a> KeyRow<'a> {
    fn of(id: &'a str, arrival: &'a Arrival) -> Self {
        Self { id, hotel: arrival.hotel.as_str(), key: &arrival.received.key }
    }
}

fn is_conflict(first: &Received, second: &Received) -> bool {
    match (&first.event, &second.event) {
        (ReceivedEvent::Guest { body: first, .. }, ReceivedEvent::Guest { body: second, .. }) => first != second,
        _ => false,
    }
}

/// Its key is its content, so that a conflict that is delivered a hundred times is one row.
fn conflict_row(arrival: &Arrival) -> Result<Row<'_>> {
    let event = document(&arrival.received)?;
    let digest = sha2::Sha256::digest(event.as_bytes());
    Ok(Row {
        hotel: arrival.hotel.as_str(),
        id: arrival.id.to_string(),
        key: format!("conflict:{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).into(),
        kind: "conflict",
        chat: None,
        state: "quarantined",
        at: micros(arrival.at),
        event,
        raw: &arrival.raw,
        note: Some("the same message id came again with other content; the first one counts"),
    })
}

/// Which chat an address belongs to, if it is known.
pub type Chats = HashMap<(HotelId, ChatAddress), ChatId>;
