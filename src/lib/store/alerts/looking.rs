//! Alerts as people and the ladder see them.

use super::rows::{AlertRow, EvidenceColumns};
use crate::domain::alert::{Alert, Evidence};
use crate::domain::ids::{AlertId, ChatAddress, ChatId, HotelId, TurnId};
use crate::domain::trigger::Severity;
use crate::store::{Result, Sql, Store, Tx, batch, instant, instant_opt, micros, read_hotel, read_uuid};
use crate::{on_read, on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// An alert with whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
    /// Where the guest is reached.
    pub address: ChatAddress,
    /// The guest's name, as the PMS spells it or as the channel shows it; untrusted.
    pub guest: Option<String>,
    /// The room of the stay.
    pub room: Option<String>,
}

/// Which alerts to list.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Only these hotels; empty means all.
    pub hotels: Vec<HotelId>,
    /// Also what is resolved.
    pub all: bool,
    /// Only what changed since.
    pub since: Option<Timestamp>,
    /// The most rows.
    pub limit: i64,
}

/// What is not resolved at a hotel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenAlerts {
    /// How many.
    pub count: i64,
    /// How many nobody took.
    pub untaken: i64,
    /// When the oldest that nobody took was raised.
    pub untaken_since: Option<Timestamp>,
    /// When the oldest was raised.
    pub since: Option<Timestamp>,
}

/// An alert as a turn knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TurnAlert {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub topic: String,
    /// How bad it is now.
    pub severity: String,
}

#[derive(sqlx::FromRow)]
struct ViewRow {
    #[sqlx(flatten)]
    alert: AlertRow,
    address: String,
    guest: Option<String>,
    room: Option<String>,
}

impl ViewRow {
    fn read(self) -> Result<AlertView> {
        let (address, guest, room) = (ChatAddress(self.address), self.guest, self.room);
        Ok(AlertView { alert: self.alert.read()?, address, guest, room })
    }
}

/// What is not resolved comes first, the gravest of it on top; then what ended last.
const LIST: Sql = sql!(
    "SELECT a.hotel_id, a.alert_id, a.number, a.chat_id, a.topic, a.severity, a.label, a.confidence, a.reason, a.state,
            a.level, a.evidence, a.words, a.language, a.phase, a.reservation_id, a.department, a.suggested_reply,
            a.raised_at, a.next_at, a.acknowledged_at, a.acknowledged_by, a.acknowledged_how, a.resolved_at,
            a.resolved_by, a.resolved_how, a.updated_at, c.address, COALESCE(g.told_name, g.name) AS guest, v.room
     FROM alerts a
     JOIN chats c ON c.chat_id = a.chat_id AND c.hotel_id = a.hotel_id
     JOIN guests g ON g.guest_id = c.guest_id AND g.hotel_id = c.hotel_id
     LEFT JOIN reservations v ON v.hotel_id = a.hotel_id AND v.reservation_id = a.reservation_id
     WHERE ($1 = '[]' OR a.hotel_id IN (SELECT value FROM "
    {lite: "json_each($1)", pg: "jsonb_array_elements_text($1::jsonb)"}
    ")) AND ($2 = 1 OR a.state <> 'resolved') AND a.updated_at >= $3
     ORDER BY CASE a.state WHEN 'open' THEN 0 WHEN 'acknowledged' THEN 1 ELSE 2 END,
              CASE WHEN a.state = 'resolved' THEN 0
                   ELSE CASE a.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END END,
              CASE WHEN a.state = 'resolved' THEN -a.resolved_at ELSE a.raised_at END, a.alert_id
     LIMIT $4"
);
const FIND: Sql = sql!(
    "SELECT a.hotel_id, a.alert_id, a.number, a.chat_id, a.topic, a.severity, a.label, a.confidence, a.reason, a.state,
            a.level, a.evidence, a.words, a.language, a.phase, a.reservation_id, a.department, a.suggested_reply,
            a.raised_at, a.next_at, a.acknowledged_at, a.acknowledged_by, a.acknowledged_how, a.resolved_at,
            a.resolved_by, a.resolved_how, a.updated_at, c.address, COALESCE(g.told_name, g.name) AS guest, v.room
     FROM alerts a
     JOIN chats c ON c.chat_id = a.chat_id AND c.hotel_id = a.hotel_id
     JOIN guests g ON g.guest_id = c.guest_id AND g.hotel_id = c.hotel_id
     LEFT JOIN reservations v ON v.hotel_id = a.hotel_id AND v.reservation_id = a.reservation_id
     WHERE (a.alert_id = $1 OR a.number = $2)
       AND ($3 = '[]' OR a.hotel_id IN (SELECT value FROM "
    {lite: "json_each($3)", pg: "jsonb_array_elements_text($3::jsonb)"}
    "))
     ORDER BY a.hotel_id, a.alert_id"
);
const OF_CHAT: Sql = sql!(
    "SELECT a.hotel_id, a.alert_id, a.number, a.chat_id, a.topic, a.severity, a.label, a.confidence, a.reason, a.state,
            a.level, a.evidence, a.words, a.language, a.phase, a.reservation_id, a.department, a.suggested_reply,
            a.raised_at, a.next_at, a.acknowledged_at, a.acknowledged_by, a.acknowledged_how, a.resolved_at,
            a.resolved_by, a.resolved_how, a.updated_at, c.address, COALESCE(g.told_name, g.name) AS guest, v.room
     FROM alerts a
     JOIN chats c ON c.chat_id = a.chat_id AND c.hotel_id = a.hotel_id
     JOIN guests g ON g.guest_id = c.guest_id AND g.hotel_id = c.hotel_id
     LEFT JOIN reservations v ON v.hotel_id = a.hotel_id AND v.reservation_id = a.reservation_id
     WHERE a.chat_id = $1 AND a.hotel_id = $2
     ORDER BY a.raised_at DESC, a.alert_id DESC LIMIT $3"
);
const EVIDENCE: Sql = sql!(
    "SELECT turn_id, at, words, label, confidence FROM (
       SELECT turn_id, at, words, label, confidence FROM alert_evidence
       WHERE alert_id = $1 AND hotel_id = $2 ORDER BY at DESC, turn_id DESC LIMIT $3) AS newest
     ORDER BY at, turn_id"
);
/// Skips what another daemon holds.
const DUE: Sql = sql!(
    "SELECT a.hotel_id, a.alert_id, a.number, a.chat_id, a.topic, a.severity, a.label, a.confidence, a.reason, a.state,
            a.level, a.evidence, a.words, a.language, a.phase, a.reservation_id, a.department, a.suggested_reply,
            a.raised_at, a.next_at, a.acknowledged_at, a.acknowledged_by, a.acknowledged_how, a.resolved_at,
            a.resolved_by, a.resolved_how, a.updated_at
     FROM alerts a WHERE a.next_at <= $1 AND a.next_at IS NOT NULL
     ORDER BY a.next_at, a.alert_id LIMIT $2 "
    {lite: "", pg: "FOR UPDATE SKIP LOCKED"}
);
const LOOK_AGAIN: Sql =
    sql!("UPDATE alerts SET next_at = $3 WHERE alert_id = $1 AND hotel_id = $2 AND state <> 'resolved'");

/// The alerts that the ladder must look at by now, held until the commit: whoever takes them says with [`look_again`]
/// when they are next looked at.
pub async fn take_due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Alert>> {
    let rows: Vec<AlertRow> =
        on_tx!(tx, DUE, |q, c| sqlx::query_as(q).bind(micros(now)).bind(limit).fetch_all(c).await?);
    rows.into_iter().map(AlertRow::read).collect()
}

/// Says when the ladder looks at an alert next; `None`: not before it grows graver.
pub async fn look_again(tx: &mut Tx, hotel: &HotelId, id: AlertId, at: Option<Timestamp>) -> Result<()> {
    on_tx!(tx, LOOK_AGAIN, |q, c| sqlx::query(q)
        .bind(id.to_string())
        .bind(hotel.as_str())
        .bind(at.map(micros))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

impl Store {
    /// Alerts of these hotels.
    pub async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertView>> {
        let hotels = batch(&filter.hotels)?;
        let rows: Vec<ViewRow> = on_read!(self, LIST, |q, c| sqlx::query_as(q)
            .bind(&hotels)
            .bind(i64::from(filter.all))
            .bind(filter.since.map_or(0, micros))
            .bind(filter.limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(ViewRow::read).collect()
    }

    /// The alerts that a person's word can mean: a number, or an id.
    pub async fn find_alerts(&self, word: &str, hotels: &[HotelId]) -> Result<Vec<AlertView>> {
        let number: i64 = word.parse().unwrap_or(-1);
        let hotels = batch(hotels)?;
        let rows: Vec<ViewRow> = on_read!(self, FIND, |q, c| sqlx::query_as(q)
            .bind(word.to_lowercase())
            .bind(number)
            .bind(&hotels)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(ViewRow::read).collect()
    }

    /// The alerts of a chat, the newest first.
    pub async fn alerts_of_chat(&self, hotel: &HotelId, chat: ChatId, limit: i64) -> Result<Vec<AlertView>> {
        let rows: Vec<ViewRow> = on_read!(self, OF_CHAT, |q, c| sqlx::query_as(q)
            .bind(chat.to_string())
            .bind(hotel.as_str())
            .bind(limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(ViewRow::read).collect()
    }

    /// What an alert rests on, oldest first; with more than `limit`, the newest.
    pub async fn alert_evidence(&self, hotel: &HotelId, id: AlertId, limit: i64) -> Result<Vec<Evidence>> {
        let rows: Vec<EvidenceColumns> = on_read!(self, EVIDENCE, |q, c| sqlx::query_as(q)
            .bind(id.to_string())
            .bind(hotel.as_str())
            .bind(limit)
            .fetch_all(c)
            .await?);
        rows.into_iter().map(EvidenceColumns::read).collect()
    }

    /// The alerts of a chat that each of its turns raised or made grow.
    pub async fn alerts_by_turn(&self, hotel: &HotelId, chat: ChatId) -> Result<HashMap<TurnId, Vec<TurnAlert>>> {
        const BY_TURN: Sql = sql!(
            "SELECT e.turn_id, a.alert_id, a.number, a.topic, a.severity
             FROM alerts a JOIN alert_evidence e ON e.alert_id = a.alert_id AND e.hotel_id = a.hotel_id
             WHERE a.chat_id = $1 AND a.hotel_id = $2 ORDER BY a.number"
        );
        let rows: Vec<(String, String, i64, String, String)> = on_read!(self, BY_TURN, |q, c| sqlx::query_as(q)
            .bind(chat.to_string())
            .bind(hotel.as_str())
            .fetch_all(c)
            .await?);
        let mut by_turn: HashMap<TurnId, Vec<TurnAlert>> = HashMap::new();
        for (turn, id, number, topic, severity) in rows {
            by_turn.entry(TurnId(read_uuid(&turn)?)).or_default().push(TurnAlert { id, number, topic, severity });
        }
        Ok(by_turn)
    }

    /// When the ladder must look next; it may be overdue.
    pub async fn next_alert_at(&self) -> Result<Option<Timestamp>> {
        const NEXT: Sql =
            sql!("SELECT next_at FROM alerts WHERE next_at IS NOT NULL ORDER BY next_at, alert_id LIMIT 1");
        let next: Option<i64> = on_read!(self, NEXT, |q, c| sqlx::query_scalar(q).fetch_optional(c).await?);
        instant_opt(next)
    }

    /// What is not resolved, by hotel.
    pub async fn open_alerts(&self) -> Result<BTreeMap<HotelId, OpenAlerts>> {
        const OPEN: Sql = sql!(
            "SELECT hotel_id, COUNT(*), COUNT(CASE WHEN state = 'open' THEN 1 END),
                    MIN(CASE WHEN state = 'open' THEN raised_at END), MIN(raised_at)
             FROM alerts WHERE state <> 'resolved' GROUP BY hotel_id ORDER BY hotel_id"
        );
        let rows: Vec<(String, i64, i64, Option<i64>, i64)> =
            on_read!(self, OPEN, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        rows.into_iter()
            .map(|(hotel, count, untaken, untaken_since, since)| {
                let untaken_since = instant_opt(untaken_since)?;
                let since = Some(instant(since)?);
                Ok((read_hotel(&hotel)?, OpenAlerts { count, untaken, untaken_since, since }))
            })
            .collect()
    }

    /// How many alerts are not resolved, by severity.
    pub async fn open_alerts_by_severity(&self) -> Result<Vec<(Severity, i64)>> {
        const BY_SEVERITY: Sql =
            sql!("SELECT severity, COUNT(*) FROM alerts WHERE state <> 'resolved' GROUP BY severity ORDER BY severity");
        let rows: Vec<(String, i64)> = on_read!(self, BY_SEVERITY, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        let of = |severity: &Severity| rows.iter().find(|(word, _)| word == severity.as_str()).map_or(0, |(_, n)| *n);
        Ok(Severity::ALL.iter().map(|severity| (*severity, of(severity))).collect())
    }

    /// How many alerts were ever raised, acknowledged and resolved.
    pub async fn alert_totals(&self) -> Result<(i64, i64, i64)> {
        const TOTALS: Sql = sql!(
            "SELECT CAST(COALESCE(SUM(raised), 0) AS BIGINT), CAST(COALESCE(SUM(acknowledged), 0) AS BIGINT),
                    CAST(COALESCE(SUM(resolved), 0) AS BIGINT) FROM alert_counts"
        );
        Ok(on_read!(self, TOTALS, |q, c| sqlx::query_as(q).fetch_one(c).await?))
    }
}
