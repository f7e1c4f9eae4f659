//! The chat behind an address. A new one gets a guest and a chat, once, whoever meets it.

use crate::domain::ids::{ChatAddress, ChatId, HotelId};
use crate::store::guests::{self, OnePerson};
use crate::store::inbox::Chats;
use crate::store::{Result, Sql, Tx, batch, micros, read_hotel, read_uuid};
use crate::{on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// An address that may be new.
pub(in crate::store) struct NewAddress {
    pub(in crate::store) hotel: HotelId,
    pub(in crate::store) address: ChatAddress,
    pub(in crate::store) also: Option<ChatAddress>,
    pub(in crate::store) name: Option<String>,
    pub(in crate::store) guest: Uuid,
    pub(in crate::store) chat: Uuid,
    pub(in crate::store) at: Timestamp,
}

#[derive(Serialize)]
struct AddressRow<'a> {
    hotel: &'a str,
    address: &'a str,
    also: Option<&'a str>,
    name: Option<&'a str>,
    guest: String,
    chat: String,
    at: i64,
}

const KNOWN: Sql = sql!(
    "SELECT a.hotel_id, a.address, a.chat_id FROM " ROWS
    " JOIN aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'address'"
);
const NEW_GUESTS: Sql = sql!(
    "INSERT INTO guests (hotel_id, guest_id, name, created_at)
     SELECT r.value->>'hotel', r.value->>'guest', r.value->>'name', CAST(r.value->>'at' AS BIGINT) FROM " ROWS
);
const NEW_CHATS: Sql = sql!(
    "INSERT INTO chats (hotel_id, chat_id, guest_id, address, created_at, last_at)
     SELECT r.value->>'hotel', r.value->>'chat', r.value->>'guest', r.value->>'address',
            CAST(r.value->>'at' AS BIGINT), CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS " WHERE true
     ON CONFLICT (hotel_id, address) DO NOTHING"
);
const NEW_ALIASES: Sql = sql!(
    "INSERT INTO aliases (hotel_id, address, chat_id)
     SELECT c.hotel_id, c.address, c.chat_id FROM " ROWS
    " JOIN chats c ON c.hotel_id = r.value->>'hotel' AND c.address = r.value->>'address'
     WHERE true
     ON CONFLICT (hotel_id, address) DO NOTHING"
);
const ALSO_KNOWN: Sql = sql!(
    "INSERT INTO aliases (hotel_id, address, chat_id)
     SELECT a.hotel_id, r.value->>'also', a.chat_id FROM " ROWS
    " JOIN aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'address'
     WHERE r.value->>'also' IS NOT NULL
     ON CONFLICT (hotel_id, address) DO NOTHING"
);
/// A new address whose second address is known is the same person: no new chat.
const BY_SECOND: Sql = sql!(
    "INSERT INTO aliases (hotel_id, address, chat_id)
     SELECT a.hotel_id, r.value->>'address', a.chat_id FROM " ROWS
    " JOIN aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'also'
     WHERE true
     ON CONFLICT (hotel_id, address) DO NOTHING"
);

/// Two daemons that meet the same new person at once, under whichever addresses, take turns. SQLite has one writer.
const ONE_AT_A_TIME: Sql = sql!(
    {lite: "SELECT 1 WHERE $1 IS NULL", pg: "SELECT pg_advisory_xact_lock(746826, lane) IS NULL
     FROM (SELECT DISTINCT hashtext((r.value->>'hotel') || ' ' || address) AS lane
           FROM jsonb_array_elements($1::jsonb) AS r(value),
                LATERAL (VALUES (r.value->>'address'), (r.value->>'also')) AS a(address)
           WHERE address IS NOT NULL ORDER BY lane) AS lanes"}
);

/// Whoever makes a chat shares its hotel with others who do, and shuts out those who tell the hotel's reservations
/// (`reservations::lock_hotel`): they make chats for phones, too, and too many to take each address by itself.
const WITH_OTHERS: Sql = sql!(
    {lite: "SELECT 1 WHERE $1 IS NULL", pg: "SELECT pg_advisory_xact_lock_shared(746827, lane) IS NULL
     FROM (SELECT DISTINCT hashtext(r.value->>'hotel') AS lane
           FROM jsonb_array_elements($1::jsonb) AS r(value) ORDER BY lane) AS lanes"}
);

/// The chat behind each address; unknown ones get a guest and a chat.
pub(in crate::store) async fn resolve(tx: &mut Tx, addresses: &[NewAddress]) -> Result<Chats> {
    if addresses.is_empty() {
        return Ok(HashMap::new());
    }
    let people: Vec<OnePerson<'_>> = addresses.iter().filter_map(one_person).collect();
    if let Some(at) = addresses.iter().map(|new| new.at).max() {
        guests::unite(tx, &people, at).await?;
    }
    let all = rows(addresses.iter())?;
    let mut known = lookup(tx, &all).await?;
    let some_are_new = missing(addresses, &known).next().is_some();
    if some_are_new {
        let unknown = rows(missing(addresses, &known))?;
        on_tx!(tx, WITH_OTHERS, |q, c| sqlx::query(q).bind(&unknown).execute(c).await?.rows_affected());
        on_tx!(tx, ONE_AT_A_TIME, |q, c| sqlx::query(q).bind(&unknown).execute(c).await?.rows_affected());
        on_tx!(tx, BY_SECOND, |q, c| sqlx::query(q).bind(&unknown).execute(c).await?.rows_affected());
        known = lookup(tx, &all).await?;
        make_chats(tx, &first_of_each_person(missing(addresses, &known))).await?;
    }
    let some_have_two = addresses.iter().any(|new| new.also.is_some());
    if some_have_two {
        on_tx!(tx, ALSO_KNOWN, |q, c| sqlx::query(q).bind(&all).execute(c).await?.rows_affected());
        on_tx!(tx, BY_SECOND, |q, c| sqlx::query(q).bind(&all).execute(c).await?.rows_affected());
    }
    if some_are_new || some_have_two { lookup(tx, &all).await } else { Ok(known) }
}

fn one_person(new: &NewAddress) -> Option<OnePerson<'_>> {
    let also = new.also.as_ref()?.as_str();
    Some(OnePerson { hotel: new.hotel.as_str(), address: new.address.as_str(), also })
}

fn missing<'a>(addresses: &'a [NewAddress], known: &'a Chats) -> impl Iterator<Item = &'a NewAddress> + 'a {
    addresses.iter().filter(|new| !known.contains_key(&(new.hotel.clone(), new.address.clone())))
}

async fn make_chats(tx: &mut Tx, people: &[&NewAddress]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let json = rows(people.iter().copied())?;
    for statement in [NEW_GUESTS, NEW_CHATS, NEW_ALIASES, ALSO_KNOWN] {
        on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    }
    Ok(())
}

/// Of several new addresses of one person in a batch only the first makes a chat; the others become its aliases.
fn first_of_each_person<'a>(new: impl Iterator<Item = &'a NewAddress>) -> Vec<&'a NewAddress> {
    let mut people: Vec<&NewAddress> = Vec::new();
    let mut met: HashSet<(&HotelId, &ChatAddress)> = HashSet::new();
    for one in new {
        let known = met.contains(&(&one.hotel, &one.address))
            || one.also.as_ref().is_some_and(|also| met.contains(&(&one.hotel, also)));
        met.insert((&one.hotel, &one.address));
        met.extend(one.also.as_ref().map(|also| (&one.hotel, also)));
        if !known {
            people.push(one);
        }
    }
    people
}

fn rows<'a>(addresses: impl Iterator<Item = &'a NewAddress>) -> Result<String> {
    let rows: Vec<AddressRow<'a>> = addresses
        .map(|new| AddressRow {
            hotel: new.hotel.as_str(),
            address: new.address.as_str(),
            also: new.also.as_ref().map(ChatAddress::as_str),
            name: new.name.as_deref(),
            guest: new.guest.to_string(),
            chat: new.chat.to_string(),
            at: micros(new.at),
        })
        .collect();
    batch(&rows)
}

async fn lookup(tx: &mut Tx, json: &str) -> Result<Chats> {
    let found: Vec<(String, String, String)> =
        on_tx!(tx, KNOWN, |q, c| sqlx::query_as(q).bind(json).fetch_all(c).await?);
    found
        .into_iter()
        .map(|(hotel, address, chat)| Ok(((read_hotel(&hotel)?, ChatAddress(address)), ChatId(read_uuid(&chat)?))))
        .collect()
}
