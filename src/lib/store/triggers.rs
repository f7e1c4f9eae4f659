//! The triggers in force at each hotel, and every set that ever was. With a change of them begins that the hotel's stays
//! are planned anew ([`super::replans`]).

use super::replans::Budget;
use super::reservations::lock_hotel;
use super::touchpoints;
use super::{Result, Store, StoreError, Tx, document, instant, micros, read_document, read_hotel};
use crate::domain::ids::HotelId;
use crate::domain::trigger::TriggerSet;
use crate::domain::trigger_plan::Effects;
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The triggers of a hotel, as the daemon obeys them.
#[derive(Clone, Debug)]
pub struct TriggersInForce {
    /// Whose.
    pub hotel: HotelId,
    /// What.
    pub set: TriggerSet,
    /// The apply that put them there.
    pub revision: i64,
    /// When that was.
    pub applied_at: Timestamp,
}

/// What becomes of one hotel's triggers.
#[derive(Clone, Debug)]
pub struct TriggerChange {
    /// Whose.
    pub hotel: HotelId,
    /// All of its triggers from then on.
    pub set: TriggerSet,
    /// What is other than before, in words: `1 added, 1 changed`.
    pub change: String,
}

/// One hotel's part of an apply.
#[derive(Clone, Debug)]
pub struct TriggerRevision {
    /// Whose.
    pub hotel: HotelId,
    /// Its number.
    pub revision: i64,
    /// What was other than before, in words.
    pub change: String,
    /// When.
    pub applied_at: Timestamp,
    /// By whom.
    pub applied_by: String,
    /// How many triggers it holds.
    pub triggers: usize,
}

/// The newest apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Its number; 0 before the first.
    pub revision: i64,
    /// When and by whom.
    pub applied: Option<(Timestamp, String)>,
}

/// What an apply did.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// Its number.
    pub revision: i64,
    /// What became of each hotel's messages so far; see [`Store::open_replans`] for what is left.
    pub effects: BTreeMap<HotelId, Effects>,
}

/// Everything an apply needs.
#[derive(Clone, Debug)]
pub struct ApplyTriggers {
    /// The revision it was planned on.
    pub base: i64,
    /// What it changes; hotels that are not here stay as they are.
    pub changes: Vec<TriggerChange>,
    /// Who asked for it.
    pub by: String,
    /// Now.
    pub now: Timestamp,
}

impl Store {
    /// The triggers of every hotel in force, by its id.
    pub async fn triggers_in_force(&self) -> Result<Vec<TriggersInForce>> {
        const IN_FORCE: super::Sql = sql!(
            "SELECT t.hotel_id, t.definition, t.revision, t.applied_at FROM trigger_sets t
             JOIN hotels h ON h.hotel_id = t.hotel_id AND h.retired_at IS NULL ORDER BY t.hotel_id"
        );
        let rows: Vec<(String, String, i64, i64)> =
            on_read!(self, IN_FORCE, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        rows.into_iter()
            .map(|(hotel, definition, revision, applied_at)| {
                Ok(TriggersInForce {
                    hotel: read_hotel(&hotel)?,
                    set: read_document(&definition)?,
                    revision,
                    applied_at: instant(applied_at)?,
                })
            })
            .collect()
    }

    /// The newest apply of triggers.
    pub async fn newest_triggers(&self) -> Result<Newest> {
        let row: Option<(i64, i64, String)> =
            on_read!(self, NEWEST, |q, c| sqlx::query_as(q).fetch_optional(c).await?);
        read_newest(row)
    }

    /// Applies, newest first.
    pub async fn trigger_history(&self, hotels: &[HotelId], limit: i64) -> Result<Vec<TriggerRevision>> {
        const HISTORY: super::Sql = sql!(
            "SELECT hotel_id, revision, change, applied_at, applied_by, definition FROM trigger_revisions
             WHERE $1 = '[]' OR hotel_id IN (SELECT value FROM "
            {lite: "json_each($1)", pg: "jsonb_array_elements_text($1::jsonb)"}
            ") ORDER BY revision DESC, hotel_id LIMIT $2"
        );
        let hotels = super::batch(hotels)?;
        let rows: Vec<(String, i64, String, i64, String, String)> =
            on_read!(self, HISTORY, |q, c| sqlx::query_as(q).bind(&hotels).bind(limit).fetch_all(c).await?);
        rows.into_iter()
            .map(|(hotel, revision, change, applied_at, applied_by, definition)| {
                let set: TriggerSet = read_document(&definition)?;
                Ok(TriggerRevision {
                    hotel: read_hotel(&hotel)?,
                    revision,
                    change,
                    applied_at: instant(applied_at)?,
                    applied_by,
                    triggers: set.triggers.len(),
                })
            })
            .collect()
    }

    /// What was in force at each hotel when a revision had just been applied; `None` if there is no such revision.
    pub async fn triggers_at(&self, revision: i64) -> Result<Option<BTreeMap<HotelId, TriggerSet>>> {
        const EXISTS: super::Sql = sql!("SELECT COUNT(*) FROM trigger_revisions WHERE revision = $1");
        const AT: super::Sql = sql!(
            "SELECT t.hotel_id, t.definition FROM trigger_revisions t
             WHERE t.revision = (SELECT MAX(n.revision) FROM trigger_revisions n
                                 WHERE n.hotel_id = t.hotel_id AND n.revision <= $1)"
        );
        let known: i64 = on_read!(self, EXISTS, |q, c| sqlx::query_scalar(q).bind(revision).fetch_one(c).await?);
        if known == 0 {
            return Ok(None);
        }
        let rows: Vec<(String, String)> =
            on_read!(self, AT, |q, c| sqlx::query_as(q).bind(revision).fetch_all(c).await?);
        let sets = rows.into_iter().map(|(hotel, definition)| Ok((read_hotel(&hotel)?, read_document(&definition)?)));
        sets.collect::<Result<_>>().map(Some)
    }

    /// Makes the changes of a plan in force, if the revision it was made on still is, and begins to plan the stays of
    /// their hotels anew: few are done with it, more are left to [`Store::replan_part`]. A set that is in force already
    /// changes nothing, and an apply of nothing is no revision.
    pub async fn apply_triggers(&self, apply: ApplyTriggers) -> Result<Applied> {
        self.write(move |tx| async move { apply_in(tx, &apply).await }.boxed()).await
    }
}

const NEWEST: super::Sql =
    sql!("SELECT revision, applied_at, applied_by FROM trigger_revisions ORDER BY revision DESC, hotel_id LIMIT 1");

fn read_newest(row: Option<(i64, i64, String)>) -> Result<Newest> {
    Ok(match row {
        None => Newest { revision: 0, applied: None },
        Some((revision, at, by)) => Newest { revision, applied: Some((instant(at)?, by)) },
    })
}

async fn apply_in(tx: &mut Tx, apply: &ApplyTriggers) -> Result<Applied> {
    const ONE_AT_A_TIME: super::Sql = sql!({lite: "SELECT 1", pg: "SELECT 1 FROM pg_advisory_xact_lock(746828)"});
    on_tx!(tx, ONE_AT_A_TIME, |q, c| sqlx::query(q).fetch_one(c).await.map(|_| ())?);
    let row: Option<(i64, i64, String)> = on_tx!(tx, NEWEST, |q, c| sqlx::query_as(q).fetch_optional(c).await?);
    let newest = read_newest(row)?.revision;
    if newest != apply.base {
        let base = apply.base;
        return Err(StoreError::Conflict(format!(
            "the plan was made on revision {base}; revision {newest} is in force"
        )));
    }
    for change in &apply.changes {
        lock_hotel(tx, &change.hotel).await?;
    }
    let mut applied = Applied { revision: newest, ..Applied::default() };
    let mut budget = Budget::of_one_transaction();
    for change in &apply.changes {
        if in_force(tx, &change.hotel).await?.is_some_and(|(set, _)| set == change.set) {
            continue;
        }
        applied.revision = newest + 1;
        put(tx, change, applied.revision, apply).await?;
        let effects = budget.spend(tx, &change.hotel, apply.now).await?;
        applied.effects.insert(change.hotel.clone(), effects);
    }
    Ok(applied)
}

/// What is in force at a hotel, with its revision.
pub(super) async fn in_force(tx: &mut Tx, hotel: &HotelId) -> Result<Option<(TriggerSet, i64)>> {
    const ONE: super::Sql = sql!("SELECT definition, revision FROM trigger_sets WHERE hotel_id = $1");
    let row: Option<(String, i64)> =
        on_tx!(tx, ONE, |q, c| sqlx::query_as(q).bind(hotel.as_str()).fetch_optional(c).await?);
    row.map(|(definition, revision)| Ok((read_document(&definition)?, revision))).transpose()
}

async fn put(tx: &mut Tx, change: &TriggerChange, revision: i64, apply: &ApplyTriggers) -> Result<()> {
    const PUT: super::Sql = sql!(
        "INSERT INTO trigger_sets (hotel_id, revision, definition, applied_at, listens) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (hotel_id) DO UPDATE SET revision = excluded.revision, definition = excluded.definition,
           applied_at = excluded.applied_at, listens = excluded.listens"
    );
    const RECORD: super::Sql = sql!(
        "INSERT INTO trigger_revisions (hotel_id, revision, definition, applied_at, change, applied_by)
         VALUES ($1, $2, $3, $4, $5, $6)"
    );
    let (definition, now) = (document(&change.set)?, micros(apply.now));
    on_tx!(tx, PUT, |q, c| sqlx::query(q)
        .bind(change.hotel.as_str())
        .bind(revision)
        .bind(&definition)
        .bind(now)
        .bind(i64::from(touchpoints::listens(&change.set)))
        .execute(c)
        .await?
        .rows_affected());
    on_tx!(tx, RECORD, |q, c| sqlx::query(q)
        .bind(change.hotel.as_str())
        .bind(revision)
        .bind(&definition)
        .bind(now)
        .bind(&change.change)
        .bind(&apply.by)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}
