//! What decisions at one hotel are made with, kept true while they are made one after the other.

use super::Fate;
use crate::domain::hotel::Hotel;
use crate::domain::ids::{GuestId, HotelId, TouchpointId};
use crate::domain::number_health::{self, NumberSeen};
use crate::domain::schedule::facts::{Facts, Happening};
use crate::domain::schedule::order;
use crate::domain::stay::Reservation;
use crate::domain::touchpoint::Touchpoint;
use crate::domain::trigger::{Trigger, TriggerSet};
use crate::store::contacts;
use crate::store::known_guests::{KnownChat, KnownGuests, SentRow};
use crate::store::touchpoints::Rules;
use crate::store::{Result, Tx};
use jiff::Timestamp;
use std::sync::Arc;

/// One message whose turn it is, with everything to decide on.
#[derive(Clone, Debug)]
pub struct Due {
    /// The hotel in force.
    pub hotel: Arc<Hotel>,
    /// Its triggers in force.
    pub set: Arc<TriggerSet>,
    /// The row.
    pub touchpoint: Touchpoint,
    /// The reservation as it stands.
    pub reservation: Reservation,
    /// Everything else.
    pub facts: Facts,
    /// What happened in the guest's chat and belongs to this stay.
    pub happenings: Vec<Happening>,
    /// Where the guest is written to.
    pub chat: Option<KnownChat>,
    /// The guest's name; untrusted.
    pub guest_name: Option<String>,
}

impl Due {
    /// Its trigger, if that is still in force.
    pub fn trigger(&self) -> Option<&Trigger> {
        self.set.triggers.get(&self.touchpoint.key.trigger)
    }
}

/// What decisions at one hotel are made with.
pub(in crate::store) struct Lookout {
    hotel: Arc<Hotel>,
    set: Arc<TriggerSet>,
    pub(super) revision: i64,
    guests: KnownGuests,
    number: NumberSeen,
    now: Timestamp,
}

impl Lookout {
    pub(in crate::store) async fn open(
        tx: &mut Tx,
        hotel: &HotelId,
        guests: impl Iterator<Item = GuestId>,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        let Some(rules) = Rules::of(tx, hotel).await? else { return Ok(None) };
        let guests = KnownGuests::load(tx, &rules.hotel, guests, now).await?;
        let number = contacts::seen(tx, &rules.hotel, now).await?;
        let (hotel, set) = (Arc::new(rules.hotel), Arc::new(rules.set));
        Ok(Some(Self { hotel, set, revision: rules.revision, guests, number, now }))
    }

    /// From now on nobody else makes new contacts of this hotel, if their number is limited at all.
    pub(super) async fn count_contacts_alone(&mut self, tx: &mut Tx) -> Result<()> {
        if self.hotel.whatsapp.new_contacts.is_limited() {
            contacts::lock(tx, &self.hotel.id).await?;
            self.number = contacts::seen(tx, &self.hotel, self.now).await?;
        }
        Ok(())
    }

    /// In the order in which they are looked at.
    pub(super) fn in_turn(&self, mut rows: Vec<(GuestId, Touchpoint)>) -> Vec<(GuestId, Touchpoint)> {
        let priority = |row: &Touchpoint| self.set.triggers.get(&row.key.trigger).map_or(0, |trigger| trigger.priority);
        rows.sort_by(|(_, a), (_, b)| {
            order::turn(a.due_at, priority(a), &a.key.trigger, &a.key.reservation).cmp(&order::turn(
                b.due_at,
                priority(b),
                &b.key.trigger,
                &b.key.reservation,
            ))
        });
        rows
    }

    /// `except` leaves out of the facts what this message itself caused.
    pub(in crate::store) fn due(
        &self,
        guest: GuestId,
        touchpoint: Touchpoint,
        except: Option<TouchpointId>,
    ) -> Option<Due> {
        let reservation = self.guests.stay(guest, &touchpoint.key.reservation)?.clone();
        let chat = self.guests.chat(guest).cloned();
        let mut facts = self.guests.facts(&reservation, &touchpoint.key.trigger, except);
        if chat.as_ref().is_some_and(|chat| chat.is_new) {
            facts.number_held = number_health::hold(&self.hotel, &self.number, self.now);
        }
        Some(Due {
            hotel: self.hotel.clone(),
            set: self.set.clone(),
            facts,
            happenings: self.guests.happenings(&reservation),
            chat,
            guest_name: self.guests.name(guest).map(str::to_owned),
            touchpoint,
            reservation,
        })
    }

    pub(super) fn note(&mut self, guest: GuestId, due: &Due, fate: &Fate, now: Timestamp) {
        if !matches!(fate, Fate::Send(_) | Fate::Shadow) {
            return;
        }
        let key = &due.touchpoint.key;
        self.guests.note_sent(
            guest,
            SentRow {
                id: due.touchpoint.id,
                reservation: key.reservation.clone(),
                trigger: key.trigger.clone(),
                occurrence: key.occurrence.clone(),
                at: now,
                really: matches!(fate, Fate::Send(_)),
            },
        );
        if let Fate::Send(composed) = fate
            && let Some(question) = &composed.question
        {
            self.guests.note_question(guest, question);
        }
        if let (Fate::Send(_), Some(chat)) = (fate, due.chat.as_ref().filter(|chat| chat.is_new)) {
            self.number.today += 1;
            self.number.lately += 1;
            self.guests.note_contact(guest, chat.id);
        }
    }
}
