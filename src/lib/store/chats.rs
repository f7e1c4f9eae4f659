//! Conversations: who is behind an address, whose turn it is, and who leads.

use super::{Result, Store, Tx, batch, instant, instant_opt, micros, read_document, read_hotel, read_uuid};
use crate::domain::asking::OpenQuestion;
use crate::domain::conversation::{Consent, Conversation, HandoffReason, Mode};
use crate::domain::ids::{ChatAddress, ChatId, GuestId, HotelId, InboxId};
use crate::domain::language::Language;
use crate::domain::message::Message;
use crate::domain::received::Received;
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// An address that may be new.
pub(super) struct NewAddress {
    pub(super) hotel: HotelId,
    pub(super) address: ChatAddress,
    pub(super) also: Option<ChatAddress>,
    pub(super) name: Option<String>,
    pub(super) guest: Uuid,
    pub(super) chat: Uuid,
    pub(super) at: Timestamp,
}

/// A chat taken for one turn. `epoch` fences: whoever took it later makes this one's commit void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub hotel: HotelId,
    /// Which.
    pub chat: ChatId,
    /// The count of takers.
    pub epoch: i64,
}

/// How chats are taken.
#[derive(Clone, Debug)]
pub struct TakeChats {
    /// The daemon.
    pub by: Uuid,
    /// Now.
    pub now: Timestamp,
    /// Without a sign of life the taking ends then.
    pub until: Timestamp,
    /// The most chats.
    pub limit: i64,
    /// Hotels to leave out.
    pub busy: Vec<HotelId>,
}

/// Everything needed to decide about a taken chat.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The taking.
    pub claim: Claim,
    /// As it is now.
    pub conversation: Conversation,
    /// What waits, in the order of receipt.
    pub waiting: Vec<Waiting>,
    /// The last messages before those that wait, oldest first.
    pub recent: Vec<Message>,
    /// The questions that wait for an answer, or did lately; the newest first.
    pub questions: Vec<OpenQuestion>,
    /// How often this turn was decided anew because more came.
    pub reruns: i64,
}

/// One row that waits in a chat.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The order of receipt.
    pub seq: i64,
    /// The row, and the message of the same id.
    pub id: InboxId,
    /// When it came.
    pub received_at: Timestamp,
    /// What it is.
    pub received: Received,
}

/// How many earlier messages a decision sees.
const RECENT: i64 = 32;
/// How many waiting messages one turn takes: more wait for the next.
const WAITING: i64 = 50;

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

const KNOWN: super::Sql = sql!(
    "SELECT a.hotel_id, a.address, a.chat_id FROM " ROWS
    " JOIN aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'address'"
);
const NEW_GUESTS: super::Sql = sql!(
    "INSERT INTO guests (hotel_id, guest_id, name, created_at)
     SELECT r.value->>'hotel', r.value->>'guest', r.value->>'name', CAST(r.value->>'at' AS BIGINT) FROM " ROWS
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
const ALSO_KNOWN: super::Sql = sql!(
    "INSERT INTO aliases (hotel_id, address, chat_id)
     SELECT a.hotel_id, r.value->>'also', a.chat_id FROM " ROWS
    " JOIN aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'address'
     WHERE r.value->>'also' IS NOT NULL
     ON CONFLICT (hotel_id, address) DO NOTHING"
);
/// A new address whose second address is known is the same person: no new chat.
const BY_SECOND: super::Sql = sql!(
    "INSERT INTO aliases (hotel_id, address, chat_id)
     SELECT a.hotel_id, r.value->>'address', a.chat_id FROM " ROWS
    " JOIN aliases a ON a.hotel_id = r.value->>'hotel' AND a.address = r.value->>'also'
     WHERE true
     ON CONFLICT (hotel_id, address) DO NOTHING"
);

/// Two daemons that meet the same new person at once, under whichever addresses, take turns. SQLite has one writer.
const ONE_AT_A_TIME: super::Sql = sql!(
    {lite: "SELECT 1 WHERE $1 IS NULL", pg: "SELECT pg_advisory_xact_lock(746826, lane) IS NULL
     FROM (SELECT DISTINCT hashtext((r.value->>'hotel') || ' ' || address) AS lane
           FROM jsonb_array_elements($1::jsonb) AS r(value),
                LATERAL (VALUES (r.value->>'address'), (r.value->>'also')) AS a(address)
           WHERE address IS NOT NULL ORDER BY lane) AS lanes"}
);

/// Whoever makes a chat shares its hotel with others who do, and shuts out those who tell the hotel's reservations
/// (`reservations::lock_hotel`): they make chats for phones, too, and too many to take each address by itself.
const WITH_OTHERS: super::Sql = sql!(
    {lite: "SELECT 1 WHERE $1 IS NULL", pg: "SELECT pg_advisory_xact_lock_shared(746827, lane) IS NULL
     FROM (SELECT DISTINCT hashtext(r.value->>'hotel') AS lane
           FROM jsonb_array_elements($1::jsonb) AS r(value) ORDER BY lane) AS lanes"}
);

/// The chat behind each address; unknown ones get a guest and a chat.
pub(super) async fn resolve(tx: &mut Tx, addresses: &[NewAddress]) -> Result<super::inbox::Chats> {
    if addresses.is_empty() {
        return Ok(HashMap::new());
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

fn missing<'a>(
    addresses: &'a [NewAddress],
    known: &'a super::inbox::Chats,
) -> impl Iterator<Item = &'a NewAddress> + 'a {
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

async fn lookup(tx: &mut Tx, json: &str) -> Result<super::inbox::Chats> {
    let found: Vec<(String, String, String)> =
        on_tx!(tx, KNOWN, |q, c| sqlx::query_as(q).bind(json).fetch_all(c).await?);
    found
        .into_iter()
        .map(|(hotel, address, chat)| Ok(((read_hotel(&hotel)?, ChatAddress(address)), ChatId(read_uuid(&chat)?))))
        .collect()
}

/// The inner query runs once, whatever the planner thinks: run again, it would lock and take others than it named.
const CLAIM: super::Sql = sql!(
    "WITH next AS MATERIALIZED (
       SELECT hotel_id, chat_id FROM chats
       WHERE due_at <= $3 AND (lease_until IS NULL OR lease_until < $3)
         AND hotel_id NOT IN (SELECT value FROM "
    {lite: "json_each($5)", pg: "jsonb_array_elements_text($5::jsonb)"}
    ")
       ORDER BY due_at, chat_id LIMIT $4 "
    {lite: "", pg: "FOR NO KEY UPDATE SKIP LOCKED"}
    ")
     UPDATE chats SET lease_by = $1, lease_until = $2, epoch = epoch + 1
     FROM next WHERE chats.hotel_id = next.hotel_id AND chats.chat_id = next.chat_id
     RETURNING chats.hotel_id, chats.chat_id, chats.epoch"
);
const RENEW: super::Sql = sql!(
    "UPDATE chats SET lease_until = $3 FROM " ROWS
    " WHERE chats.hotel_id = r.value->>'hotel' AND chats.chat_id = r.value->>'chat'
       AND chats.epoch = CAST(r.value->>'epoch' AS BIGINT) AND chats.lease_by || '' = $2 AND chats.lease_until >= $4"
);
const RELEASE_ALL: super::Sql = sql!("UPDATE chats SET lease_by = NULL, lease_until = NULL WHERE lease_by IS NOT NULL");

async fn claim(tx: &mut Tx, take: &TakeChats) -> Result<Vec<Claim>> {
    let busy = batch(&take.busy)?;
    let rows: Vec<(String, String, i64)> = on_tx!(tx, CLAIM, |q, c| sqlx::query_as(q)
        .bind(take.by.to_string())
        .bind(micros(take.until))
        .bind(micros(take.now))
        .bind(take.limit)
        .bind(&busy)
        .fetch_all(c)
        .await?);
    rows.into_iter()
        .map(|(hotel, chat, epoch)| Ok(Claim { hotel: read_hotel(&hotel)?, chat: ChatId(read_uuid(&chat)?), epoch }))
        .collect()
}

impl Store {
    /// Takes chats in which something is due, one taker a chat.
    pub async fn claim_chats(&self, take: TakeChats) -> Result<Vec<Claim>> {
        self.write(move |tx| async move { claim(tx, &take).await }.boxed()).await
    }

    /// Keeps these takings; what already ran out stays lost. Only what is really being worked on may be named here:
    /// a taking whose work was given up must run out, or nobody would ever answer in its chat.
    pub async fn renew_claims(&self, by: Uuid, claims: Vec<Claim>, now: Timestamp, until: Timestamp) -> Result<u64> {
        if claims.is_empty() {
            return Ok(0);
        }
        self.write(move |tx| {
            async move {
                let keys: Vec<KeyRow<'_>> = claims.iter().map(KeyRow::of).collect();
                let keys = batch(&keys)?;
                Ok(on_tx!(tx, RENEW, |q, c| sqlx::query(q)
                    .bind(&keys)
                    .bind(by.to_string())
                    .bind(micros(until))
                    .bind(micros(now))
                    .execute(c)
                    .await?
                    .rows_affected()))
            }
            .boxed()
        })
        .await
    }

    /// Frees everything, for a daemon that knows it is the only one and has just started.
    pub async fn release_all_claims(&self) -> Result<u64> {
        self.write(|tx| {
            async move { Ok(on_tx!(tx, RELEASE_ALL, |q, c| sqlx::query(q).execute(c).await?.rows_affected())) }.boxed()
        })
        .await
    }

    /// When the next chat that nobody has taken is due; it may be overdue.
    pub async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        const NEXT: super::Sql = sql!(
            "SELECT due_at FROM chats WHERE due_at IS NOT NULL AND (lease_until IS NULL OR lease_until < $1)
             ORDER BY due_at LIMIT 1"
        );
        let next: Option<i64> =
            on_read!(self, NEXT, |q, c| sqlx::query_scalar(q).bind(micros(now)).fetch_optional(c).await?);
        instant_opt(next)
    }

    /// Gives a taken chat back undecided; it is due again if something waits in it.
    pub async fn release_claim(&self, claim: Claim, by: Uuid) -> Result<()> {
        const GIVE_BACK: super::Sql = sql!(
            "UPDATE chats SET lease_by = NULL, lease_until = NULL,
               due_at = CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = chats.hotel_id
                                          AND i.chat_id = chats.chat_id AND i.state = 'available') THEN due_at END
             WHERE hotel_id = $1 AND chat_id = $2 AND epoch = $3 AND lease_by = $4"
        );
        self.write(move |tx| {
            async move {
                on_tx!(tx, GIVE_BACK, |q, c| sqlx::query(q)
                    .bind(claim.hotel.as_str())
                    .bind(claim.chat.to_string())
                    .bind(claim.epoch)
                    .bind(by.to_string())
                    .execute(c)
                    .await?
                    .rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Gives a taken chat back, not to be taken before a later instant.
    pub async fn put_off(&self, put_off: PutOff) -> Result<()> {
        self.write(move |tx| async move { put_chat_off(tx, &put_off).await }.boxed()).await
    }

    /// What deciding about these chats at this instant needs.
    pub async fn gather(&self, claims: Vec<Claim>, now: Timestamp) -> Result<Vec<Gathered>> {
        let keys: Vec<KeyRow<'_>> = claims.iter().map(KeyRow::of).collect();
        let keys = batch(&keys)?;
        let mut conversations = self.conversations(&keys).await?;
        let mut waiting = self.waiting(&keys).await?;
        let mut recent = super::turns::recent(self, &keys, RECENT).await?;
        let mut questions = super::questions::of_chats(self, &keys, now).await?;
        Ok(claims
            .into_iter()
            .filter_map(|claim| {
                let key = (claim.hotel.clone(), claim.chat);
                let (conversation, reruns) = conversations.remove(&key)?;
                Some(Gathered {
                    conversation,
                    reruns,
                    waiting: waiting.remove(&key).unwrap_or_default(),
                    recent: recent.remove(&key).unwrap_or_default(),
                    questions: questions.remove(&key).unwrap_or_default(),
                    claim,
                })
            })
            .collect())
    }

    async fn conversations(&self, keys: &str) -> Result<HashMap<(HotelId, ChatId), (Conversation, i64)>> {
        const CONVERSATIONS: super::Sql = sql!(
            "SELECT c.hotel_id, c.chat_id, c.guest_id, c.address, c.mode, c.mode_since, c.mode_until, c.mode_why,
                    c.waiting_since, c.reruns, g.name, g.language, g.consent, g.consent_at
             FROM " ROWS
            " JOIN chats c ON c.hotel_id = r.value->>'hotel' AND c.chat_id = r.value->>'chat'
             JOIN guests g ON g.hotel_id = c.hotel_id AND g.guest_id = c.guest_id"
        );
        let rows: Vec<ConversationRow> =
            on_read!(self, CONVERSATIONS, |q, c| sqlx::query_as(q).bind(keys).fetch_all(c).await?);
        rows.into_iter()
            .map(|row| {
                let hotel = read_hotel(&row.hotel_id)?;
                let reruns = row.reruns;
                let conversation = row.read()?;
                Ok(((hotel, conversation.id), (conversation, reruns)))
            })
            .collect()
    }

    async fn waiting(&self, keys: &str) -> Result<HashMap<(HotelId, ChatId), Vec<Waiting>>> {
        const WAITING_ROWS: super::Sql = sql!(
            "SELECT i.hotel_id, i.chat_id, i.seq, i.inbox_id, i.received_at, i.event
             FROM " ROWS
            {lite: "JOIN inbox i ON i.seq IN", pg: "CROSS JOIN LATERAL"}
            " (SELECT " {lite: "w.seq", pg: "w.*"} " FROM inbox w
               WHERE w.hotel_id = r.value->>'hotel' AND w.chat_id = r.value->>'chat' AND w.state = 'available'
               ORDER BY w.seq LIMIT $2)"
            {lite: "", pg: " AS i"}
            " ORDER BY i.seq"
        );
        let rows: Vec<(String, String, i64, String, i64, String)> =
            on_read!(self, WAITING_ROWS, |q, c| sqlx::query_as(q).bind(keys).bind(WAITING).fetch_all(c).await?);
        let mut waiting: HashMap<(HotelId, ChatId), Vec<Waiting>> = HashMap::new();
        for (hotel, chat, seq, id, at, event) in rows {
            waiting.entry((read_hotel(&hotel)?, ChatId(read_uuid(&chat)?))).or_default().push(Waiting {
                seq,
                id: InboxId(read_uuid(&id)?),
                received_at: instant(at)?,
                received: read_document(&event)?,
            });
        }
        Ok(waiting)
    }
}

/// A chat whose turn came to no end.
#[derive(Clone, Debug)]
pub struct PutOff {
    /// The taking.
    pub claim: Claim,
    /// Who took it.
    pub by: Uuid,
    /// Now.
    pub now: Timestamp,
    /// Not to be taken before.
    pub due_at: Timestamp,
    /// Messages that may be the reason: each try is counted.
    pub failed: Vec<InboxId>,
    /// After so many tries a message is left to a person, and the chat goes on without it.
    pub most_tries: i64,
}

async fn put_chat_off(tx: &mut Tx, put_off: &PutOff) -> Result<()> {
    const COUNT_TRY: super::Sql = sql!(
        "UPDATE inbox SET attempts = attempts + 1, note = 'its turn failed',
           state = CASE WHEN attempts + 1 >= $2 THEN 'failed' ELSE state END,
           done_at = CASE WHEN attempts + 1 >= $2 THEN CAST($3 AS BIGINT) END
         FROM " ROWS
        " WHERE inbox.hotel_id = r.value->>'hotel' AND inbox.inbox_id = r.value->>'id' AND inbox.state || '' = 'available'"
    );
    const PUT_OFF: super::Sql = sql!(
        "UPDATE chats SET lease_by = NULL, lease_until = NULL,
           due_at = CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = chats.hotel_id
                                      AND i.chat_id = chats.chat_id AND i.state = 'available') THEN CAST($5 AS BIGINT) END,
           waiting_since = CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = chats.hotel_id
                                             AND i.state IN ('quarantined', 'failed')
                                             AND i.chat_id = chats.chat_id AND i.state = 'failed' AND i.done_at = $6)
                                THEN COALESCE(waiting_since, $6) ELSE waiting_since END
         WHERE hotel_id = $1 AND chat_id = $2 AND epoch = $3 AND lease_by = $4"
    );
    #[derive(Serialize)]
    struct Failed<'a> {
        hotel: &'a str,
        id: String,
    }
    let hotel = put_off.claim.hotel.as_str();
    let failed: Vec<Failed<'_>> = put_off.failed.iter().map(|id| Failed { hotel, id: id.to_string() }).collect();
    let failed = batch(&failed)?;
    let now = micros(put_off.now);
    on_tx!(tx, COUNT_TRY, |q, c| sqlx::query(q)
        .bind(&failed)
        .bind(put_off.most_tries)
        .bind(now)
        .execute(c)
        .await?
        .rows_affected());
    on_tx!(tx, PUT_OFF, |q, c| sqlx::query(q)
        .bind(hotel)
        .bind(put_off.claim.chat.to_string())
        .bind(put_off.claim.epoch)
        .bind(put_off.by.to_string())
        .bind(micros(put_off.due_at))
        .bind(now)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// A chat in a batch.
#[derive(Serialize)]
pub(super) struct KeyRow<'a> {
    hotel: &'a str,
    chat: String,
    epoch: i64,
}

impl<'a> KeyRow<'a> {
    fn of(claim: &'a Claim) -> Self {
        Self { hotel: claim.hotel.as_str(), chat: claim.chat.to_string(), epoch: claim.epoch }
    }
}

/// A conversation with its guest, as stored.
#[derive(sqlx::FromRow)]
pub(super) struct ConversationRow {
    pub(super) hotel_id: String,
    chat_id: String,
    guest_id: String,
    address: String,
    mode: String,
    mode_since: Option<i64>,
    mode_until: Option<i64>,
    mode_why: Option<String>,
    waiting_since: Option<i64>,
    #[sqlx(default)]
    reruns: i64,
    name: Option<String>,
    language: Option<String>,
    consent: String,
    consent_at: Option<i64>,
}

impl ConversationRow {
    pub(super) fn read(self) -> Result<Conversation> {
        Ok(Conversation {
            id: ChatId(read_uuid(&self.chat_id)?),
            guest: GuestId(read_uuid(&self.guest_id)?),
            address: ChatAddress(self.address),
            name: self.name,
            language: self.language.as_deref().and_then(Language::parse),
            mode: read_mode(&self.mode, self.mode_since, self.mode_until, self.mode_why.as_deref())?,
            consent: read_consent(&self.consent, self.consent_at)?,
            waiting_since: instant_opt(self.waiting_since)?,
        })
    }
}

/// A stored mode.
pub(super) fn read_mode(mode: &str, since: Option<i64>, until: Option<i64>, why: Option<&str>) -> Result<Mode> {
    if mode == "bot" {
        return Ok(Mode::Bot);
    }
    Ok(Mode::Handoff {
        since: instant(since.unwrap_or(0))?,
        until: instant_opt(until)?,
        why: why.and_then(HandoffReason::parse).unwrap_or(HandoffReason::Command),
    })
}

pub(super) fn read_consent(word: &str, at: Option<i64>) -> Result<Consent> {
    let at = instant(at.unwrap_or(0))?;
    Ok(match word {
        "opted_in" => Consent::OptedIn { at },
        "opted_out" => Consent::OptedOut { at },
        _ => Consent::Unknown,
    })
}

/// How a mode is stored.
pub(super) fn mode_columns(mode: Mode) -> (&'static str, Option<i64>, Option<i64>, Option<&'static str>) {
    match mode {
        Mode::Bot => ("bot", None, None, None),
        Mode::Handoff { since, until, why } => ("handoff", Some(micros(since)), until.map(micros), Some(why.as_str())),
    }
}

/// How consent is stored.
pub(super) fn consent_columns(consent: Consent) -> (&'static str, Option<i64>) {
    match consent {
        Consent::Unknown => ("unknown", None),
        Consent::OptedIn { at } => ("opted_in", Some(micros(at))),
        Consent::OptedOut { at } => ("opted_out", Some(micros(at))),
    }
}
