//! What a simulation starts from and what it tells.

use super::guest::Past;
use crate::domain::hotel::Hotel;
use crate::domain::ids::{GuestId, ReservationId, TriggerId};
use crate::domain::language::Language;
use crate::domain::stay::{PlannedDay, Reservation, ReservationStatus};
use crate::domain::stay_change::{Telling, Told, tell};
use crate::domain::touchpoint::SkipReason;
use crate::domain::trigger::{TriggerMode, TriggerSet};
use jiff::Timestamp;
use uuid::Uuid;

/// One hotel, its triggers, its stays and what happens to them.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// The hotel.
    pub hotel: &'a Hotel,
    /// Its triggers.
    pub set: &'a TriggerSet,
    /// The stays that are known from the first instant on.
    pub stays: Vec<(Reservation, Past)>,
    /// What happens; in any order. What happens before the first instant is known at it.
    pub events: Vec<Event>,
    /// The first instant.
    pub from: Timestamp,
    /// The last instant at which something may be sent.
    pub to: Timestamp,
}

/// Something that happens to a stay.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// To which.
    pub reservation: ReservationId,
    /// What.
    pub what: Happens,
}

/// What may happen to a stay.
#[derive(Clone, Debug, PartialEq)]
pub enum Happens {
    /// The guest really comes.
    CheckIn,
    /// The guest really leaves.
    CheckOut,
    /// It is called off.
    Cancelled,
    /// It is reported that the guest did not come.
    NoShow,
    /// The guest asks for silence.
    OptOut,
    /// The dates change.
    Dates {
        /// The new arrival, if it changes.
        arrival: Option<PlannedDay>,
        /// The new departure, if it changes.
        departure: Option<PlannedDay>,
    },
    /// The guest gets another room.
    Room {
        /// The room.
        room: Option<String>,
        /// Its class.
        room_type: Option<String>,
    },
    /// It becomes known.
    Created(Box<Told>),
    /// The guest answers a question, by words.
    Answer {
        /// The trigger that asked, or a question it led to.
        trigger: TriggerId,
        /// The guest's words.
        text: String,
    },
}

/// What a simulation tells, in the order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    /// What would be sent.
    pub sends: Vec<Sent>,
    /// What would be passed over.
    pub skips: Vec<Passed>,
}

/// A message that would be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// To whom.
    pub reservation: ReservationId,
    /// By which trigger.
    pub trigger: TriggerId,
    /// When.
    pub at: Timestamp,
    /// In which language.
    pub language: Language,
    /// The words, without the list of answers.
    pub text: String,
    /// The answers that are shown with them, in order; none for a message that asks nothing.
    pub answers: Vec<String>,
    /// The file or address that goes with them.
    pub media: Option<String>,
    /// How far the trigger goes.
    pub mode: TriggerMode,
}

/// A message that would be passed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// Whose.
    pub reservation: ReservationId,
    /// By which trigger.
    pub trigger: TriggerId,
    /// When it was due.
    pub at: Timestamp,
    /// How far the trigger goes.
    pub mode: TriggerMode,
    /// Why.
    pub reason: SkipReason,
}

/// A stay as it is known at the first instant of a simulation, from a file. The file stands for the hotel's first import:
/// it is silent about what is past by then, whatever `if_missed` says. That a stay was called off before or that the guest
/// did not come is nothing new at that instant either: no message goes by it. A booking without a `booked_at` becomes
/// known at that very instant, and so may still be confirmed.
pub fn first_known(hotel: &Hotel, told: &Told, from: Timestamp) -> Reservation {
    let mut stay = become_known(hotel, told, from);
    stay.silent_before = Some(from);
    if matches!(stay.booking.status, ReservationStatus::Cancelled | ReservationStatus::NoShow) {
        (stay.history.cancelled_at, stay.history.no_show_at) = (None, None);
    }
    stay
}

/// A stay that becomes known at an instant.
pub(super) fn become_known(hotel: &Hotel, told: &Told, at: Timestamp) -> Reservation {
    let telling = Telling { hotel, by: "csv", at, first: false };
    let known = tell(None, told, GuestId(Uuid::nil()), &telling).expect("a first telling is never old");
    known.reservation
}
