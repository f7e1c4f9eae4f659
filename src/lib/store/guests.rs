//! Guests: who a reservation's phone belongs to, and what was told about a person.
//!
//! A person is found by the chat that the phone's address leads to, else by the phone, else is new. For a known phone
//! a chat is made at once: we may write first, and the guest's later message finds the same chat and guest.

use super::{Result, Store, Tx, batch, instant, micros, read_hotel, read_uuid};
use crate::domain::conversation::Consent;
use crate::domain::ids::{ChatAddress, GuestId, HotelId, ReservationId};
use crate::domain::language::Language;
use crate::domain::stay::Booking;
use crate::{on_read, on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A reservation that looks for its guest.
pub(super) struct Seeker<'r> {
    pub(super) reservation: &'r ReservationId,
    /// The phone and the channel's address of it.
    pub(super) reachable: Option<(String, ChatAddress)>,
    /// The record to use if nobody is known under this phone.
    pub(super) own: Option<GuestId>,
    pub(super) name: Option<String>,
    pub(super) new_guest: Uuid,
    pub(super) new_chat: Uuid,
    pub(super) at: Timestamp,
}

#[derive(Clone, Serialize)]
struct PersonRow<'a> {
    hotel: &'a str,
    guest: String,
    chat: String,
    name: Option<&'a str>,
    phone: Option<&'a str>,
    address: Option<&'a str>,
    at: i64,
}

const NEW_GUESTS: super::Sql = sql!(
    "INSERT INTO guests (hotel_id, guest_id, name, phone, created_at)
     SELECT r.value->>'hotel', r.value->>'guest', r.value->>'name', r.value->>'phone',
            CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
);
const NEW_CHATS: super::Sql = sql!(
    "INSERT INTO chats (hotel_id, chat_id, guest_id, address, created_at, last_at)
     SELECT r.value->>'hotel', r.value->>'chat', r.value->>'guest', r.value->>'address',
            CAST(r.value->>'at' AS BIGINT), CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS " WHERE true
     ON CONFLICT (hotel_id, address) DO NOTHING"
);
const NEW_ALIASES: super::Sql = sql!(
    "INSERT INTO aliases (hotel_id, address, chat_id)
     SELECT c.hotel_id, c.address, c.chat_id FROM " ROWS
    " JOIN chats c ON c.hotel_id = r.value->>'hotel' AND c.address = r.value->>'address'
     WHERE true
     ON CONFLICT (hotel_id, address) DO NOTHING"
);
const BY_ADDRESS: super::Sql = sql!(
    "SELECT a.address, c.guest_id FROM " ROWS
    " JOIN aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'address'
     JOIN chats c ON c.hotel_id = a.hotel_id AND c.chat_id = a.chat_id"
);
const BY_PHONE: super::Sql = sql!(
    "SELECT g.phone, MIN(g.guest_id) FROM " ROWS
    " JOIN guests g ON g.phone = r.value->>'phone' AND g.hotel_id = r.value->>'hotel'
     WHERE g.merged_into IS NULL GROUP BY g.phone"
);

/// The guest of each; unknown persons are made, with a chat where they can be reached.
pub(super) async fn resolve<'r>(
    tx: &mut Tx,
    hotel: &HotelId,
    wanted: &[Seeker<'r>],
) -> Result<HashMap<&'r ReservationId, GuestId>> {
    let mut guests = HashMap::with_capacity(wanted.len());
    let unreachable: Vec<&Seeker<'_>> = wanted.iter().filter(|one| one.reachable.is_none()).collect();
    let alone: Vec<PersonRow<'_>> = unreachable.iter().map(|one| person(hotel, one, None)).collect();
    run(tx, NEW_GUESTS, &alone).await?;
    guests.extend(unreachable.iter().map(|one| (one.reservation, GuestId(one.new_guest))));

    let by_address = make_reachable(tx, hotel, wanted).await?;
    for one in wanted {
        if let Some((_, address)) = &one.reachable
            && let Some(guest) = by_address.get(address)
        {
            guests.insert(one.reservation, *guest);
        }
    }
    Ok(guests)
}

async fn make_reachable(tx: &mut Tx, hotel: &HotelId, wanted: &[Seeker<'_>]) -> Result<HashMap<ChatAddress, GuestId>> {
    // Several reservations of one phone in a batch are one person: the first one makes the record.
    let mut persons: BTreeMap<&ChatAddress, &Seeker<'_>> = BTreeMap::new();
    for one in wanted {
        if let Some((_, address)) = &one.reachable {
            persons.entry(address).or_insert(one);
        }
    }
    let all: Vec<PersonRow<'_>> = persons.values().map(|one| person(hotel, one, None)).collect();
    let known = by_address(tx, &all).await?;
    persons.retain(|address, _| !known.contains_key(*address));
    if persons.is_empty() {
        return Ok(known);
    }
    let missing: Vec<PersonRow<'_>> = persons.values().map(|one| person(hotel, one, None)).collect();
    let by_phone: HashMap<String, String> = if missing.is_empty() {
        HashMap::new()
    } else {
        let json = batch(&missing)?;
        let rows: Vec<(String, String)> =
            on_tx!(tx, BY_PHONE, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
        rows.into_iter().collect()
    };
    let (mut new_guests, mut new_chats) = (Vec::new(), Vec::new());
    for one in persons.values() {
        let phone = one.reachable.as_ref().map(|(phone, _)| phone.as_str()).unwrap_or_default();
        let known = by_phone.get(phone).map(|id| read_uuid(id)).transpose()?.map(GuestId).or(one.own);
        let row = person(hotel, one, known);
        if known.is_none() {
            new_guests.push(row.clone());
        }
        new_chats.push(row);
    }
    run(tx, NEW_GUESTS, &new_guests).await?;
    let made = run(tx, NEW_CHATS, &new_chats).await?;
    run(tx, NEW_ALIASES, &new_chats).await?;
    // Nobody else makes a chat meanwhile: each is found under its address, and where one stood already it is asked.
    if made < new_chats.len() {
        return by_address(tx, &all).await;
    }
    let mut found = known;
    for row in new_chats {
        let address = row.address.unwrap_or_default();
        found.insert(ChatAddress(address.to_owned()), GuestId(read_uuid(&row.guest)?));
    }
    Ok(found)
}

fn person<'a>(hotel: &'a HotelId, one: &'a Seeker<'_>, known: Option<GuestId>) -> PersonRow<'a> {
    PersonRow {
        hotel: hotel.as_str(),
        guest: known.unwrap_or(GuestId(one.new_guest)).to_string(),
        chat: one.new_chat.to_string(),
        name: one.name.as_deref(),
        phone: one.reachable.as_ref().map(|(phone, _)| phone.as_str()),
        address: one.reachable.as_ref().map(|(_, address)| address.as_str()),
        at: micros(one.at),
    }
}

async fn by_address(tx: &mut Tx, rows: &[PersonRow<'_>]) -> Result<HashMap<ChatAddress, GuestId>> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let json = batch(rows)?;
    let found: Vec<(String, String)> =
        on_tx!(tx, BY_ADDRESS, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
    found.into_iter().map(|(address, guest)| Ok((ChatAddress(address), GuestId(read_uuid(&guest)?)))).collect()
}

/// How many rows it touched.
async fn run<T: Serialize>(tx: &mut Tx, statement: super::Sql, rows: &[T]) -> Result<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    let json = batch(rows)?;
    let touched = on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    Ok(usize::try_from(touched).unwrap_or(usize::MAX))
}

/// What a booking tells about its guest.
#[derive(Serialize)]
pub(super) struct Facts {
    hotel: String,
    guest: String,
    phone: Option<String>,
    email: Option<String>,
    country: Option<String>,
    name: Option<String>,
    language: Option<String>,
}

impl Facts {
    pub(super) fn of(hotel: &HotelId, guest: GuestId, booking: &Booking) -> Self {
        Self {
            hotel: hotel.to_string(),
            guest: guest.to_string(),
            phone: booking.phone.number().map(str::to_owned),
            email: booking.email.clone(),
            country: booking.country.clone(),
            name: booking.guest_name.clone(),
            language: booking.language.map(|language| language.to_string()),
        }
    }
}

/// Keeps what was told. What the guest showed or wrote stays; what was the PMS's word before is its new word now.
pub(super) async fn learn(tx: &mut Tx, facts: &[Facts]) -> Result<()> {
    const LEARN: super::Sql = sql!(
        "UPDATE guests SET phone = COALESCE(r.value->>'phone', guests.phone),
           email = COALESCE(r.value->>'email', guests.email), country = COALESCE(r.value->>'country', guests.country),
           name = CASE WHEN guests.name IS NULL OR guests.name = guests.told_name
                       THEN COALESCE(r.value->>'name', guests.name) ELSE guests.name END,
           language = CASE WHEN guests.language IS NULL OR guests.language = guests.told_language
                           THEN COALESCE(r.value->>'language', guests.language) ELSE guests.language END,
           told_name = COALESCE(r.value->>'name', guests.told_name),
           told_language = COALESCE(r.value->>'language', guests.told_language)
         FROM " ROWS " WHERE guests.hotel_id = r.value->>'hotel' AND guests.guest_id = r.value->>'guest'"
    );
    run(tx, LEARN, facts).await.map(drop)
}

/// A person as kept.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestRecord {
    /// Whose.
    pub hotel: HotelId,
    /// Which.
    pub id: GuestId,
    /// As the PMS spells it, else as the channel shows it; untrusted.
    pub name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// As told.
    pub email: Option<String>,
    /// ISO 3166 code, as told.
    pub country: Option<String>,
    /// What the guest writes, else as told.
    pub language: Option<Language>,
    /// Whether the guest wants messages.
    pub consent: Consent,
    /// When the record was made.
    pub created_at: Timestamp,
    /// How many reservations belong to this guest.
    pub stays: i64,
    /// How many messages were exchanged.
    pub messages: i64,
}

/// Which guests to list.
#[derive(Clone, Debug, Default)]
pub struct GuestFilter {
    /// Only these hotels; empty means all.
    pub hotels: Vec<HotelId>,
    /// The most rows.
    pub limit: i64,
}

#[derive(sqlx::FromRow)]
struct GuestRow {
    hotel_id: String,
    guest_id: String,
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    country: Option<String>,
    language: Option<String>,
    consent: String,
    consent_at: Option<i64>,
    created_at: i64,
    stays: i64,
    messages: i64,
}

impl GuestRow {
    fn read(self) -> Result<GuestRecord> {
        Ok(GuestRecord {
            hotel: read_hotel(&self.hotel_id)?,
            id: GuestId(read_uuid(&self.guest_id)?),
            name: self.name,
            phone: self.phone,
            email: self.email,
            country: self.country,
            language: self.language.as_deref().and_then(Language::parse),
            consent: super::chats::read_consent(&self.consent, self.consent_at)?,
            created_at: instant(self.created_at)?,
            stays: self.stays,
            messages: self.messages,
        })
    }
}

/// A chat of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestAddress {
    /// The chat.
    pub chat: crate::domain::ids::ChatId,
    /// An address that leads to it.
    pub address: ChatAddress,
}

/// What a merge moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// The reservations that belong to another guest now.
    pub changed: Vec<super::reservations::Changed>,
    /// How many chats moved.
    pub chats: u64,
}

impl Store {
    /// Guests with a stay or a message, the latest first.
    pub async fn guests(&self, filter: &GuestFilter) -> Result<Vec<GuestRecord>> {
        const GUESTS: super::Sql = sql!(
            "SELECT * FROM (
               SELECT g.hotel_id, g.guest_id, COALESCE(g.told_name, g.name) AS name, g.phone, g.email, g.country,
                      g.language, g.consent, g.consent_at, g.created_at,
                      (SELECT COUNT(*) FROM reservations v WHERE v.guest_id = g.guest_id AND v.hotel_id = g.hotel_id)
                        AS stays,
                      (SELECT COUNT(*) FROM chats c JOIN messages m ON m.chat_id = c.chat_id AND m.hotel_id = c.hotel_id
                       WHERE c.guest_id = g.guest_id AND c.hotel_id = g.hotel_id) AS messages
               FROM guests g
               WHERE g.merged_into IS NULL AND ($1 = '[]' OR g.hotel_id IN (SELECT value FROM "
            {lite: "json_each($1)", pg: "jsonb_array_elements_text($1::jsonb)"}
            "))) AS counted
             WHERE stays > 0 OR messages > 0
             ORDER BY created_at DESC, guest_id LIMIT $2"
        );
        let hotels = batch(&filter.hotels)?;
        let rows: Vec<GuestRow> =
            on_read!(self, GUESTS, |q, c| sqlx::query_as(q).bind(&hotels).bind(filter.limit).fetch_all(c).await?);
        rows.into_iter().map(GuestRow::read).collect()
    }

    /// The guests that a person's words can mean: an id or its end, a phone, an address.
    pub async fn find_guests(&self, words: &str, hotels: &[HotelId]) -> Result<Vec<GuestRecord>> {
        const FIND: super::Sql = sql!(
            "SELECT g.hotel_id, g.guest_id, COALESCE(g.told_name, g.name) AS name, g.phone, g.email, g.country,
                    g.language, g.consent, g.consent_at, g.created_at,
                    (SELECT COUNT(*) FROM reservations v WHERE v.guest_id = g.guest_id AND v.hotel_id = g.hotel_id)
                      AS stays,
                    (SELECT COUNT(*) FROM chats c JOIN messages m ON m.chat_id = c.chat_id AND m.hotel_id = c.hotel_id
                     WHERE c.guest_id = g.guest_id AND c.hotel_id = g.hotel_id) AS messages
             FROM guests g
             WHERE g.merged_into IS NULL
               AND (g.guest_id = $1 OR g.phone = $2 OR (LENGTH($1) BETWEEN 4 AND 35 AND g.guest_id LIKE '%' || $1)
                    OR EXISTS (SELECT 1 FROM chats c JOIN aliases a ON a.chat_id = c.chat_id AND a.hotel_id = c.hotel_id
                               WHERE c.guest_id = g.guest_id AND c.hotel_id = g.hotel_id AND a.address = $1))
               AND ($3 = '[]' OR g.hotel_id IN (SELECT value FROM "
            {lite: "json_each($3)", pg: "jsonb_array_elements_text($3::jsonb)"}
            "))
             ORDER BY g.hotel_id, g.guest_id"
        );
        // A `%` or `_` would mean any guest.
        let words: String = words.chars().filter(|c| !matches!(c, '%' | '_')).collect();
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        let hotels = batch(hotels)?;
        let rows: Vec<GuestRow> = on_read!(self, FIND, |q, c| sqlx::query_as(q)
            .bind(&words)
            .bind(format!("+{digits}"))
            .bind(&hotels)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(GuestRow::read).collect()
    }

    /// Under which addresses a guest is reached, by chat.
    pub async fn guest_addresses(&self, hotel: &HotelId, guest: GuestId) -> Result<Vec<GuestAddress>> {
        const ADDRESSES: super::Sql = sql!(
            "SELECT c.chat_id, a.address FROM chats c
             JOIN aliases a ON a.chat_id = c.chat_id AND a.hotel_id = c.hotel_id
             WHERE c.hotel_id = $1 AND c.guest_id = $2 ORDER BY c.chat_id, a.address"
        );
        let rows: Vec<(String, String)> = on_read!(self, ADDRESSES, |q, c| sqlx::query_as(q)
            .bind(hotel.as_str())
            .bind(guest.to_string())
            .fetch_all(c)
            .await?);
        rows.into_iter()
            .map(|(chat, address)| {
                let chat = crate::domain::ids::ChatId(read_uuid(&chat)?);
                Ok(GuestAddress { chat, address: ChatAddress(address) })
            })
            .collect()
    }
}

/// Two addresses of which the channel says that they are one person's.
#[derive(Serialize)]
pub(super) struct OnePerson<'a> {
    pub(super) hotel: &'a str,
    pub(super) address: &'a str,
    pub(super) also: &'a str,
}

/// Two records that are one person's. Kept is the one the hotel knows by phone, else the older one.
const TWO_RECORDS: super::Sql = sql!(
    "SELECT ga.hotel_id, ga.guest_id, gb.guest_id,
            CASE WHEN (ga.phone IS NULL AND gb.phone IS NOT NULL)
                      OR ((ga.phone IS NULL) = (gb.phone IS NULL) AND gb.created_at < ga.created_at) THEN 1 ELSE 0 END
     FROM " ROWS
    {lite: "CROSS JOIN", pg: "JOIN"}
    " aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'address' "
    {lite: "CROSS JOIN", pg: "JOIN"}
    " aliases b ON b.hotel_id = a.hotel_id AND b.address = r.value->>'also'
     JOIN chats ca ON ca.chat_id = a.chat_id AND ca.hotel_id = a.hotel_id
     JOIN chats cb ON cb.chat_id = b.chat_id AND cb.hotel_id = b.hotel_id
     JOIN guests ga ON ga.guest_id = ca.guest_id AND ga.hotel_id = ca.hotel_id
     JOIN guests gb ON gb.guest_id = cb.guest_id AND gb.hotel_id = cb.hotel_id
     WHERE ca.guest_id <> cb.guest_id ORDER BY ga.hotel_id, ga.guest_id, gb.guest_id"
);

/// Makes records one that turn out to be one person's, and plans their stays anew: what one asked for holds for both,
/// what one heard counts for both. Comes before anything else of a transaction, because it locks hotels.
pub(super) async fn unite(tx: &mut Tx, people: &[OnePerson<'_>], at: Timestamp) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let json = batch(people)?;
    let mut locked: Vec<HotelId> = Vec::new();
    loop {
        let pairs: Vec<(String, String, String, i32)> =
            on_tx!(tx, TWO_RECORDS, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
        let hotels: std::collections::BTreeSet<&str> = pairs.iter().map(|pair| pair.0.as_str()).collect();
        let Some((hotel, one, two, second)) = pairs.first() else { return Ok(()) };
        if locked.is_empty() {
            for hotel in hotels {
                let hotel = read_hotel(hotel)?;
                super::reservations::lock_hotel(tx, &hotel).await?;
                locked.push(hotel);
            }
            // Whoever held the lock may have made them one meanwhile.
            continue;
        }
        let hotel = read_hotel(hotel)?;
        let (keep, other) = if *second == 1 { (two, one) } else { (one, two) };
        let (keep, other) = (GuestId(read_uuid(keep)?), GuestId(read_uuid(other)?));
        merge(tx, &hotel, keep, other).await?;
        let stays = super::reservations::stays_of_guests(tx, &hotel, &[keep]).await?;
        let ids: Vec<ReservationId> = stays.into_iter().map(|stay| stay.booking.id).collect();
        super::touchpoints::replan(tx, &hotel, super::touchpoints::Who::These(&ids), at).await?;
        tracing::info!(hotel = %hotel, guest = %keep, "two addresses are one person's; their records are one now");
    }
}

/// Makes two records of one person one: chats and stays of `other` belong to `keep` from now on. A wish for silence of
/// either holds. Call [`super::reservations::lock_hotel`] before.
pub async fn merge(tx: &mut Tx, hotel: &HotelId, keep: GuestId, other: GuestId) -> Result<Merged> {
    const STAYS: super::Sql = sql!("UPDATE reservations SET guest_id = $2 WHERE hotel_id = $1 AND guest_id = $3");
    // A turn that is being decided was gathered for the other record: it is taken and decided anew.
    const CHATS: super::Sql = sql!(
        "UPDATE chats SET guest_id = $2, epoch = epoch + 1, lease_by = NULL, lease_until = NULL
         WHERE hotel_id = $1 AND guest_id = $3"
    );
    const KEEP: super::Sql = sql!(
        "UPDATE guests SET name = COALESCE(guests.name, o.name), phone = COALESCE(guests.phone, o.phone),
           email = COALESCE(guests.email, o.email), country = COALESCE(guests.country, o.country),
           language = COALESCE(guests.language, o.language), told_name = COALESCE(guests.told_name, o.told_name),
           told_language = COALESCE(guests.told_language, o.told_language),
           consent = CASE WHEN o.consent = 'opted_out' OR guests.consent = 'unknown' THEN o.consent ELSE guests.consent END,
           consent_at = CASE WHEN o.consent = 'opted_out' OR guests.consent = 'unknown' THEN o.consent_at
                             ELSE guests.consent_at END
         FROM guests o
         WHERE guests.hotel_id = $1 AND guests.guest_id = $2 AND o.hotel_id = $1 AND o.guest_id = $3"
    );
    const GONE: super::Sql =
        sql!("UPDATE guests SET merged_into = $2 WHERE hotel_id = $1 AND (guest_id = $3 OR merged_into = $3)");
    // Never answer over a human: who leads one chat of a person leads them all.
    const LEADS: super::Sql = sql!(
        "UPDATE chats SET mode = l.mode, mode_since = l.mode_since, mode_until = l.mode_until, mode_why = l.mode_why
         FROM chats l
         WHERE chats.hotel_id = $1 AND chats.guest_id IN ($2, $3) AND chats.mode = 'bot' AND l.hotel_id = $1
           AND l.chat_id = (SELECT o.chat_id FROM chats o
                            WHERE o.hotel_id = $1 AND o.guest_id IN ($2, $3) AND o.mode = 'handoff'
                            ORDER BY o.mode_since DESC, o.chat_id LIMIT 1)"
    );
    let before = super::reservations::stays_of_guests(tx, hotel, &[other]).await?;
    let mut moved = [0; 5];
    for (count, statement) in moved.iter_mut().zip([STAYS, CHATS, KEEP, GONE, LEADS]) {
        *count = on_tx!(tx, statement, |q, c| sqlx::query(q)
            .bind(hotel.as_str())
            .bind(keep.to_string())
            .bind(other.to_string())
            .execute(c)
            .await?
            .rows_affected());
    }
    let changed = before.into_iter().map(|before| {
        let after = crate::domain::stay::Reservation { guest: keep, ..before.clone() };
        super::reservations::Changed { id: before.booking.id.clone(), before: Some(before), after }
    });
    Ok(Merged { changed: changed.collect(), chats: moved[1] })
}
