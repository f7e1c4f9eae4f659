//! Rows whose end is uncertain: found, compared with the channel's own records, and sent once more at the most.

use super::{Became, IdRow, Outcome, id_row, record_outcomes};
use crate::domain::asking::Choices;
use crate::domain::ids::{ChatAddress, ChatId, HotelId, OutboxId, ProviderMessageId};
use crate::domain::message::Author;
use crate::store::{Result, Sql, Store, batch, instant, instant_opt, micros, read_document, read_hotel, read_uuid};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// A row whose end is uncertain.
#[derive(Clone, Debug)]
pub struct Uncertain {
    /// Whose.
    pub hotel: HotelId,
    /// The row.
    pub id: OutboxId,
    /// Its chat.
    pub chat: ChatId,
    /// All addresses of its chat.
    pub addresses: Vec<ChatAddress>,
    /// The words.
    pub text: String,
    /// The words it has in the channel's records if its answers could be tapped.
    pub body: Option<String>,
    /// The guest's message it quotes.
    pub quotes: Option<ProviderMessageId>,
    /// Bot or staff.
    pub author: Author,
    /// When the call began.
    pub sending_at: Timestamp,
    /// Looks that found nothing.
    pub sweeps: u32,
    /// The last of them.
    pub swept_at: Option<Timestamp>,
    /// Whether it was already retried once.
    pub retried: bool,
    /// Useless after.
    pub expires_at: Timestamp,
    /// Whether a later message of the chat already left.
    pub overtaken: bool,
}

/// Rows whose end is uncertain, a line for each address of the chat. Whether a later message of the chat left is asked
/// of the chat's messages from about then on, which have an index; ids and times come from one clock, but not at one
/// moment. A list that stands for a failed poll is not too late for that: the question still waits.
pub const UNCERTAIN: Sql = sql!(
    "SELECT o.hotel_id, o.outbox_id, o.chat_id, o.text, o.choices, o.quotes, o.author, o.sending_at, o.sweeps, o.swept_at,
            o.retried, o.expires_at, a.address,
            CASE WHEN o.refused_id IS NULL AND EXISTS (SELECT 1 FROM messages m "
    {lite: "CROSS JOIN", pg: "JOIN"}
    " outbox p ON p.message_id = m.message_id AND p.hotel_id = m.hotel_id
                              WHERE m.chat_id = o.chat_id AND m.hotel_id = o.hotel_id AND m.at > o.created_at - 3600000000
                                AND p.outbox_id > o.outbox_id AND p.rank >= 30 AND p.state <> 'refused')
                 THEN 1 ELSE 0 END AS overtaken,
            CASE WHEN o.refused_id IS NULL THEN 0 ELSE 1 END AS is_failed
     FROM (SELECT * FROM outbox
           WHERE state IN ('sending', 'unknown')
             AND (state = 'unknown' OR sending_at < $1 OR ($3 <> '' AND sending_by <> $3))
           ORDER BY sending_at, outbox_id LIMIT $2) AS o
     JOIN aliases a ON a.hotel_id = o.hotel_id AND a.chat_id = o.chat_id
     ORDER BY o.sending_at, o.outbox_id, a.address"
);

impl Store {
    /// Rows whose end is uncertain: those that are `unknown`, and those whose caller is gone.
    /// `alone` is this daemon if no other can be sending: then a row of any other caller is an orphan at once.
    pub async fn uncertain(&self, called_before: Timestamp, alone: Option<Uuid>, limit: i64) -> Result<Vec<Uncertain>> {
        let rows: Vec<UncertainRow> = on_read!(self, UNCERTAIN, |q, c| sqlx::query_as(q)
            .bind(micros(called_before))
            .bind(limit)
            .bind(alone.map(|id| id.to_string()).unwrap_or_default())
            .fetch_all(c)
            .await?);
        let mut uncertain: Vec<Uncertain> = Vec::new();
        for row in rows {
            let (id, address) = (OutboxId(read_uuid(&row.outbox_id)?), ChatAddress(row.address.clone()));
            match uncertain.iter_mut().find(|known| known.id == id) {
                Some(known) => known.addresses.push(address),
                None => uncertain.push(row.read(id, address)?),
            }
        }
        Ok(uncertain)
    }

    /// A look at the channel's records found nothing about these rows.
    pub async fn record_sweep(&self, rows: Vec<(HotelId, OutboxId)>, now: Timestamp) -> Result<()> {
        const SWEPT: Sql = sql!(
            "UPDATE outbox SET sweeps = sweeps + 1, swept_at = $2, state = 'unknown', rank = 20 FROM " ROWS
            " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id'
               AND outbox.state IN ('sending', 'unknown')"
        );
        self.write(move |tx| {
            async move {
                let rows: Vec<IdRow<'_>> = rows.iter().map(|(hotel, id)| id_row(hotel, *id, None)).collect();
                let json = batch(&rows)?;
                on_tx!(tx, SWEPT, |q, c| sqlx::query(q)
                    .bind(&json)
                    .bind(micros(now))
                    .execute(c)
                    .await?
                    .rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Of these ids of the channel, those that already belong to a message of ours.
    pub async fn known_provider_ids(
        &self,
        hotel: &HotelId,
        ids: &[ProviderMessageId],
    ) -> Result<Vec<ProviderMessageId>> {
        const KNOWN: Sql = sql!(
            "SELECT o.provider_id FROM " ROWS
            " JOIN outbox o ON o.hotel_id = $2 AND o.provider_id = r.value->>'id'"
        );
        #[derive(Serialize)]
        struct Row<'a> {
            id: &'a str,
        }
        let rows: Vec<Row<'_>> = ids.iter().map(|id| Row { id: id.as_str() }).collect();
        let json = batch(&rows)?;
        let known: Vec<String> =
            on_read!(self, KNOWN, |q, c| sqlx::query_scalar(q).bind(&json).bind(hotel.as_str()).fetch_all(c).await?);
        Ok(known.into_iter().map(ProviderMessageId).collect())
    }

    /// Plans a surely unsent message once more after an uncertain end. When that was done before it is refused: its
    /// guest waits for a person. A message whose caller died before the call ended does not use up its retry: nothing
    /// was heard from the channel, and its absence was proven all the same.
    pub async fn retry_once(&self, hotel: HotelId, id: OutboxId, now: Timestamp) -> Result<()> {
        const RETRY: Sql = sql!(
            "UPDATE outbox SET state = 'planned', rank = 0, due_at = $3, sending_by = NULL,
               retried = retried + CASE WHEN note IS NULL THEN 0 ELSE 1 END,
               note = 'not found in the channel''s records; sent once more'
             WHERE hotel_id = $1 AND outbox_id = $2 AND state IN ('sending', 'unknown') AND retried = 0"
        );
        self.write(move |tx| {
            async move {
                let planned = on_tx!(tx, RETRY, |q, c| sqlx::query(q)
                    .bind(hotel.as_str())
                    .bind(id.to_string())
                    .bind(micros(now))
                    .execute(c)
                    .await?
                    .rows_affected());
                if planned == 0 {
                    let became = Became::Refused("not found in the channel's records a second time".to_owned());
                    record_outcomes(tx, &[Outcome { hotel, id, became, at: now }]).await?;
                }
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

#[derive(sqlx::FromRow)]
struct UncertainRow {
    hotel_id: String,
    outbox_id: String,
    chat_id: String,
    text: String,
    choices: Option<String>,
    quotes: Option<String>,
    author: String,
    sending_at: Option<i64>,
    sweeps: i64,
    swept_at: Option<i64>,
    retried: i64,
    expires_at: i64,
    address: String,
    overtaken: i32,
    is_failed: i32,
}

impl UncertainRow {
    fn read(self, id: OutboxId, address: ChatAddress) -> Result<Uncertain> {
        // Once the list went in place of the poll, the poll's words prove nothing.
        let is_list = self.is_failed != 0 && self.retried > 0;
        let choices = self.choices.as_deref().filter(|_| !is_list).map(read_document::<Choices>).transpose()?;
        Ok(Uncertain {
            hotel: read_hotel(&self.hotel_id)?,
            id,
            chat: ChatId(read_uuid(&self.chat_id)?),
            addresses: vec![address],
            text: self.text,
            body: choices.map(|choices| choices.body),
            quotes: self.quotes.map(ProviderMessageId),
            author: Author::parse(&self.author).unwrap_or(Author::Bot),
            sending_at: instant(self.sending_at.unwrap_or(0))?,
            sweeps: u32::try_from(self.sweeps).unwrap_or(u32::MAX),
            swept_at: instant_opt(self.swept_at)?,
            retried: self.retried > 0,
            expires_at: instant(self.expires_at)?,
            overtaken: self.overtaken != 0,
        })
    }
}
