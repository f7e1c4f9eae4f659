//! Everything that is known of some guests of one hotel, read with a few statements: what the last look at a message
//! goes by, and what happened in their chats.
//!
//! * here: what is known, and the plain questions about it.
//! * `read`: how it is read.
//! * `facts`: what the last look at a message goes by.
//! * `happenings`: what happened in a guest's chats and belongs to a stay.

mod facts;
mod happenings;
mod read;

use super::questions::NewQuestion;
use crate::domain::conversation::Mode;
use crate::domain::hotel::Hotel;
use crate::domain::ids::{ChatAddress, ChatId, GuestId, QuestionId, ReservationId, TouchpointId, TriggerId};
use crate::domain::language::Language;
use crate::domain::message::Author;
use crate::domain::schedule::facts::Given;
use crate::domain::stay::Reservation;
use crate::domain::understanding::Sentiment;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct KnownGuests {
    guests: HashMap<GuestId, Known>,
    hotel: Option<Hotel>,
    now: Timestamp,
}

#[derive(Clone, Debug, Default)]
struct Known {
    language: Option<Language>,
    name: Option<String>,
    opted_out: bool,
    chats: Vec<KnownChat>,
    stays: Vec<Reservation>,
    heard: Vec<Heard>,
    sent: Vec<SentRow>,
    questions: Vec<Put>,
    alerts: Vec<KnownAlert>,
}

/// A chat of a guest.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownChat {
    /// Which.
    pub id: ChatId,
    /// Where the channel delivers.
    pub address: ChatAddress,
    /// The guest never wrote here, and nobody wrote to the guest.
    pub is_new: bool,
    mode: Mode,
    last_at: Timestamp,
}

impl KnownChat {
    /// A chat of nobody known, in which the bot leads.
    pub fn at(address: ChatAddress, now: Timestamp) -> Self {
        Self { id: ChatId(uuid::Uuid::nil()), address, is_new: false, mode: Mode::Bot, last_at: now }
    }
}

/// A message of the guest, or of a person of the hotel.
#[derive(Clone, Debug)]
struct Heard {
    id: String,
    at: Timestamp,
    author: Author,
    sentiment: Option<Sentiment>,
}

/// An alert of the guest.
#[derive(Clone, Debug)]
struct KnownAlert {
    id: String,
    reservation: Option<ReservationId>,
    resolved_at: Option<Timestamp>,
}

/// A touchpoint that was sent.
#[derive(Clone, Debug)]
pub(super) struct SentRow {
    pub(super) id: TouchpointId,
    pub(super) reservation: ReservationId,
    pub(super) trigger: TriggerId,
    pub(super) occurrence: String,
    pub(super) at: Timestamp,
    /// Whether it reached, or is to reach, the guest.
    pub(super) really: bool,
}

/// A question that was put.
#[derive(Clone, Debug)]
struct Put {
    id: String,
    question: QuestionId,
    reservation: Option<ReservationId>,
    touchpoint: Option<TouchpointId>,
    asked_at: Timestamp,
    expires_at: Timestamp,
    answered: Option<Answered>,
}

#[derive(Clone, Debug)]
struct Answered {
    at: Timestamp,
    given: Given,
    tags: Vec<String>,
    fields: BTreeMap<String, String>,
}

impl KnownGuests {
    /// What was sent for one stay: trigger, occurrence and instant, in order.
    pub fn sent_for(&self, stay: &Reservation) -> Vec<(TriggerId, String, Timestamp)> {
        let sent = self.guests.get(&stay.guest).into_iter().flat_map(|known| &known.sent);
        let own = sent.filter(|sent| sent.reservation == stay.booking.id);
        own.map(|sent| (sent.trigger.clone(), sent.occurrence.clone(), sent.at)).collect()
    }

    /// Where this guest is written to: the chat in which something happened last.
    pub fn chat(&self, guest: GuestId) -> Option<&KnownChat> {
        self.guests.get(&guest)?.chats.iter().max_by_key(|chat| (chat.last_at, chat.id))
    }

    /// A stay of a guest.
    pub(super) fn stay(&self, guest: GuestId, id: &ReservationId) -> Option<&Reservation> {
        self.guests.get(&guest)?.stay(id)
    }

    /// The guest's name as the PMS spells it, else as the channel shows it.
    pub fn name(&self, guest: GuestId) -> Option<&str> {
        self.guests.get(&guest)?.name.as_deref()
    }

    /// Notes a message of the same batch: the next look at this guest sees it.
    pub(super) fn note_sent(&mut self, guest: GuestId, sent: SentRow) {
        self.guests.entry(guest).or_default().sent.push(sent);
    }

    /// Notes that a chat is no new contact any more.
    pub(super) fn note_contact(&mut self, guest: GuestId, chat: ChatId) {
        let chats = self.guests.entry(guest).or_default().chats.iter_mut();
        chats.filter(|known| known.id == chat).for_each(|known| known.is_new = false);
    }

    /// Notes a question of the same batch.
    pub(super) fn note_question(&mut self, guest: GuestId, new: &NewQuestion) {
        let expires_at = new.asking.expires_at(new.asked_at);
        self.guests.entry(guest).or_default().questions.push(Put {
            id: new.id.to_string(),
            question: new.asking.question.id.clone(),
            reservation: new.reservation.clone(),
            touchpoint: new.touchpoint,
            asked_at: new.asked_at,
            expires_at,
            answered: None,
        });
    }
}

impl Known {
    fn stay(&self, id: &ReservationId) -> Option<&Reservation> {
        self.stays.iter().find(|stay| stay.booking.id == *id)
    }
}
