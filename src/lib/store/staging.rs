//! Files on their way in that are too long for one short transaction: staged where nobody sees them, decided on with one
//! write, and taken out again part by part in the transactions that tell them.

use super::{Result, Store, Tx, batch, document, instant, micros, read_document, read_hotel, read_uuid};
use crate::domain::ids::{HotelId, ReservationId};
use crate::domain::stay_change::Told;
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// Rows thrown away in one transaction.
const SWEPT_TOGETHER: i64 = 2_000;

/// An import that counts, and of which rows are still to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenImport {
    /// Ours.
    pub id: Uuid,
    /// Who told.
    pub told_by: String,
    /// It is the hotel's first: silent about the past.
    pub first: bool,
    /// What the parts came to so far, in the caller's words.
    pub outcome: Option<String>,
}

/// An open import as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Whose.
    pub hotel: HotelId,
    /// Which.
    pub id: Uuid,
    /// Reservations that are still to be told.
    pub left: i64,
    /// When somebody last worked on it.
    pub worked_at: Timestamp,
}

/// A staged file that is to count.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Under which it was staged.
    pub id: Uuid,
    /// Who told.
    pub told_by: String,
    /// Now.
    pub at: Timestamp,
}

/// What a part came to.
#[derive(Clone, Debug)]
pub struct Progress {
    /// All parts together, in the caller's words.
    pub outcome: String,
    /// New reservations so far.
    pub created: usize,
    /// Changed ones so far.
    pub changed: usize,
    /// Now.
    pub at: Timestamp,
    /// Nothing is left.
    pub done: bool,
}

#[derive(Serialize)]
struct StagedRow<'a> {
    hotel: &'a str,
    import: &'a str,
    id: &'a str,
    told: String,
}

#[derive(Serialize)]
struct IdRow<'a> {
    id: &'a str,
}

impl Store {
    /// Stages reservations of a file. Of several with one id the last one counts.
    pub async fn stage(&self, hotel: &HotelId, import: Uuid, told: &[Told]) -> Result<()> {
        const STAGE: super::Sql = sql!(
            "INSERT INTO staged (hotel_id, import_id, reservation_id, told)
             SELECT r.value->>'hotel', r.value->>'import', r.value->>'id', r.value->>'told'
             FROM " ROWS " WHERE true
             ON CONFLICT (import_id, reservation_id, hotel_id) DO UPDATE SET told = excluded.told"
        );
        let import = import.to_string();
        let last: std::collections::BTreeMap<&ReservationId, &Told> =
            told.iter().map(|told| (&told.booking.id, told)).collect();
        let rows: Vec<StagedRow<'_>> = last
            .into_iter()
            .map(|(id, told)| {
                Ok(StagedRow { hotel: hotel.as_str(), import: &import, id: id.as_str(), told: document(told)? })
            })
            .collect::<Result<_>>()?;
        let json = std::sync::Arc::new(batch(&rows)?);
        self.write(move |tx| {
            async move {
                on_tx!(tx, STAGE, |q, c| sqlx::query(q).bind(&*json).execute(c).await?.rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Throws away what was staged and does not count; nothing of an import that counts.
    pub async fn unstage(&self, hotel: &HotelId, import: Uuid) -> Result<()> {
        const SWEEP: super::Sql = sql!(
            "DELETE FROM staged WHERE import_id = $1 AND hotel_id = $2 AND reservation_id IN (
               SELECT reservation_id FROM staged WHERE import_id = $1 AND hotel_id = $2
               ORDER BY reservation_id LIMIT $3)
             AND NOT EXISTS (SELECT 1 FROM imports i WHERE i.import_id = $1 AND i.hotel_id = $2)"
        );
        loop {
            let (hotel, import) = (hotel.clone(), import.to_string());
            let swept = self.write(move |tx| {
                async move {
                    Ok(on_tx!(tx, SWEEP, |q, c| sqlx::query(q)
                        .bind(&import)
                        .bind(hotel.as_str())
                        .bind(SWEPT_TOGETHER)
                        .execute(c)
                        .await?
                        .rows_affected()))
                }
                .boxed()
            });
            if swept.await? == 0 {
                return Ok(());
            }
        }
    }

    /// What was staged under ids before this one and never counted: who staged it was killed.
    pub async fn abandoned(&self, before: Uuid) -> Result<Vec<(HotelId, Uuid)>> {
        // From one import to the next: a step for each, however many rows it has.
        const ABANDONED: super::Sql = sql!(
            "WITH RECURSIVE s(import_id) AS (
               SELECT MIN(import_id) FROM staged WHERE import_id < $1
               UNION ALL
               SELECT (SELECT MIN(n.import_id) FROM staged n WHERE n.import_id > s.import_id AND n.import_id < $1)
               FROM s WHERE s.import_id IS NOT NULL)
             SELECT (SELECT t.hotel_id FROM staged t WHERE t.import_id = s.import_id LIMIT 1), s.import_id FROM s
             WHERE s.import_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM imports i WHERE i.import_id = s.import_id)
             ORDER BY s.import_id"
        );
        let before = before.to_string();
        let rows: Vec<(String, String)> =
            on_read!(self, ABANDONED, |q, c| sqlx::query_as(q).bind(&before).fetch_all(c).await?);
        rows.into_iter().map(|(hotel, import)| Ok((read_hotel(&hotel)?, read_uuid(&import)?))).collect()
    }

    /// Imports that count and are not told to their end.
    pub async fn unfinished_imports(&self) -> Result<Vec<Unfinished>> {
        const OPEN: super::Sql = sql!(
            "SELECT i.hotel_id, i.import_id, i.worked_at,
                    (SELECT COUNT(*) FROM staged s WHERE s.import_id = i.import_id AND s.hotel_id = i.hotel_id) AS left_over
             FROM imports i WHERE i.open = 1 ORDER BY i.hotel_id, i.at, i.import_id"
        );
        let rows: Vec<(String, String, i64, i64)> = on_read!(self, OPEN, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        let read = |(hotel, id, worked_at, left): (String, String, i64, i64)| {
            Ok(Unfinished { hotel: read_hotel(&hotel)?, id: read_uuid(&id)?, left, worked_at: instant(worked_at)? })
        };
        rows.into_iter().map(read).collect()
    }

    /// What the parts of an import came to, if it counts, and whether all of it is told.
    pub async fn import_outcome(&self, hotel: &HotelId, import: Uuid) -> Result<Option<(Option<String>, bool)>> {
        const OUTCOME: super::Sql = sql!("SELECT outcome, open FROM imports WHERE import_id = $1 AND hotel_id = $2");
        let row: Option<(Option<String>, i64)> = on_read!(self, OUTCOME, |q, c| sqlx::query_as(q)
            .bind(import.to_string())
            .bind(hotel.as_str())
            .fetch_optional(c)
            .await?);
        Ok(row.map(|(outcome, open)| (outcome, open == 0)))
    }
}

/// From here on all that was staged counts. Call [`super::reservations::lock_hotel`] before.
pub async fn decide(tx: &mut Tx, hotel: &HotelId, decision: &Decision) -> Result<()> {
    const DECIDE: super::Sql = sql!(
        "INSERT INTO imports (hotel_id, import_id, at, told_by, told, created, changed, open, first, worked_at)
         VALUES ($1, $2, $3, $4, $5, 0, 0, 1, $6, $3)"
    );
    const COUNT: super::Sql = sql!("SELECT COUNT(*) FROM staged WHERE import_id = $1 AND hotel_id = $2");
    let first = super::reservations::is_first_import(tx, hotel).await?;
    let import = decision.id.to_string();
    let staged: i64 =
        on_tx!(tx, COUNT, |q, c| sqlx::query_scalar(q).bind(&import).bind(hotel.as_str()).fetch_one(c).await?);
    on_tx!(tx, DECIDE, |q, c| sqlx::query(q)
        .bind(hotel.as_str())
        .bind(&import)
        .bind(micros(decision.at))
        .bind(&decision.told_by)
        .bind(staged)
        .bind(i64::from(first))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// The open imports of a hotel, in the order in which they count.
async fn open(tx: &mut Tx, hotel: &HotelId) -> Result<Vec<OpenImport>> {
    const OPEN: super::Sql = sql!(
        "SELECT import_id, told_by, first, outcome FROM imports WHERE hotel_id = $1 AND open = 1
         ORDER BY at, import_id"
    );
    let rows: Vec<(String, String, i64, Option<String>)> =
        on_tx!(tx, OPEN, |q, c| sqlx::query_as(q).bind(hotel.as_str()).fetch_all(c).await?);
    let read = |(id, told_by, first, outcome): (String, String, i64, Option<String>)| {
        Ok(OpenImport { id: read_uuid(&id)?, told_by, first: first == 1, outcome })
    };
    rows.into_iter().map(read).collect()
}

/// Takes the next rows of the oldest open import; `None` if none is open. An empty part: nothing is left of it.
/// Call [`super::reservations::lock_hotel`] before.
pub async fn take_part(tx: &mut Tx, hotel: &HotelId, limit: usize) -> Result<Option<(OpenImport, Vec<Told>)>> {
    const TAKE: super::Sql = sql!(
        "DELETE FROM staged WHERE import_id = $1 AND hotel_id = $2 AND reservation_id IN (
           SELECT reservation_id FROM staged WHERE import_id = $1 AND hotel_id = $2
           ORDER BY reservation_id LIMIT $3)
         RETURNING told"
    );
    let Some(import) = open(tx, hotel).await?.into_iter().next() else { return Ok(None) };
    let rows: Vec<String> = on_tx!(tx, TAKE, |q, c| sqlx::query_scalar(q)
        .bind(import.id.to_string())
        .bind(hotel.as_str())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(c)
        .await?);
    let told = rows.iter().map(|told| read_document(told)).collect::<Result<_>>()?;
    Ok(Some((import, told)))
}

/// Takes what open imports tell of these reservations, import by import in the order in which they count.
/// Call [`super::reservations::lock_hotel`] before.
pub async fn take_these<'i>(
    tx: &mut Tx,
    hotel: &HotelId,
    ids: impl Iterator<Item = &'i ReservationId>,
) -> Result<Vec<(OpenImport, Vec<Told>)>> {
    const TAKE: super::Sql = sql!(
        "DELETE FROM staged WHERE import_id = $2 AND hotel_id = $3
           AND reservation_id IN (SELECT r.value->>'id' FROM " ROWS ")
         RETURNING told"
    );
    let imports = open(tx, hotel).await?;
    let mut taken = Vec::new();
    if imports.is_empty() {
        return Ok(taken);
    }
    let ids = batch(&ids.map(|id| IdRow { id: id.as_str() }).collect::<Vec<_>>())?;
    for import in imports {
        let rows: Vec<String> = on_tx!(tx, TAKE, |q, c| sqlx::query_scalar(q)
            .bind(&ids)
            .bind(import.id.to_string())
            .bind(hotel.as_str())
            .fetch_all(c)
            .await?);
        if !rows.is_empty() {
            let told = rows.iter().map(|told| read_document(told)).collect::<Result<_>>()?;
            taken.push((import, told));
        }
    }
    Ok(taken)
}

/// Writes down what an import came to so far; `done` closes it.
pub async fn progress(tx: &mut Tx, hotel: &HotelId, import: Uuid, progress: &Progress) -> Result<()> {
    const PROGRESS: super::Sql = sql!(
        "UPDATE imports SET outcome = $3, created = $4, changed = $5, worked_at = $6, open = $7
         WHERE import_id = $1 AND hotel_id = $2"
    );
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    on_tx!(tx, PROGRESS, |q, c| sqlx::query(q)
        .bind(import.to_string())
        .bind(hotel.as_str())
        .bind(&progress.outcome)
        .bind(number(progress.created))
        .bind(number(progress.changed))
        .bind(micros(progress.at))
        .bind(i64::from(!progress.done))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}
