//! Hotels whose stays are planned anew because their triggers, or the hotel itself, are others now.
//!
//! The change itself is one write, and with it stands a row here: from then on nothing that was planned by the old
//! rules goes out ([`super::due::DUE`] passes over the hotel). Its stays follow part by part, in the order of their
//! ids, and the row says how far that went. Whoever finds such a row goes on with it: nobody waits for long, and what
//! is killed in the middle is finished by others.

use super::reservations::lock_hotel;
use super::touchpoints::{Who, page, replan};
use super::{Result, Store, Tx, instant, micros, read_hotel};
use crate::domain::ids::{HotelId, ReservationId};
use crate::domain::trigger_plan::Effects;
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;

/// A hotel of which stays are still to be planned anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReplan {
    /// Which.
    pub hotel: HotelId,
    /// So many of its stays are left.
    pub left: i64,
    /// When somebody last worked on it.
    pub worked_at: Timestamp,
}

/// What one part came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Stays looked at.
    pub stays: usize,
    /// What became of their messages.
    pub effects: Effects,
    /// Nothing is left.
    pub done: bool,
}

impl Store {
    /// The hotels of which stays are still to be planned anew.
    pub async fn open_replans(&self) -> Result<Vec<OpenReplan>> {
        const OPEN: super::Sql = sql!(
            "SELECT p.hotel_id, p.worked_at,
                    (SELECT COUNT(*) FROM reservations v
                     WHERE v.hotel_id = p.hotel_id AND v.reservation_id > p.done_to) AS stays
             FROM replans p ORDER BY p.hotel_id"
        );
        let rows: Vec<(String, i64, i64)> = on_read!(self, OPEN, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        let read = |(hotel, worked_at, left): (String, i64, i64)| {
            Ok(OpenReplan { hotel: read_hotel(&hotel)?, left, worked_at: instant(worked_at)? })
        };
        rows.into_iter().map(read).collect()
    }

    /// Plans the next stays of a hotel anew, at most so many; `None` if none is left to be.
    pub async fn replan_part(&self, hotel: &HotelId, most: usize, now: Timestamp) -> Result<Option<Part>> {
        let hotel = hotel.clone();
        self.write(move |tx| async move { part(tx, &hotel, most, now).await }.boxed()).await
    }
}

/// From here on all stays of the hotel are to be planned anew; where triggers never were in force nothing is planned.
/// Call [`lock_hotel`] before.
async fn begin(tx: &mut Tx, hotel: &HotelId, now: Timestamp) -> Result<()> {
    const BEGIN: super::Sql = sql!(
        "INSERT INTO replans (hotel_id, done_to, worked_at)
         SELECT t.hotel_id, '', $2 FROM trigger_sets t WHERE t.hotel_id = $1
         ON CONFLICT (hotel_id) DO UPDATE SET done_to = '', worked_at = excluded.worked_at"
    );
    on_tx!(tx, BEGIN, |q, c| sqlx::query(q).bind(hotel.as_str()).bind(micros(now)).execute(c).await?.rows_affected());
    Ok(())
}

/// See [`Store::replan_part`].
async fn part(tx: &mut Tx, hotel: &HotelId, most: usize, now: Timestamp) -> Result<Option<Part>> {
    const DONE_TO: super::Sql = sql!("SELECT done_to FROM replans WHERE hotel_id = $1");
    const GO_ON: super::Sql = sql!("UPDATE replans SET done_to = $2, worked_at = $3 WHERE hotel_id = $1");
    const END: super::Sql = sql!("DELETE FROM replans WHERE hotel_id = $1");
    lock_hotel(tx, hotel).await?;
    let done_to: Option<String> =
        on_tx!(tx, DONE_TO, |q, c| sqlx::query_scalar(q).bind(hotel.as_str()).fetch_optional(c).await?);
    let Some(done_to) = done_to else { return Ok(None) };
    let ids = page(tx, hotel, &ReservationId(done_to), most).await?;
    let effects = match ids.is_empty() {
        true => Effects::default(),
        false => replan(tx, hotel, Who::These(&ids), now).await?,
    };
    let done = ids.len() < most;
    match ids.last().filter(|_| !done) {
        None => on_tx!(tx, END, |q, c| sqlx::query(q).bind(hotel.as_str()).execute(c).await?.rows_affected()),
        Some(last) => on_tx!(tx, GO_ON, |q, c| sqlx::query(q)
            .bind(hotel.as_str())
            .bind(last.as_str())
            .bind(micros(now))
            .execute(c)
            .await?
            .rows_affected()),
    };
    Ok(Some(Part { stays: ids.len(), effects, done }))
}

/// How many stays one transaction may plan anew, over all its hotels; the rest is left to those that follow.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    /// Some tens of milliseconds.
    pub(super) fn of_one_transaction() -> Self {
        Self(300)
    }

    /// Begins with a hotel, and with few stays it is done.
    pub(super) async fn spend(&mut self, tx: &mut Tx, hotel: &HotelId, now: Timestamp) -> Result<Effects> {
        begin(tx, hotel, now).await?;
        let mut effects = Effects::default();
        while self.0 > 0 {
            let Some(part) = part(tx, hotel, self.0, now).await? else { break };
            // Looking whether there is anything costs too.
            self.0 = self.0.saturating_sub(part.stays.max(10));
            effects += part.effects;
            if part.done {
                break;
            }
        }
        Ok(effects)
    }
}
