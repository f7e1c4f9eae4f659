//! How much waits, for metrics and `status`.

use super::{Result, Store, micros};
use crate::domain::trigger::Severity;
use crate::{on_read, sql};
use jiff::Timestamp;
use std::time::Duration;

/// What waits now, over all hotels.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Rows that are not done, by state; every state is there, also with 0.
    pub inbox: Vec<(String, i64)>,
    /// See `inbox`.
    pub outbox: Vec<(String, i64)>,
    /// Hotels by the state of their instance.
    pub lines: Vec<(String, i64)>,
    /// Guests who wait for a person.
    pub waiting: i64,
    /// How long the one who waits longest has waited.
    pub waiting_longest: Duration,
    /// Alerts that are not resolved, by severity; every severity is there.
    pub alerts: Vec<(Severity, i64)>,
    /// How long the oldest of them has waited.
    pub alerts_oldest: Duration,
    /// Alerts ever raised, acknowledged and resolved, over all hotels and daemons.
    pub alert_totals: (i64, i64, i64),
}

const INBOX: super::Sql = sql!(
    "SELECT state, COUNT(*) FROM inbox WHERE state IN ('available', 'quarantined', 'failed')
     GROUP BY state ORDER BY state"
);
const OUTBOX: super::Sql = sql!(
    "SELECT state, COUNT(*) FROM outbox WHERE state IN ('planned', 'sending', 'unknown')
     GROUP BY state ORDER BY state"
);
const LINES: super::Sql = sql!(
    "SELECT COALESCE(line_state, 'unknown') AS state, COUNT(*) FROM hotels WHERE retired_at IS NULL
     GROUP BY COALESCE(line_state, 'unknown') ORDER BY state"
);
const WAITING: super::Sql = sql!("SELECT COUNT(*), MIN(waiting_since) FROM chats WHERE waiting_since IS NOT NULL");

const OLDEST_ALERT: super::Sql = sql!("SELECT MIN(raised_at) FROM alerts WHERE state <> 'resolved'");

impl Store {
    /// Counts what waits.
    pub async fn counts(&self, now: Timestamp) -> Result<Counts> {
        let inbox = on_read!(self, INBOX, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        let outbox = on_read!(self, OUTBOX, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        let lines = on_read!(self, LINES, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        let (waiting, since): (i64, Option<i64>) =
            on_read!(self, WAITING, |q, c| sqlx::query_as(q).fetch_one(c).await?);
        let age = |since: Option<i64>| {
            let micros = since.map_or(0, |since| (micros(now) - since).max(0));
            Duration::from_micros(u64::try_from(micros).unwrap_or(0))
        };
        let oldest: Option<i64> = on_read!(self, OLDEST_ALERT, |q, c| sqlx::query_scalar(q).fetch_one(c).await?);
        Ok(Counts {
            inbox: with_zeros(inbox, &["available", "quarantined", "failed"]),
            outbox: with_zeros(outbox, &["planned", "sending", "unknown"]),
            lines,
            waiting,
            waiting_longest: age(since),
            alerts: self.open_alerts_by_severity().await?,
            alerts_oldest: age(oldest),
            alert_totals: self.alert_totals().await?,
        })
    }
}

fn with_zeros(mut counted: Vec<(String, i64)>, states: &[&str]) -> Vec<(String, i64)> {
    for state in states {
        if !counted.iter().any(|(known, _)| known == state) {
            counted.push(((*state).to_owned(), 0));
        }
    }
    counted
}
