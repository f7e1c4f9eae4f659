//! What was decided, committed as a whole with everything it causes.

use super::chats::{Claim, consent_columns, mode_columns};
use super::outbox::{Candidate, TakeForSending};
use super::{Result, Store, Tx, batch, document, instant, micros, read_hotel, read_uuid, run_all};
use crate::domain::asking::Choices;
use crate::domain::conversation::{Conversation, Mode};
use crate::domain::ids::{ChatAddress, ChatId, HotelId, InboxId, MessageId, OutboxId, ProviderMessageId, TurnId};
use crate::domain::language::Language;
use crate::domain::message::{Author, Delivery, Direction, Message, Origin};
use crate::domain::understanding::{Sentiment, Understanding};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
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
    /// The reading.
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

/// A message to be planned.
#[derive(Clone, Debug)]
pub struct PlannedSend {
    /// The outbox row.
    pub id: OutboxId,
    /// The message it becomes.
    pub message: MessageId,
    /// At most one message per intent, ever.
    pub intent: String,
    /// Bot or staff.
    pub author: Author,
    /// What caused it.
    pub origin: Origin,
    /// The words.
    pub text: String,
    /// The guest's message it answers.
    pub quotes: Option<ProviderMessageId>,
    /// Answers to be tapped, if the channel can show them; the words hold them as a list.
    pub choices: Option<Choices>,
    /// Not before.
    pub due_at: Timestamp,
    /// Useless after.
    pub expires_at: Timestamp,
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
const HELD: super::Sql = sql!(
    "SELECT c.hotel_id, c.chat_id,
            COALESCE((SELECT MAX(CASE WHEN i.kind IN ('staff', 'opt_out') THEN 2 ELSE 1 END)
                      FROM inbox i WHERE i.hotel_id = c.hotel_id AND i.chat_id = c.chat_id
                        AND i.state = 'available' AND i.seq > CAST(r.value->>'last' AS BIGINT)), 0) AS came
     FROM " ROWS
    " JOIN chats c ON c.hotel_id = r.value->>'hotel' AND c.chat_id = r.value->>'chat'
     WHERE c.epoch = CAST(r.value->>'epoch' AS BIGINT) AND c.lease_by || '' = r.value->>'by' "
    {lite: "", pg: "ORDER BY c.hotel_id, c.chat_id FOR NO KEY UPDATE OF c"}
);
const RELEASE: super::Sql = sql!(
    "UPDATE chats SET lease_by = NULL, lease_until = NULL, reruns = reruns + 1 FROM " ROWS
    " WHERE chats.hotel_id = r.value->>'hotel' AND chats.chat_id = r.value->>'chat'"
);
const FINISH_CHATS: super::Sql = sql!(
    "UPDATE chats SET lease_by = NULL, lease_until = NULL, reruns = 0, mode = r.value->>'mode',
       mode_since = CAST(r.value->>'since' AS BIGINT), mode_until = CAST(r.value->>'until' AS BIGINT),
       mode_why = r.value->>'why', waiting_since = CAST(r.value->>'waiting' AS BIGINT),
       last_at = CASE WHEN CAST(r.value->>'at' AS BIGINT) > last_at THEN CAST(r.value->>'at' AS BIGINT) ELSE last_at END,
       due_at = CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = chats.hotel_id AND i.chat_id = chats.chat_id
                                  AND i.state = 'available') THEN due_at END
     FROM " ROWS
    " WHERE chats.hotel_id = r.value->>'hotel' AND chats.chat_id = r.value->>'chat'"
);
const FINISH_GUESTS: super::Sql = sql!(
    "UPDATE guests SET consent = r.value->>'consent', consent_at = CAST(r.value->>'consent_at' AS BIGINT),
       language = r.value->>'language'
     FROM " ROWS
    " WHERE guests.hotel_id = r.value->>'hotel' AND guests.guest_id = r.value->>'guest'"
);
const FINISH_INBOX: super::Sql = sql!(
    "UPDATE inbox SET state = 'completed', turn_id = r.value->>'turn', done_at = CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
    " WHERE inbox.hotel_id = r.value->>'hotel' AND inbox.inbox_id = r.value->>'id' AND inbox.state || '' = 'available'"
);
const LABEL_MESSAGES: super::Sql = sql!(
    "UPDATE messages SET turn_id = r.value->>'turn', language = r.value->>'language',
       sentiment = r.value->>'sentiment', confidence = CAST(r.value->>'confidence' AS DOUBLE PRECISION)
     FROM " ROWS
    " WHERE messages.hotel_id = r.value->>'hotel' AND messages.message_id = r.value->>'id'"
);
const INSERT_TURNS: super::Sql = sql!(
    "INSERT INTO turns (hotel_id, turn_id, chat_id, at, rule, reasons, understanding, why_not, prompt, model, calls,
                        hit_tokens, miss_tokens, output_tokens, cost_micro_usd, latency_ms, detail)
     SELECT r.value->>'hotel', r.value->>'turn', r.value->>'chat', CAST(r.value->>'at' AS BIGINT), r.value->>'rule',
            r.value->>'reasons', r.value->>'understanding', r.value->>'why_not', r.value->>'prompt', r.value->>'model',
            CAST(r.value->>'calls' AS BIGINT), CAST(r.value->>'hit' AS BIGINT), CAST(r.value->>'miss' AS BIGINT),
            CAST(r.value->>'output' AS BIGINT), CAST(r.value->>'cost' AS BIGINT), CAST(r.value->>'latency' AS BIGINT),
            r.value->>'detail'
     FROM " ROWS
);
pub(super) const INSERT_SENT_MESSAGES: super::Sql = sql!(
    "INSERT INTO messages (hotel_id, message_id, chat_id, turn_id, direction, author, origin, text, quotes, at)
     SELECT r.value->>'hotel', r.value->>'message', r.value->>'chat', r.value->>'turn', 'outbound',
            r.value->>'author', r.value->>'origin', r.value->>'text', r.value->>'quotes',
            CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
    " WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.hotel_id = r.value->>'hotel' AND o.intent = r.value->>'intent')"
);
pub(super) const INSERT_OUTBOX: super::Sql = sql!(
    "INSERT INTO outbox (hotel_id, outbox_id, chat_id, message_id, intent, address, text, quotes, author, origin, choices,
                         state, rank, due_at, expires_at, created_at)
     SELECT r.value->>'hotel', r.value->>'id', r.value->>'chat', r.value->>'message', r.value->>'intent',
            r.value->>'address', r.value->>'text', r.value->>'quotes', r.value->>'author', r.value->>'origin',
            r.value->>'choices', 'planned', 0, CAST(r.value->>'due' AS BIGINT), CAST(r.value->>'expires' AS BIGINT),
            CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS " WHERE true
     ON CONFLICT (hotel_id, intent) DO NOTHING"
);
const CANCEL_PLANNED: super::Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = r.value->>'rule'
     FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.chat_id = r.value->>'chat' AND outbox.state = 'planned'
       AND outbox.author = 'bot' AND CAST(r.value->>'cancel' AS BIGINT) = 1"
);

impl Store {
    /// What the model cost a hotel since an instant, in millionths of a US dollar.
    pub async fn spent_since(&self, hotel: &HotelId, since: Timestamp) -> Result<i64> {
        const SPENT: super::Sql = sql!(
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
    let outcomes = held(tx, turns).await?;
    let select = |wanted: Committed| {
        turns.iter().zip(&outcomes).filter(move |(_, outcome)| **outcome == wanted).map(|(turn, _)| turn)
    };
    let interrupted: Vec<ClaimRow<'_>> = select(Committed::Interrupted).map(claim_row).collect();
    if !interrupted.is_empty() {
        run(tx, RELEASE, &interrupted).await?;
    }
    let done: Vec<&TurnCommit> = select(Committed::Done).collect();
    if !done.is_empty() {
        write(tx, &done).await?;
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

async fn run<T: Serialize>(tx: &mut Tx, statement: super::Sql, rows: &[T]) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let json = batch(rows)?;
    Ok(on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected()))
}

async fn write(tx: &mut Tx, turns: &[&TurnCommit]) -> Result<()> {
    let covered: Vec<CoveredRow<'_>> = turns.iter().flat_map(|turn| covered_rows(turn)).collect();
    let chats: Vec<ChatRow<'_>> = turns.iter().map(|turn| chat_row(turn)).collect();
    let guests: Vec<GuestRow<'_>> = distinct_guests(turns);
    let records: Vec<RecordRow<'_>> = turns.iter().map(|turn| record_row(turn)).collect::<Result<_>>()?;
    let sends: Vec<SendRow<'_>> = turns.iter().flat_map(|turn| send_rows(turn)).collect::<Result<_>>()?;
    let (covered, in_chats) = (batch(&covered)?, batch(&chats)?);
    let mut statements = Vec::with_capacity(8);
    if turns.iter().any(|turn| turn.cancel_planned) {
        take_triggers_back(tx, turns, &in_chats).await?;
        statements.push((CANCEL_PLANNED, in_chats.clone()));
    }
    statements.push((FINISH_INBOX, covered.clone()));
    statements.push((INSERT_TURNS, batch(&records)?));
    statements.push((LABEL_MESSAGES, covered));
    statements.push((FINISH_CHATS, in_chats.clone()));
    if !guests.is_empty() {
        statements.push((FINISH_GUESTS, batch(&guests)?));
    }
    statements.extend(send_statements(&sends)?);
    run_all(tx, &statements).await?;
    super::questions::apply(tx, turns).await?;
    replan_stays(tx, turns, &in_chats).await
}

/// What triggers planned in these chats and has not left is looked at once more, after what this turn decided.
async fn take_triggers_back(tx: &mut Tx, turns: &[&TurnCommit], in_chats: &str) -> Result<()> {
    let waiting = super::due::waiting_in_chats(tx, in_chats).await?;
    let Some(now) = turns.iter().map(|turn| turn.at).max() else { return Ok(()) };
    super::due::take_back(tx, &waiting, "taken back by what was written meanwhile", now).await
}

/// What a guest said may be the moment of a trigger.
async fn replan_stays(tx: &mut Tx, turns: &[&TurnCommit], in_chats: &str) -> Result<()> {
    let Some(now) = turns.iter().map(|turn| turn.at).max() else { return Ok(()) };
    for (hotel, stays) in super::due::stays_of_chats(tx, in_chats).await? {
        super::touchpoints::replan_after_words(tx, &hotel, &stays, now).await?;
    }
    Ok(())
}

#[derive(Serialize)]
struct CoveredRow<'a> {
    hotel: &'a str,
    id: String,
    turn: String,
    at: i64,
    language: Option<String>,
    sentiment: Option<&'static str>,
    confidence: Option<f32>,
}

fn covered_rows(turn: &TurnCommit) -> impl Iterator<Item = CoveredRow<'_>> {
    turn.covers.iter().map(|id| CoveredRow {
        hotel: turn.claim.hotel.as_str(),
        id: id.to_string(),
        turn: turn.turn.to_string(),
        at: micros(turn.at),
        language: turn.record.language.map(|language| language.to_string()),
        sentiment: turn.record.sentiment.map(Sentiment::as_str),
        confidence: turn.record.confidence,
    })
}

#[derive(Serialize)]
struct ChatRow<'a> {
    hotel: &'a str,
    chat: String,
    at: i64,
    mode: &'static str,
    since: Option<i64>,
    until: Option<i64>,
    why: Option<&'static str>,
    waiting: Option<i64>,
    cancel: i64,
    rule: &'a str,
}

fn chat_row(turn: &TurnCommit) -> ChatRow<'_> {
    let (mode, since, until, why) = mode_columns(turn.conversation.mode);
    ChatRow {
        hotel: turn.claim.hotel.as_str(),
        chat: turn.claim.chat.to_string(),
        at: micros(turn.at),
        mode,
        since,
        until,
        why,
        waiting: turn.conversation.waiting_since.map(micros),
        cancel: i64::from(turn.cancel_planned),
        rule: &turn.record.rule,
    }
}

#[derive(Serialize)]
struct GuestRow<'a> {
    hotel: &'a str,
    guest: String,
    consent: &'static str,
    consent_at: Option<i64>,
    language: Option<String>,
}

fn distinct_guests<'a>(turns: &[&'a TurnCommit]) -> Vec<GuestRow<'a>> {
    let mut seen = HashSet::new();
    turns
        .iter()
        .filter(|turn| turn.guest_changed && seen.insert((turn.claim.hotel.clone(), turn.conversation.guest)))
        .map(|turn| {
            let (consent, consent_at) = consent_columns(turn.conversation.consent);
            GuestRow {
                hotel: turn.claim.hotel.as_str(),
                guest: turn.conversation.guest.to_string(),
                consent,
                consent_at,
                language: turn.conversation.language.map(|language| language.to_string()),
            }
        })
        .collect()
}

#[derive(Serialize)]
struct RecordRow<'a> {
    hotel: &'a str,
    turn: String,
    chat: String,
    at: i64,
    rule: &'a str,
    reasons: String,
    understanding: Option<String>,
    why_not: Option<&'static str>,
    prompt: Option<&'a str>,
    model: Option<&'a str>,
    calls: i64,
    hit: i64,
    miss: i64,
    output: i64,
    cost: i64,
    latency: i64,
    detail: Option<&'a str>,
}

fn record_row(turn: &TurnCommit) -> Result<RecordRow<'_>> {
    let usage = &turn.record.usage;
    Ok(RecordRow {
        hotel: turn.claim.hotel.as_str(),
        turn: turn.turn.to_string(),
        chat: turn.claim.chat.to_string(),
        at: micros(turn.at),
        rule: &turn.record.rule,
        reasons: document(&turn.record.reasons)?,
        understanding: turn.record.understanding.as_ref().map(document).transpose()?,
        why_not: turn.record.why_not,
        prompt: usage.prompt.as_deref(),
        model: usage.model.as_deref(),
        calls: usage.calls,
        hit: usage.hit_tokens,
        miss: usage.miss_tokens,
        output: usage.output_tokens,
        cost: usage.cost_micro_usd,
        latency: usage.latency_ms,
        detail: turn.record.detail.as_deref(),
    })
}

/// A planned message as a row of both `messages` and `outbox`.
#[derive(Serialize)]
pub(super) struct SendRow<'a> {
    pub(super) hotel: &'a str,
    pub(super) id: String,
    pub(super) chat: String,
    pub(super) turn: Option<String>,
    pub(super) message: String,
    pub(super) intent: &'a str,
    pub(super) address: &'a str,
    pub(super) text: &'a str,
    pub(super) quotes: Option<&'a str>,
    pub(super) author: &'static str,
    pub(super) origin: &'static str,
    pub(super) choices: Option<String>,
    pub(super) due: i64,
    pub(super) expires: i64,
    pub(super) at: i64,
}

fn send_rows(turn: &TurnCommit) -> impl Iterator<Item = Result<SendRow<'_>>> {
    let to = SendTo {
        hotel: &turn.claim.hotel,
        chat: turn.claim.chat,
        turn: Some(turn.turn),
        address: &turn.conversation.address,
        at: turn.at,
    };
    turn.sends.iter().map(move |send| send_row(to, send))
}

/// Where a planned message goes.
#[derive(Clone, Copy)]
pub(super) struct SendTo<'a> {
    pub(super) hotel: &'a HotelId,
    pub(super) chat: ChatId,
    pub(super) turn: Option<TurnId>,
    pub(super) address: &'a ChatAddress,
    pub(super) at: Timestamp,
}

pub(super) fn send_row<'a>(to: SendTo<'a>, send: &'a PlannedSend) -> Result<SendRow<'a>> {
    Ok(SendRow {
        hotel: to.hotel.as_str(),
        id: send.id.to_string(),
        chat: to.chat.to_string(),
        turn: to.turn.map(|turn| turn.to_string()),
        message: send.message.to_string(),
        intent: &send.intent,
        address: to.address.as_str(),
        text: &send.text,
        quotes: send.quotes.as_ref().map(ProviderMessageId::as_str),
        author: send.author.as_str(),
        origin: send.origin.as_str(),
        choices: send.choices.as_ref().map(document).transpose()?,
        due: micros(send.due_at),
        expires: micros(send.expires_at),
        at: micros(to.at),
    })
}

/// Writes planned messages; an intent that is there already writes nothing.
pub(super) async fn plan_sends(tx: &mut Tx, rows: &[SendRow<'_>]) -> Result<()> {
    run_all(tx, &send_statements(rows)?).await
}

fn send_statements(rows: &[SendRow<'_>]) -> Result<Vec<(super::Sql, String)>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let json = batch(rows)?;
    Ok(vec![(INSERT_SENT_MESSAGES, json.clone()), (INSERT_OUTBOX, json)])
}

/// A message as stored, with how far it got.
#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    pub(super) hotel_id: String,
    message_id: String,
    chat_id: String,
    provider_id: Option<String>,
    direction: String,
    author: String,
    origin: String,
    text: String,
    at: i64,
    language: Option<String>,
    sentiment: Option<String>,
    delivery: Option<String>,
}

impl MessageRow {
    pub(super) fn read(self) -> Result<Message> {
        let corrupt = |word: &str| super::StoreError::Corrupt(format!("`{word}` is no word of a message"));
        Ok(Message {
            id: MessageId(read_uuid(&self.message_id)?),
            chat: ChatId(read_uuid(&self.chat_id)?),
            provider_id: self.provider_id.map(ProviderMessageId),
            direction: Direction::parse(&self.direction).ok_or_else(|| corrupt(&self.direction))?,
            author: Author::parse(&self.author).ok_or_else(|| corrupt(&self.author))?,
            origin: Origin::parse(&self.origin).ok_or_else(|| corrupt(&self.origin))?,
            text: self.text,
            at: instant(self.at)?,
            delivery: self.delivery.as_deref().and_then(Delivery::parse),
            language: self.language.as_deref().and_then(Language::parse),
            sentiment: self.sentiment.as_deref().and_then(Sentiment::parse),
        })
    }
}

/// The last messages of each chat that are not waiting any more, oldest first.
pub(super) async fn recent(store: &Store, keys: &str, limit: i64) -> Result<HashMap<(HotelId, ChatId), Vec<Message>>> {
    const RECENT: super::Sql = sql!(
        "SELECT m.hotel_id, m.message_id, m.chat_id, m.provider_id, m.direction, m.author, m.origin, m.text, m.at,
                m.language, m.sentiment, o.state AS delivery
         FROM " ROWS
        {lite: "JOIN messages m ON m.hotel_id = r.value->>'hotel' AND m.message_id IN", pg: "CROSS JOIN LATERAL"}
        " (SELECT " {lite: "l.message_id", pg: "l.*"} " FROM messages l
           WHERE l.hotel_id = r.value->>'hotel' AND l.chat_id = r.value->>'chat'
             AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = l.hotel_id AND i.inbox_id = l.message_id
                             AND i.state || '' = 'available')
           ORDER BY l.at DESC, l.message_id DESC LIMIT $2)"
        {lite: "", pg: " AS m"}
        " LEFT JOIN outbox o ON o.hotel_id = m.hotel_id AND o.message_id = m.message_id
         ORDER BY m.at, m.message_id"
    );
    let rows: Vec<MessageRow> =
        on_read!(store, RECENT, |q, c| sqlx::query_as(q).bind(keys).bind(limit).fetch_all(c).await?);
    let mut recent: HashMap<(HotelId, ChatId), Vec<Message>> = HashMap::new();
    for row in rows {
        let hotel = read_hotel(&row.hotel_id)?;
        let message = row.read()?;
        recent.entry((hotel, message.chat)).or_default().push(message);
    }
    Ok(recent)
}

/// A message a person plans by command.
#[derive(Clone, Debug)]
pub struct StaffSend {
    /// Whose guest.
    pub hotel: HotelId,
    /// Which chat.
    pub chat: ChatId,
    /// Where it goes.
    pub address: ChatAddress,
    /// What goes out.
    pub send: PlannedSend,
    /// Who leads the chat from then on.
    pub leads: Mode,
    /// When it was planned.
    pub at: Timestamp,
}

impl Store {
    /// Plans a person's message, and makes them lead the chat, in one step: a message that goes out while the bot
    /// still talks would be as bad as a bot that is silent for a message nobody planned. The same intent twice is one
    /// message.
    pub async fn plan_staff_send(&self, staff: StaffSend) -> Result<()> {
        self.write(move |tx| {
            async move {
                let to =
                    SendTo { hotel: &staff.hotel, chat: staff.chat, turn: None, address: &staff.address, at: staff.at };
                plan_sends(tx, &[send_row(to, &staff.send)?]).await?;
                super::queues::staff_leads(tx, &staff.hotel, staff.chat, staff.leads).await
            }
            .boxed()
        })
        .await
    }
}
