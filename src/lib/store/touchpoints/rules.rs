//! What a hotel's rows are planned by.

use super::words::listens;
use crate::domain::hotel::Hotel;
use crate::domain::ids::HotelId;
use crate::domain::trigger::TriggerSet;
use crate::store::{Result, Sql, Tx, read_document};
use crate::{on_tx, sql};

/// What a hotel's rows are planned by.
pub(in crate::store) struct Rules {
    pub(in crate::store) hotel: Hotel,
    pub(in crate::store) set: TriggerSet,
    pub(in crate::store) revision: i64,
}

impl Rules {
    /// Of a hotel in force. One without triggers has an empty set; one that is not in force wants nothing.
    pub(in crate::store) async fn of(tx: &mut Tx, hotel: &HotelId) -> Result<Option<Rules>> {
        const RULES: Sql = sql!(
            "SELECT h.definition, t.definition, t.revision FROM hotels h
             LEFT JOIN trigger_sets t ON t.hotel_id = h.hotel_id
             WHERE h.hotel_id = $1 AND h.retired_at IS NULL"
        );
        let row: Option<(String, Option<String>, Option<i64>)> =
            on_tx!(tx, RULES, |q, c| sqlx::query_as(q).bind(hotel.as_str()).fetch_optional(c).await?);
        let Some((hotel, set, revision)) = row else { return Ok(None) };
        let set = set.as_deref().map(read_document).transpose()?.unwrap_or_default();
        Ok(Some(Rules { hotel: read_document(&hotel)?, set, revision: revision.unwrap_or(0) }))
    }

    pub(super) fn listens(&self) -> bool {
        listens(&self.set)
    }
}
