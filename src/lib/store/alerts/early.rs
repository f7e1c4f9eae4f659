//! Alarming messages that do not wait for their turn: raised as soon as they are stored. The turn that covers them later
//! says more about the same alert and counts nothing twice.

use super::{Book, Counts, IdRow, NewCause, Place, save, unresolved};
use crate::domain::ids::{AlertId, ChatId, GuestId, HotelId, InboxId};
use crate::store::{Result, Sql, Store, Tx, batch, read_uuid, reservations};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// A message that a person must hear of at once.
#[derive(Clone, Debug)]
pub struct EarlyCause {
    /// Its row.
    pub row: InboxId,
    /// Where it was written.
    pub chat: ChatId,
    /// What it gives cause for.
    pub new: NewCause,
}

const LOCK_CHATS: Sql = sql!(
    "SELECT c.chat_id, c.guest_id FROM " ROWS
    " JOIN chats c ON c.chat_id = r.value->>'id' AND c.hotel_id = $2 ORDER BY c.chat_id "
    {lite: "", pg: "FOR NO KEY UPDATE OF c"}
);
/// Those that no turn has covered and nobody has raised yet.
const NOT_YET: Sql = sql!(
    "SELECT i.inbox_id FROM " ROWS
    " JOIN inbox i ON i.inbox_id = r.value->>'id' AND i.hotel_id = $2
     WHERE i.state = 'available'
       AND NOT EXISTS (SELECT 1 FROM early_alarms e WHERE e.inbox_id = i.inbox_id AND e.hotel_id = i.hotel_id)"
);
const INSERT: Sql = sql!(
    "INSERT INTO early_alarms (hotel_id, inbox_id, alert_id, counted)
     SELECT r.value->>'hotel', r.value->>'row', r.value->>'alert', CAST(r.value->>'counted' AS BIGINT) FROM " ROWS
);
const OF_ROWS: Sql = sql!(
    "SELECT e.inbox_id, e.alert_id, e.counted FROM " ROWS
    " JOIN early_alarms e ON e.inbox_id = r.value->>'id' AND e.hotel_id = $2"
);
const OF_ALERTS: Sql = sql!(
    "SELECT DISTINCT e.alert_id FROM " ROWS
    " JOIN early_alarms e ON e.alert_id = r.value->>'id' AND e.hotel_id = $2 WHERE e.counted = 1"
);
const DELETE: Sql = sql!(
    "DELETE FROM early_alarms WHERE hotel_id = $2 AND inbox_id IN (SELECT r.value->>'id' FROM " ROWS ")"
);

#[derive(Serialize)]
struct EarlyRow<'a> {
    hotel: &'a str,
    row: String,
    alert: String,
    counted: i64,
}

impl Store {
    /// The chat of a stored message.
    pub async fn chat_of_row(&self, hotel: &HotelId, row: InboxId) -> Result<Option<ChatId>> {
        const CHAT: Sql =
            sql!("SELECT chat_id FROM inbox WHERE inbox_id = $1 AND hotel_id = $2 AND chat_id IS NOT NULL");
        let (row, hotel) = (row.to_string(), hotel.as_str());
        let chat: Option<String> =
            on_read!(self, CHAT, |q, c| sqlx::query_scalar(q).bind(&row).bind(hotel).fetch_optional(c).await?);
        chat.map(|chat| Ok(ChatId(read_uuid(&chat)?))).transpose()
    }

    /// Raises alerts for messages of one hotel, or makes those that are open graver. What a turn has covered by now is
    /// left out. Returns how many gave cause.
    pub async fn raise_early(&self, hotel: HotelId, causes: Vec<EarlyCause>, now: Timestamp) -> Result<usize> {
        self.write(move |tx| async move { raise(tx, &hotel, &causes, now).await }.boxed()).await
    }
}

async fn raise(tx: &mut Tx, hotel: &HotelId, causes: &[EarlyCause], now: Timestamp) -> Result<usize> {
    let chats: BTreeSet<ChatId> = causes.iter().map(|cause| cause.chat).collect();
    let guests = lock_chats(tx, hotel, &chats).await?;
    let fresh = not_yet(tx, hotel, causes).await?;
    if fresh.is_empty() {
        return Ok(0);
    }
    let mut counts = Counts::lock(tx, hotel).await?;
    let known: Vec<GuestId> = guests.values().copied().collect();
    let mut book = Book { open: unresolved(tx, hotel, &chats).await?, ..Book::default() };
    for stay in reservations::stays_of_guests(tx, hotel, &known).await? {
        book.stays.entry(stay.guest).or_default().push(stay);
    }
    let mut told_early = waiting(tx, hotel, book.open.values().flatten().map(|alert| alert.id)).await?;
    let mut rows = Vec::with_capacity(fresh.len());
    for cause in causes.iter().filter(|cause| fresh.contains(&cause.row)) {
        let Some(guest) = guests.get(&cause.chat) else { continue };
        let place = Place { hotel, chat: cause.chat, guest: *guest, at: now };
        // Of several messages on the way to one turn, the first stands for it.
        let pending = book.of_cause(cause.chat, &cause.new).filter(|alert| told_early.contains(alert));
        let (alert, counted) = match pending {
            Some(alert) => (book.confirm(alert, place, &cause.new), 0),
            None => (book.add(place, &cause.new, &mut counts), 1),
        };
        told_early.insert(alert);
        rows.push(EarlyRow { hotel: hotel.as_str(), row: cause.row.to_string(), alert: alert.to_string(), counted });
    }
    save(tx, book.changed()).await?;
    counts.write(tx, hotel).await?;
    let json = batch(&rows)?;
    on_tx!(tx, INSERT, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    Ok(rows.len())
}

async fn lock_chats(tx: &mut Tx, hotel: &HotelId, chats: &BTreeSet<ChatId>) -> Result<HashMap<ChatId, GuestId>> {
    let json = batch(&chats.iter().map(|chat| IdRow { id: chat.to_string() }).collect::<Vec<_>>())?;
    let rows: Vec<(String, String)> =
        on_tx!(tx, LOCK_CHATS, |q, c| sqlx::query_as(q).bind(&json).bind(hotel.as_str()).fetch_all(c).await?);
    rows.into_iter().map(|(chat, guest)| Ok((ChatId(read_uuid(&chat)?), GuestId(read_uuid(&guest)?)))).collect()
}

async fn not_yet(tx: &mut Tx, hotel: &HotelId, causes: &[EarlyCause]) -> Result<BTreeSet<InboxId>> {
    let json = ids(causes.iter().map(|cause| cause.row))?;
    let rows: Vec<String> =
        on_tx!(tx, NOT_YET, |q, c| sqlx::query_scalar(q).bind(&json).bind(hotel.as_str()).fetch_all(c).await?);
    rows.into_iter().map(|row| Ok(InboxId(read_uuid(&row)?))).collect()
}

/// Those of these alerts that wait for the turn that raised them.
async fn waiting(tx: &mut Tx, hotel: &HotelId, alerts: impl Iterator<Item = AlertId>) -> Result<BTreeSet<AlertId>> {
    let json = batch(&alerts.map(|alert| IdRow { id: alert.to_string() }).collect::<Vec<_>>())?;
    let found: Vec<String> =
        on_tx!(tx, OF_ALERTS, |q, c| sqlx::query_scalar(q).bind(&json).bind(hotel.as_str()).fetch_all(c).await?);
    found.into_iter().map(|alert| Ok(AlertId(read_uuid(&alert)?))).collect()
}

/// Which alerts these messages raised before their turn, and whether that counted. From now on the turn stands for them.
pub(super) async fn take(
    tx: &mut Tx,
    hotel: &HotelId,
    rows: impl Iterator<Item = InboxId>,
) -> Result<HashMap<InboxId, (AlertId, bool)>> {
    let json = ids(rows)?;
    let found: Vec<(String, String, i64)> =
        on_tx!(tx, OF_ROWS, |q, c| sqlx::query_as(q).bind(&json).bind(hotel.as_str()).fetch_all(c).await?);
    if !found.is_empty() {
        on_tx!(tx, DELETE, |q, c| sqlx::query(q).bind(&json).bind(hotel.as_str()).execute(c).await?.rows_affected());
    }
    let read = |(row, alert, counted): (String, String, i64)| {
        Ok((InboxId(read_uuid(&row)?), (AlertId(read_uuid(&alert)?), counted == 1)))
    };
    found.into_iter().map(read).collect()
}

fn ids(rows: impl Iterator<Item = InboxId>) -> Result<String> {
    batch(&rows.map(|row| IdRow { id: row.to_string() }).collect::<Vec<_>>())
}
