//! What happened in a guest's chats, and to which stay it belongs.

use super::{Known, KnownGuests};
use crate::domain::hotel::Hotel;
use crate::domain::message::Author;
use crate::domain::schedule::facts::{Happening, What};
use crate::domain::stay::{Reservation, ReservationStatus};
use jiff::{SignedDuration, Timestamp};

/// Words after the departure still belong to the stay for this long.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(24);

impl KnownGuests {
    /// What happened in the guest's chats and belongs to this stay, oldest first.
    pub fn happenings(&self, stay: &Reservation) -> Vec<Happening> {
        let (Some(known), Some(hotel)) = (self.guests.get(&stay.guest), &self.hotel) else { return Vec::new() };
        let messages = known.heard.iter().filter(|message| message.author == Author::Guest);
        let messages = messages.filter(|message| belongs(hotel, known, stay, message.at));
        let mut found: Vec<Happening> = messages
            .map(|message| Happening {
                id: message.id.clone(),
                at: message.at,
                what: What::Message { sentiment: message.sentiment },
            })
            .collect();
        let own = known.questions.iter().filter(|put| put.reservation.as_ref() == Some(&stay.booking.id));
        found.extend(own.filter_map(|put| {
            let answered = put.answered.as_ref()?;
            let what = What::Answer { question: put.question.clone(), answer: answered.given.answer.clone() };
            Some(Happening { id: put.id.clone(), at: answered.at, what })
        }));
        let ended = known.alerts.iter().filter_map(|alert| Some((alert, alert.resolved_at?)));
        let ended = ended.filter(|(alert, at)| match &alert.reservation {
            Some(reservation) => *reservation == stay.booking.id,
            None => belongs(hotel, known, stay, *at),
        });
        found.extend(ended.map(|(alert, at)| Happening { id: alert.id.clone(), at, what: What::AlertResolved }));
        found.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        found
    }
}

/// Whether words of a guest at an instant belong to this stay: to the one in house, for a day more after the departure;
/// before the arrival to the next one that was known by then.
fn belongs(hotel: &Hotel, known: &Known, stay: &Reservation, at: Timestamp) -> bool {
    let holds = |stay: &Reservation| is_real(stay) && begins(hotel, stay) <= at && at < ends(hotel, stay);
    if known.stays.iter().any(holds) {
        return holds(stay);
    }
    let comes = |stay: &&Reservation| is_real(stay) && stay.history.known_at <= at && begins(hotel, stay) > at;
    let next = known.stays.iter().filter(comes).map(|stay| begins(hotel, stay)).min();
    comes(&stay) && next == Some(begins(hotel, stay))
}

fn is_real(stay: &Reservation) -> bool {
    use ReservationStatus::{CheckedIn, CheckedOut, Confirmed};
    matches!(stay.booking.status, Confirmed | CheckedIn | CheckedOut)
}

fn begins(hotel: &Hotel, stay: &Reservation) -> Timestamp {
    let planned = stay.arrives_at(hotel);
    stay.history.checked_in_at.map_or(planned, |real| real.min(planned))
}

fn ends(hotel: &Hotel, stay: &Reservation) -> Timestamp {
    let end = stay.history.checked_out_at.unwrap_or_else(|| stay.departs_at(hotel));
    end.checked_add(AFTERWARDS).unwrap_or(Timestamp::MAX)
}
