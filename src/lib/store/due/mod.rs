//! Touchpoints that are due: taken, decided on with fresh data and carried out in one transaction, so that a message is
//! planned if and only if its touchpoint is spent. The decision itself is the caller's.
//!
//! A guest is a lane: whoever decides holds the guest's row, so that limits hold across daemons.
//!
//! * here: taking what is due, and having it decided.
//! * `lookout`: what decisions at one hotel are made with.
//! * `ends`: what decisions cause.
//! * `last_look`: messages that wait in the outbox, looked at once more and taken back.

mod ends;
mod last_look;
mod lookout;

pub use ends::{Composed, Decided, Fate};
pub(super) use last_look::{Waiting, give_up, last_looks, take_back, waiting_in_chats};
pub use lookout::Due;
pub(super) use lookout::Lookout;

use super::touchpoints::TouchpointRow;
use super::{Result, Sql, Store, Tx, batch, instant_opt, micros, read_hotel, read_uuid};
use crate::domain::ids::{GuestId, HotelId};
use crate::domain::touchpoint::Touchpoint;
use crate::{on_read, on_tx, sql};
use ends::Ends;
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Looked at.
    pub looked: usize,
    /// Put into the outbox.
    pub sent: usize,
    /// Passed over.
    pub skipped: usize,
}

/// Guests with something due, those that waited longest first; hotels that are stopped or gone, and those whose stays
/// are still being planned anew ([`super::replans`]), are left alone. A join would let PostgreSQL begin with the
/// reservations, a million of them, while it has no figures of the tables yet.
pub const DUE: Sql = sql!(
    "SELECT DISTINCT t.hotel_id, (SELECT v.guest_id FROM reservations v
                                  WHERE v.hotel_id = t.hotel_id AND v.reservation_id = t.reservation_id) AS guest_id
     FROM (SELECT hotel_id, reservation_id FROM touchpoints
           WHERE state = 'planned' AND look_at <= $1
             AND hotel_id NOT IN (SELECT hotel_id FROM hotels WHERE paused_at IS NOT NULL OR retired_at IS NOT NULL)
             AND hotel_id NOT IN (SELECT hotel_id FROM replans)
           ORDER BY look_at, touchpoint_id LIMIT $2) AS t"
);
/// Whoever is being looked at by another daemon is left to it.
const LOCK_GUESTS: Sql = sql!(
    "SELECT g.hotel_id, g.guest_id FROM " ROWS
    " JOIN guests g ON g.guest_id = r.value->>'guest' AND g.hotel_id = r.value->>'hotel'
     ORDER BY g.hotel_id, g.guest_id "
    {lite: "", pg: "FOR NO KEY UPDATE OF g SKIP LOCKED"}
);
const DUE_ROWS: Sql = sql!(
    "SELECT t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence, t.state, t.reason, t.due_at, t.moment,
            t.look_at, t.hotel_id, v.guest_id
     FROM " ROWS
    {lite: "CROSS JOIN", pg: "JOIN"}
    " reservations v ON v.guest_id = r.value->>'guest' AND v.hotel_id = r.value->>'hotel' "
    {lite: "CROSS JOIN", pg: "JOIN"}
    " touchpoints t ON t.hotel_id = v.hotel_id AND t.reservation_id = v.reservation_id
     WHERE t.state = 'planned' AND t.look_at <= $2 ORDER BY t.touchpoint_id "
    {lite: "", pg: "FOR UPDATE OF t"}
);

#[derive(sqlx::FromRow)]
struct DueRow {
    #[sqlx(flatten)]
    row: TouchpointRow,
    hotel_id: String,
    guest_id: String,
}

#[derive(Serialize)]
struct GuestRow {
    hotel: String,
    guest: String,
}

impl Store {
    /// Looks at what is due, of at most so many rows, and does with each what `decide` says. Messages of one guest are
    /// decided one after the other, each knowing what became of those before it.
    pub async fn run_due<D>(&self, now: Timestamp, limit: i64, decide: D) -> Result<Ran>
    where
        D: Fn(&Due) -> Decided + Send + Sync + 'static,
    {
        let decide = Arc::new(decide);
        self.write(move |tx| async move { run(tx, now, limit, &*decide).await }.boxed()).await
    }

    /// When the next touchpoint is due.
    pub async fn next_touchpoint(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        const NEXT: Sql = sql!("SELECT MIN(look_at) FROM touchpoints WHERE state = 'planned' AND look_at > $1");
        let next: Option<i64> =
            on_read!(self, NEXT, |q, c| sqlx::query_scalar(q).bind(micros(now)).fetch_one(c).await?);
        instant_opt(next)
    }
}

async fn run<D>(tx: &mut Tx, now: Timestamp, limit: i64, decide: &D) -> Result<Ran>
where
    D: Fn(&Due) -> Decided,
{
    let due: Vec<(String, String)> =
        on_tx!(tx, DUE, |q, c| sqlx::query_as(q).bind(micros(now)).bind(limit).fetch_all(c).await?);
    if due.is_empty() {
        return Ok(Ran::default());
    }
    let json = guest_rows(due)?;
    let held: Vec<(String, String)> =
        on_tx!(tx, LOCK_GUESTS, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
    let json = guest_rows(held)?;
    let rows: Vec<DueRow> =
        on_tx!(tx, DUE_ROWS, |q, c| sqlx::query_as(q).bind(&json).bind(micros(now)).fetch_all(c).await?);
    let mut ran = Ran::default();
    for (hotel, rows) in by_hotel(rows)? {
        run_hotel(tx, (&hotel, rows), now, decide, &mut ran).await?;
    }
    Ok(ran)
}

fn by_hotel(rows: Vec<DueRow>) -> Result<BTreeMap<HotelId, Vec<(GuestId, Touchpoint)>>> {
    let mut by_hotel: BTreeMap<HotelId, Vec<(GuestId, Touchpoint)>> = BTreeMap::new();
    for row in rows {
        let guest = GuestId(read_uuid(&row.guest_id)?);
        by_hotel.entry(read_hotel(&row.hotel_id)?).or_default().push((guest, row.row.read()?));
    }
    Ok(by_hotel)
}

fn guest_rows(guests: Vec<(String, String)>) -> Result<String> {
    let rows: Vec<GuestRow> = guests.into_iter().map(|(hotel, guest)| GuestRow { hotel, guest }).collect();
    batch(&rows)
}

async fn run_hotel<D>(
    tx: &mut Tx,
    (hotel, rows): (&HotelId, Vec<(GuestId, Touchpoint)>),
    now: Timestamp,
    decide: &D,
    ran: &mut Ran,
) -> Result<()>
where
    D: Fn(&Due) -> Decided,
{
    let Some(mut lookout) = Lookout::open(tx, hotel, rows.iter().map(|(guest, _)| *guest), now).await? else {
        return Ok(());
    };
    lookout.count_contacts_alone(tx).await?;
    let mut ends = Ends::default();
    for (guest, touchpoint) in lookout.in_turn(rows) {
        let Some(due) = lookout.due(guest, touchpoint, None) else { continue };
        let decided = decide(&due);
        ran.looked += 1;
        ran.skipped += usize::from(matches!(decided.fate, Fate::Skip(_)));
        ran.sent += usize::from(matches!(decided.fate, Fate::Send(_)));
        lookout.note(guest, &due, &decided.fate, now);
        ends.take(due, decided);
    }
    ends.run(tx, hotel, lookout.revision, now).await
}
