//! What is in force: the hotels the daemon obeys, their revisions, pauses, lines and sealed secrets.

use super::replans::Budget;
use super::reservations::lock_hotel;
use super::{Result, Store, StoreError, Tx, document, instant_opt, micros, read_document, read_hotel};
use crate::domain::hotel::Hotel;
use crate::domain::ids::HotelId;
use crate::domain::received::InstanceState;
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A hotel in force, with what is known about its line.
#[derive(Clone, Debug)]
pub struct HotelInForce {
    /// As applied.
    pub hotel: Hotel,
    /// The apply that put it there.
    pub revision: i64,
    /// Since when nothing is sent.
    pub paused_at: Option<Timestamp>,
    /// Why.
    pub paused_reason: Option<String>,
    /// What the channel said last.
    pub line_state: Option<InstanceState>,
    /// When it said so.
    pub line_state_at: Option<Timestamp>,
    /// Since when it is in that state.
    pub line_since: Option<Timestamp>,
    /// Why it could not be asked, or why sending is stopped.
    pub line_problem: Option<String>,
}

/// One change of what is in force.
#[derive(Clone, Debug)]
pub enum HotelChange {
    /// New or other than before.
    Put(Box<Hotel>),
    /// No longer obeyed; its conversations stay.
    Retire(HotelId),
}

impl HotelChange {
    fn hotel(&self) -> &HotelId {
        match self {
            HotelChange::Put(hotel) => &hotel.id,
            HotelChange::Retire(hotel) => hotel,
        }
    }

    fn retired(&self) -> Option<&HotelId> {
        match self {
            HotelChange::Retire(hotel) => Some(hotel),
            HotelChange::Put(_) => None,
        }
    }
}

/// A sealed secret: unreadable without the key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecret {
    /// Whose.
    pub hotel: HotelId,
    /// `token` or `webhook_token`.
    pub name: String,
    /// Which key seals it.
    pub key_id: String,
    /// Base64.
    pub nonce: String,
    /// Base64.
    pub sealed: String,
}

#[derive(sqlx::FromRow)]
struct InForceRow {
    definition: String,
    revision: i64,
    paused_at: Option<i64>,
    paused_reason: Option<String>,
    line_state: Option<String>,
    line_state_at: Option<i64>,
    line_since: Option<i64>,
    line_problem: Option<String>,
}

impl Store {
    /// Every hotel in force, by id.
    pub async fn hotels_in_force(&self) -> Result<Vec<HotelInForce>> {
        const IN_FORCE: super::Sql = sql!(
            "SELECT definition, revision, paused_at, paused_reason, line_state, line_state_at, line_since, line_problem
             FROM hotels WHERE retired_at IS NULL ORDER BY hotel_id"
        );
        let rows: Vec<InForceRow> = on_read!(self, IN_FORCE, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        rows.into_iter().map(InForceRow::read).collect()
    }

    /// The newest revision; 0 before the first apply.
    pub async fn revision(&self) -> Result<i64> {
        const NEWEST: super::Sql = sql!("SELECT COALESCE(MAX(revision), 0) FROM revisions");
        Ok(on_read!(self, NEWEST, |q, c| sqlx::query_scalar(q).fetch_one(c).await?))
    }

    /// Changes whenever a hotel, a pause or a secret does: cheap to ask every second.
    pub async fn in_force_fingerprint(&self) -> Result<String> {
        const FINGERPRINT: super::Sql = sql!(
            "SELECT COUNT(*), COALESCE(MAX(revision), 0), COALESCE(CAST(SUM(COALESCE(paused_at, 0) % 1000003) AS BIGINT), 0),
                    (SELECT COALESCE(MAX(set_at), 0) FROM secrets)
             FROM hotels WHERE retired_at IS NULL"
        );
        let row: (i64, i64, i64, i64) = on_read!(self, FINGERPRINT, |q, c| sqlx::query_as(q).fetch_one(c).await?);
        Ok(format!("{row:?}"))
    }

    /// Makes the changes of a plan in force, if the revision it was made on still is, and begins to plan the stays of
    /// its hotels anew: few are done with it, more are left to [`Store::replan_part`]. Returns the new revision.
    pub async fn apply_hotels(&self, base: i64, changes: Vec<HotelChange>, by: String, now: Timestamp) -> Result<i64> {
        self.write(move |tx| async move { apply(tx, base, &changes, &by, now).await }.boxed()).await
    }

    /// Stops all outgoing messages of a hotel. `false` if it is not in force.
    pub async fn pause(&self, hotel: HotelId, reason: Option<String>, now: Timestamp) -> Result<bool> {
        const PAUSE: super::Sql = sql!(
            "UPDATE hotels SET paused_at = COALESCE(paused_at, $2), paused_reason = $3
             WHERE hotel_id = $1 AND retired_at IS NULL"
        );
        self.write(move |tx| {
            async move {
                Ok(on_tx!(tx, PAUSE, |q, c| sqlx::query(q)
                    .bind(hotel.as_str())
                    .bind(micros(now))
                    .bind(reason)
                    .execute(c)
                    .await?
                    .rows_affected())
                    > 0)
            }
            .boxed()
        })
        .await
    }

    /// Starts them again. `false` if the hotel is not in force.
    pub async fn resume(&self, hotel: HotelId) -> Result<bool> {
        const RESUME: super::Sql =
            sql!("UPDATE hotels SET paused_at = NULL, paused_reason = NULL WHERE hotel_id = $1 AND retired_at IS NULL");
        self.write(move |tx| {
            async move {
                Ok(on_tx!(tx, RESUME, |q, c| sqlx::query(q).bind(hotel.as_str()).execute(c).await?.rows_affected()) > 0)
            }
            .boxed()
        })
        .await
    }

    /// The channel said in which state the instance is.
    pub async fn line_state(&self, hotel: HotelId, state: InstanceState, now: Timestamp) -> Result<()> {
        self.write(move |tx| async move { set_line_state(tx, &hotel, &state, now).await }.boxed()).await
    }

    /// The channel could not be asked, or refuses to send until a person acts.
    pub async fn line_problem(&self, hotel: HotelId, problem: Option<String>) -> Result<()> {
        self.write(move |tx| async move { set_line_problem(tx, &hotel, problem.as_deref()).await }.boxed()).await
    }

    /// The instance must not be used until it is seen `authorized` again: sending stops at once.
    pub async fn line_stopped(&self, hotel: HotelId, problem: String) -> Result<()> {
        const STOP: super::Sql = sql!("UPDATE hotels SET line_state_at = 0, line_problem = $2 WHERE hotel_id = $1");
        self.write(move |tx| {
            async move {
                on_tx!(tx, STOP, |q, c| sqlx::query(q)
                    .bind(hotel.as_str())
                    .bind(&problem)
                    .execute(c)
                    .await?
                    .rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Nothing of the hotel is sent before `until`, whatever its instance says of itself.
    pub async fn hold_sends(&self, hotel: HotelId, until: Timestamp) -> Result<()> {
        const HOLD: super::Sql = sql!("UPDATE hotels SET next_send_at = $2 WHERE hotel_id = $1 AND next_send_at < $2");
        self.write(move |tx| {
            async move {
                on_tx!(tx, HOLD, |q, c| sqlx::query(q)
                    .bind(hotel.as_str())
                    .bind(micros(until))
                    .execute(c)
                    .await?
                    .rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Stores a sealed secret, replacing an earlier one.
    pub async fn put_secret(&self, secret: SealedSecret, now: Timestamp) -> Result<()> {
        const PUT: super::Sql = sql!(
            "INSERT INTO secrets (hotel_id, name, key_id, nonce, sealed, set_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (hotel_id, name) DO UPDATE SET key_id = excluded.key_id, nonce = excluded.nonce,
               sealed = excluded.sealed, set_at = excluded.set_at"
        );
        self.write(move |tx| {
            async move {
                on_tx!(tx, PUT, |q, c| sqlx::query(q)
                    .bind(secret.hotel.as_str())
                    .bind(&secret.name)
                    .bind(&secret.key_id)
                    .bind(&secret.nonce)
                    .bind(&secret.sealed)
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

    /// All sealed secrets.
    pub async fn secrets(&self) -> Result<Vec<SealedSecret>> {
        const ALL: super::Sql =
            sql!("SELECT hotel_id, name, key_id, nonce, sealed FROM secrets ORDER BY hotel_id, name");
        let rows: Vec<(String, String, String, String, String)> =
            on_read!(self, ALL, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        rows.into_iter()
            .map(|(hotel, name, key_id, nonce, sealed)| {
                Ok(SealedSecret { hotel: read_hotel(&hotel)?, name, key_id, nonce, sealed })
            })
            .collect()
    }
}

impl InForceRow {
    fn read(self) -> Result<HotelInForce> {
        Ok(HotelInForce {
            hotel: read_document(&self.definition)?,
            revision: self.revision,
            paused_at: instant_opt(self.paused_at)?,
            paused_reason: self.paused_reason,
            line_state: self.line_state.map(InstanceState::from),
            line_state_at: instant_opt(self.line_state_at.filter(|at| *at > 0))?,
            line_since: instant_opt(self.line_since)?,
            line_problem: self.line_problem,
        })
    }
}

async fn apply(tx: &mut Tx, base: i64, changes: &[HotelChange], by: &str, now: Timestamp) -> Result<i64> {
    const ONE_AT_A_TIME: super::Sql = sql!({lite: "SELECT 1", pg: "SELECT 1 FROM pg_advisory_xact_lock(746825)"});
    const NEWEST: super::Sql = sql!("SELECT COALESCE(MAX(revision), 0) FROM revisions");
    on_tx!(tx, ONE_AT_A_TIME, |q, c| sqlx::query(q).fetch_one(c).await.map(|_| ())?);
    let newest: i64 = on_tx!(tx, NEWEST, |q, c| sqlx::query_scalar(q).fetch_one(c).await?);
    if newest != base {
        return Err(StoreError::Conflict(format!(
            "the plan was made on revision {base}; revision {newest} is in force"
        )));
    }
    let hotels: BTreeSet<&HotelId> = changes.iter().map(HotelChange::hotel).collect();
    for hotel in &hotels {
        lock_hotel(tx, hotel).await?;
    }
    let revision = newest + 1;
    // Retired first: a number may move to another hotel within one plan.
    for hotel in changes.iter().filter_map(HotelChange::retired) {
        retire(tx, hotel, now).await?;
    }
    for change in changes {
        if let HotelChange::Put(hotel) = change {
            put(tx, hotel, revision, now).await?;
        }
        record(tx, change, revision, by, now).await?;
    }
    // Another zone, other quiet hours or times move what triggers planned; a retired hotel says nothing.
    let mut budget = Budget::of_one_transaction();
    for hotel in hotels {
        budget.spend(tx, hotel, now).await?;
    }
    Ok(revision)
}

async fn put(tx: &mut Tx, hotel: &Hotel, revision: i64, now: Timestamp) -> Result<()> {
    // Another instance, or another account: what was known about the line is void.
    const PUT: super::Sql = sql!(
        "INSERT INTO hotels (hotel_id, instance, definition, revision, applied_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (hotel_id) DO UPDATE SET
           line_state = CASE WHEN hotels.instance = excluded.instance THEN hotels.line_state END,
           line_ailed_at = CASE WHEN hotels.instance = excluded.instance THEN hotels.line_ailed_at END,
           line_problem = NULL, instance = excluded.instance, definition = excluded.definition,
           revision = excluded.revision, applied_at = excluded.applied_at, retired_at = NULL"
    );
    on_tx!(tx, PUT, |q, c| sqlx::query(q)
        .bind(hotel.id.as_str())
        .bind(hotel.whatsapp.instance.as_str())
        .bind(document(hotel)?)
        .bind(revision)
        .bind(micros(now))
        .execute(c)
        .await
        .map_err(|error| instance_taken(error, hotel))?
        .rows_affected());
    Ok(())
}

fn instance_taken(error: sqlx::Error, hotel: &Hotel) -> StoreError {
    if error.as_database_error().is_some_and(|error| error.is_unique_violation()) {
        let instance = &hotel.whatsapp.instance;
        return StoreError::Conflict(format!("instance {instance} of `{}` already serves another hotel", hotel.id));
    }
    error.into()
}

async fn retire(tx: &mut Tx, hotel: &HotelId, now: Timestamp) -> Result<()> {
    const RETIRE: super::Sql = sql!("UPDATE hotels SET retired_at = $2 WHERE hotel_id = $1");
    on_tx!(tx, RETIRE, |q, c| sqlx::query(q).bind(hotel.as_str()).bind(micros(now)).execute(c).await?.rows_affected());
    Ok(())
}

async fn record(tx: &mut Tx, change: &HotelChange, revision: i64, by: &str, now: Timestamp) -> Result<()> {
    const RECORD: super::Sql = sql!(
        "INSERT INTO revisions (hotel_id, revision, change, definition, applied_at, applied_by)
         VALUES ($1, $2, $3, $4, $5, $6)"
    );
    let (hotel, word, definition) = match change {
        HotelChange::Put(hotel) => (&hotel.id, "put", document(hotel)?),
        HotelChange::Retire(hotel) => (hotel, "retire", "null".to_owned()),
    };
    on_tx!(tx, RECORD, |q, c| sqlx::query(q)
        .bind(hotel.as_str())
        .bind(revision)
        .bind(word)
        .bind(definition)
        .bind(micros(now))
        .bind(by)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// See [`Store::line_state`]. Seeing `authorized` clears an earlier problem.
pub(super) async fn set_line_state(tx: &mut Tx, hotel: &HotelId, state: &InstanceState, now: Timestamp) -> Result<()> {
    const SET: super::Sql = sql!(
        "UPDATE hotels SET line_since = CASE WHEN line_state = $2 THEN line_since ELSE $3 END,
           line_state = $2, line_state_at = $3,
           line_ailed_at = CASE WHEN $2 IN ('suspended', 'blocked') THEN $3 ELSE line_ailed_at END,
           line_problem = CASE WHEN $2 = 'authorized' THEN NULL ELSE line_problem END
         WHERE hotel_id = $1"
    );
    on_tx!(tx, SET, |q, c| sqlx::query(q)
        .bind(hotel.as_str())
        .bind(state.as_str())
        .bind(micros(now))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// See [`Store::line_problem`].
pub(super) async fn set_line_problem(tx: &mut Tx, hotel: &HotelId, problem: Option<&str>) -> Result<()> {
    const SET: super::Sql = sql!("UPDATE hotels SET line_problem = $2 WHERE hotel_id = $1");
    on_tx!(tx, SET, |q, c| sqlx::query(q).bind(hotel.as_str()).bind(problem).execute(c).await?.rows_affected());
    Ok(())
}
