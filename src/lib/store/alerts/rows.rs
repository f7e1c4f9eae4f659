//! An alert and its evidence as rows.

use crate::domain::alert::{Act, Alert, AlertState, Cause, Evidence, StayPhase, Through, Whereabouts};
use crate::domain::ids::{AlertId, ChatId, ReservationId, TurnId};
use crate::domain::language::Language;
use crate::domain::trigger::Severity;
use crate::domain::understanding::{AttentionReason, Sentiment, Topic};
use crate::store::turns::TurnCommit;
use crate::store::{Result, Sql, StoreError, Tx, batch, instant, instant_opt, micros, read_hotel, read_uuid};
use crate::{on_tx, sql};
use serde::Serialize;

/// As read.
#[derive(sqlx::FromRow)]
pub(super) struct AlertRow {
    hotel_id: String,
    alert_id: String,
    number: i64,
    chat_id: String,
    topic: String,
    severity: String,
    label: String,
    confidence: Option<f64>,
    reason: Option<String>,
    state: String,
    level: i64,
    evidence: i64,
    words: String,
    language: Option<String>,
    phase: String,
    reservation_id: Option<String>,
    department: Option<String>,
    suggested_reply: Option<String>,
    raised_at: i64,
    next_at: Option<i64>,
    acknowledged_at: Option<i64>,
    acknowledged_by: Option<String>,
    acknowledged_how: Option<String>,
    resolved_at: Option<i64>,
    resolved_by: Option<String>,
    resolved_how: Option<String>,
    updated_at: i64,
}

fn word<T>(parse: impl Fn(&str) -> Option<T>, text: &str) -> Result<T> {
    parse(text).ok_or_else(|| StoreError::Corrupt(format!("`{text}` is no word of an alert")))
}

fn act(at: Option<i64>, by: Option<String>, how: Option<&str>) -> Result<Option<Act>> {
    let Some(at) = instant_opt(at)? else { return Ok(None) };
    let through = how.and_then(Through::parse).unwrap_or(Through::Command);
    Ok(Some(Act { at, by: by.unwrap_or_default(), through }))
}

impl AlertRow {
    pub(super) fn read(self) -> Result<Alert> {
        Ok(Alert {
            hotel: read_hotel(&self.hotel_id)?,
            id: AlertId(read_uuid(&self.alert_id)?),
            number: self.number,
            chat: ChatId(read_uuid(&self.chat_id)?),
            topic: word(Topic::parse, &self.topic)?,
            severity: word(Severity::parse, &self.severity)?,
            label: word(Sentiment::parse, &self.label)?,
            confidence: self.confidence.map(|value| value as f32),
            reason: self.reason.as_deref().and_then(AttentionReason::parse),
            state: word(AlertState::parse, &self.state)?,
            level: self.level,
            evidence: self.evidence,
            words: self.words,
            language: self.language.as_deref().and_then(Language::parse),
            whereabouts: Whereabouts {
                phase: word(StayPhase::parse, &self.phase)?,
                reservation: self.reservation_id.map(ReservationId),
            },
            department: self.department,
            suggested_reply: self.suggested_reply,
            raised_at: instant(self.raised_at)?,
            next_at: instant_opt(self.next_at)?,
            acknowledged: act(self.acknowledged_at, self.acknowledged_by, self.acknowledged_how.as_deref())?,
            resolved: act(self.resolved_at, self.resolved_by, self.resolved_how.as_deref())?,
            updated_at: instant(self.updated_at)?,
        })
    }
}

/// As written.
#[derive(Serialize)]
struct Written<'a> {
    hotel: &'a str,
    id: String,
    number: i64,
    chat: String,
    topic: &'static str,
    severity: &'static str,
    label: &'static str,
    confidence: Option<f32>,
    reason: Option<&'static str>,
    state: &'static str,
    level: i64,
    evidence: i64,
    words: &'a str,
    language: Option<String>,
    phase: &'static str,
    reservation: Option<&'a str>,
    department: Option<&'a str>,
    suggested: Option<&'a str>,
    raised: i64,
    next: Option<i64>,
    acknowledged: Option<i64>,
    acknowledged_by: Option<&'a str>,
    acknowledged_how: Option<&'static str>,
    resolved: Option<i64>,
    resolved_by: Option<&'a str>,
    resolved_how: Option<&'static str>,
    updated: i64,
}

impl<'a> Written<'a> {
    fn of(alert: &'a Alert) -> Self {
        let (acknowledged, resolved) = (alert.acknowledged.as_ref(), alert.resolved.as_ref());
        Self {
            hotel: alert.hotel.as_str(),
            id: alert.id.to_string(),
            number: alert.number,
            chat: alert.chat.to_string(),
            topic: alert.topic.as_str(),
            severity: alert.severity.as_str(),
            label: alert.label.as_str(),
            confidence: alert.confidence,
            reason: alert.reason.map(AttentionReason::as_str),
            state: alert.state.as_str(),
            level: alert.level,
            evidence: alert.evidence,
            words: &alert.words,
            language: alert.language.map(|language| language.to_string()),
            phase: alert.whereabouts.phase.as_str(),
            reservation: alert.whereabouts.reservation.as_ref().map(ReservationId::as_str),
            department: alert.department.as_deref(),
            suggested: alert.suggested_reply.as_deref(),
            raised: micros(alert.raised_at),
            next: alert.next_at.map(micros),
            acknowledged: acknowledged.map(|act| micros(act.at)),
            acknowledged_by: acknowledged.map(|act| act.by.as_str()),
            acknowledged_how: acknowledged.map(|act| act.through.as_str()),
            resolved: resolved.map(|act| micros(act.at)),
            resolved_by: resolved.map(|act| act.by.as_str()),
            resolved_how: resolved.map(|act| act.through.as_str()),
            updated: micros(alert.updated_at),
        }
    }
}

const SAVE: Sql = sql!(
    "INSERT INTO alerts (hotel_id, alert_id, number, chat_id, topic, severity, label, confidence, reason, state, level,
                         evidence, words, language, phase, reservation_id, department, suggested_reply, raised_at, next_at,
                         acknowledged_at, acknowledged_by, acknowledged_how, resolved_at, resolved_by, resolved_how,
                         updated_at)
     SELECT r.value->>'hotel', r.value->>'id', CAST(r.value->>'number' AS BIGINT), r.value->>'chat', r.value->>'topic',
            r.value->>'severity', r.value->>'label', CAST(r.value->>'confidence' AS DOUBLE PRECISION),
            r.value->>'reason', r.value->>'state', CAST(r.value->>'level' AS BIGINT),
            CAST(r.value->>'evidence' AS BIGINT), r.value->>'words', r.value->>'language', r.value->>'phase',
            r.value->>'reservation', r.value->>'department', r.value->>'suggested',
            CAST(r.value->>'raised' AS BIGINT), CAST(r.value->>'next' AS BIGINT),
            CAST(r.value->>'acknowledged' AS BIGINT), r.value->>'acknowledged_by', r.value->>'acknowledged_how',
            CAST(r.value->>'resolved' AS BIGINT), r.value->>'resolved_by', r.value->>'resolved_how',
            CAST(r.value->>'updated' AS BIGINT)
     FROM " ROWS
    " WHERE true
     ON CONFLICT (alert_id, hotel_id) DO UPDATE SET
       topic = excluded.topic, severity = excluded.severity, label = excluded.label, confidence = excluded.confidence, reason = excluded.reason,
       state = excluded.state, level = excluded.level, evidence = excluded.evidence, words = excluded.words,
       language = excluded.language, department = excluded.department, suggested_reply = excluded.suggested_reply,
       next_at = excluded.next_at, acknowledged_at = excluded.acknowledged_at,
       acknowledged_by = excluded.acknowledged_by, acknowledged_how = excluded.acknowledged_how,
       resolved_at = excluded.resolved_at, resolved_by = excluded.resolved_by, resolved_how = excluded.resolved_how,
       updated_at = excluded.updated_at"
);

/// Writes alerts, new ones and changed ones. Whose and since when never changes.
pub(super) async fn save(tx: &mut Tx, alerts: impl Iterator<Item = &Alert>) -> Result<()> {
    let rows: Vec<Written<'_>> = alerts.map(Written::of).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let json = batch(&rows)?;
    on_tx!(tx, SAVE, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    Ok(())
}

/// A turn as evidence, as written.
#[derive(Serialize)]
pub(super) struct EvidenceRow<'a> {
    hotel: &'a str,
    alert: String,
    turn: String,
    at: i64,
    words: &'a str,
    label: &'static str,
    confidence: Option<f32>,
}

impl<'a> EvidenceRow<'a> {
    pub(super) fn of(turn: &'a TurnCommit, alert: AlertId, cause: &'a Cause) -> Self {
        Self {
            hotel: turn.claim.hotel.as_str(),
            alert: alert.to_string(),
            turn: turn.turn.to_string(),
            at: micros(turn.at),
            words: &cause.words,
            label: cause.label.as_str(),
            confidence: cause.confidence,
        }
    }
}

/// A turn may give two causes of one alert: it is evidence once.
const INSERT_EVIDENCE: Sql = sql!(
    "INSERT INTO alert_evidence (hotel_id, alert_id, turn_id, at, words, label, confidence)
     SELECT r.value->>'hotel', r.value->>'alert', r.value->>'turn', CAST(r.value->>'at' AS BIGINT), r.value->>'words',
            r.value->>'label', CAST(r.value->>'confidence' AS DOUBLE PRECISION)
     FROM " ROWS " WHERE true
     ON CONFLICT (alert_id, turn_id, hotel_id) DO NOTHING"
);

pub(super) async fn insert_evidence(tx: &mut Tx, rows: &[EvidenceRow<'_>]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let json = batch(rows)?;
    on_tx!(tx, INSERT_EVIDENCE, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    Ok(())
}

/// A turn as evidence, as read.
#[derive(sqlx::FromRow)]
pub(super) struct EvidenceColumns {
    turn_id: String,
    at: i64,
    words: String,
    label: String,
    confidence: Option<f64>,
}

impl EvidenceColumns {
    pub(super) fn read(self) -> Result<Evidence> {
        Ok(Evidence {
            turn: TurnId(read_uuid(&self.turn_id)?),
            at: instant(self.at)?,
            words: self.words,
            label: word(Sentiment::parse, &self.label)?,
            confidence: self.confidence.map(|value| value as f32),
        })
    }
}
