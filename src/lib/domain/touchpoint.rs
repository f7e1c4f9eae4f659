//! One trigger for one reservation at one instant: what may become of it, and why not.

use super::ids::{ReservationId, TouchpointId, TriggerId};
use super::message::words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

words!(
    /// What became of a touchpoint. Only `sent` uses up its key; a skip can be undone by a later change.
    TouchpointState {
        /// To come.
        Planned = "planned",
        /// Waits for a person's approval.
        Draft = "draft",
        /// Went to the outbox, or was recorded by a `shadow` trigger.
        Sent = "sent",
        /// Passed over, with a reason.
        Skipped = "skipped",
        /// No longer wanted: the stay or the trigger changed.
        Cancelled = "cancelled",
    }
);

words!(
    /// Why a touchpoint was passed over.
    SkipReason {
        /// The `where` does not hold.
        Condition = "condition",
        /// The moment was already past.
        Missed = "missed",
        /// The guest heard enough for now.
        Limit = "limit",
        /// Quiet hours moved it past the stay.
        Quiet = "quiet",
        /// Outside its window.
        Window = "window",
        /// The guest asked for silence.
        OptedOut = "opted_out",
        /// No number, or an unclear one.
        NoPhone = "no_phone",
        /// Tentative, cancelled, departed, or never came.
        Status = "status",
        /// Said already, to this guest or stay.
        Duplicate = "duplicate",
        /// A person leads the chat.
        Handoff = "handoff",
        /// The reservation's data is too old.
        Stale = "stale",
        /// No text in a language for this guest.
        Language = "language",
        /// The hotel's number is to be spared.
        Number = "number",
    }
);

/// What is unique for ever within a hotel. Holds no due time: moving a reservation re-times the message and never
/// repeats it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TouchpointKey {
    /// The reservation.
    pub reservation: ReservationId,
    /// The trigger.
    pub trigger: TriggerId,
    /// Which time of a recurring anchor: a day, a count, a message's id; empty for one that happens once.
    pub occurrence: String,
}

/// One row of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Touchpoint {
    /// Ours.
    pub id: TouchpointId,
    /// What it is for.
    pub key: TouchpointKey,
    /// When it is to go, after windows and quiet hours.
    pub due_at: Timestamp,
    /// The instant its anchor gave, before windows and quiet hours.
    pub moment: Timestamp,
    /// When it is looked at next: `due_at`, or later while it waits for a person, an answer or an hour.
    pub look_at: Timestamp,
    /// What became of it.
    pub state: TouchpointState,
    /// Why it was passed over.
    pub reason: Option<SkipReason>,
}
