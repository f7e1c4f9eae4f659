//! Planned messages on their way out: who may go now is looked at with fresh data, and marked as being sent.

use super::{GUEST_WAITS, IdRow, id_row};
use crate::domain::ids::{ChatAddress, ChatId, HotelId, OutboxId, ProviderMessageId};
use crate::domain::message::{Author, Origin};
use crate::domain::outbox::Outgoing;
use crate::store::due::{self, Decided, Due, Waiting};
use crate::store::{
    Result, Sql, Store, StoreError, Tx, batch, instant, instant_opt, micros, read_document, read_hotel, read_uuid,
    run_all, touchpoints,
};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// A planned message as the sender sees it, with what must be checked again at the moment of sending.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Whose.
    pub hotel: HotelId,
    /// The row.
    pub id: OutboxId,
    /// Its chat.
    pub chat: ChatId,
    /// What goes out.
    pub outgoing: Outgoing,
    /// Bot or staff.
    pub author: Author,
    /// What caused it.
    pub origin: Origin,
    /// The reason to write, such as `reply:<turn>`.
    pub intent: String,
    /// Useless after.
    pub expires_at: Timestamp,
    /// Tries that surely did not send.
    pub attempts: u32,
    /// The guest asked for silence.
    pub opted_out: bool,
    /// A person wrote from the phone, or the guest asked for silence, and this is not yet handled.
    pub urgent_waiting: bool,
    /// A person leads this chat since they wrote; the bot is silent.
    pub staff_leads: bool,
    /// Of a trigger's message, everything its last look goes by; `None` if its touchpoint no longer counts as sent.
    pub touchpoint: Option<Arc<Due>>,
}

/// What to do with a candidate.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Mark it as being sent.
    Send,
    /// Take it back, with the reason.
    Cancel(&'static str),
    /// Leave it for later.
    Wait,
    /// A trigger's message that is no longer right: take it back, and do this with its touchpoint.
    GiveUp(Box<Decided>),
}

/// How a batch is taken for sending.
#[derive(Clone)]
pub struct TakeForSending {
    /// The daemon.
    pub by: Uuid,
    /// Now.
    pub now: Timestamp,
    /// The instance must have been seen `authorized` since then.
    pub seen_since: Timestamp,
    /// The most rows.
    pub limit: i64,
    /// Hotels to leave out.
    pub busy: Vec<HotelId>,
    /// Looks at each candidate with fresh data.
    pub judge: Arc<dyn Fn(&Candidate) -> Verdict + Send + Sync>,
    /// The least gap between sends of a hotel, zero for none.
    pub gap: Arc<dyn Fn(&HotelId) -> Duration + Send + Sync>,
}

/// One message of a chat at a time and in order. The bot also waits for the end of an uncertain one, which may have to
/// be sent once more before what comes after it; a person's words do not wait for that. What failed with answers to be
/// tapped goes without them.
const CANDIDATES: Sql = sql!(
    "SELECT o.hotel_id, o.outbox_id, o.chat_id, o.address, o.text, o.quotes, o.author, o.origin, o.intent,
            CASE WHEN o.refused_id IS NULL THEN o.choices END AS choices, o.media, o.expires_at, o.attempts,
            CASE WHEN g.consent = 'opted_out' THEN 1 ELSE 0 END AS opted_out,
            CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = o.hotel_id AND i.chat_id = o.chat_id
                              AND i.state = 'available' AND i.kind IN ('staff', 'opt_out')) THEN 1 ELSE 0 END AS urgent_waiting,
            CASE WHEN c.mode = 'handoff' AND c.mode_why IN ('staff_wrote', 'command')
                      AND (c.mode_until IS NULL OR c.mode_until > $1) THEN 1 ELSE 0 END AS staff_leads
     FROM outbox o
     JOIN hotels h ON h.hotel_id = o.hotel_id
     JOIN chats c ON c.hotel_id = o.hotel_id AND c.chat_id = o.chat_id
     JOIN guests g ON g.hotel_id = c.hotel_id AND g.guest_id = c.guest_id
     WHERE o.state = 'planned' AND o.due_at <= $1
       AND h.retired_at IS NULL AND h.paused_at IS NULL AND h.next_send_at <= $1
       AND h.line_state = 'authorized' AND h.line_state_at >= $2
       AND o.hotel_id NOT IN (SELECT value FROM "
    {lite: "json_each($4)", pg: "jsonb_array_elements_text($4::jsonb)"}
    ")
       AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.hotel_id = o.hotel_id AND p.chat_id = o.chat_id
                       AND p.state IN ('planned', 'sending', 'unknown')
                       AND (p.state = 'sending' OR (p.state = 'planned' AND p.outbox_id < o.outbox_id)
                            OR (p.state = 'unknown' AND o.author = 'bot')))
     ORDER BY o.due_at, o.outbox_id LIMIT $3 "
    {lite: "", pg: "FOR UPDATE OF o SKIP LOCKED"}
);
/// One send per gap and instance; the row lock makes it hold across daemons.
const TAKE_PACE: Sql = sql!(
    "UPDATE hotels SET next_send_at = CAST(r.value->>'next' AS BIGINT) FROM " ROWS
    " WHERE hotels.hotel_id = r.value->>'hotel' AND hotels.next_send_at <= $2
     RETURNING hotels.hotel_id"
);
const MARK_SENDING: Sql = sql!(
    "UPDATE outbox SET state = 'sending', rank = 10, sending_by = $2, sending_at = $3, sweeps = 0, swept_at = NULL,
       note = NULL
     FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id' AND outbox.state || '' = 'planned'"
);
const MARK_CANCELLED: Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = r.value->>'why' FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id' AND outbox.state || '' = 'planned'"
);

impl Store {
    /// Takes planned messages and marks them as being sent, in one durable step.
    pub async fn take_for_sending(&self, take: TakeForSending) -> Result<Vec<Candidate>> {
        self.write(move |tx| async move { take_for_sending(tx, &take).await }.boxed()).await
    }

    /// When the next planned message may go, for a sender that has nothing to do now.
    pub async fn next_send_at(&self, seen_since: Timestamp) -> Result<Option<Timestamp>> {
        const NEXT: Sql = sql!(
            "SELECT MIN(CASE WHEN h.next_send_at > o.due_at THEN h.next_send_at ELSE o.due_at END)
             FROM outbox o JOIN hotels h ON h.hotel_id = o.hotel_id
             WHERE o.state = 'planned' AND h.retired_at IS NULL AND h.paused_at IS NULL
               AND h.line_state = 'authorized' AND h.line_state_at >= $1"
        );
        let next: Option<i64> =
            on_read!(self, NEXT, |q, c| sqlx::query_scalar(q).bind(micros(seen_since)).fetch_one(c).await?);
        instant_opt(next)
    }
}

pub(in crate::store) async fn take_for_sending(tx: &mut Tx, take: &TakeForSending) -> Result<Vec<Candidate>> {
    let (judge, gap) = (&*take.judge, &*take.gap);
    let busy = batch(&take.busy)?;
    let rows: Vec<CandidateRow> = on_tx!(tx, CANDIDATES, |q, c| sqlx::query_as(q)
        .bind(micros(take.now))
        .bind(micros(take.seen_since))
        .bind(take.limit)
        .bind(&busy)
        .fetch_all(c)
        .await?);
    let candidates: Vec<Candidate> = rows.into_iter().map(CandidateRow::read).collect::<Result<_>>()?;
    let candidates = with_last_looks(tx, candidates, take.now, gap).await?;
    let mut sends = Vec::new();
    let mut cancels = Vec::new();
    for candidate in candidates {
        match judge(&candidate) {
            Verdict::Send => sends.push(candidate),
            Verdict::Cancel(why) => cancels.push((candidate.hotel, candidate.id, why)),
            Verdict::Wait => {}
            Verdict::GiveUp(decided) => {
                if let (Some(waiting), Some(due)) = (waiting(&candidate), candidate.touchpoint) {
                    due::give_up(tx, waiting, (Arc::unwrap_or_clone(due), *decided), take.now).await?;
                }
            }
        }
    }
    cancel(tx, &cancels).await?;
    let sends = keep_pace(tx, sends, take.now, gap).await?;
    mark_sending(tx, &sends, take).await?;
    Ok(sends)
}

type Gap<'a> = &'a (dyn Fn(&HotelId) -> Duration + Send + Sync);

/// Of a hotel with a gap one message goes at a time: of its triggers' so many are looked at together.
const LOOKS_OF_PACED: usize = 4;

/// Loads what the last look at triggers' messages goes by. What is not looked at this time is left out.
async fn with_last_looks(
    tx: &mut Tx,
    candidates: Vec<Candidate>,
    now: Timestamp,
    gap: Gap<'_>,
) -> Result<Vec<Candidate>> {
    let mut looks: BTreeMap<HotelId, usize> = BTreeMap::new();
    let mut kept = Vec::with_capacity(candidates.len());
    let mut to_look = Vec::new();
    for candidate in candidates {
        if let Some(waiting) = waiting(&candidate) {
            let count = looks.entry(candidate.hotel.clone()).or_default();
            *count += 1;
            if *count > LOOKS_OF_PACED && !gap(&candidate.hotel).is_zero() {
                continue;
            }
            to_look.push(waiting);
        }
        kept.push(candidate);
    }
    let mut found = due::last_looks(tx, &to_look, now).await?;
    for candidate in &mut kept {
        candidate.touchpoint = waiting(candidate).and_then(|waiting| found.remove(&waiting.touchpoint)).map(Arc::new);
    }
    Ok(kept)
}

fn waiting(candidate: &Candidate) -> Option<Waiting> {
    let own = touchpoints::of_intent(&candidate.intent);
    let touchpoint = own.or_else(|| touchpoints::of_file_intent(&candidate.intent))?;
    Some(Waiting { hotel: candidate.hotel.clone(), outbox: candidate.id, touchpoint })
}

async fn cancel(tx: &mut Tx, cancels: &[(HotelId, OutboxId, &'static str)]) -> Result<()> {
    if cancels.is_empty() {
        return Ok(());
    }
    let rows: Vec<IdRow<'_>> = cancels.iter().map(|(hotel, id, why)| id_row(hotel, *id, Some(why))).collect();
    let json = batch(&rows)?;
    run_all(tx, &[(MARK_CANCELLED, json.clone()), (GUEST_WAITS, json)]).await
}

/// Of the candidates of a hotel with a gap only the first goes, and only if its turn has come.
async fn keep_pace(tx: &mut Tx, sends: Vec<Candidate>, now: Timestamp, gap: Gap<'_>) -> Result<Vec<Candidate>> {
    let mut first_of_paced: Vec<HotelId> = Vec::new();
    let mut kept = Vec::with_capacity(sends.len());
    for candidate in sends {
        if gap(&candidate.hotel).is_zero() {
            kept.push(candidate);
        } else if !first_of_paced.contains(&candidate.hotel) {
            first_of_paced.push(candidate.hotel.clone());
            kept.push(candidate);
        }
    }
    if first_of_paced.is_empty() {
        return Ok(kept);
    }
    first_of_paced.sort();
    let rows: Vec<PaceRow<'_>> = first_of_paced
        .iter()
        .map(|hotel| {
            let next = now + SignedDuration::try_from(gap(hotel)).unwrap_or(SignedDuration::ZERO);
            PaceRow { hotel: hotel.as_str(), next: micros(next) }
        })
        .collect();
    let json = batch(&rows)?;
    let taken: Vec<String> =
        on_tx!(tx, TAKE_PACE, |q, c| sqlx::query_scalar(q).bind(&json).bind(micros(now)).fetch_all(c).await?);
    kept.retain(|candidate| {
        gap(&candidate.hotel).is_zero() || taken.iter().any(|hotel| hotel == candidate.hotel.as_str())
    });
    Ok(kept)
}

async fn mark_sending(tx: &mut Tx, sends: &[Candidate], take: &TakeForSending) -> Result<()> {
    if sends.is_empty() {
        return Ok(());
    }
    let rows: Vec<IdRow<'_>> = sends.iter().map(|send| id_row(&send.hotel, send.id, None)).collect();
    let json = batch(&rows)?;
    on_tx!(tx, MARK_SENDING, |q, c| sqlx::query(q)
        .bind(&json)
        .bind(take.by.to_string())
        .bind(micros(take.now))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

#[derive(Serialize)]
struct PaceRow<'a> {
    hotel: &'a str,
    next: i64,
}

#[derive(sqlx::FromRow)]
struct CandidateRow {
    hotel_id: String,
    outbox_id: String,
    chat_id: String,
    address: String,
    text: String,
    quotes: Option<String>,
    author: String,
    origin: String,
    intent: String,
    choices: Option<String>,
    media: Option<String>,
    expires_at: i64,
    attempts: i64,
    opted_out: i32,
    urgent_waiting: i32,
    staff_leads: i32,
}

impl CandidateRow {
    fn read(self) -> Result<Candidate> {
        let corrupt = || StoreError::Corrupt("an outbox row has an unknown word".to_owned());
        Ok(Candidate {
            hotel: read_hotel(&self.hotel_id)?,
            id: OutboxId(read_uuid(&self.outbox_id)?),
            chat: ChatId(read_uuid(&self.chat_id)?),
            outgoing: Outgoing {
                to: ChatAddress(self.address),
                text: self.text,
                quotes: self.quotes.map(ProviderMessageId),
                choices: self.choices.as_deref().map(read_document).transpose()?,
                media: self.media.as_deref().map(read_document).transpose()?,
            },
            author: Author::parse(&self.author).ok_or_else(corrupt)?,
            origin: Origin::parse(&self.origin).ok_or_else(corrupt)?,
            intent: self.intent,
            expires_at: instant(self.expires_at)?,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            opted_out: self.opted_out != 0,
            urgent_waiting: self.urgent_waiting != 0,
            staff_leads: self.staff_leads != 0,
            touchpoint: None,
        })
    }
}
