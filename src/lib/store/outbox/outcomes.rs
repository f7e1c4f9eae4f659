//! What calls to the channel ended in.

use super::GUEST_WAITS;
use crate::domain::ids::{HotelId, OutboxId, ProviderMessageId};
use crate::domain::message::Delivery;
use crate::sql;
use crate::store::{Result, Sql, Store, Tx, batch, micros, run_all};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;

/// What a call to the channel ended in.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whose.
    pub hotel: HotelId,
    /// The row.
    pub id: OutboxId,
    /// What it became.
    pub became: Became,
    /// When.
    pub at: Timestamp,
}

/// What a row becomes after a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Became {
    /// The channel took it under this id.
    Accepted(ProviderMessageId),
    /// Surely not sent: planned again, not before this.
    PlannedAgain {
        /// Not before.
        due_at: Timestamp,
        /// Why.
        why: String,
    },
    /// It will not go through.
    Refused(String),
    /// Nobody knows.
    Unknown(String),
}

impl Store {
    /// Records what calls ended in.
    pub async fn record_outcomes(&self, outcomes: Vec<Outcome>) -> Result<()> {
        self.write(move |tx| async move { record_outcomes(tx, &outcomes).await }.boxed()).await
    }
}

#[derive(Serialize)]
struct OutcomeRow<'a> {
    hotel: &'a str,
    id: String,
    state: &'static str,
    rank: i32,
    provider: Option<&'a str>,
    accepted: Option<i64>,
    due: Option<i64>,
    note: Option<&'a str>,
    tried: i64,
    waits: &'static str,
}

/// Only a row that is still being sent may be planned again. An id from the channel always counts, also if the row
/// was planned again or taken back meanwhile: the message did leave.
const RECORD: Sql = sql!(
    "UPDATE outbox SET
       state = r.value->>'state', rank = CAST(r.value->>'rank' AS BIGINT),
       provider_id = COALESCE(r.value->>'provider', outbox.provider_id),
       accepted_at = COALESCE(CAST(r.value->>'accepted' AS BIGINT), outbox.accepted_at),
       due_at = COALESCE(CAST(r.value->>'due' AS BIGINT), outbox.due_at),
       attempts = outbox.attempts + CAST(r.value->>'tried' AS BIGINT),
       note = r.value->>'note'
     FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id'
       AND (outbox.state = 'sending' OR (outbox.state = 'unknown' AND r.value->>'state' IN ('accepted', 'refused'))
            OR (outbox.state IN ('planned', 'cancelled') AND r.value->>'state' = 'accepted'))"
);
pub(in crate::store) async fn record_outcomes(tx: &mut Tx, outcomes: &[Outcome]) -> Result<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let rows: Vec<OutcomeRow<'_>> = outcomes.iter().map(outcome_row).collect();
    let json = batch(&rows)?;
    let mut statements = vec![(RECORD, json.clone())];
    if rows.iter().any(|row| row.waits == "yes") {
        statements.push((GUEST_WAITS, json));
    }
    run_all(tx, &statements).await
}

fn outcome_row(outcome: &Outcome) -> OutcomeRow<'_> {
    let (state, provider, due, note, tried) = match &outcome.became {
        Became::Accepted(id) => (Delivery::Accepted, Some(id.as_str()), None, None, 0),
        Became::PlannedAgain { due_at, why } => (Delivery::Planned, None, Some(micros(*due_at)), Some(why.as_str()), 1),
        Became::Refused(why) => (Delivery::Refused, None, None, Some(why.as_str()), 1),
        Became::Unknown(why) => (Delivery::Unknown, None, None, Some(why.as_str()), 0),
    };
    OutcomeRow {
        hotel: outcome.hotel.as_str(),
        id: outcome.id.to_string(),
        state: state.as_str(),
        rank: state.rank(),
        provider,
        accepted: provider.map(|_| micros(outcome.at)),
        due,
        note,
        tried,
        waits: if state == Delivery::Refused { "yes" } else { "no" },
    }
}
