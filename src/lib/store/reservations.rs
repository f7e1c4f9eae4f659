//! Reservations: told by a file, a PMS or a person; compared with what is known; kept with what happened to them.
//!
//! [`apply_bookings`] does it all inside a transaction of its caller, and answers with what changed, so that whatever
//! follows from a change (touchpoints) can be replanned in the same transaction.

use super::guests::{Facts, Seeker};
use super::{Result, Store, StoreError, Tx, batch, document, instant, instant_opt, micros, read_document, read_hotel};
use crate::domain::ids::{ChatAddress, GuestId, HotelId, ReservationId};
use crate::domain::stay::{Booking, Reservation};
use crate::domain::stay_change::{ByHand, Known, Telling, Told, is_same, phone_after, set, tell};
use crate::{on_read, on_tx, sql};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// One reservation on its way in.
#[derive(Clone, Debug)]
pub struct ToldRow {
    /// What is told.
    pub told: Told,
    /// Where the channel would deliver to the told phone; `None` without a clear phone.
    pub address: Option<ChatAddress>,
    /// Ids for a guest and a chat, should the person be new.
    pub new_guest: Uuid,
    /// See `new_guest`.
    pub new_chat: Uuid,
}

/// A reservation that is not as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Which.
    pub id: ReservationId,
    /// As it was; `None` if it is new.
    pub before: Option<Reservation>,
    /// As it is.
    pub after: Reservation,
}

/// What telling did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// New and changed ones, in the order of their ids.
    pub changed: Vec<Changed>,
    /// Told again as they were.
    pub same: usize,
    /// Older, by the source's own time, than what is known; not taken.
    pub older: usize,
}

/// Takes the hotel for this transaction: nobody else tells anything about its reservations, or makes a chat, until it
/// ends. To be called first, before any row is locked. On SQLite there is one writer anyway.
pub async fn lock_hotel(tx: &mut Tx, hotel: &HotelId) -> Result<()> {
    const LOCK: super::Sql =
        sql!({lite: "SELECT 1 WHERE $1 IS NULL", pg: "SELECT pg_advisory_xact_lock(746827, hashtext($1)) IS NULL"});
    on_tx!(tx, LOCK, |q, c| sqlx::query(q).bind(hotel.as_str()).execute(c).await?.rows_affected());
    Ok(())
}

/// Whether this hotel has never had reservations told together: the first import is silent about the past.
pub async fn is_first_import(tx: &mut Tx, hotel: &HotelId) -> Result<bool> {
    const IMPORTS: super::Sql =
        sql!("SELECT COUNT(*) FROM (SELECT 1 AS one FROM imports WHERE hotel_id = $1 LIMIT 1) AS i");
    let imports: i64 = on_tx!(tx, IMPORTS, |q, c| sqlx::query_scalar(q).bind(hotel.as_str()).fetch_one(c).await?);
    Ok(imports == 0)
}

/// Many reservations that were told together.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    /// Ours.
    pub id: Uuid,
    /// Who told.
    pub told_by: String,
    /// When.
    pub at: Timestamp,
    /// Reservations told.
    pub told: usize,
    /// Of these new.
    pub created: usize,
    /// Of these changed.
    pub changed: usize,
}

/// Writes down that reservations were told together.
pub async fn record_import(tx: &mut Tx, hotel: &HotelId, import: &ImportRecord) -> Result<()> {
    const RECORD: super::Sql = sql!(
        "INSERT INTO imports (hotel_id, import_id, at, told_by, told, created, changed) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    );
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    on_tx!(tx, RECORD, |q, c| sqlx::query(q)
        .bind(hotel.as_str())
        .bind(import.id.to_string())
        .bind(micros(import.at))
        .bind(&import.told_by)
        .bind(number(import.told))
        .bind(number(import.created))
        .bind(number(import.changed))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// A source that is known to be there.
#[derive(Clone, Copy, Debug)]
pub struct KeepFresh<'a> {
    /// Which.
    pub told_by: &'a str,
    /// Reservations that departed before this day are left as they are.
    pub departing_from: Date,
    /// Now.
    pub at: Timestamp,
}

/// What a source told before is as fresh as its last sign of life. Written at most once an hour for each reservation.
pub async fn keep_fresh(tx: &mut Tx, hotel: &HotelId, source: &KeepFresh<'_>) -> Result<()> {
    const FRESH: super::Sql = sql!(
        "UPDATE reservations SET synced_at = $4
         WHERE hotel_id = $1 AND departure >= $2 AND told_by = $3 AND synced_at < $4 - 3600000000"
    );
    on_tx!(tx, FRESH, |q, c| sqlx::query(q)
        .bind(hotel.as_str())
        .bind(source.departing_from.to_string())
        .bind(source.told_by)
        .bind(micros(source.at))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Tells reservations of one hotel. Of several rows with one id the last one counts. Call [`lock_hotel`] before.
pub async fn apply_bookings(tx: &mut Tx, telling: &Telling<'_>, rows: &[ToldRow]) -> Result<Applied> {
    let rows: BTreeMap<&ReservationId, &ToldRow> = rows.iter().map(|row| (&row.told.booking.id, row)).collect();
    let hotel = &telling.hotel.id;
    let known = known(tx, hotel, rows.keys().copied()).await?;
    let guests = guests_of(tx, telling, &rows, &known).await?;
    let mut applied = Applied::default();
    let (mut writes, mut again, mut facts) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (id, row) in &rows {
        let before = known.get(*id);
        let guest = guests.get(*id).copied().unwrap_or(GuestId(row.new_guest));
        match tell(before, &row.told, guest, telling) {
            None => applied.older += 1,
            Some(after) if before.is_some_and(|before| is_again(before, &after)) => {
                applied.same += 1;
                again.push(SeenRow { id: id.as_str() });
            }
            Some(after) => {
                writes.push(write_row(hotel, &after)?);
                let visible = before.is_none_or(|before| !is_same(&before.reservation, &after.reservation));
                if visible {
                    facts.insert(guest, Facts::of(hotel, guest, &after.reservation.booking));
                    let before = before.map(|before| before.reservation.clone());
                    applied.changed.push(Changed { id: (*id).clone(), before, after: after.reservation });
                } else {
                    applied.same += 1;
                }
            }
        }
    }
    put(tx, &writes).await?;
    seen(tx, hotel, &again, telling).await?;
    super::guests::learn(tx, &facts.into_values().collect::<Vec<_>>()).await?;
    Ok(applied)
}

/// Nothing but the time of telling differs.
fn is_again(before: &Known, after: &Known) -> bool {
    is_same(&before.reservation, &after.reservation) && before.told == after.told && before.as_of == after.as_of
}

/// What a person sets by hand; `None` if there is no such reservation. Call [`lock_hotel`] before.
pub async fn set_by_hand(
    tx: &mut Tx,
    hotel: &HotelId,
    id: &ReservationId,
    by_hand: &ByHand,
    at: Timestamp,
) -> Result<Option<Changed>> {
    let Some(before) = known(tx, hotel, [id].into_iter()).await?.remove(id) else { return Ok(None) };
    let after = set(&before, by_hand, at);
    put(tx, &[write_row(hotel, &after)?]).await?;
    Ok(Some(Changed { id: id.clone(), before: Some(before.reservation), after: after.reservation }))
}

/// Which guest each reservation belongs to: as before while the phone is as before.
async fn guests_of<'r>(
    tx: &mut Tx,
    telling: &Telling<'_>,
    rows: &BTreeMap<&'r ReservationId, &'r ToldRow>,
    known: &HashMap<ReservationId, Known>,
) -> Result<HashMap<&'r ReservationId, GuestId>> {
    let mut guests = HashMap::with_capacity(rows.len());
    let mut wanted = Vec::new();
    for (id, row) in rows {
        let before = known.get(*id);
        let kept = before.map(|before| before.reservation.guest);
        let (phone, is_as_before) = phone_after(before, &row.told);
        match (kept, phone.number().zip(row.address.as_ref())) {
            (Some(guest), _) if is_as_before => drop(guests.insert(*id, guest)),
            // A number that became unclear tells nothing about who it is.
            (Some(guest), None) => drop(guests.insert(*id, guest)),
            (kept, reachable) => wanted.push(Seeker {
                reservation: id,
                reachable: reachable.map(|(phone, address)| (phone.to_owned(), address.clone())),
                // A person whose number was not known gets one; another number is another person.
                own: kept.filter(|_| before.is_some_and(|b| b.reservation.booking.phone.number().is_none())),
                name: row.told.booking.guest_name.clone(),
                new_guest: row.new_guest,
                new_chat: row.new_chat,
                at: telling.at,
            }),
        }
    }
    guests.extend(super::guests::resolve(tx, &telling.hotel.id, &wanted).await?);
    Ok(guests)
}

#[derive(Serialize)]
struct IdRow<'a> {
    id: &'a str,
}

/// Those of these reservations that are known.
pub async fn known(
    tx: &mut Tx,
    hotel: &HotelId,
    ids: impl Iterator<Item = &ReservationId>,
) -> Result<HashMap<ReservationId, Known>> {
    const KNOWN: super::Sql = sql!(
        "SELECT v.hotel_id, v.reservation_id, v.guest_id, v.booking, v.told, v.history, v.told_by, v.as_of, v.synced_at,
                v.silent_before
         FROM " ROWS
        {lite: "CROSS JOIN", pg: "JOIN"}
        " reservations v ON v.hotel_id = $2 AND v.reservation_id = r.value->>'id'"
    );
    let ids: Vec<IdRow<'_>> = ids.map(|id| IdRow { id: id.as_str() }).collect();
    let ids = batch(&ids)?;
    let rows: Vec<ReservationRow> =
        on_tx!(tx, KNOWN, |q, c| sqlx::query_as(q).bind(&ids).bind(hotel.as_str()).fetch_all(c).await?);
    rows.into_iter().map(|row| row.read().map(|known| (known.reservation.booking.id.clone(), known))).collect()
}

/// All reservations of these guests, earlier and later ones, by arrival.
pub async fn stays_of_guests(tx: &mut Tx, hotel: &HotelId, guests: &[GuestId]) -> Result<Vec<Reservation>> {
    const OF_GUESTS: super::Sql = sql!(
        "SELECT v.hotel_id, v.reservation_id, v.guest_id, v.booking, v.told, v.history, v.told_by, v.as_of, v.synced_at,
                v.silent_before
         FROM " ROWS
        {lite: "CROSS JOIN", pg: "JOIN"}
        " reservations v ON v.guest_id = r.value->>'id' AND v.hotel_id = $2
         ORDER BY v.arrival, v.reservation_id"
    );
    let texts: Vec<String> = guests.iter().map(ToString::to_string).collect();
    let ids: Vec<IdRow<'_>> = texts.iter().map(|id| IdRow { id }).collect();
    let ids = batch(&ids)?;
    let rows: Vec<ReservationRow> =
        on_tx!(tx, OF_GUESTS, |q, c| sqlx::query_as(q).bind(&ids).bind(hotel.as_str()).fetch_all(c).await?);
    rows.into_iter().map(|row| row.read().map(|known| known.reservation)).collect()
}

#[derive(sqlx::FromRow)]
struct ReservationRow {
    hotel_id: String,
    reservation_id: String,
    guest_id: String,
    booking: String,
    told: Option<String>,
    history: String,
    told_by: String,
    as_of: Option<i64>,
    synced_at: i64,
    silent_before: Option<i64>,
}

impl ReservationRow {
    fn read(self) -> Result<Known> {
        Ok(Known {
            reservation: Reservation {
                booking: read_document(&self.booking).map_err(|_| self.corrupt())?,
                guest: GuestId(super::read_uuid(&self.guest_id)?),
                history: read_document(&self.history).map_err(|_| self.corrupt())?,
                told_by: self.told_by.clone(),
                synced_at: instant(self.synced_at)?,
                silent_before: instant_opt(self.silent_before)?,
            },
            told: self.told.as_deref().map(read_document).transpose().map_err(|_| self.corrupt())?,
            as_of: instant_opt(self.as_of)?,
        })
    }

    /// Names the row, not the guest.
    fn corrupt(&self) -> StoreError {
        StoreError::Corrupt(format!("a document of reservation {} of {}", self.reservation_id, self.hotel_id))
    }
}

#[derive(Serialize)]
struct WriteRow<'a> {
    hotel: &'a str,
    id: String,
    guest: String,
    status: &'static str,
    arrival: String,
    departure: String,
    room: Option<String>,
    booking: String,
    told: Option<String>,
    history: String,
    by: String,
    as_of: Option<i64>,
    synced: i64,
    silent: Option<i64>,
}

fn write_row<'a>(hotel: &'a HotelId, known: &Known) -> Result<WriteRow<'a>> {
    let reservation = &known.reservation;
    let booking = &reservation.booking;
    Ok(WriteRow {
        hotel: hotel.as_str(),
        id: booking.id.to_string(),
        guest: reservation.guest.to_string(),
        status: booking.status.as_str(),
        arrival: booking.arrival.date.to_string(),
        departure: booking.departure.date.to_string(),
        room: booking.room.clone(),
        booking: document(booking)?,
        told: known.told.as_ref().map(document).transpose()?,
        history: document(&reservation.history)?,
        by: reservation.told_by.clone(),
        as_of: known.as_of.map(micros),
        synced: micros(reservation.synced_at),
        silent: reservation.silent_before.map(micros),
    })
}

async fn put(tx: &mut Tx, rows: &[WriteRow<'_>]) -> Result<()> {
    const PUT: super::Sql = sql!(
        "INSERT INTO reservations (hotel_id, reservation_id, guest_id, status, arrival, departure, room, booking, told,
                                   history, told_by, as_of, synced_at, silent_before)
         SELECT r.value->>'hotel', r.value->>'id', r.value->>'guest', r.value->>'status', r.value->>'arrival',
                r.value->>'departure', r.value->>'room', r.value->>'booking', r.value->>'told', r.value->>'history',
                r.value->>'by', CAST(r.value->>'as_of' AS BIGINT), CAST(r.value->>'synced' AS BIGINT),
                CAST(r.value->>'silent' AS BIGINT)
         FROM " ROWS " WHERE true
         ON CONFLICT (hotel_id, reservation_id) DO UPDATE SET guest_id = excluded.guest_id, status = excluded.status,
           arrival = excluded.arrival, departure = excluded.departure, room = excluded.room,
           booking = excluded.booking, told = excluded.told, history = excluded.history, told_by = excluded.told_by,
           as_of = excluded.as_of, synced_at = excluded.synced_at"
    );
    if rows.is_empty() {
        return Ok(());
    }
    let rows = batch(rows)?;
    on_tx!(tx, PUT, |q, c| sqlx::query(q).bind(&rows).execute(c).await?.rows_affected());
    Ok(())
}

#[derive(Serialize)]
struct SeenRow<'a> {
    id: &'a str,
}

async fn seen(tx: &mut Tx, hotel: &HotelId, rows: &[SeenRow<'_>], telling: &Telling<'_>) -> Result<()> {
    const SEEN: super::Sql = sql!(
        "UPDATE reservations SET synced_at = $3, told_by = $4
         WHERE hotel_id = $2 AND reservation_id IN (SELECT r.value->>'id' FROM " ROWS ")"
    );
    if rows.is_empty() {
        return Ok(());
    }
    let rows = batch(rows)?;
    on_tx!(tx, SEEN, |q, c| sqlx::query(q)
        .bind(&rows)
        .bind(hotel.as_str())
        .bind(micros(telling.at))
        .bind(telling.by)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Which reservations of a hotel to list. Days are in its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those that depart on this day or later, by arrival.
    From(Date),
    /// Those that departed before this day, the latest first.
    Before(Date),
    /// Those that arrive on this day.
    Arriving(Date),
    /// Those checked in, and confirmed ones whose days hold this one: who may be in house.
    Around(Date),
}

/// A reservation with its hotel.
#[derive(Clone, Debug, PartialEq)]
pub struct StayRow {
    /// Whose.
    pub hotel: HotelId,
    /// The reservation.
    pub reservation: Reservation,
    /// What the source told last, if a person set something else.
    pub told: Option<Booking>,
}

impl Store {
    /// Reservations of a hotel.
    pub async fn stays(&self, hotel: &HotelId, wanted: Wanted, limit: i64) -> Result<Vec<StayRow>> {
        const FROM: super::Sql = sql!(
            "SELECT hotel_id, reservation_id, guest_id, booking, told, history, told_by, as_of, synced_at, silent_before
             FROM reservations WHERE hotel_id = $1 AND departure >= $2 ORDER BY arrival, reservation_id LIMIT $3"
        );
        const BEFORE: super::Sql = sql!(
            "SELECT hotel_id, reservation_id, guest_id, booking, told, history, told_by, as_of, synced_at, silent_before
             FROM reservations WHERE hotel_id = $1 AND departure < $2
             ORDER BY departure DESC, reservation_id DESC LIMIT $3"
        );
        const ARRIVING: super::Sql = sql!(
            "SELECT hotel_id, reservation_id, guest_id, booking, told, history, told_by, as_of, synced_at, silent_before
             FROM reservations WHERE hotel_id = $1 AND arrival = $2 ORDER BY reservation_id LIMIT $3"
        );
        const AROUND: super::Sql = sql!(
            "SELECT hotel_id, reservation_id, guest_id, booking, told, history, told_by, as_of, synced_at, silent_before
             FROM reservations
             WHERE hotel_id = $1 AND (status = 'checked_in'
                                      OR (status = 'confirmed' AND arrival <= $2 AND departure >= $2))
             ORDER BY arrival, reservation_id LIMIT $3"
        );
        let (statement, day) = match wanted {
            Wanted::From(day) => (FROM, day),
            Wanted::Before(day) => (BEFORE, day),
            Wanted::Arriving(day) => (ARRIVING, day),
            Wanted::Around(day) => (AROUND, day),
        };
        let rows: Vec<ReservationRow> = on_read!(self, statement, |q, c| sqlx::query_as(q)
            .bind(hotel.as_str())
            .bind(day.to_string())
            .bind(limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(stay_row).collect()
    }

    /// The reservations with this id, at whichever hotels.
    pub async fn find_stays(&self, id: &ReservationId, hotels: &[HotelId]) -> Result<Vec<StayRow>> {
        const FIND: super::Sql = sql!(
            "SELECT hotel_id, reservation_id, guest_id, booking, told, history, told_by, as_of, synced_at, silent_before
             FROM reservations
             WHERE reservation_id = $1 AND hotel_id IN (SELECT hotel_id FROM hotels)
               AND ($2 = '[]' OR hotel_id IN (SELECT value FROM "
            {lite: "json_each($2)", pg: "jsonb_array_elements_text($2::jsonb)"}
            ")) ORDER BY hotel_id"
        );
        let hotels = batch(hotels)?;
        let rows: Vec<ReservationRow> =
            on_read!(self, FIND, |q, c| sqlx::query_as(q).bind(id.as_str()).bind(&hotels).fetch_all(c).await?);
        rows.into_iter().map(stay_row).collect()
    }

    /// All reservations of a guest, by arrival.
    pub async fn stays_of(&self, hotel: &HotelId, guest: GuestId) -> Result<Vec<Reservation>> {
        const OF_GUEST: super::Sql = sql!(
            "SELECT hotel_id, reservation_id, guest_id, booking, told, history, told_by, as_of, synced_at, silent_before
             FROM reservations WHERE hotel_id = $1 AND guest_id = $2 ORDER BY arrival, reservation_id"
        );
        let rows: Vec<ReservationRow> = on_read!(self, OF_GUEST, |q, c| sqlx::query_as(q)
            .bind(hotel.as_str())
            .bind(guest.to_string())
            .fetch_all(c)
            .await?);
        rows.into_iter().map(|row| row.read().map(|known| known.reservation)).collect()
    }
}

fn stay_row(row: ReservationRow) -> Result<StayRow> {
    let hotel = read_hotel(&row.hotel_id)?;
    row.read().map(|known| StayRow { hotel, reservation: known.reservation, told: known.told })
}
