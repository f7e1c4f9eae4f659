//! What was decided, committed as a whole with everything it causes.
//!
//! * here: a turn, and the transaction in which it is committed.
//! * `writes`: the rows a committed turn writes.
//! * `sends`: planned messages as rows, of a turn or of a person's command.

mod sends;
mod writes;

pub use sends::{PlannedSend, StaffSend};
pub(super) use sends::{SendRow, SendTo, plan_sends, send_row};

use super::chats::Claim;
use super::outbox::{Candidate, TakeForSending};
use super::{Result, Sql, Store, Tx, batch, micros};
use crate::domain::conversation::Conversation;
use crate::domain::ids::{HotelId, InboxId, TurnId};
use crate::domain::language::Language;
use crate::domain::staff_command::DeskAct;
use crate::domain::understanding::{AttentionReason, Reading, Sentiment, Topic, Understanding};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// A decided turn, ready to be committed.
#[derive(Clone, Debug)]
pub struct TurnCommit {
    /// The taking that allows it.
    pub claim: Claim,
    /// Who took it.
    pub by: Uuid,
    /// When it was decided.
    pub at: Timestamp,
    /// The turn.
    pub turn: TurnId,
    /// The rows it covers: they are done.
    pub covers: Vec<InboxId>,
    /// The newest of them; anything newer came while deciding.
    pub last_seq: i64,
    /// The conversation afterwards.
    pub conversation: Conversation,
    /// Whether what is known of the guest (consent, language) is other than before; most turns change nothing.
    pub guest_changed: bool,
    /// Which rule, why, and what the model cost.
    pub record: TurnRecord,
    /// What goes out.
    pub sends: Vec<PlannedSend>,
    /// Take back what the bot planned and has not sent.
    pub cancel_planned: bool,
    /// What it does to questions that wait for an answer.
    pub questions: super::questions::QuestionEffects,
    /// What it does to alerts.
    pub alerts: super::alerts::AlertEffects,
    /// What a colleague's order does to an alert and its guest's chat.
    pub desk: Option<DeskAct>,
    /// What to do if more came while deciding.
    pub if_interrupted: IfInterrupted,
}

/// More came while deciding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfInterrupted {
    /// Commit all the same; the newcomers are the next turn.
    Commit,
    /// Decide anew over everything.
    Rerun,
    /// Decide anew only if a person of the hotel wrote or the guest asked for silence.
    RerunIfUrgent,
}

/// What support sees about a turn.
#[derive(Clone, Debug, Default)]
pub struct TurnRecord {
    /// The rule that answered.
    pub rule: String,
    /// Its grounds.
    pub reasons: Vec<String>,
    /// What plain code read in the guest's words.
    pub reading: Option<Reading>,
    /// What the model read.
    pub understanding: Option<Understanding>,
    /// Or why there is none.
    pub why_not: Option<&'static str>,
    /// What went wrong on the way, without the guest's words.
    pub detail: Option<String>,
    /// The language of the guest's words.
    pub language: Option<Language>,
    /// The label of the guest's messages.
    pub sentiment: Option<Sentiment>,
    /// The label's confidence.
    pub confidence: Option<f32>,
    /// What the turn is about, by both readings, and why a person must look: for an alert, not stored by themselves.
    pub topics: Vec<Topic>,
    /// See `topics`.
    pub attention: Option<AttentionReason>,
    /// What the model cost.
    pub usage: Usage,
}

/// What the model cost for one turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// The prompt and its version.
    pub prompt: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// HTTP calls.
    pub calls: i64,
    /// Tokens from the vendor's cache.
    pub hit_tokens: i64,
    /// Tokens read anew.
    pub miss_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Millionths of a US dollar.
    pub cost_micro_usd: i64,
    /// From question to end.
    pub latency_ms: i64,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Durable.
    Done,
    /// More came; the chat is free again and will be decided anew.
    Interrupted,
    /// Someone else has taken the chat meanwhile: nothing was written.
    Fenced,
}

#[derive(Serialize)]
struct ClaimRow<'a> {
    hotel: &'a str,
    chat: String,
    epoch: i64,
    by: String,
    last: i64,
}

#[derive(sqlx::FromRow)]
struct HeldRow {
    hotel_id: String,
    chat_id: String,
    came: i32,
}

/// What came in a chat since it was gathered.
#[derive(Clone, Copy)]
enum Came {
    Nothing,
    More,
    /// A word of a person of the hotel, or a wish for silence.
    Urgent,
}

impl Came {
    fn of(number: i32) -> Self {
        match number {
            0 => Self::Nothing,
            1 => Self::More,
            _ => Self::Urgent,
        }
    }
}

/// The takings that still hold, and whether more came since they were gathered. Locked in the order of `receive`, and
/// not against the foreign keys of what comes in meanwhile.
const HELD: Sql = sql!(
    "SELECT c.hotel_id, c.chat_id,
            COALESCE((SELECT MAX(CASE WHEN i.kind IN ('staff', 'opt_out') THEN 2 ELSE 1 END)
                      FROM inbox i WHERE i.hotel_id = c.hotel_id AND i.chat_id = c.chat_id
                        AND i.state = 'available' AND i.seq > CAST(r.value->>'last' AS BIGINT)), 0) AS came
     FROM " ROWS
    " JOIN chats c ON c.hotel_id = r.value->>'hotel' AND c.chat_id = r.value->>'chat'
     WHERE c.epoch = CAST(r.value->>'epoch' AS BIGINT) AND c.lease_by || '' = r.value->>'by' "
    {lite: "", pg: "ORDER BY c.hotel_id, c.chat_id FOR NO KEY UPDATE OF c"}
);
const RELEASE: Sql = sql!(
    "UPDATE chats SET lease_by = NULL, lease_until = NULL, reruns = reruns + 1 FROM " ROWS
    " WHERE chats.hotel_id = r.value->>'hotel' AND chats.chat_id = r.value->>'chat'"
);
impl Store {
    /// What the model cost a hotel since an instant, in millionths of a US dollar.
    pub async fn spent_since(&self, hotel: &HotelId, since: Timestamp) -> Result<i64> {
        const SPENT: Sql = sql!(
            "SELECT CAST(COALESCE(SUM(cost_micro_usd), 0) AS BIGINT) FROM turns
             WHERE hotel_id = $1 AND at >= $2 AND calls > 0"
        );
        Ok(on_read!(self, SPENT, |q, c| sqlx::query_scalar(q)
            .bind(hotel.as_str())
            .bind(micros(since))
            .fetch_one(c)
            .await?))
    }

    /// Commits decided turns together. Each either becomes durable whole or is not written at all.
    pub async fn commit_turns(&self, turns: Vec<TurnCommit>) -> Result<Vec<Committed>> {
        self.write(move |tx| async move { commit(tx, &turns).await }.boxed()).await
    }

    /// The same, and what may then leave is taken for sending in the same durable step.
    pub async fn commit_turns_and_take(
        &self,
        turns: Vec<TurnCommit>,
        take: TakeForSending,
    ) -> Result<(Vec<Committed>, Vec<Candidate>)> {
        self.write(move |tx| {
            async move {
                let committed = commit(tx, &turns).await?;
                Ok((committed, super::outbox::take_for_sending(tx, &take).await?))
            }
            .boxed()
        })
        .await
    }
}

async fn commit(tx: &mut Tx, turns: &[TurnCommit]) -> Result<Vec<Committed>> {
    let mut outcomes = held(tx, turns).await?;
    super::desk::decide_anew(tx, turns, &mut outcomes).await?;
    let select = |wanted: Committed| {
        turns.iter().zip(&outcomes).filter(move |(_, outcome)| **outcome == wanted).map(|(turn, _)| turn)
    };
    let interrupted: Vec<ClaimRow<'_>> = select(Committed::Interrupted).map(claim_row).collect();
    if !interrupted.is_empty() {
        run(tx, RELEASE, &interrupted).await?;
    }
    let done: Vec<&TurnCommit> = select(Committed::Done).collect();
    if !done.is_empty() {
        writes::write(tx, &done).await?;
    }
    Ok(outcomes)
}

async fn held(tx: &mut Tx, turns: &[TurnCommit]) -> Result<Vec<Committed>> {
    let rows: Vec<ClaimRow<'_>> = turns.iter().map(claim_row).collect();
    let json = batch(&rows)?;
    let held: Vec<HeldRow> = on_tx!(tx, HELD, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
    let held: HashMap<(String, String), Came> =
        held.into_iter().map(|row| ((row.hotel_id, row.chat_id), Came::of(row.came))).collect();
    Ok(turns
        .iter()
        .map(|turn| {
            let key = (turn.claim.hotel.to_string(), turn.claim.chat.to_string());
            match (held.get(&key), turn.if_interrupted) {
                (None, _) => Committed::Fenced,
                (Some(Came::More | Came::Urgent), IfInterrupted::Rerun) => Committed::Interrupted,
                (Some(Came::Urgent), IfInterrupted::RerunIfUrgent) => Committed::Interrupted,
                _ => Committed::Done,
            }
        })
        .collect())
}

fn claim_row(turn: &TurnCommit) -> ClaimRow<'_> {
    ClaimRow {
        hotel: turn.claim.hotel.as_str(),
        chat: turn.claim.chat.to_string(),
        epoch: turn.claim.epoch,
        by: turn.by.to_string(),
        last: turn.last_seq,
    }
}

async fn run<T: Serialize>(tx: &mut Tx, statement: Sql, rows: &[T]) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let json = batch(rows)?;
    Ok(on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected()))
}
