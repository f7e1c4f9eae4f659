//! What the last look at a message goes by.

use super::{Known, KnownGuests, SentRow};
use crate::domain::conversation::Mode;
use crate::domain::ids::{ReservationId, TouchpointId, TriggerId};
use crate::domain::message::Author;
use crate::domain::schedule::anchors::check_in_at;
use crate::domain::schedule::facts::{Facts, Lead, OpenQuestion, Said};
use crate::domain::schedule::once::overlap;
use crate::domain::stay::{Reservation, ReservationStatus};
use crate::domain::understanding::Sentiment;
use jiff::Timestamp;

impl KnownGuests {
    /// The facts for one message. What `except` itself caused is left out: a message is no reason against itself.
    pub fn facts(&self, stay: &Reservation, trigger: &TriggerId, except: Option<TouchpointId>) -> Facts {
        let Some(known) = self.guests.get(&stay.guest) else { return Facts::default() };
        let sent = || known.sent.iter().filter(|sent| Some(sent.id) != except);
        let same_stay = |id: &ReservationId| known.is_same_stay(stay, id);
        let given = || known.questions.iter().filter_map(|put| Some((put, put.answered.as_ref()?)));
        let in_stay = || given().filter(|(put, _)| put.reservation.as_ref().is_some_and(same_stay));
        Facts {
            // A matter of the hotel; the lookout fills it in.
            number_held: None,
            language: known.language,
            earlier_stays: self.earlier_stays(known, stay),
            opted_out: known.opted_out,
            last_sentiment: known.moods().last(),
            worst_sentiment: self.worst_sentiment(known, stay),
            score: in_stay()
                .filter_map(|(_, answered)| answered.given.score.map(|s| (answered.at, s)))
                .next_back()
                .map(|s| s.1),
            open_alert: known.alerts.iter().any(|alert| alert.resolved_at.is_none()),
            answered: in_stay().map(|(put, answered)| (put.question.clone(), answered.given.clone())).collect(),
            sent: sent().filter(|sent| same_stay(&sent.reservation)).map(|sent| sent.trigger.clone()).collect(),
            tags: in_stay().flat_map(|(_, answered)| answered.tags.clone()).collect(),
            custom: in_stay().flat_map(|(_, answered)| answered.fields.clone()).collect(),
            person_leads: self.person_leads(known),
            staff_wrote_at: known.heard.iter().filter(|m| m.author == Author::Staff).map(|m| m.at).max(),
            open_question: self.open_question(known, except),
            openings: sent().filter(|sent| sent.really).map(|sent| sent.at).collect(),
            said: sent().filter(|sent| sent.trigger == *trigger).filter_map(|sent| known.said(sent)).collect(),
        }
    }

    fn earlier_stays(&self, known: &Known, stay: &Reservation) -> u32 {
        let Some(hotel) = &self.hotel else { return 0 };
        let stayed = |other: &&Reservation| {
            let status = other.status_at(hotel, self.now);
            other.booking.id != stay.booking.id
                && other.booking.departure.date <= stay.booking.arrival.date
                && matches!(status, ReservationStatus::CheckedIn | ReservationStatus::CheckedOut)
        };
        u32::try_from(known.stays.iter().filter(stayed).count()).unwrap_or(u32::MAX)
    }

    fn worst_sentiment(&self, known: &Known, stay: &Reservation) -> Option<Sentiment> {
        let since = check_in_at(stay, self.hotel.as_ref()?)?;
        let moods = known.heard.iter().filter(|m| m.author == Author::Guest && m.at >= since);
        moods.filter_map(|message| message.sentiment).max_by_key(|mood| badness(*mood))
    }

    fn person_leads(&self, known: &Known) -> Option<Lead> {
        let leading = known.chats.iter().filter(|chat| chat.mode.is_handoff(self.now));
        let until = leading.map(|chat| match chat.mode {
            Mode::Handoff { until: Some(until), .. } => until,
            _ => Timestamp::MAX,
        });
        until.max().map(|until| if until == Timestamp::MAX { Lead::Open } else { Lead::Until(until) })
    }

    fn open_question(&self, known: &Known, except: Option<TouchpointId>) -> Option<OpenQuestion> {
        let mut open = known.questions.iter().filter(|put| {
            put.answered.is_none()
                && put.expires_at > self.now
                && (put.touchpoint.is_none() || put.touchpoint != except)
        });
        open.next_back().map(|put| OpenQuestion { asked_at: put.asked_at, expires_at: put.expires_at })
    }
}

impl Known {
    fn moods(&self) -> impl Iterator<Item = Sentiment> {
        self.heard.iter().filter(|message| message.author == Author::Guest).filter_map(|message| message.sentiment)
    }

    fn is_same_stay(&self, stay: &Reservation, other: &ReservationId) -> bool {
        let days = |stay: &Reservation| (stay.booking.arrival.date, stay.booking.departure.date);
        stay.booking.id == *other || self.stay(other).is_some_and(|other| overlap(days(stay), days(other)))
    }

    fn said(&self, sent: &SentRow) -> Option<Said> {
        let booking = &self.stay(&sent.reservation)?.booking;
        Some(Said {
            reservation: sent.reservation.clone(),
            arrival: booking.arrival.date,
            departure: booking.departure.date,
            occurrence: sent.occurrence.clone(),
            at: sent.at,
        })
    }
}

fn badness(mood: Sentiment) -> u8 {
    match mood {
        Sentiment::Positive => 0,
        Sentiment::Neutral => 1,
        Sentiment::Negative => 2,
        Sentiment::RequiresAttention => 3,
    }
}
