//! An alert as programs and people see it.

use crate::desk::Desk;
use crate::words;
use hotelbot::domain::alert::{Act, Alert, AlertState};
use hotelbot::domain::hotel::SlaPolicy;
use hotelbot::store::alerts::AlertView;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// The fields of an alert in JSON.
#[derive(Serialize, Clone, Debug)]
pub struct AlertLine {
    pub(super) id: String,
    pub(super) number: i64,
    pub(super) hotel: String,
    pub(super) chat: String,
    pub(super) address: String,
    pub(super) guest_name: Option<String>,
    pub(super) room: Option<String>,
    pub(super) topic: &'static str,
    pub(super) severity: &'static str,
    pub(super) label: &'static str,
    confidence: Option<f64>,
    reason: Option<&'static str>,
    pub(super) state: &'static str,
    level: i64,
    pub(super) evidence: i64,
    pub(super) words: String,
    language: Option<String>,
    phase: &'static str,
    reservation_id: Option<String>,
    department: Option<String>,
    suggested_reply: Option<String>,
    raised_at: String,
    deadline_at: Option<String>,
    pub(super) overdue: bool,
    acknowledged_at: Option<String>,
    acknowledged_by: Option<String>,
    acknowledged_how: Option<&'static str>,
    resolved_at: Option<String>,
    resolved_by: Option<String>,
    resolved_how: Option<&'static str>,
    updated_at: String,
    #[serde(skip)]
    pub(super) standing: String,
    #[serde(skip)]
    pub(super) age: String,
}

impl AlertLine {
    /// Of a stored alert, in its hotel's time. Without the hotel's promises nothing is overdue.
    pub fn of(view: &AlertView, sla: Option<&SlaPolicy>, zone: &TimeZone, desk: &Desk) -> Self {
        let (alert, now) = (&view.alert, desk.now());
        let stamp = |at: Timestamp| words::stamp(at, zone);
        let by = |act: &Option<Act>| act.as_ref().map(|act| act.by.clone());
        let at = |act: &Option<Act>| act.as_ref().map(|act| stamp(act.at));
        let how = |act: &Option<Act>| act.as_ref().map(|act| act.through.as_str());
        let waited_until = alert.resolved.as_ref().map_or(now, |act| act.at);
        Self {
            id: alert.id.to_string(),
            number: alert.number,
            hotel: alert.hotel.to_string(),
            chat: alert.chat.to_string(),
            address: desk.guests().address(view.address.as_str()),
            guest_name: view.guest.as_deref().map(|name| desk.guests().name(name)),
            room: view.room.clone(),
            topic: alert.topic.as_str(),
            severity: alert.severity.as_str(),
            label: alert.label.as_str(),
            confidence: alert.confidence.map(|value| (f64::from(value) * 1_000.0).round() / 1_000.0),
            reason: alert.reason.map(|reason| reason.as_str()),
            state: alert.state.as_str(),
            level: alert.level,
            evidence: alert.evidence,
            words: alert.words.clone(),
            language: alert.language.map(|language| language.to_string()),
            phase: alert.whereabouts.phase.as_str(),
            reservation_id: alert.whereabouts.reservation.as_ref().map(ToString::to_string),
            department: alert.department.clone(),
            suggested_reply: alert.suggested_reply.clone(),
            raised_at: stamp(alert.raised_at),
            deadline_at: sla.and_then(|sla| alert.deadline(sla)).map(stamp),
            overdue: sla.is_some_and(|sla| alert.is_overdue(sla, now)),
            acknowledged_at: at(&alert.acknowledged),
            acknowledged_by: by(&alert.acknowledged),
            acknowledged_how: how(&alert.acknowledged),
            resolved_at: at(&alert.resolved),
            resolved_by: by(&alert.resolved),
            resolved_how: how(&alert.resolved),
            updated_at: stamp(alert.updated_at),
            standing: alert.standing(),
            age: words::waiting(words::since(waited_until, alert.raised_at)),
        }
    }
}

/// What is late about an alert, in words; `None` while it is within what the hotel promises.
pub fn overdue(alert: &Alert, sla: &SlaPolicy, now: Timestamp) -> Option<String> {
    if !alert.is_overdue(sla, now) {
        return None;
    }
    let waited = words::span(words::since(now, alert.raised_at));
    Some(match alert.state {
        AlertState::Open => format!("nobody took it for {waited}; {} promised", words::span(sla.first_response)),
        _ => format!("not resolved for {waited}; {} promised", words::span(sla.resolution)),
    })
}
