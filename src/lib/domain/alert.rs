//! An alert: a matter of a guest that a person must look after. One chat and topic is one alert until it is resolved; what
//! the guest says again makes it graver, not another one.

use super::hotel::{Hotel, SlaPolicy};
use super::ids::{AlertId, ChatId, HotelId, ReservationId, TurnId};
use super::language::Language;
use super::message::words;
use super::stay::{Reservation, ReservationStatus};
use super::trigger::Severity;
use super::understanding::{AttentionReason, Sentiment, Topic};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

words!(
    /// How far people got with an alert.
    AlertState {
        /// Nobody has said that it is theirs.
        Open = "open",
        /// Somebody has.
        Acknowledged = "acknowledged",
        /// Done.
        Resolved = "resolved",
    }
);
words!(
    /// Where the guest is in a stay.
    StayPhase {
        /// Here: it can still be put right.
        InHouse = "in_house",
        /// Coming.
        Arriving = "arriving",
        /// Gone.
        Departed = "departed",
        /// No reservation of the guest is known.
        Unknown = "unknown",
    }
);
words!(
    /// By what a person took or ended an alert.
    Through {
        /// `hotelbot alerts …`.
        Command = "command",
        /// A word in the staff's chat.
        Chat = "chat",
        /// They wrote to the guest.
        Message = "message",
    }
);

/// What happens to an alert, besides growing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Somebody says that it is theirs.
    Acknowledge,
    /// Somebody says that it is done.
    Resolve,
    /// Nobody answered in time: the next person is told.
    Escalate,
}

impl AlertState {
    /// The state after a step; `None` when the step is no news: taken already, or over.
    pub fn after(self, step: Step) -> Option<AlertState> {
        match (self, step) {
            (AlertState::Open, Step::Acknowledge) => Some(AlertState::Acknowledged),
            (AlertState::Open | AlertState::Acknowledged, Step::Resolve) => Some(AlertState::Resolved),
            (AlertState::Open | AlertState::Acknowledged, Step::Escalate) => Some(self),
            (AlertState::Acknowledged, Step::Acknowledge) | (AlertState::Resolved, _) => None,
        }
    }
}

/// What one turn of a guest gives an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// What it is about.
    pub topic: Topic,
    /// How bad, where the hotel itself says so; otherwise [`severity`] does.
    pub severity: Option<Severity>,
    /// The turn's label: negative or requires_attention.
    pub label: Sentiment,
    /// How sure the reader is, 0 to 1.
    pub confidence: Option<f32>,
    /// Why a person must look.
    pub reason: Option<AttentionReason>,
    /// Who is to come, where the hotel itself says so.
    pub department: Option<String>,
    /// The guest's own words; untrusted.
    pub words: String,
    /// Their language.
    pub language: Option<Language>,
    /// What could be answered, where nothing was.
    pub suggested_reply: Option<String>,
}

/// Where the guest of a cause is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// In which part of the stay.
    pub phase: StayPhase,
    /// Of which stay.
    pub reservation: Option<ReservationId>,
}

/// Who did something to an alert, when, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// A contact's id, or a person's name.
    pub by: String,
    /// By what.
    pub through: Through,
}

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Whose guest.
    pub hotel: HotelId,
    /// Which.
    pub id: AlertId,
    /// What people type; counted within the hotel.
    pub number: i64,
    /// Where.
    pub chat: ChatId,
    /// About what.
    pub topic: Topic,
    /// How bad.
    pub severity: Severity,
    /// The worst label of its turns.
    pub label: Sentiment,
    /// How sure the reader was, 0 to 1.
    pub confidence: Option<f32>,
    /// Why a person must look.
    pub reason: Option<AttentionReason>,
    /// How far people got.
    pub state: AlertState,
    /// How often it went up the ladder.
    pub level: i64,
    /// On how many turns it rests.
    pub evidence: i64,
    /// The guest's words that made it as grave as it is; untrusted.
    pub words: String,
    /// Their language.
    pub language: Option<Language>,
    /// Where the guest was when it was raised.
    pub whereabouts: Whereabouts,
    /// Who is to come.
    pub department: Option<String>,
    /// What could be answered.
    pub suggested_reply: Option<String>,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When the ladder looks at it next; `None`: never again.
    pub next_at: Option<Timestamp>,
    /// Who took it.
    pub acknowledged: Option<Act>,
    /// Who ended it.
    pub resolved: Option<Act>,
    /// When anything last changed.
    pub updated_at: Timestamp,
}

/// What an alert rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The turn.
    pub turn: TurnId,
    /// When.
    pub at: Timestamp,
    /// The guest's words; untrusted.
    pub words: String,
    /// Their label.
    pub label: Sentiment,
    /// How sure the reader was, 0 to 1.
    pub confidence: Option<f32>,
}

/// Which alert is raised, where, and when: what a cause does not know.
#[derive(Clone, Debug)]
pub struct Raising {
    /// Whose guest.
    pub hotel: HotelId,
    /// The alert's id.
    pub id: AlertId,
    /// Its number.
    pub number: i64,
    /// Where.
    pub chat: ChatId,
    /// When.
    pub at: Timestamp,
}

/// After so many angry turns without an end an alert becomes graver by itself; then once more, and never again: that
/// would be noise.
const GRAVER_AT: [i64; 2] = [3, 6];

impl Alert {
    /// A new one. The ladder looks at it at once.
    pub fn raised(at: Raising, cause: &Cause, whereabouts: Whereabouts) -> Self {
        Self {
            hotel: at.hotel,
            id: at.id,
            number: at.number,
            chat: at.chat,
            topic: cause.topic,
            severity: cause.severity(whereabouts.phase),
            label: cause.label,
            confidence: cause.confidence,
            reason: cause.reason,
            state: AlertState::Open,
            level: 0,
            evidence: 1,
            words: cause.words.clone(),
            language: cause.language,
            whereabouts,
            department: cause.department.clone(),
            suggested_reply: cause.suggested_reply.clone(),
            raised_at: at.at,
            next_at: Some(at.at),
            acknowledged: None,
            resolved: None,
            updated_at: at.at,
        }
    }

    /// One more turn about it. What is said again is no news; a graver alert is, and the ladder looks at it at once.
    pub fn grow(&mut self, cause: &Cause, phase: StayPhase, at: Timestamp) {
        self.evidence += 1;
        let before = self.severity;
        self.hear(cause, phase, at);
        if cause.is_complaint() && GRAVER_AT.contains(&self.evidence) {
            self.severity = graver(self.severity);
        }
        self.look_again_if_graver(before, at);
    }

    /// What the whole turn says, of which one message raised this alert or made it grow already. Where the alert was about
    /// nothing in particular, and `topic_is_free` for it, the turn says what it is about.
    pub fn confirm(&mut self, cause: &Cause, phase: StayPhase, at: Timestamp, topic_is_free: bool) {
        let before = self.severity;
        if self.topic == Topic::Other && topic_is_free {
            self.topic = cause.topic;
        }
        if self.evidence == 1 {
            self.words.clone_from(&cause.words);
        }
        self.hear(cause, phase, at);
        self.look_again_if_graver(before, at);
    }

    fn hear(&mut self, cause: &Cause, phase: StayPhase, at: Timestamp) {
        self.updated_at = at;
        let said = cause.severity(phase);
        if said > self.severity || self.words.is_empty() {
            self.severity = said.max(self.severity);
            self.words.clone_from(&cause.words);
            self.language = cause.language;
            self.reason = cause.reason.or(self.reason);
            self.confidence = cause.confidence;
        }
        if cause.label == Sentiment::RequiresAttention {
            self.label = cause.label;
        }
        self.department = self.department.take().or_else(|| cause.department.clone());
        self.suggested_reply = cause.suggested_reply.clone().or(self.suggested_reply.take());
    }

    fn look_again_if_graver(&mut self, before: Severity, at: Timestamp) {
        if self.severity > before {
            self.next_at = Some(at);
        }
    }

    /// Takes, ends or escalates it. `false` when that is no news; nothing changes then.
    pub fn step(&mut self, step: Step, act: Act) -> bool {
        let Some(state) = self.state.after(step) else { return false };
        self.state = state;
        self.updated_at = act.at;
        match step {
            Step::Acknowledge => self.acknowledged = Some(act),
            Step::Resolve => {
                self.resolved = Some(act);
                self.next_at = None;
            }
            Step::Escalate => self.level += 1,
        }
        true
    }

    /// Whether it waits for a person.
    pub fn is_unresolved(&self) -> bool {
        self.state != AlertState::Resolved
    }

    /// The state with the level of an alert that nobody took: `open`, `escalated(2)`, `acknowledged`, `resolved`.
    pub fn standing(&self) -> String {
        match (self.state, self.level) {
            (AlertState::Open, level) if level > 0 => format!("escalated({level})"),
            (state, _) => state.to_string(),
        }
    }

    /// By when somebody must have done the next thing: taken it, or then ended it. `None` once it is over.
    pub fn deadline(&self, sla: &SlaPolicy) -> Option<Timestamp> {
        let within = match self.state {
            AlertState::Open => sla.first_response,
            AlertState::Acknowledged => sla.resolution,
            AlertState::Resolved => return None,
        };
        Some(self.raised_at.checked_add(within).unwrap_or(Timestamp::MAX))
    }

    /// Whether it has waited longer than the hotel allows.
    pub fn is_overdue(&self, sla: &SlaPolicy, now: Timestamp) -> bool {
        self.deadline(sla).is_some_and(|deadline| deadline <= now)
    }

    /// Which of a chat's unresolved alerts a cause belongs to. Words about nothing in particular ("hello??", "nobody
    /// comes!") belong to what is open already, the newest first.
    pub fn of_cause<'a>(unresolved: &'a mut [Alert], cause: &Cause) -> Option<&'a mut Alert> {
        let same = unresolved.iter().position(|alert| alert.topic == cause.topic);
        let newest = || (0..unresolved.len()).max_by_key(|&at| (unresolved[at].raised_at, unresolved[at].number));
        let at = same.or_else(|| (cause.topic == Topic::Other).then(newest).flatten())?;
        unresolved.get_mut(at)
    }
}

impl Cause {
    fn severity(&self, phase: StayPhase) -> Severity {
        self.severity.unwrap_or_else(|| severity(self.topic, self.label, self.reason, phase))
    }

    /// Whether the guest is unhappy, rather than unread or in need of something.
    fn is_complaint(&self) -> bool {
        is_complaint(self.label, self.reason)
    }
}

/// Whether somebody may be in danger, or was harmed.
pub fn is_danger(topic: Topic) -> bool {
    matches!(topic, Topic::Safety | Topic::Health | Topic::Theft)
}

/// The one topic an alert of a turn is about: danger first, then what was named first.
pub fn main_topic(topics: &[Topic]) -> Topic {
    let danger = topics.iter().find(|topic| is_danger(**topic));
    danger.or(topics.first()).copied().unwrap_or(Topic::Other)
}

fn is_complaint(label: Sentiment, reason: Option<AttentionReason>) -> bool {
    use AttentionReason::{Complaint, Refund, Safety};
    label == Sentiment::Negative || matches!(reason, None | Some(Complaint | Refund | Safety))
}

/// How bad it is. Danger is above all; then a complaint of a guest who is here, because it can still be put right.
pub fn severity(topic: Topic, label: Sentiment, reason: Option<AttentionReason>, phase: StayPhase) -> Severity {
    let attention = label == Sentiment::RequiresAttention;
    if is_danger(topic) || reason == Some(AttentionReason::Safety) {
        return if phase == StayPhase::Departed { Severity::High } else { Severity::Critical };
    }
    if !is_complaint(label, reason) {
        let asks = reason == Some(AttentionReason::RequestHuman);
        return if asks || phase == StayPhase::InHouse { Severity::Medium } else { Severity::Low };
    }
    match (phase, attention) {
        (StayPhase::InHouse, _) | (StayPhase::Arriving | StayPhase::Unknown, true) => Severity::High,
        (StayPhase::Arriving | StayPhase::Unknown, false) | (StayPhase::Departed, true) => Severity::Medium,
        (StayPhase::Departed, false) => Severity::Low,
    }
}

impl Ord for Severity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let height = |severity: &Severity| Severity::ALL.iter().position(|known| known == severity);
        height(self).cmp(&height(other))
    }
}

impl PartialOrd for Severity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn graver(severity: Severity) -> Severity {
    match severity {
        Severity::Low => Severity::Medium,
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}

/// Where a guest with these stays is at an instant. Who was promised for now counts as here, reported or not: too much
/// care does less harm than too little.
pub fn whereabouts(hotel: &Hotel, stays: &[&Reservation], at: Timestamp) -> Whereabouts {
    let here = |stay: &&&Reservation| match stay.status_at(hotel, at) {
        ReservationStatus::CheckedIn => true,
        ReservationStatus::Confirmed => stay.arrives_at(hotel) <= at && at < stay.departs_at(hotel),
        _ => false,
    };
    let coming = |stay: &&&Reservation| {
        let promised = matches!(stay.booking.status, ReservationStatus::Confirmed | ReservationStatus::Tentative);
        promised && stay.arrives_at(hotel) > at
    };
    let gone = |stay: &&&Reservation| {
        let stayed = matches!(stay.booking.status, ReservationStatus::Confirmed | ReservationStatus::CheckedOut);
        stayed && (stay.booking.status == ReservationStatus::CheckedOut || stay.departs_at(hotel) <= at)
    };
    let of = |phase: StayPhase, stay: &&Reservation| Whereabouts { phase, reservation: Some(stay.booking.id.clone()) };
    let id = |stay: &&&Reservation| stay.booking.id.0.clone();
    if let Some(stay) = stays.iter().filter(here).max_by_key(|stay| (stay.arrives_at(hotel), id(stay))) {
        return of(StayPhase::InHouse, stay);
    }
    // Who left today and comes again in a year complains about the stay that was.
    let left = stays.iter().filter(gone).max_by_key(|stay| (stay.departs_at(hotel), id(stay)));
    let next = stays.iter().filter(coming).min_by_key(|stay| (stay.arrives_at(hotel), id(stay)));
    match (left, next) {
        (Some(left), Some(next)) => {
            let since = at.duration_since(left.departs_at(hotel));
            let until = next.arrives_at(hotel).duration_since(at);
            if since < until { of(StayPhase::Departed, left) } else { of(StayPhase::Arriving, next) }
        }
        (Some(left), None) => of(StayPhase::Departed, left),
        (None, Some(next)) => of(StayPhase::Arriving, next),
        (None, None) => Whereabouts { phase: StayPhase::Unknown, reservation: None },
    }
}

#[cfg(test)]
#[path = "alert_tests.rs"]
mod tests;
