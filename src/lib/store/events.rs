//! Events that belong to no turn: how far our messages got, evidence that they left, states of instances.

use super::guests::{self, OnePerson};
use super::inbox::WaitingEvent;
use super::outbox::{Became, Outcome, record_outcomes};
use super::{Result, Store, Tx, batch, micros, read_uuid};
use crate::domain::ids::{ChatAddress, HotelId, InboxId, OutboxId, ProviderMessageId};
use crate::domain::message::Delivery;
use crate::domain::received::ReceivedEvent;
use crate::{on_tx, sql};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A status or echo can overtake the answer to the call that caused it; it is looked at again for this long.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// Between two looks.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// What was done with a batch of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Handled for good.
    pub done: usize,
    /// To be looked at again.
    pub later: usize,
    /// Sends whose uncertain end an echo settled.
    pub settled: usize,
    /// Messages of ours that the channel sent once more by itself, under another id (faults F47).
    pub sent_again: usize,
    /// Polls and buttons that the channel took and failed to send: looked up, and sent as lists if they did not leave.
    pub failed_choices: usize,
}

#[derive(Serialize)]
struct IdRow<'a> {
    hotel: &'a str,
    inbox: String,
    id: &'a str,
    quotes: Option<&'a str>,
    text: Option<&'a str>,
    address: Option<&'a str>,
}

#[derive(Clone, Serialize)]
struct ClimbRow<'a> {
    hotel: &'a str,
    id: &'a str,
    state: &'static str,
    rank: i32,
    note: &'a str,
}

#[derive(Serialize)]
struct DoneRow<'a> {
    hotel: &'a str,
    id: String,
    note: Option<&'a str>,
}

/// Whether a provider id belongs to a message of this hotel, sent or typed on the phone.
const OURS: super::Sql = sql!(
    "SELECT r.value->>'inbox' FROM " ROWS
    " WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.hotel_id = r.value->>'hotel' AND o.provider_id = r.value->>'id')
         OR EXISTS (SELECT 1 FROM outbox o WHERE o.hotel_id = r.value->>'hotel' AND o.refused_id = r.value->>'id')
         OR EXISTS (SELECT 1 FROM messages m WHERE m.hotel_id = r.value->>'hotel' AND m.provider_id = r.value->>'id')"
);
const CLIMB: super::Sql = sql!(
    "UPDATE outbox SET state = r.value->>'state', rank = CAST(r.value->>'rank' AS BIGINT),
       note = CASE WHEN r.value->>'state' = 'refused' THEN r.value->>'note' ELSE outbox.note END
     FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.provider_id = r.value->>'id'
       AND outbox.rank < CAST(r.value->>'rank' AS BIGINT)"
);
/// A poll or buttons that the channel took, and then failed to send without ever having called them sent (green-api
/// issues 536 and 606). `failed` is also told of messages that left (issues 557 and 961), so that the row becomes an
/// uncertain one: looked up in the channel's records like any other, and sent as a list if it is not there. Once: the
/// list has no answers to be tapped any more.
const CHOICES_FAILED: super::Sql = sql!(
    "UPDATE outbox SET state = 'unknown', rank = 20, refused_id = outbox.provider_id, provider_id = NULL,
       note = r.value->>'note', retried = 0, sweeps = 0, swept_at = NULL
     FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.provider_id = r.value->>'id'
       AND outbox.choices IS NOT NULL AND outbox.refused_id IS NULL AND outbox.state = 'accepted'
       AND outbox.expires_at > $2 AND r.value->>'note' LIKE 'failed%'"
);
/// It did leave after all, and the list has not: there will be none.
const CHOICES_LEFT: super::Sql = sql!(
    "UPDATE outbox SET state = r.value->>'state', rank = CAST(r.value->>'rank' AS BIGINT),
       provider_id = outbox.refused_id, note = 'reported as failed, and sent all the same'
     FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.refused_id = r.value->>'id'
       AND outbox.state IN ('unknown', 'planned')"
);
/// A guest whose answer will not arrive waits for a person.
const GUEST_WAITS: super::Sql = sql!(
    "UPDATE chats SET waiting_since = COALESCE(chats.waiting_since, o.created_at) FROM " ROWS
    ", outbox o
     WHERE o.hotel_id = r.value->>'hotel' AND o.provider_id = r.value->>'id' AND o.state = 'refused'
       AND o.author = 'bot' AND o.origin IN ('reply', 'template')
       AND chats.hotel_id = o.hotel_id AND chats.chat_id = o.chat_id"
);
/// A send in flight or uncertain that this echo proves: by the quoted message, else by chat and words.
const PROVEN: super::Sql = sql!(
    "SELECT r.value->>'inbox', o.hotel_id, o.outbox_id, r.value->>'id' FROM " ROWS
    " JOIN outbox o ON o.hotel_id = r.value->>'hotel' AND o.state IN ('sending', 'unknown') AND o.provider_id IS NULL
     WHERE (o.quotes IS NOT NULL AND o.quotes = r.value->>'quotes')
        OR ((o.text = r.value->>'text' OR "
    {lite: "o.choices->>'body'", pg: "o.choices::jsonb->>'body'"}
    " = r.value->>'text') AND (o.quotes IS NULL OR r.value->>'quotes' IS NULL) AND o.chat_id IN (
              SELECT a.chat_id FROM aliases a WHERE a.hotel_id = o.hotel_id AND a.address = r.value->>'address'))
     ORDER BY o.outbox_id"
);
/// An echo of words that left for this person already, under another id: nobody here sent them twice.
const SENT_AGAIN: super::Sql = sql!(
    "SELECT DISTINCT r.value->>'inbox' FROM " ROWS
    " JOIN aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'address'
     JOIN messages m ON m.hotel_id = a.hotel_id AND m.chat_id = a.chat_id AND m.direction = 'outbound'
     JOIN outbox o ON o.hotel_id = m.hotel_id AND o.message_id = m.message_id
     WHERE o.provider_id IS NOT NULL AND o.provider_id <> r.value->>'id' AND r.value->>'text' <> ''
       AND (o.text = r.value->>'text' OR "
    {lite: "o.choices->>'body'", pg: "o.choices::jsonb->>'body'"}
    " = r.value->>'text')"
);
/// The vendor may answer under another address than the one written to (`@lid`): the same person, so an alias.
const LEARN_ALIAS: super::Sql = sql!(
    "INSERT INTO aliases (hotel_id, address, chat_id)
     SELECT o.hotel_id, r.value->>'address', o.chat_id FROM " ROWS
    " JOIN outbox o ON o.hotel_id = r.value->>'hotel' AND o.provider_id = r.value->>'id'
     WHERE r.value->>'address' IS NOT NULL
     ON CONFLICT (hotel_id, address) DO NOTHING"
);
const DONE: super::Sql = sql!(
    "UPDATE inbox SET state = 'completed', done_at = $2, note = COALESCE(r.value->>'note', inbox.note) FROM " ROWS
    " WHERE inbox.hotel_id = r.value->>'hotel' AND inbox.inbox_id = r.value->>'id'"
);
const LATER: super::Sql = sql!(
    "UPDATE inbox SET due_at = $2, attempts = attempts + 1 FROM " ROWS
    " WHERE inbox.hotel_id = r.value->>'hotel' AND inbox.inbox_id = r.value->>'id'"
);

impl Store {
    /// Applies events in one durable step.
    pub async fn apply_events(&self, events: Vec<WaitingEvent>, now: Timestamp) -> Result<Applied> {
        self.write(move |tx| async move { apply(tx, &events, now).await }.boxed()).await
    }
}

async fn apply(tx: &mut Tx, events: &[WaitingEvent], now: Timestamp) -> Result<Applied> {
    unite(tx, events, now).await?;
    apply_states(tx, events, now).await?;
    let ours = ours(tx, events).await?;
    let proven = settle(tx, events, &ours, now).await?;
    let again = sent_again(tx, events, |event| ours.contains(&event.id) || proven.contains(&event.id)).await?;
    let failed_choices = climb(tx, events, now).await?;
    learn_aliases(tx, events).await?;
    let (mut done, mut later) = (Vec::new(), Vec::new());
    for event in events {
        let matched = match &event.received.event {
            ReceivedEvent::Status { .. } | ReceivedEvent::Echo { .. } => {
                ours.contains(&event.id) || proven.contains(&event.id) || again.contains(&event.id)
            }
            _ => true,
        };
        let note = match (matched, again.contains(&event.id)) {
            (_, true) => Some("the channel sent an older message of ours once more"),
            (true, _) => None,
            (false, _) => Some("no message of ours has this id"),
        };
        if matched || event.received_at + PATIENCE < now {
            done.push(DoneRow { hotel: event.hotel.as_str(), id: event.id.to_string(), note });
        } else {
            later.push(DoneRow { hotel: event.hotel.as_str(), id: event.id.to_string(), note: None });
        }
    }
    finish(tx, DONE, &done, now).await?;
    finish(tx, LATER, &later, now + AGAIN_AFTER).await?;
    Ok(Applied { done: done.len(), later: later.len(), settled: proven.len(), sent_again: again.len(), failed_choices })
}

async fn finish(tx: &mut Tx, statement: super::Sql, rows: &[DoneRow<'_>], at: Timestamp) -> Result<()> {
    if !rows.is_empty() {
        let json = batch(rows)?;
        on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).bind(micros(at)).execute(c).await?.rows_affected());
    }
    Ok(())
}

/// The rows of a batch that carry an id of the channel.
fn id_rows(events: &[WaitingEvent]) -> Vec<IdRow<'_>> {
    events
        .iter()
        .filter_map(|event| {
            let (id, quotes, text) = match &event.received.event {
                ReceivedEvent::Status { id, .. } => (id, None, None),
                ReceivedEvent::Echo { id, text, quotes } => (id, quotes.as_ref(), Some(text.as_str())),
                _ => return None,
            };
            Some(IdRow {
                hotel: event.hotel.as_str(),
                inbox: event.id.to_string(),
                id: id.as_str(),
                quotes: quotes.map(ProviderMessageId::as_str),
                text,
                address: event.received.chat.as_ref().map(ChatAddress::as_str),
            })
        })
        .collect()
}

async fn ours(tx: &mut Tx, events: &[WaitingEvent]) -> Result<HashSet<InboxId>> {
    let rows = id_rows(events);
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let json = batch(&rows)?;
    let ids: Vec<String> = on_tx!(tx, OURS, |q, c| sqlx::query_scalar(q).bind(&json).fetch_all(c).await?);
    ids.iter().map(|id| Ok(InboxId(read_uuid(id)?))).collect()
}

/// Echoes settle sends whose end is uncertain, and those whose answer is still on its way.
async fn settle(
    tx: &mut Tx,
    events: &[WaitingEvent],
    ours: &HashSet<InboxId>,
    now: Timestamp,
) -> Result<HashSet<InboxId>> {
    let is_echo = |event: &&WaitingEvent| matches!(event.received.event, ReceivedEvent::Echo { .. });
    let open: Vec<WaitingEvent> =
        events.iter().filter(is_echo).filter(|event| !ours.contains(&event.id)).cloned().collect();
    if open.is_empty() {
        return Ok(HashSet::new());
    }
    let json = batch(&id_rows(&open))?;
    let rows: Vec<(String, String, String, String)> =
        on_tx!(tx, PROVEN, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
    let (mut settled, mut used, mut outcomes) = (HashSet::new(), HashSet::new(), Vec::new());
    for (inbox, hotel, outbox, provider) in rows {
        let inbox = InboxId(read_uuid(&inbox)?);
        // One echo proves one send, and one send is proven once.
        if settled.contains(&inbox) || !used.insert(outbox.clone()) {
            continue;
        }
        settled.insert(inbox);
        outcomes.push(Outcome {
            hotel: super::read_hotel(&hotel)?,
            id: OutboxId(read_uuid(&outbox)?),
            became: Became::Accepted(ProviderMessageId(provider)),
            at: now,
        });
    }
    record_outcomes(tx, &outcomes).await?;
    Ok(settled)
}

async fn sent_again(
    tx: &mut Tx,
    events: &[WaitingEvent],
    is_known: impl Fn(&WaitingEvent) -> bool,
) -> Result<HashSet<InboxId>> {
    let is_echo = |event: &WaitingEvent| matches!(event.received.event, ReceivedEvent::Echo { .. });
    let open: Vec<WaitingEvent> = events.iter().filter(|event| is_echo(event) && !is_known(event)).cloned().collect();
    if open.is_empty() {
        return Ok(HashSet::new());
    }
    let json = batch(&id_rows(&open))?;
    let ids: Vec<String> = on_tx!(tx, SENT_AGAIN, |q, c| sqlx::query_scalar(q).bind(&json).fetch_all(c).await?);
    ids.iter().map(|id| Ok(InboxId(read_uuid(id)?))).collect()
}

/// Statuses of messages; returns how many polls and buttons failed.
async fn climb(tx: &mut Tx, events: &[WaitingEvent], now: Timestamp) -> Result<usize> {
    let rows = highest(events);
    let left = left(events, &rows);
    if !left.is_empty() {
        let json = batch(&left)?;
        on_tx!(tx, CHOICES_LEFT, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    }
    let refused: Vec<&ClimbRow<'_>> = rows.iter().filter(|row| row.state == Delivery::Refused.as_str()).collect();
    let mut failed = 0;
    if !refused.is_empty() {
        let json = batch(&refused)?;
        failed = on_tx!(tx, CHOICES_FAILED, |q, c| sqlx::query(q)
            .bind(&json)
            .bind(micros(now))
            .execute(c)
            .await?
            .rows_affected());
    }
    if !rows.is_empty() {
        let json = batch(&rows)?;
        on_tx!(tx, CLIMB, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    }
    if !refused.is_empty() {
        let json = batch(&refused)?;
        on_tx!(tx, GUEST_WAITS, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    }
    Ok(usize::try_from(failed).unwrap_or(usize::MAX))
}

/// Only the highest of several statuses of one message: a statement applies one row to a target.
fn highest(events: &[WaitingEvent]) -> Vec<ClimbRow<'_>> {
    let mut highest: HashMap<(&HotelId, &ProviderMessageId), (Delivery, &str)> = HashMap::new();
    for event in events {
        let ReceivedEvent::Status { id, delivery: Some(delivery), detail } = &event.received.event else { continue };
        let best = highest.entry((&event.hotel, id)).or_insert((*delivery, detail));
        if delivery.rank() > best.0.rank() {
            *best = (*delivery, detail);
        }
    }
    highest.into_iter().map(|((hotel, id), (delivery, note))| climb_row(hotel, id, delivery, note)).collect()
}

fn climb_row<'a>(hotel: &'a HotelId, id: &'a ProviderMessageId, delivery: Delivery, note: &'a str) -> ClimbRow<'a> {
    ClimbRow { hotel: hotel.as_str(), id: id.as_str(), state: delivery.as_str(), rank: delivery.rank(), note }
}

/// What says that a message left: a status beyond acceptance, or the channel's echo of it.
fn left<'a>(events: &'a [WaitingEvent], statuses: &[ClimbRow<'a>]) -> Vec<ClimbRow<'a>> {
    let told = statuses.iter().filter(|row| row.rank >= Delivery::Sent.rank()).cloned();
    let echoed = events.iter().filter_map(|event| match &event.received.event {
        ReceivedEvent::Echo { id, .. } => Some(climb_row(&event.hotel, id, Delivery::Accepted, "")),
        _ => None,
    });
    let mut rows: Vec<ClimbRow<'a>> = told.collect();
    for row in echoed {
        if !rows.iter().any(|known| known.hotel == row.hotel && known.id == row.id) {
            rows.push(row);
        }
    }
    rows
}

async fn learn_aliases(tx: &mut Tx, events: &[WaitingEvent]) -> Result<()> {
    let rows: Vec<IdRow<'_>> =
        id_rows(events).into_iter().filter(|row| row.address.is_some_and(|a| a.ends_with("@lid"))).collect();
    if !rows.is_empty() {
        let json = batch(&rows)?;
        on_tx!(tx, LEARN_ALIAS, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    }
    Ok(())
}

/// The channel speaks of a message of ours under an address that belongs to another record: one person has two.
async fn unite(tx: &mut Tx, events: &[WaitingEvent], now: Timestamp) -> Result<()> {
    const WRITTEN_TO: super::Sql = sql!(
        "SELECT o.hotel_id, o.address, r.value->>'address' FROM " ROWS
        " JOIN outbox o ON o.hotel_id = r.value->>'hotel' AND o.provider_id = r.value->>'id'
         JOIN aliases a ON a.hotel_id = o.hotel_id AND a.address = r.value->>'address'
         WHERE a.chat_id <> o.chat_id"
    );
    let rows: Vec<IdRow<'_>> =
        id_rows(events).into_iter().filter(|row| row.address.is_some_and(|a| a.ends_with("@lid"))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let json = batch(&rows)?;
    let found: Vec<(String, String, String)> =
        on_tx!(tx, WRITTEN_TO, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
    let people: Vec<OnePerson<'_>> =
        found.iter().map(|(hotel, address, also)| OnePerson { hotel, address, also }).collect();
    guests::unite(tx, &people, now).await
}

async fn apply_states(tx: &mut Tx, events: &[WaitingEvent], now: Timestamp) -> Result<()> {
    for event in events {
        if let ReceivedEvent::Instance { state } = &event.received.event {
            super::hotels::set_line_state(tx, &event.hotel, state, now).await?;
        }
    }
    Ok(())
}
