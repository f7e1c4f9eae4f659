//! Stays that a PMS has not confirmed for too long: they are not written to until it has.

use super::{Result, Store, batch, instant_opt, micros};
use crate::domain::ids::HotelId;
use crate::{on_read, sql};
use jiff::Timestamp;
use jiff::civil::Date;

/// Which stays count as stale.
#[derive(Clone, Copy, Debug)]
pub struct Stale<'a> {
    /// Told before this instant last.
    pub told_before: Timestamp,
    /// Those of these sources never are.
    pub never: &'a [&'a str],
    /// Stays that departed before this day need nothing more.
    pub departing_from: Date,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StaleStays {
    /// So many.
    pub count: i64,
    /// When the freshest of them was told.
    pub told_at: Option<Timestamp>,
}

impl Store {
    /// The stale stays of a hotel that guests are still in or come to.
    pub async fn stale_stays(&self, hotel: &HotelId, stale: Stale<'_>) -> Result<StaleStays> {
        const STALE: super::Sql = sql!(
            "SELECT COUNT(*), MAX(synced_at) FROM reservations
             WHERE hotel_id = $2 AND departure >= $3 AND synced_at < $4 AND status IN ('confirmed', 'checked_in')
               AND told_by NOT IN (SELECT value FROM "
            {lite: "json_each($1)", pg: "jsonb_array_elements_text($1::jsonb)"}
            ")"
        );
        let never = batch(stale.never)?;
        let (count, told_at): (i64, Option<i64>) = on_read!(self, STALE, |q, c| sqlx::query_as(q)
            .bind(&never)
            .bind(hotel.as_str())
            .bind(stale.departing_from.to_string())
            .bind(micros(stale.told_before))
            .fetch_one(c)
            .await?);
        Ok(StaleStays { count, told_at: instant_opt(told_at)? })
    }
}
