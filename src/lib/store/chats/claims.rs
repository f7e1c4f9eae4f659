//! Chats taken for one turn: by one daemon at a time, for as long as it lives.

use crate::domain::ids::{ChatId, HotelId, InboxId};
use crate::store::{Result, Sql, Store, Tx, batch, instant_opt, micros, read_hotel, read_uuid};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// A chat taken for one turn. `epoch` fences: whoever took it later makes this one's commit void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub hotel: HotelId,
    /// Which.
    pub chat: ChatId,
    /// The count of takers.
    pub epoch: i64,
}

/// How chats are taken.
#[derive(Clone, Debug)]
pub struct TakeChats {
    /// The daemon.
    pub by: Uuid,
    /// Now.
    pub now: Timestamp,
    /// Without a sign of life the taking ends then.
    pub until: Timestamp,
    /// The most chats.
    pub limit: i64,
    /// Hotels to leave out.
    pub busy: Vec<HotelId>,
}

/// A chat whose turn came to no end.
#[derive(Clone, Debug)]
pub struct PutOff {
    /// The taking.
    pub claim: Claim,
    /// Who took it.
    pub by: Uuid,
    /// Now.
    pub now: Timestamp,
    /// Not to be taken before.
    pub due_at: Timestamp,
    /// Messages that may be the reason: each try is counted.
    pub failed: Vec<InboxId>,
    /// After so many tries a message is left to a person, and the chat goes on without it.
    pub most_tries: i64,
}

/// The inner query runs once, whatever the planner thinks: run again, it would lock and take others than it named.
const CLAIM: Sql = sql!(
    "WITH next AS MATERIALIZED (
       SELECT hotel_id, chat_id FROM chats
       WHERE due_at <= $3 AND (lease_until IS NULL OR lease_until < $3)
         AND hotel_id NOT IN (SELECT value FROM "
    {lite: "json_each($5)", pg: "jsonb_array_elements_text($5::jsonb)"}
    ")
       ORDER BY due_at, chat_id LIMIT $4 "
    {lite: "", pg: "FOR NO KEY UPDATE SKIP LOCKED"}
    ")
     UPDATE chats SET lease_by = $1, lease_until = $2, epoch = epoch + 1
     FROM next WHERE chats.hotel_id = next.hotel_id AND chats.chat_id = next.chat_id
     RETURNING chats.hotel_id, chats.chat_id, chats.epoch"
);
const RENEW: Sql = sql!(
    "UPDATE chats SET lease_until = $3 FROM " ROWS
    " WHERE chats.hotel_id = r.value->>'hotel' AND chats.chat_id = r.value->>'chat'
       AND chats.epoch = CAST(r.value->>'epoch' AS BIGINT) AND chats.lease_by || '' = $2 AND chats.lease_until >= $4"
);
const RELEASE_ALL: Sql = sql!("UPDATE chats SET lease_by = NULL, lease_until = NULL WHERE lease_by IS NOT NULL");

async fn claim(tx: &mut Tx, take: &TakeChats) -> Result<Vec<Claim>> {
    let busy = batch(&take.busy)?;
    let rows: Vec<(String, String, i64)> = on_tx!(tx, CLAIM, |q, c| sqlx::query_as(q)
        .bind(take.by.to_string())
        .bind(micros(take.until))
        .bind(micros(take.now))
        .bind(take.limit)
        .bind(&busy)
        .fetch_all(c)
        .await?);
    rows.into_iter()
        .map(|(hotel, chat, epoch)| Ok(Claim { hotel: read_hotel(&hotel)?, chat: ChatId(read_uuid(&chat)?), epoch }))
        .collect()
}

impl Store {
    /// Takes chats in which something is due, one taker a chat.
    pub async fn claim_chats(&self, take: TakeChats) -> Result<Vec<Claim>> {
        self.write(move |tx| async move { claim(tx, &take).await }.boxed()).await
    }

    /// Keeps these takings; what already ran out stays lost. Only what is really being worked on may be named here:
    /// a taking whose work was given up must run out, or nobody would ever answer in its chat.
    pub async fn renew_claims(&self, by: Uuid, claims: Vec<Claim>, now: Timestamp, until: Timestamp) -> Result<u64> {
        if claims.is_empty() {
            return Ok(0);
        }
        self.write(move |tx| {
            async move {
                let keys: Vec<KeyRow<'_>> = claims.iter().map(KeyRow::of).collect();
                let keys = batch(&keys)?;
                Ok(on_tx!(tx, RENEW, |q, c| sqlx::query(q)
                    .bind(&keys)
                    .bind(by.to_string())
                    .bind(micros(until))
                    .bind(micros(now))
                    .execute(c)
                    .await?
                    .rows_affected()))
            }
            .boxed()
        })
        .await
    }

    /// Frees everything, for a daemon that knows it is the only one and has just started.
    pub async fn release_all_claims(&self) -> Result<u64> {
        self.write(|tx| {
            async move { Ok(on_tx!(tx, RELEASE_ALL, |q, c| sqlx::query(q).execute(c).await?.rows_affected())) }.boxed()
        })
        .await
    }

    /// When the next chat that nobody has taken is due; it may be overdue.
    pub async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        const NEXT: Sql = sql!(
            "SELECT due_at FROM chats WHERE due_at IS NOT NULL AND (lease_until IS NULL OR lease_until < $1)
             ORDER BY due_at LIMIT 1"
        );
        let next: Option<i64> =
            on_read!(self, NEXT, |q, c| sqlx::query_scalar(q).bind(micros(now)).fetch_optional(c).await?);
        instant_opt(next)
    }

    /// Gives a taken chat back undecided; it is due again if something waits in it.
    pub async fn release_claim(&self, claim: Claim, by: Uuid) -> Result<()> {
        const GIVE_BACK: Sql = sql!(
            "UPDATE chats SET lease_by = NULL, lease_until = NULL,
               due_at = CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = chats.hotel_id
                                          AND i.chat_id = chats.chat_id AND i.state = 'available') THEN due_at END
             WHERE hotel_id = $1 AND chat_id = $2 AND epoch = $3 AND lease_by = $4"
        );
        self.write(move |tx| {
            async move {
                on_tx!(tx, GIVE_BACK, |q, c| sqlx::query(q)
                    .bind(claim.hotel.as_str())
                    .bind(claim.chat.to_string())
                    .bind(claim.epoch)
                    .bind(by.to_string())
                    .execute(c)
                    .await?
                    .rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Gives a taken chat back, not to be taken before a later instant.
    pub async fn put_off(&self, put_off: PutOff) -> Result<()> {
        self.write(move |tx| async move { put_chat_off(tx, &put_off).await }.boxed()).await
    }
}

async fn put_chat_off(tx: &mut Tx, put_off: &PutOff) -> Result<()> {
    const COUNT_TRY: Sql = sql!(
        "UPDATE inbox SET attempts = attempts + 1, note = 'its turn failed',
           state = CASE WHEN attempts + 1 >= $2 THEN 'failed' ELSE state END,
           done_at = CASE WHEN attempts + 1 >= $2 THEN CAST($3 AS BIGINT) END
         FROM " ROWS
        " WHERE inbox.hotel_id = r.value->>'hotel' AND inbox.inbox_id = r.value->>'id' AND inbox.state || '' = 'available'"
    );
    const PUT_OFF: Sql = sql!(
        "UPDATE chats SET lease_by = NULL, lease_until = NULL,
           due_at = CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = chats.hotel_id
                                      AND i.chat_id = chats.chat_id AND i.state = 'available') THEN CAST($5 AS BIGINT) END,
           waiting_since = CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = chats.hotel_id
                                             AND i.state IN ('quarantined', 'failed')
                                             AND i.chat_id = chats.chat_id AND i.state = 'failed' AND i.done_at = $6)
                                THEN COALESCE(waiting_since, $6) ELSE waiting_since END
         WHERE hotel_id = $1 AND chat_id = $2 AND epoch = $3 AND lease_by = $4"
    );
    #[derive(Serialize)]
    struct Failed<'a> {
        hotel: &'a str,
        id: String,
    }
    let hotel = put_off.claim.hotel.as_str();
    let failed: Vec<Failed<'_>> = put_off.failed.iter().map(|id| Failed { hotel, id: id.to_string() }).collect();
    let failed = batch(&failed)?;
    let now = micros(put_off.now);
    on_tx!(tx, COUNT_TRY, |q, c| sqlx::query(q)
        .bind(&failed)
        .bind(put_off.most_tries)
        .bind(now)
        .execute(c)
        .await?
        .rows_affected());
    on_tx!(tx, PUT_OFF, |q, c| sqlx::query(q)
        .bind(hotel)
        .bind(put_off.claim.chat.to_string())
        .bind(put_off.claim.epoch)
        .bind(put_off.by.to_string())
        .bind(micros(put_off.due_at))
        .bind(now)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// A chat in a batch.
#[derive(Serialize)]
pub(super) struct KeyRow<'a> {
    hotel: &'a str,
    chat: String,
    epoch: i64,
}

impl<'a> KeyRow<'a> {
    pub(super) fn of(claim: &'a Claim) -> Self {
        Self { hotel: claim.hotel.as_str(), chat: claim.chat.to_string(), epoch: claim.epoch }
    }
}
