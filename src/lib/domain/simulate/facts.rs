//! The facts of one look, from what a simulation remembers.

use super::clock::World;
use super::guest::{Guest, Stay};
use crate::domain::ids::{ReservationId, TriggerId};
use crate::domain::schedule::facts::{Facts, Lead, OpenQuestion, Said};
use crate::domain::schedule::once::overlap;
use crate::domain::stay::{Reservation, ReservationStatus};
use jiff::Timestamp;
use jiff::civil::Date;

impl World<'_> {
    /// What is known of the guest of a stay, for one trigger.
    pub(super) fn facts(&self, stay: &Stay, trigger: &TriggerId, now: Timestamp) -> Facts {
        let guest = &self.guests[stay.guest];
        let reservation = stay.reservation_at(self.scene.hotel, now);
        let mut facts = stay.past.facts.clone();
        facts.earlier_stays = facts.earlier_stays.max(self.earlier_stays(guest, &reservation, now));
        facts.opted_out |= guest.opted_out;
        facts.last_sentiment = guest.last_sentiment.or(facts.last_sentiment);
        facts.worst_sentiment = guest.worst_sentiment.or(facts.worst_sentiment);
        facts.open_alert |= guest.open_alert;
        if guest.person_leads {
            facts.person_leads = Some(Lead::Open);
        }
        facts.tags.extend(guest.tags.iter().cloned());
        facts.custom.extend(guest.custom.clone());
        facts.openings.extend(&guest.openings);
        facts.open_question = open_question(guest, now).or(facts.open_question);
        let same_stay = |id: &ReservationId| self.is_same_stay(stay, id);
        for (_, question, given) in guest.answers.iter().filter(|(id, _, _)| same_stay(id)) {
            facts.score = given.score.or(facts.score);
            facts.answered.insert(question.clone(), given.clone());
        }
        for heard in &guest.heard {
            if same_stay(&heard.reservation) {
                facts.sent.insert(heard.trigger.clone());
            }
            if heard.trigger == *trigger {
                facts.said.extend(self.dates(&heard.reservation).map(|(arrival, departure)| Said {
                    reservation: heard.reservation.clone(),
                    arrival,
                    departure,
                    occurrence: heard.occurrence.clone(),
                    at: heard.at,
                }));
            }
        }
        facts
    }

    fn dates(&self, id: &ReservationId) -> Option<(Date, Date)> {
        let booking = &self.stays[*self.by_id.get(id)?].known.reservation.booking;
        Some((booking.arrival.date, booking.departure.date))
    }

    fn is_same_stay(&self, stay: &Stay, id: &ReservationId) -> bool {
        let own = &stay.known.reservation.booking.id;
        own == id || self.dates(own).zip(self.dates(id)).is_some_and(|(own, other)| overlap(own, other))
    }

    /// Stays of this guest that really ended before this one begins.
    fn earlier_stays(&self, guest: &Guest, reservation: &Reservation, now: Timestamp) -> u32 {
        let arrives = reservation.arrives_at(self.scene.hotel);
        let ended = |index: &&usize| {
            let other = self.stays[**index].reservation_at(self.scene.hotel, now);
            let stayed = other.status_at(self.scene.hotel, now) == ReservationStatus::CheckedOut;
            let left = other.history.checked_out_at.unwrap_or_else(|| other.departs_at(self.scene.hotel));
            stayed && left <= arrives && other.booking.id != reservation.booking.id
        };
        u32::try_from(guest.stays.iter().filter(ended).count()).unwrap_or(u32::MAX)
    }
}

fn open_question(guest: &Guest, now: Timestamp) -> Option<OpenQuestion> {
    let open = guest.questions.iter().filter(|put| put.expires_at > now).max_by_key(|put| put.asked_at)?;
    Some(OpenQuestion { asked_at: open.asked_at, expires_at: open.expires_at })
}
