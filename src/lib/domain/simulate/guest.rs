//! What a simulation remembers of one guest and of one stay.

use crate::domain::ids::{QuestionId, ReservationId, TouchpointId, TriggerId};
use crate::domain::schedule::changes::{Changes, changes};
use crate::domain::schedule::facts::{Facts, Given, Happening};
use crate::domain::schedule::plan::Wanted;
use crate::domain::stay::{Reservation, ReservationStatus};
use crate::domain::stay_change::Known;
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointState};
use crate::domain::understanding::Sentiment;
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is known of a stay from before the simulation; nothing, for one from a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// What is known of the guest. `said`, `openings` and `sent` of it are added to what the simulation does itself.
    pub facts: Facts,
    /// What was sent for this stay: trigger, occurrence, instant.
    pub sent: Vec<(TriggerId, String, Timestamp)>,
    /// What happened in the guest's chat.
    pub happenings: Vec<Happening>,
}

/// One stay.
#[derive(Debug)]
pub(super) struct Stay {
    pub known: Known,
    pub past: Past,
    pub happenings: Vec<Happening>,
    pub rows: BTreeMap<TouchpointId, Touchpoint>,
    pub guest: usize,
    /// An event tells whether and when the guest comes.
    pub coming_is_told: bool,
    /// An event tells when the guest goes.
    pub going_is_told: bool,
}

/// One message that was sent, for `once` and the condition `sent`.
#[derive(Debug)]
pub(super) struct Heard {
    pub trigger: TriggerId,
    pub occurrence: String,
    pub reservation: ReservationId,
    pub at: Timestamp,
}

/// A question that was put.
#[derive(Debug)]
pub(super) struct Put {
    pub question: QuestionId,
    pub asked_at: Timestamp,
    pub expires_at: Timestamp,
}

/// One person or one phone.
#[derive(Debug, Default)]
pub(super) struct Guest {
    pub stays: Vec<usize>,
    pub opted_out: bool,
    pub heard: Vec<Heard>,
    pub openings: Vec<Timestamp>,
    pub questions: Vec<Put>,
    pub answers: Vec<(ReservationId, QuestionId, Given)>,
    pub last_sentiment: Option<Sentiment>,
    pub worst_sentiment: Option<Sentiment>,
    pub open_alert: bool,
    pub person_leads: bool,
    pub tags: Vec<String>,
    pub custom: BTreeMap<String, String>,
}

impl Stay {
    pub(super) fn new(reservation: Reservation, past: Past, guest: usize) -> Self {
        let known = Known { reservation, told: None, as_of: None };
        let happenings = past.happenings.clone();
        let mut stay = Self {
            known,
            happenings,
            rows: BTreeMap::new(),
            guest,
            coming_is_told: false,
            going_is_told: false,
            past: Past::default(),
        };
        for (trigger, occurrence, at) in &past.sent {
            let key = crate::domain::touchpoint::TouchpointKey {
                reservation: stay.known.reservation.booking.id.clone(),
                trigger: trigger.clone(),
                occurrence: occurrence.clone(),
            };
            let id = stay.next_id();
            let state = TouchpointState::Sent;
            let row = Touchpoint { id, key, due_at: *at, moment: *at, look_at: *at, state, reason: None };
            stay.rows.insert(id, row);
        }
        stay.past = past;
        stay
    }

    fn next_id(&self) -> TouchpointId {
        TouchpointId(Uuid::from_u128(self.rows.len() as u128))
    }

    /// The reservation as it stands at an instant: a confirmed guest comes and goes as planned, unless events tell it.
    pub(super) fn reservation_at(&self, hotel: &crate::domain::hotel::Hotel, at: Timestamp) -> Reservation {
        let mut stay = self.known.reservation.clone();
        let (arrives, departs) = (stay.arrives_at(hotel), stay.departs_at(hotel));
        if stay.booking.status == ReservationStatus::Confirmed && !self.coming_is_told && at >= arrives {
            stay.booking.status = ReservationStatus::CheckedIn;
            stay.history.checked_in_at = Some(arrives);
        }
        if stay.booking.status == ReservationStatus::CheckedOut && !self.coming_is_told {
            let came = stay.history.checked_in_at.unwrap_or(arrives);
            stay.history.checked_in_at = Some(stay.history.checked_out_at.map_or(came, |left| came.min(left)));
        }
        let came_before = stay.history.checked_in_at.is_none_or(|came| came < departs || came == arrives);
        let is_in = stay.booking.status == ReservationStatus::CheckedIn;
        if is_in && !self.going_is_told && came_before && at >= departs {
            stay.booking.status = ReservationStatus::CheckedOut;
            stay.history.checked_out_at = Some(departs);
        }
        stay
    }

    /// Brings the rows to what is wanted; the rows that are to be looked at anew.
    pub(super) fn replan(&mut self, wanted: Vec<Wanted>) -> Vec<(Timestamp, TouchpointId)> {
        let standing: Vec<Touchpoint> = self.rows.values().cloned().collect();
        let Changes { add, alter, cancel } = changes(&standing, wanted);
        for id in cancel {
            self.rows.entry(id).and_modify(|row| row.state = TouchpointState::Cancelled);
        }
        let mut touched: Vec<TouchpointId> = Vec::new();
        for wanted in add {
            let id = self.next_id();
            self.rows.insert(id, row(id, wanted));
            touched.push(id);
        }
        for (id, wanted) in alter {
            self.rows.insert(id, row(id, wanted));
            touched.push(id);
        }
        let planned = touched.into_iter().filter_map(|id| self.rows.get(&id));
        planned.filter(|row| row.state == TouchpointState::Planned).map(|row| (row.look_at, row.id)).collect()
    }

    pub(super) fn skip(&mut self, id: TouchpointId, reason: SkipReason) {
        self.rows.entry(id).and_modify(|row| {
            row.state = TouchpointState::Skipped;
            row.reason = Some(reason);
        });
    }
}

fn row(id: TouchpointId, wanted: Wanted) -> Touchpoint {
    let state = if wanted.skip.is_some() { TouchpointState::Skipped } else { TouchpointState::Planned };
    let Wanted { key, moment, due_at, skip, .. } = wanted;
    Touchpoint { id, key, due_at, moment, look_at: due_at, state, reason: skip }
}
