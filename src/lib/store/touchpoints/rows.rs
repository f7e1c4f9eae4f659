//! Touchpoints as they are stored: read, and written with one statement for each change.

use super::{Planner, Rules, Who};
use crate::domain::ids::{HotelId, ReservationId, TouchpointId, TriggerId};
use crate::domain::schedule::changes::Changes;
use crate::domain::schedule::plan::Wanted;
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointKey, TouchpointState};
use crate::store::{Result, Sql, StoreError, Tx, batch, instant, micros, read_uuid};
use crate::{on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(in crate::store) struct TouchpointRow {
    touchpoint_id: String,
    reservation_id: String,
    trigger_id: String,
    occurrence: String,
    state: String,
    reason: Option<String>,
    due_at: i64,
    moment: i64,
    look_at: i64,
}

impl TouchpointRow {
    pub(in crate::store) fn read(self) -> Result<Touchpoint> {
        let corrupt = |word: &str| StoreError::Corrupt(format!("`{word}` is no word of a touchpoint"));
        Ok(Touchpoint {
            id: TouchpointId(read_uuid(&self.touchpoint_id)?),
            key: TouchpointKey {
                reservation: ReservationId(self.reservation_id),
                trigger: TriggerId(self.trigger_id),
                occurrence: self.occurrence,
            },
            due_at: instant(self.due_at)?,
            moment: instant(self.moment)?,
            look_at: instant(self.look_at)?,
            state: TouchpointState::parse(&self.state).ok_or_else(|| corrupt(&self.state))?,
            reason: self.reason.as_deref().and_then(SkipReason::parse),
        })
    }
}

/// A hotel that is no longer in force says nothing.
pub(super) async fn cancel(tx: &mut Tx, hotel: &HotelId, who: Who<'_>, now: Timestamp) -> Result<()> {
    const CANCEL: Sql = sql!(
        "UPDATE touchpoints SET state = 'cancelled', reason = NULL, changed_at = $3
         WHERE hotel_id = $2 AND state IN ('planned', 'draft')
           AND reservation_id IN (SELECT r.value->>'id' FROM " ROWS ")"
    );
    let ids: Vec<IdRow<'_>> = match who {
        Who::These(ids) => ids.iter().map(|id| IdRow { id: id.as_str() }).collect(),
        Who::Known(stays) => stays.iter().map(|stay| IdRow { id: stay.booking.id.as_str() }).collect(),
    };
    let ids = batch(&ids)?;
    on_tx!(tx, CANCEL, |q, c| sqlx::query(q)
        .bind(&ids)
        .bind(hotel.as_str())
        .bind(micros(now))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

pub(super) async fn standing(
    tx: &mut Tx,
    hotel: &HotelId,
    ids: impl Iterator<Item = &ReservationId>,
) -> Result<HashMap<ReservationId, Vec<Touchpoint>>> {
    const STANDING: Sql = sql!(
        "SELECT t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence, t.state, t.reason, t.due_at, t.moment,
                t.look_at
         FROM " ROWS
        {lite: "CROSS JOIN", pg: "JOIN"}
        " touchpoints t ON t.hotel_id = $2 AND t.reservation_id = r.value->>'id'"
    );
    let ids: Vec<IdRow<'_>> = ids.map(|id| IdRow { id: id.as_str() }).collect();
    let ids = batch(&ids)?;
    let rows: Vec<TouchpointRow> =
        on_tx!(tx, STANDING, |q, c| sqlx::query_as(q).bind(&ids).bind(hotel.as_str()).fetch_all(c).await?);
    let mut standing: HashMap<ReservationId, Vec<Touchpoint>> = HashMap::new();
    for row in rows {
        let touchpoint = row.read()?;
        standing.entry(touchpoint.key.reservation.clone()).or_default().push(touchpoint);
    }
    Ok(standing)
}

#[derive(Serialize)]
struct IdRow<'a> {
    id: &'a str,
}

/// What becomes of rows, for one statement each.
#[derive(Default)]
pub(super) struct Writes {
    add: Vec<WriteRow>,
    alter: Vec<WriteRow>,
    cancel: Vec<WriteRow>,
}

#[derive(Serialize)]
struct WriteRow {
    hotel: String,
    id: String,
    reservation: String,
    trigger: String,
    occurrence: String,
    state: &'static str,
    reason: Option<&'static str>,
    due: i64,
    moment: i64,
    revision: i64,
    at: i64,
}

impl Writes {
    pub(super) fn take(&mut self, planner: &Planner<'_>, changes: Changes) {
        let (rules, now) = (planner.rules, planner.now);
        for wanted in changes.add {
            let id = new_id(&rules.hotel.id, &wanted.key, (now, planner.part));
            self.add.push(write_row(rules, id, wanted, now));
        }
        self.alter.extend(changes.alter.into_iter().map(|(id, wanted)| write_row(rules, id, wanted, now)));
        self.cancel.extend(changes.cancel.into_iter().map(|id| cancel_row(rules, id, now)));
    }

    pub(super) async fn run(mut self, tx: &mut Tx) -> Result<()> {
        // Locked in the order in which a scheduler locks them.
        self.alter.sort_by(|a, b| a.id.cmp(&b.id));
        self.add.sort_by(|a, b| a.id.cmp(&b.id));
        for (statement, rows) in [(CANCEL, self.cancel), (ALTER, self.alter), (ADD, self.add)] {
            if rows.is_empty() {
                continue;
            }
            let json = batch(&rows)?;
            on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
        }
        Ok(())
    }
}

const ADD: Sql = sql!(
    "INSERT INTO touchpoints (hotel_id, touchpoint_id, reservation_id, trigger_id, occurrence, state, reason, due_at,
                              moment, look_at, revision, planned_at, changed_at)
     SELECT r.value->>'hotel', r.value->>'id', r.value->>'reservation', r.value->>'trigger', r.value->>'occurrence',
            r.value->>'state', r.value->>'reason', CAST(r.value->>'due' AS BIGINT), CAST(r.value->>'moment' AS BIGINT),
            CAST(r.value->>'due' AS BIGINT), CAST(r.value->>'revision' AS BIGINT), CAST(r.value->>'at' AS BIGINT),
            CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS " WHERE true
     ON CONFLICT (hotel_id, reservation_id, trigger_id, occurrence) DO NOTHING"
);
/// What a daemon sent meanwhile stands.
const ALTER: Sql = sql!(
    "UPDATE touchpoints SET state = r.value->>'state', reason = r.value->>'reason',
       due_at = CAST(r.value->>'due' AS BIGINT), moment = CAST(r.value->>'moment' AS BIGINT),
       look_at = CAST(r.value->>'due' AS BIGINT), revision = CAST(r.value->>'revision' AS BIGINT), seen = NULL,
       changed_at = CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
    " WHERE touchpoints.hotel_id = r.value->>'hotel' AND touchpoints.touchpoint_id = r.value->>'id'
       AND touchpoints.state <> 'sent'"
);
const CANCEL: Sql = sql!(
    "UPDATE touchpoints SET state = 'cancelled', reason = NULL, revision = CAST(r.value->>'revision' AS BIGINT),
       seen = NULL, changed_at = CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
    " WHERE touchpoints.hotel_id = r.value->>'hotel' AND touchpoints.touchpoint_id = r.value->>'id'
       AND touchpoints.state <> 'sent'"
);

fn write_row(rules: &Rules, id: TouchpointId, wanted: Wanted, now: Timestamp) -> WriteRow {
    let state = if wanted.skip.is_some() { TouchpointState::Skipped } else { TouchpointState::Planned };
    WriteRow {
        hotel: rules.hotel.id.to_string(),
        id: id.to_string(),
        reservation: wanted.key.reservation.0,
        trigger: wanted.key.trigger.0,
        occurrence: wanted.key.occurrence,
        state: state.as_str(),
        reason: wanted.skip.map(SkipReason::as_str),
        due: micros(wanted.due_at),
        moment: micros(wanted.moment),
        revision: rules.revision,
        at: micros(now),
    }
}

fn cancel_row(rules: &Rules, id: TouchpointId, now: Timestamp) -> WriteRow {
    WriteRow {
        hotel: rules.hotel.id.to_string(),
        id: id.to_string(),
        reservation: String::new(),
        trigger: String::new(),
        occurrence: String::new(),
        state: TouchpointState::Cancelled.as_str(),
        reason: None,
        due: 0,
        moment: 0,
        revision: rules.revision,
        at: micros(now),
    }
}

/// The id of a new row: its time and part in front, so that rows written together lie together (of a million spread
/// over the whole index each would cost pages of it), and the key's digest behind. A store has no source of ids, and
/// needs none here: the key itself is unique for ever.
fn new_id(hotel: &HotelId, key: &TouchpointKey, (now, part): (Timestamp, u16)) -> TouchpointId {
    let mut digest = Sha256::new();
    for part in [hotel.as_str(), key.reservation.as_str(), key.trigger.as_str(), &key.occurrence] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let digest = digest.finalize();
    let mut bytes = [0; 16];
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0).to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    // Four bits of these are the version's, and two of those behind the variant's.
    bytes[6..8].copy_from_slice(&part.to_be_bytes());
    bytes[8..].copy_from_slice(&digest[..8]);
    TouchpointId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// The id of a touchpoint as it is written in an intent; `None` for the intent of something else.
pub fn of_intent(intent: &str) -> Option<TouchpointId> {
    Uuid::parse_str(intent.strip_prefix("touchpoint:")?).ok().map(TouchpointId)
}

/// The reason to write that is this touchpoint: at most one message, ever.
pub fn intent(id: TouchpointId) -> String {
    format!("touchpoint:{id}")
}

/// The reason to write that is the file of a touchpoint, if it goes by itself, after the words.
pub fn file_intent(id: TouchpointId) -> String {
    format!("file:{id}")
}

/// The touchpoint whose file this is.
pub fn of_file_intent(intent: &str) -> Option<TouchpointId> {
    Uuid::parse_str(intent.strip_prefix("file:")?).ok().map(TouchpointId)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(occurrence: &str) -> TouchpointKey {
        TouchpointKey {
            reservation: ReservationId("R1".into()),
            trigger: TriggerId("room-ok".into()),
            occurrence: occurrence.into(),
        }
    }

    #[test]
    fn an_id_is_of_its_key_and_sorts_by_its_time() {
        let hotel = HotelId::parse("astoria").expect("valid");
        let early = Timestamp::from_second(1_783_868_400).expect("in range");
        let late = Timestamp::from_second(1_783_868_401).expect("in range");

        let one = new_id(&hotel, &key(""), (early, 1));
        assert_eq!(one, new_id(&hotel, &key(""), (early, 1)));
        assert!(one < new_id(&hotel, &key(""), (early, 2)));
        assert!(new_id(&hotel, &key(""), (early, 4095)) < new_id(&hotel, &key(""), (late, 1)));
        assert_ne!(one, new_id(&hotel, &key("2026-07-01"), (early, 1)));
        assert_eq!(of_intent(&intent(one)), Some(one));
        assert_eq!(of_file_intent(&file_intent(one)), Some(one));
        assert_eq!((of_intent(&file_intent(one)), of_file_intent(&intent(one))), (None, None));
        assert_eq!(of_intent("reply:1"), None);
    }
}
