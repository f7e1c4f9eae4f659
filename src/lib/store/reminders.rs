//! Questions that nobody answers: asked once more when it is time, and closed when theirs is over.

use super::turns::{PlannedSend, SendTo, plan_sends, send_row};
use super::{Result, Store, Tx, instant, micros, read_document, read_hotel, read_uuid};
use crate::domain::asking::Asking;
use crate::domain::ids::{AskedId, ChatAddress, ChatId, HotelId};
use crate::domain::language::Language;
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;

/// A question whose guest is to be asked once more.
#[derive(Clone, Debug)]
pub struct DueReminder {
    /// Whose guest.
    pub hotel: HotelId,
    /// Which question.
    pub asked: AskedId,
    /// Where.
    pub chat: ChatId,
    /// Where the channel delivers.
    pub address: ChatAddress,
    /// As it was asked.
    pub asking: Asking,
    /// The guest's language by now, then the one it was asked in.
    pub languages: Vec<Language>,
    /// When it closes.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    hotel_id: String,
    asked_id: String,
    chat_id: String,
    address: String,
    definition: String,
    asked_in: String,
    known: Option<String>,
    expires_at: i64,
}

/// Seen by the guest for as long as it was to be waited, and neither answered nor closed. A guest who asked for silence
/// or with whom a person talks is not asked again.
const DUE: super::Sql = sql!(
    "SELECT q.hotel_id, q.asked_id, q.chat_id, c.address, q.definition, q.language AS asked_in, g.language AS known,
            q.expires_at
     FROM questions q
     JOIN outbox o ON o.message_id = q.message_id AND o.hotel_id = q.hotel_id
     JOIN chats c ON c.chat_id = q.chat_id AND c.hotel_id = q.hotel_id
     JOIN guests g ON g.guest_id = c.guest_id AND g.hotel_id = c.hotel_id
     JOIN hotels h ON h.hotel_id = q.hotel_id
     WHERE q.state = 'open' AND q.remind_at <= $1 AND q.expires_at > $1
       AND o.rank >= 30 AND o.state NOT IN ('refused', 'cancelled')
       AND COALESCE(o.accepted_at, q.asked_at) - q.asked_at + q.remind_at <= $1
       AND g.consent <> 'opted_out' AND h.retired_at IS NULL AND h.paused_at IS NULL
       AND (c.mode = 'bot' OR c.mode_until <= $1)
     ORDER BY q.remind_at, q.asked_id LIMIT $2"
);

impl Store {
    /// Questions whose guests are to be asked once more by now.
    pub async fn due_reminders(&self, now: Timestamp, limit: i64) -> Result<Vec<DueReminder>> {
        let rows: Vec<DueRow> =
            on_read!(self, DUE, |q, c| sqlx::query_as(q).bind(micros(now)).bind(limit).fetch_all(c).await?);
        rows.into_iter().map(DueRow::read).collect()
    }

    /// Asks once more, at most once ever: only a question that still waits. `false` if it did not.
    pub async fn remind(&self, due: DueReminder, send: PlannedSend, now: Timestamp) -> Result<bool> {
        self.write(move |tx| async move { remind(tx, &due, &send, now).await }.boxed()).await
    }

    /// Not now, but at another instant; `None` is never.
    pub async fn postpone_reminder(&self, due: DueReminder, until: Option<Timestamp>) -> Result<()> {
        const POSTPONE: super::Sql =
            sql!("UPDATE questions SET remind_at = $3 WHERE hotel_id = $1 AND asked_id = $2 AND state = 'open'");
        self.write(move |tx| {
            async move {
                on_tx!(tx, POSTPONE, |q, c| sqlx::query(q)
                    .bind(due.hotel.as_str())
                    .bind(due.asked.to_string())
                    .bind(until.map(micros))
                    .execute(c)
                    .await?
                    .rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Closes the questions whose time is over; returns how many there were.
    pub async fn expire_questions(&self, now: Timestamp) -> Result<u64> {
        const EXPIRE: super::Sql =
            sql!("UPDATE questions SET state = 'expired', remind_at = NULL WHERE state = 'open' AND expires_at <= $1");
        const ANY: super::Sql = sql!("SELECT COUNT(*) FROM questions WHERE state = 'open' AND expires_at <= $1");
        // Writing costs a flush; nearly always there is nothing to write.
        let any: i64 = on_read!(self, ANY, |q, c| sqlx::query_scalar(q).bind(micros(now)).fetch_one(c).await?);
        if any == 0 {
            return Ok(0);
        }
        self.write(move |tx| {
            async move {
                Ok(on_tx!(tx, EXPIRE, |q, c| sqlx::query(q).bind(micros(now)).execute(c).await?.rows_affected()))
            }
            .boxed()
        })
        .await
    }
}

async fn remind(tx: &mut Tx, due: &DueReminder, send: &PlannedSend, now: Timestamp) -> Result<bool> {
    const REMINDED: super::Sql = sql!(
        "UPDATE questions SET reminded_at = $3, remind_at = NULL
         WHERE hotel_id = $1 AND asked_id = $2 AND state = 'open' AND remind_at IS NOT NULL"
    );
    let marked = on_tx!(tx, REMINDED, |q, c| sqlx::query(q)
        .bind(due.hotel.as_str())
        .bind(due.asked.to_string())
        .bind(micros(now))
        .execute(c)
        .await?
        .rows_affected());
    if marked == 0 {
        return Ok(false);
    }
    let to = SendTo { hotel: &due.hotel, chat: due.chat, turn: None, address: &due.address, at: now };
    plan_sends(tx, &[send_row(to, send)?]).await?;
    Ok(true)
}

impl DueRow {
    fn read(self) -> Result<DueReminder> {
        let languages = [self.known.as_deref(), Some(self.asked_in.as_str())];
        Ok(DueReminder {
            hotel: read_hotel(&self.hotel_id)?,
            asked: AskedId(read_uuid(&self.asked_id)?),
            chat: ChatId(read_uuid(&self.chat_id)?),
            address: ChatAddress(self.address),
            asking: read_document::<Asking>(&self.definition)?,
            languages: languages.into_iter().flatten().filter_map(Language::parse).collect(),
            expires_at: instant(self.expires_at)?,
        })
    }
}
