//! The outbox: what goes out, never twice. `sending` is durable before the call; what is uncertain afterwards is
//! looked up in the channel's own records, never repeated blindly.

use super::due::{self, Decided, Due, Waiting};
use super::{Result, Store, Tx, batch, instant, micros, read_document, read_hotel, read_uuid, run_all};
use crate::domain::asking::Choices;
use crate::domain::ids::{ChatAddress, ChatId, HotelId, OutboxId, ProviderMessageId};
use crate::domain::message::{Author, Delivery, Origin};
use crate::domain::outbox::Outgoing;
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

/// The reason of a message that was not sent in time: its guest waits for a person.
pub const EXPIRED: &str = "expired";

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

/// A row whose end is uncertain.
#[derive(Clone, Debug)]
pub struct Uncertain {
    /// Whose.
    pub hotel: HotelId,
    /// The row.
    pub id: OutboxId,
    /// Its chat.
    pub chat: ChatId,
    /// All addresses of its chat.
    pub addresses: Vec<ChatAddress>,
    /// The words.
    pub text: String,
    /// The words it has in the channel's records if its answers could be tapped.
    pub body: Option<String>,
    /// The guest's message it quotes.
    pub quotes: Option<ProviderMessageId>,
    /// Bot or staff.
    pub author: Author,
    /// When the call began.
    pub sending_at: Timestamp,
    /// Looks that found nothing.
    pub sweeps: u32,
    /// The last of them.
    pub swept_at: Option<Timestamp>,
    /// Whether it was already retried once.
    pub retried: bool,
    /// Useless after.
    pub expires_at: Timestamp,
    /// Whether a later message of the chat already left.
    pub overtaken: bool,
}

/// One message of a chat at a time and in order. The bot also waits for the end of an uncertain one, which may have to
/// be sent once more before what comes after it; a person's words do not wait for that.
const CANDIDATES: super::Sql = sql!(
    "SELECT o.hotel_id, o.outbox_id, o.chat_id, o.address, o.text, o.quotes, o.author, o.origin, o.intent,
            o.choices, o.expires_at, o.attempts,
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
const TAKE_PACE: super::Sql = sql!(
    "UPDATE hotels SET next_send_at = CAST(r.value->>'next' AS BIGINT) FROM " ROWS
    " WHERE hotels.hotel_id = r.value->>'hotel' AND hotels.next_send_at <= $2
     RETURNING hotels.hotel_id"
);
const MARK_SENDING: super::Sql = sql!(
    "UPDATE outbox SET state = 'sending', rank = 10, sending_by = $2, sending_at = $3, sweeps = 0, swept_at = NULL,
       note = NULL
     FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id' AND outbox.state || '' = 'planned'"
);
const MARK_CANCELLED: super::Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = r.value->>'why' FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id' AND outbox.state || '' = 'planned'"
);

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
    expires_at: i64,
    attempts: i64,
    opted_out: i32,
    urgent_waiting: i32,
    staff_leads: i32,
}

#[derive(Serialize)]
struct IdRow<'a> {
    hotel: &'a str,
    id: String,
    why: Option<&'a str>,
    waits: &'static str,
}

#[derive(Serialize)]
struct PaceRow<'a> {
    hotel: &'a str,
    next: i64,
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

impl Store {
    /// Takes planned messages and marks them as being sent, in one durable step.
    pub async fn take_for_sending(&self, take: TakeForSending) -> Result<Vec<Candidate>> {
        self.write(move |tx| async move { take_for_sending(tx, &take).await }.boxed()).await
    }

    /// Records what calls ended in.
    pub async fn record_outcomes(&self, outcomes: Vec<Outcome>) -> Result<()> {
        self.write(move |tx| async move { record_outcomes(tx, &outcomes).await }.boxed()).await
    }

    /// Rows whose end is uncertain: those that are `unknown`, and those whose caller is gone.
    /// `alone` is this daemon if no other can be sending: then a row of any other caller is an orphan at once.
    pub async fn uncertain(&self, called_before: Timestamp, alone: Option<Uuid>, limit: i64) -> Result<Vec<Uncertain>> {
        const UNCERTAIN: super::Sql = sql!(
            "SELECT o.hotel_id, o.outbox_id, o.chat_id, o.text, o.choices, o.quotes, o.author, o.sending_at, o.sweeps, o.swept_at,
                    o.retried, o.expires_at, a.address,
                    CASE WHEN EXISTS (SELECT 1 FROM outbox p WHERE p.hotel_id = o.hotel_id AND p.chat_id = o.chat_id
                                      AND p.outbox_id > o.outbox_id AND p.rank >= 30 AND p.state <> 'refused')
                         THEN 1 ELSE 0 END AS overtaken
             FROM (SELECT * FROM outbox
                   WHERE state IN ('sending', 'unknown')
                     AND (state = 'unknown' OR sending_at < $1 OR ($3 <> '' AND sending_by <> $3))
                   ORDER BY sending_at, outbox_id LIMIT $2) AS o
             JOIN aliases a ON a.hotel_id = o.hotel_id AND a.chat_id = o.chat_id
             ORDER BY o.sending_at, o.outbox_id, a.address"
        );
        let rows: Vec<UncertainRow> = on_read!(self, UNCERTAIN, |q, c| sqlx::query_as(q)
            .bind(micros(called_before))
            .bind(limit)
            .bind(alone.map(|id| id.to_string()).unwrap_or_default())
            .fetch_all(c)
            .await?);
        let mut uncertain: Vec<Uncertain> = Vec::new();
        for row in rows {
            let (id, address) = (OutboxId(read_uuid(&row.outbox_id)?), ChatAddress(row.address.clone()));
            match uncertain.iter_mut().find(|known| known.id == id) {
                Some(known) => known.addresses.push(address),
                None => uncertain.push(row.read(id, address)?),
            }
        }
        Ok(uncertain)
    }

    /// When the next planned message may go, for a sender that has nothing to do now.
    pub async fn next_send_at(&self, seen_since: Timestamp) -> Result<Option<Timestamp>> {
        const NEXT: super::Sql = sql!(
            "SELECT MIN(CASE WHEN h.next_send_at > o.due_at THEN h.next_send_at ELSE o.due_at END)
             FROM outbox o JOIN hotels h ON h.hotel_id = o.hotel_id
             WHERE o.state = 'planned' AND h.retired_at IS NULL AND h.paused_at IS NULL
               AND h.line_state = 'authorized' AND h.line_state_at >= $1"
        );
        let next: Option<i64> =
            on_read!(self, NEXT, |q, c| sqlx::query_scalar(q).bind(micros(seen_since)).fetch_one(c).await?);
        super::instant_opt(next)
    }

    /// A look at the channel's records found nothing about these rows.
    pub async fn record_sweep(&self, rows: Vec<(HotelId, OutboxId)>, now: Timestamp) -> Result<()> {
        const SWEPT: super::Sql = sql!(
            "UPDATE outbox SET sweeps = sweeps + 1, swept_at = $2, state = 'unknown', rank = 20 FROM " ROWS
            " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'id'
               AND outbox.state IN ('sending', 'unknown')"
        );
        self.write(move |tx| {
            async move {
                let rows: Vec<IdRow<'_>> = rows.iter().map(|(hotel, id)| id_row(hotel, *id, None)).collect();
                let json = batch(&rows)?;
                on_tx!(tx, SWEPT, |q, c| sqlx::query(q)
                    .bind(&json)
                    .bind(micros(now))
                    .execute(c)
                    .await?
                    .rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Of these ids of the channel, those that already belong to a message of ours.
    pub async fn known_provider_ids(
        &self,
        hotel: &HotelId,
        ids: &[ProviderMessageId],
    ) -> Result<Vec<ProviderMessageId>> {
        const KNOWN: super::Sql = sql!(
            "SELECT o.provider_id FROM " ROWS
            " JOIN outbox o ON o.hotel_id = $2 AND o.provider_id = r.value->>'id'"
        );
        #[derive(Serialize)]
        struct Row<'a> {
            id: &'a str,
        }
        let rows: Vec<Row<'_>> = ids.iter().map(|id| Row { id: id.as_str() }).collect();
        let json = batch(&rows)?;
        let known: Vec<String> =
            on_read!(self, KNOWN, |q, c| sqlx::query_scalar(q).bind(&json).bind(hotel.as_str()).fetch_all(c).await?);
        Ok(known.into_iter().map(ProviderMessageId).collect())
    }

    /// Plans a surely unsent message once more after an uncertain end. When that was done before it is refused: its
    /// guest waits for a person. A message whose caller died before the call ended does not use up its retry: nothing
    /// was heard from the channel, and its absence was proven all the same.
    pub async fn retry_once(&self, hotel: HotelId, id: OutboxId, now: Timestamp) -> Result<()> {
        const RETRY: super::Sql = sql!(
            "UPDATE outbox SET state = 'planned', rank = 0, due_at = $3, sending_by = NULL,
               retried = retried + CASE WHEN note IS NULL THEN 0 ELSE 1 END,
               note = 'not found in the channel''s records; sent once more'
             WHERE hotel_id = $1 AND outbox_id = $2 AND state IN ('sending', 'unknown') AND retried = 0"
        );
        self.write(move |tx| {
            async move {
                let planned = on_tx!(tx, RETRY, |q, c| sqlx::query(q)
                    .bind(hotel.as_str())
                    .bind(id.to_string())
                    .bind(micros(now))
                    .execute(c)
                    .await?
                    .rows_affected());
                if planned == 0 {
                    let became = Became::Refused("not found in the channel's records a second time".to_owned());
                    record_outcomes(tx, &[Outcome { hotel, id, became, at: now }]).await?;
                }
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

pub(super) async fn take_for_sending(tx: &mut Tx, take: &TakeForSending) -> Result<Vec<Candidate>> {
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
    let touchpoint = super::touchpoints::of_intent(&candidate.intent)?;
    Some(Waiting { hotel: candidate.hotel.clone(), outbox: candidate.id, touchpoint })
}

/// A guest whose answer will not arrive waits for a person.
const GUEST_WAITS: super::Sql = sql!(
    "UPDATE chats SET waiting_since = COALESCE(chats.waiting_since, o.created_at)
     FROM " ROWS
    ", outbox o
     WHERE r.value->>'waits' = 'yes' AND o.hotel_id = r.value->>'hotel' AND o.outbox_id = r.value->>'id'
       AND o.state IN ('refused', 'cancelled') AND o.author = 'bot' AND o.origin IN ('reply', 'template')
       AND chats.hotel_id = o.hotel_id AND chats.chat_id = o.chat_id"
);

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

fn id_row<'a>(hotel: &'a HotelId, id: OutboxId, why: Option<&'a str>) -> IdRow<'a> {
    let waits = if why == Some(EXPIRED) { "yes" } else { "no" };
    IdRow { hotel: hotel.as_str(), id: id.to_string(), why, waits }
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
const RECORD: super::Sql = sql!(
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
/// The message carries the channel's id too: quotes and echoes are matched by it.
const NAME_MESSAGES: super::Sql = sql!(
    "UPDATE messages SET provider_id = r.value->>'provider'
     FROM " ROWS
    ", outbox o
     WHERE r.value->>'provider' IS NOT NULL AND o.hotel_id = r.value->>'hotel' AND o.outbox_id = r.value->>'id'
       AND messages.hotel_id = o.hotel_id AND messages.message_id = o.message_id"
);

pub(super) async fn record_outcomes(tx: &mut Tx, outcomes: &[Outcome]) -> Result<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let rows: Vec<OutcomeRow<'_>> = outcomes.iter().map(outcome_row).collect();
    let json = batch(&rows)?;
    let mut statements = vec![(RECORD, json.clone())];
    if rows.iter().any(|row| row.waits == "yes") {
        statements.push((GUEST_WAITS, json.clone()));
    }
    if rows.iter().any(|row| row.provider.is_some()) {
        statements.push((NAME_MESSAGES, json));
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

impl CandidateRow {
    fn read(self) -> Result<Candidate> {
        let corrupt = || super::StoreError::Corrupt("an outbox row has an unknown word".to_owned());
        Ok(Candidate {
            hotel: read_hotel(&self.hotel_id)?,
            id: OutboxId(read_uuid(&self.outbox_id)?),
            chat: ChatId(read_uuid(&self.chat_id)?),
            outgoing: Outgoing {
                to: ChatAddress(self.address),
                text: self.text,
                quotes: self.quotes.map(ProviderMessageId),
                choices: self.choices.as_deref().map(read_document).transpose()?,
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

#[derive(sqlx::FromRow)]
struct UncertainRow {
    hotel_id: String,
    outbox_id: String,
    chat_id: String,
    text: String,
    choices: Option<String>,
    quotes: Option<String>,
    author: String,
    sending_at: Option<i64>,
    sweeps: i64,
    swept_at: Option<i64>,
    retried: i64,
    expires_at: i64,
    address: String,
    overtaken: i32,
}

impl UncertainRow {
    fn read(self, id: OutboxId, address: ChatAddress) -> Result<Uncertain> {
        Ok(Uncertain {
            hotel: read_hotel(&self.hotel_id)?,
            id,
            chat: ChatId(read_uuid(&self.chat_id)?),
            addresses: vec![address],
            text: self.text,
            body: self.choices.as_deref().map(read_document::<Choices>).transpose()?.map(|choices| choices.body),
            quotes: self.quotes.map(ProviderMessageId),
            author: Author::parse(&self.author).unwrap_or(Author::Bot),
            sending_at: instant(self.sending_at.unwrap_or(0))?,
            sweeps: u32::try_from(self.sweeps).unwrap_or(u32::MAX),
            swept_at: super::instant_opt(self.swept_at)?,
            retried: self.retried > 0,
            expires_at: instant(self.expires_at)?,
            overtaken: self.overtaken != 0,
        })
    }
}
