//! The rows a committed turn writes: its inbox done, its messages labelled, its chat and guest as they are now, its
//! record for support, and what goes out.

use super::TurnCommit;
use super::sends::{SendRow, SendTo, send_row, send_statements};
use crate::domain::understanding::Sentiment;
use crate::sql;
use crate::store::chats::{consent_columns, mode_columns};
use crate::store::{Result, Sql, Tx, alerts, batch, desk, document, due, micros, questions, run_all, touchpoints};
use serde::Serialize;
use std::collections::HashSet;

const FINISH_CHATS: Sql = sql!(
    "UPDATE chats SET lease_by = NULL, lease_until = NULL, reruns = 0, mode = r.value->>'mode',
       mode_since = CAST(r.value->>'since' AS BIGINT), mode_until = CAST(r.value->>'until' AS BIGINT),
       mode_why = r.value->>'why', waiting_since = CAST(r.value->>'waiting' AS BIGINT),
       last_at = CASE WHEN CAST(r.value->>'at' AS BIGINT) > last_at THEN CAST(r.value->>'at' AS BIGINT) ELSE last_at END,
       due_at = CASE WHEN EXISTS (SELECT 1 FROM inbox i WHERE i.hotel_id = chats.hotel_id AND i.chat_id = chats.chat_id
                                  AND i.state = 'available') THEN due_at END
     FROM " ROWS
    " WHERE chats.hotel_id = r.value->>'hotel' AND chats.chat_id = r.value->>'chat'"
);
const FINISH_GUESTS: Sql = sql!(
    "UPDATE guests SET consent = r.value->>'consent', consent_at = CAST(r.value->>'consent_at' AS BIGINT),
       language = r.value->>'language'
     FROM " ROWS
    " WHERE guests.hotel_id = r.value->>'hotel' AND guests.guest_id = r.value->>'guest'"
);
const FINISH_INBOX: Sql = sql!(
    "UPDATE inbox SET state = 'completed', turn_id = r.value->>'turn', done_at = CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
    " WHERE inbox.hotel_id = r.value->>'hotel' AND inbox.inbox_id = r.value->>'id' AND inbox.state || '' = 'available'"
);
const LABEL_MESSAGES: Sql = sql!(
    "UPDATE messages SET turn_id = r.value->>'turn', language = r.value->>'language',
       sentiment = r.value->>'sentiment', confidence = CAST(r.value->>'confidence' AS DOUBLE PRECISION)
     FROM " ROWS
    " WHERE messages.hotel_id = r.value->>'hotel' AND messages.message_id = r.value->>'id'"
);
const INSERT_TURNS: Sql = sql!(
    "INSERT INTO turns (hotel_id, turn_id, chat_id, at, rule, reasons, understanding, why_not, prompt, model, calls,
                        hit_tokens, miss_tokens, output_tokens, cost_micro_usd, latency_ms, detail, reading)
     SELECT r.value->>'hotel', r.value->>'turn', r.value->>'chat', CAST(r.value->>'at' AS BIGINT), r.value->>'rule',
            r.value->>'reasons', r.value->>'understanding', r.value->>'why_not', r.value->>'prompt', r.value->>'model',
            CAST(r.value->>'calls' AS BIGINT), CAST(r.value->>'hit' AS BIGINT), CAST(r.value->>'miss' AS BIGINT),
            CAST(r.value->>'output' AS BIGINT), CAST(r.value->>'cost' AS BIGINT), CAST(r.value->>'latency' AS BIGINT),
            r.value->>'detail', r.value->>'reading'
     FROM " ROWS
);
const CANCEL_PLANNED: Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = r.value->>'rule'
     FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.chat_id = r.value->>'chat' AND outbox.state = 'planned'
       AND outbox.author = 'bot' AND CAST(r.value->>'cancel' AS BIGINT) = 1"
);

pub(super) async fn write(tx: &mut Tx, turns: &[&TurnCommit]) -> Result<()> {
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
    questions::apply(tx, turns).await?;
    alerts::apply(tx, turns).await?;
    desk::apply(tx, turns).await?;
    replan_stays(tx, turns, &in_chats).await
}

/// What triggers planned in these chats and has not left is looked at once more, after what this turn decided.
async fn take_triggers_back(tx: &mut Tx, turns: &[&TurnCommit], in_chats: &str) -> Result<()> {
    let waiting = due::waiting_in_chats(tx, in_chats).await?;
    let Some(now) = turns.iter().map(|turn| turn.at).max() else { return Ok(()) };
    due::take_back(tx, &waiting, "taken back by what was written meanwhile", now).await
}

/// What a guest said may be the moment of a trigger.
async fn replan_stays(tx: &mut Tx, turns: &[&TurnCommit], in_chats: &str) -> Result<()> {
    let Some(now) = turns.iter().map(|turn| turn.at).max() else { return Ok(()) };
    for (hotel, stays) in touchpoints::stays_of_chats(tx, in_chats).await? {
        touchpoints::replan_after_words(tx, &hotel, &stays, now).await?;
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
    reading: Option<String>,
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
        reading: turn.record.reading.as_ref().map(document).transpose()?,
    })
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
